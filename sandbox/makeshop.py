"""The Korean MakeShop, emulated: the Shop API (`demo_makeshop`) and the legacy Open API (`demo_makeshop_legacy`).

Unverified, as the sources say: bodies and Retry-After of every HTTP error, the status of a sixth token within a minute,
and that the legacy door takes the same questions.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox import emulator, shapes
from sandbox import makeshop_ids as ids
from sandbox import makeshop_lists as lists
from sandbox.clock import Tokens
from sandbox.emulator import Call, Demo, Refusal, Route, json_answer, text_answer
from sandbox.makeshop_lists import Question, Wrong
from sandbox.makeshop_stock import set_stock
from sandbox.makeshop_truth import Records

SHAPES = shapes.templates("makeshop_shapes.json")
LIFETIME = 300.0
TOKENS_A_MINUTE = 5
READS_AN_HOUR = 500
CONNECT, LEGACY = "demo_makeshop", "demo_makeshop_legacy"
Answering = Callable[[Question], dict[str, Any]]

GOODS, SALES, REVIEWS = ("products", "inventory"), ("orders", "returns"), ("reviews",)
OPERATIONS: dict[str, tuple[Answering, str, tuple[str, ...]]] = {
    "product": (lists.product, "products", GOODS), "delete_product": (lists.delete_product, "products_deleted", ()),
    "category": (lists.category, "categories", ()), "stock": (lists.stock, "stock", GOODS),
    "order/2": (lists.order, "orders", SALES), "order/1": (lists.order_first, "orders", SALES),
    "order_log": (lists.order_log, "orders_log", SALES), "order_search": (lists.order_search, "refunds", SALES),
    "order_trade_log": (lists.order_trade_log, "exchanges", SALES),
    "order_return_delivery": (lists.order_return_delivery, "parcels", ()),
    "order_return_invoice": (lists.order_return_invoice, "parcels", ()),
    "board_code": (lists.board_code, "boards", ()), "board": (lists.board, "board", REVIEWS),
    "review": (lists.review, "reviews", REVIEWS), "comment": (lists.comment, "board_comments", REVIEWS),
}  # fmt: skip
"""Operation → what answers it, its stream, what its rows belong to."""
TYPES = ("product", "delete_product", "category", "stock", "board_code", "board", "review", "comment")
"""What the legacy Open API calls by the same name; its orders are type=order with ver=2."""


class Emulator(emulator.Emulator):
    """Two malls: one through each door."""

    platform = "makeshop"

    def prepare(self) -> None:
        """Make the token store."""
        self.tokens = Tokens(self.clock, f"makeshop:{self.world.seed}", {"access": LIFETIME})
        self._hour = (-1, 0)

    def malls(self) -> list[Demo]:
        """Return the malls. Both were opened a little before anything was bought or written there."""
        opened = ids.day(self.world.anchor - timedelta(days=250))
        return [
            Demo(name=CONNECT, native={"shop_uid": ids.SHOP, "opened": opened}),
            Demo(name=LEGACY, native={"opened": opened}, table={"backend": "openapi"}),
        ]

    def secrets(self, mall: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the app's id and secret, or the two keys of the legacy door."""
        if mall == LEGACY:
            return {"SHOPKEY": "0123456789abcdef" * 2, "LICENSEKEY": base64.b64encode(b"emulated license").decode()}
        return {"CLIENT_ID": "emu-client-0001", "CLIENT_SECRET": "emu-client-secret-0001"}

    def routes(self) -> list[Route]:
        """Return the addresses of both doors."""
        below = "/api/v1/{shop}/"
        found = [
            Route("POST", "/oauth/token", self.token, "auth"),
            Route("GET", below + "information", self.information, "shop"),
            Route("POST", below + "product/stock", self.write_stock, "stock_written", once=True),
            Route("GET", "/list/open_api.html", self.legacy, "legacy"),
        ]
        for name, (_, stream, resources) in OPERATIONS.items():
            found.append(Route("GET", below + name, self.read, stream, resources))
        return found

    def route_of(self, call: Call, route: Route) -> Route:
        """Return the legacy door's route by the type that is asked for."""
        if route.stream != "legacy":
            return route
        known = OPERATIONS.get(_legacy_name(call))
        return route._replace(stream=known[1], resources=known[2]) if known else route

    # -- tokens -------------------------------------------------------------------------------------------------------

    async def token(self, call: Call) -> web.Response:
        """Answer POST /oauth/token: Basic, a form, and at most five a minute for each shop."""
        form = call.form
        if form.get("grant_type") != "client_credentials" or not form.get("shop_uid"):
            return json_answer(SHAPES["error_422"], 422)
        pair = f"{self.stage.secret(CONNECT, 'CLIENT_ID')}:{self.stage.secret(CONNECT, 'CLIENT_SECRET')}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if call.mall != CONNECT or call.header("Authorization") != basic or form["shop_uid"] != ids.SHOP:
            return json_answer(SHAPES["token_error_401"], 401)
        if not self.clock.quota(("makeshop tokens", form["shop_uid"]), TOKENS_A_MINUTE, 60).take():
            return json_answer(SHAPES["token_error_429"], 429, {"Retry-After": "60"})
        text = self.tokens.issue("access").text
        told = {"access_token": text, "token_type": "Bearer", "expires_in": int(LIFETIME)}
        return json_answer({"success": True, "data": told})

    def _enter(self, call: Call) -> None:
        """Check token and shop. Raises: Refusal."""
        if self.tokens.alive(call.header("Authorization").removeprefix("Bearer "), "access") is None:
            raise Refusal(json_answer(SHAPES["error_401"], 401))
        if call.mall != CONNECT or call.part["shop"] != ids.SHOP:
            raise Refusal(json_answer(SHAPES["error_403"], 403))

    def expire(self, call: Call) -> bool:
        """End the token of a request; the keys of the legacy door do not end."""
        text = call.header("Authorization").removeprefix("Bearer ")
        if self.tokens.alive(text, "access") is None:
            return False
        self.tokens.expire(text, "access")
        return True

    # -- the Shop API -------------------------------------------------------------------------------------------------

    async def information(self, call: Call) -> web.Response:
        """Answer GET information."""
        self._enter(call)
        shop = {
            "shop_id": ids.SHOP, "shop_url": self.stage.storefront(call.mall) or ids.MAIN_HOST, "shop_name": "에뮬상점",
        }  # fmt: skip
        told = shapes.fill(SHAPES["information"], shop)
        return json_answer({"return_code": "0000", "list": told, "orderVersion": "2.0"})

    async def read(self, call: Call) -> web.Response:
        """Answer every other GET."""
        self._enter(call)
        return self._answered(call, call.request.path.partition(f"/api/v1/{ids.SHOP}/")[2], legacy=False)

    async def write_stock(self, call: Call) -> web.Response:
        """Answer POST product/stock: rows fail one by one inside an answer that is all right."""
        self._enter(call)
        try:
            return json_answer(set_stock(self.world, call.json))
        except Wrong as why:
            return _inband(why)

    def _answered(self, call: Call, operation: str, legacy: bool) -> web.Response:
        answer = OPERATIONS[operation][0]
        try:
            told = answer(Question(call, legacy))
        except Wrong as why:
            return _inband(why)
        call.log_rows = len(told["list"])
        return json_answer(told)

    # -- the legacy Open API ------------------------------------------------------------------------------------------

    async def legacy(self, call: Call) -> web.Response:
        """Answer GET /list/open_api.html: two fixed keys, and 500 reads an hour over all types."""
        if call.mall != LEGACY or call.header("Shopkey") != self.stage.secret(LEGACY, "SHOPKEY"):
            missing = not call.header("Shopkey")
            return _inband(Wrong("Shopkey 정보가 없습니다.", "9001" if missing else "9002"))
        if call.header("Licensekey") != self.stage.secret(LEGACY, "LICENSEKEY"):
            return _inband(Wrong("권한이 없습니다.", "9008"))
        if not self._count():
            return self.throttled(call)
        name = _legacy_name(call)
        if call.query.get("mode") != "search" or name not in OPERATIONS:
            return _inband(Wrong("잘못된 요청입니다."))
        return self._answered(call, name, legacy=True)

    def _count(self) -> bool:
        """Count a read of this clock hour; False when all are used up."""
        hour = int(self.clock.now().timestamp() * self.clock.speed // 3600)
        used = self._hour[1] if self._hour[0] == hour else 0
        if used >= READS_AN_HOUR:
            return False
        self._hour = (hour, used + 1)
        return True

    # -- its own words ------------------------------------------------------------------------------------------------

    def throttled(self, call: Call) -> web.Response:
        """Return 429 at the new door, 9006 inside 200 at the old one."""
        if "/open_api" in call.request.path:
            return _inband(Wrong("호출 가능 횟수를 초과하였습니다.", "9006"))
        return json_answer(SHAPES["error_429"], 429, {"Retry-After": "2"})

    def broken(self, call: Call, status: int) -> web.Response:
        """Return an HTML page: of the server for 500, of the gateway else."""
        if status == 500:
            page = '<!DOCTYPE html>\n<html lang="ko"><head><title>500 Internal Server Error</title></head></html>'
        else:
            said = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}[status]
            page = f"<html>\n<head><title>{status} {said}</title></head>\n<body><center>nginx</center></body>\n</html>"
        return text_answer(page, status, "text/html")

    def not_found(self, call: Call) -> web.Response:
        """Return the answer to an unknown path."""
        return json_answer(SHAPES["error_404"], 404)

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        pages = self.stage.storefront(mall) or (self.stage.address(mall) if mall == LEGACY else ids.MAIN_HOST)
        return {"api": Records(self.world, mall, pages, legacy=mall == LEGACY).everything()}


def _legacy_name(call: Call) -> str:
    """Return the Shop API's name of what a legacy question asks for."""
    kind = call.query.get("type", "")
    if kind == "order":
        return "order/2" if call.query.get("ver") == "2" else "order/1"
    return kind if kind in TYPES else ""


def _inband(why: Wrong) -> web.Response:
    return json_answer({"return_code": why.code, "message": why.message})
