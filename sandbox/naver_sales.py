"""Product orders of the emulated Commerce API, their claims, and the feed of their latest changes."""

from datetime import datetime
from typing import Any

from sandbox import naver_ids as ids
from sandbox import shapes
from sandbox.entities import Claim, Line, Order
from shopscrape import values

SHAPES = shapes.templates("naver_shapes.json")
STATES = {
    "placed": "PAYMENT_WAITING", "paid": "PAYED", "preparing": "PAYED", "on_hold": "PAYED", "shipped": "DELIVERING",
    "delivered": "DELIVERED", "completed": "PURCHASE_DECIDED", "failed": "CANCELED_BY_NOPAYMENT",
    "cancelled": "CANCELED", "returned": "RETURNED", "exchanged": "EXCHANGED",
}  # fmt: skip
PHASES = {
    ("cancel", "requested"): "CANCEL_REQUEST", ("cancel", "accepted"): "CANCELING",
    ("cancel", "refunding"): "CANCELING",
    ("cancel", "on_hold"): "CANCELING", ("cancel", "completed"): "CANCEL_DONE",
    ("return", "requested"): "RETURN_REQUEST", ("return", "accepted"): "COLLECTING",
    ("return", "collecting"): "COLLECTING", ("return", "collected"): "COLLECT_DONE",
    ("return", "refunding"): "COLLECT_DONE", ("return", "on_hold"): "COLLECT_DONE",
    ("return", "completed"): "RETURN_DONE",
    ("exchange", "requested"): "EXCHANGE_REQUEST", ("exchange", "accepted"): "COLLECTING",
    ("exchange", "collecting"): "COLLECTING", ("exchange", "collected"): "COLLECT_DONE",
    ("exchange", "on_hold"): "COLLECT_DONE", ("exchange", "reshipping"): "EXCHANGE_REDELIVERING",
    ("exchange", "completed"): "EXCHANGE_DONE",
}  # fmt: skip
"""What is not here is a claim that was refused or taken back: <KIND>_REJECT."""
REASONS = {
    "changed_mind": "INTENT_CHANGED", "wrong_option": "COLOR_AND_SIZE", "dissatisfied": "PRODUCT_UNSATISFIED",
    "late": "DELAYED_DELIVERY", "out_of_stock": "SOLD_OUT", "lost": "DROPPED_DELIVERY", "damaged": "BROKEN",
    "defective": "BROKEN", "not_as_described": "INCORRECT_INFO", "wrong_item": "WRONG_DELIVERY",
    "payment": "NOT_YET_PAYMENT",
    "seller": "SALE_INTENT_CHANGED", "undeliverable": "RECEIVER_MISMATCHED", "missing_parts": "UNDER_QUANTITY",
    "duplicate": "WRONG_ORDER", "service": "ETC", "other": "ETC",
}  # fmt: skip
ASKERS = {"buyer": "구매회원", "seller": "판매자", "platform": "시스템"}
COURIERS = {"cj": "CJGLS", "hanjin": "HANJIN", "lotte": "HYUNDAI", "post": "EPOST", "logen": "KGB"}
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
DEDUCTED = "환불금에서 차감"


def kst(at: datetime | None, digits: str = ".0") -> str | None:
    """Return a time as answers print it, with as many fraction digits as it pleases."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%dT%H:%M:%S}{digits}+09:00" if at else None


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not there: absent values are omitted, not null."""
    return {key: value for key, value in fields.items() if value is not None}


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


def claim_state(claim: Claim) -> str:
    """Return claimStatus."""
    return PHASES.get((claim.kind, claim.phase), f"{claim.kind.upper()}_REJECT")


def buyer(order: Order) -> dict[str, str]:
    """Return how the buyer is shown: in clear, or masked on a gift order."""
    who = order.buyer
    phone = f"{who.phone[:4]}****{who.phone[-5:]}" if order.masked else who.phone
    name = f"{who.name[:1]}**" if order.masked else who.name
    return {
        "ordererId": f"{who.member[:4]}****",
        "ordererNo": str(200_000_000 + who.no),
        "ordererName": name,
        "ordererTel": phone,
    }


