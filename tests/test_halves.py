"""Rows of one order told by several answers (feed, list, detail, claims): none erases what another has told."""

import importlib
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import msgspec
import pytest
from cryptography.fernet import Fernet

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.identity import fingerprint, form, identity
from shopscrape.items import Order, Return
from shopscrape.payload import Origin, read_page
from shopscrape.privacy import Scrubber
from shopscrape.store import open_store
from shopscrape.windows import Row

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
OWN = frozenset(("first_seen_at", "last_seen_at", "collected_at", "source_url", "run", "told"))
"""Columns that tell of the reading and not of the order."""

HALVES = [
    ("cafe24", "20170710-0000013", ("orders_list", "order_items"), ()),
    ("cafe24", "20170710-0000013", ("order_detail", "order_items"), ()),
    ("cafe24", "20180627-0000017", ("order_buyer", "order_shipments"), ()),
    ("cafe24", "20190607-0000018", ("cancellation_detail", "return_detail", "exchange_detail"), ()),
    ("cafe24", "20191118-0000018", ("refunds_list", "refund_detail"), ()),
    (
        "naver",
        "2025110310000001",
        ("last_changed_statuses_claims", "orders_conditional_page1", "orders_query_paid"),
        (),
    ),
    # These two samples tell two times of one payment.
    ("naver", "2025102810000004", ("last_changed_statuses_claims", "order_exchange_redelivering"), ("paid_at",)),
    ("makeshop", "20260428101010-10000000001", ("kr_order2_claims", "kr_order_return_delivery"), ()),
    ("makeshop", "20260430090909-10000000002", ("kr_order2_claims", "kr_order_trade_log"), ()),
    ("wisa", "20260915-0A3F7", ("openapi_order_list", "openapi_order_detail"), ()),
    # The ERP API knows a bank transfer and "anything else" where the Openapi names the method.
    ("wisa", "20260915-0A3F7", ("openapi_order_detail", "erp_get_order"), ("payment_methods",)),
    ("wisa", "20260912-5E9A0", ("openapi_order_detail_claims", "erp_get_canceled_order"), ("payment_methods",)),
    ("wisa", "20260911-C0C0A", ("openapi_order_detail_cancel", "erp_get_canceled_order"), ("payment_methods",)),
    ("godomall5", "2507011030010001", ("order_search_page2_last", "order_search_single_by_no"), ()),
]
"""Platform, order, samples that tell of it, and the fields in which these contradict each other: the later stands."""


def told_by(platform, sample, number):
    """Return the records of an order that a sample tells, as a crawl hands them to the store."""
    folder = SAMPLES / platform
    index = msgspec.toml.decode((folder / "samples.toml").read_bytes())
    mapping = importlib.import_module(f"spiders.{platform}.mapping")
    body = next(path for path in folder.glob(f"{sample}.*") if not path.name.endswith(".expect.json")).read_bytes()
    origin = Origin(platform=platform, collected_at=NOW, **index.get("with", {}).get(sample, {}))
    page, scrub = (
        read_page(mapping.KINDS[index["kinds"][sample]], body, origin),
        Scrubber(b"a key for tests only").scrub,
    )
    channels = importlib.import_module(f"spiders.{platform}").FACTS.channels
    found = [scrub(validate(normalise(record), channels)) for record in page.records]
    return [record for record in found if isinstance(record, Order | Return) and record.order_id == number]


def stored(halves, url):
    """Return what a store holds after halves in this order, each later than the one before, by order and claim."""
    store = open_store(url, KEY)
    try:
        for place, half in enumerate(halves):
            rows = [Row(record, 0) for record in half]
            for row in rows:
                row.digest, row.body = fingerprint(row.record)
                row.identity, row.form = identity(row.record), form(row.record)
            store.known(rows)
            store.commit(rows, run="r", now=NOW + timedelta(seconds=place))
        return {
            (row["order_id"], row.get("return_id")): {name: value for name, value in row.items() if name not in OWN}
            for resource in ("orders", "returns") for row in store.read(resource)
        }  # fmt: skip
    finally:
        store.close()


def lost(told, kept):
    """Return the fields that a record, a line or a claim told a value of, and of which nothing is kept."""
    found = [name for name, value in told.items() if value not in (None, []) and kept[name] in (None, [])]
    below = {line["line_id"]: line for line in kept.get("lines") or ()}
    return found + [name for line in told.get("lines") or () for name in lost(line, below[line["line_id"]])]


@pytest.mark.parametrize("platform, number, samples, contradicting", HALVES)
def test_the_stored_order_is_the_same_whichever_half_comes_first(platform, number, samples, contradicting, tmp_path):
    halves = [told_by(platform, sample, number) for sample in samples]
    assert all(halves)
    results = []
    for place, ordered in enumerate(permutations(halves)):
        results.append(stored(ordered, f"sqlite:///{tmp_path}/{place}.db"))
        for record in (record for half in halves for record in half):
            told = msgspec.to_builtins(record)
            kept = results[-1][record.order_id, told.get("return_id")]
            assert lost({name: value for name, value in told.items() if name in kept}, kept) == []
        for row in results[-1].values():
            for name in contradicting:
                row.pop(name, None)
    assert all(result == results[0] for result in results[1:])
