"""SmartStore's native numbers for things of the world, the same on API and pages, and how answers print times."""

from datetime import datetime
from typing import Any

from sandbox.entities import Claim, Line, Order, Product, Review, Variant
from shopscrape import values

STORE = "emushop"
WINDOW_URL = f"https://shopping.naver.com/window-products/{STORE}"
CHANNEL_UID = "2sEMUchannelUid000001"
CHANNEL_NO = 500000001
MERCHANT_NO = 510000001
ACCOUNT = "ncp_emu_01"
WINDOW = 100
"""How much higher a number in the shopping window is."""
FOREIGN = "2025010199999999"
"""A product order of another seller."""


def channel_no(product: Product | int) -> int:
    """Return the channel product number: the one in addresses, orders and reviews."""
    return 10_000_000_201 + 1000 * (product if isinstance(product, int) else product.no)


def origin_no(product: Product | int) -> int:
    """Return the origin product number; it differs from the channel's."""
    return 10_000_000_101 + 1000 * (product if isinstance(product, int) else product.no)


def windowed(product: Product) -> bool:
    """Return whether it is sold in the shopping window, too: out of the same stock."""
    return product.no % 8 == 5


def window_no(product: Product | int) -> int:
    """Return the channel product number in the shopping window."""
    return channel_no(product) + WINDOW


def supplement_no(product: Product | int) -> int:
    """Return the id of what is sold beside a product."""
    return 40_000_000_000 + (product if isinstance(product, int) else product.no)


def group_no(product: Product | int) -> int | None:
    """Return the number of the group that a product is shown in; one in four is."""
    number = product if isinstance(product, int) else product.no
    return 50_000_000 + number if number % 4 == 2 else None


def option_no(variant: Variant | int) -> int:
    """Return the id of an option combination."""
    return 30_000_000_000 + (variant if isinstance(variant, int) else variant.no)


def review_no(review: Review | int) -> int:
    """Return the id of a review."""
    return 5_021_750_000 + 37 * (review if isinstance(review, int) else review.no)


def product_of(channel: int) -> int:
    """Return the number of the world's product; 0 for none."""
    number, rest = divmod(channel - 10_000_000_201, 1000)
    return number if rest == 0 and number > 0 else 0


def order_no(order: Order) -> str:
    """Return the order's number: the day in Korea and eight digits."""
    return f"{_day(order)}{20_000_000 + order.no}"


def line_no(order: Order, line: Line) -> str:
    """Return the number of a product order: one line of an order."""
    return f"{_day(order)}{10_000_000 + line.no}"


def claim_no(order: Order, claim: Claim, line: Line) -> str:
    """Return the number of a claim; every product order has its own, from the request on."""
    return f"{claim.requested_at.astimezone(values.SEOUL):%Y%m%d}{30_000_000 + claim.no * 10 + line.place}"


def _day(order: Order) -> str:
    return f"{order.ordered_at.astimezone(values.SEOUL):%Y%m%d}"


def shown(line: Line) -> bool:
    """Return whether a line is a product order: gifts, components and what an exchange sends are not."""
    return line.kind in ("sale", "add_on")


def claim_of(order: Order, line: Line) -> tuple[Claim | None, int]:
    """Return the claim of a line and the units claimed; what went along with the last sold line has that one's."""
    for claim in order.claims:
        for no, units in claim.lines:
            if no == line.no:
                return claim, units
    if line.status in ENDED:
        done = [claim for claim in order.claims if claim.phase == "completed" and claim.kind == ENDED[line.status]]
        if done:
            return max(done, key=lambda claim: claim.completed_at or claim.requested_at), line.quantity
    return None, 0


ENDED = {"cancelled": "cancel", "returned": "return", "exchanged": "exchange"}


def kst(at: datetime | None, digits: str = ".0") -> str | None:
    """Return a time as answers print it, with as many fraction digits as it pleases."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%dT%H:%M:%S}{digits}+09:00" if at else None


def told(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not there: absent values are omitted, not null."""
    return {key: value for key, value in fields.items() if value is not None}
