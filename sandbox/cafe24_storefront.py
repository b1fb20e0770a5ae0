"""Cafe24 storefronts, emulated: server-made pages of a default skin, with the engine's inline scripts.

Malls: `demo_cafe24_web` (open to all), `demo_cafe24_crema` (its reviews stand in another company's widget),
`demo_cafe24_closed` (members only: HTTP 200 with a script that alerts and leads to the log-in).
Unverified, as the sources say: the default robots.txt, and what an unknown product number shows.
"""

import json
from html import escape
from urllib.parse import quote

from aiohttp import web

from sandbox import cafe24_ids as ids
from sandbox import emulator
from sandbox.cafe24_pages_truth import Pages
from sandbox.emulator import Call, Demo, Refusal, Route, text_answer
from sandbox.entities import Product, Review
from shopscrape import values

MALL_ID = "pagemall"
BOARD = 4
LIST, BOARD_PAGE = 12, 15
WALL = (
    "<script type=\"text/javascript\">alert('회원만 접근권한이 있습니다.');</script>"
    "<script type=\"text/javascript\">location.href='/member/login.html?returnUrl=%2F';</script>"
)
GONE = "<script type=\"text/javascript\">alert('존재하지 않는 상품입니다.');history.back();</script>"
PAGE = """<!DOCTYPE html>
<html lang="ko"><head><meta name="path_role" content="{role}" /><meta name="author" content="cafe24" />
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/><title>{title} - 데모몰</title>{head}</head>
<body id="main"><div id="wrap"><div class="xans-element- xans-layout xans-layout-category"><ul>{menu}</ul></div>
<div id="container"><div id="contents">{body}</div></div></div></body></html>"""


