"""What a crawl must never do: lose a row and not say so, move a mark over a hole, let a secret or a person out."""

import json
import subprocess
import time
import tomllib
from types import SimpleNamespace

import msgspec
import pytest
from crawling import BARE, ROOT, Proxy, Sandbox, command, differences, last_report, scrapy, stored, unequal

from shopscrape import values
from shopscrape.malls import read_env

SIZE = ("--products", 60, "--orders", 120, "--reviews", 150, "--speed", 400, "--only", "cafe24,naver")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """The sandbox after a fresh consent."""
    running.control("consent", mall="demo")
    return running


def crawl(where, url, *words):
    return scrapy(where, url, "crawl", "cafe24_api", "-a", "mall=demo", *words)


def test_no_secret_and_no_person_gets_out(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    output = tmp_path / "output"
    words = ("-a", "since=all", "-s", "LOG_LEVEL=DEBUG", "-O", str(tmp_path / "all.jsonl"))
    done = scrapy(sandbox, url, "crawl", "cafe24_api", "-a", "mall=demo", *words, output=output)
    assert done.returncode == 0, done.stderr[-2000:]
    told = (done.stdout + done.stderr).encode()
    told += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    secrets = {
        value.encode() for name, value in read_env(sandbox.malls.with_suffix(".env")).items()
        if name.startswith("SHOPSCRAPE_") and name != "SHOPSCRAPE_DEMO_CLIENT_ID"
    }  # fmt: skip
    assert len(secrets) >= 4
    assert [secret for secret in secrets if secret in told] == []
    assert b"Bearer" not in told
    people = sandbox.control("people")
    assert len(people) >= 40
    for person in people:
        clear = [person["phone"], person["phone"].replace("-", ""), person["email"], person["street"]]
        assert [value for value in clear if value.encode() in told] == [], person["no"]
    names = {person["name"] for person in people}
    assert [name for name in names if f'"{name}"'.encode() in told] == []


def test_rows_that_do_not_map_become_dead_letters_and_can_be_replayed(sandbox, tmp_path):
    url, broken = f"sqlite:///{tmp_path}/store.db", {"on": True}

    def poison(path, body):
        if broken["on"] and "/products?" in path:
            document = json.loads(body)
            for row in document["products"][:2]:
                row["price"] = "CANARY-PRICE"
            return json.dumps(document).encode()
        return body

    with Proxy(sandbox, tmp_path, poison) as proxy:
        done = crawl(proxy, url, "-a", "resources=inventory")
        assert done.returncode == 4, done.stderr[-2000:]
        assert "2 rows became dead letters" in done.stderr.splitlines()[-1]
        assert "CANARY" not in done.stderr
        opened = sandbox.store(url)
        letters = list(opened.dead_letters("demo"))
        assert len(letters) == 2
        assert {letter.why for letter in letters} == {"price: not an amount"}
        assert b"CANARY" in letters[0].raw
        opened.close()
        assert b"CANARY" not in (tmp_path / "store.db").read_bytes()
        done = scrapy(proxy, url, "replay")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (4, "0 dead letters were stored, 2 are left.")
        # As after the mapping learned to read the row: what does not map now is put right.
        opened = sandbox.store(url)
        numbers = []
        for letter in letters:
            row = json.loads(letter.raw) | {"price": "1000.00"}
            numbers.append(str(row["product_no"]))
            opened.bury(letter.id)
            mended = msgspec.structs.replace(letter, raw=json.dumps(row).encode(), id="")
            opened.commit([], dead=[mended], run="test", now=values.now())
        opened.close()
        assert scrapy(proxy, url, "replay").returncode == 0
        opened = sandbox.store(url)
        assert opened.count_dead_letters() == 0
        prices = {row["product_id"]: row["price"] for row in opened.read("products")}
        assert [prices[number] for number in numbers] == ["1000", "1000"]
        opened.close()
        paths = (proxy.folder / "output/demo/products").glob("replay-*.jsonl")
        told = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
        assert {row["product_id"]: row["price"] for row in told} == dict.fromkeys(numbers, "1000")


def test_a_window_with_too_many_broken_rows_keeps_its_mark(sandbox, tmp_path):
    url, broken = f"sqlite:///{tmp_path}/store.db", {"on": True}

    def poison(path, body):
        if broken["on"] and "/orders?" in path:
            document = json.loads(body)
            for row in document["orders"]:
                row["order_date"] = "yesterday"
            return json.dumps(document).encode()
        return body

    with Proxy(sandbox, tmp_path, poison) as proxy:
        done = crawl(proxy, url, "-a", "resources=orders")
        assert done.returncode == 1
        assert "the shape has changed" in done.stderr.splitlines()[-1]
        broken["on"] = False
        done = crawl(proxy, url, "-a", "resources=orders", "-a", "since=all")
        assert done.returncode == 0, done.stderr[-2000:]
        opened = sandbox.store(url)
        assert differences(opened, sandbox, "demo", "api", "orders") == []
        opened.close()


def test_a_total_that_does_not_match_is_no_success(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"

    def lie(path, body):
        return b'{"count": 100000}' if "/products/count" in path else body

    with Proxy(sandbox, tmp_path, lie) as proxy:
        done = crawl(proxy, url, "-a", "resources=inventory")
        assert done.returncode == 1
        assert "the mall counts 100000" in done.stderr.splitlines()[-1]
        opened = sandbox.store(url)
        assert [mark for mark in opened.marks("cafe24", "demo") if mark.finished_at] == []
        # What was read is kept all the same.
        assert stored(opened, "demo", "inventory")
        opened.close()


def test_unknown_words_are_counted_and_loud(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"

    def strange(path, body):
        return body.replace(b'"order_status":"N50"', b'"order_status":"N77"') if "/orders?" in path else body

    with Proxy(sandbox, tmp_path, strange) as proxy:
        done = crawl(proxy, url, "-a", "resources=orders", "-a", "since=all")
        assert done.returncode == 0
        assert "UNKNOWN WORDS: order_status=N77" in done.stderr
        assert last_report(sandbox, url)["unknown_words"]["order_status=N77"] > 0


def test_hostile_answers_end_in_sentences_not_in_tracebacks(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"

    def hostile(path, body):
        return b'{"products":' + b"[" * 200_000 if "/products?" in path else body

    with Proxy(sandbox, tmp_path, hostile) as proxy:
        done = crawl(proxy, url, "-a", "resources=inventory")
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "not readable JSON" in done.stderr.splitlines()[-1]


def test_rows_that_move_while_they_are_paged_are_right_after_the_next_run(tmp_path):
    with Sandbox(tmp_path, *SIZE, "--faults", "drift:0.3") as sandbox:
        url = f"sqlite:///{tmp_path}/store.db"
        done = crawl(sandbox, url, "-a", "since=all")
        assert done.returncode in (0, 1), done.stderr[-2000:]
        sandbox.control("faults", {"clear": True})
        done = crawl(sandbox, url, "-a", "sweep=1")
        assert done.returncode == 0, done.stderr[-2000:]
        assert unequal(sandbox, url, "demo") == {}


@pytest.mark.parametrize("platform, mall", [("cafe24", "demo"), ("naver", "demo_naver")])
def test_a_byte_order_mark_before_every_answer_is_no_part_of_it(sandbox, tmp_path, platform, mall):
    def marked(path, body):
        return b"\xef\xbb\xbf" + body if body[:1] in (b"{", b"[") else body

    with Proxy(sandbox, tmp_path, marked) as proxy:
        words = ("-a", f"mall={mall}", "-a", "since=30d", "-a", "resources=products,orders")
        done = scrapy(proxy, f"sqlite:///{tmp_path}/store.db", "crawl", f"{platform}_api", *words)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_question_that_a_middleware_drops_is_no_silent_success(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    done = crawl(sandbox, url, "-a", "resources=products", "-a", "since=all", "-s", "URLLENGTH_LIMIT=60")
    assert done.returncode not in (0, 2), done.stderr[-2000:]
    assert any("got no answer" in sentence for sentence in last_report(sandbox, url)["shortfalls"])


def test_malls_of_one_app_wait_for_each_other_where_the_limit_is_the_apps(sandbox, tmp_path):
    """Naver's limits belong to the application: two of its stores are not crawled at once, those of two others are."""
    told = tomllib.loads(sandbox.malls.read_text("utf-8"))["demo_naver"]
    env, tables = sandbox.malls.with_suffix(".env").read_text("utf-8"), ""
    for mall, app in (("one", "shared"), ("two", "shared"), ("three", "apart")):
        # The first one goes slowly, to be there still when the others begin.
        table = told | {"app": app} | ({"pace": 1} if mall == "one" else {})
        tables += f"[{mall}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        mine = [line for line in env.splitlines() if line.startswith("SHOPSCRAPE_DEMO_NAVER_")]
        env += "".join(line.replace("_DEMO_NAVER_", f"_{app.upper()}_", 1) + "\n" for line in mine)
    here = SimpleNamespace(malls=tmp_path / "malls.toml", folder=tmp_path)
    here.malls.write_text(tables, "utf-8")
    here.malls.with_suffix(".env").write_text(env, "utf-8")
    url, words = f"sqlite:///{tmp_path}/store.db", ("crawl", "naver_api", "-s", "LOG_LEVEL=CRITICAL")
    sandbox.control("log", clear=1)
    first = subprocess.Popen(command(here, url, *words, "-a", "mall=one", "-a", "since=all"), cwd=ROOT, env=BARE)
    try:
        for _ in range(400):
            if any(stream != "auth" for stream in sandbox.control("log")["malls"].get("demo_naver", ())):
                break
            time.sleep(0.05)
        second = scrapy(here, url, *words, "-a", "mall=two")
        assert (second.returncode, second.stderr.strip().splitlines()) == (
            75, ["scrapy crawl: Another crawl holds naver app shared; it goes on, this one ends."],
        )  # fmt: skip
        third = scrapy(here, url, *words, "-a", "mall=three", "-a", "resources=orders", "-a", "since=2d")
        assert (third.returncode, first.poll()) == (0, None), third.stderr
    finally:
        first.kill()
        first.wait()
