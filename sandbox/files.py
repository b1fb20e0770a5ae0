"""What the sandbox writes: the malls file, the secrets beside it, the truth. Each file is whole or not there."""

import json
import os
import re
import secrets as random_secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import Fernet

from sandbox.world import Counts
from shopscrape import values
from shopscrape.items import Record

WORLD = "SANDBOX_WORLD"
"""Line of the .env file that remembers which world its malls file belongs to."""
LASTS = timedelta(days=14)
"""An older world is not shown again: its young rows would all be old."""
KEYS: dict[str, Callable[[], str]] = {
    "SHOPSCRAPE_KEY": lambda: Fernet.generate_key().decode(),
    "SHOPSCRAPE_PRIVACY_KEY": lambda: random_secrets.token_urlsafe(32),
}
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Past(msgspec.Struct, kw_only=True):
    """Which world an earlier start showed: begun again with the same file, seed and numbers it is the same one."""

    seed: int
    counts: Counts
    anchor: datetime
    changed: list[datetime] = []
    """When `change` was called."""


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a reader sees the old or the new one. Raises: OSError with a sentence."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    except OSError as why:
        raise OSError(f"{path} cannot be written ({type(why).__name__}).") from None


def check_folder(folder: Path) -> None:
    """Make a folder where files will be written. Raises: OSError with a sentence."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise OSError(f"{folder} cannot be made ({type(why).__name__}).") from None
    if not os.access(folder, os.W_OK):
        raise OSError(f"{folder} cannot be written to.")


def read_secrets(malls_file: Path) -> dict[str, str]:
    """Return the lines of the .env file beside a malls file."""
    try:
        text = malls_file.with_suffix(".env").read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as why:
        raise OSError(f"{malls_file.with_suffix('.env')} cannot be read ({type(why).__name__}).") from None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def read_past(malls_file: Path | None, seed: int, counts: Counts) -> Past | None:
    """Return the world that an earlier start wrote this file for, None when it was another one or there is none."""
    if malls_file is None:
        return None
    try:
        past = msgspec.json.decode(read_secrets(malls_file).get(WORLD, ""), type=Past)
    except msgspec.DecodeError:
        return None
    fresh = values.now() - past.anchor < LASTS
    return past if fresh and past.seed == seed and past.counts == counts else None


def write_malls(
    path: Path, tables: Mapping[str, Mapping[str, Any]], secrets: Mapping[str, Mapping[str, str]], past: Past
) -> None:
    """Write the malls file and the secrets beside it; the two keys of the project are kept when they are there."""
    known = read_secrets(path)
    lines = ["# Written by scrapy sandbox; the secrets are in the .env file beside it."]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{_key(key)} = {_toml(value)}" for key, value in table.items())]
    pairs = {name: known.get(name) or fresh() for name, fresh in KEYS.items()}
    for mall, names in secrets.items():
        pairs |= {f"SHOPSCRAPE_{mall.upper()}_{name}": value for name, value in names.items()}
    pairs[WORLD] = msgspec.json.encode(past).decode()
    write_whole(path.with_suffix(".env"), "".join(f"{name}={value}\n" for name, value in pairs.items()), 0o600)
    write_whole(path, "\n".join(lines) + "\n")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # Basic strings, numbers and booleans are spelt as in JSON.
    return json.dumps(value, ensure_ascii=False)


def write_truth(folder: Path, mall: str, access: str, resource: str, records: Iterable[Record]) -> int:
    """Write one file of canonical records, one JSON line each; return how many."""
    lines = [msgspec.json.encode(record).decode() for record in records]
    write_whole(folder / mall / access / f"{resource}.jsonl", "".join(f"{line}\n" for line in lines))
    return len(lines)
