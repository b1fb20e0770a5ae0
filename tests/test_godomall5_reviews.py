"""Godomall5 reviews: posts with and without undocumented columns, answers, secrets; the mall's tables of codes."""

from pathlib import Path

import pytest
from godomall5_cases import ABSENT, mapped, post, read, records

from shopscrape.errors import PageFailed
from spiders.godomall5 import mapping

SAMPLES = Path(__file__).parent / "samples/godomall5"


def one(**changes):
    (found,) = mapped("reviews.board", post(**changes))
    return found


def test_a_post_that_tells_only_what_is_documented():
    found = one(goodsNo=ABSENT, goodsPt=ABSENT, modDt=ABSENT)
    assert found["review_id"] == "goodsreview:812"
    assert not {"product_id", "rating", "rating_raw", "updated_at", "author", "media"} & set(found)
    assert (found["title"], found["text"], found["author_label"]) == ("예뻐요", "좋아요", "홍**")


@pytest.mark.parametrize(
    "raw, rating", [("5", "5"), ("4.5", "4.5"), ("3.00", "3"), ("0", None), ("", None), (ABSENT, ABSENT)]
)
def test_ratings(raw, rating):
    assert one(goodsPt=raw).get("rating", ABSENT) == rating


@pytest.mark.parametrize("raw", ["10", "-1", "★★★", "nan"])
def test_a_rating_that_is_none_is_counted(raw):
    page = read("reviews.board", post(goodsPt=raw))
    assert (records(page)[0]["rating"], page.tally.unknown) == (None, {f"goodsPt={raw}": 1})


@pytest.mark.parametrize("flag", ["y", "Y", "", ABSENT, "q"])
def test_a_secret_post_tells_no_words(flag):
    page = read("reviews.board", post(isSecret=flag, content="CANARY", subject="CANARY", answerContents="CANARY"))
    (found,) = records(page)
    assert "CANARY" not in str(found)
    assert (found["flags"], found["title"], found["text"], found["replies"]) == (["secret"], None, None, None)
    assert (found["product_id"], found["rating"], found["written_on"]) == ("1000000042", "5", "2026-07-02")


@pytest.mark.parametrize("changes", [{"isNotice": "y"}, {"isDelete": "y"}, {"groupThread": "a"}])
def test_notices_deleted_posts_and_answers_are_no_reviews(changes):
    assert mapped("reviews.board", post(**changes), post(sno="900", **dict.fromkeys(changes, "")))[0]["review_id"] == (
        "goodsreview:900"
    )


@pytest.mark.parametrize("board", ["goodsqa", "qa"])
def test_questions_are_no_reviews(board):
    assert mapped("reviews.board", post(), board=board) == []


def test_the_board_is_part_of_the_id():
    assert mapped("reviews.board", post(), board="photoreview")[0]["review_id"] == "photoreview:812"
    assert one(bdId="usereview")["review_id"] == "usereview:812"


def test_answers_of_all_kinds_once_each_oldest_first():
    replies = [
        {
            "sno": "3",
            "subject": "Re",
            "content": "<p>감사합니다.</p>",
            "writerNm": "몰",
            "regDt": "2026-07-04 10:00:00",
        },
        {"sno": "2", "content": "배송 확인했습니다", "regDt": "2026-07-03 10:00:00"},
    ]
    memos = [
        {"sno": "9", "memo": "저도요", "writerNm": "홍길동", "regDt": "2026-07-05 10:00:00"},
        {"sno": "8", "memo": r"\"고마워요\"", "writerNm": "몰", "regDt": "2026-07-02 22:00:00"},
        {"sno": "7", "memo": "좋네요", "writerNm": "김**", "memNo": "55", "regDt": ""}, {"sno": "6", "memo": ""},
    ]  # fmt: skip
    found = one(replyData=replies, memoData=memos, answerContents="<p>감사합니다.</p>")
    assert [(reply["text"], reply["by"]) for reply in found["replies"]] == [
        ("좋네요", "buyer"), ('"고마워요"', "seller"), ("배송 확인했습니다", "seller"), ("감사합니다.", "seller"),
        ("저도요", "buyer"),
    ]  # fmt: skip


def test_html_that_was_not_escaped_is_text():
    body = "<data><return><board_data><sno>1</sno><isSecret>n</isSecret><subject><b>좋아요</b></subject>"
    body += '<content><p>첫 줄</p><p>둘째 <img src="https://a.example.com/1.jpg"/></p></content></board_data></return></data>'
    (found,) = mapped("reviews.board", body)
    assert (found["title"], found["text"]) == ("좋아요", "첫 줄\n둘째")
    assert [one["url"] for one in found["media"]] == ["https://a.example.com/1.jpg"]


def test_secret_answers_and_comments_are_left_out():
    memos = [{"sno": "9", "memo": "CANARY", "isSecretReply": "y"}, {"sno": "8", "memo": "네", "isSecretReply": "n"}]
    found = one(memoData=memos, replyData={"sno": "3", "content": "CANARY", "isSecret": "Y"})
    assert [reply["text"] for reply in found["replies"]] == ["네"]


def test_a_day_alone_tells_no_time():
    found = one(regDt="2026-07-02")
    assert "written_at" not in found and found["written_on"] == "2026-07-02"
    (told,) = mapped("reviews.server", {"sno": 1, "registerDateTime": "2026-07-02"})
    assert "written_at" not in told and told["written_on"] == "2026-07-02"


