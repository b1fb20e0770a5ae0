"""What all Godomall5 mappings share: rows out of the envelope, and its habits with texts, flags and times."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from msgspec import UNSET

from shopscrape.errors import PageFailed
from shopscrape.payload import Origin, Payload
from shopscrape.xml import Document, as_dict

AXES = "^|^"
"""Joins the names of axes, and other lists of texts."""

MARKUP = (
    "goodsNm", "shortDescription", "goodsDescription", "goodsDescriptionMobile", "subject", "content", "contents",
    "answerContents",
)  # fmt: skip
"""Texts that may hold HTML."""

_SLASHED = re.compile(r"\\([\"'\\])")
_NEVER = re.compile(r"\s*(?:-0001|0000|-)")


def rows_of(tag: str) -> Callable[[Any, Origin], Iterable[Any]]:
    """Return a reader of an answer of the openhub: the elements of that name directly below `return`.

    An empty element is no row. Raises: PageFailed where `return` holds rows, but none of that name.
    """

    def rows(document: Document, origin: Origin) -> Iterator[dict[str, Any]]:
        if document.name != "data":
            raise PageFailed("the answer has another root than data")
        found = False
        for row in map(_row, document.elements(f"return/{tag}")):
            found = True
            if row != "":
                yield row
        if not found and any(map(_holds_rows, document.each("return"))):
            raise PageFailed(f"the answer holds other rows than {tag}")

    return rows


def _row(element: Any) -> Any:
    """Return an element as a row; HTML that was put into a text without being escaped is that text."""
    row = unwrapped(as_dict(element))
    for name in MARKUP if type(row) is dict else ():
        if type(row.get(name)) is dict:
            row[name] = "".join(etree.tostring(part, encoding="unicode") for part in element.find(f"{{*}}{name}"))
    return row


def _holds_rows(element: dict[str, Any]) -> bool:
    parts = [part for value in element.values() for part in (value if type(value) is list else [value])]
    return any(type(part) is dict for part in parts)


def unwrapped(value: Any) -> Any:
    """Return a row without attributes: a text that has some is the mere text."""
    if type(value) is dict:
        if "#text" in value:
            return value["#text"]
        return {name: unwrapped(part) for name, part in value.items() if not name.startswith("@")}
    return [unwrapped(part) for part in value] if type(value) is list else value


def header(document: Document) -> dict[str, Any]:
    """Return the envelope's header: code, msg, and total, max_page, now_page or lastOrder where the call has them."""
    told = unwrapped(document.one("header"))
    return told if isinstance(told, dict) else {}


def parts(row: Payload, key: str) -> list[Payload]:
    """Return the objects of a list inside; empty elements among them are none."""
    value = row.raw.get(key)
    if type(value) is list:
        row.raw[key] = [part for part in value if part not in ("", None, [], {})]
    elif type(value) is str and not value.strip():
        row.raw[key] = ""
    return row.each(key)


def unslashed(text: str) -> str:
    """Return text without the backslashes that PHP left before quotes and backslashes, one level of them.

    >>> unslashed(r'<img src=\\"a\\"> C:\\dir')
    '<img src="a"> C:\\\\dir'
    """
    return _SLASHED.sub(r"\1", text) if "\\" in text else text


def _slash(row: Payload, key: str) -> None:
    value = row.raw.get(key)
    if type(value) is str:
        row.raw[key] = unslashed(value)


def name(row: Payload, key: str) -> Any:
    """Return one line of text that a person typed; see Payload.line."""
    _slash(row, key)
    return row.line(key)


def text(row: Payload, key: str) -> Any:
    """Return text of several lines that a person typed; see Payload.plain."""
    _slash(row, key)
    return row.plain(key)


def markup(row: Payload, key: str) -> Any:
    """Return HTML as the merchant meant it."""
    _slash(row, key)
    return row.html(key)


def yes(row: Payload, key: str, *others: str) -> Any:
    """Return whether a flag is y; None when it is empty, one of `others`, or a letter that is not known (counted)."""
    raw = row.id(key)
    if not isinstance(raw, str):
        return raw
    word = raw.lower()
    if word in ("y", "n"):
        return word == "y"
    if word not in others:
        row.tally.unknown[f"{key}={raw[:40]}"] += 1
    return None


def when(row: Payload, key: str) -> Any:
    """Return a time; the platform's spellings of "never" are an empty text and zero or negative years."""
    value = row.raw.get(key)
    if type(value) is str and _NEVER.match(value):
        row.raw[key] = None
    return row.moment(key)


def until(row: Payload, key: str) -> Any:
    """Return when a period ends; a day alone belongs to it (unverified)."""
    raw = row.raw.get(key)
    end = when(row, key)
    whole_day = type(raw) is str and len(raw.strip()) <= 10
    return end + timedelta(days=1) if whole_day and isinstance(end, datetime) else end


def number(row: Payload, key: str) -> Any:
    """Return an id; 0 stands for none."""
    value = row.id(key)
    return None if value == "0" else value


def amount(value: Any) -> Decimal:
    """Return an amount, 0 for one that is not told."""
    return value if isinstance(value, Decimal) else Decimal()


def total_of(row: Payload, names: Iterable[str]) -> Any:
    """Return the sum of amounts, None when all that are told are empty, UNSET when none is told."""
    values = [row.money(key) for key in names]
    told = [value for value in values if isinstance(value, Decimal)]
    return sum(told, Decimal()) if told else first(*values)


def storefront(origin: Origin) -> str:
    """Return the mall's address without a slash at its end, "" when it is not known."""
    address = str(origin.context.get("storefront") or "").rstrip("/")
    return address if not address or "//" in address else f"https://{address}"


def absolute(address: str, origin: Origin) -> str | None:
    """Return the full address of a picture, None for one that stands on a host that is not known."""
    address = address.strip()
    if address.startswith("//"):
        return f"https:{address}"
    if address.lower().startswith(("http://", "https://")):
        return address
    host = storefront(origin)
    if not host or not address or address.lower().startswith(("data:", "javascript:")):
        return None
    return urljoin(f"{host}/", address)


def first(*values: Any) -> Any:
    """Return the first value that is told and not empty; else None when one was told, else UNSET."""
    told = [value for value in values if value is not UNSET]
    return next((value for value in told if value is not None), None if told else UNSET)


def latest(*moments: Any) -> Any:
    """Return the latest of the times that are told; else None when one was told as never, else UNSET."""
    told = [moment for moment in moments if isinstance(moment, datetime)]
    return max(told) if told else first(*moments)
