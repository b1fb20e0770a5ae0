"""Cafe24 claims: what items, claim resources and refunds tell together becomes one Return a line and kind.

The item tells what was asked for and how far it is, a claim resource what the seller accepted (embedded as a list or an
object: unverified), a refund the money. Which of them an answer carries differs; each may be missing.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from shopscrape.errors import RowFailed
from shopscrape.items import Record, Return
from shopscrape.payload import Origin, Payload
from spiders.cafe24 import codes
from spiders.cafe24.mapping_items import Item, in_order, read_items
from spiders.cafe24.mapping_rows import at_shop, currency

_ENDS = {"cancel": "cancel_date", "return": "return_confirmed_date", "exchange": "exchange_date"}

IGNORED = (
    # persons and bank data are never stored
    "receiver reshipping_detail additional_payment return_address pickup "
    # how a sum came about
    "order_price_amount shipping_fee refund_shipping_fee refund_regional_surcharge return_ship_type "
    "return_shipping_fee_detail return_regional_surcharge return_regional_surcharge_detail additional_shipping_fee "
    "international_shipping_insurance international_shipping_additional_fee defer_commission partner_discount_amount "
    "add_discount_amount member_grade_discount_amount shipping_discount_amount coupon_discount_amount point_used "
    "credit_used include_tax tax refund_methods refund_reason "
    "shop_no order_id claim_due_date return_shipping_company_name pickup_request_state carrier_id "
    "return_invoice_success return_invoice_fail_reason undone_reason_type undone_reason expose_order_detail "
    "exposed_undone_reason exchanged_items"
)
REFUND_IGNORED = (
    "member_id member_email buyer_email refund_bank_name refund_bank_account_no refund_bank_account_holder "
    "refund_manager refund_reason refund_methods "
    "shop_no order_id order_date accepted_refund_date quantity currency used_points used_credits payment_methods "
    "payment_gateway_cancel_statuses payment_gateway_cancel_dates include_tax tax refund_point refund_credit "
    "refund_naver_point refund_naver_cash product_price shipping_fee refund_shipping_fee refund_regional_surcharge "
    "return_regional_surcharge additional_shipping_fee international_shipping_insurance "
    "international_shipping_additional_fee shipping_fee_discount_amount cod_fees product_discount_amount "
    "member_group_discount_amount app_item_discount_amount app_discount_amount coupon_discount_amount "
    "product_bundle_discount_amount points_spent_amount credits_spent_amount naver_point naver_cash "
    "additional_product_amount manually_input_amount changed_refund_amount send_sms send_mail items"
)


class Claim(NamedTuple):
    """A claim resource; sums are the whole claim's."""

    code: str
    kind: str
    items: list[Item]
    status: Any
    status_raw: Any
    undone: bool
    reason: Any
    text: Any
    refund: Any
    method: Any
    fee: Any
    tracking: Any
    restocked: Any

    def is_about(self, item: Item) -> bool:
        """Return whether it is about a line; one that names no lines is about those that name it."""
        if self.items:
            return any(one.line.line_id == item.line.line_id for one in self.items)
        return bool(self.code) and self.code == item.claim_no


class Refund(NamedTuple):
    """What was paid back for a claim."""

    code: str
    lines: list[str]
    amount: Any
    method: Any
    at: Any
    fee: Any
    way_back: bool
    """Whether the way back to the seller was charged or paid."""


class Stated(NamedTuple):
    """How far a claim is, who says so, and its resource."""

    status: Any
    raw: Any
    claim: Claim | None = None


def claims_in(row: Payload, order_id: str) -> list[Claim]:
    """Return the claim resources that an order embeds."""
    return [claim_of(one, kind, order_id) for key, kind in codes.RESOURCES.items() for one in row.each(key)]


