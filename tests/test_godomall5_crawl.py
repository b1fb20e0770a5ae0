"""Godomall5 crawls against a small openhub: pages that move, cursors, windows, changes, broken rows."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from godomall5_crawling import ago, crawl, kept, letters, mall, orders
from godomall5_mall import KEY, PARTNER, answer, printed, product

__all__ = ["crawl", "mall"]

GOODS, ORDERS, CATEGORY = "Goods_Search", "Order_Search", "Category_Search"


# -- products and stock -----------------------------------------------------------------------------------------------


def test_the_catalogue_with_names_of_categories_and_brands(mall, crawl):
    mall.products[0] |= {"cremaReviewCnt": "12"}
    status, said = crawl("-a", "resources=products,inventory", domain="mall.example.com")
    assert status == 0, said
    found = kept(crawl, "products", "product_id")
    assert len(found) == 5
    one = found["1000000001"]
    assert (one["categories"], one["category_ids"]) == (["의류", "의류 > 상의 & 하의"], ["001", "001001"])
    assert one["brand"] == "예시공방"
    assert one["url"] == "https://mall.example.com/goods/goods_view.php?goodsNo=1000000001"
    assert kept(crawl, "inventory", "product_id")["1000000005"]["quantity"] == 5
    assert [form.get("cateCd") for form in mall.asked(CATEGORY)] == [None, "001"]
    assert [(form["page"], form["size"]) for form in mall.asked(GOODS)] == [("1", "100")]
    assert "12 reviews are kept by Crema" in said
    assert b"777" not in (crawl.folder / "store.db").read_bytes()


def test_pages_are_read_to_the_end_and_the_first_once_more(mall, crawl):
    mall.products = [product(1000000000 + n, ago(days=1)) for n in range(1, 251)]
    assert crawl("-a", "resources=inventory")[0] == 0
    assert [form["page"] for form in mall.asked(GOODS)] == ["1", "2", "3", "1"]
    assert len(kept(crawl, "inventory", "product_id")) == 250
    mall.products = mall.products[:-1]
    assert crawl("-a", "resources=inventory")[0] == 0
    gone = kept(crawl, "inventory", "product_id", gone=True)
    assert len(kept(crawl, "inventory", "product_id")) == 249 and len(gone) == 250


def test_rows_that_slip_between_pages_are_read_again(mall, crawl):
    mall.products = [product(1000000000 + n, ago(days=1)) for n in range(1, 251)]
    shown = mall.Goods_Search

    def moving(form):
        told = shown(form)
        if form["page"] == "1" and len(mall.products) == 250:
            # One of the first page goes: the first of the second page slips onto the first.
            mall.products = mall.products[:-1]
        return told

    mall.Goods_Search = moving
    status, said = crawl("-a", "resources=products,inventory")
    assert status == 0, said
    assert [form["page"] for form in mall.asked(GOODS)] == ["1", "2", "3", "1", "1", "2", "3", "1"]
    assert {f"{1000000000 + n}" for n in range(1, 250)} <= set(kept(crawl, "products", "product_id"))


def test_a_count_that_lies_keeps_the_mark_and_is_said(mall, crawl):
    shown = mall.Goods_Search
    mall.Goods_Search = lambda form: shown(form).replace("<total>5<", "<total>9<")
    status, said = crawl("-a", "resources=products")
    assert (status, "5 rows read, the mall counts 9" in said) == (1, True)
    assert len(kept(crawl, "products", "product_id")) == 5
    store = crawl.store()
    assert store.mark("godomall5", "m", "", "products", "products") is None
    store.close()


def test_without_stock_only_what_was_registered_or_changed_is_asked(mall, crawl):
    assert crawl("-a", "resources=products")[0] == 0
    mall.products.append(product(1000000077, ago(minutes=1)))
    mall.products[3] |= {"goodsNm": "새 이름", "modDt": printed(ago(minutes=1))}
    assert crawl("-a", "resources=products")[0] == 0
    asked = mall.asked(GOODS)
    assert [form["searchDateType"] for form in asked] == ["regDt", "modDt"]
    days = {(form["startDate"], form["endDate"]) for form in asked}
    assert len(days) == 1 and next(iter(days))[0] <= f"{ago(days=1):%Y-%m-%d}"
    found = kept(crawl, "products", "product_id")
    assert found["1000000004"]["name"] == "새 이름" and "1000000077" in found


def test_add_on_articles_are_asked_for_when_the_mall_says_so(mall, crawl):
    assert crawl("-a", "resources=products", add_on_goods=True)[0] == 0
    assert kept(crawl, "products", "product_id")["add:3"]["name"] == "포장"


# -- orders -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", ["official", "absent"])
def test_orders_by_every_reading_of_last_order(mall, crawl, reading):
    mall.last_order = reading
    mall.orders = orders(250, timedelta(minutes=7))
    assert crawl("-a", "resources=orders")[0] == 0
    assert len(kept(crawl, "orders", "order_id")) == 250
    by_day = Counter(form["dateType"] for form in mall.asked(ORDERS))
    assert by_day["order"] == by_day["modify"]
    assert by_day["order"] <= 4 + 3 + (reading != "official")


def test_a_full_last_page_that_says_it_is_the_last_is_not_believed(mall, crawl):
    mall.last_order = "opposite"
    mall.orders = orders(300, timedelta(minutes=5))
    assert crawl("-a", "resources=orders")[0] == 0
    assert len(kept(crawl, "orders", "order_id")) == 300


def test_windows_are_short_overlap_and_cover(mall, crawl):
    mall.orders = orders(80)
    assert crawl("-a", "resources=orders,returns", "-a", "since=80d")[0] == 0
    for kind in ("order", "modify"):
        spans = sorted(
            (datetime.fromisoformat(form["startDate"]), datetime.fromisoformat(form["endDate"]))
            for form in mall.asked(ORDERS) if form["dateType"] == kind and "lastOrder" not in form
        )  # fmt: skip
        assert all((end - start).days <= 28 for start, end in spans)
        assert all(later < end for (_, end), (later, _) in pairwise(spans))
    assert len(kept(crawl, "orders", "order_id")) == 80


def test_an_incremental_run_asks_each_day_kind_once_and_sees_changes(mall, crawl):
    mall.orders = orders(60)
    assert crawl("-a", "resources=orders,returns")[0] == 0
    old = mall.orders[0]
    mall.changed[old["orderNo"]] = printed(ago(minutes=30))
    old["orderGoodsData"][0] |= {
        "orderStatus": "r3", "cancelDt": printed(ago(minutes=30)),
        "claimData": {"beforeStatus": "d2", "handleMode": "r", "handleReason": "04001001", "refundPrice": "900.00",
                      "handleDt": printed(ago(minutes=30)), "regDt": printed(ago(days=1))},
    }  # fmt: skip
    assert crawl("-a", "resources=orders,returns")[0] == 0
    assert Counter(form["dateType"] for form in mall.asked(ORDERS)) == {"order": 1, "modify": 1}
    assert kept(crawl, "orders", "order_id")[str(old["orderNo"])]["status"] == "returned"
    (claim,) = kept(crawl, "returns", "return_id").values()
    assert (claim["kind"], claim["status"], claim["reason"], claim["refund_amount"]) == (
        "return", "completed", "changed_mind", "900",
    )  # fmt: skip


def test_a_cursor_that_does_not_go_down_is_not_followed(mall, crawl):
    mall.orders = orders(150, timedelta(minutes=1))
    shown = mall.Order_Search
    mall.Order_Search = lambda form: shown({name: told for name, told in form.items() if name != "lastOrder"})
    status, said = crawl("-a", "resources=orders")
    assert (status, "did not go down" in said) == (1, True)


def test_a_period_that_is_refused_is_halved(mall, crawl):
    mall.orders = orders(60)
    shown = mall.Order_Search

    def strict(form):
        first, last = (datetime.fromisoformat(form[name]) for name in ("startDate", "endDate"))
        return answer(code="201") if (last - first).days > 20 else shown(form)

    mall.Order_Search = strict
    assert crawl("-a", "resources=orders")[0] == 0
    assert len(kept(crawl, "orders", "order_id")) == 60


def test_no_person_is_stored(mall, crawl):
    mall.orders = orders(3)
    assert crawl("-a", "resources=orders", settings=("-s", "LOG_LEVEL=DEBUG"))[0] == 0
    stored = (crawl.folder / "store.db").read_bytes() + b"".join(
        path.read_bytes() for path in (crawl.folder / "output").rglob("*") if path.is_file()
    )
    for kept_out in ("canary", "010-0777", "카나리아", PARTNER, KEY):
        assert kept_out.encode() not in stored


# -- broken rows ------------------------------------------------------------------------------------------------------


def test_a_row_that_cannot_be_read_costs_one_row_of_orders(mall, crawl):
    mall.orders = orders(130, timedelta(minutes=1))
    mall.broken = {mall.orders[70]["orderNo"]}
    status, said = crawl("-a", "resources=orders", "-a", "since=85d")
    assert status == 4, said
    assert len(kept(crawl, "orders", "order_id")) == 129
    # Both kinds of day met it; a letter is kept once.
    (letter,) = letters(crawl)
    assert str(mall.orders[70]["orderNo"]) in letter.raw.decode() and letter.kind == "orders"
    store = crawl.store()
    assert store.mark("godomall5", "m", "", "orders", "orders_by_order").upto
    store.close()


def test_a_row_that_cannot_be_read_costs_one_row_of_the_catalogue(mall, crawl):
    mall.products = [product(1000000000 + n, ago(days=1)) for n in range(1, 131)]
    mall.broken = {1000000060}
    status, said = crawl("-a", "resources=inventory")
    assert status == 4, said
    assert len(kept(crawl, "inventory", "product_id")) == 129
    assert len(letters(crawl)) == 1
