"""How the WISA spider asks: addresses of both APIs, numbered pages, windows that can be cut."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from scrapy import Request
from scrapy.http import Response

from shopscrape import values
from shopscrape.errors import PageFailed, ShopscrapeError, Throttled
from shopscrape.payload import Answer, Page
from shopscrape.spider import ApiSpider, Ask
from shopscrape.walks import Stream
from shopscrape.windows import Leg, Retire, Window, windows
from spiders.wisa import ERP, EXEC, FACTS, OPENAPI, PAGE, mapping
from spiders.wisa.shapes import listed

SECOND = timedelta(seconds=1)
MOST_DAYS = 31
"""Days that are asked together at most."""
PATIENCE = 120
"""Seconds that an answer of the ERP API may take."""
CHAINS = frozenset(("modified", "registered", "erp_orders", "claims"))
"""Readers whose `about` is a chain of windows still to be asked; the first ask of a leg keeps it in its notes."""


class Listing(NamedTuple):
    """A page of a list of the Openapi, before mapping."""

    rows: list[Any]
    matches: int | None
    """How many rows the whole list has, as this page tells; None at its end."""

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Return the rows that are objects."""
        return [row for row in self.rows if isinstance(row, dict)]

    def mapped(self, page: Page) -> list[dict[str, Any]]:
        """Return the rows that did not fail to map."""
        failed = {place for place, _ in page.failed}
        return [row for place, row in enumerate(self.rows) if place not in failed and isinstance(row, dict)]


