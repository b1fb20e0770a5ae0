"""Naver SmartStore: what an answer of the Commerce API that is no data leads to.

Envelopes: the gateway and the order APIs send code, message, timestamp, traceId; the product APIs and the token address
send code, message, invalidInputs, timestamp. Validation problems are HTTP 400, never 422 (API reference, official).
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    AuthLost,
    CapReached,
    NotFound,
    OneNotFound,
    PageFailed,
    Refused,
    ResourceRefused,
    ShopscrapeError,
    Throttled,
)
from shopscrape.payload import Answer
from spiders.naver import codes

SMALL = 16384
"""Bodies longer than this are no error envelopes, so a good page of records is not read twice."""
ROUND = 60.0
"""Seconds to wait when a quota counts by ROUND. Unverified: how long a round is, is not published."""
GOOD = frozenset(("", "SUCCESS"))
"""Codes of answers that are no error. Unverified: the text of a good answer's code is not published."""
CREDENTIALS = frozenset(("client_id", "client_secret_sign", "timestamp", "grant_type", "type", "account_id"))
"""Inputs that only the token address has."""
_INVALID = re.compile(rf"({'|'.join(sorted(CREDENTIALS))}) 항목")
"""How messages of the token address begin (client reports)."""


class Elsewhere(Refused):
    """The path, the store or the channel is not there: no record is gone, the set-up is wrong. Stops the crawl."""

    outcome = "not_found"


class NotOurs(OneNotFound):
    """One of the product orders asked for belongs to somebody else, so all of them were refused."""

    outcome = "refused"


