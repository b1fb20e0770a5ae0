"""Rendered pages without a walk of their own: read when their scripts are done, retried, tabs used again."""

import json
from pathlib import Path
from statistics import fmean, linear_regression

import psutil
import pytest
from aiohttp import web
from test_web import Crawl, Shop

from shopscrape.browser import CONTEXT

pytestmark = pytest.mark.browser
PAGE = """<html><body><p>shell</p><script>setTimeout(async () => {
const told = await (await fetch('/told' + location.search)).text();
document.body.innerHTML = '<b id="told">' + told + '</b>'; }, 50)</script></body></html>"""


@pytest.fixture
def crawl(tmp_path):
    with Shop() as shop:

        def special(request):
            if request.path == "/told":
                return web.Response(text=f"n{request.query['n']}")
            return web.Response(text=PAGE, content_type="text/html")

        shop.special = special
        running = Crawl(tmp_path, shop)
        running.spider = "tests/toy_rendered.py"
        yield running


def test_pages_are_read_when_their_scripts_are_done(crawl):
    crawl.table(urls=[f"{crawl.shop.url}/reviews?n={number}" for number in range(3)])
    report = crawl.run()
    assert report["outcome"] == "ok", crawl.log[-3000:]
    assert crawl.rows.keys() == {f"n{number}" for number in range(3)}


CYCLES, SETTLED = 6, 2
"""Contexts that the pages fill, and after how many of them the growth is counted."""


def memory_of(spider):
    """Return the MiB that a crawl and all processes below it have for themselves (proportional set size)."""
    size = 0
    for crawl in psutil.Process().children():
        if spider not in crawl.cmdline():
            continue
        for one in [crawl, *crawl.children(recursive=True)]:
            try:
                told = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
            except OSError:
                continue
            size += next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))
    return size / 1024


def test_memory_grows_less_than_half_a_mebibyte_a_page(crawl):
    """120 pages, of which the last 80 count: 300 take a minute on two cores. `make bench BENCH=rendered` opens 1,200.

    Memory goes up by 4 MiB a page until its context is renewed, so whole contexts are held against each other, by the
    mean over their pages. Measured: 0.13 to 0.31 MiB a page, most of it the driver's, which ends after 300 pages.
    """
    crawl.spider = "tests/toy_quick.py"
    read, shown = crawl.shop.special, [[] for _ in range(CYCLES)]

    def special(request):
        if request.path == "/told" and (number := int(request.query["n"])) % 4 == 3:
            shown[number // CONTEXT].append(memory_of(crawl.spider))
        return read(request)

    crawl.shop.special = special
    count = CYCLES * CONTEXT
    crawl.table(urls=[f"{crawl.shop.url}/reviews?n={number}" for number in range(count)], speed=10_000)
    report = crawl.run()
    assert report["outcome"] == "ok", crawl.log[-3000:]
    assert crawl.rows.keys() == {f"n{number}" for number in range(count)}
    stats = dict(
        line.strip(" ,}").split(": ", 1) for line in crawl.log.splitlines() if line.strip().startswith("'playwright/")
    )
    assert int(stats["'playwright/context_count'"]) == CYCLES, "a context is renewed after 20 pages"
    assert int(stats["'playwright/page_count'"]) == CYCLES, "a tab is used again"
    means = [fmean(sizes) for sizes in shown]
    assert min(means) > 100, "the browser is among what is measured"
    grown = linear_regression([number * CONTEXT for number in range(SETTLED, CYCLES)], means[SETTLED:]).slope
    assert grown < 0.5, means


def test_a_page_that_lost_its_server_is_tried_again(crawl):
    served = []

    def special(request):
        if request.path == "/reviews" and not served:
            served.append(1)
            request.transport.close()
        if request.path == "/told":
            return web.Response(text="n1")
        return web.Response(text=PAGE, content_type="text/html")

    crawl.shop.special = special
    crawl.table(urls=[f"{crawl.shop.url}/reviews?n=1"])
    assert crawl.run()["outcome"] == "ok", crawl.log[-3000:]
    assert crawl.rows.keys() == {"n1"}


def test_robots_speaks_for_rendered_pages_too(crawl):
    crawl.shop.robots_status, crawl.shop.robots_text = 200, "User-agent: *\nDisallow: /reviews\n"
    report = crawl.run()
    assert report["outcome"] == "refused"
    assert crawl.shop.asked == ["/robots.txt"]
    assert "playwright/browser_count" not in json.dumps(crawl.log), "no browser is started for nothing"
