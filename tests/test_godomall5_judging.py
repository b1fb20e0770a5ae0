"""What answers of Godomall5 that carry no data lead to, and hostile ones."""

import json
import random
from pathlib import Path

import pytest
from godomall5_cases import read

from shopscrape.errors import PageFailed, ShopscrapeError, Throttled
from shopscrape.payload import Answer
from spiders.godomall5 import mapping

SAMPLES = Path(__file__).parent / "samples/godomall5"
CASES = json.loads((SAMPLES / "http_error_cases.json").read_text("utf-8"))
EXPECTED = {
    "rate_limited": "throttled", "bucket_empty_but_ok": None, "unauthorized_http": "auth", "firewall_block": "blocked",
    "unknown_path": "refused", "unprocessable": "refused", "server_error": "retry", "bad_gateway": "retry",
    "empty_200": "retry",
}  # fmt: skip
API = "https://openhub.godo.co.kr/godomall5/goods/Goods_Search.php"


def outcome(body, status=200, headers=(), url=""):
    headers = {name.lower(): value for name, value in dict(headers).items()}
    try:
        mapping.judge(Answer(body, status, headers.get("content-type", ""), headers, url))
    except ShopscrapeError as why:
        return why.outcome
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_statuses(case):
    body = (SAMPLES / case["body_file"]).read_bytes() if "body_file" in case else case["body"].encode()
    assert outcome(body, case["status"], case["headers"], API) == EXPECTED[case["case"]]


@pytest.mark.parametrize("case", [case for case in CASES if case["status"] >= 400 and case["body"].startswith("<html")])
def test_a_body_alone_leads_to_the_same_where_it_says_what_it_is(case):
    told = outcome(case["body"].encode())
    if "<title>" in case["body"]:
        assert told == ("not_found" if case["status"] == 404 else EXPECTED[case["case"]])
    else:
        assert told == "retry"


def test_a_429_waits_at_least_three_seconds():
    with pytest.raises(Throttled) as raised:
        mapping.judge(Answer(b"Too Many Requests", 429, "text/html", {}, API))
    assert raised.value.wait == 3.0


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("before", ["", "\n\n", "\x0b\x00", "<!-- 주석 -->\n<!-- > -->"])
def test_good_xml_in_any_dress(codec, before):
    body = f"{before}<data><header><code>000</code><msg>성공</msg></header><return/></data>".encode(codec)
    assert outcome(body, url=API) is None


def coded(code, text="오류"):
    return f"<data><header><code>{code}</code><msg>{text}</msg></header><return></return></data>".encode()


@pytest.mark.parametrize(
    "code, told",
    [("000", None), ("201", "retry"), ("202", "refused"), ("204", "empty"), ("995", "refused"), ("996", "auth"),
     ("997", "auth"), ("998", "auth"), ("999", "auth"), ("777", "refused"), ("", "retry")],
)  # fmt: skip
def test_codes_in_the_header(code, told):
    assert outcome(coded(code)) == told


def test_an_unknown_code_is_told_with_its_text_and_without_the_keys_in_it():
    with pytest.raises(ShopscrapeError) as raised:
        mapping.judge(Answer(coded("777", "key=VVNFUitDQU5BUlkvS0VZK0NBTkFSWQ== 잘못된 요청")))
    assert raised.value.code == "777" and "잘못된 요청" in str(raised.value) and "VVNF" not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [b"<data><code>998</code><return/></data>", b"<html/>", b"<other><header><code>000</code></header></other>",
     b"<data/>", b"no xml", "<!doctype html><html>점검중</html>".encode(), b"<data><header><code>000</code>"],
)  # fmt: skip
def test_a_code_in_another_place_is_no_success(body):
    assert outcome(body) == "retry"


def test_the_server_api():
    error = b'{"code": "A0003", "message": "x"}'
    assert [outcome(error, status) for status in (200, 403, 401, 429, 500, 404)] == [
        "refused", "refused", "auth", "throttled", "retry", "not_found",
    ]  # fmt: skip
    assert outcome(b'{"code": 403, "message": "x"}', 403) == "refused"
    assert outcome(b'{"code": 403, "message": "x"}') == "refused"
    assert outcome(b'{"code": ' + b"9" * 6000 + b', "message": "x"}', 403) in ("blocked", "retry")
    assert outcome(b'{"totalCount": 0, "contents": []}') is None
    assert outcome(b"[" * 100_000) == "retry"
    assert outcome(b"", 401) == "auth"


