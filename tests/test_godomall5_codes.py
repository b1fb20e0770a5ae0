"""Godomall5's words: every code of the tables; what stands in none is unknown and counted."""

import pytest
from godomall5_cases import claim, line, mapped, of_type, order, read, records

from spiders.godomall5 import codes

CANCELLED = "2026-07-05 11:00:00"

STATES = {
    "o1": ("placed", None), "p1": ("paid", None), "g1": ("preparing", None), "g2": ("preparing", None),
    "g3": ("preparing", None), "g4": ("preparing", None), "d1": ("shipped", None), "d2": ("delivered", None),
    "s1": ("completed", None), "f1": ("failed", None), "f2": ("failed", None), "f3": ("failed", None),
    "f4": ("failed", None), "c1": ("cancelled", ("cancel", "completed")), "c2": ("cancelled", ("cancel", "completed")),
    "c3": ("cancelled", ("cancel", "completed")), "c4": ("delivered", ("cancel", "requested")),
    "b1": ("delivered", ("return", "requested")), "b2": ("delivered", ("return", "collecting")),
    "b3": ("delivered", ("return", "on_hold")), "b4": ("delivered", ("return", "collected")),
    "e1": ("delivered", ("exchange", "requested")), "e2": ("delivered", ("exchange", "collecting")),
    "e3": ("delivered", ("exchange", "reshipping")), "e4": ("delivered", ("exchange", "on_hold")),
    "e5": ("exchanged", ("exchange", "completed")), "r1": ("delivered", ("return", "refunding")),
    "r2": ("delivered", ("return", "on_hold")), "r3": ("returned", ("return", "completed")),
}  # fmt: skip
"""State of a line that was delivered before its claim: word of the line, claim."""
SENT = {"z1": "placed", "z2": "paid", "z3": "shipped", "z4": "delivered", "z5": "completed"}
MODES = {"c": "c", "b": "b", "e": "e", "r": "r"}


def under(state, **changes):
    """Return a line in a state, with the claim that goes with it."""
    mode = MODES.get(state[0])
    return line(orderStatus=state, **({"claimData": claim(handleMode=mode)} if mode else {}) | changes)


def test_the_table_is_the_whole_table():
    assert set(STATES) | set(SENT) == set(codes.LINES)
    assert {state for state, (_, told) in STATES.items() if told} == set(codes.CLAIMS)


@pytest.mark.parametrize("state, told", STATES.items())
def test_every_state_of_a_line(state, told):
    word, kind_and_status = told
    page = read("orders", order(under(state), orderStatus=state))
    found = records(page)
    assert found[0]["lines"][0]["status"] == found[0]["status"] == word
    assert found[0]["lines"][0]["status_raw"] == state
    assert [(one["kind"], one["status"]) for one in found[1:]] == ([kind_and_status] if kind_and_status else [])
    assert not page.tally.unknown


@pytest.mark.parametrize("state", [state for state, (_, told) in STATES.items() if told])
def test_a_claim_is_known_without_its_block_too(state):
    (found,) = of_type(mapped("orders", order(line(orderStatus=state))), "Return")
    assert found["kind"] == {"c": "cancel", "b": "return", "e": "exchange", "r": "cancel"}[state[0]]
    assert found["return_id"] == f"70031:{found['kind']}"


@pytest.mark.parametrize("state, word", SENT.items())
def test_a_line_sent_instead_is_no_sale_and_no_claim(state, word):
    old = line("1", orderStatus="e5", claimData=claim(handleMode="e"))
    new = line("2", orderStatus=state, claimData=claim(handleMode="z", handleReason="교환추가상품"))
    page = read("orders", order(old, new))
    found = records(page)
    assert [(one["kind"], one["status"], one.get("replaces")) for one in found[0]["lines"]] == [
        ("sale", "exchanged", None), ("replacement", word, "1"),
    ]  # fmt: skip
    assert [one["return_id"] for one in found[1:]] == ["1:exchange"]
    assert not page.tally.unknown


