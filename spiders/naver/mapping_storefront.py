"""Naver SmartStore product pages: the product a page holds in its state or fetches for itself, payload to records."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET
from parsel import Selector

from shopscrape.errors import NotHydrated, PageFailed
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Kind, Origin, Payload, ignoring
from spiders.naver import codes
from spiders.naver.mapping_options import counted_stock, displayed
from spiders.naver.mapping_pages import IN_ADDRESS, page_document, page_product
from spiders.naver.mapping_reviews import absolute, of_page

PRODUCT = re.compile(r"/[a-z]/v\d/channels/[^/]+/products/\d+(?:[?#]|$)")
"""Address of the product that a page fetches for itself."""

_BUCKETS = ("A", "B")
_BARE = re.compile(r"(?:^|:)\s*네이버 (?:스마트|브랜드)스토어\s*$")
"""Ends the title of a store's own or of an empty page, which is no product name."""

IGNORED = ignoring(
    "channelServiceType channelProductType channelProductSupplyType channelProductStatusType dispSalePrice productUrl "
    "mobileProductUrl storeKeepExclusiveProduct epInfo best saleType statusType "
    "soldout authenticationType supplementProductUsable purchaseReviewInfo taxType minorPurchasable "
    "productDeliveryInfo "
    "viewAttributes commentCount afterServiceInfo sellerInfo returnAddress modelId dispName optionUsable "
    "deliveryInfo claimDeliveryInfo productLogistics detailAttribute arrivalGuarantee supplementProducts "
    "regDate modifiedDate saleStartDate saleEndDate originAreaInfo customerBenefit productAttributes",
    "category: categoryName category1Id category1Name category2Id category2Name category3Id category3Name category4Id "
    "category4Name wholeCategoryId categoryLevel lastLevel",
    "channel: accountNo channelNo channelUid channelName representName channelSiteMobileUrl accountId naverPaySellerNo "
    "id url payReferenceKey "
    "sellerExternalStatusType channelTypeCode channelSiteUrl businessType identity "
    "representTelephoneNumber contactInfo",
    "naverShoppingSearchInfo: brandId modelName modelId manufacturerId catalogMatchingYn",
    "productImages: order width height imageType",
    "representImage: order width height imageType",
    "seoInfo: pageTitle metaDescription",
    "seoInfo.sellerTags: code",
    "benefitsView: mobileDiscountedSalePrice sellerImmediateDiscountAmount mobileSellerImmediateDiscountAmount "
    "dispDiscountedSalePrice discountedRatio textReviewPoint photoVideoReviewPoint",
    "reviewAmount: score1ReviewCount score2ReviewCount score3ReviewCount score4ReviewCount score5ReviewCount "
    "productSatisfactionPercent premiumReviewCount",
    "detailContents: excessDetailContentText editorType",
    "options: id",
    "optionCombinations: regOrder registerDate sellerManagerCode skuYn",
    "optionStandards: regOrder registerDate sellerManagerCode skuYn",
    "simpleStandardGroupProduct: channelProductNos originalProductNos",
)
_HYDRATED = ("id", "name", "productStatusType")


def state_of(page: Selector) -> Any:
    """Return the state that a page carries in its first script, or None. Raises: PageFailed when it is cut.

    Only for pages that were kept: a live page is asked for it, because no pattern knows where a script ends.
    """
    for script in page.css("script:not([src])::text").getall():
        _, found, rest = script.partition("window.__PRELOADED_STATE__")
        if not found:
            continue
        text = rest.partition("=")[2].lstrip()
        for candidate in (text, re.sub(r"(?<=[:\[,])\s*undefined(?=\s*[,}\]])", "null", text)):
            try:
                return json.JSONDecoder().raw_decode(candidate)[0]
            except (ValueError, RecursionError):
                continue
        raise PageFailed("the state of the page cannot be read")
    return None


def in_state(state: Any, number: str = "") -> dict[str, Any] | None:
    """Return the product of a page's state: of both layouts, the one that its scripts have filled; None for a shell.

    `number`: the one of the page's address, whose product is preferred.
    """
    if not isinstance(state, dict):
        return None
    filled = []
    for name in ("simpleProductForDetailPage", "product"):
        holder = state.get(name)
        if not isinstance(holder, dict):
            continue
        for found in (*(holder.get(bucket) for bucket in _BUCKETS), *holder.values(), holder):
            if hydrated(found):
                filled.append(found)
    found = next((one for one in filled if tells(one, number)), filled[0] if filled else None)
    return dict(found) if found else None


def hydrated(found: Any) -> bool:
    """Return whether a product is more than the shell that stands there before the page's scripts have run."""
    return isinstance(found, dict) and all(found.get(key) not in (None, "") for key in _HYDRATED)


