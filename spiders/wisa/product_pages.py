"""Products on the pages of a WISA mall: what leads to them, their pages, and the choices that a page does not tell.

The rule for the browser: every page is asked for by plain HTTP, and a product page once more in the browser when the
engine's own fields (`lacking`) are not in what came. Everything else that a page shows is in its HTML (inferred).
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import LoginRequired, NotFound, NotHydrated, PageFailed
from shopscrape.items import Product, Stock
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream
from shopscrape.windows import Leg
from shopscrape.xml import read
from spiders.wisa import codes, mapping_pages, pages
from spiders.wisa.addresses import category_in, more, name_of, product_in
from spiders.wisa.mapping_pages import sold_out_items, stock_questions
from spiders.wisa.review_pages import ReviewPages, only

GOODS = ("products", "inventory")
WHOLE, LISTS, NAMED, FEED = "product_pages", "product_lists", "named_pages", "feed_pages"
COMPARED = ("name", "status", "price", "list_price")
"""Fields of a list that are held against the store."""
QUESTIONS = 100
"""Most questions about the sold-out choices of one product."""
SHUT = 3
"""Product pages in a row for members only that make a wall of all of them."""


class Choices(NamedTuple):
    """A product page that waits for answers about its deeper choices."""

    name: str
    answer: Answer
    told: dict[str, list[str]]
    left: list[str]


class Learned(msgspec.Struct):
    """What a full walk remembers in its mark."""

    shortcuts: set[str] = set()
    """Names of products that only show another one."""
    categories: set[str] = set()
    lists: set[str] = set()
    """Categories whose lists together show all that any list shows; the others need no look between two sweeps."""


class ProductPages(ReviewPages):
    """The catalogue half of the WISA page spider."""

    browser = True
    """Whether there is one, and it may be used."""
    always = False
    """Whether every product page is rendered."""
    shut = 0
    stored: dict[str, dict[str, Any]]
    """Stored products by their names on pages."""
    told_by_api: dict[str, set[str]]
    """Variants whose stock an API told, by product."""
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
        asks = self._products(stream, leg, page, pages.product_names(tree))
        category = category_in(about)
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
        if not self._brought(leg, category, pages.product_names(tree)):
            return []
        if pages.page_numbers(tree):
            return [Ask(reader="pages", about=self.shop.section(category, at + 1))]
        return self._pieces(category, more(tree.get()))

    def _pieces(self, category: str, goes_on: tuple[str, str] | None) -> list[Ask]:
        if goes_on is None:
            return []
        if not self.may["lists"]:
            self.session.report.notice("Lists go on by calls that robots.txt closes; the sitemap leads to the rest.")
            return []
        return [Ask(reader="piece", about=(category, *goes_on, 2))]

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
        self, stream: Stream, leg: Leg, page: Page | None, names: list[str], changed: Iterable[str] = ()
    ) -> list[Ask]:
        """Return questions for products that were not asked for in this run and must be read."""
        if page is not None:
            self.session.report.cover(page)
        cards = {name_of(one.product_id): one for one in page.records if isinstance(one, Product)} if page else {}
        again = {name_of(number) for number in changed}
        found: set[str] = leg.notes["found"]
        asks = []
        for name in dict.fromkeys(map(name_of, names)):
            if name in found:
                continue
            stored = self.stored.get(name)
            if stream.name == LISTS and name not in again and (name in self.learned.shortcuts or stored is not None):
                card = cards.get(name)
                if card is None or stored is None or not _differs(card, stored):
                    continue
            found.add(name)
            asks.append(Ask(reader="detail", about=(name, self.always)))
        return asks

    def ask_page(self, address: str) -> Ask:
        """Return the question for a page that was named or begins a walk."""
        name = product_in(address)
        return Ask(reader="detail", about=(name, self.always)) if name else Ask(reader="pages", about=address)

    # -- a product ----------------------------------------------------------------------------------------------------

    def ask_detail(self, stream: Stream, leg: Leg, about: tuple[str, bool]) -> Request:
        """Ask for the page of a product, in the browser where that is needed."""
        name, rendered = about
        return self.render(self.shop.product(name)) if rendered else self.visit(self.shop.product(name))

    def read_detail(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[str, bool]) -> Read:
        """Read a product, or ask for its page in the browser, or ask which of its deeper choices are sold out."""
        name, rendered = about
        tree = self.tree(answer)
        row = pages.product(tree)
        missing = lacking(row)
        if missing and not rendered:
            if self.browser:
                return Read(asks=[Ask(reader="detail", about=(name, True))])
            self._spoil(leg, f"{stream.name}: pages lack {missing}, and there is no browser to fill them.")
            return Read()
        if row is None:
            raise NotHydrated("a product page stayed without the engine's form, in the browser too")
        self.opened += 1
        self.shut = 0
        number, own = mapping_pages.identity(row)
        if not own:
            self.learned.shortcuts.add(name)
        leg.notes["seen"].add(name_of(number))
        left = stock_questions(row["options"], {}) if row["stat"] == "2" and row["ea_type"] != "2" else []
        if left and self.may["choices"] and len(left) <= QUESTIONS:
            return Read(asks=[Ask(reader="choices", about=Choices(name, answer, {}, left))])
        return Read(page=self._product(answer, {}))

    def ask_choices(self, stream: Stream, leg: Leg, about: Choices) -> Request:
        """Ask which values of the next choice are sold out."""
        return self.visit(self.shop.gone_after(about.left[0]))

    def read_choices(self, answer: Answer, stream: Stream, leg: Leg, about: Choices) -> Read:
        """Note them, and ask on until all is known."""
        if answer.body.strip(b" \r\n\t@0123456789"):
            raise PageFailed("the answer about sold-out choices is no list of numbers")
        about.told[about.left[0]] = sold_out_items(answer.body)
        left = about.left[1:]
        if not left:
            row = pages.product(self.tree(about.answer))
            left = stock_questions(row["options"], about.told) if row else []
        if left and len(about.told) < QUESTIONS:
            return Read(asks=[Ask(reader="choices", about=about._replace(left=left))])
        return Read(page=self._product(about.answer, about.told))

    def _product(self, answer: Answer, told: dict[str, list[str]]) -> Page:
        """Return the product and its stock; where an API told its combinations, a page knows no others."""
        context = self.context(answer) | {"sold_out": told}
        page = only(self.page("products.page", answer, context=context), Product, Stock)
        known = self.told_by_api
        kept = [
            not isinstance(one, Stock) or one.product_id not in known or one.variant_id in known[one.product_id]
            for one in page.records
        ]
        page.records = [one for one, keep in zip(page.records, kept, strict=True) if keep]
        page.positions = [0] * len(page.records)
        return page

    # -- what is missing, and the end ---------------------------------------------------------------------------------

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        why = self.verdict(response) if ask.reader in ("sitemap", "feed", "detail") else None
        if isinstance(why, NotFound) and ask.reader != "detail":
            # Not every mall has one.
            yield from self._advance(Read(), stream, leg)
        elif isinstance(why, LoginRequired) and ask.reader == "detail" and self.opened and self.shut + 1 < SHUT:
            self.shut += 1
            leg.retire = []
            self.session.report.notice(f"{stream.name}: some products are shown to members only; none is called gone.")
            yield from self._advance(Read(), stream, leg)
        else:
            yield from super()._answered(response, stream, leg, ask)

    def _advance(self, read: Read, stream: Stream, leg: Leg) -> Iterator[Any]:
        if stream.name == WHOLE and leg.asked == 1 and not read.asks and not leg.poison:
            read.asks = self._unseen(leg)
            if not read.asks:
                self._whole(stream, leg)
        yield from super()._advance(read, stream, leg)

    def _unseen(self, leg: Leg) -> list[Ask]:
        """Return questions for stored products that no list led to: only their own pages tell that they are gone."""
        found: set[str] = leg.notes["found"]
        left = [
            name for name, row in self.stored.items()
            if row["source"] == "web" and name not in found and name not in leg.notes["seen"]
        ]  # fmt: skip
        found.update(left)
        return [Ask(reader="detail", about=(name, self.always)) for name in left]

    def _whole(self, stream: Stream, leg: Leg) -> None:
        """The last page of a full walk was read: remember what it found out, and say when that is nothing."""
        if not leg.notes["found"]:
            self._spoil(leg, f"{stream.name}: no product was found; name pages of the mall in its urls.")
        lists: dict[str, set[str]] = leg.notes["lists"]
        covered: set[str] = set()
        self.learned.categories = set(lists)
        self.learned.lists = set()
        for category in sorted(lists, key=lambda number: (-len(lists[number]), number)):
            if lists[category] - covered:
                covered |= lists[category]
                self.learned.lists.add(category)
        for mark in leg.marks:
            if mark.stream == WHOLE:
                mark.cursor = msgspec.json.encode(self.learned, order="sorted").decode()


def lacking(row: dict[str, Any] | None) -> str:
    """Return what a plain page lacks of what the engine prints into every skin; "" when a browser is not needed.

    The fields of its form, or the values of a choice that must be made: then scripts fill them.
    """
    if row is None:
        return "the engine's form"
    missing = [name for name in ("pno", "stat", "total_prc") if not row.get(name)]
    if missing:
        return f"the field {missing[0]}"
    hollow = any(
        codes.NECESSARY.get(one["necessary"]) == "axis" and one["kind"] != "4" and not one["values"]
        for one in row["options"] if not one["suffix"]
    )  # fmt: skip
    return "the values of a choice" if hollow else ""


def _differs(card: Product, stored: dict[str, Any]) -> bool:
    """Return whether a row of a list says something else than what is stored."""
    for name in COMPARED:
        told, kept = getattr(card, name), stored[name]
        if told is UNSET or told is None:
            continue
        if isinstance(told, Decimal):
            if kept is None or Decimal(str(kept)) != told:
                return True
        elif told != kept:
            return True
    return False
