"""Cancellations, returns and exchanges: how they are asked for, what each phase does to the order."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from sandbox.entities import Claim, Event, Line, Order, Parcel

PATHS = {
    "cancel": ("requested", "accepted", "refunding", "completed"),
    "return": ("requested", "accepted", "collecting", "collected", "refunding", "completed"),
    "exchange": ("requested", "accepted", "collecting", "collected", "reshipping", "completed"),
}
"""The phases of a claim that comes to its end."""
ENDED = {"cancel": "cancelled", "return": "returned", "exchange": "exchanged"}
"""The word of a line that a finished claim took out."""
_PLANS = (
    ("cancel", "completed"), ("return", "completed"), ("exchange", "completed"), ("cancel", "requested"),
    ("return", "requested"), ("exchange", "requested"), ("return", "collecting"), ("return", "collected"),
    ("exchange", "collected"), ("exchange", "reshipping"), ("cancel", "withdrawn"), ("return", "withdrawn"),
    ("exchange", "withdrawn"), ("cancel", "rejected"), ("return", "rejected"), ("exchange", "rejected"),
    ("cancel", "refunding"), ("return", "refunding"), ("return", "on_hold"), ("exchange", "on_hold"),
    ("cancel", "accepted"), ("return", "accepted"), ("exchange", "accepted"), ("exchange", "collecting"),
    ("cancel", "on_hold"), ("cancel", "completed"), ("return", "completed"),
)  # fmt: skip
_REASONS = {
    "cancel": (
        "changed_mind", "wrong_option", "out_of_stock", "late", "duplicate", "payment", "seller", "other", "service",
    ),
    "return": (
        "changed_mind", "dissatisfied", "not_as_described", "defective", "damaged", "missing_parts", "wrong_item",
        "late", "lost", "undeliverable", "other",
    ),
    "exchange": ("wrong_option", "defective", "wrong_item", "damaged", "dissatisfied", "missing_parts"),
}  # fmt: skip
_BUYERS_FAULT = ("changed_mind", "wrong_option", "dissatisfied", "duplicate")
_TEXTS = (
    None, "사이즈가 안 맞아요", "색상이 <화면>과 달라요 &amp; 얼룩", "연락 주세요 {phone}",
    "계좌로 환불 부탁드려요\r\n{email}",
    "박스가 찌그러져서 왔어요 😢", "단순 변심, 미개봉", "마음이 바뀜/다른 색 주문 예정",
)  # fmt: skip
_HOLDS = ("반품 배송비 미입금", "기타 반품비용 청구", "재고 확인 중", "수거 상품 훼손")


class Plan(NamedTuple):
    """A claim that is to come."""

    kind: str
    end: str
    before: str
    """The step that the lines reach first."""
    lines: list[tuple[Line, int]]
    reason: str
    by: str


def plan(order: Order, dice: random.Random) -> list[Plan]:
    """Return the claims that an order of the past will have; numbers of orders go through all kinds and phases."""
    sales = [line for line in order.lines if line.kind == "sale"]
    if order.no % 4 != 1:
        # Never paid: the platform cancels a part of these by itself.
        whole = [(line, line.quantity) for line in order.lines]
        return [Plan("cancel", "completed", "placed", whole, "payment", "platform")] if order.no % 3 == 0 else []
    kind, end = _PLANS[order.no // 4 % len(_PLANS)]
    chosen = sales if kind == "cancel" and order.no % 3 == 0 else sales[:1]
    partial = len(chosen) == 1 and chosen[0].quantity > 1 and order.no % 8 == 1
    lines = [(line, line.quantity // 2 if partial else line.quantity) for line in chosen]
    before = (
        dice.choice(("paid", "preparing")) if kind == "cancel" else dice.choice(("delivered", "delivered", "shipped"))
    )
    reason = _REASONS[kind][order.no // 4 % len(_REASONS[kind])]
    by = "seller" if reason in ("out_of_stock", "seller") else "platform" if reason == "undeliverable" else "buyer"
    found = [Plan(kind, end, before, lines, reason, by)]
    if len(sales) > 2 and len(chosen) == 1:
        # A second claim of another kind in the same order.
        other = "cancel" if kind != "cancel" else "return"
        step = "paid" if other == "cancel" else "delivered"
        why = _REASONS[other][order.no // 16 % len(_REASONS[other])]
        found.append(Plan(other, "completed", step, [(sales[1], sales[1].quantity)], why, "buyer"))
    return found


def play(order: Order, plan: Plan, at: datetime, dice: random.Random, end: datetime) -> Claim:
    """Open a claim and bring it as far as planned and as time allows."""
    at = min(at + timedelta(seconds=dice.randrange(600, 60 * 3600)), end - timedelta(seconds=dice.randrange(30, 400)))
    at = max(at, order.changed_at)
    claim = ask(order, len(order.claims) + 1, plan, at, dice)
    path = PATHS[plan.kind]
    if plan.end in ("rejected", "withdrawn"):
        path = ("requested", plan.end)
    elif plan.end == "on_hold":
        path = (*path[: 4 if plan.kind != "cancel" else 2], "on_hold")
    else:
        path = path[: path.index(plan.end) + 1]
    if plan.by == "platform" and plan.kind == "cancel":
        path = ("requested", "completed")
    for phase in path[1:]:
        at += timedelta(seconds=dice.randrange(3600, 40 * 3600))
        if at >= end:
            break
        step(order, claim, phase, at, dice)
    return claim


def ask(order: Order, no: int, plan: Plan, at: datetime, dice: random.Random) -> Claim:
    """Open a claim."""
    text = _TEXTS[order.no // 4 % len(_TEXTS)]
    claim = Claim(
        no=no, order=order.no, kind=plan.kind, by=plan.by, lines=[(line.no, units) for line, units in plan.lines],  # type: ignore[arg-type]
        phase="requested", reason=plan.reason, before=plan.lines[0][0].status,  # type: ignore[arg-type]
        text=text.format(phone=order.buyer.phone, email=order.buyer.email) if text else None,
        fee=(3000 if plan.kind == "return" else 6000) if plan.reason in _BUYERS_FAULT and plan.kind != "cancel" else 0,
        method=order.methods[0] if order.paid_at and plan.kind != "exchange" else None,
    )  # fmt: skip
    for line, _ in plan.lines:
        line.claim = no
    order.claims.append(claim)
    claim.note(at, "requested")
    order.note(at, f"{plan.kind}_requested", plan.lines[0][0].no, no)
    return claim


def next_phase(claim: Claim) -> str | None:
    """Return the phase that follows, None when it is over."""
    if not claim.open:
        return None
    path = PATHS[claim.kind]
    if claim.phase == "on_hold":
        return path[-2]
    return path[path.index(claim.phase) + 1]


def step(order: Order, claim: Claim, phase: str, at: datetime, dice: random.Random) -> None:
    """Bring a claim to a phase, with all that it does to the order."""
    claim.phase = phase  # type: ignore[assignment]
    if phase in ("on_hold", "rejected"):
        claim.hold = _HOLDS[claim.order % len(_HOLDS)]
    if phase == "collecting":
        claim.courier, claim.tracking = "cj", f"70{order.no:07d}{claim.lines[0][0] % 100:02d}"
    if phase == "reshipping":
        _replace(order, claim, at)
    if phase == "completed":
        _complete(order, claim, at)
    claim.note(at, phase)
    order.note(at, f"{claim.kind}_{phase}", claim.lines[0][0], claim.no)


def _complete(order: Order, claim: Claim, at: datetime) -> None:
    amount = 0
    for no, units in claim.lines:
        line = order.line(no)
        amount += line.unit * units - line.discount * units // line.quantity
        line.left -= units
        if not line.left:
            line.status = ENDED[claim.kind]  # type: ignore[assignment]
    for no in claim.replacements:
        line = order.line(no)
        line.status = "delivered"
        for parcel in line.parcels:
            parcel.delivered_at = at
        order.note(at, "delivered", no)
    if claim.kind == "exchange" or not order.paid_at:
        claim.restocked = False if claim.kind == "exchange" else None
        return
    if not any(line.left for line in order.lines if line.kind == "sale"):
        # Nothing sold is left: delivery and points go back too, what hangs on the lines goes along.
        for line in order.lines:
            if line.left and line.kind != "replacement":
                amount += line.total
                line.left, line.status = 0, ENDED[claim.kind]  # type: ignore[assignment]
        amount += order.shipping_fee if claim.kind == "cancel" else 0
        claim.points_back = order.points
        amount = amount - order.points - order.coupon
    claim.refund = max(amount - claim.fee, 0)
    claim.refunded_at = at
    claim.restocked = order.no % 3 != 0


def _replace(order: Order, claim: Claim, at: datetime) -> None:
    for no, units in claim.lines:
        gone = order.line(no)
        place = len(order.lines) + 1
        line = Line(
            no=order.no * 100 + place, place=place, kind="replacement", product=gone.product, variant=gone.variant,
            name=gone.name, code=gone.code, options=dict(gone.options), quantity=units, left=units, price=gone.price,
            surcharge=gone.surcharge, status="shipped", replaces=gone.no,
            parcels=[Parcel(courier="hanjin", tracking=f"55{order.no:07d}{place:02d}", shipped_at=at)],
        )  # fmt: skip
        order.lines.append(line)
        claim.replacements.append(line.no)
        order.note(at, "shipped", line.no)


def renumber(orders: list[Order], found: list[Claim]) -> list[Claim]:
    """Number all claims by the time they were asked for, and return them so."""
    found.sort(key=lambda claim: (claim.requested_at, claim.order))
    numbers = {}
    for no, claim in enumerate(found, 1):
        numbers[claim.order, claim.no] = no
        claim.no = no
    for order in orders:
        if order.claims:
            order.events = [_with(event, numbers.get((order.no, event.claim), 0)) for event in order.events]
            for line in order.lines:
                line.claim = numbers.get((order.no, line.claim), 0)
    return found


def _with(event: Event, claim: int) -> Event:
    return Event(event.at, event.what, event.line, claim) if event.claim else event
