"""Reviews in the widget of another company: recognised by what it leaves in a page, on any platform, or guessed at."""

import pytest
from parsel import Selector
from test_samples import SAMPLES

from shopscrape.widgets import WIDGETS, company, guessed

OWN = frozenset(("shop.example.com",))


def page(markup):
    return Selector(text=f"<html><body>{markup}</body></html>", type="html")


@pytest.mark.parametrize(
    "markup",
    (
        '<script src="//widgets.cre.ma/shop.example.com/init.js"></script>',
        "<script>(function(i,s,o,g,r){})(window,document,'script','crema-jssdk','//widgets.cre.ma/x/init.js');</script>",
        '<iframe src="https://widgets2.cre.ma/shop.example.com/products/reviews?product_code=9"></iframe>',
        '<div class="wide crema-product-reviews" data-product-code="9"></div>',
        '<iframe id="crema-product-reviews-1"></iframe>',
        '<i id="crema-login-username" style="display:none"></i>',
    ),
)  # fmt: skip
def test_a_company_of_the_table_is_named_and_not_guessed_at(markup):
    assert company(page(markup)) == "Crema"
    assert list(guessed(page(markup), OWN)) == []


@pytest.mark.parametrize(
    "markup",
    (
        "<p>크리마 crema-colored socks, see https://widgets.cre.ma/ and cre.ma</p>",
        '<script src="https://img.example.net/design/review.js"></script>',
        '<iframe src="https://shop.example.com/board/review.html"></iframe><iframe src="/review"></iframe>',
        '<a href="https://review.example.net/">reviews</a><script src="http://["></script><iframe src=""></iframe>',
        '<div class="icecrema-reviews"></div>',
    ),
)  # fmt: skip
def test_what_is_no_widget_is_none(markup):
    assert company(page(markup)) == ""
    assert list(guessed(page(markup), OWN)) == []


@pytest.mark.parametrize(
    "markup, host",
    (
        ('<script async src="https://One.Vreview.example/widget.js"></script>', "one.vreview.example"),
        ('<iframe src="//apps.example.net/embed/Reviews?product=9"></iframe>', "apps.example.net"),
    ),
)
def test_others_are_guessed_at_by_their_address(markup, host):
    assert company(page(markup)) == ""
    assert list(guessed(page(markup), OWN)) == [host]


def test_samples_of_plain_malls_show_no_widget():
    found = {}
    for path in SAMPLES.glob("*/*.html"):
        tree = Selector(text=path.read_bytes().decode("utf-8", "replace"), type="html")
        if named := [company(tree), *guessed(tree, OWN)] if company(tree) or list(guessed(tree, OWN)) else []:
            found[path.stem] = named
    assert found == {"store_crema_page": ["Crema"]}
    assert set(WIDGETS) == {"Crema"}, "a company comes into the table with pages that show its marks"
