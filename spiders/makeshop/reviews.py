"""Reviews of a MakeShop mall: rating comments and the boards that hold reviews, power review among them.

A shop uses one system or several, so all are read, in one walk. Every list takes 30 days at most and none tells what
changed: each run reads the last weeks again, where most edits, answers and deletions are, and now and then everything.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from scrapy import Request

from shopscrape.errors import ConfigurationError, ResourceRefused
from shopscrape.items import Review
from shopscrape.payload import Answer
from shopscrape.session import Session
from shopscrape.spider import Ask, Read
from shopscrape.walks import OLDEST, Stream, Sweep
from shopscrape.windows import Leg, Window
from spiders.makeshop import MONTH, mapping
from spiders.makeshop.asking import MakeshopCalls, days_of

COMMENTS = "comments"
"""Name of the system of rating comments; the others are named by their board."""
ROWS = 500
NAMES = ("후기", "리뷰", "review")
"""What the name of a review board holds."""
EMPTY_MONTHS = 24
"""Stretches of 29 days without a review after which `since=all` takes it that a system had not begun yet."""


class Recent(Sweep, frozen=True, kw_only=True):
    """A sweep of the last weeks only, or of all since the last run where that is longer ago."""

    def legs(self, stream: Stream, session: Session) -> Iterator[Leg]:
        """Yield the one leg; what lies before its window is not judged."""
        stored = [mark.upto if mark else None for mark in stream.stored(session)]
        reached = [upto for upto in stored if upto]
        for leg in Sweep.legs(self, stream, session):
            assert leg.started_at
            start = min([leg.started_at - MONTH, *reached])
            leg.window = Window(start, leg.started_at)
            leg.marks = stream.marks(session, upto=leg.started_at - self.lag / session.mall.speed, since=start)
            leg.retire = [msgspec.structs.replace(one, since=start) for one in leg.retire]
            yield leg


class ReviewStreams(MakeshopCalls):
    """The review half of the MakeShop spider."""

    systems: dict[str, dict[str, str]]
    """Review systems that are read, with the titles of their scores."""
    opened: datetime

    async def prepare_reviews(self) -> None:
        """Find the boards that hold reviews: those the mall names, else those that are scored or named so."""
        self.systems, self.all_systems = {COMMENTS: {}}, True
        named = [str(board) for board in self.session.mall.native.get("boards") or ()]
        try:
            told = mapping.document(await self.fetch(self.api("board_code"), "board_code"))
        except ResourceRefused as why:
            self.session.report.fall_short(f"reviews: the boards are not told. {why}")
            self.systems |= {board: {} for board in named}
            self.all_systems = False
            return
        found = mapping.boards(told)
        codes = {board["code"] for board in found}
        strange = [board for board in named if board not in codes]
        if strange:
            raise ConfigurationError(
                f"Mall {self.session.mall.name} has no board {strange[0][:40]}; there are {', '.join(sorted(codes))}."
            )
        for board in found:
            fits = board["scored"] or any(part in board["name"].lower() for part in NAMES)
            if board["code"] in named or (not named and fits):
                self.systems[board["code"]] = board["titles"]

    def review_streams(self) -> Iterator[Stream]:
        """Yield a sweep of all systems when it is due, else of their last weeks."""
        # Without the list of boards nobody can say that a review is gone.
        retires = ("reviews",) if self.all_systems else ()
        way = Sweep(retires=retires, catches_up="reviews_recent")
        sweep = Stream("reviews", way, ("reviews",), reader="sweep", dated=True)
        if way.due(sweep, self.session):
            yield sweep
        else:
            yield Stream("reviews_recent", Recent(retires=retires), ("reviews",), reader="sweep")

    def _asked(self, system: str, window: Window, number: int) -> Request:
        # These lists may only look at days, so whole days are asked for.
        paging = [*days_of(window), ("limit", ROWS), ("page", number)]
        if system == COMMENTS:
            return self.api("review", paging)
        return self.api("board", [("BoardCode", system), *paging])

    def _read(self, answer: Answer, leg: Leg, system: str, window: Window, ask: Ask) -> tuple[Read, bool]:
        """Return what a page gives, and whether its list ended. A board tells no total: an empty page ends it."""
        kind = "reviews" if system == COMMENTS else "reviews.board"
        operators = self.session.mall.native.get("operators") or []
        context = {"storefront": self.shop["storefront"], "scores": self.systems[system], "operators": operators}
        page = self.page(kind, answer, board="" if system == COMMENTS else system, context=context)
        ids = {one.review_id for one in page.records if isinstance(one, Review)}
        number = ask.about[-1] if isinstance(ask.about, tuple) else ask.about
        told = mapping.document(answer)
        if kind == "reviews.board" and "totalPage" not in told:
            key = f"{system} {window}"
            before: set[str] = leg.notes.setdefault(key, set())
            # Answers make no record, so the rows are held against each other, not only the reviews.
            rows = {f"{row.get('num1')}:{row.get('num2')}" for row in mapping.rows(told, "num1")}
            fresh, ended = rows - before, not page.size
            before |= rows
            if ended or not fresh:
                return Read(page=page), True
            return Read(page=page, asks=[_turned(ask, number + 1)]), False
        ended, asks = self.next_page(answer, page, ids, leg, number, ROWS, ask, f"{system} {window}")
        return Read(page=page, asks=asks), ended

    # -- the sweep: every system, from now back -----------------------------------------------------------------------

    def ask_sweep(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a stretch of one system."""
        system, window, _, number = about or self._begin(leg)
        return self._asked(system, window, number)

    def _begin(self, leg: Leg, place: int = 0) -> tuple[str, Window, int, int]:
        assert leg.window.end
        first = max(leg.window.start or OLDEST, self.opened)
        return list(self.systems)[place], Window(max(first, leg.window.end - MONTH), leg.window.end), 0, 1

    def read_sweep(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page; after a stretch comes the one before it, after a system the next."""
        system, window, empty, number = about or self._begin(leg)
        ask = Ask(reader="sweep", about=(system, window, empty, number))
        read, ended = self._read(answer, leg, system, window, ask)
        if not ended:
            return read
        for key in [key for key in leg.notes if key.endswith(f"{system} {window}")]:
            del leg.notes[key]
        empty = empty + 1 if number == 1 and read.page and not read.page.size else 0
        first = max(leg.window.start or OLDEST, self.opened)
        systems = list(self.systems)
        assert window.start
        if window.start > first and (leg.window.start or empty < EMPTY_MONTHS):
            before = Window(max(first, window.start - MONTH), window.start)
            return Read(page=read.page, asks=[Ask(reader="sweep", about=(system, before, empty, 1))])
        place = systems.index(system) + 1
        if place < len(systems):
            return Read(page=read.page, asks=[Ask(reader="sweep", about=self._begin(leg, place))])
        return read


def _turned(ask: Ask, number: int) -> Ask:
    return Ask(reader=ask.reader, about=(*ask.about[:-1], number) if isinstance(ask.about, tuple) else number)
