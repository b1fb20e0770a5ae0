"""Naver orders: payload to records. The unit is the product order, one line of an order; answers come by lines.

The lines of one order that an answer holds are read together, because sums of an order are told by none of them: goods
and discounts are added up, a delivery fee counts once for each bundle, payments of the order repeat on every line.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape import words
from shopscrape.errors import RowFailed
from shopscrape.items import Order, OrderLine, Record, Return
from shopscrape.payload import Kind, Origin, Payload, Tally, ignoring
from shopscrape.privacy import person
from spiders.naver import codes
from spiders.naver.mapping_claims import CLAIM_IGNORED, Money, Returns, claims

LINE = "lines.productOrder"
IGNORED = (
    ignoring(
        "whole",
        "lines: timestamp traceId",
        # Names, the masked id and the buyer's other data; what was told of the person went through person().
        "lines.order: orderId ordererName ordererId ordererNo ordererTel paymentDueDate payLocationType "
        "isDeliveryMemoParticularInput isMembershipSubscribed orderDate paymentDate paymentMeans "
        "orderDiscountAmount generalPaymentAmount naverMileagePaymentAmount chargeAmountPaymentAmount "
        "checkoutAccumulationPaymentAmount payLaterPaymentAmount",
        # Personal: addresses, memo, customs id. Never stored: commissions, settlement.
        f"{LINE}: shippingAddress takingAddress shippingMemo individualCustomUniqueCode commissionRatingType "
        "commissionPrePayStatus paymentCommission saleCommission channelCommission "
        "knowledgeShoppingSellingInterlockCommission expectedSettlementAmount",
        f"{LINE}: originalProductId groupProductId mallId sellerCustomCode1 sellerCustomCode2 inflowPath inflowPathAdd "
        "productImediateDiscountAmount initialProductImmediateDiscountAmount remainProductImmediateDiscountAmount "
        "productProductDiscountAmount initialProductProductDiscountAmount remainProductProductDiscountAmount "
        "productMultiplePurchaseDiscountAmount sellerBurdenDiscountAmount sellerBurdenImediateDiscountAmount "
        "initialSellerBurdenImmediateDiscountAmount remainSellerBurdenImmediateDiscountAmount "
        "sellerBurdenProductDiscountAmount initialSellerBurdenProductDiscountAmount "
        "remainSellerBurdenProductDiscountAmount sellerBurdenMultiplePurchaseDiscountAmount "
        "sellerBurdenStoreDiscountAmount sellerBurdenMultiplePurchaseDiscountType placeOrderDate "
        "delayedDispatchReason delayedDispatchDetailedReason deliveryPolicyType shippingFeeType expectedDeliveryMethod "
        "expectedDeliveryCompany deliveryAttributeType deliveryTagType arrivalGuaranteeDate shippingStartDate "
        "shippingDueDate freeGift taxType storageType hopeDelivery skuMappings appliedCoupons appliedCardPromotion "
        "logisticsCompanyId logisticsCenterId logisticsDirectContracted productClass merchantChannelId packageNumber "
        "sectionDeliveryFee deliveryFeeAmount deliveryDiscountAmount remainProductAmount initialProductAmount "
        "totalProductAmount productDiscountAmount initialProductDiscountAmount remainProductDiscountAmount "
        "initialPaymentAmount totalPaymentAmount remainPaymentAmount claimType claimStatus claimId itemNo optionCode "
        "optionManageCode sellerProductCode quantity",
        "lines.delivery: deliveryMethod deliveryStatus pickupDate isWrongTrackingNumber wrongTrackingNumberType "
        "wrongTrackingNumberRegisteredDate",
    )
    | CLAIM_IGNORED
)
CHANGED_IGNORED = ignoring(
    "lines: lastChangedType lastChangedDate receiverAddressChanged giftReceivingStatus claimType claimStatus orderId"
)
UNDEFINED = frozenset(("undefined", "null"))
"""Literal texts that captures show where there is nothing."""


# -- envelopes ---------------------------------------------------------------------------------------------------------


def query_rows(document: Any, origin: Origin) -> Iterator[Any]:
    """Yield the orders of an answer to product-orders/query: a list of product orders below `data`."""
    return _grouped(_objects(document["data"]), origin)


def list_rows(document: Any, origin: Origin) -> Iterator[Any]:
    """Yield the orders of a page of the list by condition: product orders below `data.contents[].content`."""
    inside = document["data"]
    if not inside:
        return iter(())
    # Without contents the pagination tells that it is a page of the list all the same.
    contents = _objects(inside["contents"] if "contents" in inside or "pagination" not in inside else None)
    return _grouped([one.get("content", one) if isinstance(one, dict) else one for one in contents], origin)


def changed_rows(document: Any, origin: Origin) -> Iterator[Any]:
    """Yield the orders of a page of the feed of changes; nothing changed is an answer without `data`."""
    if not document.get("data"):
        if "timestamp" not in document:
            raise KeyError("data")
        return
    for row in _objects(document["data"].get("lastChangeStatuses")):
        yield {"order_id": row.get("orderId"), "lines": [row]} if isinstance(row, dict) else row


def _objects(found: Any) -> list[Any]:
    if not found:
        return []
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise TypeError
    return [one for one in found if one is not None]


def _grouped(found: list[Any], origin: Origin) -> Iterator[dict[str, Any]]:
    """Yield one row an order. A line that does not map is a row of its own, so that it fails without its siblings."""
    orders: dict[str, list[Any]] = {}
    for place, one in enumerate(found):
        number = _order_id(one)
        orders.setdefault(number or f"\0{place}", []).append(one)
    told: set[str] | None = origin.context.get("whole")
    for number, lines in orders.items():
        whole = told is None or number in told
        if len(lines) == 1 or _maps(number, lines, origin):
            yield _row(number, lines, whole)
        else:
            yield from (_row(number, [line], False) for line in lines)


def _row(number: str, lines: list[Any], whole: bool) -> dict[str, Any]:
    return {"order_id": None if number.startswith("\0") else number, "lines": lines, "whole": whole}


def _order_id(one: Any) -> str | None:
    told = one.get("order") if isinstance(one, dict) else None
    number = told.get("orderId") if isinstance(told, dict) else None
    return str(number).strip() if isinstance(number, str | int) and not isinstance(number, bool) else None


def _maps(number: str, lines: list[Any], origin: Origin) -> bool:
    copy = msgspec.json.decode(msgspec.json.encode(_row(number, lines, True)))
    try:
        return bool(list(order(Payload(copy, Tally(), zone=origin.zone), origin)))
    except (RowFailed, ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError):
        return False


# -- records -----------------------------------------------------------------------------------------------------------


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order from the lines of it that the answer holds; `whole` says whether these are all."""
    number = row.need("order_id")
    whole = row.take("whole") is True
    parts = sorted(row.each("lines"), key=_line_id)
    heads = [part.part("order") for part in parts]
    products = [part.part("productOrder") for part in parts]
    lines: list[OrderLine] = []
    sums, returns = _Sums(), Returns()
    region: Any = UNSET
    channel: Any = UNSET
    for part, head, product in zip(parts, heads, products, strict=True):
        region = _region(product) if region in (UNSET, None) else region
        channel = product.id("merchantChannelId") if channel in (UNSET, None) else channel
        money = _money(product, head)
        amounts = _amounts(product)
        line = _line(part, product, amounts, money)
        if any(known.line_id == line.line_id for known in lines):
            continue
        lines.append(line)
        sums.add(line, amounts)
        returns.add(claims(part, product, line, number, money, origin))
    head = heads[0]
    unpaid = _unpaid(head, lines)
    yield Order(
        **origin.common(), order_id=number, channel="smartstore", channel_raw=channel,
        status=words.order_status((line.kind, _text(line.status)) for line in lines),
        ordered_at=head.moment("orderDate"), paid_at=head.moment("paymentDate"), currency=origin.currency,
        **_payment(head, sums if whole else None, unpaid), buyer=_buyer(head), receiver_region=region, lines=lines,
    )  # fmt: skip
    yield from returns.found.values()


