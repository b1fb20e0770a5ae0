"""WISA reviews as the Openapi tells them: payload to records."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import html
from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import RowFailed
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.wisa import codes
from spiders.wisa.shapes import listed, masked, none_if_zero, numbered, parts, pictures, when, without_false

IGNORED = ignoring("cate recommend_n")
COMMENTS_IGNORED = ignoring("status rows", "comments: no member_id name")
_VIDEO = re.compile(r"\.(?:mp4|mov|m4v|webm|avi)(?:$|\?)", re.IGNORECASE)


def review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one review; notices are none. The name printed is the writer's real one: only its masked form is kept."""
    state = row.id("stat")
    number = row.need("no")
    if type(row.raw.get("pts")) is float:
        row.raw["pts"] = str(row.raw["pts"])
    if state in (codes.NOTICE, "공지"):
        row.raw.clear()
        return
    flags = row.known(state, codes.REVIEWS, "review_status") if isinstance(state, str) else UNSET
    printed = str(row.raw.get("reg_date") or "").strip()
    day_only = len(printed) == 8 or (len(printed) == 10 and "-" in printed)
    written = when(row, "reg_date")
    content = row.raw.get("content")
    pictured_told = any(row.has(key) for key in ("photo1", "photo2", "images"))
    pictured = [row.take("photo1"), row.take("photo2"), *_inside(row.take("images")), *_shown(content)]
    shown = media(pictured, origin)
    author = person(member=row.line("member_id")) if row.has("member_id") else UNSET
    product_id, name = none_if_zero(row.id("pno")), row.id("system_code")
    if product_id is UNSET and isinstance(name, str):
        product_id = numbered(name.upper(), row)
    yield Review(
        **origin.common(), review_id=number, product_id=product_id, product_name=row.line("pname"),
        **rating(row, "pts"), title=row.line("title"),
        text=row.plain("content"),
        author=author, author_label=masked(row.line("name")),
        written_at=UNSET if day_only else written,
        written_on=written.astimezone(origin.zone).date() if isinstance(written, datetime) else written,
        media=shown if shown or pictured_told else UNSET, helpful_count=row.whole("recommend_y"),
        flags=list(flags) if isinstance(flags, list) else UNSET,
        replies=origin.context.get("replies", {}).get(number, UNSET), synthetic=False,
    )  # fmt: skip


def comment_rows(document: Any, origin: Origin) -> Iterable[Any]:
    """Return the answer as one row: the comments of the review that was asked for."""
    return [document]


def comments(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the comments below a review as a review that tells nothing else; its number stands in the request only."""
    number = review_asked(origin)
    if not number:
        raise RowFailed("no: the number of the review stands in the request, which did not tell it")
    yield Review(**origin.common(), review_id=number, replies=replies(row, origin))


def review_asked(origin: Origin) -> str:
    """Return the number of the review that a request was about, from what the spider knows or from its address."""
    told = origin.context.get("review_id") or ""
    if not told and origin.url:
        told = parse_qs(urlsplit(origin.url).query).get("no", [""])[0]
    return str(told)


def replies(row: Payload, origin: Origin) -> list[Reply]:
    """Return the comments of an answer, oldest first.

    One without a member is the shop's, as is one of a member whom the mall names among its operators (unverified).
    """
    operators = {str(name) for name in origin.context.get("operators", ())}
    found = []
    row.raw["comments"] = without_false(row.raw.get("comments"))
    for one in parts(row, "comments"):
        text, member, at = one.plain("comment"), none_if_zero(one.line("member_id")), when(one, "reg_date")
        if isinstance(text, str):
            seller = not isinstance(member, str) or member in operators
            at = at if isinstance(at, datetime) else None
            found.append(Reply(text=text, written_at=at, by="seller" if seller else "buyer"))
    early = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda reply: reply.written_at or early)


def rating(row: Payload, key: str) -> dict[str, Any]:
    """Return the fields of a rating. Shape: 1 to 5; 0 and nothing mean that none was given, all else is counted."""
    raw = row.id(key)
    if raw is UNSET:
        return {}
    try:
        number = values.decimal(raw)
    except ValueError:
        number = Decimal(-1)
    if number and not 1 <= number <= 5:
        row.tally.unknown[f"{key}={str(raw)[:40]}"] += 1
        number = None
    return {"rating": number or None, "rating_raw": raw, "rating_scale": 5}


def media(addresses: Iterable[Any], origin: Origin) -> list[Media]:
    """Return pictures and films once each."""
    return [Media(kind="video" if _VIDEO.search(one) else "image", url=one) for one in pictures(addresses, origin)]


def _inside(raw: Any) -> list[Any]:
    return listed(raw) if isinstance(raw, list | dict) else [raw] if isinstance(raw, str) else []


def _shown(content: Any) -> list[Any]:
    """Return the pictures inside a text."""
    if not isinstance(content, str) or "<img" not in content.lower():
        return []
    try:
        body = html.fromstring(values.clean(content))
    except (ValueError, html.etree.LxmlError):
        return []
    return [picture.get("src") or picture.get("data-src") for picture in body.iter("img")]


def stars(count: int) -> Decimal | None:
    """Return the rating of a row that prints one picture for each point; None for none: it is never guessed."""
    return Decimal(count) if 1 <= count <= 5 else None
