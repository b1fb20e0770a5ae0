"""Orders of the emulated Korean MakeShop as its API tells them, with their claim blocks and their log.

`sell_price` is of the line and after its own reduction: what was paid for it (assumed, as the goods of the order are
then the sum of its lines).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sandbox import makeshop_ids as ids
from sandbox import shapes
from sandbox.entities import Claim, Event, Order
from sandbox.makeshop_ids import Position
from sandbox.world import World

SHAPES = shapes.templates("makeshop_shapes.json")
LOGGED = {
    "ordered": "주문접수", "paid": "입금확인", "preparing": "상품준비", "on_hold": "배송보류", "shipped": "배송중",
    "delivered": "배송완료", "completed": "거래완료", "failed": "결제실패", "memo": "메모",
}  # fmt: skip
DATES: dict[str, tuple[str, str]] = {
    "cancel_requested": ("cancel", "requested"), "canceled": ("cancel", "completed"),
    "return_accepted": ("return", "requested"), "returned": ("return", "completed"),
    "tradeend": ("exchange", "completed"),
}  # fmt: skip
"""searchDateType → kind of claim and its phase."""


def moments(order: Order, kind: str) -> list[datetime]:
    """Return when an order has a date of that kind."""
    if kind in ("", "order_date"):
        return [order.ordered_at]
    if kind == "paid":
        return [order.paid_at] if order.paid_at else []
    wanted, phase = DATES[kind]
    whens = (claim.when(phase) for claim in order.claims if claim.kind == wanted)
    return [at for at in whens if at]


def refund_moments(order: Order, kind: str) -> list[datetime]:
    """Return when money was to go back, or went back."""
    whens = (
        claim.when("refunding", "completed") if kind == "refund_req_date" else claim.refunded_at
        for claim in ids.refunds(order)
    )
    return [at for at in whens if at]


def row(order: Order, world: World) -> dict[str, Any]:
    """Return a whole order, with `cancel`."""
    guest, money = order.guest, order.due + order.points
    raw, naver, kakao = ids.order_status(order), order.channel == "naver_pay", order.channel == "kakao"
    settled = "C" if raw == "C" or order.when("failed") else "Y" if order.paid_at else "N"
    method, simple = ids.PAID_BY[order.methods[0]]
    positions = ids.positions(order)
    buyer = order.buyer
    top = {
        "ordernum": ids.ordernum(order), "order_date": ids.kst(order.ordered_at), "id": "" if guest else buyer.member,
        "is_member": "GUEST" if guest else "MEMBER", "start_price": str(money), "pay_price": str(money),
        "deli_price": str(order.shipping_fee), "order_status": raw, "sender": buyer.name, "mobile": buyer.phone,
        "email": buyer.email, "pay_path": "POWERAPP" if order.channel == "app" else "MOBILE" if order.mobile else "WEB",
        "used_reserve": str(order.points), "group_name": "" if guest else buyer.grade,
        "pos": "Y" if order.channel == "pos" else "N", "link_id": "naver_pay" if naver else "",
        "naver_pay_oid": (order.external or "") if naver else "",
        "talkcheck_oid": (order.external or "") if kakao else "",
        "total_product_price": str(sum(one.amount for one in ids.counted(order))), "basket_count": str(len(positions)),
        "memo": memos(order),
    }  # fmt: skip
    payment = {
        "paymethod": method, "simple_pay": simple, "pay_date": ids.kst(order.paid_at), "pay_status": settled,
        "card_state": "0000" if order.paid_at and method == "C" else "",
        "in_card_price": str(order.due) if order.paid_at and method == "C" else "0",
        "banker": buyer.name if method == "B" else "", "bank_name": "예시은행" if method == "B" else "",
        "bank_account": "000-000-000000" if method == "B" else "",
    }  # fmt: skip
    lines = {str(one.number): line(order, one, world) for one in positions}
    return {
        "order": shapes.fill(SHAPES["order"], top), "payment": shapes.fill(SHAPES["payment"], payment),
        "product": lines, "extension": list(extensions(order, positions)), "return": list(claims(order, "return")),
        "trade": list(claims(order, "exchange")), "memo": memos(order), "refund": list(refunds(order)),
        "pay_history": list(payments(order)), "cancel": list(claims(order, "cancel")),
    }  # fmt: skip


def line(order: Order, one: Position, world: World) -> dict[str, Any]:
    """Return one line; what was claimed of a part of it is a line of its own."""
    of, claim = one.line, one.claim
    product, variant = world.variant(of.variant)
    ended = claim.completed_at if one.taken and claim else None
    set_of = order.line(of.bundle) if of.bundle and of.kind == "component" else None
    code = ids.brandcode(product, world.categories)
    picture = f"/shopimages/{ids.SHOP}/{code}.jpg"
    kind = {"gift": "GIFT", "component": "PACKAGE_PRODUCT"}.get(of.kind, "BASIC")
    replaces = ids.original(order, of).number if of.replaces else 0
    told = {
        "num": str(one.number),
        "delivery_num": f"S-{order.ordered_at:%y%m%d%H}-{order.no:09d}-01" if order.paid_at else "",
        "brandcode": code, "product_uid": ids.uid(product), "product_type": kind, "product_name": of.name,
        "pakcage_main": ids.uid(set_of.product) if set_of else "", "prd_option_uid": str(variant.place),
        "product_cate1": code[:3], "basket_status": ids.basket_status(order, one), "basket_stock": str(one.units),
        "sell_price": str(one.amount), "product_price": str(of.price), "option_price": str(of.surcharge),
        "product_buyprice": str(product.cost), "option_type": "NO" if product.plain else "PS",
        "option_data": " / ".join(f"{name} : {value}" for name, value in of.options.items()),
        "custom_option_data": " / ".join(f"{name} : {value}" for name, value in of.texts.items()),
        "cancelend_date": ids.kst(ended if claim and claim.kind == "cancel" else None),
        "returnend_date": ids.kst(ended if claim and claim.kind == "return" else None),
        "tradeend_date": ids.kst(ended if claim and claim.kind == "exchange" else None),
        "issue_status": ids.issue(order, one), "provider_name": product.supplier, "trade_num": str(replaces),
        "trade_intype": "AFTER" if replaces else "", "maximage": picture, "minimage": picture, "tinyimage": picture,
        "naver_pay_pid": (of.external or "") if order.channel == "naver_pay" else "",
        "talkcheck_pid": (of.external or "") if order.channel == "kakao" else "", "deliveryInfo": delivery(order, one),
    }  # fmt: skip
    return shapes.fill(SHAPES["line"], told)


def delivery(order: Order, one: Position) -> dict[str, Any]:
    """Return where a line goes and how far it is; of a line in two parcels the first is told."""
    of, to = one.line, order.receiver
    number = ids.invoice(order, of)
    courier, name = ids.COURIERS[of.parcels[0].courier if of.parcels else "cj"] if number else ("", "")
    told = {
        "post": to.zipcode, "address": to.address, "address2": to.detail, "receiver": to.name,
        "receiver_mobile": to.phone, "delicom": courier, "delicom_name": name, "delinum": number,
        "delinum_date": ids.kst(of.shipped_at), "deli_date": ids.kst(of.shipped_at),
        "delicomplete_date": ids.kst(of.delivered_at), "deliend_date": ids.kst(of.completed_at),
        "deli_msg": order.message,
    }  # fmt: skip
    return shapes.fill(SHAPES["delivery"], told)


def extensions(order: Order, positions: list[Position]) -> Iterator[dict[str, Any]]:
    """Yield reductions: of lines, of the whole order, and the points."""
    for one in positions:
        if one.discount:
            yield _extension(str(one.number), "PRDCOU", "상품 쿠폰 (1회)", one.discount)
    if order.coupon:
        yield _extension("0", "ORDCOU", order.coupon_name or "", order.coupon)
        yield _extension("0", "GROUP", "등급 할인", order.coupon, "N")
    if order.points:
        yield _extension("0", "RESERVES", "적립금 즉시할인", order.points)


def _extension(number: str, kind: str, title: str, amount: int, counts: str = "Y") -> dict[str, Any]:
    told = {"basket_num": number, "ext_type": kind, "ext_title": title, "ext_price": str(-amount), "ext_status": counts}
    return shapes.fill(SHAPES["extension"], told)


def claims(order: Order, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a claim block; those that were withdrawn or refused stay, without an end."""
    to, name = order.receiver, {"exchange": "trade"}.get(kind, kind)
    for claim in order.claims:
        for one in ids.claimed(order, claim) if claim.kind == kind else ():
            told: dict[str, Any] = {
                "basket_num": str(one.number), "reason": ids.reason(claim), "detail": claim.text or "",
            }  # fmt: skip
            if kind != "exchange":
                told |= {"request_date": ids.day(claim.requested_at), "completed_date": ids.day(claim.completed_at)}
            if kind != "cancel":
                told |= {"name": to.name, "post": to.zipcode, "address": to.address, "address2": to.detail}
            yield shapes.fill(SHAPES[name], told)


