"""The Naver SmartStore API spider: products, stock, orders and claims over the Commerce API."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from scrapy import Request

from shopscrape.errors import ResourceRefused, ShopscrapeError
from shopscrape.payload import Answer
from shopscrape.spider import Ask, Read
from shopscrape.store.known import stock_parts
from shopscrape.walks import Stream, Sweep
from shopscrape.windows import Leg
from spiders.naver import BASE, CATALOGUE_PAGE, CHANNELS, DETAIL, FACTS, OVERLAP, SEARCH, mapping
from spiders.naver import mapping_answers as answers
from spiders.naver.auth import NaverSigner
from spiders.naver.orders import OrderStreams


class NaverApiSpider(OrderStreams):
    """Collects a SmartStore through the Commerce API.

    Domain: api.commerce.naver.com; one account has channels, a SmartStore or brand store and a shopping window.
    Resources: products, inventory, orders, returns. There is no API for reviews: naver_web reads them off the pages.
    Credentials: CLIENT_ID, CLIENT_SECRET; account_id in the mall's table for an application of several sellers.
    Arguments: mall, resources, since, sweep.
    Limits: a rate for each application and API, told by headers; the address must be registered with the application.
    Caveats: the feed tells no deliveries, so open lines are read again; what was paid back is not told but derived.
    API documentation: https://apicenter.commerce.naver.com/docs (2.73.0 to 2.89.0, read 2026-10-12)
    """

    name = "naver_api"
    facts = FACTS
    mapping: ClassVar[Any] = mapping
    offers = ("products", "orders", "inventory", "returns")
    elsewhere: ClassVar[dict[str, str]] = {"reviews": "naver_web"}

    @property
    def base_url(self) -> str:
        """Return the address of the API; the mall's base_url stands in for it, such as …/partner for an API agency."""
        return self.session.mall.base_url.rstrip("/") or BASE

    def prepare_session(self) -> None:
        """Make the signer."""
        self.signer = NaverSigner(self.session, self.base_url)
        self.channels: dict[str, str] = {}

    async def prepare(self) -> None:
        """Ask for the channels of the account: products have their addresses below them."""
        if "products" not in self.session.resources:
            return
        try:
            self.channels = answers.channels(answers.document(await self.fetch(self.call(CHANNELS), "channels")))
        except ResourceRefused as why:
            self.session.report.notice(f"{why} Without seller information products have no address.")

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the asked resources need."""
        asked = set(self.session.resources)
        if asked & {"orders", "returns"}:
            yield from self.order_streams()
        if asked & {"products", "inventory"}:
            yield self._catalogue()

    def _catalogue(self) -> Stream:
        """Return the sweep of the catalogue: with the details of all products when it is due, else of some."""
        both = ("products", "inventory")
        # Either sweep sees every product, so the other need not look for changes before its begin.
        way = Sweep(retires=both, catches_up="products_list")
        stream = Stream("products", way, both, whole=True)
        if not way.due(stream, self.session):
            stream = Stream("products_list", way, both, reader="products", whole=False)
            ends = [mark.upto if mark else None for mark in stream.stored(self.session)]
            stream.notes["changed_since"] = min(end for end in ends if end) - OVERLAP if all(ends) else None
            stream.notes["parts"] = (
                stock_parts(self.session.store, self.facts.platform, self.session.mall.name, "")
                if "inventory" in self.session.resources
                else None
            )
        self.session.report.walked.append("product_details")
        return stream

    def ask_products(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of the catalogue, ordered by number, which does not drift while it is paged."""
        page, size = about or (1, CATALOGUE_PAGE)
        told = {"page": page, "size": size, "orderType": "NO"}
        headers = {"Content-Type": "application/json"}
        return self.call(SEARCH, method="POST", headers=headers, body=msgspec.json.encode(told))

    def read_products(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of the catalogue, and ask for the details that are wanted."""
        page_number, size = about or (1, CATALOGUE_PAGE)
        found = answers.search(answers.document(answer), page_number)
        plain = {one.number for one in found.products if self._plain(stream, one)}
        context = {"channels": self.channels, "detailed": True, "plain": plain}
        page = self.page("products", answer, context=context)
        asked: set[str] = leg.notes.setdefault("asked", set())
        asks = []
        for one in found.products:
            if one.number not in asked and one.number not in plain and self._wanted(stream, one):
                asked.add(one.number)
                asks.append(Ask(reader="product", about=one))
        leg.notes.setdefault("entries", set()).update(found.entries)
        leg.notes.setdefault("listed", set()).update(one.number for one in found.products)
        if not found.last:
            asks.append(Ask(reader="products", about=(page_number + 1, size)))
        else:
            asks += self._check(stream, leg, found.total, size)
        return Read(page=page, asks=asks)

    def _plain(self, stream: Stream, one: answers.Listed) -> bool:
        """Return whether the list tells all the stock of a product: it did not change and has no parts."""
        parts: dict[str, bool] | None = stream.notes.get("parts")
        return parts is not None and parts.get(one.number) is False and not self._changed(stream, one)

    def _wanted(self, stream: Stream, one: answers.Listed) -> bool:
        """Return whether a detail is asked: of everything, of what changed, and of what has or may have parts."""
        return stream.notes["whole"] or stream.notes["parts"] is not None or self._changed(stream, one)

    @staticmethod
    def _changed(stream: Stream, one: answers.Listed) -> bool:
        since: datetime | None = stream.notes.get("changed_since")
        return since is None or one.changed_at is None or one.changed_at >= since

    def _check(self, stream: Stream, leg: Leg, total: int | None, size: int) -> list[Ask]:
        """Hold the sweep against the total, which is a hint: what it counts is inferred.

        Rows that moved between pages are looked for once; then nothing is taken for gone.
        """
        if total is None or total <= max(len(leg.notes["entries"]), len(leg.notes["listed"])):
            return []
        if not leg.notes.get("again"):
            leg.notes["again"] = True
            return [Ask(reader="products", about=(1, size))]
        leg.retire = []
        self.session.report.notice(
            f"{stream.name}: {len(leg.notes['entries'])} products read, the store counts {total}; none goes for gone."
        )
        return []

    def ask_product(self, stream: Stream, leg: Leg, about: answers.Listed) -> Request:
        """Ask for the detail of a channel product."""
        return self.call(DETAIL.format(about.number))

    def read_product(self, answer: Answer, stream: Stream, leg: Leg, about: answers.Listed) -> Read:
        """Read it; the answer tells no number of its own, and its discount less well than the list."""
        context = {
            "channels": self.channels, "detailed": True, "origin_id": about.origin_id, "service": about.service,
            "shared": about.shared,
        }  # fmt: skip
        self.session.report.read["product_details"] += 1
        return Read(page=self.page("products.detail", answer, product_id=about.number, context=context))

    def lighter(self, ask: Ask, why: ShopscrapeError) -> Ask:
        """Ask a page of the catalogue that timed out in halves, down to a hundred rows."""
        if ask.reader == "products" and why.code.startswith(("GW.TIMEOUT", "504")):
            page, size = ask.about or (1, CATALOGUE_PAGE)
            if size >= 200 and size % 2 == 0:
                return msgspec.structs.replace(ask, about=(2 * page - 1, size // 2))
        return ask
