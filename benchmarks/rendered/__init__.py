"""Pages and reviews a second through a real browser, and memory, beside plain scrapy-playwright doing the same.

Both read the emulated SmartStore and a WISA mall of the sandbox, one page at a time, pauses set to 0. Plain opens a
new page for each address, lets it load everything and reads the DOM: of products when their name stands there; of
reviews it opens the dialog or the list, chooses newest first and turns pages until nothing is added, with half a second
after each click. The WISA mall says browser = "always"; beside its pages ours asks which choices are sold out.
Targets: 1.4 × its product pages a second, 3 × its reviews a second, at most half its growth of memory a page.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import linear_regression
from typing import Any, NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent.parent
KEYS = {"SHOPSCRAPE_PRIVACY_KEY": "k" * 40, "SHOPSCRAPE_KEY": "Q" * 43 + "="}
PAGES, REVIEWS, GROWTH = 1.4, 3.0, 0.5
WISA = "demo_wisa_drawn"
"""Its products are drawn by a script."""
FLAT = 0.05
"""MiB a page that count as no growth."""
BEGUN = 0.3
"""Share of the pages after which the browser has what it needs; growth is counted from there. Measured: Playwright's
driver takes 50 MiB more over the first 300 pages, and nothing after that.
"""


class Took(NamedTuple):
    """What a crawl took."""

    done: int
    """Pages, or reviews."""
    seconds: float
    """From the first page asked for to the last."""
    growth: float
    """MiB a page, over the tree of processes."""


class Row(NamedTuple):
    """One line of the table."""

    what: str
    target: float
    """How many times as much a second as plain."""
    plain: Took
    ours: Took


def main(quick: bool) -> bool:
    """Measure, print a table, return whether a target was missed."""
    with tempfile.TemporaryDirectory() as folder:
        naver, wisa = Path(folder, "naver"), Path(folder, "wisa")
        rows = _naver(naver, 5 if quick else 150, 400 if quick else 4000)
        return _show(rows + _wisa(wisa, 40 if quick else 170))


def _naver(folder: Path, visits: int, reviews: int) -> list[Row]:
    words = ("--products", "10", "--reviews", str(reviews), "--only", "naver")
    with serving(folder, *words) as malls:
        table = malls["demo_naver_brand"]
        urls = table["urls"]
        products = [f"{url}?visit={number}" for number in range(visits) for url in urls]
        plain = _plain(folder, "products", products), _plain(folder, "reviews", urls)
        ours = collect(folder, "naver_web", table | {"urls": products}, "inventory")
        read = collect(folder, "naver_web", table, "reviews")
    return [
        Row("naver: product pages a second", PAGES, plain[0], ours),
        Row("naver: reviews a second", REVIEWS, plain[1], read),
    ]


def _wisa(folder: Path, products: int) -> list[Row]:
    words = ("--products", str(products), "--orders", "2", "--reviews", "2", "--only", "wisa")
    with serving(folder, *words) as malls:
        shown = (folder / "truth" / WISA / "web" / "products.jsonl").read_bytes().splitlines()
        urls = [json.loads(line)["url"] for line in shown]
        plain = _plain(folder, "products", urls)
        ours = collect(folder, "wisa_web", malls[WISA] | {"urls": urls, "browser": "always"}, "products,inventory")
    return [Row("wisa: product pages a second", PAGES, plain, ours)]


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Run a sandbox; give the tables of its malls."""
    folder.mkdir()
    malls = folder / "malls.toml"
    given = ["--port", "0", "--speed", "1000", "--malls", str(malls), "--truth", str(folder / "truth"), *words]
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", "sandbox", *given], cwd=ROOT, env=_bare(), stdout=subprocess.PIPE, text=True
    ) as sandbox:
        try:
            assert sandbox.stdout
            sandbox.stdout.readline()
            yield tomllib.loads(malls.read_text("utf-8"))
        finally:
            sandbox.send_signal(signal.SIGTERM)


def _bare() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    return kept | {name: os.environ[name] for name in ("SHOPSCRAPE_CHROMIUM",) if name in os.environ}


