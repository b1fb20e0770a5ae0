"""SmartStore product pages, emulated: a shell that a script fills, and reviews that the page fetches for itself.

Both generations of the review area (by product number), both layouts of the page's state, the brand host, a group
product, tokens that the page's own calls must carry (without them 429), a pause after many pages, an adult store behind
the log-in wall, a store that only shows the security check, and one whose script never fills the shell. Unverified, as
the sources say: the text of block pages beyond their first lines, the code of video attachments, the 404 page.
"""

import hashlib
import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import emulator, naver_goods, naver_ids, naver_storefront_state, shapes
from sandbox.canon import Canon, line, without
from sandbox.emulator import Call, Demo, Refusal, Route, json_answer, text_answer
from sandbox.entities import Product, Review, Variant
from sandbox.world import Trade
from shopscrape import items, values

FOLDER = Path(__file__).parent
SHAPES = shapes.templates("naver_storefront_shapes.json")
SHOWN = 8
"""Products whose pages the malls file names."""
PAGES, PAUSE = 99, 90.0
"""After about so many review pages the store refuses for about so many seconds (client reports)."""
BLOCK = """<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8">
<title>[에러] 에러페이지 - 시스템오류</title></head><body><div id="wrap"><h2>현재 서비스 접속이 불가합니다.</h2>
<p>동시에 접속하는 이용자 수가 많거나 네트워크 상태가 불안정하여 현재 접속이 불가합니다.</p></div></body></html>"""
CAPTCHA = """<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>네이버</title></head><body>
<div class="captcha_wrap"><div data-component="cpt_main"><h1>NAVER 보안 확인</h1><p>보안 확인을 완료해 주세요. 실제
사용자임을 확인합니다.</p><p>아래 영수증 이미지에서 가게 전화번호의 빈 칸을 채워주세요.</p></div></div></body></html>"""
LOGIN = """<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>네이버 : 로그인</title></head><body>
<form id="frmNIDLogin" action="/nidlogin.login"><input id="id"><input id="pw" type="password"></form></body></html>"""
MISSING = """<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>에러 페이지</title></head><body>
<h2>상품이 존재하지 않습니다.</h2></body></html>"""
SHELL = """<!DOCTYPE html>
<html lang="ko"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="og:url" content="{url}"></head><body>
<script>window.__PRELOADED_STATE__={state};window.__PAGE__={page}</script>
<div id="content"><h3 class="_copyable"></h3>
<div id="_productTabContainer"><div><ul role="tablist">
<li><a href="#INTRODUCE" role="tab" aria-selected="true">상세정보</a></li>
<li><a href="#REVIEW" role="tab" aria-selected="false">리뷰<span></span></a></li>
<li><a href="#QNA" role="tab" aria-selected="false">Q&amp;A<span>3</span></a></li></ul></div></div>
<div id="INTRODUCE"><p>상세정보</p></div><div id="REVIEW"></div><div id="QNA"></div></div>
<img src="/images/banner.png" alt=""><script src="/naver.js"></script></body></html>"""
ORDERS: dict[str, Any] = {
    "REVIEW_RANKING": lambda review: (-(review.helpful * 7 + review.no % 5), -review.no),
    "REVIEW_CREATE_DATE_DESC": lambda review: (-review.written_at.timestamp(), -review.no),
    "REVIEW_CREATE_DATE_ASC": lambda review: (review.written_at.timestamp(), review.no),
    "REVIEW_SCORE_DESC": lambda review: (-(review.rating or 5), -review.no),
    "REVIEW_SCORE_ASC": lambda review: (review.rating or 5, -review.no),
}


