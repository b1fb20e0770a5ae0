"""Godomall5 orders: rows of Order_Search to orders with their lines, and the claims of those lines."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import values, words
from shopscrape.items import Order, Record
from shopscrape.payload import Origin, Payload, ignoring
from shopscrape.privacy import person
from spiders.godomall5 import codes
from spiders.godomall5.mapping_claims import CLAIM, EXCHANGE, claims_of
from spiders.godomall5.mapping_lines import GIFT, LINE, Part, gifts_of, lines_of, state_word
from spiders.godomall5.mapping_rows import amount, first, name, number, parts, total_of, when

DISCOUNTS = (
    "totalGoodsDcPrice", "totalMemberDcPrice", "totalMemberOverlapDcPrice", "totalCouponGoodsDcPrice",
    "totalCouponOrderDcPrice", "totalCouponDeliveryDcPrice", "totalMemberBankDcPrice", "totalMemberDeliveryDcPrice",
    "totalMyappDcPrice", "totalEnuriDcPrice",
)  # fmt: skip
ADDRESS = ("receiverAddress", "receiverState", "receiverCity")
BASE_MALL = "1"
"""`mallSno` of the Korean mall; 2 to 4 are its English, Chinese and Japanese ones."""

_ORDER = (
    # persons, accounts and notes are never stored
    "memNo memId memGroupNm orderIp orderEmail bankName accountNumber depositor adminMemo addField trackingKey "
    "fbPixelKey pushCode orderConsultData "
    "orderTypeFl orderGoodsNm orderGoodsNmStandard orderGoodsCnt totalMileage totalGoodsMileage totalMemberMileage "
    "totalCouponGoodsMileage totalCouponOrderMileage taxSupplyPrice taxVatPrice taxFreePrice realTaxSupplyPrice "
    "realTaxVatPrice realTaxFreePrice pgRealTaxSupplyPrice pgRealTaxVatPrice pgRealTaxFreePrice firstSaleFl "
    "multiShippingFl appOs currencyPolicy exchangeRatePolicy overseasSettleCurrency overseasSettlePrice "
    "totalDeliveryInsuranceFee totalDeliveryWeight userHandleProcess pgChargeBack statisticsAppOrderCntFl "
    "bankdaManualFl bankdaManualDt bankdaManual myappPolicy orderDeliveryData orderInfoData"
)
IGNORED = ignoring(
    _ORDER,
    f"orderGoodsData: {LINE}",
    f"addGoodsData: {LINE}",
    f"orderGoodsData.claimData: {CLAIM}",
    f"addGoodsData.claimData: {CLAIM}",
    f"orderGoodsData.claimData.exchageInfoData: {EXCHANGE}",
    f"addGoodsData.claimData.exchageInfoData: {EXCHANGE}",
    f"giftData: {GIFT}",
    "orderInfoData: sno orderInfoCd orderName orderEmail orderPhone orderCellPhone orderZipcode orderZonecode "
    "orderAddress orderAddressSub orderPhonePrefixCode orderPhonePrefix orderCellPhonePrefixCode orderCellPhonePrefix "
    "receiverName receiverPhone receiverCellPhone receiverZipcode receiverZonecode receiverAddress receiverAddressSub "
    "receiverPhonePrefixCode receiverPhonePrefix receiverCellPhonePrefixCode receiverCellPhonePrefix customIdNumber "
    "orderMemo receiverUseSafeNumberFl receiverSafeNumber receiverSafeNumberDt receiverCountryCode receiverCountry "
    "receiverState receiverCity deliveryVisit visitAddress visitName visitPhone visitMemo packetCode smsFl",
)

_CURRENCY = re.compile(r"\b[A-Z]{3}\b")


def order(row: Payload, origin: Origin) -> Iterator[Record]:
    """Read one order with its lines, gifts and claims."""
    order_id = row.need("orderNo")
    currency = _currency(row, origin)
    told_lines = row.has("orderGoodsData") or row.has("addGoodsData")
    found = lines_of(row, origin)
    lines = [part.line for part in found] + gifts_of(row)
    raw = row.id("orderStatus")
    paid_at = _paid_at(row, found)
    goods, shipping = row.money("totalGoodsPrice"), row.money("totalDeliveryCharge")
    less = total_of(row, DISCOUNTS)
    total: Any = UNSET
    if isinstance(goods, Decimal):
        total = goods + amount(shipping) - amount(less)
    settled = row.money("settlePrice")
    channel, channel_raw = _channel(row)
    destinations = parts(row, "orderInfoData")
    yield Order(
        **origin.common(), order_id=order_id, external_id=number(row, "apiOrderGoodsNo"), channel=channel,
        channel_raw=channel_raw, status=_status(row, found, raw), status_raw=raw,
        ordered_at=_ordered_at(row, order_id), paid_at=paid_at, currency=currency, items_total=goods,
        shipping_fee=shipping, discount=less, total=total,
        points_used=total_of(row, ("useMileage", "useDeposit")),
        # What an unpaid order is to cost stands in the same place.
        paid=Decimal() if isinstance(settled, Decimal) and _unpaid(paid_at, raw, found) else settled,
        payment_methods=_payment(row), buyer=_buyer(row, destinations), receiver_region=_region(row, destinations),
        lines=lines if told_lines else UNSET,
    )  # fmt: skip
    for part in found:
        yield from claims_of(part, origin, order_id, currency)


def _paid_at(row: Payload, found: list[Part]) -> Any:
    """Return when it was paid; where the order tells none, the first time that one of its lines tells."""
    told = when(row, "paymentDt")
    return told if isinstance(told, datetime) else min((part.paid for part in found if part.paid), default=told)


def _unpaid(paid_at: Any, raw: Any, found: list[Part]) -> bool:
    """Return whether no money has come: no time of payment, or none told and every state is one before payment."""
    if paid_at is not UNSET:
        return paid_at is None
    states = [part.raw for part in found if part.raw] or [raw]
    return all(isinstance(state, str) and state[:1] in codes.UNPAID for state in states)


def _status(row: Payload, found: list[Any], raw: Any) -> Any:
    """Return the word of the lines; where they tell none, that of the order's own state, where it is one of the way."""
    told = [(part.line.kind, part.line.status) for part in found if isinstance(part.line.status, str)]
    if told:
        return words.order_status(told)
    if not isinstance(raw, str):
        return UNSET
    word = state_word(row, raw)
    return UNSET if word in (codes.BEFORE, codes.BY_CLAIM) else word


