"""A small openhub for tests: products, orders and posts of one mall, with its keys, pages, windows and bad habits."""

import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
PARTNER, KEY = "UEFSVE5FUitDQU5BUlkvUEFSVE5FUg==", "VVNFUitDQU5BUlkvS0VZK0NBTkFSWQ=="


def printed(at):
    return at.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M:%S")


def element(name, value):
    """Return a value as XML: dicts are elements, lists repeat with idx."""
    if isinstance(value, list):
        return "".join(
            element(name, one).replace(f"<{name}>", f'<{name} idx="{place + 1}">', 1) for place, one in enumerate(value)
        )
    if isinstance(value, dict):
        return f"<{name}>{''.join(element(key, part) for key, part in value.items())}</{name}>"
    return f"<{name}>{escape('' if value is None else str(value))}</{name}>"


def answer(rows="", code="000", **header):
    told = element("header", {"code": code, "msg": "성공"} | header)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<data>{told}<return>{rows}</return></data>'


def product(number, at, **more):
    told = {
        "goodsNo": number, "goodsNm": f"상품 {number}", "goodsCd": f"P-{number}", "goodsDisplayFl": "y",
        "goodsDisplayMobileFl": "y", "goodsSellFl": "y", "goodsSellMobileFl": "y", "soldOutFl": "n", "stockFl": "y",
        "totalStock": 5, "goodsPrice": "1000.00", "optionFl": "n", "allCateCd": "001|001001", "cateCd": "001001",
        "brandCd": "001", "costPrice": "777.00", "regDt": printed(at), "modDt": "",
    }  # fmt: skip
    return told | more


def order(number, at, status="p1", **more):
    line = {
        "sno": number % 10**8, "orderNo": number, "orderStatus": status, "goodsNo": "1000000001", "goodsNm": "상품",
        "goodsCnt": 1, "goodsPrice": "1000.00", "optionPrice": "0.00",
    }  # fmt: skip
    told = {
        "orderNo": number, "orderStatus": status, "orderChannelFl": "shop", "orderDate": printed(at),
        "paymentDt": printed(at), "settlePrice": "1000.00", "totalGoodsPrice": "1000.00", "settleKind": "pc",
        "memNo": 7, "memId": "canary_member", "orderEmail": "canary@example.com",
        "orderInfoData": [{"orderName": "카나리아", "orderCellPhone": "010-0777-0777"}], "orderGoodsData": [line],
    }  # fmt: skip
    return told | more


def post(sno, at, **more):
    told = {
        "sno": sno, "goodsNo": "1000000001", "goodsPt": 5, "subject": f"후기 {sno}", "content": "좋아요",
        "isSecret": "n", "writerNm": "홍길동", "answerContents": "", "regDt": printed(at), "modDt": "",
    }  # fmt: skip
    return told | more


def number_at(at, tail=1):
    """Return an order number as the platform makes it: the time and four digits."""
    return int(at.astimezone(SEOUL).strftime("%y%m%d%H%M%S")) * 10000 + tail


