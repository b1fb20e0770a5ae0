"""Cafe24 cancels, returns, exchanges and refunds: what item, claim resource and refund tell together."""

import pytest
from cafe24_cases import EMPTY, claim, item, mapped, of_type, order, read, refund

from spiders.cafe24 import codes

LINE = "20260601-0000005-01"


def claims(*items, **changes):
    return of_type(mapped("orders", {"orders": [order(*items, **changes)]}), "Return")


def one(claimed=None, **changes):
    found = claims(claimed or returned(), **changes)
    assert len(found) == 1
    return found[0]


def returned(place=1, **changes):
    return item(place, **{
        "order_status": "R40", "status_code": "C3", "order_status_before_cs": "N40", "claim_quantity": 1,
        "claim_code": "C20260604-0000001", "claim_reason_type": "V", "claim_reason": "구멍이 났어요",
        "return_request_date": "2026-06-04T09:00:00+09:00", "return_confirmed_date": "2026-06-06 12:00:00",
        "refund_date": "2026-06-05T10:00:00+09:00",
    } | changes)  # fmt: skip


# -- identity ---------------------------------------------------------------------------------------------------------


def test_one_row_a_line_for_its_whole_life():
    """The number that comes later is claim_no; the row stands under line and kind from the request on."""
    asked = one(returned(order_status="R00", status_code="N1", claim_code=None, return_confirmed_date=None))
    done = one(returned())
    assert asked["return_id"] == done["return_id"] == f"{LINE}:return"
    assert (asked["claim_no"], done["claim_no"]) == (None, "C20260604-0000001")
    assert (asked["status"], done["status"]) == ("requested", "completed")
    assert (asked["completed_at"], done["completed_at"]) == (None, "2026-06-06T03:00:00Z")
    assert asked["line_ids"] == [LINE] and asked["order_id"] == "20260601-0000005"


def test_letter_of_the_claim_number_does_not_tell_cancel_from_return():
    cancelled = item(order_status="C40", status_code="C2", claim_code="C20260604-0000001", cancel_date="2026-06-02")
    assert one(cancelled)["kind"] == "cancel" and one()["kind"] == "return"
    exchanged = item(order_status="E40", status_code="E1", claim_code="B20260604-0000001")
    assert one(exchanged)["return_id"] == f"{LINE}:exchange"


def test_exchange_goods_make_no_claim():
    goods = item(2, order_status="N01", status_code="N2", original_item_no=[1], claim_code="B1")
    coming_back = item(3, order_status="R00", status_code="N2", original_item_no=[1])
    assert claims(goods, coming_back) == []


@pytest.mark.parametrize(
    "raw, coarse, kind", [("R99", "C3", "return"), ("E77", "N1", "exchange"), ("X01", "C2", "cancel")]
)
def test_unknown_code_of_a_claim(raw, coarse, kind):
    page = read("orders", {"orders": [order(item(order_status=raw, status_code=coarse))]})
    told = page.records[1]
    assert (told.kind, told.status, told.status_raw) == (kind, "unknown", raw)
    assert dict(page.tally.unknown) == {f"order_status={raw}": 1}


@pytest.mark.parametrize("coarse, kind", [("C1", "cancel"), ("C2", "cancel"), ("C3", "return"), ("E1", "exchange")])
def test_coarse_code_where_the_fine_one_is_missing(coarse, kind):
    told = one(item(order_status=None, status_code=coarse))
    assert told["kind"] == kind and "status" not in told
    assert claims(item(order_status="N40", status_code=coarse)) == []


# -- withdrawn --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("undone, kind", [("Cancellation", "cancel"), ("Return", "return"), ("Exchange", "exchange")])
def test_withdrawn_claim_of_a_line_that_lives_on(undone, kind):
    told = mapped("orders", {"orders": [order(returned(order_status="N40", status_code="N1", request_undone=undone))]})
    assert told[0]["lines"][0]["status"] == "delivered" and told[0]["lines"][0]["quantity_left"] == 2
    assert (told[1]["return_id"], told[1]["status"], told[1]["status_raw"]) == (f"{LINE}:{kind}", "withdrawn", undone)
    assert "refund_amount" not in told[1]


