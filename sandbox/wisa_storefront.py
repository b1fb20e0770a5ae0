"""WISA storefronts, emulated: products, lists, reviews, and the calls that their scripts make.

A mall of each kind: the one that has APIs too; one whose robots.txt closes /main/ and whose lists and reviews come by
script; one of an older engine in EUC-KR; one whose reviews stand in the widget of Crema; one with slow and broken
scripts, and one whose products are drawn by a script beside these; one for adults, which sends everybody to its log-in; one that shows a block page. Unverified, as the sources
say: what stands in wisa_pages, statuses of missing pages, that nothing throttles.
"""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import emulator
from sandbox import wisa_ids as ids
from sandbox.emulator import Call, Demo, Refusal, Route, text_answer
from sandbox.entities import Product, Review
from sandbox.wisa import BOTH, HTML, STATUS, feed
from sandbox.wisa_goods import Shop
from sandbox.wisa_options import gone_after
from sandbox.wisa_page_reviews import board, cards, opened, rows
from sandbox.wisa_pages import ALL, BLOCK, HEAD, LOGIN_WALL, MISSING, REVIEWS, SHOWN, Look, Pages, under
from sandbox.wisa_product_page import detail
from sandbox.wisa_web_truth import WebTruth

FOLDER = Path(__file__).parent
CLOSED, OLD, CREMA, CARELESS, DRAWN, ADULT, BLOCKED = (
    f"demo_wisa_{kind}" for kind in ("closed", "euckr", "crema", "careless", "drawn", "adult", "blocked")
)
LOOKS = {
    BOTH: Look(), CLOSED: Look(scripted=True, day="%y.%m.%d"), OLD: Look(charset="cp949", old=True, day="%Y-%m-%d"),
    CREMA: Look(crema=True), CARELESS: Look(careless=True), DRAWN: Look(drawn=True, careless=True), ADULT: Look(wall=LOGIN_WALL), BLOCKED: Look(wall=BLOCK),
}  # fmt: skip
SLOW = 8.0
"""Seconds that the script of a careless skin takes, before the clock scales them."""
LISTS = ("prd_basic", "shop_big_section")
ROBOTS = "User-agent: *\nDisallow: /a/\nDisallow: /_manage/\n"


