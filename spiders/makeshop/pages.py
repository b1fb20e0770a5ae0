"""What stands on the pages of a MakeShop storefront: pure functions from a Selector to plain dicts.

Skins differ from mall to mall, so the script variables that the engine prints go first, the hidden fields of its form
second, the layout last. Values are texts as printed.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

import msgspec
from lxml import etree, html
from parsel import Selector

from shopscrape import values
from shopscrape.errors import PageFailed
from spiders.makeshop.literal import NotLiteral, literal, unescaped
from spiders.makeshop.walls import decoded

Row = dict[str, Any]

_STRING = r"(?:'((?:[^'\\]++|\\.)*+)'|\"((?:[^\"\\]++|\\.)*+)\")"
_VARIABLE = re.compile(
    rf"(?<![\w.$])(product_uid|product_name|product_price|option_type)\s*=\s*(?:{_STRING}|(\d+)\b)", re.DOTALL
)  # fmt: skip
# "pre_optionJsonData" before it is a decoy, and on other pages an empty string stands there.
_OPTIONS = re.compile(r"(?<![\w.$])optionJsonData\s*=\s*(?=[{\[])")
MOST = 50
"""Assignments of a page's literal that are looked at; real pages have two or three."""
_MARKER = "[OPENEDITOR]"
"""Comment of the engine after which the description begins."""
_SOLD_OUT = re.compile(r"SOLD\s*-?\s*OUT|품절(?!\s*임박)", re.IGNORECASE)
_OTHERS = "ancestor::*[self::li or self::td or self::dl or contains(@class,'item')][.//a[contains(@href,'branduid=')]]"
"""What a place stands in that belongs to another product: related ones are listed on many pages."""
_CART = re.compile(r"send_multi|basket|장바구니|바로구매|구매하기")
_SIZES = {"대": 0, "중": 1, "소": 2}
"""Marks behind the levels of a category in the linked data."""


def selector(body: bytes, content_type: str = "") -> Selector:
    """Return a page. Raises: PageFailed for one that nests too deep."""
    return of_text(decoded(body, content_type))


def of_text(text: str) -> Selector:
    """Return a page or a piece of one."""
    parser = html.HTMLParser(recover=True, encoding="utf-8", no_network=True, huge_tree=False)
    clean = text.replace("\x00", "").strip()
    root = etree.fromstring(clean.encode("utf-8", "replace") or b"<html/>", parser)
    if root is None or any("XML_PARSE_HUGE" in error.message for error in parser.error_log):
        raise PageFailed("the page nests too deep or is none")
    return Selector(root=root, type="html")


def words(nodes: Any) -> str:
    """Return the text of the first element on one line, scripts apart."""
    for node in nodes:
        told = " ".join(node.xpath(".//text()[not(ancestor::script or ancestor::style)]").getall())
        if text := " ".join(told.split()):
            return text
    return ""


def typed(nodes: Any) -> str:
    """Return the text of the first element as HTML: what stands in angle brackets there was typed and is no tag."""
    return escape(words(nodes), quote=False)


def number_in(address: str) -> str:
    """Return the product number of an address; what stands beside it is decoration, `GfDT` a session."""
    told = parameter(address, "branduid")
    return told if told.isdecimal() else ""


def parameter(address: str, name: str) -> str:
    """Return a parameter of an address, "" where it has none, or is no address."""
    return parse_qs(values.address(address).query).get(name, [""])[0]


def scripts(page: Selector) -> str:
    """Return all inline scripts."""
    return "\n;".join(page.xpath("//script[not(@src)][not(@type) or contains(@type,'javascript')]/text()").getall())


def variables(script: str) -> dict[str, str]:
    """Return the product's variables; the first of a name counts."""
    found: dict[str, str] = {}
    for name, single, double, number in _VARIABLE.findall(script):
        found.setdefault(name, unescaped(single or double) or number)
    return found


def stocks(script: str) -> list[Row] | None:
    """Return every combination of the engine's literal, None when the page has none that can be read.

    One that is commented out, and one that is empty, give way to others.
    """
    rows: list[Row] | None = None
    for found in sorted(islice(_OPTIONS.finditer(script), MOST), key=lambda one: _is_comment(script, one.start())):
        try:
            told = literal(script, found.end())
        except (NotLiteral, RecursionError):
            continue
        rows = list(_combinations(told))
        if rows:
            break
    return rows


