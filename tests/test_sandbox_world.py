"""The world that the sandbox shows: the same for the same seed, and full of what breaks collectors; its clock."""

import importlib
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest

from sandbox import changes, people
from sandbox.clock import Clock, Tokens
from sandbox.shapes import fill, shape_problems, templates
from sandbox.world import Counts, World
from scripts import facts
from shopscrape import values, words
from shopscrape.privacy import mask


def test_the_same_seed_shows_the_same_and_another_does_not():
    anchor = datetime(2026, 11, 5, 6, 7, 8, tzinfo=UTC)
    one, same = (sandbox_world(anchor, 7) for _ in range(2))
    other = sandbox_world(anchor, 8)
    assert one == same
    assert all(one[part] != other[part] for part in one)


def sandbox_world(anchor, seed):
    world = World(seed, Counts(products=60, orders=80, reviews=70), anchor)
    trade, second = world.trade("demo_a"), world.trade("demo_b")
    told = changes.change(world, anchor + timedelta(hours=1))
    drifted = [changes.drift(trade, ("reviews", "orders", "returns", "products"), anchor) for _ in range(12)]
    told = {"changes": told, "drifts": drifted, "products": list(world.products), "people": world.people}
    told |= {"orders": list(trade.orders), "claims": list(trade.claims), "reviews": list(trade.reviews)}
    told |= {"orders of another mall": list(second.orders)}
    return {name: msgspec.json.encode(part) for name, part in told.items()}


def test_limits_let_through_what_they_say():
    clock = Clock(10)
    bucket = clock.bucket("a", rate=0.5, burst=5)
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    assert bucket.used == 5 and 0 < bucket.wait <= 1 / 5
    time.sleep(0.25)
    assert (
        bucket.take() and clock.bucket("a", rate=0.5, burst=5) is bucket and clock.bucket("b", rate=2, burst=5).take()
    )
    quota = clock.quota("q", limit=3, seconds=6)
    assert [quota.take() for _ in range(4)] == [True, True, True, False]
    assert quota.left == 0 and 0 < quota.wait <= 0.6
    time.sleep(0.65)
    assert quota.left == 3
    assert clock.lifetime(7200) == timedelta(seconds=720)
    for speed in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="speed"):
            Clock(speed)


def test_tokens_end_and_outlive_a_restart():
    clock = Clock(1)
    tokens = Tokens(clock, "seed", {"access": 0.4, "refresh": 1000})
    access, refresh = tokens.issue("access"), tokens.issue("refresh", about="me")
    assert tokens.alive(access.text, "access") and not tokens.alive(access.text, "refresh")
    assert tokens.newest("refresh") is refresh and len(refresh.text) == 32
    time.sleep(0.45)
    assert tokens.find(access.text, "access") and not tokens.alive(access.text, "access")
    tokens.revoke(refresh.text, "refresh")
    assert not tokens.alive(refresh.text, "refresh")
    later = Tokens(clock, "seed", tokens.lifetimes)
    assert later.alive(refresh.text, "refresh") and not later.alive(refresh.text, "access")
    assert not Tokens(clock, "other seed", tokens.lifetimes).find(refresh.text, "refresh")
    assert not later.find(None, "access") and not later.find("x" * 32, "access") and not later.find("é", "access")


@pytest.fixture(scope="module")
def world():
    """A world of the usual size."""
    return World(7, Counts(), datetime(2026, 11, 5, 6, 7, 8, tzinfo=UTC))


@pytest.fixture(scope="module")
def trade(world):
    return world.trade("demo")


