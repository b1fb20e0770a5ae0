"""What stands on the review pages of a Cafe24 storefront: pure functions from a Selector to plain dicts.

Columns are configurable, so cells are read by what they hold and not by their place.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs

from parsel import Selector

from shopscrape import values
from spiders.cafe24.mapping_rows import joined
from spiders.cafe24.pages import Row, product_in, source_of, variables, visible, words

_ARTICLE = re.compile(r"/article/(?:[^/?#]*/)?(\d{1,6})/(\d{1,12})(?:/|$)")
_BOARD = re.compile(r"/(?:board/(?:[^/?#]*/)?|exec/front/[Bb]oard/(?:product/|del/)?)(\d{1,6})(?:/|$)")
_POINTS = re.compile(r"^\s*(\d)\s*점|ico_point(\d)")
_WHEN = re.compile(r"\b(\d{4})[-./](\d{2})[-./](\d{2})(?:\.?\s+(\d{2}:\d{2}(?::\d{2})?))?")
_FILE = re.compile(r"""['"]([^'"]*/[Bb]oard/download/[^'"]*)['"]""")


def article_in(address: str) -> tuple[str, str]:
    """Return board and number of an article's address, "" for what it does not tell."""
    parts = values.address(address)
    found = _ARTICLE.search(parts.path)
    told = parse_qs(parts.query)
    board, number = found.groups() if found else ("", "")
    return board or _digits(told, "board_no") or board_in(address), number or _digits(told, "no")


def board_in(address: str) -> str:
    """Return the board of a list's or a fragment's address."""
    parts = values.address(address)
    found = _BOARD.search(parts.path)
    return _digits(parse_qs(parts.query), "board_no") or (found[1] if found else "")


def _digits(told: dict[str, list[str]], name: str) -> str:
    text = told.get(name, [""])[0]
    return text if text.isdecimal() and len(text) < 13 else ""


def when(text: str) -> str | None:
    """Return the time that a text holds as "2026-07-17 23:45:10", a day alone where no time is printed."""
    found = _WHEN.search(text)
    if not found:
        return None
    year, month, day, time = found.groups()
    return f"{year}-{month}-{day} {time}" if time else f"{year}-{month}-{day}"


def points(node: Selector) -> str | None:
    """Return the rating that a picture shows ("5점"), None where there is none."""
    for image in visible(node.xpath(".//img")):
        found = _POINTS.search(image.attrib.get("alt", "")) or _POINTS.search(image.attrib.get("src", ""))
        if found:
            return found[1] or found[2]
    return None


def _has(node: Selector, alt: str, icon: str) -> bool:
    return any(
        image.attrib.get("alt", "").strip() == alt or icon in image.attrib.get("src", "")
        for image in visible(node.xpath(".//img"))
    )


def _masked(text: str) -> bool:
    return len(text) < 60 and any(sign in text for sign in "*○●")


def _beside(cell: Selector) -> str:
    """Return the text of a cell without its links to articles and products: their names may hold a day or a star."""
    text = words(cell)
    for link in visible(cell.xpath(".//a[@href]")):
        if article_in(link.attrib["href"])[1] or product_in(link.attrib["href"]):
            text = text.replace(words(link), "", 1)
    return text.strip()


def _board_rows(page: Selector) -> Iterable[Selector]:
    return page.xpath(
        "//tbody[contains(concat(' ', normalize-space(@class), ' '), ' xans-board-list ')]/tr"
        " | //tbody[contains(concat(' ', normalize-space(@class)), ' xans-board-list-')]/tr"
        " | //*[contains(concat(' ', normalize-space(@class), ' '), ' xans-product-review ')]//tbody/tr"
    )


def listed_reviews(page: Selector) -> list[Row]:
    """Return the reviews of a board list, or of the list on a product page; notices and answers are left out."""
    found = []
    shop = variables(page)
    for row in visible(_board_rows(page)):
        links = [link for link in visible(row.xpath(".//a[@href]")) if article_in(link.attrib["href"])[1]]
        if not links or _has(row, "답변", "ico_re.") or _has(row, "공지", "ico_notice"):
            continue
        board, number = article_in(links[0].attrib["href"])
        products = [link for link in visible(row.xpath(".//a[@href]")) if product_in(link.attrib["href"])]
        cells = [_beside(cell) for cell in visible(row.xpath("./td"))]
        found.append({
            "board_no": board, "article_no": number, "title": words(links[0]),
            "secret": _has(row, "비밀글", "ico_lock"), "rating": points(row),
            "written": next((at for cell in cells if (at := when(cell))), None),
            "writer": next((cell for cell in cells if _masked(cell)), None),
            "product_no": product_in(products[0].attrib["href"]) if products else None,
            "product_name": next((name for link in products if (name := words(link))), None),
            "shop_no": shop.get("SDE_SHOP_NUM") or shop.get("shop_no"),
        })  # fmt: skip
    if not any(told["rating"] for told in found):
        # Columns are configurable: a list without any rating does not show them.
        for told in found:
            del told["rating"]
    return found


def addresses(page: Selector, base: str) -> dict[str, str]:
    """Return review id to the address of its own page, of a list."""
    links = [link for row in visible(_board_rows(page)) for link in row.xpath(".//a/@href").getall()]
    found: dict[str, str] = {}
    for link in links:
        board, number = article_in(link)
        if board and number:
            found.setdefault(f"{board}:{number}", joined(base, link))
    return found


def article(page: Selector) -> Row | None:
    """Return an article with its comments; None for a page that holds none."""
    bodies = page.xpath("//*[contains(concat(' ', normalize-space(@class)), ' xans-board-read')]")
    if not bodies:
        return None
    body = bodies[0]
    address = page.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content").get("")
    board, number = article_in(address)
    facts = _facts(body)
    content = body.xpath(".//*[contains(concat(' ', normalize-space(@class), ' '), ' fr-view ')]") or body.xpath(
        ".//*[contains(concat(' ', normalize-space(@class), ' '), ' detail ')]"
    )
    products = [link for link in body.xpath(".//a[@href]") if product_in(link.attrib["href"])]
    shop = variables(page)
    beside = _without(words(body), facts.get("제목"), *map(words, content))
    return {
        "board_no": board or page.xpath("//input[@name='board_no']/@value").get(""),
        "article_no": number or page.xpath("//form[contains(@id, 'Board')]//input[@name='no']/@value").get(""),
        "title": facts.get("제목"), "writer": facts.get("작성자"), **_rating(body),
        "written": when(facts.get("작성일", "")) or when(beside),
        "content": "".join(content[0].xpath("node()").getall()) if content else None,
        # Without its text a page asks for the password of a secret article.
        "secret": not content and bool(page.xpath("//input[@type='password']")),
        "pictures": [source_of(image) for image in content[0].xpath(".//img")] if content else [],
        "files": _FILE.findall(" ".join(body.xpath(".//*[contains(@class, 'attach')]//a/@*").getall())),
        "product_no": product_in(products[0].attrib["href"]) if products else None,
        "product_name": next((name for link in products if (name := words(link))), None),
        "comments": comments(page), "address": address, "shop_no": shop.get("SDE_SHOP_NUM") or shop.get("shop_no"),
    }  # fmt: skip


def _without(text: str, *parts: str | None) -> str:
    """Return the text of an article without its title and content, which may speak of other days."""
    for part in parts:
        text = text.replace(part, " ") if part else text
    return text


def _facts(body: Selector) -> dict[str, str]:
    """Return label to text, of table rows and of the list below the title."""
    found: dict[str, str] = {}
    for row in visible(body.xpath(".//tr[th] | .//li[strong]")):
        label = words(row.xpath("./th | ./strong")[0])
        rest = row.xpath("./td | ./span")
        if label and rest:
            found.setdefault(label, words(rest[0]))
    return found


def _rating(body: Selector) -> Row:
    """Return the rating beside its label; nothing where the page does not show any."""
    labelled = visible(body.xpath(".//*[self::li or self::tr][*[self::strong or self::th][contains(., '평점')]]"))
    return {"rating": points(labelled[0])} if labelled else {}


def comments(page: Selector) -> list[Row] | None:
    """Return the comments below an article; None for a page that has no place for them."""
    if not page.xpath("//*[contains(@class, 'xans-board-comment') or contains(@class, 'boardComment')]"):
        return None
    found = []
    for one in visible(page.xpath("//*[contains(concat(' ', @class, ' '), ' boardComment ')]/li")):
        name = one.xpath(".//*[contains(concat(' ', @class, ' '), ' name ')]")
        at = one.xpath(".//*[contains(concat(' ', @class, ' '), ' date ')]")
        text = one.xpath(".//*[contains(concat(' ', @class, ' '), ' comment ')]")
        if text and not _has(one, "비밀글", "ico_lock"):
            found.append({
                "name": words(name[0]) if name else "", "date": when(words(at[0])) if at else None,
                "content": "".join(text[0].xpath("node()").getall()),
            })  # fmt: skip
    return found
