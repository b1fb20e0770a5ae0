"""Rendered crawls in real Chromium, against a small storefront that fills itself by JavaScript."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from aiohttp import web
from smartstore import CAPTCHA, ERROR_PAGE, Smartstore

from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
KEY = "k" * 40
FERNET = "3Zx8oP0Vq5hVbN7c1m0l9v8u7t6s5r4q3p2o1n0m9l8="
pytestmark = pytest.mark.browser


class Crawl:
    """Runs naver_web on a store, in processes of its own."""

    def __init__(self, folder, shop, **table):
        self.folder = folder
        self.shop = shop
        self.url = f"sqlite:///{folder}/store.db"
        self.table(**table)

    def table(self, **fields):
        lines = {"platform": "naver", "storefront_url": self.shop.url, "permission": "own-store",
                 "urls": [self.shop.page_url()], "speed": 20} | fields  # fmt: skip
        text = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items() if value is not None)
        (self.folder / "malls.toml").write_text(f"[demo]\n{text}\n")

    def start(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
        for name in ("SHOPSCRAPE_CHROMIUM",):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment |= {"SHOPSCRAPE_PRIVACY_KEY": KEY, "SHOPSCRAPE_KEY": FERNET}
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "naver_web", "-a", "mall=demo", *words,
             "-s", f"SHOPSCRAPE_MALLS={self.folder}/malls.toml", "-s", f"SHOPSCRAPE_STORE={self.url}",
             "-s", f"SHOPSCRAPE_OUTPUT={self.folder}/output"],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words, timeout=150):
        process = self.start(*words)
        try:
            self.out, self.log = process.communicate(timeout=timeout)
        finally:
            process.kill()
        assert "Traceback" not in self.log, self.log[-4000:]
        return process.returncode

    @property
    def store(self):
        return open_store(self.url, FERNET)

    def reviews(self, gone=False):
        store = self.store
        try:
            return {row["review_id"]: row for row in store.read("reviews", gone=gone)}
        finally:
            store.close()

    def report(self):
        store = self.store
        try:
            return json.loads(store.last_runs()[-1]["report"])
        finally:
            store.close()

    def expected(self, product="201"):
        return {str(row["id"]) for row in self.shop.reviews[product]}


@pytest.fixture
def crawl(tmp_path):
    with Smartstore() as shop:
        yield Crawl(tmp_path, shop)


ALL = ("-a", "since=all")


def test_dialog_is_read_newest_first_and_the_next_run_asks_for_one_page(crawl):
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    rows = crawl.reviews()
    assert rows.keys() == crawl.expected()
    assert crawl.shop.pages_asked == [1, 2, 3]
    row = rows[str(crawl.shop.reviews["201"][0]["id"])]
    assert row["text"] == "리뷰 46\n좋아요 <3 & 또 살게요"
    assert row["product_name"] == "티셔츠 & 모자"
    assert (row["author"], row["author_label"], row["order_id"]) == (None, "wr6*****", None)
    assert row["options"] == {"색상": "블랙", "사이즈": "L"}
    assert crawl.report()["counted"] == [47, 47]
    crawl.shop.add()
    crawl.shop.pages_asked.clear()
    assert crawl.run() == 0, crawl.log[-3000:]
    assert crawl.reviews().keys() == crawl.expected()
    assert crawl.shop.pages_asked == [1]


def test_numbered_pages_are_walked_and_stock_comes_along(crawl):
    crawl.shop.generation = "A"
    crawl.shop.config["sortName"] = "searchSortType"
    for _ in range(200):
        crawl.shop.add()
    assert crawl.run(*ALL, "-a", "resources=reviews,inventory") == 0, crawl.log[-3000:]
    assert crawl.reviews().keys() == crawl.expected()
    assert crawl.shop.pages_asked == list(range(1, 14)), "past the block of ten"
    store = crawl.store
    stock = list(store.read("inventory"))
    store.close()
    assert [(row["product_id"], row["variant_id"], row["quantity"], row["available"]) for row in stock] == [
        ("201", "", 8, True)
    ]


def test_a_sweep_finds_edits_and_what_vanished_and_nothing_else_does(crawl):
    crawl.run(*ALL)
    edited, vanished = crawl.shop.reviews["201"][30], crawl.shop.reviews["201"].pop(40)
    edited["reviewContent"] = "고쳤어요"
    crawl.shop.add()
    assert crawl.run() == 0
    assert crawl.reviews()[str(edited["id"])]["text"] != "고쳤어요", "below the head nothing is read again"
    assert str(vanished["id"]) in crawl.reviews()
    assert crawl.run("-a", "sweep=1") == 0, crawl.log[-2000:]
    assert crawl.reviews().keys() == crawl.expected()
    assert crawl.reviews()[str(edited["id"])]["text"] == "고쳤어요"
    assert crawl.report()["rows"]["reviews"] == {"same": 46, "changed": 1, "gone": 1}


def test_a_list_that_cannot_be_sorted_is_read_to_its_end_every_time(crawl):
    crawl.shop.sortable = False
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    crawl.shop.add()
    assert crawl.run() == 0
    assert crawl.reviews().keys() == crawl.expected()


def test_rows_that_go_while_being_paged_leave_no_hole(crawl):
    def between(number):
        if number == 1 and len(crawl.shop.reviews["201"]) == 47:
            del crawl.shop.reviews["201"][3]

    crawl.shop.between = between
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    assert crawl.reviews().keys() >= crawl.expected()
    assert crawl.run("-a", "sweep=1") == 0
    assert crawl.reviews().keys() == crawl.expected()


@pytest.mark.parametrize("generation", ("A", "B"))
def test_what_no_answer_tells_is_read_from_the_page_itself(crawl, generation):
    crawl.shop.generation = generation

    async def elsewhere(request):
        if request.path == "/quiet":
            return await crawl.shop.query_pages(request)
        if request.path.startswith("/teststore/"):
            page = crawl.shop.product_page("201")
            return web.Response(
                text=page.text.replace("/i/v1/contents/reviews/query-pages", "/quiet"), content_type="text/html"
            )
        return None

    crawl.shop.fault = elsewhere
    assert crawl.run(*ALL, "-s", "SHOPSCRAPE_PATIENCE=2") == 0, crawl.log[-3000:]
    rows = list(crawl.reviews().values())
    assert len(rows) == 47
    assert {row["synthetic"] for row in rows} == {generation == "A"}
    assert {row["text"] for row in rows} == {f"리뷰 {number}\n좋아요 <3 & 또 살게요" for number in range(47)}
    assert crawl.run("-s", "SHOPSCRAPE_PATIENCE=2") == 0
    assert crawl.report()["rows"]["reviews"].get("new", 0) == 0


# -- it dies, and goes on --------------------------------------------------------------------------------------------


def chromium_of(process):
    """Return the browser's main process below a crawl."""
    for child in psutil.Process(process.pid).children(recursive=True):
        with_type = " ".join(child.cmdline())
        if "chromium" in with_type and "--type=" not in with_type and "remote-debugging" in with_type:
            yield child


