"""WISA products and stock as the Openapi and the price-comparison feed tell them: payload to records."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product as combinations
from math import prod
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import UNSET

from shopscrape import values
from shopscrape.errors import PageFailed, RowFailed
from shopscrape.items import Option, Product, Record, Stock, Variant
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.xml import decode
from spiders.wisa import codes
from spiders.wisa.shapes import (
    addresses,
    amount,
    code_in,
    hash_of,
    listed,
    none_if_zero,
    numbered,
    pictures,
    split,
    when,
    without_false,
)

MOST_VARIANTS = 2000
"""Combinations of options that are counted out where the mall does not do so itself."""
JOINED = " / "
"""Stands between the values of a combination's name (unverified)."""
NO_OPTION = "옵션없음"
"""Printed for the one combination of a product without options."""

_SHARED = (
    "status system_code xbig xmid xsmall xdepth4 ebig mbig ebig_no mbig_no attr stock_type hit_view hit_cart hit_wish "
    "hit_order qna_cnt content2_m "
)
LIST_IGNORED = ignoring(_SHARED + "detail_photo content2 wm_sc", "addimg: img_no")
IGNORED = ignoring(
    _SHARED + "timesale milage min_ord max_ord delivery_type delivery_set_no definition mng_memo sell_prc2 sell_prc3 "
    "sell_prc4 sell_prc5 sell_prc6 sell_prc7 sell_prc8 sell_prc9 upfile2 upfile3",
    "images: img_no",
)
OPTIONS_IGNORED = ignoring("status", "options: opno items add_price", "options.items_list: no")
STOCK_IGNORED = ignoring("product_name image type_str")
FEED_IGNORED = ignoring("point shipping mobile_link import_flag shipping_settings")


def listed_product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a product of a list. A shortcut shows another product, which has its own row: it gives no record.

    Where the spider reads details too (context "details"), the pictures are left to them: a list has small ones.
    """
    if none_if_zero(row.id("wm_sc")) not in (None, UNSET):
        row.raw.clear()
        return
    number = row.need("pno")
    status, raw = row.word("stat", codes.PRODUCTS, "product_status")
    categories, ids = _categories(row)
    shown = row.take("photo")
    more = addresses(row, "addimg", "name")
    untold = shown is UNSET and not more
    images: Any = UNSET if untold or origin.context.get("details") else pictures([shown, *more], origin)
    tags = row.take("keyword")
    yield Product(
        **origin.common(), product_id=number, code=code_in(row, "code"), name=row.line("title"), status=status,
        status_raw=raw, price=row.money("sell_prc"), list_price=none_if_zero(row.money("normal_prc")),
        currency=origin.currency, categories=categories, category_ids=ids, images=images, url=row.id("detailLink"),
        tags=UNSET if tags is UNSET else split(tags), created_at=when(row, "reg_date"),
    )  # fmt: skip


def product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a product in full; options, variants and stock come with other questions."""
    number = row.need("pno")
    status, raw = row.word("stat", codes.PRODUCTS, "product_status")
    categories, ids = _categories(row)
    main = [row.take(key) for key in ("upfile1", "upfile2", "upfile3")]
    more = addresses(row, "images", "name")
    biggest = next((one for one in main if isinstance(one, str) and pictures([one], origin)), None)
    tags, content, mobile = row.take("keyword"), row.html("content2"), row.html("content2_m")
    row.drop("ea_type")
    yield Product(
        **origin.common(), product_id=number, code=code_in(row, "code"), name=row.line("name"), status=status,
        status_raw=raw, price=row.money("sell_prc"), list_price=none_if_zero(row.money("normal_prc")),
        price_text=row.line("sell_prc_consultation"), currency=origin.currency,
        categories=categories, category_ids=ids,
        images=UNSET if not more and all(one is UNSET for one in main) else pictures([biggest, *more], origin),
        summary=row.plain("content1"), description=content or mobile or content,
        tags=UNSET if tags is UNSET else split(tags), updated_at=origin.context.get("updated_at", UNSET),
    )  # fmt: skip


