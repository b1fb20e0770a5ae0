"""The made-up world that all emulators show: one catalogue, and orders, claims and reviews of each mall.

The same seed, numbers and anchor give the same world. The anchor is the moment the sandbox started; nothing lies after
it until `sandbox.changes` moves the world on.
"""

import random
from datetime import datetime
from functools import cached_property

import msgspec

from sandbox import catalogue, opinions, sales
from sandbox.entities import Category, Claim, Order, Person, Product, Review, Variant
from sandbox.people import people
from sandbox.sales import COURIERS, Market
from sandbox.shelf import Shelf, Version
from shopscrape import values

__all__ = ["COURIERS", "Counts", "Trade", "World"]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything there is, for each mall."""

    products: int = 200
    orders: int = 400
    reviews: int = 1000


class World:
    """The catalogue and the persons; `trade(mall)` gives what happened at a mall."""

    def __init__(self, seed: int = 7, counts: Counts | None = None, anchor: datetime | None = None) -> None:
        self.seed = seed
        self.counts = counts or Counts()
        self.anchor = (anchor or values.now()).replace(microsecond=0)
        self.categories: dict[int, Category] = catalogue.categories()
        self.version = Version()
        self.products: Shelf[Product] = Shelf(self.version)
        self.changes = 0
        """How often `change` was called."""
        for product in catalogue.products(self.counts.products, self.dice("catalogue"), self.categories, self.anchor):
            self.products.put(product)
        self.people: list[Person] = people(max(40, self.counts.orders // 2), self.dice("people"))
        """All persons that can appear anywhere: outputs are searched for them."""
        self.market = Market(list(self.products), self.people)
        self._trades: dict[str, Trade] = {}

    def dice(self, *purpose: object) -> random.Random:
        """Return a random source that gives the same for the same seed and purpose."""
        return random.Random(f"{self.seed}:{':'.join(map(str, purpose))}")

    def trade(self, mall: str) -> "Trade":
        """Return what happened at a mall."""
        if mall not in self._trades:
            self._trades[mall] = Trade(self, mall)
        return self._trades[mall]

    def trades(self) -> dict[str, "Trade"]:
        """Return the malls asked for so far."""
        return self._trades

    def shown(self) -> list[Product]:
        """Return the products that are not deleted, by number."""
        return self.products.where("not deleted", lambda product: product.state != "deleted")

    def variant(self, no: int) -> tuple[Product, Variant]:
        """Return a variant by its number, and its product, deleted ones too."""
        product = self.products[no // 1000]
        return product, product.variant(no)


class Trade:
    """Orders, claims and reviews of one mall; they are made when they are first looked at."""

    def __init__(self, world: World, mall: str) -> None:
        self.world = world
        self.mall = mall
        self.version = Version(world.version)
        self.drifts = 0
        """How often `drift` was called."""

    @cached_property
    def _shelves(self) -> "tuple[Shelf[Order], Shelf[Claim], Shelf[Review]]":
        world, mall, counts = self.world, self.mall, self.world.counts
        found, claimed = sales.past(counts.orders, world.dice(mall, "orders"), world.market, world.anchor)
        written = opinions.past(counts.reviews, world.dice(mall, "reviews"), world.market, world.anchor, found)
        orders: Shelf[Order] = Shelf(self.version)
        claims: Shelf[Claim] = Shelf(self.version)
        reviews: Shelf[Review] = Shelf(self.version)
        for order in found:
            orders.put(order)
        for claim in claimed:
            claims.put(claim)
        for review in written:
            reviews.put(review)
        return orders, claims, reviews

    @property
    def orders(self) -> Shelf[Order]:
        """Return the orders."""
        return self._shelves[0]

    @property
    def claims(self) -> Shelf[Claim]:
        """Return the claims of all orders."""
        return self._shelves[1]

    @property
    def reviews(self) -> Shelf[Review]:
        """Return the reviews."""
        return self._shelves[2]

    @cached_property
    def place(self) -> int:
        """Return a small whole number that tells this mall from others, for native ids."""
        return sum(ord(letter) * (index + 1) for index, letter in enumerate(self.mall)) % 900 + 100

    def reviews_of(self, product: int) -> list[Review]:
        """Return the reviews of a product, newest first."""
        return self.reviews.groups("by product", lambda review: review.product, newest_first=True).get(product, [])
