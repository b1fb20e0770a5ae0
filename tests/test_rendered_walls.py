"""Rendered crawls in real Chromium: walls, refusals, permission, and what a page may reach."""

import json
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web
from rendering import ALL, Crawl
from smartstore import CAPTCHA, ERROR_PAGE, SCRIPT, Smartstore

pytestmark = pytest.mark.browser


@pytest.fixture
def crawl(tmp_path):
    with Smartstore() as shop:
        yield Crawl(tmp_path, shop)


# -- walls -----------------------------------------------------------------------------------------------------------


def wall(text, status=200, headers=None):
    async def fault(request):
        if request.path.startswith("/teststore/"):
            return web.Response(text=text, status=status, content_type="text/html", headers=headers)
        return None

    return fault


@pytest.mark.parametrize(
    "text, status",
    ((ERROR_PAGE, 429), (ERROR_PAGE, 200), (CAPTCHA, 200), ("<html></html>", 490)),
    ids=("overload", "overload_200", "captcha", "status_490"),
)
def test_a_block_page_ends_the_run_and_is_remembered(crawl, text, status):
    crawl.shop.fault = wall(text, status)
    assert crawl.run() == 3, crawl.log[-3000:]
    assert crawl.report()["outcome"] == "blocked"
    assert not crawl.reviews(gone=True)
    kept = sorted((crawl.folder / "output/demo/evidence").iterdir())
    assert {path.suffix for path in kept} == {".html", ".jpg"}
    assert "010-1234-5678" not in kept[0].read_text("utf-8")
    crawl.shop.asked.clear()
    assert crawl.run() == 3
    assert "cools down until" in crawl.log and not crawl.shop.asked


def test_a_login_wall_ends_the_run(crawl):
    async def fault(request):
        if request.path.startswith("/teststore/"):
            return web.Response(status=302, headers={"Location": "https://nid.naver.com/nidlogin.login?url=x"})
        return None

    crawl.shop.fault = fault
    assert crawl.run() == 3, crawl.log[-3000:]
    assert crawl.report()["outcome"] == "login_required"


def test_a_page_that_stays_a_shell_ends_the_run(crawl):
    crawl.shop.fault = wall(
        '<html><body><script>window.__PRELOADED_STATE__={"product":{"A":{"id":null}}}</script></body></html>'
    )
    assert crawl.run("-s", "SHOPSCRAPE_PATIENCE=1") == 3, crawl.log[-3000:]
    assert crawl.report()["outcome"] == "not_hydrated"
    assert not crawl.reviews(gone=True)


def test_a_page_that_is_gone_is_only_noted(crawl):
    crawl.table(urls=[crawl.shop.page_url("999"), crawl.shop.page_url()])
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    assert any("gone" in notice for notice in crawl.report()["notices"])
    assert crawl.reviews().keys() == crawl.expected()


def refusing(shop, pages, times):
    """Refuse newest-first pages from a number on, a number of times."""
    refused = []

    async def fault(request):
        if request.path.endswith("/query-pages"):
            asked = await request.json()
            if (
                asked["page"] >= pages
                and asked.get("reviewSearchSortType", "").endswith("DATE_DESC")
                and len(refused) < times
            ):
                refused.append(asked["page"])
                return web.Response(status=429)
        return None

    shop.fault = fault
    return refused


@pytest.mark.parametrize("page, generation", ((2, "A"), (2, "B"), (1, "B")))
def test_refused_review_pages_are_waited_out(crawl, page, generation):
    crawl.table(speed=200)
    crawl.shop.generation = generation
    refused = refusing(crawl.shop, page, 2)
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    assert refused == [page, page]
    assert crawl.reviews().keys() == crawl.expected()


def test_review_pages_that_stay_refused_leave_the_list_partial(crawl):
    crawl.table(speed=240)
    refusing(crawl.shop, 2, 99)
    assert crawl.run(*ALL) == 1, crawl.log[-3000:]
    report = crawl.report()
    assert report["outcome"] == "throttled"
    assert any("partial" in sentence and "20 of 47" in sentence for sentence in report["shortfalls"])
    crawl.shop.fault = None
    assert crawl.run(*ALL) == 3 and "cools down until" in crawl.log
    time.sleep(4)
    assert crawl.run(*ALL) == 0
    assert crawl.reviews().keys() == crawl.expected()


def test_a_list_that_holds_less_than_it_says_is_partial(crawl):
    async def fault(request):
        if request.path.endswith("/query-pages"):
            answer = json.loads((await crawl.shop.query_pages(request)).text)
            return web.json_response(answer | {"totalElements": 60, "contents": answer["contents"]})
        return None

    crawl.shop.fault = fault
    assert crawl.run(*ALL) == 1
    assert any("47 of 60" in sentence for sentence in crawl.report()["shortfalls"])


# -- permission ------------------------------------------------------------------------------------------------------


def test_without_permission_nothing_is_asked(crawl):
    crawl.table(permission=None)
    assert crawl.run() == 3
    assert "own-store" in crawl.log and "robots.txt" in crawl.log
    assert not crawl.shop.asked


