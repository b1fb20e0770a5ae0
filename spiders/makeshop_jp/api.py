"""The GMO MakeShop spider for Japanese malls: products, stock, orders, derived claims and reviews over GraphQL."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from scrapy import Request
from scrapy.settings import BaseSettings

from shopscrape import values
from shopscrape.errors import ConfigurationError, PageFailed, ResourceRefused
from shopscrape.items import Order, Product, Review
from shopscrape.payload import Answer, Page
from shopscrape.session import Arguments, Session
from shopscrape.spider import ApiSpider, Ask, Read
from shopscrape.walks import OLDEST, Stream, Sweep, Windowed
from shopscrape.windows import Leg, Window, windows
from spiders.makeshop_jp import FACTS, LOOK_BACK, OVERLAP, ROWS, WEEK, mapping, queries
from spiders.makeshop_jp.auth import MakeshopJpSigner
from spiders.makeshop_jp.mapping_reviews import FIELDS

PATH = "/v1/graphql"


class Catalogue(Sweep, frozen=True, kw_only=True):
    """The whole catalogue, and after it the stock of variations, which need not be granted."""

    def legs(self, stream: Stream, session: Session) -> Iterator[Leg]:
        """Yield the products, then their quantities when stock is asked for."""
        began = values.now()
        for of in ("products", "inventory") if "inventory" in session.resources else ("products",):
            for leg in Sweep.legs(self, stream, session):
                # What either leg saw is there, so nothing is gone that was seen since the first began.
                gone = [msgspec.structs.replace(one, before=began) for one in leg.retire if one.resource == of]
                leg.retire, leg.name = gone, f"{leg.name}-{of}"
                leg.marks = leg.marks if of == "products" else []
                leg.notes["of"] = of
                yield leg


class Opened(Windowed, frozen=True, kw_only=True):
    """Windows that do not begin before the mall was opened, where malls.toml says when (`opened`)."""

    opened: datetime = OLDEST

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks join the stored ones."""
        start, joins = Windowed.start(self, stream, session)
        return max(start, self.opened), joins


class Following(Opened, frozen=True, kw_only=True):
    """Windows by the date of a payment: where every order is read anyhow (`since=all`), only new ones matter."""

    def start(self, stream: Stream, session: Session) -> tuple[datetime, bool]:
        """Return where this run begins, and whether its marks join the stored ones."""
        if session.arguments.since is not None:
            return Opened.start(self, stream, session)
        reached = [mark.upto for mark in stream.stored(session) if mark and mark.upto]
        now = values.now()
        return (min(reached) if reached else now - self.lag / session.mall.speed - timedelta(seconds=1)), True


