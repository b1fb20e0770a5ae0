"""WISA products, options, stock, feed and ERP products: the odd but real forms of their payloads."""

from time import monotonic

import pytest
from wisa_cases import EMPTY, combination, mapped, of_type, option, product, read, records

from spiders.wisa.mapping_products import Axis, names, printed
from spiders.wisa.shapes import hash_of

LIST_ONLY = ("photo", "addimg", "reg_date", "detailLink", "wm_sc")
CODE = "0123456789abcdef0123456789abcdef"


def one(**changes):
    return mapped("products", {"status": "Y", "product": [product(**changes)]})[0]


def full(**changes):
    """A product in full."""
    row = {name: value for name, value in product().items() if name not in LIST_ONLY}
    row["name"] = row.pop("title")
    row |= {"status": "Y", "ea_type": "1", "content1": "", "content2": "", "sell_prc_consultation": "", "upfile1": ""}
    return row | {"images": []} | changes


# -- the list and the detail ------------------------------------------------------------------------------------------


def test_a_shortcut_gives_no_record_and_does_not_fail():
    rows = [product(wm_sc="76"), product(pno="76", wm_sc=0), product(pno="75", wm_sc=None)]
    assert [row["product_id"] for row in mapped("products", {"status": "Y", "product": rows})] == ["76", "75"]


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_products_in_every_disguise(nothing):
    assert mapped("products", {"status": "Y", "product": nothing}) == []
    assert mapped("products", {"status": "Y"}) == []
    assert one(addimg=nothing, photo=nothing)["images"] == []


def test_a_lone_product_and_a_numbered_map():
    assert len(mapped("products", {"status": "Y", "product": product()})) == 1
    assert len(mapped("products", {"status": "Y", "product": {"0": product(), "1": product(pno=78)}})) == 2


def test_names_hold_entities_and_tags():
    assert one(title="핸드메이드<br>머그 &amp; &quot;받침&quot;")["name"] == '핸드메이드 머그 & "받침"'


@pytest.mark.parametrize(
    "listed, told", [("0", None), ("", None), (0, None), ("12,000", "12000"), ("12000.00", "12000")]
)
def test_list_prices(listed, told):
    assert one(normal_prc=listed)["list_price"] == told


def test_categories_of_all_three_classifications():
    told = one(
        cate1="의류", cate2="셔츠", big="1", mid="2", xcate1="브랜드", xbig="9", ycate1="시즌", ycate2="여름",
        ybig="7", ymid="8",
    )  # fmt: skip
    # The numbers printed for the second classification are those of the third.
    assert told["categories"] == ["의류 > 셔츠", "시즌 > 여름", "브랜드"]
    assert told["category_ids"] == ["2", "8"]
    assert one(cate1="", big="0")["categories"] == []
    # Numbers stand beside their own paths also where one has none, or a level has no name.
    told = one(cate1="의류", cate2="", cate3="셔츠", big="1", mid="0", small="3", ycate1="시즌", ybig="0")
    assert (told["categories"], told["category_ids"]) == (["의류 > 셔츠", "시즌"], ["3"])
    told = one(cate1="의류", big="0", ycate1="시즌", ybig="7")
    assert (told["categories"], told["category_ids"]) == (["시즌", "의류"], ["7"])


def test_pictures_without_a_file_and_pictures_inside_the_text_are_none():
    images = [
        {"img_no": "1", "name": "/_data/a.jpg"},
        {"img_no": "2", "name": ""},
        {"img_no": "3", "name": "data:image/png;base64,xx"},
    ]
    row = product(photo="https://x.example.com/_data/product/", addimg=images)
    told = mapped("products", {"status": "Y", "product": [row]}, url="https://shop.example.com/main/exec.php?a=b")[0]
    assert told["images"] == ["https://shop.example.com/_data/a.jpg"]


def test_words_instead_of_a_price():
    told = mapped("products.detail", full(sell_prc_consultation="가격문의", sell_prc="0"))[0]
    assert (told["price"], told["price_text"]) == ("0", "가격문의")
    assert mapped("products.detail", full())[0]["price_text"] is None


