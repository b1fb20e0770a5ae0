"""Frame and lists of an emulated WISA storefront: what the engine prints in every skin, and the skins around it.

Unverified, as the sources say: the alert of a missing product, the script of the log-in wall, the look of a block page.
"""

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from sandbox import wisa_ids as ids
from sandbox.entities import Category, Product
from sandbox.wisa_goods import Shop

SKIN = "demo_240101"
ALL = 1000
"""Number of the category that holds everything."""
SHOWN, REVIEWS = 12, 10
"""Products and reviews on a page."""
HEAD = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
MISSING = (
    f'{HEAD}</head><body><script type="text/javascript">window.alert("존재하지 않는 상품입니다.");history.back();'
    "</script></body></html>"
)
LOGIN_WALL = (
    f'{HEAD}</head><body><script type="text/javascript">location.href="/member/login.php";</script></body></html>'
)
BLOCK = (
    '<html><head><meta charset="utf-8"><title>접근 제한</title></head><body><div class="captcha"><p>비정상적인 접근이 '
    '감지되어 접속이 제한되었습니다.</p><div class="g-recaptcha" data-sitekey="FAKE"></div></div></body></html>'
)
CREMA = (
    "<script>(function(i,s,o,g,r,a,m){if(s.getElementById(g)){return};a=s.createElement(o),"
    "m=s.getElementsByTagName(o)[0];a.id=g;a.async=1;a.src=r;m.parentNode.insertBefore(a,m)})"
    "(window,document,'script','crema-jssdk','//widgets.cre.ma/demo-wisa.example.com/init.js');</script>"
)
NUISANCES = (
    '<script src="/slow.js"></script><script src="/failing.js"></script><script>var broken = "never closed;</script>'
    "<script>throw new Error('a skin that is broken');</script><script>alert('이벤트!');window.open('/popup.html');"
    "if (navigator.serviceWorker) navigator.serviceWorker.register('/worker.js').catch(function () {});</script>"
    '<script async src="https://tracker.example.net/t.js"></script><img src="/images/never.gif" alt="">'
    '<iframe src="intent://open#Intent;scheme=kakaotalk;end" style="display:none"></iframe>'
)
"""Of a careless skin: scripts that are slow, fail and throw, dialogs, pop-ups, workers, addresses of strangers."""
FRAME = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">
<html lang="ko">
<head>
<meta http-equiv="Content-Type" content="text/html; charset={charset}">
<title>{title} - 데모위사</title>
{head}<link rel="stylesheet" type="text/css" href="{origin}/_data/wing_{skin}_temp.css">
<script type="text/javascript">
var hid_frame='hidden1757900000';
var mlv='10';
var alv='';
var root_url='{origin}';
var engine_url='{origin}/wm_engine_SW';
var this_url='{origin}{path}';
var ssl_url='{origin}/main/exec.php';
var soldout_name='품절';
var currency = "원";
var currency_type = "원";
var currency_decimal='0';
var browser_type = 'pc';
var mobile_browser = '';
var ssl_type = 'Y';
</script>
<script type="text/javascript" src="{engine}/lang/lang_kor.js?00000002"></script>
<script type="text/javascript" src="{engine}/common.js?202609150900"></script>
<script type="text/javascript" src="{engine}/shop.review.js?202609150900"></script>
</head>
<body>
<iframe name="hidden1757900000" src="about:blank" width="0" height="0" style="display:none"></iframe>
<script type="text/javascript" src="{engine}/shop.js"></script>
{nuisances}<div id="skin_{name}_big_div">
{body}
</div>
{crema}</body>
</html>
"""


class Look(NamedTuple):
    """What the pages of a mall are like."""

    charset: str = "utf-8"
    day: str = "%Y/%m/%d"
    scripted: bool = False
    """Lists go on, and reviews come, by a script of the skin; reviews are cards that hold their text."""
    old: bool = False
    """A skin and an engine of years ago: other prices in lists, no reviews at the product, lists repeat their end."""
    crema: bool = False
    careless: bool = False
    drawn: bool = False
    """A script of the skin draws the product (assumed: no source shows one), so that only a browser sees it."""
    wall: str = ""
    """Shown instead of everything."""


class Pages:
    """Pages of one mall at its address."""

    def __init__(self, shop: Shop, look: Look, origin: str) -> None:
        self.shop = shop
        self.look = look
        self.origin = origin
        self.categories = shop.world.categories

    def frame(self, name: str, title: str, path: str, body: str, head: str = "") -> str:
        """Return a page in the frame that the engine prints into every skin."""
        return FRAME.format(
            charset="euc-kr" if self.look.charset == "cp949" else "utf-8", title=title, head=head, origin=self.origin,
            skin=SKIN, path=path, engine=f"{self.origin}/wm_engine_SW/_engine/common", name=name, body=body,
            nuisances=NUISANCES if self.look.careless else "", crema=CREMA if self.look.crema else "",
        )  # fmt: skip

    def main(self) -> str:
        """Return the mall's first page: it leads to the categories."""
        links = "".join(f"<li>{self._link(one)}</li>" for one in self.categories.values() if not one.parent)
        whole = f'<li><a href="{self.origin}/shop/big_section.php?cno1={ALL}">전체상품</a></li>'
        return self.frame("main_index", "메인", "/", f'<ul class="gnb">{whole}{links}</ul>')

    @staticmethod
    def _link(category: Category) -> str:
        return f'<a href="/shop/big_section.php?cno1={category.no}">{html.escape(category.name)}</a>'

    def path(self, category: Category) -> str:
        """Return links from the top to a category."""
        return "".join(f" &gt; {self._link(self.categories[no])}" for no in category.chain)

    def section(self, category: int, page: int, path: str, listed: Sequence[tuple[int, Product]]) -> str:
        """Return a page of a category; beyond the end it is empty, or the last one again."""
        last = max(1, -(-len(listed) // SHOWN))
        page = min(page, last) if self.look.old else page
        cards = self.cards(category, listed[(page - 1) * SHOWN : page * SHOWN])
        below = [one for one in self.categories.values() if one.parent == (0 if category == ALL else category)]
        links = "".join(f'<li class="cate_{one.no}">{self._link(one)}</li>' for one in below)
        here = f'<a href="/shop/big_section.php?cno1={category}" class="active">전체</a>'
        if self.look.scripted:
            more = "prdMore(this, 'shop_big_section.php', 'prd_basic'); return false;"
            end = f'<a href="#" class="more" data-cno1="{category}" onclick="{more}">더보기</a>' if last > 1 else ""
        else:
            end = pager(page, last, f"?page={{}}&amp;cno1={category}")
        body = (
            f'<div id="big_section">\n<ul class="sub_category"><li class="cate_{category}">{here}</li>{links}</ul>\n'
            f'<div class="total_sort"><p class="total"><strong>{len(listed)}</strong>개의 상품</p></div>\n'
            f'<ul class="prd_basic col3" id="prd_basic">\n{cards}\n</ul>\n{end}</div>'
        )
        return self.frame("shop_big_section", "상품", path, body)

    def cards(self, category: int, listed: Iterable[tuple[int, Product]]) -> str:
        """Return the items of a list; a shortcut bears its own number."""
        card = self._old_card if self.look.old else self._card
        return "\n".join(card(category, number, product) for number, product in listed)

    def _target(self, category: int, number: int) -> str:
        back = quote(f"{self.origin}/shop/big_section.php?cno1={category}", safe="")
        return f"{self.shop.link(number)}&amp;rURL={back}&amp;ctype=1&amp;cno1={category}"

    def _old_card(self, category: int, number: int, product: Product) -> str:
        link, out = self._target(category, number), ids.product_stat(product) == "3"
        price = product.price_text or f"KRW{product.price:,}"
        return (
            f'<li><div class="box"><a href="{link}"><img src="{ids.picture(product, "s")}"></a><p class="name">'
            f'<a href="{link}">{product.name}</a></p><ul class="prc"><li><span class="p_value"><strong>{price}</strong>'
            f"</span></li></ul>{'<span>Sold out</span>' if out else ''}</div></li>"
        )

    def _card(self, category: int, number: int, product: Product) -> str:
        link, out = self._target(category, number), ids.product_stat(product) == "3"
        over = f'<div class="soldout" onclick="location.href=\'{link}\'">SOLD OUT</div>' if out else ""
        sold = f"<strong>{product.price:,}</strong>원" if not product.price_text else product.price_text
        listed = f'<p class="consumer">{product.list_price:,}원</p>' if product.list_price else ""
        picture, quick = ids.picture(product, "s"), f"quickDetailPopup(this, {number}, '{category}');"
        return f"""<li><div class="box {"out" if out else ""}">
<div class="img"><div class="prdimg"><a href="{link}"><img src="{picture}" width="380"></a></div>{over}</div>
<div class="info">
<ul class="quick" style="display:none"><li><a href="javascript:{quick}">팝업</a></li></ul>
<p class="name"><a href="{link}">{product.name}</a></p>
<div class="summary"></div>
<div class="price">{listed or '<p class="consumer dn"></p>'}<p class="sell">{sold}</p></div>
<ul class="count"><li>Review {len(self.shop.published(product.no))}</li></ul>
</div></div></li>"""


def pager(page: int, last: int, link: str) -> str:
    """Return links to up to ten pages. Shape of link: "?page={}"."""
    first = (page - 1) // 10 * 10 + 1
    items = "".join(
        f"<li><strong>{at}</strong></li>" if at == page else f'<li><a href="{link.format(at)}">{at}</a></li>'
        for at in range(first, min(first + 9, last) + 1)
    )
    return f'<ul class="paging"><li></li>{items}<li></li></ul>'


def under(category: Category | None, product: Product, categories: dict[int, Category]) -> bool:
    """Return whether a product stands in a category or below it; None holds everything."""
    return category is None or any(category.no in categories[no].chain for no in product.categories)
