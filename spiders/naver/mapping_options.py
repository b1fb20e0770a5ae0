"""Naver's options and supplements: the parts of a product that have a stock of their own, and who may see it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape.items import Option, Variant
from shopscrape.payload import Payload
from spiders.naver import codes

UNMANAGED = 9999
"""What options read whose stock nobody manages."""


class Part(msgspec.Struct, kw_only=True):
    """An option combination, a standard option or a supplement."""

    id: str
    code: Any
    options: dict[str, str]
    quantity: Any
    managed: Any = True
    usable: Any = UNSET
    price: Any = UNSET
    """The product's price with the surcharge of this part."""

    def variant(self, status: Any) -> Variant:
        """Return the variant of a product in a state."""
        return Variant(
            variant_id=self.id, code=self.code, options=self.options, price=self.price, quantity=self.quantity,
            managed=self.managed, available=available(status, self.quantity, self.usable),
        )  # fmt: skip


def available(status: Any, quantity: Any, usable: Any = True) -> Any:
    """Return whether a guest could buy it now; UNSET where what would decide it is not told."""
    if not isinstance(status, str) or status == "unknown":
        return UNSET
    if status != "on_sale" or usable is False:
        return False
    return UNSET if quantity is UNSET else quantity is None or quantity > 0


class Choices(msgspec.Struct, kw_only=True):
    """What `optionInfo` tells."""

    options: list[Option]
    texts: list[str]
    """Names of fields the buyer fills in."""
    parts: list[Part]


def choices(info: Payload, price: Any) -> Choices:
    """Return the choices of a product.

    Combinations, standard and simple options exclude each other, text fields can be added to any. Simple options have
    no stock of their own. `useStockManagement` false or missing reads 9,999 and means that nobody counts.
    """
    managed = info.flag("useStockManagement")
    names = info.part("optionCombinationGroupNames")
    levels = [names.line(f"optionGroupName{level}") for level in range(1, 5)]
    combinations = [_part(one, levels, price, managed) for one in info.each("optionCombinations")]
    groups = [
        Option(
            name=str(group.line("groupName") or ""),
            values=unique(value.line("attributeValueName") for value in group.each("standardOptionAttributes")),
        )
        for group in info.each("standardOptionGroups")
    ]
    standards = [_part(one, [group.name for group in groups], price, managed) for one in info.each("optionStandards")]
    simple: dict[str, list[Any]] = {}
    for one in info.each("optionSimple"):
        name, value, usable = one.line("groupName"), one.line("name"), one.flag("usable")
        if usable is not False and isinstance(name, str):
            simple.setdefault(name, []).append(value)
    texts = unique(one.line("groupName") for one in info.each("optionCustom") if one.flag("usable") is not False)
    if combinations:
        return Choices(options=_used(combinations, []), texts=texts, parts=combinations)
    if standards:
        return Choices(options=_used(standards, groups), texts=texts, parts=standards)
    return Choices(
        options=[Option(name=name, values=unique(told)) for name, told in simple.items()], texts=texts, parts=[]
    )


def _used(parts: list[Part], groups: list[Option]) -> list[Option]:
    """Return the choices that parts are made of, with the values of a group where it tells any."""
    told = {group.name: group for group in groups if group.values}
    names = unique(name for part in parts for name in part.options)
    return [
        told.get(name) or Option(name=name, values=unique(part.options.get(name) for part in parts)) for name in names
    ]


def _part(row: Payload, levels: list[Any], price: Any, managed: Any) -> Part:
    chosen = {}
    for level in range(1, 5):
        value = row.line(f"optionName{level}")
        name = levels[level - 1] if level <= len(levels) else None
        if isinstance(value, str):
            chosen[name if isinstance(name, str) and name else f"option {level}"] = value
    quantity, extra = counted_stock(row), row.money("price")
    counted = managed is True or (managed is not False and quantity != UNMANAGED)
    untold = quantity is UNSET and not isinstance(managed, bool)
    return Part(
        id=row.need("id"), code=row.id("sellerManagerCode"), options=chosen, quantity=quantity if counted else None,
        managed=UNSET if untold else counted, usable=row.flag("usable"),
        price=price + (extra if isinstance(extra, Decimal) else 0) if isinstance(price, Decimal) else price,
    )  # fmt: skip


def supplement(row: Payload) -> Part:
    """Read a supplement: it is sold beside a product and is no variant of it."""
    group, name = row.line("groupName"), row.line("name")
    return Part(
        id=row.need("id"), code=row.id("sellerManagementCode"), quantity=counted_stock(row),
        options={group if isinstance(group, str) else "": name} if isinstance(name, str) else {},
        usable=row.flag("usable"),
    )  # fmt: skip


def counted_stock(row: Payload) -> Any:
    """Return a stock; null tells none, while None would say that there is no limit."""
    quantity = row.whole("stockQuantity")
    return UNSET if quantity is None else quantity


def displayed(row: Payload) -> bool | None:
    """Return whether a channel shows the product to guests; None where that is not told, or in an unknown word."""
    raw = row.id("channelProductDisplayStatusType")
    if not isinstance(raw, str):
        return None
    shown = row.known(raw, codes.DISPLAY, "channelProductDisplayStatusType")
    return shown if isinstance(shown, bool) else None


def unique(told: Iterable[Any]) -> list[str]:
    """Return the texts among the values, each once, in their order."""
    return list(dict.fromkeys(value for value in told if isinstance(value, str)))