def test_the_description_for_telephones_stands_in():
    assert mapped("products.detail", full(content2="", content2_m="<p>글</p>"))[0]["description"] == "<p>글</p>"


def test_what_an_answer_leaves_out_is_not_called_empty():
    bare = product(addimg=[{"name": "https://x.example.com/a.jpg"}], keyword=2024, reg_date="20260501")
    del bare["photo"]
    told = mapped("products", {"status": "Y", "product": [bare]})[0]
    assert (told["images"], told["tags"]) == (["https://x.example.com/a.jpg"], ["2024"])
    assert told["created_at"] == "2026-04-30T15:00:00Z" == one(reg_date=20260501000000)["created_at"]
    row = full(content2=None, upfile2="https://x.example.com/b.jpg")
    del row["upfile1"]
    told = mapped("products.detail", row)[0]
    assert (told["description"], told["images"]) == (None, ["https://x.example.com/b.jpg"])
    assert "categories" not in mapped("products.ep", feed())[0]
    assert mapped("products.ep", feed(category_name1=""))[0]["categories"] == []


@pytest.mark.parametrize("images", ["https://x.example.com/a.jpg", ["https://x.example.com/a.jpg", ""]])
def test_pictures_as_bare_texts(images):
    assert one(addimg=images)["images"] == ["https://x.example.com/a.jpg"]
    assert mapped("products.detail", full(images=images))[0]["images"] == ["https://x.example.com/a.jpg"]


def test_a_blank_inside_a_typed_code_costs_no_product():
    assert one(code="A\u00a01\t\u200b")["code"] == "A 1" and one(code=12)["code"] == "12"
    told = mapped("inventory", {"status": "Y", "complexOptions": [combination(barcode="880\t12")]})
    assert told[0]["barcode"] == "880 12"


def test_secrets_of_the_seller_are_not_kept():
    text = str(mapped("products.detail", full(mng_memo=[{"content": "원가 500"}], sell_prc2="1", milage="3")))
    assert "원가" not in text and "memo" not in text


# -- options and variants ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", EMPTY)
def test_no_options_in_every_disguise(nothing):
    told = mapped("products.options", {"status": "Y", "options": nothing}, product_id="77")
    assert told[0]["options"] == [] and told[0]["text_options"] == [] and len(told) == 1


def test_options_without_their_product_fail():
    assert read("products.options", {"status": "Y", "options": [option()]}).failed
    url = "https://shop.example.com/main/exec.php?action=productOption&pno=77"
    assert mapped("products.options", {"status": "Y", "options": [option()]}, url=url)[0]["product_id"] == "77"


@pytest.mark.parametrize("nothing", EMPTY)
def test_values_of_an_option_that_lacks_its_list(nothing):
    body = {"status": "Y", "options": [option(items_list=nothing)]}
    told = mapped("products.options", body, {"product": {"managed": False, "price": 9000}}, product_id="77")
    assert [row["options"] for row in told] == [[{"name": "색상", "values": ["회색", "검정"]}]]
    assert "variants" not in told[0]


def test_uncounted_products_are_sold_in_all_combinations():
    known = {"managed": False, "on_sale": True, "price": None}
    options = [option(), option(opno="9", name="크기", items_list={"no": "91", "name": "L", "add_price": "1,000"})]
    told = mapped("products.options", {"status": "Y", "options": options}, {"product": known}, product_id="77")
    stock = of_type(told, "Stock")
    assert [(row["variant_id"], row["options"], row["quantity"], row["available"]) for row in stock] == [
        ("81_91", {"색상": "회색", "크기": "L"}, None, True), ("82_91", {"색상": "검정", "크기": "L"}, None, True),
    ]  # fmt: skip


def test_too_many_combinations_are_not_counted_out():
    many = [
        option(opno=str(n), items_list=[{"no": f"{n}{i}", "name": str(i), "add_price": "0"} for i in range(20)])
        for n in range(3)
    ]
    told = mapped(
        "products.options", {"status": "Y", "options": many}, {"product": {"managed": False}}, product_id="77"
    )
    assert len(told) == 1 and "variants" not in told[0]


