"""The emulated Commerce API: its answers have the keys and types of the samples; it refuses what the sources name."""

import base64
import json
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import bcrypt
import pytest
from sandboxing import ask, force

from sandbox import naver_ids as ids
from sandbox.background import running
from sandbox.naver_sales import kst
from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples" / "naver"
SIZE = {"products": 60, "orders": 160, "reviews": 10, "only": "naver", "speed": 1000.0}
MALL = "demo_naver"
ORDERS = "/v1/pay-order/seller/product-orders"
ROWS = (
    "orders_query_paid", "order_cancel_done", "order_return_done", "order_return_collecting",
    "order_exchange_redelivering", "official_schema_orders_query",
)  # fmt: skip
"""Samples of whole product orders; the last one is the official list of all fields."""


def below(path, *names):
    return tuple(f"{path}.{name}" for name in names)


# Null fields are usually left out (client tests): these are null in many rows of the made-up world.
NO_BRAND = below("[].contents.[].channelProducts.[]", "brandName", "manufacturerName")
NO_PART = (
    *below("[].originProduct.detailAttribute.naverShoppingSearchInfo", "brandName", "manufacturerName"),
    *below("[].originProduct.detailAttribute.optionInfo.optionCombinationGroupNames", "optionGroupName1"),
    *below("[].originProduct.detailAttribute.optionInfo.optionCombinationGroupNames", "optionGroupName2"),
    *below("[].originProduct.detailAttribute.optionInfo.optionCombinations.[]", "optionName2"),
    *below("[].originProduct.detailAttribute.optionInfo.optionCustom.[]", "name"),
)
CLAIM_ENDS = {
    "cancel": ("cancelDetailedReason", "cancelApprovalDate", "cancelCompletedDate", "refundExpectedDate"),
    "return": (
        "returnDetailedReason", "collectDeliveryCompany", "collectTrackingNumber", "refundStandbyStatus",
        "holdbackStatus", "holdbackReason", "holdbackConfigDate", "holdbackConfigurer",
    ),
    "exchange": (
        "exchangeDetailedReason", "collectCompletedDate", "collectDeliveryCompany", "collectTrackingNumber",
        "reDeliveryCompany", "reDeliveryTrackingNumber", "reDeliveryStatus", "reDeliveryOperationDate",
    ),
}  # fmt: skip
NOT_YET = (
    "[].order.paymentDate", "[].delivery.deliveredDate", "[].completedClaims.[].claimRequestDetailContent",
    *below("[].productOrder", "productOption", "optionCode", "itemNo", "optionManageCode", "sellerProductCode"),
    *below("[].productOrder", "shippingMemo", "shippingAddress"),
    *(path for kind, names in CLAIM_ENDS.items() for block in (f"[].currentClaim.{kind}", f"[].{kind}")
      for path in below(block, *names)),
)  # fmt: skip


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def login(served, mall=MALL, **changed):
    """Return status and answer of a question for a token."""
    client, stamp = served.stage.secret(mall, "CLIENT_ID"), str(int(time.time() * 1000))
    signed = bcrypt.hashpw(f"{client}_{stamp}".encode(), served.stage.secret(mall, "CLIENT_SECRET").encode())
    form = {
        "client_id": client, "timestamp": stamp, "client_secret_sign": base64.b64encode(signed).decode(),
        "grant_type": "client_credentials", "type": "SELF", **changed,
    }  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body, _ = ask(f"{served.stage.address(mall)}/v1/oauth2/token", urlencode(form).encode(), headers)
    return status, json.loads(body)


@pytest.fixture(scope="module")
def told(served):
    """Ask with a good token; gives status and answer."""
    token = login(served)[1]["access_token"]

    def run(path, body=None, **query):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        url = f"{served.stage.address(MALL)}{path}" + (f"?{urlencode(query)}" if query else "")
        status, answer, _ = ask(url, body, headers)
        return status, json.loads(answer)

    return run


