"""What few product orders of the emulated Commerce API tell: gifts, hopes, fulfilment, coupons, reasons for delay.

Nothing of it reaches the data set. Texts whose words are not published are sent as the reference prints them, "string".
"""

from datetime import timedelta
from typing import Any

from sandbox import naver_people as people
from sandbox.entities import Claim, Line, Order
from sandbox.naver_ids import kst

TEXT = "string"


def coupon(order: Order, line: Line) -> int:
    """Return what of a line's discount is a coupon of the product, and not the seller's immediate discount."""
    return line.discount // 20 * 10 if order.no % 6 == 3 else 0


def multiple(order: Order, line: Line) -> int:
    """Return what of a line's discount is for buying several."""
    return line.discount // 40 * 10 if order.no % 6 == 3 and line.quantity > 1 else 0


def discounts(order: Order, line: Line, units: int) -> dict[str, int]:
    """Return a line's discounts by kind, as ordered and for the units that are left; the seller bears them all."""
    several, code = multiple(order, line), coupon(order, line)
    now = line.discount - several - code
    kinds = {"Discount": line.discount, "ImmediateDiscount": now, "ProductDiscount": code}
    found = {}
    for kind, amount in kinds.items():
        left = amount * units // line.quantity
        # The reference spells the oldest of these names with one m.
        first = "Imediate" + kind.removeprefix("Immediate") if kind.startswith("Imm") else kind
        if kind == "ProductDiscount" and not code:
            continue
        found[f"product{first}Amount"] = amount
        found |= {f"initialProduct{kind}Amount": amount, f"remainProduct{kind}Amount": left}
        found[f"sellerBurden{first}Amount"] = amount
        if kind != "Discount":
            found |= {f"initialSellerBurden{kind}Amount": amount, f"remainSellerBurden{kind}Amount": left}
    if several:
        found |= {
            "productMultiplePurchaseDiscountAmount": several, "sellerBurdenMultiplePurchaseDiscountAmount": several,
            "sellerBurdenStoreDiscountAmount": 0,
        }  # fmt: skip
    return found


def extras(order: Order, line: Line) -> dict[str, Any]:
    """Return the fields that only some product orders have."""
    found: dict[str, Any] = {
        "giftReceivingStatus": people.gift(order),
        "freeGift": next((one.name for one in order.lines if one.kind == "gift" and one.bundle == line.no), None),
        "individualCustomUniqueCode": "P123456789012" if people.customs(order, line) else None,
        # A literal text that captures show where there is nothing.
        "inflowPathAdd": "undefined" if order.mobile else None,
        "sellerCustomCode1": "SEASON-25SS" if line.product % 2 else None,
        "sellerCustomCode2": "" if line.product % 2 else None,
    }  # fmt: skip
    if line.status == "on_hold":
        found |= {"delayedDispatchReason": "PRODUCT_PREPARE", "delayedDispatchDetailedReason": "입고가 늦어지고 있어요"}
    if multiple(order, line):
        found["sellerBurdenMultiplePurchaseDiscountType"] = "IGNORE_QUANTITY"
    if code := coupon(order, line):
        found["appliedCoupons"] = [
            {"couponPublishNumber": str(700_000 + order.no), "couponClassCode": TEXT, "couponDiscountAmount": code,
             "naverBurdenRatio": 0}
        ]  # fmt: skip
    if order.no % 16 == 9:
        found["appliedCardPromotion"] = {
            "promotionName": TEXT, "cardCompanyName": TEXT, "promotionApplyAmount": 0, "brandCompanyBurdenRatio": 0,
        }  # fmt: skip
    return found | _dispatch(order, line)


def _dispatch(order: Order, line: Line) -> dict[str, Any]:
    """Return how a line is sent: by Naver's fulfilment, on a day that was hoped for, or from a day on."""
    day = order.ordered_at + timedelta(days=3)
    if line.product % 7 == 3:
        return {
            "deliveryAttributeType": "ARRIVAL_GUARANTEE", "arrivalGuaranteeDate": kst(day), "deliveryTagType": TEXT,
            "logisticsCompanyId": TEXT, "logisticsCenterId": TEXT, "logisticsDirectContracted": True,
            "storageType": TEXT,
            "skuMappings": [{"nsId": TEXT, "nsBarcode": TEXT, "pickingQuantityPerOrder": line.quantity}],
        }  # fmt: skip
    if line.product % 7 == 5:
        return {
            "deliveryAttributeType": "HOPE",
            "hopeDelivery": {
                "region": TEXT, "additionalFee": 0, "hopeDeliveryYmd": f"{day:%Y%m%d}", "hopeDeliveryHm": "1400",
                "changeReason": TEXT, "changer": TEXT,
            },
        }  # fmt: skip
    return {"deliveryAttributeType": "PRE_ORDER", "shippingStartDate": kst(day)} if line.product % 7 == 6 else {}


def held_back(line: Line, claim: Claim | None) -> bool:
    """Return whether the buyer's confirmation is held back: told among the claims, and none."""
    return claim is None and line.status == "delivered" and line.no % 3 == 0
