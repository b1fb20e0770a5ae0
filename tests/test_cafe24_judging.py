"""What Cafe24 answers that carry no data lead to: every status, every shape of an error, every wall."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from shopscrape import values
from shopscrape.errors import (
    Blocked,
    ConfigurationError,
    LoginRequired,
    NotFound,
    PageFailed,
    Refused,
    ShopscrapeError,
    Throttled,
)
from shopscrape.malls import Mall
from shopscrape.payload import Answer
from spiders.cafe24.auth import check_mall_id, pair_of
from spiders.cafe24.judging import judge, role_of

SAMPLES = Path(__file__).parent / "samples" / "cafe24"
API = "https://demomall.cafe24api.com/api/v2/admin/products"
TOKEN = "https://demomall.cafe24api.com/api/v2/oauth/token"
PAGE = "https://demomall.cafe24.com/product/detail.html?product_no=1"
HTML = b"<html><head><title>%d Somewhere</title></head><body><h1>Sorry</h1></body></html>"


def outcome(body=b"{}", status=200, url="", headers=None):
    """Return the outcome and the code, ("ok", "") where nothing is wrong."""
    try:
        judge(Answer(body if isinstance(body, bytes) else json.dumps(body).encode(), status, "", headers or {}, url))
    except ShopscrapeError as why:
        assert str(why) and "SECRET" not in str(why)
        return why.outcome, why.code
    return "ok", ""


STATUSES = {
    200: "ok", 201: "ok", 202: "ok", 204: "ok", 207: "retry", 400: "refused", 401: "auth", 403: "refused",
    404: "not_found", 409: "ok", 422: "retry", 429: "throttled", 500: "retry", 502: "retry", 503: "retry", 504: "retry",
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", [b"", b"{}", b"not json", b"\xff\xfe", HTML % 999, b"[1]", b"null"])
def test_status_decides_whatever_the_body_is(status, body):
    if status == 200 and body.startswith(b"<"):
        assert outcome(body, status, API) == ("retry", "")
    else:
        assert outcome(body, status, API)[0] == STATUSES[status]


@pytest.mark.parametrize("status", [code for code in STATUSES if code >= 400])
def test_code_in_the_body_where_no_status_is_known(status):
    text = "Something SECRET went wrong"
    for body in (
        {"error": {"code": status, "message": text, "more_info": {}}},
        {"error": {"code": str(status), "message": text}},
        {"error_code": status, "error_message": text}, {"message": text, "code": status},
    ):  # fmt: skip
        assert outcome(body)[0] == STATUSES[status]
    assert status == 409 or outcome(HTML % status)[0] == STATUSES[status]


@pytest.mark.parametrize("body", [{"error": {"message": "SECRET"}}, {"error": {"code": "E77", "message": "x"}},
                                  {"error_message": "x"}, {"message": "x"}, {"error": "strange"},
                                  {"error": {"code": 200, "message": "x"}}])  # fmt: skip
def test_error_without_a_code_is_asked_again(body):
    assert outcome(body)[0] == "retry"


@pytest.mark.parametrize("body", [{"error": None, "products": []}, {"products": [{"product_name": "error message"}]},
                                  {"error": {}, "count": 1}, {"message": "hello", "products": []}])  # fmt: skip
def test_data_that_speaks_of_errors_is_data(body):
    assert outcome(body) == ("ok", "")


def test_bulk_write_that_failed_in_part():
    assert outcome((SAMPLES / "multi_status_207.json").read_bytes()) == ("retry", "207")


@pytest.mark.parametrize("word, told", [
    ("invalid_grant", "auth"), ("invalid_client", "auth"), ("invalid_request", "auth"), ("unauthorized_client", "auth"),
    ("unsupported_grant_type", "auth"), ("invalid_token", "auth"), ("invalid_scope", "refused"),
    ("insufficient_scope", "refused"), ("access_denied", "refused"),
])  # fmt: skip
@pytest.mark.parametrize("status", [200, 400, 401])
def test_words_of_oauth(word, told, status):
    assert outcome({"error": word, "error_description": "SECRET"}, status) == (told, word)


@pytest.mark.parametrize("status", [400, 401])
def test_token_address_refuses_in_any_shape(status):
    for body in (b"<html>", b"", {"message": "x"}, {"error": {"code": status, "message": "x"}}):
        assert outcome(body, status, TOKEN)[0] == "auth"


def test_version_that_is_no_longer_known_names_the_one_on_offer():
    with pytest.raises(Refused, match="2026-03-01"):
        judge(Answer((SAMPLES / "error_400_api_version.json").read_bytes(), 400))


@pytest.mark.parametrize("case, wait", [("429_bucket", 1.0), ("429_usage", 32.0)])
def test_wait_is_what_the_headers_say(case, wait):
    headers = {name.lower(): told for name, told in json.loads((SAMPLES / "headers.json").read_text())[case].items()}
    with pytest.raises(Throttled) as raised:
        judge(Answer(b"", 429, "", headers, API))
    assert raised.value.wait == wait


@pytest.mark.parametrize(
    "told, wait", [("7", 7.0), ("0", 1.0), ("soon", 1.0), ("nan", 1.0), ("inf", 3600.0), ("", 1.0)]
)
def test_odd_waits(told, wait):
    with pytest.raises(Throttled) as raised:
        judge(Answer(b"", 429, "", {"retry-after": told}, API))
    assert raised.value.wait == wait


@pytest.mark.parametrize("name", ["order_item_history", "order_paymenttimeline", "orders_dashboard", "orders_count",
                                  "categories_list", "boards_list", "shops_list", "webhook_90023_order_received",
                                  "webhook_90160_return_completed", "webhook_logs", "headers"])  # fmt: skip
def test_answers_without_records_are_no_errors(name):
    assert outcome((SAMPLES / f"{name}.json").read_bytes()) == ("ok", "")


@pytest.mark.parametrize(
    "body", [b'{"error":' * 3000, b'{"error":{"code":' + b"9" * 5000 + b"}}", b'{"error":"\\ud800"}']
)
def test_hostile_error(body):
    assert outcome(body)[0] in ("ok", "retry") and outcome(body, 500)[0] == "retry"


# -- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told", ["evil.example/", "a.b", "ab", "Mall", "-mall", "mall@evil.example:443/#", "m" * 51, "mall\n", ""]
)
def test_mall_id_decides_where_the_secret_goes(told):
    check_mall_id(Mall(name="m", platform="cafe24", native={"mall_id": "demo-mall2"}))
    with pytest.raises(ConfigurationError, match="mall_id"):
        check_mall_id(Mall(name="m", platform="cafe24", native={"mall_id": told}))


def test_times_of_a_token_are_korean():
    told = {"access_token": "a", "expires_at": "2026-07-20T14:00:00.000", "refresh_token": "r", "shop_no": "1",
            "refresh_token_expires_at": "2026-08-03T12:00:00.000", "scopes": ["mall.read_order"]}  # fmt: skip
    pair = pair_of(json.dumps(told).encode(), "seed")
    assert (pair.access_until, pair.refresh_until) == ("2026-07-20T05:00:00Z", "2026-08-03T03:00:00Z")


@pytest.mark.parametrize("ends", [None, "", "soon", 7])
@pytest.mark.parametrize("scopes", ["mall.read_order,mall.read_store", "mall.read_order mall.read_store ",
                                    ["mall.read_order", "mall.read_store"]])  # fmt: skip
def test_odd_token_answer_does_not_cost_the_new_token(ends, scopes):
    told = {"access_token": "a", "refresh_token": "r", "expires_at": ends, "scopes": scopes}
    pair = pair_of(json.dumps(told).encode(), "seed")
    assert (pair.refresh, pair.scopes) == ("r", ["mall.read_order", "mall.read_store"])
    left = values.moment(pair.access_until) - values.now()
    assert timedelta(minutes=119) < left <= timedelta(hours=2)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"access_token":"a"}', b'{"access_token":"a","refresh_token":null}']
)
def test_answer_without_tokens(body):
    with pytest.raises(PageFailed):
        pair_of(body, "seed")


# -- pages ------------------------------------------------------------------------------------------------------------


def wall(script):
    return f'<script type="text/javascript">{script}</script>'.encode()


@pytest.mark.parametrize("script", [
    "alert('회원만 접근권한이 있습니다.');location.href='/member/login.html?returnUrl=%2Fproduct';",
    "alert(\"로그인\"); location.replace(\"https://shop.example/member/login.html\")",
    "alert('성인인증');window.location = '/intro/adult_im.html';",
    "alert('x');top.location.href = '/member/login.html'", "alert('x');location.href='/shop2/member/login.html'",
    "alert('x');location.href='/m/member/login.html'", "alert('x');location.replace('/en/intro/member.html')",
])  # fmt: skip
def test_wall_that_asks_for_a_log_in(script):
    assert outcome(wall(script))[0] == "login_required"
    assert outcome(b"<html><head>" + wall(script) + b"</head><body></body></html>", url=PAGE)[0] == "login_required"


@pytest.mark.parametrize(
    "script",
    [
        "alert('존재하지 않는 상품입니다.');history.back();",
        "alert('x');location.href='/';",
        "alert('x');location.href='/product/member/7/';",
        "alert('x');location.href='http://[x/member/';",
    ],
)
def test_other_message_means_the_page_is_gone(script):
    assert outcome(wall(script)) == ("not_found", "alert")


def test_sample_of_a_wall_and_of_crema():
    wall = (SAMPLES / "storefront_restricted_alert.html").read_bytes()
    for body in (wall, b"\xef\xbb\xbf" + wall, b"\r\n \xef\xbb\xbf" + wall):
        with pytest.raises(LoginRequired):
            judge(Answer(body))
    with pytest.raises(Refused, match="Crema"):
        judge(Answer((SAMPLES / "storefront_crema_reviews.html").read_bytes()))


@pytest.mark.parametrize("name, role", [
    ("product_detail", "PRODUCT_DETAIL"), ("product_detail_single", "PRODUCT_DETAIL"), ("product_list", "PRODUCT_LIST"),
    ("board_list_reviews", "BOARD_PRODUCT_LIST"), ("board_article", "BOARD_PRODUCT_DETAIL"),
])  # fmt: skip
def test_pages_of_a_shop_are_data(name, role):
    body = (SAMPLES / f"storefront_{name}.html").read_bytes()
    assert outcome(body) == ("ok", "") and role_of(body) == role


def test_log_in_page_itself():
    page = b'<html><meta content="MEMBER_LOGIN" name="path_role"></html>'
    assert outcome(page)[0] == "login_required"
    assert outcome(b"<html>", url="https://shop.example/member/login.html")[0] == "login_required"
    sent = {"location": "/member/login.html?returnUrl=x"}
    assert outcome(b"", 302, PAGE, sent)[0] == "login_required" and outcome(b"", 302, PAGE)[0] == "retry"


@pytest.mark.parametrize(
    "text", ["Just a moment...", "Access Denied", "<div class='g-recaptcha'>", "비정상적인 접근입니다"]
)
def test_challenge_is_blocked(text):
    with pytest.raises(Blocked):
        judge(Answer(f"<html><body>{text}</body></html>".encode()))


def test_challenge_words_on_a_real_page_are_harmless():
    body = (SAMPLES / "storefront_board_article.html").read_bytes().replace(b"</body>", b"<i>recaptcha</i></body>")
    assert outcome(body) == ("ok", "")


def test_page_that_is_none_of_the_shop_s():
    assert outcome(b"<html><body>Coming soon</body></html>")[0] == "not_hydrated"
    assert outcome(b"<!DOCTYPE html>")[0] == "not_hydrated"


@pytest.mark.parametrize("status, told", [(403, "blocked"), (401, "blocked"), (404, "not_found"),
                                          (410, "not_found"), (429, "throttled"), (500, "retry"),
                                          (503, "retry"), (405, "retry")])  # fmt: skip
def test_status_of_a_page(status, told):
    assert outcome(b"<html>x", status, PAGE)[0] == told and outcome(b"{}", status, PAGE)[0] == told
    if status != 405:
        assert outcome(HTML % status, 200, PAGE)[0] == told


@pytest.mark.parametrize("title", ["Error 504", "HTTP Error 504.0", "HTTP Status 504 - Gateway", "ERROR: 504", "504"])
def test_status_in_the_title_of_a_gateway_s_page(title):
    assert outcome(f"<html><head><title>{title}</title></head></html>".encode())[1] == "504"


def test_gone_page_is_skipped_not_stored():
    with pytest.raises(NotFound):
        judge(Answer(b"<html><title>404 Not Found</title></html>"))


@pytest.mark.parametrize(
    "body", [b"<" * 300_000, b"<meta path_role" * 20_000, b"<script>alert(" * 5000, b"<title>" * 50_000]
)
def test_hostile_page_ends_soon(body):
    assert outcome(body)[0] in ("not_hydrated", "not_found", "login_required")
