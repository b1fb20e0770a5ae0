"""What an answer of a WISA mall that carries no data leads to: Openapi, ERP API, feed, pages, the server before them.

The engine answers HTTP 200 to everything, so the body decides; a status that says otherwise comes from the server in
front of it and decides first. A dead session gets no error from some calls but thinner data, which is recognised here.
"""

import re
from typing import Any, NoReturn

import msgspec

from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    Blocked,
    Empty,
    LoginRequired,
    NotFound,
    PageFailed,
    Refused,
    ResourceRefused,
    SessionLost,
    ShopscrapeError,
    Throttled,
)
from shopscrape.payload import Answer
from shopscrape.xml import decode, read
from spiders.wisa.shapes import json_of, listed

SMALL = 1 << 16
"""Answers in XML above this are no errors; they are parsed once, when they are read."""
PAUSE = 5.0
"""Seconds to wait first when a server says "too many" and not how long (unverified)."""

_EMPTY = re.compile(r"검색된 .*없습니다")
_GONE = re.compile(r"조회된 .*없습니다|존재하지 않는|삭제된")
_LOGIN = re.compile(r"(?:아이디|패스워드|비밀번호) ?(?:에러|오류)")
_SESSION = re.compile(r"로그인|권한")
_ACTION = "지원하지 않는 액션"
_ERP_KEY, _ERP_OFF = "인증되지 않은 키", "사용이 중지된 키"
_ASKED_WRONGLY = re.compile(r"입력해 ?주세요|정확하지 않습니다|일치하지 않습니다|부정확합니다|형식이 잘못|xml 오류")