class MakeshopJpApiSpider(ApiSpider):
    """Collects a GMO MakeShop mall through its GraphQL API.

    Domain: Japanese hosted shops, https://app-api.makeshop.jp; Korean MakeShop malls are of platform makeshop.
    Resources: products, inventory, orders, returns (derived), reviews (unverified shape).
    Credentials: TOKEN (PAT.…) and API_KEY.
    Arguments: mall, resources, since, sweep.
    Limits: none published; 1 request a second, one after the other.
    Caveats: nothing tells what changed, so the catalogue is read whole and orders of 60 days again; fields of reviews
        and of variations' stock are a guess.
    API documentation: https://developers.makeshop.jp/api/graphql (read 2026-07-20)
    """

    name = "makeshop_jp_api"
    facts = FACTS
    mapping: ClassVar[Any] = mapping
    offers = ("products", "orders", "inventory", "returns", "reviews")
    # The older API of the same shops blocks clients that do not wait for one answer before the next call.
    custom_settings = {"CONCURRENT_REQUESTS": 1}

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments. Raises: ConfigurationError."""
        arguments = super().check(settings, given)
        mall = arguments.mall
        if mall.backend not in ("", "graphql"):
            raise ConfigurationError(
                f"Mall {mall.name}: a GMO mall has no backend {mall.backend[:40]}; connect and openapi are of Korean "
                'malls, platform = "makeshop".'
            )
        for address in (mall.base_url, mall.storefront_url):
            host = urlsplit(address).hostname or ""
            if host.endswith(("makeshop.co.kr", "makeshop.com")):
                raise ConfigurationError(
                    f"Mall {mall.name}: {host} is Korean MakeShop, whose malls have nothing in common with GMO's; "
                    'write platform = "makeshop" and crawl it with makeshop_api.'
                )
        _opened(mall.name, mall.native.get("opened"))
        fields = mall.native.get("review_fields") or {}
        if not isinstance(fields, Mapping) or not set(fields) <= set(FIELDS):
            raise ConfigurationError(f"Mall {mall.name}: review_fields may name {', '.join(sorted(FIELDS))}.")
        return arguments

    def prepare_session(self) -> None:
        """Make the signer."""
        mall = self.session.mall
        self.signer = MakeshopJpSigner(self.session)
        self.opened = _opened(mall.name, mall.native.get("opened"))
        self.storefront = mall.storefront_url
        self.categories: dict[str, str] = {}
        self.buyable: dict[str, bool] = {}

    async def prepare(self) -> None:
        """Ask for the shop's address and its categories; a right that is missing for them is only told."""
        if not self.storefront:
            self.storefront = await self._told("getShop", queries.SHOP, mapping.shop_url) or ""
        if "products" in self.session.resources:
            self.categories = await self._told("getProductCategory", queries.CATEGORIES, mapping.categories) or {}

    async def _told(self, name: str, query: str, read: Any) -> Any:
        try:
            return read(mapping.document(await self.fetch(self.query(query), name)))
        except ResourceRefused as why:
            self.session.report.notice(f"{name} is not told: {why}")
            return None

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the asked resources need."""
        asked = set(self.session.resources)
        if asked & {"products", "inventory"}:
            way = Catalogue(retires=("products", "inventory"))
            yield Stream("products", way, ("products", "inventory"), reader="catalogue")
        if asked & {"orders", "returns"}:
            yield from self._order_streams()
        if "reviews" in asked:
            yield Stream("reviews", Sweep(retires=("reviews",)), ("reviews",))

    def _order_streams(self) -> Iterator[Stream]:
        both = ("orders", "returns")
        again = Stream("orders_again", Sweep(), both, reader="again")
        again.notes["windows"] = self._weeks()
        for date_type, kind in (("order_date", Opened), ("payment_date", Following)):
            way = kind(longest=WEEK, overlap=OVERLAP, opened=self.opened)
            yield Stream(f"orders_by_{date_type}", way, both, reader="orders", date_type=date_type)
        if again.notes["windows"]:
            yield again

    def _weeks(self) -> list[Window]:
        """Return the weeks whose orders were read by an earlier run and may have changed since."""
        if self.session.arguments.since_given or self.session.complete:
            return []
        marks = Stream("orders_by_order_date", Sweep(), ("orders", "returns")).stored(self.session)
        reached = [mark.upto for mark in marks if mark and mark.upto]
        if len(reached) < len(marks):
            return []
        return list(windows(max(min(reached) - LOOK_BACK, self.opened), min(reached) - OVERLAP, WEEK))

    # -- questions ----------------------------------------------------------------------------------------------------

    def query(self, text: str, variables: Mapping[str, Any] | None = None) -> Request:
        """Return an unsigned question."""
        body = {"query": text, "variables": {"input": variables} if variables else {}, "operationName": None}
        return self.call(PATH, method="POST", body=msgspec.json.encode(body))

    def _next(
        self, answer: Answer, operation: str, page: Page, ids: set[str], leg: Leg, ask: Ask, key: str = ""
    ) -> tuple[bool, list[Ask]]:
        """Return whether a list was read to its end, and the question that follows a page of it.

        However many rows are asked for, 200 come at most, so a short page is not the last: pages go on until they
        cover the count, or one is empty. What is missing then is read once more.
        """
        data = mapping.document(answer)
        for name in mapping.withheld(answer):
            self.session.report.notice(f"{operation}: {name} is not granted and stays untold.")
        total = mapping.count(data, operation)
        notes: dict[str, Any] = leg.notes.setdefault(
            f"pages {key}", {"ids": set(), "failed": 0, "rows": 0, "again": False}
        )
        fresh = ids - notes["ids"]
        number = ask.about[-1]
        if number > 1 and page.size and not fresh and not page.failed and not notes["again"]:
            raise PageFailed(f"page {number} repeats what was read before")
        notes["ids"] |= ids
        notes["failed"] += len(page.failed)
        notes["rows"] += page.size
        # When something was taken away while this went on, what came after it has moved by one.
        notes["shrank"] = notes.get("shrank") or (total is not None and total < notes.get("total", 0))
        notes["total"] = total or 0
        if page.size and (total is None or notes["rows"] < total):
            return False, [_turned(ask, number + 1)]
        found = len(notes["ids"]) + notes["failed"]
        if total is None or (found >= total and (notes["again"] or not notes["shrank"])):
            return True, []
        if not notes["again"]:
            notes |= {"again": True, "failed": 0, "rows": 0}
            return False, [_turned(ask, 1)]
        self._spoil(leg, f"{leg.stream} {leg.window}: {found} rows read, the shop counts {total}")
        return True, []

    # -- products and stock -------------------------------------------------------------------------------------------

    def ask_catalogue(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for products, or in the second leg for their stock."""
        text = queries.PRODUCTS if leg.notes["of"] == "products" else queries.QUANTITIES
        return self.query(text, {"page": (about or (1,))[-1], "limit": ROWS})

    def read_catalogue(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of either."""
        ask = Ask(reader="catalogue", about=about or (1,))
        if leg.notes["of"] == "products":
            context = {"storefront": self.storefront, "categories": self.categories}
            page = self.page("products", answer, context=context)
            ids = {one.product_id for one in page.records if isinstance(one, Product)}
            _, asks = self._next(answer, "searchProduct", page, ids, leg, ask)
            for one in page.records:
                if isinstance(one, Product) and isinstance(one.status, str):
                    self.buyable[one.product_id] = one.status in ("on_sale", "sold_out")
            return Read(page=page, asks=asks)
        page = self.page("inventory", answer, context={"buyable": self.buyable})
        # Variations without a code make no record, so the rows are counted.
        ids = mapping.counted(mapping.document(answer))
        _, asks = self._next(answer, "searchProductQuantity", page, ids, leg, ask)
        return Read(page=page, asks=asks)

    # -- orders -------------------------------------------------------------------------------------------------------

    def _dated(self, date_type: str, window: Window, number: int) -> Request:
        assert window.start and window.end
        name = "OrderDate" if date_type == "order_date" else "PaymentDate"
        last = max(window.start, window.end - timedelta(seconds=1))
        return self.query(
            queries.ORDERS,
            {
                f"start{name}": self._digits(window.start), f"end{name}": self._digits(last), "sortOrder": "ASC",
                "page": number, "limit": ROWS,
            },
        )  # fmt: skip

    def _digits(self, at: datetime) -> str:
        return f"{at.astimezone(self.facts.zone):%Y%m%d%H%M%S}"

    def _orders(self, answer: Answer, leg: Leg, ask: Ask, key: str = "") -> tuple[Page, bool, list[Ask]]:
        page = self.page("orders", answer)
        ids = {one.order_id for one in page.records if isinstance(one, Order)}
        ended, asks = self._next(answer, "searchOrder", page, ids, leg, ask, key)
        return page, ended, asks

    def ask_orders(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the orders of a window, and of the day before it."""
        assert isinstance(stream.way, Windowed)
        return self._dated(stream.notes["date_type"], stream.way.asked(leg), (about or (1,))[-1])

    def read_orders(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of them."""
        page, _, asks = self._orders(answer, leg, Ask(reader="orders", about=about or (1,)))
        return Read(page=page, asks=asks)

    def ask_again(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask again for orders of a week that an earlier run read."""
        place, number = about or (0, 1)
        return self._dated("order_date", stream.notes["windows"][place], number)

    def read_again(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read them, and go on with the next week."""
        place, number = about or (0, 1)
        page, ended, asks = self._orders(answer, leg, Ask(reader="again", about=(place, number)), str(place))
        if ended and place + 1 < len(stream.notes["windows"]):
            asks = [Ask(reader="again", about=(place + 1, 1))]
        return Read(page=page, asks=asks)

    # -- reviews ------------------------------------------------------------------------------------------------------

    def ask_reviews(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for reviews, with the mall's own query where it has one."""
        text = str(self.session.mall.native.get("review_query") or queries.REVIEWS)
        return self.query(text, {"page": (about or (1,))[-1], "limit": ROWS})

    def read_reviews(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of them."""
        context = {"fields": self.session.mall.native.get("review_fields") or {}}
        page = self.page("reviews", answer, context=context)
        ids = {one.review_id for one in page.records if isinstance(one, Review)}
        ask = Ask(reader="reviews", about=about or (1,))
        _, asks = self._next(answer, "searchReview", page, ids, leg, ask)
        return Read(page=page, asks=asks)


def _turned(ask: Ask, number: int) -> Ask:
    return Ask(reader=ask.reader, about=(*ask.about[:-1], number))


def _opened(mall: str, told: Any) -> datetime:
    """Return the first moment of the day that a mall says it was opened on. Raises: ConfigurationError."""
    if told is None:
        return OLDEST
    try:
        day = values.day(str(told))
    except ValueError:
        day = None
    if day is None:
        raise ConfigurationError(f'Mall {mall}: opened is a day such as "2019-05-01".')
    return values.day_start(day, FACTS.zone)
