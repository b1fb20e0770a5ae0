"""Whole crawls of emulated MakeShop storefronts: what is stored equals what a guest is shown, of malls of all kinds."""

import json
import random
import subprocess
import time

import msgspec
import pytest
from crawling import BARE, ROOT, Sandbox, command, differences, scrapy, stored
from msgspec import UNSET

SIZE = ("--products", 31, "--orders", 30, "--reviews", 80, "--speed", 1000, "--only", "makeshop")
KEYS = {"products": ("product_id",), "inventory": ("product_id", "variant_id"), "reviews": ("review_id",)}
SHOWN = tuple(KEYS)
ALL = ("-a", "since=all")
HOME, OLD = "demo_makeshop", "demo_makeshop_old"
BOARD = "emushop_board4"
FAULTS = "500:0.03,502:0.02,504:0.02,cut:0.03,truncate:0.04,garbage:0.02,hang:0.005"
"""No 429: a mall's own web server that says so wants the crawler gone, which ends the run."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def crawl(sandbox, url, mall, *words, spider="makeshop_web", output=None):
    return scrapy(sandbox, url, "crawl", spider, "-a", f"mall={mall}", *words, output=output)


def ask(sandbox, url, question):
    opened = sandbox.store(url)
    try:
        return question(opened)
    finally:
        opened.close()


def unequal(sandbox, url, mall):
    """Return what differs between a store and what the pages of a mall show, by resource."""
    return ask(sandbox, url, lambda store: {
        name: said for name in SHOWN if (said := differences(store, sandbox, mall, "web", name))
    })  # fmt: skip


def rows(sandbox, url, mall):
    return ask(sandbox, url, lambda store: {name: stored(store, mall, name) for name in SHOWN})


def last_report(sandbox, url):
    report = ask(sandbox, url, lambda store: store.last_runs()[-1]["report"])
    return json.loads(report) if isinstance(report, str) else report


def test_an_old_skin_in_euc_kr_equals_the_truth_and_is_found_the_same(sandbox, store_url, tmp_path):
    done = crawl(sandbox, store_url, OLD, *ALL, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, store_url, OLD) == {}
    told = rows(sandbox, store_url, OLD)
    for resource, found in told.items():
        files = (tmp_path / "output" / OLD / resource).rglob("*.jsonl")
        written = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
        keys = KEYS[resource]
        assert {tuple(row[key] for key in keys) for row in written} == {identity[1:] for identity in found}
    assert {row["flags"][0] for row in told["reviews"].values() if row["flags"]} == {"secret"}
    assert any("뷁" in row["name"] for row in told["products"].values())
    done = crawl(sandbox, store_url, OLD)
    assert done.returncode == 0, done.stderr[-3000:]
    report = last_report(sandbox, store_url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    assert not {"board_pages.post", "power_of.comments"} & set(report["requests"])
    assert unequal(sandbox, store_url, OLD) == {}


@pytest.mark.parametrize("mall", ["demo_makeshop_web", "demo_makeshop_crema"])
def test_lists_that_a_script_fills_and_reviews_of_another_company(sandbox, url, mall):
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall, *ALL)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, mall) == {}
    asked = {name: stream["requests"] for name, stream in sandbox.control("log")["malls"][mall].items()}
    if mall == "demo_makeshop_web":
        # What the malls file names is read, and nothing beside it.
        assert asked["pieces"] and sum(asked.values()) < 30 and "first" not in asked
        assert len(rows(sandbox, url, mall)["products"]) == asked["product"] > 1
    else:
        assert "Crema" in done.stderr and "power" not in asked


def test_with_faults_nothing_is_lost_and_a_torn_page_is_never_taken_for_whole(sandbox, url):
    sandbox.control("log", clear=1)
    sandbox.control("faults", {"rates": FAULTS})
    try:
        for _ in range(4):
            done = crawl(sandbox, url, OLD, *ALL)
            if done.returncode == 0:
                break
    finally:
        sandbox.control("faults", {"clear": True})
    assert done.returncode == 0, done.stderr[-3000:]
    met = {name for stream in sandbox.control("log")["malls"][OLD].values() for name in stream["faults"]}
    assert {"truncate", "garbage", "cut", "500"} <= met
    assert unequal(sandbox, url, OLD) == {}


def test_killed_again_and_again_nothing_is_lost_or_doubled(sandbox, url):
    dice = random.Random(11)
    for begin in (5, 45, 85):
        sandbox.control("log", clear=1)
        words = command(sandbox, url, "crawl", "makeshop_web", "-a", f"mall={OLD}", *ALL)
        process = subprocess.Popen(words, cwd=ROOT, env=BARE, stderr=subprocess.DEVNULL)
        try:
            asked_for(sandbox, OLD, begin + dice.randrange(40), process)
        finally:
            process.kill()
            process.wait()
    done = crawl(sandbox, url, OLD, *ALL)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, OLD) == {}


def asked_for(sandbox, mall, count, process):
    """Wait until a crawl has asked for so many pages; it must not have ended."""
    for _ in range(3000):
        told = sandbox.control("log")["malls"].get(mall, {})
        if sum(stream["requests"] for stream in told.values()) >= count:
            assert process.poll() is None
            return
        time.sleep(0.01)
    raise AssertionError("the crawl asked for too little")


def test_pages_and_api_become_one_row_and_pages_change_nothing_that_the_api_told(sandbox, url):
    host = next(iter(sandbox.truth(HOME, "web", "products").values())).url.partition("/shop/")[0]
    for words in ((), ("-a", f"url={host}/board/board.html?code={BOARD}")):
        assert crawl(sandbox, url, HOME, *ALL, *words).returncode == 0
    shown = rows(sandbox, url, HOME)
    named = ("-a", f"resources={','.join(SHOWN)}")
    done = crawl(sandbox, url, HOME, *ALL, *named, spider="makeshop_api")
    assert done.returncode == 0, done.stderr[-3000:]
    both = rows(sandbox, url, HOME)
    for name in SHOWN:
        told = sandbox.truth(HOME, "api", name)
        # What has a number is one row; rating comments have none, so those of pages join nothing.
        alone = both[name].keys() - told.keys()
        assert {identity for identity in alone if not identity[-1].startswith("~")} == set()
        joined = [ids for ids in shown[name].keys() & told.keys() if both[name][ids]["source"] == "api"]
        assert len(joined) == len(shown[name]) - len(alone) > 10
        for ids in told:
            assert unlike(told[ids], both[name][ids]) == {}
    # Only pages tell which option was bought, and a product's average.
    assert any(row["options"] for row in both["reviews"].values() if row["source"] == "api")
    assert any(row["rating"] for row in both["products"].values())
    count = versions(sandbox, url)
    assert crawl(sandbox, url, HOME, *ALL).returncode == 0
    assert versions(sandbox, url) == count
    assert {name: {ids: bare(row) for ids, row in found.items()} for name, found in both.items()} == {
        name: {ids: bare(row) for ids, row in found.items()} for name, found in rows(sandbox, url, HOME).items()
    }


def unlike(record, row):
    """Return fields that a record tells and that are stored otherwise."""
    found = {}
    for field in ("name", "price", "status", "code", "title", "text", "rating", "written_at", "quantity", "available"):
        value = getattr(record, field, UNSET)
        if value is not UNSET and row[field] != msgspec.to_builtins(value):
            found[field] = (value, row[field])
    return found


def bare(row):
    return {name: value for name, value in row.items() if name not in ("collected_at", "observed_at", "source_url")}


def versions(sandbox, url):
    """Return how many versions of reviews are stored."""

    def count(store):
        with store.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM review_versions").scalar()

    return ask(sandbox, url, count)


@pytest.mark.parametrize("kind, outcome, pages", [
    ("adult", "login_required", 1), ("blocked", "blocked", 1), ("closed", "disallows /shop/shopdetail.html", 0),
])  # fmt: skip
def test_a_wall_ends_the_run_and_robots_keep_it_from_beginning(sandbox, url, kind, outcome, pages):
    mall = f"demo_makeshop_{kind}"
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall)
    assert done.returncode == 3 and outcome in done.stderr, done.stderr[-3000:]
    asked = {name: stream["requests"] for name, stream in sandbox.control("log")["malls"][mall].items()}
    assert asked.pop("robots") == 1 and asked.pop("sitemap", 0) <= 1
    assert asked == ({"first": 1} if pages else {})
    assert rows(sandbox, url, mall)["products"] == {}


def test_a_block_page_amid_the_pages_ends_the_run(sandbox, url):
    sandbox.control("faults", {"force": {"fault": "block", "count": 1, "stream": "product"}})
    done = crawl(sandbox, url, HOME, *ALL)
    sandbox.control("faults", {"clear": True})
    assert done.returncode == 3 and "block page" in done.stderr, done.stderr[-3000:]
    assert "blocked" in done.stderr.splitlines()[-1]


def test_a_sweep_finds_what_changed(tmp_path, url):
    with Sandbox(tmp_path, *SIZE) as sandbox:
        assert crawl(sandbox, url, OLD, *ALL).returncode == 0
        sandbox.control("change")
        done = crawl(sandbox, url, OLD, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-3000:]
        said = unequal(sandbox, url, OLD)
        assert said.keys() <= {"reviews"}
        # Only a walk over a product's power reviews sees that one is gone.
        shown = {number for _, number in sandbox.truth(OLD, "web", "products")}
        found = {ids: row for ids, row in rows(sandbox, url, OLD)["reviews"].items() if row["product_id"] in shown}
        gone = found.keys() - sandbox.truth(OLD, "web", "reviews").keys()
        assert {number for _, number in gone if not number.startswith(("~", f"{BOARD}:"))} == set()
        assert [text for text in said.get("reviews", ()) if not text.startswith(("invents", "…"))] == []
