"""Cafe24 storefront pages: what the functions in pages.py found becomes products and stock.

Product number, variant code and shop are the API's own, so that web rows join API rows.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET
from parsel import Selector

from shopscrape import values
from shopscrape.errors import NotFound, NotHydrated
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.cafe24 import pages
from spiders.cafe24.mapping_rows import DEFAULT_SHOP, absolute, joined, shop_in_address

Row = dict[str, Any]

IGNORED = ignoring(
    "option_codes choices category_no site",
    "option_stocks: stock_price use_stock_original use_soldout_original use_soldout_today_delivery is_mandatory "
    "option_id is_reserve_stat item_image_file origin_option_added_price is_auto_soldout_original",
)
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WON = re.compile(r"\d[\d,]*(?=\s*원)")
LABELS = {"자체상품코드": "code", "브랜드": "brand", "제조사": "manufacturer", "상품요약정보": "summary"}
"""Labels of the table that name a field of ours; a merchant may rename or hide each of them."""


def document(body: bytes, origin: Origin) -> Selector:
    """Return a page as a Selector."""
    return pages.selector(body)


def of_page(origin: Origin, told: Any = None) -> Origin:
    """Return the origin of a page's records: source web, and the shop that the page, its address or nobody names."""
    shop = origin.shop or str(told or "") or shop_in_address(origin.url or "") or DEFAULT_SHOP
    return msgspec.structs.replace(origin, source="web", shop=shop)


def based(origin: Origin, address: Any) -> Origin:
    """Return the origin with an address to resolve others against: the request's, else what the page calls its own."""
    return origin if origin.url else msgspec.structs.replace(origin, url=address or None)


def require(page: Selector, *roles: str) -> None:
    """Raise NotFound for a page that is of another kind: an address that is gone leads elsewhere (inferred)."""
    role = pages.role(page)
    if not role:
        raise NotHydrated("What came is no page of a Cafe24 shop: it names no kind (path_role).")
    if not any(role.startswith(one) for one in roles):
        raise NotFound(f"the address leads to a page of another kind ({role[:40]})", code=role[:40])


# -- a product page ---------------------------------------------------------------------------------------------------


def product_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the product of a page. Raises: NotFound for another page, NotHydrated for one without a product."""
    require(page, "PRODUCT_DETAIL")
    row = pages.product(page)
    if not row["name"] or not (row["price"] or row["meta_price"] or row["design"]):
        raise NotHydrated("The product page tells no name or no price: its skin fills them in by script.")
    return [row]


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the product of a page and the stock of what it sells."""
    origin = of_page(origin, row.take("shop_no") or shop_in_address(row.raw.get("address") or ""))
    number = row.id("product_no") or origin.product_id or row.need("product_no")
    money = row.id("currency") or UNSET
    design: dict[str, str] = row.take("design") or {}
    prices = _prices(row, design, money)
    price = prices["price"]
    names, chosen, variants = _variants(row, price)
    single = _single(row, price)
    options = _options(names, variants, chosen, row.raw.get("choices") or [])
    sellable = variants or single
    marked, mark = row.take("soldout_icon"), row.take("soldout_mark")
    sold_out = bool(mark) if marked is None else marked == "T"
    if sold_out and not variants:
        for variant in single:
            variant.available = False
    sold_out = sold_out or (bool(sellable) and not any(variant.available for variant in sellable))
    brand = row.line("brand")
    ids, paths = _categories(row)
    address = row.take("address")
    fields = {ours: values.line(design[label]) for label, ours in LABELS.items() if label in design}
    told: dict[str, Any] = {
        # Without a brand of its own the platform prints the mall's name there.
        "brand": brand if brand and brand != row.raw.get("site") else UNSET, "summary": row.plain("summary"),
    } | fields  # fmt: skip
    yield Product(
        **origin.common(), product_id=number, name=row.line("name"), status="sold_out" if sold_out else "on_sale",
        status_raw="soldout" if sold_out else "shown", **prices, currency=money, categories=paths, category_ids=ids,
        images=[absolute(one, based(origin, address)) for one in row.texts("images") or ()],
        url=_url(address, origin), description=row.html("description") or UNSET, options=options,
        variants=sellable or UNSET,
        rating=row.money("rating") or UNSET, review_count=row.whole("review_count") or UNSET, **told,
    )  # fmt: skip
    for variant in sellable:
        yield Stock(
            **origin.common(), product_id=number, variant_id=variant.variant_id, options=variant.options,
            quantity=variant.quantity, managed=variant.managed, available=variant.available,
            code=UNSET if variants else fields.get("code") or UNSET, observed_at=origin.collected_at,
        )  # fmt: skip


