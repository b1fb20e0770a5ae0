"""Whole crawls of emulated MakeShop storefronts: what is stored equals what a guest is shown, of malls of all kinds."""

import json
import random
import subprocess
import time
from types import SimpleNamespace

import msgspec
import pytest
from crawling import BARE, ROOT, Sandbox, command, differences, last_report, scrapy, stored
from msgspec import UNSET

SIZE = ("--products", 31, "--orders", 30, "--reviews", 80, "--speed", 1000, "--only", "makeshop")
KEYS = {"products": ("product_id",), "inventory": ("product_id", "variant_id"), "reviews": ("review_id",)}
SHOWN = tuple(KEYS)
ALL = ("-a", "since=all")
HOME, OLD = "demo_makeshop", "demo_makeshop_old"
BOARD = "emushop_board4"
FAULTS = "500:0.03,502:0.02,504:0.02,cut:0.03,truncate:0.04,garbage:0.02,hang:0.005"
READ = {"robots", "sitemap", "first", "list", "pieces", "product", "power", "get_comment_list", "board", "post"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def crawl(sandbox, url, mall, *words, output=None):
    return scrapy(sandbox, url, "crawl", "makeshop_web", "-a", f"mall={mall}", *words, output=output)


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


def asked(sandbox, mall):
    """Return how often a mall was asked for what since the log was cleared."""
    told = sandbox.control("log")["malls"].get(mall, {})
    return {name: stream["requests"] for name, stream in told.items()}


def test_an_old_skin_in_euc_kr_equals_the_truth(sandbox, store_url, tmp_path):
    sandbox.control("log", clear=1)
    done = crawl(sandbox, store_url, OLD, *ALL, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, store_url, OLD) == {}
    told = rows(sandbox, store_url, OLD)
    for resource, found in told.items():
        files = (tmp_path / "output" / OLD / resource).rglob("*.jsonl")
        written = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
        assert {tuple(row[key] for key in KEYS[resource]) for row in written} == {identity[1:] for identity in found}
    assert {row["flags"][0] for row in told["reviews"].values() if row["flags"]} == {"secret"}
    assert any("뷁" in row["name"] for row in told["products"].values())
    # Nothing but reads, each thing once: a session beside a number would make two of one, a locked post is left shut.
    told, reviews = asked(sandbox, OLD), told["reviews"].values()
    assert set(told) == READ and told["product"] == len(sandbox.truth(OLD, "web", "products"))
    assert told["post"] == sum(one["review_id"].startswith(BOARD) and not one["flags"] for one in reviews)
    assert told["get_comment_list"] == sum(one["replies"] is not None for one in reviews)
    if store_url.startswith("sqlite"):
        sandbox.control("log", clear=1)
        done = crawl(sandbox, store_url, OLD)
        assert done.returncode == 0, done.stderr[-3000:]
        assert {state for states in last_report(sandbox, store_url)["rows"].values() for state in states} <= {"same"}
        assert not {"post", "get_comment_list"} & set(asked(sandbox, OLD))


@pytest.mark.parametrize("kind", ["web", "crema", "quiet"])
def test_malls_of_other_kinds(sandbox, url, kind):
    mall = f"{HOME}_{kind}"
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall, *ALL)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, mall) == {}
    told, reviews = asked(sandbox, mall), rows(sandbox, url, mall)["reviews"]
    if kind == "web":
        # What the malls file names is read, whose lists a script fills, and nothing beside it.
        assert told["pieces"] and told["product"] > 1 and sum(told.values()) < 30 and "first" not in told
    elif kind == "crema":
        assert "Crema" in done.stderr and "power" not in told and not reviews
    else:
        assert set(told) == {"robots", "sitemap", "first", "product"} and reviews
        assert "robots.txt keeps us from lists" in done.stderr and "robots.txt keeps us from the calls" in done.stderr


