"""Cafe24's words and ours: states of order items, reasons of claims, channels (Admin API reference, official)."""

from typing import get_args

from shopscrape import words
from spiders.cafe24 import FACTS

BEFORE = ""
"""Stands for "what the line was before the claim"."""

LINES: dict[str, str] = {
    "N00": "placed", "N02": "placed", "N10": "paid", "N20": "preparing", "N21": "preparing", "N22": "on_hold",
    "N30": "shipped", "N40": "delivered", "N50": "completed", "N01": "preparing", "N03": "placed",
    "C00": BEFORE, "C10": BEFORE, "C11": BEFORE, "C34": BEFORE, "C35": BEFORE, "C36": BEFORE,
    "C40": "cancelled", "C41": "cancelled", "C42": "cancelled", "C43": "cancelled",
    "C47": "cancelled", "C48": "cancelled", "C49": "cancelled",
    "R00": BEFORE, "R10": BEFORE, "R11": BEFORE, "R12": BEFORE, "R13": BEFORE, "R20": BEFORE,
    "R30": BEFORE, "R31": BEFORE, "R34": BEFORE, "R36": BEFORE,
    "R40": "returned", "R41": "returned", "R42": "returned", "R43": "returned",
    "E00": BEFORE, "E10": BEFORE, "E11": BEFORE, "E12": BEFORE, "E13": BEFORE, "E20": BEFORE,
    "E30": BEFORE, "E31": BEFORE, "E32": BEFORE, "E33": BEFORE, "E34": BEFORE, "E35": BEFORE, "E36": BEFORE,
    "E40": "exchanged",
}  # fmt: skip
"""The codes of `order_status` to the word of the line."""

CLAIMS: dict[str, str] = {
    "C00": "requested", "C10": "accepted", "C11": "rejected", "C34": "refunding", "C35": "refunding", "C36": "on_hold",
    "C40": "completed", "C41": "refunding", "C42": "refunding", "C43": "on_hold",
    "C47": "completed", "C48": "completed", "C49": "completed",
    "R00": "requested", "R10": "accepted", "R11": "rejected", "R12": "on_hold", "R13": "collected", "R20": "collected",
    "R30": "collecting", "R31": "collected", "R34": "refunding", "R36": "on_hold",
    "R40": "completed", "R41": "refunding", "R42": "refunding", "R43": "on_hold",
    "E00": "requested", "E10": "accepted", "E11": "rejected", "E12": "on_hold", "E13": "collected", "E20": "reshipping",
    "E30": "collecting", "E31": "collected", "E32": "accepted", "E33": "reshipping",
    "E34": "refunding", "E35": "refunding", "E36": "on_hold", "E40": "completed",
}  # fmt: skip
"""The codes of `order_status` that tell of a claim, to the word of the claim."""
PAID_BACK = frozenset(("C35", "E35"))
"""Codes of a claim that goes on although its money went back."""
FILED_BY: dict[str, str] = {"C47": "buyer", "C48": "platform", "C49": "seller"}
"""Cancels before payment, by who made them: the buyer, the system after the time to pay, the operator."""

KINDS: dict[str, str] = {"C": "cancel", "R": "return", "E": "exchange"}
"""First letter of a claim's `order_status`. The letter of the claim code does not tell cancel from return."""
STATUS_CODES: dict[str, str] = {"C1": "cancel", "C2": "cancel", "C3": "return", "E1": "exchange"}
"""The coarse `status_code`; N1 is a normal line, N2 exchange goods."""
UNDONE: dict[str, str] = {
    "Cancellation": "cancel", "Cancel": "cancel", "Return": "return", "Exchange": "exchange",
}  # fmt: skip
"""`request_undone`: a claim that was withdrawn."""

RESOURCES: dict[str, str] = {"cancellation": "cancel", "return": "return", "exchange": "exchange"}
"""Claim resources, by their key in an answer."""
RESOURCE_STATUS: dict[str, str] = {
    "canceling": "refunding", "canceled": "completed",
    "accept": "accepted", "accepted": "accepted", "processing": "collecting", "returned": "completed",
    "collected": "collected", "exchanged": "completed",
}  # fmt: skip
"""`status` of a claim resource (answers to writes); the code of its items says more."""

