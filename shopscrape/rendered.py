"""The base of spiders that read pages through a real browser.

A rendered question is walked while its page is open, in a coroutine of the spider, and the page goes to nobody else:

    class FooWebSpider(RenderedSpider):
        hears = re.compile(r"/api/reviews")              # the page's own answers that the walk wants

        def ask_reviews(self, stream, leg, about):
            return self.render(stream.notes["url"])

        async def walk_reviews(self, visit, stream, leg, about) -> Read:
            chain = stream.way.begin(stream, self.session, leg)
            while not chain.done:
                heard = await visit.next()                 # None after `patience` seconds without an answer
                page = self.page("reviews", heard.answer, product_id=…)
                marks = stream.way.take(stream, self.session, leg, page, total=…, last=…)
                await self.put(stream, leg, page, marks)   # stored before the walk goes on: memory stays flat
                await visit.pause()                        # the pace of a walk
                await visit.page.click(…)
            self.close_chain(stream, leg)
            return Read()

Without a `walk_<reader>` the page is rendered until its network is quiet, judged, and its HTML goes to `read_<reader>`
as if it had come by plain HTTP; `self.visit(url)` asks for it by plain HTTP. Before any walk `mapping.judge` gets the
page. A walk that fails (a cut page, a browser that was killed) is begun again a few times, and `way.begin` then goes on
from the marks that its stored rows earned. What a failed page looked like is kept as evidence, scrubbed.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from re import Pattern
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page as Tab
from playwright.async_api import Request as Asked
from playwright.async_api import Response as Told
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy_playwright.page import PageMethod
from twisted.python.failure import Failure

from shopscrape import evidence, values
from shopscrape.browser import PATIENCE, Browser, hindrance
from shopscrape.errors import (
    AskAgain,
    Blocked,
    ConfigurationError,
    Empty,
    LoginRequired,
    NotFound,
    NotHydrated,
    PageFailed,
    ShopscrapeError,
    StopPlatform,
)
from shopscrape.gate import Gate
from shopscrape.payload import Answer, Page
from shopscrape.session import Arguments
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream
from shopscrape.web import WebSpider
from shopscrape.windows import Batch, Leg, Mark

__all__ = ["Heard", "RenderedGate", "RenderedSpider", "Visit"]

_WEB = ("http", "https")
AGAIN = 3
"""How often a page that fails as a whole is walked."""


class RenderedGate(Gate):
    """The same gate, with a browser on the wire; clicks inside a page are paced by the walk."""

    wires = Browser

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Scrapy 2.19 takes a whole queue for free slots before the first of its downloads counts, so its own limit
        # lets more pages through than it says.
        self.seats = asyncio.Semaphore(crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") or 1)

    async def download_request(self, request: Request) -> Response:
        """Wait for a seat, then for a turn; plain pages need no seat."""
        if not request.meta.get("playwright"):
            return await super().download_request(request)
        async with self.seats:
            return await super().download_request(request)


class Heard(NamedTuple):
    """An answer that a page got for itself, and what it had asked."""

    answer: Answer
    method: str
    asked: str
    """The body of its question."""


class _Over(Exception):
    """The crawl ends, or the store refuses rows: the walk stops where it is."""


def moved_to(address: str) -> Answer:
    """Return the answer that sends to another page, for `mapping.judge` to say what that means."""
    return Answer(b"<html></html>", 302, "text/html", {"location": address}, address)


class Visit:
    """One page while it is open."""

    page: Tab

    def __init__(self, spider: "RenderedSpider", url: str) -> None:
        self.spider = spider
        self.url = url
        """Where the page is now, redirects followed."""
        self.status = 200
        self.read = Read()
        """What the walk leaves for the crawl to go on with."""
        self.challenged = False
        """The page asked for something that only a security check asks for."""
        self._heard: asyncio.Queue[Heard | None] = asyncio.Queue()
        self._reading: set[asyncio.Task[None]] = set()

    async def attach(self, page: Tab, request: Request) -> None:
        """Listen to a page before it is asked for."""
        self.page, self.request = page, request
        for event, handler in self._events():
            page.on(event, handler)

    def _events(self) -> Iterable[tuple[Any, Any]]:
        return (
            ("request", self._on_request), ("response", self._on_response),
            ("crash", self._on_end), ("close", self._on_end),
        )  # fmt: skip

    def _on_request(self, asked: Asked) -> None:
        challenge = self.spider.challenge
        if challenge is not None and challenge.search(asked.url):
            self.challenged = True
        if asked.is_navigation_request() and asked.frame == self.page.main_frame and asked.url.startswith("http"):
            self.url = asked.url

    def _on_response(self, told: Told) -> None:
        if told.request.is_navigation_request():
            if told.frame == self.page.main_frame:
                self.url, self.status = told.url, told.status
        elif self.spider.hears is not None and self.spider.hears.search(told.url):
            task = asyncio.get_running_loop().create_task(self._hear(told))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    def _on_end(self, *_: Any) -> None:
        self._heard.put_nowait(None)

    async def _hear(self, told: Told) -> None:
        body = b""
        with suppress(PlaywrightError):
            body = await told.body()
        headers = {name: value for name, value in told.headers.items() if name in ("content-type", "retry-after")}
        answer = Answer(values.unmarked(body), told.status, headers.get("content-type", ""), headers, told.url)
        self.request.meta["heard"] = self.request.meta.get("heard", 0) + 1
        self._heard.put_nowait(Heard(answer, told.request.method, told.request.post_data or ""))

    async def next(self, patience: float | None = None) -> Heard | None:
        """Return the next answer that the page got, or None when none came in time. Raises: AskAgain, page lost."""
        try:
            heard = await asyncio.wait_for(self._heard.get(), patience or self.spider.patience)
        except TimeoutError:
            self.going()
            return None
        self.going()
        if heard is None:
            raise AskAgain("the page was lost")
        return heard

    async def answer(self) -> Answer:
        """Return the page as it stands now."""
        return Answer((await self.page.content()).encode(), self.status, "text/html; charset=utf-8", {}, self.url)

    async def pause(self, seconds: float | None = None) -> None:
        """Wait between two steps of a walk; scaled by the mall's speed."""
        wait = self.spider.pause if seconds is None else seconds
        await asyncio.sleep(wait / self.spider.session.mall.speed)
        self.going()

    def going(self) -> None:
        """Leave the walk when the crawl ends, or when the page has become a wall."""
        if self.spider.ending():
            raise _Over("the crawl ended inside this window")
        if self.challenged:
            raise Blocked(f"{self.spider.facts.title} shows a security check; a person must look at it.")
        now = urlsplit(self.page.url)
        if now.scheme == "chrome-error" or (now.scheme in _WEB and now.netloc not in self.spider.own_hosts()):
            self.spider.mapping.judge(moved_to(self.url))
            raise AskAgain("the page went elsewhere")

    async def leave(self) -> None:
        """Stop listening and leave the page: its scripts end, and what it held is free."""
        with suppress(PlaywrightError, TimeoutError, AttributeError):
            for event, handler in self._events():
                self.page.remove_listener(event, handler)
            await asyncio.wait_for(self.page.goto("about:blank"), PATIENCE)
        for task in list(self._reading):
            task.cancel()


