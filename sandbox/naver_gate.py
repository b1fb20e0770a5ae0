"""The gateway before the emulated Commerce API: tokens, rights, limits, and how each of them refuses.

Gateway and order APIs send code, message, timestamp, traceId; product APIs and the token address code, message,
invalidInputs, timestamp. Every answer carries its trace id in a header, the rate of its API where that was counted.

Unverified, as the sources say: two requests a second for each API, the text of GW.QUOTA_LIMIT and of bad requests, how
long a quota's ROUND is (here it does not end), that a missing API group is told as GW.AUTHN with status 403. What
stands before the gateway and says 502 is not described: a bare page.
"""

import base64
import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

import bcrypt
from aiohttp import web

from sandbox.clock import Token, Tokens
from sandbox.emulator import Call, Refusal, Stage, json_answer, text_answer
from sandbox.naver_ids import kst

SECRET = "$2a$04$abcdefghijklmnopqrstuu"
LIFETIME, KEPT = 10800.0, 1800.0
"""A token lives three hours; while half an hour is left, the same one is given again."""
RATE, BURST = 2.0, 4
QUOTA = 30
GOODS, SALES, SELLER = "상품", "주문 판매자", "판매자정보"
"""API groups that an application is granted."""
FAILED = {
    500: ("GW.PROXY.03", "작업 중 오류가 발생하였습니다."),
    503: ("GW.BLOCK.02", "서비스를 일시적으로 사용할 수 없습니다."),
    504: ("GW.TIMEOUT.01", "요청 대기 시간이 초과되었습니다."),
}
BUSY = "요청이 많아 서비스를 일시적으로 사용할 수 없습니다."
UNGRANTED = "요청을 보낼 권한이 없습니다."


class Store(NamedTuple):
    """What the application of a store may do."""

    outside: bool = False
    """The caller's address is not among those registered with it."""
    lacks: tuple[str, ...] = ()
    """API groups that were not granted to it."""
    spent: bool = False
    """It is a solution's application whose quota of this round is used up."""


STORES = {
    "demo_naver": Store(), "demo_naver_outside": Store(outside=True), "demo_naver_ungranted": Store(lacks=(SALES,)),
    "demo_naver_quota": Store(spent=True),
}  # fmt: skip


