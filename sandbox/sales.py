"""Orders of one mall: made in bulk for the world's past, and moved on one step at a time afterwards."""

import random
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from sandbox import claims
from sandbox.entities import Claim, Line, Order, Parcel, Person, Product

STEPS = ("placed", "paid", "preparing", "shipped", "delivered", "completed")
COURIERS = {
    "cj": "CJ대한통운", "hanjin": "한진택배", "lotte": "롯데택배", "post": "우체국택배", "logen": "로젠택배",
}  # fmt: skip
METHODS = (
    ("card",), ("card",), ("naver_pay",), ("virtual_account",), ("bank",), ("kakao_pay",), ("phone",),
    ("card", "points"),
)  # fmt: skip
MARKETS = (
    "naver_pay",
    "smartstore",
    "kakao",
    "coupang",
    "gmarket",
    "auction",
    "elevenst",
    "payco",
    "app",
    "pos",
    "other",
)
_MESSAGES = (
    "", "부재 시 문 앞에 놓아주세요", "배송 전 {phone} 으로 연락 주세요", "경비실, 맡겨주세요 <감사합니다>",
    "공동현관 #1234",
)  # fmt: skip
_HOURS = {"paid": (0, 0.4), "preparing": (1, 20), "shipped": (4, 40), "delivered": (20, 70), "completed": (60, 190)}


class Market:
    """What orders are drawn from: products by their popularity, persons by how often they buy."""

    def __init__(self, products: Sequence[Product], people: Sequence[Person]) -> None:
        self.products = products
        self.people = people
        self._born = [product.created_at for product in products]
        # The first product is by far the most popular, so that one product has a long list of reviews.
        weights = [1 / (place + 1) ** 0.6 for place in range(1, len(products))]
        self._weights = list(accumulate([0.3 * sum(weights) + 1, *weights]))

    def product(self, dice: random.Random, at: datetime) -> Product:
        """Return a product that was on sale by then."""
        born = max(1, bisect(self._born, at))
        for _ in range(9):
            chosen = self.products[bisect(self._weights, dice.random() * self._weights[born - 1], 0, born - 1)]
            if chosen.state != "deleted":
                return chosen
        return self.products[0]

    def person(self, dice: random.Random) -> Person:
        """Return a buyer; a few buy often."""
        return self.people[int(dice.random() ** 2 * len(self.people))]


def times(count: int, dice: random.Random, anchor: datetime) -> list[datetime]:
    """Return moments in order: three of four in the last 90 days, none older than 200, some near midnight in Korea."""
    found = []
    for place in range(count):
        days = dice.random() * 90 if place % 4 else 90 + dice.random() * 110
        at = (anchor - timedelta(days=days, minutes=3)).replace(microsecond=0)
        if place % 9 == 4 and days > 2:
            # 15:00 UTC is midnight in Korea.
            at = at.replace(hour=14 + place % 2, minute=59 * (1 - place % 2), second=dice.randrange(50, 60) % 60)
        found.append(at)
    return sorted(found)


