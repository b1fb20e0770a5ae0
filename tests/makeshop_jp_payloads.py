"""Answers of a GMO MakeShop mall for tests: samples, and orders changed in single places."""

import copy
from datetime import UTC, datetime
from pathlib import Path

import graphql
import msgspec

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.payload import Answer, Origin, read_page
from spiders.makeshop_jp import FACTS, mapping

HERE = Path(__file__).parent
SAMPLES = HERE / "samples/makeshop_jp"
READ_AT = datetime(2026, 5, 20, tzinfo=UTC)
SCHEMA = graphql.build_schema((HERE / "makeshop_jp_schema.graphql").read_text("utf-8"))
ROWS = {"products": ("searchProduct", "products"), "inventory": ("searchProductQuantity", "productQuantities"),
        "orders": ("searchOrder", "orders"), "reviews": ("searchReview", "reviews")}  # fmt: skip
FILES = {"products": "searchProduct_page1", "inventory": "searchProductQuantity", "orders": "searchOrder_page1",
         "reviews": "searchReview"}  # fmt: skip


def sample(name):
    return msgspec.json.decode((SAMPLES / f"{name}.json").read_bytes())


def rows_of(kind):
    operation, key = ROWS[kind]
    return sample(FILES[kind])["data"][operation][key]


def answer(kind, rows, **more):
    operation, key = ROWS[kind]
    return {"data": {operation: {"searchedCount": len(rows or ()), "page": 1, key: rows}}} | more


def read(kind, told, **fields):
    """Return the checked page of a document."""
    body = told if isinstance(told, bytes) else msgspec.json.encode(told)
    mapping.judge(Answer(body))
    origin = Origin(platform="makeshop_jp", collected_at=READ_AT, currency="JPY", **fields)
    page = read_page(mapping.KINDS[kind], body, origin)
    for record in page.records:
        validate(normalise(record), FACTS.channels)
    return page


def one(kind, row, of, **fields):
    page = read(kind, answer(kind, [row]), **fields)
    assert not page.failed
    return next(record for record in page.records if isinstance(record, of))


def order(shipment=None, basket=None, **top):
    row = copy.deepcopy(rows_of("orders")[0]) | top
    row["deliveryInfos"] = [row["deliveryInfos"][0] | (shipment or {})]
    row["deliveryInfos"][0]["basketInfos"][0] |= basket or {}
    return row
