"""Products of a shop with power options (파워옵션) of the emulated Korean MakeShop, and their truth.

Documented is that their stock sits in `stocks` and that it cannot be written; what `stocks` looks like is not known. So
it holds rows with names that are made up on purpose and numbers that are wrong on purpose: a spider that believes it
knows them fails. `options`, which may be null, is empty (assumed), and `quantity` is a product's total, as everywhere.
"""

from typing import Any

from msgspec import UNSET

from sandbox import makeshop_goods as goods
from sandbox import makeshop_ids as ids
from sandbox.canon import without
from sandbox.entities import Category, Product
from shopscrape import items

KIND = "파워옵션"


def row(told: dict[str, Any], product: Product) -> dict[str, Any]:
    """Return a product's row as such a shop tells it."""
    rows = [{"z_number": f"Z{one.place}", "z_left": str(900 + one.place)} for one in product.variants]
    return told | {
        "options": None if product.no % 2 else [], "option_type": "PS" if chosen(product) else "NO",
        "stocks": rows if chosen(product) else [],
    }  # fmt: skip


def chosen(product: Product) -> bool:
    """Return whether a buyer has something to choose or to write."""
    return not product.plain or bool(product.text_options)


def _total(product: Product) -> int | None:
    told = goods.quantity(product)
    return int(told) if told.isdigit() else None


def _sold_out(product: Product) -> bool:
    return _total(product) == 0


def narrowed(record: items.Product, product: Product) -> items.Product:
    """Return the canonical product: of what is chosen from, neither options nor combinations are told."""
    if record.status in ("on_sale", "sold_out"):
        record.status = "sold_out" if _sold_out(product) else "on_sale"
    return without(record, "options text_options variants") if chosen(product) else record


def level(product: Product, common: dict[str, Any], categories: dict[int, Category]) -> items.Stock:
    """Return the canonical stock: one row for the product, with its total and no combination."""
    total = _total(product)
    return items.Stock(
        **common, product_id=ids.uid(product), code=ids.brandcode(product, categories), quantity=total,
        options=UNSET if chosen(product) else {}, managed=total is not None,
        available=goods.shown(product) and goods.sold(product) and not _sold_out(product),
    )  # fmt: skip
