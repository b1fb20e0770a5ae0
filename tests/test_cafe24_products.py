"""Cafe24 products and stock: the odd but real forms that their payloads take."""

from datetime import UTC, datetime

import pytest
from cafe24_cases import EMPTY, mapped, of_type, product, read, variant

from shopscrape.errors import PageFailed
from shopscrape.items import Product
from spiders.cafe24 import mapping


def one(**changes):
    return mapped("products", {"products": [product(**changes)]})[0]


def stock(**changes):
    return mapped("inventory.variants", {"variants": [variant(**changes)]}, product_id="501")[0]


# -- envelopes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", EMPTY)
@pytest.mark.parametrize("kind, key", [("products", "products"), ("products.detail", "product"), ("orders", "orders"),
                                       ("returns.refunds", "refunds"), ("reviews", "articles"),
                                       ("reviews.comments", "comments"), ("inventory.variants", "variants"),
                                       ("orders.items", "items"), ("orders.shipments", "shipments"),
                                       ("orders.receivers", "receivers")])  # fmt: skip
def test_empty_list_in_every_disguise_gives_no_rows(kind, key, nothing):
    page = read(kind, {key: nothing})
    assert (page.size, page.records, page.failed) == (0, [], [])


def test_lone_object_is_a_list_of_one():
    assert [record["product_id"] for record in mapped("products", {"products": product()})] == ["501"]


@pytest.mark.parametrize("identity", [501, "501", " 501 "])
def test_number_may_be_text(identity):
    assert one(product_no=identity)["product_id"] == "501"


@pytest.mark.parametrize("missing", [{"product_no": None}, {"product_no": ""}, {"product_no": []}])
def test_row_without_its_number_fails_alone(missing):
    page = read("products", {"products": [product(**missing), product(product_no=502)]})
    assert [record.product_id for record in page.records] == ["502"]
    assert [failed.position for failed in page.failed] == [0]


@pytest.mark.parametrize("untold", ["display", "selling"])
def test_half_of_the_flags_tells_no_state(untold):
    told = one(**{untold: None})
    assert "status" not in told and told["status_raw"].count("=") == 2
    assert "available" not in stock(**{untold: None}) and stock(**{untold: None}, quantity=0)["available"] is False


def test_category_without_a_number_leaves_the_others():
    assert one(category=[{"category_no": None}, {}, {"category_no": 27}])["category_ids"] == ["27"]


def test_row_that_is_no_object_fails_alone():
    page = read("products", {"products": [None, "x", 7, product()]})
    assert len(page.failed) == 3 and len(page.records) == 1


# -- shops and money --------------------------------------------------------------------------------------------------


def test_shop_is_the_request_s_else_the_row_s_else_the_default():
    assert one(shop_no=2)["shop"] == "2"
    assert mapped("products", {"products": [product(shop_no=2)]}, shop="3")[0]["shop"] == "3"
    assert mapped("products.discountprice", {"discountprice": {"pc_discount_price": "1.00"}}, product_id="5")[0][
        "shop"
    ] == "1"  # fmt: skip


def test_currency_of_another_shop_is_never_taken_for_won():
    assert "currency" not in one(shop_no=2, price="12.50")
    told = mapped("products", {"products": [product(shop_no=2, price="12.50")]}, {"currency": "USD"}, shop="2")[0]
    assert (told["currency"], told["price"]) == ("USD", "12.5")
    assert one(shop_no=1)["currency"] == "KRW"


@pytest.mark.parametrize("told, price", [("1100.00", "1100"), (1100, "1100"), ("1,100.00", "1100"), (12.5, "12.5"),
                                         ("", None), (None, None)])  # fmt: skip
def test_price_as_text_or_number(told, price):
    assert one(price=told)["price"] == price


def test_price_in_words_stands_beside_the_price():
    told = one(price="15000.00", price_content="<b>전화</b> &amp; 문의")
    assert (told["price"], told["price_text"]) == ("15000", "전화 & 문의")


