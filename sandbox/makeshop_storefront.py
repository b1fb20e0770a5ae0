"""MakeShop storefronts, emulated: products, lists, power reviews, rating comments, boards, and walls before them.

A mall of each kind: the one that has an API too; one that names the category to begin with and whose lists come by
script; one with an old skin in EUC-KR, which is really CP949; one whose reviews stand in the widget of Crema; one whose
robots.txt closes lists and what scripts ask; one whose robots.txt closes products; and two that show a proof of age or
a block page instead of everything, with status 200. Unverified, as the sources say: what stands in makeshop_pages and makeshop_page_reviews, and that a mall's
own web server has no limit.
"""

from aiohttp import web

from sandbox import emulator
from sandbox import makeshop_ids as ids
from sandbox import makeshop_page_reviews as reviews
from sandbox.emulator import Call, Demo, Refusal, Route, text_answer
from sandbox.entities import Category, Product
from sandbox.makeshop_pages import BLOCK, LIST, MISSING, NO_POST, Look, Pages
from sandbox.makeshop_web_truth import WebTruth

HOME, NAMED, OLD, CREMA, QUIET, CLOSED, ADULT, BLOCKED = (
    f"demo_makeshop{kind}"
    for kind in ("", "_web", "_old", "_crema", "_quiet", "_closed", "_adult", "_blocked")
)  # fmt: skip
ADULT_WALL = (
    '<div id="adultAuth"><h2>성인 인증</h2><p>이 정보내용은 청소년유해매체물로서 19세 미만의 청소년이 이용할 수 없습니다.</p>'
    '<form action="/shop/adult_login.html" method="post"><a href="javascript:adult_check();">본인 인증</a></form></div>'
)
CALLS = ("/shop/shopbrand.html", "/shop/product_list", "/shop/power_review.action.html")
LOOKS = {
    HOME: Look(), NAMED: Look(scripted=True), OLD: Look(charset="cp949", old=True), CREMA: Look(crema=True),
    QUIET: Look(disallowed=CALLS), CLOSED: Look(disallowed=("/shop/shopdetail.html",)), ADULT: Look(wall=ADULT_WALL),
    BLOCKED: Look(wall=BLOCK),
}  # fmt: skip
CATEGORY = "1+1 이벤트"
"""The category that the mall with named addresses begins with."""
ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in ("/shop/basket.html", "/shop/member.html", "/shop/mypage.html", "/shop/order.html", "/manager/")
)


