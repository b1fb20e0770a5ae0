"""robots.txt: asked before any page, obeyed, and overridden only for a storefront that the operator states is theirs.

Authenticated calls say `dont_obey_robotstxt`; robots.txt does not speak for them. For pages, feeds and sitemaps:
disallowed or unreachable (no answer, 429, 5xx) means that the crawl stops with a sentence before the page is asked for;
missing (other 4xx) means allowed. Crawl-delay and Request-rate slow the mall's pace. `permission = "own-store"` in the
malls file overrides both for the mall's own hosts, and the run report says so.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from shopscrape.errors import Refused
from shopscrape.malls import OWN_STORE

MOST = 512 << 10
"""Bytes of a robots.txt that are read."""
TRIES = 3


class Rules(msgspec.Struct):
    """What a host's robots.txt says; `parsed` is None where it could not be read."""

    parsed: Any = None
    why: str = ""
    """Why it could not be read."""


class Robots:
    """Downloader middleware; one per crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self.obey = crawler.settings.getbool("ROBOTSTXT_OBEY")
        spider: Any = crawler.spider
        self.spider = spider
        self.session: Any = getattr(spider, "session", None)
        self._hosts: dict[str, asyncio.Task[Rules]] = {}
        if self.session is not None:
            spider.robots = self

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        """Build for a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a page pass, or stop the crawl. Raises: Refused; IgnoreRequest for spiders that are not ours."""
        if request.meta.get("dont_obey_robotstxt") or not request.url.startswith(("http:", "https:")):
            return
        if self.session is None:
            if self.obey and await self.why_not(request.url):
                raise IgnoreRequest("Forbidden by robots.txt")
            return
        await self.check(request.url)

    async def check(self, url: str) -> None:
        """Raise Refused when a page may not be read; where the permission overrides that, the report says so."""
        why = await self.why_not(url)
        if not why:
            return
        if self.permitted(url):
            self.session.report.notice(
                f"robots.txt of {urlsplit(url).netloc} disallows pages that were read all the same, because mall "
                f'{self.session.mall.name} states permission = "{OWN_STORE}".'
            )  # fmt: skip
            return
        raise Refused(
            f"{why}, so nothing is read there. If this storefront is yours, or you hold a permission, say "
            f'permission = "{OWN_STORE}" in the table of mall {self.session.mall.name}.'
        )

    async def may(self, url: str) -> bool:
        """Return whether an address may be asked for, such as a page's own call that we could also do without."""
        return not await self.why_not(url) or self.permitted(url)

    def permitted(self, url: str) -> bool:
        """Return whether the operator's permission speaks for an address: for the mall's own hosts alone."""
        return self.session.mall.permission == OWN_STORE and urlsplit(url).netloc in self.spider.own_hosts()

    async def why_not(self, url: str) -> str:
        """Return why robots.txt keeps us from an address, or an empty text."""
        parts = urlsplit(url)
        rules = await self.rules(f"{parts.scheme}://{parts.netloc}")
        if rules.parsed is None:
            return f"robots.txt of {parts.netloc} cannot be read ({rules.why})"
        if not rules.parsed.can_fetch(url, self.agent):
            return f"robots.txt of {parts.netloc} disallows {parts.path[:80] or '/'}"
        return ""

    async def rules(self, host: str) -> Rules:
        """Return the rules of a host, asked for once. Shape: "https://example.com"."""
        if host not in self._hosts:
            self._hosts[host] = asyncio.get_running_loop().create_task(self._read(host))
        # Shielded: whoever waits may be cancelled, the others wait on.
        return await asyncio.shield(self._hosts[host])

    async def _read(self, host: str) -> Rules:
        why = ""
        for tries in range(TRIES):
            if tries:
                await asyncio.sleep(2.0 ** (tries - 1) / self._speed)
            response, why = await self._ask(host)
            if response is not None:
                text = response.body[:MOST].decode("utf-8", "replace") if response.status < 400 else ""
                rules = Rules(parsed=Protego.parse(text))
                self._slow_down(host, rules.parsed)
                return rules
        return Rules(why=why)

    async def _ask(self, host: str) -> tuple[Response | None, str]:
        meta = {"dont_obey_robotstxt": True, "handle_httpstatus_list": list(range(400, 600)), "download_timeout": 15}
        request = Request(f"{host}/robots.txt", meta=meta, priority=1000, callback=NO_CALLBACK, dont_filter=True)
        if self.session is not None:
            self.session.report.requests["robots.txt"] += 1
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as why:
            # Whatever the network does: without an answer nothing is allowed.
            return None, f"no answer, {type(why).__name__}"
        if response.status == 429 or response.status >= 500:
            return None, f"status {response.status}"
        return response, ""

    @property
    def _speed(self) -> float:
        return float(self.session.mall.speed) if self.session is not None else 1.0

    def _slow_down(self, host: str, parsed: Any) -> None:
        if self.session is None:
            return
        delay, rate = parsed.crawl_delay(self.agent), parsed.request_rate(self.agent)
        seconds = max(float(delay or 0), rate.seconds / rate.requests if rate and rate.requests else 0.0)
        if seconds <= 0:
            return
        bucket = self.spider.gate.bucket
        bucket.learn(self._speed / seconds)
        bucket.burst = 1
        self.spider.pause = max(self.spider.pause, seconds)
        self.session.report.notice(f"robots.txt of {urlsplit(host).netloc} asks for {seconds:g} s between requests.")
