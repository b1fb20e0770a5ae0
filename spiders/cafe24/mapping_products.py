"""Cafe24 products and stock: payload to records."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from msgspec import UNSET

from shopscrape.errors import RowFailed
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring

IGNORED = ignoring(
    # cost, suppliers and commissions are never stored
    "supply_price margin_rate supplier_code buy_member_id_list buy_group_list exposure_group_list",
    # what nobody asked for yet: shipping, tax, presentation, other languages
    "shop_no product_code eng_product_name supply_product_name internal_product_name model_name price_excluding_tax "
    "product_condition product_used_month tax_calculation tax_type tax_rate buy_limit_by_product buy_limit_type "
    "repurchase_restriction single_purchase_restriction single_purchase buy_unit_type buy_unit "
    "order_quantity_limit_type minimum_quantity maximum_quantity points_by_product points_setting_by_payment "
    "points_amount except_member_points product_volume adult_certification list_image tiny_image small_image "
    "use_naverpay naverpay_type use_kakaopay manufacturer_code trend_code brand_code made_date release_date "
    "expiration_date origin_classification origin_place_no origin_place_value origin_place_code made_in_code "
    "icon_show_period icon hscode product_weight product_material english_product_material cloth_fabric list_icon "
    "approve_status classification_code additional_price clearance_category_eng clearance_category_kor "
    "clearance_category_code exposure_limit_type set_product_type shipping_fee_by_product shipping_fee_type main "
    "market_sync cultural_tax_deduction size_guide project_no mobile_description separated_mobile_description "
    "payment_info shipping_info exchange_info service_info product_tax_type_text country_hscode simple_description "
    "has_option soldout_message option_type shipping_calculation shipping_method prepaid_shipping_fee shipping_period "
    "shipping_scope shipping_area shipping_rates product_shipping_type additional_information image_upload_type "
    "relational_product select_one_by_option translated_additional_description translated_description "
    "payment_info_by_product service_info_by_product shipping_info_by_product exchange_info_by_product hits memos seo "
    "benefits decorationimages channeldiscountprices custom_properties additional_image additionalimages",
    "category: recommend new",
    "additionalimages: medium small",
    "additional_image: medium small",
    "discountprice: mobile_discount_price app_discount_price",
    "options: shop_no product_no has_option option_type option_list_type option_preset_code option_preset_name "
    "select_one_by_option use_additional_option use_attached_file_option attached_file_option",
    "options.options: option_code required_option option_display_type",
    "options.options.option_value: option_image_file option_link_image option_color value_no additional_amount",
    "options.additional_options: required_additional_option additional_option_text_length",
    "variants: shop_no display_order supply_price image important_inventory inventory_control_type origin_code "
    "additional_image product_no",
    "variants.inventories: shop_no variant_code important_inventory inventory_control_type origin_code",
    "inventories: shop_no variant_code important_inventory inventory_control_type origin_code",
    "inventory: shop_no",
)


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product of a list or a detail, and the stock of what it sells when its variants are embedded."""
    number = row.need("product_no")
    price = row.money("price")
    shown, sold = row.flag("display"), row.flag("selling")
    status, status_raw = _status(shown, sold, row.flag("sold_out"))
    code = row.id("custom_product_code")
    main = row.take("detail_image")
    found = row.has("variants")
    variants = [_variant(one, price, shown, sold) for one in row.each("variants")]
    plain = found and len(variants) <= 1 and not any(variant.options for variant, _ in variants)
    options, text_options = _options(row)
    ids, names = _categories(row, origin)
    yield Product(
        **origin.common(), product_id=number, code=code, name=row.line("product_name"),
        status=status, status_raw=status_raw, price=price, list_price=_none_if_zero(row.money("retail_price")),
        discounted_price=_discounted(row, price), price_text=row.line("price_content"), currency=origin.currency,
        categories=names, category_ids=ids, images=_images(row, main, origin), url=_url(origin, number),
        summary=row.plain("summary_description"), description=row.html("description"),
        options=options, text_options=text_options, tags=row.texts("product_tag"),
        variants=UNSET if not found else [] if plain else [variant for variant, _ in variants],
        created_at=row.moment("created_date"), updated_at=row.moment("updated_date"),
    )  # fmt: skip
    for variant, level in variants:
        yield _stock(variant, level, origin, number, "" if plain else variant.variant_id, code)


def variant_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one variant of a product whose number the request knew."""
    number = row.id("product_no") or origin.product_id
    if not number:
        raise RowFailed("product_no: missing, and the request did not tell it")
    variant, level = _variant(row, UNSET, UNSET, UNSET)
    alone = origin.context.get("alone", False) and not variant.options
    yield _stock(variant, level, origin, number, "" if alone else variant.variant_id, None)


def options_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the options resource of a product."""
    number = row.need("product_no")
    names = row.texts_of("additional_options", "additional_option_name")
    yield Product(**origin.common(), product_id=number, options=_choices(row), text_options=names)


