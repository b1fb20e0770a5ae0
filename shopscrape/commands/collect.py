"""scrapy collect: every mall of the malls file, or those named, with one table at the end."""

import argparse
import sys
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.conf import arglist_to_dict

from shopscrape.errors import ShopscrapeError
from shopscrape.malls import OWN_STORE, Mall, Secrets, read_malls
from shopscrape.report import CONFIGURATION, exit_status
from shopscrape.runner import run
from shopscrape.spider import MallSpider


class Command(ScrapyCommand):
    """Exit: the worst status of all crawls."""

    settings: Any
    requires_project = True

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

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Log errors only, unless more is asked for: the lines and the table tell the rest."""
        super().process_options(args, opts)
        if self.settings.getpriority("LOG_LEVEL") < SETTINGS_PRIORITIES["cmdline"]:
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")

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
        # Scrapy imports every command at every start; what draws on the screen takes 0.02 s.
        from shopscrape.screen import Progress, console, table

        screen = console(stderr=True)
        screen.print(f"Collecting {', '.join(dict.fromkeys(arguments['mall'] for _, arguments in plan))} …")
        jobs = [(process.create_crawler(spidercls), arguments) for spidercls, arguments in plan]
        with Progress(jobs, screen):
            ended = run(process, jobs)
        console().print(table(ended))
        for one in ended:
            sentences = [one.refused] if one.refused else []
            if one.report:
                sentences += [str(one.report.stopped)] if one.report.stopped else []
                sentences += one.report.shortfalls + one.report.notices
            for sentence in sentences:
                screen.print(f"{one.mall} ({one.spider}): {sentence}")
        self.exitcode = max((one.status for one in ended), default=0)
        return None

    def plan(self, mall: Mall, given: dict[str, str]) -> list[tuple[type[MallSpider], dict[str, str]]]:
        """Return the spiders of a mall: its API for what that offers, its pages for the rest where they may be read."""
        loader = self.crawler_process.spider_loader  # type: ignore[union-attr]
        spiders: list[Any] = [loader.load(name) for name in loader.list()]
        mine = [one for one in spiders if issubclass(one, MallSpider) and one.facts.platform == mall.platform]
        left = [name for name in given.get("resources", "").split(",") if name] or list(mall.resources)
        left = left or list(dict.fromkeys(name for one in mine for name in one.offers))
        keys = any(self.has_keys(mall, one) for one in mine if one.access == "api")
        pages = not keys and any(one.access != "api" for one in mine) and bool(mall.storefront_url or mall.urls)
        jobs = []
        for spider in sorted(mine, key=lambda one: one.access != "api"):
            # Beside an API pages are read only with the operator's word; a mall without keys has nothing else.
            if (spider.access != "api" and mall.permission != OWN_STORE and not pages) or (
                spider.access == "api" and not keys and (pages or mall.permission == OWN_STORE)
            ):
                continue
            taken = [name for name in spider.offers if name in left]
            if taken:
                left = [name for name in left if name not in taken]
                jobs.append((spider, given | {"mall": mall.name, "resources": ",".join(taken)}))
        return jobs

    def has_keys(self, mall: Mall, spider: type[MallSpider]) -> bool:
        """Return whether any of the credentials of an API is there: a mall without keys is read by its pages.

        Of a platform with several doors, each with keys of its own, none is required: then any of them counts.
        """
        secrets = Secrets(Path(self.settings["SHOPSCRAPE_MALLS"]))
        known = spider.facts.credentials
        return any(secrets.of(mall, one.name) for one in [one for one in known if one.required] or known)

    def refuse(self, sentence: str, status: int) -> None:
        """Say one sentence and end with a status."""
        print(f"scrapy collect: {sentence}", file=sys.stderr)
        self.exitcode = status
