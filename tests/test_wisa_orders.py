"""WISA orders and claims: sums, options, dates and persons in the odd but real forms of both APIs."""

from time import monotonic

import pytest
from msgspec import UNSET
from wisa_cases import EMPTY, line, mapped, of_type, order, read, records

from spiders.wisa.mapping_orders import chosen


def one(*lines, **changes):
    return mapped("orders.detail", order(*lines, **changes))[0]


def sums(told):
    return {
        name: told.get(name) for name in ("items_total", "shipping_fee", "discount", "total", "points_used", "paid")
    }


def test_sums_stand_as_they_are_now():
    assert sums(one()) == {
        "items_total": "20000", "shipping_fee": "3000", "discount": "1000", "total": "22000", "points_used": "500",
        "paid": "21500",
    }  # fmt: skip


def test_a_finished_claim_takes_its_line_out_of_the_sums():
    told = one(line(stat="17", stat_str="반품완료"), line(order_product_no="502", total_prc="7000", sale_prc="0"))
    assert sums(told) | {"paid": None, "points_used": None} == {
        "items_total": "7000", "shipping_fee": "3000", "discount": "0", "total": "10000", "points_used": None,
        "paid": None,
    }  # fmt: skip
    assert [row["quantity_left"] for row in told["lines"]] == [0, 2]


def test_discounts_of_the_order_count_while_nothing_is_taken_out():
    assert one(discount={"전체쿠폰": "1,500", "회원할인": 500})["discount"] == "2000"
    taken = one(line(stat="15", stat_str="환불완료"), line(order_product_no="502"), discount={"전체쿠폰": "1500"})
    assert taken["discount"] == "1000"


@pytest.mark.parametrize("label, paid", [
    ("미입금", "0"), ("재고확인중", "0"), ("취소요청", "0"), ("입금완료", "21500"), ("반품완료", "21500"),
    ("새상태", "21500"),
])  # fmt: skip
def test_what_is_due_is_not_paid(label, paid):
    assert one(stat=label)["paid"] == paid


def test_of_an_order_in_an_unknown_state_its_lines_tell_whether_it_was_paid():
    assert one(line(stat="1", stat_str="미입금"), stat="새상태")["paid"] == "0"
    assert "paid" not in one(line(stat="99", stat_str="새상태"), stat="새상태")
    row = {"ono": "20260701-AAAAA", "stat": "새상태", "pay_prc": "21500"}
    page = read("orders", {"status": "Y", "orders": [row, row | {"stat2": "새상태,입금완료"}]})
    assert [told.paid for told in page.records] == [UNSET, 21500] and page.tally.unknown


def test_lines_of_another_seller_hide_their_prices_and_so_the_sums():
    told = one(line(), {"order_product_no": "502", "name": "타사상품", "stat": "2"})
    assert sums(told) | {"paid": None} == {
        "items_total": None, "shipping_fee": "3000", "discount": None, "total": None, "points_used": "500",
        "paid": None,
    }  # fmt: skip
    assert told["lines"][1] == {
        "line_id": "502", "kind": "sale", "name": "타사상품", "status": "paid", "status_raw": "2", "delivered_at": None,
    }  # fmt: skip


def test_a_line_without_a_product_keeps_its_number():
    for nothing in ("0", "", None, 0):
        told = one(line(pno=nothing, complex_no=nothing))["lines"][0]
        assert (told["line_id"], told["product_id"], told["variant_id"]) == ("501", None, None)


@pytest.mark.parametrize("quantity, price, unit", [
    ("3", "10000", None), (3, 9000, "3000"), ("2", "25.50", "12.75"), (0, "0", None), (None, "9000", None),
])  # fmt: skip
def test_a_unit_price_comes_out_even_or_not_at_all(quantity, price, unit):
    assert one(line(buy_ea=quantity, total_prc=price))["lines"][0].get("unit_price") == unit


@pytest.mark.parametrize("amount", ["20,000", "20000.00", 20000, 20000.0])
def test_amounts_in_every_spelling(amount):
    assert one(line(total_prc=amount))["lines"][0]["total"] == "19000"


