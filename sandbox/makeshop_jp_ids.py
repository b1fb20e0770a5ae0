"""Native numbers and words of the emulated GMO MakeShop for things of the world.

A state belongs to a shipment. What an order line has with it (gifts, components, add-ons) goes in the same one; a claim
shows itself only by its end, and one about some of the units then makes a shipment of its own (assumed). An exchange is
not told: its goods are one more shipment, for nothing (assumed).
"""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sandbox.entities import Claim, Line, Order, Person, Product, Variant

TOKYO = ZoneInfo("Asia/Tokyo")
SHOP = "https://emushop-jp.example.com"
PICTURES = "https://gigaplus.makeshop.example/emushop/shopimages"
PAYMENTS = {
    "card": ("クレジットカード", "0004"), "bank": ("銀行振込", "0002"), "virtual_account": ("銀行振込", "0002"),
    "phone": ("代金引換", "0000"), "naver_pay": ("コンビニ決済", "0001"), "kakao_pay": ("PayPay", "0004"),
    "points": ("ポイント", "1002"), "coupon_only": ("ポイント", "1002"),
}  # fmt: skip
"""How it was paid, and the code that says it was."""
CANCELLED = "0003"
PREFECTURES = ("東京(23区内)", "大阪府", "北海道", "東京(23区外)", "愛知県 名古屋")
STAFF_NOTE = "キャンセル"


def jst(at: datetime | None, digits: bool = False) -> str:
    """Return a time as it is written here, "" for none."""
    return f"{at.astimezone(TOKYO):{'%Y%m%d%H%M%S' if digits else '%Y-%m-%d %H:%M:%S'}}" if at else ""


def system_code(product: Product | int) -> str:
    """Return the twelve digits of a product."""
    return f"{product if isinstance(product, int) else product.no:012d}"


def order_number(order: Order) -> str:
    """Return the system's number of an order."""
    return f"P1868{order.no:011d}"


def items(product: Product, variant: Variant) -> list[str]:
    """Return the names of a variation on its two axes at most; further ones are written into the second."""
    return two(variant.values)


def two(values: tuple[str, ...] | list[str]) -> list[str]:
    """Return at most two texts out of several."""
    return [*values[:1], "/".join(values[1:])] if len(values) > 1 else list(values)


def variation_name(line: Line) -> str:
    """Return the bought variation as text: "カラー : ブラック 左右 : LH"."""
    names, chosen = two(list(line.options)), two(list(line.options.values()))
    return " ".join(f"{name} : {value}" for name, value in zip(names, chosen, strict=True))


def member(order: Order) -> str:
    """Return the member's id; a guest is X, six digits and the name, and one who left has a text."""
    if order.guest:
        return f"X{order.no:06d}{order.buyer.name}"
    return "退会済み会員" if order.no % 29 == 3 else order.buyer.member


def prefecture(person: Person) -> str:
    """Return where somebody lives, with a remark for the carrier."""
    return PREFECTURES[person.no % len(PREFECTURES)]


class Shipment(NamedTuple):
    """What goes together."""

    number: str
    state: str
    """N not processed, Y shipped, C cancelled, R sent back."""
    main: Line
    goods: list[tuple[Line, int]]
    """Lines and their units."""

    @property
    def note(self) -> str:
        """Return what staff typed into the field of the parcel number."""
        return STAFF_NOTE if self.state == "C" and self.main.no % 2 else ""

    @property
    def slip(self) -> str:
        """Return what stands in that field."""
        return self.note or (self.main.parcels[0].tracking if self.main.parcels else "")


def price(line: Line) -> int:
    """Return the price of a unit; what is sent in exchange costs nothing."""
    return 0 if line.kind == "replacement" else line.unit


def _ended(order: Order, line: Line) -> tuple[Claim | None, int]:
    for claim in order.claims:
        for no, units in claim.lines:
            if no == line.no and claim.phase == "completed" and claim.kind != "exchange":
                return claim, units
    return None, 0


def shipments(order: Order) -> list[Shipment]:
    """Return what goes together, in the order of the lines."""
    found = []
    for line in order.lines:
        if line.bundle:
            continue
        along = [(one, one.quantity) for one in order.lines if one.bundle == line.no]
        claim, units = _ended(order, line)
        now = "Y" if line.parcels else "N"
        number = f"{order.no}{line.place:02d}"
        if claim is None:
            found.append(Shipment(number, now, line, [(line, line.quantity), *along]))
            continue
        ended = "C" if claim.kind == "cancel" else "R"
        if units == line.quantity:
            found.append(Shipment(number, ended, line, [(line, units), *along]))
        else:
            found.append(Shipment(number, now, line, [(line, line.quantity - units), *along]))
            found.append(Shipment(f"{order.no}{50 + line.place}", ended, line, [(line, units)]))
    return found


def payment(order: Order) -> str:
    """Return the code of the payment; "" is not paid."""
    if not order.paid_at:
        return ""
    return CANCELLED if all(one.state == "C" for one in shipments(order)) else PAYMENTS[order.methods[0]][1]
