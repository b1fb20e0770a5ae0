"""The base of every spider: arguments, session, and the walk from a question to a Batch and the next question."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import compress
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from shopscrape import values
from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    AuthLost,
    CapReached,
    ConfigurationError,
    Empty,
    NotFound,
    OneNotFound,
    PageFailed,
    ResourceRefused,
    ShopscrapeError,
    StopPlatform,
    Throttled,
)
from shopscrape.facts import FactSheet
from shopscrape.logs import fault
from shopscrape.payload import Answer, Origin, Page, read_page
from shopscrape.session import Arguments, Session, read_arguments
from shopscrape.walks import Stream, Windowed
from shopscrape.windows import Batch, Leg, Mark

TRIES = 6
"""How often one question is asked before its window is given up; waits grow 1, 2, 4, 8, 16 s between them."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question of a stream: which ask_/read_ pair serves it, and what it is about."""

    reader: str
    about: Any = None
    """The page or the ids asked for."""
    tries: int = 0
    fresh: int = 0
    """How often it was asked again with a fresh token."""


class Read(msgspec.Struct, kw_only=True):
    """What a read_ method found: records, and the questions that follow."""

    page: Page | None = None
    asks: list[Ask] = []
    marks: list[Mark] = []


class MallSpider(Spider):
    """What API and rendered spiders share: arguments, session, report, the way of a stop."""

    facts: ClassVar[FactSheet]
    mapping: ClassVar[ModuleType]
    access: ClassVar[str] = "api"
    offers: ClassVar[tuple[str, ...]] = ()
    """Resources that it can give."""
    elsewhere: ClassVar[Mapping[str, str]] = {}
    """Resources that another spider of the platform gives, and its name."""
    further_urls: tuple[str, ...] = ()
    """Addresses of further API hosts of the platform; what goes there is signed too."""

    session: Session
    signer: Any = None
    gate: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "MallSpider":
        """Check the arguments and open the session before anything else starts."""
        arguments = cls.check(crawler.settings, kwargs)
        session = Session(crawler.settings, cls.facts, cls.access, arguments, cls.name)
        try:
            spider = super().from_crawler(crawler)
            spider.session = session
            spider.prepare_session()
        except BaseException as why:
            session.refuse(why)
            raise
        crawler.signals.connect(spider._broke, signals.spider_error)
        crawler.signals.connect(spider._closed, signals.spider_closed)
        crawler.signals.connect(spider._stopped, signals.engine_stopped)
        return spider

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments. Raises: ConfigurationError."""
        return read_arguments(settings, cls.facts, cls.access, cls.offers, given, cls.elsewhere)

    def prepare_session(self) -> None:
        """Platforms make their signer here."""

    @property
    def base_url(self) -> str:
        """Return the address that API paths are appended to, without a slash at its end."""
        return self.session.mall.base_url.rstrip("/") or f"https://{self.facts.hosts[0]}".format(
            **self.session.mall.native
        )

    def origin(self, **fields: Any) -> Origin:
        """Return where a payload of this crawl came from; the fields fill in what only its request knew."""
        zone = self.session.mall.zone if self.session.mall.timezone else self.facts.zone
        return Origin(
            platform=self.facts.platform, mall=self.session.mall.name, source=self.access,
            collected_at=values.now(), zone=zone,
            **{"currency": self.session.mall.currency or self.facts.currency} | fields,
        )  # fmt: skip

    def look_back(self) -> None:
        """Platforms say here what a finished run should make a person think about."""

    def lighter(self, ask: Ask, why: ShopscrapeError) -> Ask:
        """Return the question to ask instead of one that failed; the same, unless a platform knows a lighter one."""
        return ask

    def split(self, stream: Stream, leg: Leg, ask: Ask) -> list[Ask]:
        """Return smaller questions that together stand for one whose answer cannot be read; none where it is whole."""
        return []

    def stop(self, why: ShopscrapeError) -> None:
        """End the crawl with the error's outcome; requests still queued are dropped."""
        first = self.session.report.stopped is None
        self.session.report.stop(why)
        if first:
            reason = getattr(why, "outcome", "failed")
            closing = self.crawler.engine.close_spider_async(reason=reason)
            self._closing = asyncio.get_running_loop().create_task(closing)

    def _broke(self, failure: Failure) -> None:
        """A mistake of ours in a callback: its window keeps its mark, and the run ends non-zero."""
        assert failure.value is not None
        self.session.report.fall_short(f"A callback failed: {fault(failure.value)}.")

    def _closed(self, spider: Spider, reason: str) -> None:
        report = self.session.report
        report.floor = self.facts.requests_at_least(report.walked, report.read, report.asked)
        report.floor += self.facts.least if self.access == "api" else 1  # robots.txt
        if reason == "finished" and not report.stopped:
            try:
                self.look_back()
            except Exception as why:
                report.fall_short(f"The look back at the whole crawl failed: {fault(why)}.")
            if report.unanswered and not report.shortfalls:
                # Scrapy and its middlewares drop some requests without an error; their windows kept their marks.
                report.fall_short(f"{report.unanswered} questions got no answer at all: something dropped them.")
        self.session.finish(reason)
        prefix = f"shopscrape/{self.facts.platform}"
        for resource, states in self.session.report.states.items():
            for state, count in states.items():
                self.crawler.stats.set_value(f"{prefix}/{resource}/{state}", count)
        for stream, count in self.session.report.requests.items():
            self.crawler.stats.set_value(f"{prefix}/requests/{stream}", count)
        self.crawler.stats.set_value(f"{prefix}/dead_letters", self.session.report.dead)
        self.crawler.stats.set_value(f"{prefix}/shortfalls", len(self.session.report.shortfalls))
        for level, sentence in report.sentences():
            self.logger.log(level, sentence)

    def _stopped(self) -> None:
        self.session.close()


