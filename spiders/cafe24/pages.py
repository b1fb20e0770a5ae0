"""What stands on a product or list page of a Cafe24 storefront: pure functions from a Selector to plain dicts.

Merchants edit skins freely; the variables of the inline script come from the platform and go before the layout. What
carries the class displaynone is hidden, and its value is none.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import msgspec
from lxml import etree, html
from parsel import Selector

from shopscrape import values
from shopscrape.errors import PageFailed

Row = dict[str, Any]

_VARIABLE = re.compile(
    r"""(?:(?<![\w.$])|\bCAFE24\.)(iProductNo|iCategoryNo|product_code|item_code|product_name|product_price|product_sale_price"""
    r"""|product_price_content|has_option|option_type|is_soldout_icon|option_name_mapper|option_value_mapper"""
    r"""|option_stock_data|single_option_stock_data|stock_number|SDE_SHOP_NUM)\s*=\s*"""
    r"""(?:'((?:[^'\\]++|\\.)*+)'|"((?:[^"\\]++|\\.)*+)"|(-?\d[\d.]*|true|false|null)\b)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": ""}
_SHOP = re.compile(r"""["']?shop_no["']?\s*:\s*["']?(\d{1,4})\b""")
_NUMBER = re.compile(r"/product/(?:[^/?#]*/)?(\d{1,12})(?:/|$)")
_CATEGORY = re.compile(r"/category/(?:[^/?#]*/)?(\d{1,12})(?:/|$)")
_SIZE = re.compile(r"/web/product/(extra/)?(?:medium|small|tiny)/")
_ANCHOR = re.compile(r"anchorBoxId_(\d{1,12})")
JOINT = "#$%"
"""Joins the names and the values of options."""

SHOWN = (
    ".//text()[not(ancestor-or-self::*[contains(concat(' ', normalize-space(@class), ' '), ' displaynone ')])"
    " and not(ancestor::script or ancestor::style)]"
)
HIDDEN = "ancestor-or-self::*[contains(concat(' ', normalize-space(@class), ' '), ' displaynone ')]"


def selector(body: bytes) -> Selector:
    """Return a page; storefronts are UTF-8 everywhere. Raises: PageFailed for one that nests too deep."""
    text = body.decode("utf-8", "replace").replace("\x00", "").strip()
    parser = html.HTMLParser(recover=True, encoding="utf-8", no_network=True, huge_tree=False)
    root = etree.fromstring(text.encode("utf-8") or b"<html/>", parser)
    if root is None or any("XML_PARSE_HUGE" in error.message for error in parser.error_log):
        raise PageFailed("the page nests too deep or is none")
    return Selector(root=root, type="html")


def role(page: Selector) -> str:
    """Return what the page says that it is, such as PRODUCT_DETAIL."""
    return page.xpath("//meta[@name='path_role']/@content").get("").strip()


def words(node: Selector) -> str:
    """Return the text of an element that a visitor sees, on one line."""
    return " ".join(" ".join(node.xpath(SHOWN).getall()).split())


def visible(nodes: Any) -> list[Selector]:
    """Return the elements that are not hidden."""
    return [node for node in nodes if not node.xpath(HIDDEN)]


def variables(page: Selector) -> dict[str, str]:
    """Return the variables of the inline scripts, one level of backslashes undone; the first of a name counts."""
    found: dict[str, str] = {}
    for script in page.xpath("//script[not(@src)]/text()").getall():
        for name, single, double, bare in _VARIABLE.findall(script):
            found.setdefault(name, bare or unescaped(single or double))
        shop = _SHOP.search(script) if "shop_no" in script else None
        if shop:
            found.setdefault("shop_no", shop[1])
    return found


def unescaped(text: str) -> str:
    """Return the content of a quoted string of a script."""

    def one(match: re.Match[str]) -> str:
        wide, narrow, char = match.groups()
        return chr(int(wide or narrow, 16)) if wide or narrow else _CONTROLS.get(char, char)

    return _ESCAPE.sub(one, text) if "\\" in text else text


def decoded(text: str | None) -> Any:
    """Return JSON that stands in a quoted string; None for what is none. A string of JSON inside is undone too."""
    for _ in range(2):
        if not isinstance(text, str) or not text:
            break
        try:
            text = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, ValueError):
            return None
    return text if isinstance(text, dict | list) else None


def product_in(address: str) -> str:
    """Return the product number of an address; the slug before it is decoration."""
    parts = values.address(address)
    told = parse_qs(parts.query).get("product_no", [""])[0]
    found = _NUMBER.search(parts.path)
    return told if told.isdecimal() else found[1] if found else ""


def category_in(address: str) -> str:
    """Return the category number of an address."""
    parts = values.address(address)
    found = _CATEGORY.search(parts.path)
    told = parse_qs(parts.query).get("cate_no", [""])[0]
    return found[1] if found else told if told.isdecimal() else ""