@pytest.mark.parametrize("inner", ["<goods_data/>", '<goods_data idx="1"> \n </goods_data>', "\n", "<total>0</total>"])
def test_an_empty_element_is_no_row(inner):
    page = read("products", f"<data><header><code>000</code></header><return>{inner}</return></data>")
    assert (page.size, page.failed) == (0, [])


def test_rows_of_another_name_are_no_empty_answer():
    with pytest.raises(PageFailed):
        read("products", "<data><return><goods><goodsNo>1</goodsNo></goods></return></data>")


@pytest.mark.parametrize(
    "text, told",
    [
        ("<script>alert('잘못된 접근입니다.');history.back(-1);</script>", "not_found"),
        ("<script>alert('로그인이 필요합니다');</script>", "login_required"),
        ("<html><script>location.replace('/intro/adult.php');</script></html>", "login_required"),
        ("<html><script>location.href = \"https://m.example.com/member/login.php\";</script></html>", "login_required"),
        ("<html><body>비정상적인 접근이 감지되었습니다</body></html>", "blocked"),
        ("<html><title>Just a moment...</title></html>", "blocked"), ("<html>captcha</html>", "blocked"),
        ("<!DOCTYPE html><html><title>503 Service Unavailable</title></html>", "retry"),
        ("<!doctype html><html><body>점검 중</body></html>", "retry"),
        ("<html><title>406 Not Acceptable</title></html>", "blocked"),
        ('<html><meta http-equiv="refresh" content="0;url=/member/login.php?returnUrl=x"></html>', "login_required"),
        ("<script>top.location = 'intro/member.php';</script>", "login_required"),
        ("<script>location.href='/member/login.php?returnUrl=/goods/goods_view.php?a=1'</script>", "login_required"),
        ("<script>alert('잘못된 접근입니다.');location.href='/goods/goods_list.php?cateCd=001';</script>", "not_found"),
    ],
)  # fmt: skip
def test_walls_and_pages_that_are_gone(text, told):
    assert outcome(text.encode()) == told


def test_redirects_to_the_log_in():
    assert outcome(b"", status=302, headers={"location": "/member/login.php?returnUrl=x"}) == "login_required"
    assert outcome(b"", status=302, headers={"location": "/elsewhere"}) == "retry"
    assert outcome(b"<html>x</html>", status=404) == "not_found"
    entrance = "https://shop.example.com/intro/adult.php?returnUrl=%2F"
    assert outcome("<html><form>성인 인증</form></html>".encode(), url=entrance) == "login_required"


HOSTILE = [
    b"<data>" + b"<a>" * 10_000,
    b"<data><return><goods_data><goodsNo>" + b"9" * 100_000 + b"</goodsNo></goods_data></return></data>",
    b"<data><return><goods_data><goodsNo>1</goodsNo><goodsNm><![CDATA[<script>x</script>\x00\x1b[31m]]></goodsNm>"
    b"<totalStock>1e999</totalStock></goods_data></return></data>",
    b"<data><return><goods_data>text<goodsNo>1</goodsNo></goods_data><goods_data/></return></data>",
    b"<data><return><goods_data><goodsNo><a>1</a></goodsNo><optionData>text</optionData></goods_data></return></data>",
    b"<data><return><goods_data><goodsNo>1</goodsNo><regDt>9999-99-99 99:99:99</regDt></goods_data></return></data>",
    b"\xff\xfe\x00", b"",
]  # fmt: skip


@pytest.mark.parametrize("kind", mapping.KINDS)
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_answers_never_crash(kind, body):
    try:
        read(kind, body)
    except ShopscrapeError:
        return


@pytest.mark.parametrize("name", ["goods_search_page1", "order_search_claims", "board_list_goodsreview_page1"])
def test_answers_bent_at_random_never_crash(name):
    dice = random.Random(name)
    kind = {"g": "products", "o": "orders", "b": "reviews.board"}[name[0]]
    whole = (SAMPLES / f"{name}.xml").read_bytes()
    for _ in range(150):
        body = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(body))
            body[at : at + dice.randrange(0, 40)] = dice.choice(
                (
                    b"",
                    b"&",
                    b"<",
                    b"]]>",
                    b"<x>",
                    b"\x00",
                    b"\xc7\xd1",
                    b"<!--",
                    b"&#11;",
                    b"99999999999999999999",
                    b"{[",
                )
            )
        try:
            mapping.judge(Answer(bytes(body)))
            read(kind, bytes(body))
        except ShopscrapeError:
            continue