_TITLE = re.compile(r"<title>\s*(\d{3})\b", re.IGNORECASE)
_SKIN = re.compile(r"id=[\"']skin_(?!member_login)\w+_big_div|name=[\"']?prdFrm|id=[\"']revContent\d")
_GOODS = re.compile(r"detail\.php\?pno=[0-9A-Fa-f]{32}|prdBoardView\(|openReviewDetail\(")
"""What a page shows that is no block page, whatever its scripts and its form for writing say beside it."""
_LOGIN_PAGE = re.compile(r"skin_member_login_big_div")
_LOGIN_SENT = re.compile(r"location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*[\"'][^\"']*/member/login\.php")
_WALL = re.compile(
    r"captcha|비정상적인 접근|접근 ?제한|접[근속]이 ?(?:제한|차단|거부)|cf-challenge|cf_chl_|just a moment|"
    r"attention required|access denied|자동 ?(?:접속|입력) ?방지",
    re.IGNORECASE,
)
_ALERT = re.compile(r"alert\(\s*[\"']([^\"']{0,300})", re.IGNORECASE)
_MEMBERS = re.compile(r"로그인|성인|회원")


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to."""
    body = answer.body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if answer.status >= 300:
        _by_status(answer, body)
    if not body:
        return
    if body.strip().strip(b'"') == b"permission_denied":
        # What a list of orders answers to nobody at all; a sub-admin without the right gets an object instead.
        raise SessionLost("the session is not logged in", code="permission_denied")
    start = body[:512].lower()
    if start[:1] in (b"{", b"["):
        _json(body)
    elif start.startswith(b"<") and b"<html" not in start and b"<!doctype html" not in start and _is_xml(start):
        _xml(body)
    elif start.startswith(b"<"):
        _page(decode(body).text)


def _is_xml(start: bytes) -> bool:
    return start.startswith((b"<?xml", b"<get", b"<set", b"<error", b"<urlset", b"<!doctype"))


def _by_status(answer: Answer, body: bytes) -> NoReturn:
    status, code = answer.status, str(answer.status)
    if body[:1] == b"{":
        _rest(body)
    if status in (301, 302, 303, 307, 308):
        if "/member/login" in answer.headers.get("location", ""):
            raise LoginRequired("the mall shows its pages to members only", code=code)
        raise PageFailed("the address has moved", code=code)
    raise _of_status(status, answer.retry_after)


def _of_status(status: int, retry_after: float | None = None, code: str = "") -> ShopscrapeError:
    code = code or str(status)
    if status in (404, 410):
        return NotFound("what was asked for is not there (any more)", code=code)
    if status == 429:
        return Throttled("the mall's server asks for fewer requests", code=code, wait=retry_after or PAUSE)
    if status == 401:
        return AuthFailed("the mall's server wants a log-in of its own", code=code)
    if status == 403:
        return Blocked("the server in front of the mall refuses this address", code=code)
    if status in (408, 425) or status >= 500:
        return AskAgain(f"the server is in trouble ({status})", code=code)
    return PageFailed(f"an answer with status {status}", code=code)


# -- Openapi ----------------------------------------------------------------------------------------------------------


def _json(body: bytes) -> None:
    told = json_of(body)
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    if isinstance(told.get("error"), dict):
        _rest(body)
    status = told.get("status")
    if status == "permission_denied":
        raise ResourceRefused(
            "The admin account lacks the right for this menu: give the sub-admin the right, in the mall's admin pages.",
            code="permission_denied",
        )
    if status == "N":
        _no(told.get("msg"))
    if status not in (None, "Y", "OK", "success"):
        raise PageFailed("the answer has a status that is not known", code=str(status)[:40])
    if "content" in told and not told["content"]:
        raise Empty("this piece of the list is empty: it has ended")
    if _is_thin(told):
        raise SessionLost("the session is dead: the answer is the thinner one that visitors get")


def _no(message: Any) -> NoReturn:
    text = message.strip() if isinstance(message, str) else ""
    code = text[:80]
    if _EMPTY.search(text):
        raise Empty("nothing (more) was found", code=code)
    if _LOGIN.search(text):
        raise AuthFailed("The mall refuses the log-in: check the admin's id and password.", code=code)
    if not text or _SESSION.search(text):
        raise SessionLost("the session is not logged in (any more)", code=code)
    if _ACTION in text:
        raise Refused("This mall's engine does not know the action: its version differs.", code=code)
    if _GONE.search(text):
        raise NotFound("what was asked for is not there (any more)", code=code)
    if _ASKED_WRONGLY.search(text):
        raise PageFailed("a parameter is missing or out of range", code=code)
    raise PageFailed("the mall says no, and why is not known", code=code)


def _is_thin(told: dict[str, Any]) -> bool:
    """Return whether products came as a visitor sees them: no counters, and nothing about how stock is managed."""
    if "product" in told:
        try:
            rows = [row for row in listed(told["product"]) if isinstance(row, dict)]
        except TypeError:
            return False
        return bool(rows) and all(row.get("hit_view") is None for row in rows)
    if "pno" in told and "sell_prc" in told:
        if "ea_type" in told:
            return told["ea_type"] is None
        return all(told.get(name) is None for name in ("hit_cart", "hit_order", "hit_wish"))
    return False


_REST = {
    "invalid_api_key": 401, "forbidden": 403, "not_found": 404, "invalid_parameter": 422, "rate_limited": 429,
    "server_error": 500,
}  # fmt: skip


def _rest(body: bytes) -> None:
    """Raise what an error of the central REST API means; that API is unverified throughout."""
    try:
        error = msgspec.json.decode(body).get("error")
        code = str(error.get("code", "")) if isinstance(error, dict) else ""
    except (msgspec.DecodeError, RecursionError, ValueError, AttributeError):
        return
    status = _REST.get(code)
    if status == 401:
        raise AuthFailed("The REST API does not accept the key.", code=code)
    if status == 403:
        raise Refused("The REST API refuses this key.", code=code)
    if status is not None:
        raise _of_status(status, code=code)
    if code:
        raise PageFailed("an error of the REST API that is not known", code=code[:40])


# -- ERP API ----------------------------------------------------------------------------------------------------------


def _xml(body: bytes) -> None:
    if len(body) > SMALL:
        return
    document = read(body)
    if document.name != "error":
        return
    text = str(document.one("").get("return_msg") or "")
    code = text[:80]
    if _ERP_KEY in text:
        raise AuthFailed("The mall does not know the ERP key: regenerating one kills the old one at once.", code=code)
    if _ERP_OFF in text:
        raise ResourceRefused("The ERP key is switched off: switch it on in the mall's admin pages.", code=code)
    if _ACTION in text:
        raise Refused("This mall's engine does not know the action: its version differs.", code=code)
    raise PageFailed("the ERP API refuses the question", code=code)


# -- pages ------------------------------------------------------------------------------------------------------------


def _page(text: str) -> None:
    if _SKIN.search(text):
        return
    title = _TITLE.search(text[:4096])
    if title and int(title[1]) >= 400:
        raise _of_status(int(title[1]))
    if _LOGIN_PAGE.search(text) or _LOGIN_SENT.search(text):
        raise LoginRequired("the mall shows its pages to members (or adults) only")
    if _GOODS.search(text):
        return
    if _WALL.search(text):
        raise Blocked("a captcha or block page came instead of the page that was asked for")
    alert = _ALERT.search(text)
    if alert and _MEMBERS.search(alert[1]):
        raise LoginRequired("the mall shows its pages to members (or adults) only")
    if alert:
        raise NotFound("the page is not there (any more)")