def members(product: dict[str, Any]) -> dict[str, str]:
    """Return the channel product numbers of a group product by their origin numbers; empty where it is none."""
    group = product.get("simpleStandardGroupProduct")
    if not isinstance(group, dict):
        return {}
    lists = [group.get(name) for name in ("originalProductNos", "channelProductNos")]
    if not all(isinstance(numbers, list) for numbers in lists):
        return {}
    return {str(origin): str(number) for origin, number in zip(*lists, strict=False)}


def tells(product: dict[str, Any], number: str) -> bool:
    """Return whether a product is the one of an address, which may name a group or one of its members."""
    group = product.get("simpleStandardGroupProduct")
    of_group = str(group.get("groupProductNo")) if isinstance(group, dict) else ""
    return number in (str(product.get("id")), of_group, *members(product).values())


def _fits(product: dict[str, Any], number: str) -> dict[str, Any]:
    if number and not tells(product, number):
        raise NotHydrated("What is told is another product than that of the address; its stock would not be true.")
    return product


def _number(origin: Origin) -> str:
    """Return the product's number in the address of a page or of its call."""
    match = IN_ADDRESS.search(urlsplit(origin.url or "").path)
    return match[1] if match else ""


def xhr_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the product that a page fetched. Raises: NotHydrated for a shell, PageFailed for something else."""
    if not isinstance(document, dict):
        raise PageFailed("the answer is no product")
    if not hydrated(document):
        raise NotHydrated("The product has no number, name or status; stock told beside that is not true.")
    return [_fits(document, _number(origin))]


def state_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the product of a page's state. Raises: NotHydrated while it is a shell."""
    number = _number(origin)
    found = in_state(document, number)
    if found is None:
        raise NotHydrated("The page is still the shell that its scripts should fill.")
    _fits(found, number)
    channel = document.get("channel")
    if isinstance(channel, dict) and not found.get("channel"):
        # On brand stores it stands in a bucket of its own, as products do.
        found["channel"] = next((one for name in _BUCKETS if isinstance(one := channel.get(name), dict)), channel)
    return [found]


def page_rows(page: Selector, origin: Origin) -> list[Any]:
    """Return the product of a page: out of its state, else what its head tells. Raises: NotHydrated."""
    state = state_of(page)
    if state is not None:
        found = state_rows(state, origin)
        address = page.css('link[rel="canonical"]::attr(href), meta[property="og:url"]::attr(content)').get()
        return [{**found[0], "address": address}]
    head = {name: page.css(f'meta[property="og:{name}"]::attr(content)').get() for name in ("title", "image", "url")}
    number, title = page_product(page, origin), head["title"] or ""
    if not number or not title or _BARE.search(title):
        raise NotHydrated("The page shows no product.")
    name = title.rpartition(" : ")[0] or title
    images = [{"url": head["image"]}] if head["image"] else None
    return [{"id": number, "name": name, "address": head["url"], **({"productImages": images} if images else {})}]


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product, and what of it can be bought."""
    origin = of_page(origin)
    number, raw_status = row.need("id"), row.id("productStatusType")
    price, price_now = row.money("salePrice"), row.money("discountedSalePrice")
    price_now = _told(row.part("benefitsView").money("discountedSalePrice"), price_now)
    category, amount = row.part("category"), row.part("reviewAmount")
    search, seo = row.part("naverShoppingSearchInfo"), row.part("seoInfo")
    whole = category.line("wholeCategoryName")
    leaf = category.id("categoryId")
    status = row.known(raw_status, codes.PRODUCTS, "product_status") if isinstance(raw_status, str) else raw_status
    if displayed(row) is False and status in ("on_sale", "sold_out"):
        status, raw_status = "hidden", f"{raw_status}, not displayed"
    quantity = counted_stock(row)
    shown = row.line("dispName")
    name = row.line("name")
    groups = _groups(row)
    variants = _variants(row, price, status, groups)
    yield Product(
        **origin.common(), product_id=number, origin_id=row.id("productNo"),
        group_id=row.part("simpleStandardGroupProduct").id("groupProductNo"), name=name or shown,
        status=status, status_raw=raw_status, price=price, discounted_price=_lower(price_now, price),
        currency=origin.currency, brand=search.line("brandName"), manufacturer=search.line("manufacturerName"),
        categories=[" > ".join(part.strip() for part in whole.split(">"))] if isinstance(whole, str) else whole,
        category_ids=[leaf] if isinstance(leaf, str) else leaf, images=_images(row), url=_url(row, origin, number),
        description=row.part("detailContents").html("detailContentText"),
        options=_options(groups, variants), text_options=_texts(groups), variants=variants,
        tags=seo.texts_of("sellerTags", "text"), rating=_rating(amount), review_count=amount.whole("totalReviewCount"),
    )  # fmt: skip
    if variants is UNSET:
        # A total is never told beside its parts, and this answer does not tell whether there are any.
        return
    common = origin.common() | {"product_id": number, "observed_at": origin.collected_at}
    for variant in variants:
        yield Stock(
            **common, variant_id=variant.variant_id, options=variant.options, quantity=variant.quantity,
            available=variant.available,
        )  # fmt: skip
    if not variants:
        yield Stock(**common, quantity=quantity, available=_available(status, quantity))


def _told(first: Any, second: Any) -> Any:
    return second if first in (UNSET, None) else first


def _lower(amount: Any, price: Any) -> Any:
    if not isinstance(amount, Decimal) or not isinstance(price, Decimal):
        return UNSET
    return amount if 0 < amount < price else None


def _rating(amount: Payload) -> Any:
    average = amount.money("averageReviewScore")
    return None if isinstance(average, Decimal) and not average else average


def _available(status: Any, quantity: Any) -> Any:
    """Status alone tells; anything but on sale, sold out and not displayed leaves it open, as the sources do."""
    if status in ("sold_out", "hidden"):
        return False
    if status != "on_sale":
        return UNSET
    return quantity > 0 if isinstance(quantity, int) else True


def _groups(row: Payload) -> Any:
    if not row.has("options"):
        return UNSET
    return [(one.id("optionType"), one.line("groupName")) for one in row.each("options")]


def _variants(row: Payload, price: Any, status: Any, groups: Any) -> Any:
    usable = row.flag("optionUsable")
    lists = ("optionCombinations", "optionStandards")
    if not any(row.has(name) for name in lists):
        return [] if usable is False else UNSET
    names = [name for kind, name in groups or () if kind not in ("SIMPLE", "CUSTOM")]
    found = []
    for one in (one for name in lists for one in row.each(name)):
        values = [one.line(f"optionName{level}") for level in range(1, 6)]
        chosen = {
            str(names[place] if place < len(names) and names[place] else place + 1): value
            for place, value in enumerate(values) if isinstance(value, str)
        }  # fmt: skip
        extra, quantity = one.money("price"), counted_stock(one)
        full = price + (extra if isinstance(extra, Decimal) else 0) if isinstance(price, Decimal) else UNSET
        available = False if one.flag("usable") is False else _available(status, quantity)
        found.append(
            Variant(
                variant_id=one.need("id"), options=chosen, price=full, quantity=quantity, available=available
            )
        )  # fmt: skip
    # Choices are named that have a stock of their own, but none is listed: what the product has as a whole is no stock.
    return found if found or usable is False or not names else UNSET


def _options(groups: Any, variants: Any) -> Any:
    if not isinstance(groups, list) or variants is UNSET or any(kind == "SIMPLE" for kind, _ in groups):
        # What can be chosen stands in the variants; of simple options only the names are told.
        return UNSET
    names = [name for kind, name in groups if kind != "CUSTOM" and isinstance(name, str)]
    return [
        Option(name=name, values=list(dict.fromkeys(one.options[name] for one in variants if name in one.options)))
        for name in names
    ]


def _texts(groups: Any) -> Any:
    """Names of fields that the buyer fills in. Unverified: CUSTOM is taken from the Commerce API's optionCustom."""
    if not isinstance(groups, list):
        return UNSET
    return [name for kind, name in groups if kind == "CUSTOM" and isinstance(name, str)]


