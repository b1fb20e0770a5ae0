"""MakeShop storefront pages: the engine's literal and its decoy, fallbacks of other skins, reviews, hostile pages."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec import UNSET

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.errors import Blocked, LoginRequired, PageFailed, ShopscrapeError
from shopscrape.items import Product, Review, Stock
from shopscrape.payload import Answer, Origin, read_page
from spiders.makeshop import FACTS, mapping, pages
from spiders.makeshop.literal import NotLiteral, literal
from spiders.makeshop.walls import decoded

SAMPLES = Path(__file__).parent / "samples/makeshop"
READ_AT = datetime(2026, 5, 20, tzinfo=UTC)
ROW = (
    "{sto_id:'%s',opt_ids:'%s',sto_type:'BASIC',opt_values:'%s',sto_price:'0',sto_real_stock:'%s',sto_unlimit:'N',"
    "sto_stop_use:'Y',sto_stop_stock:'0',sto_code:'',sto_state:'%s'}"
)


def read(kind, body, **told):
    body = body if isinstance(body, bytes) else body.encode()
    mapping.judge(Answer(body))
    page = read_page(mapping.KINDS[kind], body, Origin(platform="makeshop", collected_at=READ_AT, **told))
    for record in page.records:
        validate(normalise(record), FACTS.channels)
    assert not page.failed
    return page


def of(page, kind):
    return [record for record in page.records if isinstance(record, kind)]


def page(*rows, before="", form="", body="", **variables):
    """Return a product page; rows are combinations of the literal."""
    told = {"product_uid": "77", "product_name": "가방", "product_price": "9000", "option_type": "PS"} | variables
    script = "".join(f"var {name} = '{value}';\n" for name, value in told.items() if value is not None)
    script += (
        before + "var optionJsonData = {basic:{0:{" + ",".join(f"{n}:{row}" for n, row in enumerate(rows)) + "}}};"
    )
    fields = (
        form or '<input name="branduid" value="77"><input name="price" value="10,000"><input name="disprice" value="">'
    )
    return f"<html><form name='form1'>{fields}</form>{body}<script>{script}</script></html>"


# -- the literal -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, told",
    [
        ("{}", {}), ("[]", []), ("{0:{1:'a'}}", {"0": {"1": "a"}}), ("{a:1,}", {"a": "1"}),
        ("[1,'b',null,true,]", ["1", "b", None, True]), ("{a:'it\\'s }; {'}", {"a": "it's }; {"}),
        ('{"b c":"x\\u0041\\x42"}', {"b c": "xAB"}), ("{a:undefined,b:false}", {"a": None, "b": False}),
        ("{/* note */ a /*x*/ : /**/ -1.5 // end\n}", {"a": "-1.5"}), ("{ \n\t$x_1 : '' }", {"$x_1": ""}),
    ],
)  # fmt: skip
def test_a_literal_is_read(text, told):
    assert literal(text + "; var other = {};") == told


@pytest.mark.parametrize(
    "text",
    ["", "{", "{a}", "{a:}", "{a:b()}", "{a:1 b:2}", "'open", "[1 2]", "{:1}", "function(){}", "{a:{" * 60, "{a:`x`}"],
)
def test_what_is_no_literal_is_refused(text):
    with pytest.raises(NotLiteral):
        literal(text)


def test_a_long_literal_is_read_in_reasonable_time():
    rows = ",".join(f"{n}:" + ROW % (n, "1", "값" * 20, 1, "SALE") for n in range(3000))
    assert len(literal("{basic:{0:{" + rows + "}}}")["basic"]["0"]) == 3000
    with pytest.raises(NotLiteral):
        literal("{a:'" + "\\'" * 100_000)


# -- products ----------------------------------------------------------------------------------------------------------


def test_the_decoy_before_the_literal_is_not_taken():
    decoy = (
        "var pre_optionJsonData = {basic:{0:{0:" + ROW % (9, 1, "가짜", 99, "SALE") + "}}};\nvar optionJsonData = '';\n"
    )
    found = read("products.page", page(ROW % (1, 1, "M", 3, "SALE"), before=decoy))
    assert [level.variant_id for level in of(found, Stock)] == ["1"]


def test_a_literal_in_a_comment_and_an_empty_one_give_way():
    old = "optionJsonData = {basic:{0:{0:" + ROW % (9, 1, "옛것", 99, "SALE") + "}}};"
    for before in (f"// var {old}\n", f"/* var {old} */", "var optionJsonData = {};\n"):
        found = read("products.page", page(ROW % (1, 1, "M", 3, "SALE"), before=before))
        assert [level.variant_id for level in of(found, Stock)] == ["1"]


def test_what_belongs_to_another_product_is_not_taken():
    others = (
        "<ul><li><a href='?branduid=9'>x</a><strike>99,000</strike><b class='soldout'>품절</b></li></ul>"
        "<div id='powerReview'><h2>리뷰</h2><dl class='score'><dd><strong>0</strong></dd></dl></div>"
    )
    body = others + "<p class='product_caution'>품절 임박</p><a href='/board/board.html?code=shop_board1'>공지</a>"
    found = of(read("products.page", page(ROW % (1, 1, "M", 3, "SALE"), body=body)), Product)[0]
    assert (found.status, found.list_price, found.review_count) == ("on_sale", None, 0)
    bare = page(ROW % (1, 1, "M", 3, "SALE")).replace("'77'", "77").replace("'9000'", "9000")
    found = of(read("products.page", bare.replace("가방", "\\uac00\\ud83d\\udc5c")), Product)[0]
    assert (found.product_id, found.name, found.discounted_price) == ("77", "가👜", 9000)


def test_the_menu_of_a_mall_names_no_board():
    menu = "<a href='/board/board.html?code=shop_board1'>공지</a>"
    menu += "<table><tr><td><a href='?branduid=9'>x</a></td></tr></table>"
    item = menu + "<li id='power_review_block5'><div class='pr-content-all'>글</div></li>"
    assert read("reviews.page", item, product_id="1").records[0].review_id == "5:00000"
    post = (
        menu
        + "<table><tr><th>상품</th><td><a href='?branduid=5'>p</a></td></tr></table><div id='MS_WritenBySEB'>글</div>"
    )
    found = read("reviews.board_page", post, url="https://x/board/board.html?num1=7").records[0]
    assert (found.review_id, found.product_id) == ("7:00000", "5")
    post += "<a href='/board/board.html?code=shop_board2&page=1'>목록</a>"
    found = read("reviews.board_page", post, url="https://x/board/board.html?num1=7&num2=0").records[0]
    assert found.review_id == "shop_board2:7:00000"


def test_every_state_of_a_combination():
    states = ("SALE", "DELAY", "SOLDOUT", "TEMPOUT", "HIDE", "STOP", "NEWSTATE")
    found = read("products.page", page(*(ROW % (n, 1, state, 5, state) for n, state in enumerate(states, 1))))
    levels = {level.options[""]: level.available for level in of(found, Stock)}
    assert levels == {"SALE": True, "DELAY": True, "SOLDOUT": False, "TEMPOUT": False, "STOP": False, "NEWSTATE": False}
    assert found.tally.unknown == {"sto_state=NEWSTATE": 1}
    assert of(found, Product)[0].status == "on_sale"
    found = read("products.page", page(ROW % (1, 1, "M", 0, "SALE"), ROW % (2, 1, "L", 3, "SOLDOUT")))
    assert of(found, Product)[0].status == "sold_out"


def test_add_ons_are_no_variants():
    row = ROW % (2, 4, "포장", 9, "SALE")
    script = page(ROW % (1, 1, "M", 3, "SALE")).replace(
        "}}};", "}},addition:{0:{0:" + row.replace("BASIC", "ADDITION") + "}}};"
    )
    assert [level.variant_id for level in of(read("products.page", script), Stock)] == ["1"]


def test_names_and_values_with_entities_and_quotes():
    value = '<option value="">고르세요</option><option value="0" title="S &lt;소&gt;">S</option>'
    body = f'<select name="optionlist[]" opt_id="1" label="크기 &amp; 색">{value}</select>'
    text = page((ROW % (1, 1, "it\\'s S &lt;소&gt; };", 3, "SALE")), body=body, product_name="&quot;가방&quot; it\\'s")
    found = read("products.page", text)
    product = of(found, Product)[0]
    assert (
        product.name == '"가방" it\'s'
        and product.options[0].name == "크기 & 색"
        and product.options[0].values == ["S <소>"]
    )
    assert product.variants[0].options == {"크기 & 색": "it's S <소> };"}


SELECT = (
    '<select name="optionlist[]" opt_id="1" label="컬러"><option value="">-</option>'
    '<option value="0" title="크림" sto_id="1" sto_state="SALE">크림</option>'
    '<option value="1" title="네이비" sto_id="2" sto_state="SOLDOUT">네이비</option></select>'
)


def test_without_a_readable_literal_a_single_choice_names_the_variants():
    broken = page(body=SELECT).replace("{basic:{0:{}}}", "load()")
    found = read("products.page", broken)
    assert {level.variant_id: level.available for level in of(found, Stock)} == {"1": True, "2": False}
    combined = SELECT.replace('sto_id="1"', 'sto_id="0"').replace('sto_id="2"', 'sto_id="0"')
    found = read("products.page", page(body=combined + combined).replace("{basic:{0:{}}}", "load()"))
    # How many of each combination there are is not shown, and a total would stand beside its parts.
    assert of(found, Stock) == [] and of(found, Product)[0].variants is UNSET


@pytest.mark.parametrize(
    "form, body, price, lower, text",
    [
        ("", "", 10000, 9000, None),
        ('<input name="price" value="10,000"><input name="disprice" value="8,500">', "", 10000, 8500, None),
        ('<input name="price" value="9000"><input name="disprice" value="">', "", 9000, None, None),
        ('<input name="disprice" value="">', "<span id='pricevalue'>9,900</span>원", 9000, None, None),
    ],
)  # fmt: skip
def test_prices(form, body, price, lower, text):
    product = of(
        read("products.page", page(form=form and '<input name="branduid" value="77">' + form, body=body)), Product
    )[0]
    assert (product.price, product.discounted_price, product.price_text) == (price, lower, text)


def test_a_price_in_words_and_a_page_without_script():
    text = "<form name='form1'><input name='branduid' value='5'></form><h3 class='tit-prd'>의자</h3>"
    text += "<span id='pricevalue'>상담문의</span>"
    product, level = read("products.page", text + "<div class='prd-btns'><a>바로구매</a></div>").records
    assert (product.product_id, product.name, product.price, product.price_text) == ("5", "의자", UNSET, "상담문의")
    assert (level.available, level.quantity) == (True, UNSET)
    for mark in (
        "<span class='soldout'>SOLD OUT</span>",
        "<p class='product_caution'>품절된 상품입니다.</p>",
        "<div class='prd-btns'><b>재입고 알림</b></div>",
    ):
        product, level = read("products.page", text + mark).records
        assert product.status == "sold_out" and level.available is False
    caution = read("products.page", text + "<p class='product_caution'>해외배송 상품입니다.</p>").records[0]
    assert caution.status == "on_sale"


def test_linked_data_is_the_last_resort_and_never_tells_availability():
    linked = {
        "@type": "Product", "name": "다른 이름", "image": "https://mall.example.com//shopimages/a.jpg",
        "category": "가방 (중) > 패션 (대)",
        "offers": [{"price": "12000", "availability": "https://schema.org/InStock"}],
    }  # fmt: skip
    graph = json.dumps({"@graph": [{"@type": "Organization"}, linked]})
    text = page(ROW % (1, "", "", 0, "SOLDOUT"), form="<input name='x'>", product_price=None, product_name=None)
    text = text.replace(
        "<form",
        f"<script type='application/ld+json'>{graph}</script><script type='application/ld+json'>{{</script><form",
    )
    product, level = read("products.page", text).records
    assert (product.name, product.price, product.categories) == ("다른 이름", 12000, ["패션 > 가방"])
    assert product.images == ["https://mall.example.com/shopimages/a.jpg"]
    assert product.status == "sold_out" and level.available is False


def test_a_wall_inside_the_frame_of_a_mall_is_told_apart():
    for words in ("<h2>성인 인증</h2>", "<script>alert('접근 권한이 없습니다');history.back()</script>"):
        with pytest.raises(LoginRequired):
            read("products.page", f"<div class='recent'><a href='?branduid=5'>최근 본 상품</a></div>{words}")


@pytest.mark.parametrize(
    "kind, text",
    [
        ("products.list", "<a href='http://[1?branduid=5'>x</a><a href='?branduid=6'>y</a>"),
        (
            "products.sitemap",
            "<urlset><url><loc>http://[1?branduid=5</loc></url><url><loc>?branduid=6</loc></url></urlset>",
        ),
        ("reviews.board_list", "<a href='http://[1?num1=5&type=v'>x</a><a href='?code=b&num1=6&type=v'>y</a>"),
    ],
)
def test_what_is_no_address_costs_nothing_else(kind, text):
    assert len(read(kind, text).records) == 1


def test_a_page_without_a_product_is_a_block_page():
    for text in ("<html><body>hello</body></html>", "<html></html>"):
        with pytest.raises(Blocked):
            read("products.page", text)


def test_charsets():
    text = "<meta charset='%s'>뷁 펲시"
    assert "뷁 펲시" in decoded((text % "euc-kr").encode("cp949"))
    assert "뷁 펲시" in decoded((text % "none").encode("cp949")) and "뷁 펲시" in decoded((text % "x").encode("utf-8"))
    assert "뷁 펲시" in decoded((text % "utf-8").encode("cp949"), "text/html; charset=EUC-KR")
    assert decoded(b"\xff\xfe\x00") and decoded("뷁".encode() + b"\xff")


def test_addresses():
    assert pages.number_in("/shop/shopdetail.html?branduid=12&xcode=003&GfDT=bmx3UQ%3D%3D") == "12"
    assert (
        pages.number_in("/shop/shopdetail.html?branduid=1;x") == ""
        and pages.number_in("/m/product.html?branduid=3") == "3"
    )
    assert pages.total(pages.selector((SAMPLES / "store_shopbrand_page1.html").read_bytes())) == 3


def test_lists_in_pieces():
    told = json.loads((SAMPLES / "store_product_list_action_page1.json").read_text("utf-8"))
    found = read("products.pieces", json.dumps(told | {"html": ""})).records
    assert [(one.product_id, one.name) for one in found] == [("1000012", UNSET), ("1000011", UNSET)]
    assert len(read("products.pieces", json.dumps(told | {"list": []})).records) == 2
    for nothing in ([], None, ""):
        assert read("products.pieces", json.dumps(told | {"list": nothing, "html": None})).records == []
    assert len(read("products.pieces", json.dumps({"html": told["html"], "is_page_end": True})).records) == 2
    with pytest.raises(PageFailed):
        read("products.pieces", '{"is_page_end": true}')


# -- reviews -----------------------------------------------------------------------------------------------------------


def power(inner, number="999870"):
    return json.dumps(
        {"success": True, "html": quote(f'<li id="power_review_block{number}">{inner}</li>'), "is_page_end": True}
    )


@pytest.mark.parametrize(
    "inner, rating, raw",
    [
        ('<span class="star"><em>★★★</em>★★</span>', 3, "3"), ('<span class="star">★★★★★</span>', 5, "5"),
        ('<span class="survey">아주만족</span>', 5, "아주만족"), ('<span class="survey">불만족</span>', 1, "불만족"),
        ('<span class="survey">별로</span>', None, "별로"), ("", UNSET, UNSET),
    ],
)  # fmt: skip
def test_ratings(inner, rating, raw):
    found = read(
        "reviews.power", power(inner + '<p class="content_p"><a class="more-options">글</a></p>'), board="b_board1"
    )
    one = found.records[0]
    assert (one.rating, one.rating_raw, one.review_id) == (rating, raw, "b_board1:999870:00000")
    assert bool(found.tally.unknown) == (raw == "별로")


def test_what_may_be_missing_and_what_is_a_template():
    inner = '<ul class="desc"><li>작성자 : ab****</li></ul><div class="pr-content-all">1+1 = 2&nbsp;%<br>둘째</div>'
    one = read("reviews.power", power(inner), product_id="7").records[0]
    assert one.text == "1+1 = 2 %\n둘째" and one.written_on is UNSET and one.author_label == "ab****"
    assert one.review_id == "999870:00000" and one.product_id == "7"
    thanked = power(inner + '<div class="reply"><a class="yes"><span>(1,204명)</span></a></div>')
    assert read("reviews.power", thanked).records[0].helpful_count == 1204
    template = '<ul><li class="block_comment" id="power_review_block">replace_writer</li></ul>'
    assert read("reviews.page", template).records == []
    for nothing in ("", None):
        assert read("reviews.power", json.dumps({"success": True, "html": nothing})).records == []
    for strange in ({"success": True}, {"html": 5}, {"html": ["x"]}):
        with pytest.raises(PageFailed):
            read("reviews.power", json.dumps(strange))


def test_a_rating_comment_is_known_by_its_excerpt_whether_its_text_is_there_or_not():
    text = (SAMPLES / "store_comment_review_block.html").read_text("utf-8")
    whole = read("reviews.page", text, product_id="1").records[0]
    short = read(
        "reviews.page", text[: text.index('<tr class="cont">')] + "</tbody></table></div>", product_id="1"
    ).records[0]
    assert whole.review_id == short.review_id and whole.text != short.text == "가볍고 튼튼해요"
    assert whole.synthetic is True


def test_a_locked_post_tells_no_title():
    found = read("reviews.board_list", (SAMPLES / "store_board_list.html").read_bytes())
    first, locked = found.records
    assert (locked.title, locked.text, locked.media, locked.flags) == (None, None, None, ["secret"])
    assert first.flags is UNSET and first.written_on == date(2026, 5, 9)
    text = (SAMPLES / "store_board_list.html").read_text("utf-8")
    for mark in ("[공지]", "<img src='/notice.gif' alt='공지'>"):
        assert len(read("reviews.board_list", text.replace(">128<", f">{mark}<")).records) == 1


def test_a_post_without_its_address_still_has_an_identity():
    body = (SAMPLES / "store_board_view.html").read_bytes()
    assert read("reviews.board_page", body).records[0].synthetic is True
    with pytest.raises(PageFailed):
        read("reviews.board_page", "<html><a href='?num1=1&type=v'>x</a></html>")


def test_comments_need_the_number_of_their_review():
    body = (SAMPLES / "store_power_review_comments.json").read_bytes()
    origin = Origin(platform="makeshop", collected_at=READ_AT)
    assert [why for _, why in read_page(mapping.KINDS["reviews.power_comments"], body, origin).failed]
    for empty in ('{"total": 0, "list": []}', '{"total": 0}', '{"total": "0", "list": null}', "[]"):
        told = f'{{"success": true, "data": {empty}}}'
        one = read("reviews.power_comments", told, board="b_board1", url="https://x/?num1=5").records[0]
        assert one.replies == [] and one.review_id == "b_board1:5:00000"
    assert mapping.told({"content_type": "text/html; charset=euc-kr"}) == {"content_type": "text/html; charset=euc-kr"}


PAGE_KINDS = sorted(name for name, kind in mapping.KINDS.items() if kind.request.startswith(("page", "block")))


@pytest.mark.parametrize("kind", PAGE_KINDS)
def test_hostile_pages_fail_as_ours(kind):
    deep = "<div>" * 3000 + "<a href='?branduid=1&num1=2&type=v'>" + "</div>" * 3000
    bodies = (
        deep, "<script>var optionJsonData = {a:{" + "b:{" * 2000, "\x00<html>\x00", "<", "", "<svg/onload=x>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;", "<li id='power_review_block1'><em>★" + "★" * 9000 + "</em></li>",
        page(ROW % ("9" * 600, 1, "x", "9" * 99, "SALE")),
    )  # fmt: skip
    for body in bodies:
        try:
            found = read_page(mapping.KINDS[kind], body.encode(), Origin(platform="makeshop", collected_at=READ_AT))
        except ShopscrapeError as why:
            assert why.outcome
            continue
        for record in found.records:
            validate(normalise(record), FACTS.channels)
            assert isinstance(record, Product | Stock | Review)
