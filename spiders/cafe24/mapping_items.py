"""Cafe24 order items: one item to a line of the order, and to what it tells of a claim."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET

from shopscrape import values, words
from shopscrape.items import OrderLine
from shopscrape.payload import Payload
from spiders.cafe24 import codes

IGNORED = (
    # cost, suppliers, bank accounts of persons, and what the buyer typed in are never stored
    "supply_price supplier_id supplier_name supplier_product_name supplier_transaction_type refund_bank_name "
    "refund_bank_account_no refund_bank_account_holder additional_option_value additional_option_values "
    # what nobody asked for yet; whether these discounts are per unit or per line is unknown
    "additional_discount_price coupon_discount_price app_item_discount_amount market_discount_amount "
    "shop_no product_code internal_product_name eng_product_name option_id option_value_default product_name_default "
    "product_tax_type tax_rate shipping_code post_express_flag order_status_additional_info status_text "
    "open_market_status bundled_shipping_type shipping_company_id shipping_company_code product_bundle "
    "product_bundle_no product_bundle_name product_bundle_name_default product_bundle_type was_product_bundle "
    "original_bundle_item_no individual_shipping_fee shipping_fee_type shipping_fee_type_text shipping_payment_option "
    "payment_info_id store_pickup ordered_date product_material product_material_eng cloth_fabric product_weight "
    "volume_size volume_size_weight clearance_category clearance_category_info clearance_category_code hs_code "
    "one_plus_n_event origin_place origin_place_no made_in_code origin_place_value item_granting_gift subscription "
    "product_bundle_list market_cancel_request market_cancel_request_quantity market_fail_reason "
    "market_fail_reason_guide market_fail_reason_type market_item_sequence market_custom_variant_code option_type "
    "labels shipping_expected_date dropshipping_type typeitem_granting_gift"
)
INVOICE = "quantity shipping_company_id type shipping_company_code shipping_company_name"

_DATES = (
    "cancel_request_date", "cancel_date", "return_request_date", "return_confirmed_date", "return_collected_date",
    "exchange_request_date", "exchange_date", "refund_date",
)  # fmt: skip


class Item(NamedTuple):
    """One item of an order: its line, and what it tells of a claim."""

    line: OrderLine
    raw: Any
    """`order_status`."""
    coarse: Any
    """`status_code`."""
    undone: Any
    naver: Any
    claim_no: Any
    reason: Any
    text: Any
    quantity: Any
    """Units claimed; without a number of its own the claim is about all of them."""
    dates: dict[str, datetime | None]
    payload: Payload
    """To count unknown words at."""

    @property
    def claim_word(self) -> str | None:
        """Return "cancel", "return" or "exchange" when `order_status` is a code of a claim, known or not."""
        raw = self.raw
        coded = isinstance(raw, str) and len(raw) == 3 and raw[1:].isdecimal()
        return codes.KINDS.get(raw[:1]) if coded else None


def read_items(items: Iterable[Payload], order_id: str) -> list[Item]:
    """Return items in the order of their numbers. Raises: RowFailed for one without a number."""
    return sorted((item_of(one, order_id) for one in items), key=lambda one: in_order(one.line.line_id))


def in_order(line_id: str) -> tuple[int, str]:
    """Return the key by which lines are sorted: the hundredth line comes after the ninety-ninth."""
    return len(line_id), line_id


def item_of(item: Payload, order_id: str) -> Item:
    """Read one item."""
    code = _code(item, order_id)
    raw, coarse = item.id("order_status"), item.id("status_code")
    quantity, claimed = item.whole("quantity"), item.whole("claim_quantity")
    taken = claimed if isinstance(claimed, int) and claimed > 0 else quantity
    shipped, delivered = item.moment("shipped_date"), item.moment("delivered_date")
    word = _word(item, raw, shipped, delivered)
    left: Any = quantity
    if isinstance(quantity, int) and isinstance(taken, int) and word in words.CLAIMED:
        left = max(quantity - taken, 0)
    price, extra, total = item.money("product_price"), item.money("option_price"), item.money("payment_amount")
    replaced = coarse == "N2" or raw in ("N01", "N03")
    comes_from, gift = item.take("original_item_no"), item.flag("gift")
    courier, variant_code, product_code = (
        item.line("shipping_company_name"), item.id("custom_variant_code"), item.id("custom_product_code"),
    )  # fmt: skip
    market, naver = item.id("market_item_no"), item.id("naver_pay_order_id")
    line = OrderLine(
        line_id=code, external_id=market or naver or (UNSET if market is UNSET and naver is UNSET else None),
        replaces=_replaces(comes_from, order_id) if replaced else UNSET,
        kind="replacement" if replaced else "gift" if gift else "sale",
        product_id=item.id("product_no"), variant_id=item.id("variant_code"),
        code=variant_code or product_code or (UNSET if variant_code is UNSET and product_code is UNSET else None),
        name=item.line("product_name"), options=_options(item), quantity=quantity, quantity_left=left,
        unit_price=price + extra if isinstance(price, Decimal) and isinstance(extra, Decimal) else price,
        # null unless the mall shares discounts out to its lines
        total=UNSET if total is None else total, status=word, status_raw=raw,
        courier=courier or item.id("shipping_company_code"), tracking_no=_tracking(item),
        shipped_at=shipped, delivered_at=delivered, completed_at=item.moment("purchaseconfirmation_date"),
    )  # fmt: skip
    dates = {name: at for name in _DATES if (at := item.moment(name)) is not UNSET}
    return Item(
        line=line, raw=raw, coarse=coarse, undone=item.id("request_undone"), naver=item.id("naver_pay_claim_status"),
        claim_no=item.id("claim_code"), reason=item.id("claim_reason_type"), text=item.plain("claim_reason"),
        quantity=taken, dates=dates, payload=item,
    )  # fmt: skip


def _code(item: Payload, order_id: str) -> str:
    code, place = item.id("order_item_code"), item.whole("item_no")
    if code:
        return code
    if isinstance(place, int) and place > 0:
        return f"{order_id}-{place:02d}"
    return item.need("order_item_code")


def _word(item: Payload, raw: Any, shipped: Any, delivered: Any) -> Any:
    """Return the line's word. Under an open or refused claim that is the one it had before."""
    before = item.id("order_status_before_cs")
    if not isinstance(raw, str):
        return raw
    word = item.known(raw, codes.LINES, "order_status")
    if word != codes.BEFORE:
        return word
    if isinstance(before, str):
        known = item.known(before, codes.LINES, "order_status_before_cs")
        if known not in (codes.BEFORE, "unknown"):
            return known
    if delivered:
        return "delivered"
    # What comes back had been sent; what is cancelled on request had been paid.
    return "shipped" if shipped or raw[0] != "C" else "paid"


