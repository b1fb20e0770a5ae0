"""The shapes in which the mall engine prints the same thing: PHP's empty lists, zeros for dates, numbers as texts."""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import PageFailed, RowFailed
from shopscrape.payload import Origin, Payload
from shopscrape.xml import decode

HIGHEST = 1_000_000
"""Product numbers are sought up to this one."""
NEAR = 50_000
"""Numbers up to this one are tried one by one; for others all are put in order once: measured 1.4 s and 8 MB."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hash_of(number: str | int) -> str:
    """Return the name that pages and feeds use for a product: the upper-case MD5 of its decimal number.

    >>> hash_of(596)
    'B2EEB7362EF83DEFF5C7813A67E14F0A'
    """
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest().upper()


@lru_cache(maxsize=1 << 16)
def number_of(name: str) -> str | None:
    """Return the number of a product from its name on pages; None when no number up to HIGHEST has it.

    >>> number_of("B2EEB7362EF83DEFF5C7813A67E14F0A")
    '596'
    """
    try:
        wanted = bytes.fromhex(name)
    except ValueError:
        return None
    if len(wanted) != 16:
        return None
    if not _all_names.cache_info().currsize:
        near = next((n for n in range(1, NEAR) if _digest(n) == wanted), None)
        if near:
            return str(near)
    names, start = _all_names(), int.from_bytes(wanted[:5]) << 24
    for at in range(bisect_left(names, start), len(names)):
        if names[at] >> 24 != start >> 24:
            break
        if _digest(names[at] & 0xFFFFFF) == wanted:
            return str(names[at] & 0xFFFFFF)
    return None


def _digest(number: int) -> bytes:
    return hashlib.md5(b"%d" % number, usedforsecurity=False).digest()


@lru_cache(maxsize=1)
def _all_names() -> "array[int]":
    """Return the first 40 bits of each number's MD5 with the number in the last 24, in order.

    Without it a feed of names that no number has would take half a second a row.
    """
    return array("Q", sorted(int.from_bytes(_digest(n)[:5]) << 24 | n for n in range(1, HIGHEST)))


def numbered(name: str, row: Payload) -> str:
    """Return a product's number from its name on pages. A name that no number up to HIGHEST has stays, and is counted:
    such rows do not join those that an API tells.
    """
    found = number_of(name)
    if found is None and len(name) == 32:
        row.tally.unknown[f"product_number=none below {HIGHEST:,}"] += 1
    return found or name


def listed(value: Any) -> list[Any]:
    """Return a list however PHP printed it: absent, null, "", {} and [] are empty, a numbered map is its values.

    Raises: TypeError for what is none of these.

    >>> listed({"0": 7, "2": 8}), listed({"no": "5"}), listed("")
    ([7, 8], [{'no': '5'}], [])
    """
    if value is UNSET or value is None or value == "" or value is False or value == {}:
        return []
    if isinstance(value, dict):
        return list(value.values()) if all(str(key).isdigit() for key in value) else [value]
    if not isinstance(value, list):
        raise TypeError("not a list")
    return [one for one in value if one is not None and one != "" and one != [] and one != {}]


def json_of(body: bytes) -> Any:
    """Return parsed JSON; of a mall that serves EUC-KR too. Raises: PageFailed for what is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        pass
    try:
        body.decode()
    except UnicodeDecodeError:
        with suppress(msgspec.DecodeError, RecursionError, ValueError):
            return msgspec.json.decode(decode(body).text)
    raise PageFailed("the body is not readable JSON")


def without_false(value: Any) -> Any:
    """Return a value in which PHP's false, printed for "nothing", is null.

    >>> without_false({"cash_receipt": False, "lines": [{"dlv_no": False, "n": 0}]})
    {'cash_receipt': None, 'lines': [{'dlv_no': None, 'n': 0}]}
    """
    if type(value) is dict:
        return {key: without_false(one) for key, one in value.items()}
    if type(value) is list:
        return [without_false(one) for one in value]
    return None if value is False else value


def parts(row: Payload, key: str) -> list[Payload]:
    """Return the objects of a list inside a row, in whatever shape it is printed. Raises: RowFailed."""
    if row.has(key):
        try:
            row.raw[key] = listed(row.raw[key])
        except TypeError:
            raise RowFailed(f"{key}: not a list") from None
    return row.each(key)


