"""Godomall5 storefront pages: products, lists, options, review fragments; walls, pages that are gone, hostile pages."""

import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from godomall5_cases import records

from shopscrape import widgets
from shopscrape.errors import NotHydrated, PageFailed, ShopscrapeError
from shopscrape.payload import Answer, Origin, read_page
from spiders.godomall5 import mapping, pages

SAMPLES = Path(__file__).parent / "samples/godomall5"
AT = datetime(2026, 7, 20, 12, 0, tzinfo=UTC)
"""21:00 in Seoul."""


def read(kind, body, *changes, context=None, at=AT, **told):
    """Return the page of a sample or a text, with changes (old, new) made to it."""
    text = (SAMPLES / f"{body}.html").read_text("utf-8") if not body.startswith(("<", "{")) else body
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    origin = Origin(platform="godomall5", collected_at=at, context=context or {}, **told)
    mapping.judge(Answer(text.encode()))
    return read_page(mapping.KINDS[kind], text.encode(), origin)


def mapped(kind, body, *changes, **told):
    page = read(kind, body, *changes, **told)
    assert page.failed == [] and not page.tally.left_over, (page.failed, page.tally.left_over)
    return records(page)


PLAIN, SINGLE, AXES = ("storefront_goods_view_" + name for name in ("soldout", "option_s", "option_d"))
BOARD, PLUS, VIEW = (
    "storefront_review_fragment_page1",
    "storefront_plus_review_fragment",
    "storefront_review_view_fragment",
)
BUY = (
    '<button type="button" class="btn_add_soldout" disabled="disabled">구매 불가</button>',
    '<a class="btn_add_cart"></a>',
)


# -- products ---------------------------------------------------------------------------------------------------------


def test_sold_out_is_the_sellers_word_or_the_stock():
    assert mapped("products.page", PLAIN, BUY)[0]["status"] == "on_sale"
    assert mapped("products.page", PLAIN, BUY)[1]["available"] is True
    none_left = mapped("products.page", PLAIN, BUY, ("'setStockCnt' : '8'", "'setStockCnt' : '0'"))
    assert (none_left[0]["status"], none_left[1]["quantity"]) == ("sold_out", 0)
    free = (("'setStockCnt' : '8'", "setStockCnt: 0"), ("'setStockFl' : 'y'", "'setStockFl' : 'n'"))
    found = mapped("products.page", PLAIN, BUY, *free)
    assert (found[0]["status"], found[1]["quantity"], found[1]["managed"]) == ("on_sale", None, False)


def test_prices_in_words_of_a_time_sale_and_discounted():
    shown = '<dl class="item_price"><dt>판매가</dt><dd><strong>8,900</strong>원 </dd></dl>'
    words = mapped(
        "products.page", PLAIN, (shown, shown.replace("<strong>8,900</strong>원", "<strong>가격문의</strong>"))
    )
    assert (words[0]["price"], words[0]["price_text"]) == (None, "가격문의")
    sale = '<dl class="time_sale_price"><dt>타임세일가</dt><dd><strong>7,000</strong>원 <del>8,900원</del></dd></dl>'
    found = mapped("products.page", PLAIN, (shown, sale), ("<h3>수납", "<h3>[타임세일] 수납"))[0]
    assert (found["price"], found["discounted_price"], found["name"]) == ("8900", "7000", "수납 바구니 (대형)")
    less = [('name="goodsDiscountFl" value="n"', 'name="goodsDiscountFl" value="y"')]
    less += [('name="goodsDiscount" value="0.00"', 'name="goodsDiscount" value="10.00"')]
    assert mapped("products.page", PLAIN, *less)[0]["discounted_price"] == "8010"
    bare = mapped("products.page", PLAIN, (shown, ""))[0]
    assert bare["price"] == "8900"


@pytest.mark.parametrize(
    "shown, price, words",
    [
        ("<strong>8,900</strong>원 <span>(US$ 6.50)</span>", "8900", None),
        ('<strong class="percent">10%</strong> <strong>8,900</strong>원', "8900", None),
        ("<strong>₩8,900</strong>", "8900", None), ("8,900원 (부가세 포함)", "8900", None),
        ("<strong>2월 입고예정</strong>", None, "2월 입고예정"),
        ("<strong>1588 원두 문의</strong>", None, "1588 원두 문의"),
        ("<strong>1만원대</strong>", None, "1만원대"), ("<strong>5000-9000원</strong>", None, "5000-9000원"),
    ],
)  # fmt: skip
def test_a_number_in_words_is_no_price(shown, price, words):
    found = mapped("products.page", PLAIN, ("<dd><strong>8,900</strong>원 </dd>", f"<dd>{shown}</dd>"))[0]
    assert (found["price"], found["price_text"]) == (price, words)