def test_withdrawn_by_its_resource_alone():
    back = item(claim_code="C20260604-0000001")
    assert one(back, **{"return": [claim(undone="T")]})["status"] == "withdrawn"
    assert claims(back, **{"return": [claim(undone="T", items=[], claim_code="C9")]}) == []


def test_new_claim_after_a_withdrawn_one_of_another_kind():
    told = claims(returned(order_status="R00", status_code="N1", request_undone="Cancellation"))
    assert [(each["kind"], each["status"]) for each in told] == [("return", "requested"), ("cancel", "withdrawn")]
    assert told[0]["reason"] == "defective" and "reason" not in told[1]


def test_newer_claim_of_the_same_kind_wins_over_the_withdrawn_resource():
    fresh = returned(order_status="R10", claim_code="C20260609-0000002")
    older = claim("C20260604-0000001", undone="T", claim_reason="옛")
    newer = claim("C20260609-0000002", claim_reason="새", return_invoice_no="77")
    for resources in ([older, newer], [newer, older]):
        told = one(fresh, **{"return": resources})
        assert (told["status"], told["claim_no"], told["tracking_no"]) == ("accepted", "C20260609-0000002", "77")


def test_unknown_word_for_a_withdrawal_is_counted():
    page = read("orders", {"orders": [order(item(request_undone="Something"))]})
    assert len(page.records) == 1 and dict(page.tally.unknown) == {"request_undone=Something": 1}


@pytest.mark.parametrize("code", ["C11", "R11", "E11"])
def test_refused_claim(code):
    told = mapped("orders", {"orders": [order(item(order_status=code, order_status_before_cs="N50"))]})
    assert told[0]["lines"][0]["status"] == "completed" and told[1]["status"] == "rejected"


# -- who and why ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", codes.REASONS)
def test_every_reason(code):
    assert one(returned(claim_reason_type=code))["reason"] == codes.REASONS[code]


@pytest.mark.parametrize("raw, reason, by", [
    ("C40", "A", "buyer"), ("C40", "G", "buyer"), ("C40", "H", "seller"), ("C40", "C", "seller"),
    ("R40", "O", "buyer"), ("R40", "W", "buyer"), ("R40", "K", "seller"), ("R40", "A", "seller"),
    ("E40", "V", "buyer"), ("E40", "F", "seller"), ("R40", "51", "buyer"), ("C40", "56", "seller"),
    ("C40", "K1", "buyer"), ("C40", "K7", "seller"), ("C47", None, "buyer"), ("C48", None, "platform"),
    ("C49", None, "seller"), ("C00", None, "buyer"), ("R00", None, "buyer"), ("C40", None, None), ("C40", "??", None),
])  # fmt: skip
def test_who_filed_it(raw, reason, by):
    told = one(item(order_status=raw, claim_reason_type=reason, order_status_before_cs="N40"))
    assert told.get("by") == by


@pytest.mark.parametrize(
    "told", [{"naver_pay_claim_status": "CANCELED_BY_NOPAYMENT"}, {"request_undone": "Cancellation"}]
)
def test_state_before_payment_is_no_request(told):
    """N00 ends as the codes of requests do."""
    assert "by" not in one(item(order_status="N00", **told))


def test_unknown_reason_is_unknown_and_counted():
    page = read("orders", {"orders": [order(returned(claim_reason_type="ZZ"))]})
    assert (page.records[1].reason, page.records[1].reason_raw) == ("unknown", "ZZ")
    assert dict(page.tally.unknown) == {"claim_reason_type=ZZ": 1}


def test_buyer_s_reason_and_seller_s_are_not_mixed():
    told = one(**{"return": claim()})
    assert (told["reason_raw"], told["reason_text"], told["by"]) == ("V", "구멍이 났어요", "buyer")
    silent = one(returned(claim_reason_type=None, claim_reason="", return_request_date=None), **{"return": claim()})
    assert (silent["reason_raw"], silent["reason_text"], silent["by"]) == ("K", "불량 확인", "seller")
    only_text = one(returned(claim_reason_type=None), **{"return": claim()})
    assert (only_text["reason_raw"], only_text["reason_text"]) == (None, "구멍이 났어요")


