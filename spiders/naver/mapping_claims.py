"""Naver claims: what a product order tells of its cancels, returns and exchanges, each claim once.

Claims stand in up to four places: `currentClaim` (the one under way, or the last), `completedClaims[]` (every finished
one, in one common shape), `beforeClaim` (the exchange before the current claim), and the deprecated cancel, return and
exchange beside them, which repeat `currentClaim` and are read only where it is missing. One claim is one `claimId`.
"""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape.items import OrderLine, Return
from shopscrape.payload import Origin, Payload, ignoring
from spiders.naver import codes

_CLAIM = (
    # Personal: where goods are fetched and sent. Korean remarks on the refund stay stale after it and tell nothing.
    "collectAddress returnReceiveAddress reDeliveryAddress refundStandbyStatus refundStandbyReason refundExpectedDate "
    "cancelApprovalDate claimRequestAdmissionDate collectStatus collectDeliveryMethod collectDeliveryCompany "
    "collectCompletedDate claimDeliveryFeePayMeans etcFeePayMeans claimDeliveryFeeDiscountAmount "
    "remoteAreaCostChargeAmount membershipsArrivalGuaranteeClaimSupportingAmount claimDeliveryFeeSupportType "
    "claimDeliveryFeeSupportAmount holdbackStatus holdbackReason holdbackDetailedReason holdbackConfigDate "
    "holdbackConfigurer holdbackReleaseDate holdbackReleaser returnImageUrl exchangeImageUrl reDeliveryStatus "
    "reDeliveryMethod reDeliveryCompany reDeliveryTrackingNumber reDeliveryOperationDate collectOperationDate "
    "collectStartTime collectEndTime collectSlotId"
)
_KINDS = ("cancel", "return", "exchange")
CLAIM_IGNORED = ignoring(
    f"lines.completedClaims: {_CLAIM}",
    *(
        f"lines.{where}{kind}: {_CLAIM}"
        for where in ("", "currentClaim.", "beforeClaim.") for kind in _KINDS
    ),
)  # fmt: skip
SELLER_PAYS = "판매자 부담"
"""Pay method: the seller bears the fee."""
DEDUCTED = "차감"
"""Part of the pay method when a fee is taken off the refund. Unverified: the list of these texts is not published."""
FINAL = frozenset(("completed", "rejected", "withdrawn"))
_DONE = ("cancelCompletedDate", "returnCompletedDate", "claimCompleteOperationDate")
_REASON = ("cancelReason", "returnReason", "exchangeReason", "claimRequestReason")
_DETAIL = ("cancelDetailedReason", "returnDetailedReason", "exchangeDetailedReason", "claimRequestDetailContent")


class Money(msgspec.Struct, kw_only=True):
    """What was paid for a line at first and what stands of it now."""

    initial: Decimal | None
    remain: Decimal | None
    paid: bool | None
    """Whether the order was paid at all; None where neither a time of payment nor the line's state tells."""


class Claim(msgspec.Struct, kw_only=True):
    """One claim, from wherever it is told; UNSET where it is not."""

    id: Any = UNSET
    kind: str = ""
    status_raw: Any = UNSET
    by_raw: Any = UNSET
    reason_raw: Any = UNSET
    text: Any = UNSET
    requested_at: Any = UNSET
    completed_at: Any = UNSET
    quantity: Any = UNSET
    fee: Any = UNSET
    deducted: Decimal = Decimal()
    tracking: Any = UNSET
    platform: bool = False
    """Naver itself cancelled."""

    def fill(self, other: "Claim") -> None:
        """Take over what the other tells and this one does not; a final state wins."""
        for name in self.__struct_fields__:
            if getattr(self, name) in (UNSET, None, ""):
                setattr(self, name, getattr(other, name))
        if codes.CLAIMS.get(str(other.status_raw)) in FINAL and codes.CLAIMS.get(str(self.status_raw)) not in FINAL:
            self.status_raw = other.status_raw
        self.platform = self.platform or other.platform
        self.deducted = self.deducted or other.deducted


def claims(
    part: Payload, product: Payload, line: OrderLine, order_id: str, money: Money, origin: Origin
) -> list[Return]:
    """Return the claims of one product order. `part` is its whole row, `product` its productOrder."""
    found: dict[str, Claim] = {}
    places: dict[str, set[str]] = {}
    # Those without a number come last: another place may tell it.
    for place, claim in sorted(_told(part, product, line.line_id), key=lambda told: not isinstance(told[1].id, str)):
        if not isinstance(claim.id, str):
            twin = next((one for one in found.values() if place not in places[one.id] and _same(one, claim)), None)
            claim.id = twin.id if twin else f"{line.line_id}:{claim.kind}"
        places.setdefault(claim.id, set()).add(place)
        if claim.id in found:
            found[claim.id].fill(claim)
        else:
            found[claim.id] = claim
    told = [_return(claim, line, order_id, part, money, origin) for claim in found.values()]
    _refunds(told, list(found.values()), money)
    return told


