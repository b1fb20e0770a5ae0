"""Godomall5 orders and claims: amounts, persons, lines, options, odd but real forms of an answer."""

import pytest
from godomall5_cases import ABSENT, claim, line, mapped, of_type, order, read, records


def first(row, **more):
    return mapped("orders", row, **more)[0]


def test_amounts():
    found = first(order())
    assert [found[name] for name in ("items_total", "shipping_fee", "discount", "total", "points_used", "paid")] == [
        "60000", "3000", "1500", "61500", "1500", "59000",
    ]  # fmt: skip
    one = found["lines"][0]
    assert (one["unit_price"], one["discount"], one["total"]) == ("30000", "2000", "58000")


def test_an_unpaid_order_has_paid_nothing():
    found = first(order(line(orderStatus="o1", paymentDt=""), paymentDt="0000-00-00 00:00:00", orderStatus="o1"))
    assert (found["paid"], found["paid_at"], found["status"]) == ("0", None, "placed")
    assert first(order(paymentDt=ABSENT))["paid"] == "59000"
    by_line = first(order(line("1", paymentDt="2026-07-04 10:00:00"), line("2"), paymentDt=""))
    assert (by_line["paid"], by_line["paid_at"]) == ("59000", "2026-07-03T06:46:02Z")
    waiting = order(line(orderStatus="o1", paymentDt=ABSENT), paymentDt=ABSENT, orderStatus="o1")
    assert first(waiting)["paid"] == "0"


def test_the_order_time_stands_in_its_number_too():
    assert first(order(orderDate=ABSENT))["ordered_at"] == "2026-07-03T06:45:12Z"
    assert first(order(orderDate=""))["ordered_at"] == "2026-07-03T06:45:12Z"
    assert first(order(orderDate="", orderNo="12345"))["ordered_at"] is None
    assert first(order(orderDate="", orderNo="9999999999990001"))["ordered_at"] is None


def test_lines_win_over_the_order():
    found = first(order(line("1", orderStatus="d1"), line("2", orderStatus="g1"), orderStatus="p1"))
    assert (found["status"], found["status_raw"]) == ("preparing", "p1")
    split = first(order(line("1", orderStatus="b1", claimData=claim()), line("2", orderStatus="d2"), orderStatus="d2"))
    assert split["status"] == "delivered"


def test_lines_that_tell_no_state_leave_the_order_its_own():
    found = first(order(line(orderStatus=ABSENT), orderStatus="d1"))
    assert (found["status"], found["lines"][0].get("status")) == ("shipped", None)


def test_amounts_and_an_address_that_are_empty_or_not_told():
    empty = dict.fromkeys(("totalGoodsDcPrice", "totalEnuriDcPrice", "useMileage", "useDeposit"), "")
    found = first(order(orderInfoData={"orderInfoCd": "1"}, **empty))
    assert (found["discount"], found["points_used"], found["total"]) == (None, None, "63000")
    assert "receiver_region" not in found
    assert "points_used" not in first(order(useMileage=ABSENT, useDeposit=ABSENT))


def test_an_order_without_lines_leaves_them_alone():
    found = first(order(orderGoodsData=ABSENT, orderStatus="d1"))
    assert found["status"] == "shipped" and "lines" not in found
    assert "status" not in first(order(orderGoodsData=ABSENT, orderStatus="b1"))
    empty = first(order(orderGoodsData=""))
    assert empty["lines"] == []


def test_add_on_articles_and_gifts_are_numbered_apart():
    add_on = {
        "sno": "70033",
        "addGoodsNo": "3",
        "orderStatus": "p1",
        "goodsNm": "포장",
        "goodsCnt": "1",
        "goodsPrice": "500",
    }
    gift = {"sno": "70031", "giftNo": "12", "giftCd": "G", "giftNm": "에코백", "giftCnt": "1.00", "presentTitle": "x"}
    found = first(order(line("70031"), addGoodsData=[add_on], giftData=gift))
    assert [(one["line_id"], one["kind"], one.get("product_id")) for one in found["lines"]] == [
        ("70031", "sale", "1000000042"), ("70033", "add_on", "add:3"), ("gift:70031", "gift", None),
    ]  # fmt: skip
    assert (found["lines"][1]["total"], found["lines"][2]["quantity"]) == ("500", 1)


