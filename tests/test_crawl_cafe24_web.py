"""Public pages of emulated Cafe24 malls: products, stock and reviews as far as pages show them."""

import random
import tomllib
from types import SimpleNamespace

import pytest
from crawling import Proxy, Sandbox, differences, kill, last_report, scrapy, stored, unequal

SIZE = ("--products", 40, "--orders", 20, "--reviews", 50, "--speed", 400, "--only", "cafe24")
RESOURCES = ("products", "inventory", "reviews")
FAULTS = "429:0.03,500:0.03,502:0.02,503:0.02,504:0.02,cut:0.03"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, mall, *words, output=None):
    return scrapy(sandbox, url, "crawl", "cafe24_web", "-a", f"mall={mall}", *words, output=output)


def test_pages_equal_the_truth_and_are_found_again(sandbox, store_url, tmp_path):
    mall, output = "demo_cafe24_web", tmp_path / "output"
    for words in (("-a", "since=all"), ("-a", "sweep=1")):
        done = crawl(sandbox, store_url, mall, *words, output=output)
        assert done.returncode == 0, done.stderr[-3000:]
        assert unequal(sandbox, store_url, mall, RESOURCES, "web", output) == {}


def test_with_faults_and_kills_nothing_is_lost(tmp_path):
    url, mall, output, dice = f"sqlite:///{tmp_path}/store.db", "demo_cafe24_web", tmp_path / "output", random.Random(5)
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        for _ in range(3):
            words = ("crawl", "cafe24_web", "-a", f"mall={mall}", "-a", "since=all")
            kill(sandbox, url, *words, after=dice.randrange(5, 80), output=output)
        for _ in range(5):
            done = crawl(sandbox, url, mall, "-a", "since=all", output=output)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr[-3000:]
        assert unequal(sandbox, url, mall, RESOURCES, "web", output) == {}


def test_what_changed_is_found_and_what_went_is_gone(tmp_path):
    with Sandbox(tmp_path, *SIZE) as sandbox:
        url, mall = f"sqlite:///{tmp_path}/store.db", "demo_cafe24_web"
        assert crawl(sandbox, url, mall, "-a", "since=all").returncode == 0
        sandbox.control("change")
        done = crawl(sandbox, url, mall, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-3000:]
        assert unequal(sandbox, url, mall, RESOURCES, "web") == {}
        # The one that was hidden and the one that was deleted are opened to see it, and no other.
        report = last_report(sandbox, url)
        assert report["requests"]["board_pages_4.unseen"] == report["rows"]["reviews"]["gone"] == 2


def test_a_members_only_mall_ends_as_a_login_wall(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "demo_cafe24_closed")
    assert done.returncode == 3, done.stderr[-3000:]
    assert "login_required" in done.stderr.splitlines()[-1]
    opened = sandbox.store(url)
    assert stored(opened, "demo_cafe24_closed", "products") == {}
    opened.close()


def test_reviews_of_another_company_are_left_alone_and_a_price_that_moved_is_named(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "demo_cafe24_crema", "-a", "since=all")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Crema" in done.stderr
    opened = sandbox.store(url)
    assert stored(opened, "demo_cafe24_crema", "reviews") == {}
    assert stored(opened, "demo_cafe24_crema", "products") != {}
    opened.close()

    def moved(path, body):
        for place in (b"product_price", b"product:price:amount", "판매가".encode(), b'"offers"'):
            body = body.replace(place, b"moved")
        return body

    shop = tomllib.loads(sandbox.malls.read_text("utf-8"))["demo_cafe24_crema"]["storefront_url"]
    with Proxy(SimpleNamespace(url=shop, malls=sandbox.malls), tmp_path, moved) as other:
        done = crawl(other, url, "demo_cafe24_crema", "-a", "sweep=1", "-a", "resources=products")
    assert done.returncode == 1, done.stderr[-3000:]
    assert "products.page: price was found in 0% of" in done.stderr and "its place has moved" in done.stderr
    opened = sandbox.store(url)
    assert differences(opened, sandbox, "demo_cafe24_crema", "web", "products") == [], "what is stored stands"
    opened.close()
