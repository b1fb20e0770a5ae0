"""Pages of a MakeShop storefront that are no data: walls, block pages, pages of a server in trouble."""

import re

from shopscrape.errors import AskAgain, Blocked, LoginRequired, NotFound

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_ALERT = re.compile(r"alert\s*\(\s*(['\"])(.*?)(?<!\\)\1\s*\)", re.DOTALL)
_TITLE = re.compile(r"<title[^>]{0,200}>\s{0,200}([345]\d\d)\b", re.IGNORECASE)
_GOES_TO_LOGIN = re.compile(
    r"(?:location(?:\.href)?\s*=|location\.replace\()\s*['\"][^'\"]*(?:member\.html|login\.html)"
)
_LEAVES = re.compile(r"location(?:\.href)?\s*=|location\.replace\(|history\.(?:go|back)\(")
_PASSWORD = re.compile(r"<input(?=[^>]*type=[\"']?password)(?=[^>]*name=[\"']?passwd)[^>]*>", re.IGNORECASE)
_LOGIN_BOX = re.compile(r"<form[^<>]{0,500}(?:member|login)\.html[^<>]{0,500}>(?:(?!</form)[\s\S])*+", re.IGNORECASE)
"""A form to log in, which skins show on any page: its password locks nothing."""
_PRODUCT = re.compile(r"var\s+product_uid")
_CONTENT = re.compile(
    r"var\s+product_uid|optionJsonData\s*=|power_review_block|goods-reviews|[?&;]branduid=\d|[?&;]num1=\d|<urlset|MS_WritenBySEB"
)
"""What a page with data has somewhere; the words of a wall may also stand in its scripts."""


KOREAN = frozenset(("euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "cp949", "ms949", "x-windows-949", "uhc"))


def is_markup(body: bytes) -> bool:
    """Return whether a body begins like a page; some files of a mall begin with a byte order mark."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def decoded(body: bytes, content_type: str = "") -> str:
    """Return the text of a page: charset of the answer, then of the page, then UTF-8, else CP949.

    Pages that say EUC-KR are really CP949: syllables outside plain EUC-KR occur.
    """
    told = [found[1] for found in (_CHARSET.search(content_type.encode()), _CHARSET.search(body[:4096])) if found]
    for name in [*(one.decode("ascii").lower() for one in told), "utf-8"]:
        try:
            return body.decode("cp949" if name in KOREAN else name).removeprefix("\ufeff")
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("cp949", "replace")


def page_judge(body: bytes, content_type: str = "") -> None:
    """Raise what a page without data leads to. A wall is never worked around: the page is marked and left."""
    page = decoded(body, content_type)
    if not _PRODUCT.search(page) and _PASSWORD.search(page) and _PASSWORD.search(_LOGIN_BOX.sub("", page)):
        raise LoginRequired("The post is locked with a password.", code="password")
    if _CONTENT.search(page):
        return
    # What is sold may be called "500ml" or "404" too, so only a page without data is judged by its title.
    if title := _TITLE.search(page):
        _by_title(title[1])
    wall(page)
    if _said(page) and _LEAVES.search(page):
        # The text for an unknown product is not known; an alert that goes back is taken for it (inferred).
        raise NotFound("what was asked for is not there (any more)", code="alert")
    if re.search(r"captcha|비정상적인 접근|접근이 차단|자동입력 방지", page, re.IGNORECASE):
        raise Blocked("The mall shows a block page.", code="page")


def _said(page: str) -> str:
    return " ".join(text for _, text in _ALERT.findall(page))


def wall(page: str) -> None:
    """Raise LoginRequired where a page without data says that it is for somebody else."""
    said = _said(page)
    if "로그인" in said or _GOES_TO_LOGIN.search(page):
        raise LoginRequired("The page asks for a log-in.", code="login")
    if "성인 인증" in page or "성인인증" in page or "19세 미만" in page:
        raise LoginRequired("The page asks for a proof of age.", code="adult")
    if "권한" in said:
        raise LoginRequired("The page is for a group of members only.", code="group")


def _by_title(status: str) -> None:
    if status in ("403", "429"):
        raise Blocked(f"The mall's web server refuses this crawler ({status}).", code=status)
    if status == "404":
        raise NotFound("the page is not there (any more)", code=status)
    if status[0] == "5":
        raise AskAgain(f"the server is in trouble ({status})", code=status)
