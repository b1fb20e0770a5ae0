"""Naver's token: asked for with a bcrypt signature instead of the secret, good for three hours, shared by its users."""

import asyncio
import base64
import hashlib
import time
from datetime import timedelta
from urllib.parse import urlencode
from weakref import WeakValueDictionary

import bcrypt
import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import AskAgain, AuthFailed, ConfigurationError, PageFailed, Refused, ShopscrapeError
from shopscrape.gate import Gate
from shopscrape.pace import Bucket
from shopscrape.payload import Answer
from shopscrape.session import Session
from spiders.naver import TOKEN, mapping

EARLY = timedelta(minutes=25)
"""How long before its end a token is renewed: with 30 minutes or more left Naver gives the same one again."""
TRIES = 5
_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
"""Digits of bcrypt's base64."""
_LOCKS: "WeakValueDictionary[str, asyncio.Lock]" = WeakValueDictionary()
"""One lock for each token inside this process; between processes the store's lock stands."""


class Token(msgspec.Struct, kw_only=True):
    """What the store keeps, encrypted."""

    access: str
    until: str
    lives: float
    """Seconds that it had left when it was given."""


def salt(secret: str) -> bytes:
    """Return a client secret as bcrypt takes it. Raises: ConfigurationError.

    Shape: "$2a$" or "$2b$", a cost of two digits, "$", 22 characters: 29 in all. The last one holds only two bits, so
    several spellings mean the same salt; bcrypt takes one of them only, and prints that one.
    """
    mend = (
        "it is 29 characters long and begins with $2a$ or $2b$. A file loader or shell that expands $ cuts it short; "
        "put it into .env, which is taken literally, or into single quotes."
    )
    if len(secret) != 29 or secret[:4] not in ("$2a$", "$2b$"):
        raise ConfigurationError(f"The client secret of Naver is not whole: {mend}")
    if secret[6] != "$" or not secret[4:6].isdigit() or any(letter not in _ALPHABET for letter in secret[7:]):
        raise ConfigurationError(f"The client secret of Naver is not a valid salt: {mend}")
    return (secret[:-1] + _ALPHABET[_ALPHABET.index(secret[-1]) & 0b110000]).encode()


def signature(client_id: str, secret: str, timestamp: int) -> str:
    """Return client_secret_sign: base64 of bcrypt(client_id + "_" + milliseconds, salt = the secret), 80 characters.

    Raises: ConfigurationError, when the secret is not a valid salt.

    >>> signature("aaaabbbbcccc", "$2a$10$abcdefghijklmnopqrstuv", 1643961623299)
    'JDJhJDEwJGFiY2RlZmdoaWprbG1ub3BxcnN0dXVCVldZSk42T0VPdEx1OFY0cDQxa2IuTnpVaUEzbmsy'
    """
    try:
        hashed = bcrypt.hashpw(f"{client_id}_{timestamp}".encode(), salt(secret))
    except ValueError:
        raise ConfigurationError(
            "Naver's client id and secret do not make a signature: the id has 22 characters, the secret is a salt."
        ) from None
    return base64.b64encode(hashed).decode()