def test_the_catalogue_has_every_kind_of_product(world):
    products = list(world.products)
    assert {len(product.axes) for product in products} == {0, 1, 2, 3}
    assert max(len(product.variants) for product in products) > 100
    assert set(get_args(words.ProductStatus)) - {"unknown"} == {product.status for product in products}
    variants = [variant for product in products for variant in product.variants]
    assert {None} < {variant.quantity for variant in variants} and min(
        variant.quantity or 0 for variant in variants
    ) < 0
    assert any(variant.safety >= (variant.quantity or 99) > 0 for variant in variants)
    assert min(variant.surcharge for variant in variants) < 0 < max(variant.surcharge for variant in variants)
    assert any(variant.barcode for variant in variants) and any(not variant.on_sale for variant in variants)
    assert len({variant.no for variant in variants}) == len(variants)
    assert all(world.variant(variant.no) == (product, variant) for product in products for variant in product.variants)
    for name in ("list_price", "discounted", "brand", "maker", "barcode", "code", "summary", "price_text"):
        assert {bool(getattr(product, name)) for product in products} == {True, False}, name
    assert all(product.discounted is None or product.discounted < product.price for product in products)
    assert all(product.list_price is None or product.list_price > product.price for product in products)
    assert all(product.price + variant.surcharge > 0 for product in products for variant in product.variants)
    assert {len(world.categories[no].path) for product in products for no in product.categories} == {1, 2, 3}
    assert {len(product.categories) for product in products} >= {1, 2, 3}
    assert {len(product.images) for product in products} >= {1, 4} and any(product.text_options for product in products)
    names = " ".join(product.name for product in products)
    assert all(odd in names for odd in ("&amp;", "<br>", "\t", "🎁", ",", '"', "=", "/", "&lt;", "  ", "\u200b"))
    chosen = " ".join(value for variant in variants for value in variant.values)
    assert all(odd in chosen for odd in (",", "=", "/"))


def test_orders_have_every_state_and_kind_of_line(world, trade):
    orders = list(trade.orders)
    lines = [line for order in orders for line in order.lines]
    assert set(get_args(words.OrderStatus)) - {"unknown"} == {line.status for line in lines}
    assert {order.status for order in orders} <= set(get_args(words.OrderStatus))
    assert set(get_args(words.LineKind)) == {line.kind for line in lines}
    sheets = [importlib.import_module(f"spiders.{platform}").FACTS for platform in facts.platforms()]
    assert {order.channel for order in orders} == {channel for sheet in sheets for channel in sheet.channels}
    assert {len(line.parcels) for line in lines} == {0, 1, 2}
    assert any(len({parcel.courier for line in order.lines for parcel in line.parcels}) > 1 for order in orders)
    assert any(0 < line.left < line.quantity for line in lines) and any(line.texts for line in lines)
    assert any(len({line.variant for line in order.lines}) < len(order.lines) for order in orders)
    for name in (
        "guest",
        "masked",
        "points",
        "coupon",
        "shipping_fee",
        "external",
        "paid_at",
        "completed_at",
        "message",
    ):
        assert {bool(getattr(order, name)) for order in orders} == {True, False}, name
    assert any(line.discount for line in lines) and len({order.methods for order in orders}) > 5
    assert any(order.buyer is not order.receiver for order in orders)
    assert max(Counter(order.buyer.no for order in orders).values()) > 2


def test_claims_go_through_every_phase(trade):
    claims = list(trade.claims)
    usual = {"requested", "accepted", "on_hold", "rejected", "withdrawn", "completed"}
    phases = {
        "cancel": usual | {"refunding"},
        "return": usual | {"collecting", "collected", "refunding"},
        "exchange": usual | {"collecting", "collected", "reshipping"},
    }
    assert {kind: {claim.phase for claim in claims if claim.kind == kind} for kind in phases} == phases
    assert {claim.reason for claim in claims} == set(get_args(words.Reason)) - {"unknown"}
    assert {claim.by for claim in claims} == {"buyer", "seller", "platform"}
    assert {claim.restocked for claim in claims} == {None, True, False}
    assert {bool(claim.fee) for claim in claims} == {bool(claim.points_back) for claim in claims} == {True, False}
    assert {len(claim.lines) for claim in claims} >= {1, 2}
    for claim in claims:
        order = trade.orders[claim.order]
        assert claim in order.claims and all(order.line(no).claim == claim.no for no, _ in claim.lines)
        assert (claim.refund is not None) == bool(claim.refunded_at) and (claim.phase == "completed") == bool(
            claim.completed_at
        )
        for no in claim.replacements:
            assert order.line(no).kind == "replacement" and order.line(no).replaces == claim.lines[0][0]
    assert any(len(order.claims) > 1 for order in trade.orders)