@pytest.mark.parametrize(
    "before, kind", [("o1", "cancel"), ("p1", "cancel"), ("g1", "cancel"), ("g4", "cancel"), ("d1", "return"),
                     ("d2", "return"), ("s1", "return"), ("b4", "return")],
)  # fmt: skip
def test_a_refund_is_a_cancellation_before_shipping(before, kind):
    told = claim(handleMode="r", beforeStatus=before, refundPrice="900.00", handleDt=CANCELLED)
    (found,) = of_type(mapped("orders", order(line(orderStatus="r3", claimData=told))), "Return")
    assert (found["kind"], found["refund_amount"], found["refunded_at"]) == (kind, "900", "2026-07-05T02:00:00Z")


def test_c4_is_done_only_with_a_time_of_cancellation():
    told = claim(handleMode="c", beforeStatus="o1", handleDt=CANCELLED)
    asked, done = (
        mapped("orders", order(line(orderStatus="c4", cancelDt=at, claimData=told))) for at in ("", CANCELLED)
    )
    assert (asked[0]["lines"][0]["status"], asked[1]["status"], asked[1]["completed_at"]) == (
        "placed",
        "requested",
        None,
    )
    assert (done[0]["lines"][0]["status"], done[1]["status"]) == ("cancelled", "completed")
    assert done[1]["by"] == "buyer" and done[0]["lines"][0]["quantity_left"] == 0


@pytest.mark.parametrize("state, by", [("c1", "platform"), ("c2", "seller"), ("c3", "seller"), ("c4", "buyer")])
def test_who_cancelled(state, by):
    assert of_type(mapped("orders", order(line(orderStatus=state))), "Return")[0]["by"] == by


@pytest.mark.parametrize(
    "state, word", [("g5", "preparing"), ("g8", "preparing"), ("p9", "paid"), ("o3", "placed"), ("s2", "completed"),
                    ("d3", "shipped"), ("f9", "failed"), ("c7", "cancelled")],
)  # fmt: skip
def test_a_step_that_a_merchant_added_is_known_by_its_family(state, word):
    page = read("orders", order(line(orderStatus=state)))
    assert records(page)[0]["lines"][0]["status"] == word
    assert not [name for name in page.tally.unknown if name.startswith("orderStatus=")]


@pytest.mark.parametrize("state, word", [("b9", "requested"), ("e8", "requested"), ("r7", "refunding")])
def test_an_added_step_of_a_claim_leaves_the_line_and_is_open(state, word):
    page = read("orders", order(under(state)))
    found = records(page)
    assert (found[0]["lines"][0]["status"], found[1]["status"]) == ("delivered", word)
    assert (found[1]["status_raw"], found[1]["completed_at"]) == (state, None)
    assert not page.tally.unknown


@pytest.mark.parametrize("state", ["bx", "r-1"])
def test_an_unknown_state_of_a_claim_is_unknown_and_counted(state):
    page = read("orders", order(under(state)))
    assert records(page)[1]["status"] == "unknown"
    assert page.tally.unknown[f"orderStatus of a claim={state}"] == 1


@pytest.mark.parametrize("state", ["x1", "paid", "배송중", "1"])
def test_an_unknown_state_is_unknown_and_counted(state):
    page = read("orders", order(line(orderStatus=state), orderStatus=state))
    found = records(page)
    assert found[0]["lines"][0]["status"] == found[0]["status"] == "unknown"
    assert page.tally.unknown == {f"orderStatus={state}": 1}


@pytest.mark.parametrize("flag, status", [("d", "withdrawn"), ("n", None), ("y", None)])
def test_a_claim_that_its_line_left_behind(flag, status):
    found = mapped("orders", order(line(orderStatus="d2", claimData=claim(handleCompleteFl=flag))))
    assert found[0]["lines"][0]["status"] == "delivered"
    assert found[1].get("status") == status


