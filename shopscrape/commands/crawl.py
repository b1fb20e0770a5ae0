"""scrapy crawl: Scrapy's own, with an exit status that tells how the crawl ended."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from shopscrape.errors import ConfigurationError, ShopscrapeError
from shopscrape.report import CONFIGURATION, FELL_SHORT, exit_status
from shopscrape.runner import run
from shopscrape.spider import MallSpider


class Command(ScrapyCrawl):
    """Exit: 0 met · 1 fell short · 2 configuration or argument · 3 blocked, refused, auth, consent needed ·
    4 dead letters · 75 another crawl holds the mall.
    """

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return "Crawl a mall: scrapy crawl SPIDER -a mall=NAME [-a resources=orders,reviews] [-a since=2026-11-01]"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments first, so that a mistake writes nothing; then crawl."""
        if len(args) != 1:
            raise UsageError("Name one spider; scrapy list shows them.")
        process: Any = self.crawler_process
        try:
            spidercls = process.spider_loader.load(args[0])
        except KeyError:
            return self.refuse(f"There is no spider {args[0][:60]}; scrapy list shows them.", CONFIGURATION)
        if not issubclass(spidercls, MallSpider):
            return super().run(args, opts)
        try:
            spidercls.check(self.settings, opts.spargs)
            check_feeds(self.settings)
        except ShopscrapeError as why:
            return self.refuse(str(why), exit_status(why))
        (ended,) = run(process, [(self._create_crawler(args[0]), opts.spargs)])
        if ended.refused:
            return self.refuse(ended.refused, ended.status)
        self.exitcode = ended.status
        if ended.status >= FELL_SHORT and ended.report:
            report = ended.report
            told = [str(report.stopped)] if report.stopped else report.shortfalls[:3]
            told += [f"{report.dead} rows became dead letters"] if report.dead else []
            self.refuse(f"{report.outcome}: {'; '.join(told)}", ended.status)
        return None

    def refuse(self, sentence: str, status: int) -> None:
        """Say one sentence and end with a status."""
        print(f"scrapy crawl: {sentence}", file=sys.stderr)
        self.exitcode = status


def check_feeds(settings: Any) -> None:
    """Raise ConfigurationError when a feed cannot be written: Scrapy would find that out after the crawl began."""
    for address in settings.getdict("FEEDS"):
        scheme, _, rest = str(address).partition("://")
        if rest and scheme != "file":
            continue
        path = Path(rest or address)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            writable = os.access(path if path.exists() else path.parent, os.W_OK) and not path.is_dir()
        except OSError:
            writable = False
        if not writable:
            raise ConfigurationError(f"The feed {path} cannot be written: choose another place for -O or FEEDS.")
