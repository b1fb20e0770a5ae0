"""Godomall5 reviews: posts of a review board, over the openhub (Board_List) and over the Server API.

Only part of a post's columns is documented. Product, rating, member and times of change are columns of the platform's
own table, which some malls return and others do not; a post is a review without them too.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

from msgspec import UNSET

from shopscrape import values
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.godomall5 import codes
from spiders.godomall5.mapping_rows import absolute, first, name, number, parts, text, unslashed, when, yes

BOARD = "goodsreview"
"""The board of product reviews that every mall begins with."""
NO_REVIEWS = frozenset(("goodsqa", "qa", "notice", "faq", "event"))
"""Boards whose posts are no reviews: questions, notices, events."""
VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".avi")

IGNORED = ignoring(
    # persons and what the operator sees
    "writerNick writerIp writerHp writerPw writerMobile writerEmail writerId memNo "
    "groupNo uploadFileNm saveFileNm bdUploadStorage bdUploadPath parentSno hit memoCnt category mileage mileageReason "
    "replyStatus isMobile answerSubject answerManagerNo eventStart eventEnd urlLink isMove managerNo bdId bdNm "
    "goodsNm writerNm isNotice isDelete groupThread contents content updDt",
    "replyData: sno subject writerNm writerId memNo isSecret",
    "memoData: sno writerNm writerId memNo groupNo groupThread isSecretReply isSecret",
)
SERVER_IGNORED = ignoring("articleNo boardId memberNo readCount displayYn attachments", "attachments: name size")

_PICTURE = re.compile(r"<img\b[^>]{0,2000}?\ssrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def post(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one post of a review board; answers, notices and deleted posts are no reviews."""
    board = row.id("bdId") or origin.board or BOARD
    sno = row.need("sno")
    thread = row.id("groupThread")
    if board in NO_REVIEWS or yes(row, "isNotice") is True or yes(row, "isDelete") is True or isinstance(thread, str):
        row.raw.clear()
        return
    secret = yes(row, "isSecret") is not False
    title, body = name(row, "subject"), _body(row)
    content = values.plain(body) if isinstance(body, str) else body
    media = _media(body, origin)
    author, label = _author(row), name(row, "writerNm")
    (written_at, written_on), changed_at = _written(row, "regDt", origin), first(when(row, "modDt"), when(row, "updDt"))
    yield Review(
        **origin.common(), review_id=f"{board}:{sno}", product_id=number(row, "goodsNo"),
        order_id=number(row, "orderNo"), **_rating(row, "goodsPt"),
        title=None if secret else title, text=None if secret else content,
        author=None if secret else author, author_label=None if secret else label, written_at=written_at,
        written_on=written_on, updated_at=changed_at,
        media=None if secret else media, helpful_count=row.whole("recommend"), flags=["secret"] if secret else [],
        replies=_replies(row, secret, label), channel=_channel(row), synthetic=False,
    )  # fmt: skip


