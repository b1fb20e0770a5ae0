"""What the world is made of: plain structs that know no platform.

Every thing has a whole number `no` that never changes and never comes twice; an emulator derives its native ids from
it. Numbers grow with time: of two orders (reviews, claims) the younger one has the greater number. Money is whole won.
Times are aware UTC in whole seconds. What happened to a thing stands in its `events`, oldest first.
"""

from sandbox.goods import Axis, Category, Product, Variant
from sandbox.purchases import Claim, Line, Order, Parcel, Reply, Review
from sandbox.things import Event, Person, Timed

__all__ = [
    "Axis", "Category", "Claim", "Event", "Line", "Order", "Parcel", "Person", "Product", "Reply", "Review", "Timed",
    "Variant",
]  # fmt: skip
