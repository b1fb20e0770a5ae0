"""WISA products, stock, orders and claims as the ERP API tells them: XML to records.

Elements of a list are numbered by an attribute `idx`; one without it is no record, so an empty answer may hold a hollow
order. The key is echoed beside the products and is never read. Windows have no paging. Stock tells no way of selling
out: it is read as counted (unverified), and 9999 as not counted.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import UNSET

from shopscrape import values, words
from shopscrape.errors import PageFailed
from shopscrape.items import Option, Order, OrderLine, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.xml import Document, as_dict
from spiders.wisa import codes
from spiders.wisa.mapping_orders import Found, after, chosen, claims, left, unit
from spiders.wisa.mapping_products import JOINED, NO_OPTION, for_sale, on_sale
from spiders.wisa.shapes import amount, code_in, listed, none_if_zero, parts, pictures, region, split, when

PAID, PREPARING, COMPLETED, EITHER, CANCELED = (
    "getPayedOrder", "getShippingOrder", "getCompletedOrder", "getOrder", "getCanceledOrder",
)  # fmt: skip
OF_ACTION = {PAID: "입금완료", PREPARING: "상품준비중", COMPLETED: "배송완료"}
"""What the lines of an answer are, where its action says it; getOrder gives paid and preparing ones alike."""

PRODUCT_IGNORED = ignoring(
    # cost prices and suppliers are never stored
    "sup_price supp_name supp_code supp_pname supp_cell supp_tel supp_location milage_value buy_min buy_max item_cnt",
    "image: main list big",
)
STOCK_IGNORED = ignoring("prd_name")
_COMPUTED = frozenset(("idx", "paymethod", "is_checkout", "disp_flag", "sell_flag"))
"""Fields that the engine makes of nothing, so that a hollow element has them too."""
_NOTHING = ("", None, "0", "1970-01-01 09:00:00", "19700101090000")
ORDER_IGNORED = ignoring(
    "idx ord_name recv_name recv_zipcode recv_addr2 recv_tel recv_cell ord_memo sale_price bank_name bank_account "
    "bank_income ship_fee"
)


def rows_of(path: str, key: str, *actions: str) -> Callable[[Any, Origin], Iterator[Any]]:
    """Return a function that yields the numbered elements of an answer, without hollow ones.

    Each row tells the `action` that it answers. Raises: PageFailed when the answer is to another one.
    """

    def rows(document: Document, origin: Origin) -> Iterator[Any]:
        if document.name not in actions:
            raise PageFailed(f"the answer is not one to {actions[0]}")
        for element in document.elements(path):
            if element.get("idx") is None:
                continue
            row = as_dict(element)
            if row.get(key) or any(_filled(value) for name, value in row.items() if name not in _COMPUTED):
                yield row | {"action": document.name}

    return rows


def _filled(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_filled(one) for one in (value.values() if isinstance(value, dict) else value))
    return value not in _NOTHING


def _is_item(item: dict[str, Any]) -> bool:
    """Return whether an element of a list of combinations is one: it has a number, or at least a name."""
    return bool(item.get("code") or item.get("name"))


# -- products and stock -----------------------------------------------------------------------------------------------


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product and its stock. Hidden goods and those in the bin look the same."""
    row.drop("action")
    number = row.need("prd_code")
    shown, sold = row.id("disp_flag"), row.id("sell_flag")
    status: Any = UNSET
    raw: Any = UNSET
    if isinstance(shown, str) and isinstance(sold, str):
        raw = f"disp_flag={shown},sell_flag={sold}"
        status = codes.PRODUCT_FLAGS.get(shown + sold) or row.known(raw, {}, "product_flags")
    code = code_in(row, "style_cd")
    told = row.has("item_list")
    items = parts(row.part("item_list"), "item")
    axes = split(row.take("item_options"))
    variants = []
    for one in items:
        if _is_item(one.raw):
            variants.append(_item(one, axes, status))
        else:
            one.raw.clear()
    alone = len(variants) == 1 and not axes and (variants[0].options == {} or variants[0].variant_id == number)
    image = row.part("image")
    category = row.id("cpm_cate_code")
    ids = [part for part in category.split("_") if part.strip("0 ")] if isinstance(category, str) else []
    names: dict[str, str] = origin.context.get("categories", {})
    yield Product(
        **origin.common(), product_id=number, code=code, name=row.line("prd_name"), status=status, status_raw=raw,
        price=row.money("sale_price"), list_price=none_if_zero(row.money("prd_price")), currency=origin.currency,
        category_ids=UNSET if category is UNSET else ids[-1:],
        categories=[" > ".join(names[one] for one in ids)] if ids and all(one in names for one in ids) else UNSET,
        images=_images(image, origin), url=row.id("detail_url"),
        options=[] if alone else _options(axes, variants) if told else UNSET,
        variants=UNSET if not told else [] if alone else variants,
        created_at=when(row, "reg_date"), updated_at=when(row, "mod_date"),
    )  # fmt: skip
    for variant in variants:
        yield stock(variant, origin, number, code if alone else UNSET, "" if alone else variant.variant_id)


