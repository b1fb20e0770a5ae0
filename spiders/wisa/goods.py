"""Products and stock of a WISA mall.

The list of products is short (100 a request) but tells no variants, no description and no date of change. So it is
read in every run, and a product is read in full when its row differs from what is stored, when the ERP API or the price
feed says that it changed, or when the whole catalogue is due.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from shopscrape import values
from shopscrape.errors import NotFound, PageFailed, Refused, ShopscrapeError
from shopscrape.items import Product
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import OLDEST, Stream, Sweep
from shopscrape.windows import Leg, Window
from spiders.wisa import DAY, FEED_EVERY, FEED_PATH, OVERLAP, PAGE, REGISTERED, mapping, mapping_products
from spiders.wisa.mapping_products import on_sale
from spiders.wisa.questions import document, keep, listing, without_records
from spiders.wisa.stock import BOTH, CHANGED, StockStreams, by_hundreds, may_count

WHOLE, FEED = "products", "products_ep"
AGAIN = 3
"""How often a product is asked for that one session finds and another does not."""
COMPARED = ("name", "status_raw", "price", "list_price", "code", "categories", "tags", "url")
"""Fields of the list that are held against the store; a price that changed moves those of all variants."""


class ProductStreams(StockStreams):
    """The catalogue half of the WISA spider."""

    wants_feed: bool

    def product_streams(self) -> Iterator[Stream]:
        """Yield the whole catalogue when it is due, else what may have changed."""
        self.look_up()
        way = Sweep(retires=BOTH, catches_up=CHANGED)
        reader = "registered" if self.erp_is_there else "listed"
        whole = Stream(WHOLE, way, BOTH, reader=reader)
        if way.due(whole, self.session) or not self.stored_products:
            yield whole
            return
        way = Sweep(retires=("products",) if self.openapi_is_there else ())
        reader = "modified" if self.erp_is_there else "listed"
        yield Stream(CHANGED, way, BOTH, reader=reader)

    # -- the list -----------------------------------------------------------------------------------------------------

    def ask_listed(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of products, newest first; shortcuts to other products stay out."""
        return self.openapi("productList", shortcut="N", page=about or 1, page_size=PAGE)

    def read_listed(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page, and ask for the products of it that must be read in full or whose stock must be looked at."""
        found = listing(answer, "product")
        page = self.page("products", answer, context={"details": True, "storefront": self.storefront})
        asked: set[str] = leg.notes.setdefault("asked", set())
        asks: list[Ask] = []
        for record in page.records:
            if isinstance(record, Product) and record.product_id not in asked:
                asked.add(record.product_id)
                asks += self._needed(stream, leg, record) + self._renamed(stream, record)
        numbers: set[str] = leg.notes.setdefault("numbers", set())
        numbers |= {str(row.get("pno")) for row in found.objects}
        more = self.turn(leg, "listed", found, about or 1, "pno")
        if not more:
            self.lost_with_products(stream, leg, numbers)
            more = by_hundreds("counted", leg.notes.get("uncounted", []))
            if self.wants_feed and "products" in self.session.resources and self._feed_is_due(stream):
                more.append(Ask(reader="feed"))
        return Read(page=page, asks=asks + more)

    def _needed(self, stream: Stream, leg: Leg, record: Product) -> list[Ask]:
        number = record.product_id
        stored = self.stored_products.get(number)
        modified: dict[str, Any] = leg.notes.get("modified", {})
        leg.notes.setdefault("prices", {})[number] = record.price
        if stream.name == WHOLE or stored is None or number in modified or _differs(record, stored):
            return [Ask(reader="detail", about=(number, modified.get(number, UNSET)))]
        if "inventory" in self.session.resources:
            stock = self.stored_stock.get(number)
            if stock is None or may_count(stock) or not self.erp_is_there:
                state = on_sale(record.status)
                known = {} if state is None else {"on_sale": state}
                return [Ask(reader="stock", about=(number, known))]
            leg.notes.setdefault("uncounted", []).append(number)
        return []

    def _renamed(self, stream: Stream, record: Product) -> list[Ask]:
        """Return the question for the reviews of a product that has a new name: they print it."""
        stored = self.stored_products.get(record.product_id)
        if stream.name != CHANGED or "reviews" not in self.session.resources or stored is None:
            return []
        return [Ask(reader="renamed", about=(record.product_id, 1))] if _differs(record, stored, ("name",)) else []

    # -- a product in full --------------------------------------------------------------------------------------------

    def ask_detail(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for one product in full."""
        return self.openapi("product", pno=about[0])

    def read_detail(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read it, and ask for its options."""
        number, updated_at = about
        context = {"updated_at": updated_at, "storefront": self.storefront}
        page = self.page("products.detail", answer, context=context)
        managed = {"1": True, "2": False}.get(str(document(answer).get("ea_type")))
        known: dict[str, Any] = {} if managed is None else {"managed": managed}
        for record in page.records:
            if isinstance(record, Product):
                known |= {"price": record.price, "code": record.code}
                if (state := on_sale(record.status)) is not None:
                    known["on_sale"] = state
        return Read(page=page, asks=[Ask(reader="options", about=(number, known))] if page.records else [])

    def ask_options(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the options of a product."""
        return self.openapi("productOption", pno=about[0])

    def read_options(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and ask for the combinations unless the mall does not count this product."""
        number, known = about
        page = self.page("products.options", answer, product_id=number, context={"product": known})
        if known.get("managed") is False:
            self.lost(stream, leg, number, page)
            return Read(page=page)
        axes, _ = mapping_products.axes(document(answer).get("options"))
        return Read(page=page, asks=[Ask(reader="combinations", about=(number, known | {"axes": axes}))])

    # -- a product that has a new name ---------------------------------------------------------------------------------

    def ask_renamed(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the reviews of a product."""
        return self.openapi("reviewList", pno=about[0], page=about[1], page_size=PAGE)

    def read_renamed(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read those that are stored."""
        number, at = about
        page = self.page("reviews", answer, context={"storefront": self.storefront})
        known = leg.notes.get("reviews") or leg.notes.setdefault("reviews", self._stored_reviews())
        more = [Ask(reader="renamed", about=(number, at + 1))] if page.size >= PAGE else []
        return Read(page=keep(page, (getattr(one, "review_id", "") in known for one in page.records)), asks=more)

    def _stored_reviews(self) -> set[str]:
        mine = (self.facts.platform, self.session.mall.name)
        rows = self.session.store.read("reviews")
        return {row["review_id"] for row in rows if (row["platform"], row["mall"]) == mine}

    # -- the ERP API: by the time of a change, or alone ---------------------------------------------------------------

    def _since(self, stream: Stream, leg: Leg) -> tuple[Window, ...]:
        """Return the days since the last reading of changes, a little before it, and let this leg move that mark."""
        now = values.now()
        marks = stream.stored(self.session, CHANGED)
        reached = [mark.upto for mark in marks if mark and mark.upto]
        start = min(reached) if reached and len(reached) == len(marks) else now - DAY
        lag = timedelta(minutes=5) / self.session.mall.speed
        leg.marks += stream.marks(self.session, stream=CHANGED, upto=max(start, now - lag))
        return self.stretches(start - OVERLAP, now, DAY)

    def ask_modified(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for products changed inside a day."""
        chain = about or leg.notes.get("chain") or self._since(stream, leg)
        leg.notes["chain"] = chain
        start, end = self.digits(chain[0])
        return self.erp("getProduct", sedate=start, eedate=end)

    def read_modified(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """With an admin account take only who changed and when, then turn to the list; else read all that is told."""
        rest = (about or leg.notes["chain"])[1:]
        page = self.page("products.erp", answer)
        if self.openapi_is_there:
            return self._dates(page, leg, "modified", rest)
        states = {one.product_id: on_sale(one.status) for one in page.records if isinstance(one, Product)}
        leg.notes.setdefault("states", {}).update(states)
        for number in states.keys() & self.stored_stock.keys():
            self.lost(stream, leg, number, page)
        return Read(page=page, asks=[Ask(reader="modified", about=rest)] if rest else self.levels(leg))

    def _dates(self, page: Page, leg: Leg, reader: str, rest: tuple[Window, ...]) -> Read:
        """Keep when each product changed, which only this API tells: goods in the bin are told too, so no more."""
        modified: dict[str, Any] = leg.notes.setdefault("modified", {})
        modified |= {one.product_id: one.updated_at for one in page.records if isinstance(one, Product)}
        ask = Ask(reader=reader, about=rest) if rest else Ask(reader="listed", about=1)
        return Read(page=without_records(page), asks=[ask])

    def ask_registered(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the products registered inside a quarter, from the first to the last."""
        chain = about or self.stretches(OLDEST, values.now() + DAY, REGISTERED)
        leg.notes["chain"] = chain
        start, end = self.digits(chain[0])
        return self.erp("getProduct", sdate=start, edate=end)

    def read_registered(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and go on with the next quarter; with an admin account take only who changed and when."""
        rest = (about or leg.notes["chain"])[1:]
        if self.openapi_is_there:
            return self._dates(self.page("products.erp", answer), leg, "registered", rest)
        asks = [Ask(reader="registered", about=rest)] if rest else []
        return Read(page=self.page("products.erp", answer), asks=asks)

    # -- the public feed ----------------------------------------------------------------------------------------------

    def _feed_is_due(self, stream: Stream) -> bool:
        read = [mark.finished_at for mark in stream.stored(self.session, FEED) if mark and mark.finished_at]
        return not read or min(read) < values.now() - FEED_EVERY / self.session.mall.speed

    def ask_feed(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the feed for price comparison; robots.txt speaks for it."""
        return Request(
            f"{self.storefront.rstrip('/')}{FEED_PATH}", meta={"handle_httpstatus_all": True, "dont_redirect": True}
        )

    def read_feed(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Take from it what no API tells, and read products in full that changed since they were stored."""
        try:
            page = self.page("products.ep", answer)
        except PageFailed as why:
            self.session.report.notice(f"The price feed is not readable ({why}); what only it tells is not collected.")
            return Read()
        prices: dict[str, Any] = leg.notes.get("prices", {})
        page = keep(page, (isinstance(one, Product) and one.product_id in prices for one in page.records))
        asks, records = [], []
        for one in page.records:
            assert isinstance(one, Product)
            price, now = prices[one.product_id], one.discounted_price
            lower = isinstance(price, Decimal) and isinstance(now, Decimal) and 0 < now < price
            records.append(
                Product(
                    **self.origin(url=answer.url).common(), product_id=one.product_id, brand=one.brand,
                    review_count=one.review_count, discounted_price=now if lower else None, updated_at=one.updated_at,
                )
            )  # fmt: skip
            stored = self.stored_products.get(one.product_id)
            if stream.name == CHANGED and stored and _later(one.updated_at, stored["updated_at"]):
                asks.append(Ask(reader="detail", about=(one.product_id, one.updated_at)))
        page.records = list(records)
        leg.marks += stream.marks(self.session, stream=FEED, finished_at=values.now())
        return Read(page=page, asks=asks)

    # -- what is not there --------------------------------------------------------------------------------------------

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        """To a dead session hidden products are not there: before one counts as gone, the session is looked at."""
        if ask.reader == "detail" and not self.session.report.stopped and self._is_gone(response):
            assert response.request is not None
            about = (ask.about, response.request.meta.get("generation", 0))
            yield from self._advance(Read(asks=[Ask(reader="alive", about=about)]), stream, leg)
            return
        yield from super()._answered(response, stream, leg, ask)

    def _is_gone(self, response: Response) -> bool:
        try:
            mapping.judge(self.answer(response))
        except NotFound:
            return True
        except ShopscrapeError:
            return False
        return False

    def ask_alive(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask whether the session is alive."""
        return self.openapi("loginCheck")

    def read_alive(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Ask for the product again where another session found it gone than the one that is alive now."""
        wanted, generation = about
        again: dict[str, int] = leg.notes.setdefault("asked again", {})
        again[wanted[0]] = again.get(wanted[0], 0) + 1
        if self.signer.generation != generation and again[wanted[0]] < AGAIN:
            return Read(asks=[Ask(reader="detail", about=wanted)])
        self.session.report.notice(f"{stream.name}: what was asked for is gone.")
        return Read()

    def _failed(self, failure: Failure) -> Iterator[Any]:
        """A feed that robots.txt closes is left alone; everything else goes its usual way."""
        request: Any = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, Refused) and request.cb_kwargs["ask"].reader == "feed":
            self.session.report.notice("robots.txt closes the price feed; what only it tells is not collected.")
            yield from self._advance(Read(), request.cb_kwargs["stream"], request.cb_kwargs["leg"])
            return
        yield from super()._failed(failure)


def _differs(record: Product, stored: dict[str, Any], names: tuple[str, ...] = COMPARED) -> bool:
    """Return whether a row of the list says something else than what is stored."""
    for name in names:
        told, kept = getattr(record, name), stored[name]
        if told is UNSET:
            continue
        if isinstance(told, Decimal):
            if kept is None or Decimal(kept) != told:
                return True
        elif (unicodedata.normalize("NFC", told) if isinstance(told, str) else msgspec.to_builtins(told)) != kept:
            return True
    return False


def _later(told: Any, stored: str | None) -> bool:
    before = values.moment(stored) if stored else None
    return isinstance(told, datetime) and (before is None or told > before)
