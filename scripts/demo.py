"""make demo: start the sandbox, crawl it, end it; the second time round, show how little an incremental run asks."""

import importlib
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

OUTPUT = Path("output")
MALLS = OUTPUT / "demo" / "malls.toml"
STORE = OUTPUT / "shopscrape.db"
SPEED = "40"
"""The real limits would make the first load of the demo last half an hour."""


def main() -> int:
    """Run the demo and return the exit status of its crawl."""
    MALLS.parent.mkdir(parents=True, exist_ok=True)
    again = STORE.exists()
    environment = os.environ | keys()
    sandbox = subprocess.Popen(
        [*scrapy(), "sandbox", "--port", "0", "--speed", SPEED, "--malls", str(MALLS), *sys.argv[1:]],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        assert sandbox.stdout
        ready = sandbox.stdout.readline().strip()
        if not ready:
            print("demo: the sandbox did not start.", file=sys.stderr)
            return 1
        print(ready)
        status = subprocess.run(
            [*scrapy(), "collect", "-s", f"SHOPSCRAPE_MALLS={MALLS}"], env=environment, check=False
        ).returncode
    finally:
        sandbox.send_signal(signal.SIGTERM)
        sandbox.wait(timeout=20)
    if again:
        print("\nAn incremental run. What each platform's fact sheet states as the least that one asks:")
        for line in floors():
            print(line)
    print(f"\nThe data set: {STORE} and JSON lines in {OUTPUT}/<mall>/<resource>/.")
    if not again:
        print("Run make demo again: the second run asks only for what is new.")
    return status


def scrapy() -> list[str]:
    """Return the command of the project's own Scrapy."""
    return [sys.executable, "-m", "scrapy"]


def keys() -> dict[str, str]:
    """Return the demo's own keys, made once: pseudonyms and tokens of the second run must fit those of the first."""
    kept = MALLS.parent / "keys.json"
    if not kept.exists():
        made = {"SHOPSCRAPE_KEY": Fernet.generate_key().decode(), "SHOPSCRAPE_PRIVACY_KEY": secrets.token_hex(32)}
        kept.write_bytes(msgspec.json.encode(made))
        kept.chmod(0o600)
    told: dict[str, str] = msgspec.json.decode(kept.read_bytes())
    return told


def floors() -> list[str]:
    """Return for each mall of the last run: requests asked, and what the fact sheet calls the floor."""
    with closing(sqlite3.connect(STORE)) as connection:
        found = connection.execute(
            "SELECT mall, spider, platform, report FROM runs WHERE report IS NOT NULL "
            "GROUP BY mall, spider HAVING started_at = max(started_at) ORDER BY mall, spider"
        ).fetchall()
    lines = []
    for mall, spider, platform, report in found:
        asked = sum(msgspec.json.decode(report)["requests"].values())
        floor = importlib.import_module(f"spiders.{platform}").FACTS.floor or "not stated"
        lines.append(f"  {mall} ({spider}): {asked} requests. Floor: {floor}.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
