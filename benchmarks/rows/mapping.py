"""The mapping of the benchmark's made-up platform, with about as many fields as a real product list has."""

from collections.abc import Iterator
from typing import Any

from shopscrape.errors import PageFailed
from shopscrape.items import Product, Record, Variant
from shopscrape.payload import Answer, Kind, Origin, Payload, ignoring

STATUS = {"F": "on_sale", "T": "sold_out"}


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product with its variants."""
    number, price = row.need("product_no"), row.money("price")
    status, status_raw = row.word("sold_out", STATUS, "sold_out")
    yield Product(
        **origin.common(), product_id=number, code=row.id("custom_product_code"), name=row.line("product_name"),
        status=status, status_raw=status_raw, price=price, list_price=row.money("retail_price"),
        currency=origin.currency,
        category_ids=[one.need("category_no") for one in row.each("category")], images=row.texts("detail_image"),
        summary=row.plain("summary_description"), tags=row.texts("product_tag"),
        variants=[variant(one, price) for one in row.each("variants")],
        created_at=row.moment("created_date"), updated_at=row.moment("updated_date"),
    )  # fmt: skip


def variant(row: Payload, price: Any) -> Variant:
    """Read one variant."""
    quantity, shown = row.whole("quantity"), row.flag("display")
    options = {str(one.line("name")): str(one.line("value")) for one in row.each("options")}
    return Variant(
        variant_id=row.need("variant_code"), code=row.id("custom_variant_code"), options=options,
        price=price + row.money("additional_amount"), quantity=quantity, managed=row.flag("use_inventory"),
        available=bool(shown and row.flag("selling") and quantity),
    )  # fmt: skip


KINDS = {
    "products": Kind(
        name="products", request="GET /products", items=(Product,), rows=lambda document, origin: document["products"],
        read=product, expects=("name", "price"),
        ignored=ignoring(
            "shop_no product_code supply_price display selling brand_code tax_type minimum_quantity maximum_quantity "
            "made_in_code",
            "category: recommend new",
            "variants: safety_inventory",
        ),
    )
}  # fmt: skip


def judge(answer: Answer) -> None:
    """Raise for whatever is no page of products."""
    if answer.status != 200:
        raise PageFailed(f"an answer with status {answer.status}")
