"""WISA's words: every number and label of the tables, on both APIs; what stands in none is unknown and counted."""

import pytest
from wisa_cases import combination, line, mapped, of_type, option, order, product, read, records, review

from spiders.wisa import codes

TABLE = {
    "1": ("미입금", "placed", None), "2": ("입금완료", "paid", None), "3": ("상품준비중", "preparing", None),
    "4": ("배송중", "shipped", None), "5": ("배송완료", "delivered", None), "6": ("", "delivered", None),
    "20": ("재고확인중", "placed", None), "40": ("등록대기", "placed", None), "41": ("동명이인입금", "placed", None),
    "12": ("취소요청", "placed", ("cancel", "requested")), "21": ("취소처리중", "placed", ("cancel", "accepted")),
    "13": ("취소완료", "cancelled", ("cancel", "completed")), "14": ("환불요청", "before", ("cancel", "requested")),
    "15": ("환불완료", "cancelled", ("cancel", "completed")), "16": ("반품요청", "before", ("return", "requested")),
    "22": ("반품수거중", "before", ("return", "collecting")),
    "23": ("반품수거완료", "before", ("return", "collected")),
    "28": ("반품보류", "before", ("return", "on_hold")), "17": ("반품완료", "returned", ("return", "completed")),
    "18": ("교환요청", "before", ("exchange", "requested")), "24": ("교환수거중", "before", ("exchange", "collecting")),
    "25": ("교환수거완료", "before", ("exchange", "collected")),
    "26": ("교환재배송중", "before", ("exchange", "reshipping")),
    "27": ("교환보류", "before", ("exchange", "on_hold")), "19": ("교환완료", "exchanged", ("exchange", "completed")),
}  # fmt: skip
"""The table of line states: number, label, word of the line ("before": what it was before the claim), claim."""
LEFT_OUT = {"11": "승인대기", "31": "승인실패", "32": "삭제"}
SHIPPED = [{"date": "2026-07-01 12:00:00", "summary": "상품준비중에서 배송중으로 변경"}]


def test_the_table_is_the_whole_table():
    assert set(TABLE) | set(LEFT_OUT) == set(codes.LINES)
    assert {label for label, *_ in TABLE.values() if label} | set(LEFT_OUT.values()) == set(codes.LABELS)


@pytest.mark.parametrize("number, told", TABLE.items())
def test_every_state_of_a_line(number, told):
    label, word, claim = told
    page = read("orders.detail", order(line(stat=number, stat_str=label or None), stat_log=SHIPPED))
    found, *returns = records(page)
    # A refund comes before shipping, so that the log's last state is another line's.
    before = "preparing" if number == "14" else "shipped"
    assert found["lines"][0]["status"] == (before if word == "before" else word)
    assert found["lines"][0]["status_raw"] == (label or number)
    assert [(one["kind"], one["status"]) for one in returns] == ([claim] if claim else [])
    assert not page.tally.unknown


@pytest.mark.parametrize("number, told", TABLE.items())
def test_every_label_leads_to_the_same_as_its_number(number, told):
    label, word, _ = told
    if label:
        row = {"ono": "1", "stat": label, "stat2": label, "products": []}
        listed = mapped("orders", {"status": "Y", "orders": [row]})[0]
        assert listed.get("status") == (None if word == "before" else word)
        by_number = mapped("orders.detail", order(line(stat=number, stat_str=label)))
        by_label = mapped("orders.detail", order(line(stat=None, stat_str=label)))
        assert by_number == by_label


@pytest.mark.parametrize("number, label", LEFT_OUT.items())
def test_what_is_no_sale_is_left_out(number, label):
    assert mapped("orders.detail", order(line(stat=number, stat_str=label), stat=label)) == []
    both = mapped("orders.detail", order(line(stat=number, stat_str=label), line(order_product_no="502")))
    assert [one["line_id"] for one in both[0]["lines"]] == ["502"]
    assert mapped("orders", {"status": "Y", "orders": [{"ono": "1", "stat": label}]}) == []


@pytest.mark.parametrize("number, told", TABLE.items())
def test_every_state_in_the_feed_of_claims(number, told):
    label, word, claim = told
    body = (
        "<getCanceledOrder><order_idx idx='1'><ord_no>A</ord_no><product_list><Product idx='1'>"
        "<ord_prd_no>5</ord_prd_no><prd_code>7</prd_code><item_cnt>1</item_cnt>"
        f"<cancel_stat>{label or number}</cancel_stat></Product></product_list></order_idx></getCanceledOrder>"
    )
    found, *returns = mapped("returns.erp", body)
    assert found["lines"][0].get("status") == (None if word == "before" else word)
    assert [(one["kind"], one["status"]) for one in returns] == ([claim] if claim else [])


@pytest.mark.parametrize("stat, stat_str, word, claims", [
    ("77", "새상태", "unknown", []), ("29", "반품검수중", "shipped", [("return", "unknown")]),
    (None, "교환협의", "shipped", [("exchange", "unknown")]),
    ("88", None, "unknown", []), ("취소접수", None, "shipped", [("cancel", "unknown")]),
])  # fmt: skip
def test_a_state_that_no_table_knows(stat, stat_str, word, claims):
    page = read("orders.detail", order(line(stat=stat, stat_str=stat_str), stat_log=SHIPPED))
    found, *returns = records(page)
    assert found["lines"][0]["status"] == word
    assert [(one["kind"], one["status"]) for one in returns] == claims
    assert sum(page.tally.unknown.values()) == 1 and not page.failed
    assert f"line_status={stat_str or stat}" in page.tally.unknown