def _line_id(part: Payload) -> str:
    product = part.raw.get("productOrder")
    return str(product.get("productOrderId")) if isinstance(product, dict) else ""


def _line(part: Payload, product: Payload, amounts: dict[str, Any], money: Money) -> OrderLine:
    number = product.need("productOrderId")
    word, raw = product.word("productOrderStatus", codes.LINES, "productOrderStatus")
    placed = product.id("placeOrderStatus")
    if word == "paid" and isinstance(placed, str):
        sure = product.known(placed, codes.PLACED, "placeOrderStatus")
        word = word if sure == "unknown" else sure
    gift = product.id("giftReceivingStatus")
    if isinstance(gift, str) and gift not in codes.GIFTS:
        product.known(gift, {}, "giftReceivingStatus")
    label = product.id("productClass")
    kind: Any = product.known(label, codes.LINE_KINDS, "productClass") if isinstance(label, str) else "sale"
    kind = "sale" if kind == "unknown" else kind
    product_id = product.id("productId")
    option = _first(product.id("optionCode"), product.id("itemNo"))
    initial, ordered, left = (product.whole(name) for name in ("initialQuantity", "quantity", "remainQuantity"))
    price, extra = product.money("unitPrice"), product.money("optionPrice")
    delivery = part.part("delivery")
    return OrderLine(
        line_id=number, kind=kind, product_id=product_id,
        # A product without options tells its own number as the option's.
        variant_id=None if option == product_id and isinstance(option, str) else option,
        code=_first(product.id("optionManageCode"), product.id("sellerProductCode")), name=product.line("productName"),
        options=_choices(product.line("productOption")), quantity=_first(initial, ordered), quantity_left=left,
        unit_price=price + (extra if isinstance(extra, Decimal) else 0) if isinstance(price, Decimal) else price,
        discount=amounts["discount"], total=UNSET if money.initial is None else money.initial,
        status=word, status_raw=raw, courier=delivery.id("deliveryCompany"), tracking_no=delivery.id("trackingNumber"),
        shipped_at=delivery.moment("sendDate"), delivered_at=delivery.moment("deliveredDate"),
        completed_at=product.moment("decisionDate"),
    )  # fmt: skip


