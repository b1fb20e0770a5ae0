"""The emulated GMO MakeShop: answers have the shape of the samples, and it refuses what the sources say it refuses."""

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sandboxing import ask, force

from sandbox import makeshop_jp_ids as ids
from sandbox.background import running
from sandbox.makeshop_jp_query import Misfit, read
from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples" / "makeshop_jp"
SIZE = {"products": 230, "orders": 160, "reviews": 40, "only": "makeshop_jp"}
OPEN, NARROW = "demo_makeshop_jp", "demo_makeshop_jp_narrow"


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def call(served, body, mall=OPEN, **changed):
    """Return status, answer and headers of a question."""
    headers = {
        "Content-Type": "application/json", "Authorization": f"Bearer {served.stage.secret(mall, 'TOKEN')}",
        "X-Api-Key": served.stage.secret(mall, "API_KEY"), "X-Timestamp": str(int(time.time())), **changed,
    }  # fmt: skip
    status, found, told = ask(f"{served.stage.address(mall)}/v1/graphql", json.dumps(body).encode(), headers)
    return status, json.loads(found), told


def search(served, operation, fields, mall=OPEN, **given):
    text = f"query {operation}($input: In!) {{ {operation}(input: $input) {{ searchedCount page limit {fields} }} }}"
    status, answer, _ = call(served, {"query": text, "variables": {"input": given}, "operationName": None}, mall)
    return status, answer


def asked(name, **given):
    body = sample(f"{name}_request")
    return body | {"variables": {"input": body["variables"]["input"] | given}}


def test_two_hundred_products_a_page_are_shown_whatever_is_asked_for(served):
    status, answer, _ = call(served, asked("searchProduct", limit=1000))
    told = answer["data"]["searchProduct"]
    assert status == 200 and len(told["products"]) == 200 and told["limit"] == 1000
    assert told["searchedCount"] == len(served.world.shown()) > 200
    loose = ("data.searchProduct.products.[].quantity",)
    assert shape_problems(answer, sample("searchProduct_page1"), loose=loose) == []
    assert {type(one["quantity"]) for one in told["products"]} == {int, type(None)}
    _, second, _ = call(served, asked("searchProduct", limit=1000, page=2))
    rest = second["data"]["searchProduct"]["products"]
    assert len(rest) == told["searchedCount"] - 200
    assert not {one["systemCode"] for one in rest} & {one["systemCode"] for one in told["products"]}
    _, third, _ = call(served, asked("searchProduct", page=3))
    assert third["data"]["searchProduct"]["products"] == []
    code = rest[0]["systemCode"]
    _, answer, _ = call(served, asked("searchProduct", systemCodes=[code]))
    assert [one["systemCode"] for one in answer["data"]["searchProduct"]["products"]] == [code]


def test_orders_are_found_by_two_dates(served):
    _, answer, _ = call(served, asked("searchOrder", startOrderDate="20200101000000", endOrderDate="20371231235959"))
    assert shape_problems(answer, sample("searchOrder_page1")) == []
    orders = answer["data"]["searchOrder"]["orders"]
    assert len(orders) == 160 and [one["systemOrderNumber"] for one in orders] == sorted(
        one["systemOrderNumber"] for one in orders
    )
    states = {each["deliveryStatus"] for one in orders for each in one["deliveryInfos"]}
    assert states == {"N", "Y", "C", "R"} and any(len(one["deliveryInfos"]) > 1 for one in orders)
    assert {one["paymentStatusCode"] for one in orders} >= {"", "0000", "0001", "0002", "0003", "0004"}
    assert any(len(one["orderDate"]) == 14 for one in orders) and any(one["memberId"][0] == "X" for one in orders)
    assert any(each["slipNumber"] == "キャンセル" for one in orders for each in one["deliveryInfos"])
    trade = served.world.trade(OPEN)
    day = trade.orders[80].paid_at or trade.orders[80].ordered_at
    first, last = ids.jst(day - timedelta(days=9), digits=True), ids.jst(day, digits=True)
    _, answer = search(
        served, "searchOrder", "orders { systemOrderNumber }", startPaymentDate=first, endPaymentDate=last, limit=200
    )
    found = {one["systemOrderNumber"] for one in answer["data"]["searchOrder"]["orders"]}
    start = day - timedelta(days=9)
    assert (
        found == {ids.order_number(one) for one in trade.orders if one.paid_at and start <= one.paid_at <= day} != set()
    )
    _, answer = search(served, "searchOrder", "orders { deliveryInfos { deliveryStatus } }", deliveryStatus="R")
    assert all(
        "R" in {each["deliveryStatus"] for each in one["deliveryInfos"]}
        for one in answer["data"]["searchOrder"]["orders"]
    )
    assert search(served, "searchOrder", "orders { sumPrice }", startOrderDate="tomorrow")[0] == 422


