"""MakeShop orders, version 2.0 (`order/2`): payload to records.

The vendor's status codes are not known, so a line's word is derived from its dates and from the claims of its order;
the code stays beside it. A mall may name words for `basket_status` itself (`line_status` in its table).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import words
from shopscrape.items import Order, Record
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.makeshop import codes, mapping_claims
from spiders.makeshop.mapping_lines import Line, lines_of, set_prices, set_words
from spiders.makeshop.mapping_rows import KEY, flag, many, region, unnumbered, when

_DELIVERY = (
    "post address2 receiver receiver_mobile receiver_phone deli_msg hope_deli_s_date hope_deli_e_date ems_code "
    "deli_type deli_price add_deli_price delinum_date address delicom"
)
_LINE = (
    "product_buyprice provider_code provider_name provider_company_name supply_code supply_name product_reserve "
    "plus_price plus_reserve reserve_chk delivery_num product_cate1 product_cate2 product_cate3 pakcage_main "
    "custom_option_data hscode free_deli vat naver_pay_memo maximage minimage tinyimage product_bundle trade_intype "
    "category_name"
)
_CLAIM = f"post address address2 name phone mobile memo {KEY}"
IGNORED = ignoring(
    # staff notes and the history of payments are not collected
    "memo pay_history",
    "order: sender phone mobile email id safe_number safe_number_type customs_id is_member mem_type group_name "
    "start_price deli_quick deli_price_type repay_price repay_date add_info memo cash_receipt cash_receipt_type "
    "cash_receipt_status tax_invoice tax_invoice_status reserve link_url barcode barcode_url basket_count "
    "regular_delivery",
    "payment: banker bank_name bank_account naverpay_core_type card_state card_partcancel_code in_card_price",
    f"product: {_LINE}",
    f"product.deliveryInfo: {_DELIVERY}",
    f"extension: ext_title ext_reserve couponnum {KEY}",
    *(f"{name}: {_CLAIM}" for name in mapping_claims.KINDS),
    "refund: refund_bankname refund_accounter refund_account refund_type refund_used_emoney refund_used_reserve "
    f"refund_emoney refund_reserve refund_total_price refund_status {KEY}",
)


class Head(msgspec.Struct, kw_only=True):
    """What an order tells about itself, apart from persons."""

    raw: Any
    payment: Any
    goods: Any
    """Goods without cancelled, returned and exchanged lines."""
    delivery: Any
    placed_for: Any
    """Amount of the order with delivery, points and deposit, as it was placed."""
    points: Any
    paid_at: Any

    @property
    def cancelled(self) -> bool:
        """Return whether the whole order was cancelled."""
        return bool(codes.ORDERS.get(self.raw) == "cancelled")

    @property
    def paid(self) -> bool:
        """Return whether it counts as paid now."""
        return self.raw in codes.PAID_ORDERS or self.payment == "paid"

    @property
    def told(self) -> bool:
        """Return whether anything says how far its payment is."""
        return self.raw is not UNSET or self.payment is not UNSET

    @property
    def not_paid(self) -> Any:
        """Return the word of a line for which nothing speaks: neither a date nor the payment."""
        if not self.told:
            return UNSET
        return "placed" if self.raw in (*codes.ORDERS, None, UNSET) else "unknown"

    @property
    def money_came(self) -> bool:
        """Return whether it was ever paid."""
        return self.paid or (self.payment == "cancelled" and isinstance(self.paid_at, datetime))


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order with its lines, claims and refunds."""
    key = row.take(KEY)
    top, payment = row.part("order"), row.part("payment")
    number = top.id("ordernum")
    if not isinstance(number, str):
        # The rows of an object are named by the order's number.
        number = key if isinstance(key, str) and not (key.isdigit() and len(key) < 6) else top.need("ordernum")
    head = _head(top, payment)
    told = row.has("product")
    parts = many(row, "product", "num")
    region = _region(parts)
    lines = lines_of(parts, number)
    claims = mapping_claims.read(row, lines)
    unlisted = mapping_claims.unlisted(claims, lines, number)
    mapping_claims.settle(lines, claims, head.cancelled)
    mapping_claims.settle(unlisted, claims, head.cancelled)
    set_words(lines, head.paid, head.not_paid, origin.context.get("line_status") or {})
    extras = _extras(row, lines) if row.has("extension") else None
    set_prices(lines, head.goods, row.tally)
    back = list(mapping_claims.returns(lines + unlisted, claims, number, origin))
    yield Order(
        **origin.common(), order_id=number, **_channel(top, row.tally),
        status=_status(lines),
        status_raw=head.raw, ordered_at=when(top, "order_date"), paid_at=head.paid_at, currency=origin.currency,
        **_sums(head, lines, extras), points_used=head.points, paid=_paid(head, lines, claims, back),
        payment_methods=_methods(payment), buyer=_buyer(top), receiver_region=region,
        lines=[line.record for line in lines] if told else UNSET,
    )  # fmt: skip
    yield from back


