"""MakeShop (Korea): statuses out of dates, sums out of prices, refunds."""

from datetime import UTC, datetime

import pytest
from makeshop_payloads import envelope, one, order, read, sample
from msgspec import UNSET

from shopscrape.items import Order, Return

AT = "2026-05-13 10:00:00"
ZERO = "0000-00-00 00:00:00"
OPEN = {"basket_num": "1", "reason": "기타", "request_date": "2026-05-12", "completed_date": "0000-00-00"}
DONE = OPEN | {"completed_date": "2026-05-13"}


@pytest.mark.parametrize(
    "line, blocks, word, claims",
    [
        ({}, {"cancel": [DONE]}, "cancelled", {"cancel": "completed"}),
        ({"cancelend_date": AT}, {}, "cancelled", {"cancel": "completed"}),
        ({"parcel": {"deli_date": AT}}, {"return": [DONE]}, "returned", {"return": "completed"}),
        ({"returnend_date": AT}, {}, "returned", {"return": "completed"}),
        ({"tradeend_date": AT}, {"trade": [{"basket_num": "1"}]}, "exchanged", {"exchange": "completed"}),
        ({}, {"cancel": [OPEN]}, "paid", {"cancel": "requested"}),
        ({"parcel": {"deli_date": AT}}, {"cancel": [OPEN]}, "shipped", {"cancel": "requested"}),
        ({"parcel": {"delicomplete_date": AT}}, {"return": [OPEN]}, "delivered", {"return": "requested"}),
        ({"parcel": {"deliend_date": AT}}, {"trade": [{"basket_num": "1"}]}, "completed", {"exchange": "requested"}),
        ({"parcel": {"deliend_date": AT, "deli_date": AT}}, {}, "completed", {}),
        ({"parcel": {"delicomplete_date": AT}}, {}, "delivered", {}),
        ({"parcel": {"deli_date": AT}}, {}, "shipped", {}),
        ({"parcel": {"delinum": "1"}}, {}, "preparing", {}),
        ({}, {}, "paid", {}),
        ({"parcel": {"deli_date": "0000-00-00", "delinum": ""}},
         {"cancel": None, "return": "", "trade": {}}, "paid", {}),
    ],
)  # fmt: skip
def test_a_line_gets_its_word_from_its_dates(line, blocks, word, claims):
    page = read("orders", order(dict(line), **blocks))
    assert not page.failed
    assert page.records[0].lines[0].status == word
    assert {back.kind: back.status for back in page.records[1:]} == claims
    assert page.records[0].lines[0].quantity_left == (0 if word in ("cancelled", "returned", "exchanged") else 1)


def test_an_exchange_ends_when_its_goods_arrive_and_is_not_counted_twice():
    goods = {"trade_num": "1", "trade_intype": "AFTER", "parcel": {"delicomplete_date": AT}}
    page = read("orders", order(more=[goods], trade=[{"basket_num": "1", "reason": "사이즈"}]))
    found, back = page.records
    first, second = found.lines
    assert (first.status, second.kind, second.replaces) == ("exchanged", "replacement", first.line_id)
    assert [one.return_id for one in page.records[1:]] == [f"{first.line_id}:exchange"]
    assert back.completed_at == datetime(2026, 5, 13, 1, tzinfo=UTC)
    assert found.total == 55000 and found.status == "exchanged"


def test_a_whole_order_that_was_cancelled_tells_it_for_every_line():
    page = read("orders", order(top={"order_status": "C"}, payment={"pay_status": "C"}, more=[{}], refund=[]))
    found = page.records[0]
    assert {line.status for line in found.lines} == {"cancelled"} and found.status == "cancelled"
    assert [(back.kind, back.status, back.derived) for back in page.records[1:]] == [("cancel", "completed", True)] * 2
    assert found.shipping_fee == 0


