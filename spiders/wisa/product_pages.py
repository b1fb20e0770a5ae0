"""Products on the pages of a WISA mall: their pages, the choices that a page does not tell, and what is gone.

The rule for the browser: every page is asked for by plain HTTP, and a product page once more in the browser when the
engine's own fields (`lacking`) are not in what came. Everything else that a page shows is in its HTML (inferred).
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape import values
from shopscrape.browser import PATIENCE
from shopscrape.errors import LoginRequired, NotFound, NotHydrated, PageFailed
from shopscrape.items import Product, Stock
from shopscrape.payload import Answer, Page
from shopscrape.rendered import Visit
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream
from shopscrape.windows import Leg, Mark
from spiders.wisa import codes, mapping_pages, pages
from spiders.wisa.addresses import name_of
from spiders.wisa.listings import LISTS, WHOLE, Listings
from spiders.wisa.mapping_pages import sold_out_items, stock_questions
from spiders.wisa.review_pages import only
from spiders.wisa.shapes import number_of

GOODS = ("products", "inventory")
FORM = 'form[name="prdFrm"] input[name="total_prc"]'
"""What the engine prints near the end of its own fields."""
QUESTIONS = 100
"""Most questions about the sold-out choices of one product."""
RESUMED = timedelta(days=3)
"""How old a full walk may be that is gone on with."""
STEP = 10
"""Pages after which a full walk notes how far it got."""
UNLISTED = 50
"""Most stored products whose own pages are asked for between two sweeps because no list shows them."""
SHUT = 3
"""Product pages in a row for members only that make a wall of all of them."""


class Choices(NamedTuple):
    """A product page that waits for answers about its deeper choices."""

    name: str
    answer: Answer
    told: dict[str, list[str]]
    left: list[str]


class ProductPages(Listings):
    """The catalogue half of the WISA page spider."""

    browser = True
    """Whether there is one, and it may be used."""
    shut = 0
    """Pages in a row that only members see."""
    printed = drawn = 0
    """Product pages that came whole by plain HTTP, and those that the browser had to fill."""
    told_by_api: dict[str, set[str]]
    """Variants whose stock an API told, by product."""

    async def settle(self, visit: Visit) -> None:
        """Wait until the engine's fields are there, or the page has stopped asking: a tracker may keep it busy."""
        waits = [
            asyncio.ensure_future(visit.page.wait_for_selector(FORM, state="attached", timeout=PATIENCE * 1000)),
            asyncio.ensure_future(super().settle(visit)),
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        if lacking(pages.product(self.tree(await visit.answer()))):
            await super().settle(visit)

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
                self.drawn += 1
                return Read(asks=[Ask(reader="detail", about=(name, True))])
            self._spoil(leg, f"{stream.name}: pages lack {missing}, and there is no browser to fill them.")
            return Read()
        if row is None:
            raise NotHydrated("a product page stayed without the engine's form, in the browser too")
        self.opened += 1
        self.shut = 0
        self.printed += not rendered
        number, own = mapping_pages.identity(row)
        if not own:
            self.learned.shortcuts.add(name)
        leg.notes["seen"].add(name_of(number))
        left = stock_questions(row["options"], {}) if row["stat"] == "2" and row["ea_type"] != "2" else []
        if left and self.may["choices"]:
            if len(left) > QUESTIONS:
                self._too_many(number)
                return Read(page=self._product(answer, {}))
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
        if left:
            self._too_many(number_of(about.name) or about.name)
        return Read(page=self._product(about.answer, about.told))

    def _too_many(self, product: str) -> None:
        self.session.report.fall_short(
            f"Product {product} has more than {QUESTIONS} questions about its choices: the stock of others is not told."
        )

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
            # A sweep finds out itself what has no page any more.
            if isinstance(why, NotFound) and stream.name == LISTS and (row := self.stored.get(ask.about[0])):
                self.gone(leg, row["product_id"])
            yield from super()._answered(response, stream, leg, ask)

    def _advance(self, read: Read, stream: Stream, leg: Leg) -> Iterator[Any]:
        if read.page is not None and stream.name == WHOLE:
            read.marks += self._progress(stream, leg, read.page)
        yield from super()._advance(read, stream, leg)

    def closing(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Ask for products that the lists left out; where there are none, keep what the walk learned."""
        if stream.name not in (WHOLE, LISTS):
            return super().closing(stream, leg)
        asks = self._unlisted(stream, leg)
        if not asks:
            self._learn(stream, leg)
        return asks

    def _progress(self, stream: Stream, leg: Leg, page: Page) -> list[Mark]:
        """Note the products of a page as read; return the marks that say so, every few pages, with the rows."""
        self.learned.begun = leg.started_at
        self.learned.done |= {one.product_id for one in page.records if isinstance(one, Product)}
        if len(self.learned.done) % STEP:
            return []
        return stream.marks(self.session, cursor=msgspec.json.encode(self.learned, order="sorted").decode())

    def resume(self, leg: Leg) -> None:
        """Go on with a full walk that was broken off: what it read is not read again, nor gone."""
        learned, asked = self.learned, self.session.arguments
        young = learned.begun is not None and learned.begun > values.now() - RESUMED / self.session.mall.speed
        if not young or asked.sweep or asked.since_given or self.session.complete:
            learned.begun, learned.done = None, set()
            return
        assert learned.begun is not None
        leg.started_at = learned.begun
        leg.retire = [msgspec.structs.replace(one, before=learned.begun) for one in leg.retire]
        leg.notes["found"] |= {name_of(number) for number in learned.done}
        self.session.report.notice(f"A full walk that was broken off goes on below {len(learned.done)} products.")

    def _unlisted(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Return questions for stored products that no list led to: only their own pages tell that they are gone."""
        found: set[str] = leg.notes["found"]
        known = found | leg.notes["seen"] | leg.notes["met"]
        left = [name for name, row in self.stored.items() if row["source"] == "web" and name not in known]
        if left and not leg.notes["met"]:
            self._spoil(leg, f"{stream.name}: no list leads to a product any more; their links have moved.")
            return []
        if stream.name == LISTS and len(left) > UNLISTED:
            self.session.report.notice(f"{len(left)} stored products stand in no list; the next sweep looks at them.")
            return []
        found.update(left)
        return [Ask(reader="detail", about=(name, self.always)) for name in left]

    def look_back(self) -> None:
        """Say when a mall's pages were asked for twice for nothing."""
        if self.drawn > SHUT and not self.printed:
            self.session.report.notice(
                f'Scripts fill all product pages ({self.drawn}): browser = "always" in the table of mall '
                f"{self.session.mall.name} spares asking for them by plain HTTP first."
            )

    def _learn(self, stream: Stream, leg: Leg) -> None:
        """The last page of a walk was read: remember what it found out; say when a full one found nothing."""
        learned = self.learned
        if stream.name == WHOLE:
            if not leg.notes["found"]:
                self._spoil(leg, f"{WHOLE}: no product was found; name pages of the mall in its urls.")
            lists: dict[str, set[str]] = leg.notes["lists"]
            learned.begun, learned.done, learned.cards = None, set(), {}
            learned.categories, learned.lists = set(lists), set()
            covered: set[str] = set()
            for category in sorted(lists, key=lambda number: (-len(lists[number]), number)):
                if lists[category] - covered:
                    covered |= lists[category]
                    learned.lists.add(category)
        learned.cards |= leg.notes["cards"]
        cursor = msgspec.json.encode(learned, order="sorted").decode()
        for mark in leg.marks:
            if mark.stream == WHOLE:
                mark.cursor = cursor
        if stream.name != WHOLE:
            leg.marks += stream.marks(self.session, stream=WHOLE, cursor=cursor)


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
