"""Small parsers for money, times and text as shop platforms print them.

Each takes what a platform sends (text, number or None) and gives a value of ours; what is none of a field's known
spellings of "absent" and cannot be read raises ValueError, whose text names no value.
"""

import html
import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
HOUR = 3600.0

ABSENT = frozenset(("", "0000-00-00", "0000-00-00 00:00:00"))
"""Texts that platforms print for "no date"."""

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[!?][^<>]*>")
"""As HTML has it, "<" before anything else is text: "3 < 5", "<세일>"."""
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]*>", re.IGNORECASE)
_CODE = re.compile(r"<(script|style)\b", re.IGNORECASE)
_CODE_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")}
_BLANK = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PRINTED = re.compile(r"(?:(\d[\d,]*(?:\.\d+)?)만)?\s*(?:(\d[\d,]*(?:\.\d+)?)천)?\s*(\d[\d,]*(?:\.\d+)?)?")
_DIGITS = re.compile(r"[0-9]+")


class NotMoney(ValueError):
    """No single amount is printed."""


def decimal(value: object) -> Decimal | None:
    """Return a number exactly, or None when absent ("" or None).

    Shape: "1100.00", "1,100", 1100 or Decimal. Raises: NotMoney for words, floats that are not finite, and numbers
    of more than 24 digits or exponents (a hostile "1e999999" would otherwise fill the memory when printed).

    >>> decimal("1,100.50")
    Decimal('1100.50')
    """
    if value is None:
        return None
    if type(value) is str:
        return spelled(value)
    if type(value) is int or type(value) is Decimal or type(value) is float:
        return spelled(str(value))
    raise NotMoney("not an amount")


@lru_cache(maxsize=8192)
def spelled(text: str) -> Decimal | None:
    """Return a number from its text; see `decimal`. The same prices come again and again, so they are remembered."""
    text = text.strip()
    if len(text) > 32:
        raise NotMoney("longer than any amount")
    text = text.replace(",", "")
    if not text:
        return None
    if "_" in text:
        raise NotMoney("not an amount")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotMoney("not an amount") from None
    if not number.is_finite() or abs(number.adjusted()) > 24:
        raise NotMoney("not an amount of this world")
    return number


def won(printed: str) -> Decimal:
    """Return the amount in won, tax as printed.

    Shape: "12,900원", "₩12,900", "1만 2천원" or "12900"; full-width digits allowed. Unit: 1 won.
    Raises: NotMoney, when no single amount is printed.

    >>> won("12,900원"), won("1만 2천원")
    (Decimal('12900'), Decimal('12000'))
    """
    text = printed.translate(_NARROW).replace("₩", "").replace("\\", "").replace("KRW", "").replace("원", "").strip()
    if len(text) > 40:
        raise NotMoney("longer than any amount")
    match = _PRINTED.fullmatch(text)
    if not match or not any(match.groups()):
        raise NotMoney("no single amount is printed")
    parts = [Decimal(part.replace(",", "")) if part else Decimal() for part in match.groups()]
    return parts[0] * 10000 + parts[1] * 1000 + parts[2]


_NARROW = {0xFF10 + n: 0x30 + n for n in range(10)} | {0xFF0C: 0x2C, 0xFF0E: 0x2E, 0xFFE6: 0x20A9}


def integer(value: object) -> int | None:
    """Return a whole number, or None when absent. Shape: 12, "12", "1,200", "12.00". Raises: ValueError otherwise.

    >>> integer("1,200")
    1200
    """
    if type(value) is int:
        if abs(value) >= 1 << 63:
            raise ValueError("larger than any count")
        return value
    number = decimal(value)
    if number is None:
        return None
    whole = int(number)
    if whole != number or abs(whole) >= 1 << 63:
        raise ValueError("not a whole number")
    return whole


