"""The canonical records of what an emulated WISA mall tells over its APIs, made from the world and not from answers."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from msgspec import UNSET

from sandbox import canon, wisa_goods, wisa_sales
from sandbox import wisa_ids as ids
from sandbox import wisa_lines as lines
from sandbox.canon import line, money
from sandbox.entities import Order, Product, Review, Variant
from sandbox.sales import COURIERS
from sandbox.wisa_goods import Shop
from shopscrape import items, values, words

STANDS = {
    "placed": "placed", "paid": "paid", "preparing": "preparing", "on_hold": "preparing", "shipped": "shipped",
    "delivered": "delivered", "completed": "delivered", "cancelled": "cancelled", "returned": "returned",
    "exchanged": "exchanged", "failed": "failed",
}  # fmt: skip
"""The world's word of a line to what the mall's states can tell: nothing is held, nothing is confirmed."""
PRODUCTS = {"2": "on_sale", "3": "sold_out", "4": "hidden", "5": "deleted"}


class Truth:
    """Records of one mall as its Openapi tells them, with times of changes where its ERP API is there too."""

    def __init__(self, shop: Shop, mall: str, host: str, erp_too: bool) -> None:
        self.shop = shop
        self.world = shop.world
        self.trade = shop.trade
        self.host = host
        """Where addresses without a host lead."""
        self.modified = erp_too
        self.feed = not erp_too
        """Without the ERP API, the feed for price comparison tells who changed, and a few things more."""
        self.canon = canon.Canon(shop.world, "wisa", mall)
        self.common = self.canon.common

    def records(self) -> Mapping[str, list[Any]]:
        """Return everything by resource."""
        products, orders = self.shop.listed(), [one for one in self.trade.orders if wisa_sales.shown(one)]
        return {
            "products": [self.product(one) for one in products],
            "inventory": [level for one in products for level in self.stock(one)],
            "orders": [self.order(one) for one in orders],
            "returns": [claim for one in orders for claim in self.returns(one)],
            "reviews": [self.review(one) for one in self.trade.reviews],
        }

    # -- products and stock -------------------------------------------------------------------------------------------

    def product(self, product: Product) -> items.Product:
        """Return a product. What a guest pays now, brand and number of reviews stand in the feed only."""
        shelves = ids.shelves(product, self.world.categories)
        stat = ids.product_stat(product)
        told: dict[str, Any] = dict.fromkeys(
            ("discounted_price", "brand", "manufacturer", "barcode", "updated_at", "review_count"), UNSET
        )
        if self.feed and stat == "2":
            told |= {
                "discounted_price": money(product.discounted), "brand": values.line(product.brand),
                "review_count": len(self.shop.published(product.no)), "updated_at": ids.modified_at(product),
            }  # fmt: skip
        if self.modified:
            told["updated_at"] = ids.modified_at(product)
        return self.canon.product(
            product, status=PRODUCTS[stat], status_raw=ids.PRODUCT_LABELS[stat], url=self.shop.link(product.no),
            images=[ids.picture(product, "b"), *ids.more_pictures(product)],
            categories=[" > ".join(map(line, shelf.path)) for shelf in shelves.values()],
            # The engine prints the numbers of the third classification in place of those of the second.
            category_ids=[str(shelf.no) for mark, shelf in shelves.items() if mark != "x"],
            variants=[] if product.plain else [self._variant(product, one) for one in product.variants], **told,
        )  # fmt: skip

    def _variant(self, product: Product, variant: Variant) -> items.Variant:
        return self.canon.variant(
            product, variant, code=UNSET, price=Decimal(ids.price(product, variant)), **self._level(product, variant)
        )

    @staticmethod
    def _level(product: Product, variant: Variant) -> dict[str, Any]:
        """Return what is told of a combination's stock: of what is not counted, only whether the product is sold."""
        on_sale = ids.product_stat(product) == "2"
        told = {
            "variant_id": ids.variant_id(product, variant),
            "quantity": None,
            "managed": False,
            "available": on_sale,
        }
        if not ids.counted(product):
            return told | {"barcode": UNSET}
        force, quantity = ids.force(product, variant), ids.quantity(variant)
        free = {"N": True, "Y": False, "L": quantity > 0}[force]
        return told | {
            "quantity": None if force == "N" else quantity, "managed": force != "N", "available": on_sale and free,
        }  # fmt: skip

    def stock(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock of each combination, or of the product itself."""
        for variant in product.variants:
            told = self._level(product, variant)
            if product.plain:
                told["variant_id"] = ""
            yield items.Stock(
                **self.common, product_id=str(product.no), code=product.code if product.plain else UNSET,
                options=self.canon.chosen(product, variant), **{"barcode": variant.barcode} | told,
            )  # fmt: skip

    # -- orders and claims --------------------------------------------------------------------------------------------

    def order(self, order: Order) -> items.Order:
        """Return an order with its lines; amounts are those of what no finished claim took out."""
        rows = wisa_sales.shown(order)
        arrived = lines.delivered_at(order, rows)
        told = [self._line(one, arrived) for one in rows]
        market = lines.channel(order)
        standing = [one for one in rows if one.standing]
        goods, discount = sum(one.price for one in standing), sum(one.discount for one in standing)
        member, email = wisa_sales.member(order), wisa_sales.email(order)
        return items.Order(
            **self.common, order_id=lines.order_id(order), channel=lines.MIRRORED[market[0]] if market else "own",  # type: ignore[arg-type]
            channel_raw=market[0] if market else None, status=self._word(told), currency="KRW",
            status_raw=lines.LABELS[lines.order_code(order, rows)], ordered_at=order.ordered_at,
            paid_at=order.paid_at or UNSET, items_total=Decimal(goods), shipping_fee=Decimal(order.shipping_now),
            discount=Decimal(discount), total=Decimal(goods + order.shipping_now - discount),
            points_used=Decimal(lines.points_now(order)), paid=Decimal(lines.due(order) if order.paid_at else 0),
            payment_methods=[line(wisa_sales.pay_type(order))],
            buyer=canon.person(wisa_sales.phone(order), email, member), lines=told,
            receiver_region=canon.region(order.receiver.region, order.receiver.city),
        )  # fmt: skip

    @staticmethod
    def _word(told: list[items.OrderLine]) -> Any:
        return words.order_status((one.kind, str(one.status)) for one in told)

    def _line(self, row: lines.Row, arrived: Any) -> items.OrderLine:
        of, word = row.line, self.word(row)
        own = of.kind == "component"
        first = of.parcels[0] if of.parcels else None
        there = arrived if word in ("delivered", "returned", "exchanged") else None
        return items.OrderLine(
            **self.amounts(row), product_id=None if own else str(of.product),
            variant_id=self.shop.complex_of(of) or None, code=None if own else self.world.products[of.product].code,
            options={line(name): line(value) for name, value in of.options.items()}, status=word,
            status_raw=lines.LABELS[row.code], courier=COURIERS[first.courier] if first else None,
            tracking_no=first.tracking if first else None, delivered_at=there,
        )  # fmt: skip

    def word(self, row: lines.Row) -> Any:
        """Return our word of a line: under an open claim the one before it."""
        kind, phase = lines.CLAIM_WORDS.get(row.code, ("", ""))
        return lines.ENDED[kind] if phase == "completed" else STANDS[row.line.status]

    def amounts(self, row: lines.Row) -> dict[str, Any]:
        """Return the number, name and amounts of a line."""
        return {
            "line_id": row.number, "name": values.line(row.line.name), "quantity": row.quantity,
            "quantity_left": row.quantity if row.standing else 0, "unit_price": Decimal(row.line.unit),
            "discount": Decimal(row.discount), "total": Decimal(row.price - row.discount),
        }  # fmt: skip

    def returns(self, order: Order) -> Iterator[items.Return]:
        """Yield the claim of each line that is under one. One that was taken back is told of single lines only, by the
        log; whether the shop refused it is not told."""
        rows = wisa_sales.shown(order)
        for row in rows:
            kind, phase = lines.CLAIM_WORDS.get(row.code, ("", ""))
            if not kind and len(rows) == 1 and row.claim is not None:
                kind, phase = row.claim.kind, "withdrawn"
            if kind:
                claim = row.claim or order.claims[-1]
                ended = claim.completed_at if phase == "completed" else UNSET
                yield self.claimed(order, row, kind, phase, requested_at=claim.requested_at, completed_at=ended)

    def claimed(self, order: Order, row: lines.Row, kind: str, phase: str, **told: Any) -> items.Return:
        """Return the claim of a line: there is no amount but that of the line itself."""
        money_back = phase == "completed" and kind != "exchange" and row.code != "13"
        return items.Return(
            **self.common, return_id=f"{row.number}:{kind}", kind=kind, order_id=lines.order_id(order),  # type: ignore[arg-type]
            line_ids=[row.number], status=phase, status_raw=lines.LABELS[row.code], quantity=row.quantity,  # type: ignore[arg-type]
            refund_amount=Decimal(row.price - row.discount) if money_back else UNSET, currency="KRW",
            derived=True, **told,
        )  # fmt: skip

    # -- reviews ------------------------------------------------------------------------------------------------------

    def review(self, review: Review) -> items.Review:
        """Return a review with its comments."""
        stat = ids.review_stat(review)
        first, second, inside = wisa_goods.pictures(review)
        pictures = [one for one in (first, second, *inside) if one and not one.startswith("data:")]
        raw = str(wisa_goods.rating(review))
        return self.canon.review(
            review, review_id=str(ids.review_no(review)), external_id=UNSET, parent_review_id=UNSET, order_id=UNSET,
            order_line_id=UNSET, rating=Decimal(raw), rating_raw=raw, scores=UNSET, title=values.line(review.title),
            text=values.plain(wisa_goods.content(review)), options=UNSET, updated_at=UNSET, channel=UNSET,
            language=UNSET, author=canon.person(member=review.author.member) if review.member else None,
            author_label=review.label if review.member else "비**",
            media=[items.Media(kind="image", url=urljoin(f"{self.host}/", one)) for one in pictures],
            flags={"1": ["pending"], "2": [], "3": ["best"], "4": ["popular"]}[stat],
            replies=[
                items.Reply(text=values.plain(one.text) or "", written_at=one.at, by=one.by)
                for one in wisa_goods.answers(review)
            ],
        )  # fmt: skip