@pytest.mark.parametrize("text, told", [
    ("색상<split_small>블랙<split_big>사이즈<split_small>M", {"색상": "블랙", "사이즈": "M"}),
    ("각인<split_small>", {"각인": ""}), ("색상<split_small>빨강 &amp; 파랑", {"색상": "빨강 & 파랑"}),
    ("그냥 글", {"": "그냥 글"}), ("", {}), (None, None), ("  ", {}),
    ("색상<split_small>블랙<split_big>색상<split_small>흰색", {"": "색상: 블랙, 색상: 흰색"}),
    ("색상<split_small>블랙<split_big>", {"색상": "블랙"}),
])  # fmt: skip
def test_options_of_a_line(text, told):
    assert one(line(option=text))["lines"][0]["options"] == told


@pytest.mark.parametrize("text, told", [
    ("색상:블랙,사이즈:M", {"색상": "블랙", "사이즈": "M"}), ("색상:블랙, 흰색", {"": "색상:블랙, 흰색"}),
    ("문구:10:30 도착", {"": "문구:10:30 도착"}), ("", {}),
])  # fmt: skip
def test_options_of_an_erp_line_are_not_split_where_it_is_not_safe(text, told):
    assert chosen(text, ",", ":") == told


def test_a_claim_leaves_its_line_the_word_it_had():
    def word(code, label, **changes):
        return one(line(stat=code, stat_str=label), **changes)["lines"][0].get("status")

    log = [{"date": "2026-07-01 11:00:00", "summary": "입금완료에서 상품준비중으로 변경"},
           {"date": "2026-07-02 11:00:00", "summary": "상품준비중에서 환불요청으로 변경"}]  # fmt: skip
    assert word("14", "환불요청", stat_log=log) == "preparing"
    assert word("14", "환불요청") is None
    assert word("16", "반품요청") == "shipped"
    assert word("16", "반품요청", date5="2026-07-05 10:00:00") == "delivered"
    assert word("18", "교환요청") is None
    assert one(line(stat="18", stat_str="교환요청", dlv_code="600"))["lines"][0]["status"] == "shipped"
    assert word("12", "취소요청") == "placed"
    paid = [{"date": "2026-07-01 11:00:00", "summary": "미입금에서 입금완료으로 변경"}]
    assert word("16", "반품요청", stat_log=paid) == "shipped"
    gone = [{"date": "2026-07-03 11:00:00", "summary": "상품 배송중에서 배송완료으로 변경"}]
    assert word("14", "환불요청", stat_log=gone, date5="2026-07-05 10:00:00") is None
    assert word("14", "환불요청", stat_log=paid + gone) == "paid"


def test_times_of_a_claim_come_from_the_log_of_the_order():
    log = [
        {"date": "2026-07-01 10:00:05", "summary": "입금완료으로 변경"},
        {"date": "2026-07-05 10:00:00", "summary": "배송중에서 배송완료으로 변경"},
        {"date": "2026-07-06 10:00:00", "summary": "배송완료에서 반품요청으로 변경"},
        {"date": "2026-07-07 10:00:00", "summary": "반품요청에서 반품수거중으로 변경"},
        {"date": "2026-07-09 10:00:00", "summary": "반품수거중에서 반품완료으로 변경"},
        {"date": 0, "summary": "무엇인가"}, {"date": "2026-07-10 10:00:00", "summary": None},
    ]  # fmt: skip
    found, claim = mapped("orders.detail", order(line(stat="17", stat_str="반품완료"), stat_log=log))
    assert found["paid_at"] == "2026-07-01T01:00:05Z"
    assert claim["return_id"] == "501:return" and claim["derived"] is True
    assert (claim["requested_at"], claim["completed_at"]) == ("2026-07-06T01:00:00Z", "2026-07-09T01:00:00Z")
    newest_first = order(line(stat="17", stat_str="반품완료"), stat_log=log[4::-1])
    assert mapped("orders.detail", newest_first) == [found, claim]
    assert (claim["refund_amount"], claim["quantity"], claim["line_ids"]) == ("19000", 2, ["501"])


