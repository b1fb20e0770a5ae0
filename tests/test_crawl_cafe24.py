"""Whole crawls of the emulated Cafe24 mall: what is stored equals the truth, however the crawl is disturbed."""

import json
import random
import re
import signal
import subprocess
import time

import pytest
from crawling import BARE, ROOT, Proxy, Sandbox, asked, command, kill, last_report, scrapy, twice, unequal

from shopscrape import settings

SIZE = ("--products", 120, "--orders", 150, "--reviews", 260, "--speed", 400, "--only", "cafe24")
FAULTS = "429:0.05,500:0.04,503:0.02,504:0.02,cut:0.03,truncate:0.03,garbage:0.03,expire:0.03,hang:0.01"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A quiet sandbox that the tests of this module only read, and change forward."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """The sandbox after a fresh consent: a store of its own begins with a refresh token of its own."""
    running.control("consent", mall="demo")
    running.control("faults", {"clear": True})
    return running


def crawl(sandbox, url, *words, output=None, timeout=240):
    return scrapy(sandbox, url, "crawl", "cafe24_api", "-a", "mall=demo", *words, output=output, timeout=timeout)


def equal(sandbox, url, output=None):
    """Return what differs between a store, its JSON lines where they are named, and the truth, over all resources."""
    return unequal(sandbox, url, "demo", output=output)


def only_old_reviews(differing):
    """Return whether nothing differs but reviews edited, hidden or deleted: posts are found by when they came."""
    said = differing.get("reviews", ())
    edited = r"\('1', '4:\d+'\) (?:text|rating|rating_raw|updated_at|flags): .+"
    gone = [one for one in said if re.fullmatch(r"invents \('1', '4:\d+'\)", one)]
    return (
        differing.keys() <= {"reviews"}
        and len(gone) <= 1
        and all(re.fullmatch(edited, one) for one in said if one not in gone)
    )


def test_a_first_crawl_equals_the_truth(sandbox, store_url, tmp_path):
    done = crawl(sandbox, store_url, "-a", "since=all", output=tmp_path / "output")
    assert done.returncode == 0, done.stderr
    assert equal(sandbox, store_url, tmp_path / "output") == {}


def test_a_second_crawl_finds_nothing_new_and_asks_little(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    assert crawl(sandbox, url, "-a", "since=all").returncode == 0
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    report = last_report(sandbox, url)
    told = {name: states for name, states in report["rows"].items() if set(states) - {"same"}}
    assert told == {}
    assert asked(sandbox, "demo") == sum(report["requests"].values()) <= report["floor"] + 5
    assert report["notices"] == []
    sandbox.control("change")
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    again = last_report(sandbox, url)
    assert only_old_reviews(equal(sandbox, url))
    changed = sum(count for states in again["rows"].values() for state, count in states.items() if state != "same")
    assert changed > 0
    assert asked(sandbox, "demo") <= again["floor"] + 3 * changed
    assert crawl(sandbox, url, "-a", "sweep=1").returncode == 0
    assert equal(sandbox, url) == {}
    assert last_report(sandbox, url)["rows"]["reviews"]["gone"] > 0


def test_a_pipeline_that_waits_lets_no_batch_overtake_another(sandbox, tmp_path):
    url, between = f"sqlite:///{tmp_path}/store.db", {"tests.users_pipelines.Waiting": 450}
    pipelines = json.dumps(settings.ITEM_PIPELINES | between)
    words = ("-a", "since=all", "-a", "resources=products,inventory,reviews")
    done = crawl(sandbox, url, *words, "-s", f"ITEM_PIPELINES={pipelines}")
    assert done.returncode == 0, done.stderr
    assert equal(sandbox, url).keys() <= {"orders", "returns"}


def test_with_all_faults_nothing_is_lost(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        url = f"sqlite:///{tmp_path}/store.db"
        for _ in range(6):
            done = crawl(sandbox, url, "-a", "since=all", timeout=400)
            if done.returncode == 0:
                break
            assert done.returncode in (1, 3), done.stderr
            if "consent_needed" in done.stderr:
                sandbox.control("consent", mall="demo")
        assert done.returncode == 0, done.stderr
        sandbox.control("faults", {"clear": True})
        assert equal(sandbox, url) == {}


def test_killed_thirty_times_nothing_is_lost_or_doubled(tmp_path):
    dice = random.Random(11)
    with Sandbox(tmp_path, *SIZE) as sandbox:
        url, consents = f"sqlite:///{tmp_path}/store.db", 0
        words, output = ("crawl", "cafe24_api", "-a", "mall=demo", "-a", "since=all"), tmp_path / "output"
        for _ in range(30):
            if "consent_needed" in kill(sandbox, url, *words, after=dice.randrange(2, 90), output=output):
                sandbox.control("consent", mall="demo")
                consents += 1
        done = crawl(sandbox, url, "-a", "since=all", output=output)
        if done.returncode == 3:
            sandbox.control("consent", mall="demo")
            consents += 1
            done = crawl(sandbox, url, "-a", "since=all", output=output)
        assert done.returncode == 0, done.stderr
        assert consents <= 6
        assert equal(sandbox, url, output) == {}
        assert twice(output, "demo") == []


def test_a_feed_is_complete_each_time(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    texts = []
    for _ in range(2):
        feed = tmp_path / "r.jsonl"
        words = ("-a", "resources=reviews", "-a", "since=all", "-O", str(feed))
        assert crawl(sandbox, url, *words, output=tmp_path / "output").returncode == 0
        rows = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
        texts.append(sorted((row["review_id"], row.get("text") or "") for row in rows))
    assert texts[0] == texts[1]
    assert len(texts[0]) == len(sandbox.truth("demo", "api", "reviews"))
    assert last_report(sandbox, url)["rows"]["reviews"].keys() == {"same"}


def test_boards_without_any_review_beside_orders_are_noticed(sandbox, tmp_path):
    def without_articles(path, body):
        return b'{"articles":[]}' if "/articles" in path else body

    url = f"sqlite:///{tmp_path}/store.db"
    with Proxy(sandbox, tmp_path, without_articles) as emptied:
        done = crawl(emptied, url, "-a", "resources=orders,reviews", "-a", "since=7d")
    assert done.returncode == 0, done.stderr
    assert any("a review app may hold the reviews" in notice for notice in last_report(sandbox, url)["notices"])


def test_orders_that_time_out_are_asked_for_in_smaller_parts(sandbox, tmp_path):
    """Those named by their numbers too: the orders of a page of refunds, and the open ones of a second crawl."""

    def slow(path, body):
        heavy = re.search(r"/orders\?.*limit=(\d+)", path)
        return b'{"error":{"code":504,"message":"Gateway Timeout"}}' if heavy and int(heavy[1]) > 13 else body

    url = f"sqlite:///{tmp_path}/store.db"
    with Proxy(sandbox, tmp_path, slow) as slowed:
        for since in (("-a", "since=all"), ()):
            done = crawl(slowed, url, "-a", "resources=orders,returns", *since)
            assert done.returncode == 0, done.stderr
    assert {name: said for name, said in equal(sandbox, url).items() if name in ("orders", "returns")} == {}


def test_a_token_that_expires_mid_crawl_is_refreshed_once(sandbox, tmp_path):
    sandbox.control("log", clear=1)
    sandbox.control("faults", {"force": {"fault": "expire", "count": 1, "stream": "orders*"}})
    url = f"sqlite:///{tmp_path}/store.db"
    assert crawl(sandbox, url, "-a", "resources=orders", "-a", "since=all").returncode == 0
    assert sandbox.control("log")["malls"]["demo"]["auth"]["requests"] <= 3


def test_a_second_crawl_of_the_same_mall_is_refused(sandbox, store_url, tmp_path):
    process = subprocess.Popen(
        command(sandbox, store_url, "crawl", "cafe24_api", "-a", "mall=demo", "-a", "since=all"),
        cwd=ROOT, env=BARE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        opened = sandbox.store(store_url)
        for _ in range(200):
            if opened.last_runs():
                break
            time.sleep(0.05)
        opened.close()
        asked = sandbox.control("log")["requests"]
        done = crawl(sandbox, store_url, "-s", "LOG_LEVEL=ERROR", "-a", "resources=products")
        assert done.returncode == 75
        assert done.stderr.strip().splitlines() == [
            "scrapy crawl: Another crawl holds cafe24 demo api; it goes on, this one ends."
        ]
        process.send_signal(signal.SIGSTOP)
        later = sandbox.control("log")["requests"]
        crawl(sandbox, store_url, "-s", "LOG_LEVEL=ERROR")
        assert sandbox.control("log")["requests"] == later >= asked
    finally:
        process.kill()
        process.wait()
