"""Cafe24 payloads for tests: documented shapes with values of ours, to be bent by each test."""

from datetime import UTC, datetime

import msgspec

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.payload import Origin, read_page
from shopscrape.privacy import Scrubber
from spiders.cafe24 import FACTS, mapping

READ_AT = datetime(2026, 7, 20, tzinfo=UTC)
EMPTY = ([], "", None, {})
"""An empty list in every disguise but absence."""


def read(kind, document, context=None, **told):
    """Return the page of a document, as JSON of its kind."""
    body = document if isinstance(document, bytes) else msgspec.json.encode(document)
    origin = Origin(platform="cafe24", collected_at=READ_AT, context=context or {}, **told)
    return read_page(mapping.KINDS[kind], body, origin)


def mapped(kind, document, context=None, **told):
    """Return the records of a document as `scrapy map` would print them; no row may fail."""
    page = read(kind, document, context, **told)
    assert page.failed == []
    scrub = Scrubber(b"a key for tests only").scrub
    return [
        {"type": type(record).__name__} | msgspec.to_builtins(scrub(validate(normalise(record), FACTS.channels)))
        for record in page.records
    ]


def of_type(records, name):
    """Return the records of one type."""
    return [record for record in records if record["type"] == name]


def product(**changes):
    """Return a product of the list."""
    return {
        "shop_no": 1, "product_no": 501, "product_code": "P0000TAA", "custom_product_code": "", "product_name": "양말",
        "price": "9000.00", "retail_price": "0.00", "supply_price": "4000.00", "display": "T", "selling": "T",
        "sold_out": "F", "summary_description": "", "price_content": None, "detail_image": None,
        "created_date": "2026-05-01T10:00:00+09:00", "updated_date": "2026-05-02T10:00:00+09:00",
    } | changes  # fmt: skip


def variant(**changes):
    """Return a variant with its stock flat beside it."""
    return {
        "shop_no": 1, "variant_code": "P0000TAA000A", "options": [{"name": "색상", "value": "회색"}],
        "custom_variant_code": "", "display": "T", "selling": "T", "display_order": 1, "additional_amount": "0.00",
        "use_inventory": "T", "important_inventory": "A", "inventory_control_type": "A", "display_soldout": "T",
        "quantity": 7, "safety_inventory": 0, "image": None,
    } | changes  # fmt: skip


def item(place=1, **changes):
    """Return an order item without a claim."""
    return {
        "shop_no": 1, "item_no": place, "order_item_code": f"20260601-0000005-{place:02d}", "product_no": 501,
        "variant_code": "P0000TAA000A", "product_name": "양말", "option_value": "색상=회색", "quantity": 2,
        "product_price": "9000.00", "option_price": "500.00", "payment_amount": None, "order_status": "N40",
        "status_code": "N1", "order_status_before_cs": None, "request_undone": None, "claim_code": None,
        "claim_reason_type": None, "claim_reason": None, "claim_quantity": 0, "original_item_no": [],
        "tracking_no": "111", "shipping_company_name": "예시택배", "shipped_date": "2026-06-02T10:00:00+09:00",
        "delivered_date": "2026-06-03 11:00:00", "purchaseconfirmation_date": None, "gift": "F", "options": [],
        "supply_price": "4000.00", "refund_bank_account_no": "110-222-333333", "multi_invoice": None,
    } | changes  # fmt: skip


AMOUNTS = {
    "order_price_amount": "19000.00", "shipping_fee": "3000.00", "points_spent_amount": "500.00",
    "credits_spent_amount": "0.00", "coupon_discount_price": "1000.00", "membership_discount_amount": "0.00",
}  # fmt: skip


def order(*items, **changes):
    """Return an order with its items embedded."""
    return {
        "shop_no": 1, "currency": "KRW", "order_id": "20260601-0000005", "market_id": "self", "market_order_no": None,
        "member_id": "sampleid", "order_date": "2026-06-01T09:00:00+09:00", "payment_date": "2026-06-01T09:01:00+09:00",
        "payment_method": ["card"], "payment_amount": "20500.00", "order_place_id": "cafe24", "naver_point": 0,
        "actual_order_amount": AMOUNTS, "items": list(items) or [item()],
    } | changes  # fmt: skip


def claim(code="C20260604-0000001", lines=(1,), **changes):
    """Return a claim resource about some lines of `order`."""
    return {
        "shop_no": 1, "order_id": "20260601-0000005", "claim_code": code, "claim_reason_type": "K",
        "claim_reason": "불량 확인", "refund_amounts": [{"payment_method": "card", "amount": "9500.00"}], "undone": "F",
        "items": [item(place, claim_code=code) for place in lines],
    } | changes  # fmt: skip


def refund(code="C20260604-0000001", lines=(1,), **changes):
    """Return a refund of the list."""
    return {
        "shop_no": 1, "order_id": "20260601-0000005", "refund_code": code, "status": "T", "currency": "KRW",
        "order_item_code": [f"20260601-0000005-{place:02d}" for place in lines], "quantity": len(lines),
        "actual_refund_amount": "9500.00", "refund_date": "2026-06-05T10:00:00+09:00",
        "refund_payment_methods": ["card"], "refund_bank_account_no": "110-222-333333", "cancel_fee_amount": None,
    } | changes  # fmt: skip


def article(**changes):
    """Return a review of board 4."""
    return {
        "shop_no": 1, "article_no": 900, "parent_article_no": None, "board_no": 4, "product_no": 501, "reply_depth": 0,
        "created_date": "2026-06-10T00:30:00+09:00", "writer": "홍길동", "writer_email": "", "member_id": "sampleid",
        "title": "좋아요", "content": "<p>따뜻해요</p>", "rating": 5, "display": "T", "secret": "F", "notice": "F",
        "fixed": "F", "deleted": "F", "order_id": "", "attach_file_urls": [], "nick_name": "",
        "naverpay_review_id": None, "client_ip": "127.0.0.1",
    } | changes  # fmt: skip


def comment(**changes):
    """Return a comment below `article`."""
    return {
        "shop_no": 1, "board_no": 4, "article_no": 900, "comment_no": 1, "content": "감사합니다", "writer": "관리자",
        "member_id": "buyer1", "created_date": "2026-06-11T09:00:00+09:00", "secret": "F", "rating": 0,
        "parent_comment_no": None, "attach_file_urls": [],
    } | changes  # fmt: skip
