"""Crawls of a small WISA storefront: what its pages show is stored, politely; what breaks is told, never guessed."""

from datetime import UTC, datetime

import pytest
from wisa_site import Crawl, Site, sample

from shopscrape.payload import Origin, read_page
from spiders.wisa import addresses, mapping, page_reviews, pages
from spiders.wisa.product_pages import lacking
from spiders.wisa.shapes import hash_of

GOODS = ("-a", "resources=products,inventory")
MEMBERS = "<script>alert('회원만 볼 수 있습니다.');location.href='/member/login.php';</script>"


@pytest.fixture
def site():
    with Site() as running:
        yield running


@pytest.fixture
def crawl(site, tmp_path):
    return Crawl(tmp_path, site)


def test_whole_mall_then_what_changed(site, crawl):
    status, said = crawl()
    assert status == 0, said
    assert set(crawl.rows("products")) == {"1201", "1202", "1203"}
    stock = {name: row["available"] for name, row in crawl.rows("inventory").items()}
    assert stock["7001_7011"] is True and stock["7001_7012"] is False
    texts = {number: row["text"] for number, row in crawl.rows("reviews").items()}
    assert texts == {"6002": "여름에 딱입니다", "6003": "여름에 딱입니다"}
    # Nothing changed: lists and the head of the reviews, and neither a product nor a review.
    assert crawl()[0] == 0
    assert site.pages() == 0 and len(site.asked) <= 8 and not any("exec=view" in path for path in site.asked)
    # Another price in a list; a product that no list shows, and that has no page any more.
    site.listed[0] = site.listed[0].replace("<strong>39,000</strong>", "<strong>35,000</strong>")
    site.listed[1] = sample("store_list_page2.html").replace(hash_of(1203), hash_of(1202))
    del site.products[1203]
    status, said = crawl()
    assert status == 0, said
    assert site.pages(1201) == 1 and site.pages(1203) == 1 and site.pages(1202) == 0
    assert set(crawl.rows("products")) == {"1201", "1202"}
    assert {row["product_id"] for row in crawl.rows("inventory").values()} == {"1201", "1202"}


def test_robots_txt_comes_before_the_first_page(site, crawl):
    site.robots = "User-agent: *\nDisallow: /shop/detail.php"
    status, said = crawl()
    assert status == 3 and "disallows /shop/detail.php" in said and site.asked == ["/robots.txt"]
    status, said = crawl(permission="own-store")
    assert status == 0 and "own-store" in said and len(crawl.rows("products")) == 3


def test_calls_that_robots_txt_closes_are_not_made(site, crawl):
    site.robots = sample("robots_main_blocked.txt")
    status, said = crawl()
    assert status == 0 and "stock_unknown" in said
    assert not any(path.startswith("/main/") for path in site.asked)
    assert crawl.rows("inventory")["7001_7011"]["available"] is None
    # Texts come from the page of one review instead.
    assert {row["text"] for row in crawl.rows("reviews").values()} == {"여름에 딱입니다"}


@pytest.mark.browser
def test_browser_only_where_scripts_fill_the_page(site, crawl):
    shell = site.products[1203].replace("<", "\\u003c").replace("`", "\\`").replace("</script>", "")
    site.products[1203] = (
        '<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"></head><body><div id="skin_shop_detail_big_div">'
        f"</div><script>setTimeout(() => {{ document.body.innerHTML = `{shell}`; }}, 200);</script></body></html>"
    )
    status, said = crawl(*GOODS, browser="never")
    assert status == 1 and "no browser" in said and set(crawl.rows("products")) == {"1201", "1202"}
    status, said = crawl(*GOODS)
    assert status == 0, said
    assert crawl.rows("products")["1203"]["status"] == "sold_out"
    assert site.pages(1203) == 2 and site.pages(1201) == 1
    site.products[1203] = '<html><body><div id="skin_shop_detail_big_div"></div></body></html>'
    status, said = crawl(*GOODS, "-a", "sweep=1")
    assert status == 1 and "without the engine's form" in said and "1203" in crawl.rows("products")


def test_walls(site, crawl):
    site.walls[hash_of(1202)] = (200, MEMBERS)
    status, said = crawl(*GOODS)
    assert status == 0 and "members only" in said and set(crawl.rows("products")) == {"1201", "1203"}
    site.walls["/"] = (200, sample("block_page.html"))
    status, said = crawl(*GOODS, "-a", "sweep=1")
    assert status == 3 and "captcha or block page" in said and len(crawl.rows("products")) == 2
    status, said = crawl(*GOODS)
    assert status == 3 and "cools down" in said and site.asked == []


def test_a_skin_that_moved_is_told_and_nothing_is_called_gone(site, crawl):
    assert crawl()[0] == 0
    site.listed = ["<html><body><div id='skin_main_index_big_div'>새 스킨</div></body></html>"]
    site.board = "<html><body><div id='skin_shop_product_review_list_big_div'>새 스킨</div></body></html>"
    status, said = crawl("-a", "sweep=1")
    assert status == 1 and "no list leads to a product any more" in said and "shows no review where" in said
    assert len(crawl.rows("products")) == 3 and len(crawl.rows("reviews")) == 2


