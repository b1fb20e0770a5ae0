"""What the emulated Godomall5 malls are like: one behaves, each of the others shows one of the platform's bad habits.

Unverified, as the sources say: the order in which keys, address, period and right are checked, and that posts lack all
columns that are not documented where they lack some.
"""

from typing import NamedTuple

from aiohttp import web

from sandbox.emulator import text_answer

MALL = "demo_godomall5"
ADDRESS, PERIOD, RIGHT, HOSTILE = (f"{MALL}_{kind}" for kind in ("996", "997", "995", "hostile"))
OLD, DEGRADED, SERVER = (f"{MALL}_{kind}" for kind in ("old", "degraded", "server"))


class Shop(NamedTuple):
    """A mall of the openhub."""

    refused: str = ""
    """Code that all calls with good keys get: 996, the address; 997, the keys' period."""
    denied: tuple[str, ...] = ()
    """Calls that its keys have no right to: 995."""
    hostile: bool = False
    """Somebody between the openhub and the caller puts a document type with an entity into every answer."""
    old: bool = False
    """Answers in CP949 with control characters in what persons typed, and `lastOrder` as one client reads it: true
    when nothing follows."""
    degraded: bool = False
    """Posts have the documented fields only: neither product nor rating, member or time of change."""
    server: bool = False
    """An app of the newer Server API is installed."""


SHOPS = {
    MALL: Shop(), ADDRESS: Shop(refused="996"), PERIOD: Shop(refused="997"), HOSTILE: Shop(hostile=True),
    RIGHT: Shop(denied=("Order_Search", "Category_Search", "Brand_Search")),
    OLD: Shop(old=True), DEGRADED: Shop(degraded=True), SERVER: Shop(server=True),
}  # fmt: skip
SAID = {
    "995": "해당 API 사용 권한이 없습니다.", "996": "허용되지 않은 IP 입니다.", "997": "사용기간이 아닌 키입니다.",
    "998": "제휴사키가 올바르지 않습니다.", "999": "사용자키가 올바르지 않습니다.",
}  # fmt: skip
UNDOCUMENTED = ("goodsNo", "goodsPt", "writerId", "hit", "modDt")
"""Columns of a post that the platform has and no document promises."""
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_ENTITY = '<!DOCTYPE data [<!ENTITY who SYSTEM "file:///etc/hostname">]>'


def answer(shop: Shop, text: str) -> web.Response:
    """Return an answer of the openhub, with the habits of its mall."""
    headers = {"ratelimit-available-level": "AVAILABLE"}
    if shop.hostile:
        text = text.replace(_DECLARATION, _DECLARATION + _ENTITY, 1).replace("<msg>", "<msg>&who;", 1)
    if not shop.old:
        return text_answer(text, content_type="text/xml", headers=headers)
    # A vertical tab comes with what is pasted from a spreadsheet, as a character or as a reference.
    text = text.replace("<![CDATA[ ", "<![CDATA[ \x0b").replace("<writerNm>", "<writerNm>&#11;")
    text = text.replace('encoding="utf-8"', 'encoding="euc-kr"', 1)
    return text_answer(text, content_type="text/xml", encoding="cp949", charset="euc-kr", headers=headers)
