"""The canonical records of what the emulated openhub shows, made from the world and not from the answers."""

from decimal import Decimal
from typing import Any

from msgspec import UNSET

from sandbox import godomall5_ids as ids
from sandbox.canon import Canon, line, money, person, region, without
from sandbox.entities import Order, Product, Review
from sandbox.godomall5_answers import Answers
from sandbox.godomall5_server import Reviews, listed
from sandbox.godomall5_shops import Shop
from sandbox.sales import COURIERS
from sandbox.world import World
from shopscrape import items, values, words


def state(product: Product, answers: Answers) -> Any:
    """Return our word: sold out comes before hidden and stopped."""
    if ids.managed(product) and sum(one.quantity or 0 for one in product.variants) <= 0:
        return "sold_out"
    return "hidden" if product.state == "hidden" else "on_sale" if product.state == "on_sale" else "suspended"


WORDS = {
    "o": "placed", "p": "paid", "g": "preparing", "d1": "shipped", "d2": "delivered", "s": "completed",
    "c": "cancelled",
    "f": "failed",
}  # fmt: skip
PHASES = {
    "b1": "requested", "b2": "collecting", "b3": "on_hold", "b4": "collected", "e1": "requested", "e2": "collecting",
    "e3": "reshipping", "e4": "on_hold", "e5": "completed", "r1": "refunding", "r2": "on_hold", "r3": "completed",
    "c1": "completed", "c2": "completed", "c3": "completed", "c4": "completed",
}  # fmt: skip
BY = {"c1": "platform", "c2": "seller", "c3": "seller", "c4": "buyer"}