def test_prices_of_a_list():
    shown = '<strong class="item_price"><span style="">29,000원 </span></strong>'
    changes = [(shown, shown.replace("</strong>", "<span>(US$ 20)</span></strong>")), (">가격문의<", ">2월 입고예정<")]
    found = mapped("products.list", "storefront_goods_list", *changes)
    assert [(one.get("price"), one.get("price_text")) for one in (found[0], found[2])] == [
        ("29000", None), (None, "2월 입고예정"),
    ]  # fmt: skip


def test_an_item_of_a_list_that_stands_in_another_item_is_one_product():
    around = ('<div class="item_gallery_type"><ul>\n', '<div class="item_gallery_type"><ul><li class="tab"><ul>\n')
    found = mapped("products.list", "storefront_goods_list", around)
    assert [one["product_id"] for one in found] == ["1000000042", "1000000051", "1000000071"]


def test_the_name_keeps_brackets_of_its_own():
    named = (("수납 바구니 (대형)", "[예시] 머그컵"),)
    assert mapped("products.page", PLAIN, *named)[0]["name"] == "[예시] 머그컵"


def test_the_parts_of_a_single_select():
    counted = [("'setStockFl' : 'n'", "'setStockFl' : 'y'"), ("'setStockCnt' : '0'", "'setStockCnt' : '9'")]
    counted += [("5101||0||0||0^|^", "5101||0||0||9^|^"), ("<dt>옵션 선택</dt>", "<dt>분쇄도</dt>")]
    product, *stock = mapped("products.page", SINGLE, *counted)
    assert [(one["variant_id"], one["quantity"], one["available"]) for one in stock] == [
        ("5101", 9, True), ("5102", 0, False), ("5103", 0, False), ("5104", 0, False),
    ]  # fmt: skip
    assert [one["price"] for one in product["variants"]] == ["13000", "13000", "13500", "12000"]
    assert product["options"][0]["name"] == "분쇄도" and stock[0]["options"] == {"분쇄도": "홀빈"}


def test_a_page_that_does_not_tell_whether_stock_is_counted_knows_no_zero():
    changes = [("'setStockFl' : 'n'", "'x' : 'n'"), ("5101||0||0||0^|^", "5101||0||0||9^|^")]
    stock = mapped("products.page", SINGLE, *changes)[1:]
    assert [(one.get("quantity"), one.get("available")) for one in stock[:2]] == [(9, True), (None, None)]
    plain = [BUY, ("'setStockFl' : 'y'", "'x' : 'y'"), ("'setStockCnt' : '8'", "'setStockCnt' : '0'")]
    found = mapped("products.page", PLAIN, *plain)[1]
    assert "quantity" not in found and "managed" not in found


def test_a_page_of_selects_tells_no_stock_of_its_variants():
    found = mapped("products.page", AXES)
    assert len(found) == 1 and "variants" not in found[0]


def test_linked_data_gives_the_rating_and_spoils_nothing():
    linked = (
        '<script type="application/ld+json">{"@type":"Product","aggregateRating":{"ratingValue":4.6}}</script></body>'
    )
    broken = '<script type="application/ld+json">{"@type":</script></body>'
    assert mapped("products.page", PLAIN, ("</body>", linked))[0]["rating"] == "4.6"
    bare = linked.replace('"aggregate', '"name":"A","offers":[{"price":"9000.00"}],"aggregate').replace("</body>", "")
    found = mapped("products.page", f"<html><div id='frmView'></div>{bare}</html>", product_id="7")[0]
    assert (found["name"], found["price"]) == ("A", "9000")
    assert mapped("products.page", PLAIN, ("</body>", bare))[0]["price"] == "8900"
    assert "rating" not in mapped("products.page", PLAIN, ("</body>", broken))[0]