@pytest.mark.parametrize("told, list_price", [("0.00", None), (0, None), ("", None), (None, None), ("9900.00", "9900")])
def test_no_list_price(told, list_price):
    assert one(retail_price=told)["list_price"] == list_price


@pytest.mark.parametrize("told, price", [
    ({"pc_discount_price": "8000.00", "mobile_discount_price": "7000.00"}, "8000"),
    ({"pc_discount_price": "9000.00"}, None), ({"pc_discount_price": "9900.00"}, None),
    ({"pc_discount_price": "0.00"}, None), ({"pc_discount_price": None}, None), ({}, None), (None, None), ([], None),
])  # fmt: skip
def test_discount_counts_only_below_the_price(told, price):
    assert one(discountprice=told)["discounted_price"] == price


def test_untold_discount_stays_untold():
    assert "discounted_price" not in one()
    assert "discounted_price" not in one(discountprice={"mobile_discount_price": "7000.00"})
    row = product(discountprice={"pc_discount_price": "7000.00"})
    del row["price"]
    assert "discounted_price" not in mapped("products", {"products": [row]})[0]


def test_cost_and_supplier_go_nowhere():
    assert "4000" not in str(one(supplier_code="S0000SECRET")) and "SECRET" not in str(one(supplier_code="SSECRET"))


# -- texts, pictures, categories --------------------------------------------------------------------------------------


def test_name_without_tags_entities_tabs():
    assert (
        one(product_name='<font color="red">[특가]</font>\t니트 &amp;<br>머플러 &lt;3')["name"]
        == "[특가] 니트 & 머플러 <3"
    )


@pytest.mark.parametrize("display, selling, sold_out, status", [
    ("T", "T", "F", "on_sale"), ("T", "T", "T", "sold_out"), ("F", "T", "F", "hidden"), ("T", "F", "F", "suspended"),
    ("F", "F", "T", "hidden"), ("T", "F", "T", "suspended"), (True, True, False, "on_sale"),
])  # fmt: skip
def test_status(display, selling, sold_out, status):
    assert one(display=display, selling=selling, sold_out=sold_out)["status"] == status


def test_texts_that_are_numbers():
    told = one(product_name=2026, custom_product_code=77, summary_description=1.5, product_tag=[7, "a"])
    assert [told[name] for name in ("name", "code", "summary", "tags")] == [
        "2026", "77", "1.5", ["7", "a"],
    ]  # fmt: skip


def test_status_of_a_row_without_flags_is_untold():
    row = {"product_no": 501, "product_name": "양말"}
    assert "status" not in mapped("products", {"products": [row]})[0]


def test_pictures_have_a_host_and_stand_once():
    told = one(
        detail_image="//demomall.cafe24.com/web/product/big/a.jpg",
        additional_image=[{"big": "https://demomall.cafe24.com/web/product/extra/big/b.jpg"}, {"big": None}],
        additionalimages={"big": "https://demomall.cafe24.com/web/product/extra/big/b.jpg", "small": "x"},
    )
    assert told["images"] == [
        "https://demomall.cafe24.com/web/product/big/a.jpg", "https://demomall.cafe24.com/web/product/extra/big/b.jpg",
    ]  # fmt: skip


def test_relative_picture_gets_the_mall_s_host():
    rows = {"products": [product(detail_image="/web/product/big/a.jpg")]}
    at = "https://demomall.cafe24api.com/api/v2/admin/products"
    assert mapped("products", rows, url=at)[0]["images"] == ["https://demomall.cafe24.com/web/product/big/a.jpg"]
    known = mapped("products", rows, {"storefront": "shop.example"})[0]
    assert known["images"] == ["https://shop.example/web/product/big/a.jpg"]
    assert known["url"] == "https://shop.example/product/detail.html?product_no=501"


def test_categories_by_number_and_path():
    rows = {"product": product(category=[{"category_no": 24, "new": "T"}, {"category_no": "25"}])}
    names = {"24": "상의", "25": "상의 > 니트"}
    told = mapped("products.detail", rows, {"categories": names})[0]
    assert (told["category_ids"], told["categories"]) == (["24", "25"], ["상의", "상의 > 니트"])
    unknown = mapped("products.detail", rows, {"categories": {"24": "상의"}})[0]
    assert unknown["category_ids"] == ["24", "25"] and "categories" not in unknown


