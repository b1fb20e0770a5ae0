"""Naver's orders and claims: one first load by days, then the feed of changes, and what is open is looked at again.

The unit is the product order, a line. Sums of an order need all of its lines, so lines that change are asked for
together with their siblings: those that the store knows, those that the feed brings, and for an order that is older
than everything read so far those that the order itself lists.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from scrapy import Request

from shopscrape import values
from shopscrape.errors import ConfigurationError, PageFailed
from shopscrape.payload import Answer
from shopscrape.session import Session
from shopscrape.spider import ApiSpider, Ask, Read
from shopscrape.store.known import lines_of
from shopscrape.walks import Stream, Sweep, Windowed
from shopscrape.windows import Leg, Window
from spiders.naver import CHANGES, DAY, LINES, OVERLAP, PAGE, QUERY, SIBLINGS
from spiders.naver import mapping_answers as answers

LAG = timedelta(minutes=1)
"""How far the mark stays behind now: changes show some seconds late."""
INSTANT = timedelta(milliseconds=1)
"""Windows are half open here, both ends are included there; times are told in milliseconds."""
OPEN_FOR = timedelta(days=180)
"""Open orders older than this are not read again: nothing happens to them any more."""
LOADED, CLAIMED, OPEN = "orders_by_order_date", "claims_by_request_date", "orders_open"
BOTH = ("orders", "returns")


class FirstLoad(Windowed, frozen=True, kw_only=True):
    """Everything since the start, by days, once; from its begin on the feed of changes is enough."""

    lag: timedelta = timedelta()

    def due(self, stream: Stream, session: Session) -> bool:
        """Return whether it was never finished, or a period is asked for."""
        if session.arguments.since_given or session.complete:
            return True
        return not all(mark and mark.finished_at for mark in stream.stored(session))

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where it begins: with since=all not before the store opened, where the mall's table tells when."""
        start, joins = super().start(stream, session)
        return max(start, opened(session) or start), joins

    def leg(self, stream: Stream, session: Session, window: Window, joins: bool, late: datetime) -> Leg:
        """Return one window; the last one finishes the load."""
        leg = super().leg(stream, session, window, joins, late)
        if window.end == late:
            if session.arguments.since is None and stream.name == LOADED:
                # Every order was read, so every claim was.
                leg.marks += stream.marks(session, stream=CLAIMED, upto=late) if leg.marks else []
            for mark in leg.marks:
                mark.finished_at = late
        return leg


class Changes(Windowed, frozen=True, kw_only=True):
    """The feed of changes, from the mark on; at first from now on, because the first load brings what is older."""

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return the mark."""
        reached = [mark.upto for mark in stream.stored(session) if mark and mark.upto]
        return min(reached, default=values.now() - max(self.lag / session.mall.speed, timedelta(seconds=2))), True


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Product orders to ask for, by order."""

    orders: dict[str, list[str]]
    halves: frozenset[str] = frozenset()
    """Orders of which these may not be all lines."""
    again: bool = False
    """Asked for the second time, because the first answer lacked some."""

    @property
    def ids(self) -> list[str]:
        """Return the product orders, each once: one that stands twice refuses them all."""
        return list(dict.fromkeys(number for ids in self.orders.values() for number in ids))


class Changed(msgspec.Struct, kw_only=True):
    """What the feed tells of one order."""

    ids: set[str]
    paid_at: datetime | None


def opened(session: Session) -> datetime | None:
    """Return when the store opened, from the mall's table. Raises: ConfigurationError."""
    told = session.mall.native.get("opened")
    try:
        day = values.day(str(told)) if told else None
    except ValueError:
        day = None
    if told and day is None:
        raise ConfigurationError(f'Mall {session.mall.name}: opened is a day such as "2019-04-01".')
    return values.day_start(day) if day else None


def stamp(at: datetime) -> str:
    """Return a time as the API takes it: KST with exactly three digits of a second.

    >>> stamp(datetime.fromisoformat("2025-11-03T00:00:00.5+00:00"))
    '2025-11-03T09:00:00.500+09:00'
    """
    return at.astimezone(values.SEOUL).isoformat(timespec="milliseconds")


def packed(orders: dict[str, list[str]], halves: Iterable[str] = ()) -> list[Lines]:
    """Return questions of at most 300 product orders that do not part the lines of an order.

    >>> [len(question.ids) for question in packed({"a": ["1"] * 1, "b": [str(n) for n in range(2, 302)]})]
    [1, 300]
    """
    found: list[Lines] = []
    batch: dict[str, list[str]] = {}
    torn = set(halves)
    for order, ids in orders.items():
        if len(ids) > PAGE:
            torn.add(order)
            found += [
                Lines(orders={order: ids[at : at + PAGE]}, halves=frozenset((order,)))
                for at in range(0, len(ids), PAGE)
            ]
            continue
        if batch and sum(map(len, batch.values())) + len(ids) > PAGE:
            found.append(Lines(orders=batch, halves=frozenset(torn & batch.keys())))
            batch = {}
        batch[order] = ids
    if batch:
        found.append(Lines(orders=batch, halves=frozenset(torn & batch.keys())))
    return found


