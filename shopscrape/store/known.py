"""What earlier runs stored, as spiders ask for it when they decide what to ask a platform."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from shopscrape.items import Reply
from shopscrape.store import Store, schema
from shopscrape.store.schema import OF_RESOURCE

RUNS = 100
"""How many runs back coverage is looked for."""


def is_new(url: str) -> bool:
    """Return whether nothing can be stored at an address yet; of other stores than files that is not known."""
    path = url.removeprefix("sqlite:///")
    return path != url and not Path(path).exists()


def lines_of(store: Store, platform: str, mall: str, shop: str, order_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of the stored lines of orders, by order; an order that is not stored is left out."""
    table = schema.order_lines
    wanted, found = list(order_ids), dict[str, list[str]]()
    with store.engine.connect() as connection:
        for at in range(0, len(wanted), 500):
            query = select(table.c.order_id, table.c.line_id).where(
                table.c.platform == platform, table.c.mall == mall, table.c.shop == shop,
                table.c.order_id.in_(wanted[at : at + 500]), table.c.gone_at.is_(None),
            )  # fmt: skip
            for order_id, line_id in connection.execute(query.order_by(table.c.line_id)):
                found.setdefault(order_id, []).append(line_id)
    return found


def stock_parts(store: Store, platform: str, mall: str, shop: str) -> dict[str, bool]:
    """Return the products whose stock is stored, and whether they have parts with a stock of their own."""
    table = schema.stock
    query = select(table.c.product_id, table.c.variant_id).where(
        table.c.platform == platform, table.c.mall == mall, table.c.shop == shop, table.c.gone_at.is_(None)
    )
    found: dict[str, bool] = {}
    with store.engine.connect() as connection:
        for product_id, variant_id in connection.execute(query):
            found[product_id] = found.get(product_id, False) or bool(variant_id)
    return found


def replies(store: Store, platform: str, mall: str, shop: str, review: str) -> list[Reply]:
    """Return the stored answers below a review."""
    table = schema.reviews
    query = select(table.c.replies).where(
        table.c.platform == platform, table.c.mall == mall, table.c.shop == shop, table.c.review_id == review
    )
    with store.engine.connect() as connection:
        found = connection.execute(query).scalar()
    told = msgspec.json.decode(found) if isinstance(found, str) else found
    return msgspec.convert(told or [], list[Reply])


def last_coverage(store: Store, spider: str, mall: str, enough: int) -> dict[str, dict[str, int]]:
    """Return what good runs of a spider reported as coverage, by kind and field: of each kind the last that read enough
    rows, as a run that finds little new says little.
    """
    table = schema.runs
    query = select(table.c.report).where(
        table.c.spider == spider, table.c.mall == mall, table.c.outcome.in_(("ok", "dead_letters"))
    )
    told: dict[str, dict[str, int]] = {}
    newest = query.order_by(schema.Instant(table.c.started_at).desc()).limit(RUNS)
    with store.engine.connect() as connection:
        for found in connection.execute(newest).scalars():
            report = msgspec.json.decode(found) if isinstance(found, str) else found
            for kind, counts in (report or {}).get("coverage", {}).items():
                if max(counts.values(), default=0) >= enough:
                    told.setdefault(kind, counts)
    return told


def seen(store: Store, platform: str, mall: str, resources: Iterable[str], since: datetime) -> dict[str, int]:
    """Return how many rows of each resource were seen since a moment, and are not gone."""
    found = {}
    with store.engine.connect() as connection:
        for resource in resources:
            table = OF_RESOURCE[resource][1]
            query = select(func.count()).select_from(table).where(
                table.c.platform == platform, table.c.mall == mall, table.c.gone_at.is_(None),
                ~schema.earlier(table.c.last_seen_at, since),
            )  # fmt: skip
            found[resource] = int(connection.execute(query).scalar() or 0)
    return found
