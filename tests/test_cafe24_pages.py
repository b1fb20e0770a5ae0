"""Cafe24 storefront pages: products and reviews out of HTML, as skins really differ, and rows that join API rows."""

import json
from pathlib import Path

import pytest
from cafe24_cases import article as api_article
from cafe24_cases import mapped, of_type, product, read, variant

from shopscrape.errors import NotFound, NotHydrated, PageFailed
from spiders.cafe24 import page_reviews, pages

SAMPLES = Path(__file__).parent / "samples" / "cafe24"
HOST = "https://demomall.cafe24.com"


def sample(name):
    return (SAMPLES / f"storefront_{name}.html").read_text("utf-8")


def quoted(document):
    """Return JSON as the platform prints it inside a quoted string of a script: escaped twice."""
    return json.dumps(document).replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")


def stock(**changes):
    """Return one entry of option_stock_data."""
    return {
        "stock_price": "0.00", "use_stock": True, "use_soldout": "T", "is_display": "T", "is_selling": "T",
        "option_price": 9000, "option_name": "색상#$%크기", "option_value": "회색-M", "stock_number": 4,
        "option_value_orginal": ["회색", "M"], "is_auto_soldout": "F",
    } | changes  # fmt: skip


def page(scripts="", body="", head="", role="PRODUCT_DETAIL", design=""):
    """Return a product page of our own, by its parts."""
    return f"""<html><head><meta name="path_role" content="{role}"><title>양말 - 데모몰</title>{head}</head><body>
        <div class="headingArea"><h2>양말</h2></div>
        <div class="xans-product-detaildesign"><table>{design}</table></div>{body}
        <script>var iProductNo = '501';var product_price = '9000';{scripts}</script></body></html>"""


def one(html, **told):
    return mapped("products.page", html.encode(), **told)[0]


def levels(stocks, names="색상#$%크기", more=""):
    script = f"var has_option='T';var option_name_mapper = '{names}';var option_stock_data = '{quoted(stocks)}';{more}"
    return mapped("products.page", page(script).encode())


# -- identity ---------------------------------------------------------------------------------------------------------


def identity(record):
    keys = {"Product": ("product_id",), "Stock": ("product_id", "variant_id"), "Review": ("review_id",)}[record["type"]]
    return (record["type"], record["platform"], record["mall"], record["shop"], *(record[key] for key in keys))


def test_rows_of_a_page_join_rows_of_the_api():
    web = {identity(row) for row in mapped("products.page", sample("product_detail").encode())}
    codes = [f"P0000BAA000{letter}" for letter in "ABCD"]
    rows = [product(product_no=101, variants=[variant(variant_code=code) for code in codes])]
    api = mapped("products", {"products": rows})
    api += mapped("reviews", {"articles": [api_article(article_no=2002), api_article(article_no=2001)]})
    assert web == {identity(row) for row in api} and len(web) == 7


def test_every_form_of_a_review_is_the_same_review():
    listed = mapped("reviews.board", sample("board_list_reviews").encode())
    single = mapped("reviews.article", sample("board_article").encode())
    fragment = mapped("reviews.xhr", (SAMPLES / "storefront_review_xhr.json").read_bytes())
    assert {identity(listed[0]), identity(single[0]), identity(fragment[0])} == {identity(listed[0])}
    assert {row["source"] for row in listed + single + fragment} == {"web"}


@pytest.mark.parametrize(
    "scripts, told, shop",
    [
        ("CAFE24.SDE_SHOP_NUM = 2;", {}, "2"),
        ('var aLogData = {"mid":"m","shop_no":3};', {}, "3"),
        ("", {}, "1"),
        ("", {"url": f"{HOST}/shop4/product/detail.html?product_no=501"}, "4"),
        ("CAFE24.SDE_SHOP_NUM = 2;", {"shop": "5"}, "5"),
    ],
)
def test_shop_of_a_page(scripts, told, shop):
    assert one(page(scripts), **told)["shop"] == shop


@pytest.mark.parametrize("address, number", [
    ("/product/detail.html?product_no=7&cate_no=1", "7"), ("/product/양말/7/", "7"), ("/product/7/", "7"),
    ("/product/a-b/7/category/3/display/1/", "7"), ("/shop2/product/x/7/", "7"), ("/product/list.html?cate_no=7", ""),
    ("/article/후기/4/7/", ""), ("/product/detail.html?product_no=x", ""),
])  # fmt: skip
def test_product_number_of_an_address(address, number):
    assert pages.product_in(address) == number


