"""Whole crawls of the emulated Commerce API: what is stored equals the truth, however the crawl is disturbed."""

import random

import pytest
from crawling import Sandbox, asked, drifts, kill, last_report, scrapy, twice, unequal

SIZE = ("--products", 40, "--orders", 90, "--reviews", 20, "--speed", 400, "--only", "naver")
RESOURCES = ("products", "inventory", "orders", "returns")
FAULTS = "429:0.05,500:0.04,502:0.02,503:0.03,504:0.02,cut:0.03,truncate:0.03,garbage:0.03,expire:0.03,hang:0.002"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, *words, mall="demo_naver", output=None, timeout=240):
    given = ("-a", f"mall={mall}", "-a", f"resources={','.join(RESOURCES)}")
    return scrapy(sandbox, url, "crawl", "naver_api", *given, *words, output=output, timeout=timeout)


def equal(sandbox, url, output=None):
    return unequal(sandbox, url, "demo_naver", RESOURCES, output=output)


def test_a_first_crawl_equals_the_truth(sandbox, store_url, tmp_path):
    done = crawl(sandbox, store_url, "-a", "since=210d", output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, store_url, tmp_path / "output") == {}
    # Every field that the reference lists was sent; each is read, or left aside by its name.
    report = last_report(sandbox, store_url)
    assert (report["left_over"], report["unknown_words"], report["dead_letters"]) == ({}, {}, 0)


def test_a_second_crawl_asks_little_and_changes_are_found(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    assert crawl(sandbox, url, "-a", "since=210d").returncode == 0
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    report = last_report(sandbox, url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    assert asked(sandbox, "demo_naver") == sum(report["requests"].values()) <= report["floor"] + 6, report["requests"]
    sandbox.control("change")
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    again = last_report(sandbox, url)
    changed = sum(count for states in again["rows"].values() for state, count in states.items() if state != "same")
    assert changed > 0 and asked(sandbox, "demo_naver") <= again["floor"] + 3 * changed
    assert equal(sandbox, url) == {}
    done = crawl(sandbox, url, "-a", "sweep=1")
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url) == {}


def test_with_all_faults_nothing_is_lost(tmp_path, postgres_url):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        url, output = postgres_url, tmp_path / "output"
        for _ in range(5):
            done = crawl(sandbox, url, "-a", "since=210d", output=output, timeout=400)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-3000:]
        sandbox.control("faults", {"clear": True})
        assert equal(sandbox, url, output) == {}


def test_killed_again_and_again_nothing_is_lost_or_doubled(sandbox, tmp_path, postgres_url):
    url, dice, output = postgres_url, random.Random(5), tmp_path / "output"
    words = (
        "crawl",
        "naver_api",
        "-a",
        "mall=demo_naver",
        "-a",
        "since=210d",
        "-a",
        f"resources={','.join(RESOURCES)}",
    )
    for _ in range(3):
        kill(sandbox, url, *words, after=dice.randrange(3, 60), output=output)
    done = crawl(sandbox, url, "-a", "since=210d", output=output)
    assert done.returncode == 0, done.stderr[-3000:]
    assert equal(sandbox, url, output) == {}
    assert twice(output, "demo_naver") == []


def test_rows_that_move_while_they_are_paged_are_right_after_the_next_run(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", "drift:0.3") as sandbox:
        url = f"sqlite:///{tmp_path}/store.db"
        assert crawl(sandbox, url, "-a", "since=210d").returncode in (0, 1)
        assert drifts(sandbox, "demo_naver") > 5
        sandbox.control("faults", {"clear": True})
        done = crawl(sandbox, url, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-3000:]
        assert equal(sandbox, url) == {}


def test_reviews_are_refused_with_the_name_of_the_other_spider(sandbox, tmp_path):
    done = scrapy(
        sandbox,
        f"sqlite:///{tmp_path}/store.db",
        "crawl",
        "naver_api",
        "-a",
        "mall=demo_naver",
        "-a",
        "resources=reviews",
    )
    assert done.returncode == 2
    assert "naver_web" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "mall, status, sentence, calls",
    [
        ("demo_naver_outside", 3, "does not take calls from this machine's address", {"auth": 1}),
        # Throttled answers are waited for and asked again, until it is clear that nothing comes.
        ("demo_naver_quota", 1, "the quota of this solution's application is used up", {"auth": 1, "channels": 6}),
        ("demo_naver_ungranted", 1, "lacks an API group", None),
    ],
)
def test_an_application_that_is_refused_is_said_once_and_nothing_is_made_up(
    sandbox, tmp_path, mall, status, sentence, calls
):
    url, output = f"sqlite:///{tmp_path}/store.db", tmp_path / "output"
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall=mall, output=output)
    assert done.returncode == status, done.stderr[-3000:]
    assert sentence in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
    streams = {name: told["requests"] for name, told in sandbox.control("log")["malls"][mall].items()}
    if calls is not None:
        assert streams == calls
        assert not list(output.rglob("*.jsonl"))
    else:
        # One refusal for each stream of the group; what other groups give is read as a whole.
        assert (streams["auth"], streams["orders_changed"], streams["orders_conditional"]) == (1, 1, 2)
        assert (output / mall / "products").exists() and not (output / mall / "orders").exists()
    # The truth of such a store is what its application may see: nothing, or products and their stock alone.
    assert unequal(sandbox, url, mall, RESOURCES, output=output) == {}
