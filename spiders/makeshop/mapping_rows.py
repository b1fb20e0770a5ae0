"""How MakeShop's answers are shaped: lists that turn into objects, zero dates, flags in several spellings.

The Shop API and the legacy Open API answer alike. A PHP array is a list or an object with keys "0", "1", … or an
order number; an empty one is [], {}, "" or null.
"""

import contextlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET

from shopscrape import values
from shopscrape.payload import Origin, Payload

KEY = "~key"
"""Where the key of a row in an object of rows is put, beside what the row itself tells."""
_YES = dict.fromkeys(("Y", "YES", "T", "TRUE", "1"), True) | dict.fromkeys(("N", "NO", "F", "FALSE", "0"), False)
_SLASHES = re.compile(r"(?<!:)/{2,}")


def listed(lone: str) -> Callable[[Any, Origin], Iterable[Any]]:
    """Return a function that takes the rows out of an envelope; `lone` is a key that tells a single row from a map."""

    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        if "list" not in document and _nothing(document):
            return []
        return [tidy(row) for row in members(document["list"], lone)]

    return rows


def tidy(value: Any) -> Any:
    """Return a row with one spelling of nothing: an empty PHP array may stand where a text, list or object would.

    >>> tidy({"a": [], "b": {}, "c": [None, "", {"d": []}], "e": None})
    {'a': '', 'b': '', 'c': [{'d': ''}], 'e': None}
    """
    if type(value) is dict:
        return {name: tidy(one) for name, one in value.items()} if value else ""
    if type(value) is list:
        return [tidy(one) for one in value if one not in (None, "", [], {})] or ""
    return value


def _nothing(document: dict[str, Any]) -> bool:
    counts = [document[name] for name in ("totalCount", "count") if name in document]
    return bool(counts) and all(str(count).strip() in ("", "0", "None") for count in counts)


def members(found: Any, lone: str) -> list[Any]:
    """Return the rows of a list, of an object of rows (each with its key under KEY), or of a single row."""
    if not found:
        return []
    if isinstance(found, list):
        return [row for row in found if row not in (None, "", [], {})]
    if not isinstance(found, dict):
        raise TypeError("not a list")
    if lone in found:
        return [found]
    return [{**row, KEY: key} if isinstance(row, dict) else row for key, row in found.items() if row not in (None, "")]


def unnumbered(told: Any) -> Any:
    """Return a list out of an object of numbered objects, anything else as it is."""
    numbered = isinstance(told, dict) and bool(told) and all(isinstance(one, dict) for one in told.values())
    return list(told.values()) if numbered else told


def many(row: Payload, key: str, lone: str) -> list[Payload]:
    """Return the rows of a list or map inside a row."""
    found = members(row.take(key) if row.has(key) else None, lone)
    row.raw[key] = found
    return row.each(key)


def when(row: Payload, key: str) -> Any:
    """Return a time in UTC; a zero date in any length is None."""
    value = row.raw.get(key)
    if type(value) is int and value:
        row.raw[key] = str(value)
    elif value == 0 or (isinstance(value, str) and (value.strip() == "0" or value.strip().startswith("0000-00-00"))):
        row.raw[key] = ""
    return row.moment(key)


def until(row: Payload, key: str) -> Any:
    """Return when a period ends; a day alone belongs to it (unverified)."""
    raw = row.raw.get(key)
    end = when(row, key)
    whole_day = type(raw) is str and len(raw.strip()) <= 10
    return end + timedelta(days=1) if whole_day and isinstance(end, datetime) else end


def flag(row: Payload, key: str) -> Any:
    """Return a yes or no; another word is counted and tells nothing."""
    if isinstance(row.raw.get(key), bool):
        return row.take(key)
    raw = row.id(key)
    if not isinstance(raw, str):
        return raw
    told = _YES.get(raw.upper())
    if told is None:
        row.tally.unknown[f"{key}={raw[:40]}"] += 1
        return UNSET
    return told


def level(row: Payload, key: str) -> tuple[Any, Any]:
    """Return quantity and managed of a stock text: a number, or unlimited in any spelling; "" and null tell nothing."""
    raw = row.raw.get(key, UNSET)
    if isinstance(raw, str) and raw.strip().lower() == "unlimited":
        row.drop(key)
        return None, False
    number = row.whole(key)
    return (number, True) if isinstance(number, int) else (UNSET, UNSET)


def positive(amount: Any) -> Any:
    """Return an amount, None for zero."""
    return None if amount is not UNSET and amount is not None and not amount else amount


def storefront(origin: Origin) -> str:
    """Return the mall's own address without a slash at its end, "" when neither spider nor request knew it."""
    told = origin.context.get("storefront")
    if isinstance(told, str) and told:
        return told.rstrip("/")
    if origin.url and "/api/v1/" not in origin.url and "://" in origin.url:
        with contextlib.suppress(ValueError):
            parts = urlsplit(origin.url)
            return f"{parts.scheme}://{parts.netloc}"
    return ""


def absolute(address: Any, origin: Origin) -> str | None:
    """Return a picture's address with its host and without the upload time behind it; None when the host is unknown."""
    text = address.strip() if isinstance(address, str) else ""
    if not text or text.startswith(("data:", "javascript:")):
        return None
    text = text.partition("?")[0].partition("#")[0]
    if text.startswith("//"):
        text = f"https:{text}"
    elif "://" not in text:
        base = storefront(origin)
        if not base:
            return None
        text = f"{base}/{text.lstrip('/')}"
    return values.clean(_SLASHES.sub("/", text))


def texts(told: Any) -> list[str]:
    """Return the texts of a list, of an object of them, or a lone one, without empty ones."""
    found = told.values() if isinstance(told, dict) else told if isinstance(told, list) else [told]
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def thread(number: Any) -> Any:
    """Return the number of a post within its thread, five digits; one that came as a number has lost its zeros."""
    return number.zfill(5) if isinstance(number, str) else number


def region(address: Any) -> Any:
    """Return 시/도 and 시군구 of an address; Sejong has no second level, its addresses go on with the street."""
    if not isinstance(address, str):
        return address
    told = address.split()[:2]
    return " ".join(told if len(told) > 1 and told[1][-1] in "시군구" else told[:1]) or None


def chosen(text: Any) -> Any:
    """Return bought options out of a text; the whole of it under "" when it is not as clear as the example.

    >>> chosen("색상 : 차콜 / 사이즈 : M")
    {'색상': '차콜', '사이즈': 'M'}
    """
    if not isinstance(text, str):
        return {} if text is None else text
    parts = [part.split(" : ") for part in text.split(" / ")]
    if all(len(part) == 2 and part[0].strip() and part[1].strip() for part in parts):
        found = {name.strip(): value.strip() for name, value in parts}
        if len(found) == len(parts):
            return found
    return {"": text}