@pytest.mark.parametrize("text, told", [
    ("회색 / L", {"색상": "회색", "크기": "L"}), ("회색<ss>L", {"색상": "회색", "크기": "L"}),
    ("진한 / 회색 / L", {"색상": "진한 / 회색", "크기": "L"}),
    ("회색", {"": "회색"}), ("없는색 / L", {"": "없는색 / L"}), ("", {}), (None, {}), ("옵션없음", {}),
])  # fmt: skip
def test_names_of_combinations(text, told):
    known = [Axis("색상", [("회색", "1", 0), ("진한 / 회색", "2", 0)]), Axis("크기", [("L", "3", 0)])]
    assert names(text, known)[0] == told
    assert names("회색 / L", None)[0] == {"": printed("회색 / L")}


def test_ambiguous_values_are_not_tried_in_all_their_orders():
    many = [Axis(str(at), [("가", "1", 0), ("가 / 가", "2", 0)]) for at in range(40)]
    began = monotonic()
    assert names(" / ".join(["가"] * 60 + ["나"]), many)[1] is None and monotonic() - began < 2


def test_a_single_combination_without_a_name_is_the_product():
    for name in ("", None, "옵션없음"):
        told = mapped("inventory", {"status": "Y", "complexOptions": [combination(item_name=name)]})
        assert [(row["variant_id"], row["options"], row["quantity"]) for row in told] == [("", {}, 4)]


def test_oversold_stock_stays_negative_and_numbers_come_in_every_form():
    rows = [
        combination(qty=-2, complex_no=31, pno=77),
        combination(complex_no="32", qty="1,200"),
        combination(complex_no="33", qty=None),
    ]
    told = mapped("inventory", {"status": "Y", "complexOptions": rows})
    # None would say that it never ends.
    assert [(row["variant_id"], row.get("quantity", "not told"), row.get("available")) for row in told] == [
        ("31", -2, False), ("32", 1200, None), ("33", "not told", None),
    ]  # fmt: skip


def test_false_stands_for_nothing():
    told = mapped("inventory", {"status": "Y", "complexOptions": [combination(barcode=False)]})
    assert told[0]["barcode"] is None and told[0]["quantity"] == 4


def test_a_combination_without_its_number_fails_alone():
    page = read("inventory", {"status": "Y", "complexOptions": [combination(), combination(complex_no="")]})
    assert len(page.records) == 1 and len(page.failed) == 1


def test_variants_of_a_known_product_are_read_beside_their_stock():
    known = {"on_sale": True, "price": None, "axes": [Axis("색상", [("회색", "1", 0)])], "managed": True}
    told = mapped("inventory", {"status": "Y", "complexOptions": [combination()]}, {"product": known}, product_id="77")
    assert of_type(told, "Product")[0]["variants"][0]["variant_id"] == "31"
    assert of_type(told, "Stock")[0]["options"] == {"색상": "회색"}


@pytest.mark.parametrize("stock, quantity, available", [
    ({"managed": True, "quantity": "3"}, 3, True), ({"managed": True, "quantity": 0}, 0, False),
    ({"managed": True, "quantity": None}, "not told", None), ({"managed": False, "quantity": 0}, None, True),
])  # fmt: skip
def test_stock_of_the_unverified_api(stock, quantity, available):
    body = {"products": {"product_id": 7, "name": "양말", "status": "normal", "stock": stock}}
    found = of_type(mapped("products.rest", body), "Stock")[0]
    assert (found.get("quantity", "not told"), found.get("available")) == (quantity, available)


@pytest.mark.parametrize("nothing", EMPTY[:-1])
def test_no_stock_is_no_record_in_the_unverified_api(nothing):
    body = {"products": [{"product_id": 7, "name": "양말", "status": "normal", "stock": nothing}]}
    assert [row["type"] for row in mapped("products.rest", body)] == ["Product"]


