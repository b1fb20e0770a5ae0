"""Reading records back, for reports, exports and tests."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Table, func, select

from shopscrape import values
from shopscrape.items import Order, Product
from shopscrape.store import schema
from shopscrape.store.schema import IDENTITY, OF_RESOURCE
from shopscrape.windows import Retire

_PARTS: dict[Any, tuple[str, Table, str]] = {
    Product: ("variants", schema.variants, "variant_id"),
    Order: ("lines", schema.order_lines, "line_id"),
}
_DATED = {"orders": "ordered_at", "returns": "requested_at", "reviews": "written_at"}
"""The time that a sweep of a period goes by."""


def read(connection: Connection, resource: str, gone: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of a resource as JSON's plain types, ordered by identity."""
    kind, table = OF_RESOURCE[resource]
    keys = IDENTITY + kind.keys
    query = select(table).order_by(*(table.c[key] for key in keys))
    if not gone:
        query = query.where(table.c.gone_at.is_(None))
    for row in connection.execute(query).mappings():
        told = {name: _plain(table, name, row[name]) for name in kind.__struct_fields__ if name in table.c}
        if kind in _PARTS:
            name, part, key = _PARTS[kind]
            owned = [part.c[column] == row[column] for column in keys]
            below = connection.execute(select(part).where(*owned, part.c.gone_at.is_(None)).order_by(part.c[key]))
            left_out = {*keys, "first_seen_at", "last_seen_at", "gone_at"}
            told[name] = [
                {column: _plain(part, column, one[column]) for column in one if column not in left_out}
                for one in below.mappings()
            ]
        yield told


def _plain(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, str) and isinstance(table.c[name].type, schema.Json):
        return msgspec.json.decode(value)
    if isinstance(table.c[name].type, schema.Moment):
        return values.iso(value)
    return msgspec.to_builtins(value)


def product_pages(connection: Connection, platform: str, mall: str) -> list[tuple[str, str | None]]:
    """Return number and address of each product that a visitor can see."""
    table = schema.products
    query = select(table.c.product_id, table.c.url).where(
        table.c.platform == platform, table.c.mall == mall, table.c.gone_at.is_(None),
        table.c.status.is_(None) | table.c.status.not_in(("hidden", "pending", "suspended", "ended", "deleted")),
    )  # fmt: skip
    return [(row.product_id, row.url) for row in connection.execute(query.order_by(table.c.product_id))]


def unseen(retire: Retire) -> Select[Any]:
    """Return the query for the identities of rows that a sweep did not see. Raises: ValueError."""
    kind, table = OF_RESOURCE[retire.resource]
    fixed = {"platform": retire.platform, "mall": retire.mall, "shop": retire.shop} | retire.where
    if strange := fixed.keys() - table.c.keys():
        raise ValueError(f"{table.name} has no column {min(strange)}")
    query = select(*(table.c[key] for key in IDENTITY + kind.keys)).where(
        *(table.c[name] == value for name, value in fixed.items()),
        table.c.gone_at.is_(None), schema.earlier(table.c.last_seen_at, retire.before),
    )  # fmt: skip
    if retire.since:
        query = query.where(~schema.earlier(table.c[_DATED[retire.resource]], retire.since))
    if retire.within:
        query = query.where(func.substr(table.c[kind.keys[-1]], 1, len(retire.within)) == retire.within)
    return query