def product_order(order: Order, line: Line) -> dict[str, Any]:
    """Return one element of an answer: order, productOrder, delivery, claims."""
    claim, units = ids.claim_of(order, line)
    told: dict[str, Any] = {"order": _order(order), "productOrder": _line(order, line, claim)}
    if line.parcels:
        first = line.parcels[0]
        told["delivery"] = _told(
            shapes.fill(
                SHAPES["delivery"],
                {
                    "deliveryCompany": COURIERS[first.courier], "trackingNumber": first.tracking,
                    "sendDate": kst(first.shipped_at, ".976"), "pickupDate": kst(first.shipped_at),
                    "deliveredDate": kst(line.delivered_at),
                    "deliveryStatus": "DELIVERY_COMPLETION" if line.delivered_at else "DELIVERING",
                },
            )
        )  # fmt: skip
    if claim is not None:
        block = _claim(order, claim, line, units)
        told["currentClaim"] = {claim.kind: block}
        if order.no % 2:
            # The old places, announced for removal and still there.
            told[claim.kind] = block
        if claim.phase == "completed":
            told["completedClaims"] = [_completed(order, claim, line, units)]
    return told


def _order(order: Order) -> dict[str, Any]:
    return _told(
        shapes.fill(
            SHAPES["order"],
            {
                "orderId": ids.order_no(order), "orderDate": kst(order.ordered_at, ".123"), **buyer(order),
                "paymentDate": kst(order.paid_at), "paymentMeans": MEANS[order.methods[0]],
                "orderDiscountAmount": order.coupon, "generalPaymentAmount": order.due if order.paid_at else 0,
                "naverMileagePaymentAmount": order.points, "payLocationType": "MOBILE" if order.mobile else "PC",
            },
        )
    )  # fmt: skip


def remaining(line: Line) -> int:
    """Return remainQuantity: nothing is left of what was never paid."""
    return 0 if line.status == "failed" else line.left


def amounts(line: Line) -> dict[str, int]:
    """Return the sums of a line, as ordered and as they stand now."""
    units = remaining(line)
    left, discount = line.unit * units, line.discount * units // line.quantity
    return {
        "totalProductAmount": line.unit * line.quantity, "initialProductAmount": line.unit * line.quantity,
        "remainProductAmount": left, "productDiscountAmount": line.discount,
        "initialProductDiscountAmount": line.discount, "remainProductDiscountAmount": discount,
        "productImediateDiscountAmount": line.discount, "initialProductImmediateDiscountAmount": line.discount,
        "remainProductImmediateDiscountAmount": discount, "totalPaymentAmount": line.total,
        "initialPaymentAmount": line.total, "remainPaymentAmount": left - discount,
        "sellerBurdenDiscountAmount": line.discount, "sellerBurdenImediateDiscountAmount": line.discount,
        "initialSellerBurdenImmediateDiscountAmount": line.discount,
        "remainSellerBurdenImmediateDiscountAmount": discount,
    }  # fmt: skip


def _line(order: Order, line: Line, claim: Claim | None) -> dict[str, Any]:
    who = order.receiver
    address = SHAPES["line"]["shippingAddress"] | {
        "name": who.name, "tel1": who.phone, "zipCode": who.zipcode, "baseAddress": who.address,
        "detailedAddress": who.detail,
    }  # fmt: skip
    options = " / ".join(f"{name}: {value}" for name, value in line.options.items())
    confirmed = line.status not in ("placed", "paid", "failed") or None
    told = shapes.fill(
        SHAPES["line"],
        {
            "productOrderId": ids.line_no(order, line), "productOrderStatus": state(line, claim, order),
            "productId": str(ids.channel_no(line.product)), "originalProductId": str(ids.origin_no(line.product)),
            "merchantChannelId": str(ids.CHANNEL_NO), "productName": line.name,
            "productClass": _class(line),
            "productOption": options or None, "optionCode": str(ids.option_no(line.variant)) if options else None,
            "itemNo": str(ids.option_no(line.variant)) if options else None,
            "optionManageCode": line.code if options else None, "optionPrice": line.surcharge,
            "sellerProductCode": line.code, "unitPrice": line.price, "quantity": line.quantity,
            "initialQuantity": line.quantity, "remainQuantity": remaining(line), **amounts(line),
            "placeOrderStatus": "OK" if confirmed else "NOT_YET", "deliveryFeeAmount": order.shipping_fee,
            "packageNumber": ids.order_no(order), "shippingMemo": order.message or None,
            "shippingAddress": None if order.masked else address,
            "shippingFeeType": "선결제" if order.shipping_fee else "무료",
        },
    )  # fmt: skip
    told["decisionDate"] = kst(line.completed_at)
    if claim is not None:
        told |= {
            "claimType": claim.kind.upper(), "claimStatus": claim_state(claim),
            "claimId": ids.claim_no(order, claim, line),
        }  # fmt: skip
    return _told(told)