class Emulator(emulator.Emulator):
    """Pages of all kinds of malls."""

    platform = "wisa"
    access = "web"

    def prepare(self) -> None:
        """Make what each mall shows."""
        self.shops = {mall: Shop(self.world, self.world.trade(mall)) for mall in LOOKS}

    def malls(self) -> list[Demo]:
        """Return the malls; only the first has APIs too."""
        shown = ("products", "inventory", "reviews")
        return [
            Demo(name=mall, native={"domain": ids.DOMAIN}, resources=() if mall == BOTH else shown) for mall in LOOKS
        ]

    def routes(self) -> list[Route]:
        """Return pages, scripts and calls."""
        goods, reviews = ("products", "inventory"), ("reviews",)
        return [
            Route("GET", "/robots.txt", self.robots, "robots"),
            Route("GET", "/sitemap.xml", self.sitemap, "sitemap"),
            Route("GET", "/_data/compare/naver/{name:(all|summary)_prd.php}", self.feed, "feed"),
            Route("GET", "/", self.main, "main"),
            Route("GET", "/shop/big_section.php", self.section, "section", resources=goods),
            Route("GET", "/shop/search_result.php", self.search, "search", resources=goods),
            Route("GET", "/shop/detail.php", self.detail, "detail"),
            Route("GET", "/shop/product_review_list.php", self.board, "board", resources=reviews),
            Route("GET", "/shop/product_review.php", self.review, "review"),
            Route("GET", "/member/login.php", self.login, "login"),
            Route("*", "/main/exec.php", self.exec, "exec"),
            Route("GET", "/wm_engine_SW/_engine/common/{name:.*}", self.script, ""),
            Route("GET", "/slow.js", self.slow, ""),
            Route("GET", "/failing.js", self.failing, ""),
        ]

    def route_of(self, call: Call, route: Route) -> Route:
        """Return the route of a call that a page's script makes."""
        if route.stream != "exec":
            return route
        told = {**call.query, **call.form}
        name = told.get("single_module") or told.get("exec") or "exec"
        return route._replace(stream=name, resources=("reviews",) if name == "detail_review_list" else ())

    def pages(self, call: Call) -> Pages:
        """Return the pages of a mall at the address that was called; behind a wall there are none."""
        look = LOOKS[call.mall]
        if look.wall:
            raise Refusal(text_answer(look.wall, content_type="text/html"))
        return Pages(self._shop(call.mall), look, call.origin)

    def _shop(self, mall: str) -> Shop:
        shop = self.shops[mall]
        shop.address = self.stage.storefront(mall)
        return shop

    @staticmethod
    def _page(call: Call, text: str) -> web.Response:
        """Return a page; old malls name their charset in the page alone."""
        charset = LOOKS[call.mall].charset
        return text_answer(text, 200, "text/html", charset, charset=None if charset == "utf-8" else "")

    # -- what stands beside the pages ---------------------------------------------------------------------------------

    async def robots(self, call: Call) -> web.Response:
        """Return robots.txt: the engine's own text; one operator closed the calls of scripts too."""
        more = f"Disallow: /main/\nSitemap: {call.origin}/sitemap.xml\n" if call.mall == CLOSED else ""
        return text_answer(ROBOTS + more)

    async def sitemap(self, call: Call) -> web.Response:
        """Return the sitemap where there is one: a product once for each category, shortcuts too."""
        if call.mall not in (BOTH, CLOSED):
            return self.not_found(call)
        found = [f"{call.origin}/"]
        found += [f"{call.origin}/shop/big_section.php?cno1={no}" for no in (ALL, *self.world.categories)]
        for number, product in self._listed(call.mall):
            found += [f"{self._shop(call.mall).link(number)}&amp;cno1={no}" for no in product.categories]
        told = "\n".join(f"<url><loc>{one}</loc></url>" for one in found)
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        return text_answer(f"{head}\n{told}\n</urlset>\n", content_type="text/xml")

    async def feed(self, call: Call) -> web.Response:
        """Return the feed for price comparison, where the operator made one."""
        if call.mall not in (BOTH, CREMA):
            return self.not_found(call)
        return feed(self._shop(call.mall), call, self.clock.now())

    async def script(self, call: Call) -> web.Response:
        """Return a script of the engine; one of them does everything here."""
        own = call.part["name"] == "shop.js"
        text = (FOLDER / "wisa_storefront.js").read_text("utf-8") if own else ""
        return text_answer(text, content_type="text/javascript")

    async def slow(self, call: Call) -> web.Response:
        """Return a script that takes its time."""
        await self.clock.pause(SLOW)
        return text_answer("", content_type="text/javascript")

    async def failing(self, call: Call) -> web.Response:
        """Return no script but an error."""
        return self.broken(call, 500)

    async def login(self, call: Call) -> web.Response:
        """Return the page of the log-in."""
        look = LOOKS[call.mall]
        pages = Pages(self._shop(call.mall), look._replace(wall=""), call.origin)
        form = '<form name="loginFrm"><input name="member_id"><input type="password" name="pwd"></form>'
        return self._page(call, pages.frame("member_login", "로그인", "/member/login.php", form))

    # -- pages --------------------------------------------------------------------------------------------------------

    async def main(self, call: Call) -> web.Response:
        """Return the first page."""
        return self._page(call, self.pages(call).main())

    def _listed(self, mall: str) -> list[tuple[int, Product]]:
        """Return what lists show: products on sale or sold out, and shortcuts to them, newest number first."""
        found = [(one.no, one) for one in self._shop(mall).listed() if ids.product_stat(one) != "4"]
        found += [(ids.shortcut_no(one), one) for _, one in found if ids.shortcut_no(one)]
        return sorted(found, key=lambda pair: -pair[0])

    def _in_section(self, call: Call) -> tuple[int, list[tuple[int, Product]]]:
        number = call.query.get("cno1", "")
        category = self.world.categories.get(int(number)) if number.isdigit() else None
        listed = self._listed(call.mall)
        if category is None and number != str(ALL):
            return 0, []
        return int(number), [pair for pair in listed if under(category, pair[1], self.world.categories)]

    async def section(self, call: Call) -> web.Response:
        """Return a page of a category."""
        pages = self.pages(call)
        category, listed = self._in_section(call)
        orders = {"4": lambda pair: -pair[1].price, "5": lambda pair: pair[1].price}
        if order := orders.get(call.query.get("sort", "")):
            listed.sort(key=order)
        call.log_rows = len(listed)
        return self._page(call, pages.section(category or ALL, _number(call, "page"), call.request.path_qs, listed))

    async def search(self, call: Call) -> web.Response:
        """Return the products whose name holds a text."""
        pages, text = self.pages(call), call.query.get("search_str", "")
        found = [pair for pair in self._listed(call.mall) if text in pair[1].name]
        return self._page(call, pages.section(ALL, _number(call, "page"), call.request.path_qs, found))

    def _product(self, call: Call) -> tuple[int, Product] | None:
        shown = self._listed(call.mall)
        name, number = call.query.get("pno", "").upper(), call.query.get("ano", "")
        return next((pair for pair in shown if name == ids.hash_of(pair[0]) or number == str(pair[0])), None)

    async def detail(self, call: Call) -> web.Response:
        """Return the page of a product."""
        pages, found = self.pages(call), self._product(call)
        if found is None:
            return self._page(call, MISSING)
        return self._page(call, detail(pages, *found, call.request.path_qs, _number(call, "rev_page")))

    def _published(self, mall: str) -> list[Review]:
        found = self.world.trade(mall).reviews.where(
            "wisa published", lambda one: ids.review_stat(one) != "1", newest_first=True
        )
        return found[:2] if LOOKS[mall].crema else found

    async def board(self, call: Call) -> web.Response:
        """Return a page of all reviews."""
        pages, number = self.pages(call), _number(call, "rev_page")
        return self._page(call, board(pages, self._published(call.mall), number, call.request.path_qs))

    async def review(self, call: Call) -> web.Response:
        """Return the page of one review."""
        pages, number = self.pages(call), call.query.get("rno", "")
        found = next((one for one in self._published(call.mall) if str(ids.review_no(one)) == number), None)
        if found is None:
            return self._page(call, MISSING)
        body = f"<h3>{found.title}</h3>{opened(pages, found)}"
        return self._page(call, pages.frame("shop_product_review", "상품후기", call.request.path_qs, body))

    # -- what scripts ask ---------------------------------------------------------------------------------------------

    async def exec(self, call: Call) -> web.Response:
        """Answer /main/exec.php."""
        pages, told = self.pages(call), {**call.query, **call.form}
        match told.get("exec_file"), told.get("single_module") or told.get("exec"):
            case "skin_module/skin_ajax.php", module if module in LISTS:
                return self._list_piece(call, pages)
            case "skin_module/skin_ajax.php", "detail_review_list":
                return self._review_piece(call, pages)
            case "shop/getAjaxData.php", "getOptionStock":
                return text_answer("@".join(self._gone(call)), content_type="text/html")
            case "shop/getAjaxData.php", "getDetailPrice":
                return self._price(told)
            case "shop/getAjaxData.php", "getAddImgList":
                return text_answer("", content_type="text/html")
            case "shop/review_reg.exe.php", "view":
                return self._opened(call, pages, told.get("no", ""))
        return self.not_found(call)

    def _piece(self, call: Call, content: str, page: int, last: int | None, total: int) -> web.Response:
        if LOOKS[call.mall].old:
            return _json({"content": content, "next_page": page + 1, "total_cnt": str(total)})
        told = {"status": "success", "obj_id": call.query.get("obj_id", ""), "content": content, "next_page": page + 1}
        return _json(told | {"end_page": last, "pageRes": None if last is None else ""})

    def _list_piece(self, call: Call, pages: Pages) -> web.Response:
        category, listed = self._in_section(call)
        page = _number(call, "module_page")
        told = pages.cards(category, listed[(page - 1) * SHOWN : page * SHOWN])
        return self._piece(call, told, page, max(1, -(-len(listed) // SHOWN)), len(listed))

    def _review_piece(self, call: Call, pages: Pages) -> web.Response:
        found, page = self._product(call), _number(call, "module_page")
        reviews = pages.shop.published(found[1].no) if found else []
        kept = reviews[(page - 1) * REVIEWS : page * REVIEWS]
        call.log_rows = len(kept)
        if pages.look.scripted:
            return self._piece(call, cards(pages, kept), page, None, len(reviews))
        told = rows(pages, kept, len(reviews) - (page - 1) * REVIEWS)
        content = f'<table class="tbl_board">\n{told}</table>\n' if told else ""
        return self._piece(call, content, page, None, len(reviews))

    def _gone(self, call: Call) -> list[str]:
        """Return the numbers of the next choice's values that are sold out; none where stock is not counted."""
        path = [number for number in call.query.get("item_no", "").split("@") if number]
        by_item = self.world.products.view("wisa items", _items)
        chosen = [by_item[number] for number in path if number in by_item]
        if not chosen or len(chosen) < len(path):
            return []
        product, values = chosen[0][0], tuple(value for _, value in chosen)
        if not ids.counted(product) or len(values) >= len(product.axes):
            return []
        return [ids.item_no(product, len(values), value) for value in gone_after(product, values)]

    @staticmethod
    def _price(told: dict[str, str]) -> web.Response:
        price, whole = (int(told.get(name) or 0) for name in ("pay_prc", "total_prc"))
        return _json({
            "pay_prc": price, "pay_prc_c": f"{price:,}", "pay_prc_one": price, "prd_prc": whole, "prdcpn_no": "",
            "cpn_pay_type": 0,
        })  # fmt: skip

    def _opened(self, call: Call, pages: Pages, number: str) -> web.Response:
        found = next((one for one in self._published(call.mall) if str(ids.review_no(one)) == number), None)
        text = opened(pages, found) if found else ""
        return self._page(call, f"{HEAD}</head><body>{text}</body></html>")

    # -- refusals and truth -------------------------------------------------------------------------------------------

    def throttled(self, call: Call) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        return text_answer(HTML.format(STATUS[429]), 429, "text/html", headers={"Retry-After": "5"})

    def broken(self, call: Call, status: int) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        return text_answer(HTML.format(STATUS[status]), status, "text/html")

    def not_found(self, call: Call) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        return text_answer(HTML.format("404 Not Found"), 404, "text/html")

    def blocked(self, call: Call) -> web.Response | None:
        """Return the block page, with status 200 (assumed)."""
        return None if call.stream in ("robots", "sitemap", "feed") else text_answer(BLOCK, 200, "text/html")

    def truth(self, mall: str) -> emulator.Truth:
        """Return what the pages of a mall show to a guest."""
        look, shop = LOOKS[mall], self._shop(mall)
        if look.wall:
            return {"web": {"products": [], "inventory": [], "reviews": []}}
        truth = WebTruth(shop, mall, self.stage.storefront(mall), mall != CLOSED, look.drawn)
        products = [one for one in shop.listed() if ids.product_stat(one) != "4"]
        reviews = [] if look.crema else self._published(mall)
        return {
            "web": {
                "products": [truth.product(one) for one in products],
                "inventory": [level for one in products for level in truth.stock(one)],
                "reviews": [truth.review(one) for one in reviews],
            }
        }


def _items(products: Any) -> dict[str, tuple[Product, int]]:
    """Return products and places of values by the values' numbers."""
    return {
        ids.item_no(product, axis, value): (product, value)
        for product in products for axis, choice in enumerate(product.axes) for value in range(len(choice.values))
    }  # fmt: skip


def _number(call: Call, name: str) -> int:
    text = call.query.get(name, "")
    return max(1, int(text)) if text.isdigit() and len(text) < 7 else 1


def _json(told: Any) -> web.Response:
    """Return JSON as PHP prints it, with Korean and slashes escaped; the engine calls it HTML."""
    return text_answer(json.dumps(told).replace("/", "\\/"), content_type="text/html")
