"""Where the pages of a Godomall5 storefront are, and what their scripts ask of each other: addresses, and forms."""

import html
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from shopscrape.errors import PageFailed
from spiders.godomall5 import pages

VIEW, LIST = "/goods/goods_view.php", "/goods/goods_list.php"
FRONT = ("", "/", "/index.php", "/main/index.php")
LISTS = ("cateCd", "brandCd")
"""What a list may be of: a category or a brand."""
STEP = "/goods/goods_ps.php"


class Listing(msgspec.Struct, frozen=True):
    """A page of the products of a category or a brand."""

    name: str
    """cateCd or brandCd."""
    code: str
    page: int = 1


class Storefront:
    """Addresses on one host. Shape of the host: "https://www.example.com"."""

    def __init__(self, host: str) -> None:
        self.host = host.rstrip("/")

    @property
    def front(self) -> str:
        """Return the mall's first page."""
        return f"{self.host}/"

    def product(self, number: str) -> str:
        """Return the page of a product."""
        return f"{self.host}{VIEW}?goodsNo={quote(number)}"

    def listing(self, listing: Listing) -> str:
        """Return a page of a list."""
        return f"{self.host}{LIST}?{listing.name}={quote(listing.code)}&page={listing.page}"

    def board(self, board: str, product: str, page: int = 1) -> str:
        """Return the fragment with the reviews of a product; gboard is what a product page sends."""
        query = {"bdId": board, "goodsNo": product, "gboard": "y", "page": page}
        return f"{self.host}/goods/goods_board_list.php?{urlencode(query)}"

    def article(self, board: str, post: str) -> str:
        """Return the fragment with one opened review."""
        return f"{self.host}/goods/goods_board_view.php?{urlencode({'bdId': board, 'sno': post})}"

    def plus(self, product: str, page: int = 1) -> str:
        """Return the fragment with the Plus Reviews of a product."""
        return f"{self.host}/board/plus_review_list.php?{urlencode({'goodsNo': product, 'page': page})}"

    @property
    def step(self) -> str:
        """Return where a product page asks for the next axis of its options."""
        return f"{self.host}{STEP}"

    def plain(self, address: str) -> str | None:
        """Return the plain form of an address of a product, a list or the first page; None for any other."""
        parts = urlsplit(address)
        number = pages.number_in(f"?{parts.query}")
        if parts.path == VIEW and number:
            return self.product(number)
        if listing := listing_of(address):
            return self.listing(listing)
        return self.front if parts.path in FRONT else None


def listing_of(address: str) -> Listing | None:
    """Return the list that an address is a page of, None where it is of none."""
    parts = urlsplit(address)
    if parts.path != LIST:
        return None
    place = pages.number_in(f"?{parts.query}", "page") or ""
    for name in LISTS:
        if code := pages.number_in(f"?{parts.query}", name):
            return Listing(name, code, int(place) if place.isdecimal() and 0 < len(place) < 7 else 1)
    return None


def step_form(product: str, chosen: tuple[str, ...]) -> str:
    """Return the form that asks what may be chosen after some values; the last one's axis counts from 0."""
    fields = [("mode", "option_select"), *(("optionVal[]", value) for value in chosen)]
    return urlencode([*fields, ("optionKey", len(chosen) - 1), ("goodsNo", product), ("mileageFl", "")])


def choices(body: bytes) -> list[str]:
    """Return the values of the next axis; none after the last, and for what cannot be chosen. Raises: PageFailed."""
    try:
        told: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the options are not readable JSON") from None
    found = told.get("nextOption") if isinstance(told, dict) else None
    return (
        [html.unescape(one).strip() for one in found if isinstance(one, str) and one] if isinstance(found, list) else []
    )
