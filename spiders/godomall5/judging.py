"""What an answer of Godomall5 that carries no data leads to: openhub, Server API, pages, the server before them.

The openhub answers HTTP 200 to everything but a rate limit; what went wrong stands in `data/header/code`. Other
statuses come from the server in front of it. A page where XML was due is a transport failure, never "no rows".
"""

import re
from typing import NoReturn

import msgspec

from shopscrape import xml
from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    AuthLost,
    Blocked,
    CapReached,
    Empty,
    LoginRequired,
    NotFound,
    PageFailed,
    Refused,
    ResourceRefused,
    Throttled,
)
from shopscrape.payload import Answer
from spiders.godomall5.mapping_rows import header

OPENHUB = "/godomall5/"
"""Begins every path of the openhub."""
PAUSE = 3.0
"""Seconds that clients wait first after a 429; the platform names none."""

_AUTH: dict[str, str] = {
    "996": "The openhub does not know this machine's address: register its fixed IP with the vendor.",
    "997": "The keys' period of use is over: renew it with the vendor.",
    "998": "The openhub does not know the partner key.",
    "999": "The openhub does not know the user key of this mall.",
}
_SECRET = re.compile(r"[\w+/=%-]{16,}")
_COMMENTS = re.compile(rb"(?:\s*<!--.*?-->\s*)*+", re.DOTALL)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Begin XML in UTF-16, which nothing else here is."""
_TITLE = re.compile(r"<title>\s*(\d{3})\b", re.IGNORECASE)
_SHOP = re.compile(
    r"frmView|js_data_row|class=[\"']no_data|reviews_table|board_view|js_pr_row|goods_no_data|goods_list_item|item_cont\b|"
    r"<a\s[^>]{0,500}?href=[\"'][^\"']{0,300}goods_(?:view|list)\.php\?",
)
"""What only pages of the shop hold. Their scripts may name the log-in, and their titles begin with any number."""
_LOGIN = re.compile(
    r"(?:location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*[\"']|http-equiv=[\"']?refresh\b[^>]{0,100}url=[\"']?)"
    r"(?:[^\"'>]{0,300}/)?(?:member/login|intro/\w+)\.php",
    re.IGNORECASE,
)
_ENTRANCE = re.compile(r"https?://[^/]+/(?:member/login|intro/\w+)\.php\b")
"""Where the mall sends who may not see its pages."""
_WALL = re.compile(
    r"captcha|자동 ?(?:등록|접속|입력) ?방지|비정상적인 접근|접근[이을]? ?(?:차단|제한|거부)|access denied|"
    r"just a moment|cf-challenge|attention required",
    re.IGNORECASE,
)
_ALERT = re.compile(r"alert\(\s*[\"']([^\"']{0,300})", re.IGNORECASE)
_MEMBERS = re.compile(r"로그인|성인|회원")


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to."""
    body = answer.body.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0 \t\r\n\v\f")
    if answer.status != 200:
        _by_status(answer, body)
    if not body:
        raise AskAgain("an empty body came")
    comments = _COMMENTS.match(body)
    start = body[comments.end() if comments else 0 :][:200].lower()
    if start[:1] in (b"{", b"["):
        _json(body, 200)
    elif start.startswith((b"<?xml", b"<data", b"<!", *_WIDE)) and not start.startswith(b"<!doctype html"):
        _xml(answer.body)
    elif OPENHUB in answer.url or not start.startswith(b"<"):
        raise AskAgain("a page came where XML was due: maintenance or a gateway")
    else:
        _page(xml.decode(answer.body).text, answer.url)


def _by_status(answer: Answer, body: bytes) -> None:
    status, code = answer.status, str(answer.status)
    if body[:1] == b"{":
        _json(body, status)
    if status in (201, 202, 204):
        return
    if status in (301, 302, 303, 307, 308):
        if re.search(r"/member/login|/intro/", answer.headers.get("location", "")):
            raise LoginRequired("the mall shows its pages to members (or adults) only", code=code)
        raise PageFailed("the address has moved", code=code)
    _raise(answer, status, code)


