"""Faults on demand: a seeded chance for each request, or the next requests of a stream.

429, 500, 502, 503, 504: the platform's own body. hang: no answer until the client gives up. cut: the connection ends
before or within a body. truncate: a body that ends too early and does not say so. garbage: a body that is none of the
platform's. expire: the token that the request presents has just ended. block: a block page. drift: a row is added,
edited or deleted between two pages.
"""

import fnmatch
import random
from collections import Counter
from typing import Any

import msgspec

NAMES = ("429", "500", "502", "503", "504", "hang", "cut", "truncate", "garbage", "expire", "block", "drift")
AFTER = ("cut", "truncate")
"""These need the answer that the handler worked out."""
SAME_REQUEST, SAME_STREAM = 2, 3
"""Faults in a row at most, of one request and of one stream, so that crawls end."""


class Force(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The next requests that match get a fault. Patterns as in a shell; empty: any."""

    fault: str
    count: int = 1
    mall: str = ""
    stream: str = ""
    path: str = ""

    def matches(self, mall: str, stream: str, path: str) -> bool:
        """Return whether it is meant for a request."""
        told = ((self.mall, mall), (self.stream, stream), (self.path, path))
        return self.count > 0 and all(not pattern or fnmatch.fnmatchcase(text, pattern) for pattern, text in told)


def rates(text: str) -> dict[str, float]:
    """Return chances by fault. Shape: "429:0.1,cut:0.02". Raises: ValueError with a sentence.

    >>> rates("429:0.1,cut:0.02")
    {'429': 0.1, 'cut': 0.02}
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, chance = part.partition(":")
        if name not in NAMES:
            raise ValueError(f"There is no fault '{name[:40]}'; there are {', '.join(NAMES)}.")
        try:
            found[name] = float(chance)
        except ValueError:
            raise ValueError(f"The chance of {name} is no number; write for example {name}:0.1.") from None
        if not 0 <= found[name] <= 1:
            raise ValueError(f"The chance of {name} lies between 0 and 1.")
    if sum(found.values()) > 1:
        raise ValueError("The chances of all faults together are more than 1.")
    return found


class Faults:
    """Decides which request meets which fault."""

    def __init__(self, seed: int, chances: dict[str, float] | None = None) -> None:
        self.seed = seed
        self.chances = dict(chances or {})
        self.forced: list[Force] = []
        self._turn = False
        self._dice: dict[tuple[str, str], random.Random] = {}
        self._requests: Counter[tuple[str, str]] = Counter()
        self._streams: Counter[tuple[str, str]] = Counter()

    def set(self, told: dict[str, Any]) -> None:
        """Take {"rates": "429:0.1" or {…}, "force": {…} or [{…}], "clear": true}.

        Raises: ValueError with a sentence; nothing is taken then.
        """
        chances = told.get("rates")
        if isinstance(chances, dict):
            chances = ",".join(f"{name}:{chance}" for name, chance in chances.items())
        parsed = rates(chances) if isinstance(chances, str) else None
        force = told.get("force", [])
        try:
            forced = msgspec.convert(force if isinstance(force, list) else [force], list[Force], strict=False)
        except msgspec.ValidationError as why:
            raise ValueError(f"force: {why}.") from None
        strange = [one.fault for one in forced if one.fault not in NAMES]
        if strange:
            raise ValueError(f"There is no fault '{strange[0][:40]}'; there are {', '.join(NAMES)}.")
        if told.get("clear"):
            self.chances, self.forced = {}, []
        if parsed is not None:
            self.chances = parsed
        self.forced += forced

    def told(self) -> dict[str, Any]:
        """Return what is in force."""
        return {"rates": self.chances, "force": [one for one in self.forced if one.count > 0]}

    def odd(self) -> bool:
        """Return True every other time: the connection is cut before a body or within it, in turn."""
        self._turn = not self._turn
        return self._turn

    def draw(self, mall: str, stream: str, path: str, request: str, possible: tuple[str, ...]) -> str:
        """Return the fault that a request meets, "" for none. `request` is equal for the same question asked again."""
        for one in self.forced:
            if one.fault in possible and one.matches(mall, stream, path):
                one.count -= 1
                self.forced = [one for one in self.forced if one.count > 0]
                return one.fault
        if not self.chances:
            return ""
        dice = self._dice.setdefault((mall, stream), random.Random(f"{self.seed}:faults:{mall}:{stream}"))
        rolled, fault = dice.random(), ""
        for name, chance in self.chances.items():
            if rolled < chance:
                fault = name
                break
            rolled -= chance
        asked, walked = (mall, request), (mall, stream)
        spent = self._requests[asked] >= SAME_REQUEST or self._streams[walked] >= SAME_STREAM
        if fault not in possible or (spent and fault != "drift"):
            fault = ""
        if fault and fault != "drift":
            self._requests[asked] += 1
            self._streams[walked] += 1
        else:
            self._requests.pop(asked, None)
            self._streams.pop(walked, None)
        return fault
