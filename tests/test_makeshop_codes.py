"""MakeShop (Korea): every code of its tables, and what an answer that is no data leads to."""

import msgspec
import pytest
from makeshop_payloads import envelope, one, order, product, read

from shopscrape.errors import (
    AskAgain,
    AuthFailed,
    Blocked,
    LoginRequired,
    NotFound,
    PageFailed,
    Refused,
    ResourceRefused,
    Throttled,
)
from shopscrape.items import Order
from shopscrape.payload import Answer
from spiders.makeshop import codes, judging, mapping


@pytest.mark.parametrize(
    "code, kind, outcome",
    [
        ("9001", AuthFailed, "auth"), ("9002", AuthFailed, "auth"), ("9003", Refused, "refused"),
        ("9004", Refused, "refused"), ("9005", Refused, "refused"), ("9006", Throttled, "throttled"),
        ("9007", ResourceRefused, "refused"), ("9008", ResourceRefused, "refused"), ("9009", Refused, "refused"),
        ("9101", ResourceRefused, "refused"), ("9102", ResourceRefused, "refused"),
        ("9103", ResourceRefused, "refused"), ("9104", ResourceRefused, "refused"),
        ("9999", ResourceRefused, "refused"), ("7777", Refused, "refused"),
    ],
)  # fmt: skip
def test_every_code_inside_an_answer(code, kind, outcome):
    for key in ("message", "return_message", "msg"):
        with pytest.raises(kind) as raised:
            mapping.judge(Answer(msgspec.json.encode({"return_code": code, key: "까닭"})))
        assert (raised.value.outcome, raised.value.code) == (outcome, code)
        assert code == "9006" or code in str(raised.value)
    assert set(judging.CODES) | {"9006"} >= {f"900{n}" for n in range(1, 10)} | {"9101", "9102", "9103", "9104", "9999"}


def test_the_address_and_the_text_decide_about_a_code():
    used_up = msgspec.json.encode({"return_code": "9006", "message": "초과"})
    with pytest.raises(Throttled) as raised:
        mapping.judge(Answer(used_up, url="https://mall.example.com/list/open_api.html?type=product"))
    assert 0 < raised.value.wait <= 3600
    with pytest.raises(Throttled) as raised:
        mapping.judge(Answer(used_up, url="https://connect.makeshop.co.kr/api/v1/shop/product"))
    assert raised.value.wait == 60
    with pytest.raises(AskAgain):
        mapping.judge(Answer(msgspec.json.encode({"return_code": 9999, "message": "일시적인 오류입니다"})))
    with pytest.raises(Refused):
        mapping.judge(Answer(msgspec.json.encode({"returnCode": "9009"})))
    mapping.judge(Answer(b'{"return_code": 0, "list": []}'))
    with pytest.raises(PageFailed):
        mapping.judge(Answer(b"<html>", url="https://connect.makeshop.co.kr/api/v1/shop/product"))


@pytest.mark.parametrize(
    "status, body, url, kind",
    [
        (401, b"{}", "https://x/api/v1/s/product", judging.AuthLost), (401, b"{}", "https://x/oauth/token", AuthFailed),
        (403, b"{}", "https://x/api/v1/s/product", Refused), (403, b"<html>", "https://x/shop/", Blocked),
        (404, b"{}", "https://x/api/v1/s/product", judging.NoSuchPath), (404, b"<html>", "https://x/shop/", NotFound),
        (404, b"{}", "https://x/api/v1/s/order_return_delivery", NotFound),
        (422, b"{}", "", Refused), (400, b"", "", Refused), (429, b"{}", "", Throttled), (429, b"<html>", "", Blocked),
        (500, b"<html>", "", AskAgain), (504, b"<html>", "", AskAgain), (302, b"", "", PageFailed),
    ],
)  # fmt: skip
def test_the_status_decides_where_it_is_told(status, body, url, kind):
    with pytest.raises(kind):
        mapping.judge(Answer(body, status, url=url))


def test_a_code_inside_an_answer_says_more_than_its_status():
    for status in (400, 401, 403):
        with pytest.raises(ResourceRefused):
            mapping.judge(Answer(b'{"return_code": "9007"}', status, url="https://x/api/v1/s/review"))
    with pytest.raises(Throttled):
        mapping.judge(Answer(b'{"return_code": 9006}', 403))
    with pytest.raises(AskAgain):
        mapping.judge(Answer(b'{"return_code": "9007"}', 502))


def test_a_pause_is_as_long_as_the_platform_says():
    with pytest.raises(Throttled) as raised:
        mapping.judge(Answer(b"{}", 429, headers={"retry-after": "17"}, url="https://x/oauth/token"))
    assert raised.value.wait == 17
    with pytest.raises(Throttled) as raised:
        mapping.judge(Answer(b"{}", 429, url="https://x/oauth/token"))
    assert raised.value.wait == 60


