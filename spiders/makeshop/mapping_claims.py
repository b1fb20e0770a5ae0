"""Cancellations, returns, exchanges and refunds of a MakeShop order: one record for each line and kind.

A claim row names lines by number; a refund names several, joined by commas. Refund and issue codes are not published,
so money counts as paid back when its claim is finished.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import privacy
from shopscrape.errors import RowFailed
from shopscrape.items import OrderLine, Record, Return
from shopscrape.payload import Origin, Payload, Tally
from spiders.makeshop import codes
from spiders.makeshop.mapping_lines import ENDS, Line, line_id
from spiders.makeshop.mapping_rows import KEY, many, when

KINDS = {"cancel": "cancel", "return": "return", "trade": "exchange"}
"""Block of an order to our kind."""


class Claim(msgspec.Struct, kw_only=True):
    """What a row of a claim block tells about one line."""

    reason: Any = UNSET
    detail: Any = UNSET
    requested_at: Any = UNSET
    completed_at: Any = UNSET


class Refund(msgspec.Struct, kw_only=True):
    """A row of the refund block."""

    numbers: list[str]
    amount: Decimal | None
    fee: Decimal | None
    method: str | None
    reason: Any
    at: Any


class Claims(msgspec.Struct, kw_only=True):
    """All claim blocks of an order."""

    rows: dict[tuple[str, str], Claim] = {}
    """By kind and number of the line."""
    refunds: list[Refund] = []
    told: set[str] = set()
    """Blocks that were there at all: `cancel` comes only when it is named."""
    tally: Tally

    def of(self, kind: str, line: Line) -> Claim | None:
        """Return the claim of a line."""
        return self.rows.get((kind, line.number))


def read(row: Payload, lines: list[Line]) -> Claims:
    """Return the claim blocks of an order. A row that names no line is of all of them."""
    claims = Claims(tally=row.tally)
    for block, kind in KINDS.items():
        if not row.has(block):
            continue
        claims.told.add(block)
        for one in many(row, block, "basket_num"):
            told = Claim(
                reason=one.line("reason"), detail=one.plain("detail"), requested_at=when(one, "request_date"),
                completed_at=when(one, "completed_date"),
            )  # fmt: skip
            for number in _numbers(one.id("basket_num")) or [line.number for line in lines]:
                # Asked for twice: the finished one counts, else the later.
                before = claims.rows.get((kind, number))
                claims.rows[kind, number] = before if before and before.completed_at and not told.completed_at else told
    if row.has("refund"):
        claims.told.add("refund")
        claims.refunds = [_refund(one) for one in many(row, "refund", "basket_num")]
    return claims


def _numbers(told: Any) -> list[str]:
    """Return the numbers of lines; 0 is the whole order, as in its discounts."""
    return [number.strip() for number in told.split(",") if number.strip(" 0")] if isinstance(told, str) else []


def _refund(one: Payload) -> Refund:
    method, amount = one.id("refund_method"), one.money("refund_price")
    fees = [fee for name in ("return_deli_price", "re_deli_price") if isinstance(fee := one.money(name), Decimal)]
    if isinstance(method, str) and method not in codes.REFUND_METHODS:
        one.tally.unknown[f"refund_method={method[:40]}"] += 1
    return Refund(
        numbers=_numbers(one.id("basket_num")), fee=sum(fees, Decimal()) or None, method=method or None,
        amount=amount if isinstance(amount, Decimal) and method not in codes.NO_MONEY else None,
        reason=one.line("refund_reason"), at=when(one, "refund_status_date"),
    )  # fmt: skip


def unlisted(claims: Claims, lines: list[Line], order: str) -> list[Line]:
    """Return lines that claims and refunds name and the answer does not list, with nothing but their number."""
    listed = {line.number for line in lines}
    named = [number for _, number in claims.rows] + [number for one in claims.refunds for number in one.numbers]
    return [
        Line(
            number=number, record=OrderLine(line_id=line_id(order, number)), issue=UNSET, ends=dict.fromkeys(ENDS),
            ready=False, sell=UNSET, listed=False,
        )
        for number in dict.fromkeys(named) if number not in listed
    ]  # fmt: skip


def settle(lines: list[Line], claims: Claims, cancelled: bool) -> None:
    """Find out for each line which finished claim took it out of the order; `cancelled` speaks of the whole order."""
    for line in lines:
        for kind in ("cancel", "return", "exchange"):
            if not line.done and finished_at(line, kind, claims):
                line.done = kind
    if cancelled:
        for line in lines:
            line.done = line.done or "cancel"


def finished_at(line: Line, kind: str, claims: Claims) -> Any:
    """Return when a claim of a line was finished, None when it was not or is none.

    The line's own date has a time of day, the claim's has not. An exchange is also finished when its goods arrived.
    """
    claim = claims.of(kind, line)
    found = line.ends[kind] or (claim.completed_at if claim else None)
    if not found and kind == "exchange" and line.replaced_by is not None:
        found = line.replaced_by.arrived
    return found or None


def returns(lines: list[Line], claims: Claims, order: str, origin: Origin) -> Iterator[Record]:
    """Yield a record for each line and kind of claim; sums of a refund stand on the first of its records."""
    found: dict[tuple[str, str], Return] = {}
    for line in lines:
        for kind in ("cancel", "return", "exchange"):
            claim = claims.of(kind, line)
            if claim or line.ends[kind] or line.done == kind or (kind == "exchange" and line.replaced_by):
                found[line.number, kind] = _return(line, kind, claim, claims, order, origin)
    if "refund" in claims.told:
        for back in found.values():
            back.refund_amount = back.refund_method = back.refunded_at = back.fee = None
        for refund in claims.refunds:
            _pay_back(refund, found, lines, claims, order, origin)
    yield from found.values()


def _return(line: Line, kind: str, claim: Claim | None, claims: Claims, order: str, origin: Origin) -> Return:
    end = finished_at(line, kind, claims)
    # The issue code speaks of the line's last claim; once one is finished it says nothing about an older, open one.
    status: Any = "requested" if line.done or line.issue is UNSET else line.issue
    if end or line.done == kind:
        status = "completed"
    told = claim or Claim()
    word, raw = reason(told.reason, claims.tally)
    return Return(
        **origin.common(), return_id=f"{line_id(order, line.number)}:{kind}", kind=kind, order_id=order,  # type: ignore[arg-type]
        line_ids=[line_id(order, line.number)], status=status, status_raw=line.record.status_raw, reason=word,
        reason_raw=raw, reason_text=told.detail, requested_at=told.requested_at, completed_at=end,
        quantity=line.record.quantity, currency=origin.currency, derived=claim is None,
    )  # fmt: skip


def reason(text: Any, tally: Tally) -> tuple[Any, Any]:
    """Return our word and the platform's label of a reason, which the reading side tells as text."""
    if not isinstance(text, str):
        return text, text
    label = "".join(text.split())
    word = codes.REASONS.get(label) or (codes.REASON_LETTERS.get(label) if len(label) == 1 else None)
    if word is None:
        near = [known for known in codes.REASONS if label.startswith(known)]
        word = codes.REASONS[max(near, key=len)] if near else None
    if word is None:
        # Somebody may have typed it, so it is masked before it is counted.
        tally.unknown[f"reason={privacy.mask(text)[:20]}"] += 1
    return word or "unknown", privacy.mask(text)


