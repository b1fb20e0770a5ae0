"""Invented persons: they look real and cannot be."""

import random

from sandbox.entities import Person

_FAMILY = "김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민진"
_GIVEN = "민서지현도윤하준은우재영수빈채원승호예나태경시연규찬소율혜정다온선미동건아람"
_PLACES = (
    ("서울특별시", "강남구", "테헤란로", "061"), ("서울특별시", "마포구", "월드컵북로", "039"),
    ("부산광역시", "해운대구", "센텀중앙로", "480"), ("대구광역시", "수성구", "달구벌대로", "420"),
    ("인천광역시", "연수구", "송도과학로", "219"), ("광주광역시", "서구", "상무중앙로", "619"),
    ("대전광역시", "유성구", "대학로", "341"), ("울산광역시", "남구", "삼산로", "447"),
    ("세종특별자치시", "한누리대로", "2130번길", "301"), ("경기도", "성남시", "판교역로", "135"),
    ("경기도", "고양시", "중앙로", "103"), ("강원특별자치도", "춘천시", "공지로", "244"),
    ("충청북도", "청주시", "사직대로", "285"), ("충청남도", "천안시", "만남로", "311"),
    ("전북특별자치도", "전주시", "효자로", "549"), ("전라남도", "순천시", "백강로", "579"),
    ("경상북도", "포항시", "중흥로", "376"), ("경상남도", "창원시", "원이대로", "514"),
    ("제주특별자치도", "제주시", "연북로", "631"),
)  # fmt: skip
_DOMAINS = ("example.com", "example.net", "example.org", "mail.example.com")
_GRADES = ("일반", "실버", "골드", "VIP")


def people(count: int, dice: random.Random) -> list[Person]:
    """Return that many persons; telephone numbers, e-mail addresses and log-in names are all different."""
    found = []
    step = dice.randrange(3_000_001, 6_999_999, 2)
    while step % 5 == 0:
        step += 2
    for no in range(1, count + 1):
        # A step without a factor in common with 10,000,000 meets every number once.
        digits = f"{no * step % 10_000_000:07d}"
        name = dice.choice(_FAMILY) + dice.choice(_GIVEN) + dice.choice(_GIVEN)
        member = "".join(dice.choices("bcdfghjklmnpqrstvwz", k=3)) + f"{dice.choice('aeiou')}{no * 37 % 10_000:04d}{no}"
        region, city, street, zipcode = dice.choice(_PLACES)
        found.append(
            Person(
                no=no, name=name, phone=f"010-0{digits[:3]}-{digits[3:]}", email=f"{member}@{dice.choice(_DOMAINS)}",
                member=member, zipcode=f"{zipcode}{no % 100:02d}", region=region, city=city,
                street=f"{street} {dice.randrange(1, 400)}",
                detail=f"{dice.randrange(101, 130)}동 {dice.randrange(1, 26)}0{dice.randrange(1, 5)}호",
                grade=dice.choice(_GRADES),
            )
        )  # fmt: skip
    return found


def stars(name: str) -> str:
    """Return a name with all but the first and last letter starred: 홍*동."""
    if len(name) < 3:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def starred_phone(phone: str) -> str:
    """Return a telephone number with its middle starred: 010-****-4567."""
    first, _, last = phone.split("-")
    return f"{first}-****-{last}"


def starred_member(member: str) -> str:
    """Return a log-in name with its end starred: abcd****."""
    return member[:4] + "****"
