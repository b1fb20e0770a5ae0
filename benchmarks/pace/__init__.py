"""How much of the pace in force each API spider uses, and whether the platform ever had to say 429.

The platforms' own limits are enforced by the sandbox, at their real speed (--quick: ten times as fast). Shown is the
rate of the requests after the first burst, as the platform saw them, over the pace in force: the least of published
limits, courtesy and the mall's own. Target: 0.97 to 1.0 in steady state, no 429.

One mall for each door of each platform, in rounds: the sandbox is one process, so the fast ones are not measured beside
a dozen others, and those that get hundreds of orders with a page need more orders to have something to ask for.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

REQUESTS, ENOUGH = 300, 120
LEAST, MOST = 0.97, 1.01
ROUNDS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("naver,godomall5", 4000, ("demo_naver", "demo_godomall5")),
    ("cafe24,makeshop,wisa", 4000, ("demo", "demo_makeshop", "demo_wisa", "demo_wisa_openapi", "demo_wisa_erp")),
    (
        "makeshop,makeshop_jp", 24_000,
        ("demo_makeshop_v1", "demo_makeshop_legacy", "demo_makeshop_jp", "demo_makeshop_jp_narrow"),
    ),
)  # fmt: skip
"""Platforms served, orders of a mall, and the malls that are crawled side by side."""


def main(quick: bool) -> bool:
    """Measure all rounds, print a table, return whether a target was missed."""
    table = Table(title="pace")
    for heading in ("mall", "requests", "pace in force", "used", "429", "ok?"):
        table.add_column(heading, justify="right")
    missed = False
    for only, orders, names in ROUNDS:
        with tempfile.TemporaryDirectory() as folder:
            missed |= _measure(table, Path(folder), 10 if quick else 1, only, orders, names)
    Console(width=110).print(table)
    return missed


def _measure(table: Table, folder: Path, speed: int, only: str, orders: int, names: tuple[str, ...]) -> bool:
    malls_file = folder / "malls.toml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    # Telling the truth first, it has made its worlds up before the first question comes.
    truth = ["--truth", str(folder / "truth")]
    world = ["--only", only, "--orders", str(orders), "--reviews", str(orders), "--malls", str(malls_file), *truth]
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "sandbox", "--port", "0", "--speed", str(speed), *world],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        assert sandbox.stdout
        address = sandbox.stdout.readline().split(" at ")[1].split()[0]
        malls = tomllib.loads(malls_file.read_text("utf-8"))
        crawls = [_crawl(folder, malls_file, name, f"{malls[name]['platform']}_api", environment) for name in names]
        for crawl in crawls:
            crawl.wait()
        with urllib.request.urlopen(f"{address}/_sandbox/log?list=1") as answer:
            log = json.load(answer)["list"]
    finally:
        sandbox.send_signal(signal.SIGTERM)
        sandbox.wait()
    return sum(_show(table, folder, name, log) for name in names) > 0


def _crawl(folder: Path, malls: Path, mall: str, spider: str, environment: dict[str, str]) -> Any:
    settings = {
        "SHOPSCRAPE_MALLS": malls, "SHOPSCRAPE_STORE": f"sqlite:///{folder}/{mall}.db",
        "SHOPSCRAPE_OUTPUT": folder / mall,
        "CLOSESPIDER_PAGECOUNT": REQUESTS + 20, "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    told = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"mall={mall}", "-a", "since=all", *told],
        env=environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _show(table: Table, folder: Path, mall: str, log: list[dict[str, Any]]) -> bool:
    pace, burst = _pace(folder / f"{mall}.db")
    met = [entry for entry in log if entry["mall"] == mall]
    times = [datetime.fromisoformat(entry["at"]) for entry in met][burst:]
    rate = (len(times) - 1) / (times[-1] - times[0]).total_seconds() if len(times) > 1 else 0.0
    refused = sum(entry["status"] == 429 for entry in met)
    good = len(times) >= ENOUGH and LEAST <= rate / pace <= MOST and not refused
    table.add_row(mall, str(len(met)), f"{pace:g}/s", f"{rate / pace:.3f}", str(refused), "yes" if good else "NO")
    return not good


def _pace(store: Path) -> tuple[float, int]:
    import sqlite3

    with sqlite3.connect(store) as connection:
        (report,) = connection.execute("SELECT report FROM runs").fetchone()
    told = json.loads(report)
    return float(told["pace"]), int(told["burst"])
