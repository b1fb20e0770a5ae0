"""The Cafe24 API spider: products, stock, orders, returns and reviews over the Admin API."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET
from scrapy import Request
from scrapy.settings import BaseSettings

from shopscrape import values
from shopscrape.errors import CapReached, ConfigurationError, ShopscrapeError
from shopscrape.items import Order, Product
from shopscrape.malls import Secrets
from shopscrape.payload import Answer, Page
from shopscrape.session import Arguments
from shopscrape.spider import Ask, Read
from shopscrape.store.known import is_new
from shopscrape.walks import Stream, Sweep, Windowed
from shopscrape.windows import Leg
from spiders.cafe24 import API_VERSION, API_VERSION_OLD, DATE_TYPES, FACTS, MONTH, OVERLAP, mapping
from spiders.cafe24.auth import Cafe24Signer, check_mall_id, no_token
from spiders.cafe24.reviews import ReviewStreams

ADMIN = "/api/v2/admin"
PRODUCT_EMBEDS = "variants,options,discountprice,additionalimages"
ORDER_EMBEDS = "items,receivers,buyer,cancellation,return,exchange"
CALM = 5000
"""A window with more orders than this is halved although 16,000 can be paged to: less drifts while it is paged."""
OPEN_FOR = timedelta(days=180)
"""Open orders older than this are not read again: nothing happens to them any more."""


class Cafe24ApiSpider(ReviewStreams):
    """Collects a Cafe24 mall through its Admin API.

    Domain: Korean hosted shops, https://{mall_id}.cafe24api.com; several shops by shop_no inside one mall.
    Resources: products, inventory, orders, returns, reviews.
    Credentials: CLIENT_ID, CLIENT_SECRET, and once REFRESH_TOKEN.
    Arguments: mall, resources, since, sweep.
    Limits: 2 requests a second, bucket of 40, and a usage quota told in headers.
    Caveats: no "changed since" for orders, so 14 date windows and the open orders; a sweep shows deleted reviews.
    API documentation: https://developers.cafe24.com/docs/api/admin (read 2026-07-20)
    """

    name = "cafe24_api"
    facts = FACTS
    mapping: ClassVar[Any] = mapping
    offers = ("products", "orders", "inventory", "returns", "reviews")

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments. Raises: ConfigurationError, also where no token can be stored yet."""
        arguments = super().check(settings, given)
        check_mall_id(arguments.mall)
        secrets = Secrets(Path(settings["SHOPSCRAPE_MALLS"]))
        if is_new(settings["SHOPSCRAPE_STORE"]) and not secrets.of(arguments.mall, "REFRESH_TOKEN"):
            raise no_token(arguments.mall)
        return arguments

    def prepare_session(self) -> None:
        """Make the signer."""
        self.signer = Cafe24Signer(self.session, self.base_url)
        self.shops: dict[str, dict[str, Any]] = {}

    async def prepare(self) -> None:
        """Ask for the shops of the mall, their categories and review boards."""
        if values.now() > API_VERSION_OLD:
            self.session.report.notice(
                f"API version {API_VERSION} is old: a version dies at most a year after the next one appears."
            )
        wanted = [str(number) for number in self.session.mall.native.get("shops", ())]
        shops = mapping.shops(mapping.document(await self.fetch(self.call(f"{ADMIN}/shops"), "shops")))
        self.shops = {shop: told for shop, told in shops.items() if told["active"] and (not wanted or shop in wanted)}
        if not self.shops:
            raise ConfigurationError(f"Mall {self.session.mall.name} has no active shop {', '.join(wanted)}.")
        if "products" in self.session.resources:
            for shop in self.shops:
                self.shops[shop]["categories"] = await self._categories(shop)
        if "reviews" in self.session.resources:
            await self.prepare_boards()

    async def _categories(self, shop: str) -> dict[str, str]:
        names: dict[str, str] = {}
        for offset in range(0, 8001, 100):
            query = {"shop_no": shop, "limit": 100, "offset": offset}
            document = mapping.document(await self.fetch(self.call(f"{ADMIN}/categories", query), "categories"))
            names |= mapping.categories(document)
            if len(document.get("categories") or ()) < 100:
                return names
        self.session.report.fall_short(f"Shop {shop} has more categories than the 8,100 that can be paged to.")
        return names

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the asked resources need."""
        asked = set(self.session.resources)
        for shop in self.shops:
            if asked & {"products", "inventory"}:
                yield from self._product_streams(shop)
            if asked & {"orders", "returns"}:
                yield from self._order_streams(shop)
            if "reviews" in asked:
                yield from self.review_streams(shop)

    def _product_streams(self, shop: str) -> Iterator[Stream]:
        sweep = Sweep(retires=("products", "inventory"), catches_up="products_updated")
        stream = Stream("products", sweep, ("products", "inventory"), shop=shop)
        # Details cost a request each, so they are read when the catalogue is due as a whole, else for what changed.
        whole = "products" in self.session.resources and self._whole(stream)
        stream.notes["details"] = whole
        if whole or "inventory" in self.session.resources:
            if not whole:
                # Stock comes with its product, so that a deleted one is missed here, of which no date tells.
                stream.way, stream.resources = Sweep(retires=("products", "inventory")), ("inventory",)
            yield stream
        if not whole and "products" in self.session.resources:
            yield Stream("products_updated", Windowed(longest=MONTH, overlap=OVERLAP), ("products",), shop=shop)

    def _whole(self, stream: Stream) -> bool:
        only = Stream("products", stream.way, ("products",), shop=stream.shop)
        return isinstance(stream.way, Sweep) and stream.way.due(only, self.session)

    def _order_streams(self, shop: str) -> Iterator[Stream]:
        # By the day it was placed every order comes in the state it has now, so that the other dates only matter from
        # now on; the same goes for refunds and the day they were accepted.
        whole = Windowed(longest=MONTH, overlap=OVERLAP)
        recent = Windowed(longest=MONTH, overlap=OVERLAP, history=False)
        both = ("orders", "returns")
        # The open ones are chosen before this run stores any order.
        known = self.session.store.open_orders(
            self.facts.platform, self.session.mall.name, shop, values.now() - OPEN_FOR
        )
        for date_type in DATE_TYPES:
            way = whole if date_type == "order_date" else recent
            yield Stream(f"orders_by_{date_type}", way, both, reader="orders", shop=shop, date_type=date_type)
        if "returns" in self.session.resources:
            for date_type, way in (("accepted_refund_date", whole), ("refund_date", recent)):
                yield Stream(
                    f"refunds_by_{date_type}", way, ("returns",), reader="refunds", shop=shop, date_type=date_type
                )
        if known:
            yield Stream("orders_open", Sweep(), both, reader="open_orders", shop=shop, ids=known)

    def told(self, shop: str, **context: Any) -> dict[str, Any]:
        """Return what an Origin needs to know about a shop."""
        about = self.shops[shop]
        native = self.session.mall.native
        shared = {
            "storefront": about["domain"], "operators": native.get("operators", []), "currency": about["currency"],
            "mall_id": native["mall_id"],
        }  # fmt: skip
        if "categories" in about:
            shared["categories"] = about["categories"]
        return {"shop": shop, "currency": about["currency"], "context": shared | context}

    def lighter(self, ask: Ask, why: ShopscrapeError) -> Ask:
        """Ask a page that timed out with half its rows: heavy embeds with a large limit end in 504."""
        if why.code == "504" and ask.reader in ("products", "products_updated", "orders", "refunded", "open_orders"):
            at, limit = ask.about or (0, 100)
            return msgspec.structs.replace(ask, about=(at, max(10, limit // 2)))
        return ask

    def look_back(self) -> None:
        """A mall that sells and has no review keeps its reviews elsewhere."""
        report, here = self.session.report, {"platform": self.facts.platform, "mall": self.session.mall.name}
        sells = {"orders", "reviews"} <= set(self.session.resources) and report.rows("orders")
        if sells and not report.rows("reviews") and not self.session.store.count("reviews", **here):
            report.notice("The review boards are empty although there are orders: a review app may hold the reviews.")

    # -- products and stock -------------------------------------------------------------------------------------------

    def ask_products(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the next 100 products above a number; no depth is too deep for this."""
        since, limit = about or (0, 100)
        query = {"shop_no": stream.shop, "since_product_no": since, "limit": limit, "embed": PRODUCT_EMBEDS}
        return self.call(f"{ADMIN}/products", query)

    def read_products(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of the sweep; it ends with a page that is short or brings no number above the last."""
        since, limit = about or (0, 100)
        page = self.page("products", answer, **self.told(stream.shop))
        numbers = [int(record.product_id) for record in page.records if isinstance(record, Product)]
        # Numbers rise, so those above the last page's are new: a count is enough, a set would grow with the mall.
        leg.notes["found"] = leg.notes.get("found", 0) + sum(number > since for number in numbers)
        asks = self._details(stream, page)
        if page.size < limit or max(numbers, default=0) <= since:
            asks.append(Ask(reader="products_count"))
        else:
            asks.append(Ask(reader="products", about=(max(numbers), limit)))
        leg.notes["failed"] = leg.notes.get("failed", 0) + len(page.failed)
        return Read(page=page, asks=asks)

    def _details(self, stream: Stream, page: Page) -> list[Ask]:
        asks = []
        for record in page.records:
            if not isinstance(record, Product):
                continue
            if stream.notes.get("details"):
                asks.append(Ask(reader="product", about=record.product_id))
            asks += self._all_variants(record)
        return asks

    @staticmethod
    def _all_variants(record: Product) -> list[Ask]:
        """Return the question for the variants of a product whose embedded ones are cut at 100, and untell those."""
        if not isinstance(record.variants, list) or len(record.variants) < 100:
            return []
        record.variants = UNSET
        return [Ask(reader="variants", about=record)]

    def ask_products_count(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask how many products there are."""
        return self.call(f"{ADMIN}/products/count", {"shop_no": stream.shop})

    def read_products_count(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Hold the sweep against the total; what is missing is read once more, then it is a shortfall."""
        total = mapping.total(mapping.document(answer))
        found = leg.notes["found"] + leg.notes["failed"]
        if found >= total:
            return Read()
        if not leg.notes.get("again"):
            leg.notes |= {"again": True, "found": 0, "failed": 0}
            return Read(asks=[Ask(reader="products")])
        self._spoil(leg, f"products of shop {stream.shop}: {found} read, the mall counts {total}")
        return Read()

    def ask_product(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for what only the detail tells: description, categories, tags."""
        query = {"shop_no": stream.shop, "embed": PRODUCT_EMBEDS}
        return self.call(f"{ADMIN}/products/{int(about)}", query)

    def read_product(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read a product's detail."""
        page = self.page("products.detail", answer, product_id=about, **self.told(stream.shop))
        return Read(
            page=page, asks=[ask for one in page.records if isinstance(one, Product) for ask in self._all_variants(one)]
        )

    def ask_variants(self, stream: Stream, leg: Leg, about: Product) -> Request:
        """Ask for all variants of a product that has more than a list shows."""
        path = f"{ADMIN}/products/{int(about.product_id)}/variants"
        return self.call(path, {"shop_no": stream.shop, "embed": "inventories"})

    def read_variants(self, answer: Answer, stream: Stream, leg: Leg, about: Product) -> Read:
        """Read them; the product tells the price that their surcharges add to."""
        told = self.told(stream.shop, product=about)
        return Read(page=self.page("inventory.variants", answer, product_id=about.product_id, **told))

    def ask_products_updated(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for products changed inside a window, oldest change first."""
        offset, limit = about or (0, 100)
        query = self._changed(stream, leg)
        query |= {"sort": "updated_date", "order": "asc", "limit": limit, "offset": offset}
        return self.call(f"{ADMIN}/products", query | {"embed": PRODUCT_EMBEDS})

    def read_products_updated(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of changed products and ask for their details."""
        stream.notes["details"] = True
        page = self.page("products", answer, **self.told(stream.shop))
        ids = {record.product_id for record in page.records if isinstance(record, Product)}
        more = self._next(page, ids, leg, about or (0, 100), "products_updated", 5000, 4000)
        return Read(page=page, asks=self._details(stream, page) + more)

    # -- orders, claims, refunds --------------------------------------------------------------------------------------

    def ask_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for whole orders by one of the dates that a change moves."""
        offset, limit = about or (0, 100)
        query = self._dates(stream, leg) | {"date_type": stream.notes["date_type"]}
        return self.call(f"{ADMIN}/orders", query | {"limit": limit, "offset": offset, "embed": ORDER_EMBEDS})

    def read_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of orders."""
        page = self.page("orders", answer, **self.told(stream.shop))
        ids = {record.order_id for record in page.records if isinstance(record, Order)}
        return Read(page=page, asks=self._next(page, ids, leg, about or (0, 100), "orders", 15000, CALM))

    def _next(
        self, page: Page, ids: set[str], leg: Leg, about: tuple[int, int], reader: str, cap: int, calm: int
    ) -> list[Ask]:
        """Return the question after a page of an offset list; after a full first page it is the total."""
        offset, limit = about
        seen: set[str] = leg.notes.setdefault("ids", set())
        seen |= ids
        leg.notes["failed"] = leg.notes.get("failed", 0) + len(page.failed)
        if page.size < limit:
            return self._check_total(leg, reader)
        if "total" not in leg.notes:
            return [Ask(reader="window_count", about=(reader, offset + page.size, limit, calm))]
        if offset + page.size > cap:
            raise CapReached(f"more than the {cap} rows that can be paged to")
        return [Ask(reader=reader, about=(offset + page.size, limit))]

    def _check_total(self, leg: Leg, reader: str) -> list[Ask]:
        found, total = len(leg.notes["ids"]) + leg.notes["failed"], leg.notes.get("total", 0)
        if found >= total:
            return []
        if not leg.notes.get("again"):
            # Rows moved between pages while they were read. The total is asked again too: it may have shrunk.
            leg.notes["again"] = True
            del leg.notes["total"]
            return [Ask(reader=reader)]
        self._spoil(leg, f"{leg.stream} {leg.window}: {found} rows read, the mall counts {total}")
        return []

    def ask_window_count(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask how many rows the window has."""
        if about[0] == "products_updated":
            return self.call(f"{ADMIN}/products/count", self._changed(stream, leg))
        query = self._dates(stream, leg) | {"date_type": stream.notes["date_type"]}
        return self.call(f"{ADMIN}/orders/count", query)

    def read_window_count(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Halve a window that holds too much to page calmly, else go on."""
        reader, offset, limit, calm = about
        total = mapping.total(mapping.document(answer))
        if total > calm and stream.way.halve(stream, self.session, leg):
            leg.marks = []
            return Read()
        leg.notes["total"] = total
        return Read(asks=[Ask(reader=reader, about=(offset, limit))])

    def ask_refunds(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for refunds; only `accepted_refund_date` shows those that are not paid back yet."""
        offset, limit = about or (0, 100)
        query = self._dates(stream, leg) | {"date_type": stream.notes["date_type"]}
        return self.call(f"{ADMIN}/refunds", query | {"limit": limit, "offset": offset})

    def read_refunds(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Join refunds to their orders: a refund alone does not tell whether it was a cancel or a return."""
        offset, limit = about or (0, 100)
        rows = mapping.refunds(mapping.document(answer))
        by_order: dict[str, list[Any]] = {}
        for row in rows:
            by_order.setdefault(str(row.get("order_id")), []).append(row)
        asks = [Ask(reader="refunded", about=(by_order, 100))] if by_order else []
        if len(rows) == limit:
            if offset + limit > 15000:
                raise CapReached("more than the 15,500 refunds that can be paged to")
            asks.append(Ask(reader="refunds", about=(offset + limit, limit)))
        return Read(asks=asks)

    def ask_refunded(self, stream: Stream, leg: Leg, about: tuple[dict[str, list[Any]], int]) -> Request:
        """Ask for the orders of a page of refunds, at most 100 at once."""
        by_order, limit = about
        return self._orders_by_id(stream, list(by_order)[:limit])

    def read_refunded(self, answer: Answer, stream: Stream, leg: Leg, about: tuple[dict[str, list[Any]], int]) -> Read:
        """Read orders together with their refunds."""
        by_order, limit = about
        left = dict(list(by_order.items())[limit:])
        more = [Ask(reader="refunded", about=(left, limit))] if left else []
        return Read(page=self.page("orders", answer, **self.told(stream.shop, refunds=by_order)), asks=more)

    def ask_open_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask again for orders that are not in a final state: refusals and withdrawals move no date."""
        at, limit = about or (0, 100)
        return self._orders_by_id(stream, stream.notes["ids"][at : at + limit])

    def read_open_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and go on with the next hundred."""
        at, limit = about or (0, 100)
        more = [Ask(reader="open_orders", about=(at + limit, limit))] if at + limit < len(stream.notes["ids"]) else []
        return Read(page=self.page("orders", answer, **self.told(stream.shop)), asks=more)

    def _orders_by_id(self, stream: Stream, ids: list[str]) -> Request:
        query = {"shop_no": stream.shop, "order_id": ",".join(ids), "limit": len(ids), "embed": ORDER_EMBEDS}
        return self.call(f"{ADMIN}/orders", query)

    def _dates(self, stream: Stream, leg: Leg) -> dict[str, Any]:
        """Return a window as orders and refunds take it: KST without a zone, both ends included."""
        first, last = _ends(stream, leg)
        return {
            "shop_no": stream.shop,
            "start_date": f"{first:%Y-%m-%d %H:%M:%S}",
            "end_date": f"{last:%Y-%m-%d %H:%M:%S}",
        }

    def _changed(self, stream: Stream, leg: Leg) -> dict[str, Any]:
        """Return a window as products take it: ISO 8601, both ends included."""
        first, last = _ends(stream, leg)
        return {
            "shop_no": stream.shop, "updated_start_date": first.isoformat(), "updated_end_date": last.isoformat(),
        }  # fmt: skip


def _ends(stream: Stream, leg: Leg) -> tuple[datetime, datetime]:
    assert isinstance(stream.way, Windowed)
    window = stream.way.asked(leg)
    assert window.start and window.end
    last = max(window.start, window.end - timedelta(seconds=1))
    return window.start.astimezone(values.SEOUL), last.astimezone(values.SEOUL)
