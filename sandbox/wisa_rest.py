"""The central REST API that one document speaks of: its whole shape, its words and its errors are assumptions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aiohttp import web
from msgspec import UNSET

from sandbox import canon
from sandbox import wisa_ids as ids
from sandbox.emulator import json_answer
from sandbox.entities import Product
from sandbox.wisa_goods import Shop
from shopscrape import items, values

MOST = 100
STATES = {"2": "normal", "3": "soldout", "4": "hidden"}
ERRORS = {
    401: ("invalid_api_key", "API key is missing or invalid"),
    422: ("invalid_parameter", "limit must be between 1 and 100"), 429: ("rate_limited", "Too many requests"),
    404: ("not_found", "Resource does not exist"), 500: ("server_error", "Unexpected error"),
}  # fmt: skip


def error(status: int) -> web.Response:
    """Return an error; server errors share one."""
    code, message = ERRORS[status if status < 500 else 500]
    return json_answer({"error": {"code": code, "message": message}}, status)


def answer(shop: Shop, query: Mapping[str, str]) -> web.Response:
    """Return a page of products, newest number first."""
    page, limit = (query.get(name, default) for name, default in (("page", "1"), ("limit", "20")))
    if not (page.isdigit() and limit.isdigit() and 1 <= int(limit) <= MOST and int(page) >= 1):
        return error(422)
    found = shop.listed()
    first = (int(page) - 1) * int(limit)
    rows = [product(shop, one) for one in found[first : first + int(limit)]]
    return json_answer({"page": int(page), "limit": int(limit), "total": len(found), "products": rows})


def product(shop: Shop, one: Product) -> dict[str, Any]:
    """Return a product; its stock is a single number."""
    shelf = ids.shelves(one, shop.world.categories)[""]
    counted = ids.counted(one)
    return {
        "product_id": one.no, "product_code": one.code, "name": one.name, "status": STATES[ids.product_stat(one)],
        "price": one.price, "consumer_price": one.list_price, "category": list(shelf.path),
        "image": ids.picture(one, "m") if one.no % 3 else None, "url": shop.link(one.no),
        "stock": {"managed": counted, "quantity": whole(one) if counted else None},
        "updated_at": ids.modified_at(one).astimezone(values.SEOUL).isoformat(),
    }  # fmt: skip


def whole(one: Product) -> int:
    """Return the stock of all combinations together."""
    return sum(ids.quantity(variant) for variant in one.variants)


def truth(shop: Shop, mall: str) -> dict[str, list[Any]]:
    """Return the canonical records of what it tells."""
    common = canon.Canon(shop.world, "wisa", mall).common
    return {
        "products": [_product(shop, one, common) for one in shop.listed()],
        "inventory": [_stock(one, common) for one in shop.listed()],
    }


def _product(shop: Shop, one: Product, common: dict[str, Any]) -> items.Product:
    shelf, stat = ids.shelves(one, shop.world.categories)[""], ids.product_stat(one)
    return items.Product(
        **common, product_id=str(one.no), code=one.code, name=values.line(one.name), status_raw=STATES[stat],
        status={"2": "on_sale", "3": "sold_out", "4": "hidden"}[stat], price=Decimal(one.price), currency="KRW",  # type: ignore[arg-type]
        list_price=canon.money(one.list_price), categories=[" > ".join(map(canon.line, shelf.path))],
        images=[ids.picture(one, "m")] if one.no % 3 else [], url=shop.link(one.no), updated_at=ids.modified_at(one),
    )  # fmt: skip


def _stock(one: Product, common: dict[str, Any]) -> items.Stock:
    counted = ids.counted(one)
    quantity = whole(one) if counted else None
    return items.Stock(
        **common, product_id=str(one.no), code=one.code, quantity=quantity, managed=counted, options=UNSET,
        available=ids.product_stat(one) == "2" and (quantity is None or quantity > 0),
    )  # fmt: skip
