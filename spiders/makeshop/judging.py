"""MakeShop: what an answer that is no data leads to, API answers and pages alike.

Bodies of HTTP errors are not published, so the status decides where it is told; without one the body does. Inside
HTTP 200 `return_code` decides: its table is official in part.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from shopscrape import privacy, values
from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    AuthLost,
    Blocked,
    LoginRequired,
    NotFound,
    PageFailed,
    Refused,
    ResourceRefused,
    ShopscrapeError,
    Throttled,
)
from shopscrape.payload import Answer
from spiders.makeshop.walls import is_markup, page_judge

ALLOW_LIST = "put this machine's public address on the allow-list of the app (of the Shopkey) and try again"
TRANSIENT = ("일시", "잠시 후", "잠시후", "다시 시도", "점검", "temporar", "try again", "timeout", "time out")
"""Words of a 9999 that make it worth asking again."""
_LOGIN = re.compile(r"/(?:member|login)\.html")
FALSE = (False, 0, "0", "false", "N", "n", "F")


class NoSuchPath(Refused):
    """The address itself is unknown: never an empty answer, since records are asked for by query."""

    outcome = "not_found"


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to."""
    told = _object(answer.body)
    if not 200 <= answer.status < 300:
        raise _by_status(answer, told)
    if told is None:
        if not is_markup(answer.body):
            _no_page(answer.body)
        elif _is_api(answer):
            raise PageFailed("a page came where data was asked for")
        else:
            page_judge(answer.body, answer.content_type)
        return
    code, text = _code(told), _text(told)
    if code:
        _by_code(code, text, "/list/open_api" in answer.url)
        _rows_that_failed(told)
    elif told.get("success") in FALSE or "error" in told or isinstance(told.get("errors"), dict):
        raise _by_words(told, text)


def _no_page(body: bytes) -> None:
    """Raise for what is neither data nor a page: nothing, an object that is cut off, or words alone."""
    if not body.strip() or body.lstrip()[:1] == b"{":
        raise PageFailed("the body is not readable JSON")


def _is_api(answer: Answer) -> bool:
    return any(part in answer.url for part in ("/api/v1/", "/oauth/", "/list/open_api"))


def _is_page(answer: Answer) -> bool:
    """Return whether an address is a storefront's, whose errors may come without a body."""
    return any(part in answer.url for part in ("/shop/", "/board/", "/m/", ".xml"))


def _object(body: bytes) -> dict[str, Any] | None:
    if body.lstrip()[:1] != b"{":
        return None
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _code(told: dict[str, Any]) -> str:
    """Return the code inside an answer, four digits; `crm_board` spells its key another way."""
    for name in ("return_code", "returnCode"):
        code = told.get(name)
        if isinstance(code, str | int) and not isinstance(code, bool) and str(code).strip():
            return str(code).strip()[:40].zfill(4)
    return ""


def _text(told: dict[str, Any]) -> str:
    """Return the explanation; reports differ in its key."""
    for name in ("message", "return_message", "msg"):
        text = told.get(name)
        if isinstance(text, list):
            text = " ".join(str(one) for one in text)
        if isinstance(text, str) and text.strip():
            return privacy.mask(values.line(text) or "")[:200]
    return ""


# -- inside HTTP 200 --------------------------------------------------------------------------------------------------


def _no_key(code: str, text: str) -> ShopscrapeError:
    return AuthFailed(f"MakeShop does not know the shop's key ({code} {text}).", code=code)


def _unknown(code: str, text: str) -> ShopscrapeError:
    return Refused(f"MakeShop refuses with a code whose meaning is not known: {code} {text}.", code=code)


def _no_right(code: str, text: str) -> ShopscrapeError:
    return ResourceRefused(
        f"MakeShop has not granted this function ({code} {text}): the shop must tick its right.", code=code
    )


def _no_consent(code: str, text: str) -> ShopscrapeError:
    return ResourceRefused(f"The shop's consent or permission for this function is missing ({code} {text}).", code=code)


def _no_address(code: str, text: str) -> ShopscrapeError:
    return Refused(f"MakeShop does not let this address in ({code}): {ALLOW_LIST}.", code=code)


def _failed(code: str, text: str) -> ShopscrapeError:
    if any(word in text.lower() for word in TRANSIENT):
        return AskAgain(f"MakeShop asks to try again ({code} {text})", code=code)
    return ResourceRefused(f"MakeShop refuses a parameter ({code} {text}).", code=code)