@pytest.mark.parametrize("nothing", EMPTY)
def test_empty_category_and_images(nothing):
    told = one(category=nothing, additional_image=nothing, additionalimages=nothing)
    assert told["category_ids"] == [] and told["images"] == []


@pytest.mark.parametrize(
    "tags, found", [(["겨울", "울&amp;면"], ["겨울", "울&면"]), ([], []), ("겨울", ["겨울"]), (None, None)]
)
def test_tags(tags, found):
    assert one(product_tag=tags)["tags"] == found


# -- options ----------------------------------------------------------------------------------------------------------

CHOICE = {"option_name": "색상", "option_value": [{"option_text": "회색"}, {"option_text": "A&amp;B"}]}


@pytest.mark.parametrize("nothing", EMPTY)
def test_product_without_options(nothing):
    assert one(options=nothing)["options"] == []
    told = one(options={"has_option": "F", "options": nothing, "additional_options": nothing})
    assert (told["options"], told["text_options"]) == ([], [])


@pytest.mark.parametrize("options", [{"options": [CHOICE]}, {"options": CHOICE}, [{"options": [CHOICE]}], [CHOICE]])
def test_options_as_object_or_list(options):
    assert one(options=options)["options"] == [{"name": "색상", "values": ["회색", "A&B"]}]


def test_options_that_an_answer_leaves_out_stay_untold():
    told = mapped("products.options", {"option": {"product_no": 7, "has_option": "T"}})[0]
    assert not {"options", "text_options"} & set(told)
    assert mapped("products.options", {"option": {"product_no": 7, "has_option": "F"}})[0]["options"] == []
    assert "options" not in one(options={"has_option": "T", "additional_options": []})


def test_free_texts_are_no_variants():
    resource = {"product_no": 7, "options": None, "additional_options": [{"additional_option_name": "각인"}]}
    told = mapped("products.options", {"option": resource})[0]
    assert (told["product_id"], told["options"], told["text_options"]) == ("7", [], ["각인"])


def test_options_resource_takes_its_product_from_the_address():
    at = "https://demomall.cafe24api.com/api/v2/admin/products/77/options"
    assert mapped("products.options", {"option": {"options": [CHOICE]}}, url=at)[0]["product_id"] == "77"


# -- variants and stock -----------------------------------------------------------------------------------------------


def test_price_of_a_variant_is_the_product_s_and_its_surcharge():
    rows = [variant(additional_amount=amount) for amount in ("1000.00", -500, "", None)]
    told = one(variants=[row | {"variant_code": f"V{n}"} for n, row in enumerate(rows)])["variants"]
    assert [each["price"] for each in told] == ["10000", "8500", "9000", "9000"]


FLAT = {"use_inventory": "T", "quantity": 1, "safety_inventory": 0, "display_soldout": "T"}
NESTED = {"use_inventory": "T", "quantity": 4, "safety_inventory": 5, "display_soldout": "F"}


@pytest.mark.parametrize("inventories, quantity, safety", [
    (NESTED, 4, 5), ([NESTED], 4, 5), ({"quantity": "4"}, 4, 0), (None, 1, 0), ([], 1, 0), ({}, 1, 0), ("", 1, 0),
    ([{"variant_code": "OTHER", "quantity": 9}, NESTED | {"variant_code": "P0000TAA000A"}], 4, 5),
    (NESTED | {"quantity": None}, 1, 5), ([NESTED | {"variant_code": "OTHER"}], 1, 0), ([None, NESTED], 4, 5),
])  # fmt: skip
def test_stock_nested_first_then_flat(inventories, quantity, safety):
    told = stock(**FLAT, inventories=inventories)
    assert (told["quantity"], told["safety_quantity"]) == (quantity, safety)


