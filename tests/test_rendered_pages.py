"""Rendered pages without a walk of their own: read when their scripts are done, retried, tabs used again."""

import json

import pytest
from aiohttp import web
from test_web import Crawl, Shop

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
    crawl.table(urls=[f"{crawl.shop.url}/reviews?n={number}" for number in range(24)])
    report = crawl.run()
    assert report["outcome"] == "ok", crawl.log[-3000:]
    assert crawl.rows.keys() == {f"n{number}" for number in range(24)}
    stats = dict(
        line.strip(" ,}").split(": ", 1) for line in crawl.log.splitlines() if line.strip().startswith("'playwright/")
    )
    assert int(stats["'playwright/context_count'"]) == 2, "renewed after 20 pages"
    assert int(stats["'playwright/page_count'"]) == 2, "a tab is used again"


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
