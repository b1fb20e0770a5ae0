"""The sandbox: what an emulator must say to be served, changes, files, start and end."""

import json
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sandboxing import SMALL, TOY, ask, control, on_the_path, orders, toy

from sandbox.faults import NAMES
from sandbox.server import Sandbox
from shopscrape.items import Order
from shopscrape.malls import Secrets, read_malls


def test_a_module_is_all_that_a_platform_needs():
    with toy() as served:
        assert [type(one).__module__ for one in served.emulators] == ["sandbox.toy", "sandbox.toy_storefront"]
        assert served.stage.address("demo_toy") == f"{served.address}/toy/demo_toy"
        assert ask(f"{served.stage.address('demo_toy')}/orders")[0] == 401
        status, body, headers = orders(served)
        told = json.loads(body)
        assert status == 200 and headers["Content-Type"].startswith("application/json")
        assert told["total"] == 60 and len(told["orders"]) == 20
        pages = [json.loads(orders(served, f"?page={page}")[1])["orders"] for page in range(4)]
        assert len({order["no"] for page in pages for order in page}) == 60 and pages[3] == []
        assert ask(f"{served.stage.address('demo_toy')}/nothing")[0] == 404
        assert ask(f"{served.address}/toy/demo_other/orders")[0] == 404
        assert ask(f"{served.stage.address('demo_toy')}/images/p1_1.jpg")[1].startswith(b"\x89PNG")


def test_pages_have_origins_of_their_own():
    with toy() as served:
        mine, closed = served.stage.storefront("demo_toy"), served.stage.storefront("demo_toy_closed")
        assert len({served.address, mine, closed}) == 3
        assert b"Disallow" not in ask(f"{mine}/robots.txt")[1] and b"Disallow: /" in ask(f"{closed}/robots.txt")[1]
        product = next(one for one in served.world.products if "🎁" in one.name)
        _, body, headers = ask(f"{mine}/goods/{product.no}")
        assert headers["Content-Type"] == "text/html; charset=cp949"
        assert "&#127873;" in body.decode("cp949") and mine in body.decode("cp949")


def test_every_port_is_on_this_machine_only():
    with toy() as served:
        for address in (served.address, *served.stage.storefronts.values()):
            assert address.startswith("http://127.0.0.1:")
            for other in socket.gethostbyname_ex(socket.gethostname())[2]:
                if not other.startswith("127."):
                    with pytest.raises(OSError), socket.create_connection((other, int(address.rpartition(":")[2])), 2):
                        pass


def test_change_moves_every_mall_on_and_says_what_it_did(tmp_path):
    with toy(truth=tmp_path) as served:
        before = json.loads(ask(f"{served.address}/_sandbox/truth?records=1", b"")[1])["demo_toy"]["api"]
        begun = datetime.now(UTC).replace(microsecond=0)
        status, told = control(served, "change")
        assert status == 200 and set(told) == {"demo_toy", "demo_toy_two", "demo_toy_closed"}
        mine = told["demo_toy"]
        assert len(mine["orders"]["new"]) == 3 and len(mine["reviews"]["new"]) == 3 and mine["reviews"]["gone"]
        assert mine["products"] == told["demo_toy_two"]["products"] and mine["products"]["gone"]
        assert mine["orders"]["new"] == [61, 62, 63]
        after = json.loads(ask(f"{served.address}/_sandbox/truth?records=1", b"")[1])["demo_toy"]["api"]
        old = {row["order_id"]: row for row in before["orders"]}
        touched = {row["order_id"] for row in after["orders"] if old.get(row["order_id"]) != row}
        said = {f"T{no:06d}" for no in mine["orders"]["new"] + mine["orders"]["changed"]}
        assert touched <= said and {f"T{no:06d}" for no in mine["orders"]["new"]} <= touched
        since = begun.strftime("%Y-%m-%dT%H:%M:%SZ")
        found = json.loads(orders(served, f"?since={since}")[1])
        assert {row["no"] for row in found["orders"]} == said
        written = [json.loads(line) for line in (tmp_path / "demo_toy/api/reviews.jsonl").read_text().splitlines()]
        assert {row["review_id"] for row in written} == {row["review_id"] for row in after["reviews"]}
        old = {row["review_id"]: row for row in before["reviews"]}
        assert {row["review_id"] for row in written} == (old.keys() | {str(no) for no in mine["reviews"]["new"]}) - {
            str(no) for no in mine["reviews"]["gone"]
        }
        again = control(served, "change")[1]["demo_toy"]
        assert again["orders"]["new"] == [64, 65, 66] and again["products"]["new"] != mine["products"]["new"]


def test_truth_files_hold_records(tmp_path):
    with toy(truth=tmp_path / "deep" / "truth") as served:
        path = tmp_path / "deep/truth/demo_toy/api/orders.jsonl"
        rows = [msgspec.json.decode(line, type=Order) for line in path.read_bytes().splitlines()]
        assert len(rows) == 60 and all(row.platform == "toy" and row.mall == "demo_toy" for row in rows)
        assert json.loads(rows[0].buyer)["phone"] in {person.phone for person in served.world.people}
        assert "completed_at" not in json.loads(path.read_text().splitlines()[0])
        counts = control(served, "truth", query="?mall=demo_toy")[1]
        assert counts == {"demo_toy": {"api": {"orders": 60, "reviews": 50}, "web": {"products": 0}}}
        people = control(served, "people", method="GET")[1]
        assert {person["phone"] for person in people} >= {json.loads(row.buyer)["phone"] for row in rows}


