"""MakeShop reviews: rating comments (`review`) and board posts, power review among them (`board`).

A rating comment has no id of its own: the scrub makes one of product, date and writer as printed, and text, so an edit
is a new review.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import html
from msgspec import UNSET

from shopscrape import values
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person, unprinted
from spiders.makeshop import codes
from spiders.makeshop.mapping_rows import KEY, absolute, flag, many, texts, thread, when

SCORES = ("score_1", "score_2", "score_3", "score_4", "score_5")
ORIGINAL = "00000"
"""`num2` of a post that opens a thread; another number marks an answer (inferred from addresses)."""
STAFF = frozenset(("관리자", "운영자", "판매자", "admin", "administrator"))
"""Names under which a shop answers; a mall may name more (`operators`)."""

ATTACHED = ("attach", "attach2", "attach3", "attach4")
"""Names of attached files, without an address."""
VIDEOS = (".mp4", ".mov", ".webm")

IGNORED = ignoring(f"hname {KEY}")
BOARD_IGNORED = ignoring(
    f"hname name cnt comment reply_cnt add_infos duplication orders {KEY}",
    f"comments: id num1 num2 {KEY}",
)
COMMENT_IGNORED = ignoring(
    f"id hname write_path comment display lock_ok reg_date {KEY}", f"comments: id num1 num2 write_path {KEY}"
)


def rating_comment(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one rating comment; the legacy Open API names date, writer and score differently."""
    product = row.need("uid")
    printed = row.raw.get("reg_date") or row.raw.get("date")
    member = _first(row.id("id"), row.id("userid"))
    name = row.take("hname")
    text = row.plain("content")
    at = _first(when(row, "reg_date"), when(row, "date"))
    shown = flag(row, "display")
    writer = member if isinstance(member, str) else str(name or "")
    answer = row.plain("reply_content")
    media = _uploaded(row.take("uploadfile"), origin)
    yield Review(
        **origin.common(), review_id=unprinted(product, printed, writer, text),
        product_id=product, product_name=row.line("product_name"), **_rating(row, origin),
        title=row.line("subject"), text=text, author=person(member=member), author_label=_label(name),
        written_at=at, written_on=_day(at, origin), media=media,
        flags=["hidden"] if shown is False else [] if shown is True else UNSET,
        replies=UNSET if answer is UNSET else [Reply(text=answer)] if isinstance(answer, str) else [],
        channel="own", synthetic=True,
    )  # fmt: skip


