"""Turns persons into pseudonyms and masks numbers in free text, before anything is fingerprinted, logged or written."""

from typing import Any

from scrapy.crawler import Crawler

from shopscrape.windows import Batch


class Scrub:
    """Item pipeline."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Scrub":
        """Build for a crawler."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Scrub the rows of a Batch."""
        if type(item) is Batch:
            scrub = self.crawler.spider.session.scrubber.scrub  # type: ignore[union-attr]
            for row in item.rows:
                scrub(row.record)
        return item
