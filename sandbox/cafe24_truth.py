"""The canonical records of what the emulated Cafe24 mall shows, made from the world and not from the answers."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from sandbox import cafe24_ids as ids
from sandbox.cafe24_payloads import Shop, as_article
from sandbox.cafe24_sales import Sales
from sandbox.entities import Claim, Line, Order, Product, Review
from sandbox.sales import COURIERS
from shopscrape import items, values, words


class Truth:
    """Records of one mall."""

    def __init__(self, mall: str, shop: Shop, seen_at: datetime) -> None:
        self.shop = shop
        self.sales = Sales(shop.place)
        self.common: dict[str, Any] = {"platform": "cafe24", "mall": mall, "shop": "1", "collected_at": seen_at}

    # -- products and stock -------------------------------------------------------------------------------------------

    def product(self, product: Product) -> items.Product:
        """Return a product as list, detail, options and categories tell it together."""
        host = f"https://{self.shop.host}"
        shown, sold = product.state != "hidden", product.state in ("on_sale", "hidden")
        images = [f"{host}/web/product/big{product.images[0]}"] if product.images else []
        images += [f"{host}/web/product/extra/big{path}" for path in product.images[1:]]
        categories = [self.shop.categories[no] for no in product.categories]
        return items.Product(
            **self.common, product_id=str(product.no), code=product.code, name=values.line(product.name),
            status="hidden" if not shown else "suspended" if not sold else product.status,
            status_raw=f"display={_yes(shown)},selling={_yes(sold)},sold_out={_yes(product.sold_out)}",
            price=Decimal(product.price), list_price=_money(product.list_price), currency="KRW",
            discounted_price=_money(product.discounted), price_text=values.line(product.price_text),
            categories=[category.text for category in categories], category_ids=[str(one.no) for one in categories],
            images=images, url=f"{host}/product/detail.html?product_no={product.no}",
            summary=values.plain(product.summary), description=values.clean(product.description),
            options=[
                items.Option(name=_line(axis.name), values=[_line(value) for value in axis.values])
                for axis in product.axes
            ],
            text_options=[_line(name) for name in product.text_options], tags=[_line(tag) for tag in product.tags],
            variants=[self._variant(product, level) for level in self.stock(product)],
            created_at=product.created_at, updated_at=product.changed_at,
        )  # fmt: skip

    def _variant(self, product: Product, level: items.Stock) -> items.Variant:
        variant = next(
            one for one in product.variants if ids.variant_code(product, one, self.shop.place) == level.variant_id
        )
        return items.Variant(
            variant_id=level.variant_id, code=variant.code, options=level.options, quantity=level.quantity,
            price=Decimal(product.price + variant.surcharge), managed=level.managed, available=level.available,
        )  # fmt: skip

    def stock(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock of each variant; what has no options is sold as one variant with a code of its own."""
        for variant in product.variants:
            quantity, buyable = variant.quantity, product.state == "on_sale" and variant.on_sale
            yield items.Stock(
                **self.common, product_id=str(product.no), quantity=quantity, managed=variant.managed,
                variant_id=ids.variant_code(product, variant, self.shop.place),
                code=(variant.code or product.code) if product.plain else variant.code,
                options={_line(name): _line(value) for name, value in product.options(variant).items()},
                # Oversold ones go on being sold: that is what "display_soldout" F says.
                available=buyable and (quantity is None or quantity != 0), safety_quantity=variant.safety,
                low=quantity is not None and 0 < variant.safety >= quantity,
            )  # fmt: skip

    # -- orders -------------------------------------------------------------------------------------------------------

    def order(self, order: Order) -> items.Order:
        """Return an order with its lines."""
        market = order.channel not in ("own", "app", "pos", "naver_pay", "payco")
        member = None if order.guest or market else order.buyer.member
        shown = (
            self.sales.masked(order.buyer)
            if order.masked
            else {"cellphone": order.buyer.phone, "email": order.buyer.email}
        )
        buyer = {"phone": shown["cellphone"], "email": shown["email"] or None, "member": member}
        place = ids.PLACES[order.channel]
        lines = sorted(self.lines(order), key=lambda line: line.line_id)
        return items.Order(
            **self.common, order_id=ids.order_id(order), external_id=order.external if market else None,
            channel=order.channel, channel_raw=place[-1 if order.mobile else 0],
            status=words.order_status((one.kind, str(one.status)) for one in lines),  # type: ignore[arg-type]
            ordered_at=order.ordered_at, paid_at=order.paid_at, currency="KRW", items_total=Decimal(order.items_total),
            shipping_fee=Decimal(order.shipping_now), discount=Decimal(order.discount_now),
            total=Decimal(order.items_total + order.shipping_now - order.discount_now),
            points_used=Decimal(self.sales.points_now(order)),
            paid=Decimal(order.due - order.refunded if order.paid_at else 0),
            payment_methods=[ids.METHODS[name] for name in order.methods] if order.paid_at else None,
            buyer=msgspec.json.encode(buyer).decode(), lines=lines,
            receiver_region=_region(order),
        )  # fmt: skip

    def lines(self, order: Order) -> Iterator[items.OrderLine]:
        """Yield the items of an order; a split line gives two."""
        for line in order.lines:
            if line.kind == "component":
                continue
            claim, units = ids.claim_of(order, line)
            ended = claim is not None and claim.phase == "completed"
            # A line that shows one code is told as taken out, even where only some of its units were.
            word = ids.ENDED[claim.kind] if ended and claim else line.status
            if ids.split_off(order, claim, units, line):
                rest = line.quantity - units
                yield self._line(order, line, line.place, rest, rest, None, line.status)
                yield self._line(order, line, 50 + line.place, units, 0 if ended else units, claim, word)
            else:
                yield self._line(order, line, line.place, line.quantity, line.left, claim, word)

    def _line(
        self, order: Order, line: Line, place: int, quantity: int, left: int, claim: Claim | None, word: str
    ) -> items.OrderLine:
        first = line.parcels[0] if line.parcels else None
        whole = order.no % 3 == 1 and quantity == line.quantity
        replaced = ids.item_code(order, order.line(line.replaces).place) if line.replaces else None
        return items.OrderLine(
            line_id=ids.item_code(order, place), external_id=line.external, replaces=replaced,
            kind="sale" if line.kind == "add_on" else line.kind, product_id=str(line.product),
            variant_id=self.sales.variant_code_of(line), code=line.code, name=values.line(line.name),
            options={_line(name): _line(value) for name, value in line.options.items()}, quantity=quantity,
            quantity_left=0 if word == "failed" else left,
            unit_price=Decimal(line.unit), total=Decimal(line.total) if whole else None,
            status="cancelled" if word == "failed" else word,  # type: ignore[arg-type]
            status_raw=ids.status_code(order, line, claim), courier=COURIERS[first.courier] if first else None,
            tracking_no=",".join(parcel.tracking for parcel in line.parcels) or None, shipped_at=line.shipped_at,
            delivered_at=line.delivered_at, completed_at=line.completed_at,
        )  # fmt: skip

    # -- returns ------------------------------------------------------------------------------------------------------

    def returns(self, order: Order) -> Iterator[items.Return]:
        """Yield one row a claimed line; sums stand on the first."""
        for claim in order.claims:
            rows = ids.claimed(order, claim)
            for place, (line, units) in enumerate(sorted(rows, key=lambda row: row[0].place)):
                yield self._return(order, claim, line, units, place == 0)
        if order.lines[0].status == "failed":
            for line in order.lines:
                if line.kind != "component":
                    yield self._never_paid(order, line)

    def _return(self, order: Order, claim: Claim, line: Line, units: int, first: bool) -> items.Return:
        code, number = ids.reason_code(order, claim), ids.accepted(claim)
        item = ids.item_code(order, 50 + line.place if ids.split_off(order, claim, units, line) else line.place)
        withdrawn = claim.phase == "withdrawn"
        refunded = number and claim.kind != "exchange" and claim.phase in ("refunding", "completed")
        return items.Return(
            **self.common, return_id=f"{item}:{claim.kind}", claim_no=ids.claim_code(claim) if number else None,
            kind=claim.kind, order_id=ids.order_id(order), line_ids=[item], status=claim.phase,
            by=self._who(order, claim, code),
            status_raw=ids.UNDONE[claim.kind] if withdrawn else ids.status_code(order, line, claim),
            reason=ids.MEANS[code] if code else None, reason_raw=code, reason_text=values.plain(claim.text),  # type: ignore[arg-type]
            requested_at=claim.requested_at, completed_at=claim.completed_at, quantity=units,
            refund_amount=_money(claim.refund) if first and claim.refunded_at else None,
            refund_method=ids.METHODS[claim.method or "card"] if refunded else None,
            refunded_at=claim.refunded_at if refunded else None,
            fee=Decimal(claim.fee) if first and number and claim.kind == "return" else None,
            tracking_no=claim.tracking if number and claim.kind != "cancel" else None, currency="KRW",
        )  # fmt: skip

    @staticmethod
    def _who(order: Order, claim: Claim, code: str | None) -> Any:
        if claim.kind == "cancel" and claim.phase == "completed" and not order.paid_at:
            return claim.by
        return None if code is None else "buyer" if claim.by == "buyer" else "seller"

    def _never_paid(self, order: Order, line: Line) -> items.Return:
        item = ids.item_code(order, line.place)
        return items.Return(
            **self.common, return_id=f"{item}:cancel", claim_no=None, kind="cancel", order_id=ids.order_id(order),
            line_ids=[item], status="completed", status_raw="C48", by="platform", completed_at=order.when("failed"),
            quantity=line.quantity, currency="KRW",
        )  # fmt: skip

    # -- reviews ------------------------------------------------------------------------------------------------------

    def review(self, review: Review, order: Order | None) -> items.Review:
        """Return a review with its answers."""
        secret = "secret" in review.flags
        host = f"https://{self.shop.host}/file_data"
        media = [items.Media(kind=kind, url=f"{host}{path}") for kind, path in review.media()]  # type: ignore[arg-type]
        if media and review.no % 2:
            media = [*media[1:], media[0]]
        raw = review.rating if review.no % 40 else 0
        email = review.author.email if review.no % 6 == 0 else None
        member = review.author.member if review.member else None
        author = msgspec.json.encode({"phone": None, "email": email, "member": member}).decode()
        flags: list[Any] = [flag for flag in ("secret", "hidden", "pending") if flag in review.flags]
        replies = [
            items.Reply(text=values.plain(f"<p>{one.text}</p>" if as_article(review, one) else one.text) or "",
                        written_at=one.at, by=one.by)  # type: ignore[arg-type]
            for one in review.replies
        ]  # fmt: skip
        return items.Review(
            **self.common, review_id=f"4:{review.no * 20}", product_id=str(review.product),
            external_id=review.external if review.channel == "naver_pay" else None,
            order_id=ids.order_id(order) if order else None, rating=Decimal(raw) if raw else None,
            rating_raw=None if raw is None else str(raw), rating_scale=5,
            title=None if secret else values.line(review.title),
            text=None if secret else values.plain(self.shop.content(review)),
            author=author if (email or member) and not secret else None,
            author_label=review.label if review.no % 3 == 0 and not secret else None,
            written_at=review.written_at, written_on=review.written_at.astimezone(values.SEOUL).date(),
            updated_at=review.edited_at if review.edited_at and review.no % 3 else None,
            media=None if secret else media, flags=flags, replies=None if secret else replies,
            channel="naver_pay" if review.channel == "naver_pay" else "own", synthetic=False,
        )  # fmt: skip


def _region(order: Order) -> str:
    """Return 시/도 and 시군구; Sejong has no second level, its addresses go on with the street."""
    city = order.receiver.city
    return f"{order.receiver.region} {city}" if city[-1:] in "시군구" else order.receiver.region


def _yes(flag: bool) -> str:
    return "T" if flag else "F"


def _line(text: str) -> str:
    return values.line(text) or ""


def _money(amount: int | None) -> Decimal | None:
    return Decimal(amount) if amount else None
