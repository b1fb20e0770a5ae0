"""MakeShop (Korea): lists in every disguise, stock, options, reviews, persons, hostile input."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from makeshop_payloads import READ_AT, envelope, one, order, plain, product, read, sample
from msgspec import UNSET

from shopscrape.errors import (
    PageFailed,
    ShopscrapeError,
)
from shopscrape.items import Order, Product, Review, Stock
from shopscrape.payload import Answer, Origin, json_document, read_page
from shopscrape.privacy import Scrubber
from spiders.makeshop import mapping

KEYED = {"products": "uid", "inventory": "uid", "reviews": "uid", "reviews.board": "num1", "orders": "order"}
FILES = {
    "products": "kr_product_list_page1", "inventory": "kr_product_list_page1", "reviews": "kr_review",
    "reviews.board": "kr_board_power_review", "orders": "kr_order2_list_page1",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FILES))
def test_rows_come_as_a_list_an_object_or_alone(kind):
    told = sample(FILES[kind])
    rows = list(told["list"].values()) if isinstance(told["list"], dict) else told["list"]
    plainly = read(kind, told | {"list": rows}).records
    assert plainly
    for form in (
        {str(n): row for n, row in enumerate(rows)},
        [*rows, None, []],
        {f"2026-{n:010d}": r for n, r in enumerate(rows)},
    ):
        page = read(kind, told | {"list": form})
        assert page.records == plainly and not page.failed and not page.tally.left_over
    alone = read(kind, told | {"list": rows[0]})
    assert alone.size == 1 and not alone.failed
    for nothing in ([], "", None, {}):
        assert read(kind, told | {"list": nothing, "count": 0, "totalCount": "0"}).records == []
    bare = {"return_code": "0000", "count": "0", "totalCount": 0}
    assert read(kind, bare).records == []
    for strange in ({"return_code": "0000"}, {"return_code": "0000", "list": "x"}, {"return_code": "0000", "list": 3}):
        with pytest.raises(PageFailed):
            read(kind, strange)


def test_the_key_of_a_row_stands_in_for_a_missing_number():
    row = order()["list"][0]
    del row["order"]["ordernum"]
    told = envelope() | {"list": {"20260511111111-1": row}}
    assert one("orders", told, Order).order_id == "20260511111111-1"
    assert read("orders", envelope(row)).failed


def test_lines_come_as_a_list_an_object_or_alone():
    row = order(more=[{}])["list"][0]
    wanted = one("orders", envelope(row), Order).lines
    assert len(wanted) == 2
    lines = list(row["product"].values())
    assert one("orders", envelope(row | {"product": lines}), Order).lines == wanted
    assert len(one("orders", envelope(row | {"product": lines[0]}), Order).lines) == 1
    for nothing in ([], {}, "", None):
        assert one("orders", envelope(row | {"product": nothing}), Order).lines == []
    numberless = {
        key: {name: value for name, value in line.items() if name != "num"} for key, line in row["product"].items()
    }
    assert one("orders", envelope(row | {"product": numberless}), Order).lines == wanted
    del row["product"]
    assert one("orders", envelope(row), Order).lines is UNSET


def test_numbers_and_texts_stand_in_for_each_other():
    row = plain(
        uid=1000012, sellprice=29000, quantity=17, review_count="21", consumerprice=38000.0, brandcode=3001000012
    )
    found = one("products", envelope(row), Product)
    assert (found.product_id, found.price, found.review_count, found.list_price) == ("1000012", 29000, 21, 38000)
    assert one("inventory", envelope(row), Stock).quantity == 17


def test_flags_are_words_or_truths():
    row = plain(display=True, sell_accept=False)
    assert one("products", envelope(row), Product).status == "suspended"
    post = sample("kr_board_power_review")["list"][0] | {"lock_ok": False, "display": False}
    assert one("reviews.board", envelope(post), Review).flags == ["hidden"]
    days = plain(regdate=20260302101500, moddate=0)
    assert one("products", envelope(days), Product).created_at == datetime(2026, 3, 2, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "told, quantity, managed, available",
    [
        ("Unlimited", None, False, True), ("unlimited", None, False, True), (" UNLIMITED ", None, False, True),
        ("0", 0, True, False), ("-3", -3, True, False), ("17", 17, True, True), (17, 17, True, True),
        ("", UNSET, UNSET, UNSET), (None, UNSET, UNSET, UNSET),
    ],
)  # fmt: skip
def test_stock_is_a_number_or_unlimited(told, quantity, managed, available):
    row = plain(quantity=told)
    row["options"] = None
    found = one("products", envelope(row), Stock)
    assert (found.quantity, found.managed, found.available) == (quantity, managed, available)
    assert one("inventory.totals", envelope({"uid": "1", "quantity": told}), Stock).quantity == quantity


def test_a_product_without_options_in_every_disguise():
    for options in (
        None,
        [],
        {},
        "",
        {"option": {}, "basic": None},
        {"option": [], "basic": plain()["options"]["basic"][0]},
    ):
        row = plain(options=options)
        page = read("products", envelope(row))
        assert page.records[0].variants == [] and page.records[0].options == [] and len(page.records) == 2
    row = plain()
    del row["options"]
    assert one("products", envelope(row), Product).variants is UNSET


def test_what_is_not_told_of_stock_is_not_made_up():
    page = read("products", envelope({"uid": "1", "product_name": "가방"}))
    assert [type(record) for record in page.records] == [Product]
    row = product()
    row["options"]["basic"] = {
        "0": {"sto_id": 1, "opt_ids": "1,2", "sto_opt_values": "차콜,M", "sto_state_code": "SALE"}
    }
    variant = one("products", envelope(row), Product).variants[0]
    assert (variant.code, variant.quantity, variant.available) == (UNSET, UNSET, UNSET)


def test_power_options_tell_a_total_only():
    for row in (plain(option_type="PC", options=None), plain(stocks=[{"x": 1}], options=[])):
        page = read("products", envelope(row))
        assert page.records[0].variants is UNSET
        assert [(level.variant_id, level.quantity) for level in page.records[1:]] == [("", 17)]
        assert page.tally.unknown == {"stocks=power options": 1}


def test_values_that_hold_a_comma_are_not_torn():
    basic = {"sto_type": "BASIC", "sto_real_stock": "1", "sto_unlimit": "N", "sto_state_code": "SALE", "sto_price": "0"}
    options = {
        "option": [
            {"opt_id": 1, "opt_type": "SELECT", "opt_name": "맛", "opt_value": "소금,후추,설탕", "opt_price": "0,0"}
        ],
        "basic": {
            "a": basic | {"sto_id": 1, "opt_ids": 1, "sto_opt_values": "소금,후추"},
            "b": basic | {"sto_id": 2, "opt_ids": "1", "sto_opt_values": "설탕 &amp; 꿀"},
        },
    }
    found = one("products", envelope(product(options=options)), Product)
    assert [variant.options for variant in found.variants] == [{"맛": "소금,후추"}, {"맛": "설탕 & 꿀"}]
    assert found.options[0].values == ["소금,후추", "설탕 & 꿀"]
    entity = {"opt_id": "2", "opt_type": "SELECT", "opt_name": "양", "opt_value": "1&#44;5, 2", "opt_price": "0,0"}
    two = {"option": [*options["option"], entity], "basic": basic | {"sto_id": 1, "opt_ids": "1,2"}}
    two["basic"] |= {"sto_opt_values": "소금&#44;후추,1&#44;5"}
    found = one("products", envelope(product(options=two)), Product)
    assert found.variants[0].options == {"맛": "소금,후추", "양": "1,5"} and found.options[1].values == ["1,5", "2"]
    options["basic"] = [basic | {"sto_id": "1", "opt_ids": "1,2", "sto_opt_values": "소금,후추,M"}]
    assert one("products", envelope(product(options=options)), Product).variants[0].options == {"": "소금,후추,M"}


def test_a_variant_sells_down_to_the_level_at_which_it_stops():
    row = product()
    basic = row["options"]["basic"][0]
    for stop, use, available in (("12", "Y", False), ("11", "Y", True), ("12", "N", True)):
        row["options"]["basic"] = [basic | {"sto_stop_stock": stop, "sto_stop_use": use}]
        assert one("products", envelope(row), Product).variants[0].available is available


@pytest.mark.parametrize(
    "told, status",
    [
        ({}, "on_sale"), ({"display": "N"}, "hidden"), ({"sell_accept": "N"}, "suspended"),
        ({"quantity": "0"}, "sold_out"), ({"display": "YES", "sell_accept": "1"}, "on_sale"),
        ({"display": "?"}, "unknown"), ({"display": "?", "sell_accept": "N"}, "suspended"), ({"display": None}, UNSET),
    ],
)  # fmt: skip
def test_a_products_status(told, status):
    page = read("products", envelope(plain(**told)))
    assert page.records[0].status == status
    assert bool(page.tally.unknown) == (told.get("display") == "?")
    level = page.records[1].available
    assert level is {"on_sale": True, "unknown": UNSET, UNSET: True}.get(status, False)


TERM = {"sale_type": "term", "user_type": "Y", "discount_price": "10", "unit": "percent"}


@pytest.mark.parametrize(
    "discount, price",
    [
        ({}, None), ([], None), ("", None), (None, None), (TERM, 26100),
        (TERM | {"discount_price": 1000, "unit": "price", "start_date": "0000-00-00 00:00:00"}, 28000),
        (TERM | {"discount_price": "7", "cut_position": "2", "cut_option": "floor"}, 26900),
        (TERM | {"discount_price": "7", "cut_position": "2", "cut_option": "ceil"}, 27000),
        (TERM | {"user_type": "N"}, None), (TERM | {"sale_type": "new"}, None),
        (TERM | {"end_date": f"{READ_AT:%Y-%m-%d}"}, 26100), (TERM | {"end_date": "2026-05-01"}, None),
        ([TERM, TERM | {"discount_price": "20"}], 23200), ({"0": TERM}, 26100), (TERM | {"unit": "?"}, UNSET),
        ({"uid": "1"}, UNSET), (TERM | {"discount_price": ""}, UNSET),
        (TERM | {"end_date": "2026-05-01 00:00:00"}, None), (TERM | {"start_date": "2026-06-01 00:00:00"}, None),
    ],
)  # fmt: skip
def test_what_a_guest_pays_now(discount, price):
    assert one("products", envelope(plain(discount=discount)), Product).discounted_price == price


def test_categories_pictures_and_texts():
    far = {"storefront": "https://mall.example.com", "categories": {"009": "이벤트", "003:001": "다른 이름"}}
    row = plain(
        virtual_cate=["009000000", "777000000", {"cate1": "009"}],
        category_name="가방 &lt; 패션",
        product_content="<b>글</b>",
    )
    row |= {
        "maximage": "//cdn.example.com/a.jpg?1",
        "multi_image": {"0": "/b//c.jpg?2", "1": ""},
        "keywords": "a, b ,a",
    }
    found = one("products", envelope(row), Product, context=far)
    assert found.category_ids == ["003:001", "009"] and found.categories == ["패션 > 가방", "이벤트"]
    assert found.images == ["https://cdn.example.com/a.jpg", "https://mall.example.com/b/c.jpg"]
    assert found.description == "<b>글</b>" and found.tags == ["a", "b"]
    unnamed = one("products", envelope(plain(category_name="")), Product)
    assert unnamed.category_ids == ["003:001"] and unnamed.categories is UNSET
    alone = {"uid": "1", "category_name": "가방 < 패션", "brand": "데모", "options": None}
    unnumbered = one("products", envelope(alone), Product)
    assert (unnumbered.categories, unnumbered.category_ids, unnumbered.brand) == (["패션 > 가방"], UNSET, "데모")
    nowhere = one("products", envelope(plain()), Product)
    assert nowhere.images is UNSET and nowhere.url is UNSET
    assert mapping.categories(sample("kr_category"))["003:001"] == "패션 > 가방"


def test_scores():
    row = sample("kr_review")["list"][0]
    for scores, rating in (
        (("5", "4", "4", "", None), "4.33"),
        (("0",) * 5, None),
        (("9", "3", "", "", ""), "3"),
        ((5, 4, 0, 0, 0), "4.5"),
        ((5.0, "4.00", "0.00", 0.0, "4.5"), "4.5"),
    ):
        told = row | {f"score_{n}": score for n, score in enumerate(scores, 1)}
        page = read("reviews", envelope(told))
        assert page.records[0].rating == (Decimal(rating) if rating else None)
        assert bool(page.tally.unknown) == ("9" in scores)
    titled = one("reviews", envelope(row), Review, context={"scores": {"score_1": "만족도", "score_2": "만족도"}})
    assert titled.scores["만족도"] == "5" and titled.scores["score_2"] == "5"


def test_a_rating_comment_is_known_again_by_what_it_shows():
    row = sample("kr_review")["list"][0]
    scrub = Scrubber(b"key").scrub
    ids = [
        scrub(one("reviews", envelope(row | more), Review)).review_id
        for more in ({}, {"score_1": "1"}, {"content": "바뀜"})
    ]
    assert ids[0] == ids[1] != ids[2] and all(number.startswith("~") for number in ids)


def test_board_posts():
    rows = sample("kr_board_power_review")["list"]
    answer = rows[0] | {"num2": "00001", "subject": "RE", "content": "비밀 답"}
    page = read("reviews.board", envelope(rows[0], answer))
    assert len(page.records) == 1 and page.size == 2 and not page.tally.left_over
    hidden = {name: value for name, value in rows[0].items() if name != "lock_ok"}
    found = one("reviews.board", envelope(hidden), Review)
    assert found.flags == ["secret"] and found.text is None and found.media is None and found.replies is None
    assert one("reviews.board", envelope(rows[0] | {"write_path": "TV"}), Review).channel == "other"
    comments = [
        {"hname": "홍길동", "comment": "저도요", "display": "Y", "lock_ok": "N", "reg_date": "2026-05-10 00:00:00"},
        {"hname": "관리자", "comment": "숨김", "display": "N", "lock_ok": "N", "reg_date": ""},
        {"hname": "데모", "comment": "감사", "display": "Y", "lock_ok": "N", "reg_date": "2026-05-09 00:00:00"},
    ]
    found = one("reviews.board", envelope(rows[0] | {"comments": comments}), Review, context={"operators": ["데모"]})
    assert [(reply.text, reply.by) for reply in found.replies] == [("감사", "seller"), ("저도요", "buyer")]


def test_posts_and_pictures_in_odd_forms():
    row = sample("kr_board_power_review")["list"][0]
    for number in (0, "0", "00000", None):
        found = one("reviews.board", envelope(row | {"num1": 999870, "num2": number}), Review)
        assert found.review_id == "demoshop_board2:999870:00000"
    assert one("reviews.board", envelope(row | {"content": 100}), Review).text == "100"
    assert one("reviews.board", envelope(row | {"content": "글"}), Review).media is UNSET
    assert one("reviews.board", envelope(row | {"content": "글", "attach": ""}), Review).media == []
    assert one("reviews.board", envelope(row | {"content": "<img src='/a.jpg'>"}), Review).media is UNSET
    untold = {name: value for name, value in row.items() if name != "content"}
    assert one("reviews.board", envelope(untold), Review).text is UNSET
    comment = sample("kr_review")["list"][0]
    far = {"context": {"storefront": "https://mall.example.com"}}
    media = one("reviews", envelope(comment | {"uploadfile": ["/a.jpg", "/b.MP4", ""]}), Review, **far).media
    assert [(each.kind, each.url[-6:]) for each in media] == [("image", "/a.jpg"), ("video", "/b.MP4")]
    del comment["content"], comment["display"]
    untold = one("reviews", envelope(comment), Review)
    assert untold.text is UNSET and untold.flags is UNSET


def test_comments_below_an_answer_make_no_review():
    told = sample("kr_comment")
    row = told["list"][0]
    page = read("reviews.comments", told | {"list": [row | {"num2": 0}, row | {"num2": "00001"}]}, board="b")
    assert [(found.review_id, len(found.replies)) for found in page.records] == [("b:999870:00000", 1)]


def test_no_person_and_no_cost_leaves_the_mapping():
    secret = (
        "홍길동", "010-0000-0000", "gildong@example.com", "예시로", "101호", "demo01", "예시은행", "000-000-000000",
        "문 앞에", "admin", "회수 확인 후",
    )  # fmt: skip
    scrub = Scrubber(b"key").scrub
    files = {
        "kr_order2_list_page1": "orders", "kr_order2_claims": "orders", "kr_order1_legacy_list": "orders.v1",
        "kr_review": "reviews", "kr_board_power_review": "reviews.board",
    }  # fmt: skip
    for name, kind in files.items():
        page = read(kind, sample(name))
        printed = b"".join(msgspec.json.encode(scrub(record)) for record in page.records).decode()
        assert page.records and [word for word in secret if word in printed] == []


LONG = "9" * 600
HOSTILE = (
    {"uid": "1\u0000", "order": [[]], "num1": {}, "ordernum": []}, {"uid": LONG, "ordernum": LONG, "num1": LONG}, "x",
    5, [1], {"uid": "1", "sellprice": "1e999999", "quantity": 10**30, "num1": "1", "reg_date": "99999-01-01"},
    {"uid": "1", "options": "x", "num1": "1", "comments": 7, "order": {"ordernum": "a"}, "product": "x"},
    {"order": {"ordernum": "b", "pay_price": "9" * 40}},
    {"ordernum": "1", "basket_num": {}, "num": None, "old_num": ""},
)  # fmt: skip


API_KINDS = sorted(name for name, kind in mapping.KINDS.items() if kind.document is json_document)


@pytest.mark.parametrize("kind", API_KINDS)
def test_a_hostile_row_fails_alone(kind):
    for row in HOSTILE:
        body = msgspec.json.encode(envelope(row, row))
        page = read_page(mapping.KINDS[kind], body, Origin(platform="makeshop", collected_at=READ_AT))
        assert all(LONG not in why and "e999" not in why for _, why in page.failed)
    body = msgspec.json.encode(envelope("x", 5))
    assert len(read_page(mapping.KINDS[kind], body, Origin(platform="makeshop", collected_at=READ_AT)).failed) == 2


@pytest.mark.parametrize("kind", API_KINDS)
def test_a_hostile_body_fails_as_ours(kind):
    deep = b'{"return_code":"0000","list":' + b"[" * 4000 + b"]" * 4000 + b"}"
    for body in (
        deep,
        b"{",
        b"",
        b"[]",
        b'"x"',
        b"\xff\xfe{",
        b'{"list": 1}',
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:'>]>",
    ):
        mapping_or_ours(mapping.judge, Answer(body))
        with pytest.raises(ShopscrapeError):
            read_page(mapping.KINDS[kind], body, Origin(platform="makeshop", collected_at=READ_AT))


def mapping_or_ours(work, answer):
    """Run something that may only fail with an error of ours."""
    try:
        work(answer)
    except ShopscrapeError as why:
        assert why.outcome


def test_markup_and_scripts_in_texts_are_only_text():
    row = plain(product_name="<script>" * 2000 + "가방\u0007", subtitle="<b>a</b>&lt;i&gt;", production="\ud7ff")
    found = one("products", envelope(row), Product)
    assert found.name == "가방" and found.summary == "a<i>"
    post_ = sample("kr_board_power_review")["list"][0] | {"content": "<img src=" + "<" * 5000 + "<p>글</p>"}
    assert one("reviews.board", envelope(post_), Review).text.endswith("글")
