"""Reviews of a Godomall5 mall: the posts of its review boards, by day of writing and by day of change.

A board is not searched by product, so the whole of it is read. Posts that vanished show only in a sweep.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from scrapy import Request

from shopscrape import values
from shopscrape.errors import ConfigurationError
from shopscrape.items import Review
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import OLDEST, Stream, Sweep, Windowed
from shopscrape.windows import Leg, Window
from spiders.godomall5 import DAY, POST_WINDOW, POSTS, mapping
from spiders.godomall5.asking import Place
from spiders.godomall5.mapping_reviews import BOARD, NO_REVIEWS
from spiders.godomall5.sales import OrderStreams

WRITTEN, CHANGED = "regDt", "modDt"


class ReviewStreams(OrderStreams):
    """The review half of the Godomall5 spider."""

    boards: list[str]
    shopfront: dict[str, Any]

    def named_boards(self) -> list[str]:
        """Return the boards to read. Raises: ConfigurationError for those that hold no reviews."""
        told = self.session.mall.native.get("boards", [BOARD])
        named = [told] if isinstance(told, str) else [str(board) for board in told]
        for board in named:
            if board in NO_REVIEWS or not board.replace("_", "").isalnum() or not board.isascii():
                raise ConfigurationError(f"Mall {self.session.mall.name}: {board[:40]} is no board of product reviews.")
        return named

    def check_boards(self, answer: bytes) -> None:
        """Hold the boards against those that the mall has; merchants rename and add boards."""
        there = mapping.names(answer)
        missing = [board for board in self.boards if board not in there]
        if missing and "boards" in self.session.mall.native:
            raise ConfigurationError(
                f"Mall {self.session.mall.name} has no board {missing[0]}; there are {', '.join(sorted(there))[:200]}."
            )
        if missing:
            self.session.report.notice(f"The mall has no board {missing[0]}; name its review boards in the malls file.")
            self.boards = []

    def review_streams(self) -> Iterator[Stream]:
        """Yield a sweep of each board when it is due, else what was written or changed."""
        for board in self.boards:
            name = f"reviews:{board}"
            sweep = Stream(
                f"reviews_sweep:{board}", Sweep(retires=("reviews",), catches_up=name), ("reviews",), reader="posts",
                board=board, dated=True, changes=name,
            )  # fmt: skip
            way = Windowed(longest=POST_WINDOW, unit=DAY, overlap=DAY)
            due = isinstance(sweep.way, Sweep) and sweep.way.due(sweep, self.session)
            yield sweep if due else Stream(name, way, ("reviews",), reader="posts", board=board)

    def ask_posts(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of posts with their answers and comments; notices stay out. The board spells `coment` so."""
        place: Place = about or Place()
        if "phases" not in leg.notes:
            leg.notes["phases"] = self._phases(stream, leg)
        turn = place.turns[0]
        return self.openhub(
            POSTS, bdId=stream.notes["board"], reply="y", coment="y", notice="n", page=turn.page, size=turn.size,
            **leg.notes["phases"][place.phase],
        )  # fmt: skip

    def _phases(self, stream: Stream, leg: Leg) -> list[dict[str, Any]]:
        return [_query(kind, *self.days(window)) for kind, window in self._stretches(stream, leg)]

    def _stretches(self, stream: Stream, leg: Leg) -> list[tuple[str, Window]]:
        if isinstance(stream.way, Windowed):
            window = stream.way.asked(leg)
            return [(WRITTEN, window), (CHANGED, window)]
        now = leg.started_at or values.now()
        start = leg.window.start or OLDEST
        marks = stream.stored(self.session, stream.notes["changes"])
        reached = [mark.upto for mark in marks if mark and mark.upto]
        since = min(reached) - DAY if reached and len(reached) == len(marks) else start
        # A sweep of a period does not see answers to older posts, and moves the mark past them: they are asked for too.
        return [(WRITTEN, Window(start, now)), (CHANGED, Window(since, now))]

    def read_posts(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of posts."""
        place: Place = about or Place()
        page = self.page("reviews.board", answer, board=stream.notes["board"], context=self.shopfront)
        ids = {record.review_id for record in page.records if isinstance(record, Review)}
        asks: list[Ask] = self.turn(leg, "posts", place, answer, page, ids)
        return Read(page=self.with_lost(self._written(page, stream, leg, place), leg), asks=asks)

    def _written(self, page: Page, stream: Stream, leg: Leg, place: Place) -> Page:
        """Take out posts of the first and last day that were written outside of the window."""
        kind, window = self._stretches(stream, leg)[place.phase]
        if kind != WRITTEN:
            return page
        start = self.since(window)
        kept = [
            (record, position) for record, position in zip(page.records, page.positions, strict=True)
            if not isinstance(record, Review) or not isinstance(record.written_at, datetime)
            or (start <= record.written_at and (window.end is None or record.written_at < window.end))
        ]  # fmt: skip
        page.records, page.positions = [record for record, _ in kept], [position for _, position in kept]
        return page


def _query(kind: str, first: date, last: date) -> dict[str, Any]:
    return {"dateType": kind, "startDate": first.isoformat(), "endDate": last.isoformat()}