def _images(image: Payload, origin: Origin) -> Any:
    """Return the largest size that is there: all three show the same picture."""
    sizes = [image.take(size) for size in ("big", "main", "list")]
    if all(size is UNSET for size in sizes):
        return UNSET
    return pictures(sizes, origin)[:1]


def _item(row: Payload, axes: list[str], status: Any) -> Variant:
    quantity = row.whole("stock")
    unlimited = quantity == codes.UNLIMITED
    name = row.take("name")
    return Variant(
        variant_id=row.need("code"), options=_named(name, axes),
        quantity=None if unlimited else UNSET if quantity is None else quantity,
        managed=not unlimited if isinstance(quantity, int) else UNSET,
        available=for_sale(on_sale(status), "unlimited" if unlimited else "counted", quantity),
    )  # fmt: skip


def _named(name: Any, axes: list[str]) -> Any:
    """Return option names to values; the whole text under "" when it does not split into as many as there are."""
    if not isinstance(name, str) or values.line(name) in (None, NO_OPTION):
        return {}
    mark = "<ss>" if "<ss>" in name else JOINED
    found = [values.line(name)] if len(axes) == 1 and mark == JOINED else [values.line(one) for one in name.split(mark)]
    if len(found) == len(axes):
        return {axis: value or "" for axis, value in zip(axes, found, strict=True)}
    return {"": JOINED.join(value or "" for value in found)}


def _options(axes: list[str], variants: list[Variant]) -> Any:
    if (
        not axes
        or not variants
        or any(not isinstance(variant.options, dict) or "" in variant.options for variant in variants)
    ):
        return UNSET
    return [
        Option(name=axis, values=list(dict.fromkeys(variant.options[axis] for variant in variants if variant.options)))
        for axis in axes
    ]


def stock(variant: Variant, origin: Origin, number: str, code: Any, variant_id: str) -> Stock:
    """Return the stock of a variant."""
    return Stock(
        **origin.common(), product_id=number, variant_id=variant_id, code=code, options=variant.options,
        quantity=variant.quantity, managed=variant.managed, available=variant.available,
        observed_at=origin.collected_at,
    )  # fmt: skip


def stock_rows(document: Document, origin: Origin) -> Iterator[Any]:
    """Yield the combinations of all products of a getStock answer. Deleted combinations are among them."""
    for product_ in rows_of("product_idx", "prd_code", "getStock")(document, origin):
        items = [one for one in listed(product_.pop("item_list", None)) if isinstance(one, dict) and _is_item(one)]
        for item in items:
            yield {**product_, **item, "alone": len(items) == 1}