@pytest.fixture(scope="module")
def days(served):
    """Moments a day apart that cover every order."""
    return [served.world.anchor - timedelta(days=back) for back in range(240)]


@pytest.fixture(scope="module")
def changes(told, days):
    """Every row of the feed."""
    answers = [told(f"{ORDERS}/last-changed-statuses", lastChangedFrom=kst(day, ".000")) for day in days]
    assert {status for status, _ in answers} == {200}
    return [row for _, answer in answers if "data" in answer for row in answer["data"]["lastChangeStatuses"]]


@pytest.fixture(scope="module")
def lines(told, changes):
    """Every product order."""
    numbers = sorted({row["productOrderId"] for row in changes})
    found = [
        told(f"{ORDERS}/query", {"productOrderIds": numbers[at : at + 300]})[1] for at in range(0, len(numbers), 300)
    ]
    assert sum(len(answer["data"]) for answer in found) == len(numbers) > 150
    return found


def refusal(answered, name, status, text=True):
    """The answer has the shape, the code and mostly the text of a sample."""
    theirs = sample(name)
    assert answered[0] == status
    assert answered[1].keys() == theirs.keys() and shape_problems(answered[1], theirs) == []
    assert answered[1]["code"] == theirs["code"] and (answered[1]["message"] == theirs["message"]) == text
    return answered[1]


def test_a_token_and_its_refusals(served):
    status, answer = login(served)
    assert status == 200 and answer.keys() == sample("token_response").keys()
    assert shape_problems(answer, sample("token_response")) == []
    # While half an hour is left the same one is given again.
    assert login(served)[1]["access_token"] == answer["access_token"]
    for name, changed in (("timestamp", {"timestamp": "1"}), ("signature", {"client_secret_sign": "no"})):
        told = refusal(login(served, **changed), f"token_error_400_{name}", 400)
        assert told["invalidInputs"] == sample(f"token_error_400_{name}")["invalidInputs"]


def test_channels(told):
    status, answer = told("/v1/seller/channels")
    assert status == 200 and shape_problems(answer, sample("seller_channels")) == []
    assert {one["channelType"] for one in answer} == {one["channelType"] for one in sample("seller_channels")}


def test_the_list_of_products(told):
    status, answer = told("/v1/products/search", {"page": 1, "size": 500})
    theirs = [sample("products_search_page1"), sample("products_search_page2")]
    assert status == 200 and len(answer["contents"]) > 40
    assert shape_problems([answer], theirs, optional=NO_BRAND) == []
    _, past = told("/v1/products/search", {"page": 9, "size": 500})
    assert (past["contents"], past["last"]) == ([], True)
    assert (
        past.keys() == sample("products_search_empty").keys()
        and past["sort"] == sample("products_search_empty")["sort"]
    )
    refused = refusal(told("/v1/products/search", {"size": 501}), "error_400_product_invalid_inputs", 400)
    assert refused["invalidInputs"] == sample("error_400_product_invalid_inputs")["invalidInputs"]


def test_details_of_products(told):
    _, listed = told("/v1/products/search", {"page": 1, "size": 500})
    names = ("product_channel_detail_combination", "product_origin_detail_no_option", "official_schema_channel_product")
    theirs = [sample(name) for name in names]
    for row in listed["contents"][:40]:
        for kind, number in (
            ("origin", row["originProductNo"]),
            ("channel", row["channelProducts"][0]["channelProductNo"]),
        ):
            status, answer = told(f"/v2/products/{kind}-products/{number}")
            assert status == 200 and shape_problems([answer], theirs, optional=NO_PART) == []
    refusal(told("/v2/products/channel-products/1"), "error_404_product", 404)
    refusal(told("/v2/products/no-such-path"), "error_404_gw_not_found", 404)


