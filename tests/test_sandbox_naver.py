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
from sandbox.naver_ids import kst
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
_DETAIL = "[].originProduct.detailAttribute"
NO_PART = (
    *below(f"{_DETAIL}.naverShoppingSearchInfo", "brandName", "manufacturerName"),
    *below(f"{_DETAIL}.optionInfo.optionCombinationGroupNames", "optionGroupName1", "optionGroupName2"),
    *below(f"{_DETAIL}.optionInfo.optionCombinations.[]", "optionName2"),
    *below(f"{_DETAIL}.optionInfo.optionStandards.[]", "optionName2"),
    *below(f"{_DETAIL}.optionInfo.optionCustom.[]", "name"),
    *below("[].originProduct.customerBenefit.reviewPointPolicy", "startDate", "endDate"),
)
HELD = "holdbackStatus", "holdbackReason", "holdbackConfigDate", "holdbackConfigurer"
COLLECTED = "collectDeliveryCompany", "collectTrackingNumber", "claimDeliveryFeePayMeans"
EXCHANGED = (
    "exchangeDetailedReason", "collectCompletedDate", "reDeliveryCompany", "reDeliveryTrackingNumber",
    "reDeliveryStatus", "reDeliveryOperationDate", *COLLECTED,
)  # fmt: skip
CLAIM_ENDS = {
    "cancel": ("cancelDetailedReason", "cancelApprovalDate", "cancelCompletedDate", "refundExpectedDate"),
    "return": ("returnDetailedReason", *COLLECTED, *HELD), "exchange": EXCHANGED,
}  # fmt: skip
# These stand in the official list alone, which shows everything at once.
RARE = (
    "claimDeliveryFeeSupportType", "claimDeliveryFeeSupportAmount", "etcFeePayMeans", "etcFeePayMethod",
    "membershipsArrivalGuaranteeClaimSupportingAmount", "exchangeImageUrl",
    *(path for name in ("collectAddress", "returnReceiveAddress", "reDeliveryAddress")
      for path in below(name, "city", "country", "state", "tel2", "logisticsCenterId")),
)  # fmt: skip
NOT_YET = (
    "[].order.paymentDate", "[].delivery.deliveredDate",
    *below("[].productOrder", "productOption", "optionCode", "itemNo", "optionManageCode", "sellerProductCode"),
    *below("[].productOrder", "shippingMemo", "shippingAddress"),
    # Nothing is refunded of what was not paid, or of an exchange.
    *below("[].completedClaims.[]", "claimRequestDetailContent", "refundExpectedDate", "refundStandbyReason"),
    *below("[].completedClaims.[]", "refundStandbyStatus", *RARE), *below("[].beforeClaim.exchange", *RARE),
    *(path for kind, names in CLAIM_ENDS.items() for block in (f"[].currentClaim.{kind}", f"[].{kind}")
      for path in below(block, *names)),
)  # fmt: skip
# What the official list of a product's fields holds besides: forms for each kind of goods (notices, books, vouchers,
# certificates, sizes), of which a product has its own, ways of delivery, and a fourth level, which branches alone have.
NAMED = (
    *(f"/originProduct/detailAttribute/{name}" for name in (
        "naverShoppingSearchInfo", "sellerCodeInfo", "optionInfo", "supplementProductInfo", "seoInfo",
    )),
    *(f"/originProduct/{name}" for name in ("customerBenefit", "images")),
    "/groupProduct", "/smartstoreChannelProduct", "/windowChannelProduct",
)  # fmt: skip
BRANCHES = {
    "/originProduct/detailAttribute/optionInfo/optionCombinationGroupNames/optionGroupName4",
    "/originProduct/detailAttribute/optionInfo/optionCombinations/optionName4",
}


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def paths(value, above=""):
    """Return the paths of all fields inside; a list is its parts."""
    if isinstance(value, list):
        return {path for part in value for path in paths(part, above)}
    if isinstance(value, dict):
        return {path for name, part in value.items() for path in {f"{above}/{name}", *paths(part, f"{above}/{name}")}}
    return set()