def test_phone_numbers_in_reasons_are_masked():
    assert "010" not in one(returned(claim_reason="환불은 010-1234-5678 로"))["reason_text"]


# -- the resource embedded in every way -------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda told: told, lambda told: [told], lambda told: [None, told]])
def test_resource_as_object_or_list(wrap):
    told = one(**{"return": wrap(claim(return_invoice_no=9001, return_shipping_fee="-2500.00", recover_inventory="T"))})
    assert (told["tracking_no"], told["fee"], told["restocked"], told["refund_amount"]) == (
        "9001",
        "2500",
        True,
        "9500",
    )


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_resource(nothing):
    empty = {"cancellation": nothing, "return": nothing, "exchange": nothing, "refunds": nothing}
    told = one(**empty)
    assert told["status"] == "completed" and not {"refund_amount", "tracking_no", "fee"} & set(told)
    assert told["refunded_at"] == "2026-06-05T01:00:00Z"


def test_line_that_only_the_resource_shows():
    rows = order(
        item(1), **{"cancellation": [claim(items=[item(7, order_status="C34", claim_code="C20260604-0000001")])]}
    )
    told = mapped("orders", {"orders": [rows]})
    assert [each["line_id"] for each in told[0]["lines"]] == [LINE]
    assert [(each["return_id"], each["status"]) for each in told[1:]] == [("20260601-0000005-07:cancel", "refunding")]


@pytest.mark.parametrize("code, amount", [("R40", "9500"), ("R34", None), ("R36", None), ("R41", None), ("R43", None),
                                          ("R10", None), ("R20", None)])  # fmt: skip
def test_planned_sum_is_not_paid_back_before_its_time(code, amount):
    assert one(returned(order_status=code), **{"return": claim()}).get("refund_amount") == amount


def test_points_given_back_are_no_money():
    back = [{"payment_method": name, "amount": "100.00"} for name in ("point", "credit", "card", "cash", "coupon")]
    assert one(**{"return": claim(refund_amounts=back)})["refund_amount"] == "200"
    alone = one(**{"return": claim(refund_amounts={"payment_method": "Refund to points", "amount": "100.00"})})
    assert (alone["refund_amount"], alone["refund_method"]) == ("0", "Refund to points")
    assert "refund_amount" not in one(**{"return": claim(refund_amounts=[{"payment_method": "card", "amount": None}])})
    named = [{"payment_method": name, "amount": "100.00"} for name in ("적립금", "신용카드", "")]
    told = one(**{"return": claim(refund_amounts=named)})
    assert (told["refund_amount"], told["refund_method"]) == ("200", "적립금,신용카드")


def test_sum_of_several_lines_stands_on_the_first():
    both = [returned(2), returned(1)]
    told = claims(*both, **{"return": claim(lines=(1, 2), return_shipping_fee="-3000.00")})
    assert [each["line_ids"][0][-2:] for each in told] == ["01", "02"]
    assert [each["refund_amount"] for each in told] == ["9500", None]
    assert [each["fee"] for each in told] == ["3000", None]
    assert [each["quantity"] for each in told] == [1, 1]


# -- refunds beside the order -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("given, amount, at", [
    ({}, "9500", "2026-06-05T01:00:00Z"), ({"actual_refund_amount": 9500}, "9500", "2026-06-05T01:00:00Z"),
    ({"status": "F", "refund_date": None}, None, None), ({"status": "M", "refund_date": ""}, None, None),
    ({"status": None}, "9500", "2026-06-05T01:00:00Z"), ({"status": "", "refund_date": "0000-00-00"}, None, None),
])  # fmt: skip
def test_refund_tells_the_money(given, amount, at):
    for told in (
        one(refunds=[refund(**given)]), one(refunds=refund(**given)),
        one(**{"return": claim(), "refunds": [refund(**given)]}),
    ):  # fmt: skip
        assert (told["refund_amount"], told["refunded_at"], told["refund_method"]) == (amount, at, "card")