def moment(value: object, zone: ZoneInfo = SEOUL) -> datetime | None:
    """Return a time in UTC, or None when absent.

    Shape: ISO 8601 with any fraction and any offset, "2026-07-01 10:20:30", "20260701102030", or a date alone; a time
    without an offset is in `zone`. Raises: ValueError when it is no time.

    >>> moment("2026-07-01T09:00:00+09:00")
    datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if value is None:
        return None
    if type(value) is not str:
        raise ValueError("not a time")
    return _moment(value, zone)


@lru_cache(maxsize=4096)
def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    text = text.strip()
    if text in ABSENT or text.startswith("0000-00-00"):
        return None
    if len(text) == 14 and _DIGITS.fullmatch(text):
        text = f"{text[:8]}T{text[8:]}"
    if len(text) > 40:
        raise ValueError("not a time")
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=zone)
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a time") from None


def day(value: object) -> date | None:
    """Return a date, or None when absent. Shape: "2026-07-01", "20260701", "2026.07.01", "26.07.01.".

    >>> day("26.07.01.")
    datetime.date(2026, 7, 1)
    """
    if value is None:
        return None
    if type(value) is not str or len(value) > 20:
        raise ValueError("not a date")
    if value.strip() in ABSENT:
        return None
    numbers = _DIGITS.findall(value)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    if len(numbers) != 3:
        raise ValueError("not a date")
    year, month, dom = (int(number) for number in numbers)
    return date(year + 2000 if year < 100 else year, month, dom)


def day_start(of: date, zone: ZoneInfo = SEOUL) -> datetime:
    """Return the first moment of a day of `zone`, in UTC."""
    return datetime(of.year, of.month, of.day, tzinfo=zone).astimezone(UTC)


def line(value: object) -> str | None:
    """Return one line of plain text: tags removed, entities decoded, blanks folded; None when nothing is left.

    >>> line("핸드메이드<br>머그컵 &amp;\\t받침")
    '핸드메이드 머그컵 & 받침'
    >>> line("<b>3 < 5</b> <세일>")
    '3 < 5 <세일>'
    """
    if type(value) is not str:
        if value is None:
            return None
        value = str(value)
    if value.isprintable() and "<" not in value and "&" not in value and "  " not in value:
        # Nothing to take out or fold, as in most texts.
        return value.strip() or None
    if "<" in value:
        value = _TAG.sub(" ", _without_code(value))
    if "&" in value:
        value = _decoded(value)
    if not value.isprintable() or "  " in value:
        value = _BLANK.sub(" ", _CONTROL.sub("", value))
    return value.strip() or None


def _decoded(value: str) -> str:
    """Return text with its entities decoded. Measured: most texts know only &amp;, which takes html 1.5 µs."""
    if value.count("&") == value.count("&amp;"):
        return value.replace("&amp;", "&")
    return html.unescape(value)


def plain(value: object) -> str | None:
    """Return text of several lines: HTML breaks become newlines, tags go, entities are decoded; None when empty.

    >>> plain("<p>좋아요</p><p>또 살게요&nbsp;!</p>")
    '좋아요\\n또 살게요 !'
    """
    if value is None:
        return None
    text = value if type(value) is str else str(value)
    if text.isprintable() and "<" not in text and "&" not in text and "  " not in text:
        return text.strip() or None
    if "<" in text and _TAG.search(text):
        # In HTML a line break of the source is a blank.
        text = _TAG.sub("", _BREAK.sub("\n", _without_code(text).replace("\r", " ").replace("\n", " ")))
    if "&" in text:
        text = html.unescape(text)
    lines = (_BLANK.sub(" ", _CONTROL.sub("", part)).strip() for part in text.splitlines())
    folded: list[str] = []
    for part in lines:
        if part or (folded and folded[-1]):
            folded.append(part)
    return "\n".join(folded).strip() or None


def _without_code(text: str) -> str:
    """Return HTML without its scripts and styles. One pass: a pattern for both ends takes minutes for hostile text."""
    kept, at, open_ended = [], 0, set()
    for opening in _CODE.finditer(text):
        name = opening[1].lower()
        if opening.start() < at or name in open_ended:
            continue
        closing = _CODE_ENDS[name].search(text, opening.end())
        if closing is None:
            open_ended.add(name)
            continue
        kept += [text[at : opening.start()], " "]
        at = closing.end()
    return "".join(kept) + text[at:] if kept else text


@lru_cache(maxsize=4096)
def iso(at: datetime) -> str:
    """Return a UTC time as "2026-07-01T00:00:00Z", with microseconds where there are any."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def now() -> datetime:
    """Return the present, in UTC and whole milliseconds."""
    at = datetime.now(UTC)
    return at - timedelta(microseconds=at.microsecond % 1000)


def wait(told: str) -> float | None:
    """Return the seconds that an answer asks us to wait, at most an hour. Shape: a number or an HTTP date.

    >>> wait("30"), wait("Wed, 21 Oct 2015 07:28:00 GMT"), wait("")
    (30.0, 0.0, None)
    """
    try:
        seconds = float(told[:40])
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(told[:40]) - now()).total_seconds()
        except (ValueError, TypeError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), HOUR)


def address(told: str) -> SplitResult:
    """Return the parts of an address; empty ones for what is none, such as "http://[1", where urlsplit raises.

    >>> address("https://mall.example/a?b=1").path, address("http://[1").path
    ('/a', '')
    """
    try:
        return urlsplit(told)
    except ValueError:
        return urlsplit("")


def unmarked(body: bytes) -> bytes:
    """Return a body without the byte order mark that some servers put before JSON; XML and pages keep theirs.

    >>> unmarked(bytes.fromhex("efbbbf") + b'{"a": 1}')
    b'{"a": 1}'
    """
    bare = body[3:] if body[:3] == b"\xef\xbb\xbf" else body
    return bare if bare is not body and bare.lstrip()[:1] in (b"{", b"[") else body


def clean(text: str) -> str:
    """Return text without control characters and lone surrogates, which neither JSON nor SQL stores take."""
    return text if text.isprintable() else _CONTROL.sub("", text)
