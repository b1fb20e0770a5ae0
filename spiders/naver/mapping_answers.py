"""Naver SmartStore: what answers of the Commerce API tell the crawl besides records."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from shopscrape import values
from shopscrape.errors import PageFailed
from shopscrape.payload import Answer
from spiders.naver.judging import text
from spiders.naver.mapping_products import search_rows


def document(answer: Answer) -> Any:
    """Return an answer's JSON. Raises: PageFailed."""
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the body is not readable JSON") from None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A channel product of the list, as far as its detail's question goes."""

    number: str
    origin_id: str
    service: str
    shared: bool
    """Whether the origin product is sold in several channels, out of one stock."""
    changed_at: datetime | None


class Found(msgspec.Struct, kw_only=True):
    """What a page of products/search tells besides its products."""

    entries: list[str]
    """Origin product numbers, which the totals are taken to count."""
    products: list[Listed]
    last: bool
    total: int | None


def search(told: Any, page: int) -> Found:
    """Return where a page of products/search stands. Raises: PageFailed."""
    if not isinstance(told, dict) or "contents" not in told:
        raise PageFailed("the answer has no list contents")
    contents = told["contents"] or []
    contents = [contents] if isinstance(contents, dict) else contents
    if not isinstance(contents, list):
        raise PageFailed("the answer has no list contents")
    pages = _number(told.get("totalPages"))
    last = told.get("last") is True or not contents or (pages is not None and page >= pages)
    return Found(
        entries=[text(one.get("originProductNo")) for one in contents if isinstance(one, dict)],
        products=list(_listed(told)), last=last, total=_number(told.get("totalElements")),
    )  # fmt: skip


def _listed(told: dict[str, Any]) -> Iterator[Listed]:
    try:
        rows = [row for row in search_rows(told) if isinstance(row, dict)]
    except (TypeError, AttributeError):
        raise PageFailed("the answer's products are not shaped as they should be") from None
    for row in rows:
        if number := text(row.get("channelProductNo")):
            yield Listed(
                number=number, origin_id=text(row.get("originProductNo")), service=text(row.get("channelServiceType")),
                shared=row["shared"], changed_at=_at(row.get("modifiedDate")),
            )  # fmt: skip


def channels(told: Any) -> dict[str, str]:
    """Return the public address of each kind of channel. Shape: a list of channels, or one object (both were seen)."""
    found: dict[str, list[str]] = {}
    for one in [told] if isinstance(told, dict) else told if isinstance(told, list) else []:
        if isinstance(one, dict) and isinstance(one.get("url"), str) and one["url"].startswith("http"):
            found.setdefault(str(one.get("channelType")), []).append(one["url"].rstrip("/"))
    # A product does not tell its channel's number, so two channels of a kind leave the address open.
    return {kind: urls[0] for kind, urls in found.items() if len(set(urls)) == 1}


class Changes(msgspec.Struct, kw_only=True):
    """A page of the feed of changed product orders."""

    lines: list[tuple[str, str, datetime | None]]
    """Order, product order, time of payment."""
    more: tuple[datetime, str] | None
    """Where the next page begins, and its sequence."""
    nameless: int = 0
    """Rows without the number of a product order: nothing can be asked about them."""


def changes(told: Any) -> Changes:
    """Return a page of the feed. Raises: PageFailed.

    An answer without `data` and without a code is the documented way of saying that nothing changed.
    """
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    inside = told.get("data")
    if not inside:
        if "timestamp" not in told or told.get("code"):
            raise PageFailed("an answer without data that is not the empty feed")
        return Changes(lines=[], more=None)
    if not isinstance(inside, dict):
        raise PageFailed("data is no object")
    rows = inside.get("lastChangeStatuses") or []
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list) or (not rows and _number(inside.get("count"))):
        raise PageFailed("the feed's rows are missing")
    named = [row for row in rows if isinstance(row, dict) and text(row.get("productOrderId"))]
    lines = [(text(row.get("orderId")), text(row["productOrderId"]), _at(row.get("paymentDate"))) for row in named]
    nameless = len(rows) - len(named)
    more = inside.get("more") or None
    if more is None:
        return Changes(lines=lines, more=None, nameless=nameless)
    at, sequence = (_at(more.get("moreFrom")), text(more.get("moreSequence"))) if isinstance(more, dict) else (None, "")
    if at is None or not sequence:
        raise PageFailed("the feed goes on but does not tell where")
    return Changes(lines=lines, more=(at, sequence), nameless=nameless)


class Told(msgspec.Struct, kw_only=True):
    """What an answer holds of one order."""

    ids: list[str]
    ordered_at: datetime | None


def orders_told(told: Any) -> dict[str, Told]:
    """Return what an answer holds, by order. Rows that name no product order are left out."""
    inside = told.get("data") if isinstance(told, dict) else None
    rows = inside.get("contents") if isinstance(inside, dict) and "contents" in inside else inside
    found: dict[str, Told] = {}
    for row in rows if isinstance(rows, list) else [rows] if isinstance(rows, dict) else []:
        content = row.get("content", row) if isinstance(row, dict) else None
        head, line = (content.get("order"), content.get("productOrder")) if isinstance(content, dict) else (None, None)
        if isinstance(head, dict) and isinstance(line, dict) and (number := text(line.get("productOrderId"))):
            order = found.setdefault(text(head.get("orderId")), Told(ids=[], ordered_at=_at(head.get("orderDate"))))
            order.ids.append(number)
    return found


def has_next(told: Any) -> bool:
    """Return whether the list by condition goes on."""
    inside = told.get("data") if isinstance(told, dict) else None
    if not isinstance(inside, dict) or not inside.get("contents"):
        return False
    pagination = inside.get("pagination")
    return isinstance(pagination, dict) and pagination.get("hasNext") in (True, "true")


def line_ids(told: Any) -> list[str]:
    """Return the product orders of an order. Raises: PageFailed."""
    ids = told.get("data") if isinstance(told, dict) else None
    ids = [ids] if isinstance(ids, str | int) else ids
    if not isinstance(ids, list) or not all(text(one) for one in ids):
        raise PageFailed("the answer has no list of product orders")
    return list(dict.fromkeys(text(one) for one in ids))


def _number(value: Any) -> int | None:
    try:
        return values.integer(value) if not isinstance(value, bool) else None
    except ValueError:
        return None


def _at(value: Any) -> datetime | None:
    try:
        return values.moment(value)
    except ValueError:
        return None
