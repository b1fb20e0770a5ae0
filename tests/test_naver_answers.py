"""What an answer of the Commerce API leads to when its status is told, and what answers tell besides records."""

import json
from pathlib import Path

import pytest

from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    AuthLost,
    CapReached,
    NotFound,
    OneNotFound,
    PageFailed,
    Refused,
    ResourceRefused,
    ShopscrapeError,
    StopPlatform,
    Throttled,
)
from shopscrape.payload import Answer
from spiders.naver import mapping
from spiders.naver import mapping_answers as answers

SAMPLES = Path(__file__).parent / "samples" / "naver"
HEADERS = json.loads((SAMPLES / "response_headers.json").read_text("utf-8"))
API = "https://api.commerce.naver.com/external/v1/products/search"


def judged(body, status=200, headers=None, content_type="application/json", url=API):
    with pytest.raises(ShopscrapeError) as raised:
        mapping.judge(Answer(body, status, content_type, headers or {}, url))
    return raised.value


@pytest.mark.parametrize(
    "name, status, kind, outcome",
    [
        ("error_400_order_101009", 400, OneNotFound, "refused"),
        ("error_400_order_104139", 400, CapReached, "retry"),
        ("error_400_order_date_range", 400, PageFailed, "retry"),
        ("error_400_product_invalid_inputs", 400, PageFailed, "retry"),
        ("error_401_gw_authn", 401, AuthLost, "auth"),
        ("error_403_api_group_not_granted", 403, ResourceRefused, "refused"),
        ("error_403_gw_ip_not_allowed", 403, Refused, "refused"),
        ("error_403_product_forbidden", 403, Refused, "refused"),
        ("error_403_seller_state", 403, Refused, "refused"),
        ("error_404_gw_not_found", 404, StopPlatform, "not_found"),
        ("error_404_product", 404, NotFound, "not_found"),
        ("error_429_gw_quota_limit", 429, Throttled, "throttled"),
        ("error_429_gw_rate_limit", 429, Throttled, "throttled"),
        ("error_500_gw_proxy", 500, AskAgain, "retry"),
        ("error_500_product", 500, AskAgain, "retry"),
        ("error_503_gw_block", 503, AskAgain, "retry"),
        ("error_504_gw_timeout", 504, AskAgain, "retry"),
        ("token_error_400_signature", 400, AuthFailed, "auth"),
        ("token_error_400_timestamp", 400, AuthFailed, "auth"),
        ("inband_order_write_partial_failure", 200, PageFailed, "retry"),
    ],
)
def test_error_with_its_status(name, status, kind, outcome):
    body = (SAMPLES / f"{name}.json").read_bytes()
    found = judged(body, status)
    assert isinstance(found, kind) and found.outcome == outcome
    code = json.loads(body).get("code")
    assert found.code == ("timestamp" if name.endswith("timestamp") else code or "104442")


@pytest.mark.parametrize(
    "code, kind",
    [
        ("100001", OneNotFound), ("101009", OneNotFound), ("104139", CapReached), ("105306", Refused),
        ("4000", PageFailed), ("9999", AskAgain), ("INTERNAL_SERVER_ERROR", AskAgain), (None, AskAgain),
    ],
)  # fmt: skip
def test_order_codes_tell_the_same_with_500(code, kind):
    assert isinstance(judged(json.dumps({"code": code, "message": "…"}).encode(), 500), kind)


def test_403_is_never_a_dead_token():
    for name in ("error_401_gw_authn", "error_403_api_group_not_granted", "error_403_gw_ip_not_allowed"):
        assert not isinstance(judged((SAMPLES / f"{name}.json").read_bytes(), 403), AuthLost)


def test_only_gw_authn_with_401_leads_to_a_fresh_token():
    assert isinstance(judged(b'{"code":"UNAUTHORIZED"}', 401), AuthFailed)


def test_lone_objects_stand_for_lists_of_one():
    told = json.loads((SAMPLES / "inband_order_write_partial_failure.json").read_bytes())
    told["data"]["failProductOrderInfos"] = told["data"]["failProductOrderInfos"][0]
    assert judged(json.dumps(told).encode()).code == "104442"
    told = json.loads((SAMPLES / "token_error_400_timestamp.json").read_bytes())
    told |= {"invalidInputs": told["invalidInputs"][0], "message": "…"}
    assert judged(json.dumps(told).encode(), 400).code == "timestamp"


