"""Godomall5's openhub, emulated: XML with its bad habits, codes inside HTTP 200, a cursor over order numbers.

Unverified, as the sources say: unknown paths, sizes and their caps, order of rows, pages past the end, the 429 body,
the order of checks, post rows with product number and rating.
"""

import secrets as random_secrets
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox import emulator
from sandbox import godomall5_ids as ids
from sandbox.emulator import Call, Demo, Route, text_answer
from sandbox.entities import Order, Review
from sandbox.godomall5_answers import Answers, document
from sandbox.godomall5_truth import Records
from sandbox.world import Trade
from shopscrape import values

ROOT = "/godomall5"
MALL = "demo_godomall5"
RATE = 100.0
GOODS_MOST, ORDERS_MOST = 100, 300


class Emulator(emulator.Emulator):
    """The mall `demo_godomall5`."""

    platform = "godomall5"

    def prepare(self) -> None:
        """Make the rows."""
        self.answers = Answers(self.world, lambda number: len(visible(self.world.trade(MALL), number)))

    def malls(self) -> list[Demo]:
        """Return the one mall."""
        return [Demo(name=MALL, native={"domain": ids.DOMAIN})]

    def secrets(self, mall: str, known: Any) -> dict[str, str]:
        """Return both keys: they look like Base64 and hold signs that a form must encode."""
        return {
            name: known.get(name) or f"{random_secrets.token_hex(12)}+/{random_secrets.token_hex(6)}=="
            for name in ("PARTNER_KEY", "KEY")
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
        return [Route("*", ROOT + path, handler, stream, resources=rows) for path, handler, stream, rows in calls]

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
        given = self._given(call)
        if given.get("partner_key") != self.stage.secret(call.mall, "PARTNER_KEY"):
            return self._xml(document("", [], "998", "제휴사키가 올바르지 않습니다."))
        if given.get("key") != self.stage.secret(call.mall, "KEY"):
            return self._xml(document("", [], "999", "사용자키가 올바르지 않습니다."))
        return None

    @staticmethod
    def _xml(text: str) -> web.Response:
        return text_answer(text, content_type="text/xml", headers={"ratelimit-available-level": "AVAILABLE"})

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
        return self._xml(
            document(name, map(make, shown), total=len(rows), max_page=-(-len(rows) // size), now_page=page)
        )

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
        return self._paged(call, "goods_data", found, self.answers.goods)

    async def add_ons(self, call: Call) -> web.Response:
        """Answer Goods_Add_Search."""
        found = self.world.shown()[::-1]
        return self._refused(call) or self._paged(call, "add_goods_data", found, self.answers.add_on)

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
        return self._xml(document("category_data", rows))

    async def brands(self, call: Call) -> web.Response:
        """Answer Brand_Search."""
        rows = [{"brandCd": self.answers.brand_code(name), "brandNm": name} for name in self.answers.brands()]
        return self._refused(call) or self._xml(document("brand_data", rows))

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
        return self._xml(document("code_data", tables.get(kind, [])))

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
            return self._xml(document("", [], "202", "조회기간 또는 주문번호가 필요합니다."))
        elif window[1] - window[0] > timedelta(days=31):
            return self._xml(document("", [], "201", "주문조회 기간은 30일을 초과할 수 없습니다."))
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
            header["lastOrder"] = "true" if len(found) > size else "false"
            found = found[:size]
        call.log_rows = len(found)
        if not found:
            return self._xml(document("", [], "204", "주문정보가 없습니다."))
        return self._xml(document("order_data", map(self._order, found), **header))

    def _order(self, order: Order) -> dict[str, Any]:
        return self.answers.order(order)

    # -- boards -------------------------------------------------------------------------------------------------------

    async def boards(self, call: Call) -> web.Response:
        """Answer Board_Inventory."""
        rows = [
            {"bdId": name, "bdNm": title, "bdKind": kind, "bdSecretFl": "2", "bdReplyFl": "y"}
            for name, title, kind in (("goodsreview", "상품후기", "default"), ("goodsqa", "상품문의", "qa"))
        ]
        return self._refused(call) or self._xml(document("board_data", rows))

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
                if (at := one.edited_at if changed else one.written_at) and window[0] <= at < window[1]
            ]  # fmt: skip
        return self._paged(call, "board_data", found, self.answers.post)

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        return {"api": Records(self.world, mall, self.stage.storefront(mall)).everything(self.answers)}


def visible(trade: Trade, product: int = 0) -> list[Review]:
    """Return the reviews that the board has."""
    rows = trade.reviews_of(product) if product else list(trade.reviews)
    return [one for one in rows if not {"hidden", "pending"} & set(one.flags)]
