"""The gate: a download handler that waits for its turn and sends a signed copy of what it was asked to fetch.

The response goes back under the unsigned address, so no Request that Scrapy keeps (queue, cache, log, retry) ever holds
a secret. Only hosts and paths that the fact sheet names are signed; never robots.txt, redirects or links from answers.
"""

import asyncio
import re
from typing import Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from shopscrape.errors import ConfigurationError
from shopscrape.pace import Bucket
from shopscrape.session import Session


class Signer(Protocol):
    """What a platform's auth.py offers the gate."""

    async def sign(self, request: Request, gate: "Gate") -> tuple[Request, int]:
        """Return a signed copy and the generation of the token that it carries; may call `gate.call` for a token."""

    def lost(self, generation: int) -> None:
        """Note that the platform refused a token of this generation, so that the next call fetches one afresh."""

    def learn(self, response: Response, bucket: Bucket) -> None:
        """Read limits from the headers of an answer."""


class Gate:
    """One per crawl. Holds the bucket of the mall's scope and its signer; the wire is Scrapy's own handler."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.wire = HTTP11DownloadHandler.from_crawler(crawler)
        spider: Any = crawler.spider
        self.session: Session | None = getattr(spider, "session", None)
        self.signer: Signer | None = None
        self.signed: list[re.Pattern[str]] = []
        self.host = ""
        if self.session is not None:
            self.signed = [re.compile(pattern) for pattern in self.session.facts.signed]
            self.base = spider.base_url
            self.host = urlsplit(self.base).netloc
            self.bucket = Bucket(self.session.pace(), self.session.facts.burst)
            self.signer = spider.signer
            spider.gate = self

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Gate":
        """Build for a crawler."""
        return cls(crawler)

    def signs(self, request: Request) -> bool:
        """Return whether a request goes to the mall's own API by a path that the fact sheet names."""
        parts = urlsplit(request.url)
        if self.signer is None or not self.host or parts.netloc != self.host:
            return False
        below = parts.path.removeprefix(urlsplit(self.base).path)
        return any(pattern.fullmatch(below) for pattern in self.signed)

    async def download_request(self, request: Request) -> Response:
        """Wait for a turn, send, and read the limits that the answer tells."""
        if self.session is None:
            return await self.wire.download_request(request)
        delay = request.meta.get("wait", 0.0)
        if delay:
            await asyncio.sleep(delay)
        if not self.signs(request):
            await self.bucket.turn()
            return await self.wire.download_request(request)
        assert self.signer is not None
        # The turn comes last: a signature made before a long wait could be too old when it is used.
        await self.bucket.turn()
        signed, generation = await self.signer.sign(request, self)
        request.meta["generation"] = generation
        response = await self.wire.download_request(signed)
        self.signer.learn(response, self.bucket)
        return response.replace(url=request.url, request=None)

    async def call(self, request: Request) -> Response:
        """Send a request of the signer's own, such as for a token; it waits its turn like any other."""
        if urlsplit(request.url).netloc != self.host:
            raise ConfigurationError("A token is only ever asked from the mall's own host.")
        await self.bucket.turn()
        response = await self.wire.download_request(request)
        if self.session:
            self.session.report.requests["auth"] += 1
        return response

    async def close(self) -> None:
        """Close the wire."""
        await self.wire.close()
