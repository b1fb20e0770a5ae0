"""Cafe24: what each kind of payload becomes. What an answer that is no data leads to stands in judging.py."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from shopscrape import values
from shopscrape.errors import PageFailed
from shopscrape.items import Order, Product, Return, Review, Stock
from shopscrape.payload import Answer, Kind, Origin, Payload
from spiders.cafe24 import codes
from spiders.cafe24 import mapping_boards as boards
from spiders.cafe24 import mapping_claims as claims
from spiders.cafe24 import mapping_orders as orders
from spiders.cafe24 import mapping_pages as pages
from spiders.cafe24 import mapping_products as products
from spiders.cafe24 import mapping_reviews as reviews
from spiders.cafe24.judging import judge
from spiders.cafe24.mapping_rows import listed, objects, single

__all__ = (
    "KINDS",
    "articles",
    "boards_in_use",
    "categories",
    "comments",
    "document",
    "judge",
    "refunds",
    "shops",
    "total",
)


def _claim(kind: str) -> Callable[[Payload, Origin], Iterable[Any]]:
    def read(row: Payload, origin: Origin) -> Iterable[Any]:
        known = msgspec.structs.replace(origin, context=origin.context | {"kind": kind})
        return claims.claim(row, known)

    return read


_VARIANT_IGNORED = {
    "": products.IGNORED["variants"],
    "inventories": products.IGNORED["variants.inventories"],
}
_PRODUCT: dict[str, Any] = {
    "read": products.product, "ignored": products.IGNORED, "items": (Product, Stock),
    "expects": ("name", "price", "status"),
}  # fmt: skip
_VARIANT: dict[str, Any] = {"read": products.variant_row, "ignored": _VARIANT_IGNORED, "items": (Stock, Product)}
_OPTIONS_IGNORED = {
    name.partition(".")[2] if name != "options" else "": keys
    for name, keys in products.IGNORED.items() if name.startswith("options")
}  # fmt: skip

_ALL = (
    Kind(name="products", request="GET /products", rows=listed("products"), **_PRODUCT),
    Kind(name="products.detail", request="GET /products/{product_no}", rows=single("product"), **_PRODUCT),
    Kind(
        name="products.options", request="GET /products/{product_no}/options", rows=single("option", "options"),
        read=products.options_row, ignored=_OPTIONS_IGNORED, items=(Product,),
    ),
    Kind(
        name="products.discountprice", request="GET /products/{product_no}/discountprice", rows=single("discountprice"),
        read=products.discount_row, items=(Product,),
        ignored={"": frozenset(("mobile_discount_price", "app_discount_price"))},
    ),
    Kind(
        name="inventory.variants", request="GET /products/{product_no}/variants", rows=products.variant_rows, **_VARIANT
    ),
    Kind(
        name="inventory.variant", request="GET /products/{product_no}/variants/{code}", rows=single("variant"),
        **_VARIANT,
    ),
    Kind(
        name="inventory", request="GET /products/{product_no}/variants/{code}/inventories", rows=single("inventory"),
        **_VARIANT,
    ),
    Kind(
        name="orders", request="GET /orders", rows=listed("orders"), read=orders.order, ignored=orders.IGNORED,
        items=(Order, Return), expects=("ordered_at", "channel", "items_total"),
    ),
    Kind(
        name="orders.detail", request="GET /orders/{order_id}", rows=single("order"), read=orders.order,
        ignored=orders.IGNORED, items=(Order, Return),
    ),
    Kind(
        name="orders.items", request="GET /orders/{order_id}/items", rows=orders.item_rows, read=orders.items_of_order,
        ignored=orders.ITEM_IGNORED, items=(Order, Return),
    ),
    Kind(
        name="orders.shipments", request="GET /orders/{order_id}/shipments", rows=orders.shipment_rows,
        read=orders.shipments_of_order, ignored=orders.SHIPMENT_IGNORED, items=(Order,),
    ),
    Kind(
        name="orders.receivers", request="GET /orders/{order_id}/receivers", rows=orders.receiver_rows,
        read=orders.receivers_of_order, ignored=orders.RECEIVER_IGNORED, items=(Order,),
    ),
    Kind(
        name="orders.buyer", request="GET /orders/{order_id}/buyer (the address must be told)", rows=single("buyer"),
        read=orders.buyer_of_order, ignored=orders.BUYER_IGNORED, items=(Order,),
    ),
    *(
        Kind(
            name=f"returns.{key}", request=f"GET /{key}/{{claim_code}}", rows=single(key), read=_claim(kind),
            ignored=orders.CLAIM_IGNORED, items=(Return,),
        )
        for key, kind in codes.RESOURCES.items()
    ),
    Kind(
        name="returns.refunds", request="GET /refunds", rows=listed("refunds"), read=claims.refund,
        ignored=orders.REFUND_IGNORED, items=(Return,),
    ),
    Kind(
        name="returns.refund", request="GET /refunds/{refund_code}", rows=single("refund"), read=claims.refund,
        ignored=orders.REFUND_IGNORED, items=(Return,),
    ),
    Kind(
        name="reviews", request="GET /boards/{board_no}/articles", rows=reviews.article_rows, read=reviews.article,
        ignored=reviews.IGNORED, items=(Review,), expects=("written_at", "rating", "product_id"),
    ),
    Kind(
        name="reviews.comments", request="GET /boards/{board_no}/comments, …/articles/{article_no}/comments",
        rows=reviews.comment_rows, read=reviews.comments, ignored=reviews.COMMENTS_IGNORED, items=(Review,),
    ),
    Kind(
        name="products.page", request="page /product/detail.html?product_no=, /product/{slug}/{product_no}/",
        document=pages.document, rows=boards.page_rows, read=boards.page_record, ignored=pages.IGNORED,
        items=(Product, Stock, Review), expects=("name", "price", "status"),
    ),
    Kind(
        name="products.list", request="page /product/list.html?cate_no=&page=, /category/{slug}/{cate_no}/",
        document=pages.document, rows=pages.listed_rows, read=pages.listed_product, items=(Product,),
        expects=("name", "price"),
    ),
    Kind(
        name="reviews.page", request="page /product/detail.html?product_no=&page_4=, its list of reviews",
        document=pages.document, rows=boards.product_review_rows, read=boards.listed_review, ignored=boards.IGNORED,
        items=(Review,), expects=("written_on", "product_id"),
    ),
    Kind(
        name="reviews.board", request="page /board/product/list.html?board_no=&page=, /board/{slug}/{board_no}/",
        document=pages.document, rows=boards.board_rows, read=boards.listed_review, ignored=boards.IGNORED,
        items=(Review,), expects=("written_on",),
    ),
    Kind(
        name="reviews.article", request="page /article/{slug}/{board_no}/{no}/, /board/product/read.html?no=&board_no=",
        document=pages.document, rows=boards.article_rows, read=boards.article, ignored=boards.IGNORED,
        items=(Review,), expects=("text", "written_on"),
    ),
    Kind(
        name="reviews.xhr", request="GET /exec/front/board/product/{board_no}?no=&board_no= (storefront)",
        rows=boards.fragment_rows, read=boards.fragment, ignored=boards.FRAGMENT_IGNORED, items=(Review,),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


# -- what the spider asks besides records -----------------------------------------------------------------------------


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as an object. Raises: PageFailed."""
    try:
        told = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        raise PageFailed("the body is not readable JSON") from None
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    return told


