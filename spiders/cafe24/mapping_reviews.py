"""Cafe24 reviews: articles of a product review board, with the comments and answers below them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import html
from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import RowFailed
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload, Tally, ignoring
from shopscrape.privacy import person
from spiders.cafe24.mapping_products import absolute

VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".avi")

IGNORED = ignoring(
    "shop_no category_no board_category_no reply_sequence supplier_id client_ip reply_mail hit reply reply_user_id "
    "reply_status display_time display_time_start_hour display_time_end_hour input_channel sales_channel "
    "parent_article_no board_name writer_email links notice fixed",
    "attach_file_urls: no name",
)
COMMENTS_IGNORED = ignoring(
    "shop_no client_ip rating input_channel links attach_file_urls parent_comment_no comment_no writer member_id "
    "content created_date secret"
)


def article_rows(document: Any, origin: Origin) -> list[Any]:
    """Return articles; answers that are articles of their own are put below their review when it is on the page."""
    rows = [row for row in document["articles"] if isinstance(row, dict)]
    reviews = {row.get("article_no"): dict(row) for row in rows if not _depth(row)}
    found: list[Any] = []
    for row in rows:
        if not _depth(row):
            found.append(reviews[row.get("article_no")])
        elif row.get("parent_article_no") in reviews:
            reviews[row["parent_article_no"]].setdefault("answers", []).append(row)
        else:
            found.append(row)
    return found


def _depth(row: dict[str, Any]) -> int:
    try:
        return int(row.get("reply_depth") or 0)
    except (TypeError, ValueError):
        return 0


def article(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one article; notices, deleted ones and answers without their review are no reviews."""
    board = row.id("board_no") or origin.board
    number = row.need("article_no")
    if not board:
        raise RowFailed("board_no: missing, and the request did not tell it")
    deleted = row.id("deleted")
    if row.raw.get("notice") == "T" or row.raw.get("fixed") == "T" or deleted == "T":
        row.raw.clear()
        return
    if _depth(row.raw):
        parent = row.id("parent_article_no")
        reply = _reply(row.raw, origin)
        row.raw.clear()
        if isinstance(parent, str) and reply:
            yield Review(**origin.common(), review_id=f"{board}:{parent}", replies=[reply])
        return
    row.drop("reply_depth")
    # A missing flag counts as secret: private text must not slip out.
    secret = row.flag("secret") is not False
    shown = row.flag("display")
    content = row.take("content")
    title, media = row.line("title"), _media(row, content, origin)
    flags = [
        flag for flag, set_ in (("secret", secret), ("hidden", shown is False), ("pending", deleted == "B")) if set_
    ]
    external = row.id("naverpay_review_id")
    member, writer, nick = row.id("member_id"), row.line("writer"), row.line("nick_name")
    email = row.take("writer_email")
    label = next((name for name in (writer, nick) if isinstance(name, str) and "*" in name), None)
    written_at = row.moment("created_date")
    yield Review(
        **origin.common(), review_id=f"{board}:{number}", external_id=external,
        product_id=_none_if_zero(row.id("product_no")), order_id=row.id("order_id"),
        **_rating(row), title=None if secret else title, text=None if secret else values.plain(_text(content)),
        author=person(member=member, email=email), author_label=label,
        written_at=written_at, written_on=_day(written_at, origin), updated_at=row.moment("updated_date"),
        media=None if secret else media, flags=flags,  # type: ignore[arg-type]
        replies=_replies(row, number, secret, origin), channel="naver_pay" if isinstance(external, str) else "own",
        synthetic=False,
    )  # fmt: skip


def comment_rows(document: Any, origin: Origin) -> list[Any]:
    """Return comments grouped by the article that they stand below."""
    groups: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in document["comments"]:
        key = (row.get("board_no"), row["article_no"])
        group = groups.setdefault(key, {"board_no": key[0], "article_no": key[1], "comments": []})
        group["comments"].append(row)
    return list(groups.values())


def comments(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the comments of one article as the replies of a review that tells nothing else."""
    board = row.id("board_no") or origin.board
    if not board:
        raise RowFailed("board_no: missing, and the request did not tell it")
    replies = _sorted([_reply(one, origin) for one in row.take("comments") or []])
    yield Review(**origin.common(), review_id=f"{board}:{row.need('article_no')}", replies=replies)


def _none_if_zero(number: Any) -> Any:
    return None if number == "0" else number


def _rating(row: Payload) -> dict[str, Any]:
    if not row.has("rating"):
        return {"rating": None, "rating_scale": 5}
    raw = row.raw.get("rating")
    number = row.money("rating")
    if not isinstance(number, Decimal) or not number:
        return {"rating": None, "rating_raw": None if raw is None else str(raw), "rating_scale": 5}
    if not 1 <= number <= 5:
        raise RowFailed("rating: not between 1 and 5")
    return {"rating": number, "rating_raw": str(raw), "rating_scale": 5}


def _day(at: Any, origin: Origin) -> Any:
    return at.astimezone(origin.zone).date() if isinstance(at, datetime) else at


def _text(content: Any) -> Any:
    return content if isinstance(content, str) else None


def _media(row: Payload, content: Any, origin: Origin) -> list[Media]:
    found: dict[str, Media] = {}
    addresses = [one.take("url") for one in row.each("attach_file_urls")] + _pictures(content)
    for address in addresses:
        if isinstance(address, str) and address.strip() and not address.startswith("data:"):
            full = absolute(address, origin)
            kind = "video" if full.partition("?")[0].lower().endswith(VIDEOS) else "image"
            found.setdefault(full, Media(kind=kind, url=full))  # type: ignore[arg-type]
    return list(found.values())


def _pictures(content: Any) -> list[Any]:
    if not isinstance(content, str) or "<img" not in content.lower():
        return []
    try:
        body = html.fromstring(values.clean(content))
    except (ValueError, html.etree.LxmlError):
        return []
    return [picture.get("src") or picture.get("data-src") for picture in body.iter("img")]


def _replies(row: Payload, number: str, secret: bool, origin: Origin) -> Any:
    """Return the answers below a review; UNSET when the spider did not read the comments."""
    answers = row.take("answers")
    answers = [] if answers is UNSET else answers
    told: dict[str, list[Any]] | None = origin.context.get("comments")
    if secret:
        return None
    if told is None and not answers:
        return UNSET
    return _sorted([_reply(one, origin) for one in answers + (told or {}).get(number, [])])


def _sorted(replies: list[Reply | None]) -> list[Reply]:
    early = datetime.min.replace(tzinfo=UTC)
    return sorted((reply for reply in replies if reply), key=lambda reply: reply.written_at or early)


def _reply(raw: dict[str, Any], origin: Origin) -> Reply | None:
    row = Payload(dict(raw), Tally(), zone=origin.zone)
    text = row.plain("content")
    if not isinstance(text, str) or row.flag("secret") is True or row.id("deleted") == "T":
        return None
    at = row.moment("created_date")
    return Reply(text=text, written_at=at if isinstance(at, datetime) else None, by=_by(row, origin))


def _by(row: Payload, origin: Origin) -> Any:
    """An answer that is an article is the seller's; a comment is when an operator of the mall wrote it (inferred)."""
    member = row.id("member_id")
    operators = {str(name) for name in origin.context.get("operators", ())}
    if row.id("article_no") and row.id("reply_depth") not in (UNSET, None, "0"):
        return "seller"
    return "seller" if isinstance(member, str) and member in operators else "buyer"
