"""WISA product pages and lists: options of all kinds, what sells out, sets, shortcuts, broken quotes, EUC-KR."""

import re
from pathlib import Path

import pytest
from wisa_cases import of_type, read, records

from shopscrape.errors import NotFound, PageFailed
from spiders.wisa import mapping, pages
from spiders.wisa.mapping_pages import sold_out_items, stock_questions
from spiders.wisa.shapes import hash_of

ROOT = "https://shop.example.com"


def hidden(**fields):
    return "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())


def choice(at, name, values, *, kind="select", necessary="Y", number="77", suffix="", off=()):
    """One option of a page. `values`: (name, surcharge, item number)."""
    types = {"select": "2", "radio": "3", "text": "4", "chip": "5"}
    told = hidden(**{f"option_necessary{at}{suffix}": necessary, f"option_type{at}{suffix}": types[kind],
                     f"option_name{at}{suffix}": name})  # fmt: skip
    field = f'name="option{at}{suffix}" data-necessary="{necessary}" data-type="{types[kind]}A" data-pno="{number}"'
    field += f' class="wing_multi_option pno{number} necessary_{necessary}"'
    values = [(f"{text}::{extra}::0::{item}::cpx0::", text, item) for text, extra, item in values]
    if kind == "select":
        told += f'<select {field}><option value="">::{name}::</option>'
        told += "".join(
            f'<option value="{value}" {"disabled" if item in off else ""}>{text}</option>'
            for value, text, item in values
        )
        return told + "</select>"
    if kind == "radio":
        return told + "".join(
            f'<label><input type="radio" {field} value="{value}">{text}{" (품절)" if item in off else ""}</label>'
            for value, text, item in values
        )
    if kind == "text":
        return told + f'<input type="text" {field}>'
    chips = "".join(
        f'<a class="optChipSet{at} optChipItem{item}{" soldout" if item in off else ""}" data="{item}" '
        f"onclick=\"selectOptionChip({at}, '{value}', this);return false;\">{text}</a>"
        for value, text, item in values
    )
    return told + f'<input type="hidden" {field}>{chips}'


def page(*options, number=77, prd_type="1", skin="", head="", script="", **fields):
    """A product page; fields change the hidden ones of the engine's form."""
    engine = {
        "pno": hash_of(number), "product_name": "양말", "stat": "2", "ea_type": "1", "total_prc": "9000",
        "pay_prc": "9000", "sell_prc_consultation": "",
    } | fields  # fmt: skip
    return (
        f"<!DOCTYPE html><html><head>{head}<script>var root_url='{ROOT}';{script}</script></head><body>"
        '<div id="skin_shop_detail_big_div"><div id="detail">'
        f'<form name="prdFrm" data-prd_type="{prd_type}">{hidden(**engine)}{skin}'
        f"{''.join(options)}</form></div></div></body></html>"
    )


def mapped(kind, text, **told):
    found = read(kind, text, source="web", **told)
    assert found.failed == [] and not found.tally.left_over
    return records(found)


def product(*options, context=None, **fields):
    return mapped("products.page", page(*options, **fields), context=context)[0]


COLOUR = ("색상", [("회색", 0, "81"), ("검정", 500, "82")])
SIZE = ("크기", [("M", 0, "91"), ("L", -300, "92")])


