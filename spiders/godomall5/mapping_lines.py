"""Godomall5 order lines: `orderGoodsData`, `addGoodsData` and `giftData` of an order to lines.

Lines have states of their own, which win over the order's. A claim on a part of the quantity splits the line: a line is
always claimed as a whole. A line that an exchange brings (state z…) is a replacement and no sale.
"""

import html
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from shopscrape.items import OrderLine
from shopscrape.payload import Origin, Payload
from spiders.godomall5 import codes
from spiders.godomall5.mapping_rows import amount, name, number, parts, total_of, unslashed, when

DISCOUNTS = (
    "goodsDcPrice", "memberDcPrice", "memberOverlapDcPrice", "couponGoodsDcPrice", "myappDcPrice", "timeSalePrice",
    "brandBankSalePrice", "enuri",
)  # fmt: skip
"""Reductions of a whole line; `enuri` is the operator's own and may be negative."""

LINE = (
    # supplier, cost and what a buyer typed are never stored
    "scmNo commission purchaseNo costPrice optionCostPrice optionTextInfo visitAddress "
    "orderNo orderCd orderGroupCd goodsModelNo goodsNmStandard brandCd cateAllCd listImageData fixedPrice "
    "addGoodsPrice "
    "divisionUseMileage divisionUseDeposit divisionCouponOrderDcPrice divisionGoodsDeliveryUseMileage "
    "divisionGoodsDeliveryUseDeposit divisionMemberDeliveryDcPrice deliveryMethodFl orderDeliverySno paymentDt "
    "invoiceDt minusStockFl minusMileageFl minusRestoreMileageFl minusDepositFl minusRestoreDepositFl plusMileageFl "
    "plusRestoreMileageFl goodsMileage memberMileage couponGoodsMileage checkoutData goodsDiscountInfo "
    "goodsMileageAddInfo sendSmsFl timeSaleFl parentGoodsNo parentMustFl hscode goodsVolume goodsWeight inflow "
    "mileageGiveDt goodsDeliveryCollectFl goodsDeliveryCollectPrice deliveryScheduleFl mallSno taxSupplyGoodsPrice "
    "taxVatGoodsPrice taxFreeGoodsPrice addGoodsNo goodsNo goodsType minusRestoreStockFl claimData"
)
GIFT = "presentTitle giftNo scmNo"


class Part(msgspec.Struct):
    """A line with what its claim needs to know about it."""

    line: OrderLine
    row: Payload
    raw: str | None
    """Its state, None where it tells none."""
    claim: Payload
    """`claimData`, without keys where there is none."""
    mode: str | None
    """`handleMode` of the claim."""
    before: str | None
    """Its state before the claim."""
    cancelled: datetime | None
    """`cancelDt`."""
    paid: datetime | None
    """`paymentDt`."""
    former: list[Payload] = []
    """Claims that ended before this one, where the answer tells several."""


def lines_of(row: Payload, origin: Origin) -> list[Part]:
    """Return the lines of an order that are sold, add-on articles last; gifts come apart."""
    found = [_part(one, origin, "sale") for one in parts(row, "orderGoodsData")]
    found += [_part(one, origin, "add_on") for one in parts(row, "addGoodsData")]
    for part in found:
        if part.line.kind == "replacement":
            part.line.replaces = _replaced(part, found)
    return found


def gifts_of(row: Payload) -> list[OrderLine]:
    """Return the gifts of an order as lines; their numbers are a series of their own and they tell no state."""
    return [
        OrderLine(
            line_id=f"gift:{one.need('sno')}", kind="gift", code=one.id("giftCd"), name=name(one, "giftNm"),
            quantity=one.whole("giftCnt"),
        )
        for one in parts(row, "giftData")
    ]  # fmt: skip


