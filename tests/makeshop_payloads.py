"""Payloads of a Korean MakeShop mall for tests: samples, and orders and products changed in single places."""

import copy
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.payload import Answer, Origin, read_page
from spiders.makeshop import FACTS, mapping

SAMPLES = Path(__file__).parent / "samples/makeshop"
READ_AT = datetime(2026, 5, 20, tzinfo=UTC)


def sample(name):
    return msgspec.json.decode((SAMPLES / f"{name}.json").read_bytes())


def read(kind, told, **fields):
    """Return the checked page of a document."""
    body = told if isinstance(told, bytes) else msgspec.json.encode(told)
    mapping.judge(Answer(body))
    page = read_page(mapping.KINDS[kind], body, Origin(platform="makeshop", collected_at=READ_AT, **fields))
    for record in page.records:
        validate(normalise(record), FACTS.channels)
    return page


def one(kind, told, of, **fields):
    page = read(kind, told, **fields)
    assert not page.failed
    return next(record for record in page.records if isinstance(record, of))


def envelope(*rows):
    return {
        "return_code": "0000",
        "totalCount": str(len(rows)),
        "totalPage": 1,
        "page": 1,
        "count": len(rows),
        "list": list(rows),
    }


def product(**changed):
    return sample("kr_product_detail_options")["list"][0] | changed


def plain(**changed):
    return sample("kr_product_list_page1")["list"][0] | changed


def order(line=None, more=(), top=None, payment=None, **blocks):
    """Return one order of a single line; `more` are further lines by what they change."""
    row = copy.deepcopy(next(iter(sample("kr_order2_cancel_requested")["list"].values())))
    row.pop("cancel")
    first = row["product"]["1"]
    for number, changed in enumerate((line or {}, *more), 1):
        parcel = changed.pop("parcel", {})
        row["product"][str(number)] = {**first, "num": str(number), "issue_status": "", **changed}
        row["product"][str(number)]["deliveryInfo"] = first["deliveryInfo"] | parcel
    row["order"] |= top or {}
    row["payment"] |= payment or {}
    return envelope(row | blocks)
