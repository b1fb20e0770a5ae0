"""WISA reviews: of the Openapi, of boards and pages, loaded piece by piece, opened, and those of a foreign widget."""

import msgspec
import pytest
from wisa_cases import EMPTY, mapped, read, records, review

from shopscrape import widgets
from shopscrape.errors import PageFailed
from spiders.wisa import page_reviews, pages
from spiders.wisa.shapes import hash_of

STAR = '<img src="https://shop.example.com/_skin/a/img/shop/star2.gif" alt="평점">'
NUMBER = "https://shop.example.com/main/exec.php?exec_file=api/openapi.exe.php&action=reviewCommentList&no=900"


def one(**changes):
    return mapped("reviews", {"status": "Y", "articles": [review(**changes)]})[0]


# -- the Openapi ------------------------------------------------------------------------------------------------------


def test_a_writer_leaves_a_pseudonym_and_a_masked_name():
    told = one()
    assert told["author"].startswith("p_") and told["author_label"] == "홍**"
    assert "홍길동" not in str(told) and "hong01" not in str(told)
    assert one(member_id="", name="비회원")["author"] is None
    assert one(name="김*시")["author_label"] == "김*시"


def test_the_day_is_the_mall_s():
    told = one()
    assert (told["written_at"], told["written_on"]) == ("2026-07-02T14:30:00Z", "2026-07-02")
    assert one(reg_date=0)["written_on"] is None
    told = one(reg_date="2026-07-02")
    assert told["written_on"] == "2026-07-02" and "written_at" not in told


@pytest.mark.parametrize(
    "points, rating, raw",
    [("4", "4", "4"), (5, "5", "5"), (4.5, "4.5", "4.5"), ("0", None, "0"), ("", None, None), (None, None, None)],
)
def test_ratings(points, rating, raw):
    told = one(pts=points)
    assert (told["rating"], told["rating_raw"], told["rating_scale"]) == (rating, raw, 5)


@pytest.mark.parametrize("points", ["6", "-1", "5.5", "좋음"])
def test_a_rating_outside_of_its_scale_costs_no_review(points):
    page = read("reviews", {"status": "Y", "articles": [review(pts=points)]})
    (told,) = page.records
    assert (told.rating, told.rating_raw) == (None, points) and page.tally.unknown == {f"pts={points}": 1}


def test_pictures_come_from_everywhere_once():
    told = mapped("reviews", {"status": "Y", "articles": [review(
        photo1="https://x.example.com/a.jpg", images=["/_data/neko/b.jpg", "data:image/png;base64,x", None],
        content='좋아요<img src="/_data/neko/b.jpg"><img data-src="/c.mp4"> 😀',
    )]}, context={"storefront": "https://shop.example.com/"})[0]  # fmt: skip
    assert [(one["kind"], one["url"]) for one in told["media"]] == [
        ("image", "https://x.example.com/a.jpg"), ("image", "https://shop.example.com/_data/neko/b.jpg"),
        ("video", "https://shop.example.com/c.mp4"),
    ]  # fmt: skip
    assert told["text"] == "좋아요 😀"
    assert one(images={"0": "https://x.example.com/d.jpg"}, photo1="", content="")["media"][0]["url"][-5:] == "d.jpg"
    bare = review()
    for name in ("photo1", "photo2", "images"):
        bare.pop(name, None)
    assert "media" not in mapped("reviews", {"status": "Y", "articles": [bare]})[0]


@pytest.mark.parametrize("nothing", EMPTY)
def test_nothing_in_every_disguise(nothing):
    assert one(images=nothing, photo1=nothing, photo2=nothing)["media"] == []
    assert mapped("reviews", {"status": "Y", "articles": nothing}) == []
    assert mapped("reviews.comments", {"status": "Y", "comments": nothing}, url=NUMBER)[0]["replies"] == []


def test_a_review_of_a_product_that_is_gone():
    told = one(pname=None, pno="0")
    assert (told["product_id"], told["product_name"]) == (None, None)


def test_a_product_that_only_its_name_on_pages_tells():
    row = review(system_code=hash_of(77).lower())
    del row["pno"]
    assert mapped("reviews", {"status": "Y", "articles": [row]})[0]["product_id"] == "77"
    assert mapped("reviews", {"status": "Y", "articles": [review(stat="공지")]}) == []