def test_a_killed_first_load_goes_on_below_where_it_died(crawl):
    for _ in range(200):
        crawl.shop.add()
    seen = []
    for page in (4, 9):
        crawl.shop.pages_asked.clear()
        process = crawl.start(*ALL)
        deadline = time.monotonic() + 60
        while page not in crawl.shop.pages_asked and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        seen.append(len(crawl.reviews()))
        crawl.shop.add()
    assert 0 < seen[0] < seen[1] < 247
    assert crawl.run() == 0, crawl.log[-3000:]
    assert crawl.reviews().keys() == crawl.expected()
    crawl.shop.pages_asked.clear()
    crawl.run()
    assert crawl.shop.pages_asked == [1]


def test_a_killed_browser_is_survived(crawl):
    for _ in range(120):
        crawl.shop.add()
    process = crawl.start(*ALL)
    deadline = time.monotonic() + 60
    while 4 not in crawl.shop.pages_asked and time.monotonic() < deadline:
        time.sleep(0.02)
    browsers = list(chromium_of(process))
    assert browsers
    for browser in browsers:
        browser.kill()
    _, log = process.communicate(timeout=120)
    assert process.returncode == 0, log[-3000:]
    assert "Traceback" not in log
    assert crawl.reviews().keys() == crawl.expected()
    assert crawl.shop.pages_asked.count(1) == 2, "the page was walked again"


def test_an_interrupted_crawl_ends_soon_and_keeps_what_it_has(crawl):
    for _ in range(300):
        crawl.shop.add()
    process = crawl.start(*ALL)
    deadline = time.monotonic() + 60
    while 3 not in crawl.shop.pages_asked and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate()
    _, log = process.communicate(timeout=30)
    assert process.returncode == 1, log[-2000:]
    assert 0 < len(crawl.reviews()) < 347
    assert crawl.run() == 0
    assert crawl.reviews().keys() == crawl.expected()


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
    crawl.table(speed=60)
    refusing(crawl.shop, 2, 99)
    assert crawl.run(*ALL) == 1, crawl.log[-3000:]
    report = crawl.report()
    assert report["outcome"] == "throttled"
    assert any("partial" in sentence and "20 of 47" in sentence for sentence in report["shortfalls"])
    crawl.shop.fault = None
    assert crawl.run(*ALL) == 3 and "cools down until" in crawl.log
    time.sleep(15)
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


def test_with_permission_the_report_says_what_was_overridden(crawl):
    crawl.run()
    assert any("disallows" in notice and "own-store" in notice for notice in crawl.report()["notices"])
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


def test_a_page_reaches_its_own_hosts_only(crawl):
    with Smartstore(count=0) as other:
        foreign = f"http://localhost:{other.port}"
        socket = other.url.replace("http", "ws")

        async def fault(request):
            if request.path == "/away":
                return web.Response(status=302, headers={"Location": f"{foreign}/redirected"})
            return None

        crawl.shop.fault = fault
        crawl.shop.config |= {
            "reaches": [f"{foreign}/spy", f"{other.url}/port", "/away", "ftp://127.0.0.1/x"],
            "bad": {"socket": f"{socket}/socket"},
        }
        assert crawl.run(*ALL) == 0, crawl.log[-3000:]
        assert not other.asked
    assert crawl.reviews().keys() == crawl.expected()
    asked = {path for _, path in crawl.shop.asked}
    assert asked.isdisjoint({"/picture.png", "/font.woff", "/film.mp4", "/favicon.ico", "/worker.js", "/popup"})
    assert "/style.css" in asked
