"""Widgets of other companies that show reviews inside a mall's pages: recognised, reported, and not read.

What they show is theirs, under terms and APIs of their own. The mall's own list is then often empty or old. A company
belongs into the table when its marks are known; others are guessed at by their address, which is reported as a guess.
"""

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from parsel import Selector

WIDGETS = {"Crema": re.compile(r"\bwidgets?[\w.]*\.cre\.ma/|\bcrema-(?:product-)?reviews\b|\bcrema-login-username\b")}
"""Companies, and what their widgets leave in a page: address of a script or frame, a script's text, a class, an id."""
_MARKS = "//script/@src | //iframe/@src | //script[not(@src)]/text() | //*[@class]/@class | //*[@id]/@id"


def company(page: Selector) -> str:
    """Return the company whose widget stands in a page, "" where none of the table does."""
    told = page.xpath(_MARKS).getall()
    return next((name for name, marks in WIDGETS.items() if any(marks.search(text) for text in told)), "")


def guessed(page: Selector, own: Collection[str]) -> Iterator[str]:
    """Yield hosts, other than `own`, that bring something about reviews into a page, by their address (unverified)."""
    for node in page.xpath("//script[@src] | //iframe[@src]"):
        address = node.attrib["src"].strip()
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        if not host or parts.netloc in own or any(marks.search(address) for marks in WIDGETS.values()):
            continue
        # A script about reviews may be the platform's own; a frame of theirs stands on the mall's own host.
        if "review" in host or (node.root.tag == "iframe" and "review" in f"{parts.path}?{parts.query}".lower()):
            yield host
