"""The three ways of walking a stream: by windows of time, sweeping everything, newest first down to a head."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec

from shopscrape import values
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

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks would join the stored ones without a gap."""
        stored = [mark.upto if mark else None for mark in stream.stored(session)]
        given = session.arguments.since or OLDEST
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


class Progress(msgspec.Struct, omit_defaults=True):
    """What a newest-first walk remembers in its mark's cursor."""

    head: str = ""
    """Newest id of the last finished chain."""
    tail: str = ""
    """Oldest id that an unfinished chain reached."""
    top: str = ""
    """Newest id of that unfinished chain."""


class NewestFirst(msgspec.Struct, frozen=True, kw_only=True):
    """From the newest row down to the head of the last finished chain, never to a row that is merely stored.

    An unfinished chain leaves `top` and `tail`; the next run goes on below `tail` before `head` moves.
    """

    name: ClassVar[str] = "newest first"

    def legs(self, stream: Stream, session: Session) -> Iterator[Leg]:
        """Yield the one leg; its notes hold the Progress to walk by and the one to grow."""
        stored = [mark for mark in stream.stored(session) if mark and mark.cursor]
        progress = msgspec.json.decode(stored[0].cursor or "{}", type=Progress) if stored else Progress()
        leg = Leg(stream.name, Window(), [], name=stream.leg_name(progress.head or "first"))
        leg.started_at = values.now()
        leg.notes |= {"stored": progress, "top": "", "full": session.arguments.sweep or session.complete}
        yield leg

    def reach(self, stream: Stream, session: Session, leg: Leg, newest: str, oldest: str) -> list[Mark]:
        """Return the marks of a page in the middle of a chain: the head stays, the tail has moved."""
        leg.notes["top"] = leg.notes["top"] or newest
        stored: Progress = leg.notes["stored"]
        progress = Progress(head=stored.head, top=stored.top if stored.tail else leg.notes["top"], tail=oldest)
        if stored.tail and not leg.notes.get("below"):
            return []
        return stream.marks(session, cursor=msgspec.json.encode(progress).decode())

    def finish(self, stream: Stream, session: Session, leg: Leg) -> None:
        """The chain met the head or the end: the head moves to its newest row."""
        stored: Progress = leg.notes["stored"]
        progress = Progress(head=leg.notes["top"] or stored.head)
        leg.marks = stream.marks(session, cursor=msgspec.json.encode(progress).decode(), finished_at=values.now())

    def halve(self, stream: Stream, session: Session, leg: Leg) -> bool:
        """A chain has no halves."""
        return False