def _is_comment(script: str, at: int) -> bool:
    """Return whether a place of a script seems to lie in a comment."""
    before = script[max(at - 100_000, 0) : at]
    line = before[before.rfind("\n") + 1 :]
    return line.lstrip().startswith("//") or before.rfind("/*") > before.rfind("*/")


def _combinations(told: Any) -> Iterator[Row]:
    below = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    if isinstance(told, dict) and "sto_id" in told:
        yield told
        return
    for one in below:
        yield from _combinations(one)


# -- a product page ---------------------------------------------------------------------------------------------------


def product(page: Selector) -> Row:
    """Return what a product page tells."""
    script = scripts(page)
    told, linked = variables(script), linked_product(page)
    fields = {one.attrib.get("name", ""): one.attrib.get("value", "") for one in page.css('form[name="form1"] input')}
    facts = _facts(page)
    uid = told.get("product_uid") or fields.get("branduid") or ""
    return {
        "uid": uid,
        "name": told.get("product_name") or escape(_title(page) or str(linked.get("name") or ""), quote=False),
        "brandcode": fields.get("brandcode", ""), "price": fields.get("price", ""),
        "discounted": fields.get("disprice", ""), "final": told.get("product_price", ""),
        "shown": words(page.css("#pricevalue, .MK_p_price")),
        "meta": _meta_price(page, linked), "strike": words(_own(page.css("strike, del"))), "facts": facts,
        "category": [fields.get(name, "") for name in ("xcode", "mcode", "scode")], "path": _path(page, linked),
        "kind": told.get("option_type", ""), "stocks": stocks(script), "selects": _selects(page),
        "texts": [one.attrib.get("label") or "" for one in page.css("input.custom_option, textarea.custom_option")],
        "images": _images(page, linked), "address": _address(page), "summary": typed(page.css(".subname, .subtitle")),
        "description": _description(page), "sold_out": _sold_out(page),
        "rating": words(page.css("#powerReview .score dt")), "reviews": _review_count(page),
    }  # fmt: skip


def _title(page: Selector) -> str:
    return words(page.css("h3.tit-prd, .goods--title")) or page.xpath("//meta[@property='og:title']/@content").get("")


def _facts(page: Selector) -> dict[str, str]:
    return {words([row.css("th")[0]]): words(row.css("td")) for row in page.css(".table-opt tr") if row.css("th")}


def linked_product(page: Selector) -> Row:
    """Return the linked data of a product; some malls print it by a script with a constant availability."""
    for text in page.xpath("//script[@type='application/ld+json']/text()").getall():
        try:
            told = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, ValueError):
            continue
        found = told.get("@graph", told) if isinstance(told, dict) else told
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict) and one.get("@type") in ("Product", ["Product"]):
                return one
    return {}


def _meta_price(page: Selector, linked: Row) -> str:
    offers = linked.get("offers")
    offer = offers[0] if isinstance(offers, list) and offers else offers
    told = offer.get("price") if isinstance(offer, dict) else None
    return str(told or page.xpath("//meta[@property='product:price:amount']/@content").get(""))


def _path(page: Selector, linked: Row) -> list[str]:
    """Return the names of a category from the top: of the trail of links, else of the linked data (small > large)."""
    trail = [words([link]) for link in page.css(".loc-navi a, .location a") if "xcode=" in link.attrib.get("href", "")]
    if trail:
        return [name for name in trail if name]
    told = linked.get("category")
    levels = []
    for part in told.split(">") if isinstance(told, str) else []:
        found = re.fullmatch(r"(.+?)\s*(?:\((대|중|소)\))?", part.strip())
        if found:
            levels.append((_SIZES.get(found[2] or "", 3), found[1]))
    return [name for _, name in sorted(levels, key=lambda level: level[0])]


def _selects(page: Selector) -> list[Row]:
    """Return the choices, with the state of each value where the page puts it there (`sto_id` 0: several combine)."""
    labels = {one.attrib.get("opt_id"): one.attrib.get("value") for one in page.css("input.basic_option[opt_id]")}
    found = []
    for choice in page.css("select[name='optionlist[]']"):
        number = choice.attrib.get("opt_id", "")
        values = [
            {
                "title": escape(one.attrib.get("title") or words([one]), quote=False),
                "sto_id": one.attrib.get("sto_id", ""),
                "sto_state": one.attrib.get("sto_state", ""), "price": one.attrib.get("price", ""),
            }
            for one in choice.css("option") if one.attrib.get("value")
        ]  # fmt: skip
        found.append({"id": number, "name": choice.attrib.get("label") or labels.get(number) or "", "values": values})
    return found


