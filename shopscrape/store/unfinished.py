"""Windows that stored rows and did not end.

Their JSON lines never came to be, so the next window that meets one of those rows, unchanged, writes its line.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from shopscrape.store import schema
from shopscrape.store.bulk import Bulk


def begin(writer: Bulk, leg: bytes, run: str) -> None:
    """Note a window that stores rows."""
    writer.insert(schema.unfinished, ("leg", "run"), [(leg, run)])


def end(writer: Bulk, legs: Iterable[bytes]) -> None:
    """Forget windows that ended, or were read again to their end."""
    writer.many("DELETE FROM unfinished WHERE leg=?", [(leg,) for leg in legs])


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
