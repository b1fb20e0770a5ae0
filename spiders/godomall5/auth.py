"""Godomall5's keys: two ordinary parameters of every call of the openhub, or headers of the Server API."""

import re
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import ConfigurationError
from shopscrape.gate import Gate
from shopscrape.pace import Bucket
from shopscrape.session import Session
from spiders.godomall5 import ARTICLES
from spiders.godomall5.judging import PAUSE

SERVER_VERSION = "1.1"
"""`Version` header of the Server API's reads; its log-in calls take 1.0."""

_TRIM = re.compile(r"^[\s\"'“”‘’]+|[\s\"'“”‘’]+$")
_SERVER = re.compile(re.escape(ARTICLES).replace(re.escape("{board}"), "[^/]+") + "$")
"""Ends the address of what the Server API is asked; all else is the openhub's."""
_BREAKS = re.compile(r"[\r\n\t ]+")


def key(session: Session, name: str) -> str:
    """Return a key as it was issued: copying and pasting brings quotes, blanks and line breaks with it.

    Raises: ConfigurationError when it is missing or nothing is left of it.
    """
    told = _BREAKS.sub("", _TRIM.sub("", session.secrets.need(session.mall, name)))
    if not told or not told.isascii() or not told.isprintable():
        raise ConfigurationError(
            f"Mall {session.mall.name}: {name} is no key; the vendor's keys are letters, digits and +, / and =."
        )
    return told


class Godomall5Signer:
    """Adds the keys to a copy of each request. They do not expire within a crawl, and nothing can be refreshed."""

    def __init__(self, session: Session, server: bool) -> None:
        self.session = session
        self.keys = {"partner_key": key(session, "PARTNER_KEY"), "key": key(session, "KEY")}
        self.headers: dict[str, str] = {}
        if server:
            self.headers = {
                "systemKey": key(session, "SYSTEM_KEY"),
                "Authorization": f"Bearer {key(session, 'ACCESS_TOKEN')}",
                "Version": SERVER_VERSION,
            }

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy with the keys: in the body of a form, where no log of an address shows them, or in headers."""
        if not _SERVER.search(urlsplit(request.url).path):
            body = request.body + (b"&" if request.body else b"") + urlencode(self.keys).encode()
            return request.replace(body=body), 0
        signed = request.copy()
        for name, value in self.headers.items():
            signed.headers[name] = value
        return signed, 0

    def lost(self, generation: int) -> None:
        """A refused key stays refused."""

    def learn(self, response: Response, bucket: Bucket) -> None:
        """Rest when the answer says that the bucket is empty; the answer itself is good."""
        if (response.headers.get("ratelimit-available-level") or b"").strip().upper() == b"EXHAUSTED":
            bucket.pause(PAUSE / self.session.mall.speed)