def _first(one: Any, other: Any) -> Any:
    return other if one in (UNSET, None) and other is not UNSET else one


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _choices(text: Any) -> Any:
    """Return what was chosen. Shape: "색상: 블랙 / 사이즈: L"; text that could be split in two ways stays whole."""
    if not isinstance(text, str) or text in UNDEFINED:
        return text if text is UNSET else {}
    pairs = [part.split(": ") for part in text.split(" / ")]
    names = {pair[0].strip() for pair in pairs}
    if all(len(pair) == 2 and pair[0].strip() and pair[1].strip() for pair in pairs) and len(names) == len(pairs):
        return {name.strip(): value.strip() for name, value in pairs}
    return {"": text}


def _money(product: Payload, head: Payload) -> Money:
    initial = _first(product.money("initialPaymentAmount"), product.money("totalPaymentAmount"))
    remain = product.money("remainPaymentAmount")
    never = product.raw.get("productOrderStatus") in codes.UNPAID
    paid = True if head.raw.get("paymentDate") else False if never else None
    return Money(
        initial=initial if isinstance(initial, Decimal) else None,
        remain=remain if isinstance(remain, Decimal) else None, paid=paid,
    )  # fmt: skip


def _amounts(product: Payload) -> dict[str, Any]:
    """Return what a line adds to its order's sums, and its own discount, both as they were and as they stand now."""
    return {
        "goods": _first(product.money("initialProductAmount"), product.money("totalProductAmount")),
        "goods_left": product.money("remainProductAmount"),
        "discount": _first(product.money("initialProductDiscountAmount"), product.money("productDiscountAmount")),
        "discount_left": product.money("remainProductDiscountAmount"),
        "bundle": product.id("packageNumber"),
        "delivery": product.money("deliveryFeeAmount"), "delivery_discount": product.money("deliveryDiscountAmount"),
    }  # fmt: skip


class _Sums:
    """Adds up what an order is worth now."""

    def __init__(self) -> None:
        self.goods: Decimal | None = Decimal()
        self.discount = Decimal()
        self.bundles: dict[str, list[tuple[bool, Decimal, Decimal]]] = {}

    def add(self, line: OrderLine, amounts: dict[str, Any]) -> None:
        """Add a line. Without a "remain" field (old captures) the line's state tells whether it still counts.

        An exchanged line still counts while its "remain" says so, because no other line stands in for it.
        """
        told = isinstance(amounts["goods_left"], Decimal)
        gone = line.status in words.CLAIMED and not (told and line.status == "exchanged")
        goods = amounts["goods_left"] if told else amounts["goods"]
        discount = amounts["discount_left"]
        if not isinstance(discount, Decimal):
            discount = amounts["discount"]
        if gone:
            goods, discount = Decimal(), Decimal()
        if isinstance(goods, Decimal) and self.goods is not None:
            self.goods += goods
            self.discount += min(_zero(discount), goods)
        else:
            self.goods = None
        bundle = amounts["bundle"] if isinstance(amounts["bundle"], str) else line.line_id
        left = not gone and (not isinstance(line.quantity_left, int) or line.quantity_left > 0)
        fees = (left, _zero(amounts["delivery"]), _zero(amounts["delivery_discount"]))
        self.bundles.setdefault(bundle, []).append(fees)

    def told(self, off: Any) -> dict[str, Any]:
        """Return the order's sums; `off` is the order's own discount.

        A bundle's delivery fee counts once. Unverified: that it falls away when nothing of the bundle is left, that
        deliveryFeeAmount holds the extra for remote areas, that the order's discount is not part of its lines'.
        """
        if self.goods is None:
            return {}
        standing = [lines for lines in self.bundles.values() if any(left for left, _, _ in lines)]
        shipping = sum((max(fee for _, fee, _ in lines) for lines in standing), Decimal())
        discount = self.discount + sum((max(less for _, _, less in lines) for lines in standing), Decimal())
        discount += _zero(off) if self.goods else 0
        return {
            "items_total": self.goods, "shipping_fee": shipping, "discount": discount,
            "total": self.goods + shipping - discount,
        }  # fmt: skip


