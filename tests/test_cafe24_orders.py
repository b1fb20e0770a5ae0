"""Cafe24 orders and their lines: every code, every channel, and the odd but real forms of their payloads."""

import pytest
from cafe24_cases import AMOUNTS, EMPTY, item, mapped, of_type, order, read

from spiders.cafe24 import codes


def one(*items, **changes):
    return mapped("orders", {"orders": [order(*items, **changes)]})[0]


def line(**changes):
    return one(item(**changes))["lines"][0]


# -- the order --------------------------------------------------------------------------------------------------------


def test_sums_as_they_stand_now():
    told = one()
    assert [told[name] for name in ("items_total", "shipping_fee", "discount", "total", "points_used", "paid")] == [
        "19000", "3000", "1000", "21000", "500", "20500",
    ]  # fmt: skip


def test_all_reductions_together():
    names = ("coupon_discount_price", "coupon_shipping_fee_amount", "membership_discount_amount",
             "shipping_fee_discount_amount", "set_product_discount_amount", "app_discount_amount",
             "market_other_discount_amount")  # fmt: skip
    told = one(actual_order_amount=AMOUNTS | {name: f"{2**n}.50" for n, name in enumerate(names)})
    assert told["discount"] == "130.5" and told["total"] == "21869.5"


@pytest.mark.parametrize("nothing", [*EMPTY, "absent"])
def test_sums_that_are_not_told(nothing):
    row = order(actual_order_amount=nothing)
    if nothing == "absent":
        del row["actual_order_amount"]
    told = mapped("orders", {"orders": [row]})[0]
    assert not {"items_total", "shipping_fee", "discount", "total", "points_used"} & set(told)


def test_total_is_untold_where_the_delivery_is():
    untold = {name: amount for name, amount in AMOUNTS.items() if name != "shipping_fee"}
    told = one(actual_order_amount=untold)
    assert told["items_total"] == "19000" and not {"shipping_fee", "total"} & set(told)


def test_points_of_naver_count_as_points():
    assert one(naver_point=300)["points_used"] == "800"


def test_currency_with_cents():
    sums = {"order_price_amount": "20.55", "shipping_fee": None}
    told = one(currency="USD", shop_no=2, payment_amount="20.55", actual_order_amount=sums)
    assert (told["currency"], told["paid"], told["total"], told["shop"]) == ("USD", "20.55", "20.55", "2")


@pytest.mark.parametrize(
    "place, channel", [*codes.CHANNELS.items(), ("NCHECKOUT", "naver_pay"), ("Coupang", "coupang")]
)
def test_every_channel(place, channel):
    told = one(order_place_id=place)
    assert (told["channel"], told["channel_raw"]) == (channel, place)


def test_unknown_channel_is_other_and_counted():
    page = read("orders", {"orders": [order(order_place_id="newmarket")]})
    assert page.records[0].channel == "other" and dict(page.tally.unknown) == {"channel=newmarket": 1}


@pytest.mark.parametrize("market, number, place, external, channel", [
    ("self", None, "cafe24", None, "own"), ("coupang", "C-77", "coupang", "C-77", "coupang"),
    (None, "C-77", "coupang", "C-77", "coupang"), ("shopn", 20260601777, None, "20260601777", "smartstore"),
    ("self", "X", "cafe24", None, "own"), ("gmarket", None, "gmarket", None, "gmarket"),
])  # fmt: skip
def test_orders_of_marketplaces(market, number, place, external, channel):
    told = one(market_id=market, market_order_no=number, order_place_id=place)
    assert (told["external_id"], told["channel"]) == (external, channel)


@pytest.mark.parametrize("methods, found", [(["card", "point"], ["card", "point"]), ("card,point", ["card", "point"]),
                                            ("cash", ["cash"]), ([], []), (None, None)])  # fmt: skip
def test_payment_methods(methods, found):
    assert one(payment_method=methods)["payment_methods"] == found


def test_buyer_is_a_pseudonym_and_the_same_person_by_the_same_phone():
    buyer = {"name": "홍길동", "cellphone": "010-0000-0001", "phone": "", "email": "a@example.com", "member_id": None}
    first, second = one(buyer=buyer)["buyer"], one(buyer=[buyer | {"email": None}], member_id="other")["buyer"]
    assert first == second and first.startswith("p_")
    assert one(buyer=buyer | {"cellphone": None, "phone": "01000000001"})["buyer"] == first
    told = str(one(buyer=buyer, billing_name="홍길동", member_email="a@example.com"))
    assert "홍길동" not in told and "0000-0001" not in told and "example.com" not in told


