"""A small MakeShop storefront on this machine: pages and scripts' answers in the shapes of the samples."""

import http.server
import json
import threading
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SAMPLES = Path(__file__).parent / "samples/makeshop"
TOTE, STRAP, HOOD, WOOL, POUCH = "1000012", "1000011", "1000020", "1000009", "1000010"
PAGE_OF = {TOTE: "simple", STRAP: "euckr", HOOD: "multi_option", WOOL: "single_select", POUCH: "soldout"}
EVERY = set(PAGE_OF)
BOARD = "demoshop_board2"
HEAD = '<html><head><meta http-equiv="Content-Type" content="text/html;charset=euc-kr" /></head><body>'
ITEM = """<li class="item"><a href="/shop/shopdetail.html?branduid={0}&amp;xcode=003&amp;GfDT=bmx3UQ%3D%3D">
    <img src="/shopimages/demoshop/{0}3.jpg" alt=""/></a><span class="prd-name">상품 {0} 뷁</span>
    <span class="prd-price">9,000원</span></li>"""
POWER = """<li id="power_review_block{no}" class="power-review-list-box">
    <dl class="desc"><dt><span class="star"><em>★★★★</em>★</span></dt></dl>
    <ul class="desc"><li>작성자 : 홍****</li><li><span class="pr-list-date">등록일 : 2026-05-{day:02d}</span></li></ul>
    <div class="content"><p class="content_p"><a class="more-options">후기 {no} 100% + 좋아요</a></p></div>
    <div class="photo-list"></div><div class="reply"><a class="yes"><span>1</span></a>
    <a class="cnt">댓글 {comments}</a></div></li>"""
ROW = """<tr><td>{no}</td><td><a href="/shop/shopdetail.html?branduid={product}">상품</a></td>
    <td class="subject"><a href="/board/board.html?code=demoshop_board5&amp;page=1&amp;type=v&amp;num1={no}&amp;num2=00000&amp;number=7&amp;lock={lock}">제목 {no}</a></td>
    <td>홍****</td><td>2026/05/{day:02d}</td><td>3</td></tr>"""  # noqa: E501
POST = """<table><tr><th>제목</th><td>제목 {no}</td></tr><tr><th>작성자</th><td>홍****</td></tr>
    <tr><th>작성일</th><td>2026/05/{day:02d} 11:00</td></tr><tr><th>평점</th><td><span class="star">★★★</span></td></tr>
    <tr><th>상품</th><td><a href="/shop/shopdetail.html?branduid=1000020">후드</a></td></tr>
    <tr><td colspan="2"><div id="MS_WritenBySEB">글 {no}</div></td></tr></table>"""
GONE = f"{HEAD}<script>alert('해당 상품은 존재하지 않습니다.');history.go(-1);</script></body></html>"
OPEN = "User-agent: *\nDisallow: /shop/basket.html\nDisallow: /shop/member.html\n"


def sample(name):
    return (SAMPLES / f"{name}.html").read_bytes()


