"""XML as shop platforms send it: hardened, cleaned, repaired once, and brought to plain dicts.

`read(body)` gives a Document; `Document.one` and `Document.each` give dicts of texts, which a Payload takes apart. So a
Kind uses `document` as its document function, and its rows function picks elements by path. A document type or an
entity declaration is refused before any parser sees it; nothing is ever fetched or expanded. Large answers are read in
pieces, so that only one row's elements exist at a time.
"""

import html
import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

from lxml import etree

from shopscrape.errors import PageFailed, Refused
from shopscrape.payload import Origin

MOST = 64 << 20
"""Bytes of an answer that are read at all."""
LARGE = 4 << 20
"""Answers above this many bytes are read in pieces; an element tree takes about ten times the text."""
DEPTH = 64
"""How deep elements may nest."""
DIRT = 0.1
"""Share of non-ASCII characters that may be unreadable before a text that should be UTF-8 is tried as Korean."""

_KOREAN = frozenset(("euc-kr", "euckr", "euc_kr", "cp949", "ms949", "uhc", "ksc5601", "ks_c_5601-1987", "windows-949"))
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>")
_HANGUL = re.compile("[가-힣]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:(\d{1,9})|[xX]([0-9a-fA-F]{1,8}));")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")
_BLANKS = re.compile(r"\s*")
_LESS = re.compile(r"<(?![A-Za-z_/!?])")

_log = logging.getLogger(__name__)


class Text(NamedTuple):
    """A decoded body."""

    text: str
    replaced: int
    """Characters that could not be read and stand as U+FFFD."""


def decode(body: bytes, charset: str = "") -> Text:
    """Return a body as text, whatever it claims to be.

    Tried in this order: byte order mark, `charset` (of the HTTP header), the XML declaration, UTF-8. A claim of EUC-KR
    or CP949 is believed unless the bytes are UTF-8 with Hangul in it. What is not UTF-8 throughout is UTF-8 with dirt
    when less than a tenth of its non-ASCII characters is unreadable, else CP949 where that fits, else dirt.

    >>> decode("<a>성공</a>".encode("cp949"))
    Text(text='<a>성공</a>', replaced=0)
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(codec, "replace")
            return Text(text, text.count("\ufffd"))
    declared = _DECLARED.match(body[:400])
    claims = [charset, declared[1].decode("ascii", "replace") if declared else ""]
    korean = any(claim.strip().lower() in _KOREAN for claim in claims)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, korean)
    if korean and not body.isascii() and not _HANGUL.search(text):
        return Text(body.decode("cp949", "replace"), 0)
    return Text(text, 0)


def _not_utf8(body: bytes, korean: bool) -> Text:
    dirty = body.decode("utf-8", "replace")
    replaced = dirty.count("\ufffd")
    foreign = len(dirty) - len(dirty.encode("ascii", "ignore"))
    if replaced < foreign * DIRT:
        return Text(dirty, replaced)
    try:
        return Text(body.decode("cp949"), 0)
    except UnicodeDecodeError:
        other = body.decode("cp949", "replace")
    if korean and other.count("\ufffd") < replaced:
        return Text(other, other.count("\ufffd"))
    return Text(dirty, replaced)


class Document:
    """A checked answer. `one` and `each` name elements by their path below the root, such as "return/goods_data"."""

    __slots__ = ("_root", "_text", "name", "repaired", "replaced")

    def __init__(self, text: bytes, root: Any, name: str, repaired: bool, replaced: int) -> None:
        self._text = text
        self._root = root
        """None where the answer is too large for a tree."""
        self.name = name
        """Tag of the root."""
        self.repaired = repaired
        """Whether it was only well-formed after the repair."""
        self.replaced = replaced
        """Characters that stand as U+FFFD."""

    def elements(self, path: str) -> Iterator[Any]:
        """Yield the elements at a path, in order. Of a large answer each is emptied when the next is asked for."""
        if self._root is None:
            yield from _pieces(self._text, path)
        elif path:
            yield from self._root.iterfind("/".join("{*}" + step for step in path.split("/")))
        else:
            yield self._root

    def each(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the elements at a path as dicts; one that is a mere text becomes {"#text": …}."""
        for element in self.elements(path):
            yield as_dict(element)

    def one(self, path: str) -> dict[str, Any]:
        """Return the first element at a path as a dict; {} when there is none."""
        return next(self.each(path), {})


def read(body: bytes, charset: str = "") -> Document:
    """Return a checked document. Repairs once: bare "&" and "<", and "]]>" outside of CDATA.

    Raises: PageFailed for what is no XML, is cut, too large or too deep; Refused for a document type or entities.
    """
    if len(body) > MOST:
        raise PageFailed(f"the answer is larger than {MOST >> 20} MB")
    text, replaced = decode(body, charset)
    text = clean(text)
    _look(text)
    text = _DECLARATION.sub("", text, count=1)
    try:
        return _checked(text, False, replaced)
    except etree.XMLSyntaxError:
        pass
    try:
        return _checked(repair(text), True, replaced)
    except etree.XMLSyntaxError:
        raise PageFailed("the answer is not well-formed XML, and one repair did not help") from None