@pytest.mark.parametrize("inputs", [None, [], "", [{"name": None}]])
def test_token_that_is_refused_without_a_list_of_inputs(inputs):
    for name, code in (("client_secret_sign", "BAD_REQUEST"), ("timestamp", "timestamp"), ("type", "account_id")):
        told = {"code": "BAD_REQUEST", "message": f"{name} 항목이 유효하지 않습니다.", "invalidInputs": inputs}
        found = judged(json.dumps(told).encode(), 400)
        assert isinstance(found, AuthFailed) and found.code == code
    told = {"code": "BAD_REQUEST", "message": "size 항목을 500 이하로 입력해 주세요.", "invalidInputs": inputs}
    assert isinstance(judged(json.dumps(told).encode(), 400), PageFailed)


def test_address_that_is_not_allowed_is_explained():
    said = str(judged((SAMPLES / "error_403_gw_ip_not_allowed.json").read_bytes(), 403))
    assert "register it" in said and "not to blame" in said


@pytest.mark.parametrize("code", [
    "ROLE_NOT_FOUND", "PROVISION_NOT_FOUND", "INVALID_CHANNEL_STATUS", "INVALID_STORE_STATUS",
    "INVALID_REPRESENT_STATUS", "INVALID_MEMBER_STATUS", "INVALID_INTERLOCK_STATUS", "RESOURCE_NOT_AVAILABLE",
])  # fmt: skip
@pytest.mark.parametrize("status", [200, 403])
def test_states_of_a_seller(code, status):
    assert judged(json.dumps({"code": code, "message": "…"}).encode(), status).outcome == "refused"


@pytest.mark.parametrize("code", [
    "CHANNEL_NOT_FOUND", "STORE_NOT_FOUND", "REPRESENT_NOT_FOUND", "MEMBER_NOT_FOUND", "INTERLOCK_NOT_FOUND",
])  # fmt: skip
@pytest.mark.parametrize("status", [200, 404])
def test_seller_that_is_not_there_stops_and_takes_no_record_for_gone(code, status):
    found = judged(json.dumps({"code": code, "message": "…"}).encode(), status)
    assert found.outcome == "not_found" and isinstance(found, StopPlatform)


@pytest.mark.parametrize("code, status", [
    *((f"GW.PROXY.0{number}", 500) for number in range(1, 6)), ("GW.INTERNAL_SERVER_ERROR", 500),
    ("GW.BLOCK.01", 503), ("GW.BLOCK.02", 503), ("GW.TIMEOUT.01", 504), ("GW.TIMEOUT.02", 504),
])  # fmt: skip
def test_a_gateway_in_trouble_is_asked_again_and_maintenance_is_named(code, status):
    found = judged(json.dumps({"code": code, "message": "…"}).encode(), status)
    assert isinstance(found, AskAgain) and found.code == code
    assert ("maintenance" in str(found)) == (code == "GW.BLOCK.02")


@pytest.mark.parametrize(
    "headers, wait",
    [
        (HEADERS["429_rate"], 1.0),
        (HEADERS["429_quota"], 1.0),
        (HEADERS["429_quota"] | {"gncp-gw-quota-period": "ROUND"}, 60.0),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "soon"}, 1.0),
        ({"retry-after": "999999"}, 3600.0),
    ],
)
def test_wait_after_429(headers, wait):
    assert judged((SAMPLES / "error_429_gw_rate_limit.json").read_bytes(), 429, headers).wait == wait


@pytest.mark.parametrize(
    "status, body, outcome",
    [
        (500, b"", "retry"), (502, b"<html>bad gateway</html>", "retry"), (504, b"upstream", "retry"),
        (404, b"<html>nothing</html>", "not_found"), (403, b"<html>no</html>", "refused"), (401, b"", "auth"),
        (429, b"<html>slow down</html>", "throttled"), (415, b"{}", "refused"), (308, b"", "refused"),
        (409, b"{}", "retry"), (418, b"[1]", "retry"), (400, b'{"code":["x"],"invalidInputs":{"a":1}}', "retry"),
        (400, b"[" * 100000, "retry"), (408, b"", "retry"),
    ],
)  # fmt: skip
def test_bodies_that_tell_nothing_go_by_the_status(status, body, outcome):
    assert judged(body, status, content_type="text/html").outcome == outcome


@pytest.mark.parametrize(
    "name", ["multi_update_patch_response", "change_status_put_response", "seller_channels", "token_response"]
)
def test_good_answers_without_records_are_no_errors(name):
    mapping.judge(Answer((SAMPLES / f"{name}.json").read_bytes()))


def test_messages_that_quote_what_was_sent_are_not_repeated():
    body = json.dumps({
        "code": "BAD_REQUEST", "message": "secret-1",
        "invalidInputs": [{"name": "a b<secret-2>", "message": "secret-3"}],
    }).encode()  # fmt: skip
    assert "secret" not in str(judged(body, 400))


