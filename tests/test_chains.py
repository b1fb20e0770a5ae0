"""Newest-first walks leave no hole: killed anywhere, over lists whose rows come, go and shift while they are paged."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from shopscrape.chains import PASSES, Chain, Place, Progress

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 5


class Wall:
    """A list of reviews, newest first, as a page shows it."""

    def __init__(self, count, *, day=False, step=3):
        self.day = day
        self.step = timedelta(hours=step)
        self.rows = []
        self.next = 0
        for _ in range(count):
            self.add()

    def add(self):
        """Put a new row on top."""
        at = START + self.next * self.step
        if self.day:
            at = at.replace(hour=0)
        self.rows.insert(0, Place(f"r{self.next}", at, self.day))
        self.next += 1

    def page(self, number):
        """Return a page, counted from 0, the total, and whether it is the last."""
        rows = self.rows[number * SIZE : (number + 1) * SIZE]
        return rows, len(self.rows), (number + 1) * SIZE >= len(self.rows)


def walk(wall, progress, stored, *, full=False, limit=None, kill=None, between=lambda: None):
    """Walk once, storing rows and marks a page at a time; return the progress that is left and whether it arrived."""
    chain = Chain(progress, full=full, limit=limit)
    pages = 0
    while True:
        number = 0
        while not chain.done and not chain.again:
            rows, total, last = wall.page(number)
            chain.page(rows, total=total, last=last)
            stored.update(place.id for place in rows if chain.wanted(place))
            if not chain.done and not chain.again:
                progress = chain.reached() or progress
            pages += 1
            if pages == kill:
                return progress, chain, pages
            number += 1
            between()
        if chain.again:
            chain.restart()
            if not chain.torn:
                continue
        break
    return chain.finished() or progress, chain, pages


def test_the_first_walk_reads_all_and_the_next_one_page():
    wall, stored = Wall(23), set()
    progress, chain, _ = walk(wall, Progress(), stored)
    assert stored == {place.id for place in wall.rows}
    assert progress == Progress(head="r22", head_at=wall.rows[0].at, whole=True)
    assert chain.exact and chain.complete
    _, _, pages = walk(wall, progress, stored)
    assert pages == 1


def test_a_killed_first_walk_goes_on_below_its_tail_before_the_head_moves():
    wall, stored = Wall(23), set()
    progress, _, _ = walk(wall, Progress(), stored, kill=2)
    assert (progress.head, progress.top, progress.tail, progress.deep) == ("", "r22", "r13", True)
    for _ in range(4):
        wall.add()
    progress, _, _ = walk(wall, progress, stored, kill=1)
    assert (progress.top, progress.tail) == ("r26", "r13"), "r22 was met, so the new rows join the old chain"
    progress, _, _ = walk(wall, progress, stored)
    assert progress.head == "r26" and not progress.tail
    assert stored == {place.id for place in wall.rows}


def test_new_rows_that_do_not_reach_the_broken_chain_leave_its_marks_alone():
    wall, stored = Wall(23), set()
    first, _, _ = walk(wall, Progress(), stored, kill=2)
    for _ in range(12):
        wall.add()
    progress, _, _ = walk(wall, first, stored, kill=1)
    assert progress == first


def test_a_deleted_head_is_passed_by_its_time():
    wall, stored = Wall(40), set()
    progress, _, _ = walk(wall, Progress(), stored)
    del wall.rows[0]
    for _ in range(3):
        wall.add()
    progress, _, pages = walk(wall, progress, stored)
    assert pages == 1 and progress.head == "r42"


def test_a_row_pinned_at_the_top_ends_nothing():
    wall, stored = Wall(30), set()
    progress, _, _ = walk(wall, Progress(), stored)
    pinned = wall.rows.pop(0)
    for _ in range(7):
        wall.add()
    wall.rows.insert(0, pinned)
    progress, _, pages = walk(wall, progress, stored)
    assert pages == 2 and progress.head == "r36"
    assert stored == {place.id for place in wall.rows}


def test_days_alone_are_enough():
    wall, stored = Wall(30, day=True), set()
    progress, _, _ = walk(wall, Progress(), stored)
    for _ in range(6):
        wall.add()
    walk(wall, progress, stored)
    assert stored == {place.id for place in wall.rows}


def test_without_times_only_the_head_itself_ends_the_walk():
    rows = [Place(f"r{number}") for number in range(12, 0, -1)]
    chain = Chain(Progress(head="r9", whole=True))
    chain.page(rows[:3])
    assert not chain.done
    chain.page(rows[3:6])
    assert chain.done and chain.finished() == Progress(head="r12", whole=True)


def test_the_period_ends_a_first_walk_and_the_rest_is_not_taken():
    wall, stored = Wall(40), set()
    limit = wall.rows[12].at
    progress, chain, pages = walk(wall, Progress(), stored, limit=limit)
    assert pages == 3 and chain.by == "limit"
    assert stored == {place.id for place in wall.rows if place.at >= limit}
    assert progress.head == "r39" and not progress.whole
    # Later walks meet rows from before the period too; they stay out until they are asked for.
    kept = set(stored)
    wall.add()
    progress, chain, pages = walk(wall, progress, stored)
    assert chain.by == "head" and stored == kept | {"r40"} and progress.floor == limit
    wall.rows = wall.rows[:12] + wall.rows[14:]
    progress, _, _ = walk(wall, progress, stored)
    assert stored == kept | {"r40"}
    progress, _, _ = walk(wall, progress, stored, full=True, limit=wall.rows[4].at)
    assert progress.floor == limit, "a shorter look does not make an earlier one shorter"
    progress, _, _ = walk(wall, progress, stored, full=True)
    assert progress.whole and progress.floor is None and stored >= {place.id for place in wall.rows}


def test_a_period_that_ends_above_the_head_leaves_a_gap_and_so_no_mark():
    wall, stored = Wall(40), set()
    progress, _, _ = walk(wall, Progress(), stored)
    for _ in range(30):
        wall.add()
    after, _, _ = walk(wall, progress, stored, full=True, limit=wall.rows[4].at)
    assert after == progress


def test_a_killed_deep_walk_goes_on_to_its_own_end():
    wall, stored = Wall(40), set()
    progress, _, _ = walk(wall, Progress(), stored, limit=wall.rows[7].at)
    progress, _, _ = walk(wall, progress, stored, full=True, kill=5)
    assert progress.deep and progress.goal is None and progress.head == "r39"
    progress, _, _ = walk(wall, progress, stored)
    assert stored == {place.id for place in wall.rows} and progress.whole


def test_a_killed_sweep_of_a_known_list_leaves_nothing_to_go_on_with():
    wall, stored = Wall(40), set()
    whole, _, _ = walk(wall, Progress(), stored)
    progress, _, _ = walk(wall, whole, stored, full=True, kill=5)
    assert progress == whole


def test_rows_that_shift_away_are_read_in_another_pass():
    wall, stored = Wall(30), set()
    gone = iter((lambda: wall.rows.pop(2), *[lambda: None] * 40))
    progress, chain, _ = walk(wall, Progress(), stored, between=lambda: next(gone)())
    assert chain.passes == 2 and chain.exact
    assert stored >= {place.id for place in wall.rows} and progress.whole


def test_a_pass_that_was_broken_off_is_begun_again():
    wall = Wall(30)
    chain = Chain(Progress(), full=True)
    for number in range(6):
        rows, total, last = wall.page(number)
        chain.page(rows, total=total, last=last)
        if number == 3:
            wall.rows.pop(0)
    assert chain.again
    for _ in range(2):
        chain.restart()
        chain.page(*wall.page(0)[:1], total=29)
        assert not chain.done and not chain.again
    for number in range(1, 5):
        assert not chain.done
        rows, total, last = wall.page(number)
        chain.page(rows, total=total, last=last)
    assert chain.done and chain.by == "end" and chain.exact


def test_a_list_that_never_stands_still_is_given_up():
    wall, stored = Wall(60), set()
    progress, chain, _ = walk(wall, Progress(), stored, between=lambda: wall.rows.pop(0))
    assert chain.torn and not chain.exact and not chain.complete
    assert chain.passes == PASSES + 1
    assert not progress.head


def test_a_ranked_list_ends_only_at_its_end_and_remembers_nothing_midway():
    wall = Wall(20)
    chain = Chain(Progress(head="r1", head_at=START, whole=True))
    chain.ordered = False
    ranked = random.Random(3).sample(wall.rows, 20)
    for number in range(4):
        assert not chain.done and chain.reached() is None
        chain.page(ranked[number * SIZE : (number + 1) * SIZE], total=20, last=number == 3)
    assert chain.done and chain.exact and chain.finished().head == "r19"


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("day", (False, True))
def test_no_hole_after_kills_inserts_and_deletions(seed, day):
    dice = random.Random(seed)
    wall, stored, progress = Wall(dice.randrange(0, 90), day=day), set(), Progress()

    def between():
        happens = dice.random()
        if happens < 0.1:
            wall.add()
        elif happens < 0.14 and wall.rows:
            del wall.rows[dice.randrange(len(wall.rows))]

    for _ in range(dice.randrange(1, 14)):
        for _ in range(dice.choice((0, 0, 1, 4, 20))):
            wall.add()
        kill = dice.choice((None, 1, 2, 3, 5, 8, 13))
        full = dice.random() < 0.15
        progress, _, _ = walk(wall, progress, stored, kill=kill, full=full, between=between)
    progress, chain, _ = walk(wall, progress, stored)
    missing = {place.id for place in wall.rows} - stored
    assert not missing
    assert chain.done and not progress.tail


@pytest.mark.parametrize("seed", range(60))
def test_an_exact_sweep_has_seen_every_row_that_stands(seed):
    dice = random.Random(seed)
    wall = Wall(dice.randrange(0, 60))
    old = {place.id for place in wall.rows}

    def between():
        happens = dice.random()
        if happens < 0.1:
            wall.add()
        elif happens < 0.2 and wall.rows:
            del wall.rows[dice.randrange(len(wall.rows))]

    _, chain, _ = walk(wall, Progress(), set(), full=True, between=between)
    assert not chain.exact or old & {place.id for place in wall.rows} <= chain.seen
