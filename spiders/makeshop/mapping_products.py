"""MakeShop products and stock: payload to records. The Shop API and the legacy Open API give the same record."""

import base64
import binascii
import contextlib
import html
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from shopscrape import values
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.makeshop import codes
from spiders.makeshop.mapping_rows import KEY, absolute, flag, level, many, positive, storefront, until, when

_VARIANT = "sto_provide_price sto_order_stock sto_sort sto_matrix uid adminuser sto_note opt_price"
IGNORED = ignoring(
    # cost, suppliers and what staff wrote are never stored
    "buyprice product_memo provider_code provider_name provider_company_name provider supply_code supply_name "
    "supply_company_name supply_phone supply_address",
    # what nobody asked for: points, tax, shipping, presentation, other channels, counters
    "reserve mobile_reserve vat vat_type np_condition np_view np_product_options np_product_flag np_age_group "
    "np_gender best_product_display best_review_display sellcount selldate ems_type minimage tinyimage rolloverimage "
    "mobile_image mobile_photo_gallery hscode eng_name origin model opendate display_date min_quantity max_quantity "
    "min_order_quantity_method max_order_quantity_method discount_promotion discount_rebuy rebuy_use rebuy_period "
    "discount_except discount_percent color coupon_except coupon_unabled view_count cart_count wish_count style_code "
    "is_add_composition add_composition product_info_notice product_info_notices importune uniqueness today_delivery "
    "quick weight size_chart add_info product_m_content package bundle_product each_deliverys match_category "
    "match_category_names brand product_type np_naver_category virtual_cate",
    "discount: uid title view_type info info_mobile option_discount device",
    "options.option: opt_price opt_guide opt_mandatory opt_mix opt_use opt_sort " + KEY,
    f"options.basic: {_VARIANT} sto_stop_send sto_stop_date sto_check {KEY}",
)
DELETED_IGNORED: dict[str, frozenset[str]] = {"": frozenset((KEY,))}
STOCK_IGNORED = ignoring(f"{KEY} brandcode product_name")
INVENTORY_IGNORED = IGNORED | ignoring(
    f"{KEY} product_name subtitle keywords category_name cate1 cate2 cate3 sellprice consumerprice production brname "
    "maximage multi_image product_content regdate moddate discount "
    + " ".join(IGNORED[""])
)  # fmt: skip
IGNORED |= {"": IGNORED[""] | {KEY}}


class Level(NamedTuple):
    """What a product tells about its sale, apart from what it is."""

    shown: Any
    sold: Any
    quantity: Any
    """All variants together; None unlimited, UNSET not told."""
    managed: Any


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product, and the stock of what it sells."""
    number = row.need("uid")
    sale = _level(row)
    price, code = row.money("sellprice"), row.id("brandcode")
    options, texts, variants, alone = _options(row, price, sale)
    ids, names = _categories(row, origin)
    status, status_raw = _status(sale, variants)
    content = row.take("product_content")
    kind = row.id("product_type")
    if isinstance(kind, str) and kind not in codes.PRODUCTS:
        row.tally.unknown[f"product_type={kind[:40]}"] += 1
    yield Product(
        **origin.common(), product_id=number, code=code, name=row.line("product_name"), status=status,
        status_raw=status_raw, price=price, list_price=positive(row.money("consumerprice")),
        discounted_price=_discounted(row, price, origin), currency=origin.currency, brand=_brand(row),
        manufacturer=row.line("production"), categories=names, category_ids=ids, images=_images(row, origin),
        url=page_url(origin, number), summary=row.plain("subtitle"), description=_description(content),
        options=options, text_options=texts, variants=variants, tags=_tags(row), review_count=row.whole("review_count"),
        created_at=when(row, "regdate"), updated_at=when(row, "moddate"),
    )  # fmt: skip
    yield from _stock(origin, number, code, sale, variants, alone)


def inventory(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the stock of one product out of a product answer, and of the product what follows from its stock."""
    number = row.need("uid")
    sale = _level(row)
    code = row.id("brandcode")
    _, _, variants, alone = _options(row, UNSET, sale)
    status, status_raw = _status(sale, variants)
    yield Product(
        **origin.common(), product_id=number, status=status, status_raw=status_raw, variants=variants,
        review_count=row.whole("review_count"),
    )  # fmt: skip
    yield from _stock(origin, number, code, sale, variants, alone)