@pytest.mark.parametrize(
    "buyer", [{"name": "김**", "cellphone": "010-****-1234", "email": "a***@example.com"}, None, []]
)
def test_masked_or_missing_buyer_of_a_guest(buyer):
    assert one(member_id=None, buyer=buyer)["buyer"] is None


def test_odd_contact_of_a_buyer_is_not_fatal():
    assert one(member_id=None, buyer={"cellphone": ["x"], "email": {"a": 1}})["buyer"] is None


def test_untold_buyer():
    row = order()
    del row["member_id"]
    assert "buyer" not in mapped("orders", {"orders": [row]})[0]


@pytest.mark.parametrize("receiver, region", [
    ({"address1": "서울특별시 동작구 예시로 1"}, "서울특별시 동작구"),
    ({"address1": "경기도 성남시 분당구 예시로 1"}, "경기도 성남시"),
    ({"address1": "[06258] 서울 강남구 예시로 1"}, "서울 강남구"),
    ({"address1": "세종특별자치시 한누리대로 2130"}, "세종특별자치시"),
    ({"address1": "", "address_full": "강원특별자치도 춘천시 예시길 3 101호"}, "강원특별자치도 춘천시"),
    ({"address1": "예시로 1", "address_full": "예시로 1 101호"}, None),
    ({"address1": "1 Main Street", "address_state": "CA", "address_city": "Fresno"}, "CA"),
    ({"address1": None, "address_state": "", "address_city": ""}, None),
    ({"address1": "부산"}, "부산"),
])  # fmt: skip
def test_region_and_nothing_finer(receiver, region):
    for receivers in (receiver, [receiver], [{"address1": None}, receiver]):
        assert one(receivers=receivers)["receiver_region"] == region


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_receivers(nothing):
    assert one(receivers=nothing)["receiver_region"] is None
    assert "receiver_region" not in one()


@pytest.mark.parametrize("nothing", EMPTY)
def test_order_without_items(nothing):
    told = one(items=nothing)
    assert told["lines"] == [] and "status" not in told
    row = order()
    del row["items"]
    assert "lines" not in mapped("orders", {"orders": [row]})[0]


@pytest.mark.parametrize("at", ["0000-00-00", "", None])
def test_unpaid_order(at):
    assert one(payment_date=at)["paid_at"] is None


def test_status_is_the_least_advanced_line_still_sold():
    items = [item(1, order_status="N50"), item(2, order_status="N30"), item(3, order_status="C40", status_code="C2")]
    assert one(*items)["status"] == "shipped"
    assert one(item(order_status="R40", status_code="C3"))["status"] == "returned"
    replaced = item(2, order_status="N21", status_code="N2", original_item_no=[1])
    assert one(item(1, order_status="N40"), replaced)["status"] == "delivered"


@pytest.mark.parametrize("absent", [[], {}, "", None])
def test_absent_values_in_every_disguise(absent):
    """Numbers, dates, texts and ids: the platform writes what is not there without a rule."""
    names = ("quantity", "product_price", "option_price", "payment_amount", "order_status", "status_code", "gift",
             "claim_code", "claim_quantity", "request_undone", "tracking_no", "shipping_company_name", "product_name",
             "delivered_date", "product_no", "variant_code", "option_value", "naver_pay_claim_status")  # fmt: skip
    above = ("payment_date", "payment_amount", "order_place_id", "market_id", "market_order_no", "member_id")
    told = one(item(**dict.fromkeys(names, absent)), **dict.fromkeys(above, absent))
    assert told["paid_at"] is None and told["paid"] is None and told["channel"] is None and told["buyer"] is None
    shown = told["lines"][0]
    assert [shown[name] for name in ("quantity", "unit_price", "status", "tracking_no", "name")] == [None] * 5
    assert shown["options"] == {} and shown["kind"] == "sale"


# -- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", codes.LINES)
def test_every_status_code(code):
    before = {"order_status_before_cs": "N21"} if codes.LINES[code] == codes.BEFORE else {}
    told = mapped("orders", {"orders": [order(item(order_status=code, **before))]})
    shown = told[0]["lines"][0]
    assert (shown["status"], shown["status_raw"]) == (codes.LINES[code] or "preparing", code)
    claims = of_type(told, "Return")
    assert [each["status"] for each in claims] == ([codes.CLAIMS[code]] if code in codes.CLAIMS else [])
    assert all(each["kind"] == codes.KINDS[code[0]] and each["status_raw"] == code for each in claims)
    assert len(codes.LINES) == 52


