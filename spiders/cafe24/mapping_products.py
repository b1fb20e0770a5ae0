"""Cafe24 products and stock: payload to records."""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape.errors import RowFailed
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.cafe24.mapping_rows import absolute, asked_for, at_shop, currency, objects

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
    origin = at_shop(row, origin)
    number = row.need("product_no")
    price, code = row.money("price"), row.id("custom_product_code")
    shown, sold = row.flag("display"), row.flag("selling")
    status, status_raw = _status(shown, sold, row.flag("sold_out"))
    found = row.has("variants")
    variants = [_variant(one, price, [shown, sold]) for one in row.each("variants")]
    options, text_options = _options(row)
    ids, names = _categories(row, origin)
    yield Product(
        **origin.common(), product_id=number, code=code, name=row.line("product_name"),
        status=status, status_raw=status_raw, price=price, list_price=_none_if_zero(row.money("retail_price")),
        discounted_price=_discounted(row, price), price_text=row.line("price_content"), currency=currency(origin),
        categories=names, category_ids=ids, images=_images(row, origin), url=_url(origin, number),
        summary=row.plain("summary_description"), description=row.html("description"),
        options=options, text_options=text_options, tags=row.texts("product_tag"),
        variants=[variant for variant, _ in variants] if found else UNSET,
        created_at=row.moment("created_date"), updated_at=row.moment("updated_date"),
    )  # fmt: skip
    own = code if len(variants) == 1 and not variants[0][0].options else None
    for variant, safety in variants:
        yield _stock(variant, safety, origin, number, own)


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
    if shown is not True or sold is not True:
        # On sale is what is shown and sold; one of them alone does not tell.
        return UNSET, raw
    return ("sold_out" if sold_out is True else "on_sale"), raw


def _none_if_zero(amount: Any) -> Any:
    return None if isinstance(amount, Decimal) and not amount else amount


def _discounted(row: Payload, price: Any) -> Any:
    if not row.has("discountprice"):
        return UNSET
    told = row.part("discountprice")
    if told.raw and not told.has("pc_discount_price"):
        return UNSET
    amount = told.money("pc_discount_price")
    if not isinstance(amount, Decimal) or amount <= 0:
        return None
    # Only meaningful below the price: without one nothing is compared.
    return (amount if amount < price else None) if isinstance(price, Decimal) else UNSET


def _categories(row: Payload, origin: Origin) -> tuple[Any, Any]:
    """Return numbers, and paths in the same order where the crawl knows the categories."""
    if not row.has("category"):
        return UNSET, UNSET
    ids = [number for one in row.each("category") if (number := one.id("category_no"))]
    names: dict[str, str] | None = origin.context.get("categories")
    if names is None or any(number not in names for number in ids):
        return ids, UNSET
    return ids, [names[number] for number in ids]


def _images(row: Payload, origin: Origin) -> Any:
    main = row.take("detail_image")
    more = [one.take("big") for name in ("additional_image", "additionalimages") for one in row.each(name)]
    if main is UNSET and not more:
        return UNSET
    found = [absolute(address, origin) for address in (main, *more) if isinstance(address, str) and address.strip()]
    return list(dict.fromkeys(found))


def _url(origin: Origin, number: str) -> Any:
    host = origin.context.get("storefront")
    return f"https://{host}/product/detail.html?product_no={number}" if host else UNSET


# -- options ----------------------------------------------------------------------------------------------------------


def _options(row: Payload) -> tuple[Any, Any]:
    """Read the options resource inside a product; that the embed has the same shape is inferred, so a list fits too."""
    if not row.has("options"):
        return UNSET, UNSET
    told = row.raw["options"]
    if isinstance(told, list) and all(isinstance(one, dict) and "option_name" in one for one in told):
        return _choices(row), UNSET
    resource = row.part("options")
    return (_choices(resource), _text_options(resource)) if resource.raw else ([], [])


def _text_options(resource: Payload) -> Any:
    return resource.texts_of("additional_options", "additional_option_name")


def _choices(resource: Payload) -> Any:
    """For a product without options the list is null or empty (which of them is unverified)."""
    if not resource.has("options") and resource.raw.get("has_option") not in ("F", False):
        return UNSET
    return [
        Option(
            name=one.line("option_name") or "",
            values=[text for value in one.each("option_value") if (text := value.line("option_text"))],
        )
        for one in resource.each("options")
    ]