CODES: dict[str, Callable[[str, str], ShopscrapeError]] = {
    "9001": _no_key, "9002": _no_key, "9003": _unknown, "9004": _unknown, "9005": _unknown, "9007": _no_right,
    "9008": _no_right, "9009": _no_address, "9101": _no_consent, "9102": _no_consent, "9103": _no_consent,
    "9104": _no_consent, "9999": _failed,
}  # fmt: skip
"""Codes besides 0000 and 9006; 9003 to 9005 exist and are not explained."""
OK, USED_UP = "0000", "9006"


def _by_code(code: str, text: str, legacy: bool) -> None:
    if code == OK:
        return
    if code == USED_UP:
        # The legacy quota is of a clock hour; the Shop API publishes none.
        wait = 3600 - values.now().timestamp() % 3600 if legacy else 60.0
        raise Throttled("the calls of this shop are used up", code=code, wait=wait)
    raise CODES.get(code, _unknown)(code, text)


def _rows_that_failed(told: dict[str, Any]) -> None:
    """Rows of a write can fail one by one inside an answer that is all right; this program only reads."""
    rows = told.get("datas")
    rows = list(rows.values()) if isinstance(rows, dict) and "result" not in rows else rows
    for row in rows if isinstance(rows, list) else [rows]:
        if isinstance(row, dict) and "result" in row and row["result"] in FALSE:
            raise Refused(f"A row of a write was refused ({_text(row)}); this program only reads.", code=OK)


# -- by status, or by words where the status is not told --------------------------------------------------------------


def _by_status(answer: Answer, told: dict[str, Any] | None) -> ShopscrapeError:
    status, code = answer.status, str(answer.status)
    page = told is None and not _is_api(answer) and (is_markup(answer.body) or _is_page(answer))
    token = "/oauth/" in answer.url
    inside = _code(told) if told else ""
    if status < 500 and (inside in CODES or inside == USED_UP):
        _by_code(inside, _text(told or {}), "/list/open_api" in answer.url)
    if status == 401:
        if token:
            return _client_refused(code)
        return AuthLost("the access token is missing, unknown or expired", code=code)
    if status == 403:
        if page:
            return Blocked("The mall's web server refuses this crawler (403).", code=code)
        return Refused(f"MakeShop refuses (403): the app lacks the right, or the address; {ALLOW_LIST}.", code=code)
    if status == 404:
        if page:
            return NotFound("the page is not there (any more)", code=code)
        if "/order_return_" in answer.url:
            return NotFound("no parcel on its way back is known", code=code)
        return NoSuchPath("MakeShop knows no such address: check shop_uid and backend of the mall.", code=code)
    if status == 429:
        if page:
            return Blocked("The mall's web server asks this crawler to stop (429).", code=code)
        return Throttled("too many calls", code=code, wait=_wait(answer, 60.0 if token else 2.0))
    if status in (400, 405, 406, 409, 410, 415, 422):
        return Refused(f"MakeShop does not understand the request ({status} {_text(told or {})}).", code=code)
    if 300 <= status < 400 and _LOGIN.search(answer.headers.get("location", "")):
        return LoginRequired("The page leads to the log-in.", code="login")
    if status >= 500:
        return AskAgain(f"the server is in trouble ({status})", code=code)
    return PageFailed(f"an answer with status {status}", code=code)


def _wait(answer: Answer, least: float) -> float:
    told = answer.retry_after
    return least if told is None else max(told, 1.0)


def _client_refused(code: str) -> ShopscrapeError:
    return AuthFailed("MakeShop's token address does not accept the client id and secret.", code=code)


def _by_words(told: dict[str, Any], text: str) -> ShopscrapeError:
    error = str(told.get("error") or "")[:40]
    words = f"{error} {text}".lower()
    if error in ("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "invalid_scope"):
        return _client_refused(error)
    if "too many" in words or "too_many" in words:
        return Throttled("too many calls", code="429", wait=60.0 if error else 2.0)
    if "unauthenticated" in words:
        return AuthLost("the access token is missing, unknown or expired", code="401")
    if "unauthorized" in words or "forbidden" in words:
        return Refused(f"MakeShop refuses: the app lacks the right, or the address; {ALLOW_LIST}.", code="403")
    if words.strip() == "not found":
        return NoSuchPath("MakeShop knows no such address: check shop_uid and backend of the mall.", code="404")
    if isinstance(told.get("errors"), dict):
        return Refused(f"MakeShop does not understand the request ({text}).", code="422")
    if "msg" in told:
        return Refused(f"The shop's script is refused ({text}).", code="msg")
    return PageFailed(f"an answer that says it failed ({text or error})", code=error)
