"""Naver SmartStore reviews: the answers that a product page fetches for itself, payload to records.

The public answer carries who wrote a review and in which order: writer ids, member number, profile picture, order and
product order numbers. Only what is named here is kept; of the writer only the masked id.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import PageFailed, RowFailed
from shopscrape.items import Media, Record, Reply, Review
from shopscrape.payload import Kind, Origin, Payload, ignoring

REVIEWS = re.compile(
    r"/contents/reviews/(?:group-products/)?(?:query-pages|product-summary/\d+/reviews/[A-Z]+)(?:[?#]|$)"
    r"|/v1/reviews/paged-reviews(?:[?#]|$)"
)
"""Addresses of the page's own review lists: POST and GET, single and group product, popup, before 2024."""

IGNORED = ignoring(
    # the writer and the order: personal, never kept
    "writerId writerIdNo writerMemberNo writerMemberId writerMemberIdNo writerProfileImageUrl orderNo productOrderNo "
    "profileImageSourceType isMyReview",
    # what nobody asked for: the store, categories, ranking, presentation
    "checkoutMerchantId checkoutMerchantNo merchantNo storeNo storeType channelName channelNo channelId "
    "knowledgeShoppingMallProductId largeCategorizeCategoryId middleCategorizeCategoryId smallCategorizeCategoryId "
    "detailCategorizeCategoryId reviewContentClassType reviewServiceType freeTrial freeTrialReview reviewRankingScore "
    "productOptionContentNoDisplay reviewTopics reviewEvaluationValueIds eventTitle repThumbnailAttach "
    "repThumbnailTagNameDescription originProductNo productUrl reviewEvaluations",
    "reviewAttaches: id attachPath attachName attachDirectoryName attachWidth attachHeight attachSize "
    "attachDescription",
    "reviewComment: id commentNo commentType writerId writerIdNo writerMemberNo maskedWriterId",
)
TYPES: dict[str, tuple[Any, ...]] = {"NORMAL": (), "MONTH": ("one_month",)}
"""reviewType to flags. MONTH is reported by a single source (weak); any other word with MONTH in it is taken for it."""
STATES = frozenset(("NORMAL",))
"""contentsStatusType that needs no word; others are counted as unknown."""
SORT_BY_DAY = "createDate"
_TAG = re.compile(
    r"</?(?:br|p|div|span|b|i|u|em|strong|font|a|img|ul|ol|li|h\d|hr|table|tr|td|script|style)\b[^<>]*>", re.I
)
_IMAGES = frozenset(("I", "IMAGE", "PHOTO", None, UNSET))
_UTC = ZoneInfo("UTC")


class Listing(NamedTuple):
    """What a review list tells about itself."""

    page: int | None
    pages: int | None
    total: int | None
    last: bool | None
    newest_first: bool
    """Whether it says that it is sorted by the day of writing, newest first."""


def listing(document: Any) -> Listing:
    """Return what a review list tells about itself. Raises: PageFailed when it is none."""
    if not isinstance(document, dict) or not ("contents" in document or "totalElements" in document):
        raise PageFailed("the answer is no review list")
    sort = document.get("sort")
    fields = sort.get("fields") if isinstance(sort, dict) else None
    first = fields[0] if isinstance(fields, list) and fields and isinstance(fields[0], dict) else {}
    newest = first.get("name") == SORT_BY_DAY and str(first.get("direction", "")).lower() == "desc"
    last = document.get("last")
    page, pages, total = (_count(document.get(name)) for name in ("page", "totalPages", "totalElements"))
    return Listing(page, pages, total, last if isinstance(last, bool) else None, newest)


def _count(value: Any) -> int | None:
    try:
        return values.integer(value)
    except ValueError:
        return None


def rows(document: Any, origin: Origin) -> list[Any]:
    """Return the reviews of a list; an empty one comes in several disguises."""
    listing(document)
    found = document.get("contents") or []
    return [found] if isinstance(found, dict) else list(found)


def of_page(origin: Origin) -> Origin:
    """Return the origin of what a page tells: no API gives it, wherever the payload was kept."""
    return origin if origin.source == "web" else msgspec.structs.replace(origin, source="web")


def review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one review."""
    origin = of_page(origin)
    label = row.line("maskedWriterId")
    older_label = row.line("writerMemberMaskedId")
    written_at = _moment(row, "createDate")
    product = row.id("productNo")
    yield Review(
        **origin.common(), review_id=row.need("id"), parent_review_id=_none_if_zero(row.id("parentReviewId")),
        product_id=product or origin.product_id or product, product_name=row.line("productName"),
        **rating(row, "reviewScore"), text=text(row, "reviewContent"), options=_options(row),
        author=None, author_label=older_label if label is UNSET else label,
        written_at=written_at, written_on=_day(written_at, origin), media=_media(row),
        helpful_count=row.whole("helpCount"), flags=_flags(row), replies=_replies(row), channel="smartstore",
        synthetic=False,
    )  # fmt: skip


def text(row: Payload, key: str) -> Any:
    """Return a buyer's text. It is no HTML: entities are decoded, and a "<" that begins no tag stands for itself."""
    raw = row.raw.get(key)
    if isinstance(raw, str) and "<" in raw and not _TAG.search(raw):
        row.raw[key] = raw.replace("<", "&lt;")
    return row.plain(key)


