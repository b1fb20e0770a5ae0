"""The emulated MakeShop storefronts: the parts of the samples stand on their pages, in the samples' encodings."""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest
from parsel import Selector
from sandboxing import ask, force

from sandbox import makeshop_ids as ids
from sandbox import makeshop_page_reviews as reviews
from sandbox.background import running
from sandbox.makeshop_storefront import ADULT, BLOCKED, CLOSED, CREMA, HOME, NAMED, OLD, QUIET
from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples" / "makeshop"
DETAIL, SCRIPT = "/shop/shopdetail.html?branduid=", "/shop/power_review.action.html"


@pytest.fixture(scope="module")
def served():
    with running(products=40, orders=20, reviews=160, speed=400, only="makeshop") as sandbox:
        yield sandbox


def get(served, path, mall=HOME, body=None, status=200):
    """Return the body of a page."""
    told, page, _ = ask(served.stage.storefront(mall) + path, body)
    assert told == status
    return page


def sample(name):
    return (SAMPLES / f"store_{name}").read_bytes()


def page(served, product, mall=HOME):
    return get(served, DETAIL + ids.uid(product), mall).decode("cp949" if mall == OLD else "utf-8")


def sold(served, test):
    return next(one for one in served.world.products if one.state == "on_sale" and test(one))


def category(served, test):
    """Return a category's codes as an address has them."""
    found = next(one for one in served.world.categories.values() if test(one))
    return urlencode(dict(zip(("xcode", "mcode", "scode"), ids.levels(found, served.world.categories), strict=True)))


def keys(literal):
    return re.findall(r"(\w+):'", literal.partition("sto_image")[0].rpartition("adminuser")[2])


def test_a_product_page_has_the_parts_of_the_samples(served):
    plain = sold(served, lambda one: one.plain and not one.sold_out and one.no % 9 != 4)
    mixed = sold(served, lambda one: len(one.axes) == 2 and one.no % 9 == 4)
    single = sold(served, lambda one: len(one.axes) == 1 and one.no % 5 == 2)
    other, shown = Selector(sample("shopdetail_simple.html").decode()), Selector(page(served, plain))
    fields = other.css('form[name="form1"] input[type=hidden]::attr(name)').getall()
    assert [
        one for one in shown.css('form[name="form1"] input[type=hidden]::attr(name)').getall() if one != "scode"
    ] == fields
    names = re.compile(r"var (\w+) =")
    assert names.findall(shown.css("body").get()) == names.findall(other.css("body").get())
    assert keys(shown.get()) == keys(other.get())
    tags = other.xpath("//meta/@property").getall()
    assert shown.xpath("//meta/@property").getall() == tags and "schema.org/InStock" in shown.get()
    blocks = ("#powerReview .PR15N01-hd h2 span", "#powerReview .score dt", "#powerReview .score dd strong",
              "#listPowerReview .block_comment", "img", ".prd-btns a")  # fmt: skip
    assert all(shown.css(one) and other.css(one) for one in blocks)
    told = page(served, mixed)
    assert "addition:{0:{0:{adminuser" in told and told.count("sto_id='0'") == 0 and 'sto_id="0"' in told
    assert "pre_optionJsonData = {basic" in told and "\\'12월 1일\\'" in told
    without = page(served, single, OLD)
    assert "var optionJsonData = '';" in without and re.search(r'sto_id="1" sto_state="[A-Z]+" price="\d+"', without)
    gone = page(served, sold(served, lambda one: one.sold_out))
    assert 'class="soldout">SOLD OUT' in gone and "product_caution" in gone and "send_multi" not in gone


def test_old_pages_are_cp949_and_say_euc_kr_in_the_page_alone(served):
    product = sold(served, lambda one: "뷁" in one.name)
    _, body, headers = ask(served.stage.storefront(OLD) + DETAIL + ids.uid(product))
    assert headers["Content-Type"] == "text/html" and b"charset=euc-kr" in body
    assert "뷁" in body.decode("cp949")
    with pytest.raises(UnicodeDecodeError):
        body.decode("euc_kr")
    assert not re.search(r"og:|ld\+json", body.decode("cp949"))


