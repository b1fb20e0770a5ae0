"""Naver claims in the shapes that live answers take: partial ones, blocks that repeat, money that is derived."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import UNSET

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.items import Order, Return
from shopscrape.payload import Origin, read_page
from spiders.naver import FACTS, mapping

SAMPLES = Path(__file__).parent / "samples" / "naver"
READ_AT = datetime(2025, 11, 10, tzinfo=UTC)
PERSONAL = ("홍길동", "010-0000-0000", "02-0000-0000", "세종대로", "예시로", "101호", "04524", "126.9780", "문 앞에")


def read(change=None, sample="orders_query_paid", kind="orders", **context):
    document = json.loads((SAMPLES / f"{sample}.json").read_text("utf-8"))
    if change:
        change(document["data"] if isinstance(document.get("data"), list) else document)
    origin = Origin(platform="naver", collected_at=READ_AT, context=context)
    page = read_page(mapping.KINDS[kind], json.dumps(document).encode(), origin)
    for record in page.records:
        validate(normalise(record), FACTS.channels)
    return page


def split(page):
    orders = [record for record in page.records if isinstance(record, Order)]
    return orders, {record.return_id: record for record in page.records if isinstance(record, Return)}


def product(**told):
    return lambda rows: rows[0]["productOrder"].update(told)


def test_claim_that_stands_in_three_blocks_is_one():
    for sample in ("order_return_done", "order_cancel_done", "order_exchange_redelivering"):
        assert len(split(read(sample=sample))[1]) == 1


def test_current_and_completed_blocks_fill_each_other_in():
    def change(rows):
        current, done = rows[0]["currentClaim"]["return"], rows[0]["completedClaims"][0]
        for name in ("returnCompletedDate", "returnDetailedReason", "requestChannel"):
            del current[name]
        current["claimStatus"] = "COLLECT_DONE"
        del done["collectTrackingNumber"]

    _, returns = split(read(change, sample="order_return_done"))
    back = returns["2025110310100002"]
    assert back.status == "completed" and back.by == "buyer" and back.tracking_no == "000000000002"
    assert back.completed_at and back.reason_text == "봉제가 터져 있습니다"


def test_legacy_blocks_count_only_without_a_current_claim():
    def old(rows):
        del rows[0]["currentClaim"], rows[0]["completedClaims"]

    assert split(read(old, sample="order_return_done"))[1]["2025110310100002"].status == "completed"

    def stale(rows):
        rows[0]["exchange"] = {"claimId": "stale", "claimStatus": "EXCHANGE_REQUEST"}

    assert split(read(stale, sample="order_return_done"))[1].keys() == {"2025110310100002"}


def short(rows):
    for name in ("currentClaim", "return"):
        del rows[0][name]


def test_claim_that_only_the_product_order_names():
    _, returns = split(read(short, sample="order_return_collecting"))
    back = returns["2025110310100002"]
    assert (back.kind, back.status, back.line_ids, back.derived) == (
        "return",
        "collecting",
        ["2025102810000031"],
        False,
    )
    assert back.quantity is UNSET and back.refund_amount is None


def test_confirmation_that_is_held_back_is_no_return():
    def change(rows):
        short(rows)
        rows[0]["productOrder"] |= {
            "claimType": "PURCHASE_DECISION_HOLDBACK", "claimStatus": "PURCHASE_DECISION_HOLDBACK", "claimId": "h1",
        }  # fmt: skip

    page = read(change, sample="order_return_collecting")
    assert not split(page)[1] and not page.tally.unknown


def test_two_partial_returns_share_what_was_paid_back():
    def change(rows):
        row = rows[0]
        row["productOrder"] |= {
            "productOrderStatus": "DELIVERED", "initialQuantity": 4, "quantity": 4, "remainQuantity": 1,
            "initialPaymentAmount": 40000, "remainPaymentAmount": 10001, "remainProductAmount": 10001,
            "claimType": "EXCHANGE", "claimStatus": "EXCHANGE_REQUEST", "claimId": "c3",
        }  # fmt: skip
        del row["return"]
        row["currentClaim"] = {"exchange": {"claimId": "c3", "claimStatus": "EXCHANGE_REQUEST", "requestQuantity": 1}}
        row["completedClaims"] = [
            {"claimType": "RETURN", "claimId": "c1", "claimStatus": "RETURN_DONE", "requestQuantity": 1},
            {"claimType": "CANCEL", "claimId": "c2", "claimStatus": "CANCEL_DONE", "requestQuantity": "2"},
            {"claimType": "RETURN", "claimId": "c0", "claimStatus": "RETURN_REJECT", "requestQuantity": 1},
        ]

    (order,), returns = split(read(change, sample="order_return_done"))
    assert order.lines[0].status == "delivered" and order.lines[0].quantity_left == 1
    assert (returns["c1"].refund_amount, returns["c2"].refund_amount) == (Decimal(9999), Decimal(20000))
    assert returns["c1"].derived and returns["c2"].derived
    assert returns["c3"].refund_amount is None and returns["c3"].derived is False
    assert returns["c0"].status == "rejected" and returns["c0"].refund_amount is None


def test_fee_that_is_taken_off_lessens_what_was_paid_back():
    def change(rows):
        rows[0]["currentClaim"]["return"] |= {
            "claimDeliveryFeeDemandAmount": 3000, "claimDeliveryFeePayMethod": "환불금에서 차감",
            "etcFeeDemandAmount": 500, "etcFeePayMethod": "지금 결제함",
        }  # fmt: skip

    back = split(read(change, sample="order_return_done"))[1]["2025110310100002"]
    assert back.fee == 3500 and back.refund_amount == 37820 - 3000


def test_fee_that_the_seller_bears_and_fee_that_several_lines_share():
    def seller(rows):
        rows[0]["currentClaim"]["return"] |= {"claimDeliveryFeeDemandAmount": 3000}

    assert split(read(seller, sample="order_return_collecting"))[1]["2025110310100002"].fee == 0

    def shared(rows):
        rows[0]["currentClaim"]["return"] |= {
            "claimDeliveryFeeDemandAmount": 3000, "claimDeliveryFeePayMethod": "지금 결제함",
            "claimDeliveryFeeProductOrderIds": "2025102810000031, 2025102810000030",
        }  # fmt: skip

    assert (
        split(read(shared, sample="order_return_collecting"))[1]["2025110310100002"].fee == 0
    )  # that of the other kind


def test_unpaid_cancel_pays_nothing_back():
    def change(rows):
        del rows[0]["order"]["paymentDate"]
        rows[0]["productOrder"]["productOrderStatus"] = "CANCELED_BY_NOPAYMENT"

    back = split(read(change, sample="order_cancel_done"))[1]["2025110310100001"]
    assert back.refund_amount is None and back.derived is False and back.status == "completed"


def test_cancel_without_a_time_of_payment_does_not_tell_whether_it_was_paid():
    def change(rows):
        rows[0]["order"]["paymentDate"] = None

    back = split(read(change, sample="order_cancel_done"))[1]["2025110310100001"]
    assert back.refund_amount is UNSET and back.derived is False


@pytest.mark.parametrize("status", ("RETURN_NEWSTATE", None, ""))
def test_state_that_is_not_known_leaves_the_refund_open(status):
    def change(rows):
        rows[0]["completedClaims"] = None
        for block in (rows[0]["currentClaim"]["return"], rows[0]["productOrder"]):
            block["claimStatus"] = status

    back = split(read(change, sample="order_return_done"))[1]["2025110310100002"]
    assert back.status == ("unknown" if status else None) and back.refund_amount is UNSET


def test_refund_that_cannot_be_derived_is_not_told():
    def change(rows):
        del rows[0]["productOrder"]["remainPaymentAmount"]

    back = split(read(change, sample="order_cancel_done"))[1]["2025110310100001"]
    assert back.refund_amount is UNSET and back.derived is False


def test_naver_cancels_on_its_own():
    def change(rows):
        rows[0]["productOrder"]["claimType"] = "ADMIN_CANCEL"
        for block in (rows[0]["currentClaim"]["cancel"], rows[0]["completedClaims"][0]):
            block["claimStatus"] = "ADMIN_CANCEL_DONE"
        rows[0]["completedClaims"][0]["claimType"] = "ADMIN_CANCEL"

    back = split(read(change, sample="order_cancel_done"))[1]["2025110310100001"]
    assert (back.kind, back.by, back.status) == ("cancel", "platform", "completed")


def test_exchange_before_a_return_is_a_claim_of_its_own():
    def change(rows):
        rows[0]["beforeClaim"] = {
            "exchange": {"claimId": "e0", "claimStatus": "EXCHANGE_DONE", "exchangeReason": "BROKEN"}
        }

    _, returns = split(read(change, sample="order_return_done"))
    assert returns.keys() == {"2025110310100002", "e0"} and returns["e0"].kind == "exchange"


def test_claim_whose_kind_nothing_tells_is_counted():
    def change(rows):
        rows[0]["completedClaims"].append({"claimId": "x", "claimType": None, "claimStatus": "COLLECT_DONE"})
        rows[0]["beforeClaim"] = {"exchange": None, "return": {}}

    page = read(change, sample="order_return_done")
    assert split(page)[1].keys() == {"2025110310100002"}
    assert page.tally.unknown == {"claimType=none, COLLECT_DONE": 1} and not page.tally.left_over


def test_claim_without_a_number_goes_by_its_line():
    def change(rows):
        del rows[0]["productOrder"]["claimId"]
        for block in (rows[0]["currentClaim"]["cancel"], rows[0]["cancel"]):
            del block["claimId"]
        rows[0]["completedClaims"] = None

    assert split(read(change, sample="order_cancel_done"))[1].keys() == {"2025110310000021:cancel"}


def test_claim_that_only_the_product_order_names_without_a_number():
    def change(rows):
        short(rows)
        del rows[0]["productOrder"]["claimId"]

    (back,) = split(read(change, sample="order_return_collecting"))[1].values()
    assert (back.return_id, back.status) == ("2025102810000031:return", "collecting")

    def numbered(rows):
        del rows[0]["productOrder"]["claimId"]

    assert split(read(numbered, sample="order_return_collecting"))[1].keys() == {"2025110310100002"}


def nameless(*blocks, **told):
    """Take the numbers out of blocks of a return, and change the finished one."""

    def change(rows):
        row = rows[0]
        for name in blocks:
            for block in {"current": [row["currentClaim"]["return"], row["return"]], "line": [row["productOrder"]]}.get(
                name, row["completedClaims"]
            ):
                del block["claimId"]
        row["completedClaims"][0] |= told
        for name in [name for name, value in told.items() if value is None]:
            del row["completedClaims"][0][name]

    return split(read(change, sample="order_return_done"))[1]


def test_finished_claim_without_a_number_is_the_current_one_where_nothing_speaks_against_it():
    number, own = "2025110310100002", "2025102810000031:return"
    assert nameless("completed").keys() == {number}
    assert nameless("completed", claimRequestDate=None, requestQuantity=None).keys() == {number}
    # The other way round the finished one tells the number of the current one.
    assert nameless("current", "line").keys() == {number}
    assert nameless("current", "line", "completed").keys() == {own}
    # A line has one for each part of its quantity that was claimed: these are two.
    for told in ({"requestQuantity": 1}, {"claimRequestDate": "2025-11-01T09:00:00.0+09:00"},
                 {"claimRequestDate": None, "claimStatus": "RETURN_REJECT"}):  # fmt: skip
        assert nameless("completed", **told).keys() == {number, own}


def test_finished_claim_without_a_number_is_not_the_one_that_goes_on():
    def change(rows):
        rows[0]["completedClaims"] = [
            {"claimType": "RETURN", "claimStatus": "RETURN_DONE"},
            {"claimType": "RETURN", "claimId": "c1", "claimStatus": "RETURN_DONE", "requestQuantity": 1},
        ]

    returns = split(read(change, sample="order_return_collecting"))[1]
    # Each finished claim stands in the list once, so the one without a number is not c1 either.
    states = {number: back.status for number, back in returns.items()}
    assert states == {"2025110310100002": "collecting", "c1": "completed", "2025102810000031:return": "completed"}

    def asked_again(rows):
        short(rows)
        del rows[0]["productOrder"]["claimId"]
        rows[0]["productOrder"]["claimStatus"] = "RETURN_REQUEST"
        rows[0]["completedClaims"] = [{"claimType": "RETURN", "claimId": "c1", "claimStatus": "RETURN_DONE"}]

    returns = split(read(asked_again, sample="order_return_collecting"))[1]
    assert {number: back.status for number, back in returns.items()} == {
        "c1": "completed", "2025102810000031:return": "requested",
    }  # fmt: skip


def test_claim_that_two_lines_share_is_one_row():
    def change(rows):
        for row in rows:
            row["productOrder"] |= {"productOrderStatus": "CANCELED", "remainPaymentAmount": 0, "remainQuantity": 0}
            row["completedClaims"] = [
                {"claimType": "CANCEL", "claimId": "c1", "claimStatus": "CANCEL_DONE", "requestQuantity": 2}
            ]

    _, returns = split(read(change))
    (back,) = returns.values()
    assert back.line_ids == ["2025110310000011", "2025110310000012"]
    assert back.quantity == 4 and back.refund_amount == 41820


def test_claim_of_two_lines_takes_from_each_what_the_other_does_not_tell():
    def change(rows):
        for row in rows:
            row["productOrder"] |= {"productOrderStatus": "CANCELED", "remainPaymentAmount": 0, "remainQuantity": 0}
        rows[0]["productOrder"] |= {"claimType": "CANCEL", "claimStatus": "CANCEL_DONE", "claimId": "c1"}
        rows[1]["completedClaims"] = {
            "claimType": "CANCEL", "claimId": "c1", "claimStatus": "CANCEL_DONE", "requestQuantity": 2,
            "claimRequestReason": "SOLD_OUT", "claimRequestDate": "2025-11-03T09:30:00.0+09:00",
            "requestChannel": "판매자", "claimDeliveryFeeDemandAmount": 3000,
        }  # fmt: skip

    (back,) = split(read(change))[1].values()
    assert (back.by, back.reason, back.fee, back.refund_amount) == ("seller", "out_of_stock", 3000, 41820)
    assert back.requested_at and back.quantity is UNSET, "the other line's quantity is not told"

    def unknown(rows):
        change(rows)
        del rows[0]["productOrder"]["remainPaymentAmount"]

    (back,) = split(read(unknown))[1].values()
    assert back.refund_amount is UNSET and back.derived is False


def test_korean_remarks_on_the_refund_decide_nothing():
    def change(rows):
        rows[0]["currentClaim"]["return"]["refundStandbyStatus"] = "환불처리완료"

    back = split(read(change, sample="order_return_collecting"))[1]["2025110310100002"]
    assert back.status == "collecting" and back.completed_at is UNSET
