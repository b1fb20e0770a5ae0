"""Product pages of an emulated WISA storefront: the engine's form of hidden fields, and a skin around it.

Unverified, as the sources say: that a name with HTML in it stands escaped in the engine's hidden fields.
"""

import json

from sandbox import wisa_ids as ids
from sandbox.entities import Product
from sandbox.wisa_options import is_set, options_of, quoted
from sandbox.wisa_page_reviews import at_product
from sandbox.wisa_pages import Pages
from shopscrape import values

_BODY = """<div id="detail"><div class="wrap_prd">
<div class="navi"><a href="/">Home</a>{path}</div>
<form name="prdFrm" method="post" style="margin:0px" accept-charset="utf-8" data-prd_type="{kind}">
{fields}
<div class="prdimg"><div id="mimg_div" class="img"><img id="mainImg" src="{picture}" width="600" height="600"></div>
<div id='product_add_image_list'><ul>{pictures}</ul></div></div>
<div class="info"><h3 class="name">{name} <img src="/images/icon.gif" align="absmiddle"> <a href="#wish">위시</a></h3>
<div class="price">{listed}<span class="sell">{sold}</span></div>{sale}
{summary}
<table class="list"><tbody>
{facts}
{options}
</tbody></table>
<div class="btn"><a href="javascript:addCart(document.prdFrm,2);">{buy}</a></div>
</div>
<input type="hidden" name="opt_no" value="{count}"></form>
</div>
{related}<div class="detail_info"><div class="wing-detail-more-area" data-height="500" data-state="closed">
<div class="wing-detail-more-contents" style="height:500;">{description}</div></div></div>
{reviews}</div>"""
_RELATED = """<div class="related"><input type="hidden" name="option_necessary1[9]" value="Y">
<input type="hidden" name="option_type1[9]" value="2"><input type="hidden" name="option_name1[9]" value="관련 색상">
<select name="option1[9]" class="wing_multi_option pno999 necessary_Y" data-pno="999" data-type="2A">
<option value="">::관련 색상::</option><option value="핑크::0::0::799900::cpx0::">핑크</option></select></div>
"""
"""A product that is offered beside another one, with an option of its own."""


def detail(pages: Pages, number: int, product: Product, path: str, page: int) -> str:
    """Return the page of a product; under the number of a shortcut it is the original's in all but its name."""
    world, broken = pages.shop.world, product.no % 3 > 0
    count, options = options_of(product, world, broken)
    fields = hidden(number, product, is_set(product, world), broken)
    picture = ids.picture(product, "m")
    body = _BODY.format(
        path=pages.path(world.categories[product.categories[0]]), kind=4 if is_set(product, world) else 1,
        fields="\n".join(f'<input type="hidden" name="{key}" value="{value}">' for key, value in fields.items()),
        picture=picture, name=product.name, options=options, count=count, facts=_facts(product),
        pictures="".join(f'<li><img src="{one}#addimg"></li>' for one in (picture, *ids.more_pictures(product))),
        listed=f"<del>{product.list_price:,}원</del>" if product.list_price else "",
        sold=product.price_text or f"<strong>{product.price:,}</strong>원",
        sale='<p class="timesale">타임세일 <span>02:13:44</span></p>' if product.discounted else "",
        summary=f'<p class="summary">{product.summary}</p>' if product.summary else "",
        buy="품절" if fields["stat"] == "3" else "바로구매", related=_RELATED if product.no % 10 == 4 else "",
        description=product.description, reviews=at_product(pages, number, product, page),
    )  # fmt: skip
    if pages.look.drawn:
        told = json.dumps(body).replace("<", "\\u003c")
        body = f'<div id="drawn"></div><script type="text/javascript">window.drawn = {told};</script>'
    return pages.frame("shop_detail", product.name, path, body, _head(product))


def hidden(number: int, product: Product, made_of: bool, broken: bool) -> dict[str, object]:
    """Return the engine's hidden fields, the same in every skin."""
    told: dict[str, object] = {
        "pno": ids.hash_of(number), "product_name": quoted(product.name, broken), "stat": ids.product_stat(product),
        "ea_type": "1" if ids.counted(product) else "2", "min_ord": "1", "max_ord": "0", "ea": "0", "next": "",
        "exec": "", "rURL": "", "total_prc": product.price, "pay_prc": product.discounted or product.price,
        "new_total_prc": product.price, "sell_prc_consultation": quoted(product.price_text or "", broken), "qd": "",
        "prdcpn_no": "",
    }  # fmt: skip
    return told | ({"set_pno": ids.hash_of(product.no)} if made_of else {})


def _head(product: Product) -> str:
    """Return what an operator typed for search engines, some of it broken, and a coupon price that is no price."""
    name, head = quoted(values.line(product.name) or "", False), ""
    if product.no % 3 == 0:
        head += f'<meta property="og:type" content="product">\n<meta property="og:title" content="{name}">\n'
    if product.no % 6 == 1:
        head += f"<meta property=“og:title” content=“{name}”>\n"
    if product.no % 5 == 0:
        offer = f'{{"@type":"Offer","price":{product.price // 2},"priceCurrency":"KRW"}}'
        told = f'{{"@context":"https://schema.org","@type":"Product","sku":"{product.no}","offers":{offer}}}'
        head += f'<script type="application/ld+json">{told}</script>\n'
    return head


def _facts(product: Product) -> str:
    """Return rows of the skin's table; some skins print the stock of the whole product."""
    rows = {"적립금": f"{product.price // 100}원", "제조국": product.origin}
    rows |= {"브랜드": product.brand} if product.brand else {}
    rows |= {"제조사": product.maker} if product.maker else {}
    if product.no % 4 == 0:
        whole = sum(ids.quantity(one) for one in product.variants)
        rows["총상품재고"] = f"{whole:,}" if ids.counted(product) else "무제한"
    told = "\n".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows.items())
    count = '<input type="text" name="buy_ea" value="1" class="form_input">'
    return f'{told}\n<tr><th scope="row">수량</th><td><div class="box_qty">{count}</div></td></tr>'