def options_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the options resource of a product."""
    origin = at_shop(row, origin)
    yield Product(
        **origin.common(), product_id=_number(row, origin), options=_choices(row), text_options=_text_options(row)
    )


def discount_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the discount price of a product whose number the request knew; without its price nothing is compared."""
    origin = at_shop(row, origin)
    yield Product(
        **origin.common(), product_id=_number(row, origin), currency=currency(origin),
        discounted_price=_none_if_zero(row.money("pc_discount_price")),
    )  # fmt: skip


def _number(row: Payload, origin: Origin) -> str:
    number = row.id("product_no") or origin.product_id or asked_for(origin, "products")
    if not number:
        raise RowFailed("product_no: missing, and the request did not tell it")
    return number


# -- variants and stock -----------------------------------------------------------------------------------------------


def variant_rows(document: Any, origin: Origin) -> list[Any]:
    """Return the variants of one product; where the crawl gives the product (context "product"), all of them once more.

    A list of products cuts variants at 100, so the whole set of such a product comes from here.
    """
    found = objects(document["variants"])
    return [*found, {"all": deepcopy(found)}] if origin.context.get("product") else found


def variant_row(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one variant, or its inventory resource, of a product whose number the request knew."""
    origin = at_shop(row, origin)
    product: Product | None = origin.context.get("product")
    price: Any = product.price if product else UNSET
    flags: list[Any] = [product.status not in ("hidden", "suspended")] if product and product.status else []
    number = _number(row, origin)
    if row.has("all"):
        variants = [_variant(one, price, flags)[0] for one in row.each("all") if one.has("variant_code")]
        yield Product(**origin.common(), product_id=number, variants=variants)
        return
    if row.has("errors"):
        raise RowFailed("errors: the platform tells an error in place of this variant")
    yield _stock(*_variant(row, price, flags), origin, number, UNSET)


def _variant(row: Payload, price: Any, flags: list[Any]) -> tuple[Variant, Any]:
    """Read a variant and its warning level. Its stock stands nested in `inventories` (read first) or flat beside it."""
    code = row.need("variant_code")
    nested = _nested(row, code)
    managed = _first(nested.flag("use_inventory"), row.flag("use_inventory"))
    told = _first(nested.whole("quantity"), row.whole("quantity"))
    stops = _first(nested.flag("display_soldout"), row.flag("display_soldout"))
    safety = _first(nested.whole("safety_inventory"), row.whole("safety_inventory"))
    # Unlimited where stock is not managed: the number beside it means nothing and is usually 0.
    quantity = None if managed is False else UNSET if told is None else told
    surcharge = row.money("additional_amount")
    full: Any = price
    if isinstance(price, Decimal) and isinstance(surcharge, Decimal):
        full = price + surcharge
    options: Any = UNSET
    if row.has("options"):
        options = {one.line("name") or "": one.line("value") or "" for one in row.each("options")}
    variant = Variant(
        variant_id=code, code=row.id("custom_variant_code"), options=options, price=full, quantity=quantity,
        managed=managed, available=_available([*flags, row.flag("display"), row.flag("selling")], quantity, stops),
    )  # fmt: skip
    return variant, safety


def _nested(row: Payload, code: str) -> Payload:
    told = row.raw.get("inventories")
    if isinstance(told, list) and told:
        # One that names another variant is not this one's.
        fitting = [one for one in told if isinstance(one, dict) and one.get("variant_code") in (None, code)]
        row.raw["inventories"] = min(fitting, key=lambda one: one.get("variant_code") is None, default=None)
    return row.part("inventories")


def _first(nested: Any, flat: Any) -> Any:
    return flat if nested is UNSET or (nested is None and flat is not UNSET) else nested


def _available(flags: list[Any], quantity: Any, stops: Any) -> Any:
    """Return whether a guest could buy it, as far as the answer tells; display_soldout F goes on selling below 0."""
    if False in flags or (isinstance(quantity, int) and quantity <= 0 and stops is not False):
        return False
    return UNSET if quantity is UNSET or any(flag is not True for flag in flags) else True


def _stock(variant: Variant, safety: Any, origin: Origin, number: str, own: Any) -> Stock:
    """Return the level of a variant. `own` is the product's code, which stands for its only variant."""
    managed, quantity = variant.managed, variant.quantity
    low: Any = UNSET
    if managed is False or (isinstance(managed, bool) and (safety is None or safety == 0)):
        low = False
    elif managed and isinstance(safety, int) and isinstance(quantity, int):
        low = safety > 0 and quantity <= safety
    return Stock(
        **origin.common(), product_id=number, variant_id=variant.variant_id, code=variant.code or own or variant.code,
        options=variant.options, quantity=quantity, managed=managed, available=variant.available,
        safety_quantity=safety, low=low, observed_at=origin.collected_at,
    )  # fmt: skip
