"""MakeShop (Korea): whole crawls of a small mall, through both doors; tokens, windows, rights, drift, changes."""

import copy
import json
import re

import pytest
from crawling import scrapy, stored
from makeshop_mall import CLIENT, LICENSE, SECRET, SHOPKEY, Mall, kst, moment, sample

from shopscrape.malls import Secrets
from shopscrape.store import open_store


@pytest.fixture
def mall(tmp_path):
    with Mall(tmp_path) as served:
        fill(served)
        yield served


def fill(mall):
    for place in range(7):
        mall.add_product(1000 + place, 50 - place)
    row = mall.add_product(1020, 3)
    row |= {"option_type": "PS", "options": sample("kr_product_detail_options")["list"][0]["options"], "quantity": "41"}
    mall.numbers = [mall.add_order(place, 60 - place * 5) for place in range(11)]
    mall.reviews = [row | {"reg_date": kst(20 * place + 1)} for place, row in enumerate(sample("kr_review")["list"])]
    posts = sample("kr_board_power_review")["list"]
    mall.posts = [posts[0] | {"num1": str(999800 - n), "reg_date": kst(n * 6 + 1)} for n in range(8)]


def crawl(mall, *words, name="store"):
    """Return a finished crawl with the report that the store kept of it."""
    url = f"sqlite:///{mall.folder}/{name}.db"
    mall.asked.clear()
    done = scrapy(mall, url, "crawl", "makeshop_api", "-a", "mall=demo", *words)
    for secret in (CLIENT, SECRET, SHOPKEY, LICENSE, *mall.tokens):
        assert secret not in done.stdout + done.stderr
    store = open_store(url, Secrets(mall.malls).get("SHOPSCRAPE_KEY"))
    report = store.last_runs()[-1]["report"] if store.last_runs() else None
    return done, store, json.loads(report) if isinstance(report, str) else report


def operations(mall):
    return [operation for operation, _ in mall.asked]