class Questions(ApiSpider):
    """What all streams of the WISA spider share."""

    facts = FACTS
    mapping: ClassVar[Any] = mapping

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which the mall prints and takes times."""
        return self.session.mall.zone if self.session.mall.timezone else self.facts.zone

    def answer(self, response: Response) -> Answer:
        """Return a response as the mapping sees it, without the key that the ERP API echoes."""
        answer = super().answer(response)
        return answer._replace(body=self.signer.hide(answer.body))

    def openapi(self, action: str, **query: Any) -> Request:
        """Return an unsigned question to the Openapi."""
        return self.call(EXEC, {"exec_file": OPENAPI, "urlfix": "Y", "action": action, **query})

    def erp(self, action: str, **query: Any) -> Request:
        """Return an unsigned question to the ERP API."""
        asked = self.call(EXEC, {"exec_file": ERP, "action": action, **query})
        # An answer holds all that a window has, and is made in one go.
        return asked.replace(meta=asked.meta | {"download_timeout": PATIENCE})

    def one_request(self, stream: Stream, page: Page) -> Page:
        """Count an answer about one thing as one request of the floor, however many rows it has; return it."""
        self.session.report.read[stream.name] += PAGE - page.size
        return page

    # -- numbered pages -----------------------------------------------------------------------------------------------

    def turn(self, leg: Leg, reader: str, listing: Listing, number: int, key: str) -> list[Ask]:
        """Return the question for the next page of a list; none when it was read to its end.

        A list that became shorter while it was read, or that shows fewer rows than it counts, is read once more: rows
        moved up between two pages. What is missing then is a shortfall.
        """
        state = leg.notes.setdefault(f"{reader} walk", {"seen": set(), "failed": 0, "most": 0, "again": False})
        named = [str(row[key]) for row in listing.objects if row.get(key)]
        fresh = set(named) - state["seen"]
        state["seen"] |= fresh
        state["failed"] += len(listing.rows) - len(named)
        total = state["total"] = listing.matches if listing.matches is not None else state.get("total")
        state["most"] = max(state["most"], total or 0)
        found = len(state["seen"]) + state["failed"]
        if fresh and (total is None or found < total):
            return [Ask(reader=reader, about=number + 1)]
        if total is None:
            return []
        if found >= total and total == state["most"]:
            return []
        if not state["again"]:
            leg.notes[f"{reader} walk"] = {"seen": set(), "failed": 0, "most": 0, "again": True}
            return [Ask(reader=reader, about=1)]
        if found < total:
            self._spoil(leg, f"{leg.stream} {leg.window}: {found} rows read, the mall counts {total}")
        return []

    # -- windows that a chain asks one after the other ----------------------------------------------------------------

    def stretches(self, start: datetime, end: datetime, longest: timedelta) -> tuple[Window, ...]:
        """Return the windows of a chain, oldest first."""
        return tuple(windows(start.replace(microsecond=0), end.replace(microsecond=0), longest))

    def joined(self, stream: Stream, rest: tuple[Window, ...], empty: bool) -> tuple[Window, ...]:
        """Return what is left of a chain of days, with its next ones asked together while the answers are empty."""
        reach = stream.notes["reach"] = min(stream.notes.get("reach", 1) * 2, MOST_DAYS) if empty else 1
        if len(rest) < 2 or reach == 1:
            return rest
        return (Window(rest[0].start, rest[:reach][-1].end), *rest[reach:])

    def digits(self, window: Window) -> tuple[str, str]:
        """Return both ends as the ERP API takes them: 14 digits in the mall's zone, both included."""
        assert window.start and window.end
        last = max(window.start, window.end - SECOND)
        return f"{window.start.astimezone(self.zone):%Y%m%d%H%M%S}", f"{last.astimezone(self.zone):%Y%m%d%H%M%S}"

    def lighter(self, ask: Ask, why: ShopscrapeError) -> Ask:
        """Cut the first window of a chain that the mall's server fails to answer, from the third time on."""
        if ask.reader in CHAINS and ask.about and ask.tries >= 2 and not isinstance(why, Throttled):
            halves = ask.about[0].halves(SECOND) or (ask.about[0],)
            return msgspec.structs.replace(ask, about=(*halves, *ask.about[1:]))
        return ask

    def split(self, stream: Stream, leg: Leg, ask: Ask) -> list[Ask]:
        """Cut the first window of a chain whose answer cannot be read; one of a second is left out: no success.

        Legs are as long as their unit, so that nothing but the chain is cut: measured, cutting both asked 3,400 times.
        """
        if ask.reader not in CHAINS:
            return []
        chain: tuple[Window, ...] = ask.about or leg.notes["chain"]
        halves, rest = chain[0].halves(SECOND) or (), chain[1:]
        if not halves:
            self._spoil(leg, f"{leg.stream} {chain[0]}: what is told of this second cannot be read")
        left = (*halves, *rest)
        return [msgspec.structs.replace(ask, about=left, tries=0, fresh=0)] if left else []

    def retire(
        self,
        leg: Leg,
        resource: str,
        *wheres: dict[str, str],
        before: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        """Note rows that are gone if this window does not bring them: they go when all its rows are stored."""
        if resource in self.session.resources:
            leg.retire += [
                Retire(
                    platform=self.facts.platform, mall=self.session.mall.name, shop="", resource=resource,
                    before=before or values.now(), where=where, since=since,
                )
                for where in wheres
            ]  # fmt: skip


def listing(answer: Answer, key: str) -> Listing:
    """Return the raw rows of a list. Raises: PageFailed when it is none."""
    told = document(answer)
    try:
        rows = listed(told.get(key))
    except TypeError:
        raise PageFailed(f"{key} is no list") from None
    return Listing(rows, _count(told.get("rows")))


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as an object. Raises: PageFailed."""
    try:
        told = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the body is not readable JSON") from None
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    return told


def _count(raw: Any) -> int | None:
    text = str(raw).replace(",", "").strip()
    return int(text) if text.isdigit() and len(text) < 10 else None


def without_records(page: Page) -> Page:
    """Return a page whose rows only led to further questions: it is counted and stores nothing."""
    page.records, page.positions = [], []
    return page


def keep(page: Page, wanted: Iterable[bool]) -> Page:
    """Return a page with those of its records that are wanted."""
    kept = [pair for pair, want in zip(zip(page.records, page.positions, strict=True), wanted, strict=True) if want]
    page.records, page.positions = [record for record, _ in kept], [place for _, place in kept]
    return page
