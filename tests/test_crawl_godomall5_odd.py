"""Whole crawls of the emulated Godomall5 malls that show one bad habit each: what is stored is right, or nothing is."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from crawling import Sandbox, asked, scrapy, unequal

SIZE = ("--products", 16, "--orders", 600, "--reviews", 40, "--speed", 400, "--only", "godomall5")
BEGUN = "since=205d"
"""Before anything happened, and not as far back as a mall may go."""
MALL = "demo_godomall5"
GOODS = ("products", "inventory")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def crawl(sandbox, url, mall, *words):
    return scrapy(sandbox, url, "crawl", "godomall5_api", "-a", f"mall={MALL}{mall}", *words)


def with_another(sandbox, folder, name):
    """Return what a crawl needs of a sandbox, with one of the keys in its .env file changed."""
    malls, told = folder / "malls.toml", sandbox.malls.with_suffix(".env").read_text("utf-8").splitlines()
    changed = [f"{name}=QU5PVEhFUg==" if line.startswith(f"{name}=") else line for line in told]
    assert changed != told
    malls.write_bytes(sandbox.malls.read_bytes())
    malls.with_suffix(".env").write_text("\n".join(changed), "utf-8")
    return SimpleNamespace(malls=malls, folder=folder)


def marks(sandbox, url, mall):
    opened = sandbox.store(url)
    try:
        return opened.marks("godomall5", f"{MALL}{mall}")
    finally:
        opened.close()


def test_who_is_not_let_in_is_told_why_and_nothing_is_stored(sandbox, tmp_path):
    refusals = {
        "_996": "register its fixed IP", "_997": "period of use is over", "_hostile": "declares a document type",
        "": "does not know the user key",
    }  # fmt: skip
    strange = with_another(sandbox, tmp_path, f"SHOPSCRAPE_{MALL.upper()}_KEY")

    def refused(mall):
        return crawl(sandbox if mall else strange, f"sqlite:///{tmp_path}/{mall}.db", mall, "-s", "LOG_LEVEL=CRITICAL")

    with ThreadPoolExecutor(2) as pool:
        for (mall, sentence), done in zip(refusals.items(), pool.map(refused, refusals), strict=True):
            said = done.stderr.strip().splitlines()
            assert (done.returncode, len(said), sentence in said[-1]) == (3, 1, True), (mall, said)
            assert asked(sandbox, f"{MALL}{mall}") == 1
            store = f"sqlite:///{tmp_path}/{mall}.db"
            assert marks(sandbox, store, mall) == []
            assert not mall or unequal(sandbox, store, f"{MALL}{mall}") == {}


def test_a_call_without_right_costs_what_it_tells_and_nothing_else(sandbox, url):
    done = crawl(sandbox, url, "_995", "-a", BEGUN)
    assert (done.returncode, "apply for it" in done.stderr.splitlines()[-1]) == (1, True)
    assert "does not tell its categories" in done.stderr and "does not tell its brands" in done.stderr
    assert unequal(sandbox, url, f"{MALL}_995") == {}
    assert {mark.resource for mark in marks(sandbox, url, "_995")} == {"products", "inventory", "reviews"}


def test_posts_without_product_and_rating_are_reviews(sandbox, url):
    done = crawl(sandbox, url, "_degraded", "-a", "resources=reviews", "-a", BEGUN)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, f"{MALL}_degraded", ("reviews",)) == {}


def test_korean_bytes_control_characters_and_the_other_reading_of_last_order(sandbox, url):
    done = crawl(sandbox, url, "_old", "-a", BEGUN)
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, f"{MALL}_old") == {}
    # 8 windows by each of two kinds of days, at the end of each a page that says more follows: some had more pages.
    assert sandbox.control("log")["malls"][f"{MALL}_old"]["orders"]["requests"] > 8 * 2 * 2


def test_reviews_over_the_server_api_beside_products_over_the_openhub(sandbox, url, tmp_path):
    words = ("-a", f"resources={','.join(GOODS)},reviews")
    done = crawl(sandbox, url, "_server", *words, "-a", "since=all")
    assert (done.returncode, "unverified" in done.stderr) == (0, True)
    assert unequal(sandbox, url, f"{MALL}_server", (*GOODS, "reviews")) == {}
    strange = with_another(sandbox, tmp_path, f"SHOPSCRAPE_{MALL.upper()}_SERVER_ACCESS_TOKEN")
    done = crawl(strange, url, "_server", "-a", "resources=reviews")
    assert (done.returncode, "check the app's key" in done.stderr.splitlines()[-1]) == (3, True)
    before = sandbox.truth(f"{MALL}_server", "api", "reviews").keys()
    sandbox.control("change")
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url, "_server", "-a", "resources=reviews").returncode == 0
    assert asked(sandbox, f"{MALL}_server") == 1
    # An edit and a post that went show in no search by the day of writing: between two sweeps new posts are found.
    new = sandbox.truth(f"{MALL}_server", "api", "reviews").keys() - before
    differing = unequal(sandbox, url, f"{MALL}_server", ("reviews",)).get("reviews", [])
    assert len(new) == 3 and not [said for said in differing if any(str(one) in said for one in new)]
