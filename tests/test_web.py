"""What all page spiders share, on plain pages: robots.txt, permission, Crawl-delay, redirects, walls, cool-downs."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from shopscrape import settings
from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
FERNET = "3Zx8oP0Vq5hVbN7c1m0l9v8u7t6s5r4q3p2o1n0m9l8="


class Shop:
    """Serves reviews and a robots.txt from a thread of its own; its attributes are its state."""

    def __init__(self):
        self.robots_status, self.robots_text = 404, ""
        self.rows = [
            {"id": f"r{number}", "text": "좋아요", "rating": 5, "day": str(date(2026, 7, 30) - timedelta(number))}
            for number in range(12)
        ]
        self.asked = []
        self.times = []
        self.special = None

    async def answer(self, request):
        self.asked.append(request.path_qs)
        self.times.append(time.monotonic())
        if request.path == "/robots.txt":
            if self.robots_status == 0:
                await asyncio.sleep(60)
            return web.Response(status=self.robots_status, text=self.robots_text)
        if self.special is not None and (answer := self.special(request)) is not None:
            return answer
        number = int(request.query.get("page", 1))
        rows = self.rows[(number - 1) * 5 : number * 5]
        last = int(number * 5 >= len(self.rows))
        return web.Response(text=json.dumps({"total": len(self.rows), "last": last, "rows": rows}))

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def begin():
            app = web.Application()
            app.router.add_get("/{path:.*}", self.answer)
            self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await self.runner.setup()
            await web.TCPSite(self.runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

        def run():
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(begin())
            ready.set()
            self.loop.run_forever()
            self.loop.run_until_complete(self.runner.cleanup())
            self.loop.close()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *why):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


class Crawl:
    """Runs the toy spider."""

    spider = "tests/toy_web.py"

    def __init__(self, folder, shop):
        self.folder, self.shop = folder, shop
        self.table()

    def table(self, **fields):
        lines = {"platform": "toy", "storefront_url": self.shop.url, "urls": [f"{self.shop.url}/reviews"], "speed": 50}
        lines |= fields
        text = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())
        (self.folder / "malls.toml").write_text(f"[toy]\n{text}\n")

    def run(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "runspider", self.spider, "-a", "mall=toy", *words,
             "-s", f"SHOPSCRAPE_MALLS={self.folder}/malls.toml", "-s", f"SHOPSCRAPE_STORE=sqlite:///{self.folder}/store.db",
             "-s", f"SHOPSCRAPE_OUTPUT={self.folder}/output"],
            cwd=ROOT, env=environment | {"SHOPSCRAPE_PRIVACY_KEY": "k" * 40, "SHOPSCRAPE_KEY": FERNET},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.log = done.stderr
        store = open_store(f"sqlite:///{self.folder}/store.db", FERNET)
        try:
            self.rows = {row["review_id"]: row for row in store.read("reviews")}
            report = json.loads(store.last_runs()[-1]["report"])
        finally:
            store.close()
        return report


@pytest.fixture
def crawl(tmp_path):
    with Shop() as shop:
        yield Crawl(tmp_path, shop)


@pytest.mark.parametrize("kind", ["Failing", "Dropping"])
def test_a_batch_that_a_pipeline_of_the_users_loses_is_told_and_read_again(crawl, kind):
    pipelines = json.dumps(settings.ITEM_PIPELINES | {f"tests.users_pipelines.{kind}": 450})
    report = crawl.run("-a", "since=all", "-s", f"ITEM_PIPELINES={pipelines}")
    assert report["outcome"] == "fell_short" and len(crawl.rows) == 7, crawl.log
    assert "a batch was not stored" in report["shortfalls"][0] and "CANARY" not in str(report)
    report = crawl.run("-a", "since=all")
    assert report["outcome"] == "ok" and len(crawl.rows) == 12, crawl.log
    lines = [line for path in crawl.folder.rglob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    assert sorted(json.loads(line)["review_id"] for line in lines) == sorted(crawl.rows)


DISALLOW = "User-agent: *\nDisallow: /reviews\n"


def test_a_missing_robots_file_allows(crawl):
    report = crawl.run("-a", "since=all")
    assert report["outcome"] == "ok", crawl.log
    assert crawl.shop.asked == ["/robots.txt", "/reviews?page=1", "/reviews?page=2", "/reviews?page=3"]
    assert len(crawl.rows) == 12


def test_only_new_rows_are_asked_for_later(crawl):
    crawl.run("-a", "since=all")
    crawl.shop.rows.insert(0, {"id": "new", "text": "새 글", "rating": "4", "day": "2026-08-01"})
    crawl.shop.asked.clear()
    assert crawl.run()["outcome"] == "ok"
    assert crawl.shop.asked == ["/robots.txt", "/reviews?page=1"] and len(crawl.rows) == 13


def test_a_sweep_marks_what_vanished(crawl):
    crawl.run("-a", "since=all")
    del crawl.shop.rows[7]
    assert crawl.run("-a", "sweep=1")["rows"]["reviews"]["gone"] == 1
    assert "r7" not in crawl.rows and len(crawl.rows) == 11


def test_texts_whose_place_has_moved_are_reported_and_the_stored_ones_stand(crawl):
    crawl.run("-a", "since=all")
    for row in crawl.shop.rows:
        row |= {"text": None if row["id"] != "r3" else "별로예요", "rating": 4}
    report = crawl.run("-a", "sweep=1")
    assert report["outcome"] == "fell_short" and "text was found in 8% of 12 rows" in report["shortfalls"][0]
    assert {row["rating"] for row in crawl.rows.values()} == {"4"}
    assert {name: row["text"] for name, row in crawl.rows.items() if row["text"] != "좋아요"} == {"r3": "별로예요"}


def test_a_whole_mall_in_which_nothing_is_met_any_more_is_no_success(crawl):
    crawl.table(urls=[])
    assert crawl.run("-a", "since=all")["outcome"] == "ok", crawl.log
    rows, crawl.shop.rows = crawl.shop.rows, []
    report = crawl.run()
    assert report["shortfalls"] == ["None of the 12 reviews of earlier runs was met: their place has moved."]
    assert crawl.run("-a", f"url={crawl.shop.url}/reviews")["outcome"] == "ok", "one page says nothing of the mall"
    crawl.shop.rows = rows
    assert crawl.run()["outcome"] == "ok" and len(crawl.rows) == 12


def test_a_disallowed_page_stops_the_crawl_before_it(crawl):
    crawl.shop.robots_status, crawl.shop.robots_text = 200, DISALLOW
    report = crawl.run()
    assert (report["outcome"], report["exit_status"]) == ("refused", 3)
    assert "disallows /reviews" in report["stopped"] and "own-store" in report["stopped"]
    assert crawl.shop.asked == ["/robots.txt"]


def test_rules_for_this_crawler_come_first(crawl):
    crawl.shop.robots_status, crawl.shop.robots_text = 200, DISALLOW + "\nUser-agent: shopscrape\nDisallow: /private\n"
    assert crawl.run()["outcome"] == "ok"


def test_permission_overrides_a_disallow_and_the_report_says_so(crawl):
    crawl.shop.robots_status, crawl.shop.robots_text = 200, DISALLOW
    crawl.table(permission="own-store")
    report = crawl.run("-a", "since=all")
    assert report["outcome"] == "ok" and len(crawl.rows) == 12
    assert any("disallows pages" in notice and "own-store" in notice for notice in report["notices"])


def test_permission_speaks_for_the_own_host_alone(crawl):
    with Shop() as other:
        other.robots_status, other.robots_text = 200, DISALLOW
        crawl.table(permission="own-store", storefront_url=crawl.shop.url, urls=[f"{other.url}/reviews"])
        assert crawl.run()["exit_status"] == 2
        assert not other.asked


@pytest.mark.parametrize("status", (500, 503, 429))
def test_an_unreachable_robots_file_refuses(crawl, status):
    crawl.shop.robots_status = status
    report = crawl.run()
    assert report["outcome"] == "refused" and f"status {status}" in report["stopped"]
    assert set(crawl.shop.asked) == {"/robots.txt"}


def test_a_crawl_delay_is_kept(crawl):
    crawl.shop.robots_status, crawl.shop.robots_text = 200, "User-agent: *\nCrawl-delay: 40\n"
    report = crawl.run("-a", "since=all")
    assert report["outcome"] == "ok"
    # 40 s at 50 times the speed.
    first, second, third = crawl.shop.times[1:4]
    assert second - first > 0.75 and third - second > 0.75
    assert any("40 s" in notice for notice in report["notices"])


def test_redirects_within_the_mall_are_followed(crawl):
    def special(request):
        return (
            web.Response(status=301, headers={"Location": f"/moved?{request.query_string}"})
            if request.path == "/reviews"
            else None
        )

    crawl.shop.special = special
    assert crawl.run("-a", "since=all")["outcome"] == "ok"
    assert len(crawl.rows) == 12


def test_a_circle_of_redirects_ends_and_what_it_looked_like_is_kept(crawl):
    text = "<p>moved, ask me@example.com</p>"
    crawl.shop.special = lambda request: web.Response(status=302, text=text, headers={"Location": "/reviews?page=1"})
    report = crawl.run()
    assert report["outcome"] != "ok"
    assert len(crawl.shop.asked) < 40
    assert kept_of(crawl, report) == "<p>moved, ask [e-mail]</p>"


def kept_of(crawl, report):
    """Return the one page that a crawl kept as evidence; its report says where."""
    (kept,) = (crawl.folder / "output/toy/evidence").iterdir()
    assert any(str(kept) in notice for notice in report["notices"]), report["notices"]
    assert kept.name.startswith(report["run"])
    return kept.read_text("utf-8")


@pytest.mark.parametrize(
    "answer, outcome",
    (
        (lambda request: web.Response(text="captcha 010-1234-5678"), "blocked"),
        (
            lambda request: web.Response(status=302, headers={"Location": "http://login.invalid/nidlogin"}),
            "login_required",
        ),
    ),
    ids=("captcha", "login"),
)
def test_a_wall_is_remembered_for_a_while(crawl, answer, outcome):
    crawl.shop.special = answer
    report = crawl.run()
    assert report["outcome"] == outcome
    assert not crawl.rows
    if outcome == "blocked":
        assert kept_of(crawl, report) == "captcha [phone]"
    assert len(crawl.shop.asked) == 2, "robots.txt and the wall"
    crawl.shop.asked.clear()
    crawl.run()
    assert "cools down until" in crawl.log and not crawl.shop.asked


def test_a_look_back_that_fails_is_told_and_closes_the_report(crawl, tmp_path):
    broken = "\n    def look_back(self):\n        raise KeyError('010-1234-5678')\n"
    (tmp_path / "broken.py").write_text((ROOT / crawl.spider).read_text("utf-8") + broken, "utf-8")
    crawl.spider = str(tmp_path / "broken.py")
    report = crawl.run("-a", "since=all")
    assert report["outcome"] == "fell_short" and report["finished_at"]
    assert any("KeyError" in sentence for sentence in report["shortfalls"])
    assert "010-1234-5678" not in crawl.log