def _raise(answer: Answer, status: int, code: str) -> NoReturn:
    if status == 401:
        raise AuthFailed("The server in front of the mall wants a log-in.", code=code)
    if status in (403, 406):
        raise Blocked("the server in front refuses this address", code=code)
    if status in (404, 410):
        if OPENHUB in answer.url:
            raise Refused("The openhub has no such call; this program needs a mend.", code=code)
        raise NotFound("what was asked for is not there (any more)", code=code)
    if status in (400, 422):
        raise Refused("The platform does not understand the request; this program needs a mend.", code=code)
    if status == 429:
        raise Throttled("the bucket of this mall is empty", code=code, wait=max(answer.retry_after or 0.0, PAUSE))
    if status == 408 or status >= 500:
        raise AskAgain(f"the server is in trouble ({status})", code=code)
    raise PageFailed(f"an answer with status {status}", code=code)


# -- openhub ----------------------------------------------------------------------------------------------------------


def _xml(body: bytes) -> None:
    document = xml.read(body)
    told = header(document)
    code = told.get("code")
    if document.name != "data" or not isinstance(code, str) or not code:
        raise PageFailed("the answer has no code in its header")
    if code == "000":
        return
    if code == "204":
        raise Empty("no order was found", code=code)
    if code == "995":
        raise ResourceRefused("The keys have no right for this call: apply for it with the vendor.", code=code)
    if code in _AUTH:
        raise AuthFailed(_AUTH[code], code=code)
    if code == "201":
        raise CapReached("the period is longer than 30 days", code=code)
    if code == "202":
        raise Refused("Neither a period nor an order number was asked for; this program needs a mend.", code=code)
    said = _SECRET.sub("…", str(told.get("msg") or ""))[:120]
    raise ResourceRefused(f"The openhub answers with a code that is not known ({code[:10]}: {said}).", code=code[:40])


# -- Server API -------------------------------------------------------------------------------------------------------


def _json(body: bytes, status: int) -> None:
    """Judge an answer of the Server API; only A0003 was ever seen, so the status decides (unverified)."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the body is not readable JSON") from None
    code = told.get("code") if isinstance(told, dict) else None
    if not (isinstance(code, str) or (type(code) is int and abs(code) < 1_000_000)) or "message" not in told:
        return
    code = str(code)[:40]
    if status == 401:
        raise AuthLost("the Server API does not accept the token", code=code)
    if status == 429:
        raise Throttled("the Server API asks for fewer requests", code=code, wait=PAUSE)
    if status >= 500:
        raise AskAgain(f"the Server API is in trouble ({status})", code=code)
    if status == 404:
        raise NotFound("what was asked for is not there (any more)", code=code)
    raise Refused(
        "The Server API refuses: check the app's key, its token and the addresses registered for it.", code=code
    )


# -- pages ------------------------------------------------------------------------------------------------------------


def _page(text: str, address: str) -> None:
    if _ENTRANCE.match(address):
        raise LoginRequired("the mall shows its pages to members (or adults) only")
    if _SHOP.search(text):
        return
    title = _TITLE.search(text[:4096])
    if title and int(title[1]) >= 400:
        _raise(Answer(b""), int(title[1]), title[1])
    if _LOGIN.search(text[:20000]):
        raise LoginRequired("the mall shows its pages to members (or adults) only")
    if "plus_review" in text:
        return
    if _WALL.search(text):
        raise Blocked("a captcha or block page came instead of the page that was asked for")
    alert = _ALERT.search(text)
    if alert and _MEMBERS.search(alert[1]):
        raise LoginRequired("the mall shows its pages to members (or adults) only")
    if alert:
        raise NotFound("the page is not there (any more)")
    raise AskAgain("a page came that is none of the mall's: maintenance or a gateway")
