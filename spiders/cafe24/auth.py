"""Cafe24's rotating token pair: refreshed once, stored before it is used, shared by all requests of a mall."""

import asyncio
import base64
import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    ConfigurationError,
    ConsentNeeded,
    PageFailed,
    Refused,
    ShopscrapeError,
)
from shopscrape.gate import Gate
from shopscrape.malls import Mall
from shopscrape.pace import Bucket
from shopscrape.payload import Answer
from shopscrape.session import Session
from spiders.cafe24 import API_VERSION, SCOPES, mapping

EARLY = timedelta(minutes=5)
"""How long before its end a token is renewed."""
ACCESS, REFRESH = timedelta(hours=2), timedelta(days=14)
"""Lifetimes of the tokens (official), for an answer that does not tell when they end."""
TRIES = 5


class Pair(msgspec.Struct, kw_only=True):
    """What the store keeps, encrypted."""

    access: str
    refresh: str
    access_until: str
    refresh_until: str
    scopes: list[str]
    seed: str
    """Fingerprint of the REFRESH_TOKEN that began this line; another one in the environment begins a new line."""


def no_token(mall: Mall) -> ConfigurationError:
    """Return what to say where a mall's operator has not consented yet."""
    return ConfigurationError(
        f"Mall {mall.name} has no token yet: put the refresh token of the operator's consent into "
        f"SHOPSCRAPE_{mall.name.upper()}_REFRESH_TOKEN."
    )


_MALL_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,49}")


def check_mall_id(mall: Mall) -> None:
    """Raise ConfigurationError for a mall_id that is none: it is part of the address that the secret is sent to."""
    if not _MALL_ID.fullmatch(mall.native["mall_id"]):
        raise ConfigurationError(
            f"Mall {mall.name} has a mall_id that is none: 3 to 50 small letters, digits, hyphens, as in its address."
        )


def pair_of(body: bytes, seed: str) -> Pair:
    """Return the pair of a token answer. Raises: PageFailed where one of the tokens is missing.

    Nothing else in it may cost the new refresh token: the old one is dead. Times are printed without a zone, in KST.
    """
    try:
        told = msgspec.json.decode(body)
        access, refresh = told["access_token"], told["refresh_token"]
    except (msgspec.DecodeError, KeyError, TypeError):
        access = refresh = None
    if not (isinstance(access, str) and isinstance(refresh, str) and access and refresh):
        raise PageFailed("Cafe24's token answer is not readable")
    scopes = told.get("scopes")
    scopes = scopes if isinstance(scopes, str | list) else []
    return Pair(
        access=access,
        refresh=refresh,
        access_until=_until(told.get("expires_at"), ACCESS),
        refresh_until=_until(told.get("refresh_token_expires_at"), REFRESH),
        scopes=re.findall(r"[^\s,]+", scopes) if isinstance(scopes, str) else list(map(str, scopes)),
        seed=seed,
    )


def _until(printed: Any, lifetime: timedelta) -> str:
    try:
        until = values.moment(printed)
    except ValueError:
        until = None
    return values.iso(until or values.now() + lifetime)