class OrderStreams(ApiSpider):
    """Streams and questions of orders and claims."""

    def order_streams(self) -> Iterator[Stream]:
        """Yield the streams: what was never loaded, what changed, what is open."""
        opened(self.session)
        for name, kind in ((LOADED, "ORDERED_DATETIME"), (CLAIMED, "CLAIM_REQUESTED_DATETIME")):
            way = FirstLoad(longest=DAY)
            stream = Stream(name, way, BOTH, reader="orders", range_type=kind)
            # With since=all every order is read, and its claims with it.
            if way.due(stream, self.session) and (name == LOADED or self.session.arguments.since is not None):
                yield stream
        # The open ones are chosen before this run stores any order.
        mall = (self.session.store, self.facts.platform, self.session.mall.name, "")
        known = self.session.store.open_orders(*mall[1:], values.now() - OPEN_FOR)
        questions = packed(lines_of(*mall, known))
        way_of_changes = Changes(longest=DAY - OVERLAP, overlap=OVERLAP, lag=LAG)
        yield Stream("orders_changed", way_of_changes, BOTH, reader="changes")
        if questions:
            yield Stream(OPEN, Sweep(), BOTH, reader="open_lines", questions=questions)

    # -- the list by condition ----------------------------------------------------------------------------------------

    def ask_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for whole product orders by a date. A window of a day leaves its end out, which is safest."""
        window = leg.window
        assert window.start and window.end
        query = {
            "from": stamp(window.start), "to": stamp(window.end - INSTANT) if window.end - window.start < DAY else None,
            "rangeType": stream.notes["range_type"], "pageSize": PAGE, "page": about or 1,
            "quantityClaimCompatibility": "true",
        }  # fmt: skip
        return self.call(LINES, query)

    def read_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page; orders whose lines stand on several pages are asked for once more as a whole.

        By the day it was placed an order comes with all of its lines, by the day of a claim with the claimed ones only.
        """
        told = answers.document(answer)
        orders = answers.orders_told(told)
        torn: set[str] = leg.notes.setdefault("torn", set())
        lines: dict[str, list[str]] = leg.notes.setdefault("lines", {})
        for number, order in orders.items():
            known = lines.setdefault(number, [])
            fresh = [line for line in order.ids if line not in known]
            if known and fresh:
                torn.add(number)
            known += fresh
        if stream.name == CLAIMED:
            page = self.page("orders.list", answer, context={"whole": set()})
            asked: set[str] = leg.notes.setdefault("strangers", set())
            older = [number for number in self._older(orders) if number not in asked]
            asked.update(older)
            asks = [Ask(reader="siblings", about=(number, lines[number])) for number in older]
        else:
            page, asks = self.page("orders.list", answer), []
        if answers.has_next(told):
            return Read(page=page, asks=[*asks, Ask(reader="orders", about=(about or 1) + 1)])
        if stream.name == LOADED:
            asks += self._asks(packed({number: lines[number] for number in sorted(torn)}))
        return Read(page=page, asks=asks)

    def _older(self, orders: dict[str, answers.Told]) -> list[str]:
        """Return the orders that were placed before the first load begins, so that nothing else brings them whole."""
        since = self.session.arguments.since
        return [
            number for number, order in orders.items()
            if since is not None and (order.ordered_at is None or order.ordered_at < since)
        ]  # fmt: skip

    # -- the feed of changes ------------------------------------------------------------------------------------------

    def ask_changes(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask which product orders changed; the cursor of the last page is told again with three digits."""
        assert isinstance(stream.way, Windowed)
        window = stream.way.asked(leg)
        assert window.start and window.end
        stream.notes.setdefault("begun", window.start)
        start, sequence = about or (window.start, None)
        query = {
            "lastChangedFrom": stamp(start), "lastChangedTo": stamp(window.end - INSTANT),
            "moreSequence": sequence, "limitCount": PAGE,
        }  # fmt: skip
        return self.call(CHANGES, query)

    def read_changes(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of the feed, which only names lines; the last one leads to the questions about them."""
        found = answers.changes(answers.document(answer))
        if found.nameless:
            self.session.report.fall_short(f"{stream.name}: {found.nameless} changes do not name a product order")
        changed: dict[str, Changed] = leg.notes.setdefault("changed", {})
        for order, line, paid_at in found.lines:
            entry = changed.setdefault(order, Changed(ids=set(), paid_at=None))
            entry.ids.add(line)
            entry.paid_at = entry.paid_at or paid_at
        if found.more:
            cursors: dict[Any, Any] = leg.notes.setdefault("cursors", {})
            if found.more == about or cursors.setdefault(found.more, about) != about:
                raise PageFailed("the feed's cursor stands still")
            return Read(asks=[Ask(reader="changes", about=found.more)])
        return Read(asks=self._about_changes(stream, changed))

    def _about_changes(self, stream: Stream, changed: dict[str, Changed]) -> list[Ask]:
        store, begun = self.session.store, stream.notes["begun"]
        known = lines_of(store, self.facts.platform, self.session.mall.name, "", changed)
        whole: dict[str, list[str]] = {}
        strangers: list[Ask] = []
        halves: set[str] = set()
        for order, entry in sorted(changed.items()):
            ids = sorted(entry.ids.union(known.get(order, ())))
            older = order not in known and entry.paid_at is not None and entry.paid_at < begun
            if not order:
                halves.add(order)
            elif older and self.session.keep_rows:
                strangers.append(Ask(reader="siblings", about=(order, ids)))
                continue
            elif older:
                # Without stored rows every older order is a stranger; a question for each would cost too much.
                halves.add(order)
            whole[order] = ids
        return self._asks(packed(whole, halves)) + strangers

    def ask_siblings(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for all product orders of an order."""
        return self.call(SIBLINGS.format(quote(about[0], safe="")))

    def read_siblings(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and ask for all."""
        order, ids = about
        return Read(asks=self._asks(packed({order: sorted({*ids, *answers.line_ids(answers.document(answer))})})))

    # -- product orders by number -------------------------------------------------------------------------------------

    def _asks(self, questions: list[Lines]) -> list[Ask]:
        return [Ask(reader="query", about=question) for question in questions]

    def ask_query(self, stream: Stream, leg: Leg, about: Lines) -> Request:
        """Ask for up to 300 product orders."""
        told = {"productOrderIds": about.ids, "quantityClaimCompatibility": True}
        headers = {"Content-Type": "application/json"}
        return self.call(QUERY, method="POST", headers=headers, body=msgspec.json.encode(told))

    def read_query(self, answer: Answer, stream: Stream, leg: Leg, about: Lines) -> Read:
        """Read them; what the answer lacks is asked for once more, then it is a shortfall."""
        found = answers.orders_told(answers.document(answer))
        told = {number for order in found.values() for number in order.ids}
        lacks = {order: ids for order, ids in about.orders.items() if not told.issuperset(ids)}
        whole = about.orders.keys() - about.halves - lacks.keys()
        page = self.page("orders", answer, context={"whole": whole})
        # Counted by lines, as the floor is; the page itself counts orders.
        self.session.report.read[stream.name] += max(0, len(told) - page.size)
        asks: list[Ask] = []
        if lacks and not about.again:
            asks = [Ask(reader="query", about=Lines(orders=lacks, halves=about.halves & lacks.keys(), again=True))]
        elif lacks:
            count = sum(1 for ids in lacks.values() for number in ids if number not in told)
            # What is read again in every run would fall short in every run.
            say = self.session.report.notice if stream.name == OPEN else self.session.report.fall_short
            say(f"{stream.name}: {count} product orders were asked for twice and not told")
        return Read(page=page, asks=asks)

    def ask_open_lines(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask again for lines of open orders: a delivery, a hold or a refusal makes no row in the feed."""
        return self.ask_query(stream, leg, stream.notes["questions"][0])

    def read_open_lines(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and ask for the others."""
        first, *others = stream.notes["questions"]
        read = self.read_query(answer, stream, leg, first)
        read.asks += self._asks(others)
        return read

    def split(self, stream: Stream, leg: Leg, ask: Ask) -> list[Ask]:
        """Ask for fewer product orders: one that is foreign, gone or unreadable refuses all that are asked with it."""
        if ask.reader == "siblings":
            order, ids = ask.about
            return self._asks(packed({order: ids}, (order,)))
        if ask.reader not in ("query", "open_lines"):
            return []
        question: Lines = ask.about or stream.notes["questions"][0]
        rest = self._asks(stream.notes["questions"][1:]) if ask.reader == "open_lines" else []
        orders = list(question.orders.items())
        if len(orders) > 1:
            parts = [dict(orders[: len(orders) // 2]), dict(orders[len(orders) // 2 :])]
            return rest + self._asks(
                [msgspec.structs.replace(question, orders=part, halves=question.halves & part.keys()) for part in parts]
            )
        order, ids = orders[0]
        if len(ids) > 1:
            torn = frozenset((order,))
            parts = [{order: ids[: len(ids) // 2]}, {order: ids[len(ids) // 2 :]}]
            return rest + self._asks([msgspec.structs.replace(question, orders=part, halves=torn) for part in parts])
        return rest
