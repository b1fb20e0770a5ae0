"""A GMO MakeShop mall on localhost for tests: one GraphQL address that checks headers, rights and every query.

Queries are validated and executed against the schema that is known, so what the server would refuse is refused here.
"""

import asyncio
import copy
import json
import secrets
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import graphql
from aiohttp import web
from cryptography.fernet import Fernet

HERE = Path(__file__).parent
SCHEMA = graphql.build_schema((HERE / "makeshop_jp_schema.graphql").read_text("utf-8"))
TOKYO = ZoneInfo("Asia/Tokyo")
TOKEN, KEY = "PAT.token-9", "a" * 64


def sample(name):
    return json.loads((HERE / "samples/makeshop_jp" / f"{name}.json").read_text("utf-8"))["data"]


def jst(days=0.0, form="%Y-%m-%d %H:%M:%S"):
    """Return a time so many days ago as the server prints it."""
    return f"{datetime.now(TOKYO) - timedelta(days=days):{form}}"


class JpMall:
    """Serves one shop; use as a context manager."""

    def __init__(self, folder, speed=100.0, **native):
        self.folder, self.speed = Path(folder), speed
        self.malls = self.folder / "malls.toml"
        self.native = {"opened": jst(40)[:10]} | native
        self.cap = 2
        """Rows of a page, however many are asked for."""
        self.products, self.quantities, self.orders, self.reviews = [], [], [], []
        self.forbidden, self.troubles, self.asked, self.refused = set(), [], [], []
        self.late = 3600
        """Seconds for which a timestamp is taken."""

    def __enter__(self):
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()

        def serve():
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(self._start())
            ready.set()
            self.loop.run_forever()
            self.loop.run_until_complete(self.runner.cleanup())
            self.loop.close()

        self.thread = threading.Thread(target=serve, daemon=True)
        self.thread.start()
        assert ready.wait(10)
        self.write()
        return self

    def __exit__(self, *why):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def _start(self):
        app = web.Application(client_max_size=5 << 20)
        app.router.add_post("/v1/graphql", self._graphql)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    def write(self, more="", **changed):
        """Write the malls file and the secrets beside it."""
        told = {"platform": "makeshop_jp", "base_url": self.url, "speed": self.speed} | self.native | changed
        lines = [f"{name} = {json.dumps(value)}" for name, value in told.items() if value is not None]
        self.malls.write_text("[demo]\n" + "\n".join(lines) + "\n" + more, "utf-8")
        names = {
            "SHOPSCRAPE_KEY": Fernet.generate_key().decode(), "SHOPSCRAPE_PRIVACY_KEY": secrets.token_hex(32),
            "SHOPSCRAPE_DEMO_TOKEN": TOKEN, "SHOPSCRAPE_DEMO_API_KEY": KEY,
        }  # fmt: skip
        if not self.malls.with_suffix(".env").exists():
            self.malls.with_suffix(".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))

    def add_order(self, place, days, **changed):
        """Take an order so many days ago."""
        row = copy.deepcopy(sample("searchOrder_page1")["searchOrder"]["orders"][3])
        row |= {
            "systemOrderNumber": f"P1868{place:011d}",
            "orderDate": jst(days),
            "paymentStatusCode": "0002",
        } | changed
        row["deliveryInfos"][0]["deliveryId"] = str(9100 + place)
        self.orders.append(row)
        return row

    # -- the one address ----------------------------------------------------------------------------------------------

    async def _graphql(self, request):
        headers = request.headers
        stamp = headers.get("X-Timestamp", "")
        fits = headers.get("Authorization") == f"Bearer {TOKEN}" and headers.get("X-Api-Key") == KEY
        if not fits or not stamp.isdigit() or abs(time.time() - int(stamp)) > self.late:
            return self._no("UNAUTHENTICATED", "Unauthorized", 401)
        assert headers["Content-Type"] == "application/json"
        told = await request.json()
        document = graphql.parse(told["query"])
        if wrong := graphql.validate(SCHEMA, document):
            self.refused.append(wrong[0].message)
            return self._no("GRAPHQL_VALIDATION_FAILED", wrong[0].message, 422)
        operation = document.definitions[0].selection_set.selections[0].name.value
        self.asked.append((operation, told["variables"].get("input") or {}))
        if self.troubles:
            code, status = self.troubles.pop(0)
            return self._no(code, "trouble", status)
        if operation in self.forbidden:
            return self._no("FORBIDDEN", "forbidden", 200, [operation])
        done = graphql.graphql_sync(
            SCHEMA, told["query"], {operation: getattr(self, operation)(**told["variables"].get("input") or {})},
            variable_values=told["variables"],
        )  # fmt: skip
        errors = {"errors": [error.formatted for error in done.errors]} if done.errors else {}
        return web.json_response(errors | {"data": done.data})

    def _no(self, code, message, status, path=None):
        error = {"message": message, "extensions": {"code": code}} | ({"path": path} if path else {})
        return web.json_response({"errors": [error], "data": None}, status=status)

    def _paged(self, key, rows, page=1, limit=200, **_):
        size = min(limit, self.cap)
        found = rows[(page - 1) * size : page * size]
        return {"searchedCount": len(rows), "page": page, "limit": limit, key: found}

    def getShop(self):
        return {"shop": {"shopName": "demo", "shopUrl": "https://demo.example.com"}}

    def getProductCategory(self):
        return sample("getProductCategory")["getProductCategory"]

    def searchProduct(self, **asked):
        return self._paged("products", self.products, **asked)

    def searchProductQuantity(self, **asked):
        return self._paged("productQuantities", self.quantities, **asked)

    def searchOrder(self, **asked):
        name = "OrderDate" if "startOrderDate" in asked else "PaymentDate"
        first, last = asked[f"start{name}"], asked[f"end{name}"]
        rows = [row for row in self.orders if first <= "".join(filter(str.isdigit, row["orderDate"])) <= last]
        return self._paged("orders", sorted(rows, key=lambda row: row["orderDate"]), **asked)

    def searchReview(self, **asked):
        return self._paged("reviews", self.reviews, **asked)
