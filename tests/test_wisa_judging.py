"""What a WISA answer that is no data leads to, of each API and of pages, with and without a status that tells."""

import msgspec
import pytest
from wisa_cases import product, read, review

from shopscrape.errors import ShopscrapeError
from shopscrape.payload import Answer
from spiders.wisa.judging import judge


def outcome(body, status=200, headers=None, url=""):
    """Return the outcome of an answer, "ok" when it carries data, and the code."""
    body = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    try:
        judge(Answer(body, status, "", headers or {}, url))
    except ShopscrapeError as why:
        return why.outcome, why.code
    return "ok", ""


def no(message):
    return {"status": "N", "msg": message}


@pytest.mark.parametrize("message, told", [
    ("검색된 상품이 없습니다.", "empty"), ("검색된 주문이 없습니다.", "empty"), ("검색된 내역이 없습니다.", "empty"),
    ("관리자 로그인 오류", "session_lost"), ("로그인 오류", "session_lost"), ("처리 권한이 없습니다.", "session_lost"),
    ("주문조회 권한이 없습니다", "session_lost"), (None, "session_lost"), ("", "session_lost"),
    ("관리자 아이디 에러", "auth"), ("관리자 패스워드 에러", "auth"), ("비밀번호 오류", "auth"),
    ("조회된 상품이 없습니다.", "not_found"), ("조회된 주문이 없습니다.", "not_found"),
    ("존재하지 않는 상품번호입니다.", "not_found"), ("조회된 상품후기가 없습니다.", "not_found"),
    ("상품번호나 바코드를 입력해주세요.", "retry"), ("품절 타입 값이 정확하지 않습니다.(Y/N/L)", "retry"),
    ("변경할 재고 수량을 입력해주세요.", "retry"), ("옵션 갯수가 일치하지 않습니다.", "retry"),
    ("옵션번호 데이터가 부정확합니다.", "retry"), ("지원하지 않는 액션입니다.", "refused"),
    ("처음 보는 말", "retry"),
])  # fmt: skip
def test_every_no_of_the_openapi(message, told):
    assert outcome(no(message)) == (told, message or "")


def test_both_forms_of_a_denial():
    assert outcome({"status": "permission_denied"}) == ("refused", "permission_denied")
    for body in ("permission_denied", '"permission_denied"', "\ufeffpermission_denied\n"):
        assert outcome(body) == ("session_lost", "permission_denied")


@pytest.mark.parametrize("body", [
    {"status": "Y"}, {"status": "OK", "complex_no": "1"}, {"status": "success", "content": "<li></li>"}, {"pay_prc": 1},
    {"status": "Y", "product": []}, {"status": "Y", "options": None}, {"status": "Y", "orders": ""},
])  # fmt: skip
def test_every_yes(body):
    assert outcome(body) == ("ok", "")


@pytest.mark.parametrize("body", [{"status": "maybe"}, [], "{", '{"status": "Y"', '{"a":' * 5000])
def test_what_is_no_answer_of_the_openapi(body):
    assert outcome(body)[0] == "retry"


def test_a_dead_session_is_known_by_its_thinner_list():
    thin = {name: value for name, value in product().items() if not name.startswith("hit_") and name != "wm_sc"}
    assert outcome({"status": "Y", "product": [thin | {"keyword": None}]})[0] == "session_lost"
    assert outcome({"status": "Y", "product": [thin, thin | {"pno": "2", "hit_view": None}]})[0] == "session_lost"
    assert outcome({"status": "Y", "product": [thin, product()]})[0] == "ok"
    assert outcome({"status": "Y", "product": {"0": thin}})[0] == "session_lost"


def test_a_dead_session_is_known_by_its_thinner_product():
    row = {"status": "Y", "pno": "77", "name": "양말", "sell_prc": "1", "stock_type": "N"}
    assert outcome(row | {"ea_type": None, "keyword": None})[0] == "session_lost"
    assert outcome(row)[0] == "session_lost"
    assert outcome(row | {"hit_cart": "0"})[0] == "ok"
    assert outcome(row | {"ea_type": 2})[0] == "ok"


def test_nothing_of_a_thinner_answer_is_read_as_data():
    assert outcome({"status": "Y", "articles": [review()]})[0] == "ok"
    assert read("reviews", {"status": "Y", "articles": [review()]}).records


def erp(message):
    told = f"<return_code>false</return_code><return_msg><![CDATA[{message}]]></return_msg>"
    return f"<?xml version='1.0'?><error>{told}</error>"


@pytest.mark.parametrize("message, told", [
    ("인증되지 않은 키 정보입니다.", "auth"), ("사용이 중지된 키 정보입니다.", "refused"),
    ("지원하지 않는 액션입니다.", "refused"), ("검색범위를 입력해 주세요.", "retry"),
    ("파라메터 형식이 잘못되었습니다.", "retry"), ("xml 오류", "retry"), ("새 오류", "retry"),
])  # fmt: skip
def test_every_error_of_the_erp_api(message, told):
    assert outcome(erp(message)) == (told, message)