@pytest.mark.parametrize("kind", ["select", "radio", "chip"])
def test_choices_of_all_kinds_make_the_same_variants(kind):
    told = product(choice(1, *COLOUR, kind=kind), choice(2, *SIZE, kind=kind))
    assert told["options"] == [{"name": "색상", "values": ["회색", "검정"]}, {"name": "크기", "values": ["M", "L"]}]
    assert [(row["variant_id"], row["price"]) for row in told["variants"]] == [
        ("81_91", "9000"), ("81_92", "8700"), ("82_91", "9500"), ("82_92", "9200"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["chip"])
def test_chips_whose_skin_turns_the_quotes_round(kind):
    text = choice(1, *COLOUR, kind=kind).replace('onclick="', "onclick='").replace(';">', ";'>")
    for number in ("81", "82"):
        text = re.sub(rf"1, '(.*?{number}::cpx0::)', this", r'1, "\1", this', text)
    assert [row["variant_id"] for row in product(text)["variants"]] == ["81", "82"]


@pytest.mark.parametrize("kind", ["select", "radio", "chip"])
def test_what_is_sold_out_on_the_page(kind):
    told = product(choice(1, *COLOUR, kind=kind, off=("82",)))
    assert [row["available"] for row in told["variants"]] == [True, False]


def test_a_deeper_choice_that_was_not_asked_about_is_unknown():
    two = [choice(1, *COLOUR, off=("82",)), choice(2, *SIZE)]
    found = {row["variant_id"]: row.get("available") for row in product(*two)["variants"]}
    assert found == {"81_91": None, "81_92": None, "82_91": False, "82_92": False}
    asked = product(*two, context={"sold_out": {"@81": ["92"]}})
    assert {row["variant_id"]: row.get("available") for row in asked["variants"]} == {
        "81_91": True, "81_92": False, "82_91": False, "82_92": False,
    }  # fmt: skip
    assert all(row["available"] is True for row in product(*two[1:], ea_type="2")["variants"])


def test_a_third_choice_needs_two_answers():
    three = [
        choice(1, "색상", [("회색", 0, "81")]),
        choice(2, "크기", [("M", 0, "91")]),
        choice(3, "끈", [("긴", 0, "95"), ("짧은", 0, "96")]),
    ]
    options = pages.options(pages.selector(page(*three).encode()))
    assert stock_questions(options, {}) == ["@81"]
    assert stock_questions(options, {"@81": []}) == ["@81@91"]
    assert stock_questions(options, {"@81": ["91"]}) == []
    assert stock_questions(options, {"@81": [], "@81@91": ["95"]}) == []
    told = product(*three, context={"sold_out": {"@81": [], "@81@91": ["95"]}})
    assert [row["available"] for row in told["variants"]] == [False, True]
    assert [row.get("available") for row in product(*three, context={"sold_out": {"@81": []}})["variants"]] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    "body, items", [(b"7012", ["7012"]), (b"@7012@7013\n", ["7012", "7013"]), (b"", []), (b"<html>1</html>", [])]
)
def test_answers_about_sold_out_choices(body, items):
    assert sold_out_items(body) == items


def test_nothing_of_a_product_that_is_off_sale_can_be_bought():
    for stat, word in (("3", "sold_out"), ("4", "hidden"), ("1", "pending")):
        found = mapped("products.page", page(choice(1, *COLOUR), stat=stat))
        assert found[0]["status"] == word
        assert {row["available"] for row in of_type(found, "Stock")} == {False}


def test_free_fields_optional_choices_and_add_ons_make_no_variants():
    told = product(
        choice(1, *COLOUR), choice(2, "각인", [], kind="text"),
        choice(3, "포장", [("선물", 1000, "97")], necessary="N"),
        choice(4, "함께", [("깔창", 3000, "98")], necessary="P"),
        choice(5, "필수", [("예", 0, "99")], necessary="C"),
    )  # fmt: skip
    assert [row["name"] for row in told["options"]] == ["색상", "필수"] and told["text_options"] == ["각인"]
    assert [row["variant_id"] for row in told["variants"]] == ["81_99", "82_99"]


def test_options_of_related_products_are_not_the_product_s():
    told = product(choice(1, *COLOUR), choice(1, "다른 것", [("가", 0, "5")], suffix="[1]", number="12"))
    assert [row["name"] for row in told["options"]] == ["색상"] and told["product_id"] == "77"


@pytest.mark.parametrize("made_of", [{"prd_type": "4"}, {"prd_type": "5"}, {"prd_type": "6"}, {"set_pno": "9"}])
def test_a_set_shows_the_choices_of_its_parts_and_no_variants(made_of):
    found = mapped(
        "products.page",
        page(choice(1, *COLOUR, suffix="[1]", number="12"), choice(1, *SIZE, suffix="[2]", number="13"), **made_of),
    )
    assert found[0]["product_id"] == "77" and [row["name"] for row in found[0]["options"]] == ["색상", "크기"]
    assert "variants" not in found[0] and not of_type(found, "Stock")
    bare = of_type(mapped("products.page", page(**made_of)), "Stock")
    assert [(row["variant_id"], row["available"]) for row in bare] == [("", True)]