@pytest.mark.parametrize("code, label, amount", [
    ("12", "취소요청", None), ("13", "취소완료", None), ("14", "환불요청", "not told"), ("15", "환불완료", "19000"),
    ("16", "반품요청", "not told"), ("17", "반품완료", "19000"), ("18", "교환요청", None), ("19", "교환완료", None),
])  # fmt: skip
def test_money_back(code, label, amount):
    claim = mapped("orders.detail", order(line(stat=code, stat_str=label)))[1]
    assert claim.get("refund_amount", "not told") == amount


def test_a_claim_taken_back_shows_in_the_log_of_an_order_with_one_line():
    log = [{"date": "2026-07-06 10:00:00", "summary": "배송완료에서 반품요청으로 변경"},
           {"date": "2026-07-07 10:00:00", "summary": "반품요청에서 배송완료으로 변경"}]  # fmt: skip
    found, claim = mapped("orders.detail", order(line(stat="5", stat_str="배송완료"), stat_log=log))
    assert (claim["kind"], claim["status"], found["lines"][0]["status"]) == ("return", "withdrawn", "delivered")
    two = order(line(stat="5", stat_str="배송완료"), line(order_product_no="502"), stat_log=log)
    assert len(mapped("orders.detail", two)) == 1


@pytest.mark.parametrize("nothing", [0, "0", "", None, False, "0000-00-00 00:00:00", "1970-01-01 09:00:00",
                                     "00000000000000"])  # fmt: skip
def test_dates_that_are_none(nothing):
    assert one(date1=nothing)["ordered_at"] is None
    assert one(line(stat="5", stat_str="배송완료"), date5=nothing)["lines"][0]["delivered_at"] is None


def test_seconds_since_1970_are_a_date():
    assert one(date1=1782867600)["ordered_at"] == "2026-07-01T01:00:00Z"


def test_persons_leave_no_trace_but_a_pseudonym_and_a_region():
    page = read("orders.detail", order(buyer_cell="010-0000-0001"))
    text = str(records(page))
    assert not [word for word in ("홍길동", "0000-0001", "hong", "예시로", "192.0.2.1", "비밀") if word in text]
    told = records(page)[0]
    assert told["buyer"].startswith("p_") and told["receiver_region"] == "부산광역시 예시구"
    assert one(buyer_cell="", buyer_email="")["buyer"] != told["buyer"]
    assert one(buyer_cell=None, buyer_phone=None, buyer_email=None, member_id=None)["buyer"] is None


def test_points_and_deposit_where_one_is_empty():
    assert one(milage_prc="", emoney_prc="500")["points_used"] == "500"
    assert one(milage_prc=None, emoney_prc="")["points_used"] is None


def test_a_log_of_one_endless_word_is_read_at_once():
    log = [{"date": "2026-07-01 10:00:00", "summary": "가" * 300_000}]
    began = monotonic()
    assert "paid_at" not in one(stat_log=log) and monotonic() - began < 2


def test_odd_texts_beside_the_numbers_cost_no_order():
    log = [{"date": "어제", "summary": "입금완료으로 변경"}]
    told = one(line(discount={"회원할인": {"won": 1}}, dlv_code="600\u00a07"), stat_log=log, buyer_cell="010\u00a00000")
    assert told["lines"][0]["tracking_no"] == "600 7" and "paid_at" not in told and told["discount"] == "1000"
    page = read("orders.detail", order(discount={"회원할인": "조금"}))
    assert page.records[0].discount == 1000 and page.tally.unknown == {"discount=not an amount": 1}


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_lines_in_every_disguise(nothing):
    assert one(products=nothing, stat_log=nothing, discount=nothing)["lines"] == []
    assert mapped("orders", {"status": "Y", "orders": nothing}) == []


def test_absent_parts_are_not_told():
    row = order()
    gone = "products stat_log channel discount dlv_prc milage_prc emoney_prc addr_addr pay_type"
    for name in gone.split():
        del row[name]
    told = mapped("orders.detail", row)[0]
    assert not {"lines", "channel", "shipping_fee", "points_used", "receiver_region", "payment_methods"} & set(told)