def test_with_permission_the_report_says_what_was_overridden_and_a_delay_is_kept(crawl):
    crawl.shop.robots = (200, "User-agent: *\nDisallow: /\nCrawl-delay: 16\n")
    times = []
    crawl.shop.between = lambda number: times.append(time.monotonic())
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    notices = crawl.report()["notices"]
    assert any("disallows" in notice and "own-store" in notice for notice in notices)
    # 16 s at 20 times the speed, between the pages of a walk too.
    assert len(times) == 3 and all(later - before > 0.75 for before, later in pairwise(times))
    assert any("asks for 16 s" in notice for notice in notices)
    assert crawl.shop.asked[0] == ("GET", "/robots.txt")
    assert all("shopscrape" in agent for agent in crawl.shop.agents)


def test_a_page_elsewhere_is_refused(crawl):
    assert crawl.run("-a", "url=http://localhost:1/teststore/products/201") == 2
    assert crawl.run("-a", f"url={crawl.shop.url}/teststore") == 2


def test_without_a_browser_it_says_so(crawl, monkeypatch):
    monkeypatch.setenv("SHOPSCRAPE_CHROMIUM", "/nowhere/chromium")
    assert crawl.run() == 2
    assert "SHOPSCRAPE_CHROMIUM" in crawl.log
    assert not (crawl.folder / "store.db").exists()


# -- the guard -------------------------------------------------------------------------------------------------------


PIECE, PIECES = b"CANARY!!" * (1 << 14), 256


def holds(path):
    """Return whether a file has got a piece of a download."""
    with suppress(OSError):
        return PIECE in path.read_bytes()
    return False


def test_a_page_reaches_its_own_hosts_only_and_downloads_nothing(crawl, monkeypatch):
    sent = []
    # A short path: Chromium keeps a socket there.
    with Smartstore(count=0) as other, TemporaryDirectory(prefix="t") as written:
        monkeypatch.setenv("TMPDIR", written)
        foreign = f"http://localhost:{other.port}"
        socket = other.url.replace("http", "ws")

        async def fault(request):
            if request.path == "/away":
                return web.Response(status=302, headers={"Location": f"{foreign}/redirected"})
            return await download(request) if request.path == "/download.zip" else None

        async def download(request):
            answer = web.StreamResponse(headers={"Content-Disposition": "attachment; filename=x.zip"})
            await answer.prepare(request)
            sent.append(0)
            # What lies between the browser and us holds some; all of it goes to somebody who takes it.
            with suppress(ConnectionError):
                for _ in range(PIECES):
                    await answer.write(PIECE)
                    sent[-1] += 1
            return answer

        crawl.shop.fault = fault
        crawl.shop.config |= {
            "reaches": [f"{foreign}/spy", f"{other.url}/port", "/away", "ftp://127.0.0.1/x"],
            "bad": {"socket": f"{socket}/socket"},
        }
        assert crawl.run(*ALL) == 0, crawl.log[-3000:]
        assert not other.asked
        kept = [path for folder in (written, crawl.folder) for path in Path(folder).rglob("*") if path.is_file()]
        assert kept and not [path for path in kept if holds(path)]
    assert crawl.reviews().keys() == crawl.expected()
    # The browser writes down what comes before it learns that nothing is to be kept, and takes it away again.
    assert len(sent) == 1 and sent[0] < PIECES, "the download is asked for, and cut off"
    asked = {path for _, path in crawl.shop.asked}
    assert asked.isdisjoint({"/picture.png", "/font.woff", "/film.mp4", "/favicon.ico", "/worker.js", "/popup"})
    assert "/style.css" in asked


def test_one_product_behind_a_wall_does_not_hide_the_others(crawl):
    crawl.shop.reviews["999"] = []
    crawl.table(urls=[crawl.shop.page_url(), crawl.shop.page_url("999")])

    async def fault(request):
        if request.path.endswith("/999"):
            return web.Response(status=302, headers={"Location": "https://nid.naver.com/nidlogin.login"})
        return None

    crawl.shop.fault = fault
    assert crawl.run(*ALL) == 1, crawl.log[-3000:]
    assert crawl.reviews().keys() == crawl.expected()
    assert any("reviews_of:999" in sentence for sentence in crawl.report()["shortfalls"])


def test_a_wall_that_comes_in_the_middle_of_a_walk_ends_it(crawl):
    async def fault(request):
        if request.path == "/shop.js":
            script = SCRIPT.replace(
                "page = n; show(told);", "page = n; show(told); if (n === 2) location.href = '/check';"
            )
            return web.Response(text=script, content_type="text/javascript")
        if request.path == "/check":
            return web.Response(status=302, headers={"Location": "https://nid.naver.com/nidlogin.login?x"})
        return None

    crawl.shop.fault = fault
    assert crawl.run(*ALL) == 3, crawl.log[-3000:]
    assert crawl.report()["outcome"] == "login_required"
    assert len(crawl.reviews()) < 47