class Emulator(emulator.Emulator):
    """Malls without a token."""

    platform = "cafe24"
    access = "web"

    def malls(self) -> list[Demo]:
        """Return the malls."""
        names = ("demo_cafe24_web", "demo_cafe24_crema", "demo_cafe24_closed")
        resources = ("products", "inventory", "reviews")
        return [Demo(name=name, native={"mall_id": MALL_ID}, resources=resources) for name in names]

    def routes(self) -> list[Route]:
        """Return the pages."""
        return [
            Route("GET", "/robots.txt", self.robots, "robots"),
            Route("GET", "/", self.first, "first"),
            Route("GET", "/product/list.html", self.listing, "list", resources=("products", "inventory")),
            Route("GET", "/product/detail.html", self.detail, "product", resources=("products", "inventory")),
            Route("GET", "/product/{slug}/{number}/{rest:.*}", self.detail, "product"),
            Route("GET", "/category/{slug}/{category}/", self.listing, "list"),
            Route("GET", "/board/product/list.html", self.board, "board", resources=("reviews",)),
            Route("GET", "/article/{slug}/{board}/{number}/", self.article, "article", resources=("reviews",)),
        ]

    async def robots(self, call: Call) -> web.Response:
        """Return robots.txt: pages are open, the back office is not."""
        return text_answer("User-agent: *\nDisallow: /admin/\nDisallow: /exec/\n")

    def _page(self, call: Call, role: str, title: str, body: str, head: str = "") -> web.Response:
        if call.mall == "demo_cafe24_closed":
            return text_answer(WALL, content_type="text/html")
        menu = "".join(
            f'<li><a href="/product/list.html?cate_no={one.no}">{escape(one.name)}</a></li>'
            for one in self.world.categories.values() if not one.parent
        )  # fmt: skip
        shown = PAGE.format(role=role, title=escape(title), head=head, menu=menu, body=body)
        return text_answer(shown, content_type="text/html")

    def blocked(self, call: Call) -> web.Response | None:
        """Return the wall."""
        return text_answer(WALL, content_type="text/html")

    @staticmethod
    def _paging(base: str, page: int, pages: int) -> str:
        links = "".join(
            f'<li class="xans-record-"><a href="{base}&page={number}" class="{"this" if number == page else "other"}">'
            f"{number}</a></li>"
            for number in range(max(1, page - 4), min(pages, page + 5) + 1)
        )
        return (
            f'<div class="ec-base-paginate"><ol>{links}</ol><a href="{base}&page={pages}" class="last">마지막</a></div>'
        )

    async def first(self, call: Call) -> web.Response:
        """Return the first page."""
        return self._page(call, "MAIN", "데모몰", "<p>어서오세요</p>")

    def _shown(self) -> list[Product]:
        return [one for one in self.world.shown() if one.state == "on_sale"]

    async def listing(self, call: Call) -> web.Response:
        """Return a page of a category; a page past the end shows the last one again."""
        category = int(call.query.get("cate_no") or call.part.get("category") or 0)
        below = {no for no, one in self.world.categories.items() if category in one.chain}
        found = [one for one in self._shown() if below & set(one.categories)][::-1]
        pages = max(-(-len(found) // LIST), 1)
        page = min(max(int(call.query.get("page", "1")), 1), pages)
        rows = found[(page - 1) * LIST : page * LIST]
        children = "".join(
            f'<li><a href="/product/list.html?cate_no={one.no}">{escape(one.name)}</a></li>'
            for one in self.world.categories.values() if one.parent == category
        )  # fmt: skip
        boxes = "".join(self._box(one, category) for one in rows)
        body = (
            f'<ul class="menuCategory">{children}</ul>'
            f'<div class="xans-element- xans-product xans-product-listnormal"><ul class="prdList">{boxes}</ul></div>'
            + self._paging(f"?cate_no={category}", page, pages)
        )
        return self._page(call, "PRODUCT_LIST", "상품 목록", body)

    @staticmethod
    def _box(product: Product, category: int) -> str:
        link = (
            f"/product/{quote(values.line(product.name) or 'x', safe='')}/{product.no}/category/{category}/display/1/"
        )
        icon = '<img src="//img.echosting.cafe24.com/ico_product_soldout.gif" alt="품절" />' if product.sold_out else ""
        return (
            f'<li id="anchorBoxId_{product.no}" class="xans-record-"><div class="description" '
            f'ec-data-custom="{product.list_price or ""}" ec-data-price="{product.price}"><strong class="name">'
            f'<a href="{link}"><span>{escape(values.line(product.name) or "")}</span></a></strong>{icon}</div></li>'
        )

    async def detail(self, call: Call) -> web.Response:
        """Return a product page."""
        number = call.query.get("product_no") or call.part.get("number") or ""
        product = self.world.products.get(int(number)) if number.isdigit() else None
        if product is None or product.state != "on_sale":
            raise Refusal(text_answer(WALL if call.mall == "demo_cafe24_closed" else GONE, content_type="text/html"))
        host = call.origin
        name, main = values.line(product.name) or "", f"{host}/web/product/big{product.images[0]}"
        price = 0 if product.price_text else product.price
        sale = product.discounted or price
        slug = quote(name, safe="")
        head = (
            f'<link rel="canonical" href="{host}/product/{slug}/{product.no}/" />'
            f'<meta property="og:title" content="{escape(name)}" /><meta property="og:image" content="{main}" />'
            f'<meta property="product:price:amount" content="{price}" />'
            f'<meta property="product:price:currency" content="KRW" />'
            f'<meta property="product:sale_price:amount" content="{sale}" />'
            f'<meta property="product:productId" content="{product.no}" />'
        )
        crema = (
            f'<div id="prdReview"><iframe id="crema-product-reviews-1" src="https://widgets.cre.ma/{MALL_ID}/products/reviews?'
            f'product_code={product.no}"></iframe></div><script src="//widgets.cre.ma/{MALL_ID}/init.js"></script>'
        )
        body = (
            f'<div class="xans-element- xans-product xans-product-detail"><div class="keyImg"><img src="{main}" '
            f'class="BigImage" /></div><div class="infoArea"><div class="headingArea"><h2>{escape(name)}</h2></div>'
            f"{self._table(product)}</div></div>"
            f"{crema if call.mall == 'demo_cafe24_crema' else ''}{self._script(product)}"
        )
        return self._page(call, "PRODUCT_DETAIL", name, body, head)

    @staticmethod
    def _table(product: Product) -> str:
        printed = escape(product.price_text) if product.price_text else f"{product.price:,}원"
        rows = [("판매가", f'<strong id="span_product_price_text">{printed}</strong>', True)]
        rows.append(
            (
                "소비자가",
                f'<span id="span_product_price_custom">{product.list_price or 0:,}원</span>',
                bool(product.list_price),
            )
        )
        rows.append(
            (
                "할인판매가",
                f'<span id="span_product_price_sale">{product.discounted or 0:,}원</span>',
                bool(product.discounted),
            )
        )
        rows.append(("자체상품코드", escape(product.code or ""), bool(product.code)))
        cells = "".join(
            f'<tr class="{"" if shown else "displaynone"} xans-record-"><th>{label}</th><td>{value}</td></tr>'
            for label, value, shown in rows
        )
        return f'<div class="xans-element- xans-product xans-product-detaildesign"><table><tbody>{cells}</tbody></table></div>'

    def _script(self, product: Product) -> str:
        place = self.world.trade("demo").place
        sale = product.discounted or product.price
        stock, mapper = {}, {}
        for one in product.variants:
            code = ids.variant_code(product, one, place)
            mapper["#$%".join(one.values)] = code
            stock[code] = {
                "stock_price": f"{one.surcharge}.00", "use_stock": one.managed, "use_soldout": "T", "is_display": "T",
                "is_selling": "T" if one.on_sale else "F", "option_price": product.price + one.surcharge,
                "option_value": "-".join(one.values), "stock_number": one.quantity or 0,
                "option_value_orginal": list(one.values), "is_auto_soldout": "T" if one.sold_out else "F",
                "option_id": code[-4:],
            }  # fmt: skip
        told = {
            "has_option": "T" if product.axes else "F", "is_soldout_icon": "T" if product.sold_out else "F",
            "product_price": str(product.price), "product_sale_price": sale,
            "product_price_content": "1" if product.price_text else "", "option_type": "T", "item_listing_type": "S",
            "product_code": ids.product_code(product, place), "iProductNo": str(product.no),
            "product_name": values.line(product.name) or "",
        }  # fmt: skip
        if product.axes:
            told |= {
                "option_name_mapper": "#$%".join(axis.name for axis in product.axes),
                "option_value_mapper": json.dumps(mapper), "option_stock_data": json.dumps(stock),
            }  # fmt: skip
        else:
            ((code, level),) = stock.items()
            told |= {
                "item_code": code, "stock_number": str(level["stock_number"]),
                "single_option_stock_data": json.dumps({name: level[name] for name in ("use_stock", "use_soldout", "stock_number")}),
            }  # fmt: skip
        lines = [f"var {name} = {_quoted(value)};" for name, value in told.items()]
        return f'<script type="text/javascript">{"".join(lines)}</script>'

    # -- reviews ------------------------------------------------------------------------------------------------------

    def _reviews(self, call: Call) -> list[Review]:
        found = [one for one in call.trade.reviews if not {"hidden", "pending"} & set(one.flags)]
        return sorted(found, key=lambda one: (one.written_at, one.no), reverse=True)

    async def board(self, call: Call) -> web.Response:
        """Return a page of the review board, newest first, with notices above it."""
        if call.query.get("board_no") != str(BOARD):
            raise Refusal(text_answer(GONE, content_type="text/html"))
        found = [] if call.mall == "demo_cafe24_crema" else self._reviews(call)
        if wanted := call.query.get("link_product_no"):
            found = [one for one in found if str(one.product) == wanted]
        pages = max(-(-len(found) // BOARD_PAGE), 1)
        page = min(max(int(call.query.get("page", "1")), 1), pages)
        rows = "".join(self._row(one) for one in found[(page - 1) * BOARD_PAGE : page * BOARD_PAGE])
        notice = (
            '<tbody class="xans-board-notice-4 xans-board-notice center"><tr class="xans-record-"><td>공지</td>'
            '<td class="subject"><a href="/article/review/4/1/">후기 작성 안내</a></td><td>데모몰</td>'
            "<td>2026-01-02 10:00:00</td></tr></tbody>"
        )
        body = (
            f'<div class="xans-element- xans-board xans-board-listpackage-4"><table>{notice}'
            f'<tbody class="xans-element- xans-board xans-board-list-4 center">{rows}</tbody></table></div>'
            + self._paging(f"?board_no={BOARD}", page, pages)
        )
        return self._page(call, "BOARD_PRODUCT_LIST", "상품 사용후기", body)

    def _row(self, review: Review) -> str:
        product = self.world.products[review.product]
        lock = '<img src="//img.echosting.cafe24.com/ico_lock.gif" alt="비밀글" /> ' if "secret" in review.flags else ""
        title = "비밀글입니다" if lock else escape(values.line(review.title) or "")
        return (
            f'<tr class="xans-record-"><td>{review.no}</td><td class="thumb left"><a href="/product/detail.html?product_no='
            f'{product.no}"><span>{escape(values.line(product.name) or "")}</span></a></td><td class="subject left txtBreak">'
            f'{lock}<a href="/article/review/4/{review.no * 20}/">{title}</a></td><td>{escape(review.label)}</td>'
            f'<td><span class="txtNum">{ids.kst(review.written_at, True)}</span></td><td><span class="txtNum">{review.views}'
            f'</span></td><td><img src="//img.echosting.cafe24.com/ico_point{review.rating or 0}.gif" '
            f'alt="{review.rating or 0}점"></td></tr>'
        )

    async def article(self, call: Call) -> web.Response:
        """Return one review with its comments."""
        number = call.part["number"]
        review = call.trade.reviews.get(int(number) // 20) if number.isdigit() and int(number) % 20 == 0 else None
        if review is None or {"hidden", "pending", "secret"} & set(review.flags):
            raise Refusal(text_answer(GONE, content_type="text/html"))
        product = self.world.products[review.product]
        comments = "".join(
            f'<li class="xans-record-"><div class="commentTop"><strong class="name">'
            f'{"데모몰" if one.by == "seller" else escape(review.label)}</strong> <span class="date">'
            f'{ids.kst(one.at, True)}</span></div><p class="comment"><span id="comment_contents{one.no}">{one.text}</span></p></li>'
            for one in review.replies
        )
        body = (
            f'<div class="xans-element- xans-board xans-board-read-4"><div class="information"><h3><a href="/product/detail.html?'
            f'product_no={product.no}"><span id="sPrdName">{escape(values.line(product.name) or "")}</span></a></h3></div>'
            f'<table><tbody><tr><th scope="row">제목</th><td>{escape(values.line(review.title) or "")} </td></tr><tr>'
            f'<th scope="row">작성자</th><td>{escape(review.label)}</td></tr><tr><td colspan="2"><ul class="etcArea"><li>'
            f'<strong>평점</strong> <img src="//img.echosting.cafe24.com/ico_point{review.rating or 0}.gif" '
            f'alt="{review.rating or 0}점" /></li><li><strong>작성일</strong> <span class="txtNum">'
            f'{ids.kst(review.written_at, True)}</span></li></ul><div class="detail"><div class="fr-view">'
            f"{content(review)}</div></div></td></tr></tbody></table></div>"
            f'<div class="xans-board-commentpackage-4"><ul class="boardComment">{comments}</ul></div>'
        )
        return self._page(call, "BOARD_PRODUCT_DETAIL", review.title, body)

    def truth(self, mall: str) -> emulator.Truth:
        """Return what the pages tell."""
        if mall == "demo_cafe24_closed":
            return {"web": {"products": [], "inventory": [], "reviews": []}}
        pages = Pages(self.world, mall, self.stage.storefront(mall))
        shown = [] if mall == "demo_cafe24_crema" else list(self.world.trade(mall).reviews)
        return {"web": pages.everything(self._shown(), shown)}


def content(review: Review) -> str:
    """Return the HTML of a review."""
    text = review.text if "<" in review.text else "<p>" + review.text.replace("\n", "<br>") + "</p>"
    return text + "".join(f'<p><img src="/file_data{path}"></p>' for path in review.photos)


def _quoted(value: object) -> str:
    """Return a value as the engine prints it: numbers bare, texts in single quotes with one level of backslashes."""
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"').replace("</", "<\\/") + "'"
