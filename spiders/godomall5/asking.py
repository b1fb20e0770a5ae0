"""How Godomall5 is asked: forms of the openhub, lists by pages, and answers that a broken row makes unreadable.

One control character or bare "&" in one post can spoil a page of a hundred. Such a page is asked for in smaller and
smaller pieces, until the row alone is left, which becomes a dead letter.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape import xml
from shopscrape.payload import Answer, Failed, Page
from shopscrape.spider import ApiSpider, Ask
from shopscrape.walks import OLDEST, Stream
from shopscrape.windows import Leg, Window
from spiders.godomall5 import PAGE

FORM = "application/x-www-form-urlencoded; charset=UTF-8"
HEAD = 4096
"""Bytes at the begin of an answer in which its header stands."""


class Turn(msgspec.Struct, frozen=True):
    """A page of a list."""

    page: int
    size: int = PAGE
    main: bool = True
    """The list goes on after it; False: a piece of a page that could not be read."""
    closing: bool = False
    """The first page once more, at the end: it tells whether the list moved meanwhile."""


class Place(msgspec.Struct, frozen=True):
    """Where a walk through lists stands."""

    phase: int = 0
    """Which of the leg's queries."""
    turns: tuple[Turn, ...] = (Turn(1),)
    """The page to ask for, and those that must follow it."""


class Listed(msgspec.Struct):
    """What one list brought so far."""

    ids: set[str]
    lately: set[str]
    """Ids of this way through the list."""
    others: int = 0
    """Rows of this way without an id: they failed, cannot be read, or are no records."""
    total: int | None = None
    """The list's own count at the begin of this way."""
    again: bool = False


class Torn(Page):
    """A page and rows lost on the way to it: their bytes go to the dead letters as they came."""

    __slots__ = ("lost",)

    def __init__(self, page: Page, lost: list[bytes]) -> None:
        super().__init__(page.kind, page.body, page.origin)
        self.records, self.positions, self.failed = page.records, page.positions, page.failed
        self.tally, self.size, self.lost = page.tally, page.size, lost
        self.failed += [Failed(page.size + place, "its XML cannot be read") for place in range(len(lost))]

    def raw(self, position: int) -> Any:
        """Return a raw row; of one that cannot be read, the whole answer as text."""
        if position < self.size:
            return super().raw(position)
        return {"unreadable": xml.decode(self.lost[position - self.size]).text}


