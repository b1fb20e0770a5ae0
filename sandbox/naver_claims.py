"""Claims of the emulated Commerce API: the block of a cancel, return or exchange, and the shape of finished ones.

A claim that costs the buyer nothing is held back by the platform until the seller has looked at it, as the samples
show; one that the seller holds back tells why. Texts of the refund are empty until the claim is done, and a return then
keeps a stale reason (client). Unverified: that a hold ends with the next step; which claims have a fee beside the
delivery's; texts whose words are not published are sent as the reference prints them, "string".
"""

from datetime import timedelta
from typing import Any

from sandbox import naver_ids as ids
from sandbox import naver_people as people
from sandbox import shapes
from sandbox.entities import Claim, Event, Line, Order, Parcel
from sandbox.naver_ids import kst, told
from shopscrape import values

SHAPES = shapes.templates("naver_shapes.json")
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
KINDS = ("CANCEL", "RETURN", "EXCHANGE")
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
DEDUCTED, PAID, SELLERS = "환불금에서 차감", "지금 결제함", "판매자 부담"
REFUNDED, STALE = "환불처리완료", "반품 진행중건 존재"
HOLDS = {
    "반품 배송비 미입금": ("RETURN_DELIVERYFEE", "EXCHANGE_DELIVERYFEE"),
    "기타 반품비용 청구": ("EXTRAFEEE", "EXCHANGE_EXTRAFEE"), "재고 확인 중": ("ETC", "EXCHANGE_PRODUCT_READY"),
    "수거 상품 훼손": ("SELLER_CONFIRM_NEED", "SELLER_CONFIRM_NEED"),
}  # fmt: skip
"""Why a claim is held back → the code for a return, and for an exchange."""
COLLECTS = {
    "requested": "NOT_REQUESTED", "accepted": "COLLECT_REQUEST_TO_AGENT", "collecting": "COLLECT_WAITING",
}  # fmt: skip
"""Phase → collectStatus; from the arrival on it is DELIVERED."""
EXTRA = 1000
"""What of a fee is no fee of delivery, where a claim has both."""
COMPLETED = frozenset((
    "claimDeliveryFeeDemandAmount", "claimDeliveryFeePayMeans", "claimDeliveryFeePayMethod",
    "claimDeliveryFeeProductOrderIds", "claimDeliveryFeeDiscountAmount", "claimDeliveryFeeSupportType",
    "claimDeliveryFeeSupportAmount", "etcFeeDemandAmount", "etcFeePayMeans", "etcFeePayMethod",
    "remoteAreaCostChargeAmount", "membershipsArrivalGuaranteeClaimSupportingAmount", "returnReceiveAddress",
    "collectAddress", "collectCompletedDate", "collectDeliveryCompany", "collectDeliveryMethod", "collectStatus",
    "collectTrackingNumber", "holdbackDetailedReason", "holdbackReason", "holdbackStatus", "holdbackConfigDate",
    "holdbackConfigurer", "holdbackReleaseDate", "holdbackReleaser", "reDeliveryAddress", "reDeliveryMethod",
    "reDeliveryStatus", "reDeliveryCompany", "reDeliveryTrackingNumber", "reDeliveryOperationDate",
    "refundExpectedDate", "refundStandbyReason", "refundStandbyStatus",
))  # fmt: skip
"""What a finished claim tells by the same name as its block."""


def claim_state(claim: Claim) -> str:
    """Return claimStatus."""
    return PHASES.get((claim.kind, claim.phase), f"{claim.kind.upper()}_REJECT")


# -- money -------------------------------------------------------------------------------------------------------------


def sharers(order: Order, claim: Claim) -> list[Line]:
    """Return the product orders of a claim: they share its fee, which stands on the first."""
    lines = [line for line in order.lines if ids.shown(line) and ids.claim_of(order, line)[0] is claim]
    return sorted(lines, key=lambda line: line.no)


def fee(order: Order, claim: Claim, line: Line) -> int:
    """Return what a product order bears of the claim's fee: all of it or nothing."""
    shared = sharers(order, claim) or [line]
    return claim.fee if shared[0].no == line.no else 0


def method(claim: Claim) -> str:
    """Return how its fee is paid."""
    if not claim.fee:
        return SELLERS
    return PAID if claim.kind == "exchange" or claim.no % 3 == 0 else DEDUCTED