def test_reviews_are_of_every_kind(world, trade):
    reviews = list(trade.reviews)
    assert {review.rating for review in reviews} == {None, 1, 2, 3, 4, 5}
    assert {len(review.replies) for review in reviews} == {0, 1, 2}
    assert {reply.by for review in reviews for reply in review.replies} == {"seller", "buyer"}
    assert {flag for review in reviews for flag in review.flags} == set(get_args(words.ReviewFlag))
    for name in ("photos", "video", "edited_at", "parent", "external", "order", "helpful", "scores", "member"):
        assert {bool(getattr(review, name)) for review in reviews} == {True, False}, name
    days = [(review.written_at, review.written_at.astimezone(values.SEOUL)) for review in reviews]
    assert any(seoul.minute == 59 and seoul.hour == 23 for _, seoul in days)
    assert any(seoul.hour == 0 and utc.date() != seoul.date() for utc, seoul in days)
    assert any(review.author.phone in review.text for review in reviews)
    assert any(review.author.email in review.text for review in reviews)
    assert any("<p>" in review.text for review in reviews)
    # One product is what long walks are about.
    assert len(trade.reviews_of(101)) > len(reviews) / 5


def test_time_and_money_add_up(world, trade):
    for thing in [*world.products, *trade.orders, *trade.claims, *trade.reviews]:
        moments = [event.at for event in thing.events]
        assert moments == sorted(moments) and moments[-1] <= world.anchor, thing
        assert all(at.tzinfo is UTC and not at.microsecond for at in moments)
    for order in trade.orders:
        assert 0 <= order.refunded <= order.due and order.items_total + order.shipping_now >= order.discount_now, order
        assert all(0 <= line.left <= line.quantity for line in order.lines)
        assert bool(order.when("paid")) == bool(order.paid_at)
    for things in (trade.orders, trade.claims, trade.reviews):
        begun = [one.events[0].at for one in things]
        assert begun == sorted(begun) and [one.no for one in things] == list(range(1, len(things) + 1))
    ages = [(world.anchor - order.ordered_at).days for order in trade.orders]
    assert 190 < max(ages) <= 200 and sum(age < 90 for age in ages) > 0.7 * len(ages)


def test_persons_are_invented_and_all_different(world):
    persons = world.people
    for name in ("phone", "email", "member"):
        assert len({getattr(person, name) for person in persons}) == len(persons)
    assert all(person.phone.startswith("010-0") and "example." in person.email for person in persons)


def test_what_persons_write_can_be_masked(world, trade):
    texts = [review.text for review in trade.reviews] + [claim.text or "" for claim in trade.claims]
    masked = "\n".join(mask(text) for text in texts)
    for person in world.people:
        for told in (person.phone, person.phone.replace("-", ""), person.email, person.name, person.member):
            assert told not in masked
    assert "[phone]" in masked and "[e-mail]" in masked and "[number]" in masked
    assert people.stars("홍길동") == "홍*동" and people.stars("이도") == "이*" and people.stars("") == "*"
    assert people.starred_phone("010-0123-4567") == "010-****-4567" and people.starred_member("abcdef") == "abcd****"


def test_malls_sell_the_same_things_to_other_buyers(world):
    one, other = world.trade("demo_one"), world.trade("demo_other")
    assert [order.buyer for order in one.orders] != [order.buyer for order in other.orders]
    assert {line.product for order in one.orders for line in order.lines} <= {product.no for product in world.products}
    assert {order.buyer.no for order in one.orders} & {order.buyer.no for order in other.orders}


def test_changes_touch_what_they_say_and_nothing_else():
    world = World(3, Counts(products=80, orders=150, reviews=120), datetime(2026, 11, 5, tzinfo=UTC))
    trade = world.trade("demo")
    for turn in range(1, 4):
        before = frozen(world, trade)
        at = world.anchor + timedelta(hours=turn)
        told = changes.change(world, at)["demo"]
        after = frozen(world, trade)
        for resource, kinds in told.items():
            if resource == "inventory":
                continue
            old, new = before[resource], after[resource]
            assert sorted(kinds["new"]) == sorted(new.keys() - old.keys())
            moved = {no for no in old.keys() & new.keys() if old[no] != new[no]}
            assert moved <= {*kinds["changed"], *kinds["gone"]}, resource
            assert len(moved) >= len(kinds["changed"]) - 1
            if resource == "reviews":
                assert sorted(kinds["gone"]) == sorted(old.keys() - new.keys())
            else:
                assert not old.keys() - new.keys()
        assert all(kinds["new"] and kinds["changed"] for kinds in told.values())
        stamped = [*trade.orders, *trade.claims, *trade.reviews, *world.products]
        assert all(one.changed_at <= at for one in stamped) and sum(one.changed_at == at for one in stamped) > 25


