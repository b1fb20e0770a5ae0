"""What POST /v1/products/search of the emulated Commerce API finds, and in which order.

Unverified: the directions of orders beside NO, which a sample shows, and how a word that there is not is refused. By
sales and reviews, which the catalogue does not know, products stand as by number.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox import naver_goods
from sandbox import naver_ids as ids
from sandbox.entities import Product
from shopscrape import values

MOST, USUAL = 500, 50
"""Entries of a page, and entries where nothing is asked."""
NUMBERS: dict[str, tuple[str, Callable[[Product], set[Any]]]] = {
    "CHANNEL_PRODUCT_NO": (
        "channelProductNos",
        lambda one: {ids.channel_no(one)} | ({ids.window_no(one)} if ids.windowed(one) else set()),
    ),
    "PRODUCT_NO": ("originProductNos", lambda one: {ids.origin_no(one)}),
    "GROUP_PRODUCT_NO": ("groupProductNos", lambda one: {ids.group_no(one)}),
    "SELLER_CODE": ("sellerManagementCode", lambda one: {one.code}),
}
"""searchKeywordType → the input that goes with it, and what it is held against."""
PERIODS: dict[str, Callable[[Product], datetime]] = {
    "PROD_REG_DAY": lambda one: one.created_at, "SALE_START_DAY": lambda one: one.created_at,
    "SALE_END_DAY": lambda one: naver_goods.ENDS, "PROD_MOD_DAY": lambda one: one.changed_at,
}  # fmt: skip
ORDERS: dict[str, tuple[Callable[[Product], Any], str]] = {
    "NO": (lambda one: one.no, "DESC"), "NAME": (lambda one: (one.name, one.no), "ASC"),
    "SELLER_CODE": (lambda one: (one.code or "", one.no), "ASC"),
    "LOW_PRICE": (lambda one: (one.price, one.no), "ASC"), "HIGH_PRICE": (lambda one: (one.price, one.no), "DESC"),
    "LOW_DISCOUNT_PRICE": (lambda one: (one.discounted or one.price, one.no), "ASC"),
    "REG_DATE": (lambda one: (one.created_at, one.no), "DESC"),
    "MOD_DATE": (lambda one: (one.changed_at, one.no), "DESC"),
    **dict.fromkeys(
        ("SALE_START", "SALE_END", "POPULARITY", "ACCUMULATE_SALE", "TOTAL_REVIEW_COUNT", "AVERAGE_REVIEW_SCORE"),
        (lambda one: one.no, "DESC"),
    ),
}  # fmt: skip
STATES = frozenset((
    "WAIT", "SALE", "OUTOFSTOCK", "UNADMISSION", "REJECTION", "SUSPENSION", "CLOSE", "PROHIBITION", "DELETE",
))  # fmt: skip


class Wrong(Exception):
    """An input that is not taken; `told` is what invalidInputs says of it."""

    def __init__(self, name: str, kind: str = "Invalid", said: str = "항목이 유효하지 않습니다.") -> None:
        super().__init__(name)
        self.told = {"name": name, "type": kind, "message": f"{name} {said}"}


def page(asked: dict[str, Any]) -> tuple[int, int]:
    """Return which page is asked for, and of what size. Raises: Wrong."""
    told = {
        name: asked[name] if asked.get(name) is not None else usual for name, usual in (("page", 1), ("size", USUAL))
    }
    for name, number in told.items():
        if type(number) is not int:
            raise Wrong(name)
        if number < 1:
            raise Wrong(name, "Min", "항목을 1 이상으로 입력해 주세요.")
    if told["size"] > MOST:
        raise Wrong("size", "Max", f"항목을 {MOST} 이하로 입력해 주세요.")
    return told["page"], told["size"]


def find(products: list[Product], asked: dict[str, Any]) -> tuple[list[Product], dict[str, str]]:
    """Return the products that are asked for, in order, and what the answer says of the order. Raises: Wrong."""
    order = asked.get("orderType") or "NO"
    if order not in ORDERS:
        raise Wrong("orderType")
    for test in (_numbers(asked), _states(asked), _period(asked)):
        products = [one for one in products if test(one)]
    key, direction = ORDERS[order]
    found = sorted(products, key=key, reverse=direction == "DESC")
    return found, {"name": order, "direction": direction}


def _numbers(asked: dict[str, Any]) -> Callable[[Product], bool]:
    kind = asked.get("searchKeywordType")
    if kind is None:
        return lambda one: True
    if kind not in NUMBERS:
        raise Wrong("searchKeywordType")
    name, of = NUMBERS[kind]
    told = asked.get(name) or []
    wanted = set(told) if isinstance(told, list) else {told}
    return lambda one: not wanted or bool(of(one) & wanted)


def _states(asked: dict[str, Any]) -> Callable[[Product], bool]:
    wanted = asked.get("productStatusTypes") or []
    if not STATES.issuperset(wanted):
        raise Wrong("productStatusTypes")
    return lambda one: not wanted or naver_goods.state(one) in wanted


def _period(asked: dict[str, Any]) -> Callable[[Product], bool]:
    """Days of Korea, both ends included."""
    kind = asked.get("periodType")
    if kind is None:
        return lambda one: True
    if kind not in PERIODS:
        raise Wrong("periodType")
    ends = []
    for name, past in (("fromDate", 0), ("toDate", 1)):
        try:
            day = values.day(asked.get(name))
        except ValueError:
            raise Wrong(name) from None
        ends.append(day and values.day_start(day) + timedelta(days=past))
    first, last = ends
    at = PERIODS[kind]
    return lambda one: (first is None or at(one) >= first) and (last is None or at(one) < last)
