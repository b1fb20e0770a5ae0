"""Naver products and stock: payload to records.

The list gives a row a channel product; the detail of a channel or an origin product tells no number of its own, so its
numbers come from the request. One origin product may be sold in two channels: two products, one shared stock.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape.errors import RowFailed
from shopscrape.items import Product, Record, Stock
from shopscrape.payload import Kind, Origin, Payload, ignoring
from spiders.naver import codes
from spiders.naver.mapping_options import Part, available, choices, counted_stock, displayed, supplement

LIST_IGNORED = ignoring(
    "channelServiceType injectProductNo mobileDiscountedPrice knowledgeShoppingProductRegistration "
    "deliveryAttributeType deliveryFee returnFee exchangeFee multiPurchaseDiscount multiPurchaseDiscountUnitType "
    "sellerPurchasePoint sellerPurchasePointUnitType managerPurchasePoint textReviewPoint photoVideoReviewPoint "
    "regularCustomerPoint freeInterest gift saleStartDate saleEndDate modelId modelName shared wholeCategoryId",
    "sellerTags: code",
)
_DETAIL = "originProduct.detailAttribute"
DETAIL_IGNORED = ignoring(
    "smartstoreChannelProductNo windowChannelProductNo smartstoreChannelProduct windowChannelProduct",
    "groupProduct: leafCategoryId groupProductName",
    # Addresses and telephone numbers of the seller are never stored.
    "originProduct: saleType saleStartDate saleEndDate deliveryInfo productLogistics",
    f"{_DETAIL}: afterServiceInfo purchaseReviewInfo originAreaInfo purchaseQuantityInfo skuYn isbnInfo bookInfo "
    "eventPhraseCont manufactureDate releaseDate validDate taxType customsTaxType productCertificationInfos "
    "certificationTargetExcludeContent sellerCommentContent sellerCommentUsable minorPurchasable ecoupon "
    "productInfoProvidedNotice productAttributes cultureCostIncomeDeductionYn customProductYn "
    "itselfProductionProductYn brandCertificationYn productSize unitCapacity manufactureDefineNo",
    f"{_DETAIL}.naverShoppingSearchInfo: modelId modelName brandId catalogMatchingYn matchedCatalogId",
    f"{_DETAIL}.sellerCodeInfo: sellerCustomCode1 sellerCustomCode2",
    f"{_DETAIL}.seoInfo: pageTitle metaDescription",
    f"{_DETAIL}.seoInfo.sellerTags: code",
    f"{_DETAIL}.optionInfo: simpleOptionSortType optionCombinationSortType optionDeliveryAttributes",
    f"{_DETAIL}.optionInfo.optionSimple: id",
    f"{_DETAIL}.optionInfo.optionCustom: id name groupName",
    f"{_DETAIL}.optionInfo.optionCombinations: skuYn",
    f"{_DETAIL}.optionInfo.optionStandards: skuYn",
    f"{_DETAIL}.optionInfo.standardOptionGroups.standardOptionAttributes: attributeId attributeValueId imageUrls",
    f"{_DETAIL}.supplementProductInfo: sortType",
    f"{_DETAIL}.supplementProductInfo.supplementProducts: price",
    "originProduct.customerBenefit: purchasePointPolicy reviewPointPolicy freeInterestPolicy giftPolicy "
    "multiPurchaseDiscountPolicy reservedDiscountPolicy promotionDiscountPolicies",
    *(
        f"{channel}: bbsSeq storeKeepExclusiveProduct naverShoppingRegistration channelNo best"
        for channel in ("smartstoreChannelProduct", "windowChannelProduct")
    ),
)
_CHANNELS = (
    ("STOREFARM", "smartstoreChannelProduct", "smartstoreChannelProductNo"),
    ("WINDOW", "windowChannelProduct", "windowChannelProductNo"),
)
_ASKED = re.compile(r"/(channel|origin)-products/(\d+)")


# -- the list ----------------------------------------------------------------------------------------------------------


def search_rows(document: Any, origin: Origin | None = None) -> Iterator[Any]:
    """Yield the channel products of a page, each with the numbers of the entry that it stands in."""
    for entry in _objects(document["contents"]):
        channels = _objects(entry.get("channelProducts")) if isinstance(entry, dict) else [entry]
        for channel in channels:
            if not isinstance(channel, dict):
                yield channel
                continue
            row = dict(channel)
            for name in ("originProductNo", "groupProductNo"):
                if entry.get(name) is not None and row.get(name) in (None, ""):
                    row[name] = entry[name]
            yield row | {"shared": len(channels) > 1}


def _objects(found: Any) -> list[Any]:
    if not found:
        return []
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise TypeError
    return [one for one in found if one is not None]


def listed(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one channel product of products/search.

    Its stock is the product's as a whole, so it makes a Stock only for the products that the crawl knows to have no
    parts (`plain`). Where details are read as well (`detailed`), they tell all pictures and the list leaves them alone.
    """
    number = row.need("channelProductNo")
    price = row.money("salePrice")
    quantity = counted_stock(row)
    shown = displayed(row)
    status, status_raw = _status(row, shown)
    code = row.id("sellerManagementCode")
    path = row.line("wholeCategoryName")
    origin_id, shared = row.id("originProductNo"), row.raw.get("shared")
    pictured = row.has("representativeImage")
    picture = row.part("representativeImage").line("url")
    yield Product(
        **origin.common(), product_id=number, origin_id=origin_id, group_id=row.id("groupProductNo"), code=code,
        name=row.line("name"), status=status, status_raw=status_raw, price=price,
        discounted_price=_lower(row.money("discountedPrice"), price), currency=origin.currency,
        brand=row.line("brandName"), manufacturer=row.line("manufacturerName"),
        categories=_path(path), category_ids=_only(row.id("categoryId")),
        images=UNSET if origin.context.get("detailed") or not pictured else _only(picture or None),
        url=_url(origin, number, row.id("channelServiceType")),
        tags=row.texts_of("sellerTags", "text"), created_at=row.moment("regDate"),
        updated_at=row.moment("modifiedDate"),
    )  # fmt: skip
    if number in origin.context.get("plain", ()):
        yield Stock(
            **origin.common(), product_id=number, code=code, options={}, quantity=quantity, managed=True,
            available=available(status, quantity), pool=origin_id if shared else None,
            observed_at=origin.collected_at,
        )  # fmt: skip