def _url(address: Any, origin: Origin) -> Any:
    full = joined(origin.url or "", address) if isinstance(address, str) else ""
    return full if full.startswith(("https://", "http://")) else UNSET


def amount(printed: Any, currency: Any) -> Decimal | None:
    """Return the one amount that is printed, None for words. Shape: "19,900원", "$12.50", "19900"."""
    if not isinstance(printed, str) or not printed.strip():
        return None
    try:
        return values.won(printed)
    except ValueError:
        # In won a price may have words around it, but then it says so; "전화 02-000-0000" is none.
        found = (_WON if currency in ("KRW", UNSET) else _AMOUNT).findall(printed)
    try:
        return values.decimal(found[0]) if len(found) == 1 else None
    except ValueError:
        return None


def _prices(row: Payload, design: dict[str, str], currency: Any) -> dict[str, Any]:
    """Return the prices. The script's are the plain ones; a price in words stands in the table, or in the offer."""
    told, shown = row.take("price"), design.get("판매가")
    offer, content = row.take("offer_price"), row.take("price_content")
    meta = row.take("meta_price")
    price: Any = amount(told, "") or amount(shown, currency) or amount(meta, "") or None
    words: Any = None
    for text in (shown, offer, content if content not in ("1", "T", "F", "0") else None):
        if isinstance(text, str) and text.strip() and amount(text, currency) is None:
            words = values.line(text)
            break
    if words is None and not any(isinstance(one, str) and one.strip() for one in (told, shown, meta)):
        # Where no place of a price is found, none was told; "there is none" is what the page says with words or a zero.
        price = words = UNSET
    told_sale = row.take("sale_price")
    sale = amount(told_sale, "") or amount(design.get("할인판매가"), currency)
    before = amount(design["소비자가"], currency) if "소비자가" in design else UNSET
    lower = sale is not None and isinstance(price, Decimal) and 0 < sale < price
    return {
        "price": price, "list_price": before or (UNSET if before is UNSET else None), "price_text": words,
        "discounted_price": (
            sale if lower else UNSET if price is UNSET or (sale is None and told_sale is None) else None
        ),
    }  # fmt: skip


def _categories(row: Payload) -> tuple[Any, Any]:
    """Return the number and path of the category that the page was reached by; others are not shown."""
    path = [(one.id("category_no"), one.line("name")) for one in row.each("categories")]
    if not path:
        return UNSET, UNSET
    return [str(path[-1][0])], [" > ".join(str(name) for _, name in path)]


def _options(names: list[str], variants: list[Variant], chosen: Iterable[list[str]], shown: list[Any]) -> Any:
    """Return options by the variants in their order, else by what leads to them, else by the form.

    [] for a product without any. A form shows the values of its first option only.
    """
    found: dict[str, dict[str, None]] = {name: {} for name in names if name}
    for variant in variants:
        for name, value in (variant.options or {}).items():
            if name:
                found.setdefault(name, {})[value] = None
    for leading in () if any(found.values()) else chosen:
        for name, text in zip(names, leading, strict=True) if len(names) == len(leading) else ():
            found.setdefault(name, {})[text] = None
    if found and any(found.values()):
        return [Option(name=name, values=list(told)) for name, told in found.items()]
    if shown:
        return [Option(name=str(one["option_name"]), values=one["values"]) for one in shown]
    return UNSET if variants or names else []


