"""Naver's words and ours: states of product orders, claims, reasons, products (Commerce API reference, official)."""

from typing import get_args

from shopscrape import words
from spiders.naver import FACTS

# -- products ----------------------------------------------------------------------------------------------------------

PRODUCTS: dict[str, str] = {
    "WAIT": "pending", "SALE": "on_sale", "OUTOFSTOCK": "sold_out", "UNADMISSION": "pending", "REJECTION": "ended",
    "SUSPENSION": "suspended", "CLOSE": "ended", "PROHIBITION": "ended", "DELETE": "deleted",
}  # fmt: skip
"""`statusType`."""

DISPLAY: dict[str, bool] = {"WAIT": False, "ON": True, "SUSPENSION": False}
"""`channelProductDisplayStatusType`: whether a guest can see it."""

SERVICES: dict[str, str] = {"STOREFARM": "smartstore", "WINDOW": "other", "AFFILIATE": "other"}
"""`channelServiceType` and `channelType` to our channel."""

# -- product orders ----------------------------------------------------------------------------------------------------

LINES: dict[str, str] = {
    "PAYMENT_WAITING": "placed", "PAYED": "paid", "DELIVERING": "shipped", "DELIVERED": "delivered",
    "PURCHASE_DECIDED": "completed", "EXCHANGED": "exchanged", "CANCELED": "cancelled", "RETURNED": "returned",
    "CANCELED_BY_NOPAYMENT": "cancelled",
}  # fmt: skip
"""`productOrderStatus`."""

UNPAID: frozenset[str] = frozenset(("PAYMENT_WAITING", "CANCELED_BY_NOPAYMENT"))
"""States of a line whose order was not paid."""

PLACED: dict[str, str] = {"NOT_YET": "paid", "OK": "preparing", "CANCEL": "paid"}
"""`placeOrderStatus`: what PAYED means; OK is the seller's confirmation, CANCEL its withdrawal."""

LINE_KINDS: dict[str, str] = {"단일상품": "sale", "조합형옵션상품": "sale", "추가구성상품": "add_on"}
"""`productClass`. Unverified: the list of its words is not published; a strange one is a sale line, and counted."""

GIFTS: frozenset[str] = frozenset(("WAIT_FOR_RECEIVING", "RECEIVED"))
"""`giftReceivingStatus`: an unaccepted gift has no address yet."""

CHANGES: frozenset[str] = frozenset((
    "PAY_WAITING", "PAYED", "EXCHANGE_OPTION", "DELIVERY_ADDRESS_CHANGED", "GIFT_RECEIVED", "CLAIM_REJECTED",
    "DISPATCHED", "CLAIM_REQUESTED", "COLLECT_DONE", "CLAIM_COMPLETED", "PURCHASE_DECIDED",
    "HOPE_DELIVERY_INFO_CHANGED", "CLAIM_REDELIVERING",
))  # fmt: skip
"""`lastChangedType`: only the latest change of a line is told, so each leads to the same question."""

# -- claims ------------------------------------------------------------------------------------------------------------

KINDS: dict[str, str] = {"CANCEL": "cancel", "RETURN": "return", "EXCHANGE": "exchange", "ADMIN_CANCEL": "cancel"}
"""`claimType`, as far as it is a claim."""

NO_CLAIM: frozenset[str] = frozenset((
    "PURCHASE_DECISION_HOLDBACK", "PURCHASE_DECISION_REQUEST", "PURCHASE_DECISION_HOLDBACK_RELEASE",
))  # fmt: skip
"""Words of `claimType` and `claimStatus` that tell of the buyer's confirmation being held back: not a return."""

CLAIMS: dict[str, str] = {
    "CANCEL_REQUEST": "requested", "RETURN_REQUEST": "requested", "EXCHANGE_REQUEST": "requested",
    "CANCELING": "accepted", "ADMIN_CANCELING": "accepted", "COLLECTING": "collecting", "COLLECT_DONE": "collected",
    "EXCHANGE_REDELIVERING": "reshipping",
    "CANCEL_DONE": "completed", "RETURN_DONE": "completed", "EXCHANGE_DONE": "completed",
    "ADMIN_CANCEL_DONE": "completed",
    # One official label for all of them, 철회. A seller can refuse a return or an exchange by the API, never a cancel.
    "CANCEL_REJECT": "withdrawn", "ADMIN_CANCEL_REJECT": "withdrawn",
    "RETURN_REJECT": "rejected", "EXCHANGE_REJECT": "rejected",
}  # fmt: skip
"""`claimStatus`. COLLECTING and COLLECT_DONE are shared by returns and exchanges."""

CLAIM_FAMILIES: tuple[tuple[str, str], ...] = (
    ("ADMIN_CANCEL", "cancel"), ("CANCEL", "cancel"), ("RETURN", "return"), ("EXCHANGE", "exchange"),
)  # fmt: skip
"""How a `claimStatus` begins, to the kind of claim, where `claimType` is not told or strange."""

