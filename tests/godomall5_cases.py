"""Godomall5 payloads for tests: documented shapes with values of ours, to be bent by each test."""

from datetime import UTC, datetime

import msgspec
from godomall5_mall import answer, element

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.payload import Origin, read_page
from shopscrape.privacy import Scrubber
from spiders.godomall5 import FACTS, mapping

READ_AT = datetime(2026, 7, 20, tzinfo=UTC)
ROWS = {
    "products": "goods_data", "products.add_on": "add_goods_data", "orders": "order_data",
    "reviews.board": "board_data",
}  # fmt: skip
ABSENT = object()
"""Takes a field out."""


def read(kind, *rows, context=None, **told):
    """Return the page of an answer with these rows; one text is a whole body."""
    if len(rows) == 1 and isinstance(rows[0], str | bytes):
        body = rows[0].encode() if isinstance(rows[0], str) else rows[0]
    elif kind in ROWS:
        body = answer(element(ROWS[kind], list(rows))).encode()
    else:
        body = msgspec.json.encode({"totalCount": len(rows), "contents": list(rows)})
    origin = Origin(platform="godomall5", collected_at=READ_AT, context=context or {}, **told)
    return read_page(mapping.KINDS[kind], body, origin)


def records(page):
    """Return the records of a page as `scrapy map` would print them."""
    scrub = Scrubber(b"a key for tests only").scrub
    return [
        {"type": type(record).__name__} | msgspec.to_builtins(scrub(validate(normalise(record), FACTS.channels)))
        for record in page.records
    ]


def mapped(kind, *rows, context=None, **told):
    """Return the records of rows; none may fail and no key may be left over."""
    page = read(kind, *rows, context=context, **told)
    assert page.failed == [] and not page.tally.left_over, (page.failed, page.tally.left_over)
    return records(page)


def bent(told, changes):
    return {name: value for name, value in (told | changes).items() if value is not ABSENT}


def goods(**changes):
    """Return a product without options."""
    told = {
        "goodsNo": "1000000035", "goodsNm": "머그컵", "goodsCd": "MUG", "goodsDisplayFl": "y",
        "goodsDisplayMobileFl": "y", "goodsSellFl": "y", "goodsSellMobileFl": "y", "soldOutFl": "n", "stockFl": "y",
        "totalStock": "7",
        "goodsPrice": "16000.00", "fixedPrice": "0.00", "goodsPriceString": "", "goodsDiscountFl": "n", "optionFl": "n",
        "regDt": "2026-05-02 10:11:12", "modDt": "",
    }  # fmt: skip
    return bent(told, changes)


def option(sno, first="화이트", second="M", **changes):
    """Return a combination of a product."""
    told = {
        "sno": sno, "goodsNo": "1000000035", "optionNo": "1", "optionValue1": first, "optionValue2": second,
        "optionValue3": "", "optionPrice": "0.00", "optionViewFl": "y", "optionSellFl": "y", "optionCode": f"K-{sno}",
        "stockCnt": "3.00", "sellStopFl": "n", "sellStopStock": "0", "confirmRequestFl": "n",
        "confirmRequestStock": "0", "regDt": "2026-05-02 10:11:12", "modDt": "",
    }  # fmt: skip
    return bent(told, changes)


def with_options(*options, **changes):
    """Return a product with two axes."""
    return goods(optionFl="y", optionName="색상^|^사이즈", optionData=list(options), **changes)


def line(sno="70031", **changes):
    """Return a line of an order."""
    told = {
        "sno": sno, "orderNo": "2607031545120001", "orderCd": "1", "orderStatus": "p1", "goodsNo": "1000000042",
        "goodsCd": "TS", "goodsNm": "티셔츠", "goodsCnt": "2", "goodsPrice": "29000.00", "optionPrice": "1000.00",
        "optionTextPrice": "0.00", "goodsDcPrice": "2000.00", "optionSno": "5013", "optionInfo": "",
        "invoiceCompanySno": "0", "invoiceCompany": "", "invoiceNo": "", "paymentDt": "2026-07-03 15:46:02",
        "deliveryDt": "0000-00-00 00:00:00", "deliveryCompleteDt": "", "finishDt": "",
        "cancelDt": "0000-00-00 00:00:00",
    }  # fmt: skip
    return bent(told, changes)


def claim(**changes):
    """Return what a line tells of its claim."""
    told = {
        "beforeStatus": "d2", "handleMode": "b", "handleCompleteFl": "n", "handleReason": "고객변심",
        "handleDetailReason": "", "handleDt": "0000-00-00 00:00:00", "refundPrice": "0.00", "refundCharge": "0.00",
        "regDt": "2026-07-05 10:00:00", "handleGroupCd": "1",
    }  # fmt: skip
    return bent(told, changes)


def order(*lines, **changes):
    """Return an order with its lines."""
    told = {
        "orderNo": "2607031545120001", "memNo": "1021", "memId": "hong", "orderStatus": "p1", "orderChannelFl": "shop",
        "orderDate": "2026-07-03 15:45:12", "paymentDt": "2026-07-03 15:46:02", "settlePrice": "59000.00",
        "totalGoodsPrice": "60000.00", "totalDeliveryCharge": "3000.00", "totalGoodsDcPrice": "2000.00",
        "totalEnuriDcPrice": "-500.00", "useMileage": "1000.00", "useDeposit": "500.00", "settleKind": "pc",
        "apiOrderGoodsNo": "0", "mallSno": "1", "orderEmail": "hong@example.com",
        "orderInfoData": [{"orderName": "홍길동", "orderCellPhone": "010-0000-0000", "customIdNumber": "P123",
                           "receiverAddress": "경기도 성남시 분당구 예시로 1"}],
        "orderGoodsData": list(lines) or [line()],
    }  # fmt: skip
    return bent(told, changes)


def post(**changes):
    """Return a post of a review board."""
    told = {
        "sno": "812", "goodsNo": "1000000042", "goodsPt": "5", "subject": "예뻐요", "content": "좋아요",
        "writerNm": "홍길동", "isSecret": "n", "answerSubject": "", "answerContents": "",
        "regDt": "2026-07-02 21:14:09", "modDt": "",
    }  # fmt: skip
    return bent(told, changes)


def of_type(found, name):
    """Return the records of one type."""
    return [record for record in found if record["type"] == name]
