"""A small WISA storefront on this machine, made of the samples, that tests may break."""

import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from crawling import BARE, ROOT
from cryptography.fernet import Fernet

from shopscrape.store import open_store
from spiders.wisa.shapes import hash_of

SAMPLES = Path(__file__).parent / "samples/wisa"
HOME = "https://demo-wisa.example.com"
EMPTY = '<table><tr><td class="empty">등록된 상품 후기가 없습니다.</td></tr></table>'


def sample(name):
    return (SAMPLES / name).read_text("utf-8")


def as_number(page, number):
    """Return a product page under another number."""
    page = page.replace(hash_of(1203), hash_of(number)).replace("pno1203", f"pno{number}")
    return page.replace('"1203"', f'"{number}"')


class Site:
    """Three products: 1201 has two choices, 1202 and 1203 are sold out; 2 reviews. Use as a context manager."""

    def __init__(self):
        self.robots, self.asked, self.walls = "", [], {}
        chips = sample("store_detail_chip_soldout.html")
        self.products = {1201: sample("store_detail_select.html"), 1202: as_number(chips, 1202), 1203: chips}
        self.listed = [sample("store_list_page1.html"), sample("store_list_page2.html")]
        self.board = sample("store_review_board.html").replace('<td>3</td>', '<td>2</td>').replace(
            '<tr><td>2</td><td><a href="https://demo-wisa.example.com/shop/detail.php?pno=1477',
            '<tr><td>1</td><td><a href="https://demo-wisa.example.com/shop/detail.php?pno=1477')  # fmt: skip
        self.gone = {"@7001": "7012"}
        """Answers about the second choice of product 1201, by the first."""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                form = self.rfile.read(length).decode()
                outer.asked.append(self.path + (f" {form}" if form else ""))
                status, body, *kind = outer.answer(self.path, form)
                self.send_response(status)
                self.send_header("Content-Type", kind[0] if kind else "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.replace(HOME, outer.url).encode())

            do_POST = do_GET

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

    def answer(self, path, form):
        parts = urlsplit(path)
        told = {name: values[0] for name, values in parse_qs(f"{parts.query}&{form}").items()}
        if wall := self.walls.get(parts.path) or self.walls.get(told.get("pno")):
            return wall
        number = next((number for number in self.products if told.get("pno") == hash_of(number)), None)
        match parts.path:
            case "/robots.txt":
                return 200, self.robots, "text/plain"
            case "/" | "/shop/big_section.php":
                at = int(told.get("page", 1))
                return 200, self.listed[at - 1] if at <= len(self.listed) else sample("store_list_page2.html")
            case "/shop/detail.php":
                return 200, self.products.get(number) or sample("store_missing_product.html")
            case "/shop/product_review_list.php" if self.board:
                later = int(told.get("rev_page", 1)) > 1
                return 200, sample("store_review_board_empty.html") if later else self.board
            case "/shop/product_review.php":
                return 200, sample("store_review_view.html").replace("6003", told["rno"])
            case "/main/exec.php":
                return self.call(told)
        return 404, sample("http_404.html")

    def call(self, told):
        if told.get("exec") == "getOptionStock":
            return 200, self.gone.get(told["item_no"], "")
        if told.get("exec") == "view":
            return 200, sample("store_review_view.html").replace("6003", told["no"])
        if told.get("single_module") == "detail_review_list" and told["module_page"] == "1":
            return 200, sample("store_review_ajax.json")
        return 200, json.dumps({"status": "success", "content": "", "next_page": 2, "end_page": None})

    def pages(self, number=None):
        """Return how often product pages were asked for, or that of one product."""
        return sum("/shop/detail.php" in path and (not number or hash_of(number) in path) for path in self.asked)


class Crawl:
    """Runs wisa_web on a site, in processes of its own with one store."""

    def __init__(self, folder, site):
        self.folder, self.site, self.key = folder, site, Fernet.generate_key().decode()
        self.url = f"sqlite:///{folder}/store.db"

    def __call__(self, *words, **table):
        lines = {"platform": "wisa", "domain": "shop.example.com", "speed": 500, "storefront_url": self.site.url}
        lines |= table
        malls = self.folder / "malls.toml"
        malls.write_text("[m]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items()))
        self.site.asked.clear()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "wisa_web", "-a", "mall=m", *words, "-s",
                f"SHOPSCRAPE_MALLS={malls}", "-s", f"SHOPSCRAPE_STORE={self.url}", "-s",
                f"SHOPSCRAPE_OUTPUT={self.folder}/output",
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=150,
            env=BARE | {"SHOPSCRAPE_KEY": self.key, "SHOPSCRAPE_PRIVACY_KEY": "k" * 40},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stderr

    def rows(self, resource, gone=False):
        """Return what is stored, by its own ids."""
        store = open_store(self.url, self.key)
        try:
            key = {"products": "product_id", "inventory": "variant_id", "reviews": "review_id"}[resource]
            return {row[key]: row for row in store.read(resource, gone)}
        finally:
            store.close()
