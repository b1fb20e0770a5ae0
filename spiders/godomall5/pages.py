"""What stands on the pages of a Godomall5 storefront: pure functions from a Selector to plain dicts.

Sellers edit skins freely. Selectors are those of the default skin; what the engine itself writes (hidden fields,
script variables, data attributes, OpenGraph) goes before or behind them, as said at each place.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree, html
from parsel import Selector

from shopscrape.errors import PageFailed
from shopscrape.xml import decode

Row = dict[str, Any]

INT_JOINT, TEXT_JOINT = "||", "^|^"
"""Join numbers, and texts, inside an option's value."""

_SETTING = re.compile(r"""['"]?(set[A-Z]\w{1,40})['"]?\s*:\s*(?:['"]([^'"]{0,200})['"]|(-?\d[\d.]{0,20})\b)""")
_VARIABLE = re.compile(r"""\bvar\s+(goodsNo|bdGoodsReviewId)\s*=\s*(?:['"]([\w.-]{1,100})['"]|(\d{1,20})\b)""")
_PLUS = re.compile(r"plus[_-]?review", re.IGNORECASE)
_CLOSER = re.compile(r"\s*(?:닫기|더보기)\s*$")
_FIRST = re.compile(rb"(?:<!doctype[^>]{0,500}>|<!--.{0,5000}?-->|\s)*+<(\w+)", re.DOTALL)
_HIDDEN_STYLE = re.compile(r"line-through", re.IGNORECASE)


