"""The Godomall5 API spider: products, stock, orders, returns and reviews over the openhub."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from shopscrape.errors import ConfigurationError, PageFailed, ResourceRefused
from shopscrape.payload import Answer
from shopscrape.walks import Stream
from spiders.godomall5 import BOARDS, BRANDS, CATEGORIES, CODES, FACTS, mapping
from spiders.godomall5.auth import Godomall5Signer
from spiders.godomall5.goods import ProductStreams

BACKENDS = ("", "openhub", "server")


class Godomall5ApiSpider(ProductStreams):
    """Collects a Godomall5 mall through the openhub; reviews also through the Server API.

    Domain: Korean hosted shops; the keys choose the mall, its own address is only needed to name its pages.
    Resources: products, inventory, orders, returns, reviews.
    Credentials: PARTNER_KEY, KEY; with backend = "server" also SYSTEM_KEY and ACCESS_TOKEN.
    Arguments: mall, resources, since, sweep.
    Limits: 100 calls a second are told, 5 are asked, two at a time.
    Caveats: the calling address must be registered; deleted products and posts show in a sweep only; no Plus Review.
    API documentation: https://devcenter.godo.co.kr/godomall5/openapi/spec (read in part, 2026-07-20)
    """

    name = "godomall5_api"
    facts = FACTS
    mapping: ClassVar[Any] = mapping
    offers = ("products", "orders", "inventory", "returns", "reviews")
    custom_settings = {"CONCURRENT_REQUESTS": 2}

    def prepare_session(self) -> None:
        """Make the signer, and check what the malls file says."""
        mall = self.session.mall
        if mall.backend not in BACKENDS:
            raise ConfigurationError(
                f"Mall {mall.name} has backend {mall.backend[:20]}: there are openhub (the usual one) and server."
            )
        self.server = mall.backend == "server"
        if self.server:
            self.further_urls = (self.server_url,)
            self.session.report.notice("Reviews come over the Server API, which is unverified throughout.")
        self.boards = self.named_boards()
        domain = mall.native.get("domain")
        storefront = mall.storefront_url or (f"https://{domain}" if domain else "")
        self.external: Counter[str] = Counter()
        self.shopfront = {"storefront": storefront} if storefront else {}
        self.catalogue = self.shopfront | {"external": self.external}
        self.codes = {}
        self.asked_below = set()
        self.signer = Godomall5Signer(self.session, self.server)

    async def prepare(self) -> None:
        """Ask for the mall's own codes; without the right to one of these calls its names stay untold."""
        asked = set(self.session.resources)
        if "products" in asked:
            self.catalogue |= await self._tables(categories=(CATEGORIES, {}), brands=(BRANDS, {}))
        if asked & {"orders", "returns"}:
            self.codes = await self._tables(
                claim_codes=(CODES, {"code_type": "claimCode"}), couriers=(CODES, {"code_type": "deliveryCompany"})
            )
        if "reviews" in asked and not self.server:
            found = await self._table("boards", BOARDS, {})
            if found is not None:
                self.check_boards(found.body)

    async def _tables(self, **wanted: tuple[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        tables = {}
        for name, (path, fields) in wanted.items():
            answer = await self._table(name, path, fields)
            if answer is not None:
                tables[name] = mapping.names(answer.body)
        return tables

    async def _table(self, name: str, path: str, fields: dict[str, str]) -> Answer | None:
        try:
            return await self.fetch(self.openhub(path, **fields), name)
        except (ResourceRefused, PageFailed) as why:
            self.session.report.notice(f"The mall does not tell its {name.replace('_', ' ')}: {why}")
            return None

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the asked resources need."""
        asked = set(self.session.resources)
        if asked & {"products", "inventory"}:
            yield from self.product_streams()
        if asked & {"orders", "returns"}:
            yield from self.order_streams()
        if "reviews" in asked:
            yield from self.server_streams() if self.server else self.review_streams()

    def look_back(self) -> None:
        """Say what the mall's products count that this spider does not read."""
        for company, number in self.external.items():
            self.session.report.notice(f"{number} reviews are kept by {company} outside of the mall and are not read.")