def page_in(address: str) -> int:
    """Return the page number of a list's address."""
    told = parse_qs(values.address(address).query).get("page", ["1"])[0]
    return int(told) if told.isdecimal() and 0 < len(told) < 7 else 1


# -- a product page ---------------------------------------------------------------------------------------------------


def product(page: Selector) -> Row:
    """Return what a product page tells. Shape: texts, and JSON of the scripts as it is."""
    told = variables(page)
    linked = next((one for one in linked_data(page) if _is(one, "Product")), {})
    offers = linked.get("offers")
    first = offers[0] if isinstance(offers, list) and offers else offers
    offer = first if isinstance(first, dict) else {}
    design = design_rows(page)
    stocks = decoded(told.get("option_stock_data"))
    rated = linked["aggregateRating"] if isinstance(linked.get("aggregateRating"), dict) else {}
    address = page.xpath("//link[@rel='canonical']/@href").get() or meta(page, "og:url")
    return {
        "product_no": told.get("iProductNo") or meta(page, "product:productId") or product_in(address or ""),
        "item_code": told.get("item_code"), "shop_no": told.get("SDE_SHOP_NUM") or told.get("shop_no"),
        "name": _first(page, "//*[contains(@class, 'headingArea')]//h2") or meta(page, "og:title")
        or told.get("product_name") or _text(linked.get("name")),
        "price": told.get("product_price"), "sale_price": told.get("product_sale_price"),
        "price_content": told.get("product_price_content"), "meta_price": meta(page, "product:price:amount"),
        "offer_price": _text(offer.get("price")),
        "currency": meta(page, "product:price:currency") or _text(offer.get("priceCurrency")),
        "design": design, "soldout_icon": told.get("is_soldout_icon"), "soldout_mark": soldout_mark(page),
        "brand": _brand(linked), "site": meta(page, "og:site_name") or site_name(page),
        "summary": _text(linked.get("description")) if linked else meta(page, "description", "name"),
        "description": description(page), "images": images(page, linked), "categories": categories(page),
        "category_no": told.get("iCategoryNo"), "has_option": told.get("has_option"),
        "option_names": told.get("option_name_mapper"), "option_codes": decoded(told.get("option_value_mapper")),
        "option_stocks": stocks, "choices": choices(page),
        "single_stock": decoded(told.get("single_option_stock_data")), "stock_number": told.get("stock_number"),
        "rating": _text(rated.get("ratingValue")), "review_count": _text(rated.get("reviewCount")), "address": address,
    }  # fmt: skip


def meta(page: Selector, name: str, key: str = "property") -> str | None:
    """Return the content of a meta element, None where it is missing or empty."""
    found: str | None = page.xpath(f"//meta[@{key}=$name]/@content", name=name).get()
    return found.strip() or None if found else None


def site_name(page: Selector) -> str | None:
    """Return the name of the mall, which ends the title."""
    _, dash, name = page.xpath("string(//title)").get("").rpartition(" - ")
    return name.strip() or None if dash else None


def _first(page: Selector, path: str) -> str | None:
    return next((text for node in visible(page.xpath(path)) if (text := words(node))), None)


def _text(told: Any) -> str | None:
    return str(told) if isinstance(told, str | int | float) and not isinstance(told, bool) else None


def linked_data(page: Selector) -> Iterator[Row]:
    """Yield the JSON-LD objects of a page; a block that is no JSON spoils only itself."""
    # Imported here: it takes a tenth of a crawl's start, and only pages need it.
    from extruct.jsonld import JsonLdExtractor

    extractor = JsonLdExtractor()
    for script in page.xpath("//script[@type='application/ld+json']"):
        try:
            found = extractor.extract_items(script.root)
        except (ValueError, RecursionError, TypeError):
            continue
        for one in found:
            graph = one.get("@graph") if isinstance(one, dict) else None
            yield from (part for part in (graph if isinstance(graph, list) else [one]) if isinstance(part, dict))


def _is(linked: Row, kind: str) -> bool:
    told = linked.get("@type")
    return kind in told if isinstance(told, list) else told == kind


def _brand(linked: Row) -> str | None:
    brand = linked.get("brand")
    return _text(brand.get("name") if isinstance(brand, dict) else brand)


def design_rows(page: Selector) -> dict[str, str]:
    """Return label to value of the table beside the picture, hidden rows left out; prices also by their ids."""
    found: dict[str, str] = {}
    for row in visible(page.xpath("//*[contains(@class, 'xans-product-detaildesign')]//tr")):
        cells = visible(row.xpath("./th | ./td"))
        label = row.xpath("@rel").get() or (words(cells[0]) if cells else "")
        if label and len(cells) > 1:
            found.setdefault(label.strip(), words(cells[1]))
    for name, label in (("text", "판매가"), ("custom", "소비자가"), ("sale", "할인판매가")):
        text = _first(page, f"//*[@id='span_product_price_{name}']")
        if text:
            found[label] = text
    return found


