"""What tests of whole Naver crawls share: a small Commerce API, crawls of it, what they stored."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from crawling import let_the_second_pass
from cryptography.fernet import Fernet
from small_smartstore import CLIENT, SECRET, SEOUL, SmallStore

from shopscrape.items import TYPES
from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
BARE = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
STORE_KEY = Fernet.generate_key().decode()
QUERY = "/v1/pay-order/seller/product-orders/query"
FEED = "/v1/pay-order/seller/product-orders/last-changed-statuses"
LIST = "/v1/pay-order/seller/product-orders"
SEARCH = "/v1/products/search"


def ago(**span):
    """Return a time that lies back."""
    return datetime.now(SEOUL) - timedelta(**span)


@pytest.fixture(name="shop")
def running_shop():
    """A small store that runs."""
    with SmallStore() as small:
        yield small


@pytest.fixture(name="crawl")
def crawling(shop, tmp_path):
    """Crawl the small store in a process of its own; gives exit status and what was said."""

    def run(*arguments, secret=SECRET, settings=(), mall="m", spider="naver_api", **table):
        table = {"platform": "naver", "base_url": shop.url, "speed": 500.0} | table
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        (tmp_path / "malls.toml").write_text(f"[{mall}]\n{lines}")
        secrets = {
            "SHOPSCRAPE_PRIVACY_KEY": "k" * 32, "SHOPSCRAPE_KEY": STORE_KEY, "SHOPSCRAPE_M_CLIENT_ID": CLIENT,
            "SHOPSCRAPE_M_CLIENT_SECRET": secret,
        }  # fmt: skip
        shop.log.clear()
        let_the_second_pass()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"mall={mall}", *arguments,
                "-s", f"SHOPSCRAPE_MALLS={tmp_path}/malls.toml", "-s", f"SHOPSCRAPE_STORE=sqlite:///{tmp_path}/store.db",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output", *settings,
            ],
            cwd=ROOT, env=BARE | secrets, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        for kept_out in (SECRET, "EMU.", "010-1111", "홍길동", "세종대로"):
            assert kept_out not in done.stdout + done.stderr
        print(done.stderr)
        return done.returncode, done.stderr

    return run


@pytest.fixture(name="stored")
def reading(tmp_path):
    """Read a resource from the store, by its ids."""

    def read(resource, gone=False):
        kind = next(kind for kind in TYPES if kind.resource == resource)
        store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
        try:
            return {tuple(row[key] for key in kind.keys): row for row in store.read(resource, gone)}
        finally:
            store.close()

    return read


def asked(shop):
    """Return how often each path was asked in the last crawl."""
    return Counter(path for _, path, _ in shop.log)


def report(tmp_path):
    """Return the report of the last run."""
    store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
    try:
        told = store.last_runs()[-1]["report"]
        return json.loads(told) if isinstance(told, str) else told
    finally:
        store.close()
