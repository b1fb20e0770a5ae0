"""The central REST API that one document speaks of: unverified throughout, nobody was found to use it.

Its shape is an assumption: {page, limit, total, products: [{product_id, product_code, name, status, price,
consumer_price, category, image, url, stock: {managed, quantity}, updated_at}]}.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from shopscrape.items import Product, Record, Stock
from shopscrape.payload import Origin, Payload
from spiders.wisa.mapping_products import for_sale, on_sale
from spiders.wisa.shapes import listed, none_if_zero, pictures

STATES = {"normal": "on_sale", "soldout": "sold_out", "hidden": "hidden"}
IGNORED: dict[str, frozenset[str]] = {}


def rows(document: Any, origin: Origin) -> list[Any]:
    """Return the products of a page."""
    return listed(document["products"])


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product and its stock."""
    number, code = row.need("product_id"), row.id("product_code")
    status, raw = row.word("status", STATES, "rest_status")
    path, image = row.texts("category"), row.take("image")
    level = row.part("stock")
    told = bool(level.raw)
    managed, quantity = level.flag("managed"), level.whole("quantity")
    left: Any = None if managed is False else UNSET if quantity is None else quantity
    yield Product(
        **origin.common(), product_id=number, code=code, name=row.line("name"), status=status, status_raw=raw,
        price=row.money("price"), list_price=none_if_zero(row.money("consumer_price")), currency=origin.currency,
        categories=[" > ".join(path)] if isinstance(path, list) and path else path,
        images=UNSET if image is UNSET else pictures([image], origin), url=row.id("url"),
        updated_at=row.moment("updated_at"),
    )  # fmt: skip
    if told:
        mode = "unlimited" if managed is False else "counted"
        yield Stock(
            **origin.common(), product_id=number, code=code, quantity=left, managed=managed,
            available=for_sale(on_sale(status), mode, quantity),
            observed_at=origin.collected_at,
        )  # fmt: skip
