"""MakeShop (Korea): crawls of a small mall that says no in many ways: tokens, rights, windows, totals, settings."""

import copy
import json
import re

import pytest
from crawling import let_the_second_pass, scrapy, stored
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
    let_the_second_pass()
    done = scrapy(mall, url, "crawl", "makeshop_api", "-a", "mall=demo", *words)
    for secret in (CLIENT, SECRET, SHOPKEY, LICENSE, *mall.tokens):
        assert secret not in done.stdout + done.stderr
    store = open_store(url, Secrets(mall.malls).get("SHOPSCRAPE_KEY"))
    report = store.last_runs()[-1]["report"] if store.last_runs() else None
    return done, store, json.loads(report) if isinstance(report, str) else report


def operations(mall):
    return [operation for operation, _ in mall.asked]


def test_a_post_that_is_gone_is_noticed_among_the_youngest_and_by_a_sweep(mall):
    assert crawl(mall, "-a", "since=all", "-a", "resources=reviews")[0].returncode == 0
    mall.posts[1] |= {"subject": "고침"}
    young, old = mall.posts.pop(2), mall.posts.pop()
    done, store, _ = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr
    # The youngest are read again each run, so what is gone among them shows; older ones are not judged.
    found = stored(store, "demo", "reviews")
    assert ("", f"demoshop_board2:{young['num1']}:00000") not in found
    assert ("", f"demoshop_board2:{old['num1']}:00000") in found
    assert any(row["title"] == "고침" for row in found.values())
    done, store, _ = crawl(mall, "-a", "resources=reviews", "-a", "sweep=1")
    assert done.returncode == 0, done.stderr
    # The run without `since` looks back 90 days: all of these are younger.
    assert ("", f"demoshop_board2:{old['num1']}:00000") not in stored(store, "demo", "reviews")
    assert len(stored(store, "demo", "reviews")) == 3 + 6


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
    mall.speed, mall.cap = 1.0, 500
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
