"""A small SmartStore for tests: pages that fill themselves by JavaScript, reviews fetched lazily, both generations."""

import asyncio
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

NEWEST, RANKING = "REVIEW_CREATE_DATE_DESC", "REVIEW_RANKING"
SIZE = 20
START = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)
ERROR_PAGE = """<html><head><title>[에러] 에러페이지 - 시스템오류</title></head>
<body><h2>현재 서비스 접속이 불가합니다.</h2></body></html>"""
CAPTCHA = "<html><body><div class='captcha_wrap'><h1>NAVER 보안 확인</h1></div><p>010-1234-5678</p></body></html>"

PAGE = (Path(__file__).parent / "smartstore_page/page.html").read_text("utf-8")
SCRIPT = (Path(__file__).parent / "smartstore_page/shop.js").read_text("utf-8")


class Smartstore:
    """Serves one store from a thread of its own. Its attributes are its state; change them between crawls."""

    def __init__(self, count=47, generation="B", **config):
        self.generation = generation
        self.sortable = config.pop("sortable", True)
        self.config = {"delay": 50, "sortName": "reviewSearchSortType", "reaches": [], "bad": None} | config
        self.robots = (200, "User-agent: *\nDisallow: /\n")
        self.reviews = {"201": []}
        self.asked = []
        """(method, path) of every request."""
        self.pages_asked = []
        """Page numbers of review lists that were asked for in newest-first order."""
        self.fault = None
        """A coroutine function: request → Response or None."""
        self.between = None
        """Called after each page of reviews."""
        self.number = 0
        self.size = SIZE
        """Reviews on a page."""
        self.agents = set()
        for _ in range(count):
            self.add()

    def add(self, product="201", **fields):
        """Write a new review on top."""
        no = self.number
        self.number += 1
        at = START + no * timedelta(hours=5)
        self.reviews[product].insert(
            0,
            {
                "id": 5000000000 + no * 7, "reviewType": "NORMAL", "reviewScore": no % 5 + 1, "repurchase": no % 3 == 0,
                "reviewContent": f"리뷰 {no}\n좋아요 <3 & 또 살게요",
                "createDate": at.isoformat(timespec="milliseconds"),
                "maskedWriterId": f"wr{no % 10}*****", "writerId": f"writer{no}@example.com",
                "orderNo": f"20260701{no:08d}",
                "productNo": product, "originProductNo": 10000000000 + int(product), "productName": "티셔츠 &amp; 모자",
                "productOptionContent": "색상: 블랙 / 사이즈: L", "reviewAttaches": [], "contentsStatusType": "NORMAL",
            } | fields,
        )  # fmt: skip

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(self._start())
            ready.set()
            self.loop.run_forever()
            self.loop.run_until_complete(self.runner.cleanup())
            self.loop.close()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *why):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def _start(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = self.runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    def page_url(self, product="201"):
        """Return the address of a product page."""
        return f"{self.url}/teststore/products/{product}"

    async def answer(self, request):
        """Answer any request."""
        path = request.path
        self.asked.append((request.method, path))
        if request.method == "GET" and "/products/" in path:
            self.agents.add(request.headers.get("User-Agent"))
        if self.fault is not None and (answer := await self.fault(request)) is not None:
            return answer
        if path == "/robots.txt":
            return web.Response(status=self.robots[0], text=self.robots[1])
        if path == "/shop.js":
            return web.Response(text=SCRIPT, content_type="text/javascript")
        if path == "/style.css":
            return web.Response(text="", content_type="text/css")
        if path.endswith("/query-pages"):
            return await self.query_pages(request)
        if match := re.fullmatch(r"/i/v2/channels/[^/]+/products/(\d+)", path):
            return web.json_response(self.product(match[1]))
        if (match := re.fullmatch(r"/teststore/products/(\d+)", path)) and match[1] in self.reviews:
            return self.product_page(match[1])
        return web.Response(status=404, text="<html><body>없는 페이지</body></html>", content_type="text/html")

    def product(self, number):
        """Return the product JSON."""
        return {
            "id": number, "productNo": str(10000000000 + int(number)), "name": "티셔츠 &amp; 모자", "salePrice": 19900,
            "productStatusType": "SALE", "stockQuantity": 8, "optionUsable": False, "soldout": False,
            "reviewAmount": {"totalReviewCount": len(self.reviews[number]), "averageReviewScore": 3.1},
        }  # fmt: skip

    def product_page(self, number):
        """Return the page of a product."""
        shell = {"id": None, "name": None, "productStatusType": None, "soldout": False}
        config = self.config | {
            "generation": self.generation, "sortable": self.sortable, "token": "t21",
            "origin": 10000000000 + int(number),
            "path": "/i/v1/contents/reviews/query-pages", "product": f"/i/v2/channels/uid1/products/{number}",
        }  # fmt: skip
        told = {
            "name": "티셔츠", "url": self.page_url(number), "count": str(len(self.reviews[number])),
            "config": json.dumps(config), "state": json.dumps({"product": {"A": shell}, "channel": {}}),
        }  # fmt: skip
        text = re.sub(r"\{(\w+)\}", lambda found: told[found[1]], PAGE)
        return web.Response(text=text, content_type="text/html")

    async def query_pages(self, request):
        """Answer a page of reviews, to the page's own script only."""
        asked = await request.json()
        if request.headers.get("x-client-rtk") != "t21":
            return web.Response(status=429)
        rows = self.reviews[str(asked["originProductNo"] - 10000000000)]
        sort = asked.get("reviewSearchSortType") or asked.get("searchSortType")
        ranked = sorted(rows, key=lambda row: (row["reviewScore"], row["id"])) if sort != NEWEST else rows
        number = asked["page"]
        if sort == NEWEST:
            self.pages_asked.append(number)
        size = self.size
        total, pages = len(rows), -(-len(rows) // size)
        answer = web.json_response({
            "contents": ranked[(number - 1) * size : number * size], "page": number, "size": size,
            "totalElements": total,
            "totalPages": pages, "first": number == 1, "last": number >= pages,
            "sort": {"sorted": True, "fields": [
                {"name": "createDate" if sort == NEWEST else "reviewRankingScore", "direction": "desc"}]},
        })  # fmt: skip
        if self.between is not None and sort == NEWEST:
            self.between(number)
        return answer
