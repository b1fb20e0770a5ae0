"""Godomall5's storefront spider: addresses and forms; crawls of malls that refuse, lack or shuffle something."""

import tomllib
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from crawling import Proxy, Sandbox, scrapy, stored

from shopscrape.errors import PageFailed
from spiders.godomall5 import pages
from spiders.godomall5.storefront import Listing, choices, listing_of, step_form
from spiders.godomall5.web import STEPS, Godomall5WebSpider

SAMPLES = Path(__file__).parent / "samples/godomall5"
SIZE = ("--products", 12, "--orders", 4, "--reviews", 40, "--speed", 2000, "--only", "godomall5")
HOME, EDITED = "demo_godomall5", "demo_godomall5_web"
TSHIRT = "1000000042"
GONE = "<html><script>alert('잘못된 접근입니다.');history.back(-1);</script></html>".encode()


def sample(name):
    return (SAMPLES / f"{name}.html").read_text("utf-8")


@pytest.mark.parametrize("address, listing", [
    ("/goods/goods_list.php?cateCd=001002", Listing("cateCd", "001002")),
    ("/goods/goods_list.php?page=3&cateCd=001&sort=date", Listing("cateCd", "001", 3)),
    ("/goods/goods_list.php?brandCd=002&page=x", Listing("brandCd", "002")),
    ("/goods/goods_list.php?page=99999999999&brandCd=002", Listing("brandCd", "002")),
    ("/goods/goods_view.php?cateCd=001", None), ("/goods/goods_list.php", None),
])  # fmt: skip
def test_list_of_an_address(address, listing):
    assert listing_of(f"https://shop.example{address}") == listing


@pytest.mark.parametrize("body, found", [
    (b'{"nextOption": ["M &amp; L", "", null, 7, " S "]}', ["M & L", "S"]), (b'{"log": "ok"}', []), (b"[]", []),
    (b'{"nextOption": "M"}', []), (b'{"nextOption": []}', []),
])  # fmt: skip
def test_choices_of_the_next_axis(body, found):
    assert choices(body) == found


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100000, b'{"nextOption": ["\xff"]}'])
def test_options_that_cannot_be_read(body):
    with pytest.raises(PageFailed):
        choices(body)


def test_a_product_with_endless_options_is_cut_loudly():
    fallen, notes = [], {"product": TSHIRT, "asked": 0}
    spider = SimpleNamespace(session=SimpleNamespace(report=SimpleNamespace(fall_short=fallen.append)))
    ask = partial(Godomall5WebSpider._steps, spider, notes)
    first = [str(number) for number in range(STEPS - 1)]
    assert [one.about[1] for one in ask((), first)] == [(value,) for value in first] and fallen == []
    assert [one.about[1] for one in ask(("0",), ["a", "b"])] == [("0", "a")]
    assert fallen == [f"Product {TSHIRT} has more than {STEPS} steps of options: the stock of the rest is not told."]
    assert ask(("1",), ["a"]) == []


def test_form_of_a_step():
    assert parse_qs(step_form(TSHIRT, ("화이트", "M&L"))) == {
        "mode": ["option_select"], "optionVal[]": ["화이트", "M&L"], "optionKey": ["1"], "goodsNo": [TSHIRT],
    }  # fmt: skip


def test_what_leads_on():
    listed = pages.selector(sample("storefront_goods_list").encode())
    assert pages.linked_categories(listed) == ["001"]
    assert not pages.shows_plus(pages.selector(sample("storefront_goods_view_option_d").encode()))
    assert pages.shows_plus(pages.selector(b'<script>var plusReviewUse = "y";</script>'))
    board = pages.selector(sample("storefront_review_fragment_page1").encode())
    assert pages.posts_shown(board) == ["812", "813", "809", "805"]
    plus = pages.selector(sample("storefront_plus_review_fragment").encode())
    assert pages.posts_shown(plus) == ["501", "500"]


# -- crawls -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), *SIZE) as running:
        yield running


def front(sandbox, mall):
    """Return the address of a mall's pages."""
    return tomllib.loads(sandbox.malls.read_text("utf-8"))[mall]["storefront_url"]


@pytest.fixture
def crawl(sandbox, tmp_path):
    """Crawl pages that are changed on their way; return what was said, what is stored, and the paths asked for."""

    def run(mall, *words, change=lambda path, body: body, path="/", permission=""):
        asked = []

        def seen(address, body):
            asked.append(address)
            return change(address, body)

        with Proxy(SimpleNamespace(url=front(sandbox, mall), malls=sandbox.malls), tmp_path, seen) as proxy:
            told = proxy.malls.read_text("utf-8")
            proxy.malls.write_text(told.replace(f"[{mall}]", f'[{mall}]\npermission = "{permission}"'), "utf-8")
            url, store = f"url={front(proxy, mall)}{path}", f"sqlite:///{tmp_path}/store.db"
            done = scrapy(proxy, store, "crawl", "godomall5_web", "-a", f"mall={mall}", "-a", url, *words)
        assert "Traceback" not in done.stderr, done.stderr
        opened = sandbox.store(store)
        rows = {name: stored(opened, mall, name) for name in ("products", "inventory", "reviews")}
        opened.close()
        return done, rows, asked

    return run


