"""What a crawl walks: half-open windows, the legs that read them, the marks that remember how far it got."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from shopscrape.items import Record
from shopscrape.payload import Failed, Page


class Window(msgspec.Struct, frozen=True):
    """A half-open stretch of time, in UTC; both ends None where a stream has no time."""

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, at: datetime | None) -> bool:
        return at is not None and (self.start is None or at >= self.start) and (self.end is None or at < self.end)

    def halves(self, unit: timedelta) -> "tuple[Window, Window] | None":
        """Return both halves cut at a whole unit, or None when the window is a single unit."""
        if self.start is None or self.end is None:
            return None
        units = int((self.end - self.start) / unit)
        if units < 2:
            return None
        middle = self.start + unit * (units // 2)
        return Window(self.start, middle), Window(middle, self.end)

    def __str__(self) -> str:
        if self.start is None or self.end is None:
            return "all"
        return f"{self.start:%Y%m%dT%H%M%S}-{self.end:%Y%m%dT%H%M%S}"


def windows(start: datetime, end: datetime, longest: timedelta) -> Iterator[Window]:
    """Yield adjacent windows of at most `longest` that cover start to end."""
    while start < end:
        stop = min(start + longest, end)
        yield Window(start, stop)
        start = stop


class Mark(msgspec.Struct, kw_only=True):
    """How far a stream was read for one resource. It moves only in the transaction that stores its rows."""

    platform: str
    mall: str
    shop: str
    resource: str
    stream: str
    upto: datetime | None = None
    """Everything before this moment is stored."""
    cursor: str | None = None
    """What else the way of walking remembers, as JSON."""
    finished_at: datetime | None = None
    """When the last complete walk ended."""
    since: datetime | None = None
    """Continuity: the stored `upto` must be at or after this moment, else the mark is refused (a gap lies between)."""


class Retire(msgspec.Struct, kw_only=True, frozen=True):
    """After a finished sweep: rows of the resource not seen since it began are gone."""

    platform: str
    mall: str
    shop: str
    resource: str
    before: datetime
    """Rows last seen before this moment, when the sweep began."""
    where: dict[str, str] = {}
    """Further equal columns, such as the product whose reviews were swept."""
    within: str = ""
    """How the native ids of what was swept begin, where other rows share their columns."""
    since: datetime | None = None
    """The sweep looked back to this moment only: older rows, by the time in their own words, are not judged."""


class Leg:
    """One window being read: what is on its way, how it went, and the marks it earns when all its rows are stored."""

    def __init__(
        self, stream: str, window: Window, marks: list[Mark], retire: list[Retire] | None = None, name: str = ""
    ) -> None:
        self.stream = stream
        self.name = name or f"{stream}-{window}"
        """Names its files of JSON lines."""
        self.window = window
        self.marks = marks
        self.retire = retire or []
        self.asked = 0
        """Requests without an answer yet."""
        self.unstored = 0
        """Requests whose rows are not stored yet; the marks wait for zero."""
        self.poison: str | None = None
        """Why the marks are refused."""
        self.rows = 0
        self.failed = 0
        self.id = os.urandom(12)
        """Of this reading of the window. The store keeps with each row which one found it last, so that a repeat within
        the window is known without keeping what was met: memory does not grow with the window.
        """
        self.files: list[Path] = []
        """Its JSON lines, written and still hidden."""
        self.notes: dict[str, Any] = {}
        """What the spider remembers while reading this window, such as counts and totals."""
        self.started_at: datetime | None = None

    def spoil(self, why: str) -> None:
        """Refuse the marks of this window; the first reason stays."""
        self.poison = self.poison or why


State = Literal["new", "changed", "same"]


class Row(msgspec.Struct, gc=False):
    """A record on its way to the sinks, with what dedupe found out."""

    record: Record
    position: int
    """Place of its raw row in the page."""
    identity: bytes = b""
    form: bytes = b""
    """Which fields it tells and from which source."""
    digest: bytes = b""
    """Fingerprint of what it tells."""
    body: bytes = b""
    """Its JSON without the fields that differ at every reading."""
    leg: bytes = b""
    """Id of the window that found it new or changed, where the store knows it."""
    state: State = "new"
    unwritten: bool = False
    """Found the same, but its line stands in no file: the window that stored it never ended."""
    widens: bool = False
    """What changed was not known at all before: what other answers told of the record still stands."""
    again: bool = False
    """The store wrote it in this run already: what changed is only what this answer tells on top."""


class Batch:
    """The rows of one answer on their way through the pipelines to the sinks."""

    __slots__ = ("failed", "leg", "marks", "page", "rows", "states")

    def __init__(self, leg: Leg, page: Page | None = None, marks: list[Mark] | None = None) -> None:
        self.leg = leg
        self.page = page
        self.rows = (
            [Row(record, place) for record, place in zip(page.records, page.positions, strict=True)] if page else []
        )
        self.failed: list[Failed] = list(page.failed) if page else []
        self.marks = marks or []
        """Marks that may move with this batch already, such as how deep a newest-first walk got."""
        self.states: Counter[str] = Counter()

    def fail(self, row: Row, why: str) -> None:
        """Note that a row is not fit to be stored; its raw form goes to the dead letters."""
        self.failed.append(Failed(row.position, why))
