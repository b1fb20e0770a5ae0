"""Naver SmartStore: what each kind of payload becomes, and what an answer that is no data leads to."""

from shopscrape.payload import Answer, Kind
from spiders.naver import mapping_pages, mapping_reviews, mapping_storefront

_ALL: tuple[Kind, ...] = (
    # one line a module: its ALL, a tuple of Kinds
    *mapping_reviews.ALL,
    *mapping_pages.ALL,
    *mapping_storefront.ALL,
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to, be it an API's or a page's."""
    if mapping_pages.is_page(answer):
        mapping_pages.judge_page(answer)
    else:
        judge_api(answer)


def judge_api(answer: Answer) -> None:
    """Raise what an answer of the Commerce API that carries no data leads to."""