def discount_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the discount price of a product whose number the request knew; without its price nothing is compared."""
    number = row.id("product_no") or origin.product_id
    if not number:
        raise RowFailed("product_no: missing, and the request did not tell it")
    yield Product(
        **origin.common(), product_id=number, currency=origin.currency,
        discounted_price=_none_if_zero(row.money("pc_discount_price")),
    )  # fmt: skip


def _status(shown: Any, sold: Any, sold_out: Any) -> tuple[Any, Any]:
    told = {"display": shown, "selling": sold, "sold_out": sold_out}
    known = {name: value for name, value in told.items() if isinstance(value, bool)}
    if not known:
        return UNSET, UNSET
    raw = ",".join(f"{name}={'T' if value else 'F'}" for name, value in known.items())
    if shown is False:
        return "hidden", raw
    if sold is False:
        return "suspended", raw
    return ("sold_out" if sold_out is True else "on_sale"), raw


def _none_if_zero(amount: Any) -> Any:
    return None if isinstance(amount, Decimal) and not amount else amount


def _discounted(row: Payload, price: Any) -> Any:
    if not row.has("discountprice"):
        return UNSET
    amount = row.part("discountprice").money("pc_discount_price")
    if isinstance(amount, Decimal) and isinstance(price, Decimal) and 0 < amount < price:
        return amount
    return None


def _categories(row: Payload, origin: Origin) -> tuple[Any, Any]:
    if not row.has("category"):
        return UNSET, UNSET
    ids = [str(one.need("category_no")) for one in row.each("category")]
    names: dict[str, str] | None = origin.context.get("categories")
    if names is None:
        return ids, UNSET
    return ids, [names[number] for number in ids if number in names]


def _images(row: Payload, main: Any, origin: Origin) -> Any:
    more = [one.take("big") for name in ("additional_image", "additionalimages") for one in row.each(name)]
    if main is UNSET and not more:
        return UNSET
    found = [absolute(address, origin) for address in (main, *more) if isinstance(address, str) and address.strip()]
    return list(dict.fromkeys(found))


def absolute(address: str, origin: Origin) -> str:
    """Return a picture's address with its host; "//host/…" is https."""
    host = origin.context.get("storefront") or ""
    if not host and origin.url:
        host = origin.url.split("/")[2] if "//" in origin.url else ""
        host = host.replace("cafe24api.com", "cafe24.com")
    base = f"https://{host}/" if host else "https:"
    return urljoin(base, address.strip()) if host or not address.startswith("//") else f"https:{address.strip()}"


def _url(origin: Origin, number: str) -> Any:
    host = origin.context.get("storefront")
    return f"https://{host}/product/detail.html?product_no={number}" if host else UNSET


def _options(row: Payload) -> tuple[Any, Any]:
    if not row.has("options"):
        return UNSET, UNSET
    resource = row.part("options")
    return _choices(resource), resource.texts_of("additional_options", "additional_option_name") or []


def _choices(resource: Payload) -> list[Option]:
    """For a product without options the list is null or empty (which of them is unverified)."""
    return [
        Option(
            name=str(one.line("option_name") or ""),
            values=[text for value in one.each("option_value") if isinstance(text := value.line("option_text"), str)],
        )
        for one in resource.each("options")
    ]


def _variant(row: Payload, price: Any, shown: Any, sold: Any) -> tuple[Variant, dict[str, Any]]:
    """Read a variant. Its stock stands nested in `inventories` or flat beside it; nested is read first."""
    nested = row.part("inventories")
    managed = _first(nested.flag("use_inventory"), row.flag("use_inventory"))
    quantity = _first(nested.whole("quantity"), row.whole("quantity"))
    stops = _first(nested.flag("display_soldout"), row.flag("display_soldout"))
    safety = _first(nested.whole("safety_inventory"), row.whole("safety_inventory"))
    surcharge = row.money("additional_amount")
    visible, selling = row.flag("display"), row.flag("selling")
    if managed is False:
        # Unlimited: the number beside it means nothing and is usually 0.
        quantity = None
    flags = [flag for flag in (shown, sold, visible, selling) if isinstance(flag, bool)]
    available: Any = UNSET
    if flags and (quantity is None or isinstance(quantity, int)):
        available = all(flags) and (quantity is None or quantity > 0 or stops is False)
    full = price + (surcharge if isinstance(surcharge, Decimal) else 0) if isinstance(price, Decimal) else UNSET
    options = {str(one.line("name") or ""): str(one.line("value") or "") for one in row.each("options")}
    variant = Variant(
        variant_id=row.need("variant_code"), code=row.id("custom_variant_code"), options=options, price=full,
        quantity=quantity, managed=managed, available=available,
    )  # fmt: skip
    return variant, {"safety": safety}


def _first(nested: Any, flat: Any) -> Any:
    return flat if nested is UNSET else nested


def _stock(variant: Variant, level: dict[str, Any], origin: Origin, number: str, variant_id: str, code: Any) -> Stock:
    safety, quantity = level["safety"], variant.quantity
    low: Any = UNSET
    if isinstance(variant.managed, bool) and isinstance(safety, int):
        low = variant.managed and safety > 0 and isinstance(quantity, int) and quantity <= safety
    return Stock(
        **origin.common(), product_id=number, variant_id=variant_id,
        code=variant.code or (code if not variant_id else None) or None, options=variant.options, quantity=quantity,
        managed=variant.managed, available=variant.available, safety_quantity=safety, low=low,
        observed_at=origin.collected_at,
    )  # fmt: skip


def inventory_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the inventory resource of one variant of a product whose number the request knew."""
    yield from variant_row(row, origin)