def soldout_mark(page: Selector) -> bool:
    """Return whether the page shows that the product is sold out, outside of lists of other products."""
    marks = page.xpath(
        "//*[contains(@class, 'headingArea')]//img[@alt='품절']"
        " | //*[contains(concat(' ', @class), ' ec-base-button') and contains(concat(' ', @class, ' '), ' soldout ')]"
        " | //*[contains(@class, 'xans-product-action')]//*[normalize-space(text())='SOLD OUT']"
    )
    return bool(visible(marks))


def description(page: Selector) -> str | None:
    """Return the HTML of the description."""
    for path in ("//*[@id='prdDetail']//*[contains(concat(' ', @class, ' '), ' cont ')]", "//*[@id='prdDetail']"):
        found = page.xpath(path)
        if found:
            return "".join(found[0].xpath("node()").getall()).strip() or None
    return None


def images(page: Selector, linked: Row) -> list[str]:
    """Return the addresses of the pictures, main one first, each in its big form (the sizes differ by folder)."""
    nodes = page.xpath(
        "//*[contains(@class, 'xans-product-image')]//img[contains(concat(' ', @class, ' '), ' BigImage ')]"
    )
    nodes += page.xpath("//*[contains(@class, 'xans-product-addimage')]//img")
    found = [address for node in nodes if (address := source_of(node))]
    told = linked.get("image")
    found += [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, str)]
    if not found and (main := meta(page, "og:image")):
        found = [main]
    # Hosts vary (a CDN stands before some): the same picture is known by what begins with /web/product/.
    big: dict[str, str] = {}
    for address in found:
        address = _SIZE.sub(lambda match: f"/web/product/{match[1] or ''}big/", address)
        big.setdefault(address[max(address.find("/web/product/"), 0) :], address)
    return list(big.values())


def source_of(image: Selector) -> str:
    """Return the address of a picture; lazy ones keep it apart."""
    told = (image.attrib.get(name, "").strip() for name in ("ec-data-src", "data-src", "src"))
    return next((address for address in told if address and not address.startswith("data:")), "")


def categories(page: Selector) -> list[Row]:
    """Return the path above the product, top first."""
    links = visible(page.xpath("//*[contains(@class, 'xans-product-headcategory')]//li//a[@href]"))
    found = [{"category_no": category_in(link.attrib["href"]), "name": words(link)} for link in links]
    return [one for one in found if one["category_no"] and one["name"]]


def choices(page: Selector) -> list[Row]:
    """Return the options that the form shows; deeper ones have no values before the first is chosen."""
    found = []
    for select in page.xpath("//select[@option_title]"):
        # The first one asks to choose, a line of dashes follows.
        real = [one for one in visible(select.xpath(".//option")) if one.attrib.get("value") not in ("*", "**")]
        values = [text for one in real if (text := words(one))]
        found.append({"option_name": select.attrib["option_title"], "values": values})
    return found


# -- a list -----------------------------------------------------------------------------------------------------------


def listed_products(page: Selector) -> list[Row]:
    """Return the products of a category page."""
    found = []
    for box in visible(page.xpath("//li[contains(@id, 'anchorBoxId_')]")):
        number = _ANCHOR.search(box.attrib["id"])
        links = box.xpath(".//*[contains(concat(' ', @class, ' '), ' name ')]//a[@href]")
        titled = links.xpath(".//*[contains(concat(' ', @class, ' '), ' title ')]")
        name = words(links[0]) if links else ""
        label = words(titled[0]) if titled else ""
        about = box.xpath(".//*[contains(concat(' ', @class, ' '), ' description ')]")
        found.append({
            "product_no": number[1] if number else "", "name": name.removeprefix(label).lstrip(" :") or None,
            "price": about[0].attrib.get("ec-data-price") if about else None,
            "list_price": about[0].attrib.get("ec-data-custom") if about else None,
            "address": links[0].attrib["href"] if links else None,
            "sold_out": bool(visible(box.xpath(".//img[@alt='품절']"))),
        })  # fmt: skip
    return found


def pages_after(page: Selector) -> list[int]:
    """Return the page numbers that the paging links to."""
    links = page.xpath("//*[contains(@class, 'ec-base-paginate')]//a/@href").getall()
    return sorted({page_in(link) for link in links if "page=" in link})


def linked_categories(page: Selector) -> list[str]:
    """Return the numbers of the categories that a page links to, each once."""
    links = page.xpath("//a[contains(@href, '/category/') or contains(@href, 'cate_no=')]/@href").getall()
    return list(dict.fromkeys(number for link in links if not product_in(link) and (number := category_in(link))))