def _told(part: Payload, product: Payload, line_id: str) -> Iterator[tuple[str, Claim]]:
    """Yield what every place tells, the most telling place first; each place tells a claim once."""
    short, status, number = product.id("claimType"), product.id("claimStatus"), product.id("claimId")
    current = part.part("currentClaim")
    before = part.part("beforeClaim")
    blocks = [(kind, current.part(kind)) for kind in _KINDS if current.raw.get(kind)]
    legacy = [(kind, part.part(kind)) for kind in _KINDS]
    current.drop(*(kind for kind in _KINDS if not current.raw.get(kind)))
    before.drop(*(kind for kind in _KINDS if not before.raw.get(kind)))
    if not blocks:
        blocks = [(kind, block) for kind, block in legacy if block.raw]
    else:
        for _, block in legacy:
            block.raw.clear()
    for kind, block in blocks:
        claim = _read(block, line_id, kind)
        claim.platform = claim.platform or (short == "ADMIN_CANCEL" and kind == "cancel")
        # Only the product order itself may tell the number of the claim under way.
        if claim.id is UNSET and isinstance(number, str) and codes.KINDS.get(str(short)) == kind:
            claim.id = number
        yield "current", claim
    for block in part.each("completedClaims"):
        told = _kind(block, block.id("claimType"), block.raw.get("claimStatus"), True)
        claim = _read(block, line_id, told or "")
        if told:
            yield "completed", claim
    for kind in _KINDS:
        if before.raw.get(kind):
            yield "before", _read(before.part(kind), line_id, kind)
    told = _kind(part, short, status, not blocks)
    if told:
        yield "short", Claim(id=number, kind=told, status_raw=status, platform=short == "ADMIN_CANCEL")


def _same(known: Claim, claim: Claim) -> bool:
    """Return whether a claim without a number is one that another place tells.

    A finished claim stands in `completedClaims` and may be the current one as well; a line can have several of a kind,
    of a part of its quantity each. So it is the same unless what both tell differs: one that is finished is not one
    that goes on, and two that were asked for at different times are two.
    """
    if known.kind != claim.kind:
        return False
    for one, other in ((known.requested_at, claim.requested_at), (known.quantity, claim.quantity),
                       (known.reason_raw, claim.reason_raw)):  # fmt: skip
        if one not in (UNSET, None) and other not in (UNSET, None) and one != other:
            return False
    if known.requested_at not in (UNSET, None) and known.requested_at == claim.requested_at:
        return True
    states = [codes.CLAIMS.get(str(one.status_raw)) for one in (known, claim)]
    if None in states:
        return True
    over = [state for state in states if state in FINAL]
    return len(over) != 1 and len(set(over)) < 2


def _kind(part: Payload, told: Any, status: Any, alone: bool) -> str | None:
    """Return the kind of a claim, None for what is no claim or for a type that nothing explains (counted).

    `alone`: no block beside it tells the claim's kind.
    """
    if told in codes.NO_CLAIM or (told in (UNSET, None) and (status in codes.NO_CLAIM or not isinstance(status, str))):
        return None
    if told in codes.KINDS:
        return codes.KINDS[told]
    if isinstance(told, str):
        part.known(told, codes.KINDS, "claimType")
    kind = next((kind for begin, kind in codes.CLAIM_FAMILIES if str(status).startswith(begin)), None)
    if kind is None and not isinstance(told, str) and alone:
        part.known(f"none, {status}", codes.KINDS, "claimType")
    return kind


def _read(block: Payload, line_id: str, kind: str) -> Claim:
    status = block.id("claimStatus")
    claim = Claim(
        id=block.id("claimId"), kind=kind, status_raw=status, by_raw=block.line("requestChannel"),
        reason_raw=_first([block.id(name) for name in _REASON]), text=_first([block.plain(name) for name in _DETAIL]),
        requested_at=block.moment("claimRequestDate"), completed_at=_first([block.moment(name) for name in _DONE]),
        quantity=block.whole("requestQuantity"), tracking=block.id("collectTrackingNumber"),
        platform=isinstance(status, str) and status.startswith("ADMIN_"),
    )  # fmt: skip
    shared = block.line("claimDeliveryFeeProductOrderIds")
    for name in ("claimDeliveryFee", "etcFee"):
        amount, method = block.money(f"{name}DemandAmount"), block.line(f"{name}PayMethod")
        if not isinstance(amount, Decimal):
            continue
        if name == "claimDeliveryFee" and not _first_of(shared, line_id):
            claim.fee = None
            continue
        if SELLER_PAYS in str(method):
            amount = Decimal()
        if DEDUCTED in str(method):
            claim.deducted += amount
        claim.fee = amount + (claim.fee if isinstance(claim.fee, Decimal) else 0)
    if claim.id is None:
        claim.id = UNSET
    return claim


