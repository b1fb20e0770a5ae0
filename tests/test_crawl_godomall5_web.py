"""Whole crawls of emulated Godomall5 storefronts of all kinds: what is stored equals what a guest is shown.

What the openhub tells of the same mall and what its pages show meets in one row, field by field.
"""

import random
import tomllib

import msgspec
import pytest
from crawling import NOT_COMPARED, Sandbox, drifts, kill, last_report, scrapy, stored, unequal
from msgspec import UNSET

SIZE = ("--products", 31, "--orders", 20, "--reviews", 60, "--speed", 2000, "--only", "godomall5")
SHOWN = ("products", "inventory", "reviews")
HOME, EDITED = "demo_godomall5", "demo_godomall5_web"
ALL = ("-a", "since=all")
FAULTS = "429:0.03,500:0.03,502:0.02,503:0.02,cut:0.03,truncate:0.05,garbage:0.03"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def front(sandbox, mall, path=""):
    """Return the words that make a crawl begin at a page of a mall; "" is the first one."""
    host = tomllib.loads(sandbox.malls.read_text("utf-8"))[mall]["storefront_url"]
    return "-a", f"mall={mall}", "-a", f"url={host}/{path}"


def crawl(sandbox, url, mall, *words, output=None):
    return scrapy(sandbox, url, "crawl", "godomall5_web", *front(sandbox, mall), *words, output=output)


def openhub(sandbox, url, *words):
    return scrapy(
        sandbox, url, "crawl", "godomall5_api", "-a", f"mall={HOME}", "-a", f"resources={','.join(SHOWN)}", *words
    )


def ask(sandbox, url, question):
    opened = sandbox.store(url)
    try:
        return question(opened)
    finally:
        opened.close()


def rows(sandbox, url, mall):
    return ask(sandbox, url, lambda store: {name: stored(store, mall, name) for name in SHOWN})


