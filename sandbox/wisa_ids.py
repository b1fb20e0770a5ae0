"""WISA's native ids and words for the world's products and reviews.

Unverified, as the sources say: which changes move the time of modification.
"""

import hashlib
from datetime import datetime
from functools import lru_cache

from sandbox.entities import Category, Product, Review, Variant
from shopscrape import values

DOMAIN = "demo-wisa.example.com"
PICTURES = "https://img.mywisa.com/freeimg/demowisa/_data"

PRODUCT_LABELS = {"1": "등록", "2": "정상", "3": "품절", "4": "숨김", "5": "휴지통"}


# -- products ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 14)
def hash_of(number: int) -> str:
    """Return the name of a product in addresses: the upper-case MD5 of its decimal number."""
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest().upper()


def shortcut_no(product: Product) -> int:
    """Return the number of the shortcut to a product, 0 when it has none."""
    return 50_000 + product.no if product.no % 13 == 4 and product.state != "deleted" else 0


def counted(product: Product) -> bool:
    """Return whether the mall counts its stock (ea_type 1)."""
    return any(variant.quantity is not None for variant in product.variants)


def product_stat(product: Product) -> str:
    """Return the number of a product's state. One whose stock ran out is only sometimes marked as sold out."""
    states = {"suspended": "3", "ended": "3", "hidden": "4", "pending": "1", "deleted": "5"}
    return states.get(product.state) or ("3" if product.sold_out and product.no % 2 == 0 else "2")


def modified_at(product: Product) -> datetime:
    """Return when a product was last modified; new stock does not count for every other one (assumed)."""
    if product.no % 2 == 0:
        return product.changed_at
    return next(event.at for event in reversed(product.events) if event.what != "stocked")


def option_no(product: Product, place: int) -> str:
    """Return the number of an option."""
    return f"4{product.no}{place}"


def item_no(product: Product, axis: int, value: int) -> str:
    """Return the number of an option's value."""
    return f"7{product.no}{axis}{value}"


def items_of(product: Product, variant: Variant) -> list[str]:
    """Return the numbers of the values of a combination."""
    return [item_no(product, axis, value) for axis, value in enumerate(variant.choice)]


def surcharge(product: Product, axis: int, value: int) -> int:
    """Return what a value adds to the price. Here values add, in the world combinations do: the last choice has it."""
    return product.variants[value].surcharge if axis == len(product.axes) - 1 else 0


def price(product: Product, variant: Variant) -> int:
    """Return the full price of a combination."""
    return product.price + sum(surcharge(product, axis, value) for axis, value in enumerate(variant.choice))


def complex_no(variant: Variant) -> str:
    """Return the number of a combination whose stock is counted."""
    return f"9{variant.no}"


def variant_id(product: Product, variant: Variant) -> str:
    """Return the id of a variant: its own number where stock is counted, else those of its values."""
    return complex_no(variant) if counted(product) else "_".join(items_of(product, variant))


def force(product: Product, variant: Variant) -> str:
    """Return how a combination sells out: N never, Y at once, L when its quantity is used up."""
    return "Y" if not variant.on_sale else "N" if variant.quantity is None else "L"


def quantity(variant: Variant) -> int:
    """Return the number that is printed; where it does not count, some number stands there all the same."""
    return variant.no % 5 if variant.quantity is None else variant.quantity


def picture(product: Product, size: str) -> str:
    """Return the address of the main picture: b, m or s."""
    at = product.created_at.astimezone(values.SEOUL)
    return f"{PICTURES}/product/{at:%Y%m/%d}/p{product.no}_{size}.jpg"


def more_pictures(product: Product) -> list[str]:
    """Return the addresses of the other pictures."""
    at = product.created_at.astimezone(values.SEOUL)
    return [f"{PICTURES}/attach/{at:%Y%m/%d}{path.removeprefix('/images')}" for path in product.images[1:]]


def shelves(product: Product, categories: dict[int, Category]) -> dict[str, Category]:
    """Return the category in each classification: "" the main one, then y, then x."""
    return {mark: categories[no] for mark, no in zip(("", "y", "x"), product.categories, strict=False)}


# -- reviews ----------------------------------------------------------------------------------------------------------


def review_no(review: Review) -> int:
    """Return the number of a review."""
    return 6000 + review.no * 2


def review_stat(review: Review) -> str:
    """Return the state of a review: pending, published, best, popular. There are no secret and no hidden ones."""
    if {"pending", "hidden"} & set(review.flags):
        return "1"
    return "3" if "best" in review.flags else "4" if "popular" in review.flags else "2"


def kst(at: datetime) -> str:
    """Return a time as the engine prints it."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%d %H:%M:%S}"


def digits(at: datetime) -> str:
    """Return a time as the ERP API prints it."""
    return f"{at.astimezone(values.SEOUL):%Y%m%d%H%M%S}"
