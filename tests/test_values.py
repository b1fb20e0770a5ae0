"""Money, times and text as shop platforms print them, and what hostile ones lead to: an error of ours or a value."""

import random
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pipelines.normalise import amount
from shopscrape import values, words
from shopscrape.values import NotMoney

HOSTILE = (
    "1e999999", "-1E999999999", "NaN", "sNaN", "Infinity", "-inf", "1_000", "0x10", "1.2.3", "१२३x", "12a", "9" * 40,
    "1e-999999", "--1", "+-1", ".", "e5", "\x00", "<b>12</b>", "１" * 33,
)  # fmt: skip


@pytest.mark.parametrize(
    "given, expected",
    [
        ("1100.00", "1100.00"), (" 1,100 ", "1100"), (1100, "1100"), ("0", "0"), ("-3000", "-3000"), (12.5, "12.5"),
        (Decimal("0.10"), "0.10"), ("1E3", "1E+3"), ("+7", "7"), ("00012", "12"),
    ],
)  # fmt: skip
def test_an_amount_is_exact(given, expected):
    assert values.decimal(given) == Decimal(expected)


@pytest.mark.parametrize("given", [None, "", "  ", ","])
def test_an_absent_amount(given):
    assert values.decimal(given) is None


@pytest.mark.parametrize("given", [*HOSTILE, True, [], {}, b"1", float("nan"), float("inf"), 10**400])
def test_no_amount(given):
    with pytest.raises(ValueError):
        values.decimal(given)


@pytest.mark.parametrize(
    "printed, expected",
    [
        ("12,900원", 12900), ("₩12,900", 12900), ("￦12,900", 12900), ("1만 2천원", 12000), ("1만2천", 12000),
        ("3만원", 30000),
        ("1.5만원", 15000), ("12900", 12900), ("１２，９００원", 12900), ("0원", 0), ("1만 500원", 10500),
        ("\\9,900", 9900),
        ("KRW 9900", 9900), ("2천500원", 2500),
    ],
)  # fmt: skip
def test_won_as_printed(printed, expected):
    assert values.won(printed) == expected


@pytest.mark.parametrize(
    "printed", ["", "원", "가격문의", "10,000원 ~ 20,000원", "12,900원(10%)", "-", "만원", "9" * 60]
)
def test_no_single_amount_is_printed(printed):
    with pytest.raises(NotMoney):
        values.won(printed)


@pytest.mark.parametrize(
    "given, expected", [(12, 12), ("12", 12), ("1,200", 1200), ("12.00", 12), ("", None), ("-3", -3)]
)
def test_a_count(given, expected):
    assert values.integer(given) == expected


@pytest.mark.parametrize("given", ["12.5", "무제한", 1 << 63, str(1 << 63), "1e30", "true", True, [], 1.5])
def test_no_count(given):
    with pytest.raises(ValueError):
        values.integer(given)


AT = datetime(2026, 7, 1, 1, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "2026-07-01T10:20:30+09:00", "2026-07-01 10:20:30", "20260701102030", "2026-07-01T01:20:30Z",
        "2026-07-01T10:20:30+0900", " 2026-07-01T10:20:30.000+09:00 ", "2026-07-01T10:20:30.000000000+09:00",
    ],
)  # fmt: skip
def test_a_time_is_utc(given):
    assert values.moment(given) == AT


