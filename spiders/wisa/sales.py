"""Orders and claims of a WISA mall.

Nothing tells which orders changed. So the orders of the last weeks are listed again, a few requests, and those whose
row in the list differs from what it was are read in full. What the rows were stands in the mark, as digests. The ERP
API's feed of claims tells of older orders; older ones that were still under way are read again anyway.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from scrapy import Request

from shopscrape import values
from shopscrape.errors import RowFailed
from shopscrape.items import Order, Return
from shopscrape.payload import Answer, Page, Payload, Tally
from shopscrape.session import Session
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Windowed
from shopscrape.windows import Leg, Mark, Window
from spiders.wisa import DAY, MONTH, OPEN_FOR, OVERLAP, PAGE, ROLLING, codes, mapping_erp
from spiders.wisa.questions import document, listing, without_records
from spiders.wisa.reviews import ReviewStreams
from spiders.wisa.shapes import listed, when

NAME = "orders"
BOTH = ("orders", "returns")
ACTIONS = {
    "orders_paid": mapping_erp.PAID, "orders_preparing": mapping_erp.PREPARING,
    "orders_completed": mapping_erp.COMPLETED,
}  # fmt: skip
FINAL = ("completed", "withdrawn", "rejected")


class Memory(msgspec.Struct):
    """What a mark's cursor remembers of the list of orders."""

    read: str
    """When all of them were last read in full."""
    orders: dict[str, tuple[str, str, bool]] = {}
    """Order number to digest of its row, its day, and whether it was under way."""


