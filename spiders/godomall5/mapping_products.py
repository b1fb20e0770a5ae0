"""Godomall5 products and stock: rows of Goods_Search and its like to records.

`stockFl` n means that nothing is counted: the numbers beside it, mostly 0, mean nothing. `soldOutFl` y is the seller's
own word and does not look at the stock. An option's price is a difference to the product's.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import values
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.godomall5.mapping_rows import (
    AXES,
    absolute,
    amount,
    first,
    latest,
    markup,
    name,
    parts,
    storefront,
    text,
    unslashed,
    until,
    when,
    yes,
)

PLACEHOLDER = Decimal(100_000_000)
"""A price above this stands for "ask us"; it is no price."""
PICTURES = (
    "mainImageData", "detailImageData", "magnifyImageData", "add1ImageData", "add2ImageData", "listImageData",
)  # fmt: skip

IGNORED = ignoring(
    # cost, suppliers, commissions and memos are never stored
    "costPrice scmNo purchaseNo commission purchaseGoodsNm memo applyFl applyType applyMsg applyDt",
    # what nobody asked for yet: other names, tax, points, delivery, presentation, marketing
    "goodsNmFl goodsNmMain goodsNmList goodsNmDetail goodsNmPartner goodsModelNo originNm goodsState goodsColor "
    "goodsOpenDt restockFl minOrderCnt maxOrderCnt salesUnit goodsPermission goodsPermissionGroup onlyAdultFl "
    "makeYmd launchYmd effectiveStartYmd effectiveEndYmd imageStorage taxFreeFl taxPercent goodsWeight goodsVolume "
    "mileageFl mileageGoods mileageGoodsUnit payLimitFl payLimit optionDisplayFl addGoodsFl deliverySno "
    "relationFl relationSameFl relationGoodsNo goodsIconCd goodsIconCdPeriod goodsIconStartYmd goodsIconEndYmd "
    "externalVideoFl externalVideoUrl externalVideoWidth externalVideoHeight orderCnt hitCnt seoTagFl naverFl daumFl "
    "cultureBenefitFl kcmarkInfo detailInfoDelivery detailInfoDeliveryFl detailInfoDeliveryDirectInput detailInfoAS "
    "detailInfoASFl detailInfoASDirectInput detailInfoRefund detailInfoRefundFl detailInfoRefundDirectInput "
    "detailInfoExchange detailInfoExchangeFl detailInfoExchangeDirectInput addGoodsData goodsMustInfoData "
    "goodsDescriptionMobile optionTextFl",
    "optionData: goodsNo optionNo optionCostPrice optionSellCode optionDeliveryFl optionDeliveryCode optionMemo "
    "optionImage deliverySmsSent regDt modDt",
    "textOptionData: mustFl addPrice inputLimit",
)
ADD_ON_IGNORED = ignoring("scmNo brandCd costPrice commission")


class Shown(msgspec.Struct, frozen=True):
    """What a product tells for all of its variants."""

    status: Any
    price: Any
    managed: Any


def goods(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product with its options, and the stock of what it sells."""
    number = row.need("goodsNo")
    managed = yes(row, "stockFl")
    level = row.whole("totalStock")
    options = parts(row, "optionData")
    has_options = yes(row, "optionFl")
    if has_options is False or (len(options) == 1 and not _used(options[0])):
        for blank in options:
            blank.raw.clear()
        options, has_options = [], False
    elif options:
        has_options = True
    if not isinstance(level, int) and options:
        level = _sum(options)
    status, status_raw = _status(row, managed, level, origin)
    words, price = first(name(row, "goodsPriceString")), row.money("goodsPrice")
    if isinstance(words, str) or (isinstance(price, Decimal) and price > PLACEHOLDER):
        price = None
    shown = Shown(status, price, managed)
    axes = _axes(row, options)
    variants = [_variant(one, axes, shown) for one in options]
    code = row.id("goodsCd")
    created, changed = when(row, "regDt"), when(row, "modDt")
    ids, names = _categories(row, origin)
    yield Product(
        **origin.common(), product_id=number, code=code, name=name(row, "goodsNm"), status=status,
        status_raw=status_raw, price=price, list_price=_none_if_zero(row.money("fixedPrice")),
        discounted_price=_discounted(row, price), price_text=words, currency=origin.currency,
        brand=_brand(row, origin), manufacturer=name(row, "makerNm"), categories=names, category_ids=ids,
        images=_images(row, origin), url=_url(origin, number), summary=text(row, "shortDescription"),
        description=_description(row), options=_options(axes, variants, has_options),
        text_options=_text_options(row), tags=_tags(row), review_count=_reviews(row, origin),
        variants=[variant for variant, _ in variants] if variants or has_options is False else UNSET,
        created_at=created, updated_at=latest(created, changed),
    )  # fmt: skip
    if variants:
        for variant, safety in variants:
            yield _stock(origin, number, variant, safety)
    elif has_options is not True:
        yield _plain_stock(origin, number, code, shown, level)


