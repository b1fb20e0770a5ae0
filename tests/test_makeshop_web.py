"""The MakeShop storefront spider on odd pages that the emulated malls do not have; and the addresses that it builds."""

import http.server
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from crawling import BARE, ROOT
from cryptography.fernet import Fernet

from shopscrape.store import open_store
from spiders.makeshop.storefront import Listing, Post, listing_in, post_in
from spiders.makeshop.storefront import Storefront as Addresses

BOARD = "demoshop_board5"
LIST = f"/board/board.html?code={BOARD}&page="
ROW = """<tr><td>{no}</td><td><a href="/shop/shopdetail.html?branduid=1000020">상품</a></td>
    <td class="subject"><a href="/board/board.html?code=demoshop_board5&amp;type=v&amp;num1={no}&amp;num2={second}&amp;lock={lock}">제목 {no}</a></td>
    <td>홍****</td><td>2026/05/{day:02d}</td><td>3</td></tr>"""  # noqa: E501
POST = """<html><body><table><tr><th>제목</th><td>제목</td></tr><tr><th>평점</th><td><span class="star">★★★</span></td>
    </tr><tr><td colspan="2"><div id="MS_WritenBySEB">글</div></td></tr></table></body></html>"""
GONE = "<html><body><script>alert('해당 게시물은 존재하지 않습니다.');history.go(-1);</script></body></html>"


class Site:
    """A small mall on this machine: path to (status, body, headers); the longest path that an address begins with."""

    def __init__(self, **pages):
        self.pages, self.asked = {"/robots.txt": (404, "")} | pages, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                known = [path for path in outer.pages if self.path.startswith(path)]
                status, body, *more = outer.pages[max(known, key=len)] if known else (404, "")
                self.send_response(status)
                for name, value in (("Content-Type", "text/html; charset=utf-8"), *more):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *why):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def crawl(tmp_path):
    """Run the spider against a site; return its exit status, its words, and the reviews that are stored."""
    key = Fernet.generate_key().decode()

    def run(site, *words):
        malls = tmp_path / "malls.toml"
        malls.write_text(f'[demo]\nplatform = "makeshop"\nspeed = 200\nstorefront_url = "{site.url}"\n')
        url = f"sqlite:///{tmp_path}/store.db"
        site.asked.clear()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "makeshop_web", "-a", "mall=demo", *words,
                "-s", f"SHOPSCRAPE_MALLS={malls}", "-s", f"SHOPSCRAPE_STORE={url}",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output",
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
            env=BARE | {"SHOPSCRAPE_KEY": key, "SHOPSCRAPE_PRIVACY_KEY": "k" * 40},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        store = open_store(url, key)
        rows = {row["review_id"].split(":")[1]: row for row in store.read("reviews")}
        store.close()
        return done, rows

    return run


@pytest.mark.parametrize("address, listing", [
    ("/shop/shopbrand.html?xcode=003&mcode=001&type=Y&sort=price&page=4", Listing("003", "001", "", "Y")),
    ("/shop/shopbrand.html?type=X&xcode=003", Listing("003", "", "", "X")), ("/shop/shopbrand.html?search=a", None),
    ("/shop/shopbrand.html?xcode=003&search=a", None), ("/shop/shopbrand.html?xcode=%3Cb%3E", None),
    ("/shop/shopbrand.html?type=P", None), ("/shop/shopdetail.html?branduid=1&xcode=003", None),
])  # fmt: skip
def test_list_of_an_address(address, listing):
    assert listing_in(f"https://mall.example{address}") == listing


@pytest.mark.parametrize("address, post", [
    ("/board/board.html?code=a_board2&page=3", Post("a_board2")), ("/board/board.html?page=3", None),
    ("/board/board.html?code=a_board2&type=v&num1=7&num2=00000&number=12&lock=N", Post("a_board2", "7", "00000", "12")),
    ("/board/board.html?code=a_board2&type=v&num1=7", Post("a_board2", "7", "00000")),
    ("/board/board.html?code=../x&num1=7", None), ("/board/power_review.html?code=a", None),
])  # fmt: skip
def test_post_of_an_address(address, post):
    assert post_in(f"https://mall.example{address}") == post


@pytest.mark.parametrize("address, plain", [
    ("/shop/shopdetail.html?branduid=12&xcode=003&GfDT=bmx3&sort=", "/shop/shopdetail.html?branduid=12"),
    ("/m/product.html?branduid=12", "/shop/shopdetail.html?branduid=12"), ("", "/"), ("/sitemap.xml", "/sitemap.xml"),
    ("/shop/basket.html", None), ("/shop/member.html?branduid=12", None), ("/shop/shopdetail.html", None),
])  # fmt: skip
def test_plain_address(address, plain):
    assert Addresses("https://a.example").plain(f"https://a.example{address}") == (
        plain and f"https://a.example{plain}"
    )


def test_posts_that_are_locked_or_gone_by_the_time_they_are_opened(crawl):
    shown = [(705, "00000", "N"), (704, "00001", "N"), (704, "00000", "N"), (703, "00000", "Y"), (702, "00000", "N")]
    told = "".join(ROW.format(no=no, second=second, lock=lock, day=no - 690) for no, second, lock in shown)
    page = f"<html><body><table>{told}</table></body></html>"
    post = f"/board/board.html?code={BOARD}&type=v"
    pages = {LIST: (200, page), post: (200, POST), f"{post}&num1=702": (200, GONE)}
    with Site(**pages) as site:
        done, reviews = crawl(site, "-a", "since=all", "-a", f"url={site.url}{LIST}2")
    assert done.returncode == 0, done.stderr
    assert {name: row["text"] for name, row in reviews.items()} == {"702": None, "703": None, "704": "글", "705": "글"}
    assert reviews["703"]["flags"] == ["secret"] and reviews["704"]["rating"] == "3"
    assert "cannot be opened" in done.stderr
    opened = [parse_qs(urlsplit(path).query) for path in site.asked if "num1=" in path]
    # Neither the locked post nor the answer (num2) is opened.
    assert [(one["num1"][0], one["num2"][0]) for one in opened] == [(n, "00000") for n in ("705", "704", "702")]


def test_a_redirect_to_the_log_in_is_a_wall_and_not_followed(crawl):
    address = "/shop/shopdetail.html?branduid=12"
    with Site(**{address: (302, "", ("Location", "/shop/member.html?type=login"))}) as site:
        done, _ = crawl(site, "-a", f"url={site.url}{address}&GfDT=abc")
        assert done.returncode == 3 and "login_required" in done.stderr.splitlines()[-1]
        assert site.asked == ["/robots.txt", address]


def test_a_mall_that_leads_to_no_product_and_an_address_that_names_nothing(crawl):
    with Site(**{"/": (200, "<html><body>hello</body></html>"), "/sitemap.xml": (404, "")}) as site:
        done, _ = crawl(site)
        assert done.returncode == 1 and "leads to a product" in done.stderr
        done, _ = crawl(site, "-a", f"url={site.url}/shop/basket.html")
        assert done.returncode == 2 and "is no product" in done.stderr and not site.asked
