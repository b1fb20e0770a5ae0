"""A rendered spider without a walk: its pages are rendered, then read like plain ones."""

import json

from toy_web import FACTS, KIND, judge

from shopscrape.rendered import RenderedSpider
from shopscrape.spider import Read
from shopscrape.walks import Stream, Sweep


class Mapping:
    """What a mapping module offers."""

    KINDS = {"reviews": KIND}
    judge = staticmethod(judge)


class ToyRenderedSpider(RenderedSpider):
    """Reads the number that a page's script writes, from each of the mall's urls."""

    name = "toy_rendered"
    facts = FACTS
    mapping = Mapping
    offers = ("reviews",)

    def streams(self):
        """Yield a stream for each address."""
        for number, url in enumerate(self.addresses()):
            yield Stream(f"page_of:{number}", Sweep(), ("reviews",), reader="page", url=url)

    def ask_page(self, stream, leg, about):
        """Open a page."""
        return self.render(stream.notes["url"])

    def read_page(self, answer, stream, leg, about):
        """Read what the script wrote."""
        written = answer.body.decode().partition('<b id="told">')[2].partition("</b>")[0]
        rows = [{"id": written, "text": "x", "rating": 5, "day": "2026-07-01"}] if written else []
        return Read(page=self.page("reviews", answer._replace(body=json.dumps({"rows": rows}).encode())))