def _path(path: Any) -> Any:
    if not isinstance(path, str):
        return path
    return [" > ".join(level.strip() for level in path.split(">"))]


def _only(value: Any) -> Any:
    return [value] if isinstance(value, str) else value if value is UNSET else []


def _lower(amount: Any, price: Any) -> Any:
    if isinstance(amount, Decimal):
        return amount if isinstance(price, Decimal) and 0 < amount < price else None
    return amount


def _status(part: Payload, shown: bool | None) -> tuple[Any, Any]:
    word, raw = part.word("statusType", codes.PRODUCTS, "statusType")
    if shown is False and word in ("on_sale", "sold_out"):
        return "hidden", f"{raw}, not displayed"
    return word, raw


def _url(origin: Origin, number: str, service: Any) -> Any:
    address = origin.context.get("channels", {}).get(service)
    return f"{address}/products/{number}" if address else UNSET


# -- details -----------------------------------------------------------------------------------------------------------


def detail_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the answer itself, which is one product."""
    if not isinstance(document["originProduct"], dict):
        raise TypeError
    return [document]


def detail(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the detail of a product: one Product for each of its channels that is known, and what can be sold of it.

    The request's number is `origin.product_id` (the channel product); the crawl adds origin_id, service and shared.
    """
    numbers, origin_id = _numbers(row, origin)
    if not numbers:
        raise RowFailed("channelProductNo: the answer tells none, and the request did not either")
    channels = {service: _channel(row.part(part)) for service, part, _ in _CHANNELS if row.raw.get(part)}
    group = row.part("groupProduct").id("groupProductNo") if row.has("groupProduct") else UNSET
    product = row.part("originProduct")
    facts = _facts(product, origin)
    word, raw = product.word("statusType", codes.PRODUCTS, "statusType")
    shared = origin.context.get("shared", True if len(channels) > 1 else UNSET)
    for number, service in numbers:
        only = next(iter(channels.values())) if len(channels) == 1 else (UNSET, None)
        name, shown = channels.get(service, only)
        hidden = shown is False and word in ("on_sale", "sold_out")
        status: Any = "hidden" if hidden else word
        yield Product(
            **origin.common(), product_id=number, origin_id=origin_id, group_id=group,
            name=name if isinstance(name, str) else facts.name, status=status,
            status_raw=f"{raw}, not displayed" if hidden else raw, url=_url(origin, number, service),
            variants=[part.variant(status) for part in facts.parts] if facts.whole else UNSET, **facts.fields,
        )  # fmt: skip
        pool = UNSET if shared is UNSET else origin_id if shared else None
        yield from _stock(facts, number, status, pool, origin)


def _channel(part: Payload) -> tuple[Any, bool | None]:
    return part.line("channelProductName"), displayed(part)


def _numbers(row: Payload, origin: Origin) -> tuple[list[tuple[str, str]], Any]:
    """Return the channel products that an answer is about, with their kind of channel, and the origin product."""
    origin_id = row.id("originProductNo")
    told = [
        (number, service) for service, _, key in _CHANNELS if row.has(key) and isinstance(number := row.id(key), str)
    ]
    asked = _ASKED.search(origin.url or "")
    if not isinstance(origin_id, str):
        origin_id = origin.context.get("origin_id") or (asked[2] if asked and asked[1] == "origin" else UNSET)
    if told:
        return told, origin_id
    number = origin.product_id or (asked[2] if asked and asked[1] == "channel" else "")
    return [(number, origin.context.get("service", "STOREFARM"))] if number else [], origin_id


