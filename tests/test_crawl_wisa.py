"""Whole crawls of the emulated WISA malls over their APIs: what is stored equals the truth, however it is disturbed."""

import random
from datetime import UTC, datetime, timedelta

import crawling
import pytest
from crawling import Sandbox, asked, differences, drifts, kill, last_report, scrapy, stored, twice

from shopscrape import values
from shopscrape.items import RESOURCES
from shopscrape.malls import read_env

SIZE = ("--products", 36, "--orders", 60, "--reviews", 60, "--speed", 400, "--only", "wisa")
FAULTS = "429:0.03,500:0.03,502:0.01,503:0.02,504:0.02,cut:0.03,truncate:0.02,garbage:0.02,expire:0.02,hang:0.002"
BEGUN = f"since={datetime.now(UTC) - timedelta(days=205):%Y-%m-%d}"
"""Before anything happened, and not as far back as a mall may go."""
GOODS = ("products", "inventory")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """A quiet sandbox that the tests of this module read, and change forward."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running
        running.control("faults", {"clear": True})


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def crawl(sandbox, url, *words, mall="demo_wisa", output=None, timeout=300):
    return scrapy(sandbox, url, "crawl", "wisa_api", "-a", f"mall={mall}", *words, output=output, timeout=timeout)


def unequal(sandbox, url, mall="demo_wisa", resources=RESOURCES, output=None):
    """Return what differs between a store, its JSON lines where they are named, and the truth, by resource."""
    return crawling.unequal(sandbox, url, mall, resources, output=output)


def only_names(differing):
    """Return whether nothing differs but the name that the product of an old review had: nothing tells of a new one."""
    return differing.keys() <= {"reviews"} and all("product_name" in one for one in differing.get("reviews", ()))


def test_a_first_crawl_equals_the_truth(sandbox, store_url, tmp_path):
    # To the beginning of all malls once; that is some hundred empty windows.
    since = "since=all" if store_url.startswith("sqlite") else BEGUN
    done = crawl(sandbox, store_url, "-a", since, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, store_url, output=tmp_path / "output") == {}
    opened = sandbox.store(store_url)
    assert all(stored(opened, "demo_wisa", resource) for resource in RESOURCES)
    opened.close()


def test_each_api_alone_gives_what_it_has(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/openapi.db"
    assert crawl(sandbox, url, "-a", BEGUN, mall="demo_wisa_openapi").returncode == 0
    assert unequal(sandbox, url, "demo_wisa_openapi") == {}
    url = f"sqlite:///{tmp_path}/rest.db"
    assert crawl(sandbox, url, mall="demo_wisa_rest").returncode == 0
    assert unequal(sandbox, url, "demo_wisa_rest", GOODS) == {}
    url, since = f"sqlite:///{tmp_path}/erp.db", values.now() - timedelta(days=40)
    done = crawl(sandbox, url, "-a", f"since={since.astimezone(values.SEOUL):%Y-%m-%d}", mall="demo_wisa_erp")
    assert done.returncode == 0, done.stderr[-2000:]
    assert unequal(sandbox, url, "demo_wisa_erp", GOODS) == {}
    # Orders come by their date, claims by the time of their change: what began before is there in part.
    begun = values.iso(since)[:10]
    opened = sandbox.store(url)
    for resource, key, at in (("orders", "order_id", "ordered_at"), ("returns", "return_id", None)):
        found = {row[key]: row for row in stored(opened, "demo_wisa_erp", resource).values()}
        truth = {getattr(row, key): row for row in sandbox.truth("demo_wisa_erp", "api", resource).values()}
        assert found.keys() <= truth.keys() and found
        if at:
            young = {number for number, row in truth.items() if values.iso(row.ordered_at) > begun + "T24"}
            assert young and young <= found.keys()
            said = differences(opened, sandbox, "demo_wisa_erp", "api", resource, most=1000)
            assert [text for text in said if any(f"'{number}'" in text for number in young)] == []
    opened.close()


def test_a_second_crawl_asks_little_and_changes_are_found(sandbox, url):
    assert crawl(sandbox, url, "-a", BEGUN).returncode == 0
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    report = last_report(sandbox, url)
    assert {name: states for name, states in report["rows"].items() if set(states) - {"same"}} == {}
    assert asked(sandbox, "demo_wisa") == sum(report["requests"].values()) <= report["floor"] + 5
    sandbox.control("change")
    sandbox.control("log", clear=1)
    assert crawl(sandbox, url).returncode == 0
    again = last_report(sandbox, url)
    assert only_names(unequal(sandbox, url))
    changed = sum(count for states in again["rows"].values() for state, count in states.items() if state != "same")
    assert changed > 0 and asked(sandbox, "demo_wisa") <= again["floor"] + 3 * changed
    assert crawl(sandbox, url, "-a", "sweep=1").returncode == 0
    assert only_names(unequal(sandbox, url))


def test_with_all_faults_nothing_is_lost(tmp_path, postgres_url):
    with Sandbox(tmp_path, *SIZE, "--faults", FAULTS) as sandbox:
        url, output = postgres_url, tmp_path / "output"
        for _ in range(6):
            done = crawl(sandbox, url, "-a", BEGUN, output=output, timeout=400)
            if done.returncode == 0:
                break
            assert done.returncode in (1, 3), done.stderr[-2000:]
        assert done.returncode == 0, done.stderr[-2000:]
        sandbox.control("faults", {"clear": True})
        assert unequal(sandbox, url, output=output) == {}


def test_killed_nothing_is_lost_or_doubled(sandbox, postgres_url, tmp_path):
    url, dice, output = postgres_url, random.Random(5), tmp_path / "output"
    for _ in range(3):
        words = ("crawl", "wisa_api", "-a", "mall=demo_wisa", "-a", BEGUN)
        kill(sandbox, url, *words, after=dice.randrange(5, 120), output=output)
    assert crawl(sandbox, url, "-a", BEGUN, output=output).returncode == 0
    assert unequal(sandbox, url, output=output) == {}
    assert twice(output, "demo_wisa") == []


def test_a_session_that_dies_is_renewed_and_its_thinner_data_are_never_stored(sandbox, url):
    sandbox.control("log", clear=1)
    sandbox.control("faults", {"force": [
        {"fault": "expire", "mall": "demo_wisa", "stream": stream}
        for stream in ("productList", "product", "order", "orderList", "reviewList", "productComplexOption")
    ]})  # fmt: skip
    assert crawl(sandbox, url, "-a", BEGUN).returncode == 0
    assert unequal(sandbox, url) == {}
    log = sandbox.control("log")["malls"]["demo_wisa"]
    ended = sum(stream["faults"].get("expire", 0) for stream in log.values())
    # A session may also have ended by itself, on a machine that is slower than the sandbox's clock.
    assert ended >= 3 and ended <= log["login"]["requests"] <= 12


def test_rows_that_move_while_they_are_paged_are_right_after_the_next_run(tmp_path, url):
    with Sandbox(tmp_path, *SIZE, "--faults", "drift:0.1") as sandbox:
        assert crawl(sandbox, url, "-a", BEGUN).returncode in (0, 1)
        assert drifts(sandbox, "demo_wisa") > 5
        sandbox.control("faults", {"clear": True})
        done = crawl(sandbox, url, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-2000:]
        assert unequal(sandbox, url) == {}


def test_a_key_that_is_switched_off_meanwhile_ends_the_run_with_a_sentence(sandbox, url):
    done = crawl(sandbox, url, "-s", "LOG_LEVEL=ERROR", mall="demo_wisa_off")
    assert done.returncode == 3
    assert "switched off" in done.stderr and "Traceback" not in done.stderr
    opened = sandbox.store(url)
    assert [mark for mark in opened.marks("wisa", "demo_wisa_off") if mark.finished_at] == []
    opened.close()


def test_a_window_that_cannot_be_read_is_cut_down_and_then_said(sandbox, url):
    since = f"since={datetime.now(UTC) - timedelta(days=60):%Y-%m-%d}"
    done = crawl(sandbox, url, "-a", since, "-a", "resources=orders", mall="demo_wisa_broken")
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert "fell_short" in said and "of this second cannot be read" in said and "Traceback" not in done.stderr
    # What buyers wrote breaks the document for good: nothing is marked as read that was not.
    truth = {row.order_id for row in sandbox.truth("demo_wisa_broken", "api", "orders").values()}
    opened = sandbox.store(url)
    found = {row["order_id"] for row in stored(opened, "demo_wisa_broken", "orders").values()}
    upto = {mark.stream: mark.upto for mark in opened.marks("wisa", "demo_wisa_broken") if mark.upto}
    opened.close()
    assert found and found <= truth and any(at < values.now() - timedelta(days=1) for at in upto.values())


def test_no_secret_and_no_person_gets_out(sandbox, url, tmp_path):
    words = ("-a", BEGUN, "-s", "LOG_LEVEL=DEBUG", "-O", str(tmp_path / "all.jsonl"))
    done = crawl(sandbox, url, *words, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-2000:]
    told = (done.stdout + done.stderr).encode()
    told += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    env = read_env(sandbox.malls.with_suffix(".env"))
    secrets = [value.encode() for name, value in env.items() if name.endswith(("_PASSWORD", "_ERP_KEY", "_KEY"))]
    assert len(secrets) >= 5 and [secret for secret in secrets if secret in told] == []
    assert b"hash=k" not in told and b"mng_pw" not in told
    for person in sandbox.control("people"):
        clear = [person["phone"], person["phone"].replace("-", ""), person["email"], person["street"]]
        assert [value for value in clear if value.encode() in told] == [], person["no"]
        assert f'"{person["name"]}"'.encode() not in told
    # Neither what goods cost nor who delivers them, nor what the shop notes of orders and products.
    assert not [word for word in ("거래처", "원가", "VIP ", "000-000000-00-000") if word.encode() in told]
