"""Products of the emulated Commerce API: the row of a list and the detail.

Which products have a second channel, a group, a supplement, simple or standard options follows from their numbers; the
world knows only combinations. Texts whose words are not published are sent as the reference prints them, "string".
"""

import copy
from datetime import UTC, datetime
from typing import Any

from sandbox import naver_ids as ids
from sandbox import shapes
from sandbox.entities import Category, Product, Variant
from sandbox.naver_ids import kst

SHAPES = shapes.templates("naver_shapes.json")
STATES = {
    "on_sale": "SALE", "sold_out": "OUTOFSTOCK", "hidden": "SALE", "pending": "WAIT", "suspended": "SUSPENSION",
    "ended": "CLOSE",
}  # fmt: skip
UNMANAGED = 9999
ENDS = datetime(2028, 12, 31, 14, 59, tzinfo=UTC)
"""When every sale and every discount ends."""
SUPPLEMENT = ("선물포장", "선물상자", "GIFT-BOX", 2000)
"""Group, name, code and price of what is sold beside a product."""
SIMPLE = ("포장", ("종이 봉투", "천 주머니"))
"""A choice without a stock of its own."""


def managed(product: Product) -> bool:
    """Return whether its stock is counted: a switch of the product as a whole."""
    return all(one.managed for one in product.variants)


def level(product: Product, variant: Variant) -> int:
    """Return the stock of an option; never negative, and 9,999 when it is not managed."""
    return max(variant.quantity or 0, 0) if managed(product) else UNMANAGED


def stock(product: Product) -> int:
    """Return the product's own stock: that of its usable options together; 9,999 when it is not managed."""
    return sum(level(product, one) for one in product.variants if one.on_sale) if managed(product) else UNMANAGED


def state(product: Product) -> str:
    """Return statusType."""
    return STATES[product.status]


def supplement(product: Product) -> dict[str, Any] | None:
    """Return what is sold beside a product, None for most."""
    if product.no % 3 != 1:
        return None
    group, name, code, price = SUPPLEMENT
    return shapes.fill(
        SHAPES["supplement"],
        {
            "id": ids.supplement_no(product), "groupName": group, "name": name, "price": price,
            "stockQuantity": product.no * 7 % 40, "sellerManagementCode": code, "usable": product.no % 9 != 1,
        },
    )  # fmt: skip


def simple(product: Product) -> bool:
    """Return whether it has simple options, which exclude the others."""
    return product.plain and product.no % 4 == 3


def standard(product: Product) -> bool:
    """Return whether its options are of the standard kind: two levels at most, and no price of their own."""
    return 0 < len(product.axes) < 3 and product.no % 2 == 1 and not any(one.surcharge for one in product.variants)


def image(path: str) -> str:
    """Return the address of a picture."""
    return f"https://shop-phinf.pstatic.net{path}"


def _tags(product: Product) -> list[dict[str, Any]]:
    """Return its tags; one that Naver's own dictionary knows has a code."""
    return [
        {"text": tag} if place else {"code": 2300 + len(tag), "text": tag} for place, tag in enumerate(product.tags)
    ]


# -- the list ----------------------------------------------------------------------------------------------------------


def entry(product: Product, categories: dict[int, Category]) -> dict[str, Any]:
    """Return an entry of the list: an origin product with its channel products."""
    rows = [row(product, categories, window) for window in ((False, True) if ids.windowed(product) else (False,))]
    found: dict[str, Any] = {"originProductNo": ids.origin_no(product), "channelProducts": rows}
    group = ids.group_no(product)
    return {"groupProductNo": group} | found if group else found


