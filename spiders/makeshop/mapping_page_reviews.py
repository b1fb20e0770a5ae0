"""MakeShop reviews on pages and in the answers of the review script: what page_reviews.py found becomes records.

A power review has the API's own number once the board is known: the crawl knows it, a single page tells it only by its
pictures or links. Rating comments have no number that lasts, so they join nothing.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import UNSET
from parsel import Selector

from shopscrape import values
from shopscrape.errors import PageFailed, RowFailed
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import unprinted
from spiders.makeshop import page_reviews, pages
from spiders.makeshop.mapping_reviews import ORIGINAL, STAFF, VIDEOS
from spiders.makeshop.mapping_rows import KEY, absolute, chosen, members, thread, tidy

Row = dict[str, Any]
REVIEW = "~review"
"""Key that tells a review's row from the product's on the same page."""
IGNORED = ignoring("comments")


def of_page(origin: Origin, address: str = "") -> Origin:
    """Return the origin of a page's records: source web, and what the page calls its own address."""
    return msgspec.structs.replace(origin, source="web", url=origin.url or address or None)


def answer_object(body: bytes, origin: Origin) -> Row:
    """Return an answer of a script as an object. Raises: PageFailed."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the body is not readable JSON") from None
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    return told


def fragment_document(body: bytes, origin: Origin) -> Selector:
    """Return the HTML inside an answer of the review list; it is percent-encoded once, and "+" stays "+"."""
    told = answer_object(body, origin)
    inside = told.get("html", UNSET)
    if inside is UNSET or not isinstance(inside or "", str):
        raise PageFailed("the answer is no piece of a list")
    return pages.of_text(unquote(inside or "", errors="replace"))


def review_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the reviews that a page or a piece of one shows, of either system."""
    board = origin.board or page_reviews.board_of(page.css("[id^=power_review_block]"))
    product_id = origin.product_id or pages.variables(pages.scripts(page)).get("product_uid", "")
    known = {REVIEW: True, "uid": product_id}
    found = [known | {"code": board} | row for row in page_reviews.power(page)]
    return found + [known | row for row in page_reviews.rating_comments(page)]


def list_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the posts of a board's list; answers in a thread (num2) are no reviews."""
    return [row for row in page_reviews.board_list(page) if row["num2"] == ORIGINAL]


def post_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the post of a board's page, unless it is an answer. Raises: PageFailed for a page without one."""
    row = page_reviews.post(page)
    if not row.pop("found"):
        raise PageFailed("the page shows no post")
    address = origin.url or ""
    known = {name: told for name in ("code", "num1", "num2") if (told := pages.parameter(address, name))}
    if thread(known.get("num2", ORIGINAL)) != ORIGINAL:
        return []
    return [{"code": origin.board or page_reviews.board_of_post(page)} | row | known]


