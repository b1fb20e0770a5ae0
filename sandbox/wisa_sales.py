"""What a WISA mall tells of its orders over the Openapi: labels in the list, numbers in the detail."""

from typing import Any

from sandbox import wisa_ids as ids
from sandbox import wisa_lines as lines
from sandbox.entities import Order
from sandbox.people import starred_phone
from sandbox.sales import COURIERS
from sandbox.shapes import fill
from sandbox.wisa_goods import SHAPES, Shop

COURIER_NO = {name: str(place) for place, name in enumerate(COURIERS, 3)}


def shown(order: Order) -> list[lines.Row]:
    """Return the lines of an order that lists and details may tell; none for one whose payment failed."""
    found = lines.rows(order)
    return [] if found and found[0].code == "31" else found


def phone(order: Order) -> str:
    """Return the buyer's telephone number as the mall knows it: marketplaces give some with asterisks."""
    return starred_phone(order.buyer.phone) if order.masked else order.buyer.phone


def member(order: Order) -> str:
    """Return the buyer's id at the mall, "" for guests and for orders of marketplaces."""
    return "" if order.guest or lines.channel(order) else order.buyer.member


def email(order: Order) -> str:
    """Return the buyer's e-mail address, "" for orders of marketplaces."""
    return "" if lines.channel(order) else order.buyer.email


def pay_type(order: Order) -> str:
    """Return how it was paid, one label; that of a subscription holds a line break."""
    label = lines.METHODS[order.methods[0]]
    return f"{label}\n(정기)" if label == "네이버페이" and order.no % 5 == 0 else label


def landline(order: Order) -> bool:
    """Return whether the number stands in the other field."""
    return order.no % 11 == 3


def row(order: Order, shop: Shop) -> dict[str, Any]:
    """Return an order of the list. Lines whose product is gone are left out."""
    found = shown(order)
    code, receiver = lines.order_code(order, found), order.receiver
    market = lines.channel(order)
    labels = list(dict.fromkeys(lines.LABELS[one.code] for one in found))
    listed = [one for one in found if one.line.kind != "component"]
    return fill(
        SHAPES["order_row"],
        {
            "ono": lines.order_id(order), "title": " / ".join(one.line.name for one in found),
            "date1": ids.kst(order.ordered_at), "pay_type": pay_type(order), **_buyer(order, "buyer_"),
            "addressee_name": receiver.name, "addressee_phone": "", "addressee_cell": receiver.phone,
            "addressee_zip": receiver.zipcode, "addressee_addr1": receiver.address, "addressee_addr2": receiver.detail,
            "stat": lines.LABELS[code], "stat2": ",".join(labels), "pay_prc": str(lines.due(order)),
            "photo": ids.picture(shop.world.products[found[0].line.product], "s"),
            "channel": {"code": market[0], "name": market[1]} if market else None,
            "products": [_listed(one, shop) for one in listed],
        },
    )  # fmt: skip


def _buyer(order: Order, prefix: str) -> dict[str, str]:
    number = phone(order)
    return {
        f"{prefix}name": order.buyer.name, f"{prefix}cell": "" if landline(order) else number,
        f"{prefix}phone": number if landline(order) else "", f"{prefix}email": email(order),
        "member_id": member(order),
    }  # fmt: skip


def _parcel(one: lines.Row) -> tuple[str, str]:
    """Return courier and number of the first parcel."""
    parcels = one.line.parcels
    return (parcels[0].courier, parcels[0].tracking) if parcels else ("", "")


def _listed(one: lines.Row, shop: Shop) -> dict[str, Any]:
    courier, tracking = _parcel(one)
    return fill(
        SHAPES["order_line_row"],
        {
            "order_product_no": one.number, "pno": str(one.line.product), "name": one.line.name,
            "buy_ea": str(one.quantity), "total_prc": str(one.price),
            "sale_prc": str(one.discount) if one.discount else 0, "discount": _discounts(one.discounts),
            "photo": ids.picture(shop.world.products[one.line.product], "s"),
            "dlv_no": COURIER_NO.get(courier, "0"), "dlv_code": tracking,
        },
    )  # fmt: skip


def _discounts(amounts: dict[str, int]) -> Any:
    """Return amounts by label; an empty map is printed as a list."""
    return {label: str(amount) for label, amount in amounts.items()} or []


def detail(order: Order, shop: Shop) -> dict[str, Any]:
    """Return an order in full."""
    found = shown(order)
    code, receiver, market = lines.order_code(order, found), order.receiver, lines.channel(order)
    together: dict[str, int] = {}
    for one in found:
        for label, amount in one.discounts.items():
            together[label] = together.get(label, 0) + amount
    sent = next((one for one in found if one.line.parcels), None)
    courier, tracking = _parcel(sent) if sent else ("", "")
    arrived = lines.delivered_at(order, found)
    points = lines.points_now(order)
    deposit = points // 2 if order.no % 5 == 0 else 0
    return fill(
        SHAPES["order"],
        {
            "ono": lines.order_id(order), "products": [_line(one, shop) for one in found],
            "date1": ids.kst(order.ordered_at), "date5": ids.kst(arrived) if arrived else 0,
            "pay_type": pay_type(order), "pay_prc": str(lines.due(order)), "dlv_prc": str(order.shipping_now),
            "milage_prc": str(points - deposit), "emoney_prc": str(deposit),
            "card_info": "신한 00" if order.methods[0] == "card" else "", "stat": lines.LABELS[code],
            "stat_log": [{"date": ids.kst(at), "summary": text} for at, text in lines.log(order)],
            **_buyer(order, "buyer_"), "addr_name": receiver.name, "addr_zip": receiver.zipcode,
            "addr_addr": f"{receiver.address} {receiver.detail}", "addr_cell": receiver.phone,
            "addr_msg": order.message, "mng_memo": _memo(order), "discount": _discounts(together),
            "coupon": {"cno": "7", "name": order.coupon_name} if order.coupon else None,
            "channel": {"code": market[0], "name": market[1]} if market else None,
            "dlv_code": tracking, "dlv_no": COURIER_NO.get(courier, "0"), "dlv_name": COURIERS.get(courier, ""),
            "bank": "기업은행 000-000000-00-000" if order.methods[0] == "bank" else "",
            "bank_name": order.buyer.name if order.methods[0] == "bank" else "",
        },
    )  # fmt: skip


def _memo(order: Order) -> list[dict[str, str]]:
    if not order.memo:
        return []
    return [{"no": "1", "admin_id": "demoadmin", "content": order.memo, "reg_date": ids.kst(order.ordered_at)}]


def _line(one: lines.Row, shop: Shop) -> dict[str, Any]:
    courier, tracking = _parcel(one)
    line = one.line
    extra = line.kind == "component"
    return fill(
        SHAPES["order_line"],
        {
            "order_product_no": one.number, "pno": "0" if extra else str(line.product),
            "code": "" if extra else shop.world.products[line.product].code or "", "name": line.name,
            "option": "<split_big>".join(f"{name}<split_small>{value}" for name, value in line.options.items()),
            "photo": "" if extra else ids.picture(shop.world.products[line.product], "s"),
            "buy_ea": str(one.quantity), "total_prc": str(one.price), "sale_prc": str(one.discount),
            "dlv_no": COURIERS.get(courier, ""), "dlv_code": tracking, "stat": one.code,
            "stat_str": lines.LABELS[one.code], "discount": _discounts(one.discounts),
            "complex_no": shop.complex_of(line) or "0",
        },
    )  # fmt: skip
