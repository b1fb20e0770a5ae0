"""Cafe24 reviews: articles of a product review board, with the comments and answers below them."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import RowFailed
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload, Tally, ignoring
from shopscrape.privacy import person
from spiders.cafe24.mapping_rows import absolute, asked_for, at_shop, mall_id, objects, tidy

VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".avi")
SCALE = 5
PRIVATE_BOARD = "9"
"""One-to-one counsel in every new mall: private talk, which is never collected."""

IGNORED = ignoring(
    # addresses of persons are never stored
    "client_ip reply_user_id reply_mail "
    "category_no board_category_no reply_sequence supplier_id hit reply reply_status display_time "
    "display_time_start_hour display_time_end_hour input_channel sales_channel parent_article_no board_name links "
    "notice fixed",
    "attach_file_urls: no name",
)
COMMENTS_IGNORED = ignoring("shop_no")


# -- articles ---------------------------------------------------------------------------------------------------------


def article_rows(document: Any, origin: Origin) -> list[Any]:
    """Return articles; answers that are articles of their own are put below their review when it is on the page."""
    found = objects(document["articles"])
    mall = mall_id(origin, *_addresses(document), *(text for row in found for text in _addresses(row)))
    rows = [row | {"mall_id": mall} if isinstance(row, dict) else row for row in found]
    told = [row for row in rows if isinstance(row, dict)]
    reviews = {str(row.get("article_no")): row for row in told if not depth(row)}
    above = {str(row.get("article_no")): str(row.get("parent_article_no")) for row in told if depth(row)}
    kept: list[Any] = []
    alone: dict[str, dict[str, Any]] = {}
    for row in rows:
        parent, steps = _review_above(row, above) if isinstance(row, dict) and depth(row) else ("", 0)
        if parent in reviews:
            reviews[parent].setdefault("answers", []).append(row)
        elif parent in alone:
            alone[parent].setdefault("answers", []).append(row)
        elif parent.strip("0").isdecimal() and parent not in above and depth(row) <= steps + 1 and not _left_out(row):
            # The review stands on another page: all its answers of this one make one row.
            alone[parent] = row | {"parent_article_no": parent, "reply_depth": 1}
            kept.append(alone[parent])
        else:
            kept.append(row)
    return kept


def _left_out(row: dict[str, Any]) -> bool:
    return any(row.get(name) in ("T", True) for name in ("notice", "fixed", "deleted"))


def _review_above(row: dict[str, Any], above: dict[str, str]) -> tuple[str, int]:
    """Return the number of the review that an answer stands below, and how many answers stand between them."""
    parent, steps = str(row.get("parent_article_no")), 0
    while parent in above and steps < len(above):
        parent, steps = above[parent], steps + 1
    return parent, steps


def depth(row: dict[str, Any]) -> int:
    """Return how deep an article stands; only this tells a review from an answer (its parent may be itself)."""
    try:
        return values.integer(row.get("reply_depth")) or 0
    except ValueError:
        return 0


def article(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one article. Notices and deleted ones are no reviews; an answer alone tells a reply of its review."""
    origin = at_shop(row, origin)
    board = row.id("board_no") or origin.board or asked_for(origin, "boards")
    number, mall = row.need("article_no"), row.take("mall_id") or ""
    if not board:
        raise RowFailed("board_no: missing, and the request did not tell it")
    deleted = _deleted(row)
    notice, fixed = row.flag("notice"), row.flag("fixed")
    if board == PRIVATE_BOARD or notice is True or fixed is True or deleted == "T":
        row.raw.clear()
        return
    if depth(row.raw):
        parent, answers = row.id("parent_article_no"), row.take("answers") or []
        if depth(row.raw) > 1:
            raise RowFailed("parent_article_no: an answer to an answer, and the review above is not told")
        replies = in_time(_reply(one, origin, mall) for one in [row.raw, *answers])
        row.raw.clear()
        if replies and parent in (None, UNSET, "0", number):
            raise RowFailed("parent_article_no: missing in an answer")
        if replies:
            yield Review(**origin.common(), review_id=f"{board}:{parent}", replies=replies)
        return
    row.drop("reply_depth")
    secret = _secret(row)
    hidden = row.flag("display") is False
    flags: list[Any] = ["secret"] * secret + ["hidden"] * hidden + ["pending"] * (deleted == "B")
    content, title = row.take("content"), row.line("title")
    media = _media(row, content, origin, mall)
    external, order = row.id("naverpay_review_id"), row.id("order_id")
    member, email = row.id("member_id"), row.take("writer_email")
    writer, nick = row.line("writer"), row.line("nick_name")
    replies = _replies(row, number, member, origin, mall)
    timed = ":" in str(row.raw.get("created_date"))
    written_at = row.moment("created_date")
    yield Review(
        **origin.common(), review_id=f"{board}:{number}", external_id=external,
        product_id=_none_if_zero(row.id("product_no")), order_id=order, **rating(row),
        title=None if secret else title, text=None if secret else text_of(content),
        author=None if secret else _author(member, email),
        author_label=None if secret else UNSET if writer is UNSET and nick is UNSET else label(writer, nick),
        # A day alone tells no time.
        written_at=written_at if timed or not written_at else UNSET, written_on=day_of(written_at, origin),
        updated_at=row.moment("updated_date"),
        media=None if secret else media, flags=flags, replies=None if secret else replies,
        channel="naver_pay" if external else "own", synthetic=False,
    )  # fmt: skip


