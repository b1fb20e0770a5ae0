"""Naver reviews through a real browser: what is stored equals what the emulated pages show, however it is disturbed."""

import random

import pytest
from crawling import Proxy, Sandbox, differences, kill, last_report, scrapy, stored, unequal

pytestmark = pytest.mark.browser
SIZE = ("--products", 30, "--orders", 40, "--reviews", 260, "--speed", 200, "--only", "naver")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, mall, *words, output=None):
    given = ("-a", f"mall={mall}", "-a", "resources=reviews", "-a", "since=all", *words)
    return scrapy(sandbox, url, "crawl", "naver_web", *given, output=output)


def differs(sandbox, url, mall):
    opened = sandbox.store(url)
    try:
        return differences(opened, sandbox, mall, "web", "reviews")
    finally:
        opened.close()


@pytest.mark.parametrize(
    "store_url, mall", [("sqlite", "demo_naver_brand"), ("postgresql", "demo_naver")], indirect=["store_url"]
)
def test_reviews_equal_the_truth_and_a_second_run_asks_little(sandbox, store_url, tmp_path, mall):
    done = crawl(sandbox, store_url, mall, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, store_url, mall, ("reviews",), "web", tmp_path / "output") == {}
    first = sum(last_report(sandbox, store_url)["requests"].values())
    done = scrapy(sandbox, store_url, "crawl", "naver_web", "-a", f"mall={mall}", "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr[-3000:]
    report = last_report(sandbox, store_url)
    assert set(report["rows"]["reviews"]) <= {"same"}
    assert sum(report["requests"].values()) < first


def test_stock_of_pages_equals_the_truth_and_joins_the_rows_of_the_api(sandbox, tmp_path):
    url, output = f"sqlite:///{tmp_path}/store.db", tmp_path / "output"
    stock = ("-a", "mall=demo_naver", "-a", "resources=inventory")
    assert (done := scrapy(sandbox, url, "crawl", "naver_web", *stock, output=output)).returncode == 0, done.stderr
    assert unequal(sandbox, url, "demo_naver", ("inventory",), "web", output) == {}
    assert last_report(sandbox, url)["rows"]["inventory"]["new"] > 8
    both = f"sqlite:///{tmp_path}/both.db"
    for spider in ("naver_api", "naver_web"):
        assert (done := scrapy(sandbox, both, "crawl", spider, *stock)).returncode == 0, done.stderr[-3000:]
    # Pages have the API's numbers, and never overwrite what it told.
    assert set(last_report(sandbox, both)["rows"]["inventory"]) == {"same"}
    assert unequal(sandbox, both, "demo_naver", ("inventory",)) == {}


def test_killed_in_the_middle_of_the_first_load_leaves_no_hole(sandbox, tmp_path):
    url, dice, output = f"sqlite:///{tmp_path}/store.db", random.Random(3), tmp_path / "output"
    words = ("crawl", "naver_web", "-a", "mall=demo_naver", "-a", "resources=reviews", "-a", "since=all")
    for _ in range(3):
        kill(sandbox, url, *words, after=dice.randrange(5, 24), output=output)
    done = crawl(sandbox, url, "demo_naver", output=output)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, "demo_naver", ("reviews",), "web", output) == {}


def test_edits_and_disappearances_are_found_by_a_sweep(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    assert crawl(sandbox, url, "demo_naver").returncode == 0
    for _ in range(3):
        sandbox.control("change")
    done = scrapy(
        sandbox, url, "crawl", "naver_web", "-a", "mall=demo_naver", "-a", "resources=reviews", "-a", "sweep=1"
    )
    assert done.returncode == 0, done.stderr[-3000:]
    shown = {record.product_id for record in sandbox.truth("demo_naver", "web", "reviews").values()}
    opened = sandbox.store(url)
    # What was told about a product whose page is gone stays as it was.
    elsewhere = {row["review_id"] for row in opened.read("reviews") if row["product_id"] not in shown}
    opened.close()
    said = [one for one in differs(sandbox, url, "demo_naver") if not any(number in one for number in elsewhere)]
    assert said == []


@pytest.mark.parametrize(
    "mall, outcome",
    [("demo_naver_blocked", "blocked"), ("demo_naver_adult", "login_required"), ("demo_naver_shell", "not_hydrated")],
)
def test_walls_stop_the_run_with_a_sentence_and_nothing_stored(sandbox, tmp_path, mall, outcome):
    url = f"sqlite:///{tmp_path}/store.db"
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall, "-s", "SHOPSCRAPE_PATIENCE=2")
    assert done.returncode == 3, done.stderr[-3000:]
    # What was waiting when the wall was met is not asked for. Shells are looked at twice, before all others, of which a
    # few are on their way meanwhile.
    most = {"blocked": 1, "login_required": 2, "not_hydrated": 6}[outcome]
    assert sandbox.control("log")["malls"][mall]["page"]["requests"] <= most
    assert outcome in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    opened = sandbox.store(url)
    assert stored(opened, mall, "reviews") == {}
    assert opened.marks("naver", mall) == []
    opened.close()
    if outcome != "not_hydrated":
        again = crawl(sandbox, url, mall)
        assert again.returncode == 3
        assert "cools down" in again.stderr.splitlines()[-1]


def test_without_permission_nothing_is_asked(sandbox, tmp_path):
    told = sandbox.malls.read_text("utf-8").replace('permission = "own-store"\n', "")
    asked = sandbox.control("log")["requests"]
    with Proxy(sandbox, tmp_path, lambda path, body: body) as other:
        other.malls.write_text(told, "utf-8")
        done = scrapy(other, f"sqlite:///{tmp_path}/store.db", "crawl", "naver_web", "-a", "mall=demo_naver")
    assert done.returncode == 3
    assert "permission" in done.stderr.splitlines()[-1]
    assert sandbox.control("log")["requests"] == asked
