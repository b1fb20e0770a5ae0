"""Cafe24 orders, claims and refunds: payload to records.

An order has no state, only its items have one. A claim is told by the item (what the buyer asked), by a claim resource
once the seller accepted it (embedded as a list or an object: unverified), and by a refund (the money).
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import words
from shopscrape.items import Order, OrderLine, Record, Return
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.cafe24 import codes
from spiders.cafe24.mapping_claims import CLAIM, REFUND, claim_of, refunds_of

DISCOUNTS = (
    "coupon_discount_price", "coupon_shipping_fee_amount", "membership_discount_amount", "shipping_fee_discount_amount",
    "set_product_discount_amount", "app_discount_amount", "market_other_discount_amount",
)  # fmt: skip

_ITEM = (
    "shop_no item_no product_code internal_product_name custom_product_code eng_product_name option_id "
    "option_value_default additional_option_value additional_option_values product_name_default "
    "additional_discount_price coupon_discount_price app_item_discount_amount market_discount_amount product_tax_type "
    "tax_rate supplier_product_name supplier_transaction_type supplier_id supplier_name supply_price shipping_code "
    "refund_bank_name refund_bank_account_no refund_bank_account_holder post_express_flag "
    "order_status_additional_info status_text open_market_status bundled_shipping_type shipping_company_id "
    "shipping_company_code product_bundle product_bundle_no product_bundle_name product_bundle_name_default "
    "product_bundle_type was_product_bundle original_bundle_item_no naver_pay_order_id naver_pay_claim_status "
    "individual_shipping_fee shipping_fee_type shipping_fee_type_text shipping_payment_option payment_info_id "
    "store_pickup ordered_date product_material product_material_eng cloth_fabric product_weight volume_size "
    "volume_size_weight clearance_category clearance_category_info clearance_category_code hs_code one_plus_n_event "
    "origin_place origin_place_no made_in_code origin_place_value item_granting_gift subscription product_bundle_list "
    "market_cancel_request market_cancel_request_quantity market_fail_reason market_fail_reason_guide "
    "market_fail_reason_type market_item_sequence market_custom_variant_code option_type labels shipping_expected_date "
    "dropshipping_type typeitem_granting_gift return_collected_date refund_date cancel_date return_confirmed_date "
    "exchange_date cancel_request_date return_request_date exchange_request_date claim_code claim_reason_type "
    "claim_reason claim_quantity"
)
_ORDER = (
    # persons and payment data are never stored
    "member_email member_authentication billing_name bank_code bank_code_name bank_account_no bank_account_owner_name "
    "transaction_ids additional_order_info_list social_member_code social_name commission total_supply_price "
    "shop_no initial_order_amount payment_method_name payment_gateway_names sub_payment_method_name "
    "sub_payment_method_code paid canceled first_order order_from_mobile use_escrow market_seller_id cancel_date "
    "order_place_name payment_confirmation postpay admin_additional_amount additional_shipping_fee "
    "international_shipping_insurance additional_handling_fee shipping_type shipping_type_text shipping_status "
    "shipping_fee_detail regional_surcharge_detail wished_delivery_date wished_delivery_time wished_carrier_id "
    "wished_carrier_name return_confirmed_date naver_point store_pickup easypay_name loan_status subscription "
    "multiple_addresses exchange_rate first_payment_methods naverpay_payment_information include_tax tax_detail "
    "service_type service_data show_shipping_address benefits coupons market_discount_info market_discount_amount"
)
_INVOICE = "items.multi_invoice: quantity shipping_company_id type shipping_company_code shipping_company_name"
IGNORED = ignoring(
    _ORDER,
    f"items: {_ITEM}",
    *(f"{claim}: {CLAIM}" for claim in ("cancellation", "return", "exchange")),
    *(f"{claim}.refund_amounts: x" for claim in ("cancellation", "return", "exchange")),
    "receivers: shop_no name name_furigana phone cellphone virtual_phone_no zipcode address2 address_street name_en "
    "city_en state_en street_en country_code country_name country_name_en shipping_message clearance_information_type "
    "clearance_information wished_delivery_date wished_delivery_time shipping_code address_state address_city "
    "address_full user_id address1",
    "buyer: shop_no member_group_no name names_furigana customer_notification updated_date user_id user_name "
    "company_name company_registration_no buyer_zipcode buyer_address1 buyer_address2 phone email cellphone member_id",
    "actual_order_amount: point_incentive_amount total_amount_due tax payment_amount",
)
ITEM_IGNORED = ignoring(f"items: {_ITEM}", _INVOICE)
REFUND_IGNORED = ignoring(REFUND, f"items: {_ITEM}")
CLAIM_IGNORED = ignoring(CLAIM, f"items: {_ITEM}", _INVOICE)
IGNORED |= ignoring(f"refunds: {REFUND}", _INVOICE)


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order with whatever is embedded: items, claims, refunds, receivers, buyer."""
    number = row.need("order_id")
    currency = row.id("currency") or origin.currency
    claims = {
        code: claim
        for name in ("cancellation", "return", "exchange")
        for claim in row.each(name) if isinstance(code := claim.id("claim_code"), str)
    }  # fmt: skip
    refunds = refunds_of(row, origin, number)
    told_items = row.has("items")
    items = row.each("items")
    lines, returns = _lines(items, number, claims, refunds, origin, currency)
    amounts = row.part("actual_order_amount") if row.has("actual_order_amount") else None
    channel, channel_raw = _channel(row)
    market = row.id("market_id")
    outside = row.id("market_order_no")
    yield Order(
        **origin.common(), order_id=number,
        external_id=outside if market not in (None, UNSET, "self") else UNSET if outside is UNSET else None,
        channel=channel, channel_raw=channel_raw,
        status=words.order_status((line.kind, _told(line.status)) for line in lines) if lines else UNSET,
        ordered_at=row.moment("order_date"), paid_at=row.moment("payment_date"),
        currency=currency, **_amounts(amounts), paid=row.money("payment_amount"),
        payment_methods=row.texts("payment_method"), buyer=_buyer(row), receiver_region=_region(row),
        lines=lines if told_items else UNSET,
    )  # fmt: skip
    yield from returns


