"""Naver SmartStore pages: what the DOM of both generations shows, and pages that are no data.

Class names are build hashes that change without notice, so elements are found by ids, roles, `data-shp-*` attributes
and text; a hash stands only where nothing else tells. Everything here is a pure function over a parsed page.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lxml import etree
from lxml.html import tostring
from msgspec import UNSET
from parsel import Selector

from shopscrape import values
from shopscrape.errors import AskAgain, Blocked, LoginRequired, NotFound, PageFailed, RowFailed
from shopscrape.items import Media, Record, Review
from shopscrape.payload import Answer, Kind, Origin, Payload
from shopscrape.privacy import unprinted
from spiders.naver.mapping_reviews import absolute, of_page, options, rating, stars

DAY = re.compile(r"\s*(\d{2,4}\.\d{1,2}\.\d{1,2})\.?\s*")
IN_ADDRESS = re.compile(r"/products/(\d+)")
"""Channel product number, or that of a group, in the address of a product page."""
_PICTURE = re.compile(r"(?<!shop-)phinf\.pstatic\.net|checkout\.phinf")
"""Hosts of review pictures; those of products are shop-phinf."""
_PROFILE = "contact/"
_BADGES: dict[str, Any] = {"재구매": "repurchase", "한달사용": "one_month"}
_MORE = re.compile(r"\s*더보기\s*$")
_LEGACY_TEXT = "_3z6gI4oI6l"
"""Hash of the review text in generation A; used only when the place of the text does not tell."""
_LEGACY_STARS = "_2V6vMO_iLm"
"""Hash of what holds the rating in generation A; used only where no word names it."""
_PREVIEW_TEXT = "W2ktnZBARU"
"""Hash of the review text in the preview of generation B, of 2026; a skin that has it shows a text nowhere else."""

_CAPTCHA = re.compile(
    r"class=[\"'][^\"']*\bcaptcha_wrap\b|data-component=[\"']cpt_main|//ncpt\.naver\.com/(?:v1/wcpt|static)/"
)
"""Elements of a security check; they count on any page."""
_ABNORMAL = "비정상적인 접근"
BLOCKS = (
    (
        re.compile(r"\[에러\]\s*에러페이지|현재 서비스 접속이 불가합니다|동시에 접속하는 이용자 수가 많거나"),
        "an overload page",
    ),
    (re.compile(r"NAVER 보안 확인|보안 확인을 완료해 주세요|실제 사용자임을 확인"), "a security check"),
    (re.compile(_ABNORMAL), "a refusal of abnormal access"),
)
"""What block pages say, also with status 200; a page that holds a product may quote it harmlessly."""
WALLS = (418, 490)
"""Statuses of refusals and security checks; the API has none of them."""
LOGIN_HOST = "nid.naver.com"
CHALLENGE = re.compile(r"//ncpt\.naver\.com/")
"""Requests of a page that show a security check."""
_LOGIN = re.compile(
    r"<form\b[^>]*\bnidlogin\.login|id=[\"']frmNIDLogin\b|<title>\s*네이버\s*[:：]\s*로그인"
    r"|location(?:\.href)?\s*(?:=|\.replace\()\s*[\"']https?://nid\.naver\.com/nidlogin\.login"
    r"|http-equiv=[\"']refresh[\"'][^>]*nid\.naver\.com/nidlogin\.login",
    re.IGNORECASE,
)


def is_page(answer: Answer) -> bool:
    """Return whether an answer is a page and no API answer."""
    if "json" in answer.content_type:
        return False
    return "html" in answer.content_type or answer.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def judge_page(answer: Answer) -> None:
    """Raise what a page that carries no data leads to: the status decides, then what the page says."""
    text = answer.body[:400_000].decode("utf-8", "replace")
    code = _code(answer)
    where = answer.headers.get("location", "") + " " + answer.url
    product = _STATE in text or bool(_REVIEW_AREA.search(text))
    if f"//{LOGIN_HOST}/" in where or (not product and _LOGIN.search(text)):
        raise LoginRequired("Naver asks for a log-in before it shows this page; it is not read.", code=code)
    visible = _HIDDEN.sub("", text)
    if _CAPTCHA.search(visible):
        raise Blocked("Naver shows a security check (captcha); a person must look at it.", code=code)
    for pattern, meaning in BLOCKS if not product else ():
        if pattern.search(visible):
            raise Blocked(f"Naver shows {meaning} instead of the page; a person must look at it.", code=code)
    if answer.status in (*WALLS, 429):
        raise Blocked(f"Naver refuses the page with status {answer.status}.", code=code)
    if answer.status in (404, 410):
        raise NotFound("the page is not there (any more)", code=code)
    if answer.status in (401, 403):
        raise Blocked(f"Naver refuses the page with status {answer.status}.", code=code)
    if answer.status >= 500:
        raise AskAgain(f"the server is in trouble ({answer.status})", code=code)
    if answer.status == 204 or not 200 <= answer.status < 400:
        raise PageFailed(f"an answer with status {answer.status} and no page", code=code)


def judge_call(answer: Answer, api: bool = False) -> None:
    """Raise what an answer to a page's own call that carries no data leads to, where it is not told as by the API."""
    if answer.status in WALLS and not api:
        raise Blocked(f"Naver refuses a page's own call with status {answer.status}.", code=_code(answer))
    if len(answer.body) < _SMALL and b'"contents"' not in answer.body and _ABNORMAL.encode() in answer.body:
        raise Blocked(
            "Naver refuses a page's own call as abnormal access; a person must look at it.", code=_code(answer)
        )
    if answer.status == 204 and not api:
        raise PageFailed("no content, which is what wrong parameters give", code="204")