def claim_of(resource: Payload, kind: str, order_id: str) -> Claim:
    """Read a claim resource."""
    money, methods = [], []
    for part in resource.each("refund_amounts"):
        method, amount = part.take("payment_method"), part.money("amount")
        methods.append(method)
        if isinstance(amount, Decimal):
            # What comes back in points alone is no money at all.
            money.append(Decimal() if str(method).strip().lower() in codes.NO_MONEY else amount)
    status, status_raw = resource.word("status", codes.RESOURCE_STATUS, "claim_status")
    return Claim(
        code=resource.id("claim_code") or "", kind=kind, items=read_items(resource.each("items"), order_id),
        status=status or UNSET, status_raw=status_raw, undone=resource.flag("undone") is True,
        reason=resource.id("claim_reason_type"), text=resource.plain("claim_reason"),
        refund=sum(money, Decimal()) if money else UNSET, method=_joined(methods), fee=_fee(resource)[0],
        tracking=resource.id("return_invoice_no"), restocked=resource.flag("recover_inventory"),
    )  # fmt: skip


def refund_of(row: Payload) -> Refund:
    """Read a refund. Its amount is called `actual_refund_amount` in lists and `refund_amount` in details."""
    actual, planned, at = row.money("actual_refund_amount"), row.money("refund_amount"), row.moment("refund_date")
    amount, status = planned if actual is UNSET else actual, row.id("status")
    if status not in (UNSET, None):
        row.known(status, codes.REFUNDS, "refund_status")
    if status != "T" and (isinstance(status, str) or at is None):
        # Before it is done (F, and without a date), or held (M): nothing was paid back yet.
        amount, at = UNSET if amount is UNSET else None, None
    fee, way_back = _fee(row)
    return Refund(
        code=row.id("refund_code") or "", lines=sorted(_codes(row), key=in_order),
        amount=amount, method=_methods(row), at=at, fee=fee, way_back=way_back,
    )  # fmt: skip


def _methods(row: Payload) -> Any:
    told = row.texts("refund_payment_methods")
    return (_joined(told) or None) if isinstance(told, list) else told


def _codes(row: Payload) -> list[str]:
    """Return the lines of a refund. Shape: list of codes; a lone text may join several by commas."""
    return [code for text in row.texts("order_item_code") or () for part in text.split(",") if (code := part.strip())]


def _joined(methods: Iterable[Any]) -> Any:
    return ",".join(dict.fromkeys(method for method in methods if isinstance(method, str) and method)) or UNSET


def _fee(row: Payload) -> tuple[Any, bool]:
    """Return what the buyer was charged, and whether the way back plays a part: it is negative where it was charged."""
    back, fee = row.money("return_shipping_fee"), row.money("cancel_fee_amount")
    told = [max(-back, Decimal())] if isinstance(back, Decimal) else []
    told += [abs(fee)] if isinstance(fee, Decimal) else []
    return sum(told, Decimal()) if told else UNSET if back is UNSET and fee is UNSET else None, bool(back)


# -- claims of an order -----------------------------------------------------------------------------------------------


def returns_of(
    items: list[Item], claims: list[Claim], refunds: list[Refund], origin: Origin, order_id: str, money: Any,
    only: str = "",
) -> Iterator[Return]:  # fmt: skip
    """Yield one Return for each line and kind of claim, lines in order; `only` leaves the other kinds out.

    Lines that only a claim resource shows count too. Exchange goods make none.
    """
    lines = {item.line.line_id: item for claim in claims for item in claim.items}
    lines |= {item.line.line_id: item for item in items}
    summed: set[str] = set()
    for line_id in sorted(lines, key=in_order):
        item = lines[line_id]
        if item.line.kind == "replacement":
            continue
        for kind, stated in _stated(item, claims).items():
            if not only or kind == only:
                yield _return(item, kind, stated, refunds, summed, origin, order_id, money)


def _stated(item: Item, claims: list[Claim]) -> dict[str, Stated]:
    found: dict[str, Stated] = {}
    own = item.claim_word
    if own:
        found[own] = Stated(codes.CLAIMS.get(item.raw, "unknown"), item.raw)
    elif item.coarse in codes.STATUS_CODES and item.raw not in codes.LINES:
        found[codes.STATUS_CODES[item.coarse]] = Stated("unknown" if isinstance(item.raw, str) else UNSET, item.raw)
    if isinstance(item.undone, str):
        kind = item.payload.known(item.undone, codes.UNDONE, "request_undone")
        if kind != "unknown" and not (kind == own and found[kind].status == "completed"):
            found[kind] = Stated("withdrawn", item.undone)
    if isinstance(item.naver, str):
        told = item.payload.known(item.naver, codes.NAVER_PAY, "naver_pay_claim_status")
        if isinstance(told, tuple) and not found:
            goods = item.naver.startswith("COLLECT") and str(item.claim_no).startswith("B")
            found["exchange" if goods else told[0]] = Stated(told[1], item.naver)
    for claim in claims:
        if claim.is_about(item):
            _attach(found, item, claim)
    return found


