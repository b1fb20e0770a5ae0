"""The emulated Commerce API: its answers have the keys and types of the samples; it refuses what the sources name."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from naver_sandbox import (
    BRANCHES,
    MALL,
    NAMED,
    NO_BRAND,
    NO_PART,
    NOT_YET,
    ORDERS,
    ROWS,
    login,
    refusal,
    sample,
)
from sandboxing import ask, paths, same

from sandbox import naver_ids as ids
from sandbox.background import running
from sandbox.naver_ids import kst
from sandbox.shapes import shape_problems

SIZE = {"products": 60, "orders": 160, "reviews": 10, "only": "naver", "speed": 1000.0}


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


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


def test_a_field_that_is_never_sent_and_a_strange_one_are_found(lines):
    theirs = [row for name in ROWS for row in sample(name)["data"]]
    ours = [row for answer in lines for row in answer["data"]]
    with pytest.raises(AssertionError):
        same([row | {"productOrder": row["productOrder"] | {"sold": 1}} for row in ours], theirs, optional=NOT_YET)
    with pytest.raises(AssertionError):
        same([{key: row[key] for key in row if key != "beforeClaim"} for row in ours], theirs, optional=NOT_YET)


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
