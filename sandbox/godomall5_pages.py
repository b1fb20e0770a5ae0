"""Pages of an emulated Godomall5 storefront in a default skin: the first page, lists, products.

Unverified, as the sources say: how a combined select joins the values of several axes ("/"), what the page of a product
that is shown and not sold looks like (as one that is sold out), how a page shows that the mall has Plus Review (a
script that names the fragment), whether stock that is not counted is printed as 0.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

from sandbox import godomall5_ids as ids
from sandbox.entities import Category, Product, Review, Variant
from sandbox.world import World
from shopscrape import values

MALL_NAME = "데모몰"
REASONS = {"n": "품절", "t": "입고예정"}
"""What a select says of a combination that is not on sale."""
BAD = "<script type=\"text/javascript\">alert('잘못된 접근입니다.');history.back(-1);</script>"
NOT_FOR_SALE = (
    "<script type=\"text/javascript\">alert('해당 상품은 현재 구매가 불가한 상품입니다.');"
    "location.replace('/');</script>"
)
ALERT = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{}</body></html>'
FRAME = """<!doctype html>
<html>
<head>
<title>{title} | 데모몰</title>
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="description" content="데모몰" />
<meta name="csrf-token" content="0000000000" />
{head}</head>
<body class="body-{body_class} pc">
<div class="gnb"><ul>{menu}</ul></div>
{body}
{crema}</body>
</html>
"""
CREMA = (
    "<script>(function(i,s,o,g,r,a,m){{a=s.createElement(o);m=s.getElementsByTagName(o)[0];a.async=1;a.src=g;"
    "m.parentNode.insertBefore(a,m)}})(window,document,'script','//widgets.cre.ma/{}/init.js');</script>"
)
SCRIPT = """<script type="text/javascript">
var bdGoodsQaId = 'goodsqa';
var bdGoodsReviewId = 'goodsreview';
var goodsNo = '{no}';
var goodsViewController = new gd_goods_view();
$(document).ready(function(){{
  var parameters = {{ {told} }};
  goodsViewController.init(parameters);
}});
</script>"""
VIEW = """{script}{plus}
<div class="content_box"><div class="item_photo_info_sec">
<div class="item_photo_view_box"><div class="item_photo_view"><div class="item_photo_big" id="mainImage">
<span class="img_photo_big"><a href="#lyZoom"><img src="{picture}" alt="" /></a></span></div></div></div>
<form name="frmView" id="frmView" method="post">
{hidden}
<div class="item_info_box"><div class="item_tit_detail_cont">
<div class="item_detail_tit"><h3>{heading}</h3></div>
<div class="item_detail_list">
{details}
{options}</div>
{buttons}
</div></div></form></div>
<div class="item_goods_sec"><div id="detail"><div class="item_goods_tab"><ul><li class="on">
<a href="#detail">상품상세정보</a></li><li><a href="#reviews">상품후기 <strong>({count})</strong></a></li>
<li><a href="#qna">상품문의 <strong>(1)</strong></a></li></ul></div>
<div class="detail_cont"><h3>상품상세정보</h3><div class="detail_explain_box"><div class="image-manual"></div>
<div class="txt-manual">{description}</div></div>
<h3>상품필수 정보</h3><div class="detail_info_box"><div class="datail_table"><table class="left_table_type"><tbody>
<tr><th>제조국</th><td>대한민국</td></tr></tbody></table></div></div></div></div>
<div id="reviews"><div class="reviews_cont"><h3>상품후기</h3>{reviews}</div></div>
<div id="qna"><div id="ajax-goods-goodsqa-list"></div></div></div></div>"""
BUY = (
    '<div class="btn_choice_box"><button id="cartBtn" type="button" class="btn_add_cart">장바구니</button>'
    '<button type="button" class="btn_add_order">바로 구매</button></div>'
)
OFF = ' disabled="disabled"'
NO_BUY = (
    '<div class="btn_choice_box btn_restock_box"><button type="button" class="btn_add_soldout" disabled="disabled">'
    "구매 불가</button></div>"
)


class Look(NamedTuple):
    """What a mall's pages and robots.txt are like."""

    default_robots: bool = False
    """The platform's own robots.txt, which refuses everything."""
    edited: bool = False
    """A skin that its seller edited, in an older engine: lists and fragments name no pages and repeat their last one,
    fragments are short and want the session of a product's page, Plus Reviews come by their recommendations, a combined
    select bears the name of its axis, a discount is a time sale, JSON-LD is there."""
    plus: bool = False
    """Half of the reviews are Plus Reviews."""
    crema: bool = False
    adult: bool = False
    blocked: bool = False


