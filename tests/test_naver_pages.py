"""Naver reviews and storefront pages in odd but real forms; what is no data; what a page's own questions say."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from msgspec import UNSET, structs

from shopscrape.errors import Blocked, LoginRequired, NotHydrated, PageFailed, ShopscrapeError
from shopscrape.items import Product, Stock
from shopscrape.payload import Answer, Origin, read_page
from shopscrape.privacy import Scrubber
from spiders.naver import mapping
from spiders.naver.mapping_pages import judge_page
from spiders.naver.mapping_reviews import REVIEWS, listing
from spiders.naver.mapping_storefront import PRODUCT, members

AT = datetime(2026, 7, 20, tzinfo=UTC)


def mapped(kind, payload, **origin):
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    return read_page(mapping.KINDS[kind], body, Origin(platform="naver", collected_at=AT, **origin))


def review(**fields):
    """Return the record of one review."""
    page = mapped("reviews", {"contents": [{"id": 5021750000} | fields]})
    assert not page.failed, page.failed
    return page.records[0]


@pytest.mark.parametrize("nothing", ([], "", None, {}))
def test_an_empty_list_comes_in_disguises(nothing):
    assert mapped("reviews", {"contents": nothing, "totalElements": 0}).records == []
    assert mapped("reviews", {"totalElements": 0}).records == []


def test_a_lone_review_is_a_list_of_one():
    assert mapped("reviews", {"contents": {"id": 1}, "totalElements": 1}).records[0].review_id == "1"


@pytest.mark.parametrize("document", ([], {}, None, "x", {"code": "GW.RATE_LIMIT"}, 7))
def test_what_is_no_list_fails_as_a_page(document):
    with pytest.raises(PageFailed):
        mapped("reviews", document)


def test_a_row_without_id_fails_alone():
    page = mapped("reviews", {"contents": [{"reviewScore": 5}, {"id": "9"}, "x", None]})
    assert [record.review_id for record in page.records] == ["9"]
    assert [failed.position for failed in page.failed] == [0, 2, 3]


@pytest.mark.parametrize(
    "told, day",
    (
        ("2026-07-15T15:59:07.449+00:00", "2026-07-16"),
        ("2022-04-27T14:59:29.230+0000", "2022-04-27"),
        ("2022-04-27T15:00:00Z", "2022-04-28"),
        ("2022-04-27T15:00:00", "2022-04-28"),
        (1651071600000, "2022-04-28"),
    ),
)
def test_times_are_utc_and_days_are_those_of_korea(told, day):
    record = review(createDate=told)
    assert str(record.written_on) == day
    assert record.written_at.tzinfo is UTC


@pytest.mark.parametrize(
    "told, text",
    (
        ("최고 &lt;3 &amp; 또 &quot;구매&quot;", '최고 <3 & 또 "구매"'),
        ("1<2 그리고 3>2", "1<2 그리고 3>2"),
        ("첫째 줄\r\n\r\n\r\n둘째 줄 ", "첫째 줄\n\n둘째 줄"),
        ("<p>태그</p><p>둘</p>", "태그\n둘"),
        ("👍🏻👍\u0000\ud800", "👍🏻👍"),
        ("", None),
        (None, None),
    ),
)
def test_texts_are_plain(told, text):
    body = json.dumps({"contents": [{"id": 1, "reviewContent": told}]}).encode()
    if "\\ud800" in body.decode():
        # Not even JSON: a lone surrogate must not end anything.
        body = body.replace(b"\\ud800", b"")
    assert mapped("reviews", body).records[0].text == text


@pytest.mark.parametrize(
    "told, options",
    (
        ("색상: 블랙 / 사이즈: L", {"색상": "블랙", "사이즈": "L"}),
        ("색상 : 블랙/화이트 / 각인: 12:30", {"색상": "블랙/화이트", "각인": "12:30"}),
        ("블랙 / L", {"": "블랙 / L"}),
        ("색상: 블랙 / 색상: 화이트", {"": "색상: 블랙 / 색상: 화이트"}),
        ("세트 A&amp;B", {"": "세트 A&B"}),
        ("", None),
        (None, None),
    ),
)
def test_options_are_split_where_that_is_safe(told, options):
    assert review(productOptionContent=told).options == options


def test_the_other_option_text_stands_in():
    assert review(productOptionContent=None, standardPurchaseConditionText="사이즈: M").options == {"사이즈": "M"}
    assert review().options is UNSET


@pytest.mark.parametrize("told, rating", ((5, 5), ("4", 4), (4.5, Decimal("4.5")), (None, None), (0, None)))
def test_ratings(told, rating):
    record = review(reviewScore=told)
    assert record.rating == rating and record.rating_scale == 5
    assert review().rating is UNSET


@pytest.mark.parametrize("told", (6, -1, "좋음", True, "1e999999", [5]))
def test_a_rating_of_another_world_fails_the_row(told):
    page = mapped("reviews", {"contents": [{"id": 1, "reviewScore": told}]})
    assert not page.records and page.failed


def test_attachments_keep_their_order_and_blind_ones_go():
    record = review(
        reviewAttaches=[
            {"attachUrl": "https://a/2.jpg", "reviewAttachmentType": "I", "sortOrder": 1},
            {"attachUrl": "//a/1.mp4", "reviewAttachmentType": "V", "sortOrder": "0"},
            {"attachUrl": "https://a/3.jpg", "reviewAttachmentType": "I", "sortOrder": 2, "blind": True},
            {"attachUrl": None}, None,
        ]
    )  # fmt: skip
    assert [(media.kind, media.url) for media in record.media] == [
        ("video", "https://a/1.mp4"), ("image", "https://a/2.jpg"),
    ]  # fmt: skip
    assert [review(reviewAttaches=told).media for told in (None, "", {}, [])] == [[], [], [], []]
    assert review().media is UNSET
    assert review(reviewAttaches={"attachUrl": "https://a/1.jpg"}).media[0].kind == "image"


def test_flags_and_unknown_words():
    page = mapped("reviews", {"contents": [
        {"id": 1, "repurchase": "true", "reviewType": "MONTH", "parentReviewId": 77},
        {"id": 2, "repurchase": False, "reviewType": "ONE_MONTH_USE"},
        {"id": 3, "reviewType": "EVENT", "contentsStatusType": "BLIND"},
    ]})  # fmt: skip
    assert [record.flags for record in page.records] == [["repurchase", "one_month"], ["one_month"], []]
    assert page.records[0].parent_review_id == "77"
    assert dict(page.tally.unknown) == {"review_type=EVENT": 1, "contents_status=BLIND": 1}


def test_nobody_is_kept():
    secrets = {
        "writerId": "hong1234", "writerIdNo": "IDNO1", "writerMemberNo": 4711, "writerMemberId": "gildong",
        "writerProfileImageUrl": "https://phinf.pstatic.net/contact/1.png", "orderNo": "20260701111",
        "productOrderNo": "20260701222",
    }  # fmt: skip
    page = mapped("reviews", {"contents": [{"id": 1, "maskedWriterId": "hong****"} | secrets]})
    kept = repr(structs.asdict(Scrubber(b"k").scrub(page.records[0])))
    assert not [value for value in secrets.values() if str(value) in kept]
    assert page.records[0].author is None and not page.tally.left_over
    older = mapped("reviews", {"contents": [{"id": 1, "writerMemberMaskedId": "go****"}]}).records[0]
    assert older.author_label == "go****"
    bare = Scrubber(b"k").scrub(review(maskedWriterId="honggildong"))
    assert bare.author_label == "h**"


@pytest.mark.parametrize(
    "told, texts",
    (
        ({"commentContent": "감사합니다 &amp; 또 뵐게요"}, ["감사합니다 & 또 뵐게요"]),
        ([{"commentContent": "하나"}, {"commentContent": ""}], ["하나"]),
        ("감사합니다", ["감사합니다"]),
        (None, []),
    ),
)
def test_a_seller_answers(told, texts):
    assert [reply.text for reply in review(reviewComment=told).replies] == texts
    assert review().replies is UNSET


def test_the_product_comes_from_the_request_when_the_row_lacks_it():
    page = mapped("reviews", {"contents": [{"id": 1}, {"id": 2, "productNo": 555}]}, product_id="201")
    assert [record.product_id for record in page.records] == ["201", "555"]


def test_a_list_tells_about_itself():
    told = listing({"contents": [], "page": "2", "totalPages": 3, "totalElements": "43", "last": False,
                    "sort": {"sorted": True, "fields": [{"name": "createDate", "direction": "DESC"}]}})  # fmt: skip
    assert told == (2, 3, 43, False, True)
    assert listing({"contents": [], "sort": None}) == (None, None, None, None, False)


@pytest.mark.parametrize(
    "address",
    (
        "https://smartstore.naver.com/i/v1/contents/reviews/query-pages",
        "https://brand.naver.com/n/v1/contents/reviews/query-pages",
        "https://brand.naver.com/n/v1/contents/reviews/group-products/query-pages",
        "https://brand.naver.com/n/v1/contents/reviews/group-products/product-summary/50000001/reviews/GENERAL?page=1",
        "https://brand.naver.com/n/v1/contents/reviews/product-summary/10000000101/reviews/GENERAL?page=1",
        "https://m.shopping.naver.com/popup/api/v1/contents/reviews/query-pages",
        "https://smartstore.naver.com/i/v1/reviews/paged-reviews?page=1&pageSize=20&merchantNo=1",
    ),
)
def test_every_address_of_a_list_is_heard(address):
    assert REVIEWS.search(address)


@pytest.mark.parametrize(
    "address",
    (
        "https://smartstore.naver.com/i/v1/contents/reviews/product-summary/10000000101?checkoutMerchantNo=1",
        "https://smartstore.naver.com/i/v1/contents/reviews/summary-tag/1",
        "https://smartstore.naver.com/i/v1/contents/reviews/gallery-attaches/1",
    ),
)
def test_other_addresses_are_not(address):
    assert not REVIEWS.search(address)
    assert PRODUCT.search("https://smartstore.naver.com/i/v2/channels/2sUID/products/201?withWindow=false")


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


def test_a_product_page_may_quote_a_wall():
    page = (
        '<html><script>window.__PRELOADED_STATE__={"a":"보안 확인을 완료해 주세요"}</script>'
        '<script>go = () => location.href = "https://nid.naver.com/nidlogin.login?url=x"</script>'
        '<a href="https://nid.naver.com/nidlogin.login">로그인</a><p>비정상적인 접근이 아니에요</p></html>'
    )
    judge_page(Answer(page.encode()))


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


def test_a_null_quantity_is_not_unlimited():
    _, stock = product(optionUsable=False, stockQuantity=None)
    assert stock[0].quantity is UNSET and stock[0].available is True


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


def test_a_kept_page_without_state_tells_what_its_head_tells():
    head = '<meta property="og:title" content="{}"><link rel="canonical" href="https://x/s/products/7"><p>x</p>'
    page = mapped("products.page", head.format("모자 : 좋은상점").encode())
    assert (page.records[0].product_id, page.records[0].name) == ("7", "모자")
    with pytest.raises(NotHydrated):
        mapped("products.page", head.format("상점 : 네이버 스마트스토어").encode())


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