def test_a_board_of_power_reviews_that_nobody_named(sandbox, url, tmp_path):
    lone = SimpleNamespace(malls=tmp_path / "malls.toml", folder=tmp_path)
    told = sandbox.malls.read_text("utf-8")
    lone.malls.write_text(told.replace('power_board = "emushop_board2"\n', ""), "utf-8")
    lone.malls.with_suffix(".env").write_bytes(sandbox.malls.with_suffix(".env").read_bytes())
    shown = sandbox.truth(HOME, "web", "reviews")
    named = next(one.product_id for one in shown.values() if one.media and not one.synthetic)
    address = sandbox.truth(HOME, "web", "products")["", named].url
    done = crawl(lone, url, HOME, *ALL, "-a", f"url={address}&GfDT=abc")
    assert done.returncode == 0 and "pictures of one stand in emushop_board2" in done.stderr, done.stderr[-3000:]
    wanted = {one.review_id for one in shown.values() if one.product_id == named}
    assert {
        number.replace("power_review:", "emushop_board2:") for _, number in rows(sandbox, url, HOME)["reviews"]
    } == wanted


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
    # A mall's own web server that says 429 wants the crawler gone, so that fault is not among them.
    met = {name for stream in sandbox.control("log")["malls"][OLD].values() for name in stream["faults"]}
    assert {"truncate", "garbage", "cut", "500"} <= met
    assert unequal(sandbox, url, OLD) == {}


def test_killed_again_and_again_nothing_is_lost_or_doubled(sandbox, url):
    dice = random.Random(11)
    for begin in (4, 30, 55):
        sandbox.control("log", clear=1)
        words = command(sandbox, url, "crawl", "makeshop_web", "-a", f"mall={OLD}", *ALL)
        process = subprocess.Popen(words, cwd=ROOT, env=BARE, stderr=subprocess.DEVNULL)
        try:
            asked_for(sandbox, OLD, begin + dice.randrange(25), process)
        finally:
            process.kill()
            process.wait()
    done = crawl(sandbox, url, OLD, *ALL)
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, OLD) == {}


def asked_for(sandbox, mall, count, process):
    """Wait until a crawl has asked for so many pages; it must not have ended."""
    for _ in range(600):
        if sum(asked(sandbox, mall).values()) >= count:
            assert process.poll() is None
            return
        time.sleep(0.05)
    raise AssertionError("the crawl asked for too little")


def test_pages_and_api_become_one_row_and_pages_change_nothing_that_the_api_told(sandbox, url):
    host = next(iter(sandbox.truth(HOME, "web", "products").values())).url.partition("/shop/")[0]
    for words in ((), ("-a", f"url={host}/board/board.html?code={BOARD}")):
        assert crawl(sandbox, url, HOME, *ALL, *words).returncode == 0
    shown = rows(sandbox, url, HOME)
    named = ("-a", f"resources={','.join(SHOWN)}")
    # Of a mall with keys and pages, collect reads the API.
    done = scrapy(sandbox, url, "collect", HOME, *ALL, *named)
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


@pytest.mark.parametrize("kind, outcome, told", [
    ("adult", "login_required", {"first": 1}), ("blocked", "blocked", {"first": 1}),
    ("closed", "disallows /shop/shopdetail.html", {}),
])  # fmt: skip
def test_a_wall_ends_the_run_and_robots_keep_it_from_beginning(sandbox, url, kind, outcome, told):
    mall = f"{HOME}_{kind}"
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall)
    assert done.returncode == 3 and outcome in done.stderr, done.stderr[-3000:]
    left = asked(sandbox, mall)
    assert left.pop("robots") == 1 and left.pop("sitemap", 0) <= len(told) and left == told
    assert rows(sandbox, url, mall)["products"] == {}


def test_what_changed_is_found(tmp_path, url):
    with Sandbox(tmp_path, *SIZE) as sandbox:
        assert crawl(sandbox, url, OLD, *ALL).returncode == 0
        sandbox.control("change")
        assert crawl(sandbox, url, OLD).returncode == 0
        # New reviews are found at once; edits and what was answered or deleted later wait for the sweep.
        assert "lacks" not in str(unequal(sandbox, url, OLD))
        done = crawl(sandbox, url, OLD, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-3000:]
        said = unequal(sandbox, url, OLD)
        assert said.keys() <= {"reviews"}
        # Rating comments are never taken for gone, nor power reviews of products that nothing leads to any more.
        shown = {number for _, number in sandbox.truth(OLD, "web", "products")}
        found = {ids: row for ids, row in rows(sandbox, url, OLD)["reviews"].items() if row["product_id"] in shown}
        gone = found.keys() - sandbox.truth(OLD, "web", "reviews").keys()
        assert {number for _, number in gone if not number.startswith("~")} == set()
        assert [text for text in said.get("reviews", ()) if not text.startswith(("invents", "…"))] == []
