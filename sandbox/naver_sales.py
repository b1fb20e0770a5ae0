"""Product orders of the emulated Commerce API, and the feed of their latest changes."""

from datetime import datetime, timedelta
from typing import Any

from sandbox import naver_claims as claims
from sandbox import naver_ids as ids
from sandbox import naver_people as people
from sandbox import shapes
from sandbox.entities import Claim, Line, Order
from sandbox.naver_extras import discounts, extras, held_back
from sandbox.naver_goods import SUPPLEMENT
from sandbox.naver_ids import kst, told

SHAPES = shapes.templates("naver_shapes.json")
STATES = {
    "placed": "PAYMENT_WAITING", "paid": "PAYED", "preparing": "PAYED", "on_hold": "PAYED", "shipped": "DELIVERING",
    "delivered": "DELIVERED", "completed": "PURCHASE_DECIDED", "failed": "CANCELED_BY_NOPAYMENT",
    "cancelled": "CANCELED", "returned": "RETURNED", "exchanged": "EXCHANGED",
}  # fmt: skip
MEANS = {
    "card": "신용카드", "bank": "무통장입금", "virtual_account": "무통장입금", "phone": "휴대폰",
    "naver_pay": "신용카드 간편결제",
    "kakao_pay": "계좌 간편결제", "points": "포인트/머니결제", "coupon_only": "포인트/머니결제",
}  # fmt: skip
CHANGES = {
    "ordered": "PAY_WAITING", "paid": "PAYED", "shipped": "DISPATCHED", "completed": "PURCHASE_DECIDED",
    "failed": "CLAIM_COMPLETED", "requested": "CLAIM_REQUESTED", "collected": "COLLECT_DONE",
    "reshipping": "CLAIM_REDELIVERING", "claim completed": "CLAIM_COMPLETED", "rejected": "CLAIM_REJECTED",
    "withdrawn": "CLAIM_REJECTED",
}  # fmt: skip
"""What happened to lastChangedType. A delivery, a confirmation and a hold make no row in the feed."""
TYPES = frozenset((
    *CHANGES.values(), "EXCHANGE_OPTION", "DELIVERY_ADDRESS_CHANGED", "GIFT_RECEIVED", "HOPE_DELIVERY_INFO_CHANGED",
))  # fmt: skip
"""All words of lastChangedType."""
HELD = "PURCHASE_DECISION_HOLDBACK"


def changed(order: Order, line: Line) -> tuple[datetime, str]:
    """Return when a product order last changed, and the word of that change."""
    claim, _ = ids.claim_of(order, line)
    latest = (order.ordered_at, "PAY_WAITING")
    for event in order.events:
        what = event.what
        if event.claim:
            if claim is None or event.claim != claim.no:
                continue
            phase = what.partition("_")[2]
            what = "claim completed" if phase == "completed" else phase
        elif event.line not in (0, line.no):
            continue
        if what in CHANGES and event.at >= latest[0]:
            latest = (event.at, CHANGES[what])
    return latest


def state(line: Line, claim: Claim | None, order: Order) -> str:
    """Return productOrderStatus."""
    if line.status == "cancelled" and not order.paid_at:
        return "CANCELED_BY_NOPAYMENT"
    return STATES[line.status]


def product_order(order: Order, line: Line) -> dict[str, Any]:
    """Return one element of an answer: order, productOrder, delivery, claims."""
    claim, units = ids.claim_of(order, line)
    row: dict[str, Any] = {"order": _order(order), "productOrder": _line(order, line, claim)}
    if line.parcels:
        row["delivery"] = _delivery(order, line)
    if claim is None:
        return row
    found = claims.block(order, claim, line, units)
    row["currentClaim"] = {claim.kind: found}
    if order.no % 13:
        # The old places, announced for removal and still there.
        row[claim.kind] = found
    over = [(claim, units)] if claim.phase == "completed" else []
    before = claims.before(order, claim, line)
    if before is not None:
        row["beforeClaim"] = {"exchange": claims.block(order, before, line, line.quantity)}
        over.insert(0, (before, line.quantity))
    if over:
        row["completedClaims"] = [claims.completed(order, one, line, count) for one, count in over]
    return row


def _delivery(order: Order, line: Line) -> dict[str, Any]:
    first, wrong = line.parcels[0], order.no % 16 == 2
    found = shapes.fill(
        SHAPES["delivery"],
        {
            "deliveryCompany": claims.COURIERS[first.courier], "trackingNumber": first.tracking,
            "sendDate": kst(first.shipped_at, ".976"), "pickupDate": kst(first.shipped_at),
            "deliveredDate": kst(line.delivered_at), "isWrongTrackingNumber": wrong,
            "deliveryStatus": "DELIVERY_COMPLETION" if line.delivered_at else "DELIVERING",
        },
    )  # fmt: skip
    if wrong:
        found |= {"wrongTrackingNumberRegisteredDate": kst(first.shipped_at), "wrongTrackingNumberType": "string"}
    return told(found)


