"""Crawls of Korean MakeShop shops that are not as usual: orders of version 1.0, power options, a refused address."""

import pytest
from crawling import Sandbox, scrapy, unequal
from test_crawl_makeshop import crawl, last_report, nothing_new, read

SIZE = ("--products", 30, "--orders", 60, "--reviews", 20, "--speed", 400, "--only", "makeshop")
FIRST, POWER = "demo_makeshop_v1", "demo_makeshop_power"
OUTSIDE, OUTSIDE_401, OUTSIDE_403 = (f"demo_makeshop_outside{way}" for way in ("", "_401", "_403"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def asked(sandbox, mall):
    """Return requests by stream since the log was cleared."""
    return {name: told["requests"] for name, told in sandbox.control("log")["malls"].get(mall, {}).items()}


# -- orders of version 1.0 --------------------------------------------------------------------------------------------


def test_orders_of_the_first_version_equal_the_truth_and_stay_so(tmp_path, store_url):
    with Sandbox(tmp_path, *SIZE) as sandbox:
        url, output = store_url, tmp_path / "output"
        done = crawl(sandbox, url, "-a", "since=all", mall=FIRST, output=output)
        assert done.returncode == 0, done.stderr[-3000:]
        assert unequal(sandbox, url, FIRST, output=output) == {}
        orders = read(sandbox, url, "orders", FIRST)
        assert len(orders) == 60 and not read(sandbox, url, "returns", FIRST)
        words = {line["status"] for one in orders for line in one["lines"]}
        assert {"shipped"} < words <= {"placed", "paid", "preparing", "shipped"}
        report = last_report(sandbox, url)
        assert sum("order version 1.0" in notice for notice in report["notices"]) == 1
        told = sandbox.control("log", list=1)["list"]
        paths = {one["path"].partition("/api/v1/emushop-v1/")[2] for one in told if one["mall"] == FIRST}
        assert {path for path in paths if path.startswith("order")} == {"order/1"}
        # No date of a change can be asked for: orders that are not over are read again with their windows.
        done = crawl(sandbox, url, mall=FIRST, output=output)
        assert done.returncode == 0 and nothing_new(last_report(sandbox, url)), done.stderr[-3000:]
        sandbox.control("change")
        done = crawl(sandbox, url, "-a", "resources=orders", mall=FIRST, output=output)
        assert done.returncode == 0, done.stderr[-3000:]
        assert not nothing_new(last_report(sandbox, url))
        assert unequal(sandbox, url, FIRST, resources=("orders",), output=output) == {}


# -- power options ----------------------------------------------------------------------------------------------------


def test_a_shop_with_power_options_tells_products_and_no_combination(sandbox, tmp_path, store_url):
    url = store_url
    done = crawl(sandbox, url, mall=POWER, output=tmp_path / "output")
    assert done.returncode == 0, done.stderr[-3000:]
    assert unequal(sandbox, url, POWER, ("products", "inventory"), output=tmp_path / "output") == {}
    products, levels = (read(sandbox, url, resource, POWER) for resource in ("products", "inventory"))
    untold = {one["product_id"] for one in products if one["options"] is None}
    assert untold and len(untold) < len(products)
    # One row a product: its total. Of combinations nothing is made up, not even that there are none.
    assert sorted(one["product_id"] for one in levels) == sorted(one["product_id"] for one in products)
    assert not any(one["variant_id"] for one in levels) and not any(one["variants"] for one in products)
    assert {one["product_id"] for one in levels if one["options"] is None} == untold
    report = last_report(sandbox, url)
    assert sum("power options" in notice for notice in report["notices"]) == 1
    assert "power options" in done.stderr
    # The run that asks for stock alone says it too, and changes nothing.
    done = crawl(sandbox, url, "-a", "resources=inventory", mall=POWER)
    assert done.returncode == 0 and "power options" in done.stderr
    assert unequal(sandbox, url, POWER, ("products", "inventory")) == {}


# -- an address that is not on the app's list -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mall, outcome, tokens, calls",
    # A token that is refused is renewed once; whatever else is said to a fresh token is final.
    [(OUTSIDE, "refused", 1, 1), (OUTSIDE_403, "refused", 1, 1), (OUTSIDE_401, "auth", 2, 2)],
)
def test_an_address_that_is_not_let_in_is_said_once_and_nothing_is_stored(
    sandbox, tmp_path, mall, outcome, tokens, calls
):
    url, output = f"sqlite:///{tmp_path}/store.db", tmp_path / "output"
    sandbox.control("log", clear=1)
    done = crawl(sandbox, url, "-a", "since=all", mall=mall, output=output)
    assert done.returncode == 3, done.stderr[-3000:]
    assert asked(sandbox, mall) == {"auth": tokens, "shop": calls}
    report = last_report(sandbox, url)
    assert report["outcome"] == outcome and "allow-list of the app" in report["stopped"]
    # The log says it once, and the command's last line repeats that sentence.
    said = [line for line in done.stderr.splitlines() if "allow-list" in line]
    assert all(report["stopped"] in line for line in said) and "Traceback" not in done.stderr
    assert sum("STOPPED" in line for line in said) == 1 and len(said) <= 2
    assert not any(read(sandbox, url, resource, mall) for resource in ("products", "inventory", "orders", "reviews"))
    assert not list(output.rglob("*.jsonl"))
    assert unequal(sandbox, url, mall) == {}


def test_a_single_function_is_not_asked_after_the_address_was_refused(sandbox, tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    sandbox.control("log", clear=1)
    done = scrapy(sandbox, url, "crawl", "makeshop_api", "-a", f"mall={OUTSIDE}", "-a", "resources=reviews")
    assert done.returncode == 3 and asked(sandbox, OUTSIDE) == {"auth": 1, "shop": 1}
