"""The canonical records of what the emulated GMO MakeShop shows, made from the world and not from the answers."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from sandbox import makeshop_jp_ids as ids
from sandbox import makeshop_jp_payloads as payloads
from sandbox.canon import Canon, line, money, person
from sandbox.entities import Line, Order, Product, Review, Variant
from sandbox.world import World
from shopscrape import items, values, words

STATES = {"Y": "shipped", "C": "cancelled", "R": "returned"}
KINDS = {"C": "cancel", "R": "return"}


class Records(Canon):
    """Records of one mall."""

    def __init__(self, world: World, mall: str) -> None:
        super().__init__(world, "makeshop_jp", mall, currency="JPY", zone=ids.TOKYO)

    def product_id(self, product: Product) -> str:
        """Return the system's code."""
        return ids.system_code(product)

    def variant_id(self, product: Product, variant: Variant) -> str:
        """Return the seller's code of a variation, or its names."""
        return variant.code or ":".join(map(line, ids.items(product, variant)))

    def chosen(self, product: Product, variant: Variant) -> dict[str, str]:
        """Return the names of a variation; the shop's names of the two axes are not told with a product."""
        return {f"variation{place}": line(name) for place, name in enumerate(ids.items(product, variant), 1)}

    def options(self, product: Product) -> list[items.Option]:
        """Return the axes, two at most."""
        told = [self.chosen(product, one) for one in product.variants] if product.axes else []
        axes = list(told[0]) if told else []
        return [items.Option(name=axis, values=list(dict.fromkeys(one[axis] for one in told))) for axis in axes]

    def everything(self) -> dict[str, list[Any]]:
        """Return all records by resource."""
        products, trade = self.world.shown(), self.trade
        return {
            "products": [self.goods(one) for one in products],
            "inventory": [level for one in products for level in self.levels(one)],
            "orders": [self.sale(one)[0] for one in trade.orders],
            "returns": [claim for one in trade.orders for claim in self.sale(one)[1]],
            "reviews": [self.opinion(one) for one in trade.reviews],
        }

    # -- products and stock -------------------------------------------------------------------------------------------

    def goods(self, product: Product) -> items.Product:
        """Return a product. What is left of its variations is not told with it."""
        period = payloads.period(product)
        categories = [self.world.categories[no] for no in product.categories]
        switches = ",".join(f"{name}={period[name]}" for name in ("display", "isSellStart", "isSellEnd"))
        state: Any = {"suspended": "ended"}.get(product.state, product.state)
        if state == "on_sale" and product.plain and product.sold_out:
            state = "sold_out"
        return items.Product(
            **self.common, product_id=ids.system_code(product), code=product.code, group_id=None,
            name=values.line(product.name), status=state, status_raw=switches, price=Decimal(product.price),
            list_price=money(product.list_price), currency="JPY", manufacturer=values.line(product.maker),
            categories=[one.text for one in categories], category_ids=[str(one.no) for one in categories],
            images=payloads.images(product), url=f"{ids.SHOP}/shopdetail/{ids.system_code(product)}/",
            description=values.clean(product.description), options=self.options(product), barcode=product.barcode,
            variants=[] if product.plain else [self._variation(product, one) for one in product.variants],
            created_at=product.created_at, updated_at=product.changed_at,
        )  # fmt: skip

    def _variation(self, product: Product, variant: Variant) -> items.Variant:
        return items.Variant(
            variant_id=self.variant_id(product, variant), code=variant.code, options=self.chosen(product, variant),
            available=UNSET if product.state == "on_sale" else False, barcode=variant.barcode,
        )  # fmt: skip

    def levels(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock; of a variation without a code it cannot be told whose it is."""
        for variant in product.variants:
            known, quantity = product.plain or bool(variant.code), payloads.level(variant)
            left: Any = (quantity is None or quantity > 0) if known else UNSET
            yield items.Stock(
                **self.common, product_id=ids.system_code(product), options=self.chosen(product, variant),
                variant_id="" if product.plain else self.variant_id(product, variant),
                code=product.code if product.plain else variant.code, quantity=quantity if known else UNSET,
                managed=variant.managed if known else UNSET, barcode=variant.barcode,
                available=left if product.state == "on_sale" else False,
            )  # fmt: skip

    # -- orders and derived claims ------------------------------------------------------------------------------------

    def sale(self, order: Order) -> tuple[items.Order, list[items.Return]]:
        """Return an order and the claims that follow from the states of its shipments."""
        code = ids.payment(order)
        lines: list[items.OrderLine] = []
        returns: list[items.Return] = []
        goods = 0
        for one in ids.shipments(order):
            found = self._lines(order, one, code)
            lines += found
            goods += sum(ids.price(line_) * units for line_, units in one.goods)
            if one.state in KINDS:
                returns += self._claims(order, one, found, code)
        back = sum(one.refund_amount or 0 for one in returns)
        paid = max(order.due - back, Decimal()) if code not in ("", ids.CANCELLED, "1002") else Decimal()
        member = None if order.guest or ids.member(order) != order.buyer.member else order.buyer.member
        told = items.Order(
            **self.common, order_id=ids.order_number(order), channel="own", status_raw=code or None,
            status=words.order_status((one.kind, str(one.status)) for one in lines),  # type: ignore[arg-type]
            ordered_at=order.ordered_at, currency="JPY", items_total=Decimal(goods), total=Decimal(order.due),
            shipping_fee=Decimal(order.shipping_fee), discount=Decimal(goods + order.shipping_fee - order.due),
            paid=paid, payment_methods=[ids.PAYMENTS[order.methods[0]][0]], buyer=person(member=member),
            receiver_region=ids.prefecture(order.buyer).partition("(")[0].split()[0], lines=lines,
        )  # fmt: skip
        return told, returns

    def _lines(self, order: Order, one: ids.Shipment, code: str) -> list[items.OrderLine]:
        word = STATES.get(one.state) or ("cancelled" if code == ids.CANCELLED else "paid" if code else "placed")
        found = [self._line(each, units) for each, units in one.goods]
        seen: Counter[str] = Counter()
        for record in found:
            record.line_id = ":".join(filter(None, (one.number, record.product_id, record.variant_id or "")))  # type: ignore[arg-type]
            seen[record.line_id] += 1
            if seen[record.line_id] > 1:
                record.line_id += f":{seen[record.line_id]}"
            record.status, record.status_raw = word, one.state  # type: ignore[assignment]
            record.quantity_left = 0 if one.state in KINDS else record.quantity
            record.tracking_no, record.shipped_at = None if one.note else one.slip or None, one.main.shipped_at
        return found

    def _line(self, of: Line, units: int) -> items.OrderLine:
        product, variant = self.world.variant(of.variant)
        options = bought(of)
        return items.OrderLine(
            line_id="", product_id=ids.system_code(product), name=values.line(of.name), options=options, quantity=units,
            variant_id=variant.code or ":".join(options.values()) or None, code=variant.code or product.code,
            unit_price=Decimal(ids.price(of)), total=Decimal(ids.price(of) * units),
        )  # fmt: skip

    def _claims(
        self, order: Order, one: ids.Shipment, lines: list[items.OrderLine], code: str
    ) -> Iterator[items.Return]:
        worth = Decimal(sum(ids.price(line_) * units for line_, units in one.goods))
        for place, record in enumerate(lines):
            yield items.Return(
                **self.common, return_id=f"{record.line_id}:{KINDS[one.state]}", kind=KINDS[one.state],  # type: ignore[arg-type]
                order_id=ids.order_number(order), line_ids=[record.line_id], status="completed",
                status_raw=one.note or one.state, quantity=record.quantity, currency="JPY", derived=True,
                refund_amount=worth if not place and worth and code else None,
            )  # fmt: skip

    # -- reviews ------------------------------------------------------------------------------------------------------

    def opinion(self, review: Review) -> items.Review:
        """Return a review."""
        return items.Review(
            **self.common, review_id=str(review.no), product_id=ids.system_code(review.product),
            rating=money(review.rating), rating_raw=str(review.rating or 0), rating_scale=5,
            title=values.line(review.title), text=values.plain(review.text), author_label=review.label,
            written_at=review.written_at, written_on=self.day(review.written_at), channel="own", language="ja",
            flags=["hidden"] if "hidden" in review.flags else [], synthetic=False,
        )  # fmt: skip


def bought(of: Line) -> dict[str, str]:
    """Return the bought variation by name. Names and values are told apart by blanks, so none may hold any but the last
    value; else the whole text stands.
    """
    if not of.options:
        return {}
    names, chosen = ids.two([line(name) for name in of.options]), ids.two([line(one) for one in of.options.values()])
    if any(" " in text for text in (*names, *chosen[:-1])):
        return {"": line(ids.variation_name(of))}
    return dict(zip(names, chosen, strict=True))
