"""Lines of a MakeShop order: what each tells, and the word that follows from its dates."""

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import words
from shopscrape.items import OrderLine
from shopscrape.payload import Payload
from spiders.makeshop import codes
from spiders.makeshop.mapping_rows import KEY, chosen, unnumbered, when

ENDS = {"cancel": "cancelled", "return": "returned", "exchange": "exchanged"}
"""Kind of a finished claim to the word of its line."""
END_DATES = {"cancel": "cancelend_date", "return": "returnend_date", "exchange": "tradeend_date"}


class Line(msgspec.Struct, kw_only=True):
    """A line while its order is read."""

    number: str
    """Its number within the order."""
    record: OrderLine
    issue: Any
    """Our word of `issue_status`, UNSET where it is empty."""
    ends: dict[str, Any]
    """Kind of claim to the moment at which the line tells its end, None where it tells none."""
    ready: bool
    """A parcel number is there."""
    sell: Any
    """`sell_price`: of a unit or of the line."""
    listed: bool = True
    """Whether the answer tells it, and not only a claim of it."""
    replaced_by: "Line | None" = None
    stands_for: "Line | None" = None
    """The line that exchange goods are sent for."""
    done: str = ""
    """Kind of the finished claim that took it out of the order."""

    @property
    def taken(self) -> bool:
        """Return whether a finished claim took it out."""
        return bool(self.done)

    @property
    def counts(self) -> bool:
        """Return whether it is among the order's goods: exchange goods are not, beside what they are sent for."""
        return not self.taken and (self.stands_for is None or self.stands_for.taken)

    @property
    def arrived(self) -> Any:
        """Return when it was delivered or confirmed."""
        return self.record.completed_at or self.record.delivered_at


def lines_of(parts: list[Payload], order: str) -> list[Line]:
    """Return the lines of an order by their number, exchange goods tied to what they stand in for."""
    lines = sorted((_line(part, order) for part in parts), key=lambda line: (len(line.number), line.number))
    by_id = {line.record.line_id: line for line in lines}
    for line in lines:
        gone = by_id.get(line.record.replaces) if isinstance(line.record.replaces, str) else None
        if gone is not None and gone is not line:
            gone.replaced_by, line.stands_for = line, gone
    return lines


def line_id(order: str, number: str) -> str:
    """Return a line's id: its number is unique within its order only."""
    return f"{order}:{number}"


def _line(part: Payload, order: str) -> Line:
    key = part.take(KEY)
    number = part.id("num")
    if not isinstance(number, str):
        number = key if isinstance(key, str) and key else part.need("num")
    kind, original = part.id("product_type"), part.id("trade_num")
    replaces = line_id(order, original) if isinstance(original, str) and original.strip("0") else None
    word = part.known(kind, codes.LINES, "product_type") if isinstance(kind, str) else "sale"
    if part.has("deliveryInfo"):
        part.raw["deliveryInfo"] = unnumbered(part.raw["deliveryInfo"])
    parcels = part.each("deliveryInfo") or [part.part("deliveryInfo")]
    # Of several parcels the first tells when it left; all their numbers are kept.
    told = parcels[0]
    quantity = part.whole("basket_stock")
    price, extra = part.money("product_price"), part.money("option_price")
    sell = part.money("sell_price")
    ends = {kind: when(part, name) for kind, name in END_DATES.items()}
    choice, variant = part.id("option_type"), part.id("prd_option_uid")
    name, number_of_parcel = told.line("delicom_name") or told.id("delicom"), told.id("delinum")
    more = [
        one for one in (number_of_parcel, *(parcel.id("delinum") for parcel in parcels[1:])) if isinstance(one, str)
    ]
    number_of_parcel = ",".join(dict.fromkeys(more)) or number_of_parcel
    issue = part.id("issue_status")
    record = OrderLine(
        line_id=line_id(order, number), external_id=_first(part.id("naver_pay_pid"), part.id("talkcheck_pid")),
        kind="replacement" if replaces else "sale" if word == "unknown" else word,  # type: ignore[arg-type]
        replaces=replaces, product_id=part.id("product_uid"),
        variant_id=None if choice == "NO" else variant, code=part.id("brandcode"), name=part.line("product_name"),
        options=chosen(part.line("option_data")), quantity=quantity,
        unit_price=price + extra if isinstance(price, Decimal) and isinstance(extra, Decimal) else price,
        status_raw=part.id("basket_status"), courier=name, tracking_no=number_of_parcel,
        shipped_at=when(told, "deli_date"), delivered_at=when(told, "delicomplete_date"),
        completed_at=when(told, "deliend_date"),
    )  # fmt: skip
    return Line(
        number=number, record=record, ends={kind: end or None for kind, end in ends.items()}, sell=sell,
        issue=part.known(issue, codes.ISSUES, "issue_status") if isinstance(issue, str) else UNSET,
        ready=isinstance(number_of_parcel, str),
    )  # fmt: skip