def test_what_scripts_are_answered_has_the_shape_of_the_samples(served):
    trade = served.world.trade(HOME)
    product = max(served.world.shown(), key=lambda one: len(reviews.powers(trade, one)) * (one.state == "on_sale"))
    answered = next(one for one in reviews.visible(trade, ids.POWER) if one.replies and one.replies[0].by == "seller")
    lone = sold(served, lambda one: not reviews.powers(trade, one))
    power = f"{SCRIPT}?action_type=get_review_list&page_type=product&sort=date&product_uid="
    top = category(served, lambda one: one.name == "상의")
    empty = category(served, lambda one: one.name == "BEST")
    lists = f"/shop/product_list.action.html?action_mode=get_list&type=X&{top}&page="
    cases = (
        ("power_review_list_page1", f"{power}{ids.uid(product)}&page=1", None),
        ("power_review_list_last", f"{power}{ids.uid(product)}&page=2", None),
        ("power_review_list_empty", f"{power}{ids.uid(lone)}&page=1", None),
        ("power_review_comments", f"{SCRIPT}?action_type=get_comment_list&num1={ids.num1(answered)}", None),
        ("power_review_photos", SCRIPT, {"action_type": "get_detail_photo_review", "uid": ids.uid(product), "page": 1}),
        ("power_review_error", f"{SCRIPT}?action_type=update_hit&num1=1", None),
        ("product_list_action_page1", f"{lists}1", None), ("product_list_action_last", f"{lists}99", None),
        ("product_list_action_empty", f"/shop/product_list.action.html?{empty}&page=1", None),
    )  # fmt: skip
    for name, path, form in cases:
        told = json.loads(get(served, path, body=urlencode(form).encode() if form else None))
        optional = ("next_page", "total_page_cnt") if name.endswith("_last") else ()
        assert shape_problems(told, json.loads(sample(f"{name}.json")), optional=optional) == [], name
    told = json.loads(get(served, cases[0][1]))
    block = Selector(unquote(told["html"]))
    other = Selector(unquote(json.loads(sample("power_review_list_page1.json"))["html"]))
    kinds = [set(one.xpath("//li[starts-with(@id,'power_review_block')]//@class").getall()) for one in (block, other)]
    assert kinds[0] - {"pr-content-all", "pr-options", "emp"} == kinds[1] - {"pr-options", "emp"}
    assert told["is_page_end"] is False and len(block.css("li.power-review-list-box")) == reviews.POWER_PAGE


def test_lists_repeat_their_last_page_and_a_scripted_list_is_hollow(served):
    path = f"/shop/shopbrand.html?{category(served, lambda one: one.name == '상의')}&type=X&page="
    found = [re.findall(r"branduid=(\d+)", get(served, f"{path}{number}").decode()) for number in (1, 2, 50, 51)]
    assert found[2] == found[3] and found[2] and not set(found[0]) & set(found[1])
    assert "branduid" not in get(served, f"{path}1", NAMED).decode()
    other, shown = Selector(sample("shopbrand_page1.html").decode()), Selector(get(served, f"{path}1").decode())
    for one in (".total strong", "li.item .thumb a img", "li.item .prd-name", "li.item .prd-price", ".prd-ori strike"):
        assert other.css(one) and shown.css(one), one
    assert "prod_soldout" in "".join(get(served, f"{path}{number}").decode() for number in range(1, 9))
    board = [get(served, f"/board/board.html?code={ids.PLAIN}&page={number}", OLD) for number in (98, 99)]
    rows = [re.findall(rb"num1=(\d+)&amp;num2=(\d+)&amp;number=\d+&amp;lock=(\w)", one) for one in board]
    assert rows[0] == rows[1] and rows[0]


def test_walls_missing_pages_and_robots_are_those_of_the_samples(served):
    assert get(served, f"{DETAIL}77").split() == sample("shopdetail_notfound.html").split()
    hidden = next(one for one in served.world.products if one.state == "hidden")
    assert b"product_uid" not in get(served, DETAIL + ids.uid(hidden))
    wall = Selector(sample("wall_adult.html").decode()).css("#adultAuth").get()
    for path in ("/", f"{DETAIL}1000101", f"{SCRIPT}?action_type=get_review_list", "/board/board.html?code=x"):
        assert wall in get(served, path, ADULT).decode()
        assert b"captcha" in get(served, path, BLOCKED)
    robots = get(served, "/robots.txt").decode().replace(served.stage.storefront(HOME), "https://mall.example.com")
    assert robots.split() == sample("robots.txt").decode().split()
    assert b"Disallow: /shop/shopdetail.html" in get(served, "/robots.txt", CLOSED)
    assert b"Disallow: /shop/power_review.action.html" in get(served, "/robots.txt", QUIET)
    for path in ("/robots.txt", "/sitemap.xml"):
        get(served, path, OLD, status=404)
    posts = reviews.visible(served.world.trade(HOME), ids.PLAIN)
    locked = next(one for one in posts if "secret" in one.flags)
    post = get(served, f"/board/board.html?code={ids.PLAIN}&type=v&num1={ids.num1(locked)}&num2=00000").decode()
    assert Selector(sample("wall_board_password.html").decode()).css("form").get() in Selector(post).get()
    assert b"widgets.cre.ma" in get(served, f"{DETAIL}1000101", CREMA)
    force(served, "block", mall=HOME, stream="product")
    assert b"captcha" in get(served, f"{DETAIL}1000101")
