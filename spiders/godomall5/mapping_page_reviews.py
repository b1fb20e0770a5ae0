"""Godomall5 storefront pages: rows of review fragments become reviews.

Post numbers are the API's own, so that web rows join API rows; numbers of Plus Review are a series of their own.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from msgspec import UNSET
from parsel import Selector

from shopscrape import values
from shopscrape.errors import RowFailed
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload
from spiders.godomall5 import pages
from spiders.godomall5.mapping_pages import count, of_page
from spiders.godomall5.mapping_reviews import BOARD, NO_REVIEWS, VIDEOS
from spiders.godomall5.mapping_rows import absolute, first

SOON = timedelta(minutes=10)
"""Clocks of mall and crawler may differ by this much."""
PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", *VIDEOS)

_WIDTH = re.compile(r"width\s*:\s*(\d{1,3}(?:\.\d+)?)\s*%")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAY = re.compile(r"(\d{4})[.-](\d{1,2})[.-](\d{1,2})\.?(?:\s+(\d{1,2}:\d{2}(?::\d{2})?))?")


def board_rows(page: Selector, origin: Origin) -> list[pages.Row]:
    """Return the posts of a fragment of a product's reviews."""
    return pages.board_rows(page)


def listed_post(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one row of the review board of a product; its text stands in a fragment of its own."""
    origin = of_page(origin)
    board = row.id("bdId") or origin.board or BOARD
    sno = row.need("sno")
    hidden, readable = row.flag("secret"), row.flag("readable")
    secret = hidden is True or readable is not True
    title, stars = row.line("title"), row.take("stars")
    at, on = _moment(row.take("date"), origin)
    writer, goods = row.line("writer"), row.id("goodsNo")
    if board in NO_REVIEWS:
        return
    told: dict[str, Any] = {"text": None, "media": None, "replies": None} if secret else {}
    yield Review(
        **origin.common(), review_id=f"{board}:{sno}", product_id=origin.product_id or goods or UNSET, **told,
        **_width(stars), title=None if secret else title, author_label=None if secret else writer, written_at=at,
        written_on=on, flags=["secret"] if secret else [], synthetic=False,
    )  # fmt: skip


def _width(style: Any) -> dict[str, Any]:
    """Return a rating out of the width of its stars: 20 % each; custom skins show halves."""
    found = _WIDTH.search(style) if isinstance(style, str) else None
    if not found:
        return {"rating": None, "rating_scale": 5}
    rating = Decimal(found[1]) / 20
    return {"rating": rating if 1 <= rating <= 5 else None, "rating_raw": f"{found[1]}%", "rating_scale": 5}


def _moment(printed: Any, origin: Origin) -> tuple[Any, Any]:
    """Return time and day. Posts of today show only their hour and minute, older ones only their day.

    Raises: RowFailed for what is neither.
    """
    text = printed.strip() if isinstance(printed, str) else ""
    clock, day = _CLOCK.fullmatch(text), _DAY.fullmatch(text)
    try:
        if day:
            on = datetime(int(day[1]), int(day[2]), int(day[3])).date()
            return (values.moment(f"{on} {day[4]}", origin.zone), on) if day[4] else (UNSET, on)
        if clock:
            now = origin.collected_at.astimezone(origin.zone)
            at = datetime.combine(now.date(), time(int(clock[1]), int(clock[2]), int(clock[3] or 0)), origin.zone)
            # A page made just before midnight may be read after it.
            at = at - timedelta(days=1) if at > now + SOON else at
            return at.astimezone(UTC), at.date()
    except ValueError:
        raise RowFailed("date: neither a day nor a time") from None
    if text:
        raise RowFailed("date: neither a day nor a time")
    return UNSET, UNSET


def opened_rows(page: Selector, origin: Origin) -> list[pages.Row]:
    """Return the post of an opened fragment."""
    return pages.opened_review(page)


def opened_post(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read an opened post; its number stands in the request's address, else in the links of its attachments.

    Answers to it are posts of their own, which the crawl opened before; `context` has their texts.
    """
    asked = pages.query_of(origin.url)
    origin = of_page(origin)
    sno = first(asked.get("sno"), row.id("sno"))
    board = first(asked.get("bdId"), row.id("bdId")) or origin.board or BOARD
    if not isinstance(sno, str) or not sno:
        raise RowFailed("sno: missing, and the request did not tell it")
    pictures = list(row.texts("pictures") or ())
    attached = [one.take("url") for one in row.each("attached") if str(one.take("name")).lower().endswith(PICTURES)]
    yield Review(
        **origin.common(), review_id=f"{board}:{sno}", product_id=origin.product_id or asked.get("goodsNo") or UNSET,
        text=row.plain("content"), media=_media(pictures or attached, origin),
        replies=[Reply(text=one, by="seller") for one in origin.context.get("answers", ())]
        + [reply for one in row.each("comments") if (reply := _comment(one, origin))], synthetic=False,
    )  # fmt: skip


def _media(addresses: list[Any], origin: Origin) -> Any:
    """Return pictures and films, [] when none is shown; UNSET when all stand on a host that is not known."""
    full = [absolute(one.removeprefix(".."), origin) for one in addresses if isinstance(one, str)]
    found = [
        Media(kind="video" if one.partition("?")[0].lower().endswith(VIDEOS) else "image", url=one)
        for one in dict.fromkeys(full) if one
    ]  # fmt: skip
    return found if found or not addresses else UNSET


def _comment(one: Payload, origin: Origin) -> Reply | None:
    """Read a comment; a masked name is a buyer's, the mall signs in clear (unverified)."""
    said, writer = one.plain("text"), one.line("writer")
    at, _ = _moment(one.take("date"), origin)
    if not isinstance(said, str):
        return None
    by = "buyer" if isinstance(writer, str) and "*" in writer else "seller"
    return Reply(text=said, written_at=at if isinstance(at, datetime) else None, by=by)  # type: ignore[arg-type]


def plus_rows(page: Selector, origin: Origin) -> list[pages.Row]:
    """Return the rows of a fragment of Plus Review."""
    return pages.plus_rows(page)


def plus_review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one Plus Review; its numbers are a series of their own."""
    origin = of_page(origin)
    stars = row.take("stars")
    shown = stars.count("★") if isinstance(stars, str) else 0
    at, on = _moment(row.take("date"), origin)
    goods, told = row.id("goodsNo"), row.take("options")
    yield Review(
        **origin.common(), review_id=f"plus:{row.need('sno')}", product_id=origin.product_id or goods or UNSET,
        rating=Decimal(shown) if 1 <= shown <= 5 else None, rating_raw=stars if shown else None, rating_scale=5,
        text=row.plain("content"), author_label=row.line("writer"), written_at=at, written_on=on,
        options={name: value for name, value in told.items() if name and value} if isinstance(told, dict) else UNSET,
        media=_media(list(row.texts("pictures") or ()), origin), helpful_count=count(row.take("recommended")),
        synthetic=False,
    )  # fmt: skip