class SmallMall:
    """Serves on a free port; use as a context manager."""

    def __init__(self):
        self.log = []
        self.products, self.orders, self.posts = [], [], []
        self.boards = {"goodsreview": "상품후기", "goodsqa": "상품문의"}
        self.changed = {}
        """Order number to the time of its last change; orders not in it count with their own time."""
        self.last_order = "official"
        self.broken = set()
        """Numbers of rows that are no XML."""
        self.faults = []
        """(path part, status, headers, body): the next fitting request gets it."""
        self.level = "AVAILABLE"
        self.cap = 300
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                status, headers, body = outer.answer(self, self.rfile.read(length))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *why):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def asked(self, part):
        """Return the parameters of all requests to a path, without the keys."""
        return [form for path, form in self.log if part in path]

    def answer(self, handler, body):
        parts = urlsplit(handler.path)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        query = dict(parse_qsl(parts.query))
        keys = (form.pop("partner_key", None), form.pop("key", None))
        self.log.append((parts.path, form | query))
        headers = {"Content-Type": "text/xml; charset=utf-8", "ratelimit-available-level": self.level}
        for fault in self.faults:
            if fault[0] in parts.path:
                self.faults.remove(fault)
                return fault[1], headers | fault[2], fault[3]
        if "partner_key" in query or "key" in query:
            return 500, {}, b"a key in an address"
        if keys != (PARTNER, KEY):
            return 200, headers, answer(code="998" if keys[0] != PARTNER else "999").encode()
        told = getattr(self, parts.path.rpartition("/")[2].removesuffix(".php"))(form)
        return 200, headers, told.encode()

    def rows(self, name, key, rows):
        return "".join(
            element(name, [row])
            if row[key] not in self.broken
            else f"<{name} idx='1'><{key}>{row[key]}</{key}><x></{name}>"
            for row in rows
        )

    def page(self, name, key, rows, form):
        page, size = int(form.get("page", 1)), min(int(form.get("size", 10)), 100)
        shown = rows[(page - 1) * size : page * size]
        return answer(self.rows(name, key, shown), total=len(rows), max_page=-(-len(rows) // size), now_page=page)

    @staticmethod
    def between(rows, form, kind, start="startDate", end="endDate"):
        if start not in form:
            return rows
        return [row for row in rows if row[kind] and form[start] <= row[kind][:10] <= form[end]]

    def Goods_Search(self, form):
        rows = self.between(self.products, form, form.get("searchDateType", "regDt"))
        return self.page("goods_data", "goodsNo", sorted(rows, key=lambda row: -int(row["goodsNo"])), form)

    def Goods_Add_Search(self, form):
        return self.page("add_goods_data", "addGoodsNo", [{"addGoodsNo": 3, "goodsNm": "포장", "price": "500"}], form)

    def Category_Search(self, form):
        below = {"": {"001": "의류", "002": "리빙"}, "001": {"001001": "상의 &amp; 하의"}}[form.get("cateCd", "")]
        return answer(element("category_data", [{"cateCd": code, "cateNm": name} for code, name in below.items()]))

    def Brand_Search(self, form):
        return answer(element("brand_data", [{"cateCd": "001", "cateNm": "예시공방"}]))

    def Code_Search(self, form):
        told = {
            "claimCode": [{"itemCd": "04001001", "itemNm": "고객변심"}],
            "deliveryCompany": [{"invoiceCompanySno": "8", "invoiceCompanyName": "CJ대한통운"}],
        }  # fmt: skip
        return answer(element("code_data", told[form["code_type"]]))

    def Order_Search(self, form):
        first, last = (datetime.fromisoformat(form[name]).date() for name in ("startDate", "endDate"))
        if last - first > timedelta(days=30):
            return answer(code="201")
        found = [
            row for row in self.orders
            if first.isoformat() <= self.day(row, form["dateType"]) <= last.isoformat()
            and int(row["orderNo"]) < int(form.get("lastOrder", 10**17))
        ]  # fmt: skip
        found.sort(key=lambda row: -int(row["orderNo"]))
        size = min(int(form["size"]), self.cap)
        more = len(found) > size
        header = {
            "official": {"lastOrder": str(more).lower()}, "opposite": {"lastOrder": str(not more).lower()},
            "absent": {},
        }[self.last_order]  # fmt: skip
        if not found:
            return answer(code="204")
        return answer(self.rows("order_data", "orderNo", found[:size]), **header)

    def day(self, row, kind):
        changed = self.changed.get(row["orderNo"], row["orderDate"]) if kind == "modify" else row["orderDate"]
        return changed[:10] if changed else ""

    def Board_Inventory(self, form):
        return answer(element("board_data", [{"bdId": board, "bdNm": name} for board, name in self.boards.items()]))

    def Board_List(self, form):
        rows = self.between(self.posts, form, form.get("dateType", "regDt"))
        return self.page("board_data", "sno", sorted(rows, key=lambda row: -row["sno"]), form)
