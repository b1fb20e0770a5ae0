"""GMO MakeShop (Japan): queries against the schema, errors before data, every code, odd payloads, hostile input."""

from datetime import UTC, datetime

import graphql
import msgspec
import pytest
from makeshop_jp_payloads import ROWS, SAMPLES, SCHEMA, answer, one, order, read, rows_of, sample
from msgspec import UNSET

from shopscrape.errors import AskAgain, AuthLost, PageFailed, Refused, ResourceRefused, ShopscrapeError, Throttled
from shopscrape.items import Order, Product, Return, Review, Stock
from shopscrape.payload import Answer
from shopscrape.privacy import Scrubber
from spiders.makeshop_jp import codes, judging, mapping, queries
from spiders.makeshop_jp.mapping_orders import variation

# -- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SHOP", "CATEGORIES", "PRODUCTS", "QUANTITIES", "ORDERS", "REVIEWS"])
def test_a_query_fits_the_schema(name):
    text = getattr(queries, name)
    assert graphql.validate(SCHEMA, graphql.parse(text)) == []
    assert "__schema" not in text and "__type" not in text
    for personal in ("senderName", "receiverName", "receiverAddress", "receiverTel", "receiverPost", "message"):
        assert personal not in text


def test_the_sample_queries_fit_the_schema_too():
    for name in ("searchProduct_request", "searchOrder_request"):
        told = sample(name)
        assert graphql.validate(SCHEMA, graphql.parse(told["query"])) == []
        definition = graphql.parse(told["query"]).definitions[0].variable_definitions
        assert not isinstance(graphql.get_variable_values(SCHEMA, definition, told["variables"]), list)


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, kind",
    [
        ("UNAUTHENTICATED", AuthLost), ("UNAUTHORIZED", AuthLost), ("FORBIDDEN", ResourceRefused),
        ("GRAPHQL_VALIDATION_FAILED", ResourceRefused), ("TOO_MANY_REQUESTS", Throttled), ("RATE_LIMITED", Throttled),
        ("INTERNAL_SERVER_ERROR", AskAgain), ("SOMETHING_NEW", PageFailed), (None, PageFailed),
    ],
)  # fmt: skip
@pytest.mark.parametrize("data", [None, {}, {"searchOrder": None}])
def test_every_error_code_comes_before_data(code, kind, data):
    errors = [{"message": "m", "path": ["searchOrder"], "extensions": {"code": code} if code else None}]
    for form in (errors, errors[0]):
        with pytest.raises(kind) as raised:
            mapping.judge(Answer(msgspec.json.encode({"errors": form, "data": data})))
        assert raised.value.code == (code or "")
    if code == "FORBIDDEN":
        assert "注文" in str(raised.value)


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (401, b"{}", AuthLost), (403, b"", Refused), (404, b"<html>", judging.NoSuchPath),
        (422, b"{}", ResourceRefused), (400, b"", Refused), (413, b"", Refused), (429, b"", Throttled),
        (500, b"{}", AskAgain), (503, b"<html>", AskAgain),
        (302, b"", PageFailed), (200, b"<html><title>502 Bad Gateway</title>", AskAgain), (200, b"", PageFailed),
        (200, b"[]", PageFailed), (200, b'{"data": null}', PageFailed),
    ],
)  # fmt: skip
def test_the_status_decides_where_it_is_told(status, body, kind):
    with pytest.raises(kind):
        mapping.judge(Answer(body, status))


def test_a_wrong_query_names_what_does_not_fit():
    with pytest.raises(ResourceRefused, match=r"unknown field at variable\.input\.systemCode"):
        mapping.judge(Answer((SAMPLES / "error_variable_422.json").read_bytes(), 422))


