"""MakeShop (Korea): its codes to our words.

The vendor's code tables (order, line, issue, refund, delivery, pay method) could not be obtained. What is known comes
from client code; the status of a line is derived from its dates, so its own code (`basket_status`) is only kept.
"""

from shopscrape import words
from spiders.makeshop import FACTS

ORDERS: dict[str, str] = {"N": "placed", "Y": "paid", "S": "paid", "C": "cancelled"}
"""`order_status` (client code, live): unpaid, paid, paid and being processed or shipped, cancelled."""
PAID_ORDERS = frozenset(("Y", "S"))
PAYMENTS: dict[str, str] = {"N": "approved", "Y": "paid", "C": "cancelled"}
"""`pay_status`; "N" is a card that was approved and not settled."""

ISSUES: dict[str, str] = {
    "REFUND1": "requested", "REFUND3": "refunding", "REFUND6": "refunding", "REFUND7": "completed",
    "REFUNDC": "withdrawn", "REPAY1": "requested", "REPAY7": "completed", "REPAYC": "withdrawn",
}  # fmt: skip
"""`issue_status`: the names come from a database enum, their meaning is inferred (unverified)."""

LINES: dict[str, str] = {"BASIC": "sale", "PACKAGE_PRODUCT": "component", "GIFT": "gift"}
"""`product_type` of an order line."""
PRODUCTS = frozenset(("NORMAL", "PACKAGE"))
"""`product_type` of a product."""

BUYABLE: dict[str, bool] = {
    "SALE": True, "DELAY": True, "SOLDOUT": False, "TEMPOUT": False, "HIDE": False, "STOP": False, "HIDDEN": False,
}  # fmt: skip
"""`sto_state_code` of a variant; STOP and HIDDEN were met by a client. Another word is not buyable, and counted."""
VARIANTS = frozenset(("BASIC", "ADDITION", "DUMMY"))
"""`sto_type`."""
OPTIONS: dict[str, str] = {
    "SELECT": "choice", "SINGLE": "choice", "HYBRID": "choice", "CUSTOM": "text", "ADDITION": "add_on",
}  # fmt: skip
"""`opt_type`: a choice that makes variants, a text the buyer types, an add-on that is sold beside."""

REASONS: dict[str, str] = {
    "고객변심": "changed_mind", "단순변심": "changed_mind", "배송불가지역": "undeliverable", "포장불량": "damaged",
    "배송지연": "late", "서비스불만": "service", "상품불만": "dissatisfied", "상품정보상이": "not_as_described",
    "품절": "out_of_stock", "기타": "other", "사은품취소": "other", "사이즈": "wrong_option", "설치환경불가": "other",
    "오주문": "wrong_option", "재주문": "other", "쿠폰": "payment",
}  # fmt: skip
"""Labels of the reason list, blanks taken out; the reading side returns text, not the letter."""
REASON_LETTERS: dict[str, str] = {
    "C": "changed_mind", "A": "undeliverable", "L": "damaged", "D": "late", "Q": "service", "T": "dissatisfied",
    "P": "not_as_described", "S": "out_of_stock", "E": "other", "G": "other", "B": "wrong_option", "F": "other",
    "O": "wrong_option", "H": "other", "U": "payment",
}  # fmt: skip
"""The letters that the writing side takes, in case one comes back."""

REDUCTIONS = frozenset((
    "COUPON", "ORDCOU", "PRDCOU", "DELICOU", "GROUP", "GROUPADD", "GROUPPRD", "WHOLESAL", "PERIODDC", "PRDSET", "BULK",
    "SUBS", "CASHDC",
))  # fmt: skip
"""`ext_type` of what makes an order cheaper."""
SURCHARGES = frozenset(("ADDPRICE", "VAT", "CARDCMIS", "ESCRCMIS"))
"""`ext_type` of what is added to the goods."""
SHIPPING_SURCHARGES = frozenset(("EMSINSUR",))
SPENT_POINTS = frozenset(("RESERVES",))
EITHER_WAY = frozenset(("ADMIN", "POWERAPP", "LINK"))
"""`ext_type` whose sign tells."""

NO_MONEY = frozenset(("R", "E"))
"""`refund_method`: points and deposit; the others are B bank, C card, H phone, T account transfer."""
REFUND_METHODS = frozenset("BCHTRE")

CHANNELS: dict[str, str] = {"naver_pay": "naver_pay", "talkcheck": "kakao"}
"""`link_id`; another word is a partner this table does not know yet: "other", and counted."""
PAY_PATHS: dict[str, str] = {"WEB": "own", "MOBILE": "own", "POWERAPP": "app"}
"""`pay_path`: where in the shop it was paid."""
WRITE_PATHS: dict[str, str] = {"WEB": "own", "MOBILE": "own", "NAVER_PAY": "naver_pay"}
"""`write_path` of a board post."""

words.check(ORDERS, words.OrderStatus)
words.check(ISSUES, words.ReturnStatus)
words.check(LINES, words.LineKind)
words.check(REASONS | REASON_LETTERS, words.Reason)
words.check(CHANNELS | PAY_PATHS | WRITE_PATHS, FACTS.channels)
