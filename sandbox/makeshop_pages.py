"""Pages of an emulated MakeShop storefront: what the engine prints in every skin, and the skins around it.

Unverified, as the sources say: the text for an unknown product, the look of a block page, that products which may not
be sold are shown nowhere, that a category shows what stands in those below it, that an add-on is no choice of the form.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from sandbox import makeshop_goods as goods
from sandbox import makeshop_ids as ids
from sandbox.entities import Category, Product, Variant
from sandbox.world import World
from shopscrape import values

LIST = 8
"""Products on a page of a list."""
SESSION = "GfDT=bmx3UQ%3D%3D"
"""A session that links carry beside the number of a product."""
BARE = '<html><head><meta http-equiv="Content-Type" content="text/html; charset={0}"></head><body>\n{1}\n</body></html>'
SCRIPT = '<script type="text/javascript">{}</script>'
MISSING = BARE.format("euc-kr", SCRIPT.format("alert('해당 상품이 존재하지 않습니다.');history.go(-1);"))
NO_POST = BARE.format("euc-kr", SCRIPT.format("alert('해당 게시물이 존재하지 않습니다.');history.go(-1);"))
BLOCK = (
    '<html><head><meta charset="utf-8"><title>접근이 차단되었습니다</title></head><body><div class="captcha"><p>'
    "비정상적인 접근이 감지되었습니다. 자동입력 방지 문자를 입력해 주세요.</p></div></body></html>"
)
DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
)
FRAME = """{doctype}
<html xmlns="http://www.w3.org/1999/xhtml" lang="ko">
<head>
<meta http-equiv="Content-Type" content="text/html;charset={charset}" />
<title>[에뮬상점] {title}</title>
<link rel="shortcut icon" href="/shopimages/{shop}/favicon.ico" />
{head}
</head>
<body><div class="gnb"><ul>{menu}</ul><a href="/shop/basket.html">장바구니</a>
<a href="/shop/shopbrand.html?search=%C6%BC">검색</a></div>
{body}
{crema}</body></html>
"""
CREMA = (
    "<script>(function(i,s,o,g,r,a,m){if(s.getElementById(g)){return};a=s.createElement(o),"
    "m=s.getElementsByTagName(o)[0];a.id=g;a.async=1;a.src=r;m.parentNode.insertBefore(a,m)})"
    "(window,document,'script','crema-jssdk','//widgets.cre.ma/emushop.example.com/init.js');</script>"
)
FORM = """<form name="form1" method="post" id="form1" action="/shop/basket.html">
{fields}
  {title}
  {summary}{prices}{choices}
  <div class="total">총 상품 금액 <strong><span id="MK_p_total">0</span>원</strong></div>
  {buttons}
</form>"""
CART = (
    "<div class=\"prd-btns\"><a href=\"javascript:send_multi('','baro');\">바로구매</a>"
    "<a href=\"javascript:send_multi('','');\">장바구니</a></div>"
)
NO_CART = (
    '<div class="prd-btns"><span class="soldout">SOLD OUT</span></div>\n  '
    '<p class="product_caution">품절된 상품입니다.</p>'
)
SIZES = ("대", "중", "소")


class Look(NamedTuple):
    """What the pages of a mall are like."""

    charset: str = "utf-8"
    old: bool = False
    """A skin of years ago: tables, no linked data, no sitemap; on some pages the engine's literal is an empty text."""
    scripted: bool = False
    """Lists are filled by a script: their own page shows no product."""
    crema: bool = False
    """Reviews stand in the widget of another company."""
    disallowed: tuple[str, ...] = ()
    """What robots.txt keeps crawlers from, beside what it always does."""
    wall: str = ""
    """Shown instead of everything."""


