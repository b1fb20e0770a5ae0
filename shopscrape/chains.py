"""One pass of a newest-first walk: how far down it is, what may be remembered already, and when it has arrived.

A chain is an unbroken run of rows, newest first. `head` is the newest row of the last finished chain; an unfinished one
leaves its newest row `top` and how deep it got, `tail`. Knows no network and no store, so every rule is tested alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

PASSES = 4
"""How often a list whose rows shifted is walked before it is given up for this run."""
_DAY = timedelta(days=1, microseconds=-1)
COMPLETE = 0.98
"""Share of the told total from which a list counts as read: totals and ranked lists are a little off."""


class Place(NamedTuple):
    """A row's place in the chain."""

    id: str
    at: datetime | None = None
    """When it was written; of a row that tells only a day, the day's first moment."""
    day: bool = False
    """Only the day is told."""

    @property
    def until(self) -> datetime | None:
        """Return the latest moment at which it can have been written."""
        return self.at + _DAY if self.at is not None and self.day else self.at


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a newest-first walk remembers in its mark's cursor."""

    head: str = ""
    """Newest row of the last finished chain."""
    head_at: datetime | None = None
    whole: bool = False
    """The finished chain reached the end of the list: nothing below `head` is unknown."""
    floor: datetime | None = None
    """Rows from before this moment were never asked for; None when all were."""
    top: str = ""
    """Newest row of the unfinished chain."""
    top_at: datetime | None = None
    tail: str = ""
    """Oldest row that the unfinished chain reached."""
    tail_at: datetime | None = None
    deep: bool = False
    """The unfinished chain goes down to `goal`, not to `head`."""
    goal: datetime | None = None
    """Where a deep chain ends; None is the end of the list."""


