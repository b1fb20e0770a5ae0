"""Cafe24 reviews and their answers: the odd but real forms that their payloads take."""

import msgspec
import pytest
from cafe24_cases import EMPTY, article, comment, mapped, read

from spiders.cafe24.reviews import written_at


def one(**changes):
    return mapped("reviews", {"articles": [article(**changes)]})[0]


def many(*articles, context=None, **told):
    return mapped("reviews", {"articles": list(articles)}, context, **told)


# -- what is a review -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes", [{"notice": "T"}, {"fixed": "T"}, {"deleted": "T"}, {"notice": True}, {"deleted": True}]
)
def test_notices_and_deleted_articles_are_no_reviews(changes):
    assert many(article(**changes)) == []


@pytest.mark.parametrize("board", [9, "9"])
def test_private_talk_is_never_collected(board):
    assert many(article(board_no=board)) == [] and many(article(board_no=None), board="9") == []
    assert many(article(board_no=board, article_no=901, parent_article_no=900, reply_depth=1)) == []
    assert mapped("reviews.comments", {"comments": [comment(board_no=board)]}) == []
    fragment = {"no": 900, "is_secret": False, "read": {"content": "문의"}}
    assert mapped("reviews.xhr", fragment, board="9") == []


@pytest.mark.parametrize("number, board", [(900, 4), ("900", "4")])
def test_identity_is_board_and_article(number, board):
    assert one(article_no=number, board_no=board)["review_id"] == "4:900"


def test_board_of_the_request_or_its_address():
    row = article()
    del row["board_no"]
    assert many(row, board="7")[0]["review_id"] == "7:900"
    assert many(row, url="https://demomall.cafe24api.com/api/v2/admin/boards/5/articles")[0]["review_id"] == "5:900"
    assert len(read("reviews", {"articles": [row]}).failed) == 1


def test_depth_tells_an_answer_not_the_parent():
    assert [each["review_id"] for each in many(article(parent_article_no=900, reply_depth=0))] == ["4:900"]


# -- secret -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["T", None, "", True, "absent", "odd"])
def test_secret_review_keeps_only_what_is_not_private(secret):
    row = article(content="비밀 내용", title="비밀", attach_file_urls=[{"url": "https://x/a.jpg"}], secret=secret)
    if secret == "absent":
        del row["secret"]
    told = many(row, article(article_no=901, parent_article_no=900, reply_depth=1, content="비밀 답"))[0]
    assert told["flags"] == ["secret"] and told["rating"] == "5" and told["product_id"] == "501"
    assert [told[name] for name in ("title", "text", "media", "replies", "author", "author_label")] == [None] * 6
    assert told["written_on"] == "2026-06-10" and "비밀" not in str(told)


@pytest.mark.parametrize("changes, flags", [({}, []), ({"deleted": False}, []), ({"display": "F"}, ["hidden"]),
                                            ({"deleted": "B"}, ["pending"]),
                                            ({"display": "F", "deleted": "B", "secret": "T"},
                                             ["secret", "hidden", "pending"])])  # fmt: skip
def test_flags(changes, flags):
    assert one(**changes)["flags"] == flags


# -- fields -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told, rating, raw", [(5, "5", "5"), ("4", "4", "4"), (3.5, "3.5", "3.5"), (0, None, "0"),
                                               ("0", None, "0"), (None, None, None), ("", None, None)])  # fmt: skip
def test_rating(told, rating, raw):
    found = one(rating=told)
    assert (found["rating"], found.get("rating_raw"), found["rating_scale"]) == (rating, raw, 5)


@pytest.mark.parametrize("told", [10, -1, "없음"])
def test_rating_beyond_the_scale_is_counted_and_not_believed(told):
    page = read("reviews", {"articles": [article(rating=told)]})
    assert (page.records[0].rating, page.records[0].rating_raw) == (None, str(told))
    assert dict(page.tally.unknown) == {f"rating={told}": 1}


