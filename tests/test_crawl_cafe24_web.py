"""Public pages of emulated Cafe24 malls: products, stock and reviews as far as pages show them."""

import pytest
from crawling import Sandbox, differences, scrapy, stored

SIZE = ("--products", 40, "--orders", 20, "--reviews", 50, "--speed", 400, "--only", "cafe24")
RESOURCES = ("products", "inventory", "reviews")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def crawl(sandbox, url, mall, *words):
    return scrapy(sandbox, url, "crawl", "cafe24_web", "-a", f"mall={mall}", *words)


def test_pages_equal_the_truth_and_are_found_again(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    for words in (("-a", "since=all"), ("-a", "sweep=1")):
        done = crawl(sandbox, url, "demo_cafe24_web", *words)
        assert done.returncode == 0, done.stderr[-3000:]
        opened = sandbox.store(url)
        for resource in RESOURCES:
            assert differences(opened, sandbox, "demo_cafe24_web", "web", resource) == []
        opened.close()


def test_what_changed_is_found_and_what_went_is_gone(tmp_path):
    with Sandbox(tmp_path, *SIZE) as sandbox:
        url, mall = f"sqlite:///{tmp_path}/store.db", "demo_cafe24_web"
        assert crawl(sandbox, url, mall, "-a", "since=all").returncode == 0
        sandbox.control("change")
        done = crawl(sandbox, url, mall, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-3000:]
        opened = sandbox.store(url)
        for resource in ("products", "inventory"):
            assert differences(opened, sandbox, mall, "web", resource) == []
        opened.close()


def test_a_members_only_mall_ends_as_a_login_wall(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "demo_cafe24_closed")
    assert done.returncode == 3, done.stderr[-3000:]
    assert "login_required" in done.stderr.splitlines()[-1]
    opened = sandbox.store(url)
    assert stored(opened, "demo_cafe24_closed", "products") == {}
    opened.close()


def test_reviews_of_another_company_are_left_alone(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "demo_cafe24_crema", "-a", "since=all")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Crema" in done.stderr
    opened = sandbox.store(url)
    assert stored(opened, "demo_cafe24_crema", "reviews") == {}
    assert stored(opened, "demo_cafe24_crema", "products") != {}
    opened.close()