def test_the_feed_of_changes(told, changes, days):
    names = ("has_more", "not_more", "claims")
    theirs = [row for name in names for row in sample(f"last_changed_statuses_{name}")["data"]["lastChangeStatuses"]]
    assert shape_problems(changes, theirs) == []
    first = kst(days[-1], ".000")
    for day in days:
        _, cut = told(f"{ORDERS}/last-changed-statuses", lastChangedFrom=kst(day, ".000"), limitCount=1)
        if "more" in cut.get("data", {}):
            break
    assert cut["data"].keys() == sample("last_changed_statuses_has_more")["data"].keys()
    assert shape_problems(cut["data"]["more"], sample("last_changed_statuses_has_more")["data"]["more"]) == []
    empty = told(f"{ORDERS}/last-changed-statuses", lastChangedFrom="2001-01-01T00:00:00.000+09:00")
    assert empty[0] == 200 and empty[1].keys() == sample("last_changed_statuses_empty").keys()
    wide = told(f"{ORDERS}/last-changed-statuses", lastChangedFrom=first, lastChangedTo=kst(days[0], ".000"))
    refusal(wide, "error_400_order_104139", 400)
    digits = told(f"{ORDERS}/last-changed-statuses", lastChangedFrom=first.replace(".000", ".0"))
    # The sample's text names the parameters of another call.
    refusal(digits, "error_400_order_date_range", 400, text=False)


def test_product_orders(told, lines):
    theirs = [row for name in ROWS for row in sample(name)["data"]]
    ours = [row for answer in lines for row in answer["data"]]
    assert shape_problems(ours, theirs, optional=NOT_YET) == []
    assert lines[0].keys() == sample("orders_query_paid").keys()
    for blocks in ({"currentClaim"}, {"completedClaims"}, {"delivery"}, {"cancel"}, {"return"}, {"exchange"}):
        assert any(blocks <= row.keys() for row in ours), blocks
    number = ours[0]["productOrder"]["productOrderId"]
    # What nobody knows is left out; what belongs to another seller refuses the whole question.
    assert [
        one["productOrder"]["productOrderId"]
        for one in told(f"{ORDERS}/query", {"productOrderIds": [number, "1"]})[1]["data"]
    ] == [number]
    foreign = told(f"{ORDERS}/query", {"productOrderIds": [number, ids.FOREIGN]})
    refusal(foreign, "error_400_order_101009", 400)
    for wrong in ([], ["1"] * 301):
        refusal(told(f"{ORDERS}/query", {"productOrderIds": wrong}), "error_400_order_date_range", 400, text=False)
    order = ours[0]["order"]["orderId"]
    status, answer = told(f"/v1/pay-order/seller/orders/{order}/product-order-ids")
    assert status == 200 and number in answer["data"]
    assert answer.keys() == sample("order_product_order_ids").keys()


def test_product_orders_by_a_condition(told, days):
    theirs = [sample("orders_conditional_page1"), sample("orders_conditional_page2")]
    found = []
    for day in days:
        status, answer = told(
            ORDERS, **{"from": kst(day, ".000"), "rangeType": "PAYED_DATETIME", "pageSize": 300, "page": 1}
        )
        assert status == 200 and answer.keys() == theirs[0].keys()
        assert shape_problems(answer["data"]["pagination"], theirs[0]["data"]["pagination"]) == []
        found += answer["data"]["contents"]
    whole = [row for name in ROWS for row in sample(name)["data"]]
    assert len(found) > 100
    assert shape_problems([row["content"] for row in found], whole, optional=NOT_YET) == []
    assert {frozenset(row) for row in found} == {frozenset(row) for page in theirs for row in page["data"]["contents"]}
    wide = told(ORDERS, **{"from": kst(days[9], ".000"), "to": kst(days[0], ".000"), "rangeType": "PAYED_DATETIME"})
    refusal(wide, "error_400_order_date_range", 400)


