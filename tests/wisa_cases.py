"""WISA payloads for tests: documented shapes with values of ours, to be bent by each test."""

from datetime import UTC, datetime

import msgspec

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.payload import Origin, read_page
from shopscrape.privacy import Scrubber
from spiders.wisa import FACTS, mapping

READ_AT = datetime(2026, 7, 20, tzinfo=UTC)
EMPTY = ([], "", None, {}, False)
"""An empty list in every disguise but absence."""


def read(kind, document, context=None, **told):
    """Return the page of a document: text, bytes, or what becomes JSON."""
    body = document.encode() if isinstance(document, str) else document
    body = body if isinstance(body, bytes) else msgspec.json.encode(body)
    origin = Origin(platform="wisa", collected_at=READ_AT, context=context or {}, **told)
    return read_page(mapping.KINDS[kind], body, origin)


def records(page):
    """Return the records of a page as `scrapy map` would print them."""
    scrub = Scrubber(b"a key for tests only").scrub
    return [
        {"type": type(record).__name__} | msgspec.to_builtins(scrub(validate(normalise(record), FACTS.channels)))
        for record in page.records
    ]


def mapped(kind, document, context=None, **told):
    """Return the records of a document; no row may fail and no key may be left over."""
    page = read(kind, document, context, **told)
    assert page.failed == [] and not page.tally.left_over
    return records(page)


def of_type(found, name):
    """Return the records of one type."""
    return [record for record in found if record["type"] == name]


def line(**changes):
    """Return a line of an order in full."""
    return {
        "order_product_no": "501",
        "pno": "77",
        "code": "A-1",
        "name": "양말",
        "option": "",
        "photo": "",
        "buy_ea": "2",
        "total_prc": "20000",
        "sale_prc": "1000",
        "total_milage": "0",
        "dlv_no": "",
        "dlv_code": "",
        "stat": "2",
        "stat_str": "입금완료",
        "discount": [],
        "complex_no": "0",
        "partner_no": 0,
        "partner_name": "",
        "dlv_type": "mall",
    } | changes


def order(*lines, **changes):
    """Return an order in full."""
    return {
        "status": "Y",
        "ono": "20260701-AAAAA",
        "products": list(lines or [line()]),
        "date1": "2026-07-01 10:00:00",
        "date5": 0,
        "pay_type": "신용카드",
        "pay_prc": "21500",
        "dlv_prc": "3000",
        "milage_prc": "400",
        "emoney_prc": "100",
        "stat": "입금완료",
        "stat_log": [],
        "buyer_name": "홍길동",
        "member_id": "hong01",
        "buyer_cell": "010-0000-0001",
        "buyer_phone": "",
        "buyer_email": "hong@example.com",
        "addr_addr": "부산광역시 예시구 예시로 2 3층",
        "discount": [],
        "channel": None,
        "cash_receipt": False,
        "coupon": None,
        "mng_memo": [{"content": "비밀"}],
        "ip": "192.0.2.1",
    } | changes


def product(**changes):
    """Return a product of the list."""
    return {
        "pno": "77",
        "code": "",
        "system_code": "28DD2C7955CE926456240B2FF0100BDE",
        "title": "양말",
        "keyword": "",
        "stat": "정상",
        "cate1": "잡화",
        "cate2": "",
        "cate3": "",
        "cate4": "",
        "big": "5",
        "mid": "0",
        "small": "0",
        "depth4": None,
        "normal_prc": "0",
        "sell_prc": "9000",
        "photo": "",
        "addimg": [],
        "reg_date": "2026-05-01 10:00:00",
        "detailLink": "https://shop.example.com/shop/detail.php?pno=28DD2C7955CE926456240B2FF0100BDE",
        "hit_view": "1",
        "hit_cart": "0",
        "hit_wish": "0",
        "hit_order": "0",
        "qna_cnt": "0",
        "wm_sc": "0",
    } | changes


def review(**changes):
    """Return a review of the list."""
    return {
        "no": "900",
        "name": "홍길동",
        "member_id": "hong01",
        "pname": "양말",
        "pno": "77",
        "system_code": "",
        "title": "좋아요",
        "cate": "",
        "pts": "4",
        "recommend_y": "2",
        "recommend_n": "0",
        "stat": "2",
        "photo1": "",
        "photo2": "",
        "images": [],
        "content": "따뜻해요",
        "reg_date": "2026-07-02 23:30:00",
    } | changes


def combination(**changes):
    """Return a combination with its stock."""
    return {
        "complex_no": "31",
        "barcode": "",
        "pno": "77",
        "product_name": "양말",
        "image": "",
        "item_name": "회색",
        "qty": "4",
        "type": "L",
        "type_str": "한정",
    } | changes


def option(**changes):
    """Return an option of a product."""
    return {
        "opno": "8",
        "name": "색상",
        "otype": "콤보박스",
        "necessary": "Y",
        "items": "회색,검정",
        "add_price": "0,500",
        "items_list": [
            {"no": "81", "name": "회색", "add_price": "0"},
            {"no": "82", "name": "검정", "add_price": "500"},
        ],
    } | changes
