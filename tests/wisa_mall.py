"""A small WISA mall for tests: a log-in, both APIs, a feed; what it holds and how it fails can be changed."""

import asyncio
import html
import json
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from spiders.wisa.shapes import hash_of

SEOUL = ZoneInfo("Asia/Seoul")
KEY = "0123456789abcdef0123456789abcdef"
LABELS = {"정상": "2", "품절": "3", "숨김": "4"}


def printed(at):
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M:%S}"


class SmallMall:
    """Use as a context manager; `log` holds (action, fields) of every call, without secrets."""

    def __init__(self):
        self.products, self.orders, self.reviews = {}, {}, {}
        self.log, self.sessions, self.logins = [], set(), 0
        self.lives = None
        """Calls that a session lives for; None: for good."""
        self.short = []
        """Actions whose next list hides its last row once."""
        self.broken = []
        """(action, first, last): answers to windows that reach into this stretch are no XML."""
        self.rights = {"level": 3, "product_list": "Y", "order_list": "Y", "review_list": "Y"}
        self.password, self.key, self.feed, self.robots = "right password", KEY, None, ""
        self.deny, self.rest = set(), None
        self.heavy = {}
        """Action to the days of a window above which the server fails to tell anything that it holds."""

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
            app.router.add_route("*", "/main/exec.php", self.exec)
            app.router.add_get("/v1/products", self.rest_products)
            app.router.add_get("/robots.txt", self.robots_txt)
            app.router.add_get("/_data/compare/naver/all_prd.php", self.all_prd)
            runner = web.AppRunner(app)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
            ready.set()
            await self.stop.wait()
            await runner.cleanup()

        asyncio.run(main())

    # -- what it holds ------------------------------------------------------------------------------------------------

    def product(self, number, *, options=(), combos=None, **told):
        """Add or change a product.

        `options`: (name, [(item number, value, surcharge)]); `combos`: {number: (name, quantity, type)}.
        """
        now = datetime.now(SEOUL)
        known = self.products.get(number, {"reg": now - timedelta(days=5), "combos": None, "options": ()})
        known |= {"stat": "정상", "price": 10000, "title": f"상품 {number}"} | {
            name: known[name] for name in ("stat", "price", "title") if name in known
        }
        self.products[number] = known | told | {"mod": now}
        if options:
            self.products[number]["options"] = options
        if combos is not None:
            self.products[number]["combos"] = combos
        return self.products[number]

    def order(self, number, *lines, days=1, label=None, **told):
        """Add or change an order. `lines`: (number, product, quantity, price, code, label)."""
        at = datetime.now(SEOUL) - timedelta(days=days)
        known = self.orders.get(number, {"at": at, "log": []})
        known |= {"lines": list(lines), "label": label or lines[0][5], "ext": datetime.now(SEOUL)}
        self.orders[number] = known | told

    def review(self, number, product, text="좋아요", days=1, stat="2", comments=()):
        """Add or change a review."""
        at = self.reviews.get(number, {"at": datetime.now(SEOUL) - timedelta(days=days)})["at"]
        self.reviews[number] = {"at": at, "product": product, "text": text, "stat": stat, "comments": list(comments)}

    def asked(self, action):
        """Return the fields of all calls of an action."""
        return [fields for name, fields in self.log if name == action]

    # -- answers ------------------------------------------------------------------------------------------------------

    async def robots_txt(self, request):
        return web.Response(text=self.robots)

    async def rest_products(self, request):
        assert request.headers["X-API-Key"] == self.key
        self.log.append(("rest", dict(request.query)))
        return web.json_response(self.rest)

    async def all_prd(self, request):
        assert not request.query and "X-API-Key" not in request.headers
        self.log.append(("feed", {}))
        if self.feed is None:
            page = "<html><head><title>404 Not Found</title></head></html>"
            return web.Response(status=404, text=page, content_type="text/html")
        head = "id\ttitle\tprice_pc\tlink\timage_link\tbrand\treview_count\tclass\tupdate_time"
        rows = [
            "\t".join(
                (
                    hash_of(n),
                    p["title"],
                    str(self.feed.get(n, p["price"])),
                    *"--",
                    "브랜드",
                    "3",
                    "I",
                    printed(p["mod"]),
                )
            )
            for n, p in self.products.items()
        ]
        return web.Response(text="\n".join([head, *rows]))

    async def exec(self, request):
        fields = dict(request.query) | dict(await request.post())
        api, action = fields.pop("exec_file"), fields.pop("action")
        session, key = fields.pop("hash", None), fields.pop("key", None)
        if api.endswith("erp.exe.php"):
            assert "key" in request.query
            self.log.append((action, fields))
            return self.erp(action, fields, key)
        assert session is None or "hash" not in request.query
        self.log.append((action, {name: value for name, value in fields.items() if name != "mng_pw"}))
        answer = self.openapi(action, fields, self.alive(session))
        if isinstance(answer, str):
            return web.Response(text=answer)
        return web.Response(text=json.dumps(answer, ensure_ascii=False, indent=4), content_type="application/json")

    def alive(self, session):
        if session not in self.sessions:
            return False
        if self.lives is not None:
            self.lives -= 1
            if self.lives <= 0:
                self.sessions.discard(session)
                self.lives = None
                return False
        return True

    def openapi(self, action, fields, alive):
        if action == "login":
            if (fields["mng_id"], fields["mng_pw"]) != ("reader", self.password):
                return {"status": "N", "msg": "관리자 패스워드 에러"}
            self.logins += 1
            self.sessions = {f"session-{self.logins}-secret"}
            return {"status": "Y", "hash": f"session-{self.logins}-secret", "account": {}, "admin": {"level": 3},
                    "api_version": "2.91.3"}  # fmt: skip
        if action in self.deny:
            return {"status": "permission_denied"}
        return getattr(self, f"on_{action}")(fields, alive)

    def page(self, name, key, rows, fields, empty):
        size, number = int(fields.get("page_size", 20)), int(fields.get("page", 1))
        shown = rows[(number - 1) * size : number * size]
        if name in self.short and shown:
            self.short.remove(name)
            shown = shown[:-1]
        if not shown:
            return {"status": "N", "msg": empty}
        return {"status": "Y", "total_rows": "9999", "rows": str(len(rows)), key: shown}

    def on_loginCheck(self, fields, alive):
        return {"status": "Y"} if alive else {"status": "N", "msg": None}

    def on_permissionList(self, fields, alive):
        return {"status": "Y"} | self.rights if alive else {"status": "N", "msg": "관리자 로그인 오류"}

    def on_productList(self, fields, alive):
        shown = {n: p for n, p in self.products.items() if alive or p["stat"] != "숨김"}
        rows = [self.row(n, shown[n], alive) for n in sorted(shown, reverse=True)]
        return self.page("productList", "product", rows, fields, "검색된 상품이 없습니다.")

    def row(self, number, product, alive):
        name = hash_of(number)
        row = {
            "pno": str(number), "code": "", "system_code": name, "title": product["title"], "stat": product["stat"],
            "keyword": "" if alive else None, "cate1": "의류", "cate2": "", "cate3": "", "cate4": "", "big": "1001",
            "mid": "0", "small": "0", "depth4": None, "normal_prc": "0", "sell_prc": str(product["price"]),
            "addimg": [], "photo": "", "reg_date": printed(product["reg"]),
            "detailLink": f"{self.url}/shop/detail.php?pno={name}",
        }  # fmt: skip
        return row | ({"hit_view": "1", "hit_cart": "0", "wm_sc": "0"} if alive else {})

    def on_product(self, fields, alive):
        number = int(fields["pno"])
        if number not in self.products:
            return {"status": "N", "msg": "조회된 상품이 없습니다."}
        product = self.products[number]
        row = self.row(number, product, alive)
        row["name"] = row.pop("title")
        counted = product["combos"] is not None
        return {"status": "Y"} | row | {
            "content1": "요약", "content2": f"<p>{number}</p>", "sell_prc_consultation": "", "upfile1": "",
            "images": [], "ea_type": ("1" if counted else "2") if alive else None, "stock_type": "Y" if alive else "N",
        }  # fmt: skip

    def on_productOption(self, fields, alive):
        product = self.products[int(fields["pno"])]
        return {"status": "Y", "options": [
            {"opno": "1", "name": name, "otype": "콤보박스", "necessary": "Y",
             "items_list": [{"no": str(no), "name": value, "add_price": str(extra)} for no, value, extra in items]}
            for name, items in product["options"]
        ] or None}  # fmt: skip

    def on_productComplexOption(self, fields, alive):
        number = fields["pno"]
        combos = (self.products[int(number)]["combos"] or {}).items()
        return {"status": "Y", "complexOptions": [
            {"complex_no": str(no), "barcode": "", "pno": number, "item_name": name, "qty": str(qty), "type": kind}
            for no, (name, qty, kind) in combos
        ]}  # fmt: skip

    def on_orderList(self, fields, alive):
        if not alive:
            return "permission_denied"
        first, last = fields["sdate1"], fields["sdate2"]
        found = sorted((o["at"], n) for n, o in self.orders.items() if first <= printed(o["at"])[:10] <= last)
        rows = [self.listed_order(number) for _, number in found]
        return self.page("orderList", "orders", rows, fields, "검색된 주문이 없습니다.")

    def listed_order(self, number):
        order = self.orders[number]
        return {
            "ono": number, "date1": printed(order["at"]), "pay_type": "신용카드", "buyer_cell": "010-0000-0001",
            "member_id": "hong01", "stat": order["label"], "pay_prc": "10000", "channel": None,
            "stat2": ",".join(dict.fromkeys(line[5] for line in order["lines"])), "products": [
                {"order_product_no": str(no), "pno": str(pno), "name": "상품", "buy_ea": str(n),
                 "total_prc": str(price), "sale_prc": 0, "discount": [], "dlv_no": "3", "dlv_code": "600"}
                for no, pno, n, price, code, label in order["lines"]
            ],
        }  # fmt: skip

    def on_order(self, fields, alive):
        if not alive:
            return {"status": "N", "msg": "관리자 로그인 오류"}
        if fields["ono"] not in self.orders:
            return {"status": "N", "msg": "조회된 주문이 없습니다."}
        order = self.orders[fields["ono"]]
        told = self.listed_order(fields["ono"])
        for line, (*_, code, label) in zip(told["products"], order["lines"], strict=True):
            line |= {"stat": code, "stat_str": label, "complex_no": "0", "option": "", "dlv_no": "CJ대한통운"}
        return {"status": "Y"} | told | {"dlv_prc": "0", "milage_prc": "0", "emoney_prc": "0", "stat_log": order["log"],
                                        "discount": [], "date5": 0}  # fmt: skip

    def on_reviewList(self, fields, alive):
        first, last = fields.get("sdate1", ""), fields.get("sdate2", "9")
        rows = [
            {"no": str(n), "name": "홍길동", "member_id": "hong01", "pname": self.title(r["product"]),
             "pno": str(r["product"]), "title": "제목", "pts": "5", "stat": r["stat"], "photo1": "", "photo2": "",
             "images": [], "content": r["text"], "recommend_y": "0", "reg_date": printed(r["at"])}
            for n, r in sorted(self.reviews.items(), reverse=True)
            if fields.get("pno", str(r["product"])) == str(r["product"])
            and first <= printed(r["at"])[:10] <= last and (alive or r["stat"] != "1")
        ]  # fmt: skip
        return self.page("reviewList", "articles", rows, fields, "검색된 내역이 없습니다.")

    def title(self, number):
        return self.products.get(number, {}).get("title", "상품")

    def on_reviewCommentList(self, fields, alive):
        comments = self.reviews[int(fields["no"])]["comments"]
        return {"status": "Y", "rows": len(comments), "comments": [
            {"no": "1", "member_id": "", "name": "상점", "comment": text, "reg_date": "2026-01-01 00:00:00"}
            for text in comments
        ]}  # fmt: skip

    # -- ERP ----------------------------------------------------------------------------------------------------------

    def erp(self, action, fields, key):
        if key != self.key:
            return xml("error", tag("return_code", "false") + tag("return_msg", "인증되지 않은 키 정보입니다."))
        if action == "getStock":
            return xml(action, "".join(self.levels(int(number)) for number in fields["param"].split(",")))
        if "param" in fields:
            return xml(action, tag("prd_list", tag("prd", self.erp_product(int(fields["param"])), 1)))
        first = fields.get("sedate") or fields["sdate"]
        last = fields.get("eedate") or fields["edate"]
        held = any(first <= digits(product["reg"]) <= last for product in self.products.values())
        if held and days(first, last) > self.heavy.get(action, 10**6):
            return web.Response(status=500, text="<title>500 Internal Server Error</title>", content_type="text/html")
        if any(name == action and first <= end and last >= start for name, start, end in self.broken):
            return web.Response(
                text="<?xml version='1.0'?><getProduct><prd_list><prd idx='1'>", content_type="text/xml"
            )
        if action == "getProduct":
            when = "mod" if "sedate" in fields else "reg"
            found = [n for n, p in sorted(self.products.items()) if first <= digits(p[when]) <= last]
            rows = "".join(tag("prd", self.erp_product(n), idx) for idx, n in enumerate(found, 1))
            return xml(action, tag("auth_code", self.key) + tag("prd_list", rows))
        when = "ext" if action == "getCanceledOrder" else "at"
        wanted = {"getPayedOrder": "2", "getShippingOrder": "3", "getCompletedOrder": "5"}.get(action)
        rows = [
            self.erp_order(number, order, [x for x in order["lines"] if (x[4] == wanted if wanted else int(x[4]) > 11)])
            for number, order in self.orders.items() if first <= digits(order[when]) <= last
        ]  # fmt: skip
        rows = [tag("order_idx", row, idx) for idx, row in enumerate(filter(None, rows), 1)]
        return xml(action, "".join(rows) or tag("order_idx", tag("ord_no")))

    def levels(self, number):
        combos = self.products.get(number, {}).get("combos") or {}
        items = [
            tag("item_list", tag("name", name) + tag("code", no) + tag("stock", qty), idx)
            for idx, (no, (name, qty, _)) in enumerate(combos.items(), 1)
        ]
        return tag("product_idx", tag("prd_code", number) + "".join(items), 1) if items else ""

    def erp_product(self, number):
        product = self.products[number]
        flags = {"정상": "TT", "품절": "FF", "숨김": "TF"}[product["stat"]]
        items = (product["combos"] or {number: ("옵션없음", 0, "N")}).items()
        told = {
            "prd_code": number, "style_cd": "", "prd_name": html.escape(product["title"]), "prd_price": 0,
            "sale_price": product["price"], "sup_price": 1, "disp_flag": flags[0], "sell_flag": flags[1],
            "item_options": ",".join(name for name, _ in product["options"]), "reg_date": digits(product["reg"]),
            "mod_date": digits(product["mod"]), "item_list": "".join(
                tag("item", tag("name", name) + tag("code", no) + tag("stock", 9999 if kind == "N" else qty), idx)
                for idx, (no, (name, qty, kind)) in enumerate(items, 1)
            ),
        }  # fmt: skip
        return "".join(tag(name, value) for name, value in told.items())

    @staticmethod
    def erp_order(number, order, lines):
        if not lines:
            return ""
        names = ("ord_prd_no", "prd_code", "item_cnt", "item_price")
        rows = [
            "".join(map(tag, names, line)) + tag("item_sell_price", line[3]) + tag("item_name") + tag("item_code")
            + (tag("cancel_stat", line[5]) if int(line[4]) > 11 else "")
            for line in lines
        ]  # fmt: skip
        told = {"ord_no": number, "ord_date": printed(order["at"]), "settle_date": "", "settle_price": 10000}
        products = "".join(tag("Product", row, idx) for idx, row in enumerate(rows, 1))
        return "".join(tag(name, value) for name, value in told.items()) + tag("product_list", products)


def days(first, last):
    start, end = (datetime.strptime(text, "%Y%m%d%H%M%S") for text in (first, last))
    return (end - start) / timedelta(days=1)


def digits(at):
    return f"{at.astimezone(SEOUL):%Y%m%d%H%M%S}"


def tag(name, value="", idx=None):
    number = "" if idx is None else f" idx='{idx}'"
    return f"<{name}{number}>{value}</{name}>"


def xml(action, inside):
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{tag(action, inside)}'
    return web.Response(text=text, content_type="text/xml")
