"""The WISA storefront spider: products, stock and reviews from the public pages of a mall."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from scrapy.http import Response
from scrapy.settings import BaseSettings

from shopscrape import values
from shopscrape.browser import hindrance
from shopscrape.errors import ConfigurationError, PageFailed
from shopscrape.rendered import RenderedSpider
from shopscrape.session import Arguments
from shopscrape.spider import Ask
from shopscrape.walks import Stream, Sweep
from shopscrape.windows import Leg
from spiders.wisa import EXEC, FACTS, FEED_EVERY, mapping_pages, pages
from spiders.wisa.addresses import REVIEWS, Storefront, category_in, is_board, name_of, product_in
from spiders.wisa.listings import FEED, LISTS, NAMED, WHOLE, Learned
from spiders.wisa.product_pages import GOODS, ProductPages

BROWSER = ("when needed", "always", "never")
"""What a mall's table may say of the browser."""
AGAIN = 3
"""How often an answer that ends in the middle is asked for again before it is taken for all that there is."""
_NONE = "0" * 32
"""Name of no product, to ask robots.txt about the pages of all."""


class WisaWebSpider(ProductPages):
    """Collects a WISA mall from its storefront, for malls without keys or beside its APIs.

    Domain: the mall's own domain, pages of the default family of skins.
    Resources: products, inventory (availability; no quantities), reviews of the mall's own lists.
    Credentials: none.
    Arguments: mall, resources, since, sweep, url (a product, a category, or the list of reviews).
    Limits: one page in three seconds, or what robots.txt asks for; robots.txt is obeyed.
    Caveats: between two sweeps (sweep_every) only products that lists show as changed are read; answers written later
    under an old review are seen by a sweep; reviews in the widget of Crema are left alone; a log-in wall ends the run.
    API documentation: none, the pages are described in docs/platforms/wisa.md
    """

    name = "wisa_web"
    endless = False
    """Whether the mall's pages have no end to look for."""
    facts = FACTS
    offers = ("products", "inventory", "reviews")
    # A product whose list shows nothing new is not opened.
    meets = ("reviews",)

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments; the browser is missed when a page needs it. Raises: ConfigurationError."""
        arguments = super(RenderedSpider, cls).check(settings, given)
        wish = arguments.mall.native.get("browser", BROWSER[0])
        if wish not in BROWSER:
            raise ConfigurationError(f"browser of mall {arguments.mall.name} is one of: {', '.join(BROWSER)}.")
        return arguments

    def prepare_session(self) -> None:
        """Note where the storefront is, what is stored, and whether there is a browser."""
        super().prepare_session()
        mall = self.session.mall
        address = mall.storefront_url or f"https://{self.pages().hosts[0]}"
        self.shop = Storefront(address.format(**mall.native))
        wish = mall.native.get("browser", BROWSER[0])
        self.browser = wish != "never" and hindrance() is None
        self.always = wish == "always"
        if self.always and not self.browser:
            raise ConfigurationError(f'Mall {mall.name} says browser = "always", and there is none.')
        self.may = {}
        self.first: list[Ask] = []
        """What leads to products beside the first page."""

    # -- answers that are not whole -----------------------------------------------------------------------------------

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        """A page that was cut off shows less and does not say so, so it is asked for again before anything counts."""
        if self._is_torn(response, ask):
            if ask.tries < AGAIN:
                yield from self._again(stream, leg, ask, PageFailed("the answer ends in the middle"))
                return
            # A skin that never closes its pages; asking each one four times would help nobody.
            self.endless = self.endless or pages.is_engine(self.tree(self.answer(response)).get())
        yield from super()._answered(response, stream, leg, ask)

    def _is_torn(self, response: Response, ask: Ask) -> bool:
        """Return whether a page lacks its end, or an answer about choices has numbers that its page does not know."""
        body = response.body.strip()
        if response.meta.get("visit") or response.status != 200 or self.session.report.stopped:
            return False
        if body.startswith(b"<"):
            page = ask.reader not in ("sitemap", "feed") and not self.endless
            return page and b"</html" not in body[-4096:].lower() and self.verdict(response) is None
        if ask.reader != "choices" or not body:
            return False
        row = pages.product(self.tree(ask.about.answer))
        known = {value["number"] for option in (row or {"options": []})["options"] for value in option["values"]}
        return body.endswith(b"@") or not known.issuperset(mapping_pages.sold_out_items(body))

    # -- where it begins ----------------------------------------------------------------------------------------------

    def starts(self) -> Iterable[str]:
        """Return the addresses to begin with: those that were named, else the mall's first page and its reviews."""
        if named := self.addresses():
            return named
        goods = [self.shop.home, self.shop.product(_NONE)] if self.wants(*GOODS) else []
        return goods + ([self.shop.board()] if self.wants("reviews") else [])

    async def prepare(self) -> None:
        """Ask robots.txt about the first addresses, then about what could also be done without."""
        await super().prepare()
        shop, may = self.shop, self.robots.may
        self.may = {
            "choices": await may(shop.gone_after("@1")),
            "lists": await may(shop.piece("shop_big_section.php", "prd_basic", 1, cno1="1")),
            "reviews": await may(shop.piece(*REVIEWS, 1, pno=_NONE)),
            "opened": await may(f"{shop.root}{EXEC}"),
            "sections": await may(shop.section("1")),
        }
        if self.wants(*GOODS) and not self.may["choices"]:
            self.session.report.notice(
                "stock_unknown: robots.txt closes the calls that tell which deeper choices are sold out."
            )
        if self.addresses() or not self.wants(*GOODS):
            return
        host = "{0.scheme}://{0.netloc}".format(urlsplit(shop.root))
        told = (await self.robots.rules(host)).parsed
        maps = [one for one in (told.sitemaps if told else ()) if one.startswith(shop.home)] or [shop.sitemap]
        for address in dict.fromkeys(maps):
            if await may(address):
                self.first.append(Ask(reader="sitemap", about=address))
        if self._feed_is_due() and await may(shop.feed):
            self.first.append(Ask(reader="feed"))
        if not self.may["sections"]:
            self.session.report.notice("robots.txt closes the lists of categories; they are not read.")

    def _feed_is_due(self) -> bool:
        """Return whether the feed may be asked for: it is made live and heavy, and not every operator wants it read."""
        mall, store = self.session.mall, self.session.store
        marks = [store.mark(self.facts.platform, mall.name, "", resource, FEED) for resource in GOODS]
        read = [mark.finished_at for mark in marks if mark and mark.finished_at]
        wait: timedelta = FEED_EVERY / mall.speed
        return mall.native.get("ep_feed", True) is True and (not read or max(read) < values.now() - wait)

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the named addresses, or the whole mall, need."""
        named = self.addresses()
        products = [name for address in named if (name := product_in(address))]
        boards = [address for address in named if is_board(address)]
        for address in named:
            if not (product_in(address) or is_board(address) or category_in(address) or address == self.shop.home):
                raise ConfigurationError(f"{address[:80]} is no product, category or list of reviews of this mall.")
        if self.wants(*GOODS) and (not named or len(boards) < len(named)):
            yield self._goods([address for address in named if address not in boards])
        if not self.wants("reviews"):
            return
        if boards or not named:
            yield self.board_stream()
        else:
            yield from (self.product_stream(name) for name in dict.fromkeys(products))
        if named and not boards and not products and not self.wants(*GOODS):
            raise ConfigurationError("For reviews name a product or the list of reviews; a category shows none.")

    def _goods(self, named: list[str]) -> Stream:
        """Return the walk that this run takes: of named pages, of everything when it is due, else of the lists."""
        self._look_up()
        if named:
            asks = [self.ask_page(address) for address in dict.fromkeys(named)]
            return Stream(NAMED, Sweep(), GOODS, reader="pages", begins=asks)
        asks = [self.ask_page(self.shop.home), *self.first]
        whole = Stream(WHOLE, Sweep(retires=GOODS), GOODS, reader="pages", begins=asks)
        if whole.way.due(whole, self.session) or not self.stored:  # type: ignore[union-attr]
            return whole
        return Stream(LISTS, Sweep(), GOODS, reader="pages", begins=asks)

    def _look_up(self) -> None:
        """Look up what is stored: products by their names on pages, what APIs told of stock, what was learned."""
        store, mine = self.session.store, (self.facts.platform, self.session.mall.name)
        rows = [row for row in store.read("products") if (row["platform"], row["mall"]) == mine]
        self.stored = {name_of(row["product_id"]): row for row in rows}
        self.told_by_api: dict[str, set[str]] = {}
        for row in store.read("inventory"):
            if (row["platform"], row["mall"]) == mine and row["source"] == "api":
                self.told_by_api.setdefault(row["product_id"], set()).add(row["variant_id"])
        marks = [store.mark(*mine, "", resource, WHOLE) for resource in GOODS if self.wants(resource)]
        cursors = list(dict.fromkeys(mark.cursor if mark else None for mark in marks))
        self.learned = msgspec.json.decode(next(filter(None, cursors), "{}"), type=Learned)
        if len(cursors) > 1:
            # A walk for other resources was broken off: it did not read all of these.
            self.learned.begun, self.learned.done = None, set()

    def beginning(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Return the questions that a leg begins with, and what a walk of products remembers."""
        begins = super().beginning(stream, leg)
        if "begins" in stream.notes:
            # What only an API told is no page's to call gone.
            leg.retire = [msgspec.structs.replace(one, where={"source": "web"}) for one in leg.retire]
            leg.notes |= {
                "found": {ask.about[0] for ask in begins if ask.reader == "detail"},
                "met": set(),
                "lists": {},
                "cards": {},
                "seen": {ask.about for ask in begins if ask.reader == "pages"},
            }
            if stream.name == WHOLE:
                self.resume(leg)
        return begins
