"""Time and limits of the sandbox: what speed scales, and nothing else does.

Moments are real ones, so that a crawl's windows fit; spans (lifetimes, pauses, the refill of limits) run `speed` times
faster.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from shopscrape import values


class Clock:
    """The sandbox's clock."""

    def __init__(self, speed: float = 1.0) -> None:
        if not 0 < speed <= 100_000:
            raise ValueError("--speed is a number above 0.")
        self.speed = speed
        self._buckets: dict[Hashable, Bucket] = {}
        self._quotas: dict[Hashable, Quota] = {}

    def now(self) -> datetime:
        """Return the present, UTC, whole milliseconds."""
        return values.now()

    def lifetime(self, seconds: float) -> timedelta:
        """Return how long something lives here that really lives that many seconds."""
        return timedelta(seconds=seconds / self.speed)

    async def pause(self, seconds: float) -> None:
        """Wait as long as that many seconds are here."""
        await asyncio.sleep(seconds / self.speed)

    def bucket(self, scope: Hashable, rate: float, burst: int) -> "Bucket":
        """Return the bucket of a scope, full when it is new; `rate` a second is let through for good."""
        found = self._buckets.get(scope)
        if found is None:
            found = self._buckets[scope] = Bucket(rate * self.speed, burst)
        return found

    def quota(self, scope: Hashable, limit: int, seconds: float) -> "Quota":
        """Return the quota of a scope: so many in each period."""
        found = self._quotas.get(scope)
        if found is None:
            found = self._quotas[scope] = Quota(limit, seconds / self.speed)
        return found


class Bucket:
    """A token bucket; read the other way round it is a leaky one. Times are real seconds."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = burst
        self._left = float(burst)
        self._at = time.monotonic()

    @property
    def left(self) -> float:
        """Return how many may come at once now."""
        now = time.monotonic()
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        return self._left

    @property
    def used(self) -> int:
        """Return how full a leaky bucket is, rounded up."""
        return min(self.burst, int(self.burst - self.left + 0.999))

    @property
    def wait(self) -> float:
        """Return the real seconds until the next one may come."""
        return max(0.0, (1 - self.left) / self.rate)

    def take(self, cost: float = 1) -> bool:
        """Take from it; False, and nothing taken, when too little is left."""
        if self.left < cost:
            return False
        self._left -= cost
        return True


class Quota:
    """A number of calls in each period of fixed length."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._begun = time.monotonic()
        self._count = 0

    def _roll(self) -> None:
        now = time.monotonic()
        if now - self._begun >= self.seconds:
            self._begun, self._count = now, 0

    @property
    def left(self) -> int:
        """Return how many are left in this period."""
        self._roll()
        return self.limit - self._count

    @property
    def wait(self) -> float:
        """Return the real seconds until the next period."""
        self._roll()
        return max(0.0, self.seconds - (time.monotonic() - self._begun))

    def take(self) -> bool:
        """Count one; False when none is left."""
        if self.left < 1:
            return False
        self._count += 1
        return True


class Token(msgspec.Struct, kw_only=True):
    """A token that was given out."""

    text: str
    kind: str
    """Such as access or refresh."""
    about: Any = None
    """What the emulator keeps with it."""
    issued_at: datetime
    expires_at: datetime
    revoked: bool = False


class Tokens:
    """Tokens of one mall. A token carries its number, time and proof, so that a sandbox that was started again with the
    same seed still knows what an earlier one gave out (but not that it was used or revoked)."""

    def __init__(self, clock: Clock, secret: str, lifetimes: dict[str, float]) -> None:
        self.clock = clock
        self.lifetimes = lifetimes
        """Seconds by kind, before the clock scales them."""
        self._key = secret.encode()
        self._known: dict[str, Token] = {}
        self._count = 0

    def issue(self, kind: str, about: Any = None) -> Token:
        """Return a new token: 32 letters and digits."""
        self._count += 1
        now = self.clock.now()
        head = f"{int(now.timestamp()):08x}{self._count % 65536:04x}"
        token = Token(
            text=self._text(kind, head), kind=kind, about=about, issued_at=now,
            expires_at=now + self.clock.lifetime(self.lifetimes[kind]),
        )  # fmt: skip
        self._known[token.text] = token
        return token

    def _text(self, kind: str, head: str) -> str:
        return head + hmac.new(self._key, f"{kind}:{head}".encode(), hashlib.sha256).hexdigest()[:20]

    def find(self, text: str | None, kind: str) -> Token | None:
        """Return the token of that text and kind, dead or alive; None when it never was one."""
        if not text:
            return None
        token = self._known.get(text)
        if token is None and len(text) == 32 and text == self._text(kind, text[:12]):
            issued = datetime.fromtimestamp(int(text[:8], 16), UTC)
            token = self._known[text] = Token(
                text=text, kind=kind, issued_at=issued, expires_at=issued + self.clock.lifetime(self.lifetimes[kind])
            )
        return token if token and token.kind == kind else None

    def alive(self, text: str | None, kind: str) -> Token | None:
        """Return the token when it is good, else None."""
        token = self.find(text, kind)
        return token if token and not token.revoked and token.expires_at > self.clock.now() else None

    def newest(self, kind: str) -> Token | None:
        """Return the youngest good token of a kind, or None."""
        good = [token for token in self._known.values() if self.alive(token.text, kind)]
        return max(good, key=lambda token: token.text) if good else None

    def expire(self, text: str | None, kind: str) -> None:
        """Let a token end now."""
        if token := self.find(text, kind):
            token.expires_at = min(token.expires_at, self.clock.now())

    def revoke(self, text: str | None, kind: str) -> None:
        """Make a token useless."""
        if token := self.find(text, kind):
            token.revoked = True