class ApiSpider(MallSpider):
    """Walks the streams of a platform's API.

    A platform says `streams()` and, for each reader, `ask_<reader>(stream, leg, about) -> Request` and
    `read_<reader>(answer, stream, leg, about) -> Read`.
    """

    def streams(self) -> Iterable[Stream]:
        """Return the streams that the asked resources need in this run."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Ask what must be known before the first stream, such as the shops of a mall."""

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first question of every stream. What goes wrong here ends the run non-zero, never silently."""
        try:
            await self.prepare()
            streams = list(self.streams())
        except ShopscrapeError as why:
            self.stop(why)
            return
        except Exception as why:
            # Scrapy would log it and end with status 0.
            self.session.report.fall_short(f"The crawl could not begin: {fault(why)}.")
            return
        self.session.report.planned = {stream.name for stream in streams}
        for stream in streams:
            stream.begin(self.session)
            self.session.report.walked.append(stream.name)
            for request in self.walk(stream):
                yield request

    def walk(self, stream: Stream) -> Iterator[Request]:
        """Yield the first questions of the stream's next leg, if there is one and the crawl goes on."""
        leg = None if self.session.report.stopped else stream.next_leg()
        if leg is not None:
            # All are counted before the first is answered, so that the leg is not taken for complete.
            yield from [self.question(stream, leg, ask) for ask in self.beginning(stream, leg)]

    def beginning(self, stream: Stream, leg: Leg) -> list[Ask]:
        """Return the questions that a leg begins with: the stream's note `begins`, else its reader's."""
        return stream.notes.get("begins") or [Ask(reader=stream.reader)]

    def question(self, stream: Stream, leg: Leg, ask: Ask, wait: float = 0.0) -> Request:
        """Return the request of a question, counted as on its way."""
        if first := not ask.tries and not ask.fresh:
            leg.asked += 1
            leg.unstored += 1
            self.session.report.unanswered += 1
        request: Request = getattr(self, f"ask_{ask.reader}")(stream, leg, ask.about)
        asked = stream.family if ask.reader == stream.reader else f"{stream.family}.{ask.reader}"
        self.session.report.requests[asked] += 1
        self.session.report.asked[asked] += first
        return request.replace(
            callback=self._answered, errback=self._failed, dont_filter=True,
            cb_kwargs={"stream": stream, "leg": leg, "ask": ask},
            meta=request.meta | ({"wait": wait} if wait else {}),
        )  # fmt: skip

    def call(self, path: str, query: Mapping[str, Any] | None = None, **fields: Any) -> Request:
        """Return an unsigned request to a path of the mall's API; robots.txt does not speak for these."""
        told = {key: value for key, value in (query or {}).items() if value is not None}
        url = f"{self.base_url}{path}" + (f"?{urlencode(told, safe=',:')}" if told else "")
        return Request(
            url, meta={"dont_obey_robotstxt": True, "handle_httpstatus_all": True, "dont_redirect": True}, **fields
        )

    async def fetch(self, request: Request, name: str = "prepare") -> Answer:
        """Return the answer to a single question outside of any stream, asked again while the platform says so."""
        lost, said = 0, ""
        for tries in range(TRIES):
            self.session.report.requests[name] += 1
            wait = 2.0**tries / self.session.mall.speed
            asked = request.replace(dont_filter=True)
            try:
                response = await self.crawler.engine.download_async(asked)
                answer = self.answer(response)
                with suppress(Empty):
                    self.mapping.judge(answer)
                return answer
            except AuthLost as why:
                said = str(why)
                self.signer.lost(asked.meta.get("generation", 0))
                lost += 1
                if lost > 3:
                    raise AuthFailed(f"{self.facts.title} refuses a fresh token: {why}") from None
            except AskAgain as why:
                said = str(why)
                self.gate.pause(max(getattr(why, "wait", 0.0) / self.session.mall.speed, wait), asked)
            except ShopscrapeError:
                raise
            except Exception as why:
                if tries == TRIES - 1 or self.gate is None:
                    raise PageFailed(f"{name}: {type(why).__name__} after {tries + 1} tries") from None
                self.gate.pause(wait)
        raise PageFailed(f"{name}: {said} ({TRIES} tries)")

    def answer(self, response: Response) -> Answer:
        """Return a response as the mapping sees it."""
        headers = {
            name.decode("latin-1").lower(): b",".join(got).decode("latin-1") for name, got in response.headers.items()
        }
        body = values.unmarked(response.body)
        return Answer(body, response.status, headers.get("content-type", ""), headers, response.url)

    def page(self, kind: str, answer: Answer, **fields: Any) -> Page:
        """Return the records of an answer; the fields go into its Origin."""
        return read_page(self.mapping.KINDS[kind], answer.body, self.origin(url=answer.url, **fields))

    def _answered(self, response: Response, stream: Stream, leg: Leg, ask: Ask) -> Iterator[Any]:
        if self.session.report.stopped:
            leg.spoil("the crawl was stopped")
            return
        read = Read()
        try:
            answer = self.answer(response)
            with suppress(Empty):
                self.mapping.judge(answer)
            read = getattr(self, f"read_{ask.reader}")(answer, stream, leg, ask.about)
        except AuthLost as why:
            yield from self._afresh(stream, leg, ask, response, why)
            return
        except AskAgain as why:
            yield from self._again(stream, leg, ask, why, response.request)
            return
        except NotFound as why:
            read = Read(asks=self.split(stream, leg, ask) if isinstance(why, OneNotFound) else [])
            if not read.asks:
                self.session.report.notice(f"{stream.name}: what was asked for is gone.")
        except CapReached as why:
            if not stream.way.halve(stream, self.session, leg):
                self._spoil(leg, f"{leg.stream} {leg.window}: {why}")
            else:
                leg.marks, leg.retire = [], []
        except PageFailed as why:
            if ask.tries < 2:
                yield from self._again(stream, leg, ask, why)
                return
            if asks := self.split(stream, leg, ask):
                read = Read(asks=asks)
            elif isinstance(stream.way, Windowed) and stream.way.halve(stream, self.session, leg):
                leg.marks = []
            else:
                self._spoil(leg, f"{leg.stream} {leg.window}: {why}")
        except StopPlatform as why:
            self._spoil(leg, str(why))
            self.session.report.refused.add(stream.name)
            if not isinstance(why, ResourceRefused) or self.session.report.refused >= self.session.report.planned:
                self.stop(why)
                return
        yield from self._advance(read, stream, leg)

    def _advance(self, read: Read, stream: Stream, leg: Leg) -> Iterator[Any]:
        # Follow-ups are counted before the batch goes out, so that the sink cannot take the leg for complete.
        follow = [self.question(stream, leg, ask) for ask in read.asks]
        leg.asked -= 1
        self.session.report.unanswered -= 1
        if read.page:
            self.count(stream, read.page)
        batch = Batch(leg, read.page, read.marks)
        yield batch
        yield from follow
        if leg.asked == 0:
            self._finished(stream, leg)
            yield from self.walk(stream) if not leg.poison else ()

    def count(self, stream: Stream, page: Page) -> None:
        """Note in the report what a page brought, and keep only rows of the asked resources."""
        report = self.session.report
        report.tally.update(page.tally)
        report.read[stream.name] += page.size
        report.cover(page)
        wanted = self.session.resources
        kept = [record.resource in wanted for record in page.records]
        page.records = list(compress(page.records, kept))
        page.positions = list(compress(page.positions, kept))

    def _finished(self, stream: Stream, leg: Leg) -> None:
        state = f"NOT finished: {leg.poison}" if leg.poison else "read"
        self.logger.info(f"{stream.name}{f' shop {stream.shop}' if stream.shop else ''} {leg.window}: {state}")

    def _spoil(self, leg: Leg, why: str) -> None:
        leg.spoil(why)
        self.session.report.fall_short(why)

    def _again(
        self, stream: Stream, leg: Leg, ask: Ask, why: ShopscrapeError, request: Request | None = None
    ) -> Iterator[Any]:
        wait = 2.0**ask.tries / self.session.mall.speed
        if isinstance(why, Throttled):
            self.crawler.stats.inc_value(f"shopscrape/{self.facts.platform}/throttled")
            wait = max(why.wait / self.session.mall.speed, wait)
            self.gate.pause(wait, request)
            wait = 0.0
        if ask.tries + 1 >= TRIES + 6 * isinstance(why, Throttled):
            self._spoil(leg, f"{leg.stream} {leg.window}: {why} ({ask.tries + 1} tries)")
            yield from self._advance(Read(), stream, leg)
            return
        ask = msgspec.structs.replace(self.lighter(ask, why), tries=ask.tries + 1)
        yield self.question(stream, leg, ask, wait)

    def _afresh(self, stream: Stream, leg: Leg, ask: Ask, response: Response, why: AuthLost) -> Iterator[Any]:
        request = response.request
        self.signer.lost(request.meta.get("generation", 0) if request else 0)
        if ask.fresh >= 3:
            self._spoil(leg, str(why))
            self.stop(AuthFailed(f"{self.facts.title} refuses a fresh token: {why}"))
            return
        yield self.question(stream, leg, msgspec.structs.replace(ask, fresh=ask.fresh + 1))

    def _failed(self, failure: Failure) -> Iterator[Any]:
        """The network failed, or the signer did; errors of ours stop the crawl, others are asked again."""
        request: Request = failure.request  # type: ignore[attr-defined]
        stream, leg, ask = (request.cb_kwargs[name] for name in ("stream", "leg", "ask"))
        why = failure.value
        if isinstance(why, (StopPlatform, ConfigurationError)):
            leg.spoil(str(why))
            self.stop(why)
            return
        if self.session.report.stopped:
            leg.spoil("the crawl was stopped")
            return
        told = why if isinstance(why, ShopscrapeError) else AskAgain(f"network: {type(why).__name__}")
        yield from self._again(stream, leg, ask, told)