def _plain(folder: Path, what: str, urls: list[str]) -> Took:
    (folder / "urls.json").write_text(json.dumps(urls))
    out = folder / f"plain-{what}.jsonl"
    command = ["-m", "scrapy", "runspider", str(ROOT / "benchmarks/rendered/plain.py"), "-a", f"what={what}",
               "-a", f"urls={folder / 'urls.json'}", "-O", str(out)]  # fmt: skip
    seconds, growth = _watch(command, {"SCRAPY_SETTINGS_MODULE": "benchmarks.rendered.plain_settings"}, len(urls))
    return Took(sum(1 for _ in out.open("rb")), seconds, growth)


def collect(folder: Path, spider: str, table: dict[str, Any], resources: str) -> Took:
    """Crawl with shopscrape and measure it."""
    told = "\n".join(f"{name} = {json.dumps(value)}" for name, value in table.items() if name != "resources")
    (folder / "ours.toml").write_text(f"[demo]\n{told}\n")
    out = folder / f"ours-{resources}.jsonl"
    settings = {
        "SHOPSCRAPE_MALLS": folder / "ours.toml", "SHOPSCRAPE_STORE": f"sqlite:///{folder}/{resources}.db",
        "SHOPSCRAPE_OUTPUT": folder / "output", "SHOPSCRAPE_PAUSE": 0, "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    command = ["-m", "scrapy", "crawl", spider, "-a", "mall=demo", "-a", f"resources={resources}",
               "-a", "since=all", "-O", str(out)]  # fmt: skip
    command += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    urls = table["urls"]
    seconds, growth = _watch(command, KEYS, len(urls))
    if resources == "inventory":
        # A stock level that was the same at every visit stands in the feed once; the report counts each page.
        return Took(_finished(folder / "inventory.db"), seconds, growth)
    rows = [json.loads(line) for line in out.read_bytes().splitlines()]
    return Took(len(rows) if resources == "reviews" else len({row["product_id"] for row in rows}), seconds, growth)


def _finished(store: Path) -> int:
    """Return how many windows, here pages, a run read to their end."""
    with closing(sqlite3.connect(store)) as connection:
        (report,) = connection.execute("SELECT report FROM runs").fetchone()
    return sum(json.loads(report)["windows"].values())


def _watch(command: list[str], environment: dict[str, str], pages: int) -> tuple[float, float]:
    """Run a crawl; return its seconds without the start, and how the memory of its processes grew, by page."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=_bare() | environment, stderr=subprocess.PIPE)
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else b""))
    reader.start()
    begun, sizes = 0.0, []
    while process.poll() is None:
        size, browser = _size(process.pid)
        if browser:
            # What is left when the browser is closing says nothing of pages.
            begun = begun or time.monotonic()
            sizes.append((time.monotonic(), size))
        time.sleep(0.5)
    reader.join()
    if process.stderr:
        process.stderr.close()
    if process.returncode not in (0, 1):
        raise SystemExit(said[0].decode("utf-8", "replace")[-3000:])
    ended = time.monotonic()
    settled = [(at, size) for at, size in sizes if at > begun + (ended - begun) * BEGUN]
    # The line through all of it: memory goes up and down with each context, so single moments say little.
    slope = linear_regression(*zip(*settled, strict=True)).slope if len(settled) > 1 else 0.0
    return ended - begun, slope * (ended - begun) / pages


def _size(pid: int) -> tuple[float, bool]:
    total, browser = 0.0, False
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0, False
    for one in processes:
        try:
            total += one.memory_full_info().pss / 2**20
            browser = browser or "--type=renderer" in " ".join(one.cmdline())
        except psutil.Error:
            continue
    return total, browser


def _show(rows: list[Row]) -> bool:
    table = Table(title="rendered")
    for heading in ("what", "plain", "shopscrape", "ratio", "plain MiB a page", "shopscrape MiB a page", "ok?"):
        table.add_column(heading, justify="right")
    missed = False
    for what, target, plain, ours in rows:
        ratio = (ours.done / ours.seconds) / (plain.done / plain.seconds)
        # Growth is of pages; a walk of reviews keeps one page open, so there is none to tell.
        walk = "reviews" in what
        good = ratio >= target and (walk or ours.growth <= max(GROWTH * plain.growth, FLAT))
        missed = missed or not good
        table.add_row(
            what, f"{plain.done / plain.seconds:.1f} ({plain.done})", f"{ours.done / ours.seconds:.1f} ({ours.done})",
            f"{ratio:.2f} (≥ {target})", *("–" if walk else f"{took.growth:.2f}" for took in (plain, ours)),
            "yes" if good else "NO",
        )  # fmt: skip
    Console().print(table)
    return missed
