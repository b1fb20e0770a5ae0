"""How the world moves on: a known set of changes at once, or one small step while somebody is paging."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sandbox import catalogue, claims, opinions, sales
from sandbox.entities import Line, Order, Product, Review
from sandbox.world import Trade, World

RECENT = timedelta(days=30)
"""Changes concern young things where there are some, as in life."""
Told = dict[str, dict[str, list[int]]]
"""resource → new, changed, gone → numbers of the world's things (products for inventory, claims for returns)."""


def change(world: World, at: datetime) -> dict[str, Told]:
    """Move the world on by a known set of changes, all of this moment; return what changed, by mall and resource.

    Catalogue (every mall): a new product, a deleted one, two new prices, a new name, two stock levels, one sold out,
    one hidden, one stopped. Each mall: three new orders, one step for an order in every state, three new claims, two
    claims one phase on, one withdrawn; three new reviews, two edited, two answered, one hidden, one deleted.
    """
    world.changes += 1
    for trade in world.trades().values():
        # The past of every mall is made before anything of it changes.
        assert trade.orders is not None
    told = {mall: _empty() for mall in world.trades()}
    goods = _catalogue(world, world.dice("change", world.changes), at)
    for mall, trade in sorted(world.trades().items()):
        dice = world.dice("change", world.changes, mall)
        told[mall] |= {
            resource: {what: list(numbers) for what, numbers in kinds.items()} for resource, kinds in goods.items()
        }
        _orders(trade, dice, at, told[mall])
        _reviews(trade, dice, at, told[mall])
    return told


def _empty() -> Told:
    return {
        resource: {"new": [], "changed": [], "gone": []}
        for resource in ("products", "orders", "inventory", "returns", "reviews")
    }


def _catalogue(world: World, dice: random.Random, at: datetime) -> Told:
    told = {resource: kinds for resource, kinds in _empty().items() if resource in ("products", "inventory")}
    sold = [product for product in world.shown() if product.state == "on_sale" and not product.sold_out]
    # The best known product stays: its reviews are what many walks are about.
    chosen = iter(dice.sample(sold[1:], min(9, max(0, len(sold) - 1))))

    def each(count: int, what: str, work: Callable[[Product], None], resources: tuple[str, ...]) -> None:
        for _ in range(count):
            if (product := next(chosen, None)) is not None:
                work(product)
                product.note(at, what)
                for resource in resources:
                    told[resource]["gone" if what == "deleted" else "changed"].append(product.no)

    each(2, "priced", reprice, ("products",))
    each(1, "named", rename, ("products",))
    each(2, "stocked", lambda product: restock(product, dice), ("products", "inventory"))
    each(1, "stocked", sell_out, ("products", "inventory"))
    each(1, "hidden", lambda product: _state(product, "hidden"), ("products", "inventory"))
    each(1, "stopped", lambda product: _state(product, "suspended"), ("products", "inventory"))
    each(1, "deleted", lambda product: _state(product, "deleted"), ("products", "inventory"))
    world.products.touch()
    new = _new_product(world, dice, at)
    told["products"]["new"].append(new.no)
    told["inventory"]["new"].append(new.no)
    return told


def _new_product(world: World, dice: random.Random, at: datetime) -> Product:
    no = world.products.next_no
    case = catalogue.CASES[no % 4]
    product = catalogue.make(no, case, dice, world.categories, at)
    world.products.put(product)
    return product


def reprice(product: Product) -> None:
    """Make a product dearer."""
    product.price += 1000
    product.list_price = product.list_price + 1000 if product.list_price else None
    product.discounted = product.discounted + 1000 if product.discounted else None


def rename(product: Product) -> None:
    """Give a product another name."""
    product.name += " (리뉴얼)"


def restock(product: Product, dice: random.Random) -> None:
    """Put another number on one variant."""
    counted = [variant for variant in product.variants if variant.quantity is not None] or product.variants
    variant = dice.choice(counted)
    variant.quantity = (variant.quantity or 0) + dice.randrange(1, 90)