def review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one review of a page. Persons are masked there already."""
    origin = of_page(origin)
    row.drop(REVIEW)
    product_id = row.id("uid")
    label, printed = row.line("writer"), row.id("date")
    content, title, excerpt = row.take("text"), row.line("title"), row.line("excerpt")
    secret = row.id("lock") == "Y"
    number = _number(row)
    text = values.plain(content) if isinstance(content, str) else UNSET
    # The whole text of a rating comment may only come on a click, its excerpt is always there.
    text, known = text or excerpt, excerpt or text or title
    if not number and not known:
        raise RowFailed("neither a number nor a text is where it should be")
    on, at = _dates(printed, origin)
    flags: list[Any] = ["secret"] if secret else []
    yield Review(
        **origin.common(), review_id=number or unprinted(product_id, printed, label, known),
        product_id=product_id or origin.product_id or UNSET, product_name=row.line("name") or UNSET, **_stars(row),
        title=None if secret else title or UNSET, text=None if secret else text,
        options=chosen(row.line("option")) or UNSET, author_label=label or UNSET, written_on=on or UNSET,
        written_at=at or UNSET, media=None if secret else _media(row.take("photos"), origin),
        helpful_count=row.whole("helpful") if row.raw.get("helpful") else UNSET, flags=flags if secret else UNSET,
        channel=_channel(row, bool(number)), synthetic=not number,
    )  # fmt: skip


def _number(row: Payload) -> str:
    code, first, second = row.id("code"), row.id("num1"), row.id("num2")
    if not isinstance(first, str):
        return ""
    parts = (code if isinstance(code, str) else "", first, thread(second) if isinstance(second, str) else ORIGINAL)
    return ":".join(filter(None, parts))


def _channel(row: Payload, numbered: bool) -> Any:
    """Return where it was written: rating comments in the mall, a power review where its icon names a device.

    Reviews out of Naver Pay stand on boards too, and a board's page does not tell them from others.
    """
    device = row.line("device")
    return "own" if not numbered or device in page_reviews.DEVICES else UNSET


def _dates(printed: Any, origin: Origin) -> tuple[Any, Any]:
    if not isinstance(printed, str) or not printed:
        return None, None
    try:
        day = values.day(re.split(r"\s", printed)[0])
        clock = re.search(r"\d{1,2}:\d{2}(?::\d{2})?", printed)
        at = values.moment(f"{day} {clock[0].zfill(5)}", origin.zone) if clock and day else None
    except ValueError:
        raise RowFailed("date: not a date") from None
    return day, at


def _stars(row: Payload) -> Row:
    stars, survey = row.id("stars"), row.line("survey")
    if not isinstance(stars, str) and not isinstance(survey, str):
        return {}
    rating: Any = stars
    if not isinstance(stars, str):
        rating = row.known(survey, page_reviews.STARS, "survey")
        rating = None if rating == "unknown" else rating
    number = Decimal(rating) if rating is not None and str(rating).isdigit() else None
    good = number is not None and 1 <= number <= 5
    return {"rating": number if good else None, "rating_raw": stars or survey, "rating_scale": 5}


def _media(photos: Any, origin: Origin) -> Any:
    if photos is UNSET or photos is None:
        return UNSET
    found = [one for address in photos if (one := absolute(address, origin))]
    if len(found) < len(photos):
        return UNSET
    return [Media(kind="video" if one.lower().endswith(VIDEOS) else "image", url=one) for one in dict.fromkeys(found)]


# -- what the review script answers besides lists ---------------------------------------------------------------------


def _inside(told: Row) -> list[Row]:
    data = told["data"] or {}
    found = data["list"] if data and ("list" in data or data.get("total") not in (0, "0")) else []
    return [tidy(one) for one in members(found, "link") if isinstance(one, dict)]


def comment_rows(told: Row, origin: Origin) -> Iterable[Row]:
    """Return the comments of a power review as one row; which review it is stands in the address only."""
    comments = _inside(told)
    first = pages.parameter(origin.url or "", "num1")
    return [{"code": origin.board, "num1": first, "comments": comments}] if comments or first else []


def comments(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the comments of one power review as its replies. Raises: RowFailed when the address does not name it."""
    origin = of_page(origin)
    number = _number(row)
    if not number:
        raise RowFailed("num1: the request did not tell it")
    replies = []
    for one in row.each("comments"):
        raw, writer = one.take("comment"), one.line("writer")
        _, at = _dates(one.id("date"), origin)
        one.drop("uid", "link_mod", "link_del", KEY)
        text = values.plain(unquote(raw, errors="replace")) if isinstance(raw, str) else None
        by: Any = "seller" if writer in STAFF | {str(name) for name in origin.context.get("operators", ())} else "buyer"
        if text:
            replies.append(Reply(text=text, written_at=at, by=by))
    yield Review(**origin.common(), review_id=number, replies=replies)


def photo_rows(told: Row, origin: Origin) -> Iterable[Row]:
    """Return the pictures of a list of pictures, by the post that they belong to."""
    found: dict[tuple[str, str], Row] = {}
    for one in _inside(told):
        first, second = page_reviews.photo_place(str(one.get("link") or ""))
        picture = str(one.get("attach_square") or "")
        board = origin.board or page_reviews.board_in(picture)
        row = found.setdefault((first, second), {"code": board, "num1": first, "num2": second, "photos": []})
        row["photos"].append(page_reviews.full_size(picture))
    return list(found.values())


def photos(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the pictures of one post; more may stand on other pages of the list. Raises: RowFailed without a number."""
    origin = of_page(origin)
    number = _number(row)
    if not number:
        raise RowFailed("link: names no post")
    yield Review(**origin.common(), review_id=number, media=_media(row.take("photos"), origin))
