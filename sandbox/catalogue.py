"""The one catalogue that all malls sell: categories and products, with the spellings that break collectors."""

import random
from datetime import datetime, timedelta
from itertools import product as combine
from typing import NamedTuple

from sandbox.entities import Axis, Category, Product, Variant

_TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "상의": {"티셔츠": ("반팔 티셔츠", "긴팔/롱슬리브"), "셔츠 & 블라우스": (), "니트": ("가디건", "베스트")},
    "하의": {"청바지": (), "슬랙스": ("와이드", "테이퍼드")},
    "아우터": {},
    "신발, 가방": {"스니커즈": (), "백팩": (), "지갑(소품)": ()},
    "주방·생활": {"머그컵": ("핸드메이드", "보온/보냉"), "수납": ()},
    "식품": {"원두 커피": ("드립백", "홀빈"), "선물세트": ()},
    "BEST": {},
    "1+1 이벤트": {},
}
_WORDS = (
    "베이직 라운드 티셔츠", "오버핏 맨투맨", "와이드 데님 팬츠", "린넨 셔츠", "캐시미어 가디건", "경량 패딩 점퍼",
    "스퀘어 백팩", "캔버스 스니커즈", "핸드메이드 머그컵", "에티오피아 예가체프 원두",
    "스테인리스 텀블러", "극세사 담요",
    "코튼 양말 5족", "미니 크로스백", "무선 가습기", "월넛 도마", "제주 감귤 선물세트", "라벤더 디퓨저",
)  # fmt: skip
_ADJECTIVES = ("데일리", "프리미엄", "26FW", "올데이", "소프트", "시그니처", "리뉴얼", "한정판")
_SPELLINGS = (
    "{0}", "[당일발송] {0}", "{0} &amp; 파우치 세트", "{0}<br>(3color)", "{0}\t특가", "{0} &lt;NEW&gt;",
    '{0} "SLIM" 핏',
    "{0}, 무료배송", "{0} 🎁✨", "  {0}  1+1", "{0}&nbsp;기획", "★{0}★ 10%↓", "{0} / 블랙=인기", "{0} <b>BEST</b>",
    "{0} (한글·漢字·ｶﾅ)", "{0} 'it item'", "{0} 50% OFF!", "{0}\u200b 뷁", "{0} A&B", "{0} 2,900원~",
)  # fmt: skip
_COLOURS = (
    "블랙",
    "화이트",
    "블랙/화이트",
    "네이비",
    "라이트 그레이",
    "베이지(밝은톤)",
    "오렌지, 레드",
    "Ivory=아이보리",
)
_SIZES = ("S", "M", "L", "XL", "2XL", "FREE(44~66)")
_LENGTHS = ("숏=90cm", "기본", "롱, +5cm", "맞춤/주문제작")
_BRANDS = ("도토리", "Café&Home", "노르딕's", None, "무지개상회", None)
_MAKERS = ("(주)도토리물산", None, "OEM, 국내", "Nordic A/S")
_TAGS = ("데일리룩", "선물", "신상", "여름/가을", "국내생산", "무료배송", "1+1")


class Case(NamedTuple):
    """What a product is like; products take the cases in turn."""

    axes: tuple[int, ...] = ()
    """Number of values of each axis."""
    stock: str = "some"
    """some, none, unmanaged, negative, low or mixed."""
    state: str = "on_sale"
    list_price: bool = False
    discounted: bool = False
    texts: tuple[str, ...] = ()
    surcharge: tuple[int, ...] = (0,)
    barcode: bool = False
    price_text: str | None = None
    stopped: bool = False
    """Some of its variants are not on sale."""


CASES = (
    Case((3, 4), list_price=True, barcode=True), Case(), Case((2,), "mixed", surcharge=(0, 1000)),
    Case((2, 3, 2), discounted=True, surcharge=(0, 500, -500)), Case(stock="unmanaged"),
    Case((3,), texts=("각인 문구",)),
    Case(stock="none"), Case((4, 3), "negative"), Case(state="hidden"), Case((2, 2), "low", barcode=True),
    Case((6, 5, 4), "mixed", surcharge=(0, 0, 2000, -1000)), Case(stock="negative"), Case((3,), "none"),
    Case(state="suspended"), Case((2, 3), "unmanaged", list_price=True, discounted=True),
    Case(texts=("선물 메시지", "받는 분 이니셜")),
    Case((5,), "mixed", stopped=True), Case(stock="low", list_price=True, barcode=True), Case((2,), state="hidden"),
    Case(discounted=True, list_price=True), Case((3, 2), surcharge=(0, 3000, -2000), barcode=True),
    Case(state="pending"),
    Case((1,)), Case(price_text="가격 문의", stock="unmanaged"), Case((2, 4), stopped=True),
    Case(state="ended", stock="none"),
    Case((4,), discounted=True), Case(barcode=True), Case((3, 3), "low"), Case((2, 2, 3), "mixed", list_price=True),
    Case((2,), state="deleted"),
)  # fmt: skip