def _attach(found: dict[str, Stated], item: Item, claim: Claim) -> None:
    present = found.get(claim.kind)
    named = item.claim_no and claim.code == item.claim_no
    if present and item.claim_no and not named and (claim.undone or present.claim):
        # An older claim of the same line; the row of line and kind tells of the newest.
        return
    if claim.undone:
        raw = present.raw if present else claim.status_raw or "undone"
        found[claim.kind] = Stated("withdrawn", raw, claim)
    elif present:
        found[claim.kind] = present._replace(claim=claim)
    else:
        found[claim.kind] = Stated(claim.status, claim.status_raw, claim)


def _return(
    item: Item, kind: str, stated: Stated, refunds: list[Refund], summed: set[str], origin: Origin, order_id: str,
    money: Any,
) -> Return:  # fmt: skip
    claim = stated.claim
    # After a withdrawn claim of one kind the item speaks of its claim of another kind.
    mine = item.claim_word in (None, kind)
    number = claim.code if claim and claim.code else item.claim_no if mine else UNSET
    by_buyer = mine and (isinstance(item.reason, str) or isinstance(item.text, str))
    why, text = (item.reason, item.text) if by_buyer else (claim.reason, claim.text) if claim else (UNSET, UNSET)
    if not claim and mine:
        why, text = item.reason, item.text
    dates = item.dates
    amount, method, at, fee = _money(item, stated, refunds, mine)
    first = (number or item.line.line_id) not in summed
    summed.add(number or item.line.line_id)
    end = dates.get(_ENDS[kind], UNSET)
    return Return(
        **origin.common(), return_id=f"{item.line.line_id}:{kind}", claim_no=number, kind=kind,  # type: ignore[arg-type]
        by=_by(item, kind, mine, claim), order_id=order_id, line_ids=[item.line.line_id],
        status=stated.status, status_raw=stated.raw,
        reason=item.payload.known(why, codes.REASONS, "claim_reason_type") if isinstance(why, str) else why,
        reason_raw=why, reason_text=text, requested_at=dates.get(f"{kind}_request_date", UNSET),
        completed_at=end if stated.status == "completed" or not end else None,
        quantity=item.quantity if mine else UNSET, refund_amount=amount if first else None if amount else UNSET,
        refund_method=method, refunded_at=at, fee=fee if first else None if fee else UNSET,
        tracking_no=claim.tracking if claim else UNSET, currency=money,
        restocked=claim.restocked if claim else UNSET,
    )  # fmt: skip


def _money(item: Item, stated: Stated, refunds: list[Refund], mine: bool) -> tuple[Any, Any, Any, Any]:
    """Return amount, method, time and fee. A claim resource tells what will be paid back, a refund what was."""
    claim = stated.claim
    if stated.status == "withdrawn":
        return UNSET, UNSET, UNSET, UNSET
    codes_told = {claim.code if claim else "", item.claim_no if mine else ""} - {"", None, UNSET}
    refund = next((one for one in refunds if one.code in codes_told), None)
    if refund is None and not codes_told:
        refund = next((one for one in refunds if item.line.line_id in one.lines), None)
    settled = stated.status in ("completed", UNSET) or stated.raw in codes.PAID_BACK
    planned = claim.refund if claim and settled else UNSET
    fee = claim.fee if claim and claim.fee is not UNSET else refund.fee if refund else UNSET
    if refund is None:
        method = claim.method if claim and planned is not UNSET else UNSET
        return planned, method, item.dates.get("refund_date", UNSET) if mine else UNSET, fee
    return planned if refund.amount is UNSET else refund.amount, refund.method, refund.at, fee


