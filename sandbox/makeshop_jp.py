"""GMO MakeShop (Japan), emulated: one GraphQL address, 200 rows a page whatever is asked for, errors inside 200.

Unverified, as the sources say: bodies of 401, 429 and 500, fields of reviews and of quantities, that a sum stays as it
was placed, that no page follows the last. The world's prices are shown as yen.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from msgspec import UNSET

from sandbox import emulator
from sandbox import makeshop_jp_ids as ids
from sandbox import makeshop_jp_payloads as payloads
from sandbox.emulator import Call, Demo, Refusal, Route, json_answer, text_answer
from sandbox.entities import Order
from sandbox.makeshop_jp_query import Forbidden, Misfit, Parsed, cut, read
from sandbox.makeshop_jp_truth import Records
from shopscrape import values

ROWS = 200
LATE = 3600
"""Seconds for which a timestamp is taken."""
BODY = 5 << 20
OPEN, NARROW = "demo_makeshop_jp", "demo_makeshop_jp_narrow"
WITHHELD: dict[str, tuple[str, ...]] = {NARROW: ("searchReview", "getShop", "searchProductQuantity")}
"""Operations that a mall's app has no right for; there the categories of products are withheld too."""
STREAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "searchProduct": ("products", ("products", "inventory")), "searchProductQuantity": ("quantities", ("inventory",)),
    "searchOrder": ("orders", ("orders", "returns")), "searchReview": ("reviews", ("reviews",)),
    "getShop": ("shop", ()), "getProductCategory": ("categories", ()), "updateProductQuantity": ("stock_written", ()),
}  # fmt: skip


