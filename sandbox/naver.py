"""The Naver Commerce API, emulated: bcrypt-signed tokens, a bucket for each API, the catalogue, the feed of changes.

Unverified, as the sources say: two requests a second for each API, no depth cap of the catalogue, how far the feed
reaches back, codes of bad windows.
"""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import bcrypt
from aiohttp import web

from sandbox import emulator, naver_goods, naver_sales
from sandbox import naver_ids as ids
from sandbox.clock import Token, Tokens
from sandbox.emulator import Call, Demo, Refusal, Route, json_answer
from sandbox.entities import Line, Order
from sandbox.naver_truth import Records
from shopscrape import values

SECRET = "$2a$04$abcdefghijklmnopqrstuu"
LIFETIME, KEPT = 10800.0, 1800.0
"""A token lives three hours; while half an hour is left, the same one is given again."""
RATE, BURST = 2.0, 4
MOST = 300
DAY = timedelta(hours=24)


class Emulator(emulator.Emulator):
    """The store `demo_naver`."""

    platform = "naver"

    def prepare(self) -> None:
        """Make the token store."""
        self.tokens = Tokens(self.clock, f"naver:{self.world.seed}", {"access": LIFETIME})

    def malls(self) -> list[Demo]:
        """Return the one store."""
        return [Demo(name="demo_naver", native={"store": ids.STORE})]

    def secrets(self, mall: str, known: Any) -> dict[str, str]:
        """Return the application's id and its secret, which is a bcrypt salt."""
        return {"CLIENT_ID": "sandboxnaverclient0001", "CLIENT_SECRET": SECRET}

    def routes(self) -> list[Route]:
        """Return the addresses."""
        orders, both = "/v1/pay-order/seller/product-orders", ("orders", "returns")
        goods = ("products", "inventory")
        return [
            Route("POST", "/v1/oauth2/token", self.token, "auth"),
            Route("GET", "/v1/seller/channels", self.channels, "channels"),
            Route("POST", "/v1/products/search", self.search, "products", resources=goods),
            Route("GET", "/v2/products/channel-products/{number}", self.detail, "product", resources=goods),
            Route("GET", "/v2/products/origin-products/{number}", self.origin, "product", resources=goods),
            Route("GET", orders + "/last-changed-statuses", self.changes, "orders_changed", resources=both),
            Route("POST", orders + "/query", self.query, "orders_query", resources=both),
            Route("GET", orders, self.conditional, "orders_conditional", resources=both),
            Route("GET", "/v1/pay-order/seller/orders/{number}/product-order-ids", self.lines, "order_lines"),
        ]

    # -- tokens and limits --------------------------------------------------------------------------------------------

    async def token(self, call: Call) -> web.Response:
        """Answer POST /v1/oauth2/token: a form, signed with bcrypt."""
        if not call.header("Content-Type").startswith("application/x-www-form-urlencoded") or call.query:
            return _refuse(415, "UNSUPPORTED_MEDIA_TYPE", "지원하지 않는 형식입니다.")
        form = call.form
        stamp = form.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) / 1000 - self.clock.now().timestamp()) > 300:
            return _bad("timestamp", "timestamp 항목이 유효하지 않습니다.")
        if form.get("type") not in ("SELF", "SELLER") or form.get("grant_type") != "client_credentials":
            return _bad("type", "type 항목이 유효하지 않습니다.")
        client = self.stage.secret("demo_naver", "CLIENT_ID")
        signed = bcrypt.hashpw(f"{client}_{stamp}".encode(), SECRET.encode())
        if form.get("client_id") != client or form.get("client_secret_sign") != base64.b64encode(signed).decode():
            return _bad("client_secret_sign", "client_secret_sign 항목이 유효하지 않습니다.")
        newest = self.tokens.newest("access")
        if newest is None or self._left(newest) < KEPT:
            newest = self.tokens.issue("access")
        return json_answer(
            {"access_token": newest.text, "expires_in": int(self._left(newest)), "token_type": "Bearer"},
            headers=self._headers(call),
        )

    def _left(self, token: Token) -> float:
        """Return the seconds that a token has left, as the platform counts them."""
        return (token.expires_at - self.clock.now()).total_seconds() * self.clock.speed

    def _bucket(self, call: Call) -> Any:
        return self.clock.bucket(("naver", call.stream), rate=RATE, burst=BURST)

    def _headers(self, call: Call) -> dict[str, str]:
        return {
            "gncp-gw-trace-id": "emuTraceId^1762150000001^1", "gncp-gw-ratelimit-replenish-rate": f"{RATE:g}",
            "gncp-gw-ratelimit-burst-capacity": str(BURST),
            "gncp-gw-ratelimit-remaining": str(max(int(self._bucket(call).left), 0)),
        }  # fmt: skip

    def _enter(self, call: Call) -> None:
        """Check token and bucket. Raises: Refusal."""
        if self.tokens.alive(call.header("Authorization").removeprefix("Bearer "), "access") is None:
            raise Refusal(_refuse(401, "GW.AUTHN", "요청을 보낼 권한이 없습니다."))
        if not self._bucket(call).take():
            raise Refusal(self.throttled(call))

    def _answer(self, call: Call, told: Any) -> web.Response:
        return json_answer(told, headers=self._headers(call))

    def _stamp(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"timestamp": naver_sales.kst(self.clock.now(), ".456"), "traceId": "emuTraceId^1762150000022^1", **told}

    def expire(self, call: Call) -> bool:
        """End the token of a request."""
        text = call.header("Authorization").removeprefix("Bearer ")
        if self.tokens.alive(text, "access") is None:
            return False
        self.tokens.expire(text, "access")
        return True

    def throttled(self, call: Call) -> web.Response:
        """Return 429 of the gateway."""
        return _refuse(
            429, "GW.RATE_LIMIT", "요청이 많아 서비스를 일시적으로 사용할 수 없습니다.",
            self._headers(call) | {"gncp-gw-ratelimit-remaining": "0"},
        )  # fmt: skip

    def broken(self, call: Call, status: int) -> web.Response:
        """Return an error of the gateway."""
        codes = {503: "GW.BLOCK.01", 504: "GW.TIMEOUT.01"}
        return _refuse(status, codes.get(status, "GW.PROXY.03"), "작업 중 오류가 발생하였습니다.")

    def not_found(self, call: Call) -> web.Response:
        """Return the gateway's answer to an unknown path."""
        return _refuse(404, "GW.NOT_FOUND", "요청하신 리소스를 찾을 수 없습니다.")

    # -- catalogue ----------------------------------------------------------------------------------------------------

    async def channels(self, call: Call) -> web.Response:
        """Answer GET /v1/seller/channels."""
        self._enter(call)
        return self._answer(call, [
            {
                "channelNo": ids.CHANNEL_NO, "channelType": "STOREFARM", "name": "에뮬스토어",
                "url": f"https://smartstore.naver.com/{ids.STORE}",
                "representativeImageUrl": naver_goods.image("/20250101_1/logo.jpg"), "talkTalkAccountId": "wemu01",
            },
            {
                "channelNo": ids.CHANNEL_NO + 1, "channelType": "WINDOW", "name": "에뮬 윈도",
                "url": f"https://shopping.naver.com/window-products/{ids.STORE}",
                "representativeImageUrl": naver_goods.image("/20250101_1/window.jpg"),
            },
        ])  # fmt: skip

    async def search(self, call: Call) -> web.Response:
        """Answer POST /v1/products/search."""
        self._enter(call)
        asked = call.json or {}
        page, size = int(asked.get("page") or 1), int(asked.get("size") or 50)
        if size > 500 or size < 1 or page < 1:
            return _bad("size", "size는 500 이하여야 합니다.")
        found = self.world.shown()
        if asked.get("periodType") == "PROD_MOD_DAY" and asked.get("fromDate"):
            first = values.day_start(values.day(asked["fromDate"]))  # type: ignore[arg-type]
            found = [one for one in found if one.changed_at >= first]
        found = found[::-1] if asked.get("orderType", "NO") == "NO" else found
        rows = found[(page - 1) * size : page * size]
        call.log_rows = len(rows)
        contents = [
            {"originProductNo": ids.origin_no(one), "channelProducts": [naver_goods.row(one, self.world.categories)]}
            for one in rows
        ]
        pages = -(-len(found) // size)
        return self._answer(
            call,
            {
                "contents": contents, "page": page, "size": size, "totalElements": len(found), "totalPages": pages,
                "sort": {"sorted": True, "fields": [{"name": asked.get("orderType", "NO"), "direction": "DESC"}]},
                "first": page == 1, "last": page >= pages,
            },
        )  # fmt: skip

    async def detail(self, call: Call) -> web.Response:
        """Answer GET /v2/products/channel-products/{number}."""
        return self._detail(call, int(call.part["number"]))

    async def origin(self, call: Call) -> web.Response:
        """Answer GET /v2/products/origin-products/{number}."""
        return self._detail(call, int(call.part["number"]) + ids.channel_no(0) - ids.origin_no(0))

    def _detail(self, call: Call, channel: int) -> web.Response:
        self._enter(call)
        product = self.world.products.get(ids.product_of(channel))
        if product is None or product.state == "deleted":
            return _product_error(404, "NOT_FOUND", "데이터가 없습니다.")
        return self._answer(call, naver_goods.detail(product))

    # -- orders -------------------------------------------------------------------------------------------------------

    def _all(self, call: Call) -> dict[str, tuple[Order, Line]]:
        return call.trade.orders.view(
            "naver product orders",
            lambda orders: {
                ids.line_no(order, line): (order, line) for order in orders for line in order.lines if ids.shown(line)
            },
        )

    def _window(self, call: Call, first: str, last: str, too_wide: str) -> tuple[datetime, datetime]:
        told = call.query.get(first, "")
        start = self._moment(told)
        if start is None or "." not in told or len(told.partition(".")[2][:4].rstrip("+-Z")) != 3:
            raise Refusal(_order_error("4000", f"{first} 값이 올바르지 않습니다."))
        end = self._moment(call.query.get(last, "")) or start + DAY
        if end - start > DAY:
            raise Refusal(_order_error(too_wide, "조회 가능한 날짜 범위를 초과"))
        return start, end

    @staticmethod
    def _moment(text: str) -> datetime | None:
        try:
            return values.moment(text)
        except ValueError:
            return None

    async def changes(self, call: Call) -> web.Response:
        """Answer GET …/last-changed-statuses: the latest change of each product order, cut at 300 rows."""
        self._enter(call)
        start, end = self._window(call, "lastChangedFrom", "lastChangedTo", "104139")
        rows = call.trade.orders.view("naver feed", _feed)
        found = [row for row in rows if start <= row[0] <= end]
        sequence = call.query.get("moreSequence")
        if sequence:
            found = [row for row in found if row[0] > start or row[1] >= sequence]
        limit = min(int(call.query.get("limitCount", MOST)), MOST)
        if not found:
            return self._answer(call, self._stamp({}))
        data: dict[str, Any] = {
            "lastChangeStatuses": [naver_sales.change(order, line) for _, _, order, line in found[:limit]],
            "count": len(found[:limit]),
        }
        if len(found) > limit:
            data["more"] = {"moreFrom": naver_sales.kst(found[limit][0]), "moreSequence": found[limit][1]}
        call.log_rows = data["count"]
        return self._answer(call, self._stamp({"data": data}))

    async def query(self, call: Call) -> web.Response:
        """Answer POST …/query: at most 300 product orders; unknown ones are left out, foreign ones refuse all."""
        self._enter(call)
        numbers = (call.json or {}).get("productOrderIds") or []
        if not numbers or len(numbers) > MOST:
            return _order_error("4000", "productOrderIds 값이 올바르지 않습니다.")
        if ids.FOREIGN in map(str, numbers):
            return _order_error("101009", "처리 권한이 없는 상품 주문 번호를 요청")
        known = self._all(call)
        rows = [naver_sales.product_order(*known[number]) for number in map(str, numbers) if number in known]
        call.log_rows = len(rows)
        return self._answer(call, self._stamp({"data": rows}))

    async def conditional(self, call: Call) -> web.Response:
        """Answer GET …/product-orders by a date and a window of at most a day."""
        self._enter(call)
        start, end = self._window(call, "from", "to", "4000")
        kind = call.query.get("rangeType", "PAYED_DATETIME")
        if kind not in _DATES:
            return _order_error("4000", "rangeType 값이 올바르지 않습니다.")
        size, page = min(int(call.query.get("pageSize", MOST)), MOST), int(call.query.get("page", 1))
        found = call.trade.orders.view(f"naver {kind}", lambda orders: list(_dated(orders, kind)))
        rows = [row for row in found if start <= row[0] <= end]
        shown = rows[(page - 1) * size : page * size]
        call.log_rows = len(shown)
        contents = [
            {"productOrderId": number, "content": naver_sales.product_order(order, line)}
            for _, number, order, line in shown
        ]
        pagination = {"page": page, "size": size, "hasNext": page * size < len(rows)}
        return self._answer(call, self._stamp({"data": {"contents": contents, "pagination": pagination}}))

    async def lines(self, call: Call) -> web.Response:
        """Answer GET …/orders/{number}/product-order-ids."""
        self._enter(call)
        numbers = [
            number for number, (order, _) in self._all(call).items() if ids.order_no(order) == call.part["number"]
        ]
        if not numbers:
            return _order_error("100003", "주문을 찾을 수 없음")
        return self._answer(call, self._stamp({"data": numbers}))

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        return {"api": Records(self.world, "naver", mall).everything()}


_DATES = {
    "PAYED_DATETIME": ("paid",), "ORDERED_DATETIME": ("ordered",), "DISPATCHED_DATETIME": ("shipped",),
    "PURCHASE_DECIDED_DATETIME": ("completed",), "CLAIM_REQUESTED_DATETIME": ("_requested",),
    "CLAIM_COMPLETED_DATETIME": ("_completed", "failed"), "COLLECT_COMPLETED_DATETIME": ("_collected",),
}  # fmt: skip


def _dated(orders: Any, kind: str) -> Iterator[tuple[datetime, str, Order, Line]]:
    rows = []
    for order in orders:
        for line in order.lines:
            if not ids.shown(line):
                continue
            claim, _ = ids.claim_of(order, line)
            for event in order.events:
                mine = (
                    event.claim == claim.no if event.claim and claim else not event.claim and event.line in (0, line.no)
                )
                wanted = any(
                    event.what == what or (what[0] == "_" and event.what.endswith(what)) for what in _DATES[kind]
                )
                if mine and wanted:
                    rows.append((event.at, ids.line_no(order, line), order, line))
    return iter(sorted(rows, key=lambda row: row[:2]))


def _feed(orders: Any) -> list[tuple[datetime, str, Order, Line]]:
    rows = [
        (naver_sales.changed(order, line)[0], ids.line_no(order, line), order, line)
        for order in orders for line in order.lines if ids.shown(line)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row[:2])


def _refuse(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    told = {
        "code": code,
        "message": message,
        "timestamp": naver_sales.kst(values.now(), ".456"),
        "traceId": "emuTraceId^1^1",
    }
    return json_answer(told, status, headers)


def _product_error(status: int, code: str, message: str, *wrong: dict[str, str]) -> web.Response:
    stamp = naver_sales.kst(values.now(), ".456")
    return json_answer({"code": code, "message": message, "invalidInputs": [*wrong], "timestamp": stamp}, status)


def _bad(name: str, message: str) -> web.Response:
    return _product_error(400, "BAD_REQUEST", message, {"name": name, "type": "Invalid", "message": message})


def _order_error(code: str, message: str) -> web.Response:
    return _refuse(400, code, message)
