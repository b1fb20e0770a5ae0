"""How much of the pace in force each API spider uses, and whether the platform ever had to say 429.

The platforms' own limits are enforced by the sandbox, at their real speed (--quick: ten times as fast). Shown is the
rate of the requests after the first burst, as the platform saw them, over the pace in force: the least of published
limits, courtesy and the mall's own. Target: 0.97 to 1.0 in steady state, no 429.
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

REQUESTS = 300
LEAST, MOST = 0.97, 1.01


def main(quick: bool) -> bool:
    """Measure all demo malls side by side, print a table, return whether a target was missed."""
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), 10 if quick else 1)


def _measure(folder: Path, speed: int) -> bool:
    malls_file = folder / "malls.toml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    words = ["--port", "0", "--speed", str(speed), "--orders", "4000", "--reviews", "4000", "--malls", str(malls_file)]
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "sandbox", *words], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert sandbox.stdout
        address = sandbox.stdout.readline().split(" at ")[1].split()[0]
        malls = {
            name: table for name, table in tomllib.loads(malls_file.read_text("utf-8")).items() if "base_url" in table
        }
        crawls = [
            _crawl(folder, malls_file, name, f"{table['platform']}_api", environment) for name, table in malls.items()
        ]
        for crawl in crawls:
            crawl.wait()
        with urllib.request.urlopen(f"{address}/_sandbox/log?list=1") as answer:
            log = json.load(answer)["list"]
    finally:
        sandbox.send_signal(signal.SIGTERM)
        sandbox.wait()
    return _show(folder, malls, log)


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


def _show(folder: Path, malls: dict[str, Any], log: list[dict[str, Any]]) -> bool:
    table = Table(title="pace")
    for heading in ("mall", "requests", "pace in force", "used", "429"):
        table.add_column(heading, justify="right")
    missed = False
    for mall in malls:
        pace, burst = _pace(folder / f"{mall}.db")
        met = [entry for entry in log if entry["mall"] == mall]
        times = [datetime.fromisoformat(entry["at"]) for entry in met][burst:]
        rate = (len(times) - 1) / (times[-1] - times[0]).total_seconds() if len(times) > 1 else 0.0
        refused = sum(entry["status"] == 429 for entry in met)
        good = LEAST <= rate / pace <= MOST and not refused if len(times) >= REQUESTS - 50 else not refused
        missed = missed or not good
        enough = "" if len(times) >= REQUESTS - 50 else " (too few requests to say)"
        table.add_row(mall, str(len(met)), f"{pace:g}/s", f"{rate / pace:.3f}{enough}", str(refused))
    Console(width=110).print(table)
    return missed


def _pace(store: Path) -> tuple[float, int]:
    import sqlite3

    with sqlite3.connect(store) as connection:
        (report,) = connection.execute("SELECT report FROM runs").fetchone()
    told = json.loads(report)
    return float(told["pace"]), int(told["burst"])
