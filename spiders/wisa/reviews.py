"""Reviews of a WISA mall: the Openapi's list, newest first, and the comments below each review.

A dead session does not fail here, it only hides pending reviews. So a list counts only after the session was seen to be
alive at its end.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from scrapy import Request

from shopscrape import values
from shopscrape.payload import Answer, Page, Payload, Tally
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Sweep, Windowed
from shopscrape.windows import Leg, Window
from spiders.wisa import PAGE, REVIEWS_ROLLING, codes, mapping_reviews
from spiders.wisa.questions import Questions, document, listing, without_records
from spiders.wisa.shapes import when

QUARTER = timedelta(days=92)
NAME = "reviews"
RENEWALS = 6
"""How often a list is read again because the session was renewed, be it for another stream."""


class ReviewStreams(Questions):
    """The review half of the WISA spider."""

    def review_streams(self) -> Iterator[Stream]:
        """Yield a sweep when it is due and the first load is done, else the newest and those of the last weeks."""
        way = Windowed(longest=QUARTER, unit=timedelta(days=1))
        newest = Stream(NAME, way, ("reviews",), reader="reviews")
        sweep = Sweep(retires=("reviews",), catches_up=NAME)
        whole = Stream(f"{NAME}_sweep", sweep, ("reviews",), reader="reviews", dated=True)
        loaded = all(mark and mark.upto for mark in newest.stored(self.session))
        # The first load reads all of its period, so the sweep is due a while after it.
        newest.notes["first"] = not loaded
        if (loaded and sweep.due(whole, self.session)) or self.session.arguments.sweep:
            yield whole
        else:
            yield newest

    def _period(self, stream: Stream, leg: Leg) -> Window:
        """Return what is asked: the leg's window, and before the first one the weeks in which reviews still change."""
        window = leg.window
        if isinstance(stream.way, Windowed) and window.start and not self.session.arguments.since_given:
            stored = [mark.upto for mark in stream.stored(self.session) if mark and mark.upto]
            if stored and window.start <= min(stored) and not self.session.complete:
                return Window(window.start - REVIEWS_ROLLING, window.end)
        return window

    def ask_reviews(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of reviews; windows are whole days of the mall's zone."""
        if "period" not in leg.notes:
            leg.notes |= {"period": self._period(stream, leg), "begun": values.now()}
        window = leg.notes["period"]
        days: dict[str, Any] = {}
        if window.start and window.end:
            last = window.end - timedelta(seconds=1)
            days = {
                "sdate1": f"{window.start.astimezone(self.zone):%Y-%m-%d}",
                "sdate2": f"{last.astimezone(self.zone):%Y-%m-%d}",
            }
        return self.openapi("reviewList", **days, page=about or 1, page_size=PAGE)

    def read_reviews(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Ask for the comments of each review of a page: a review goes out whole, with its answers."""
        leg.notes.setdefault("generation", self.signer.generation)
        found = listing(answer, "articles")
        page = self.page("reviews", answer)
        asked: set[str] = leg.notes.setdefault("asked", set())
        asks = []
        for row in found.mapped(page):
            number = str(row.get("no") or "")
            notice = str(row.get("stat")) == codes.NOTICE
            if number and not notice and number not in asked and self._inside(page, row, leg.notes["period"]):
                asked.add(number)
                asks.append(Ask(reader="comments", about=row))
        more = self.turn(leg, "reviews", found, about or 1, "no")
        return Read(page=without_records(page), asks=asks + (more or [Ask(reader="login_check")]))

    def _inside(self, page: Page, row: dict[str, Any], window: Window) -> bool:
        written = when(Payload({"reg_date": row.get("reg_date")}, page.tally, zone=self.zone), "reg_date")
        return not isinstance(written, datetime) or window == Window() or written in window

    def ask_comments(self, stream: Stream, leg: Leg, about: dict[str, Any]) -> Request:
        """Ask for the comments of one review."""
        return self.openapi("reviewCommentList", no=about["no"])

    def read_comments(self, answer: Answer, stream: Stream, leg: Leg, about: dict[str, Any]) -> Read:
        """Read the review together with its comments."""
        operators = [str(name) for name in self.session.mall.native.get("operators", ())]
        below = Payload(document(answer), Tally(), zone=self.zone)
        replies = mapping_reviews.replies(below, self.origin(context={"operators": operators}))
        body = msgspec.json.encode({"status": "Y", "articles": [about]})
        context = {"replies": {str(about["no"]): replies}, "storefront": self.storefront}
        page = self.page("reviews", answer._replace(body=body), context=context)
        return Read(page=self.one_request(stream, page))

    def _gone(self, leg: Leg) -> None:
        """Of the weeks that were looked at again everything was seen; what was not is deleted."""
        period: Window = leg.notes["period"]
        if period.start and leg.window.start and period.start < leg.window.start:
            self.retire(leg, "reviews", {}, before=leg.notes["begun"], since=period.start)

    @property
    def storefront(self) -> str:
        """Return the address of the mall's pages, with a slash at its end."""
        return (self.session.mall.storefront_url or self.base_url).rstrip("/") + "/"

    def ask_login_check(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask whether the session that read the list is still alive."""
        return self.openapi("loginCheck")

    def read_login_check(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """A session that was renewed on the way may have read a thinner list: the list is read again, boundedly."""
        if self.signer.generation == leg.notes["generation"]:
            self._gone(leg)
            if stream.notes.get("first") and leg.marks:
                leg.marks += stream.marks(self.session, stream=f"{NAME}_sweep", finished_at=values.now())
            return Read()
        leg.notes["generation"] = self.signer.generation
        leg.notes["renewed"] = leg.notes.get("renewed", 0) + 1
        if leg.notes["renewed"] > RENEWALS:
            self._spoil(leg, f"{leg.stream} {leg.window}: the session does not live long enough to read the list")
            return Read()
        leg.notes.pop("reviews walk", None)
        return Read(asks=[Ask(reader="reviews", about=1)])
