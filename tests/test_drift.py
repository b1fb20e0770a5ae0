"""A page whose skin moved a field is no success: the field is named, or the page is refused, for every page mapping.

Each line of the table takes one field away from where its sample shows it: words that mark its place (classes, ids,
tags, properties, variables) are renamed wherever they stand; where no word marks it, what is printed there is cut out.
"""

import importlib
import re
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import unquote

import msgspec
import pytest
from msgspec import UNSET
from parsel import Selector
from test_samples import SAMPLES, payload

from shopscrape.errors import NotHydrated, ShopscrapeError
from shopscrape.payload import Origin, read_page
from shopscrape.report import ENOUGH, FELL_SHORT, RunReport
from spiders.cafe24.web import Cafe24WebSpider
from spiders.godomall5.web import Godomall5WebSpider
from spiders.makeshop.web import MakeshopWebSpider
from spiders.naver.web import NaverWebSpider
from spiders.wisa.web import WisaWebSpider

SPIDERS = (Cafe24WebSpider, Godomall5WebSpider, MakeshopWebSpider, NaverWebSpider, WisaWebSpider)
READ_AT = datetime(2026, 7, 20, tzinfo=UTC)


def cut(pattern):
    """Return a place that no word marks."""
    return re.compile(pattern, re.DOTALL)


