"""Native numbers and words of the emulated Korean MakeShop for things of the world.

The vendor's code tables are not published. Codes that begin with Z are made up on purpose: a spider that believes it
knows them fails.
"""

from datetime import datetime
from typing import NamedTuple

from sandbox.entities import Category, Claim, Line, Order, Product, Review
from shopscrape import values

SHOP = "emushop"
MAIN_HOST = "https://emushop.example.com"
"""The mall's own address, as it tells it."""
NEVER = "0000-00-00 00:00:00"
NO_DAY = "0000-00-00"
POWER, PLAIN = f"{SHOP}_board2", f"{SHOP}_board4"
"""Boards that hold reviews: the power review, and one that only its name tells."""
ENDED = {"cancelled": "cancel", "returned": "return", "exchanged": "exchange"}
WORDS = {kind: word for word, kind in ENDED.items()}
REASONS = {
    "changed_mind": "고객변심", "wrong_option": "오주문", "dissatisfied": "상품 불만족",
    "not_as_described": "상품정보상이", "defective": "상품불만", "damaged": "포장불량", "late": "배송지연",
    "undeliverable": "배송불가지역", "out_of_stock": "품절", "service": "서비스불만",
}  # fmt: skip
"""Labels of the reason list; what it has no word for is 기타."""
MEANS = {
    "고객변심": "changed_mind", "오주문": "wrong_option", "상품 불만족": "dissatisfied", "상품불만": "dissatisfied",
    "상품정보상이": "not_as_described", "포장불량": "damaged", "배송지연": "late", "배송불가지역": "undeliverable",
    "품절": "out_of_stock", "서비스불만": "service", "기타": "other",
}  # fmt: skip
PAID_BY = {
    "card": ("C", ""), "naver_pay": ("C", "naver"), "virtual_account": ("ZV", ""), "bank": ("B", ""),
    "kakao_pay": ("C", "kakao"), "phone": ("H", ""), "points": ("R", ""), "coupon_only": ("R", ""),
}  # fmt: skip
"""paymethod and simple_pay; that table is not published either."""
PAID_BACK_BY = {"card": "C", "naver_pay": "C", "kakao_pay": "C", "virtual_account": "T", "bank": "B", "phone": "H"}
STATE_CODES = {
    "placed": "S11",
    "paid": "S11",
    "preparing": "ZZ1",
    "shipped": "ZZ2",
    "delivered": "ZZ3",
    "completed": "ZZ9",
}
CLAIM_CODES = {"cancel": "C", "return": "R", "exchange": "T"}
COURIERS = {
    "cj": ("CJ", "CJ대한통운"), "hanjin": ("HJ", "한진택배"), "lotte": ("LT", "롯데택배"),
    "post": ("EP", "우체국택배"), "logen": ("LG", "로젠택배"),
}  # fmt: skip


class Position(NamedTuple):
    """A line as the platform shows it: one whose claim is about some of its units stands twice (assumed)."""

    number: int
    line: Line
    units: int
    claim: Claim | None
    discount: int
    """The share of the line's own reduction."""

    @property
    def taken(self) -> bool:
        """Return whether a finished claim took it out of the order."""
        return self.claim is not None and self.claim.phase == "completed"

    @property
    def amount(self) -> int:
        """Return what was paid for it."""
        return self.line.unit * self.units - self.discount


def kst(at: datetime | None) -> str:
    """Return a time as it is written here, the zero date for none."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%d %H:%M:%S}" if at else NEVER


def day(at: datetime | None) -> str:
    """Return a day as it is written here, the zero date for none."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%d}" if at else NO_DAY


def uid(product: Product | int) -> str:
    """Return a product's number."""
    return str(1_000_000 + (product if isinstance(product, int) else product.no))


def product_no(number: str) -> int:
    """Return the number of the world's product, 0 for none."""
    return int(number) - 1_000_000 if number.isdigit() and len(number) < 12 else 0


def levels(category: Category, categories: dict[int, Category]) -> list[str]:
    """Return the three numbers of a category; 000 where a level is missing."""
    told = [f"{categories[no].place:03d}" for no in category.chain]
    return [*told, "000", "000"][:3]


def brandcode(product: Product, categories: dict[int, Category]) -> str:
    """Return the twelve digits that begin with the two upper levels of its category."""
    first, second, _ = levels(categories[product.categories[0]], categories)
    return f"{first}{second}{product.no:06d}"


def ordernum(order: Order) -> str:
    """Return an order's number; it holds digits that look like a telephone's."""
    return f"{order.ordered_at.astimezone(values.SEOUL):%Y%m%d%H%M%S}-1{order.no:010d}"


def order_no(number: str) -> int:
    """Return the number of the world's order, 0 for none."""
    _, dash, last = number.partition("-1")
    return int(last) if dash and last.isdigit() and len(last) == 10 else 0


