"""The three ways of walking a stream: by windows of time, sweeping everything, newest first down to a head."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import msgspec

from shopscrape import values
from shopscrape.chains import Chain, Place, Progress
from shopscrape.items import Record
from shopscrape.payload import Page
from shopscrape.session import Session
from shopscrape.windows import Leg, Mark, Retire, Window, windows

OLDEST = datetime(2005, 1, 1, tzinfo=UTC)
"""Where `since=all` begins for streams that only know windows: no supported platform is older."""


class Stream:
    """One query of one shop, with its way of walking and the resources that it feeds."""

    def __init__(
        self, name: str, way: "Windowed | Sweep | NewestFirst", resources: tuple[str, ...], *,
        reader: str = "", shop: str = "", **notes: Any,
    ) -> None:  # fmt: skip
        self.name = name
        self.way = way
        self.resources = resources
        self.reader = reader or name
        """The spider's ask_<reader> and read_<reader> serve it."""
        self.shop = shop
        self.notes = notes
        self.legs: list[Leg] = []
        """Legs still to walk, next first; a leg that is halved puts its parts here."""
        self.source: Iterator[Leg] = iter(())

    def begin(self, session: Session) -> None:
        """Lay out the legs that this run walks."""
        self.source = self.way.legs(self, session)

    def next_leg(self) -> Leg | None:
        """Return the next leg to walk, or None."""
        return self.legs.pop(0) if self.legs else next(self.source, None)

    @property
    def family(self) -> str:
        """Return what it shares with its like: one of many, such as one for each product, is named family:which."""
        return self.name.partition(":")[0]

    def leg_name(self, begun: str) -> str:
        """Return a leg's name from what its begin hangs on, such as the mark it starts at."""
        return "-".join(filter(None, (self.name, self.shop and f"shop{self.shop}", begun)))

    def marks(self, session: Session, **fields: Any) -> list[Mark]:
        """Return one mark for each asked resource that this stream feeds."""
        return [
            Mark(
                platform=session.facts.platform, mall=session.mall.name, shop=self.shop, resource=resource,
                stream=fields.get("stream", self.name), **{key: fields[key] for key in fields if key != "stream"},
            )
            for resource in self.resources if resource in session.resources
        ]  # fmt: skip

    def stored(self, session: Session, stream: str = "") -> list[Mark | None]:
        """Return the stored marks of the asked resources."""
        return [
            session.store.mark(session.facts.platform, session.mall.name, self.shop, resource, stream or self.name)
            for resource in self.resources if resource in session.resources
        ]  # fmt: skip


class Windowed(msgspec.Struct, frozen=True, kw_only=True):
    """Half-open windows of time, oldest first; the mark follows each finished window.

    The overlap is subtracted when asking, never from the mark; the mark stays `lag` behind the present, because rows
    arrive late. A window that meets a cap or an unreadable page halves itself down to one unit.
    """

    name: ClassVar[str] = "windowed"
    longest: timedelta
    unit: timedelta = timedelta(seconds=1)
    overlap: timedelta = timedelta()
    lag: timedelta = timedelta(minutes=5)
    history: bool = True
    """False: another stream brings what is older, so that with since=all this one begins one window before now."""

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks would join the stored ones without a gap."""
        stored = [mark.upto if mark else None for mark in stream.stored(session)]
        given = session.arguments.since or (OLDEST if self.history else values.now() - self.longest)
        reached = [upto for upto in stored if upto]
        if session.arguments.since_given or session.complete:
            return given, all(upto is None or given <= upto for upto in stored)
        return (min(reached) if len(reached) == len(stored) else given), True

    def legs(self, stream: Stream, session: Session) -> Iterator[Leg]:
        """Yield the windows from the mark (or `since`) to now."""
        now = values.now().replace(microsecond=0)
        start, joins = self.start(stream, session)
        start = start.replace(microsecond=0)
        if not joins:
            session.report.notice(f"{stream.name}: since lies after the mark, so the mark stays where it was.")
        yield from (
            self.leg(stream, session, window, joins, now - self.lag / session.mall.speed)
            for window in windows(start, now, self.longest)
        )

    def leg(self, stream: Stream, session: Session, window: Window, joins: bool, late: datetime) -> Leg:
        """Return one window to walk, with the marks that it earns."""
        assert window.start and window.end
        marks = stream.marks(session, upto=max(min(window.end, late), window.start), since=window.start)
        leg = Leg(stream.name, window, marks if joins else [], name=stream.leg_name(f"{window.start:%Y%m%dT%H%M%S}"))
        leg.notes |= {"joins": joins, "late": late}
        return leg

    def asked(self, leg: Leg) -> Window:
        """Return the window to ask for: the leg's own, and the overlap before it."""
        assert leg.window.start
        return Window(leg.window.start - self.overlap, leg.window.end)

    def halve(self, stream: Stream, session: Session, leg: Leg) -> bool:
        """Put both halves of a leg in its place; False when it is a single unit."""
        halves = leg.window.halves(self.unit)
        if not halves:
            return False
        parts = [self.leg(stream, session, half, leg.notes["joins"], leg.notes["late"]) for half in halves]
        stream.legs[:0] = parts
        return True


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in one leg. A finished sweep marks what it did not see as gone; an unfinished one never does."""

    name: ClassVar[str] = "sweep"
    retires: tuple[str, ...] = ()
    """Resources whose unseen rows are gone."""
    catches_up: str = ""
    """A windowed stream that need not look before the sweep's begin any more."""
    lag: timedelta = timedelta(minutes=5)

    def due(self, stream: Stream, session: Session) -> bool:
        """Return whether a sweep is asked for, was never finished, or is older than the mall allows."""
        if session.arguments.sweep or session.complete or session.arguments.since_given:
            return True
        stored = stream.stored(session)
        ends = [mark.finished_at for mark in stored if mark and mark.finished_at]
        return len(ends) < len(stored) or min(ends) < values.now() - session.mall.sweep_after

    def legs(self, stream: Stream, session: Session) -> Iterator[Leg]:
        """Yield the one leg."""
        now = values.now()
        since = session.arguments.since if stream.notes.get("dated") else None
        marks = stream.marks(session, finished_at=now)
        if self.catches_up:
            marks += stream.marks(session, stream=self.catches_up, upto=now - self.lag / session.mall.speed)
        retire = [
            Retire(
                platform=session.facts.platform, mall=session.mall.name, shop=stream.shop, resource=resource,
                before=now, since=since,
            )
            for resource in self.retires
            if resource in session.resources and not session.arguments.since_given
        ]  # fmt: skip
        last = max((mark.finished_at for mark in stream.stored(session) if mark and mark.finished_at), default=None)
        name = stream.leg_name(f"{last:%Y%m%dT%H%M%S%f}" if last else "first")
        leg = Leg(stream.name, Window(since, now) if stream.notes.get("dated") else Window(), marks, retire, name)
        leg.started_at = now
        yield leg

    def halve(self, stream: Stream, session: Session, leg: Leg) -> bool:
        """A sweep has no halves."""
        return False


