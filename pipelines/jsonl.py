"""Writes one JSON lines file for each finished window and resource, by write, fsync and rename.

A row stands in the file of the window that found it new or changed, or of the first one to end that met it, when the
window that stored it did not. A window read again after a crash has the same name, so its file replaces itself.
"""

import os
from collections import defaultdict
from pathlib import Path
from typing import IO, Any

import msgspec
from scrapy.crawler import Crawler

from shopscrape import values
from shopscrape.windows import Batch, Leg, Row

_ENCODE = msgspec.json.Encoder().encode


class Jsonl:
    """Item pipeline; runs before the sql sink, which moves the mark: first the file, then the mark."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.open: dict[Leg, dict[str, IO[bytes]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Jsonl":
        """Build for a crawler."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Take away what a killed run left half-written; the lease makes sure that nobody is writing it now."""
        session = self.crawler.spider.session  # type: ignore[union-attr]
        self.folder: Path = session.output / session.mall.name
        for part in self.folder.glob(f"*/*.{session.access}.part"):
            part.unlink(missing_ok=True)

    def process_item(self, item: Any) -> Any:
        """Write the new and changed rows of a Batch; finish the files of a window with its last Batch."""
        if type(item) is not Batch:
            return item
        lines = defaultdict[str, list[bytes]](list)
        for row in item.rows:
            if row.state != "same" or row.unwritten:
                lines[row.record.resource].append(_line(row))
        for resource, told in lines.items():
            self._file(item.leg, resource).writelines(told)
        if item.leg.unstored == 1:
            self._finish(item.leg)
        return item

    def close_spider(self) -> None:
        """Drop what belongs to windows that did not end; they are read again."""
        for leg in list(self.open):
            leg.spoil("the crawl ended inside this window")
            self._finish(leg)

    def _file(self, leg: Leg, resource: str) -> IO[bytes]:
        files = self.open.setdefault(leg, {})
        if resource not in files:
            session = self.crawler.spider.session  # type: ignore[union-attr]
            folder = self.folder / resource
            folder.mkdir(parents=True, exist_ok=True)
            # Kept open until the window ends, so no with-statement here.
            files[resource] = (folder / f"{_name(leg)}.{session.access}.part").open("wb")
        return files[resource]

    def _finish(self, leg: Leg) -> None:
        for file in self.open.pop(leg, {}).values():
            part = Path(file.name)
            if leg.poison:
                file.close()
                part.unlink(missing_ok=True)
                continue
            file.flush()
            os.fsync(file.fileno())
            file.close()
            part.rename(part.with_suffix(".jsonl"))
            descriptor = os.open(part.parent, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)


def _name(leg: Leg) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in leg.name)


def _line(row: Row) -> bytes:
    url = row.record.source_url
    told = b'"source_url":%b,' % _ENCODE(url) if isinstance(url, str) else b""
    return b'{"collected_at":"%b",%b%b\n' % (values.iso(row.record.collected_at).encode(), told, row.body[1:])