def same(ours, theirs, optional=()):
    """Each row has what all rows of the samples have; all together have what any of these has, and nothing else."""
    assert ours and theirs
    assert shape_problems(ours, theirs, optional=optional) == []
    assert paths(ours) == paths(theirs)


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
    assert status == 200 and len(answer["contents"]) > 40
    pages = [sample("products_search_page1"), sample("products_search_page2")]
    whole = sample("official_schema_products_search")
    # The official list has no mobileDiscountedPrice, a field that went out of use and is still sent.
    assert shape_problems([answer], [*pages, whole], optional=NO_BRAND) == []
    assert paths(answer) == paths([*pages, whole])
    window = [row for one in answer["contents"] if len(one["channelProducts"]) == 2 for row in one["channelProducts"]]
    assert {row["channelServiceType"] for row in window} == {"STOREFARM", "WINDOW"}
    _, past = told("/v1/products/search", {"page": 9, "size": 500})
    assert (past["contents"], past["last"]) == ([], True)
    assert (
        past.keys() == sample("products_search_empty").keys()
        and past["sort"] == sample("products_search_empty")["sort"]
    )
    refused = refusal(told("/v1/products/search", {"size": 501}), "error_400_product_invalid_inputs", 400)
    assert refused["invalidInputs"] == sample("error_400_product_invalid_inputs")["invalidInputs"]


def test_what_the_list_of_products_is_asked_for(told):
    def rows(**asked):
        status, answer = told("/v1/products/search", {"size": 500, **asked})
        assert status == 200 and answer["totalElements"] == len(answer["contents"])
        return [row for one in answer["contents"] for row in one["channelProducts"]]

    every = rows()
    window = next(row for row in every if row["channelServiceType"] == "WINDOW")
    by_number = rows(searchKeywordType="CHANNEL_PRODUCT_NO", channelProductNos=[window["channelProductNo"]])
    assert window in by_number and {row["originProductNo"] for row in by_number} == {window["originProductNo"]}
    coded = next(row for row in every if "sellerManagementCode" in row)
    told_code = rows(searchKeywordType="SELLER_CODE", sellerManagementCode=coded["sellerManagementCode"])
    assert coded in told_code
    states = sample("products_search_request")["productStatusTypes"]
    assert {row["statusType"] for row in rows(productStatusTypes=states)} == set(states)
    last = max(row["regDate"] for row in every)
    day = last[:10]
    assert {row["regDate"][:10] for row in rows(periodType="PROD_REG_DAY", fromDate=day, toDate=day)} == {day}
    assert [row["regDate"] for row in rows(orderType="REG_DATE")] == sorted(
        (row["regDate"] for row in every), reverse=True
    )
    for wrong in (
        {"page": 0}, {"size": "many"}, {"orderType": "NUMBER"}, {"searchKeywordType": "NO"},
        {"productStatusTypes": ["ON"]}, {"periodType": "DAY"}, {"fromDate": "x", "periodType": "PROD_MOD_DAY"},
    ):  # fmt: skip
        refusal(told("/v1/products/search", wrong), "error_400_product_invalid_inputs", 400)
    refusal(told("/v2/products/channel-products/x"), "error_400_product_invalid_inputs", 400)


def test_what_product_orders_are_asked_for(told, days, lines):
    def found(**asked):
        rows = []
        for day in days[:60]:
            status, answer = told(ORDERS, **{"from": kst(day, ".000"), "rangeType": "ORDERED_DATETIME"}, **asked)
            assert status == 200
            rows += [one["content"]["productOrder"] for one in answer["data"]["contents"]]
        return rows

    wanted = found(productOrderStatuses="CANCELED,RETURNED", claimStatuses="CANCEL_DONE")
    assert wanted and {one["productOrderStatus"] for one in wanted} == {"CANCELED"}
    assert {one["placeOrderStatus"] for one in found(placeOrderStatusType="NOT_YET")} == {"NOT_YET"}
    first = kst(days[9], ".000")
    for name, word in (("productOrderStatuses", "PAID"), ("claimStatuses", "DONE"), ("rangeType", "DAY"),
                       ("placeOrderStatusType", "YES"), ("pageSize", "301"), ("page", "0")):  # fmt: skip
        refusal(told(ORDERS, **{"from": first, name: word}), "error_400_order_date_range", 400, text=False)
    number = lines[0]["data"][0]["productOrder"]["productOrderId"]
    status, twice = told(f"{ORDERS}/query", {"productOrderIds": [number, number]})
    assert (status, twice["code"], twice["message"]) == (400, "104131", "상품 주문 번호 중복")
    feed = f"{ORDERS}/last-changed-statuses"
    kinds = [told(feed, lastChangedFrom=kst(day, ".000"), lastChangedType="DISPATCHED")[1] for day in days[:60]]
    rows = [row for answer in kinds for row in answer.get("data", {}).get("lastChangeStatuses", [])]
    assert rows and {row["lastChangedType"] for row in rows} == {"DISPATCHED"}
    refusal(told(feed, lastChangedFrom=first, lastChangedType="SENT"), "error_400_order_date_range", 400, text=False)


