"""What `make demo` runs after the set-up: a sandbox, a crawl of all that it shows, one table, a data set."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parent.parent
SMALL = ("--products", "20", "--orders", "20", "--reviews", "20", "--only", "cafe24,makeshop_jp")


def demo(folder):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    environment = bare | {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "shopscrape.settings", "COLUMNS": "160"}
    command = [sys.executable, str(ROOT / "scripts/demo.py"), *SMALL]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def asked(folder):
    """Return how many requests each run made."""
    with closing(sqlite3.connect(folder / "output/shopscrape.db")) as store:
        told = store.execute(
            "SELECT mall, sum(value) FROM runs, json_each(runs.report, '$.requests') GROUP BY run ORDER BY started_at"
        )
        return [tuple(row) for row in told]


def test_the_demo_fills_its_table_and_asks_little_the_second_time(tmp_path):
    first = demo(tmp_path)
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    once = asked(tmp_path)
    second = demo(tmp_path)
    assert second.returncode == 0, second.stdout[-3000:] + second.stderr[-3000:]
    assert "Run make demo again" in first.stdout and "This run was incremental" in second.stdout
    for done in (first, second):
        lines = [line for line in done.stdout.splitlines() if " orders " in line]
        assert len(lines) >= 2 and " NO " not in done.stdout, done.stdout
    twice = asked(tmp_path)[len(once) :]
    assert {mall for mall, _ in once} == {mall for mall, _ in twice} >= {"demo", "demo_makeshop_jp"}
    before = dict(once)
    assert [(mall, count) for mall, count in twice if count > before[mall]] == []
    assert sum(count for _, count in twice) < sum(before.values())
    assert list((tmp_path / "output/demo/orders").glob("*.jsonl"))