@pytest.mark.parametrize("label, word", [*codes.PRODUCTS.items(), ("새상태", "unknown")])
def test_every_state_of_a_product(label, word):
    page = read("products", {"status": "Y", "product": [product(stat=label)]})
    assert records(page)[0]["status"] == word
    assert sum(page.tally.unknown.values()) == (word == "unknown")


@pytest.mark.parametrize(
    "shown, sold, word", [("T", "T", "on_sale"), ("F", "F", "sold_out"), ("T", "F", "hidden"), ("F", "T", "unknown")]
)
def test_every_pair_of_flags(shown, sold, word):
    body = (
        "<getProduct><prd_list><prd idx='1'><prd_code>7</prd_code>"
        f"<disp_flag>{shown}</disp_flag><sell_flag>{sold}</sell_flag></prd></prd_list></getProduct>"
    )
    page = read("products.erp", body)
    assert records(page)[0]["status"] == word
    assert sum(page.tally.unknown.values()) == (word == "unknown")


@pytest.mark.parametrize("kind, quantity, managed, available", [
    ("N", None, False, True), ("무제한", None, False, True), ("Y", 4, True, False), ("강제품절", 4, True, False),
    ("L", 4, True, True), ("한정", 4, True, True), ("X", 4, None, None),
])  # fmt: skip
def test_every_way_of_selling_out(kind, quantity, managed, available):
    page = read(
        "inventory",
        {"status": "Y", "complexOptions": [combination(type=kind)]},
        {"product": {"on_sale": True}},
        product_id="77",
    )
    stock = of_type(records(page), "Stock")[0]
    assert (stock["quantity"], stock.get("managed"), stock.get("available")) == (quantity, managed, available)
    assert sum(page.tally.unknown.values()) == (2 if kind == "X" else 0)


@pytest.mark.parametrize(
    "state, flags",
    [("1", ["pending"]), ("2", []), ("3", ["best"]), ("4", ["popular"]), (3, ["best"]), ("대기", ["pending"]),
     ("등록", []), ("베스트", ["best"]), ("인기", ["popular"])],
)  # fmt: skip
def test_every_state_of_a_review(state, flags):
    assert mapped("reviews", {"status": "Y", "articles": [review(stat=state)]})[0]["flags"] == flags


def test_a_notice_is_no_review_and_a_new_state_is_counted():
    assert mapped("reviews", {"status": "Y", "articles": [review(stat="0"), review(stat=0, no="2")]}) == []
    page = read("reviews", {"status": "Y", "articles": [review(stat="9")]})
    assert "flags" not in records(page)[0] and page.tally.unknown == {"review_status=9": 1}


@pytest.mark.parametrize("raw, channel, kept", [
    (None, "own", None), ([], "own", None), ("", "own", None), ({}, "own", None),
    ({"code": "SELF", "name": "자사몰"}, "own", "SELF"), ({"code": "NP", "name": "네이버페이"}, "naver_pay", "NP"),
    ({"code": "SS", "name": "스마트스토어"}, "smartstore", "SS"),
    ({"code": "TS", "name": "카카오톡스토어"}, "kakao", "TS"),
    ({"code": "TB", "name": "카카오페이구매"}, "kakao", "TB"),
    ("SS", "smartstore", "SS"),
    ({"name": "스마트스토어"}, "smartstore", "스마트스토어"), ([{"code": "NP"}], "naver_pay", "NP"),
    ({"code": "ZZ", "name": "새시장"}, "other", "ZZ"),
])  # fmt: skip
def test_every_channel(raw, channel, kept):
    page = read("orders.detail", order(channel=raw))
    found = records(page)[0]
    assert (found["channel"], found["channel_raw"]) == (channel, kept)
    assert sum(page.tally.unknown.values()) == (channel == "other")


@pytest.mark.parametrize("method", [*sorted(codes.PAYMENTS - {"네이버페이 (정기)"}), "네이버페이\n(정기)"])
def test_every_way_to_pay(method):
    assert mapped("orders.detail", order(pay_type=method))[0]["payment_methods"] == [" ".join(method.split())]


def test_a_new_way_to_pay_and_a_new_discount_are_kept_and_counted():
    page = read("orders.detail", order(line(discount={"새할인": "1000"}), pay_type="새결제", discount={"새할인": 1000}))
    assert records(page)[0]["payment_methods"] == ["새결제"] and records(page)[0]["discount"] == "1000"
    assert page.tally.unknown == {"pay_type=새결제": 1, "discount=새할인": 2}


@pytest.mark.parametrize("label", sorted(codes.DISCOUNTS))
def test_every_discount(label):
    assert mapped("orders.detail", order(discount={label: "1000"}))[0]["discount"] == "1000"


@pytest.mark.parametrize("otype, kind", [*codes.OPTION_TYPES.items(), ("새종류", "choice")])
@pytest.mark.parametrize("necessary, use", [*codes.NECESSARY.items(), ("Q", "unknown")])
def test_every_kind_of_option(otype, kind, necessary, use):
    page = read(
        "products.options", {"status": "Y", "options": [option(otype=otype, necessary=necessary)]}, product_id="77"
    )
    found = records(page)[0]
    assert bool(found["options"]) is (kind == "choice" and use == "axis")
    assert found["text_options"] == (["색상"] if kind == "text" else [])
    assert sum(page.tally.unknown.values()) == (otype == "새종류") + (necessary == "Q")
