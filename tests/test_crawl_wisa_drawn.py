"""A WISA mall whose products a script draws, beside scripts that are slow, fail and throw: a browser reads it."""

import pytest
from crawling import Sandbox, differences, scrapy

pytestmark = pytest.mark.browser
MALL = "demo_wisa_drawn"


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_pages_that_a_script_draws_equal_the_truth(tmp_path, store_url):
    few = ("--products", 14, "--orders", 2, "--reviews", 12, "--speed", 2000, "--only", "wisa")
    with Sandbox(tmp_path, *few) as sandbox:
        done = scrapy(sandbox, store_url, "crawl", "wisa_web", "-a", f"mall={MALL}", "-a", "since=all")
        assert done.returncode == 0, done.stderr[-2000:]
        opened = sandbox.store(store_url)
        for resource in ("products", "inventory", "reviews"):
            assert differences(opened, sandbox, MALL, "web", resource) == []
        opened.close()
        log = sandbox.control("log")["malls"][MALL]
        # Each product once by plain HTTP, and once more in the browser.
        assert log["detail"]["requests"] >= 2 * len(sandbox.truth(MALL, "web", "products"))