def test_comments_belong_to_the_review_that_was_asked_for():
    comments = [
        {"no": "2", "member_id": "kim", "name": "김예시", "comment": "저도요", "reg_date": "2026-07-04 10:00:00"},
        {"no": "1", "member_id": "", "name": "상점", "comment": "<b>감사</b>", "reg_date": "2026-07-03 10:00:00"},
        {"no": "3", "member_id": "shop", "name": "상점", "comment": "", "reg_date": 0},
    ]  # fmt: skip
    told = mapped("reviews.comments", {"status": "Y", "rows": "3", "comments": comments}, url=NUMBER)[0]
    assert told["review_id"] == "900"
    assert [(reply["text"], reply["by"]) for reply in told["replies"]] == [("감사", "seller"), ("저도요", "buyer")]
    named = mapped("reviews.comments", {"comments": comments}, context={"operators": ["kim"]}, url=NUMBER)[0]
    assert {reply["by"] for reply in named["replies"]} == {"seller"}
    assert read("reviews.comments", {"status": "Y", "comments": comments}).failed
    for nobody in (False, "0", 0, None, ""):
        answer = [{"member_id": nobody, "comment": "감사", "reg_date": False}]
        assert mapped("reviews.comments", {"comments": answer}, url=NUMBER)[0]["replies"][0]["by"] == "seller"


# -- pages ------------------------------------------------------------------------------------------------------------


def row(number, *, stars=5, date="2026/07/02", name="홍**", title="좋아요", product=77, first="3"):
    link = f'<a href="https://shop.example.com/shop/detail.php?pno={hash_of(product)}">양말</a>'
    opens = f"<a href=\"javascript:prdBoardView('review','{number}');\">{title}</a>"
    return (
        f"<tr><td>{first}</td><td>{link}</td><td>[사이즈] {opens} {STAR * stars}</td>"
        f"<td>{name}</td><td>{date}</td></tr>"
        f'<tr><td colspan="5"><div id="revContent{number}" style="display:none"></div></td></tr>'
    )


def board(*rows):
    skin = f"<div id='skin_shop_product_review_list_big_div'><table>{''.join(rows)}</table></div>"
    return mapped("reviews.board", f"<html><body>{skin}</body></html>", source="web")


def test_a_board_joins_its_reviews_to_their_products():
    told = board(row(900), row(901, product=123, stars=2))
    assert [(one["review_id"], one["product_id"], one["rating"]) for one in told] == [
        ("900", "77", "5"),
        ("901", "123", "2"),
    ]
    assert (told[0]["title"], told[0]["author_label"], told[0]["author"]) == ("좋아요", "홍**", None)


@pytest.mark.parametrize("printed", ["2026/07/02", "2026-07-02", "26.07.02", "2026.07.02", "2026-7-2", "26.07.02."])
def test_dates_of_all_malls(printed):
    assert board(row(900, date=printed))[0]["written_on"] == "2026-07-02"


def test_no_stars_are_no_rating_and_notices_are_no_reviews():
    told = board(row(900, stars=0), row(899, first="공지"))
    assert [one["review_id"] for one in told] == ["900"]
    assert (told[0]["rating"], told[0]["rating_raw"]) == (None, None)


def test_a_name_that_no_mall_masks_is_masked():
    assert board(row(900, name="홍길동"))[0]["author_label"] == "홍**"


@pytest.mark.parametrize("cells, name", [
    ("<td>3</td><td>{0}</td><td>2026/07/02 23:30</td><td>홍**</td>", "홍**"),
    ("<td>3</td><td>{0}</td><td>홍**</td><td>12</td><td>2026. 07. 02</td>", "홍**"),
    ("<td>3</td><td>홍**</td><td>{0}</td><td>2026/07/02</td>", "홍**"),
    ("<td>{1}</td><td>{0}</td><td>2026/07/02 23:30:01</td>", None),
])  # fmt: skip
def test_columns_of_a_board_stand_in_any_order(cells, name):
    opens = "<a href=\"javascript:prdBoardView('review','900')\">좋아요</a>"
    product = f'<a href="/shop/detail.php?pno={hash_of(77)}"><img src="/p.jpg"></a>'
    product += f'<a href="/shop/detail.php?pno={hash_of(77)}">양말 &quot콩&quot</a>'
    told = board(f"<tr>{cells.format(opens, product)}</tr>")[0]
    assert (told["written_on"], told["title"], told.get("author_label")) == ("2026-07-02", "좋아요", name)
    assert told.get("product_name") == ('양말 "콩"' if "{1}" in cells else None)


def test_a_picture_that_opens_a_review_before_its_title_does():
    opens = "<a href=\"javascript:prdBoardView('review','900')\">{}</a>"
    told = board(f"<tr><td>{opens.format('<img src=x>')}</td><td>{opens.format('좋아요')}</td><td>2026/07/02</td></tr>")
    assert [(row["review_id"], row["title"]) for row in told] == [("900", "좋아요")]


def test_cards_inside_a_table_of_layout_and_of_nested_blocks():
    def block(number, title):
        link = f'<p class="name"><a href="/shop/detail.php?pno={hash_of(77)}">양말</a></p>'
        opens = f'<div class="subject"><a href="#" onclick="openReviewDetail({number}, 1)">{title}</a></div>'
        return f'<div>{opens}{link}<div><p class="name">김**</p><b class="date">26.07.0{number}</b></div></div>'

    told = board(f"<tr><td>{block(1, '좋아요')}{block(2, '무난')}</td></tr>")
    assert [(row["review_id"], row["title"], row["written_on"], row["author_label"]) for row in told] == [
        ("1", "좋아요", "2026-07-01", "김**"), ("2", "무난", "2026-07-02", "김**"),
    ]  # fmt: skip
    whole = '<p class="tit">굿</p><i class="name">이**</i><i class="date">26.07.03</i>'
    told = board(f"<tr><td><ul><li><a onclick='openReviewDetail(3, 1)'>{whole}</a></li></ul></td></tr>")[0]
    assert (told["title"], told["author_label"], told["written_on"]) == ("굿", "이**", "2026-07-03")


