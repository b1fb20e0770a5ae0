"""A WISA mall whose products a script draws, beside scripts that are slow, fail and throw: a browser reads it."""

import subprocess
import time

import pytest
from crawling import BARE, ROOT, Sandbox, browsers_of, command, scrapy, unequal

pytestmark = pytest.mark.browser
MALL = "demo_wisa_drawn"
FEW = ("--products", 14, "--orders", 2, "--reviews", 12, "--speed", 2000, "--only", "wisa")
SHOWN = ("products", "inventory", "reviews")
WORDS = ("crawl", "wisa_web", "-a", f"mall={MALL}", "-a", "since=all")


def details(sandbox):
    """Return how often pages of products were asked for."""
    return sandbox.control("log")["malls"].get(MALL, {}).get("detail", {"requests": 0})["requests"]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_pages_that_a_script_draws_equal_the_truth(tmp_path, store_url):
    with Sandbox(tmp_path, *FEW) as sandbox:
        done = scrapy(sandbox, store_url, *WORDS)
        assert done.returncode == 0, done.stderr[-2000:]
        assert unequal(sandbox, store_url, MALL, SHOWN, "web") == {}
        # Each product once by plain HTTP, and once more in the browser.
        assert details(sandbox) >= 2 * len(sandbox.truth(MALL, "web", "products"))


def test_a_browser_that_is_killed_in_the_middle_is_survived(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    with Sandbox(tmp_path, *FEW) as sandbox:
        told = sandbox.malls.read_text("utf-8")
        sandbox.malls.write_text(told.replace(f"[{MALL}]\n", f'[{MALL}]\nbrowser = "always"\n'), "utf-8")
        process = subprocess.Popen(
            command(sandbox, url, *WORDS), cwd=ROOT, env=BARE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        while details(sandbox) < 4 and process.poll() is None:
            time.sleep(0.01)
        browsers = list(browsers_of(process))
        assert browsers
        for browser in browsers:
            browser.kill()
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said[-2000:]
        assert "Traceback" not in said and "'shopscrape/browser/ended': 1" in said
        assert unequal(sandbox, url, MALL, SHOWN, "web") == {}
        # Once each, in the browser alone, and once more what was open when it died.
        shown = len(sandbox.truth(MALL, "web", "products"))
        assert shown < details(sandbox) <= shown + 6
