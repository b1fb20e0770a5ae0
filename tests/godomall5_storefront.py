"""A small Godomall5 storefront on this machine: pages and fragments in the shapes of the samples."""

import http.server
import json
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SAMPLES = Path(__file__).parent / "samples/godomall5"
HEAD = '<!doctype html><html><head><meta charset="utf-8" /><title>예시몰</title></head><body><div class="content">'
MENU = "".join(
    f'<li><a href="../goods/goods_list.php?cateCd={code}">{code}</a></li>' for code in ("001", "001001", "002")
)
BOX = """<li style="width:25%;"><div class="item_cont">
    <div class="item_photo_box"><a href="{0}"><img src="/x.jpg"></a></div>
    <div class="item_info_cont"><div class="item_tit_box"><a href="{0}">
    <strong class="item_name">상품 {1}</strong></a></div>
    <div class="item_money_box"><strong class="item_price"><span>9,000원 </span></strong></div></div></div></li>"""
ROW = """<tr class="js_data_row" data-bdid="goodsreview" data-sno="{no}" data-auth="{auth}" data-notice="{notice}"><td>
    <span class="rating_star"><span style="width:80%;">별</span></span></td><td class="board_tit">
    <a class="js_btn_view "><strong>제목 {no}</strong></a></td><td>홍**</td><td>2026.06.{day:02d}</td></tr>"""
TABLE = '<div class="reviews_table"><table class="reviews_table_type"><tbody>{}</tbody></table></div>'
NONE = '<tr><td colspan="4" class="no_data">등록된 상품후기가 없습니다.</td></tr>'
ARTICLE = """<td colspan="4" class="reviews_new_box"><div class="board_cont"><div class="board_view"><p>글 {no}<br>
    <img src="/data/board/upload/goodsreview/{no}_1.jpg"></p></div></div></td>"""
PLUS = """<div class="plus_review_view_list js_pr_row" data-sno="{no}"><div class="star_day_name"><strong>★★★★</strong>
    <span>2026.06.{day:02d}</span><span>김**</span></div>
    <div class="review_text js_pr_contents_desc">플러스 {no}</div></div>"""
TSHIRT, BASKET, COFFEE, MUG = "1000000042", "1000000051", "1000000058", "1000000035"
EVERY = {MUG, TSHIRT, BASKET, COFFEE}
STOCK = {("화이트", "M & L"): ("5011", 10), ("화이트", "XL"): ("5012", 0), ("블랙", "XL"): ("5014", 3)}
GONE = "<html><script>alert('잘못된 접근입니다.');history.back(-1);</script></html>"
OPEN = "User-agent: *\nDisallow: /admin/"


def sample(name):
    return (SAMPLES / f"{name}.html").read_text("utf-8")


