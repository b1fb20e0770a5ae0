"""Rendered crawls in tests: naver_web in processes of its own, on a small store of the test."""

import json
import os
import subprocess
import sys
from pathlib import Path

from shopscrape.store import open_store

ALL = ("-a", "since=all")
ROOT = Path(__file__).parent.parent
KEY = "k" * 40
FERNET = "3Zx8oP0Vq5hVbN7c1m0l9v8u7t6s5r4q3p2o1n0m9l8="


class Crawl:
    """Runs naver_web on a store, in processes of its own."""

    def __init__(self, folder, shop, **table):
        self.folder = folder
        self.shop = shop
        self.url = f"sqlite:///{folder}/store.db"
        self.table(**table)

    def table(self, **fields):
        lines = {"platform": "naver", "storefront_url": self.shop.url, "permission": "own-store",
                 "urls": [self.shop.page_url()], "speed": 20} | fields  # fmt: skip
        text = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items() if value is not None)
        (self.folder / "malls.toml").write_text(f"[demo]\n{text}\n")

    def start(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
        for name in ("SHOPSCRAPE_CHROMIUM",):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment |= {"SHOPSCRAPE_PRIVACY_KEY": KEY, "SHOPSCRAPE_KEY": FERNET}
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "naver_web", "-a", "mall=demo", *words,
             "-s", f"SHOPSCRAPE_MALLS={self.folder}/malls.toml", "-s", f"SHOPSCRAPE_STORE={self.url}",
             "-s", f"SHOPSCRAPE_OUTPUT={self.folder}/output"],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words, timeout=150):
        process = self.start(*words)
        try:
            self.out, self.log = process.communicate(timeout=timeout)
        finally:
            process.kill()
        assert "Traceback" not in self.log, self.log[-4000:]
        return process.returncode

    @property
    def store(self):
        return open_store(self.url, FERNET)

    def reviews(self, gone=False):
        store = self.store
        try:
            return {row["review_id"]: row for row in store.read("reviews", gone=gone)}
        finally:
            store.close()

    def report(self):
        store = self.store
        try:
            return json.loads(store.last_runs()[-1]["report"])
        finally:
            store.close()

    def expected(self, product="201"):
        return {str(row["id"]) for row in self.shop.reviews[product]}