def test_a_first_crawl_reads_all_there_is(mall):
    mall.parcels = [{"ordernum": mall.numbers[3], "basket_num": "1", "basket_status": "Z", "delinum": "99"}]
    back = {"basket_num": "1", "reason": "상품불만", "request_date": kst(9)[:10], "completed_date": "0000-00-00"}
    mall.orders[mall.numbers[3]]["row"]["return"] = [back]
    done, store, report = crawl(mall, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert len(stored(store, "demo", "products")) == 8
    assert len(stored(store, "demo", "inventory")) == 7 + 4
    orders = stored(store, "demo", "orders")
    assert {key[1] for key in orders} == set(mall.numbers)
    (back,) = stored(store, "demo", "returns").values()
    assert (back["kind"], back["status"], back["tracking_no"]) == ("return", "requested", "99")
    assert len(stored(store, "demo", "reviews")) == 3 + 8
    # The mall refuses longer windows and answers item by item without the format, so what came shows both.
    for operation, query in mall.asked:
        if operation == "order/2":
            assert query["format"] == "order" and "cancel" in query["fields"].split(",")
            assert moment(query["InquiryTimeTo"]) > moment(query["InquiryTimeFrom"])
        assert not {"Authorization", "client_secret"} & set(query)
    assert operations(mall)[0] == "information" and len(mall.tokens) <= 3
    assert not report["unknown_words"] and report["dead_letters"] == 0
    product = next(iter(stored(store, "demo", "products").values()))
    assert product["url"].startswith("https://mall.example.com/shop/shopdetail.html?branduid=")


def test_an_incremental_run_asks_its_floor_and_finds_every_change(mall):
    assert crawl(mall, "-a", "since=all")[0].returncode == 0
    mall.cap = 500
    done, store, report = crawl(mall)
    assert done.returncode == 0, done.stderr
    assert {name for states in report["rows"].values() for name in states} <= {"same", "dropped"}
    open_orders = sum(1 for operation, query in mall.asked if "ordernums[]" in query)
    assert open_orders == 1 and len(mall.asked) <= report["floor"] + 1
    mall.add_product(1030, 0)
    mall.change_product(1002, sellprice="99000")
    mall.products["1003"]["quantity"] = "1"
    mall.delete_product(1004)
    mall.ship(mall.numbers[2])
    new = mall.add_order(99, 0.0001)
    mall.note(mall.numbers[4], canceled=kst())
    mall.orders[mall.numbers[4]]["row"]["cancel"] = [
        {"basket_num": "1", "reason": "품절", "completed_date": kst()[:10]}
    ]
    mall.refunds.append({"ordernum": mall.numbers[5], "refund_end_date": kst(), "refund_req_date": kst()})
    mall.orders[mall.numbers[5]]["row"] |= {
        "refund": [{"basket_num": "1", "refund_price": "55000", "refund_method": "C", "refund_status_date": kst()}]
    }
    mall.orders[mall.numbers[5]]["row"]["product"]["1"]["cancelend_date"] = kst()
    mall.posts.append(mall.posts[0] | {"num1": "999700", "reg_date": kst()})
    mall.posts[1] |= {"subject": "고침"}
    gone = mall.posts.pop(2)
    done, store, report = crawl(mall)
    assert done.returncode == 0, done.stderr
    products = {key[1]: row for key, row in stored(store, "demo", "products").items()}
    assert "1004" not in products and "1030" in products and products["1002"]["price"] == "99000"
    levels = {key[1]: row for key, row in stored(store, "demo", "inventory").items()}
    assert levels["1003"]["quantity"] == 1 and "1004" not in levels
    orders = {key[1]: row for key, row in stored(store, "demo", "orders").items()}
    assert orders[mall.numbers[2]]["status"] == "shipped" and new in orders
    assert orders[mall.numbers[4]]["status"] == "cancelled"
    claims = {row["order_id"]: row for row in stored(store, "demo", "returns").values()}
    assert claims[mall.numbers[4]]["reason"] == "out_of_stock"
    assert claims[mall.numbers[5]]["refund_amount"] == "55000" and orders[mall.numbers[5]]["paid"] == "0"
    reviews = stored(store, "demo", "reviews")
    assert ("", "demoshop_board2:999700:00000") in reviews
    assert reviews["", f"demoshop_board2:{mall.posts[1]['num1']}:00000"]["title"] == "고침"
    # The youngest are read again each run, so what is gone among them shows; older ones are not judged.
    assert ("", f"demoshop_board2:{gone['num1']}:00000") not in reviews
    assert ("", f"demoshop_board2:{mall.posts[-2]['num1']}:00000") in reviews
    assert "product" in operations(mall) and len(mall.asked) < 30


def test_a_review_that_is_gone_is_noticed_by_the_sweep_of_all_systems(mall):
    assert crawl(mall, "-a", "since=all", "-a", "resources=reviews")[0].returncode == 0
    gone, kept = mall.posts.pop(), mall.reviews[0]
    mall.posts[0] |= {"subject": "고침"}
    done, store, _ = crawl(mall, "-a", "resources=reviews", "-a", "sweep=1")
    assert done.returncode == 0, done.stderr
    found = stored(store, "demo", "reviews")
    # The run without `since` looks back 90 days: all of these are younger.
    assert ("", f"demoshop_board2:{gone['num1']}:00000") not in found and len(found) == 3 + 7
    assert any(row["title"] == "고침" for row in found.values()) and kept


def test_without_the_list_of_boards_no_review_is_gone(mall):
    assert crawl(mall, "-a", "since=all", "-a", "resources=reviews")[0].returncode == 0
    mall.refuse = {"board_code": (200, sample("kr_error_inband_9007"))}
    for words in ((), ("-a", "sweep=1")):
        done, store, report = crawl(mall, "-a", "resources=reviews", *words)
        assert done.returncode == 1 and "boards are not told" in report["shortfalls"][0]
        assert len(stored(store, "demo", "reviews")) == 3 + 8


def test_tokens_that_die_are_renewed_five_times_a_minute_at_most(mall):
    mall.answers_left = 4
    done, store, _ = crawl(mall, "-a", "resources=products,inventory", "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert len(stored(store, "demo", "products")) == 8
    calls = mall.token_calls
    minute = 60 / mall.speed
    assert max(sum(1 for at in calls if start <= at < start + minute) for start in calls) <= 5


def test_a_token_is_kept_for_the_next_run(mall):
    mall.write(speed=1.0)
    mall.speed = 1.0
    for run in range(2):
        done, _, _ = crawl(mall, "-a", "resources=inventory")
        assert done.returncode == 0, done.stderr
        assert len(mall.token_calls) == 1, run


def test_tokens_that_are_never_good_mean_the_allow_list(mall):
    mall.answers_left = 0
    done, _, report = crawl(mall, "-a", "resources=products")
    assert done.returncode == 3 and report["outcome"] == "auth"
    assert "allow-list" in report["stopped"] and len(mall.token_calls) <= 3


def test_a_wrong_secret_ends_at_once(mall):
    env = mall.malls.with_suffix(".env")
    env.write_text(env.read_text().replace(SECRET, "wrong"))
    done, _, report = crawl(mall, "-a", "resources=products")
    assert done.returncode == 3 and report["outcome"] == "auth" and len(mall.token_calls) == 1


@pytest.mark.parametrize("code", ["9007", "9008", "9101"])
def test_a_right_that_is_missing_stops_its_function_only(mall, code):
    refused = (200, {"return_code": code, "message": "권한"})
    mall.refuse = {"order/2": refused, "order_log": refused, "order_search": refused, "information": refused}
    done, store, report = crawl(mall, "-a", "since=all")
    assert done.returncode == 1 and any(code in sentence for sentence in report["shortfalls"])
    assert len(stored(store, "demo", "products")) == 8, done.stderr
    assert len(stored(store, "demo", "reviews")) == 11, done.stderr
    assert not stored(store, "demo", "orders")
    assert operations(mall).count("order/2") <= 8
    assert {mark.resource for mark in store.marks("makeshop", "demo")} <= {"products", "inventory", "reviews"}


def test_nothing_granted_at_all_ends_as_refused(mall):
    mall.refuse = {"product": (200, sample("kr_error_inband_9007")), "category": (200, sample("kr_error_inband_9007"))}
    done, _, report = crawl(mall, "-a", "resources=products,inventory")
    assert done.returncode == 3 and report["outcome"] == "refused"


def test_an_address_that_is_not_let_in_says_so(mall):
    mall.refuse = {"product": (200, sample("kr_error_inband_9009"))}
    done, _, report = crawl(mall, "-a", "resources=inventory")
    assert done.returncode == 3 and "allow-list" in report["stopped"]


def test_an_unknown_shop_is_no_empty_shop(mall):
    mall.write(shop_uid="elsewhere")
    done, store, report = crawl(mall, "-a", "resources=inventory")
    assert done.returncode == 3 and "shop_uid" in report["stopped"] and not store.marks("makeshop", "demo")


def test_trouble_and_throttling_pass(mall):
    troubles = iter(
        [(429, {"success": False, "message": "Too Many Attempts."}), (500, {}), (200, sample("kr_error_inband_9006"))]
        * 2
    )

    def before(operation, query):
        mall.refuse.clear()
        if operation == "product" and (trouble := next(troubles, None)):
            mall.refuse["product"] = trouble

    mall.before = before
    done, store, _ = crawl(mall, "-a", "resources=products", "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert len(stored(store, "demo", "products")) == 8


def test_rows_that_move_while_they_are_paged_are_found_by_a_second_reading(mall):
    moved = []

    def before(operation, query):
        if operation == "product" and query.get("page") == "2" and not moved:
            moved.append(mall.products.pop("1000"))

    mall.before = before
    done, store, _ = crawl(mall, "-a", "resources=products", "-a", "since=all")
    assert done.returncode == 0, done.stderr
    products = {key[1] for key in stored(store, "demo", "products")}
    assert products >= set(mall.products) and moved


def test_rows_that_stay_hidden_are_a_shortfall_and_nothing_is_retired(mall):
    assert crawl(mall, "-a", "resources=products", "-a", "since=all")[0].returncode == 0
    mall._paged, honest = lambda *given, **more: short(honest(*given, **more)), mall._paged

    def short(told):
        return told | {"totalCount": "99"} if "totalCount" in told else told

    done, store, report = crawl(mall, "-a", "resources=products", "-a", "sweep=1")
    assert done.returncode == 1 and "99" in report["shortfalls"][0]
    assert len(stored(store, "demo", "products")) == 8


def test_a_busy_window_is_halved(mall):
    mall._paged, honest = lambda *given, **more: busy(given, honest(*given, **more)), mall._paged
    days = []

    def busy(given, told):
        query = given[0]
        if query.get("format") == "order" and "InquiryTimeFrom" in query and query.get("searchDateType") is None:
            span = moment(query["InquiryTimeTo"]) - moment(query["InquiryTimeFrom"])
            days.append(span.days)
            return told | ({"totalCount": "9000"} if span.days > 10 else {})
        return told

    done, store, _ = crawl(mall, "-a", "resources=orders", "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert {key[1] for key in stored(store, "demo", "orders")} == set(mall.numbers) and max(days) > 10 > min(days)


def test_power_options_and_old_orders_are_said(mall):
    told = copy.deepcopy(mall.information)
    told["list"]["product_type"], told["orderVersion"] = "파워옵션", "1.0"
    mall.information = told
    done, _, report = crawl(mall, "-a", "resources=orders,returns", "-a", "since=2019-04-20")
    assert done.returncode == 0, done.stderr
    assert any("power options" in notice for notice in report["notices"])
    assert any("version 1.0" in notice for notice in report["notices"])
    assert set(operations(mall)) == {"information", "order/1"}


# -- the legacy door --------------------------------------------------------------------------------------------------


def test_the_legacy_door_gives_the_same(tmp_path):
    with Mall(tmp_path, backend="openapi", speed=3600.0) as mall:
        mall.write(shop_uid=None)
        fill(mall)
        mall.hourly = 4
        done, store, _ = crawl(mall, "-a", "since=all")
        assert done.returncode == 0, done.stderr
        assert len(stored(store, "demo", "products")) == 8 and len(stored(store, "demo", "reviews")) == 11
        assert {key[1] for key in stored(store, "demo", "orders")} == set(mall.numbers)
        assert not mall.token_calls and max(mall.hours.values()) > 4
        assert {"information", "order_log", "order_search", "order_return_delivery"}.isdisjoint(operations(mall))
        product = next(iter(stored(store, "demo", "products").values()))
        assert product["url"].startswith(f"{mall.url}/shop/shopdetail.html")


def test_a_legacy_key_that_is_unknown_ends_at_once(tmp_path):
    with Mall(tmp_path, backend="openapi") as mall:
        env = mall.malls.with_suffix(".env")
        env.write_text(env.read_text().replace(SHOPKEY, "0" * 32))
        done, _, report = crawl(mall, "-a", "resources=products")
        assert done.returncode == 3 and report["outcome"] == "auth" and "9002" in report["stopped"]


# -- what is wrong in the malls file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"platform": "makeshop_jp"}, r"is on makeshop_jp"), ({"backend": "jp_graphql"}, r'platform = "makeshop_jp"'),
        ({"base_url": "https://app-api.makeshop.jp"}, r"crawl it with makeshop_jp_api"),
        ({"shop_uid": None}, r"shop_uid"), ({"backend": "openapi", "base_url": None, "speed": 1.0}, r"own domain"),
        ({"opened": "yesterday"}, r"opened is a day"), ({"colour": "red"}, r"unknown key 'colour'"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_work_is_one_sentence(tmp_path, changed, sentence):
    with Mall(tmp_path) as mall:
        mall.write(**changed | ({"speed": 1.0} if "https" in (changed.get("base_url") or "") else {}))
        done = scrapy(mall, f"sqlite:///{mall.folder}/store.db", "crawl", "makeshop_api", "-a", "mall=demo")
        assert done.returncode == 2
        told = [line for line in done.stderr.splitlines() if re.search(sentence, line)]
        assert told and not mall.asked and "Traceback" not in done.stderr


def test_a_mall_of_codes_is_checked(tmp_path):
    with Mall(tmp_path) as mall:
        text = mall.malls.read_text()
        mall.malls.write_text(text + '[demo.line_status]\nZC1 = "sent"\n')
        done = scrapy(mall, f"sqlite:///{mall.folder}/store.db", "crawl", "makeshop_api", "-a", "mall=demo")
        assert done.returncode == 2 and "line_status" in done.stderr
        mall.malls.write_text(text + '[demo.line_status]\nZC1 = "preparing"\n')
        fill(mall)
        done, store, _ = crawl(mall, "-a", "resources=orders")
        assert done.returncode == 0, done.stderr
        assert {row["status"] for row in stored(store, "demo", "orders").values()} == {"preparing"}
