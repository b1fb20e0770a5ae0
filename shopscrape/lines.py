"""A record as a line of JSON, and back to what the store knows it by."""

import re

import msgspec

from shopscrape import values
from shopscrape.identity import digest_of, of_keys
from shopscrape.items import TYPES, Record

_ENCODE = msgspec.json.Encoder().encode
_HEAD = re.compile(rb'\{"collected_at":"[^"]*",(?:"source_url":"(?:[^"\\]|\\.)*",)?')
_KEYS = {kind.resource: ("platform", "mall", "shop", *kind.keys) for kind in TYPES}


def write(record: Record, body: bytes) -> bytes:
    """Return the line of a record. `body`: its JSON without what differs at every reading, see `fingerprint`."""
    url = record.source_url
    told = b'"source_url":%b,' % _ENCODE(url) if isinstance(url, str) else b""
    return b'{"collected_at":"%b",%b%b\n' % (values.iso(record.collected_at).encode(), told, body[1:])


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