def refunds(order: Order) -> Iterator[dict[str, Any]]:
    """Yield the refunds, each of several lines at once."""
    for claim in ids.refunds(order):
        back = claim.refund or 0
        told = {
            "basket_num": ",".join(str(one.number) for one in ids.claimed(order, claim)),
            "refund_bankname": "예시은행" if claim.method == "bank" else "",
            "refund_accounter": order.buyer.name if claim.method == "bank" else "",
            "refund_account": "000-000-000000" if claim.method == "bank" else "",
            "refund_status": "ZR9" if claim.refunded_at else "ZR2", "refund_status_date": ids.kst(claim.changed_at),
            "return_deli_price": str(claim.fee), "refund_used_reserve": str(claim.points_back),
            "refund_total_price": str(back + claim.fee + claim.points_back if claim.refunded_at else 0),
            "refund_price": str(back), "refund_method": ids.PAID_BACK_BY[claim.method or "card"],
            "refund_reason": ids.reason(claim),
        }  # fmt: skip
        yield shapes.fill(SHAPES["refund"], told)


def memos(order: Order) -> list[dict[str, Any]]:
    """Return the notes of staff, which nobody is to collect."""
    if not order.memo:
        return []
    return [shapes.fill(SHAPES["memo"], {"content": order.memo, "reg_date": ids.kst(order.ordered_at)})]