def row(product: Product, categories: dict[int, Category], window: bool = False) -> dict[str, Any]:
    """Return a channel product of the list."""
    category = categories[product.categories[0]]
    found = shapes.fill(
        SHAPES["row"],
        {
            "originProductNo": ids.origin_no(product),
            "channelProductNo": ids.window_no(product) if window else ids.channel_no(product),
            "channelServiceType": "WINDOW" if window else "STOREFARM",
            "groupProductNo": ids.group_no(product), "name": product.name, "sellerManagementCode": product.code,
            "statusType": state(product),
            "channelProductDisplayStatusType": "SUSPENSION" if product.state == "hidden" else "ON",
            "salePrice": product.price, "discountedPrice": product.discounted or product.price,
            "mobileDiscountedPrice": product.discounted or product.price, "stockQuantity": stock(product),
            "wholeCategoryName": ">".join(category.path), "wholeCategoryId": ">".join(map(str, category.chain)),
            "categoryId": str(category.no), "brandName": product.brand, "manufacturerName": product.maker,
            "representativeImage": {"url": image(product.images[0])} if product.images else None,
            "sellerTags": _tags(product), "regDate": kst(product.created_at, ".000"),
            "modifiedDate": kst(product.changed_at, ".000"),
        },
    )  # fmt: skip
    if product.no % 5 == 2:
        found |= {
            "modelId": 880_000 + product.no, "modelName": "코튼티", "saleStartDate": kst(product.created_at, ".000"),
            "saleEndDate": kst(ENDS, ".000"), "injectProductNo": 9_000_000 + product.no,
        }  # fmt: skip
    if product.no % 5 == 3:
        found |= {
            "multiPurchaseDiscount": 5, "multiPurchaseDiscountUnitType": "PERCENT", "sellerPurchasePoint": 100,
            "sellerPurchasePointUnitType": "WON", "regularCustomerPoint": 50, "freeInterest": 3, "gift": "사은품",
        }  # fmt: skip
    return ids.told(found)


# -- the detail --------------------------------------------------------------------------------------------------------


def detail(product: Product) -> dict[str, Any]:
    """Return the detail: it names neither the origin nor the channel number."""
    found: dict[str, Any] = copy.deepcopy(SHAPES["detail"])
    origin, attribute = found["originProduct"], found["originProduct"]["detailAttribute"]
    origin |= {
        "statusType": state(product), "name": product.name, "leafCategoryId": str(product.categories[0]),
        "detailContent": product.description,
        "salePrice": product.price, "stockQuantity": stock(product),
        "images": {
            "representativeImage": {"url": image(product.images[0])} if product.images else None,
            "optionalImages": [{"url": image(path)} for path in product.images[1:]],
        },
    }  # fmt: skip
    search = attribute["naverShoppingSearchInfo"] | {"brandName": product.brand, "manufacturerName": product.maker}
    if product.no % 5 == 2:
        search |= {"modelId": 880_000 + product.no, "matchedCatalogId": 770_000 + product.no, "catalogMatchingYn": True}
    attribute["naverShoppingSearchInfo"] = ids.told(search)
    attribute["sellerCodeInfo"] |= {"sellerManagementCode": product.code or "", "sellerBarcode": product.barcode or ""}
    attribute["seoInfo"]["sellerTags"] = _tags(product)
    beside = supplement(product)
    attribute["supplementProductInfo"] = {"sortType": "CREATE", "supplementProducts": [beside] if beside else []}
    attribute["optionInfo"] = _options(product, attribute["optionInfo"])
    if product.plain and product.no % 2 == 0 and not (beside or product.text_options):
        # Without options these are empty, or not there at all.
        del attribute["optionInfo"], attribute["supplementProductInfo"]
    origin["customerBenefit"] = _benefits(product, origin["customerBenefit"])
    shown = "SUSPENSION" if product.state == "hidden" else "ON"
    found["smartstoreChannelProduct"] |= {
        "channelProductName": product.name if product.no % 2 else "", "channelProductDisplayStatusType": shown,
        **({"bbsSeq": 60_000 + product.no} if product.no % 5 == 2 else {}),
    }  # fmt: skip
    if ids.windowed(product):
        found["windowChannelProduct"] = {
            **found["smartstoreChannelProduct"], "channelNo": ids.CHANNEL_NO + 1, "best": False,
            "bbsSeq": 61_000 + product.no,
        }  # fmt: skip
    group = ids.group_no(product)
    if group is not None:
        found["groupProduct"] = {
            "groupProductNo": group, "leafCategoryId": str(product.categories[0]), "groupProductName": product.name,
        }  # fmt: skip
    return found