@pytest.mark.parametrize(
    "path, good",
    [
        (["searchProduct", "products", 0, "categories"], True), (["searchProduct", "products", 0, "maker"], True),
        (["searchProduct", "products", 0, "systemCode"], False), (["searchProduct", "products", 0, "quantity"], False),
        (["searchProduct", "products"], False), (["searchProduct", "products", 0], False), (["searchProduct"], False),
        ([], False), (None, False), (["searchProduct", "products", 9, "categories"], False),
        (["searchProduct", "products", 0, "productName"], False),
    ],
)  # fmt: skip
def test_data_beside_errors_is_good_only_without_what_can_be_missed(path, good):
    row = rows_of("products")[0] | {"categories": None, "maker": None, "quantity": None}
    told = answer(
        "products", [row], errors=[{"message": "forbidden", "path": path, "extensions": {"code": "FORBIDDEN"}}]
    )
    if not good:
        with pytest.raises(ResourceRefused):
            read("products", told)
        return
    found = read("products", told).records[0]
    assert (found.categories is UNSET) == (path[-1] == "categories")
    assert (found.manufacturer is UNSET) == (path[-1] == "maker")
    assert mapping.withheld(Answer(msgspec.json.encode(told))) == [path[-1]]


@pytest.mark.parametrize("path, at, gone", [
    (["categories", 0, "categoryName"], {"categories": None}, True),
    (["categories", 1, "categoryUID"], {"categories": [{"categoryUID": "11", "categoryName": "a"}, None]}, True),
    (["variations", 0, "janCode"], {"variations": None}, False), (["systemCode"], None, False),
])  # fmt: skip
def test_a_field_that_must_not_be_null_takes_what_is_above_it_along(path, at, gone):
    row = rows_of("products")[0] | at if at else None
    errors = [{"message": "forbidden", "path": ["searchProduct", "products", 0, *path]}]
    told = answer("products", [row], errors=errors)
    if not gone:
        with pytest.raises(ResourceRefused):
            read("products", told)
        return
    found = read("products", told).records[0]
    assert found.categories is UNSET and found.category_ids is UNSET and found.price == 4980


def test_the_error_that_costs_the_page_decides():
    row = rows_of("products")[0] | {"maker": None}
    mild = {"message": "x", "path": ["searchProduct", "products", 0, "maker"], "extensions": {"code": "OTHER"}}
    with pytest.raises(Throttled):
        read("products", answer("products", [row], errors=[mild, {"message": "Too Many Requests"}]))
    for text, kind in (
        ("Forbidden.", ResourceRefused),
        ("Unauthorized", AuthLost),
        ("internal system error", AskAgain),
    ):
        with pytest.raises(kind):
            mapping.judge(Answer(msgspec.json.encode({"errors": text})))


# -- codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw, note, payment, word, claim",
    [
        ("N", "", "0002", "paid", None), ("N", "", "", "placed", None), ("N", "", "0003", "cancelled", "cancel"),
        ("Y", "123", "0000", "shipped", None), ("C", "", "0000", "cancelled", "cancel"),
        ("R", "123", "0000", "returned", "return"), ("Q", "", "0000", "unknown", None),
        (None, "", "0004", "paid", None),
        ("N", "返金済み", "0002", "paid", "cancel"), ("N", "取消", "0002", "paid", "cancel"),
        ("C", "キャンセル", "0003", "cancelled", "cancel"),
    ],
)  # fmt: skip
def test_every_state_of_a_shipment(raw, note, payment, word, claim):
    page = read(
        "orders", answer("orders", [order({"deliveryStatus": raw, "slipNumber": note}, paymentStatusCode=payment)])
    )
    found = page.records[0]
    assert found.lines[0].status == word and found.status == word
    assert found.lines[0].tracking_no == (note if note == "123" else None)
    assert [back.kind for back in page.records[1:]] == ([claim] if claim else [])
    for back in page.records[1:]:
        assert back.derived is True and back.status == ("completed" if word in ("cancelled", "returned") else "unknown")
    assert page.tally.unknown == ({"deliveryStatus=Q": 1} if raw == "Q" else {})