def _code(answer: Answer) -> str:
    return str(answer.status) if answer.status != 200 else ""


_SMALL = 4096
"""Longer bodies hold data that may quote the words."""
_STATE = "__PRELOADED_STATE__"
_REVIEW_AREA = re.compile(r"\bid=[\"']REVIEW(?:_LIST|_ITEM_\d+)?[\"']")
"""Where a product page shows reviews; what they say may quote a wall."""
_HIDDEN = re.compile(
    r"<(script|style|template|noscript)\b(?![^>]*\bsrc=)[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.S | re.I
)
"""Inline scripts and the like: what stands there is not shown."""


# -- reviews in the DOM -----------------------------------------------------------------------------------------------


def page_document(body: bytes, origin: Origin) -> Selector:
    """Return a parsed page. Raises: PageFailed."""
    text = values.clean(body.decode("utf-8", "replace"))
    if not text.strip():
        raise PageFailed("the page is empty")
    try:
        selector = Selector(text=text, type="html")
        selector.css("html")
    except (ValueError, etree.LxmlError):
        raise PageFailed("the page cannot be parsed") from None
    return selector


def page_product(page: Selector, origin: Origin) -> str:
    """Return the channel product number of a page, or what the request knew."""
    for address in (*page.css('link[rel="canonical"]::attr(href), meta[property="og:url"]::attr(content)').getall(),):
        if match := IN_ADDRESS.search(address):
            return match[1]
    match = IN_ADDRESS.search(origin.url or "")
    return origin.product_id or (match[1] if match else "")


def dom_rows(page: Selector, origin: Origin) -> Iterator[dict[str, Any]]:
    """Yield the reviews that a page shows: dialog or preview widget of generation B, or the list of generation A."""
    product = page_product(page, origin)
    items = dialog_items(page)
    read: Callable[[Selector], dict[str, Any]] = _dialog_row
    if not items:
        items = page.css('a[data-shp-contents-type="review"][data-shp-area-id="review"]')
        read = partial(_preview_row, hashed=bool(items.css(f".{_PREVIEW_TEXT}")))
    if not items:
        items, read = legacy_items(page), _legacy_row
    for item in items:
        yield {"productNo": product, **read(item)}