def _author(member: Any, email: Any) -> Any:
    if member is UNSET and email is UNSET:
        return UNSET
    return person(member=member, email=email if isinstance(email, str) else None)


def _secret(row: Payload) -> bool:
    """Return whether an article or comment is private; a missing or odd flag counts: private text must not slip out."""
    raw = row.raw.get("secret")
    try:
        return row.flag("secret") is not False
    except RowFailed:
        row.tally.unknown[f"secret={str(raw)[:40]}"] += 1
        return True


def _deleted(row: Payload) -> Any:
    """Return T deleted, F, or B not registered yet; a flag of JSON fits too."""
    if isinstance(row.raw.get("deleted"), bool):
        return "T" if row.take("deleted") else "F"
    return row.id("deleted")


def _addresses(told: Any) -> Iterator[str]:
    """Yield addresses whose host tells the mall: of the links below an answer, and of attached files."""
    if isinstance(told, dict):
        for key, name in (("links", "href"), ("attach_file_urls", "url")):
            found = told.get(key)
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict) and isinstance(one.get(name), str):
                    yield one[name]


def _none_if_zero(number: Any) -> Any:
    return None if number == "0" else number


def rating(row: Payload) -> dict[str, Any]:
    """Return the rating fields; 0, null and absent mean that it was not rated."""
    raw = row.raw.get("rating")
    try:
        number = row.money("rating")
    except RowFailed:
        # What is no number counts as one beyond the scale.
        number = Decimal(-1)
    told = {"rating_raw": str(raw)} if isinstance(raw, str | int | float) and str(raw) else {}
    if not number:
        return {"rating": None, "rating_scale": SCALE} | told
    if not isinstance(number, Decimal) or not 1 <= number <= SCALE:
        row.tally.unknown[f"rating={str(raw)[:40]}"] += 1
        number = None
    return {"rating": number, "rating_scale": SCALE} | told


def label(*names: Any) -> str | None:
    """Return the first name that is shown masked (홍**); a full name is never kept."""
    return next((name for name in names if isinstance(name, str) and any(sign in name for sign in "*○●□")), None)


def day_of(at: Any, origin: Origin) -> Any:
    """Return the day of a time in the mall's zone."""
    return at.astimezone(origin.zone).date() if isinstance(at, datetime) else at


def text_of(content: Any) -> Any:
    """Return plain text. Shape: HTML, or nothing."""
    if content is UNSET:
        return UNSET
    return values.plain(content) if isinstance(content, str | int | float) else None


# -- pictures and films -----------------------------------------------------------------------------------------------

_EMBED = re.compile(r"<(?:img|video|source)\b[^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"""\b(ec-data-src|data-src|src)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)


def _media(row: Payload, content: Any, origin: Origin, mall: str) -> Any:
    attached = [one.take("url") for one in row.each("attach_file_urls")] if row.has("attach_file_urls") else UNSET
    found = media_at([*(attached or ()), *embedded(content)], origin, mall)
    return found if found or attached is not UNSET else UNSET


