"""Every code of the Commerce API's tables has its word; a strange one gives "unknown" and is counted."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopscrape.payload import Answer, Origin, read_page
from spiders.naver import codes, mapping

SAMPLES = Path(__file__).parent / "samples" / "naver"
TABLES = json.loads((SAMPLES / "enums.json").read_text("utf-8"))["enums"]
ORIGIN = Origin(platform="naver", collected_at=datetime(2026, 7, 20, tzinfo=UTC))


def listed(**told):
    document = json.loads((SAMPLES / "products_search_page2.json").read_text("utf-8"))
    document["contents"] = document["contents"][:1]
    document["contents"][0]["channelProducts"][0] |= told
    return read("products", document)


def line(product=None, **told):
    document = json.loads((SAMPLES / "orders_query_paid.json").read_text("utf-8"))
    document["data"] = document["data"][:1]
    document["data"][0]["productOrder"] |= product or {}
    document["data"][0] |= told
    return read("orders", document)


def read(kind, document):
    page = read_page(mapping.KINDS[kind], json.dumps(document).encode(), ORIGIN)
    assert not page.failed
    return page


def claim(kind, **told):
    return {"currentClaim": {kind: {"claimId": "c1", "claimRequestDate": "2025-11-03T09:55:44.0+09:00"} | told}}


@pytest.mark.parametrize("code", TABLES["productStatusType"])
def test_product_status(code):
    page = listed(statusType=code)
    assert page.records[0].status == codes.PRODUCTS[code] and page.records[0].status_raw == code
    assert not page.tally.unknown


@pytest.mark.parametrize("code", TABLES["channelProductDisplayStatusType"])
def test_display_of_a_product(code):
    page = listed(channelProductDisplayStatusType=code, statusType="SALE")
    assert page.records[0].status == ("on_sale" if code == "ON" else "hidden")
    assert not page.tally.unknown


@pytest.mark.parametrize("code", TABLES["channelServiceType"])
def test_channels(code):
    assert code in codes.SERVICES
    assert not listed(channelServiceType=code).tally.unknown


@pytest.mark.parametrize("code", TABLES["productOrderStatus"])
def test_state_of_a_line(code):
    page = line({"productOrderStatus": code, "placeOrderStatus": "OK"})
    found = page.records[0].lines[0]
    assert found.status == ("preparing" if code == "PAYED" else codes.LINES[code]) and found.status_raw == code
    assert not page.tally.unknown


@pytest.mark.parametrize("code, word", [("NOT_YET", "paid"), ("OK", "preparing"), ("CANCEL", "paid")])
def test_confirmation_of_a_paid_line(code, word):
    assert code in TABLES["placeOrderStatus"]
    assert line({"placeOrderStatus": code}).records[0].lines[0].status == word


@pytest.mark.parametrize("code", TABLES["claimStatus"])
def test_state_of_a_claim(code):
    kind = (
        "exchange" if code.startswith("EXCHANGE") else "return" if code.startswith(("RETURN", "COLLECT")) else "cancel"
    )
    page = line(**claim(kind, claimStatus=code))
    if code in codes.NO_CLAIM:
        assert not any(getattr(record, "status", None) == "unknown" for record in page.records)
    else:
        assert page.records[1].status == codes.CLAIMS[code] and page.records[1].status_raw == code
    assert not page.tally.unknown


@pytest.mark.parametrize("code", TABLES["claimType"])
def test_kind_of_a_claim(code):
    done = {"claimType": code, "claimId": "c9", "claimStatus": "CANCEL_DONE"}
    if code == "PURCHASE_DECISION_HOLDBACK":
        done["claimStatus"] = code
    page = line({"claimType": code, "claimId": "c9", "claimStatus": done["claimStatus"]}, completedClaims=[done])
    returns = page.records[1:]
    if code == "PURCHASE_DECISION_HOLDBACK":
        assert not returns
    else:
        assert [found.kind for found in returns] == [codes.KINDS[code]]
        assert (returns[0].by == "platform") is (code == "ADMIN_CANCEL")
    assert not page.tally.unknown


@pytest.mark.parametrize("code", TABLES["claimReason"])
def test_reason_of_a_claim(code):
    page = line(**claim("return", claimStatus="RETURN_REQUEST", returnReason=code))
    assert page.records[1].reason == codes.REASONS[code] and page.records[1].reason_raw == code
    assert page.records[1].reason != "unknown" and not page.tally.unknown


def test_tables_hold_the_official_codes_and_no_others():
    assert set(TABLES["productStatusType"]) == set(codes.PRODUCTS)
    assert set(TABLES["channelProductDisplayStatusType"]) == set(codes.DISPLAY)
    assert set(TABLES["productOrderStatus"]) == set(codes.LINES)
    assert set(TABLES["placeOrderStatus"]) == set(codes.PLACED)
    assert set(TABLES["claimStatus"]) == set(codes.CLAIMS) | codes.NO_CLAIM
    assert set(TABLES["claimReason"]) == set(codes.REASONS) and len(codes.REASONS) == 34
    assert set(TABLES["lastChangedType"]) == codes.CHANGES
    assert set(TABLES["giftReceivingStatus"]) == codes.GIFTS
    known = codes.NOT_THERE | codes.WRONG_QUESTION | codes.WRITES | {codes.NOT_OURS, codes.TOO_WIDE, codes.OTHER}
    assert set(TABLES["orderErrorCode"]) == known


@pytest.mark.parametrize("code", TABLES["lastChangedType"])
def test_changes_of_the_feed(code):
    document = json.loads((SAMPLES / "last_changed_statuses_claims.json").read_text("utf-8"))
    document["data"]["lastChangeStatuses"][0]["lastChangedType"] = code
    assert not read("orders.changed", document).tally.unknown


OUTCOMES = {
    "4000": "retry", "9999": "retry", "100001": "not_found", "100003": "not_found", "101009": "refused",
    "104131": "retry", "104133": "retry", "104139": "retry",
}  # fmt: skip


@pytest.mark.parametrize("code", TABLES["orderErrorCode"])
def test_order_errors(code):
    body = json.dumps({"code": code, "message": "…", "timestamp": "…", "traceId": "…"}).encode()
    for status in (200, 400):
        with pytest.raises(Exception) as raised:
            mapping.judge(Answer(body, status))
        assert raised.value.outcome == OUTCOMES.get(code, "refused") and raised.value.code == code


@pytest.mark.parametrize(
    "family, found",
    [
        ("statusType=NEW_WORD", lambda: listed(statusType="NEW_WORD")),
        ("channelProductDisplayStatusType=NEW_WORD", lambda: listed(channelProductDisplayStatusType="NEW_WORD")),
        ("productOrderStatus=NEW_WORD", lambda: line({"productOrderStatus": "NEW_WORD"})),
        ("placeOrderStatus=NEW_WORD", lambda: line({"placeOrderStatus": "NEW_WORD"})),
        ("productClass=NEW_WORD", lambda: line({"productClass": "NEW_WORD"})),
        ("giftReceivingStatus=NEW_WORD", lambda: line({"giftReceivingStatus": "NEW_WORD"})),
        ("claimStatus=NEW_WORD", lambda: line(**claim("return", claimStatus="NEW_WORD"))),
        ("claimReason=NEW_WORD", lambda: line(**claim("return", claimStatus="RETURN_DONE", returnReason="NEW_WORD"))),
        (
            "requestChannel=NEW_WORD",
            lambda: line(**claim("return", claimStatus="RETURN_DONE", requestChannel="NEW_WORD")),
        ),
        ("claimType=NEW_WORD", lambda: line(completedClaims=[{"claimType": "NEW_WORD", "claimId": "c1"}])),
    ],
)
def test_strange_words_are_counted(family, found):
    page = found()
    assert page.tally.unknown[family] == 1
    told = [getattr(record, name) for record in page.records for name in ("status", "reason") if hasattr(record, name)]
    told += [one.status for record in page.records for one in getattr(record, "lines", None) or ()]
    if family.split("=")[0] in ("statusType", "productOrderStatus", "claimStatus", "claimReason"):
        assert "unknown" in told


def test_strange_kind_of_claim_goes_by_its_state():
    done = {"claimType": "NEW_WORD", "claimId": "c1", "claimStatus": "RETURN_DONE", "requestQuantity": 1}
    page = line(completedClaims=[copy.deepcopy(done)])
    assert page.records[1].kind == "return" and page.tally.unknown["claimType=NEW_WORD"] == 1