def item_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the items of an order's item list as one row: its number is the begin of their codes."""
    groups: dict[str, dict[str, Any]] = {}
    for item in document["items"]:
        number = str(item.get("order_item_code") or "").rpartition("-")[0]
        groups.setdefault(number, {"order_id": number, "items": []})["items"].append(item)
    return list(groups.values())


def items_of_order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the item list of an order as an order that tells its lines only."""
    number = row.need("order_id")
    lines, returns = _lines(row.each("items"), number, {}, {}, origin, UNSET)
    status = words.order_status((line.kind, _told(line.status)) for line in lines)
    yield Order(**origin.common(), order_id=number, status=status, lines=lines)
    yield from returns


def claim(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a single claim resource; `origin.context["kind"]` is which of the three it was asked as."""
    number, code = row.need("order_id"), row.need("claim_code")
    items = row.each("items")
    refunds = refunds_of(row, origin, number)
    _, returns = _lines(items, number, {code: row}, refunds, origin, origin.currency, kind=origin.context.get("kind"))
    yield from returns


def _amounts(amounts: Payload | None) -> dict[str, Any]:
    if amounts is None:
        return {}
    goods, shipping = amounts.money("order_price_amount"), amounts.money("shipping_fee")
    reductions = [amounts.money(name) for name in DISCOUNTS]
    spent = [amounts.money(name) for name in ("points_spent_amount", "credits_spent_amount")]
    discount = _sum(reductions)
    total: Any = UNSET
    if isinstance(goods, Decimal):
        total = goods + _amount(shipping) - _amount(discount)
    return {
        "items_total": goods, "shipping_fee": shipping, "discount": discount, "total": total,
        "points_used": _sum(spent),
    }  # fmt: skip


def _sum(amounts: list[Any]) -> Any:
    told = [amount for amount in amounts if isinstance(amount, Decimal)]
    return sum(told, Decimal()) if told else UNSET


def _amount(amount: Any) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal()


def _channel(row: Payload) -> tuple[Any, Any]:
    raw = row.id("order_place_id")
    if raw is UNSET or raw is None:
        return raw, raw
    word = row.known(raw, codes.CHANNELS, "channel")
    return ("other" if word == "unknown" else word), raw


def _buyer(row: Payload) -> Any:
    told = row.has("buyer") or row.has("member_id")
    buyer = row.part("buyer")
    member = row.take("member_id")
    phone = buyer.take("cellphone") or buyer.take("phone")
    if phone is UNSET or not phone:
        phone = buyer.take("phone")
    who = person(phone=phone, email=buyer.take("email"), member=buyer.take("member_id") or member)
    if who is None and isinstance(member, str) and member:
        who = person(member=member)
    return who if told else UNSET


