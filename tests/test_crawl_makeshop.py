"""Whole crawls of the emulated Korean MakeShop, through both doors: what is stored equals the truth."""

import random
import re

import pytest
from crawling import Sandbox, asked, drifts, kill, last_report, scrapy, stored, twice, unequal

SIZE = ("--products", 70, "--orders", 120, "--reviews", 120, "--speed", 400, "--only", "makeshop")
FAULTS = "429:0.05,500:0.04,502:0.02,503:0.02,504:0.02,cut:0.03,truncate:0.03,garbage:0.03,expire:0.03,hang:0.008"
BOTH = CONNECT, LEGACY = "demo_makeshop", "demo_makeshop_legacy"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, *words, mall=CONNECT, output=None, timeout=240):
    return scrapy(sandbox, url, "crawl", "makeshop_api", "-a", f"mall={mall}", *words, output=output, timeout=timeout)


def read(sandbox, url, resource, mall):
    opened = sandbox.store(url)
    try:
        return list(stored(opened, mall, resource).values())
    finally:
        opened.close()


def nothing_new(report):
    return {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}


def only_late_exchange(differing):
    """Return whether nothing differs but an exchange that was asked for after its order was over.

    The legacy door finds orders by their own date and has no log; an order that is over is not read again.
    """
    lacking = differing.get("returns", [])
    found = [re.fullmatch(r"lacks \('', '(.+):(\d+):exchange'\)", one) for one in lacking]
    lines = [f"('', '{one[1]}') lines[{one[1]}:{one[2]}].status_raw: " for one in found if one]
    states = differing.get("orders", [])
    return (
        differing.keys() <= {"orders", "returns"} and all(found) and len(found) <= 1
        and all(one.startswith(tuple(lines)) for one in states)
    )  # fmt: skip


@pytest.mark.parametrize("mall", BOTH)
def test_a_first_crawl_equals_the_truth(sandbox, store_url, tmp_path, mall):
    done = crawl(sandbox, store_url, "-a", "since=all", mall=mall, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, store_url, mall, output=tmp_path / "output") == {}


@pytest.fixture
def fresh(tmp_path):
    """A sandbox in which nothing has changed yet: what is deleted within the overlap would be new to a crawl."""
    with Sandbox(tmp_path, *SIZE) as running:
        yield running


@pytest.mark.parametrize("mall", BOTH)
def test_a_second_crawl_asks_little_and_changes_are_found(fresh, tmp_path, mall):
    sandbox = fresh
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "-a", "since=all", mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, mall) == {}
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url, mall=mall).returncode == 0
    report = last_report(sandbox, url)
    assert nothing_new(report)
    # Each order with goods on their way back is asked for its parcel, once.
    parcels = sum(count for name, count in report["requests"].items() if name.endswith(".parcels"))
    assert parcels <= sum(one["kind"] != "cancel" for one in read(sandbox, url, "returns", mall))
    assert asked(sandbox, mall) == sum(report["requests"].values()) <= report["floor"] + 6
    sandbox.control("change")
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    again = last_report(sandbox, url)
    changed = sum(count for states in again["rows"].values() for state, count in states.items() if state != "same")
    assert changed > 0 and asked(sandbox, mall) <= again["floor"] + 3 * changed
    left = unequal(sandbox, url, mall)
    assert only_late_exchange(left) if mall == LEGACY else left == {}
    done = crawl(sandbox, url, "-a", "sweep=1", *(("-a", "since=all") if mall == LEGACY else ()), mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, mall) == {}


@pytest.mark.parametrize("mall", BOTH)
def test_with_all_faults_nothing_is_lost(tmp_path, postgres_url, mall):
    # The legacy door's way of saying "too many" shuts it for an hour; a faster clock keeps that short.
    faster = ("--speed", 4000) if mall == LEGACY else ()
    with Sandbox(tmp_path, *SIZE, *faster, "--faults", FAULTS) as sandbox:
        url, output = postgres_url, tmp_path / "output"
        for _ in range(5):
            done = crawl(sandbox, url, "-a", "since=all", mall=mall, output=output, timeout=400)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-3000:]
        sandbox.control("faults", {"clear": True})
        assert unequal(sandbox, url, mall, output=output) == {}


@pytest.mark.parametrize("mall", BOTH)
def test_rows_that_move_while_they_are_paged_are_right_after_the_next_run(fresh, tmp_path, mall):
    url = f"sqlite:///{tmp_path}/store.db"
    fresh.control("faults", {"rates": "drift:0.3"})
    assert crawl(fresh, url, "-a", "since=all", mall=mall).returncode in (0, 1)
    assert drifts(fresh, mall) > 5
    fresh.control("faults", {"clear": True})
    done = crawl(fresh, url, "-a", "sweep=1", mall=mall)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(fresh, url, mall) == {}


@pytest.mark.parametrize("mall", BOTH)
def test_killed_again_and_again_nothing_is_lost_or_doubled_and_tokens_are_few(sandbox, tmp_path, postgres_url, mall):
    url = postgres_url if mall == CONNECT else f"sqlite:///{tmp_path}/store.db"
    dice, output = random.Random(5), tmp_path / "output"
    words = ("crawl", "makeshop_api", "-a", f"mall={mall}", "-a", "since=all")
    for _ in range(4):
        kill(sandbox, url, *words, after=dice.randrange(3, 60), output=output)
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, "-a", "since=all", mall=mall, output=output)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, mall, output=output) == {}
    assert twice(output, mall) == []
    told = sandbox.control("log")["malls"][mall]
    if mall == CONNECT:
        assert set(told["auth"]["statuses"]) == {"200"}
        assert told["auth"]["requests"] * 5 < sum(stream["requests"] for stream in told.values())