def media_at(addresses: Iterable[Any], origin: Origin, mall: str = "") -> list[Media]:
    """Return pictures and films by their addresses, each once."""
    found: dict[str, Media] = {}
    for address in addresses:
        if isinstance(address, str) and address.strip() and not address.lstrip().lower().startswith("data:"):
            full = absolute(address, origin, mall)
            film = full.partition("?")[0].lower().endswith(VIDEOS)
            found.setdefault(full, Media(kind="video" if film else "image", url=full))
    return list(found.values())


def embedded(content: Any) -> Iterator[str]:
    """Yield the addresses of pictures and films inside HTML; lazy ones keep theirs in ec-data-src."""
    if not isinstance(content, str) or "<" not in content:
        return
    for element in _EMBED.findall(content):
        told = {name.lower(): values.line(a or b or c) for name, a, b, c in _ADDRESS.findall(element)}
        yield told.get("ec-data-src") or told.get("data-src") or told.get("src") or ""


# -- answers ----------------------------------------------------------------------------------------------------------


def comment_rows(document: Any, origin: Origin) -> list[Any]:
    """Return comments grouped by the article that they stand below."""
    found = objects(document["comments"])
    mall = mall_id(origin, *(text for row in found for text in _addresses(row)))
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found:
        told = row if isinstance(row, dict) else {}
        key = (str(told.get("board_no") or ""), str(told.get("article_no") or "") or asked_for(origin, "articles"))
        group = groups.setdefault(
            key, {"board_no": key[0], "article_no": key[1], "comments": [], "mall_id": mall, "shop_no": None}
        )
        group["shop_no"] = group["shop_no"] or told.get("shop_no")
        group["comments"].append(row)
    return list(groups.values())


def comments(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the comments of one article as the replies of a review that tells nothing else."""
    origin = at_shop(row, origin)
    board = row.id("board_no") or origin.board or asked_for(origin, "boards")
    if not board:
        raise RowFailed("board_no: missing, and the request did not tell it")
    mall = row.take("mall_id")
    if board == PRIVATE_BOARD:
        row.raw.clear()
        return
    replies = in_time(_reply(one, origin, mall) for one in row.take("comments"))
    yield Review(**origin.common(), review_id=f"{board}:{row.need('article_no')}", replies=replies)


def _replies(row: Payload, number: str, member: Any, origin: Origin, mall: str) -> Any:
    """Return the answers below a review; UNSET when the crawl did not read the comments."""
    answers = row.take("answers") or []
    told: dict[str, list[Any]] | None = origin.context.get("comments")
    if told is None and not answers:
        return UNSET
    return in_time(_reply(one, origin, mall, member) for one in [*answers, *(told or {}).get(number, ())])


def in_time(replies: Iterable[Reply | None]) -> list[Reply]:
    """Return replies, oldest first."""
    early = datetime.min.replace(tzinfo=UTC)
    return sorted((reply for reply in replies if reply), key=lambda reply: reply.written_at or early)


def _reply(raw: dict[str, Any], origin: Origin, mall: str, member: Any = UNSET) -> Reply | None:
    row = Payload(tidy(dict(raw)), Tally(), zone=origin.zone)
    text = text_of(row.take("content"))
    if not text or _secret(row) or _deleted(row) == "T":
        return None
    try:
        at = row.moment("created_date")
    except RowFailed:
        # An answer without a readable time costs neither itself nor its review.
        at = None
    return Reply(text=text, written_at=at or None, by=_by(row, origin, mall, member))


def _by(row: Payload, origin: Origin, mall: str, buyer: Any) -> Any:
    """Return who answered (inferred).

    An article is the seller's, unless the review's writer wrote it. A comment is a buyer's, unless an operator wrote
    it, whose log-in name is the mall's id or stands in the mall's table.
    """
    who = row.id("member_id")
    if depth(row.raw):
        return "buyer" if who and who == buyer else "seller"
    operators = {mall, *map(str, origin.context.get("operators", ()))} - {""}
    return "seller" if who in operators else "buyer"
