"""Whole crawls of a small Cafe24 storefront: what its pages show is stored, politely, and nothing else is asked for."""

import http.server
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from crawling import BARE, ROOT
from cryptography.fernet import Fernet
from test_cafe24_pages import page, sample

from shopscrape.store import open_store

PAGING = '<div class="ec-base-paginate">{}</div>'
LINK = '<a href="?board_no=4&page={0}">{0}</a>'
BOX = """<li id="anchorBoxId_{0}"><div class="description" ec-data-price="1000">
    <p class="name"><a href="/product/x/{0}/">상품 {0}</a></p></div></li>"""
ROW = """<tr><td><a href="/product/detail.html?product_no={product}">상품</a></td>
    <td>{icon}<a href="/article/후기/4/{no}/">제목 {no}</a></td><td>홍**</td>
    <td>2026-07-{day:02d} 10:00:00</td><td><img src="ico_point5.gif" alt="5점"></td></tr>"""
ARTICLE = """<html><head><meta name="path_role" content="BOARD_PRODUCT_DETAIL"><title>x - 데모몰</title>
    <link rel="canonical" href="/article/후기/4/{0}/"></head><body><div class="xans-board-read-4"><table>
    <tr><th>제목</th><td>제목 {0}</td></tr><tr><th>작성자</th><td>홍**</td></tr></table><ul><li><strong>작성일</strong>
    <span>2026-07-{1:02d} 10:00:00</span></li></ul><div class="fr-view"><p>글 {0}</p></div></div></body></html>"""


