"""The Naver Commerce API, emulated: the seller, the catalogue, product orders, and the feed of their changes.

Beside the store that behaves there are three whose application is refused, see `naver_gate`.

Unverified, as the sources say: no depth cap of the catalogue, how far the feed reaches back, codes of bad windows, and
which words a seller's grade has.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox import emulator, naver_goods, naver_sales
from sandbox import naver_ids as ids
from sandbox.emulator import Call, Demo, Refusal, Route
from sandbox.entities import Line, Order
from sandbox.naver_gate import GOODS, SALES, SECRET, SELLER, STORES, Gate
from sandbox.naver_truth import Records
from shopscrape import values

MOST, LARGEST = 300, 500
"""Product orders of a question, and products of a page, at most."""
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
        """Return the application's id and its secret, which is a bcrypt salt."""
        return {"CLIENT_ID": "sandboxnaverclient0001", "CLIENT_SECRET": SECRET}

    def routes(self) -> list[Route]:
        """Return the addresses."""
        orders, both = "/v1/pay-order/seller/product-orders", OF_GROUP[SALES]
        goods = OF_GROUP[GOODS]
        return [
            Route("POST", "/v1/oauth2/token", self.gate.token, "auth"),
            Route("GET", "/v1/seller/account", self.account, "account"),
            Route("GET", "/v1/seller/channels", self.channels, "channels"),
            Route("POST", "/v1/products/search", self.search, "products", resources=goods),
            Route("GET", "/v2/products/channel-products/{number}", self.detail, "product", resources=goods),
            Route("GET", "/v2/products/origin-products/{number}", self.origin, "product", resources=goods),
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
        asked = call.json or {}
        page, size = int(asked.get("page") or 1), int(asked.get("size") or 50)
        if wrong := self._outside(page, size):
            return self.gate.product_error(400, "BAD_REQUEST", "유효하지 않은 요청입니다.", *wrong)
        found = self.world.shown()
        if asked.get("periodType") == "PROD_MOD_DAY" and asked.get("fromDate"):
            first = values.day_start(values.day(asked["fromDate"]))  # type: ignore[arg-type]
            found = [one for one in found if one.changed_at >= first]
        found = found[::-1] if asked.get("orderType", "NO") == "NO" else found
        rows = found[(page - 1) * size : page * size]
        call.log_rows = len(rows)
        contents = [naver_goods.entry(one, self.world.categories) for one in rows]
        pages = -(-len(found) // size)
        return self.gate.answer(
            call,
            {
                "contents": contents, "page": page, "size": size, "totalElements": len(found), "totalPages": pages,
                "sort": {"sorted": True, "fields": [{"name": asked.get("orderType", "NO"), "direction": "DESC"}]},
                "first": page == 1, "last": page >= pages,
            },
        )  # fmt: skip

    @staticmethod
    def _outside(page: int, size: int) -> list[dict[str, str]]:
        """Return which inputs of a page are out of range, as answers name them."""
        told = (("size", "Max", size > LARGEST, "500 이하로"), ("size", "Min", size < 1, "1 이상으로"),
                ("page", "Min", page < 1, "1 이상으로"))  # fmt: skip
        return [
            {"name": name, "type": kind, "message": f"{name} 항목을 {limit} 입력해 주세요."}
            for name, kind, wrong, limit in told if wrong
        ]  # fmt: skip

    async def detail(self, call: Call) -> web.Response:
        """Answer GET /v2/products/channel-products/{number}."""
        return self._detail(call, int(call.part["number"]))

    async def origin(self, call: Call) -> web.Response:
        """Answer GET /v2/products/origin-products/{number}."""
        return self._detail(call, int(call.part["number"]) + ids.channel_no(0) - ids.origin_no(0))

    def _detail(self, call: Call, channel: int) -> web.Response:
        self.gate.enter(call, GOODS)
        product = self.world.products.get(ids.product_of(channel))
        if product is None:
            product = self.world.products.get(ids.product_of(channel - ids.WINDOW))
            product = product if product and ids.windowed(product) else None
        if product is None or product.state == "deleted":
            return self.gate.product_error(404, "NOT_FOUND", "데이터가 없습니다.")
        return self.gate.answer(call, naver_goods.detail(product))

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

    async def changes(self, call: Call) -> web.Response:
        """Answer GET …/last-changed-statuses: the latest change of each product order, cut at 300 rows."""
        self.gate.enter(call, SALES)
        start, end = self._window(call, "lastChangedFrom", "lastChangedTo", "104139")
        rows = call.trade.orders.view("naver feed", _feed)
        found = [row for row in rows if start <= row[0] <= end]
        sequence = call.query.get("moreSequence")
        if sequence:
            found = [row for row in found if row[0] > start or row[1] >= sequence]
        limit = min(int(call.query.get("limitCount", MOST)), MOST)
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
        numbers = (call.json or {}).get("productOrderIds") or []
        if not numbers or len(numbers) > MOST:
            return self.gate.order_error("4000", "productOrderIds 값이 올바르지 않습니다.")
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
        if kind not in _DATES:
            return self.gate.order_error("4000", "rangeType 값이 올바르지 않습니다.")
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