@pytest.mark.parametrize("raw", [*codes.PAYMENTS, "9999", "", None])
def test_every_payment_code(raw):
    found = one("orders", order({"deliveryStatus": "N"}, paymentStatusCode=raw), Order)
    assert found.status == {"paid": "paid", "cancelled": "cancelled"}.get(codes.PAYMENTS.get(raw), "placed")
    assert found.paid == (10560 if codes.PAYMENTS.get(raw) == "paid" and raw != "1002" else 0)


def test_a_payment_code_that_lost_its_zeros_is_the_same_and_one_that_is_missing_tells_nothing():
    for number, word in ((0, "paid"), (2, "paid"), (3, "cancelled"), (1002, "paid"), (7, "placed")):
        found = one("orders", order({"deliveryStatus": "N"}, paymentStatusCode=number), Order)
        assert (found.status, found.status_raw) == (word, f"{number:04}")
    row = order({"deliveryStatus": "N"})
    del row["paymentStatusCode"]
    found = one("orders", row, Order)
    assert found.status is UNSET and found.lines[0].status is UNSET and found.paid is UNSET


def test_an_order_without_shipments_has_the_word_of_its_payment():
    for nothing in ([], None, ""):
        found = one("orders", order(paymentStatusCode="0003") | {"deliveryInfos": nothing}, Order)
        assert (found.status, found.lines) == ("cancelled", [])


@pytest.mark.parametrize(
    "told, status",
    [
        ({}, "on_sale"), ({"display": "N"}, "hidden"), ({"quantity": 0}, "sold_out"), ({"quantity": None}, "on_sale"),
        ({"isSellStart": "Y", "sellStartDateTime": "2026-06-01 00:00:00"}, "pending"),
        ({"isSellStart": "N", "sellStartDateTime": "2026-06-01 00:00:00"}, "on_sale"),
        ({"isSellEnd": "Y", "sellEndDateTime": "2026-05-01 00:00:00"}, "ended"),
        ({"isSellEnd": "Y", "sellEndDateTime": ""}, "on_sale"), ({"display": "?"}, "unknown"),
        ({"display": None}, UNSET),
    ],
)  # fmt: skip
def test_a_products_status(told, status):
    page = read("products", answer("products", [rows_of("products")[0] | told]))
    assert page.records[0].status == status
    assert page.records[1].available is {"on_sale": True, "unknown": UNSET, UNSET: UNSET}.get(status, False)
    assert bool(page.tally.unknown) == (told.get("display") == "?")


@pytest.mark.parametrize("shown, flags", [("Y", []), ("N", ["hidden"]), (None, UNSET), ("X", UNSET), (True, [])])
def test_whether_a_review_is_shown(shown, flags):
    assert one("reviews", rows_of("reviews")[0] | {"isPublished": shown}, Review).flags == flags


# -- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_rows_in_every_disguise(kind):
    rows = rows_of(kind)
    wanted = read(kind, answer(kind, rows)).records
    assert wanted
    assert read(kind, answer(kind, {str(n): row for n, row in enumerate(rows)})).records == wanted
    assert read(kind, answer(kind, [*rows, None])).records == wanted
    assert read(kind, answer(kind, rows[0])).size == 1
    for nothing in ([], "", None, {}):
        assert read(kind, answer(kind, nothing)).records == []
    operation, key = ROWS[kind]
    assert read(kind, {"data": {operation: {"searchedCount": 0}}}).records == []
    for strange in (
        {"data": {operation: {"searchedCount": 3}}},
        {"data": {operation: None}},
        {"data": {operation: {key: 7}}},
    ):
        with pytest.raises(PageFailed):
            read(kind, strange)


def test_numbers_keep_their_zeros_and_texts_are_numbers():
    found = one(
        "products", rows_of("products")[0] | {"systemCode": 501, "sellPrice": "4,980", "quantity": "12"}, Product
    )
    assert found.product_id == "000000000501" and found.price == 4980
    line = one(
        "orders", order(basket={"productCode": 501, "amount": "2", "price": "100"}, sumPrice="900"), Order
    ).lines[0]
    assert (line.product_id, line.quantity, line.total) == ("000000000501", 2, 200)


