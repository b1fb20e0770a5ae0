"""Cafe24 claims and refunds: payload to records.

A claim is told by the item (what the buyer asked), by a claim resource once the seller accepted it (embedded as a list
or an object: unverified), and by a refund (the money).
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape.items import OrderLine, Record, Return
from shopscrape.payload import Origin, Payload
from spiders.cafe24 import codes

CLAIM = (
    "shop_no claim_due_date return_address pickup return_shipping_company_name pickup_request_state refund_methods "
    "refund_reason order_price_amount shipping_fee refund_shipping_fee refund_regional_surcharge return_ship_type "
    "return_shipping_fee_detail return_regional_surcharge return_regional_surcharge_detail additional_shipping_fee "
    "international_shipping_insurance international_shipping_additional_fee defer_commission partner_discount_amount "
    "add_discount_amount member_grade_discount_amount shipping_discount_amount coupon_discount_amount point_used "
    "credit_used undone_reason_type undone_reason expose_order_detail exposed_undone_reason include_tax tax carrier_id "
    "return_invoice_success return_invoice_fail_reason cancel_fee_amount receiver reshipping_detail additional_payment "
    "exchanged_items recover_inventory status items refund_amounts order_id claim_reason_type claim_reason undone "
    "return_invoice_no return_shipping_fee refunds"
)
REFUND = (
    "shop_no member_id member_email buyer_email order_date quantity used_points used_credits payment_methods "
    "payment_gateway_cancel_statuses payment_gateway_cancel_dates refund_methods refund_bank_name "
    "refund_bank_account_no refund_bank_account_holder include_tax tax cancel_fee_amount refund_point refund_credit "
    "refund_naver_point refund_naver_cash product_price shipping_fee refund_shipping_fee refund_regional_surcharge "
    "return_regional_surcharge additional_shipping_fee international_shipping_insurance "
    "international_shipping_additional_fee shipping_fee_discount_amount cod_fees product_discount_amount "
    "member_group_discount_amount app_item_discount_amount app_discount_amount coupon_discount_amount "
    "product_bundle_discount_amount points_spent_amount credits_spent_amount naver_point naver_cash "
    "additional_product_amount manually_input_amount changed_refund_amount refund_manager refund_reason send_sms "
    "send_mail status accepted_refund_date order_item_code order_id currency return_shipping_fee items"
)
_DATES = (
    "cancel_request_date", "cancel_date", "return_request_date", "return_confirmed_date", "exchange_request_date",
    "exchange_date", "return_collected_date", "refund_date",
)  # fmt: skip


def refund(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a refund on its own.

    It tells which lines were paid back but not whether they were cancelled or returned, unless its items are embedded.
    Unverified: without them a refund that charges or pays back the way home is a return, any other a cancel.
    """
    number, code = row.need("order_id"), row.need("refund_code")
    items = row.each("items")
    amount, method, at = _money_back(row)
    charged = row.money("return_shipping_fee")
    kinds = {
        str(item.raw.get("order_item_code")): codes.KINDS.get(str(item.raw.get("order_status"))[:1]) for item in items
    }
    lines = sorted(kinds) or sorted(row.texts("order_item_code") or [])
    guess = "return" if isinstance(charged, Decimal) and charged else "cancel"
    currency = row.id("currency") or origin.currency
    for place, line in enumerate(lines):
        kind = kinds.get(line) or guess
        yield Return(
            **origin.common(), return_id=f"{line}:{kind}", claim_no=code, kind=kind, order_id=number,  # type: ignore[arg-type]
            line_ids=[line], refund_amount=amount if not place else None, refund_method=method, refunded_at=at,
            fee=_fee(charged) if not place else None, currency=currency,
        )  # fmt: skip


def refunds_of(row: Payload, origin: Origin, number: str) -> dict[str, tuple[Any, Any, Any]]:
    """Return refunds by claim code, from the embed and from what the spider joined."""
    joined = origin.context.get("refunds", {}).get(number, [])
    parts = row.each("refunds") + [Payload(dict(one), row.tally, "refunds", row.zone) for one in joined]
    return {code: _money_back(one) for one in parts if isinstance(code := one.id("refund_code"), str)}