def _zero(amount: Any) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal()


def _unpaid(head: Payload, lines: list[OrderLine]) -> bool:
    """Return whether no money has come: no time of payment is told, and every line is in a state without one."""
    return not head.raw.get("paymentDate") and all(line.status_raw in codes.UNPAID for line in lines)


def _payment(head: Payload, sums: _Sums | None, unpaid: bool) -> dict[str, Any]:
    """Return what was paid, and how. These amounts belong to the order and repeat on every line of it.

    Before payment they tell what is to be paid.
    """
    off = head.money("orderDiscountAmount")
    paid = [head.money(name) for name in ("generalPaymentAmount", "payLaterPaymentAmount")]
    points = [
        head.money(name)
        for name in ("naverMileagePaymentAmount", "checkoutAccumulationPaymentAmount", "chargeAmountPaymentAmount")
    ]
    means = head.line("paymentMeans")
    return (sums.told(off) if sums else {}) | {
        "paid": Decimal() if unpaid and _sum(paid) is not UNSET else _sum(paid), "points_used": _sum(points),
        "payment_methods": [means] if isinstance(means, str) else means,
    }  # fmt: skip


def _sum(amounts: list[Any]) -> Any:
    told = [amount for amount in amounts if isinstance(amount, Decimal)]
    return sum(told, Decimal()) if told else UNSET


def _buyer(head: Payload) -> Any:
    """Return the buyer: by telephone, else by the unmasked member number. A gift's are masked, which gives none."""
    told = head.has("ordererTel") or head.has("ordererNo")
    phone, member = head.take("ordererTel"), head.take("ordererNo")
    return person(phone=_plain(phone), member=_plain(member)) if told else UNSET


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _region(product: Payload) -> Any:
    """Return the region of the receiver; an unaccepted gift has no address."""
    address = product.take("shippingAddress")
    if not isinstance(address, dict):
        return UNSET if address is UNSET else None
    base = address.get("baseAddress")
    if address.get("addressType") == "FOREIGN":
        base = " ".join(part for part in (address.get("state"), address.get("city")) if isinstance(part, str))
        return base.strip() or None
    parts = base.split()[:2] if isinstance(base, str) else []
    # 세종 has no 시군구: what follows is a street.
    return " ".join(parts[:1] if len(parts) > 1 and parts[1][-1] not in "시군구" else parts) or None


def changed(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a row of the feed of changes: which line of which order changed, and its state now.

    It does not tell the seller's confirmation, so PAYED is "paid" here; the crawl asks for the lines themselves.
    """
    number = row.need("order_id")
    line = row.each("lines")[0]
    kind = line.id("lastChangedType")
    if isinstance(kind, str) and kind not in codes.CHANGES:
        line.known(kind, {}, "lastChangedType")
    for name, table in (("claimType", codes.KINDS), ("claimStatus", codes.CLAIMS)):
        raw = line.id(name)
        if isinstance(raw, str) and raw not in codes.NO_CLAIM:
            line.known(raw, table, name)
    word, raw = line.word("productOrderStatus", codes.LINES, "productOrderStatus")
    told = OrderLine(line_id=line.need("productOrderId"), status=word, status_raw=raw)
    yield Order(
        **origin.common(), order_id=number, channel="smartstore", paid_at=line.moment("paymentDate"), lines=[told]
    )


_ORDERS: dict[str, Any] = {"read": order, "ignored": IGNORED, "items": (Order, Return)}
ALL: tuple[Kind, ...] = (
    Kind(
        name="orders", request="POST /v1/pay-order/seller/product-orders/query", rows=query_rows,
        expects=("ordered_at", "lines"), **_ORDERS,
    ),
    Kind(
        name="orders.list", request="GET /v1/pay-order/seller/product-orders", rows=list_rows,
        expects=("ordered_at", "lines"), **_ORDERS,
    ),
    Kind(
        name="orders.changed", request="GET /v1/pay-order/seller/product-orders/last-changed-statuses",
        rows=changed_rows, read=changed, ignored=CHANGED_IGNORED, items=(Order,),
    ),
)  # fmt: skip