class Storefront:
    """A storefront on this machine with 5 products in two categories and a board; use as a context manager."""

    def __init__(self, reviews=7, robots="", missing=()):
        self.reviews = list(range(1, reviews + 1))
        self.robots, self.missing, self.asked, self.walls = robots, set(missing), [], {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                status, body = outer.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
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
        if parts.path == "/robots.txt":
            return 200, self.robots
        if path in self.walls:
            return self.walls[path]
        if parts.path == "/":
            return 200, self.home()
        if parts.path == "/product/list.html":
            return 200, self.list(told["cate_no"], int(told["page"]))
        if parts.path == "/product/detail.html":
            number = told["product_no"]
            return 200, sample("product_detail") if number == "101" else page().replace("'501'", f"'{number}'")
        if parts.path == "/board/product/list.html":
            return 200, self.board(int(told["page"]), told.get("link_product_no"))
        number = int(parts.path.rstrip("/").rpartition("/")[2])
        if number in self.missing:
            return 200, "<script>alert('없는 글입니다.');history.back();</script>"
        return 200, ARTICLE.format(number, number)

    def home(self):
        links = '<a href="/category/상의/24/">상의</a><a href="/product/x/101/category/24/display/1/">x</a>'
        return f'<html><meta name="path_role" content="MAIN"><body>{links}</body></html>'

    def list(self, category, number):
        rows = {("24", 1): (101, 102), ("24", 2): (103,), ("25", 1): (103, 104, 105)}.get((category, number), ())
        links = "".join(f'<a href="?cate_no={category}&page={n}">{n}</a>' for n in ((1, 2) if category == "24" else ()))
        boxes = "".join(BOX.format(row) for row in rows) + '<a href="/product/list.html?cate_no=25">니트</a>'
        return f'<html><meta name="path_role" content="PRODUCT_LIST"><body>{boxes}{PAGING.format(links)}</body></html>'

    def board(self, number, product):
        newest = [no for no in sorted(self.reviews, reverse=True) if product in (None, str(100 + no % 2))]
        rows = "".join(
            ROW.format(no=no, day=no, product=100 + no % 2, icon='<img alt="비밀글">' if no == 3 else "")
            for no in newest[3 * number - 3 : 3 * number]
        )
        links = "".join(LINK.format(n) for n in range(1, -(-len(newest) // 3) + 1))
        return f"""<html><meta name="path_role" content="BOARD_PRODUCT_LIST"><table>
            <tbody class="xans-board-list-4">{rows}</tbody></table>{PAGING.format(links)}</html>"""


@pytest.fixture
def crawl(tmp_path):
    """Run the spider against a storefront; return its exit status, its words, and what is stored."""
    key = Fernet.generate_key().decode()

    def run(storefront, *words, permission="", more=""):
        malls = tmp_path / "malls.toml"
        said = f'permission = "{permission}"\n' if permission else ""
        table = f'[demo]\nplatform = "cafe24"\nmall_id = "demomall"\nspeed = 200\n{said}{more}'
        malls.write_text(f'{table}storefront_url = "{storefront.url}"\n')
        url = f"sqlite:///{tmp_path}/store.db"
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "cafe24_web", "-a", "mall=demo", *words,
                "-s", f"SHOPSCRAPE_MALLS={malls}", "-s", f"SHOPSCRAPE_STORE={url}",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output",
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
            env=BARE | {"SHOPSCRAPE_KEY": key, "SHOPSCRAPE_PRIVACY_KEY": "k" * 40},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        store = open_store(url, key)
        rows = {name: list(store.read(name)) for name in ("products", "inventory", "reviews")}
        store.close()
        return done, rows

    return run


def test_whole_mall(crawl):
    with Storefront() as storefront:
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert sorted(row["product_id"] for row in rows["products"]) == ["101", "102", "103", "104", "105"]
    assert sorted(row["variant_id"] for row in rows["inventory"]) == [f"P0000BAA000{letter}" for letter in "ABCD"]
    texts = {row["review_id"]: row["text"] for row in rows["reviews"]}
    assert texts == {f"4:{no}": None if no == 3 else f"글 {no}" for no in range(1, 8)}
    assert {row["shop"] for row in rows["products"] + rows["reviews"]} == {"1"}
    assert len(storefront.asked) == len(set(storefront.asked)), storefront.asked


def test_next_run_reads_what_is_new(crawl):
    with Storefront() as storefront:
        crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
        storefront.reviews.append(8)
        storefront.asked.clear()
        done, rows = crawl(storefront, "-a", "resources=reviews")
    assert done.returncode == 0 and len(rows["reviews"]) == 8
    assert [path for path in storefront.asked if "article" in path] == ["/article/%ED%9B%84%EA%B8%B0/4/8/"]
    assert len(storefront.asked) == 3


def test_review_that_is_deleted_while_its_list_is_read(crawl):
    with Storefront(missing=[5]) as storefront:
        done, rows = crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
    assert done.returncode == 0 and "is gone" in done.stderr
    assert {row["review_id"]: row["text"] for row in rows["reviews"]}["4:5"] is None and len(rows["reviews"]) == 7


def test_private_board_is_refused(crawl):
    with Storefront() as storefront:
        done, _ = crawl(storefront, more="boards = [4, 9]\n")
    assert done.returncode == 2 and "private" in done.stderr and storefront.asked == []


@pytest.mark.parametrize("path, found", [
    ("/product/detail.html?product_no=101", {"products": 1, "inventory": 4, "reviews": 4}),
    ("/product/list.html?cate_no=24&page=1", {"products": 5, "inventory": 4, "reviews": 0}),
    ("/board/product/list.html?board_no=4", {"products": 0, "inventory": 0, "reviews": 7}),
    ("/article/후기/4/2/", {"products": 0, "inventory": 0, "reviews": 1}),
])  # fmt: skip
def test_named_address(crawl, path, found):
    with Storefront() as storefront:
        done, rows = crawl(storefront, "-a", f"url={storefront.url}{path}", "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert {name: len(told) for name, told in rows.items()} == found


def test_robots_are_obeyed_before_the_first_page(crawl):
    with Storefront(robots="User-agent: *\nDisallow: /board/") as storefront:
        done, rows = crawl(storefront)
        assert done.returncode == 3 and "disallows /board/product/list.html" in done.stderr
        assert storefront.asked == ["/robots.txt"] and not any(rows.values())
        done, rows = crawl(storefront, "-a", "since=all", permission="own-store")
    assert done.returncode == 0 and len(rows["reviews"]) == 7 and "own-store" in done.stderr


def test_lists_alone_where_single_reviews_are_disallowed(crawl):
    with Storefront(robots="User-agent: *\nDisallow: /article/") as storefront:
        done, rows = crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
    assert done.returncode == 0 and "keeps us from single reviews" in done.stderr
    assert {row["text"] for row in rows["reviews"]} == {None} and len(rows["reviews"]) == 7
    assert not [path for path in storefront.asked if "article" in path]


@pytest.mark.parametrize("wall, outcome", [
    ((200, sample("restricted_alert")), "login_required"), ((403, "<html>no</html>"), "blocked"),
    ((200, "<html><body>Just a moment...</body></html>"), "blocked"), ((200, "<html></html>"), "not_hydrated"),
])  # fmt: skip
def test_wall_ends_the_run_and_is_remembered(crawl, wall, outcome):
    with Storefront() as storefront:
        storefront.walls["/product/detail.html?product_no=103"] = wall
        done, rows = crawl(storefront, "-a", "resources=products")
        assert done.returncode == 3 and outcome in done.stderr
        assert "103" not in {row["product_id"] for row in rows["products"]}
        storefront.asked.clear()
        done, _ = crawl(storefront, "-a", "resources=products")
    assert done.returncode == 3 and "cools down" in done.stderr and storefront.asked == []


def test_product_that_is_gone_is_skipped(crawl):
    with Storefront() as storefront:
        storefront.walls["/product/detail.html?product_no=103"] = (200, storefront.home())
        storefront.walls["/product/detail.html?product_no=104"] = (404, "<html>x</html>")
        done, rows = crawl(storefront, "-a", "resources=products")
    assert done.returncode == 0, done.stderr
    assert sorted(row["product_id"] for row in rows["products"]) == ["101", "102", "105"]


def test_page_read_again_is_the_same_row(crawl):
    with Storefront() as storefront:
        at = f"url={storefront.url}/product/detail.html?product_no=101"
        crawl(storefront, "-a", "resources=products", "-a", at)
        done, rows = crawl(storefront, "-a", "resources=products,inventory")
    assert done.returncode == 0
    told = next(row for row in rows["products"] if row["product_id"] == "101")
    assert (told["platform"], told["mall"], told["shop"], told["source"]) == ("cafe24", "demo", "1", "web")
    assert len(rows["products"]) == 5 and [option["name"] for option in told["options"]] == ["색상", "사이즈"]
