"""The Naver SmartStore page spider: reviews of products, out of the page's own answers, in a real browser."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from parsel import Selector
from scrapy import Request

from shopscrape.chains import Chain
from shopscrape.errors import ConfigurationError, NotHydrated, PageFailed, Throttled
from shopscrape.payload import Answer, Page
from shopscrape.rendered import Heard, RenderedSpider, Visit
from shopscrape.spider import Ask, Read
from shopscrape.walks import NewestFirst, Stream, Sweep
from shopscrape.windows import Leg
from spiders.naver import FACTS, mapping, mapping_reviews, mapping_storefront, steps
from spiders.naver.mapping_pages import CHALLENGE, IN_ADDRESS, dialog_items, judge_call, legacy_items

WAITS = (30.0, 60.0, 120.0)
"""Seconds to wait after each refusal of a review page; recovery took about 90, and about every 99 pages."""
TICK = 0.1
"""Seconds between two looks at a page that is filling itself."""
SOON = 3.0
"""Seconds that something which usually comes at once is waited for."""
DOM_PAGES = 100
"""Pages read from the DOM at most: a dialog of thousands of items becomes very slow."""


class NaverWebSpider(RenderedSpider):
    """Collects the reviews of SmartStore products from their pages; no API gives them.

    Domain: https://smartstore.naver.com/{store}/products/{no} and the same on brand.naver.com.
    Resources: reviews; inventory as far as the page tells it.
    Credentials: none; the mall must state permission = "own-store".
    Arguments: mall, url (one product page), resources, since, sweep.
    Limits: one page at a time, 2 s between pages of reviews; Naver often blocks a first visit all the same.
    Caveats: robots.txt and the terms forbid it without permission. Edited and vanished reviews are found by sweep=1.
    API documentation: none; the review endpoints belong to the page and are never called by this spider.
    """

    name = "naver_web"
    facts = FACTS
    mapping: ClassVar[Any] = mapping
    offers = ("reviews", "inventory")
    hears = re.compile(f"{mapping_reviews.REVIEWS.pattern}|{mapping_storefront.PRODUCT.pattern}")
    challenge = CHALLENGE
    # Few pages are taken ahead, so that a shell is looked at again before many more are opened.
    custom_settings = RenderedSpider.custom_settings | {"CONCURRENT_REQUESTS": 2}

    # -- which pages --------------------------------------------------------------------------------------------------

    def starts(self) -> list[str]:
        """Return the product pages of this run: named ones, else those of the products that the store knows.

        Those that were read longest ago come first, so that a run that is cut short every time starves none.
        """
        pages = self.addresses() or [self.page_of(*known) for known in self.known()]
        if not pages:
            raise ConfigurationError(
                f"Mall {self.session.mall.name} names no product page: give -a url=…, write urls = […] into the malls "
                "file, or run naver_api first, whose products are then read."
            )
        marks = self.session.store.marks(self.facts.platform, self.session.mall.name)
        ends = {mark.stream: mark.finished_at for mark in marks if mark.finished_at}
        return sorted(pages, key=lambda page: str(ends.get(f"reviews_of:{_number(page)}", "")))

    def known(self) -> list[tuple[str, str | None]]:
        """Return number and address of the products that the API told."""
        return self.session.store.product_pages(self.facts.platform, self.session.mall.name)

    def page_of(self, number: str, address: str | None) -> str:
        """Return the page of a product: on the storefront of the malls file, else where the API says it is."""
        mall = self.session.mall
        parts = urlsplit(address or "")
        told = parts.path if _number(parts.path) == number and not parts.path.startswith("/main/") else ""
        if mall.storefront_url:
            base = urlsplit(mall.storefront_url)
            store = base.path.strip("/") or mall.native.get("store", "")
            path = f"/{store}/products/{number}" if store else told
            if path:
                return f"{base.scheme}://{base.netloc}{path}"
        elif told and parts.netloc in self.own_hosts():
            return f"https://{parts.netloc}{told}"
        elif mall.native.get("store"):
            return f"https://{self.pages().hosts[0]}/{mall.native['store']}/products/{number}"
        raise ConfigurationError(
            f'Mall {mall.name} needs a line store = "…", the part of its address after smartstore.naver.com/.'
        )

    def streams(self) -> Iterator[Stream]:
        """Yield one stream for each product."""
        for url in self.starts():
            number = _number(url)
            if not number:
                raise ConfigurationError(f"{url[:100]} is no product page: its path ends in /products/ and a number.")
            if "reviews" in self.session.resources:
                way = NewestFirst(key="product_id")
                yield Stream(f"reviews_of:{number}", way, ("reviews",), reader="reviews", url=url, product=number)
            else:
                yield Stream(f"page_of:{number}", Sweep(), ("inventory",), reader="product", url=url, product=number)

    def ask_reviews(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Open the product page."""
        return self.render(stream.notes["url"])

    ask_product = ask_reviews

    # -- the walk -----------------------------------------------------------------------------------------------------

    async def walk_product(self, visit: Visit, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read what the page tells about stock."""
        page, _, _ = await self.product(visit, stream)
        return Read(page=page)

    async def walk_reviews(self, visit: Visit, stream: Stream, leg: Leg, about: Any) -> Read:
        """Walk the reviews down to the head, a batch for each of their pages."""
        page, product, early = await self.product(visit, stream)
        if page is not None and not about and "inventory" in self.session.resources:
            await self.put(stream, leg, page)
        assert isinstance(stream.way, NewestFirst)
        # A list whose rows shifted is walked again with the same chain; one that failed begins with the marks.
        chain: Chain = leg.notes["chain"] if about else stream.way.begin(stream, self.session, leg)
        if about:
            chain.restart()
        if not chain.done:
            await self.reviews(visit, stream, leg, chain, product, early)
        if chain.again:
            return Read(asks=[Ask(reader="reviews", about=chain.passes)])
        if chain.done:
            # A group's page lists reviews of its members; of a member that it shows none of it says nothing.
            members = set(mapping_storefront.members(product).values()) & leg.notes.get("shown", set())
            self.close_chain(stream, leg, sorted(members | {stream.notes["product"]}))
        return Read()

    async def product(self, visit: Visit, stream: Stream) -> tuple[Page | None, dict[str, Any], list[Heard]]:
        """Return the page's product as rows and raw, once its scripts have filled it, and reviews heard meanwhile."""
        early: list[Heard] = []
        told: dict[str, Any] = {}
        answer = Answer(b"")
        for tick in range(int(self.patience / TICK)):
            if not told:
                answer = answer._replace(body=await steps.state(visit.page), url=visit.url)
                told = mapping_storefront.in_state(_decoded(answer.body), stream.notes["product"]) or {}
            # The state leaves out the options, so for stock the page's own call is waited for, a little.
            if told and ("inventory" not in self.session.resources or "optionUsable" in told or tick > SOON / TICK):
                break
            if heard := await visit.next(TICK):
                if mapping_reviews.REVIEWS.search(heard.answer.url):
                    early.append(heard)
                elif mapping_storefront.hydrated(found := _decoded(heard.answer.body)):
                    return self._told(stream, "products.xhr", heard.answer, found), found, early
        # A page without any state may still show its reviews; one whose state stayed a shell never will.
        shell = any((_decoded(answer.body) or {}).get(name) for name in ("product", "simpleProductForDetailPage"))
        if not told and (shell or not await steps.to_reviews(visit.page)):
            raise NotHydrated(f"The page of product {stream.notes['product']} stayed the shell that its scripts fill.")
        return (self._told(stream, "products.state", answer, told) if told else None), told, early

    def _told(self, stream: Stream, kind: str, answer: Answer, product: dict[str, Any]) -> Page:
        number = stream.notes["product"]
        if not mapping_storefront.tells(product, number):
            raise PageFailed("the page tells another product than its address")
        return self.page(kind, answer, product_id=number)

    async def reviews(
        self, visit: Visit, stream: Stream, leg: Leg, chain: Chain, product: dict[str, Any], early: list[Heard]
    ) -> None:
        """Open the list, sort it and walk its pages until the chain has arrived."""
        total = _total(product)
        if total == 0:
            chain.page([], total=0, last=True)
            return
        kind, heard = await self._open(visit, early[-1] if early else None)
        heard = await self._newest_first(visit, chain, heard)
        if heard is None:
            await self._from_dom(visit, stream, leg, chain, kind, total)
            return
        number = 1
        while heard is not None:
            if heard.answer.status != 200:
                heard = await self._refused(visit, stream, leg, kind, number, heard)
                continue
            last = await self._take(stream, leg, chain, heard)
            if chain.done or chain.again or last:
                return
            await visit.pause()
            number += 1
            heard = await self._next(visit, kind, number, chain.ordered)
            if heard is None:
                self._partial(stream, leg, "no further page came")

    async def _open(self, visit: Visit, heard: Heard | None) -> tuple[str, Heard | None]:
        """Bring the list of all reviews to the front; return the generation of the DOM and the last answer heard."""
        await steps.to_reviews(visit.page)
        kind = ""
        for _ in range(int(self.patience / TICK)):
            kind = await steps.generation(visit.page)
            if kind == "B" or (kind and heard):
                break
            heard = await self._review(visit, TICK) or heard
        if kind == "B":
            await steps.show_all(visit.page)
            for _ in range(int(self.patience / TICK)):
                # Only when it shows reviews: a page that is still busy with them may not notice the next click.
                if await steps.opened(visit.page):
                    break
                heard = await self._review(visit, TICK) or heard
                if heard is not None and heard.answer.status != 200:
                    break
        return kind, heard

    async def _newest_first(self, visit: Visit, chain: Chain, heard: Heard | None) -> Heard | None:
        """Choose newest first; return the first page in that order, or of an order that cannot be changed."""
        chosen = await steps.sort_newest(visit.page)
        if chosen == "none":
            heard = heard or await self._review(visit)
            if heard is not None and heard.answer.status == 200:
                listing = mapping_reviews.listing(_decoded(heard.answer.body))
                chain.ordered = steps.asked(heard)[0] == steps.NEWEST or listing.newest_first
            return heard
        if chosen == "chosen" and heard is not None and _is_first(heard):
            return heard
        for _ in range(2):
            while (newer := await self._review(visit)) is not None:
                heard = newer
                if newer.answer.status != 200 or _is_first(newer):
                    return newer
            # A page that is busy may not notice a click.
            await steps.resort(visit.page)
        if heard is not None:
            raise PageFailed("newest first was chosen, and the page did not ask for it")
        return None

    async def _review(self, visit: Visit, patience: float | None = None) -> Heard | None:
        """Return the next answer of the review list, passing over the product's."""
        while (heard := await visit.next(patience)) is not None:
            if mapping_reviews.REVIEWS.search(heard.answer.url):
                return heard
        return None

    async def _take(self, stream: Stream, leg: Leg, chain: Chain, heard: Heard) -> bool:
        """Store a page of reviews; return whether it says that it is the last."""
        assert isinstance(stream.way, NewestFirst)
        page = self.page("reviews", heard.answer, product_id=stream.notes["product"])
        listing = mapping_reviews.listing(_decoded(heard.answer.body))
        last = listing.last is True or not page.size or (
            listing.page is not None and listing.pages is not None and listing.page >= listing.pages
        )  # fmt: skip
        marks = stream.way.take(stream, self.session, leg, page, total=listing.total, last=last)
        leg.notes.setdefault("shown", set()).update(getattr(record, "product_id", "") for record in page.records)
        await self.put(stream, leg, page, marks)
        self.session.report.requests["review pages"] += 1
        return last

    async def _next(self, visit: Visit, kind: str, number: int, ordered: bool) -> Heard | None:
        """Go to a page of reviews and return its answer, which may be a refusal; None when none comes, twice."""
        for _ in range(2):
            if number > 1:
                await steps.next_page(visit.page, kind, number)
            else:
                await steps.resort(visit.page)
            while (heard := await self._review(visit)) is not None:
                sort, asked = steps.asked(heard)
                # A page may go back to its own order at any time; such answers are none of the walk.
                fits = asked in (number, None) and (not ordered or sort in (steps.NEWEST, ""))
                if heard.answer.status != 200 or fits:
                    return heard
        return None

    async def _refused(
        self, visit: Visit, stream: Stream, leg: Leg, kind: str, number: int, heard: Heard
    ) -> Heard | None:
        """Wait as long as recovery was seen to take and let the page ask again; give up after the last wait."""
        for wait in WAITS:
            judge_call(heard.answer)
            if heard.answer.status != 429:
                raise PageFailed(f"the page's own call got status {heard.answer.status}")
            self.session.report.notice("Naver refused review pages for a while, and the walk waited.")
            await visit.pause(wait)
            again = await self._next(visit, kind, number, leg.notes["chain"].ordered)
            if again is None or again.answer.status == 200:
                return again
            heard = again
        self._partial(stream, leg, f"its pages are still refused after {sum(WAITS):g} s of waiting")
        self.stop(Throttled(f"Naver still refuses review pages after {sum(WAITS):g} s of waiting."))
        return None

    def _partial(self, stream: Stream, leg: Leg, why: str) -> None:
        chain: Chain = leg.notes["chain"]
        total = chain.totals[2] if chain.totals else "?"
        self._spoil(leg, f"partial: {stream.name}: {len(chain.seen)} of {total} reviews; {why}")

    # -- the DOM, where no answer could be heard ----------------------------------------------------------------------

    async def _from_dom(
        self, visit: Visit, stream: Stream, leg: Leg, chain: Chain, kind: str, total: int | None
    ) -> None:
        assert isinstance(stream.way, NewestFirst)
        chain.ordered = await steps.sort_newest(visit.page) == "chosen"
        total = await steps.count(visit.page) or total
        for _ in range(int(SOON / TICK)):
            if _shown(await visit.answer(), kind):
                break
            await visit.pause(TICK)
        seen = 0
        for number in range(1, DOM_PAGES + 1):
            answer = await visit.answer()
            form = "reviews.modal" if kind == "B" else "reviews.page"
            page = self.page(form, answer, product_id=stream.notes["product"])
            fresh = page.size - (seen if kind == "B" else 0)
            if number == 1 and not page.size:
                raise PageFailed("the page shows no reviews and asked for none")
            if kind == "B":
                keep = [place >= seen for place in page.positions]
                page.records = [record for record, kept in zip(page.records, keep, strict=True) if kept]
                page.positions = [place for place, kept in zip(page.positions, keep, strict=True) if kept]
                seen = page.size
            went = fresh > 0 and await self._turn(visit, kind, number + 1, answer)
            marks = stream.way.take(stream, self.session, leg, page, total=total, last=not went)
            await self.put(stream, leg, page, marks)
            if not went or chain.done or chain.again:
                return
        self._partial(stream, leg, f"the page itself is read for {DOM_PAGES} pages at most")

    async def _turn(self, visit: Visit, kind: str, number: int, before: Answer) -> bool:
        """Turn a page of the DOM; return whether it shows other reviews then."""
        await visit.pause()
        if not await steps.next_page(visit.page, kind, number):
            return False
        shown = _shown(before, kind)
        for _ in range(10):
            await visit.pause(0.5)
            if _shown(await visit.answer(), kind) != shown:
                return True
        return False


def _is_first(heard: Heard) -> bool:
    """Return whether an answer is the first page, newest first."""
    sort, number = steps.asked(heard)
    return number in (1, None) and sort in (steps.NEWEST, "")


def _number(address: str) -> str:
    found = IN_ADDRESS.search(urlsplit(address).path)
    return found[1] if found else ""


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _total(product: dict[str, Any]) -> int | None:
    amount = product.get("reviewAmount")
    told = amount.get("totalReviewCount") if isinstance(amount, dict) else None
    return told if isinstance(told, int) else None


def _shown(answer: Answer, kind: str) -> list[str]:
    """Return the reviews that a page shows, to be compared."""
    page = Selector(text=answer.body.decode("utf-8", "replace"), type="html")
    items = dialog_items(page) if kind == "B" else legacy_items(page)
    return ["".join(item.xpath(".//text()").getall()) for item in items]