def test_a_shortcut_is_the_product_that_it_shows():
    told = product(choice(1, *COLOUR, number="77"), number=80)
    assert told["product_id"] == "77" and told["url"] == f"{ROOT}/shop/detail.php?pno={hash_of(77)}"
    assert product(number=80, ppno="77")["product_id"] == "77"


def test_the_number_is_found_again_from_its_md5():
    assert product(number=123456)["product_id"] == "123456"
    strange = "AB" * 16
    assert product(pno=strange)["product_id"] == strange


@pytest.mark.parametrize("value, told", [
    ("M::0::0::91::cpx0::", ("M", "0", "91", "0", False)), ("M::0::0::91::", ("M", "0", "91", "0", False)),
    ("M::0::0::91", ("M", "0", "91", "0", False)),
    ("A::B::1000::0::91::cpx5::2", ("A::B", "1000", "91", "5", False)),
    ("&quot;M&quot;::0::0::91::cpx0::", ('"M"', "0", "91", "0", False)),
    ("", None), ("::색상::", None), ("M::0", None), ("::0::0::91::cpx0::", None),
])  # fmt: skip
def test_values_of_options(value, told):
    found = pages.value(value, False)
    assert (found and tuple(found.values())) == told


def test_quotes_that_are_never_closed():
    name = "6&quot 양말 &#039여름&#039 &quot차콜&quot &#0395켤레"
    told = product(choice(1, "색&quot상", [("차&#039콜&quot", 0, "81"), ("회&amp;색", 0, "82")]), product_name=name)
    assert told["name"] == "6\" 양말 '여름' \"차콜\" '5켤레"
    assert told["options"] == [{"name": '색"상', "values": ["차'콜\"", "회&색"]}]
    assert [row["variant_id"] for row in told["variants"]] == ["81", "82"]


@pytest.mark.parametrize("meta", ["euc-kr", "EUC-KR", "ks_c_5601-1987", "utf-8", ""])
def test_old_malls_serve_euc_kr_whatever_they_say(meta):
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    text = page(choice(1, *COLOUR), head=head, product_name="똠방 양말")
    for codec in ("utf-8", "cp949"):
        found = mapped("products.page", text.encode(codec))
        assert found[0]["name"] == "똠방 양말" and found[0]["options"][0]["values"] == ["회색", "검정"]


def test_the_charset_of_the_header_counts_where_the_page_says_nothing():
    context = mapping.told({"content_type": "text/html; charset=euc-kr"})
    assert mapped("products.page", page().encode("cp949"), context=context)[0]["name"] == "양말"
    # Even where something in it is no EUC-KR at all.
    torn = page(skin="<p>?</p>").encode("cp949").replace(b"?", b"\xff\xff")
    assert mapped("products.page", torn, context=context)[0]["name"] == "양말"
    assert mapping.told({"content_type": "text/html"}) == {}


@pytest.mark.parametrize("total, pay, price, now", [
    ("9000", "8100", "9000", "8100"), ("9,000", "9000", "9000", None), ("12.50", "11.25", "12.5", "11.25"),
    ("9000", "", "9000", "not told"),
])  # fmt: skip
def test_prices(total, pay, price, now):
    told = product(total_prc=total, pay_prc=pay)
    assert (told["price"], told.get("discounted_price", "not told")) == (price, now)


def test_words_instead_of_a_price():
    told = product(total_prc="0", pay_prc="0", sell_prc_consultation="가격문의")
    assert (told["price_text"], told["price"], told["discounted_price"]) == ("가격문의", "0", None)


@pytest.mark.parametrize(
    "printed, currency", [("원", "KRW"), ("USD", "USD"), ("JPY", "JPY"), ("", "KRW"), ("새돈", "KRW")]
)
def test_currencies(printed, currency):
    found = read("products.page", page(script=f'var currency_type = "{printed}";'))
    assert records(found)[0]["currency"] == currency and sum(found.tally.unknown.values()) == (printed == "새돈")


