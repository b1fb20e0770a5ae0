"""The emulated Korean MakeShop: answers have the shape of the samples, tokens and keys do what the sources tell."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sandboxing import ask, force

from sandbox import makeshop_ids as ids
from sandbox.background import running
from sandbox.makeshop import SHOPS
from sandbox.shapes import shape_problems
from shopscrape import values

SAMPLES = Path(__file__).parent / "samples" / "makeshop"
SIZE = {"products": 62, "orders": 160, "reviews": 150, "only": "makeshop"}
CONNECT, LEGACY = "demo_makeshop", "demo_makeshop_legacy"
FIRST, POWER = "demo_makeshop_v1", "demo_makeshop_power"
OUTSIDE = {
    "demo_makeshop_outside": (200, "kr_error_inband_9009"), "demo_makeshop_outside_401": (401, "kr_error_401"),
    "demo_makeshop_outside_403": (403, "kr_error_403"),
}  # fmt: skip


@pytest.fixture(scope="module")
def served():
    with running(**SIZE, speed=60) as sandbox:
        yield sandbox


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def token(served, secret=None, shop=None, mall=CONNECT):
    """Return status, answer and headers of the token address."""
    shop = shop or SHOPS[mall].uid
    pair = f"emu-client-0001:{secret or served.stage.secret(mall, 'CLIENT_SECRET')}"
    headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    form = urlencode({"grant_type": "client_credentials", "shop_uid": shop}).encode()
    status, body, headers = ask(f"{served.stage.address(mall)}/oauth/token", form, headers)
    return status, json.loads(body), headers


@pytest.fixture
def told(served):
    """Ask the Shop API with a good token; returns status and answer."""

    def run(operation, pairs=(), body=None, bearer=None, mall=CONNECT):
        text = bearer or served.emulators[0].tokens[mall].issue("access").text
        address = f"{served.stage.address(mall)}/api/v1/{SHOPS[mall].uid}/{operation}?{urlencode(pairs)}"
        status, found, _ = ask(address, body, {"Authorization": f"Bearer {text}"})
        return status, json.loads(found)

    return run


def legacy(served, kind, pairs=(), **keys):
    """Ask the legacy Open API; returns its answer."""
    headers = {"Shopkey": served.stage.secret(LEGACY, "SHOPKEY")}
    headers |= {"Licensekey": served.stage.secret(LEGACY, "LICENSEKEY")} | keys
    query = urlencode([("mode", "search"), ("type", kind), *pairs])
    status, body, _ = ask(f"{served.stage.address(LEGACY)}/list/open_api.html?{query}", headers=headers)
    assert status == 200
    return json.loads(body)


def window(served, days=29, back=0):
    end = served.world.anchor - timedelta(days=back)
    return [("InquiryTimeFrom", ids.kst(end - timedelta(days=days))), ("InquiryTimeTo", ids.kst(end))]


def rows(answer):
    """Return the rows of a list, whatever it is written as, as a list."""
    found = answer["list"]
    return list(found.values()) if isinstance(found, dict) else found


def same_shape(answer, name, *others, **allowed):
    """Hold an answer against samples, the rows of each list as a list."""
    samples = [sample(one) for one in (name, *others)]
    whole = samples[0] | {"list": [row for one in samples for row in rows(one)]}
    assert shape_problems(answer | {"list": rows(answer)}, whole, **allowed) == []


def test_a_token_lives_five_minutes_and_five_are_given_a_minute():
    with running(**SIZE) as sandbox:
        status, answer, _ = token(sandbox)
        assert status == 200 and shape_problems(answer, sample("kr_token")) == []
        assert answer["data"]["expires_in"] == 300
        assert token(sandbox, secret="wrong")[:2] == (401, sample("kr_token_error_401"))
        assert [token(sandbox)[0] for _ in range(5)] == [200, 200, 200, 200, 429]
        status, answer, headers = token(sandbox)
        assert (status, answer) == (429, sample("kr_token_error_429")) and headers["Retry-After"] == "60"


def test_a_token_ends(told, served):
    good = served.emulators[0].tokens[CONNECT].issue("access").text
    assert told("information", bearer=good)[0] == 200
    force(served, "expire", stream="shop")
    assert told("information", bearer=good) == (401, sample("kr_error_401"))
    assert told("information", bearer="x" * 32)[0] == 401


def test_information_categories_and_boards(told):
    for operation, name in (
        ("information", "kr_information"),
        ("category", "kr_category"),
        ("board_code", "kr_board_code"),
    ):
        status, answer = told(operation)
        assert status == 200 and shape_problems(answer, sample(name)) == []
    _, answer = told("board_code")
    assert [one["code"] for one in answer["list"] if one["review_score_configs"]["review_score_use"] == "Y"] == [
        ids.POWER
    ]


def test_products_have_the_shape_of_the_samples(told):
    _, first = told("product", [("limit", 20), ("page", 1)])
    _, second = told("product", [("limit", 20), ("page", 2)])
    others = ("kr_product_list_page2", "kr_product_detail_options")
    loose = (
        "list.[].discount", "list.[].options.basic", "list.[].brand", "list.[].multi_image", "list.[].virtual_cate",
    )  # fmt: skip
    for answer in (first, second):
        same_shape(answer, "kr_product_list_page1", *others, loose=loose)
    assert isinstance(first["list"], list) and isinstance(second["list"], dict)
    assert isinstance(first["totalCount"], str) and isinstance(first["totalPage"], int)
    for row in rows(first) + rows(second):
        combinations = list(rows({"list": row["options"]["basic"]}))
        assert (
            combinations
            and shape_problems(combinations, rows(sample("kr_product_detail_options"))[0]["options"]["basic"]) == []
        )
        assert base64.b64decode(row["product_content"]).decode().startswith("<div")
    every = rows(told("product", [("limit", 5000)])[1])
    assert {row["quantity"] for row in every} >= {"Unlimited", "unlimited", "0"}
    assert [row["uid"] for row in every] == sorted((row["uid"] for row in every), reverse=True)
    assert told("product", [("page", 99)])[1]["list"] == []
    assert set(rows(told("product", [("fields", "uid,quantity"), ("limit", 1)])[1])[0]) == {"uid", "quantity"}


def test_modified_and_deleted_products_are_told(told, served):
    everything = rows(told("product", [("limit", 1000)])[1])
    since = ("InquiryTimeFrom", ids.kst(served.world.anchor - timedelta(days=120)))
    _, modified = told("product", [("InquiryType", "nmod"), since, ("sortType", "modify"), ("orderByType", "asc")])
    dates = [row["moddate"] for row in rows(modified)]
    assert dates == sorted(dates) and dates[0] >= since[1]
    assert {row["uid"] for row in everything if row["moddate"] >= since[1]} == {row["uid"] for row in rows(modified)}
    assert any(row["moddate"] == ids.NEVER for row in everything)
    assert told("product", [("InquiryType", "nmod")])[1]["return_code"] == "9999"
    gone = [one for one in served.world.products if one.state == "deleted"]
    found = []
    for back in range(0, 400, 29):
        _, answer = told("delete_product", window(served, 29, back))
        if answer["list"]:
            same_shape(answer, "kr_delete_product")
        found += [row["uid"] for row in answer["list"]]
    assert set(found) == {ids.uid(one) for one in gone} != set()
    assert told("delete_product", window(served, 31))[1]["return_code"] == "9999"


def test_stock_is_told_and_its_rows_fail_one_by_one(told, served):
    uids = [ids.uid(one) for one in served.world.shown()[:3]]
    _, answer = told("stock", [("uid", ",".join(uids))])
    assert shape_problems(answer, sample("kr_stock")) == [] and [row["uid"] for row in answer["list"]] == uids
    many = next(one for one in served.world.shown() if not one.plain)
    number = ids.uid(many)
    rows_ = [(number, "1", "25"), (number, "99", "5"), ("7", "1", "5"), (number, "1", "many")]
    asked = {"datas": [{"product_id": one, "stock_id": two, "stock": three} for one, two, three in rows_]}
    status, answer = told("product/stock", body=asked)
    assert status == 200 and shape_problems(answer, sample("kr_product_stock_response")) == []
    assert [row["result"] for row in answer["datas"]] == [True, False, False, False]
    assert many.variants[0].quantity == 25


def test_orders_have_the_shape_of_the_samples(told, served):
    asked = [("format", "order"), ("fields", "cancel"), ("limit", 500)]
    whole = {}
    for back in range(0, 203, 29):
        _, answer = told("order/2", [*window(served, 29, back), *asked])
        assert isinstance(answer["list"], dict)
        whole |= answer["list"]
    assert len(whole) == 160
    samples = [row for name in ("page1", "page2") for row in rows(sample(f"kr_order2_list_{name}"))]
    samples += [row for name in ("claims", "cancel_requested") for row in rows(sample(f"kr_order2_{name}"))]
    ours = [row | {"product": list(row["product"].values())} for row in whole.values()]
    theirs = [row | {"product": list(row["product"].values())} for row in samples]
    assert shape_problems(ours, theirs) == []
    assert {row["order"]["order_status"] for row in whole.values()} == {"N", "Y", "S", "C"}
    blocks = ("cancel", "return", "trade", "refund", "extension", "memo")
    assert all(any(row[block] for row in whole.values()) for block in blocks)
    assert any("," in one["basket_num"] for row in whole.values() for one in row["refund"])


def test_orders_keep_their_limits(told, served):
    dates = window(served, 29)
    _, plain = told("order/2", [*dates, ("limit", 3)])
    assert isinstance(plain["list"], list) and all("ordernum" in line and "num" in line for line in plain["list"])
    _, answer = told("order/2", [*dates, ("format", "order"), ("limit", 3)])
    assert all("cancel" not in row for row in rows(answer)) and list(answer["list"]) == sorted(
        answer["list"], reverse=True
    )
    _, answer = told("order/2", [*dates, ("format", "order"), ("fields", "order,num,sell_price"), ("limit", 3)])
    for row in rows(answer):
        assert "order_status" in row["order"] and not row["payment"]
        assert all(set(line) == {"num", "sell_price"} for line in row["product"].values())
    assert told("order/2", [*window(served, 31), ("format", "order")])[1]["return_code"] == "9999"
    assert told("order/2", [("format", "order")])[1] == {
        "return_code": "9999",
        "message": "InquiryTimeFrom 은(는) 필수입니다.",
    }
    assert told("order/2", [*dates, ("format", "order"), ("page", 99)])[1]["list"] == []
    assert told("order/1", dates)[1]["return_code"] == "9999"
    numbers = [ids.ordernum(one) for one in list(served.world.trade(CONNECT).orders)[:5]]
    _, answer = told("order/2", [*(("ordernums[]", number) for number in numbers), ("format", "order")])
    assert set(answer["list"]) == set(numbers)
    assert told("order/2", [("ordernums[]", "1")] * 201)[1]["return_code"] == "9999"


def test_a_shop_of_the_first_order_version_tells_whole_orders_by_their_date(told, served):
    _, about = told("information", mall=FIRST)
    assert shape_problems(about, sample("kr_information")) == [] and about["orderVersion"] == "1.0"
    whole = {}
    for back in range(0, 203, 29):
        _, answer = told("order/1", [*window(served, 29, back), ("limit", 500)], mall=FIRST)
        envelope = {name: value for name, value in answer.items() if name != "list"}
        theirs = {name: value for name, value in sample("kr_order1_legacy_list").items() if name != "list"}
        assert shape_problems(envelope, theirs) == [] and list(answer["list"]) == sorted(answer["list"], reverse=True)
        whole |= answer["list"]
    assert len(whole) == 160
    ours = [row | {"product": list(row["product"].values())} for row in whole.values()]
    theirs = [row | {"product": list(row["product"].values())} for row in rows(sample("kr_order1_legacy_list"))]
    assert shape_problems(ours, theirs) == []
    assert any(row["order"]["dc_price"] != "0" for row in ours) and {row["order"]["delivery"] for row in ours} == set(
        "YN"
    )
    for row in ours:
        top = {name: int(row["order"][name]) for name in ("price", "deli_price", "dc_price")}
        goods = sum(int(line["price"]) for line in row["product"])
        assert goods + top["deli_price"] - top["dc_price"] == top["price"]
    dates = window(served, 29)
    assert told("order/1", [*dates, ("page", 99)], mall=FIRST)[1]["list"] == []
    assert told("order/1", window(served, 31), mall=FIRST)[1]["return_code"] == "9999"
    # Nothing but windows is documented, and the other version is another shop's.
    assert told("order/1", [("ordernums[]", next(iter(whole)))], mall=FIRST)[1]["return_code"] == "9999"
    assert told("order/2", [*dates, ("format", "order")], mall=FIRST)[1]["return_code"] == "9999"
    assert told("order_log", window(served, 1), mall=FIRST)[1]["return_code"] == "9999"


def test_a_shop_with_power_options_keeps_its_stock_where_nobody_can_read_it(told, served):
    _, about = told("information", mall=POWER)
    assert shape_problems(about, sample("kr_information")) == [] and about["list"]["product_type"] == "파워옵션"
    every = rows(told("product", [("limit", 1000)], mall=POWER)[1])
    usual = {row["uid"]: row for row in rows(told("product", [("limit", 1000)])[1])}
    chosen = [row for row in every if row["option_type"] != "NO"]
    assert chosen and all(row["stocks"] and not row["options"] for row in chosen)
    assert all(not row["stocks"] and not row["options"] for row in every if row not in chosen)
    assert all(row.keys() == usual[row["uid"]].keys() for row in every)
    assert all(row["quantity"] == usual[row["uid"]]["quantity"] for row in every)
    asked = {"datas": [{"product_id": every[0]["uid"], "stock_id": "1", "stock": "5"}]}
    assert told("product/stock", body=asked, mall=POWER)[1]["return_code"] == "9999"


@pytest.mark.parametrize("mall", OUTSIDE)
def test_an_address_that_is_not_on_the_list_is_given_tokens_and_no_answers(told, served, mall):
    assert token(served, mall=mall)[0] == 200
    status, name = OUTSIDE[mall]
    for operation in ("information", "product", "order/2", "review"):
        assert told(operation, mall=mall) == (status, sample(name))
    assert all(not records for records in served.truth(mall)["api"].values())


def test_a_token_is_of_one_shop(told, served):
    bearer = served.emulators[0].tokens[FIRST].issue("access").text
    assert told("information", bearer=bearer)[0] == 401 and told("information", bearer=bearer, mall=FIRST)[0] == 200
    assert token(served, shop=ids.SHOP, mall=FIRST)[0] == 401


def test_what_happened_to_orders_is_logged_by_the_day(told, served):
    seen = 0
    for back in range(40):
        _, answer = told("order_log", [*window(served, 1, back), ("limit", 1000)])
        if answer["list"]:
            same_shape(answer, "kr_order_log")
            seen += len(answer["list"])
    assert seen > 100
    assert told("order_log", window(served, 2))[1]["return_code"] == "9999"
    found = [number for back in range(0, 203, 29) for number in rows(told("order_search", window(served, 29, back))[1])]
    orders = list(served.world.trade(CONNECT).orders)
    assert {row["ordernum"] for row in found} == {
        ids.ordernum(one) for one in orders if any(c.refunded_at for c in one.claims)
    }
    with_parcel = next(one for one in orders if any(claim.tracking for claim in one.claims))
    _, answer = told("order_return_delivery", [("ordernum", ids.ordernum(with_parcel))])
    assert shape_problems(answer, sample("kr_order_return_delivery")) == [] and answer["list"]
    pairs = [row for back in range(0, 203, 29) for row in told("order_trade_log", window(served, 29, back))[1]["list"]]
    assert pairs and shape_problems(pairs, rows(sample("kr_order_trade_log"))) == []


def test_reviews_stand_in_two_systems(told, served):
    _, comments = told("review", window(served, 29))
    same_shape(comments, "kr_review", optional=("list.[].product_name",))
    _, posts = told("board", [("BoardCode", ids.POWER), *window(served, 29)])
    same_shape(posts, "kr_board_power_review", optional=("list.[].product_name",))
    assert "totalCount" not in posts and {row["num2"] for row in posts["list"]} > {"00000"}
    _, named = told("board", [("BoardCode", ids.POWER), *window(served, 29), ("fields", "product_name"), ("limit", 5)])
    assert all(row["product_name"] for row in named["list"])
    _, answer = told("comment", [("BoardCode", ids.POWER), *window(served, 29)])
    same_shape(answer, "kr_comment")
    assert told("board", window(served, 29))[1]["return_code"] == "9999"
    assert told("review", window(served, 31))[1]["return_code"] == "9999"
    assert told("review", window(served, 29, 400))[1] == sample("kr_review_empty")


def test_paths_and_faults_answer_in_the_platforms_own_words(told, served):
    address = served.stage.address(CONNECT)
    status, body, _ = ask(f"{address}/api/v1/{ids.SHOP}/nothing")
    assert (status, json.loads(body)) == (404, sample("kr_error_404"))
    bearer = {"Authorization": f"Bearer {served.emulators[0].tokens[CONNECT].issue('access').text}"}
    status, body, _ = ask(f"{address}/api/v1/othershop/information", headers=bearer)
    assert (status, json.loads(body)) == (403, sample("kr_error_403"))
    force(served, "429", stream="shop", mall=CONNECT)
    status, body, headers = ask(f"{address}/api/v1/{ids.SHOP}/information", headers=bearer)
    assert (status, json.loads(body), headers["Retry-After"]) == (429, sample("kr_error_429"), "2")
    for fault in ("500", "504"):
        force(served, fault, stream="shop", mall=CONNECT)
        status, body, headers = ask(f"{address}/api/v1/{ids.SHOP}/information", headers=bearer)
        assert status == int(fault) and headers["Content-Type"].startswith("text/html") and fault.encode() in body


def test_the_legacy_door_tells_the_same(told, served):
    _, new = told("product", [("uid", ids.uid(served.world.shown()[0]))])
    old = legacy(served, "product", [("uid", ids.uid(served.world.shown()[0]))])
    assert rows(old)[0].keys() == rows(new)[0].keys()
    same_shape(legacy(served, "review", window(served, 29)), "legacy_review_search")
    orders = legacy(served, "order", [("ver", "2"), ("format", "order"), *window(served, 29)])
    assert orders["return_code"] == "0000" and orders["list"]
    assert legacy(served, "order", window(served, 29))["return_code"] == "9999"
    assert legacy(served, "order_log", window(served, 1))["return_code"] == "9999"


def test_the_legacy_keys_are_checked_and_reads_are_counted_by_the_hour():
    with running(**SIZE | {"orders": 5, "reviews": 0}) as sandbox:
        assert legacy(sandbox, "category", Shopkey="")["return_code"] == "9001"
        assert legacy(sandbox, "category", Shopkey="x")["return_code"] == "9002"
        assert legacy(sandbox, "category", Licensekey="x")["return_code"] == "9008"
        reads = 0
        while legacy(sandbox, "category")["return_code"] == "0000":
            reads += 1
        # An hour may have ended meanwhile.
        assert 500 <= reads < 1000
        assert legacy(sandbox, "category") == sample("kr_error_inband_9006")


def test_numbers_of_things_lead_back_to_them(served):
    trade = served.world.trade(CONNECT)
    assert all(ids.order_no(ids.ordernum(one)) == one.no for one in trade.orders)
    assert all(ids.product_no(ids.uid(one)) == one.no for one in served.world.products)
    assert all(ids.review_no(ids.num1(one)) == one.no for one in trade.reviews)
    assert ids.order_no("20260101-5") == ids.product_no("x") == ids.review_no("") == 0
    assert values.moment(ids.kst(served.world.anchor)) == served.world.anchor
