"""The emulated WISA APIs: answers have the shape of the samples, sessions and keys do what the sources tell of them."""

import json
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import etree
from sandboxing import ask, control, force

from sandbox import wisa, wisa_lines
from sandbox import wisa_ids as ids
from sandbox.background import running
from sandbox.shapes import shape_problems
from shopscrape import values

SAMPLES = Path(__file__).parent / "samples" / "wisa"
SIZE = {"products": 62, "orders": 240, "reviews": 120, "only": "wisa"}
EVER = {"sdate1": "2020-01-01", "sdate2": "2030-12-31"}
ALWAYS = {"sdate": "20200101000000", "edate": "20301231235959"}


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


def call(served, fields, mall="demo_wisa", body=None):
    return ask(f"{served.stage.address(mall)}/main/exec.php?{urlencode(fields)}", body)


def openapi(served, action, mall="demo_wisa", **fields):
    """Return status, document and headers of an Openapi call."""
    status, body, headers = call(served, {"exec_file": "api/openapi.exe.php", "action": action, **fields}, mall)
    return status, json.loads(body), headers


@pytest.fixture(scope="module")
def session(served):
    who = {"mng_id": wisa.ADMIN_ID, "mng_pw": wisa.ADMIN_PASSWORD}
    fields = {"exec_file": "api/openapi.exe.php", "urlfix": "Y", "action": "login"}
    status, body, headers = call(served, fields, body=urlencode(who).encode())
    assert status == 200 and headers["Content-Type"] == "application/json; charset=utf-8"
    assert shape_problems(json.loads(body), sample("openapi_login_ok")) == []
    return json.loads(body)["hash"]


@pytest.fixture
def told(served, session):
    """Ask the Openapi as somebody who is logged in."""

    def run(action, **fields):
        return openapi(served, action, hash=session, **fields)[1]

    return run


@pytest.fixture
def erp(served):
    """Ask the ERP API; gives the document and its text."""

    def run(action, mall="demo_wisa", key=None, **fields):
        key = key or served.stage.secret("demo_wisa", "ERP_KEY")
        status, body, headers = call(
            served, {"exec_file": "api/erp.exe.php", "key": key, "action": action, **fields}, mall
        )
        assert status == 200 and headers["Content-Type"] == "text/xml; charset=utf-8"
        return etree.fromstring(body), body.decode()

    return run


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def message(name):
    return etree.parse(str(SAMPLES / f"{name}.xml")).findtext("return_msg")


def names(element):
    """Return the names of an element's parts, in order, without repeats."""
    return list(dict.fromkeys(part.tag for part in element))


# -- shapes -----------------------------------------------------------------------------------------------------------


def test_lists_and_details_have_the_shape_of_their_samples(told):
    listed = told("productList", page_size=100)
    assert shape_problems(listed, sample("openapi_product_list_p1")) == []
    optioned = [one["pno"] for one in listed["product"]]
    details = [told("product", pno=number) for number in optioned if int(number) < 1000]
    assert [said for one in details for said in shape_problems(one, sample("openapi_product_detail"))] == []
    assert any(one["mng_memo"] for one in details) and any(one["sell_prc"].endswith(".00") for one in details)
    options = [told("productOption", pno=one["pno"]) for one in details]
    assert [
        said for one in options for said in shape_problems(one, sample("openapi_product_option"), nullable=("options",))
    ] == []
    assert {one["otype"] for answer in options for one in answer["options"] or ()} >= {
        "콤보박스", "라디오버튼", "컬러칩", "텍스트칩", "라디오버튼 + 줄바꿈", "텍스트입력", "면적입력",
    }  # fmt: skip
    assert {one["necessary"] for answer in options for one in answer["options"] or ()} == set("YNCP")
    stock = [told("productComplexOption", pno=one["pno"]) for one in details]
    assert [said for one in stock for said in shape_problems(one, sample("openapi_complex_option"))] == []
    assert {row["type"] for one in stock for row in one["complexOptions"]} == set("NYL")
    assert shape_problems(told("getCategory", ctype=1), sample("openapi_category")) == []