@pytest.mark.parametrize("changes, quantity, managed, available, low", [
    ({"quantity": 7}, 7, True, True, False),
    ({"quantity": 0}, 0, True, False, False),
    ({"quantity": 0, "display_soldout": "F"}, 0, True, True, False),
    ({"quantity": -3, "display_soldout": "F"}, -3, True, True, False),
    ({"quantity": -3}, -3, True, False, False),
    ({"quantity": 0, "use_inventory": "F"}, None, False, True, False),
    ({"quantity": 55, "use_inventory": "F", "safety_inventory": 60}, None, False, True, False),
    ({"quantity": 5, "safety_inventory": 5}, 5, True, True, True),
    ({"quantity": 6, "safety_inventory": 5}, 6, True, True, False),
    ({"quantity": 0, "safety_inventory": 5}, 0, True, False, True),
    ({"quantity": 0, "safety_inventory": None}, 0, True, False, False),
    ({"quantity": 7, "display": "F"}, 7, True, False, False),
    ({"quantity": 7, "selling": "F"}, 7, True, False, False),
    ({"quantity": "1,200"}, 1200, True, True, False),
])  # fmt: skip
def test_level_of_a_variant(changes, quantity, managed, available, low):
    told = stock(**changes)
    assert (told["quantity"], told["managed"], told["available"], told["low"]) == (quantity, managed, available, low)


@pytest.mark.parametrize("unknown", [None, ""])
def test_unknown_quantity_of_managed_stock_is_not_unlimited(unknown):
    told = stock(quantity=unknown, safety_inventory=5)
    assert "quantity" not in told and "available" not in told and "low" not in told and told["managed"] is True


@pytest.mark.parametrize("flags", [{"display": "F"}, {"selling": "F"}])
def test_nothing_of_a_hidden_product_can_be_bought(flags):
    records = mapped("products", {"products": [product(**flags, variants=[variant()])]})
    assert records[0]["variants"][0]["available"] is False and of_type(records, "Stock")[0]["available"] is False


@pytest.mark.parametrize("nothing", EMPTY)
def test_only_variant_of_a_product_without_options_has_its_own_number(nothing):
    """The platform's key of the thing sold is the variant's code, also where there is nothing to choose."""
    only = variant(variant_code="P0000TAB000A", options=nothing)
    records = mapped("products", {"products": [product(custom_product_code="SOCKS", variants=[only])]})
    level = of_type(records, "Stock")
    assert [(each["variant_id"], each["options"], each["code"]) for each in level] == [("P0000TAB000A", {}, "SOCKS")]
    assert [each["variant_id"] for each in records[0]["variants"]] == ["P0000TAB000A"]


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_variants_at_all(nothing):
    records = mapped("products", {"products": [product(variants=nothing)]})
    assert records[0]["variants"] == [] and of_type(records, "Stock") == []


def test_inventory_resource_tells_the_level_only():
    row = {"shop_no": 1, "variant_code": "V1", "use_inventory": "T", "quantity": 3, "safety_inventory": 8}
    told = mapped("inventory", {"inventory": row}, product_id="9")[0]
    assert (told["product_id"], told["variant_id"], told["quantity"], told["low"]) == ("9", "V1", 3, True)
    assert not {"code", "options", "available"} & set(told)
    gone = mapped("inventory", {"inventory": row | {"quantity": 0}}, product_id="9")[0]
    assert gone["available"] is False


def test_variants_need_their_product():
    assert [failed.why for failed in read("inventory.variant", {"variant": variant()}).failed] == [
        "product_no: missing, and the request did not tell it"
    ]
    at = "https://demomall.cafe24api.com/api/v2/admin/products/12/variants/P0000TAA000A"
    assert mapped("inventory.variant", {"variant": variant()}, url=at)[0]["product_id"] == "12"


def test_more_variants_than_a_list_shows():
    many = [variant(variant_code=f"P0000TAA{n:03d}A", options=[{"name": "번호", "value": str(n)}]) for n in range(140)]
    records = mapped("products.detail", {"product": product(variants=many)})
    assert len(records[0]["variants"]) == 140 and len({each["variant_id"] for each in of_type(records, "Stock")}) == 140


