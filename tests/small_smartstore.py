"""A small Commerce API for tests: token, catalogue, orders; strict about what the real one is strict about."""

import asyncio
import base64
import copy
import json
import re
import threading
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import bcrypt
from aiohttp import web

SEOUL = ZoneInfo("Asia/Seoul")
CLIENT = "aaaabbbbccccddddeeeeff"
SECRET = "$2a$04$abcdefghijklmnopqrstuu"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00")
DAY = timedelta(hours=24)


def printed(at, digits=3):
    """Return a time as answers print it; how many digits of a second differs from answer to answer."""
    at = at.astimezone(SEOUL)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}"[: 20 + digits] + "+09:00"


def error(status, code, message="오류", **headers):
    body = {"code": code, "message": message, "timestamp": printed(datetime.now(SEOUL)), "traceId": "t^1^1"}
    return web.json_response(body, status=status, headers=headers)


class SmallStore:
    """Use as a context manager. `log` holds (method, path, what was asked) of each call but tokens; `times`, when."""

    def __init__(self):
        self.products, self.lines, self.log, self.times, self.tokens = {}, {}, [], [], {}
        self.rate, self.page, self.feed_page = 0, 500, 300
        self.allowed, self.groups = True, {"products", "orders", "seller"}
        self.accounts = {"": "SELF"}
        self.lives = 10800.0
        self.hidden, self.foreign, self.fail_once = set(), set(), {}
        self.asked_for_tokens, self.authorizations = 0, []
        self.total = None
        self.stuck = False

    def __enter__(self):
        ready = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *why):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)

    def _serve(self, ready):
        async def main():
            self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
            app = web.Application()
            app.router.add_route("*", "/external/{path:.*}", self.answer)
            runner = web.AppRunner(app)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/external"
            ready.set()
            await self.stop.wait()
            await runner.cleanup()

        asyncio.run(main())

    # -- what it holds ------------------------------------------------------------------------------------------------

    def product(self, number, *, origin=None, service="STOREFARM", options=(), supplements=(), group=None, **told):
        """Add or change a channel product. `options`: (id, names, quantity, surcharge, usable)."""
        now = datetime.now(SEOUL)
        known = self.products.setdefault(number, {"channelProductNo": number, "regDate": printed(now)})
        stock = (
            sum(quantity for _, _, quantity, _, usable in options if usable)
            if options
            else told.get("stockQuantity", 5)
        )
        known |= {
            "originProductNo": origin or known.get("originProductNo") or number - 100, "channelServiceType": service,
            "name": f"상품 {number}", "statusType": "SALE", "channelProductDisplayStatusType": "ON", "salePrice": 10000,
            "discountedPrice": 9000, "modifiedDate": printed(now), "wholeCategoryName": "가>나", "categoryId": "50",
        } | told | {"stockQuantity": stock}  # fmt: skip
        if group:
            known["groupProductNo"] = group
        known["_options"], known["_supplements"] = options, supplements

    def sell(self, number, quantity, **told):
        """Change a stock without touching the date of the last change."""
        self.products[number] |= {"stockQuantity": quantity} | told

    def line(self, number, order, *, at=None, change="PAYED", told=None, silent=False, **fields):
        """Add or change a product order; its latest change happens at `at`."""
        at = at or datetime.now(SEOUL)
        known = self.lines.setdefault(number, {
            "content": {
                "order": {
                    "orderId": order, "orderDate": printed(at), "paymentDate": printed(at, 1), "ordererNo": "77",
                    "ordererTel": "010-1111-2222", "ordererName": "홍길동", "paymentMeans": "신용카드",
                    "generalPaymentAmount": 9000,
                },
                "productOrder": {
                    "productOrderId": number, "productOrderStatus": "PAYED", "placeOrderStatus": "NOT_YET",
                    "productId": "201", "productName": "상품", "unitPrice": 10000, "quantity": 1, "initialQuantity": 1,
                    "remainQuantity": 1, "initialProductAmount": 10000, "remainProductAmount": 10000,
                    "initialProductDiscountAmount": 1000, "remainProductDiscountAmount": 1000,
                    "initialPaymentAmount": 9000, "remainPaymentAmount": 9000, "packageNumber": order,
                    "deliveryFeeAmount": 3000, "merchantChannelId": "500",
                    "shippingAddress": {"baseAddress": "서울특별시 중구 세종대로 110", "name": "홍길동"},
                },
            },
        })  # fmt: skip
        known["content"]["productOrder"] |= fields
        known["content"] |= told or {}
        if not silent:
            known |= {"at": at, "change": change}

    # -- answers ------------------------------------------------------------------------------------------------------

    async def answer(self, request):
        path = request.path.removeprefix("/external")
        body = await request.text()
        if not self.allowed:
            return error(403, "GW.IP_NOT_ALLOWED", "호출이 허용되지 않은 IP입니다.")
        if path == "/v1/oauth2/token":
            return self.token(request, body)
        asked = dict(request.query) if request.method == "GET" else json.loads(body)
        self.log.append((request.method, path, asked))
        self.times.append(time.monotonic())
        self.authorizations.append(request.headers.get("Authorization", ""))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if time.monotonic() > self.tokens.get(token, 0):
            return error(401, "GW.AUTHN")
        if self.fail_once.get(path):
            return self.fail_once[path].pop(0)
        group = "orders" if "pay-order" in path else "products" if "products" in path else "seller"
        if group not in self.groups:
            return error(403, "GW.AUTHN", "요청을 보낼 권한이 없습니다.")
        done = self.route(request.method, path, asked)
        if self.rate:
            done.headers["GNCP-GW-RateLimit-Replenish-Rate"] = str(self.rate)
            done.headers["GNCP-GW-RateLimit-Burst-Capacity"] = str(2 * self.rate)
            done.headers["GNCP-GW-RateLimit-Remaining"] = "1"
        return done

    def token(self, request, body):
        self.asked_for_tokens += 1
        form = dict(part.split("=", 1) for part in body.split("&"))
        if request.query or request.content_type != "application/x-www-form-urlencoded":
            return error(415, "UNSUPPORTED_MEDIA_TYPE")
        stamp = int(form["timestamp"])
        hashed = base64.b64decode(
            form["client_secret_sign"].replace("%3D", "=").replace("%2B", "+").replace("%2F", "/")
        )
        good = hashed.startswith(SECRET.encode()) and bcrypt.checkpw(f"{form['client_id']}_{stamp}".encode(), hashed)
        wrong = [
            name
            for name, fine in (
                ("client_secret_sign", good and form["client_id"] == CLIENT),
                ("timestamp", abs(time.time() * 1000 - stamp) < 300_000),
                ("account_id", self.accounts.get(form.get("account_id", "")) == form["type"]),
            )
            if not fine
        ]
        if wrong:
            body = {"code": "BAD_REQUEST", "message": "…", "invalidInputs": [{"name": wrong[0], "type": "Invalid"}]}
            return web.json_response(body, status=400)
        now = time.monotonic()
        live = {token: until for token, until in self.tokens.items() if until - now >= self.lives / 6}
        token = next(iter(live), f"EMU.{len(self.tokens)}")
        until = self.tokens.setdefault(token, now + self.lives)
        return web.json_response({"access_token": token, "expires_in": int(until - now), "token_type": "Bearer"})

    def route(self, method, path, asked):
        if path == "/v1/seller/channels":
            return web.json_response(
                [{"channelNo": 500, "channelType": "STOREFARM", "url": "https://smartstore.naver.com/small"}]
            )
        if path == "/v1/products/search":
            return self.search(asked)
        if match := re.fullmatch(r"/v2/products/channel-products/(\d+)", path):
            return self.detail(int(match[1]))
        if path.endswith("/last-changed-statuses"):
            return self.changes(asked)
        if path.endswith("/product-orders/query"):
            return self.query(asked["productOrderIds"])
        if match := re.fullmatch(r"/v1/pay-order/seller/orders/(\w+)/product-order-ids", path):
            ids = [number for number, line in self.lines.items() if line["content"]["order"]["orderId"] == match[1]]
            return web.json_response({"timestamp": "…", "data": ids}) if ids else error(400, "100003")
        if path.endswith("/pay-order/seller/product-orders"):
            return self.listed(asked)
        return error(404, "GW.NOT_FOUND")

    def search(self, asked):
        if asked["size"] > 500:
            body = {"code": "BAD_REQUEST", "message": "…", "invalidInputs": [{"name": "size", "type": "Max"}]}
            return web.json_response(body, status=400)
        entries = {}
        for product in self.products.values():
            shown = {name: value for name, value in product.items() if name[0] != "_"}
            entries.setdefault(product["originProductNo"], []).append(shown)
        size = min(asked["size"], self.page)
        rows = [
            {"originProductNo": origin, "channelProducts": channels}
            for origin, channels in sorted(entries.items(), reverse=True)
        ]
        pages = -(-len(rows) // size)
        return web.json_response({
            "contents": rows[(asked["page"] - 1) * size : asked["page"] * size], "page": asked["page"], "size": size,
            "totalElements": self.total or len(rows), "totalPages": pages, "first": asked["page"] == 1,
            "last": asked["page"] >= pages,
        })  # fmt: skip

    def detail(self, number):
        product = self.products.get(number)
        if product is None or number in self.hidden:
            return web.json_response(
                {"code": "NOT_FOUND", "message": "데이터가 없습니다.", "invalidInputs": []}, status=404
            )
        info = {
            "optionCombinationGroupNames": {"optionGroupName1": "색", "optionGroupName2": "크기"},
            "useStockManagement": True,
        }
        info["optionCombinations"] = [
            {"id": key, "stockQuantity": quantity, "price": extra, "usable": usable}
            | {f"optionName{level}": name for level, name in enumerate(names, 1)}
            for key, names, quantity, extra, usable in product["_options"]
        ]
        origin = {
            "statusType": product["statusType"], "name": product["name"], "salePrice": product["salePrice"],
            "stockQuantity": product["stockQuantity"], "leafCategoryId": "50",
            "images": {"representativeImage": {"url": "https://p/1.jpg"}, "optionalImages": [{"url": "https://p/2.jpg"}]},
            "detailAttribute": {
                "optionInfo": info if product["_options"] else None,
                "supplementProductInfo": {"supplementProducts": list(product["_supplements"])},
            },
        }  # fmt: skip
        part = "windowChannelProduct" if product["channelServiceType"] == "WINDOW" else "smartstoreChannelProduct"
        return web.json_response({"originProduct": origin, part: {"channelProductDisplayStatusType": "ON"}})

    def changes(self, asked):
        if not all(STAMP.fullmatch(asked[name]) for name in ("lastChangedFrom", "lastChangedTo")):
            return error(400, "4000")
        start, end = (datetime.fromisoformat(asked[name]) for name in ("lastChangedFrom", "lastChangedTo"))
        if end - start > DAY:
            return error(400, "104139")
        rows = sorted((line["at"], number) for number, line in self.lines.items() if start <= line["at"] <= end)
        rows = [
            row
            for row in rows
            if not asked.get("moreSequence") or row[1] >= asked["moreSequence"] or row[0] > start + DAY / 86400
        ]
        if not rows:
            return web.json_response({"timestamp": "…", "traceId": "…"})
        size = min(int(asked["limitCount"]), self.feed_page)
        shown = [
            {
                "orderId": self.lines[number]["content"]["order"]["orderId"], "productOrderId": number,
                "lastChangedType": self.lines[number]["change"], "lastChangedDate": printed(at, 1),
                "paymentDate": self.lines[number]["content"]["order"].get("paymentDate"),
                "productOrderStatus": self.lines[number]["content"]["productOrder"]["productOrderStatus"],
            }
            for at, number in rows[:size]
        ]  # fmt: skip
        inside = {"count": len(shown), "lastChangeStatuses": shown}
        if len(rows) > size:
            at, number = rows[0] if self.stuck else rows[size]
            # Cut to a tenth of a second: told again as it came, it would be refused.
            inside["more"] = {"moreFrom": printed(at, 1), "moreSequence": number}
        return web.json_response({"timestamp": "…", "data": inside})

    def query(self, ids):
        if not ids or len(ids) > 300:
            return error(400, "4000")
        if len(set(ids)) < len(ids):
            return error(400, "104131")
        if self.foreign & set(ids):
            return error(400, "101009")
        found = [
            copy.deepcopy(self.lines[number]["content"])
            for number in ids
            if number in self.lines and number not in self.hidden
        ]
        return web.json_response({"timestamp": "…", "data": found})

    def listed(self, asked):
        start = datetime.fromisoformat(asked["from"])
        end = datetime.fromisoformat(asked["to"]) if "to" in asked else start + DAY
        if end - start > DAY or not STAMP.fullmatch(asked["from"]):
            return error(400, "4000", "from, to 값이 올바르지 않습니다.")
        by_claim = asked["rangeType"] == "CLAIM_REQUESTED_DATETIME"
        rows = []
        for number, line in self.lines.items():
            claim = next(iter((line["content"].get("currentClaim") or {}).values()), {})
            told = claim.get("claimRequestDate") if by_claim else line["content"]["order"]["orderDate"]
            if told and start <= datetime.fromisoformat(told) <= end:
                rows.append({"productOrderId": number, "content": copy.deepcopy(line["content"])})
        page, size = int(asked["page"]), min(int(asked["pageSize"]), self.page)
        inside = {"contents": rows[(page - 1) * size : page * size]}
        inside["pagination"] = {"page": page, "size": size, "hasNext": page * size < len(rows)}
        return web.json_response({"timestamp": "…", "data": inside})