@pytest.mark.parametrize("code, before, dates, status", [
    ("C11", "N10", {}, "paid"), ("R11", "N50", {}, "completed"), ("E11", "N40", {}, "delivered"),
    ("R00", None, {}, "delivered"), ("R00", None, {"delivered_date": None}, "shipped"),
    ("E20", "", {"delivered_date": None, "shipped_date": None}, "shipped"), ("C00", "N00", {}, "placed"),
    ("C00", None, {"delivered_date": None, "shipped_date": None}, "paid"), ("R10", "R00", {}, "delivered"),
    ("R10", "N99", {}, "delivered"),
])  # fmt: skip
def test_line_under_a_claim_keeps_its_word(code, before, dates, status):
    assert line(order_status=code, order_status_before_cs=before, **dates)["status"] == status


def test_unknown_status_is_unknown_and_counted():
    page = read("orders", {"orders": [order(item(order_status="N77"))]})
    assert page.records[0].lines[0].status == "unknown" and page.records[0].status == "unknown"
    assert dict(page.tally.unknown) == {"order_status=N77": 1}


def test_price_of_a_unit_and_total_of_a_line():
    told = line(product_price=9000, option_price="-500.00", payment_amount="16000.00")
    assert (told["unit_price"], told["total"], told["quantity"]) == ("8500", "16000", 2)
    assert "total" not in line() and "discount" not in line(coupon_discount_price="1000.00")
    assert line(option_price=None)["unit_price"] == "9000"


@pytest.mark.parametrize("claimed, left", [(1, 1), (2, 0), (0, 0), (None, 0), ("1", 1), (5, 0)])
def test_units_left_after_a_finished_claim(claimed, left):
    told = line(order_status="R40", status_code="C3", claim_quantity=claimed)
    assert (told["quantity"], told["quantity_left"]) == (2, left)
    assert line(order_status="R20", claim_quantity=claimed, order_status_before_cs="N40")["quantity_left"] == 2


@pytest.mark.parametrize("comes_from, replaces", [([3], "20260601-0000005-03"), (3, "20260601-0000005-03"),
                                                  (["3"], "20260601-0000005-03"), ([], None), (None, None),
                                                  ({"a": 1}, None), (["²"], None)])  # fmt: skip
def test_exchange_goods_stand_in_for_a_line(comes_from, replaces):
    told = line(status_code="N2", order_status="N01", original_item_no=comes_from)
    assert told["kind"] == "replacement" and told.get("replaces") == replaces and told["status"] == "preparing"


def test_split_line_is_no_replacement():
    parts = [item(1, quantity=1), item(2, quantity=1, original_item_no=[1], order_status="R40", status_code="C3")]
    told = one(*parts)
    assert [each["kind"] for each in told["lines"]] == ["sale", "sale"] and "replaces" not in told["lines"][1]
    assert [each["quantity_left"] for each in told["lines"]] == [1, 0]


def test_gift_and_set():
    assert line(gift="T")["kind"] == "gift"
    parts = [{"product_no": 1, "product_name": "속", "quantity": 1, "product_price": "1.00"}]
    told = one(item(product_bundle="T", product_bundle_type="C", product_bundle_list=parts))
    assert [each["kind"] for each in told["lines"]] == ["sale"]


@pytest.mark.parametrize("changes, options", [
    ({"options": [{"option_name": "색상", "option_value": {"option_text": "회색"}}]}, {"색상": "회색"}),
    ({"options": {"option_name": "색상", "option_value": "회색"}}, {"색상": "회색"}),
    ({"options": [{"name": "크기", "value": 42}]}, {"크기": "42"}),
    ({"options": [{"option_name": None, "option_value": {"option_text": None}}]}, {"": "색상=회색"}),
    ({"option_value": "맛=달콤, 매콤=반반"}, {"": "맛=달콤, 매콤=반반"}),
    ({"option_value": "", "options": None}, {}), ({"option_value": None, "options": []}, {}),
])  # fmt: skip
def test_options_of_a_line(changes, options):
    assert line(**changes)["options"] == options


def test_what_the_buyer_typed_in_is_not_kept():
    typed = [{"key": "item_option_add", "type": "text", "name": "각인", "value": "홍길동"}]
    assert "홍길동" not in str(line(additional_option_values=typed, additional_option_value="각인=홍길동"))


@pytest.mark.parametrize("changes, tracking", [
    ({"tracking_no": 123}, "123"), ({"tracking_no": ""}, None), ({"tracking_no": None}, None),
    ({"multi_invoice": [{"tracking_no": "111"}, {"tracking_no": "222"}]}, "111,222"),
    ({"multi_invoice": {"tracking_no": "222"}}, "111,222"),
    ({"tracking_no": None, "multi_invoice": [{"tracking_no": "222"}]}, "222"),
])  # fmt: skip
def test_parcels_of_a_line(changes, tracking):
    assert line(**changes)["tracking_no"] == tracking


