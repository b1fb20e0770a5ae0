"""What lists of reviews on pages of a WISA mall show: pure functions from a Selector to plain dicts.

Each review opens by a script call that names its number; what stands around that call is the skin's. A rating is one
picture for each point. The text of a review stands in a hidden element or comes with a request of its own.
"""

import re
from typing import Any

from parsel import Selector

from spiders.wisa.pages import first, sources, words

_OPENS = re.compile(r"(?:prdBoardView\(\s*['\"]review['\"]\s*,|openReviewDetail\()\s*['\"]?(\d+)")
_DATE = re.compile(r"\d{2,4}[./-] ?\d{1,2}[./-] ?\d{1,2}\.?")
_DATED = re.compile(_DATE.pattern + r"(?: \d{1,2}:\d{2}(?::\d{2})?)?")
"""What a cell says that holds a date, and maybe a time."""
_PRODUCT = re.compile(r"[?&]pno=([0-9A-Fa-f]{32})")
_TO_PRODUCT = './/a[contains(@href, "detail.php?")] | ancestor::a[contains(@href, "detail.php?")]'
_NOTICES = frozenset(("공지", "[공지]", "공지사항", "notice"))
EMPTY = "등록된 상품 후기가 없습니다"


def reviews(page: Selector) -> list[dict[str, Any]]:
    """Return the reviews of a board or of a product page, one each; notices are none."""
    found: dict[str, dict[str, Any]] = {}
    calls = (
        '//*[contains(@href, "prdBoardView(") or contains(@onclick, "prdBoardView(") '
        'or contains(@onclick, "openReviewDetail(")]'
    )
    bodies = {node.attrib["id"]: node for node in page.xpath('//*[starts-with(@id, "revContent")]')[::-1]}
    for opener in page.xpath(calls):
        match = _OPENS.search(opener.attrib.get("href", "")) or _OPENS.search(opener.attrib.get("onclick", ""))
        if match and match[1] in found:
            # The first one may be a picture.
            found[match[1]]["title"] = found[match[1]]["title"] or _title(opener, _box(opener))
        elif match:
            box = _box(opener)
            if not _is_notice(box):
                found[match[1]] = {
                    "row": "review",
                    "no": match[1],
                    **_row(opener, box, bodies.get(f"revContent{match[1]}")),
                }
    return list(found.values())


def _box(opener: Selector) -> Selector:
    """Return what holds a whole review: its table row, its list item, or the card that opens by a click."""
    around = opener.xpath("ancestor-or-self::*[self::tr or self::li][1]")
    if around and _reviews_in(around[0]) == 1:
        return around[0]
    # A card made of nested blocks: the innermost that holds a date, and no other review.
    nearest = opener
    for block in opener.xpath("ancestor-or-self::div")[::-1]:
        if nearest.css(".date") or _reviews_in(block) != 1:
            break
        if (nearest is opener and opener.root.tag == "a") or block.css(".date"):
            nearest = block
    return nearest


def _reviews_in(box: Selector) -> int:
    """Return how many reviews open inside an element; 2 stands for all more than one."""
    found: set[str] = set()
    for node in box.root.iter("*"):
        match = _OPENS.search(node.get("href") or "") or _OPENS.search(node.get("onclick") or "")
        if match:
            found.add(match[1])
            if len(found) > 1:
                break
    return len(found)


def _is_notice(box: Selector) -> bool:
    cells = box.xpath("./td[1]")
    return bool(cells) and words(cells[0]).lower() in _NOTICES


def _row(opener: Selector, box: Selector, body: Selector | None) -> dict[str, Any]:
    links = box.xpath('.//a[contains(@href, "detail.php?")]')
    product = _PRODUCT.search(links[0].attrib["href"]) if links else None
    date, name = _date_and_name(box)
    return {
        "pno": product[1].upper() if product else None, "product_name": first(links),
        "title": _title(opener, box), "stars": len(box.xpath('.//img[contains(@src, "star2")]')), "date": date,
        "name": name,
        **(view(body) if body is not None else {}),
    }  # fmt: skip