def _pay_back(
    refund: Refund, found: dict[tuple[str, str], Return], lines: list[Line], claims: Claims, order: str, origin: Origin
) -> None:
    # A refund that names no line is of the whole order.
    whole = refund.numbers or [line.number for line in lines if any(key[0] == line.number for key in found)]
    named = [line for line in lines if line.number in (whole or [line.number for line in lines])]
    first = unpaid = True
    for line in named:
        kind = _kind_of(line, found)
        back = found.get((line.number, kind))
        if back is None and not line.listed:
            # Neither a claim nor the line tells whether it is a cancellation or a return.
            claims.tally.unknown["refund=of a line that is not told"] += 1
            continue
        if back is None:
            back = found[line.number, kind] = _return(line, kind, None, claims, order, origin)
            back.refund_amount = back.refund_method = back.refunded_at = back.fee = None
        if back.reason is UNSET or back.reason is None:
            back.reason, back.reason_raw = reason(refund.reason, claims.tally)
        methods = [one for one in (back.refund_method, refund.method) if isinstance(one, str)]
        back.refund_method = ",".join(dict.fromkeys(methods)) or None
        if first and refund.fee:
            back.fee = refund.fee + (back.fee if isinstance(back.fee, Decimal) else 0)
        if back.status == "completed":
            back.refunded_at = refund.at if isinstance(refund.at, datetime) else None
            if unpaid and refund.amount is not None:
                unpaid = False
                back.refund_amount = refund.amount + (
                    back.refund_amount if isinstance(back.refund_amount, Decimal) else 0
                )
        first = False


def _kind_of(line: Line, found: dict[tuple[str, str], Return]) -> str:
    kinds = [kind for kind in ("return", "cancel", "exchange") if (line.number, kind) in found]
    done = [kind for kind in kinds if found[line.number, kind].status == "completed"]
    if done or kinds:
        return (done or kinds)[0]
    # Neither block nor date tells: goods that had left can only come back (inferred).
    return "return" if line.record.shipped_at else "cancel"


def paid_back(found: list[Record]) -> Decimal:
    """Return the money that an order's claims paid back."""
    sums = [one.refund_amount for one in found if isinstance(one, Return) and isinstance(one.refund_amount, Decimal)]
    return sum(sums, Decimal())


# -- answers that tell of claims on their own -------------------------------------------------------------------------


def parcel_home(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one collection parcel of a line. The crawl knows from the order whether it is a return or an exchange."""
    order, number = row.need("ordernum"), row.need("basket_num")
    line, code, parcel = line_id(order, number), row.id("basket_status"), row.id("delinum")
    kinds: dict[str, Any] | None = origin.context.get("kinds")
    kind: Any = "return" if kinds is None else kinds.get(line)
    if kind is not None:
        yield Return(
            **origin.common(), return_id=f"{line}:{kind}", kind=kind, order_id=order, line_ids=[line],
            status_raw=code, tracking_no=parcel,
        )  # fmt: skip


def exchanged_pair(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one pair of the exchange log: the line that was given back, and when its exchange was entered."""
    order, old = row.need("ordernum"), row.need("old_num")
    if not isinstance(row.id("num"), str):
        raise RowFailed("num: missing")
    yield Return(
        **origin.common(), return_id=f"{line_id(order, old)}:exchange", kind="exchange", order_id=order,
        line_ids=[line_id(order, old)], requested_at=when(row, "reg_date"),
    )  # fmt: skip


PARCEL_IGNORED: dict[str, frozenset[str]] = {"": frozenset((KEY, "delicom", "delicom_name"))}
PAIR_IGNORED: dict[str, frozenset[str]] = {"": frozenset((KEY,))}
