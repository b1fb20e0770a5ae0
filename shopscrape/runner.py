"""Running crawls inside one process and learning how each ended."""

import gc
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from shopscrape.errors import ShopscrapeError
from shopscrape.report import FELL_SHORT, RunReport, exit_status


class Ended(msgspec.Struct, kw_only=True):
    """How a crawl ended: a report when it began, else the reason why it did not."""

    spider: str
    mall: str
    report: RunReport | None = None
    refused: str = ""
    status: int = 0


def run(process: AsyncCrawlerProcess, jobs: Iterable[tuple[Crawler, Mapping[str, Any]]]) -> list[Ended]:
    """Run crawlers with their arguments until all have ended."""
    begun = [(crawler, arguments, process.crawl(crawler, **arguments)) for crawler, arguments in jobs]
    # Measured: collecting garbage among the modules and tables that stay anyway took a fifth of a crawl.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    process.start()
    return [_ended(crawler, arguments, task) for crawler, arguments, task in begun]


def _ended(crawler: Crawler, arguments: Mapping[str, Any], task: Any) -> Ended:
    report: RunReport | None = getattr(getattr(crawler.spider, "session", None), "report", None)
    ended = Ended(spider=crawler.spidercls.name, mall=str(arguments.get("mall", "")), report=report)
    why = task.exception() if task.done() and not task.cancelled() else None
    if isinstance(why, ShopscrapeError):
        ended.refused, ended.status = str(why), exit_status(why)
    elif why is not None:
        ended.refused, ended.status = f"{type(why).__name__} while the crawl was starting", FELL_SHORT
    elif report is not None:
        # Without an end the report was not closed, whatever the reason: that is no success.
        ended.status = report.exit_status if report.finished_at else FELL_SHORT
    return ended