def categories() -> dict[int, Category]:
    """Return the categories by number."""
    found: dict[int, Category] = {}

    def add(name: str, parent: Category | None, place: int) -> Category:
        no = 41 + len(found)
        path, chain = ((*parent.path, name), (*parent.chain, no)) if parent else ((name,), (no,))
        found[no] = Category(
            no=no, name=name, parent=parent.no if parent else 0, path=path, chain=chain, place=place
        )  # fmt: skip
        return found[no]

    for first, (large, middles) in enumerate(_TREE.items(), 1):
        top = add(large, None, first)
        for second, (middle, smalls) in enumerate(middles.items(), 1):
            under = add(middle, top, second)
            for third, small in enumerate(smalls, 1):
                add(small, under, third)
    return found


def make(no: int, case: Case, dice: random.Random, shelves: dict[int, Category], at: datetime) -> Product:
    """Return a new product, registered at that moment."""
    bare = f"{dice.choice(_ADJECTIVES)} {_WORDS[no * 7 % len(_WORDS)]} {no}"
    price = dice.randrange(5, 160) * 500 + dice.choice((0, 0, 400))
    names = ("색상", "사이즈", "기장/길이") if no % 3 else ("컬러(Color)", "Size", "추가 선택, 구성")
    axes = tuple(
        Axis(name, pool[:count])
        for name, pool, count in zip(names, (_COLOURS, _SIZES, _LENGTHS), case.axes, strict=False)
    )
    main = dice.choice(list(shelves))
    more = dice.sample(list(shelves), dice.choice((0, 0, 1, 2)))
    code = None if no % 11 == 5 else f"SKU-{no:05d}" if no % 4 else f"AB/{no:04d}=k,{no % 7}"
    product = Product(
        no=no, code=code, name=_SPELLINGS[no % len(_SPELLINGS)].format(bare), price=price,
        list_price=price + dice.randrange(2, 20) * 500 if case.list_price else None,
        discounted=price * dice.choice((80, 85, 90)) // 1000 * 10 if case.discounted else None,
        price_text=case.price_text, cost=price * 4 // 10, supplier=f"거래처{no % 9}", brand=_BRANDS[no % len(_BRANDS)],
        maker=_MAKERS[no % len(_MAKERS)], categories=tuple(dict.fromkeys((main, *more))),
        images=tuple(f"/images/p{no}_{place}.jpg" for place in range(1, 2 + no % 4)),
        summary=None if no % 5 == 4 else f"매일 입기 좋은 {bare}, 세탁기 OK & 구김 ↓",
        description=(
            f'<div class="detail"><p>{bare}<br/>소재: 면 100% &amp; 폴리</p><img src="/images/d{no}.jpg" alt="상세">'
            f"<table><tr><td>원산지</td><td>국내산</td></tr></table>\r\n<p>재고 < 10 이면 서두르세요 💛</p></div>"
        ),
        axes=axes, text_options=case.texts, variants=[], state=case.state,  # type: ignore[arg-type]
        barcode=f"880{no:09d}{no % 10}" if case.barcode else None,
        tags=tuple(_TAGS[(no + place) % len(_TAGS)] for place in range(no % 4)),
        weight=round(0.1 + no % 30 / 10, 2),
    )  # fmt: skip
    product.note(at, "created")
    places = [range(len(axis.values)) for axis in axes]
    for place, choice in enumerate(combine(*places), 1):
        product.variants.append(
            Variant(
                no=no * 1000 + place, place=place, code=f"{code}-{place:02d}" if code and axes and no % 6 else None,
                values=tuple(axis.values[at] for axis, at in zip(axes, choice, strict=True)), choice=choice,
                surcharge=max(case.surcharge[place % len(case.surcharge)], 500 - price) if axes else 0,
                quantity=_level(case.stock, place, dice), safety=5 if case.stock == "low" else 0,
                on_sale=not (case.stopped and place % 3 == 2),
                barcode=f"881{no:06d}{place:04d}" if case.barcode and axes else product.barcode if not axes else None,
            )
        )  # fmt: skip
    return product


def _level(stock: str, place: int, dice: random.Random) -> int | None:
    if stock == "mixed":
        stock = ("some", "none", "unmanaged", "negative", "low")[place % 5]
    if stock == "unmanaged":
        return None
    low, high = {"some": (6, 400), "none": (0, 0), "negative": (-7, -1), "low": (1, 5)}[stock]
    return dice.randint(low, high)


def products(count: int, dice: random.Random, shelves: dict[int, Category], anchor: datetime) -> list[Product]:
    """Return that many products, oldest first; some were changed since they were registered."""
    ages = sorted((1.0 + dice.random() ** 2 * 380 for _ in range(count)), reverse=True)
    found = []
    for no, age in enumerate(ages, 101):
        at = (anchor - timedelta(days=age)).replace(microsecond=0)
        product = make(no, CASES[(no - 101) % len(CASES)], dice, shelves, at)
        for what in dice.sample(("named", "priced", "stocked", "shown"), dice.choice((0, 1, 1, 2))):
            product.note(at + timedelta(seconds=int((anchor - at).total_seconds() * dice.random() * 0.98)), what)
        found.append(product)
    return found
