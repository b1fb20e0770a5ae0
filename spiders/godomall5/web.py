"""The Godomall5 storefront spider: products, stock and reviews from the public pages of a mall, by plain HTTP."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import ConfigurationError, NotFound, PageFailed, ShopscrapeError
from shopscrape.items import Product, Review
from shopscrape.payload import Answer, Origin, Page
from shopscrape.spider import Ask, Read
from shopscrape.values import plain
from shopscrape.walks import NewestFirst, Stream, Sweep
from shopscrape.web import WebSpider
from shopscrape.windows import Leg
from spiders.godomall5 import FACTS, mapping, pages
from spiders.godomall5.mapping_reviews import BOARD, NO_REVIEWS
from spiders.godomall5.storefront import LISTS, Listing, Storefront, choices, listing_of, step_form

STEPS = 100
"""Questions at most about the options of one product; a page asks one for each value of each axis."""
AGAIN = 3
"""How often a page that ends in the middle is asked for again before it is taken for all that there is."""
BLOCK = 10
"""Pages that a paging shows at once: a number that it ends with may be the end of the block only."""
ANY = "1000000000"
"""A number of a product or post, to ask robots.txt about such pages."""

COOKIES, COOKIE = 30, 2000
"""How many of the mall's cookies are sent back, and how long one may be."""

Chosen = tuple[dict[str, Any], tuple[str, ...]]
"""What is known about a product's options, and the values chosen so far."""
Posts = tuple[tuple[str, str], ...]
"""Posts to open: number, and of an answer the number of the review that it answers."""


