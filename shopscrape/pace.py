"""How fast a scope of a platform may be asked, and the waiting for one's turn."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class Bucket:
    """Turns of one limit scope, evenly spaced (generic cell rate algorithm): a late timer is made up for, so that the
    whole rate is used, and never more than `burst` turns come at once.
    """

    def __init__(self, rate: float, burst: int = 1) -> None:
        self.rate = rate
        self.burst = max(1, burst)
        self.slowed = 1.0
        """Factor on the interval, above 1 while a platform asks for less."""
        self._due = 0.0
        self._paused_until = 0.0
        self.waited = 0.0
        self.under_way = 0
        """Requests that were sent and not yet answered."""

    @property
    def interval(self) -> float:
        """Return the seconds between two turns in steady state."""
        return self.slowed / self.rate

    async def turn(self) -> None:
        """Wait until a request may be sent."""
        now = time.monotonic()
        self._due = max(self._due, now) + self.interval
        mine = self._due - self.burst * self.interval
        started = now
        while (until := max(mine, self._paused_until)) > now:
            await asyncio.sleep(until - now)
            now = time.monotonic()
        self.waited += now - started

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Count a request as under way."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    def pause(self, seconds: float) -> None:
        """Let nobody pass for a while; a longer pause under way stays."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def learn(self, rate: float) -> None:
        """Take over a rate that the platform told, when it is lower than the one in force."""
        self.rate = min(self.rate, rate)


_SHARED: WeakValueDictionary[str, Bucket] = WeakValueDictionary()


def shared(scope: str, rate: float, burst: int = 1) -> Bucket:
    """Return the bucket of a scope: crawls of one process that share the scope share it. Between processes the lease
    of the scope keeps a second crawl out.
    """
    bucket = _SHARED.get(scope)
    if bucket is None:
        bucket = _SHARED[scope] = Bucket(rate, burst)
    return bucket
