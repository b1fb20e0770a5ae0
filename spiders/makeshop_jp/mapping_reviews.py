"""GMO MakeShop reviews: payload to records. Unverified: only the name of the query is official.

Each field is read from the name that FIELDS guesses; a mall's table may name others (`review_fields`).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

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
    raw = row.raw.get(names["rating"])
    rating = row.money(names["rating"])
    if isinstance(rating, Decimal) and not 0 <= rating <= 5:
        raise RowFailed("rating: not between 0 and 5")
    yield Review(
        **origin.common(), review_id=number, product_id=product, rating=rating or (UNSET if rating is UNSET else None),
        rating_raw=UNSET if rating is UNSET else None if raw is None else str(raw), rating_scale=5,
        title=row.line(names["title"]), text=row.plain(names["text"]), author_label=row.line(names["author_label"]),
        written_at=at, written_on=at.astimezone(origin.zone).date() if isinstance(at, datetime) else at,
        flags=["hidden"] if shown is False else [] if shown is True else UNSET, channel="own", language="ja",
        synthetic=False,
    )  # fmt: skip
