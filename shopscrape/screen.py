"""What a person sees of crawls: a line each while they run, one table when they have ended."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from scrapy.crawler import Crawler

from shopscrape.runner import Ended

WIDTH = 120
"""Columns where the output is no terminal, such as in a log of a scheduled job."""


def console(stderr: bool = False) -> Console:
    """Return a console; plain and wide where nobody looks."""
    made = Console(stderr=stderr, highlight=False, markup=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, markup=False, width=WIDTH)


class Progress:
    """Live lines of running crawls on a terminal, nothing elsewhere; use as a context manager."""

    def __init__(self, crawls: Sequence[tuple[Crawler, Mapping[str, Any]]], shown_on: Console) -> None:
        self.crawls = crawls
        self.begun = time.monotonic()
        self.live = Live(console=shown_on, get_renderable=self.lines, refresh_per_second=4, transient=True)
        self.on = shown_on.is_terminal

    def __enter__(self) -> "Progress":
        if self.on:
            self.live.start()
        return self

    def __exit__(self, *why: object) -> None:
        if self.on:
            self.live.stop()

    def lines(self) -> Group:
        """Return one line for each crawl, and the time that has passed."""
        told = [Text(f"{time.monotonic() - self.begun:7.1f} s")]
        for crawler, arguments in self.crawls:
            report: Any = getattr(getattr(crawler.spider, "session", None), "report", None)
            where = f"  {arguments.get('mall', ''):<16} {crawler.spidercls.name:<16}"
            if report is None:
                told.append(Text(f"{where} waiting", style="dim"))
                continue
            rows = sum(sum(states.values()) for states in dict(report.states).values())
            asked = sum(dict(report.requests).values())
            ended = report.outcome if report.finished_at else "running"
            told.append(Text(f"{where} {asked:>7} requests {rows:>9} rows read  {ended}"))
        return Group(*told)


def table(ended: Sequence[Ended]) -> Table:
    """Return one line for each mall and resource."""
    shown = Table(title="shopscrape", box=SIMPLE_HEAD)
    for heading in ("mall", "resource", "source"):
        shown.add_column(heading, no_wrap=True)
    for heading in ("rows", "new", "changed", "gone", "requests", "at least", "seconds"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("ok?", min_width=3, no_wrap=True)
    for one in ended:
        source = one.spider.rpartition("_")[2]
        if one.report is None:
            shown.add_row(one.mall, "–", source, *["–"] * 7, f"no: {one.refused[:40]}")
            continue
        report = one.report
        mark = "*" if report.unverified else ""
        for number, resource in enumerate(report.resources):
            states = report.states[resource]
            counts = [report.rows(resource), states["new"], states["changed"], states["gone"]]
            # Requests and seconds belong to the crawl as a whole: pages are shared by resources.
            whole = [str(sum(report.requests.values())), str(report.floor), f"{report.seconds:.1f}"]
            shown.add_row(
                one.mall, resource, source + mark, *map(str, counts), *(["″"] * 3 if number else whole),
                "yes" if one.status == 0 else f"no: {report.outcome}",
            )  # fmt: skip
    if any(one.report and one.report.unverified for one in ended):
        shown.caption = "* parts of this platform's facts are unverified: docs/platforms/ names them"
    return shown
