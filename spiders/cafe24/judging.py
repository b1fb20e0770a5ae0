"""What a Cafe24 answer leads to that carries no data: API errors by their status, pages by what they are."""

import math
import re
from http import HTTPStatus

import msgspec

from shopscrape import values
from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    AuthLost,
    Blocked,
    LoginRequired,
    NotFound,
    NotHydrated,
    PageFailed,
    Refused,
    Throttled,
)
from shopscrape.payload import Answer

GOOD = frozenset((200, 201, 202, 204, 409))
"""409: an update changes nothing, so what was wanted already stands; a program that reads never meets it."""
OAUTH = {
    "invalid_token": 401, "insufficient_scope": 403, "invalid_scope": 403, "access_denied": 403,
    "invalid_grant": 0, "invalid_client": 0, "invalid_request": 0, "unauthorized_client": 0,
    "unsupported_grant_type": 0,
}  # fmt: skip
"""Words of OAuth in place of a code, to the status they stand for; 0: the token address refuses."""


_BLANKS = b"\xef\xbb\xbf \t\r\n"
"""What may stand before a page: blanks, and the mark of UTF-8 that editors of skins leave."""


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to.

    The HTTP status decides, and whether it was the token address; the body only gives the message, because its wording
    is not published. Without a status the code inside an error envelope, or in an HTML title, is taken for it. A page
    (HTML with status 200) is judged by what it is.
    """
    if answer.body.lstrip(_BLANKS)[:1] == b"<" and answer.status == HTTPStatus.OK:
        _judge_page(answer)
        return
    if _of_storefront(answer) and answer.status not in GOOD:
        _refuse_page(answer)
    told = answer.status >= 300 or b"error" in answer.body[:4000] or b"message" in answer.body[:40]
    code, text = _error(answer.body) if told else ("", "")
    status = answer.status
    if status == HTTPStatus.OK and code:
        status = int(code) if code.isdecimal() and len(code) == 3 and code != "200" else OAUTH.get(code, 520)
    if code in OAUTH:
        _refuse_token(code)
    if status == 207 or code == "207":
        raise PageFailed("some objects of a bulk request failed, each tells its own result", code="207")
    if status in GOOD:
        return
    _refuse(answer, status, code or str(status), text)


def _refuse_token(code: str) -> None:
    if OAUTH[code] == 401:
        raise AuthLost("the access token is missing, unknown or expired", code=code)
    if OAUTH[code] == 403:
        raise Refused("Cafe24 does not grant this app the scopes that were asked for.", code=code)
    raise AuthFailed(f"Cafe24's token address says {code}.", code=code)


def _refuse(answer: Answer, status: int, code: str, text: str) -> None:
    if "/oauth/token" in answer.url and status in (400, 401):
        raise AuthFailed("Cafe24's token address refuses the request.", code="invalid_grant" if status == 400 else code)
    if status == 400:
        offered = text.partition("default value for the app version is ")[2][:10]
        if offered:
            raise Refused(f"Cafe24 no longer knows our API version; this app would get {offered}.", code=code)
        raise Refused("Cafe24 does not understand the request; this program needs a mend.", code=code)
    if status == 401:
        raise AuthLost("the access token is missing, unknown or expired", code=code)
    if status == 403:
        raise Refused(
            "Cafe24 refuses: the consent lacks a scope, or the mall's operator has removed the app; the operator must "
            "consent again.",
            code=code,
        )
    if status in (404, 410):
        raise NotFound("what was asked for is not there (any more)", code=code)
    if status == 422:
        raise PageFailed("a parameter is missing, out of range or past a cap", code=code)
    if status == 429:
        raise Throttled("the quota of this mall is used up", code=code, wait=_wait(answer))
    if (status >= 500 and status != 520) or status == 408:
        raise AskAgain(f"the server is in trouble ({status})", code=code)
    raise PageFailed(f"an answer with status {status}" if status != 520 else "an error without a code", code=code)


def _wait(answer: Answer) -> float:
    """Return the seconds that the headers ask for; Retry-After is not documented but honoured."""
    waits = [1.0, answer.retry_after or 0.0]
    for name in ("x-cafe24-call-remain", "x-cafe24-time-remain"):
        try:
            waits.append(float(answer.headers.get(name, "")))
        except ValueError:
            continue
    return min(max(wait for wait in waits if not math.isnan(wait)), 3600.0)


def _error(body: bytes) -> tuple[str, str]:
    """Return code and message of the error shapes that clients met; empty for anything else, HTML among it."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    error = document.get("error")
    if isinstance(error, dict) and error:
        return str(error.get("code") or "error")[:40], str(error.get("message", ""))
    if isinstance(error, str) and error:
        return error[:40], str(document.get("error_description", ""))
    if "error_code" in document or "error_message" in document:
        return str(document.get("error_code") or "error")[:40], str(document.get("error_message", ""))
    if isinstance(document.get("message"), str) and document.keys() <= {"message", "code", "status", "more_info"}:
        return str(document.get("code") or document.get("status") or "error")[:40], document["message"]
    if any(_fails(row) for found in document.values() if isinstance(found, list) for row in found):
        return "207", ""
    return "", ""


