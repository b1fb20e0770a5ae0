"""Writing at the emulated Commerce API, as the reference tells it; a crawl must never do it.

Unverified, as the sources say: what happens to options that are not listed (here they stay), how many products one
multi-update takes (here 100), the text of a good answer, and that a product with options cannot be given a stock as a
whole.
"""

from datetime import datetime
from typing import Any

from sandbox import naver_goods as goods
from sandbox import naver_ids as ids
from sandbox.entities import Product
from sandbox.naver_sales import confirmed_at
from sandbox.naver_search import Wrong
from sandbox.sales import move
from sandbox.world import Trade, World

PRODUCTS, ORDERS = 100, 30
"""Products of a multi-update, and product orders of a confirmation, at most."""
GOOD = {"code": "SUCCESS", "message": "성공", "data": {}}
MAY: dict[str, tuple[str, ...]] = {
    "OUTOFSTOCK": ("SALE",), "SALE": ("SUSPENSION", "OUTOFSTOCK"), "SUSPENSION": ("SALE", "OUTOFSTOCK", "WAIT"),
}  # fmt: skip
"""Which state a product may be brought to, and from which."""
TYPES = ("SALE_PRICE", "IMMEDIATE_DISCOUNT", "STOCK", "PRODUCT_STATUS_SALE", "PRODUCT_STATUS_SUSPENSION")


def _number(told: Any, name: str) -> int:
    if type(told) is not int or told < 0:
        raise Wrong(name)
    return told


def _objects(told: Any, name: str) -> list[dict[str, Any]]:
    rows = [] if told is None else told
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise Wrong(name)
    return rows


# -- products ----------------------------------------------------------------------------------------------------------


def option_stock(product: Product, told: Any, at: datetime) -> dict[str, Any]:
    """Set the stock of options and return the product. Raises: Wrong.

    What a listed row leaves out is stored as 0, `usable` as true; rows that are not listed stay.
    """
    options = told.get("optionInfo") if isinstance(told, dict) else None
    if not isinstance(options, dict):
        raise Wrong("optionInfo")
    known = {ids.option_no(one): one for one in product.variants if product.axes}
    rows = _objects(options.get("optionCombinations"), "optionInfo.optionCombinations")
    plain = _objects(options.get("optionStandards"), "optionInfo.optionStandards")
    for row in rows + plain:
        if row.get("id") not in known:
            raise Wrong("optionInfo.optionCombinations.id")
    for row in rows + plain:
        variant = known[row["id"]]
        variant.quantity = _number(row.get("stockQuantity", 0), "stockQuantity")
        variant.on_sale = row.get("usable", True) is True
        if row in rows:
            variant.surcharge = int(row.get("price", 0))
    if options.get("useStockManagement") is False:
        for variant in product.variants:
            variant.quantity = None
    _price(product, told)
    product.note(at, "stocked")
    shown = goods.detail(product)
    numbers = {"originProductNo": ids.origin_no(product), "smartstoreChannelProductNo": ids.channel_no(product)}
    if ids.windowed(product):
        numbers["windowChannelProductNo"] = ids.window_no(product)
    return numbers | shown


def change_status(product: Product, told: Any, at: datetime) -> dict[str, Any]:
    """Bring a product to another state. Raises: Wrong."""
    asked = told if isinstance(told, dict) else {}
    word, now = asked.get("statusType"), goods.state(product)
    if word not in MAY or now not in MAY[word]:
        raise Wrong("statusType")
    if word == "SUSPENSION":
        product.state = "suspended"
    elif word == "OUTOFSTOCK":
        for variant in product.variants:
            variant.quantity = 0
    elif now == "OUTOFSTOCK":
        _stock(product, asked)
    else:
        # With nothing left it is sold out, whatever is asked.
        product.state = "on_sale"
    product.note(at, "stopped" if word == "SUSPENSION" else "resumed")
    return GOOD


def multi_update(world: World, told: Any, at: datetime) -> dict[str, Any]:
    """Change many products, each in its own way. Raises: Wrong, KeyError for a product that there is not."""
    rows = _objects(told.get("multiProductUpdateRequestVos") if isinstance(told, dict) else None, "multiProduct")
    if not 0 < len(rows) <= PRODUCTS:
        raise Wrong("multiProductUpdateRequestVos")
    for row in rows:
        kinds = row.get("multiUpdateTypes")
        if not isinstance(kinds, list) or not kinds or not set(TYPES).issuperset(kinds):
            raise Wrong("multiUpdateTypes")
        product = found(world, _number(row.get("originProductNo"), "originProductNo"))
        if "STOCK" in kinds:
            _stock(product, row)
        _price(product, {name: row[name] for kind, name in (
            ("SALE_PRICE", "productSalePrice"), ("IMMEDIATE_DISCOUNT", "immediateDiscountPolicy"),
        ) if kind in kinds and name in row})  # fmt: skip
        for word in ("SALE", "SUSPENSION"):
            if f"PRODUCT_STATUS_{word}" in kinds:
                product.state = "on_sale" if word == "SALE" else "suspended"
        product.note(at, "priced")
    return GOOD


def found(world: World, origin: int) -> Product:
    """Return a product by its origin product number. Raises: KeyError."""
    product = world.products[ids.product_of(origin + ids.channel_no(0) - ids.origin_no(0))]
    if product.state == "deleted":
        raise KeyError(origin)
    return product


def _stock(product: Product, told: dict[str, Any]) -> None:
    if not product.plain:
        raise Wrong("stockQuantity")
    product.variants[0].quantity = _number(told.get("stockQuantity"), "stockQuantity")


def _price(product: Product, told: dict[str, Any]) -> None:
    price, off = told.get("productSalePrice"), told.get("immediateDiscountPolicy")
    if isinstance(price, dict):
        product.price = _number(price.get("salePrice"), "productSalePrice.salePrice")
    if isinstance(off, dict):
        method = off.get("discountMethod") or {}
        value = _number(method.get("value"), "immediateDiscountPolicy.discountMethod.value")
        less = product.price * value // 100 if method.get("unitType") == "PERCENT" else value
        product.discounted = product.price - less if 0 < less < product.price else None


# -- product orders ----------------------------------------------------------------------------------------------------


def confirm(trade: Trade, told: Any, at: datetime) -> dict[str, Any]:
    """Confirm product orders (발주확인); each succeeds or fails for itself inside of a good answer. Raises: Wrong."""
    numbers = told.get("productOrderIds") if isinstance(told, dict) else None
    if not isinstance(numbers, list) or not 0 < len(numbers) <= ORDERS:
        raise Wrong("productOrderIds")
    known = {
        ids.line_no(order, line): (order, line) for order in trade.orders for line in order.lines if ids.shown(line)
    }
    done, failed = [], []
    for number in map(str, numbers):
        order, line = known.get(number, (None, None))
        if order is None or line is None:
            code, said = "100001", "상품 주문을 찾을 수 없음"
        elif confirmed_at(order, line):
            code, said = "105306", "변경을 요청한 상태가 기존과 동일"
        elif line.status != "paid":
            code, said = "104442", "상품 주문 상태 확인 필요"
        else:
            move(order, line, "preparing", at, trade.world.dice("naver confirms", order.no))
            done.append(number)
            continue
        failed.append({"productOrderId": number, "code": code, "message": said})
    trade.orders.touch()
    return {"data": {"successProductOrderIds": done, "failProductOrderInfos": failed}}
