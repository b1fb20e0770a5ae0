"""The MakeShop storefront spider: products, stock and reviews from the public pages of a mall, by plain HTTP."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape import values, xml
from shopscrape.errors import ConfigurationError, NotFound, ShopscrapeError
from shopscrape.items import Product
from shopscrape.payload import Answer
from shopscrape.spider import Ask, Read
from shopscrape.walks import NewestFirst, Stream, Sweep
from shopscrape.windows import Leg
from spiders.makeshop import FACTS, POWER_BOARD, mapping, pages
from spiders.makeshop.review_pages import ReviewPages
from spiders.makeshop.storefront import Listing, Post, Storefront, linked_lists, listing_in, post_in

ANY = "1000000"
"""A number of a product or post, to ask robots.txt about such pages."""
SITEMAPS = 100
"""Files of a sitemap that are read at most."""

Place = tuple[Listing, int]
"""A category, and which page of its list."""


class MakeshopWebSpider(ReviewPages):
    """Collects a Korean MakeShop mall from its storefront, for malls without keys.

    Domain: the mall's own domain (storefront_url, or that of the urls), pages of old and new skins.
    Resources: products, inventory (as far as pages show it), reviews: power review, rating comments, named boards.
    Credentials: none.
    Arguments: mall, resources, since, sweep, url (a product, a category, a board, one post or a sitemap).
    Limits: one page a second, or what robots.txt asks for; robots.txt is obeyed.
    Caveats: skins are edited freely; reviews inside the widget of Crema are left alone; comments written later under an
    old review are seen by a sweep only; of rating comments those on the product page; a log-in wall ends the run.
    API documentation: none, the pages are described in docs/platforms/makeshop.md
    """

    name = "makeshop_web"
    facts = FACTS
    offers = ("products", "inventory", "reviews")

    def prepare_session(self) -> None:
        """Note where the storefront is. Raises: ConfigurationError where the mall does not tell."""
        super().prepare_session()
        mall = self.session.mall
        told = mall.storefront_url or next(iter(filter(None, (self.session.arguments.url, *mall.urls))), "")
        parts = urlsplit(told)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ConfigurationError(f'Mall {mall.name} needs a line storefront_url = "https://…" in the malls file.')
        self.storefront = Storefront(f"{parts.scheme}://{parts.netloc}")
        boards = mall.native.get("boards", ())
        self.boards = [str(board) for board in (boards if isinstance(boards, list | tuple) else [boards])]
        power = mall.native.get("power_board") or (self.boards[0] if len(self.boards) == 1 else POWER_BOARD)
        self.power_board = str(power)
        self.lists = self.pieces = True
        """Whether robots.txt lets us read lists of products, and what scripts fetch of lists."""
        self.opened = 0
        """Pages of products that were read: where none is, an alert on all of them speaks of something else."""

    def own_hosts(self) -> frozenset[str]:
        """Return the storefront's host."""
        return frozenset((urlsplit(self.storefront.host).netloc,))

    # -- where it begins ----------------------------------------------------------------------------------------------

    def _begins(self) -> list[str]:
        """Return the named addresses, cleared of sessions. Raises: ConfigurationError."""
        begins = []
        for address in self.addresses():
            plain = self.storefront.plain(address)
            if plain is None:
                raise ConfigurationError(f"{address[:80]} is no product, category, board or sitemap of this mall.")
            begins.append(plain)
        return list(dict.fromkeys(begins))

    def starts(self) -> Iterable[str]:
        """Return the addresses to begin with, and a product's, which cannot be done without."""
        named = self._begins()
        if not named:
            boards = [self.storefront.board(board) for board in self.boards if self.wants("reviews")]
            named = [self.storefront.front, *boards]
        return named if all(post_in(address) for address in named) else [*named, self.storefront.product(ANY)]

    async def prepare(self) -> None:
        """Ask robots.txt about the first addresses, and about what could also be done without."""
        await super().prepare()
        front = self.storefront
        self.lists = await self.robots.may(front.listing(Listing("001", "001", "", "Y")))
        self.pieces = await self.robots.may(front.pieces(Listing("001")))
        self.power = await self.robots.may(front.power(ANY))
        self.texts = await self.robots.may(front.post(Post("board", ANY, "00000")))
        rules = await self.robots.rules(front.host)
        told = list(rules.parsed.sitemaps) if rules.parsed else []
        own = [one for one in told if values.address(one).netloc in self.own_hosts()]
        self.sitemaps = [one for one in own or [front.sitemap] if await self.robots.may(one)]
        if not self.lists:
            self.session.report.notice(
                "robots.txt keeps us from lists of products: only the sitemap and the first page are followed."
            )
        if self.wants("reviews") and not self.power:
            self.session.report.notice(
                "robots.txt keeps us from the calls for power reviews: only those on product pages are read."
            )

    def streams(self) -> Iterator[Stream]:
        """Yield the walk over products, each of which leads to its reviews, and those over boards."""
        named = self._begins()
        goods = [address for address in named if not post_in(address)]
        if goods or not named:
            begins = list(map(self._sorted, goods or [self.storefront.front, *self.sitemaps[:SITEMAPS]]))
            yield Stream("product_pages", Sweep(), self.offers, reader="pages", begins=begins, whole=not named)
        if not self.wants("reviews"):
            if named and not goods:
                raise ConfigurationError("A board shows reviews only, and the resources leave them out.")
            return
        posts = [post for address in named if (post := post_in(address))]
        for board in dict.fromkeys([post.board for post in posts if not post.num1] if named else self.boards):
            yield Stream(f"board_pages:{board}", NewestFirst(), ("reviews",), reader="board", board=board)
        single = [post for post in posts if post.num1]
        if single:
            begins = [Ask(reader="single", about=post) for post in single]
            yield Stream("post_pages", Sweep(), ("reviews",), reader="single", begins=begins)

    @staticmethod
    def _sorted(address: str) -> Ask:
        if values.address(address).path.endswith(".xml"):
            return Ask(reader="sitemap", about=address)
        listing = listing_in(address)
        return Ask(reader="list", about=(listing, 1)) if listing else Ask(reader="pages", about=address)

    def closing(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Ask for stored products that no list led to: they may be gone, which only their pages tell."""
        if not stream.notes.get("whole"):
            return super().closing(stream, leg)
        stored = self.session.store.product_pages(self.facts.platform, self.session.mall.name)
        return self._fresh(leg, [number for number, _ in stored])

    def look_back(self) -> None:
        """Say so when a whole mall showed no product."""
        super().look_back()
        report = self.session.report
        if "product_pages" in report.walked and not report.read["product_pages"] and not self._begins():
            report.fall_short("Neither the first page nor the sitemap leads to a product: name categories with url.")

    # -- products -----------------------------------------------------------------------------------------------------

    def ask_pages(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a product, or for the mall's first page."""
        return self.visit(about)

    def read_pages(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read a product with the reviews on its page, or follow the first page."""
        tree, number = pages.selector(answer.body, answer.content_type), pages.number_in(about)
        if not number:
            return Read(asks=self._lead(tree, stream, leg))
        page = self.page("products.page", answer, board=self.power_board, product_id=number)
        self.opened += 1
        if self.wants("reviews"):
            self._meet(tree, number, page)
        return Read(page=page)

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        if ask.reader == "pages" and self.opened and isinstance(self.verdict(response), NotFound):
            self.gone(leg, pages.number_in(ask.about))
        yield from super()._answered(response, stream, leg, ask)

    def ask_sitemap(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a sitemap."""
        return self.visit(about)

    def read_sitemap(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Follow the products, categories and further files of a sitemap; one that cannot be read is done without."""
        try:
            told = xml.document(answer.body, self.origin(url=answer.url))
            rows = [str(row.get("loc") or "").strip() for name in ("url", "sitemap") for row in told.each(name)]
        except ShopscrapeError as why:
            self.session.report.notice(f"The sitemap cannot be read ({why}): lists alone are followed.")
            return Read()
        own = [address for address in rows if values.address(address).netloc in self.own_hosts()]
        if rows and not own:
            self.session.report.notice("The sitemap names another host only: lists alone are followed.")
        numbers = [number for address in own if (number := pages.number_in(address))]
        listings = [listing for address in own if (listing := listing_in(address))]
        files = [address for address in own if values.address(address).path.endswith(".xml")]
        if len(files) > SITEMAPS:
            self.session.report.fall_short(f"A sitemap names {len(files)} files, of which {SITEMAPS} are read.")
        return Read(asks=self._fresh(leg, numbers, listings if self.lists else [], files))

    def ask_list(self, stream: Stream, leg: Leg, about: Place) -> Request:
        """Ask for a page of a category."""
        return self.visit(self.storefront.listing(*about))

    def read_list(self, answer: Answer, stream: Stream, leg: Leg, about: Place) -> Read:
        """Follow a list's products and its next page; where it is drawn by script, ask what the script asks."""
        tree = pages.selector(answer.body, answer.content_type)
        listing, place = about
        numbers = [row["uid"] for row in pages.listed(tree)]
        asks = self._lead(tree, stream, leg)
        if numbers:
            return Read(asks=asks + self._onward_list(leg, numbers, Ask(reader="list", about=(listing, place + 1))))
        if place == 1 and self.pieces:
            asks.append(Ask(reader="pieces", about=about))
        elif place == 1:
            self.session.report.notice("robots.txt keeps us from lists that scripts fetch: some lists show no product.")
        return Read(asks=asks)

    def ask_pieces(self, stream: Stream, leg: Leg, about: Place) -> Request:
        """Ask for a page of a list as its script does."""
        return self.visit(self.storefront.pieces(*about))

    def read_pieces(self, answer: Answer, stream: Stream, leg: Leg, about: Place) -> Read:
        """Follow the products of a piece of a list, until it says that it ends, is empty or tells nothing new."""
        listed = self.page("products.pieces", answer)
        numbers = [one.product_id for one in listed.records if isinstance(one, Product)]
        asks = self._fresh(leg, numbers)
        ended = mapping.is_last(mapping.document(answer))
        following = (
            [] if ended else self._onward_list(leg, numbers, Ask(reader="pieces", about=(about[0], about[1] + 1)))
        )
        return Read(asks=asks + following)

    def _lead(self, tree: Selector, stream: Stream, leg: Leg) -> list[Ask]:
        """Return questions about what a page leads to: products, and, unless lists were named, categories."""
        listings = linked_lists(tree) if stream.notes["whole"] and self.lists else ()
        return self._fresh(leg, [row["uid"] for row in pages.listed(tree)], listings)

    def _fresh(
        self, leg: Leg, numbers: Iterable[str], listings: Iterable[Listing] = (), files: Iterable[str] = ()
    ) -> list[Ask]:
        """Return a question for each of them that was not asked in this walk."""
        seen: set[str] = leg.notes.setdefault("seen", set())
        wanted = [(number, Ask(reader="pages", about=self.storefront.product(number))) for number in numbers]
        wanted += [(f"list {one.name}", Ask(reader="list", about=(one, 1))) for one in listings]
        wanted += [(one, Ask(reader="sitemap", about=one)) for one in list(files)[:SITEMAPS]]
        fresh = []
        for name, ask in wanted:
            if name not in seen:
                seen.add(name)
                fresh.append(ask)
        return fresh

    @staticmethod
    def _onward_list(leg: Leg, numbers: list[str], ask: Ask) -> list[Ask]:
        """Return the question for a list's next page. Past its end it repeats its last page: nothing new ends it."""
        known: set[str] = leg.notes.setdefault(f"products of {ask.about[0].name}", set())
        ended = known.issuperset(numbers)
        known.update(numbers)
        return [] if ended else [ask]

    def _redirect(self, response: Response) -> Request | None:
        """Follow no redirect to the log-in: it is judged."""
        location = (response.headers.get("Location") or b"").decode("latin-1")
        if urlsplit(location).path.endswith(("/member.html", "/login.html")):
            return None
        return super()._redirect(response)
