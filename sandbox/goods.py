"""What the malls sell: categories, products, variants."""

from datetime import datetime

import msgspec

from sandbox.things import Timed
from shopscrape import words


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category of one to three levels."""

    no: int
    name: str
    parent: int = 0
    path: tuple[str, ...]
    """Names from the top, itself included."""
    chain: tuple[int, ...]
    """Numbers from the top, itself included."""
    place: int
    """1-based place among those with the same parent."""

    @property
    def text(self) -> str:
        """Return the path as records tell it."""
        return " > ".join(self.path)


class Axis(msgspec.Struct, frozen=True):
    """A choice that a buyer makes."""

    name: str
    values: tuple[str, ...]


class Variant(msgspec.Struct, kw_only=True):
    """What can be sold of a product. A product without options has exactly one, with no values."""

    no: int
    """product number × 1000 + place; unique among all variants."""
    place: int
    """1-based place within the product."""
    code: str | None
    """The seller's own code."""
    values: tuple[str, ...] = ()
    """One value of each axis, in their order."""
    choice: tuple[int, ...] = ()
    """0-based places of those values."""
    surcharge: int = 0
    """Added to the product's price; may be negative."""
    quantity: int | None = 0
    """None: stock is not managed. Negative: oversold."""
    safety: int = 0
    """Warning level; 0: none set."""
    on_sale: bool = True
    """False: the seller stopped this one."""
    barcode: str | None = None

    @property
    def managed(self) -> bool:
        """Return whether its stock is counted."""
        return self.quantity is not None

    @property
    def sold_out(self) -> bool:
        """Return whether nothing is left."""
        return self.quantity is not None and self.quantity <= 0


class Product(Timed, kw_only=True):
    """An article. Events: created, named, priced, stocked, shown, hidden, stopped, resumed, deleted."""

    code: str | None
    """The seller's own code."""
    name: str
    """As the seller typed it: may hold HTML entities, tags, tabs and double blanks."""
    price: int
    list_price: int | None = None
    discounted: int | None = None
    """What a guest pays now, when lower than the price."""
    price_text: str | None = None
    """Shown instead of a price."""
    cost: int
    """Never to be collected."""
    supplier: str
    """Never to be collected."""
    brand: str | None = None
    maker: str | None = None
    categories: tuple[int, ...]
    """Numbers of the categories it stands in, main one first."""
    images: tuple[str, ...]
    """Paths such as /images/p101_1.jpg, main one first."""
    summary: str | None = None
    description: str
    """HTML."""
    axes: tuple[Axis, ...] = ()
    text_options: tuple[str, ...] = ()
    variants: list[Variant]
    state: words.ProductStatus = "on_sale"
    """on_sale, hidden, pending, suspended, ended or deleted. Sold out follows from the stock: see `status`."""
    barcode: str | None = None
    tags: tuple[str, ...] = ()
    origin: str = "국내산"
    weight: float = 0.5

    @property
    def plain(self) -> bool:
        """Return whether it has no options."""
        return not self.axes

    @property
    def sold_out(self) -> bool:
        """Return whether nothing of it is left."""
        return all(variant.sold_out or not variant.on_sale for variant in self.variants)

    @property
    def status(self) -> words.ProductStatus:
        """Return our word, sold out included."""
        return "sold_out" if self.state == "on_sale" and self.sold_out else self.state

    @property
    def quantity(self) -> int | None:
        """Return the stock of all variants together, None when one is not managed."""
        levels = [variant.quantity for variant in self.variants]
        return None if None in levels else sum(level or 0 for level in levels)

    @property
    def created_at(self) -> datetime:
        """Return when it was registered."""
        return self.events[0].at

    def options(self, variant: Variant) -> dict[str, str]:
        """Return option name to chosen value."""
        return {axis.name: value for axis, value in zip(self.axes, variant.values, strict=True)}

    def variant(self, no: int) -> Variant:
        """Return a variant by its number."""
        return self.variants[no - self.no * 1000 - 1]
