"""Whole crawls of the emulated WISA storefronts: what is stored equals what a guest is shown, of malls of all kinds."""

import subprocess
import time
from contextlib import suppress

import pytest
from crawling import BARE, ROOT, Sandbox, command, differences, last_report, scrapy, stored
from msgspec import UNSET

SIZE = ("--products", 30, "--orders", 20, "--reviews", 40, "--speed", 1000, "--only", "wisa")
SHOWN = ("products", "inventory", "reviews")
ALL = ("-a", "since=all")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def crawl(sandbox, url, mall, *words, spider="wisa_web"):
    return scrapy(sandbox, url, "crawl", spider, "-a", f"mall={mall}", *words)


def ask(sandbox, url, question):
    opened = sandbox.store(url)
    try:
        return question(opened)
    finally:
        opened.close()


def unequal(sandbox, url, mall, resources=SHOWN):
    """Return what differs between a store and what the pages of a mall show, by resource."""
    return ask(sandbox, url, lambda store: {
        name: said for name in resources if (said := differences(store, sandbox, mall, "web", name))
    })  # fmt: skip


@pytest.mark.parametrize("mall, calls", [
    ("demo_wisa_euckr", True), ("demo_wisa_closed", False), ("demo_wisa_careless", True), ("demo_wisa_crema", True),
])  # fmt: skip
def test_pages_equal_the_truth(sandbox, url, mall, calls):
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall, *ALL)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, mall) == {}
    log = sandbox.control("log")["malls"][mall]
    assert ("getOptionStock" in log) is calls and ("Crema" in done.stderr) is (mall == "demo_wisa_crema")
    if not calls:
        assert "stock_unknown" in done.stderr and not {"prd_basic", "detail_review_list", "view"} & set(log)


@pytest.mark.browser
def test_products_that_a_script_draws_are_seen_by_the_browser(sandbox, url):
    mall = "demo_wisa_drawn"
    named = min(sandbox.truth(mall, "web", "products").values(), key=lambda one: one.product_id).url
    done = crawl(sandbox, url, mall, *ALL, "-a", f"url={named}", "-a", "resources=products,inventory")
    assert done.returncode == 0, done.stderr[-2000:]
    assert last_report(sandbox, url)["requests"]["named_pages.detail"] == 2
    said = unequal(sandbox, url, mall, ("products", "inventory"))
    assert [text for found in said.values() for text in found if not text.startswith(("lacks", "…"))] == []
    assert len(ask(sandbox, url, lambda store: stored(store, mall, "products"))) == 1


@pytest.mark.parametrize("mall, outcome", [("demo_wisa_adult", "login_required"), ("demo_wisa_blocked", "blocked")])
def test_a_wall_ends_the_run_and_is_remembered(sandbox, url, mall, outcome):
    done = crawl(sandbox, url, mall)
    assert done.returncode == 3 and outcome in done.stderr.splitlines()[-1]
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, mall)
    # The sandbox's clock runs fast, so the wait is over soon: then the wall is met once more.
    assert done.returncode == 3
    assert "cools down" in done.stderr or outcome in done.stderr.splitlines()[-1]
    assert ask(sandbox, url, lambda store: stored(store, mall, "products")) == {}


def test_killed_it_goes_on_and_then_asks_little(sandbox, url):
    mall, goods = "demo_wisa_euckr", ("-a", "resources=products,inventory")
    words = command(sandbox, url, "crawl", "wisa_web", "-a", f"mall={mall}", *goods)
    process = subprocess.Popen(words, cwd=ROOT, env=BARE, stderr=subprocess.DEVNULL)
    try:
        reached(sandbox, url, mall, 14)
    finally:
        process.kill()
        process.wait()
    read = ask(sandbox, url, lambda store: len(stored(store, mall, "products")))
    done = crawl(sandbox, url, mall, *goods)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, mall, ("products", "inventory")) == {}
    assert "goes on below" in done.stderr
    # Most of what was read is not read again.
    shown = len(sandbox.truth(mall, "web", "products"))
    assert last_report(sandbox, url)["requests"]["product_pages.detail"] <= shown + 4 - (read - 10)
    assert crawl(sandbox, url, mall, *goods).returncode == 0
    report = last_report(sandbox, url)
    assert {name: states for name, states in report["rows"].items() if states} == {}
    assert "product_lists.detail" not in report["requests"]
    assert sum(report["requests"].values()) <= report["floor"] + 10


def reached(sandbox, url, mall, count):
    """Wait until a crawl that goes on has stored so many products."""
    for _ in range(600):
        with suppress(Exception):
            if ask(sandbox, url, lambda store: len(stored(store, mall, "products"))) >= count:
                return
        time.sleep(0.05)
    raise AssertionError("the crawl stored too little")


def test_pages_add_to_what_the_apis_told_and_change_none_of_it(sandbox, url):
    mall, goods = "demo_wisa", ("-a", "resources=products,inventory,reviews")
    assert crawl(sandbox, url, mall, *goods, *ALL, spider="wisa_api").returncode == 0
    before = ask(sandbox, url, lambda store: {name: stored(store, mall, name) for name in SHOWN})
    count = versions(sandbox, url)
    done = crawl(sandbox, url, mall, *ALL)
    assert done.returncode == 0, done.stderr[-2000:]
    after = ask(sandbox, url, lambda store: {name: stored(store, mall, name) for name in SHOWN})
    assert versions(sandbox, url) == count
    # Combinations that the mall counts have other numbers on pages: they stand once.
    assert {name: after[name].keys() for name in SHOWN} == {name: before[name].keys() for name in SHOWN}
    assert unequal_to(sandbox, mall, after) == {}
    told = sandbox.truth(mall, "web", "products")
    filled = [ids for ids, row in after["products"].items() if row["brand"] and not before["products"][ids]["brand"]]
    assert filled and all(told[ids].brand == after["products"][ids]["brand"] for ids in filled)


def versions(sandbox, url):
    """Return how many versions of reviews are stored."""

    def count(store):
        with store.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM review_versions").scalar()

    return ask(sandbox, url, count)


def unequal_to(sandbox, mall, after):
    """Return fields that the APIs tell and that are stored otherwise."""
    found = {}
    for name in SHOWN:
        for ids, record in sandbox.truth(mall, "api", name).items():
            row = after[name][ids]
            for field in ("name", "price", "status", "title", "rating", "available", "quantity", "source"):
                value = getattr(record, field, UNSET)
                if value is not UNSET and str(row[field]) != str(value):
                    found[name, ids, field] = (value, row[field])
    return found


def test_what_changed_is_found(tmp_path, url):
    few = ("--products", 16, "--orders", 4, "--reviews", 20, "--speed", 1000, "--only", "wisa")
    with Sandbox(tmp_path, *few, "--faults", "429:0.04,500:0.04,cut:0.04") as sandbox:
        mall = "demo_wisa_euckr"
        assert crawl(sandbox, url, mall, *ALL).returncode in (0, 1)
        sandbox.control("faults", {"clear": True})
        assert crawl(sandbox, url, mall, *ALL).returncode == 0
        sandbox.control("change")
        done = crawl(sandbox, url, mall)
        assert done.returncode == 0, done.stderr[-2000:]
        # What a list shows of a product is right at once; choices and their stock, edits of reviews wait for the sweep.
        said = unequal(sandbox, url, mall, ("products",)).get("products", [])
        assert [text for text in said if "available" not in text and " options:" not in text] == []
        done = crawl(sandbox, url, mall, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-2000:]
        assert unequal(sandbox, url, mall) == {}
