"""The reviews of a MakeShop storefront: power review of each product, and the boards that are named.

Rating comments stand on the product's page and are read with it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import msgspec
from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import LoginRequired, NotFound, PageFailed, ShopscrapeError
from shopscrape.items import Review
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import NewestFirst, Stream
from shopscrape.web import WebSpider
from shopscrape.windows import Leg, Retire
from spiders.makeshop import POWER_BOARD, mapping, page_reviews, pages
from spiders.makeshop.storefront import Post, Storefront, linked_posts

AGAIN = 3
"""How often a page that ends in the middle is asked for again before it is taken for all that there is."""
ENDS = (b"</html", b"</urlset", b"</sitemapindex")


class ReviewPages(WebSpider):
    """Walks reviews; what it walks is decided in web.py."""

    mapping: ClassVar[Any] = mapping
    storefront: Storefront
    power_board = POWER_BOARD
    """The board that power reviews are numbered under."""
    texts = power = True
    """Whether robots.txt lets us read posts, and power reviews."""
    endless = False
    """Whether the mall's pages have no end to look for."""

    def page(self, kind: str, answer: Answer, **fields: Any) -> Page:
        """Return the records of a page, which knows the charset of its answer and who speaks for the mall."""
        operators = self.session.mall.native.get("operators", ())
        context = {"content_type": answer.content_type, "operators": operators, "storefront": self.storefront.host}
        return super().page(kind, answer, context=context, **fields)

    # -- reviews of a product -----------------------------------------------------------------------------------------

    def _meet(self, tree: Selector, number: str, page: Page) -> None:
        """Note that a product's power reviews are to be walked; the page keeps its rating comments alone then."""
        self.foreign(tree)
        if not self.power or not pages.has_power(tree):
            return
        kept = [
            (one, place) for one, place in zip(page.records, page.positions, strict=True)
            if not isinstance(one, Review) or one.synthetic
        ]  # fmt: skip
        page.records, page.positions = [one for one, _ in kept], [place for _, place in kept]
        counted = pages.power_count(tree)
        if counted == 0 and not self.session.arguments.sweep:
            return
        if self.power_board == POWER_BOARD:
            board = page_reviews.board_of(tree.css("[id^=power_review_block]"))
            told = f"; pictures of one stand in {board}" if board.rpartition("_board")[2].isdigit() else ""
            self.session.report.notice(f"Say power_board, so that power reviews join those of the API{told}.")
        way = NewestFirst(key="product_id")
        self.met.append(
            Stream(f"power_of:{number}", way, ("reviews",), reader="power", product=number, counted=counted)
        )

    def ask_power(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a page of a product's power reviews, newest first, as its page does."""
        product = stream.notes["product"]
        headers = {"Referer": self.storefront.product(product)}
        return self.visit(self.storefront.power(product, about or 1), headers=headers)

    def read_power(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read them, then what was written below the new ones, then go on."""
        product, place = stream.notes["product"], about or 1
        page = self.page("reviews.power", answer, board=self.power_board, product_id=product)
        ended = mapping.is_last(mapping.document(answer))
        kind = mapping.KINDS["reviews.power"]
        rows = list(kind.rows(kind.document(answer.body, page.origin), page.origin))
        answered = {
            f"{self.power_board}:{row['num1']}:00000": row["num1"]
            for row in rows if "".join(filter(str.isdigit, str(row.get("comments") or ""))).strip("0")
        }  # fmt: skip
        numbers = self._take(stream, leg, page, place, ended, stream.notes["counted"])
        about_them = [answered[number] for number in numbers if number in answered]
        if about_them:
            return Read(page=page, asks=[Ask(reader="comments", about=tuple(about_them))])
        return self._onward(stream, leg, page)

    def _take(
        self, stream: Stream, leg: Leg, page: Page, place: int, ended: bool, total: int | None = None
    ) -> list[str]:
        """Add a page to the walk; return the numbers of reviews whose texts and answers are not known yet."""
        way = stream.way
        assert isinstance(way, NewestFirst)
        if place == 1:
            way.begin(stream, self.session, leg)
            leg.notes["shown"] = set()
        chain, shown = leg.notes["chain"], leg.notes["shown"]
        numbers = [record.review_id for record in page.records if isinstance(record, Review)]
        last, fresh = ended or shown.issuperset(numbers), set(numbers) - shown
        shown.update(numbers)
        leg.notes["marks"] = way.take(stream, self.session, leg, page, total=total, last=last)
        leg.notes["next"] = place + 1
        # A list that repeats its last page shows nothing that is to be opened again.
        kept = [one.review_id for one in page.records if isinstance(one, Review) and one.review_id in fresh]
        known = chain.stored.head
        return kept[: kept.index(known)] if not chain.full and known in kept else kept

    def ask_comments(self, stream: Stream, leg: Leg, about: tuple[str, ...]) -> Request:
        """Ask for what was written below a power review."""
        headers = {"Referer": self.storefront.product(stream.notes["product"])}
        return self.visit(self.storefront.comments(about[0]), headers=headers)

    def read_comments(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[str, ...]) -> Read:
        """Read it, then go on with the next review."""
        return self._after(stream, leg, about, self.page("reviews.power_comments", answer, board=self.power_board))

    # -- boards -------------------------------------------------------------------------------------------------------

    def ask_board(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a page of a board, newest posts first."""
        return self.visit(self.storefront.board(stream.notes["board"], about or 1))

    def read_board(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read a page of a list, then the pages of its new posts, then go on."""
        page = self.page("reviews.board_list", answer, board=stream.notes["board"])
        numbers = self._take(stream, leg, page, about or 1, False)
        links = linked_posts(pages.selector(answer.body, answer.content_type)) if self.texts else {}
        posts = [links[number] for number in numbers if number in links]
        if not self.texts:
            self.session.report.notice("robots.txt keeps us from single posts: lists tell no text of them.")
        if posts:
            return Read(page=page, asks=[Ask(reader="post", about=tuple(posts))])
        return self._onward(stream, leg, page)

    def ask_post(self, stream: Stream, leg: Leg, about: tuple[Post, ...]) -> Request:
        """Ask for the page of one post."""
        return self.visit(self.storefront.post(about[0]))

    def read_post(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[Post, ...]) -> Read:
        """Read a post with its text, then the next one."""
        return self._after(stream, leg, about, self.page("reviews.board_page", answer, board=about[0].board))

    def ask_single(self, stream: Stream, leg: Leg, about: Post) -> Request:
        """Ask for a post that was named."""
        return self.visit(self.storefront.post(about))

    def read_single(self, answer: Answer, stream: Stream, leg: Leg, about: Post) -> Read:
        """Read it."""
        return Read(page=self.page("reviews.board_page", answer, board=about.board))

    def close_chain(self, stream: Stream, leg: Leg, owners: Iterable[str] = ()) -> None:
        """End a walk that has arrived; reviews of a product in other systems stay."""
        super().close_chain(stream, leg, owners)
        leg.retire = [msgspec.structs.replace(one, within=f"{self.power_board}:") for one in leg.retire]

    # -- going on -----------------------------------------------------------------------------------------------------

    def _after(self, stream: Stream, leg: Leg, about: tuple[Any, ...], page: Page | None) -> Read:
        if about[1:]:
            return Read(
                page=page, asks=[Ask(reader="post" if stream.reader == "board" else "comments", about=about[1:])]
            )
        return self._onward(stream, leg, page)

    def _onward(self, stream: Stream, leg: Leg, page: Page | None) -> Read:
        """Go on with the list; the marks of its last page wait until what belongs to its reviews is read."""
        return self.next_page(stream, leg, page, leg.notes["marks"], Ask(reader=stream.reader, about=leg.notes["next"]))

    def listed(self, stream: Stream, leg: Leg) -> Retire | None:
        """Return which stored reviews a board shows. The list of power reviews tells its total."""
        if stream.reader != "board" or not self.texts:
            return None
        return self.shown(leg, "reviews", within=f"{stream.notes['board']}:")

    def ask_unseen(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a post that its board did not show."""
        return self.visit(self.storefront.post(Post(*about.split(":"))))

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        if self._is_torn(response):
            # A page that was cut off shows less and does not say so, so it is asked for again before anything counts.
            if ask.tries < AGAIN:
                yield from self._again(stream, leg, ask, PageFailed("the answer ends in the middle"))
                return
            # A skin that never closes its pages; asking each one four times would help nobody.
            self.endless = self.endless or b"branduid" in response.body
        why = self.verdict(response) if ask.reader in ("post", "comments", "sitemap") else None
        if ask.reader == "sitemap" and isinstance(why, NotFound):
            yield from self._advance(Read(), stream, leg)
            return
        if ask.reader != "sitemap" and (isinstance(why, NotFound) or _is_locked(why)):
            # One post that was deleted or locked while its list was read must not end the walk.
            self.session.report.notice(f"{stream.name}: a review that its list shows cannot be opened.")
            yield from self._advance(self._after(stream, leg, ask.about, None), stream, leg)
            return
        yield from super()._answered(response, stream, leg, ask)

    def _is_torn(self, response: Response) -> bool:
        """Return whether a page or a sitemap lacks its end."""
        body = response.body.strip()
        if response.status != 200 or self.endless or self.session.report.stopped or not body.startswith(b"<"):
            return False
        return not any(end in body[-4096:].lower() for end in ENDS)


def _is_locked(why: ShopscrapeError | None) -> bool:
    return isinstance(why, LoginRequired) and why.code == "password"