# -- the feed ----------------------------------------------------------------------------------------------------------


def test_empty_feed_has_no_data():
    told = json.loads((SAMPLES / "last_changed_statuses_empty.json").read_bytes())
    assert answers.changes(told) == answers.Changes(lines=[], more=None)
    for empty in (None, "", {}, []):
        assert not answers.changes(told | {"data": empty}).lines
    for empty in (None, [], {}, ""):
        assert not answers.changes(told | {"data": {"count": 0, "lastChangeStatuses": empty}}).lines


@pytest.mark.parametrize(
    "told",
    [
        {}, [], "x", {"code": "4000", "timestamp": "…"}, {"timestamp": "…", "data": [1]},
        {"timestamp": "…", "data": {"count": 3}}, {"timestamp": "…", "data": {"lastChangeStatuses": "x"}},
        {"timestamp": "…", "data": {"lastChangeStatuses": [], "more": {"moreFrom": "soon", "moreSequence": "1"}}},
        {"timestamp": "…", "data": {"lastChangeStatuses": [], "more": {"moreFrom": "2025-11-03T00:00:00.0+09:00"}}},
    ],
)  # fmt: skip
def test_other_shapes_without_data_are_errors(told):
    with pytest.raises(PageFailed):
        answers.changes(told)


def test_row_of_the_feed_without_a_number_is_told_and_not_in_the_way():
    told = json.loads((SAMPLES / "last_changed_statuses_not_more.json").read_bytes())
    told["data"]["lastChangeStatuses"][0]["productOrderId"] = None
    told["data"]["lastChangeStatuses"][1]["productOrderId"] = 2022051122442301
    found = answers.changes(told)
    assert found.nameless == 1
    assert [line for _, line, _ in found.lines] == ["2022051122442301", "2022051122443341"]


def test_cursor_is_read_with_any_number_of_digits():
    from spiders.naver.orders import stamp

    for told, sent in (
        ("2022-05-11T22:05:27.0+09:00", "2022-05-11T22:05:27.000+09:00"),
        ("2022-05-11T22:05:27.1234567+09:00", "2022-05-11T22:05:27.123+09:00"),
        ("2022-05-11T13:05:27Z", "2022-05-11T22:05:27.000+09:00"),
    ):
        found = answers.changes(
            {"timestamp": "…", "data": {"lastChangeStatuses": [], "more": {"moreFrom": told, "moreSequence": 5}}}
        )
        assert (stamp(found.more[0]), found.more[1]) == (sent, "5")


# -- other answers -----------------------------------------------------------------------------------------------------


def test_channels_are_a_list_or_one_object():
    told = json.loads((SAMPLES / "seller_channels.json").read_bytes())
    both = {
        "STOREFARM": "https://smartstore.naver.com/emustore",
        "WINDOW": "https://shopping.naver.com/window-products/emu",
    }
    assert answers.channels(told) == both
    assert answers.channels(told[0]) == {"STOREFARM": both["STOREFARM"]}
    assert answers.channels([*told, told[0] | {"url": "https://brand.naver.com/other"}]) == {"WINDOW": both["WINDOW"]}
    assert answers.channels("x") == answers.channels([None, {"channelType": "STOREFARM"}]) == {}


def test_end_of_the_catalogue():
    one = {"contents": [{"originProductNo": 1, "channelProducts": [{"channelProductNo": 2}]}], "totalElements": "2"}
    assert not answers.search(one, 1).last and answers.search(one, 1).total == 2
    assert answers.search(one | {"last": True}, 1).last
    assert answers.search(one | {"totalPages": 1}, 1).last
    assert not answers.search(one | {"totalPages": 2, "last": False}, 1).last
    for empty in ([], None, "", {}):
        assert answers.search({"contents": empty}, 1).last
    for wrong in ({}, [], {"contents": "x"}):
        with pytest.raises(PageFailed):
            answers.search(wrong, 1)


def test_numbers_of_the_product_orders_of_an_order():
    told = json.loads((SAMPLES / "order_product_order_ids.json").read_bytes())
    assert answers.line_ids(told) == ["2025110310000011", "2025110310000012"]
    assert answers.line_ids({"data": [1, "1", 2]}) == ["1", "2"]
    with pytest.raises(PageFailed):
        answers.line_ids({"data": [None]})


def test_list_by_condition_goes_on_only_when_it_says_so():
    assert answers.has_next(json.loads((SAMPLES / "orders_conditional_page1.json").read_bytes()))
    assert not answers.has_next(json.loads((SAMPLES / "orders_conditional_page2.json").read_bytes()))
    assert not answers.has_next({"data": {"contents": [], "pagination": {"hasNext": True}}})
    assert not answers.has_next({})