def code_in(row: Payload, key: str) -> Any:
    """Return a code that a person typed: a tab or a wide blank inside it costs no row."""
    raw = row.raw.get(key)
    if isinstance(raw, str) and not raw.isprintable():
        row.raw[key] = " ".join(values.clean(raw).replace("\u200b", "").replace("\ufeff", "").split())
    return row.id(key)


def addresses(row: Payload, key: str, name: str) -> list[Any]:
    """Return the addresses of a list of objects that hold one under `name`, or of bare texts."""
    raw = row.raw.get(key)
    if isinstance(raw, str) and raw.strip():
        raw = [raw]
    if isinstance(raw, list):
        row.raw[key] = [{name: one} if isinstance(one, str) and one else one for one in raw]
    return [one.take(name) for one in parts(row, key)]


def when(row: Payload, key: str) -> Any:
    """Return a time in UTC; 0, "0", "" and the first hour of 1970 mean that there is none. Seconds since 1970 are read.

    The time is the server's, without a zone: the mall's own is taken (unverified: Asia/Seoul).
    """
    raw = row.raw.get(key, UNSET)
    digits = str(raw).strip() if type(raw) is int or type(raw) is str else ""
    if len(digits) in (8, 14) and digits.isdigit() and digits[:2] in ("19", "20"):
        # A day, or a time without its marks.
        row.raw[key] = digits
    elif type(raw) is int or (digits.isdigit() and len(digits) < 11):
        row.drop(key)
        seconds = int(raw)
        return datetime.fromtimestamp(seconds, UTC) if 10**8 < seconds < 10**10 else None
    if raw is False or (type(raw) is str and not raw.strip("0 ")):
        row.drop(key)
        return None
    at = row.moment(key)
    return None if isinstance(at, datetime) and (at - _EPOCH).total_seconds() < 86400 else at


def none_if_zero(value: Any) -> Any:
    """Return None for the zeros that stand for "none": "0", "" and an amount of nothing."""
    if isinstance(value, Decimal):
        return value or None
    return None if value in ("0", "") else value


def amount(value: Any) -> Decimal:
    """Return an amount, 0 where none is told."""
    return value if isinstance(value, Decimal) else Decimal()


def total(amounts: Iterable[Any]) -> Any:
    """Return the sum of amounts; UNSET when one of them is not told."""
    told = list(amounts)
    return sum(told, Decimal()) if all(isinstance(one, Decimal) for one in told) else UNSET


def split(text: Any, marks: str = ",") -> list[str]:
    """Return the parts of a list printed in one text, without blanks and repeats.

    >>> split("린넨, 셔츠,,린넨")
    ['린넨', '셔츠']
    """
    if type(text) is int:
        text = str(text)
    if not isinstance(text, str):
        return []
    for mark in marks[1:]:
        text = text.replace(mark, marks[0])
    return list(dict.fromkeys(filter(None, (values.line(part) for part in text.split(marks[0])))))


def region(address: Any) -> Any:
    """Return 시/도 and 시군구 of an address."""
    return " ".join(address.split()[:2]) if isinstance(address, str) else address


def masked(name: Any) -> Any:
    """Return a writer's name as the mall's pages show it: its first letter and asterisks.

    >>> masked("홍길동"), masked("김**")
    ('홍**', '김**')
    """
    if not isinstance(name, str):
        return name
    return name if "*" in name else name[:1] + "**"


def absolute(address: str, origin: Origin) -> str:
    """Return an address with its host, where the host is known: "//host/…" is https, "/…" is the mall's."""
    base = origin.context.get("storefront") or ""
    if not base and origin.url and urlsplit(origin.url).scheme in ("http", "https"):
        parts_ = urlsplit(origin.url)
        base = f"{parts_.scheme}://{parts_.netloc}/"
    try:
        return urljoin(base or "https:", address.strip()) if base or address.startswith("//") else address.strip()
    except ValueError:
        return address.strip()


def pictures(addresses: Iterable[Any], origin: Origin) -> list[str]:
    """Return absolute addresses of pictures once each; what is no address (data:, "", a folder) is left out."""
    found = []
    for address in addresses:
        if isinstance(address, str) and (text := address.partition("#")[0].strip()):
            full = absolute(text, origin)
            if not text.startswith(("data:", "javascript:", "about:")) and not full.endswith("/"):
                found.append(full)
    return list(dict.fromkeys(found))