class _Facts(msgspec.Struct, kw_only=True):
    """What an origin product tells for each of its channels."""

    fields: dict[str, Any]
    """Fields of Product."""
    name: Any
    quantity: Any
    parts: list[Part]
    supplements: list[Part]
    whole: bool
    """Whether the answer tells of options at all: they stand in `detailAttribute`."""


def _facts(product: Payload, origin: Origin) -> _Facts:
    price, whole = product.money("salePrice"), bool(product.raw.get("detailAttribute"))
    listed = origin.context.get("detailed")
    if listed:
        # The list told the price of today.
        product.drop("customerBenefit")
    attributes = product.part("detailAttribute")
    search, seller = attributes.part("naverShoppingSearchInfo"), attributes.part("sellerCodeInfo")
    found = choices(attributes.part("optionInfo"), price)
    fields = {
        "code": seller.id("sellerManagementCode"), "barcode": seller.id("sellerBarcode"), "price": price,
        "discounted_price": UNSET if listed else _discounted(product, price, origin),
        "currency": origin.currency, "brand": search.line("brandName"),
        "manufacturer": search.line("manufacturerName"), "category_ids": _only(product.id("leafCategoryId")),
        "images": _images(product), "description": product.html("detailContent"),
        "options": found.options if whole else UNSET, "text_options": found.texts if whole else UNSET,
        "tags": attributes.part("seoInfo").texts_of("sellerTags", "text"),
    }  # fmt: skip
    supplements = attributes.part("supplementProductInfo").each("supplementProducts")
    return _Facts(
        fields=fields, name=product.line("name"), quantity=counted_stock(product), parts=found.parts,
        supplements=[supplement(one) for one in supplements], whole=whole,
    )  # fmt: skip


def _stock(facts: _Facts, number: str, status: Any, pool: Any, origin: Origin) -> Iterator[Stock]:
    """Yield a level for each thing that can be sold; codes of the whole do not stand on parts, they would join them."""
    common = {**origin.common(), "product_id": number, "pool": pool, "observed_at": origin.collected_at}
    if not facts.parts and facts.whole:
        # A total never stands beside its parts.
        yield Stock(
            **common, code=facts.fields["code"], options={}, quantity=facts.quantity, managed=True,
            available=available(status, facts.quantity), barcode=facts.fields["barcode"],
        )  # fmt: skip
    for part in facts.parts + facts.supplements:
        yield Stock(
            **common, variant_id=part.id, code=part.code, options=part.options, quantity=part.quantity,
            managed=part.managed, available=available(status, part.quantity, part.usable),
        )  # fmt: skip


def _images(product: Payload) -> Any:
    if not product.has("images"):
        return UNSET
    images = product.part("images")
    main = images.part("representativeImage").line("url")
    more = [one.line("url") for one in images.each("optionalImages")]
    return list(dict.fromkeys(url for url in (main, *more) if isinstance(url, str)))


def _discounted(product: Payload, price: Any, origin: Origin) -> Any:
    """Return the price after the seller's immediate discount, inside its period only.

    The list call tells it better and is preferred. Unverified: that a percentage is rounded down to whole won.
    """
    if not product.has("customerBenefit"):
        return UNSET
    method = product.part("customerBenefit").part("immediateDiscountPolicy").part("discountMethod")
    value, unit = method.money("value"), method.id("unitType")
    starts, ends = method.moment("startDate"), method.moment("endDate")
    if not isinstance(value, Decimal) or not isinstance(price, Decimal):
        return None
    now = origin.collected_at
    if (starts and now < starts) or (ends and now > ends):
        return None
    if unit not in ("PERCENT", "WON"):
        product.known(unit, {}, "unitType")
        return UNSET
    off = (price * value / 100).to_integral_value(ROUND_DOWN) if unit == "PERCENT" else value
    return price - off if 0 < off < price else None


_DETAILS: dict[str, Any] = {
    "rows": detail_rows, "read": detail, "ignored": DETAIL_IGNORED, "items": (Product, Stock),
}  # fmt: skip
ALL: tuple[Kind, ...] = (
    Kind(
        name="products", request="POST /v1/products/search", rows=search_rows, read=listed, ignored=LIST_IGNORED,
        items=(Product, Stock), expects=("name", "status", "price", "origin_id"),
    ),
    Kind(
        name="products.detail", request="GET /v2/products/channel-products/{channelProductNo}",
        expects=("name", "price", "images"), **_DETAILS,
    ),
    Kind(
        name="products.origin", request="GET /v2/products/origin-products/{originProductNo}",
        expects=("name", "price", "images"), **_DETAILS,
    ),
    Kind(
        name="inventory.options", request="PUT /v1/products/origin-products/{originProductNo}/option-stock",
        **_DETAILS,
    ),
)  # fmt: skip