def test_the_malls_file_is_read_by_the_crawl(tmp_path):
    path = tmp_path / "new" / "malls.toml"
    with toy(malls=path) as served:
        malls = read_malls(path)
        secrets = Secrets(path)
        mall = malls["demo_toy"]
        assert mall.platform == "toy" and mall.base_url == served.stage.address("demo_toy") and mall.speed == 1000
        assert mall.storefront_url == served.stage.storefront("demo_toy") and mall.permission == "own-store"
        assert mall.resources == ("products", "orders", "reviews")
        assert mall.native == {"shop": 'a "b" \\ c'}
        assert malls["demo_toy_two"].pace == 0.5 and malls["demo_toy_two"].urls == ("http://127.0.0.1/x",)
        assert malls["demo_toy_closed"].base_url == "" and malls["demo_toy_closed"].storefront_url
        assert secrets.of(mall, "KEY") == served.stage.secret("demo_toy", "KEY")
        assert path.with_suffix(".env").stat().st_mode & 0o077 == 0
        keys = [secrets.get(name) for name in ("SHOPSCRAPE_KEY", "SHOPSCRAPE_PRIVACY_KEY")]
        assert all(keys)
        fresh = control(served, "consent", query="?mall=demo_toy")[1]
        assert Secrets(path).of(mall, "KEY") == fresh["SHOPSCRAPE_DEMO_TOY_KEY"] != secrets.of(mall, "KEY")
        first = [order.ordered_at for order in served.world.trade("demo_toy").orders]
        changed = control(served, "change")[1]
    time.sleep(1.1)
    with toy(malls=path) as served:
        # Begun again with the same file, seed and numbers it is the same world, as changed as it was.
        assert [Secrets(path).get(name) for name in ("SHOPSCRAPE_KEY", "SHOPSCRAPE_PRIVACY_KEY")] == keys
        assert [order.ordered_at for order in served.world.trade("demo_toy").orders][:60] == first
        assert len(served.world.trade("demo_toy").orders) == 63
        assert served.world.products[changed["demo_toy"]["products"]["gone"][0]].state == "deleted"
        assert Secrets(path).of(mall, "KEY") == fresh["SHOPSCRAPE_DEMO_TOY_KEY"]
    with toy(seed=8, malls=path) as served:
        assert [order.ordered_at for order in served.world.trade("demo_toy").orders] != first


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"port": 70000}, "port"), ({"products": 0}, "products"), ({"orders": -1}, "orders"), ({"speed": 0}, "speed"),
        ({"faults": "fire:1"}, "fire"), ({"malls": "x.env"}, "malls"), ({"only": "nobody"}, "nobody"),
    ],
)  # fmt: skip
def test_wrong_options_are_one_sentence(options, word):
    with on_the_path(TOY), pytest.raises(ValueError, match=word) as raised:
        Sandbox(**SMALL | options)
    assert str(raised.value).endswith(".")


def test_two_emulators_may_not_contradict(tmp_path):
    (tmp_path / "toy_liar.py").write_text(
        (TOY / "toy_storefront.py").read_text("utf-8").replace('"own-store"', '"none"'), "utf-8"
    )
    with on_the_path(TOY, tmp_path), pytest.raises(ValueError, match="permission"):
        Sandbox(**SMALL)


def test_what_it_can_do_stands_in_the_docs():
    page = (Path(__file__).parent.parent / "docs" / "sandbox.md").read_text("utf-8")
    with toy() as served:
        routes = served._runners[0].app.router.routes()
        calls = {(route.method, route.resource.canonical) for route in routes if "/_sandbox/" in str(route.resource)}
    assert len(calls) > 8
    assert all(f"`{method} {path}`" in page for method, path in calls if method != "HEAD")
    assert all(f"| `{name}`" in page or f" `{name}`" in page for name in NAMES)


# -- the real command -------------------------------------------------------------------------------------------------


def command(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "sandbox", *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parent.parent, text=True,
    )  # fmt: skip


def test_one_line_when_ready_and_a_clean_end(tmp_path):
    malls, size = tmp_path / "malls.toml", ("--products", 10, "--orders", 10, "--reviews", 10)
    process = command("--port", 0, "--malls", malls, "--truth", tmp_path / "truth", *size)
    ready = process.stdout.readline()
    address = next(word for word in ready.split() if word.startswith("http://127.0.0.1:"))
    assert malls.exists() and read_malls(malls) and list(tmp_path.glob("truth/*/*/*.jsonl"))
    assert ask(f"{address}/_sandbox/log")[0] == 200
    # A port that is taken: one sentence, and nothing is written.
    second = command("--port", address.rpartition(":")[2], "--malls", tmp_path / "second.toml", *size)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 2 and "is taken" in said and said.count("\n") == 1 and "Traceback" not in said
    # A connection that is kept open does not keep it from ending.
    held = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
    process.send_signal(signal.SIGTERM)
    rest, errors = process.communicate(timeout=20)
    held.close()
    assert process.returncode == 0 and rest == "" and errors == ""
    assert not (tmp_path / "second.toml").exists() and not (tmp_path / "second.env").exists()


@pytest.mark.parametrize(
    "words",
    [("--faults", "fire:0.1"), ("--speed", "0"), ("--products", "0"), ("--truth", "/dev/null/x"), ("--only", "nobody")],
)
def test_a_wrong_argument_is_one_sentence_and_exit_2(tmp_path, words):
    process = command("--port", 0, "--malls", tmp_path / "malls.toml", "--orders", 5, "--reviews", 5, *words)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 2 and out == "" and said.startswith("scrapy sandbox: ") and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