def tree(body: bytes, charset: str = "") -> Any:
    """Return the root element of an answer; prefer `read` where answers may be large. Raises: see `read`."""
    document = read(body, charset)
    return etree.fromstring(document._text, _parser()) if document._root is None else document._root


def document(body: bytes, origin: Origin) -> Document:
    """Return a checked document and warn when it was dirty; serves a Kind as its document function."""
    read_ = read(body)
    if read_.replaced:
        _log.warning(f"An answer of {origin.platform} held {read_.replaced} characters in no known encoding.")
    if read_.repaired:
        _log.warning(f"An answer of {origin.platform} was not well-formed XML and has been repaired.")
    return read_


def clean(text: str) -> str:
    """Return text without leading blanks, characters that XML forbids, and references to such.

    >>> clean("\\n<a>x\\x0by&#11;&#65;</a>")
    '<a>xy&#65;</a>'
    """
    text = text.lstrip("\ufeff \t\r\n\x00")
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub("", text)
    return _REFERENCE.sub(_allowed, text) if "&#" in text else text


def _allowed(found: re.Match[str]) -> str:
    number = int(found[1]) if found[1] else int(found[2], 16)
    return found[0] if number <= 0x10FFFF and not _FORBIDDEN.match(chr(number)) else ""


def repair(text: str) -> str:
    """Return text with what may not stand between tags escaped; CDATA sections stay as they are.

    >>> repair("<a>A & B 3 < 5 ]]> &nbsp;</a>")
    '<a>A &amp; B 3 &lt; 5 ]]&gt; &amp;nbsp;</a>'
    """
    parts = _CDATA.split(text)
    parts[::2] = [
        _LESS.sub("&lt;", _BARE.sub("&amp;", part)).replace("]]>", "]]&gt;") if part else part for part in parts[::2]
    ]
    return "".join(parts)


def _look(text: str) -> None:
    """Raise for what must not reach a parser; `text` is clean."""
    at = 0
    while opened := next((pair for pair in (("<?", "?>"), ("<!--", "-->")) if text.startswith(pair[0], at)), None):
        stop = text.find(opened[1], at + len(opened[0]))
        if stop < 0:
            raise PageFailed("the answer is cut inside its prolog")
        at = _BLANKS.match(text, stop + len(opened[1])).end()  # type: ignore[union-attr]
    start = text[at : at + 20].lower()
    if start.startswith("<html") or (start.startswith("<!doctype html") and "<!ENTITY" not in text[: 1 << 16]):
        raise PageFailed("an HTML page came where XML was due")
    if start.startswith("<!"):
        raise Refused("The answer declares a document type or entities, which no honest answer does; it was not read.")
    if not start.startswith("<"):
        raise PageFailed("the answer is no XML")


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip


def _checked(text: str, repaired: bool, replaced: int) -> Document:
    body = text.encode()
    if len(body) <= LARGE:
        root = etree.fromstring(body, _parser())
        return Document(body, root, _name(root), repaired, replaced)
    name = ""
    for element in _pieces(body, None):
        name = _name(element)
    return Document(body, None, name, repaired, replaced)


def _pieces(body: bytes, path: str | None) -> Iterator[Any]:
    """Yield the elements at a path and let them go again; None only checks the whole and yields the emptied root."""
    wanted = path.split("/") if path else []
    trail: list[str] = []
    events = etree.iterparse(
        BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for event, element in events:
        if event == "start":
            trail.append(_name(element))
            if len(trail) > DEPTH:
                raise PageFailed(f"the answer nests deeper than {DEPTH}")
            continue
        hit = path is not None and trail[1:] == wanted
        if hit or (path is None and len(trail) == 1):
            yield element
        if hit or (len(trail) <= len(wanted) + 1 if path is not None else len(trail) > 1):
            _let_go(element)
        trail.pop()


def _let_go(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _name(element: Any) -> str:
    tag: str = element.tag
    return tag.rpartition("}")[2]


def as_dict(element: Any) -> dict[str, Any]:
    """Return an element as a dict: child tags to texts, dicts, or lists where a tag repeats; attributes as "@name".

    Texts are trimmed, an empty element is "". Text beside child elements is markup that was not escaped: such an
    element is the text of its markup. A text with attributes is {"@name": …, "#text": …}; the attribute `idx`, which
    merely numbers the elements of a list, is left out everywhere.

    Raises: PageFailed when it nests too deep.
    """
    value = _value(element, 1)
    return value if isinstance(value, dict) else {"#text": value}


def _value(element: Any, depth: int) -> Any:
    if depth > DEPTH:
        raise PageFailed(f"the answer nests deeper than {DEPTH}")
    told = {f"@{name.rpartition('}')[2]}": value for name, value in element.items() if name != "idx"}
    children = list(element)
    if not children or _mixed(element, children):
        text = (_markup(element) if children else element.text or "").strip()
        return told | {"#text": text} if told else text
    for child in children:
        name, value = _name(child), _value(child, depth + 1)
        if name not in told:
            told[name] = value
        elif type(told[name]) is list:
            told[name].append(value)
        else:
            told[name] = [told[name], value]
    return told


def _mixed(element: Any, children: list[Any]) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in children)


def _markup(element: Any) -> str:
    inner = [html.escape(element.text or "", quote=False)]
    inner += [etree.tostring(child, encoding="unicode") for child in element]
    return "".join(inner)