@pytest.mark.parametrize(
    "told, quantity, managed", [(None, None, False), (0, 0, True), (-2, -2, True), ("", UNSET, UNSET)]
)
def test_null_is_unlimited(told, quantity, managed):
    found = one("products", rows_of("products")[0] | {"quantity": told}, Stock)
    assert (found.quantity, found.managed) == (quantity, managed)
    assert one("inventory", {"systemCode": "1", "quantity": told}, Stock).quantity == quantity


def test_variations_without_or_with_shared_codes():
    part = rows_of("products")[1]["variations"][0]
    row = rows_of("products")[1]
    found = one(
        "products",
        row | {"variations": [part | {"variationCustomCode": ""}, part | {"variation2ItemName": "LH"}]},
        Product,
    )
    assert [one.variant_id for one in found.variants] == ["ブラック:RH", "LS-BK-RH"]
    found = one("products", row | {"variations": [part, part | {"variation2ItemName": "LH"}]}, Product)
    assert [one.variant_id for one in found.variants] == ["LS-BK-RH:ブラック:RH", "LS-BK-RH:ブラック:LH"]
    page = read("products", answer("products", [row | {"variations": [{"janCode": "1"}]}]))
    assert page.tally.unknown == {"variations=without code and name": 1}
    for nothing in (None, [], "", {}):
        page = read("products", answer("products", [row | {"variations": nothing, "quantity": 3}]))
        assert page.records[0].variants == [] and page.records[1].quantity == 3
    alone = one("products", row | {"variations": part}, Product)
    assert len(alone.variants) == 1
    del row["variations"]
    assert one("products", row, Product).variants is UNSET


def test_stock_is_for_sale_only_where_its_product_is():
    row = rows_of("inventory")[1]
    page = read("inventory", answer("inventory", [row]), context={"buyable": {"000000000502": True}})
    assert [(level.variant_id, level.available) for level in page.records] == [("LS-BK-RH", True), ("LS-BK-LH", False)]
    page = read("inventory", answer("inventory", [row]), context={"buyable": {"000000000502": False}})
    assert [level.available for level in page.records] == [False, False]
    page = read("inventory", answer("inventory", [row | {"variationQuantities": [{"quantity": 1}]}]))
    assert page.records == [] and page.tally.unknown == {"variationQuantities=without a code": 1}


@pytest.mark.parametrize(
    "text, options",
    [
        ("カラー : ブラック 左右 : LH", {"カラー": "ブラック", "左右": "LH"}), ("サイズ : M", {"サイズ": "M"}),
        ("サイズ : 25 cm", {"サイズ": "25 cm"}), ("色 : ライト グレー 左右 : LH", {"": "色 : ライト グレー 左右 : LH"}),
        ("ブラック", {"": "ブラック"}), (None, {}), (" : ", {"": " : "}),
    ],
)  # fmt: skip
def test_a_variation_is_split_only_where_it_is_clear(text, options):
    assert variation(text) == options


def test_lines_that_look_alike_stay_apart():
    row = order()
    row["deliveryInfos"][0] |= {"deliveryStatus": "R", "basketInfos": row["deliveryInfos"][0]["basketInfos"] * 2}
    found, *back = read("orders", answer("orders", [row])).records
    ids = [line.line_id for line in found.lines]
    assert ids == ["9001:000000000501", "9001:000000000501:2"]
    assert [one.line_ids for one in back] == [[number] for number in ids]
    assert [one.return_id for one in back] == [f"{number}:return" for number in ids]
    assert [one.refund_amount for one in back] == [9960, None]


@pytest.mark.parametrize(
    "member, known",
    [
        ("demo0001", True), ("X123456ホンギルドン", False), ("X123456Hong", False), ("退会済み", False), ("", False),
        (None, False), (12345, True), ("X1234567", True),
    ],
)  # fmt: skip
def test_guests_and_members_who_left_are_nobody(member, known):
    scrub = Scrubber(b"key").scrub
    assert bool(scrub(one("orders", order(memberId=member), Order)).buyer) is known


