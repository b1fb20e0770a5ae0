"""The gate: a download handler that waits for its turn and sends a signed copy of what it was asked to fetch.

The response goes back under the unsigned address, so no Request that Scrapy keeps (queue, cache, log, retry) ever holds
a secret. Only hosts and paths that the fact sheet names are signed; never robots.txt, redirects or links from answers.
"""

import asyncio
import re
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import ConfigurationError
from shopscrape.facts import Limit
from shopscrape.pace import Bucket, shared
from shopscrape.session import Session

_NUMBERS = re.compile(r"(?<=/)[^/]*\d[^/]*")
"""Parts of a path that name a thing and not an API."""


class Signer(Protocol):
    """What a platform's auth.py offers the gate."""

    async def sign(self, request: Request, gate: "Gate") -> tuple[Request, int]:
        """Return a signed copy and the generation of the token that it carries; may call `gate.call` for a token."""

    def lost(self, generation: int) -> None:
        """Note that the platform refused a token of this generation, so that the next call fetches one afresh."""

    def learn(self, response: Response, bucket: Bucket) -> None:
        """Read limits from the headers of an answer; the bucket is that of the narrowest scope it passed."""


class Gate:
    """One per crawl, for http and https. Holds the buckets and the signer; the wire is Scrapy's own handler."""

    lazy = False
    wires: ClassVar[type[HTTP11DownloadHandler]] = HTTP11DownloadHandler

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.wire = self.wires.from_crawler(crawler)
        spider: Any = crawler.spider
        self.session: Session | None = getattr(spider, "session", None)
        self.signer: Signer | None = None
        self.signed: list[re.Pattern[str]] = []
        self.host = ""
        self._kept: dict[str, Bucket] = {}
        self._closed = False
        if self.session is not None:
            self.signed = [re.compile(pattern) for pattern in self.session.facts.signed]
            self.base = urlsplit(spider.base_url)
            self.host = self.base.netloc
            self.hosts = {self.host, *(urlsplit(url).netloc for url in getattr(spider, "further_urls", ()))}
            self.bucket = shared(self.session.scope("mall"), self.session.pace(), self.session.burst)
            self.signer = spider.signer
            spider.gate = self

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Gate":
        """Return the gate of a crawler."""
        made: Gate | None = getattr(crawler.spider, "gate", None)
        return made or cls(crawler)

    def below(self, request: Request) -> str:
        """Return the path of a request below the mall's base address."""
        return urlsplit(request.url).path.removeprefix(self.base.path)

    def signs(self, request: Request) -> bool:
        """Return whether a request goes to the mall's own API by a path that the fact sheet names."""
        if self.signer is None or not self.host or urlsplit(request.url).netloc not in self.hosts:
            return False
        return any(pattern.fullmatch(self.below(request)) for pattern in self.signed)

    def buckets(self, request: Request) -> list[Bucket]:
        """Return the buckets that a request passes, the mall's first, the narrowest last."""
        assert self.session is not None
        passed = [self.bucket]
        if urlsplit(request.url).netloc == self.host:
            path = self.below(request)
            for limit in self.session.facts.limits:
                if limit.scope != "mall" or limit.paths:
                    passed += self._bucket(limit, request.method, path)
        return passed

    def _bucket(self, limit: Limit, method: str, path: str) -> list[Bucket]:
        assert self.session is not None
        if limit.paths and not re.fullmatch(limit.paths, path):
            return []
        api = f":{method} {_NUMBERS.sub('*', path)}" if limit.scope == "app × API" else ""
        name = f"{self.session.scope(limit.scope)}:{limit.name}{api}"
        if name not in self._kept:
            self._kept[name] = shared(name, limit.rate * self.session.mall.speed, limit.burst)
        return [self._kept[name]]

    def pause(self, seconds: float, request: Request | None = None) -> None:
        """Let nobody of the scopes that a request passes through for a while; without one, nobody of the mall."""
        for bucket in self.buckets(request) if request else [self.bucket]:
            bucket.pause(seconds)

    async def download_request(self, request: Request) -> Response:
        """Wait for a turn, send, and read the limits that the answer tells."""
        if self.session is None:
            return await self.wire.download_request(request)
        delay = request.meta.get("wait", 0.0)
        if delay:
            await asyncio.sleep(delay)
        # The turn comes before the signature: one made before a long wait could be too old when it is used.
        buckets = await self._turn(request)
        if self.session.report.stopped:
            # A wall or a refusal was met while this one waited: nothing more is asked.
            raise IgnoreRequest("the crawl was stopped")
        if not self.signs(request):
            return await self.wire.download_request(request)
        assert self.signer is not None
        signed, generation = await self.signer.sign(request, self)
        request.meta["generation"] = generation
        with buckets[-1].sending():
            response = await self.wire.download_request(signed)
        self.signer.learn(response, buckets[-1])
        return response.replace(url=request.url, request=None)

    async def _turn(self, request: Request) -> list[Bucket]:
        buckets = self.buckets(request)
        for bucket in buckets:
            await bucket.turn()
        return buckets

    async def call(self, request: Request) -> Response:
        """Send a request of the signer's own, such as for a token; it waits its turn like any other."""
        if urlsplit(request.url).netloc != self.host:
            raise ConfigurationError("A token is only ever asked from the mall's own host.")
        await self._turn(request)
        response = await self.wire.download_request(request)
        if self.session:
            self.session.report.requests["auth"] += 1
        body = values.unmarked(response.body)
        return response if body is response.body else response.replace(body=body)

    async def close(self) -> None:
        """Close the wire, once."""
        if not self._closed:
            self._closed = True
            await self.wire.close()
