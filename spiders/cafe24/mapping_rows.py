"""What all Cafe24 mappings share: rows out of an envelope, and the shop, currency and host that a row belongs to."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin

import msgspec
from msgspec import UNSET

from shopscrape import values
from shopscrape.payload import Origin, Payload

DEFAULT_SHOP = "1"
"""`shop_no` of a request that names none (official)."""

TEXTS = frozenset(("payment_method", "refund_payment_methods", "product_tag", "order_item_code"))
"""Lists of texts: here [] says that there are none."""

Rows = Callable[[Any, Origin], Iterable[Any]]

_API_HOST = re.compile(r"//([a-z0-9][a-z0-9-]{2,49})\.cafe24api\.com\b")
_SHOP_HOST = re.compile(r"//([a-z0-9][a-z0-9-]{2,49})\.cafe24\.com\b")
_SHOP_PATH = re.compile(r"/shop(\d{1,4})(?:/|$)")


def joined(base: str, address: str) -> str:
    """Return an address as it stands below another; what is none stays as told."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def listed(key: str) -> Rows:
    """Return a reader of a list answer. An empty list comes as [], null, "" or {}; a lone object is a list of one."""

    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        return objects(document[key])

    return rows


def single(key: str, *others: str) -> Rows:
    """Return a reader of an answer with one object, by the first of these keys that is there."""

    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        return objects(document[next((name for name in (key, *others) if name in document), key)])

    return rows


def objects(found: Any) -> list[Any]:
    """Return what stands where a list of objects should, tidy. Raises: TypeError for no list in any disguise."""
    try:
        if isinstance(found, list):
            return [tidy(one) for one in found]
        if isinstance(found, dict) and found:
            return [tidy(found)]
    except RecursionError:
        raise TypeError from None
    if found is None or found == "" or found == {}:
        return []
    raise TypeError


def tidy(told: Any) -> Any:
    """Return an object, in place, in which null stands for every absent value.

    Cafe24 writes absent values as null, "" or [] without a rule, numbers and dates too (official examples).
    """
    if type(told) is not dict:
        return told
    # Most values are no containers: finding those first costs half as much as looking at each in turn.
    for key, value in [pair for pair in told.items() if type(pair[1]) is list or type(pair[1]) is dict]:
        if key in TEXTS:
            texts = value.values() if type(value) is dict else value
            told[key] = [one for one in texts if one or one == 0]
        elif not value:
            told[key] = None
        elif type(value) is dict:
            tidy(value)
        else:
            told[key] = [tidy(one) for one in value if one not in ("", [], {})]
    return told


def at_shop(row: Payload, origin: Origin) -> Origin:
    """Return the origin with its shop: the one that was asked for, else the row's own, else the default shop."""
    own = row.id("shop_no")
    return origin if origin.shop else msgspec.structs.replace(origin, shop=own or DEFAULT_SHOP)


def currency(origin: Origin) -> Any:
    """Return the currency of a shop's prices.

    Only /shops tells it (context "currency"). Without it the default shop has the mall's; of another nothing is known.
    """
    told = origin.context.get("currency")
    return told or (origin.currency if origin.shop == DEFAULT_SHOP and origin.currency else UNSET)


def asked_for(origin: Origin, resource: str) -> str:
    """Return the id that the request's address has after a resource's name: "/products/24/variants" tells "24"."""
    found = re.search(rf"/{resource}/([\w-]+)", values.address(origin.url).path) if origin.url else None
    return found[1] if found else ""


def mall_id(origin: Origin, *texts: Any) -> str:
    """Return the mall's own id: as the crawl knows it, from the request's address, or from addresses in the answer."""
    told = origin.context.get("mall_id")
    if told:
        return str(told)
    for text in (origin.url, *texts):
        found = isinstance(text, str) and (_API_HOST.search(text) or _SHOP_HOST.search(text))
        if found:
            return found[1]
    return ""


def shop_in_address(address: str) -> str:
    """Return the shop number of a page's address (/shop2/…), or "" where it names none."""
    found = _SHOP_PATH.match(values.address(address).path)
    return found[1] if found else ""


def absolute(address: str, origin: Origin, mall: str = "") -> str:
    """Return a picture's address with its host; "//host/…" is https. Without any known host it stays as told."""
    address = address.strip()
    if address.startswith("//"):
        return f"https:{address}"
    host = origin.context.get("storefront") or ""
    if not host and origin.url and origin.source == "web":
        return joined(origin.url, address)
    if not host and (mall := mall_id(origin) or mall):
        host = f"{mall}.cafe24.com"
    return joined(f"https://{host}/", address) if host else address
