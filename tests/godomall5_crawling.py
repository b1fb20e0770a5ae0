"""Crawls of the small openhub in tests: fixtures and what a store holds afterwards."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from crawling import let_the_second_pass
from cryptography.fernet import Fernet
from godomall5_mall import KEY, PARTNER, SEOUL, SmallMall, number_at, order, product

from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
BARE = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
STORE_KEY = Fernet.generate_key().decode()


def ago(**span):
    return datetime.now(SEOUL) - timedelta(**span)


@pytest.fixture
def mall():
    with SmallMall() as small:
        small.products = [product(1000000000 + n, ago(days=n)) for n in range(1, 6)]
        yield small


@pytest.fixture
def crawl(mall, tmp_path):
    """Crawl the small mall in a process of its own; gives exit status and what was said."""

    def run(*arguments, secrets=(), settings=(), **table):
        table = {"platform": "godomall5", "base_url": mall.url, "speed": 500.0} | table
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        (tmp_path / "malls.toml").write_text(f"[m]\n{lines}", "utf-8")
        told = {
            "SHOPSCRAPE_PRIVACY_KEY": "k" * 32, "SHOPSCRAPE_KEY": STORE_KEY, "SHOPSCRAPE_M_PARTNER_KEY": PARTNER,
            "SHOPSCRAPE_M_KEY": f' "{KEY[:20]}\n{KEY[20:]}" ',
        } | dict(secrets)  # fmt: skip
        mall.log.clear()
        let_the_second_pass()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "godomall5_api", "-a", "mall=m", *arguments,
                "-s", f"SHOPSCRAPE_MALLS={tmp_path}/malls.toml", "-s", f"SHOPSCRAPE_STORE=sqlite:///{tmp_path}/store.db",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output", *settings,
            ],
            cwd=ROOT, env=BARE | told, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        said = done.stdout + done.stderr
        for kept_out in (PARTNER, KEY, "CANARY", "canary", "010-0777", "카나리아", "홍길동"):
            assert kept_out not in said
        print(said)
        return done.returncode, said

    run.store = lambda: open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
    run.folder = tmp_path
    return run


def kept(crawl, resource, key, gone=False):
    store = crawl.store()
    try:
        return {row[key]: row for row in store.read(resource, gone=gone)}
    finally:
        store.close()


def letters(crawl):
    store = crawl.store()
    try:
        return list(store.dead_letters("m"))
    finally:
        store.close()


def orders(count, span=timedelta(days=1), **more):
    start = ago(days=80)
    return [order(number_at(at, n % 9000), at, **more) for n in range(count) if (at := start + span * n)]
