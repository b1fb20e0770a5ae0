"""Windows that stored rows and did not end.

Their JSON lines may have been lost, so the next window that meets one of those rows, unchanged, writes its line.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, select

from shopscrape.store import schema
from shopscrape.store.bulk import Bulk

Told = tuple[bytes, bytes]
"""Identity and digest of a row."""


def begin(writer: Bulk, leg: bytes, run: str) -> None:
    """Note a window that stores rows."""
    writer.insert(schema.unfinished, ("leg", "run"), [(leg, run)])


def end(writer: Bulk, leg: bytes) -> None:
    """Forget a window that ended."""
    writer.many("DELETE FROM unfinished WHERE leg=?", [(leg,)])


def read(connection: Connection, platform: str, mall: str) -> set[bytes]:
    """Return the ids of a mall's unfinished windows; those whose rows other windows have taken over are forgotten."""
    table, runs = schema.unfinished, schema.runs
    query = select(table.c.leg).join(runs, runs.c.run == table.c.run)
    here = query.where(runs.c.platform == platform, runs.c.mall == mall)
    found = {bytes(leg) for leg in connection.execute(here).scalars()}
    if found:
        kept = select(schema.fingerprints.c.leg).where(schema.fingerprints.c.leg.in_(found)).distinct()
        taken = found - {bytes(leg) for leg in connection.execute(kept).scalars()}
        connection.execute(delete(table).where(table.c.leg.in_(taken)))
        found -= taken
    return found


def stored_by(connection: Connection, leg: bytes, told: Collection[Told]) -> set[Told]:
    """Return those rows, by identity and digest, that the store holds as a window found them."""
    query = "SELECT identity, digest, leg FROM fingerprints"
    found = Bulk(connection).among(query, "identity", list({identity for identity, _ in told}))
    here = {(bytes(identity), bytes(digest)) for identity, digest, of in found if bytes(of) == leg}
    return here.intersection(told)


def hand_over(writer: Bulk, leg: bytes, to: bytes, rows: Iterable[Told]) -> None:
    """Let another window be the one that found these rows."""
    writer.many(
        "UPDATE fingerprints SET leg=? WHERE identity=? AND digest=? AND leg=?",
        [(to, identity, digest, leg) for identity, digest in rows],
    )
