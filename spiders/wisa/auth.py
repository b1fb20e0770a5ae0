"""WISA's two credentials: a log-in session for the Openapi, a key for the ERP API. Both stand in signed copies only."""

import asyncio
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape.errors import AskAgain, AuthFailed, PageFailed, Refused, SessionLost, ShopscrapeError
from shopscrape.gate import Gate
from shopscrape.pace import Bucket
from shopscrape.payload import Answer
from shopscrape.session import Session
from spiders.wisa import ERP, EXEC, FACTS, OPENAPI, REST_PATH
from spiders.wisa.judging import judge

TRIES = 5
KNOWN_VERSION = "2.91"
SELLER = "4"
"""Level of an admin who sees the goods of one seller of a multi-vendor mall only."""


class WisaSigner:
    """Signs Openapi calls with the session of a log-in, ERP calls with the mall's key.

    How long a session lives is unverified; a lost one is replaced by one new log-in at a time. The session travels in
    the body, because addresses end in the logs of servers; the ERP API takes its key from the query only.
    """

    def __init__(self, session: Session, base_url: str) -> None:
        self.session = session
        self.base_url = base_url
        self.hash = ""
        self.generation = 0
        self.refused = -1
        self.lock = asyncio.Lock()

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy that carries what its API wants, and the session's generation."""
        parts = urlsplit(request.url)
        api = parse_qs(parts.query).get("exec_file", [""])[0]
        if api == OPENAPI:
            async with self.lock:
                if not self.hash or self.refused >= self.generation:
                    await self._log_in(gate)
                return _posted(request, {"hash": self.hash}), self.generation
        if api == ERP:
            key = self.session.secrets.need(self.session.mall, "ERP_KEY")
            return request.replace(url=f"{request.url}&{urlencode({'key': key})}"), 0
        if parts.path.endswith(REST_PATH):
            signed = request.copy()
            signed.headers["X-API-Key"] = self.session.secrets.need(self.session.mall, "REST_KEY")
            return signed, 0
        return request.copy(), 0

    def lost(self, generation: int) -> None:
        """A session was found dead; only the newest one leads to a log-in."""
        self.refused = max(self.refused, generation)

    def learn(self, response: Response, bucket: Bucket) -> None:
        """The engine tells no limits."""

    def hide(self, body: bytes) -> bytes:
        """Return an answer without the key and the session: the ERP API echoes its key."""
        secrets, mall = self.session.secrets, self.session.mall
        for secret in (secrets.of(mall, "ERP_KEY"), secrets.of(mall, "ADMIN_PASSWORD"), self.hash):
            if secret and len(secret) > 7:
                body = body.replace(secret.encode(), b"***")
        return body

    async def _log_in(self, gate: Gate) -> None:
        told = await self._answer(gate)
        session = told.get("hash")
        if not isinstance(session, str) or not session:
            raise AuthFailed("The mall's log-in gives no session; it may ask this account for a second factor.")
        self.hash = session
        self.generation += 1
        report = self.session.report
        admin = told.get("admin")
        if isinstance(admin, dict) and str(admin.get("level")) == SELLER:
            report.notice("This is a seller's account: it sees the goods and order lines of that seller only.")
        version = str(told.get("api_version") or "")
        if not version.startswith(KNOWN_VERSION):
            report.notice(f"The mall runs version {version[:20] or '?'} of the Openapi; {KNOWN_VERSION} is known.")

    async def _answer(self, gate: Gate) -> dict[str, object]:
        url = f"{self.base_url}{EXEC}?{urlencode({'exec_file': OPENAPI, 'urlfix': 'Y', 'action': 'login'})}"
        secrets, mall = self.session.secrets, self.session.mall
        who = {"mng_id": secrets.need(mall, "ADMIN_ID"), "mng_pw": secrets.need(mall, "ADMIN_PASSWORD")}
        for tries in range(TRIES):
            try:
                response = await gate.call(_posted(Request(url), who))
                return _read(response)
            except AskAgain as why:
                if isinstance(why, SessionLost):
                    raise _refused(why) from None
                gate.pause(max(getattr(why, "wait", 0.0), 2.0**tries) / self.session.mall.speed)
            except PageFailed as why:
                if why.code:
                    raise _refused(why) from None
                gate.pause(2.0**tries / self.session.mall.speed)
            except ShopscrapeError:
                raise
            except Exception:
                gate.pause(2.0**tries / self.session.mall.speed)
        raise Refused(f"The log-in of {FACTS.title} mall {mall.name} does not answer.")


def _read(response: Response) -> dict[str, object]:
    answer = Answer(response.body, response.status, "", {}, response.url)
    judge(answer)
    try:
        told = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, ValueError):
        raise AskAgain("the log-in's answer is not readable") from None
    if not isinstance(told, dict):
        raise AskAgain("the log-in's answer is not readable")
    return told


def _refused(why: ShopscrapeError) -> ShopscrapeError:
    """Hosted malls relay a text of their own when they refuse; every "no" to a log-in is one, and is not repeated."""
    return AuthFailed("The mall refuses the log-in: check the admin's id and password.", code=why.code)


def _posted(request: Request, fields: dict[str, str]) -> Request:
    return request.replace(
        method="POST",
        body=urlencode(fields),
        headers={**request.headers, "Content-Type": "application/x-www-form-urlencoded"},
    )
