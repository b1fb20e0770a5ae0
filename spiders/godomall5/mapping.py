"""Godomall5: what each kind of payload becomes, and what an answer that is no data leads to."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shopscrape import xml
from shopscrape.errors import PageFailed
from shopscrape.items import Order, Product, Return, Review, Stock
from shopscrape.payload import Kind, Origin
from spiders.godomall5 import mapping_orders as orders
from spiders.godomall5 import mapping_page_reviews as opinions
from spiders.godomall5 import mapping_pages as pages
from spiders.godomall5 import mapping_products as products
from spiders.godomall5 import mapping_reviews as reviews
from spiders.godomall5.judging import judge
from spiders.godomall5.mapping_rows import header, rows_of, unwrapped

__all__ = ["KINDS", "header", "judge", "names", "told"]


def _contents(document: Any, origin: Origin) -> Iterable[Any]:
    found = document["contents"] if "contents" in document or document["totalCount"] not in (0, "0") else None
    if found is None or found == "" or found == {}:
        return []
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise TypeError
    return [row for row in found if row not in (None, "", [], {})]


_ALL = (
    Kind(
        name="products", request="POST /goods/Goods_Search.php", document=xml.document, rows=rows_of("goods_data"),
        read=products.goods, ignored=products.IGNORED, items=(Product, Stock), expects=("name", "price", "status"),
    ),
    Kind(
        name="products.add_on", request="POST /goods/Goods_Add_Search.php", document=xml.document,
        rows=rows_of("add_goods_data"), read=products.add_on, ignored=products.ADD_ON_IGNORED, items=(Product,),
    ),
    Kind(
        name="orders", request="POST /order/Order_Search.php", document=xml.document, rows=rows_of("order_data"),
        read=orders.order, ignored=orders.IGNORED, items=(Order, Return), expects=("ordered_at", "paid", "lines"),
    ),
    Kind(
        name="reviews.board", request="POST /board/Board_List.php bdId=goodsreview", document=xml.document,
        rows=rows_of("board_data"), read=reviews.post, ignored=reviews.IGNORED, items=(Review,),
        expects=("written_at", "flags"),
    ),
    Kind(
        name="products.server", request="GET server-api /goods (unverified)", rows=_contents, read=products.listed,
        items=(Product,),
    ),
    Kind(
        name="reviews.server", request="GET server-api /boards/goodsreview/articles (unverified)", rows=_contents,
        read=reviews.article, ignored=reviews.SERVER_IGNORED, items=(Review,), expects=("written_at",),
    ),
    Kind(
        name="products.page", request="page /goods/goods_view.php?goodsNo=", document=pages.document,
        rows=pages.product_rows, read=pages.product, ignored=pages.IGNORED, items=(Product, Stock),
        expects=("name", "price", "images"),
    ),
    Kind(
        name="products.list", request="page /goods/goods_list.php?cateCd=&page=", document=pages.document,
        rows=pages.listed_rows, read=pages.listed_product, items=(Product,), expects=("name", "price"),
    ),
    Kind(
        name="inventory.option", request="page POST /goods/goods_ps.php mode=option_select", rows=pages.step_rows,
        read=pages.chosen, ignored=pages.STEP_IGNORED, items=(Stock,),
    ),
    Kind(
        name="reviews.page", request="page /goods/goods_board_list.php?bdId=goodsreview&goodsNo=&page=",
        document=pages.document, rows=opinions.board_rows, read=opinions.listed_post, items=(Review,),
        expects=("written_on", "rating", "title"),
    ),
    Kind(
        name="reviews.article", request="page /goods/goods_board_view.php?bdId=goodsreview&sno=",
        document=pages.document, rows=opinions.opened_rows, read=opinions.opened_post, items=(Review,),
        expects=("text",),
    ),
    Kind(
        name="reviews.plus", request="page /board/plus_review_list.php?goodsNo=&page=", document=pages.document,
        rows=opinions.plus_rows, read=opinions.plus_review, items=(Review,), expects=("written_on", "rating", "text"),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}

NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "category_data": (("cateCd", "cateNm"),),
    "brand_data": (("brandCd", "brandNm"), ("cateCd", "cateNm"), ("brandCd", "cateNm")),
    "board_data": (("bdId", "bdNm"),),
    "code_data": (
        ("itemCd", "itemNm"), ("invoiceCompanySno", "invoiceCompanyName"), ("scmNo", "companyNm"),
        ("storageName", "imageStorage"), ("sno", "groupNm"), ("sno", "method"), ("informCd", "informNm"),
        ("iconCd", "iconNm"),
    ),
}  # fmt: skip
"""Row element of a table of codes to the pairs of fields that hold code and name; older malls spell some otherwise."""


def names(body: bytes) -> dict[str, str]:
    """Return names by code: of Category_Search, Brand_Search, Code_Search or Board_Inventory. Raises: PageFailed."""
    document = xml.read(body)
    if document.name != "data":
        raise PageFailed("the answer has another root than data")
    found: dict[str, str] = {}
    for element, pairs in NAMES.items():
        for row in map(unwrapped, document.each(f"return/{element}")):
            for code, name in pairs:
                if isinstance(row, dict) and isinstance(row.get(code), str) and isinstance(row.get(name), str):
                    if row[code]:
                        found[row[code]] = products.label(row[name])
                    break
    return found


def told(pairs: dict[str, str]) -> dict[str, Any]:
    """Return what `scrapy map --with codes=…` knows of the mall's own codes.

    Shape: "04001001=고객변심,…", or the file of an answer of Code_Search.
    """
    given = pairs.get("codes", "")
    if not given:
        return {}
    if "=" not in given:
        try:
            found = names(Path(given).read_bytes())
        except OSError:
            return {}
    else:
        found = {code.strip(): name.strip() for code, _, name in (pair.partition("=") for pair in given.split(","))}
    return {"claim_codes": found, "couriers": found}