@pytest.mark.parametrize("number, product", [(501, "501"), ("501", "501"), (0, None), (None, None)])
def test_product(number, product):
    assert one(product_no=number)["product_id"] == product


def test_imported_naver_pay_review():
    told = one(
        naverpay_review_id=12345, display="F", member_id=None, writer="네이버 페이 구매자", order_id="20260601-0000005"
    )
    assert (told["external_id"], told["channel"], told["order_id"]) == ("12345", "naver_pay", "20260601-0000005")
    assert told["author"] is None and told["author_label"] is None


def test_writer_is_a_pseudonym_and_a_masked_label():
    told = one(writer="홍**", writer_email="gildong@example.com")
    assert told["author"].startswith("p_") and told["author_label"] == "홍**"
    assert "홍길동" not in str(one()) and one()["author_label"] is None
    assert one(writer="손님", nick_name="g○○○")["author_label"] == "g○○○"


def test_writer_that_an_answer_leaves_out_stays_untold():
    row = article()
    for name in ("writer", "nick_name", "member_id", "writer_email"):
        del row[name]
    assert not {"author", "author_label"} & set(many(row)[0])
    assert one(member_id=None, writer_email="")["author"] is None


@pytest.mark.parametrize("at, on", [("2026-06-09T23:59:59+09:00", "2026-06-09"),
                                    ("2026-06-09T15:30:00+00:00", "2026-06-10"),
                                    ("2026-06-10 00:00:00", "2026-06-10")])  # fmt: skip
def test_day_is_the_mall_s(at, on):
    assert one(created_date=at)["written_on"] == on


def test_day_alone_is_no_time():
    told = one(created_date="2026-06-10")
    assert told["written_on"] == "2026-06-10" and "written_at" not in told
    assert one(created_date=None)["written_at"] is None


def test_edit_time_where_the_live_answer_tells_it():
    assert one(updated_date="2026-06-12T09:00:00+09:00")["updated_at"] == "2026-06-12T00:00:00Z"
    assert "updated_at" not in one()


@pytest.mark.parametrize("content, text", [
    ("<p>한 줄<br>\r\n두 줄</p><p>&lt;3 &amp; &nbsp;끝</p>", "한 줄\n두 줄\n<3 & 끝"), ("그냥\n글", "그냥\n글"),
    ("", None), (None, None), ("<p><img src='/a.jpg'></p>", None), ({"a": 1}, None),
    (2026, "2026"), ("연락 010-1234-5678, me@example.com", "연락 [phone], [e-mail]"),
])  # fmt: skip
def test_text(content, text):
    assert one(content=content)["text"] == text


# -- pictures ---------------------------------------------------------------------------------------------------------


def media(content="", attached=(), **told):
    found = many(article(content=content, attach_file_urls=attached), **told)[0]["media"]
    return [(each["kind"], each["url"]) for each in found]


def test_attachments_and_pictures_in_the_text_each_once():
    attached = [{"no": 1, "url": "https://m.example/a.jpg"}, {"no": 2, "url": "https://m.example/b.MP4?x=1"}]
    content = '<img src="https://m.example/a.jpg"><IMG alt="x" SRC=\'//m.example/c.png?a=1&amp;b=2\'>'
    assert media(content, attached) == [
        ("image", "https://m.example/a.jpg"), ("video", "https://m.example/b.MP4?x=1"),
        ("image", "https://m.example/c.png?a=1&b=2"),
    ]  # fmt: skip


def test_lazy_and_inline_pictures():
    content = '<img ec-data-src="//m.example/a.jpg" src="data:image/gif;base64,R0"><img src="data:image/png;base64,AA">'
    assert media(content) == [("image", "https://m.example/a.jpg")]
    assert media('<video controls src="https://m.example/v.mp4"></video>') == [("video", "https://m.example/v.mp4")]