class NaverSigner:
    """Signs with the token of one (application, type, account); crawls of the same one share it through the store."""

    def __init__(self, session: Session, base_url: str) -> None:
        self.session = session
        self.url = base_url + TOKEN
        mall = session.mall
        self.client_id = session.secrets.need(mall, "CLIENT_ID")
        self.secret = session.secrets.need(mall, "CLIENT_SECRET")
        salt(self.secret)
        self.account = str(mall.native.get("account_id") or "")
        who = "\0".join((base_url, self.client_id, self.account))
        self.name = f"naver:token:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
        self.token: Token | None = None
        self.generation = 0
        self.refused = -1
        self.lock = _LOCKS.setdefault(self.name, asyncio.Lock())

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy with the token, and the token's generation."""
        if self.token is None or self.refused >= self.generation or self._ends_soon(self.token):
            async with self.lock:
                if self.token is None or self.refused >= self.generation or self._ends_soon(self.token):
                    await self._renew(gate)
        assert self.token is not None
        signed = request.copy()
        signed.headers["Authorization"] = f"Bearer {self.token.access}"
        return signed, self.generation

    def lost(self, generation: int) -> None:
        """A token was refused; only the newest one leads to another."""
        self.refused = max(self.refused, generation)

    def learn(self, response: Response, bucket: Bucket) -> None:
        """Take over the rate that the headers tell for this API; pause it when nothing of its allowance is left.

        After a stall all that is under way arrives at once, and an answer tells only what it was part of itself.
        """
        speed = self.session.mall.speed
        if rate := _number(response, b"GNCP-GW-RateLimit-Replenish-Rate"):
            bucket.rate = rate * speed
        if response.status == 429:
            return
        left = _number(response, b"GNCP-GW-RateLimit-Remaining")
        if left is not None and left <= bucket.under_way:
            bucket.pause(1.0 / bucket.rate)
        if _number(response, b"GNCP-GW-Quota-Remaining") == 0:
            bucket.pause(1.0 / speed)

    def _ends_soon(self, token: Token) -> bool:
        until = values.moment(token.until)
        early = min(EARLY / self.session.mall.speed, timedelta(seconds=token.lives / 7))
        return until is None or until - early <= values.now()

    async def _renew(self, gate: Gate) -> None:
        with self.session.store.token_lock(self.name, timeout=30):
            # Whoever held the lock may have renewed it meanwhile.
            found = self.session.store.read_token(self.name)
            stored = msgspec.convert(found, Token) if found else None
            refused = self.token.access if self.token and self.refused >= self.generation else ""
            if stored is None or stored.access == refused or self._ends_soon(stored):
                stored = self._read(await self._ask(gate))
                self.session.store.write_token(self.name, msgspec.to_builtins(stored))
        self.token = stored
        self.generation += 1

    async def _ask(self, gate: Gate) -> bytes:
        for tries in range(TRIES):
            try:
                request = await self._request()
                response = await gate.call(request)
                self.learn(response, gate.buckets(request)[-1])
                mapping.judge(Answer(response.body, response.status, "", _lower(response), self.url))
                return response.body
            except AskAgain as why:
                gate.pause(max(getattr(why, "wait", 0.0), 2.0**tries) / self.session.mall.speed)
            except AuthFailed as why:
                # A signature that waited too long is as old as one of a wrong clock; a fresh one tells them apart.
                if why.code != "timestamp" or tries:
                    raise
            except ShopscrapeError:
                raise
            except Exception as why:
                if tries == TRIES - 1:
                    raise Refused(f"Naver's token address does not answer ({type(why).__name__}).") from None
                gate.pause(2.0**tries / self.session.mall.speed)
        raise Refused("Naver's token address asks to come back later.")

    async def _request(self) -> Request:
        now = int(time.time() * 1000)
        # Costs some milliseconds to a quarter of a second, by the cost that stands in the secret.
        signed = await asyncio.to_thread(signature, self.client_id, self.secret, now)
        form = {
            "client_id": self.client_id, "timestamp": now, "grant_type": "client_credentials",
            "client_secret_sign": signed, "type": "SELLER" if self.account else "SELF",
        }  # fmt: skip
        if self.account:
            form["account_id"] = self.account
        # Naver refuses parameters in the query and JSON bodies.
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request(self.url, method="POST", headers=headers, body=urlencode(form))

    def _read(self, body: bytes) -> Token:
        try:
            told = msgspec.json.decode(body)
            lives = timedelta(seconds=float(told["expires_in"]))
            access = told["access_token"]
            if not isinstance(access, str) or not access.isascii() or not access.isprintable():
                raise ValueError
            return Token(access=access, until=values.iso(values.now() + lives), lives=lives.total_seconds())
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, OverflowError):
            raise PageFailed("Naver's token answer is not readable") from None


def _number(response: Response, name: bytes) -> float | None:
    told = (response.headers.get(name) or b"").strip()
    try:
        number = float(told)
    except ValueError:
        return None
    return number if 0 <= number < 100000 else None


def _lower(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b",".join(told).decode("latin-1") for name, told in response.headers.items()
    }
