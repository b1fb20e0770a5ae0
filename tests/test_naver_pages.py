"""Naver pages in odd but real forms: walls, the product that a page holds, reviews in its DOM."""

import json
from datetime import UTC, datetime

import pytest
from msgspec import UNSET

from shopscrape.errors import Blocked, LoginRequired, NotHydrated, PageFailed, ShopscrapeError
from shopscrape.items import Product, Stock
from shopscrape.payload import Answer, Origin, read_page
from shopscrape.privacy import Scrubber
from spiders.naver import mapping
from spiders.naver.mapping_pages import judge_page
from spiders.naver.mapping_storefront import members

AT = datetime(2026, 7, 20, tzinfo=UTC)


def mapped(kind, payload, **origin):
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    return read_page(mapping.KINDS[kind], body, Origin(platform="naver", collected_at=AT, **origin))


# -- pages that are no data ------------------------------------------------------------------------------------------


LOGIN = "https://nid.naver.com/nidlogin.login"


@pytest.mark.parametrize(
    "answer, outcome",
    (
        (Answer("<title>[에러] 에러페이지 - 시스템오류</title>".encode()), "blocked"),
        (Answer("<p>동시에 접속하는 이용자 수가 많거나</p>".encode(), 429), "blocked"),
        (Answer(b'<div data-component="cpt_main"></div>'), "blocked"),
        (Answer(b'<html><script src="https://ncpt.naver.com/v1/wcpt/x.js"></script></html>'), "blocked"),
        (Answer(b"<html></html>", 418), "blocked"),
        (Answer(b"<html></html>", 490), "blocked"),
        (Answer(b"<html></html>", 302, "text/html", {"location": f"{LOGIN}?url=x"}), "login_required"),
        (Answer(b"<html></html>", 200, "text/html", {}, LOGIN), "login_required"),
        (Answer(b'<form id="frmNIDLogin" action="https://nid.naver.com/nidlogin.login">'), "login_required"),
        (Answer("<title>네이버 : 로그인</title>".encode()), "login_required"),
        (Answer(b"<html></html>", 404), "not_found"),
        (Answer(b"<html></html>", 503), "retry"),
        (Answer(b"<html></html>", 204), "retry"),
    ),
)  # fmt: skip
def test_walls_are_recognised(answer, outcome):
    with pytest.raises(ShopscrapeError) as raised:
        judge_page(answer)
    assert raised.value.outcome == outcome
    with pytest.raises(ShopscrapeError) as raised:
        mapping.judge(answer)
    assert raised.value.outcome == outcome


CALL = "https://smartstore.naver.com/i/v1/contents/reviews/query-pages"


@pytest.mark.parametrize(
    "answer, outcome",
    (
        (
            Answer('{"code":"UNAUTHORIZED","message":"비정상적인 접근입니다."}'.encode(), 401, "application/json"),
            "blocked",
        ),
        (Answer(b"", 204, "", {}, CALL), "retry"),
        (Answer(b"", 204), "retry"),
        (Answer(b"", 429, "", {}, CALL), "throttled"),
        (Answer(b"{}", 490, "application/json", {}, CALL), "blocked"),
        (Answer(b"", 418), "blocked"),
    ),
)
def test_refused_calls_of_a_page(answer, outcome):
    with pytest.raises(ShopscrapeError) as raised:
        mapping.judge(answer)
    assert raised.value.outcome == outcome
    mapping.judge(Answer(json.dumps({"contents": [{"id": 1, "reviewContent": "비정상적인 접근"}]}).encode()))


def test_a_product_page_may_quote_a_wall():
    page = (
        '<html><script>window.__PRELOADED_STATE__={"a":"보안 확인을 완료해 주세요"}</script>'
        '<script>go = () => location.href = "https://nid.naver.com/nidlogin.login?url=x"</script>'
        '<a href="https://nid.naver.com/nidlogin.login">로그인</a><p>비정상적인 접근이 아니에요</p></html>'
    )
    judge_page(Answer(page.encode()))


def test_reviews_may_quote_a_wall():
    for body in (ITEM, PREVIEW.replace("{blocks}", "<div>{text}</div>")):
        told = dict.fromkeys(("rating", "writer", "day", "option", "id"), "7") | {"text": "비정상적인 접근이래요"}
        mapping.judge(Answer(body.format(**told).encode()))


def test_a_check_over_a_product_page_is_a_wall():
    page = '<html><script>window.__PRELOADED_STATE__={}</script><div class="x captcha_wrap y"></div></html>'
    with pytest.raises(Blocked):
        judge_page(Answer(page.encode()))
    with pytest.raises(LoginRequired):
        judge_page(Answer(b'<html><script>location.href="https://nid.naver.com/nidlogin.login?x"</script></html>'))


