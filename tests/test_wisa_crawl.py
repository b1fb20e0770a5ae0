"""WISA crawls against a small mall: dead sessions, lists that move, changes found, keys kept out of sight."""

import pytest
from wisa_crawling import ask, crawl_of, floor_of, shirt, stored_of
from wisa_mall import KEY, SmallMall

from shopscrape.items import TYPES


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


def test_a_second_run_reads_only_what_changed(mall, crawl, stored, tmp_path):
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
    assert len(mall.log) <= floor_of(tmp_path)
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
    assert ask(tmp_path, lambda store: store.marks("wisa", "m")) == []


def test_pages_of_a_hundred_are_read_to_the_end(mall, crawl, stored):
    for number in range(1, 251):
        mall.product(number)
    assert crawl("-a", "resources=products", erp=False)[0] == 0
    assert len(stored("products")) == 250
    assert [fields["page"] for fields in mall.asked("productList")] == ["1", "2", "3"]
    assert {fields["page_size"] for fields in mall.asked("productList")} == {"100"}


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