class Chain:
    """Takes pages in order; `done` when the walk has arrived, `again` when it must be walked once more.

    `full` ignores the head: the period down to `limit` (None: everything) is wanted whether it is known or not.
    """

    def __init__(self, stored: Progress, *, full: bool = False, limit: datetime | None = None) -> None:
        self.stored = stored
        first = not stored.head and not stored.tail
        self.full = full or first or (bool(stored.tail) and stored.deep)
        self.limit = limit if full or first else stored.goal if self.full else stored.floor
        self.ordered = True
        """Set to False when the list cannot be sorted: then only its end ends the walk, and nothing is kept midway."""
        self.newest: Place | None = None
        self.oldest: Place | None = None
        self.seen: set[str] = set()
        self.totals: list[int] = []
        """First, least and last total that the list told."""
        self.by: Literal["", "end", "head", "limit"] = ""
        """What the first pass met."""
        self.passes = 1
        self.torn = False
        """Rows shifted away in every pass: some may be missing."""
        self._over = False
        self._shrunk = False
        self._joined = self._below = not stored.tail
        self._past_head = False
        self._mend: Place | None = None
        self._target: Place | None = None
        self._first: Place | None = None

    @property
    def done(self) -> bool:
        """Return whether the walk has arrived."""
        return self._over and not self.again

    @property
    def again(self) -> bool:
        """Return whether rows shifted away while being paged, so that the list must be walked once more."""
        return self._over and self._mend is not None

    def restart(self) -> None:
        """Begin the next pass, which goes down to where rows shifted last; one that was broken off is begun again."""
        self.passes += 1
        if self._over:
            self._target = self._mend
        self._mend, self._over, self.oldest = None, False, None
        if self.passes > PASSES:
            self.torn = self._over = True

    def page(self, rows: Iterable[Place], *, total: int | None = None, last: bool = False) -> None:
        """Take the next page; `last` when nothing lies below it."""
        places = list(rows)
        if self._fell(total):
            # A row above has gone: what stood first on this page has moved up to the page before, unseen. The next
            # pass goes down to this page, or to the end.
            self._shrunk = True
            self._mend = (places[0] if places else Place("")) if self.ordered else None
        self.seen.update(place.id for place in places)
        if places:
            self._newest(places)
            self.oldest = places[-1]
            if self._target is None:
                self._joined = self._joined or _passed(self.stored.top, self.stored.top_at, places)
                self._below = self._below or (
                    self._joined and _passed(self.stored.tail, self.stored.tail_at, places)
                )  # fmt: skip
                self._past_head = self._past_head or _passed(self.stored.head, self.stored.head_at, places)
        if self._target is not None:
            self._over = last or (bool(places) and _passed(self._target.id, self._target.at, places))
            return
        if last:
            self.by = "end"
        elif places and self.ordered:
            self.by = self._arrived(places[-1])
        self._over = bool(self.by)

    def _arrived(self, last: Place) -> Literal["", "head", "limit"]:
        if not self.full:
            return "head" if self._past_head and self._below else ""
        return "" if self.wanted(last) else "limit"

    def _newest(self, places: list[Place]) -> None:
        # A list may pin old rows at its top, so the newest is found by its time where times are told.
        if self.passes > 1 or (self._first is not None and self.ordered):
            return
        self._first = self._first or places[0]
        best = self.newest or places[0]
        for place in places:
            if place.at is not None and best.at is not None and place.at > best.at:
                best = place
        self.newest = best

    def _fell(self, total: int | None) -> bool:
        if total is None:
            return False
        fell = bool(self.totals) and total < self.totals[2] and self.oldest is not None
        first, least = (self.totals[0], min(self.totals[1], total)) if self.totals else (total, total)
        self.totals = [first, least, total]
        return fell

    def wanted(self, place: Place) -> bool:
        """Return whether a row lies in the period asked for."""
        until = place.until
        return self.limit is None or until is None or until >= self.limit

    @property
    def complete(self) -> bool:
        """Return whether as many rows came as the list said, or nearly; only after its end was reached."""
        return not self.torn and (not self.totals or len(self.seen) >= self.totals[2] * COMPLETE)

    @property
    def exact(self) -> bool:
        """Return whether every row that stands in the list was seen, so that others are gone."""
        if self.by != "end" or self.torn or not self.totals or (self._shrunk and not self.ordered):
            return False
        return len(self.seen) >= self.totals[1]

    def reached(self) -> Progress | None:
        """Return what may be remembered once the rows of the last page are stored, in the middle of the walk."""
        if not self.ordered or self._mend or self.passes > 1 or not self.newest or not self.oldest or not self._joined:
            return None
        stored = self.stored
        if not self._below:
            # Joined to what an earlier, broken walk read: its tail is now the tail of this one.
            return msgspec.structs.replace(stored, top=self.newest.id, top_at=self.newest.at)
        if self.full and stored.head and stored.whole:
            return None
        return Progress(
            head=stored.head, head_at=stored.head_at, whole=stored.whole, floor=stored.floor,
            top=self.newest.id, top_at=self.newest.at, tail=self.oldest.id, tail_at=self.oldest.at,
            deep=self.full, goal=self.limit if self.full else None,
        )  # fmt: skip

    def finished(self) -> Progress | None:
        """Return what to remember of a walk that arrived; None when it leaves a gap above the head."""
        stored = self.stored
        if self.torn:
            return None
        new = self.newest or Place(stored.head, stored.head_at)
        if self.by == "end":
            return Progress(head=new.id, head_at=new.at, whole=True, floor=self._floor)
        if stored.tail and not self._below:
            return msgspec.structs.replace(stored, top=new.id, top_at=new.at) if self._joined else None
        if stored.head and not self._past_head:
            return None
        return Progress(head=new.id, head_at=new.at, whole=bool(stored.head) and stored.whole, floor=self._floor)

    @property
    def _floor(self) -> datetime | None:
        """Return how far back any finished chain was asked to look."""
        if not self.stored.head:
            return self.limit
        return min(self.limit, self.stored.floor) if self.limit and self.stored.floor else None


def _passed(name: str, at: datetime | None, places: list[Place]) -> bool:
    """Return whether a page reaches down to a remembered row, which may have been deleted since."""
    if not name:
        return False
    last = places[-1]
    found = any(place.id == name for place in places)
    if last.at is None or last.until is None or at is None:
        return found
    # By time, so that a remembered row that a list pins at its top ends nothing.
    return last.until < at or (found and last.at <= at)
