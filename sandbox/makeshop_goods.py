"""Products of the emulated Korean MakeShop as its API tells them: every scalar is text."""

import base64
from datetime import UTC, datetime
from typing import Any

from sandbox import makeshop_ids as ids
from sandbox import shapes
from sandbox.entities import Category, Product, Variant

SHAPES = shapes.templates("makeshop_shapes.json")
CHANGES = ("named", "priced", "shown", "hidden", "stopped", "resumed")
"""What moves moddate. Whether sold or counted stock does is not known: here it does not."""
LONG_AGO, FAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)


def level(variant: Variant) -> int | None:
    """Return the stock of a combination, never negative; None: unlimited."""
    return None if variant.quantity is None else max(variant.quantity, 0)


def quantity(product: Product) -> str:
    """Return a product's own stock: that of its counted combinations together."""
    known = [told for one in product.variants if (told := level(one)) is not None]
    if not known or (not sum(known) and len(known) < len(product.variants)):
        return "Unlimited" if product.no % 2 else "unlimited"
    return str(sum(known))


def shown(product: Product) -> bool:
    """Return whether it is displayed."""
    return product.state != "hidden"


def sold(product: Product) -> bool:
    """Return whether it may be sold."""
    return product.state in ("on_sale", "hidden")


def state(variant: Variant) -> str:
    """Return the state of a combination."""
    if not variant.on_sale:
        return "TEMPOUT" if variant.place % 2 else "HIDE"
    if variant.sold_out:
        return "SOLDOUT"
    return "DELAY" if variant.no % 13 == 3 else "SALE"


def discount(product: Product) -> Any:
    """Return the reduction that runs now; [] is how PHP writes that there is none."""
    if product.discounted is None:
        # One that is over, and one for members: neither changes what a guest pays.
        if product.no % 10 == 3:
            return shapes.fill(SHAPES["discount"], {"end_date": ids.kst(LONG_AGO), "start_date": ids.kst(LONG_AGO)})
        if product.no % 10 == 7:
            return shapes.fill(SHAPES["discount"], {"user_type": "N", "end_date": ids.kst(FAR)})
        return []
    told = {"start_date": ids.kst(LONG_AGO), "end_date": ids.kst(FAR), "cut_position": "1", "cut_option": "floor"}
    for percent in (10, 15, 20):
        if product.price * (100 - percent) // 1000 * 10 == product.discounted:
            return shapes.fill(SHAPES["discount"], told | {"discount_price": str(percent), "unit": "percent"})
    off = str(product.price - product.discounted)
    return shapes.fill(SHAPES["discount"], told | {"discount_price": off, "unit": "price", "cut_position": "0"})


def options(product: Product) -> dict[str, Any]:
    """Return choices, combinations and add-ons. A product without options has one nameless combination."""
    many = [str(place) for place in range(1, len(product.axes) + 1)]
    choices = [
        shapes.fill(
            SHAPES["option"],
            {
                "opt_id": number, "opt_name": axis.name, "opt_value": ",".join(axis.values),
                "opt_price": ",".join("0" for _ in axis.values),
            },
        )
        for number, axis in zip(many, product.axes, strict=True)
    ]  # fmt: skip
    for place, name in enumerate(product.text_options, len(many) + 1):
        told = {
            "opt_id": str(place), "opt_type": "CUSTOM", "opt_name": name, "opt_value": "", "opt_price": "3000",
            "opt_mix": "N", "opt_mandatory": "N",
        }  # fmt: skip
        choices.append(shapes.fill(SHAPES["option"], told))
    basic = [
        shapes.fill(
            SHAPES["basic"],
            {
                "sto_id": str(one.place), "opt_ids": ",".join(many), "sto_opt_values": ",".join(one.values),
                "sto_price": str(one.surcharge), "sto_real_stock": str(level(one) or 0), "sto_state_code": state(one),
                "sto_unlimit": "N" if one.managed else "Y", "sto_order_stock": str(one.no % 40),
                "sto_code": (one.code or "") if product.axes else (product.code or "") if product.no % 2 else "",
            },
        )
        for one in product.variants
    ]  # fmt: skip
    extra: list[Any] = []
    if product.no % 9 == 4:
        number = str(len(choices) + 1)
        told = {"opt_id": number, "opt_type": "ADDITION", "opt_name": "선물포장", "opt_value": "포장함", "opt_mix": "N"}
        choices.append(shapes.fill(SHAPES["option"], told | {"opt_price": "2500", "opt_mandatory": "N"}))
        told = {"sto_id": str(len(basic) + 1), "opt_ids": number, "sto_type": "ADDITION", "sto_opt_values": "포장함"}
        extra.append(shapes.fill(SHAPES["basic"], told | {"sto_price": "2500", "sto_unlimit": "Y", "sto_code": ""}))
    numbered: Any = {str(place): one for place, one in enumerate(basic)} if product.no % 5 == 2 else basic
    return {"option": choices, "basic": numbered, "addition": extra}