def article(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one article of the Server API, which tells no secret flag and no answers (unverified)."""
    sno = row.need("sno")
    content = text(row, "content")
    written_at, written_on = _written(row, "registerDateTime", origin)
    yield Review(
        **origin.common(), review_id=f"{origin.board or BOARD}:{sno}", product_id=number(row, "goodsSno"),
        **_rating(row, "rating"), title=name(row, "subject"), text=content, author=None,
        author_label=name(row, "writerName"), written_at=written_at, written_on=written_on,
        media=_attached(row, origin), synthetic=False,
    )  # fmt: skip


def _body(row: Payload) -> Any:
    """Return the text, which clients met under two names."""
    told = first(row.take("contents"), row.take("content"))
    return unslashed(told) if type(told) is str else told


def _rating(row: Payload, key: str) -> dict[str, Any]:
    if not row.has(key):
        return {}
    raw = row.id(key) if type(row.raw[key]) is not float else str(row.take(key))
    told: dict[str, Any] = {"rating": None, "rating_raw": raw, "rating_scale": 5}
    if not isinstance(raw, str):
        return told
    try:
        points = values.decimal(raw)
    except ValueError:
        points = None
    if points is not None and 1 <= points <= 5:
        told["rating"] = points
    elif points is None or points != 0:
        row.tally.unknown[f"{key}={raw[:40]}"] += 1
    return told


def _author(row: Payload) -> Any:
    told = [row.has(key) for key in ("writerId", "memNo", "writerEmail", "writerMobile")]
    member = first(number(row, "writerId"), number(row, "memNo"))
    found = person(phone=row.take("writerMobile"), email=row.take("writerEmail"), member=member)
    return found if any(told) else UNSET


def _written(row: Payload, key: str, origin: Origin) -> tuple[Any, Any]:
    """Return time and day; a day alone tells no time."""
    raw, at = row.raw.get(key), when(row, key)
    if not isinstance(at, datetime):
        return at, at
    return UNSET if isinstance(raw, str) and len(raw.strip()) <= 10 else at, at.astimezone(origin.zone).date()


def _channel(row: Payload) -> Any:
    raw = row.id("channel")
    if not isinstance(raw, str):
        return raw if raw is UNSET else "own"
    word = row.known(raw.lower(), codes.REVIEW_CHANNELS, "channel")
    return "other" if word == "unknown" else word


def _media(body: Any, origin: Origin) -> Any:
    """Return pictures inside the text; attachments are not told, so no picture there is no word that there is none."""
    if not isinstance(body, str) or "<img" not in body.lower():
        return UNSET
    return _pictures([unescape(found[1]) for found in _PICTURE.finditer(body)], origin) or UNSET


def _attached(row: Payload, origin: Origin) -> Any:
    """Return what is attached, [] for nothing; UNSET when all of it stands on a host that is not known."""
    if not row.has("attachments"):
        return UNSET
    told = row.raw["attachments"]
    found = [told] if isinstance(told, str | dict) else told
    if isinstance(found, list):
        row.raw["attachments"] = [{"url": one} if isinstance(one, str) and one.strip() else one for one in found]
    addresses = [url for one in parts(row, "attachments") if isinstance(url := one.take("url"), str) and url.strip()]
    return _pictures(addresses, origin) or ([] if not addresses else UNSET)


def _pictures(addresses: list[Any], origin: Origin) -> list[Media]:
    full = [absolute(address, origin) for address in addresses if isinstance(address, str)]
    return [
        Media(kind="video" if one.partition("?")[0].lower().endswith(VIDEOS) else "image", url=one)
        for one in dict.fromkeys(full) if one
    ]  # fmt: skip


def _replies(row: Payload, secret: bool, writer: Any) -> Any:
    """Return the answers: the operator's, posts below the post, and comments; an answer may stand in two of them."""
    told = any(row.has(key) for key in ("answerContents", "replyData", "memoData"))
    found: list[Reply] = []
    for one in _open(row, "replyData"):
        found += _reply(first(text(one, "content"), text(one, "contents")), when(one, "regDt"), "seller")
    for one in _open(row, "memoData"):
        found += _reply(first(text(one, "memo"), text(one, "content")), when(one, "regDt"), _by(one, writer))
    answered = when(row, "answerModDt")
    answer = text(row, "answerContents")
    if answer not in [one.text for one in found]:
        found += _reply(answer, answered, "seller")
    if secret:
        return None
    early = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: one.written_at or early) if told else UNSET


def _open(row: Payload, key: str) -> list[Payload]:
    """Return answers or comments without those that are marked as secret. Unverified: isSecretReply."""
    found = []
    for one in parts(row, key):
        if any(str(one.raw.get(flag)).strip().lower() == "y" for flag in ("isSecret", "isSecretReply")):
            one.raw.clear()
        else:
            found.append(one)
    return found


def _reply(said: Any, at: Any, by: Any) -> list[Reply]:
    if not isinstance(said, str):
        return []
    return [Reply(text=said, written_at=at if isinstance(at, datetime) else None, by=by)]


def _by(memo: Payload, writer: Any) -> str:
    """Return who wrote a comment: one with a member or the post's own name is the buyer's (unverified)."""
    member = first(number(memo, "writerId"), number(memo, "memNo"))
    named = name(memo, "writerNm")
    same = isinstance(named, str) and named == writer
    return "buyer" if isinstance(member, str) or same else "seller"