@pytest.mark.parametrize(
    "told, options, code",
    [
        ('[["색상","블랙","BK-01",0,""],["사이즈","L","BK-01",1000,""]]', {"색상": "블랙", "사이즈": "L"}, "BK-01"),
        (r'[[\"색상\",\"블랙\",\"BK-01\",0,\"\"]]', {"색상": "블랙"}, "BK-01"),
        ('[["색상","블랙"]]', {"색상": "블랙"}, "TS"), ('[["색상","블랙",null,null,null]]', {"색상": "블랙"}, "TS"),
        ('["색상","블랙","BK"]', {"색상": "블랙"}, "BK"),
        ('[["색상 &amp; 무늬","A &lt; B",7]]', {"색상 & 무늬": "A < B"}, "7"),
        ("색상 : 블랙", {"": "색상 : 블랙"}, "TS"), ("", {}, "TS"), ("[]", {}, "TS"), ("null", {}, "TS"),
        ("[" * 5000, {"": "[" * 5000}, "TS"), ("{}", {}, "TS"), ('[["색상"]]', {}, "TS"),
        ('[["색","빨강"],["색","파랑"]]', {"색": "빨강, 파랑"}, "TS"),
        ('{"0":["색상","블랙","BK"],"1":["사이즈","L"]}', {"색상": "블랙", "사이즈": "L"}, "BK"),
        ("250", {"": "250"}, "TS"), (r'"[[\"색상\",\"블랙\"]]"', {"색상": "블랙"}, "TS"),
        ('"블랙"', {"": "블랙"}, "TS"), ('[{"색상":"블랙"}]', {"": '[{"색상":"블랙"}]'}, "TS"),
        ("[[&quot;색상&quot;,&quot;블랙&quot;]]", {"색상": "블랙"}, "TS"),
    ],
)  # fmt: skip
def test_options_of_a_line(told, options, code):
    one = first(order(line(optionInfo=told)))["lines"][0]
    assert (one["options"], one["code"]) == (options, code)


def test_what_a_buyer_typed_and_who_it_is_are_not_taken():
    row = order(
        line(optionTextInfo='[["자수","CANARY"]]', visitAddress="CANARY"), adminMemo="CANARY", addField="CANARY",
        bankName="CANARY", accountNumber="CANARY", depositor="CANARY", orderIp="CANARY", memGroupNm="CANARY",
        orderConsultData={"requestMemo": "CANARY"},
    )  # fmt: skip
    page = read("orders", row)
    assert "CANARY" not in str(records(page)) and not page.tally.left_over
    told = str(records(page))
    for kept_out in ("홍길동", "hong", "010-0000", "P123", "예시로", "분당구"):
        assert kept_out not in told


def test_the_buyer_by_phone_else_e_mail_else_member():
    by_phone, by_email, by_member, guest = (
        first(row)["buyer"]
        for row in (
            order(), order(orderInfoData=[{"orderCellPhone": "", "orderPhone": ""}]),
            order(orderInfoData=[{}], orderEmail=""), order(orderInfoData=[{}], orderEmail="", memId="", memNo="0"),
        )
    )  # fmt: skip
    assert len({by_phone, by_email, by_member}) == 3 and guest is None
    assert first(order(memNo="0", memId="", orderEmail=""))["buyer"] == by_phone


@pytest.mark.parametrize(
    "address, region",
    [("경기도 성남시 분당구 예시로 1", "경기도 성남시"), ("서울특별시  예시구", "서울특별시 예시구"),
     ("세종특별자치시 한누리대로 1", "세종특별자치시"), ("제주특별자치도", "제주특별자치도"), ("", None)],
)  # fmt: skip
def test_the_region_is_no_finer_than_a_district(address, region):
    assert first(order(orderInfoData=[{"receiverAddress": address}]))["receiver_region"] == region