def test_an_unknown_mode_is_counted():
    page = read("orders", order(line(orderStatus="b1", claimData=claim(handleMode="q"))))
    assert records(page)[1]["kind"] == "return"
    assert page.tally.unknown == {"handleMode=q": 1}


@pytest.mark.parametrize(
    "text, word",
    [
        ("고객변심", "changed_mind"), ("단순변심", "changed_mind"), ("품절취소", "out_of_stock"),
        ("사이즈/색상 변경", "wrong_option"), ("사이즈 교환", "wrong_option"), ("상품불량", "defective"),
        ("배송중 파손", "damaged"), ("오배송", "wrong_item"), ("배송지연", "late"), ("구성품 누락", "missing_parts"),
        ("설명과 상이", "not_as_described"), ("품질 불만족", "dissatisfied"), ("서비스 불만", "service"),
        ("서비스 불만족", "service"),
        ("중복주문", "duplicate"), ("배송 분실", "lost"), ("수취인 불명", "undeliverable"), ("결제 오류", "payment"),
        ("판매자 사정", "seller"), ("기타", "other"),
    ],
)  # fmt: skip
def test_reasons_by_what_their_texts_say(text, word):
    page = read("orders", order(line(orderStatus="b1", claimData=claim(handleReason=text))))
    found = records(page)[1]
    assert (found["reason"], found["reason_raw"]) == (word, text)
    assert not page.tally.unknown


def test_reason_codes_are_looked_up_in_the_malls_own_table():
    row = order(line(orderStatus="b1", claimData=claim(handleReason="04001001")))
    known = {"claim_codes": {"04001001": "고객변심"}}
    assert mapped("orders", row, context=known)[1]["reason"] == "changed_mind"
    assert "reason" not in mapped("orders", row)[1]
    page = read("orders", row, context={"claim_codes": {}})
    assert (records(page)[1]["reason"], page.tally.unknown) == ("unknown", {"handleReason=04001001": 1})
    page = read("orders", order(line(orderStatus="b1", claimData=claim(handleReason="ㅁㄴㅇ"))))
    assert (records(page)[1]["reason"], page.tally.unknown) == ("unknown", {"handleReason=ㅁㄴㅇ": 1})


@pytest.mark.parametrize("raw, word", [("shop", "own"), ("payco", "payco"), ("naverpay", "naver_pay")])
def test_channels(raw, word):
    assert mapped("orders", order(orderChannelFl=raw))[0]["channel"] == word


def test_unknown_channels_payments_and_flags_are_counted():
    page = read("orders", order(orderChannelFl="talk", settleKind="zz"))
    assert records(page)[0]["channel"] == "other"
    assert page.tally.unknown == {"orderChannelFl=talk": 1, "settleKind=zz": 1}


PAYMENTS = "gb pb pc pv ph eb ec ev fb fc fh fp fv fa pk pn pl gd gm gz gr"


@pytest.mark.parametrize("raw", PAYMENTS.split())
def test_ways_of_paying(raw):
    page = read("orders", order(settleKind=raw))
    assert (records(page)[0]["payment_methods"], dict(page.tally.unknown)) == ([raw], {})


def test_no_way_of_paying_is_left_out():
    assert set(PAYMENTS.split()) == codes.PAYMENTS


def test_couriers_by_name_by_the_malls_table_or_by_number():
    named = line(invoiceCompanySno="8", invoiceCompany="CJ대한통운", invoiceNo="123")
    numbered = line(invoiceCompanySno="5", invoiceNo="123")
    context = {"couriers": {"5": "한진택배"}}
    assert mapped("orders", order(named))[0]["lines"][0]["courier"] == "CJ대한통운"
    assert mapped("orders", order(numbered), context=context)[0]["lines"][0]["courier"] == "한진택배"
    assert mapped("orders", order(numbered))[0]["lines"][0]["courier"] == "5"
    assert mapped("orders", order(line()))[0]["lines"][0]["courier"] is None