def test_whole_set_of_variants_when_the_crawl_gives_the_product():
    whole = Product(platform="cafe24", mall="m", collected_at=datetime(2026, 7, 1, tzinfo=UTC), product_id="501",
                    status="hidden", price=9000)  # fmt: skip
    rows = {"variants": [variant(variant_code=f"V{n}", additional_amount="1") for n in range(120)]}
    records = mapped("inventory.variants", rows, {"product": whole}, product_id="501")
    assert len(of_type(records, "Stock")) == 120 and not any(each["available"] for each in of_type(records, "Stock"))
    assert [len(each["variants"]) for each in of_type(records, "Product")] == [120]


def test_variant_that_tells_an_error_fails_alone():
    rows = {"variants": [variant(), {"variant_code": "V9", "errors": {"code": 404, "message": "no"}}]}
    page = read("inventory.variants", rows, product_id="501")
    assert len(page.records) == 1 and [failed.position for failed in page.failed] == [1]


@pytest.mark.parametrize("at, utc", [
    ("2026-05-01T10:00:00+09:00", "2026-05-01T01:00:00Z"), ("2026-05-01 10:00:00", "2026-05-01T01:00:00Z"),
    ("2026-05-01", "2026-04-30T15:00:00Z"), ("0000-00-00", None), ("0000-00-00 00:00:00", None), ("", None),
    (None, None),
])  # fmt: skip
def test_times_of_both_forms(at, utc):
    assert one(created_date=at)["created_at"] == utc


def test_new_keys_are_counted_and_harmless():
    page = read("products", {"products": [product(brand_new_key=1, variants=[variant(another=2)])]})
    assert dict(page.tally.left_over) == {"brand_new_key": 1, "variants.another": 1} and len(page.records) == 2


# -- what the crawl asks besides records ------------------------------------------------------------------------------


def test_shops_categories_and_counts():
    shops = [{"shop_no": 1, "active": "T", "currency_code": "KRW", "primary_domain": "shop.example"},
             {"shop_no": "2", "active": "F", "currency_code": "USD", "base_domain": "m.cafe24.com/shop2"}]  # fmt: skip
    told = mapping.shops({"shops": shops})
    assert told["1"] == {"active": True, "currency": "KRW", "domain": "shop.example"}
    assert told["2"] == {"active": False, "currency": "USD", "domain": "m.cafe24.com/shop2"}
    boards = [
        {"board_no": "4", "board_type": "5"},
        {"board_no": 6, "board_type": 5, "use_board": "F"},
        {"board_no": None},
    ]
    assert mapping.boards_in_use({"boards": boards})[4] == 5 and 6 not in mapping.boards_in_use({"boards": boards})
    assert mapping.boards_in_use({"boards": boards[0]}) == {4: 5}
    rows = [{"category_no": 1, "full_category_name": {"1": "옷 &amp; 잡화", "2": "니트", "3": None, "4": None}},
            {"category_no": "2", "full_category_name": [], "category_name": "신상"}]  # fmt: skip
    assert mapping.categories({"categories": rows}) == {"1": "옷 & 잡화 > 니트", "2": "신상"}
    assert [mapping.total({"count": count}) for count in (3, "3", 0)] == [3, 3, 0]


@pytest.mark.parametrize("nothing", EMPTY)
def test_empty_lists_that_the_crawl_asks_for(nothing):
    assert mapping.articles({"articles": nothing}) == mapping.refunds({"refunds": nothing}) == []


@pytest.mark.parametrize(
    "read_one, document",
    [
        (mapping.total, {}),
        (mapping.total, {"count": None}),
        (mapping.shops, {}),
        (mapping.comments, {"comments": 5}),
        (mapping.articles, {"articles": [1]}),
    ],
)
def test_answers_that_are_not_what_was_asked_for(read_one, document):
    with pytest.raises(PageFailed):
        read_one(document)
