"""Cafe24 orders: payload to records. An order has no state, only its items have one."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import words
from shopscrape.errors import RowFailed
from shopscrape.items import Order, OrderLine, Record
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.cafe24 import codes, mapping_claims, mapping_items
from spiders.cafe24.mapping_claims import claims_in, refund_of, returns_of
from spiders.cafe24.mapping_items import Item, in_order, read_items
from spiders.cafe24.mapping_rows import asked_for, at_shop, currency, objects, tidy

DISCOUNTS = (
    "coupon_discount_price", "coupon_shipping_fee_amount", "membership_discount_amount", "shipping_fee_discount_amount",
    "set_product_discount_amount", "app_discount_amount", "market_other_discount_amount",
)  # fmt: skip

_ORDER = (
    # persons and payment data are never stored
    "member_email member_authentication billing_name bank_code bank_code_name bank_account_no bank_account_owner_name "
    "transaction_ids additional_order_info_list social_member_code social_name commission total_supply_price "
    # what nobody asked for yet
    "initial_order_amount payment_method_name payment_gateway_names sub_payment_method_name "
    "sub_payment_method_code paid canceled first_order order_from_mobile use_escrow market_seller_id cancel_date "
    "order_place_name payment_confirmation postpay admin_additional_amount additional_shipping_fee "
    "international_shipping_insurance additional_handling_fee shipping_type shipping_type_text shipping_status "
    "shipping_fee_detail regional_surcharge_detail wished_delivery_date wished_delivery_time wished_carrier_id "
    "wished_carrier_name return_confirmed_date store_pickup easypay_name loan_status subscription "
    "multiple_addresses exchange_rate first_payment_methods naverpay_payment_information include_tax tax_detail "
    "service_type service_data show_shipping_address benefits coupons market_discount_info market_discount_amount "
    "customer_group_no_when_ordering"
)
_RECEIVER = (
    "shop_no name name_furigana phone cellphone virtual_phone_no zipcode address1 address2 address_full address_street "
    "address_state address_city name_en city_en state_en street_en country_code country_name country_name_en "
    "shipping_message clearance_information_type clearance_information wished_delivery_date wished_delivery_time "
    "shipping_code user_id"
)
_BUYER = (
    "shop_no member_id member_group_no name names_furigana email phone cellphone customer_notification updated_date "
    "user_id user_name company_name company_registration_no buyer_zipcode buyer_address1 buyer_address2"
)
_CLAIM_PATHS = tuple(
    path
    for key in codes.RESOURCES
    for path in (
        f"{key}: {mapping_claims.IGNORED}", f"{key}.items: {mapping_items.IGNORED}",
        f"{key}.items.multi_invoice: {mapping_items.INVOICE}",
    )
)  # fmt: skip
_ITEM_PATHS = (f"items: {mapping_items.IGNORED}", f"items.multi_invoice: {mapping_items.INVOICE}")
IGNORED = ignoring(
    _ORDER, *_ITEM_PATHS, *_CLAIM_PATHS, f"refunds: {mapping_claims.REFUND_IGNORED}", f"receivers: {_RECEIVER}",
    f"buyer: {_BUYER}", "actual_order_amount: point_incentive_amount total_amount_due tax payment_amount",
)  # fmt: skip
ITEM_IGNORED = ignoring("shop_no", *_ITEM_PATHS)
CLAIM_IGNORED = ignoring(mapping_claims.IGNORED, *_ITEM_PATHS, f"refunds: {mapping_claims.REFUND_IGNORED}")
REFUND_IGNORED = ignoring(mapping_claims.REFUND_IGNORED, *_ITEM_PATHS)
RECEIVER_IGNORED = ignoring(f"receivers: {_RECEIVER}")
BUYER_IGNORED = ignoring(_BUYER)
SHIPMENT_IGNORED = ignoring(
    "shop_no shipping_code", "shipments: shop_no shipping_code order_id tracking_no_updated_date"
)


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order with whatever is embedded: items, claims, refunds, receivers, buyer."""
    origin = at_shop(row, origin)
    number = row.need("order_id")
    money = row.id("currency") or currency(origin)
    told_items = row.has("items")
    items = read_items(row.each("items"), number)
    claims = claims_in(row, number)
    refunds = [refund_of(one) for one in row.each("refunds")]
    # What the spider joined.
    joined = origin.context.get("refunds", {}).get(number, ())
    refunds += [refund_of(Payload(tidy(dict(one)), row.tally, "refunds", row.zone)) for one in joined]
    external, channel, channel_raw = _place(row)
    yield Order(
        **origin.common(), order_id=number, external_id=external, channel=channel, channel_raw=channel_raw,
        status=_status(items), ordered_at=row.moment("order_date"), paid_at=row.moment("payment_date"),
        currency=money, **_amounts(row), paid=row.money("payment_amount"), payment_methods=_methods(row),
        buyer=_buyer(row), receiver_region=_region(row),
        lines=[item.line for item in items] if told_items else UNSET,
    )  # fmt: skip
    yield from returns_of(items, claims, refunds, origin, number, money)