class Cafe24Signer:
    """Signs with the mall's access token.

    Lifetimes: access 2 h, refresh 14 days, each refresh kills the old refresh token at once (official). Whether the old
    access token survives a refresh is unverified; it is not used again.
    """

    def __init__(self, session: Session, base_url: str) -> None:
        self.session = session
        self.url = f"{base_url}/api/v2/oauth/token"
        self.name = f"{session.facts.platform}:{session.mall.name}"
        self.pair: Pair | None = None
        self.generation = 0
        self.refused = -1
        self.lock = asyncio.Lock()
        if not self._seed() and session.store.read_token(self.name) is None:
            raise no_token(self.session.mall)

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy with the token, and the token's generation."""
        async with self.lock:
            if self.pair is None:
                self.pair = self._stored()
            if self.pair is None or self.refused >= self.generation or self._ends_soon(self.pair):
                await self._refresh(gate)
            assert self.pair is not None
            signed = request.copy()
            signed.headers["Authorization"] = f"Bearer {self.pair.access}"
            signed.headers["Content-Type"] = "application/json"
            signed.headers["X-Cafe24-Api-Version"] = API_VERSION
            return signed, self.generation

    def lost(self, generation: int) -> None:
        """A token was refused; only the newest one leads to a refresh."""
        self.refused = max(self.refused, generation)

    def learn(self, response: Response, bucket: Bucket) -> None:
        """Slow down before it hurts: near the end of the bucket, and at 80 % of the usage quota."""
        speed = self.session.mall.speed
        used, _, size = response.headers.get("X-Api-Call-Limit", b"").partition(b"/")
        if used.isdigit() and size.isdigit() and int(used) * 8 >= int(size) * 7:
            bucket.pause(1.0 / speed)
        usage = 0.0
        for name in ("X-Cafe24-Call-Usage", "X-Cafe24-Time-Usage"):
            try:
                usage = max(usage, float(response.headers.get(name, b"0") or b"0"))
            except ValueError:
                continue
        bucket.slowed = 2.0 if usage >= 80 else 1.0

    def _seed(self) -> str | None:
        return self.session.secrets.of(self.session.mall, "REFRESH_TOKEN")

    def _stored(self) -> Pair | None:
        found = self.session.store.read_token(self.name)
        pair = msgspec.convert(found, Pair) if found else None
        seed = self._seed()
        if pair is None or (seed and _fingerprint(seed) != pair.seed):
            return None
        self._check_scopes(pair)
        return pair

    def _ends_soon(self, pair: Pair) -> bool:
        until = values.moment(pair.access_until)
        return until is None or until - EARLY / self.session.mall.speed <= values.now()

    async def _refresh(self, gate: Gate) -> None:
        with self.session.store.token_lock(self.name, timeout=30):
            # Whoever held the lock may have refreshed meanwhile: the store is read again before the token is used.
            stored = self._stored()
            if stored and self.pair and stored.access != self.pair.access and not self._ends_soon(stored):
                self._take(stored)
                return
            seed = self._seed()
            refresh = stored.refresh if stored else seed
            if not refresh:
                raise no_token(self.session.mall)
            line = stored.seed if stored else _fingerprint(refresh)
            pair = pair_of(await self._ask(gate, refresh), line)
            self.session.store.write_token(self.name, msgspec.to_builtins(pair))
        self._check_scopes(pair)
        self._take(pair)

    def _take(self, pair: Pair) -> None:
        self.pair = pair
        self.generation += 1
        left = values.moment(pair.refresh_until)
        if left and left - values.now() < timedelta(days=3) / self.session.mall.speed:
            self.session.report.notice(
                f"The refresh token of {self.session.mall.name} ends on {left:%Y-%m-%d}: a mall that is crawled less "
                "often than every 14 days needs a new consent each time."
            )

    async def _ask(self, gate: Gate, refresh: str) -> bytes:
        client = self.session.secrets.need(self.session.mall, "CLIENT_ID")
        secret = self.session.secrets.need(self.session.mall, "CLIENT_SECRET")
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        request = Request(
            self.url,
            method="POST",
            headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({"grant_type": "refresh_token", "refresh_token": refresh}),
        )
        broken = 0
        for tries in range(TRIES):
            try:
                response = await gate.call(request)
                mapping.judge(Answer(response.body, response.status, "", _lower(response), self.url))
                return response.body
            except AskAgain as why:
                gate.bucket.pause(max(getattr(why, "wait", 0.0), 2.0**tries) / self.session.mall.speed)
            except AuthFailed as why:
                if why.code == "invalid_client":
                    raise AuthFailed(
                        f"Cafe24 does not accept the client id and secret of {self.session.mall.name}.", code=why.code
                    ) from None
                raise ConsentNeeded(
                    f"The refresh token of {self.session.mall.name} is used, expired or unknown: the mall's operator "
                    f"must consent again; put the new refresh token into "
                    f"SHOPSCRAPE_{self.session.mall.name.upper()}_REFRESH_TOKEN.",
                    code=why.code,
                ) from None
            except ShopscrapeError:
                raise
            except Exception as why:
                # The answer was lost on the way: the server may have rotated. The same token is tried once more only.
                broken += 1
                if broken > 1:
                    raise Refused(f"Cafe24's token address does not answer ({type(why).__name__}).") from None
        raise Refused("Cafe24's token address asks to come back later.")

    def _check_scopes(self, pair: Pair) -> None:
        needed = {scope for resource in self.session.resources for scope in SCOPES[resource]}
        missing = sorted(needed - set(pair.scopes))
        if missing and pair.scopes:
            raise Refused(
                f"The consent of {self.session.mall.name} lacks {', '.join(missing)}: add the scope to the app in the "
                "developer centre and have the operator consent again."
            )


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def _lower(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b",".join(told).decode("latin-1") for name, told in response.headers.items()
    }
