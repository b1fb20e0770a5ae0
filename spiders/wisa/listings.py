"""What leads to the products of a WISA mall: its lists, its sitemap, the price feed.

Between two sweeps products are read whose row in a list is not what it was. It is not held against the store: a skin
may shorten names there, or print another price than the page does.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET
from parsel import Selector
from scrapy import Request

from shopscrape import values
from shopscrape.errors import PageFailed
from shopscrape.items import Product
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream
from shopscrape.windows import Leg
from shopscrape.xml import read
from spiders.wisa import mapping_pages, pages
from spiders.wisa.addresses import category_in, more, name_of, product_in
from spiders.wisa.review_pages import ReviewPages

WHOLE, LISTS, NAMED, FEED = "product_pages", "product_lists", "named_pages", "feed_pages"
COMPARED = ("name", "status", "price", "list_price")
"""Fields of a row of a list that tell of a change."""
SHORT = 12
"""Letters of a product's name that are kept with its row."""


class Learned(msgspec.Struct):
    """What a full walk remembers in its mark."""

    shortcuts: set[str] = set()
    """Names of products that only show another one."""
    categories: set[str] = set()
    lists: set[str] = set()
    """Categories whose lists together show all that any list shows; the others need no look between two sweeps."""
    cards: dict[str, str] = {}
    """What lists said of each product, as a digest."""
    begun: datetime | None = None
    """When a full walk began that was broken off."""
    done: set[str] = set()
    """Products that it read."""