class Records(Canon):
    """Records of one mall; `host` is its storefront."""

    def __init__(self, world: World, mall: str, host: str, shop: Shop) -> None:
        super().__init__(world, "godomall5", mall)
        self.mall = mall
        self.host = host or f"https://{ids.DOMAIN}"
        self.shop = shop

    def product_id(self, product: Product) -> str:
        """Return the product's number."""
        return ids.goods_no(product)

    def everything(self, answers: Answers) -> dict[str, list[Any]]:
        """Return all records by resource."""
        products = self.world.shown()
        shown = [one for one in self.trade.reviews if not {"hidden", "pending"} & set(one.flags)]
        orders = [] if "Order_Search" in self.shop.denied else list(self.trade.orders)
        newer = Reviews(self.world, "godomall5", self.mall)
        return {
            "products": [self.goods(one, answers) for one in products],
            "inventory": [level for one in products for level in self.levels(one, answers)],
            "orders": [self.sale(one) for one in orders],
            "returns": [claim for one in orders for claim in self.claims(one)],
            "reviews": [newer.opinion(one, self.host) for one in listed(shown)] if self.shop.server
            else [self.opinion(one) for one in shown],
        }  # fmt: skip

    def goods(self, product: Product, answers: Answers) -> items.Product:
        """Return a product with categories and brand by name."""
        codes = [ids.category_code(self.world.categories[no], self.world) for no in product.categories]
        record = self.product(
            product, category_ids=codes, images=[f"https://{ids.DOMAIN}/data/goods{path}" for path in product.images],
            url=f"{self.host}/goods/goods_view.php?goodsNo={ids.goods_no(product)}",
            price=None if product.price_text else Decimal(product.price), review_count=answers.counts(product.no),
            status=state(product, answers), status_raw=self._flags(product, answers),
            # XML knows one kind of line end.
            description=values.clean(self._spelt(product.description.replace("\r\n", "\n"))),
        )  # fmt: skip
        for one, variant in zip(record.variants or [], product.variants, strict=False):
            without(one, "barcode")
            if not ids.managed(product):
                one.managed, one.quantity = False, None
                one.available = product.state == "on_sale" and variant.on_sale
        # Categories and brands are told as codes; what a code means, the mall may not tell.
        for denied, field in (("Category_Search", "categories"), ("Brand_Search", "brand")):
            if denied in self.shop.denied:
                without(record, field)
        return without(record, "barcode")

    def _spelt(self, html: str) -> str:
        """Return HTML as an encoding can spell it: the entities of what it cannot are HTML too."""
        return html.encode("cp949", "xmlcharrefreplace").decode("cp949") if self.shop.old else html

    @staticmethod
    def _flags(product: Product, answers: Answers) -> str:
        told = answers.goods(product)
        names = ("soldOutFl", "goodsDisplayFl", "goodsDisplayMobileFl", "goodsSellFl", "goodsSellMobileFl", "stockFl")
        return ",".join(f"{name}={told[name]}" for name in names)

    def levels(self, product: Product, answers: Answers) -> list[items.Stock]:
        """Return the stock of each combination, or of the product."""
        found = list(self.stock(product))
        for one, variant in zip(found, product.variants, strict=True):
            without(one, "barcode")
            if not variant.safety or product.plain:
                without(one, "safety_quantity low")
            if not ids.managed(product):
                one.managed, one.quantity = False, None
                if variant.safety and not product.plain:
                    one.low = False
                one.available = product.state == "on_sale" and variant.on_sale
        return found

    def sale(self, order: Order) -> items.Order:
        """Return an order as it was placed: the openhub tells no other sums."""
        own = [one for one in order.lines if one.kind != "replacement"]
        goods = sum(one.unit * one.quantity for one in own)
        discount = sum(one.discount for one in own) + order.coupon
        lines = [self.position(order, place) for place in ids.positions(order)]
        lines += [
            items.OrderLine(
                line_id=f"gift:{one.no}", kind="gift", code=one.code or None, name=values.line(one.name), quantity=1
            )
            for one in order.lines if one.kind == "gift"
        ]  # fmt: skip
        record = items.Order(
            **self.common, order_id=ids.order_no(order),
            external_id=order.external if order.channel in ids.CHANNELS else None,
            channel=order.channel if order.channel in ids.CHANNELS else "own",
            channel_raw=ids.CHANNELS.get(order.channel, "shop"), ordered_at=order.ordered_at, paid_at=order.paid_at,
            currency="KRW", items_total=Decimal(goods), shipping_fee=Decimal(order.shipping_fee),
            discount=Decimal(discount),
            total=Decimal(goods + order.shipping_fee - discount), points_used=Decimal(order.points),
            paid=Decimal(order.due if order.paid_at else 0), payment_methods=[ids.METHODS[order.methods[0]]],
            buyer=person(order.buyer.phone, order.buyer.email, None if order.guest else order.buyer.member),
            receiver_region=region(order.receiver.region, order.receiver.city),
            lines=sorted(lines, key=lambda one: one.line_id),
        )  # fmt: skip
        record.status = words.order_status((one.kind, str(one.status)) for one in record.lines or [])  # type: ignore[assignment,union-attr]
        record.status_raw = ids.status(order, ids.positions(order)[0])
        return record

    def position(self, order: Order, place: ids.Position) -> items.OrderLine:
        """Return a line."""
        one, claim, code = place.line, place.claim, ids.status(order, place)
        first = one.parcels[0] if one.parcels else None
        done = claim is not None and claim.phase == "completed"
        word: Any = WORDS.get(code) or WORDS.get(code[0])
        if claim and code == "c4" and not done:
            # Asked for and not granted yet: there is no time of cancellation.
            word = WORDS[ids.STEPS[claim.before][0]]
        if one.kind == "replacement":
            word = one.status
        elif claim and code[0] in "ber":
            word = {"cancel": "cancelled", "return": "returned", "exchange": "exchanged"}[claim.kind] if done else None
            word = word or WORDS.get(ids.STEPS[claim.before]) or WORDS[ids.STEPS[claim.before][0]]
        amount = one.unit * place.quantity - place.discount
        options = {line(name): line(value) for name, value in one.options.items()} or {}
        return items.OrderLine(
            line_id=str(place.sno), external_id=None, kind=one.kind, 
            product_id=f"{'add:' if one.kind == 'add_on' else ''}{ids.goods_no(one.product)}", code=one.code,
            variant_id=str(one.variant) if one.options else None, name=values.line(one.name), options=options,
            quantity=place.quantity, quantity_left=0 if done or word == "cancelled" else place.quantity,
            unit_price=Decimal(one.unit), discount=Decimal(place.discount), total=Decimal(amount), status=word,
            status_raw=code, courier=COURIERS[first.courier] if first else None,
            tracking_no=first.tracking if first else None, shipped_at=one.shipped_at, delivered_at=one.delivered_at,
            completed_at=one.completed_at,
        )  # fmt: skip

    def claims(self, order: Order) -> list[items.Return]:
        """Return one row a claimed line."""
        found = []
        for place in ids.positions(order):
            claim = place.claim
            if claim is None or claim.phase == "rejected" or place.line.kind == "replacement":
                continue
            code, done = ids.status(order, place), claim.phase == "completed"
            text, swapped = ids.REASONS[claim.reason], claim.kind == "exchange"
            found.append(
                items.Return(
                    **self.common, return_id=f"{place.sno}:{claim.kind}", kind=claim.kind, by=BY.get(code),
                     # type: ignore[arg-type]
                    order_id=ids.order_no(order), line_ids=[str(place.sno)],
                    status="withdrawn" if claim.phase == "withdrawn" else PHASES[code] if done or code != "c4"
                    else "requested", status_raw=code,
                     # type: ignore[arg-type]
                    reason=claim.reason, reason_raw=text, reason_text=values.plain(claim.text),
                    requested_at=claim.requested_at, completed_at=claim.completed_at if done else None,
                    quantity=place.quantity,
                    refund_amount=money(claim.refund if place.first else 0) if code == "r3" else None,
                    fee=Decimal(claim.fee) if place.first and claim.fee and (code == "r3" or swapped) else None,
                    # Only an exchange has a settlement with a way to pay back; none was chosen.
                    refund_method=None if swapped else UNSET, currency="KRW",
                    restocked=bool(claim.restocked), refunded_at=claim.completed_at if code == "r3" else None,
                )
            )  # fmt: skip
        return found

    def opinion(self, review: Review) -> items.Review:
        """Return a review of the board; where there is neither picture nor answer, the openhub tells nothing of it."""
        secret = "secret" in review.flags
        text = values.plain(review.text.replace("\n", "<br />"))
        media = [items.Media(kind="image", url=f"{self.host}/data/board{path}") for path in review.photos]
        replies = [
            items.Reply(text=values.plain(one.text) or "", written_at=one.at, by=one.by)  # type: ignore[arg-type]
            for one in review.replies
        ]
        record = items.Review(
            **self.common, review_id=f"goodsreview:{ids.post_no(review)}", product_id=ids.goods_no(review.product),
            rating=values.decimal(review.rating), rating_raw=None if review.rating is None else f"{review.rating}.00",
            rating_scale=5, title=None if secret else values.line(review.title), text=None if secret else text,
            author=None if secret else person(phone=review.author.phone), author_label=None if secret else review.label,
            written_at=review.written_at, written_on=review.written_at.astimezone(values.SEOUL).date(),
            updated_at=ids.changed_at(review), media=None if secret else media or UNSET,
            flags=["secret"] if secret else [], replies=None if secret else replies or [],
            synthetic=False,
        )  # fmt: skip
        return without(record, "product_id rating rating_raw rating_scale updated_at") if self.shop.degraded else record