def test_categories_stock_and_reviews_have_the_shape_of_the_samples(served):
    fields = (
        "categoryUid categoryCode categoryName display categoryDepth category1 category2 category3 category4 "
        "category5 categoryUrl seoInfo { browserTitle description }"
    )
    text = f"query getProductCategory {{ getProductCategory {{ productCategories {{ {fields} }} }} }}"
    assert shape_problems(call(served, {"query": text})[1], sample("getProductCategory")) == []
    for name, fields in (
        ("searchProductQuantity", "productQuantities { systemCode customCode quantity variationQuantities { "
                                  "variationCustomCode quantity } }"),
        ("searchReview", "reviews { reviewId productSystemCode title content point nickname isPublished createdAt }"),
    ):  # fmt: skip
        _, answer = search(served, name, fields, limit=200)
        del answer["data"][name]["limit"]
        nullable = ("data.searchProductQuantity.productQuantities.[].variationQuantities.[].quantity",)
        assert shape_problems(answer, sample(name), nullable=nullable) == []
    text = "query getShop { getShop { shop { shopName shopUrl } } }"
    assert call(served, {"query": text})[1]["data"]["getShop"]["shop"]["shopUrl"] == ids.SHOP


def test_headers_are_checked_in_each_request(served):
    body = asked("searchProduct", limit=1)
    assert call(served, body)[0] == 200
    for wrong in (
        {"Authorization": "Bearer PAT.other"}, {"X-Api-Key": "x"}, {"X-Timestamp": ""}, {"X-Timestamp": "now"},
        {"X-Timestamp": str(int(time.time()) - 3700)},
    ):  # fmt: skip
        assert call(served, body, **wrong)[:2] == (401, sample("error_401"))
    assert call(served, body, **{"X-Timestamp": str(int(time.time()) - 3500)})[0] == 200


def test_what_does_not_fit_the_schema_is_refused(served):
    text = asked("searchProduct")["query"].replace("quantity", "stockCount")
    status, answer, _ = call(served, {"query": text, "variables": {"input": {}}})
    assert status == 422 and shape_problems(answer, sample("error_validation_422")) == []
    assert answer["errors"][0]["message"] == sample("error_validation_422")["errors"][0]["message"]
    assert call(served, asked("searchProduct", systemCode="1"))[:2] == (422, sample("error_variable_422"))
    for text in ("", "{", "query { searchProduct }", "query { searchProduct { products { uid { x } } } }", "}"):
        assert call(served, {"query": text})[0] == 422, text
    for told in (None, [], {"query": 5}):
        with pytest.raises(Misfit):
            read(told)
    for name in ("__schema", "__type"):
        status, answer, _ = call(served, {"query": f"query {{ {name} {{ name }} }}"})
        assert status == 200 and answer["data"] is None and answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_rights_are_missing_inside_200(served):
    fields = "reviews { reviewId }"
    assert search(served, "searchReview", fields, NARROW) == (200, sample("error_forbidden_in200"))
    _, answer = search(served, "searchProduct", "products { systemCode categories { categoryUID } }", NARROW, limit=1)
    assert answer["errors"] == sample("partial_data")["errors"]
    assert answer["data"]["searchProduct"]["products"][0]["categories"] is None
    _, answer = search(served, "searchProduct", "products { systemCode }", NARROW, limit=1)
    assert "errors" not in answer


def test_other_paths_and_faults(served):
    status, body, headers = ask(f"{served.stage.address(OPEN)}/v2/graphql", b"{}")
    assert status == 404 and headers["Content-Type"].startswith("text/html") and b"404 Not Found" in body
    body = asked("searchProduct", limit=1)
    for fault, name in (("429", "error_429"), ("500", "error_500")):
        force(served, fault, stream="products", mall=OPEN)
        assert call(served, body)[:2] == (int(fault), sample(name))


def test_rows_of_a_mutation_fail_one_by_one(served):
    plain = next(one for one in served.world.shown() if one.plain)
    rows = [{"systemCode": ids.system_code(plain), "quantity": 11}, {"systemCode": "000000000999", "quantity": 1}]
    body = sample("updateProductQuantity_request") | {"variables": {"input": {"updateProductQuantityItems": rows}}}
    status, answer, _ = call(served, body)
    assert status == 200 and shape_problems(answer, sample("updateProductQuantity_response")) == []
    assert [row["status"] for row in answer["data"]["updateProductQuantity"]["results"]] == ["SUCCESS", "FAIL"]
    assert plain.variants[0].quantity == 11