def stock_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the stock of one combination; a single one without a name is the product itself."""
    row.drop("action")
    number = row.need("prd_code")
    state: bool | None = origin.context.get("on_sale", {}).get(number)
    only, bare = row.take("alone") is True, values.line(row.raw.get("name") or None) in (None, NO_OPTION)
    variant = _item(row, [], {True: "on_sale", False: "other", None: UNSET}[state])
    if origin.context.get("thin") or (bare and not only):
        variant.options = UNSET
    yield stock(variant, origin, number, UNSET, "" if only and bare else variant.variant_id)


# -- orders and claims ------------------------------------------------------------------------------------------------


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read an order with those of its lines that the action asked for, and their claims.

    Gifts stand among the lines without any number: they are no records.
    """
    action = row.take("action")
    label = OF_ACTION.get(action)
    number = row.need("ord_no")
    settled, money = when(row, "settle_date"), row.money("settle_price")
    has_lines = row.has("product_list")
    found = [_line(one, label) for one in _lines(row)]
    found = [one for one in found if one[1].code not in codes.LEFT_OUT]
    order_label = row.line("cancel_stat")
    if not found and codes.code_of(order_label) in codes.LEFT_OUT:
        row.raw.clear()
        return
    lines = [line for line, _, _ in found]
    told = [(line.kind, line.status) for line in lines if isinstance(line.status, str)]
    status: Any = words.order_status(told) if told else UNSET
    if action == CANCELED and isinstance(order_label, str):
        # Lines that nobody claimed are not among these, so the order's own label speaks for all.
        state = codes.state(row, order_label, order_label)
        status = status if len(told) == len(lines) and state.word in (UNSET, "unknown") else state.word
    checkout, method = row.id("is_checkout"), row.id("paymethod")
    if checkout not in ("Y", "N", None, UNSET):
        row.known(checkout, {}, "is_checkout")
    if settled is None and money is not UNSET:
        money = amount(None)
    yield Order(
        **origin.common(), order_id=number, channel="naver_pay" if checkout == "Y" else UNSET,
        status=status,
        status_raw=order_label if isinstance(order_label, str) else UNSET, ordered_at=when(row, "ord_date"),
        paid_at=settled, currency=origin.currency, paid=money,
        payment_methods=[method] if isinstance(method, str) else UNSET,
        receiver_region=region(row.line("recv_addr1")), lines=lines if has_lines else UNSET,
    )  # fmt: skip
    yield from claims(number, found, codes.History([]), origin)


def _lines(row: Payload) -> Iterator[Payload]:
    for one in parts(row.part("product_list"), "Product"):
        if any(none_if_zero(one.raw.get(key)) for key in ("ord_prd_no", "prd_code")):
            yield one
        else:
            one.raw.clear()


def _line(row: Payload, label: str | None) -> Found:
    quantity, price, sold = row.whole("item_cnt"), row.money("item_price"), row.money("item_sell_price")
    off: Any = amount(price) - amount(sold) if price not in (None, UNSET) and sold not in (None, UNSET) else UNSET
    told = row.line("cancel_stat")
    state = codes.state(
        row, told if isinstance(told, str) else label or UNSET, told if isinstance(told, str) else label
    )
    variant = row.id("item_code")
    line = OrderLine(
        line_id=row.need("ord_prd_no"), product_id=none_if_zero(row.id("prd_code")),
        # An unmanaged line prints its options here instead of the number of a combination.
        variant_id=none_if_zero(variant) if not isinstance(variant, str) or variant.isdigit() else UNSET,
        name=row.line("prd_name"), options=chosen(row.take("item_name"), ",", ":"), quantity=quantity,
        quantity_left=left(quantity, state), unit_price=unit(price, quantity), discount=off,
        total=after(price, off) if off is not UNSET else sold, status=state.word, status_raw=state.raw,
    )  # fmt: skip
    return line, state, None


def order_rows() -> Callable[[Any, Origin], Iterable[Any]]:
    """Return the rows function of the four lists of orders by their date."""
    return rows_of("order_idx", "ord_no", EITHER, PAID, PREPARING, COMPLETED)


def claim_rows() -> Callable[[Any, Origin], Iterable[Any]]:
    """Return the rows function of the feed of claims."""
    return rows_of("order_idx", "ord_no", CANCELED)
