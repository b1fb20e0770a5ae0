"""What stands on a page of a WISA mall: pure functions from a Selector to plain dicts.

The engine prints a form of hidden fields into every skin; they come before whatever the skin says. Skins are made by
merchants, so their parts are looked for in the places that the default family of skins has, and are optional.
"""

import html
import re
from collections.abc import Iterable
from typing import Any

from parsel import Selector

from shopscrape.xml import decode, read

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_OPEN_QUOTE = re.compile(r"&(quot(?![;A-Za-z0-9=])|#039(?!;)|#39(?![;0-9]))")
"""The engine writes quotes inside names without their semicolon."""
_VARIABLE = re.compile(
    r"\b(root_url|this_url|engine_url|ssl_url|currency_type|hid_frame|mlv)\s*=\s*[\"']([^\"'\n]{0,500})"
)
_MARKS = (
    re.compile(r"\broot_url\s*=\s*[\"']"), re.compile(r"hid_frame\s*=\s*[\"']hidden\d"),
    re.compile(r"wm_engine_SW"), re.compile(r"/_data/wing_"), re.compile(r"id=[\"']skin_\w+_big_div"),
    re.compile(r"exec_file=|/main/exec\.php"), re.compile(r"mywisa\.com|wisacdn\.com"),
    re.compile(r"detail\.php\?pno=[0-9A-F]{32}"),
)  # fmt: skip
_OPTION = re.compile(r"option_name(\d{1,3})(\[[^\]]{1,20}\])?$")
_CHIP = re.compile(
    r"selectOptionChip\(\s*['\"]?(\d+(?:\[[^\]]+\])?)['\"]?\s*,\s*(?P<mark>['\"])(?P<value>.*)(?P=mark)\s*,\s*this",
    re.DOTALL,
)
_PNO = re.compile(r"[?&](?:pno=([0-9A-Fa-f]{32})|ano=(\d{1,12}))(?![0-9A-Fa-f])")
_QUICK = re.compile(r"quickDetailPopup\(\s*this\s*,\s*['\"]?(\d+)")
_CATEGORY = re.compile(r"[?&]cno1=(\d+)")
_SOLD_OUT = re.compile(r"[(\[]\s*(?:품절|sold\s?out)\s*[)\]]", re.IGNORECASE)
GONE = frozenset(("", "품절", "sold out", "soldout"))
"""Texts of a link that name no product."""
SETS = frozenset(("4", "5", "6"))
"""data-prd_type of products that are made of others."""


def selector(body: bytes, charset: str = "") -> Selector:
    """Return a page as a Selector; older malls serve EUC-KR, and say so in a meta element or nowhere."""
    declared = _META.search(body[:4096])
    text = decode(body, charset or (declared[1].decode("ascii", "replace") if declared else "")).text
    return fragment(text)


def fragment(text: str) -> Selector:
    """Return HTML as a Selector, with the quotes closed that the engine leaves open."""
    text = _OPEN_QUOTE.sub(r"&\1;", text.replace("\x00", ""))
    return Selector(text=text or "<html></html>", type="html", huge_tree=False)


def is_engine(text: str) -> bool:
    """Return whether a page is one of a WISA mall: two marks of the engine are conclusive."""
    return sum(1 for mark in _MARKS if mark.search(text)) >= 2


def variables(page: Selector) -> dict[str, str]:
    """Return what the engine's first script tells about the mall and this page."""
    found: dict[str, str] = {}
    for script in page.xpath("//script[not(@src)]/text()").getall():
        for name, value in _VARIABLE.findall(script[:20000]):
            found.setdefault(name, value)
    return found


def words(node: Selector) -> str:
    """Return the text of an element without pictures, on one line."""
    return " ".join(" ".join(node.xpath(".//text()[not(ancestor::script or ancestor::style)]").getall()).split())


def first(nodes: Iterable[Selector]) -> str | None:
    """Return the first text that is not empty."""
    return next((text for node in nodes if (text := words(node))), None)


def sources(images: Iterable[Selector]) -> list[str]:
    """Return the addresses of pictures; of those that a script loads late, the one it will load."""
    found = []
    for image in images:
        told = [image.attrib.get(name, "").strip() for name in ("src", "data-src", "data-original")]
        found += [one for one in told if one and not one.startswith("data:")][:1]
    return found


# -- a product page ---------------------------------------------------------------------------------------------------

HIDDEN = (
    "pno", "ppno", "product_name", "stat", "ea_type", "total_prc", "pay_prc", "sell_prc_consultation", "set_pno",
)  # fmt: skip


