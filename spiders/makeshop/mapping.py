"""MakeShop (Korea): what each kind of payload becomes, and what an answer that is no data leads to.

The Shop API and the legacy Open API give the same records, so their kinds are shared where nothing differs.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from shopscrape import xml
from shopscrape.errors import PageFailed
from shopscrape.items import Order, Product, Return, Review, Stock
from shopscrape.payload import Answer, Kind, Origin
from spiders.makeshop import mapping_claims as claims
from spiders.makeshop import mapping_orders as orders
from spiders.makeshop import mapping_orders_v1 as orders_v1
from spiders.makeshop import mapping_page_reviews as page_reviews
from spiders.makeshop import mapping_pages as pages
from spiders.makeshop import mapping_products as products
from spiders.makeshop import mapping_reviews as reviews
from spiders.makeshop.judging import judge
from spiders.makeshop.mapping_details import category_paths
from spiders.makeshop.mapping_rows import listed, members

__all__ = ("KINDS", "judge", "told")


def told(pairs: dict[str, str]) -> dict[str, Any]:
    """Return what `scrapy map --with content_type=…` knows of a page's charset."""
    return {"content_type": pairs["content_type"]} if "content_type" in pairs else {}


def _comment_rows(document: Any, origin: Origin) -> Iterable[Any]:
    return reviews.comment_rows(list(listed("num1")(document, origin)))


