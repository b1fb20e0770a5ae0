"""WISA pages: what the functions in pages.py and page_reviews.py found becomes records.

A page names a product by the MD5 of its number, so its number is found again and web rows join API rows. Combinations
that the mall counts have numbers that no page shows: on pages they are named by their options' numbers.
"""

import html
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from itertools import product as combinations
from math import prod
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec
from msgspec import UNSET
from parsel import Selector

from shopscrape import values, widgets
from shopscrape.errors import NotFound, PageFailed, RowFailed
from shopscrape.items import Option, Product, Record, Reply, Review, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from spiders.wisa import codes, page_reviews, pages
from spiders.wisa.mapping_products import MOST_VARIANTS
from spiders.wisa.mapping_reviews import media, stars
from spiders.wisa.shapes import hash_of, json_of, none_if_zero, number_of, numbered, pictures

Row = dict[str, Any]
IGNORED = ignoring("row set_pno ppno this_url engine_url ssl_url hid_frame mlv crema_code heading facts")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{3,20})", re.IGNORECASE)
_QUOTE = re.compile(r"&(quot|#0?39);?")
"""Quotes that the engine leaves open, before a letter."""
_STOCK_FACT = "총상품재고"
"""Name of the stock of the whole product, where a skin prints it: a number or 무제한."""


def charset_in(content_type: str) -> str:
    """Return the charset that an HTTP header names; "" for none."""
    found = _CHARSET.search(content_type)
    return found[1] if found else ""


def document(body: bytes, origin: Origin) -> Selector:
    """Return a page; the charset of the HTTP header stands in the context."""
    return pages.selector(body, str(origin.context.get("charset", "")))


def ajax_document(body: bytes, origin: Origin) -> Selector:
    """Return the HTML inside an answer of a list that loads piece by piece. Raises: PageFailed.

    Shape: {"status": "success", "content": "<html>", …}; older engines have no status. Empty content is the end.
    """
    told = json_of(body)
    content = told.get("content", UNSET) if isinstance(told, dict) else UNSET
    if content is UNSET or not isinstance(content or "", str) or (told.get("status") or "success") != "success":
        raise PageFailed("the answer is no piece of a list")
    return pages.fragment(content or "")


def product_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the product of a page, and the reviews that it shows unless they are shown by a foreign widget.

    Raises: NotFound without the engine's form.
    """
    row = pages.product(page)
    if row is None:
        raise NotFound("the page holds no product form: the product is missing, or this is no product page")
    number, real = identity(row)
    row |= {"number": number, "original": real}
    return [row, *review_rows(page, origin, number)]


def review_rows(page: Selector, origin: Origin, number: str = "") -> list[Row]:
    """Return the reviews of a page; none where they are shown by a foreign widget, as the native list is stale then."""
    if widgets.company(page):
        return []
    return [row | {"number": number} for row in page_reviews.reviews(page)]


def opened_rows(page: Selector, origin: Origin) -> list[Row]:
    """Return the opened reviews of an answer."""
    return page_reviews.opened(page)


def identity(row: Row) -> tuple[str, bool]:
    """Return the product's number, and whether the page is its own: a shortcut shows another product.

    The number printed at the options is the original's; a set's options belong to its parts.
    """
    name = str(row.get("pno") or "").upper()
    made_of = row["prd_type"] in pages.SETS or bool(row.get("set_pno"))
    plain = {one["pno"] for one in row["options"] if one["pno"] and not one["suffix"]}
    printed = [str(row["ppno"])] if row.get("ppno") else sorted(plain)
    for number in [*printed, str(row.get("crema_code") or "")]:
        if number and hash_of(number) == name:
            return number, True
    if len(printed) == 1 and printed[0].isdigit() and printed[0] != "0" and not made_of:
        return printed[0], False
    return number_of(name) or name, True


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the rows of a product page."""
    if row.raw["row"] != "product":
        yield from review(row, origin)
        return
    number, own = row.need("number"), row.take("original")
    name, base = row.id("pno"), row.take("root_url")
    if len(number) == 32:
        number = numbered(number, row)
    facts: dict[str, str] = row.raw["facts"]
    state, currency = _told(row.id("stat")), _currency(row, origin)
    worded = row.raw.get("sell_prc_consultation") is not None
    status = row.known(state, codes.PRODUCTS, "product_status") if isinstance(state, str) else UNSET
    price, now = price_of(row.take("total_prc")), price_of(row.take("pay_prc"))
    shown, text = price_of(row.take("shown_price")), row.line("sell_prc_consultation")
    price = shown if price is None else price
    categories, category = row.take("categories"), row.id("category")
    axes, texts = _axes(row)
    managed = {"1": True, "2": False}.get(str(row.id("ea_type")), UNSET)
    made_of = row.take("prd_type") in pages.SETS or bool(row.raw.get("set_pno"))
    variants = UNSET if made_of and axes else _variants(axes, managed, status, price, origin)
    heading = row.raw.get("heading")
    yield Product(
        **origin.common(), product_id=number, name=_told(row.line("product_name") or values.line(heading)),
        status=status, status_raw=state, price=_told(price),
        list_price=_told(none_if_zero(price_of(row.take("list_price")))),
        discounted_price=_lower(now, price), price_text=text if worded else UNSET, currency=currency,
        brand=_told(facts.get("브랜드")), manufacturer=_told(facts.get("제조사")),
        categories=[" > ".join(categories)] if categories else UNSET,
        category_ids=[category] if categories and isinstance(category, str) else UNSET,
        images=_images(row, base, origin), url=_url(base, name if own else hash_of(number), origin),
        summary=_told(row.plain("summary")), description=_told(row.html("description")),
        options=[Option(name=axis["name"], values=[one["name"] for one in axis["values"]]) for axis in axes],
        text_options=texts, variants=variants,
    )  # fmt: skip
    yield from _stock(variants, number, managed, status, facts, origin)


