"""How GMO MakeShop's answers are shaped."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET

from shopscrape.payload import Origin, Payload

_YES = {"Y": True, "YES": True, "1": True, "TRUE": True, "N": False, "NO": False, "0": False, "FALSE": False}


def listed(operation: str, key: str) -> Callable[[Any, Origin], Iterable[Any]]:
    """Return a function that takes the rows of an operation out of an answer; a mall may name another key for them."""

    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        answer = document["data"][operation]
        name = (origin.context.get("fields") or {}).get("rows", key)
        found = answer[name] if name in answer or answer.get("searchedCount") not in (0, "0") else []
        if found is None or found == "" or found == {}:
            return []
        if isinstance(found, dict):
            found = list(found.values()) if all(isinstance(one, dict) for one in found.values()) else [found]
        if not isinstance(found, list):
            raise TypeError("not a list")
        return [tidy(row) for row in found if row not in (None, "", [], {})]

    return rows


def tidy(value: Any) -> Any:
    """Return a row whose lists hold no empty elements; an object of rows that are numbered is a list.

    >>> tidy({"a": [None, {"b": []}], "c": {"0": {"d": 1}, "1": {}}})
    {'a': [{'b': []}], 'c': [{'d': 1}]}
    """
    if type(value) is dict and value and all(name.isdecimal() for name in value):
        value = list(value.values())
    if type(value) is dict:
        return {name: tidy(one) for name, one in value.items()}
    if type(value) is list:
        return [tidy(one) for one in value if one not in (None, "", [], {})]
    return value


def flag(row: Payload, key: str) -> Any:
    """Return a yes or no; another word is counted and tells nothing."""
    raw = row.take(key)
    if raw is UNSET or raw is None or isinstance(raw, bool) or raw == "":
        return None if raw == "" else raw
    told = _YES.get(str(raw).strip().upper())
    if told is None:
        row.tally.unknown[f"{key}={str(raw)[:40]}"] += 1
        return UNSET
    return told


def when(row: Payload, key: str) -> Any:
    """Return a time in UTC. Shape: "2026-05-01 10:20:30" or 14 digits; a zero date and "--" are none."""
    value = row.raw.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        row.raw[key] = str(value) if value else ""
    elif isinstance(value, str) and (value.strip() == "--" or not value.strip("0-/: ")):
        row.raw[key] = ""
    return row.moment(key)


def product_number(row: Payload, key: str) -> str:
    """Return a product number, twelve digits; one that came as a number gets its zeros back. Raises: RowFailed."""
    raw = row.raw.get(key)
    number = row.need(key)
    return number.zfill(12) if isinstance(raw, int) else number


def level(row: Payload, key: str) -> tuple[Any, Any]:
    """Return quantity and managed: null is unlimited, "" and nothing do not tell."""
    raw = row.raw.get(key, UNSET)
    if raw is None:
        row.drop(key)
        return None, False
    number = row.whole(key)
    return (number, True) if isinstance(number, int) else (UNSET, UNSET)


def told(value: Any) -> Any:
    """Return a text, None where it is empty."""
    return value if isinstance(value, str) else None