def _part(one: Payload, origin: Origin, kind: Any) -> Part:
    line_id, raw = one.need("sno"), one.id("orderStatus")
    claim, former = _claims(one, raw)
    mode, before = claim.id("handleMode"), claim.id("beforeStatus")
    times = {key: when(one, key) for key in ("deliveryDt", "deliveryCompleteDt", "finishDt", "cancelDt")}
    paid = when(one, "paymentDt")
    state = raw if isinstance(raw, str) else None
    add_on = one.id("goodsType") == "addGoods" or kind == "add_on"
    if "z" in (mode, (state or "")[:1], str(before or "")[:1]):
        kind = "replacement"
    elif add_on:
        kind = "add_on"
    cancelled = times["cancelDt"] if isinstance(times["cancelDt"], datetime) else None
    word: Any = _word(one, state, mode, before, times, paid, cancelled) if state else raw
    quantity = one.whole("goodsCnt")
    price, surcharge = one.money("goodsPrice"), [one.money("optionPrice"), one.money("optionTextPrice")]
    unit = price + sum(map(amount, surcharge), Decimal()) if isinstance(price, Decimal) else price
    less = total_of(one, DISCOUNTS)
    total: Any = UNSET
    if isinstance(unit, Decimal) and isinstance(quantity, int):
        total = unit * quantity - amount(less)
    options, sku = _options(one)
    code = one.id("goodsCd")
    line = OrderLine(
        line_id=line_id, external_id=number(one, "apiOrderGoodsNo"), kind=kind, product_id=_product(one, add_on),
        variant_id=number(one, "optionSno"), code=sku or code, name=name(one, "goodsNm"), options=options,
        quantity=quantity, quantity_left=_left(quantity, word), unit_price=unit, discount=less, total=total,
        status=word, status_raw=raw, courier=_courier(one, origin), tracking_no=one.id("invoiceNo"),
        shipped_at=times["deliveryDt"], delivered_at=times["deliveryCompleteDt"], completed_at=times["finishDt"],
    )  # fmt: skip
    return Part(
        line=line, row=one, raw=state, claim=claim, mode=mode if isinstance(mode, str) else None,
        before=before if isinstance(before, str) else None, cancelled=cancelled, former=former,
        paid=paid if isinstance(paid, datetime) else None,
    )  # fmt: skip


def _claims(one: Payload, raw: Any) -> tuple[Payload, list[Payload]]:
    """Return the claim that a line is under, and former ones. One is the rule; of several that of the line's state
    counts, else the last that was opened.
    """
    claims = parts(one, "claimData")
    claims.sort(key=lambda claim: str(claim.raw.get("regDt") or ""))
    fitting = [claim for claim in claims if isinstance(raw, str) and claim.raw.get("handleMode") == raw[:1]]
    claim = (fitting or claims or [one.part("")])[-1]
    return claim, [other for other in claims if other is not claim]


def _product(one: Payload, add_on: bool) -> Any:
    """Return the article's number; add-on articles are numbered apart from products, so theirs bear a prefix."""
    plain, apart = number(one, "goodsNo"), number(one, "addGoodsNo")
    return f"add:{apart}" if add_on and isinstance(apart, str) else plain


def state_word(row: Payload, raw: str) -> str:
    """Return the table's word for a state; a step that a merchant added is known by its family, others are counted."""
    if raw in codes.LINES:
        return codes.LINES[raw]
    if raw[1:].isdigit() and raw[:1] in codes.FAMILIES:
        return codes.FAMILIES[raw[:1]]
    known: str = row.known(raw, codes.LINES, "orderStatus")
    return known


def kind_of(raw: str | None, mode: str | None, before: str | None, shipped: bool) -> str | None:
    """Return what a claim asks for, None for a line that is under none; a refund is a cancellation before shipping."""
    kind = codes.KINDS.get(mode or "", codes.KINDS.get((raw or "")[:1]))
    if kind == codes.BY_CLAIM:
        # What stood before a refund may be a step of the refund itself.
        if before and before[:1] != "r":
            shipped = before[:1] not in codes.UNSHIPPED and before not in codes.UNSENT
        return "return" if shipped else "cancel"
    return kind or None


