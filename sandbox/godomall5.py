"""Godomall5's openhub, emulated: XML with its bad habits, codes inside HTTP 200, a cursor over order numbers.

Unverified, as the sources say: unknown paths, sizes and their caps, order of rows, pages past the end, the 429 body,
post rows with product number and rating, that of all that happens to a post an edit and the operator's answer alone
count as its change; and what stands in godomall5_shops and godomall5_server.
"""

import secrets as random_secrets
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox import emulator
from sandbox import godomall5_ids as ids
from sandbox import godomall5_server as server
from sandbox import godomall5_shops as shops
from sandbox.emulator import Call, Demo, Route, text_answer
from sandbox.entities import Review
from sandbox.godomall5_answers import Answers, document
from sandbox.godomall5_shops import SHOPS, Shop
from sandbox.godomall5_truth import Records
from sandbox.world import Trade
from shopscrape import items, values

ROOT = "/godomall5"
RATE = 100.0
GOODS_MOST, ORDERS_MOST = 100, 300


class Emulator(emulator.Emulator):
    """The mall `demo_godomall5`, and those of godomall5_shops."""

    platform = "godomall5"

    def prepare(self) -> None:
        """Make the rows of each mall."""
        self.answers = {mall: self._answers(mall) for mall in SHOPS}

    def _answers(self, mall: str) -> Answers:
        return Answers(self.world, lambda number: len(visible(self.world.trade(mall), number)))

    def malls(self) -> list[Demo]:
        """Return the malls."""
        return [
            Demo(name=mall, native={"domain": ids.DOMAIN}, table={"backend": "server"} if shop.server else {})
            for mall, shop in SHOPS.items()
        ]

    def secrets(self, mall: str, known: Any) -> dict[str, str]:
        """Return both keys: they look like Base64 and hold signs that a form must encode; and those of the app."""
        names = ("PARTNER_KEY", "KEY", *(("SYSTEM_KEY", "ACCESS_TOKEN") if SHOPS[mall].server else ()))
        return {
            name: known.get(name) or f"{random_secrets.token_hex(12)}+/{random_secrets.token_hex(6)}=="
            for name in names
        }

    def routes(self) -> list[Route]:
        """Return the read calls."""
        goods, both = ("products", "inventory"), ("orders", "returns")
        calls = (
            ("/goods/Goods_Search.php", self.goods, "products", goods),
            ("/goods/Goods_Add_Search.php", self.add_ons, "products_add_on", ()),
            ("/goods/Category_Search.php", self.categories, "categories", ()),
            ("/goods/Brand_Search.php", self.brands, "brands", ()),
            ("/order/Order_Search.php", self.orders, "orders", both),
            ("/board/Board_Inventory.php", self.boards, "boards", ()),
            ("/board/Board_List.php", self.posts, "reviews", ("reviews",)),
            ("/common/Code_Search.php", self.codes, "codes", ()),
        )
        openhub = [Route("*", ROOT + path, handler, stream, resources=rows) for path, handler, stream, rows in calls]
        return [
            *openhub, Route("GET", "/goods", self.server_goods, "server_goods"),
            Route("GET", "/boards/{board}/articles", self.server_articles, "server_reviews", resources=("reviews",)),
        ]  # fmt: skip

    # -- around every call --------------------------------------------------------------------------------------------

    def question(self, call: Call) -> str:
        """Return what makes two requests the same question: the form, without the keys."""
        told = {name: value for name, value in self._given(call).items() if name not in ("partner_key", "key")}
        return f"{call.request.path} {sorted(told.items())}"

    @staticmethod
    def _given(call: Call) -> dict[str, str]:
        return {**call.query, **call.form}

    def _refused(self, call: Call) -> web.Response | None:
        if not self.clock.bucket(("godomall5", call.mall), rate=RATE, burst=int(RATE)).take():
            return self.throttled(call)
        code = self._code(call, self._given(call), SHOPS[call.mall])
        return self._said(call, code, shops.SAID[code]) if code else None

    def _code(self, call: Call, given: dict[str, str], shop: Shop) -> str:
        if given.get("partner_key") != self.stage.secret(call.mall, "PARTNER_KEY"):
            return "998"
        if shop.refused == "996":
            return "996"
        if given.get("key") != self.stage.secret(call.mall, "KEY"):
            return "999"
        if shop.refused:
            return shop.refused
        return "995" if call.request.path.rpartition("/")[2].removesuffix(".php") in shop.denied else ""

    @staticmethod
    def _xml(call: Call, text: str) -> web.Response:
        return shops.answer(SHOPS[call.mall], text)

    def _said(self, call: Call, code: str, message: str) -> web.Response:
        return self._xml(call, document("", [], code, message))

    def throttled(self, call: Call) -> web.Response:
        """Return 429 with its level."""
        return text_answer("Too Many Requests", 429, "text/html", headers={"ratelimit-available-level": "EXHAUSTED"})

    def broken(self, call: Call, status: int) -> web.Response:
        """Return the gateway's HTML."""
        return text_answer(f"<html><head><title>{status}</title></head><body>nginx</body></html>", status, "text/html")

    def not_found(self, call: Call) -> web.Response:
        """Return the gateway's HTML."""
        return text_answer("<html><body>404 Not Found</body></html>", 404, "text/html")

    def _paged(self, call: Call, name: str, rows: list[Any], make: Any) -> web.Response:
        given = self._given(call)
        size = min(int(given.get("size") or 10), GOODS_MOST)
        page = max(int(given.get("page") or 1), 1)
        shown = rows[(page - 1) * size : page * size]
        call.log_rows = len(shown)
        told = document(name, map(make, shown), total=len(rows), max_page=-(-len(rows) // size), now_page=page)
        return self._xml(call, told)

    def _days(self, given: dict[str, str]) -> tuple[Any, Any] | None:
        first = values.day(given.get("startDate", "")[:10])
        last = values.day(given.get("endDate", "")[:10])
        if first is None:
            return None
        end = values.day_start(last + timedelta(days=1)) if last else self.clock.now() + timedelta(days=1)
        return values.day_start(first), end

    # -- catalogue ----------------------------------------------------------------------------------------------------

    async def goods(self, call: Call) -> web.Response:
        """Answer Goods_Search."""
        if refused := self._refused(call):
            return refused
        given = self._given(call)
        found = self.world.shown()[::-1]
        if "goodsNo" in given:
            found = [one for one in found if ids.goods_no(one) == given["goodsNo"]]
        if (window := self._days(given)) and given.get("searchDateType"):
            changed = given["searchDateType"] == "modDt"
            found = [
                one for one in found
                if window[0] <= (one.changed_at if changed else one.created_at) < window[1]
                and (not changed or one.changed_at > one.created_at)
            ]  # fmt: skip
        return self._paged(call, "goods_data", found, self.answers[call.mall].goods)

    async def add_ons(self, call: Call) -> web.Response:
        """Answer Goods_Add_Search."""
        found = self.world.shown()[::-1]
        return self._refused(call) or self._paged(call, "add_goods_data", found, Answers.add_on)

    async def categories(self, call: Call) -> web.Response:
        """Answer Category_Search: the top level, or the children of a category."""
        if refused := self._refused(call):
            return refused
        above = self._given(call).get("cateCd", "")
        rows = [
            {"cateCd": code, "cateNm": one.name, "cateDisplayFl": "y", "cateDisplayMobileFl": "y"}
            for one in self.world.categories.values()
            if len(code := ids.category_code(one, self.world)) == len(above) + 3 and code.startswith(above)
        ]
        return self._xml(call, document("category_data", rows))

    async def brands(self, call: Call) -> web.Response:
        """Answer Brand_Search."""
        answers = self.answers[call.mall]
        rows = [{"brandCd": answers.brand_code(name), "brandNm": name} for name in answers.brands()]
        return self._refused(call) or self._xml(call, document("brand_data", rows))

    async def codes(self, call: Call) -> web.Response:
        """Answer Code_Search."""
        if refused := self._refused(call):
            return refused
        kind = self._given(call).get("code_type", "")
        tables: dict[str, list[dict[str, Any]]] = {
            "scm": [{"scmNo": "1", "companyNm": "본사"}],
            "claimCode": [
                {"itemCd": f"0400100{place}", "itemNm": name} for place, name in enumerate(("고객변심", "상품불량"), 1)
            ],
            "deliveryCompany": [{"invoiceCompanySno": "8", "invoiceCompanyName": "CJ대한통운"}],
        }
        return self._xml(call, document("code_data", tables.get(kind, [])))

    # -- orders -------------------------------------------------------------------------------------------------------

    async def orders(self, call: Call) -> web.Response:
        """Answer Order_Search: by days and a cursor that only goes down."""
        if refused := self._refused(call):
            return refused
        given = self._given(call)
        window = self._days(given)
        if "orderNo" in given:
            found = [one for one in call.trade.orders if ids.order_no(one) == given["orderNo"]]
        elif window is None or window[0] >= window[1]:
            return self._said(call, "202", "조회기간 또는 주문번호가 필요합니다.")
        elif window[1] - window[0] > timedelta(days=31):
            return self._said(call, "201", "주문조회 기간은 30일을 초과할 수 없습니다.")
        else:
            changed = given.get("dateType") == "modify"
            found = call.trade.orders.between(
                f"godomall5 {'changed' if changed else 'ordered'}",
                (lambda one: one.changed_at) if changed else (lambda one: one.ordered_at), *window,
            )  # fmt: skip
        found = sorted(found, key=ids.order_no, reverse=True)
        if given.get("orderStatus"):
            found = [
                one for one in found if any(ids.status(one, at) == given["orderStatus"] for at in ids.positions(one))
            ]
        header: dict[str, Any] = {}
        if given.get("size"):
            if given.get("lastOrder", "").isdigit():
                found = [one for one in found if ids.order_no(one) < given["lastOrder"]]
            size = min(int(given["size"]), ORDERS_MOST)
            header["lastOrder"] = "true" if (len(found) > size) is not SHOPS[call.mall].old else "false"
            found = found[:size]
        call.log_rows = len(found)
        if not found:
            return self._said(call, "204", "주문정보가 없습니다.")
        return self._xml(call, document("order_data", map(self.answers[call.mall].order, found), **header))

    # -- boards -------------------------------------------------------------------------------------------------------

    async def boards(self, call: Call) -> web.Response:
        """Answer Board_Inventory."""
        rows = [
            {"bdId": name, "bdNm": title, "bdKind": kind, "bdSecretFl": "2", "bdReplyFl": "y"}
            for name, title, kind in (("goodsreview", "상품후기", "default"), ("goodsqa", "상품문의", "qa"))
        ]
        return self._refused(call) or self._xml(call, document("board_data", rows))

    async def posts(self, call: Call) -> web.Response:
        """Answer Board_List: product reviews are posts of a board."""
        if refused := self._refused(call):
            return refused
        given = self._given(call)
        found = (
            sorted(visible(call.trade), key=lambda one: one.no, reverse=True)
            if given.get("bdId") == "goodsreview"
            else []
        )
        if window := self._days(given):
            changed = given.get("dateType") in ("modDt", "updDt")
            found = [
                one for one in found
                if (at := ids.changed_at(one) if changed else one.written_at) and window[0] <= at < window[1]
            ]  # fmt: skip
        return self._paged(call, "board_data", found, lambda one: Answers.post(one, SHOPS[call.mall].degraded))

    # -- the Server API -----------------------------------------------------------------------------------------------

    def _outside(self, call: Call) -> web.Response | None:
        if not SHOPS[call.mall].server:
            return self.not_found(call)
        wanted = {
            "systemKey": self.stage.secret(call.mall, "SYSTEM_KEY"), "Version": server.VERSION,
            "Authorization": f"Bearer {self.stage.secret(call.mall, 'ACCESS_TOKEN')}",
        }  # fmt: skip
        return None if all(call.header(name) == value for name, value in wanted.items()) else server.refused()

    async def server_goods(self, call: Call) -> web.Response:
        """Answer the Server API's list of products."""
        return self._outside(call) or server.goods(call.query, self.world.shown()[::-1])

    async def server_articles(self, call: Call) -> web.Response:
        """Answer the Server API's list of posts; the board of reviews has some."""
        found = visible(call.trade) if call.part["board"] == "goodsreview" else []
        return self._outside(call) or server.articles(call.query, found, f"https://{ids.DOMAIN}")

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        shop = SHOPS[mall]
        if shop.refused or shop.hostile:
            return {"api": {resource: [] for resource in items.RESOURCES}}
        return {"api": Records(self.world, mall, self.stage.storefront(mall), shop).everything(self.answers[mall])}


def visible(trade: Trade, product: int = 0) -> list[Review]:
    """Return the reviews that the board has."""
    rows = trade.reviews_of(product) if product else list(trade.reviews)
    return [one for one in rows if not {"hidden", "pending"} & set(one.flags)]
