"""Godomall5 products and stock: states, prices, options, odd but real forms of an answer."""

import pytest
from godomall5_cases import ABSENT, goods, mapped, of_type, option, read, records, with_options

EMPTY = ("", [], ABSENT, None)


def one(row, **more):
    return mapped("products", row, **more)[0]


@pytest.mark.parametrize(
    "changes, word",
    [
        ({}, "on_sale"), ({"soldOutFl": "y"}, "sold_out"), ({"totalStock": "0"}, "sold_out"),
        ({"totalStock": "-2"}, "sold_out"), ({"totalStock": "0", "stockFl": "n"}, "on_sale"),
        ({"goodsDisplayFl": "n"}, "on_sale"), ({"goodsDisplayFl": "n", "goodsDisplayMobileFl": "n"}, "hidden"),
        ({"goodsSellFl": "n", "goodsSellMobileFl": "n"}, "suspended"),
        ({"salesStartYmd": "2026-08-01 00:00:00"}, "suspended"), ({"salesEndYmd": "2026-07-01 00:00:00"}, "suspended"),
        ({"salesStartYmd": "2026-07-01 00:00:00", "salesEndYmd": "2026-08-01 00:00:00"}, "on_sale"),
        ({"salesEndYmd": "2026-07-20"}, "on_sale"), ({"salesEndYmd": "2026-07-19"}, "suspended"),
        ({"salesStartYmd": "0000-00-00 00:00:00", "salesEndYmd": "-0001-11-30 00:00:00"}, "on_sale"),
        ({"soldOutFl": "y", "goodsDisplayFl": "n", "goodsDisplayMobileFl": "n"}, "sold_out"),
    ],
)  # fmt: skip
def test_states(changes, word):
    found = mapped("products", goods(**changes))
    assert found[0]["status"] == word
    assert found[1]["available"] is (word == "on_sale")


def test_a_product_that_tells_no_flag_tells_no_state():
    flags = dict.fromkeys(
        ("soldOutFl", "goodsDisplayFl", "goodsDisplayMobileFl", "goodsSellFl", "goodsSellMobileFl", "stockFl"), ABSENT
    )
    found = mapped("products", goods(**flags))
    assert "status" not in found[0]
    assert (found[1]["quantity"], found[1].get("available"), found[1].get("managed")) == (7, None, None)


def test_an_unknown_flag_is_counted_and_stands_for_nothing():
    page = read("products", goods(soldOutFl="q"))
    assert records(page)[0]["status"] == "on_sale"
    assert page.tally.unknown == {"soldOutFl=q": 1}


@pytest.mark.parametrize(
    "changes, price, list_price, discounted, words",
    [
        ({}, "16000", None, None, None), ({"fixedPrice": "20000.00"}, "16000", "20000", None, None),
        ({"goodsPriceString": "가격문의", "goodsPrice": "999999999.00"}, None, None, None, "가격문의"),
        ({"goodsPrice": "100000001.00"}, None, None, None, None),
        ({"goodsDiscountFl": "y", "goodsDiscount": "10", "goodsDiscountUnit": "percent"}, "16000", None, "14400", None),
        ({"goodsDiscountFl": "y", "goodsDiscount": "1000", "goodsDiscountUnit": "price"}, "16000", None, "15000", None),
        ({"goodsDiscountFl": "y", "goodsDiscount": "0", "goodsDiscountUnit": "price"}, "16000", None, None, None),
        ({"goodsDiscountFl": "y", "goodsDiscount": "17000", "goodsDiscountUnit": "price"}, "16000", None, None, None),
        ({"goodsDiscountFl": "n", "goodsDiscount": "10", "goodsDiscountUnit": "percent"}, "16000", None, None, None),
        ({"goodsPrice": "0.00"}, "0", None, None, None),
    ],
)  # fmt: skip
def test_prices(changes, price, list_price, discounted, words):
    found = one(goods(**changes))
    assert (found["price"], found["list_price"], found["discounted_price"], found["price_text"]) == (
        price, list_price, discounted, words,
    )  # fmt: skip