def _title(opener: Selector, box: Selector) -> str | None:
    """Return the text of the link that opens a review; of one around the whole card, or a picture, what is marked."""
    if opener.root.tag == "a" and not opener.css(".date, .name") and words(opener):
        return words(opener)
    return first(box.css(".title, .subject, .tit"))


def _date_and_name(box: Selector) -> tuple[str | None, str | None]:
    """Return date and writer: by their classes, else the last cell that is a date and the one before it."""
    date = next((words(node) for node in box.css(".date") if _DATE.search(words(node))), None)
    named = (node for node in box.css(".name") if not node.xpath(_TO_PRODUCT))
    name = next((text for node in named if (text := words(node))), None)
    cells = [words(cell) for cell in box.xpath("./td")]
    for at in range(len(cells) - 1, -1, -1):
        if _DATED.fullmatch(cells[at]):
            date = date or cells[at]
            name = name or _writer(box, cells, at)
            break
    found = _DATE.search(date) if date else None
    return (found[0].rstrip(".") if found else None), name


def _writer(box: Selector, cells: list[str], at: int) -> str | None:
    """Return the text of the cell beside a date that may be a name: before it, else behind it; counts are none."""
    for beside in (at - 1, at - 2, at + 1):
        if not 0 <= beside < len(cells) or not cells[beside] or cells[beside].isdecimal():
            continue
        cell = box.xpath("./td")[beside]
        if not _reviews_in(cell) and not cell.xpath(_TO_PRODUCT):
            return cells[beside]
    return None


def view(body: Selector) -> dict[str, Any]:
    """Return the text, pictures and answers of an opened review; {} while its element is empty.

    Unverified: .cnt holds the text, .photo the pictures, .comment an answer with its writer in strong and its day in
    span. Without them the whole element is the text.
    """
    if not words(body) and not body.css("img"):
        return {}
    texts = body.css(".cnt")
    content = "".join(texts[0].xpath("./node()").getall()) if texts else "".join(
        body.xpath("./node()[not(self::*[contains(concat(' ', @class, ' '), ' comment ') or "
                   "contains(concat(' ', @class, ' '), ' photo ')])]").getall()
    )  # fmt: skip
    return {
        "content": content.strip(),
        "pictures": sources(body.css(".photo img")) + sources((texts or body).css("img")),
        "answers": [
            {"text": " ".join(" ".join(one.xpath("./text()").getall()).split()) or _said(one) or words(one),
             "name": next((words(node) for node in one.css("strong")), ""),
             "date": next((found[0] for node in one.css("span") if (found := _DATE.search(words(node)))), None)}
            for one in body.css(".comment")
        ],
    }  # fmt: skip


def _said(answer: Selector) -> str:
    texts = answer.xpath(".//text()[not(ancestor::strong or ancestor::span or ancestor::script)]").getall()
    return " ".join(" ".join(texts).split())


def opened(page: Selector) -> list[dict[str, Any]]:
    """Return the reviews of an answer that holds opened ones."""
    found = []
    for body in page.xpath('//*[starts-with(@id, "revContent")]'):
        number = body.attrib["id"].removeprefix("revContent")
        if number.isdigit() and (told := view(body)):
            found.append({"row": "view", "no": number, **told})
    return found


def countdown(page: Selector) -> tuple[int, int] | None:
    """Return the numbers printed before the first and the last review of a list, where they count down one by one.

    Unverified: that they count the reviews that the list has, down to 1.
    """
    cells = page.xpath('//tr[.//*[contains(@href, "prdBoardView(") or contains(@onclick, "prdBoardView(")]]/td[1]')
    told = [text for cell in cells if (text := words(cell)).lower() not in _NOTICES]
    if not told or not all(text.isdecimal() and len(text) < 9 for text in told):
        return None
    numbers = [int(text) for text in told]
    return (numbers[0], numbers[-1]) if numbers == list(range(numbers[0], numbers[-1] - 1, -1)) else None


def is_empty(page: Selector) -> bool:
    """Return whether a list says that there is no review."""
    return any(EMPTY in words(cell) for cell in page.css("td.empty, .empty"))