class Godomall5WebSpider(WebSpider):
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
    mapping: ClassVar[Any] = mapping
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
        self.found: list[Stream] = []
        """Reviews of products that were met, still to walk."""
        self.said: set[str] = set()
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
        return [*begins, front.board(BOARD, ANY)] if self._wants("reviews") else begins

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
        if self._wants("reviews") and not self.texts:
            self._say("robots.txt keeps us from opened reviews: lists tell no text of them.")

    def _wants(self, *resources: str) -> bool:
        return any(resource in self.session.resources for resource in resources)

    def _say(self, sentence: str) -> None:
        if sentence not in self.said:
            self.said.add(sentence)
            self.session.report.notice(sentence)

    def streams(self) -> Iterator[Stream]:
        """Yield the walk over products; each of them leads to the walk over its reviews."""
        begins = self._begins()
        lists = [listing for address in begins if (listing := listing_of(address))]
        within = tuple(one.code for one in lists if one.name == LISTS[0])
        whole = self.storefront.front in begins
        yield Stream(
            "product_pages", Sweep(), ("products", "inventory"), reader="pages", begins=begins,
            within=None if whole else within,
        )  # fmt: skip

    def walk(self, stream: Stream) -> Iterator[Request]:
        """Yield the first questions: one for each address that a stream begins with."""
        begins = stream.notes.get("begins")
        if not begins:
            yield from super().walk(stream)
            return
        leg = None if self.session.report.stopped else stream.next_leg()
        if leg is not None:
            # All are counted before the first is answered, so that the leg is not taken for complete.
            yield from [self.question(stream, leg, Ask(reader=stream.reader, about=address)) for address in begins]

    def _advance(self, read: Read, stream: Stream, leg: Leg) -> Iterator[Any]:
        yield from super()._advance(read, stream, leg)
        while self.found and not self.session.report.stopped:
            met = self.found.pop(0)
            met.begin(self.session)
            self.session.report.planned.add(met.name)
            self.session.report.walked.append(met.name)
            yield from self.walk(met)

    # -- products -----------------------------------------------------------------------------------------------------

    def ask_pages(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for a page: a product, a list, or the mall's first page."""
        return self.visit(about)

    def read_pages(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read a product, or follow the categories and products of another page."""
        tree, number = pages.selector(answer.body), pages.number_in(about)
        if not number:
            wanted = self._wanted(tree, listing_of(about), stream, leg)
            seen: set[str] = leg.notes.setdefault("seen", set(stream.notes["begins"]))
            fresh = [address for address in dict.fromkeys(wanted) if address not in seen]
            seen.update(fresh)
            return Read(asks=[Ask(reader="pages", about=address) for address in fresh])
        page = self.page("products.page", answer, product_id=number)
        if self._wants("reviews"):
            self._meet(tree, number, page)
        return Read(page=page, asks=self._first_steps(tree, page) if self._wants("inventory") else [])

    def _wanted(self, tree: Selector, listing: Listing | None, stream: Stream, leg: Leg) -> Iterator[str]:
        """Yield what a page leads to: its products, the next page of its list, and other categories."""
        listed = [row["goodsNo"] for row in pages.listed_products(tree) if row["goodsNo"]]
        yield from map(self.storefront.product, listed)
        if listing:
            known: set[str] = leg.notes.setdefault(f"list {listing.name} {listing.code}", set())
            # A list may repeat its last page for ever: it is at its end when it tells no product that is new to it.
            if not known.issuperset(listed) and not _ended(tree, listing.page):
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
            self._say("robots.txt keeps us from the options of several axes: their stock is not told.")
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
            self._say(f"Products with more than {STEPS} steps of options: the stock of the rest is not told.")
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

    # -- reviews ------------------------------------------------------------------------------------------------------

    def _meet(self, tree: Selector, number: str, page: Page) -> None:
        """Note which reviews of a product are to be walked; where its page counts none, only a sweep looks."""
        if pages.is_crema(tree):
            self._say("Reviews stand in the widget of Crema, another company; it is left alone.")
        counted = next((one.review_count for one in page.records if isinstance(one, Product)), None)
        if counted == 0 and not self.session.arguments.sweep:
            return
        board, plus = pages.settings(tree).get("bdGoodsReviewId") or BOARD, pages.shows_plus(tree)
        notes = {"product": number, "board": board, "plus": plus, "counted": counted}
        if board not in NO_REVIEWS:
            self.found.append(_reviews(f"reviews_of:{number}", "board", notes))
        if plus and self.plus:
            self.found.append(_reviews(f"plus_of:{number}", "plus", notes))
        elif plus:
            self._say("robots.txt keeps us from Plus Reviews.")

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
            self._say("Products count reviews that their board does not show: they stand elsewhere.")
        last = leg.notes["shown"].issuperset(shown) or _ended(tree, place)
        leg.notes["shown"].update(shown)
        leg.notes["next"] = place + 1
        leg.notes["marks"] = way.take(stream, self.session, leg, page, last=last)
        return page

    def _posts(self, tree: Selector, page: Page, leg: Leg) -> Posts:
        """Return what to open: each new review behind the answers to it, so that its record can have them all."""
        fresh, above, found = self._unread(page, leg), leg.notes["above"], []
        leg.notes["opened"].update(fresh)
        answers = pages.answers_shown(tree, above)
        for number in [above] * (above in answers) + fresh:
            if number in leg.notes["opened"]:
                found += [*((answer, number) for answer in answers.get(number, ())), (number, "")]
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

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        for told in response.headers.getlist("Set-Cookie"):
            pair, _, _ = told.decode("latin-1").partition(";")
            name, _, value = pair.partition("=")
            if name.strip() and len(pair) < COOKIE and (name.strip() in self.cookies or len(self.cookies) < COOKIES):
                self.cookies[name.strip()] = value.strip()
        outcome = self._outcome(response)
        open_end = outcome is None and ask.reader not in self.endless and pages.is_torn(response.body)
        if open_end and not self.session.report.stopped:
            if ask.tries < AGAIN:
                yield from self._again(stream, leg, ask, PageFailed("the page ends in the middle"))
                return
            self.endless.add(ask.reader)
        if ask.reader == "article" and isinstance(outcome, NotFound):
            # A review that was deleted while its list was read must not end the walk.
            self.session.report.notice(f"{stream.name}: a review that its list shows is gone.")
            yield from self._advance(self._after(stream, leg, ask.about, None), stream, leg)
            return
        yield from super()._answered(response, stream, leg, ask)

    def _outcome(self, response: Response) -> ShopscrapeError | None:
        """Return what a response means that carries no data."""
        try:
            mapping.judge(self.answer(response))
        except ShopscrapeError as why:
            return why
        return None


def _reviews(name: str, reader: str, notes: dict[str, Any]) -> Stream:
    return Stream(name, NewestFirst(key="product_id"), ("reviews",), reader=reader, **notes)


def _ended(tree: Selector, place: int) -> bool:
    """Return whether a paging names no page behind this one, unless a block of pages ends here."""
    last = pages.last_page(tree)
    return last is not None and place >= last and last % BLOCK != 0


def _number(post: str) -> int:
    return int(post) if post.isdecimal() else 0
