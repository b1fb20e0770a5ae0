"""The Korean MakeShop, emulated: the Shop API (`demo_makeshop`) and the legacy Open API (`demo_makeshop_legacy`).

Further shops of the Shop API show one thing each: orders of version 1.0, power options, and an app whose list of
addresses does not hold the caller's.

Unverified, as the sources say: bodies and Retry-After of every HTTP error, the status of a sixth token within a minute,
that the legacy door takes the same questions, which of three ways of refusing an address meets, and that a shop
with orders of version 1.0 has no other operation about orders.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from aiohttp import web

from sandbox import emulator, shapes
from sandbox import makeshop_ids as ids
from sandbox import makeshop_lists as lists
from sandbox.clock import Tokens
from sandbox.emulator import Call, Demo, Refusal, Route, json_answer, text_answer
from sandbox.makeshop_first import VERSION, order_first
from sandbox.makeshop_lists import Question, Wrong
from sandbox.makeshop_power import KIND
from sandbox.makeshop_stock import set_stock
from sandbox.makeshop_truth import Records
from shopscrape import items

SHAPES = shapes.templates("makeshop_shapes.json")
LIFETIME = 300.0
TOKENS_A_MINUTE = 5
READS_AN_HOUR = 500
CONNECT, LEGACY = "demo_makeshop", "demo_makeshop_legacy"
FIRST, POWER = "demo_makeshop_v1", "demo_makeshop_power"
OUTSIDE, OUTSIDE_401, OUTSIDE_403 = (f"demo_makeshop_outside{way}" for way in ("", "_401", "_403"))
Answering = Callable[[Question], dict[str, Any]]
POWER_SHOWS = ("products", "inventory")
"""What orders of a shop with power options name of a combination is not known."""


class Shop(NamedTuple):
    """A shop of the Shop API."""

    uid: str
    version: str = "2.0"
    """Of its orders."""
    power: bool = False
    """Power options, where others have unified ones."""
    outside: int = 0
    """Its app's list of addresses does not hold the caller's: the status of every data call; 200: 9009 inside."""


SHOPS = {
    CONNECT: Shop(ids.SHOP), FIRST: Shop("emushop-v1", version=VERSION), POWER: Shop("emushop-power", power=True),
    OUTSIDE: Shop("emushop-outside", outside=200), OUTSIDE_401: Shop("emushop-outside401", outside=401),
    OUTSIDE_403: Shop("emushop-outside403", outside=403),
}  # fmt: skip

GOODS, SALES, REVIEWS = ("products", "inventory"), ("orders", "returns"), ("reviews",)
OPERATIONS: dict[str, tuple[Answering, str, tuple[str, ...]]] = {
    "product": (lists.product, "products", GOODS), "delete_product": (lists.delete_product, "products_deleted", ()),
    "category": (lists.category, "categories", ()), "stock": (lists.stock, "stock", GOODS),
    "order/2": (lists.order, "orders", SALES), "order/1": (order_first, "orders", SALES),
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
    """Malls through both doors."""

    platform = "makeshop"

    def prepare(self) -> None:
        """Make the token stores."""
        self.tokens = {
            mall: Tokens(self.clock, f"makeshop:{shop.uid}:{self.world.seed}", {"access": LIFETIME})
            for mall, shop in SHOPS.items()
        }
        self._hour = (-1, 0)

    def malls(self) -> list[Demo]:
        """Return the malls. All were opened a little before anything was bought or written there."""
        opened = ids.day(self.world.anchor - timedelta(days=250))
        return [
            *(
                Demo(
                    name=mall, native={"shop_uid": shop.uid, "opened": opened},
                    resources=POWER_SHOWS if shop.power else (),
                )
                for mall, shop in SHOPS.items()
            ),
            Demo(name=LEGACY, native={"opened": opened}, table={"backend": "openapi"}),
        ]  # fmt: skip

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
        shop = SHOPS.get(call.mall)
        if shop is None or form["shop_uid"] != shop.uid:
            return json_answer(SHAPES["token_error_401"], 401)
        pair = f"{self.stage.secret(call.mall, 'CLIENT_ID')}:{self.stage.secret(call.mall, 'CLIENT_SECRET')}"
        if call.header("Authorization") != f"Basic {base64.b64encode(pair.encode()).decode()}":
            return json_answer(SHAPES["token_error_401"], 401)
        if not self.clock.quota(("makeshop tokens", form["shop_uid"]), TOKENS_A_MINUTE, 60).take():
            return json_answer(SHAPES["token_error_429"], 429, {"Retry-After": "60"})
        text = self.tokens[call.mall].issue("access").text
        told = {"access_token": text, "token_type": "Bearer", "expires_in": int(LIFETIME)}
        return json_answer({"success": True, "data": told})

    def _enter(self, call: Call) -> Shop:
        """Check token, shop and address; return the shop. Raises: Refusal."""
        shop = SHOPS.get(call.mall)
        if shop is None or self._alive(call) is None or shop.outside == 401:
            raise Refusal(json_answer(SHAPES["error_401"], 401))
        if call.part["shop"] != shop.uid or shop.outside == 403:
            raise Refusal(json_answer(SHAPES["error_403"], 403))
        if shop.outside:
            raise Refusal(_inband(Wrong("허용되지 않은 IP 입니다.", "9009")))
        return shop

    def _alive(self, call: Call) -> Any:
        """Return the good token of a request, or None."""
        tokens = self.tokens.get(call.mall)
        return tokens and tokens.alive(call.header("Authorization").removeprefix("Bearer "), "access")

    def expire(self, call: Call) -> bool:
        """End the token of a request; the keys of the legacy door do not end."""
        token = self._alive(call)
        if token is None:
            return False
        self.tokens[call.mall].expire(token.text, "access")
        return True

    # -- the Shop API -------------------------------------------------------------------------------------------------

    async def information(self, call: Call) -> web.Response:
        """Answer GET information."""
        shop = self._enter(call)
        about = {
            "shop_id": shop.uid, "shop_url": self.stage.storefront(call.mall) or ids.MAIN_HOST, "shop_name": "에뮬상점",
        }  # fmt: skip
        told = shapes.fill(SHAPES["information"], about | ({"product_type": KIND} if shop.power else {}))
        return json_answer({"return_code": "0000", "list": told, "orderVersion": shop.version})

    async def read(self, call: Call) -> web.Response:
        """Answer every other GET."""
        shop = self._enter(call)
        operation = call.request.path.partition(f"/api/v1/{shop.uid}/")[2]
        if shop.version == VERSION and operation.startswith("order") and operation != "order/1":
            return _inband(Wrong("주문 2.0 버전에서만 사용 가능합니다."))
        return self._answered(call, operation, Question(call, False, shop.version, shop.power))

    async def write_stock(self, call: Call) -> web.Response:
        """Answer POST product/stock: rows fail one by one inside an answer that is all right."""
        if self._enter(call).power:
            return _inband(Wrong("파워옵션 상점에서는 사용할 수 없습니다."))
        try:
            return json_answer(set_stock(self.world, call.json))
        except Wrong as why:
            return _inband(why)

    def _answered(self, call: Call, operation: str, asked: Question) -> web.Response:
        try:
            told = OPERATIONS[operation][0](asked)
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
        return self._answered(call, name, Question(call, True))

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
        shop = SHOPS.get(mall)
        if shop is None:
            return {"api": Records(self.world, mall, pages, legacy=True).everything()}
        if shop.outside:
            return {"api": {resource: [] for resource in items.RESOURCES}}
        found = Records(self.world, mall, pages, first=shop.version == VERSION, power=shop.power).everything()
        return {"api": {name: rows for name, rows in found.items() if not shop.power or name in POWER_SHOWS}}


def _legacy_name(call: Call) -> str:
    """Return the Shop API's name of what a legacy question asks for."""
    kind = call.query.get("type", "")
    if kind == "order":
        return "order/2" if call.query.get("ver") == "2" else "order/1"
    return kind if kind in TYPES else ""


def _inband(why: Wrong) -> web.Response:
    return json_answer({"return_code": why.code, "message": why.message})
