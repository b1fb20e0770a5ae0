"""The report of a run: what came, what fell short, and the exit status that follows."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import ConfigurationError, ShopscrapeError, StopPlatform
from shopscrape.payload import Page, Tally

MET, FELL_SHORT, CONFIGURATION, STOPPED, DEAD_LETTERS, BUSY = 0, 1, 2, 3, 4, 75
"""Exit statuses: what was expected came · it did not · configuration or argument · blocked, refused, auth,
consent needed · some rows became dead letters · another crawl holds the mall."""


ENOUGH = 10
"""Rows of a kind below which its coverage says nothing."""


def exit_status(why: BaseException) -> int:
    """Return the exit status that an error of ours leads to."""
    if isinstance(why, ConfigurationError):
        return CONFIGURATION
    if isinstance(why, StopPlatform):
        return BUSY if why.outcome == "mall_busy" else STOPPED
    return FELL_SHORT


class RunReport:
    """Collects while a crawl runs; `finish` closes it."""

    def __init__(self, run: str, spider: str, platform: str, mall: str, resources: tuple[str, ...]) -> None:
        self.run = run
        self.spider = spider
        self.platform = platform
        self.mall = mall
        self.resources = resources
        self.started_at = values.now()
        self.finished_at: datetime | None = None
        self.outcome = "running"
        self.states: dict[str, Counter[str]] = {resource: Counter() for resource in resources}
        self.requests: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        """Requests of streams, those asked again apart."""
        self.legs: Counter[str] = Counter()
        self.walked: list[str] = []
        """Streams begun, each as often as it was (once a shop)."""
        self.read: Counter[str] = Counter()
        """Raw rows by stream."""
        self.pace = (0.0, 1)
        """Requests a second in force when the crawl began, and how many may come at once."""
        self.seen: dict[str, int] = {}
        """Different rows by resource that the store saw in this run."""
        self.floor = 0
        """Requests that the fact sheet states as the least of such a run, had nothing changed."""
        self.counted = [0, 0]
        """Rows read of lists that were walked to their end, and how many those lists said they have."""
        self.tally = Tally()
        self.shortfalls: list[str] = []
        self.notices: list[str] = []
        self.dead = 0
        self.coverage: dict[str, Counter[str]] = defaultdict(Counter)
        self.unverified: tuple[str, ...] = ()
        self.stopped: ShopscrapeError | None = None
        self.unanswered = 0
        """Questions of the walks whose answer has not come yet."""
        self.planned: set[str] = set()
        """Streams of this run."""
        self.refused: set[str] = set()
        """Those of them that the platform refused."""

    def cover(self, page: Page) -> None:
        """Count how many records of a page tell the fields that their kind expects."""
        counts = self.coverage[page.kind.name]
        for field in page.kind.expects:
            # A kind may give several types; only those that have the field count.
            told = [getattr(record, field) for record in page.records if field in record.__struct_fields__]
            counts[f"rows with {field}"] += len(told)
            counts[field] += len([value for value in told if value is not None and value is not UNSET])

    def compare(self, before: Mapping[str, Mapping[str, int]]) -> None:
        """Fall short where a field that an earlier run found in most rows is missing in most of this one's."""
        for kind, counts in self.coverage.items():
            earlier = before.get(kind, {})
            for field in (name for name in counts if not name.startswith("rows with ")):
                rows, rows_before = counts[f"rows with {field}"], earlier.get(f"rows with {field}", 0)
                if rows < ENOUGH or rows_before < ENOUGH:
                    continue
                was, share = earlier.get(field, 0) / rows_before, counts[field] / rows
                if was >= 0.5 and share < was * 0.5:
                    told = f"{kind}: {field} was found in {share:.0%} of {rows} rows, before in {was:.0%}"
                    self.fall_short(f"{told}: its place has moved.")

    def fall_short(self, sentence: str) -> None:
        """Note that something expected did not come; the run ends non-zero."""
        if sentence not in self.shortfalls and len(self.shortfalls) < 200:
            self.shortfalls.append(sentence)

    def notice(self, sentence: str) -> None:
        """Note what a person should know but need not mend."""
        if sentence not in self.notices and len(self.notices) < 200:
            self.notices.append(sentence)

    def stop(self, why: ShopscrapeError) -> None:
        """Note why the crawl was stopped; the first reason stays."""
        self.stopped = self.stopped or why

    def finish(self, reason: str) -> None:
        """Close the report with Scrapy's close reason."""
        self.finished_at = values.now()
        if self.stopped:
            self.outcome = getattr(self.stopped, "outcome", "failed")
        elif reason != "finished":
            self.outcome = reason
            self.fall_short(f"The crawl ended early: {reason}.")
        else:
            self.outcome = "fell_short" if self.shortfalls else "dead_letters" if self.dead else "ok"

    @property
    def exit_status(self) -> int:
        """Return the status that the process ends with."""
        if self.stopped:
            return exit_status(self.stopped)
        if self.shortfalls:
            return FELL_SHORT
        return DEAD_LETTERS if self.dead else MET

    @property
    def seconds(self) -> float:
        """Return how long the run took."""
        return ((self.finished_at or values.now()) - self.started_at).total_seconds()

    def rows(self, resource: str) -> int:
        """Return how many different rows of a resource were read; where the store keeps none, how many in all."""
        told = sum(self.states[resource][state] for state in ("new", "changed", "same"))
        return self.seen.get(resource) or told

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for the runs table and for tests."""
        return {
            "run": self.run, "spider": self.spider, "platform": self.platform, "mall": self.mall,
            "resources": list(self.resources), "outcome": self.outcome, "exit_status": self.exit_status,
            "started_at": values.iso(self.started_at),
            "finished_at": values.iso(self.finished_at) if self.finished_at else None,
            "rows": {resource: dict(counts) for resource, counts in self.states.items()},
            "requests": dict(self.requests), "floor": self.floor, "pace": self.pace[0], "burst": self.pace[1],
            "counted": self.counted,
            "windows": dict(self.legs), "dead_letters": self.dead,
            "shortfalls": self.shortfalls, "notices": self.notices,
            "stopped": str(self.stopped) if self.stopped else None,
            "unknown_words": dict(self.tally.unknown.most_common(50)),
            "left_over": dict(self.tally.left_over.most_common(50)),
            "unverified": list(self.unverified),
            "coverage": {kind: dict(counts) for kind, counts in self.coverage.items()},
        }  # fmt: skip

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Yield the report as lines for a person, each with its log level."""
        yield logging.INFO, f"{self.spider} of {self.mall}: {self.outcome} after {self.seconds:.1f} s"
        for resource, states in self.states.items():
            told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "no rows"
            yield logging.INFO, f"  {resource}: {told}"
        asked, finished = sum(self.requests.values()), sum(self.legs.values())
        yield logging.INFO, f"  requests: {asked} (at least {self.floor}); windows finished: {finished}"
        if self.counted[1]:
            yield logging.INFO, f"  lists read to their end: {self.counted[0]} rows of the {self.counted[1]} they tell"
        if self.stopped:
            yield logging.ERROR, f"  STOPPED: {self.stopped}"
        for sentence in self.shortfalls:
            yield logging.ERROR, f"  FELL SHORT: {sentence}"
        if self.dead:
            yield logging.ERROR, f"  DEAD LETTERS: {self.dead} rows are kept encrypted; scrapy replay maps them again."
        if self.tally.unknown:
            words = ", ".join(f"{word} ({count})" for word, count in self.tally.unknown.most_common(10))
            yield logging.WARNING, f"  UNKNOWN WORDS: {words}"
        for sentence in self.notices:
            yield logging.INFO, f"  notice: {sentence}"

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return msgspec.json.encode(self.as_dict()).decode()