def test_unknown_status_of_a_refund_is_counted():
    page = read("returns.refunds", {"refunds": [refund(status="Z"), refund(status="M")]})
    assert [told.refund_amount for told in page.records] == [None, None]
    assert dict(page.tally.unknown) == {"refund_status=Z": 1}


@pytest.mark.parametrize("nothing", EMPTY)
def test_refund_that_names_no_method(nothing):
    assert one(refunds=[refund(refund_payment_methods=nothing)])["refund_method"] is None
    row = refund()
    del row["refund_payment_methods"]
    assert "refund_method" not in one(refunds=[row])


def test_detail_of_a_refund_calls_its_sum_otherwise():
    row = refund(refund_amount="8000.00", return_shipping_fee="-300.00")
    del row["actual_refund_amount"]
    told = one(refunds=[row])
    assert (told["refund_amount"], told["fee"]) == ("8000", "300")


def test_refund_that_the_crawl_joined():
    context = {"refunds": {"20260601-0000005": [refund()]}}
    told = of_type(mapped("orders", {"orders": [order(returned())]}, context), "Return")[0]
    assert told["refund_amount"] == "9500"


def test_refund_found_by_its_line_where_no_number_is_told():
    assert one(returned(claim_code=None), refunds=[refund()])["refund_amount"] == "9500"


def test_refund_of_another_claim_is_left_alone():
    assert "refund_amount" not in one(refunds=[refund("C20260699-0000009")])


# -- Naver Pay --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", codes.NAVER_PAY)
def test_every_word_of_naver_pay(word):
    told = claims(item(naver_pay_claim_status=word), order_place_id="NCHECKOUT")
    expected = codes.NAVER_PAY[word]
    assert [(each["kind"], each["status"], each["status_raw"]) for each in told] == (
        [(*expected, word)] if expected else []
    )
    assert [each.get("by") for each in told] in ([], ["platform" if word.startswith("ADMIN") else None])


def test_cafe24_s_own_code_goes_before_naver_pay_s():
    told = one(returned(naver_pay_claim_status="CANCEL_REQUEST"))
    assert (told["kind"], told["status_raw"]) == ("return", "R40")


def test_collecting_for_an_exchange():
    assert one(item(naver_pay_claim_status="COLLECTING", claim_code="B20260604-0000001"))["kind"] == "exchange"


def test_unknown_word_of_naver_pay_is_counted():
    page = read("orders", {"orders": [order(item(naver_pay_claim_status="NEW_WORD"))]})
    assert len(page.records) == 1 and dict(page.tally.unknown) == {"naver_pay_claim_status=NEW_WORD": 1}


# -- claim resources on their own -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key, kind, status, word", [
    ("cancellation", "cancel", "canceling", "refunding"), ("cancellation", "cancel", "canceled", "completed"),
    ("return", "return", "accepted", "accepted"), ("return", "return", "processing", "collecting"),
    ("return", "return", "returned", "completed"), ("exchange", "exchange", "accept", "accepted"),
    ("exchange", "exchange", "collected", "collected"), ("exchange", "exchange", "exchanged", "completed"),
])  # fmt: skip
def test_single_claim_by_its_own_status(key, kind, status, word):
    told = mapped(f"returns.{key}", {key: claim(status=status)})
    assert [(each["return_id"], each["status"], each["status_raw"]) for each in told] == [
        (f"{LINE}:{kind}", word, status)
    ]


def test_single_claim_by_the_code_of_its_items():
    rows = {"return": claim(items=[returned(order_status="R31"), returned(2, order_status="R12")], shop_no=2)}
    told = mapped("returns.return", rows)
    assert [(each["status"], each["shop"]) for each in told] == [("collected", "2"), ("on_hold", "2")]
    assert "currency" not in told[0]