# -- products of pages ------------------------------------------------------------------------------------------------


def product(kind="products.xhr", **fields):
    told = {"id": "201", "productNo": "101", "name": "티셔츠 &amp; 모자", "productStatusType": "SALE"} | fields
    page = mapped(kind, told)
    assert not page.failed, page.failed
    records = page.records
    return records[0], [record for record in records[1:] if isinstance(record, Stock)]


def test_a_plain_product_has_one_stock():
    record, stock = product(optionUsable=False, stockQuantity="1,200", salePrice="19,900", discountedSalePrice=15000)
    assert isinstance(record, Product)
    assert (record.name, record.price, record.discounted_price) == ("티셔츠 & 모자", 19900, 15000)
    assert [(one.variant_id, one.quantity, one.available) for one in stock] == [("", 1200, True)]


def test_a_state_that_does_not_tell_of_options_tells_no_stock():
    assert product(stockQuantity=8)[1] == []


@pytest.mark.parametrize(
    "status, word, available",
    (("OUTOFSTOCK", "sold_out", False), ("CLOSE", "ended", UNSET), ("NEWWORD", "unknown", UNSET)),
)
def test_only_two_states_tell_about_stock(status, word, available):
    record, stock = product(productStatusType=status, optionUsable=False, stockQuantity=3)
    assert (record.status, record.status_raw, stock[0].available) == (word, status, available)


def test_a_product_that_is_not_displayed_is_hidden_as_the_api_says():
    record, stock = product(channelProductDisplayStatusType="SUSPENSION", optionUsable=False, stockQuantity=3)
    assert (record.status, record.status_raw, stock[0].available) == ("hidden", "SALE, not displayed", False)
    assert product(channelProductDisplayStatusType="ON")[0].status == "on_sale"


def test_simple_options_are_named_and_what_can_be_chosen_is_not_told():
    told = [{"groupName": "각인", "optionType": "SIMPLE"}, {"groupName": "문구", "optionType": "CUSTOM"}]
    record, stock = product(optionUsable=True, options=told, optionCombinations=[], optionStandards=[], stockQuantity=4)
    assert (record.options, record.text_options, record.variants) == (UNSET, ["문구"], [])
    assert [(one.variant_id, one.quantity) for one in stock] == [("", 4)]


@pytest.mark.parametrize("nothing", ("absent", None, "", [], {}))
def test_choices_that_are_named_and_not_listed_leave_variants_and_stock_open(nothing):
    lists = {"optionCombinations": nothing, "optionStandards": []}
    if nothing == "absent":
        del lists["optionCombinations"]
    named = [{"groupName": "색상", "optionType": "COMBINATION"}]
    record, stock = product(optionUsable=True, options=named, stockQuantity=4, **lists)
    assert record.variants is UNSET and record.options is UNSET and stock == []
    record, stock = product(optionUsable=False, options=named, stockQuantity=4, **lists)
    assert record.variants == [] and len(stock) == 1


def test_a_null_quantity_is_not_unlimited():
    _, stock = product(optionUsable=False, stockQuantity=None)
    assert stock[0].quantity is UNSET and stock[0].available is True


@pytest.mark.parametrize("told, more", [([None, "//x/2.jpg", ""], ["https://x/2.jpg"]), ({}, []), ([], []), (None, [])])
def test_pictures_with_holes(told, more):
    found, _ = product(optionUsable=False, representativeImageUrl="https://x/1.jpg", optionalImageUrls=told)
    assert found.images == ["https://x/1.jpg", *more]


def test_variants_of_both_kinds():
    record, stock = product(
        optionUsable="true", salePrice=10000,
        options=[{"groupName": "색상", "optionType": "COMBINATION"}, {"groupName": "문구", "optionType": "CUSTOM"}],
        optionCombinations=[{"id": 1, "optionName1": "검정", "stockQuantity": 0, "price": "-500"},
                            {"id": "2", "optionName1": "흰색", "stockQuantity": 5, "price": None}],
        optionStandards=None,
    )  # fmt: skip
    assert [(one.variant_id, one.options, one.price, one.available) for one in record.variants] == [
        ("1", {"색상": "검정"}, 9500, False), ("2", {"색상": "흰색"}, 10000, True),
    ]  # fmt: skip
    assert record.options[0].values == ["검정", "흰색"] and record.text_options == ["문구"]
    assert [one.variant_id for one in stock] == ["1", "2"]


@pytest.mark.parametrize("shell", ({"id": None}, {"name": None}, {"productStatusType": ""}))
def test_a_shell_is_not_a_product(shell):
    with pytest.raises(NotHydrated):
        product(**shell)
    with pytest.raises(NotHydrated):
        mapped("products.state", {"product": {"A": {"id": None, "soldout": False}}})


