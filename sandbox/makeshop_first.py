"""Orders of version 1.0 (`order/1`) of the emulated Korean MakeShop, of shops that were never moved, and their truth.

Only the fields of a record and the windows are documented. Assumed, all of it in this file: an order is told as it was
placed, as no block tells claims; `price` of a line is of the line and before every reduction, all of which stand in
`dc_price`; `price`, `in_price` and `start_price` are the order with delivery, before points, and nothing came in while
it is unpaid; money for cards shows in `card_state`, other money in `bank_date`; one parcel is told for all lines. No
other parameter than the window, `limit` and `page` is known to be taken, so none is.
"""

from decimal import Decimal
from typing import Any

from msgspec import UNSET

from sandbox import makeshop_ids as ids
from sandbox import shapes
from sandbox.canon import line, person, region
from sandbox.entities import Line, Order
from sandbox.makeshop_lists import MONTH, Question, Wrong, envelope
from sandbox.world import World
from shopscrape import items, values, words

SHAPES = shapes.templates("makeshop_shapes.json")
VERSION = "1.0"


def order_first(asked: Question) -> dict[str, Any]:
    """Answer `order/1`: whole orders by the date on which they were placed, newest first. Raises: Wrong."""
    if asked.version != VERSION:
        raise Wrong("주문 1.0 버전에서만 사용 가능합니다.")
    start, end = asked.window(MONTH)
    found = asked.trade.orders.between("makeshop first", lambda order: order.ordered_at, start, end)
    told = envelope(list(reversed(found)), asked, 500, texts=True)
    rows = {ids.ordernum(one): row(one, asked.world) for one in told["list"]}
    return told | {"list": rows or [], "orderVersion": VERSION}


def _lines(order: Order) -> list[Line]:
    """Return what was bought; goods sent in exchange came later."""
    return [one for one in order.lines if not one.replaces]


def _goods(order: Order) -> int:
    return sum(one.unit * one.quantity for one in _lines(order))


def _reductions(order: Order) -> int:
    return order.coupon + sum(one.discount for one in _lines(order))


def _by_card(order: Order) -> bool:
    return ids.PAID_BY[order.methods[0]][0] == "C"


def _parcel(order: Order) -> tuple[Line | None, str]:
    """Return the line whose parcel is told, and the parcel's number: the first that left, else the first with one."""
    told = [(one, number) for one in _lines(order) if (number := ids.invoice(order, one))]
    told.sort(key=lambda pair: not pair[0].parcels)
    return told[0] if told else (None, "")


def row(order: Order, world: World) -> dict[str, Any]:
    """Return an order."""
    total = str(_goods(order) + order.shipping_fee - _reductions(order))
    method, simple = ids.PAID_BY[order.methods[0]]
    buyer, to, naver = order.buyer, order.receiver, order.channel == "naver_pay"
    of, number = _parcel(order)
    courier, name = ids.COURIERS[of.parcels[0].courier if of.parcels else "cj"] if of else ("", "")
    top = {
        "ordernum": ids.ordernum(order), "order_date": ids.kst(order.ordered_at), "message": order.message,
        "admin_message": order.memo, "sender": buyer.name, "phone": buyer.phone, "email": buyer.email,
        "pay_path": "POWERAPP" if order.channel == "app" else "MOBILE" if order.mobile else "WEB", "price": total,
        "start_price": total, "in_price": total if order.paid_at else "0", "deli_price": str(order.shipping_fee),
        "delivery": "Y" if of and of.parcels else "N", "id": "" if order.guest else buyer.member,
        "dc_price": str(_reductions(order)), "used_reserve": str(order.points),
        "link_id": "naver_pay" if naver else "", "naver_pay_oid": (order.external or "") if naver else "",
    }  # fmt: skip
    bank = method == "B"
    payment = {
        "paymethod": method, "simple_pay": simple, "banker": buyer.name if bank else "",
        "bank_name": "예시은행" if bank else "", "bank_account": "000-000-000000" if bank else "",
        "bank_date": ids.kst(None if _by_card(order) else order.paid_at),
        "card_state": "0000" if _by_card(order) and order.paid_at else "",
        "in_card_price": str(order.due) if _by_card(order) and order.paid_at else "0",
    }  # fmt: skip
    delivery = {
        "post": to.zipcode, "address": to.address, "receiver": to.name, "receiver_mobile": to.phone,
        "delicom": courier, "delicom_name": name, "delinum": number,
        "deli_date": ids.kst(of.shipped_at if of else None),
    }  # fmt: skip
    return {
        "order": shapes.fill(SHAPES["order_first"], top),
        "product": {str(one.place): _line(order, one, world) for one in _lines(order)},
        "payment": shapes.fill(SHAPES["payment_first"], payment),
        "delivery": shapes.fill(SHAPES["delivery_first"], delivery),
        "benefit": shapes.fill(SHAPES["benefit_first"], {}),
    }