def judge_api(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to: by its status, else by what its body's code stands for."""
    status = answer.status
    good = status in (200, 201)
    if good and (len(answer.body) > SMALL or not (b'"code"' in answer.body or b"failProductOrderInfos" in answer.body)):
        return
    envelope = _envelope(answer.body)
    code = text(envelope.get("code"))
    if good:
        _judge_writes(envelope)
        if code in GOOD or "contents" in envelope or "originProduct" in envelope:
            return
        status = _status_of(code)
    elif status == 204:
        return
    raise _error(status, code or str(status), envelope, answer)


def _judge_writes(envelope: Mapping[str, Any]) -> None:
    told = envelope.get("data")
    failed = _listed(told.get("failProductOrderInfos")) if isinstance(told, dict) else []
    if failed:
        first = failed[0] if isinstance(failed[0], dict) else {}
        raise PageFailed(
            f"{len(failed)} product orders of one call failed, each with a code of its own",
            code=text(first.get("code")),
        )


def _status_of(code: str) -> int:
    if code in codes.SELLER_STATES:
        return 403
    return codes.STATUS.get(code) or codes.STATUS.get(code.rpartition(".")[0]) or (400 if code.isdigit() else 500)


def _error(status: int, code: str, envelope: Mapping[str, Any], answer: Answer) -> ShopscrapeError:
    match status:
        case 400:
            return _bad_request(code, envelope)
        case 401:
            # Only this pair is the documented sign of a dead token; a fresh one would not help the others.
            if code in ("GW.AUTHN", "401"):
                return AuthLost("the access token is missing, unknown or expired", code=code)
            return AuthFailed("Naver refuses the token, and not because it expired.", code=code)
        case 403:
            return _forbidden(code)
        case 404:
            if code == "NOT_FOUND" or code in codes.NOT_THERE:
                return NotFound("what was asked for is not there (any more)", code=code)
            return Elsewhere(
                "Naver does not know this address: check base_url (it ends in /external, or /partner for an API "
                "agency) and the seller account.",
                code=code,
            )
        case 429:
            said = "the allowance of this application for this API is used up"
            if code == "GW.QUOTA_LIMIT":
                said = "the quota of this solution's application is used up"
            return Throttled(said, code=code, wait=_wait(answer))
        case 500 if code in codes.TOLD:
            # The order APIs tell what is wrong with a question by either status.
            return _bad_request(code, envelope)
        case 408 | 500 | 502 | 503 | 504:
            said = "is in maintenance" if code == "GW.BLOCK.02" else "is in trouble"
            return AskAgain(f"the server {said} ({status})", code=code)
        case 308 | 415:
            return Refused("Naver does not take this kind of request any more; this program needs a mend.", code=code)
    return PageFailed(f"an answer with status {status}", code=code)


def _bad_request(code: str, envelope: Mapping[str, Any]) -> ShopscrapeError:
    if code in codes.NOT_THERE:
        return OneNotFound("a product order or order is not there (any more)", code=code)
    if code == codes.NOT_OURS:
        return NotOurs("a product order belongs to another seller", code=code)
    if code == codes.TOO_WIDE:
        return CapReached("the window of time is longer than Naver lets us ask", code=code)
    if code == codes.OTHER:
        return AskAgain("Naver failed without saying why", code=code)
    if code in codes.WRITES:
        return Refused("A code of calls that change something; this program only reads.", code=code)
    names = _inputs(envelope)
    if not names and (said := _INVALID.match(str(envelope.get("message")))):
        # The list of inputs may be missing.
        names = {said[1]}
    if names & CREDENTIALS:
        return _token_refused(code, names)
    told = f" ({', '.join(sorted(names))})" if names else ""
    return PageFailed(f"a parameter is missing, wrong or out of range{told}", code=code)


def _token_refused(code: str, names: set[str]) -> ShopscrapeError:
    if "timestamp" in names:
        return AuthFailed(
            "Naver finds the time of the signature more than five minutes off: set this machine's clock.",
            code="timestamp",
        )
    if names & {"account_id", "type"}:
        return AuthFailed(
            "Naver does not give this application a token for this account: a store's own application has no "
            "account_id, one for several sellers needs it.",
            code="account_id",
        )
    return AuthFailed(
        "Naver does not accept the client id and the secret's signature: both must belong to one application, and the "
        "secret changes when a dormant application is woken.",
        code=code,
    )


def _forbidden(code: str) -> ShopscrapeError:
    """A 403 is never a token problem, whatever its code: something must be set up."""
    if code == "GW.IP_NOT_ALLOWED":
        return Refused(
            "Naver does not take calls from this machine's address: register it with the application in the Commerce "
            "API centre (at most 3, Korean ones only; a change takes some minutes). Token and secret are not to blame.",
            code=code,
        )
    if code in ("GW.AUTHN", "GW.AUTHZ"):
        return ResourceRefused(
            "The application lacks an API group for this call: grant products, orders and seller information to it in "
            "the Commerce API centre. The token is not to blame.",
            code=code,
        )
    if code in codes.SELLER_STATES:
        return Refused(f"Naver refuses because {codes.SELLER_STATES[code]}.", code=code)
    return Refused("Naver refuses this call; check the application's rights in the Commerce API centre.", code=code)


def _wait(answer: Answer) -> float:
    """Return the seconds to wait. Retry-After is not documented but honoured; a second refills the rate's bucket."""
    by_rounds = answer.headers.get("gncp-gw-quota-period", "").strip().upper() == "ROUND"
    return max(answer.retry_after or 0.0, ROUND if by_rounds else 1.0)


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def text(value: Any) -> str:
    """Return a code or a number as text, "" for anything else."""
    return str(value)[:60] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _listed(told: Any) -> list[Any]:
    """Return a list as it is, a lone object as a list of one, anything else as none."""
    return told if isinstance(told, list) else [told] if isinstance(told, dict) and told else []


def _inputs(envelope: Mapping[str, Any]) -> set[str]:
    """Return the names of the inputs that Naver found wrong. Values and messages may quote what was sent."""
    told = _listed(envelope.get("invalidInputs"))
    names = {text(one.get("name")) for one in told if isinstance(one, dict)}
    return {name for name in names if name.replace("_", "").replace(".", "").isalnum()}
