"""The emulated openhub: its answers have the elements of the samples, no fewer and no others."""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import etree
from sandboxing import ask, same

from sandbox.background import running
from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples" / "godomall5"
SIZE = {"products": 62, "orders": 240, "reviews": 120, "only": "godomall5", "speed": 60}
MALL = "demo_godomall5"


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def told(served):
    """Ask with good keys; gives the document."""

    def run(path, mall=MALL, **fields):
        keys = {name.lower(): served.stage.secret(mall, name) for name in ("PARTNER_KEY", "KEY")}
        form = urlencode({**keys, **fields}).encode()
        status, body, headers = ask(f"{served.stage.address(mall)}/godomall5/{path}.php", form)
        assert status == 200 and headers["Content-Type"].startswith("text/xml")
        return etree.fromstring(body)

    return run


@pytest.fixture(scope="module")
def orders(served, told):
    """Every order of the mall."""
    found = []
    for back in range(0, 232, 29):
        last = (served.world.anchor - timedelta(days=back)).date()
        days = {"startDate": str(last - timedelta(days=28)), "endDate": str(last)}
        found += rows(told("order/Order_Search", **days, size=300))
    assert len(found) > 200
    return found


def sample(name):
    return etree.parse(str(SAMPLES / f"{name}.xml")).getroot()


def plain(element):
    """Return an element as object or text; parts with a number (idx) are a list."""
    if not len(element):
        return element.text or ""
    found = {}
    for part in element:
        if "idx" in part.attrib:
            found.setdefault(part.tag, []).append(plain(part))
        else:
            assert part.tag not in found, part.tag
            found[part.tag] = plain(part)
    return found


def rows(document):
    return plain(document.find("return"))[document.find("return")[0].tag] if len(document.find("return")) else []


def header(document):
    return {part.tag: part.text for part in document.find("header")}


def samples(*names):
    return [row for name in names for row in rows(sample(name))]


GOODS = [f"goods_search_{name}" for name in ("page1", "page2", "page3", "detail_options", "detail_simple")]
ORDERS = [f"order_search_{name}" for name in ("page1_more", "page2_last", "single_by_no", "claims")]


def test_goods_have_the_elements_of_the_samples(told):
    document = told("goods/Goods_Search", size=100)
    assert header(document).keys() == header(sample("goods_search_page1")).keys()
    same(rows(document), samples(*GOODS, "goods_search_modified_since"))


def test_orders_have_the_elements_of_the_samples(told, orders):
    theirs = samples(*ORDERS)
    # An add-on line is "like a line" and has two elements more (official table); the sample shows only some of them.
    whole = {name: "" for row in theirs for line in row["orderGoodsData"] for name in line if name != "claimData"}
    shown = {name for row in theirs for line in row.get("addGoodsData", []) for name in line}
    added = [line for row in orders for line in row.get("addGoodsData", [])]
    assert added
    for line in added:
        assert shown <= line.keys() <= shown | whole.keys() | {"claimData"}
    claims = [line["claimData"] for row in theirs for line in row["orderGoodsData"] if "claimData" in line]
    under = [line.pop("claimData") for line in added if "claimData" in line]
    assert shape_problems(under, claims) == []
    bare = [{name: part for name, part in row.items() if name != "addGoodsData"} for row in orders]
    same(bare, [{name: part for name, part in row.items() if name != "addGoodsData"} for row in theirs])
    modes = {
        (line["claimData"]["handleMode"], "exchageInfoData" in line["claimData"])
        for row in orders for line in row["orderGoodsData"] if "claimData" in line
    }  # fmt: skip
    assert modes == {("c", False), ("r", False), ("b", False), ("e", True), ("z", False)}


def test_an_order_tells_its_bank_only_where_one_is_paid(orders):
    banked = {row["settleKind"] for row in orders if "depositor" in row}
    assert banked and banked <= {"gb", "pv"}
    assert not {row["settleKind"] for row in orders if "depositor" not in row} & {"gb", "pv"}


def test_headers_of_orders_are_those_of_the_samples(served, told):
    last = served.world.anchor.date()
    days = {"startDate": str(last - timedelta(days=28)), "endDate": str(last)}
    document = told("order/Order_Search", **days, size=2)
    assert header(document).keys() == header(sample("order_search_page1_more")).keys()
    assert header(document)["lastOrder"] == "true" and len(rows(document)) == 2
    none = told("order/Order_Search", startDate="2001-01-01", endDate="2001-01-05")
    assert header(none)["code"] == header(sample("order_search_none_204"))["code"]


def test_reviews_have_the_elements_of_the_samples(told):
    document = told("board/Board_List", bdId="goodsreview", size=100)
    assert header(document).keys() == header(sample("board_list_goodsreview_page1")).keys()
    found = rows(document)
    same(found, samples("board_list_goodsreview_page1", "board_list_goodsreview_page2"))
    answered = [row for row in found if row["answerContents"]]
    assert answered and all("replyData" in row for row in answered)
    empty = told("board/Board_List", bdId="goodsqa", size=100)
    assert rows(empty) == rows(sample("board_list_empty")) == []
    assert header(empty).keys() == header(sample("board_list_empty")).keys()


