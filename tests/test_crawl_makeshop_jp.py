"""Whole crawls of the emulated GMO MakeShop: what is stored equals the truth, however the crawl is disturbed."""

import json

import pytest
from crawling import Sandbox, differences, scrapy

from shopscrape.items import RESOURCES

SIZE = ("--products", 230, "--orders", 100, "--reviews", 60, "--speed", 400, "--only", "makeshop_jp")
FAULTS = "429:0.06,500:0.05,502:0.03,504:0.03,cut:0.04,truncate:0.04,garbage:0.04"
OPEN, NARROW = "demo_makeshop_jp", "demo_makeshop_jp_narrow"


@pytest.fixture
def sandbox(tmp_path):
    with Sandbox(tmp_path, *SIZE) as running:
        yield running


def crawl(sandbox, url, *words, mall=OPEN, timeout=240):
    return scrapy(sandbox, url, "crawl", "makeshop_jp_api", "-a", f"mall={mall}", *words, timeout=timeout)


def equal(sandbox, url, mall=OPEN, resources=RESOURCES):
    opened = sandbox.store(url)
    try:
        return {name: said for name in resources if (said := differences(opened, sandbox, mall, "api", name))}
    finally:
        opened.close()


def last_report(sandbox, url):
    opened = sandbox.store(url)
    try:
        told = opened.last_runs()[-1]["report"]
        return json.loads(told) if isinstance(told, str) else told
    finally:
        opened.close()


def test_crawls_equal_the_truth_and_ask_little(sandbox, store_url):
    done = crawl(sandbox, store_url, "-a", "since=all")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, store_url) == {}
    assert crawl(sandbox, store_url).returncode == 0
    report = last_report(sandbox, store_url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    # The catalogue and its quantities have two pages each.
    assert sum(report["requests"].values()) <= report["floor"] + 4
    sandbox.control("change")
    done = crawl(sandbox, store_url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, store_url) == {}


def test_with_all_faults_nothing_is_lost(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        url = f"sqlite:///{tmp_path}/store.db"
        for _ in range(5):
            done = crawl(sandbox, url, "-a", "since=all", timeout=400)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-3000:]
        sandbox.control("faults", {"clear": True})
        assert equal(sandbox, url) == {}


def test_what_is_not_granted_is_told_and_nothing_else_suffers(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "-a", "since=all", mall=NARROW)
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url, NARROW, ("products", "orders", "returns")) == {}
    assert any("categories" in notice for notice in last_report(sandbox, url)["notices"])
    done = crawl(sandbox, url, "-a", "resources=reviews", mall=NARROW)
    assert done.returncode != 0 and "レビュー" in done.stderr
