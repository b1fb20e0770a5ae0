"""MakeShop products and stock: payload to records. The Shop API and the legacy Open API give the same record."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from shopscrape import values
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.makeshop import codes
from spiders.makeshop import mapping_details as details
from spiders.makeshop.mapping_rows import KEY, flag, level, many, positive, storefront, when

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
    strange: bool
    """Whether one of the two flags is told in a word that is not known."""

    def available(self, buyable: Any, left: Any) -> Any:
        """Return whether a guest could buy what this state and stock are of; UNSET where that is not told."""
        flags = [one for one in (self.shown, self.sold, buyable, left) if isinstance(one, bool)]
        return False if False in flags else UNSET if self.strange or left is UNSET else True


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product, and the stock of what it sells."""
    number = row.need("uid")
    sale = _level(row)
    price, code = row.money("sellprice"), row.id("brandcode")
    options, texts, variants, alone = _options(row, price, sale)
    ids, names = details.categories(row, origin)
    status, status_raw = _status(sale, variants)
    content = row.take("product_content")
    kind = row.id("product_type")
    if isinstance(kind, str) and kind not in codes.PRODUCTS:
        row.tally.unknown[f"product_type={kind[:40]}"] += 1
    yield Product(
        **origin.common(), product_id=number, code=code, name=row.line("product_name"), status=status,
        status_raw=status_raw, price=price, list_price=positive(row.money("consumerprice")),
        discounted_price=details.discounted(row, price, origin), currency=origin.currency, brand=details.brand(row),
        manufacturer=row.line("production"), categories=names, category_ids=ids, images=details.images(row, origin),
        url=page_url(origin, number), summary=row.plain("subtitle"), description=details.description(content),
        options=options, text_options=texts, variants=variants, tags=details.tags(row),
        review_count=row.whole("review_count"), created_at=when(row, "regdate"), updated_at=when(row, "moddate"),
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


# -- sale and stock ---------------------------------------------------------------------------------------------------


def _level(row: Payload) -> Level:
    told = row.has("sell_accept"), row.has("display")
    sold, shown = flag(row, "sell_accept"), flag(row, "display")
    return Level(shown, sold, *level(row, "quantity"), strange=(True, UNSET) in zip(told, (sold, shown), strict=True))


def _status(sale: Level, variants: Any) -> tuple[Any, Any]:
    told = {"display": sale.shown, "sell_accept": sale.sold}
    known = {name: value for name, value in told.items() if isinstance(value, bool)}
    if not known:
        return ("unknown" if sale.strange else UNSET), UNSET
    raw = ",".join(f"{name}={'Y' if value else 'N'}" for name, value in known.items())
    if sale.shown is False:
        return "hidden", raw
    if sale.sold is False:
        return "suspended", raw
    if len(known) < len(told):
        return ("unknown" if sale.strange else UNSET), raw
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
    if variants is UNSET and sale.quantity is UNSET and not alone:
        return
    # A product without options, or a shop with "power options", whose stock per variant has no known shape.
    if sale.quantity is UNSET and alone:
        sale = sale._replace(quantity=alone["level"][0], managed=alone["level"][1])
    left: Any = sale.quantity is None or sale.quantity > 0 if sale.quantity is not UNSET else UNSET
    yield Stock(
        **origin.common(), product_id=number, code=alone.get("code") or code, options={} if variants == [] else UNSET,
        quantity=sale.quantity, managed=sale.managed,
        available=sale.available(alone.get("buyable", UNSET), left), observed_at=origin.collected_at,
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
    name, listed = one.line("opt_name"), one.take("opt_value")
    prices = one.raw.get("opt_price")
    word = one.known(raw, codes.OPTIONS, "opt_type") if isinstance(raw, str) else "choice"
    if used is False or not isinstance(name, str) or word == "add_on":
        return
    if word == "text":
        texts.append(name)
        return
    parts = [values.line(part) or "" for part in str(listed or "").split(",")]
    if isinstance(prices, str) and len(prices.split(",")) != len(parts):
        # Perhaps a value holds a comma: the combinations tell the values better than the list.
        parts = list(dict.fromkeys(one.options[name] for one in variants if name in (one.options or {}))) or parts  # type: ignore[index]
    made.append(Option(name=name, values=[part for part in parts if part]))


def _variant(one: Payload, names: dict[str, str], price: Any, sale: Level) -> tuple[Variant, dict[str, Any]]:
    number = one.need("sto_id")
    kind = one.id("sto_type")
    if isinstance(kind, str) and kind not in codes.VARIANTS:
        one.tally.unknown[f"sto_type={kind[:40]}"] += 1
    text, ids = one.take("sto_opt_values"), one.id("opt_ids")
    extra, code = one.money("sto_price"), one.id("sto_code")
    other = one.id("sto_option_code")
    quantity, managed, left = stock_level(one)
    raw = one.id("sto_state_code")
    buyable = one.known(raw, codes.BUYABLE, "sto_state_code") is True if isinstance(raw, str) else UNSET
    full = price + (extra if isinstance(extra, Decimal) else 0) if isinstance(price, Decimal) else UNSET
    own = next((one for one in (code, other) if isinstance(one, str)), None if None in (code, other) else UNSET)
    variant = Variant(
        variant_id=number, code=own, options=combination(text, ids, names), price=full, quantity=quantity,
        managed=managed, available=sale.available(buyable, left),
    )  # fmt: skip
    about = {"values": bool(variant.options), "type": kind, "buyable": buyable, "code": own}
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


def combination(raw: Any, ids: Any, names: dict[str, str]) -> dict[str, str]:
    """Return the chosen values by option name, out of the text as told; all of it under "" when values cannot be told
    apart.

    Values may hold commas, so they are split only when there are several options and the counts agree, and before a
    comma that is written as an entity is one.
    """
    text = None if raw is UNSET else values.line(raw)
    if text is None:
        return {}
    numbers = [number.strip() for number in ids.split(",")] if isinstance(ids, str) else []
    told = str(raw).split(",") if len(numbers) > 1 else [raw]
    known = [names.get(number, "") for number in numbers]
    if len(told) != len(numbers) or not all(known) or len(set(known)) != len(known):
        return {"": text}
    return {name: values.line(value) or "" for name, value in zip(known, told, strict=True)}
