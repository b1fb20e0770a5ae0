"""A Korean MakeShop mall on localhost for tests: both doors with their keys, windows, caps and ways of saying no.

It holds raw rows and the dates that they are found by; tests change them between crawls and read what was asked.
"""

import asyncio
import base64
import copy
import json
import math
import secrets
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from cryptography.fernet import Fernet

SAMPLES = Path(__file__).parent / "samples/makeshop"
SEOUL = ZoneInfo("Asia/Seoul")
CLIENT, SECRET, SHOPKEY, LICENSE = "client-7", "secret-7", "5" * 32, "TElDRU5TRS03"
DATES = ("order_date", "paid", "cancel_requested", "canceled", "return_accepted", "returned", "tradeend")
MONTH, DAY = timedelta(days=30), timedelta(days=1)


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def kst(days=0.0, **more):
    """Return a time so many days ago as MakeShop prints it."""
    return f"{datetime.now(SEOUL) - timedelta(days=days, **more):%Y-%m-%d %H:%M:%S}"


def moment(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


class Mall:
    """Serves one shop; use as a context manager. `speed` shortens its minutes and hours."""

    def __init__(self, folder, speed=60.0, backend="connect", **native):
        self.folder, self.speed = Path(folder), speed
        self.malls = self.folder / "malls.toml"
        self.native = {"opened": kst(65)[:10]} | native | {"backend": backend}
        self.cap = 3
        """Rows of a page, however many are asked for."""
        self.products, self.deleted, self.orders, self.log, self.refunds = {}, [], {}, [], []
        self.reviews, self.posts, self.parcels = [], [], []
        self.asked, self.tokens, self.token_calls = [], {}, []
        self.refuse = {}
        """Operation to what is answered instead."""
        self.answers_left = None
        """Answers that a token is good for, None without an end."""
        self.before = None
        """Called with operation and query before each answer."""
        self.information = sample("kr_information")

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
        ready.wait(10)
        self.write()
        return self

    def __exit__(self, *why):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def _start(self):
        app = web.Application()
        app.router.add_post("/oauth/token", self._token)
        app.router.add_get("/api/v1/demoshop/{operation:.+}", self._connect)
        app.router.add_get("/list/open_api.html", self._openapi)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    def write(self, **changed):
        """Write the malls file and the secrets beside it."""
        told = {
            "platform": "makeshop",
            "base_url": self.url,
            "shop_uid": "demoshop",
            "speed": self.speed,
            "pace": 500.0,
        }
        lines = [
            f"{name} = {json.dumps(value)}"
            for name, value in (told | self.native | changed).items()
            if value is not None
        ]
        self.malls.write_text("[demo]\n" + "\n".join(lines) + "\n", "utf-8")
        if not self.malls.with_suffix(".env").exists():
            names = {
                "SHOPSCRAPE_KEY": Fernet.generate_key().decode(), "SHOPSCRAPE_PRIVACY_KEY": secrets.token_hex(32),
                "SHOPSCRAPE_DEMO_CLIENT_ID": CLIENT, "SHOPSCRAPE_DEMO_CLIENT_SECRET": SECRET,
                "SHOPSCRAPE_DEMO_SHOPKEY": SHOPKEY, "SHOPSCRAPE_DEMO_LICENSEKEY": LICENSE,
            }  # fmt: skip
            self.malls.with_suffix(".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))

    # -- what it sells ------------------------------------------------------------------------------------------------

    def add_product(self, uid, days, **changed):
        """Put a product on sale, registered so many days ago and never changed since."""
        row = copy.deepcopy(sample("kr_product_list_page1")["list"][0])
        row |= {"uid": str(uid), "regdate": kst(days), "moddate": "0000-00-00 00:00:00", "product_name": f"상품 {uid}"}
        self.products[str(uid)] = row | changed
        return self.products[str(uid)]

    def add_order(self, place, days, line=None, **blocks):
        """Take an order so many days ago; it is paid at once."""
        at = kst(days)
        number = f"{at[:10].replace('-', '')}101010-1000{place:07d}"
        row = copy.deepcopy(next(iter(sample("kr_order2_cancel_requested")["list"].values()))) | {"cancel": []} | blocks
        row["order"] |= {"ordernum": number, "order_date": at}
        row["payment"]["pay_date"] = at
        row["product"]["1"] |= {"issue_status": ""} | (line or {})
        self.orders[number] = {"row": row, "order_date": at, "paid": at}
        return number

    # -- the doors ----------------------------------------------------------------------------------------------------

    async def _token(self, request):
        told, now = await request.post(), time.monotonic()
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        self.token_calls.append(now)
        recent = [at for at in self.token_calls if at > now - 60 / self.speed]
        if len(recent) > 5:
            return web.json_response(sample("kr_token_error_429"), status=429, headers={"Retry-After": "60"})
        if request.headers.get("Authorization") != f"Basic {wanted}" or told.get("grant_type") != "client_credentials":
            return web.json_response(sample("kr_token_error_401"), status=401)
        assert told.get("shop_uid")
        token = secrets.token_hex(8)
        self.tokens[token] = [now + 300 / self.speed, self.answers_left]
        return web.json_response(
            {"success": True, "data": {"access_token": token, "token_type": "Bearer", "expires_in": 300}}
        )

    async def _connect(self, request):
        kept = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if kept is None or kept[0] < time.monotonic() or kept[1] == 0:
            return web.json_response(sample("kr_error_401"), status=401)
        if kept[1] is not None:
            kept[1] -= 1
        return self._answer(request.match_info["operation"], request.query)

    async def _openapi(self, request):
        query = request.query
        if request.headers.get("Shopkey") != SHOPKEY or request.headers.get("Licensekey") != LICENSE:
            return web.json_response({"return_code": "9002", "message": "상점키"})
        assert query["mode"] == "search"
        name = query["type"]
        return self._answer({"order": "order/2" if query.get("ver") == "2" else "order/1"}.get(name, name), query)

    def _answer(self, operation, query):
        self.asked.append((operation, dict(query)))
        if self.before:
            self.before(operation, query)
        if operation in self.refuse:
            status, body = self.refuse[operation]
            return web.json_response(body, status=status)
        work = getattr(self, f"_{operation.replace('/', '_')}", None)
        if work is None:
            return web.json_response(sample("kr_error_404"), status=404)
        return web.json_response(work(query))

    # -- operations ---------------------------------------------------------------------------------------------------

    def _paged(self, query, rows, totals=True):
        limit = min(int(query.get("limit", self.cap)), self.cap)
        page = int(query.get("page", 1))
        found = rows[(page - 1) * limit : page * limit]
        told = {"return_code": "0000", "count": len(found), "list": found}
        if totals:
            told |= {"totalCount": str(len(rows)), "totalPage": math.ceil(len(rows) / limit), "page": str(page)}
        return told

    def _window(self, query, longest):
        first, last = moment(query["InquiryTimeFrom"]), moment(query["InquiryTimeTo"])
        return (first, last) if last - first <= longest else None

    def _dated(self, query, rows, when, longest=MONTH):
        window = self._window(query, longest)
        if window is None:
            return None
        return [
            row
            for row in rows
            if (at := when(row)) and not at.startswith("0000") and window[0] <= moment(at) <= window[1]
        ]

    TOO_LONG = {"return_code": "9999", "message": "InquiryTimeTo 은(는) 30일 이내로 조회 가능합니다."}

    def _information(self, query):
        return self.information

    def _category(self, query):
        return sample("kr_category")

    def _board_code(self, query):
        return sample("kr_board_code")

    def _product(self, query):
        rows = sorted(
            self.products.values(),
            key=lambda row: (row["regdate"], row["uid"]),
            reverse=query.get("orderByType") != "asc",
        )
        if kind := query.get("InquiryType"):
            rows = self._dated(
                query, rows, lambda row: row["moddate" if kind == "nmod" else "regdate"], timedelta(days=9999)
            )
        if fields := query.get("fields"):
            rows = [{name: row[name] for name in fields.split(",") if name in row} for row in rows]
        return self._paged(query, rows)

    def _delete_product(self, query):
        rows = self._dated(query, self.deleted, lambda row: row["delete_date"])
        return self.TOO_LONG if rows is None else self._paged(query, rows)

    def _order_2(self, query):
        if query.get("format") != "order":
            return {
                "return_code": "0000",
                "list": [line for kept in self.orders.values() for line in kept["row"]["product"].values()],
            }
        if numbers := query.getall("ordernums[]", []):
            assert len(numbers) <= 200
            rows = [self.orders[number] for number in numbers if number in self.orders]
        else:
            date_type = query.get("searchDateType", "order_date")
            assert date_type in DATES
            rows = self._dated(query, list(self.orders.values()), lambda kept: kept.get(date_type))
            if rows is None:
                return self.TOO_LONG
        rows = sorted(rows, key=lambda kept: kept["order_date"], reverse=True)
        told = self._paged(query, [kept["row"] for kept in rows])
        named = (query.get("fields") or "").split(",")
        listed = [
            {key: block for key, block in row.items() if key != "cancel" or "cancel" in named} for row in told["list"]
        ]
        return told | {"list": {row["order"]["ordernum"]: row for row in listed} or []}

    def _order_1(self, query):
        rows = self._dated(
            query, list(sample("kr_order1_legacy_list")["list"].values()), lambda row: row["order"]["order_date"]
        )
        return self._paged(query, rows) | {"orderVersion": "1.0"}

    def _order_log(self, query):
        rows = self._dated(query, self.log, lambda row: row["date"], DAY)
        return self.TOO_LONG if rows is None else self._paged(query, rows)

    def _order_search(self, query):
        rows = self._dated(query, self.refunds, lambda row: row[query["InquiryType"]])
        return (
            self.TOO_LONG
            if rows is None
            else {"return_code": "0000", "list": [{"ordernum": row["ordernum"]} for row in rows]}
        )

    def _order_return_delivery(self, query):
        rows = [row for row in self.parcels if row["ordernum"] == query["ordernum"]]
        return {"return_code": "0000", "count": len(rows), "list": rows}

    def _review(self, query):
        rows = self._dated(query, self.reviews, lambda row: row["reg_date"])
        return self.TOO_LONG if rows is None else self._paged(query, rows)

    def _board(self, query):
        rows = self._dated(
            query, [row for row in self.posts if row["code"] == query["BoardCode"]], lambda row: row["reg_date"]
        )
        return self.TOO_LONG if rows is None else self._paged(query, rows, totals=False)