def _fees(order: Order, claim: Claim, line: Line) -> dict[str, Any]:
    extra = EXTRA if claim.fee and claim.no % 4 else 0
    means = "신용카드" if method(claim) == PAID else None
    mine = fee(order, claim, line)
    shared = ",".join(ids.line_no(order, one) for one in sharers(order, claim) or [line])
    return {
        # One delivery is told by each of those that share it.
        "claimDeliveryFeeDemandAmount": claim.fee - extra, "claimDeliveryFeePayMethod": method(claim),
        "claimDeliveryFeePayMeans": means,
        "claimDeliveryFeeProductOrderIds": shared if claim.fee else None,
        "etcFeeDemandAmount": extra if mine else 0, "etcFeePayMethod": method(claim) if extra and mine else None,
        "etcFeePayMeans": means if extra and mine else None, "claimDeliveryFeeDiscountAmount": 0,
        "claimDeliveryFeeSupportType": "string" if order.no % 8 == 5 else None,
        "claimDeliveryFeeSupportAmount": 0 if order.no % 8 == 5 else None,
        "membershipsArrivalGuaranteeClaimSupportingAmount": 0 if order.no % 8 == 5 else None,
    }  # fmt: skip


def _refund(order: Order, claim: Claim) -> dict[str, Any]:
    done = claim.completed_at if order.paid_at else None
    if done is None:
        return {"refundStandbyStatus": "", "refundStandbyReason": "", "refundExpectedDate": None}
    day = values.day_start(done.astimezone(values.SEOUL).date()) + timedelta(days=3)
    return {
        "refundStandbyStatus": REFUNDED, "refundStandbyReason": STALE if claim.kind == "return" else "",
        "refundExpectedDate": kst(day),
    }  # fmt: skip


# -- holds -------------------------------------------------------------------------------------------------------------


def _hold(claim: Claim) -> dict[str, Any]:
    at, why, who = claim.when("on_hold"), "", "판매자"
    if at is not None:
        why = HOLDS[claim.hold or "재고 확인 중"][claim.kind == "exchange"]
    elif not claim.fee:
        at, why, who = claim.requested_at, "SELLER_CONFIRM_NEED", "시스템"
    if at is None:
        return dict.fromkeys((
            "holdbackStatus", "holdbackReason", "holdbackDetailedReason", "holdbackConfigDate", "holdbackConfigurer",
            "holdbackReleaseDate", "holdbackReleaser",
        ))  # fmt: skip
    ends = [one.at for one in claim.events if one.at > at and (who == "판매자" or one.what not in PHASES_OPEN)]
    return {
        "holdbackStatus": "RELEASED" if ends else "HOLDBACK", "holdbackReason": why,
        "holdbackDetailedReason": claim.hold if who == "판매자" else None, "holdbackConfigDate": kst(at),
        "holdbackConfigurer": who, "holdbackReleaseDate": kst(ends[0]) if ends else None,
        "holdbackReleaser": "판매자" if ends else None,
    }  # fmt: skip


PHASES_OPEN = ("requested", "accepted", "collecting", "collected", "refunding", "on_hold")
"""Steps that leave the platform's own hold in force."""


# -- blocks ------------------------------------------------------------------------------------------------------------


