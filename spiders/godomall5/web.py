"""The Godomall5 storefront spider: products, stock and reviews from the public pages of a mall, by plain HTTP."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import ConfigurationError, NotFound, PageFailed
from shopscrape.items import Product
from shopscrape.payload import Answer, Origin, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Sweep
from shopscrape.windows import Leg
from spiders.godomall5 import FACTS, pages
from spiders.godomall5.mapping_reviews import BOARD
from spiders.godomall5.review_pages import ReviewPages, ended
from spiders.godomall5.storefront import LISTS, Listing, Storefront, choices, listing_of, step_form

STEPS = 500
"""Questions at most about the options of one product; a page asks one for each value of each axis."""
AGAIN = 3
"""How often a page that ends in the middle is asked for again before it is taken for all that there is."""
ANY = "1000000000"
"""A number of a product or post, to ask robots.txt about such pages."""

COOKIES, COOKIE = 30, 2000
"""How many of the mall's cookies are sent back, and how long one may be."""

Chosen = tuple[dict[str, Any], tuple[str, ...]]
"""What is known about a product's options, and the values chosen so far."""


class Godomall5WebSpider(ReviewPages):
    """Collects a Godomall5 mall from its storefront, for malls without keys.

    Domain: the mall's own domain (domain or storefront_url), pages and fragments of the default skins.
    Resources: products, inventory (as far as pages show it), reviews of the mall's own board and of Plus Review.
    Credentials: none.
    Arguments: mall, resources, since, sweep, url (a product or a category).
    Limits: one page in two seconds, or what robots.txt asks for; the platform's own robots.txt refuses everything.
    Caveats: skins are edited freely; reviews in the widget of Crema are left alone; comments written later under an
    old review are seen by a sweep only; options of several axes cost a question each; a log-in wall ends the run.
    API documentation: none, the pages are described in docs/platforms/godomall5.md
    """

    name = "godomall5_web"
    facts = FACTS
    offers = ("products", "inventory", "reviews")

    def prepare_session(self) -> None:
        """Note where the storefront is. Raises: ConfigurationError where the mall does not tell."""
        super().prepare_session()
        mall = self.session.mall
        told = mall.storefront_url or str(mall.native.get("domain") or "")
        told = told or next(iter((self.session.arguments.url or "", *mall.urls)), "")
        parts = urlsplit(told if "//" in told else f"https://{told}")
        if not parts.netloc:
            raise ConfigurationError(f'Mall {mall.name} needs a line domain = "…" or storefront_url = "…".')
        self.storefront = Storefront(f"{parts.scheme}://{parts.netloc}")
        self.texts = self.plus = self.steps = True
        """Whether robots.txt lets us read opened reviews, Plus Reviews, and options that a page asks for."""
        self.opened = False
        """Whether a product was seen: what says that it is gone may otherwise be a wall."""
        self.endless: set[str] = set()
        """What is asked for and never ends as it should in this skin."""
        self.cookies: dict[str, str] = {}
        """The mall's session: some give their fragments only to who opened the product's page (client code)."""

    def own_hosts(self) -> frozenset[str]:
        """Return the storefront's host."""
        return frozenset((urlsplit(self.storefront.host).netloc,))

    def origin(self, **fields: Any) -> Origin:
        """Return where a page came from; it knows the storefront, which pictures are told without."""
        context = {"storefront": self.storefront.host} | fields.pop("context", {})
        return super().origin(context=context, **fields)

    def visit(self, url: str, **fields: Any) -> Request:
        """Return a request for a page, within the mall's session."""
        request = super().visit(url, **fields)
        if self.cookies:
            request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return request

    # -- where it begins ----------------------------------------------------------------------------------------------

    def starts(self) -> Iterable[str]:
        """Return the addresses to begin with, and one of each sort that cannot be done without."""
        front = self.storefront
        begins = self._begins()
        if begins == [front.front]:
            begins = [*begins, front.listing(Listing(LISTS[0], "001"))]
        begins = [*begins, front.product(ANY)]
        return [*begins, front.board(BOARD, ANY)] if self.wants("reviews") else begins

    def _begins(self) -> list[str]:
        begins = []
        for address in self.addresses():
            plain = self.storefront.plain(address)
            if plain is None:
                raise ConfigurationError(f"{address[:80]} is no product (goods_view.php) and no category of this mall.")
            begins.append(plain)
        return list(dict.fromkeys(begins)) or [self.storefront.front]

    async def prepare(self) -> None:
        """Ask robots.txt about the first addresses, and about calls that could also be done without."""
        await super().prepare()
        front = self.storefront
        self.texts = await self.robots.may(front.article(BOARD, ANY))
        self.plus = await self.robots.may(front.plus(ANY))
        self.steps = await self.robots.may(front.step)
        if self.wants("reviews") and not self.texts:
            self.session.report.notice("robots.txt keeps us from opened reviews: lists tell no text of them.")

    def streams(self) -> Iterator[Stream]:
        """Yield the walk over products; each of them leads to the walk over its reviews."""
        begins = self._begins()
        lists = [listing for address in begins if (listing := listing_of(address))]
        within = tuple(one.code for one in lists if one.name == LISTS[0])
        whole = self.storefront.front in begins
        yield Stream(
            "product_pages", Sweep(), ("products", "inventory"), reader="pages",
            begins=[Ask(reader="pages", about=address) for address in begins],
            within=None if whole else within, whole=whole,
        )  # fmt: skip

    def closing(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Ask for stored products that no list led to: they may be gone, which only their pages tell."""
        if not stream.notes.get("whole"):
            return super().closing(stream, leg)
        stored = self.session.store.product_pages(self.facts.platform, self.session.mall.name)
        return self._fresh([self.storefront.product(no) for no, _ in stored if no.isdecimal()], stream, leg)

    # -- what comes back ----------------------------------------------------------------------------------------------

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        for told in response.headers.getlist("Set-Cookie"):
            pair, _, _ = told.decode("latin-1").partition(";")
            name, _, value = pair.partition("=")
            if name.strip() and len(pair) < COOKIE and (name.strip() in self.cookies or len(self.cookies) < COOKIES):
                self.cookies[name.strip()] = value.strip()
        open_end = self.verdict(response) is None and ask.reader not in self.endless and pages.is_torn(response.body)
        if open_end and not self.session.report.stopped:
            if ask.tries < AGAIN:
                yield from self._again(stream, leg, ask, PageFailed("the page ends in the middle"))
                return
            self.endless.add(ask.reader)
        refused = ask.reader == "pages" and self.opened and isinstance(self.verdict(response), NotFound)
        if refused and (number := pages.number_in(ask.about)):
            self.gone(leg, number)
        yield from super()._answered(response, stream, leg, ask)

    # -- products -----------------------------------------------------------------------------------------------------

    def ask_pages(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a page: a product, a list, or the mall's first page."""
        return self.visit(about)

    def read_pages(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read a product, or follow the categories and products of another page."""
        tree, number = pages.selector(answer.body), pages.number_in(about)
        if not number:
            return Read(asks=self._fresh(self._wanted(tree, listing_of(about), stream, leg), stream, leg))
        self.opened = True
        page = self.page("products.page", answer, product_id=number)
        if self.wants("reviews"):
            self._meet(tree, number, page)
        return Read(page=page, asks=self._first_steps(tree, page) if self.wants("inventory") else [])

    @staticmethod
    def _fresh(wanted: Iterable[str], stream: Stream, leg: Leg) -> list[Ask]:
        """Return the questions for addresses that were not asked for yet."""
        seen: set[str] = leg.notes.setdefault("seen", {ask.about for ask in stream.notes["begins"]})
        fresh = [address for address in dict.fromkeys(wanted) if address not in seen]
        seen.update(fresh)
        return [Ask(reader="pages", about=address) for address in fresh]

    def _wanted(self, tree: Selector, listing: Listing | None, stream: Stream, leg: Leg) -> Iterator[str]:
        """Yield what a page leads to: its products, the next page of its list, and other categories."""
        listed = [row["goodsNo"] for row in pages.listed_products(tree) if row["goodsNo"]]
        yield from map(self.storefront.product, listed)
        if listing:
            known: set[str] = leg.notes.setdefault(f"list {listing.name} {listing.code}", set())
            # A list may repeat its last page for ever: it is at its end when it tells no product that is new to it.
            if not known.issuperset(listed) and not ended(tree, listing.page):
                yield self.storefront.listing(Listing(listing.name, listing.code, listing.page + 1))
            known.update(listed)
        within = stream.notes["within"]
        for code in pages.linked_categories(tree):
            if within is None or (within and code.startswith(within)):
                yield self.storefront.listing(Listing(LISTS[0], code))

    # -- options that a page asks for ---------------------------------------------------------------------------------

    def _first_steps(self, tree: Selector, page: Page) -> list[Ask]:
        axes = pages.axes(tree)
        product = next((one for one in page.records if isinstance(one, Product)), None)
        if not axes or product is None:
            return []
        if not self.steps:
            self.session.report.notice("robots.txt keeps us from the options of several axes: their stock is not told.")
            return []
        managed = {"y": True, "n": False}.get(pages.settings(tree).get("setStockFl", ""))
        notes = {
            "product": product.product_id, "managed": managed, "axes": [str(one["name"] or "") for one in axes],
            "closed": product.status == "sold_out", "asked": 0,
        }  # fmt: skip
        return self._steps(notes, (), axes[0]["values"])

    def _steps(self, notes: dict[str, Any], chosen: tuple[str, ...], values: list[str]) -> list[Ask]:
        """Return a question for each value of the next axis, as long as a product may be asked about."""
        left = max(0, STEPS - notes["asked"])
        if len(values) > left:
            self.session.report.fall_short(
                f"Product {notes['product']} has more than {STEPS} steps of options: the stock of the rest is not told."
            )
        notes["asked"] += len(values[:left])
        return [Ask(reader="step", about=(notes, (*chosen, value))) for value in values[:left]]

    def ask_step(self, stream: Stream, leg: Leg, about: Chosen) -> Request:
        """Ask what a product page asks when an option is chosen."""
        notes, chosen = about
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "Referer": self.storefront.product(notes["product"]),
        }  # fmt: skip
        form = step_form(notes["product"], chosen)
        return self.visit(self.storefront.step, method="POST", body=form, headers=headers)

    def read_step(self, answer: Answer, stream: Stream, leg: Leg, about: Chosen) -> Read:
        """Read the stock of a combination, or go on with the next axis."""
        notes, chosen = about
        context = {"closed": notes["closed"], "options": list(zip(notes["axes"], chosen, strict=False))}
        context |= {} if notes["managed"] is None else {"managed": notes["managed"]}
        page = self.page("inventory.option", answer, product_id=notes["product"], context=context)
        deeper = choices(answer.body) if len(chosen) < len(notes["axes"]) else []
        return Read(page=page, asks=self._steps(notes, chosen, deeper))