class Storefront:
    """Four products in three categories, board reviews of two of them and Plus Reviews of one; a context manager."""

    def __init__(self, robots=OPEN, crema=False, plus=True, named=True):
        self.robots, self.crema, self.plus, self.named = robots, crema, plus, named
        self.categories = {"001": [[TSHIRT, BASKET], [COFFEE]], "001001": [[TSHIRT]], "002": [[MUG]]}
        self.posts = {TSHIRT: list(range(801, 808)), MUG: [790], BASKET: [], COFFEE: []}
        self.secret, self.missing, self.plus_posts = {803}, set(), [501, 502, 503]
        self.asked, self.walls, self.steps, self.referers = [], {}, [], {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.referers[self.path] = (self.headers.get("Referer"), self.headers.get("Cookie"))
                self.reply(*outer.answer(self.path))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.asked.append(self.path)
                self.reply(*outer.step(parse_qs(body)))

            def reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if "goods_view" in self.path:
                    self.send_header("Set-Cookie", "GD5SESSID=abc; path=/")
                self.end_headers()
                self.wfile.write(body.encode())

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
        number, page = told.get("goodsNo"), int(told.get("page", 1))
        match parts.path:
            case "/robots.txt":
                return 200, self.robots
            case "/":
                return 200, f"{HEAD}<ul>{MENU}</ul></div></body></html>"
            case "/goods/goods_list.php":
                return 200, self.list(told["cateCd"], page)
            case "/goods/goods_view.php":
                return 200, self.product(number) if number in EVERY else GONE
            case "/goods/goods_board_list.php":
                assert told["gboard"] == "y" and told["bdId"] == "goodsreview"
                return 200, self.board(number, page)
            case "/goods/goods_board_view.php":
                no = int(told["sno"])
                return 200, GONE if no in self.missing else ARTICLE.format(no=no)
            case "/board/plus_review_list.php":
                rows = self.plus_posts[::-1][2 * page - 2 : 2 * page] if number == TSHIRT else []
                return 200, "".join(
                    PLUS.format(no=no, day=no - 500) for no in rows
                ) or '<p class="no_data">없습니다.</p>'
        return 404, "<html></html>"

    def list(self, category, page):
        # Behind its last page the mall shows the last one again.
        pages = self.categories[category]
        rows = "".join(
            BOX.format(f"../goods/goods_view.php?goodsNo={no}", no) for no in pages[min(page, len(pages)) - 1]
        )
        best = BOX.format(f"../goods/goods_view.php?goodsNo={BASKET}", BASKET)
        links = "".join(
            f'<li><a href="./goods_list.php?page={n + 1}&cateCd={category}">{n + 1}</a></li>' for n in range(len(pages))
        )
        paging = f'<div class="pagination"><ul>{links}</ul></div>' if self.named else ""
        return (
            f'{HEAD}<ul>{MENU}</ul><div class="goods_list_item"><div class="best_item_view"><ul>{best}</ul></div>'
            f'<div class="goods_list"><div class="item_gallery_type"><ul>{rows}</ul></div></div>{paging}</div>'
            "</div></body></html>"
        )

    def product(self, number):
        name = {TSHIRT: "option_d", BASKET: "soldout", COFFEE: "option_s", MUG: "soldout"}[number]
        text = sample(f"storefront_goods_view_{name}").replace(BASKET, number)
        counted = len(self.posts[number]) + (len(self.plus_posts) if number == TSHIRT else 0)
        text = text.replace("상품후기 <strong>(12)", f"상품후기 <strong>({counted})")
        text = text.replace("상품후기 <strong>(0)", f"상품후기 <strong>({counted})")
        if self.plus:
            text = text.replace('<div id="qna">', '<div id="ajax-plus-review-list"></div><div id="qna">')
        if self.crema:
            text = text.replace('<div id="qna">', '<div class="crema-product-reviews"></div><div id="qna">')
        return text

    def board(self, number, page):
        newest = self.posts[number][::-1]
        rows = [ROW.format(no=700, auth="y", notice="y", day=1)] if newest else []
        rows += [
            ROW.format(no=no, auth="n" if no in self.secret else "y", notice="n", day=no - 780)
            for no in newest[3 * page - 3 : 3 * page]
        ]
        links = "".join(
            f"""<li><a href="javascript:goGoodsAjaxPage('goodsreview','page={n}&bdId=goodsreview')">{n}</a></li>"""
            for n in range(1, -(-len(newest) // 3) + 1)
        )
        paging = f'<div class="pagination"><ul>{links}</ul></div>' if self.named else ""
        return TABLE.format("".join(rows) or NONE) + paging

    def step(self, form):
        assert form["mode"] == ["option_select"] and form["goodsNo"] == [TSHIRT]
        chosen = tuple(form["optionVal[]"])
        self.steps.append(chosen)
        assert form["optionKey"] == [str(len(chosen) - 1)]
        if chosen in STOCK:
            sno, level = STOCK[chosen]
            told = {"cnt": 1, "nextOption": [], "optionSellFl": ["y"], "optionViewFl": ["y"], "sellStopStock": ["0"]}
            return 200, json.dumps(told | {"optionSno": f"{sno}||0||0||{level}", "log": "ok"})
        deeper = [two.replace("&", "&amp;") for one, two in STOCK if (one,) == chosen]
        return 200, json.dumps({"nextOption": deeper, "nextKey": 1, "log": "ok"} if deeper else {"log": "ok"})
