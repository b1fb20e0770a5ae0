"""scrapy collect: every mall of the malls file, or those named, with one table at the end."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.utils.conf import arglist_to_dict

from shopscrape.errors import ShopscrapeError
from shopscrape.malls import OWN_STORE, Mall, read_malls
from shopscrape.report import CONFIGURATION, exit_status
from shopscrape.runner import Ended, run
from shopscrape.spider import MallSpider


class Command(ScrapyCommand):
    """Exit: the worst status of all crawls."""

    settings: Any
    requires_project = True
    default_settings = {"LOG_LEVEL": "WARNING"}

    def syntax(self) -> str:
        """Return the usage."""
        return "[options] [MALL ...]"

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return "Collect all malls of the malls file, or those named, and print one table"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add -a."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE",
                            help="argument for every spider: resources, since, sweep")  # fmt: skip

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run one spider for each mall and kind of access that its resources need."""
        try:
            given = arglist_to_dict(opts.spargs)
            malls = read_malls(Path(self.settings["SHOPSCRAPE_MALLS"]))
            missing = [name for name in args if name not in malls]
            if missing:
                return self.refuse(f"There is no mall {missing[0][:40]} in the malls file.", CONFIGURATION)
            plan = [job for name, mall in malls.items() if not args or name in args for job in self.plan(mall, given)]
            for spidercls, arguments in plan:
                spidercls.check(self.settings, arguments)
        except ShopscrapeError as why:
            return self.refuse(str(why), exit_status(why))
        except ValueError:
            return self.refuse("Write arguments as -a NAME=VALUE.", CONFIGURATION)
        if not plan:
            return self.refuse("No mall of the malls file has a spider for what it asks.", CONFIGURATION)
        process: Any = self.crawler_process
        console = Console(stderr=True)
        console.print(f"Collecting {', '.join(sorted({arguments['mall'] for _, arguments in plan}))} …")
        ended = run(process, [(process.create_crawler(spidercls), arguments) for spidercls, arguments in plan])
        Console().print(table(ended))
        for one in ended:
            sentences = [one.refused] if one.refused else []
            if one.report:
                sentences += [str(one.report.stopped)] if one.report.stopped else []
                sentences += one.report.shortfalls + one.report.notices
            for sentence in sentences:
                console.print(f"{one.mall} ({one.spider}): {sentence}", markup=False, highlight=False)
        self.exitcode = max((one.status for one in ended), default=0)
        return None

    def plan(self, mall: Mall, given: dict[str, str]) -> list[tuple[type[MallSpider], dict[str, str]]]:
        """Return the spiders of a mall: its API for what that offers, its pages for the rest where they may be read."""
        loader = self.crawler_process.spider_loader  # type: ignore[union-attr]
        spiders: list[Any] = [loader.load(name) for name in loader.list()]
        mine = [one for one in spiders if issubclass(one, MallSpider) and one.facts.platform == mall.platform]
        left = [name for name in given.get("resources", "").split(",") if name] or list(mall.resources)
        everything = not left
        jobs = []
        for spider in sorted(mine, key=lambda one: one.access != "api"):
            if spider.access != "api" and mall.permission != OWN_STORE:
                continue
            taken = [name for name in spider.offers if everything or name in left]
            if taken:
                left = [name for name in left if name not in taken]
                jobs.append((spider, given | {"mall": mall.name, "resources": ",".join(taken)}))
        return jobs

    def refuse(self, sentence: str, status: int) -> None:
        """Say one sentence and end with a status."""
        print(f"scrapy collect: {sentence}", file=sys.stderr)
        self.exitcode = status


def table(ended: list[Ended]) -> Table:
    """Return one line for each mall and resource."""
    shown = Table(title="shopscrape")
    for heading in ("mall", "resource", "source"):
        shown.add_column(heading)
    for heading in ("rows", "new", "changed", "gone", "requests", "at least", "seconds"):
        shown.add_column(heading, justify="right")
    shown.add_column("ok?")
    for one in ended:
        source = one.spider.rpartition("_")[2]
        if one.report is None:
            shown.add_row(one.mall, "–", source, *["–"] * 7, f"no: {one.refused[:60]}")
            continue
        for number, resource in enumerate(one.report.resources):
            states = one.report.states[resource]
            # Requests and seconds belong to the crawl as a whole: pages are shared by resources.
            whole = number == 0
            shown.add_row(
                one.mall, resource, source, str(one.report.rows(resource)), str(states["new"]), str(states["changed"]),
                str(states["gone"]), str(sum(one.report.requests.values())) if whole else "″",
                str(one.report.floor) if whole else "″", f"{one.report.seconds:.1f}" if whole else "″",
                "yes" if one.status == 0 else f"no: {one.report.outcome}",
            )  # fmt: skip
    return shown
