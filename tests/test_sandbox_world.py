"""The world that the sandbox shows: the same for the same seed, and full of what breaks collectors; its clock."""

import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from sandbox import changes
from sandbox.clock import Clock, Tokens
from sandbox.world import Counts, World


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
    clock = Clock(100)
    bucket = clock.bucket("a", rate=2, burst=5)
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    assert bucket.used == 5 and 0 < bucket.wait <= 1 / 200
    time.sleep(0.011)
    assert bucket.take() and clock.bucket("a", rate=2, burst=5) is bucket and clock.bucket("b", rate=2, burst=5).take()
    quota = clock.quota("q", limit=3, seconds=20)
    assert [quota.take() for _ in range(4)] == [True, True, True, False]
    assert quota.left == 0 and 0 < quota.wait <= 0.2
    time.sleep(0.21)
    assert quota.left == 3
    assert clock.lifetime(7200) == timedelta(seconds=72)
    for speed in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="speed"):
            Clock(speed)


def test_tokens_end_and_outlive_a_restart():
    clock = Clock(1)
    tokens = Tokens(clock, "seed", {"access": 0.05, "refresh": 1000})
    access, refresh = tokens.issue("access"), tokens.issue("refresh", about="me")
    assert tokens.alive(access.text, "access") and not tokens.alive(access.text, "refresh")
    assert tokens.newest("refresh") is refresh and len(refresh.text) == 32
    time.sleep(0.06)
    assert tokens.find(access.text, "access") and not tokens.alive(access.text, "access")
    tokens.revoke(refresh.text, "refresh")
    assert not tokens.alive(refresh.text, "refresh")
    later = Tokens(clock, "seed", tokens.lifetimes)
    assert later.alive(refresh.text, "refresh") and not later.alive(refresh.text, "access")
    assert not Tokens(clock, "other seed", tokens.lifetimes).find(refresh.text, "refresh")
    assert not later.find(None, "access") and not later.find("x" * 32, "access") and not later.find("é", "access")