def _word(
    one: Payload, raw: str, mode: Any, before: Any, times: dict[str, Any], paid: Any, cancelled: datetime | None
) -> Any:
    word = state_word(one, raw)
    if raw == "c4" and cancelled is None:
        # Asked for by the buyer, not done yet; which of both it is depends on the mall (inferred).
        word = codes.BEFORE
    shipped, delivered = isinstance(times["deliveryDt"], datetime), isinstance(times["deliveryCompleteDt"], datetime)
    if word == codes.BY_CLAIM:
        kind = kind_of(raw, mode, before if isinstance(before, str) else None, shipped or delivered)
        return "returned" if kind == "return" else "exchanged" if kind == "exchange" else "cancelled"
    if word != codes.BEFORE:
        return word
    earlier = state_word(one, before) if isinstance(before, str) else codes.BEFORE
    if earlier not in (codes.BEFORE, codes.BY_CLAIM):
        return earlier
    if delivered or shipped:
        return "delivered" if delivered else "shipped"
    return "paid" if isinstance(paid, datetime) or raw[:1] in "ber" else "placed"


def _left(quantity: Any, word: Any) -> Any:
    if not isinstance(quantity, int) or not isinstance(word, str):
        return UNSET
    return 0 if word in ("cancelled", "returned", "exchanged") else quantity


def _courier(one: Payload, origin: Origin) -> Any:
    code, told = number(one, "invoiceCompanySno"), name(one, "invoiceCompany")
    if isinstance(told, str) or not isinstance(code, str):
        return told
    known: dict[str, str] = origin.context.get("couriers") or {}
    return known.get(code, code)


def _replaced(part: Part, found: Iterable[Part]) -> Any:
    """Return the line that an exchange line stands in for: claimed in one go with it; of its article if several."""
    group = part.claim.raw.get("handleGroupCd")
    others = [
        one for one in found
        if (one.mode or (one.raw or "")[:1]) == "e" and one.claim.raw.get("handleGroupCd") == group
    ]  # fmt: skip
    if len(others) > 1:
        others = [one for one in others if one.line.product_id == part.line.product_id]
    return others[0].line.line_id if len(others) == 1 else None


def _options(one: Payload) -> tuple[Any, str | None]:
    """Return the chosen options and the seller's code of that combination; text that is no list stays whole."""
    raw = one.take("optionInfo")
    if type(raw) is str and raw.strip():
        said, told = raw, _decoded(raw)
        if type(told) is str:
            said, told = told, _decoded(told)
        if not _is_list(told):
            return {"": name(Payload({"text": said}, one.tally), "text") or ""}, None
    else:
        told = raw
    if isinstance(told, dict):
        told = list(told.values())
    if raw is UNSET or not isinstance(told, list) or not told:
        return UNSET if raw is UNSET else {}, None
    rows = told if any(isinstance(row, list) for row in told) else [told]
    chosen: dict[str, str] = {}
    sku = None
    for row in rows:
        if not isinstance(row, list) or len(row) < 2:
            continue
        cells = Payload(dict(zip(("axis", "value", "sku"), map(_cell, row), strict=False)), one.tally)
        axis, value = name(cells, "axis") or "", name(cells, "value")
        sku = sku or cells.id("sku") or None
        if isinstance(value, str):
            chosen[axis] = f"{chosen[axis]}, {value}" if axis in chosen else value
    return chosen, sku if isinstance(sku, str) else None


def _is_list(told: Any) -> bool:
    """Return whether an option's text is one of its lists, or an empty one; a bare number or word is mere text."""
    if isinstance(told, dict):
        told = list(told.values())
    return told is None or (isinstance(told, list) and not any(isinstance(row, dict) for row in told))


def _cell(value: Any) -> str | None:
    return None if value is None or isinstance(value, (list, dict)) else str(value)


def _decoded(raw: str) -> Any:
    for text in (raw, unslashed(raw), html.unescape(raw)):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, ValueError):
            continue
    return UNSET
