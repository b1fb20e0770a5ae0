"""Cafe24 storefront reviews: lists, articles and fragments, as boards really differ."""

import re

import pytest
from cafe24_cases import mapped, read
from test_cafe24_pages import HOST, page, sample

from shopscrape import widgets
from shopscrape.errors import PageFailed, Refused
from spiders.cafe24 import pages


def board(row):
    return f"""<html><meta name="path_role" content="BOARD_PRODUCT_LIST"><table>
        <tbody class="xans-element- xans-board xans-board-list-4 xans-board-list">
        {row}</tbody></table></html>""".encode()


ROW = """<tr class="xans-record-"><td>{at}</td><td>{writer}</td><td><a href="/article/후기/4/77/">좋아요</a>{icon}</td>
    <td><img src="//img/ico_point{points}.gif" alt="{points}점"></td></tr>"""
GIVEN = {"at": "2026-07-17 23:45:10", "writer": "홍****", "icon": "", "points": 5}


def listed(**changes):
    return mapped("reviews.board", board(ROW.format(**GIVEN | changes)))


@pytest.mark.parametrize(
    "at, time, day",
    [
        ("2026-07-17 23:45:10", "2026-07-17T14:45:10Z", "2026-07-17"),
        ("2026-07-17", None, "2026-07-17"),
        ("2026.07.17", None, "2026-07-17"),
        ("2026-07-17 00:30", "2026-07-16T15:30:00Z", "2026-07-17"),
        ("어제", None, None),
    ],
)
def test_time_of_a_review(at, time, day):
    told = listed(at=at)[0]
    assert (told.get("written_at"), told.get("written_on")) == (time, day)


def test_days_and_stars_of_titles_and_names_belong_to_them():
    found = sample("board_list_reviews").replace("색이 예뻐요</a>", "2026-01-02 구매 별*다섯</a>")
    told = mapped("reviews.board", found.replace("<span>베이직", "<span>[한정*] 2026.03.04 베이직").encode())[0]
    assert (told["title"], told["written_on"], told["author_label"]) == (
        "2026-01-02 구매 별*다섯",
        "2026-07-17",
        "홍****",
    )
    page = sample("board_article").replace("색이 화면과 같아요", "2026-01-02 구매").replace("작성일", "DATE")
    assert article(page)["written_at"] == "2026-07-17T14:45:10Z"
    untold = article(page.replace("2026-07-17 23:45:10", "").replace("색이 예뻐요", "2026-01-03 후기"))
    assert "written_at" not in untold and "written_on" not in untold


@pytest.mark.parametrize("name, kind", [
    ("board_list_reviews", "reviews.board"), ("board_article", "reviews.article"), ("product_detail", "products.page"),
    ("product_list", "products.list"),
])  # fmt: skip
@pytest.mark.parametrize("address", ["http://[x/", "//[x/a.jpg", "javascript:void(0)"])
def test_addresses_that_are_none_fail_nothing(name, kind, address):
    """A merchant's or a buyer's broken link leads nowhere; ids in scripts, forms and links to articles remain."""
    html = re.sub(r'\b(src|href)="(?!/article/)[^"]*"', rf'\1="{address}"', sample(name))
    assert [row["type"] for row in mapped(kind, html.encode())] == [
        row["type"] for row in mapped(kind, sample(name).encode())
    ]


@pytest.mark.parametrize("points, rating", [(5, "5"), (0, None)])
def test_points(points, rating):
    assert listed(points=points)[0]["rating"] == rating


def test_list_without_the_column_of_points_tells_no_rating():
    bare = ROW.format(**GIVEN).replace('<img src="//img/ico_point5.gif" alt="5점">', "")
    assert "rating" not in mapped("reviews.board", board(bare))[0]
    assert [each["rating"] for each in mapped("reviews.board", board(bare + ROW.format(**GIVEN)))] == [None, "5"]


@pytest.mark.parametrize("writer, label", [("홍****", "홍****"), ("홍길동", None), ("", None)])
def test_full_names_are_never_kept(writer, label):
    told = listed(writer=writer)
    assert told[0]["author_label"] == label and "홍길동" not in str(told)


@pytest.mark.parametrize("icon", ['<img alt="답변">', '<img src="x/ico_re.gif">', '<img alt="공지">'])
def test_answers_and_notices_in_a_list(icon):
    assert listed(icon=icon) == []


def test_secret_rows():
    told = listed(icon='<img src="//img/ico_lock.gif" alt="비밀글">')[0]
    assert told["flags"] == ["secret"] and told["rating"] == "5"
    assert [told[name] for name in ("title", "text", "media")] == [None] * 3
    assert listed(icon='<img class="displaynone" alt="비밀글">')[0]["flags"] == []


def test_hidden_rows_and_empty_lists():
    assert mapped("reviews.board", board(ROW.format(**GIVEN).replace("xans-record-", "xans-record- displaynone"))) == []
    assert mapped("reviews.board", board('<tr><td class="nodata">없습니다</td></tr>')) == []
    assert mapped("reviews.page", page().encode()) == []


