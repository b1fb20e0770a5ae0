"""The emulated SmartStore pages: what their scripts are answered has the keys and types of the samples."""

import json
import re

import pytest
from naver_sandbox import sample
from sandboxing import ask, paths, same

from sandbox import naver_ids as ids
from sandbox.background import running
from sandbox.naver_goods import managed
from sandbox.shapes import shape_problems

SIZE = {"products": 30, "orders": 60, "reviews": 260, "only": "naver", "speed": 1000.0}
MALL, BRAND = "demo_naver", "demo_naver_brand"
REVIEWS = "v1/contents/reviews"


@pytest.fixture(scope="module")
def served():
    with running(**SIZE) as sandbox:
        yield sandbox


def pages(served, mall):
    """Yield what each named product's page tells its script, and its state."""
    for product in (one for one in served.world.shown() if one.state != "hidden"):
        url = f"{served.stage.storefront(mall)}/{ids.STORE}/products/{ids.channel_no(product)}"
        status, body, _ = ask(url)
        assert status == 200
        state, told = (
            json.loads(re.search(rf"window\.{name}=(.+?)(?:;window|</script>)", body.decode())[1])
            for name in ("__PRELOADED_STATE__", "__PAGE__")
        )
        yield product, told, state


def call(served, mall, page, path, body=None):
    headers = {"x-client-rtk": page["rtk"], "Content-Type": "application/json"}
    status, answer, _ = ask(f"{served.stage.storefront(mall)}/{page['prefix']}/{path}", body, headers)
    return status, json.loads(answer)


def question(product, number, sort="REVIEW_CREATE_DATE_DESC"):
    return sample("reviews_query_pages_request")["smartstore"]["body"] | {
        "originProductNo": ids.origin_no(product), "page": number, "reviewSearchSortType": sort,
    }  # fmt: skip


def test_lists_of_reviews(served):
    """A follow-up after a month names its review; no capture shows one, so that key is held against its type only."""
    theirs = [sample(f"reviews_query_pages_p{number}") for number in (1, 2, 3)]
    found = []
    for product, page, _ in pages(served, MALL):
        status, answer = call(served, MALL, page, f"{REVIEWS}/query-pages", question(product, 1))
        assert status == 200 and answer["contents"] == sorted(
            answer["contents"], key=lambda row: row["createDate"], reverse=True
        )
        found.append(answer)
    full = [answer for answer in found if answer["contents"]]
    assert sum(len(answer["contents"]) for answer in full) > 100
    followed = [row.pop("parentReviewId") for answer in full for row in answer["contents"] if "parentReviewId" in row]
    assert followed and {type(number) for number in followed} == {int}
    same(full, theirs)
    empty = [answer for answer in found if not answer["contents"]]
    for answer in empty:
        assert answer.keys() == sample("reviews_query_pages_empty").keys()
    product, page, _ = next(pages(served, MALL))
    _, past = call(served, MALL, page, f"{REVIEWS}/query-pages", question(product, 400))
    theirs = sample("reviews_query_pages_p4_past_end")
    assert (past["contents"], past["last"]) == (theirs["contents"], theirs["last"]) and past.keys() == theirs.keys()


def test_reviews_of_a_group_product(served):
    grouped = [(product, page) for product, page, _ in pages(served, BRAND) if page["group"]]
    assert grouped
    for _, page in grouped:
        path = f"{REVIEWS}/group-products/product-summary/{page['group']}/reviews/GENERAL"
        query = f"?checkoutMerchantNo={page['merchant']}&searchSortType=REVIEW_RANKING&page=1&pageSize=20"
        status, answer = call(served, BRAND, page, path + query)
        assert status == 200
        for row in answer["contents"]:
            row.pop("parentReviewId", None)
        theirs = [sample(f"reviews_query_pages_{name}") for name in ("p1", "p2", "p3", "empty")]
        assert shape_problems([answer], theirs) == []


def test_what_the_page_asks_about_its_product(served):
    shown = []
    for product, page, state in pages(served, MALL):
        status, answer = call(served, MALL, page, f"v2/channels/{ids.CHANNEL_UID}/products/{page['channel']}")
        assert status == 200
        for option in answer["optionCombinations"]:
            option.pop("optionName3", None)  # The sample's product has two levels, the made-up ones up to three.
        optional = ("optionCombinations.[].optionName1", "optionCombinations.[].optionName2")
        assert shape_problems(answer, sample("storefront_product_xhr"), optional=optional) == []
        shown.append(answer)
        if answer["optionUsable"] and managed(product):
            assert sum(one["stockQuantity"] for one in answer["optionCombinations"]) == answer["stockQuantity"]
        # Before its script ran, the state is a shell: nothing of the product, and not sold out.
        assert state["product"]["A"]["id"] is None and state["product"]["A"]["soldout"] is False
        status, told = call(served, MALL, page, f"{REVIEWS}/product-summary/{ids.origin_no(product)}")
        assert status == 200
        same(told, sample("reviews_product_summary"))
        assert told["productReviewInfo"]["reviewCount"] == answer["reviewAmount"]["totalReviewCount"]
    assert paths(shown) == paths(sample("storefront_product_xhr"))


def test_the_state_of_a_page_in_both_layouts(served):
    theirs, found = sample("storefront_preloaded_state"), []
    for product, page, state in pages(served, BRAND):
        simple = state.get("simpleProductForDetailPage", {}).get("A", {})
        group = simple.pop("simpleStandardGroupProduct", None)
        assert bool(group) == bool(page["group"] and simple)
        if group:
            # The parallel lists of members, as clients read them; no sample shows one.
            assert group["groupProductNo"] == page["group"] and group["originalProductNos"] == [ids.origin_no(product)]
        if simple:
            found.append(state)
        else:
            assert paths(state) < paths(theirs)
    same(found, [theirs])


def test_a_call_that_is_not_the_pages_own_is_refused(served):
    product, page, _ = next(pages(served, MALL))
    status, answer = call(served, MALL, page | {"rtk": "t21:guess"}, f"{REVIEWS}/query-pages", question(product, 1))
    assert status == 429 and "contents" not in answer