def test_single_claim_withdrawn():
    assert [each["status"] for each in mapped("returns.return", {"return": claim(undone="T")})] == ["withdrawn"]
    page = read("returns.return", {"return": claim(order_id=None)})
    assert [failed.why for failed in page.failed] == ["order_id: missing"]


@pytest.mark.parametrize("nothing", EMPTY)
def test_single_claim_without_lines_stands_under_its_number(nothing):
    told = mapped("returns.exchange", {"exchange": claim(items=nothing, status="collected")})
    assert [(each["return_id"], each["kind"], each["line_ids"], each["status"]) for each in told] == [
        ("C20260604-0000001", "exchange", [], "collected")
    ]
    assert told[0]["reason"] == "defective" and "refund_amount" not in told[0]
    back = mapped("returns.cancellation", {"cancellation": claim(items=nothing, status="canceled")})[0]
    assert (back["refund_amount"], back["refund_method"]) == ("9500", "card")
    undone = mapped("returns.return", {"return": claim(items=nothing, undone="T", claim_reason_type=None)})[0]
    assert undone["status"] == "withdrawn" and undone["reason"] is None and "refund_amount" not in undone
    page = read("returns.return", {"return": claim(None, items=nothing)})
    assert [failed.why for failed in page.failed] == ["claim_code: missing, and so are the lines that it is about"]


# -- refunds on their own ---------------------------------------------------------------------------------------------


def test_list_of_refunds():
    told = mapped("returns.refunds", {"refunds": [refund(lines=(2, 1)), refund("B20260604-0000001", (3,))]})
    assert [each["return_id"][-9:] for each in told] == ["01:cancel", "02:cancel", ":exchange"]
    assert [each["refund_amount"] for each in told] == ["9500", None, "9500"]
    assert [each.get("quantity") for each in told] == [None, None, 1]
    assert "110-222" not in str(told)


@pytest.mark.parametrize("shown, kind", [
    ({"order_status": "R40"}, "return"), ({"order_status": "C40"}, "cancel"), ({"order_status": "E35"}, "exchange"),
    ({"order_status": None, "status_code": "C3"}, "return"), ({"order_status": "N40"}, "return"),
    ({"order_status": "N10", "shipped_date": None}, "cancel"),
])  # fmt: skip
def test_refund_with_its_items_knows_the_kind(shown, kind):
    told = mapped("returns.refund", {"refund": refund(items=[item(**shown)])})
    assert [each["return_id"] for each in told] == [f"{LINE}:{kind}"]


@pytest.mark.parametrize("fee, kind", [("-300.00", "return"), ("0.00", "cancel"), (None, "cancel")])
def test_detail_of_a_refund_without_lines_stands_under_the_claim(fee, kind):
    row = refund(return_shipping_fee=fee, refund_amount="17610.00")
    del row["order_item_code"], row["actual_refund_amount"]
    told = mapped("returns.refund", {"refund": row})[0]
    assert (told["return_id"], told["kind"], told["line_ids"]) == ("C20260604-0000001", kind, [])
    assert told["refund_amount"] == "17610"


@pytest.mark.parametrize("lines", [["20260601-0000005-02", LINE], f"20260601-0000005-02, {LINE}"])
def test_lines_of_a_refund_in_a_list_or_a_text(lines):
    told = mapped("returns.refunds", {"refunds": [refund(order_item_code=lines)]})
    assert [each["line_ids"] for each in told] == [[LINE], ["20260601-0000005-02"]]


@pytest.mark.parametrize("lines", [[LINE], LINE])
def test_line_of_a_refund_alone_or_in_a_list(lines):
    told = mapped(
        "returns.refunds", {"refunds": [refund(order_item_code=lines, cancel_fee_amount="1000.00", quantity=2)]}
    )
    assert [(each["line_ids"], each["quantity"], each["fee"]) for each in told] == [([LINE], 2, "1000")]


def test_refund_without_anything_to_stand_under_fails():
    page = read("returns.refunds", {"refunds": [refund(None, ()), refund()]})
    assert [failed.position for failed in page.failed] == [0] and len(page.records) == 1