@pytest.mark.parametrize("told", [
    {"url": "https://demomall.cafe24api.com/api/v2/admin/boards/4/articles"}, {"context": {"mall_id": "demomall"}},
    {"context": {"storefront": "demomall.cafe24.com"}},
])  # fmt: skip
def test_relative_picture(told):
    assert media('<img src="/web/upload/a.jpg">', **told) == [("image", "https://demomall.cafe24.com/web/upload/a.jpg")]


def test_relative_picture_by_the_links_below():
    links = [{"rel": "next", "href": "https://demomall.cafe24api.com/api/v2/boards/4/articles?limit=10"}]
    found = mapped("reviews", {"articles": [article(content='<img src="/a.jpg">')], "links": links})
    assert found[0]["media"] == [{"kind": "image", "url": "https://demomall.cafe24.com/a.jpg"}]


@pytest.mark.parametrize("links", [{"href": "https://demomall.cafe24api.com/api/v2/boards/4"}, 5, "x", [None, 7]])
def test_odd_links_below_cost_no_page(links):
    found = mapped("reviews", {"articles": [article(content='<img src="/a.jpg">')], "links": links})[0]
    assert found["media"][0]["url"] == ("https://demomall.cafe24.com/a.jpg" if isinstance(links, dict) else "/a.jpg")
    assert len(mapped("reviews.comments", {"comments": [comment(links=links)]})) == 1


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_pictures(nothing):
    assert media("글", nothing) == []


def test_lone_attachment():
    assert media("", {"url": "https://m.example/a.jpg"}) == [("image", "https://m.example/a.jpg")]


# -- answers ----------------------------------------------------------------------------------------------------------


def answer(number=901, **changes):
    given = {"article_no": number, "parent_article_no": 900, "reply_depth": 1, "content": "<p>감사합니다</p>",
             "member_id": "demomall", "created_date": "2026-06-11T09:00:00+09:00"}  # fmt: skip
    return article(**given | changes)


def test_answers_below_their_review_oldest_first():
    later = answer(902, content="또", created_date="2026-06-12T09:00:00+09:00")
    told = many(later, article(article_no="900"), answer())
    assert [(each["text"], each["by"]) for each in told[0]["replies"]] == [("감사합니다", "seller"), ("또", "seller")]
    assert len(told) == 1


def test_answer_to_an_answer_and_answer_of_the_writer():
    deeper = answer(902, parent_article_no=901, reply_depth=2, member_id="sampleid", content="네")
    told = many(article(), answer(), deeper)
    assert [(each["text"], each["by"]) for each in told[0]["replies"]] == [("감사합니다", "seller"), ("네", "buyer")]


def test_answers_in_a_circle_end():
    rows = [answer(901, parent_article_no=902), answer(902, parent_article_no=901)]
    assert {each["review_id"] for each in many(*rows)} == {"4:901", "4:902"}


def test_answer_without_its_review_tells_the_reply_only():
    told = many(answer())
    assert [(each["review_id"], each["replies"][0]["by"]) for each in told] == [("4:900", "seller")]
    assert "rating" not in told[0] and "text" not in told[0]


@pytest.mark.parametrize("parent", [None, 0, "0", "", 901])
def test_answer_that_names_no_review_fails_alone(parent):
    page = read("reviews", {"articles": [answer(parent_article_no=parent), article()]})
    assert [record.review_id for record in page.records] == ["4:900"]
    assert [failed.why for failed in page.failed] == ["parent_article_no: missing in an answer"]


def test_answers_without_their_review_are_one_row():
    deeper = answer(903, parent_article_no=901, reply_depth=2, content="네", created_date="2026-06-13T09:00:00+09:00")
    gone = answer(902, content="지움", deleted="T")
    told = many(gone, deeper, answer())
    assert [(each["review_id"], [reply["text"] for reply in each["replies"]]) for each in told] == [
        ("4:900", ["감사합니다", "네"])
    ]


def test_answer_to_an_answer_alone_names_no_review():
    page = read("reviews", {"articles": [answer(903, parent_article_no=901, reply_depth=2)]})
    assert page.records == [] and len(page.failed) == 1


