"""Writes one JSON lines file for each window and resource; publish.py puts it in place when the window has ended.

A row stands in the file of the window that found it new or changed, or, when that one never ended, of the next one that
met it.
"""

import os
from collections import defaultdict
from pathlib import Path
from typing import IO, Any

from scrapy.crawler import Crawler

from shopscrape import lines
from shopscrape.windows import Batch, Leg


class Jsonl:
    """Item pipeline; runs before the sql sink, which moves the mark: first the file is on the disk, then the mark."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.open: dict[Leg, dict[str, IO[bytes]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Jsonl":
        """Build for a crawler."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Write the new and changed rows of a Batch; with the last one of a window its files go to the disk."""
        if type(item) is not Batch:
            return item
        found = defaultdict[str, list[bytes]](list)
        for row in item.rows:
            if row.state != "same" or row.unwritten:
                found[row.record.resource].append(lines.write(row.record, row.body))
        for resource, told in found.items():
            file = self._file(item.leg, resource)
            file.writelines(told)
            # Before the rows are stored: a run that is killed from now on leaves a line for each stored row.
            file.flush()
        if item.leg.unstored == 1:
            for file in self.open.pop(item.leg, {}).values():
                with file:
                    os.fsync(file.fileno())
                item.leg.files.append(Path(file.name))
        return item

    def close_spider(self) -> None:
        """Close the files of windows that did not end."""
        for leg, files in self.open.items():
            leg.spoil("the crawl ended inside this window")
            for file in files.values():
                file.close()
        self.open.clear()

    def _file(self, leg: Leg, resource: str) -> IO[bytes]:
        files = self.open.setdefault(leg, {})
        if resource not in files:
            session = self.crawler.spider.session  # type: ignore[union-attr]
            path = lines.hidden(session.output / session.mall.name, leg, resource, session.access)
            # Kept open until the window ends, so no with-statement here.
            files[resource] = path.open("wb")
        return files[resource]
