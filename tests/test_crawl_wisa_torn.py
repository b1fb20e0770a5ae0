"""WISA pages that end in the middle, or that something replaced, and do not say so: nothing on them is believed."""

from crawling import Sandbox, differences, scrapy

SIZE = ("--products", 40, "--orders", 2, "--reviews", 120, "--speed", 2000, "--only", "wisa")


def test_what_a_torn_page_lacks_is_not_taken_for_gone(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", "truncate:0.05,garbage:0.05") as sandbox:
        url = f"sqlite:///{tmp_path}/store.db"
        done = scrapy(sandbox, url, "crawl", "wisa_web", "-a", "mall=demo_wisa", "-a", "since=all")
        assert done.returncode == 0, done.stderr[-2000:]
        faults = [stream["faults"] for stream in sandbox.control("log")["malls"]["demo_wisa"].values()]
        assert sum(one.get("truncate", 0) + one.get("garbage", 0) for one in faults) > 10
        sandbox.control("faults", {"clear": True})
        opened = sandbox.store(url)
        for resource in ("products", "inventory", "reviews"):
            assert differences(opened, sandbox, "demo_wisa", "web", resource) == []
        opened.close()