def _images(page: Selector, linked: Row) -> list[str]:
    told = page.xpath("//meta[@property='og:image']/@content").getall()
    pictures = linked.get("image")
    told += [one for one in (pictures if isinstance(pictures, list) else [pictures]) if isinstance(one, str)]
    told += [one.attrib.get("src", "") for one in page.css("img.detail_image, img#lens_img, .goods-imgs--view img")]
    return [one for one in told if one]


def _address(page: Selector) -> str:
    return str(
        page.xpath("//link[@rel='canonical']/@href").get()
        or page.xpath("//meta[@property='og:url']/@content").get()
        or ""
    )


def _description(page: Selector) -> str | None:
    """Return the HTML behind the engine's comment, None when the skin has none."""
    # Written as XML, an empty element such as an iframe would swallow what follows it, unless the page is XHTML.
    way = "xml" if "XHTML" in (page.root.getroottree().docinfo.public_id or "") else "html"
    for node in page.css(".prd-detail"):
        inner = "".join(etree.tostring(part, encoding="unicode", method=way) for part in node.root)
        inner = (node.root.text or "") + inner
        _, marker, after = inner.partition(_MARKER)
        if marker:
            return after.partition("-->")[2].strip()
    return None


def _own(nodes: Any) -> list[Selector]:
    """Return the elements that do not stand in the box of another product."""
    return [node for node in nodes if not node.xpath(_OTHERS)]


def _sold_out(page: Selector) -> bool:
    marks = _own(page.css(".soldout, .product_caution, .prd-btns, .MK-product-icons"))
    if any(_SOLD_OUT.search(words([mark])) for mark in marks):
        return True
    if _own(page.xpath("//*[@id='productDetail' or @name='form1']//img[contains(@src,'prod_soldout')]")):
        return True
    buttons = page.css(".prd-btns")
    return bool(buttons) and not _CART.search(" ".join(one.get() for one in buttons))


def _review_count(page: Selector) -> str:
    block = page.css("#powerReview")
    told = words(block.css(".score dd strong")) or words(block.css(".PR15N01-hd h2 span"))
    return "".join(re.findall(r"\d+", told.replace(",", "")))


# -- lists ------------------------------------------------------------------------------------------------------------


def listed(page: Selector) -> list[Row]:
    """Return the products of a list, each once, whatever skin it has: what stands around a link to a product."""
    found: dict[str, Row] = {}
    for link in page.xpath("//a[contains(@href,'branduid=')]"):
        uid = number_in(link.attrib["href"])
        item = link.xpath("(ancestor::li|ancestor::td|ancestor::dl|ancestor::*[contains(@class,'item')])[last()]")
        if not uid or uid in found:
            continue
        box = item[0] if item else link
        found[uid] = {
            "uid": uid, "name": escape(_name(box, link), quote=False), "price": _price(box),
            "strike": words(box.css("strike, del, .strike")), "image": box.css("img::attr(src)").get(""),
            "sold_out": "prod_soldout" in box.get(),
        }  # fmt: skip
    return list(found.values())


def _name(box: Selector, link: Selector) -> str:
    named = box.xpath(".//*[contains(concat(' ',@class,' '),'name ') or contains(@class,'prd-name')]")
    return words(named) or link.css("img::attr(alt)").get("") or words([link])


def _price(box: Selector) -> str:
    for one in box.xpath(".//*[contains(@class,'price')]"):
        if "strike" not in one.attrib.get("class", "") and not one.xpath("self::strike|self::del|.//strike|.//del"):
            return words([one])
    return ""


def total(page: Selector) -> int | None:
    """Return how many products a list says that it has."""
    told = re.sub(r"\D", "", words(page.css(".total-sort .total strong, .total strong")))
    return int(told) if told and len(told) < 9 else None


# -- what else a page tells -------------------------------------------------------------------------------------------


def power_count(page: Selector) -> int | None:
    """Return how many power reviews a product has; None where its page has no block of them, or does not tell."""
    told = _review_count(page)
    return int(told) if told and len(told) < 9 else None


def has_power(page: Selector) -> bool:
    """Return whether a product page has a block of power reviews, or the script that fills one."""
    return bool(page.css("#powerReview")) or bool(page.xpath("//script[contains(@src,'/power_review.js')]"))
