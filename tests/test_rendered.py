"""Rendered crawls in real Chromium: what a walk stores, and how it goes on after it died."""

import json
import time

import pytest
from aiohttp import web
from crawling import browsers_of
from rendering import ALL, Crawl
from smartstore import Smartstore

from shopscrape import values
from shopscrape.identity import fingerprint, form, identity
from shopscrape.items import Product
from shopscrape.windows import Row

pytestmark = pytest.mark.browser


@pytest.fixture
def crawl(tmp_path):
    with Smartstore() as shop:
        yield Crawl(tmp_path, shop)


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
    assert crawl.run(*ALL, "-s", "SHOPSCRAPE_PATIENCE=1") == 0, crawl.log[-3000:]
    rows = list(crawl.reviews().values())
    assert len(rows) == 47
    assert {row["synthetic"] for row in rows} == {generation == "A"}
    assert {row["text"] for row in rows} == {f"리뷰 {number}\n좋아요 <3 & 또 살게요" for number in range(47)}
    assert crawl.run("-s", "SHOPSCRAPE_PATIENCE=1") == 0, crawl.log[-3000:]
    assert crawl.report()["rows"]["reviews"].get("new", 0) == 0


# -- it dies, and goes on --------------------------------------------------------------------------------------------


def test_a_killed_first_load_of_ten_thousand_goes_on_below_where_it_died(crawl):
    """More than 10,000 reviews, 500 at a time: a real page shows 20, and 500 of those take minutes."""
    crawl.shop.size, crawl.shop.generation = 500, "A"
    crawl.table(speed=200)
    for _ in range(10_000):
        crawl.shop.add()
    seen = []
    for page in (6, 13):
        crawl.shop.pages_asked.clear()
        process = crawl.start(*ALL)
        deadline = time.monotonic() + 60
        while page not in crawl.shop.pages_asked and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        seen.append(len(crawl.reviews()))
        crawl.shop.add()
    assert 2000 < seen[0] < seen[1] < 7500, "what was read before it died is stored"
    assert len(crawl.expected()) > 10_000
    assert crawl.run() == 0, crawl.log[-3000:]
    assert crawl.reviews().keys() == crawl.expected()
    assert crawl.report()["rows"]["reviews"]["new"] == len(crawl.expected()) - seen[1], "and is not read as new again"
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
    browsers = list(browsers_of(process))
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


def test_a_feed_gets_every_row_of_the_period_each_time(crawl):
    files = []
    for number in range(2):
        files.append(crawl.folder / f"{number}.jsonl")
        assert crawl.run(*ALL, "-a", "resources=reviews", "-O", str(files[-1])) == 0, crawl.log[-3000:]
    told = [[json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in files]
    first, second = (sorted(row["review_id"] for row in rows) for rows in told)
    assert first == second == sorted(crawl.expected())
    assert crawl.report()["rows"]["reviews"] == {"same": 47}


def test_products_that_the_api_told_are_read(crawl):
    crawl.shop.reviews["777"] = []
    for _ in range(3):
        crawl.shop.add("777")
    crawl.table(urls=None)
    assert crawl.run(*ALL) == 2, "nothing is known yet"
    told = [
        Product(platform="naver", mall="demo", collected_at=values.now(), product_id=number, status=status, url=url)
        for number, status, url in (
            ("201", "on_sale", "https://smartstore.naver.com/teststore/products/201"),
            ("777", "sold_out", "https://smartstore.naver.com/teststore/products/777"),
            ("888", "ended", "https://smartstore.naver.com/teststore/products/888"),
        )
    ]
    store = crawl.store
    rows = [
        Row(record, place, identity(record), form(record), *fingerprint(record)) for place, record in enumerate(told)
    ]
    store.commit(rows, run="api", now=values.now())
    store.close()
    assert crawl.run(*ALL) == 0, crawl.log[-3000:]
    assert crawl.reviews().keys() == crawl.expected() | crawl.expected("777")
    assert not [path for _, path in crawl.shop.asked if "888" in path]