def test_orders_and_reviews_have_the_shape_of_their_samples(told):
    listed = told("orderList", page_size=300, **EVER)
    loose = ("orders.[].products.[].discount",)
    assert shape_problems(listed, sample("openapi_order_list"), loose=loose) == []
    details = [told("order", ono=row["ono"]) for row in listed["orders"]]
    loose = ("discount", "products.[].discount", "coupon")
    assert {type(one.pop("date5")) for one in details} == {int, str}
    assert [
        said
        for one in details
        for said in shape_problems(one, sample("openapi_order_detail"), loose=loose, optional=("date5",))
    ] == []
    assert {type(one["discount"]) for one in details} == {list, dict}
    reviews = told("reviewList", page_size=200)
    # Counts are printed as numbers or as text, and a product that is gone has no name.
    nullable = ("articles.[].pname",)
    told_of = {"status": "Y", "articles": reviews["articles"]}
    other = {"status": "Y", "articles": sample("openapi_review_list")["articles"]}
    assert shape_problems(told_of, other, nullable=nullable) == []
    comments = [told("reviewCommentList", no=row["no"]) for row in reviews["articles"] if row["stat"] != "0"]
    there = [one for one in comments if one["status"] == "Y"]
    assert [said for one in there for said in shape_problems(one, sample("openapi_review_comments"))] == []
    assert {one["msg"] for one in comments if one["status"] == "N"} == {"검색된 내역이 없습니다."}


def test_documents_of_the_erp_api_have_the_elements_of_their_samples(erp):
    for action, name, row in (
        ("getProduct", "erp_get_product", "prd_list/prd"), ("getCanceledOrder", "erp_get_canceled_order", "order_idx"),
        ("getOrder", "erp_get_order", "order_idx"),
    ):  # fmt: skip
        document, _ = erp(action, **ALWAYS)
        other = etree.parse(str(SAMPLES / f"{name}.xml")).getroot()
        assert document.tag == other.tag and names(document) == names(other)
        assert {tuple(names(one)) for one in document.iterfind(row)} == {
            tuple(names(one)) for one in other.iterfind(row)
        }
        for below in ("item_list/item", "product_list/Product", "image"):
            found = {tuple(names(one)) for one in document.iterfind(f"{row}/{below}")}
            assert found == {tuple(names(one)) for one in other.iterfind(f"{row}/{below}")}
        assert [one.get("idx") for one in document.iterfind(row)][:2] == ["1", "2"]
    numbers = [one.text for one in erp("getProduct", **ALWAYS)[0].iterfind("prd_list/prd/prd_code")]
    assert numbers == sorted(numbers, key=int)
    stock, _ = erp("getStock", param=",".join(numbers))
    assert names(stock[0]) == ["prd_code", "prd_name", "item_list"] and len(stock) < len(numbers)


def test_empty_answers_are_as_in_the_samples(erp, told):
    never = {"sdate": "20100101000000", "edate": "20100102000000"}
    told_empty = erp("getProduct", **never)[1].replace(erp("getProduct", **never)[0].findtext("auth_code"), "0" * 32)
    assert told_empty == (SAMPLES / "erp_get_product_empty.xml").read_text("utf-8")
    assert erp("getOrder", **never)[1] == (SAMPLES / "erp_get_order_empty.xml").read_text("utf-8")
    assert told("productList", page=99) == sample("openapi_product_list_end")
    assert told("orderList", page=99, **EVER) == sample("openapi_order_list_end")
    assert told("reviewList", page=99) == sample("openapi_review_list_end")
    assert told("product", pno=9) == sample("openapi_product_not_found")
    assert told("order", ono="20260101-00000") == sample("openapi_order_not_found")
    plain = next(one["pno"] for one in told("productList", page_size=99, shortcut="N")["product"]
                 if told("productOption", pno=one["pno"])["options"] is None)  # fmt: skip
    assert told("productOption", pno=plain) == sample("openapi_product_option_none")


def test_json_is_printed_as_php_does(served, session):
    _, body, _ = call(served, {"exec_file": "api/openapi.exe.php", "action": "product", "pno": 101, "hash": session})
    assert body.startswith(b'{\n    "status": "Y",') and b"https:\\/\\/" in body and "면".encode() in body


def test_the_feed_has_the_columns_of_its_sample(served):
    status, body, headers = ask(f"{served.stage.address('demo_wisa')}/_data/compare/naver/all_prd.php")
    rows = [line.split("\t") for line in body.decode().splitlines()]
    assert status == 200 and headers["Content-Type"] == "text/plain; charset=utf-8"
    assert rows[0] == (SAMPLES / "naver_ep_all.tsv").read_text("utf-8").splitlines()[0].split("\t")
    assert {len(row) for row in rows} == {19}
    on_sale = [one for one in served.world.products if ids.product_stat(one) == "2"]
    assert {row[0] for row in rows[1:]} == {ids.hash_of(one.no) for one in on_sale}
    assert all(row[4].startswith("http://") and row[3].endswith("&ref=naver_open") for row in rows[1:])
    assert ask(f"{served.stage.address('demo_wisa_erp')}/_data/compare/naver/all_prd.php")[0] == 404