@pytest.mark.parametrize(
    ("name", "status", "fault", "path"),
    [
        ("error_401_gw_authn", 401, "expire", "/v1/seller/channels"),
        ("error_429_gw_rate_limit", 429, "429", "/v1/seller/channels"),
        ("error_500_gw_proxy", 500, "500", "/v1/seller/channels"),
        ("error_500_product", 500, "500", "/v2/products/channel-products/10000001201"),
        ("error_503_gw_block", 503, "503", "/v1/seller/channels"),
        ("error_504_gw_timeout", 504, "504", "/v1/seller/channels"),
        ("error_404_gw_not_found", 404, "", "/v1/no-such-path"),
    ],
)
def test_refusals_are_those_of_the_samples(served, name, status, fault, path):
    headers = {"Authorization": f"Bearer {login(served)[1]['access_token']}"}
    if fault:
        force(served, fault)
    as_sample(ask(f"{served.stage.address(MALL)}{path}", headers=headers), name, status)


@pytest.mark.parametrize(
    ("mall", "name", "status", "path"),
    [
        ("demo_naver_outside", "error_403_gw_ip_not_allowed", 403, "/v1/seller/channels"),
        ("demo_naver_ungranted", "error_403_api_group_not_granted", 403, f"{ORDERS}?from=x"),
        ("demo_naver_quota", "error_429_gw_quota_limit", 429, "/v1/seller/channels"),
    ],
)
def test_stores_whose_application_is_refused(served, mall, name, status, path):
    got, told = login(served, mall)
    headers = {"Authorization": f"Bearer {told.get('access_token')}"}
    # The list of addresses holds for the token as well.
    assert (got == 200) == (mall != "demo_naver_outside")
    answer = as_sample(ask(f"{served.stage.address(mall)}{path}", headers=headers), name, status)
    if status == 429:
        theirs = sample("response_headers")["429_quota"]
        assert {key for key in answer if "quota" in key} == {key for key in theirs if "quota" in key}
        assert answer["gncp-gw-quota-remaining"] == "0"
    if mall == "demo_naver_ungranted":
        assert ask(f"{served.stage.address(mall)}/v1/seller/channels", headers=headers)[0] == 200


def test_headers_are_those_of_the_samples(served):
    url = f"{served.stage.address(MALL)}/v1/seller/account"
    status, body, told = ask(url, headers={"Authorization": f"Bearer {login(served)[1]['access_token']}"})
    headers = {name.lower(): value for name, value in told.items()}
    theirs = sample("response_headers")["200"]
    assert status == 200 and theirs.keys() <= headers.keys()
    assert {name: headers[name] for name in theirs if "ratelimit-r" in name or "burst" in name} | {
        "gncp-gw-ratelimit-remaining": "3"
    } == {name: value for name, value in theirs.items() if "ratelimit" in name}
    assert headers["content-type"] == theirs["content-type"]
    assert json.loads(body).keys() == sample("seller_account").keys()
    assert shape_problems(json.loads(body), sample("seller_account")) == []


def as_sample(answered, name, status):
    """An answer is the refusal of a sample, down to its text; return its headers, in lower case."""
    got, body, headers = answered
    ours, theirs = json.loads(body), sample(name)
    headers = {name.lower(): value for name, value in headers.items()}
    changing = ("timestamp", "traceId")
    assert got == status and ours.keys() == theirs.keys() and shape_problems(ours, theirs) == []
    assert {key: ours[key] for key in ours if key not in changing} == {
        key: theirs[key] for key in theirs if key not in changing
    }
    # The trace stands in a header of every answer; the body of gateway and order APIs repeats it.
    assert headers["gncp-gw-trace-id"] == ours.get("traceId", headers["gncp-gw-trace-id"])
    assert headers["content-type"] == "application/json"
    assert ("gncp-gw-ratelimit-remaining" in headers) == (ours["code"] == "GW.RATE_LIMIT")
    return headers