REASONS: dict[str, str] = {
    "INTENT_CHANGED": "changed_mind", "COLOR_AND_SIZE": "wrong_option", "WRONG_ORDER": "wrong_option",
    "PRODUCT_UNSATISFIED": "dissatisfied", "DELAYED_DELIVERY": "late", "SOLD_OUT": "out_of_stock",
    "DROPPED_DELIVERY": "lost", "NOT_YET_DELIVERY": "lost", "BROKEN": "damaged", "INCORRECT_INFO": "not_as_described",
    "WRONG_DELIVERY": "wrong_item", "WRONG_OPTION": "wrong_item", "SIMPLE_INTENT_CHANGED": "changed_mind",
    "MISTAKE_ORDER": "wrong_option", "ETC": "other",
    "DELAYED_DELIVERY_BY_PURCHASER": "late", "INCORRECT_INFO_BY_PURCHASER": "not_as_described",
    "PRODUCT_UNSATISFIED_BY_PURCHASER": "dissatisfied",
    "NOT_YET_DISCUSSION": "other", "OUT_OF_STOCK": "out_of_stock", "SALE_INTENT_CHANGED": "seller",
    "NOT_YET_PAYMENT": "payment", "NOT_YET_RECEIVE": "lost", "WRONG_DELAYED_DELIVERY": "late",
    "BROKEN_AND_BAD": "damaged",
    "RECEIVING_DUE_DATE_OVER": "undeliverable", "RECEIVER_MISMATCHED": "undeliverable",
    "GIFT_INTENT_CHANGED": "changed_mind", "GIFT_REFUSAL": "changed_mind",
    "MINOR_RESTRICTED": "undeliverable", "RECEIVING_BLOCKED": "undeliverable",
    "UNDER_QUANTITY": "other", "ASYNC_FAIL_PAYMENT": "payment", "ASYNC_LONG_WAIT_PAYMENT": "payment",
}  # fmt: skip
"""The 34 claim reasons. Whose fault it was is not told; the words are our reading of the labels."""

ASKERS: dict[str, str] = {"구매회원": "buyer", "판매자": "seller", "시스템": "platform"}
"""`requestChannel`. Unverified: only 구매회원 was seen there; the others were seen as who held a claim back."""

# -- error codes -------------------------------------------------------------------------------------------------------

STATUS: dict[str, int] = {
    "GW.AUTHN": 401, "GW.AUTHZ": 403, "GW.IP_NOT_ALLOWED": 403, "GW.NOT_FOUND": 404, "GW.RATE_LIMIT": 429,
    "GW.QUOTA_LIMIT": 429, "GW.INTERNAL_SERVER_ERROR": 500, "GW.PROXY": 500, "GW.BLOCK": 503, "GW.TIMEOUT": 504,
    "PERMANENT_REDIRECT": 308, "BAD_REQUEST": 400, "UNAUTHORIZED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404,
    "INTERNAL_SERVER_ERROR": 500,
    "CHANNEL_NOT_FOUND": 404, "STORE_NOT_FOUND": 404, "REPRESENT_NOT_FOUND": 404, "MEMBER_NOT_FOUND": 404,
    "INTERLOCK_NOT_FOUND": 404,
}  # fmt: skip
"""The HTTP status that a code stands for, where only the body is known; GW.PROXY.03 goes by GW.PROXY."""

SELLER_STATES: dict[str, str] = {
    "ROLE_NOT_FOUND": "the seller account has no role in this store",
    "PROVISION_NOT_FOUND": "the seller has not accepted the terms of the API; accept them in the API centre",
    "INVALID_CHANNEL_STATUS": "the channel is not in operation",
    "INVALID_STORE_STATUS": "the store is not in operation",
    "INVALID_REPRESENT_STATUS": "the representative's account is not in order",
    "INVALID_MEMBER_STATUS": "the seller's member account is not in order",
    "INVALID_INTERLOCK_STATUS": "the linked service is not in order",
    "RESOURCE_NOT_AVAILABLE": "the seller's resource is not available",
}  # fmt: skip
"""Codes of HTTP 403 that tell of the seller's state."""

NOT_THERE: frozenset[str] = frozenset(("100001", "100003"))
"""Order codes: product order, order not found."""
NOT_OURS = "101009"
"""Order code: no permission for that product order; one foreign number refuses the whole question."""
TOO_WIDE = "104139"
"""Order code: the window of time is too long."""
WRONG_QUESTION: frozenset[str] = frozenset(("4000", "104131", "104133"))
"""Order codes: bad parameter, a number asked twice, bad request."""
OTHER = "9999"
"""Order code: anything else; it may pass."""
WRITES: frozenset[str] = frozenset((
    "101011", "104105", "104116", "104117", "104118", "104119", "104120", "104121", "104122", "104138", "104417",
    "104441", "104442", "104443", "104444", "104445", "104446", "104449", "104450", "105001", "105002", "105306",
    "105308",
))  # fmt: skip
"""Order codes that only calls that change something can meet."""
TOLD: frozenset[str] = NOT_THERE | WRONG_QUESTION | WRITES | {NOT_OURS, TOO_WIDE}
"""Order codes that name a reason, whether they come with 400 or 500 (both are documented)."""

words.check(PRODUCTS, words.ProductStatus)
words.check(SERVICES, FACTS.channels)
words.check(LINES | PLACED, words.OrderStatus)
words.check(LINE_KINDS, words.LineKind)
words.check(KINDS, words.ReturnKind)
words.check(CLAIMS, words.ReturnStatus)
words.check(REASONS, words.Reason)
assert {kind for _, kind in CLAIM_FAMILIES} == set(get_args(words.ReturnKind))
