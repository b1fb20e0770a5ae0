"""What a page looked like when it failed: its HTML without persons, and of a block page a picture without its text.

Kept under `<output>/<mall>/evidence` for the engineer who must mend a selector or see a wall. Nobody's name, number,
address or account stays in it, nor a token; the folder never grows beyond its cap, the oldest go first.
"""

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote

from shopscrape import values
from shopscrape.privacy import mask

MOST = 512 << 10
"""Bytes of one HTML file; the rest is cut."""
CAP = 20 << 20
"""Bytes of a mall's folder."""
INVISIBLE = (
    # In a layer, because what is important there beats what is important outside, however closely that is addressed.
    "@layer { *, *::before, *::after, *::first-line, *::first-letter, *::marker, *::placeholder, *::selection, "
    "*::file-selector-button { color: transparent !important; -webkit-text-fill-color: transparent !important; "
    "-webkit-text-stroke-color: transparent !important; text-shadow: none !important; "
    "text-decoration-color: transparent !important; text-emphasis-color: transparent !important; "
    "caret-color: transparent !important; background-image: none !important; border-image: none !important; "
    "list-style-image: none !important; transition: none !important; animation: none !important } "
    "svg text, svg text * { fill: transparent !important; stroke: transparent !important } "
    "img, video, canvas, object, embed, svg image { visibility: hidden !important } }"
)
"""Stylesheet of the picture: shapes and colours stay; text, and pictures that may show some, do not."""
UNIMPORTANT = """() => {
    const roots = [document];
    for (const root of roots) for (const one of root.querySelectorAll('*')) {
        if (one.shadowRoot) roots.push(one.shadowRoot);
        const style = one.getAttribute('style');
        if (style && /!\\s*important/i.test(style)) one.setAttribute('style', style.replace(/!\\s*important/gi, ''));
    }
}"""
"""Script for each frame before the picture is taken: only what an element says itself would beat the stylesheet."""

_TOLD = re.compile(
    r"""(["'])((?!product|categor|brand|option|topic|attach|channel)[\w-]*(?:writer|member|user|buyer|orderer|receiver"""
    r"""|customer|mail|phone|tel|mobile|addr|account|order|name|nick|birth|profile|login|token|secret|session|password"""
    r"""|cookie|key|rtk|rts)[\w-]*)\1\s*:\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d[\d.]*)""",
    re.IGNORECASE,
)
_FIELD = re.compile(r"(<(?:input|option)\b[^>]*?\svalue\s*=\s*)(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_AREA = re.compile(r"(<textarea\b[^>]*>).*?(</textarea)", re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENCODED = re.compile(r"%3C(?:/|%2F)?[a-z]{1,10}", re.IGNORECASE)
"""A tag inside of percent-encoded markup, as some fragments bring it."""
_MASKED = re.compile(r"[\w.+-]{1,20}\*{2,}[\w.+-]*|[가-힣]\*{1,3}[가-힣]?")


def scrubbed(page: str) -> str:
    """Return the HTML of a page without persons and secrets.

    >>> scrubbed('<input value="홍길동"><i>hong****</i><script>{"orderNo":"123","price":900}</script>')
    '<input value="[removed]"><i>[person]</i><script>{"orderNo":"[removed]","price":900}</script>'
    """
    page = page[: 4 * MOST]
    # What is written in escapes would be overlooked.
    page = unquote(page, errors="replace") if _ENCODED.search(page) else page
    page = values.clean(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), page))
    page = _TOLD.sub(lambda found: f'{found[1]}{found[2]}{found[1]}:"[removed]"', page)
    page = _FIELD.sub(r'\1"[removed]"', page)
    page = _AREA.sub(r"\1[removed]\2", page)
    return mask(_MASKED.sub("[person]", page))


def mark_of(address: str) -> str:
    """Return a few letters that tell the pages of one crawl apart, for names of files."""
    return hashlib.blake2b(address.encode("utf-8", "replace"), digest_size=4).hexdigest()


def keep(folder: Path, name: str, page: str, picture: bytes | None = None, cap: int = CAP) -> Path:
    """Write a page, and its picture if there is one, and return the HTML file; make room first."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "-", name)[:120]
    files = [(folder / f"{stem}.html", scrubbed(page).encode()[:MOST])]
    if picture:
        files.append((folder / f"{stem}.jpg", picture))
    _make_room(folder, cap - sum(len(content) for _, content in files))
    for path, content in files:
        path.write_bytes(content)
    return files[0][0]


def _make_room(folder: Path, left: int) -> None:
    kept = sorted((path for path in folder.iterdir() if path.is_file()), key=lambda path: path.stat().st_mtime)
    size = sum(path.stat().st_size for path in kept)
    for path in kept:
        if size <= left:
            return
        size -= path.stat().st_size
        path.unlink(missing_ok=True)
