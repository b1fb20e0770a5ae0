"""Dead letters: raw rows that did not map or validate, kept encrypted until they are replayed."""

import hashlib
from collections.abc import Iterator, Sequence

import msgspec
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Connection, select

from shopscrape.errors import ConfigurationError
from shopscrape.store import schema
from shopscrape.store.rows import Writer


def box(key: str | None) -> MultiFernet:
    """Return what tokens and dead letters are kept in. Raises: ConfigurationError without a Fernet key."""
    try:
        return MultiFernet([Fernet(part.strip()) for part in (key or "").split(",")])
    except ValueError:
        raise ConfigurationError(
            "SHOPSCRAPE_KEY must stand in the environment or in .env, a Fernet key: make one with python3 -c "
            '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())".'
        ) from None


class DeadLetter(msgspec.Struct, kw_only=True):
    """A raw row that did not map or validate; `raw` is clear here and encrypted in the store."""

    platform: str
    mall: str
    shop: str
    access: str
    kind: str
    stream: str
    position: int
    why: str
    origin_json: str
    raw: bytes
    id: str = ""


def write(writer: Writer, dead: Sequence[DeadLetter], box: MultiFernet, key: bytes, run: str) -> None:
    """Keep letters, encrypted; one is named by its content, so that a window read again keeps one for one row."""
    cells = []
    for letter in dead:
        told = "\x1f".join((letter.platform, letter.mall, letter.shop, letter.kind)).encode() + letter.raw
        name = hashlib.blake2b(told, digest_size=16, key=key[:64]).hexdigest()
        cells.append(
            (
                name, letter.platform, letter.mall, letter.shop, letter.access, letter.kind, letter.stream, letter.why,
                letter.origin_json, letter.position, box.encrypt(letter.raw), run, writer.now,
            )
        )  # fmt: skip
    writer.many(
        "INSERT INTO dead_letters (id,platform,mall,shop,access,kind,stream,why,origin,position,raw,run,met_at) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE "
        "SET raw=excluded.raw, why=excluded.why, run=excluded.run, met_at=excluded.met_at",
        cells,
    )


def read(connection: Connection, mall: str | None) -> Iterator[DeadLetter]:
    """Yield letters as they are kept, still encrypted, oldest first."""
    table = schema.dead_letters
    query = select(table).order_by(schema.Instant(table.c.met_at), table.c.position)
    for row in connection.execute(query if mall is None else query.where(table.c.mall == mall)):
        told = {name: value for name, value in row._mapping.items() if name not in ("run", "met_at", "origin")}
        yield DeadLetter(**told | {"raw": bytes(row.raw), "origin_json": row.origin})
