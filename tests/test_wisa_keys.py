"""WISA crawls with this or that credential: what each gives, what is refused, what only the key or the feed tells."""

import time

import pytest
from wisa_crawling import crawl_of, shirt, stored_of
from wisa_mall import SmallMall


@pytest.fixture
def mall():
    with SmallMall() as small:
        yield small


@pytest.fixture
def crawl(mall, tmp_path):
    return crawl_of(mall, tmp_path)


@pytest.fixture
def stored(tmp_path):
    return stored_of(tmp_path)


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
    assert status == 1 and "of this second cannot be read" in said
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