def sell_out(product: Product) -> None:
    """Leave nothing of a product."""
    for variant in product.variants:
        variant.quantity = 0


def _state(product: Product, state: Any) -> None:
    product.state = state


def _recent(things: Iterable[Any], when: Callable[[Any], datetime], anchor: datetime) -> list[Any]:
    found = list(things)
    return [one for one in found if when(one) >= anchor - RECENT] or found


def _orders(trade: Trade, dice: random.Random, at: datetime, told: Told) -> None:
    touched: set[int] = set()
    for step in ("paid", "preparing", "shipped", "delivered", "completed"):
        advance(trade, step, dice, at, touched)
    for before, kind in (("paid", "cancel"), ("delivered", "return"), ("completed", "exchange")):
        if opened := open_claim(trade, kind, before, dice, at, touched):
            told["returns"]["new"].append(opened)
    told["returns"]["changed"] += [no for no in (advance_claim(trade, dice, at, touched) for _ in range(2)) if no]
    if withdrawn := advance_claim(trade, dice, at, touched, "withdrawn"):
        told["returns"]["changed"].append(withdrawn)
    told["orders"]["changed"] = sorted(touched)
    for place in range(3):
        told["orders"]["new"].append(new_order(trade, dice, at, paid=place > 0).no)


def new_order(trade: Trade, dice: random.Random, at: datetime, paid: bool) -> Order:
    """Add an order."""
    order = sales.make(trade.orders.next_no, at, dice, trade.world.market)
    if paid:
        sales.move(order, order.lines[0], "paid", at, dice)
    trade.orders.put(order)
    return order


def _open_lines(order: Order, status: str) -> list[Line]:
    return [line for line in order.lines if line.status == status and not line.claim and line.kind != "replacement"]


def advance(trade: Trade, step: str, dice: random.Random, at: datetime, touched: set[int]) -> int:
    """Bring the lines of one order to a step from the one before; return its number, 0 if there is none."""
    before = sales.STEPS[sales.STEPS.index(step) - 1]
    ready = _recent(
        (one for one in trade.orders if one.no not in touched and not one.claims and _open_lines(one, before)),
        lambda order: order.ordered_at, trade.world.anchor,
    )  # fmt: skip
    if not ready:
        return 0
    order: Order = dice.choice(ready)
    lines = _open_lines(order, before)
    for line in lines[:1] if step == "paid" else lines:
        sales.move(order, line, step, at, dice)
    touched.add(order.no)
    trade.orders.touch()
    return order.no


def open_claim(trade: Trade, kind: str, before: str, dice: random.Random, at: datetime, touched: set[int]) -> int:
    """Open a claim on a line of that state; return its number, 0 if there is none."""
    ready = _recent(
        (
            one for one in trade.orders
            if one.no not in touched and not one.claims
            and any(line.kind == "sale" for line in _open_lines(one, before))
        ),
        lambda order: order.ordered_at, trade.world.anchor,
    )  # fmt: skip
    if not ready:
        return 0
    order: Order = dice.choice(ready)
    line = next(line for line in _open_lines(order, before) if line.kind == "sale")
    reason = {"cancel": "changed_mind", "return": "dissatisfied", "exchange": "wrong_option"}[kind]
    plan = claims.Plan(kind, "requested", before, [(line, line.quantity)], reason, "buyer")
    claim = claims.ask(order, trade.claims.next_no, plan, at, dice)
    touched.add(order.no)
    trade.claims.put(claim)
    return claim.no


def advance_claim(trade: Trade, dice: random.Random, at: datetime, touched: set[int], to: str = "") -> int:
    """Bring an open claim one phase on, or to the phase named; return its number, 0 if there is none."""
    ready = _recent(
        (
            one for one in trade.claims
            if one.open and one.order not in touched and (not to or one.phase in ("requested", "accepted"))
        ),
        lambda claim: claim.requested_at, trade.world.anchor,
    )  # fmt: skip
    if not ready:
        return 0
    claim = dice.choice(ready)
    order = trade.orders[claim.order]
    claims.step(order, claim, to or claims.next_phase(claim) or claim.phase, at, dice)
    touched.add(order.no)
    trade.claims.touch()
    return int(claim.no)


