"""The canonical records of what the ERP API of an emulated WISA mall tells alone, made from the world."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from sandbox import canon, wisa_erp, wisa_sales
from sandbox import wisa_ids as ids
from sandbox import wisa_lines as lines
from sandbox.canon import line
from sandbox.entities import Order, Product, Variant
from sandbox.wisa_truth import Truth
from shopscrape import items, words


class ErpTruth:
    """What the ERP API alone tells: neither unpaid orders nor those under way, no reviews, no way of selling out."""

    def __init__(self, whole: Truth, broken: bool = False) -> None:
        self.whole = whole
        self.shop = whole.shop
        self.common = whole.common
        self.broken = broken
        """Whether orders whose memo breaks the document are not told."""

    def records(self) -> Mapping[str, list[Any]]:
        """Return everything by resource."""
        known = [one for one in self.shop.world.products if ids.product_stat(one) != "1"]
        readable = [one for one in self.shop.trade.orders if not (self.broken and wisa_erp.unreadable(one))]
        told = [(one, self._shown(one)) for one in readable]
        return {
            "products": [self._product(one) for one in known],
            "inventory": [level for one in known for level in self._stock(one)],
            "orders": [self._order(one, rows) for one, rows in told if rows],
            "returns": [claim for one, rows in told for claim in self._returns(one, rows)],
        }

    def _product(self, product: Product) -> items.Product:
        """Return a product; hidden ones and those in the bin are not told apart."""
        flags = {"2": ("on_sale", "T", "T"), "3": ("sold_out", "F", "F")}
        word, shown, sold = flags.get(ids.product_stat(product), ("hidden", "T", "F"))
        shelf = ids.shelves(product, self.shop.world.categories)[""]
        canonical = self.whole.canon.product(
            product, status=word, status_raw=f"disp_flag={shown},sell_flag={sold}", url=self.shop.link(product.no),
            category_ids=[str(shelf.no)], images=[ids.picture(product, "b")], updated_at=ids.modified_at(product),
            variants=[] if product.plain else [self._variant(product, one) for one in product.variants],
        )  # fmt: skip
        if not product.plain and self._commas(product):
            canonical.options = UNSET
        return canon.without(
            canonical,
            "discounted_price price_text brand manufacturer categories summary description text_options barcode tags",
        )

    @staticmethod
    def _commas(product: Product) -> bool:
        """Return whether the names of the options, printed with commas between, cannot be told apart."""
        return any("," in axis.name for axis in product.axes)

    def _options(self, product: Product, variant: Variant) -> dict[str, str]:
        if product.plain:
            return {}
        if self._commas(product):
            return {"": " / ".join(map(line, variant.values))}
        return self.whole.canon.chosen(product, variant)

    def _level(self, product: Product, variant: Variant) -> dict[str, Any]:
        on_sale = ids.product_stat(product) == "2"
        told = {"variant_id": ids.variant_id(product, variant), "options": self._options(product, variant)}
        if not ids.counted(product):
            return told | {"quantity": None, "managed": False, "available": on_sale}
        quantity = ids.quantity(variant)
        return told | {"quantity": quantity, "managed": True, "available": on_sale and quantity > 0}

    def _variant(self, product: Product, variant: Variant) -> items.Variant:
        return items.Variant(**self._level(product, variant))

    def _stock(self, product: Product) -> Iterator[items.Stock]:
        for variant in product.variants:
            told = self._level(product, variant)
            if product.plain:
                told |= {"variant_id": "", "code": product.code}
            yield items.Stock(**self.common, product_id=str(product.no), **told)

    # -- orders -------------------------------------------------------------------------------------------------------

    @staticmethod
    def _shown(order: Order) -> list[lines.Row]:
        listed = {code for codes in wisa_erp.ACTIONS.values() for code in codes}
        rows = wisa_sales.shown(order)
        claimed = lines.claim_changed_at(order) is not None
        return [row for row in rows if row.code in listed or (claimed and int(row.code) > 11)]

    def _order(self, order: Order, rows: list[lines.Row]) -> items.Order:
        listed = [self._line(row) for row in rows]
        told = [(one.kind, str(one.status)) for one in listed if one.status]
        claimed = any(int(row.code) > 11 for row in rows)
        label = lines.LABELS[lines.order_code(order, wisa_sales.shown(order))]
        paid = Decimal(lines.due(order) if order.paid_at else 0)
        checkout = wisa_sales.pay_type(order).startswith("네이버페이")
        return items.Order(
            **self.common, order_id=lines.order_id(order), channel="naver_pay" if checkout else UNSET,
            status=words.order_status(told) if told else UNSET, status_raw=label if claimed else UNSET,
            ordered_at=order.ordered_at, paid_at=order.paid_at, currency="KRW", paid=paid,
            payment_methods=["R" if order.methods[0] == "bank" else "C"], lines=listed,
            receiver_region=canon.region(order.receiver.region, order.receiver.city),
        )  # fmt: skip

    def _line(self, row: lines.Row) -> items.OrderLine:
        """Return a line; what it was before an open claim is not told."""
        of, under = row.line, row.code in lines.CLAIM_WORDS
        open_ = under and lines.CLAIM_WORDS[row.code][1] != "completed"
        word: Any = UNSET if open_ and row.code not in ("12", "21") else self.whole.word(row)
        variant: Any = self.shop.complex_of(of) or (UNSET if of.options else None)
        told = self.whole.amounts(row)
        if word is UNSET:
            told["quantity_left"] = UNSET
        return items.OrderLine(
            **told, product_id=None if of.kind == "component" else str(of.product), variant_id=variant,
            options=self._pairs(of.options), status=word, status_raw=lines.LABELS[row.code],
        )  # fmt: skip

    @staticmethod
    def _pairs(options: dict[str, str]) -> dict[str, str]:
        """Return what was chosen; as printed where a comma or colon inside a name makes it ambiguous."""
        if any(mark in text for pair in options.items() for text in pair for mark in ",:"):
            return {"": line(",".join(f"{name}:{value}" for name, value in options.items()))}
        return {line(name): line(value) for name, value in options.items()}

    def _returns(self, order: Order, rows: list[lines.Row]) -> Iterator[items.Return]:
        for row in rows:
            kind, phase = lines.CLAIM_WORDS.get(row.code, ("", ""))
            if kind:
                yield self.whole.claimed(order, row, kind, phase)
