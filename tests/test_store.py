"""The store keeps its promises on both engines."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from shopscrape.errors import ConfigurationError, MallBusy
from shopscrape.identity import fingerprint, form, identity
from shopscrape.items import Order, OrderLine, Product, Reply, Review, Stock, Variant
from shopscrape.store import DeadLetter, open_store, schema
from shopscrape.store.known import last_coverage, seen
from shopscrape.store.migrate import HEAD, REVISION, migrate, upgrade
from shopscrape.store.schema import METADATA
from shopscrape.windows import Mark, Retire, Row

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HERE = {"platform": "p", "mall": "m", "shop": "1", "collected_at": NOW}


def as_row(record):
    row = Row(record, 0)
    row.digest, row.body = fingerprint(record)
    row.identity, row.form = identity(record), form(record)
    return row


def put(store, *records, now=NOW, run="r", **more):
    rows = [as_row(record) for record in records]
    store.known(rows)
    counts = store.commit(rows, run=run, now=now, **more)
    return [row.state for row in rows], counts


def product(**fields):
    return Product(**HERE | {"product_id": "7", "name": "머그", "price": Decimal("1000")} | fields)


def test_the_migration_makes_what_the_items_say(store):
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrations_lead_to_the_tables_that_a_new_store_gets_at_once(store):
    with store.engine.begin() as connection:
        METADATA.drop_all(connection)
        REVISION.drop(connection)
    with store.engine.begin() as connection:
        upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.execute(select(REVISION.c.version_num)).scalar() == HEAD
    migrate(store.engine)
    assert put(store, product())[0] == ["new"]


def test_a_store_of_a_newer_version_is_left_alone(store, store_url):
    with store.engine.begin() as connection:
        connection.execute(REVISION.update().values(version_num="9999"))
    with pytest.raises(ConfigurationError, match="newer shopscrape"):
        open_store(store_url)


def test_processes_that_meet_a_new_store_make_it_once(store_url):
    words = "import sys; from shopscrape.store import open_store; open_store(sys.argv[1]).close()"
    several = [subprocess.Popen([sys.executable, "-c", words, store_url]) for _ in range(4)]
    assert [one.wait(timeout=60) for one in several] == [0] * 4


def test_new_same_changed_and_untold_fields_stay(store):
    assert put(store, product(brand="A"))[0] == ["new"]
    assert put(store, product(brand="A"))[0] == ["same"]
    assert put(store, product(price=Decimal("900")))[0] == ["changed"]
    (stored,) = store.read("products")
    assert (stored["price"], stored["brand"]) == ("900", "A")


def test_two_forms_of_one_record_do_not_flap(store):
    whole, part = product(brand="A"), product()
    assert put(store, whole)[0] == ["new"]
    assert put(store, part)[0] == ["same"]
    assert put(store, whole)[0] == ["same"]
    assert put(store, product(price=Decimal("5")))[0] == ["changed"]
    # The whole form tells the old price again: a change, although its fingerprint was seen before.
    assert put(store, whole)[0] == ["changed"]
    assert next(iter(store.read("products")))["price"] == "1000"


def test_one_identity_twice_in_a_batch(store):
    assert put(store, product(), product(brand="B"))[0] == ["new", "changed"]
    assert next(iter(store.read("products")))["brand"] == "B"


def test_what_an_api_tells_in_the_words_of_a_page_is_the_apis(store):
    assert put(store, product(source="web"))[0] == ["new"]
    assert put(store, product())[0] == ["same"]
    assert [row["source"] for row in store.read("products")] == ["api"]
    assert put(store, product(source="web", price=Decimal("5")))[0] == ["same"]


def test_api_beats_web_field_by_field(store):
    put(store, product())
    put(store, product(source="web", price=Decimal("1"), brand="W"))
    (stored,) = store.read("products")
    assert (stored["price"], stored["brand"]) == ("1000", "W")


def test_variants_are_a_whole_set(store):
    put(store, product(variants=[Variant(variant_id="a"), Variant(variant_id="b", quantity=3)]))
    put(store, product(variants=[Variant(variant_id="b", quantity=2)]))
    assert [(v["variant_id"], v["quantity"]) for v in next(iter(store.read("products")))["variants"]] == [("b", 2)]


def test_lines_merge_and_the_order_status_follows(store):
    def order(*lines):
        return Order(**HERE, order_id="o", lines=[OrderLine(line_id=a, status=b) for a, b in lines])

    put(store, order(("1", "shipped"), ("2", "placed")))
    assert next(iter(store.read("orders")))["status"] == "placed"
    put(store, order(("2", "cancelled")))
    stored = next(iter(store.read("orders")))
    assert stored["status"] == "shipped"
    assert [line["line_id"] for line in stored["lines"]] == ["1", "2"]


def versions(store):
    with store.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT version, gone FROM review_versions ORDER BY version"))


def test_a_review_keeps_every_version_and_its_disappearance(store):
    def review(text):
        return Review(**HERE, review_id="1", text=text, replies=[Reply(text="고맙습니다")])

    put(store, review("좋아요"))
    put(store, review("좋아요"))
    put(store, review("별로예요"), now=NOW + timedelta(days=1))
    later = NOW + timedelta(days=2)
    gone = Retire(platform="p", mall="m", shop="1", resource="reviews", before=later)
    assert put(store, now=later, retire=[gone])[1]["gone reviews"] == 1
    assert store.count("reviews") == 0
    assert put(store, review("별로예요"), now=later)[0] == ["changed"]
    assert [(version, bool(gone)) for version, gone in versions(store)] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]


def test_a_sweep_of_a_period_does_not_judge_what_is_older(store):
    def review(number, day):
        return Review(**HERE, review_id=number, written_at=NOW + timedelta(days=day))

    put(store, review("old", -100), review("gone", -10), review("seen", -5), Review(**HERE, review_id="undated"))
    later = NOW + timedelta(days=1)
    put(store, review("seen", -5), now=later)
    gone = Retire(platform="p", mall="m", shop="1", resource="reviews", before=later, since=NOW - timedelta(days=90))
    assert put(store, now=later, retire=[gone])[1]["gone reviews"] == 1
    assert {row["review_id"] for row in store.read("reviews")} == {"old", "seen", "undated"}


def test_times_with_and_without_a_fraction_are_compared_as_times(store):
    # A sweep that began in the very thousandth in which a second begins, and rows around it.
    def at(milliseconds):
        return NOW + timedelta(milliseconds=milliseconds)

    put(store, product(product_id="before"), now=at(-1))
    put(store, product(product_id="then"), now=at(0))
    put(store, product(product_id="after"), now=at(120))
    gone = Retire(platform="p", mall="m", shop="1", resource="products", before=NOW)
    assert put(store, now=at(500), retire=[gone])[1]["gone products"] == 1
    assert {row["product_id"] for row in store.read("products")} == {"then", "after"}
    assert seen(store, "p", "m", ["products"], NOW) == {"products": 2}
    assert seen(store, "p", "m", ["products"], at(120)) == {"products": 1}

    def order(name, milliseconds):
        return Order(**HERE, order_id=name, status="paid", ordered_at=at(milliseconds))

    put(store, order("before", -1), order("then", 0), order("after", 120))
    assert store.open_orders("p", "m", "1", NOW) == ["after", "then"]
    for name, milliseconds in (("first", 0), ("last", 120)):
        store.begin_run(name, "s", "p", "m", {}, at(milliseconds))
    assert [run["run"] for run in store.last_runs()] == ["last"]


def test_a_form_that_adds_what_was_not_known_leaves_the_other_as_it_was(store):
    listed, parcels = product(), product(brand="A")
    assert put(store, listed)[0] == ["new"]
    assert put(store, parcels)[0] == ["changed"]
    assert put(store, listed)[0] == ["same"]
    store.known(rows := [as_row(listed), as_row(parcels)])
    assert [row.state for row in rows] == ["same", "same"], "before they are merged"
    several = product(variants=[Variant(variant_id="7A", quantity=3)])
    assert put(store, several)[0] == ["changed"]
    store.known(rows := [as_row(listed), as_row(parcels), as_row(several)])
    assert [row.state for row in rows] == ["same"] * 3, "variants that come by an answer of their own, the first time"
    assert put(store, product(brand="B"))[0] == ["changed"]
    store.known(rows := [as_row(listed)])
    assert [row.state for row in rows] == ["changed"], "what is told otherwise leaves no other form as it was"


def test_coverage_is_that_of_the_last_good_run_with_enough_rows_of_a_kind(store):
    def run(name, outcome, coverage, hour):
        store.begin_run(name, "s", "p", "m", {}, NOW + timedelta(hours=hour))
        store.end_run(name, outcome, json.dumps({"coverage": coverage}), NOW + timedelta(hours=hour, minutes=5))

    pages, lists = {"rows with name": 40, "name": 39}, {"rows with price": 10, "price": 10}
    run("a", "ok", {"pages": {"rows with name": 90, "name": 1}, "lists": lists}, 0)
    run("b", "dead_letters", {"pages": pages}, 1)
    run("c", "fell_short", {"pages": {"rows with name": 50, "name": 0}}, 2)
    run("d", "ok", {"pages": {"rows with name": 9, "name": 0}, "lists": {}}, 3)
    assert last_coverage(store, "s", "m", 10) == {"pages": pages, "lists": lists}
    assert last_coverage(store, "s", "other", 10) == {}


def test_windows_that_did_not_end_are_known_until_others_took_their_rows(store):
    store.begin_run("r", "s", "p", "m", {}, NOW)
    first, second = b"window-1" + b"aaaa", b"window-2" + b"bbbb"
    put(store, product(), leg=first)
    assert store.unfinished("p", "m") == {first} and store.unfinished("p", "other") == set()
    row = as_row(product())
    store.known([row])
    row.unwritten = True
    store.commit([row], run="r", now=NOW, leg=second, ends=True)
    assert store.unfinished("p", "m") == set()
    put(store, product(brand="B"), leg=first)
    put(store, leg=first, ends=True)
    assert store.unfinished("p", "m") == set()


def test_a_window_that_only_takes_rows_over_is_known_as_unfinished_too(store):
    store.begin_run("r", "s", "p", "m", {}, NOW)
    first, second, third = b"window-1" + b"aaaa", b"window-2" + b"bbbb", b"window-3" + b"cccc"
    put(store, product(), leg=first)

    def take_over(leg, before, ends=False):
        store.known([row := as_row(product())])
        assert (row.state, row.leg) == ("same", before)
        row.unwritten = True
        store.commit([row], run="r", now=NOW, leg=leg, ends=ends)

    take_over(second, first)
    assert store.unfinished("p", "m") == {second}, "killed here, its file never came to be either"
    take_over(third, second, ends=True)
    assert store.unfinished("p", "m") == set()


def test_a_review_told_in_halves_is_one_version_and_an_edit_is_another(store):
    put(store, Review(**HERE, review_id="1", rating=Decimal(5)))
    put(store, Review(**HERE, review_id="1", rating=Decimal(5), text="좋아요"))
    assert [number for number, _ in versions(store)] == [1]
    with store.engine.connect() as connection:
        bodies = connection.execute(select(schema.review_versions.c.body)).scalars().all()
    assert len(bodies) == 1 and "좋아요" in str(bodies[0])
    put(store, Review(**HERE, review_id="1", rating=Decimal(5), text="별로예요"))
    put(store, Review(**HERE, review_id="1", rating=Decimal(5), title="제목", text="별로예요"), run="later")
    assert [number for number, _ in versions(store)] == [1, 2, 3]


def test_a_sweep_of_some_ids_does_not_judge_others_of_the_same_product(store):
    put(store, *(Review(**HERE, review_id=one, product_id="7") for one in ("b_2:1", "b_2:2", "bx2:3", "~4", "b_24:5")))
    gone = Retire(platform="p", mall="m", shop="1", resource="reviews", before=NOW + timedelta(days=1),
                  where={"product_id": "7"}, within="b_2:")  # fmt: skip
    assert put(store, now=NOW + timedelta(days=1), retire=[gone])[1]["gone reviews"] == 2
    assert {row["review_id"] for row in store.read("reviews")} == {"bx2:3", "~4", "b_24:5"}


def test_stock_history_grows_with_the_level_only(store):
    def level(quantity, minute):
        at = NOW + timedelta(minutes=minute)
        return Stock(**HERE, product_id="7", quantity=quantity, available=True, observed_at=at)

    for quantity, minute in ((3, 0), (3, 1), (2, 2)):
        put(store, level(quantity, minute))
    with store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT quantity FROM stock_history ORDER BY observed_at")
        assert [row[0] for row in found] == [3, 2]


def test_marks_move_forward_without_gaps(store):
    def mark(upto, since=None):
        return Mark(platform="p", mall="m", shop="", resource="orders", stream="s", upto=upto, since=since)

    day = timedelta(days=1)
    put(store, marks=[mark(NOW)])
    assert put(store, marks=[mark(NOW + 3 * day, since=NOW + 2 * day)])[1]["marks_refused"] == 1
    put(store, marks=[mark(NOW - day)])
    assert store.mark("p", "m", "", "orders", "s").upto == NOW
    put(store, marks=[mark(NOW + day, since=NOW)])
    assert store.mark("p", "m", "", "orders", "s").upto == NOW + day


def test_nothing_of_a_failed_transaction_stays(store):
    with pytest.raises(SQLAlchemyError):
        put(store, product(), marks=[Mark(platform="p", mall=None, shop="", resource="x", stream="s")])
    assert store.count("products") == 0


def test_secrets_are_encrypted(store, tmp_path):
    store.write_token("t", {"refresh": "CANARY-SECRET"})
    assert store.read_token("t") == {"refresh": "CANARY-SECRET"}
    told = {"platform": "p", "mall": "m", "shop": "", "access": "api", "kind": "k", "stream": "s", "position": 1}
    letter = DeadLetter(**told, why="price: not an amount", origin_json="{}", raw=b'{"buyer":"CANARY-PERSON"}')
    put(store, dead=[letter])
    put(store, dead=[letter])
    assert [one.raw for one in store.dead_letters("m")] == [letter.raw]
    files = b"".join(path.read_bytes() for path in tmp_path.glob("*.db*") if path.is_file())
    assert b"CANARY" not in files
    with store.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT secret FROM tokens").scalar()
    assert b"CANARY" not in bytes(raw)


def test_another_key_is_said_in_one_sentence(store, store_url):
    store.write_token("t", {"a": 1})
    other = open_store(store_url, "4nJk0c1c0cQm1dYv2m7o2l3b4n5v6c7x8z9a0s1d2f3=")
    with pytest.raises(ConfigurationError, match="another key"):
        other.read_token("t")
    other.close()


def test_a_lease_is_freed_when_its_process_is_killed(store, store_url, key):
    holder = subprocess.Popen(
        [
            sys.executable, "-c",
            "import sys, time; from shopscrape.store import open_store; "
            "lease = open_store(sys.argv[1], sys.argv[2]).lease('p:m:api'); print('held', flush=True); time.sleep(60)",
            store_url, key,
        ],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(MallBusy):
        store.lease("p:m:api")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with store.token_lock("p:m:api", timeout=5):
        pass
    for _ in range(100):
        try:
            lease = store.lease("p:m:api")
            break
        except MallBusy:
            continue
    lease.check()
    lease.release()


def test_a_postgresql_that_was_started_again_is_met_anew(postgres, key):
    postgres.psql("CREATE DATABASE restarted;")
    opened = open_store(postgres.get_uri(database="restarted"), key)
    put(opened, product())
    postgres.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'restarted';")
    assert put(opened, product(brand="A"))[0] == ["changed"]
    assert opened.count("products") == 1
    opened.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "nonsense", "sqlite:////proc/no/such.db"])
def test_an_unusable_address_is_said_in_one_sentence(url):
    with pytest.raises(ConfigurationError) as raised:
        open_store(url)
    assert "\n" not in str(raised.value)


def test_no_password_is_shown():
    with pytest.raises(ConfigurationError) as raised:
        open_store("postgresql://user:CANARY@127.0.0.1:1/none")
    assert "CANARY" not in str(raised.value)
