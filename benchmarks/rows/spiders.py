"""The two spiders of the benchmark: ours, and what a plain Scrapy project would write for the same rows."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from w3lib.html import remove_tags, replace_entities

from benchmarks.rows import mapping
from shopscrape.facts import FactSheet, StreamFact
from shopscrape.payload import Answer
from shopscrape.spider import ApiSpider, Ask, Read
from shopscrape.walks import Stream, Sweep
from shopscrape.windows import Leg

LANES = 4
"""Pages on their way at once, for both."""

FACTS = FactSheet(
    platform="bench", title="Bench", hosts=("bench.example",), native=("pages",), courtesy=1e6, burst=LANES,
    streams=(StreamFact(name="products", way="sweep", resources=("products",), rows_a_request=100),),
    floor="a request for each 100 products", sources=("benchmarks/rows/server.py",),
)  # fmt: skip


class BenchApiSpider(ApiSpider):
    """Walks numbered pages, four at once."""

    name = "bench_api"
    facts = FACTS
    mapping = mapping
    offers = ("products",)

    def streams(self) -> Iterator[Stream]:
        """Yield the one list."""
        yield Stream("products", Sweep(retires=("products",)), ("products",))

    def ask_products(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page."""
        return self.call("/products", {"page": about or 0})

    def read_products(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page and go on with the next of its lane."""
        pages, number = int(self.session.mall.native["pages"]), about or 0
        following = [*range(1, LANES), LANES] if not number else [number + LANES]
        asks = [Ask(reader="products", about=page) for page in following if page < pages]
        return Read(page=self.page("products", answer), asks=asks)


class PlainSpider(Spider):
    """Writes the same rows as plain dicts, one by one, as the tutorial does."""

    name = "plain"

    def __init__(self, url: str, pages: str) -> None:
        super().__init__()
        self.url, self.pages = url, int(pages)

    def page(self, number: int) -> Request:
        """Return the request of a page."""
        return Request(f"{self.url}/products?page={number}", cb_kwargs={"number": number})

    async def start(self) -> AsyncIterator[Any]:
        """Begin with the first page of each lane."""
        for number in range(min(LANES, self.pages)):
            yield self.page(number)

    def parse(self, response: Response, number: int) -> Iterator[Any]:
        """Yield the rows of a page, then the next page of its lane."""
        collected_at = datetime.now(UTC).isoformat()
        for product in json.loads(response.body)["products"]:
            yield {
                "platform": "bench", "mall": "bench", "shop": "", "source": "api", "source_url": response.url,
                "collected_at": collected_at, "product_id": str(product["product_no"]),
                "code": product["custom_product_code"], "name": text(product["product_name"]),
                "status": mapping.STATUS.get(product["sold_out"], "unknown"), "status_raw": product["sold_out"],
                "price": amount(product["price"]), "list_price": amount(product["retail_price"]), "currency": "KRW",
                "category_ids": [str(category["category_no"]) for category in product["category"]],
                "images": [product["detail_image"]], "summary": text(product["summary_description"]),
                "variants": [variant(one, product["price"]) for one in product["variants"]],
                "tags": [text(tag) for tag in product["product_tag"]],
                "created_at": utc(product["created_date"]), "updated_at": utc(product["updated_date"]),
            }  # fmt: skip
        if number + LANES < self.pages:
            yield self.page(number + LANES)


def variant(told: dict[str, Any], price: str) -> dict[str, Any]:
    """Return a variant of the plain spider."""
    return {
        "variant_id": told["variant_code"], "code": told["custom_variant_code"],
        "options": {text(option["name"]): text(option["value"]) for option in told["options"]},
        "price": amount(Decimal(price) + Decimal(told["additional_amount"])), "quantity": told["quantity"],
        "managed": told["use_inventory"] == "T",
        "available": told["display"] == told["selling"] == "T" and told["quantity"] > 0,
    }  # fmt: skip


def amount(told: str | Decimal) -> str:
    """Return an amount without trailing zeros."""
    return f"{Decimal(told).normalize():f}"


def text(told: str) -> str:
    """Return one line of plain text."""
    return " ".join(replace_entities(remove_tags(told)).split())


def utc(told: str) -> str:
    """Return a time in UTC."""
    return datetime.fromisoformat(told).astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