def _status(items: list[Item]) -> Any:
    lines = [(item.line.kind, item.line.status) for item in items if isinstance(item.line.status, str)]
    return words.order_status(lines) if lines else UNSET


def _amounts(row: Payload) -> dict[str, Any]:
    """Return the sums as they stand now. Which discounts are per unit or per line is unknown: the order's own are."""
    naver = row.money("naver_point")
    if not row.has("actual_order_amount"):
        return {}
    now = row.part("actual_order_amount")
    goods, shipping = now.money("order_price_amount"), now.money("shipping_fee")
    discount = _sum([now.money(name) for name in DISCOUNTS])
    points = [now.money(name) for name in ("points_spent_amount", "credits_spent_amount")]
    total: Any = UNSET
    if isinstance(goods, Decimal) and shipping is not UNSET:
        total = goods + _amount(shipping) - _amount(discount)
    # Naver's points come beside the mall's own (inferred); none of them is no news where the own are not told.
    points += [naver] if naver else []
    return {
        "items_total": goods, "shipping_fee": shipping, "discount": discount, "total": total,
        "points_used": _sum(points),
    }  # fmt: skip


def _sum(amounts: list[Any]) -> Any:
    told = [amount for amount in amounts if isinstance(amount, Decimal)]
    return sum(told, Decimal()) if told else UNSET


def _amount(amount: Any) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal()


def _place(row: Payload) -> tuple[Any, Any, Any]:
    """Return the number on the marketplace, our word for the channel, and Cafe24's."""
    place, market, outside = row.id("order_place_id"), row.id("market_id"), row.id("market_order_no")
    external = None if market == "self" and outside is not UNSET else outside
    raw = place or (market if market else place)
    if not raw:
        return external, raw, raw
    word = codes.CHANNELS.get(raw.lower())
    if word is None:
        row.tally.unknown[f"channel={raw[:40]}"] += 1
    return external, word or "other", raw


def _methods(row: Payload) -> Any:
    told = row.texts("payment_method")
    return [part for text in told for part in text.split(",") if part] if isinstance(told, list) else told


def _buyer(row: Payload) -> Any:
    told = row.has("buyer") or row.has("member_id")
    buyer, member = row.part("buyer"), row.id("member_id")
    return buyer_of(buyer, member) if told else UNSET


def buyer_of(buyer: Payload, member: Any = UNSET) -> str | None:
    """Return the person in the form that the scrub turns into a pseudonym."""
    told = {name: buyer.take(name) for name in ("cellphone", "phone", "email", "member_id")}
    cellphone, phone, email, own = (told[name] if isinstance(told[name], str | int) else None for name in told)
    return person(phone=cellphone or phone, email=email, member=own or member)


# -- where it goes ----------------------------------------------------------------------------------------------------

_PROVINCES = frozenset((
    "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북", "충남", "전북", "전남",
    "경북", "경남", "제주", "충청북", "충청남", "전라북", "전라남", "경상북", "경상남",
))  # fmt: skip
_PROVINCE_ENDS = ("특별자치도", "특별자치시", "특별시", "광역시", "도", "시", "")


def _region(row: Payload) -> Any:
    if not row.has("receivers"):
        return UNSET
    return region_of(row.each("receivers"))


def region_of(receivers: list[Payload]) -> str | None:
    """Return 시/도 and 시군구 of the first receiver that tells them; abroad the state, never a line of an address."""
    for receiver in receivers:
        for name in ("address1", "address_full"):
            found = _korean(receiver.line(name))
            if found:
                return found
        for names in (("address_state", "address_city"), ("state_en", "city_en")):
            state, city = (receiver.line(name) for name in names)
            if isinstance(state, str):
                return _korean(f"{state} {city}" if isinstance(city, str) else state) or state
    return None


