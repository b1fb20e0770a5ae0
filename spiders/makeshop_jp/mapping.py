"""GMO MakeShop: what each kind of payload becomes, and what an answer that is no data leads to."""

from typing import Any

import msgspec

from shopscrape.errors import PageFailed
from shopscrape.items import Order, Product, Return, Review, Stock
from shopscrape.payload import Answer, Kind, Origin, json_document
from spiders.makeshop_jp import mapping_orders as orders
from spiders.makeshop_jp import mapping_products as products
from spiders.makeshop_jp import mapping_reviews as reviews
from spiders.makeshop_jp.judging import judge, withhold
from spiders.makeshop_jp.mapping_rows import listed

__all__ = ("KINDS", "judge")


def _document(body: bytes, origin: Origin) -> Any:
    told = json_document(body, origin)
    withhold(told)
    return told


_ALL = (
    Kind(
        name="products", request="query searchProduct", rows=listed("searchProduct", "products"), document=_document,
        read=products.product, ignored=products.IGNORED, items=(Product, Stock), expects=("name", "price", "status"),
    ),
    Kind(
        name="inventory", request="query searchProductQuantity (unverified)", document=_document,
        rows=listed("searchProductQuantity", "productQuantities"), read=products.quantities,
        ignored=products.STOCK_IGNORED, items=(Stock,),
    ),
    Kind(
        name="orders", request="query searchOrder", rows=listed("searchOrder", "orders"), document=_document,
        read=orders.order, ignored=orders.IGNORED, items=(Order, Return), expects=("ordered_at", "status", "total"),
    ),
    Kind(
        name="reviews", request="query searchReview (unverified)", rows=listed("searchReview", "reviews"),
        document=_document, read=reviews.review, ignored=reviews.IGNORED, items=(Review,),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


# -- what the spider asks besides records -----------------------------------------------------------------------------


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer's `data`. Raises: PageFailed."""
    try:
        told = msgspec.json.decode(answer.body)
        data = told["data"]
    except (msgspec.DecodeError, RecursionError, ValueError, KeyError, TypeError):
        raise PageFailed("the body is not a readable answer") from None
    if not isinstance(data, dict):
        raise PageFailed("the answer has no data")
    return data


def withheld(answer: Answer) -> list[str]:
    """Return the names of fields that an answer withholds although its page is good."""
    try:
        return withhold(msgspec.json.decode(answer.body))
    except (msgspec.DecodeError, RecursionError, ValueError):
        return []


def count(data: dict[str, Any], operation: str) -> int | None:
    """Return how many rows a query found, None when it does not tell."""
    found = data.get(operation)
    number = found.get("searchedCount") if isinstance(found, dict) else None
    text = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
    return int(text) if text.isdigit() and len(text) < 12 else None


def counted(data: dict[str, Any]) -> set[str]:
    """Return the numbers of the products that a page of quantities has rows of, whatever stands in the rows."""
    rows = (data.get("searchProductQuantity") or {}).get("productQuantities") or []
    rows = list(rows.values()) if isinstance(rows, dict) else rows
    return {str(row.get("systemCode")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()


def shop_url(data: dict[str, Any]) -> str:
    """Return the public address of the shop."""
    shop = (data.get("getShop") or {}).get("shop") or {}
    return str(shop.get("shopUrl") or shop.get("settingOriginalDomain") or "")


def categories(data: dict[str, Any]) -> dict[str, str]:
    """Return category paths by number, levels joined by " > "."""
    rows = (data.get("getProductCategory") or {}).get("productCategories") or []
    paths = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            levels = [str(row.get(f"category{level}") or "") for level in range(1, 6)]
            path = " > ".join(filter(None, levels)) or str(row.get("categoryName") or "")
            paths[str(row.get("categoryUid"))] = path
    return paths