def test_a_page_that_its_scripts_should_fill_is_no_product():
    with pytest.raises(NotHydrated):
        read("products.page", "<html><body class='body-goods-goods-view'><form id='frmView'></form></body></html>")


def test_relative_pictures_and_the_own_address():
    relative = ('https://cdn.example.com/example-mall/goods/1000000051/image/detail/1.jpg" alt', '/data/1.jpg" alt')
    found = mapped("products.page", PLAIN, relative)[0]
    assert found["images"][0] == "https://shop.example.com/data/1.jpg"
    other = mapped("products.page", PLAIN, relative, context={"storefront": "https://m.example.com"})[0]
    assert other["images"][0] == "https://m.example.com/data/1.jpg"
    assert other["url"] == "https://m.example.com/goods/goods_view.php?goodsNo=1000000051"


def test_crema_is_recognised():
    page = pages.selector(b"<html><script src='//widgets.cre.ma/x.js'></script></html>")
    assert widgets.company(page) and not widgets.company(pages.selector((SAMPLES / f"{PLAIN}.html").read_bytes()))


def test_a_list_leaves_out_what_is_recommended_and_knows_its_last_page():
    found = mapped("products.list", "storefront_goods_list", context={"storefront": "https://shop.example.com"})
    assert [one["product_id"] for one in found] == ["1000000042", "1000000051", "1000000071"]
    assert found[2]["images"] == ["https://shop.example.com/data/goods/noimg.jpg"]
    tree = pages.selector((SAMPLES / "storefront_goods_list.html").read_bytes())
    assert pages.last_page(tree) == 3
    assert pages.last_page(pages.selector((SAMPLES / f"{BOARD}.html").read_bytes())) == 2
    assert pages.last_page(pages.selector((SAMPLES / f"{PLUS}.html").read_bytes())) == 2
    assert pages.last_page(pages.selector((SAMPLES / "storefront_review_fragment_empty.html").read_bytes())) is None


def step(**changes):
    told = {"cnt": 1, "nextOption": [], "stockCnt": ["10"], "optionSellFl": ["y"], "optionViewFl": ["y"],
            "sellStopStock": ["0"], "optionSno": "5011||0||0||10", "log": "ok"}  # fmt: skip
    return msgspec.json.encode(told | changes).decode()


@pytest.mark.parametrize(
    "changes, managed, quantity, available",
    [
        ({}, None, 10, True), ({"optionSno": "5011||0||0||0"}, None, None, None),
        ({"optionSno": "5011||0||0||0"}, False, None, True), ({"optionSno": "5011||0||0||0"}, True, 0, False),
        ({"optionSellFl": ["t"], "optionSno": "5011||0||0||0"}, True, None, False),
        ({"optionViewFl": ["n"]}, True, 10, False), ({"sellStopStock": ["10"]}, True, 10, False),
        ({"optionViewFl": {"0": "n"}}, True, 10, False), ({"sellStopStock": 10}, True, 10, False),
        ({"optionSellFl": [None], "optionViewFl": None, "sellStopStock": {}}, True, 10, True),
    ],
)  # fmt: skip
def test_a_combination_that_was_chosen(changes, managed, quantity, available):
    context = {} if managed is None else {"managed": managed}
    (found,) = mapped("inventory.option", step(**changes), context=context, product_id="1000000042")
    assert (found.get("quantity"), found.get("available")) == (quantity, available)


@pytest.mark.parametrize("told", [["5011||0||0||10"], "5011||0||0||10.00"])
def test_a_combination_in_odd_forms(told):
    (found,) = mapped("inventory.option", step(optionSno=told), product_id="1")
    assert (found["variant_id"], found["quantity"]) == ("5011", 10)


def test_a_combination_without_its_stock_tells_none():
    (found,) = mapped("inventory.option", step(optionSno="5011||0||0||"), context={"managed": True}, product_id="1")
    assert "quantity" not in found and "available" not in found


def test_a_combination_bears_the_values_that_were_chosen_and_what_its_page_told():
    context = {"managed": True, "closed": True, "options": [("색상", "화이트"), ("사이즈", " M&amp;L ")]}
    (found,) = mapped("inventory.option", step(), context=context, product_id="1000000042")
    assert found["options"] == {"색상": "화이트", "사이즈": "M&L"}
    assert (found["quantity"], found["available"]) == (10, False)


