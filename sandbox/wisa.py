"""WISA, emulated: log-in and Openapi, the ERP API, the feed for price comparison.

Everything is answered with HTTP 200; a dead session gets thinner lists instead of an error. Unverified, as the sources
say: that a session ends after 30 idle minutes, what an unknown action and a list of orders with a dead session get,
the shape of the list of rights, that nothing throttles, times in Asia/Seoul, any page size.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox import emulator, wisa_erp, wisa_rest
from sandbox import wisa_ids as ids
from sandbox.emulator import Call, Demo, Route, text_answer
from sandbox.wisa_erp import Erp
from sandbox.wisa_erp_truth import ErpTruth
from sandbox.wisa_goods import SHAPES, Shop
from sandbox.wisa_openapi import Openapi, no
from sandbox.wisa_truth import Truth
from shopscrape import values

OPENAPI, ERP = "api/openapi.exe.php", "api/erp.exe.php"
IDLE = 30 * 60.0
"""Seconds after which an unused session ends (assumed)."""
BOTH, OPENAPI_ONLY, ERP_ONLY = "demo_wisa", "demo_wisa_openapi", "demo_wisa_erp"
OFF, BROKEN, REST = "demo_wisa_off", "demo_wisa_broken", "demo_wisa_rest"
SWITCHED_OFF = 4
"""Questions after which the key of the one mall is switched off."""
ADMIN_ID, ADMIN_PASSWORD = "reader01", "sandbox-wisa-password"
RESOURCES = {
    "productList": ("products", "inventory"), "product": ("products", "inventory"), "orderList": ("orders", "returns"),
    "order": ("orders", "returns"), "reviewList": ("reviews",), "getProduct": ("products", "inventory"),
    "getCanceledOrder": ("orders", "returns"),
}  # fmt: skip
"""What changes while an action is being paged, under the drift fault."""
HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
STATUS = {
    429: "429 Too Many Requests", 500: "500 Internal Server Error", 502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out",
}  # fmt: skip


class Emulator(emulator.Emulator):
    """A mall with both APIs, one with each alone, one whose ERP key is switched off while it is crawled, one whose ERP
    answers are broken by what buyers wrote, and one of the REST API that is an assumption.
    """

    platform = "wisa"

    def prepare(self) -> None:
        """Make what each mall shows."""
        self.shops = {demo.name: Shop(self.world, self.world.trade(demo.name)) for demo in self.malls()}
        self.sessions: dict[str, dict[str, datetime]] = {mall: {} for mall in self.shops}
        self.logins = 0
        self.asked_off = 0

    def malls(self) -> list[Demo]:
        """Return the malls."""
        native = {"domain": ids.DOMAIN}
        goods = ("products", "orders", "inventory", "returns")
        return [
            Demo(name=BOTH, native=native),
            Demo(name=OPENAPI_ONLY, native=native, table={"backend": "openapi"}),
            Demo(name=ERP_ONLY, native=native, table={"backend": "erp"}, resources=goods),
            Demo(name=OFF, native=native, table={"backend": "erp"}, resources=goods),
            Demo(name=BROKEN, native=native, table={"backend": "erp"}, resources=goods),
            Demo(name=REST, native=native | {"rest_beta": True}, table={"backend": "rest"}, resources=goods[::2]),
        ]

    def secrets(self, mall: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the log-in of a sub-admin, the key of the ERP API, or both."""
        key = self.world.dice("wisa", mall, "key").randbytes(16).hex()
        if mall == REST:
            return {"REST_KEY": key}
        admin = {"ADMIN_ID": ADMIN_ID, "ADMIN_PASSWORD": ADMIN_PASSWORD}
        return (admin if mall in (BOTH, OPENAPI_ONLY) else {}) | ({"ERP_KEY": key} if mall != OPENAPI_ONLY else {})

    def routes(self) -> list[Route]:
        """Return the one path of both APIs, and the feeds."""
        return [
            Route("*", "/main/exec.php", self.exec, "exec"),
            Route("GET", "/v1/products", self.rest, "rest", resources=("products", "inventory")),
            Route("GET", "/_data/compare/naver/all_prd.php", self.feed, "feed"),
            Route("GET", "/_data/compare/naver/summary_prd.php", self.feed, "feed"),
        ]

    def route_of(self, call: Call, route: Route) -> Route:
        """Return the route of an action."""
        if route.stream != "exec":
            return route
        action = self._told(call).get("action", "")
        return route._replace(stream=action or "exec", resources=RESOURCES.get(action, ()), once=action == "login")

    def question(self, call: Call) -> str:
        """Return what is equal when the same question is asked again; the session changes."""
        told = {name: value for name, value in self._told(call).items() if name not in ("hash", "key", "mng_pw")}
        return f"{call.request.path}?{sorted(told.items())}"

    @staticmethod
    def _told(call: Call) -> dict[str, str]:
        """Return query and form fields together; the engine reads both."""
        return {**call.query, **call.form}

    def shop(self, mall: str) -> Shop:
        """Return what a mall shows, at its address."""
        shop = self.shops[mall]
        shop.address = self.stage.storefront(mall) or shop.address
        return shop

    # -- what is asked ------------------------------------------------------------------------------------------------

    async def exec(self, call: Call) -> web.Response:
        """Answer /main/exec.php."""
        told, api = self._told(call), call.query.get("exec_file", "")
        if api == ERP and call.mall not in (OPENAPI_ONLY, REST):
            return self._erp(call, told)
        if api == OPENAPI and call.mall in (BOTH, OPENAPI_ONLY):
            return self._openapi(call, told)
        return self.not_found(call)

    async def rest(self, call: Call) -> web.Response:
        """Answer the central REST API."""
        if call.mall != REST:
            return self.not_found(call)
        if call.header("X-API-Key") != self.stage.secret(REST, "REST_KEY"):
            return wisa_rest.error(401)
        return wisa_rest.answer(self.shop(REST), call.query)

    def _erp(self, call: Call, told: Mapping[str, str]) -> web.Response:
        key = self.stage.secret(call.mall, "ERP_KEY")
        try:
            if told.get("key") != key:
                raise wisa_erp.Wrong("인증되지 않은 키 정보입니다.")
            self.asked_off += call.mall == OFF
            if call.mall == OFF and self.asked_off > SWITCHED_OFF:
                raise wisa_erp.Wrong("사용이 중지된 키 정보입니다.")
            answering = Erp(self.shop(call.mall), broken=call.mall == BROKEN)
            text, call.log_rows = answering.answer(told.get("action", ""), told, key)
        except wisa_erp.Wrong as why:
            text = wisa_erp.error(str(why))
        return text_answer(text, content_type="text/xml")

    def _openapi(self, call: Call, told: dict[str, str]) -> web.Response:
        action, mall = told.get("action", ""), call.mall
        if action == "login":
            return self._login(mall, told)
        alive = self._alive(mall, told.get("hash"))
        if action == "loginCheck":
            return _json({"status": "Y"} if alive else no(None))
        if action == "orderList" and not alive:
            return text_answer("permission_denied", content_type="text/html")
        document = Openapi(self.shop(mall)).answer(action, told, alive)
        rows = next((value for value in document.values() if isinstance(value, list)), None)
        call.log_rows = None if rows is None else len(rows)
        return _json(document)

    def _login(self, mall: str, told: Mapping[str, str]) -> web.Response:
        if told.get("mng_id") != ADMIN_ID:
            return _json(no("관리자 아이디 에러"))
        if told.get("mng_pw") != ADMIN_PASSWORD:
            return _json(no("관리자 패스워드 에러"))
        self.logins += 1
        session = f"k{self.world.dice('wisa', mall, self.logins, self.clock.now()).randbytes(13).hex()}"
        self.sessions[mall][session] = self.clock.now()
        return _json(SHAPES["login"] | {"hash": session})

    def _alive(self, mall: str, session: str | None) -> bool:
        used = self.sessions[mall].get(session or "")
        if used is None or used + self.clock.lifetime(IDLE) < self.clock.now():
            self.sessions[mall].pop(session or "", None)
            return False
        self.sessions[mall][session or ""] = self.clock.now()
        return True

    # -- the feed -----------------------------------------------------------------------------------------------------

    async def feed(self, call: Call) -> web.Response:
        """Answer the feeds of what is on sale, and of what was modified today; not every operator made them."""
        return feed(self.shop(call.mall), call, self.clock.now()) if call.mall != ERP_ONLY else self.not_found(call)

    # -- refusals -----------------------------------------------------------------------------------------------------

    def throttled(self, call: Call) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        if call.stream == "rest":
            return wisa_rest.error(429)
        return text_answer(HTML.format(STATUS[429]), 429, "text/html", headers={"Retry-After": "5"})

    def broken(self, call: Call, status: int) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        if call.stream == "rest":
            return wisa_rest.error(status)
        return text_answer(HTML.format(STATUS[status]), status, "text/html")

    def not_found(self, call: Call) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        return text_answer(HTML.format("404 Not Found"), 404, "text/html")

    def expire(self, call: Call) -> bool:
        """End the session that a request presents."""
        return self.sessions[call.mall].pop(self._told(call).get("hash", ""), None) is not None

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        if mall == OFF:
            return {"api": {}}
        if mall == REST:
            return {"api": wisa_rest.truth(self.shop(mall), mall)}
        host = self.stage.storefront(mall) or self.stage.address(mall).partition("/wisa/")[0]
        truth = Truth(self.shop(mall), mall, host, mall != OPENAPI_ONLY)
        return {"api": ErpTruth(truth, mall == BROKEN).records() if mall in (ERP_ONLY, BROKEN) else truth.records()}


def feed(shop: Shop, call: Call, now: datetime) -> web.Response:
    """Return a feed: all goods on sale, or those modified today whether sold out or not."""
    products = list(reversed(shop.listed()))
    if call.request.path.endswith("summary_prd.php"):
        today = now.astimezone(values.SEOUL).date()
        found = [one for one in products if ids.modified_at(one).astimezone(values.SEOUL).date() == today]
        found = [one for one in found if ids.product_stat(one) != "4"]
    else:
        found = [one for one in products if ids.product_stat(one) == "2"]
    call.log_rows = len(found)
    return text_answer(shop.feed(found), content_type="text/plain")


def _json(told: Mapping[str, Any]) -> web.Response:
    """Return JSON as PHP prints it: indented, slashes escaped, Korean as it is."""
    text = json.dumps(told, ensure_ascii=False, indent=4).replace("/", "\\/")
    return text_answer(text, content_type="application/json")
