"""GMO MakeShop (Japan): crawls of a small mall whose server validates every query and says no in many ways."""

import json
import re

import pytest
from crawling import let_the_second_pass, scrapy, stored
from makeshop_jp_mall import KEY, TOKEN, JpMall, sample

from shopscrape.malls import Secrets
from shopscrape.store import open_store


@pytest.fixture
def mall(tmp_path):
    with JpMall(tmp_path) as served:
        first, second = sample("searchProduct_page1")["searchProduct"]["products"]
        for n in range(4):
            served.products.append(first | {"systemCode": f"{500 + n:012d}", "customCode": f"TB-{n}", "quantity": n})
            told = {"systemCode": f"{500 + n:012d}", "customCode": f"TB-{n}", "quantity": n, "variationQuantities": []}
            served.quantities.append(told)
        served.products.append(second | {"systemCode": "000000000509"})
        varied = sample("searchProductQuantity")["searchProductQuantity"]["productQuantities"][1]
        served.quantities.append(varied | {"systemCode": "000000000509"})
        for place in range(9):
            served.add_order(place, 38 - place * 4)
        review = sample("searchReview")["searchReview"]["reviews"][0]
        served.reviews = [review | {"reviewId": str(n)} for n in range(5)]
        yield served


def crawl(mall, *words):
    """Return a finished crawl with the report that the store kept of it."""
    url = f"sqlite:///{mall.folder}/store.db"
    mall.asked.clear()
    let_the_second_pass()
    done = scrapy(mall, url, "crawl", "makeshop_jp_api", "-a", "mall=demo", *words)
    for secret in (TOKEN, KEY):
        assert secret not in done.stdout + done.stderr
    assert not mall.refused, mall.refused
    store = open_store(url, Secrets(mall.malls).get("SHOPSCRAPE_KEY"))
    report = store.last_runs()[-1]["report"] if store.last_runs() else None
    return done, store, json.loads(report) if isinstance(report, str) else report


def test_a_right_that_is_missing_stops_its_function_only(mall):
    mall.forbidden = {"searchReview", "getShop", "getProductCategory"}
    done, store, report = crawl(mall, "-a", "since=all")
    assert done.returncode == 1 and any("レビュー" in sentence for sentence in report["shortfalls"])
    assert [name for name, _ in mall.asked].count("searchReview") == 1
    assert len(stored(store, "demo", "products")) == 5 and len(stored(store, "demo", "orders")) == 9


def test_stock_of_variations_that_is_not_granted_leaves_the_rest(mall):
    mall.forbidden = {"searchProductQuantity"}
    done, store, report = crawl(mall, "-a", "since=all", "-a", "resources=products,inventory,orders")
    assert done.returncode == 1 and any("商品" in sentence for sentence in report["shortfalls"])
    levels = {key[1:]: row for key, row in stored(store, "demo", "inventory").items()}
    assert levels["000000000503", ""]["quantity"] == 3 and levels["000000000509", "LS-BK-LH"]["quantity"] is None
    marks = {(mark.resource, mark.stream) for mark in store.marks("makeshop_jp", "demo")}
    assert ("products", "products") in marks


def test_everything_refused_ends_as_refused(mall):
    mall.forbidden = {"searchReview"}
    done, _, report = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 3 and report["outcome"] == "refused"


def test_a_late_timestamp_or_a_dead_token_ends_as_auth(mall):
    mall.late = -1
    done, _, report = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 3 and report["outcome"] == "auth"


def test_trouble_passes(mall):
    mall.troubles = [("TOO_MANY_REQUESTS", 429), ("INTERNAL_SERVER_ERROR", 500), ("INTERNAL_SERVER_ERROR", 200)]
    done, store, _ = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr
    assert len(stored(store, "demo", "reviews")) == 5 and not mall.troubles


def test_data_beside_errors_keeps_what_is_good(mall):
    class Denied(dict):
        def __getitem__(self, key):
            if key == "maker":
                raise graphql_error("forbidden")
            return super().__getitem__(key)

        get = __getitem__

    mall.products = [Denied(row) for row in mall.products]
    done, store, report = crawl(mall, "-a", "resources=products")
    assert done.returncode == 0, done.stderr
    rows = stored(store, "demo", "products").values()
    assert len(rows) == 5 and all(row["manufacturer"] is None and row["price"] for row in rows)
    assert any("maker is not granted" in notice for notice in report["notices"])


def graphql_error(message):
    from graphql import GraphQLError

    return GraphQLError(message, extensions={"code": "FORBIDDEN"})


def test_a_page_that_repeats_itself_is_not_taken_for_the_end(mall):
    mall._paged, honest = lambda key, rows, page=1, **more: honest(key, rows, page=1, **more), mall._paged
    done, store, report = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 1 and any("repeats" in sentence for sentence in report["shortfalls"])
    assert not store.marks("makeshop_jp", "demo")


def test_rows_that_stay_hidden_are_a_shortfall(mall):
    honest = mall.searchReview
    mall.searchReview = lambda **asked: honest(**asked) | {"searchedCount": 7}
    done, _, report = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 1 and any("counts 7" in sentence for sentence in report["shortfalls"])


def test_a_mall_may_bring_its_own_review_query(mall):
    rows = "searchReview(input: $input) { searchedCount reviews { reviewId content } }"
    query = f"query searchReview($input: SearchReviewRequest!) {{ {rows} }}"
    mall.write(more='[demo.review_fields]\ntext = "content"\n', review_query=query)
    done, store, _ = crawl(mall, "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr
    row = stored(store, "demo", "reviews")["", "0"]
    assert row["text"] and row["rating"] is None


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"platform": "makeshop"}, r"is on makeshop\b"), ({"backend": "connect"}, r'platform = "makeshop"'),
        ({"base_url": "https://connect.makeshop.co.kr", "speed": 1.0}, r"crawl it with makeshop_api"),
        ({"opened": "x"}, r"opened is a day"), ({"shop_uid": "demo"}, r"unknown key 'shop_uid'"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_work_is_one_sentence(mall, changed, sentence):
    mall.write(**changed)
    done = scrapy(mall, f"sqlite:///{mall.folder}/store.db", "crawl", "makeshop_jp_api", "-a", "mall=demo")
    assert done.returncode == 2 and not mall.asked and "Traceback" not in done.stderr
    assert re.search(sentence, done.stderr)


def test_review_fields_are_checked(mall):
    mall.write(more='[demo.review_fields]\ncolour = "x"\n')
    done = scrapy(mall, f"sqlite:///{mall.folder}/store.db", "crawl", "makeshop_jp_api", "-a", "mall=demo")
    assert done.returncode == 2 and "review_fields may name" in done.stderr
