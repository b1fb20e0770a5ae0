"""The Cafe24 storefront spider: products, stock and reviews from the public pages of a mall, by plain HTTP."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import ConfigurationError, NotFound
from shopscrape.items import Product, Review, Stock
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import NewestFirst, Stream, Sweep
from shopscrape.web import WebSpider
from shopscrape.windows import Leg, Retire
from spiders.cafe24 import FACTS, mapping, page_reviews, pages
from spiders.cafe24.mapping_boards import DEFAULT_BOARD
from spiders.cafe24.mapping_reviews import PRIVATE_BOARD
from spiders.cafe24.mapping_rows import DEFAULT_SHOP, shop_in_address


class Cafe24WebSpider(WebSpider):
    """Collects a Cafe24 mall from its storefront, for malls without a token.

    Domain: https://{mall_id}.cafe24.com or the mall's own domain (storefront_url), pages of the default skins.
    Resources: products, inventory (as far as pages show it), reviews of the mall's own boards.
    Credentials: none.
    Arguments: mall, resources, since, sweep, url (a product, a category, a board or one review).
    Limits: one page in two seconds, or what robots.txt asks for; robots.txt is obeyed.
    Caveats: skins are edited freely; reviews inside the widget of Crema are left alone; answers written later under an
    old review, and reviews that vanished, are seen by a sweep only; a log-in wall ends the run.
    API documentation: none, the pages are described in docs/platforms/cafe24.md
    """

    name = "cafe24_web"
    facts = FACTS
    mapping: ClassVar[Any] = mapping
    offers = ("products", "inventory", "reviews")

    def prepare_session(self) -> None:
        """Note where the storefront is."""
        super().prepare_session()
        storefront = self.session.mall.storefront_url or f"https://{self.pages().hosts[0]}"
        self.storefront = storefront.format(**self.session.mall.native).rstrip("/")
        self.texts = True
        """Whether the pages of single reviews may be read; a list shows their titles only."""
        self.opened = False
        """Whether a product was seen: what says that one is gone may else be a wall."""

    def starts(self) -> Iterable[str]:
        """Return the addresses to begin with: those that were named, else the mall's first page and its boards."""
        named = self.addresses()
        if named:
            return named
        first = [f"{self.storefront}/"] if self.wants("products", "inventory") else []
        return first + [self._board(board) for board in self._boards() if self.wants("reviews")]

    async def prepare(self) -> None:
        """Ask robots.txt about the first addresses, and about the pages of single reviews."""
        await super().prepare()
        if self.wants("reviews"):
            self.texts = await self.robots.may(f"{self.storefront}/article/review/4/1/")
            if not self.texts:
                self.session.report.notice("robots.txt keeps us from single reviews: lists tell no text of them.")

    def _boards(self) -> list[str]:
        boards = [str(number) for number in self.session.mall.native.get("boards", (DEFAULT_BOARD,))]
        if PRIVATE_BOARD in boards:
            raise ConfigurationError(f"Board {PRIVATE_BOARD} of {self.session.mall.name} is private talk, not reviews.")
        return boards

    def _board(self, board: str, page: int = 1, product: str = "") -> str:
        of_product = f"&link_product_no={product}" if product else ""
        return f"{self.storefront}/board/product/list.html?board_no={board}{of_product}&page={page}"

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the named addresses, or the whole mall, need."""
        named = self.addresses()
        reviews = [address for address in named if page_reviews.article_in(address) != ("", "")]
        goods = [address for address in named if address not in reviews]
        if self.wants("products", "inventory") and (goods or not named):
            begins = [Ask(reader="pages", about=address) for address in goods or [f"{self.storefront}/"]]
            yield Stream(
                "product_pages", Sweep(), ("products", "inventory"), reader="pages", begins=begins, whole=not named
            )
        if self.wants("reviews"):
            yield from self._review_streams(named, goods, reviews)

    def _review_streams(self, named: list[str], goods: list[str], reviews: list[str]) -> Iterator[Stream]:
        products = [number for address in goods if (number := pages.product_in(address))]
        boards = self._boards() if products or not named else []
        for board in boards:
            for product in products or [""]:
                yield self._board_stream(board, product)
        single = [address for address in reviews if page_reviews.article_in(address)[1]]
        for address in reviews:
            if address not in single:
                yield self._board_stream(page_reviews.article_in(address)[0])
        if single:
            begins = [Ask(reader="single", about=address) for address in single]
            yield Stream("article_pages", Sweep(), ("reviews",), reader="single", begins=begins)
        if named and not boards and not reviews and not self.wants("products", "inventory"):
            raise ConfigurationError("For reviews name a product, a board or a review; a category shows none.")

    @staticmethod
    def _board_stream(board: str, product: str = "") -> Stream:
        name = f"board_pages_{board}" + (f":{product}" if product else "")
        way = NewestFirst(key="product_id" if product else "")
        return Stream(name, way, ("reviews",), reader="board", board=board, product=product)

    # -- products -----------------------------------------------------------------------------------------------------

    def ask_pages(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page: a product, a list, or the mall's first page."""
        return self.visit(str(about))

    def read_pages(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a product, or follow the categories and products of another page."""
        tree = pages.selector(answer.body)
        if pages.role(tree).startswith("PRODUCT_DETAIL") or pages.product_in(str(about)):
            self.foreign(tree)
            self.opened = True
            return Read(page=_only(self.page("products.page", answer), Product, Stock))
        return Read(asks=[Ask(reader="pages", about=address) for address in self._found(tree, str(about), leg)])

    def _found(self, tree: Any, address: str, leg: Leg) -> Iterator[str]:
        """Yield what a page leads to, each once: its products, the next page of its list, and other categories."""
        seen: set[str] = leg.notes.setdefault("seen", set())
        listed = [row["product_no"] for row in pages.listed_products(tree) if row["product_no"]]
        wanted = [self._product(number) for number in listed]
        category, place = pages.category_in(address), pages.page_in(address)
        later = pages.pages_after(tree)
        # A list that repeats its last page, or an empty one, is at its end.
        if category and leg.notes.get(f"list {category}") != listed and listed and (not later or place < later[-1]):
            leg.notes[f"list {category}"] = listed
            wanted.append(self._list(category, place + 1))
        wanted += [self._list(number, 1) for number in pages.linked_categories(tree) if number != category]
        if category:
            seen.add(self._list(category, place))
        for one in wanted:
            if one not in seen:
                seen.add(one)
                yield one

    def closing(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Ask for stored products that no list led to: they may be gone, which only their pages tell."""
        if not stream.notes.get("whole"):
            return super().closing(stream, leg)
        stored = self.session.store.product_pages(self.facts.platform, self.session.mall.name)
        seen: set[str] = leg.notes.setdefault("seen", set())
        left = [address for number, _ in stored if (address := self._product(number)) not in seen]
        seen.update(left)
        return [Ask(reader="pages", about=address) for address in left]

    def _product(self, number: str) -> str:
        return f"{self.storefront}/product/detail.html?product_no={number}"

    def _list(self, category: str, page: int) -> str:
        return f"{self.storefront}/product/list.html?cate_no={category}&page={page}"

    # -- reviews ------------------------------------------------------------------------------------------------------

    def ask_board(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a page of a board, newest reviews first."""
        return self.visit(self._board(stream.notes["board"], about or 1, stream.notes["product"]))

    def read_board(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read a page of a list, then the pages of its new reviews, then go on."""
        way, board, place = stream.way, stream.notes["board"], about or 1
        assert isinstance(way, NewestFirst)
        page = self.page("reviews.board", answer, board=board, product_id=stream.notes["product"])
        if not about:
            way.begin(stream, self.session, leg)
        numbers = [record.review_id for record in page.records if isinstance(record, Review)]
        later = pages.pages_after(pages.selector(answer.body))
        last = not numbers or numbers == leg.notes.get("last page") or (bool(later) and place >= later[-1])
        leg.notes["last page"] = numbers
        leg.notes["marks"] = way.take(stream, self.session, leg, page, last=last)
        addresses = self._unread(page, answer, leg) if self.texts else []
        leg.notes["next"] = place + 1
        if addresses:
            return Read(page=page, asks=[Ask(reader="article", about=tuple(addresses))])
        return self._onward(stream, leg, page)

    def _unread(self, page: Page, answer: Answer, leg: Leg) -> list[str]:
        """Return the addresses of reviews whose text is not known yet: those above the last walk's newest."""
        chain = leg.notes["chain"]
        links = page_reviews.addresses(pages.selector(answer.body), answer.url)
        found = []
        for record in page.records:
            if not chain.full and isinstance(record, Review) and record.review_id == chain.stored.head:
                break
            if isinstance(record, Review) and record.flags == [] and record.review_id in links:
                found.append(links[record.review_id])
        return found

    def ask_article(self, stream: Stream, leg: Leg, about: tuple[str, ...]) -> Request:
        """Ask for the page of one review."""
        return self.visit(about[0])

    def read_article(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[str, ...]) -> Read:
        """Read a review with its text, then the next one."""
        page = self.page("reviews.article", answer, board=stream.notes["board"])
        return self._after(stream, leg, about, page)

    def _after(self, stream: Stream, leg: Leg, about: tuple[str, ...], page: Page | None) -> Read:
        if about[1:]:
            return Read(page=page, asks=[Ask(reader="article", about=about[1:])])
        return self._onward(stream, leg, page)

    def _onward(self, stream: Stream, leg: Leg, page: Page | None) -> Read:
        """Go on with the list; the marks of its last page wait until the texts of that page are read."""
        return self.next_page(stream, leg, page, leg.notes["marks"], Ask(reader="board", about=leg.notes["next"]))

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        if ask.reader == "article" and isinstance(self.verdict(response), NotFound):
            # A review that was deleted while its list was read must not end the walk.
            self.session.report.notice(f"{stream.name}: a review that its list shows is gone.")
            yield from self._advance(self._after(stream, leg, ask.about, None), stream, leg)
            return
        lost = ask.reader == "pages" and self.opened and isinstance(self.verdict(response), NotFound)
        if lost and (number := pages.product_in(ask.about)):
            self.gone(leg, number, shop_in_address(ask.about) or DEFAULT_SHOP)
        yield from super()._answered(response, stream, leg, ask)

    def listed(self, stream: Stream, leg: Leg) -> Retire | None:
        """Return which stored reviews a board, or a product's part of one, shows."""
        if stream.reader != "board" or not self.texts:
            return None
        board, product = stream.notes["board"], stream.notes["product"]
        of_product = {"product_id": product} if product else {}
        shop = shop_in_address(self.storefront) or DEFAULT_SHOP
        return self.shown(leg, "reviews", shop, within=f"{board}:", **of_product)

    def ask_unseen(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for the page of a review that its list did not show; the words of its address are free."""
        return self.visit(f"{self.storefront}/article/review/{about.replace(':', '/')}/")

    def ask_single(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a review that was named."""
        return self.visit(about)

    def read_single(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read it."""
        return Read(page=self.page("reviews.article", answer, board=page_reviews.article_in(about)[0]))


def _only(page: Page, *types: type) -> Page:
    """Leave only some types in a page: the reviews on a product page are read from their board."""
    kept = [(one, place) for one, place in zip(page.records, page.positions, strict=True) if isinstance(one, types)]
    page.records, page.positions = [one for one, _ in kept], [place for _, place in kept]
    return page