def test_an_answer_about_choices_that_is_none_tells_nothing(site, crawl):
    site.gone = {"@7001": "잠시 후 다시 시도해 주세요", "@7002": "잠시 후 다시 시도해 주세요"}
    status, said = crawl(*GOODS)
    assert status == 1 and "no list of numbers" in said
    assert "7001_7011" not in crawl.rows("inventory")


def test_a_list_that_a_script_draws_is_asked_for_as_the_script_does(site, crawl, monkeypatch):
    drawn = '<div id="skin_shop_big_section_big_div"><a href="/shop/big_section.php?cno1=1000">전체</a>'
    more = (
        "<a href=\"#\" onclick=\"prdMore(this, 'shop_big_section.php', 'prd_basic'); return false;\">더보기</a></div>"
    )
    site.listed = [f"<html><body>{drawn}{more}</body></html>"]
    first = sample("store_list_ajax.json")
    monkeypatch.setattr(
        site, "call",
        lambda told: (200, first) if (told.get("single_module"), told.get("module_page")) == ("prd_basic", "1")
        else Site.call(site, told),
    )  # fmt: skip
    status, said = crawl(*GOODS)
    assert status == 0, said
    assert set(crawl.rows("products")) == {"1201", "1202"}
    site.robots = "User-agent: *\nDisallow: /main/\n"
    status, said = crawl(*GOODS, "-a", "sweep=1")
    assert "Lists go on by calls that robots.txt closes" in said
    assert not any("prd_basic" in path for path in site.asked) and len(crawl.rows("products")) == 2


def test_more_choices_than_are_asked_about_are_told(site, crawl):
    chosen = '<option  value="블랙::0::0::7002::cpx0::">블랙</option>'
    many = "".join(
        f'<option value="색{number}::0::0::{number}::cpx0::">색{number}</option>' for number in range(8000, 8100)
    )
    site.products[1201] = site.products[1201].replace(chosen, chosen + many)
    status, said = crawl(*GOODS, "-a", f"url={site.url}/shop/detail.php?ano=1201")
    assert status == 1 and "Product 1201 has more than 100 questions about its choices" in said
    assert not any("getOptionStock" in path for path in site.asked)
    assert set(crawl.rows("products")) == {"1201"}, "the product itself is stored"


def test_a_number_beyond_those_that_are_sought_is_counted():
    kind = mapping.KINDS["products.page"]
    for number, unknown in ((999_999, {}), (1_000_001, {"product_number=none below 1,000,000": 1})):
        # A page that prints its number nowhere.
        page = sample("store_crema_page.html").replace(hash_of(1202), hash_of(number)).replace("1202", "0")
        told = read_page(kind, page.encode(), Origin(platform="wisa", collected_at=datetime(2026, 7, 20, tzinfo=UTC)))
        assert told.records[0].product_id == (hash_of(number) if unknown else str(number))
        assert dict(told.tally.unknown) == unknown


def test_without_a_list_of_all_reviews_each_product_is_asked(site, crawl):
    site.board = ""
    status, said = crawl()
    assert status == 0 and "the next run brings them" in said and crawl.rows("reviews") == {}
    status, said = crawl("-a", "resources=reviews")
    assert status == 0, said
    found = crawl.rows("reviews")
    assert set(found) == {"6001", "6003"} and {row["text"] for row in found.values()} == {"여름에 딱입니다"}


def test_named_addresses(site, crawl):
    status, said = crawl("-a", f"url={site.url}/shop/detail.php?ano=1201&ctype=1")
    assert status == 0, said
    assert set(crawl.rows("products")) == {"1201"} and set(crawl.rows("reviews")) == {"6001", "6003"}
    assert {row["product_id"] for row in crawl.rows("reviews").values()} == {"1201"}
    status, said = crawl("-a", f"url={site.url}/board/?db=notice")
    assert status == 2 and "is no product, category or list of reviews" in said


def test_the_browser_is_named_rightly(site, crawl):
    status, said = crawl(browser="sometimes")
    assert status == 2 and "browser of mall m is one of" in said


def test_what_a_page_lacks():
    page = sample("store_detail_select.html")
    assert lacking(pages.product(pages.selector(page.encode()))) == ""
    hollow = page.replace("<option ", "<opt ")
    assert lacking(pages.product(pages.selector(hollow.encode()))) == "the values of a choice"
    assert lacking(pages.product(pages.selector(page.replace('name="total_prc"', 'name="x"').encode()))) == (
        "the field total_prc"
    )
    assert lacking(None) == "the engine's form"


def test_addresses():
    shop = addresses.Storefront("https://shop.example.com/")
    assert addresses.product_in(shop.product(hash_of(5), 2)) == hash_of(5)
    assert addresses.category_in(shop.section("1001", 3)) == "1001" and addresses.is_board(shop.board(2))
    assert addresses.more("prdMore(this,'shop_detail.php','detail_review_list')") is None
    assert shop.gone_after("@1@2").endswith("exec_file=shop/getAjaxData.php&exec=getOptionStock&item_no=@1@2")


def test_numbers_before_reviews_count_them_only_when_they_count_down():
    board = sample("store_review_board.html")
    assert page_reviews.countdown(pages.selector(board.encode())) == (3, 2)
    for other in (board.replace("<td>2</td>", "<td>7</td>"), board.replace("<td>3</td>", "<td>새글</td>")):
        assert page_reviews.countdown(pages.selector(other.encode())) is None
    assert page_reviews.countdown(pages.selector(b"<table></table>")) is None
