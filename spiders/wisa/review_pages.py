"""Reviews on the pages of a WISA mall: the list of all, else the list of each product; opened one by one.

Most lists show titles and no texts: these come when a review is opened, by the call that the page itself makes, or by
the page of one review where robots.txt closes the calls. Nothing is read of malls that show another company's widget.
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode

from msgspec import UNSET
from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import NotFound, PageFailed
from shopscrape.items import Record, Review
from shopscrape.payload import Answer, Page
from shopscrape.rendered import RenderedSpider
from shopscrape.spider import Ask, Read
from shopscrape.walks import NewestFirst, Stream
from shopscrape.windows import Leg
from spiders.wisa import EXEC, mapping, page_reviews, pages
from spiders.wisa.addresses import OPEN, REVIEWS, Storefront
from spiders.wisa.shapes import hash_of, json_of, number_of

BOARD, OF_PRODUCT = "review_board", "reviews_of"
_OPENED = ("text", "media", "replies")
"""What an opened review tells on top of its row."""


class ReviewPages(RenderedSpider):
    """The reviews half of the WISA page spider."""

    mapping: ClassVar[Any] = mapping
    shop: Storefront
    may: dict[str, bool]
    """Which calls of the pages' scripts robots.txt lets us make: choices, lists, reviews, opened."""
    widget = ""
    """The company in whose widget the mall shows its reviews."""

    def context(self, answer: Answer) -> dict[str, Any]:
        """Return what the mapping must know of an answer beside its body."""
        return mapping.told({"content_type": answer.content_type})

    def tree(self, answer: Answer) -> Selector:
        """Return a page, and note a mall that shows its reviews in a foreign widget."""
        tree = pages.selector(answer.body, self.context(answer).get("charset", ""))
        if not self.widget and "reviews" in self.session.resources:
            self.widget = self.foreign(tree)
        return tree

    # -- streams ------------------------------------------------------------------------------------------------------

    def board_stream(self) -> Stream:
        """Return the walk through the list of all reviews."""
        return Stream(BOARD, NewestFirst(key="source"), ("reviews",), reader="board")

    def product_stream(self, name: str) -> Stream:
        """Return the walk through the reviews of one product."""
        number, way = number_of(name) or name, NewestFirst(key="product_id")
        return Stream(f"{OF_PRODUCT}:{number}", way, ("reviews",), reader="of_product", product=number, page=name)

    def close_chain(self, stream: Stream, leg: Leg, owners: Iterable[str] = ()) -> None:
        """End a walk that has arrived; the list of all reviews speaks for every review that pages told."""
        super().close_chain(stream, leg, owners or (("web",) if stream.name == BOARD else ()))

    def _instead(self) -> Iterator[Any]:
        """Begin the walks of all products that are known, where the mall has no list of all reviews."""
        store, mine = self.session.store, (self.facts.platform, self.session.mall.name)
        known = [row["product_id"] for row in store.read("products") if (row["platform"], row["mall"]) == mine]
        self.session.report.notice(
            "The mall has no list of all reviews: they are read from the products that earlier runs stored"
            + (f", {len(known)}." if known else "; there are none yet, so the next run brings them.")
        )
        for number in known:
            stream = self.product_stream(hash_of(number) if number.isdigit() else number)
            self.session.report.planned.add(stream.name)
            self.session.report.walked.append(stream.name)
            stream.begin(self.session)
            yield from self.walk(stream)

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        # What is missing here must not end a walk, nor be taken for a missing page.
        if ask.reader == "opened" and isinstance(self.verdict(response), NotFound):
            self.session.report.notice(f"{stream.name}: a review that its list shows is gone.")
            yield from self._advance(self._opened(stream, leg, ask.about), stream, leg)
        elif ask.reader == "board" and not ask.about and isinstance(self.verdict(response), NotFound):
            yield from self._instead()
            yield from self._advance(Read(), stream, leg)
        else:
            yield from super()._answered(response, stream, leg, ask)

    # -- lists --------------------------------------------------------------------------------------------------------

    def ask_board(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a page of the list of all reviews, newest first."""
        return self.visit(self.shop.board(about or 1))

    def read_board(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read a page of the list."""
        tree = self.tree(answer)
        page = self.page("reviews.board", answer, context=self.context(answer))
        linked = bool(pages.page_numbers(tree, "rev_page"))
        return self._listed(stream, leg, about, page, tree, last=not linked)

    def ask_of_product(self, stream: Stream, leg: Leg, about: int | None) -> Request:
        """Ask for a page of the reviews of a product: by its script's call where robots.txt allows, else its page."""
        name, place = stream.notes["page"], about or 1
        if self.may["reviews"]:
            return self.visit(self.shop.piece(*REVIEWS, place, pno=name))
        return self.visit(self.shop.product(name, place))

    def read_of_product(self, answer: Answer, stream: Stream, leg: Leg, about: int | None) -> Read:
        """Read a page of them. Older engines tell how many there are."""
        if self.may["reviews"]:
            tree = mapping.KINDS["reviews.ajax"].document(answer.body, self.origin(url=answer.url))
            page = self.page("reviews.ajax", answer, product_id=stream.notes["product"])
            told = str((json_of(answer.body) or {}).get("total_cnt") or "")
            total = int(told) if told.isdigit() and len(told) < 9 else None
            return self._listed(stream, leg, about, page, tree, total=total)
        tree = self.tree(answer)
        page = only(self.page("products.page", answer, context=self.context(answer)), Review)
        if not page.records and not page_reviews.is_empty(tree) and not self.widget:
            self.session.report.notice("Reviews at products come by calls that robots.txt closes; they are not read.")
        return self._listed(stream, leg, about, page, tree, last=not pages.page_numbers(tree, "rev_page"))

    def _listed(
        self, stream: Stream, leg: Leg, about: int | None, page: Page, tree: Selector, *,
        total: int | None = None, last: bool = False,
    ) -> Read:  # fmt: skip
        """Take a page of a list, and have its new reviews opened before it goes on."""
        way = stream.way
        assert isinstance(way, NewestFirst)
        if self.widget:
            return Read()
        if "chain" not in leg.notes:
            way.begin(stream, self.session, leg)
        chain = leg.notes["chain"]
        rows = [record for record in page.records if isinstance(record, Review)]
        if not rows and not about and stream.stored(self.session)[0] and not page_reviews.is_empty(tree):
            raise PageFailed("the list shows no review where it showed some, and does not say that it is empty")
        counted = page_reviews.countdown(tree)
        if total is None and counted and chain.passes == 1:
            total = counted[0] + len(chain.seen)
        met: set[str] = leg.notes.setdefault(f"pass {chain.passes}", set())
        ended = all(row.review_id in met for row in rows)
        met.update(row.review_id for row in rows)
        if counted and (last or not ended):
            leg.notes["lowest"] = counted[1]
        leg.notes["marks"] = way.take(stream, self.session, leg, page, total=total, last=last or ended)
        if (last or ended) and leg.notes.get("lowest", 1) != 1:
            # Numbers that do not count down to 1 are no count of reviews.
            chain.totals.clear()
        kept = [row for row in page.records if isinstance(row, Review)]
        leg.notes |= {"page": page, "place": about or 1}
        return self._opened(stream, leg, (None, *self._unread(chain, kept)))

    def _unread(self, chain: Any, rows: list[Review]) -> list[Review]:
        """Return the reviews whose text is not known yet: those above the last walk's newest."""
        found = []
        for row in rows:
            if not chain.full and row.review_id == chain.stored.head:
                break
            if row.text is UNSET:
                found.append(row)
        return found

    # -- a review that is opened --------------------------------------------------------------------------------------

    def ask_opened(self, stream: Stream, leg: Leg, about: tuple[Review, ...]) -> Request:
        """Ask for the text of a review."""
        row = about[0]
        if self.may["opened"]:
            body = urlencode({"exec_file": OPEN, "exec": "view", "no": row.review_id, "urlfix": "Y"})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return self.visit(f"{self.shop.root}{EXEC}", method="POST", body=body, headers=headers)
        known = row.product_id if isinstance(row.product_id, str) else ""
        return self.visit(self.shop.review(row.review_id, hash_of(known) if known.isdigit() else known))

    def read_opened(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[Review, ...]) -> Read:
        """Read it, and open the next one."""
        row = about[0]
        page = self.page("reviews.view", answer, product_id=str(row.product_id or ""), context=self.context(answer))
        told = next((one for one in page.records if isinstance(one, Review) and one.review_id == row.review_id), None)
        if told is None:
            self.session.report.notice("Opened reviews show no text where it was looked for (unverified markup).")
        for name in _OPENED if told is not None else ():
            if getattr(row, name) is UNSET:
                setattr(row, name, getattr(told, name))
        return self._opened(stream, leg, about)

    def _opened(self, stream: Stream, leg: Leg, about: tuple[Any, ...]) -> Read:
        """Open the next review of a page; then store the page and go on with the list."""
        if about[1:]:
            return Read(asks=[Ask(reader="opened", about=about[1:])])
        ask = Ask(reader=stream.reader, about=leg.notes["place"] + 1)
        return self.next_page(stream, leg, leg.notes["page"], leg.notes["marks"], ask)


def only(page: Page, *types: type[Record]) -> Page:
    """Leave only some types in a page, as if it had shown nothing else."""
    kept = [(one, place) for one, place in zip(page.records, page.positions, strict=True) if isinstance(one, types)]
    page.records, page.positions = [one for one, _ in kept], [place for _, place in kept]
    # The product is the first row of its page, reviews are those below.
    goods = Review not in types
    page.failed = [one for one in page.failed if (one.position == 0) == goods]
    page.size = min(page.size, 1) if goods else max(page.size - 1, 0)
    return page