def payments(order: Order) -> Iterator[dict[str, Any]]:
    """Yield the history of payments."""
    if order.paid_at:
        told = {
            "pay_date": ids.kst(order.paid_at), "total_price": str(order.due + order.points),
            "deli_price": str(order.shipping_fee), "discount_price": str(order.coupon), "pay_price": str(order.due),
            "order_price": str(order.due + order.points), "used_reserve": str(order.points),
            "paymethod": ids.PAID_BY[order.methods[0]][0],
        }  # fmt: skip
        yield shapes.fill(SHAPES["pay_history"], told)


def entry(order: Order, event: Event) -> dict[str, Any]:
    """Return a row of the order log."""
    number = next((one.number for one in ids.positions(order) if one.line.no == event.line), 0)
    kind = LOGGED.get(event.what, event.what.replace("_", " "))
    claim: Claim | None = next((one for one in order.claims if one.no == event.claim), None)
    code = f"Z{ids.CLAIM_CODES[claim.kind]}1" if claim else "S11"
    told = {
        "ordernum": ids.ordernum(order), "num": str(order.events.index(event) + 1), "basket_id": str(number),
        "type": kind, "content": f"{kind} 처리되었습니다.", "status": code, "date": ids.kst(event.at),
    }  # fmt: skip
    return shapes.fill(SHAPES["log"], told)


def parcels(order: Order) -> Iterator[dict[str, Any]]:
    """Yield the parcels on their way back; the answer does not tell a return from an exchange."""
    for claim in order.claims:
        if claim.tracking:
            for one in ids.claimed(order, claim):
                told = {
                    "ordernum": ids.ordernum(order), "basket_num": str(one.number), "delinum": claim.tracking,
                    "basket_status": ids.basket_status(order, one), "delicom": ids.COURIERS[claim.courier or "cj"][0],
                }  # fmt: skip
                yield shapes.fill(SHAPES["parcel"], told)


def pairs(order: Order) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield the exchanges of an order and when they were entered."""
    for one in order.lines:
        if one.replaces and one.shipped_at:
            told = {
                "ordernum": ids.ordernum(order), "num": str(one.place), "old_num": str(ids.original(order, one).number),
                "reg_date": ids.kst(one.shipped_at),
            }  # fmt: skip
            yield one.shipped_at, shapes.fill(SHAPES["pair"], told)