# -- log-in, sessions, key --------------------------------------------------------------------------------------------


def test_refused_log_ins_and_dead_sessions_answer_as_the_samples(served):
    who = {"mng_id": wisa.ADMIN_ID, "mng_pw": "wrong"}
    assert openapi(served, "login", **who)[1] == sample("openapi_login_fail")
    assert openapi(served, "loginCheck", hash="dead")[1] == sample("openapi_login_check_expired")
    assert openapi(served, "productComplexOption", hash="dead", pno=101)[1] == sample("openapi_not_logged_in")
    _, body, headers = call(served, {"exec_file": "api/openapi.exe.php", "action": "orderList"})
    assert body.decode() == (SAMPLES / "openapi_permission_denied_plain.txt").read_text().strip()
    assert "json" not in headers["Content-Type"]
    assert openapi(served, "unheardOf", hash="dead")[1] == {"status": "N", "msg": "지원하지 않는 액션입니다."}


def test_a_dead_session_gets_thinner_data_and_no_error(served, told):
    whole, thin = told("productList", page_size=100), openapi(served, "productList", page_size=100, hash="dead")[1]
    assert thin["status"] == "Y" and int(thin["rows"]) < int(whole["rows"]) and thin["rows_4"] == "0"
    assert all("hit_view" not in row and row["keyword"] is None for row in thin["product"])
    assert all(row["hit_view"] for row in whole["product"]) and int(whole["rows_4"]) > 0
    detail = openapi(served, "product", pno=101)[1]
    assert detail["ea_type"] is None and detail["stock_type"] == "N" and "hit_order" not in detail
    assert told("product", pno=101)["ea_type"] == "1" and told("product", pno=101)["stock_type"] == "Y"
    hidden = next(one.no for one in served.world.products if ids.product_stat(one) == "4")
    assert openapi(served, "product", pno=hidden)[1] == sample("openapi_product_not_found")
    published = openapi(served, "reviewList", page_size=200)[1]["articles"]
    states = [row["stat"] for row in told("reviewList", page_size=200)["articles"]]
    assert {row["stat"] for row in published} == set(states) - {"1"} and "1" in states


def test_a_session_ends_when_it_is_not_used():
    with running(**SIZE | {"orders": 5, "reviews": 5, "speed": 1800.0}) as quick:
        who = {"mng_id": wisa.ADMIN_ID, "mng_pw": wisa.ADMIN_PASSWORD}
        session = openapi(quick, "login", **who)[1]["hash"]
        for _ in range(4):
            time.sleep(0.3)
            assert openapi(quick, "loginCheck", hash=session)[1] == {"status": "Y"}
        time.sleep(1.1)
        assert openapi(quick, "loginCheck", hash=session)[1]["status"] == "N"
        again = openapi(quick, "login", **who)[1]["hash"]
        assert again != session
        force(quick, "expire", mall="demo_wisa", stream="productList")
        assert "hit_view" not in openapi(quick, "productList", hash=again)[1]["product"][0]
        assert "productList" in control(quick, "log", method="GET")[1]["malls"]["demo_wisa"]


def test_the_erp_key_is_wrong_off_or_echoed(served, erp):
    assert erp("getStock", key="0" * 32, param="101")[0].findtext("return_msg") == message("erp_error_bad_key")
    key = served.stage.secret("demo_wisa_off", "ERP_KEY")
    for _ in range(wisa.SWITCHED_OFF):
        assert erp("getStock", mall="demo_wisa_off", key=key, param="101")[0].tag == "getStock"
    found = erp("getStock", mall="demo_wisa_off", key=key, param="101")[0]
    assert found.findtext("return_msg") == message("erp_error_disabled_key")
    assert erp("getEverything")[0].findtext("return_msg") == message("erp_error_unknown_action")
    assert erp("getOrder", sdate="20260101000000")[0].findtext("return_msg") == message("erp_error_missing_dates")
    assert erp("getStock", param="101;drop")[0].findtext("return_msg") == message("erp_error_bad_param")
    assert erp("getOrder", sdate="2026-01-01", edate="2026-01-02")[0].findtext("return_msg") == message(
        "erp_error_bad_param"
    )
    document, _ = erp("getProduct", **ALWAYS)
    assert document.findtext("auth_code") == served.stage.secret("demo_wisa", "ERP_KEY")