def _status(lines: list[Line]) -> Any:
    """Return the word of an order, UNSET where one of its lines has none."""
    told = [(line.record.kind, line.record.status) for line in lines if isinstance(line.record.status, str)]
    return words.order_status(told) if told and len(told) == len(lines) else UNSET


def _head(top: Payload, payment: Payload) -> Head:
    raw, settled = top.id("order_status"), payment.id("pay_status")
    if isinstance(raw, str):
        top.known(raw, codes.ORDERS, "order_status")
    return Head(
        raw=raw, payment=payment.known(settled, codes.PAYMENTS, "pay_status") if isinstance(settled, str) else settled,
        goods=top.money("total_product_price"), delivery=top.money("deli_price"), placed_for=top.money("pay_price"),
        points=total(top.money("used_reserve"), top.money("used_emoney")), paid_at=when(payment, "pay_date"),
    )  # fmt: skip


def total(*amounts: Any) -> Any:
    """Return the sum of what is told, UNSET when nothing is."""
    told = [amount for amount in amounts if isinstance(amount, Decimal)]
    return sum(told, Decimal()) if told else UNSET


# -- sums -------------------------------------------------------------------------------------------------------------


class Extras(msgspec.Struct):
    """Reductions and surcharges that still count, all positive."""

    reductions: Decimal = Decimal()
    of_lines: Decimal = Decimal()
    """The part of the reductions that belongs to single lines."""
    goods: Decimal = Decimal()
    """Surcharges on goods."""
    shipping: Decimal = Decimal()
    """Surcharges on delivery."""


def _sums(head: Head, lines: list[Line], extras: "Extras | None") -> dict[str, Any]:
    """Return goods, delivery and reductions as they stand now.

    Inferred: when nothing is left of an order its delivery and its reductions are not charged either. Whether the
    order's goods are told before or after reductions of lines is unverified; the lines' prices decide.
    """
    nothing_left = head.cancelled or (bool(lines) and all(line.taken for line in lines))
    goods = head.goods
    if extras and isinstance(goods, Decimal):
        active = [line.record for line in lines if line.counts]
        listed = [
            one.unit_price * one.quantity
            for one in active
            if isinstance(one.unit_price, Decimal) and isinstance(one.quantity, int)
        ]
        if extras.of_lines and len(listed) == len(active) and sum(listed) - extras.of_lines == goods:
            goods += extras.of_lines
        goods += extras.goods
    shipping = head.delivery
    if isinstance(shipping, Decimal):
        shipping = Decimal() if nothing_left else shipping + (extras.shipping if extras else 0)
    discount: Any = extras.reductions if extras else UNSET
    if isinstance(goods, Decimal) and isinstance(shipping, Decimal):
        sum_now: Any = goods + shipping - (discount if isinstance(discount, Decimal) else 0)
    else:
        sum_now = UNSET
    return {"items_total": goods, "shipping_fee": shipping, "discount": discount, "total": sum_now}