# Platform, sample (and its kind, where it is another than the sample's own), field, its place, and what is said: the
# field is named; the page is refused as a whole, which stops the run; or its rows go, which tests/test_web.py follows.
NAMED, STOPS, GOES = "named", "stops", "goes"
# fmt: off
PLACES = (
    ("cafe24", "storefront_product_detail_single", "name", "og:title title product_name name h2", STOPS),
    ("cafe24", "storefront_product_detail_single", "price", "product_price 판매가 product:price:amount offers", NAMED),
    ("cafe24", "storefront_product_list", "name", "name", STOPS),
    ("cafe24", "storefront_product_list", "price", "ec-data-price", NAMED),
    ("cafe24", "storefront_product_detail reviews.page", "written_on", "td", NAMED),
    ("cafe24", "storefront_product_detail reviews.page", "product_id",
     "iProductNo product:productId canonical og:url", NAMED),
    ("cafe24", "storefront_board_list_reviews", "written_on", "td", NAMED),
    ("cafe24", "storefront_board_article", "text", cut(r'(?<= fr-view-article">).*?(?=</div>)'), NAMED),
    ("cafe24", "storefront_board_article", "written_on", cut(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), NAMED),
    ("godomall5", "storefront_goods_view_soldout", "name", "og:title item_detail_tit", STOPS),
    ("godomall5", "storefront_goods_view_soldout", "price", "setGoodsPrice set_goods_price item_price", STOPS),
    ("godomall5", "storefront_goods_view_soldout", "images", "og:image item_photo_view_box mainImage", NAMED),
    ("godomall5", "storefront_goods_list", "name", "item_name", NAMED),
    ("godomall5", "storefront_goods_list", "price", "item_price", NAMED),
    ("godomall5", "storefront_review_fragment_page2", "written_on", "td", NAMED),
    ("godomall5", "storefront_review_fragment_page2", "rating", "rating_star", NAMED),
    ("godomall5", "storefront_review_fragment_page2", "title", "board_tit", NAMED),
    ("godomall5", "storefront_review_view_fragment", "text", cut(r"(?<=<p>).*?(?=</p>)"), NAMED),
    ("godomall5", "storefront_plus_review_fragment", "written_on", "star_day_name", NAMED),
    ("godomall5", "storefront_plus_review_fragment", "rating", "strong", NAMED),
    ("godomall5", "storefront_plus_review_fragment", "text", "js_pr_contents_desc js_pr_contents_short", NAMED),
    ("makeshop", "store_shopdetail_multi_option", "name", "og:title product_name goods--title @type", NAMED),
    ("makeshop", "store_shopdetail_multi_option", "price", "product_price pricevalue price MK_p_price", NAMED),
    ("makeshop", "store_shopdetail_multi_option", "images", "goods-imgs--view", NAMED),
    ("makeshop", "store_shopbrand_page2", "name", cut(r'(?<=<span class="prd-name">)[^<]*'), NAMED),
    ("makeshop", "store_shopbrand_page2", "price", "prd-price", NAMED),
    ("makeshop", "store_product_list_action_last", "name", cut(r"<a .*?</a>"), NAMED),
    ("makeshop", "store_product_list_action_last", "price", "price", NAMED),
    ("makeshop", "store_comment_review_block", "rating", "star", NAMED),
    ("makeshop", "store_comment_review_block", "text", cut("<a [^>]*>.*?</a>|<div.*?</div>"), GOES),
    ("makeshop", "store_comment_review_block", "written_on", "date", NAMED),
    ("makeshop", "store_power_review_list_last", "rating", "star survey", NAMED),
    ("makeshop", "store_power_review_list_last", "text", "content_p", NAMED),
    ("makeshop", "store_power_review_list_last", "author_label", "작성자", NAMED),
    ("makeshop", "store_board_list", "written_on", cut(r"\d{4}/\d\d/\d\d"), NAMED),
    ("makeshop", "store_board_list", "author_label", cut(r"(?<=<td>)[^<]*\*{4}"), NAMED),
    ("makeshop", "store_board_view", "text", "MS_WritenBySEB data-bd-cont", NAMED),
    ("makeshop", "store_board_view", "rating", "평점", NAMED),
    ("makeshop", "store_board_view", "written_on", "작성일", NAMED),
    ("naver", "storefront_product_page", "name", "og:title name", STOPS),
    ("naver", "storefront_product_page", "price", "salePrice", NAMED),
    ("naver", "storefront_review_legacy_p1", "rating", cut(r"(?<=_15NU42F3kT\">)\d"), GOES),
    ("naver", "storefront_review_legacy_p1", "text", cut(r'(?<=<div class="_3z6gI4oI6l">).*?(?=</div>)'), NAMED),
    ("naver", "storefront_review_legacy_p1", "written_on", cut(r"\d\d\.\d\d\.\d\d\."), GOES),
    ("naver", "storefront_review_legacy_p1", "author_label", cut(r"(?<=_2L3vDiadT9\">)[^<]*\*{2,}"), NAMED),
    ("naver", "storefront_review_modal", "rating", "svg", NAMED),
    ("naver", "storefront_review_modal", "text", "p", NAMED),
    ("naver", "storefront_review_modal", "written_on", cut(r"\d\d\.\d\d\.\d\d\."), NAMED),
    ("naver", "storefront_review_modal", "author_label", cut(r"(?<=sDXjr3m0LZ\">)[^<]*\*{2,}"), NAMED),
    ("wisa", "store_crema_page", "name", "product_name h3", NAMED),
    ("wisa", "store_crema_page", "price", "total_prc sell strong", NAMED),
    ("wisa", "store_crema_page", "status", "stat", NAMED),
    ("wisa", "store_list_page2", "name", cut(r'(?<=cno1=1000">)[^<]+(?=</a>)'), GOES),
    ("wisa", "store_list_page2", "price", "price", NAMED),
    ("wisa", "store_list_ajax", "name", cut(r'(?<=cno1=1000\\">)[^<]+(?=<)'), GOES),
    ("wisa", "store_list_ajax", "price", "sell strong", NAMED),
    ("wisa", "store_review_ajax", "written_on", cut(r"\d{4}\\/\d\d\\/\d\d"), NAMED),
    ("wisa", "store_review_ajax", "title", cut(r"(?<=>)[^<>]+(?=<\\/a>|<\\/font>)"), NAMED),
    ("wisa", "store_review_board", "written_on", "td", NAMED),
    ("wisa", "store_review_board", "title", cut(r"(?<=>)[^<>]+(?=</a>|</font>)"), NAMED),
    ("wisa", "store_review_view", "text", cut(r'(?<=<div class="cnt">).*?(?=</div>)'), NAMED),
)
# fmt: on
# What a sample shows otherwise than most pages do.
SHOWN = {"storefront_goods_list": (("가격문의", "9,000원"), (">품절</strong>", ">8,000원</strong>"))}
# Fields that a page cannot say to be none without saying so.
NEVER_NONE = {"name", "price", "images", "status"}
# Fields that a mapping tells whatever the page shows, such as a status that is on sale unless a mark says otherwise.
ALWAYS = {("cafe24", "products.page", "status"), ("makeshop", "products.page", "status")}


