"""Naver crawls against a small Commerce API: token, limits, catalogue, first load, feed, what is open, what is gone."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from small_smartstore import CLIENT, SECRET, SEOUL, SmallStore, error, printed

from shopscrape.items import TYPES
from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
BARE = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
STORE_KEY = Fernet.generate_key().decode()
QUERY = "/v1/pay-order/seller/product-orders/query"
FEED = "/v1/pay-order/seller/product-orders/last-changed-statuses"
LIST = "/v1/pay-order/seller/product-orders"
SEARCH = "/v1/products/search"


def ago(**span):
    return datetime.now(SEOUL) - timedelta(**span)


@pytest.fixture
def shop():
    with SmallStore() as small:
        yield small


@pytest.fixture
def crawl(shop, tmp_path):
    """Crawl the small store in a process of its own; gives exit status and what was said."""

    def run(*arguments, secret=SECRET, settings=(), mall="m", spider="naver_api", **table):
        table = {"platform": "naver", "base_url": shop.url, "speed": 500.0} | table
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        (tmp_path / "malls.toml").write_text(f"[{mall}]\n{lines}")
        secrets = {
            "SHOPSCRAPE_PRIVACY_KEY": "k" * 32, "SHOPSCRAPE_KEY": STORE_KEY, "SHOPSCRAPE_M_CLIENT_ID": CLIENT,
            "SHOPSCRAPE_M_CLIENT_SECRET": secret,
        }  # fmt: skip
        shop.log.clear()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"mall={mall}", *arguments,
                "-s", f"SHOPSCRAPE_MALLS={tmp_path}/malls.toml", "-s", f"SHOPSCRAPE_STORE=sqlite:///{tmp_path}/store.db",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output", *settings,
            ],
            cwd=ROOT, env=BARE | secrets, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        for kept_out in (SECRET, "EMU.", "010-1111", "홍길동", "세종대로"):
            assert kept_out not in done.stdout + done.stderr
        print(done.stderr)
        return done.returncode, done.stderr

    return run


@pytest.fixture
def stored(tmp_path):
    """Read a resource from the store, by its ids."""

    def read(resource, gone=False):
        kind = next(kind for kind in TYPES if kind.resource == resource)
        store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
        try:
            return {tuple(row[key] for key in kind.keys): row for row in store.read(resource, gone)}
        finally:
            store.close()

    return read


def asked(shop):
    return Counter(path for _, path, _ in shop.log)


def report(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/store.db", STORE_KEY)
    try:
        told = store.last_runs()[-1]["report"]
        return json.loads(told) if isinstance(told, str) else told
    finally:
        store.close()


# -- token -------------------------------------------------------------------------------------------------------------


def test_token_is_asked_once_and_shared_by_later_crawls(shop, crawl, tmp_path):
    shop.product(201)
    assert crawl("-a", "resources=products")[0] == 0
    assert crawl("-a", "resources=products")[0] == 0
    assert shop.asked_for_tokens == 1
    assert b"EMU." not in (tmp_path / "store.db").read_bytes()


def test_token_that_is_refused_is_replaced(shop, crawl):
    shop.product(201)
    assert crawl("-a", "resources=products")[0] == 0
    shop.tokens = dict.fromkeys(shop.tokens, 0.0)
    assert crawl("-a", "resources=products")[0] == 0
    assert shop.asked_for_tokens == 2


def test_token_with_less_than_25_minutes_is_renewed_before_it_is_used(shop, crawl):
    shop.product(201)
    shop.lives = 2.0
    assert crawl("-a", "resources=products")[0] == 0
    assert crawl("-a", "resources=products")[0] == 0
    assert all(authorization for authorization in shop.authorizations)
    assert shop.asked_for_tokens >= 2


def test_account_of_an_application_for_several_sellers_is_told(shop, crawl):
    shop.product(201)
    shop.accounts = {"ncp_1": "SELLER"}
    status, said = crawl("-a", "resources=products")
    assert status == 3 and "account_id" in said
    assert crawl("-a", "resources=products", account_id="ncp_1")[0] == 0


@pytest.mark.parametrize(
    "secret, sentence",
    [
        ("$2a$04$abc", "not whole"),
        ("2a$04$abcdefghijklmnopqrstuuu", "not whole"),
        ("$2a$04$abcdefghijklmnopqrs!uu", "valid salt"),
    ],
)
def test_secret_that_is_cut_is_refused_before_any_call(shop, crawl, secret, sentence):
    status, said = crawl(secret=secret)
    assert status == 2 and sentence in said and ".env" in said
    assert not shop.log and not shop.asked_for_tokens


def test_wrong_secret_ends_as_auth(shop, crawl):
    status, said = crawl(secret="$2a$04$zzzzzzzzzzzzzzzzzzzzzu")
    assert status == 3 and "client id" in said
    assert not shop.log


def test_address_that_is_not_allowed_is_explained_and_never_asked_again(shop, crawl):
    shop.allowed = False
    status, said = crawl()
    assert status == 3 and "this machine's address" in said and "not to blame" in said
    assert not shop.asked_for_tokens and not shop.log


def test_api_group_that_is_not_granted_leaves_the_others(shop, crawl, stored):
    shop.product(201)
    shop.line("2026010100000011", "2026010100000001", at=ago(days=1))
    shop.groups = {"products"}
    status, said = crawl()
    assert status != 0 and "API group" in said
    assert shop.asked_for_tokens == 1
    assert ("201",) in stored("products") and not stored("orders")


def test_reviews_are_refused_with_the_spider_that_reads_them(shop, crawl):
    status, said = crawl("-a", "resources=reviews")
    assert status == 2 and "naver_web" in said
    assert not shop.asked_for_tokens


# -- catalogue ---------------------------------------------------------------------------------------------------------

OPTIONS = ((301, ("빨강", "L"), 4, 0, True), (302, ("파랑", "L"), 0, 500, True))
SUPPLEMENT = {"id": 401, "groupName": "포장", "name": "상자", "price": 1000, "stockQuantity": 9, "usable": True}


def test_catalogue_with_options_supplements_and_two_channels(shop, crawl, stored):
    shop.product(201, options=OPTIONS, supplements=[SUPPLEMENT])
    shop.product(202, stockQuantity=7)
    shop.product(203, origin=103, stockQuantity=3)
    shop.product(303, origin=103, service="WINDOW", stockQuantity=3)
    assert crawl("-a", "resources=products,inventory")[0] == 0
    products, stock = stored("products"), stored("inventory")
    assert products["201",]["images"] == ["https://p/1.jpg", "https://p/2.jpg"]
    assert products["201",]["discounted_price"] == "9000"
    assert products["201",]["categories"] == ["가 > 나"]
    assert products["202",]["url"] == "https://smartstore.naver.com/small/products/202"
    assert products["303",]["url"] is None
    assert {key: row["quantity"] for key, row in stock.items()} == {
        ("201", "301"): 4, ("201", "302"): 0, ("201", "401"): 9, ("202", ""): 7, ("203", ""): 3, ("303", ""): 3,
    }  # fmt: skip
    assert stock["203", ""]["pool"] == stock["303", ""]["pool"] == "103"
    assert stock["202", ""]["pool"] is None


def test_later_runs_read_the_list_what_changed_and_what_has_parts(shop, crawl, stored, tmp_path):
    shop.product(201, options=OPTIONS)
    shop.product(202, stockQuantity=7)
    shop.product(203)
    for product in shop.products.values():
        product["modifiedDate"] = printed(ago(days=3))
    assert crawl("-a", "resources=products,inventory")[0] == 0
    shop.sell(202, 6)
    shop.products[201]["_options"] = ((301, ("빨강", "L"), 3, 0, True), OPTIONS[1])
    del shop.products[203]
    assert crawl("-a", "resources=products,inventory")[0] == 0
    assert asked(shop) == {SEARCH: 1, "/v2/products/channel-products/201": 1, "/v1/seller/channels": 1}
    told = report(tmp_path)
    assert sum(told["requests"].values()) <= told["floor"] + 1
    stock = stored("inventory")
    assert stock["202", ""]["quantity"] == 6 and stock["201", "301"]["quantity"] == 3
    assert ("203", "") not in stock and ("203",) not in stored("products")
    assert stored("products", gone=True).keys() == {("201",), ("202",), ("203",)}


def test_product_that_changed_is_read_as_a_whole(shop, crawl, stored):
    shop.product(202)
    shop.products[202]["modifiedDate"] = printed(ago(days=3))
    assert crawl("-a", "resources=products")[0] == 0
    shop.product(202, name="새 이름 &amp; 옛 이름", options=OPTIONS)
    assert crawl("-a", "resources=products")[0] == 0
    product = stored("products")["202",]
    assert product["name"] == "새 이름 & 옛 이름" and len(product["variants"]) == 2
    assert product["images"] == ["https://p/1.jpg", "https://p/2.jpg"]
    assert crawl("-a", "resources=products", "-a", "sweep=1")[0] == 0
    assert asked(shop)["/v2/products/channel-products/202"] == 1


def test_pages_of_the_catalogue_and_a_page_that_times_out(shop, crawl, stored):
    for number in range(201, 212):
        shop.product(number)
    shop.page = 4
    shop.fail_once[SEARCH] = [error(504, "GW.TIMEOUT.01")]
    assert crawl("-a", "resources=inventory")[0] == 0
    assert [told["size"] for _, path, told in shop.log if path == SEARCH][:2] == [500, 250]
    assert len(stored("inventory")) == 11


def test_total_that_does_not_fit_takes_nothing_for_gone(shop, crawl, stored):
    shop.product(201)
    shop.product(202)
    assert crawl("-a", "resources=products")[0] == 0
    del shop.products[202]
    shop.total = 5
    _, said = crawl("-a", "resources=products")
    assert "none goes for gone" in said
    assert asked(shop)[SEARCH] == 2
    assert ("202",) in stored("products")
    shop.total = None
    assert crawl("-a", "resources=products")[0] == 0
    assert ("202",) not in stored("products")


def test_product_that_vanishes_between_list_and_detail(shop, crawl, stored):
    shop.product(201)
    shop.product(202)
    shop.hidden = {202}
    assert crawl("-a", "resources=inventory")[0] == 0
    assert stored("inventory").keys() == {("201", "")}


# -- orders ------------------------------------------------------------------------------------------------------------


def test_first_load_by_days_then_the_feed(shop, crawl, stored, tmp_path):
    shop.line("11", "1", at=ago(days=40))
    shop.line("12", "1", at=ago(days=40), productClass="추가구성상품")
    shop.line("21", "2", at=ago(days=2))
    assert crawl("-a", "resources=orders,returns")[0] == 0
    orders = stored("orders")
    assert orders["1",]["items_total"] == "20000" and orders["1",]["shipping_fee"] == "3000"
    assert orders["1",]["total"] == "21000" and orders["1",]["discount"] == "2000"
    assert [line["kind"] for line in orders["1",]["lines"]] == ["sale", "add_on"]
    assert orders["1",]["receiver_region"] == "서울특별시 중구" and orders["1",]["buyer"].startswith("p_")
    assert 90 <= sum(1 for _, path, told in shop.log if told.get("rangeType") == "ORDERED_DATETIME") <= 92
    assert all("to" not in told or told["to"] > told["from"] for _, path, told in shop.log if path == LIST)
    # A later change of one line reads its sibling too, so that the sums hold.
    shop.line("12", "1", change="DISPATCHED", productOrderStatus="DELIVERING", remainProductAmount=10000)
    assert crawl("-a", "resources=orders,returns")[0] == 0
    assert not asked(shop)[LIST]
    assert asked(shop)[FEED] == 1
    queried = [told["productOrderIds"] for _, path, told in shop.log if path == QUERY]
    assert sorted(map(sorted, queried)) == [["11", "12"], ["11", "12", "21"]]
    told = report(tmp_path)
    assert sum(told["requests"].values()) <= told["floor"] + 1
    order = stored("orders")["1",]
    assert order["total"] == "21000" and order["lines"][1]["status"] == "shipped"
    assert order["status"] == "paid"


def test_delivery_without_a_row_in_the_feed_is_found(shop, crawl, stored):
    shop.line("11", "1", at=ago(days=3), productOrderStatus="DELIVERING")
    assert crawl("-a", "resources=orders")[0] == 0
    shop.line(
        "11",
        "1",
        silent=True,
        productOrderStatus="DELIVERED",
        told={"delivery": {"deliveredDate": printed(ago(hours=1), 1)}},
    )
    assert crawl("-a", "resources=orders")[0] == 0
    line = stored("orders")["1",]["lines"][0]
    assert line["status"] == "delivered" and line["delivered_at"]
    shop.line(
        "11",
        "1",
        change="PURCHASE_DECIDED",
        productOrderStatus="PURCHASE_DECIDED",
        decisionDate=printed(ago(seconds=0)),
    )
    assert crawl("-a", "resources=orders")[0] == 0
    assert crawl("-a", "resources=orders")[0] == 0
    assert stored("orders")["1",]["status"] == "completed"


def test_feed_of_several_pages_with_cursors_of_one_digit(shop, crawl, stored):
    assert crawl("-a", "resources=orders")[0] == 0
    now = datetime.now(SEOUL)
    for place in range(25):
        shop.line(
            f"{1100 + place}", f"{100 + place // 2}", at=now - timedelta(seconds=25 - place, microseconds=place * 37003)
        )
    shop.feed_page = 7
    status, said = crawl("-a", "resources=orders", settings=("-s", "LOG_LEVEL=INFO"))
    assert status == 0, said
    assert len(stored("orders")) == 13 and sum(len(row["lines"]) for row in stored("orders").values()) == 25
    assert asked(shop)[FEED] >= 4 and asked(shop)[QUERY] == 1


def test_cursor_that_stands_still_moves_no_mark(shop, crawl, stored):
    assert crawl("-a", "resources=orders")[0] == 0
    for place in range(4):
        shop.line(f"{11 + place}", "1", at=ago(seconds=3))
    shop.feed_page, shop.stuck = 2, True
    status, said = crawl("-a", "resources=orders")
    assert status == 1 and "stands still" in said
    shop.stuck = False
    assert crawl("-a", "resources=orders")[0] == 0
    assert len(stored("orders")["1",]["lines"]) == 4


def test_many_changes_are_asked_for_in_300s(shop, crawl, stored):
    assert crawl("-a", "resources=orders")[0] == 0
    at = ago(seconds=5)
    for place in range(650):
        shop.line(f"{10000 + place}", f"{5000 + place // 3}", at=at)
    assert crawl("-a", "resources=orders")[0] == 0
    sizes = [len(told["productOrderIds"]) for _, path, told in shop.log if path == QUERY]
    assert sum(sizes) == 650 and max(sizes) <= 300 and len(sizes) == 3
    rows = stored("orders")
    assert len(rows) == 217 and all(row["total"] for row in rows.values())


def test_foreign_and_missing_product_orders_do_not_hide_the_others(shop, crawl, stored, tmp_path):
    assert crawl("-a", "resources=orders")[0] == 0
    for place in range(8):
        shop.line(f"{11 + place}", f"{1 + place}", at=ago(seconds=5))
    shop.foreign, shop.hidden = {"13"}, {"16"}
    status, said = crawl("-a", "resources=orders")
    assert status == 1 and "asked for twice" in said
    assert stored("orders").keys() == {("1",), ("2",), ("4",), ("5",), ("7",), ("8",)}
    assert any("gone" in notice for notice in report(tmp_path)["notices"])


def test_order_older_than_everything_read_is_asked_for_as_a_whole(shop, crawl, stored):
    shop.line("11", "1", at=ago(days=200))
    shop.line("12", "1", at=ago(days=200))
    assert crawl("-a", "resources=orders")[0] == 0
    assert not stored("orders")
    shop.line("12", "1", change="CLAIM_REQUESTED")
    assert crawl("-a", "resources=orders")[0] == 0
    assert asked(shop)["/v1/pay-order/seller/orders/1/product-order-ids"] == 1
    assert stored("orders")["1",]["items_total"] == "20000"


def test_first_load_finds_claims_on_older_orders(shop, crawl, stored):
    back = {
        "claimId": "c1",
        "claimStatus": "RETURN_REQUEST",
        "claimRequestDate": printed(ago(days=5)),
        "requestQuantity": 1,
    }
    shop.line("11", "1", at=ago(days=120), told={"currentClaim": {"return": back}})
    shop.line("12", "1", at=ago(days=120))
    assert crawl("-a", "resources=returns,orders")[0] == 0
    assert stored("returns")["c1",]["status"] == "requested"
    order = stored("orders")["1",]
    assert len(order["lines"]) == 2 and order["items_total"] == "20000"
    assert crawl("-a", "resources=returns,orders")[0] == 0
    assert not asked(shop)[LIST]


def test_order_that_stands_on_two_pages_of_the_list(shop, crawl, stored):
    at = ago(days=2)
    for number in ("11", "21", "12"):
        shop.line(number, number[0], at=at)
    shop.page = 2
    assert crawl("-a", "resources=orders")[0] == 0
    order = stored("orders")["1",]
    assert len(order["lines"]) == 2 and order["items_total"] == "20000" and order["shipping_fee"] == "3000"


def test_first_load_of_everything_begins_when_the_store_opened(shop, crawl, stored):
    shop.line("11", "1", at=ago(days=300))
    opened = f"{ago(days=310):%Y-%m-%d}"
    assert crawl("-a", "resources=orders", "-a", "since=all", opened_on=opened)[0] == 0
    assert ("1",) in stored("orders")
    assert 310 <= asked(shop)[LIST] <= 312
    assert crawl("-a", "resources=orders", opened_on=opened)[0] == 0
    assert not asked(shop)[LIST]
    assert crawl(opened_on="spring")[0] == 2


def test_broken_first_load_goes_on_where_it_stopped(shop, crawl, stored):
    shop.line("11", "1", at=ago(days=60))
    shop.line("21", "2", at=ago(days=10))
    shop.fail_once[LIST] = [error(500, "GW.PROXY.03") for _ in range(12)]
    status, _ = crawl("-a", "resources=orders")
    assert status == 1
    shop.fail_once.clear()
    assert crawl("-a", "resources=orders")[0] == 0
    assert stored("orders").keys() == {("1",), ("2",)}


def test_limits_that_headers_tell_are_followed(shop, crawl):
    shop.rate = 8
    for number in range(201, 241):
        shop.product(number)
    began = datetime.now()
    assert crawl("-a", "resources=inventory", speed=1.0, pace=100.0)[0] == 0
    took = (datetime.now() - began).total_seconds()
    # 40 details at the 4 a second that courtesy allows, although the header would allow 8.
    assert 8.0 < took < 25.0


def test_throttled_answers_are_waited_for(shop, crawl, stored):
    shop.product(201)
    shop.fail_once[SEARCH] = [
        error(429, "GW.RATE_LIMIT"),
        error(429, "GW.QUOTA_LIMIT", **{"GNCP-GW-Quota-Period": "SECONDS"}),
    ]
    assert crawl("-a", "resources=products")[0] == 0
    assert asked(shop)[SEARCH] == 3
    assert ("201",) in stored("products")