@pytest.mark.parametrize("empty", ["", [], None])
def test_no_answers_in_every_disguise(empty):
    assert one(replyData=empty, memoData=empty)["replies"] == []
    assert "replies" not in one(answerContents=ABSENT, answerSubject=ABSENT)


def test_the_text_under_both_names_with_pictures():
    body = r"<p>예뻐요<br>또 살게요 &amp;</p><img class=\"x\" src=\"/data/b/1.jpg?a=1&amp;b=2\">"
    body += "<IMG SRC=//cdn.example.com/2.jpg>"
    for key in ("content", "contents"):
        (found,) = mapped(
            "reviews.board", post(**{"content": ABSENT, key: body}), context={"storefront": "mall.example.com"}
        )
        assert found["text"] == "예뻐요\n또 살게요 &"
        assert [media["url"] for media in found["media"]] == [
            "https://mall.example.com/data/b/1.jpg?a=1&b=2", "https://cdn.example.com/2.jpg",
        ]  # fmt: skip
    assert "media" not in one(content=body.replace("//cdn.example.com", "data:image/png"))


def test_persons_become_pseudonyms_and_numbers_in_texts_are_masked():
    found = one(writerId="hong", writerMobile="", writerEmail="", content="연락 010-1234-5678")
    by_mail = one(writerId="", writerMobile="", writerEmail="hong@example.com")
    assert found["author"].startswith("p_") and by_mail["author"] != found["author"]
    assert found["text"] == "연락 [phone]"
    assert one(writerId="", memNo="0")["author"] is None
    assert "hong" not in str([found, by_mail])


def test_further_columns_where_they_come():
    found = one(orderNo="2607031545120001", recommend="3", channel="naverpay", modDt="2026-07-03 09:00:00", hit="7")
    assert (found["order_id"], found["helpful_count"], found["channel"]) == ("2607031545120001", 3, "naver_pay")
    assert found["updated_at"] == "2026-07-03T00:00:00Z"
    assert one(modDt=ABSENT, updDt="2026-07-03 09:00:00")["updated_at"] == "2026-07-03T00:00:00Z"


def test_the_server_api_with_odd_rows():
    row = {"sno": 812, "writerName": "홍**", "subject": None, "content": "", "goodsSno": 0, "rating": 4.5}
    row |= {"attachments": {"url": "//cdn.example.com/1.mp4"}, "registerDateTime": "2026-07-02 21:14:09"}
    (found,) = mapped("reviews.server", row)
    assert (found["product_id"], found["rating"], found["title"], found["text"]) == (None, "4.5", None, None)
    assert found["media"] == [{"kind": "video", "url": "https://cdn.example.com/1.mp4"}]
    assert "flags" not in found and "replies" not in found
    for empty in ('{"contents": null}', '{"contents": []}', '{"contents": ""}', '{"contents": {}}'):
        assert mapped("reviews.server", empty) == []
    assert len(mapped("reviews.server", '{"contents": [null, {"sno": 1}, [], {}]}')) == 1
    assert mapped("reviews.server", '{"totalCount": 0}') == []
    with pytest.raises(PageFailed):
        read("reviews.server", '{"totalCount": 3}')


@pytest.mark.parametrize(
    "attached, urls",
    [
        (["https://a.example.com/1.jpg", "", None], ["https://a.example.com/1.jpg"]), ([{"url": None}], []),
        ("https://a.example.com/1.jpg", ["https://a.example.com/1.jpg"]), (None, []), ("", []), ({}, []),
    ],
)  # fmt: skip
def test_attachments_of_the_server_api_in_odd_forms(attached, urls):
    (found,) = mapped("reviews.server", {"sno": 1, "attachments": attached})
    assert [one["url"] for one in found["media"]] == urls
    assert "media" not in mapped("reviews.server", {"sno": 1, "attachments": [{"url": "/data/1.jpg"}]})[0]


def test_tables_of_codes():
    def names(file):
        return mapping.names((SAMPLES / f"{file}.xml").read_bytes())

    assert names("category_search_top") == {"001": "의류", "002": "리빙 & 수납", "003": "기획전", "004": "식품"}
    assert names("category_search_children") == {"001001": "상의", "001002": "주방"}
    assert names("brand_search") == {"001": "예시공방", "002": "Basic & Co."}
    assert names("code_search_claimCode") == {"04001001": "고객변심", "04001002": "품절취소"}
    assert names("code_search_deliveryCompany")["8"] == "CJ대한통운"
    assert names("code_search_scm_keycheck") == {"1": "본사", "3": "예시 공급사"}
    assert names("board_inventory")["photoreview"] == "포토후기"
    assert mapping.names(b"<data><header><code>000</code></header><return/></data>") == {}


def test_what_scrapy_map_is_told_of_codes():
    claims = str(SAMPLES / "code_search_claimCode.xml")
    assert mapping.told({"codes": claims})["claim_codes"]["04001001"] == "고객변심"
    assert mapping.told({"codes": "04001001=변심, 8=CJ"})["couriers"] == {"04001001": "변심", "8": "CJ"}
    assert mapping.told({}) == {} and mapping.told({"codes": "no-such-file"}) == {}
