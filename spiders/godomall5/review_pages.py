"""Reviews on the pages of a Godomall5 mall: fragments of a product's board and of Plus Review, newest first.

The rows of the board have no text: it stands in the opened post, as the seller's answers stand in posts of their own.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import NotFound
from shopscrape.items import Product, Review
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.values import plain
from shopscrape.walks import NewestFirst, Stream
from shopscrape.web import WebSpider
from shopscrape.windows import Leg, Retire
from spiders.godomall5 import mapping, pages
from spiders.godomall5.mapping_reviews import BOARD, NO_REVIEWS
from spiders.godomall5.storefront import Storefront

BLOCK = 10
"""Pages that a paging shows at once: a number that it ends with may be the end of the block only."""

Posts = tuple[tuple[str, str], ...]
"""Posts to open: number, and of an answer the number of the review that it answers."""


class ReviewPages(WebSpider):
    """The reviews half of the Godomall5 page spider."""

    mapping: ClassVar[Any] = mapping
    storefront: Storefront
    texts: bool
    plus: bool
    """Whether robots.txt lets us read opened reviews, and Plus Reviews."""

    def _meet(self, tree: Selector, number: str, page: Page) -> None:
        """Note which reviews of a product are to be walked; where its page counts none, only a sweep looks."""
        self.foreign(tree)
        counted = next((one.review_count for one in page.records if isinstance(one, Product)), None)
        if counted == 0 and not self.session.arguments.sweep:
            return
        board, plus = pages.settings(tree).get("bdGoodsReviewId") or BOARD, pages.shows_plus(tree)
        notes = {"product": number, "board": board, "plus": plus, "counted": counted}
        if board not in NO_REVIEWS:
            self.met.append(_reviews(f"reviews_of:{number}", "board", notes))
        if plus and self.plus:
            self.met.append(_reviews(f"plus_of:{number}", "plus", notes))
        elif plus:
            self.session.report.notice("robots.txt keeps us from Plus Reviews.")

    def _fragment(self, address: str, stream: Stream) -> Request:
        return self.visit(address, headers={"Referer": self.storefront.product(stream.notes["product"])})

    def ask_board(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a fragment of the reviews of a product, newest first."""
        notes = stream.notes
        return self._fragment(self.storefront.board(notes["board"], notes["product"], about or 1), stream)

    def read_board(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read a fragment, then the opened posts of its new reviews and of the answers to them, then go on."""
        page = self._taken("reviews.page", answer, stream, leg, about)
        posts = self._posts(pages.selector(answer.body), page, leg) if self.texts else ()
        if posts:
            return Read(page=page, asks=[Ask(reader="article", about=posts)])
        return self._onward(stream, leg, page)

    def ask_plus(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a fragment of the Plus Reviews of a product."""
        return self._fragment(self.storefront.plus(stream.notes["product"], about or 1), stream)

    def read_plus(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read a fragment of Plus Review, then go on."""
        return self._onward(stream, leg, self._taken("reviews.plus", answer, stream, leg, about))

    def _taken(self, kind: str, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Page:
        """Return the records of a fragment, added to the walk."""
        way, place, tree = stream.way, about or 1, pages.selector(answer.body)
        assert isinstance(way, NewestFirst)
        page = self.page(kind, answer, product_id=stream.notes["product"], board=stream.notes["board"])
        if not about:
            way.begin(stream, self.session, leg)
            leg.notes |= {"shown": set(), "opened": set(), "answers": {}, "above": ""}
        shown = pages.posts_shown(tree)
        if stream.reader == "plus" and shown != sorted(shown, key=_number, reverse=True):
            # How Plus Reviews are sorted is not known; sorted otherwise, only the end of the list ends the walk.
            leg.notes["chain"].ordered = False
        if place == 1 and not shown and not stream.notes["plus"] and stream.notes["counted"]:
            self.session.report.notice("Products count reviews that their board does not show: they stand elsewhere.")
        last = leg.notes["shown"].issuperset(shown) or ended(tree, place)
        leg.notes["shown"].update(shown)
        leg.notes["next"] = place + 1
        leg.notes["marks"] = way.take(stream, self.session, leg, page, last=last)
        return page

    def _posts(self, tree: Selector, page: Page, leg: Leg) -> Posts:
        """Return what to open: each new review behind the answers to it, so that its record can have them all."""
        fresh, above, found = self._unread(page, leg), leg.notes["above"], []
        opened: set[str] = leg.notes["opened"]
        # A fragment that repeats the one before begins with answers to another review than the last one's.
        answers = {
            number: told for number, all_ in pages.answers_shown(tree, above).items()
            if (told := [answer for answer in all_ if answer not in opened])
        }  # fmt: skip
        opened.update(fresh)
        for number in [above] * (above in answers) + fresh:
            if number in opened:
                found += [*((answer, number) for answer in answers.get(number, ())), (number, "")]
        opened.update(answer for answer, review in found if review)
        leg.notes["above"] = next((row["sno"] for row in reversed(pages.board_rows(tree))), above)
        return tuple(found)

    @staticmethod
    def _unread(page: Page, leg: Leg) -> list[str]:
        """Return the numbers of reviews whose text is not known yet: those above the last walk's newest."""
        chain, found = leg.notes["chain"], []
        for record in page.records:
            if not isinstance(record, Review):
                continue
            if not chain.full and record.review_id == chain.stored.head:
                break
            if record.flags == []:
                found.append(record.review_id.rpartition(":")[2])
        return found

    def ask_article(self, stream: Stream, leg: Leg, about: Posts) -> Request:
        """Ask for an opened review, or for an opened answer."""
        return self._fragment(self.storefront.article(stream.notes["board"], about[0][0]), stream)

    def read_article(self, answer: Answer, stream: Stream, leg: Leg, about: Posts) -> Read:
        """Read a review with its text, or keep an answer until its review is read; then the next one."""
        (number, answered), notes, answers = about[0], stream.notes, leg.notes["answers"]
        if answered:
            for row in pages.opened_review(pages.selector(answer.body)):
                if text := plain(row["content"]):
                    answers.setdefault(answered, {})[number] = text
            return self._after(stream, leg, about, None)
        context = {"answers": list(answers.get(number, {}).values())}
        page = self.page("reviews.article", answer, product_id=notes["product"], board=notes["board"], context=context)
        return self._after(stream, leg, about, page)

    def _after(self, stream: Stream, leg: Leg, about: Posts, page: Page | None) -> Read:
        if about[1:]:
            return Read(page=page, asks=[Ask(reader="article", about=about[1:])])
        return self._onward(stream, leg, page)

    def _onward(self, stream: Stream, leg: Leg, page: Page | None) -> Read:
        """Go on with the list; the marks of its last page wait until the texts of that page are read."""
        return self.next_page(stream, leg, page, leg.notes["marks"], Ask(reader=stream.reader, about=leg.notes["next"]))

    def listed(self, stream: Stream, leg: Leg) -> Retire | None:
        """Return which stored reviews the board of a product shows; Plus Reviews have no page of their own."""
        if stream.reader != "board" or not self.texts:
            return None
        within = f"{stream.notes['board']}:"
        return self.shown(leg, "reviews", within=within, product_id=stream.notes["product"])

    def ask_unseen(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a review that its board did not show."""
        return self._fragment(self.storefront.article(stream.notes["board"], about.rpartition(":")[2]), stream)

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        if ask.reader == "article" and isinstance(self.verdict(response), NotFound):
            # A review that was deleted while its list was read must not end the walk.
            self.session.report.notice(f"{stream.name}: a review that its list shows is gone.")
            yield from self._advance(self._after(stream, leg, ask.about, None), stream, leg)
            return
        yield from super()._answered(response, stream, leg, ask)


def _reviews(name: str, reader: str, notes: dict[str, Any]) -> Stream:
    return Stream(name, NewestFirst(key="product_id"), ("reviews",), reader=reader, **notes)


def ended(tree: Selector, place: int) -> bool:
    """Return whether a paging names no page behind this one, unless a block of pages ends here."""
    last = pages.last_page(tree)
    return last is not None and place >= last and last % BLOCK != 0


def _number(post: str) -> int:
    return int(post) if post.isdecimal() else 0