def _reviews(trade: Trade, dice: random.Random, at: datetime, told: Told) -> None:
    young = _recent(trade.reviews, lambda review: review.events[0].at, trade.world.anchor)
    parents = {review.parent for review in trade.reviews}
    plain = [
        one for one in young if not one.flags and one.channel == "own" and not one.parent and one.no not in parents
    ]
    chosen = iter(dice.sample(plain, min(6, len(plain))))
    for place in range(2):
        if (review := next(chosen, None)) is not None:
            edit(review, at, rate=bool(place))
            told["reviews"]["changed"].append(review.no)
    for _ in range(2):
        if (review := next(chosen, None)) is not None:
            opinions.answer(review, at, dice)
            told["reviews"]["changed"].append(review.no)
    if (review := next(chosen, None)) is not None:
        review.flags.append("hidden")
        review.note(at, "hidden")
        told["reviews"]["changed"].append(review.no)
    if (review := next(chosen, None)) is not None:
        trade.reviews.drop(review.no)
        told["reviews"]["gone"].append(review.no)
    first = trade.world.market.products[0].no
    for product in (first, first, 0):
        review = opinions.make(trade.reviews.next_no, at, dice, trade.world.market, product=product)
        trade.reviews.put(review)
        told["reviews"]["new"].append(review.no)
    trade.reviews.touch()


def edit(review: Review, at: datetime, rate: bool = False) -> None:
    """Let the buyer write on."""
    review.text += "\n(추가) 한 번 더 써 봤어요"
    review.rating = (review.rating % 5 + 1) if rate and review.rating else review.rating
    review.edited_at = at
    review.note(at, "edited")


def drift(trade: Trade, resources: tuple[str, ...], at: datetime) -> dict[str, Any]:
    """Let one row of a resource appear, change or vanish, in turn; return which. Orders and claims never vanish."""
    trade.drifts += 1
    at = at.replace(microsecond=0)
    dice = trade.world.dice("drift", trade.mall, trade.drifts)
    resource = resources[trade.drifts % len(resources)]
    what, no = ("added", "edited", "deleted")[trade.drifts % 3], 0
    touched: set[int] = set()
    if resource == "reviews":
        what, no = _drift_review(trade, what, dice, at)
    elif resource in ("products", "inventory"):
        what, no = _drift_product(trade.world, what, dice, at)
    elif resource == "returns":
        no = open_claim(trade, "return", "delivered", dice, at, touched) if what == "added" else 0
        no = no or advance_claim(trade, dice, at, touched)
    elif what == "added":
        no = new_order(trade, dice, at, paid=True).no
    else:
        what, no = "edited", advance(trade, dice.choice(("preparing", "shipped", "delivered")), dice, at, touched)
    return {"mall": trade.mall, "resource": resource, "what": what, "no": no}


def _drift_review(trade: Trade, what: str, dice: random.Random, at: datetime) -> tuple[str, int]:
    parents = {review.parent for review in trade.reviews}
    young = _recent(trade.reviews, lambda review: review.events[0].at, trade.world.anchor)
    plain = [one for one in young if not one.flags and not one.parent and one.no not in parents and not one.order]
    if what == "added" or not plain:
        review = opinions.make(trade.reviews.next_no, at, dice, trade.world.market)
        trade.reviews.put(review)
        return "added", review.no
    review = dice.choice(plain)
    if what == "edited":
        edit(review, at)
        trade.reviews.touch()
    else:
        trade.reviews.drop(review.no)
    return what, review.no


def _drift_product(world: World, what: str, dice: random.Random, at: datetime) -> tuple[str, int]:
    sold = [product for product in world.shown()[1:] if product.state == "on_sale"]
    if what == "added" or len(sold) < 10:
        return "added", _new_product(world, dice, at).no
    product = dice.choice(sold)
    if what == "edited":
        restock(product, dice)
        product.note(at, "stocked")
    else:
        product.state = "deleted"
        product.note(at, "deleted")
    world.products.touch()
    return what, product.no