class Gate:
    """Lets requests in or refuses them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = stage.clock
        self.tokens = {
            mall: Tokens(self.clock, f"naver:{mall}:{stage.world.seed}", {"access": LIFETIME}) for mall in STORES
        }
        self._count = itertools.count(1)

    # -- tokens -------------------------------------------------------------------------------------------------------

    async def token(self, call: Call) -> web.Response:
        """Answer POST /v1/oauth2/token: a form, signed with bcrypt."""
        self._address(call)
        if not call.header("Content-Type").startswith("application/x-www-form-urlencoded") or call.query:
            return self.refuse(415, "UNSUPPORTED_MEDIA_TYPE", "지원하지 않는 형식입니다.")
        form = call.form
        stamp = form.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) / 1000 - self.clock.now().timestamp()) > 300:
            return self._wrong("timestamp")
        if form.get("grant_type") != "client_credentials":
            return self._wrong("grant_type")
        if form.get("type") not in ("SELF", "SELLER"):
            return self._wrong("type")
        if form["type"] == "SELLER" and not form.get("account_id"):
            return self._wrong("account_id")
        client = self.stage.secret(call.mall, "CLIENT_ID")
        signed = bcrypt.hashpw(f"{client}_{stamp}".encode(), SECRET.encode())
        if form.get("client_id") != client or form.get("client_secret_sign") != base64.b64encode(signed).decode():
            return self._wrong("client_secret_sign")
        tokens = self.tokens[call.mall]
        newest = tokens.newest("access")
        if newest is None or self._left(newest) < KEPT:
            newest = tokens.issue("access")
        told = {"access_token": newest.text, "expires_in": int(self._left(newest)), "token_type": "Bearer"}
        return self.answer(call, told)

    def _wrong(self, name: str) -> web.Response:
        """Refuse a field of the question for a token."""
        said = f"{name} 항목이 유효하지 않습니다."
        return self.product_error(400, "BAD_REQUEST", said, {"name": name, "type": "Invalid", "message": said})

    def _left(self, token: Token) -> float:
        """Return the seconds that a token has left, as the platform counts them."""
        return (token.expires_at - self.clock.now()).total_seconds() * self.clock.speed

    def expire(self, call: Call) -> bool:
        """End the token of a request."""
        text = call.header("Authorization").removeprefix("Bearer ")
        if self.tokens[call.mall].alive(text, "access") is None:
            return False
        self.tokens[call.mall].expire(text, "access")
        return True

    # -- rights and limits --------------------------------------------------------------------------------------------

    def enter(self, call: Call, group: str) -> None:
        """Check address, token, rights and limits. Raises: Refusal."""
        self._address(call)
        store = STORES[call.mall]
        if self.tokens[call.mall].alive(call.header("Authorization").removeprefix("Bearer "), "access") is None:
            raise Refusal(self.refuse(401, "GW.AUTHN", UNGRANTED))
        if group in store.lacks:
            raise Refusal(self.refuse(403, "GW.AUTHN", UNGRANTED))
        if store.spent:
            raise Refusal(self.spent())
        if not self._bucket(call).take():
            raise Refusal(self.throttled(call))

    def _address(self, call: Call) -> None:
        """Check the caller's address; it holds for the token, too."""
        if STORES[call.mall].outside:
            raise Refusal(self.refuse(403, "GW.IP_NOT_ALLOWED", "호출이 허용되지 않은 IP입니다."))

    def _bucket(self, call: Call) -> Any:
        application = self.stage.secret(call.mall, "CLIENT_ID")
        return self.clock.bucket(("naver", application, call.stream), rate=RATE, burst=BURST)

    def throttled(self, call: Call) -> web.Response:
        """Return 429: more than the allowance of a second."""
        return self.refuse(429, "GW.RATE_LIMIT", BUSY, self._rates(0))

    def spent(self) -> web.Response:
        """Return 429: the quota of a solution is used up."""
        return self.refuse(
            429, "GW.QUOTA_LIMIT", BUSY,
            {"gncp-gw-quota-period": "ROUND", "gncp-gw-quota-limit": str(QUOTA), "gncp-gw-quota-remaining": "0"},
        )  # fmt: skip

    # -- answers ------------------------------------------------------------------------------------------------------

    def answer(self, call: Call, told: Any) -> web.Response:
        """Return an answer of an API."""
        headers = self._rates(int(self._bucket(call).left)) | {
            "Content-Type": "application/json;charset=UTF-8", "gncp-gw-httpclient-responsetime": "57",
        }  # fmt: skip
        return self._traced(told, 200, headers)

    def stamped(self, call: Call, told: dict[str, Any]) -> web.Response:
        """Return an answer of an order API: it tells the time and its trace in the body as well."""
        return self.answer(call, self._stamp() | told)

    def refuse(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
        """Return a refusal of the gateway, or of an order API."""
        told = {"code": code, "message": message, **self._stamp()}
        return self._traced(told, status, {"Content-Type": "application/json", **(headers or {})})

    def order_error(self, code: str, message: str) -> web.Response:
        """Return a refusal of an order API."""
        return self.refuse(400, code, message)

    def product_error(self, status: int, code: str, message: str, *wrong: dict[str, str]) -> web.Response:
        """Return a refusal of a product API or of the token address."""
        told = {"code": code, "message": message, "invalidInputs": [*wrong], "timestamp": kst(self.clock.now(), ".456")}
        return self._traced(told, status, {"Content-Type": "application/json"})

    def broken(self, call: Call, status: int) -> web.Response:
        """Return a server error: of a product API itself, else of the gateway."""
        if status == 502:
            return text_answer("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, "text/html")
        if status == 500 and call.stream in ("products", "product", "product_written"):
            return self.product_error(500, "INTERNAL_SERVER_ERROR", "내부 서버 오류가 발생하였습니다.")
        return self.refuse(status, *FAILED[status])

    def _stamp(self) -> dict[str, Any]:
        return {"timestamp": kst(self.clock.now(), ".456"), "traceId": self._trace()}

    def _trace(self) -> str:
        number = next(self._count)
        return f"emuTraceId^{int(self.clock.now().timestamp() * 1000)}^{number}"

    def _traced(self, told: Any, status: int, headers: dict[str, str]) -> web.Response:
        trace = told["traceId"] if isinstance(told, dict) and "traceId" in told else self._trace()
        return json_answer(told, status, headers | {"gncp-gw-trace-id": trace})

    @staticmethod
    def _rates(left: int) -> dict[str, str]:
        return {
            "gncp-gw-ratelimit-replenish-rate": f"{RATE:g}", "gncp-gw-ratelimit-burst-capacity": str(BURST),
            "gncp-gw-ratelimit-remaining": str(max(left, 0)),
        }  # fmt: skip
