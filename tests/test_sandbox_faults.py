"""Faults on demand, and the log that tells of them: real requests to a sandbox of the toy platform."""

import contextlib
import http.client
import json
import time
import urllib.error

import pytest
from sandboxing import ask, control, force, orders, token, toy

from sandbox.faults import Faults


@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("500", 500), ("503", 503), ("garbage", 200)])
def test_faults_are_thrown_in_the_platforms_own_words(fault, status):
    with toy() as served:
        force(served, fault, stream="orders")
        found = orders(served)
        assert found[0] == status
        if fault == "429":
            assert json.loads(found[1]) == {"error": "slow down"} and found[2]["Retry-After"] == "1"
        elif fault == "garbage":
            assert b"<html>" in found[1]
        else:
            assert json.loads(found[1]) == {"error": status}
        assert orders(served)[0] == 200
        entry = control(served, "log", query="?mall=demo_toy", method="GET")[1]["malls"]["demo_toy"]["orders"]
        assert entry["faults"] == {fault: 1} and entry["requests"] == 2


def test_connections_end_before_a_body_and_within_it():
    with toy() as served:
        force(served, "cut", 2, stream="orders")
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, urllib.error.URLError)):
            orders(served)
        with pytest.raises(http.client.IncompleteRead) as cut:
            orders(served)
        assert len(cut.value.partial) > 0
        force(served, "truncate", stream="orders")
        status, body, headers = orders(served)
        assert status == 200 and int(headers["Content-Length"]) == len(body)
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
        force(served, "hang", stream="orders")
        begun = time.monotonic()
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, urllib.error.URLError)):
            orders(served)
        assert time.monotonic() - begun >= 2


def test_a_request_that_must_not_be_lost_is_never_answered_and_then_cut():
    with toy() as served:
        url, key = f"{served.stage.address('demo_toy')}/token", served.stage.secret("demo_toy", "KEY").encode()
        tokens = served.emulators[0].tokens
        for fault in ("cut", "cut", "hang", "500", "429"):
            force(served, fault, stream="auth")
            before = tokens._count
            with contextlib.suppress(OSError, http.client.HTTPException):
                assert ask(url, b"key=" + key)[0] in (500, 429)
            assert tokens._count == before
        for fault in ("truncate", "garbage", "expire"):
            force(served, fault, stream="auth")
            assert "token" in json.loads(ask(url, b"key=" + key)[1])


def test_a_token_ends_on_the_spot_and_by_its_own_time():
    with toy(speed=500.0) as served:
        url, held = f"{served.stage.address('demo_toy')}/orders", {"X-Token": token(served)}
        assert ask(url, headers=held)[0] == 200
        force(served, "expire", stream="orders")
        assert ask(url, headers=held)[0] == 401
        held = {"X-Token": token(served)}
        assert ask(url, headers=held)[0] == 200
        time.sleep(600 / 500 + 0.1)
        assert ask(url, headers=held)[0] == 401


def test_a_block_page_comes_where_there_is_one():
    with toy() as served:
        force(served, "block", mall="demo_toy", path="/goods/*")
        page = f"{served.stage.storefront('demo_toy')}/goods/101"
        assert b"Access denied" in ask(page)[1]
        assert b"Access denied" not in ask(page)[1]


def test_rows_change_while_they_are_paged():
    with toy() as served:
        shown = {mall: len(served.world.trade(mall).orders) for mall in ("demo_toy", "demo_toy_two")}
        control(served, "faults", {"rates": {"drift": 1}})
        totals = [json.loads(orders(served, f"?page={page}")[1])["total"] for page in range(9)]
        assert totals[-1] > 60 and totals == sorted(totals)
        assert len(served.world.trade("demo_toy_two").orders) == shown["demo_toy_two"]
        control(served, "faults", {"clear": True})
        told = control(served, "drift", query="?mall=demo_toy&resource=reviews&times=6")[1]
        assert {one["what"] for one in told} == {"added", "edited", "deleted"}
        assert control(served, "drift")[0] == 400


def test_chances_are_seeded_and_no_request_fails_for_ever():
    def draws(seed):
        faults = Faults(seed, {"500": 0.5, "cut": 0.3})
        return [
            faults.draw("m", "orders", "/orders", f"GET /orders?{place // 4}", ("500", "cut")) for place in range(400)
        ]

    assert draws(7) == draws(7) != draws(8)
    found = draws(7)
    assert found.count("500") > 100 and found.count("cut") > 50
    in_a_row = 0
    for place, fault in enumerate(found):
        in_a_row = in_a_row + 1 if fault and place % 4 else int(bool(fault))
        assert in_a_row <= 2
    always = Faults(1, {"429": 1.0})
    assert "" in [always.draw("m", "s", "/", f"never asked again {place}", ("429",)) for place in range(4)]


def test_the_same_question_is_known_though_it_carries_another_time():
    with toy() as served:
        control(served, "faults", {"rates": {"500": 1}})
        url = f"{served.stage.address('demo_toy')}/reviews/101"
        found = [ask(f"{url}?time={place}")[0] for place in range(6)]
        assert found == [500, 500, 200, 500, 500, 200]
        assert [ask(url)[0] for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize(
    "told",
    [
        {"rates": "nothing:0.1"}, {"rates": "429:much"}, {"rates": {"429": 0.9, "cut": 0.2}}, {"rates": "429:nan"},
        {"force": {"fault": "fire"}}, {"force": {"stream": "x"}}, {"force": 7}, {"force": {"fault": "429", "typo": 1}},
    ],
)  # fmt: skip
def test_faults_that_make_no_sense_are_refused(told):
    with toy() as served:
        status, said = control(served, "faults", told)
        assert status == 400 and said["error"].endswith(".")
        assert control(served, "faults", method="GET")[1] == {"rates": {}, "force": []}
        assert control(served, "log", query="?mall=other", method="GET")[0] == 400


def test_the_log_counts_by_mall_and_stream():
    with toy() as served:
        orders(served), orders(served, mall="demo_toy_two")
        ask(f"{served.stage.address('demo_toy')}/orders")
        ask(f"{served.stage.address('demo_toy')}/reviews/101?secret=1")
        ask(f"{served.stage.address('demo_toy')}/script.js")
        ask(f"{served.stage.address('demo_toy')}/nowhere")
        told = control(served, "log", query="?list=1", method="GET")[1]
        mine = told["malls"]["demo_toy"]
        assert mine["orders"] == {"requests": 2, "statuses": {"200": 1, "401": 1}, "faults": {}}
        assert mine["auth"]["requests"] == mine["reviews_of:101"]["requests"] == mine["unknown path"]["requests"] == 1
        assert set(mine) == {"orders", "auth", "reviews_of:101", "unknown path"}
        assert told["requests"] == 7 == len(told["list"])
        entry = told["list"][1]
        assert entry["stream"] == "orders" and entry["rows"] == 20 and entry["path"] == "/toy/demo_toy/orders"
        assert "secret" not in json.dumps(told)
        moments = [one["at"] for one in told["list"]]
        assert moments == sorted(moments)
        control(served, "log", query="?clear=1", method="GET")
        assert control(served, "log", method="GET")[1] == {"requests": 0, "malls": {}}
