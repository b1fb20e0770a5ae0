"""Whole crawls of a small Godomall5 storefront: what its pages show is stored, politely, and nothing else is asked."""

import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from crawling import BARE, ROOT
from cryptography.fernet import Fernet
from godomall5_storefront import BASKET, COFFEE, EVERY, GONE, MUG, TSHIRT, Storefront, sample

from shopscrape.errors import PageFailed
from shopscrape.store import open_store
from spiders.godomall5 import pages
from spiders.godomall5.storefront import Listing, choices, listing_of, step_form

BOARD = {f"goodsreview:{no}": None if no == 803 else f"글 {no}" for no in (790, *range(801, 808))}
PLUS = {f"plus:{no}": f"플러스 {no}" for no in (501, 502, 503)}
VIEW = "/goods/goods_view.php?goodsNo="


@pytest.fixture
def crawl(tmp_path):
    """Run the spider against a storefront; return its exit status, its words, and what is stored."""
    key = Fernet.generate_key().decode()

    def run(storefront, *words, permission=""):
        malls = tmp_path / "malls.toml"
        said = f'permission = "{permission}"\n' if permission else ""
        malls.write_text(f'[demo]\nplatform = "godomall5"\nspeed = 200\n{said}storefront_url = "{storefront.url}"\n')
        url = f"sqlite:///{tmp_path}/store.db"
        storefront.asked.clear()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "godomall5_web", "-a", "mall=demo", *words,
                "-s", f"SHOPSCRAPE_MALLS={malls}", "-s", f"SHOPSCRAPE_STORE={url}",
                "-s", f"SHOPSCRAPE_OUTPUT={tmp_path}/output",
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
            env=BARE | {"SHOPSCRAPE_KEY": key, "SHOPSCRAPE_PRIVACY_KEY": "k" * 40},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        store = open_store(url, key)
        rows = {name: list(store.read(name)) for name in ("products", "inventory", "reviews")}
        store.close()
        return done, rows

    return run


def texts(rows):
    return {row["review_id"]: row["text"] for row in rows["reviews"]}


def named(asked, path):
    return [parse_qs(urlsplit(one).query) for one in asked if urlsplit(one).path == path]


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


@pytest.mark.parametrize("with_paging", [True, False])
def test_whole_mall(crawl, with_paging):
    with Storefront(named=with_paging) as storefront:
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert {row["product_id"] for row in rows["products"]} == EVERY
    stock = {(row["product_id"], row["variant_id"]): row["quantity"] for row in rows["inventory"]}
    assert stock == {
        (TSHIRT, "5011"): 10, (TSHIRT, "5012"): 0, (TSHIRT, "5014"): 3, (BASKET, ""): 8, (MUG, ""): 8,
        (COFFEE, "5101"): None, (COFFEE, "5102"): None, (COFFEE, "5103"): None, (COFFEE, "5104"): None,
    }  # fmt: skip
    assert texts(rows) == BOARD | PLUS
    told = {row["review_id"]: row for row in rows["reviews"]}
    assert {told[name]["product_id"] for name in BOARD if name != "goodsreview:790"} == {TSHIRT}
    assert told["goodsreview:801"]["media"] == [
        {"kind": "image", "url": f"{storefront.url}/data/board/upload/goodsreview/801_1.jpg"}
    ]
    pages = [path for path in storefront.asked if "goods_ps" not in path]
    assert len(pages) == len(set(pages)), "a page was asked for twice"
    # Those that count no reviews are not asked for them.
    assert {told["goodsNo"][0] for told in named(storefront.asked, "/goods/goods_board_list.php")} == {TSHIRT, MUG}
    # Fragments come from within the session of the product's page.
    board = next(path for path in storefront.asked if "board_list" in path and TSHIRT in path)
    assert storefront.referers[board] == (f"{storefront.url}{VIEW}{TSHIRT}", "GD5SESSID=abc")


def test_a_list_that_repeats_its_last_page_ends(crawl):
    with Storefront(named=False) as storefront:
        done, _ = crawl(storefront, "-a", "resources=products")
    assert done.returncode == 0, done.stderr
    lists = named(storefront.asked, "/goods/goods_list.php")
    assert sorted((told["cateCd"][0], told["page"][0]) for told in lists) == [
        ("001", "1"), ("001", "2"), ("001", "3"), ("001001", "1"), ("001001", "2"), ("002", "1"), ("002", "2"),
    ]  # fmt: skip
    assert not [path for path in storefront.asked if "goods_ps" in path or "board" in path]