# -- ERP --------------------------------------------------------------------------------------------------------------


def erp(inside, attributes=" idx='1'"):
    return (
        f"<?xml version='1.0' encoding='utf-8'?><getProduct><auth_code>{CODE}</auth_code>"
        f"<prd_list><prd{attributes}>{inside}</prd></prd_list></getProduct>"
    )


def test_hollow_elements_are_no_records():
    assert mapped("products.erp", erp("<prd_code></prd_code><prd_name></prd_name>")) == []
    assert mapped("products.erp", erp("<prd_code>7</prd_code>", "")) == []
    assert mapped("products.erp", "<getProduct><prd_list></prd_list></getProduct>") == []
    assert mapped("inventory.erp", "<getStock><product_idx><prd_code></prd_code></product_idx></getStock>") == []


def test_what_the_engine_makes_of_nothing_fills_no_element():
    hollow = "<order_idx idx='1'><idx>1</idx><ord_no></ord_no><settle_date>1970-01-01 09:00:00</settle_date>"
    hollow += "<settle_price>0</settle_price><paymethod>C</paymethod><is_checkout>N</is_checkout></order_idx>"
    assert mapped("orders.erp", f"<getOrder>{hollow}</getOrder>") == []
    items = "<item idx='1'><name>회색</name><code>31</code><stock></stock></item>"
    items += "<item><name></name><code></code><stock>0</stock></item>"
    inside = f"<prd_code>7</prd_code><item_options>색상</item_options><item_list>{items}</item_list>"
    told = of_type(mapped("products.erp", erp(inside)), "Stock")
    assert [row["variant_id"] for row in told] == ["31"] and not {"quantity", "managed", "available"} & set(told[0])
    levels = items.replace("<item ", "<item_list ").replace("<item>", "<item_list>").replace("</item>", "</item_list>")
    body = f"<getStock><product_idx idx='1'><prd_code>7</prd_code>{levels}</product_idx></getStock>"
    assert [row["variant_id"] for row in mapped("inventory.erp", body)] == ["31"]


def test_combinations_without_a_name_tell_no_options():
    levels = "".join(f"<item_list idx='1'><name></name><code>{n}</code><stock>1</stock></item_list>" for n in (31, 32))
    body = f"<getStock><product_idx idx='1'><prd_code>7</prd_code>{levels}</product_idx></getStock>"
    assert [(row["variant_id"], "options" in row) for row in mapped("inventory.erp", body)] == [
        ("31", False), ("32", False),
    ]  # fmt: skip


def test_nothing_is_said_of_what_can_be_bought_while_the_product_s_state_is_unknown():
    page = read("products.erp", erp(
        "<prd_code>7</prd_code><disp_flag>F</disp_flag><sell_flag>T</sell_flag><item_list>"
        "<item idx='1'><name>회색</name><code>31</code><stock>4</stock></item></item_list>"
    ))  # fmt: skip
    assert "available" not in of_type(records(page), "Stock")[0] and page.tally.unknown


def test_an_element_that_lost_only_its_number_fails():
    page = read("products.erp", erp("<prd_name>양말</prd_name>"))
    assert page.failed and not page.records


def test_the_key_that_is_echoed_reaches_no_row():
    page = read(
        "products.erp", erp("<prd_code>7</prd_code><sup_price>4000</sup_price><supp_tel>02-000-0000</supp_tel>")
    )
    assert CODE not in str(page.raw(0)) and "4000" not in str(records(page)) and "02-000" not in str(records(page))


def test_9999_is_no_quantity():
    items = "<item idx='1'><name>회색</name><code>31</code><stock>9999</stock></item>"
    items += "<item idx='2'><name>검정</name><code>32</code><stock>-1</stock></item>"
    told = mapped("products.erp", erp(
        f"<prd_code>7</prd_code><disp_flag>T</disp_flag><sell_flag>T</sell_flag><item_options>색상</item_options>"
        f"<item_list>{items}</item_list>"
    ))  # fmt: skip
    stock = of_type(told, "Stock")
    assert [(row["variant_id"], row["quantity"], row["managed"], row["available"]) for row in stock] == [
        ("31", None, False, True), ("32", -1, True, False),
    ]  # fmt: skip
    assert told[0]["options"] == [{"name": "색상", "values": ["회색", "검정"]}]


