"""GMO MakeShop reviews: payload to records. Unverified: only the name of the query is official.

Each field is read from the name that FIELDS guesses; a mall's table may name others (`review_fields`).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape.errors import RowFailed
from shopscrape.items import Record, Review
from shopscrape.payload import Origin, Payload, ignoring
from spiders.makeshop_jp.mapping_rows import flag, when

FIELDS: dict[str, str] = {
    "review_id": "reviewId", "product_id": "productSystemCode", "title": "title", "text": "content", "rating": "point",
    "author_label": "nickname", "shown": "isPublished", "written_at": "createdAt", "rows": "reviews",
}  # fmt: skip
"""Our field to the guessed name; `rows` is the list itself."""
IGNORED = ignoring("memberId name mailAddress")


def review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one review."""
    names = FIELDS | (origin.context.get("fields") or {})
    number, product = row.need(names["review_id"]), row.id(names["product_id"])
    shown, at = flag(row, names["shown"]), when(row, names["written_at"])
    raw, rating = row.raw.get(names["rating"]), _rating(row, names["rating"])
    raw = str(raw)[:40] if isinstance(raw, str | int | float) else None
    yield Review(
        **origin.common(), review_id=number, product_id=product, rating=rating,
        rating_raw=UNSET if rating is UNSET else raw, rating_scale=5,
        title=row.line(names["title"]), text=row.plain(names["text"]), author_label=row.line(names["author_label"]),
        written_at=at, written_on=at.astimezone(origin.zone).date() if isinstance(at, datetime) else at,
        flags=["hidden"] if shown is False else [] if shown is True else UNSET, channel="own", language="ja",
        synthetic=False,
    )  # fmt: skip


def _rating(row: Payload, key: str) -> Any:
    """Return 1 to 5, None for 0 and for nothing; what lies outside of the scale is counted and costs no review."""
    raw = row.raw.get(key)
    try:
        number = row.money(key)
    except RowFailed:
        number = Decimal(-1)
    if isinstance(number, Decimal) and number and not 1 <= number <= 5:
        row.tally.unknown[f"{key}={str(raw)[:40]}"] += 1
        return None
    return number or (UNSET if number is UNSET else None)