def make(no: int, at: datetime, dice: random.Random, market: Market) -> Order:
    """Return a new order, placed and not paid yet."""
    buyer = market.person(dice)
    channel = MARKETS[no // 4 % len(MARKETS)] if no % 4 == 3 else "own"
    methods = METHODS[dice.randrange(len(METHODS))]
    order = Order(
        no=no, ordered_at=at, buyer=buyer, guest=no % 7 == 2, receiver=buyer if no % 5 else market.person(dice),
        masked=channel in ("coupang", "gmarket", "kakao") and no % 8 < 5, channel=channel, lines=[], methods=methods,  # type: ignore[arg-type]
        external=None if channel in ("own", "app", "pos") else f"{at:%Y%m%d}{no:06d}{dice.randrange(100, 999)}",
        message=_MESSAGES[no % len(_MESSAGES)].format(phone=buyer.phone), mobile=bool(no % 3),
        memo=f"VIP {buyer.name} 고객, 통화 {buyer.phone}" if no % 10 == 6 else "",
    )  # fmt: skip
    order.note(at, "ordered")
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        _line(order, market.product(dice, at), dice, dice.choice((1, 1, 1, 2, 3, 5)))
    first = order.lines[0]
    if no % 12 == 5:
        _line(order, market.product(dice, at), dice, 1, "gift", first)
    if no % 12 == 8:
        _line(order, market.product(dice, at), dice, 1, "add_on", first)
    if no % 20 == 11:
        for _ in range(2):
            _line(order, market.product(dice, at), dice, first.quantity, "component", first)
    if no % 15 == 7:
        # The same thing twice, as after a line was split.
        again = _line(order, market.products[first.product - market.products[0].no], dice, 1)
        again.variant, again.options, again.code, again.surcharge = (
            first.variant,
            first.options,
            first.code,
            first.surcharge,
        )
    goods = sum(line.unit * line.quantity for line in order.lines)
    order.shipping_fee = 0 if goods >= 50_000 else 3000
    if no % 3 == 0:
        order.lines[0].discount = goods // 20 // 10 * 10 if goods // 20 < order.lines[0].unit else 0
    if no % 6 == 1:
        order.coupon, order.coupon_name = min(goods // 10 // 10 * 10, 5000), "10% 할인 쿠폰 (신규, 1회)"
    if "points" in methods:
        order.points = min(dice.randrange(1, 40) * 100, max(order.due - 100, 0))
    if channel not in ("own", "app", "pos"):
        for line in order.lines:
            line.external = f"{order.external}-{line.place}"
    return order


def _line(
    order: Order, product: Product, dice: random.Random, quantity: int, kind: str = "sale", of: Line | None = None
) -> Line:
    variant = dice.choice(product.variants)
    place = len(order.lines) + 1
    free = kind in ("gift", "component")
    line = Line(
        no=order.no * 100 + place, place=place, kind=kind, product=product.no, variant=variant.no, name=product.name,  # type: ignore[arg-type]
        code=variant.code or product.code, options=product.options(variant),
        texts=dict.fromkeys(product.text_options, f"{order.buyer.name[0]}♥{order.no % 97}, 1/2=a"),
        quantity=quantity, left=quantity, price=0 if free else product.discounted or product.price,
        surcharge=0 if free else variant.surcharge, status="placed", bundle=of.no if of else 0,
    )  # fmt: skip
    order.lines.append(line)
    return line


def move(order: Order, line: Line, word: str, at: datetime, dice: random.Random) -> None:
    """Bring a line to the next step; paid and failed concern the whole order."""
    if word in ("paid", "failed"):
        for each in order.lines:
            if each.status == "placed":
                each.status = word  # type: ignore[assignment]
        order.paid_at = at if word == "paid" else order.paid_at
        order.note(at, word)
        return
    line.status = word  # type: ignore[assignment]
    if word == "shipped":
        couriers = list(COURIERS)
        for part in range(2 if line.quantity > 1 and order.no % 9 == 4 else 1):
            courier = couriers[(order.no + part + (line.place > 2)) % len(couriers)]
            number = f"{6_000_000 + order.no}{line.place:02d}{part}{order.no % 97:02d}"
            line.parcels.append(Parcel(courier=courier, tracking=number, shipped_at=at))
    elif word == "delivered":
        for parcel in line.parcels:
            parcel.delivered_at = at
    elif word == "completed":
        line.completed_at = at
    order.note(at, word, line.no)


def run(order: Order, line: Line, target: str, at: datetime, dice: random.Random, end: datetime) -> datetime:
    """Move a line up to a step, as far as time allows; return when the last step was."""
    if line.status == "on_hold":
        line.status = "preparing"
    if line.status not in STEPS:
        return at
    here = STEPS.index(line.status)
    for word in STEPS[here + 1 : STEPS.index(target) + 1]:
        if word == "paid" and order.paid_at:
            line.status, at = "paid", max(at, order.paid_at)
            continue
        low, high = (4, 50) if word == "paid" and order.methods[0] in ("bank", "virtual_account") else _HOURS[word]
        # Lines of one parcel go together: their delays come from the order, later parcels take longer.
        spread = random.Random(order.no * 31 + len(word) + (line.place > 2)).random()
        later = at + timedelta(seconds=int((low + (high - low) * spread) * 3600))
        if later >= end:
            break
        at = later
        move(order, line, word, at, dice)
    return at


_ENDS = ("completed",) * 15 + ("delivered", "shipped", "preparing", "paid", "placed", "placed", "failed", "on_hold")
"""As many as have no factor in common with the numbers that make() goes by, so that all combinations come."""


def past(count: int, dice: random.Random, market: Market, anchor: datetime) -> tuple[list[Order], list[Claim]]:
    """Return the orders until now, and their claims, numbered by their time."""
    orders, found = [], []
    for no, at in enumerate(times(count, dice, anchor), 1):
        order = make(no, at, dice, market)
        end = _ENDS[no % len(_ENDS)]
        planned = claims.plan(order, dice) if no % 4 == 1 or end == "placed" else []
        claimed = {line.no for plan in planned for line, _ in plan.lines}
        for plan in planned:
            reached = at
            for line, _ in plan.lines:
                reached = run(order, line, plan.before, at, dice, anchor)
            if plan.lines[0][0].status == plan.before:
                claim = claims.play(order, plan, reached, dice, anchor)
                found.append(claim)
                for line, _ in plan.lines:
                    if line.status in STEPS and not claim.open and order.paid_at:
                        run(order, line, "completed", claim.changed_at, dice, anchor)
        for line in order.lines:
            if line.no in claimed or line.kind == "replacement":
                continue
            target = "preparing" if end == "on_hold" else "placed" if end == "failed" else end
            reached = run(order, line, target, at, dice, anchor)
            if end == "on_hold" and line.status == "preparing":
                move(order, line, "on_hold", reached, dice)
        if end == "failed" and not order.claims:
            move(order, order.lines[0], "failed", at + timedelta(seconds=40), dice)
        orders.append(order)
    return orders, claims.renumber(orders, found)