@pytest.mark.parametrize(
    "page, kind",
    [
        ("<script>alert('로그인 하셔야 합니다');location.href='/shop/member.html?type=login'</script>", LoginRequired),
        ("<h2>성인 인증</h2>", LoginRequired), ("<p>19세 미만은</p>", LoginRequired),
        ("<script>alert('권한이 없습니다');history.back()</script>", LoginRequired),
        ("<form><input name='passwd' type='password'></form>", LoginRequired),
        ("<script>alert('없는 상품');history.go(-1)</script>", NotFound),
        ("<title>503 Service Unavailable</title>", AskAgain), ("<title>429 Too Many</title>", Blocked),
        ("<div>captcha</div>", Blocked),
    ],
)  # fmt: skip
@pytest.mark.parametrize("codec", ["utf-8", "cp949"])
def test_walls_are_told_apart(page, kind, codec):
    with pytest.raises(kind):
        mapping.judge(Answer(page.encode(codec)))


@pytest.mark.parametrize(
    "page",
    [
        "<title>500ml 보틀</title><script>var product_uid = '1';</script>",
        "<title>404 청바지</title><a href='/shop/shopdetail.html?branduid=1'>404 청바지</a>",
        "<title>503호 의자</title><p>의자</p>",
        "<a href='?branduid=1'>가방</a><form action='/shop/member.html'><input type='password' name='passwd'></form>",
    ],
)
def test_what_a_mall_calls_its_goods_and_a_box_to_log_in_are_no_walls(page):
    mapping.judge(Answer(page.encode()))


def test_a_byte_order_mark_hides_no_wall_and_a_cut_body_is_no_data():
    with pytest.raises(LoginRequired):
        mapping.judge(Answer(b"\xef\xbb\xbf" + "<script>alert('로그인 하셔야')</script>".encode()))
    for body in (b"", b"  ", b'{"return_code": "00'):
        with pytest.raises(PageFailed):
            mapping.judge(Answer(body))


def test_a_product_page_that_mentions_a_log_in_is_no_wall():
    wall = "alert('로그인 하셔야 합니다'); location.href='/shop/member.html';"
    page = f"<html><script>var product_uid = '1'; function f() {{ {wall} }}</script>"
    mapping.judge(Answer(page.encode()))


@pytest.mark.parametrize("raw, word", [*codes.ORDERS.items(), ("Q", "unknown")])
def test_every_order_status(raw, word):
    page = read(
        "orders", order(top={"order_status": raw}, payment={"pay_status": "N", "pay_date": "0000-00-00 00:00:00"})
    )
    assert not page.failed
    assert page.records[0].status == word and page.records[0].status_raw == raw
    assert page.tally.unknown == ({"order_status=Q": 1} if raw == "Q" else {})


@pytest.mark.parametrize("raw, word", [("Y", "paid"), ("N", "placed"), ("C", "placed"), ("?", "placed")])
def test_every_payment_status(raw, word):
    page = read("orders", order(top={"order_status": "N"}, payment={"pay_status": raw}))
    assert page.records[0].lines[0].status == word
    assert page.tally.unknown == ({"pay_status=?": 1} if raw == "?" else {})


@pytest.mark.parametrize("raw, word", [*codes.ISSUES.items(), ("", "requested"), ("REFUND9", "unknown")])
def test_every_issue_status(raw, word):
    asked = [{"basket_num": "1", "reason": "기타", "request_date": "2026-05-12", "completed_date": "0000-00-00"}]
    page = read("orders", order({"issue_status": raw}, cancel=asked))
    assert page.records[1].status == word
    assert page.tally.unknown == ({"issue_status=REFUND9": 1} if raw == "REFUND9" else {})
    assert page.records[0].lines[0].status == "paid"


@pytest.mark.parametrize("raw, kind", [*codes.LINES.items(), ("NEWTYPE", "sale")])
def test_every_line_type(raw, kind):
    page = read("orders", order({"product_type": raw}))
    assert page.records[0].lines[0].kind == kind
    assert bool(page.tally.unknown) == (raw == "NEWTYPE")


@pytest.mark.parametrize("raw, buyable", [*codes.BUYABLE.items(), ("WHAT", False), ("", True)])
def test_every_variant_state(raw, buyable):
    row = product()
    row["options"]["basic"] = [row["options"]["basic"][0] | {"sto_state_code": raw}]
    page = read("products", envelope(row))
    assert page.records[0].variants[0].available is buyable
    assert page.records[1].available is buyable
    assert page.tally.unknown == ({"sto_state_code=WHAT": 1} if raw == "WHAT" else {})