class Pages:
    """Pages of one mall."""

    def __init__(self, world: World, look: Look, origin: str) -> None:
        self.world = world
        self.look = look
        self.origin = origin

    def frame(self, body_class: str, title: str, body: str, head: str = "") -> str:
        """Return a whole page."""
        menu = "".join(self._link(one) for one in self.world.categories.values() if not one.parent)
        crema = CREMA.format(ids.DOMAIN) if self.look.crema else ""
        return FRAME.format(
            title=escape(title), head=head, body_class=body_class, menu=menu, body=body, crema=crema
        )  # fmt: skip

    def _link(self, category: Category) -> str:
        code = ids.category_code(category, self.world)
        return f'<li><a href="../goods/goods_list.php?cateCd={code}">{escape(category.name)}</a></li>'

    def main(self) -> str:
        """Return the first page: it leads to the categories by its menu."""
        return self.frame("main-index", "데모몰", '<div class="content">어서오세요</div>')

    # -- lists --------------------------------------------------------------------------------------------------------

    def listing(self, category: Category | None, query: str, found: Sequence[Product], page: int, size: int) -> str:
        """Return a page of a list; past its end it is empty, in an edited skin it is the last page again."""
        pages = -(-len(found) // size)
        page = min(page, max(pages, 1)) if self.look.edited else page
        rows = found[(page - 1) * size : page * size]
        below = [one for one in self.world.categories.values() if category and one.parent == category.no]
        none = '<p class="goods_no_data">등록된 상품이 없습니다.</p>'
        shown = f"<ul>{''.join(map(self._item, rows))}</ul>" if rows else none
        path = "".join(f"<span>&gt; {escape(name)}</span>" for name in (category.path if category else ()))
        best = next((one for one in self.world.shown() if one.state == "on_sale"), None)
        gallery = (
            '<div class="goods_list"><div class="goods_list_cont"><div class="item_gallery_type">{}</div></div></div>'
        )
        recommended = (
            '<div class="best_item_view"><div class="best_item_view_tit"><h3>추천상품</h3></div>'
            f"{gallery.format(f'<ul>{self._item(best)}</ul>')}</div>" if best and rows else ""
        )  # fmt: skip
        links = paging(page, pages, lambda at: f"./goods_list.php?page={at}&{query}")
        body = (
            f'<div class="content"><div class="location_wrap"><em><a href="#" class="local_home">HOME</a></em>{path}'
            f'</div><ul class="sub_category">{"".join(map(self._link, below))}</ul>'
            f'<div class="goods_list_item">{recommended}<div class="goods_pick_list"><span class="pick_list_num">상품 '
            f"<strong>{len(found)}</strong> 개</span></div>{gallery.format(shown)}"
            f'<div class="pagination">{links if rows and not self.look.edited else ""}</div></div></div>'
        )
        return self.frame(
            "goods-goods-list", "상품 목록", body, f'<meta property="og:title" content="{MALL_NAME}" />\n'
        )

    @staticmethod
    def _item(product: Product) -> str:
        link = f"../goods/goods_view.php?goodsNo={ids.goods_no(product)}"
        closed = ids.closed(product)
        brand = f'<span class="item_brand"><strong>[{escape(product.brand)}]</strong></span>' if product.brand else ""
        price = "품절" if closed else product.price_text or f"<span>{product.price:,}원 </span>"
        before = f'<span style="text-decoration:line-through;">{product.list_price or 0:,}원 </span>'
        before = before if product.list_price else ""
        over = '<strong class="item_soldout_bg">SOLD OUT</strong>' if closed else ""
        gone = ' class="item_soldout"' if closed else ""
        return (
            f'<li{gone} style="width:25%;"><div class="item_cont">'
            f'<div class="item_photo_box"><a href="{link}"><img src="/data/goods{product.images[0]}" />{over}</a></div>'
            f'<div class="item_info_cont"><div class="item_tit_box">{brand}<a href="{link}"><strong class="item_name">'
            f'{product.name}</strong></a></div><div class="item_money_box">{before}<strong class="item_price">{price}'
            "</strong></div></div></div></li>"
        )

    # -- a product ----------------------------------------------------------------------------------------------------

    def product(self, product: Product, reviews: Sequence[Review]) -> str:
        """Return the page of a product; `reviews` are those that its page counts."""
        no, name = ids.goods_no(product), escape(values.line(product.name) or "")
        picture = f"/data/goods{product.images[0]}"
        head = (
            f'<meta property="og:type" content="product" />\n<meta property="og:title" content="{name}" />\n'
            f'<meta property="og:image" content="{self.origin}{picture}" />\n'
            f'<meta property="og:description" content="{MALL_NAME}" />\n'
            f'<meta property="og:url" content="{self.origin}/goods/goods_view.php?goodsNo={no}" />\n'
            '<meta name="twitter:card" content="summary" />\n'
        )
        if self.look.edited:
            head += f'<script type="application/ld+json">{json.dumps(self._linked(product, reviews))}</script>\n'
        told = ", ".join(f"'{name}' : '{value}'" for name, value in self._settings(product).items())
        plus = "<script>gd_load_list('../board/plus_review_list.php', { goodsNo : goodsNo });</script>"
        sale = self.look.edited and product.discounted
        box = "ajax-goods-review-list" if self.look.edited else "ajax-goods-goodsreview-list"
        widget = f'<div class="crema-product-reviews" data-product-code="{no}"></div>'
        body = VIEW.format(
            script=SCRIPT.format(no=no, told=told), plus=plus if self.look.plus else "", picture=picture,
            hidden="".join(
                f'<input type="hidden" name="{key}" value="{value}" />' for key, value in self._hidden(product)
            ),
            heading=f"{'[타임세일] ' if sale else ''}{product.name}", details=self._details(product),
            options=self._options(product), buttons=NO_BUY if ids.closed(product) else BUY, count=len(reviews),
            description=product.description, reviews=widget if self.look.crema else f'<div id="{box}"></div>',
        )  # fmt: skip
        return self.frame("goods-goods-view", values.line(product.name) or "", body, head)

    @staticmethod
    def _linked(product: Product, reviews: Iterable[Review]) -> dict[str, object]:
        told: dict[str, object] = {
            "@context": "https://schema.org", "@type": "Product", "name": values.line(product.name),
            "offers": {"@type": "Offer", "price": product.price, "priceCurrency": "KRW"},
        }  # fmt: skip
        if average := rating(reviews):
            told["aggregateRating"] = {"@type": "AggregateRating", "ratingValue": average}
        return told

    @staticmethod
    def _settings(product: Product) -> dict[str, object]:
        return {
            "setControllerName": "goodsViewController", "setOptionFl": "n" if product.plain else "y",
            "setOptionTextFl": "y" if product.text_options else "n", "setOptionDisplayFl": ids.display(product),
            "setAddGoodsFl": "n", "setIntDivision": "||", "setStrDivision": "^|^", "setMinOrderCnt": "1",
            "setMaxOrderCnt": "0", "setStockFl": "y" if ids.managed(product) else "n", "setSalesUnit": "1",
            "setGoodsPrice": f"{product.price}.00", "setGoodsNo": ids.goods_no(product),
            "setStockCnt": ids.total_stock(product),
        }  # fmt: skip

    def _hidden(self, product: Product) -> list[tuple[str, object]]:
        less = product.price - product.discounted if product.discounted and not self.look.edited else 0
        main = ids.category_code(self.world.categories[product.categories[0]], self.world)
        return [
            ("mode", "cartIn"), ("scmNo", 1), ("set_goods_price", 0 if product.price_text else product.price),
            ("set_goods_fixedPrice", f"{product.list_price or 0}.00"), ("set_goods_stock", ids.total_stock(product)),
            ("set_total_price", product.price), ("goodsDiscountFl", "y" if less else "n"),
            ("goodsDiscount", f"{less}.00"), ("goodsDiscountUnit", "price"), ("taxFreeFl", "t"), ("taxPercent", "10.0"),
            ("brandCd", "002" if product.brand else ""), ("cateCd", main), ("optionFl", "n" if product.plain else "y"),
        ]  # fmt: skip

    def _details(self, product: Product) -> str:
        price = product.price_text or f"{product.price:,}"
        rows = [
            ("", "정가", f"<del><span>{product.list_price:,}</span>원 </del>" if product.list_price else ""),
            ("item_price", "판매가", f"<strong>{price}</strong>{'' if product.price_text else '원 '}"),
            ("item_delivery", "배송비", "<strong>3,000원</strong>"), ("", "상품코드", ids.goods_no(product)),
            ("", "자체상품코드", escape(product.code or "")), ("", "제조사", escape(product.maker or "")),
            ("", "원산지", product.origin), ("", "브랜드", escape(product.brand or "")),
        ]  # fmt: skip
        if product.discounted and self.look.edited:
            both = f"<strong>{product.discounted:,}</strong>원 <del>{product.price:,}원</del>"
            rows[1] = ("time_sale_price", "타임세일가", both)
        elif product.discounted:
            rows.insert(2, ("", "할인적용가", f"<strong>{product.discounted:,}</strong>원 "))
        return "\n".join(
            f'<dl class="{name}"><dt>{label}</dt><dd>{value}</dd></dl>' for name, label, value in rows if value
        )

    def _options(self, product: Product) -> str:
        shown = ""
        if not product.plain:
            shown = self._axes(product) if ids.display(product) == "d" else self._combined(product)
        for place, name in enumerate(product.text_options):
            shown += (
                f'<dl><dt><input type="hidden" name="optionTextMust_{place}" value="n" /><input type="hidden" '
                f'name="optionTextLimit_{place}" value="20" /><span class="optionTextNm_{place}">{escape(name)}</span>'
                f'</dt><dd><input type="text" name="optionTextInput_{place}" value="" maxlength="21" /></dd></dl>'
            )
        return f'<div class="item_add_option_box">{shown}</div>\n' if shown else ""

    def _combined(self, product: Product) -> str:
        name = product.axes[0].name if self.look.edited and len(product.axes) == 1 else "옵션 선택"
        rows = "\n".join(self._combination(product, one) for one in product.variants)
        return (
            f'<dl><dt>{escape(name)}</dt><dd><select name="optionSnoInput" class="chosen-select" '
            'onchange="goodsViewController.option_price_display(this);">\n<option value="">= 옵션 : 가격 =</option>\n'
            f"{rows}\n</select></dd></dl>"
        )

    @staticmethod
    def _combination(product: Product, variant: Variant) -> str:
        label, flag = escape("/".join(variant.values)), ids.sell_flag(variant)
        out = flag != "y" or (ids.managed(product) and variant.sold_out)
        reason = REASONS.get(flag, "품절")
        value = f"{variant.no}||{variant.surcharge}||0||{variant.quantity or 0}^|^{label}"
        value += f"^|^{reason}" if flag == "t" else ""
        price = f" : {variant.surcharge:+,}원" if variant.surcharge else ""
        said = f" [{reason}]" if out else ""
        return f'<option value="{value}"{OFF if out else ""} alt="{label}"> {label}{price}{said}</option>'

    @staticmethod
    def _axes(product: Product) -> str:
        rows = []
        for place, axis in enumerate(product.axes):
            before = product.axes[place - 1].name if place else ""
            hint = f"{escape(before)}을 먼저 선택해 주세요" if place else f"{escape(axis.name)} 선택"
            choices = f'<option value="">= {hint} =</option>'
            if not place:
                open_ = [any(ids.free(product, one) for one in product.variants if one.choice[0] == at)
                         for at in range(len(axis.values))]  # fmt: skip
                choices += "".join(
                    f'<option value="{escape(value)}"{"" if free else OFF}>{escape(value)}'
                    f"{'' if free else ' [품절]'}</option>"
                    for value, free in zip(axis.values, open_, strict=True)
                )
            rows.append(
                f'<dl><dt>{escape(axis.name)}</dt><dd><select name="optionNo_{place}" class="chosen-select"'
                f"{OFF if place else ''}>{choices}</select></dd></dl>"
            )
        inputs = f'<input type="hidden" name="optionCntInput" value="{len(product.axes)}" />'
        return f'<input type="hidden" name="optionSnoInput" value="" />{inputs}{"".join(rows)}'


def paging(page: int, pages: int, link: Callable[[int], str]) -> str:
    """Return links to up to ten pages, the next one and the last one; `link` makes an address of a page."""
    first = (page - 1) // 10 * 10 + 1
    items = [
        f'<li class="on"><span>{at}</span></li>' if at == page else f'<li><a href="{link(at)}">{at}</a></li>'
        for at in range(first, min(first + 9, pages) + 1)
    ]
    if page < pages:
        items.append(f'<li class="btn_page btn_page_next"><a href="{link(page + 1)}">다음</a></li>')
        items.append(f'<li class="btn_page btn_page_last"><a href="{link(pages)}">맨뒤</a></li>')
    return f'<div class="pagination"><ul>{"".join(items)}</ul></div>' if items else ""


def rating(reviews: Iterable[Review]) -> str:
    """Return the average of what was rated, "" where nothing was."""
    told = [one.rating for one in reviews if one.rating]
    return f"{sum(told) / len(told):.1f}" if told else ""