def _first(told: list[Any]) -> Any:
    return next((value for value in told if value not in (UNSET, None)), told[0])


def _first_of(shared: Any, line_id: str) -> bool:
    """Return whether a fee stands on this line: one that several product orders share is told by each of them."""
    ids = sorted(one.strip() for one in shared.split(",") if one.strip()) if isinstance(shared, str) else []
    return line_id not in ids or ids[0] == line_id


def _return(claim: Claim, line: OrderLine, order_id: str, part: Payload, money: Money, origin: Origin) -> Return:
    status: Any = claim.status_raw
    if isinstance(status, str):
        status = UNSET if status in codes.NO_CLAIM else part.known(status, codes.CLAIMS, "claimStatus")
    reason = claim.reason_raw
    if isinstance(reason, str):
        reason = part.known(reason, codes.REASONS, "claimReason")
    by: Any = "platform" if claim.platform else UNSET
    if isinstance(claim.by_raw, str) and not claim.platform:
        known = part.known(claim.by_raw, codes.ASKERS, "requestChannel")
        by = UNSET if known == "unknown" else known
    return Return(
        **origin.common(), return_id=claim.id, kind=claim.kind, by=by, order_id=order_id,  # type: ignore[arg-type]
        line_ids=[line.line_id], status=status, status_raw=claim.status_raw, reason=reason,
        reason_raw=claim.reason_raw, reason_text=claim.text, requested_at=claim.requested_at,
        completed_at=claim.completed_at, quantity=claim.quantity,
        # Before its end nothing goes back; in a state that is not known that stays open.
        refund_amount=UNSET if status in ("unknown", None, UNSET) else None, fee=claim.fee,
        tracking_no=claim.tracking, currency=origin.currency, derived=False,
    )  # fmt: skip


def _refunds(told: list[Return], found: list[Claim], money: Money) -> None:
    """Set what was paid back for finished cancels and returns: no field tells it, so it is derived and marked so.

    It is what was paid less what still stands, shared among the line's finished claims by their quantities, less the
    fees that were taken off. Points that were spent are inside of it; the line does not tell them apart.
    """
    done = [
        (back, claim) for back, claim in zip(told, found, strict=True)
        if back.kind != "exchange" and back.status == "completed"
    ]  # fmt: skip
    if not done or money.paid is False:
        return
    paid_back = money.initial - money.remain if money.initial is not None and money.remain is not None else None
    weights = [back.quantity if isinstance(back.quantity, int) else 0 for back, _ in done]
    weighed = len(done) == 1 or all(weight > 0 for weight in weights)
    if not money.paid or not weighed or paid_back is None or paid_back <= 0:
        for back, _ in done:
            back.refund_amount = UNSET
        return
    left = paid_back
    for place, (back, claim) in enumerate(done):
        share = left
        if place < len(done) - 1:
            share = (paid_back * weights[place] / sum(weights)).to_integral_value(ROUND_DOWN)
        left -= share
        back.refund_amount, back.derived = max(share - claim.deducted, Decimal()), True


_ONCE = (
    "by", "status", "status_raw", "reason", "reason_raw", "reason_text", "requested_at", "completed_at", "fee",
    "tracking_no",
)  # fmt: skip
"""What a claim of several lines tells once, be it with the first of them or with another."""


class Returns:
    """The claims of an order; a claim that several of its lines tell becomes one row."""

    def __init__(self) -> None:
        self.found: dict[str, Return] = {}

    def add(self, told: list[Return]) -> None:
        """Add the claims of a line."""
        for back in told:
            known = self.found.setdefault(back.return_id, back)
            if known is back:
                continue
            known.line_ids = sorted({*known.line_ids, *back.line_ids})
            known.derived = known.derived or back.derived
            for name in ("quantity", "refund_amount"):
                one, other = getattr(known, name), getattr(back, name)
                # What one of the lines does not tell cannot be added up.
                known_sum = UNSET if UNSET in (one, other) else other if one is None else one
                if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
                    known_sum = one + other
                setattr(known, name, known_sum)
            if known.refund_amount is UNSET:
                known.derived = False
            for name in _ONCE:
                if getattr(known, name) in (UNSET, None):
                    setattr(known, name, getattr(back, name))
