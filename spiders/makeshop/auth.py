"""How MakeShop's calls are signed: a token of five minutes for the Shop API, two fixed keys for the legacy Open API."""

import asyncio
import base64
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import AskAgain, AuthFailed, PageFailed
from shopscrape.gate import Gate
from shopscrape.pace import Bucket
from shopscrape.payload import Answer
from shopscrape.session import Session
from spiders.makeshop import READS_AN_HOUR, TOKENS_A_MINUTE, mapping

EARLY = timedelta(seconds=60)
"""How long before its end a token is renewed."""
LIFETIME = 300
TRIES = 5
SAVED_EACH = 10
"""Reads of an hour are noted down each time this many were made: a crash forgets at most so many."""


class Kept(msgspec.Struct):
    """What the store keeps of a shop's tokens, encrypted: runs and processes share it."""

    access: str = ""
    until: str = ""
    asked: list[str] = []
    """When tokens were asked for within the last minute."""


class ConnectSigner:
    """Signs with the token of a shop.

    Lifetime 300 s, no refresh token, at most 5 issues a minute for each shop and address (client code): so one token
    is shared by all requests, kept for the next run, and renewed when less than a minute of it is left.
    """

    def __init__(self, session: Session, base_url: str, shop_uid: str) -> None:
        self.session = session
        self.url = f"{base_url}/oauth/token"
        self.shop_uid = shop_uid
        self.name = f"{session.facts.platform}:{shop_uid}"
        self.kept: Kept | None = None
        self.generation = 0
        self.refused = -1
        self.accepted = 0
        """Generation of the last token that was good for an answer."""
        self.in_vain = 0
        """Fresh tokens in a row that were never good for an answer."""
        self.lock = asyncio.Lock()

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy with the token, and the token's generation."""
        async with self.lock:
            if self.kept is None:
                self._take(self._stored())
            assert self.kept is not None
            if self.refused >= self.generation or not self._lasts(self.kept):
                await self._renew(gate)
            signed = request.copy()
            signed.headers["Authorization"] = f"Bearer {self.kept.access}"
            signed.headers["Accept"] = "application/json"
            return signed, self.generation

    def lost(self, generation: int) -> None:
        """A token was refused; only the newest one leads to another."""
        self.refused = max(self.refused, generation)

    def learn(self, response: Response, bucket: Bucket) -> None:
        """The headers tell no limit; an answer that is not a refusal shows that the token is good."""
        if response.status not in (401, 403):
            self.accepted, self.in_vain = self.generation, 0

    def _stored(self) -> Kept:
        found = self.session.store.read_token(self.name)
        return msgspec.convert(found, Kept) if found else Kept()

    def _take(self, kept: Kept) -> None:
        self.kept = kept
        self.generation += 1

    def _lasts(self, kept: Kept) -> bool:
        until = values.moment(kept.until)
        return bool(kept.access) and until is not None and until - EARLY / self.session.mall.speed > values.now()

    async def _renew(self, gate: Gate) -> None:
        if self.in_vain >= 2 and self.accepted < self.generation:
            raise AuthFailed(
                f"MakeShop gives {self.session.mall.name} tokens and then refuses them: put this machine's public "
                "address on the allow-list of the app."
            )
        token, seconds = self._read(await self._ask(gate))
        self.in_vain += 1
        kept = self._stored()
        kept.access = token
        kept.until = values.iso(values.now() + timedelta(seconds=seconds) / self.session.mall.speed)
        self.session.store.write_token(self.name, msgspec.to_builtins(kept))
        self._take(kept)

    async def _turn(self) -> None:
        """Wait until one more token may be asked for, and note that it is."""
        minute = timedelta(seconds=60) / self.session.mall.speed
        while True:
            with self.session.store.token_lock(self.name, timeout=30):
                kept, now = self._stored(), values.now()
                asked = [at for text in kept.asked if (at := values.moment(text)) and at > now - minute]
                if len(asked) < TOKENS_A_MINUTE:
                    kept.asked = [values.iso(at) for at in (*asked, now)]
                    self.session.store.write_token(self.name, msgspec.to_builtins(kept))
                    return
            await asyncio.sleep((min(asked) + minute - now).total_seconds() + 0.01)

    async def _ask(self, gate: Gate) -> bytes:
        client = self.session.secrets.need(self.session.mall, "CLIENT_ID")
        secret = self.session.secrets.need(self.session.mall, "CLIENT_SECRET")
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        request = Request(
            self.url,
            method="POST",
            headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"grant_type": "client_credentials", "shop_uid": self.shop_uid}),
        )
        why: Exception = AskAgain("no answer")
        for tries in range(TRIES):
            await self._turn()
            try:
                response = await gate.call(request)
                mapping.judge(Answer(response.body, response.status, "", _lower(response), self.url))
                return response.body
            except AskAgain as again:
                why = again
                gate.pause(max(getattr(why, "wait", 0.0), 2.0**tries) / self.session.mall.speed, request)
            except (AuthFailed, PageFailed):
                raise
            except OSError as broken:
                why = broken
                await asyncio.sleep(2.0**tries / self.session.mall.speed)
        raise AskAgain(f"MakeShop's token address does not answer ({type(why).__name__})")

    def _read(self, body: bytes) -> tuple[str, float]:
        """Return token and lifetime; they are nested in `data`, a flat answer is taken too."""
        try:
            told: Any = msgspec.json.decode(body)
            told = told["data"] if isinstance(told.get("data"), dict) else told
            return str(told["access_token"]), float(told.get("expires_in") or LIFETIME)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
            raise PageFailed("MakeShop's token answer is not readable") from None


def _lower(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b",".join(told).decode("latin-1") for name, told in response.headers.items()
    }


class OpenApiSigner:
    """Signs with the Shopkey and the Licensekey, and keeps count of the reads of this clock hour across runs."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shopkey = session.secrets.need(session.mall, "SHOPKEY")
        self.licensekey = session.secrets.need(session.mall, "LICENSEKEY")
        self.name = f"{session.facts.platform}:{session.mall.name}:reads"
        self.hour = -1
        self.reads = 0
        self.lock = asyncio.Lock()

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy with both keys; waits for the next full hour when this one's reads are used up."""
        async with self.lock:
            while not self._count():
                await asyncio.sleep(self._left())
        signed = request.copy()
        signed.headers["Shopkey"] = self.shopkey
        signed.headers["Licensekey"] = self.licensekey
        return signed, 0

    def lost(self, generation: int) -> None:
        """Keys do not expire; a refusal is final and raised by the mapping."""

    def learn(self, response: Response, bucket: Bucket) -> None:
        """The headers tell no limit."""

    def _now(self) -> float:
        return datetime.timestamp(values.now()) * self.session.mall.speed

    def _left(self) -> float:
        return (3600 - self._now() % 3600) / self.session.mall.speed + 0.01

    def _count(self) -> bool:
        hour = int(self._now() // 3600)
        if hour != self.hour:
            stored = self.session.store.read_token(self.name) if self.hour < 0 else None
            # What an earlier run made since it last noted its reads is not known, so the most is assumed.
            before = int(stored["reads"]) + SAVED_EACH if stored and stored.get("hour") == hour else 0
            self.hour, self.reads = hour, before
        if self.reads >= READS_AN_HOUR:
            return False
        if self.reads % SAVED_EACH == 0:
            self.session.store.write_token(self.name, {"hour": hour, "reads": self.reads})
        self.reads += 1
        return True