def _first(*told: Any) -> Any:
    return next((one for one in told if isinstance(one, str)), None if None in told else UNSET)


def set_words(lines: list[Line], paid: bool, otherwise: Any, named: dict[str, str]) -> None:
    """Set each line's word and what is left of it; the first that fits of: a finished claim, the mall's own table,
    confirmed, delivered, shipped, a parcel number, paid, `otherwise`. An open claim changes nothing.
    """
    for line in lines:
        record = line.record
        word = ENDS[line.done] if line.done else named.get(str(record.status_raw))
        if word is None:
            word = _progress(line, paid, otherwise)
        record.status = word  # type: ignore[assignment]
        if isinstance(record.quantity, int):
            record.quantity_left = 0 if word in words.CLAIMED else record.quantity


def _progress(line: Line, paid: bool, otherwise: Any) -> Any:
    record = line.record
    steps = (
        (record.completed_at, "completed"), (record.delivered_at, "delivered"), (record.shipped_at, "shipped"),
        (line.ready, "preparing"), (paid, "paid"),
    )  # fmt: skip
    return next((word for told, word in steps if told), otherwise)


def set_prices(lines: list[Line], goods: Any, tally: Any) -> None:
    """Set what each line costs.

    Whether `sell_price` is of a unit or of the line is not documented (unverified): it is decided for each order, by
    the sum that gives the order's goods, else by the line's own prices.
    """
    meaning = _meaning(lines, goods)
    for line in lines:
        record, sell, quantity = line.record, line.sell, line.record.quantity
        if not isinstance(sell, Decimal) or not isinstance(quantity, int):
            continue
        if quantity == 1 or meaning == "line":
            record.total = sell
        elif meaning == "unit":
            record.total = sell * quantity
        else:
            tally.unknown["sell_price=of a unit or of a line"] += 1
        if not isinstance(record.unit_price, Decimal) and isinstance(record.total, Decimal) and quantity > 0:
            record.unit_price = record.total / quantity if record.total % quantity == 0 else record.unit_price


def _meaning(lines: list[Line], goods: Any) -> str:
    priced = [line for line in lines if isinstance(line.sell, Decimal) and isinstance(line.record.quantity, int)]
    if isinstance(goods, Decimal):
        for active in ([line for line in priced if line.counts], [line for line in priced if not line.taken]):
            as_lines = sum((line.sell for line in active), Decimal())
            as_units = sum((line.sell * int(line.record.quantity or 0) for line in active), Decimal())
            if as_lines != as_units and goods in (as_lines, as_units):
                return "line" if goods == as_lines else "unit"
    votes = set()
    for line in priced:
        unit, quantity = line.record.unit_price, line.record.quantity
        if isinstance(unit, Decimal) and unit and isinstance(quantity, int) and quantity != 1:
            off = line.record.discount if isinstance(line.record.discount, Decimal) else Decimal()
            whole = line.sell in (unit * quantity, unit * quantity - off)
            votes.add("line" if whole else "unit" if line.sell == unit else "neither")
    return votes.pop() if len(votes) == 1 else ""