def disallowing(*paths):
    """Return a change that makes robots.txt disallow paths."""
    rules = "".join(f"Disallow: {path}\n" for path in paths)
    return lambda path, body: f"User-agent: *\n{rules}".encode() if path == "/robots.txt" else body


def test_robots_are_obeyed_before_the_first_page(crawl):
    done, rows, asked = crawl(HOME, change=disallowing("/goods/goods_board_list.php"))
    assert done.returncode == 3 and "disallows" in done.stderr
    assert asked == ["/robots.txt"] and not any(rows.values())


def test_the_sellers_word_overrides_robots(crawl, sandbox):
    done, rows, _ = crawl(f"{HOME}_closed", "-a", "resources=products", permission="own-store")
    assert done.returncode == 0 and "own-store" in done.stderr
    assert rows["products"].keys() == sandbox.truth(f"{HOME}_closed", "web", "products").keys()


def test_calls_that_robots_disallow_are_done_without(crawl, sandbox):
    closed = ("/goods/goods_board_view.php", "/goods/goods_ps.php", "/board/")
    done, rows, asked = crawl(EDITED, "-a", "since=all", change=disallowing(*closed))
    assert done.returncode == 0, done.stderr[-2000:]
    for sentence in ("keeps us from opened reviews", "keeps us from the options", "keeps us from Plus Reviews"):
        assert sentence in done.stderr
    assert not [path for path in asked if path.startswith(closed)]
    assert {row["text"] for row in rows["reviews"].values()} == {None}
    shown = {ids: row for ids, row in sandbox.truth(EDITED, "web", "reviews").items() if ids[1].startswith("goods")}
    assert rows["reviews"].keys() == shown.keys()
    assert 0 < len({ids[1] for ids in rows["inventory"]}) < len(rows["products"])


def test_what_is_gone_when_its_page_is_asked_for_ends_nothing(crawl, sandbox):
    board = sandbox.truth(HOME, "web", "reviews").values()
    review = max((one for one in board if one.text), key=lambda one: one.review_id)
    other = next(one for one in board if one.text and one.product_id != review.product_id)
    missing = (f"sno={review.review_id.partition(':')[2]}", f"goods_view.php?goodsNo={other.product_id}")

    def change(path, body):
        return GONE if path.endswith(missing) else body

    done, rows, _ = crawl(HOME, "-a", "since=all", change=change)
    assert done.returncode == 0 and "is gone" in done.stderr
    read = {row["product_id"] for row in rows["products"].values()}
    assert read == {one.product_id for one in sandbox.truth(HOME, "web", "products").values()} - {other.product_id}
    told = rows["reviews"]["", review.review_id]
    assert (told["text"], told["title"]) == (None, review.title)
    texts = {one.review_id for one in board if one.text and one.product_id in read} - {review.review_id}
    assert {ids[1] for ids, row in rows["reviews"].items() if row["text"]} == texts


def test_plus_reviews_that_are_not_sorted_by_time_are_read_to_their_end(crawl, sandbox):
    crawl(EDITED, "-a", "resources=reviews", "-a", "since=all")
    sandbox.control("change")
    done, rows, asked = crawl(EDITED, "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr[-2000:]
    assert sandbox.truth(EDITED, "web", "reviews").keys() <= rows["reviews"].keys()
    plus = [path for path in asked if path.startswith("/board/plus_review_list.php")]
    assert any(path.endswith("page=2") for path in plus) and len(plus) == len(set(plus))


def test_a_block_page_ends_the_run_and_is_remembered(crawl, sandbox):
    sandbox.control("faults", {"force": {"fault": "block", "mall": HOME, "stream": "board"}})
    done, rows, _ = crawl(HOME, "-a", "since=all")
    assert done.returncode == 3 and "blocked" in done.stderr.splitlines()[-1]
    assert len(rows["reviews"]) < len(sandbox.truth(HOME, "web", "reviews"))
    done, _, asked = crawl(HOME, "-a", "since=all")
    assert done.returncode == 3 and "cools down" in done.stderr and asked == []


def test_one_product_is_read_alone(crawl, sandbox):
    product = next(iter(sandbox.truth(HOME, "web", "products").values())).product_id
    done, rows, _ = crawl(HOME, "-a", "since=all", path=f"/goods/goods_view.php?goodsNo={product}&mtn=1")
    assert done.returncode == 0, done.stderr[-2000:]
    assert {row["product_id"] for name in rows for row in rows[name].values()} == {product}


def test_address_of_something_else_is_refused(crawl):
    done, _, asked = crawl(HOME, path="/board/list.php?bdId=goodsqa")
    assert done.returncode == 2 and "no product" in done.stderr and asked == []
