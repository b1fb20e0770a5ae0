"""make demo: start the sandbox, crawl it, end it; the second time round, show how little an incremental run asks."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

OUTPUT = Path("output")
MALLS = OUTPUT / "demo" / "malls.toml"
STORE = OUTPUT / "shopscrape.db"
SPEED = "50"
"""The real limits would make the first load of the demo last half an hour."""
LEFT_OUT = frozenset((
    "adult", "blocked", "closed", "crema", "off", "shell", "careless", "drawn", "broken", "brand", "legacy", "openapi",
    "erp", "rest", "old", "quiet", "v1", "power", "outside", "401", "403", "ungranted", "quota",
    "995", "996", "997", "hostile", "degraded", "server",
))  # fmt: skip
"""Ends of the names of malls that show walls and refusals, where a crawl rightly ends non-zero, and of those that show
a platform a second time."""
PORT = 8800
"""The same each time, because addresses of pictures and pages are part of what is read."""


def main() -> int:
    """Run the demo and return the exit status of its crawl."""
    MALLS.parent.mkdir(parents=True, exist_ok=True)
    again = STORE.exists()
    environment = os.environ | keys()
    sandbox = subprocess.Popen(
        [*scrapy(), "sandbox", "--port", str(port()), "--speed", SPEED, "--malls", str(MALLS), *sys.argv[1:]],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert sandbox.stdout
    try:
        ready = sandbox.stdout.readline().strip()
        if not ready:
            print("demo: the sandbox did not start.", file=sys.stderr)
            return 1
        print(ready)
        started = time.monotonic()
        command = [*scrapy(), "collect", *malls(), "-s", f"SHOPSCRAPE_MALLS={MALLS}"]
        status = subprocess.run(command, env=environment, check=False).returncode
        print(f"Crawled in {time.monotonic() - started:.0f} s.")
    finally:
        sandbox.send_signal(signal.SIGTERM)
        sandbox.wait(timeout=20)
        sandbox.stdout.close()
    if again:
        print(
            "This run was incremental: beside the requests that each crawl asked stands what the platform's fact sheet "
            "gives as the least (docs/platforms/)."
        )
    else:
        print("Run make demo again: the second run asks only for what is new.")
    print(f"The data set: {STORE} and JSON lines in {OUTPUT}/<mall>/<resource>/.")
    return status


def malls() -> list[str]:
    """Return the malls of the sandbox that behave, one or two of each platform."""
    names = tomllib.loads(MALLS.read_text("utf-8"))
    return [name for name in names if name.rpartition("_")[2] not in LEFT_OUT]


def scrapy() -> list[str]:
    """Return the command of the project's own Scrapy."""
    return [sys.executable, "-m", "scrapy"]


def port() -> int:
    """Return the demo's port, or 0 for any when somebody else has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return 0
    return PORT


def keys() -> dict[str, str]:
    """Return the demo's own keys, made once: pseudonyms and tokens of the second run must fit those of the first."""
    kept = MALLS.parent / "keys.json"
    if not kept.exists():
        made = {"SHOPSCRAPE_KEY": Fernet.generate_key().decode(), "SHOPSCRAPE_PRIVACY_KEY": secrets.token_hex(32)}
        kept.write_bytes(msgspec.json.encode(made))
        kept.chmod(0o600)
    told: dict[str, str] = msgspec.json.decode(kept.read_bytes())
    return told


if __name__ == "__main__":
    sys.exit(main())