def test_variants_with_differences_of_price_and_of_state():
    rows = [
        option("1"), option("2", "화이트", "L", optionPrice="-500.00"), option("3", "블랙", "M", optionViewFl="n"),
        option("4", "블랙", "L", optionSellFl="t", optionSellCode="05002003"), option("5", "블루", "M", stockCnt="-1"),
        option("6", "블루", "L", stockCnt="2", sellStopFl="y", sellStopStock="2"),
    ]  # fmt: skip
    product, *stock = mapped("products", with_options(*rows))
    assert [one["price"] for one in product["variants"]] == ["16000", "15500", *["16000"] * 4]
    assert [one["available"] for one in stock] == [True, True, False, False, False, False]
    assert [one["quantity"] for one in stock] == [3, 3, 3, 3, -1, 2]
    assert product["options"] == [
        {"name": "색상", "values": ["화이트", "블랙", "블루"]}, {"name": "사이즈", "values": ["M", "L"]},
    ]  # fmt: skip
    assert [(one["safety_quantity"], one["low"]) for one in stock[4:]] == [(None, None), (2, True)]


@pytest.mark.parametrize("empty", EMPTY)
def test_an_option_that_does_not_tell_whether_it_is_sold_leaves_that_open(empty):
    told = option("1", optionSellFl=empty), option("2", optionSellFl=empty, stockCnt="0"), option("3", optionSellFl="q")
    variants = one(with_options(*told[:2]))["variants"]
    assert [variant.get("available") for variant in variants] == [None, False]
    assert records(read("products", with_options(told[2])))[0]["variants"][0]["available"] is False


def test_a_discount_without_its_amount_and_a_text_for_phones_only():
    found = one(goods(goodsDiscountFl="y", goodsDescriptionMobile="<p>m</p>"))
    assert "discounted_price" not in found and found["description"] == "<p>m</p>"


def test_what_is_told_decides_whether_an_option_can_be_bought():
    rows = [option("1", stockCnt="0"), option("2", stockCnt="", optionSellFl="n"), option("3", stockCnt="")]
    rows += [option("4"), option("5", stockCnt="2", sellStopFl="y", sellStopStock="2")]
    found = one(with_options(*rows, stockFl="", totalStock="0"))["variants"]
    # 0 also stands where nothing is counted, which this product does not tell.
    assert [variant.get("available") for variant in found] == [None, False, None, True, False]
    counted = one(with_options(*rows[:3]))["variants"]
    assert [variant.get("available") for variant in counted] == [False, False, None]


def test_the_stock_of_options_stands_in_for_a_total_that_is_empty():
    assert one(with_options(option("1", stockCnt="0"), option("2", stockCnt="0"), totalStock=""))["status"] == (
        "sold_out"
    )


def test_stock_that_is_not_counted_is_no_number():
    rows = [option("1", stockCnt="0"), option("2", stockCnt="0", sellStopFl="y", sellStopStock="5")]
    product, *stock = mapped("products", with_options(*rows, stockFl="n", totalStock="0"))
    assert product["status"] == "on_sale"
    assert [(one["quantity"], one["managed"], one["available"]) for one in stock] == [(None, False, True)] * 2


def test_the_warning_level_is_where_the_seller_is_asked():
    rows = [option("1", confirmRequestFl="y", confirmRequestStock="4", sellStopFl="y", sellStopStock="1")]
    (stock,) = of_type(mapped("products", with_options(*rows)), "Stock")
    assert (stock["safety_quantity"], stock["low"], stock["available"]) == (4, True, True)


@pytest.mark.parametrize("empty", EMPTY)
def test_no_options_in_every_disguise(empty):
    product, stock = mapped("products", goods(optionData=empty, textOptionData=empty, optionName=""))
    assert (product["variants"], product["options"]) == ([], [])
    assert (stock["variant_id"], stock["quantity"], stock["code"]) == ("", 7, "MUG")


def test_one_option_element_with_empty_values_is_the_product_itself():
    blank = option("9", "", "", optionCode="")
    product, stock = mapped("products", goods(optionFl="n", optionData=blank))
    assert (product["variants"], stock["variant_id"], stock["quantity"]) == ([], "", 7)


def test_a_product_with_options_that_are_not_told_leaves_them_alone():
    (product,) = mapped("products", goods(optionFl="y", optionName="색상"))
    assert "variants" not in product and "options" not in product


