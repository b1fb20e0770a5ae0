"""The emulated WISA storefronts: the engine's parts are those of the samples, pages show the truth, scripts work."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest
from msgspec import UNSET
from parsel import Selector
from playwright.sync_api import sync_playwright
from sandboxing import ask, force

from pipelines.normalise import normalise
from sandbox import wisa_ids as ids
from sandbox import wisa_options as options
from sandbox.background import running
from sandbox.shapes import shape_problems
from sandbox.wisa_storefront import ADULT, BLOCKED, CARELESS, CLOSED, CREMA, DRAWN, LOOKS, OLD
from shopscrape import values
from shopscrape.browser import chromium
from shopscrape.items import Product, Review, Stock
from shopscrape.payload import Origin, read_page
from spiders.wisa import mapping, mapping_pages, pages

SAMPLES = Path(__file__).parent / "samples" / "wisa"
HOME = "demo_wisa"
MARKS = (
    "&quot(?!;)", "&#039(?!;)", "set_pno", "cpx1", r"option_name1\[1\]", " disabled", "soldout", "timesale",
    "가격 문의", "application/ld", "총상품재고", "무제한",
)  # fmt: skip
OPEN = (HOME, CLOSED, OLD, CREMA, CARELESS)


@pytest.fixture(scope="module")
def served():
    with running(products=93, orders=10, reviews=160, speed=400, only="wisa") as sandbox:
        yield sandbox


def get(served, path, mall=HOME, body=None, status=200):
    """Return the body of a page."""
    told, page, _ = ask(served.stage.storefront(mall) + path, body)
    assert told == status
    return page


def text(name):
    return (SAMPLES / name).read_text("utf-8")


def plain(record):
    return {
        name: value for name, value in msgspec.to_builtins(record).items()
        if name not in ("collected_at", "observed_at", "source_url") and value is not None
    }  # fmt: skip


def differences(truth, found):
    """Return names of fields in which two records differ; what is not told counts as none."""
    told, seen = plain(truth), plain(found)
    for one in (told, seen):
        for variant in one.get("variants", ()):
            for name in [name for name, value in variant.items() if value is None]:
                del variant[name]
    return {
        name: (told.get(name), seen.get(name)) for name in told.keys() | seen.keys() if told.get(name) != seen.get(name)
    }


def read(kind, body, mall, url, **context):
    origin = Origin(
        platform="wisa", mall=mall, source="web", collected_at=values.now(), url=url, context=context
    )  # fmt: skip
    found = read_page(mapping.KINDS[kind], body, origin)
    assert found.failed == [] and not found.tally.unknown
    return [normalise(record) for record in found.records]


# -- what the engine prints -------------------------------------------------------------------------------------------


def test_hidden_fields_and_options_are_printed_as_in_the_samples(served):
    other = Selector(text("store_detail_select.html"))
    product = next(one for one in served.world.products
                   if len(one.axes) == 2 and ids.product_stat(one) == "2" and ids.counted(one))  # fmt: skip
    page = Selector(get(served, f"/shop/detail.php?ano={product.no}").decode())
    names = other.xpath("//form/input[@type='hidden']/@name").getall()
    assert [name for name in page.xpath("//form/input[@type='hidden']/@name").getall() if name != "set_pno"] == names
    form = {name: other.xpath(f"//form/@{name}").get() for name in ("name", "accept-charset", "data-prd_type")}
    assert form == {name: page.xpath(f"//form/@{name}").get() for name in form}
    fields = other.xpath("//input[starts-with(@name, 'option_')]/@name").getall()
    assert page.xpath("//input[starts-with(@name, 'option_')]/@name").getall()[: len(fields)] == fields
    shape = re.compile(r"[^:]+(::-?\d+){2}::\d+::cpx\d::")
    chosen = page.css("option::attr(value), input[type=radio]::attr(value)").getall()
    assert all(shape.fullmatch(one) for one in chosen if one)
    variables = re.compile(r"^var (\w+)", re.MULTILINE)
    assert variables.findall(page.get())[:12] == variables.findall(other.get())[:12]
    assert page.css("#skin_shop_detail_big_div") and pages.is_engine(page.get())


def test_options_of_all_kinds_are_shown(served):
    kinds, necessary, marks = set(), set(), set()
    for product in served.world.products:
        if ids.product_stat(product) not in ("2", "3"):
            continue
        page = get(served, f"/shop/detail.php?ano={product.no}").decode()
        kinds |= set(re.findall(r"data-type='(\w\w)'", page))
        necessary |= set(re.findall(r"data-necessary='(\w)'", page))
        marks |= {mark for mark in MARKS if re.search(mark, page)}
    assert kinds >= {"2A", "3A", "3B", "5A", "5B", "4A", "4B"} and necessary == set("YCNP")
    assert marks == set(MARKS)


def test_calls_of_scripts_answer_in_the_shape_of_the_samples(served):
    call = "/main/exec.php?exec_file=skin_module/skin_ajax.php&obj_id=x&striplayout=1"
    product = served.world.market.products[0]
    name = ids.hash_of(product.no)
    cases = (
        ("store_list_ajax", "&single_module=prd_basic&_tmp_file_name=shop_big_section.php&cno1=1000&module_page=1"),
        ("store_list_ajax_end", "&single_module=shop_big_section&cno1=1000&module_page=99"),
        ("store_review_ajax", f"&single_module=detail_review_list&pno={name}&module_page=1"),
        ("store_review_ajax_end", f"&single_module=detail_review_list&pno={name}&module_page=99"),
    )
    for sample, query in cases:
        told = json.loads(get(served, call + query))
        assert shape_problems(told, json.loads(text(f"{sample}.json"))) == []
        assert bool(told["content"]) != sample.endswith("_end")
    old = json.loads(get(served, f"{call}&single_module=prd_basic&cno1=1000&module_page=1", OLD))
    assert set(old) == {"content", "next_page", "total_cnt"} and isinstance(old["total_cnt"], str)
    price = get(served, "/main/exec.php", body=urlencode({
        "exec_file": "shop/getAjaxData.php", "exec": "getDetailPrice", "total_prc": 41000, "pay_prc": 38950,
    }).encode())  # fmt: skip
    assert json.loads(price) == json.loads(text("store_detail_price.json"))


def test_what_is_sold_out_deeper_is_asked_for(served):
    product = next(one for one in served.world.products if len(one.axes) > 1 and ids.counted(one)
                   and ids.product_stat(one) == "2" and options.gone_after(one, (0,)))  # fmt: skip
    call = "/main/exec.php?exec_file=shop/getAjaxData.php&exec=getOptionStock&item_no=@"
    gone = get(served, call + ids.item_no(product, 0, 0)).decode().split("@")
    assert gone == [ids.item_no(product, 1, value) for value in options.gone_after(product, (0,))]
    free = next(one for one in served.world.products if one.axes and not ids.counted(one))
    assert get(served, call + ids.item_no(free, 0, 0)) == b"" == get(served, f"{call}7999")


def test_walls_missing_pages_and_robots_are_those_of_the_samples(served):
    for path in ("/", "/shop/detail.php?ano=101", "/shop/big_section.php?cno1=1000", "/shop/product_review_list.php"):
        assert get(served, path, ADULT).decode() == text("store_login_redirect_adult.html").strip()
        assert get(served, path, BLOCKED).decode() == text("block_page.html").strip()
    assert get(served, "/shop/detail.php?pno=0", HOME).decode() == text("store_missing_product.html").strip()
    hidden = next(one for one in served.world.products if ids.product_stat(one) == "4")
    assert b"prdFrm" not in get(served, f"/shop/detail.php?ano={hidden.no}")
    assert get(served, "/robots.txt").decode() == text("robots_default.txt")
    closed = (
        get(served, "/robots.txt", CLOSED)
        .decode()
        .replace(served.stage.storefront(CLOSED), "https://demo-wisa.example.com")
    )
    assert closed == text("robots_main_blocked.txt")
    force(served, "block", mall=HOME, stream="detail")
    assert b"g-recaptcha" in get(served, "/shop/detail.php?ano=101")
    assert b"skin_member_login_big_div" in get(served, "/member/login.php", ADULT)


# -- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mall", OPEN)
def test_lists_sitemap_and_feed_lead_to_every_product(served, mall):
    shown = {str(one.product_id) for one in served.truth(mall)["web"]["products"]}
    found, page, before = set(), 1, None
    while True:
        cards = pages.cards(pages.selector(get(served, f"/shop/big_section.php?cno1=1000&page={page}", mall)))
        names = [card["pno"] for card in cards]
        if not names or names == before:
            break
        found |= set(names)
        before, page = names, page + 1
    wanted = {ids.hash_of(int(number)) for number in shown}
    shortcuts = {ids.hash_of(ids.shortcut_no(served.world.products[int(number)])) for number in shown}
    assert wanted <= found <= wanted | shortcuts and len(found) > len(wanted)
    below = set()
    for category in served.world.categories.values():
        for number in range(1, 6) if not category.parent else ():
            body = get(served, f"/shop/big_section.php?cno1={category.no}&page={number}", mall)
            below |= {card["pno"] for card in pages.cards(pages.selector(body))}
    assert below == found
    if mall in (HOME, CLOSED):
        listed = re.findall(r"detail\.php\?pno=(\w{32})", get(served, "/sitemap.xml", mall).decode())
        assert set(listed) == found and len(listed) > len(found)
    else:
        get(served, "/sitemap.xml", mall, status=404)
    if mall in (HOME, CREMA):
        feed = get(served, "/_data/compare/naver/all_prd.php", mall).decode().splitlines()[1:]
        assert {row.split("\t")[0] for row in feed} == {
            ids.hash_of(one.no) for one in served.world.products if ids.product_stat(one) == "2"
        }


@pytest.mark.parametrize("mall", [HOME, CLOSED, OLD])
def test_product_pages_show_the_truth(served, mall):
    truth = served.truth(mall)["web"]
    products = {one.product_id: normalise(one) for one in truth["products"]}
    stock = {(one.product_id, one.variant_id): normalise(one) for one in truth["inventory"]}
    seen = set()
    for number, told in products.items():
        url = f"{served.stage.storefront(mall)}/shop/detail.php?ano={number}"
        body = get(served, f"/shop/detail.php?ano={number}", mall)
        records = read("products.page", body, mall, url, sold_out={} if mall == CLOSED else gone(served, body, mall))
        for record in records:
            if isinstance(record, Product):
                assert differences(told, record) == {}, number
            elif isinstance(record, Stock):
                seen.add((number, record.variant_id))
                assert differences(stock[number, record.variant_id], record) == {}, number
    assert seen == stock.keys()
    unknown = [one for one in stock.values() if one.available is UNSET]
    assert bool(unknown) == (mall == CLOSED)
    if mall == OLD:
        assert "�" not in "".join(told.name for told in products.values()) and b"euc-kr" in body


def gone(served, body, mall):
    """Return what the mall says about deeper choices of a page."""
    shown, told = pages.product(pages.selector(body)), {}
    while asked := mapping_pages.stock_questions(shown["options"], told):
        for path in asked:
            call = f"/main/exec.php?exec_file=shop/getAjaxData.php&exec=getOptionStock&item_no={path}"
            told[path] = mapping_pages.sold_out_items(get(served, call, mall))
    return told


def test_a_shortcut_shows_another_product(served):
    product = next(one for one in served.world.products if ids.shortcut_no(one) and one.axes
                   and ids.product_stat(one) in ("2", "3"))  # fmt: skip
    body = get(served, f"/shop/detail.php?pno={ids.hash_of(ids.shortcut_no(product))}")
    assert f'name="pno" value="{ids.hash_of(ids.shortcut_no(product))}"'.encode() in body
    record = read("products.page", body, HOME, served.stage.storefront(HOME))[0]
    assert record.product_id == str(product.no) and record.url.endswith(ids.hash_of(product.no))


@pytest.mark.parametrize("mall", [HOME, CLOSED, OLD, CREMA])
def test_the_list_of_reviews_shows_the_truth(served, mall):
    truth = {one.review_id: normalise(one) for one in served.truth(mall)["web"]["reviews"]}
    found = {}
    for number in range(1, 40):
        url = f"{served.stage.storefront(mall)}/shop/product_review_list.php?rev_page={number}"
        body = get(served, f"/shop/product_review_list.php?rev_page={number}", mall)
        records = read("reviews.board", body, mall, url)
        assert records or b'class="empty"' in body or mall == CREMA
        for record in records:
            if mall != CLOSED:
                form = urlencode({"exec_file": "shop/review_reg.exe.php", "exec": "view", "no": record.review_id})
                opened = read("reviews.view", get(served, "/main/exec.php", mall, form.encode()), mall, url)[0]
                record.text, record.media, record.replies = opened.text, opened.media, opened.replies
            found[record.review_id] = record
    assert found.keys() == truth.keys() and bool(truth) == (mall != CREMA)
    assert {number: said for number, record in found.items() if (said := differences(truth[number], record))} == {}
    assert {reply.by for one in truth.values() for reply in one.replies} == ({"seller", "buyer"} if truth else set())


def test_reviews_of_a_product_are_paged_with_and_without_scripts(served):
    product = served.world.market.products[0]
    name, count = ids.hash_of(product.no), 0
    found = set()
    for number in (1, 2, 3, 4, 5, 6, 7):
        url = f"{served.stage.storefront(HOME)}/shop/detail.php?pno={name}"
        body = get(served, f"/shop/detail.php?pno={name}&rev_page={number}")
        rows = [one.review_id for one in read("products.page", body, HOME, url) if isinstance(one, Review)]
        call = f"/main/exec.php?exec_file=skin_module/skin_ajax.php&single_module=detail_review_list&pno={name}"
        piece = get(served, f"{call}&module_page={number}")
        asked = [one.review_id for one in read("reviews.ajax", piece, HOME, url)] if b"prdBoardView" in piece else []
        assert rows == asked
        found |= set(rows)
        count += len(rows)
    shop = {
        ids.review_no(one) for one in served.world.trade(HOME).reviews_of(product.no) if ids.review_stat(one) != "1"
    }
    assert found == set(map(str, shop)) and count == len(found) > 20


# -- scripts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def tab(browser):
    """A tab that reaches nothing but this machine."""
    page = browser.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.route("**/*", lambda route: route.continue_() if "//127.0.0.1:" in route.request.url else route.abort())
    yield page
    page.close()


@pytest.mark.browser
def test_scripts_bring_the_rest_of_lists_and_the_reviews(served, tab):
    host = served.stage.storefront(CLOSED)
    tab.goto(f"{host}/shop/big_section.php?cno1=1000")
    assert tab.locator("#prd_basic > li").count() == 12
    while tab.locator("a.more").count():
        shown = tab.locator("#prd_basic > li").count()
        tab.locator("a.more").click()
        tab.wait_for_function(
            f"document.querySelectorAll('#prd_basic > li').length > {shown} || !document.querySelector('a.more')"
        )
    links = tab.eval_on_selector_all("#prd_basic .name a", "all => all.map(one => one.href)")
    assert len({re.search(r"pno=(\w{32})", link)[1] for link in links}) >= len(served.truth(CLOSED)["web"]["products"])
    product = served.world.market.products[0]
    tab.goto(f"{host}/shop/detail.php?ano={product.no}")
    tab.wait_for_selector(".review_card")
    assert tab.locator(".review_card").count() == 10
    tab.locator("#review a.more").click()
    tab.wait_for_function("document.querySelectorAll('.review_card').length === 20")
    number = tab.locator(".review_card").first.get_attribute("onclick").split("(")[1].split(",")[0]
    assert not tab.locator(f"#revContent{number}").is_visible()
    tab.locator(".review_card").first.click()
    assert tab.locator(f"#revContent{number}").is_visible()
    rows = read("reviews.ajax", json.dumps({"content": tab.content()}).encode(), CLOSED, tab.url)
    assert len(rows) == 20 and all(isinstance(row.text, str) for row in rows)


@pytest.mark.browser
def test_choosing_an_option_marks_what_is_sold_out_behind_it(served, tab):
    done = set()
    for product in served.world.products:
        if len(product.axes) < 2 or not ids.counted(product) or ids.product_stat(product) != "2":
            continue
        first = next(
            (at for at in range(len(product.axes[0].values)) if at not in options.gone_after(product, ())), None
        )
        gone = (
            {ids.item_no(product, 1, value) for value in options.gone_after(product, (first,))}
            if first is not None
            else ()
        )
        if not gone or len(done) > 3:
            continue
        tab.goto(f"{served.stage.storefront(HOME)}/shop/detail.php?ano={product.no}")
        item = ids.item_no(product, 0, first)
        with tab.expect_response(re.compile(f"getOptionStock.*{item}")):
            if tab.locator("select[name=option1]").count():
                tab.select_option(
                    "[name=option1]", value=tab.get_attribute(f"[name=option1] [value*='{item}']", "value")
                )
            else:
                tab.locator(f".optChipItem{item}, [name=option1][value*='::{item}::']").click()
        shown = "[name=option2] option[disabled], [name=option2][disabled], .optChipSet2.soldout"
        tab.wait_for_selector(shown, state="attached")
        marked = tab.eval_on_selector_all(
            shown, "all => all.map(one => one.getAttribute('data') || one.value.split('::')[3])"
        )
        assert set(marked) == gone
        done.add(tab.locator("[name=option2]").first.get_attribute("data-type"))
    assert len(done) > 1


@pytest.mark.browser
def test_a_review_is_opened_by_a_click(served, tab):
    review = next(one for one in served.world.trade(HOME).reviews if ids.review_stat(one) == "2" and one.replies)
    tab.goto(f"{served.stage.storefront(HOME)}/shop/detail.php?ano={review.product}")
    number = re.search(r"'(\d+)'", tab.locator("a[href*=prdBoardView]").first.get_attribute("href"))[1]
    tab.locator("a[href*=prdBoardView]").first.click()
    tab.wait_for_selector(f"#revContent{number} .cnt")
    row = next(one for one in read("reviews.view", tab.content().encode(), HOME, tab.url) if one.review_id == number)
    truth = {one.review_id: one for one in served.truth(HOME)["web"]["reviews"]}
    assert row.text == normalise(truth[number]).text


@pytest.mark.browser
def test_a_careless_skin_still_shows_its_product_and_an_adult_mall_its_log_in(served, tab):
    errors = []
    tab.on("pageerror", lambda error: errors.append(error))
    tab.goto(f"{served.stage.storefront(CARELESS)}/shop/detail.php?ano=101", wait_until="domcontentloaded")
    assert tab.locator("form[name=prdFrm] input[name=pno]").get_attribute("value") == ids.hash_of(101)
    assert len(errors) >= 2
    tab.goto(f"{served.stage.storefront(ADULT)}/shop/detail.php?ano=101")
    tab.wait_for_url("**/member/login.php")
    tab.goto(f"{served.stage.storefront(DRAWN)}/shop/detail.php?ano=101")
    tab.wait_for_selector("form[name=prdFrm]", state="attached")
    assert b'name="prdFrm"' not in get(served, "/shop/detail.php?ano=101", DRAWN)
    assert set(LOOKS) == {*OPEN, DRAWN, ADULT, BLOCKED}
