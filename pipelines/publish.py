"""Puts the JSON lines of a window in place, by rename, once its rows and its mark are stored.

What is there stays as it is: a window that is read again and finds something new gets a file beside the first. What a
killed run left hidden, and what is stored of a window that did not end, is put in place line by line: those lines whose
rows the store has.
"""

import os
from itertools import islice
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler

from shopscrape import lines
from shopscrape.store import Store
from shopscrape.windows import Batch, Leg, Window

LINES = 500
"""Lines that are settled together."""


class Publish:
    """Item pipeline."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Publish":
        """Build for a crawler."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Settle what a killed run left hidden; the lease makes sure that nobody is writing it now."""
        self._settle()

    def process_item(self, item: Any) -> Any:
        """Put the files of a window in place with its last Batch."""
        if type(item) is Batch and item.leg.unstored == 0 and not item.leg.poison:
            while item.leg.files:
                lines.publish(item.leg.files.pop())
        return item

    def close_spider(self) -> None:
        """Settle what windows that did not end have stored."""
        self._settle()

    def _settle(self) -> None:
        session = self.crawler.spider.session  # type: ignore[union-attr]
        for part in list((session.output / session.mall.name).glob(f"*/*.{session.access}.*{lines.HIDDEN}")):
            self._salvage(part, session.store)

    @staticmethod
    def _salvage(part: Path, store: Store) -> None:
        """Put those lines in place whose rows are stored; in the store they become those of a window that ended."""
        name, leg = part.stem.rpartition(".")[0], bytes.fromhex(part.stem.rpartition(".")[2])
        new = Leg(name, Window(), [])
        saved = part.with_name(f"{name}.{new.id.hex()}{lines.HIDDEN}")
        with part.open("rb") as told, saved.open("wb") as file:
            while some := list(islice(told, LINES)):
                known = {line: found for line in some if (found := lines.read(line, part.parent.name))}
                stored = store.stored_by(leg, known.values())
                file.writelines(line for line, found in known.items() if found in stored)
                file.flush()
                os.fsync(file.fileno())
                store.hand_over(leg, new.id, stored)
        part.unlink()
        if saved.stat().st_size:
            lines.publish(saved)
        else:
            saved.unlink()