def block(order: Order, claim: Claim, line: Line, units: int) -> dict[str, Any]:
    """Return a claim as it stands below its kind."""
    common: dict[str, Any] = {
        "claimId": ids.claim_no(order, claim, line), "claimStatus": claim_state(claim),
        "claimRequestDate": kst(claim.requested_at), "requestChannel": ASKERS[claim.by], "requestQuantity": units,
        f"{claim.kind}Reason": REASONS[claim.reason], f"{claim.kind}DetailedReason": claim.text,
    }  # fmt: skip
    if claim.kind == "cancel":
        ends = {
            "cancelApprovalDate": kst(claim.when("accepted", "completed")),
            "cancelCompletedDate": kst(claim.completed_at),
        }
        return _filled("cancel", common | ends | _refund(order, claim))
    arrived, called_off = claim.when("collected"), "COLLECT_CANCELED" if claim.courier else "NOT_REQUESTED"
    common |= {
        "collectAddress": people.receiver(order), "returnReceiveAddress": people.seller(order, "returnReceiveAddress"),
        "collectStatus": "DELIVERED" if arrived else COLLECTS.get(claim.phase, called_off),
        "collectDeliveryCompany": COURIERS[claim.courier] if claim.courier else None,
        "collectTrackingNumber": claim.tracking, "collectCompletedDate": kst(arrived),
        **_fees(order, claim, line), **_hold(claim),
    }  # fmt: skip
    pictures = [f"https://phinf.pstatic.net/checkout/{claim.kind}{claim.no}.jpg"]
    if claim.kind == "return":
        ends = {
            "returnCompletedDate": kst(claim.completed_at),
            "returnImageUrl": pictures if claim.by == "buyer" and not claim.fee else [],
        }
        return _filled("return", common | ends | _refund(order, claim))
    sent = _sent(order, claim)
    common |= {
        "exchangeImageUrl": pictures if claim.no % 2 else None, "reDeliveryAddress": people.receiver(order),
        "reDeliveryCompany": COURIERS[sent.courier] if sent else None,
        "reDeliveryTrackingNumber": sent.tracking if sent else None,
        "reDeliveryOperationDate": kst(sent.shipped_at) if sent else None,
        "reDeliveryStatus": None if sent is None else "DELIVERY_COMPLETION" if sent.delivered_at else "DELIVERING",
    }  # fmt: skip
    return _filled("exchange", common)


def _filled(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    rare = {name: fields[name] for name in fields.keys() - SHAPES[kind].keys()}
    return told(shapes.fill(SHAPES[kind], {name: fields[name] for name in fields.keys() - rare.keys()}) | rare)


def _sent(order: Order, claim: Claim) -> Parcel | None:
    if claim.no > BEFORE:
        return Parcel(
            courier="hanjin", tracking=f"56{claim.no}", shipped_at=claim.events[-2].at, delivered_at=claim.completed_at
        )
    return order.line(claim.replacements[0]).parcels[0] if claim.replacements else None


def completed(order: Order, claim: Claim, line: Line, units: int) -> dict[str, Any]:
    """Return a finished claim in the shape that all kinds have in common."""
    here = block(order, claim, line, units)
    fields = {
        "claimType": claim.kind.upper(), "claimId": here["claimId"], "claimStatus": here["claimStatus"],
        "claimRequestDate": here["claimRequestDate"], "requestChannel": here["requestChannel"],
        "claimRequestReason": REASONS[claim.reason], "claimRequestDetailContent": claim.text,
        "requestQuantity": units, "claimRequestAdmissionDate": kst(claim.when("accepted", "completed")),
        "claimCompleteOperationDate": kst(claim.completed_at),
    }  # fmt: skip
    fields |= {name: value for name, value in here.items() if name in COMPLETED}
    if claim.kind != "cancel" and order.no % 8 == 5:
        # A courier who comes at an hour that was agreed on.
        fields |= dict.fromkeys(
            ("collectOperationDate", "collectStartTime", "collectEndTime", "collectSlotId"), "string"
        )
    return told(fields)


# -- the exchange before -----------------------------------------------------------------------------------------------

BEFORE = 900_000
"""Numbers of claims that the world does not know begin here."""


def before(order: Order, claim: Claim, line: Line) -> Claim | None:
    """Return the exchange that came before a return, as one return in three has it; the world knows it not.

    All of it happened between the dispatch and the request of the return, moments that stay.
    """
    start = line.shipped_at
    if claim.kind != "return" or claim.order % 3 != 2 or start is None or start >= claim.requested_at:
        return None
    step = (claim.requested_at - start) / 7
    phases = ("requested", "accepted", "collecting", "collected", "on_hold", "reshipping", "completed")
    at = [(start + step * place).replace(microsecond=0) for place in range(1, 8)]
    return Claim(
        no=BEFORE + claim.no, order=order.no, kind="exchange", by="buyer", lines=[(line.no, line.quantity)],
        phase="completed", reason="wrong_option", text="XL로 교환 원합니다", before="delivered", fee=6000, courier="cj",
        tracking=f"71{claim.no:07d}", hold="기타 반품비용 청구",
        events=[Event(moment, phase) for moment, phase in zip(at, phases, strict=True)],
    )  # fmt: skip
