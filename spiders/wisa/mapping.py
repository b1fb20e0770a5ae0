"""WISA: what each kind of payload becomes, and what an answer that is no data leads to."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from shopscrape import xml
from shopscrape.items import Order, Product, Record, Return, Review, Stock
from shopscrape.payload import Kind, Origin, Payload, ignoring
from spiders.wisa import mapping_erp as erp
from spiders.wisa import mapping_orders as orders
from spiders.wisa import mapping_pages as pages
from spiders.wisa import mapping_products as products
from spiders.wisa import mapping_rest as rest
from spiders.wisa import mapping_reviews as reviews
from spiders.wisa.judging import judge
from spiders.wisa.shapes import listed, without_false

__all__ = ["KINDS", "judge", "told"]

OPENAPI = "exec.php api/openapi.exe.php action="
ERP = "exec.php api/erp.exe.php action="
AJAX = "exec.php skin_module/skin_ajax.php single_module="


def _list(key: str) -> Callable[[Any, Origin], Iterable[Any]]:
    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        # "Nothing found" is an answer without the list.
        return listed(without_false(document.get(key)))

    return rows


def _one(key: str) -> Callable[[Any, Origin], Iterable[Any]]:
    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        return [without_false(document)] if document.get(key) is not None or document.get("status") == "Y" else []

    return rows


def told(pairs: dict[str, str]) -> dict[str, Any]:
    """Return what `scrapy map --with content_type=…` knows of a page: the charset of its HTTP header."""
    charset = pages.charset_in(pairs.get("content_type", ""))
    return {"charset": charset} if charset else {}


def _shown(read: Callable[[Payload, Origin], Iterable[Record]]) -> Callable[[Payload, Origin], Iterable[Record]]:
    """Return a function that reads a row of a page: whoever asks, its records are told by the web."""

    def of_page(row: Payload, origin: Origin) -> Iterable[Record]:
        return read(row, origin if origin.source == "web" else msgspec.structs.replace(origin, source="web"))

    return of_page


_ALL = (
    Kind(
        name="products", request=f"{OPENAPI}productList", rows=_list("product"), read=products.listed_product,
        ignored=products.LIST_IGNORED, items=(Product,), expects=("name", "price", "status"),
    ),
    Kind(
        name="products.detail", request=f"{OPENAPI}product", rows=_one("pno"), read=products.product,
        ignored=products.IGNORED, items=(Product,), expects=("name", "price", "status"),
    ),
    Kind(
        name="products.options", request=f"{OPENAPI}productOption", rows=_one("options"), read=products.options,
        ignored=products.OPTIONS_IGNORED, items=(Product, Stock),
    ),
    Kind(
        name="inventory", request=f"{OPENAPI}productComplexOption", rows=products.combination_rows,
        read=products.combination, ignored=products.STOCK_IGNORED, items=(Stock, Product),
    ),
    Kind(
        name="orders", request=f"{OPENAPI}orderList", rows=_list("orders"), read=orders.listed_order,
        ignored=orders.LIST_IGNORED, items=(Order,), expects=("ordered_at", "paid"),
    ),
    Kind(
        name="orders.detail", request=f"{OPENAPI}order", rows=_one("ono"), read=orders.order, ignored=orders.IGNORED,
        items=(Order, Return),
    ),
    Kind(
        name="reviews", request=f"{OPENAPI}reviewList", rows=_list("articles"), read=reviews.review,
        ignored=reviews.IGNORED, items=(Review,), expects=("rating", "written_at", "product_id"),
    ),
    Kind(
        name="reviews.comments", request=f"{OPENAPI}reviewCommentList no=…", rows=reviews.comment_rows,
        read=reviews.comments, ignored=reviews.COMMENTS_IGNORED, items=(Review,),
    ),
    Kind(
        name="products.erp", request=f"{ERP}getProduct", document=xml.document,
        rows=erp.rows_of("prd_list/prd", "prd_code", "getProduct"), read=erp.product, ignored=erp.PRODUCT_IGNORED,
        items=(Product, Stock), expects=("name", "price", "status"),
    ),
    Kind(
        name="inventory.erp", request=f"{ERP}getStock", document=xml.document, rows=erp.stock_rows,
        read=erp.stock_row, ignored=erp.STOCK_IGNORED, items=(Stock,),
    ),
    Kind(
        name="orders.erp", request=f"{ERP}getOrder, getPayedOrder, getShippingOrder, getCompletedOrder",
        document=xml.document, rows=erp.order_rows(), read=erp.order, ignored=erp.ORDER_IGNORED, items=(Order, Return),
    ),
    Kind(
        name="returns.erp", request=f"{ERP}getCanceledOrder", document=xml.document, rows=erp.claim_rows(),
        read=erp.order, ignored=erp.ORDER_IGNORED, items=(Order, Return),
    ),
    Kind(
        name="products.ep", request="/_data/compare/naver/all_prd.php, summary_prd.php", items=(Product,),
        document=products.feed_document, rows=products.feed_rows, read=products.feed_product,
        ignored=products.FEED_IGNORED, expects=("name", "discounted_price"),
    ),
    Kind(
        name="products.rest", request="api.wisa.co.kr/v1/products (unverified)", rows=rest.rows,
        read=rest.product, ignored=rest.IGNORED, items=(Product, Stock),
    ),
    Kind(
        name="products.page", request="/shop/detail.php?pno=…", document=pages.document, rows=pages.product_rows,
        read=_shown(pages.product), ignored=pages.IGNORED, items=(Product, Stock, Review),
        expects=("name", "price", "status"),
    ),
    Kind(
        name="products.list", request="/shop/big_section.php?cno1=…", document=pages.document, rows=pages.card_rows,
        read=_shown(pages.card), items=(Product,), expects=("name", "price"),
    ),
    Kind(
        name="products.ajax", request=f"{AJAX}prd_basic", document=pages.ajax_document, rows=pages.card_rows,
        read=_shown(pages.card), items=(Product,), expects=("name", "price"),
    ),
    Kind(
        name="reviews.board", request="/shop/product_review_list.php", document=pages.document,
        rows=pages.review_rows, read=_shown(pages.review), items=(Review,), expects=("written_on", "title"),
    ),
    Kind(
        name="reviews.ajax", request=f"{AJAX}detail_review_list", document=pages.ajax_document,
        rows=pages.review_rows, read=_shown(pages.review), items=(Review,), expects=("written_on", "title"),
    ),
    Kind(
        name="reviews.view", request="exec.php shop/review_reg.exe.php exec=view no=…", document=pages.document,
        rows=pages.opened_rows, read=_shown(pages.review), items=(Review,), ignored=ignoring("pno"), expects=("text",),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