def product(page: Selector) -> dict[str, Any] | None:
    """Return what a product page tells; None without the engine's form: missing, blocked or no product page."""
    forms = page.xpath('//form[@name="prdFrm"]')
    if not forms:
        return None
    form = forms[0]
    # A skin that closes elements wrongly pushes fields out of the form.
    told = {name: _hidden(form, name) or _hidden(page, name) for name in HIDDEN}
    area = form if form.css(".price") else (page.css("#detail") or [page])[0]
    options_ = options(page)
    return told | variables(page) | {
        "row": "product", "prd_type": form.attrib.get("data-prd_type", ""), "options": options_,
        "heading": _heading(area) or _heading(page), **_prices(area), **_looks(page, area),
        "summary": first(area.css(".summary")) or page.xpath('//meta[@property="og:description"]/@content').get(),
        "facts": _facts(area), "crema_code": page.css(".crema-product-reviews::attr(data-product-code)").get(),
        "description": _inner(page.css(".wing-detail-more-contents") or page.css(".detail_info")),
    }  # fmt: skip


def _heading(area: Selector) -> str | None:
    """Return the name without the links (to a wish list) and icons that stand in it."""
    return " ".join(" ".join(area.css("h3.name").xpath(".//text()[not(ancestor::a)]").getall()).split()) or None


def _hidden(node: Selector, name: str) -> str | None:
    return node.xpath(".//input[@name=$name]/@value", name=name).get()


def _prices(area: Selector) -> dict[str, Any]:
    listed, sold = area.css("::attr(data-normal_prc)").get(), area.css("::attr(data-sell_prc)").get()
    return {
        "list_price": listed or first(area.css(".price del, .price .consumer:not(.dn)")),
        "shown_price": sold or first(area.css(".price .sell strong, .sell_prc_str")) or first(area.css(".price .sell")),
    }


def _looks(page: Selector, area: Selector) -> dict[str, Any]:
    path = [link for link in page.css(".navi a") if "cno1=" in link.attrib.get("href", "")]
    found = [_CATEGORY.search(link.attrib["href"]) for link in path]
    return {
        "images": sources(page.css("#mainImg, #product_add_image_list img"))
        or page.xpath('//meta[@property="og:image"]/@content').getall()[:1],
        "categories": [text for link in path if (text := words(link))],
        "category": next((match[1] for match in reversed(found) if match), None),
    }


def _facts(area: Selector) -> dict[str, str]:
    """Return rows of the skin's table such as 제조국; rows that hold fields to fill in are none."""
    rows = area.css("table.list tr")
    pairs = {words(th): words(td) for row in rows for th in row.css("th")[:1] for td in row.css("td")[:1]
             if not td.css("input, select, textarea, ul")}  # fmt: skip
    for heading in area.css(".prd_info h3"):
        text = heading.xpath("following-sibling::p[1]")
        pairs |= {words(heading): words(text[0])} if text else {}
    return {name: text for name, text in pairs.items() if name}


def _inner(nodes: Any) -> str | None:
    return "".join(nodes[0].xpath("./node()").getall()).strip() or None if nodes else None


def options(page: Selector) -> list[dict[str, Any]]:
    """Return the options of a page: selects, radio buttons, chips, free texts and areas, add-on products among them.

    `suffix` tells those of set components and of related products: option1[2].
    """
    found = []
    for hidden in page.xpath('//input[starts-with(@name, "option_name")]'):
        match = _OPTION.fullmatch(hidden.attrib["name"])
        if match:
            found.append(_option(page, match[1], match[2] or "", hidden.attrib.get("value", "")))
    return found


def _option(page: Selector, number: str, suffix: str, name: str) -> dict[str, Any]:
    controls = page.xpath(
        "//*[self::select or self::input or self::textarea][@name=$name]", name=f"option{number}{suffix}"
    )
    classes = " ".join(control.attrib.get("class", "") for control in controls)
    necessary = _hidden(page, f"option_necessary{number}{suffix}") or next(
        (control.attrib["data-necessary"] for control in controls if "data-necessary" in control.attrib),
        (re.search(r"\bnecessary_(\w)", classes) or ["", ""])[1],
    )
    own = next((control.attrib["data-pno"] for control in controls if control.attrib.get("data-pno")), None)
    kind = _hidden(page, f"option_type{number}{suffix}") or next(
        (control.attrib["data-type"][:1] for control in controls if control.attrib.get("data-type")), ""
    )
    return {
        "name": name, "suffix": suffix, "necessary": necessary, "kind": kind,
        "pno": own or (re.search(r"\bpno(\d+)\b", classes) or [None, None])[1],
        "values": [] if kind == "4" else _choices(page, controls, number + suffix),
    }  # fmt: skip


def _choices(page: Selector, controls: Any, which: str) -> list[dict[str, Any]]:
    found = []
    for option in controls.xpath("self::select//option"):
        gone = "disabled" in option.attrib or bool(_SOLD_OUT.search(words(option)))
        found.append(value(option.attrib.get("value", ""), gone))
    for radio in controls.xpath('self::input[translate(@type, "RADIO", "radio")="radio"]'):
        label = radio.xpath("ancestor::label[1] | following-sibling::label[1]")
        text = words(label[0]) if label else radio.xpath("following-sibling::text()[1]").get("")
        found.append(value(radio.attrib.get("value", ""), "disabled" in radio.attrib or bool(_SOLD_OUT.search(text))))
    for chip in page.xpath('//*[contains(@onclick, "selectOptionChip(")]'):
        match = _CHIP.search(chip.attrib["onclick"])
        if match and match[1] == which:
            found.append(value(match["value"], "soldout" in chip.attrib.get("class", "").split()))
    return [one for one in found if one is not None]


