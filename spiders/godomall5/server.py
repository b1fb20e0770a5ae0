"""Reviews over the Server API, for malls with backend = "server". The whole API is unverified: one client is known.

It tells product and rating of each review, which a board's post may lack, but neither secret posts nor answers. Only
the time of writing can be searched, so edits show in a sweep.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from scrapy import Request

from shopscrape import values
from shopscrape.items import Review
from shopscrape.payload import Answer
from shopscrape.spider import Ask, Read
from shopscrape.walks import OLDEST, Stream, Sweep, Windowed
from shopscrape.windows import Leg, Window
from spiders.godomall5 import ARTICLES, DAY, POST_WINDOW, SERVER_HOST, SERVER_PAGE
from spiders.godomall5.reviews import ReviewStreams

SWEEP, NEWEST = "reviews_server_sweep", "reviews_server"


class ServerStreams(ReviewStreams):
    """The Server API's part of the Godomall5 spider."""

    @property
    def server_url(self) -> str:
        """Return the address of the Server API, without a slash at its end."""
        return self.session.mall.base_url.rstrip("/") or f"https://{SERVER_HOST}"

    def server_streams(self) -> Iterator[Stream]:
        """Yield a sweep of each board when it is due, else what was written since."""
        for board in self.boards:
            name = f"{NEWEST}:{board}"
            sweep = Stream(
                f"{SWEEP}:{board}", Sweep(retires=("reviews",), catches_up=name), ("reviews",), reader="articles",
                board=board, dated=True,
            )  # fmt: skip
            way = Windowed(longest=POST_WINDOW, overlap=DAY)
            due = isinstance(sweep.way, Sweep) and sweep.way.due(sweep, self.session)
            yield sweep if due else Stream(name, way, ("reviews",), reader="articles", board=board)

    def _asked(self, stream: Stream, leg: Leg) -> Window:
        if isinstance(stream.way, Windowed):
            return stream.way.asked(leg)
        return Window(leg.window.start or OLDEST, leg.started_at or values.now())

    def ask_articles(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of reviews by the time of writing, both ends included, in the mall's zone."""
        window = self._asked(stream, leg)
        zone = self.origin().zone
        assert window.start and window.end
        query = {
            "registerStartDate": f"{window.start.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "registerEndDate": f"{window.end.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "page": about or 1, "pageSize": SERVER_PAGE,
        }  # fmt: skip
        request = self.call(ARTICLES.format(board=stream.notes["board"]), query)
        return request.replace(url=request.url.replace(self.base_url, self.server_url, 1))

    def read_articles(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page; a page that is not full, or brings nothing new, ends the list. Its total is a hint."""
        page = self.page("reviews.server", answer, board=stream.notes["board"], context=self.shopfront)
        seen: set[str] = leg.notes.setdefault("ids", set())
        ids = {record.review_id for record in page.records if isinstance(record, Review)}
        fresh = ids - seen
        seen |= ids
        leg.notes["others"] = leg.notes.get("others", 0) + page.size - len(set(page.positions))
        if page.size >= SERVER_PAGE and (fresh or not page.records):
            return Read(page=page, asks=[Ask(reader="articles", about=(about or 1) + 1)])
        total, found = _total(answer.body), len(seen) + leg.notes["others"]
        if total is not None and found < total:
            self.session.report.notice(f"{leg.stream} {leg.window}: {found} reviews read, the mall counts {total}.")
        return Read(page=page)


def _total(body: bytes) -> int | None:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    total = told.get("totalCount") if isinstance(told, dict) else None
    return total if isinstance(total, int) else None