def _ordered_at(row: Payload, order_id: str) -> Any:
    """Return when it was placed; where that is not told, the number's first twelve digits say it (yymmddhhmmss)."""
    told = when(row, "orderDate")
    if isinstance(told, datetime) or len(order_id) != 16 or not order_id.isdecimal():
        return told
    try:
        return values.moment(f"20{order_id[:12]}", row.zone)
    except ValueError:
        return told


def _currency(row: Payload, origin: Origin) -> str:
    """Return the mall's currency; that of an overseas mall stands in a policy whose shape is unverified."""
    mall, policy = row.id("mallSno"), row.take("currencyPolicy")
    if isinstance(mall, str) and mall != BASE_MALL and type(policy) is str:
        found = _CURRENCY.search(policy)
        if found:
            return found[0]
    return origin.currency


def _channel(row: Payload) -> tuple[Any, Any]:
    raw = row.id("orderChannelFl")
    if not isinstance(raw, str):
        return raw, raw
    word = row.known(raw.lower(), codes.CHANNELS, "orderChannelFl")
    return ("other" if word == "unknown" else word), raw


def _payment(row: Payload) -> Any:
    raw = row.id("settleKind")
    if not isinstance(raw, str):
        return raw if raw is UNSET else []
    if raw not in codes.PAYMENTS:
        row.tally.unknown[f"settleKind={raw[:40]}"] += 1
    return [raw]


def _buyer(row: Payload, destinations: list[Payload]) -> Any:
    """Return who bought: the first destination tells the phone, the order the e-mail and the member, 0 for a guest."""
    told = [row.has("orderEmail"), row.has("memNo"), row.has("memId"), bool(destinations)]
    member = first(number(row, "memId"), number(row, "memNo"))
    who = destinations[0].raw if destinations else {}
    phone = who.get("orderCellPhone") or who.get("orderPhone")
    email = row.take("orderEmail")
    email = email if isinstance(email, str) and email else who.get("orderEmail")
    found = person(phone=_clear(phone), email=_clear(email), member=member)
    return found if any(told) else UNSET


def _clear(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _region(row: Payload, destinations: list[Payload]) -> Any:
    if not destinations or not any(map(destinations[0].has, ADDRESS)):
        return UNSET
    address = name(destinations[0], "receiverAddress")
    if not isinstance(address, str):
        state, city = name(destinations[0], "receiverState"), name(destinations[0], "receiverCity")
        address = " ".join(part for part in (state, city) if isinstance(part, str))
    steps = address.split()
    if len(steps) > 1 and steps[1][-1:] in "시군구":
        return " ".join(steps[:2])
    return steps[0] if steps else None
