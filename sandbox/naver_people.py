"""Who and where, as product orders of the emulated Commerce API tell it: buyers, gifts, addresses."""

from typing import Any

from sandbox import shapes
from sandbox.entities import Line, Order

SHAPES = shapes.templates("naver_shapes.json")
ABROAD = {"country": "US", "state": "California", "city": "Irvine"}
WAITING = ("placed", "paid", "failed", "cancelled")


def abroad(order: Order) -> bool:
    """Return whether it goes abroad: two of a hundred, among them a finished return and a finished exchange."""
    return order.no % 108 in (5, 9)


def accepted(order: Order) -> bool:
    """Return whether the receiver knows of it: a gift that is on its way was accepted."""
    return not order.masked or any(line.status not in WAITING for line in order.lines)


def gift(order: Order) -> str | None:
    """Return giftReceivingStatus; only gifts have one."""
    if not order.masked:
        return None
    return "RECEIVED" if accepted(order) else "WAIT_FOR_RECEIVING"


def buyer(order: Order) -> dict[str, str]:
    """Return how the buyer is shown: in clear, or masked on a gift order."""
    who = order.buyer
    phone = f"{who.phone[:4]}****{who.phone[-5:]}" if order.masked else who.phone
    name = f"{who.name[:1]}**" if order.masked else who.name
    return {
        "ordererId": f"{who.member[:4]}****", "ordererNo": str(200_000_000 + who.no), "ordererName": name,
        "ordererTel": phone,
    }  # fmt: skip


def receiver(order: Order, whole: bool = False) -> dict[str, Any]:
    """Return the receiver's address; `whole`: with the place on the map, and where the parcel may be left."""
    who = order.receiver
    told = dict(SHAPES["line"]["shippingAddress"] if whole else SHAPES["return"]["collectAddress"])
    told |= {
        "name": who.name, "tel1": who.phone, "zipCode": who.zipcode, "baseAddress": who.address,
        "detailedAddress": who.detail,
    }  # fmt: skip
    if order.no % 5 == 4:
        told["tel2"] = who.phone
        if whole:
            told |= {
                "pickupLocationType": "FRONT_OF_DOOR", "pickupLocationContent": "문 앞", "entryMethod": "LOBBY_PW",
                "entryMethodContent": f"#{order.no:04d}",
            }  # fmt: skip
    return _foreign(order, told)


def seller(order: Order, kind: str) -> dict[str, Any]:
    """Return an address of the seller: where goods go out (takingAddress) or come back (returnReceiveAddress)."""
    back = kind == "returnReceiveAddress"
    told = dict(SHAPES["return"][kind] if back else SHAPES["line"][kind])
    if order.no % 5 == 4:
        told["tel2"] = told["tel1"]
    if back and order.no % 9 == 5:
        told["logisticsCenterId"] = "string"
    return _foreign(order, told)


def _foreign(order: Order, told: dict[str, Any]) -> dict[str, Any]:
    if abroad(order):
        told |= {"addressType": "FOREIGN", "isRoadNameAddress": False, "tel2": told["tel1"], **ABROAD}
    return told


def region(order: Order) -> str | None:
    """Return state and city of an address abroad; None for one in Korea."""
    return f"{ABROAD['state']} {ABROAD['city']}" if abroad(order) else None


def customs(order: Order, line: Line) -> bool:
    """Return whether a customs id is told: hidden on closed orders."""
    return order.no % 6 == 3 and line.status in ("paid", "preparing", "shipped")