def _plain_stock(origin: Origin, number: str, code: Any, shown: Shown, level: Any) -> Stock:
    available = shown.status == "on_sale" if isinstance(shown.status, str) else UNSET
    sold = Variant(
        variant_id="", code=code, options={}, quantity=_counted(level, shown.managed), managed=shown.managed,
        available=available,
    )  # fmt: skip
    return _stock(origin, number, sold, None)


def _stock(origin: Origin, number: str, sold: Variant, safety: Any) -> Stock:
    low: Any = safety
    if isinstance(safety, int):
        low = sold.managed is True and isinstance(sold.quantity, int) and sold.quantity <= safety
    return Stock(
        **origin.common(), product_id=number, variant_id=sold.variant_id, code=sold.code, options=sold.options,
        quantity=sold.quantity, managed=sold.managed, available=sold.available, safety_quantity=safety, low=low,
        observed_at=origin.collected_at,
    )  # fmt: skip


# -- state and price --------------------------------------------------------------------------------------------------


def _status(row: Payload, managed: Any, level: Any, origin: Origin) -> tuple[Any, Any]:
    """Return our word and the flags it stands for; a product that tells no flag tells no state."""
    flags = {
        key: yes(row, key)
        for key in ("soldOutFl", "goodsDisplayFl", "goodsDisplayMobileFl", "goodsSellFl", "goodsSellMobileFl")
    }
    starts, ends = when(row, "salesStartYmd"), until(row, "salesEndYmd")
    told = {key: flag for key, flag in (flags | {"stockFl": managed}).items() if isinstance(flag, bool)}
    if not told:
        return UNSET, UNSET
    raw = ",".join(f"{key}={'y' if flag else 'n'}" for key, flag in told.items())
    now = origin.collected_at
    if told.get("soldOutFl") or (managed is True and isinstance(level, int) and level <= 0):
        return "sold_out", raw
    if not any(told.get(key, True) for key in ("goodsDisplayFl", "goodsDisplayMobileFl")):
        return "hidden", raw
    outside = (isinstance(starts, datetime) and now < starts) or (isinstance(ends, datetime) and now >= ends)
    if outside or not any(told.get(key, True) for key in ("goodsSellFl", "goodsSellMobileFl")):
        return "suspended", raw
    return "on_sale", raw


def _discounted(row: Payload, price: Any) -> Any:
    """Return the price after the automatic discount; the mall's rounding is not told, so it is not rounded."""
    given, less, unit = yes(row, "goodsDiscountFl"), row.money("goodsDiscount"), row.id("goodsDiscountUnit")
    if given is UNSET or price is UNSET or (given and less is UNSET):
        return UNSET
    if not given or not isinstance(price, Decimal) or not isinstance(less, Decimal):
        return None
    if unit == "percent":
        less = price * less / 100
    elif unit != "price":
        row.tally.unknown[f"goodsDiscountUnit={str(unit)[:40]}"] += 1
        return None
    return price - less if 0 < less < price else None


def _none_if_zero(value: Any) -> Any:
    return None if isinstance(value, Decimal) and value <= 0 else value


# -- options and stock ------------------------------------------------------------------------------------------------


def _used(option: Payload) -> list[int]:
    """Return the places of the axes that a combination has a value of."""
    return [place for place in range(1, 6) if str(option.raw.get(f"optionValue{place}") or "").strip()]


def _sum(options: list[Payload]) -> Any:
    levels = [Payload(dict(option.raw), option.tally).whole("stockCnt") for option in options]
    return sum(levels) if all(isinstance(level, int) for level in levels) else UNSET


def _axes(row: Payload, options: list[Payload]) -> list[str]:
    """Return the names of the axes; one without a name is called by its place."""
    raw = row.raw.pop("optionName", None)
    names = raw.split(AXES) if type(raw) is str and raw.strip() else []
    used = max((place for option in options for place in _used(option)), default=0)
    found = [
        name(Payload({"name": names[place] if place < len(names) else ""}, row.tally), "name") or f"옵션{place + 1}"
        for place in range(used)
    ]
    return [f"{one} {place + 1}" if one in found[:place] else one for place, one in enumerate(found)]


def _variant(option: Payload, axes: list[str], shown: Shown) -> tuple[Variant, Any]:
    values = [name(option, f"optionValue{place}") for place in range(1, 6)]
    level, surcharge = option.whole("stockCnt"), option.money("optionPrice")
    seen, on_sale = yes(option, "optionViewFl"), option.raw.get("optionSellFl")
    sold = yes(option, "optionSellFl", "t")
    stops, stop = yes(option, "sellStopFl"), option.whole("sellStopStock")
    asks, ask = yes(option, "confirmRequestFl"), option.whole("confirmRequestStock")
    least = stop if stops and isinstance(stop, int) and stop > 0 else 0
    untold = on_sale in (None, "", UNSET)
    available: Any = UNSET
    if isinstance(shown.status, str):
        enough = _enough(level, least, shown.managed)
        never = shown.status != "on_sale" or seen is False or enough is False or (sold is not True and not untold)
        available = False if never else UNSET if untold or enough is None else True
    variant = Variant(
        variant_id=option.need("sno"), code=option.id("optionCode"), quantity=_counted(level, shown.managed),
        options={axis: value for axis, value in zip(axes, values, strict=False) if isinstance(value, str)},
        price=shown.price + amount(surcharge) if isinstance(shown.price, Decimal) else shown.price,
        managed=shown.managed, available=available,
    )  # fmt: skip
    # The level at which the seller is asked is the only warning level there is; else the one where selling stops.
    safety = ask if asks and isinstance(ask, int) else stop if stops and isinstance(stop, int) else None
    return variant, UNSET if asks is UNSET and stops is UNSET else safety