@pytest.mark.parametrize(
    "state",
    (
        {"simpleProductForDetailPage": {"A": None, "B": "X"}},
        {"product": {"A": "X"}},
        {"product": "X"},
        {"simpleProductForDetailPage": "X"},
    ),
)
def test_every_bucket_of_the_state_is_looked_into(state):
    told = {"id": 201, "name": "모자", "productStatusType": "SALE"}
    body = json.dumps(state).replace('"X"', json.dumps(told)).encode()
    assert mapped("products.state", body).records[0].product_id == "201"


def test_the_product_is_the_one_of_the_address():
    other, mine = ({"id": number, "name": "모자", "productStatusType": "SALE"} for number in (201, 202))
    state = {"simpleProductForDetailPage": {"A": other}, "product": {"A": mine}}
    asked = "https://smartstore.naver.com/s/products/{}?NaPm=x"
    page = mapped("products.state", state, url=asked.format(202))
    assert [record.product_id for record in page.records] == ["202"]
    for kind, payload in (("products.state", state), ("products.xhr", other)):
        with pytest.raises(NotHydrated):
            mapped(kind, payload, url=asked.format(999))
    other["simpleStandardGroupProduct"] = {"groupProductNo": 50, "channelProductNos": [201, 203],
                                           "originalProductNos": [1, 3]}  # fmt: skip
    for number in (50, 201, 203):
        assert mapped("products.xhr", other, url=asked.format(number)).records[0].product_id == "201"


@pytest.mark.parametrize("channel", ({"channelSiteFullUrl": "https://brand.naver.com/big/"}, "bucket"))
def test_the_channel_of_a_state_tells_the_address(channel):
    told = {"id": 201, "name": "모자", "productStatusType": "SALE"}
    if channel == "bucket":
        channel = {"A": {"channelUid": "x", "channelSiteFullUrl": "https://brand.naver.com/big"}}
    page = mapped("products.state", {"simpleProductForDetailPage": {"A": told}, "channel": channel})
    assert page.records[0].url == "https://brand.naver.com/big/products/201" and not page.tally.left_over


def test_a_kept_page_without_state_tells_what_its_head_tells():
    head = '<meta property="og:title" content="{}"><link rel="canonical" href="https://x/s/products/7"><p>x</p>'
    page = mapped("products.page", head.format("모자 : 좋은상점").encode())
    assert (page.records[0].product_id, page.records[0].name) == ("7", "모자")
    for bare in ("상점 : 네이버 스마트스토어", "네이버 브랜드스토어"):
        with pytest.raises(NotHydrated):
            mapped("products.page", head.format(bare).encode())


def test_a_state_may_hold_undefined_and_a_broken_one_fails():
    told = '{"product":{"A":{"id":"201","name":"undefined, 모자","x":undefined,"productStatusType":"SALE"}}};'
    page = mapped("products.page", f"<script>window.__PRELOADED_STATE__ = {told}</script>".encode())
    assert page.records[0].name == "undefined, 모자"
    with pytest.raises(PageFailed):
        mapped("products.page", b'<script>window.__PRELOADED_STATE__={"a":' + b"[" * 90000 + b"</script>")
    with pytest.raises(PageFailed):
        mapped("products.page", b"")


def test_members_of_a_group():
    group = {"groupProductNo": 1, "channelProductNos": [11, 12], "originalProductNos": [21, 22]}
    assert members({"simpleStandardGroupProduct": group}) == {"21": "11", "22": "12"}
    assert members({"simpleStandardGroupProduct": None}) == members({}) == {}


# -- reviews in the DOM -----------------------------------------------------------------------------------------------

ITEM = """<div role="dialog"><ul id="REVIEW_LIST">
<li id="REVIEW_ITEM_77"><div><svg></svg>{rating}<em>한달사용</em></div>
<div><span>{writer}</span><span>{day}</span></div><div id="review_option_77"><button>{option}</button></div>
<p id="review_content_77">{text}<button>더보기</button></p><ul>
<li><img alt="review_image" data-src="//phinf.pstatic.net/a.jpg?type=w640">
</li><li><img src="https://phinf.pstatic.net/contact/me.png"></li></ul></li></ul></div>"""


def item(**fields):
    told = {"rating": "5", "writer": "ab**", "day": "26.07.01.", "option": "색상: 흰색", "text": "좋아요"} | fields
    return mapped("reviews.modal", ITEM.format(**told).encode(), product_id="201")


def test_an_item_of_the_dialog():
    record = item(text="첫째<br>둘째 &amp; 셋째").records[0]
    assert (record.review_id, record.rating, record.author_label) == ("77", 5, "ab**")
    assert record.text == "첫째\n둘째 & 셋째"
    assert str(record.written_on) == "2026-07-01" and record.written_at is UNSET
    assert record.flags == ["one_month"]
    assert [media.url for media in record.media] == ["https://phinf.pstatic.net/a.jpg"]