def _replaces(comes_from: Any, order_id: str) -> Any:
    """Return the line that an exchange line stands in for. Shape: list of item numbers, or one."""
    first = comes_from[0] if isinstance(comes_from, list) and comes_from else comes_from
    text = str(first) if isinstance(first, int | str) else ""
    return f"{order_id}-{int(text):02d}" if text.isdecimal() and len(text) < 7 else UNSET


def _options(item: Payload) -> Any:
    text = item.line("option_value")
    told = item.has("options")
    chosen: dict[str, str] = {}
    for option in item.each("options"):
        name = option.line("option_name") or option.line("name")
        value = option.take("option_value")
        if isinstance(value, dict):
            value = value.get("option_text")
        if value is UNSET or value is None:
            value = option.take("value")
        option.drop("option_code", "name", "value", "option_text")
        if name and isinstance(value, str | int) and (shown := values.line(value)):
            chosen[name] = shown
    if chosen:
        return chosen
    if isinstance(text, str):
        # Values may hold "," and "=", so the printed text is not split.
        return {"": text}
    return UNSET if text is UNSET and not told else {}


def _tracking(item: Payload) -> Any:
    first = item.id("tracking_no")
    more = [number for one in item.each("multi_invoice") if isinstance(number := one.id("tracking_no"), str)]
    numbers = list(dict.fromkeys([first, *more] if isinstance(first, str) else more))
    return ",".join(numbers) if numbers else first