def total(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the stock list, which tells totals of products only: right for a product without options."""
    number = row.need("uid")
    quantity, managed = level(row, "quantity")
    yield Stock(
        **origin.common(), product_id=number, quantity=quantity, managed=managed,
        available=False if isinstance(quantity, int) and quantity <= 0 else UNSET, observed_at=origin.collected_at,
    )  # fmt: skip


def deleted(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product of the deletions feed."""
    yield Product(
        **origin.common(), product_id=row.need("uid"), code=row.id("brandcode"), name=row.line("product_name"),
        status="deleted", status_raw="delete_product", created_at=when(row, "reg_date"),
        updated_at=when(row, "delete_date"),
    )  # fmt: skip


def page_url(origin: Origin, number: str) -> Any:
    """Return the public address of a product, UNSET when the mall's own host is not known."""
    base = storefront(origin)
    return f"{base}/shop/shopdetail.html?branduid={number}" if base else UNSET


def category_paths(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return category paths by number ("003:001"), levels joined by " > "."""
    names = {
        _category(row.get("cate1"), row.get("cate2"), row.get("cate3")): values.line(row.get("catename")) or ""
        for row in rows
    }
    paths = {}
    for number, name in names.items():
        above = number.split(":")
        levels = [names.get(":".join(above[:depth]), "") for depth in range(1, len(above))]
        paths[number] = " > ".join(filter(None, (*levels, name)))
    return {number: path for number, path in paths.items() if number and path}


def _category(*levels: Any) -> str:
    told = [str(one).strip().zfill(3) for one in levels if one not in (None, UNSET)]
    return ":".join(one for one in told if one.strip("0"))


# -- sale and stock ---------------------------------------------------------------------------------------------------


def _level(row: Payload) -> Level:
    sold, shown = flag(row, "sell_accept"), flag(row, "display")
    return Level(shown, sold, *level(row, "quantity"))


def _status(sale: Level, variants: Any) -> tuple[Any, Any]:
    told = {"display": sale.shown, "sell_accept": sale.sold}
    known = {name: value for name, value in told.items() if isinstance(value, bool)}
    if not known:
        return UNSET, UNSET
    raw = ",".join(f"{name}={'Y' if value else 'N'}" for name, value in known.items())
    if sale.shown is False:
        return "hidden", raw
    if sale.sold is False:
        return "suspended", raw
    empty = isinstance(sale.quantity, int) and sale.quantity <= 0
    none_left = isinstance(variants, list) and bool(variants) and all(one.available is False for one in variants)
    return ("sold_out" if empty or none_left else "on_sale"), raw


def _stock(
    origin: Origin, number: str, code: Any, sale: Level, variants: Any, alone: dict[str, Any]
) -> Iterator[Stock]:
    if isinstance(variants, list) and variants:
        for variant in variants:
            yield Stock(
                **origin.common(), product_id=number, variant_id=variant.variant_id, code=variant.code,
                options=variant.options, quantity=variant.quantity, managed=variant.managed,
                available=variant.available, observed_at=origin.collected_at,
            )  # fmt: skip
        return
    # A product without options, or a shop with "power options", whose stock per variant has no known shape.
    if sale.quantity is UNSET and alone:
        sale = sale._replace(quantity=alone["level"][0], managed=alone["level"][1])
    left: Any = sale.quantity is None or sale.quantity > 0 if sale.quantity is not UNSET else UNSET
    flags = [one for one in (sale.shown, sale.sold, alone.get("buyable", UNSET), left) if isinstance(one, bool)]
    yield Stock(
        **origin.common(), product_id=number, code=alone.get("code") or code, options={} if variants == [] else UNSET,
        quantity=sale.quantity, managed=sale.managed,
        available=all(flags) if flags and (left is not UNSET or not all(flags)) else UNSET,
        observed_at=origin.collected_at,
    )  # fmt: skip


# -- options and variants ---------------------------------------------------------------------------------------------


def _options(row: Payload, price: Any, sale: Level) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Return options, text options, variants, and what the one nameless row of a product without options tells."""
    kind = row.id("option_type")
    power = row.take("stocks")
    if not row.has("options"):
        return UNSET, UNSET, UNSET, {}
    options = row.part("options")
    choices = many(options, "option", "opt_id")
    found = many(options, "basic", "sto_id")
    options.drop("addition")
    names = {str(one.raw.get("opt_id")): values.line(one.raw.get("opt_name")) or "" for one in choices}
    read = [_variant(one, names, price, sale) for one in found]
    variants = [variant for variant, about in read if about["values"] and about["type"] != "DUMMY"]
    alone = next((about for _, about in read if not about["values"]), {})
    if not variants and (power or kind not in (UNSET, None, "NO")):
        # "Power options": the structure of `stocks` is unknown, so only the product's total is told.
        row.tally.unknown["stocks=power options"] += 1
        return UNSET, UNSET, UNSET, alone
    made: list[Option] = []
    texts: list[str] = []
    for one in choices:
        _choice(one, made, texts, variants)
    return made, texts, variants, alone


def _choice(one: Payload, made: list[Option], texts: list[str], variants: list[Variant]) -> None:
    one.drop("opt_id")
    raw, used = one.id("opt_type"), flag(one, "opt_use")
    name, listed = one.line("opt_name"), one.line("opt_value")
    prices = one.raw.get("opt_price")
    word = one.known(raw, codes.OPTIONS, "opt_type") if isinstance(raw, str) else "choice"
    if used is False or not isinstance(name, str) or word == "add_on":
        return
    if word == "text":
        texts.append(name)
        return
    parts = [part.strip() for part in listed.split(",")] if isinstance(listed, str) else []
    if isinstance(prices, str) and len(prices.split(",")) != len(parts):
        # Perhaps a value holds a comma: the combinations tell the values better than the list.
        parts = list(dict.fromkeys(one.options[name] for one in variants if name in (one.options or {}))) or parts  # type: ignore[index]
    made.append(Option(name=name, values=[part for part in parts if part]))


def _variant(one: Payload, names: dict[str, str], price: Any, sale: Level) -> tuple[Variant, dict[str, Any]]:
    number = one.need("sto_id")
    kind = one.id("sto_type")
    if isinstance(kind, str) and kind not in codes.VARIANTS:
        one.tally.unknown[f"sto_type={kind[:40]}"] += 1
    text, ids = one.line("sto_opt_values"), one.id("opt_ids")
    extra, code = one.money("sto_price"), one.id("sto_code")
    other = one.id("sto_option_code")
    quantity, managed, left = stock_level(one)
    raw = one.id("sto_state_code")
    buyable = one.known(raw, codes.BUYABLE, "sto_state_code") is True if isinstance(raw, str) else UNSET
    flags = [state for state in (sale.shown, sale.sold, buyable, left) if isinstance(state, bool)]
    full = price + (extra if isinstance(extra, Decimal) else 0) if isinstance(price, Decimal) else UNSET
    variant = Variant(
        variant_id=number, code=code or other or None, options=combination(text, ids, names), price=full,
        quantity=quantity, managed=managed, available=all(flags) if flags else UNSET,
    )  # fmt: skip
    about = {"values": isinstance(text, str), "type": kind, "buyable": buyable, "code": code or other or None}
    return variant, about | {"level": (quantity, managed)}


def stock_level(one: Payload) -> tuple[Any, Any, Any]:
    """Return quantity, managed, and whether something is left, of a combination.

    What `sto_stop_stock` means is described inconsistently; as a level at which the sale stops it is read where
    `sto_stop_use` says so, and is zero in all that was seen (unverified).
    """
    unlimited, real = flag(one, "sto_unlimit"), one.whole("sto_real_stock")
    stops, stop = flag(one, "sto_stop_use"), one.whole("sto_stop_stock")
    if unlimited is True:
        return None, False, True
    if not isinstance(real, int):
        return UNSET, UNSET, UNSET
    return real, True, real > (stop if stops is True and isinstance(stop, int) else 0)


def combination(text: Any, ids: Any, names: dict[str, str]) -> Any:
    """Return the chosen values by option name; the whole text under "" when values cannot be told apart.

    Values may hold commas, so they are split only when there are several options and the counts agree.
    """
    if not isinstance(text, str):
        return {}
    numbers = [number.strip() for number in ids.split(",")] if isinstance(ids, str) else []
    told = text.split(",") if len(numbers) > 1 else [text]
    known = [names.get(number, "") for number in numbers]
    if len(told) != len(numbers) or not all(known) or len(set(known)) != len(known):
        return {"": text}
    return {name: value.strip() for name, value in zip(known, told, strict=True)}


# -- what it is -------------------------------------------------------------------------------------------------------


def _categories(row: Payload, origin: Origin) -> tuple[Any, Any]:
    told = [row.id(name) for name in ("cate1", "cate2", "cate3")]
    raw = row.take("category_name")
    more = row.take("virtual_cate")
    if all(one is UNSET for one in told):
        return UNSET, UNSET
    number = _category(*told)
    paths: dict[str, str] = origin.context.get("categories") or {}
    # Printed small < large, and sometimes with the entity.
    levels = [part.strip() for part in html.unescape(raw).split("<")] if isinstance(raw, str) else []
    path = " > ".join(filter(None, (values.line(part) for part in reversed(levels)))) or paths.get(number)
    found = {number: path} if number else {}
    for code in _virtual(more):
        if code in paths:
            found.setdefault(code, paths[code])
    if raw is UNSET and any(name is None for name in found.values()):
        return list(found), UNSET
    return list(found), [name for name in found.values() if name]


def _virtual(more: Any) -> list[str]:
    """Return the numbers of further categories. Their shape is unverified: nine digits or an object of levels."""
    found = []
    for one in more if isinstance(more, list) else list(more.values()) if isinstance(more, dict) else []:
        if isinstance(one, dict):
            found.append(_category(one.get("cate1"), one.get("cate2"), one.get("cate3")))
        elif isinstance(one, str) and one.isdigit() and len(one) == 9:
            found.append(_category(one[:3], one[3:6], one[6:]))
    return [number for number in found if number]


def _brand(row: Payload) -> Any:
    text = row.line("brname")
    if isinstance(text, str) or not row.raw.get("brand"):
        return text
    names = [one.line("name") for one in many(row, "brand", "name")]
    return next((name for name in names if isinstance(name, str)), text)


def _images(row: Payload, origin: Origin) -> Any:
    main, more = row.take("maximage"), row.take("multi_image")
    if main is UNSET and more is UNSET:
        return UNSET
    more = list(more.values()) if isinstance(more, dict) else [more] if isinstance(more, str) else more or []
    told = [one for one in (main, *(more if isinstance(more, list) else [])) if isinstance(one, str) and one.strip()]
    found = [absolute(one, origin) for one in told]
    return UNSET if None in found else list(dict.fromkeys(found))


def _tags(row: Payload) -> Any:
    text = row.take("keywords")
    if not isinstance(text, str):
        return text if text is UNSET or text is None else UNSET
    return list(dict.fromkeys(tag for part in text.split(",") if (tag := values.line(part))))


def _description(content: Any) -> Any:
    """Return HTML out of base64 of UTF-8; a text that is neither is kept as given."""
    if not isinstance(content, str):
        return content if content is UNSET else None
    text = content
    with contextlib.suppress(binascii.Error, ValueError):
        text = base64.b64decode("".join(content.split()), validate=True).decode()
    return values.clean(text) or None


def _discounted(row: Payload, price: Any, origin: Origin) -> Any:
    """Return what a guest pays now. Of the kinds of discount only one that runs for everybody, now, counts.

    Unverified: `cut_position` is taken as the number of digits that are cut.
    """
    if not row.has("discount"):
        return UNSET
    told = row.part("discount")
    kind, who, unit = told.id("sale_type"), told.id("user_type"), told.id("unit")
    amount, cut = told.money("discount_price"), told.whole("cut_position")
    rounding, starts, ends = told.id("cut_option"), when(told, "start_date"), until(told, "end_date")
    if not isinstance(price, Decimal) or not isinstance(amount, Decimal) or kind != "term" or who == "N":
        return None
    now = origin.collected_at
    if (starts not in (None, UNSET) and now < starts) or (ends not in (None, UNSET) and now >= ends):
        return None
    off = price * amount / 100 if unit == "percent" else amount
    step = Decimal(10) ** (cut if isinstance(cut, int) and 0 <= cut <= 3 else 0)
    mode = {"ceil": ROUND_CEILING, "round": ROUND_HALF_UP}.get(str(rounding), ROUND_FLOOR)
    left = ((price - off) / step).quantize(Decimal(1), mode) * step
    return left if 0 < left < price else None