def test_a_time_without_an_offset_is_in_the_zone_of_its_mall():
    assert values.moment("2026-07-01 10:20:30", ZoneInfo("UTC")) == datetime(2026, 7, 1, 10, 20, 30, tzinfo=UTC)
    assert values.moment("2026-07-01") == datetime(2026, 6, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize("given", [None, "", "0000-00-00", "0000-00-00 00:00:00", "  "])
def test_an_absent_time(given):
    assert values.moment(given) is None


@pytest.mark.parametrize(
    "given",
    [
        20260701, 1.5, [], "어제", "2026-13-01", "2026-07-01T25:00:00", "0001-01-01T00:00:00+23:59", "9" * 41,
        "9999-12-31T23:59:59-23:59", "2026-07-01T10:20:30+99:00", "\x00", "1e5",
    ],
)  # fmt: skip
def test_no_time(given):
    with pytest.raises(ValueError):
        values.moment(given)


@pytest.mark.parametrize(
    "given", ["2026-07-01", "20260701", "2026.07.01", "2026. 7. 1.", "26.07.01.", "2026년 7월 1일"]
)
def test_a_date(given):
    assert values.day(given) == date(2026, 7, 1)


@pytest.mark.parametrize("given", ["07.01", "2026-02-30", "어제", 20260701, "1" * 30, "2026-07-01-02"])
def test_no_date(given):
    with pytest.raises(ValueError):
        values.day(given)


def test_a_day_of_seoul_begins_at_fifteen_utc():
    assert values.day_start(date(2026, 7, 1)) == datetime(2026, 6, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "given, expected",
    [
        ("핸드메이드<br>머그컵 &amp;\t받침", "핸드메이드 머그컵 & 받침"), ("  ", None), ("", None), (None, None),
        (12, "12"),
        ("a\x00b\x1f", "ab"), ("&lt;b&gt;", "<b>"), ("<script>x()</script>머그", "머그"), ("3 < 5", "3 < 5"),
        ("\ud800머그", "머그"), ("\u200b\ufeff", None), ("<unclosed 머그", "<unclosed 머그"),
    ],
)  # fmt: skip
def test_one_line(given, expected):
    assert values.line(given) == expected


def test_several_lines():
    assert values.plain("<p>좋아요</p>\n<p>또 살게요</p>") == "좋아요\n또 살게요"
    assert values.plain("첫 줄\r\n\r\n\r\n둘째 줄") == "첫 줄\n\n둘째 줄"
    assert values.plain("<style>p{}</style><p> </p>") is None
    assert values.plain("3 < 5\n6") == "3 < 5\n6"


def test_random_text_never_crashes_and_text_stays_text():
    told = random.Random(7)
    alphabet = "<>&;/ ab가나\x00\x1f\ud800\u200b\n\r\t\"'#x123"
    for _ in range(3000):
        text = "".join(told.choice(alphabet) for _ in range(told.randrange(40)))
        for reader in (values.line, values.plain, values.clean):
            found = reader(text) or ""
            found.encode()
            assert "\x00" not in found
        for reader in (values.decimal, values.integer, values.moment, values.day, values.won):
            try:
                reader(text)
            except ValueError as why:
                assert len(str(why)) < 80


def test_long_hostile_markup_takes_no_long_time():
    for text in (
        "<" * 200_000,
        "<script>" * 20_000,
        "&" * 200_000,
        "<p " * 50_000,
        "\n" * 200_000,
        "<script></style>" * 9_000,
    ):
        started = time.process_time()
        values.line(text)
        values.plain(text)
        assert time.process_time() - started < 1


def test_iso_and_now():
    assert values.iso(AT) == "2026-07-01T01:20:30Z"
    assert values.now().tzinfo is UTC
    assert values.now().microsecond % 1000 == 0


def test_equal_amounts_have_one_spelling():
    spellings = [amount(Decimal(text)) for text in ("1100.00", "1.1E3", "1100", "1100.0")]
    assert {str(one) for one in spellings} == {"1100"}
    assert str(amount(Decimal("0E+5"))) == "0"
    assert str(amount(Decimal("-0.50"))) == "-0.5"


@pytest.mark.parametrize(
    "lines, expected",
    [
        ([("sale", "shipped"), ("sale", "placed")], "placed"),
        ([("sale", "cancelled"), ("sale", "delivered")], "delivered"),
        ([("sale", "returned"), ("sale", "cancelled")], "cancelled"),
        ([("sale", "completed"), ("gift", "preparing")], "completed"),
        ([("add_on", "paid")], "paid"),
        ([("sale", None)], "unknown"),
        ([], "unknown"),
        ([("sale", "unknown"), ("sale", "completed")], "unknown"),
        ([("sale", "exchanged"), ("replacement", "shipped")], "exchanged"),
    ],
)
def test_an_order_has_the_word_of_its_least_advanced_sale_line(lines, expected):
    assert words.order_status(lines) == expected


def test_a_table_may_use_our_words_only():
    words.check({"A": "placed"}, words.OrderStatus)
    with pytest.raises(ValueError, match="posted"):
        words.check({"A": "posted"}, words.OrderStatus)