class Pages:
    """Pages of one mall at its address."""

    def __init__(self, world: World, look: Look, origin: str) -> None:
        self.world = world
        self.look = look
        self.origin = origin
        self.categories = world.categories

    def frame(self, title: str, body: str, head: str = "") -> str:
        """Return a page: a menu leads to the categories, a basket and a search."""
        menu = "".join(f"<li>{self._link(one)}</li>" for one in self.categories.values() if not one.parent)
        return FRAME.format(
            doctype=DOCTYPE,
            charset="euc-kr" if self.look.charset == "cp949" else "utf-8", title=escape(title), shop=ids.SHOP,
            head=head, menu=menu, body=body, crema=CREMA if self.look.crema else "",
        )  # fmt: skip

    def _query(self, category: Category) -> str:
        first, second, third = ids.levels(category, self.categories)
        codes = f"xcode={first}" + f"&amp;mcode={second}" * (second != "000") + f"&amp;scode={third}" * (third != "000")
        return f"{codes}&amp;type={'Y' if category.parent else 'X'}"

    def _link(self, category: Category) -> str:
        return f'<a href="/shop/shopbrand.html?{self._query(category)}">{escape(category.name)}</a>'

    def product_link(self, product: Product, category: Category) -> str:
        """Return the link to a product as lists have it."""
        told = f"{self._query(category)}&amp;sort=manual&amp;{SESSION}"
        return f"/shop/shopdetail.html?branduid={ids.uid(product)}&amp;{told}"

    def address(self, product: Product) -> str:
        """Return a product's own address."""
        return f"{self.origin}/shop/shopdetail.html?branduid={ids.uid(product)}"

    # -- lists --------------------------------------------------------------------------------------------------------

    def listing(self, category: Category, found: Sequence[Product], page: int) -> str:
        """Return a page of a list; past the end it shows its last page again. A scripted list shows no product."""
        last = max(1, -(-len(found) // LIST))
        place = min(max(page, 1), last)
        rows = "" if self.look.scripted else self.boxes(category, found[(place - 1) * LIST : place * LIST])
        below = "".join(f"<li>{self._link(one)}</li>" for one in self.categories.values() if one.parent == category.no)
        links = "".join(
            f'<li><a href="/shop/shopbrand.html?{self._query(category)}&amp;sort=&amp;page={number}">{number}</a></li>'
            for number in range(1, last + 1) if number != page
        )  # fmt: skip
        body = (
            f'<div id="prdBrand"><ul class="sub">{below}</ul><div class="total-sort"><p class="total">총 '
            f"<strong>{len(found)}</strong>개의 상품이 있습니다.</p></div>\n"
            f'<div class="item-wrap"><ul>\n{rows}</ul></div>\n'
            f'<ol class="paging"><li class="now">{page}</li>{links}</ol></div>'
        )
        return self.frame(category.name, body)

    def boxes(self, category: Category, found: Sequence[Product]) -> str:
        """Return products as a list shows them."""
        return "".join(self._box(one, category) for one in found)

    def _box(self, product: Product, category: Category) -> str:
        picture = goods.images(product, ids.brandcode(product, self.categories))[0].replace(".jpg", "3.jpg")
        name, link = values.line(product.name) or "", self.product_link(product, category)
        strike = f'<span class="prd-ori"><strike>{product.list_price:,}원</strike></span>' if product.list_price else ""
        icon = '<span class="MK-product-icons"><img src="/images/common/prod_soldout.gif" alt="품절" /></span>'
        return (
            f'<li class="item"><div class="thumb"><a href="{link}"><img class="MS_prod_img_m" src="{picture}" alt="" />'
            f'</a></div><div class="prd-info"><span class="prd-name">{escape(name)}</span>{strike}'
            f'<span class="prd-price">{product.price:,}원</span>{icon if product.sold_out else ""}</div></li>\n'
        )

    # -- a product ----------------------------------------------------------------------------------------------------

    def product(self, product: Product, reviews: str) -> str:
        """Return the page of a product; `reviews` is what stands below it."""
        parts = {
            "fields": self._fields(product), "buttons": NO_CART if product.sold_out else CART,
            "choices": self._choices(product),
            "summary": f'<p class="subname">{escape(product.summary)}</p>\n  ' if product.summary else "",
        }  # fmt: skip
        code = ids.brandcode(product, self.categories)
        main, *more = goods.images(product, code)
        size = main.replace(".jpg", "2.jpg")
        if self.look.old:
            parts |= {"title": f'<h3 class="tit-prd">{product.name}</h3>', "prices": self._table(product)}
            trail = " &gt; ".join(self._link(self.categories[no]) for no in self._main(product).chain)
            top = f'<div class="loc-navi"><a href="/">홈</a> &gt; {trail}</div>\n'
            top += f'<div class="thumb-wrap"><img class="detail_image" id="lens_img" src="{size}" alt="" /></div>'
        else:
            strike = (
                f'<span class="original"><strike>{product.list_price:,}원</strike></span>' if product.list_price else ""
            )
            parts |= {
                "title": f'<h2 class="goods--title">{product.name}</h2>',
                "prices": f'<div class="goods--price-wrap">{strike}<span class="price"><strong>'
                f'<span class="MK_p_price">{product.discounted or product.price:,}</span></strong>원</span></div>',
            }  # fmt: skip
            shown = "".join(f'<img src="{one}" alt="" />' for one in (size, *more))
            top = f'<div class="goods-imgs--view">{shown}</div>'
        detail = f'<div class="prd-detail"><!-- [OPENEDITOR] -->{product.description}</div>'
        body = (
            f'<div id="productDetail">\n{top}\n{FORM.format(**parts)}\n{detail}\n</div>\n{self._script(product)}\n'
            f'<a name="brandreview"></a>\n{reviews}'
        )
        return self.frame(values.line(product.name) or "", body, "" if self.look.old else self._head(product))

    def _main(self, product: Product) -> Category:
        return self.categories[product.categories[0]]

    def _fields(self, product: Product) -> str:
        first, second, third = ids.levels(self._main(product), self.categories)
        told = {
            "brandcode": ids.brandcode(product, self.categories), "branduid": ids.uid(product), "xcode": first,
            "mcode": second, "scode": third, "price": f"{product.price:,}",
            "disprice": f"{product.discounted:,}" if product.discounted else "", "miniq": "1", "maxq": "2147483647",
            "product_type": "NORMAL",
        }  # fmt: skip
        return "\n".join(f'  <input type="hidden" name="{name}" value="{value}" />' for name, value in told.items())

    @staticmethod
    def _table(product: Product) -> str:
        rows = {"소비자가": f"<strike>{product.list_price:,}원</strike>"} if product.list_price else {}
        price = f'<span id="pricevalue" class="MK_p_price">{product.discounted or product.price:,}</span>원'
        rows |= {"판매가격": price, "적립금": f"{product.price // 100:,}원", "원산지": escape(product.origin)}
        rows |= {"브랜드": escape(product.brand)} if product.brand else {}
        rows |= {"제조사": escape(product.maker)} if product.maker else {}
        told = "".join(f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in rows.items())
        return f'<table class="table-opt"><tbody>{told}</tbody></table>\n  '

    def _choices(self, product: Product) -> str:
        """Return the choices: a single one has state and number on its values, of several that combine it is 0."""
        single = len(product.axes) == 1
        found = ""
        for number, axis in enumerate(product.axes, 1):
            told = ""
            for place, value in enumerate(axis.values):
                one = product.variants[place]
                state = f'sto_id="{one.place}" sto_state="{goods.state(one)}" price="{product.price + one.surcharge}"'
                if single and goods.state(one) == "HIDE":
                    continue
                shown, state = escape(value), state if single else 'sto_id="0"'
                told += f'<option value="{place}" title="{shown}" {state}>{shown}</option>'
            name = escape(axis.name)
            found += (
                f'<input type="hidden" class="basic_option" opt_id="{number}" value="{name}" />'
                f'<select name="optionlist[]" class="basic_option" opt_id="{number}" label="{name}">'
                f'<option value="">옵션 선택</option>{told}</select>\n'
            )
        for number, name in enumerate(product.text_options, len(product.axes) + 1):
            found += (
                f'<input type="text" name="optionlist[]" class="custom_option" opt_id="{number}" '
                f'label="{escape(name)}" opt_mandatory="N" value="" />\n'
            )
        return f'<div class="opt-wrap">{found}</div>' if found else ""

    def has_literal(self, product: Product) -> bool:
        """Return whether the engine prints the combinations: on some pages of old skins an empty text stands there."""
        return not (self.look.old and product.no % 5 == 2)

    def _script(self, product: Product) -> str:
        final = product.discounted or product.price
        told = self._literal(product) if self.has_literal(product) else "''"
        name = product.name.replace("\\", "\\\\").replace("'", "\\'")
        lines = (
            f"var product_uid = '{ids.uid(product)}';", f"var product_name = '{name}';",
            f"var product_price = '{final}';", f"var option_type = '{'NO' if product.plain else 'PS'}';",
            f"var option_display_type = '{'EACH' if len(product.axes) == 1 else 'EVERY'}';",
            f"var is_dummy = {'true' if product.plain else 'false'};", "var min_amount = '1';",
            "var max_amount = '0';", "var pre_optionJsonData = {basic:{0:{0:{sto_id:'1',sto_real_stock:'999'}}}};",
            f"var optionJsonData = {told};",
        )  # fmt: skip
        return SCRIPT.format("\n    " + "\n    ".join(lines) + "\n")

    def _literal(self, product: Product) -> str:
        """Return a JavaScript literal: bare and numeric keys, single quotes, entities inside the values."""
        rows: dict[int, list[str]] = {}
        mixed = ",".join(str(place) for place in range(1, len(product.axes) + 1))
        for one in product.variants:
            first = one.choice[0] if len(product.axes) > 1 else 0
            rows.setdefault(first, []).append(self._combination(product, one, mixed, first, len(rows.get(first, []))))
        basic = ",".join(f"{first}:{{{','.join(below)}}}" for first, below in rows.items())
        extra = ""
        if product.no % 9 == 4:
            told = {"sto_id": len(product.variants) + 1, "opt_ids": len(product.axes) + 9, "opt_values": "포장함"}
            told |= {"sto_type": "ADDITION", "sto_price": 2500, "sto_unlimit": "Y"}
            extra = f",addition:{{0:{{0:{{{self._entry(product, told)}}}}}}}"
        return f"{{basic:{{{basic}}}{extra}}}"

    def _combination(self, product: Product, one: Variant, mixed: str, first: int, place: int) -> str:
        code = (one.code or "") if product.axes else (product.code or "") if product.no % 2 else ""
        told: dict[str, object] = {
            "sto_id": one.place, "opt_ids": mixed, "sto_sort": one.place - 1, "sto_matrix": f"{first}:{place}",
            "sto_code": code, "opt_values": ",".join(one.values), "sto_price": one.surcharge,
            "sto_real_stock": goods.level(one) or 0, "sto_unlimit": "N" if one.managed else "Y",
            "sto_order_stock": one.no % 40, "sto_state": goods.state(one), "org_opt_price": one.surcharge,
            "sto_note": "재입고 {예정}; '12월 1일'" if one.place % 4 == 2 else "",
        }  # fmt: skip
        return f"{place}:{{{self._entry(product, told)}}}"

    @staticmethod
    def _entry(product: Product, known: dict[str, object]) -> str:
        told: dict[str, object] = {
            "adminuser": ids.SHOP, "uid": ids.uid(product), "sto_id": "", "opt_ids": "", "sto_type": "BASIC",
            "sto_sort": 0, "sto_matrix": "0:0", "sto_code": "", "opt_values": "", "sto_price": 0,
            "sto_provide_price": 0, "sto_real_stock": 0, "sto_unlimit": "N", "sto_check": "", "sto_stop_use": "Y",
            "sto_stop_stock": 0, "sto_stop_send": "Y", "sto_stop_date": ids.NEVER, "sto_safe_use": "N",
            "sto_safe_stock": 0, "sto_safe_send": "N", "sto_safe_date": ids.NEVER, "sto_order_stock": 0,
            "sto_state": "SALE", "sto_note": "", "sto_smartpickup": "", "sto_image": "", "sto_detail_image": "",
            "sto_max": "", "sto_min": "", "org_opt_price": 0,
        }  # fmt: skip
        quoted = {name: escape(str(value), quote=False).replace("'", "\\'") for name, value in (told | known).items()}
        return ",".join(f"{name}:'{value}'" for name, value in quoted.items())

    def _head(self, product: Product) -> str:
        """Return OpenGraph and linked data; what the latter says about availability is always the same."""
        main, *more = (one.partition("?")[0] for one in goods.images(product, ids.brandcode(product, self.categories)))
        name, path = values.line(product.name) or "", self._main(product).path
        kinds = [f"{level} ({size})" for level, size in zip(path, SIZES, strict=False)]
        told = {
            "@context": "https://schema.org", "@type": "Product", "name": name,
            "image": [one if "://" in one else f"{self.origin}/{one}" for one in (main, *more)], "description": name,
            "category": " > ".join(reversed(kinds)), "sku": ids.uid(product),
            "offers": {
                "@type": "Offer", "priceCurrency": "KRW", "price": str(product.discounted or product.price),
                "availability": "https://schema.org/InStock", "url": self.address(product),
            },
        }  # fmt: skip
        linked = json.dumps(told, ensure_ascii=False).replace("</", "<\\/")
        return (
            f'<meta property="og:type" content="product" />\n<meta property="og:title" content="{escape(name)}" />\n'
            f'<meta property="og:image" content="{self.origin}{main}" />\n'
            f'<meta property="og:url" content="{self.address(product)}" />\n'
            f'<link rel="canonical" href="{self.address(product)}" />\n'
            f'<script type="application/ld+json">{linked}</script>'
        )
