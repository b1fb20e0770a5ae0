"""Orders of a Godomall5 mall, with the claims of their lines.

Orders are asked by day of order and by day of change, at most 29 days at once, newest number first. The next page
begins below the lowest number of the last one. What `lastOrder` says is told in two opposite ways, so a full page is
always followed by another question, and an answer that ends a list says so by being short.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from scrapy import Request

from shopscrape.errors import PageFailed
from shopscrape.items import Order
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Windowed
from shopscrape.windows import Leg
from spiders.godomall5 import DAY, ORDER_WINDOW, ORDERS, PAGE
from spiders.godomall5.asking import Questions, header_text, piece

BOTH = ("orders", "returns")
_NUMBER = re.compile(rb"<orderNo>\s*(?:<!\[CDATA\[)?\s*(\d{10,20})")


class Below(msgspec.Struct, frozen=True):
    """A page of orders."""

    last: str | None = None
    """Orders below this number; None: from the newest."""
    size: int = PAGE
    left: int = 0
    """Rows to be read in small pages, after a page that could not be read."""


class OrderStreams(Questions):
    """The order half of the Godomall5 spider."""

    codes: dict[str, Any]

    def order_streams(self) -> Iterator[Stream]:
        """Yield a stream for each kind of day. Orders never changed may lack a day of change, so both are walked."""
        # By the day it was placed every order comes as it is now; changes only matter from the first run on.
        ways = {
            "order": Windowed(longest=ORDER_WINDOW, unit=DAY, overlap=DAY),
            "modify": Windowed(longest=ORDER_WINDOW, unit=DAY, overlap=DAY, history=False),
        }
        for kind, way in ways.items():
            yield Stream(f"orders_by_{kind}", way, BOTH, reader="orders", date_type=kind)

    def ask_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for orders of some days below a number."""
        below: Below = about or Below()
        assert isinstance(stream.way, Windowed)
        first, last = self.days(stream.way.asked(leg))
        return self.openhub(
            ORDERS, dateType=stream.notes["date_type"], startDate=first.isoformat(), endDate=last.isoformat(),
            sort="orderNo desc", size=below.size, lastOrder=below.last,
        )  # fmt: skip

    def read_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page, and ask for the next unless this one was the last by every reading of the header."""
        below: Below = about or Below()
        page = self.page("orders", answer, context=self.codes)
        if not page.size:
            return Read(page=self.with_lost(page, leg))
        lowest = min(_numbers(page), default=0)
        if not lowest:
            raise PageFailed("no order of the page tells a number")
        if below.last is not None and lowest >= int(below.last):
            raise PageFailed("the numbers of orders did not go down")
        asks = []
        if page.size >= below.size or header_text(answer, "lastOrder") == "true":
            left = max(0, below.left - page.size)
            asks = [Ask(reader="orders", about=Below(str(lowest), below.size if left else PAGE, left))]
        return Read(page=self.with_lost(self._inside(page, stream, leg), leg), asks=asks)

    def _inside(self, page: Page, stream: Stream, leg: Leg) -> Page:
        """Take out orders of the first and last day that lie outside of the window; changes tell no time."""
        assert isinstance(stream.way, Windowed)
        if stream.notes["date_type"] != "order":
            return page
        window = stream.way.asked(leg)
        start = self.since(window)
        outside = {
            place
            for record, place in zip(page.records, page.positions, strict=True)
            if isinstance(record, Order) and isinstance(record.ordered_at, datetime)
            and not (start <= record.ordered_at and (window.end is None or record.ordered_at < window.end))
        }  # fmt: skip
        if outside:
            kept = [(r, p) for r, p in zip(page.records, page.positions, strict=True) if p not in outside]
            page.records, page.positions = [record for record, _ in kept], [place for _, place in kept]
        return page

    def split(self, stream: Stream, leg: Leg, ask: Ask) -> list[Ask]:
        """Return smaller pages of orders; the number of an order that alone cannot be read is still to be seen."""
        if ask.reader != "orders":
            return super().split(stream, leg, ask)
        below: Below = ask.about or Below()
        if below.size > 1:
            smaller = Below(below.last, piece(below.size), below.left or below.size)
            return [Ask(reader="orders", about=smaller)]
        found = _NUMBER.search(leg.notes.get("body", b""))
        if not found or (below.last is not None and int(found[1]) >= int(below.last)):
            return []
        self.lose(leg)
        return [Ask(reader="orders", about=Below(found[1].decode()))]


def _numbers(page: Page) -> list[int]:
    found = [record.order_id for record in page.records if isinstance(record, Order)]
    if page.failed:
        rows = page.kind.rows(page.kind.document(page.body, page.origin), page.origin)
        found += [row["orderNo"] for row in rows if isinstance(row, dict) and isinstance(row.get("orderNo"), str)]
    return [int(number) for number in found if number.isdecimal() and len(number) < 30]