@pytest.mark.parametrize(
    "address, found",
    [
        ("/article/상품-사용후기/4/2002/", ("4", "2002")),
        ("/article/review/4/2002/?no=2002&board_no=4&spread_flag=T", ("4", "2002")),
        ("/board/product/read.html?no=9&board_no=5", ("5", "9")),
        ("/board/product/list.html?board_no=4", ("4", "")),
        ("/exec/front/board/product/4?no=2002", ("4", "2002")),
        ("/board/후기/4/", ("4", "")),
        ("/product/x/9/", ("", "")),
    ],
)
def test_board_and_number_of_an_address(address, found):
    assert page_reviews.article_in(address) == found


# -- what is no product -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["products.page", "products.list", "reviews.page", "reviews.board", "reviews.article"])
def test_page_of_another_kind_gives_nothing(kind):
    with pytest.raises(NotFound):
        read(kind, page(role="ORDER_BASKET").encode())
    with pytest.raises(NotHydrated):
        read(kind, b"<html><body>hello</body></html>")


def test_product_page_that_its_skin_fills_in_later():
    shell = '<html><meta name="path_role" content="PRODUCT_DETAIL"><body><div id="app"></div></body></html>'
    with pytest.raises(NotHydrated):
        read("products.page", shell.encode())
    assert read("products.page", page().replace("iProductNo", "other").encode()).failed[0].why == "product_no: missing"


# -- prices -----------------------------------------------------------------------------------------------------------


def test_hidden_rows_cells_and_prices_are_ignored():
    design = """<tr class="displaynone"><th>소비자가</th><td>99,000원</td></tr>
        <tr rel="자체상품코드" class=" xans-record- displaynone"><th>자체상품코드</th><td>SECRET</td></tr>
        <tr><th>판매가</th><td><span class="displaynone">1원</span><b>9,000원</b></td></tr>
        <tr><th>할인판매가</th><td class="displaynone">1원</td></tr>"""
    told = one(page(design=design))
    assert told["price"] == "9000" and not {"list_price", "code", "discounted_price"} & set(told)


@pytest.mark.parametrize(
    "scripts, price",
    [
        ("var product_sale_price = 8000;", "8000"),
        ("var product_sale_price = '9000';", None),
        ("var product_sale_price = '0';", None),
    ],
)
def test_price_that_a_guest_pays(scripts, price):
    assert one(page(scripts))["discounted_price"] == price


def test_prices_of_the_table_where_the_script_has_none():
    design = """<tr rel="판매가"><th>x</th><td><strong id="span_product_price_text">12,000원
        <p>(부가세 포함)</p></strong></td></tr>
        <tr><th>소비자가</th><td><strike>15,000원</strike></td></tr>
        <tr><th>할인판매가</th><td><span id="span_product_price_sale">10,000원</span></td></tr>"""
    told = one(page(design=design).replace("product_price = '9000'", "nothing = 1"))
    assert [told[name] for name in ("price", "list_price", "discounted_price")] == ["12000", "15000", "10000"]
    assert told["price_text"] is None


@pytest.mark.parametrize("words", ["전화문의 02-000-0000", "SOLD OUT", "재입고 예정"])
def test_price_in_words(words):
    told = one(page("var product_price_content = '1';", design=f"<tr><th>판매가</th><td>{words}</td></tr>"))
    assert (told["price"], told["price_text"]) == ("9000", words)


def test_price_in_words_of_the_offer():
    linked = '{"@type":"Product","name":"양말","offers":{"price":"가격 협의","priceCurrency":"KRW"}}'
    told = one(page(head=f'<script type="application/ld+json">{linked}</script>'))
    assert (told["price_text"], told["currency"]) == ("가격 협의", "KRW")


def test_prices_with_cents():
    head = '<meta property="product:price:currency" content="USD">'
    design = "<tr><th>판매가</th><td>US$12.50</td></tr><tr><th>소비자가</th><td>$1,015.75</td></tr>"
    told = one(page(head=head, design=design).replace("'9000'", "'12.50'"))
    assert (told["price"], told["list_price"], told["currency"]) == ("12.5", "1015.75", "USD")
    assert "currency" not in one(page())


# -- variants and stock -----------------------------------------------------------------------------------------------


def test_option_data_that_is_escaped_twice():
    records = levels(
        {"V1": stock(option_value_orginal=['A"B\\C', "M/L"]), "V2": stock(stock_number=0, is_auto_soldout="T")}
    )
    assert records[0]["options"] == [
        {"name": "색상", "values": ['A"B\\C', "회색"]},
        {"name": "크기", "values": ["M/L", "M"]},
    ]
    assert [row["available"] for row in of_type(records, "Stock")] == [True, False]