def _order(order: Order) -> dict[str, Any]:
    found = shapes.fill(
        SHAPES["order"],
        {
            "orderId": ids.order_no(order), "orderDate": kst(order.ordered_at, ".123"), **people.buyer(order),
            "paymentDate": kst(order.paid_at), "paymentMeans": MEANS[order.methods[0]],
            "orderDiscountAmount": order.coupon, "generalPaymentAmount": order.due if order.paid_at else 0,
            "naverMileagePaymentAmount": order.points, "payLocationType": "MOBILE" if order.mobile else "PC",
        },
    )  # fmt: skip
    if order.methods[0] in ("bank", "virtual_account"):
        found["paymentDueDate"] = kst(order.ordered_at + timedelta(days=2))
    return told(found)


def remaining(line: Line) -> int:
    """Return remainQuantity: nothing is left of what was never paid."""
    return 0 if line.status == "failed" else line.left


def amounts(order: Order, line: Line) -> dict[str, int]:
    """Return the sums of a line, as ordered and as they stand now."""
    units = remaining(line)
    left, discount = line.unit * units, line.discount * units // line.quantity
    return {
        "totalProductAmount": line.unit * line.quantity, "initialProductAmount": line.unit * line.quantity,
        "remainProductAmount": left, "totalPaymentAmount": line.total, "initialPaymentAmount": line.total,
        "remainPaymentAmount": left - discount, **discounts(order, line, units),
    }  # fmt: skip


def confirmed_at(order: Order, line: Line) -> datetime | None:
    """Return when the seller confirmed a line (발주확인), None while that is to come."""
    return next((event.at for event in order.events if event.what == "preparing" and event.line == line.no), None)


def _line(order: Order, line: Line, claim: Claim | None) -> dict[str, Any]:
    confirmed = confirmed_at(order, line)
    fields: dict[str, Any] = {
        "productOrderId": ids.line_no(order, line), "productOrderStatus": state(line, claim, order),
        "merchantChannelId": str(ids.CHANNEL_NO), "mallId": ids.ACCOUNT, **_sold(order, line),
        "quantity": line.quantity,
        "initialQuantity": line.quantity, "remainQuantity": remaining(line), **amounts(order, line),
        "placeOrderStatus": "OK" if confirmed else "NOT_YET", "placeOrderDate": kst(confirmed),
        "deliveryFeeAmount": order.shipping_fee,
        "packageNumber": ids.order_no(order), "shippingMemo": order.message or None,
        "shippingAddress": people.receiver(order, whole=True) if people.accepted(order) else None,
        "takingAddress": people.seller(order, "takingAddress"),
        "shippingFeeType": "선결제" if order.shipping_fee else "무료", "decisionDate": kst(line.completed_at),
        **extras(order, line),
    }  # fmt: skip
    if claim is not None:
        fields |= {
            "claimType": claim.kind.upper(), "claimStatus": claims.claim_state(claim),
            "claimId": ids.claim_no(order, claim, line),
        }  # fmt: skip
    elif held_back(line, claim):
        fields |= {"claimType": HELD, "claimStatus": HELD, "claimId": f"9{ids.line_no(order, line)[1:]}"}
    return told(SHAPES["line"] | fields)


def _sold(order: Order, line: Line) -> dict[str, Any]:
    """Return what was sold: a product, an option of it, or what is sold beside it (in the name of its product)."""
    main = order.line(line.bundle) if line.kind == "add_on" else line
    found: dict[str, Any] = {
        "productId": str(ids.channel_no(main.product)), "originalProductId": str(ids.origin_no(main.product)),
        "groupProductId": ids.group_no(main.product), "productName": main.name,
        "productClass": "조합형옵션상품" if line.options else "단일상품",
        "productOption": " / ".join(f"{name}: {value}" for name, value in line.options.items()) or None,
        # A product without options tells its own number.
        "optionCode": str(ids.option_no(line.variant) if line.options else ids.channel_no(line.product)),
        "itemNo": str(ids.option_no(line.variant)) if line.options else None,
        "optionManageCode": line.code if line.options else None, "optionPrice": line.surcharge,
        "sellerProductCode": main.code, "unitPrice": line.price,
    }  # fmt: skip
    if main is not line:
        group, name, code, _ = SUPPLEMENT
        number = str(ids.supplement_no(main.product))
        found |= {
            "productClass": "추가구성상품", "productOption": f"{group}: {name}", "optionCode": number, "itemNo": number,
            "optionManageCode": code, "optionPrice": line.unit, "unitPrice": 0,
        }  # fmt: skip
    return found


def change(order: Order, line: Line) -> dict[str, Any]:
    """Return the row of the feed."""
    at, word = changed(order, line)
    claim, _ = ids.claim_of(order, line)
    held = held_back(line, claim)
    return told(
        {
            "orderId": ids.order_no(order), "productOrderId": ids.line_no(order, line), "lastChangedType": word,
            "paymentDate": kst(order.paid_at), "lastChangedDate": kst(at),
            "productOrderStatus": state(line, claim, order), "receiverAddressChanged": False,
            "claimType": claim.kind.upper() if claim else HELD if held else None,
            "claimStatus": claims.claim_state(claim) if claim else HELD if held else None,
            "giftReceivingStatus": people.gift(order),
        }
    )  # fmt: skip