def _korean(address: Any) -> str | None:
    if not isinstance(address, str):
        return None
    parts = [part for part in address.split() if not part.strip("[]()").isdecimal()]
    if not parts or not any(parts[0].removesuffix(end) in _PROVINCES for end in _PROVINCE_ENDS):
        return None
    # 세종 has no 시군구: what follows is a street.
    fits = len(parts) > 1 and parts[1][-1] in "시군구" and len(parts[1]) > 1
    return " ".join(parts[: 1 + fits])


# -- answers of their own ---------------------------------------------------------------------------------------------


def item_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the items of an order's item list as one row: its number is the begin of their codes."""
    groups: dict[str, dict[str, Any]] = {}
    for item in objects(document["items"]):
        code = str(item.get("order_item_code") or "") if isinstance(item, dict) else ""
        number = code.rpartition("-")[0] or asked_for(origin, "orders")
        group = groups.setdefault(number, {"order_id": number, "items": []})
        group["items"].append(item)
        if isinstance(item, dict) and "shop_no" in item:
            group["shop_no"] = item["shop_no"]
    return list(groups.values())


def items_of_order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the item list of an order as an order that tells its lines only."""
    origin = at_shop(row, origin)
    number = row.need("order_id")
    items = read_items(row.each("items"), number)
    yield Order(**origin.common(), order_id=number, status=_status(items), lines=[item.line for item in items])
    yield from returns_of(items, [], [], origin, number, UNSET)


def shipment_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the shipments of each order as one row."""
    groups: dict[str, dict[str, Any]] = {}
    for one in objects(document["shipments"]):
        told = one if isinstance(one, dict) else {}
        number = str(told.get("order_id") or "") or _shipped(told) or asked_for(origin, "orders")
        group = groups.setdefault(number, {"order_id": number, "shipments": [], "shop_no": told.get("shop_no")})
        group["shipments"].append(one)
    return list(groups.values())


def _shipped(told: dict[str, Any]) -> str:
    """Return the number of the order that a shipping code, D-{order_id}-NN, names."""
    code = str(told.get("shipping_code") or "").strip()
    return code[2:].rpartition("-")[0] if code.startswith("D-") else ""


def shipments_of_order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the parcels of an order as lines that tell how they travel and nothing else."""
    origin = at_shop(row, origin)
    number = row.need("order_id")
    lines: dict[str, OrderLine] = {}
    for parcel in row.each("shipments"):
        tracking, courier = parcel.id("tracking_no"), parcel.id("shipping_company_code")
        for part in parcel.each("items"):
            code = part.need("order_item_code")
            word, raw = part.word("status", codes.SHIPMENTS, "shipment_status")
            before = lines[code].tracking_no if code in lines else None
            numbers = f"{before},{tracking}" if before and tracking else tracking or before
            lines[code] = OrderLine(line_id=code, status=word, status_raw=raw, courier=courier, tracking_no=numbers)
    yield Order(**origin.common(), order_id=number, lines=[lines[code] for code in sorted(lines, key=in_order)])


def receiver_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the receivers as one row; their shipping codes (D-{order_id}-NN) tell the order."""
    found = objects(document["receivers"])
    number = next((number for one in found if isinstance(one, dict) and (number := _shipped(one))), "")
    shop = next((one.get("shop_no") for one in found if isinstance(one, dict)), None)
    row = {"order_id": number or asked_for(origin, "orders"), "receivers": found, "shop_no": shop}
    return [row] if found else []


def receivers_of_order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the receivers of an order as an order that tells its region only."""
    origin = at_shop(row, origin)
    number = row.need("order_id")
    yield Order(**origin.common(), order_id=number, receiver_region=region_of(row.each("receivers")))


def buyer_of_order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the buyer of an order; only the request's address tells which order that is."""
    origin = at_shop(row, origin)
    number = asked_for(origin, "orders")
    if not number:
        raise RowFailed("order_id: the answer does not tell it, and neither does the request's address")
    yield Order(**origin.common(), order_id=number, buyer=buyer_of(row))