@pytest.mark.parametrize(
    "changes, quantity, managed, available",
    [
        ({}, 4, True, True),
        ({"stock_number": "4"}, 4, True, True),
        ({"stock_number": 0}, 0, True, False),
        ({"stock_number": 0, "use_stock": False}, None, False, True),
        ({"stock_number": -2, "use_soldout": "F"}, -2, True, True),
        ({"is_display": "F"}, 4, True, False),
        ({"is_selling": "F"}, 4, True, False),
        ({"is_auto_soldout": "T"}, 4, True, False),
        ({"use_stock": "T"}, 4, True, True),
    ],
)
def test_level_of_a_variant_on_a_page(changes, quantity, managed, available):
    told = of_type(levels({"V1": stock(**changes)}), "Stock")[0]
    assert (told["quantity"], told["managed"], told["available"]) == (quantity, managed, available)


def test_stock_that_a_page_does_not_tell():
    told = of_type(levels({"V1": stock(stock_number=None)}), "Stock")[0]
    assert "quantity" not in told and told["available"] is True


@pytest.mark.parametrize(
    "changes, price",
    [
        ({"option_price": "9500.00"}, "9500"),
        ({"option_price": None, "stock_price": "700.00"}, "9700"),
        ({"option_price": "", "stock_price": None}, "9000"),
    ],
)
def test_price_of_a_variant_on_a_page(changes, price):
    assert levels({"V1": stock(**changes)})[0]["variants"][0]["price"] == price


def test_values_by_the_mapper_where_the_stock_names_none():
    codes = quoted({"회색#$%M-L": "V1"})
    records = levels(
        {"V1": stock(option_value_orginal=None, option_value="회색-M-L")}, more=f"var option_value_mapper = '{codes}';"
    )
    assert records[0]["variants"][0]["options"] == {"색상": "회색", "크기": "M-L"}


def test_values_that_cannot_be_told_apart_stay_together():
    records = levels({"V1": stock(option_value_orginal=None, option_name="", option_value="회색-M-L")})
    assert records[0]["variants"][0]["options"] == {"": "회색-M-L"}


def test_options_chosen_apart_from_each_other():
    stocks = {
        "V1": stock(option_name="색상", option_value_orginal=["회색"]),
        "V2": stock(option_name="포장", option_value_orginal=["선물"]),
    }
    records = levels(stocks, names="색상#$%포장")
    assert [each["options"] for each in records[0]["variants"]] == [{"색상": "회색"}, {"포장": "선물"}]
    assert records[0]["options"] == [{"name": "색상", "values": ["회색"]}, {"name": "포장", "values": ["선물"]}]


@pytest.mark.parametrize("data", ["", "[]", "{}", "null", "not json", '{\\"V1\\":', '\\"\\"'])
def test_option_data_that_is_none(data):
    records = mapped("products.page", page(f"var has_option = 'T';var option_stock_data = '{data}';").encode())
    assert of_type(records, "Stock") == [] and "variants" not in records[0]


def test_options_by_what_leads_to_variants_where_no_stock_is_told():
    mapper = quoted({"회색#$%M": "V1", "검정#$%M": "V2", "odd": "V3"})
    script = f"var has_option='T';var option_name_mapper = '색상#$%크기';var option_value_mapper = '{mapper}';"
    assert one(page(script))["options"] == [
        {"name": "색상", "values": ["회색", "검정"]}, {"name": "크기", "values": ["M"]},
    ]  # fmt: skip


def test_options_of_the_form_where_the_script_has_none():
    select = """<select option_title="색상"><option value="*">- 선택 -</option><option value="**">---</option>
        <option value="회색">회색</option><option class="displaynone" value="x">x</option></select>"""
    assert one(page("var has_option = 'T';", select))["options"] == [{"name": "색상", "values": ["회색"]}]


@pytest.mark.parametrize("scripts, quantity, managed, available", [
    ("var single_option_stock_data = '{\\\"use_stock\\\":true,\\\"stock_number\\\":3}';", 3, True, True),
    ("var single_option_stock_data = '{\\\"use_stock\\\":false,\\\"stock_number\\\":0}';", None, False, True),
    ("var stock_number = '0';", 0, None, False), ("var stock_number = '5';var is_soldout_icon = 'T';", 5, None, False),
])  # fmt: skip
def test_product_without_options(scripts, quantity, managed, available):
    records = mapped("products.page", page(f"var has_option = 'F';var item_code = 'P0000TAA000A';{scripts}").encode())
    told = of_type(records, "Stock")[0]
    assert (told["variant_id"], told["quantity"], told.get("managed"), told["available"]) == (
        "P0000TAA000A", quantity, managed, available,
    )  # fmt: skip
    assert records[0]["options"] == [] and records[0]["status"] == ("on_sale" if available else "sold_out")