def value(text: str, gone: bool) -> dict[str, Any] | None:
    """Return an option's value taken apart; None for a prompt. A name may hold the mark itself.

    Shape: name::surcharge::…::number[::cpx<number>::least]

    >>> value("L::2000::0::7012::cpx0::", False)["number"]
    '7012'
    """
    split = html.unescape(text).split("::")
    tail = next((at for at in range(len(split) - 1, 3, -1) if re.fullmatch(r"cpx\d+", split[at])), len(split))
    while tail == len(split) > 4 and not split[-1].strip():
        # Old malls print four parts, and may close the last one.
        tail = len(split[:-1])
        split.pop()
    if tail < 4:
        return None
    name, surcharge, _, number = "::".join(split[: tail - 3]), *split[tail - 3 : tail]
    combination = split[tail][3:] if tail < len(split) else "0"
    if not name.strip():
        return None
    return {"name": name, "surcharge": surcharge, "number": number, "combination": combination, "sold_out": gone}


# -- lists of products ------------------------------------------------------------------------------------------------


def cards(page: Selector) -> list[dict[str, Any]]:
    """Return the products of a list, one each: any link to a product with a text, and what stands in its list item."""
    found: dict[str, dict[str, Any]] = {}
    base = variables(page).get("root_url", "")
    for link in page.xpath('//a[contains(@href, "detail.php?")]'):
        match = _PNO.search(link.attrib["href"])
        if match and words(link).lower() not in GONE:
            name = (match[1] or "").upper() or match[2]
            if name not in found:
                box = _box(link, name)
                found[name] = {"row": "card", "root_url": base, **_card(link, box, match)}
    return list(found.values())


def _box(link: Selector, name: str) -> Selector:
    """Return the outermost list item around a link that holds no other product."""
    for item in link.xpath("ancestor::li"):
        if _shows_only(item, name):
            return item
    around: list[Selector] = link.xpath("ancestor::div[1]") or [link]
    return around[0]


def _shows_only(item: Selector, name: str) -> bool:
    for link in item.root.iter("a"):
        address = link.get("href") or ""
        match = _PNO.search(address) if "detail.php?" in address else None
        if match and ((match[1] or "").upper() or match[2]) != name:
            return False
    return True


def _card(link: Selector, box: Selector, match: re.Match[str]) -> dict[str, Any]:
    quick = _QUICK.search(box.get())
    said = {text.strip().lower() for text in box.xpath(".//text() | .//img/@alt").getall()}
    return {
        "pno": (match[1] or "").upper(), "number": match[2] or (quick[1] if quick else None),
        "href": link.attrib["href"], "name": first(box.css(".name a")) or words(link),
        "list_price": first(box.css(".price .consumer:not(.dn), .price del")),
        "shown_price": _sell(box),
        "image": next(iter(sources(box.css("img"))), None),
        "sold_out": bool(box.css(".soldout:not(.dn), .box.out")) or not said.isdisjoint(GONE - {""}),
    }  # fmt: skip


def _sell(box: Selector) -> str | None:
    """Return the selling price that a row prints; a number inside the struck one is none."""
    struck = "ancestor-or-self::del or ancestor-or-self::*[contains(concat(' ', @class, ' '), ' consumer ')]"
    told = first(box.css(".price .sell strong, .p_value strong")) or first(box.css(".price .sell"))
    return told or first(box.css(".price strong").xpath(f"self::*[not({struck})]"))


def product_names(page: Selector) -> list[str]:
    """Return the products that a page links to, by the name in their address, once each."""
    found = (_PNO.search(link) for link in page.xpath(".//a/@href").getall() if "detail.php?" in link)
    return list(dict.fromkeys((match[1] or "").upper() or match[2] for match in found if match))


def names_in_sitemap(body: bytes) -> list[str]:
    """Return the products that a sitemap lists, by the name in their address, once each: it repeats them by category.

    Raises: see shopscrape.xml.read.
    """
    places = (str(url.get("loc") or "") for url in read(body).each("url"))
    found = (_PNO.search(place) for place in places if "detail.php?" in place)
    return list(dict.fromkeys((match[1] or "").upper() or match[2] for match in found if match))


def category_numbers(page: Selector) -> list[str]:
    """Return the numbers of the categories that a page links to, once each."""
    links = page.xpath('//a[contains(@href, "_section.php?")]/@href').getall()
    return list(dict.fromkeys(match[1] for link in links if (match := _CATEGORY.search(link))))


def page_numbers(page: Selector, name: str = "page") -> list[int]:
    """Return the pages that a pager links to; `name` is rev_page for lists of reviews."""
    texts = page.css("ul.paging a::attr(href), ul.paging a::attr(onclick)").getall()
    return sorted({int(found[1]) for text in texts if (found := re.search(rf"[?&]{name}=(\d+)", text))})
