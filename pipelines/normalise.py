"""Brings equal values to one spelling, so that equal records have equal fingerprints."""

import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from msgspec import UNSET

from shopscrape.items import Order, Product, Record, Return, Review
from shopscrape.windows import Batch

_MONEY: dict[type, tuple[str, ...]] = {
    Product: ("price", "list_price", "discounted_price", "rating"),
    Order: ("items_total", "shipping_fee", "discount", "total", "points_used", "paid"),
    Return: ("refund_amount", "fee"),
    Review: ("rating",),
}
_LINE_MONEY = ("unit_price", "discount", "total")
_ONE, _ZERO = Decimal(1), Decimal(0)
_TEXTS: dict[type, tuple[str, ...]] = {Product: ("name", "summary"), Review: ("title", "text")}


@lru_cache(maxsize=4096)
def amount(value: Decimal) -> Decimal:
    """Return a number without trailing zeros and without an exponent.

    >>> amount(Decimal("1100.00")), amount(Decimal("10.50"))
    (Decimal('1100'), Decimal('10.5'))
    """
    try:
        whole = value.quantize(_ONE)
    except InvalidOperation:
        return value
    return (whole if whole else _ZERO) if whole == value else value.normalize()


def normalise(record: Record) -> Record:
    """Bring a record to one spelling, in place, and return it."""
    kind = type(record)
    for name in _MONEY.get(kind, ()):
        value = getattr(record, name)
        if type(value) is Decimal:
            setattr(record, name, amount(value))
    if kind is Product:
        for variant in record.variants or ():  # type: ignore[attr-defined]
            if type(variant.price) is Decimal:
                variant.price = amount(variant.price)
    elif kind is Order:
        for line in record.lines or ():  # type: ignore[attr-defined]
            for name in _LINE_MONEY:
                value = getattr(line, name)
                if type(value) is Decimal:
                    setattr(line, name, amount(value))
    for name in _TEXTS.get(kind, ()):
        text = getattr(record, name)
        if text is not UNSET and text and not text.isascii() and not unicodedata.is_normalized("NFC", text):
            setattr(record, name, unicodedata.normalize("NFC", text))
    return record


class Normalise:
    """Item pipeline."""

    def process_item(self, item: Any) -> Any:
        """Normalise the rows of a Batch."""
        if type(item) is Batch:
            for row in item.rows:
                normalise(row.record)
        return item
