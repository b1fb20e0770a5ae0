"""WISA crawls against a small mall: log-in, dead sessions, lists that move, changes found, keys kept out of sight."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from wisa_mall import KEY, SmallMall

from shopscrape.items import TYPES
from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
BARE = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
STORE_KEY = Fernet.generate_key().decode()


@pytest.fixture
def mall():
    with SmallMall() as small:
        yield small


@pytest.fixture
def crawl(mall, tmp_path):
    """Crawl the small mall in a process of its own; gives exit status and what was said."""

    def run(*arguments, admin=True, erp=True, **table):
        table = {"platform": "wisa", "domain": "shop.example.com", "base_url": mall.url, "speed": 1000.0} | table
        # What JSON prints for texts, numbers and flags is TOML too.
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        (tmp_path / "malls.toml").write_text(f"[m]\n{lines}")
        secrets = {"SHOPSCRAPE_PRIVACY_KEY": "k" * 32, "SHOPSCRAPE_KEY": STORE_KEY}
        secrets |= {"SHOPSCRAPE_M_ADMIN_ID": "reader", "SHOPSCRAPE_M_ADMIN_PASSWORD": "right password"} if admin else {}
        secrets |= {"SHOPSCRAPE_M_ERP_KEY": KEY} if erp else {}
        secrets |= {"SHOPSCRAPE_M_REST_KEY": KEY} if table.get("rest_beta") else {}
        mall.log.clear()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "wisa_api", "-a", "mall=m", *arguments,
                "-s", f"SHOPSCRAPE_MALLS={tmp_path}/malls.toml", "-s", f"SHOPSCRAPE_STORE=sqlite:///{tmp_path}/store.db",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output",
            ],
            cwd=ROOT, env=BARE | secrets, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        for secret in (KEY, "right password", "-secret", "010-0000-0001"):
            assert secret not in done.stdout + done.stderr
        return done.returncode, done.stderr

    return run


@pytest.fixture
def stored(tmp_path):
    """Read a resource from the store, by its ids."""

    def read(resource, gone=False):
        store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
        try:
            keys = next(kind.keys for kind in TYPES if kind.resource == resource)
            rows = [(tuple(row[key] for key in keys), row) for row in store.read(resource, gone)]
            return {ids if len(ids) > 1 else ids[0]: row for ids, row in rows}
        finally:
            store.close()

    return read


@pytest.fixture
def floor(tmp_path):
    """The requests that the fact sheet states as the least of the last run."""

    def read():
        store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
        try:
            report = store.last_runs()[0]["report"]
            return (json.loads(report) if isinstance(report, str) else report)["floor"]
        finally:
            store.close()

    return read


def shirt(mall, **told):
    """A product with two choices whose stock is counted."""
    return mall.product(
        1201, options=(("색상", [(7001, "블랙", 0)]), ("사이즈", [(7011, "M", 0), (7012, "L", 2000)])),
        combos={9001: ("블랙 / M", 5, "L"), 9002: ("블랙 / L", 0, "L")}, price=39000, **told,
    )  # fmt: skip


def test_everything_of_a_mall_comes_with_both_apis(mall, crawl, stored):
    shirt(mall)
    mall.product(1202, stat="숨김")
    mall.product(1203, options=(("색상", [(7031, "차콜", 0), (7032, "오트밀", 500)]),))
    mall.order("A1", (1, 1201, 2, 78000, "17", "반품완료"), (2, 1202, 1, 10000, "5", "배송완료"), label="배송완료")
    mall.review(6001, 1201, comments=("감사합니다",))
    mall.review(6002, 1201, stat="1")
    status, said = crawl()
    assert status == 0, said
    products = stored("products")
    assert {number: row["status"] for number, row in products.items()} == {
        "1201": "on_sale", "1202": "hidden", "1203": "on_sale",
    }  # fmt: skip
    variants = {variant["variant_id"]: variant for variant in products["1201"]["variants"]}
    assert variants["9002"]["options"] == {"색상": "블랙", "사이즈": "L"}
    assert (variants["9001"]["price"], variants["9002"]["price"]) == ("39000", "41000")
    assert products["1201"]["updated_at"] and products["1201"]["description"] == "<p>1201</p>"
    assert products["1202"]["variants"] == []
    stock = stored("inventory")
    assert {key: (row["quantity"], row["available"]) for key, row in stock.items()} == {
        ("1201", "9001"): (5, True), ("1201", "9002"): (0, False), ("1202", ""): (None, False),
        ("1203", "7031"): (None, True), ("1203", "7032"): (None, True),
    }  # fmt: skip
    order = stored("orders")["A1"]
    assert [line["status"] for line in order["lines"]] == ["returned", "delivered"]
    assert order["status"] == "delivered" and order["lines"][0]["courier"] == "CJ대한통운"
    assert set(stored("returns")) == {"1:return"}
    reviews = stored("reviews")
    assert [reply["text"] for reply in reviews["6001"]["replies"]] == ["감사합니다"]
    addresses = [row["source_url"] for kind in TYPES for row in stored(kind.resource).values()]
    assert len(addresses) > 10 and not [url for url in addresses if KEY in url or "hash" in url or "key=" in url]
    assert reviews["6002"]["flags"] == ["pending"] and reviews["6001"]["author"].startswith("p_")


def test_a_second_run_reads_only_what_changed(mall, crawl, stored, floor):
    shirt(mall)
    mall.product(1202)
    mall.order("A1", (1, 1201, 1, 39000, "2", "입금완료"))
    mall.order("A2", (2, 1202, 1, 10000, "2", "입금완료"))
    mall.review(6001, 1201)
    assert crawl()[0] == 0
    # ERP windows include both ends and overlap, so what changed a moment ago is told again.
    for product in mall.products.values():
        product["mod"] = product["reg"]
    assert crawl()[0] == 0
    assert not mall.asked("product") and not mall.asked("order")
    assert [fields["pno"] for fields in mall.asked("productComplexOption")] == ["1201"]
    assert len(mall.asked("orderList")) == len(mall.asked("productList")) == len(mall.asked("reviewList")) == 1
    assert len(mall.log) <= floor()
    mall.order("A2", (2, 1202, 1, 10000, "14", "환불요청"))
    mall.product(1202, price=12000)
    mall.products[1201]["combos"][9001] = ("블랙 / M", 1, "L")
    mall.reviews[6001]["comments"] = ["늦은 답"]
    assert crawl()[0] == 0
    assert [fields["ono"] for fields in mall.asked("order")] == ["A2"]
    assert {fields["pno"] for fields in mall.asked("product")} == {"1202"}
    assert stored("products")["1202"]["price"] == "12000"
    assert stored("inventory")[("1201", "9001")]["quantity"] == 1
    assert stored("returns")["2:cancel"]["status"] == "requested"
    assert stored("orders")["A2"]["lines"][0]["status"] == "paid"
    assert stored("reviews")["6001"]["replies"][0]["text"] == "늦은 답"


def test_what_is_gone_is_marked_gone(mall, crawl, stored):
    shirt(mall)
    mall.product(1202, combos={9100: ("", 3, "L")})
    mall.order("A1", (1, 1201, 1, 39000, "16", "반품요청"))
    mall.review(6001, 1201)
    mall.review(6002, 1201)
    assert crawl()[0] == 0
    assert stored("inventory")[("1202", "")]["quantity"] == 3
    del mall.products[1202], mall.products[1201]["combos"][9002], mall.reviews[6002]
    mall.order("A1", (1, 1201, 1, 39000, "5", "배송완료"), (2, 1201, 1, 39000, "5", "배송완료"))
    assert crawl()[0] == 0
    assert set(stored("products")) == {"1201"} and set(stored("inventory")) == {("1201", "9001")}
    assert stored("returns") == {} and set(stored("returns", gone=True)) == {"1:return"}
    assert set(stored("reviews")) == {"6001"}


def test_a_review_deleted_after_the_weeks_that_are_read_again_is_found_by_a_sweep(mall, crawl, stored):
    mall.review(6001, 1, days=50)
    mall.review(6002, 1, days=50)
    assert crawl("-a", "resources=reviews")[0] == 0
    del mall.reviews[6002]
    assert crawl("-a", "resources=reviews")[0] == 0
    assert set(stored("reviews")) == {"6001", "6002"}
    assert crawl("-a", "resources=reviews", "-a", "sweep=1")[0] == 0
    assert set(stored("reviews")) == {"6001"}


@pytest.mark.parametrize("admin, erp", [(True, True), (True, False), (False, True)])
def test_a_product_that_is_counted_from_now_on_is_noticed(mall, crawl, stored, admin, erp):
    mall.product(1202)
    mall.product(1203, options=(("색상", [(7031, "차콜", 0)]), ("크기", [(7041, "L", 0)])))
    said = crawl("-a", "resources=products,inventory", admin=admin, erp=erp, ep_feed=False)
    assert said[0] == 0 and stored("inventory")[("1202", "")]["managed"] is False
    mall.products[1202] |= {"combos": {9100: ("", 3, "L")}, "mod": mall.products[1202]["reg"]}
    mall.products[1203] |= {"combos": {9200: ("차콜 / L", 0, "L")}, "mod": mall.products[1203]["reg"]}
    said = crawl("-a", "resources=products,inventory", admin=admin, erp=erp, ep_feed=False)
    assert said[0] == 0, said
    stock = stored("inventory")
    assert {ids: (row["quantity"], row["available"]) for ids, row in stock.items()} == {
        ("1202", ""): (3, True), ("1203", "9200"): (0, False),
    }  # fmt: skip
    assert [variant["variant_id"] for variant in stored("products")["1203"]["variants"]] == ["9200"]


def test_reviews_follow_the_new_name_of_their_product(mall, crawl, stored):
    shirt(mall)
    mall.review(6001, 1201, days=70)
    assert crawl(erp=False)[0] == 0
    mall.product(1201, title="새 이름")
    mall.review(6000, 1201, days=200)
    assert crawl(erp=False)[0] == 0
    assert {number: row["product_name"] for number, row in stored("reviews").items()} == {"6001": "새 이름"}


@pytest.mark.parametrize("lives", [2, 3, 4, 6, 9])
def test_a_session_that_dies_on_the_way_hides_nothing(mall, crawl, stored, lives):
    for number in range(1, 4):
        mall.product(number, stat="숨김" if number == 2 else "정상")
    mall.order("A1", (1, 1, 1, 39000, "2", "입금완료"))
    mall.review(6001, 1)
    mall.review(6002, 1, stat="1")
    mall.lives = lives
    status, said = crawl(erp=False)
    assert status == 0, said
    assert mall.logins == 2
    assert set(stored("products")) == {"1", "2", "3"}
    assert set(stored("orders")) == {"A1"} and set(stored("reviews")) == {"6001", "6002"}


def test_a_refused_log_in_stops_and_is_not_repeated(mall, crawl):
    mall.password = "another"
    status, said = crawl()
    assert status == 3 and "check the admin's id and password" in said
    assert len(mall.asked("login")) == 1


def test_a_wrong_key_stops(mall, crawl):
    mall.key = "f" * 32
    status, said = crawl(admin=False)
    assert status == 3 and "does not know the ERP key" in said


def test_a_missing_right_leaves_the_others_running(mall, crawl, stored):
    mall.product(1)
    mall.order("A1", (1, 1, 1, 39000, "2", "입금완료"))
    mall.rights["order_list"] = "N"
    status, said = crawl("-a", "resources=products,orders")
    assert status == 1 and "lacks the right order_list" in said
    assert not mall.asked("orderList") and set(stored("products")) == {"1"}


def test_a_right_denied_in_the_answer_gives_up_one_stream(mall, crawl, stored):
    mall.product(1)
    mall.deny.add("reviewList")
    status, said = crawl("-a", "resources=products,reviews")
    assert status == 1 and "lacks the right for this menu" in said
    assert set(stored("products")) == {"1"}


@pytest.mark.parametrize(
    "action, resource, ids",
    [
        ("productList", "products", {"1", "2", "3"}),
        ("orderList", "orders", {"A1", "A2"}),
        ("reviewList", "reviews", {"6001", "6002"}),
    ],
)
def test_a_list_that_hides_a_row_is_read_again(mall, crawl, stored, action, resource, ids):
    for number in range(1, 4):
        mall.product(number)
    for number in (1, 2):
        mall.order(f"A{number}", (number, 1, 1, 39000, "2", "입금완료"), days=number)
        mall.review(6000 + number, 1)
    mall.short = [action]
    assert crawl(f"-aresources={resource}")[0] == 0
    assert set(stored(resource)) == ids
    asked = [tuple(fields.items()) for fields in mall.asked(action)]
    assert max(map(asked.count, asked)) == 2


def test_a_list_that_goes_on_hiding_falls_short_and_moves_no_mark(mall, crawl, tmp_path):
    for number in range(1, 4):
        mall.product(number)
    mall.short = ["productList"] * 20
    status, said = crawl("-a", "resources=products")
    assert status == 1 and "the mall counts 3" in said
    store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
    assert store.marks("wisa", "m") == []
    store.close()


def test_pages_of_a_hundred_are_read_to_the_end(mall, crawl, stored):
    for number in range(1, 251):
        mall.product(number)
    assert crawl("-a", "resources=products", erp=False)[0] == 0
    assert len(stored("products")) == 250
    assert [fields["page"] for fields in mall.asked("productList")] == ["1", "2", "3"]
    assert {fields["page_size"] for fields in mall.asked("productList")} == {"100"}


def test_the_key_alone_gives_all_but_reviews(mall, crawl, stored):
    shirt(mall)
    mall.product(1202)
    mall.order("A1", (1, 1201, 1, 39000, "2", "입금완료"), days=3)
    mall.order("A2", (2, 1201, 1, 39000, "5", "배송완료"), days=2)
    mall.order("A3", (3, 1202, 1, 10000, "16", "반품요청"), days=2)
    status, said = crawl("-a", "since=10d", admin=False)
    assert status == 0 and "reviews need an admin account" in said, said
    assert {number: row["status"] for number, row in stored("orders").items()} == {
        "A1": "paid", "A2": "delivered", "A3": None,
    }  # fmt: skip
    assert stored("returns")["3:return"]["status"] == "requested"
    assert stored("inventory")[("1201", "9001")]["available"] is True
    assert stored("inventory")[("1202", "")]["managed"] is False
    assert {fields["sdate"][8:] for fields in mall.asked("getPayedOrder")} and not mall.asked("login")
    mall.products[1201]["combos"] |= {9001: ("블랙 / M", 0, "L"), 9999001: ("지운 것", 1, "L")}
    mall.products[1201]["mod"] = mall.products[1201]["reg"]
    assert crawl("-a", "resources=inventory,products", admin=False)[0] == 0
    assert mall.asked("getStock") == [{"param": "1201,1202"}]
    assert stored("inventory")[("1201", "9001")]["quantity"] == 0
    assert ("1201", "9999001") not in stored("inventory")


def test_a_claim_taken_back_is_gone_by_the_key_alone_too(mall, crawl, stored):
    mall.order("A1", (1, 1, 1, 39000, "16", "반품요청"), (2, 1, 1, 39000, "17", "반품완료"))
    assert crawl("-a", "since=10d", "-a", "resources=returns", admin=False)[0] == 0
    assert set(stored("returns")) == {"1:return", "2:return"}
    mall.order("A1", (1, 1, 1, 39000, "5", "배송완료"), (2, 1, 1, 39000, "17", "반품완료"))
    assert crawl("-a", "resources=returns", admin=False)[0] == 0
    assert set(stored("returns")) == {"2:return"}


def test_the_key_alone_cannot_give_reviews(mall, crawl):
    status, said = crawl("-a", "resources=reviews", admin=False)
    assert status == 2 and "reviews need ADMIN_ID" in said


def test_without_any_credential_it_says_which(mall, crawl):
    status, said = crawl(admin=False, erp=False)
    assert status == 2 and "SHOPSCRAPE_M_" in said and "ERP_KEY" in said


def test_a_window_that_is_no_xml_is_cut_until_the_broken_second_is_alone(mall, crawl, stored):
    shirt(mall)
    mall.product(1202)
    moment = f"{mall.products[1202]['reg']:%Y%m%d%H%M%S}"
    mall.products[1201]["reg"] = mall.products[1202]["reg"].replace(year=2020)
    mall.broken = [("getProduct", moment, moment)]
    status, said = crawl("-a", "resources=products", admin=False)
    assert status == 1 and "not well-formed XML" in said
    assert set(stored("products")) == {"1201"}
    mall.broken = []
    assert crawl("-a", "resources=products", admin=False)[0] == 0
    assert set(stored("products")) == {"1201", "1202"}


def test_a_window_that_is_too_heavy_is_cut(mall, crawl, stored):
    shirt(mall)
    mall.product(1202)
    mall.heavy = {"getProduct": 30}
    status, said = crawl("-a", "resources=products", admin=False)
    assert status == 0, said
    assert set(stored("products")) == {"1201", "1202"}


def test_combinations_that_the_erp_api_no_longer_tells_are_gone(mall, crawl, stored):
    shirt(mall)
    assert crawl("-a", "resources=products,inventory", admin=False)[0] == 0
    del mall.products[1201]["combos"][9002]
    mall.product(1201)
    assert crawl("-a", "resources=products,inventory", admin=False)[0] == 0
    assert set(stored("inventory")) == {("1201", "9001")}
    assert [variant["variant_id"] for variant in stored("products")["1201"]["variants"]] == ["9001"]


def test_the_feed_tells_brands_and_changes_where_no_key_does(mall, crawl, stored):
    shirt(mall)
    mall.feed = {1201: 35000}
    assert crawl("-a", "resources=products", erp=False)[0] == 0
    row = stored("products")["1201"]
    assert (row["brand"], row["review_count"], row["discounted_price"], row["price"]) == ("브랜드", 3, "35000", "39000")
    assert row["updated_at"]
    time.sleep(1)
    mall.product(1201)
    # A faster clock: the feed is asked every six hours only.
    assert crawl("-a", "resources=products", erp=False, speed=1e7)[0] == 0
    assert [fields["pno"] for fields in mall.asked("product")] == ["1201"]


@pytest.mark.parametrize("robots", ["User-agent: *\nDisallow: /_data/\n", ""])
def test_a_closed_or_missing_feed_harms_nothing(mall, crawl, stored, robots):
    mall.product(1)
    mall.robots, mall.feed = robots, {} if robots else None
    status, said = crawl("-a", "resources=products", erp=False)
    assert status == 0, said
    assert set(stored("products")) == {"1"} and stored("products")["1"]["brand"] is None
    assert bool(mall.asked("feed")) is not bool(robots)


def test_the_central_rest_api_is_off_and_says_why(mall, crawl):
    status, said = crawl(backend="rest")
    assert status == 2 and "an assumption, so it is off" in said
    status, said = crawl(backend="soap")
    assert status == 2 and "there are openapi, erp, rest" in said


def test_the_central_rest_api_can_be_tried(mall, crawl, stored):
    mall.rest = {"page": 1, "limit": 100, "total": 1, "products": [
        {"product_id": 7, "name": "양말", "status": "normal", "price": 9000, "stock": {"managed": True, "quantity": 3}},
    ]}  # fmt: skip
    status, said = crawl("-a", "resources=products,inventory", backend="rest", rest_beta=True)
    assert status == 0 and "its whole shape is an assumption" in said, said
    assert mall.log == [("rest", {"page": "1", "limit": "100"})]
    assert stored("products")["7"]["price"] == "9000" and stored("inventory")[("7", "")]["quantity"] == 3
    status, said = crawl("-a", "resources=orders", backend="rest", rest_beta=True)
    assert status == 2 and "orders need ADMIN_ID" in said


def test_an_order_under_way_is_followed_beyond_the_weeks_that_are_listed(mall, crawl, stored):
    mall.order("old", (1, 1, 1, 39000, "4", "배송중"), days=80)
    mall.order("done", (2, 1, 1, 39000, "5", "배송완료"), days=80)
    assert crawl("-a", "resources=orders", erp=False)[0] == 0
    assert crawl("-a", "resources=orders", erp=False)[0] == 0
    assert [fields["ono"] for fields in mall.asked("order")] == ["old"]
    mall.order("old", (1, 1, 1, 39000, "5", "배송완료"))
    assert crawl("-a", "resources=orders", erp=False)[0] == 0
    assert stored("orders")["old"]["status"] == "delivered"
    assert crawl("-a", "resources=orders", erp=False)[0] == 0
    assert not mall.asked("order")


def test_a_claim_on_an_old_order_comes_with_the_feed_of_claims(mall, crawl, stored):
    mall.order("old", (1, 1, 1, 39000, "5", "배송완료"), days=80)
    assert crawl("-a", "resources=orders,returns")[0] == 0
    mall.order("old", (1, 1, 1, 39000, "16", "반품요청"))
    assert crawl("-a", "resources=orders,returns")[0] == 0
    assert stored("returns")["1:return"]["status"] == "requested"