class Emulator(emulator.Emulator):
    """A mall that grants every right, and one that grants few."""

    platform = "makeshop_jp"

    def malls(self) -> list[Demo]:
        """Return the malls. They were opened a little before anything was bought there."""
        opened = f"{(self.world.anchor - timedelta(days=210)).astimezone(ids.TOKYO):%Y-%m-%d}"
        return [
            Demo(name=OPEN, native={"opened": opened}),
            Demo(name=NARROW, native={"opened": opened}, resources=("products", "orders", "returns")),
        ]

    def secrets(self, mall: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the permanent token and the key of the app."""
        return {"TOKEN": f"PAT.emulated{'0' if mall == OPEN else '1'}{'0' * 30}", "API_KEY": "ab" * 32}

    def routes(self) -> list[Route]:
        """Return the one address."""
        return [Route("POST", "/v1/graphql", self.graphql, "graphql")]

    def route_of(self, call: Call, route: Route) -> Route:
        """Return the stream of the operation that is asked for."""
        text = call.json.get("query") if isinstance(call.json, dict) else None
        for operation, (stream, resources) in STREAMS.items():
            if isinstance(text, str) and (f" {operation}(" in text or f" {operation} " in text):
                return route._replace(stream=stream, resources=resources, once=stream == "stock_written")
        return route

    async def graphql(self, call: Call) -> web.Response:
        """Answer POST /v1/graphql."""
        self._enter(call)
        try:
            asked = read(call.json)
            if asked.operation in WITHHELD.get(call.mall, ()):
                raise Forbidden(asked.operation)
        except Misfit as why:
            return json_answer({"errors": [why.error], "data": None}, 422)
        except Forbidden as why:
            return json_answer({"errors": [_forbidden([why.operation])], "data": None})
        told = self._answer(call, asked)
        errors = []
        if call.mall in WITHHELD and "categories" in asked.fields.get("products", {}):
            for place, row in enumerate(told["products"]):
                row["categories"] = None
                errors.append(_forbidden(["searchProduct", "products", place, "categories"]))
        data = {"data": {asked.operation: cut(told, asked.fields)}}
        return json_answer({"errors": errors, **data} if errors else data)

    def _enter(self, call: Call) -> None:
        """Check the four headers. Raises: Refusal."""
        stamp = call.header("X-Timestamp")
        fresh = stamp.isdigit() and len(stamp) < 12 and abs(int(stamp) - self.clock.now().timestamp()) <= LATE
        good = call.header("Authorization") == f"Bearer {self.stage.secret(call.mall, 'TOKEN')}"
        if not (fresh and good and call.header("X-Api-Key") == self.stage.secret(call.mall, "API_KEY")):
            raise Refusal(_error("Unauthorized", "UNAUTHENTICATED", 401))
        if not call.header("Content-Type").startswith("application/json") or len(call.body) > BODY:
            raise Refusal(_error("bad request", "BAD_REQUEST", 400))

    def _answer(self, call: Call, asked: Parsed) -> dict[str, Any]:
        given, world = asked.input, self.world
        if asked.operation == "getShop":
            shop = {"shopName": "エミュショップ", "shopUrl": ids.SHOP, "settingOriginalDomain": ""}
            return {"shop": shop | {"openCondition": "OPEN"}}
        if asked.operation == "getProductCategory":
            return {"productCategories": [payloads.category(one) for one in world.categories.values()]}
        if asked.operation == "updateProductQuantity":
            return {"results": [self._write(row) for row in given.get("updateProductQuantityItems") or ()]}
        if asked.operation == "searchOrder":
            return self._page(call, given, "orders", self._orders(call, given), lambda one: payloads.order(one, world))
        if asked.operation == "searchReview":
            reviews = call.trade.reviews.where("makeshop_jp newest", lambda _: True, newest_first=True)
            return self._page(call, given, "reviews", reviews, payloads.review)
        products, codes = world.shown()[::-1], given.get("systemCodes")
        if codes:
            products = [one for one in products if ids.system_code(one) in codes]
        if asked.operation == "searchProduct":
            return self._page(call, given, "products", products, lambda one: payloads.product(one, world))
        return self._page(call, given, "productQuantities", products, payloads.quantity)

    def _page(self, call: Call, given: Mapping[str, Any], name: str, found: list[Any], shape: Any) -> dict[str, Any]:
        """Return a page: the limit comes back as it was asked for, and 200 rows at most."""
        limit, page = max(_whole(given.get("limit"), 20), 1), max(_whole(given.get("page"), 1), 1)
        size = min(limit, ROWS)
        rows = found[(page - 1) * size : page * size]
        call.log_rows = len(rows)
        return {"searchedCount": len(found), "page": page, "limit": limit, name: [shape(one) for one in rows]}

    def _orders(self, call: Call, given: Mapping[str, Any]) -> list[Order]:
        found = call.trade.orders.between(
            "makeshop_jp by order", lambda one: one.ordered_at, *_window(given, "OrderDate")
        )
        if given.get("startPaymentDate") or given.get("endPaymentDate"):
            paid = call.trade.orders.between(
                "makeshop_jp by payment", lambda one: one.paid_at, *_window(given, "PaymentDate")
            )
            numbers = {one.no for one in paid}
            found = [one for one in found if one.no in numbers]
        if state := given.get("deliveryStatus"):
            found = [one for one in found if any(each.state == state for each in ids.shipments(one))]
        return found if given.get("sortOrder") == "ASC" else found[::-1]

    def _write(self, row: Any) -> dict[str, Any]:
        """Set the stock of one product; a row fails by itself inside an answer that is all right."""
        code, amount = (str(row.get("systemCode")), row.get("quantity")) if isinstance(row, dict) else ("", None)
        product = next((one for one in self.world.shown() if ids.system_code(one) == code), None)
        if product is None or not product.plain or not isinstance(amount, int) or amount < 0:
            return {"systemCode": code, "status": "FAIL", "errorMessage": "商品が存在しません"}
        product.variants[0].quantity = amount
        self.world.products.touch()
        return {"systemCode": code, "status": "SUCCESS", "errorMessage": ""}

    # -- its own words ------------------------------------------------------------------------------------------------

    def question(self, call: Call) -> str:
        """Return the body: the time of a call stands in a header."""
        return str(hash(call.body))

    def throttled(self, call: Call) -> web.Response:
        """Return 429."""
        return _error("Too Many Requests", "TOO_MANY_REQUESTS", 429, {"Retry-After": "2"})

    def broken(self, call: Call, status: int) -> web.Response:
        """Return the API's own error for 500, the gateway's page else."""
        if status == 500:
            return _error("internal system error", "INTERNAL_SERVER_ERROR", 500)
        page = f"<html><head><title>{status} Error</title></head><body><h1>{status}</h1></body></html>"
        return text_answer(page, status, "text/html")

    def not_found(self, call: Call) -> web.Response:
        """Return a page: any other path is no API."""
        page = '<!DOCTYPE html>\n<html lang="ja"><head><title>404 Not Found</title></head><body>Not Found</body></html>'
        return text_answer(page, 404, "text/html")

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records; what a mall has no right for is not told."""
        told = Records(self.world, mall).everything()
        if mall == NARROW:
            told = {name: told[name] for name in ("products", "orders", "returns")}
            for one in told["products"]:
                one.categories = one.category_ids = one.url = UNSET
        return {"api": told}


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) else default


def _window(given: Mapping[str, Any], name: str) -> tuple[datetime | None, datetime | None]:
    """Return the ends of a window, JST, the last second included."""
    start, end = (_moment(given.get(f"{side}{name}")) for side in ("start", "end"))
    return start, end + timedelta(seconds=1) if end else None


def _moment(text: Any) -> datetime | None:
    try:
        return values.moment(text, ids.TOKYO) if text else None
    except ValueError:
        raise Refusal(_error("invalid date", "GRAPHQL_VALIDATION_FAILED", 422)) from None


def _forbidden(path: list[Any]) -> dict[str, Any]:
    return {"message": "forbidden", "path": path, "extensions": {"code": "FORBIDDEN"}}


def _error(message: str, code: str, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return json_answer({"errors": [{"message": message, "extensions": {"code": code}}], "data": None}, status, headers)