def test_a_lone_line_and_a_numbered_map_of_lines():
    assert [row["line_id"] for row in one(products=line())["lines"]] == ["501"]
    both = {"0": line(), "1": line(order_product_no=502)}
    assert [row["line_id"] for row in one(products=both)["lines"]] == ["501", "502"]


def test_a_row_without_its_number_fails_alone():
    rows = [{"ono": None, "stat": "입금완료"}, {"ono": 20260701, "stat": "입금완료"}, "무엇"]
    page = read("orders", {"status": "Y", "orders": rows})
    assert [record.order_id for record in page.records] == ["20260701"]
    assert [place for place, _ in page.failed] == [0, 2]


def test_list_and_detail_of_one_order_tell_nothing_that_fights():
    listed = {name: order()[name] for name in ("ono", "date1", "pay_type", "pay_prc", "stat", "channel", "member_id")}
    names = ("order_product_no", "pno", "name", "buy_ea", "total_prc", "sale_prc", "discount", "dlv_code")
    listed |= {
        "products": [{name: line()[name] for name in names} | {"dlv_no": "3"}], "stat2": "입금완료",
        "addressee_addr1": "부산광역시 예시구 예시로 2", "buyer_cell": "010-0000-0001",
        "buyer_email": "hong@example.com",
    }  # fmt: skip
    short = mapped("orders", {"status": "Y", "orders": [listed]})[0]
    full = mapped("orders.detail", order())[0]
    assert {name: short[name] for name in short if name != "lines"}.items() <= full.items()
    assert short["lines"][0].items() <= full["lines"][0].items()


@pytest.mark.parametrize("label, told", [("배송완료", "delivered"), ("교환요청", None), ("새상태", "unknown")])
def test_of_an_order_whose_other_lines_are_not_told_its_label_speaks(label, told):
    lines = "".join(
        f"<Product idx='1'><ord_prd_no>{at}</ord_prd_no><cancel_stat>{one}</cancel_stat></Product>"
        for at, one in enumerate(("반품완료", "교환요청"), 1)
    )
    body = f"<order_idx idx='1'><ord_no>A</ord_no><product_list>{lines}</product_list>"
    body += f"<cancel_stat>{label}</cancel_stat>"
    page = read("returns.erp", f"<getCanceledOrder>{body}</order_idx></getCanceledOrder>")
    assert records(page)[0].get("status") == told and not page.failed


def test_a_hollow_line_is_none_and_an_odd_mark_costs_no_order():
    assert [row["line_id"] for row in one(products=[{}, line(), [], None])["lines"]] == ["501"]
    inside = "<ord_no>A</ord_no><is_checkout>K</is_checkout>"
    page = read("orders.erp", f"<getOrder><order_idx idx='1'>{inside}</order_idx></getOrder>")
    assert page.tally.unknown == {"is_checkout=K": 1} and "channel" not in records(page)[0]


def test_lines_that_an_erp_order_does_not_bring_are_not_told():
    told = mapped("orders.erp", "<getOrder><order_idx idx='1'><ord_no>A</ord_no></order_idx></getOrder>")
    assert "lines" not in told[0]


def test_the_feed_of_claims_and_the_detail_tell_one_return():
    body = (
        "<getCanceledOrder><order_idx idx='1'><ord_no>20260701-AAAAA</ord_no><product_list><Product idx='1'>"
        "<ord_prd_no>501</ord_prd_no><prd_code>77</prd_code><item_cnt>2</item_cnt><item_price>20000</item_price>"
        "<item_sell_price>19000</item_sell_price><cancel_stat>반품완료</cancel_stat></Product></product_list>"
        "</order_idx></getCanceledOrder>"
    )
    told = mapped("returns.erp", body)[1]
    full = mapped("orders.detail", order(line(stat="17", stat_str="반품완료")))[1]
    assert told.items() <= full.items()
    assert of_type([told], "Return")[0]["refund_amount"] == "19000"
