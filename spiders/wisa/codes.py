"""WISA's words and ours: states of order lines, products, stock and reviews, and where orders come from.

Lists print Korean labels where details print numbers, so both lead to the same words (interface of the mall engine,
version 2.91.x). What stands in no table becomes "unknown" and is counted.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import UNSET

from shopscrape import words
from shopscrape.payload import Payload
from spiders.wisa import FACTS

BEFORE = ""
"""Stands for "what the line was before the claim"."""

LABELS: dict[str, str] = {
    "미입금": "1", "입금완료": "2", "상품준비중": "3", "배송중": "4", "배송완료": "5",
    "승인대기": "11", "승인실패": "31", "삭제": "32", "재고확인중": "20", "등록대기": "40", "동명이인입금": "41",
    "취소요청": "12", "취소처리중": "21", "취소완료": "13", "환불요청": "14", "환불완료": "15",
    "반품요청": "16", "반품수거중": "22", "반품수거완료": "23", "반품보류": "28", "반품완료": "17",
    "교환요청": "18", "교환수거중": "24", "교환수거완료": "25", "교환재배송중": "26", "교환보류": "27",
    "교환완료": "19",
}  # fmt: skip
"""Label of an order or a line to its number. Number 6 has no label (inferred: delivered and closed)."""

LINES: dict[str, str] = {
    "1": "placed", "2": "paid", "3": "preparing", "4": "shipped", "5": "delivered", "6": "delivered",
    "11": "placed", "31": "failed", "32": "failed", "20": "placed", "40": "placed", "41": "placed",
    "12": BEFORE, "21": BEFORE, "14": BEFORE, "16": BEFORE, "22": BEFORE, "23": BEFORE, "28": BEFORE,
    "18": BEFORE, "24": BEFORE, "25": BEFORE, "26": BEFORE, "27": BEFORE,
    "13": "cancelled", "15": "cancelled", "17": "returned", "19": "exchanged",
}  # fmt: skip
"""Number to the word of the line."""

LEFT_OUT = frozenset(("11", "31", "32"))
"""Payment pending, payment failed, deleted: lists never show the first two, and none of them is a sale."""

CLAIMS: dict[str, tuple[str, str]] = {
    "12": ("cancel", "requested"), "21": ("cancel", "accepted"), "13": ("cancel", "completed"),
    "14": ("cancel", "requested"), "15": ("cancel", "completed"),
    "16": ("return", "requested"), "22": ("return", "collecting"), "23": ("return", "collected"),
    "28": ("return", "on_hold"), "17": ("return", "completed"),
    "18": ("exchange", "requested"), "24": ("exchange", "collecting"), "25": ("exchange", "collected"),
    "26": ("exchange", "reshipping"), "27": ("exchange", "on_hold"), "19": ("exchange", "completed"),
}  # fmt: skip
"""Number to kind and word of the claim. 12 to 13 come before payment; 14 and 15 after it and before shipping."""

FAMILIES = {"취소": "cancel", "환불": "cancel", "반품": "return", "교환": "exchange"}
"""How labels of claims begin, so that a new one is at least a claim of a known kind."""
NO_MONEY = frozenset(("12", "21", "13"))
"""Cancelled before anything was paid."""
UNPAID = frozenset(("1", "11", "12", "13", "20", "21", "31", "32", "40", "41"))
"""States of an order for which no money has come."""
AT_REST = frozenset(("5", "6", "13", "15", "17", "19", "31", "32"))
"""States in which nothing is on its way any more."""

PRODUCTS: dict[str, str] = {
    "정상": "on_sale", "품절": "sold_out", "숨김": "hidden", "등록": "pending", "휴지통": "deleted",
    "1": "pending", "2": "on_sale", "3": "sold_out", "4": "hidden", "5": "deleted",
}  # fmt: skip
"""Label in lists, number on pages."""
PRODUCT_FLAGS: dict[str, str] = {"TT": "on_sale", "FF": "sold_out", "TF": "hidden"}
"""disp_flag and sell_flag of the ERP API; TF also stands for goods in the bin, which are not told apart."""
FEED_CLASSES: dict[str, str] = {"I": "on_sale", "U": "on_sale", "D": "sold_out"}

STOCK: dict[str, str] = {
    "N": "unlimited", "Y": "forced", "L": "counted", "무제한": "unlimited", "강제품절": "forced", "한정": "counted",
}  # fmt: skip
"""How a combination sells out: never, at once, or when its quantity is used up."""
UNLIMITED = 9999
"""The ERP API prints this for what is not counted."""

REVIEWS: dict[str, list[words.ReviewFlag]] = {
    "1": ["pending"], "2": [], "3": ["best"], "4": ["popular"],
    "대기": ["pending"], "등록": [], "베스트": ["best"], "인기": ["popular"],
}  # fmt: skip
"""Number of a review's state, or its label."""
NOTICE = "0"

CHANNELS: dict[str, str] = {
    "SELF": "own", "NP": "naver_pay", "SS": "smartstore", "TS": "kakao", "TB": "kakao", "네이버페이": "naver_pay",
    "스마트스토어": "smartstore", "카카오톡스토어": "kakao", "카카오페이구매": "kakao",
}  # fmt: skip
"""Orders of SS and TS (and NP, TB) are mirrored: the same sale also stands in the marketplace's own API."""

