"""Naver products and stock in the shapes that live answers take: options of every kind, disguises of nothing."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import UNSET

from shopscrape.errors import PageFailed
from shopscrape.items import Product, Stock
from shopscrape.payload import Origin, read_page
from spiders.naver import mapping

SAMPLES = Path(__file__).parent / "samples" / "naver"
READ_AT = datetime(2025, 11, 3, tzinfo=UTC)


def origin(**told):
    return Origin(platform="naver", collected_at=READ_AT, **told)


def detail(change=None, kind="products.detail", sample="product_channel_detail_combination", **told):
    document = json.loads((SAMPLES / f"{sample}.json").read_text("utf-8"))
    if change:
        change(document)
    page = read_page(mapping.KINDS[kind], json.dumps(document).encode(), origin(**{"product_id": "201"} | told))
    assert not page.failed, page.failed
    return page


def listed(change=None, sample="products_search_page1", **told):
    document = json.loads((SAMPLES / f"{sample}.json").read_text("utf-8"))
    if change:
        change(document)
    return read_page(mapping.KINDS["products"], json.dumps(document).encode(), origin(**told))


def options(**told):
    def change(document):
        document["originProduct"]["detailAttribute"]["optionInfo"] = told

    return change


def stock(page):
    return {record.variant_id: record for record in page.records if isinstance(record, Stock)}


def test_combinations_are_variants_and_their_stocks_never_stand_beside_their_total():
    page = detail()
    product, levels = page.records[0], stock(page)
    assert [variant.price for variant in product.variants][-1] == Decimal(19400)
    assert product.variants[-1].available is False and product.variants[3].available is False
    assert "" not in levels and len(levels) == 7
    assert levels["40000000001"].options == {"선물포장": "선물상자"} and levels["40000000001"].quantity == 100
    assert sum(level.quantity for key, level in levels.items() if key < "30000000006") == 131
    assert product.discounted_price == Decimal(17910)


def test_discount_counts_in_its_period_only():
    assert read_at(datetime(2026, 1, 1, tzinfo=UTC)).discounted_price is None
    assert read_at(datetime(2025, 12, 31, 14, 59, tzinfo=UTC)).discounted_price == Decimal(17910)
    assert read_at(READ_AT, {"value": 900, "unitType": "WON"}).discounted_price == Decimal(19000)
    assert read_at(READ_AT, {"value": 7, "unitType": "PERCENT"}).discounted_price == Decimal(18507)
    assert read_at(READ_AT, {"value": 99999, "unitType": "WON"}).discounted_price is None


def read_at(at, method=None):
    document = json.loads((SAMPLES / "product_channel_detail_combination.json").read_text("utf-8"))
    if method:
        document["originProduct"]["customerBenefit"]["immediateDiscountPolicy"]["discountMethod"] = method
    known = Origin(platform="naver", collected_at=at, product_id="201")
    return read_page(mapping.KINDS["products.detail"], json.dumps(document).encode(), known).records[0]


def test_standard_options_have_stock_and_no_price():
    page = detail(options(
        standardOptionGroups=[
            {"groupName": "색상", "standardOptionAttributes": [
                {"attributeId": 1, "attributeValueName": "레드"}, {"attributeId": 2, "attributeValueName": "블루"}]},
            {"groupName": "사이즈", "standardOptionAttributes": [{"attributeValueName": "90"}]},
        ],
        optionStandards=[
            {"id": "501", "optionName1": "레드", "optionName2": "90", "stockQuantity": "9,999", "usable": "true"},
            {"id": 502, "optionName1": "블루", "optionName2": "90", "stockQuantity": 9999, "usable": False},
        ],
        useStockManagement=False,
    ))  # fmt: skip
    product, levels = page.records[0], stock(page)
    assert [(option.name, option.values) for option in product.options] == [
        ("색상", ["레드", "블루"]),
        ("사이즈", ["90"]),
    ]
    assert [variant.price for variant in product.variants] == [Decimal(19900)] * 2
    assert levels["501"].quantity is None and levels["501"].managed is False and levels["501"].available is True
    assert levels["502"].available is False


@pytest.mark.parametrize(
    "flag, quantity, managed, told",
    [
        (True, 9999, True, 9999), (True, 0, True, 0), (False, 9999, False, None), (False, 5, False, None),
        ("absent", 9999, False, None), ("absent", 5, True, 5), (None, 9999, False, None), (True, -2, True, -2),
    ],
)  # fmt: skip
def test_9999_means_that_nobody_counts(flag, quantity, managed, told):
    info = {"optionCombinations": [{"id": 1, "optionName1": "a", "stockQuantity": quantity, "price": None}]}
    if flag != "absent":
        info["useStockManagement"] = flag
    level = stock(detail(options(**info)))["1"]
    assert (level.managed, level.quantity) == (managed, told)


def test_simple_options_are_choices_without_stock_of_their_own():
    page = detail(options(
        optionSimple=[
            {"id": 1, "groupName": "색", "name": "흑", "usable": True},
            {"id": 2, "groupName": "색", "name": "백", "usable": False},
            {"id": 3, "groupName": "각인", "name": "예", "usable": None},
        ],
        optionCustom=[{"id": 4, "groupName": "문구", "usable": True}, {"groupName": "옛", "usable": "false"}],
    ))  # fmt: skip
    product, levels = page.records[0], stock(page)
    assert [(option.name, option.values) for option in product.options] == [("색", ["흑"]), ("각인", ["예"])]
    assert product.text_options == ["문구"] and product.variants == []
    assert levels[""].quantity == 131 and levels[""].barcode == "8800000000011" and levels[""].code == "TS-001"


@pytest.mark.parametrize("nothing", ["absent", None, "", {}, []])
def test_no_options_in_every_disguise(nothing):
    def change(document):
        attributes = document["originProduct"]["detailAttribute"]
        for name in ("optionInfo", "supplementProductInfo", "seoInfo", "sellerCodeInfo", "naverShoppingSearchInfo"):
            if nothing == "absent":
                del attributes[name]
            else:
                attributes[name] = nothing
        document["originProduct"]["customerBenefit"] = {} if nothing == "absent" else nothing

    page = detail(change)
    product, levels = page.records[0], stock(page)
    assert product.variants == [] and product.options == [] and product.text_options == []
    assert list(levels) == [""] and levels[""].managed is True


@pytest.mark.parametrize("nothing", ["absent", None, "", {}, []])
def test_detail_without_its_attributes_tells_of_no_options(nothing):
    def change(document):
        document["originProduct"]["detailAttribute"] = nothing
        if nothing == "absent":
            del document["originProduct"]["detailAttribute"]

    page = detail(change)
    product = page.records[0]
    assert (product.variants, product.options, product.text_options) == (UNSET, UNSET, UNSET)
    assert product.name and not stock(page)


@pytest.mark.parametrize("nothing", ["absent", None, ""])
def test_stock_that_is_not_told_is_not_unlimited(nothing):
    told = {} if nothing == "absent" else {"stockQuantity": nothing}
    level = stock(detail(options(optionCombinations=[{"id": 1, "optionName1": "a"} | told], useStockManagement=True)))
    assert (level["1"].quantity, level["1"].available) == (UNSET, UNSET)
    level = stock(detail(options(optionCombinations=[{"id": 1, "optionName1": "a"} | told])))["1"]
    assert (level.quantity, level.managed) == (UNSET, UNSET), "without the switch, only the amount tells"
    ended = options(optionCombinations=[{"id": 1, "usable": False} | told], useStockManagement=True)
    assert stock(detail(ended))["1"].available is False

    def change(document):
        document["originProduct"] |= {"stockQuantity": nothing, "detailAttribute": {"taxType": "TAX"}}
        if nothing == "absent":
            del document["originProduct"]["stockQuantity"]

    assert (stock(detail(change))[""].quantity, stock(detail(change))[""].available) == (UNSET, UNSET)


@pytest.mark.parametrize("nothing", ["absent", None, "", {}, []])
def test_empty_lists_of_options_in_every_disguise(nothing):
    names = ("optionCombinations", "optionStandards", "optionSimple", "optionCustom", "standardOptionGroups")
    page = detail(options(**({} if nothing == "absent" else dict.fromkeys(names, nothing))))
    assert page.records[0].variants == [] and "" in stock(page)


def test_lone_objects_stand_for_lists_of_one():
    def change(document):
        document["originProduct"]["images"]["optionalImages"] = {"url": "https://x/2.jpg"}
        info = document["originProduct"]["detailAttribute"]["optionInfo"]
        info["optionCombinations"] = info["optionCombinations"][0]

    page = detail(change)
    assert len(page.records[0].variants) == 1 and page.records[0].images[1] == "https://x/2.jpg"


def test_ids_beyond_32_bits_as_numbers_or_texts_and_entities_in_names():
    def change(document):
        document["smartstoreChannelProduct"]["channelProductName"] = "A &amp; B <b>새</b>\u0000 상품"
        combination = document["originProduct"]["detailAttribute"]["optionInfo"]["optionCombinations"][0]
        combination |= {"id": "9007199254740993", "optionName1": "흰&nbsp;색", "price": "0", "stockQuantity": "20"}
        document["originProduct"]["salePrice"] = "19900.00"
        document["originProduct"]["whatever"] = {"new": [1]}

    page = detail(change)
    assert page.records[0].name == "A & B 새 상품"
    assert page.records[0].variants[0].variant_id == "9007199254740993"
    assert page.records[0].variants[0].options["색상"] == "흰 색"
    assert page.tally.left_over == {"originProduct.whatever": 1}


def test_name_of_the_channel_is_empty():
    def change(document):
        document["smartstoreChannelProduct"]["channelProductName"] = ""

    assert detail(change).records[0].name == "[에뮬] 코튼 라운드 티셔츠"


def test_detail_has_no_number_of_its_own():
    body = (SAMPLES / "product_channel_detail_combination.json").read_bytes()
    page = read_page(mapping.KINDS["products.detail"], body, origin())
    assert not page.records and "channelProductNo" in page.failed[0].why
    asked = "https://api.commerce.naver.com/external/v2/products/channel-products/10000000201"
    page = read_page(mapping.KINDS["products.detail"], body, origin(url=asked))
    assert page.records[0].product_id == "10000000201"
    asked = "https://api.commerce.naver.com/external/v2/products/origin-products/10000000101"
    page = read_page(mapping.KINDS["products.origin"], body, origin(url=asked, product_id="10000000201"))
    assert (page.records[0].product_id, page.records[0].origin_id) == ("10000000201", "10000000101")


def test_one_origin_product_in_two_channels_shares_its_stock():
    def change(document):
        document |= {"smartstoreChannelProductNo": 201, "windowChannelProductNo": 301, "originProductNo": 101}
        document["windowChannelProduct"] = {
            "channelProductName": "윈도 상품",
            "channelProductDisplayStatusType": "SUSPENSION",
        }

    page = detail(change, kind="inventory.options", sample="option_stock_put_response")
    products = [record for record in page.records if isinstance(record, Product)]
    assert [(one.product_id, one.name, one.status) for one in products] == [
        ("201", "[에뮬] 코튼 라운드 티셔츠", "on_sale"), ("301", "윈도 상품", "hidden"),
    ]  # fmt: skip
    assert {record.pool for record in page.records if isinstance(record, Stock)} == {"101"}


def test_group_and_what_the_crawl_knows():
    def change(document):
        document["groupProduct"] = {"groupProductNo": 50000001, "leafCategoryId": "1", "groupProductName": "그룹"}

    context = {"origin_id": "101", "service": "STOREFARM", "shared": False, "channels": {"STOREFARM": "https://s/x"}}
    product, *levels = detail(change, context=context | {"detailed": True}).records
    assert (product.group_id, product.origin_id, product.url) == ("50000001", "101", "https://s/x/products/201")
    assert product.discounted_price is UNSET and {level.pool for level in levels} == {None}


# -- the list ----------------------------------------------------------------------------------------------------------


def test_list_tells_no_stock_unless_the_crawl_knows_that_a_product_has_no_parts():
    assert not [record for record in listed().records if isinstance(record, Stock)]
    page = listed(context={"plain": {"10000000205", "10000000203"}, "detailed": True})
    levels = {record.product_id: record for record in page.records if isinstance(record, Stock)}
    assert levels["10000000205"].pool == "10000000105" and levels["10000000203"].pool is None
    assert levels["10000000203"].available is False and levels["10000000203"].quantity == 0
    assert {record.images for record in page.records if isinstance(record, Product)} == {UNSET}


def test_list_with_nothing_for_numbers():
    def change(document):
        document["contents"][0]["originProductNo"] = 7
        document["contents"][0]["channelProducts"][0] |= {"originProductNo": "", "discountedPrice": 0}

    product = listed(change).records[0]
    assert (product.origin_id, product.discounted_price) == ("7", None)


@pytest.mark.parametrize("nothing", [None, "", {}, [], {"url": None}])
def test_list_without_a_picture(nothing):
    page = listed(lambda document: document["contents"][0]["channelProducts"][0].update(representativeImage=nothing))
    assert page.records[0].images == [] and not page.failed


def test_list_row_without_number_fails_alone():
    def change(document):
        del document["contents"][0]["channelProducts"][1]["channelProductNo"]
        document["contents"][1]["channelProducts"][0]["salePrice"] = "free"
        document["contents"].append("nonsense")
        document["contents"].append({"originProductNo": 1, "channelProducts": None})

    page = listed(change)
    assert [record.product_id for record in page.records] == ["10000000205", "10000000203"]
    assert len(page.failed) == 3


def test_list_numbers_as_texts_and_fields_that_are_left_out():
    def change(document):
        document["contents"] = [{
            "originProductNo": "77", "groupProductNo": "5",
            "channelProducts": {
                "channelProductNo": "78", "name": "x &lt;y&gt;", "salePrice": "1,000", "discountedPrice": 1000,
            },
        }]  # fmt: skip

    (product,) = listed(change).records
    assert (product.product_id, product.origin_id, product.group_id, product.name) == ("78", "77", "5", "x <y>")
    assert product.price == Decimal(1000) and product.discounted_price is None
    assert product.status is UNSET and product.images is UNSET and product.tags is UNSET


@pytest.mark.parametrize("contents", [[], None, "", {}])
def test_empty_catalogue(contents):
    assert not listed(lambda document: document.update(contents=contents)).records


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"contents":5}', b'{"data":[]}', b"[" * 5000, b"\xff\xfe"]
)
@pytest.mark.parametrize("kind", ["products", "products.detail", "orders", "orders.list", "orders.changed"])
def test_hostile_bodies_fail_as_pages(kind, body):
    if body == b'{"data":[]}' and kind.startswith("orders"):
        return
    with pytest.raises(PageFailed):
        read_page(mapping.KINDS[kind], body, origin(product_id="1"))


@pytest.mark.parametrize(
    "value",
    [1e308, "1e999999", -1, True, [], {}, "\u0000", "<script>alert(1)</script>", "9" * 400, [[[]]], {"a": {"b": 1}}],
)
def test_hostile_values_fail_their_row_and_nothing_else(value):
    document = json.loads((SAMPLES / "products_search_page1.json").read_text("utf-8"))
    for name in list(document["contents"][0]["channelProducts"][0]):
        changed = json.loads(json.dumps(document))
        changed["contents"][0]["channelProducts"][0][name] = value
        page = read_page(mapping.KINDS["products"], json.dumps(changed).encode(), origin())
        assert len(page.records) + len(page.failed) == 4
