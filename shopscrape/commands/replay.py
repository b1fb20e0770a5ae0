"""scrapy replay: map the dead letters again, after the mapping learned what it could not read."""

import argparse
import importlib
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
from scrapy.commands import ScrapyCommand

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape import lines, values
from shopscrape.errors import RowFailed, ShopscrapeError
from shopscrape.identity import fingerprint, form, identity
from shopscrape.malls import Secrets
from shopscrape.payload import Origin, Page, read_row
from shopscrape.report import DEAD_LETTERS, MET, exit_status
from shopscrape.session import privacy
from shopscrape.store import Store, open_store
from shopscrape.store.letters import DeadLetter
from shopscrape.windows import Leg, Row, Window


class Command(ScrapyCommand):
    """Exit: 0 all were mapped · 2 configuration · 4 some still fail."""

    settings: Any
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Return the usage."""
        return "[MALL]"

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return "Map the dead letters again and store what now maps"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Replay the letters of one mall, or all."""
        try:
            secrets = Secrets(Path(self.settings["SHOPSCRAPE_MALLS"]))
            scrubber = privacy(self.settings, secrets)
            store = open_store(self.settings["SHOPSCRAPE_STORE"], secrets.get("SHOPSCRAPE_KEY"))
        except ShopscrapeError as why:
            print(f"scrapy replay: {why}", file=sys.stderr)
            self.exitcode = exit_status(why)
            return
        try:
            self.exitcode = self.replay(store, scrubber, args[0] if args else None)
        finally:
            store.close()

    def replay(self, store: Store, scrubber: Any, mall: str | None) -> int:
        """Return the exit status; each letter that maps is stored and buried in its own transaction."""
        done, left = 0, 0
        for letter in list(store.dead_letters(mall)):
            try:
                rows = _rows(letter, scrubber)
                # The lease keeps a crawl of the same mall from storing something newer in between.
                lease = store.lease(f"{letter.platform}:{letter.mall}:{letter.access}")
            except RowFailed as why:
                left += 1
                print(f"{letter.mall} {letter.kind}: {why}")
                continue
            except ShopscrapeError as why:
                print(f"scrapy replay: {why}", file=sys.stderr)
                return exit_status(why)
            try:
                self.store(store, letter, rows)
                store.bury(letter.id)
            finally:
                lease.release()
            done += 1
        print(f"{done} dead letters were stored, {left} are left.")
        return DEAD_LETTERS if left else MET

    def store(self, store: Store, letter: DeadLetter, rows: list[Row]) -> None:
        """Store the rows of a letter, and put those that are new or changed beside the mall's JSON lines."""
        leg, told = Leg("replay", Window(), [], name=f"replay-{letter.stream}"), defaultdict[str, list[bytes]](list)
        store.known(rows)
        for row in rows:
            if row.state != "same":
                told[row.record.resource].append(lines.write(row.record, row.body))
        for resource, written in told.items():
            folder = Path(self.settings["SHOPSCRAPE_OUTPUT"]) / letter.mall
            leg.files.append(lines.hidden(folder, leg, resource, letter.access))
            with leg.files[-1].open("wb") as file:
                file.writelines(written)
                file.flush()
                os.fsync(file.fileno())
        keep = self.settings.getbool("SHOPSCRAPE_ROWS", True)
        store.commit(rows, run="replay", now=values.now(), keep_rows=keep, leg=leg.id, ends=True)
        for part in leg.files:
            lines.publish(part)


def _rows(letter: Any, scrubber: Any) -> list[Row]:
    try:
        mapping = importlib.import_module(f"spiders.{letter.platform}.mapping")
        facts = importlib.import_module(f"spiders.{letter.platform}").FACTS
        kind = mapping.KINDS[letter.kind]
    except (ImportError, KeyError):
        raise RowFailed("its mapping is not there any more") from None
    told = msgspec.json.decode(letter.origin_json)
    told["collected_at"] = values.moment(told["collected_at"])
    origin = Origin(platform=letter.platform, mall=letter.mall, source=letter.access, zone=facts.zone, **told)
    page = Page(kind, letter.raw, origin)
    read_row(page, msgspec.json.decode(letter.raw))
    if page.failed:
        raise RowFailed(page.failed[0].why)
    rows = []
    for record in page.records:
        row = Row(scrubber.scrub(validate(normalise(record), facts.channels)), 0)
        row.digest, row.body = fingerprint(row.record)
        row.identity, row.form = identity(row.record), form(row.record)
        rows.append(row)
    return rows
