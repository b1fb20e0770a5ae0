"""Canonical records of the world's things: all that the world knows, to be corrected by what a platform tells.

An emulator derives a class that knows its native ids, and says per record what differs:

    class Records(canon.Canon):
        def order_id(self, order):
            return f"{order.no:08d}"

    records = Records(self.world, "toy", mall)
    canon.without(records.order(order, status_raw="S3", channel=UNSET), "completed_at receiver_region")

Named fields replace what the world says; `without` leaves fields untold. Fields are kept only where the platform's own
documents say that it tells them: what is taken over from here unread is a guess.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from sandbox.entities import Claim, Line, Order, Product, Review, Variant
from sandbox.sales import COURIERS
from sandbox.world import World
from shopscrape import items, values, words

R = TypeVar("R", bound=msgspec.Struct)


def without(record: R, fields: str) -> R:
    """Return the record with the named fields untold. Shape: "brand tags"; unknown names raise AttributeError."""
    for name in fields.split():
        getattr(record, name)
        setattr(record, name, UNSET)
    return record


def person(phone: str | None = None, email: str | None = None, member: str | None = None) -> str | None:
    """Return what a platform shows of a buyer, as records hold it before the scrub; None when it shows nothing."""
    told = {"phone": phone, "email": email, "member": member}
    told = {name: value for name, value in told.items() if value}
    return msgspec.json.encode(told).decode() if told else None


def line(text: str | None) -> str:
    """Return text as one plain line, "" when nothing is left."""
    return values.line(text) or ""


def money(amount: int | None) -> Decimal | None:
    """Return an amount, None where there is none."""
    return None if amount is None else Decimal(amount)


class Canon:
    """Records of one mall from one access."""

    def __init__(
        self, world: World, platform: str, mall: str, *, source: str = "api", currency: str = "KRW", shop: str = "",
        zone: ZoneInfo = values.SEOUL,
    ) -> None:  # fmt: skip
        self.world = world
        self.trade = world.trade(mall)
        self.currency = currency
        self.zone = zone
        self.common: dict[str, Any] = {
            "platform": platform, "mall": mall, "shop": shop, "source": source, "collected_at": world.anchor,
        }  # fmt: skip

    # -- native ids ---------------------------------------------------------------------------------------------------

    def product_id(self, product: Product) -> str:
        """Return the native number of a product."""
        return str(product.no)

    def variant_id(self, product: Product, variant: Variant) -> str:
        """Return the native id of a variant."""
        return str(variant.no)

    def order_id(self, order: Order) -> str:
        """Return the native number of an order."""
        return str(order.no)

    def line_id(self, order: Order, line: Line) -> str:
        """Return the native id of a line."""
        return str(line.no)

    def claim_no(self, order: Order, claim: Claim) -> str | None:
        """Return the native number of a claim, None where it has none."""
        return str(claim.no)

    def return_id(self, order: Order, claim: Claim, line: Line) -> str:
        """Return the identity of a claim's row: its number if it has one from the request on, else line:kind."""
        return f"{self.line_id(order, line)}:{claim.kind}"

    def review_id(self, review: Review) -> str:
        """Return the native id of a review."""
        return str(review.no)

    # -- products and stock -------------------------------------------------------------------------------------------

    def product(self, product: Product, **told: Any) -> items.Product:
        """Return a product with its variants; variants are [] when it has no options."""
        categories = [self.world.categories[no] for no in product.categories]
        known: dict[str, Any] = {
            "product_id": self.product_id(product), "code": product.code, "name": values.line(product.name),
            "status": product.status, "price": Decimal(product.price), "list_price": money(product.list_price),
            "discounted_price": money(product.discounted), "price_text": values.line(product.price_text),
            "currency": self.currency, "brand": values.line(product.brand), "manufacturer": values.line(product.maker),
            "categories": [" > ".join(map(line, category.path)) for category in categories],
            "category_ids": [str(category.no) for category in categories], "summary": values.plain(product.summary),
            "description": values.clean(product.description), "options": self.options(product),
            "text_options": [line(name) for name in product.text_options],
            "variants": [] if product.plain else [self.variant(product, one) for one in product.variants],
            "barcode": product.barcode, "tags": [line(tag) for tag in product.tags],
            "created_at": product.created_at, "updated_at": product.changed_at,
        }  # fmt: skip
        return items.Product(**self.common, **known | told)

    def options(self, product: Product) -> list[items.Option]:
        """Return the axes of a product."""
        return [items.Option(name=line(axis.name), values=[line(one) for one in axis.values]) for axis in product.axes]

    def chosen(self, product: Product, variant: Variant) -> dict[str, str]:
        """Return option name to chosen value."""
        return {line(name): line(value) for name, value in product.options(variant).items()}

    def variant(self, product: Product, variant: Variant, **told: Any) -> items.Variant:
        """Return a variant."""
        known: dict[str, Any] = {
            "variant_id": self.variant_id(product, variant), "code": variant.code, "quantity": variant.quantity,
            "options": self.chosen(product, variant), "price": Decimal(product.price + variant.surcharge),
            "managed": variant.managed, "available": self.available(product, variant), "barcode": variant.barcode,
        }  # fmt: skip
        return items.Variant(**known | told)

    def available(self, product: Product, variant: Variant) -> bool:
        """Return whether a guest could buy it now."""
        return product.state == "on_sale" and variant.on_sale and not variant.sold_out

    def stock(self, product: Product, **told: Any) -> Iterator[items.Stock]:
        """Yield the stock of each variant, or of the product when it has no options."""
        for variant in product.variants:
            known: dict[str, Any] = {
                "product_id": self.product_id(product), "code": variant.code,
                "variant_id": "" if product.plain else self.variant_id(product, variant),
                "options": self.chosen(product, variant), "quantity": variant.quantity, "managed": variant.managed,
                "available": self.available(product, variant), "safety_quantity": variant.safety,
                "low": variant.quantity is not None and 0 < variant.safety >= variant.quantity,
                "barcode": variant.barcode,
            }  # fmt: skip
            if product.plain:
                known["code"] = product.code
            yield items.Stock(**self.common, **known | told)

    # -- orders and claims --------------------------------------------------------------------------------------------

    def order(self, order: Order, **told: Any) -> items.Order:
        """Return an order with all its lines."""
        lines = told.pop("lines", None) or [self.line(order, one) for one in order.lines]
        discount, shipping = order.discount_now, order.shipping_now
        buyer = order.buyer
        known: dict[str, Any] = {
            "order_id": self.order_id(order), "external_id": order.external, "channel": order.channel,
            "status": words.order_status((one.kind, one.status) for one in lines), "ordered_at": order.ordered_at,
            "paid_at": order.paid_at, "completed_at": order.completed_at, "currency": self.currency,
            "items_total": Decimal(order.items_total), "shipping_fee": Decimal(shipping), "discount": Decimal(discount),
            "total": Decimal(order.items_total + shipping - discount), "points_used": Decimal(order.points),
            "paid": Decimal(order.due - order.refunded if order.paid_at else 0),
            "payment_methods": list(order.methods),
            "buyer": person(buyer.phone, buyer.email, None if order.guest else buyer.member),
            "receiver_region": region(order.receiver.region, order.receiver.city), "lines": lines,
        }  # fmt: skip
        return items.Order(**self.common, **known | told)

    def line(self, order: Order, of: Line, **told: Any) -> items.OrderLine:
        """Return one line."""
        product, variant = self.world.variant(of.variant)
        known: dict[str, Any] = {
            "line_id": self.line_id(order, of), "external_id": of.external, "kind": of.kind,
            "replaces": self.line_id(order, order.line(of.replaces)) if of.replaces else None,
            "product_id": self.product_id(product), "code": of.code, "name": values.line(of.name),
            "variant_id": None if product.plain else self.variant_id(product, variant),
            "options": {line(name): line(value) for name, value in of.options.items()}, "quantity": of.quantity,
            "quantity_left": of.left, "unit_price": Decimal(of.unit), "discount": Decimal(of.discount),
            "total": Decimal(of.total), "status": of.status, "shipped_at": of.shipped_at,
            "courier": COURIERS[of.parcels[0].courier] if of.parcels else None,
            "tracking_no": ",".join(parcel.tracking for parcel in of.parcels) or None,
            "delivered_at": of.delivered_at, "completed_at": of.completed_at,
        }  # fmt: skip
        return items.OrderLine(**known | told)

    def returns(self, order: Order, claim: Claim, **told: Any) -> Iterator[items.Return]:
        """Yield a row for each line of a claim; sums stand on the first."""
        for place, (no, units) in enumerate(claim.lines):
            of, first = order.line(no), place == 0
            known: dict[str, Any] = {
                "return_id": self.return_id(order, claim, of), "claim_no": self.claim_no(order, claim),
                "kind": claim.kind, "by": claim.by, "order_id": self.order_id(order),
                "line_ids": [self.line_id(order, of)], "status": claim.phase, "reason": claim.reason,
                "reason_text": values.plain(claim.text), "requested_at": claim.requested_at,
                "completed_at": claim.completed_at, "quantity": units,
                "refund_amount": money(claim.refund) if first else None, "refund_method": claim.method,
                "refunded_at": claim.refunded_at, "fee": money(claim.fee) if first and claim.fee else None,
                "tracking_no": claim.tracking, "currency": self.currency, "restocked": claim.restocked,
            }  # fmt: skip
            yield items.Return(**self.common, **known | told)

    # -- reviews ------------------------------------------------------------------------------------------------------

    def review(self, review: Review, **told: Any) -> items.Review:
        """Return a review with its answers; a secret one tells product, rating, dates and the flag."""
        product = self.world.products[review.product]
        order = self.trade.orders.get(review.order)
        secret = "secret" in review.flags
        known: dict[str, Any] = {
            "review_id": self.review_id(review), "external_id": review.external, "synthetic": False,
            "parent_review_id": self.parent_id(review), "product_id": self.product_id(product),
            "product_name": values.line(product.name), "order_id": self.order_id(order) if order else None,
            "order_line_id": self.line_id(order, order.line(review.line)) if order else None,
            "rating": money(review.rating), "rating_raw": None if review.rating is None else str(review.rating),
            "rating_scale": 5, "scores": dict(review.scores) or None,
            "title": None if secret else values.line(review.title),
            "text": None if secret else values.plain(review.text),
            "options": self.chosen(product, product.variant(review.variant)) if review.variant else None,
            "author": person(member=review.author.member if review.member else None), "author_label": review.label,
            "written_at": review.written_at, "written_on": self.day(review.written_at), "updated_at": review.edited_at,
            "media": None if secret else [items.Media(kind=kind, url=path) for kind, path in review.media()],  # type: ignore[arg-type]
            "helpful_count": review.helpful, "flags": list(review.flags), "replies": self.replies(review),
            "channel": review.channel, "language": "ko",
        }  # fmt: skip
        return items.Review(**self.common, **known | told)

    def parent_id(self, review: Review) -> str | None:
        """Return the native id of the review that this one follows up."""
        parent = self.trade.reviews.get(review.parent)
        return self.review_id(parent) if parent else None

    def replies(self, review: Review) -> list[items.Reply]:
        """Return the answers, oldest first."""
        return [
            items.Reply(text=values.plain(one.text) or "", written_at=one.at, by=one.by)  # type: ignore[arg-type]
            for one in review.replies
        ]

    def day(self, at: datetime) -> Any:
        """Return the day of a moment in the mall's zone."""
        return at.astimezone(self.zone).date()


def region(state: str, city: str) -> str:
    """Return 시/도 and 시군구; Sejong has no second level, its addresses go on with the street."""
    return f"{state} {city}" if city[-1:] in "시군구" else state
