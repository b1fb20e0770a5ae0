"""GMO MakeShop orders: payload to records. A state belongs to a shipment, and claims are derived from it.

A line has no number of its own: its shipment, product and variation name it (unverified).
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import words
from shopscrape.items import Order, OrderLine, Record, Return
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.makeshop_jp import codes
from spiders.makeshop_jp.mapping_rows import product_number, when

_GUEST = re.compile(r"X\d{6}(?!\d)")
"""A guest is told as X, six digits and the name."""
_MEMBER = re.compile(r"[A-Za-z0-9_.@+-]{1,100}")
"""A member's id; one who left has a text instead."""

IGNORED = ignoring(
    # persons and what they wrote
    "displayOrderNumber message senderName senderKana senderPost senderAddress senderAddress2 senderTel senderMail "
    "senderPrefecture",
    "deliveryInfos: receiverName receiverKana receiverPost receiverAddress receiverAddress2 receiverTel "
    "receiverPrefecture deliveryMessage estimatedShipmentDate desiredDeliveryDate desiredDeliveryTimezone "
    "deliverySumPrice wmsStatus deliveryMethodIds",
    "deliveryInfos.basketInfos: janCode customSelects",
)


class Payment(msgspec.Struct):
    """What the payment code of an order tells."""

    raw: Any
    paid: bool
    cancelled: bool

    @property
    def word(self) -> Any:
        """Return the word of what was not sent yet, UNSET where the code is not told."""
        if self.raw is UNSET:
            return UNSET
        return "cancelled" if self.cancelled else "paid" if self.paid else "placed"


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order with its shipments, and the claims that follow from their states."""
    number = row.need("systemOrderNumber")
    payment = _payment(row)
    region = _region(row)
    told = row.has("deliveryInfos")
    lines: list[OrderLine] = []
    returns: list[Return] = []
    fees = []
    for shipment in row.each("deliveryInfos"):
        fees.append(shipment.money("shippingCharge"))
        found, claims = _shipment(shipment, number, payment, origin)
        lines += found
        returns += claims
    _distinct(lines, returns)
    yield Order(
        **origin.common(), order_id=number, channel="own",
        status=_status(lines, payment),
        status_raw=payment.raw, ordered_at=when(row, "orderDate"), currency=origin.currency,
        **_sums(row, lines, fees, payment, returns, told), payment_methods=_methods(row), buyer=_buyer(row),
        receiver_region=region, lines=lines if told else UNSET,
    )  # fmt: skip
    yield from returns


def _status(lines: list[OrderLine], payment: Payment) -> Any:
    """Return the word of an order, that of its payment where nothing was sent; UNSET where a line has none."""
    told = [(line.kind, line.status) for line in lines if isinstance(line.status, str)]
    if len(told) < len(lines):
        return UNSET
    return words.order_status(told) if told else payment.word


def _payment(row: Payload) -> Payment:
    number = row.raw.get("paymentStatusCode")
    raw = row.id("paymentStatusCode")
    if type(number) is int:
        # A code that came as a number has lost its zeros.
        raw = str(number).zfill(4)
    word = codes.PAYMENTS.get(raw) if isinstance(raw, str) else None
    return Payment(raw=raw, paid=word == "paid", cancelled=word == "cancelled")


def _shipment(shipment: Payload, number: str, payment: Payment, origin: Origin) -> tuple[list[OrderLine], list[Return]]:
    key, raw = shipment.need("deliveryId"), shipment.id("deliveryStatus")
    slip, left = shipment.line("slipNumber"), when(shipment, "deliveryDate")
    note = next((word for word in codes.NOTES if isinstance(slip, str) and word in slip), "")
    word: Any = shipment.known(raw, codes.SHIPMENTS, "deliveryStatus") if isinstance(raw, str) else ""
    if word == "":
        word = payment.word
    lines = [_line(one, key) for one in shipment.each("basketInfos")]
    for line in lines:
        line.status, line.status_raw = word, raw
        if isinstance(line.quantity, int):
            line.quantity_left = 0 if word in words.CLAIMED else line.quantity
        line.tracking_no = None if note else slip
        line.shipped_at = left
    kind = codes.CLAIMS.get(str(raw)) or ("cancel" if word == "cancelled" or note else None)
    if kind is None:
        return lines, []
    return lines, list(_claims(lines, kind, word in words.CLAIMED, note, number, payment, origin))


def _claims(
    lines: list[OrderLine], kind: str, done: bool, note: str, number: str, payment: Payment, origin: Origin
) -> Iterator[Return]:
    """Yield a claim for each line of a shipment; what it is worth stands on the first."""
    worth = sum((line.total for line in lines if isinstance(line.total, Decimal)), Decimal())
    for place, line in enumerate(lines):
        yield Return(
            **origin.common(), return_id=f"{line.line_id}:{kind}", kind=kind, order_id=number,  # type: ignore[arg-type]
            line_ids=[line.line_id], status="completed" if done else "unknown", status_raw=note or line.status_raw,
            quantity=line.quantity, currency=origin.currency, derived=True,
            refund_amount=worth if not place and done and worth and (payment.paid or payment.cancelled) else None,
        )  # fmt: skip


def _line(one: Payload, shipment: str) -> OrderLine:
    product = product_number(one, "productCode")
    own, code = one.id("productCustomCode"), one.id("variationCustomCode")
    options = variation(one.line("variationName"))
    names = list(options.values()) if isinstance(options, dict) else []
    variant = code if isinstance(code, str) else ":".join(names) or (UNSET if code is UNSET else None)
    amount, price = one.whole("amount"), one.money("price")
    return OrderLine(
        line_id=":".join(filter(None, (shipment, product, variant if isinstance(variant, str) else ""))),
        product_id=product, variant_id=variant, code=code if isinstance(code, str) else own,
        name=one.line("productName"), options=options, quantity=amount, unit_price=price,
        total=price * amount if isinstance(price, Decimal) and isinstance(amount, int) else UNSET,
    )  # fmt: skip


def _distinct(lines: list[OrderLine], returns: list[Return]) -> None:
    """Tell lines apart that shipment, product and variation do not, such as those with other engravings."""
    many = {key for key, count in Counter(line.line_id for line in lines).items() if count > 1}
    for records in (lines, returns):
        seen: Counter[str] = Counter()
        for record in records:
            key = record.line_id if isinstance(record, OrderLine) else record.line_ids[0]
            if key not in many:
                continue
            seen[key] += 1
            if seen[key] > 1 and isinstance(record, OrderLine):
                record.line_id = f"{key}:{seen[key]}"
            elif seen[key] > 1 and isinstance(record, Return):
                record.return_id = f"{key}:{seen[key]}:{record.kind}"
                record.line_ids = [f"{key}:{seen[key]}"]


def variation(text: Any) -> Any:
    """Return the chosen variation by name; the whole text under "" when names and values cannot be told apart.

    >>> variation("カラー : ブラック 左右 : LH")
    {'カラー': 'ブラック', '左右': 'LH'}
    """
    if not isinstance(text, str):
        return {} if text is None else text
    parts = [part.split() for part in text.split(" : ")]
    # Between two colons stand one value and the next name; more words could belong to either.
    if len(parts) < 2 or len(parts[0]) != 1 or any(len(part) != 2 for part in parts[1:-1]) or not parts[-1]:
        return {"": text}
    names = [parts[0][0], *(part[1] for part in parts[1:-1])]
    chosen = [*(part[0] for part in parts[1:-1]), " ".join(parts[-1])]
    return dict(zip(names, chosen, strict=True)) if len(set(names)) == len(names) else {"": text}


def _sums(
    row: Payload, lines: list[OrderLine], fees: list[Any], payment: Payment, returns: list[Return], told: bool
) -> dict[str, Any]:
    """Return goods, delivery and reductions as far as the order's sum allows to tell them.

    Unverified: the sum stays as it was placed. What is missing between goods with delivery and the sum is a reduction,
    points among them; where the sum is greater, a fee is in it and the reduction is not told.
    """
    total = row.money("sumPrice")
    shipping = sum((fee for fee in fees if isinstance(fee, Decimal)), Decimal()) if told else UNSET
    priced = [line.total for line in lines if isinstance(line.total, Decimal)]
    goods = sum(priced, Decimal()) if told and len(priced) == len(lines) else UNSET
    discount: Any = UNSET
    if isinstance(goods, Decimal) and isinstance(shipping, Decimal) and isinstance(total, Decimal):
        missing = goods + shipping - total
        discount = missing if missing >= 0 else UNSET
    back = sum((one.refund_amount for one in returns if isinstance(one.refund_amount, Decimal)), Decimal())
    paid: Any = UNSET
    if isinstance(total, Decimal) and payment.raw is not UNSET:
        paid = max(total - back, Decimal()) if payment.paid and payment.raw != codes.BY_POINTS else Decimal()
    return {"items_total": goods, "shipping_fee": shipping, "discount": discount, "total": total, "paid": paid}


def _methods(row: Payload) -> Any:
    method = row.line("payMethod")
    return [method] if isinstance(method, str) else method


def _buyer(row: Payload) -> Any:
    """Return the member; a guest's number holds the name, and one who left has a text instead of an id."""
    if not row.has("memberId"):
        return UNSET
    member = row.take("memberId")
    text = str(member).strip() if isinstance(member, str | int) else ""
    return person(member=text) if _MEMBER.fullmatch(text) and not _GUEST.match(text) else None


def _region(row: Payload) -> Any:
    """Return the prefecture of the receiver, else of the buyer, without the remark for the carrier behind it."""
    parts = row.raw.get("deliveryInfos")
    first = parts[0] if isinstance(parts, list) and parts else parts
    told = first.get("receiverPrefecture") if isinstance(first, dict) else None
    text = told or row.raw.get("senderPrefecture", UNSET)
    if not isinstance(text, str):
        return text
    return re.split(r"[(（\s]", text.strip())[0] or None