def test_xml_that_is_broken_or_hostile():
    assert outcome("<?xml version='1.0'?><getOrder><order_idx")[0] == "retry"
    assert (
        outcome("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><getOrder>&b;</getOrder>")[
            0
        ]
        == "refused"
    )
    assert outcome("<getOrder>" + "<a>" * 5000 + "</a>" * 5000 + "</getOrder>")[0] == "retry"
    assert outcome("<?xml version='1.0'?><getOrder></getOrder>") == ("ok", "")


@pytest.mark.parametrize("status, told", [
    (401, "auth"), (403, "blocked"), (404, "not_found"), (410, "not_found"), (418, "retry"), (429, "throttled"),
    (500, "retry"), (502, "retry"), (503, "retry"), (504, "retry"), (301, "retry"),
])  # fmt: skip
def test_a_status_that_tells_decides(status, told):
    assert outcome("<html><body>무엇</body></html>", status) == (told, str(status))
    assert outcome({"status": "Y", "orders": []}, status)[0] == told


def test_how_long_to_wait():
    for header, wait in (("30", 30.0), ("", 5.0), ("soon", 5.0), ("999999", 3600.0)):
        with pytest.raises(ShopscrapeError) as told:
            judge(Answer(b"", 429, "", {"retry-after": header}))
        assert told.value.wait == wait


def test_a_redirect_to_the_log_in_is_a_wall():
    assert outcome("", 302, {"location": "https://shop.example.com/member/login.php?rURL=x"})[0] == "login_required"
    assert outcome("", 302, {"location": "https://shop.example.com/elsewhere"})[0] == "retry"


PAGE = '<div id="skin_shop_detail_big_div"><form name="prdFrm"></form></div>'


@pytest.mark.parametrize("body, told", [
    ('<script>location.href="/member/login.php";</script>', "login_required"),
    ("<script>location.replace('https://shop.example.com/member/login.php?x=1')</script>", "login_required"),
    ("<script>top.location = '/member/login.php'</script>", "login_required"),
    ('<div id="skin_member_login_big_div">아이디</div>', "login_required"),
    ("<script>alert('회원전용 쇼핑몰입니다.');history.back();</script>", "login_required"),
    ("<script>alert('19세 미만은 볼 수 없습니다. 성인인증');</script>", "login_required"),
    ('<script>alert("존재하지 않는 상품입니다.");history.back();</script>', "not_found"),
    ("<script>window.alert('판매가 종료된 상품입니다');</script>", "not_found"),
    ('<div class="g-recaptcha"></div>', "blocked"), ("<p>접속이 차단되었습니다</p>", "blocked"),
    ("<p>접근 제한</p>", "blocked"),
    ("<title>Just a moment...</title>", "blocked"), ("<h1>Access Denied</h1>", "blocked"),
    ("<title>404 Not Found</title>", "not_found"), ("<title>429 Too Many Requests</title>", "throttled"),
    ("<title>502 Bad Gateway</title>", "retry"), ("<title>403 Forbidden</title>", "blocked"),
    (PAGE, "ok"), ("<p>빈 페이지</p>", "ok"), ("<title>500 가지 양말</title>" + PAGE, "ok"),
    (f'{PAGE}<p class="g-recaptcha"></p><script>if(0)location.href="/member/login.php"</script>', "ok"),
    (f'<a href="/shop/detail.php?pno={"A" * 32}">양말</a><script>alert("입력하세요")</script>', "ok"),
    ('<a onclick="openReviewDetail(7, 1)">양말</a><p class="g-recaptcha"></p>', "ok"),
    (f'<div id="skin_member_login_big_div"><a href="/shop/detail.php?pno={"A" * 32}">양말</a></div>', "login_required"),
    ('<div id="revContent6">접근 제한 없이 좋아요</div>', "ok"),
])  # fmt: skip
def test_pages(body, told):
    for text in (f"<!DOCTYPE html><html><body>{body}</body></html>", f"<html>{body}</html>"):
        assert outcome(text)[0] == told
        assert outcome(text.encode("cp949"))[0] == told


@pytest.mark.parametrize("body", ["", "7012@7013", "id\ttitle\n", "User-agent: *\n", "\x00\x01\x02"])
def test_what_is_neither_is_left_to_its_reader(body):
    assert outcome(body) == ("ok", "")


@pytest.mark.parametrize("code, told", [
    ("invalid_api_key", "auth"), ("forbidden", "refused"), ("not_found", "not_found"), ("invalid_parameter", "retry"),
    ("rate_limited", "throttled"), ("server_error", "retry"), ("new_word", "retry"),
])  # fmt: skip
def test_errors_of_the_rest_api(code, told):
    assert outcome({"error": {"code": code, "message": "x"}}) == (told, code)
    assert outcome({"error": {"code": code, "message": "x"}}, 400)[0] == told