def _categories(row: Payload) -> tuple[Any, Any]:
    """Return the paths of the main category and of both further classifications, and the numbers of their last levels.

    The numbers of the second classification are those of the third by a mistake of the engine, so it has none; the
    fourth level of the third has no number either.
    """
    paths: list[tuple[str, str | None]] = []
    told = False
    for mark, numbers in (
        ("", ("big", "mid", "small", "depth4")), ("y", ("ybig", "ymid", "ysmall", "ydepth4")), ("x", ())
    ):  # fmt: skip
        names = [row.line(f"{mark}cate{level}") for level in range(1, 5)]
        ids = [none_if_zero(row.id(key)) for key in numbers]
        told = told or any(name is not UNSET for name in names)
        path = [name for name in names if isinstance(name, str)]
        numbered_ = [number for name, number in zip(names, ids, strict=False) if isinstance(name, str)]
        deepest = numbered_[-1] if numbered_ else None
        if path:
            paths.append((" > ".join(path), deepest if isinstance(deepest, str) else None))
    if not told:
        return UNSET, UNSET
    # Those without a number come last, so that numbers and paths stand side by side.
    unique = sorted(dict.fromkeys(paths), key=lambda one: one[1] is None)
    return [path for path, _ in unique], [number for _, number in unique if number]


# -- options and variants ---------------------------------------------------------------------------------------------


class Axis:
    """A choice that makes variants: its name, and its values as (name, number, surcharge)."""

    def __init__(self, name: str, items: list[tuple[str, str, Decimal]]) -> None:
        self.name = name
        self.items = items

    def surcharge(self, value: str) -> Decimal | None:
        """Return what a value adds to the price; None when the axis has no such value."""
        return next((extra for name, _, extra in self.items if name == value), None)


def axes(raw: Any) -> tuple[list[Axis], list[str]]:
    """Return the choices that make variants and the names of free fields, of a `productOption` answer."""
    found: list[Axis] = []
    texts: list[str] = []
    for option in listed(raw):
        kind = codes.OPTION_TYPES.get(values.line(option.get("otype")) or "", "choice")
        name = values.line(option.get("name")) or ""
        if kind == "text":
            texts.append(name)
        elif codes.NECESSARY.get(str(option.get("necessary")).strip()) == "axis":
            items = [
                (values.line(item.get("name")) or "", str(item.get("no") or ""), values.decimal(item.get("add_price")))
                for item in listed(option.get("items_list"))
            ] or _short(option)
            found.append(Axis(name, [(value, number, extra or Decimal()) for value, number, extra in items]))
    return found, texts


def _short(option: dict[str, Any]) -> list[tuple[str, str, Decimal | None]]:
    """Return the values of an option that lacks its list, from their names and surcharges in one text each."""
    texts = [option.get(key) for key in ("items", "add_price")]
    names_, extras = (text.split(",") if isinstance(text, str) and text.strip() else [] for text in texts)
    same = len(names_) == len(extras)
    return [
        (values.line(name) or "", "", values.decimal(extras[at]) if same else None) for at, name in enumerate(names_)
    ]


