"""Naver's catalogue and stock in whole crawls of a small Commerce API."""

from naver_crawls import SEARCH, ago, asked, crawling, reading, report, running_shop  # noqa: F401
from small_smartstore import error, printed

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
