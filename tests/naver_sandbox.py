"""What tests of the emulated Commerce API share: samples, how answers are held against them, a question for a token."""

import base64
import json
import time
from pathlib import Path
from urllib.parse import urlencode

import bcrypt
from sandboxing import ask

from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples" / "naver"
MALL = "demo_naver"
ORDERS = "/v1/pay-order/seller/product-orders"
ROWS = (
    "orders_query_paid", "order_cancel_done", "order_return_done", "order_return_collecting",
    "order_exchange_redelivering", "official_schema_orders_query",
)  # fmt: skip
"""Samples of whole product orders; the last one is the official list of all fields."""


def below(path, *names):
    return tuple(f"{path}.{name}" for name in names)


# Null fields are usually left out (client tests): these are null in many rows of the made-up world.
NO_BRAND = below("[].contents.[].channelProducts.[]", "brandName", "manufacturerName")
_DETAIL = "[].originProduct.detailAttribute"
NO_PART = (
    *below(f"{_DETAIL}.naverShoppingSearchInfo", "brandName", "manufacturerName"),
    *below(f"{_DETAIL}.optionInfo.optionCombinationGroupNames", "optionGroupName1", "optionGroupName2"),
    *below(f"{_DETAIL}.optionInfo.optionCombinations.[]", "optionName2"),
    *below(f"{_DETAIL}.optionInfo.optionStandards.[]", "optionName2"),
    *below(f"{_DETAIL}.optionInfo.optionCustom.[]", "name"),
    *below("[].originProduct.customerBenefit.reviewPointPolicy", "startDate", "endDate"),
)
HELD = "holdbackStatus", "holdbackReason", "holdbackConfigDate", "holdbackConfigurer"
COLLECTED = "collectDeliveryCompany", "collectTrackingNumber", "claimDeliveryFeePayMeans"
EXCHANGED = (
    "exchangeDetailedReason", "collectCompletedDate", "reDeliveryCompany", "reDeliveryTrackingNumber",
    "reDeliveryStatus", "reDeliveryOperationDate", *COLLECTED,
)  # fmt: skip
CLAIM_ENDS = {
    "cancel": ("cancelDetailedReason", "cancelApprovalDate", "cancelCompletedDate", "refundExpectedDate"),
    "return": ("returnDetailedReason", *COLLECTED, *HELD), "exchange": EXCHANGED,
}  # fmt: skip
# These stand in the official list alone, which shows everything at once.
RARE = (
    "claimDeliveryFeeSupportType", "claimDeliveryFeeSupportAmount", "etcFeePayMeans", "etcFeePayMethod",
    "membershipsArrivalGuaranteeClaimSupportingAmount", "exchangeImageUrl",
    *(path for name in ("collectAddress", "returnReceiveAddress", "reDeliveryAddress")
      for path in below(name, "city", "country", "state", "tel2", "logisticsCenterId")),
)  # fmt: skip
NOT_YET = (
    "[].order.paymentDate", "[].delivery.deliveredDate",
    *below("[].productOrder", "productOption", "optionCode", "itemNo", "optionManageCode", "sellerProductCode"),
    *below("[].productOrder", "shippingMemo", "shippingAddress"),
    # Nothing is refunded of what was not paid, or of an exchange.
    *below("[].completedClaims.[]", "claimRequestDetailContent", "refundExpectedDate", "refundStandbyReason"),
    *below("[].completedClaims.[]", "refundStandbyStatus", *RARE), *below("[].beforeClaim.exchange", *RARE),
    *(path for kind, names in CLAIM_ENDS.items() for block in (f"[].currentClaim.{kind}", f"[].{kind}")
      for path in below(block, *names)),
)  # fmt: skip
# What the official list of a product's fields holds besides: forms for each kind of goods (notices, books, vouchers,
# certificates, sizes), of which a product has its own, ways of delivery, and a fourth level, which branches alone have.
NAMED = (
    *(f"/originProduct/detailAttribute/{name}" for name in (
        "naverShoppingSearchInfo", "sellerCodeInfo", "optionInfo", "supplementProductInfo", "seoInfo",
    )),
    *(f"/originProduct/{name}" for name in ("customerBenefit", "images")),
    "/groupProduct", "/smartstoreChannelProduct", "/windowChannelProduct",
)  # fmt: skip
BRANCHES = {
    "/originProduct/detailAttribute/optionInfo/optionCombinationGroupNames/optionGroupName4",
    "/originProduct/detailAttribute/optionInfo/optionCombinations/optionName4",
}


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def login(served, mall=MALL, **changed):
    """Return status and answer of a question for a token."""
    client, stamp = served.stage.secret(mall, "CLIENT_ID"), str(int(time.time() * 1000))
    signed = bcrypt.hashpw(f"{client}_{stamp}".encode(), served.stage.secret(mall, "CLIENT_SECRET").encode())
    form = {
        "client_id": client, "timestamp": stamp, "client_secret_sign": base64.b64encode(signed).decode(),
        "grant_type": "client_credentials", "type": "SELF", **changed,
    }  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body, _ = ask(f"{served.stage.address(mall)}/v1/oauth2/token", urlencode(form).encode(), headers)
    return status, json.loads(body)


def refusal(answered, name, status, text=True):
    """The answer has the shape, the code and mostly the text of a sample."""
    theirs = sample(name)
    assert answered[0] == status
    assert answered[1].keys() == theirs.keys() and shape_problems(answered[1], theirs) == []
    assert answered[1]["code"] == theirs["code"] and (answered[1]["message"] == theirs["message"]) == text
    return answered[1]


def as_sample(answered, name, status):
    """An answer is the refusal of a sample, down to its text; return its headers, in lower case."""
    got, body, headers = answered
    ours, theirs = json.loads(body), sample(name)
    headers = {name.lower(): value for name, value in headers.items()}
    changing = ("timestamp", "traceId")
    assert got == status and ours.keys() == theirs.keys() and shape_problems(ours, theirs) == []
    assert {key: ours[key] for key in ours if key not in changing} == {
        key: theirs[key] for key in theirs if key not in changing
    }
    # The trace stands in a header of every answer; the body of gateway and order APIs repeats it.
    assert headers["gncp-gw-trace-id"] == ours.get("traceId", headers["gncp-gw-trace-id"])
    assert headers["content-type"] == "application/json"
    assert ("gncp-gw-ratelimit-remaining" in headers) == (ours["code"] == "GW.RATE_LIMIT")
    return headers