def test_an_item_with_holes():
    assert item(option="", text="").records[0].text is None
    assert item(rating="").records[0].rating is None
    assert item(day="어제").records[0].written_on is None
    page = item(rating="", day="", text="", writer="")
    assert not page.records and page.failed


@pytest.mark.parametrize("rating", ("4<em>한달사용</em>", "4한달사용", "<span>4</span><span>한달사용</span>"))
def test_a_rating_may_be_glued_to_a_badge_or_wrapped(rating):
    body = ITEM.replace("<em>한달사용</em>", "").replace("<svg></svg>", "<svg><title>별</title></svg>")
    told = {"rating": rating, "writer": "ab**", "day": "26.07.01.", "option": "", "text": "재구매 없음"}
    record = mapped("reviews.modal", body.format(**told).encode()).records[0]
    assert (record.rating, record.flags) == (4, ["one_month"])


def test_the_older_list_with_holes():
    row = "<li><div>{}<div><strong>ab**</strong>{}<div>M</div></div><div>{}</div></div></li>"
    named, hashed = "<div><span>평점</span><em>4</em></div>", '<div class="_2V6vMO_iLm"><em>3</em></div>'
    day = "<span>26.07.01.</span>"
    rows = ((named, day, "가"), (hashed, day, "나"), ("", day, "다"), (named, "", "라"), ("", "", "광고"))
    body = f'<div id="REVIEW"><ul>{"".join(row.format(*told) for told in rows)}</ul></div>'
    page = mapped("reviews.page", body.encode(), product_id="201")
    assert [(one.rating, str(one.written_on)) for one in page.records] == [
        (4, "2026-07-01"), (3, "2026-07-01"), (None, "2026-07-01"), (4, "None"),
    ]  # fmt: skip
    assert [one.text for one in page.records][:3] == ["가", "나", "다"]


def test_what_is_clicked_for_more_is_no_text_and_pictures_of_products_are_not_the_buyers():
    told = item(text="길어요<span> 더보기 </span>", option='M</button><img src="https://shop-phinf.pstatic.net/p.jpg">')
    assert told.records[0].text == "길어요" and len(told.records[0].media) == 1
    sized = item(option='M</button><img src="https://phinf.pstatic.net/b.jpg?type=w6&amp;v=2">').records[0]
    assert sized.media[0].url == "https://phinf.pstatic.net/b.jpg?v=2"


PREVIEW = """<div id="REVIEW"><a data-shp-contents-type="review" data-shp-area-id="review" data-shp-contents-id="{id}">
<div><strong><span>평점</span>4</strong><div>ab**</div><div>26.07.01.</div></div>{blocks}</a></div>"""


def test_previews_of_reviews_with_holes():
    option, text = "<div>색상: 흰색</div>", '<div class="W2ktnZBARU">좋아요</div>'
    picture = '<div><img src="https://phinf.pstatic.net/a.jpg"></div>'
    shown = {"1": option + text + picture, "2": option + picture, "3": text, "4": picture}
    body = "".join(PREVIEW.format(id=number, blocks=blocks) for number, blocks in shown.items())
    told = [(one.text, one.options) for one in mapped("reviews.page", body.encode(), product_id="201").records]
    assert told == [("좋아요", {"색상": "흰색"}), (None, {"색상": "흰색"}), ("좋아요", None), (None, None)]
    (one,) = mapped("reviews.page", PREVIEW.format(id=5, blocks="<div>한 줄</div>").encode()).records
    assert (one.text, one.options) == ("한 줄", None), "without the hash the last block is the text"


def test_a_page_without_reviews_shows_none():
    assert mapped("reviews.page", "<html><div id=REVIEW><ul><li>없음</li></ul></div></html>".encode()).records == []


def test_an_id_made_of_what_is_shown_is_stable_and_holds_no_text():
    li = (
        '<div id="REVIEW"><ul><li><div><div><span>평점</span><em>4</em></div>'
        "<div><strong>ab**</strong><span>26.07.01.</span><div>M</div></div>"
        "<div><span>비밀 이야기</span></div></div></li></ul></div>"
    )
    one, two = (mapped("reviews.page", li.encode(), product_id="201").records[0] for _ in range(2))
    first, second = Scrubber(b"key").scrub(one).review_id, Scrubber(b"key").scrub(two).review_id
    assert first == second and first.startswith("~") and "비밀" not in first
    assert Scrubber(b"key").scrub(one).review_id == first, "a second scrub changes nothing"
    assert Scrubber(b"other").scrub(mapped("reviews.page", li.encode(), product_id="201").records[0]).review_id != first