def _told(value: Any) -> Any:
    """Return UNSET for what a skin does not print: that it is not there does not mean that there is none."""
    return UNSET if value is None else value


def price_of(text: Any) -> Decimal | None:
    """Return the single amount that a text prints, in whatever currency; None for none or several.

    >>> price_of("KRW21,000"), price_of("$12.50"), price_of("가격문의")
    (Decimal('21000'), Decimal('12.50'), None)
    """
    found = _NUMBER.findall(text) if isinstance(text, str) and len(text) < 100 else []
    return values.decimal(found[0]) if len(found) == 1 and len(found[0]) < 20 else None


def _lower(now: Any, price: Any) -> Any:
    """Return what this visitor would pay, when that is less than the price, else None; UNSET when it is not told."""
    if not isinstance(now, Decimal) or not isinstance(price, Decimal):
        return UNSET
    return now if 0 < now < price else None


def _currency(row: Payload, origin: Origin) -> str:
    printed = row.line("currency_type")
    if not isinstance(printed, str):
        return origin.currency
    word = row.known(printed, codes.CURRENCIES, "currency")
    return origin.currency if word == "unknown" else str(word)


def _images(row: Payload, base: Any, origin: Origin) -> Any:
    known = origin if origin.context.get("storefront") or not base else msgspec.structs.replace(
        origin, context=origin.context | {"storefront": f"{base}/"}
    )  # fmt: skip
    return pictures(row.take("images") or [], known) or UNSET


def _url(base: Any, name: Any, origin: Origin) -> Any:
    """Return the address without what tells where a visitor came from."""
    asked = urlsplit(origin.url or "")
    root = base or (f"{asked.scheme}://{asked.netloc}" if asked.netloc else "")
    return urljoin(f"{root}/", f"shop/detail.php?pno={name}") if root and isinstance(name, str) else UNSET


# -- options, variants, availability ----------------------------------------------------------------------------------


