"""Commits the rows of a Batch, its dead letters and the marks that it completes, in one transaction."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any

import msgspec
from scrapy.crawler import Crawler

from shopscrape import values
from shopscrape.errors import PageFailed
from shopscrape.payload import Page
from shopscrape.store.letters import DeadLetter
from shopscrape.windows import Batch, Leg

MOST_FAILED = 20
MOST_FAILED_SHARE = 0.05
"""More failed rows of a window than this, in number or in share: the shape has changed, no mark."""


class Sql:
    """Item pipeline; the only place where marks move."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Sql":
        """Build for a crawler."""
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Store a Batch."""
        if type(item) is Batch:
            await self._store(item)
        return item

    async def _store(self, batch: Batch) -> None:
        spider: Any = self.crawler.spider
        session, leg, report = spider.session, batch.leg, spider.session.report
        leg.rows += len(batch.rows) + len(batch.failed)
        leg.failed += len(batch.failed)
        completes = leg.unstored == 1
        if completes:
            self._judge(leg, report)
        if completes or batch.marks:
            session.check_lease()
        good = completes and leg.poison is None
        midway = batch.marks if leg.poison is None and not _too_many(leg) else []
        # A clock that is set back meanwhile must not make what a sweep just saw older than the sweep.
        now = max(filter(None, (values.now(), leg.started_at)))
        commit = partial(
            session.store.commit,
            batch.rows,
            marks=midway + (leg.marks if good else []),
            retire=leg.retire if good else [],
            dead=[_letter(session, leg, batch.page, failed) for failed in batch.failed] if batch.page else [],
            run=session.run, now=now, keep_rows=session.keep_rows, leg=leg.id, ends=good,
        )  # fmt: skip
        # SQLite works on this very core. PostgreSQL works elsewhere: of the 105 µs that a product with three variants
        # takes, 70 are waiting, in which answers can be read.
        counts = commit() if session.store.sqlite else await asyncio.to_thread(commit)
        leg.unstored -= 1
        if completes and not good:
            session.unfinished.add(leg.id)
        for (resource, state, again), count in _told(batch).items():
            report.states[resource]["same" if again else state] += count
            batch.states[state] += count
        for resource in {one.resource for one in leg.retire}:
            if gone := counts[f"gone {resource}"]:
                report.states[resource]["gone"] += gone
        report.dead += len(batch.failed)
        if good:
            report.legs[leg.stream.partition(":")[0]] += 1

    @staticmethod
    def _judge(leg: Leg, report: Any) -> None:
        if _too_many(leg):
            leg.spoil(f"{leg.failed} of {leg.rows} rows do not map: the shape has changed")
            report.fall_short(f"{leg.stream} {leg.window}: {leg.poison}")


def _told(batch: Batch) -> Counter[tuple[str, str, bool]]:
    return Counter((row.record.resource, row.state, row.again) for row in batch.rows)


def _too_many(leg: Leg) -> bool:
    return leg.failed > MOST_FAILED or (leg.failed > 1 and leg.failed > leg.rows * MOST_FAILED_SHARE)


def _letter(session: Any, leg: Leg, page: Page, failed: Any) -> DeadLetter:
    try:
        raw = msgspec.json.encode(page.raw(failed.position))
    except (PageFailed, StopIteration, TypeError, ValueError):
        raw = page.body
    origin = {name: getattr(page.origin, name) for name in ("shop", "url", "currency", "product_id", "board")}
    origin["collected_at"] = values.iso(page.origin.collected_at)
    return DeadLetter(
        platform=session.facts.platform, mall=session.mall.name, shop=page.origin.shop, access=session.access,
        kind=page.kind.name, stream=leg.stream, position=failed.position, why=failed.why[:300],
        origin_json=msgspec.json.encode(origin).decode(), raw=raw,
    )  # fmt: skip
