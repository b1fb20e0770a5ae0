"""The base of spiders that read public pages: permission, robots.txt, redirects, walls and cool-downs.

How to write a `_web` spider: a class `<Platform>WebSpider(WebSpider)` in the platform's `web.py`, or, where pages need
a browser, `RenderedSpider` of shopscrape.rendered, which can still ask for plain pages. It says:

- `facts` with `pages=Pages(…)`: hosts, courtesy pace, and `terms` where pages are off without permission;
- `starts()`: the addresses to begin with; `addresses()` gives the url argument, else the mall's `urls`;
- `streams()`, and for each reader `ask_<reader>` (return `self.visit(url)`) and `read_<reader>`, as an API spider does.

Every page passes robots.txt before it is asked for (shopscrape.robots): a refusal stops the crawl before its first
page. `await self.robots.may(url)` tells whether a call that a page makes may be made by us too. `mapping.judge` gets
every page first and raises Blocked, LoginRequired, NotHydrated or NotFound for what is no data; the first three stop
the crawl and are remembered as a cool-down, in which the next run refuses politely. Reviews are walked newest first:

    def read_reviews(self, answer, stream, leg, about):
        page = self.page("reviews.list", answer, product_id=stream.notes["product"])
        if not about:
            stream.way.begin(stream, self.session, leg)
        marks = stream.way.take(stream, self.session, leg, page, total=…, last=…)
        return self.next_page(stream, leg, page, marks, Ask(reader="reviews", about=(about or 1) + 1))

with `Stream(f"reviews_of:{product}", NewestFirst(key="product_id"), ("reviews",), reader="reviews", product=product)`.
`-a sweep=1` then walks everything, finds edits, and marks what is not there any more as gone: where the list tells its
total by that, else by the page of each review that it left out (`listed`, `ask_unseen`). What a page looked like that
spoiled its window is kept as evidence, scrubbed (shopscrape.evidence).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import msgspec
from msgspec import UNSET
from parsel import Selector
from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings

from shopscrape import evidence, values, widgets
from shopscrape.chains import Chain
from shopscrape.errors import (
    Blocked,
    ConfigurationError,
    LoginRequired,
    NotFound,
    NotHydrated,
    Refused,
    ShopscrapeError,
    Throttled,
)
from shopscrape.facts import Pages
from shopscrape.malls import OWN_STORE
from shopscrape.payload import Answer, Page
from shopscrape.report import ENOUGH
from shopscrape.robots import Robots
from shopscrape.session import Arguments
from shopscrape.spider import ApiSpider, Ask, Read
from shopscrape.walks import NewestFirst, Stream
from shopscrape.windows import Leg, Mark, Retire

REDIRECTS = 5
THROTTLED = timedelta(minutes=15)
"""How long a mall is left alone that went on refusing after all waits."""


class WebSpider(ApiSpider):
    """Reads public pages of a mall by plain HTTP."""

    access: ClassVar[str] = "web"
    robots: Robots
    meets: ClassVar[tuple[str, ...]] = ("products", "reviews")
    """Resources of which every run over a whole mall reads rows again, where there are any."""
    pause = 0.0
    """Seconds between two steps of a walk, before the mall's speed is taken into account."""
    at_hand: Response | None = None
    """The page that is being read: what spoils a window then is its doing."""

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments. Raises: ConfigurationError; Refused where pages need a permission."""
        arguments = super().check(settings, given)
        if cls.pages().terms and arguments.mall.permission != OWN_STORE:
            raise Refused(
                f"{cls.name} is off: {cls.pages().terms} If this storefront is yours, or you hold a permission, say "
                f'permission = "{OWN_STORE}" in the table of mall {arguments.mall.name}.'
            )
        return arguments

    @classmethod
    def pages(cls) -> Pages:
        """Return what is known about the platform's pages."""
        return cls.facts.pages or Pages()

    def prepare_session(self) -> None:
        """Set the pause between steps: the setting, else the least hasty of fact sheet and mall."""
        self.met: list[Stream] = []
        """Streams that pages led to, still to walk."""
        set_by_hand = self.settings.get("SHOPSCRAPE_PAUSE")
        mall = self.session.mall
        slow = mall.speed / mall.pace if mall.pace else 0.0
        try:
            self.pause = max(self.pages().pause, slow) if set_by_hand in (None, "") else max(0.0, float(set_by_hand))
        except ValueError:
            raise ConfigurationError("SHOPSCRAPE_PAUSE is a number of seconds.") from None

    def wants(self, *resources: str) -> bool:
        """Return whether any of these resources is asked for."""
        return any(resource in self.session.resources for resource in resources)

    # -- where it reads -----------------------------------------------------------------------------------------------

    def own_hosts(self) -> frozenset[str]:
        """Return the hosts (with port) that the operator's permission speaks for and that pages are read from."""
        mall = self.session.mall
        if mall.storefront_url:
            return frozenset((urlsplit(mall.storefront_url).netloc,))
        try:
            named = [host.format(**mall.native) for host in self.pages().hosts]
        except KeyError:
            named = []
        return frozenset(named or (urlsplit(url).netloc for url in (self.session.arguments.url, *mall.urls) if url))

    def addresses(self) -> list[str]:
        """Return the addresses that were named: the url argument, else the mall's urls. Raises: ConfigurationError."""
        given = [self.session.arguments.url] if self.session.arguments.url else list(self.session.mall.urls)
        hosts = self.own_hosts()
        for address in given:
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise ConfigurationError(f"{address[:80]} is no address of a page.")
            if parts.netloc not in hosts:
                raise ConfigurationError(
                    f"{parts.netloc[:60]} is not a host of mall {self.session.mall.name} ({', '.join(sorted(hosts))})."
                )
        return given

    def starts(self) -> Iterable[str]:
        """Return the addresses that this run begins with; robots.txt is asked about each before the first page."""
        return self.addresses()

    async def prepare(self) -> None:
        """Ask robots.txt about every address that the run begins with."""
        for address in self.starts():
            await self.robots.check(address)

    def visit(self, url: str, **fields: Any) -> Request:
        """Return a request for a page; whatever its status, `mapping.judge` gets it."""
        meta = {"handle_httpstatus_all": True, "dont_redirect": True} | fields.pop("meta", {})
        return Request(url, meta=meta, **fields)

    # -- what comes back ----------------------------------------------------------------------------------------------

    def page(self, kind: str, answer: Answer, **fields: Any) -> Page:
        """Return the records of a page. What a skin must show and does not is not told: what is stored stands."""
        page = super().page(kind, answer, **fields)
        for record in page.records:
            hidden = "secret" in (getattr(record, "flags", None) or ())
            for field in () if hidden else page.kind.expects:
                if getattr(record, field, UNSET) is None:
                    setattr(record, field, UNSET)
        return page

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        target = self._redirect(response)
        if target is not None:
            self.session.report.requests["redirects"] += 1
            yield target
            return
        if ask.reader == "unseen" and isinstance(self.verdict(response), NotFound):
            listed: Retire = leg.notes["unseen"]
            leg.retire.append(msgspec.structs.replace(listed, where=listed.where | {"review_id": ask.about}))
            yield from self._advance(Read(), stream, leg)
            return
        answered = super()._answered(response, stream, leg, ask)
        self.at_hand = response
        try:
            # A page is judged and read before anything is yielded, so no other one comes between.
            first = next(answered, None)
        finally:
            self.at_hand = None
        if first is not None:
            yield first
            yield from answered

    def _spoil(self, leg: Leg, why: str) -> None:
        page = self.at_hand
        if page is not None and page.body.strip():
            text = page.text if isinstance(page, TextResponse) else page.body.decode("utf-8", "replace")
            wall = self.verdict(page)
            outcome = wall.outcome if wall else "failed"
            self.keep_evidence(page.url, leg.stream, outcome, text)
        super()._spoil(leg, why)

    def keep_evidence(self, url: str, stream: str, outcome: str, html: str, picture: bytes | None = None) -> None:
        """Keep what a failed page looked like, without persons; where the disk refuses it, the crawl goes on."""
        folder = self.session.output / self.session.mall.name / "evidence"
        try:
            kept = evidence.keep(
                folder, f"{self.session.run}-{stream}-{outcome}-{evidence.mark_of(url)}", html, picture
            )
        except OSError as why:
            self.session.report.notice(f"What a failed page looked like could not be kept: {type(why).__name__}.")
            return
        self.session.report.notice(f"What {url.partition('?')[0][:120]} looked like is kept as {kept}.")

    def _advance(self, read: Read, stream: Stream, leg: Leg) -> Iterator[Any]:
        if leg.asked == 1 and not read.asks and not leg.poison:
            read.asks = self.closing(stream, leg)
        yield from super()._advance(read, stream, leg)
        while self.met and not self.session.report.stopped:
            met = self.met.pop(0)
            met.begin(self.session)
            self.session.report.planned.add(met.name)
            self.session.report.walked.append(met.name)
            yield from self.walk(met)

    def closing(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Return what is still asked when the last answer of a leg leads nowhere else.

        Of a swept list without a total these are stored reviews that it did not show: they slipped by or are gone,
        which only their own pages tell.
        """
        listed = None if "unseen" in leg.notes else self._unmet(stream, leg)
        if listed is None:
            return []
        leg.notes["unseen"] = listed
        left = set(self.session.store.unseen(listed)) - leg.notes["chain"].seen
        return [Ask(reader="unseen", about=review) for review in sorted(left)]

    def _unmet(self, stream: Stream, leg: Leg) -> Retire | None:
        """Return which stored reviews a swept list should have shown, where no total tells whether it showed all."""
        chain: Chain | None = leg.notes.get("chain")
        if not self.session.arguments.sweep or chain is None or chain.by != "end" or chain.exact or chain.torn:
            return None
        return self.listed(stream, leg)

    def listed(self, stream: Stream, leg: Leg) -> Retire | None:
        """Return which stored reviews a list shows; None where `ask_unseen` cannot ask for the page of one of them."""
        return None

    def read_unseen(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """The review is still there: its list left it out, or it came while the list was read."""
        return Read()

    def gone(self, leg: Leg, product: str, shop: str = "") -> None:
        """Note that a product has no page any more."""
        wanted = [resource for resource in ("products", "inventory") if self.wants(resource)]
        leg.retire += [self.shown(leg, resource, shop, product_id=product) for resource in wanted]

    def shown(self, leg: Leg, resource: str, shop: str = "", within: str = "", **where: str) -> Retire:
        """Return rows that pages alone told, as a leg found them: what an API told is not theirs to judge."""
        assert leg.started_at
        return Retire(
            platform=self.facts.platform, mall=self.session.mall.name, shop=shop, resource=resource, within=within,
            before=leg.started_at, where={"source": "web"} | where,
        )  # fmt: skip

    def verdict(self, response: Response) -> ShopscrapeError | None:
        """Return what a response means that carries no data."""
        try:
            self.mapping.judge(self.answer(response))
        except ShopscrapeError as why:
            return why
        return None

    def look_back(self) -> None:
        """Fall short where a run over a whole mall met nothing of what earlier ones found on many pages."""
        mall, report = self.session.mall, self.session.report
        for resource in self.meets if not self.addresses() else ():
            states = report.states.get(resource)
            if states is None or sum(states.values()) > states["gone"]:
                continue
            stored = self.session.store.count(resource, platform=self.facts.platform, mall=mall.name, source="web")
            if stored >= ENOUGH:
                report.fall_short(f"None of the {stored} {resource} of earlier runs was met: their place has moved.")

    def foreign(self, page: Selector) -> str:
        """Return the company in whose widget a page shows reviews, "" for none; the report names it, and guesses."""
        company, notice = widgets.company(page), self.session.report.notice
        if company:
            notice(f"Reviews stand in the widget of {company}, another company; it is left alone.")
        for host in widgets.guessed(page, self.own_hosts()):
            notice(f"{host[:80]} may show reviews in pages (a guess from its address); it is left alone.")
        return company

    def _redirect(self, response: Response) -> Request | None:
        """Return the request that follows a redirect within the mall's own hosts; others are judged as they are."""
        location = (response.headers.get("Location") or b"").decode("latin-1")
        if not 300 <= response.status < 400 or not location or response.request is None:
            return None
        target = urljoin(response.url, location)
        hops = response.meta.get("hops", 0) + 1
        if urlsplit(target).netloc not in self.own_hosts() or hops > REDIRECTS or response.request.method != "GET":
            return None
        # What the downloader measured belongs to the first answer.
        meta = {name: value for name, value in response.meta.items() if name != "download_latency"}
        return response.request.replace(url=target, meta=meta | {"hops": hops})

    def next_page(self, stream: Stream, leg: Leg, page: Page | None, marks: list[Mark], ask: Ask) -> Read:
        """Return what follows a page of a newest-first walk: the next question, or the end of the chain."""
        assert isinstance(stream.way, NewestFirst)
        chain: Chain = leg.notes["chain"]
        if chain.again:
            chain.restart()
            ask = Ask(reader=ask.reader, about=leg.notes.get("first"))
        if chain.done:
            self.close_chain(stream, leg)
            return Read(page=page)
        return Read(page=page, asks=[ask], marks=marks)

    def close_chain(self, stream: Stream, leg: Leg, owners: Iterable[str] = ()) -> None:
        """End a chain that has arrived: hold it against the list's own total, then let it earn its marks."""
        assert isinstance(stream.way, NewestFirst)
        chain: Chain = leg.notes["chain"]
        counted = f"{stream.name}: {len(chain.seen)} of {chain.totals[2]} reviews" if chain.totals else stream.name
        if chain.by == "end" and chain.totals:
            self.session.report.counted[0] += len(chain.seen)
            self.session.report.counted[1] += chain.totals[2]
        if chain.torn or (chain.by == "end" and not chain.complete):
            why = "rows shifted away while being paged" if chain.torn else "the rest did not come"
            self._spoil(leg, f"partial: {counted}; {why}")
            return
        stream.way.finish(stream, self.session, leg, owners or filter(None, (stream.notes.get("product", ""),)))
        # What an API told is no page's to call gone.
        leg.retire = [msgspec.structs.replace(one, where=one.where | {"source": "web"}) for one in leg.retire]
        if chain.finished() is None:
            self.session.report.notice(f"{stream.name}: the period ends above what was read before, so no mark moves.")
        if self.session.arguments.sweep and not chain.exact and self._unmet(stream, leg) is None:
            self.session.report.notice(f"{counted} were seen, so none is taken for gone.")

    def stop(self, why: ShopscrapeError) -> None:
        """End the crawl; after a wall the mall is left alone for a while, and so says the next run."""
        if self.session.report.stopped is None and isinstance(why, Blocked | LoginRequired | NotHydrated | Throttled):
            mall = self.session.mall
            after = THROTTLED if isinstance(why, Throttled) else self.pages().cool_down
            until = values.now() + after / mall.speed
            self.session.store.cool_down(self.facts.platform, mall.name, self.access, until, str(why).rstrip("."))
        super().stop(why)