def test_parcels_of_a_line_in_odd_forms():
    row = order({"parcel": {"deli_date": AT, "delinum": "1"}})["list"][0]
    parcel = row["product"]["1"]["deliveryInfo"]
    for told, number in (([parcel], "1"), ({"0": parcel}, "1"), ([parcel, parcel | {"delinum": "2"}], "1,2")):
        row["product"]["1"]["deliveryInfo"] = told
        found = one("orders", envelope(row), Order)
        assert (found.lines[0].tracking_no, found.lines[0].status) == (number, "shipped")
        assert found.receiver_region == "서울특별시 중구"


def test_a_mall_may_name_words_for_its_codes():
    named = {"context": {"line_status": {"S11": "preparing"}}}
    told = order({"basket_status": "S11"})
    assert one("orders", told, Order, **named).lines[0].status == "preparing"
    told = order({"basket_status": "S11", "cancelend_date": AT})
    assert one("orders", told, Order, **named).lines[0].status == "cancelled"


@pytest.mark.parametrize(
    "sell, price, quantity, goods, total, unit",
    [
        ("58000", "29000", "2", "58000", 58000, 29000), ("29000", "29000", "2", "58000", 58000, 29000),
        (58000, 29000, 2, 58000, 58000, 29000), ("58000", "", "2", "58000", 58000, 29000),
        ("29000", "29000", "2", None, 58000, 29000), ("58000", "29000", "2", "", 58000, 29000),
        ("50000", "29000", "2", "1", None, 29000), ("50000", "29000", "1", "1", 50000, 29000),
    ],
)  # fmt: skip
def test_what_sell_price_means_is_decided_by_the_sums(sell, price, quantity, goods, total, unit):
    line = {"sell_price": sell, "product_price": price, "option_price": "0", "basket_stock": quantity}
    page = read("orders", order(line, top={"total_product_price": goods}))
    found = page.records[0].lines[0]
    assert (found.total if found.total is not UNSET else None) == total and found.unit_price == unit
    assert bool(page.tally.unknown) == (total is None)


def test_a_refund_of_several_lines_stands_on_the_first_only():
    back = [
        {
            "basket_num": "1, 2", "refund_price": "50000", "return_deli_price": "2500", "re_deli_price": "500",
            "refund_method": "C", "refund_status_date": AT, "refund_reason": "고객변심", "refund_account": "110-1",
        }
    ]  # fmt: skip
    done = {"returnend_date": AT}
    page = read(
        "orders", order(dict(done), more=[dict(done)], refund=back, **{"return": [DONE, DONE | {"basket_num": "2"}]})
    )
    first, second = page.records[1:]
    assert (first.refund_amount, first.fee, first.refunded_at) == (50000, 3000, datetime(2026, 5, 13, 1, tzinfo=UTC))
    assert (second.refund_amount, second.fee, second.refund_method) == (None, None, "C")
    assert page.records[0].paid == 55000 - 50000


def test_money_counts_as_paid_back_only_when_its_claim_is_finished():
    back = [{"basket_num": "1", "refund_price": "5000", "refund_method": "C", "refund_status_date": AT}]
    found = read("orders", order(cancel=[OPEN], refund=back)).records
    assert (found[1].refund_amount, found[1].refunded_at, found[0].paid) == (None, None, 55000)


def test_a_refund_without_a_claim_is_a_return_once_goods_had_left():
    back = [{"basket_num": "1", "refund_price": "5000", "refund_method": "C", "refund_status_date": AT}]
    assert one("orders", order(refund=back), Return).kind == "cancel"
    assert one("orders", order({"parcel": {"deli_date": AT}}, refund=back), Return).kind == "return"
    whole = [back[0] | {"basket_num": "0"}]
    assert one("orders", order({"cancelend_date": AT}, refund=whole), Return).refund_amount == 5000


