"""The canonical records of what the emulated Commerce API shows, made from the world and not from the answers."""

from decimal import Decimal
from typing import Any

import msgspec

from sandbox import naver_claims, naver_goods, naver_sales
from sandbox import naver_ids as ids
from sandbox import naver_people as people
from sandbox.canon import Canon, line, person, region, without
from sandbox.entities import Claim, Line, Order, Product, Variant
from shopscrape import items, values, words

WORDS = {"hidden": "hidden", "pending": "pending", "suspended": "suspended", "ended": "ended"}
MEANS = {
    "INTENT_CHANGED": "changed_mind", "COLOR_AND_SIZE": "wrong_option", "PRODUCT_UNSATISFIED": "dissatisfied",
    "DELAYED_DELIVERY": "late", "SOLD_OUT": "out_of_stock", "DROPPED_DELIVERY": "lost", "BROKEN": "damaged",
    "INCORRECT_INFO": "not_as_described", "WRONG_DELIVERY": "wrong_item", "NOT_YET_PAYMENT": "payment",
    "SALE_INTENT_CHANGED": "seller", "RECEIVER_MISMATCHED": "undeliverable", "UNDER_QUANTITY": "other",
    "WRONG_ORDER": "wrong_option", "ETC": "other",
}  # fmt: skip
PHASES = {
    "CANCEL_REQUEST": "requested", "RETURN_REQUEST": "requested", "EXCHANGE_REQUEST": "requested",
    "CANCELING": "accepted", "COLLECTING": "collecting", "COLLECT_DONE": "collected",
    "EXCHANGE_REDELIVERING": "reshipping", "CANCEL_DONE": "completed", "RETURN_DONE": "completed",
    "EXCHANGE_DONE": "completed", "CANCEL_REJECT": "withdrawn", "RETURN_REJECT": "rejected",
    "EXCHANGE_REJECT": "rejected",
}  # fmt: skip