def test_details_of_products(told):
    _, listed = told("/v1/products/search", {"page": 1, "size": 500})
    shown = [sample("product_channel_detail_combination"), sample("product_origin_detail_no_option")]
    whole, found = sample("official_schema_channel_product"), []
    for row in listed["contents"]:
        _, answer = told(f"/v2/products/origin-products/{row['originProductNo']}")
        found.append(answer)
        for channel in row["channelProducts"]:
            assert told(f"/v2/products/channel-products/{channel['channelProductNo']}") == (200, answer)
    assert shape_problems(found, [*shown, whole], optional=NO_PART) == []
    assert paths(shown) <= paths(found) <= paths([*shown, whole])
    assert {path for path in paths(whole) - paths(found) if path.startswith(NAMED)} == BRANCHES
    refusal(told("/v2/products/channel-products/1"), "error_404_product", 404)
    refusal(told("/v2/products/no-such-path"), "error_404_gw_not_found", 404)


def test_the_feed_of_changes(told, changes, days):
    names = ("has_more", "not_more", "claims")
    theirs = [row for name in names for row in sample(f"last_changed_statuses_{name}")["data"]["lastChangeStatuses"]]
    # Only the table of the reference has it: whether a gift was accepted.
    gifts = {row.pop("giftReceivingStatus", None) for row in changes}
    assert gifts == {None, "RECEIVED", "WAIT_FOR_RECEIVING"}
    same(changes, theirs)
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
    ours = [row for answer in lines for row in answer["data"]]
    same(ours, [row for name in ROWS for row in sample(name)["data"]], optional=NOT_YET)
    assert lines[0].keys() == sample("orders_query_paid").keys()
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


def test_claims_tell_of_refund_and_hold_what_their_state_is(lines):
    found = {}
    for row in (row for answer in lines for row in answer["data"] if "currentClaim" in row):
        for kind, block in row["currentClaim"].items():
            over = {one["claimId"]: one for one in row.get("completedClaims", [])}
            finished = block["claimStatus"] == f"{kind.upper()}_DONE"
            done = finished and "paymentDate" in row["order"]
            if kind != "exchange":
                texts = ("환불처리완료", "반품 진행중건 존재" if kind == "return" else "") if done else ("", "")
                assert (block["refundStandbyStatus"], block["refundStandbyReason"]) == texts
                assert ("refundExpectedDate" in block) == done
            hold = block.get("holdbackStatus")
            assert ("holdbackReleaseDate" in block and "holdbackReleaser" in block) == (hold == "RELEASED")
            assert ("holdbackReason" in block and "holdbackConfigDate" in block) == (hold is not None)
            found.setdefault(kind, set()).add((block["claimStatus"], hold, block.get("collectStatus")))
            assert (block["claimId"] in over) == finished
            same_names = over.get(block["claimId"], {}).keys() & block.keys()
            assert all(over[block["claimId"]][name] == block[name] for name in same_names)
    theirs = sample("order_return_collecting")["data"][0]["currentClaim"]["return"]
    assert ("COLLECTING", "HOLDBACK", theirs["collectStatus"]) in found["return"]
    assert {status for status, _, _ in found["cancel"]} == {
        "CANCEL_REQUEST", "CANCELING", "CANCEL_DONE", "CANCEL_REJECT"
    }  # fmt: skip
    assert {status for status, _, _ in found["return"] | found["exchange"]} == {
        "RETURN_REQUEST", "RETURN_REJECT", "RETURN_DONE", "COLLECTING", "COLLECT_DONE", "EXCHANGE_REQUEST",
        "EXCHANGE_REJECT", "EXCHANGE_REDELIVERING", "EXCHANGE_DONE",
    }  # fmt: skip


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
    assert len(found) > 100
    pages = [*theirs, sample("official_schema_orders_conditional")]
    rows = [row["content"] for page in pages for row in page["data"]["contents"]]
    same([row["content"] for row in found], rows + [row for name in ROWS for row in sample(name)["data"]], NOT_YET)
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