def test_next_run_reads_what_is_new(crawl):
    with Storefront() as storefront:
        crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
        storefront.posts[TSHIRT].append(808)
        storefront.plus_posts.append(504)
        done, rows = crawl(storefront, "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr
    assert texts(rows) == BOARD | PLUS | {"goodsreview:808": "글 808", "plus:504": "플러스 504"}
    assert named(storefront.asked, "/goods/goods_board_view.php") == [{"bdId": ["goodsreview"], "sno": ["808"]}]
    assert len(named(storefront.asked, "/goods/goods_board_list.php")) == 2
    assert not rows["products"]


def test_sweep_finds_a_text_that_changed(crawl):
    with Storefront(plus=False) as storefront:
        crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
        storefront.secret.clear()
        done, rows = crawl(storefront, "-a", "resources=reviews", "-a", "sweep=1")
    assert done.returncode == 0, done.stderr
    assert texts(rows) == BOARD | {"goodsreview:803": "글 803"}
    # A sweep also looks where nothing is counted.
    assert {told["goodsNo"][0] for told in named(storefront.asked, "/goods/goods_board_list.php")} == EVERY


def test_review_that_is_deleted_while_its_list_is_read(crawl):
    with Storefront(plus=False) as storefront:
        storefront.missing.add(805)
        done, rows = crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
    assert done.returncode == 0 and "is gone" in done.stderr
    assert texts(rows) == BOARD | {"goodsreview:805": None}


def test_plus_reviews_in_another_order_are_read_to_their_end(crawl):
    with Storefront() as storefront:
        storefront.plus_posts = [502, 503, 501]
        crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
        storefront.plus_posts = [504, 502, 503, 501]
        done, rows = crawl(storefront, "-a", "resources=reviews")
    assert done.returncode == 0, done.stderr
    assert "plus:504" in texts(rows)


@pytest.mark.parametrize("path, found", [
    (f"{VIEW}{TSHIRT}&mtn=1", {"products": 1, "inventory": 3, "reviews": 10}),
    ("/goods/goods_list.php?cateCd=001&sort=date", {"products": 3, "inventory": 8, "reviews": 10}),
    ("/goods/goods_list.php?cateCd=002", {"products": 1, "inventory": 1, "reviews": 1}),
])  # fmt: skip
def test_named_address(crawl, path, found):
    with Storefront() as storefront:
        done, rows = crawl(storefront, "-a", f"url={storefront.url}{path}", "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert {name: len(told) for name, told in rows.items()} == found


def test_address_of_something_else_is_refused(crawl):
    with Storefront() as storefront:
        done, _ = crawl(storefront, "-a", f"url={storefront.url}/board/list.php?bdId=goodsqa")
    assert done.returncode == 2 and "no product" in done.stderr and storefront.asked == []


@pytest.mark.parametrize("rule", ["/", "/goods/goods_view.php", "/goods/goods_board_list.php"])
def test_robots_are_obeyed_before_the_first_page(crawl, rule):
    with Storefront(robots=f"User-agent: *\nDisallow: {rule}\n\nUser-agent: Yeti\nDisallow: /admin/") as storefront:
        done, rows = crawl(storefront)
        assert done.returncode == 3 and "disallows" in done.stderr
        assert storefront.asked == ["/robots.txt"] and not any(rows.values())
        done, rows = crawl(storefront, "-a", "since=all", permission="own-store")
    assert done.returncode == 0 and texts(rows) == BOARD | PLUS and "own-store" in done.stderr


def test_calls_that_robots_disallow_are_done_without(crawl):
    closed = ("/goods/goods_board_view.php", "/goods/goods_ps.php", "/board/")
    with Storefront(robots="User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed)) as storefront:
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    for sentence in ("keeps us from opened reviews", "keeps us from the options", "keeps us from Plus Reviews"):
        assert sentence in done.stderr
    assert not [path for path in storefront.asked if path.startswith(closed)]
    assert texts(rows) == dict.fromkeys(BOARD)
    assert {row["product_id"] for row in rows["inventory"]} == EVERY - {TSHIRT}


@pytest.mark.parametrize("wall, outcome", [
    ((200, sample("storefront_login_required")), "login_required"),
    ((403, sample("storefront_blocked_403")), "blocked"),
])  # fmt: skip
def test_wall_ends_the_run_and_is_remembered(crawl, wall, outcome):
    with Storefront() as storefront:
        storefront.walls[f"{VIEW}{MUG}"] = wall
        done, rows = crawl(storefront, "-a", "resources=products")
        assert done.returncode == 3 and outcome in done.stderr
        assert MUG not in {row["product_id"] for row in rows["products"]}
        done, _ = crawl(storefront, "-a", "resources=products")
    assert done.returncode == 3 and "cools down" in done.stderr and storefront.asked == []


def test_wall_before_reviews_keeps_the_marks(crawl):
    wall = "/goods/goods_board_list.php?bdId=goodsreview&goodsNo=1000000042&gboard=y&page=1"
    with Storefront(plus=False) as storefront:
        storefront.walls[wall] = (403, sample("storefront_blocked_403"))
        done, rows = crawl(storefront, "-a", "resources=reviews", "-a", "since=all")
    assert done.returncode == 3 and "blocked" in done.stderr
    assert set(texts(rows)) <= {"goodsreview:790"}


def test_product_that_is_gone_is_skipped(crawl):
    with Storefront() as storefront:
        storefront.walls[f"{VIEW}{MUG}"] = (200, GONE)
        storefront.walls[f"{VIEW}{COFFEE}"] = (404, "<html>x</html>")
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert {row["product_id"] for row in rows["products"]} == {TSHIRT, BASKET}


def test_crema_is_left_alone(crawl):
    with Storefront(crema=True, plus=False) as storefront:
        storefront.posts = {number: [] for number in EVERY}
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0 and done.stderr.count("widget of Crema") == 1
    assert rows["reviews"] == [] and len(rows["products"]) == 4
    assert "their board does not show" in done.stderr
