"""Persons become pseudonyms, numbers inside free text are masked, and the pre-test is cheap and misses nothing."""

import random
import time
from datetime import UTC, datetime

import pytest
from msgspec import UNSET

from shopscrape.items import Order, OrderLine, Product, Reply, Return, Review
from shopscrape.privacy import Scrubber, mask, person

KEY = b"a key of thirty-two characters!!"
HERE = {"platform": "p", "mall": "m", "collected_at": datetime(2026, 7, 1, tzinfo=UTC)}


def pseudonym(mall="m", key=KEY, **told):
    return Scrubber(key).pseudonym(person(**told), "p", mall)


@pytest.mark.parametrize(
    "given, expected",
    [
        ("전화 010-1234-5678 주세요", "전화 [phone] 주세요"), ("01012345678", "[phone]"), ("010 1234 5678", "[phone]"),
        ("+82 10-1234-5678", "[phone]"), ("82-10-1234-5678", "[phone]"), ("(02) 123-4567", "([phone]"),
        ("02-123-4567", "[phone]"), ("031.123.4567", "[phone]"), ("0507-1234-5678", "[phone]"),
        ("hong@example.co.kr로 주세요", "[e-mail]로 주세요"), ("a.b+c@mail.example.com", "[e-mail]"),
        ("900101-1234567", "[resident number]"), ("900101 - 2234567", "[resident number]"),
        ("국민 123456-78-901234", "국민 [number]"), ("계좌 110-123-456789 입니다", "계좌 [number] 입니다"),
        ("1234567890123456", "[number]"), ("010–1234–5678", "[phone]"),
    ],
)  # fmt: skip
def test_numbers_of_persons_are_masked(given, expected):
    found = mask(given)
    assert found == expected or (given.startswith("(02)") and "[phone]" in found and "4567" not in found)


@pytest.mark.parametrize(
    "given",
    [
        "좋아요", "2026-07-01에 왔어요", "가격 12,900원", "키 175 몸무게 62", "100% 만족", "사이즈 95-100",
        "2026.07.01 10:20:30",
        "색상: A01-B02", "3개 샀어요 1+1", "별 5/5",
    ],
)  # fmt: skip
def test_what_is_no_person_stays(given):
    assert mask(given) == given


def test_digits_of_other_scripts_do_not_slip_through():
    assert "5678" not in mask("０１０-１２３４-５６７８".translate({0xFF10 + n: 0x30 + n for n in range(10)}))
    assert "５６７８" not in mask("０１０-１２３４-５６７８")


def test_the_pre_test_misses_nothing_that_the_patterns_would_find():
    told = random.Random(5)
    digits = "0123456789"
    shapes = ("010-{}-{}", "010{}{}", "+82 10 {} {}", "02) {}-{}", "070.{}.{}", "a{}@mail{}.kr", "{}-12-{}12")
    for _ in range(2000):
        parts = ["".join(told.choices(digits, k=4)) for _ in range(2)]
        secret = told.choice(shapes).format(*parts)
        text = told.choice("가 나!") + secret + told.choice(" 다.")
        assert secret not in mask(text), text


def test_the_pre_test_is_cheap_and_hostile_text_takes_no_long_time():
    review = "배송도 빠르고 색도 사진과 같아요. 사이즈는 95-100 입니다. 2026년 7월에 또 살게요! " * 5
    started = time.process_time()
    for _ in range(2000):
        mask(review)
    assert (time.process_time() - started) / 2000 < 100e-6
    for text in ("1" * 100_000, "1-" * 50_000, "a@" * 50_000, "a" * 100_000 + "@", "010-" * 30_000, "+82" * 30_000):
        started = time.process_time()
        mask(text)
        assert time.process_time() - started < 2, text[:10]


def test_a_pseudonym_is_stable_within_a_key_and_hides():
    one = pseudonym(phone="010-1234-5678", email="a@example.com", member="hong")
    assert one.startswith("p_") and len(one) == 34
    assert one == pseudonym(phone="+82 10 1234 5678") == pseudonym(phone="01012345678", mall="other")
    assert one != pseudonym(phone="010-1234-5678", key=b"another key of thirty-two chars!")
    assert one != pseudonym(email="a@example.com")
    assert pseudonym(email="A@Example.com ") == pseudonym(email="a@example.com")
    assert pseudonym(member="hong") != pseudonym(member="hong", mall="other")


@pytest.mark.parametrize(
    "told",
    [{"phone": "010-****-5678"}, {"email": "ho**@example.com"}, {"member": "hong**"}, {"phone": "010"}],
)
def test_masked_values_are_no_identity(told):
    assert pseudonym(**told) is None


def test_a_masked_phone_falls_back_to_what_is_whole():
    assert pseudonym(phone="010-****-5678", email="a@example.com") == pseudonym(email="a@example.com")


def test_a_name_alone_is_nobody():
    assert person(name="홍길동") is None
    assert person(phone=None, email="", member=UNSET) is None


def test_a_pseudonym_is_not_made_twice():
    scrub = Scrubber(KEY)
    once = scrub.pseudonym(person(member="hong"), "p", "m")
    assert scrub.pseudonym(once, "p", "m") == once
    assert scrub.pseudonym("홍길동", "p", "m") is None


def test_records_are_scrubbed_wherever_a_person_can_stand():
    scrub = Scrubber(KEY).scrub
    number = "010-1234-5678"
    order = scrub(
        Order(
            **HERE, order_id="1", buyer=person(phone=number), receiver_region="서울특별시 강남구 역삼동 12-3",
            lines=[OrderLine(line_id="1", options={"각인": number})],
        )
    )  # fmt: skip
    assert order.buyer.startswith("p_")
    assert order.receiver_region == "서울특별시 강남구"
    assert order.lines[0].options == {"각인": "[phone]"}
    back = scrub(Return(**HERE, return_id="1:return", kind="return", order_id="1", line_ids=["1"], reason_text=number))
    assert back.reason_text == "[phone]"
    review = scrub(
        Review(
            **HERE, review_id="1", title=number, text=f"연락 {number}", author=person(member="hong"),
            author_label="홍길동", options={"": number},
            replies=[Reply(text=f"{number}로 주세요")], scores={"키": "170"},
        )
    )  # fmt: skip
    assert "1234" not in repr(review)
    assert "홍길동" not in repr(review)
    assert review.author_label == "홍**"
    assert review.scores == {"키": "170"}
    kept = scrub(Review(**HERE, review_id="1", author_label="ho****", text=None, replies=None))
    assert (kept.author_label, kept.text, kept.replies) == ("ho****", None, None)
    untold = scrub(Review(**HERE, review_id="1"))
    assert (untold.author, untold.text, untold.options) == (UNSET, UNSET, UNSET)
    assert scrub(Product(**HERE, product_id="1", description=number)).description == number


def test_keep_leaves_persons_in_clear():
    scrub = Scrubber(b"", keep=True).scrub
    review = scrub(
        Review(**HERE, review_id="1", text="010-1234-5678", author=person(member="hong"), author_label="홍길동")
    )
    assert (review.text, review.author, review.author_label) == ("010-1234-5678", "hong", "홍길동")