def test_axes_without_or_with_equal_names_stay_apart():
    product = one(with_options(option("1"), option("2", "블랙", "L")) | {"optionName": "색상^|^색상"})
    assert product["variants"][1]["options"] == {"색상": "블랙", "색상 2": "L"}
    product = one(with_options(option("1", second="", optionValue3="면")) | {"optionName": "색상^|^사이즈^|^소재"})
    assert product["variants"][0]["options"] == {"색상": "화이트", "소재": "면"}
    assert [axis["name"] for axis in product["options"]] == ["색상", "소재"]
    product = one(with_options(option("1")) | {"optionName": ""})
    assert product["variants"][0]["options"] == {"옵션1": "화이트", "옵션2": "M"}


def test_texts_of_merchants():
    found = one(
        goods(
            goodsNm=r" \"신상\" A &amp; B <세일>  \\ C\'s &#39;x&#39; ",
            goodsDescription=r'<p class=\"a\">C:\\dir &amp; <img src=\'/d.jpg\'></p>',
            shortDescription="첫 줄<br>둘째", goodsSearchWord="머그, 컵 ,,머그",
        )
    )  # fmt: skip
    assert found["name"] == "\"신상\" A & B <세일> \\ C's 'x'"
    assert found["description"] == "<p class=\"a\">C:\\dir &amp; <img src='/d.jpg'></p>"
    assert found["summary"] == "첫 줄\n둘째"
    assert found["tags"] == ["머그", "컵"]


def test_pictures_are_absolute_once_each_main_first():
    row = goods(
        listImageData=["/data/goods/l.jpg", "https://cdn.example.com/a.jpg"], mainImageData="//cdn.example.com/a.jpg",
        detailImageData="", magnifyImageData=["https://cdn.example.com/a.jpg", ""],
    )  # fmt: skip
    assert one(row)["images"] == ["https://cdn.example.com/a.jpg"]
    context = {"storefront": "https://mall.example.com/"}
    assert one(row, context=context)["images"][-1] == "https://mall.example.com/data/goods/l.jpg"
    assert "images" not in one(goods())
    assert one(goods(mainImageData="", listImageData=""))["images"] == []


def test_pictures_whose_address_is_not_told_are_not_none():
    named = goods(mainImageData="a.jpg", listImageData="goods/a.jpg")
    assert "images" not in one(named, context={"storefront": "https://mall.example.com/"})
    assert "images" not in one(goods(mainImageData="/data/a.jpg"))


def test_categories_and_brands_by_the_malls_tables():
    row = goods(allCateCd="|001|001002||003|", cateCd="001002", brandCd="7")
    context = {"categories": {"001": "의류", "001002": "상의"}, "brands": {"7": "공방"}}
    found = one(row, context=context)
    assert (found["categories"], found["category_ids"], found["brand"]) == (
        ["의류", "의류 > 상의"], ["001", "001002", "003"], "공방",
    )  # fmt: skip
    assert "categories" not in one(row) and "brand" not in one(row)
    assert "brand" not in one(row, context={"brands": {"8": "다른"}})
    assert one(goods(brandCd=""), context={"brands": {"8": "다른"}})["brand"] is None
    assert one(goods(cateCd="001002"))["category_ids"] == ["001002"]
    assert one(goods(allCateCd="", cateCd=""))["category_ids"] == []


def test_times_and_counts():
    found = one(goods(modDt="2026-07-01 08:30:15", reviewCnt="12", plusReviewCnt="3.00", cremaReviewCnt="900"))
    assert (found["created_at"], found["updated_at"]) == ("2026-05-02T01:11:12Z", "2026-06-30T23:30:15Z")
    assert found["review_count"] == 15
    assert one(goods())["updated_at"] == "2026-05-02T01:11:12Z"


def test_what_is_confidential_is_never_taken():
    page = read("products", goods(costPrice="CANARY", commission="CANARY", memo="CANARY", purchaseGoodsNm="CANARY"))
    assert "CANARY" not in str(records(page)) and not page.tally.left_over


def test_a_row_without_its_number_fails_alone_and_new_fields_are_counted():
    page = read("products", goods(goodsNo=""), goods(brandNew="1"))
    assert [failed.why for failed in page.failed] == ["goodsNo: missing"]
    assert len(of_type(records(page), "Product")) == 1
    assert page.tally.left_over == {"brandNew": 1}


@pytest.mark.parametrize("value", ["1e999999", "많음", "9" * 40, "12.5"])
def test_amounts_that_are_none_fail_their_row_only(value):
    page = read("products", goods(totalStock=value), goods())
    assert len(page.failed) == 1 and len(of_type(records(page), "Product")) == 1