def _moved(body, place):
    """Return a page whose skin has changed."""
    try:
        text, charset = body.decode(), "utf-8"
    except UnicodeDecodeError:
        text, charset = body.decode("cp949"), "cp949"
    if "%3C" in text:
        text = msgspec.json.encode(
            msgspec.json.decode(text) | {"html": unquote(msgspec.json.decode(text)["html"])}
        ).decode()
    if not isinstance(place, str):
        moved = place.sub("", text)
    else:
        moved = text
        for word in place.split():
            moved = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", "moved", moved)
    assert moved != text
    return moved.encode(charset)


def _known(platform, sample):
    told = msgspec.toml.decode((SAMPLES / platform / "samples.toml").read_bytes())
    name, _, kind = sample.partition(" ")
    kinds = importlib.import_module(f"spiders.{platform}.mapping").KINDS
    origin = Origin(platform=platform, collected_at=READ_AT, **told.get("with", {}).get(name, {}))
    return kinds[kind or told["kinds"][name]], origin


def _report(pages):
    report = RunReport("run", "x_web", "x", "mall", ("products", "reviews"))
    for page in pages:
        report.cover(page)
    return report


@pytest.mark.parametrize("platform, sample, field, place, said", PLACES)
def test_a_field_that_moved_is_named_and_the_run_falls_short(platform, sample, field, place, said):
    kind, origin = _known(platform, sample)
    body = payload(SAMPLES / platform, sample.partition(" ")[0])
    for old, new in SHOWN.get(sample, ()):
        body = body.replace(old.encode(), new.encode())
    good = read_page(kind, body, origin)
    assert field in kind.expects and not good.failed
    before = _report([good] * ENOUGH)
    again = _report([good] * ENOUGH)
    again.compare(before.coverage)
    assert again.shortfalls == [] and again.exit_status == 0
    if said == STOPS:
        with pytest.raises(NotHydrated):
            read_page(kind, _moved(body, place), origin)
        return
    bad = read_page(kind, _moved(body, place), origin)
    if said == GOES:
        assert not bad.records
        return
    assert len(bad.records) == len(good.records), "the rows are there, and lack the field"
    lost = [getattr(one, field) for one in bad.records if field in one.__struct_fields__]
    if field in NEVER_NONE:
        assert set(lost) == {UNSET}, "what is stored stands: the page did not say that there is none"
    after = _report([bad] * ENOUGH)
    after.compare(before.coverage)
    named = [sentence for sentence in after.shortfalls if sentence.startswith(f"{kind.name}: {field} was found in 0%")]
    assert len(named) == 1 and named[0].endswith("its place has moved."), after.shortfalls
    assert after.exit_status == FELL_SHORT


def test_every_field_of_every_page_mapping_is_in_the_table():
    told = {(platform, _known(platform, sample)[0].name, field) for platform, sample, field, _, _ in PLACES}
    expected = {
        (spider.facts.platform, kind.name, field)
        for spider in SPIDERS for kind in spider.mapping.KINDS.values() if _is_page(kind, spider)
        for field in kind.expects
    }  # fmt: skip
    assert expected - told == ALWAYS
    assert {platform for platform, _, _ in told} == {spider.facts.platform for spider in SPIDERS}


def _is_page(kind, spider):
    """Return whether a kind is read out of markup, bare or inside an answer."""
    origin = Origin(platform=spider.facts.platform, collected_at=READ_AT)
    wrapped = {"status": "success", "success": True, "content": "<p>x</p>", "html": "<p>x</p>", "list": [{"uid": "1"}]}
    for body in (b"<html><body><p>x</p></body></html>", msgspec.json.encode(wrapped)):
        with suppress(ShopscrapeError):
            document = kind.document(body, origin)
            return isinstance(document, Selector) or kind.name == "products.pieces"
    return False
