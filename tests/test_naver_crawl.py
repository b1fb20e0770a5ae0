"""Naver's orders and claims in whole crawls of a small Commerce API: first load, feed, what is open, what is torn."""

from datetime import datetime, timedelta

from naver_crawls import FEED, LIST, QUERY, ago, asked, crawling, reading, report, running_shop  # noqa: F401
from small_smartstore import SEOUL, error, printed


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
    assert crawl("-a", "resources=orders", "-a", "since=all", opened=opened)[0] == 0
    assert ("1",) in stored("orders")
    assert 310 <= asked(shop)[LIST] <= 312
    assert crawl("-a", "resources=orders", opened=opened)[0] == 0
    assert not asked(shop)[LIST]
    assert crawl(opened="spring")[0] == 2


def test_broken_first_load_goes_on_where_it_stopped(shop, crawl, stored):
    shop.line("11", "1", at=ago(days=60))
    shop.line("21", "2", at=ago(days=10))
    shop.fail_once[LIST] = [error(500, "GW.PROXY.03") for _ in range(12)]
    status, _ = crawl("-a", "resources=orders")
    assert status == 1
    shop.fail_once.clear()
    assert crawl("-a", "resources=orders")[0] == 0
    assert stored("orders").keys() == {("1",), ("2",)}
