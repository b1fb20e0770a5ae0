"""Whole crawls of the emulated Korean MakeShop, through both doors: what is stored equals the truth."""

import json
import random
import signal
import subprocess
import time

import pytest
from crawling import BARE, ROOT, Sandbox, command, differences, scrapy, stored

from shopscrape.items import RESOURCES

SIZE = ("--products", 70, "--orders", 120, "--reviews", 120, "--speed", 400, "--only", "makeshop")
FAULTS = "429:0.05,500:0.04,502:0.02,504:0.02,cut:0.03,truncate:0.03,garbage:0.03,expire:0.03"
CONNECT, LEGACY = "demo_makeshop", "demo_makeshop_legacy"
KEYS = {"products": "product_id", "orders": "order_id", "returns": "return_id", "reviews": "review_id"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, *words, mall=CONNECT, output=None, timeout=240):
    return scrapy(sandbox, url, "crawl", "makeshop_api", "-a", f"mall={mall}", *words, output=output, timeout=timeout)


def equal(sandbox, url, mall=CONNECT):
    """Return what differs from the truth, by resource."""
    opened = sandbox.store(url)
    try:
        return {name: said for name in RESOURCES if (said := differences(opened, sandbox, mall, "api", name))}
    finally:
        opened.close()


def read(sandbox, url, resource, mall):
    opened = sandbox.store(url)
    try:
        return list(stored(opened, mall, resource).values())
    finally:
        opened.close()


def last_report(sandbox, url):
    opened = sandbox.store(url)
    try:
        told = opened.last_runs()[-1]["report"]
        return json.loads(told) if isinstance(told, str) else told
    finally:
        opened.close()


def nothing_new(report):
    return {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}


def test_a_first_crawl_equals_the_truth(sandbox, store_url, tmp_path):
    done = crawl(sandbox, store_url, "-a", "since=all", output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, store_url) == {}
    opened = sandbox.store(store_url)
    for resource, key in KEYS.items():
        files = (tmp_path / "output" / CONNECT / resource).rglob("*.jsonl")
        written = {json.loads(line)[key] for path in files for line in path.read_text("utf-8").splitlines()}
        assert written == {row[key] for row in stored(opened, CONNECT, resource).values()}
    opened.close()


@pytest.fixture
def fresh(tmp_path):
    """A sandbox in which nothing has changed yet: what is deleted within the overlap would be new to a crawl."""
    with Sandbox(tmp_path, *SIZE) as running:
        yield running


@pytest.mark.parametrize("mall", [CONNECT, LEGACY])
def test_a_second_crawl_asks_little_and_changes_are_found(fresh, tmp_path, mall):
    sandbox = fresh
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "-a", "since=all", mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url, mall) == {}
    assert crawl(sandbox, url, mall=mall).returncode == 0
    report = last_report(sandbox, url)
    assert nothing_new(report)
    # The floor cannot know how many open orders have goods on their way back: each is asked for its parcel.
    parcels = sum(count for name, count in report["requests"].items() if name.endswith(".parcels"))
    assert parcels <= sum(one["kind"] != "cancel" for one in read(sandbox, url, "returns", mall))
    assert sum(report["requests"].values()) - parcels <= report["floor"] + 6
    sandbox.control("change")
    done = crawl(sandbox, url, mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    # An exchange that a buyer asks for after the order was over stands in no window of the legacy door.
    assert equal(sandbox, url, mall).keys() <= {"products", "reviews"} | (
        {"orders", "returns"} if mall == LEGACY else set()
    )
    done = crawl(sandbox, url, "-a", "sweep=1", *(("-a", "since=all") if mall == LEGACY else ()), mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url, mall) == {}


def test_with_all_faults_nothing_is_lost(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        for mall in (CONNECT, LEGACY):
            url = f"sqlite:///{tmp_path}/{mall}.db"
            for _ in range(5):
                done = crawl(sandbox, url, "-a", "since=all", mall=mall, timeout=400)
                if done.returncode == 0:
                    break
            assert done.returncode == 0, done.stderr[-3000:]
        sandbox.control("faults", {"clear": True})
        for mall in (CONNECT, LEGACY):
            assert equal(sandbox, f"sqlite:///{tmp_path}/{mall}.db", mall) == {}


def test_killed_again_and_again_nothing_is_lost_and_tokens_are_few(sandbox, tmp_path):
    url, dice = f"sqlite:///{tmp_path}/store.db", random.Random(5)
    words = ("crawl", "makeshop_api", "-a", f"mall={CONNECT}", "-a", "since=all")
    for _ in range(4):
        process = subprocess.Popen(command(sandbox, url, *words), cwd=ROOT, env=BARE, stderr=subprocess.DEVNULL)
        time.sleep(1.2 + dice.random() * 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, "-a", "since=all")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url) == {}
    told = sandbox.control("log")["malls"][CONNECT]
    assert set(told["auth"]["statuses"]) == {"200"}
    assert told["auth"]["requests"] * 5 < sum(stream["requests"] for stream in told.values())