class RenderedSpider(WebSpider):
    """Walks pages in a browser; see the top of this file."""

    hears: ClassVar[Pattern[str] | None] = None
    """Addresses whose answers a walk gets from `visit.next()`."""
    challenge: ClassVar[Pattern[str] | None] = None
    """Addresses that only a security check asks for."""
    patience = 15.0
    """Seconds that a walk waits for an answer of the page."""
    custom_settings = {
        # Plain pages and rendered ones pass one gate. (scrapy-playwright needs the asyncio reactor, the project's own.)
        "DOWNLOAD_HANDLERS": {
            "http": "shopscrape.rendered.RenderedGate", "https": "shopscrape.rendered.RenderedGate",
            "file": None, "ftp": None, "s3": None,
        },
        # A page at a time: a shop is read as a visitor would.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        # The browser sends its own headers; Scrapy's beside them would fit no browser.
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        # Without it a page that never answers holds its tab for good.
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 30_000,
        # A browser that was killed is started again.
        "PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER": True,
    }  # fmt: skip

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments. Raises: ConfigurationError, also where there is no browser."""
        arguments = super().check(settings, given)
        if why := hindrance():
            raise ConfigurationError(f"{cls.name} needs a browser, and {why}.")
        return arguments

    def prepare_session(self) -> None:
        """Begin to count what was read."""
        super().prepare_session()
        self.patience = self.settings.getfloat("SHOPSCRAPE_PATIENCE") or self.patience
        self.opened = 0
        """Pages that showed data in this run."""

    def render(self, url: str, **fields: Any) -> Request:
        """Return a request for a page that is walked in the browser."""
        return self.visit(url, meta={"playwright": True} | fields.pop("meta", {}), **fields)

    def question(self, stream: Stream, leg: Leg, ask: Ask, wait: float = 0.0) -> Request:
        """Return the request of a question; a rendered one carries its walk."""
        request = super().question(stream, leg, ask, wait)
        if not request.meta.get("playwright"):
            return request
        visit = Visit(self, request.url)
        walk = {
            "visit": visit, "playwright_page_init_callback": visit.attach,
            "playwright_page_methods": [PageMethod(self._walked, visit, stream, leg, ask)],
        }  # fmt: skip
        # What is asked again goes first, so that a wall around all pages is found after two of them.
        return request.replace(meta=request.meta | walk, priority=request.priority + ask.tries)

    def ending(self) -> bool:
        """Return whether the crawl is being closed, so that no walk goes on."""
        slot = getattr(self.crawler.engine, "_slot", None)
        return bool(self.session.report.stopped) or slot is None or slot.closing is not None

    # -- the walk -----------------------------------------------------------------------------------------------------

    async def _walked(self, page: Tab, visit: Visit, stream: Stream, leg: Leg, ask: Ask) -> None:
        """Walk a page that has just been opened, and leave it: whatever follows works without it."""
        try:
            visit.read = await self._walk(visit, stream, leg, ask)
            self.opened += 1
        except NotFound:
            self.session.report.notice(f"{stream.name}: what was asked for is gone.")
        except _Over as why:
            leg.spoil(str(why))
        except (ShopscrapeError, PlaywrightError) as why:
            await self._keep_evidence(visit, stream, why)
            if isinstance(why, Blocked):
                # At once: another page waits for the seat of this one.
                self.stop(why)
            raise
        finally:
            await visit.leave()

    async def _walk(self, visit: Visit, stream: Stream, leg: Leg, ask: Ask) -> Read:
        walk = getattr(self, f"walk_{ask.reader}", None)
        if walk is None:
            await self.settle(visit)
        answer = await visit.answer()
        with suppress(Empty):
            self.mapping.judge(answer)
        visit.going()
        read: Read = (
            getattr(self, f"read_{ask.reader}")(answer, stream, leg, ask.about)
            if walk is None
            else await walk(visit, stream, leg, ask.about)
        )
        return read

    async def settle(self, visit: Visit) -> None:
        """Wait until a page without a walk of its own has stopped asking, or looks done."""
        with suppress(PlaywrightError):
            await visit.page.wait_for_load_state("networkidle", timeout=PATIENCE * 1000)

    async def put(self, stream: Stream, leg: Leg, page: Page | None, marks: Iterable[Mark] = ()) -> None:
        """Send the rows of one answer through the pipelines and wait until they are stored, while the page stays open.

        This is Scrapy's own way for an item that belongs to no response: pipelines, signals and feeds see a Batch as
        from a callback. The walk waits, so memory holds one batch of it, and a mark never overtakes its rows.
        """
        leg.unstored += 1
        if page is not None:
            self.count(stream, page)
        batch = Batch(leg, page, list(marks))
        await self.crawler.engine.scraper.start_itemproc_async(batch, response=None)
        if leg.poison or self.ending():
            raise _Over(leg.poison or "the crawl ended inside this window")

    async def _keep_evidence(self, visit: Visit, stream: Stream, why: BaseException) -> None:
        picture = None
        if isinstance(why, Blocked):
            with suppress(PlaywrightError, TimeoutError):
                picture = await asyncio.wait_for(self._picture(visit.page), 2 * PATIENCE)
        with suppress(PlaywrightError, TimeoutError):
            html = await asyncio.wait_for(visit.page.content(), PATIENCE)
            self.keep_evidence(visit.url, stream.name, getattr(why, "outcome", "failed"), html, picture)

    @staticmethod
    async def _picture(page: Tab) -> bytes:
        for frame in page.frames:
            await frame.evaluate(evidence.UNIMPORTANT)
        return await page.screenshot(type="jpeg", quality=40, timeout=PATIENCE * 1000, style=evidence.INVISIBLE)

    # -- what comes back ----------------------------------------------------------------------------------------------

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        visit: Visit | None = response.meta.get("visit")
        if visit is None:
            yield from super()._answered(response, stream, leg, ask)
        elif self.session.report.stopped:
            leg.spoil("the crawl was stopped")
        else:
            yield from self._advance(visit.read, stream, leg)

    def _failed(self, failure: Failure) -> Iterator[Any]:
        request: Request = failure.request  # type: ignore[attr-defined]
        visit: Visit | None = request.meta.get("visit")
        if visit is None or self.session.report.stopped:
            yield from super()._failed(failure)
            return
        stream, leg, ask = (request.cb_kwargs[name] for name in ("stream", "leg", "ask"))
        why: Any = failure.value
        if isinstance(why, PlaywrightError):
            why = self._meaning(visit, why)
        if isinstance(why, NotHydrated) and ask.tries == 0:
            # Once more: its scripts may have been slow.
            why = AskAgain(str(why))
        if isinstance(why, LoginRequired | NotHydrated) and self.opened:
            # Other pages of this run showed data, so this one alone is shut.
            self._give_up(leg, f"{stream.name}: {why}")
            yield from self._advance(Read(), stream, leg)
        elif isinstance(why, StopPlatform | ConfigurationError):
            leg.spoil(str(why))
            self.stop(why)
        elif isinstance(why, ShopscrapeError) and (not isinstance(why, PageFailed) or ask.tries + 1 < AGAIN):
            yield from self._again(stream, leg, ask, why, request)
        else:
            self._give_up(leg, f"{stream.name}: {why if isinstance(why, ShopscrapeError) else type(why).__name__}")
            yield from self._advance(Read(), stream, leg)

    def _give_up(self, leg: Leg, why: str) -> None:
        self._spoil(leg, why)

    def _meaning(self, visit: Visit, why: PlaywrightError) -> ShopscrapeError:
        """Return what an error of the browser means: a wall that it was sent to, or something to try again."""
        try:
            self.mapping.judge(moved_to(visit.url))
        except StopPlatform as wall:
            return wall
        except ShopscrapeError:
            pass
        return AskAgain(f"browser: {type(why).__name__}")
