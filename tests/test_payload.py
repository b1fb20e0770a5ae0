"""The payload reader: lenient in shape, strict in meaning, and never crashed by what somebody sends."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from msgspec import UNSET
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import PageFailed, RowFailed
from shopscrape.items import Product
from shopscrape.payload import Answer, Kind, Origin, Payload, Tally, ignoring, json_document, read_page
from shopscrape.spider import ApiSpider

ORIGIN = Origin(platform="p", collected_at=datetime(2026, 7, 1, tzinfo=UTC))
READERS = ("id", "line", "plain", "html", "money", "whole", "moment", "flag", "texts", "part", "each")


def row(**told):
    return Payload(dict(told), Tally())


def test_a_byte_order_mark_before_json_is_no_part_of_it():
    for body, seen in ((b' {"a": 1}', b' {"a": 1}'), (b"[]", b"[]"), (b"<data/>", b"\xef\xbb\xbf<data/>")):
        response = Response("https://mall.example.com/", body=b"\xef\xbb\xbf" + body)
        assert ApiSpider.answer(None, response).body == seen


@pytest.mark.parametrize("reader", READERS[:9])
def test_absent_is_unset_and_null_is_none(reader):
    assert getattr(row(), reader)("x") is UNSET
    assert getattr(row(x=None), reader)("x") is None


@pytest.mark.parametrize(
    "reader, given, expected",
    [
        ("id", 24, "24"), ("id", " A-1 ", "A-1"), ("id", "", None), ("id", 10**30, str(10**30)),
        ("line", "a<br>b", "a b"), ("line", 5, "5"), ("line", "", None),
        ("plain", "<p>a</p><p>b</p>", "a\nb"), ("html", "<b>a</b>\x00", "<b>a</b>"), ("html", "", None),
        ("money", "1,100.50", Decimal("1100.50")), ("money", 1100, Decimal(1100)), ("money", "", None),
        ("whole", "3", 3), ("whole", 3.0, 3), ("whole", "", None),
        ("moment", "2026-07-01 09:00:00", datetime(2026, 7, 1, tzinfo=UTC)), ("moment", "", None),
        ("flag", "T", True), ("flag", "F", False), ("flag", 1, True), ("flag", "", None), ("flag", "n", False),
        ("texts", "one", ["one"]), ("texts", ["a", 2, ""], ["a", "2"]), ("texts", [], []), ("texts", "", []),
    ],
)  # fmt: skip
def test_spellings_of_a_value(reader, given, expected):
    assert getattr(row(x=given), reader)("x") == expected


@pytest.mark.parametrize(
    "reader, given",
    [
        ("id", True), ("id", 1.5), ("id", []), ("id", "a\x00b"), ("id", "x" * 501), ("id", 10**40), ("line", {}),
        ("plain", []),
        ("html", 5), ("money", "free"), ("money", True), ("money", {"amount": 1}), ("whole", "many"), ("whole", True),
        ("whole", 1 << 70), ("moment", "soon"), ("moment", 5), ("moment", []), ("flag", "maybe"), ("flag", []),
        ("flag", 7), ("texts", [{}]), ("texts", 5), ("each", "text"), ("each", 5), ("part", "text"), ("part", 5),
        ("part", [1, 2]), ("each", [1]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_fails_the_row_and_names_the_path_only(reader, given):
    inside = Payload({"x": given}, Tally(), "order.items")
    with pytest.raises(RowFailed) as raised:
        getattr(inside, reader)("x")
    assert "x" in str(raised.value) and "order.items" in str(raised.value)
    assert str(given) not in str(raised.value) or len(str(given)) < 4


@pytest.mark.parametrize("given", [None, "", [], {}, UNSET])
def test_no_list_in_every_disguise(given):
    told = row(x=given) if given is not UNSET else row()
    assert told.each("x") == []
    told = row(x=given) if given is not UNSET else row()
    assert told.part("x").raw == {}


def test_a_lone_object_is_a_list_of_one_and_the_reverse():
    assert [part.id("n") for part in row(x={"n": 1}).each("x")] == ["1"]
    assert row(x=[{"n": 1}]).part("x").id("n") == "1"
    assert [part.id("n") for part in row(x=[None, {"n": 2}]).each("x")] == ["2"]
    assert row(x=[{"n": "a"}, {"n": None}, {}]).texts_of("x", "n") == ["a"]
    assert row().texts_of("x", "n") is UNSET


def test_an_identity_must_be_there():
    assert row(x=7).need("x") == "7"
    for given in ({}, {"x": None}, {"x": ""}, {"x": " "}):
        with pytest.raises(RowFailed, match="x: missing"):
            Payload(given, Tally()).need("x")


def test_an_unknown_word_is_counted_and_loud():
    told = row(x="N99", y=None)
    assert told.word("x", {"N10": "paid"}, "status") == ("unknown", "N99")
    assert told.word("y", {"N10": "paid"}, "status") == (None, None)
    assert told.word("z", {"N10": "paid"}, "status") == (UNSET, UNSET)
    assert told.tally.unknown == {"status=N99": 1}


def test_what_nobody_took_is_counted_by_path_and_what_is_ignored_is_not():
    told = row(a=1, b=2, parts=[{"c": 1, "d": 2}, {"c": 1, "d": 2}])
    told.id("a")
    for part in told.each("parts"):
        part.id("c")
    told.count_left_over(ignoring("b"))
    assert told.tally.left_over == {"parts.d": 2}
    assert ignoring("a", "b c", "x.y: d")[""] == {"a", "b", "c"}


def read(payload, origin):
    yield Product(**origin.common(), product_id=payload.need("id"), price=payload.money("price"))


KIND = Kind(
    name="products", request="GET /", items=(Product,), rows=lambda document, origin: document["rows"], read=read
)


def page(told):
    return read_page(KIND, told if isinstance(told, bytes) else msgspec.json.encode(told), ORIGIN)


def test_a_bad_row_fails_alone_and_its_raw_form_is_found_again():
    found = page({"rows": [{"id": 1}, {"id": 2, "price": "free"}, {"price": "1"}, 5, {"id": 3, "more": 1}]})
    assert [record.product_id for record in found.records] == ["1", "3"]
    assert found.positions == [0, 4]
    assert [place for place, _ in found.failed] == [1, 2, 3]
    assert found.raw(1) == {"id": 2, "price": "free"}
    assert "free" not in found.failed[0].why
    assert found.tally.left_over == {"more": 1}
    assert found.size == 5


def surprised(payload, origin):
    yield Product(**origin.common(), product_id=payload.need("id"))
    raise KeyError("CANARY")


def test_what_a_mapping_did_not_foresee_is_a_failed_row_without_its_value():
    kind = msgspec.structs.replace(KIND, read=surprised)
    found = read_page(kind, b'{"rows":[{"id":1}]}', ORIGIN)
    assert found.records == []
    assert found.failed[0].why == "KeyError in the mapping of products"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"<html>", b"\xff\xfe", b'{"rows":' + b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
        b'{"rows":[' + b'{"id":' * 50_000, b'{"rows":[{"id":1}', b"\x00", b'{"a":"\xed\xa0\x80"}',
    ],
)  # fmt: skip
def test_what_is_no_json_fails_the_page(body):
    with pytest.raises(PageFailed):
        page(body)


@pytest.mark.parametrize("document", [{}, {"rows": None}, {"rows": 5}, [], 5, None, "text", {"rows": True}])
def test_an_unexpected_envelope_fails_the_page(document):
    with pytest.raises(PageFailed, match="shaped"):
        page(document)


def test_giant_numbers_are_no_amounts_and_no_ids_that_break_a_store():
    digits = b"9" * 5000
    for body in (
        b'{"rows":[{"id":1,"price":' + digits + b"}]}",
        b'{"rows":[{"id":1,"price":"1e999999999"}]}',
        b'{"rows":[{"id":' + digits + b',"price":1}]}',
        b'{"rows":[{"id":1,"price":1e400}]}',
    ):
        try:
            found = page(body)
        except PageFailed:
            continue
        assert not found.records and len(found.failed) == 1


def test_deep_rows_do_not_break_the_count_of_what_is_left_over():
    deep = {"x": 1}
    for _ in range(60):
        deep = {"deep": deep}
    assert page({"rows": [{"id": 1, "extra": deep}]}).tally.left_over == {"extra": 1}


def test_random_shapes_give_records_or_our_errors():
    told = random.Random(11)

    def value(depth=0):
        made = (
            None, "", "0", "T", -1, 10**20, 1.5, True, "2026-07-01", "\x00", "🙂", "<b>", "9" * 600,
            [], {}, [None], ["a"],
        )  # fmt: skip
        if depth < 3 and told.random() < 0.3:
            if told.random() < 0.5:
                return [value(depth + 1) for _ in range(told.randrange(3))]
            return {name: value(depth + 1) for name in told.sample("abcx", 2)}
        return told.choice(made)

    for _ in range(5000):
        payload = Payload({"x": value(), "y": value()}, Tally())
        reader = told.choice(READERS)
        try:
            getattr(payload, reader)("x")
            payload.count_left_over({})
        except RowFailed as why:
            assert len(str(why)) < 100


def test_json_of_another_type_is_a_document():
    assert json_document(b"[1]", ORIGIN) == [1]


@pytest.mark.parametrize("told, seconds", [
    ("30", 30.0), (" 1.5 ", 1.5), ("999999", 3600.0), ("Wed, 21 Oct 2099 07:28:00 GMT", 3600.0),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("nan", None), ("inf", 3600.0), ("-5", 0.0), ("soon", None), ("", None),
    ("Wed, 21 Oct 2099 07:28:00 -0000", None), ("1" * 5000, 3600.0),
])  # fmt: skip
def test_how_long_an_answer_asks_us_to_wait(told, seconds):
    assert Answer(b"", headers={"retry-after": told}).retry_after == seconds


def test_a_date_to_come_back_at_is_seconds_from_now():
    at = values.now() + timedelta(seconds=90)
    waits = Answer(b"", headers={"retry-after": f"{at:%a, %d %b %Y %H:%M:%S} GMT"}).retry_after
    assert 85 < waits <= 90
