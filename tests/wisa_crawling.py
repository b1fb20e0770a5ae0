"""Crawls of the small WISA mall, each in a process of its own, and what they stored."""

import json
import os
import subprocess
import sys
from pathlib import Path

from crawling import let_the_second_pass
from cryptography.fernet import Fernet
from wisa_mall import KEY

from shopscrape.items import TYPES
from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
BARE = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
STORE_KEY = Fernet.generate_key().decode()


def crawl_of(mall, folder):
    """Return a function that crawls a mall and gives exit status and what was said."""

    def run(*arguments, admin=True, erp=True, **table):
        table = {"platform": "wisa", "domain": "shop.example.com", "base_url": mall.url, "speed": 1000.0} | table
        # What JSON prints for texts, numbers and flags is TOML too.
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        (folder / "malls.toml").write_text(f"[m]\n{lines}")
        secrets = {"SHOPSCRAPE_PRIVACY_KEY": "k" * 32, "SHOPSCRAPE_KEY": STORE_KEY}
        secrets |= {"SHOPSCRAPE_M_ADMIN_ID": "reader", "SHOPSCRAPE_M_ADMIN_PASSWORD": "right password"} if admin else {}
        secrets |= {"SHOPSCRAPE_M_ERP_KEY": KEY} if erp else {}
        secrets |= {"SHOPSCRAPE_M_REST_KEY": KEY} if table.get("rest_beta") else {}
        mall.log.clear()
        let_the_second_pass()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "wisa_api", "-a", "mall=m", *arguments,
                "-s", f"SHOPSCRAPE_MALLS={folder}/malls.toml", "-s", f"SHOPSCRAPE_STORE=sqlite:///{folder}/store.db",
                "-s", f"SHOPSCRAPE_OUTPUT={folder}/output",
            ],
            cwd=ROOT, env=BARE | secrets, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        for secret in (KEY, "right password", "-secret", "010-0000-0001"):
            assert secret not in done.stdout + done.stderr
        return done.returncode, done.stderr

    return run


def ask(folder, question):
    """Return what a question to the store gives."""
    store = open_store(f"sqlite:///{folder}/store.db", STORE_KEY)
    try:
        return question(store)
    finally:
        store.close()


def stored_of(folder):
    """Return a function that reads a resource from the store, by its ids."""

    def read(resource, gone=False):
        keys = next(kind.keys for kind in TYPES if kind.resource == resource)
        rows = ask(folder, lambda store: list(store.read(resource, gone)))
        found = [(tuple(row[key] for key in keys), row) for row in rows]
        return {ids if len(ids) > 1 else ids[0]: row for ids, row in found}

    return read


def floor_of(folder):
    """Return the requests that the fact sheet states as the least of the last run."""
    report = ask(folder, lambda store: store.last_runs()[0]["report"])
    return (json.loads(report) if isinstance(report, str) else report)["floor"]


def shirt(mall, **told):
    """A product with two choices whose stock is counted."""
    return mall.product(
        1201, options=(("색상", [(7001, "블랙", 0)]), ("사이즈", [(7011, "M", 0), (7012, "L", 2000)])),
        combos={9001: ("블랙 / M", 5, "L"), 9002: ("블랙 / L", 0, "L")}, price=39000, **told,
    )  # fmt: skip