def options(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the options of the product that was asked for (`product_id`).

    With what its detail told (context "product"), a product whose stock is not managed gives its variants too: the
    combinations of all values, named by their numbers joined by "_".
    """
    number = _number(row, origin)
    raw = row.take("options")
    for option in listed(raw):
        for key, table in (("otype", codes.OPTION_TYPES), ("necessary", codes.NECESSARY)):
            if option.get(key) not in (None, "") and str(option[key]).strip() not in table:
                row.known(option[key], {}, key)
    found, texts = axes(raw)
    known: dict[str, Any] = origin.context.get("product", {})
    variants: Any = UNSET
    if known.get("managed") is False:
        variants = _counted_out(found, known)
    choices = [Option(name=axis.name, values=[name for name, _, _ in axis.items]) for axis in found]
    yield Product(
        **origin.common(), product_id=number, options=choices, text_options=texts, variants=variants,
    )  # fmt: skip
    if isinstance(variants, list):
        sold = known.get("on_sale", UNSET)
        for variant in variants or [Variant(variant_id="", managed=False, options={}, available=sold)]:
            yield _stock(variant, origin, number, UNSET if variants else known.get("code", UNSET))


def _number(row: Payload, origin: Origin) -> str:
    number = row.id("pno")
    number = number if isinstance(number, str) and number != "0" else origin.product_id
    if not number and origin.url:
        number = parse_qs(urlsplit(origin.url).query).get("pno", [""])[0].strip()
    if not number:
        raise RowFailed("pno: missing, and the request did not tell it")
    return number


def _counted_out(found: list[Axis], known: dict[str, Any]) -> Any:
    unnumbered = any(not number for axis in found for _, number, _ in axis.items)
    if unnumbered or prod(len(axis.items) or MOST_VARIANTS + 1 for axis in found) > MOST_VARIANTS:
        return UNSET
    price = known.get("price")
    return [
        Variant(
            variant_id="_".join(number for _, number, _ in chosen),
            options={axis.name: name for axis, (name, _, _) in zip(found, chosen, strict=True)},
            price=price + sum((extra for _, _, extra in chosen), Decimal()) if isinstance(price, Decimal) else UNSET,
            quantity=None, managed=False, available=known.get("on_sale", UNSET),
        )
        for chosen in combinations(*(axis.items for axis in found)) if chosen
    ]  # fmt: skip


def _stock(variant: Variant, origin: Origin, number: str, code: Any) -> Stock:
    return Stock(
        **origin.common(), product_id=number, variant_id=variant.variant_id, code=code, options=variant.options,
        quantity=variant.quantity if variant.managed is not False else None, managed=variant.managed,
        available=variant.available, barcode=variant.barcode, observed_at=origin.collected_at,
    )  # fmt: skip


def combination_rows(document: Any, origin: Origin) -> Iterator[Any]:
    """Yield the combinations of a product, then, where its detail is known, all of them as one row for its variants.

    A single one without a name is the product itself.
    """
    rows = listed(without_false(document.get("complexOptions")))
    only = rows[0] if len(rows) == 1 and isinstance(rows[0], dict) else None
    alone = only is not None and values.line(only.get("item_name")) in (None, NO_OPTION)
    for row in rows:
        # A row is taken apart by reading it; its variant is read from another copy.
        yield {**row, **({"alone": True} if alone else {})} if isinstance(row, dict) else row
    known = origin.context.get("product")
    if known is not None and (rows or not (known.get("axes") or origin.context.get("thin"))):
        yield {"pno": origin.product_id, "combinations": [] if alone else rows}


def combination(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read the stock of one combination, or (see `combination_rows`) the variants of a product."""
    if row.has("combinations"):
        rows = [Payload(dict(one), row.tally, zone=row.zone) for one in row.take("combinations")]
        variants = [_combination(one, origin) for one in rows]
        yield Product(**origin.common(), product_id=row.need("pno"), variants=variants)
        return
    number = _number(row, origin)
    alone = row.take("alone") is True
    variant = _combination(row, origin)
    code: Any = UNSET
    if alone:
        variant.variant_id, variant.options = "", {}
        code = origin.context.get("product", {}).get("code", UNSET)
    yield _stock(variant, origin, number, code)


def _combination(row: Payload, origin: Origin) -> Variant:
    known: dict[str, Any] = origin.context.get("product", {})
    mode_raw = row.id("type")
    told = row.line("type_str")
    mode_raw = mode_raw if isinstance(mode_raw, str) else told
    mode = row.known(mode_raw, codes.STOCK, "stock_type") if isinstance(mode_raw, str) else UNSET
    quantity = row.whole("qty")
    chosen, extra = names(row.take("item_name"), known.get("axes"))
    price = known.get("price")
    return Variant(
        variant_id=row.need("complex_no"), barcode=code_in(row, "barcode"),
        options=UNSET if origin.context.get("thin") else chosen,
        price=price + extra if isinstance(price, Decimal) and extra is not None else UNSET,
        quantity=None if mode == "unlimited" else UNSET if quantity is None else quantity,
        managed=mode != "unlimited" if mode in ("unlimited", "forced", "counted") else UNSET,
        available=for_sale(known.get("on_sale"), mode, quantity),
    )  # fmt: skip


def on_sale(status: Any) -> bool | None:
    """Return whether a product's word says that it is on sale; None for a state that is not known."""
    return status == "on_sale" if isinstance(status, str) and status != "unknown" else None


def for_sale(on_sale: Any, mode: Any, quantity: Any) -> Any:
    """Return whether a combination could be bought: product on sale, and unlimited or counted with something left.

    UNSET where neither its own state says no nor the product's state is known.
    """
    if on_sale is False or mode == "forced":
        return False
    if mode == "counted" and isinstance(quantity, int) and quantity <= 0:
        return False
    sure = mode == "unlimited" or (mode == "counted" and isinstance(quantity, int))
    return True if on_sale is True and sure else UNSET


def names(text: Any, known: list[Axis] | None) -> tuple[dict[str, str], Decimal | None]:
    """Return option names to values of a combination's printed name, and their surcharge.

    The values are joined by " / " (unverified) or "<ss>"; without the axes the text stands whole under "".
    """
    clean = printed(text)
    if clean is None or clean == NO_OPTION:
        return {}, Decimal()
    found = _match(clean, known or [], set())
    if found is None:
        return {"": clean}, None
    pairs = {axis.name: value for axis, value in zip(known or [], found, strict=True)}
    extras = [axis.surcharge(value) for axis, value in zip(known or [], found, strict=True)]
    return pairs, sum((amount(extra) for extra in extras), Decimal())


def printed(text: Any) -> str | None:
    """Return the name of a combination as one line, its values joined by " / "."""
    if not isinstance(text, str):
        return None
    return JOINED.join(filter(None, (values.line(part) for part in text.split("<ss>")))) or None


def _match(text: str, left: list[Axis], dead: set[tuple[int, int]]) -> list[str] | None:
    """Return the values that, joined, give the text; a value may hold the joining mark itself.

    `dead`: what was tried in vain, by letters and axes left, as ambiguous values lead to the same rest again and again.
    """
    if not left or (len(text), len(left)) in dead:
        return None
    for value, _, _ in left[0].items:
        if len(left) == 1 and value == text:
            return [value]
        if len(left) > 1 and text.startswith(value + JOINED):
            rest = _match(text[len(value + JOINED) :], left[1:], dead)
            if rest is not None:
                return [value, *rest]
    dead.add((len(text), len(left)))
    return None


# -- the public feed for price comparison -----------------------------------------------------------------------------


def feed_document(body: bytes, origin: Origin) -> list[dict[str, str]]:
    """Return the rows of a feed by the names of its first line. Raises: PageFailed when that line is not one."""
    lines = decode(body).text.replace("\r\n", "\n").split("\n")
    header = lines[0].split("\t") if lines else []
    if "id" not in header or "title" not in header:
        raise PageFailed("the feed does not begin with the names of its columns")
    return [dict(zip(header, line.split("\t"), strict=False)) for line in lines[1:] if line.strip()]


def feed_rows(document: list[dict[str, str]], origin: Origin) -> Iterable[Any]:
    """Return the rows of a feed."""
    return document


def _path(names_: list[Any]) -> Any:
    found = [name for name in names_ if isinstance(name, str)]
    return [" > ".join(found)] if found else UNSET if all(name is UNSET for name in names_) else []


def feed_product(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read a product of the feed. Its price is the one after automatic discounts, so it is no regular price."""
    name, own = row.need("id"), code_in(row, "manufacture_define_number")
    is_number = isinstance(own, str) and own.isdigit() and hash_of(own) == name.upper()
    path = [row.line(f"category_name{level}") for level in (1, 2, 3)]
    status, raw = row.word("class", codes.FEED_CLASSES, "feed_class")
    image, link = row.take("image_link"), row.id("link")
    tags = row.take("search_tag")
    now = row.money("price_pc")
    yield Product(
        **origin.common(), product_id=str(own) if is_number else numbered(name, row),
        code=None if is_number else own, name=row.line("title"), status=status, status_raw=raw,
        discounted_price=none_if_zero(now), currency=origin.currency, brand=row.line("brand"),
        categories=_path(path),
        images=UNSET if image is UNSET else pictures([image], origin),
        url=link.replace("&ref=naver_open", "") if isinstance(link, str) else link,
        tags=UNSET if tags is UNSET else split(tags, ",|"), review_count=row.whole("review_count"),
        updated_at=when(row, "update_time"),
    )  # fmt: skip