@pytest.mark.parametrize("name, axes, told", [
    ("회색<![CDATA[<ss>]]>L", "색상,크기", {"색상": "회색", "크기": "L"}),
    ("회색 / L", "색상,크기", {"색상": "회색", "크기": "L"}),
    ("진한 / 회색", "색상", {"색상": "진한 / 회색"}), ("회색 / L / 끈", "색상,크기", {"": "회색 / L / 끈"}),
])  # fmt: skip
def test_names_of_erp_items(name, axes, told):
    inside = f"<prd_code>7</prd_code><item_options>{axes}</item_options><item_list><item idx='1'><name>{name}</name>"
    found = mapped("products.erp", erp(inside + "<code>31</code><stock>1</stock></item></item_list>"))
    assert of_type(found, "Stock")[0]["options"] == told


def test_a_broken_document_is_repaired_once_or_refused():
    assert (
        mapped("products.erp", erp("<prd_code>7</prd_code><prd_name><![CDATA[A ]]> B]]></prd_name>"))[0]["name"]
        == "A B]]>"
    )
    assert mapped("products.erp", erp("<prd_code>7</prd_code><prd_name>A & B</prd_name>"))[0]["name"] == "A & B"


def test_categories_and_pictures_of_erp_products():
    told = mapped("products.erp", erp(
        "<prd_code>7</prd_code><cpm_cate_code>1_20_0</cpm_cate_code>"
        "<image><main>https://x.example.com/m.jpg</main><list></list><big></big></image>"
    ), {"categories": {"1": "의류", "20": "셔츠"}})[0]  # fmt: skip
    assert (told["category_ids"], told["categories"]) == (["20"], ["의류 > 셔츠"])
    assert told["images"] == ["https://x.example.com/m.jpg"]


# -- the feed ---------------------------------------------------------------------------------------------------------


def feed(**changes):
    row = {
        "id": hash_of(77),
        "title": "양말",
        "price_pc": "8100",
        "class": "U",
        "update_time": "2026-07-01 10:00:00",
    } | changes
    return "\t".join(row) + "\r\n" + "\t".join(map(str, row.values())) + "\r\n\r\n"


@pytest.mark.parametrize("kind, word", [("I", "on_sale"), ("U", "on_sale"), ("D", "sold_out")])
def test_a_row_of_the_feed(kind, word):
    told = mapped("products.ep", feed(**{"class": kind}))[0]
    assert (told["product_id"], told["status"], told["discounted_price"]) == ("77", word, "8100")
    assert "price" not in told


def test_the_seller_s_own_code_is_told_from_the_number():
    assert mapped("products.ep", feed(manufacture_define_number="77"))[0]["code"] is None
    assert mapped("products.ep", feed(manufacture_define_number="78"))[0]["code"] == "78"


def test_a_name_that_is_no_number_s_stands_for_itself():
    strange = "0" * 32
    assert mapped("products.ep", feed(id=strange))[0]["product_id"] == strange


def test_names_that_no_number_has_do_not_hold_up_a_feed():
    rows = "".join(f"{at:032X}\t양말\n" for at in range(1, 200)) + f"{hash_of(654321)}\t모자\n"
    began = monotonic()
    page = read("products.ep", f"id\ttitle\n{rows}")
    assert monotonic() - began < 20 and page.records[-1].product_id == "654321"
    assert page.tally.unknown == {"product_number=none below 1,000,000": 199}


def test_a_feed_in_euc_kr_and_a_short_row():
    assert mapped("products.ep", feed().encode("cp949"))[0]["name"] == "양말"
    assert mapped("products.ep", f"id\ttitle\tprice_pc\n{hash_of(77)}\t양말\n")[0]["name"] == "양말"