# -- what is told -----------------------------------------------------------------------------------------------------


def test_lists_are_paged_newest_first_with_shortcuts_among_them(served, told):
    pages = [told("productList", page=number, page_size=20) for number in (1, 2, 3, 4, 5)]
    numbers = [int(row["pno"]) for page in pages if page["status"] == "Y" for row in page["product"]]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers) == int(pages[0]["rows"])
    assert len(told("productList")["product"]) == 20
    shortcuts = told("productList", shortcut="Y", page_size=100)["product"]
    assert shortcuts and all(int(row["wm_sc"]) == int(row["pno"]) - 50_000 for row in shortcuts)
    plain = told("productList", shortcut="N", page_size=100)["product"]
    assert {row["wm_sc"] for row in plain} == {"0"} and len(plain) + len(shortcuts) == len(numbers)
    assert {row["stat"] for row in plain} == {"정상", "품절", "숨김"}
    sold = told("productList", prd_stat=3, page_size=100)["product"]
    assert {row["stat"] for row in sold} == {"품절"}
    row = next(row for row in plain if row["xcate1"])
    assert (row["xbig"], row["xmid"]) == (row["ybig"], row["ymid"])


def test_windows_of_the_erp_api_include_both_ends(served, erp):
    product = served.world.products[120]
    at = ids.digits(ids.modified_at(product))
    codes = [one.text for one in erp("getProduct", sedate=at, eedate=at)[0].iterfind("prd_list/prd/prd_code")]
    assert codes == ["120"]
    before = ids.digits(ids.modified_at(product) - timedelta(seconds=1))
    assert erp("getProduct", sedate=before, eedate=before)[0].find("prd_list/prd") is None
    at = ids.digits(product.created_at)
    assert erp("getProduct", sdate=at, edate=at)[0].findtext("prd_list/prd/prd_code") == "120"
    assert erp("getProduct", param="120")[0].findtext("prd_list/prd/prd_code") == "120"


def test_stock_of_the_erp_api_has_its_traps(served, erp):
    document, _ = erp("getProduct", **ALWAYS)
    flags = {one.findtext("disp_flag") + one.findtext("sell_flag") for one in document.iterfind("prd_list/prd")}
    assert flags == {"TT", "FF", "TF"}
    deleted = {str(one.no) for one in served.world.products if one.state == "deleted"}
    pending = {str(one.no) for one in served.world.products if one.state == "pending"}
    codes = {one.text for one in document.iterfind("prd_list/prd/prd_code")}
    assert deleted and pending and deleted <= codes and not pending & codes
    free = [one for one in document.iterfind("prd_list/prd/item_list/item") if one.findtext("stock") == "9999"]
    assert {one.findtext("name") for one in free} >= {"옵션없음"} and any(
        "<ss>" in one.findtext("name") for one in free
    )
    known = {one.text for one in document.iterfind("prd_list/prd/item_list/item/code")}
    stock = {one.text for one in erp("getStock", param=",".join(codes))[0].iterfind("product_idx/item_list/code")}
    assert stock - known and known - stock


def test_every_state_of_a_line_is_told(told):
    listed = told("orderList", page_size=300, **EVER)["orders"]
    details = {row["ono"]: told("order", ono=row["ono"]) for row in listed}
    codes = Counter(line["stat"] for one in details.values() for line in one["products"])
    assert set(codes) >= {"1", "2", "3", "4", "5", "13", "14", "15", "16", "17", "18", "19", "22", "23"}
    assert set(codes) & {"20", "40", "41"}
    for row in listed:
        one = details[row["ono"]]
        labels = {line["stat_str"] for line in one["products"]}
        assert row["stat"] == one["stat"] and set(row["stat2"].split(",")) == labels
        assert all(wisa_lines.LABELS[line["stat"]] == line["stat_str"] for line in one["products"])
        gone = {line["order_product_no"] for line in one["products"]} - {
            line["order_product_no"] for line in row["products"]
        }
        assert gone == {line["order_product_no"] for line in one["products"] if line["pno"] == "0"}
    assert any(line["pno"] == "0" for one in details.values() for line in one["products"])
    assert {one["channel"]["code"] for one in details.values() if one["channel"]} == {"NP", "SS", "TS", "TB"}
    assert any("\n" in one["pay_type"] for one in details.values())
    assert not [row for row in listed if "승인실패" in (row["stat"], row["stat2"])]