PAYMENTS = frozenset((
    "신용카드", "무통장 입금", "적립금", "가상계좌", "계좌이체", "예치금", "휴대폰", "현금", "복합", "Alipay",
    "카카오페이", "Paypal", "EContext", "Paypal(e)", "payco", "Wechat", "Alipay(e)", "Eximbay", "Paynow", "토스결제",
    "정기결제", "나중에결제", "네이버페이", "후불결제", "네이버페이 (정기)", "삼성페이",
))  # fmt: skip
DISCOUNTS = frozenset((
    "세트할인", "이벤트", "타임세일", "회원할인", "전체쿠폰", "개별쿠폰", "금액할인", "결제방식", "정기배송",
    "수량할인",
))  # fmt: skip

OPTION_TYPES: dict[str, str] = {
    "콤보박스": "choice", "라디오버튼": "choice", "라디오버튼 + 줄바꿈": "choice", "컬러칩": "choice",
    "텍스트칩": "choice", "면적입력": "text", "텍스트입력": "text",
}  # fmt: skip
NECESSARY: dict[str, str] = {"Y": "axis", "C": "axis", "N": "optional", "P": "add_on"}

CURRENCIES: dict[str, str] = {"원": "KRW", "KRW": "KRW", "USD": "USD", "CNY": "CNY", "JPY": "JPY", "AUD": "AUD"}

words.check({raw: word for raw, word in LINES.items() if word}, words.OrderStatus)
words.check({raw: kind for raw, (kind, _) in CLAIMS.items()} | FAMILIES, words.ReturnKind)
words.check({raw: word for raw, (_, word) in CLAIMS.items()}, words.ReturnStatus)
words.check(PRODUCTS | PRODUCT_FLAGS | FEED_CLASSES, words.ProductStatus)
words.check(CHANNELS, FACTS.channels)
assert set(LABELS.values()) | {"6"} == set(LINES)

_CHANGE = re.compile(r"(?:(\S+?)에서\s*)?(\S+?)\s*(?:으로|로)\s*변경")

LEFT: dict[str, tuple[str, ...]] = {"14": ("paid", "preparing"), **dict.fromkeys(
    ("16", "22", "23", "28"), ("shipped", "delivered")
)}  # fmt: skip
"""What a line may have been before an open claim: refunds (14) come before shipping, returns after it."""


class State(NamedTuple):
    """What the status of a line says."""

    word: Any
    """Our order word; UNSET where only the earlier answers know what the line was before its open claim."""
    raw: Any
    code: str | None
    """The platform's number, None for an unknown word."""
    kind: str | None
    """Of the claim, None when there is none."""
    claim: Any
    """Our word for the claim."""


def code_of(raw: Any) -> str | None:
    """Return the number of a label or of a number; None for what is in no table."""
    text = str(raw).strip()
    return text if text in LINES else LABELS.get(text)


def state(row: Payload, number: Any, label: Any, before: Any = UNSET) -> State:
    """Return what a line's number or label says; `before` is what it was before an open claim, as far as it is told."""
    known = code_of(number) or code_of(label)
    raw = label if isinstance(label, str) else number
    if known is None:
        if raw is UNSET or raw is None:
            return State(raw, raw, None, None, UNSET)
        row.known(raw, {}, "line_status")
        kind = FAMILIES.get(str(raw)[:2])
        return State(before if kind else "unknown", raw, None, kind, "unknown" if kind else UNSET)
    kind, claim = CLAIMS.get(known, (None, UNSET))
    word: Any = LINES[known]
    if word == BEFORE:
        word = "placed" if known in NO_MONEY else before
    return State(word, raw, known, kind, claim)


class History:
    """What `stat_log` tells: changes of the whole order, labels only. Which line changed is never told."""

    def __init__(self, entries: list[tuple[Any, Any]]) -> None:
        self.changes: list[tuple[datetime | None, str | None, str]] = []
        if all(isinstance(at, datetime) for at, _ in entries):
            # Which end comes first is not documented.
            entries = sorted(entries, key=lambda entry: entry[0])
        for at, summary in entries:
            # A hostile text without blanks would be searched from each of its letters to its end.
            found = _CHANGE.search(summary[:200]) if isinstance(summary, str) else None
            if found:
                self.changes.append((at if isinstance(at, datetime) else None, found[1], found[2]))

    def first(self, *codes: str) -> Any:
        """Return when the order first came to one of these states; UNSET when the log does not say."""
        return next((at for at, _, to in self.changes if LABELS.get(to) in codes and at), UNSET)

    def last(self, *codes: str) -> Any:
        """Return when the order last came to one of these states; UNSET when the log does not say."""
        return next((at for at, _, to in reversed(self.changes) if LABELS.get(to) in codes and at), UNSET)

    def before(self, code: str = "") -> Any:
        """Return the word of the last state that was no claim; UNSET when the log does not say.

        Lines of one order may be far apart, so the change that led to a claim of that kind speaks first, and a state
        that no such claim comes from is another line's.
        """
        kind, fits = CLAIMS.get(code, ("", ""))[0], LEFT.get(code)
        for _, came, to in reversed(self.changes):
            left, claim = LABELS.get(came or "", ""), CLAIMS.get(LABELS.get(to, ""))
            if left and left not in CLAIMS and claim and claim[0] == kind and (not fits or LINES[left] in fits):
                return LINES[left]
        for _, came, to in reversed(self.changes):
            for label in (to, came):
                number = LABELS.get(label or "")
                if number and number not in CLAIMS and (not fits or LINES[number] in fits):
                    return LINES[number]
        return UNSET

    def withdrawn(self) -> str | None:
        """Return the kind of the claim that the order last left for a state that is none."""
        for _, came, to in reversed(self.changes):
            left, now = CLAIMS.get(LABELS.get(came or "", "")), LABELS.get(to, "")
            if left and now and now not in CLAIMS:
                return left[0]
        return None
