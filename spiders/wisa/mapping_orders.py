"""WISA orders and claims as the Openapi tells them: payload to records.

A list tells no status of a line and no option; the detail tells both. There is no claim object: a claim is the status
of its line, its dates come from the order's log, its amount is computed (derived).
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import values, words
from shopscrape.errors import RowFailed
from shopscrape.items import Order, OrderLine, Record, Return
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.wisa import codes
from spiders.wisa.codes import History, State
from spiders.wisa.shapes import amount, code_in, none_if_zero, parts, region, total, when

LIST_IGNORED = ignoring(
    # persons, and what a detail tells better
    "title photo ip buyer_name addressee_name addressee_phone addressee_cell addressee_zip addressee_addr2",
    # dlv_no is the courier's number here and its name in a detail: only the name is kept
    "products: photo r_zip r_addr1 r_addr2 dlv_no partner_no partner_name",
)
IGNORED = ignoring(
    "status photo ip bank bank_name total_milage card_info cash_receipt buyer_name member_group member_no addr_name "
    "addr_zip addr_phone addr_cell addr_msg add_fields mng_memo coupon dlv_code dlv_no dlv_name title stat2",
    "products: photo total_milage partner_no partner_name dlv_type r_zip r_addr1 r_addr2",
    "stat_log: no admin_id",
)


def listed_order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read an order of a list: what it is, who bought, what was paid; its lines without status and option."""
    number = row.need("ono")
    label = row.line("stat")
    code = codes.code_of(label)
    states = str(row.take("stat2")).split(",")
    if code in codes.LEFT_OUT:
        row.raw.clear()
        return
    told = row.has("products")
    lines = [_listed_line(one) for one in parts(row, "products")]
    yield Order(
        **origin.common(), order_id=number, **_channel(row), **_order_word(row, label), status_raw=label,
        ordered_at=when(row, "date1"), currency=origin.currency, buyer=_buyer(row),
        paid=_paid(row, code, *map(codes.code_of, states)), payment_methods=_payment(row),
        receiver_region=region(row.line("addressee_addr1")), lines=lines if told else UNSET,
    )  # fmt: skip


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order in full, and the claims of its lines."""
    number = row.need("ono")
    label = row.line("stat")
    code = codes.code_of(label)
    log = _log(row)
    delivered = when(row, "date5")
    has_lines = row.has("products")
    found = [_line(one, log, delivered) for one in parts(row, "products")]
    found = [(line, state, money) for line, state, money in found if state.code not in codes.LEFT_OUT]
    if code in codes.LEFT_OUT and not found:
        row.raw.clear()
        return
    lines = [line for line, _, _ in found]
    told = [(line.kind, line.status) for line in lines if isinstance(line.status, str)]
    status = {"status": words.order_status(told)} if told else _order_word(row, label)
    yield Order(
        **origin.common(), order_id=number, **_channel(row), **status, status_raw=label,
        ordered_at=when(row, "date1"), paid_at=log.first("2"), currency=origin.currency, **_amounts(row, found),
        paid=_paid(row, code, *(state.code for _, state, _ in found)), payment_methods=_payment(row), buyer=_buyer(row),
        receiver_region=region(row.line("addr_addr")), lines=lines if has_lines else UNSET,
    )  # fmt: skip
    yield from claims(number, found, log, origin)


def _log(row: Payload) -> History:
    """Return the log of an order; a date in it that cannot be read costs no order."""
    entries: list[tuple[Any, Any]] = []
    for entry in parts(row, "stat_log"):
        at: Any = UNSET
        with suppress(RowFailed):
            at = when(entry, "date")
        entries.append((at, entry.line("summary")))
    return History(entries)


Found = tuple[OrderLine, State, Decimal | None]
"""A line, what its status says, and what it costs before its discount."""


def claims(number: str, found: list[Found], log: History, origin: Origin) -> Iterator[Return]:
    """Yield the claim of each line that is under one or ended by one.

    A claim that the buyer took back leaves no trace at its line; the log of an order with a single line tells of it.
    """
    for line, state, _ in found:
        kind, claim = state.kind, state.claim
        if kind is None and len(found) == 1 and state.code:
            kind, claim = log.withdrawn(), "withdrawn"
        if kind is None:
            continue
        mine = [code for code, (of, _) in codes.CLAIMS.items() if of == kind]
        ends = [code for code in mine if codes.CLAIMS[code][1] == "completed"]
        starts = [code for code in mine if codes.CLAIMS[code][1] == "requested"]
        yield Return(
            **origin.common(), return_id=f"{line.line_id}:{kind}", kind=kind,  # type: ignore[arg-type]
            order_id=number, line_ids=[line.line_id], status=claim, status_raw=state.raw,
            requested_at=log.first(*starts), completed_at=log.last(*ends) if claim == "completed" else UNSET,
            quantity=line.quantity, refund_amount=_refund(line, state, kind, claim), currency=origin.currency,
            derived=True,
        )  # fmt: skip


def _refund(line: OrderLine, state: State, kind: str, claim: Any) -> Any:
    """Return what was paid back: the line after its discount, once the claim is done (inferred)."""
    if kind == "exchange" or state.code in codes.NO_MONEY:
        return None
    return line.total if claim == "completed" else UNSET


def _listed_line(row: Payload) -> OrderLine:
    quantity, price, off = row.whole("buy_ea"), row.money("total_prc"), row.money("sale_prc")
    _discounts(row)
    return OrderLine(
        line_id=row.need("order_product_no"), product_id=none_if_zero(row.id("pno")), name=row.line("name"),
        quantity=quantity, unit_price=unit(price, quantity), discount=off, total=after(price, off),
        tracking_no=none_if_zero(row.line("dlv_code")),
    )  # fmt: skip


def _line(row: Payload, log: History, delivered: Any) -> Found:
    quantity, price, off = row.whole("buy_ea"), row.money("total_prc"), row.money("sale_prc")
    parcel = none_if_zero(row.line("dlv_code"))
    _discounts(row)
    number, label = row.id("stat"), row.line("stat_str")
    state = codes.state(row, number, label, _before(number, label, log, delivered, parcel))
    arrived = isinstance(delivered, datetime) and state.word in ("delivered", "returned", "exchanged")
    line = OrderLine(
        line_id=row.need("order_product_no"), product_id=none_if_zero(row.id("pno")),
        variant_id=none_if_zero(row.id("complex_no")), code=code_in(row, "code"), name=row.line("name"),
        options=chosen(row.take("option"), "<split_big>", "<split_small>"), quantity=quantity,
        quantity_left=left(quantity, state), unit_price=unit(price, quantity), discount=off, total=after(price, off),
        status=state.word, status_raw=state.raw, courier=none_if_zero(row.line("dlv_no")), tracking_no=parcel,
        delivered_at=delivered if arrived else UNSET if delivered is UNSET else None,
    )  # fmt: skip
    return line, state, price if isinstance(price, Decimal) else None


def _before(number: Any, label: Any, log: History, delivered: Any, parcel: Any) -> Any:
    """Return what a line was before its open claim: as the log says, else what its claim and its parcel leave open."""
    code = codes.code_of(number) or codes.code_of(label) or ""
    kind = codes.CLAIMS.get(code, ("", ""))[0]
    said = log.before(code)
    if said is not UNSET:
        return said
    if isinstance(delivered, datetime) and code != "14":
        return "delivered"
    return "shipped" if kind == "return" or (kind == "exchange" and isinstance(parcel, str)) else UNSET


def left(quantity: Any, state: State) -> Any:
    """Return the units that no finished claim took away."""
    if not isinstance(quantity, int) or not isinstance(state.word, str) or state.word == "unknown":
        return UNSET
    return 0 if state.word in words.CLAIMED else quantity


def unit(price: Any, quantity: Any) -> Any:
    """Return the price of one unit; UNSET when it does not come out even."""
    if not isinstance(price, Decimal) or not isinstance(quantity, int) or quantity < 1:
        return UNSET
    one = (price / quantity).quantize(Decimal("0.01"))
    return one if one * quantity == price else UNSET


def after(price: Any, off: Any) -> Any:
    """Return the amount of a line after its discount."""
    return price - amount(off) if isinstance(price, Decimal) else price


def chosen(text: Any, between: str, inside: str) -> Any:
    """Return option names to values; the whole text under "" when it does not split cleanly.

    >>> chosen("색상<split_small>블랙<split_big>사이즈<split_small>M", "<split_big>", "<split_small>")
    {'색상': '블랙', '사이즈': 'M'}
    """
    if text is UNSET or text is None:
        return text
    if not isinstance(text, str) or not values.line(text):
        return {}
    pairs: dict[str, str] = {}
    for part in text.split(between):
        if not part.strip() and between.startswith("<"):
            # A separator after the last one.
            continue
        name, _, value = part.partition(inside)
        clean, said = values.line(name), values.line(value)
        if part.count(inside) != 1 or not clean or clean in pairs:
            whole = text.replace(inside, ": ").replace(between, ", ") if inside.startswith("<") else text
            return {"": values.line(whole) or ""}
        pairs[clean] = said or ""
    return pairs


def _amounts(row: Payload, found: list[Found]) -> dict[str, Any]:
    """Return the sums of what no finished claim took out. A list of lines that hides prices gives none.

    The order's own discounts count while nothing is taken out (unverified: that they hold those of the lines).
    """
    ship, points, deposit = row.money("dlv_prc"), row.money("milage_prc"), row.money("emoney_prc")
    own = _discounts(row)
    told = [value for value in (points, deposit) if value is not UNSET]
    spent = total(map(amount, told)) if any(isinstance(value, Decimal) for value in told) else None
    standing = [one for one in found if one[1].word not in words.CLAIMED]
    goods = total(price for _, _, price in standing)
    off = total(amount(line.discount) for line, _, _ in standing)
    if len(standing) == len(found) and isinstance(own, Decimal) and own:
        off = own
    if goods is UNSET or not found:
        goods = off = UNSET
    known = isinstance(goods, Decimal) and isinstance(ship, Decimal)
    return {
        "items_total": goods, "shipping_fee": ship, "discount": off, "total": goods + ship - off if known else UNSET,
        "points_used": UNSET if points is UNSET and deposit is UNSET else spent,
    }  # fmt: skip


def _discounts(row: Payload) -> Any:
    """Return the sum of discounts by label; an empty list stands for none, UNSET for what is no amount.

    Unknown labels are counted.
    """
    raw = row.take("discount")
    if raw is UNSET:
        return UNSET
    if not isinstance(raw, dict):
        return UNSET if raw else Decimal()
    sum_ = Decimal()
    for label, off in raw.items():
        if str(label).strip() not in codes.DISCOUNTS:
            row.known(label, {}, "discount")
        try:
            sum_ += values.decimal(off) or 0
        except ValueError:
            row.known("not an amount", {}, "discount")
            return UNSET
    return sum_


def _paid(row: Payload, *told: str | None) -> Any:
    """Return the money that has come: what is due is printed in the same place before it was paid.

    `told` are the states of the order and of its lines; the first known one decides. Of an order whose states are all
    unknown it is not told whether it was paid.
    """
    money = row.money("pay_prc")
    known = next((code for code in told if code), None)
    if not isinstance(money, Decimal) or known is None:
        return money if money is None else UNSET
    return Decimal() if known in codes.UNPAID else money


def _payment(row: Payload) -> Any:
    method = row.line("pay_type")
    if not isinstance(method, str):
        return method if method is UNSET else []
    if method not in codes.PAYMENTS:
        row.known(method, {}, "pay_type")
    return [method]


def _channel(row: Payload) -> dict[str, Any]:
    raw = row.take("channel")
    if raw is UNSET:
        return {}
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, dict):
        raw = raw.get("code") or raw.get("name")
    if not isinstance(raw, str) or not raw.strip():
        return {"channel": "own", "channel_raw": None}
    word = row.known(raw.strip(), codes.CHANNELS, "channel")
    return {"channel": "other" if word == "unknown" else word, "channel_raw": raw.strip()}


def _order_word(row: Payload, label: Any) -> dict[str, Any]:
    """Return the word of an order from its label, where its lines tell none."""
    if not isinstance(label, str):
        return {}
    word = codes.state(row, label, label).word
    return {} if word is UNSET else {"status": word}


def _buyer(row: Payload) -> Any:
    told = [row.line(key) for key in ("buyer_cell", "buyer_phone", "buyer_email", "member_id")]
    if all(one is UNSET for one in told):
        return UNSET
    cell, phone, email, member = told
    return person(phone=cell if isinstance(cell, str) else phone, email=email, member=member)
