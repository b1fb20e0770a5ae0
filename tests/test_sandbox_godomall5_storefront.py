"""The emulated Godomall5 storefront: what the engine writes into the samples stands in its pages too."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from parsel import Selector
from sandboxing import ask

from sandbox.background import running
from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples/godomall5"
HOME, EDITED = "demo_godomall5", "demo_godomall5_web"
SESSION = {"Cookie": "GD5SESSID=1"}


@pytest.fixture(scope="module")
def served():
    with running(products=31, orders=4, reviews=80, speed=1000, only="godomall5") as sandbox:
        yield sandbox


def get(served, path, mall=HOME, body=None, status=200, referer="/goods/goods_view.php?goodsNo=1"):
    headers = SESSION | {"Referer": served.stage.storefront(mall) + referer}
    told, page, _ = ask(served.stage.storefront(mall) + path, body, headers)
    assert told == status
    return page.decode()


def products(served, mall=HOME):
    return [one.product_id for one in served.truth(mall)["web"]["products"]]


def marks(text):
    """Return classes, ids, names of fields, data attributes and settings of a page: what its engine and skin write."""
    tree = Selector(text=f"<table>{text}</table>" if text.startswith("<td") else text)
    found = {f".{name}" for told in tree.xpath("//@class").getall() for name in told.split()}
    found |= {f"#{name}" for name in tree.xpath("//@id").getall()}
    found |= {f"[{name}]" for name in tree.xpath("//@name").getall() + tree.xpath("//meta/@property").getall()}
    found |= {f"@{name}" for name in re.findall(r"\s(data-[\w-]+)=", text)}
    return found | set(re.findall(r"'(set\w+)' :|var (\w+) =", text))


PAGES = {
    "goods_list": ["/goods/goods_list.php?cateCd=006"],
    "goods_list_empty": ["/goods/goods_list.php?cateCd=006&page=99"],
    "review_fragment_empty": ["/goods/goods_board_list.php?bdId=goodsreview&gboard=y&page=99&goodsNo="],
    "review_fragment_page1": ["/goods/goods_board_list.php?bdId=goodsreview&gboard=y&page=1&goodsNo="],
    "review_fragment_page2": ["/goods/goods_board_list.php?bdId=goodsreview&gboard=y&page=2&goodsNo="],
    **{f"goods_view_{name}": ["/goods/goods_view.php?goodsNo="] for name in ("option_d", "option_s", "soldout")},
    "plus_review_fragment": ["/board/plus_review_list.php?page=1&goodsNo="],
    "review_view_fragment": ["/goods/goods_board_view.php?bdId=goodsreview&sno="],
}  # fmt: skip
SKIN = {
    "goods_list": {".middle", ".item_icon_box", ".local_home", ".location_cont", ".location_select", ".location_tit",
                   ".goods_list_item_tit", ".item_name_explain", "@aria-label"},
    "goods_list_empty": {".goods_list_item_tit"},
    "goods_view_option_d": {".btn_add_wish", "#wishBtn", "#optionTextCnt", "[optionTextSno_0]", ".text",
                            "#set_goods_fixedPrice"},
    "goods_view_option_s": {".btn_add_wish", "#wishBtn", "#set_goods_fixedPrice"},
    "goods_view_soldout": {"#set_goods_fixedPrice"},
    "plus_review_fragment": {".js_pr_btn_image", "#plusPlusReviewCommentList", ".pagination", ".on"},
    "review_view_fragment": {".js-article-img"},
}  # fmt: skip
"""What is ornament in a sample, and the paging that an edited skin has not."""


@pytest.mark.parametrize("name", PAGES)
def test_the_parts_of_a_sample_are_those_of_the_pages(served, name):
    mall = EDITED if name == "plus_review_fragment" else HOME
    (path,) = PAGES[name]
    ends = [""] if not path.endswith("=") else products(served, mall)
    if path.endswith("sno="):
        shown = served.truth(mall)["web"]["reviews"]
        ends = [one.review_id.partition(":")[2] for one in shown if not one.flags]
    found = set().union(*(marks(get(served, path + end, mall)) for end in ends))
    wanted = marks((SAMPLES / f"storefront_{name}.html").read_text("utf-8"))
    assert wanted - found - SKIN.get(name, set()) == set()


def test_steps_of_options_have_the_shape_of_the_samples(served):
    found = {}
    for number in products(served):
        page = Selector(text=get(served, f"/goods/goods_view.php?goodsNo={number}"))
        chosen = page.xpath("//select[@name='optionNo_0']/option[@value!='']/@value").getall()[:1]
        while chosen:
            form = [("mode", "option_select"), *(("optionVal[]", one) for one in chosen), ("goodsNo", number)]
            told = json.loads(get(served, "/goods/goods_ps.php", body=urlencode(form).encode()))
            found["step" if told["nextOption"] else "final"] = told
            if not told["nextOption"]:
                break
            chosen.append(told["nextOption"][0])
    for name, told in found.items():
        sample = json.loads((SAMPLES / f"goods_ps_option_select_{name}.json").read_text("utf-8"))
        assert shape_problems(told, sample) == []
    assert found.keys() == {"step", "final"}
    form = urlencode([("mode", "option_select"), ("optionVal[]", "없음"), ("goodsNo", number)]).encode()
    assert json.loads(get(served, "/goods/goods_ps.php", body=form)) == {"log": "ok"}


def test_what_is_gone_or_hidden_says_so_with_status_200(served):
    gone = get(served, "/goods/goods_view.php?goodsNo=1999999999")
    hidden = next(one for one in served.world.products if one.state == "hidden")
    assert "잘못된 접근입니다." in gone and "goodsNo" not in gone
    assert "구매가 불가한" in get(served, f"/goods/goods_view.php?goodsNo={1_000_000_000 + hidden.no}")


def test_an_edited_skin_gives_fragments_within_the_session_of_a_products_page_only(served):
    number = next(one.product_id for one in served.truth(EDITED)["web"]["reviews"] if one.review_id[0] == "g")
    path = f"/goods/goods_board_list.php?bdId=goodsreview&gboard=y&page=1&goodsNo={number}"
    assert "js_data_row" in get(served, path, EDITED)
    assert "차단" in get(served, path, EDITED, status=403, referer="/goods/goods_list.php?cateCd=001")
    assert ask(served.stage.storefront(EDITED) + path)[0] == 403


def test_lists_and_fragments_end_as_their_skin_has_it(served):
    path = "/goods/goods_list.php?cateCd=006&page="
    assert "goods_no_data" in get(served, f"{path}99") and "goods_no_data" not in get(served, f"{path}99", EDITED)
    last = get(served, f"{path}98", EDITED)
    assert last == get(served, f"{path}99", EDITED) and 'href="./goods_list.php?page=' not in last
