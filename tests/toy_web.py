"""A spider of plain pages, for tests of what all page spiders share."""

import re
from types import SimpleNamespace

from shopscrape.errors import Blocked, LoginRequired, NotFound
from shopscrape.facts import FactSheet, Pages
from shopscrape.items import Review
from shopscrape.payload import Kind
from shopscrape.spider import Ask
from shopscrape.walks import NewestFirst, Stream
from shopscrape.web import WebSpider


def judge(answer):
    """Raise for what is no data."""
    if "nidlogin" in answer.headers.get("location", ""):
        raise LoginRequired("The shop asks for a log-in.")
    if b"captcha" in answer.body:
        raise Blocked("The shop shows a captcha.")
    if answer.status == 404:
        raise NotFound("gone")


def read(row, origin):
    """Read one review."""
    yield Review(
        **origin.common(), review_id=row.need("id"), product_id="1", text=row.plain("text"), rating=row.money("rating"),
        written_on=row.take("day"), synthetic=False,
    )  # fmt: skip


KIND = Kind(
    name="reviews", request="GET /reviews?page=", items=(Review,), rows=lambda page, _: page["rows"], read=read,
    expects=("text",),
)  # fmt: skip
FACTS = FactSheet(
    platform="toy", title="Toy", hosts=("api.toy.example",), pages=Pages(courtesy=50.0),
)  # fmt: skip


class ToyWebSpider(WebSpider):
    """Reads /reviews?page=1 and so on, of the mall's first url where it names some."""

    name = "toy_web"
    facts = FACTS
    mapping = SimpleNamespace(KINDS={"reviews": KIND}, judge=judge)
    offers = ("reviews",)

    def streams(self):
        """Yield one stream."""
        way = NewestFirst(key="product_id")
        yield Stream("reviews_of:1", way, ("reviews",), reader="reviews", product="1")

    def ask_reviews(self, stream, leg, about):
        """Ask for a page of reviews."""
        begin = self.addresses() or [f"{self.session.mall.storefront_url}/reviews"]
        return self.visit(f"{begin[0]}?page={about or 1}")

    def read_reviews(self, answer, stream, leg, about):
        """Read a page of reviews."""
        page = self.page("reviews", answer, product_id="1")
        if not about:
            stream.way.begin(stream, self.session, leg)
        total, last = (int(found) for found in re.findall(rb'"(?:total|last)": (\d+)', answer.body))
        marks = stream.way.take(stream, self.session, leg, page, total=total, last=bool(last))
        return self.next_page(stream, leg, page, marks, Ask(reader="reviews", about=(about or 1) + 1))
