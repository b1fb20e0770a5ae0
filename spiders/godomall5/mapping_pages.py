"""Godomall5 storefront pages: what the functions in pages.py found becomes products and stock.

Product and option numbers are the API's own, so that web rows join API rows.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET
from parsel import Selector

from shopscrape import values
from shopscrape.errors import NotHydrated, RowFailed
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.godomall5 import pages
from spiders.godomall5.mapping_rows import absolute, first, storefront

IGNORED = ignoring("address buyable", "options: axis price")
STEP_IGNORED = ignoring(
    "log cnt nextOption stockCnt optionSellFl optionDeliveryFl optionViewFl optionSellCode optionDeliveryCode "
    "sellStopStock optionPrice nextKey optionDivisionDisabledMark stockCodeValue optionSno"
)
UNNAMED = frozenset(("옵션 선택", "옵션선택", "옵션", "선택"))
"""Labels of a select that name no axis."""


_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WON = re.compile(
    r"(?:[₩￦\\]|KRW)?\s*\d[\d,]*(?:\.\d+)?\s*(?:KRW)?|.*\d ?원(?:부터)?(?![가-힣]).*|.*[₩￦] ?\d.*", re.IGNORECASE
)
"""An amount: a number alone, or one that says that it is money. "2월 입고" has a number too."""


def document(body: bytes, origin: Origin) -> Selector:
    """Return a page as a Selector."""
    return pages.selector(body)


def of_page(origin: Origin, address: Any = None) -> Origin:
    """Return the origin of a page's records: source web, and the mall's address to resolve others against."""
    host = storefront(origin)
    if not host:
        told = origin.url or (address if isinstance(address, str) else "")
        host = "/".join(told.split("/")[:3]) if told.startswith(("https://", "http://")) else ""
    return msgspec.structs.replace(origin, source="web", context=origin.context | {"storefront": host})


def won(printed: Any) -> Decimal | None:
    """Return the one amount that is printed, None for words or several.

    >>> won("29,000 원"), won("가격문의"), won("2월 입고예정")
    (Decimal('29000'), None, None)
    """
    text = values.line(printed) if isinstance(printed, str) and len(printed) < 200 else None
    return _only_number(text) if text and _WON.fullmatch(text) else None


def _only_number(printed: Any) -> Decimal | None:
    found = _NUMBER.findall(printed) if isinstance(printed, str) else []
    try:
        return values.decimal(found[0]) if len(found) == 1 else None
    except ValueError:
        return None


def _positive(amount: Decimal | None) -> Decimal | None:
    return amount if amount is not None and amount > 0 else None


# -- a product page ---------------------------------------------------------------------------------------------------


def product_rows(page: Selector, origin: Origin) -> list[pages.Row]:
    """Return the product of a page. Raises: NotHydrated for one without name or price."""
    row = pages.product(page)
    if not row["name"] or not (row["price"] or row["price_field"] or row["price_setting"] or row["price_linked"]):
        raise NotHydrated("The product page tells no name or no price: its skin fills them in by script.")
    return [row]


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the product of a page, and the stock of what it sells as far as the page shows it."""
    origin = of_page(origin, row.raw.get("address"))
    number = row.id("goodsNo") or origin.product_id or row.need("goodsNo")
    prices = _prices(row)
    managed, level = row.flag("stock_flag"), row.whole("stock")
    managed = UNSET if managed is None else managed
    closed, flag = row.flag("sold_out") is True, row.flag("option_flag")
    combinations, axes = row.each("options"), row.each("axes")
    sold_out = closed or (managed is True and isinstance(level, int) and level <= 0)
    variants = [_variant(one, prices["price"], managed, sold_out) for one in combinations]
    plain = flag is False or (flag in (None, UNSET) and not variants and not axes)
    category, code = row.id("category"), row.line("code")
    yield Product(
        **origin.common(), product_id=number, name=row.line("name") or UNSET,
        status="sold_out" if sold_out else "on_sale", status_raw="soldout" if sold_out else "shown",
        **prices, currency=origin.currency,
        code=code or UNSET, brand=row.line("brand") or UNSET, manufacturer=row.line("manufacturer") or UNSET,
        category_ids=[category] if category else UNSET, images=_absolute(row.texts("images"), origin),
        url=_url(origin, number), description=row.html("description") or UNSET,
        options=_options(axes, combinations, variants, plain), text_options=row.texts("text_options"),
        variants=variants if variants or plain else UNSET, rating=row.money("rating") or UNSET,
        review_count=_count(row),
    )  # fmt: skip
    for variant in variants:
        yield _stock(origin, number, variant)
    if plain:
        yield _stock(
            origin, number,
            Variant(variant_id="", code=code or UNSET, options={}, managed=managed, available=not sold_out,
                    quantity=_counted(level, managed)),
        )  # fmt: skip


