"""Finds out what is new, changed or the same, and drops what a window shows twice."""

from typing import Any

from scrapy.crawler import Crawler

from shopscrape.identity import fingerprint, form, identity
from shopscrape.windows import Batch, Row


class Dedupe:
    """Item pipeline."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Dedupe":
        """Build for a crawler."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Mark the rows of a Batch; a row that this window already showed in the same words is dropped."""
        if type(item) is not Batch:
            return item
        once: dict[bytes, Row] = {}
        for row in item.rows:
            row.digest, row.body = fingerprint(row.record)
            row.identity = identity(row.record)
            row.form = form(row.record)
            once.setdefault(row.identity + row.digest, row)
        rows = list(once.values())
        session = self.crawler.spider.session  # type: ignore[union-attr]
        session.store.known(rows)
        kept = [row for row in rows if row.state != "same" or row.leg != item.leg.id]
        for row in kept:
            row.unwritten = row.state == "same" and row.leg in session.unfinished
        item.states["dropped"] += len(item.rows) - len(kept)
        item.rows = kept
        return item