def _by(item: Item, kind: str, mine: bool, claim: Claim | None) -> Any:
    """Return who filed the claim (inferred from the kind of reason where no code says it)."""
    if mine and item.raw in codes.FILED_BY:
        return codes.FILED_BY[item.raw]
    if mine and str(item.naver).startswith("ADMIN_"):
        return "platform"
    if mine and item.reason in codes.REASONS:
        if len(item.reason) == 1:
            return "buyer" if item.reason in codes.BUYERS_REASONS[kind] else "seller"
        return "seller" if codes.REASONS[item.reason] == "out_of_stock" else "buyer"
    if item.claim_word == kind and str(item.raw).endswith("00"):
        # Asked for and not accepted yet: sellers file no requests.
        return "buyer"
    if claim and isinstance(claim.reason, str):
        return "buyer" if item.dates.get(f"{kind}_request_date") else "seller"
    return UNSET


# -- answers of their own ---------------------------------------------------------------------------------------------


def claim(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a single claim resource; `origin.context["kind"]` is which of the three it was asked as."""
    origin = at_shop(row, origin)
    number, kind = row.need("order_id"), origin.context["kind"]
    refunds, told = [refund_of(one) for one in row.each("refunds")], claim_of(row, kind, number)
    if told.items:
        yield from returns_of([], [told], refunds, origin, number, currency(origin), only=kind)
    elif not told.code:
        raise RowFailed("claim_code: missing, and so are the lines that it is about")
    else:
        yield _without_lines(row, told, origin, number)


def _without_lines(row: Payload, claim: Claim, origin: Origin, order_id: str) -> Return:
    """Return what a claim that names no lines tells: as with such a refund, it stands under its number."""
    status: Any = "withdrawn" if claim.undone else claim.status
    why: Any = claim.reason
    paid_back = status in ("completed", UNSET)
    return Return(
        **origin.common(), return_id=claim.code, claim_no=claim.code, kind=claim.kind,  # type: ignore[arg-type]
        order_id=order_id, line_ids=[], status=status, status_raw=claim.status_raw, reason_raw=why,
        reason=row.known(why, codes.REASONS, "claim_reason_type") if isinstance(why, str) else why,
        reason_text=claim.text, refund_amount=claim.refund if paid_back else UNSET,
        refund_method=claim.method if paid_back and claim.refund is not UNSET else UNSET,
        fee=UNSET if claim.undone else claim.fee, tracking_no=claim.tracking, currency=currency(origin),
        restocked=claim.restocked,
    )  # fmt: skip


def refund(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a refund on its own.

    It tells what was paid back, but not for what kind of claim, unless its items are embedded. Unverified: without them
    B… is an exchange, a refund that charges or pays the way back is a return, any other a cancel. A detail without its
    items does not even name the lines: then the row stands under the number of the claim.
    """
    origin = at_shop(row, origin)
    number, units = row.need("order_id"), row.whole("quantity")
    money = row.id("currency") or currency(origin)
    items = [item for item in read_items(row.each("items"), number) if item.line.kind != "replacement"]
    told = refund_of(row)
    guess = "exchange" if told.code.startswith("B") else "return" if told.way_back else "cancel"
    kinds = {item.line.line_id: _kind(item, guess) for item in items}
    quantities = {item.line.line_id: item.quantity for item in items}
    lines = list(kinds) or told.lines
    if len(lines) == 1:
        quantities.setdefault(lines[0], units)
    if not lines and not told.code:
        row.need("refund_code")
    for place, line in enumerate(lines or [""]):
        kind = kinds.get(line, guess)
        yield Return(
            **origin.common(), return_id=f"{line}:{kind}" if line else told.code, claim_no=told.code or UNSET,
            kind=kind, order_id=number, line_ids=[line] if line else [],  # type: ignore[arg-type]
            refund_amount=told.amount if not place else None if told.amount else UNSET, refund_method=told.method,
            refunded_at=told.at, fee=told.fee if not place else None if told.fee else UNSET, currency=money,
            quantity=quantities.get(line, UNSET),
        )  # fmt: skip


def _kind(item: Item, guess: str) -> str:
    """A refund after a return stays a return; one before anything was sent is a cancel."""
    return item.claim_word or codes.STATUS_CODES.get(str(item.coarse)) or ("return" if item.line.shipped_at else guess)