def test_sums_that_do_not_add_up():
    assert one("orders", order(sumPrice=5000), Order).discount == 580
    assert one("orders", order(sumPrice=9000), Order).discount is UNSET
    assert (
        one("orders", order({"deliveryStatus": "C"}, paymentStatusCode="", sumPrice=5580), Return).refund_amount is None
    )


def test_dates_in_either_form():
    for told in ("2026-05-01 10:20:30", "20260501102030", 20260501102030):
        assert one("orders", order(orderDate=told), Order).ordered_at == datetime(2026, 5, 1, 1, 20, 30, tzinfo=UTC)
    for none in ("", None, "--", "0000-00-00 00:00:00", 0):
        assert one("orders", order({"deliveryDate": none}), Order).lines[0].shipped_at is None


def test_a_mall_may_name_the_fields_of_reviews():
    fields = {"rows": "items", "review_id": "id", "rating": "star", "text": "body"}
    told = {"data": {"searchReview": {"searchedCount": 1, "items": [{"id": 5, "star": "4", "body": "<b>良い</b>"}]}}}
    page = read("reviews", told, context={"fields": fields})
    assert [(one.review_id, one.rating, one.text) for one in page.records] == [("5", 4, "良い")]
    for rating in (6, -1, "x"):
        page = read("reviews", answer("reviews", [rows_of("reviews")[0] | {"point": rating}]))
        assert (page.records[0].rating_raw, page.tally.unknown) == (str(rating), {f"point={rating}": 1})
    assert one("reviews", rows_of("reviews")[0] | {"point": 0}, Review).rating is None


def test_no_person_leaves_the_mapping():
    row = order(
        {"receiverName": "本田", "receiverTel": "09000000000", "receiverAddress": "銀座1"},
        senderName="本田",
        message="電話して",
    )
    page = read("orders", answer("orders", [row | {"memberId": "X123456本田"}]))
    printed = b"".join(map(msgspec.json.encode, page.records)).decode()
    assert not [word for word in ("本田", "0900", "銀座", "電話") if word in printed]
    assert page.tally.left_over == {}


def test_categories_without_names_keep_their_numbers():
    row = rows_of("products")[0] | {"categories": {"0": {"categoryUID": 11}, "1": {"categoryUID": "27"}}}
    found = one("products", row, Product)
    assert found.category_ids == ["11", "27"] and found.categories is UNSET


def test_categories_and_shop():
    paths = mapping.categories(mapping.document(Answer((SAMPLES / "getProductCategory.json").read_bytes())))
    assert paths == {"11": "アクセサリー", "27": "アクセサリー > 革小物"}
    assert mapping.shop_url({"getShop": {"shop": {"shopUrl": "https://a"}}}) == "https://a"
    assert mapping.shop_url({"getShop": None}) == ""


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_hostile_input_fails_as_ours(kind):
    operation, key = ROWS[kind]
    deep = b'{"data":{"' + operation.encode() + b'":{"' + key.encode() + b'":' + b"[" * 4000 + b"]" * 4000 + b"}}}"
    for body in (deep, b"{", b"", b"[]", b"\xff\xfe", b'{"data": 1}', b'{"errors": [1]}', b"<!DOCTYPE x>"):
        with pytest.raises(ShopscrapeError):
            read(kind, body)
    long = "9" * 600
    rows = (
        "x", 5, [], {}, {"systemCode": long, "systemOrderNumber": long, "reviewId": long}, {"systemCode": "1\u0000"},
        {"systemCode": "1", "sellPrice": "1e99999"}, {"systemCode": "1", "variations": 5, "variationQuantities": 5},
        {"systemOrderNumber": "1", "deliveryInfos": [{"deliveryId": {}}]},
    )  # fmt: skip
    for row in rows:
        page = read(kind, answer(kind, [row, row]))
        assert all(long not in why for _, why in page.failed)
    assert len(read(kind, answer(kind, ["x", 5])).failed) == 2
