"""Orders, claims and refunds of a MakeShop mall: windows by seven dates, the order log, open orders, refunds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from scrapy import Request

from shopscrape import values
from shopscrape.errors import PageFailed
from shopscrape.items import Order, Return
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Sweep
from shopscrape.windows import Leg
from spiders.makeshop import DATE_TYPES, DAY, IDS, MONTH, ORDER_ROWS, OVERLAP, REFUND_DATES, mapping
from spiders.makeshop.asking import Again, Following, Logged, Opened
from spiders.makeshop.reviews import ReviewStreams

CALM = 3000
"""A window with more orders than this is halved: less moves while it is paged."""
OPEN_FOR = timedelta(days=180)
"""Open orders older than this are not read again: nothing happens to them any more."""
LOG_ROWS = 1000

FIELDS = (
    "order", "payment", "product", "extension", "cancel", "return", "trade", "refund", "ordernum", "order_date",
    "id", "pay_price", "total_product_price", "deli_price", "order_status", "used_emoney", "used_reserve",
    "pay_path", "link_id", "naver_pay_oid", "talkcheck_oid", "pos", "mobile", "phone", "email", "paymethod",
    "simple_pay", "pay_date", "pay_status", "num", "brandcode", "product_uid", "product_type", "prd_option_uid",
    "product_name", "basket_status", "basket_stock", "sell_price", "product_price", "option_price", "option_type",
    "option_data", "cancelend_date", "returnend_date", "tradeend_date", "issue_status", "trade_num",
    "naver_pay_pid", "talkcheck_pid", "deliveryInfo", "address", "delicom", "delicom_name", "delinum", "deli_date",
    "delicomplete_date", "deliend_date", "basket_num", "ext_type", "ext_price", "ext_status", "reason", "detail",
    "request_date", "completed_date", "refund_status_date", "return_deli_price", "re_deli_price", "refund_price",
    "refund_method", "refund_reason",
)  # fmt: skip
"""`cancel` comes only when it is named; whether naming it hides the rest is unknown, so all that is read is named, the
blocks and what stands in them (unverified)."""


class OrderStreams(ReviewStreams):
    """The order half of the MakeShop spider."""

    def order_streams(self) -> Iterator[Stream]:
        """Yield the streams of orders and returns."""
        both = ("orders", "returns")
        placed = Opened(longest=MONTH, overlap=OVERLAP, opened=self.opened)
        changed = Following(longest=MONTH, overlap=OVERLAP, opened=self.opened)
        # The open ones are chosen before this run stores any order.
        back = values.now() - OPEN_FOR
        known = self.session.store.open_orders(self.facts.platform, self.session.mall.name, "", back)
        if self.first_version:
            # Windows by the date of the order are all that is known to be taken, so open orders are read with them.
            way = Again(longest=MONTH, overlap=OVERLAP, opened=self.opened, back=back) if known else placed
            yield Stream(f"orders_by_{DATE_TYPES[0]}", way, both, reader="orders", date_type=DATE_TYPES[0])
            return
        for date_type in DATE_TYPES:
            way = placed if date_type == DATE_TYPES[0] else changed
            yield Stream(f"orders_by_{date_type}", way, both, reader="orders", date_type=date_type)
        if not self.legacy:
            yield Stream("orders_logged", Logged(longest=DAY, overlap=OVERLAP), both, reader="log")
            for kind in REFUND_DATES if "returns" in self.session.resources else ():
                yield Stream(f"refunds_by_{kind}", changed, ("returns",), reader="refunds", kind=kind)
        if known:
            yield Stream("orders_open", Sweep(), both, reader="open_orders", ids=known)

    def _orders(self, pairs: list[tuple[str, Any]]) -> Request:
        if self.first_version:
            return self.api("order/1", pairs)
        # Item by item is the default, and its shape is not known.
        return self.api("order/2", [("format", "order"), *pairs, ("fields", ",".join(FIELDS))])

    def _mapped(self, answer: Answer) -> Page:
        kind = "orders.v1" if self.first_version else "orders"
        words = self.session.mall.native.get("line_status") or {}
        return self.page(kind, answer, context={"storefront": self.shop["storefront"], "line_status": words})

    # -- by date ------------------------------------------------------------------------------------------------------

    def ask_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for whole orders by one of the dates that a change moves."""
        date_type = stream.notes["date_type"]
        searched = None if date_type == "order_date" else date_type
        dates = self.window(stream, leg)
        return self._orders([*dates, ("searchDateType", searched), ("limit", ORDER_ROWS), ("page", about or 1)])

    def read_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of orders; a window that holds too much to page calmly is halved."""
        number = about or 1
        total = mapping.whole(mapping.document(answer).get("totalCount")) or 0
        if number == 1 and total > CALM and stream.way.halve(stream, self.session, leg):
            leg.marks = []
            return Read()
        page = self._mapped(answer)
        _, asks = self.next_page(
            answer, page, _numbers(page), leg, number, ORDER_ROWS, Ask(reader="orders", about=number)
        )
        return Read(page=page, asks=[*asks, *self._parcels(page, leg)])

    # -- by number ----------------------------------------------------------------------------------------------------

    def ask_numbered(self, stream: Stream, leg: Leg, about: list[str]) -> Request:
        """Ask for orders by their numbers, at most 100."""
        return self._orders([*(("ordernums[]", number) for number in about), ("limit", ORDER_ROWS), ("page", 1)])

    def read_numbered(self, answer: Answer, stream: Stream, leg: Leg, about: list[str]) -> Read:
        """Read them; one that is not there any more is only told."""
        page = self._mapped(answer)
        missing = len(set(about) - _numbers(page)) - len(page.failed)
        if missing > 0:
            self.session.report.notice(f"{stream.name}: {missing} orders are not shown any more.")
        return Read(page=page, asks=self._parcels(page, leg))

    def ask_open_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask again for orders that are not in a final state: not every change moves a date or is logged."""
        return self.ask_numbered(stream, leg, stream.notes["ids"][about or 0 : (about or 0) + IDS])

    def read_open_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and go on with the next hundred."""
        after = (about or 0) + IDS
        read = self.read_numbered(answer, stream, leg, stream.notes["ids"][about or 0 : after])
        more = [Ask(reader="open_orders", about=after)] if after < len(stream.notes["ids"]) else []
        return Read(page=read.page, asks=[*more, *read.asks])

    # -- the order log ------------------------------------------------------------------------------------------------

    def ask_log(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask what happened to orders; shipping moves no date that can be asked for."""
        return self.api("order_log", [*self.window(stream, leg), ("limit", LOG_ROWS), ("page", about or 1)])

    def read_log(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Gather the numbers of a window's orders, then ask for them."""
        number = about or 1
        told = mapping.document(answer)
        rows = mapping.rows(told, "ordernum")
        pages = mapping.whole(told.get("totalPage"))
        found: set[str] = leg.notes.setdefault("logged", set())
        found.update(mapping.order_numbers(told))
        leg.notes["entries"] = leg.notes.get("entries", 0) + len(rows)
        if rows and (number < pages if pages is not None else True):
            if leg.notes.get("last page") == rows:
                raise PageFailed(f"page {number} repeats what was read before")
            leg.notes["last page"] = rows
            return Read(asks=[Ask(reader="log", about=number + 1)])
        total = mapping.whole(told.get("totalCount"))
        if total is not None and leg.notes["entries"] < total:
            if not leg.notes.get("again"):
                leg.notes |= {"again": True, "entries": 0, "last page": None}
                return Read(asks=[Ask(reader="log", about=1)])
            self._spoil(leg, f"{leg.stream} {leg.window}: {leg.notes['entries']} entries read, the shop counts {total}")
        return Read(asks=_by_number(sorted(found)))

    # -- refunds and parcels ------------------------------------------------------------------------------------------

    def ask_refunds(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask which orders were refunded inside a window: numbers only."""
        kind = ("InquiryType", stream.notes["kind"])
        return self.api("order_search", [*self.window(stream, leg), kind, ("limit", LOG_ROWS), ("page", about or 1)])

    def read_refunds(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read the orders behind them."""
        told, number = mapping.document(answer), about or 1
        numbers = mapping.order_numbers(told)
        seen: set[str] = leg.notes.setdefault("refunded", set())
        fresh = [one for one in numbers if one not in seen]
        seen.update(numbers)
        pages = mapping.whole(told.get("totalPage"))
        # Whether this list has pages is not told; where it says nothing, a full one that brings new ones goes on.
        more = number < pages if pages is not None else len(numbers) >= LOG_ROWS and bool(fresh)
        return Read(asks=_by_number(fresh) + ([Ask(reader="refunds", about=number + 1)] if more else []))

    def _parcels(self, page: Page, leg: Leg) -> list[Ask]:
        """Return a question for each order whose goods come back: only it tells the parcel home.

        Once is enough where the window that asked is stored. One that is under way may be killed, and not every window
        that it covered is read again by the next run.
        """
        if self.legacy or "returns" not in self.session.resources:
            return []
        orders: dict[str, dict[str, str]] = {}
        for one in page.records:
            if isinstance(one, Return) and one.kind != "cancel":
                orders.setdefault(one.order_id, {})[one.line_ids[0]] = one.kind
        asked = self.parcels_asked
        fresh = sorted(number for number in orders if number not in asked or not _is_stored(asked[number], leg))
        asked.update(dict.fromkeys(fresh, leg))
        return [Ask(reader="parcels", about=(number, orders[number])) for number in fresh]

    def ask_parcels(self, stream: Stream, leg: Leg, about: tuple[str, dict[str, str]]) -> Request:
        """Ask for the collection parcels of an order."""
        return self.api("order_return_delivery", [("ordernum", about[0])])

    def read_parcels(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[str, dict[str, str]]) -> Read:
        """Read them; the answer does not tell a return from an exchange, the order did."""
        return Read(page=self.page("returns.parcels", answer, context={"kinds": about[1]}))


def _is_stored(asked: Leg, leg: Leg) -> bool:
    """Return whether what a window asked is stored; what this one asked itself comes with it."""
    return asked is leg or (asked.unstored == 0 and asked.poison is None)


def _numbers(page: Page) -> set[str]:
    return {record.order_id for record in page.records if isinstance(record, Order)}


def _by_number(numbers: list[str]) -> list[Ask]:
    return [Ask(reader="numbered", about=numbers[at : at + IDS]) for at in range(0, len(numbers), IDS)]