def _stock(origin: Origin, number: str, sold: Variant) -> Stock:
    return Stock(
        **origin.common(), product_id=number, variant_id=sold.variant_id, code=sold.code, options=sold.options,
        quantity=sold.quantity, managed=sold.managed, available=sold.available, observed_at=origin.collected_at,
    )  # fmt: skip


def _prices(row: Payload) -> dict[str, Any]:
    """Return the prices as printed; the engine's hidden fields where a skin prints none. A time sale is no price."""
    shown, field, setting = row.take("price"), row.take("price_field"), row.take("price_setting")
    price = _amount(row.take("price_parts"), shown)
    # Linked data is the merchant's own and may be old: only a page that tells no price otherwise is taken at its word.
    linked = won(row.take("price_linked"))
    price = price if shown else first(won(field), won(setting), linked)
    words = values.line(shown) if shown and price is None else None
    sale, before = won(row.take("time_sale")), won(row.take("time_sale_before"))
    if before is not None:
        price = before
    listed = first(won(row.take("list_price")), won(row.take("fixed_price")))
    lower = first(sale, won(row.take("discounted")), _less(row, price))
    if not (isinstance(lower, Decimal) and isinstance(price, Decimal) and 0 < lower < price):
        lower = None
    return {
        "price": _positive(price), "price_text": words, "list_price": _positive(listed), "discounted_price": lower,
    }  # fmt: skip


def _amount(parts: Any, shown: Any) -> Decimal | None:
    """Return the first amount among the parts of a printed price, else that of the whole."""
    return next((found for one in [*(parts or ()), shown] if (found := won(one)) is not None), None)


def _less(row: Payload, price: Any) -> Any:
    given, less, unit = row.flag("discount_given"), row.money("discount"), row.id("discount_unit")
    if given is not True or not isinstance(less, Decimal) or not isinstance(price, Decimal):
        return None
    return price - (price * less / 100 if unit == "percent" else less)


def _variant(one: Payload, price: Any, managed: Any, sold_out: bool) -> Variant:
    axis, label = one.line("axis"), one.line("label")
    surcharge, level = one.money("price"), one.whole("stock")
    disabled = one.flag("disabled") is True
    one.drop("reason")
    left = isinstance(level, int) and level > 0
    available: Any = True if managed is False or left else False if managed and isinstance(level, int) else UNSET
    if sold_out or disabled:
        available = False
    return Variant(
        variant_id=one.need("sno"), options={"" if axis in UNNAMED or not axis else str(axis): label or ""},
        price=price + (surcharge or 0) if isinstance(price, Decimal) and surcharge is not UNSET else UNSET,
        quantity=_counted(level, managed), managed=managed, available=available,
    )  # fmt: skip


def _counted(level: Any, managed: Any) -> Any:
    """Return a stock; 0 is also what stands there when stock is not counted, which a page may not tell."""
    if managed is False:
        return None
    return level if level or managed is True else UNSET


def _options(axes: list[Payload], combinations: list[Payload], variants: list[Variant], plain: bool) -> Any:
    if plain:
        return []
    if axes:
        return [Option(name=str(one.line("name") or ""), values=one.texts("values") or []) for one in axes]
    named = {name for variant in variants for name in variant.options or {}}
    if len(named) != 1 or "" in named:
        return UNSET
    (name,) = named
    return [Option(name=name, values=[(variant.options or {})[name] for variant in variants])]


