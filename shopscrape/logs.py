"""Log lines that name records and never show them: no items, bodies, headers or query secrets."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from shopscrape.windows import Batch


def named(item: Any) -> str:
    """Return what an item is, without its content."""
    if type(item) is Batch:
        return f"{len(item.rows)} rows of {item.leg.stream}"
    return type(item).__name__


def where(address: str) -> str:
    """Return an address without its query, user and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def fault(why: BaseException) -> str:
    """Return what kind of error it was and where, without its text: that may quote what was read."""
    frame = why.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    if frame is None:
        return type(why).__name__
    return f"{type(why).__name__} at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"


class QuietFormatter(LogFormatter):
    """Scrapy's own formatter prints whole items at DEBUG, and on errors at ERROR."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        """One line an answer, without its query."""
        return {
            "level": logging.DEBUG,
            "msg": "Crawled (%(status)s) %(method)s %(where)s",
            "args": {"status": response.status, "method": request.method, "where": where(request.url)},
        }

    def scraped(self, item: Any, response: Any, spider: Spider) -> LogFormatterResult:
        """One line a batch, with identities counted."""
        return {"level": logging.DEBUG, "msg": "Stored %(item)s", "args": {"item": named(item)}}

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Spider) -> LogFormatterResult:
        """One line."""
        return {"level": logging.WARNING, "msg": "Dropped %(item)s", "args": {"item": named(item)}}

    def item_error(self, item: Any, exception: BaseException, response: Any, spider: Spider) -> LogFormatterResult:
        """One line; the traceback follows."""
        return {"level": logging.ERROR, "msg": "A pipeline failed on %(item)s", "args": {"item": named(item)}}

    def spider_error(self, failure: Failure, request: Request, response: Any, spider: Spider) -> LogFormatterResult:
        """One line; the traceback follows."""
        return {"level": logging.ERROR, "msg": "A callback failed on %(where)s", "args": {"where": where(request.url)}}

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        """One line."""
        return {
            "level": logging.ERROR,
            "msg": "Could not fetch %(where)s: %(why)s",
            "args": {"where": where(request.url), "why": failure.type.__name__ if failure.type else "?"},
        }
