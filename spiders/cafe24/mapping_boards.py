"""Cafe24 storefront reviews: lists, articles and fragments become reviews under the API's own identity.

A list tells rating, day and title of a review, its article or fragment the text. Full names are never kept.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from msgspec import UNSET
from parsel import Selector

from shopscrape import values, widgets
from shopscrape.errors import PageFailed, Refused, RowFailed
from shopscrape.items import Record, Reply, Review
from shopscrape.payload import Origin, Payload, Tally, ignoring
from spiders.cafe24 import mapping_pages, page_reviews, pages
from spiders.cafe24.mapping_pages import Row, based, of_page, require
from spiders.cafe24.mapping_reviews import PRIVATE_BOARD, day_of, embedded, in_time, label, media_at, rating, text_of

DEFAULT_BOARD = "4"
"""Board of product reviews in every new mall; merchants may use others."""

IGNORED = ignoring("site")
FRAGMENT_IGNORED = ignoring("use_point comment_write action_pass_submit", "comment: member_icon comment_point_count")


# -- lists ------------------------------------------------------------------------------------------------------------


def page_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the product of a page, and the reviews that stand on it."""
    return [*mapping_pages.product_rows(page, origin), *_of_product(page, origin)]


def page_record(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the product of a page, or one of its reviews."""
    return listed_review(row, origin) if row.has("article_no") else mapping_pages.product(row, origin)


def product_review_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the reviews on a product page. Raises: Refused where another company's widget stands there."""
    require(page, "PRODUCT_DETAIL")
    found = _of_product(page, origin)
    if not found and (company := widgets.company(page)):
        raise Refused(
            f"The reviews of this mall belong to {company}, another company with terms of its own: left alone.",
            code=company.lower(),
        )
    return found


def _of_product(page: Selector, origin: Origin) -> list[Row]:
    number = pages.product(page)["product_no"] or origin.product_id
    return [row | {"product_no": row["product_no"] or number} for row in page_reviews.listed_reviews(page)]


def board_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the reviews of a board list."""
    require(page, "BOARD_")
    return page_reviews.listed_reviews(page)


def listed_review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one review of a list, which does not show its text."""
    origin = of_page(origin, row.take("shop_no"))
    if _private(row, origin):
        return
    secret = row.take("secret") is True
    title, writer = row.line("title"), row.line("writer")
    hidden: dict[str, Any] = {"text": None, "media": None} if secret else {}
    yield Review(
        **origin.common(), review_id=_identity(row, origin), product_id=row.id("product_no") or UNSET,
        product_name=row.line("product_name") or UNSET, **_rated(row), title=None if secret else title,
        author_label=None if secret else label(writer), **_written(row, origin), flags=["secret"] if secret else [],
        synthetic=False, **hidden,
    )  # fmt: skip


def _private(row: Payload, origin: Origin) -> bool:
    """Take a row of the board of private talk apart, and return whether it was one."""
    private = (row.raw.get("board_no") or origin.board or page_reviews.board_in(origin.url or "")) == PRIVATE_BOARD
    if private:
        row.raw.clear()
    return private


def _identity(row: Payload, origin: Origin) -> str:
    board = row.id("board_no") or origin.board or page_reviews.board_in(origin.url or "") or DEFAULT_BOARD
    return f"{board}:{row.need('article_no')}"


def _rated(row: Payload) -> dict[str, Any]:
    return rating(row) if row.has("rating") else {}


def _written(row: Payload, origin: Origin) -> dict[str, Any]:
    """Return the time and the day that are printed; both are the mall's."""
    text = row.take("written")
    if not text:
        return {}
    try:
        at = values.moment(text, origin.zone)
    except ValueError:
        raise RowFailed("written: not a time") from None
    timed = ":" in text
    return {"written_at": at if timed else UNSET, "written_on": day_of(at, origin)}


# -- articles ---------------------------------------------------------------------------------------------------------


def article_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the article of a page. Raises: PageFailed for a page that holds none."""
    require(page, "BOARD_")
    row = page_reviews.article(page)
    if row is None:
        raise PageFailed("the page holds no article")
    address = page_reviews.article_in(origin.url or "")
    return [row | {"article_no": row["article_no"] or address[1], "site": pages.site_name(page)}]


def article(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read an article with its text, pictures and comments."""
    origin = of_page(origin, row.take("shop_no"))
    if _private(row, origin):
        return
    secret, content = row.take("secret") is True, row.take("content")
    if content is None and not secret:
        raise RowFailed("content: missing")
    site = row.take("site")
    comments = row.take("comments")
    told = [Payload(dict(one), Tally(), zone=origin.zone) for one in comments or ()]
    replies: Any = in_time(_comment(one, origin, site, ("name", "content", "date")) for one in told)
    pictures, files = row.take("pictures"), row.take("files")
    at = based(origin, row.take("address"))
    title, writer = row.line("title"), row.line("writer")
    product, name = row.id("product_no"), row.line("product_name")
    yield Review(
        **origin.common(), review_id=_identity(row, origin), product_id=product or UNSET, product_name=name or UNSET,
        **_rated(row), title=None if secret else title, text=None if secret else text_of(content),
        author_label=None if secret else label(writer), **_written(row, origin), flags=["secret"] if secret else [],
        media=None if secret else media_at([*pictures, *_new(files, pictures)], at), synthetic=False,
        replies=None if secret else UNSET if comments is None else replies,
    )  # fmt: skip


def _new(files: list[str], pictures: list[str]) -> Iterator[str]:
    """Yield the attached pictures and films that do not stand in the text as well; both bear the same file name."""
    shown = {address.rpartition("/")[2] for address in pictures}
    for address in files:
        query = parse_qs(values.address(address).query)
        stored, given = query.get("filename", [""])[0], query.get("realname", [""])[0]
        if stored not in shown and given.lower().rpartition(".")[2] in _SHOWN:
            yield address


_SHOWN = frozenset(("jpg", "jpeg", "png", "gif", "webp", "bmp", "mp4", "mov", "m4v", "webm", "avi"))


def _comment(row: Payload, origin: Origin, site: str | None, keys: tuple[str, str, str]) -> Reply | None:
    """Return a comment. The seller's bears the name of the mall; a masked name is a buyer's (inferred)."""
    name, text, at = row.line(keys[0]), row.plain(keys[1]), row.take(keys[2])
    if not text:
        return None
    shown = page_reviews.when(at) if isinstance(at, str) else None
    written = values.moment(shown, origin.zone) if shown and ":" in shown else None
    masked = label(name) is not None
    seller = not masked and (not site or name == site)
    return Reply(
        text=text, written_at=written if isinstance(written, datetime) else None, by="seller" if seller else "buyer"
    )


# -- fragments --------------------------------------------------------------------------------------------------------


def fragment_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the one article of a fragment. Raises: KeyError for another answer."""
    return [document] if document["no"] is not None else []


def fragment(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the text of a review that its row in the list left out; a secret one has none."""
    origin = of_page(origin)
    row.raw["article_no"] = row.take("no")
    if _private(row, origin):
        return
    # A missing flag counts as secret, as it does in the API.
    secret = row.flag("is_secret") is not False
    commented, comments = row.has("comment"), row.each("comment")
    body = row.part("read")
    told = bool(body.raw)
    content, pictures = body.take("content"), body.take("content_image")
    fields: dict[str, Any] = {}
    if secret:
        fields = {"title": None, "text": None, "media": None, "replies": None}
    elif told:
        fields = {"text": text_of(content), "media": media_at([*embedded(content), *embedded(pictures)], origin)}
    if commented and not secret:
        site = origin.context.get("site")
        keys = ("comment_name", "comment_content", "comment_write_date")
        fields["replies"] = in_time(_comment(one, origin, site, keys) for one in comments)
    yield Review(
        **origin.common(), review_id=_identity(row, origin), **fields, flags=["secret"] if secret else [],
        synthetic=False,
    )  # fmt: skip