class Emulator(emulator.Emulator):
    """Stores of the smartstore and brand hosts."""

    platform = "naver"
    access = "web"

    def prepare(self) -> None:
        """Choose the products whose pages are named."""
        self.named = [one.no for one in self.world.shown() if one.state != "hidden"][:SHOWN]

    def malls(self) -> list[Demo]:
        """Return the stores; only the first has an API too."""
        own = {"permission": "own-store"}
        names = ("demo_naver", "demo_naver_brand", "demo_naver_blocked", "demo_naver_adult", "demo_naver_shell")
        return [
            Demo(
                name=name,
                resources=() if name == "demo_naver" else ("reviews",),
                native={"store": naver_ids.STORE},
                table=own,
            )
            for name in names
        ]

    def routes(self) -> list[Route]:
        """Return the page, its script and the calls that it makes."""
        reviews, about = ("reviews",), "/{x:i|n}/v1/contents/reviews"
        return [
            Route("GET", "/robots.txt", self.robots, "robots"),
            Route("GET", "/naver.js", self.script, ""),
            Route("GET", "/nidlogin.login", self.login, "login"),
            Route("GET", "/{store}/products/{number}", self.page, "page"),
            Route("GET", "/{x:i|n}/v2/channels/{uid}/products/{number}", self.product, "product"),
            Route("GET", about + "/product-summary/{number}", self.summary, "summary"),
            Route("POST", about + "/query-pages", self.reviews, "reviews", resources=reviews),
            Route("GET", about + "/group-products/product-summary/{number}/reviews/GENERAL", self.reviews, "reviews",
                  resources=reviews),
        ]  # fmt: skip

    # -- pages --------------------------------------------------------------------------------------------------------

    async def robots(self, call: Call) -> web.Response:
        """Return robots.txt: everything is disallowed."""
        return text_answer("User-agent: *\nDisallow: /\n")

    async def script(self, call: Call) -> web.Response:
        """Return the script of all pages."""
        return text_answer((FOLDER / "naver_storefront.js").read_text("utf-8"), content_type="text/javascript")

    async def login(self, call: Call) -> web.Response:
        """Return the log-in wall."""
        return text_answer(LOGIN, content_type="text/html")

    async def page(self, call: Call) -> web.StreamResponse:
        """Return the shell of a product page."""
        if call.mall == "demo_naver_blocked":
            return text_answer(CAPTCHA, content_type="text/html")
        if call.mall == "demo_naver_adult":
            raise Refusal(web.Response(status=302, headers={"Location": "/nidlogin.login?mode=form"}))
        product = self._product(call)
        name = line(product.name)
        token = self._token(call.mall, call.part["number"])
        group = 50_000_000 + product.no if self._grouped(call.mall, product) else 0
        whole = call.mall == "demo_naver_brand" and product.no % 3 != 0
        state = naver_storefront_state.state(product, self._figures(self._shown(call.trade, product)), group, whole)
        told = {
            "prefix": "n" if call.mall == "demo_naver_brand" else "i", "channel": call.part["number"],
            "generation": "A" if product.no % 3 == 0 else "B", "merchant": naver_ids.MERCHANT_NO,
            "rtk": token, "rts": "1762137000000",
            "group": group,
        }  # fmt: skip
        shown = SHELL.format(
            title=html.escape(f"{name} : 에뮬스토어"), url=f"{call.origin}{call.request.path}",
            state=_script(state), page=_script(told),
        )  # fmt: skip
        if call.mall == "demo_naver_shell":
            shown = shown.replace('<script src="/naver.js"></script>', "")
        return text_answer(shown, content_type="text/html")

    @staticmethod
    def _grouped(mall: str, product: Product) -> bool:
        return mall == "demo_naver_brand" and product.no % 4 == 2

    def _product(self, call: Call) -> Product:
        number = call.part["number"]
        product = self.world.products.get(naver_ids.product_of(int(number))) if number.isdigit() else None
        if product is None or product.state in ("deleted", "hidden"):
            raise Refusal(text_answer(MISSING, 404, "text/html"))
        return product

    # -- calls of the page --------------------------------------------------------------------------------------------

    def _token(self, mall: str, number: str) -> str:
        return "t21:" + hashlib.sha256(f"{self.world.seed}:{mall}:{number}".encode()).hexdigest()[:32]

    async def product(self, call: Call) -> web.Response:
        """Return the product as the page asks for it."""
        product, trade = self._product(call), call.trade
        found = self._shown(trade, product)
        return json_answer(
            shapes.fill(
                SHAPES["product"],
                {
                    "id": call.part["number"], "productNo": str(naver_ids.origin_no(product)), "name": product.name,
                    "dispName": product.name, "salePrice": product.price, "dispSalePrice": product.price,
                    "discountedSalePrice": product.discounted or product.price,
                    "stockQuantity": naver_goods.stock(product), **_options(product),
                    "productStatusType": "OUTOFSTOCK" if product.sold_out else "SALE",
                    "statusType": "OUTOFSTOCK" if product.sold_out else "SALE", "soldout": product.sold_out,
                    "reviewAmount": SHAPES["product"]["reviewAmount"] | self._figures(found),
                },
            )
        )  # fmt: skip

    async def summary(self, call: Call) -> web.Response:
        """Return the figures of a product's reviews."""
        number = int(call.part["number"]) + naver_ids.channel_no(0) - naver_ids.origin_no(0)
        found = self._shown(call.trade, naver_ids.product_of(number))
        told = self._figures(found)
        return json_answer(
            {"productReviewInfo": {"reviewCount": told.pop("totalReviewCount"), "photoReviewCount": 0, **told}}
        )

    @staticmethod
    def _figures(found: list[Review]) -> dict[str, Any]:
        scores = [review.rating or 5 for review in found]
        return {
            "totalReviewCount": len(found), "averageReviewScore": round(sum(scores) / len(scores), 2) if scores else 0,
            **{f"score{score}ReviewCount": scores.count(score) for score in range(1, 6)},
        }  # fmt: skip

    async def reviews(self, call: Call) -> web.Response:
        """Return a page of reviews; only the page's own calls are answered."""
        group = "number" in call.part
        told: dict[str, Any] = dict(call.query) if group else call.json or {}
        sort = told.get("searchSortType") if group else told.get("reviewSearchSortType")
        if sort not in ORDERS or not str(told.get("page", "")).isdigit():
            return web.Response(status=204)
        number = int(call.part["number"]) - 50_000_000 if group else 0
        origin = int(told.get("originProductNo") or 0)
        product = number or naver_ids.product_of(origin + naver_ids.channel_no(0) - naver_ids.origin_no(0))
        if call.header("x-client-rtk") != self._token(call.mall, str(naver_ids.channel_no(product))):
            return json_answer({"code": "UNAUTHORIZED", "message": "비정상적인 접근입니다."}, 429)
        if not self.clock.quota(("naver reviews", call.mall), PAGES, PAUSE).take():
            return self.throttled(call)
        found = sorted(self._shown(call.trade, product), key=ORDERS[str(sort)])
        page, size = int(told["page"]), 20
        rows = found[(page - 1) * size : page * size]
        call.log_rows = len(rows)
        name = (
            "createDate" if "CREATE" in str(sort) else "reviewScore" if "SCORE" in str(sort) else "reviewRankingScore"
        )
        direction = "asc" if str(sort).endswith("ASC") else "desc"
        return json_answer(
            {
                "contents": [self._review(call.mall, review) for review in rows], "page": page, "size": size,
                "totalElements": len(found), "totalPages": -(-len(found) // size), "first": page == 1,
                "sort": {"sorted": True, "fields": [{"name": name, "direction": direction}]},
                "last": page * size >= len(found),
            }
        )  # fmt: skip

    @staticmethod
    def _shown(trade: Trade, product: Product | int) -> list[Review]:
        number = product if isinstance(product, int) else product.no
        return [one for one in trade.reviews_of(number) if not {"hidden", "pending", "secret"} & set(one.flags)]

    def _review(self, mall: str, review: Review) -> dict[str, Any]:
        media = list(review.media())
        attaches = [
            SHAPES["attach"]
            | {
                "id": review.no * 10 + place, "reviewAttachmentType": "I" if kind == "image" else "M",
                "attachUrl": f"https://phinf.pstatic.net/checkout.phinf{path}", "sortOrder": place,
            }
            for place, (kind, path) in enumerate(media)
        ]  # fmt: skip
        # Only some reviews have these keys.
        more = {"repThumbnailAttach": attaches[0], "repThumbnailTagNameDescription": {}} if attaches else {}
        if review.parent:
            more["parentReviewId"] = naver_ids.review_no(review.parent)
        return more | shapes.fill(
            SHAPES["review"],
            {
                "id": naver_ids.review_no(review), "reviewType": "MONTH" if review.parent else "NORMAL",
                "reviewContentClassType": "VIDEO" if review.video else "PHOTO" if media else "TEXT",
                "reviewScore": review.rating or 5, "reviewContent": review.text,
                "createDate": f"{review.written_at:%Y-%m-%dT%H:%M:%S}.449+00:00",
                "repurchase": "repurchase" in review.flags, "writerId": review.author.member,
                "maskedWriterId": review.masked_id, "writerMemberNo": review.author.no,
                "orderNo": str(review.order), "productOrderNo": str(review.line),
                "productNo": str(naver_ids.channel_no(review.product)),
                "originProductNo": naver_ids.origin_no(review.product),
                "productName": self.world.products[review.product].name,
                "productOptionContent": self._bought(review), "helpCount": review.helpful,
                "reviewAttaches": attaches,
            },
        )  # fmt: skip

    def _bought(self, review: Review) -> str:
        product, variant = self.world.variant(review.variant)
        return " / ".join(f"{name}: {value}" for name, value in product.options(variant).items())

    # -- refusals -----------------------------------------------------------------------------------------------------

    def throttled(self, call: Call) -> web.Response:
        """Return 429: a page's is the block page, a call's a short JSON."""
        if call.stream in ("page", "robots"):
            return text_answer(BLOCK, 429, "text/html")
        return json_answer({"code": "TOO_MANY_REQUESTS", "message": "Too Many Requests"}, 429)

    def blocked(self, call: Call) -> web.Response | None:
        """Return a block page, with status 200 as it also happens."""
        return text_answer(BLOCK, 200, "text/html") if call.stream == "page" else None

    # -- truth --------------------------------------------------------------------------------------------------------

    def urls(self, mall: str) -> list[str]:
        """Return the pages that a crawl of the mall reads: its first products."""
        base = f"{self.stage.storefront(mall)}/{naver_ids.STORE}/products"
        return [f"{base}/{naver_ids.channel_no(number)}" for number in self.named]

    def truth(self, mall: str) -> emulator.Truth:
        """Return the reviews of the pages that the malls file names, as far as they are still there."""
        canon = Records(self.world, "naver", mall, source="web")
        trade = self.world.trade(mall)
        shown = [
            one for one in map(self.world.products.get, self.named) if one and one.state not in ("deleted", "hidden")
        ]
        if mall in ("demo_naver_blocked", "demo_naver_adult", "demo_naver_shell"):
            return {"web": {"reviews": [], "inventory": []}}
        return {
            "web": {
                "inventory": [level for product in shown for level in canon.levels(product)],
                "reviews": [
                    canon.seen(one, self._bought(one)) for product in shown for one in self._shown(trade, product)
                ],
            }
        }


def _options(product: Product) -> dict[str, Any]:
    """Return the options of a product, those that are on sale; that others are not listed is unverified."""
    parts = [one for one in product.variants if product.axes and one.on_sale]
    return {
        "optionUsable": bool(product.axes),
        "options": [
            {"id": 4_700_000_000 + product.no * 10 + place, "optionType": "COMBINATION", "groupName": axis.name}
            for place, axis in enumerate(product.axes)
        ],
        "optionCombinations": [
            {
                "id": naver_ids.option_no(one), "stockQuantity": naver_goods.level(product, one),
                "price": one.surcharge, "regOrder": place, "registerDate": "2025-03-02T02:00:35.034+00:00",
                **{f"optionName{level}": value for level, value in enumerate(one.values, 1)},
            }
            for place, one in enumerate(parts)
        ],
    }  # fmt: skip


class Records(Canon):
    """Canonical records of a store's pages."""

    def levels(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock of what can be chosen on the page, whose calls know neither codes nor a switch for stock."""
        for one, variant in zip(self.stock(product), product.variants, strict=True):
            if not product.plain and not variant.on_sale:
                continue
            one.quantity = naver_goods.stock(product) if product.plain else naver_goods.level(product, variant)
            one.available = not product.sold_out and one.quantity > 0
            untold = "code managed safety_quantity low barcode"
            yield without(one, f"{untold} options" if product.plain else untold)

    def product_id(self, product: Product) -> str:
        """Return the channel product number."""
        return str(naver_ids.channel_no(product))

    def variant_id(self, product: Product, variant: Variant) -> str:
        """Return the option's id."""
        return str(naver_ids.option_no(variant))

    def review_id(self, review: Review) -> str:
        """Return the id that the page's own answer shows."""
        return str(naver_ids.review_no(review))

    def seen(self, review: Review, bought: str) -> items.Review:
        """Return a review as its product page tells it: no title, no order, no edit, no answer."""
        flags: list[Any] = ["repurchase"] if "repurchase" in review.flags else []
        media = [
            items.Media(kind=kind, url=f"https://phinf.pstatic.net/checkout.phinf{path}")  # type: ignore[arg-type]
            for kind, path in review.media()
        ]
        product = self.world.products[review.product]
        options = {
            line(name): line(value) for name, value in product.options(self.world.variant(review.variant)[1]).items()
        }
        written = review.written_at.replace(microsecond=449_000)
        record = items.Review(
            **self.common, review_id=self.review_id(review), product_id=str(naver_ids.channel_no(product)),
            parent_review_id=str(naver_ids.review_no(review.parent)) if review.parent else None,
            product_name=values.line(product.name), rating=values.decimal(review.rating or 5),
            rating_raw=str(review.rating or 5), rating_scale=5, text=values.plain(review.text),
            options=options if bought else None, author=None, author_label=review.masked_id,
            written_at=written, written_on=written.astimezone(values.SEOUL).date(), media=media,
            helpful_count=review.helpful, flags=flags + (["one_month"] if review.parent else []), channel="smartstore",
            synthetic=False,
        )  # fmt: skip
        return without(record, "title")


def _script(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