def test_the_first_of_several_destinations_and_none():
    several = [{"receiverAddress": "부산광역시 중구 1"}, {"receiverAddress": "서울특별시 중구 2"}]
    assert first(order(orderInfoData=several))["receiver_region"] == "부산광역시 중구"
    found = first(order(orderInfoData=ABSENT))
    assert "receiver_region" not in found and found["buyer"]


def test_overseas_malls_tell_their_currency():
    assert first(order(mallSno="2", currencyPolicy='{"isoCode":"USD","rate":1}'))["currency"] == "USD"
    assert first(order(mallSno="2", currencyPolicy=""))["currency"] == "KRW"
    assert first(order(mallSno="1", currencyPolicy='{"isoCode":"USD"}'))["currency"] == "KRW"


def test_times_of_a_line():
    one = first(
        order(line(orderStatus="s1", deliveryDt="2026-07-04 09:00:05", deliveryCompleteDt="2026-07-05 10:00:00",
                   finishDt="2026-07-12 00:00:00", invoiceDt="2026-07-04 08:00:00"))
    )["lines"][0]  # fmt: skip
    assert (one["shipped_at"], one["delivered_at"], one["completed_at"]) == (
        "2026-07-04T00:00:05Z", "2026-07-05T01:00:00Z", "2026-07-11T15:00:00Z",
    )  # fmt: skip


def test_a_done_return_tells_its_money_only_with_r3():
    told = claim(handleMode="r", handleCompleteFl="y", handleDt="2026-07-06 10:00:00", refundPrice="28000.00")
    told |= {"refundCharge": "2500.00", "refundUseMileage": "1000.00", "handleDetailReason": "연락 010-1234-5678"}
    early, done = (
        of_type(mapped("orders", order(line(orderStatus=state, claimData=told, minusRestoreStockFl="y"))), "Return")[0]
        for state in ("r1", "r3")
    )
    assert (early["status"], early["refund_amount"], early["refunded_at"], early["completed_at"]) == (
        "refunding", None, None, None,
    )  # fmt: skip
    assert (done["status"], done["refund_amount"], done["refunded_at"]) == (
        "completed",
        "28000",
        "2026-07-06T01:00:00Z",
    )
    assert (done["fee"], done["restocked"], done["quantity"]) == ("2500", True, 2)
    assert done["reason_text"] == "연락 [phone]"


def test_the_same_return_keeps_its_id_while_its_mode_changes():
    asked = order(line(orderStatus="b1", claimData=claim()))
    paid = order(line(orderStatus="r3", claimData=claim(handleMode="r", beforeStatus="b4")))
    assert [mapped("orders", row)[1]["return_id"] for row in (asked, paid)] == ["70031:return"] * 2


def test_what_an_exchange_costs():
    settled = {"ehAddDeliveryPrice": "6000.00", "ehDifferencePrice": "-1000.00", "ehRefundMethod": "예치금",
               "ehRefundName": "CANARY", "ehRefundBankAccountNumber": "CANARY"}  # fmt: skip
    told = claim(handleMode="e", handleDt="2026-07-06 10:00:00", exchageInfoData=settled)
    found = mapped("orders", order(line(orderStatus="e5", claimData=told)))
    assert (found[1]["fee"], found[1]["refund_method"], found[1]["refund_amount"]) == ("6000", "예치금", None)
    assert "CANARY" not in str(found)


def test_an_add_on_article_that_is_sent_instead_keeps_its_number():
    old = {"sno": "5", "addGoodsNo": "3", "orderStatus": "e5", "goodsCnt": "1"}
    found = first(order(line("1", orderStatus="e5"), addGoodsData=[old, old | {"sno": "6", "orderStatus": "z3"}]))
    assert [(one["kind"], one["product_id"], one.get("replaces")) for one in found["lines"][1:]] == [
        ("add_on", "add:3", None), ("replacement", "add:3", "5"),
    ]  # fmt: skip