def test_skin_text_comes_after_the_engine_s_fields():
    skin = (
        '<h3 class="name">다른 이름 <a href="#">위시</a></h3><div class="price"><del>12,000원</del>'
        '<span class="sell"><strong>7,777</strong>원</span></div><p class="summary">짧은 글</p>'
        '<table class="list"><tr><th>브랜드</th><td>예시</td></tr><tr><th>제조사</th><td>예시공장</td></tr>'
        '<tr><th>수량</th><td><input name="buy_ea"></td></tr></table>'
    )
    told = product(skin=skin)
    assert (told["name"], told["price"], told["list_price"], told["summary"]) == ("양말", "9000", "12000", "짧은 글")
    assert (told["brand"], told["manufacturer"]) == ("예시", "예시공장")
    bare = product(skin=skin, product_name="", total_prc="", pay_prc="")
    assert (bare["name"], bare["price"]) == ("다른 이름", "7777")


@pytest.mark.parametrize("printed, quantity", [("12", 12), ("12개", 12), ("1,200", 1200), ("무제한", None), ("-3", -3)])
def test_a_stock_that_a_skin_prints(printed, quantity):
    skin = f'<table class="list"><tr><th>총상품재고</th><td>{printed}</td></tr></table>'
    stock = of_type(mapped("products.page", page(skin=skin)), "Stock")[0]
    assert (stock.get("quantity"), stock["managed"]) == (quantity, True)
    assert "quantity" not in of_type(mapped("products.page", page(choice(1, *COLOUR), skin=skin)), "Stock")[0]


def test_a_page_without_the_form_has_no_product():
    with pytest.raises(NotFound):
        read("products.page", '<html><body><div id="skin_shop_detail_big_div">양말 9,000원</div></body></html>')


def test_fields_that_a_skin_pushed_out_of_the_form_are_found():
    text = page(choice(1, *COLOUR)).replace(
        '<form name="prdFrm" data-prd_type="1">', '<form name="prdFrm"></div></form>'
    )
    assert mapped("products.page", text)[0]["price"] == "9000"


def test_pictures_and_path():
    more = '<ul id="product_add_image_list"><li><img src="/b.jpg#addimg"></li></ul>'
    path = '<div class="navi"><a href="/">Home</a><a href="?cno1=1">의류</a><a href="?cno1=20">셔츠</a></div>'
    text = page(skin=f'<img id="mainImg" src="//img.example.com/a.jpg">{more}')
    text = text.replace('<div id="detail">', f'{path}<div id="detail">')
    told = mapped("products.page", text)[0]
    assert told["images"] == ["https://img.example.com/a.jpg", f"{ROOT}/b.jpg"]
    assert (told["categories"], told["category_ids"]) == (["의류 > 셔츠"], ["20"])


# -- lists ------------------------------------------------------------------------------------------------------------


def card(number, inside="", name="양말"):
    link = f"{ROOT}/shop/detail.php?pno={hash_of(number)}&amp;ctype=1&amp;cno1=1000"
    named = f'<a href="{link}"><img src="/p.jpg"></a><p class="name"><a href="{link}">{name}</a></p>'
    return f'<li><div class="box">{named}{inside}</div></li>'


def listed(*cards):
    return mapped("products.list", f"<html><body><ul class='prd_basic'>{''.join(cards)}</ul></body></html>")


SOLD = '<i class="sell"><strong>9,000</strong>원</i>'


@pytest.mark.parametrize("inside, price, before, word", [
    (f'<p class="price"><i class="consumer">12,000원</i>{SOLD}</p>', "9000", "12000", "on_sale"),
    (f'<p class="price"><i class="consumer dn"></i>{SOLD}</p>', "9000", None, "on_sale"),
    ('<p class="price"><del class="consumer"><strong>12,000</strong>원</del><b class="sell">9,000원</b></p>',
     "9000", "12000", "on_sale"),
    ('<p class="price"><b class="consumer"><strong>12,000</strong>원</b><strong>9,000</strong>원</p>',
     "9000", "12000", "on_sale"),
    ('<ul class="prc"><li><i class="p_value"><strong>KRW21,000</strong></i></li></ul>', "21000", None, "on_sale"),
    ('<div class="soldout dn"></div>', None, None, "on_sale"), ('<img alt="품절">', None, None, "sold_out"),
    ('<div class="soldout">SOLD OUT</div>', None, None, "sold_out"), ("<span>품절</span>", None, None, "sold_out"),
    ("<span>Sold out</span>", None, None, "sold_out"), ("<span>품절임박</span>", None, None, "on_sale"),
])  # fmt: skip
def test_cards_of_a_list(inside, price, before, word):
    told = listed(card(77, inside))[0]
    assert (told.get("price"), told.get("list_price"), told["status"]) == (price, before, word)
    assert (told["product_id"], told["name"]) == ("77", "양말")
    assert told["url"] == f"{ROOT}/shop/detail.php?pno={hash_of(77)}"