def _axes(row: Payload) -> tuple[list[Row], list[str]]:
    """Return the choices that make variants and the names of free fields; set components' choices are among them.

    Options of related products carry a suffix too, so suffixed ones count on pages of sets only.
    """
    is_set = row.raw.get("prd_type") in pages.SETS or bool(row.raw.get("set_pno"))
    axes, texts = [], []
    for option in row.take("options"):
        name = values.line(option["name"]) or ""
        if option["suffix"] and not is_set:
            continue
        if option["necessary"] not in codes.NECESSARY and option["necessary"]:
            row.known(option["necessary"], {}, "necessary")
        if option["kind"] == "4":
            texts.append(name)
        elif codes.NECESSARY.get(option["necessary"]) == "axis":
            kept = [one | {"name": values.line(one["name"]) or ""} for one in option["values"]]
            axes.append({"name": name, "values": kept})
    return axes, texts


def _variants(axes: list[Row], managed: Any, status: Any, price: Any, origin: Origin) -> Any:
    count = prod(len(axis["values"]) for axis in axes)
    if not count or count > MOST_VARIANTS:
        return UNSET
    names = [axis["name"] for axis in axes]
    return [
        Variant(
            variant_id="_".join(one["number"] for one in chosen), managed=managed,
            options={name: one["name"] for name, one in zip(names, chosen, strict=True)},
            price=_full(price, chosen),
            quantity=None if managed is False else UNSET, available=_available(chosen, managed, status, origin),
        )
        for chosen in combinations(*(axis["values"] for axis in axes)) if chosen
    ]  # fmt: skip


def _full(price: Any, chosen: tuple[Row, ...]) -> Any:
    """Return the price with the surcharges of a combination; UNSET when one of them is no amount."""
    try:
        extras = [values.decimal(one["surcharge"]) or Decimal() for one in chosen]
    except ValueError:
        return UNSET
    return price + sum(extras, Decimal()) if isinstance(price, Decimal) else UNSET


def _available(chosen: tuple[Row, ...], managed: Any, status: Any, origin: Origin) -> Any:
    """Return whether a combination can be bought; UNSET (stock unknown) when a deeper choice was not asked about.

    Only the first choice is marked on the page. `context["sold_out"]` holds answers about the next ones, by the
    numbers chosen so far, such as {"@7001": ["7012"]}.
    """
    if not isinstance(status, str):
        return UNSET
    if status != "on_sale" or any(one["sold_out"] for one in chosen):
        return False
    asked: dict[str, list[str]] = origin.context.get("sold_out", {})
    path, sure = "", True
    for one, deeper in pairwise(chosen):
        path += f"@{one['number']}"
        if deeper["number"] in asked.get(path, []):
            return False
        sure = sure and path in asked
    return True if sure or managed is False else UNSET


def _stock(
    variants: Any, number: str, managed: Any, status: Any, facts: dict[str, str], origin: Origin
) -> Iterator[Stock]:
    if variants is UNSET:
        return
    quantity: Any = None if managed is False else UNSET
    count = facts.get(_STOCK_FACT, "").replace(",", "").removesuffix("개").strip()
    if not variants and managed is not False and re.fullmatch(r"-?\d{1,9}", count):
        quantity = int(count)
    left = not isinstance(quantity, int) or quantity > 0
    alone = Variant(
        variant_id="", options={}, managed=managed, quantity=quantity,
        available=status == "on_sale" and left if isinstance(status, str) else UNSET,
    )  # fmt: skip
    for variant in variants or [alone]:
        yield Stock(
            **origin.common(), product_id=number, variant_id=variant.variant_id, options=variant.options,
            quantity=variant.quantity, managed=variant.managed, available=variant.available,
            observed_at=origin.collected_at,
        )  # fmt: skip


def stock_questions(options: list[Row], told: dict[str, list[str]]) -> list[str]:
    """Return what is still to be asked about sold-out deeper choices, as the values of `item_no`.

    Shape of an option: as pages.options gives it. `told`: the answers so far, see `_available`.
    """
    axes = [one for one in options if not one["suffix"] and one["kind"] != "4"]
    axes = [one for one in axes if codes.NECESSARY.get(one["necessary"]) == "axis"]
    paths = [""]
    for axis in axes[:-1]:
        open_ = [
            f"{path}@{one['number']}" for path in paths for one in axis["values"]
            if not one["sold_out"] and one["number"] not in told.get(path, [])
        ]  # fmt: skip
        missing = [path for path in open_ if path not in told]
        if missing:
            return missing
        paths = open_
    return []