def _variants(row: Payload, price: Any) -> tuple[list[str], Iterable[list[str]], list[Variant]]:
    """Return option names, the values that lead to a variant, and the variants of the stock data, in its order."""
    told, stocks = row.take("option_names"), row.take("option_stocks")
    names = [values.line(name) or "" for name in told.split(pages.JOINT)] if told else []
    chosen = {
        code: [values.line(part) or "" for part in text.split(pages.JOINT)]
        for text, code in (row.raw.get("option_codes") or {}).items()
        if isinstance(text, str) and isinstance(code, str)
    } if isinstance(row.raw.get("option_codes"), dict) else {}  # fmt: skip
    if not isinstance(stocks, dict):
        return names, chosen.values(), []
    variants = []
    for code, one in stocks.items():
        if isinstance(one, dict) and code:
            item = Payload(dict(one), row.tally, "option_stocks", row.zone)
            row.children.append(item)
            variants.append(_variant(item, code, price, names, chosen.get(code)))
    return names, chosen.values(), variants


def _variant(item: Payload, code: str, price: Any, names: list[str], chosen: list[str] | None) -> Variant:
    own, original, joined = item.line("option_name"), item.take("option_value_orginal"), item.line("option_value")
    shown = [values.line(part) or "" for part in (original if isinstance(original, list) else chosen or [])]
    # Options that are chosen apart from each other have a name of their own each.
    titles = own.split(pages.JOINT) if own else names
    titles = titles if len(titles) == len(shown) else names
    if shown and len(titles) == len(shown):
        options: Any = dict(zip(titles, shown, strict=True))
    elif len(titles) == 1 and joined:
        options = {titles[0]: joined}
    else:
        options = {"": joined} if joined else UNSET
    full = item.money("option_price")
    surcharge = item.money("stock_price")
    if not isinstance(full, Decimal) and isinstance(price, Decimal):
        full = price + (surcharge if isinstance(surcharge, Decimal) else 0)
    flags = [item.flag("is_display"), item.flag("is_selling")]
    return _level(item, Variant(variant_id=code, options=options, price=full), flags)


def _level(item: Payload, variant: Variant, flags: list[Any]) -> Variant:
    """Fill in the stock: use_stock false is unlimited, use_soldout F goes on selling below 0."""
    managed, told = item.flag("use_stock"), item.whole("stock_number")
    stops, ended = item.flag("use_soldout"), item.flag("is_auto_soldout")
    variant.managed = managed
    variant.quantity = None if managed is False else UNSET if told is None else told
    gone = isinstance(variant.quantity, int) and variant.quantity <= 0 and stops is not False
    variant.available = not (False in flags or gone or (ended is True and managed is not False))
    return variant


def _single(row: Payload, price: Any) -> list[Variant]:
    """Return the only variant of a product without options, under its own code."""
    code, has_option = row.id("item_code"), row.flag("has_option")
    stock, number = row.take("single_stock"), row.take("stock_number")
    if not code or has_option is True:
        return []
    told = {"stock_number": number} | (stock if isinstance(stock, dict) else {})
    item = Payload(told, row.tally, "option_stocks", row.zone)
    row.children.append(item)
    return [_level(item, Variant(variant_id=code, options={}, price=price), [])]


# -- a list -----------------------------------------------------------------------------------------------------------


def listed_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the products of a category page."""
    require(page, "PRODUCT_LIST", "PRODUCT_SEARCH", "PRODUCT_RECENT", "MAIN")
    shop = pages.variables(page)
    return [row | {"shop_no": shop.get("SDE_SHOP_NUM") or shop.get("shop_no")} for row in pages.listed_products(page)]


def listed_product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product of a list; its page tells more."""
    origin = of_page(origin, row.take("shop_no"))
    number, address = row.need("product_no"), row.take("address")
    sold_out = row.flag("sold_out") is True
    price, before = amount(row.take("price"), ""), row.take("list_price")
    yield Product(
        **origin.common(), product_id=number, name=row.line("name"), status="sold_out" if sold_out else "on_sale",
        status_raw="soldout" if sold_out else "shown", price=UNSET if price is None else price,
        list_price=UNSET if before is None else amount(before, "") or None,
        url=_url(address, origin),
    )  # fmt: skip