def frozen(world, trade):
    shelves = {
        "products": world.products, "orders": trade.orders, "returns": trade.claims, "reviews": trade.reviews,
    }  # fmt: skip
    return {name: {one.no: msgspec.json.encode(one) for one in shelf} for name, shelf in shelves.items()}


def test_a_view_is_built_once_until_something_changes(world):
    trade, looked = world.trade("views"), []

    def when(order):
        looked.append(order.no)
        return order.ordered_at if order.no % 2 else None

    middle = trade.orders[200].ordered_at
    for _ in range(5):
        young = trade.orders.between("test", when, middle, None)
        old = trade.orders.between("test", when, None, middle)
    assert len(looked) == 400 and len(young) + len(old) == 200
    assert all(order.ordered_at >= middle for order in young) and all(order.ordered_at < middle for order in old)
    changes.drift(trade, ("orders",), world.anchor + timedelta(seconds=1))
    assert len(trade.orders.between("test", when, None, None)) in (200, 201) and len(looked) >= 800
    world.products.touch()
    trade.orders.between("test", when, None, None)
    assert len(looked) >= 1200
    paid = trade.orders.events("paid", lambda order, event: event.what == "paid", None, None)
    assert len(paid) == sum(1 for order in trade.orders if order.paid_at)
    assert [at for at, _, _ in paid] == sorted(at for at, _, _ in paid)
    newest = trade.reviews.where("all", lambda review: True, newest_first=True)
    assert [review.no for review in newest] == list(range(1000, 0, -1))


def test_a_large_world_is_made_in_seconds():
    begun = time.process_time()
    world = World(7, Counts(products=5000, orders=20000, reviews=5000))
    trade = world.trade("demo")
    assert len(trade.orders) == 20000 and len(world.products) == 5000 and len(trade.reviews) == 5000
    assert time.process_time() - begun < 15


# -- shapes -----------------------------------------------------------------------------------------------------------

SAMPLE = {
    "orders": [
        {"no": "1", "sum": 5, "items": [{"a": 1}], "note": None, "more": {}},
        {"no": "2", "sum": None, "items": []},
    ],
    "total": 2,
}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"orders": [], "total": 0}, None),
        ({"orders": [{"no": "3", "sum": 1.5, "items": [], "more": {"x": 1}}], "total": 1}, None),
        ({"orders": [{"no": "3", "sum": None, "items": [{"a": 2}], "note": "anything"}], "total": 1}, None),
        ({"orders": []}, "total is missing"),
        ({"orders": {}, "total": 0}, "orders is object, the sample has list"),
        ({"orders": [], "total": True}, "total is boolean, the sample has number"),
        ({"orders": [], "total": None}, "total is null, the sample has number"),
        ({"orders": [{"no": 3, "sum": 1, "items": []}], "total": 1}, "orders.[].no is number, the sample has text"),
        ({"orders": [{"sum": 1, "items": []}], "total": 1}, "orders.[].no is missing"),
        ({"orders": [{"no": "3", "sum": 1, "items": [{"a": "x"}]}], "total": 1}, "orders.[].items.[].a is text, the"),
        ({"orders": [], "total": 0, "extra": 1}, "extra is not in the sample"),
        ([], "the answer is list, the sample has object"),
    ],
)
def test_answers_are_held_against_samples(answer, problem):
    found = shape_problems(answer, SAMPLE)
    assert found == [] if problem is None else len(found) == 1 and found[0].startswith(problem)


def test_what_is_told_about_a_sample_is_allowed():
    assert shape_problems({"orders": [], "total": None}, SAMPLE, nullable=("total",)) == []
    assert shape_problems({"orders": []}, SAMPLE, optional=("total",)) == []
    odd = {"orders": [{"anything": 1}], "total": 1}
    assert shape_problems(odd, SAMPLE, loose=("orders",)) == []
    assert shape_problems([{"a": 1}, {"b": 1}], [{"a": 1}]) == ["[].b is not in the sample", "[].a is missing"]


def test_a_template_is_filled_and_never_grows():
    product = templates("cafe24_shapes.json")["product"]
    filled = fill(product, {"product_no": 5})
    assert filled["product_no"] == 5 and filled.keys() == product.keys() and shape_problems(filled, product) == []
    filled["product_volume"]["use_product_volume"] = "T"
    assert product["product_volume"]["use_product_volume"] == "F"
    with pytest.raises(KeyError, match="not in the template"):
        fill(product, {"product_number": 5})