def test_times_of_both_forms_in_one_answer():
    told = line(purchaseconfirmation_date="2026-06-05 00:10:00")
    assert told["shipped_at"] == "2026-06-02T01:00:00Z" and told["delivered_at"] == "2026-06-03T02:00:00Z"
    assert told["completed_at"] == "2026-06-04T15:10:00Z"
    assert line(shipped_date="0000-00-00 00:00:00")["shipped_at"] is None
    assert line(shipped_date="0000-00-00T00:00:00+09:00")["shipped_at"] is None


@pytest.mark.parametrize("codes_, code", [(("A", "B"), "B"), (("A", ""), "A"), ((None, None), None)])
def test_seller_s_own_code(codes_, code):
    assert line(custom_product_code=codes_[0], custom_variant_code=codes_[1])["code"] == code


def test_number_of_the_line_on_the_marketplace():
    assert line(market_item_no="M-1")["external_id"] == "M-1"
    assert line(market_item_no=None, naver_pay_order_id="2026060112345")["external_id"] == "2026060112345"
    assert line(market_item_no=None, naver_pay_order_id=None)["external_id"] is None


def test_line_without_its_code_has_the_order_s_number_and_its_place():
    assert line(order_item_code=None, item_no=7)["line_id"] == "20260601-0000005-07"
    page = read("orders", {"orders": [order(item(order_item_code=None, item_no=None)), order(order_id="X")]})
    assert [failed.position for failed in page.failed] == [0] and page.records[0].order_id == "X"


def test_hundredth_line_comes_after_the_ninety_ninth():
    told = one(item(100), item(99), item(2))
    assert [each["line_id"][17:] for each in told["lines"]] == ["02", "99", "100"]


def test_names_of_lines_are_plain():
    assert line(product_name="<b>양말</b>\t&amp; 장갑")["name"] == "양말 & 장갑"


# -- answers beside the order -----------------------------------------------------------------------------------------


def test_items_alone_tell_order_lines_and_claims():
    rows = {"items": [item(1), item(2, order_status="C40", claim_reason_type="A", status_code="C2", shop_no=2)]}
    told = mapped("orders.items", rows)
    assert [record["type"] for record in told] == ["Order", "Return"] and told[0]["shop"] == "2"
    assert "items_total" not in told[0] and len(told[0]["lines"]) == 2


def test_shipments_tell_how_lines_travel():
    parcels = [
        {"order_id": "20260601-0000005", "tracking_no": "1", "shipping_company_code": "0001",
         "items": [{"order_item_code": "20260601-0000005-02", "status": "shipping "},
                   {"order_item_code": "20260601-0000005-01", "status": "shipped"}]},
        {"order_id": "20260601-0000005", "tracking_no": 2, "shipping_company_code": "0002",
         "items": {"order_item_code": "20260601-0000005-02", "status": "standby"}},
    ]  # fmt: skip
    told = mapped("orders.shipments", {"shipments": parcels})
    assert [(each["line_id"][-2:], each["status"], each["tracking_no"]) for each in told[0]["lines"]] == [
        ("01", "delivered", "1"), ("02", "preparing", "1,2"),
    ]  # fmt: skip


def test_shipment_that_names_its_order_in_its_code_only():
    parcel = {"shipping_code": " D-20260601-0000005-00", "items": [{"order_item_code": "20260601-0000005-01"}]}
    assert [told["order_id"] for told in mapped("orders.shipments", {"shipments": [parcel]})] == ["20260601-0000005"]
    assert len(read("orders.shipments", {"shipments": [parcel | {"shipping_code": None}]}).failed) == 1


def test_receivers_and_buyer_complete_an_order():
    rows = {
        "receivers": [
            {"name": "홍길동", "address1": "부산광역시 해운대구 예시로 1", "shipping_code": "D-20260601-0000005-00"}
        ]
    }
    told = mapped("orders.receivers", rows)[0]
    assert (told["order_id"], told["receiver_region"]) == ("20260601-0000005", "부산광역시 해운대구")
    at = "https://demomall.cafe24api.com/api/v2/admin/orders/20260601-0000005/buyer"
    buyer = {"buyer": {"shop_no": 1, "name": "홍길동", "cellphone": "010-0000-0001"}}
    assert mapped("orders.buyer", buyer, url=at)[0]["order_id"] == "20260601-0000005"
    assert read("orders.buyer", buyer).failed[0].why.startswith("order_id")
