"""Whole crawls of the emulated GMO MakeShop: what is stored equals the truth, however the crawl is disturbed."""

import random

import pytest
from crawling import Sandbox, asked, drifts, kill, last_report, scrapy, twice, unequal

SIZE = ("--products", 230, "--orders", 100, "--reviews", 60, "--speed", 400, "--only", "makeshop_jp")
FAULTS = "429:0.06,500:0.05,502:0.02,503:0.02,504:0.03,cut:0.04,truncate:0.04,garbage:0.04,hang:0.02"
OPEN, NARROW = "demo_makeshop_jp", "demo_makeshop_jp_narrow"


@pytest.fixture
def sandbox(tmp_path):
    with Sandbox(tmp_path, *SIZE) as running:
        yield running


def crawl(sandbox, url, *words, mall=OPEN, output=None, timeout=240):
    given = ("crawl", "makeshop_jp_api", "-a", f"mall={mall}", *words)
    return scrapy(sandbox, url, *given, output=output, timeout=timeout)


def test_crawls_equal_the_truth_and_ask_little(sandbox, store_url, tmp_path):
    done = crawl(sandbox, store_url, "-a", "since=all", output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, store_url, OPEN, output=tmp_path / "output") == {}
    sandbox.control("log", clear=1)
    assert crawl(sandbox, store_url).returncode == 0
    report = last_report(sandbox, store_url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    # The catalogue and its quantities have two pages each.
    assert asked(sandbox, OPEN) == sum(report["requests"].values()) <= report["floor"] + 4
    sandbox.control("change")
    sandbox.control("log", clear=1)
    done = crawl(sandbox, store_url)
    assert done.returncode == 0, done.stderr[-3000:]
    again = last_report(sandbox, store_url)
    changed = sum(count for states in again["rows"].values() for state, count in states.items() if state != "same")
    assert changed > 0 and asked(sandbox, OPEN) <= again["floor"] + 3 * changed
    assert unequal(sandbox, store_url, OPEN) == {}


def test_with_all_faults_nothing_is_lost(tmp_path, postgres_url):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        url, output = postgres_url, tmp_path / "output"
        for _ in range(5):
            done = crawl(sandbox, url, "-a", "since=all", output=output, timeout=400)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-3000:]
        sandbox.control("faults", {"clear": True})
        assert unequal(sandbox, url, OPEN, output=output) == {}


def test_rows_that_move_while_they_are_paged_are_right_after_the_next_run(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    sandbox.control("faults", {"rates": "drift:0.3"})
    assert crawl(sandbox, url, "-a", "since=all").returncode in (0, 1)
    assert drifts(sandbox, OPEN) > 5
    sandbox.control("faults", {"clear": True})
    done = crawl(sandbox, url, "-a", "sweep=1")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, OPEN) == {}


def test_killed_again_and_again_nothing_is_lost_or_doubled(sandbox, tmp_path, postgres_url):
    url, dice, output = postgres_url, random.Random(5), tmp_path / "output"
    words = ("crawl", "makeshop_jp_api", "-a", f"mall={OPEN}", "-a", "since=all")
    for _ in range(4):
        kill(sandbox, url, *words, after=dice.randrange(2, 30), output=output)
    done = crawl(sandbox, url, "-a", "since=all", output=output)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, OPEN, output=output) == {}
    assert twice(output, OPEN) == []


def test_what_is_not_granted_is_told_and_nothing_else_suffers(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "-a", "since=all", mall=NARROW)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, NARROW, ("products", "orders", "returns")) == {}
    assert any("categories" in notice for notice in last_report(sandbox, url)["notices"])
    done = crawl(sandbox, url, "-a", "resources=reviews", mall=NARROW)
    assert done.returncode != 0 and "レビュー" in done.stderr