def _money_back(row: Payload) -> tuple[Any, Any, Any]:
    actual, planned = row.money("actual_refund_amount"), row.money("refund_amount")
    amount = planned if actual is UNSET else actual
    at = row.moment("refund_date")
    status = row.id("status")
    if status not in (UNSET, None, "T"):
        # Before it is done, or held: what will be paid back was not paid back.
        amount = None
    methods = row.texts("refund_payment_methods")
    return amount, ",".join(methods) if isinstance(methods, list) and methods else UNSET, at


def _fee(charged: Any) -> Any:
    return -charged if isinstance(charged, Decimal) and charged < 0 else None


def claim_of(
    item: Payload, line: OrderLine, told: dict[str, Any], number: str, claims: dict[str, Payload],
    refunds: dict[str, tuple[Any, Any, Any]], origin: Origin, currency: Any, paid_back: set[str], asked: str | None,
) -> Return | None:  # fmt: skip
    undone = item.id("request_undone")
    raw = told["raw"]
    # A Payload gives every key once; what a line does not need for itself is read here.
    code = item.id("claim_code")
    reason, text = item.id("claim_reason_type"), item.plain("claim_reason")
    dates = {name: item.moment(name) for name in _DATES}
    if line.kind == "replacement":
        return None
    kind = codes.KINDS.get(str(raw)[:1]) if isinstance(raw, str) and raw in codes.CLAIMS else None
    withdrawn = isinstance(undone, str) and bool(undone)
    if kind is None and withdrawn:
        kind = item.known(undone, codes.UNDONE, "request_undone")
        kind = None if kind == "unknown" else kind
    kind = kind or codes.STATUS_CODES.get(str(told["coarse"])) or asked
    if asked and len(claims) == 1:
        # A single claim was asked for: it is the claim of its items, whatever code they show.
        code = next(iter(claims))
    resource = claims.get(code) if isinstance(code, str) else None
    if kind is None:
        return None
    seller = _claim(resource) if resource is not None else {}
    status: Any = item.known(raw, codes.CLAIMS, "order_status") if raw in codes.CLAIMS else UNSET
    if withdrawn or seller.get("undone") is True:
        status = "withdrawn"
    elif status is UNSET and raw not in codes.LINES:
        status = "unknown"
    who, why = ("buyer", reason) if isinstance(reason, str) else ("seller", seller.get("reason", UNSET))
    amount, method, at = refunds.get(code, (UNSET, UNSET, UNSET)) if isinstance(code, str) else (UNSET, UNSET, UNSET)
    if amount is UNSET and seller.get("refund") is not None:
        amount = seller["refund"]
    first = code not in paid_back
    if isinstance(code, str):
        paid_back.add(code)
    ends = {"cancel": "cancel_date", "return": "return_confirmed_date", "exchange": "exchange_date"}[kind]
    starts = f"{kind}_request_date"
    shown = text if isinstance(text, str) else seller.get("text", UNSET)
    return Return(
        **origin.common(), return_id=f"{line.line_id}:{kind}", claim_no=code, kind=kind,  # type: ignore[arg-type]
        by=who if isinstance(why, str) else UNSET, order_id=number, line_ids=[line.line_id],  # type: ignore[arg-type]
        status=status, status_raw=raw if not withdrawn else undone,
        reason=item.known(why, codes.REASONS, "claim_reason") if isinstance(why, str) else why, reason_raw=why,
        reason_text=shown, requested_at=dates[starts],
        completed_at=dates[ends] if status == "completed" else UNSET if dates[ends] is UNSET else None,
        quantity=told["quantity"], refund_amount=amount if first else UNSET if amount is UNSET else None,
        refund_method=method, refunded_at=at, fee=seller.get("fee", UNSET) if first else None,
        tracking_no=seller.get("tracking", UNSET), currency=currency,
    )  # fmt: skip


def _claim(resource: Payload) -> dict[str, Any]:
    """Return what a claim resource tells; read from a copy, because several lines share one claim."""
    copy = Payload(dict(resource.raw), resource.tally, resource.path, resource.zone)
    parts = copy.each("refund_amounts")
    money = [
        amount for part in parts
        if str(part.raw.get("payment_method")).lower() not in codes.MONEY_BACK
        and isinstance(amount := part.money("amount"), Decimal)
    ]  # fmt: skip
    return {
        "reason": copy.id("claim_reason_type"), "text": copy.plain("claim_reason"), "undone": copy.flag("undone"),
        "refund": sum(money, Decimal()) if money else None, "fee": _fee(copy.money("return_shipping_fee")),
        "tracking": copy.id("return_invoice_no"),
    }  # fmt: skip