def test_a_combination_without_its_product_fails_alone():
    assert len(read("inventory.option", step()).failed) == 1
    assert mapped("inventory.option", '{"log": "ok"}') == []


# -- reviews ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "printed, at, on",
    [
        ("20:14", "2026-07-20T11:14:00Z", "2026-07-20"), ("20:14:09", "2026-07-20T11:14:09Z", "2026-07-20"),
        ("23:50", "2026-07-19T14:50:00Z", "2026-07-19"), ("2026.07.02", None, "2026-07-02"),
        ("2026-07-02", None, "2026-07-02"), ("2026.07.02 21:14:09", "2026-07-02T12:14:09Z", "2026-07-02"),
    ],
)  # fmt: skip
def test_days_and_times(printed, at, on):
    found = mapped("reviews.page", BOARD, (">21:14<", f">{printed}<"))[0]
    assert (found.get("written_at"), found["written_on"]) == (at, on)


@pytest.mark.parametrize("printed", ["어제", "25:70", "2026.13.40"])
def test_what_is_no_day_fails_its_row_only(printed):
    page = read("reviews.page", BOARD, (">21:14<", f">{printed}<"))
    assert len(page.failed) == 1 and len(page.records) == 2


@pytest.mark.parametrize(
    "style, rating",
    [("width:100%;", "5"), ("width: 90%", "4.5"), ("width:10%", None), ("", None), ("width:300%", None)],
)
def test_stars_by_their_width(style, rating):
    assert mapped("reviews.page", BOARD, ("width:100%;", style))[0]["rating"] == rating


def test_the_product_by_the_request_else_by_the_paging():
    assert {one["product_id"] for one in mapped("reviews.page", BOARD, product_id="7")} == {"7"}
    assert {one["product_id"] for one in mapped("reviews.page", BOARD)} == {"1000000042"}
    alone = mapped("reviews.page", "storefront_review_fragment_page2", ("goodsNo=1000000042", "x=1"))
    assert all("product_id" not in one for one in alone)


def test_questions_are_no_reviews():
    assert mapped("reviews.page", BOARD, ('data-bdid="goodsreview"', 'data-bdid="goodsqa"')) == []


def test_an_opened_post_by_its_address_or_its_attachment():
    address = "https://shop.example.com/goods/goods_board_view.php?bdId=goodsreview&sno=77"
    (found,) = mapped("reviews.article", VIEW, url=address)
    assert found["review_id"] == "goodsreview:77"
    assert found["media"] == [
        {"kind": "image", "url": "https://shop.example.com/data/board/upload/goodsreview/812_1.jpg"}
    ]
    (alone,) = mapped("reviews.article", VIEW)
    assert alone["review_id"] == "goodsreview:812" and "media" not in alone
    nameless = read("reviews.article", VIEW, ("sno=812", "x=1"))
    assert len(nameless.failed) == 1


def test_a_text_of_several_paragraphs_is_read_whole_and_without_its_attachments():
    (found,) = mapped("reviews.article", VIEW, ("<p>색감이", '<p><p class="x">첫 <b>문단</b></p><p>둘째</p><p>색감이'))
    assert found["text"] == "첫 문단\n둘째\n색감이 사진 그대로예요.\n재구매 의사 있습니다."


def test_answers_stand_before_comments_and_belong_to_the_review_above():
    (found,) = mapped("reviews.article", VIEW, context={"answers": ["답변드립니다"]})
    assert [(one["text"], one["by"]) for one in found["replies"]] == [
        ("답변드립니다", "seller"), ("감사합니다!", "seller"),
    ]  # fmt: skip
    tree = pages.selector((SAMPLES / f"{BOARD}.html").read_bytes())
    assert pages.answers_shown(tree, "") == {"812": ["813"]}
    first = (
        b'<tr class="js_data_row" data-sno="9" data-notice="n"><td class="board_tit"><a class="reply">x</a></td></tr>'
    )
    assert pages.answers_shown(pages.selector(first), "8") == {"8": ["9"]}


def test_comments_of_masked_names_are_buyers():
    (found,) = mapped("reviews.article", VIEW, ('comment_name">예시몰', 'comment_name">김**'))
    assert found["replies"][0]["by"] == "buyer"


