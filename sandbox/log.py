"""What was asked: requests by mall and stream."""

from collections import Counter, deque
from datetime import datetime
from typing import Any

import msgspec

KEPT = 200_000
"""Requests that the list remembers; the counts go on."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One request. Never a query, header or body: those hold secrets."""

    at: datetime
    mall: str
    access: str
    stream: str
    method: str
    path: str
    status: int
    """0: no answer was sent."""
    fault: str = ""
    seconds: float = 0.0
    rows: int | None = None


class Log:
    """All requests since the start, or since it was cleared."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self._asked: Counter[tuple[str, str]] = Counter()
        self._statuses: Counter[tuple[str, str, str]] = Counter()
        self._faults: Counter[tuple[str, str, str]] = Counter()

    def write(self, entry: Entry) -> None:
        """Add a request."""
        self.entries.append(entry)
        where = (entry.mall, entry.stream)
        self._asked[where] += 1
        self._statuses[*where, str(entry.status)] += 1
        if entry.fault:
            self._faults[*where, entry.fault] += 1

    def summary(self, mall: str = "", listed: bool = False) -> dict[str, Any]:
        """Return counts by mall and stream, and with `listed` every request with its time."""
        malls: dict[str, dict[str, Any]] = {}
        for (name, stream), count in sorted(self._asked.items()):
            if not mall or name == mall:
                malls.setdefault(name, {})[stream] = {"requests": count, "statuses": {}, "faults": {}}
        for kept, counts in (("statuses", self._statuses), ("faults", self._faults)):
            for (name, stream, what), count in sorted(counts.items()):
                if name in malls:
                    malls[name][stream][kept][what] = count
        found: dict[str, Any] = {
            "requests": sum(stream["requests"] for streams in malls.values() for stream in streams.values()),
            "malls": malls,
        }
        if listed:
            found["list"] = [entry for entry in self.entries if not mall or entry.mall == mall]
        return found