@pytest.mark.parametrize("body, status", [
    ('<div class="ec-base-button soldout "><button>품절</button></div>', "sold_out"),
    ('<div class="ec-base-button soldout displaynone"><button>품절</button></div>', "on_sale"),
    ('<div class="relation"><img alt="품절"></div>', "on_sale"),
    ('<div class="xans-product-action"><span class="btnEm displaynone">SOLD OUT</span></div>', "on_sale"),
    ('<div class="xans-product-action"><span class="btnEm">SOLD OUT</span></div>', "sold_out"),
])  # fmt: skip
def test_sold_out_as_the_skin_shows_it(body, status):
    assert one(page(body=body))["status"] == status


# -- the rest of a product --------------------------------------------------------------------------------------------


def test_linked_data_that_is_broken_or_one_of_many():
    head = """<script type="application/ld+json">{"@type":"Product", broken</script>
        <script type="application/ld+json">[{"@type":"BreadcrumbList"}]</script>
        <script type="application/ld+json">{"@graph":[{"@type":["Thing","Product"],"brand":{"name":"양말공방"},
        "description":"따뜻한 &amp; 부드러운","aggregateRating":{"ratingValue":"4.7","reviewCount":12}}]}</script>"""
    told = one(page(head=head))
    assert [told[name] for name in ("brand", "summary", "rating", "review_count")] == [
        "양말공방",
        "따뜻한 & 부드러운",
        "4.7",
        12,
    ]


def test_name_of_the_mall_is_no_brand():
    head = '<script type="application/ld+json">{"@type":"Product","brand":{"name":"데모몰"}}</script>'
    assert "brand" not in one(page(head=head))
    assert one(page(head=head, design="<tr><th>브랜드</th><td>양말공방</td></tr>"))["brand"] == "양말공방"


def test_pictures_in_their_big_form_each_once():
    body = """<div class="xans-product-image"><img class="BigImage"
        ec-data-src="//cdn.example/ec01/m/_/web/product/medium/a.jpg" src="data:image/gif;base64,R0">
        <div class="xans-product-addimage"><img src="/web/product/small/a.jpg">
        <img src="/web/product/extra/tiny/b.jpg"></div></div>"""
    assert one(page(body=body), url=f"{HOST}/product/x/501/")["images"] == [
        "https://cdn.example/ec01/m/_/web/product/big/a.jpg",
        f"{HOST}/web/product/extra/big/b.jpg",
    ]


def test_path_of_the_category():
    body = """<div class="xans-product-headcategory"><ol><li><a href="/">홈</a></li>
        <li><a href="/category/상의/24/">상의</a></li><li class="displaynone"><a href="/category/x/9/">x</a></li>
        <li><a href="/product/list.html?cate_no=25">니트</a></li></ol></div>"""
    told = one(page(body=body))
    assert (told["category_ids"], told["categories"]) == (["25"], ["상의 > 니트"])


@pytest.mark.parametrize("scripts", ['var product_name = "양말 \\"A\\"";', "var x = 'it\\'s'; var iProductNo = '9';"])
def test_quotes_of_both_kinds(scripts):
    assert one(page(scripts))["product_id"] == "501"


def test_lists_lead_to_products_and_pages():
    tree = pages.selector(sample("product_list").encode())
    assert [row["product_no"] for row in pages.listed_products(tree)] == ["103", "102", "101"]
    assert pages.pages_after(tree) == [1, 2]
    empty = sample("product_list").replace('ec-data-price="32000"', 'ec-data-price=""').replace("19900", "19,900")
    prices = [row.get("price") for row in mapped("products.list", empty.encode())]
    assert prices == [None, "15000", "19900"]


# -- hostile ----------------------------------------------------------------------------------------------------------


def test_page_that_nests_too_deep():
    with pytest.raises(PageFailed):
        read("products.page", page(body="<div>" * 30_000).encode())


@pytest.mark.parametrize(
    "part",
    [
        "<p>" * 30_000,
        "<tr class='displaynone'>" * 5000,
        "<script>var option_stock_data = '" + "\\" * 50_000,
        "<script>var option_stock_data = '" + "[" * 100_000 + "';</script>",
        "&" * 100_000,
        "\x00\x01\x02",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    ],
)
def test_hostile_page(part):
    told = read("products.page", page(body=part).encode("utf-8", "surrogatepass"))
    assert len(told.records) + len(told.failed) >= 1 and "root:" not in str(told.records)