def test_cards_of_newer_skins():
    cards = (
        "<ul><li onclick=\"openReviewDetail(900, '0')\"><p class='title'>좋아요</p><span class='star'>4.5</span>"
        "<span class='name'>김**</span><span class='date'>26.07.02</span></li></ul>"
    )
    told = mapped("reviews.board", f"<html><body>{cards}</body></html>", source="web", product_id="77")[0]
    assert (told["review_id"], told["title"], told["author_label"], told["written_on"]) == (
        "900",
        "좋아요",
        "김**",
        "2026-07-02",
    )
    assert told["rating"] is None and told["product_id"] == "77"


def test_a_list_that_loads_piece_by_piece():
    table = f"<table>{row(900)}</table>"
    for shape in (
        {"status": "success", "content": table, "next_page": 2, "end_page": None},
        {"content": table, "total_cnt": "3"},
    ):
        assert [one["review_id"] for one in mapped("reviews.ajax", shape, source="web", product_id="77")] == ["900"]
    korean = msgspec.json.encode({"status": "success", "content": table}).decode().encode("cp949")
    assert mapped("reviews.ajax", korean, product_id="77")[0]["title"] == "좋아요"
    for end in ("", None):
        assert mapped("reviews.ajax", {"status": "success", "content": end}) == []
    for wrong in ({"status": "fail", "content": "x"}, {"status": "success"}, [], {"content": 7}):
        with pytest.raises(PageFailed):
            read("reviews.ajax", wrong)


def test_the_product_of_a_piece_stands_in_its_address():
    rows = "<tr><td onclick=\"prdBoardView('review','900')\">좋아요</td><td>홍**</td><td>2026/07/02</td></tr>"
    rows = f"<table>{rows}</table>"
    url = f"https://shop.example.com/main/exec.php?single_module=detail_review_list&pno={hash_of(77)}"
    assert mapped("reviews.ajax", {"status": "success", "content": rows}, url=url)[0]["product_id"] == "77"
    assert "product_id" not in mapped("reviews.ajax", {"status": "success", "content": rows})[0]


def test_an_opened_review():
    body = (
        '<div id="revContent900"><div class="cnt"><p>따뜻해요</p><img src="/a.jpg"></div>'
        '<div class="photo"><img src="/b.jpg"></div>'
        '<div class="comment"><strong>상점</strong> 감사합니다. <span>2026/07/03</span></div></div>'
    )
    told = mapped("reviews.view", f"<html><body>{body}</body></html>", url="https://shop.example.com/x")[0]
    assert (told["review_id"], told["text"]) == ("900", "따뜻해요")
    assert [one["url"] for one in told["media"]] == ["https://shop.example.com/b.jpg", "https://shop.example.com/a.jpg"]
    assert told["replies"] == [{"text": "감사합니다.", "written_at": None, "by": "seller"}]
    deep = body.replace("감사합니다.", "<p>감사합니다.</p>")
    assert mapped("reviews.view", f"<html><body>{deep}</body></html>")[0]["replies"][0]["text"] == "감사합니다."
    plain = mapped("reviews.view", '<html><body><div id="revContent7">그냥 글<br>둘째 줄</div></body></html>')[0]
    assert (plain["text"], plain["replies"]) == ("그냥 글\n둘째 줄", [])


def test_a_hidden_text_on_the_list_is_the_review_s():
    text = row(900).replace('style="display:none"></div>', '><div class="cnt">숨은 글</div></div>')
    assert board(text)[0]["text"] == "숨은 글"
    assert "text" not in board(row(900))[0]


@pytest.mark.parametrize("mark", [
    '<div class="crema-product-reviews" data-product-code="77"></div>', '<i id="crema-login-username"></i>',
    "<script src='//widgets.cre.ma/shop.example.com/init.js'></script>",
])  # fmt: skip
def test_reviews_of_a_foreign_widget_are_left_alone(mark):
    text = f"<html><body>{mark}<div class='crema-hide'><table>{row(900)}</table></div></body></html>"
    assert widgets.company(pages.selector(text.encode())) and records(read("reviews.board", text)) == []


def test_an_empty_board_says_so():
    found = pages.fragment('<table><tr><td colspan="5" class="empty">등록된 상품 후기가 없습니다.</td></tr></table>')
    assert page_reviews.is_empty(found) and page_reviews.reviews(found) == []
    assert not page_reviews.is_empty(pages.fragment(f"<table>{row(900)}</table>"))
