"""Products of the emulated Commerce API: the row of a list and the detail."""

import copy
from typing import Any

from sandbox import naver_ids as ids
from sandbox import shapes
from sandbox.entities import Category, Product, Variant
from sandbox.naver_sales import kst

SHAPES = shapes.templates("naver_shapes.json")
STATES = {
    "on_sale": "SALE", "sold_out": "OUTOFSTOCK", "hidden": "SALE", "pending": "WAIT", "suspended": "SUSPENSION",
    "ended": "CLOSE",
}  # fmt: skip
UNMANAGED = 9999


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


def row(product: Product, categories: dict[int, Category]) -> dict[str, Any]:
    """Return a channel product of the list."""
    category = categories[product.categories[0]]
    told = shapes.fill(
        SHAPES["row"],
        {
            "originProductNo": ids.origin_no(product), "channelProductNo": ids.channel_no(product),
            "groupProductNo": None, "name": product.name, "sellerManagementCode": product.code,
            "statusType": state(product),
            "channelProductDisplayStatusType": "SUSPENSION" if product.state == "hidden" else "ON",
            "salePrice": product.price, "discountedPrice": product.discounted or product.price,
            "mobileDiscountedPrice": product.discounted or product.price, "stockQuantity": stock(product),
            "wholeCategoryName": ">".join(category.path), "wholeCategoryId": ">".join(map(str, category.chain)),
            "categoryId": str(category.no), "brandName": product.brand, "manufacturerName": product.maker,
            "representativeImage": {"url": image(product.images[0])} if product.images else None,
            "sellerTags": [{"text": tag} for tag in product.tags], "regDate": kst(product.created_at, ".000"),
            "modifiedDate": kst(product.changed_at, ".000"),
        },
    )  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def image(path: str) -> str:
    """Return the address of a picture."""
    return f"https://shop-phinf.pstatic.net{path}"


def detail(product: Product) -> dict[str, Any]:
    """Return the detail: it names neither the origin nor the channel number."""
    found: dict[str, Any] = copy.deepcopy(SHAPES["detail"])
    origin = found["originProduct"]
    origin |= {
        "statusType": state(product), "name": product.name, "leafCategoryId": str(product.categories[0]),
        "detailContent": product.description,
        "salePrice": product.price, "stockQuantity": stock(product),
        "images": {
            "representativeImage": {"url": image(product.images[0])} if product.images else None,
            "optionalImages": [{"url": image(path)} for path in product.images[1:]],
        },
    }  # fmt: skip
    attribute = origin["detailAttribute"]
    search = attribute["naverShoppingSearchInfo"] | {"brandName": product.brand, "manufacturerName": product.maker}
    attribute["naverShoppingSearchInfo"] = {key: value for key, value in search.items() if value is not None}
    attribute["sellerCodeInfo"] |= {"sellerManagementCode": product.code or "", "sellerBarcode": product.barcode or ""}
    attribute["seoInfo"]["sellerTags"] = [{"text": tag} for tag in product.tags]
    attribute["supplementProductInfo"] = {"sortType": "CREATE", "supplementProducts": []}
    options = attribute["optionInfo"]
    options["optionCustom"] = [
        {"id": 50_000_000_000 + product.no * 10 + place, "groupName": name, "usable": True}
        for place, name in enumerate(product.text_options)
    ]
    options["optionCombinationGroupNames"] = {
        f"optionGroupName{place}": axis.name for place, axis in enumerate(product.axes, 1)
    }
    options["useStockManagement"] = managed(product)
    options["optionCombinations"] = [
        {
            "id": ids.option_no(one), "stockQuantity": level(product, one),
            "price": one.surcharge, "usable": one.on_sale, "sellerManagerCode": one.code or "",
            **{f"optionName{place}": value for place, value in enumerate(one.values, 1)},
        }
        for one in product.variants if product.axes
    ]  # fmt: skip
    policy = found["originProduct"]["customerBenefit"]["immediateDiscountPolicy"]["discountMethod"]
    policy |= {
        "value": product.price - (product.discounted or product.price), "unitType": "WON",
        "startDate": "2026-01-01T00:00:00.000+09:00", "endDate": "2028-12-31T23:59:00.000+09:00",
    }  # fmt: skip
    if not product.discounted:
        del found["originProduct"]["customerBenefit"]["immediateDiscountPolicy"]
    found["smartstoreChannelProduct"] |= {
        "channelProductName": product.name if product.no % 2 else "",
        "channelProductDisplayStatusType": "SUSPENSION" if product.state == "hidden" else "ON",
    }  # fmt: skip
    return found
