"""Godomall5's native numbers and codes for things of the world."""

from datetime import datetime
from typing import NamedTuple

from sandbox.entities import Category, Claim, Line, Order, Product, Review, Variant
from sandbox.world import World
from shopscrape import values

DOMAIN = "godo.example.com"
STEPS = {
    "placed": "o1", "paid": "p1", "preparing": "g1", "on_hold": "g1", "shipped": "d1", "delivered": "d2",
    "completed": "s1", "failed": "f3",
}  # fmt: skip
"""There is no hold: such a line is being prepared."""
UNPAID = {"platform": "c1", "seller": "c3", "buyer": "c4"}
CANCELS = {"requested": "r1", "accepted": "r1", "refunding": "r1", "on_hold": "r2", "completed": "r3"}
RETURNS = {
    "requested": "b1", "accepted": "b1", "collecting": "b2", "on_hold": "b3", "collected": "b4", "refunding": "r1",
    "completed": "r3",
}  # fmt: skip
EXCHANGES = {
    "requested": "e1", "accepted": "e1", "collecting": "e2", "collected": "e2", "reshipping": "e3", "on_hold": "e4",
    "completed": "e5",
}  # fmt: skip
ADDED = {"shipped": "z3", "delivered": "z4", "completed": "z5"}
REASONS = {
    "changed_mind": "고객변심", "wrong_option": "사이즈/색상 변경", "out_of_stock": "품절", "late": "배송지연",
    "damaged": "상품파손", "defective": "상품불량", "not_as_described": "설명과 상이", "wrong_item": "오배송",
    "missing_parts": "구성품 누락", "lost": "분실", "undeliverable": "배송불가지역", "dissatisfied": "상품 불만족",
    "duplicate": "중복주문", "service": "서비스 불친절", "payment": "미입금", "seller": "관리자 취소", "other": "기타",
}  # fmt: skip
METHODS = {
    "card": "pc", "bank": "gb", "virtual_account": "pv", "phone": "ph", "naver_pay": "pn", "kakao_pay": "pk",
    "points": "gm", "coupon_only": "gz",
}  # fmt: skip
POSTS = 10
CHANNELS = {"naver_pay": "naverpay", "payco": "payco"}


def printed(at: datetime | None) -> str:
    """Return a time as the openhub prints it: Korean, without a zone; empty for never."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%d %H:%M:%S}" if at else ""


def goods_no(product: Product | int) -> str:
    """Return a product's number: ten digits."""
    return str(1_000_000_000 + (product if isinstance(product, int) else product.no))


def managed(product: Product) -> bool:
    """Return whether stock is counted: a switch of the product as a whole."""
    return all(one.managed for one in product.variants)


def total_stock(product: Product) -> int:
    """Return the stock of all combinations; it means nothing where stock is not counted."""
    return sum(one.quantity or 0 for one in product.variants)


def closed(product: Product) -> bool:
    """Return whether nobody can buy a product that is shown: nothing is left, or it is not sold."""
    return product.state != "on_sale" or (managed(product) and total_stock(product) <= 0)


def display(product: Product) -> str:
    """Return how options are shown: s, one select of all combinations, or d, one select for each axis."""
    return "d" if 4 < len(product.variants) <= 40 or product.no % 7 == 0 else "s"


def sell_flag(variant: Variant) -> str:
    """Return y on sale, n sold out, t not on sale for a reason of the seller's own."""
    return "y" if variant.on_sale else "t" if variant.no % 2 else "n"


def free(product: Product, variant: Variant) -> bool:
    """Return whether a combination can be chosen."""
    return variant.on_sale and not (managed(product) and variant.sold_out)


def category_code(category: Category, world: World) -> str:
    """Return a category's code: three digits a level."""
    return "".join(f"{world.categories[no].place:03d}" for no in category.chain)


def order_no(order: Order) -> str:
    """Return an order's number: twelve digits of its time, four more."""
    return f"{order.ordered_at.astimezone(values.SEOUL):%y%m%d%H%M%S}{order.no % 10000:04d}"


def post_no(review: Review) -> str:
    """Return a review's number on its board; its answers have the numbers behind it."""
    return str(review.no * POSTS)


def changed_at(review: Review) -> datetime | None:
    """Return when a post was last edited or answered by the operator; comments stand beside it."""
    told = [reply.at for reply in review.replies if reply.by == "seller"] + [review.edited_at]
    return max((at for at in told if at), default=None)


class Position(NamedTuple):
    """A line as the openhub shows it; a partial claim makes two of one."""

    line: Line
    sno: int
    quantity: int
    discount: int
    claim: Claim | None
    first: bool
    """Whether the sums of the claim stand here."""


def positions(order: Order) -> list[Position]:
    """Return the lines of an order; components are no lines, gifts stand elsewhere."""
    found = []
    for line in order.lines:
        if line.kind in ("component", "gift"):
            continue
        claim, units = claim_of(order, line)
        first = bool(claim and claim.lines[0][0] == line.no)
        if claim and units < line.quantity and claim.phase not in ("rejected", "withdrawn"):
            part = line.discount * units // line.quantity
            found.append(Position(line, line.no, line.quantity - units, line.discount - part, None, False))
            found.append(Position(line, line.no + 50, units, part, claim, first))
        else:
            found.append(Position(line, line.no, line.quantity, line.discount, claim, first))
    return found


def claim_of(order: Order, line: Line) -> tuple[Claim | None, int]:
    """Return the claim of a line and the units claimed; what went along with the last sold line has that one's."""
    for claim in order.claims:
        for no, units in claim.lines:
            if no == line.no:
                return claim, units
    ended = {"cancelled": "cancel", "returned": "return", "exchanged": "exchange"}.get(line.status)
    done = [claim for claim in order.claims if claim.phase == "completed" and claim.kind == ended]
    return (max(done, key=lambda claim: claim.completed_at or claim.requested_at), line.quantity) if done else (None, 0)


def status(order: Order, place: Position) -> str:
    """Return the code of a line."""
    line, claim = place.line, place.claim
    if line.kind == "replacement":
        return ADDED.get(line.status, "z3")
    if claim is None or claim.phase in ("rejected", "withdrawn"):
        return STEPS.get(line.status, "d2")
    if claim.kind == "cancel" and not order.paid_at:
        return UNPAID[claim.by] if claim.phase == "completed" else "c4"
    return {"cancel": CANCELS, "return": RETURNS, "exchange": EXCHANGES}[claim.kind][claim.phase]