def post(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one board post. An answer in its thread is no review and has no place of its own."""
    board = _first(row.id("code"), origin.board or UNSET)
    first, second = row.need("num1"), thread(_first(row.id("num2"), ORIGINAL))
    if second != ORIGINAL:
        row.raw.clear()
        return
    locked, shown = flag(row, "lock_ok"), flag(row, "display")
    # Private text must not slip out because a flag is missing.
    secret = locked is not False
    content = row.raw.get("content", UNSET)
    text = row.plain("content")
    attached = [one for name in ATTACHED for one in texts(row.take(name))]
    media = pictures(content, origin)
    if media == [] and attached:
        media = UNSET
    order, line = _bought(row.id("ordernum"))
    member, name, path = row.id("id"), row.take("hname"), row.id("write_path")
    at = when(row, "reg_date")
    title, replies = row.line("subject"), _replies(row, origin)
    flags: list[Any] = [word for word, set_ in (("secret", secret), ("hidden", shown is False)) if set_]
    word = row.known(path, codes.WRITE_PATHS, "write_path") if isinstance(path, str) else UNSET
    yield Review(
        **origin.common(), review_id=":".join(filter(None, (board if isinstance(board, str) else "", first, second))),
        product_id=_none_if_zero(row.id("uid")), product_name=row.line("product_name"), order_id=order,
        order_line_id=line, **_rating(row, origin), title=None if secret else title,
        text=None if secret else text, author=person(member=member),
        author_label=_label(name), written_at=at, written_on=_day(at, origin),
        media=None if secret else media, helpful_count=row.whole("recommend_cnt"), flags=flags,
        replies=None if secret else replies, channel="other" if word == "unknown" else word, synthetic=False,
    )  # fmt: skip


def _uploaded(told: Any, origin: Origin) -> Any:
    found = [absolute(one, origin) for one in texts(told)]
    if told is UNSET or None in found:
        return UNSET
    return [Media(kind="video" if str(one).lower().endswith(VIDEOS) else "image", url=str(one)) for one in found]


def comment_rows(rows: list[Any]) -> list[Any]:
    """Return comments grouped by the post that they stand below."""
    groups: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        if not isinstance(row, dict):
            groups[str(len(groups)), "", ""] = row
            continue
        key = (str(row.get("code") or ""), str(row.get("num1") or ""), thread(str(row.get("num2") or ORIGINAL)))
        group = groups.setdefault(key, {"code": key[0], "num1": key[1], "num2": key[2], "comments": []})
        group["comments"].append(row)
    return list(groups.values())


def comments(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the comments of one post as the replies of a review that tells nothing else. An answer is no review."""
    board = _first(row.id("code"), origin.board or UNSET)
    first, second = row.need("num1"), row.need("num2")
    told = _replies(row, origin)
    if second != ORIGINAL:
        return
    yield Review(
        **origin.common(), review_id=":".join(filter(None, (board if isinstance(board, str) else "", first, second))),
        replies=told,
    )  # fmt: skip


def _first(*told: Any) -> Any:
    return next((one for one in told if one is not UNSET and one is not None), None if None in told else UNSET)


def _none_if_zero(number: Any) -> Any:
    return None if isinstance(number, str) and not number.strip("0") else number


def _bought(told: Any) -> tuple[Any, Any]:
    """Return order and line out of "<order number>_<number of the line>"."""
    if not isinstance(told, str):
        return told, told
    order, _, number = told.rpartition("_")
    return (order, f"{order}:{number}") if order and number.isdigit() else (told, UNSET)


def _label(name: Any) -> Any:
    """Return a name that is already masked; any other is a person's."""
    return values.line(name) if isinstance(name, str) and "*" in name else None


def _day(at: Any, origin: Origin) -> Any:
    return at.astimezone(origin.zone).date() if isinstance(at, datetime) else at


def _rating(row: Payload, origin: Origin) -> dict[str, Any]:
    """Return the mean of the scores that were given, and all that were.

    The five are criteria whose titles are settings of the shop; one with a single criterion fills only the first
    (inferred). "0" and "" mean not given.
    """
    told = [name for name in ("score", *SCORES) if row.has(name)]
    titles: dict[str, str] = origin.context.get("scores") or {}
    raw: list[str] = []
    given: dict[str, str] = {}
    for name in told:
        if type(row.raw[name]) is float:
            row.raw[name] = str(row.raw[name])
        text = row.id(name)
        raw.append(text if isinstance(text, str) else "")
        if isinstance(text, str) and text.strip("0. "):
            points = _points(text)
            if points is None:
                row.tally.unknown[f"{name}={text[:40]}"] += 1
                continue
            title = titles.get(name, name)
            given[name if title in given else title] = points
    if not told:
        return {}
    mean = None
    if given:
        mean = (sum(map(Decimal, given.values()), Decimal()) / len(given)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "rating": mean, "rating_raw": ",".join(raw) if any(raw) else None, "rating_scale": 5,
        "scores": given if len(given) > 1 else {},
    }  # fmt: skip


def _points(text: str) -> str | None:
    """Return a score from 1 to 5 in its shortest form, None for what is none.

    >>> _points("4"), _points("5.00"), _points("9")
    ('4', '5', None)
    """
    try:
        points = values.decimal(text)
    except ValueError:
        return None
    return f"{points.normalize():f}" if points is not None and 1 <= points <= 5 else None


def pictures(content: Any, origin: Origin) -> Any:
    """Return the pictures inside a post, UNSET where one has no host and the mall's is not known.

    Files that are attached without an address cannot be found (unverified).
    """
    if not isinstance(content, str):
        return content if content is UNSET else []
    if "<img" not in content.lower():
        return []
    try:
        body = html.fromstring(f"<div>{values.clean(content)}</div>")
    except (ValueError, html.etree.LxmlError):
        return []
    told = [(picture.get("src") or picture.get("data-src") or "").strip() for picture in body.iter("img")]
    found = [absolute(one, origin) for one in told if one and not one.startswith(("data:", "javascript:"))]
    return UNSET if None in found else [Media(kind="image", url=str(url)) for url in dict.fromkeys(found)]


def _replies(row: Payload, origin: Origin) -> Any:
    if not row.has("comments"):
        return UNSET
    operators = STAFF | {str(name) for name in origin.context.get("operators", ())}
    found = []
    for one in many(row, "comments", "comment"):
        text, at, name = one.plain("comment"), when(one, "reg_date"), one.take("hname")
        hidden, locked = flag(one, "display") is False, flag(one, "lock_ok") is True
        one.drop("write_path")
        if isinstance(text, str) and not hidden and not locked:
            by: Any = "seller" if isinstance(name, str) and name.strip() in operators else "buyer"
            found.append(Reply(text=text, written_at=at if isinstance(at, datetime) else None, by=by))
    early = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda reply: reply.written_at or early)
