"""Cafe24's native numbers and codes for things of the world, and its words for their states."""

from datetime import datetime

from sandbox.entities import Claim, Line, Order, Product, Variant
from shopscrape import values

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLACES = {
    "own": ("cafe24", "mobile"), "app": ("mobile_d",), "naver_pay": ("NCHECKOUT",), "smartstore": ("shopn",),
    "kakao": ("kakao",), "coupang": ("coupang",), "gmarket": ("gmarket",), "auction": ("auction",),
    "elevenst": ("sk11st",), "payco": ("payco",), "pos": ("pos",), "other": ("inpark",),
}  # fmt: skip
"""Channel to order_place_id, the second for mobile."""
STEPS = {
    "placed": "N00", "paid": "N10", "preparing": "N20", "on_hold": "N22", "shipped": "N30", "delivered": "N40",
    "completed": "N50", "failed": "C48",
}  # fmt: skip
CLAIMS = {
    ("cancel", "requested"): "C00", ("cancel", "accepted"): "C10", ("cancel", "rejected"): "C11",
    ("cancel", "refunding"): "C34", ("cancel", "on_hold"): "C36", ("cancel", "completed"): "C40",
    ("return", "requested"): "R00", ("return", "accepted"): "R10", ("return", "rejected"): "R11",
    ("return", "on_hold"): "R12", ("return", "collecting"): "R30", ("return", "collected"): "R20",
    ("return", "refunding"): "R34", ("return", "completed"): "R40",
    ("exchange", "requested"): "E00", ("exchange", "accepted"): "E10", ("exchange", "rejected"): "E11",
    ("exchange", "on_hold"): "E12", ("exchange", "collecting"): "E30", ("exchange", "collected"): "E13",
    ("exchange", "reshipping"): "E20", ("exchange", "completed"): "E40",
}  # fmt: skip
ENDED = {"cancel": "cancelled", "return": "returned", "exchange": "exchanged"}
UNPAID_CANCEL = {"buyer": "C47", "platform": "C48", "seller": "C49"}
UNDONE = {"cancel": "Cancellation", "return": "Return", "exchange": "Exchange"}
COARSE = {"cancel": "C2", "return": "C3", "exchange": "E1"}
BUYER_CANCEL = {"changed_mind": "A", "service": "G", "late": "B"}
BUYER_RETURN = {
    "changed_mind": "O", "wrong_option": "O", "duplicate": "O", "dissatisfied": "P", "not_as_described": "P",
    "late": "P", "other": "P", "undeliverable": "P", "defective": "V", "damaged": "V", "missing_parts": "V",
    "wrong_item": "W", "lost": "W",
}  # fmt: skip
SELLER = {"out_of_stock": "H", "undeliverable": "C"}
NAVER_PAY = {
    "changed_mind": "51", "wrong_option": "52", "dissatisfied": "54", "late": "55", "lost": "57", "damaged": "59",
    "not_as_described": "60", "wrong_item": "61",
}  # fmt: skip
MEANS = {
    "A": "changed_mind", "G": "service", "B": "late", "I": "other", "O": "changed_mind", "P": "dissatisfied",
    "V": "defective", "W": "wrong_item", "H": "out_of_stock", "C": "undeliverable", "51": "changed_mind",
    "52": "wrong_option", "54": "dissatisfied", "55": "late", "57": "lost", "59": "damaged", "60": "not_as_described",
    "61": "wrong_item",
}  # fmt: skip
"""What the reference says each reason code means, in the words of the records."""
METHODS = {
    "card": "card", "bank": "cash", "virtual_account": "icash", "phone": "cell", "naver_pay": "card",
    "kakao_pay": "card", "points": "point", "coupon_only": "coupon",
}  # fmt: skip


def kst(at: datetime | None, plain: bool = False) -> str | None:
    """Return a time as the Admin API prints it: ISO 8601 +09:00, or without a zone in some item fields."""
    if at is None:
        return None
    local = at.astimezone(values.SEOUL)
    return f"{local:%Y-%m-%d %H:%M:%S}" if plain else local.isoformat(timespec="seconds")


def product_code(product: Product, place: int) -> str:
    """Return the system code: base 26 of the number, with an offset of the mall's own."""
    number, letters = product.no + place, ""
    for _ in range(3):
        number, digit = divmod(number, 26)
        letters = LETTERS[digit] + letters
    return f"P0000{letters}"


def variant_code(product: Product, variant: Variant, place: int) -> str:
    """Return the product's code and four characters."""
    number, letter = divmod(variant.place - 1, 26)
    return f"{product_code(product, place)}{number:03d}{LETTERS[letter]}"


def order_id(order: Order) -> str:
    """Return YYYYMMDD-NNNNNNN with the day in Korea."""
    return f"{order.ordered_at.astimezone(values.SEOUL):%Y%m%d}-{order.no:07d}"


def item_code(order: Order, place: int) -> str:
    """Return the order's number and the place of the line."""
    return f"{order_id(order)}-{place:02d}"


def accepted(claim: Claim) -> bool:
    """Return whether the seller has accepted: from then on there is a claim resource and a number."""
    return claim.phase not in ("requested", "rejected", "withdrawn") and bool(claim.method or claim.kind == "exchange")


def claim_code(claim: Claim) -> str:
    """Return its number: C for cancel and return, B for exchange."""
    letter = "B" if claim.kind == "exchange" else "C"
    return f"{letter}{claim.requested_at.astimezone(values.SEOUL):%Y%m%d}-{claim.no:07d}"


def split_off(order: Order, claim: Claim | None, units: int, line: Line) -> bool:
    """Return whether a partial claim split the line: unverified when that happens, so both ways occur."""
    return bool(claim and accepted(claim) and units < line.quantity and order.no % 16 == 9)


def claimed(order: Order, claim: Claim) -> list[tuple[Line, int]]:
    """Return the lines of a claim with the units claimed; what went along with the last sold line belongs to it too."""
    found = [(order.line(no), units) for no, units in claim.lines]
    if claim.phase == "completed" and claim is max(order.claims, key=lambda one: one.completed_at or one.requested_at):
        named = {no for one in order.claims for no, _ in one.lines}
        along = ENDED[claim.kind]
        found += [(line, line.quantity) for line in order.lines if line.status == along and line.no not in named]
    return [(line, units) for line, units in found if line.kind != "component"]


def claim_of(order: Order, line: Line) -> tuple[Claim | None, int]:
    """Return the claim of a line and the units claimed."""
    for claim in order.claims:
        for one, units in claimed(order, claim):
            if one is line:
                return claim, units
    return None, 0


def reason_code(order: Order, claim: Claim) -> str | None:
    """Return the code on the items: the buyer's, or the seller's when the seller filed it; None by the platform."""
    if claim.by == "platform" and claim.kind == "cancel":
        return None
    if claim.by != "buyer":
        return SELLER.get(claim.reason, "H")
    if order.channel == "naver_pay":
        return NAVER_PAY.get(claim.reason, "51")
    return (BUYER_CANCEL if claim.kind == "cancel" else BUYER_RETURN).get(
        claim.reason, "I" if claim.kind == "cancel" else "P"
    )


def status_code(order: Order, line: Line, claim: Claim | None) -> str:
    """Return the code of `order_status`."""
    if claim is None or claim.phase == "withdrawn":
        return STEPS[line.status]
    if claim.kind == "cancel" and claim.phase == "completed" and not order.paid_at:
        return UNPAID_CANCEL[claim.by]
    return CLAIMS[claim.kind, claim.phase]
