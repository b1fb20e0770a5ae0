"""Products and stock of a Godomall5 mall.

Goods_Search tells a hundred products at once, each with its options and stock; there is no call for stock alone, and
whether a sale moves a product's day of change is not known. So the whole catalogue is read in each run that is asked
for stock, which is when products that vanished are found too; without stock, what was registered or changed.
"""

import re
from collections.abc import Iterator
from typing import Any

from scrapy import Request

from shopscrape.items import Product
from shopscrape.payload import Answer
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Sweep, Windowed
from shopscrape.windows import Leg
from spiders.godomall5 import ADD_ONS, CATEGORIES, DAY, GOODS, GOODS_WINDOW, mapping
from spiders.godomall5.asking import Place
from spiders.godomall5.server import ServerStreams

BOTH = ("products", "inventory")
WHOLE, UPDATED, ADD_ON = "products", "products_updated", "products_add_on"
LEVEL = 3
"""Digits of a category's code for each level."""

_CODES = re.compile(rb"<(?:allCateCd|cateCd)>\s*(?:<!\[CDATA\[)?\s*([\d|]{3,4000})")


class ProductStreams(ServerStreams):
    """The catalogue half of the Godomall5 spider."""

    catalogue: dict[str, Any]
    asked_below: set[str]

    def product_streams(self) -> Iterator[Stream]:
        """Yield the whole catalogue when stock is asked for or it is due, else what was registered or changed."""
        way = Sweep(retires=BOTH, catches_up=UPDATED)
        whole = Stream(WHOLE, way, BOTH, reader="goods")
        if "inventory" in self.session.resources or way.due(whole, self.session):
            yield whole
        else:
            way_updated = Windowed(longest=GOODS_WINDOW, unit=DAY, overlap=DAY)
            yield Stream(UPDATED, way_updated, ("products",), reader="goods")
        if self.session.mall.native.get("add_on_goods") is True and "products" in self.session.resources:
            yield Stream(ADD_ON, Sweep(), ("products",), reader="add_ons")

    # -- products ---------------------------------------------------------------------------------------------------

    def ask_goods(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of products; pages begin at 1, a page 0 is never asked."""
        place: Place = about or Place()
        if "phases" not in leg.notes:
            leg.notes["phases"] = self._queries(stream, leg)
        turn = place.turns[0]
        return self.openhub(GOODS, page=turn.page, size=turn.size, **leg.notes["phases"][place.phase])

    def _queries(self, stream: Stream, leg: Leg) -> list[dict[str, Any]]:
        if not isinstance(stream.way, Windowed):
            return [{}]
        first, last = self.days(stream.way.asked(leg))
        days = {"startDate": first.isoformat(), "endDate": last.isoformat()}
        # A product that was never edited has no day of change.
        return [{"searchDateType": kind} | days for kind in ("regDt", "modDt")]

    def read_goods(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of products, once the names of their categories are known."""
        place: Place = about or Place()
        lacking = self._lacking(answer)
        if lacking:
            return Read(asks=[Ask(reader="below", about=(lacking, answer, place))])
        page = self.page("products", answer, context=self.catalogue)
        ids = {record.product_id for record in page.records if isinstance(record, Product)}
        asks = self.turn(leg, "goods", place, answer, page, ids)
        return Read(page=self.with_lost(page, leg), asks=asks)

    def _lacking(self, answer: Answer) -> tuple[str, ...]:
        """Return the categories whose children must be asked for before the products of a page have all names."""
        known: dict[str, str] | None = self.catalogue.get("categories")
        if known is None or "products" not in self.session.resources:
            return ()
        codes = {code for found in _CODES.findall(answer.body) for code in found.decode().split("|")}
        parents = {code[:end] for code in codes for end in range(LEVEL, len(code), LEVEL)}
        return tuple(sorted(parent for parent in parents - self.asked_below if parent in known or len(parent) > LEVEL))

    def ask_below(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the categories below one; without a code the call gives the top level only."""
        return self.openhub(CATEGORIES, cateCd=about[0][0])

    def read_below(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Learn their names, and go on with the page that needs them."""
        wanted, kept, place = about
        self.asked_below.add(wanted[0])
        self.catalogue["categories"].update(mapping.names(answer.body))
        if wanted[1:]:
            return Read(asks=[Ask(reader="below", about=(wanted[1:], kept, place))])
        return self.read_goods(kept, stream, leg, place)

    # -- add-on articles, when asked for ------------------------------------------------------------------------------

    def ask_add_ons(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of add-on articles."""
        turn = (about or Place()).turns[0]
        return self.openhub(ADD_ONS, page=turn.page, size=turn.size)

    def read_add_ons(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of add-on articles."""
        page = self.page("products.add_on", answer, context=self.catalogue)
        ids = {record.product_id for record in page.records if isinstance(record, Product)}
        asks = self.turn(leg, "add_ons", about or Place(), answer, page, ids)
        return Read(page=self.with_lost(page, leg), asks=asks)