def rating(row: Payload, key: str) -> dict[str, Any]:
    """Return the fields of a rating. Shape: 1 to 5; 0 and nothing mean that none was given, all else is counted."""
    raw = row.raw.pop(key, UNSET)
    if raw is UNSET:
        return {}
    try:
        number = values.decimal(str(raw) if isinstance(raw, bool) else raw)
    except ValueError:
        number = Decimal(-1)
    shown = None if raw in (None, "") else str(raw)[:40] if isinstance(raw, str | int | float) else "no number"
    if number and not 1 <= number <= 5:
        row.tally.unknown[f"{key}={shown}"] += 1
        number = None
    return {"rating": number or None, "rating_raw": shown, "rating_scale": 5}


def _none_if_zero(number: Any) -> Any:
    return None if number == "0" else number


def _moment(row: Payload, key: str) -> Any:
    """Return a time that is UTC also when it does not say so. Shape: ISO 8601, or milliseconds since 1970."""
    raw = row.raw.get(key)
    if isinstance(raw, int) and not isinstance(raw, bool) and 10**11 < raw < 10**14:
        row.drop(key)
        return datetime.fromtimestamp(raw // 1000, UTC).replace(microsecond=raw % 1000 * 1000)
    if isinstance(raw, str):
        row.drop(key)
        try:
            # The zone is UTC whatever the mall's is, so Payload.moment would be nine hours wrong without an offset.
            return values.moment(raw, _UTC)
        except ValueError:
            raise RowFailed(f"{key}: not a time") from None
    return row.moment(key)


def _day(at: Any, origin: Origin) -> Any:
    return at.astimezone(origin.zone).date() if isinstance(at, datetime) else at


def options(bought: Any) -> Any:
    """Return what was bought as pairs; the whole text under "" when it cannot be split safely.

    Shape: "색상: 블랙 / 사이즈: L".

    >>> options("색상: 블랙 / 사이즈: L"), options("한 개만")
    ({'색상': '블랙', '사이즈': 'L'}, {'': '한 개만'})
    """
    if not isinstance(bought, str) or not bought:
        return bought or None
    pairs = [part.partition(":") for part in re.split(r"\s+/\s+", bought)]
    found = {name.strip(): value.strip() for name, colon, value in pairs if colon}
    if len(found) == len(pairs) and all(name and value for name, value in found.items()):
        return found
    return {"": bought}


def _options(row: Payload) -> Any:
    bought, condition = row.line("productOptionContent"), row.line("standardPurchaseConditionText")
    if bought is UNSET and condition is UNSET:
        return UNSET
    return options(bought or condition or None)


def absolute(address: str) -> str:
    """Return an address with its scheme."""
    address = address.strip()
    return f"https:{address}" if address.startswith("//") else address


def _media(row: Payload) -> Any:
    if not row.has("reviewAttaches"):
        return UNSET
    found = []
    for place, one in enumerate(row.each("reviewAttaches")):
        kind, address, order = one.id("reviewAttachmentType"), one.id("attachUrl"), one.whole("sortOrder")
        if one.flag("blind") is True or not isinstance(address, str):
            continue
        told: Any = "image" if kind in _IMAGES else "video"
        found.append((order if isinstance(order, int) else place, place, Media(kind=told, url=absolute(address))))
    return [media for _, _, media in sorted(found, key=lambda one: one[:2])]


def _flags(row: Payload) -> Any:
    again, kind = row.flag("repurchase"), row.id("reviewType")
    state, older_state = row.id("contentsStatusType"), row.id("reviewDisplayStatusType")
    for family, word in (("contents_status", state), ("display_status", older_state)):
        if isinstance(word, str) and word not in STATES:
            row.known(word, {}, family)
    if again is UNSET and kind is UNSET:
        return UNSET
    flags: list[Any] = ["repurchase"] if again is True else []
    if isinstance(kind, str):
        known = TYPES.get(kind) if kind in TYPES else ("one_month",) if "MONTH" in kind.upper() else None
        if known is None:
            row.known(kind, {}, "review_type")
        flags += known or ()
    return flags


def _replies(row: Payload) -> Any:
    """Return the seller's answer. Unverified: no public capture shows one; the name is that of the seller's centre."""
    if not row.has("reviewComment"):
        return UNSET
    if isinstance(row.raw["reviewComment"], str):
        alone = text(row, "reviewComment")
        return [Reply(text=alone)] if alone else []
    found = []
    for one in row.each("reviewComment"):
        told, at = text(one, "commentContent"), _moment(one, "createDate")
        if isinstance(told, str):
            found.append(Reply(text=told, written_at=at if isinstance(at, datetime) else None))
    return found


def stars(shown: str) -> Decimal | None:
    """Return the rating that a text begins with, which may be glued to what follows ("5한달사용"), or None.

    >>> stars("5한달사용"), stars("별로")
    (Decimal('5'), None)
    """
    match = re.match(r"\s*([1-5](?:\.\d)?)(?!\d)", shown)
    return Decimal(match[1]) if match else None


ALL = (
    Kind(
        name="reviews", request="POST /{i|n}/v1/contents/reviews/query-pages and its variants, asked by the page",
        rows=rows, read=review, ignored=IGNORED, items=(Review,),
        expects=("rating", "product_id", "written_at", "author_label"),
    ),
)  # fmt: skip