def _extras(row: Payload, lines: list[Line]) -> Extras:
    extras = Extras()
    by_number = {line.number: line for line in lines}
    nothing_left = bool(lines) and all(line.taken for line in lines)
    for one in many(row, "extension", "ext_type"):
        kind, number, amount = one.id("ext_type"), one.id("basket_num"), one.money("ext_price")
        if flag(one, "ext_status") is False or not isinstance(amount, Decimal) or not amount:
            continue
        line = by_number.get(number) if isinstance(number, str) else None
        if kind in codes.SPENT_POINTS:
            continue
        known = codes.REDUCTIONS | codes.SURCHARGES | codes.SHIPPING_SURCHARGES | codes.EITHER_WAY
        if kind not in known:
            row.tally.unknown[f"ext_type={str(kind)[:40]}"] += 1
        cheaper = kind in codes.REDUCTIONS or (amount < 0 and kind not in codes.SURCHARGES | codes.SHIPPING_SURCHARGES)
        if cheaper and line is not None:
            before = line.record.discount
            line.record.discount = abs(amount) + (before if isinstance(before, Decimal) else 0)
        if nothing_left or (line is not None and line.taken):
            continue
        if cheaper:
            extras.reductions += abs(amount)
            extras.of_lines += abs(amount) if line is not None else 0
        elif kind in codes.SHIPPING_SURCHARGES:
            extras.shipping += abs(amount)
        else:
            extras.goods += abs(amount)
    for line in lines:
        if line.record.discount is UNSET:
            line.record.discount = Decimal()
    return extras


def _paid(head: Head, lines: list[Line], claims: mapping_claims.Claims, back: list[Record]) -> Any:
    """Return the money that came and stayed; points and deposits are no money."""
    if not isinstance(head.placed_for, Decimal):
        return head.placed_for
    if not head.told:
        return UNSET
    if not head.money_came:
        return Decimal()
    if head.payment == "cancelled" and not claims.refunds:
        # The payment as a whole was taken back.
        return Decimal()
    if "refund" not in claims.told and any(line.taken for line in lines):
        return UNSET
    if claims.refunds and not lines:
        return UNSET
    spent = head.points if isinstance(head.points, Decimal) else Decimal()
    return max(head.placed_for - spent - mapping_claims.paid_back(back), Decimal())


# -- where and who ----------------------------------------------------------------------------------------------------


def _channel(top: Payload, tally: Any) -> dict[str, Any]:
    link, path = top.id("link_id"), top.id("pay_path")
    naver, talk, pos = top.id("naver_pay_oid"), top.id("talkcheck_oid"), flag(top, "pos")
    outside = naver or talk
    word: Any = UNSET
    if isinstance(link, str):
        word = top.known(link, codes.CHANNELS, "link_id")
        word = "other" if word == "unknown" else word
    elif isinstance(naver, str):
        word = "naver_pay"
    elif isinstance(talk, str):
        word = "kakao"
    elif pos is True:
        word = "pos"
    elif isinstance(path, str):
        word = top.known(path, codes.PAY_PATHS, "pay_path")
        word = "other" if word == "unknown" else word
    return {
        "channel": word, "channel_raw": link if isinstance(link, str) else path,
        "external_id": outside if isinstance(outside, str) else UNSET if naver is UNSET and talk is UNSET else None,
    }  # fmt: skip


def _methods(payment: Payload) -> Any:
    told = [payment.id("paymethod"), payment.id("simple_pay")]
    if told[0] is UNSET:
        return UNSET
    return [one for one in told if isinstance(one, str)] or None


def _buyer(top: Payload) -> Any:
    if not any(top.has(name) for name in ("mobile", "phone", "email", "id")):
        return UNSET
    phone, other = top.take("mobile"), top.take("phone")
    return person(phone=phone or other, email=top.take("email"), member=top.take("id"))


def _region(parts: list[Payload]) -> Any:
    for part in parts:
        about = unnumbered(part.raw.get("deliveryInfo"))
        about = about[0] if isinstance(about, list) and about else about
        address = about.get("address") if isinstance(about, dict) else None
        if isinstance(address, str) and address.strip():
            return region(address)
    return UNSET
