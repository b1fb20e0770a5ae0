"""The state that an emulated SmartStore page carries: in one layout a shell, in the other the product without options.

The new layout is that of brand stores here; which page has which is not known.
"""

from typing import Any

from sandbox import naver_goods, naver_ids, shapes
from sandbox.entities import Product

SHAPES = shapes.templates("naver_storefront_shapes.json")
SHELL = dict.fromkeys(("id", "name", "salePrice", "stockQuantity", "productStatusType")) | {"soldout": False}
"""A product before the page's scripts have run."""


def state(product: Product, figures: dict[str, Any], group: int, whole: bool) -> dict[str, Any]:
    """Return __PRELOADED_STATE__; `whole`: with the product, `group`: its group's number or 0."""
    channel = {"channelUid": naver_ids.CHANNEL_UID, "channelName": "에뮬스토어", "url": naver_ids.STORE}
    number = {"id": naver_ids.CHANNEL_NO, "channelNo": str(naver_ids.CHANNEL_NO)}
    found = {
        "channel": channel, "product": {"A": SHELL}, "productReviews": {"A": None},
        "smartStoreV2": {"channel": number | channel | {"payReferenceKey": str(naver_ids.MERCHANT_NO)}},
    }  # fmt: skip
    if whole:
        found |= {
            "simpleProductForDetailPage": {"A": _simple(product, figures, group)},
            "productReviewSummary": {"A": None},
        }
    return found


def _simple(product: Product, figures: dict[str, Any], group: int) -> dict[str, Any]:
    """Return a product as the new layout holds it: nothing of its options."""
    told = "OUTOFSTOCK" if product.sold_out else "SALE"
    found = shapes.fill(
        SHAPES["simple"],
        {
            "id": str(naver_ids.channel_no(product)), "productNo": str(naver_ids.origin_no(product)),
            "name": product.name, "salePrice": product.price,
            "discountedSalePrice": product.discounted or product.price, "stockQuantity": naver_goods.stock(product),
            "productStatusType": told, "statusType": told, "soldout": product.sold_out,
            "representativeImageUrl": naver_goods.image(product.images[0]),
            "optionalImageUrls": [naver_goods.image(path) for path in product.images[1:]],
            "reviewAmount": SHAPES["simple"]["reviewAmount"] | figures,
        },
    )  # fmt: skip
    if group:
        found["simpleStandardGroupProduct"] = {
            "groupProductNo": group, "channelProductNos": [naver_ids.channel_no(product)],
            "originalProductNos": [naver_ids.origin_no(product)],
        }  # fmt: skip
    return found
