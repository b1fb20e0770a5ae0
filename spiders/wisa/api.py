"""The WISA API spider: products, stock, orders, returns and reviews over the mall's Openapi and ERP API."""

from collections.abc import Iterator
from typing import Any

import msgspec
from scrapy import Request

from shopscrape.errors import ConfigurationError, NotFound, PageFailed, Refused
from shopscrape.payload import Answer
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream, Sweep
from shopscrape.windows import Leg
from spiders.wisa import PAGE, REST_HOST, REST_PATH, RIGHTS
from spiders.wisa.auth import WisaSigner
from spiders.wisa.goods import ProductStreams
from spiders.wisa.questions import document

BACKENDS = ("", "openapi", "erp", "rest")
GOODS = ("products", "inventory")
_NO = frozenset(("n", "0", "false", "f", "no", ""))


class WisaApiSpider(ProductStreams):
    """Collects a WISA mall through the APIs of the mall engine, with what the operator gave.

    Domain: Korean shops on a domain of their own; no central host.
    Resources: products, inventory, orders, returns; reviews with an admin account only.
    Credentials: ADMIN_ID and ADMIN_PASSWORD (Openapi), ERP_KEY (ERP API), or both, which is best.
    Arguments: mall, resources, since, sweep.
    Limits: none are known; 1 request a second, one at a time.
    Caveats: nothing tells which orders changed, so the last 45 days are listed again; claims have no own amounts.
    API documentation: none is public; docs/platforms/wisa.md tells what is known.
    """

    name = "wisa_api"
    offers = ("products", "orders", "inventory", "returns", "reviews")
    # The engine answers requests of one session one after the other, so more at once gain nothing.
    custom_settings = {"CONCURRENT_REQUESTS": 1}

    def prepare_session(self) -> None:
        """See which of both APIs can be used, and make the signer."""
        session = self.session
        backend = session.mall.backend
        if backend not in BACKENDS:
            raise ConfigurationError(
                f"Mall {session.mall.name} has backend {backend[:20]}: there are openapi, erp, rest, or none for all."
            )
        self.rest = backend == "rest"
        if self.rest:
            self._check_rest()
        admin = self._has("ADMIN_ID") and self._has("ADMIN_PASSWORD")
        self.openapi_is_there = not self.rest and (backend == "openapi" or (not backend and admin))
        self.erp_is_there = not self.rest and (backend == "erp" or (not backend and self._has("ERP_KEY")))
        needed = {"openapi": ("ADMIN_ID", "ADMIN_PASSWORD"), "erp": ("ERP_KEY",), "rest": ("REST_KEY",)}
        for name in needed.get(backend, ()):
            session.secrets.need(session.mall, name)
        if not (self.rest or self.openapi_is_there or self.erp_is_there):
            raise ConfigurationError(
                f"Mall {session.mall.name} needs ADMIN_ID and ADMIN_PASSWORD of a sub-admin (Openapi) or an ERP_KEY, "
                f"as SHOPSCRAPE_{session.mall.name.upper()}_… in the environment or in .env."
            )
        if not self.openapi_is_there:
            self._do_without_admin()
        self.wants_feed = bool(session.mall.native.get("ep_feed", not self.erp_is_there))
        self.refused_rights: set[str] = set()
        self.signer = WisaSigner(session, self.base_url)

    def _has(self, name: str) -> bool:
        return self.session.secrets.of(self.session.mall, name) is not None

    def _check_rest(self) -> None:
        mall = self.session.mall
        if mall.native.get("rest_beta") is not True:
            raise ConfigurationError(
                f"Mall {mall.name}: the central REST API of WISA was found in one document only, nobody is known to "
                "use it, and its whole shape is an assumption, so it is off. Use backend openapi or erp; to try it all "
                "the same, set rest_beta = true."
            )
        self.session.report.notice("The central REST API is unverified: its whole shape is an assumption.")

    def _do_without_admin(self) -> None:
        offered = GOODS if self.rest else self.offers[:-1]
        lacking = [name for name in self.session.resources if name not in offered]
        if set(lacking) == set(self.session.resources):
            raise ConfigurationError(
                f"Mall {self.session.mall.name}: {', '.join(lacking)} need ADMIN_ID and ADMIN_PASSWORD of a sub-admin."
            )
        for name in lacking:
            self.session.report.notice(f"{name} need an admin account (ADMIN_ID, ADMIN_PASSWORD); they are left out.")

    @property
    def base_url(self) -> str:
        """Return the address that paths are appended to: the mall's own domain."""
        if self.session.mall.backend == "rest" and not self.session.mall.base_url:
            return f"https://{REST_HOST}"
        return super().base_url

    async def prepare(self) -> None:
        """Ask what the admin account may see. What the list of rights does not name counts as granted (unverified)."""
        if not self.openapi_is_there:
            return
        try:
            told = document(await self.fetch(self.openapi("permissionList"), "rights"))
        except (Refused, NotFound, PageFailed):
            self.session.report.notice("The mall does not tell the rights of the admin account.")
            return
        rights = _flat(told)
        if str(rights.get("level")) in ("1", "2"):
            return
        for resource in self.session.resources:
            right = RIGHTS[resource]
            if right in rights and str(rights[right]).strip().lower() in _NO:
                self.refused_rights.add(resource)
                self.session.report.fall_short(
                    f"{resource}: the admin account lacks the right {right}; give it to the sub-admin."
                )

    def streams(self) -> Iterator[Stream]:
        """Yield the streams that the asked resources need and the account may see."""
        asked = set(self.session.resources) - self.refused_rights
        if self.rest:
            yield Stream(
                "products_rest", Sweep(retires=("products", "inventory")), ("products", "inventory"), reader="rest"
            )
            return
        if asked & set(GOODS):
            yield from self.product_streams()
        if asked & {"orders", "returns"}:
            yield from self.order_streams()
        if "reviews" in asked and self.openapi_is_there:
            yield from self.review_streams()

    # -- the central REST API, off and unverified ---------------------------------------------------------------------

    def ask_rest(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for a page of products."""
        return self.call(REST_PATH, {"page": about or 1, "limit": PAGE})

    def read_rest(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page; the last one is not full."""
        page = self.page("products.rest", answer)
        return Read(page=page, asks=[Ask(reader="rest", about=(about or 1) + 1)] if page.size >= PAGE else [])


def _flat(told: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of an answer and of the objects inside it."""
    found: dict[str, Any] = {}
    for name, value in msgspec.to_builtins(told).items():
        found |= _flat(value) if isinstance(value, dict) else {name: value}
    return found