class Feed(Windowed, frozen=True, kw_only=True):
    """Windows that begin yesterday when nothing is marked yet: older claims come with the orders themselves."""

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks join the stored ones."""
        stored = [mark.upto for mark in stream.stored(session) if mark and mark.upto]
        return (min(stored), True) if stored else (values.now() - DAY, True)


class OrderStreams(ReviewStreams):
    """The order half of the WISA spider."""

    openapi_is_there: bool
    erp_is_there: bool

    def order_streams(self) -> Iterator[Stream]:
        """Yield the list of orders and the feed of claims, or what the ERP API alone tells."""
        self.open_claims = self._open_claims()
        if self.openapi_is_there:
            way = Windowed(longest=MONTH, unit=DAY)
            yield Stream(NAME, way, BOTH, reader="orders")
            if self.erp_is_there:
                yield Stream("claims", Feed(longest=MONTH, unit=MONTH, overlap=OVERLAP), BOTH, reader="claims")
            return
        for name in ACTIONS:
            yield Stream(name, Windowed(longest=MONTH, unit=MONTH), BOTH, reader="erp_orders")
        yield Stream("claims", Windowed(longest=MONTH, unit=MONTH, overlap=OVERLAP), BOTH, reader="claims")

    def _open_claims(self) -> dict[str, set[str]]:
        """Return the claims that were under way when this run began, by order."""
        found: dict[str, set[str]] = {}
        if "returns" in self.session.resources:
            for row in self.session.store.read("returns"):
                mine = (row["platform"], row["mall"]) == (self.facts.platform, self.session.mall.name)
                if mine and row["status"] not in FINAL:
                    found.setdefault(row["order_id"], set()).add(row["return_id"])
        return found

    def rolled(self, stream: Stream, leg: Leg) -> datetime:
        """Return from when a leg is asked: the first one after a mark looks back at the weeks before it."""
        assert leg.window.start
        if "edge" not in stream.notes:
            marks = stream.stored(self.session)
            given = self.session.arguments.since_given or self.session.complete
            stream.notes["edge"] = None if given or not all(mark and mark.upto for mark in marks) else leg.window.start
        return leg.window.start - ROLLING if leg.window.start == stream.notes["edge"] else leg.window.start

    # -- the Openapi's list -------------------------------------------------------------------------------------------

    def memory(self, stream: Stream, leg: Leg) -> Memory:
        """Return what is remembered of earlier rows; nothing when everything is to be read in full."""
        if "memory" not in stream.notes:
            now = values.now()
            fresh = Memory(read=values.iso(now))
            arguments = self.session.arguments
            stored = stream.stored(self.session)
            told = [_memory(mark) for mark in stored]
            kept = [one for one in told if one]
            old = any(now - (values.moment(one.read) or now) > self.session.mall.sweep_after for one in kept)
            forced = arguments.sweep or arguments.since_given or self.session.complete
            if kept and len(kept) == len(stored) and not old and not forced:
                fresh = kept[0]
                for other in kept[1:]:
                    both = fresh.orders.items() & other.orders.items()
                    fresh = Memory(read=min(fresh.read, other.read), orders=dict(both))
            stream.notes["memory"] = fresh
        memory: Memory = stream.notes["memory"]
        return memory

    def ask_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of orders by order date, oldest first so that pages do not drift; whole days."""
        assert leg.window.end
        if "from" not in leg.notes:
            leg.notes["from"] = self.rolled(stream, leg)
        start: datetime = leg.notes["from"]
        last = max(start, leg.window.end - timedelta(seconds=1))
        return self.openapi(
            "orderList", order_by=1, sortOrder="asc", sdate1=f"{start.astimezone(self.zone):%Y-%m-%d}",
            sdate2=f"{last.astimezone(self.zone):%Y-%m-%d}", page=about or 1, page_size=PAGE,
        )  # fmt: skip

    def read_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Ask for the orders whose row is new or differs from what it was."""
        memory = self.memory(stream, leg)
        found = listing(answer, "orders")
        page = self.page("orders", answer)
        period = Window(leg.notes["from"], leg.window.end)
        rows: dict[str, tuple[str, str, bool]] = leg.notes.setdefault("rows", {})
        asks = []
        for row in found.mapped(page):
            number, at = str(row.get("ono") or ""), self._day(row)
            inside = at is None or at in period
            if not number or number in rows or not inside or codes.code_of(row.get("stat")) in codes.LEFT_OUT:
                continue
            day = f"{at.astimezone(self.zone):%Y%m%d}" if at else ""
            rows[number] = (_digest(row), day, not _at_rest(row))
            if memory.orders.get(number, ("",))[0] != rows[number][0]:
                asks.append(Ask(reader="order", about=number))
        more = self.turn(leg, "orders", found, about or 1, "ono")
        asks += more or self._still_open(stream, leg, memory)
        self._remember(leg, memory, asks)
        return Read(page=without_records(page), asks=asks)

    def _day(self, row: dict[str, Any]) -> datetime | None:
        try:
            at = when(Payload({"date1": row.get("date1")}, Tally(), zone=self.zone), "date1")
        except RowFailed:
            return None
        return at if isinstance(at, datetime) else None

    def _still_open(self, stream: Stream, leg: Leg, memory: Memory) -> list[Ask]:
        """Return questions for orders before the weeks that were listed, once a run; forget those at rest."""
        assert leg.window.end
        edge = f"{(leg.window.end - ROLLING).astimezone(self.zone):%Y%m%d}"
        oldest = f"{(leg.window.end - OPEN_FOR).astimezone(self.zone):%Y%m%d}"
        started = f"{leg.notes['from'].astimezone(self.zone):%Y%m%d}"
        asks = []
        for number, (_, day, is_open) in list(memory.orders.items()):
            if day < edge and (not is_open or day < oldest):
                del memory.orders[number]
            elif is_open and day < started and not stream.notes.get("open asked"):
                asks.append(Ask(reader="order", about=number))
        stream.notes["open asked"] = True
        return asks

    def _remember(self, leg: Leg, memory: Memory, asks: list[Ask]) -> None:
        """With the last answer of a window, put what is remembered into its marks."""
        if leg.asked == 1 and not asks:
            cursor = msgspec.json.encode(memory).decode()
            for mark in leg.marks:
                mark.cursor = cursor

    def ask_order(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for one order in full."""
        return self.openapi("order", ono=about)

    def read_order(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read an order. A claim under way that its lines no longer show is gone: it was taken back."""
        page = self.page("orders.detail", answer)
        shown = {record.return_id for record in page.records if isinstance(record, Return)}
        self.retire(leg, "returns", *({"return_id": gone} for gone in self.open_claims.get(about, set()) - shown))
        if stream.name == NAME:
            memory = self.memory(stream, leg)
            if about in leg.notes["rows"]:
                memory.orders[about] = leg.notes["rows"][about]
            elif about in memory.orders:
                self.one_request(stream, page)
                if _all_at_rest(document(answer)):
                    del memory.orders[about]
            self._remember(leg, memory, [])
        return Read(page=page)

    # -- the ERP API --------------------------------------------------------------------------------------------------

    def ask_claims(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for orders whose claims changed inside a day."""
        assert isinstance(stream.way, Windowed)
        asked = stream.way.asked(leg)
        assert asked.start
        return self._chained(leg, about, asked.start, mapping_erp.CANCELED)

    def read_claims(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read claims; with an admin account the orders before the weeks that are listed are asked in full instead."""
        page = self.page("returns.erp", answer)
        asks = self._further(stream, leg, about, "claims", page)
        if not self.openapi_is_there:
            return Read(page=page, asks=asks)
        edge = values.now() - ROLLING + DAY
        orders = [record for record in page.records if isinstance(record, Order)]
        older = [one.order_id for one in orders if not isinstance(one.ordered_at, datetime) or one.ordered_at < edge]
        asks += [Ask(reader="order", about=number) for number in older]
        return Read(page=without_records(page), asks=asks)

    def ask_erp_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for orders in one state by their date."""
        return self._chained(leg, about, self.rolled(stream, leg), ACTIONS[stream.name])

    def read_erp_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them. A claim under way whose line stands in one of these lists again was taken back."""
        page = self.page("orders.erp", answer)
        for record in page.records:
            if isinstance(record, Order) and record.order_id in self.open_claims:
                lines = {line.line_id for line in record.lines or ()}
                back = (claim for claim in self.open_claims[record.order_id] if claim.rpartition(":")[0] in lines)
                self.retire(leg, "returns", *({"return_id": claim} for claim in back))
        return Read(page=page, asks=self._further(stream, leg, about, "erp_orders", page))

    def _chained(self, leg: Leg, about: Any, start: datetime, action: str) -> Request:
        """Ask for the first window of a leg's chain, a day at a time: there is no paging."""
        assert leg.window.end
        leg.notes["chain"] = about or leg.notes.get("chain") or self.stretches(start, leg.window.end, DAY)
        first, last = self.digits(leg.notes["chain"][0])
        return self.erp(action, sdate=first, edate=last)

    def _further(self, stream: Stream, leg: Leg, about: Any, reader: str, page: Page) -> list[Ask]:
        rest: tuple[Window, ...] = (about or leg.notes["chain"])[1:]
        rest = self.joined(stream, rest, empty=not page.size)
        return [Ask(reader=reader, about=rest)] if rest else []


def _memory(mark: Mark | None) -> Memory | None:
    if mark is None or not mark.cursor:
        return None
    try:
        return msgspec.json.decode(mark.cursor, type=Memory)
    except msgspec.DecodeError:
        return None


def _digest(row: dict[str, Any]) -> str:
    """Return a short digest of what a row of the list tells about an order; pictures and names do not count."""
    told = {name: row.get(name) for name in ("stat", "stat2", "pay_prc", "pay_type", "channel", "addressee_addr1")}
    told["lines"] = [
        {name: value for name, value in line.items() if name not in ("photo", "name", "r_zip", "r_addr1", "r_addr2")}
        for line in listed(row.get("products")) if isinstance(line, dict)
    ]  # fmt: skip
    return hashlib.blake2b(msgspec.json.encode(told, order="sorted"), digest_size=6).hexdigest()


def _at_rest(row: dict[str, Any]) -> bool:
    labels = [row.get("stat"), *str(row.get("stat2") or "").split(",")]
    return all(codes.code_of(label) in codes.AT_REST for label in labels if label)


def _all_at_rest(order: dict[str, Any]) -> bool:
    labels = [order.get("stat"), *(line.get("stat") for line in listed(order.get("products")))]
    return all(codes.code_of(label) in codes.AT_REST for label in labels)
