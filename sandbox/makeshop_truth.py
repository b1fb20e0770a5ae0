"""The canonical records of what the emulated Korean MakeShop shows, made from the world and not from the answers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from sandbox import makeshop_first as first_orders
from sandbox import makeshop_goods as goods
from sandbox import makeshop_ids as ids
from sandbox import makeshop_power as power_options
from sandbox import makeshop_reviews as reviews
from sandbox.canon import Canon, line, money, person, region, without
from sandbox.entities import Claim, Order, Product, Review, Variant
from sandbox.makeshop_ids import Position
from sandbox.world import World
from shopscrape import items, values, words

_ENCODER = msgspec.json.Encoder()


class Records(Canon):
    """Records of one mall. The legacy door tells no parcels on their way back, the first order version no claims."""

    def __init__(
        self, world: World, mall: str, pages: str, *, legacy: bool = False, first: bool = False, power: bool = False
    ) -> None:
        super().__init__(world, "makeshop", mall)
        self.pages, self.legacy, self.first, self.power = pages, legacy, first, power

    def product_id(self, product: Product) -> str:
        """Return the uid."""
        return ids.uid(product)

    def variant_id(self, product: Product, variant: Variant) -> str:
        """Return the number of a combination, which is unique within its product."""
        return str(variant.place)

    def everything(self) -> dict[str, list[Any]]:
        """Return all records by resource."""
        products, trade = self.world.shown(), self.trade
        return {
            "products": [self.goods(one) for one in products],
            "inventory": [level for one in products for level in self.levels(one)],
            "orders": [
                first_orders.sale(one, self.world, self.common) if self.first else self.sale(one)
                for one in trade.orders
            ],
            "returns": [] if self.first else [claim for one in trade.orders for claim in self.claims(one)],
            "reviews": [self.opinion(one) for one in trade.reviews],
        }

    # -- products and stock -------------------------------------------------------------------------------------------

    def goods(self, product: Product) -> items.Product:
        """Return a product as its list tells it."""
        categories = [self.world.categories[no] for no in product.categories]
        code = ids.brandcode(product, self.world.categories)
        shown, sold = goods.shown(product), goods.sold(product)
        images = [picture.partition("?")[0] for picture in goods.images(product, code)]
        levels = [
            ":".join(one for one in ids.levels(each, self.world.categories) if one != "000") for each in categories
        ]
        record = self.product(
            product, code=code, status="hidden" if not shown else "suspended" if not sold else product.status,
            status_raw=f"display={'Y' if shown else 'N'},sell_accept={'Y' if sold else 'N'}", category_ids=levels,
            images=[one if "://" in one else self.pages + one for one in images], options=self.choices(product),
            url=f"{self.pages}/shop/shopdetail.html?branduid={ids.uid(product)}", updated_at=goods.modified(product),
            review_count=len(self.trade.reviews_of(product.no)),
        )  # fmt: skip
        for one, variant in zip(record.variants or (), product.variants, strict=False):
            self._counted(one, product, variant)
            without(one, "barcode")
        record = without(record, "price_text barcode")
        return power_options.narrowed(record, product) if self.power else record

    def chosen(self, product: Product, variant: Variant) -> dict[str, str]:
        """Return chosen values by name. Values that hold commas cannot be told apart, then the whole text stands."""
        if len(variant.values) > 1 and any("," in value for value in variant.values):
            return {"": line(",".join(variant.values))}
        return super().chosen(product, variant)

    def choices(self, product: Product) -> list[items.Option]:
        """Return the axes: of one whose values hold commas, those that the combinations tell."""
        told = [self.chosen(product, one) for one in product.variants]
        found = []
        for axis in product.axes:
            name, every = line(axis.name), [line(value) for value in axis.values]
            if any("," in value for value in axis.values):
                every = list(dict.fromkeys(one[name] for one in told if name in one)) or every
            found.append(items.Option(name=name, values=every))
        return found

    @staticmethod
    def _counted(told: Any, product: Product, variant: Variant) -> None:
        told.quantity = goods.level(variant)
        told.available = product.state == "on_sale" and variant.on_sale and (told.quantity is None or told.quantity > 0)

    def levels(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock of each combination, or of the product."""
        if self.power:
            yield power_options.level(product, self.common, self.world.categories)
            return
        code = ids.brandcode(product, self.world.categories)
        for one, variant in zip(self.stock(product), product.variants, strict=True):
            self._counted(one, product, variant)
            if product.plain:
                one.code = (product.code if product.no % 2 else None) or code
            yield without(one, "safety_quantity low barcode")

    # -- orders and claims --------------------------------------------------------------------------------------------

    def sale(self, order: Order) -> items.Order:
        """Return an order."""
        positions = ids.positions(order)
        counted = ids.counted(order)
        over = all(one.taken for one in positions)
        goods_now = sum(one.line.unit * one.units for one in counted)
        discount = sum(one.discount for one in positions if not one.taken) + (0 if over else order.coupon)
        shipping = 0 if over else order.shipping_fee
        buyer, lines = order.buyer, [self.position(order, one) for one in positions]
        channel: Any = order.channel if order.channel in ("naver_pay", "kakao", "app", "pos") else "own"
        path = "POWERAPP" if order.channel == "app" else "MOBILE" if order.mobile else "WEB"
        return items.Order(
            **self.common, order_id=ids.ordernum(order), channel=channel,
            channel_raw="naver_pay" if channel == "naver_pay" else path,
            external_id=order.external if channel in ("naver_pay", "kakao") else None,
            status=words.order_status((one.kind, str(one.status)) for one in lines),  # type: ignore[arg-type]
            status_raw=ids.order_status(order), ordered_at=order.ordered_at, paid_at=order.paid_at, currency="KRW",
            items_total=Decimal(goods_now), shipping_fee=Decimal(shipping), discount=Decimal(discount),
            total=Decimal(goods_now + shipping - discount), points_used=Decimal(order.points),
            paid=Decimal(max(order.due - order.refunded, 0) if order.paid_at else 0),
            payment_methods=[code for code in ids.PAID_BY[order.methods[0]] if code],
            buyer=person(buyer.phone, buyer.email, None if order.guest else buyer.member),
            receiver_region=region(order.receiver.region, order.receiver.city), lines=lines,
        )  # fmt: skip

    def position(self, order: Order, one: Position) -> items.OrderLine:
        """Return a line; of one in two parcels the first is told."""
        of, word = one.line, ids.word(order, one)
        product, variant = self.world.variant(of.variant)
        number = ids.invoice(order, of)
        courier = ids.COURIERS[of.parcels[0].courier if of.parcels else "cj"][1] if number else None
        kind: Any = of.kind if of.kind in ("gift", "component", "replacement") else "sale"
        return items.OrderLine(
            line_id=self._line_id(order, one), kind=kind,
            external_id=of.external if order.channel in ("naver_pay", "kakao") else None,
            replaces=self._line_id(order, ids.original(order, of)) if of.replaces else None,
            product_id=ids.uid(product), variant_id=None if product.plain else str(variant.place),
            code=ids.brandcode(product, self.world.categories), name=values.line(of.name),
            options={line(name): line(value) for name, value in of.options.items()}, quantity=one.units,
            quantity_left=0 if one.taken else one.units, unit_price=Decimal(of.unit), discount=Decimal(one.discount),
            total=Decimal(one.amount), status=word, status_raw=ids.basket_status(order, one), courier=courier,  # type: ignore[arg-type]
            tracking_no=number or None, shipped_at=of.shipped_at, delivered_at=of.delivered_at,
            completed_at=of.completed_at,
        )  # fmt: skip

    def _line_id(self, order: Order, one: Position) -> str:
        return f"{ids.ordernum(order)}:{one.number}"

    def claims(self, order: Order) -> Iterator[items.Return]:
        """Yield a row for each claimed line; sums stand on the first."""
        for claim in order.claims:
            for place, one in enumerate(ids.claimed(order, claim)):
                yield self.claim(order, claim, one, place == 0)

    def claim(self, order: Order, claim: Claim, one: Position, first: bool) -> items.Return:
        """Return the claim of a line. An exchange tells no phase but its end, and not when it was asked for."""
        issues: dict[str, Any] = {"REFUND3": "refunding", "REFUNDC": "withdrawn"}
        status = "completed" if one.taken else issues.get(ids.issue(order, one), "requested")
        asked: Any = values.day_start(claim.requested_at.astimezone(values.SEOUL).date())
        refunded = any(told is claim for told in ids.refunds(order))
        back = refunded and claim.refunded_at is not None
        label = ids.reason(claim)
        return items.Return(
            **self.common, return_id=f"{self._line_id(order, one)}:{claim.kind}", kind=claim.kind,
            order_id=ids.ordernum(order), line_ids=[self._line_id(order, one)], status=status,  # type: ignore[arg-type]
            status_raw=ids.basket_status(order, one), reason=ids.MEANS[label], reason_raw=label,  # type: ignore[arg-type]
            reason_text=values.plain(claim.text), requested_at=UNSET if claim.kind == "exchange" else asked,
            completed_at=claim.completed_at if one.taken else None, quantity=one.units, currency="KRW",
            refund_amount=money(claim.refund) if back and first else None,
            refund_method=ids.PAID_BACK_BY[claim.method or "card"] if refunded else None,
            refunded_at=claim.refunded_at if back else None,
            fee=Decimal(claim.fee) if refunded and first and claim.fee else None, derived=False,
            tracking_no=claim.tracking if claim.kind != "cancel" and claim.tracking and not self.legacy else UNSET,
        )  # fmt: skip

    # -- reviews ------------------------------------------------------------------------------------------------------

    def opinion(self, review: Review) -> items.Review:
        """Return a review of whichever system it stands in."""
        return self.post(review) if ids.board_of(review) else self.comment(review)

    def _rating(self, review: Review, legacy: bool, titles: dict[str, str]) -> dict[str, Any]:
        if legacy:
            told = [str(review.rating or 0)]
            given = {"score": told[0]} if review.rating else {}
        else:
            told = reviews.score_texts(review)
            names = [f"score_{place}" for place in range(1, 6)]
            given = {
                titles.get(name, name): text for name, text in zip(names, told, strict=True) if text not in ("", "0")
            }
        mean = Decimal(sum(map(int, given.values()))) / len(given) if given else None
        return {
            "rating": mean.quantize(Decimal("0.01"), ROUND_HALF_UP) if mean else None, "rating_scale": 5,
            "rating_raw": ",".join(told) if any(told) else None, "scores": given if len(given) > 1 else {},
        }  # fmt: skip

    def comment(self, review: Review) -> items.Review:
        """Return a rating comment: it has no number, so what is shown of it makes one."""
        member = review.author.member if review.member else ""
        text, answer = values.plain(review.text), reviews.first_answer(review)
        shown = [ids.uid(review.product), ids.kst(review.written_at), member or review.author.name, text]
        picture = reviews.uploaded(review)
        media: Any = UNSET if self.legacy else [items.Media(kind="image", url=self.pages + picture)] if picture else []
        return items.Review(
            **self.common, review_id="~" + _ENCODER.encode(shown).decode(), product_id=ids.uid(review.product),
            **self._rating(review, self.legacy, {}), title=values.line(review.title) if self.legacy else UNSET,
            text=text, author=person(member=member), author_label=None, written_at=review.written_at,
            written_on=self.day(review.written_at), media=media, flags=["hidden"] if "hidden" in review.flags else [],
            replies=[items.Reply(text=values.plain(answer) or "")] if answer else [], channel="own", synthetic=True,
        )  # fmt: skip

    def post(self, review: Review) -> items.Review:
        """Return a post of a board, with the comments below it; answers in its thread are not told with it."""
        secret, naver = "secret" in review.flags, review.channel == "naver_pay"
        order = self.trade.orders.get(review.order)
        board = ids.board_of(review)
        content = reviews.content(review)
        pictures = [items.Media(kind="image", url=f"{reviews.PICTURES}/{board}{path}") for path in review.photos]
        replies = [
            items.Reply(text=values.plain(one.text) or "", written_at=one.at, by=one.by)  # type: ignore[arg-type]
            for one in reviews.answers(review)
        ]  # fmt: skip
        early = datetime.min.replace(tzinfo=UTC)
        number = ids.ordernum(order) if order else None
        flags: list[Any] = [flag for flag in ("secret", "hidden") if flag in review.flags]
        return items.Review(
            **self.common, review_id=f"{board}:{ids.num1(review)}:00000", product_id=ids.uid(review.product),
            **self._rating(review, False, {"score_1": "만족도"} if board == ids.POWER else {}), order_id=number,
            order_line_id=f"{number}:{order.line(review.line).place}" if order else None, flags=flags,
            title=None if secret else values.line(review.title), text=None if secret else values.plain(content),
            author=person(member=review.author.member if review.member and not naver else None),
            author_label=review.label if "*" in reviews.shown_name(review) else None, written_at=review.written_at,
            written_on=self.day(review.written_at), media=None if secret else pictures, helpful_count=review.helpful,
            replies=None if secret else sorted(replies, key=lambda one: one.written_at or early),
            channel="naver_pay" if naver else "own", synthetic=False,
        )  # fmt: skip