def test_plus_reviews():
    first, second = mapped("reviews.plus", PLUS)
    assert (first["review_id"], first["rating"], first["helpful_count"]) == ("plus:501", "5", 3)
    assert first["options"] == {"키": "165cm", "색상": "블랙"} and "더보기" not in first["text"] + second["text"]
    assert mapped("reviews.plus", PLUS, ("★★★★★", "없음"))[0]["rating"] is None
    lazy = (
        'src="https://cdn.example.com/pr/1.jpg"',
        'src="data:image/gif;base64,x" data-src="//cdn.example.com/2.jpg"',
    )
    assert mapped("reviews.plus", PLUS, lazy)[0]["media"] == [{"kind": "image", "url": "https://cdn.example.com/2.jpg"}]


# -- walls ------------------------------------------------------------------------------------------------------------


def outcome(text, **told):
    try:
        mapping.judge(Answer(text.encode(), **told))
    except ShopscrapeError as why:
        return why.outcome
    return None


@pytest.mark.parametrize("title", ["500 피스 퍼즐", "404 데님 팬츠"])
def test_a_title_that_begins_with_a_number_is_no_status(title):
    found = mapped("products.page", SINGLE, ("<title>커피 원두 200g", f"<title>{title}"))
    assert found[0]["name"] == "커피 원두 200g"


def test_a_script_for_guests_makes_no_wall_of_a_product():
    wish = "function wish() { alert('로그인하셔야 합니다.'); location.href = '../member/login.php'; } var bdGoodsQaId"
    assert mapped("products.page", SINGLE, ("var bdGoodsQaId", wish))[0]["price"] == "13000"


def test_text_options_in_a_skin_of_more_classes():
    found = mapped("products.page", AXES, ('class="optionTextNm_0', 'class="tit optionTextNm_0'))
    assert found[0]["text_options"] == ["자수 문구"]


def test_a_fragment_may_begin_with_a_comment():
    text = (SAMPLES / f"{BOARD}.html").read_text("utf-8")
    assert outcome("\n<!-- skin -->\n" + text) is None
    assert len(mapped("reviews.page", "<!-- skin -->" + text)) == 3


WHOLE = [path.stem for path in sorted(SAMPLES.glob("storefront_*.html"))]


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_that_ends_in_the_middle_is_known(name):
    body = (SAMPLES / f"{name}.html").read_bytes()
    assert not pages.is_torn(body) and not pages.is_torn(b"<!-- a <td> -->" + body)
    assert pages.is_torn(body[: len(body) * 2 // 3])


@pytest.mark.parametrize("body", [b"", b'{"log": "ok"', b"robots", b"<" * 10**6, b"<!--" * 10**6, b"<!doctype" * 10**5])
def test_what_is_no_page_is_not_torn(body):
    assert not pages.is_torn(body)


def test_words_of_a_shopper_make_no_wall_of_a_page():
    text = (SAMPLES / f"{BOARD}.html").read_text("utf-8").replace("너무 예뻐요", "captcha 접근이 차단 alert('로그인')")
    assert outcome(text) is None


KINDS = [name for name in mapping.KINDS if mapping.KINDS[name].request.startswith("page")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["<div>" * 50_000, "<", "\x00\x00", "{}", "[]", "<a>" + "x" * 10**6, "<td></td>"])
def test_hostile_pages_never_crash(kind, text):
    try:
        read_page(mapping.KINDS[kind], text.encode(), Origin(platform="godomall5", collected_at=AT))
    except ShopscrapeError:
        return


@pytest.mark.parametrize("name, kind", [(PLAIN, "products.page"), (SINGLE, "products.page"), (BOARD, "reviews.page"),
                                        (PLUS, "reviews.plus"), (VIEW, "reviews.article")])  # fmt: skip
def test_pages_bent_at_random_never_crash(name, kind):
    dice, whole = random.Random(name), (SAMPLES / f"{name}.html").read_bytes()
    for _ in range(60):
        body = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(body))
            body[at : at + dice.randrange(0, 40)] = dice.choice((b"", b"&", b"<", b"||", b"^|^", b"\x00", b"9" * 30))
        try:
            records(read_page(mapping.KINDS[kind], bytes(body), Origin(platform="godomall5", collected_at=AT)))
        except ShopscrapeError:
            continue


def test_a_page_that_nests_too_deep_is_not_read():
    with pytest.raises(PageFailed):
        pages.selector(b"<div>" * 50_000)
