"""Naver orders in the shapes that live answers take: halves, old captures, gifts, nothing in every disguise."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import UNSET

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.items import Order, Return
from shopscrape.payload import Origin, read_page
from shopscrape.privacy import Scrubber
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


def test_lines_of_an_order_are_one_order_and_its_sums_are_added_up_once():
    def change(rows):
        for row in rows:
            row["productOrder"]["deliveryFeeAmount"] = 3000
            row["productOrder"]["deliveryDiscountAmount"] = 500
            row["order"]["orderDiscountAmount"] = 1000
            row["order"]["naverMileagePaymentAmount"] = 200

    (order,), _ = split(read(change))
    assert [line.kind for line in order.lines] == ["sale", "add_on"]
    assert (order.items_total, order.shipping_fee, order.discount) == (45800, 3000, 3980 + 500 + 1000)
    assert order.total == 45800 + 3000 - 5480
    assert order.points_used == 200 and order.paid == 41820


def test_two_bundles_have_two_fees_and_a_cancelled_one_has_none():
    def change(rows):
        for number, row in enumerate(rows):
            row["productOrder"] |= {"deliveryFeeAmount": 3000, "packageNumber": number}

    assert split(read(change))[0][0].shipping_fee == 6000

    def cancel(rows):
        change(rows)
        rows[1]["productOrder"] |= {"productOrderStatus": "CANCELED", "remainProductAmount": 0, "remainQuantity": 0}

    order = split(read(cancel))[0][0]
    assert order.shipping_fee == 3000 and order.items_total == 41800 and order.status == "paid"


def test_exchanged_line_counts_as_its_remain_says_and_one_that_was_never_paid_does_not():
    def change(rows, **told):
        rows.pop()
        rows[0]["productOrder"] |= {"deliveryFeeAmount": 3000} | told

    (order,), _ = split(read(lambda rows: change(rows, productOrderStatus="EXCHANGED")))
    assert (order.status, order.items_total, order.total) == ("exchanged", 41800, 41800 + 3000 - 3980)
    (order,), _ = split(read(lambda rows: change(rows, productOrderStatus="CANCELED_BY_NOPAYMENT")))
    assert (order.items_total, order.shipping_fee, order.discount, order.total) == (0, 0, 0, 0)


def test_half_of_an_order_tells_no_sums():
    (order,), _ = split(read(lambda rows: rows.pop(), whole=set()))
    assert order.items_total is UNSET and order.total is UNSET and order.shipping_fee is UNSET
    assert order.paid == 41820 and len(order.lines) == 1
    (order,), _ = split(read(whole={"2025110310000001"}))
    assert order.items_total == 45800


def test_line_that_does_not_map_fails_without_its_siblings():
    page = read(lambda rows: rows[1]["productOrder"].update(unitPrice="a lot"))
    (order,), _ = split(page)
    assert [line.line_id for line in order.lines] == ["2025110310000011"] and order.items_total is UNSET
    assert len(page.failed) == 1 and "unitPrice" in page.failed[0].why
    for name in ("productOrderId", "productOrder", "order"):
        page = read(
            lambda rows, name=name: (rows[1]["productOrder"] if name == "productOrderId" else rows[1]).pop(name)
        )
        assert len(split(page)[0]) == 1 and len(page.failed) == 1


def test_same_line_twice_counts_once():
    (order,), _ = split(read(lambda rows: rows.append(rows[0])))
    assert len(order.lines) == 2 and order.items_total == 45800


def test_old_captures_without_remain_fields_and_with_numbers_for_texts():
    def change(rows):
        told = rows[0]["productOrder"]
        for name in list(told):
            if name.startswith(("remain", "initial")):
                del told[name]
        told |= {"productOrderId": 2025110310000011, "quantity": "2", "productId": 10000000201, "unitPrice": "19,900"}
        rows[0]["order"] |= {"orderId": 2025110310000001, "isDeliveryMemoParticularInput": False}

    (order,), _ = split(read(change))
    line = order.lines[0]
    assert (line.line_id, line.product_id, line.quantity) == ("2025110310000011", "10000000201", 2)
    assert line.quantity_left is UNSET and line.total == 37820 and line.discount == 3980
    assert order.items_total == 45800

    def cancelled(rows):
        change(rows)
        rows[0]["productOrder"]["productOrderStatus"] = "CANCELED"

    (order,), _ = split(read(cancelled))
    assert order.items_total == 4000 and order.discount == 0


@pytest.mark.parametrize(
    "text, chosen",
    [
        ("색상: 블랙 / 사이즈: L", {"색상": "블랙", "사이즈": "L"}),
        ("색상: 블랙 &amp; 화이트", {"색상": "블랙 & 화이트"}),
        ("비율: 1: 2 / 사이즈: L", {"": "비율: 1: 2 / 사이즈: L"}),
        ("문구: 가 / 나", {"": "문구: 가 / 나"}),
        ("색상: 흑 / 색상: 백", {"": "색상: 흑 / 색상: 백"}),
        ("문구: 010-1234-5678로 연락", {"문구": "[phone]로 연락"}),
        ("단품", {"": "단품"}), ("undefined", {}), (None, {}), ("", {}),
    ],
)  # fmt: skip
def test_chosen_options(text, chosen):
    (order,), _ = split(read(product(productOption=text)))
    Scrubber(b"k").scrub(order)
    assert (order.lines[0].options or {}) == chosen


def test_product_without_options_names_no_variant():
    (order,), _ = split(read(sample="orders_conditional_page2", kind="orders.list"))
    assert order.lines[0].variant_id is None and order.lines[0].product_id == "10000000202"
    (order,), _ = split(read(lambda rows: rows[0]["productOrder"].pop("optionCode")))
    assert order.lines[0].variant_id == "30000000003"


def test_nothing_personal_is_kept():
    for path in SAMPLES.glob("order*.json"):
        if path.name.endswith(".expect.json") or path.stem == "order_product_order_ids":
            continue
        kind = "orders.list" if "conditional" in path.stem else "orders"
        page = read(sample=path.stem, kind=kind)
        scrub = Scrubber(b"a key").scrub
        told = repr([scrub(record) for record in page.records])
        assert not [word for word in PERSONAL if word in told]
        assert not page.tally.left_over


def test_buyer_is_the_same_by_phone_and_unmasked_member_number():
    def member(rows):
        for row in rows:
            row["order"]["ordererTel"] = "010-****-0000"

    def masked(rows):
        for row in rows:
            row["order"] |= {"ordererTel": "***", "ordererNo": "2000****"}

    def nobody(rows):
        for row in rows:
            del row["order"]["ordererTel"], row["order"]["ordererNo"]

    scrub = Scrubber(b"a key").scrub
    by_phone, by_member, hidden = (scrub(split(read(change))[0][0]).buyer for change in (None, member, masked))
    assert by_phone.startswith("p_") and by_member.startswith("p_") and by_phone != by_member
    assert hidden is None
    assert split(read(nobody))[0][0].buyer is UNSET


@pytest.mark.parametrize(
    "address, region",
    [
        ("absent", UNSET), (None, None), ({}, None), ({"baseAddress": None}, None),
        ({"baseAddress": "경기도  성남시 분당구 불정로 6"}, "경기도 성남시"),
        ({"baseAddress": "세종특별자치시 한누리대로 2130"}, "세종특별자치시"), ({"baseAddress": "서울"}, "서울"),
        ({"addressType": "FOREIGN", "state": "CA", "city": "Los Angeles", "baseAddress": "1 St"}, "CA Los Angeles"),
        ({"addressType": "FOREIGN", "state": "CA", "city": "Irvine", "baseAddress": "12 Main St"}, "CA Irvine"),
        ("nonsense", None),
    ],
)  # fmt: skip
def test_unaccepted_gift_has_no_address(address, region):
    def change(rows):
        for row in rows:
            row["productOrder"]["giftReceivingStatus"] = "WAIT_FOR_RECEIVING"
            row["productOrder"]["shippingAddress"] = address
            if address == "absent":
                del row["productOrder"]["shippingAddress"]

    page = read(change)
    assert split(page)[0][0].receiver_region == region and not page.tally.unknown


def test_unpaid_order_is_placed():
    def change(rows):
        for row in rows:
            del row["order"]["paymentDate"]
            row["productOrder"]["productOrderStatus"] = "PAYMENT_WAITING"

    (order,), _ = split(read(change))
    assert order.status == "placed" and order.paid_at is UNSET
    assert order.paid == 0 and order.payment_methods == ["신용카드 간편결제"]


@pytest.mark.parametrize("nothing", [None, "", {}, []])
def test_nothing_in_every_disguise(nothing):
    document = json.dumps({"timestamp": "…", "data": nothing}).encode()
    origin = Origin(platform="naver", collected_at=READ_AT)
    for kind in ("orders", "orders.list", "orders.changed"):
        assert read_page(mapping.KINDS[kind], document, origin).size == 0
    inside = json.dumps({"timestamp": "…", "data": {"contents": nothing, "lastChangeStatuses": nothing}}).encode()
    assert read_page(mapping.KINDS["orders.list"], inside, origin).size == 0
    assert read_page(mapping.KINDS["orders.changed"], inside, origin).size == 0
    last = json.dumps({"timestamp": "…", "data": {"pagination": {"page": 1, "hasNext": False}}}).encode()
    assert read_page(mapping.KINDS["orders.list"], last, origin).size == 0

    def blocks(rows):
        for row in rows:
            row |= dict.fromkeys(
                ("delivery", "currentClaim", "completedClaims", "beforeClaim", "cancel", "return", "exchange"), nothing
            )

    page = read(blocks)
    assert not page.failed and not split(page)[1]


def test_lone_objects_stand_for_lists_of_one():
    document = json.loads((SAMPLES / "order_cancel_done.json").read_text("utf-8"))
    document["data"] = document["data"][0]
    document["data"]["completedClaims"] = document["data"]["completedClaims"][0]
    origin = Origin(platform="naver", collected_at=READ_AT)
    page = read_page(mapping.KINDS["orders"], json.dumps(document).encode(), origin)
    assert [type(record).__name__ for record in page.records] == ["Order", "Return"]


@pytest.mark.parametrize(
    "value",
    [1e308, "1e999999", -1, True, [], {}, "\u0000", "<b>x</b>", "9" * 400, [[[]]], {"a": {"b": 1}}, ["x"], None],
)
def test_hostile_values_fail_their_row_and_nothing_else(value):
    for sample in ("order_return_done", "order_exchange_redelivering"):
        document = json.loads((SAMPLES / f"{sample}.json").read_text("utf-8"))
        blocks = {
            "order": lambda row: row["order"], "product": lambda row: row["productOrder"], "row": lambda row: row,
            "current": lambda row: next(iter(row["currentClaim"].values())), "delivery": lambda row: row["delivery"],
            "done": lambda row: row.get("completedClaims", [{}])[0],
        }  # fmt: skip
        for block in blocks.values():
            for name in list(block(document["data"][0])):
                changed = json.loads(json.dumps(document))
                block(changed["data"][0])[name] = value
                origin = Origin(platform="naver", collected_at=READ_AT)
                page = read_page(mapping.KINDS["orders"], json.dumps(changed).encode(), origin)
                assert len([record for record in page.records if isinstance(record, Order)]) + len(page.failed) == 1