def _images(row: Payload) -> Any:
    pictures = []
    for place, one in enumerate(row.each("productImages")):
        order = one.whole("order")
        rank = order if isinstance(order, int) else place
        pictures.append((one.id("imageType") != "REPRESENTATIVE", rank, one.id("url")))
    main = (row.part("representImage").id("url"), row.id("representativeImageUrl"))
    told = row.raw.get("optionalImageUrls")
    if isinstance(told, list | dict):
        row.raw["optionalImageUrls"] = [address for address in told if isinstance(address, str)]
    others = row.texts("optionalImageUrls")
    found = [*main, *(url for _, _, url in sorted(pictures, key=lambda one: one[:2]))]
    found += others if isinstance(others, list) else []
    addresses = [absolute(address) for address in found if isinstance(address, str)]
    return list(dict.fromkeys(addresses)) if addresses or others is not UNSET else UNSET


def _url(row: Payload, origin: Origin, number: str) -> Any:
    """The page's own address; productUrl names a placeholder store."""
    site, given = row.part("channel").id("channelSiteFullUrl"), row.id("address")
    if isinstance(site, str):
        return f"{site.rstrip('/')}/products/{number}"
    if isinstance(given, str) and f"/products/{number}" in given:
        return given
    parts = urlsplit(origin.url or "")
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.path.endswith(f"/products/{number}") else UNSET


_SHARED: dict[str, Any] = {"read": product, "ignored": IGNORED, "items": (Product, Stock), "expects": ("name", "price")}
ALL = (
    Kind(
        name="products.page", request="GET /{store}/products/{no}, a page that was kept",
        document=page_document, rows=page_rows, **_SHARED,
    ),
    Kind(name="products.state", request="window.__PRELOADED_STATE__ of the page", rows=state_rows, **_SHARED),
    Kind(
        name="products.xhr", request="GET /{i|n}/v2/channels/{uid}/products/{no}, asked by the page", rows=xhr_rows,
        **_SHARED,
    ),
)  # fmt: skip