def _line(order: Order, one: Line, world: World) -> dict[str, Any]:
    product, _ = world.variant(one.variant)
    code = ids.brandcode(product, world.categories)
    picture = f"/shopimages/{ids.SHOP}/{code}.jpg"
    told = {
        "num": str(one.place), "product_uid": ids.uid(product), "brandcode": code, "product_name": one.name,
        "naver_pay_pid": (one.external or "") if order.channel == "naver_pay" else "",
        "basket_stock": str(one.quantity), "option_type": "NO" if product.plain else "PS",
        "option_data": " / ".join(f"{name} : {value}" for name, value in one.options.items()),
        "price": str(one.unit * one.quantity), "provider_name": product.supplier, "maximage": picture,
        "minimage": picture, "tinyimage": picture,
    }  # fmt: skip
    return shapes.fill(SHAPES["line_first"], told)


# -- the truth --------------------------------------------------------------------------------------------------------


def sale(order: Order, world: World, common: dict[str, Any]) -> items.Order:
    """Return the canonical record: what such an order can tell, and nothing of claims and arrivals."""
    lines = [_position(order, one, world) for one in _lines(order)]
    naver, buyer = order.channel == "naver_pay", order.buyer
    path = "POWERAPP" if order.channel == "app" else "MOBILE" if order.mobile else "WEB"
    channel: Any = "naver_pay" if naver else "app" if order.channel == "app" else "own"
    goods, reductions = Decimal(_goods(order)), Decimal(_reductions(order))
    return items.Order(
        **common, order_id=ids.ordernum(order), channel=channel, channel_raw="naver_pay" if naver else path,
        external_id=order.external if naver else None, ordered_at=order.ordered_at,
        status=words.order_status((one.kind, str(one.status)) for one in lines),  # type: ignore[arg-type]
        # When a card was charged is not told.
        paid_at=UNSET if order.paid_at and _by_card(order) else order.paid_at, currency="KRW", items_total=goods,
        shipping_fee=Decimal(order.shipping_fee), discount=reductions, points_used=Decimal(order.points),
        total=goods + order.shipping_fee - reductions, paid=Decimal(order.due if order.paid_at else 0),
        payment_methods=[code for code in ids.PAID_BY[order.methods[0]] if code],
        buyer=person(buyer.phone, buyer.email, None if order.guest else buyer.member),
        receiver_region=region(order.receiver.region, order.receiver.city), lines=lines,
    )  # fmt: skip


def _position(order: Order, one: Line, world: World) -> items.OrderLine:
    product, _ = world.variant(one.variant)
    of, number = _parcel(order)
    left = of.shipped_at if of else None
    status: Any = "shipped" if left else "preparing" if of else "paid" if order.paid_at else "placed"
    return items.OrderLine(
        line_id=f"{ids.ordernum(order)}:{one.place}", product_id=ids.uid(product), status=status,
        external_id=one.external if order.channel == "naver_pay" else None, name=values.line(one.name),
        code=ids.brandcode(product, world.categories), quantity=one.quantity, quantity_left=one.quantity,
        options={line(name): line(value) for name, value in one.options.items()}, unit_price=Decimal(one.unit),
        total=Decimal(one.unit * one.quantity), shipped_at=left, tracking_no=number or None,
        courier=ids.COURIERS[of.parcels[0].courier if of.parcels else "cj"][1] if of else None,
    )  # fmt: skip
