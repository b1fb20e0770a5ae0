"""Statements over many rows at once, in the way that each engine does them fastest.

Rows are tuples of JSON's plain types (money and times as text), bytes apart. SQLite runs one statement for each row;
PostgreSQL gets all rows as one JSON parameter and casts them by the columns of the table. Measured for a product with
three variants: 30 µs in SQLite; in PostgreSQL 70 µs, where a statement for each row took 230.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, LargeBinary, Table
from sqlalchemy.exc import DBAPIError

from shopscrape.store.schema import Json

_JSON = msgspec.json.Encoder().encode

Rows = Sequence[tuple[Any, ...]]


def sqlite_settings(connection: Any, record: Any) -> None:
    """Set a new connection of SQLite up."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA busy_timeout=30000")


class Held:
    """A connection that stays open from batch to batch. Measured: taking one from the pool for each question and each
    batch, with a ping, costs PostgreSQL 10 µs a row.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.begun: set[bytes] = set()
        """Windows noted over it as unfinished: a server that crashes may forget them, and breaks it."""
        self._connection: Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give the connection inside a transaction; one that broke is not used again."""
        if self._connection is None:
            self._connection = self.engine.connect()
            if self.engine.dialect.name == "postgresql":
                # Every statement here goes by a key. On a table without statistics yet, as in a first load, the planner
                # rather reads it whole: measured after 40,000 rows, 300 µs for each further one instead of 8.
                self._connection.exec_driver_sql("SET enable_seqscan TO off")
                self._connection.commit()
        try:
            with self._connection.begin():
                yield self._connection
        except DBAPIError:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        self.begun = set()
        if connection is not None:
            connection.close()


class Bulk:
    """Executes over a connection, inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sqlite = connection.dialect.name == "sqlite"
        self.mark = "?" if self.sqlite else "%s"

    def many(self, sql: str, rows: Rows) -> None:
        """Execute a statement, written with ? for each value, once for each row."""
        if rows:
            self.connection.exec_driver_sql(sql.replace("?", self.mark), list(rows))

    def all(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """Return the rows of a query, written with ? for each value."""
        return list(self.connection.exec_driver_sql(sql.replace("?", self.mark), parameters))

    def among(self, sql: str, column: str, wanted: Sequence[Any]) -> list[Any]:
        """Return the rows of a query whose column is one of the wanted values."""
        if not self.sqlite:
            return list(self.connection.exec_driver_sql(f"{sql} WHERE {column}=ANY(%b)", (list(wanted),)))
        found: list[Any] = []
        for at in range(0, len(wanted), 500):
            some = tuple(wanted[at : at + 500])
            places = ",".join("?" * len(some))
            found += self.connection.exec_driver_sql(f"{sql} WHERE {column} IN ({places})", some)
        return found

    def insert(
        self, table: Table, columns: Sequence[str], rows: Rows, keys: Sequence[str] = (), updates: Sequence[str] = ()
    ) -> None:
        """Insert rows; where one is there already by its keys, apply the updates, or leave it when there are none."""
        if not rows:
            return
        names = ",".join(columns)
        then = f"({','.join(keys)}) DO UPDATE SET {','.join(updates)}" if updates else "DO NOTHING"
        clash = f"ON CONFLICT {then}"
        if self.sqlite:
            lists = _places(table, tuple(columns))
            cells = [_changed(row, lists, _as_text) for row in rows] if lists else list(rows)
            places = ",".join("?" * len(columns))
            self.connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({places}) {clash}", cells)
            return
        if updates:
            # One statement may touch a row once only; of rows with the same keys the last one counts.
            places_of = [columns.index(key) for key in keys]
            rows = list({tuple(row[place] for place in places_of): row for row in rows}.values())
        self.connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {_recordset(table)} {clash}",
            (_records(table, columns, rows),),
        )

    def stamp(self, table: Table, column: str, value: Any, keys: Sequence[str], ids: Rows) -> None:
        """Set one column to one value in the rows with these keys."""
        if not ids:
            return
        if self.sqlite:
            where = " AND ".join(f"{key}=?" for key in keys)
            self.many(f"UPDATE {table.name} SET {column}=? WHERE {where}", [(value, *one) for one in ids])
            return
        where = " AND ".join(f"{table.name}.{key}=told.{key}" for key in keys)
        self.connection.exec_driver_sql(
            f"UPDATE {table.name} SET {column}=%s FROM {_recordset(table)} AS told WHERE {where}",
            (f"\\x{value.hex()}" if type(value) is bytes else value, _records(table, keys, ids)),
        )


def _recordset(table: Table) -> str:
    return f"json_populate_recordset(NULL::{table.name}, %s::json)"


def _records(table: Table, columns: Sequence[str], rows: Rows) -> str:
    if places := _places(table, tuple(columns), raw=True):
        rows = [_changed(row, places, lambda cell: f"\\x{cell.hex()}") for row in rows]
    return _JSON([dict(zip(columns, row, strict=True)) for row in rows]).decode()


@lru_cache(maxsize=256)
def _places(table: Table, columns: tuple[str, ...], raw: bool = False) -> tuple[int, ...]:
    """Return the places of columns that hold JSON, or raw bytes."""
    types = [table.c[name].type for name in columns]
    return tuple(place for place, kind in enumerate(types) if isinstance(kind, LargeBinary if raw else Json))


def _changed(row: tuple[Any, ...], places: tuple[int, ...], change: Callable[[Any], Any]) -> tuple[Any, ...]:
    cells = list(row)
    for place in places:
        if cells[place] is not None:
            cells[place] = change(cells[place])
    return tuple(cells)


def _as_text(cell: Any) -> str:
    return _JSON(cell).decode()