def test_old_address_of_a_review_and_reviews_of_a_product_page():
    row = ROW.replace("/article/후기/4/77/", "/board/product/read.html?no=77&board_no=4").format(**GIVEN)
    assert mapped("reviews.board", board(row))[0]["review_id"] == "4:77"
    body = f'<div class="xans-element- xans-product xans-product-review"><table><tbody>{row}</tbody></table></div>'
    told = mapped("reviews.page", page(body=body).encode())
    assert [(each["review_id"], each["product_id"]) for each in told] == [("4:77", "501")]


def test_crema_is_recognised_and_left_alone():
    body = (
        '<div id="crema-product-reviews-1"></div><script src="//widgets.cre.ma/demomall.cafe24.com/init.js"></script>'
    )
    records = mapped("products.page", page(body=body).encode())
    assert [record["type"] for record in records] == ["Product"]
    with pytest.raises(Refused, match="Crema"):
        read("reviews.page", page(body=body).encode())
    assert not widgets.company(pages.selector(sample("product_detail").encode()))


def article(html):
    return mapped("reviews.article", html.encode())[0]


def test_files_that_are_not_in_the_text():
    other = sample("board_article").replace("filename=aa11.jpg", "filename=bb22.jpg")
    assert [each["url"] for each in article(other)["media"]] == [
        f"{HOST}/file_data/demomall/2026/07/17/aa11.jpg",
        f"{HOST}/exec/front/Board/download/?no=2002&board_no=4&realname=review1.jpg&filename=bb22.jpg",
    ]
    document = other.replace("realname=review1.jpg", "realname=form.pdf")
    assert len(article(document)["media"]) == 1


@pytest.mark.parametrize("name, by", [("데모몰", "seller"), ("김****", "buyer"), ("다른이", "buyer")])
def test_who_commented(name, by):
    html = sample("board_article").replace('<strong class="name"> 데모몰', f'<strong class="name"> {name}')
    assert [reply["by"] for reply in article(html)["replies"]] == [by]


def test_article_without_a_place_for_comments_tells_none_of_them():
    html = sample("board_article")
    bare = html[: html.index('<div class="xans-element- xans-board xans-board-commentpackage')] + "</body></html>"
    assert "replies" not in article(bare)
    quiet = re.sub(r"<ul class=.boardComment.*?</ul>", "", html, flags=re.DOTALL)
    assert article(quiet)["replies"] == []


def test_article_without_text_is_secret_where_a_password_is_asked_for():
    locked = """<html><meta name="path_role" content="BOARD_PRODUCT_DETAIL">
        <link rel="canonical" href="/article/후기/4/9/">
        <div class="xans-element- xans-board xans-board-read-4"><input type="password" name="pass"></div></html>"""
    told = article(locked)
    assert (told["review_id"], told["flags"], told["text"]) == ("4:9", ["secret"], None)
    assert read("reviews.article", locked.replace("password", "text").encode()).failed[0].why == "content: missing"
    with pytest.raises(PageFailed):
        read("reviews.article", b'<html><meta name="path_role" content="BOARD_PRODUCT_DETAIL"></html>')


@pytest.mark.parametrize(
    "changes, text, flags",
    [
        ({}, "글", []),
        ({"is_secret": True}, None, ["secret"]),
        ({"is_secret": "T"}, None, ["secret"]),
        ({"is_secret": None}, None, ["secret"]),
        ({"no": 2002}, "글", []),
        ({"comment": None}, "글", []),
        ({"comment": []}, "글", []),
    ],
)
def test_fragment(changes, text, flags):
    given = {"no": "2002", "is_secret": False, "read": {"content": "글", "content_image": ""}, "comment": ""} | changes
    told = mapped("reviews.xhr", given, board="5")[0]
    assert (told["review_id"], told["text"], told["flags"]) == ("5:2002", text, flags)


def test_fragment_without_its_text_tells_nothing_of_it():
    told = mapped("reviews.xhr", {"no": "2002", "is_secret": False})[0]
    assert "text" not in told and told["review_id"] == "4:2002"
    empty = mapped("reviews.xhr", {"no": "2002", "is_secret": False, "read": None, "comment": []})[0]
    assert not {"text", "media"} & set(empty) and empty["replies"] == []
    silent = mapped("reviews.xhr", {"no": "2002", "is_secret": False, "read": {"content": 5}})[0]
    assert silent["text"] == "5" and "replies" not in silent
    with pytest.raises(PageFailed):
        read("reviews.xhr", {"result": "no"})


def test_private_talk_is_never_collected():
    listing, single = sample("board_list_reviews"), sample("board_article")
    assert mapped("reviews.board", listing.replace("/4/", "/9/").encode()) == []
    assert mapped("reviews.article", single.replace("/4/2002/", "/9/2002/").encode()) == []