def test_amounts_of_an_order_fit_together(served, told):
    for row in told("orderList", page_size=300, **EVER)["orders"]:
        one = told("order", ono=row["ono"])
        lines = one["products"]
        sums = Counter()
        for line in lines:
            assert int(line["sale_prc"]) == sum(map(int, (line["discount"] or {}).values()))
            sums.update({label: int(amount) for label, amount in (line["discount"] or {}).items()})
        assert sums == Counter({label: int(amount) for label, amount in (one["discount"] or {}).items()})
        if all(line["stat"] in ("2", "3", "4", "5") for line in lines) and one["pay_prc"] != "0":
            goods = sum(int(line["total_prc"]) - int(line["sale_prc"]) for line in lines)
            points = int(one["milage_prc"]) + int(one["emoney_prc"])
            order = next(o for o in served.world.trade("demo_wisa").orders if wisa_lines.order_id(o) == row["ono"])
            if not order.claims:
                assert int(one["pay_prc"]) == goods + int(one["dlv_prc"]) - points


def test_orders_are_asked_by_day_and_in_order(served, told):
    whole = told("orderList", page_size=300, sortOrder="asc", **EVER)["orders"]
    times = [row["date1"] for row in whole]
    assert times == sorted(times)
    day = times[len(times) // 2][:10]
    found = told("orderList", page_size=300, sdate1=day, sdate2=day)["orders"]
    assert [row["ono"] for row in found] == [row["ono"] for row in reversed(whole) if row["date1"].startswith(day)]
    assert told("orderList", sdate1=f"{day} 00:00:00", sdate2=f"{day} 10:00:00")["status"] == "N"
    recent = told("orderList", page_size=300)["orders"]
    edge = f"{(served.world.anchor - timedelta(days=91)).astimezone(values.SEOUL):%Y-%m-%d}"
    assert min(row["date1"] for row in recent)[:10] > edge > min(times)


def test_claims_come_by_the_time_of_their_last_change(served, erp):
    trade = served.world.trade("demo_wisa")
    order = next(one for one in trade.orders if one.claims and one.claims[-1].phase == "completed" and one.paid_at)
    at = ids.digits(wisa_lines.claim_changed_at(order))
    found = [one.text for one in erp("getCanceledOrder", sdate=at, edate=at)[0].iterfind("order_idx/ord_no")]
    assert wisa_lines.order_id(order) in found
    document, text = erp("getCanceledOrder", **ALWAYS)
    assert "1970-01-01 09:00:00" in text
    assert {one.text for one in document.iterfind("order_idx/product_list/Product/cancel_stat")} > {
        "반품완료",
        "취소완료",
    }
    gifts = erp("getCompletedOrder", **ALWAYS)[0].xpath("//Product[not(string(ord_prd_no))]")
    assert gifts and all(one.findtext("item_price") == "0" and not one.findtext("prd_code") for one in gifts)
    assert "<ship_fee></ship_fee>" in text and "<![CDATA[" in text


def test_rows_shift_while_they_are_paged(served, session):
    force(served, "drift", mall="demo_wisa_openapi", stream="reviewList", count=3)
    who = {"mng_id": wisa.ADMIN_ID, "mng_pw": wisa.ADMIN_PASSWORD}
    mine = openapi(served, "login", mall="demo_wisa_openapi", **who)[1]["hash"]
    counts = [openapi(served, "reviewList", mall="demo_wisa_openapi", hash=mine)[1]["rows"] for _ in range(4)]
    assert len(set(counts)) > 1


def test_a_web_server_in_front_says_what_the_samples_say(served):
    for fault, name in (("429", "http_429"), ("503", "http_503"), ("500", "http_500")):
        force(served, fault, mall="demo_wisa", stream="getStock")
        status, body, _ = call(served, {"exec_file": "api/erp.exe.php", "action": "getStock"})
        title = (SAMPLES / f"{name}.html").read_text("utf-8").partition("<title>")[2].partition("<")[0]
        assert status == int(fault) and f"<title>{title}</title>" in body.decode()
    assert call(served, {"exec_file": "shop/other.php"})[0] == 404
