"""Our words for what every platform spells its own way.

A platform's table maps its raw words to these; a raw word that no table knows becomes ``"unknown"`` and is counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast, get_args

ProductStatus = Literal["on_sale", "sold_out", "hidden", "pending", "suspended", "ended", "deleted", "unknown"]
OrderStatus = Literal[
    "placed", "paid", "preparing", "on_hold", "shipped", "delivered", "completed",
    "cancelled", "returned", "exchanged", "failed", "unknown",
]  # fmt: skip
LineKind = Literal["sale", "add_on", "component", "gift", "replacement"]
ReturnKind = Literal["cancel", "return", "exchange"]
ReturnStatus = Literal[
    "requested", "accepted", "collecting", "collected", "reshipping", "refunding",
    "on_hold", "rejected", "withdrawn", "completed", "unknown",
]  # fmt: skip
Reason = Literal[
    "changed_mind", "wrong_option", "dissatisfied", "not_as_described", "defective", "damaged", "missing_parts",
    "wrong_item", "late", "lost", "undeliverable", "out_of_stock", "service", "payment", "seller", "duplicate",
    "other", "unknown",
]  # fmt: skip
ReviewFlag = Literal["best", "popular", "repurchase", "one_month", "secret", "hidden", "pending"]

PROGRESS: tuple[OrderStatus, ...] = (
    "failed", "unknown", "placed", "on_hold", "paid", "preparing", "shipped", "delivered", "completed",
)  # fmt: skip
"""Order words from least to most advanced; those that end a line by a claim are not among them."""
CLAIMED: tuple[OrderStatus, ...] = ("cancelled", "returned", "exchanged")
"""Words of lines that a finished claim took out of the order."""


def order_status(lines: Iterable[tuple[str, str | None]]) -> OrderStatus:
    """Return an order's word from its lines, given as (kind, status) in the order of their ids.

    The least advanced line of kind ``sale`` that no claim took out; when none is left, the word of the last claim.
    Add-ons, components, gifts and replacements do not count unless there is no sale line at all.
    """
    told = [(kind, cast(OrderStatus, status)) for kind, status in lines if status]
    sales = [status for kind, status in told if kind == "sale"] or [status for _, status in told]
    open_ = [status for status in sales if status not in CLAIMED]
    if open_:
        return min(open_, key=lambda word: PROGRESS.index(word) if word in PROGRESS else 0)
    return sales[-1] if sales else "unknown"


def check(table: Mapping[str, str], vocabulary: Any) -> None:
    """Raise ValueError when a platform's table uses a word that is not ours; a vocabulary is a Literal, or words."""
    strange = set(table.values()) - set(get_args(vocabulary) or vocabulary)
    if strange:
        raise ValueError(f"not in our vocabulary: {', '.join(sorted(strange))}")