def dialog_rows(page: Selector, origin: Origin) -> Iterator[dict[str, Any]]:
    """Yield the reviews that the dialog of generation B shows."""
    product = page_product(page, origin)
    for item in dialog_items(page):
        yield {"productNo": product, **_dialog_row(item)}


def dialog_items(page: Selector) -> Any:
    """Return the items of the open review dialog of generation B."""
    return page.css('[role="dialog"] li[id^="REVIEW_ITEM_"]') or page.css('li[id^="REVIEW_ITEM_"]')


def legacy_items(page: Selector) -> list[Selector]:
    """Return the items of generation A: the first list inside #REVIEW whose items show a rating and a day."""
    for inside in page.css("#REVIEW ul"):
        shown = [(item, _legacy_stars(item) is not None, bool(_day(item))) for item in inside.xpath("./li")]
        if any(rated and dated for _, rated, dated in shown):
            # One that lacks either is a review all the same.
            return [item for item, rated, dated in shown if rated or dated]
    return []


def _dialog_row(item: Selector) -> dict[str, Any]:
    label, day = _writer(item)
    told, beside = _first_stars(item.xpath('.//div[*[1][local-name()="svg"]]'))
    return {
        "id": (item.attrib.get("id") or "").removeprefix("REVIEW_ITEM_"), "rating": told,
        "writer": label, "day": day, "text": _inner(item.css('p[id^="review_content_"]')),
        "option": _text(item.css('[id^="review_option_"] button')[:1]),
        "badges": _badges(item) + [word for word in _BADGES if word in beside],
        "photos": _photos(item), "whole": True,
    }  # fmt: skip


def _preview_row(item: Selector, hashed: bool) -> dict[str, Any]:
    """Return what a preview shows; `hashed`: whether texts of the page bear the hash, so that what does not is none."""
    label, day = _writer(item)
    blocks = [
        block for block in item.xpath("./div[normalize-space()]") if not block.xpath(".//strong") and not _day(block)
    ]
    text: Any = item.css(f".{_PREVIEW_TEXT}")[:1] if hashed else blocks[-1:]
    others = [block for block in blocks if not text or block.root is not text[0].root]
    told = _text(item.xpath('.//strong[contains(., "평점")]')[:1])
    return {
        "id": item.attrib.get("data-shp-contents-id") or "", "rating": _number(told.replace("평점", "")),
        "writer": label, "day": day, "text": _inner(text), "option": _text(others[:1]), "badges": _badges(item),
        "photos": _photos(item),
    }  # fmt: skip


def _legacy_row(item: Selector) -> dict[str, Any]:
    label, day = _writer(item)
    option, text = "", item.css(f".{_LEGACY_TEXT}")[:1]
    around = [block for block in item.xpath(".//div[span or strong or em]") if _day_node(block)]
    if around:
        about = around[-1]
        texts = [line for node in about.xpath("./div") if (line := _text([node])) and not DAY.fullmatch(line)]
        option = texts[0] if texts else ""
        text = text or about.xpath("./following-sibling::*[normalize-space()][1]")
    told = _legacy_stars(item)
    return {
        "rating": told or "", "writer": label, "day": day, "text": _inner(text), "option": option,
        "badges": _badges(item), "photos": _photos(item),
    }  # fmt: skip


def _legacy_stars(item: Selector) -> str | None:
    rated = item.xpath('.//em[preceding-sibling::*[contains(., "평점")] or parent::*[contains(., "평점")]]')
    for shown in rated or item.css(f".{_LEGACY_STARS} em"):
        if told := _number(_text([shown])):
            return told
    return None


def _number(text: str) -> str:
    told = stars(text)
    return str(told) if told is not None else ""


def _first_stars(blocks: Any) -> tuple[str, str]:
    """Return the rating and all that is printed with it, which may be glued to it ("5한달사용")."""
    for block in blocks:
        printed = "".join(block.xpath('.//text()[not(ancestor::*[local-name()="svg"])]').getall())
        if told := _number(printed):
            return told, printed
    return "", ""


