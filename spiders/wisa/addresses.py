"""Addresses of a WISA storefront: its pages, and the calls that their scripts make."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

from spiders.wisa import EXEC, FEED_PATH
from spiders.wisa.shapes import hash_of

PIECE, CALL, OPEN = "skin_module/skin_ajax.php", "shop/getAjaxData.php", "shop/review_reg.exe.php"
"""What the one address of all calls is asked to do: a piece of a list, a question about a product, a review's text."""
_MORE = re.compile(r"prdMore\(\s*[^,()]+,\s*['\"]([\w./-]{1,60})['\"]\s*,\s*['\"](\w{1,60})['\"]")
_NAME = re.compile(r"[0-9A-Fa-f]{32}|\d{1,12}")


class Storefront:
    """Makes the addresses of one mall."""

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self.home = f"{self.root}/"
        self.sitemap = f"{self.root}/sitemap.xml"
        self.feed = f"{self.root}{FEED_PATH}"

    def product(self, name: str, reviews: int = 0) -> str:
        """Return the page of a product; `reviews` is a page of the reviews that it shows."""
        return f"{self.root}/shop/detail.php?pno={name}" + (f"&rev_page={reviews}" if reviews else "")

    def section(self, category: str, page: int = 1) -> str:
        """Return a page of the list of a category."""
        return f"{self.root}/shop/big_section.php?cno1={category}" + (f"&page={page}" if page > 1 else "")

    def board(self, page: int = 1) -> str:
        """Return a page of the list of all reviews."""
        return f"{self.root}/shop/product_review_list.php" + (f"?rev_page={page}" if page > 1 else "")

    def review(self, number: str, name: str) -> str:
        """Return the page of one review."""
        return f"{self.root}/shop/product_review.php?rno={number}&pno={name}"

    def call(self, file: str, **told: str) -> str:
        """Return a call of the engine."""
        return f"{self.root}{EXEC}?{urlencode({'exec_file': file} | told, safe='/@')}"

    def piece(self, file: str, module: str, page: int, **about: str) -> str:
        """Return the call for a piece of a list that a script shows; `file` and `module` stand in the page."""
        place = "detail_review_ajax_list" if module == REVIEWS[1] else module
        return self.call(
            PIECE, obj_id=place, _tmp_file_name=file, single_module=module, striplayout="1", module_page=str(page),
            **about,
        )  # fmt: skip

    def gone_after(self, path: str) -> str:
        """Return the question which values of the next choice are sold out. Shape: "@7001@7012"."""
        return self.call(CALL, exec="getOptionStock", item_no=path)


REVIEWS = ("shop_detail.php", "detail_review_list")
"""File and module of the piece of a product page that lists its reviews."""


def more(text: str) -> tuple[str, str] | None:
    """Return file and module that a page of a list names for its next piece; None where it goes on by links, or ends.

    >>> more("prdMore(this, 'shop_big_section.php', 'prd_basic'); return false;")
    ('shop_big_section.php', 'prd_basic')
    """
    found = (match for match in _MORE.finditer(text) if "review" not in match[2] and "qna" not in match[2])
    first = next(found, None)
    return (first[1], first[2]) if first else None


def product_in(address: str) -> str:
    """Return the name of the product whose page an address is: the MD5 of its number; "" for other pages.

    >>> product_in("https://shop.example.com/shop/detail.php?ano=596&ctype=1")
    'B2EEB7362EF83DEFF5C7813A67E14F0A'
    """
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    told = (query.get("pno") or query.get("ano") or [""])[0]
    if not parts.path.endswith("/shop/detail.php") or not _NAME.fullmatch(told):
        return ""
    return name_of(told)


def name_of(told: str) -> str:
    """Return a product's name on pages from what a page tells: that name, or the number.

    >>> name_of("596") == name_of("b2eeb7362ef83deff5c7813a67e14f0a")
    True
    """
    return hash_of(told) if told.isdigit() and len(told) < 32 else told.upper()


def category_in(address: str) -> str:
    """Return the category whose list an address is; "" for other pages."""
    parts = urlsplit(address)
    told = parse_qs(parts.query).get("cno1", [""])[0]
    return told if parts.path.endswith("_section.php") and told.isdigit() else ""


def is_board(address: str) -> bool:
    """Return whether an address is the list of all reviews."""
    return urlsplit(address).path.endswith("/shop/product_review_list.php")
