"""Writing records: upserts that leave untold fields alone, merges, versions, histories, and what is gone.

One code path for both engines: values travel as JSON's plain types (money and times as text), which SQLite keeps and
PostgreSQL casts; see bulk.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from shopscrape import values, words
from shopscrape.identity import of_keys
from shopscrape.items import Order, OrderLine, Product, Record, Review, Stock, Variant
from shopscrape.store import schema
from shopscrape.store.bulk import Bulk, Rows
from shopscrape.store.read import unseen
from shopscrape.store.schema import IDENTITY, OF_RESOURCE
from shopscrape.windows import Retire, Row

_PART: dict[type[Record], str] = {Product: "variants", Order: "lines"}
"""Lists that have a table of their own."""
_VOLATILE = frozenset(("collected_at", "source_url", "observed_at"))


class Writer(Bulk):
    """Writes the rows of one transaction."""

    def __init__(self, connection: Connection, run: str, now: datetime) -> None:
        super().__init__(connection)
        self.run = run
        self.now = values.iso(now)

    # -- whole batches ------------------------------------------------------------------------------------------------

    def write(self, rows: Iterable[Row]) -> None:
        """Write new and changed rows, touch the others; a changed row that merges into what is stored becomes same."""
        by_resource: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_resource[row.record.resource].append(row)
        for resource, group in by_resource.items():
            kind, table = OF_RESOURCE[resource]
            fresh = [row for row in group if row.state == "new"]
            changed = [row for row in group if row.state == "changed"]
            # A batch may bring one identity twice, such as from a list and from a detail: the second is a change.
            first: set[bytes] = set()
            for row in list(fresh):
                if row.identity in first:
                    fresh.remove(row)
                    row.state = "changed"
                    changed.append(row)
                first.add(row.identity)
            self._insert(table, kind, fresh)
            for row in changed:
                self._merge(table, kind, row)
            self._touch(table, kind, [row for row in group if row.state == "same"])

    def _touch(self, table: Table, kind: type[Record], rows: list[Row]) -> None:
        keys = IDENTITY + kind.keys
        self.stamp(table, "last_seen_at", self.now, keys, [_ids(row.record, keys) for row in rows])

    def _insert(self, table: Table, kind: type[Record], rows: list[Row]) -> None:
        plain = [(row, msgspec.to_builtins(row.record)) for row in rows]
        parts: list[tuple[Row, list[dict[str, Any]]]] = []
        # Rows of one form tell the same fields, so one statement serves them; a computed status is one more.
        groups: dict[tuple[bytes, int], list[tuple[Row, dict[str, Any]]]] = defaultdict(list)
        for row, told in plain:
            below = told.pop(_PART[kind], None) if kind in _PART else None
            if below:
                parts.append((row, below))
            lines = below if kind is Order and below else []
            if any(line.get("status") for line in lines):
                told["status"] = words.order_status((line["kind"], line.get("status")) for line in _sorted(lines))
            groups[row.form, len(told)].append((row, told))
        for group in groups.values():
            first, told = group[0]
            self._upsert(table, kind, first.record, list(told), [tuple(one.values()) for _, one in group])
        if parts:
            self._parts(kind, parts)
        if kind is Review:
            self._versions([(row.record, told) for row, told in plain])
        elif kind is Stock:
            self._stock([told for _, told in plain])

    def _upsert(self, table: Table, kind: type[Record], like: Record, columns: list[str], rows: Rows) -> None:
        """Write rows that tell the same fields from the same source as one of them."""
        keys = IDENTITY + kind.keys
        from_api = like.source == "api"
        updates = [_update(table, kind, like.source, column) for column in columns if column not in keys]
        updates.append(f"told={table.name}.told|excluded.told" if from_api else f"told={table.name}.told")
        updates += ["last_seen_at=excluded.last_seen_at", "gone_at=NULL", "run=excluded.run"]
        tail = (told_mask(like) if from_api else 0, self.now, self.now, self.run)
        seen = ("told", "first_seen_at", "last_seen_at", "run")
        self.insert(table, [*columns, *seen], [(*row, *tail) for row in rows], keys, updates)

    # -- one changed row ----------------------------------------------------------------------------------------------

    def _merge(self, table: Table, kind: type[Record], row: Row) -> None:
        """Write a row that may differ from what is stored; find out whether it does."""
        record = row.record
        stored = self._stored(table, kind, record)
        if stored is None:
            self._insert(table, kind, [row])
            return
        told = msgspec.to_builtins(record)
        below = told.pop(_PART[kind], None) if kind in _PART else None
        if kind is Order and below:
            told.pop("status", None)
        hidden = _hidden(kind, stored["told"]) if record.source == "web" else set()
        if kind is Product and "variants" in hidden:
            # The API told the variants; a page cannot know them better, and may number them another way.
            below = None
        differs = {
            name for name, value in told.items()
            if name not in _VOLATILE and name not in hidden and name != "source" and not _same(value, stored[name])
        }  # fmt: skip
        came_back = stored["gone_at"] is not None
        below_differs, first = self._merge_parts(kind, record, below) if below is not None else (False, False)
        if not differs and not below_differs and not came_back:
            row.state = "same"
            self._touch(table, kind, [row])
            if record.source == "api":
                self._widen(table, kind, record)
            return
        row.again = stored["run"] == self.run
        row.widens = not came_back and (first or not below_differs) and all(stored[name] is None for name in differs)
        self._upsert(table, kind, record, list(told), [tuple(told.values())])
        if kind is Order and below is not None:
            self._order_status(record)
        if kind is Review and (differs or came_back) and not (record.source == "web" and stored["told"]):
            merged = {name: _plain(stored[name]) for name in kind.__struct_fields__ if stored[name] is not None}
            # A list and then the post itself tell one review in halves: the second half is no edit.
            body = merged | {name: told[name] for name in told if name not in hidden}
            self._versions([(record, body)], after=0 if row.again and row.widens else 1)
        elif kind is Stock and (differs & {"quantity", "available"} or came_back):
            self._stock([told])

    def _stored(self, table: Table, kind: type[Record], record: Record) -> dict[str, Any] | None:
        keys = IDENTITY + kind.keys
        where = " AND ".join(f"{key}=?" for key in keys)
        names = [column.name for column in table.columns]
        found = self.all(f"SELECT {','.join(names)} FROM {table.name} WHERE {where}", _ids(record, keys))
        return dict(zip(names, found[0], strict=True)) if found else None

    def _widen(self, table: Table, kind: type[Record], record: Record) -> None:
        keys = IDENTITY + kind.keys
        where = " AND ".join(f"{key}=?" for key in keys)
        self.many(
            f"UPDATE {table.name} SET told=told|?, source=? WHERE {where}",
            [(told_mask(record), record.source, *_ids(record, keys))],
        )

    # -- variants and lines -------------------------------------------------------------------------------------------

    def _parts(self, kind: type[Record], parts: list[tuple[Row, list[dict[str, Any]]]]) -> None:
        table, _, key = _part_of(kind)
        owner = IDENTITY + kind.keys
        groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for row, below in parts:
            ids = _ids(row.record, owner)
            for told in below:
                groups[tuple(told)].append((*ids, *told.values(), self.now, self.now))
        for columns, cells in groups.items():
            updates = [f"{name}=excluded.{name}" for name in columns if name != key]
            updates += ["last_seen_at=excluded.last_seen_at", "gone_at=NULL"]
            self.insert(table, [*owner, *columns, "first_seen_at", "last_seen_at"], cells, [*owner, key], updates)

    def _merge_parts(self, kind: type[Record], record: Record, below: list[dict[str, Any]]) -> tuple[bool, bool]:
        """Write parts; return whether any differs, and whether none was known before.

        A list of variants is the whole set; lines that lack stay.
        """
        table, part, key = _part_of(kind)
        owner = IDENTITY + kind.keys
        ids = _ids(record, owner)
        where = " AND ".join(f"{name}=?" for name in owner)
        names = [*part.__struct_fields__, "gone_at"]
        found = self.all(f"SELECT {','.join(names)} FROM {table.name} WHERE {where}", ids)
        stored = {line[names.index(key)]: dict(zip(names, line, strict=True)) for line in found}
        differs = False
        for told in below:
            old = stored.get(told[key])
            changed = not old or old["gone_at"] or any(not _same(value, old[name]) for name, value in told.items())
            differs = differs or bool(changed)
        if differs:
            self._parts(kind, [(Row(record, 0), below)])
        if kind is Product:
            told_ids = {told[key] for told in below}
            lost = [name for name, old in stored.items() if name not in told_ids and old["gone_at"] is None]
            self.many(
                f"UPDATE {table.name} SET gone_at=? WHERE {where} AND {key}=?",
                [(self.now, *ids, name) for name in lost],
            )
            differs = differs or bool(lost)
        return differs, not stored

    def _order_status(self, order: Record) -> None:
        keys = IDENTITY + Order.keys
        ids = _ids(order, keys)
        where = " AND ".join(f"{key}=?" for key in keys)
        lines = self.all(f"SELECT kind, status FROM order_lines WHERE {where} ORDER BY line_id", ids)
        if any(status for _, status in lines):
            self.many(f"UPDATE orders SET status=? WHERE {where}", [(words.order_status(map(tuple, lines)), *ids)])

    # -- histories ----------------------------------------------------------------------------------------------------

    def _versions(self, reviews: list[tuple[Record, dict[str, Any]]], after: int | None = None) -> None:
        """Write a version of each review: the first, or one that comes `after` the last (0: takes its place)."""
        cells = []
        for record, told in reviews:
            ids = _ids(record, (*IDENTITY, "review_id"))
            body = {name: value for name, value in told.items() if name not in _VOLATILE and name not in IDENTITY}
            version = 1 if after is None else max(self._last_version(ids) + after, 1)
            cells.append((*ids, version, self.now, False, body))
        self._append_versions(cells, replaces=after == 0)

    def _last_version(self, ids: tuple[Any, ...]) -> int:
        where = " AND ".join(f"{key}=?" for key in (*IDENTITY, "review_id"))
        return int(self.all(f"SELECT max(version) FROM review_versions WHERE {where}", ids)[0][0] or 0)

    def _append_versions(self, cells: Rows, replaces: bool = False) -> None:
        keys, told = (*IDENTITY, "review_id", "version"), ("seen_at", "gone", "body")
        updates = [f"{name}=excluded.{name}" for name in told] if replaces else []
        self.insert(schema.review_versions, (*keys, *told), cells, keys, updates)

    def _stock(self, told: list[dict[str, Any]]) -> None:
        keys = IDENTITY + Stock.keys
        cells = [
            (*(row[key] for key in keys), row.get("observed_at") or self.now, row.get("quantity"), row.get("available"))
            for row in told
        ]
        self.insert(schema.stock_history, (*keys, "observed_at", "quantity", "available"), cells)

    # -- what is gone -------------------------------------------------------------------------------------------------

    def retire(self, retire: Retire) -> int:
        """Mark rows that a finished sweep did not see as gone; return how many."""
        kind, table = OF_RESOURCE[retire.resource]
        keys = IDENTITY + kind.keys
        gone = [tuple(row) for row in self.connection.execute(unseen(retire))]
        self.stamp(table, "gone_at", self.now, keys, gone)
        if kind is Review:
            self._append_versions([(*ids, self._last_version(ids) + 1, self.now, True, None) for ids in gone])
        if kind is Product:
            one = " AND ".join(f"{key}=?" for key in keys)
            self.many(
                f"UPDATE variants SET gone_at=? WHERE {one} AND gone_at IS NULL", [(self.now, *ids) for ids in gone]
            )
        self._forget(kind, gone)
        return len(gone)

    def _forget(self, kind: type[Record], gone: list[tuple[Any, ...]]) -> None:
        """Blank the fingerprints of gone rows: one that comes back in the same words is a change."""
        identities = [(of_keys(kind.resource, *ids),) for ids in gone]
        self.stamp(schema.fingerprints, "digest", b"", ("identity",), identities)


def _ids(record: Record, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(getattr(record, key) for key in keys)


def told_mask(record: Record) -> int:
    """Return a bit for each field that the record tells, in the order of its fields."""
    mask = 0
    for bit, value in enumerate(msgspec.structs.astuple(record)):
        if value is not msgspec.UNSET:
            mask |= 1 << bit
    return mask


def _hidden(kind: type[Record], told: int) -> set[str]:
    return {name for bit, name in enumerate(kind.__struct_fields__) if told >> bit & 1}


def _update(table: Table, kind: type[Record], source: str, column: str) -> str:
    if source == "api" or column in _VOLATILE:
        return f"{column}=excluded.{column}"
    # A page never overwrites what the API told.
    bit = 1 << kind.__struct_fields__.index(column)
    return f"{column}=CASE WHEN {table.name}.told & {bit} > 0 THEN {table.name}.{column} ELSE excluded.{column} END"


def _part_of(kind: type[Record]) -> tuple[Table, type[msgspec.Struct], str]:
    return (schema.variants, Variant, "variant_id") if kind is Product else (schema.order_lines, OrderLine, "line_id")


def _sorted(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: str(line["line_id"]))


def _plain(value: Any) -> Any:
    """Return what a driver gave as JSON's plain types."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    if isinstance(value, datetime):
        return values.iso(value)
    return msgspec.to_builtins(value)


def _same(told: Any, stored: Any) -> bool:
    if told is None or stored is None:
        return told is stored
    if isinstance(told, bool):
        return told == bool(stored)
    return bool(told == stored) or _plain(stored) == told or _normal(stored) == told


def _normal(stored: Any) -> Any:
    return msgspec.to_builtins(stored) if not isinstance(stored, (str, datetime)) else stored
