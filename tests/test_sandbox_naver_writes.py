"""Writing at the emulated Commerce API: what a seller's program does between two crawls."""

import json

import pytest
from naver_sandbox import MALL, NO_PART, ORDERS, login, refusal, sample
from sandboxing import ask

from sandbox import naver_ids as ids
from sandbox.background import running
from sandbox.shapes import shape_problems

SIZE = {"products": 40, "orders": 40, "reviews": 0, "only": "naver", "speed": 1000.0}
ORIGINS = "/v1/products/origin-products"


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def told(served):
    """Ask with a good token; gives status and answer."""
    headers = {"Authorization": f"Bearer {login(served)[1]['access_token']}", "Content-Type": "application/json"}

    def run(method, path, body=None):
        status, answer, _ = ask(f"{served.stage.address(MALL)}{path}", body, headers, method=method)
        return status, json.loads(answer)

    return run


def origin(told, product):
    return told("GET", f"/v2/products/origin-products/{ids.origin_no(product)}")[1]["originProduct"]


def first(served, test):
    return next(one for one in served.world.shown() if test(one))


def test_stock_of_options(served, told):
    product = first(served, lambda one: len(one.variants) > 3 and one.variants[0].surcharge and one.quantity)
    path = f"{ORIGINS}/{ids.origin_no(product)}/option-stock"
    rows = [dict(row) for row in sample("option_stock_put_request")["optionInfo"]["optionCombinations"]]
    rows[0]["id"], rows[1]["id"] = (ids.option_no(one) for one in product.variants[:2])
    rows[1] = {"id": rows[1]["id"]}
    before = {one.no: one.quantity for one in product.variants}
    status, answer = told("PUT", path, {"optionInfo": {"optionCombinations": rows, "useStockManagement": True}})
    theirs = [sample("option_stock_put_response"), sample("official_schema_channel_product")]
    known = {*sample("official_schema_channel_product"), *sample("option_stock_put_response")}
    assert status == 200 and answer.keys() <= known | {"windowChannelProductNo"}
    assert answer["originProductNo"] == ids.origin_no(product)
    inside = [{"originProduct": one["originProduct"]} for one in (answer, *theirs)]
    assert shape_problems(inside[:1], inside[1:], optional=NO_PART) == []
    found = {row["id"]: row for row in origin(told, product)["detailAttribute"]["optionInfo"]["optionCombinations"]}
    # What a listed row leaves out becomes 0, usable true; what is not listed stays.
    listed, bare = found[rows[0]["id"]], found[rows[1]["id"]]
    assert {name: listed[name] for name in rows[0]} == rows[0]
    assert (bare["stockQuantity"], bare["price"], bare["usable"]) == (0, 0, True)
    third = product.variants[2]
    assert found[ids.option_no(third)]["stockQuantity"] == max(before[third.no], 0)
    assert origin(told, product)["stockQuantity"] == sum(
        row["stockQuantity"] for row in found.values() if row["usable"]
    )
    strange = {"optionInfo": {"optionCombinations": [{"id": 1, "stockQuantity": 1}]}}
    refusal(told("PUT", path, strange), "error_400_product_invalid_inputs", 400)
    refusal(told("PUT", f"{ORIGINS}/1/option-stock", strange), "error_404_product", 404)


def test_states_of_a_product(served, told):
    product = first(served, lambda one: one.plain and one.status == "on_sale" and one.quantity)
    path = f"{ORIGINS}/{ids.origin_no(product)}/change-status"
    good = sample("change_status_put_response")
    assert told("PUT", path, {"statusType": "OUTOFSTOCK"}) == (200, good)
    assert (origin(told, product)["statusType"], origin(told, product)["stockQuantity"]) == ("OUTOFSTOCK", 0)
    refusal(told("PUT", path, {"statusType": "SALE"}), "error_400_product_invalid_inputs", 400)
    assert told("PUT", path, sample("change_status_put_request")) == (200, good)
    assert (origin(told, product)["statusType"], origin(told, product)["stockQuantity"]) == ("SALE", 15)
    assert told("PUT", path, {"statusType": "SUSPENSION"}) == (200, good)
    refusal(told("PUT", path, {"statusType": "OUTOFSTOCK"}), "error_400_product_invalid_inputs", 400)
    request = sample("multi_update_patch_request")
    first_row, second_row = request["multiProductUpdateRequestVos"]
    other = first(served, lambda one: one.plain and one.no != product.no and one.status == "on_sale")
    first_row["originProductNo"], second_row["originProductNo"] = ids.origin_no(other), ids.origin_no(product)
    assert told("PATCH", f"{ORIGINS}/multi-update", request) == (200, sample("multi_update_patch_response"))
    assert origin(told, other)["stockQuantity"] == first_row["stockQuantity"]
    changed = origin(told, product)
    assert (changed["statusType"], changed["salePrice"]) == ("SALE", second_row["productSalePrice"]["salePrice"])
    wrong = {"multiProductUpdateRequestVos": [first_row | {"multiUpdateTypes": ["NAME"]}]}
    refusal(told("PATCH", f"{ORIGINS}/multi-update", wrong), "error_400_product_invalid_inputs", 400)


def test_confirming_product_orders_fails_one_by_one(served, told):
    lines = [(order, line) for order in served.world.trade(MALL).orders for line in order.lines if ids.shown(line)]
    paid, done = (
        next(ids.line_no(order, line) for order, line in lines if line.status == word and not order.claims)
        for word in ("paid", "completed")
    )
    body = {"productOrderIds": [paid, done, "1"]}
    status, answer = told("POST", f"{ORDERS}/confirm", body)
    assert status == 200 and shape_problems(answer, sample("inband_order_write_partial_failure")) == []
    assert answer["data"]["successProductOrderIds"] == [paid]
    failed = {one["productOrderId"]: one["code"] for one in answer["data"]["failProductOrderInfos"]}
    assert failed == {done: "105306", "1": "100001"}
    _, read = told("POST", f"{ORDERS}/query", {"productOrderIds": [paid]})
    assert read["data"][0]["productOrder"]["placeOrderStatus"] == "OK"
    assert "placeOrderDate" in read["data"][0]["productOrder"]
    refusal(told("POST", f"{ORDERS}/confirm", {"productOrderIds": []}), "error_400_order_date_range", 400, text=False)