class NewestFirst(msgspec.Struct, frozen=True, kw_only=True):
    """From the newest row down to the head of the last finished chain, never to a row that is merely stored.

    An unfinished chain leaves its top and tail; the next run goes on below the tail before the head moves. The first
    walk goes down to `since`. A sweep (`-a sweep=1`) goes to the end and, when nothing slipped by it, marks what it did
    not see as gone. A page at a time: `begin` once, then `take` with each page, `finish` when the chain is done.
    """

    name: ClassVar[str] = "newest first"
    key: str = ""
    """Column that the stream's rows share, such as product_id; only such rows can be gone after a sweep."""

    def legs(self, stream: Stream, session: Session) -> Iterator[Leg]:
        """Yield the one leg; it keeps its name until the chain is finished."""
        ends = [mark.finished_at for mark in stream.stored(session) if mark and mark.finished_at]
        leg = Leg(stream.name, Window(), [], name=stream.leg_name(f"{max(ends):%Y%m%dT%H%M%S%f}" if ends else "first"))
        leg.started_at = values.now()
        yield leg

    def begin(self, stream: Stream, session: Session, leg: Leg) -> Chain:
        """Return the chain to walk, from the marks as they are now; a leg read again goes on where its rows end."""
        cursors = [mark.cursor for mark in stream.stored(session) if mark and mark.cursor]
        arguments = session.arguments
        whole = arguments.sweep
        chain = Chain(
            msgspec.json.decode(cursors[0], type=Progress) if cursors else Progress(),
            full=whole or session.complete or arguments.since_given, limit=None if whole else arguments.since,
        )  # fmt: skip
        leg.notes["chain"] = chain
        return chain

    def take(
        self, stream: Stream, session: Session, leg: Leg, page: Page | None, *, total: int | None = None,
        last: bool = False,
    ) -> list[Mark]:  # fmt: skip
        """Add a page of reviews to the leg's chain, drop its rows outside of the period, return the marks it earns."""
        chain: Chain = leg.notes["chain"]
        rows = [(record, position) for record, position in _paired(page) if record.resource in stream.resources]
        places = [place_of(record, session) for record, _ in rows]
        chain.page(places, total=total, last=last)
        if page is not None:
            left_out = {id(record) for (record, _), place in zip(rows, places, strict=True) if not chain.wanted(place)}
            kept = [(record, position) for record, position in _paired(page) if id(record) not in left_out]
            page.records, page.positions = [record for record, _ in kept], [position for _, position in kept]
        return self._marks(stream, session, chain.reached()) if not chain.done else []

    def finish(self, stream: Stream, session: Session, leg: Leg, owners: Iterable[str] = ()) -> None:
        """The chain is done: the leg earns its marks; after a sweep that saw everything, unseen rows of `owners` go."""
        chain: Chain = leg.notes["chain"]
        progress = chain.finished()
        arrived = progress is not None and not progress.tail
        leg.marks = self._marks(stream, session, progress, values.now() if arrived else None)
        if session.arguments.sweep and self.key and chain.exact and leg.started_at:
            leg.retire = [
                Retire(
                    platform=session.facts.platform, mall=session.mall.name, shop=stream.shop, resource=resource,
                    before=leg.started_at, where={self.key: owner},
                )
                for resource in stream.resources if resource in session.resources for owner in owners
            ]  # fmt: skip

    @staticmethod
    def _marks(
        stream: Stream, session: Session, progress: Progress | None, finished_at: datetime | None = None
    ) -> list[Mark]:
        if progress is None:
            return []
        return stream.marks(session, cursor=msgspec.json.encode(progress).decode(), finished_at=finished_at)

    def halve(self, stream: Stream, session: Session, leg: Leg) -> bool:
        """A chain has no halves."""
        return False


def _paired(page: Page | None) -> list[tuple[Record, int]]:
    return list(zip(page.records, page.positions, strict=True)) if page is not None else []


def place_of(record: Record, session: Session) -> Place:
    """Return the place of a review in its chain: by its time, else by its day, else by its id alone."""
    # An id made of what is shown holds the text until the scrub; a mark must not.
    number, zone = session.scrubber.printed_id(str(getattr(record, record.keys[0]))), session.mall.zone
    at, on = getattr(record, "written_at", None), getattr(record, "written_on", None)
    if isinstance(at, datetime):
        return Place(number, at)
    return Place(number, values.day_start(on, zone), day=True) if isinstance(on, date) else Place(number)