def sold_out_items(body: bytes) -> list[str]:
    """Return the sold-out numbers of an answer about stock. Shape: "7012@7013", empty for none."""
    return re.findall(r"\d+", body.decode("ascii", "ignore")) if re.fullmatch(rb"[\s@\d]*", body) else []


# -- lists and reviews ------------------------------------------------------------------------------------------------


def card_rows(page: Selector, origin: Origin) -> Iterable[Row]:
    """Return the products of a list."""
    return pages.cards(page)


def card(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a product of a list. What is listed is on sale or sold out."""
    name, number = row.id("pno"), row.id("number")
    base, href = row.take("root_url"), row.take("href")
    row.drop("row")
    found = number if isinstance(number, str) else numbered(str(name), row)
    image = row.take("image")
    listed, shown = price_of(row.take("list_price")), row.take("shown_price")
    root = base or urljoin(origin.url or "", href) if isinstance(href, str) else base
    parts = urlsplit(str(root))
    base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    yield Product(
        **origin.common(), product_id=found, name=_shown(row, "name"),
        status="sold_out" if row.take("sold_out") is True else "on_sale",
        price=_told(price_of(shown)), list_price=_told(none_if_zero(listed)), price_text=_words(shown),
        currency=origin.currency, images=_images(Payload({"images": [image]}, row.tally), base, origin),
        url=_url(base, name if isinstance(name, str) else hash_of(found), origin),
    )  # fmt: skip


def _words(shown: Any) -> Any:
    """Return what a list prints instead of a price: words without a number, other than that nothing is left."""
    text = values.line(shown) if isinstance(shown, str) else None
    wordy = text is not None and not re.search(r"\d", text) and re.search(r"[^\W_]{2}", text)
    return text if wordy and str(text).lower() not in pages.GONE else UNSET


def review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a review of a list or an opened one. Only published ones are shown; their writers' names are masked."""
    count, date, content = row.take("stars"), row.take("date"), row.take("content")
    row.drop("row")
    number, named = row.id("number"), row.id("pno")
    product_id = numbered(named, row) if isinstance(named, str) else number or _asked(origin)
    shown, answers, writer = row.take("pictures"), row.take("answers"), row.line("name")
    rated: Row = {} if count is UNSET else {"rating": stars(count), "rating_raw": str(count or "") or None}
    yield Review(
        **origin.common(), review_id=row.need("no"), product_id=product_id or UNSET,
        product_name=_told(_shown(row, "product_name")), title=_told(_shown(row, "title")),
        **rated, rating_scale=5 if rated else UNSET,
        text=values.plain(content) if isinstance(content, str) else UNSET,
        author=None if isinstance(writer, str) else UNSET, author_label=_told(writer),
        written_on=_day(date),
        media=media(shown, origin) if isinstance(shown, list) else UNSET,
        # Answers print a day and no time; one with a masked name is a buyer's, others are the shop's (unverified).
        replies=UNSET if answers is UNSET else [
            Reply(text=one["text"], by="buyer" if "*" in one.get("name", "") else "seller") for one in answers
        ],
        synthetic=False,
    )  # fmt: skip


def _day(date: Any) -> Any:
    """Return the day that a row prints, in any of the malls' formats. Raises: RowFailed."""
    if not isinstance(date, str):
        return UNSET
    try:
        return values.day(date)
    except ValueError:
        raise RowFailed("date: not a date") from None


def _shown(row: Payload, key: str) -> Any:
    """Return what a page shows as one line; its entities are decoded already, so a "<" in it begins no tag."""
    text = row.take(key)
    return values.line(html.escape(_QUOTE.sub(_closed, text), quote=False)) if isinstance(text, str) else text


def _closed(quote: re.Match[str]) -> str:
    return '"' if quote[1] == "quot" else "'"


def _asked(origin: Origin) -> str:
    """Return the product that a list of reviews was asked for."""
    if origin.product_id:
        return origin.product_id
    query = parse_qs(urlsplit(origin.url or "").query)
    name = query.get("pno", [""])[0].upper()
    return number_of(name) or name if name else query.get("ano", [""])[0]
