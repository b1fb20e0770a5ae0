"""Pages and reviews a second through a real browser, and memory, beside plain scrapy-playwright doing the same.

Both read the emulated SmartStore of the sandbox, one page at a time, pauses set to 0. Plain opens a new page for each
address, lets it load everything and reads the DOM: of products when their name stands there; of reviews it opens the
dialog or the list, chooses newest first and turns pages until nothing is added, with half a second after each click.
Targets: 1.4 × its product pages a second, 3 × its reviews a second, at most half its growth of memory a page.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent.parent
KEYS = {"SHOPSCRAPE_PRIVACY_KEY": "k" * 40, "SHOPSCRAPE_KEY": "Q" * 43 + "="}
PAGES, REVIEWS, GROWTH = 1.4, 3.0, 0.5
BEGUN = 0.3
"""Share of the pages after which the browser has what it needs; growth is counted from there."""


class Took(NamedTuple):
    """What a crawl took."""

    done: int
    """Pages, or reviews."""
    seconds: float
    """From the first page asked for to the last."""
    growth: float
    """MiB a page, over the tree of processes."""


def main(quick: bool) -> bool:
    """Measure, print a table, return whether a target was missed."""
    visits, reviews = (5, 400) if quick else (38, 4000)
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), visits, reviews)


def _measure(folder: Path, visits: int, reviews: int) -> bool:
    malls = folder / "malls.toml"
    words = ["--port", "0", "--products", "10", "--reviews", str(reviews), "--speed", "1000", "--only", "naver"]
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "sandbox", *words, "--malls", str(malls)],
        cwd=ROOT, env=_bare(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert sandbox.stdout
        sandbox.stdout.readline()
        table = tomllib.loads(malls.read_text("utf-8"))["demo_naver_brand"]
        products = [f"{url}?visit={number}" for number in range(visits) for url in table["urls"]]
        urls = table["urls"]
        plain = _plain(folder, "products", products), _plain(folder, "reviews", urls)
        ours = _ours(folder, table, products, "inventory"), _ours(folder, table, urls, "reviews")
        whats = (("product pages a second", PAGES), ("reviews a second", REVIEWS))
        rows = [(*what, plain[place], ours[place]) for place, what in enumerate(whats)]
    finally:
        sandbox.send_signal(signal.SIGTERM)
        sandbox.wait()
    return _show(rows)


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


def _ours(folder: Path, table: dict[str, object], urls: list[str], resources: str) -> Took:
    lines = table | {"urls": urls}
    told = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items() if name != "resources")
    (folder / "ours.toml").write_text(f"[demo]\n{told}\n")
    out = folder / f"ours-{resources}.jsonl"
    settings = {
        "SHOPSCRAPE_MALLS": folder / "ours.toml", "SHOPSCRAPE_STORE": f"sqlite:///{folder}/{resources}.db",
        "SHOPSCRAPE_OUTPUT": folder / "output", "SHOPSCRAPE_PAUSE": 0, "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    command = ["-m", "scrapy", "crawl", "naver_web", "-a", "mall=demo", "-a", f"resources={resources}",
               "-a", "since=all", "-O", str(out)]  # fmt: skip
    command += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    seconds, growth = _watch(command, KEYS, len(urls))
    done = len(urls) if resources == "inventory" else sum(1 for _ in out.open("rb"))
    return Took(done, seconds, growth)


def _watch(command: list[str], environment: dict[str, str], pages: int) -> tuple[float, float]:
    """Run a crawl; return its seconds without the start, and how the memory of its processes grew, by page."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=_bare() | environment, stderr=subprocess.PIPE)
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else b""))
    reader.start()
    begun, sizes = 0.0, []
    while process.poll() is None:
        size, browser = _size(process.pid)
        if browser and not begun:
            begun = time.monotonic()
        sizes.append((time.monotonic(), size))
        time.sleep(0.25)
    reader.join()
    if process.returncode not in (0, 1):
        raise SystemExit(said[0].decode("utf-8", "replace")[-3000:])
    ended = time.monotonic()
    settled = [size for at, size in sizes if at > begun + (ended - begun) * BEGUN]
    third = max(1, len(settled) // 3)
    early, late = (sum(part) / len(part) for part in (settled[:third], settled[-third:]))
    return ended - begun, (late - early) / (pages * (1 - BEGUN) * 2 / 3)


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


def _show(rows: list[tuple[str, float, Took, Took]]) -> bool:
    table = Table(title="rendered")
    for heading in ("what", "plain", "shopscrape", "ratio", "plain MiB a page", "shopscrape MiB a page", "ok?"):
        table.add_column(heading, justify="right")
    missed = False
    for what, target, plain, ours in rows:
        ratio = (ours.done / ours.seconds) / (plain.done / plain.seconds)
        # Growth is of pages; a walk of reviews keeps one page open and is no page more.
        grew = what.startswith("reviews") or ours.growth <= max(GROWTH * plain.growth, 0.05)
        good = ratio >= target and grew
        missed = missed or not good
        table.add_row(
            what, f"{plain.done / plain.seconds:.1f} ({plain.done})", f"{ours.done / ours.seconds:.1f} ({ours.done})",
            f"{ratio:.2f} (≥ {target})", f"{plain.growth:.2f}", f"{ours.growth:.2f}", "yes" if good else "NO",
        )  # fmt: skip
    Console().print(table)
    return missed