class Storefront:
    """Five products, some in lists, some in a list that a script fills, one in the sitemap alone; EUC-KR lists."""

    def __init__(self, robots=OPEN, sitemap=True, crema=False):
        self.robots, self.sitemap, self.crema = robots, sitemap, crema
        self.lists = {"003:001": [[TOTE, STRAP], [WOOL]], "004:": [[WOOL]]}
        self.pieces = {"005:": [[STRAP], [POUCH]]}
        self.power = {TOTE: list(range(901, 908)), HOOD: [], WOOL: [], STRAP: [], POUCH: []}
        self.comments = {904: [("관리자", "감사합니다"), ("홍**", "네")]}
        self.posts, self.locked, self.missing = [701, 702, 703, 704, 705], {703}, set()
        self.asked, self.walls, self.headers = [], {}, {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                status, body, *rest = outer.answer(self.path)
                kind, more = (*rest, *("text/html", {})[len(rest) :])
                body = body if isinstance(body, bytes) else body.encode("cp949" if "euc-kr" in body else "utf-8")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *why):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path):
        parts = urlsplit(path)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if path in self.walls:
            return self.walls[path]
        page = int(told.get("page", 1))
        codes = f"{told.get('xcode', '')}:{told.get('mcode', '')}"
        match parts.path:
            case "/robots.txt":
                return 200, self.robots
            case "/sitemap.xml":
                return (200, self.map(), "application/xml") if self.sitemap else (404, b"")
            case "/":
                return 200, f"{HEAD}{self.menu()}</body></html>"
            case "/shop/shopbrand.html":
                rows = self.lists.get(codes, [[]])
                return 200, self.list(rows[min(page, len(rows)) - 1])
            case "/shop/product_list.action.html":
                rows = self.pieces.get(codes, [])
                uids = rows[page - 1] if page <= len(rows) else []
                return 200, json.dumps({"list": [{"uid": uid} for uid in uids], "html": "", "is_page_end": not uids})
            case "/shop/shopdetail.html":
                return 200, self.product(told["branduid"]) if told["branduid"] in EVERY else GONE
            case "/shop/power_review.action.html":
                return 200, json.dumps(self.script(told, page))
            case "/board/board.html":
                return 200, self.post(int(told["num1"]), told) if told.get("type") == "v" else self.board(page)
        return 404, b""

    def menu(self):
        return "".join(
            f'<a href="/shop/shopbrand.html?xcode={code}&amp;type={kind}{more}">{code}</a>'
            for code, kind, more in (
                ("003", "Y", "&amp;mcode=001"), ("003", "Y", "&amp;mcode=001&amp;sort=price"), ("004", "X", ""),
                ("005", "X", ""), ("006", "X", ""), ("", "P", "&amp;search=x"),
            )
        )  # fmt: skip

    def map(self):
        places = [f"/shop/shopdetail.html?branduid={HOOD}&amp;xcode=004", f"/shop/shopdetail.html?branduid={TOTE}"]
        rows = "".join(f"<url><loc>{self.url}{place}</loc></url>" for place in places)
        other = "<url><loc>https://elsewhere.example.com/shop/shopdetail.html?branduid=77</loc></url>"
        return (
            f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}{other}</urlset>'
        )

    def list(self, uids):
        return f"{HEAD}{self.menu()}<ul>{''.join(map(ITEM.format, uids))}</ul></body></html>"

    def product(self, uid):
        body = sample(f"store_shopdetail_{PAGE_OF[uid]}")
        count = len(self.power[uid])
        body = body.replace(b"<strong>2</strong>)", f"<strong>{count}</strong>)".encode())
        if uid == WOOL:
            body = body.replace(b"</body>", sample("store_comment_review_block") + b"</body>")
        return body.replace(b"</body>", b'<div class="crema-product-reviews"></div></body>') if self.crema else body

    def script(self, told, page):
        if told["action_type"] == "get_comment_list":
            rows = [
                {"uid": str(n), "writer": who, "date": "2026-05-20 10:00:00", "comment": quote(text), "link_mod": ""}
                for n, (who, text) in enumerate(self.comments.get(int(told["num1"]), []))
            ]
            return {"success": True, "data": {"total": len(rows), "list": rows}}
        assert told["action_type"] == "get_review_list" and told["sort"] == "date" and told["page_type"] == "product"
        newest = self.power[told["product_uid"]][::-1]
        shown = "".join(
            POWER.format(no=no, day=no - 900, comments=len(self.comments.get(no, [])))
            for no in newest[3 * page - 3 : 3 * page]
        )
        return {"success": True, "html": quote(shown), "is_page_end": 3 * page >= len(newest), "page": page}

    def board(self, page):
        newest = self.posts[::-1]
        pages = [newest[place : place + 3] for place in range(0, len(newest), 3)]
        rows = "".join(
            ROW.format(no=no, day=no - 690, product=HOOD, lock="Y" if no in self.locked else "N")
            for no in pages[min(page, len(pages)) - 1]
        )
        return f"{HEAD}<table>{rows}</table></body></html>"

    def post(self, no, told):
        assert told["lock"] == "N" and told["code"] == "demoshop_board5"
        return GONE if no in self.missing else f"{HEAD}{POST.format(no=no, day=no - 690)}</body></html>"
