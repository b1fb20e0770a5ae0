"""Addresses of a MakeShop storefront: what the spider asks for, and what a given address names. No network."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from parsel import Selector

from shopscrape import values
from spiders.makeshop.pages import number_in, parameter

ORIGINAL = "00000"
"""Second number of a post that opens a thread."""


class Listing(NamedTuple):
    """A category, by the codes of its levels; `type` tells the level and does not tell lists apart."""

    xcode: str
    mcode: str = ""
    scode: str = ""
    type: str = ""

    @property
    def name(self) -> str:
        """Return the codes as one word."""
        return ":".join((self.xcode, self.mcode, self.scode))


class Post(NamedTuple):
    """A post of a board; without a number it is the board."""

    board: str
    num1: str = ""
    num2: str = ""
    number: str = ""
    """Its row in the list, which changes."""


def listing_in(address: str) -> Listing | None:
    """Return the category of a list's address, None for others, such as a search."""
    if not values.address(address).path.endswith("/shopbrand.html") or parameter(address, "search"):
        return None
    codes = tuple(parameter(address, name) for name in ("xcode", "mcode", "scode"))
    level = parameter(address, "type")
    if not codes[0] or not all(code.isalnum() or not code for code in codes) or max(map(len, codes)) > 20:
        return None
    return Listing(codes[0], codes[1], codes[2], level if level.isalpha() and len(level) == 1 else "")


def post_in(address: str) -> Post | None:
    """Return the board, or the post of a board, that an address names."""
    board = parameter(address, "code")
    if not values.address(address).path.endswith("/board/board.html") or not board.replace("_", "").isalnum():
        return None
    num1, num2, number = (parameter(address, name) for name in ("num1", "num2", "number"))
    if not num1.isdigit():
        return Post(board)
    return Post(board, num1, num2.zfill(5) if num2.isdigit() else ORIGINAL, number if number.isdigit() else "")


def linked_lists(page: Selector) -> Iterator[Listing]:
    """Yield the categories that a page links to."""
    for address in page.xpath("//a[contains(@href,'shopbrand.html')]/@href").getall():
        if listing := listing_in(address):
            yield listing


def linked_posts(page: Selector) -> dict[str, Post]:
    """Return the posts that a list shows and everybody may open, by the number of their record."""
    found: dict[str, Post] = {}
    for address in page.xpath("//a[contains(@href,'num1=') and contains(@href,'type=v')]/@href").getall():
        post = post_in(address)
        if post and post.num1 and parameter(address, "lock") != "Y":
            found.setdefault(f"{post.board}:{post.num1}:{post.num2}", post)
    return found


class Storefront:
    """Builds the addresses of one mall. Shape of `host`: "https://mall.example.com"."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.front = f"{host}/"
        self.sitemap = f"{host}/sitemap.xml"

    def product(self, number: str) -> str:
        """Return a product's address by its one lasting parameter."""
        return f"{self.host}/shop/shopdetail.html?branduid={number}"

    def listing(self, one: Listing, page: int = 1) -> str:
        """Return a page of a category's list."""
        told = {**one._asdict(), "sort": "", "page": page}
        return f"{self.host}/shop/shopbrand.html?{urlencode(told)}"

    def pieces(self, one: Listing, page: int = 1) -> str:
        """Return the call with which a list's script fetches a page."""
        codes = {"xcode": one.xcode, "mcode": one.mcode, "scode": one.scode, "type": one.type or "Y"}
        told = {"action_mode": "get_list", "page": page, **codes, "sort": "manual", "is_list_buy": 8}
        return f"{self.host}/shop/product_list.action.html?{urlencode(told)}"

    def power(self, number: str, page: int = 1) -> str:
        """Return the call for a page of a product's power reviews, newest first."""
        told = {
            "action_type": "get_review_list", "page_type": "product", "product_uid": number, "page": page,
            "sort": "date", "term": 1, "is_photo": "", "category": "", "searchword": "", "search_myreview": "",
            "write_time": "",
        }  # fmt: skip
        return f"{self.host}/shop/power_review.action.html?{urlencode(told)}"

    def comments(self, num1: str) -> str:
        """Return the call for what was written below a power review."""
        told = {"action_type": "get_comment_list", "num1": num1, "page_type": "product"}
        return f"{self.host}/shop/power_review.action.html?{urlencode(told)}"

    def board(self, code: str, page: int = 1) -> str:
        """Return a page of a board."""
        return f"{self.host}/board/board.html?{urlencode({'code': code, 'page': page})}"

    def post(self, one: Post) -> str:
        """Return the page of a post."""
        told = {"code": one.board, "type": "v", "num1": one.num1, "num2": one.num2, "number": one.number, "lock": "N"}
        return f"{self.host}/board/board.html?{urlencode(told)}"

    def plain(self, address: str) -> str | None:
        """Return an address without what is decoration or a session; None where it names nothing that is read."""
        path = values.address(address).path
        if (number := number_in(address)) and path.endswith(("/shopdetail.html", "/m/product.html")):
            return self.product(number)
        if listing := listing_in(address):
            return self.listing(listing)
        if post := post_in(address):
            return self.post(post) if post.num1 else self.board(post.board)
        if path.endswith(".xml"):
            return address
        return self.front if path in ("", "/") else None