@pytest.mark.parametrize("changes", [{"secret": "T"}, {"secret": None}, {"deleted": "T"}, {"content": "<br>"}])
def test_answers_that_are_not_shown(changes):
    assert many(answer(**changes)) == [] and many(article(), answer(**changes))[0]["replies"] == []


def test_comments_that_the_crawl_joined():
    context = {
        "comments": {"900": [comment(member_id="mallop"), comment(comment_no=2, content="저요")]},
        "operators": ["mallop"],
    }
    assert [each["by"] for each in many(article(), context=context)[0]["replies"]] == ["seller", "buyer"]
    assert many(article(), context={"comments": {}})[0]["replies"] == []
    assert "replies" not in many(article())[0]


def test_odd_comments_cost_neither_their_review_nor_the_others():
    odd = [comment(created_date="어제"), comment(comment_no=2, secret="X"), comment(comment_no=3, content={"a": 1})]
    told = many(article(), context={"comments": {"900": [*odd, comment(comment_no=4, content="끝")]}})
    assert [(each["text"], "written_at" in each and each["written_at"]) for each in told[0]["replies"]] == [
        ("감사합니다", None), ("끝", "2026-06-11T00:00:00Z"),
    ]  # fmt: skip


def test_comments_by_their_article():
    earlier = comment(comment_no=2, article_no="900", created_date="2026-06-10T09:00:00+09:00", content="먼저")
    rows = [comment(), earlier, comment(comment_no=3, article_no=905), comment(article_no=None)]
    page = read("reviews.comments", {"comments": rows})
    assert [each.review_id for each in page.records] == ["4:900", "4:905"] and len(page.failed) == 1
    assert [each.text for each in page.records[0].replies] == ["먼저", "감사합니다"]


def test_comment_of_the_mall_s_own_id_is_the_seller_s():
    links = [{"rel": "next", "href": "https://demomall.cafe24api.com/api/v2/admin/boards/4/comments"}]
    told = mapped("reviews.comments", {"comments": [comment(member_id="demomall", links=links), comment(comment_no=2)]})
    assert [each["by"] for each in told[0]["replies"]] == ["seller", "buyer"]


def test_comment_without_article_takes_it_from_the_address():
    row = comment()
    del row["article_no"], row["board_no"]
    at = "https://demomall.cafe24api.com/api/v2/admin/boards/4/articles/900/comments"
    assert mapped("reviews.comments", {"comments": [row]}, url=at)[0]["review_id"] == "4:900"


@pytest.mark.parametrize("told", [None, "", "어제", 7, {"a": 1}, "2026-13-40 10:00:00"])
def test_comment_without_a_readable_time_ends_no_walk(told):
    assert written_at(comment(created_date=told)) is None
    assert written_at(comment()).isoformat() == "2026-06-11T00:00:00+00:00"


def test_phone_numbers_in_answers_are_masked():
    told = mapped("reviews.comments", {"comments": [comment(content="010-1234-5678 로 연락 주세요")]})
    assert told[0]["replies"][0]["text"] == "[phone] 로 연락 주세요"


# -- hostile ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["<" * 200_000, "<img " * 50_000, "<p>" * 20_000 + "x", "&#x110000;&#0;" * 2000,
                                     "a\x00b\ud7ff" + "\u202e" * 100])  # fmt: skip
def test_hostile_text_ends_soon(content):
    body = msgspec.json.encode({"articles": [article(content=content)]})
    assert len(read("reviews", body).records) == 1


def test_deep_value_fails_no_page():
    deep = b'{"articles":[{"article_no":1,"content":' + b"[" * 5000 + b"]" * 5000 + b"}]}"
    with pytest.raises(Exception, match="readable JSON"):
        read("reviews", deep)
    shallow = b'{"articles":[{"article_no":1,"board_no":4,"title":' + b"[" * 200 + b"]" * 200 + b"}]}"
    assert len(read("reviews", shallow).failed) == 1