def test_a_product_that_stands_twice_and_links_without_text():
    bare = f'<li><a href="{ROOT}/shop/detail.php?pno={hash_of(78)}"><img src="/q.jpg"></a></li>'
    by_number = '<li><a href="/shop/detail.php?ano=79">모자</a></li>'
    assert [row["product_id"] for row in listed(card(77), card(77), bare, by_number)] == ["77", "79"]


@pytest.mark.parametrize(
    "printed, told", [("가격문의", "가격문의"), ("품절", None), ("9,000", None), ("원", None), ("", None)]
)
def test_words_where_a_list_prints_a_price(printed, told):
    row = listed(card(77, f'<p class="price"><i class="sell"><strong>{printed}</strong></i></p>'))[0]
    assert row.get("price_text") == told and row.get("price") == ("9000" if "9" in printed else None)


def test_fields_that_the_form_lacks_are_not_told():
    lacking = "stat|ea_type|total_prc|pay_prc|sell_prc_consultation"
    told = mapped("products.page", re.sub(f'<input type="hidden" name="({lacking})"[^>]*>', "", page()))[0]
    assert not {"status", "status_raw", "price", "discounted_price", "price_text"} & set(told)
    assert product()["price_text"] is None


def test_pictures_that_a_script_loads_late():
    late = '<img id="mainImg" src="data:image/gif;base64,xx" data-src="/a.jpg">'
    assert product(skin=late)["images"] == [f"{ROOT}/a.jpg"]
    row = card(77).replace('src="/p.jpg"', 'data-original="/p.jpg"')
    assert listed(row)[0]["images"] == ["https://shop.example.com/p.jpg"]


def test_an_overlay_in_the_link_is_no_name():
    link = f"/shop/detail.php?pno={hash_of(77)}"
    text = f'<li><a href="{link}"><img src="/p.jpg"><b>품절</b></a><a href="{link}">&quotABC&quot &#039양말</a></li>'
    told = listed(text)[0]
    assert (told["name"], told["status"]) == ('"ABC" \'양말', "sold_out")


def test_what_leads_further():
    text = (
        f'<a href="/shop/big_section.php?cno1=1000">전체</a><a href="?page=2">x</a>{card(77)}'
        '<ul class="paging"><li><a href="?page=2&cno1=1">2</a></li><li><a href="?page=10">끝</a></li>'
        "<li><a onclick=\"reloadProductBoard('review','?rev_page=3&pno=1')\">3</a></li></ul>"
    )
    found = pages.fragment(text)
    assert pages.category_numbers(found) == ["1000"] and pages.product_names(found) == [hash_of(77)]
    assert pages.page_numbers(found) == [2, 10] and pages.page_numbers(found, "rev_page") == [3]


def test_a_sitemap_repeats_products_by_category():
    sitemap = (Path(__file__).parent / "samples/wisa/sitemap.xml").read_bytes()
    assert pages.names_in_sitemap(sitemap) == [hash_of(1201), hash_of(1202), hash_of(1203)]
    with pytest.raises(PageFailed):
        pages.names_in_sitemap(b"<urlset><url><loc>")


def test_a_mall_is_recognised_by_two_marks():
    assert pages.is_engine(page()) is True
    assert pages.is_engine("<html>hid_frame='hidden1757900000'</html>") is False
    assert pages.is_engine("<html>양말</html>") is False


def test_what_a_page_shows_is_told_by_the_web_whoever_asks():
    found = records(read("products.page", page(choice(1, *COLOUR)))) + records(read("products.list", card(77)))
    assert {row["source"] for row in found} == {"web"} and len(found) == 4