def modified(product: Product) -> datetime | None:
    """Return when it was last modified, None for never."""
    return product.when(*CHANGES)


def images(product: Product, code: str) -> list[str]:
    """Return the pictures: paths in the mall, the time of the upload behind them, and one on another host."""
    stamp = f"?{int(product.created_at.timestamp())}"
    names = ["", *(str(place) for place in range(4, 3 + len(product.images)))]
    found = [f"/shopimages/{ids.SHOP}/{code}{name}.jpg{stamp}" for name in names[: len(product.images)]]
    if len(found) > 2:
        found[2] = f"https://cdn.example.com/p/{product.no}_b.jpg"
    return found


def row(product: Product, categories: dict[int, Category], sold_at: datetime | None, reviews: int) -> dict[str, Any]:
    """Return a product as lists tell it."""
    code = ids.brandcode(product, categories)
    main = categories[product.categories[0]]
    first, second, third = ids.levels(main, categories)
    pictures = images(product, code)
    listed = product.no % 4 == 2 and product.brand
    told = {
        "uid": ids.uid(product), "brandcode": code, "cate1": first, "cate2": second, "cate3": third,
        "category_name": " < ".join(reversed(main.path)), "product_name": product.name,
        "keywords": ",".join(product.tags),
        "virtual_cate": ["".join(ids.levels(categories[no], categories)) for no in product.categories[1:]],
        "consumerprice": str(product.list_price or ("0" if product.no % 2 else "")), "sellprice": str(product.price),
        "buyprice": str(product.cost), "sell_accept": "Y" if sold(product) else "N", "provider_name": product.supplier,
        "display": "Y" if shown(product) else "N", "option_type": "NO" if product.plain else "PS",
        "options": options(product), "selldate": ids.kst(sold_at), "sellcount": str(product.no * 3 % 200),
        "regdate": ids.kst(product.created_at), "moddate": ids.kst(modified(product)), "quantity": quantity(product),
        "maximage": pictures[0], "minimage": pictures[0], "tinyimage": pictures[0], "multi_image": pictures[1:],
        "subtitle": product.summary or "", "production": product.maker or "",
        "brname": "" if listed else product.brand or "",
        "brand": [{"name": product.brand, "brand_id": "7", "brand_mid": "0", "brand_sid": "0"}] if listed else [],
        "product_content": base64.b64encode(product.description.encode()).decode(), "discount": discount(product),
        "review_count": str(reviews), "origin": product.origin,
    }  # fmt: skip
    return shapes.fill(SHAPES["product"], told)


def deleted(product: Product, categories: dict[int, Category]) -> dict[str, Any]:
    """Return a row of the feed of deletions."""
    told = {
        "uid": ids.uid(product), "brandcode": ids.brandcode(product, categories), "product_name": product.name,
        "reg_date": ids.kst(product.created_at), "delete_date": ids.kst(product.changed_at),
    }  # fmt: skip
    return shapes.fill(SHAPES["deleted"], told)


def category(one: Category, categories: dict[int, Category]) -> dict[str, Any]:
    """Return a category."""
    first, second, third = ids.levels(one, categories)
    told = {"cate1": first, "cate2": second, "cate3": third, "catename": one.name, "m_catename": one.name}
    return shapes.fill(SHAPES["category"], told)