def test_a_claim_of_a_line_that_is_not_listed_is_kept():
    row = order(cancel=[DONE | {"basket_num": "7"}, OPEN])["list"][0]
    claims = {back.return_id.partition(":")[2]: back.status for back in read("orders", envelope(row)).records[1:]}
    assert claims == {"7:cancel": "completed", "1:cancel": "requested"}
    del row["product"]
    refund = {"refund_price": "5000", "refund_method": "C", "refund_status_date": AT}
    row["refund"] = [refund | {"basket_num": "7"}, refund | {"basket_num": "8"}]
    page = read("orders", envelope(row))
    assert page.records[0].lines is UNSET and page.records[0].paid is UNSET
    assert [(back.line_ids[0][-1], back.refund_amount) for back in page.records[1:]] == [("7", 5000), ("1", None)]
    assert page.tally.unknown == {"refund=of a line that is not told": 1}


def test_a_claim_that_names_no_line_is_of_the_whole_order():
    for number in ("0", "", None, 0):
        page = read("orders", order(more=[{}], cancel=[DONE | {"basket_num": number}]))
        assert [back.return_id[-8:] for back in page.records[1:]] == ["1:cancel", "2:cancel"]
        assert page.records[0].status == "cancelled"


def test_a_refund_stands_on_the_first_line_whose_claim_is_finished():
    back = [{"basket_num": "1,2", "refund_price": "5000", "refund_method": "C", "refund_status_date": AT}]
    done = {"parcel": {"deli_date": AT}}
    page = read("orders", order(dict(done), more=[done], refund=back, **{"return": [OPEN, DONE | {"basket_num": 2}]}))
    assert [back.refund_amount for back in page.records[1:]] == [None, 5000] and page.records[0].paid == 50000


def test_a_payment_that_was_taken_back_as_a_whole_is_no_money():
    taken = order(top={"order_status": "C"}, payment={"pay_status": "C"}, refund=[])
    assert one("orders", taken, Order).paid == 0
    del taken["list"][0]["product"]
    assert one("orders", taken, Order).shipping_fee == 0


def test_a_price_that_does_not_divide_is_of_the_line_only():
    line = {"sell_price": "10000", "product_price": "", "option_price": "0", "basket_stock": "3"}
    found = one("orders", order(line, top={"total_product_price": "10000"}), Order).lines[0]
    assert (found.total, found.unit_price) == (10000, None)


def test_untold_blocks_leave_fields_untold():
    row = order({"cancelend_date": AT})["list"][0]
    for block in ("refund", "return", "trade", "extension", "memo", "pay_history"):
        row.pop(block, None)
    found, back = read("orders", envelope(row)).records
    assert found.discount is UNSET and found.lines[0].discount is UNSET and found.paid is UNSET
    assert back.refund_amount is UNSET and back.refund_method is UNSET


def test_an_order_that_does_not_tell_its_payment_is_not_taken_for_unpaid():
    row = order(more=[{"parcel": {"deli_date": AT}}])["list"][0]
    del row["order"]["order_status"], row["payment"]
    found = read("orders", envelope(row)).records[0]
    assert [line.status for line in found.lines] == [UNSET, "shipped"]
    assert found.status is UNSET and found.paid is UNSET


@pytest.mark.parametrize(
    "payment, delivery, status, paid_at",
    [
        ({"bank_date": ZERO}, {"deli_date": ZERO, "delinum": ""}, "placed", None),
        ({}, {"deli_date": ZERO, "delinum": ""}, "paid", "told"),
        ({}, {"deli_date": ZERO}, "preparing", "told"), ({}, {}, "shipped", "told"),
        ({"bank_date": ZERO, "card_state": "0000"}, {"deli_date": ZERO, "delinum": ""}, "paid", UNSET),
    ],
)  # fmt: skip
def test_how_far_an_order_of_the_first_version_is(payment, delivery, status, paid_at):
    told = sample("kr_order1_legacy_list")
    (row,) = told["list"].values()
    row["payment"] |= payment
    row["delivery"] |= delivery
    (found,) = read("orders.v1", told).records
    assert (found.status, found.lines[0].status) == (status, status)
    # When a card was charged is not told; that nothing was paid is.
    assert found.paid_at is paid_at if paid_at != "told" else isinstance(found.paid_at, datetime)