_ALL = (
    Kind(
        name="products", request="GET product (open_api type=product)", rows=listed("uid"), read=products.product,
        ignored=products.IGNORED, items=(Product, Stock), expects=("name", "price", "status", "categories"),
    ),
    Kind(
        name="products.deleted", request="GET delete_product (type=delete_product)", rows=listed("uid"),
        read=products.deleted, ignored=products.DELETED_IGNORED, items=(Product,),
    ),
    Kind(
        name="inventory", request="GET product?fields=uid,quantity,options (type=product)", rows=listed("uid"),
        read=products.inventory, ignored=products.INVENTORY_IGNORED, items=(Product, Stock), expects=("status",),
    ),
    Kind(
        name="inventory.totals", request="GET stock (type=stock)", rows=listed("uid"), read=products.total,
        ignored=products.STOCK_IGNORED, items=(Stock,),
    ),
    Kind(
        name="orders", request="GET order/2?format=order (type=order&ver=2)", rows=listed("order"), read=orders.order,
        ignored=orders.IGNORED, items=(Order, Return), expects=("ordered_at", "status", "total", "lines"),
    ),
    Kind(
        name="orders.v1", request="GET order/1 (type=order)", rows=listed("order"), read=orders_v1.order,
        ignored=orders_v1.IGNORED, items=(Order,), expects=("ordered_at", "status", "total", "lines"),
    ),
    Kind(
        name="returns.parcels", request="GET order_return_delivery, order_return_invoice", rows=listed("ordernum"),
        read=claims.parcel_home, ignored=claims.PARCEL_IGNORED, items=(Return,),
    ),
    Kind(
        name="returns.exchanges", request="GET order_trade_log", rows=listed("ordernum"), read=claims.exchanged_pair,
        ignored=claims.PAIR_IGNORED, items=(Return,),
    ),
    Kind(
        name="reviews", request="GET review (type=review)", rows=listed("uid"), read=reviews.rating_comment,
        ignored=reviews.IGNORED, items=(Review,), expects=("rating", "text", "written_at"),
    ),
    Kind(
        name="reviews.board", request="GET board (type=board)", rows=listed("num1"), read=reviews.post,
        ignored=reviews.BOARD_IGNORED, items=(Review,), expects=("rating", "written_at", "product_id"),
    ),
    Kind(
        name="reviews.comments", request="GET comment (type=comment)", rows=_comment_rows, read=reviews.comments,
        ignored=reviews.COMMENT_IGNORED, items=(Review,),
    ),
    Kind(
        name="products.page", request="page /shop/shopdetail.html?branduid={uid}, with the reviews on it",
        document=pages.document, rows=pages.product_rows, read=pages.product, ignored=pages.IGNORED,
        items=(Product, Stock, Review), expects=("name", "price", "images", "status"),
    ),
    Kind(
        name="products.list", request="page /shop/shopbrand.html", document=pages.document, rows=pages.listed_rows,
        read=pages.listed_product, items=(Product,), expects=("name", "price"),
    ),
    Kind(
        name="products.pieces", request="GET /shop/product_list.action.html", document=page_reviews.answer_object,
        rows=pages.piece_rows, read=pages.listed_product, items=(Product,), expects=("name", "price"),
    ),
    Kind(
        name="products.sitemap", request="GET /sitemap.xml", document=xml.document, rows=pages.sitemap_rows,
        read=pages.listed_product, items=(Product,),
    ),
    Kind(
        name="reviews.page", request="block of reviews on a product page", document=pages.document,
        rows=page_reviews.review_rows, read=page_reviews.review, ignored=page_reviews.IGNORED, items=(Review,),
        expects=("rating", "text", "written_on"),
    ),
    Kind(
        name="reviews.power", request="GET /shop/power_review.action.html?action_type=get_review_list",
        document=page_reviews.fragment_document, rows=page_reviews.review_rows, read=page_reviews.review,
        ignored=page_reviews.IGNORED, items=(Review,), expects=("rating", "text", "author_label"),
    ),
    Kind(
        name="reviews.power_comments", request="GET /shop/power_review.action.html?action_type=get_comment_list",
        document=page_reviews.answer_object, rows=page_reviews.comment_rows, read=page_reviews.comments,
        items=(Review,),
    ),
    Kind(
        name="reviews.photos", request="POST /shop/power_review.action.html, action_type=get_detail_photo_review",
        document=page_reviews.answer_object, rows=page_reviews.photo_rows, read=page_reviews.photos, items=(Review,),
    ),
    Kind(
        name="reviews.board_list", request="page /board/board.html?code={board}", document=pages.document,
        rows=page_reviews.list_rows, read=page_reviews.review, ignored=page_reviews.IGNORED, items=(Review,),
        expects=("written_on", "author_label"),
    ),
    Kind(
        name="reviews.board_page", request="page /board/board.html?type=v&num1={num1}", document=pages.document,
        rows=page_reviews.post_rows, read=page_reviews.review, ignored=page_reviews.IGNORED, items=(Review,),
        expects=("text", "rating", "written_on"),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


# -- what the spider asks besides records -----------------------------------------------------------------------------


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as an object. Raises: PageFailed."""
    try:
        told = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the body is not readable JSON") from None
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    return told


def whole(value: Any) -> int | None:
    """Return a counter of an envelope, None when it is not told: they come as numbers and as text."""
    text = str(value).strip().replace(",", "") if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isdigit() and len(text) < 12 else None


def rows(told: dict[str, Any], lone: str) -> list[dict[str, Any]]:
    """Return the rows of a list answer as objects. Raises: PageFailed."""
    try:
        return [row for row in members(told.get("list"), lone) if isinstance(row, dict)]
    except TypeError:
        raise PageFailed("the answer has no list") from None


def is_last(told: dict[str, Any]) -> bool:
    """Return whether an answer of a page's script says that nothing follows it."""
    return told.get("is_page_end") in (True, 1, "1", "true", "Y")


def categories(told: dict[str, Any]) -> dict[str, str]:
    """Return category paths by number, levels joined by " > "."""
    return category_paths(rows(told, "catename"))


def information(told: dict[str, Any]) -> dict[str, str]:
    """Return what the shop tells about itself: its own address, its kind of options, its order version."""
    found = told.get("list")
    about = found if isinstance(found, dict) else found[0] if isinstance(found, list) and found else {}
    return {
        "storefront": str(about.get("shop_url") or "") if isinstance(about, dict) else "",
        "options": str(about.get("product_type") or "") if isinstance(about, dict) else "",
        "orders": str(told.get("orderVersion") or ""),
    }


def boards(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the boards of a shop: code, name, whether posts are scored, titles of the scores."""
    found = []
    for row in rows(told, "code"):
        about = row.get("review_score_configs")
        about = about if isinstance(about, dict) else {}
        titles = {
            f"score_{one.get('id')}": str(one["title"])
            for one in members(about.get("scores"), "title")
            if isinstance(one, dict) and one.get("title")
        }
        if row.get("code"):
            found.append(
                {
                    "code": str(row["code"]), "name": str(row.get("name") or ""), "titles": titles,
                    "scored": str(about.get("review_score_use") or "").upper() in ("Y", "YES"),
                }
            )  # fmt: skip
    return found


def order_numbers(told: dict[str, Any]) -> list[str]:
    """Return the order numbers of a list that tells nothing else we need, each once."""
    numbers = (row.get("ordernum") for row in rows(told, "ordernum"))
    return list(dict.fromkeys(str(number) for number in numbers if isinstance(number, str | int) and number))