NAVER_PAY: dict[str, tuple[str, str] | None] = {
    "PAYMENT_WAITING": None, "PAYED": None, "DELIVERING": None, "DELIVERED": None, "PURCHASE_DECIDED": None,
    "NOT_YET": None, "OK": None, "PURCHASE_DECISION_HOLDBACK": None, "PURCHASE_DECISION_HOLDBACK_REDELIVERING": None,
    "PURCHASE_DECISION_HOLDBACK_RELEASE": None, "PURCHASE_DECISION_REQUEST": None,
    "CANCEL": ("cancel", "requested"), "CANCEL_REQUEST": ("cancel", "requested"), "CANCELING": ("cancel", "accepted"),
    "CANCEL_DONE": ("cancel", "completed"), "CANCELED": ("cancel", "completed"),
    "CANCEL_REJECT": ("cancel", "rejected"), "CANCELED_BY_NOPAYMENT": ("cancel", "completed"),
    "ADMIN_CANCELING": ("cancel", "accepted"), "ADMIN_CANCEL_DONE": ("cancel", "completed"),
    "RETURN_REQUEST": ("return", "requested"), "COLLECTING": ("return", "collecting"),
    "COLLECT_DONE": ("return", "collected"), "RETURN_DONE": ("return", "completed"),
    "RETURNED": ("return", "completed"), "RETURN_REJECT": ("return", "rejected"),
    "EXCHANGE_REQUEST": ("exchange", "requested"), "EXCHANGE_REDELIVERING": ("exchange", "reshipping"),
    "EXCHANGE_DONE": ("exchange", "completed"), "EXCHANGED": ("exchange", "completed"),
    "EXCHANGE_REJECT": ("exchange", "rejected"),
}  # fmt: skip
"""`naver_pay_claim_status`, to kind and word of the claim; None where there is no claim.

Read only where Cafe24's own `order_status` tells of no claim (unverified). COLLECTING and COLLECT_DONE are a return,
unless the claim's code begins with B: an exchange.
"""

REASONS: dict[str, str] = {
    # the seller's
    "A": "changed_mind", "B": "late", "J": "wrong_item", "C": "undeliverable", "L": "undeliverable", "D": "damaged",
    "E": "dissatisfied", "F": "not_as_described", "K": "defective", "G": "service", "H": "out_of_stock", "I": "other",
    # the buyer's, returns and exchanges
    "O": "changed_mind", "P": "dissatisfied", "V": "defective", "W": "wrong_item",
    # Naver Pay
    "51": "changed_mind", "52": "wrong_option", "53": "wrong_option", "54": "dissatisfied", "55": "late",
    "56": "out_of_stock", "57": "lost", "58": "lost", "59": "damaged", "60": "not_as_described", "61": "wrong_item",
    "62": "wrong_item",
    # Kakao Pay
    "K1": "changed_mind", "K2": "wrong_option", "K3": "late", "K4": "defective", "K5": "missing_parts",
    "K6": "not_as_described", "K7": "out_of_stock",
}  # fmt: skip
BUYERS_REASONS: dict[str, frozenset[str]] = {
    "cancel": frozenset("AGBI"), "return": frozenset("OPVW"), "exchange": frozenset("OPVW"),
}  # fmt: skip
"""Letters that buyers choose from; another letter in an item says that the seller filed the claim."""

REFUNDS: dict[str, bool] = {"T": True, "F": False, "M": False}
"""`status` of a refund, to whether money was paid back: done 환불완료, before 환불전, on hold 보류."""

SHIPMENTS: dict[str, str] = {"standby": "preparing", "shipping": "shipped", "shipped": "delivered"}
"""`status` of a line within a shipment: 배송대기, 배송중, 배송완료."""

CHANNELS: dict[str, str] = {
    "self": "own", "cafe24": "own", "mobile": "own", "mobile_d": "app", "ncheckout": "naver_pay", "shopn": "smartstore",
    "coupang": "coupang", "gmarket": "gmarket", "auction": "auction", "sk11st": "elevenst", "inpark": "other",
    # not in the sources, read by their names: unverified
    "pc": "own", "kakao": "kakao", "kakaopay": "kakao", "payco": "payco", "pos": "pos",
}  # fmt: skip
"""`order_place_id` in small letters; another word is a marketplace that this table does not know: "other", counted."""

NO_MONEY = frozenset((
    "point", "points", "mileage", "credit", "credits", "pointfy", "pointcard", "coupon", "market_discount",
    "적립금", "예치금", "refund to points",
))  # fmt: skip
"""Methods of `refund_amounts` that are no money. Other fields of a claim tell names there, so those fit too."""

words.check({raw: word for raw, word in LINES.items() if word}, words.OrderStatus)
words.check(CLAIMS | RESOURCE_STATUS, words.ReturnStatus)
words.check(REASONS, words.Reason)
words.check(CHANNELS, FACTS.channels)
words.check(SHIPMENTS, words.OrderStatus)
words.check(KINDS | STATUS_CODES | UNDONE | RESOURCES, words.ReturnKind)
words.check({raw: told[0] for raw, told in NAVER_PAY.items() if told}, words.ReturnKind)
words.check({raw: told[1] for raw, told in NAVER_PAY.items() if told}, words.ReturnStatus)
assert set(get_args(words.ReturnKind)) == set(KINDS.values())