def _fails(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("errors"), dict) and "message" in row["errors"]


# -- pages ------------------------------------------------------------------------------------------------------------

_ROLE = re.compile(rb"""<meta[^<>]{0,200}\bpath_role\b[^<>]{0,200}>""", re.IGNORECASE)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*["']([A-Za-z0-9_]{1,60})["']""", re.IGNORECASE)
_TITLE = re.compile(
    rb"<(?:title|h1)[^<>]{0,200}>\s*(?:(?:HTTP|Error|Status)[\s:]{1,5}){0,3}([45]\d\d)\b", re.IGNORECASE
)
_SCRIPT = re.compile(rb"<script\b.*?</script\s*>|<!--.*?-->|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_GOES_TO = re.compile(
    rb"""location(?:\.href)?\s*(?:=|\.replace\(|\.assign\()\s*["']([^"'<>]{1,2000})["']""", re.IGNORECASE
)
_CHALLENGE = re.compile(
    rb"captcha|cf-chl|challenge-platform|just a moment|access denied|request blocked|web firewall|"
    + "비정상적인 접근|접근이 차단|자동등록방지".encode(),
    re.IGNORECASE,
)
_CREMA = re.compile(rb"""<body[^<>]{0,2000}\bdata-shop-builder\s*=""", re.IGNORECASE)
LOG_IN = re.compile(r"(?:/(?:shop\d{1,4}|m|[a-z]{2}))*/(?:member|intro)/")
"""Where a wall sends a guest: to the log-in, or to the entrance of a mall for adults or members (inferred).

Shops and languages of a mall stand before it: /shop2/, /m/, /en/.
"""
SMALL = 20_000


def role_of(body: bytes) -> str:
    """Return the kind of a Cafe24 page, such as PRODUCT_DETAIL, or ""."""
    meta = _ROLE.search(body)
    told = _CONTENT.search(meta[0]) if meta else None
    return told[1].decode() if told else ""


def _of_storefront(answer: Answer) -> bool:
    if not answer.url or "/api/v2/" in answer.url:
        return False
    return not values.address(answer.url).netloc.endswith("cafe24api.com")


def _judge_page(answer: Answer) -> None:
    if answer.url and not _of_storefront(answer):
        raise PageFailed("HTML came in place of JSON")
    role = role_of(answer.body)
    if role.startswith("MEMBER_") or LOG_IN.match(values.address(answer.url).path):
        raise LoginRequired("The page asks for a log-in; a guest may not see it.", code=role)
    if role:
        return
    if _CREMA.search(answer.body):
        raise Refused(
            "The reviews of this mall belong to Crema, another company with terms of its own; they are left alone.",
            code="crema",
        )
    _judge_alert(answer)
    if _CHALLENGE.search(answer.body[:SMALL]):
        raise Blocked("A challenge or block page came in place of the shop's page.")
    failed = _TITLE.search(answer.body)
    if failed:
        status = int(failed[1])
        if _of_storefront(answer):
            _refuse_page(answer._replace(status=status))
        _refuse(answer, status, str(status), "")
    raise NotHydrated("What came is no page of a Cafe24 shop: it names no kind (path_role).")


def _judge_alert(answer: Answer) -> None:
    """A wall is a few lines of script: a word to the visitor and a redirect, with status 200."""
    body = answer.body
    if len(body) > SMALL or b"alert(" not in body or _SCRIPT.sub(b"", body).strip(_BLANKS):
        return
    target = _GOES_TO.search(body)
    if target and LOG_IN.match(values.address(target[1].decode("utf-8", "replace")).path):
        raise LoginRequired("The page is for members (or adults) only; a guest is sent to the log-in.")
    raise NotFound("the shop shows a message in place of the page: it is gone or hidden (inferred)", code="alert")


def _refuse_page(answer: Answer) -> None:
    status, code = answer.status, str(answer.status)
    place = answer.headers.get("location", "")
    if 300 <= status < 400 and LOG_IN.match(values.address(place).path):
        raise LoginRequired("The page sends a guest to the log-in.", code=code)
    if status in (404, 410):
        raise NotFound("the page is not there (any more)", code=code)
    if status == 429:
        raise Throttled("the shop asks for fewer pages", code=code, wait=_wait(answer))
    if status >= 500 or status == 408:
        raise AskAgain(f"the server is in trouble ({status})", code=code)
    if status in (401, 403, 406, 451):
        raise Blocked(f"The shop refuses its page to this crawler (status {status}).", code=code)
    raise PageFailed(f"a page with status {status}", code=code)