class Questions(ApiSpider):
    """Asks the openhub and walks its lists."""

    def openhub(self, path: str, **fields: Any) -> Request:
        """Return a call of the openhub; parameters travel in the body."""
        told = {name: value for name, value in fields.items() if value is not None}
        return self.call(path, method="POST", body=urlencode(told), headers={"Content-Type": FORM})

    def answer(self, response: Response) -> Answer:
        """Keep the body until it is read: what of an unreadable answer is lost is taken from there."""
        leg = response.request.cb_kwargs.get("leg") if response.request else None
        if isinstance(leg, Leg):
            leg.notes["body"] = response.body
        return super().answer(response)

    def days(self, window: Window) -> tuple[date, date]:
        """Return the first and the last day of a window, in the mall's zone: the openhub takes whole days."""
        assert window.start and window.end
        zone = self.origin().zone
        last = max(window.start, window.end - timedelta(seconds=1))
        return window.start.astimezone(zone).date(), last.astimezone(zone).date()

    def since(self, window: Window) -> datetime:
        """Return the moment before which rows do not belong to a window; a given `since` is not undercut."""
        assert window.start
        arguments = self.session.arguments
        strict = arguments.since_given or self.session.complete
        return max(window.start, arguments.since or OLDEST) if strict else window.start

    # -- lists by pages -----------------------------------------------------------------------------------------------

    def turn(self, leg: Leg, reader: str, place: Place, answer: Answer, page: Page, ids: set[str]) -> list[Ask]:
        """Return the question after a page: the next page, the first once more, all again, the next query, or none.

        Rows move between pages while they are read. So the list is only at its end when the first page, asked once
        more, still counts as many rows as before and all of them were seen.
        """
        told = _listed(leg, place)
        head, rest = place.turns[0], place.turns[1:]
        total, pages = count(answer, "total"), count(answer, "max_page")
        fresh = ids - told.lately
        told.ids |= ids
        told.lately |= ids
        if not head.closing:
            told.others += page.size - len(set(page.positions))
        if told.total is None:
            told.total = total
        if rest:
            return [Ask(reader=reader, about=Place(place.phase, rest))]
        if head.closing:
            return self._closed_list(leg, reader, place, told, total)
        more = head.page < pages if pages is not None else page.size >= head.size
        if page.size and more and (fresh or not page.records):
            return [Ask(reader=reader, about=Place(place.phase, (Turn(head.page + 1, head.size),)))]
        if head.page == 1:
            return self._closed_list(leg, reader, place, told, total)
        return [Ask(reader=reader, about=Place(place.phase, (Turn(1, closing=True),)))]

    def _closed_list(self, leg: Leg, reader: str, place: Place, told: Listed, total: int | None) -> list[Ask]:
        found = len(told.ids) + told.others
        whole = total is None or (found >= total and (told.again or total == told.total))
        if not whole and not told.again:
            told.again, told.total, told.lately, told.others = True, total, set(), 0
            return [Ask(reader=reader, about=Place(place.phase))]
        if not whole:
            self._spoil(leg, f"{leg.stream} {leg.window}: {found} rows read, the mall counts {total}")
        if place.phase + 1 < len(leg.notes.get("phases", "1")):
            return [Ask(reader=reader, about=Place(place.phase + 1))]
        return []

    def split(self, stream: Stream, leg: Leg, ask: Ask) -> list[Ask]:
        """Return the pieces of a page that cannot be read; a row that alone cannot be read is lost and passed over."""
        place = ask.about if ask.about is not None else Place()
        if not isinstance(place, Place):
            return []
        head, rest = place.turns[0], place.turns[1:]
        if head.closing:
            page = head.page + 1 if head.size == 1 else 1
            smaller = Turn(page, piece(head.size), closing=True)
            return [Ask(reader=ask.reader, about=Place(place.phase, (smaller,)))] if page < 6 else []
        pieces: tuple[Turn, ...] = ()
        if head.size == 1:
            self.lose(leg)
            _listed(leg, place).others += 1
        else:
            size = piece(head.size)
            factor = head.size // size
            pieces = tuple(Turn((head.page - 1) * factor + nth + 1, size, main=False) for nth in range(factor))
        follow = (Turn(head.page + 1, head.size),) if head.main else ()
        turns = pieces + rest + follow
        return [Ask(reader=ask.reader, about=Place(place.phase, turns))] if turns else []

    def lose(self, leg: Leg) -> None:
        """Keep the answer that holds a row which cannot be read, until a page takes it along."""
        leg.notes.setdefault("lost", []).append(leg.notes.get("body", b""))

    def with_lost(self, page: Page, leg: Leg) -> Page:
        """Return the page with the rows that were lost before it."""
        lost = leg.notes.pop("lost", [])
        return Torn(page, lost) if lost else page


def _listed(leg: Leg, place: Place) -> Listed:
    told: Listed = leg.notes.setdefault(f"list {place.phase}", Listed(ids=set(), lately=set()))
    return told


def piece(size: int) -> int:
    """Return the size of the pieces of a page: 100, 20, 4, 1.

    >>> [piece(100), piece(20), piece(4)]
    [20, 4, 1]
    """
    return size // 5 if size > 4 else 1


def count(answer: Answer, name: str) -> int | None:
    """Return a number of the header, None when it is not told."""
    told = header_text(answer, name)
    return int(told) if told and told.isdecimal() and len(told) < 10 else None


def header_text(answer: Answer, name: str) -> str | None:
    """Return a text of the header in lower case, None when it is not told."""
    pattern = rb"<%b>\s*(?:<!\[CDATA\[)?\s*(\w{1,20})" % name.encode()
    found = re.search(pattern, answer.body[:HEAD])
    return found[1].decode("ascii", "replace").lower() if found else None