def _day_node(item: Selector) -> bool:
    return any(DAY.fullmatch(text) for text in item.xpath("./*/text()").getall())


def _day(item: Selector) -> str:
    return next((match[1] for text in item.xpath(".//text()").getall() if (match := DAY.fullmatch(text))), "")


def _writer(item: Selector) -> tuple[str, str]:
    """Return the masked writer, who stands right before the day, and the day. What bears no mask is something else."""
    before = ""
    for text in item.xpath(".//text()").getall():
        if match := DAY.fullmatch(text):
            return before if "*" in before else "", match[1]
        if text.strip():
            before = text.strip()
    return "", ""


def _badges(item: Selector) -> list[str]:
    return [word for text in item.xpath(".//em//text()").getall() if (word := text.strip()) in _BADGES]


def _photos(item: Selector) -> list[str]:
    found = []
    for picture in item.css("img"):
        address = picture.attrib.get("data-src") or picture.attrib.get("src") or ""
        mine = picture.attrib.get("alt") == "review_image" or _PICTURE.search(address)
        if address and mine and _PROFILE not in address and not address.startswith("data:"):
            found.append(re.sub(r"(?<=[?&])type=[^&]*&?", "", address).rstrip("?&"))
    return list(dict.fromkeys(found))


def _text(nodes: Any) -> str:
    return " ".join("".join(node.xpath(".//text()").getall()).strip() for node in nodes).strip()


def _inner(nodes: Any) -> str:
    """Return the inner HTML of the first node, without what is clicked to show more."""
    for node in nodes:
        root = node.root
        for inside in list(root.iterdescendants(etree.Element)):
            if inside.tag == "button" or inside.text_content().strip() == "더보기":
                inside.drop_tree()
        return _MORE.sub("", (root.text or "") + "".join(tostring(part, encoding="unicode") for part in root))
    return ""


def dom_review(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one review of the DOM. Without an id its identity is made from what is shown, by the scrub."""
    origin = of_page(origin)
    number, product = row.id("id"), row.id("productNo")
    raw, label, day = row.raw.get("rating"), row.line("writer"), row.id("day")
    text, option = row.plain("text"), row.line("option")
    badges, photos = row.take("badges"), row.take("photos")
    if row.take("whole") is not True:
        # Neither the preview nor generation A is known to show all of them.
        badges, photos = badges or UNSET, photos or UNSET
    if not raw and not text and not day:
        raise RowFailed("rating, text and day: nothing of a review is where it should be")
    try:
        written_on = values.day(day if isinstance(day, str) else None)
    except ValueError:
        raise RowFailed("day: not a date") from None
    yield Review(
        **origin.common(), review_id=number or unprinted(product, day, label, text), product_id=product or UNSET,
        **rating(row, "rating"), text=text, options=options(option), author=None, author_label=label,
        written_on=written_on, media=_pictures(photos), flags=_flags(badges), channel="smartstore",
        synthetic=not number,
    )  # fmt: skip


def _pictures(addresses: Any) -> Any:
    """A film shows only its picture here."""
    if addresses is UNSET:
        return UNSET
    return [Media(kind="image", url=absolute(address)) for address in addresses or ()]


def _flags(badges: Any) -> Any:
    return UNSET if badges is UNSET else [_BADGES[word] for word in _BADGES if word in (badges or ())]


ALL = (
    Kind(
        name="reviews.page", request="DOM of /{store}/products/{no}: numbered list, or preview widget",
        document=page_document, rows=dom_rows, read=dom_review, items=(Review,),
        expects=("rating", "text", "written_on", "author_label"),
    ),
    Kind(
        name="reviews.modal", request="DOM of the dialog that shows all reviews",
        document=page_document, rows=dialog_rows, read=dom_review, items=(Review,),
        expects=("rating", "text", "written_on", "author_label"),
    ),
)  # fmt: skip
