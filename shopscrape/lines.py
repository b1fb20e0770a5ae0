"""JSON lines: a record as a line, and back to what the store knows it by; files that are hidden until whole."""

import os
import re
from datetime import datetime
from pathlib import Path

import msgspec

from shopscrape import values
from shopscrape.identity import digest_of, of_keys
from shopscrape.items import TYPES, Record
from shopscrape.windows import Leg

HIDDEN = ".part"
_ENCODE = msgspec.json.Encoder().encode
_HEAD = re.compile(rb'\{"collected_at":"[^"]*",(?:"observed_at":"[^"]*",)?(?:"source_url":"(?:[^"\\]|\\.)*",)?')
_KEYS = {kind.resource: ("platform", "mall", "shop", *kind.keys) for kind in TYPES}


def write(record: Record, body: bytes) -> bytes:
    """Return the line of a record. `body`: its JSON without what differs at every reading, see `fingerprint`."""
    observed_at, url = getattr(record, "observed_at", None), record.source_url
    seen = b'"observed_at":"%b",' % _iso(observed_at) if isinstance(observed_at, datetime) else b""
    told = b'"source_url":%b,' % _ENCODE(url) if isinstance(url, str) else b""
    return b'{"collected_at":"%b",%b%b%b\n' % (_iso(record.collected_at), seen, told, body[1:])


def read(line: bytes, resource: str) -> tuple[bytes, bytes] | None:
    """Return identity and digest of the record that a line was written of; None for one that was cut off."""
    head = _HEAD.match(line)
    if head is None or not line.endswith(b"}\n"):
        return None
    body = b"{" + line[head.end() : -1]
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return of_keys(resource, *(told.get(key, "") for key in _KEYS[resource])), digest_of(body)


def _iso(at: datetime) -> bytes:
    return values.iso(at).encode()


def hidden(folder: Path, leg: Leg, resource: str, access: str) -> Path:
    """Return where the lines of a window stand until they are published. `folder`: the mall's, made where it is not."""
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in leg.name)
    (folder / resource).mkdir(parents=True, exist_ok=True)
    return folder / resource / f"{name}.{access}.{leg.id.hex()}{HIDDEN}"


def publish(part: Path) -> None:
    """Put a hidden file in place, under the name of its window, or beside what stands there already."""
    whole = part.with_suffix(".jsonl")
    plain = whole.with_name(f"{whole.stem.rpartition('.')[0]}.jsonl")
    part.rename(whole if plain.exists() else plain)
    descriptor = os.open(part.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
