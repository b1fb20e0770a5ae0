"""Godomall5 storefronts, emulated: category lists, products, options that a page asks for, review fragments.

A mall of each kind: the one that has the openhub too; one with an edited skin and Plus Review, which gives fragments
only within the session of a product's page; one whose reviews stand in the widget of Crema; one with the platform's
own robots.txt; one for adults, one that shows a block page. Unverified, as the sources say: what stands in
godomall5_pages and godomall5_page_reviews, a block page with HTTP 200, what a step of options tells of the flags of
merged values (those of the first), that nothing throttles.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from aiohttp import web

from sandbox import emulator
from sandbox import godomall5_ids as ids
from sandbox import godomall5_page_reviews as opinions
from sandbox.emulator import Call, Demo, Refusal, Route, text_answer
from sandbox.entities import Product, Review, Variant
from sandbox.godomall5 import visible
from sandbox.godomall5_pages import ALERT, BAD, NOT_FOR_SALE, Look, Pages
from sandbox.godomall5_shops import MALL
from sandbox.godomall5_web_truth import WebTruth

EDITED, CREMA, CLOSED, ADULT, BLOCKED = (f"{MALL}_{kind}" for kind in ("web", "crema", "closed", "adult", "blocked"))
LOOKS = {
    MALL: Look(), EDITED: Look(edited=True, plus=True), CREMA: Look(crema=True), CLOSED: Look(default_robots=True),
    ADULT: Look(adult=True), BLOCKED: Look(blocked=True),
}  # fmt: skip
SIZE = 8
"""Products of a list's page where its address names no pageNum; each seller sets it."""
BEGIN = "007"
"""A small category: where crawls of the edited mall begin, so that they are short."""
SESSION = "GD5SESSID"
REFUSED = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>403 Forbidden</title></head><body><h1>Forbidden</h1>'
    "<p>접근이 차단되었습니다. 관리자에게 문의하세요.</p></body></html>"
)
CAPTCHA = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>보안문자</title></head><body><form action="/captcha">'
    '<p>자동 접속 방지를 위해 보안문자를 입력해 주세요.</p><img src="/captcha.png"></form></body></html>'
)
INTRO = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>성인 인증</title></head><body class="intro"><form '
    'name="frmLogin" action="../member/login_ps.php"><p>성인 인증이 필요합니다.</p></form></body></html>'
)
DEFAULT_ROBOTS = """User-agent: *
Disallow: /

User-agent: Googlebot
User-agent: Cowbot
User-agent: NaverBot
User-agent: Yeti
User-agent: Daumoa
Disallow: /admin/
Disallow: /config/
Disallow: /data/
Disallow: /module/
Disallow: /tmp/
"""
OPEN_ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /config/
Disallow: /data/
Disallow: /module/
Disallow: /tmp/
Disallow: /mypage/
Disallow: /order/
Disallow: /member/
"""
T = TypeVar("T")


class Emulator(emulator.Emulator):
    """Pages of all kinds of malls."""

    platform = "godomall5"
    access = "web"

    def malls(self) -> list[Demo]:
        """Return the malls; only the first has the openhub too."""
        shown = ("products", "inventory", "reviews")
        return [
            Demo(name=mall, native={"domain": ids.DOMAIN}, resources=() if mall == MALL else shown) for mall in LOOKS
        ]

    def urls(self, mall: str) -> list[str]:
        """Return where a crawl of the edited mall begins."""
        return [f"{self.stage.storefront(mall)}/goods/goods_list.php?cateCd={BEGIN}"] if mall == EDITED else []

    def routes(self) -> list[Route]:
        """Return pages, fragments and the call of a page's script."""
        goods, reviews = ("products", "inventory"), ("reviews",)
        return [
            Route("GET", "/robots.txt", self.robots, "robots"),
            Route("GET", "/", self.main, "main"),
            Route("GET", "/goods/goods_list.php", self.listing, "list", resources=goods),
            Route("GET", "/goods/goods_view.php", self.product, "product", resources=goods),
            Route("POST", "/goods/goods_ps.php", self.step, "option"),
            Route("GET", "/goods/goods_board_list.php", self.board, "board", resources=reviews),
            Route("GET", "/goods/goods_board_view.php", self.opened, "article", resources=reviews),
            Route("GET", "/board/plus_review_list.php", self.plus, "plus", resources=reviews),
            Route("GET", "/intro/adult.php", self.intro, "intro"),
        ]

    async def robots(self, call: Call) -> web.Response:
        """Return robots.txt: the platform's own, or one that the seller opened."""
        return text_answer(DEFAULT_ROBOTS if LOOKS[call.mall].default_robots else OPEN_ROBOTS)

    async def intro(self, call: Call) -> web.Response:
        """Return the page before a mall for adults."""
        return text_answer(INTRO, content_type="text/html")

    def pages(self, call: Call) -> Pages:
        """Return the pages of a mall at the address that was called; behind a wall there are none."""
        look = LOOKS[call.mall]
        if look.blocked:
            raise Refusal(text_answer(CAPTCHA, content_type="text/html"))
        if look.adult:
            target = f"/intro/adult.php?returnUrl={quote(call.request.path_qs, safe='')}"
            raise Refusal(text_answer("", 302, "text/html", headers={"Location": target}))
        return Pages(self.world, look, call.origin)

    def _page(self, call: Call, text: str) -> web.Response:
        """Return a page; who has no session gets one."""
        answer = text_answer(text, content_type="text/html")
        if not call.cookie(SESSION):
            answer.set_cookie(SESSION, self.world.dice("session", self.clock.now()).randbytes(13).hex(), path="/")
        return answer

    # -- pages --------------------------------------------------------------------------------------------------------

    async def main(self, call: Call) -> web.Response:
        """Return the first page."""
        return self._page(call, self.pages(call).main())

    def _shown(self) -> list[Product]:
        return self.world.products.where("godomall5 shown", lambda one: one.state not in ("deleted", "hidden"), True)

    async def listing(self, call: Call) -> web.Response:
        """Return a page of a category; products of those below it are in it too."""
        pages, code = self.pages(call), call.query.get("cateCd", "")
        chosen = next(
            (one for one in self.world.categories.values() if ids.category_code(one, self.world) == code), None
        )
        found = [
            one for one in self._shown()
            if chosen and any(chosen.no in self.world.categories[no].chain for no in one.categories)
        ]  # fmt: skip
        orders: dict[str, Any] = {"price_asc": lambda one: one.price, "price_dsc": lambda one: -one.price}
        if order := orders.get(call.query.get("sort", "")):
            found.sort(key=order)
        call.log_rows = len(found)
        shown = pages.listing(
            chosen, f"cateCd={escape(code)}", found, _number(call, "page"), _number(call, "pageNum", SIZE)
        )
        return self._page(call, shown)

    def _product(self, number: str) -> Product | None:
        return self.world.products.get(int(number) - 1_000_000_000) if number.isdigit() else None

    async def product(self, call: Call) -> web.Response:
        """Return the page of a product; of one that is gone or hidden an alert with HTTP 200."""
        pages, product = self.pages(call), self._product(call.query.get("goodsNo", ""))
        if product is None or product.state == "deleted":
            return self._page(call, ALERT.format(BAD))
        if product.state == "hidden":
            return self._page(call, ALERT.format(NOT_FOR_SALE))
        return self._page(call, pages.product(product, [] if pages.look.crema else visible(call.trade, product.no)))

    # -- options ------------------------------------------------------------------------------------------------------

    async def step(self, call: Call) -> web.Response:
        """Answer what may be chosen after some values: JSON that calls itself HTML."""
        self.pages(call)
        told = dict(pairs := parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        if told.get("mode") != "option_select":
            return self.not_found(call)
        chosen = [value for name, value in pairs if name == "optionVal[]"]
        product = self._product(told.get("goodsNo", ""))
        found = [] if product is None else [
            one for one in product.variants if chosen and list(one.values[: len(chosen)]) == chosen
        ]  # fmt: skip
        answer = _choices(product, found, len(chosen)) if product and found else {}
        return text_answer(json.dumps(answer | {"log": "ok"}), content_type="text/html")

    # -- reviews ------------------------------------------------------------------------------------------------------

    def _fragment(self, call: Call) -> tuple[Pages, Product | None]:
        """Return pages and product of a fragment. Raises: Refusal where it is asked for outside of a session."""
        pages = self.pages(call)
        within = call.cookie(SESSION) and "/goods/goods_view.php?goodsNo=" in call.header("Referer")
        if pages.look.edited and not within:
            raise Refusal(text_answer(REFUSED, 403, "text/html"))
        return pages, self._product(call.query.get("goodsNo", ""))

    def _reviews(self, call: Call, product: Product | None, plus: bool) -> list[Review]:
        look = LOOKS[call.mall]
        if product is None or look.crema:
            return []
        return [one for one in visible(call.trade, product.no) if (look.plus and opinions.is_plus(one)) is plus]

    async def board(self, call: Call) -> web.Response:
        """Return a fragment of the reviews of a product, newest first."""
        pages, product = self._fragment(call)
        if product is None or call.query.get("bdId") != opinions.BOARD or call.query.get("gboard") != "y":
            return self._page(call, ALERT.format(BAD))
        rows = opinions.posts(self._reviews(call, product, plus=False))
        page, last, shown = _cut(rows, _number(call, "page"), pages.look)
        call.log_rows = len(shown)
        return self._page(call, opinions.board(shown, product, page, last, self.clock.now()))

    async def opened(self, call: Call) -> web.Response:
        """Return the fragment of one opened post."""
        self._fragment(call)
        number = call.query.get("sno", "")
        review = call.trade.reviews.get(int(number) // ids.POSTS) if number.isdigit() else None
        shown = opinions.posts([review]) if review in visible(call.trade) and review else []
        post = next((one for one in shown if str(one.sno) == number), None)
        if post is None or (post.answer < 0 and "secret" in post.review.flags):
            return self._page(call, ALERT.format(BAD))
        return self._page(call, opinions.opened(post))

    async def plus(self, call: Call) -> web.Response:
        """Return a fragment of the Plus Reviews of a product."""
        pages, product = self._fragment(call)
        if product is None or not pages.look.plus:
            return self._page(call, ALERT.format(BAD))
        rows = self._reviews(call, product, plus=True)
        if pages.look.edited:
            rows.sort(key=lambda one: -one.helpful)
        page, last, shown = _cut(rows, _number(call, "page"), pages.look)
        call.log_rows = len(shown)
        return self._page(call, opinions.plus(shown, product, page, last))

    # -- refusals and truth -------------------------------------------------------------------------------------------

    def throttled(self, call: Call) -> web.Response:
        """Return what a server in front of the mall says (assumed)."""
        return text_answer("<html><head><title>429 Too Many Requests</title></head></html>", 429, "text/html")

    def broken(self, call: Call, status: int) -> web.Response:
        """Return the gateway's HTML."""
        return text_answer(f"<html><head><title>{status}</title></head><body>nginx</body></html>", status, "text/html")

    def not_found(self, call: Call) -> web.Response:
        """Return the gateway's HTML."""
        return text_answer("<html><body>404 Not Found</body></html>", 404, "text/html")

    def blocked(self, call: Call) -> web.Response | None:
        """Return the firewall's page."""
        return None if call.stream == "robots" else text_answer(REFUSED, 403, "text/html")

    def truth(self, mall: str) -> emulator.Truth:
        """Return what the pages of a mall show to a guest."""
        look = LOOKS[mall]
        if look.blocked or look.adult:
            return {"web": {"products": [], "inventory": [], "reviews": []}}
        truth = WebTruth(self.world, mall, look, self.stage.storefront(mall), self.clock.now())
        products = self._shown()
        reviews = [] if look.crema else [one for one in visible(self.world.trade(mall))
                                         if self.world.products[one.product] in products]  # fmt: skip
        return {
            "web": {
                "products": [truth.goods(one) for one in products],
                "inventory": [level for one in products for level in truth.levels(one)],
                "reviews": [truth.opinion(one) for one in reviews],
            }
        }


def _choices(product: Product, found: Sequence[Variant], place: int) -> dict[str, Any]:
    """Return the next axis: equal values merged, their stock summed; behind the last axis the combination."""
    last = place == len(product.axes)
    groups: dict[str, list[Variant]] = {}
    for one in found:
        groups.setdefault("" if last else escape(one.values[place]), []).append(one)
    flags = [ids.sell_flag(rows[0]) for rows in groups.values()]
    stock = [sum(_told(one) for one in rows) for rows in groups.values()]
    told: dict[str, Any] = {
        "cnt": len(groups), "nextOption": [] if last else list(groups), "stockCnt": [str(level) for level in stock],
        "optionSellFl": flags, "optionDeliveryFl": ["normal"] * len(groups), "optionViewFl": ["y"] * len(groups),
        "optionSellCode": ["05002003" if flag == "t" else "" for flag in flags],
        "optionDeliveryCode": [""] * len(groups), "sellStopStock": ["0"] * len(groups),
        "optionPrice": [f"{rows[0].surcharge}.00" for rows in groups.values()],
    }  # fmt: skip
    if last:
        return told | {"optionSno": f"{found[0].no}||{found[0].surcharge}||0||{_told(found[0])}"}
    return told | {"nextKey": place, "optionDivisionDisabledMark": "t", "stockCodeValue": {"1": "입고예정"}}


def _told(variant: Variant) -> int:
    return 0 if ids.sell_flag(variant) == "t" else variant.quantity or 0


def _cut(rows: list[T], page: int, look: Look) -> tuple[int, int, list[T]]:
    """Return page, last page to name (0: none) and rows. Behind its end a fragment is empty, in an edited skin the last
    one again.
    """
    size = opinions.FEW if look.edited else opinions.ROWS
    last = max(-(-len(rows) // size), 1)
    page = min(page, last) if look.edited else page
    return page, 0 if look.edited else last, rows[(page - 1) * size : page * size]


def _number(call: Call, name: str, otherwise: int = 1) -> int:
    text = call.query.get(name, "")
    return max(1, int(text)) if text.isdigit() and len(text) < 7 else otherwise
