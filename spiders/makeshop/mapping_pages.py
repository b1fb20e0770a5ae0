"""MakeShop pages: what the functions in pages.py and page_reviews.py found becomes records.

Product and variant numbers are the API's own, so web rows join API rows. Lists tell no stock.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET
from parsel import Selector

from shopscrape import values
from shopscrape.errors import Blocked
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.xml import Document
from spiders.makeshop import codes, pages
from spiders.makeshop.mapping_page_reviews import REVIEW, of_page, review, review_rows
from spiders.makeshop.mapping_products import combination, stock_level
from spiders.makeshop.mapping_rows import absolute, members
from spiders.makeshop.walls import wall

Row = dict[str, Any]
_AMOUNT = re.compile(r"\d[\d,]*")

IGNORED = ignoring(
    "kind comments",
    "stocks: adminuser uid sto_sort sto_matrix sto_provide_price sto_check sto_stop_send sto_stop_date sto_safe_use "
    "sto_safe_stock sto_safe_send sto_safe_date sto_order_stock sto_note sto_smartpickup sto_image sto_detail_image "
    "sto_max sto_min org_opt_price sto_type sto_state_code sto_option_code",
)


def document(body: bytes, origin: Origin) -> Selector:
    """Return a page; the charset of the answer stands in the context."""
    return pages.selector(body, str(origin.context.get("content_type", "")))


# -- products ---------------------------------------------------------------------------------------------------------


def product_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the product of a page and the reviews that it shows. Raises: Blocked, or what a wall leads to, for a page
    without a product.
    """
    row = pages.product(page)
    if not row["uid"]:
        # A wall may stand inside the mall's frame, whose links look like those of a list.
        wall(str(page.get()))
        raise Blocked("The page names no product: it is a block page, or no page of a MakeShop mall.", code="page")
    return [row, *review_rows(page, origin)]


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the product of a page, the stock of what it sells, or a review that stands on it."""
    if row.has(REVIEW):
        yield from review(row, origin)
        return
    number = row.need("uid")
    origin = of_page(origin, str(row.take("address") or ""))
    told = {name: str(row.take(name) or "") for name in ("price", "discounted", "final", "shown", "meta")}
    facts: dict[str, str] = row.take("facts") or {}
    brandcode = row.id("brandcode")
    price, text = _price(told, facts)
    sold_out = row.take("sold_out") is True
    variants, single = _variants(row, price)
    if sold_out:
        for variant in variants + single:
            variant.available = False
    levels = variants or single
    none_left = bool(levels) and all(one.available is False for one in levels)
    gone = sold_out or none_left
    category, path = row.take("category"), row.take("path")
    texts = [str(one) for one in row.take("texts") or () if one]
    options = _options(row.take("selects") or [])
    strike = _amount(str(row.take("strike") or "")) or _amount(facts.get("소비자가", ""))
    yield Product(
        **origin.common(), product_id=number, code=brandcode or UNSET, name=row.line("name") or UNSET,
        status="sold_out" if gone else "on_sale", status_raw="soldout" if gone else "shown", price=price,
        price_text=text, list_price=strike, discounted_price=_discounted(told, price), currency=origin.currency,
        brand=facts.get("브랜드") or UNSET, manufacturer=facts.get("제조사") or UNSET, categories=_path(path),
        category_ids=_ids(category), images=_images(row.take("images") or [], brandcode, origin),
        url=_url(origin, number), summary=row.plain("summary") or UNSET,
        description=_html(row.take("description")), options=options, text_options=texts or UNSET,
        variants=variants if variants or single else UNSET, rating=_rating_of(row.take("rating")),
        review_count=reviews if isinstance(reviews := row.whole("reviews"), int) else UNSET,
    )  # fmt: skip
    for one in variants:
        yield _stock(origin, number, one.variant_id, one)
    if not variants and not options:
        yield _stock(origin, number, "", single[0] if single else None, gone, brandcode)


def _price(told: dict[str, str], facts: dict[str, str]) -> tuple[Any, Any]:
    """Return the regular price: of the engine's form, else what the page shows; in words where it is no number."""
    shown = [told["price"], told["final"], told["shown"], facts.get("판매가격", ""), told["meta"]]
    amount = next((found for text in shown if (found := _amount(text)) is not None), None)
    words = next((text for text in (told["shown"], facts.get("판매가격", "")) if text and _amount(text) is None), None)
    return (amount, None) if amount is not None else (UNSET, words or UNSET)


def _amount(text: str) -> Decimal | None:
    found = _AMOUNT.search(text)
    return Decimal(found[0].replace(",", "")) if found and len(found[0]) < 16 else None


def _discounted(told: dict[str, str], price: Any) -> Any:
    lower = _amount(told["discounted"]) or (_amount(told["final"]) if told["price"] else None)
    return lower if isinstance(price, Decimal) and lower is not None and 0 < lower < price else None


