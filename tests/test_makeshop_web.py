"""Whole crawls of a small MakeShop storefront: what its pages show is stored, politely, and nothing else is asked."""

import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from crawling import BARE, ROOT
from cryptography.fernet import Fernet
from makeshop_storefront import BOARD, EVERY, HOOD, OPEN, POUCH, STRAP, TOTE, WOOL, Storefront, sample

from shopscrape.store import open_store
from spiders.makeshop.storefront import Listing, Post, listing_in, post_in
from spiders.makeshop.storefront import Storefront as Addresses

DETAIL = "/shop/shopdetail.html?branduid="
POWER = {f"{BOARD}:{no}:00000": f"후기 {no} 100% + 좋아요" for no in range(901, 908)}


@pytest.fixture
def crawl(tmp_path):
    """Run the spider against a storefront; return its exit status, its words, and what is stored."""
    key = Fernet.generate_key().decode()

    def run(storefront, *words, more=f'power_board = "{BOARD}"'):
        malls = tmp_path / "malls.toml"
        malls.write_text(f'[demo]\nplatform = "makeshop"\nspeed = 200\n{more}\nstorefront_url = "{storefront.url}"\n')
        url = f"sqlite:///{tmp_path}/store.db"
        storefront.asked.clear()
        done = subprocess.run(
            [
                sys.executable, "-m", "scrapy", "crawl", "makeshop_web", "-a", "mall=demo", *words,
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


def numbered(rows):
    return {row["review_id"]: row for row in rows["reviews"] if not row["synthetic"]}


def named(asked, path, **told):
    queries = [parse_qs(urlsplit(one).query) for one in asked if urlsplit(one).path == path]
    return [query for query in queries if all(query.get(name) == [value] for name, value in told.items())]


@pytest.mark.parametrize("address, listing", [
    ("/shop/shopbrand.html?xcode=003&mcode=001&type=Y&sort=price&page=4", Listing("003", "001", "", "Y")),
    ("/shop/shopbrand.html?type=X&xcode=003", Listing("003", "", "", "X")), ("/shop/shopbrand.html?search=a", None),
    ("/shop/shopbrand.html?xcode=003&search=a", None), ("/shop/shopbrand.html?xcode=%3Cb%3E", None),
    ("/shop/shopbrand.html?type=P", None), ("/shop/shopdetail.html?branduid=1&xcode=003", None),
])  # fmt: skip
def test_list_of_an_address(address, listing):
    assert listing_in(f"https://mall.example{address}") == listing


@pytest.mark.parametrize("address, post", [
    ("/board/board.html?code=a_board2&page=3", Post("a_board2")), ("/board/board.html?page=3", None),
    ("/board/board.html?code=a_board2&type=v&num1=7&num2=00000&number=12&lock=N", Post("a_board2", "7", "00000", "12")),
    ("/board/board.html?code=a_board2&type=v&num1=7", Post("a_board2", "7", "00000")),
    ("/board/board.html?code=../x&num1=7", None), ("/board/power_review.html?code=a", None),
])  # fmt: skip
def test_post_of_an_address(address, post):
    assert post_in(f"https://mall.example{address}") == post


@pytest.mark.parametrize("address, plain", [
    ("/shop/shopdetail.html?branduid=12&xcode=003&GfDT=bmx3&sort=", "/shop/shopdetail.html?branduid=12"),
    ("/m/product.html?branduid=12", "/shop/shopdetail.html?branduid=12"), ("", "/"), ("/sitemap.xml", "/sitemap.xml"),
    ("/shop/basket.html", None), ("/shop/member.html?branduid=12", None), ("/shop/shopdetail.html", None),
])  # fmt: skip
def test_plain_address(address, plain):
    assert Addresses("https://a.example").plain(f"https://a.example{address}") == (
        plain and f"https://a.example{plain}"
    )


def test_whole_mall(crawl):
    with Storefront() as storefront:
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    products = {row["product_id"]: row for row in rows["products"]}
    assert set(products) == EVERY
    assert products[STRAP]["name"] == "가죽 스트랩" and "펲시콜라" in products[STRAP]["description"]
    stock = {(row["product_id"], row["variant_id"]): (row["quantity"], row["available"]) for row in rows["inventory"]}
    assert stock[WOOL, "1"] == (3, True) and stock[WOOL, "2"] == (0, False)
    assert (TOTE, "") in stock and (HOOD, "1") in stock and stock[HOOD, "1"] == (12, True)
    reviews = numbered(rows)
    assert {name: row["text"] for name, row in reviews.items()} == POWER
    assert {row["product_id"] for row in reviews.values()} == {TOTE}
    replies = reviews[f"{BOARD}:904:00000"]["replies"]
    assert [(reply["by"], reply["text"]) for reply in replies] == [("seller", "감사합니다"), ("buyer", "네")]
    comments = [row for row in rows["reviews"] if row["synthetic"]]
    assert {row["text"] for row in comments} == {"가볍고 튼튼해요. 매일 들고 다닙니다.", "배송이 늦었어요"}
    assert {row["product_id"] for row in comments} == {WOOL}
    assert len(storefront.asked) == len(set(storefront.asked)), "a page was asked for twice"
    # Nothing but reads: no counters, no basket, no session in an address, no other host.
    script = named(storefront.asked, "/shop/power_review.action.html")
    assert {told["action_type"][0] for told in script} == {"get_review_list", "get_comment_list"}
    assert not [path for path in storefront.asked if "GfDT" in path or "basket" in path or "search=" in path]
    # Behind its last page a list shows that page again, and ends there; one without products is asked for as a script.
    lists = named(storefront.asked, "/shop/shopbrand.html", xcode="003")
    assert [told["page"] for told in lists] == [["1"], ["2"], ["3"]]
    pieces = named(storefront.asked, "/shop/product_list.action.html")
    assert sorted((told["xcode"][0], told["page"][0]) for told in pieces) == [
        ("005", "1"), ("005", "2"), ("005", "3"), ("006", "1"),
    ]  # fmt: skip


def test_without_a_sitemap(crawl):
    with Storefront(sitemap=False) as storefront:
        done, rows = crawl(storefront, "-a", "resources=products")
    assert done.returncode == 0, done.stderr
    assert {row["product_id"] for row in rows["products"]} == EVERY - {HOOD}
    assert not named(storefront.asked, "/shop/power_review.action.html")


def test_next_run_reads_what_is_new(crawl):
    with Storefront() as storefront:
        crawl(storefront, "-a", "since=all", "-a", f"url={storefront.url}{DETAIL}{TOTE}")
        storefront.power[TOTE].append(908)
        storefront.comments[908] = [("운영자", "반갑습니다")]
        done, rows = crawl(storefront, "-a", f"url={storefront.url}{DETAIL}{TOTE}&xcode=003&GfDT=abc")
    assert done.returncode == 0, done.stderr
    assert set(numbered(rows)) == {*POWER, f"{BOARD}:908:00000"}
    assert numbered(rows)[f"{BOARD}:908:00000"]["replies"][0]["text"] == "반갑습니다"
    assert numbered(rows)[f"{BOARD}:904:00000"]["replies"][0]["text"] == "감사합니다"
    assert len([path for path in storefront.asked if path != "/robots.txt"]) <= 4, storefront.asked


def test_sweep_finds_what_changed_and_what_is_gone(crawl):
    with Storefront() as storefront:
        crawl(storefront, "-a", "since=all", "-a", f"url={storefront.url}{DETAIL}{TOTE}")
        storefront.power[TOTE].remove(902)
        storefront.comments[901] = [("관리자", "늦은 답")]
        done, rows = crawl(storefront, "-a", "sweep=1", "-a", f"url={storefront.url}{DETAIL}{TOTE}")
    assert done.returncode == 0, done.stderr
    reviews = numbered(rows)
    assert set(reviews) == POWER.keys() - {f"{BOARD}:902:00000"}
    assert reviews[f"{BOARD}:901:00000"]["replies"][0]["text"] == "늦은 답"


def test_boards_that_are_named(crawl):
    with Storefront() as storefront:
        storefront.missing.add(702)
        more = f'boards = ["demoshop_board5"]\npower_board = "{BOARD}"\nurls = []'
        url = f"url={storefront.url}/board/board.html?code=demoshop_board5&page=2"
        done, rows = crawl(storefront, "-a", "since=all", "-a", url, more=more)
        assert done.returncode == 0, done.stderr
        reviews = {row["review_id"].split(":")[1]: row for row in rows["reviews"]}
        assert {name: row["text"] for name, row in reviews.items()} == {
            "701": "글 701", "702": None, "703": None, "704": "글 704", "705": "글 705",
        }  # fmt: skip
        assert reviews["703"]["flags"] == ["secret"] and reviews["704"]["rating"] == "3"
        assert not named(storefront.asked, "/board/board.html", num1="703")
        storefront.posts.append(706)
        done, rows = crawl(storefront, "-a", url, more=more)
        assert len(rows["reviews"]) == 6
        assert [told.get("num1") for told in named(storefront.asked, "/board/board.html")] == [None, ["706"]]


def test_board_of_power_reviews_that_nobody_named(crawl):
    with Storefront() as storefront:
        url = f"url={storefront.url}{DETAIL}{TOTE}"
        done, rows = crawl(storefront, "-a", "since=all", "-a", url, more="")
    assert done.returncode == 0, done.stderr
    assert set(numbered(rows)) == {name.replace(BOARD, "power_review") for name in POWER}
    assert f"pictures of one stand in {BOARD}" in done.stderr


def test_crema_is_left_alone(crawl):
    with Storefront(crema=True) as storefront:
        done, rows = crawl(storefront, "-a", "since=all", "-a", f"url={storefront.url}{DETAIL}{STRAP}")
    assert done.returncode == 0, done.stderr
    assert "widget of Crema" in done.stderr and not rows["reviews"]
    assert all("crema" not in path for path in storefront.asked)


def test_product_that_is_gone(crawl):
    with Storefront() as storefront:
        storefront.lists["004:"] = [[WOOL, "1999999"]]
        done, rows = crawl(storefront, "-a", f"url={storefront.url}/shop/shopbrand.html?xcode=004&type=X")
    assert done.returncode == 0, done.stderr
    assert {row["product_id"] for row in rows["products"]} == {WOOL}
    assert "1999999" in "".join(storefront.asked)


@pytest.mark.parametrize("status, body, more, outcome", [
    (200, sample("store_wall_adult"), {}, "login_required"), (200, sample("store_wall_login"), {}, "login_required"),
    (403, b"", {}, "blocked"), (429, sample("store_blocked_403"), {}, "blocked"),
    (302, b"", {"Location": "/shop/member.html?type=login"}, "login_required"),
])  # fmt: skip
def test_wall_ends_the_run_and_is_remembered(crawl, status, body, more, outcome):
    with Storefront() as storefront:
        storefront.walls[f"{DETAIL}{POUCH}"] = (status, body, "text/html", more)
        done, rows = crawl(storefront, "-a", f"url={storefront.url}{DETAIL}{POUCH}")
        assert done.returncode != 0 and outcome in done.stderr, done.stderr
        assert not rows["products"]
        assert storefront.asked.count(f"{DETAIL}{POUCH}") == 1
        assert not [path for path in storefront.asked if "member.html" in path]
        again, _ = crawl(storefront, "-a", f"url={storefront.url}{DETAIL}{POUCH}")
    assert again.returncode != 0 and not storefront.asked


def test_robots_that_disallow_stop_before_the_first_page(crawl):
    with Storefront(robots="User-agent: *\nDisallow: /shop/shopdetail.html") as storefront:
        done, rows = crawl(storefront)
        assert done.returncode != 0 and "disallows /shop/shopdetail.html" in done.stderr
        assert storefront.asked == ["/robots.txt"] and not rows["products"]
        done, rows = crawl(storefront, "-a", "resources=products", more='permission = "own-store"')
    assert done.returncode == 0, done.stderr
    assert {row["product_id"] for row in rows["products"]} == EVERY and "own-store" in done.stderr


def test_robots_that_keep_back_what_could_be_done_without(crawl):
    kept = ("/shop/shopbrand.html", "/shop/power_review.action.html", "/shop/product_list")
    robots = OPEN + "".join(f"Disallow: {path}\n" for path in kept)
    with Storefront(robots=robots) as storefront:
        done, rows = crawl(storefront, "-a", "since=all")
    assert done.returncode == 0, done.stderr
    assert {row["product_id"] for row in rows["products"]} == {TOTE, HOOD}
    assert set(numbered(rows)) == {f"{BOARD}:999870:00000", f"{BOARD}:999873:00000"}
    assert {urlsplit(path).path for path in storefront.asked} == {
        "/", "/robots.txt", "/sitemap.xml", "/shop/shopdetail.html",
    }  # fmt: skip


def test_mall_that_leads_to_no_product(crawl):
    with Storefront(sitemap=False) as storefront:
        storefront.walls["/"] = (200, b"<html><body>hello</body></html>")
        done, _ = crawl(storefront)
    assert done.returncode != 0 and "leads to a product" in done.stderr


def test_addresses_that_name_nothing(crawl):
    with Storefront() as storefront:
        for path in ("/shop/basket.html", "/shop/shopbrand.html?search=x"):
            done, _ = crawl(storefront, "-a", f"url={storefront.url}{path}")
            assert done.returncode != 0 and "is no product" in done.stderr
        assert not storefront.asked
