"""Reviews of one mall: all that buyers write and sellers answer."""

import random
from datetime import datetime, timedelta

from sandbox.entities import Order, Reply, Review
from sandbox.sales import Market, times

_TEXTS = (
    "너무 예뻐요! 재구매 의사 100%", "배송이 빨라서 좋았어요.\n포장도 꼼꼼합니다 :)", "색감이 화면이랑 똑같아요 🥰👍",
    "생각보다 얇아요… 그래도 가격 생각하면 OK", "<p>사진보다 <b>훨씬</b> 예쁘네요</p><p>추천!!</p>",
    "문의는 {phone} 로 주세요, 답변이 늦어요", "교환하고 싶은데 {email} 로 메일 주시겠어요?",
    "사이즈 & 핏 다 만족 &lt;3 다음엔 M/L 둘 다 살게요", "별로예요.\r\n\r\n실밥이 많이 나와요", "ㅎㅎㅎ 굿굿",
    '"한 달 써보니" 좋아요, 세탁 3번 했는데 줄지 않음', "A=B, C=D 처럼 옵션이 헷갈려요; 1/2 사이즈 주의",
    "가성비 갑 💯\t선물용으로도 추천", "It's good! 괜찮아요~ ｶﾜｲｲ", "계좌 {account} 로 환불해 주세요", "좋아요" * 60,
    "구매 후 {plain} 로 전화했는데 친절했어요", "ㅠㅠ 품절이라 오래 기다림 :&nbsp;그래도 만족",
    "보통이에요", "5점 만점에 4점<br />다음에 또 올게요",
)  # fmt: skip
_TITLES = (
    "만족합니다",
    "좋아요!!",
    "예뻐요 ♥",
    "그냥 그래요",
    "재구매했어요 &amp; 추천",
    "[포토] 후기",
    "사이즈 문의, 교환",
    "최고 👍",
)
_ANSWERS = (
    "소중한 후기 감사합니다 :)", "불편을 드려 죄송합니다. 고객센터로 연락 주시면 안내해 드리겠습니다.",
    "안녕하세요, 고객님!<br>예쁘게 입어 주세요 ♡", "감사합니다 &amp; 또 뵐게요",
)  # fmt: skip


def make(
    no: int, at: datetime, dice: random.Random, market: Market, order: Order | None = None, product: int = 0
) -> Review:
    """Return a new review, of an order's line if one is given."""
    line = next((line for line in order.lines if line.kind == "sale"), order.lines[0]) if order else None
    chosen = market.products[(line.product if line else product) - market.products[0].no] if line or product else None
    chosen = chosen or market.product(dice, at)
    author = order.buyer if order else market.person(dice)
    text = _TEXTS[dice.randrange(len(_TEXTS))]
    digits = author.phone.replace("-", "")
    account = f"110-{digits[3:6]}-{digits[5:]}"
    fits = {"사이즈": dice.choice(("작아요", "딱 맞아요", "커요"))} if no % 5 == 0 else {}
    photos = dice.choice((0, 0, 0, 1, 2, 5))
    review = Review(
        no=no, product=chosen.no, variant=line.variant if line else chosen.variants[no % len(chosen.variants)].no,
        order=order.no if order else 0, line=line.no if line else 0,
        rating=None if no % 23 == 11 else dice.choice((5, 5, 5, 5, 4, 4, 3, 2, 1)),
        title=_TITLES[dice.randrange(len(_TITLES))], author=author, member=not (order and order.guest), written_at=at,
        text=text.format(phone=author.phone, email=author.email, plain=digits, account=account),
        photos=tuple(f"/images/r{no}_{place}.jpg" for place in range(1, photos + 1)),
        video=f"/images/r{no}.mp4" if no % 17 == 3 else None, helpful=dice.choice((0, 0, 0, 1, 2, 14)),
        views=dice.randrange(0, 300), scores=fits,
    )  # fmt: skip
    review.note(at, "written")
    return review


def past(count: int, dice: random.Random, market: Market, anchor: datetime, orders: list[Order]) -> list[Review]:
    """Return the reviews until now; numbers go through every kind of them."""
    bought = sorted(
        (
            (min(line.delivered_at for line in order.lines if line.delivered_at), order.no, order)
            for order in orders
            if any(line.delivered_at for line in order.lines)
        ),
        key=lambda row: row[:2],
    )
    found: list[Review] = []
    of_order = 0
    for no, at in enumerate(times(count, dice, anchor), 1):
        order = None
        # Two of three belong to an order that had arrived by then.
        if no % 3 and of_order < len(bought) and bought[of_order][0] < at:
            order = bought[of_order][2]
            of_order += 1
        review = make(no, at, dice, market, order)
        _colour(review, found, dice, anchor)
        found.append(review)
    return found


def _later(review: Review, dice: random.Random, anchor: datetime) -> datetime:
    left = int((anchor - review.changed_at).total_seconds())
    return min(anchor, review.changed_at + timedelta(seconds=dice.randrange(1, max(2, min(left, 9 * 86400)))))


def _colour(review: Review, before: list[Review], dice: random.Random, anchor: datetime) -> None:
    no = review.no
    if no % 4 == 1:
        answer(review, _later(review, dice, anchor), dice)
        if no % 16 == 5:
            answer(review, _later(review, dice, anchor), dice, "buyer")
        if no % 16 == 9:
            answer(review, _later(review, dice, anchor), dice)
    if no % 13 == 6:
        review.text += "\n(수정) 빨아도 괜찮네요"
        review.edited_at = _later(review, dice, anchor)
        review.note(review.edited_at, "edited")
    if no % 19 == 7:
        review.flags.append("best")
        review.note(_later(review, dice, anchor), "best")
    if no % 31 == 12:
        review.flags.append("popular")
    if no % 10 == 4:
        review.flags.append("repurchase")
    if no % 29 == 15:
        review.flags.append("secret")
    if no % 37 == 18:
        review.flags.append("hidden")
        review.note(_later(review, dice, anchor), "hidden")
    if no % 41 == 20:
        review.flags.append("pending")
    if no % 21 == 8 and len(before) > 20:
        first = before[-dice.randrange(5, 20)]
        if not first.parent:
            review.parent, review.product, review.variant = first.no, first.product, first.variant
            review.order, review.line, review.author = first.order, first.line, first.author
            review.member = first.member
            review.flags.append("one_month")
    if no % 27 == 13 and not review.parent:
        review.channel, review.external = dice.choice((("naver_pay", f"NP{no:09d}"), ("smartstore", f"42{no:08d}")))
        review.written_at -= timedelta(days=dice.randrange(1, 40))
        review.order = review.line = 0


def answer(review: Review, at: datetime, dice: random.Random, by: str = "seller") -> Reply:
    """Add an answer."""
    text = "네, 감사합니다!" if by == "buyer" else _ANSWERS[dice.randrange(len(_ANSWERS))]
    reply = Reply(no=review.no * 10 + len(review.replies) + 1, at=at, text=text, by=by)
    review.replies.append(reply)
    review.note(at, "answered")
    return reply