def claim_of(order: Order, line: Line) -> tuple[Claim | None, int]:
    """Return the claim of a line and its units; what went along with the last sold line has that one's."""
    for claim in order.claims:
        for no, units in claim.lines:
            if no == line.no:
                return claim, units
    kind = ENDED.get(line.status)
    done = [claim for claim in order.claims if claim.phase == "completed" and claim.kind == kind]
    if done:
        return max(done, key=lambda claim: claim.completed_at or claim.requested_at), line.quantity
    return None, 0


def positions(order: Order) -> list[Position]:
    """Return the lines as they are shown, in the order of their numbers."""
    found = []
    for line in order.lines:
        claim, units = claim_of(order, line)
        if claim is None or units == line.quantity:
            found.append(Position(line.place, line, line.quantity, claim, line.discount))
            continue
        rest = line.quantity - units
        share = line.discount * rest // line.quantity
        found.append(Position(line.place, line, rest, None, share))
        found.append(Position(50 + line.place, line, units, claim, line.discount - share))
    return sorted(found, key=lambda one: one.number)


def original(order: Order, line: Line) -> Position:
    """Return what a replacement stands in for."""
    return next(one for one in reversed(positions(order)) if one.line.no == line.replaces)


def claimed(order: Order, claim: Claim) -> list[Position]:
    """Return what a claim is about."""
    return [one for one in positions(order) if one.claim is claim]


def counted(order: Order) -> list[Position]:
    """Return what the order's goods consist of now: never a replacement beside what it stands in for."""
    return [
        one for one in positions(order)
        if not one.taken and (not one.line.replaces or original(order, one.line).taken)
    ]  # fmt: skip


def invoice(order: Order, line: Line) -> str:
    """Return the parcel number: half the orders get one before the parcel leaves."""
    if line.parcels:
        return line.parcels[0].tracking
    return f"77{order.no:08d}{line.place:02d}" if line.status == "preparing" and order.no % 2 else ""


def cancelled(order: Order) -> bool:
    """Return whether all of it was cancelled."""
    return all(one.taken and one.claim and one.claim.kind == "cancel" for one in positions(order))


def order_status(order: Order) -> str:
    """Return N unpaid, Y paid, S paid and being processed, C cancelled."""
    if cancelled(order):
        return "C"
    if not order.paid_at:
        return "N"
    return "S" if any(line.status not in ("placed", "paid") for line in order.lines) else "Y"


def word(order: Order, one: Position) -> str:
    """Return our word of a line, as far as dates tell it."""
    line = one.line
    if one.taken and one.claim:
        return WORDS[one.claim.kind]
    steps = (
        (line.completed_at, "completed"), (line.delivered_at, "delivered"), (line.parcels, "shipped"),
        (invoice(order, line), "preparing"), (order.paid_at, "paid"),
    )  # fmt: skip
    return next((step for told, step in steps if told), "placed")


def basket_status(order: Order, one: Position) -> str:
    """Return the code of a line; made up but for the first."""
    claim = one.claim
    if claim is None or claim.phase in ("withdrawn", "rejected"):
        return STATE_CODES[word(order, one)]
    letter = CLAIM_CODES[claim.kind]
    return f"Z{letter}{9 if claim.phase == 'completed' else 2 if claim.phase != 'requested' else 1}"


def issue(order: Order, one: Position) -> str:
    """Return the issue of a line; what the codes mean is inferred, exchanges have none."""
    claim = one.claim
    if claim is None or claim.kind == "exchange" or not order.paid_at:
        return ""
    return {"refunding": "REFUND3", "completed": "REFUND7", "withdrawn": "REFUNDC", "rejected": "REFUNDC"}.get(
        claim.phase, "REFUND1"
    )


def refunds(order: Order) -> list[Claim]:
    """Return the claims whose money goes back or went back."""
    told = ("refunding", "completed")
    return [one for one in order.claims if one.kind != "exchange" and one.phase in told and order.paid_at]


def reason(claim: Claim) -> str:
    """Return the label of a claim's reason."""
    return REASONS.get(claim.reason, "기타")


def board_of(review: Review) -> str:
    """Return the board that a review stands on; "" for a rating comment, which has no board and no number."""
    if review.no % 3 == 2 and review.channel == "own" and "secret" not in review.flags:
        return ""
    return PLAIN if review.no % 6 == 1 else POWER


def num1(review: Review) -> str:
    """Return a post's number: they run downwards."""
    return str(999_999 - review.no)


def review_no(number: str) -> int:
    """Return the number of the world's review, 0 for none."""
    return 999_999 - int(number) if number.isdigit() and len(number) < 7 else 0


def threaded(review: Review) -> list[int]:
    """Return the places of the answers that stand as posts of their own in the review's thread."""
    return [place for place, one in enumerate(review.replies) if place and one.by == "seller"]
