"""MakeShop orders, version 1.0 (`order/1`), of shops that were never moved: payload to records.

They know no claims. Whether a line's `price` is of a unit or of the line is not documented: the sums decide. When a
card was charged is not told.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import words
from shopscrape.items import Order, OrderLine, Record
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.makeshop import codes
from spiders.makeshop.mapping_lines import line_id
from spiders.makeshop.mapping_orders import total
from spiders.makeshop.mapping_rows import KEY, chosen, many, region, when

_DELIVERY = "post address receiver receiver_mobile receiver_phone hope_deli_s_date hope_deli_e_date delicom deli_msg"
IGNORED = ignoring(
    "benefit",
    "order: message admin_message user_notice user_memo sender phone email id safe_number safe_number_type add_info "
    "reserve vat_price start_price delivery mobile",
    "payment: banker bank_name bank_account card_flag re_paymethod in_card_price",
    "product: reserve provider_code provider_name provider_company_name maximage minimage tinyimage option_type",
    f"product.deliveryInfo: {_DELIVERY} address2",
    f"delivery: {_DELIVERY} address2",
)


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order."""
    key = row.take(KEY)
    top, payment, parcel = row.part("order"), row.part("payment"), row.part("delivery")
    number = top.id("ordernum")
    if not isinstance(number, str):
        number = key if isinstance(key, str) and not (key.isdigit() and len(key) < 6) else top.need("ordernum")
    paid_at, card = when(payment, "bank_date"), payment.id("card_state")
    link, path, outside = top.id("link_id"), top.id("pay_path"), top.id("naver_pay_oid")
    address = parcel.raw.get("address")
    parts = many(row, "product", "num")
    whole = {"courier": parcel.line("delicom_name"), "tracking": parcel.id("delinum")}
    whole["left"] = when(parcel, "deli_date")
    paid = bool(paid_at) or card == "0000"
    lines = [_line(part, number, whole, paid) for part in parts]
    lines.sort(key=lambda pair: (len(pair[0].line_id), pair[0].line_id))
    asked, shipping, off = top.money("price"), top.money("deli_price"), top.money("dc_price")
    off = abs(off) if isinstance(off, Decimal) else off
    goods = _prices(lines, asked, shipping, off, row)
    spent, came = total(top.money("used_reserve"), top.money("used_emoney")), top.money("in_price")
    word: Any = "naver_pay" if outside else UNSET
    if isinstance(link, str):
        word = top.known(link, codes.CHANNELS, "link_id")
    elif word is UNSET and isinstance(path, str):
        word = top.known(path, codes.PAY_PATHS, "pay_path")
    points = spent if isinstance(spent, Decimal) else Decimal()
    yield Order(
        **origin.common(), order_id=number, external_id=outside, channel="other" if word == "unknown" else word,
        channel_raw=link if isinstance(link, str) else path,
        status=words.order_status((line.kind, str(line.status)) for line, _ in lines) if lines else UNSET,
        ordered_at=when(top, "order_date"), paid_at=paid_at or UNSET if paid else paid_at,
        currency=origin.currency, items_total=goods, shipping_fee=shipping, discount=off, total=asked,
        points_used=spent, payment_methods=_methods(payment),
        paid=max(came - points, Decimal()) if paid and isinstance(came, Decimal) else UNSET if paid else Decimal(),
        buyer=person(phone=top.take("mobile") or top.take("phone"), email=top.take("email"), member=top.take("id")),
        receiver_region=region(address) if isinstance(address, str) else UNSET,
        lines=[line for line, _ in lines] if lines else UNSET,
    )  # fmt: skip


def _methods(payment: Payload) -> Any:
    told = [payment.id("paymethod"), payment.id("simple_pay")]
    return UNSET if told[0] is UNSET else [one for one in told if isinstance(one, str)] or None


def _line(part: Payload, order: str, whole: dict[str, Any], paid: bool) -> tuple[OrderLine, Any]:
    key = part.take(KEY)
    number = part.id("num") or key
    if not isinstance(number, str) or not number:
        number = part.need("num")
    own = part.part("deliveryInfo")
    left = when(own, "deli_date") or whole["left"]
    quantity = part.whole("basket_stock")
    parcel = own.id("delinum") or whole["tracking"]
    status: Any = "shipped" if left else "preparing" if isinstance(parcel, str) else "paid" if paid else "placed"
    line = OrderLine(
        line_id=line_id(order, number), external_id=part.id("naver_pay_pid"), product_id=part.id("product_uid"),
        code=part.id("brandcode"), name=part.line("product_name"), options=chosen(part.line("option_data")),
        quantity=quantity, quantity_left=quantity, status=status,
        courier=own.line("delicom_name") or whole["courier"], tracking_no=parcel, shipped_at=left,
    )  # fmt: skip
    return line, part.money("price")


def _prices(lines: list[tuple[OrderLine, Any]], asked: Any, shipping: Any, off: Any, row: Payload) -> Any:
    """Set unit price and total of each line; return the goods' sum, UNSET where it stays open which it is."""
    priced = [(line, price) for line, price in lines if isinstance(price, Decimal) and isinstance(line.quantity, int)]
    if len(priced) != len(lines) or not lines:
        return UNSET
    as_lines = sum((price for _, price in priced), Decimal())
    as_units = sum((price * (line.quantity or 0) for line, price in priced), Decimal())
    wanted = asked
    if isinstance(asked, Decimal):
        wanted = asked - (shipping if isinstance(shipping, Decimal) else 0) + (off if isinstance(off, Decimal) else 0)
    if as_lines != as_units and wanted not in (as_lines, as_units):
        row.tally.unknown["price=of a unit or of a line"] += 1
        return UNSET
    unit = as_lines != as_units and wanted == as_units
    for line, price in priced:
        quantity = line.quantity or 1
        each = price / quantity if price % quantity == 0 else UNSET
        line.unit_price, line.total = (price, price * quantity) if unit else (each, price)
    return as_units if unit else as_lines
