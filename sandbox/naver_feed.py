"""Which product orders of the emulated Commerce API a window of time holds: by their latest change, or by a date.

Unverified: that a change which was followed by a later one does not show in its own window any more (a row is the
latest change of its product order), and what a word that there is not is answered.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox import naver_claims, naver_sales
from sandbox import naver_ids as ids
from sandbox import naver_people as people
from sandbox.entities import Line, Order

Row = tuple[datetime, str, Order, Line]
"""When, the number of the product order, and what it is."""
DATES = {
    "PAYED_DATETIME": ("paid",), "ORDERED_DATETIME": ("ordered",), "DISPATCHED_DATETIME": ("shipped",),
    "PURCHASE_DECIDED_DATETIME": ("completed",), "CLAIM_REQUESTED_DATETIME": ("_requested",),
    "CLAIM_COMPLETED_DATETIME": ("_completed", "failed"), "COLLECT_COMPLETED_DATETIME": ("_collected",),
    "GIFT_RECEIVED_DATETIME": ("preparing",), "HOPE_DELIVERY_INFO_CHANGED_DATETIME": (),
}  # fmt: skip
"""rangeType → what happened then. A gift is taken for accepted when it is prepared; no hope ever changes."""
CONFIRMED = ("NOT_YET", "OK", "CANCEL")


def feed(orders: Iterable[Order]) -> list[Row]:
    """Return every product order at its latest change, oldest first."""
    rows = [
        (naver_sales.changed(order, line)[0], ids.line_no(order, line), order, line)
        for order in orders for line in order.lines if ids.shown(line)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row[:2])


def dated(orders: Iterable[Order], kind: str) -> list[Row]:
    """Return the product orders that have a date of a kind, oldest first."""
    rows = []
    for order in orders:
        for line in order.lines:
            if not ids.shown(line) or (kind.startswith("GIFT") and not people.gift(order)):
                continue
            claim, _ = ids.claim_of(order, line)
            for event in order.events:
                mine = (
                    event.claim == claim.no if event.claim and claim else not event.claim and event.line in (0, line.no)
                )
                wanted = any(
                    event.what == what or (what[0] == "_" and event.what.endswith(what)) for what in DATES[kind]
                )
                if mine and wanted:
                    rows.append((event.at, ids.line_no(order, line), order, line))
    return sorted(rows, key=lambda row: row[:2])


def asked(query: Any) -> tuple[set[str], set[str], str]:
    """Return the states, states of claims and the confirmation that are asked for. Raises: ValueError with its name."""
    found = []
    for name, known in (
        ("productOrderStatuses", {*naver_sales.STATES.values()}),
        ("claimStatuses", {*naver_claims.PHASES.values(), *(f"{kind}_REJECT" for kind in naver_claims.KINDS)}),
    ):
        words = {word for told in query.getall(name, ()) for word in told.split(",") if word}
        if words - known:
            raise ValueError(name)
        found.append(words)
    confirmed = query.get("placeOrderStatusType", "")
    if confirmed and confirmed not in CONFIRMED:
        raise ValueError("placeOrderStatusType")
    return found[0], found[1], confirmed


def wanted(row: Row, states: set[str], claims: set[str], confirmed: str) -> bool:
    """Return whether a product order is what is asked for."""
    _, _, order, line = row
    claim, _ = ids.claim_of(order, line)
    return (
        (not states or naver_sales.state(line, claim, order) in states)
        and (not claims or (claim is not None and naver_claims.claim_state(claim) in claims))
        and (not confirmed or ("OK" if naver_sales.confirmed_at(order, line) else "NOT_YET") == confirmed)
    )


def after(rows: list[Row], start: datetime, end: datetime, sequence: str) -> list[Row]:
    """Return the rows of a window, both ends included, from where the page before said that it goes on."""
    found = [row for row in rows if start <= row[0] <= end]
    return [row for row in found if row[0] > start or row[1] >= sequence] if sequence else found
