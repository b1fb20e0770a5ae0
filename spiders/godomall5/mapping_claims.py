"""Godomall5 claims: `claimData` of a line to a return.

There is no claim number and no call of its own. A claim is told as it is now: a return that is paid back changes its
mode from b to r and its states from b… to r…, and stays the same return here. Money is paid back with state r3 only.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape.items import Return
from shopscrape.payload import Origin, Payload
from spiders.godomall5 import codes
from spiders.godomall5.mapping_lines import Part, kind_of
from spiders.godomall5.mapping_rows import name, text, when, yes

CLAIM = (
    "handleDetailReasonShowFl handleGroupCd refundUseDeposit refundUseMileage refundDeliveryCharge "
    "refundDeliveryUseDeposit refundDeliveryUseMileage refundDeliveryInsuranceFee refundDeliveryCoupon "
    "refundUseDepositCommission refundUseMileageCommission refundPrice refundCharge handleDt regDt handleReason "
    "handleDetailReason handleCompleteFl exchageInfoData refundBankName refundAccountNumber refundDepositor"
)
EXCHANGE = (
    "ehDifferencePrice ehCancelDeliveryPrice ehRefundName ehRefundBankName ehRefundBankAccountNumber ehSettleName "
    "ehSettleBankAccountInfo ehEnuri"
)


def claims_of(part: Part, origin: Origin, order: str, currency: Any) -> Iterator[Return]:
    """Yield the claim that a line is under, and former ones of another kind: how those ended is told for withdrawn
    ones only.
    """
    found = claim_of(part, origin, order, currency)
    seen = {found.kind} if found else set()
    if found:
        yield found
    for claim in reversed(part.former):
        mode, before = claim.id("handleMode"), claim.id("beforeStatus")
        earlier = msgspec.structs.replace(
            part, claim=claim, raw=None, mode=mode if isinstance(mode, str) else None,
            before=before if isinstance(before, str) else None, former=[],
        )  # fmt: skip
        other = claim_of(earlier, origin, order, currency)
        if other and other.kind not in seen:
            seen.add(other.kind)
            yield other


def claim_of(part: Part, origin: Origin, order: str, currency: Any) -> Return | None:
    """Return the claim that a line is under, None where there is none or it is a line sent instead of another."""
    claim, line, raw = part.claim, part.line, part.raw
    under = raw is not None and raw[:1] in codes.CLAIMED
    if "z" in (part.mode, (raw or "")[:1]) or not (under or part.mode):
        return None
    if part.mode and part.mode not in codes.KINDS:
        claim.known(part.mode, codes.KINDS, "handleMode")
    shipped = isinstance(line.shipped_at, datetime) or isinstance(line.delivered_at, datetime)
    kind = kind_of(raw, part.mode, part.before, shipped)
    if kind is None:
        return None
    # The database knows a third letter beside y and n (platform source).
    withdrawn = claim.raw.get("handleCompleteFl") == "d"
    yes(claim, "handleCompleteFl", "d")
    opened, handled = when(claim, "regDt"), when(claim, "handleDt")
    status = _status(part, under, withdrawn)
    done = status == "completed"
    ended = handled if isinstance(handled, datetime) else part.cancelled or handled
    paid_back = claim.money("refundPrice")
    method, charged = _exchange(claim)
    reason, reason_raw = _reason(claim, origin)
    return Return(
        **origin.common(), return_id=f"{line.line_id}:{kind}", kind=kind, order_id=order, line_ids=[line.line_id],  # type: ignore[arg-type]
        by=codes.CANCELLED_BY.get(raw or "", UNSET), status=status, status_raw=raw or UNSET,  # type: ignore[arg-type]
        reason=reason, reason_raw=reason_raw, reason_text=text(claim, "handleDetailReason"),
        requested_at=opened, completed_at=ended if done or ended is UNSET else None,
        quantity=line.quantity, refund_amount=paid_back if raw == "r3" or paid_back is UNSET else None,
        refund_method=method, refunded_at=handled if raw == "r3" or handled is UNSET else None,
        fee=_fee(claim, charged), currency=currency, restocked=yes(part.row, "minusRestoreStockFl"),
    )  # fmt: skip


def _status(part: Part, under: bool, withdrawn: bool) -> Any:
    if withdrawn:
        return "withdrawn"
    if not under or part.raw is None:
        # The line is under no claim any more, and nothing says how the claim ended.
        return UNSET
    if part.raw == "c4" and part.cancelled is None:
        return "requested"
    if part.raw not in codes.CLAIMS and part.raw[1:].isdigit():
        return codes.CLAIM_FAMILIES[part.raw[:1]]
    return part.claim.known(part.raw, codes.CLAIMS, "orderStatus of a claim")


def _reason(claim: Payload, origin: Origin) -> tuple[Any, Any]:
    """Return our word and the reason as told: a text, or a code whose text stands in the mall's own table."""
    raw = name(claim, "handleReason")
    if not isinstance(raw, str):
        return raw, raw
    said: str | None = raw
    if codes.REASON_CODE.fullmatch(raw):
        known = origin.context.get("claim_codes")
        if known is None:
            return UNSET, raw
        said = known.get(raw)
    word = codes.reason(said) if said else None
    return word or claim.known(said or raw, {}, "handleReason"), raw


def _exchange(claim: Payload) -> tuple[Any, Any]:
    """Return how a difference is paid back and what the exchange's way costs the buyer; the element is spelt so."""
    settled = claim.part("exchageInfoData") if type(claim.raw.get("exchageInfoData")) is dict else claim.part("")
    return settled.id("ehRefundMethod"), settled.money("ehAddDeliveryPrice")


def _fee(claim: Payload, charged: Any) -> Any:
    kept = claim.money("refundCharge")
    for value in (kept, charged):
        if isinstance(value, Decimal) and value > 0:
            return value
    return UNSET if kept is UNSET and charged is UNSET else None
