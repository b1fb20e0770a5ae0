"""GMO MakeShop products and stock: payload to records.

The stock of a product stands beside it; that of its variations comes from another query, whose fields are a guess.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET

from shopscrape import values
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.makeshop_jp.mapping_rows import flag, level, product_number, when

AXES = ("variation1", "variation2")
"""Names of the two axes; the shop's own names for them are not told with a product."""

IGNORED = ignoring(
    "uid taxRate minImageUrl tinyImageUrl isDisplayOutOfSellPeriod productGroupName mobileContent "
    "pcAddContent mobileAddContent isReducedTax cost costPrice",
    "subImages: subImageId",
    "variations: productSystemCode subImageId",
    "categories: isMainCategory",
)
STOCK_IGNORED = ignoring("uid productName")


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product and what can be sold of it."""
    number = product_number(row, "systemCode")
    code, barcode = row.id("customCode"), row.id("janCode")
    quantity, managed = level(row, "quantity")
    status, raw, buyable = _status(row, origin, quantity)
    told, shape = row.has("variations"), row.id("variationShowType")
    variants = _variants(row, buyable)
    ids, names = _categories(row, origin)
    listed = row.money("consumerPrice")
    yield Product(
        **origin.common(), product_id=number, code=code, group_id=row.id("productGroupCode"),
        name=row.line("productName"), status=status, status_raw=raw, price=row.money("sellPrice"),
        list_price=None if listed is not UNSET and not listed else listed, currency=origin.currency,
        manufacturer=row.line("maker"), categories=names, category_ids=ids, images=_images(row),
        url=_url(origin, number), description=row.html("pcContent"), options=_options(variants) if told else UNSET,
        variants=variants if told else UNSET, barcode=barcode,
        created_at=when(row, "createdAt"), updated_at=when(row, "updatedAt"),
    )  # fmt: skip
    for variant in variants:
        yield Stock(
            **origin.common(), product_id=number, variant_id=variant.variant_id, code=variant.code,
            options=variant.options, barcode=variant.barcode, available=False if buyable is False else UNSET,
        )  # fmt: skip
    if not variants and (told or (quantity is not UNSET and shape in (UNSET, None, "0"))):
        yield Stock(
            **origin.common(), product_id=number, code=code, options={} if told else UNSET, quantity=quantity,
            managed=managed, available=_available(buyable, quantity), barcode=barcode, observed_at=origin.collected_at,
        )  # fmt: skip


def quantities(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the stock of one product and its variations (unverified shape)."""
    number = product_number(row, "systemCode")
    code = row.id("customCode")
    buyable = (origin.context.get("buyable") or {}).get(number, UNSET)
    quantity, managed = level(row, "quantity")
    below = row.each("variationQuantities")
    if not below:
        yield Stock(
            **origin.common(), product_id=number, code=code, quantity=quantity, managed=managed,
            available=_available(buyable, quantity), observed_at=origin.collected_at,
        )  # fmt: skip
    for one in below:
        variant = _variant_id(one)
        amount, counted = level(one, "quantity")
        if not variant:
            row.tally.unknown["variationQuantities=without a code"] += 1
            continue
        yield Stock(
            **origin.common(), product_id=number, variant_id=variant, quantity=amount, managed=counted,
            available=_available(buyable, amount), observed_at=origin.collected_at,
        )  # fmt: skip


def _status(row: Payload, origin: Origin, quantity: Any) -> tuple[Any, Any, Any]:
    """Return our word, the raw ones, and whether the shop sells it now. The two switches say which date counts."""
    said = row.has("display")
    shown, starts, ends = flag(row, "display"), flag(row, "isSellStart"), flag(row, "isSellEnd")
    start, end = when(row, "sellStartDateTime"), when(row, "sellEndDateTime")
    told = {"display": shown, "isSellStart": starts, "isSellEnd": ends}
    known = {name: value for name, value in told.items() if isinstance(value, bool)}
    if not known:
        return ("unknown" if said and shown is UNSET else UNSET), UNSET, UNSET
    raw = ",".join(f"{name}={'Y' if value else 'N'}" for name, value in known.items())
    now = origin.collected_at
    if shown is False:
        return "hidden", raw, False
    if starts is True and start not in (None, UNSET) and now < start:
        return "pending", raw, False
    if ends is True and end not in (None, UNSET) and now > end:
        return "ended", raw, False
    if shown is not True:
        return ("unknown" if said and shown is UNSET else UNSET), raw, UNSET
    return ("sold_out" if isinstance(quantity, int) and quantity <= 0 else "on_sale"), raw, True


def _available(buyable: Any, quantity: Any) -> Any:
    if buyable is False or (isinstance(quantity, int) and quantity <= 0):
        return False
    return True if buyable is True and quantity is not UNSET else UNSET


def _variant_id(one: Payload) -> str:
    code = one.id("variationCustomCode")
    names = [one.line(f"{axis}ItemName") for axis in AXES]
    return code if isinstance(code, str) else ":".join(name for name in names if isinstance(name, str))


def _variants(row: Payload, buyable: Any) -> list[Variant]:
    found = []
    parts = row.each("variations")
    codes = Counter(str(part.raw.get("variationCustomCode") or "") for part in parts)
    for part in parts:
        code, barcode = part.id("variationCustomCode"), part.id("janCode")
        items = [part.line(f"{axis}ItemName") for axis in AXES]
        names = [item for item in items if isinstance(item, str)]
        # The seller's code is the key; where several share one, or have none, what they are called tells them apart.
        key = ":".join(names)
        if isinstance(code, str):
            key = f"{code}:{key}" if codes[code] > 1 else code
        if not key:
            row.tally.unknown["variations=without code and name"] += 1
            continue
        found.append(
            Variant(
                variant_id=key, code=code,
                options={axis: item for axis, item in zip(AXES, items, strict=True) if isinstance(item, str)},
                available=False if buyable is False else UNSET, barcode=barcode,
            )
        )  # fmt: skip
    return found


def _options(variants: list[Variant]) -> list[Option]:
    made = []
    for axis in AXES:
        seen = [one.options[axis] for one in variants if isinstance(one.options, dict) and axis in one.options]
        if seen:
            made.append(Option(name=axis, values=list(dict.fromkeys(seen))))
    return made


def _categories(row: Payload, origin: Origin) -> tuple[Any, Any]:
    if not row.has("categories"):
        return UNSET, UNSET
    paths: dict[str, str] = origin.context.get("categories") or {}
    ids, names = [], []
    for one in row.each("categories"):
        # Spelled one way here and another in the list of categories.
        number, other, name = one.id("categoryUID"), one.id("categoryUid"), one.line("categoryName")
        uid = number if isinstance(number, str) else other
        path = paths.get(str(uid)) or name
        if isinstance(uid, str):
            ids.append(uid)
            names.append(path)
    return ids, names if all(isinstance(name, str) for name in names) else UNSET


def _images(row: Payload) -> Any:
    main, more = row.take("maxImageUrl"), [one.take("url") for one in row.each("subImages")]
    if main is UNSET and not more:
        return UNSET
    told = [address for address in (main, *more) if isinstance(address, str) and address.strip()]
    # What stands behind the address is the time of the upload.
    return list(dict.fromkeys(values.clean(address.strip().partition("?")[0]) for address in told))


def _url(origin: Origin, number: str) -> Any:
    shop = origin.context.get("storefront")
    if not isinstance(shop, str) or not shop:
        return UNSET
    parts = urlsplit(shop if "://" in shop else f"https://{shop}")
    return f"{parts.scheme}://{parts.netloc}/shopdetail/{number}/"