def _objects(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    try:
        found = objects(told[key])
    except (KeyError, TypeError):
        raise PageFailed(f"the answer has no list {key}") from None
    if not all(isinstance(one, dict) for one in found):
        raise PageFailed(f"the list {key} holds something else than objects")
    return found


def total(told: dict[str, Any]) -> int:
    """Return the number of a count answer."""
    try:
        count = values.integer(told.get("count"))
    except ValueError:
        count = None
    if count is None:
        raise PageFailed("the answer has no count")
    return count


def shops(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the shops of a mall by number: active, currency, domain."""
    return {
        str(shop.get("shop_no")): {
            "active": shop.get("active") not in ("F", False),
            "currency": str(shop.get("currency_code") or ""),
            "domain": str(shop.get("primary_domain") or shop.get("base_domain") or ""),
        }
        for shop in _objects(told, "shops")
    }


def categories(told: dict[str, Any]) -> dict[str, str]:
    """Return category paths by number, levels joined by " > "."""
    paths = {}
    for category in _objects(told, "categories"):
        names = category.get("full_category_name")
        names = names if isinstance(names, dict) else {}
        levels = [values.line(names[level]) for level in ("1", "2", "3", "4") if names.get(level)]
        path = " > ".join(level for level in levels if level)
        paths[str(category.get("category_no"))] = path or values.line(category.get("category_name")) or ""
    return paths


def boards_in_use(told: dict[str, Any]) -> dict[int, int]:
    """Return the types of the boards in use, by number."""
    return {
        _number(board, "board_no"): _number(board, "board_type")
        for board in _objects(told, "boards") if board.get("use_board") not in ("F", False)
    }  # fmt: skip


def _number(row: dict[str, Any], name: str) -> int:
    """Return a number of a row, 0 where it is missing or none."""
    try:
        return values.integer(row.get(name)) or 0
    except ValueError:
        return 0


def refunds(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the raw refunds of a page."""
    return _objects(told, "refunds")


def articles(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the raw articles of a page."""
    return _objects(told, "articles")


def comments(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the raw comments of a page."""
    return _objects(told, "comments")