def _options(product: Product, found: dict[str, Any]) -> dict[str, Any]:
    """Return optionInfo; the four kinds exclude each other, fields to fill in are added to any."""
    names = {f"optionGroupName{place}": axis.name for place, axis in enumerate(product.axes, 1)}
    found |= {
        "optionCustom": [
            {
                "id": 50_000_000_000 + product.no * 10 + place, "groupName": name, "usable": True,
                **({} if place else {"name": ""}),
            }
            for place, name in enumerate(product.text_options)
        ],
        "optionCombinationGroupNames": {}, "optionCombinations": [], "useStockManagement": managed(product),
        "optionDeliveryAttributes": ["string"] if product.no % 5 == 2 else [],
    }  # fmt: skip
    if simple(product):
        group, values = SIMPLE
        found["optionSimple"] = [
            {"id": 51_000_000_000 + product.no * 10 + place, "groupName": group, "name": value, "usable": True}
            for place, value in enumerate(values)
        ]
    elif standard(product):
        found["standardOptionGroups"] = [
            {
                "groupName": axis.name,
                "standardOptionAttributes": [
                    {"attributeId": 10 + level, "attributeValueId": place, "attributeValueName": value, "imageUrls": []}
                    for place, value in enumerate(axis.values, 1)
                ],
            }
            for level, axis in enumerate(product.axes)
        ]
        found["optionStandards"] = [_part(product, one, {"skuYn": False}) for one in product.variants]
    elif product.axes:
        found["optionCombinationGroupNames"] = names
        found["optionCombinations"] = [
            _part(product, one, {"price": one.surcharge} | ({"skuYn": False} if product.no % 5 == 2 else {}))
            for one in product.variants
        ]
    return found


def _part(product: Product, variant: Variant, more: dict[str, Any]) -> dict[str, Any]:
    """Return an option that has a stock of its own."""
    return {
        "id": ids.option_no(variant), "stockQuantity": level(product, variant), "usable": variant.on_sale,
        "sellerManagerCode": variant.code or "", **more,
        **{f"optionName{place}": value for place, value in enumerate(variant.values, 1)},
    }  # fmt: skip


def _benefits(product: Product, found: dict[str, Any]) -> dict[str, Any]:
    policy = found["immediateDiscountPolicy"]["discountMethod"]
    policy |= {
        "value": product.price - (product.discounted or product.price), "unitType": "WON",
        "startDate": "2026-01-01T00:00:00.000+09:00", "endDate": kst(ENDS, ".000"),
    }  # fmt: skip
    if not product.discounted:
        del found["immediateDiscountPolicy"]
    if product.no % 5 == 3:
        days = {"startDate": "2026-01-01", "endDate": "2028-12-31"}
        later = {"startDate": "2028-12-01T00:00:00.000+09:00", "endDate": kst(ENDS, ".000")}
        found["reviewPointPolicy"] |= days
        found |= {
            "purchasePointPolicy": {"value": 100, "unitType": "WON", **days},
            "freeInterestPolicy": {"value": 3, **days}, "giftPolicy": {"presentContent": "사은품"},
            "multiPurchaseDiscountPolicy": {
                "discountMethod": {"value": 5, "unitType": "PERCENT", **days}, "orderValue": 3,
                "orderValueUnitType": "PERCENT",
            },
            "reservedDiscountPolicy": {"discountMethod": {"value": 10, "unitType": "PERCENT", **later}},
            "promotionDiscountPolicies": [
                {"promotionName": "string", "discountMethod": {"value": 10, "unitType": "PERCENT", **later}}
            ],
        }  # fmt: skip
    return found
