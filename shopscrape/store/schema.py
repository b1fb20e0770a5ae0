"""The tables. Those of records bear the names of the item fields and are made from the items themselves."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    literal,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from shopscrape import values
from shopscrape.items import Order, OrderLine, Product, Return, Review, Stock, Variant


class Money(TypeDecorator[Decimal]):
    """An exact amount: TEXT in SQLite, which has no decimals, NUMERIC in PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by engine."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """To the database."""
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """A time in UTC: ISO 8601 TEXT with Z in SQLite, timestamptz in PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by engine."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        return values.iso(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A list or an object: JSON as TEXT in SQLite, JSONB in PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by engine. Importing PostgreSQL's types takes 0.03 s of every start."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))


class Instant(FunctionElement[datetime]):
    """A time as it is compared and ordered. In SQLite's text "…:05.12Z" would come before "…:05Z", so without the Z."""

    type = Moment()
    inherit_cache = True


@compiles(Instant)
def _instant(element: Instant, compiler: Any, **fields: Any) -> str:
    text: str = compiler.process(element.clauses, **fields)
    return f"rtrim({text}, 'Z')" if compiler.dialect.name == "sqlite" else text


def earlier(column: Column[Any], than: datetime) -> ColumnElement[bool]:
    """Return whether a stored time lies before a moment."""
    return Instant(column) < Instant(literal(than, Moment()))


Day = Text().with_variant(Date(), "postgresql")

METADATA = MetaData()
IDENTITY = ("platform", "mall", "shop")


def _told(hint: Any) -> set[Any]:
    if isinstance(hint, UnionType) or (get_origin(hint) is not None and str(get_origin(hint)) == "typing.Union"):
        return {part for one in get_args(hint) for part in _told(one)}
    return {get_origin(hint) or hint}


def _type(hint: Any) -> Any:
    kinds = _told(hint)
    for kind, column in (
        (Decimal, Money()), (datetime, Moment()), (date, Day), (bool, Boolean()), (int, BigInteger()),
        (list, Json), (dict, Json),
    ):  # fmt: skip
        if kind in kinds:
            return column
    return Text()


def _columns(
    kind: type[msgspec.Struct], without: tuple[str, ...] = (), keys: tuple[str, ...] = ()
) -> list[Column[Any]]:
    hints = get_type_hints(kind)
    return [
        Column(name, _type(hints[name]), primary_key=name in keys, nullable=name not in keys)
        for name in kind.__struct_fields__ if name not in without
    ]  # fmt: skip


def _seen() -> list[Column[Any]]:
    return [
        Column("told", BigInteger, nullable=False, server_default="0"),
        Column("first_seen_at", Moment, nullable=False),
        Column("last_seen_at", Moment, nullable=False),
        Column("gone_at", Moment),
        Column("run", Text),
    ]


def _record_table(name: str, kind: Any, without: tuple[str, ...] = ()) -> Table:
    return Table(name, METADATA, *_columns(kind, without, IDENTITY + kind.keys), *_seen())


def _part_table(name: str, parent: Any, kind: Any, key: str) -> Table:
    owner = [Column(column, Text, primary_key=True, nullable=False) for column in IDENTITY + parent.keys]
    return Table(
        name, METADATA, *owner, *_columns(kind, keys=(key,)),
        Column("first_seen_at", Moment, nullable=False), Column("last_seen_at", Moment, nullable=False),
        Column("gone_at", Moment),
        # Small rows, always looked up by their key: one tree instead of two.
        sqlite_with_rowid=False,
    )  # fmt: skip


products = _record_table("products", Product, without=("variants",))
variants = _part_table("variants", Product, Variant, "variant_id")
orders = _record_table("orders", Order, without=("lines",))
order_lines = _part_table("order_lines", Order, OrderLine, "line_id")
stock = _record_table("stock", Stock)
returns = _record_table("returns", Return)
reviews = _record_table("reviews", Review)

review_versions = Table(
    "review_versions", METADATA,
    *(Column(name, Text, primary_key=True) for name in (*IDENTITY, "review_id")),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seen_at", Moment, nullable=False), Column("gone", Boolean, nullable=False), Column("body", Json),
)  # fmt: skip
stock_history = Table(
    "stock_history", METADATA,
    *(Column(name, Text, primary_key=True) for name in (*IDENTITY, "product_id", "variant_id")),
    Column("observed_at", Moment, primary_key=True),
    Column("quantity", BigInteger), Column("available", Boolean),
    sqlite_with_rowid=False,
)  # fmt: skip
marks = Table(
    "marks", METADATA,
    *(Column(name, Text, primary_key=True) for name in (*IDENTITY, "resource", "stream")),
    Column("upto", Moment), Column("cursor", Text), Column("finished_at", Moment), Column("run", Text),
)  # fmt: skip
runs = Table(
    "runs", METADATA,
    Column("run", Text, primary_key=True), Column("spider", Text), Column("platform", Text), Column("mall", Text),
    Column("arguments", Json), Column("started_at", Moment), Column("finished_at", Moment), Column("outcome", Text),
    Column("report", Json),
)  # fmt: skip
tokens = Table(
    "tokens", METADATA,
    Column("name", Text, primary_key=True), Column("secret", LargeBinary, nullable=False),
    Column("written_at", Moment, nullable=False),
)  # fmt: skip
fingerprints = Table(
    "fingerprints", METADATA,
    Column("identity", LargeBinary, primary_key=True), Column("form", LargeBinary, primary_key=True),
    Column("digest", LargeBinary, nullable=False), Column("leg", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
unfinished = Table(
    "unfinished", METADATA,
    Column("leg", LargeBinary, primary_key=True), Column("run", Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
dead_letters = Table(
    "dead_letters", METADATA,
    Column("id", Text, primary_key=True),
    *(Column(name, Text) for name in ("platform", "mall", "shop", "access", "kind", "stream", "why", "origin")),
    Column("position", Integer), Column("raw", LargeBinary, nullable=False), Column("run", Text),
    Column("met_at", Moment, nullable=False),
)  # fmt: skip
cooldowns = Table(
    "cooldowns", METADATA,
    *(Column(name, Text, primary_key=True) for name in ("platform", "mall", "access")),
    Column("until", Moment, nullable=False), Column("why", Text),
)  # fmt: skip

OF_RESOURCE: dict[str, tuple[type[Any], Table]] = {
    "products": (Product, products),
    "orders": (Order, orders),
    "inventory": (Stock, stock),
    "returns": (Return, returns),
    "reviews": (Review, reviews),
}