class Listings(ReviewPages):
    """The part of the WISA page spider that finds products."""

    always = False
    """Whether every product page is rendered."""
    stored: dict[str, dict[str, Any]]
    """Stored products by their names on pages."""
    learned: "Learned"
    """What the last full walk found out about the mall."""

    # -- what leads to products ---------------------------------------------------------------------------------------

    def ask_pages(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for the first page or a page of a category."""
        return self.visit(about)

    def read_pages(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Follow the products, categories and further pages that a page leads to."""
        tree = self.tree(answer)
        page = self.page("products.list", answer, context=self.context(answer))
        category = category_in(about)
        # Data came, so that a page that is shut is no wall around everything.
        self.opened += 1
        asks = self._products(stream, leg, page, pages.product_names(tree), rows=bool(category))
        if self.may["sections"] and (stream.name != NAMED or not category):
            known = self.learned.categories - self.learned.lists if stream.name == LISTS else set()
            others = [number for number in pages.category_numbers(tree) if number not in known]
            asks += [self.ask_page(self.shop.section(number)) for number in others]
        if category:
            asks += self._onward(leg, category, tree)
        seen: set[Any] = leg.notes["seen"]
        kept = [ask for ask in asks if ask.reader != "pages" or ask.about not in seen]
        seen |= {ask.about for ask in kept if ask.reader == "pages"}
        return Read(asks=list({str(ask.about): ask for ask in kept}.values()))

    def _onward(self, leg: Leg, category: str, tree: Selector) -> list[Ask]:
        """Return the question for the next page of a list; none when this one brought nothing new."""
        place = leg.notes.setdefault("places", {})
        at = place[category] = place.get(category, 0) + 1
        names, goes_on = pages.product_names(tree), more(tree.get())
        if not names and at == 1:
            # Nothing is printed: its script draws the first piece too.
            return self._pieces(category, goes_on, 1)
        if not self._brought(leg, category, names):
            return []
        if pages.page_numbers(tree):
            return [Ask(reader="pages", about=self.shop.section(category, at + 1))]
        return self._pieces(category, goes_on, 2)

    def _pieces(self, category: str, goes_on: tuple[str, str] | None, place: int) -> list[Ask]:
        """Return the question for a piece of a list. It is not rendered either: a browser would make the same call."""
        if goes_on is None:
            return []
        if not self.may["lists"]:
            self.session.report.notice("Lists go on by calls that robots.txt closes; the sitemap leads to the rest.")
            return []
        return [Ask(reader="piece", about=(category, *goes_on, place))]

    def _brought(self, leg: Leg, category: str, names: list[str]) -> bool:
        """Return whether a page of a list brought products that its earlier pages did not: past its end a list is
        empty, or shows its last page again.
        """
        listed: set[str] = leg.notes["lists"].setdefault(category, set())
        fresh = {name_of(name) for name in names} - listed
        listed |= fresh
        return bool(fresh)

    def ask_piece(self, stream: Stream, leg: Leg, about: tuple[str, str, str, int]) -> Request:
        """Ask for the next piece of a list that goes on by script."""
        category, file, module, place = about
        return self.visit(self.shop.piece(file, module, place, cno1=category))

    def read_piece(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[str, str, str, int]) -> Read:
        """Read it; the list has ended when it brings nothing new."""
        category, file, module, place = about
        tree = mapping_pages.ajax_document(answer.body, self.origin(url=answer.url))
        names = pages.product_names(tree)
        asks = self._products(stream, leg, self.page("products.ajax", answer), names)
        if self._brought(leg, category, names):
            asks.append(Ask(reader="piece", about=(category, file, module, place + 1)))
        return Read(asks=asks)

    def ask_sitemap(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for the sitemap."""
        return self.visit(about)

    def read_sitemap(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Take the products that it lists, and sitemaps that it names."""
        try:
            names = pages.names_in_sitemap(answer.body)
            below = [str(one.get("loc") or "") for one in read(answer.body).each("sitemap")]
        except PageFailed as why:
            self.session.report.notice(f"The sitemap is not readable ({why}).")
            return Read()
        maps: set[str] = leg.notes.setdefault("maps", {about})
        fresh = [one for one in dict.fromkeys(below) if one.startswith(self.shop.home) and one not in maps]
        maps.update(fresh)
        return Read(
            asks=self._products(stream, leg, None, names) + [Ask(reader="sitemap", about=address) for address in fresh]
        )

    def ask_feed(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the feed for price comparison."""
        return self.visit(self.shop.feed)

    def read_feed(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Take the products that it lists; those that changed since the last walk are read again."""
        try:
            page = self.page("products.ep", answer)
        except PageFailed as why:
            self.session.report.notice(f"The price feed is not readable ({why}).")
            return Read()
        leg.marks += stream.marks(self.session, stream=FEED, upto=leg.started_at, finished_at=values.now())
        marks = [mark.upto for mark in stream.stored(self.session, FEED) if mark and mark.upto]
        goods = [one for one in page.records if isinstance(one, Product)]
        changed = {
            one.product_id
            for one in goods
            if marks and one.updated_at not in (None, UNSET) and one.updated_at >= min(marks)
        }
        return Read(asks=self._products(stream, leg, None, [one.product_id for one in goods], changed))

    def _products(
        self,
        stream: Stream,
        leg: Leg,
        page: Page | None,
        names: list[str],
        changed: Iterable[str] = (),
        rows: bool = True,
    ) -> list[Ask]:
        """Return questions for products that were not asked for in this run and must be read."""
        if page is not None:
            self.session.report.cover(page)
        cards = (
            {name_of(one.product_id): one for one in page.records if isinstance(one, Product)} if page and rows else {}
        )
        again = {name_of(number) for number in changed}
        for name, card in cards.items():
            leg.notes["cards"].setdefault(name[:SHORT], _digest(card))
        found: set[str] = leg.notes["found"]
        asks = []
        for name in dict.fromkeys(map(name_of, names)):
            leg.notes["met"].add(name)
            if name in found:
                continue
            known = name in self.stored or name in self.learned.shortcuts
            if stream.name == LISTS and known and name not in again and not self._changed(leg, name, cards):
                continue
            found.add(name)
            asks.append(Ask(reader="detail", about=(name, self.always)))
        return asks

    def _changed(self, leg: Leg, name: str, cards: dict[str, Product]) -> bool:
        """Return whether a list says something else of a product than it did in the last run."""
        told = leg.notes["cards"].get(name[:SHORT]) if name in cards else None
        return told is not None and told != self.learned.cards.get(name[:SHORT])

    def ask_page(self, address: str) -> Ask:
        """Return the question for a page that was named or begins a walk."""
        name = product_in(address)
        return Ask(reader="detail", about=(name, self.always)) if name else Ask(reader="pages", about=address)


def _digest(card: Product) -> str:
    told = [str(getattr(card, name)) for name in COMPARED]
    return hashlib.blake2b("\n".join(told).encode(), digest_size=4).hexdigest()
