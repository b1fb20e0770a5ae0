"""WISA's lines of the world's orders: native ids, states and labels, discounts, and the log of changes.

Unverified, as the sources say: the shape of order numbers, that a claim of a part of a line splits it, that a coupon's
amount stands at the lines that it concerns, which state an order shows whose lines differ.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sandbox.entities import Claim, Line, Order
from shopscrape import values

LABELS = {
    "1": "미입금", "2": "입금완료", "3": "상품준비중", "4": "배송중", "5": "배송완료", "20": "재고확인중",
    "40": "등록대기", "41": "동명이인입금", "31": "승인실패",
    "12": "취소요청", "21": "취소처리중", "13": "취소완료", "14": "환불요청", "15": "환불완료",
    "16": "반품요청", "22": "반품수거중", "23": "반품수거완료", "28": "반품보류", "17": "반품완료",
    "18": "교환요청", "24": "교환수거중", "25": "교환수거완료", "26": "교환재배송중", "27": "교환보류",
    "19": "교환완료",
}  # fmt: skip
_STEPS = {
    "placed": "1", "paid": "2", "preparing": "3", "on_hold": "3", "shipped": "4", "delivered": "5", "completed": "5",
    "failed": "31", "returned": "17", "exchanged": "19",
}  # fmt: skip
WAITING = ("20", "40", "41")
"""Further states of an order that is not paid."""
_CLAIMS = {
    "cancel": {"requested": "14", "accepted": "14", "refunding": "14", "on_hold": "14", "completed": "15"},
    "return": {
        "requested": "16", "accepted": "16", "collecting": "22", "collected": "23", "refunding": "23", "on_hold": "28",
        "completed": "17",
    },
    "exchange": {
        "requested": "18", "accepted": "18", "collecting": "24", "collected": "25", "reshipping": "26", "on_hold": "27",
        "completed": "19",
    },
}  # fmt: skip
_UNPAID_CANCEL = {"requested": "12", "accepted": "21", "refunding": "21", "on_hold": "21", "completed": "13"}
CLAIM_WORDS: dict[str, tuple[str, str]] = {
    "12": ("cancel", "requested"), "21": ("cancel", "accepted"), "13": ("cancel", "completed"),
    "14": ("cancel", "requested"), "15": ("cancel", "completed"),
    "16": ("return", "requested"), "22": ("return", "collecting"), "23": ("return", "collected"),
    "28": ("return", "on_hold"), "17": ("return", "completed"),
    "18": ("exchange", "requested"), "24": ("exchange", "collecting"), "25": ("exchange", "collected"),
    "26": ("exchange", "reshipping"), "27": ("exchange", "on_hold"), "19": ("exchange", "completed"),
}  # fmt: skip
"""Number of a claimed line to our words: the claim's kind and how far it is."""
ENDED = {"cancel": "cancelled", "return": "returned", "exchange": "exchanged"}
PROGRESS = ("1", "20", "40", "41", "2", "3", "4", "5")

METHODS = {
    "card": "신용카드", "bank": "무통장 입금", "virtual_account": "가상계좌", "phone": "휴대폰",
    "naver_pay": "네이버페이", "kakao_pay": "카카오페이", "points": "적립금", "coupon_only": "전체쿠폰",
}  # fmt: skip
CHANNELS = {
    "naver_pay": ("NP", "네이버페이"), "smartstore": ("SS", "스마트스토어"), "kakao": ("TS", "카카오톡스토어"),
}  # fmt: skip
MIRRORED = {"NP": "naver_pay", "SS": "smartstore", "TS": "kakao", "TB": "kakao"}


class Row(NamedTuple):
    """A line as the mall holds it."""

    number: str
    line: Line
    quantity: int
    code: str
    claim: Claim | None
    discounts: dict[str, int]
    """Label to amount."""

    @property
    def price(self) -> int:
        """Return the amount before discounts."""
        return self.line.unit * self.quantity

    @property
    def discount(self) -> int:
        """Return all discounts."""
        return sum(self.discounts.values())

    @property
    def standing(self) -> bool:
        """Return whether no finished claim took it out."""
        return self.code not in ("13", "15", "17", "19")


def order_id(order: Order) -> str:
    """Return the number of an order."""
    return f"{order.ordered_at.astimezone(values.SEOUL):%Y%m%d}-{order.no:05X}"


def rows(order: Order) -> list[Row]:
    """Return the lines. Gifts and replacements are none; a claim of some units splits its line for good."""
    coupon = _coupon(order)
    found = []
    for line in order.lines:
        if line.kind in ("gift", "replacement"):
            continue
        claim, units = claim_of(order, line)
        number, code = f"8{line.no}", line_code(order, line, claim)
        if claim is not None and units < line.quantity:
            rest = line.quantity - units
            found.append(
                Row(number, line, rest, line_code(order, line, None), None, _cut(order, line, coupon, 0, rest))
            )
            cut = _cut(order, line, coupon, rest, units)
            found.append(Row(f"8{line.no + 50}", line, units, code, claim, cut))
        else:
            found.append(Row(number, line, line.quantity, code, claim, _cut(order, line, coupon, 0, line.quantity)))
    return found


