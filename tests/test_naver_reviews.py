"""Naver reviews in odd but real forms, as a page's own answers tell them."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from msgspec import UNSET, structs

from shopscrape.errors import PageFailed
from shopscrape.payload import Origin, read_page
from shopscrape.privacy import Scrubber
from spiders.naver import mapping
from spiders.naver.mapping_reviews import REVIEWS, listing
from spiders.naver.mapping_storefront import PRODUCT

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
def test_a_rating_of_another_world_is_counted_and_costs_no_review(told):
    page = mapped("reviews", {"contents": [{"id": 1, "reviewScore": told}]})
    (record,) = page.records
    assert record.rating is None and record.rating_scale == 5 and not page.failed
    assert sum(page.tally.unknown.values()) == 1 and len(record.rating_raw) <= 40


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
