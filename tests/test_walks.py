"""Windows and sweeps over a real store: however often a run is killed, no row is lost, no mark runs ahead."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shopscrape import walks
from shopscrape.facts import FactSheet
from shopscrape.identity import fingerprint, form, identity
from shopscrape.items import Order
from shopscrape.malls import Mall
from shopscrape.report import RunReport
from shopscrape.session import Arguments
from shopscrape.store import open_store
from shopscrape.walks import Stream, Sweep, Windowed
from shopscrape.windows import Row, Window, windows

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = {"platform": "p", "mall": "m", "collected_at": NOW}
FACTS = FactSheet(platform="p", title="P", hosts=())


@pytest.fixture
def clock(monkeypatch):
    """The present, as the walks see it; move it by setting `at`."""
    told = SimpleNamespace(at=NOW)
    monkeypatch.setattr(walks.values, "now", lambda: told.at)
    return told


@pytest.fixture
def db(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


def session(store, since=NOW - 90 * DAY, given=False, sweep=False, complete=False, resources=("orders", "reviews")):
    mall = Mall(name="m", platform="p")
    arguments = Arguments(mall=mall, resources=resources, since=since, since_given=given, sweep=sweep, url="")
    return SimpleNamespace(
        facts=FACTS, mall=mall, store=store, resources=resources, arguments=arguments, complete=complete,
        report=RunReport("r", "p_api", "p", "m", resources),
    )  # fmt: skip


def commit(store, records, now=NOW, **more):
    rows = []
    for record in records:
        row = Row(record, 0)
        row.digest, row.body = fingerprint(record)
        row.identity, row.form = identity(record), form(record)
        rows.append(row)
    store.known(rows)
    return store.commit(rows, run="r", now=now, **more)


# -- windows ----------------------------------------------------------------------------------------------------------


def test_windows_are_adjacent_and_cover():
    told = random.Random(3)
    for _ in range(200):
        start = NOW + timedelta(seconds=told.randrange(10**6))
        end = start + timedelta(seconds=told.randrange(10**6))
        found = list(windows(start, end, timedelta(seconds=told.randrange(1, 10**5))))
        assert [w.end for w in found[:-1]] == [w.start for w in found[1:]]
        assert not found or (found[0].start, found[-1].end) == (start, end)


def test_halves_are_whole_units_and_a_unit_has_none():
    window = Window(NOW, NOW + 5 * DAY)
    first, second = window.halves(DAY)
    assert (first.start, first.end, second.start, second.end) == (NOW, NOW + 2 * DAY, NOW + 2 * DAY, NOW + 5 * DAY)
    assert Window(NOW, NOW + DAY).halves(DAY) is None
    assert Window().halves(DAY) is None
    assert NOW in window and NOW + 5 * DAY not in window and NOW in Window()


def test_a_first_run_takes_ninety_days_and_the_mark_stays_behind_the_present(db, clock):
    way = Windowed(longest=31 * DAY)
    stream = Stream("s", way, ("orders",))
    stream.begin(session(db))
    legs = list(iter(stream.next_leg, None))
    assert legs[0].window.start == NOW - 90 * DAY
    assert [leg.window.end - leg.window.start for leg in legs] == [31 * DAY, 31 * DAY, 28 * DAY]
    assert legs[-1].marks[0].upto == NOW - timedelta(minutes=5)


def test_the_next_run_begins_at_the_mark_and_the_overlap_is_only_asked(db, clock):
    way = Windowed(longest=31 * DAY, overlap=timedelta(minutes=10))
    stream = Stream("s", way, ("orders",))
    stream.begin(session(db))
    for leg in iter(stream.next_leg, None):
        commit(db, [], marks=leg.marks)
    clock.at = NOW + timedelta(hours=1)
    stream.begin(session(db))
    (leg,) = iter(stream.next_leg, None)
    assert leg.window.start == NOW - timedelta(minutes=5)
    assert way.asked(leg).start == NOW - timedelta(minutes=15)


def test_since_after_the_mark_leaves_the_mark(db, clock):
    way, stream = Windowed(longest=31 * DAY), None
    commit(db, [], marks=Stream("s", way, ("orders",)).marks(session(db), upto=NOW - 50 * DAY))
    stream = Stream("s", way, ("orders",))
    here = session(db, since=NOW - 10 * DAY, given=True)
    stream.begin(here)
    assert all(not leg.marks for leg in iter(stream.next_leg, None))
    assert "mark stays" in here.report.notices[0]
    earlier = session(db, since=NOW - 60 * DAY, given=True)
    stream.begin(earlier)
    for leg in iter(stream.next_leg, None):
        commit(db, [], marks=leg.marks)
    assert stream.stored(earlier)[0].upto == NOW - timedelta(minutes=5)


def test_a_resource_that_was_never_asked_pulls_the_begin_back(db, clock):
    way = Windowed(longest=400 * DAY)
    stream = Stream("s", way, ("orders", "reviews"))
    commit(db, [], marks=Stream("s", way, ("orders",)).marks(session(db), upto=NOW - DAY))
    stream.begin(session(db))
    assert stream.next_leg().window.start == NOW - 90 * DAY


@pytest.mark.parametrize("seed", range(6))
def test_killed_windows_lose_nothing(db, clock, seed):
    told = random.Random(seed)
    way = Windowed(longest=7 * DAY, overlap=timedelta(hours=1), lag=timedelta(minutes=30))
    world = {f"o{n}": NOW - 90 * DAY + timedelta(seconds=told.randrange(90 * 86400)) for n in range(200)}
    for run in range(25):
        clock.at += timedelta(hours=told.randrange(1, 30))
        # Rows appear late: what happened within the last half hour may show up only now.
        world |= {f"n{run}-{n}": clock.at - timedelta(minutes=told.randrange(30)) for n in range(3)}
        dies = told.random() < 0.8 and run < 24
        here, stream = session(db), Stream("s", way, ("orders",))
        stream.begin(here)
        walked = 0
        while (leg := stream.next_leg()) is not None:
            if dies and told.random() < 0.3:
                break
            asked = way.asked(leg)
            found = [Order(**HERE, order_id=name, ordered_at=at) for name, at in world.items() if at in asked]
            if len(found) > 25 and way.halve(stream, here, leg):
                continue
            cut = told.randrange(len(found) + 1)
            # Killed between two batches of a window: the first is stored, the mark is not.
            commit(db, found[:cut], leg=leg.id)
            if dies and told.random() < 0.2:
                break
            commit(db, found[cut:], marks=leg.marks, leg=leg.id)
            walked += 1
        mark = stream.stored(here)[0]
        if mark:
            stored = {row["order_id"] for row in db.read("orders")}
            assert {name for name, at in world.items() if NOW - 90 * DAY <= at < mark.upto} <= stored
    assert {row["order_id"] for row in db.read("orders")} == set(world)


# -- sweeps -----------------------------------------------------------------------------------------------------------


def test_a_sweep_is_due_when_never_finished_asked_for_or_old(db, clock):
    way, stream = Sweep(), None
    stream = Stream("s", way, ("orders",))
    assert way.due(stream, session(db))
    stream.begin(session(db))
    commit(db, [], marks=stream.next_leg().marks)
    assert not way.due(stream, session(db))
    assert way.due(stream, session(db, sweep=True)) and way.due(stream, session(db, complete=True))
    clock.at = NOW + 8 * DAY
    assert way.due(stream, session(db))


def test_only_a_finished_sweep_retires(db, clock):
    way = Sweep(retires=("orders",))
    stream = Stream("s", way, ("orders",))

    def run(ids, finishes):
        clock.at += DAY
        stream.begin(session(db))
        leg = stream.next_leg()
        more = {"marks": leg.marks, "retire": leg.retire} if finishes else {}
        commit(db, [Order(**HERE, order_id=number) for number in ids], now=clock.at, leg=leg.id, **more)
        return {row["order_id"] for row in db.read("orders")}

    assert run("abc", True) == {"a", "b", "c"}
    assert run("a", False) == {"a", "b", "c"}
    assert run("ab", True) == {"a", "b"}
    assert run("abc", True) == {"a", "b", "c"}


def test_since_never_retires_and_a_period_is_told_to_the_store(db, clock):
    way = Sweep(retires=("reviews",), catches_up="s_new")
    dated = Stream("s", way, ("reviews",), dated=True)
    dated.begin(session(db, given=True))
    assert dated.next_leg().retire == []
    dated.begin(session(db))
    leg = dated.next_leg()
    assert leg.retire[0].since == NOW - 90 * DAY
    assert {(mark.stream, mark.upto) for mark in leg.marks} == {("s", None), ("s_new", NOW - timedelta(minutes=5))}
