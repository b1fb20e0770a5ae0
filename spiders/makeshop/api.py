"""The MakeShop API spider for Korean malls: products, stock, orders, returns and reviews."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.settings import BaseSettings

from shopscrape import values, words
from shopscrape.errors import ConfigurationError, ResourceRefused
from shopscrape.items import Product, Stock
from shopscrape.payload import Answer, Page
from shopscrape.session import Arguments
from shopscrape.spider import Ask, Read
from shopscrape.walks import OLDEST, Stream, Sweep
from shopscrape.windows import Leg, Retire
from spiders.makeshop import BACKENDS, FACTS, MONTH, OVERLAP, PRODUCT_ROWS, STOCK_ROWS, mapping
from spiders.makeshop.asking import Opened
from spiders.makeshop.auth import ConnectSigner, OpenApiSigner
from spiders.makeshop.orders import OrderStreams

STOCK_FIELDS = "uid,brandcode,sell_accept,display,quantity,option_type,options,stocks,review_count"
CHANGES = ("nmod", "reg", "deleted")
"""What a window of changed products asks one after the other: a product that was never changed has no change date."""
FAR = datetime(9999, 1, 1, tzinfo=UTC)


class MakeshopApiSpider(OrderStreams):
    """Collects a Korean MakeShop mall through the Shop API, or through the legacy Open API.

    Domain: Korean hosted shops; backend "connect" (default) on connect.makeshop.co.kr, "openapi" on the mall's domain.
    Resources: products, inventory, orders, returns, reviews.
    Credentials: CLIENT_ID and CLIENT_SECRET (connect), SHOPKEY and LICENSEKEY (openapi).
    Arguments: mall, resources, since, sweep.
    Limits: 1 request a second out of courtesy; 5 tokens a minute; openapi 500 reads an hour.
    Caveats: the code tables are not published, so statuses are derived from dates; GMO MakeShop (Japan) is another
        platform, makeshop_jp.
    API documentation: https://developer.makeshop.co.kr/docs/api (read 2026-07-20)
    """

    name = "makeshop_api"
    facts = FACTS
    offers = ("products", "orders", "inventory", "returns", "reviews")
    # Working clients ask one call after the other.
    custom_settings = {"CONCURRENT_REQUESTS": 1}

    @classmethod
    def check(cls, settings: BaseSettings, given: Mapping[str, Any]) -> Arguments:
        """Return the checked arguments. Raises: ConfigurationError."""
        arguments = super().check(settings, given)
        mall = arguments.mall
        backend = mall.backend or BACKENDS[0]
        if backend not in BACKENDS:
            raise ConfigurationError(
                f"Mall {mall.name}: backend is {' or '.join(BACKENDS)}, not {backend[:40]}; a Japanese (GMO) mall has "
                'platform = "makeshop_jp".'
            )
        for address in (mall.base_url, mall.storefront_url):
            host = urlsplit(address).hostname or ""
            if host == "makeshop.jp" or host.endswith(".makeshop.jp"):
                raise ConfigurationError(
                    f"Mall {mall.name}: {host} is GMO MakeShop (Japan), whose malls have nothing in common with Korean "
                    'ones; write platform = "makeshop_jp" and crawl it with makeshop_jp_api.'
                )
        if backend == "connect" and not isinstance(mall.native.get("shop_uid"), str):
            raise ConfigurationError(f'Mall {mall.name} needs a line shop_uid = "…" in the malls file.')
        if backend == "openapi" and not (mall.base_url or mall.storefront_url):
            raise ConfigurationError(
                f'Mall {mall.name}: the Open API answers on the mall\'s own domain; write base_url = "https://…".'
            )
        _check_words(mall.name, mall.native.get("line_status") or {})
        _opened(mall.name, mall.native.get("opened"))
        return arguments

    def prepare_session(self) -> None:
        """Make the signer."""
        mall = self.session.mall
        self.opened = _opened(mall.name, mall.native.get("opened"))
        self.shop = {
            "storefront": mall.storefront_url or (self.base_url if self.legacy else ""),
            "options": "",
            "orders": "",
        }
        if self.legacy:
            self.signer = OpenApiSigner(self.session)
        else:
            for name in ("CLIENT_ID", "CLIENT_SECRET"):
                self.session.secrets.need(mall, name)
            self.signer = ConnectSigner(self.session, self.base_url, mall.native["shop_uid"])
        self.categories: dict[str, str] = {}
        self.parcels_asked: dict[str, Leg] = {}

    @property
    def base_url(self) -> str:
        """Return the address below which the API answers: of the mall itself for the legacy one."""
        mall = self.session.mall
        return (mall.base_url or mall.storefront_url).rstrip("/") if self.legacy else super().base_url

    async def prepare(self) -> None:
        """Ask what the shop is, for its categories and for its review boards."""
        if not self.legacy:
            await self._ask_shop()
        if "products" in self.session.resources:
            try:
                told = mapping.document(await self.fetch(self.api("category"), "category"))
                self.categories = mapping.categories(told)
            except ResourceRefused as why:
                self.session.report.notice(f"Categories beyond the main one have no names: {why}")
        if "reviews" in self.session.resources:
            await self.prepare_reviews()

    async def _ask_shop(self) -> None:
        try:
            told = mapping.information(mapping.document(await self.fetch(self.api("information"), "information")))
        except ResourceRefused as why:
            self.session.report.notice(f"The shop does not tell its settings, the usual ones are assumed: {why}")
            return
        self.shop = told | ({"storefront": self.shop["storefront"]} if self.shop["storefront"] else {})
        if self.shop["storefront"] and "://" not in self.shop["storefront"]:
            self.shop["storefront"] = f"https://{self.shop['storefront']}"
        if self.first_version:
            self.session.report.notice("The shop has order version 1.0, which tells no claims.")
        if "파워" in told["options"]:
            self.session.report.notice("The shop has power options: stock is told for whole products only.")

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the asked resources need."""
        asked = set(self.session.resources)
        if asked & {"products", "inventory"}:
            yield from self._product_streams()
        if asked & {"orders", "returns"}:
            yield from self.order_streams()
        if "reviews" in asked:
            yield from self.review_streams()

    def _product_streams(self) -> Iterator[Stream]:
        sweep = Sweep(retires=("products", "inventory"), catches_up="products_updated")
        whole = Stream("products", sweep, ("products", "inventory"))
        if "products" in self.session.resources:
            if sweep.due(Stream("products", sweep, ("products",)), self.session):
                yield whole
                return
            yield Stream("products_updated", Opened(longest=MONTH, overlap=OVERLAP, opened=self.opened), ("products",))
        # What is sold changes no date, and yet whether a product is sold out.
        both = ("products", "inventory")
        yield Stream("inventory", Sweep(retires=both), both, reader="stock")

    # -- products -----------------------------------------------------------------------------------------------------

    def _context(self) -> dict[str, Any]:
        return {"storefront": self.shop["storefront"], "categories": self.categories}

    def ask_products(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for whole products, oldest registration first: new ones are added at the end while this goes on."""
        return self.api("product", [("orderByType", "asc"), ("limit", PRODUCT_ROWS), ("page", about or 1)])

    def read_products(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of the sweep."""
        number = about or 1
        page = self.page("products", answer, context=self._context())
        ask = Ask(reader="products", about=number)
        _, asks = self.next_page(answer, page, _products(page), leg, number, PRODUCT_ROWS, ask)
        return Read(page=page, asks=asks)

    def ask_stock(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the stock of a thousand products with all their variants."""
        query = [("fields", STOCK_FIELDS), ("orderByType", "asc"), ("limit", STOCK_ROWS), ("page", about or 1)]
        return self.api("product", query)

    def read_stock(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page of stock."""
        number = about or 1
        page = self.page("inventory", answer)
        ids = {record.product_id for record in page.records if isinstance(record, Stock)}
        ask = Ask(reader="stock", about=number)
        _, asks = self.next_page(answer, page, ids, leg, number, STOCK_ROWS, ask)
        return Read(page=page, asks=asks)

    # -- changed products ---------------------------------------------------------------------------------------------

    def ask_products_updated(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for what was modified, then for what was registered, then for what was deleted inside a window."""
        change, number = about or (CHANGES[0], 1)
        dates = self.window(stream, leg)
        if change == "deleted":
            return self.api("delete_product", [*dates, ("limit", STOCK_ROWS), ("page", number)])
        query: list[tuple[str, Any]] = [("InquiryType", change), *dates]
        query += [("sortType", "modify" if change == "nmod" else None), ("orderByType", "asc")]
        return self.api("product", [*query, ("limit", PRODUCT_ROWS), ("page", number)])

    def read_products_updated(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page; a deleted product is gone from the moment its window is stored."""
        change, number = about or (CHANGES[0], 1)
        kind, limit = ("products.deleted", STOCK_ROWS) if change == "deleted" else ("products", PRODUCT_ROWS)
        page = self.page(kind, answer, context=self._context())
        ids = _products(page)
        if change == "deleted":
            leg.retire += [
                self._gone(resource, number_) for number_ in sorted(ids) for resource in ("products", "inventory")
            ]
        ask = Ask(reader="products_updated", about=(change, number))
        ended, asks = self.next_page(answer, page, ids, leg, number, limit, ask, change)
        if ended and change != CHANGES[-1] and not leg.poison:
            following = CHANGES[CHANGES.index(change) + 1]
            asks = [Ask(reader="products_updated", about=(following, 1))]
        return Read(page=page, asks=asks)

    def _gone(self, resource: str, product: str) -> Retire:
        return Retire(
            platform=self.facts.platform, mall=self.session.mall.name, shop="", resource=resource, before=FAR,
            where={"product_id": product},
        )  # fmt: skip


def _products(page: Page) -> set[str]:
    return {record.product_id for record in page.records if isinstance(record, Product)}


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
    return values.day_start(day)


def _check_words(mall: str, table: Any) -> None:
    known = get_args(words.OrderStatus)
    if not isinstance(table, Mapping) or any(word not in known for word in table.values()):
        raise ConfigurationError(f"Mall {mall}: line_status maps basket_status codes to {', '.join(known)}.")
