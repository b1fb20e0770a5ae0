"""Naver SmartStore: what each kind of payload becomes, and what an answer that is no data leads to."""

import re
from urllib.parse import urlsplit

from shopscrape.payload import Answer, Kind
from spiders.naver import mapping_orders, mapping_pages, mapping_products, mapping_reviews, mapping_storefront
from spiders.naver.judging import judge_api

_API = re.compile(r"/v\d/(oauth2|products|pay-order|seller|standard-group-products)\b")
"""Paths of the Commerce API, whatever its answers look like: a gateway may send HTML."""

_ALL: tuple[Kind, ...] = (
    *mapping_products.ALL,
    *mapping_orders.ALL,
    *mapping_reviews.ALL,
    *mapping_pages.ALL,
    *mapping_storefront.ALL,
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to, be it an API's or a page's."""
    api = bool(_API.search(urlsplit(answer.url).path))
    if mapping_pages.is_page(answer) and not api:
        mapping_pages.judge_page(answer)
    else:
        mapping_pages.judge_call(answer, api)
        judge_api(answer)