def _absolute(addresses: Any, origin: Origin) -> Any:
    found = [full for one in addresses or () if (full := absolute(one, origin))]
    return list(dict.fromkeys(found)) or UNSET


def _url(origin: Origin, number: str) -> Any:
    host = storefront(origin)
    return f"{host}/goods/goods_view.php?goodsNo={number}" if host else UNSET


def _count(row: Payload) -> Any:
    printed, linked = count(row.take("review_count")), count(row.take("review_count_linked"))
    return linked if printed is UNSET else printed


def count(printed: Any) -> Any:
    """Return a printed number, UNSET where there is none."""
    number = _only_number(printed)
    return UNSET if number is None else int(number)


# -- the options that a page asks for one by one ----------------------------------------------------------------------


def step_rows(told: Any, origin: Origin) -> list[Any]:
    """Return the combination that was chosen to its end; before that, and for none that exists, there is no row."""
    return [told] if told.get("optionSno") not in (None, "", [], {}, [""]) else []


def chosen(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the stock of a combination that was chosen. What is reported with flag t is no number of stock.

    `context` tells what its page told: whether stock is counted, whether anything can be bought, the values chosen.
    """
    origin = of_page(origin)
    parts = _said(row, "optionSno", "").split(pages.INT_JOINT)
    if not origin.product_id or len(parts) < 4:
        raise RowFailed("optionSno: cut short, or the request did not tell the product")
    sold, shown = _said(row, "optionSellFl", "y"), _said(row, "optionViewFl", "y")
    level, stop = values.integer(parts[3]), values.integer(_said(row, "sellStopStock", "0")) or 0
    managed = origin.context.get("managed", UNSET)
    # 0 is also what stands there when stock is not counted, which only the page tells.
    told = level is not None and (level != 0 or managed is True)
    quantity: Any = None if managed is False else level if told and sold != "t" else UNSET
    available: Any = sold == "y" and shown != "n"
    if available and managed is not False:
        available = level > max(stop, 0) if told and level is not None else UNSET
    options = {values.line(name) or "": values.line(value) or "" for name, value in origin.context.get("options", ())}
    yield Stock(
        **origin.common(), product_id=origin.product_id, variant_id=parts[0], options=options or UNSET,
        quantity=quantity, managed=managed, observed_at=origin.collected_at,
        available=False if origin.context.get("closed") else available,
    )  # fmt: skip


def _said(row: Payload, key: str, usual: str) -> str:
    """Return what a parallel array says of the one combination that is left, `usual` where it says nothing."""
    told = row.take(key)
    told = list(told.values()) if isinstance(told, dict) else told if isinstance(told, list) else [told]
    return usual if not told or told[0] in (None, "", UNSET) else str(told[0]).strip()


# -- a list -----------------------------------------------------------------------------------------------------------


def listed_rows(page: Selector, origin: Origin) -> list[pages.Row]:
    """Return the products of a category page."""
    return pages.listed_products(page)


def listed_product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product of a list; its page tells more. The price may be words or a picture."""
    origin = of_page(origin)
    number, shown, sold_out = row.need("goodsNo"), row.take("price"), row.flag("sold_out") is True
    price, before, brand = _amount(row.take("price_parts"), shown), won(row.take("list_price")), row.line("brand")
    told: dict[str, Any] = {"price": price} if price is not None else {}
    if price is None and shown and not sold_out:
        told = {"price": None, "price_text": values.line(shown)}
    yield Product(
        **origin.common(), product_id=number, name=row.line("name") or UNSET,
        status="sold_out" if sold_out else "on_sale", status_raw="soldout" if sold_out else "shown",
        currency=origin.currency, **told,
        list_price=before if before is not None else UNSET, brand=brand.strip("[] ") or UNSET if brand else UNSET,
        images=_absolute([row.take("image") or ""], origin), url=_url(origin, number),
    )  # fmt: skip