@pytest.mark.parametrize("raw, word", [*codes.OPTIONS.items(), ("WHAT", "choice")])
def test_every_option_type(raw, word):
    row = product()
    row["options"]["option"] = [
        {"opt_id": "1", "opt_type": raw, "opt_name": "색상", "opt_value": "a,b", "opt_price": "0,0"}
    ]
    page = read("products", envelope(row))
    first = page.records[0]
    assert [option.name for option in first.options] == (["색상"] if word == "choice" else [])
    assert first.text_options == (["색상"] if word == "text" else [])
    assert bool(page.tally.unknown) == (raw == "WHAT")


@pytest.mark.parametrize("raw", sorted(codes.VARIANTS | {"WHAT"}))
def test_every_variant_type(raw):
    row = product()
    row["options"]["basic"] = [row["options"]["basic"][0] | {"sto_type": raw}]
    page = read("products", envelope(row | {"option_type": "NO"}))
    assert len(page.records[0].variants) == (0 if raw == "DUMMY" else 1)
    assert bool(page.tally.unknown) == (raw == "WHAT")


@pytest.mark.parametrize(
    "text, word",
    [*codes.REASONS.items(), *codes.REASON_LETTERS.items(), ("상품 불만족", "dissatisfied"), ("그냥", "unknown")],
)
def test_every_reason(text, word):
    asked = [{"basket_num": 1, "reason": text, "detail": "", "request_date": "2026-05-12", "completed_date": None}]
    page = read("orders", order(cancel=asked))
    back = page.records[1]
    assert (back.reason, back.reason_raw) == (word, text)
    assert page.tally.unknown == ({"reason=그냥": 1} if word == "unknown" else {})


@pytest.mark.parametrize(
    "raw",
    sorted(codes.REDUCTIONS | codes.SURCHARGES | codes.SHIPPING_SURCHARGES | codes.SPENT_POINTS | codes.EITHER_WAY),
)
def test_every_discount_type(raw):
    for amount in ("-1000", "1000"):
        row = [{"basket_num": "0", "ext_type": raw, "ext_price": amount, "ext_status": "Y"}]
        found = one("orders", order(extension=row), Order)
        assert found.total == found.items_total + found.shipping_fee - found.discount
        if raw in codes.SPENT_POINTS:
            assert found.total == 55000
        elif raw in codes.REDUCTIONS or (raw in codes.EITHER_WAY and amount[0] == "-"):
            assert (found.discount, found.total) == (1000, 54000)
        elif raw in codes.SHIPPING_SURCHARGES:
            assert (found.shipping_fee, found.total) == (1000, 56000)
        else:
            assert (found.items_total, found.total) == (56000, 56000)


def test_an_unknown_discount_goes_by_its_sign_and_is_counted():
    rows = [{"basket_num": "0", "ext_type": "NEWDC", "ext_price": "-500", "ext_status": "Y"}]
    page = read("orders", order(extension=rows))
    assert page.records[0].discount == 500
    assert page.tally.unknown == {"ext_type=NEWDC": 1}
    rows[0]["ext_status"] = "N"
    assert read("orders", order(extension=rows)).records[0].discount == 0


@pytest.mark.parametrize("raw", sorted(codes.REFUND_METHODS | {"Z"}))
def test_every_refund_method(raw):
    back = [
        {"basket_num": "1", "refund_price": "5000", "refund_method": raw, "refund_status_date": "2026-05-13 10:00:00"}
    ]
    page = read("orders", order({"cancelend_date": "2026-05-13 09:00:00"}, refund=back))
    found = page.records[1]
    assert found.refund_amount == (None if raw in codes.NO_MONEY else 5000) and found.refund_method == raw
    assert bool(page.tally.unknown) == (raw == "Z")


@pytest.mark.parametrize(
    "told, channel, raw, external",
    [
        ({}, "own", "MOBILE", None), ({"pay_path": "WEB"}, "own", "WEB", None),
        ({"pay_path": "POWERAPP"}, "app", "POWERAPP", None), ({"pay_path": "TV"}, "other", "TV", None),
        ({"link_id": "naver_pay", "naver_pay_oid": 2026}, "naver_pay", "naver_pay", "2026"),
        ({"naver_pay_oid": "N1"}, "naver_pay", "MOBILE", "N1"), ({"talkcheck_oid": "T1"}, "kakao", "MOBILE", "T1"),
        ({"link_id": "shopx"}, "other", "shopx", None), ({"pos": "Y"}, "pos", "MOBILE", None),
    ],
)  # fmt: skip
def test_where_an_order_came_from(told, channel, raw, external):
    page = read("orders", order(top=told))
    found = page.records[0]
    assert (found.channel, found.channel_raw, found.external_id) == (channel, raw, external)
    assert bool(page.tally.unknown) == (raw in ("TV", "shopx"))