def _enough(level: Any, least: int, managed: Any) -> bool | None:
    """Return whether stock is above a level; None where that is not told: 0 also stands where nothing is counted."""
    if managed is False:
        return True
    if not isinstance(level, int):
        return None
    return level > least or (None if managed is not True and level <= 0 else False)


def _counted(level: Any, managed: Any) -> Any:
    return None if managed is False else level


def _options(axes: list[str], variants: list[tuple[Variant, Any]], has_options: Any) -> Any:
    if not variants:
        return [] if has_options is False else UNSET
    found: dict[str, list[str]] = {axis: [] for axis in axes}
    for variant, _ in variants:
        for axis, value in (variant.options or {}).items():
            if value not in found[axis]:
                found[axis].append(value)
    return [Option(name=axis, values=values) for axis, values in found.items() if values]


def _text_options(row: Payload) -> Any:
    if not row.has("textOptionData"):
        return [] if row.raw.get("optionTextFl") == "n" else UNSET
    return [found for one in parts(row, "textOptionData") if isinstance(found := name(one, "optionName"), str)]


# -- the rest ---------------------------------------------------------------------------------------------------------


def _categories(row: Payload, origin: Origin) -> tuple[Any, Any]:
    every, main = row.id("allCateCd"), row.id("cateCd")
    told = first(every, main)
    if not isinstance(told, str):
        return ([], []) if told is None else (UNSET, UNSET)
    ids = list(dict.fromkeys(code.strip() for code in told.split("|") if code.strip()))
    known: dict[str, str] | None = origin.context.get("categories")
    if known is None:
        return ids, UNSET
    return ids, [path for code in ids if (path := category_path(code, known))]


def label(text: str) -> str:
    """Return the name of a category, brand or code as one plain line."""
    return values.line(unslashed(text)) or ""


def category_path(code: str, known: dict[str, str]) -> str | None:
    """Return a category's path from the names by code, None when a level has no name. A level is three digits.

    >>> category_path("001002", {"001": "상의", "001002": "티셔츠"})
    '상의 > 티셔츠'
    """
    names = [known.get(code[:end]) for end in range(3, len(code) + 1, 3)]
    return " > ".join(name for name in names if name) if names and all(names) else None


def _brand(row: Payload, origin: Origin) -> Any:
    code = row.id("brandCd")
    known: dict[str, str] | None = origin.context.get("brands")
    if not isinstance(code, str):
        return code
    return UNSET if known is None else known.get(code) or UNSET


def _images(row: Payload, origin: Origin) -> Any:
    told = [row.take(key) for key in PICTURES]
    if all(value is UNSET for value in told):
        return UNSET
    found = [one for value in told for one in (value if type(value) is list else [value]) if type(one) is str and one]
    # A mere file name stands in a picture store whose address the row does not tell.
    rooted = [one for one in found if one.startswith("/") or "://" in one]
    full = list(dict.fromkeys(full for one in rooted if (full := absolute(one, origin))))
    return full if full or not found else UNSET


def _description(row: Payload) -> Any:
    wide = markup(row, "goodsDescription")
    if isinstance(wide, str) or not row.has("goodsDescriptionMobile"):
        return wide
    return markup(row, "goodsDescriptionMobile")


def _url(origin: Origin, number: str) -> Any:
    host = storefront(origin)
    return f"{host}/goods/goods_view.php?goodsNo={number}" if host else UNSET


def _tags(row: Payload) -> Any:
    words = name(row, "goodsSearchWord")
    if not isinstance(words, str):
        return [] if words is None else UNSET
    return list(dict.fromkeys(word for part in words.split(",") if (word := part.strip())))


def _reviews(row: Payload, origin: Origin) -> Any:
    """Return the mall's own reviews: those of the board and of Plus Review. Crema's are another company's."""
    counts = [row.whole("reviewCnt"), row.whole("plusReviewCnt")]
    external = row.whole("cremaReviewCnt")
    if isinstance(external, int) and external > 0 and "external" in origin.context:
        origin.context["external"]["Crema"] += external
    told = [count for count in counts if isinstance(count, int)]
    return sum(told) if told else first(*counts)


def add_on(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one add-on article. Its numbers are a series of their own beside those of products."""
    yield Product(
        **origin.common(), product_id=f"add:{row.need('addGoodsNo')}", name=name(row, "goodsNm"),
        price=row.money("price"), currency=origin.currency, brand=_brand(row, origin),
    )  # fmt: skip


def listed(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product of the Server API's list, which tells its number and name only (unverified)."""
    number = row.need("sno")
    yield Product(**origin.common(), product_id=number, name=name(row, "name"), url=_url(origin, number))