def _variants(row: Payload, price: Any) -> tuple[list[Variant], list[Variant]]:
    """Return the combinations on sale, and the one nameless row of a product without options."""
    names = {str(one["id"]): values.line(one["name"]) or "" for one in row.raw.get("selects") or () if one["id"]}
    variants: list[Variant] = []
    single: list[Variant] = []
    for one in row.each("stocks"):
        kind = one.raw.get("sto_type")
        number, ids = one.id("sto_id"), one.id("opt_ids")
        options = combination(one.take("opt_values"), ids, names)
        extra, code = one.money("sto_price"), one.id("sto_code")
        quantity, managed, left = stock_level(one)
        raw = one.id("sto_state")
        buyable = one.known(raw, codes.BUYABLE, "sto_state") is True if isinstance(raw, str) else True
        if (kind in ("ADDITION", "DUMMY") and options) or raw == "HIDE" or not isinstance(number, str):
            continue
        found = Variant(
            variant_id=number, code=code, options=options, quantity=quantity, managed=managed,
            price=price + (extra if isinstance(extra, Decimal) else 0) if isinstance(price, Decimal) else UNSET,
            available=buyable and left is not False,
        )  # fmt: skip
        (variants if options else single).append(found)
    return variants or _chosen_variants(row, price), single


def _chosen_variants(row: Payload, price: Any) -> list[Variant]:
    """Return the variants of a page without the engine's literal: only a single choice names them."""
    selects = row.raw.get("selects") or []
    if len(selects) != 1:
        return []
    name = values.line(selects[0]["name"]) or ""
    return [
        Variant(
            variant_id=one["sto_id"], options={name: values.line(one["title"]) or ""},
            price=price if (own := _amount(one["price"])) is None else own,
            available=codes.BUYABLE.get(one["sto_state"], False),
        )
        for one in selects[0]["values"]
        if one["sto_id"].strip("0") and one["sto_state"] and one["sto_state"] != "HIDE"
    ]  # fmt: skip


def _stock(
    origin: Origin, number: str, variant_id: str, of: Variant | None, gone: bool = False, code: Any = UNSET
) -> Stock:
    if of is None:
        # Neither the literal nor a choice: the buttons tell whether it can be bought.
        return Stock(
            **origin.common(),
            product_id=number,
            code=code or UNSET,
            available=not gone,
            observed_at=origin.collected_at,
        )
    return Stock(
        **origin.common(), product_id=number, variant_id=variant_id, code=of.code or code or UNSET, options=of.options,
        quantity=of.quantity, managed=of.managed, available=of.available, observed_at=origin.collected_at,
    )  # fmt: skip


def _options(selects: list[Row]) -> Any:
    found = [
        Option(
            name=values.line(one["name"]) or "",
            values=[text for value in one["values"] if (text := values.line(value["title"]))],
        )
        for one in selects
    ]
    return found or UNSET


def _path(path: Any) -> Any:
    levels = [level for name in path or () if (level := values.line(name))]
    return [" > ".join(levels)] if levels else UNSET


def _ids(levels: Any) -> Any:
    number = ":".join(str(one) for one in levels or () if str(one).strip("0"))
    return [number] if number else UNSET


def _images(told: list[str], code: Any, origin: Origin) -> Any:
    """Return the pictures; one that is only another size of the main one (2 or 3 behind the code) is left out."""
    found = [one for address in told if (one := absolute(address, origin))]
    main = [one for one in found if isinstance(code, str) and re.search(rf"/{re.escape(code)}\.\w+$", one)]
    if main:
        found = [one for one in found if not re.search(rf"/{re.escape(str(code))}[23]\.\w+$", one)]
    return list(dict.fromkeys(found)) or UNSET


def _url(origin: Origin, number: str) -> Any:
    base = absolute("/", origin)
    return f"{base}shop/shopdetail.html?branduid={number}" if base else UNSET


def _html(told: Any) -> Any:
    return values.clean(told) or None if isinstance(told, str) else UNSET


def _rating_of(told: Any) -> Any:
    found = re.fullmatch(r"[0-5](?:\.\d+)?", str(told or ""))
    return Decimal(found[0]) if found and Decimal(found[0]) else UNSET


# -- lists of products ------------------------------------------------------------------------------------------------


def listed_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the products of a list."""
    return pages.listed(page)


def piece_rows(told: Row, origin: Origin) -> list[Row]:
    """Return its products: what its HTML shows, and whoever else stands in its list of numbers."""
    listed = told.get("list") if "html" in told else told["list"]
    numbers = [str(one.get("uid")) for one in members(listed, "uid") if isinstance(one, dict) and one.get("uid")]
    shown = {row["uid"]: row for row in pages.listed(pages.of_text(str(told.get("html") or "")))}
    return [shown.pop(number, {"uid": number}) for number in numbers] + list(shown.values())


def sitemap_rows(page: Document, origin: Origin) -> list[Row]:
    """Return the products of a sitemap, each once, whatever stands behind their number."""
    addresses = (str(one.get("loc") or "") for one in page.each("url"))
    found = {number: address for address in addresses if (number := pages.number_in(address))}
    return [{"uid": number, "address": address} for number, address in found.items()]


def listed_product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one product of a list; lists tell no stock, only sometimes that nothing is left."""
    origin = of_page(origin, str(row.take("address") or ""))
    number, sold_out = row.need("uid"), row.take("sold_out")
    price, strike = _amount(str(row.take("price") or "")), _amount(str(row.take("strike") or ""))
    picture = row.take("image")
    yield Product(
        **origin.common(), product_id=number, name=row.line("name") or UNSET, price=price or UNSET,
        list_price=strike or UNSET, currency=origin.currency if price else UNSET,
        status="sold_out" if sold_out is True else UNSET, status_raw="soldout" if sold_out is True else UNSET,
        images=[found] if (found := absolute(picture, origin)) else UNSET, url=_url(origin, number),
    )  # fmt: skip