def _class(line: Line) -> str:
    if line.kind == "add_on":
        return "추가구성상품"
    return "조합형옵션상품" if line.options else "단일상품"


def _claim(order: Order, claim: Claim, line: Line, units: int) -> dict[str, Any]:
    common = {
        "claimId": ids.claim_no(order, claim, line), "claimStatus": claim_state(claim),
        "claimRequestDate": kst(claim.requested_at), "requestChannel": ASKERS[claim.by], "requestQuantity": units,
        f"{claim.kind}Reason": REASONS[claim.reason], f"{claim.kind}DetailedReason": claim.text,
    }  # fmt: skip
    if claim.kind == "cancel":
        ends = {
            "cancelApprovalDate": kst(claim.when("accepted", "completed")),
            "cancelCompletedDate": kst(claim.completed_at), "refundExpectedDate": kst(claim.completed_at),
        }  # fmt: skip
        return _told(shapes.fill(SHAPES["cancel"], common | ends))
    fee = _fee(claim, line)
    common |= {
        "collectStatus": "DELIVERED" if claim.when("collected") else "NOT_REQUESTED",
        "collectDeliveryCompany": COURIERS[claim.courier] if claim.courier else None,
        "collectTrackingNumber": claim.tracking, "collectCompletedDate": kst(claim.when("collected")),
        "claimDeliveryFeeDemandAmount": fee, "claimDeliveryFeePayMethod": DEDUCTED if fee else "판매자 부담",
    }  # fmt: skip
    if claim.kind == "return":
        ends = {
            "returnCompletedDate": kst(claim.completed_at),
            "refundStandbyStatus": "환불처리완료" if claim.completed_at else None,
            "holdbackStatus": "HOLDBACK" if claim.phase == "on_hold" else None, "holdbackReason": None,
            "holdbackReleaseDate": None, "holdbackReleaser": None, "holdbackConfigDate": None,
            "holdbackConfigurer": None,
        }  # fmt: skip
        return _told(shapes.fill(SHAPES["return"], common | ends))
    sent = order.line(claim.replacements[0]).parcels[0] if claim.replacements else None
    common |= {
        "reDeliveryCompany": COURIERS[sent.courier] if sent else None,
        "reDeliveryTrackingNumber": sent.tracking if sent else None,
        "reDeliveryOperationDate": kst(sent.shipped_at) if sent else None,
        "reDeliveryStatus": "DELIVERING" if sent else None,
        "claimDeliveryFeePayMethod": "지금 결제함" if fee else "판매자 부담",
    }  # fmt: skip
    return _told(shapes.fill(SHAPES["exchange"], common))


def _fee(claim: Claim, line: Line) -> int:
    """A fee is told once, on the first line of the claim."""
    return claim.fee if claim.lines[0][0] == line.no else 0


def _completed(order: Order, claim: Claim, line: Line, units: int) -> dict[str, Any]:
    return _told(
        shapes.fill(
            SHAPES["completed"],
            {
                "claimType": claim.kind.upper(), "claimId": ids.claim_no(order, claim, line),
                "claimStatus": claim_state(claim), "claimRequestDate": kst(claim.requested_at),
                "requestChannel": ASKERS[claim.by], "claimRequestReason": REASONS[claim.reason],
                "claimRequestDetailContent": claim.text, "requestQuantity": units,
                "claimRequestAdmissionDate": kst(claim.when("accepted", "completed")),
                "claimCompleteOperationDate": kst(claim.completed_at), "refundExpectedDate": kst(claim.completed_at),
            },
        )
    )  # fmt: skip


def change(order: Order, line: Line) -> dict[str, Any]:
    """Return the row of the feed."""
    at, word = changed(order, line)
    claim, _ = ids.claim_of(order, line)
    told = {
        "orderId": ids.order_no(order), "productOrderId": ids.line_no(order, line), "lastChangedType": word,
        "paymentDate": kst(order.paid_at), "lastChangedDate": kst(at), "productOrderStatus": state(line, claim, order),
        "receiverAddressChanged": False, "claimType": claim.kind.upper() if claim else None,
        "claimStatus": claim_state(claim) if claim else None,
    }  # fmt: skip
    return _told(told)