def selector(body: bytes) -> Selector:
    """Return a page or a fragment of one. Raises: PageFailed for what nests too deep or is nothing."""
    text = decode(body).text.replace("\x00", "").strip()
    # A fragment may begin with a cell of a table, which a parser would throw away without the table around it.
    if text[:3].lower() in ("<td", "<tr"):
        text = f"<table>{text if text[:3].lower() == '<tr' else f'<tr>{text}</tr>'}</table>"
    parser = html.HTMLParser(recover=True, encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8") or b"<html/>", parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or any("XML_PARSE_HUGE" in error.message for error in parser.error_log):
        raise PageFailed("the page nests too deep or is none")
    return Selector(root=root, type="html")


def is_torn(body: bytes) -> bool:
    """Return whether a page or fragment ends in the middle: what it begins with is opened more often than closed."""
    text = body.strip().lower()
    first = _FIRST.match(text)
    if not first or first[1] == b"html":
        return bool(first) and b"</html" not in text
    rest = text[first.start(1) - 1 :]
    return len(re.findall(rb"<" + first[1] + rb"\b", rest)) > len(re.findall(rb"</" + first[1] + rb"\b", rest))


def words(nodes: Any) -> str | None:
    """Return the text of an element, or of the first of several, on one line; None when there is none."""
    node = nodes if isinstance(nodes, Selector) else next(iter(nodes), None)
    if node is None:
        return None
    told = node.xpath(".//text()[not(ancestor::script or ancestor::style)]").getall()
    return " ".join(" ".join(told).split()) or None


def inner(nodes: Any) -> str | None:
    """Return the HTML inside the first of some elements."""
    node = next(iter(nodes), None)
    return "".join(node.xpath("node()").getall()).strip() or None if node is not None else None


def has(name: str) -> str:
    """Return an XPath condition for a class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def meta(page: Selector, name: str) -> str | None:
    """Return the content of an OpenGraph element, None where it is missing or empty."""
    found: str | None = page.xpath("//meta[@property=$name]/@content", name=name).get()
    return found.strip() or None if found else None


def settings(page: Selector) -> dict[str, str]:
    """Return the variables and settings that the engine writes into the scripts of a product page."""
    found: dict[str, str] = {}
    for script in page.xpath("//script[not(@src)]/text()").getall():
        for name, quoted, bare in _VARIABLE.findall(script) + _SETTING.findall(script):
            found.setdefault(name, quoted or bare)
    return found


def number_in(address: str | None, name: str = "goodsNo") -> str | None:
    """Return a number out of an address's query, also where it stands inside a call of a script."""
    if not address:
        return None
    found = re.search(rf"[?&'\"]{name}=(\w{{1,40}})", address) or re.search(rf"\b{name}=(\w{{1,40}})", address)
    return found[1] if found else None


def linked_categories(page: Selector) -> list[str]:
    """Return the codes of the categories that a page links to, each once."""
    links = page.xpath("//a[contains(@href, 'goods_list.php')]/@href").getall()
    return list(dict.fromkeys(code for link in links if (code := number_in(link, "cateCd"))))


def shows_plus(page: Selector) -> bool:
    """Return whether a product page has a place for Plus Review: its scripts or elements name it (unverified)."""
    told = page.xpath("//script/@src | //script[not(@src)]/text() | //*[@id]/@id | //*[@class]/@class").getall()
    return any(_PLUS.search(text) for text in told)


def linked_product(page: Selector) -> Row:
    """Return the product of the JSON-LD, {} where there is none: the platform writes none by itself."""
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
            for part in graph if isinstance(graph, list) else [one]:
                if isinstance(part, dict) and "Product" in str(part.get("@type")):
                    return part
    return {}


# -- a product page ---------------------------------------------------------------------------------------------------


def product(page: Selector) -> Row:
    """Return what a product page tells. Shape: texts, option rows as dicts."""
    told, hidden = settings(page), _hidden(page)
    details = _details(page)
    price = page.xpath(f"//dl[{has('item_price')}]/dd")
    sale = page.xpath(f"//dl[{has('time_sale_price')}]/dd")
    address = page.xpath("//link[@rel='canonical']/@href").get() or meta(page, "og:url")
    linked = linked_product(page)
    return {
        "goodsNo": told.get("setGoodsNo") or told.get("goodsNo") or details.get("상품코드") or number_in(address),
        "name": _name(page) or _linked(linked, "name"), "price": words(price),
        "price_parts": [words(one) for one in price[:1].xpath(".//strong")],
        "price_field": hidden.get("set_goods_price"), "price_linked": _linked(linked, "offers", "price"),
        "price_setting": told.get("setGoodsPrice"), "fixed_price": hidden.get("set_goods_fixedPrice"),
        "list_price": details.get("정가"), "discounted": details.get("할인적용가"),
        "time_sale": words(sale.xpath("./strong")) or words(sale), "time_sale_before": words(sale.xpath(".//del")),
        "discount_given": hidden.get("goodsDiscountFl"), "discount": hidden.get("goodsDiscount"),
        "discount_unit": hidden.get("goodsDiscountUnit"), "code": details.get("자체상품코드"),
        "brand": details.get("브랜드"), "manufacturer": details.get("제조사"), "category": hidden.get("cateCd"),
        "sold_out": bool(page.xpath(f"//*[{has('btn_add_soldout')}]")),
        "buyable": bool(page.xpath(f"//*[{has('btn_add_cart')} or {has('btn_add_order')}]")),
        "option_flag": told.get("setOptionFl") or hidden.get("optionFl"), "stock_flag": told.get("setStockFl"),
        "stock": told.get("setStockCnt") or hidden.get("set_goods_stock"), "images": _images(page),
        "description": inner(page.xpath(f"//*[{has('detail_explain_box')}]//*[{has('txt-manual')}]")),
        "options": _combinations(page), "axes": axes(page), "text_options": _text_options(page),
        "review_count": words(page.xpath("//a[@href='#reviews']//strong")), "address": address,
        "rating": _linked(linked, "aggregateRating", "ratingValue"),
        "review_count_linked": _linked(linked, "aggregateRating", "reviewCount"),
    }  # fmt: skip


def _linked(told: Any, *path: str) -> str | None:
    """Return a value of the JSON-LD as text; of several offers or ratings that of the first."""
    for name in path:
        told = told[0] if isinstance(told, list) and told else told
        told = told.get(name) if isinstance(told, dict) else None
    return str(told).strip() or None if isinstance(told, str | int | float) and told else None


def _name(page: Selector) -> str | None:
    """Return the name; in the heading a time sale puts a text in brackets before it, which OpenGraph lacks."""
    heading, told = words(page.xpath(f"//*[{has('item_detail_tit')}]//h3")), meta(page, "og:title")
    if heading and told and heading.startswith("[") and heading.endswith(" ".join(told.split())):
        return told
    return heading or told


def _hidden(page: Selector) -> dict[str, str]:
    fields = page.xpath("//form[@id='frmView']//input[@type='hidden' and @name]")
    found: dict[str, str] = {}
    for field in fields:
        found.setdefault(field.attrib["name"], field.attrib.get("value", "").strip())
    return found


def _details(page: Selector) -> dict[str, str]:
    """Return label to value of the list beside the picture."""
    found: dict[str, str] = {}
    for row in page.xpath(f"//*[{has('item_detail_list')}]//dl[dt and dd]"):
        label, value = words(row.xpath("./dt")), words(row.xpath("./dd"))
        if label and value:
            found.setdefault(label, value)
    return found


def _images(page: Selector) -> list[str]:
    nodes = page.xpath(f"//*[@id='mainImage']//img | //*[{has('item_photo_view_box')}]//img")
    found = [address for node in nodes if (address := source_of(node))]
    return list(dict.fromkeys(found)) or [address for address in [meta(page, "og:image")] if address]


def source_of(image: Selector) -> str:
    """Return the address of a picture; lazy ones keep it apart."""
    told = (image.attrib.get(name, "").strip() for name in ("data-original", "data-src", "src"))
    return next((address for address in told if address and not address.startswith("data:")), "")


def _combinations(page: Selector) -> list[Row]:
    """Return the combinations of a single select: number, difference, points and stock, then label and reason."""
    found = []
    for choice in page.xpath("//select[@name='optionSnoInput']/option[@value and @value!='']"):
        numbers, _, texts = choice.attrib["value"].partition(TEXT_JOINT)
        parts, said = numbers.split(INT_JOINT), texts.split(TEXT_JOINT)
        label = choice.xpath("ancestor::dl[1]/dt")
        found.append({
            "sno": parts[0], "price": parts[1] if len(parts) > 1 else None,
            "stock": parts[3] if len(parts) > 3 else None,
            "label": said[0] or None, "reason": said[1] if len(said) > 1 else None, "axis": words(label),
            "disabled": "disabled" in choice.attrib,
        })  # fmt: skip
    return found


def axes(page: Selector) -> list[Row]:
    """Return the axes of one select each; those behind the first have no values before something is chosen."""
    return [
        {
            "name": words(select.xpath("ancestor::dl[1]/dt")),
            "values": [one.strip() for one in select.xpath("./option/@value").getall() if one.strip()],
        }
        for select in page.xpath("//select[starts-with(@name, 'optionNo_')]")
    ]


def _text_options(page: Selector) -> list[str]:
    return [name for one in page.xpath("//*[contains(@class, 'optionTextNm_')]") if (name := words(one))]


# -- a category page --------------------------------------------------------------------------------------------------


def listed_products(page: Selector) -> list[Row]:
    """Return the products of a category page; those of the recommended block above it are left out."""
    found = []
    shown = f".//*[{has('item_cont')}]"
    for box in page.xpath(f"//li[{shown}][not(.//li[{shown}])][not(ancestor::*[{has('best_item_view')}])]"):
        link = box.xpath(".//a[contains(@href, 'goods_view.php')]/@href").get()
        money = box.xpath(f".//*[{has('item_money_box')}]")
        price = money.xpath(f".//*[{has('item_price')}]")
        before = [one for one in money.xpath(".//span | .//del") if _struck(one)]
        found.append({
            "goodsNo": number_in(link), "name": words(box.xpath(f".//*[{has('item_name')}]")),
            "brand": words(box.xpath(f".//*[{has('item_brand')}]//strong")),
            "price": words(price), "price_parts": [words(one) for one in price[:1].xpath("./span")],
            "list_price": words(before),
            "sold_out": has_class(box, "item_soldout") or bool(box.xpath(f".//*[{has('item_soldout_bg')}]")),
            "image": next((address for node in box.xpath(".//img") if (address := source_of(node))), None),
        })  # fmt: skip
    return found


def has_class(node: Selector, name: str) -> bool:
    """Return whether an element has a class."""
    return name in node.attrib.get("class", "").split()


def _struck(node: Selector) -> bool:
    return node.root.tag == "del" or bool(_HIDDEN_STYLE.search(node.attrib.get("style", "")))


def last_page(page: Selector) -> int | None:
    """Return the greatest page number that a list or fragment names, None where it names none."""
    texts = page.xpath(f"//*[{has('pagination')}]//a/@href | //a[@data-page]/@data-page").getall()
    texts += [f"page={text.strip()}" for text in page.xpath(f"//*[{has('pagination')}]//li//text()").getall()]
    numbers = [int(told) for text in texts if (told := number_in(text, "page") or text.strip()).isdecimal()]
    return max((number for number in numbers if number < 1_000_000), default=None)


# -- reviews ----------------------------------------------------------------------------------------------------------


def posts_shown(page: Selector) -> list[str]:
    """Return the numbers of all posts of a fragment, answers too; notices stand on every page and are left out."""
    rows = page.xpath(f"//*[{has('js_data_row')} or {has('js_pr_row')}][@data-sno]")
    return [row.attrib["data-sno"] for row in rows if row.attrib.get("data-notice") != "y"]


def answers_shown(page: Selector, above: str) -> dict[str, list[str]]:
    """Return the posts that answer others: review to answers. A fragment may begin with answers to the last review
    of the one before, `above`.
    """
    found: dict[str, list[str]] = {}
    for row in page.xpath(f"//tr[{has('js_data_row')}][@data-sno]"):
        if row.attrib.get("data-notice") == "y":
            continue
        if row.xpath(f".//a[{has('reply')}]"):
            found.setdefault(above, []).append(row.attrib["data-sno"])
        else:
            above = row.attrib["data-sno"]
    return found


def board_rows(page: Selector) -> list[Row]:
    """Return the posts of a fragment of a product's review board; notices and answers are no reviews."""
    goods = product_of(page)
    return [
        {
            "bdId": row.attrib.get("data-bdid"), "sno": row.attrib.get("data-sno"), "goodsNo": goods,
            "readable": row.attrib.get("data-auth", "y") == "y",
            "secret": bool(row.xpath(".//img[contains(@src, 'secret') or contains(@alt, '비밀')]")),
            "stars": row.xpath(f".//*[{has('rating_star')}]//span/@style").get(),
            "title": words(row.xpath(f".//*[{has('board_tit')}]//strong")), "writer": words(row.xpath("./td[3]")),
            "date": words(row.xpath("./td[4]")),
        }
        for row in page.xpath(f"//tr[{has('js_data_row')}]")
        if row.attrib.get("data-notice") != "y" and not row.xpath(f".//a[{has('reply')}]")
    ]  # fmt: skip


def product_of(page: Selector) -> str | None:
    """Return the product that a fragment's paging speaks of."""
    links = page.xpath(f"//*[{has('pagination')}]//a/@href").getall()
    return next((number for link in links if (number := number_in(link))), None)


def opened_review(page: Selector) -> list[Row]:
    """Return the post of an opened fragment; only the links of its attachments name it."""
    body = page.xpath(f"//*[{has('board_view')}]")
    if not body:
        return []
    links = body.xpath(f".//*[{has('attach_list')}]//a")
    named = next((address for address in links.xpath("@href").getall() if number_in(address, "sno")), None)
    # What was written may hold paragraphs of its own, which end the one that the skin puts around it.
    text = body[:1].xpath(f"./node()[not(descendant-or-self::*[{has('attach_list')}])]")
    return [{
        "sno": number_in(named, "sno"), "bdId": number_in(named, "bdId"),
        "content": "".join(text.getall()).strip() or None,
        "pictures": [address for node in text.xpath("descendant-or-self::img") if (address := source_of(node))],
        "attached": [{"url": link.attrib.get("href"), "name": words(link)} for link in links],
        "comments": list(_comments(page)),
    }]  # fmt: skip


def _comments(page: Selector) -> Iterator[Row]:
    for one in page.xpath(f"//li[{has('js_data_comment_row')}]"):
        yield {
            "writer": words(one.xpath(f".//*[{has('comment_name')}]")), "text": inner(one.xpath(".//p//em")),
            "date": words(one.xpath(f".//*[{has('board_day_time')}]")),
        }  # fmt: skip


def plus_rows(page: Selector) -> list[Row]:
    """Return the rows of a fragment of Plus Review."""
    goods = product_of(page)
    found = []
    for row in page.xpath(f"//*[{has('js_pr_row')}][@data-sno]"):
        head = row.xpath(f".//*[{has('star_day_name')}]")
        photos = map(source_of, row.xpath(f".//img[{has('js_pr_zoom_img')}]"))
        full = row.xpath(f".//*[{has('js_pr_contents_desc')}]") or row.xpath(f".//*[{has('js_pr_contents_short')}]")
        found.append({
            "sno": row.attrib["data-sno"], "goodsNo": goods, "stars": words(head.xpath(".//strong")),
            "date": words(head.xpath("./span[1]")), "writer": words(head.xpath("./span[2]")),
            "options": {
                str(words(one.xpath("./dt"))): str(words(one.xpath("./dd")))
                for one in row.xpath(f".//*[{has('option_list_cont')}]//dl[dt and dd]")
            },
            "content": _without_links(full),
            "pictures": [address for address in photos if address],
            "recommended": words(row.xpath(f".//*[{has('js_pr_recommend_cnt')}]")),
        })  # fmt: skip
    return found


def _without_links(nodes: Any) -> str | None:
    """Return the HTML of a text without the link that opens or closes it."""
    node = next(iter(nodes), None)
    if node is None:
        return None
    kept = [
        part for part in node.xpath("node()") if not (isinstance(part.root, etree._Element) and part.root.tag == "a")
    ]
    return _CLOSER.sub("", "".join(part.get() for part in kept)).strip() or None


def query_of(address: str | None) -> dict[str, str]:
    """Return the query of an address."""
    return {name: told[0] for name, told in parse_qs(urlsplit(address or "").query).items()}
