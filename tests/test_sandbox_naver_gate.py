"""The gateway of the emulated Commerce API: tokens, and refusals in the words of the samples."""

import json

import pytest
from naver_sandbox import MALL, ORDERS, as_sample, login, refusal, sample
from sandboxing import ask, force

from sandbox.background import running
from sandbox.shapes import shape_problems

SIZE = {"products": 2, "orders": 2, "reviews": 0, "only": "naver", "speed": 1000.0}


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


def test_a_token_of_an_application_for_several_sellers_names_one(served):
    status, answer = login(served, type="SELLER")
    assert (status, answer["invalidInputs"][0]["name"]) == (400, "account_id")
    assert login(served, type="SELLER", account_id="ncp_emu_01")[0] == 200


def test_a_token_and_its_refusals(served):
    status, answer = login(served)
    assert status == 200 and answer.keys() == sample("token_response").keys()
    assert shape_problems(answer, sample("token_response")) == []
    # While half an hour is left the same one is given again.
    assert login(served)[1]["access_token"] == answer["access_token"]
    for name, changed in (("timestamp", {"timestamp": "1"}), ("signature", {"client_secret_sign": "no"})):
        told = refusal(login(served, **changed), f"token_error_400_{name}", 400)
        assert told["invalidInputs"] == sample(f"token_error_400_{name}")["invalidInputs"]


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