class Records(Canon):
    """Records of one store."""

    def product_id(self, product: Product) -> str:
        """Return the channel product number."""
        return str(ids.channel_no(product))

    def variant_id(self, product: Product, variant: Variant) -> str:
        """Return the option's id."""
        return str(ids.option_no(variant))

    def everything(self) -> dict[str, list[Any]]:
        """Return all records by resource; what the shopping window sells as well is told once more, of one stock."""
        products = self.world.shown()
        goods, levels = [self.goods(one) for one in products], [level for one in products for level in self.levels(one)]
        windows = {str(ids.channel_no(one)): one for one in products if ids.windowed(one)}
        for level in levels:
            if level.product_id in windows:
                level.pool = str(ids.origin_no(windows[level.product_id]))
        goods += [self._in_window(one, windows[one.product_id]) for one in goods if one.product_id in windows]
        levels += [self._in_window(one, windows[one.product_id]) for one in levels if one.product_id in windows]
        return {
            "products": goods, "inventory": levels, "orders": [self.sale(one) for one in self.trade.orders],
            "returns": [claim for one in self.trade.orders for claim in self.claims(one)],
        }  # fmt: skip

    @staticmethod
    def _in_window(record: Any, product: Product) -> Any:
        number = ids.window_no(product)
        told = {"url": f"{ids.WINDOW_URL}/products/{number}"} if isinstance(record, items.Product) else {}
        return msgspec.structs.replace(record, product_id=str(number), **told)

    def goods(self, product: Product) -> items.Product:
        """Return a product as list and detail tell it together."""
        state = naver_goods.state(product)
        category = self.world.categories[product.categories[0]]
        record = self.product(
            product, origin_id=str(ids.origin_no(product)), status=product.status,
            status_raw=f"{state}, not displayed" if product.state == "hidden" else state,
            categories=[" > ".join(map(line, category.path))], category_ids=[str(category.no)],
            images=[naver_goods.image(path) for path in product.images],
            group_id=str(group) if (group := ids.group_no(product)) else None,
            url=f"https://smartstore.naver.com/{ids.STORE}/products/{ids.channel_no(product)}",
        )  # fmt: skip
        for one, variant in zip(record.variants or [], product.variants, strict=False):
            self._counted(one, product, variant)
            without(one, "barcode")
        if naver_goods.simple(product):
            group, names = naver_goods.SIMPLE
            record.options = [items.Option(name=group, values=[*names])]
        return without(record, "summary list_price price_text")

    def levels(self, product: Product) -> list[items.Stock]:
        """Return the stock of each option, or of the product."""
        found = list(self.stock(product))
        for one, variant in zip(found, product.variants, strict=True):
            self._counted(one, product, variant)
            without(one, "safety_quantity low" if product.plain else "safety_quantity low barcode")
        beside = naver_goods.supplement(product)
        if beside is not None:
            quantity = beside["stockQuantity"]
            found.append(
                items.Stock(
                    **self.common, product_id=self.product_id(product), variant_id=str(beside["id"]),
                    code=beside["sellerManagementCode"], options={beside["groupName"]: beside["name"]},
                    quantity=quantity, managed=True,
                    available=product.state == "on_sale" and not product.sold_out and beside["usable"] and quantity > 0,
                )
            )  # fmt: skip
        return found

    @staticmethod
    def _counted(told: Any, product: Product, variant: Variant) -> None:
        """Stock is counted for a product as a whole, and never negative."""
        counted = naver_goods.managed(product)
        told.managed, told.quantity = counted, max(variant.quantity or 0, 0) if counted else None
        if product.plain and not counted:
            # Without options there is no switch: the seller wrote a large number.
            told.managed, told.quantity = True, naver_goods.UNMANAGED
        told.available = product.state == "on_sale" and variant.on_sale and (told.quantity is None or told.quantity > 0)

    def sale(self, order: Order) -> items.Order:
        """Return an order out of its product orders."""
        lines = [self.position(order, one) for one in order.lines if ids.shown(one)]
        shown = [one for one in order.lines if ids.shown(one)]
        left = {one.no: naver_sales.remaining(one) for one in shown}
        goods = sum(one.unit * left[one.no] for one in shown)
        shares = sum(one.discount * left[one.no] // one.quantity for one in shown)
        shipping = order.shipping_fee if any(left.values()) else 0
        discount = shares + (order.coupon if any(left.values()) else 0)
        told = people.buyer(order)
        record = items.Order(
            **self.common, order_id=ids.order_no(order), channel="smartstore", channel_raw=str(ids.CHANNEL_NO), 
            ordered_at=order.ordered_at.replace(microsecond=123_000),
            paid_at=order.paid_at, currency="KRW", items_total=Decimal(goods), shipping_fee=Decimal(shipping),
            discount=Decimal(discount), total=Decimal(goods + shipping - discount), points_used=Decimal(order.points),
            # What was paid at first; no field tells what is left of it.
            paid=Decimal(order.due if order.paid_at else 0),
            payment_methods=[naver_sales.MEANS[order.methods[0]]],
            buyer=person(phone=told["ordererTel"], member=told["ordererNo"]),
            receiver_region=(
                people.region(order) or region(order.receiver.region, order.receiver.city)
                if people.accepted(order) else None
            ),
            lines=sorted(lines, key=lambda one: one.line_id),
        )  # fmt: skip
        record.status = words.order_status((one.kind, str(one.status)) for one in record.lines or [])  # type: ignore[assignment,union-attr]
        return record

    def position(self, order: Order, line_: Line) -> items.OrderLine:
        """Return a product order."""
        claim, _ = ids.claim_of(order, line_)
        state = naver_sales.state(line_, claim, order)
        word = {"failed": "cancelled", "on_hold": "preparing"}.get(line_.status, line_.status)
        first = line_.parcels[0] if line_.parcels else None
        main, code = line_, line_.code
        variant = str(ids.option_no(line_.variant)) if line_.options else None
        options = {line(name): line(value) for name, value in line_.options.items()}
        if line_.kind == "add_on":
            # Sold beside another line, in the name of that one's product.
            main, (group, name, code, _) = order.line(line_.bundle), naver_goods.SUPPLEMENT
            variant, options = str(ids.supplement_no(main.product)), {group: name}
        return items.OrderLine(
            line_id=ids.line_no(order, line_), kind=line_.kind, product_id=str(ids.channel_no(main.product)),
            variant_id=variant, code=code, name=values.line(main.name), options=options or None,
            quantity=line_.quantity, quantity_left=naver_sales.remaining(line_), unit_price=Decimal(line_.unit),
            discount=Decimal(line_.discount), total=Decimal(line_.total), status=word,  # type: ignore[arg-type]
            status_raw=state, courier=naver_claims.COURIERS[first.courier] if first else None,
            tracking_no=first.tracking if first else None,
            shipped_at=first.shipped_at.replace(microsecond=976_000) if first else None,
            delivered_at=line_.delivered_at, completed_at=line_.completed_at,
        )  # fmt: skip

    def claims(self, order: Order) -> list[items.Return]:
        """Return one row a product order and claim."""
        found = []
        for one in order.lines:
            claim, units = ids.claim_of(order, one)
            if claim is not None and ids.shown(one):
                found.append(self.claim_row(order, claim, one, units))
                if before := naver_claims.before(order, claim, one):
                    found.append(self.claim_row(order, before, one, one.quantity))
        return found

    def claim_row(self, order: Order, claim: Claim, line_: Line, units: int) -> items.Return:
        """Return the claim of a product order; what was paid back is derived, no field tells it."""
        state, reason = naver_claims.claim_state(claim), naver_claims.REASONS[claim.reason]
        fee = 0 if claim.kind == "cancel" else naver_claims.fee(order, claim, line_)
        taken = fee if naver_claims.method(claim) == naver_claims.DEDUCTED else 0
        refund = None
        if claim.phase == "completed" and claim.kind != "exchange" and order.paid_at:
            share = line_.unit * units - (line_.discount - line_.discount * (line_.quantity - units) // line_.quantity)
            refund = Decimal(max(share - taken, 0))
        number = ids.claim_no(order, claim, line_)
        record = items.Return(
            **self.common, return_id=number, kind=claim.kind, by=claim.by,  # type: ignore[arg-type]
            order_id=ids.order_no(order), line_ids=[ids.line_no(order, line_)], status=PHASES[state],
             # type: ignore[arg-type]
            status_raw=state, reason=MEANS[reason], reason_raw=reason, reason_text=values.plain(claim.text),
             # type: ignore[arg-type]
            requested_at=claim.requested_at, completed_at=claim.completed_at, quantity=units, refund_amount=refund,
            fee=None if claim.kind == "cancel" else Decimal(fee), currency="KRW", derived=refund is not None,
            tracking_no=claim.tracking if claim.kind != "cancel" else None,
        )  # fmt: skip
        return without(record, "refund_method refunded_at restocked")
