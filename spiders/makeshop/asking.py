"""How MakeShop is asked: the same questions through both doors, pages counted against the total that they tell."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy import Request

from shopscrape import values
from shopscrape.errors import PageFailed
from shopscrape.payload import Answer, Page
from shopscrape.session import Session
from shopscrape.spider import ApiSpider, Ask
from shopscrape.walks import OLDEST, Stream, Windowed
from shopscrape.windows import Leg, Window
from spiders.makeshop import mapping

TYPES: dict[str, tuple[tuple[str, str], ...]] = {
    "product": (("type", "product"),), "delete_product": (("type", "delete_product"),),
    "category": (("type", "category"),), "board_code": (("type", "board_code"),), "board": (("type", "board"),),
    "review": (("type", "review"),), "order/1": (("type", "order"),), "order/2": (("type", "order"), ("ver", "2")),
}  # fmt: skip
"""Operation of the Shop API to what the legacy Open API calls it; others are not asked there."""

Pairs = Sequence[tuple[str, Any]]


class Opened(Windowed, frozen=True, kw_only=True):
    """Windows that do not begin before the mall was opened, where malls.toml says when (`opened`)."""

    opened: datetime = OLDEST

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks join the stored ones."""
        start, joins = Windowed.start(self, stream, session)
        return max(start, self.opened), joins


class Logged(Windowed, frozen=True, kw_only=True):
    """Windows of a change log: on a first run there is nothing to catch up with, since orders are read as they are."""

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return the mark, or a moment ago."""
        return _or_now(self, stream, session)


class Again(Opened, frozen=True, kw_only=True):
    """Windows that begin early enough to read again what may have changed: no date of a change can be asked for."""

    back: datetime

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks join the stored ones."""
        start, joins = Opened.start(self, stream, session)
        return max(min(start, self.back), self.opened), joins


class Following(Opened, frozen=True, kw_only=True):
    """Windows by the date of a change: where every order is read anyhow (`since=all`), only new changes matter."""

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks join the stored ones."""
        if session.arguments.since is None:
            return _or_now(self, stream, session)
        return Opened.start(self, stream, session)


def _or_now(way: Windowed, stream: Stream, session: Session) -> tuple[datetime, bool]:
    reached = [mark.upto for mark in stream.stored(session) if mark and mark.upto]
    now = values.now()
    return (min(reached) if reached else now - way.lag / session.mall.speed - timedelta(seconds=1)), True


class MakeshopCalls(ApiSpider):
    """Builds questions and decides about pages."""

    mapping: ClassVar[Any] = mapping
    shop: dict[str, str]
    """What the shop told about itself: storefront, options, orders."""

    @property
    def legacy(self) -> bool:
        """Return whether the Open API on the mall's own domain is asked."""
        return self.session.mall.backend == "openapi"

    @property
    def first_version(self) -> bool:
        """Return whether the shop's orders are of version 1.0."""
        return self.shop["orders"].startswith("1")

    def api(self, operation: str, pairs: Pairs = ()) -> Request:
        """Return an unsigned question. Shape of pairs: (name, value); None leaves one out, "name[]" may come often."""
        told = [(name, value) for name, value in pairs if value is not None]
        if self.legacy:
            query = [("mode", "search"), *TYPES[operation], *told]
            return self.call(f"/list/open_api.html?{urlencode(query)}")
        path = f"/api/v1/{self.session.mall.native['shop_uid']}/{operation}"
        return self.call(f"{path}?{urlencode(told)}" if told else path)

    def window(self, stream: Stream, leg: Leg) -> list[tuple[str, str]]:
        """Return a leg's window with its overlap as MakeShop takes it: KST without a zone, both ends included."""
        assert isinstance(stream.way, Windowed)
        return between(stream.way.asked(leg))

    # -- pages --------------------------------------------------------------------------------------------------------

    def next_page(
        self, answer: Answer, page: Page, ids: set[str], leg: Leg, number: int, limit: int, ask: Ask, key: str = ""
    ) -> tuple[bool, list[Ask]]:
        """Return whether a list was read to its end, and the question that follows a page of it.

        `ask` is the question of this page with `about` = (…, number). What is missing against the total is read once
        more, because rows move while they are paged; then it is a shortfall.
        """
        told = mapping.document(answer)
        total, pages = mapping.whole(told.get("totalCount")), mapping.whole(told.get("totalPage"))
        notes: dict[str, Any] = leg.notes.setdefault(
            f"pages {key}", {"ids": set(), "failed": 0, "again": False, "total": 0}
        )
        fresh = ids - notes["ids"]
        notes["ids"] |= ids
        notes["failed"] += len(page.failed)
        if total is not None and total < notes["total"]:
            # Something was taken away while this went on, so what came after it has moved by one.
            notes["shrank"] = True
        notes["total"] = total or 0
        if number > 1 and page.size and not fresh and not page.failed and not notes["again"]:
            raise PageFailed(f"page {number} repeats what was read before")
        last = number >= pages if pages is not None else page.size == 0
        if page.size and not last:
            return False, [_turned(ask, number + 1)]
        found = len(notes["ids"]) + notes["failed"]
        if total is None or (found >= total and (notes["again"] or not notes.get("shrank"))):
            return True, []
        if not notes["again"]:
            notes["again"], notes["failed"] = True, 0
            return False, [_turned(ask, 1)]
        self._spoil(leg, f"{leg.stream} {leg.window}: {found} rows read, the shop counts {total}")
        return True, []


def _turned(ask: Ask, number: int) -> Ask:
    about = (*ask.about[:-1], number) if isinstance(ask.about, tuple) else number
    return Ask(reader=ask.reader, about=about)


def between(window: Window) -> list[tuple[str, str]]:
    """Return a window's ends as query pairs, the last second included."""
    assert window.start and window.end
    last = max(window.start, window.end - timedelta(seconds=1))
    return [("InquiryTimeFrom", _kst(window.start)), ("InquiryTimeTo", _kst(last))]


def days_of(window: Window) -> list[tuple[str, str]]:
    """Return a window from the begin of its first day on, for lists that may only look at days."""
    assert window.start and window.end
    first = values.day_start(window.start.astimezone(values.SEOUL).date())
    return between(Window(first, window.end))


def _kst(at: datetime) -> str:
    return f"{at.astimezone(values.SEOUL):%Y-%m-%d %H:%M:%S}"