def check(sandbox, url, mall, folder):
    """Crawl twice: all that is shown is there, in the store and in files, and the second time there is nothing new."""
    done = crawl(sandbox, url, mall, *ALL, output=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, mall, SHOWN, "web", folder) == {}
    done = crawl(sandbox, url, mall, output=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    report = last_report(sandbox, url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    # The first fragment of each product that counts reviews, and none of the texts.
    assert "reviews_of.article" not in report["requests"]
    counted = [row for row in rows(sandbox, url, mall)["products"].values() if row["review_count"]]
    assert report["requests"]["reviews_of"] == len(counted)
    assert unequal(sandbox, url, mall, SHOWN, "web") == {}


def test_pages_equal_the_truth(sandbox, url, tmp_path):
    check(sandbox, url, HOME, tmp_path / "output")


def test_an_edited_skin_with_plus_reviews(sandbox, url, tmp_path):
    check(sandbox, url, EDITED, tmp_path / "output")
    kinds = {ids[1].partition(":")[0] for ids in rows(sandbox, url, EDITED)["reviews"]}
    assert kinds == {"goodsreview", "plus"}


def test_a_category_is_read_alone(sandbox, url):
    mall = (*front(sandbox, EDITED, "goods/goods_list.php?cateCd=004"), "-a", "resources=products")
    done = scrapy(sandbox, url, "crawl", "godomall5_web", *mall)
    assert done.returncode == 0, done.stderr[-2000:]
    read, shown = rows(sandbox, url, EDITED)["products"], sandbox.truth(EDITED, "web", "products")
    within = {ids for ids, one in shown.items() if one.category_ids[0].startswith("004")}
    # A product may stand in further categories, and in none of its page's recommendations.
    assert within <= read.keys() < shown.keys() and len(read) < len(within) + 6


@pytest.mark.parametrize("mall, outcome, streams", [
    ("adult", "login_required", {"robots", "main", "intro"}), ("blocked", "blocked", {"robots", "main"}),
    ("closed", "disallows", {"robots"}),
])  # fmt: skip
def test_walls_end_the_run_at_once(sandbox, url, mall, outcome, streams):
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, f"{HOME}_{mall}")
    assert done.returncode == 3 and outcome in done.stderr.splitlines()[-1]
    assert sandbox.control("log")["malls"][f"{HOME}_{mall}"].keys() == streams
    assert not any(rows(sandbox, url, f"{HOME}_{mall}").values())


def test_reviews_of_another_company_are_left_alone(sandbox, url):
    mall = f"{HOME}_crema"
    done = crawl(sandbox, url, mall, *ALL, "-a", "resources=products,reviews")
    assert done.returncode == 0 and "Crema" in done.stderr, done.stderr[-2000:]
    assert unequal(sandbox, url, mall, ("products", "reviews"), "web") == {}
    assert rows(sandbox, url, mall)["reviews"] == {}


def unlike(sandbox, url):
    """Return what the openhub tells of the mall with both and is stored otherwise, field by field."""
    found, after = {}, rows(sandbox, url, HOME)
    for name in SHOWN:
        for ids, record in sandbox.truth(HOME, "api", name).items():
            for field in set(record.__struct_fields__) - NOT_COMPARED - {"source", "variants"}:
                value = getattr(record, field)
                if value is not UNSET and msgspec.to_builtins(value) != after[name][ids][field]:
                    found[name, ids, field] = (value, after[name][ids][field])
    return found


def versions(sandbox, url):
    """Return how many versions of reviews are stored."""

    def count(store):
        with store.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM review_versions").scalar()

    return ask(sandbox, url, count)


def test_pages_add_to_what_the_openhub_told_and_change_none_of_it(sandbox, url):
    done = openhub(sandbox, url, *ALL)
    assert done.returncode == 0, done.stderr[-2000:]
    before, count = rows(sandbox, url, HOME), versions(sandbox, url)
    done = crawl(sandbox, url, HOME, *ALL)
    assert done.returncode == 0, done.stderr[-2000:]
    after = rows(sandbox, url, HOME)
    assert versions(sandbox, url) == count and unlike(sandbox, url) == {}
    for name in SHOWN:
        assert after[name].keys() == before[name].keys()
        for ids, row in before[name].items():
            changed = {field: (value, after[name][ids][field]) for field, value in row.items()
                       if value is not None and value != after[name][ids][field]}  # fmt: skip
            assert changed.keys() <= {"last_seen_at", "run", "source_url", "collected_at", "observed_at"}, (
                ids,
                changed,
            )


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_what_the_openhub_tells_lies_over_what_pages_showed(sandbox, store_url):
    assert crawl(sandbox, store_url, HOME, *ALL).returncode == 0
    assert unequal(sandbox, store_url, HOME, SHOWN, "web") == {}
    done, after = openhub(sandbox, store_url, *ALL), rows(sandbox, store_url, HOME)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unlike(sandbox, store_url) == {}
    for name in SHOWN:
        assert after[name].keys() == sandbox.truth(HOME, "api", name).keys()


def test_with_faults_nothing_is_lost(tmp_path, url):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        for _ in range(4):
            done = crawl(sandbox, url, HOME, *ALL)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-2000:]
        sandbox.control("faults", {"clear": True})
        assert unequal(sandbox, url, HOME, SHOWN, "web") == {}
        sandbox.control("change")
        done = crawl(sandbox, url, HOME, "-a", "resources=reviews")
        assert done.returncode == 0, done.stderr[-2000:]
        # Of what is new the texts, and no others; edits and late answers wait for the sweep.
        assert last_report(sandbox, url)["requests"]["reviews_of.article"] <= 4
        missing = unequal(sandbox, url, HOME, ("reviews",), "web").get("reviews", [])
        assert [text for text in missing if text.startswith("lacks")] == []
        # Then rows move while they are paged.
        sandbox.control("faults", {"rates": "drift:0.2"})
        assert crawl(sandbox, url, HOME, "-a", "sweep=1").returncode in (0, 1) and drifts(sandbox, HOME) > 5
        sandbox.control("faults", {"clear": True})
        done = crawl(sandbox, url, HOME, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-2000:]
        said = unequal(sandbox, url, HOME, SHOWN, "web")
        assert said.keys() <= {"reviews"} and "lacks" not in str(said) and "truth" not in str(said)
        # Reviews of a product that has no page any more are left as they are.
        shown = {number for _, number in sandbox.truth(HOME, "web", "products")}
        found, truth = rows(sandbox, url, HOME)["reviews"], sandbox.truth(HOME, "web", "reviews")
        assert {ids for ids, row in found.items() if row["product_id"] in shown} == truth.keys()


def test_killed_at_any_moment_nothing_is_lost_or_doubled(sandbox, url, tmp_path):
    dice, folder = random.Random(5), tmp_path / "output"
    words = ("crawl", "godomall5_web", *front(sandbox, EDITED), *ALL)
    for first, last in ((10, 80), (40, 160)):
        kill(sandbox, url, *words, after=dice.randrange(first, last), output=folder)
    done = crawl(sandbox, url, EDITED, *ALL, output=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, EDITED, SHOWN, "web", folder) == {}
