"""GMO MakeShop: what an answer that is no data leads to. Errors come before data, also inside HTTP 200.

Data beside errors is kept only if every error leads into a field that a record can be without; such a field is then
not told, which is another thing than empty.
"""

import re
from typing import Any

import msgspec

from shopscrape import privacy, values
from shopscrape.errors import (
    AskAgain,
    AuthLost,
    PageFailed,
    Refused,
    ResourceRefused,
    ShopscrapeError,
    Throttled,
)
from shopscrape.payload import Answer
from spiders.makeshop_jp import codes

NEEDED = frozenset((
    "products", "orders", "reviews", "productQuantities", "variationQuantities", "variations", "deliveryInfos",
    "basketInfos", "searchedCount", "systemCode", "systemOrderNumber", "reviewId", "deliveryId", "productCode",
    "amount", "deliveryStatus", "paymentStatusCode", "quantity",
))  # fmt: skip
"""Fields that a page cannot be without; an error that leads into one fails the page."""
NOTHING: tuple[Any, ...] = (None, "", [], {})
"""What stands in the place of a field that was withheld."""
WORDS: dict[str, str] = {
    "forbidden": "FORBIDDEN", "unauthorized": "UNAUTHORIZED", "unauthenticated": "UNAUTHENTICATED",
    "too many requests": "TOO_MANY_REQUESTS", "internal system error": "INTERNAL_SERVER_ERROR",
}  # fmt: skip
"""Texts of errors that come without a code. Unverified: FORBIDDEN alone was met, and with its code (client code)."""
_TITLE = re.compile(rb"<title[^>]*>\s*(\d{3})\b", re.IGNORECASE)


class NoSuchPath(Refused):
    """The address itself is unknown."""

    outcome = "not_found"


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to."""
    told = _object(answer.body)
    if not 200 <= answer.status < 300:
        raise _by_status(answer.status, answer, told)
    if told is None:
        title = _TITLE.search(answer.body[:2000])
        if title:
            raise _by_status(int(title[1]), answer, None)
        raise PageFailed("the body is not readable JSON")
    found = errors(told)
    data = told.get("data")
    bad = [one for one in found if not isinstance(data, dict) or not _gap(_path(one), data)]
    if bad:
        raise _by_code(bad[0])
    if not found and "data" in told and not isinstance(told["data"], dict):
        raise PageFailed("the answer has neither data nor errors")
    _rows_that_failed(told)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def errors(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the errors of an answer, whatever they come in."""
    found = told.get("errors")
    if isinstance(found, dict):
        found = [found]
    if isinstance(found, str) and found:
        found = [{"message": found}]
    return [one if isinstance(one, dict) else {"message": str(one)} for one in found or () if one]


def _path(error: dict[str, Any]) -> list[Any]:
    path = error.get("path")
    return path if isinstance(path, list) else []


def _gap(path: list[Any], data: Any) -> list[Any]:
    """Return the path of the optional field that is withheld, [] where the error costs more than such a field.

    A field that must not be null takes what is above it along, up to one that may be: the null lies there then.
    """
    for end in range(1, len(path) + 1):
        value = _walk(path[:end], data)
        if value is None or (end == len(path) and value in NOTHING):
            # A row inside a list that is gone leaves the list incomplete, so all of it is not told.
            while end and not isinstance(path[end - 1], str):
                end -= 1
            place = path[:end]
            above = _walk(place[:-1], data) if len(place) > 2 else None
            return place if isinstance(above, dict) and place[-1] in above and place[-1] not in NEEDED else []
    return []


def _walk(path: list[Any], data: Any) -> Any:
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            data = data[step]
        else:
            return None
    return data


def withhold(told: Any) -> list[str]:
    """Take fields that an error withheld out of a document, so that they count as not told; return their names."""
    names = []
    for error in errors(told) if isinstance(told, dict) else []:
        place = _gap(_path(error), told.get("data"))
        if place:
            _walk(place[:-1], told.get("data")).pop(place[-1])
            names.append(str(place[-1]))
    return list(dict.fromkeys(names))


def _text(error: dict[str, Any]) -> str:
    message = error.get("message")
    return privacy.mask(values.line(message) or "")[:200] if isinstance(message, str) else ""


def _by_code(error: dict[str, Any]) -> ShopscrapeError:
    extensions = error.get("extensions")
    code = str(extensions.get("code") or "")[:60] if isinstance(extensions, dict) else ""
    text, path = _text(error), _path(error)
    code = code or WORDS.get(text.lower().rstrip("."), "")
    if code in ("UNAUTHENTICATED", "UNAUTHORIZED"):
        return AuthLost("token, key or timestamp are refused", code=code)
    if code == "FORBIDDEN":
        operation = str(path[0]) if path else ""
        right = codes.RIGHTS.get(operation, operation or "the operation")
        return ResourceRefused(
            f"GMO MakeShop has not granted {right}: the shop's main administrator must grant it in アプリ管理.",
            code=code,
        )
    if code == "GRAPHQL_VALIDATION_FAILED" or "Cannot query field" in text or text == "unknown field":
        return _misfit(code, text, path)
    if code in ("TOO_MANY_REQUESTS", "RATE_LIMITED", "THROTTLED"):
        return Throttled("too many calls", code=code, wait=2.0)
    if code == "INTERNAL_SERVER_ERROR":
        return AskAgain("the server is in trouble", code=code)
    return PageFailed(f"an error inside the answer ({code} {text})", code=code)


def _misfit(code: str, text: str, path: list[Any]) -> ShopscrapeError:
    where = ".".join(str(step) for step in path)[:80]
    return ResourceRefused(
        f"A query does not fit the schema of GMO MakeShop ({text}{' at ' + where if where else ''}): this program, or "
        "the mall's own query, needs a mend.",
        code=code,
    )


def _by_status(status: int, answer: Answer, told: dict[str, Any] | None) -> ShopscrapeError:
    code = str(status)
    found = errors(told) if told else []
    if status == 401:
        return AuthLost("token, key or timestamp are refused", code=code)
    if status == 403:
        return _by_code(found[0]) if found else Refused("GMO MakeShop refuses (403).", code=code)
    if status == 404:
        return NoSuchPath("There is no such address at GMO MakeShop: check base_url.", code=code)
    if status == 422:
        return _misfit(code, _text(found[0]) if found else "", _path(found[0]) if found else [])
    if status in (400, 405, 413, 415):
        return Refused(f"GMO MakeShop does not understand the request ({status}).", code=code)
    if status == 429:
        return Throttled("too many calls", code=code, wait=max(answer.retry_after or 2.0, 1.0))
    if status >= 500:
        return AskAgain(f"the server is in trouble ({status})", code=code)
    return PageFailed(f"an answer with status {status}", code=code)


def _rows_that_failed(told: dict[str, Any]) -> None:
    """Rows of a mutation fail one by one inside an answer that is all right; this program only reads."""
    data = told.get("data")
    for operation in data.values() if isinstance(data, dict) else ():
        rows = operation.get("results") if isinstance(operation, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("status") == "FAIL":
                raise Refused("A row of a mutation was refused; this program only reads.", code="FAIL")