def _region(row: Payload) -> Any:
    if not row.has("receivers"):
        return UNSET
    for receiver in row.each("receivers"):
        for name in ("address1", "address_full"):
            address = receiver.line(name)
            if isinstance(address, str):
                return " ".join(address.split()[:2])
        state, city = receiver.line("address_state"), receiver.line("address_city")
        if isinstance(state, str):
            return " ".join(filter(None, (state, city if isinstance(city, str) else None)))
    return None


def _told(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _lines(
    items: list[Payload], number: str, claims: dict[str, Payload], refunds: dict[str, tuple[Any, Any, Any]],
    origin: Origin, currency: Any, kind: str | None = None,
) -> tuple[list[OrderLine], list[Return]]:  # fmt: skip
    lines, returns = [], []
    paid_back: set[str] = set()
    for item in sorted(items, key=lambda one: str(one.raw.get("order_item_code"))):
        line, told = _line(item, number)
        lines.append(line)
        back = claim_of(item, line, told, number, claims, refunds, origin, currency, paid_back, kind)
        if back is not None:
            returns.append(back)
    return lines, returns


def _line(item: Payload, number: str) -> tuple[OrderLine, dict[str, Any]]:
    code = item.need("order_item_code")
    raw, coarse, before = item.id("order_status"), item.id("status_code"), item.id("order_status_before_cs")
    shipped, delivered = item.moment("shipped_date"), item.moment("delivered_date")
    word: Any = raw
    if isinstance(raw, str):
        word = item.known(raw, codes.LINES, "order_status")
        if word == codes.BEFORE:
            word = codes.LINES.get(before) if isinstance(before, str) else None
            word = word or ("delivered" if delivered else "shipped" if shipped else "paid")
    quantity, claimed = item.whole("quantity"), item.whole("claim_quantity")
    taken = claimed if isinstance(claimed, int) and claimed > 0 else quantity
    ended = word in words.CLAIMED
    origin_items = item.take("original_item_no")
    replaces: Any = UNSET
    if coarse == "N2" and isinstance(origin_items, list) and origin_items:
        replaces = f"{number}-{int(origin_items[0]):02d}"
    price, extra = item.money("product_price"), item.money("option_price")
    total = item.money("payment_amount")
    gift = item.flag("gift")
    name = item.line("shipping_company_name")
    line = OrderLine(
        line_id=code, external_id=item.id("market_item_no"), replaces=replaces,
        kind="replacement" if coarse == "N2" or raw in ("N01", "N03") else "gift" if gift else "sale",
        product_id=item.id("product_no"), variant_id=item.id("variant_code"), code=item.id("custom_variant_code"),
        name=item.line("product_name"), options=_choices(item), quantity=quantity,
        quantity_left=quantity - (taken or 0 if ended else 0) if isinstance(quantity, int) else UNSET,
        unit_price=price + _amount(extra) if isinstance(price, Decimal) else price,
        total=UNSET if total is None else total, status=word, status_raw=raw,
        courier=name or item.id("shipping_company_code"), tracking_no=_tracking(item),
        shipped_at=shipped, delivered_at=delivered, completed_at=item.moment("purchaseconfirmation_date"),
    )  # fmt: skip
    return line, {"raw": raw, "coarse": coarse, "quantity": taken}


def _choices(item: Payload) -> Any:
    text = item.line("option_value")
    chosen: dict[str, str] = {}
    for option in item.each("options"):
        name = option.line("option_name") or option.line("name")
        value = option.take("option_value")
        if isinstance(value, dict):
            value = value.get("option_text")
        value = value if value not in (None, UNSET) else option.line("value")
        option.drop("option_code", "option_value", "name", "value", "option_name")
        if isinstance(name, str) and isinstance(value, str):
            chosen[name] = value
    if chosen:
        return chosen
    # Values may hold "," and "=", so the printed text is not split.
    return {"": text} if isinstance(text, str) else text if text is UNSET else {}


def _tracking(item: Payload) -> Any:
    first = item.id("tracking_no")
    more = [number for one in item.each("multi_invoice") if isinstance(number := one.id("tracking_no"), str)]
    numbers = list(dict.fromkeys([first, *more] if isinstance(first, str) else more))
    return ",".join(numbers) if numbers else first
