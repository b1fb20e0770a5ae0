"""Reviews on MakeShop pages: power review, rating comments and boards; pure functions from a Selector to dicts."""

import re
from typing import Any

from lxml import etree
from parsel import Selector

from spiders.makeshop.pages import number_in, parameter, typed, words

Row = dict[str, Any]
_BLOCK = re.compile(r"power_review_block(\d+)$")
_BOARD = re.compile(r"/board/[^/]+/([A-Za-z0-9_]+_board\d+)/")
_VIEW = re.compile(r"power_review_view_show\('(\d+)','(\d+)'")
_CONTENT = "#MS_WritenBySEB, .data-bd-cont, .review_comment"
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
STARS = {"아주만족": 5, "만족": 4, "보통": 3, "미흡": 2, "불만족": 1}
"""Words that stand beside the stars."""
DEVICES = frozenset(("pc", "mobile"))
"""What the icon of a power review says of one that was written in the mall."""


def board_in(address: str) -> str:
    """Return the board that a picture or a link belongs to, "" when it is of none."""
    found = _BOARD.search(address)
    if found:
        return found[1]
    return parameter(address, "code") if "board.html" in address else ""


def board_of(nodes: Any) -> str:
    """Return the board that the pictures or links inside elements belong to, "" when neither tells."""
    addresses = nodes.xpath(".//img/@src | .//a/@href").getall()
    return next((code for one in addresses if (code := board_in(one))), "")


def board_of_post(page: Selector) -> str:
    """Return the board of a post: of its pictures, else of links that turn its pages; a menu leads to others."""
    links = [one for one in page.css("a::attr(href)").getall() if parameter(one, "page") or parameter(one, "num1")]
    return board_of(page.css(_CONTENT)) or next((code for one in links if (code := board_in(one))), "")


def full_size(address: str) -> str:
    """Return the address of a picture itself, of which "square::" marks a cut one (inferred)."""
    return address.replace("square::", "")


def power(page: Selector) -> list[Row]:
    """Return the posts of a power review list; the row with a placeholder for the writer has no id and is none."""
    found = []
    for item in page.xpath("//li[starts-with(@id,'power_review_block')]"):
        number = _BLOCK.search(item.attrib.get("id", ""))
        if not number:
            continue
        text = item.css(".pr-content-all") or item.css(".content_p a.more-options") or item.css(".content_p")
        found.append(
            {
                "num1": number[1], "writer": _after(item.css("ul.desc li"), "작성자"),
                "date": _day(item.css(".pr-list-date")), "stars": _stars(item.css(".star")),
                "survey": words(item.css(".survey")),
                "option": typed(item.css(".pr-options dt.emp + dd, .pr-options dd")), "text": _inner(text),
                "photos": [full_size(one) for one in item.css(".photo-list img::attr(src)").getall()],
                "device": item.css(".icon img::attr(alt)").get(""),
                "helpful": _count(item.css(".reply .yes span")), "comments": words(item.css(".reply .cnt")),
            }
        )  # fmt: skip
    return found


def rating_comments(page: Selector) -> list[Row]:
    """Return the rating comments of a block; the row below each, where there is one, holds the whole text."""
    found: list[Row] = []
    for line in page.css(".comment-review-wrapper tr"):
        if line.css("td.subject, .writer"):
            found.append(
                {
                    "writer": words(line.css(".writer")), "date": _day(line.css(".date")),
                    "stars": _stars(line.css(".star")), "excerpt": typed(line.css(".subject")),
                    "text": "", "photos": None,
                }
            )  # fmt: skip
        elif found and line.css(".review_comment"):
            found[-1] |= {
                "text": _inner(line.css(".review_comment")),
                "photos": line.css(".review_comment img::attr(src)").getall(),
            }
    return found


def board_list(page: Selector) -> list[Row]:
    """Return the posts of a board's list."""
    found: dict[tuple[str, str, str], Row] = {}
    for link in page.xpath("//a[contains(@href,'num1=') and contains(@href,'type=v')]"):
        address = link.attrib["href"]
        key = (parameter(address, "code"), parameter(address, "num1"), parameter(address, "num2").zfill(5))
        line = (link.xpath("ancestor::tr[1]") or link.xpath("ancestor::li[1]") or [link])[0]
        cells = [words([cell]) for cell in line.css("td")]
        places = [place for place, cell in enumerate(cells) if _DAY.fullmatch(cell)]
        product = next((uid for one in line.css("a::attr(href)").getall() if (uid := number_in(one))), "")
        if not key[1].isdigit() or key in found or _is_notice(line):
            continue
        found[key] = {
            "code": key[0], "num1": key[1], "num2": key[2], "lock": parameter(address, "lock"), "title": typed([link]),
            "uid": product, "date": cells[places[0]] if places else "",
            "writer": cells[places[0] - 1] if places and places[0] else "",
        }  # fmt: skip
    return list(found.values())


def _is_notice(line: Selector) -> bool:
    """Return whether a line of a list bears the word for a notice where others bear their number (inferred)."""
    first = line.css("td:first-child")
    marks = [words(first), *first.css("img::attr(alt)").getall()]
    return any(mark.strip(" []").lower() in ("공지", "공지사항", "notice") for mark in marks)


def post(page: Selector) -> Row:
    """Return the post of a board's page."""
    facts = {words([row.css("th")[0]]): row for row in page.css("table tr") if row.css("th")}
    content = page.css(_CONTENT)
    links = (facts["상품"].css("td a") if "상품" in facts else page.css("table a")).css("::attr(href)").getall()
    return {
        "title": typed(facts["제목"].css("td")) if "제목" in facts else typed(page.css("td.subject, .subject")),
        "writer": words(facts["작성자"].css("td")) if "작성자" in facts else "",
        "date": _day(facts["작성일"].css("td")) if "작성일" in facts else "",
        "stars": _stars(facts["평점"].css("td")) if "평점" in facts else "",
        "uid": next((uid for one in links if (uid := number_in(one))), ""),
        "name": typed(facts["상품"].css("td a")) if "상품" in facts else "",
        "text": _inner(content), "photos": content[:1].css("img::attr(src)").getall(), "found": bool(facts or content),
    }  # fmt: skip


def photo_place(link: str) -> tuple[str, str]:
    """Return both numbers of the post that a picture's link opens, "" where it tells none."""
    found = _VIEW.search(link)
    return (found[1], found[2]) if found else ("", "")


def _stars(nodes: Any) -> str:
    """Return the number of full stars: those inside <em> where there is one, the others are the empty ones."""
    for node in nodes:
        full = node.css("em")
        told = "".join((full or node).css("::text").getall() if full else node.css("::text").getall())
        if "★" in told:
            return str(told.count("★"))
    return ""


def _after(nodes: Any, label: str) -> str:
    for node in nodes:
        text = words([node])
        if text.startswith(label):
            return text.removeprefix(label).lstrip(" :")
    return ""


def _day(nodes: Any) -> str:
    found = _DAY.search(words(nodes))
    return found[0] if found else ""


def _count(nodes: Any) -> str:
    """Return the number that an element prints, whatever stands around it."""
    found = re.search(r"\d[\d,]*", words(nodes))
    return found[0] if found else ""


def _inner(nodes: Any) -> str:
    """Return the HTML inside the first element."""
    for node in nodes[:1]:
        root = node.root
        return (root.text or "") + "".join(etree.tostring(part, encoding="unicode") for part in root)
    return ""
