"""Stock of a WISA mall.

The Openapi tells it one product a request, with how each combination sells out; the ERP API tells it by the hundred and
without that, and only of products that are counted.
"""

from typing import Any

from msgspec import UNSET
from scrapy import Request

from shopscrape.items import Product, Stock, Variant
from shopscrape.payload import Answer, Page
from shopscrape.spider import Ask, Read
from shopscrape.walks import Stream
from shopscrape.windows import Leg
from spiders.wisa import PAGE
from spiders.wisa.mapping_products import on_sale
from spiders.wisa.questions import keep, without_records
from spiders.wisa.sales import OrderStreams

CHANGED = "products_changed"
BOTH = ("products", "inventory")


class StockStreams(OrderStreams):
    """The stock of the WISA spider; the streams of products ask for it."""

    def look_up(self) -> None:
        """Look up the products that are stored, and for each whether the stock of its variants is counted."""
        mine = (self.facts.platform, self.session.mall.name)
        store = self.session.store
        products = {row["product_id"]: row for row in store.read("products") if (row["platform"], row["mall"]) == mine}
        stock: dict[str, dict[str, bool | None]] = {}
        for row in store.read("inventory"):
            if (row["platform"], row["mall"]) == mine and row["source"] == "api":
                stock.setdefault(row["product_id"], {})[row["variant_id"]] = row["managed"]
        self.stored_products, self.stored_stock = products, stock

    # -- one product, by the Openapi ----------------------------------------------------------------------------------

    def ask_combinations(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the combinations that a product is sold in."""
        return self.openapi("productComplexOption", pno=about[0])

    def read_combinations(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read variants and stock."""
        number, known = about
        page = self.page("inventory", answer, product_id=number, context={"product": known})
        self.lost(stream, leg, number, page)
        return Read(page=page)

    def ask_stock(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the stock of a product that did not change otherwise."""
        return self.ask_combinations(stream, leg, about)

    def read_stock(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read it; a combination that is not known yet, or none where there were some, has the product read in full."""
        number, known = about
        stored = self.stored_stock.get(number, {})
        context = {"product": known, "thin": True}
        page = self.one_request(stream, self.page("inventory", answer, product_id=number, context=context))
        shown = {record.variant_id for record in page.records if isinstance(record, Stock)}
        if not shown and stored and not any(stored.values()):
            # The mall does not count this product: whether it can be bought follows from the list alone.
            return Read(page=page)
        if not shown or shown - stored.keys():
            return Read(page=without_records(page), asks=[Ask(reader="detail", about=(number, UNSET))])
        self.lost(stream, leg, number, page)
        return Read(page=page)

    def lost(self, stream: Stream, leg: Leg, number: str, page: Page) -> None:
        """Note stored combinations that the product no longer has; a sweep of everything finds them itself."""
        if stream.name == CHANGED and not page.failed:
            shown = {one.variant_id for one in page.records if isinstance(one, Stock) and one.product_id == number}
            lost = sorted(self.stored_stock.get(number, {}).keys() - shown)
            self.retire(leg, "inventory", *({"product_id": number, "variant_id": variant} for variant in lost))

    def lost_with_products(self, stream: Stream, leg: Leg, seen: set[str]) -> None:
        """A product that the list no longer has took its stock with it."""
        if stream.name == CHANGED:
            lost = sorted(self.stored_stock.keys() - seen)
            self.retire(leg, "inventory", *({"product_id": number} for number in lost))

    # -- by hundreds, by the ERP API ----------------------------------------------------------------------------------

    def ask_counted(self, stream: Stream, leg: Leg, about: list[str]) -> Request:
        """Ask which of the products that were not counted are counted now: the ERP API tells only those."""
        return self.erp("getStock", param=",".join(about))

    def read_counted(self, answer: Answer, stream: Stream, leg: Leg, about: list[str]) -> Read:
        """Read those in full."""
        page = self.one_request(stream, self.page("inventory.erp", answer))
        numbers = dict.fromkeys(one.product_id for one in page.records if isinstance(one, Stock))
        asks = [Ask(reader="detail", about=(number, UNSET)) for number in numbers]
        return Read(page=without_records(page), asks=asks)

    def levels(self, leg: Leg) -> list[Ask]:
        """Return questions for the stock of all products; those that are not counted are not answered."""
        if "inventory" not in self.session.resources:
            return []
        return by_hundreds("levels", sorted(self.stored_stock, key=_as_number))

    def ask_levels(self, stream: Stream, leg: Leg, about: list[str]) -> Request:
        """Ask for the stock of up to a hundred products."""
        return self.erp("getStock", param=",".join(about))

    def read_levels(self, answer: Answer, stream: Stream, leg: Leg, about: list[str]) -> Read:
        """Read it; deleted combinations are among the rows, so only those that the products told are kept.

        A product that was not counted and now is has other combinations: it is read in full.
        """
        states = {n: on_sale(row["status"]) for n, row in self.stored_products.items() if row["status"]}
        context = {"thin": True, "on_sale": states | leg.notes.get("states", {})}
        page = self.one_request(stream, self.page("inventory.erp", answer, context=context))
        told = dict.fromkeys(one.product_id for one in page.records if isinstance(one, Stock))
        keep(page, [self._known(record) for record in page.records])
        kept = {one.product_id for one in page.records if isinstance(one, Stock)}
        asks = [Ask(reader="numbered", about=number) for number in told if number not in kept]
        return Read(page=self._with_variants(page), asks=asks)

    def ask_numbered(self, stream: Stream, leg: Leg, about: str) -> Request:
        """Ask for one product."""
        return self.erp("getProduct", param=about)

    def read_numbered(self, answer: Answer, stream: Stream, leg: Leg, about: str) -> Read:
        """Read it."""
        page = self.page("products.erp", answer)
        if page.records:
            self.lost(stream, leg, about, page)
        return Read(page=page)

    def _known(self, record: Any) -> bool:
        return record.variant_id in self.stored_stock.get(record.product_id, {})

    def _with_variants(self, page: Page) -> Page:
        """Return a page of stock with the same levels at the variants of the products."""
        below: dict[str, list[Stock]] = {}
        for record in page.records:
            if isinstance(record, Stock) and record.variant_id:
                below.setdefault(record.product_id, []).append(record)
        for number, levels in below.items() if not page.failed else ():
            variants = [
                Variant(
                    variant_id=one.variant_id, quantity=one.quantity, managed=one.managed, available=one.available,
                    barcode=one.barcode,
                )
                for one in levels
            ]  # fmt: skip
            common = self.origin(url=page.origin.url).common()
            page.records.append(Product(**common, product_id=number, variants=variants))
            page.positions.append(0)
        return page


def by_hundreds(reader: str, numbers: list[str]) -> list[Ask]:
    """Return questions about products, a hundred each."""
    return [Ask(reader=reader, about=numbers[at : at + PAGE]) for at in range(0, len(numbers), PAGE)]


def may_count(stock: dict[str, bool | None]) -> bool:
    """Return whether the mall may count a product: ids of option numbers joined by "_" are the uncounted ones."""
    return any(stock.values()) or any(variant and "_" not in variant for variant in stock)


def _as_number(text: str) -> tuple[int, str]:
    return (int(text), text) if text.isdigit() else (0, text)
