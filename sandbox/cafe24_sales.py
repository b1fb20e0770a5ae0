"""Cafe24's answers for orders, claims and refunds of the world."""

from typing import Any

from sandbox import cafe24_ids as ids
from sandbox.cafe24_payloads import SHAPES, shape, won, yes
from sandbox.entities import Claim, Line, Order, Person, Product
from sandbox.sales import COURIERS


class Sales:
    """Payloads of one mall; `place` is the offset of its product codes."""

    def __init__(self, place: int) -> None:
        self.place = place

    def order(self, order: Order, embed: set[str], list_answer: bool = True) -> dict[str, Any]:
        """Return an order with what is embedded."""
        market = order.channel not in ("own", "app", "pos", "naver_pay", "payco")
        member = None if order.guest or market else order.buyer.member
        place = ids.PLACES[order.channel]
        paid = order.due - order.refunded if order.paid_at else 0
        cancelled = [line for line in order.lines if line.status == "cancelled"]
        told = shape(
            "order", order_id=ids.order_id(order), market_id=place[0] if market else "self",
            market_order_no=order.external if market else None, member_id=member,
            member_email=order.buyer.email if member else "", billing_name=order.buyer.name,
            initial_order_amount=self._amounts(
                sum(line.unit * line.quantity for line in order.lines if line.kind != "replacement"),
                order.shipping_fee, order.points, order.coupon, sum(line.discount for line in order.lines), order.due,
            ),
            actual_order_amount=self._amounts(
                order.items_total, order.shipping_now, self.points_now(order),
                order.coupon if order.items_total else 0,
                order.discount_now - (order.coupon if any(line.left for line in order.lines) else 0), paid,
            ),
            payment_method=[ids.METHODS[name] for name in order.methods] if order.paid_at else None,
            payment_method_name=["신용카드"] * len(order.methods), paid=yes(order.paid_at),
            canceled="T" if len(cancelled) == len(order.lines) else "M" if cancelled else "F",
            order_date=ids.kst(order.ordered_at), payment_date=ids.kst(order.paid_at), payment_amount=won(paid),
            order_from_mobile=yes(order.mobile), order_place_id=place[-1 if order.mobile else 0],
            cancel_date=None, market_seller_id="seller1" if market else None,
        )  # fmt: skip
        if order.channel == "naver_pay":
            told["market_order_no"] = None
        for name in ("items", "receivers", "buyer", "cancellation", "return", "exchange", "refunds"):
            told.pop(name, None)
        if "items" in embed:
            told["items"] = self.items(order)
        if "receivers" in embed:
            told["receivers"] = [self._receiver(order)]
        if "buyer" in embed:
            told["buyer"] = self._buyer(order, member)
        for kind, name in (("cancel", "cancellation"), ("return", "return"), ("exchange", "exchange")):
            if name in embed:
                claims = [one for one in order.claims if one.kind == kind and ids.accepted(one)]
                told[name] = [self.claim(order, one) for one in claims]
        return told

    @staticmethod
    def points_now(order: Order) -> int:
        """Return the points that are spent after what went back."""
        return order.points - sum(claim.points_back for claim in order.claims)

    @staticmethod
    def _amounts(goods: int, shipping: int, points: int, coupon: int, reductions: int, paid: int) -> dict[str, Any]:
        return SHAPES["order"]["initial_order_amount"] | {
            "order_price_amount": won(goods), "shipping_fee": won(shipping), "points_spent_amount": won(points),
            "coupon_discount_price": won(coupon), "set_product_discount_amount": won(reductions),
            "payment_amount": won(paid),
        }  # fmt: skip

    def items(self, order: Order) -> list[dict[str, Any]]:
        """Return all items; components of a set stand inside their set, and a split line gives two."""
        found = []
        for line in order.lines:
            if line.kind == "component":
                continue
            claim, units = ids.claim_of(order, line)
            if ids.split_off(order, claim, units, line):
                found.append(self._item(order, line, line.place, line.quantity - units, None, 0))
                part = self._item(order, line, 50 + line.place, units, claim, units)
                found.append(part | {"original_item_no": [line.place]})
            else:
                found.append(self._item(order, line, line.place, line.quantity, claim, units))
        return found

    def _item(
        self, order: Order, line: Line, place: int, quantity: int, claim: Claim | None, units: int
    ) -> dict[str, Any]:
        first = line.parcels[0] if line.parcels else None
        replaced = order.line(line.replaces).place if line.replaces else 0
        status = ids.status_code(order, line, claim)
        before = ids.STEPS.get(line.status, ids.STEPS[claim.before]) if claim else None
        dates = self._claim_dates(order, claim)
        if line.status == "failed":
            dates["cancel_date"] = ids.kst(order.when("failed"))
        product = line.product
        printed = ", ".join(f"{name}={value}" for name, value in line.options.items())
        told = shape(
            "item", item_no=place, order_item_code=ids.item_code(order, place), product_no=product,
            variant_code=self.variant_code_of(line), product_code="", custom_variant_code=line.code or "",
            option_value=printed, option_value_default=printed, product_name=line.name,
            product_name_default=line.name, product_price=won(line.price), option_price=won(line.surcharge),
            payment_amount=won(line.total) if order.no % 3 == 1 and quantity == line.quantity else None,
            quantity=quantity, tracking_no=first.tracking if first else "",
            shipping_company_name=COURIERS[first.courier] if first else "",
            shipping_company_code="0001" if first else "",
            claim_code=ids.claim_code(claim) if claim and ids.accepted(claim) else None,
            claim_reason_type=ids.reason_code(order, claim) if claim else None,
            claim_reason=claim.text if claim else None, order_status=status, claim_quantity=units,
            request_undone=ids.UNDONE[claim.kind] if claim and claim.phase == "withdrawn" else None,
            status_code=self._coarse(line, claim),
            original_item_no=[replaced] if replaced else [], gift=yes(line.kind == "gift"),
            options=[
                {"option_code": "", "option_name": name, "option_value": {"option_text": value, "value_no": None}}
                for name, value in line.options.items()
            ],
            multi_invoice=self._invoices(line), market_item_no=line.external,
            ordered_date=ids.kst(order.ordered_at), shipped_date=ids.kst(line.shipped_at, order.no % 2 == 0),
            delivered_date=ids.kst(line.delivered_at, order.no % 2 == 0),
            purchaseconfirmation_date=ids.kst(line.completed_at), order_status_before_cs=before, **dates,
        )  # fmt: skip
        return told

    @staticmethod
    def _coarse(line: Line, claim: Claim | None) -> str:
        if line.replaces:
            return "N2"
        return ids.COARSE[claim.kind] if claim and claim.phase == "completed" else "N1"

    def variant_code_of(self, line: Line) -> str:
        """Return the code that Cafe24 gives the variant of a line."""
        number, letter = divmod(line.variant % 1000 - 1, 26)
        stand_in = Product(no=line.product, code=None, name="", price=0, cost=0, supplier="", categories=(), images=(),
                           description="", variants=[])  # fmt: skip
        return f"{ids.product_code(stand_in, self.place)}{number:03d}{ids.LETTERS[letter]}"

    @staticmethod
    def _invoices(line: Line) -> list[dict[str, Any]] | None:
        if len(line.parcels) < 2:
            return None
        return [
            {
                "type": "M" if parcel is line.parcels[0] else "S", "tracking_no": parcel.tracking,
                "shipping_company_id": 2, "shipping_company_name": COURIERS[parcel.courier],
                "shipping_company_code": "0001", "quantity": 1,
            }
            for parcel in line.parcels
        ]  # fmt: skip

    @staticmethod
    def _claim_dates(order: Order, claim: Claim | None) -> dict[str, str | None]:
        dates: dict[str, str | None] = dict.fromkeys(
            ("cancel_request_date", "cancel_date", "return_request_date", "return_collected_date",
             "return_confirmed_date", "exchange_request_date", "exchange_date", "refund_date")
        )  # fmt: skip
        if claim is None:
            return dates
        plain = order.no % 2 == 1
        ends = {"cancel": "cancel_date", "return": "return_confirmed_date", "exchange": "exchange_date"}[claim.kind]
        dates[f"{claim.kind}_request_date"] = ids.kst(claim.requested_at, plain)
        dates[ends] = ids.kst(claim.completed_at, plain)
        dates["refund_date"] = ids.kst(claim.refunded_at)
        if claim.kind == "return":
            dates["return_collected_date"] = ids.kst(claim.when("collected"))
        return dates

    @staticmethod
    def masked(person: Person) -> dict[str, str]:
        """Return how a marketplace shows a buyer."""
        return {"name": f"{person.name[:1]}**", "cellphone": f"{person.phone[:4]}****{person.phone[-5:]}", "email": ""}

    def _buyer(self, order: Order, member: str | None) -> dict[str, Any]:
        who = order.buyer
        clear = {"name": who.name, "cellphone": who.phone, "email": who.email}
        return shape("buyer", member_id=member, phone="", **(self.masked(who) if order.masked else clear))

    def _receiver(self, order: Order) -> dict[str, Any]:
        who = order.receiver
        return shape(
            "receiver", name=who.name, phone="", cellphone=who.phone, zipcode=who.zipcode, address1=who.address,
            address2=who.detail, address_full=f"{who.address} {who.detail}", shipping_message=order.message,
            shipping_code=f"D-{ids.order_id(order)}-00",
        )  # fmt: skip

    # -- claims and refunds -------------------------------------------------------------------------------------------

    def claim(self, order: Order, claim: Claim) -> dict[str, Any]:
        """Return a claim resource; it exists once the seller accepted."""
        name = {"cancel": "cancellation", "return": "return", "exchange": "exchange"}[claim.kind]
        money = [{"payment_method": ids.METHODS[claim.method or "card"], "amount": won(claim.refund)}]
        if claim.points_back:
            money.append({"payment_method": "point", "amount": won(claim.points_back)})
        told = shape(
            name, order_id=ids.order_id(order), claim_code=ids.claim_code(claim),
            claim_reason_type=ids.reason_code(order, claim) if claim.by != "buyer" else "A", claim_reason=claim.text,
            refund_amounts=money if claim.refunded_at else None, undone="F",
        )  # fmt: skip
        if claim.kind == "return":
            told["return_shipping_fee"] = won(-claim.fee) if claim.fee else "0.00"
            told["return_invoice_no"] = claim.tracking
        elif claim.kind == "exchange":
            told["return_invoice_no"] = claim.tracking
        return told

    def refund(self, order: Order, claim: Claim) -> dict[str, Any]:
        """Return a refund of the list."""
        codes = []
        for line, units in ids.claimed(order, claim):
            codes.append(
                ids.item_code(order, 50 + line.place if ids.split_off(order, claim, units, line) else line.place)
            )
        method = [ids.METHODS[claim.method or "card"]]
        return shape(
            "refund", member_id=None if order.guest else order.buyer.member, member_email=order.buyer.email,
            buyer_email=order.buyer.email, order_date=ids.kst(order.ordered_at),
            accepted_refund_date=ids.kst(claim.when("refunding") or claim.refunded_at),
            refund_date=ids.kst(claim.refunded_at), order_id=ids.order_id(order), refund_code=ids.claim_code(claim),
            order_item_code=codes, quantity=claim.quantity, actual_refund_amount=won(claim.refund),
            used_points=won(claim.points_back), payment_methods=method, refund_payment_methods=method,
            status="T" if claim.refunded_at else "F", refund_bank_account_holder=order.buyer.name,
        )  # fmt: skip