def claim_of(order: Order, line: Line) -> tuple[Claim | None, int]:
    """Return the claim of a line and the units that it is about."""
    for claim in order.claims:
        for no, units in claim.lines:
            if no == line.no:
                return claim, units
    return None, 0


def line_code(order: Order, line: Line, claim: Claim | None) -> str:
    """Return the number of a line's state."""
    if claim is not None and claim.phase not in ("withdrawn", "rejected"):
        return claim_code(order, claim, claim.phase)
    if line.status == "placed" and order.no % 3 == 1:
        return WAITING[order.no // 3 % 3]
    if line.status == "cancelled":
        return "15" if order.paid_at else "13"
    return _STEPS[line.status]


def claim_code(order: Order, claim: Claim, phase: str) -> str:
    """Return the number of a line in a phase of its claim: before payment cancellations have their own."""
    table = _UNPAID_CANCEL if claim.kind == "cancel" and not order.paid_at else _CLAIMS[claim.kind]
    return table[phase]


def order_code(order: Order, found: list[Row]) -> str:
    """Return the number of the whole order: its least advanced line that no claim holds, else its last claim's."""
    open_ = [row.code for row in found if row.code not in CLAIM_WORDS]
    if open_:
        return min(open_, key=lambda code: PROGRESS.index(code) if code in PROGRESS else -1)
    return max(found, key=lambda row: (row.claim.changed_at if row.claim else order.ordered_at, row.number)).code


def _coupon(order: Order) -> dict[int, int]:
    """Return each line's share of the order's coupon."""
    lines = [line for line in order.lines if line.kind in ("sale", "add_on") and line.total > 0]
    goods = sum(line.total for line in lines)
    shares = {line.no: order.coupon * line.total // goods for line in lines} if order.coupon else {}
    if shares:
        shares[lines[0].no] += order.coupon - sum(shares.values())
    return shares


def _cut(order: Order, line: Line, coupon: dict[int, int], first: int, units: int) -> dict[str, int]:
    """Return the discounts of some units of a line: together they are those of the line."""
    own = ("회원할인", "이벤트", "타임세일", "개별쿠폰", "수량할인")[order.no % 5]
    found = {}
    for label, amount in ((own, line.discount), ("전체쿠폰", coupon.get(line.no, 0))):
        share = amount * (first + units) // line.quantity - amount * first // line.quantity
        if share:
            found[label] = share
    return found


def delivered_at(order: Order, found: list[Row]) -> datetime | None:
    """Return when the whole order arrived (date5); None while a line of it that was sent or is to be has not."""
    waited = [row.line for row in found if row.code not in ("12", "13", "14", "15", "21")]
    ends = [line.delivered_at for line in waited]
    return max(end for end in ends if end) if ends and all(ends) else None


def claim_changed_at(order: Order) -> datetime | None:
    """Return when a claim of an order last changed (ext_date)."""
    return max((claim.changed_at for claim in order.claims), default=None)


def due(order: Order) -> int:
    """Return what is to be paid or stays paid now (pay_prc)."""
    if order.paid_at:
        return order.due - order.refunded
    return 0 if all(not row.standing for row in rows(order)) else order.due


def points_now(order: Order) -> int:
    """Return the points that are spent now."""
    return order.points - sum(claim.points_back for claim in order.claims)


def channel(order: Order) -> tuple[str, str] | None:
    """Return code and name of the marketplace; None for the mall itself, which further channels are counted to."""
    if order.channel == "kakao" and order.no % 8 > 3:
        return "TB", "카카오페이구매"
    return CHANNELS.get(order.channel)


def log(order: Order) -> Iterator[tuple[datetime, str]]:
    """Yield the changes of an order: labels only, never which line it was."""
    shown = {row.line.no: row for row in rows(order)}
    now: dict[int, str] = {}
    if order.methods[0] in ("bank", "virtual_account"):
        now = dict.fromkeys(shown, "1")
        yield order.ordered_at, f"{LABELS['1']}으로 변경"
    said: set[tuple[datetime, str]] = set()
    for event in order.events:
        lines, code = _moved(order, event, shown)
        for no in lines:
            came = now.get(no)
            if code == came or not code:
                continue
            now[no] = code
            text = f"{LABELS[came]}에서 {LABELS[code]}으로 변경" if came else f"{LABELS[code]}으로 변경"
            if (event.at, text) not in said:
                said.add((event.at, text))
                yield event.at, text


def _moved(order: Order, event: Any, shown: dict[int, Row]) -> tuple[list[int], str]:
    """Return the lines that an event is about and the number of their new state."""
    if event.what == "paid":
        return list(shown), "2"
    if event.what in ("preparing", "shipped", "delivered"):
        return [no for no in (event.line,) if no in shown], _STEPS[event.what]
    kind, _, phase = event.what.partition("_")
    claim = next((one for one in order.claims if one.no == event.claim), None) if event.claim else None
    if kind not in ENDED or claim is None:
        return [], ""
    lines = [no for no, _ in claim.lines if no in shown]
    if phase in ("withdrawn", "rejected"):
        return lines, _STEPS[claim.before]
    return lines, claim_code(order, claim, phase)
