"""Whole crawls of the emulated openhub: what is stored equals the truth, however the crawl is disturbed."""

import random

import pytest
from crawling import Sandbox, asked, drifts, kill, last_report, scrapy, twice, unequal

SIZE = ("--products", 40, "--orders", 90, "--reviews", 60, "--speed", 400, "--only", "godomall5")
RESOURCES = ("products", "inventory", "orders", "returns", "reviews")
FAULTS = "429:0.05,500:0.04,502:0.02,503:0.03,504:0.02,cut:0.03,truncate:0.03,garbage:0.03,hang:0.002"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, *words, output=None, timeout=240):
    given = ("-a", "mall=demo_godomall5", "-a", f"resources={','.join(RESOURCES)}")
    return scrapy(sandbox, url, "crawl", "godomall5_api", *given, *words, output=output, timeout=timeout)


def equal(sandbox, url, output=None):
    return unequal(sandbox, url, "demo_godomall5", output=output)


def test_a_first_crawl_equals_the_truth(sandbox, store_url, tmp_path):
    done = crawl(sandbox, store_url, "-a", "since=all", output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, store_url, tmp_path / "output") == {}


def test_a_second_crawl_asks_little_and_changes_are_found(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    assert crawl(sandbox, url, "-a", "since=all").returncode == 0
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    report = last_report(sandbox, url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    assert asked(sandbox, "demo_godomall5") == sum(report["requests"].values()) <= report["floor"] + 2, report[
        "requests"
    ]
    sandbox.control("change")
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    again = last_report(sandbox, url)
    changed = sum(count for states in again["rows"].values() for state, count in states.items() if state != "same")
    assert changed > 0 and asked(sandbox, "demo_godomall5") <= again["floor"] + 3 * changed
    # Nothing tells of a post that was deleted or hidden: a sweep misses it.
    left = equal(sandbox, url)
    assert left.keys() <= {"reviews"} and len(left.get("reviews", ())) <= 2
    assert all(one.startswith("invents ") for one in left.get("reviews", ()))
    done = crawl(sandbox, url, "-a", "sweep=1")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url) == {}


def test_with_all_faults_nothing_is_lost(tmp_path, postgres_url):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        url, output = postgres_url, tmp_path / "output"
        for _ in range(5):
            done = crawl(sandbox, url, "-a", "since=all", output=output, timeout=400)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-3000:]
        sandbox.control("faults", {"clear": True})
        assert equal(sandbox, url, output) == {}


def test_killed_again_and_again_nothing_is_lost_or_doubled(sandbox, tmp_path, postgres_url):
    url, dice, output = postgres_url, random.Random(5), tmp_path / "output"
    words = (
        "crawl",
        "godomall5_api",
        "-a",
        "mall=demo_godomall5",
        "-a",
        "since=all",
        "-a",
        f"resources={','.join(RESOURCES)}",
    )
    for _ in range(3):
        kill(sandbox, url, *words, after=dice.randrange(3, 60), output=output)
    done = crawl(sandbox, url, "-a", "since=all", output=output)
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url, output) == {}
    assert twice(output, "demo_godomall5") == []


def test_rows_that_move_while_they_are_paged_are_right_after_the_next_run(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", "drift:0.3") as sandbox:
        url = f"sqlite:///{tmp_path}/store.db"
        assert crawl(sandbox, url, "-a", "since=all").returncode in (0, 1)
        assert drifts(sandbox, "demo_godomall5") > 5
        sandbox.control("faults", {"clear": True})
        done = crawl(sandbox, url, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-3000:]
        assert equal(sandbox, url) == {}
