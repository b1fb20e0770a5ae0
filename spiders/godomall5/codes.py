"""Godomall5's words and ours: states of orders and lines, claims, reasons, channels, payment methods.

The letters of a state are its family; merchants add steps of their own to a family, such as g5 to g8. Reasons are texts
that each mall edits, so they are known by what they say.
"""

import re

from shopscrape import words
from spiders.godomall5 import FACTS

BEFORE = ""
"""Stands for "what the line was before the claim"."""
BY_CLAIM = "by claim"
"""Stands for "cancelled or returned, as the claim is"."""

LINES: dict[str, str] = {
    "o1": "placed", "p1": "paid", "g1": "preparing", "g2": "preparing", "g3": "preparing", "g4": "preparing",
    "d1": "shipped", "d2": "delivered", "s1": "completed",
    "c1": "cancelled", "c2": "cancelled", "c3": "cancelled", "c4": "cancelled",
    "f1": "failed", "f2": "failed", "f3": "failed", "f4": "failed",
    "b1": BEFORE, "b2": BEFORE, "b3": BEFORE, "b4": BEFORE,
    "e1": BEFORE, "e2": BEFORE, "e3": BEFORE, "e4": BEFORE, "e5": "exchanged",
    "r1": BEFORE, "r2": BEFORE, "r3": BY_CLAIM,
    "z1": "placed", "z2": "paid", "z3": "shipped", "z4": "delivered", "z5": "completed",
}  # fmt: skip
"""`orderStatus` to the word of the line (official). c4 is cancelled only once the line has a `cancelDt`."""

FAMILIES: dict[str, str] = {
    "o": "placed", "p": "paid", "g": "preparing", "d": "shipped", "s": "completed", "c": "cancelled", "f": "failed",
    "b": BEFORE, "e": BEFORE, "r": BEFORE, "z": "preparing",
}  # fmt: skip
"""First letter to the word of a line, for steps that a merchant added."""

CLAIMS: dict[str, str] = {
    "c1": "completed", "c2": "completed", "c3": "completed", "c4": "completed",
    "b1": "requested", "b2": "collecting", "b3": "on_hold", "b4": "collected",
    "e1": "requested", "e2": "collecting", "e3": "reshipping", "e4": "on_hold", "e5": "completed",
    "r1": "refunding", "r2": "on_hold", "r3": "completed",
}  # fmt: skip
"""`orderStatus` of a line under a claim to the word of the claim. c4 is completed only with a `cancelDt`; r1 is where
the money is asked for, after a return as well as before shipping."""

CLAIM_FAMILIES: dict[str, str] = {"b": "requested", "e": "requested", "r": "refunding", "c": "completed"}
"""First letter to the word of a claim, for steps that a merchant added: all that its family tells, which is its first
step; only r3 and e5 say that it is done."""

KINDS: dict[str, str] = {"b": "return", "e": "exchange", "c": "cancel", "r": BY_CLAIM, "z": ""}
"""`handleMode`, and the letter of a state: r is the money's part of a return or of a cancellation, z a line sent
instead of another."""

CANCELLED_BY: dict[str, str] = {"c1": "platform", "c2": "seller", "c3": "seller", "c4": "buyer"}
"""Who a cancellation before payment came from."""

UNSHIPPED = frozenset("opgcf")
"""Families of states before shipping: a refund from there is a cancellation."""

UNSENT = frozenset(("z1", "z2"))
"""The same of a line that is sent instead of another."""

UNPAID = frozenset("of")
"""Families of states before payment."""

CLAIMED = frozenset("cber")
"""Families of states under a claim."""

CHANNELS: dict[str, str] = {"shop": "own", "payco": "payco", "naverpay": "naver_pay"}
"""`orderChannelFl` (official); another word is a marketplace that this table does not know: "other", and counted."""

REVIEW_CHANNELS: dict[str, str] = {"shop": "own", "payco": "payco", "naverpay": "naver_pay"}
"""`channel` of a post; not documented, taken to be as for orders (unverified)."""

PAYMENTS = frozenset((
    "gb", "pb", "pc", "pv", "ph", "eb", "ec", "ev", "fb", "fc", "fh", "fp", "fv", "fa", "pk", "pn", "pl", "gd", "gm",
    "gz", "gr",
))  # fmt: skip
"""`settleKind` (official): g. bank transfer, deposit, mileage, fully discounted, other; p. card, account, phone and
others; e. the same in escrow; f. the same by easy pay."""

_REASONS: tuple[tuple[str, str], ...] = (
    (r"변심|단순|마음이 ?바뀌|필요 ?없", "changed_mind"),
    (r"중복", "duplicate"),
    (r"품절|재고 ?부족|재고 ?없|단종|입고 ?불가", "out_of_stock"),
    (r"파손|훼손|깨[짐진져]", "damaged"),
    (r"불량|하자|고장|결함", "defective"),
    (r"누락|구성품|부족", "missing_parts"),
    (r"오배송|잘못 ?배송|다른 ?상품|상품 ?오", "wrong_item"),
    (r"분실", "lost"),
    (r"배송 ?불가|수취인|반송", "undeliverable"),
    (r"지연|늦", "late"),
    (r"상이|설명과|다름|다릅|달라", "not_as_described"),
    (r"사이즈|색상|옵션|잘못 ?주문|주문 ?실수|주문 ?오류", "wrong_option"),
    (r"서비스|불친절", "service"),
    (r"불만족|품질|맘에|마음에 ?(?:안|들지)", "dissatisfied"),
    (r"결제|미입금|입금", "payment"),
    (r"관리자|판매자|가격 ?오류|쇼핑몰", "seller"),
    (r"기타", "other"),
)
"""What a reason's text says, first fitting line (our reading; malls edit these texts)."""
_SAID = tuple((re.compile(pattern), word) for pattern, word in _REASONS)

REASON_CODE = re.compile(r"0\d{7}")
"""A reason as a code, such as 04001001; its text stands in the mall's own table."""


def reason(text: str) -> str | None:
    """Return our word for a reason's text, None when nothing in it is known.

    >>> reason("고객변심"), reason("사이즈/색상 변경"), reason("품절취소"), reason("?")
    ('changed_mind', 'wrong_option', 'out_of_stock', None)
    """
    return next((word for pattern, word in _SAID if pattern.search(text)), None)


words.check(
    {raw: word for raw, word in (LINES | FAMILIES).items() if word not in (BEFORE, BY_CLAIM)}, words.OrderStatus
)
words.check(CLAIMS, words.ReturnStatus)
words.check(CLAIM_FAMILIES, words.ReturnStatus)
words.check({raw: word for raw, word in KINDS.items() if word not in ("", BY_CLAIM)}, words.ReturnKind)
words.check(CHANNELS | REVIEW_CHANNELS, FACTS.channels)
words.check(dict(_REASONS), words.Reason)