def test_add_on_lines_have_claims_too():
    add_on = {"sno": "5", "addGoodsNo": "3", "orderStatus": "b1", "goodsCnt": "1", "claimData": claim()}
    assert mapped("orders", order(line(), addGoodsData=add_on))[1]["return_id"] == "5:return"


def test_a_line_without_its_number_fails_its_order_only():
    page = read("orders", order(line(sno="")), order(orderNo="2607031545120002"))
    assert [failed.why for failed in page.failed] == ["orderGoodsData.sno: missing"]
    assert [record["order_id"] for record in of_type(records(page), "Order")] == ["2607031545120002"]


def test_empty_elements_among_lines_are_none():
    found = first(order(orderGoodsData=["", line("1"), ""], addGoodsData="", giftData=[""], orderInfoData=["", {}]))
    assert [one["line_id"] for one in found["lines"]] == ["1"]


def test_numbers_marketplaces_give():
    assert first(order(apiOrderGoodsNo="2026070312345678"))["external_id"] == "2026070312345678"
    assert first(order())["external_id"] is None


@pytest.mark.parametrize(
    "state, before, kind", [("b1", "z4", "return"), ("r3", "z2", "cancel"), ("e1", "z5", "exchange")]
)
def test_a_line_sent_instead_that_comes_back_is_still_no_sale(state, before, kind):
    old = line("1", orderStatus="e5", claimData=claim(handleMode="e"))
    new = line("2", orderStatus=state, claimData=claim(handleMode=state[0], beforeStatus=before))
    found = mapped("orders", order(old, new))
    assert [one["kind"] for one in found[0]["lines"]] == ["sale", "replacement"]
    assert [one["return_id"] for one in found[1:]] == ["1:exchange", f"2:{kind}"]


def test_several_claims_of_one_line():
    exchange = claim(handleMode="e", beforeStatus="d2", handleCompleteFl="d", regDt="2026-07-04 10:00:00")
    back = claim(handleMode="b", beforeStatus="d2", regDt="2026-07-06 10:00:00", handleReason="상품불량")
    found = mapped("orders", order(line(orderStatus="b2", claimData=[exchange, back])))
    assert found[0]["lines"][0]["status"] == "delivered"
    told = [(one["return_id"], one["status"], one["reason"]) for one in of_type(found, "Return")]
    assert told == [("70031:return", "collecting", "defective"), ("70031:exchange", "withdrawn", "changed_mind")]
    again = claim(handleMode="b", handleCompleteFl="d", regDt="2026-07-04 10:00:00")
    (only,) = of_type(mapped("orders", order(line(orderStatus="b2", claimData=[back, again]))), "Return")
    assert (only["status"], only["requested_at"]) == ("collecting", "2026-07-06T01:00:00Z")


def test_a_refund_whose_step_before_was_a_refund_too():
    paid_back = claim(handleMode="r", beforeStatus="r1", refundPrice="58000.00")
    unshipped = mapped("orders", order(line(orderStatus="r3", claimData=paid_back)))[1]
    sent = line(orderStatus="r3", claimData=paid_back, deliveryDt="2026-07-04 09:00:00")
    assert (unshipped["kind"], mapped("orders", order(sent))[1]["kind"]) == ("cancel", "return")


def test_a_cancelled_step_that_a_merchant_added_is_done():
    found = mapped("orders", order(line(orderStatus="c7", claimData=claim(handleMode="c", beforeStatus="o1"))))
    assert (found[0]["status"], found[1]["status"], found[1]["status_raw"]) == ("cancelled", "completed", "c7")


def test_an_exchange_without_its_claim_is_still_what_the_new_line_stands_for():
    lines = line("1", orderStatus="e5"), line("2", orderStatus="z3")
    assert first(order(*lines))["lines"][1]["replaces"] == "1"
