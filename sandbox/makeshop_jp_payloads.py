"""Answers of the emulated GMO MakeShop: every field that is known of a thing; the query then names which are told."""

from datetime import UTC, datetime
from typing import Any

from sandbox import makeshop_jp_ids as ids
from sandbox.entities import Category, Order, Product, Review, Variant
from sandbox.world import World

FAR = datetime(2037, 12, 31, tzinfo=UTC)


def level(variant: Variant) -> int | None:
    """Return a stock, never negative; None: unlimited."""
    return None if variant.quantity is None else max(variant.quantity, 0)


def period(product: Product) -> dict[str, Any]:
    """Return whether it is shown, and the switches and dates of its sale."""
    starts, ends, start, end = False, False, None, None
    if product.state == "pending":
        starts, start = True, FAR
    elif product.state in ("suspended", "ended"):
        ends, end = True, product.changed_at
    elif product.no % 7 == 0:
        starts, start, ends, end = True, product.created_at, True, FAR
    return {
        "display": "N" if product.state == "hidden" else "Y", "isSellStart": "Y" if starts else "N",
        "isSellEnd": "Y" if ends else "N", "isDisplayOutOfSellPeriod": "N", "sellStartDateTime": ids.jst(start),
        "sellEndDateTime": ids.jst(end),
    }  # fmt: skip


def images(product: Product) -> list[str]:
    """Return the addresses of the pictures, main one first."""
    code = ids.system_code(product)
    names = ["", *(f"_{place}" for place in range(2, 1 + len(product.images)))]
    return [f"{ids.PICTURES}/{code}{name}.jpg" for name in names]


def product(one: Product, world: World) -> dict[str, Any]:
    """Return a product. The stock of variations does not stand beside it."""
    stamp = f"?{int(one.created_at.timestamp())}"
    main, *more = [address + stamp for address in images(one)]
    return {
        "uid": str(one.no), "systemCode": ids.system_code(one), "customCode": one.code or "",
        "janCode": one.barcode or "", "productName": one.name, "productGroupCode": "", "productGroupName": "",
        "maker": one.maker or "", "sellPrice": one.price, "consumerPrice": one.list_price or 0, "taxRate": 10,
        "quantity": level(one.variants[0]) if one.plain else None, **period(one), "createdAt": ids.jst(one.created_at),
        "updatedAt": ids.jst(one.changed_at), "maxImageUrl": main, "minImageUrl": main, "tinyImageUrl": main,
        "subImages": [{"subImageId": str(place), "url": url} for place, url in enumerate(more, 1)],
        "variationShowType": 0 if one.plain else 1,
        "variations": [] if one.plain else [variation(one, variant) for variant in one.variants],
        "categories": [
            {"categoryUID": str(no), "categoryName": world.categories[no].name, "isMainCategory": not place}
            for place, no in enumerate(one.categories)
        ],
        "pcContent": one.description, "mobileContent": "", "pcAddContent": "", "mobileAddContent": "",
    }  # fmt: skip


def variation(one: Product, variant: Variant) -> dict[str, Any]:
    """Return a variation: two names at most, and the seller's code where there is one."""
    names = [*ids.items(one, variant), ""]
    return {
        "variation1ItemName": names[0], "variation2ItemName": names[1], "subImageId": "",
        "productSystemCode": ids.system_code(one), "variationCustomCode": variant.code or "",
        "janCode": variant.barcode or "",
    }  # fmt: skip


def quantity(one: Product) -> dict[str, Any]:
    """Return the stock of a product and its variations (the shape is a guess)."""
    below = [] if one.plain else one.variants
    return {
        "systemCode": ids.system_code(one), "customCode": one.code or "",
        "quantity": level(one.variants[0]) if one.plain else None,
        "variationQuantities": [
            {"variationCustomCode": each.code or "", "quantity": level(each)} for each in below
        ],
    }  # fmt: skip


def category(one: Category) -> dict[str, Any]:
    """Return a category; here its number is spelled another way."""
    names = [*one.path, "", "", "", ""]
    return {
        "categoryUid": str(one.no), "categoryCode": f"c{one.no}", "categoryName": one.name, "display": "Y",
        "categoryDepth": len(one.path), **{f"category{place}": names[place - 1] for place in range(1, 6)},
        "categoryUrl": f"{ids.SHOP}/shopbrand/c{one.no}/", "seoInfo": {"browserTitle": "", "description": ""},
    }  # fmt: skip


def order(one: Order, world: World) -> dict[str, Any]:
    """Return an order with its shipments. Its sum stays as it was placed."""
    text, _ = ids.PAYMENTS[one.methods[0]]
    shipments = ids.shipments(one)
    return {
        "systemOrderNumber": ids.order_number(one), "displayOrderNumber": f"{one.no:012d}",
        "orderDate": ids.jst(one.ordered_at, digits=one.no % 5 == 0), "memberId": ids.member(one),
        "senderName": one.buyer.name, "senderPrefecture": ids.prefecture(one.buyer), "payMethod": text,
        "paymentStatusCode": ids.payment(one), "sumPrice": one.due, "message": f"{one.message}||",
        "deliveryInfos": [shipment(one, each, place == 0, world) for place, each in enumerate(shipments)],
    }  # fmt: skip


def shipment(order: Order, one: ids.Shipment, first: bool, world: World) -> dict[str, Any]:
    """Return a shipment."""
    charge = order.shipping_fee if first else 0
    to = order.receiver
    return {
        "deliveryId": one.number, "deliveryStatus": one.state, "slipNumber": one.slip,
        "deliveryDate": ids.jst(one.main.shipped_at, digits=True), "estimatedShipmentDate": "",
        "desiredDeliveryDate": "--", "desiredDeliveryTimezone": "", "receiverName": to.name, "receiverPost": to.zipcode,
        "receiverPrefecture": ids.prefecture(to), "receiverAddress": to.address, "receiverAddress2": to.detail,
        "receiverTel": to.phone, "shippingCharge": charge, "wmsStatus": "", "deliveryMessage": order.message,
        "deliverySumPrice": charge + sum(ids.price(line) * units for line, units in one.goods), "deliveryMethodIds": [],
        "basketInfos": [_basket(line, units, world) for line, units in one.goods],
    }  # fmt: skip


def _basket(line: Any, units: int, world: World) -> dict[str, Any]:
    product, variant = world.variant(line.variant)
    return {
        "productCode": ids.system_code(product), "productCustomCode": product.code or "",
        "variationCustomCode": variant.code or "", "productName": line.name, "variationName": ids.variation_name(line),
        "janCode": variant.barcode or "", "amount": units, "price": ids.price(line),
        "customSelects": [
            {"customSelectName": name, "selectedItemName": text} for name, text in line.texts.items()
        ],
    }  # fmt: skip


def review(one: Review) -> dict[str, Any]:
    """Return a review (the shape is a guess)."""
    return {
        "reviewId": str(one.no), "productSystemCode": ids.system_code(one.product), "title": one.title,
        "content": one.text, "point": one.rating or 0, "nickname": one.label,
        "isPublished": "N" if "hidden" in one.flags else "Y", "createdAt": ids.jst(one.written_at),
    }  # fmt: skip