@pytest.mark.parametrize(
    ("path", "name", "fields"),
    [
        ("goods/Category_Search", "category_search_top", {}),
        ("goods/Category_Search", "category_search_children", {"cateCd": "001"}),
        ("goods/Brand_Search", "brand_search", {}),
        ("goods/Goods_Add_Search", "goods_add_search", {}),
        ("board/Board_Inventory", "board_inventory", {}),
        ("common/Code_Search", "code_search_claimCode", {"code_type": "claimCode"}),
        ("common/Code_Search", "code_search_deliveryCompany", {"code_type": "deliveryCompany"}),
        ("common/Code_Search", "code_search_scm_keycheck", {"code_type": "scm"}),
    ],
)
def test_tables_have_the_elements_of_the_samples(told, path, name, fields):
    document = told(path, **fields)
    assert header(document).keys() == header(sample(name)).keys()
    assert document.find("return")[0].tag == sample(name).find("return")[0].tag
    same(rows(document), samples(name))


@pytest.mark.parametrize("code", ["995", "996", "997"])
def test_refusals_are_those_of_the_samples(told, code):
    refusal = told("order/Order_Search", mall=f"{MALL}_{code}")
    assert header(refusal).keys() == header(sample(f"error_{code}")).keys()
    assert header(refusal)["code"] == code and rows(refusal) == []


def test_a_degraded_board_has_the_elements_of_the_sample(told):
    found = rows(told("board/Board_List", mall=f"{MALL}_degraded", bdId="goodsreview", size=100))
    same(found, samples("board_list_goodsreview_degraded"))


def test_an_old_mall_answers_in_korean_bytes_and_says_the_opposite_of_last_order(served, told):
    days = {name: str(served.world.anchor.date()) for name in ("startDate", "endDate")}
    keys = {name.lower(): served.stage.secret(f"{MALL}_old", name) for name in ("PARTNER_KEY", "KEY")}
    form = urlencode({**keys, "bdId": "goodsreview"}).encode()
    address = f"{served.stage.address(f'{MALL}_old')}/godomall5/board/Board_List.php"
    _, body, headers = ask(address, form)
    text = body.decode("cp949")
    assert headers["Content-Type"] == "text/xml; charset=euc-kr" and 'encoding="euc-kr"' in text
    assert "\x0b" in text and "&#11;" in text
    form = urlencode({**keys, **days, "startDate": str(served.world.anchor.date() - timedelta(days=28)), "size": 2})
    _, body, _ = ask(address.replace("board/Board_List", "order/Order_Search"), form.encode())
    assert b"<lastOrder>false</lastOrder>" in body


def test_a_hostile_answer_declares_an_entity(served):
    keys = {name.lower(): served.stage.secret(f"{MALL}_hostile", name) for name in ("PARTNER_KEY", "KEY")}
    address = f"{served.stage.address(f'{MALL}_hostile')}/godomall5/goods/Brand_Search.php"
    _, body, _ = ask(address, urlencode(keys).encode())
    hostile = (SAMPLES / "hostile_xxe.xml").read_bytes()
    assert b"<!DOCTYPE" in body and b"<!DOCTYPE" in hostile and b"<!ENTITY" in body and b"<!ENTITY" in hostile


def test_the_server_api_has_the_keys_of_the_samples(served):
    mall = f"{MALL}_server"
    address = served.stage.address(mall)
    keys = {
        "systemKey": served.stage.secret(mall, "SYSTEM_KEY"), "Version": "1.1",
        "Authorization": f"Bearer {served.stage.secret(mall, 'ACCESS_TOKEN')}",
    }  # fmt: skip
    for path, name in (
        ("/goods?pageSize=50", "server_api_goods_page1"),
        ("/boards/goodsreview/articles?pageSize=1000", "server_api_goodsreview_articles"),
    ):
        status, body, _ = ask(address + path, headers=keys)
        told, theirs = json.loads(body), json.loads((SAMPLES / f"{name}.json").read_bytes())
        assert status == 200 and shape_problems(told, theirs) == [] and len(told["contents"]) > 40
        assert told["totalCount"] >= len(told["contents"])
    status, body, _ = ask(address + "/goods", headers=keys | {"Version": "1.0"})
    refusal = json.loads((SAMPLES / "server_api_error_403_redirect.json").read_bytes())
    assert (status, json.loads(body)["code"]) == (403, refusal["code"]) and json.loads(body).keys() == refusal.keys()
    assert ask(served.stage.address(MALL) + "/goods", headers=keys)[0] == 404


def test_a_missing_and_a_strange_element_are_found():
    theirs = samples("board_list_goodsreview_page1")
    with pytest.raises(AssertionError):
        same([{name: part for name, part in row.items() if name != "answerSubject"} for row in theirs], theirs)
    with pytest.raises(AssertionError):
        same([row | {"recommend": "0"} for row in theirs], theirs)