class Emulator(emulator.Emulator):
    """Pages of all kinds of malls."""

    platform = "makeshop"
    access = "web"

    def malls(self) -> list[Demo]:
        """Return the malls; only the first has an API too. One names a board of reviews beside the power reviews."""
        shown, power = ("products", "inventory", "reviews"), {"power_board": ids.POWER}
        boards = {OLD: {"boards": [ids.PLAIN]}}
        return [
            Demo(name=mall, native=power | boards.get(mall, {}), resources=() if mall == HOME else shown)
            for mall in LOOKS
        ]  # fmt: skip

    def urls(self, mall: str) -> list[str]:
        """Return the category that one mall is read from."""
        if mall != NAMED:
            return []
        first, _, _ = ids.levels(self._named(), self.world.categories)
        return [f"{self.stage.storefront(mall)}/shop/shopbrand.html?xcode={first}&type=X"]

    def routes(self) -> list[Route]:
        """Return pages, and what scripts ask."""
        goods, told = ("products", "inventory"), ("reviews",)
        return [
            Route("GET", "/robots.txt", self.robots, "robots"),
            Route("GET", "/sitemap.xml", self.sitemap, "sitemap"),
            Route("GET", "/", self.first, "first"),
            Route("GET", "/shop/shopbrand.html", self.listing, "list", resources=goods),
            Route("GET", "/shop/product_list.action.html", self.pieces, "pieces", resources=goods),
            Route("GET", "/shop/shopdetail.html", self.detail, "product"),
            Route("GET", "/m/product.html", self.detail, "product"),
            Route("*", "/shop/power_review.action.html", self.power, "power", resources=told),
            Route("*", "/m/power_review.action.html", self.power, "power", resources=told),
            Route("GET", "/board/board.html", self.board, "board", resources=told),
        ]

    def route_of(self, call: Call, route: Route) -> Route:
        """Return the route of what the review script asks for, and of a single post."""
        kind = call.query.get("action_type") or call.form.get("action_type", "")
        if route.stream == "power" and kind != "get_review_list":
            return route._replace(stream=kind or "power", resources=())
        if route.stream == "board" and call.query.get("type") == "v":
            return route._replace(stream="post", resources=())
        return route

    def _pages(self, call: Call) -> Pages:
        """Return the pages of a mall at the address that was called. Raises: Refusal behind a wall."""
        look = LOOKS[call.mall]
        pages = Pages(self.world, look, call.origin)
        if look.wall:
            whole = look.wall if look.wall == BLOCK else pages.frame("성인인증", look.wall)
            raise Refusal(text_answer(whole, 200, "text/html"))
        return pages

    @staticmethod
    def _page(call: Call, text: str) -> web.Response:
        """Return a page; old malls name their encoding in the page alone, as EUC-KR, and it is CP949."""
        charset = LOOKS[call.mall].charset
        return text_answer(text, 200, "text/html", charset, charset=None if charset == "utf-8" else "")

    @staticmethod
    def _gone(text: str) -> Refusal:
        return Refusal(text_answer(text, 200, "text/html", "cp949", charset="euc-kr"))

    # -- what stands beside the pages ---------------------------------------------------------------------------------

    async def robots(self, call: Call) -> web.Response:
        """Return robots.txt; old malls have none, and two keep crawlers from more than most."""
        look = LOOKS[call.mall]
        if look.old:
            return self.not_found(call)
        more = "".join(f"Disallow: {path}\n" for path in look.disallowed)
        return text_answer(f"{ROBOTS}{more}Allow: /\n\nSitemap: {call.origin}/sitemap.xml\n")

    async def sitemap(self, call: Call) -> web.Response:
        """Return the sitemap, where there is one: products, and the upper categories."""
        pages = self._pages(call)
        if pages.look.old:
            return self.not_found(call)
        upper = [one for one in self.world.categories.values() if not one.parent]
        rows = [f"{pages.address(one)}&amp;xcode={self._codes(one)[0]}" for one in self._mapped()]
        rows += [f"{call.origin}/shop/shopbrand.html?xcode={self._levels(one)[0]}&amp;type=X" for one in upper]
        told = "\n".join(f"<url><loc>{one}</loc></url>" for one in rows)
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        return text_answer(f"{head}\n{told}\n</urlset>\n", content_type="application/xml")

    # -- pages --------------------------------------------------------------------------------------------------------

    async def first(self, call: Call) -> web.Response:
        """Return the first page: a menu of the upper categories."""
        return self._page(call, self._pages(call).frame("에뮬상점", "<p>어서오세요</p>"))

    def _sold(self) -> list[Product]:
        """Return what pages show: products that are displayed and may be sold, newest first."""
        return self.world.products.where("makeshop sold", lambda one: one.state == "on_sale", newest_first=True)

    def _mapped(self) -> list[Product]:
        """Return the products of the sitemap: it is made by hand and lacks some."""
        return self._sold()[::2]

    def _levels(self, category: Category) -> list[str]:
        return ids.levels(category, self.world.categories)

    def _codes(self, product: Product) -> list[str]:
        return self._levels(self.world.categories[product.categories[0]])

    def _named(self) -> Category:
        return next(one for one in self.world.categories.values() if one.name == CATEGORY)

    def _below(self, category: Category) -> list[Product]:
        """Return the products of a category and of those below it."""
        chains = self.world.categories
        return [one for one in self._sold() if any(category.no in chains[no].chain for no in one.categories)]

    def _asked(self, call: Call) -> Category:
        """Return the category whose numbers are asked for. Raises: Refusal."""
        told = [call.query.get(name) or "000" for name in ("xcode", "mcode", "scode")]
        found = next((one for one in self.world.categories.values() if self._levels(one) == told), None)
        if found is None:
            raise self._gone(MISSING)
        return found

    async def listing(self, call: Call) -> web.Response:
        """Return a page of a category."""
        pages, category = self._pages(call), self._asked(call)
        found = self._below(category)
        call.log_rows = len(found)
        return self._page(call, pages.listing(category, found, _number(call, "page")))

    async def pieces(self, call: Call) -> web.Response:
        """Return what a list's script asks for."""
        pages, category, page = self._pages(call), self._asked(call), _number(call, "page")
        found = self._below(category)
        rows = found[(page - 1) * LIST : page * LIST]
        last = max(1, -(-len(found) // LIST))
        told = {"list": [{"uid": ids.uid(one)} for one in rows], "html": pages.boxes(category, rows)}
        told |= {"is_page_end": page >= last}
        if rows:
            told |= {"next_page": min(page + 1, last), "total_page_cnt": last}
        return self._page(call, reviews.php(told))

    def _product(self, number: str) -> Product | None:
        found = self.world.products.get(ids.product_no(number))
        return found if found is not None and found.state == "on_sale" else None

    async def detail(self, call: Call) -> web.Response:
        """Return the page of a product."""
        pages, product = self._pages(call), self._product(call.query.get("branduid", ""))
        if product is None:
            raise self._gone(MISSING)
        below = (
            f'<div class="crema-product-reviews" data-product-code="{ids.uid(product)}"></div>' if pages.look.crema
            else reviews.block(call.trade, product) + reviews.rating_block(call.trade, product)
        )  # fmt: skip
        return self._page(call, pages.product(product, below))

    async def power(self, call: Call) -> web.Response:
        """Answer the script of power reviews."""
        self._pages(call)
        told = {**call.query, **call.form}
        product = self._product(told.get("product_uid") or told.get("uid", ""))
        answer = reviews.script(call.trade, product, told)
        return self._page(call, reviews.php(answer))

    async def board(self, call: Call) -> web.Response:
        """Return a page of a board, or a post of it."""
        pages, code = self._pages(call), call.query.get("code", "")
        if code not in (ids.POWER, ids.PLAIN):
            raise self._gone(NO_POST)
        if call.query.get("type") == "v":
            told = reviews.post(pages, call.trade, code, call.query)
            if told == NO_POST:
                raise self._gone(NO_POST)
            return self._page(call, told)
        return self._page(call, reviews.board_list(pages, call.trade, code, _number(call, "page")))

    # -- its own words ------------------------------------------------------------------------------------------------

    def throttled(self, call: Call) -> web.Response:
        """Return what a web server says to a client that it does not want."""
        return _server("429 Too Many Requests", 429)

    def broken(self, call: Call, status: int) -> web.Response:
        """Return what the gateway says."""
        said = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Time-out"}
        return _server(f"{status} {said[status]}", status)

    def not_found(self, call: Call) -> web.Response:
        """Return what the web server says."""
        return _server("404 Not Found", 404)

    def blocked(self, call: Call) -> web.Response | None:
        """Return a block page, status 200."""
        return text_answer(BLOCK, content_type="text/html")

    def truth(self, mall: str) -> emulator.Truth:
        """Return what the pages tell; where robots.txt or a wall keeps everybody out, nothing."""
        look = LOOKS[mall]
        if mall == CLOSED or look.wall:
            return {"web": {"products": [], "inventory": [], "reviews": []}}
        products = self._below(self._named()) if mall == NAMED else self._mapped() if mall == QUIET else self._sold()
        pages = Pages(self.world, look, self.stage.storefront(mall))
        return {
            "web": WebTruth(pages, mall, calls=mall != QUIET).everything(products, [ids.PLAIN] if mall == OLD else [])
        }


def _server(said: str, status: int) -> web.Response:
    page = f"<html>\n<head><title>{said}</title></head>\n<body><center><h1>{said}</h1></center></body>\n</html>\n"
    return text_answer(page, status, "text/html")


def _number(call: Call, name: str) -> int:
    told = call.query.get(name, "")
    return max(int(told), 1) if told.isdigit() and len(told) < 8 else 1
