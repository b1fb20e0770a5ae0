"""The Naver Commerce API, emulated: the seller, the catalogue, product orders, and the feed of their changes.

Beside the store that behaves there are three whose application is refused, see `naver_gate`.

Unverified, as the sources say: no depth cap of the catalogue, how far the feed reaches back, codes of bad windows, and
which words a seller's grade has.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox import emulator, naver_feed, naver_goods, naver_sales, naver_search, naver_writes
from sandbox import naver_ids as ids
from sandbox.emulator import Call, Demo, Refusal, Route
from sandbox.entities import Line, Order, Product
from sandbox.naver_gate import GOODS, SALES, SECRET, SELLER, STORES, Gate
from sandbox.naver_truth import Records
from shopscrape import values

MOST = 300
"""Product orders of a question or a page, at most."""
DAY = timedelta(hours=24)
OF_GROUP = {GOODS: ("products", "inventory"), SALES: ("orders", "returns")}


class Emulator(emulator.Emulator):
    """The store `demo_naver`, and stores whose application is refused."""

    platform = "naver"

    def prepare(self) -> None:
        """Open the gateway."""
        self.gate = Gate(self.stage)

    def malls(self) -> list[Demo]:
        """Return the stores."""
        return [Demo(name=mall, native={"store": ids.STORE}) for mall in STORES]

    def secrets(self, mall: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the id of the store's own application and its secret, which is a bcrypt salt."""
        return {"CLIENT_ID": f"sandboxnaverclient{list(STORES).index(mall) + 1:04d}", "CLIENT_SECRET": SECRET}

    def routes(self) -> list[Route]:
        """Return the addresses."""
        orders, both = "/v1/pay-order/seller/product-orders", OF_GROUP[SALES]
        goods, origins = OF_GROUP[GOODS], "/v1/products/origin-products"
        return [
            Route("POST", "/v1/oauth2/token", self.gate.token, "auth"),
            Route("GET", "/v1/seller/account", self.account, "account"),
            Route("GET", "/v1/seller/channels", self.channels, "channels"),
            Route("POST", "/v1/products/search", self.search, "products", resources=goods),
            Route("GET", "/v2/products/channel-products/{number}", self.detail, "product", resources=goods),
            Route("GET", "/v2/products/origin-products/{number}", self.origin, "product", resources=goods),
            Route("PUT", origins + "/{number}/option-stock", self.option_stock, "product_written", once=True),
            Route("PUT", origins + "/{number}/change-status", self.change_status, "product_written", once=True),
            Route("PATCH", origins + "/multi-update", self.multi_update, "product_written", once=True),
            Route("POST", orders + "/confirm", self.confirm, "orders_written", once=True),
            Route("GET", orders + "/last-changed-statuses", self.changes, "orders_changed", resources=both),
            Route("POST", orders + "/query", self.query, "orders_query", resources=both),
            Route("GET", orders, self.conditional, "orders_conditional", resources=both),
            Route("GET", "/v1/pay-order/seller/orders/{number}/product-order-ids", self.lines, "order_lines"),
        ]

    # -- its own words ------------------------------------------------------------------------------------------------

    def expire(self, call: Call) -> bool:
        """End the token of a request."""
        return self.gate.expire(call)

    def throttled(self, call: Call) -> web.Response:
        """Return 429 of the gateway."""
        return self.gate.throttled(call)

    def broken(self, call: Call, status: int) -> web.Response:
        """Return a server error."""
        return self.gate.broken(call, status)

    def not_found(self, call: Call) -> web.Response:
        """Return the gateway's answer to an unknown path."""
        return self.gate.refuse(404, "GW.NOT_FOUND", "요청하신 리소스를 찾을 수 없습니다.")

    # -- the seller ---------------------------------------------------------------------------------------------------

    async def account(self, call: Call) -> web.Response:
        """Answer GET /v1/seller/account."""
        self.gate.enter(call, SELLER)
        told = {"accountId": ids.ACCOUNT, "accountUid": "ncp_emuUid000000000001", "grade": "새싹"}
        return self.gate.answer(call, told)

    async def channels(self, call: Call) -> web.Response:
        """Answer GET /v1/seller/channels."""
        self.gate.enter(call, SELLER)
        return self.gate.answer(call, [
            {
                "channelNo": ids.CHANNEL_NO, "channelType": "STOREFARM", "name": "에뮬스토어",
                "url": f"https://smartstore.naver.com/{ids.STORE}",
                "representativeImageUrl": naver_goods.image("/20250101_1/logo.jpg"), "talkTalkAccountId": "wemu01",
            },
            {
                "channelNo": ids.CHANNEL_NO + 1, "channelType": "WINDOW", "name": "에뮬 윈도",
                "url": ids.WINDOW_URL,
                "representativeImageUrl": naver_goods.image("/20250101_1/window.jpg"),
            },
        ])  # fmt: skip

    # -- catalogue ----------------------------------------------------------------------------------------------------

    async def search(self, call: Call) -> web.Response:
        """Answer POST /v1/products/search."""
        self.gate.enter(call, GOODS)
        asked = call.json if isinstance(call.json, dict) else {}
        try:
            page, size = naver_search.page(asked)
            found, order = naver_search.find(self.world.shown(), asked)
        except naver_search.Wrong as why:
            return self.gate.product_error(400, "BAD_REQUEST", "유효하지 않은 요청입니다.", why.told)
        rows = found[(page - 1) * size : page * size]
        call.log_rows = len(rows)
        contents = [naver_goods.entry(one, self.world.categories) for one in rows]
        pages = -(-len(found) // size)
        return self.gate.answer(
            call,
            {
                "contents": contents, "page": page, "size": size, "totalElements": len(found), "totalPages": pages,
                "sort": {"sorted": True, "fields": [order]},
                "first": page == 1, "last": page >= pages,
            },
        )  # fmt: skip

    async def detail(self, call: Call) -> web.Response:
        """Answer GET /v2/products/channel-products/{number}."""
        return self._detail(call, 0)

    async def origin(self, call: Call) -> web.Response:
        """Answer GET /v2/products/origin-products/{number}."""
        return self._detail(call, ids.channel_no(0) - ids.origin_no(0))

    def _detail(self, call: Call, apart: int) -> web.Response:
        """Return the product of a number; `apart`: how much higher its channel product number is."""
        self.gate.enter(call, GOODS)
        if not call.part["number"].isdigit():
            wrong = naver_search.Wrong("originProductNo" if apart else "channelProductNo").told
            return self.gate.product_error(400, "BAD_REQUEST", "유효하지 않은 요청입니다.", wrong)
        channel = int(call.part["number"]) + apart
        product = self.world.products.get(ids.product_of(channel))
        if product is None:
            product = self.world.products.get(ids.product_of(channel - ids.WINDOW))
            product = product if product and ids.windowed(product) else None
        if product is None or product.state == "deleted":
            return self.gate.product_error(404, "NOT_FOUND", "데이터가 없습니다.")
        return self.gate.answer(call, naver_goods.detail(product))

    # -- what only a seller does --------------------------------------------------------------------------------------

    async def option_stock(self, call: Call) -> web.Response:
        """Answer PUT …/origin-products/{number}/option-stock."""
        return self._write(call, lambda at: naver_writes.option_stock(self._product(call), call.json, at))

    async def change_status(self, call: Call) -> web.Response:
        """Answer PUT …/origin-products/{number}/change-status."""
        return self._write(call, lambda at: naver_writes.change_status(self._product(call), call.json, at))

    async def multi_update(self, call: Call) -> web.Response:
        """Answer PATCH …/origin-products/multi-update."""
        return self._write(call, lambda at: naver_writes.multi_update(self.world, call.json, at))

    def _product(self, call: Call) -> Product:
        """Return the product of an origin product number. Raises: KeyError."""
        number = call.part["number"]
        return naver_writes.found(self.world, int(number) if number.isdigit() else 0)

    def _write(self, call: Call, change: Callable[[datetime], dict[str, Any]]) -> web.Response:
        self.gate.enter(call, GOODS)
        try:
            told = change(self.clock.now().replace(microsecond=0))
        except naver_search.Wrong as why:
            return self.gate.product_error(400, "BAD_REQUEST", "유효하지 않은 요청입니다.", why.told)
        except KeyError:
            return self.gate.product_error(404, "NOT_FOUND", "데이터가 없습니다.")
        self.world.products.touch()
        return self.gate.answer(call, told)

    async def confirm(self, call: Call) -> web.Response:
        """Answer POST …/product-orders/confirm."""
        self.gate.enter(call, SALES)
        try:
            told = naver_writes.confirm(call.trade, call.json, self.clock.now().replace(microsecond=0))
        except naver_search.Wrong as why:
            return self.gate.order_error("4000", why.told["message"])
        return self.gate.stamped(call, told)

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
            raise Refusal(self.gate.order_error("4000", f"{first}, {last} 값이 올바르지 않습니다."))
        end = self._moment(call.query.get(last, "")) or start + DAY
        if end - start > DAY:
            said = f"{first}, {last} 값이 올바르지 않습니다." if too_wide == "4000" else "조회 가능한 날짜 범위를 초과"
            raise Refusal(self.gate.order_error(too_wide, said))
        return start, end

    @staticmethod
    def _moment(text: str) -> datetime | None:
        try:
            return values.moment(text)
        except ValueError:
            return None

    def _number(self, call: Call, name: str, usual: int = MOST, most: int | None = None) -> int:
        """Return a number of the query; above 300 it is cut, or refused where `most` is told. Raises: Refusal."""
        told = call.query.get(name, str(usual))
        if not told.isdigit() or int(told) < 1 or (most is not None and int(told) > most):
            raise Refusal(self.gate.order_error("4000", f"{name} 값이 올바르지 않습니다."))
        return min(int(told), MOST) if name == "limitCount" else int(told)

    async def changes(self, call: Call) -> web.Response:
        """Answer GET …/last-changed-statuses: the latest change of each product order, cut at 300 rows."""
        self.gate.enter(call, SALES)
        start, end = self._window(call, "lastChangedFrom", "lastChangedTo", "104139")
        limit = self._number(call, "limitCount")
        kind = call.query.get("lastChangedType", "")
        if kind and kind not in naver_sales.TYPES:
            return self.gate.order_error("4000", "lastChangedType 값이 올바르지 않습니다.")
        rows = call.trade.orders.view("naver feed", naver_feed.feed)
        found = naver_feed.after(rows, start, end, call.query.get("moreSequence", ""))
        found = [row for row in found if not kind or naver_sales.changed(*row[2:])[1] == kind]
        if not found:
            return self.gate.stamped(call, {})
        data: dict[str, Any] = {
            "lastChangeStatuses": [naver_sales.change(order, line) for _, _, order, line in found[:limit]],
            "count": len(found[:limit]),
        }
        if len(found) > limit:
            data["more"] = {"moreFrom": ids.kst(found[limit][0]), "moreSequence": found[limit][1]}
        call.log_rows = data["count"]
        return self.gate.stamped(call, {"data": data})

    async def query(self, call: Call) -> web.Response:
        """Answer POST …/query: at most 300 product orders; unknown ones are left out, foreign ones refuse all."""
        self.gate.enter(call, SALES)
        asked = call.json if isinstance(call.json, dict) else {}
        numbers = asked.get("productOrderIds") or []
        if not isinstance(numbers, list) or not numbers or len(numbers) > MOST:
            return self.gate.order_error("4000", "productOrderIds 값이 올바르지 않습니다.")
        if len({*map(str, numbers)}) < len(numbers):
            return self.gate.order_error("104131", "상품 주문 번호 중복")
        if ids.FOREIGN in map(str, numbers):
            return self.gate.order_error("101009", "처리 권한이 없는 상품 주문 번호를 요청")
        known = self._all(call)
        rows = [naver_sales.product_order(*known[number]) for number in map(str, numbers) if number in known]
        call.log_rows = len(rows)
        return self.gate.stamped(call, {"data": rows})

    async def conditional(self, call: Call) -> web.Response:
        """Answer GET …/product-orders by a date and a window of at most a day."""
        self.gate.enter(call, SALES)
        start, end = self._window(call, "from", "to", "4000")
        kind = call.query.get("rangeType", "PAYED_DATETIME")
        try:
            if kind not in naver_feed.DATES:
                raise ValueError("rangeType")
            filters = naver_feed.asked(call.query)
        except ValueError as why:
            return self.gate.order_error("4000", f"{why} 값이 올바르지 않습니다.")
        size, page = self._number(call, "pageSize", most=MOST), self._number(call, "page", usual=1)
        found = call.trade.orders.view(f"naver {kind}", lambda orders: naver_feed.dated(orders, kind))
        rows = [row for row in found if start <= row[0] <= end and naver_feed.wanted(row, *filters)]
        shown = rows[(page - 1) * size : page * size]
        call.log_rows = len(shown)
        contents = [
            {"productOrderId": number, "content": naver_sales.product_order(order, line)}
            for _, number, order, line in shown
        ]
        pagination = {"page": page, "size": size, "hasNext": page * size < len(rows)}
        return self.gate.stamped(call, {"data": {"contents": contents, "pagination": pagination}})

    async def lines(self, call: Call) -> web.Response:
        """Answer GET …/orders/{number}/product-order-ids."""
        self.gate.enter(call, SALES)
        numbers = [
            number for number, (order, _) in self._all(call).items() if ids.order_no(order) == call.part["number"]
        ]
        if not numbers:
            return self.gate.order_error("100003", "주문을 찾을 수 없음")
        return self.gate.stamped(call, {"data": numbers})

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        store = STORES[mall]
        if store.outside or store.spent:
            return {"api": {name: [] for names in OF_GROUP.values() for name in names}}
        found = Records(self.world, "naver", mall).everything()
        return {"api": found | {name: [] for group in store.lacks for name in OF_GROUP.get(group, ())}}
