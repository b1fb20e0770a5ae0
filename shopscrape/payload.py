"""Reading what a platform sends: take what you need out of a row, count what is left over.

A mapping module of a platform offers `KINDS` (name to Kind) and `judge` (an Answer that is no data raises its outcome).
`read_page` turns the body of one answer into records; a row that does not map fails alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from shopscrape import values
from shopscrape.errors import PageFailed, RowFailed
from shopscrape.items import Record


class Answer(NamedTuple):
    """What came over the wire, apart from how it came. Header names are lower case."""

    body: bytes
    status: int = 200
    content_type: str = ""
    headers: Mapping[str, str] = {}
    url: str = ""

    @property
    def retry_after(self) -> float | None:
        """Return the seconds that Retry-After asks for, at most an hour; None where it asks for none."""
        return values.wait(self.headers.get("retry-after", ""))


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a payload was read, and what its request knew that the payload does not tell."""

    platform: str
    mall: str = "mall"
    shop: str = ""
    source: str = "api"
    url: str | None = None
    collected_at: datetime
    zone: ZoneInfo = values.SEOUL
    currency: str = "KRW"
    product_id: str = ""
    board: str = ""
    context: dict[str, Any] = {}
    """What the spider learned earlier and this kind needs, such as category names by number."""

    def common(self) -> dict[str, Any]:
        """Return the fields that every record shares."""
        return {
            "platform": self.platform, "mall": self.mall, "shop": self.shop, "source": self.source,
            "source_url": self.url, "collected_at": self.collected_at,
        }  # fmt: skip


class Tally:
    """Counts of a page: keys that no mapping named, and raw words that no table knew."""

    __slots__ = ("left_over", "shapes", "unknown")

    def __init__(self) -> None:
        self.left_over: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.shapes: dict[tuple[str, ...], tuple[str, ...]] = {}
        """What is left over of an object, by its path and the keys that nobody took: most rows leave the same."""

    def update(self, other: "Tally") -> None:
        """Add the counts of another page."""
        self.left_over.update(other.left_over)
        self.unknown.update(other.unknown)


class Payload:
    """One object of a platform's answer. Every method takes its key out, so what nobody asked for is left over.

    An absent key gives UNSET, null or an empty text None. A value of the wrong kind raises RowFailed with the path.
    """

    __slots__ = ("children", "path", "raw", "tally", "zone")

    def __init__(self, raw: Any, tally: Tally, path: str = "", zone: ZoneInfo = values.SEOUL) -> None:
        if type(raw) is not dict:
            raise RowFailed(f"{path or 'row'} is not an object")
        self.raw: dict[str, Any] = raw
        self.tally = tally
        self.path = path
        self.zone = zone
        self.children: list[Payload] = []

    def _fail(self, key: str, why: object) -> RowFailed:
        return RowFailed(f"{self.path}.{key}: {why}" if self.path else f"{key}: {why}")

    def has(self, key: str) -> bool:
        """Return whether the key is there, without taking it."""
        return key in self.raw

    def take(self, key: str) -> Any:
        """Return the raw value, or UNSET."""
        return self.raw.pop(key, UNSET)

    def drop(self, *keys: str) -> None:
        """Take keys out that are not wanted in this state of the row."""
        for key in keys:
            self.raw.pop(key, None)

    def id(self, key: str) -> str | None | UnsetType:
        """Return an id as text. Shape: text or whole number."""
        value = self.raw.pop(key, UNSET)
        if type(value) is str:
            value = value.strip()
            if not value.isprintable():
                raise self._fail(key, "control characters in an id")
            if len(value) > 500:
                raise self._fail(key, "longer than any id")
            return value or None
        if type(value) is int:
            if value.bit_length() > 128:
                raise self._fail(key, "longer than any id")
            return str(value)
        if value is None or value is UNSET:
            return value
        raise self._fail(key, "not an id")

    def need(self, key: str) -> str:
        """Return an id that a record cannot be without. Raises: RowFailed."""
        value = self.id(key)
        if not value:
            raise self._fail(key, "missing")
        return value

    def line(self, key: str) -> str | None | UnsetType:
        """Return one line of plain text."""
        value = self.raw.pop(key, UNSET)
        if type(value) is str:
            return values.line(value)
        if value is None or value is UNSET:
            return value
        if type(value) is dict or type(value) is list:
            raise self._fail(key, "not a text")
        return values.line(value)

    def plain(self, key: str) -> str | None | UnsetType:
        """Return text of several lines, HTML taken out."""
        value = self.raw.pop(key, UNSET)
        if value is None or value is UNSET:
            return value
        if type(value) is dict or type(value) is list:
            raise self._fail(key, "not a text")
        return values.plain(value)

    def html(self, key: str) -> str | None | UnsetType:
        """Return text as given, control characters apart."""
        value = self.raw.pop(key, UNSET)
        if value is None or value is UNSET:
            return value
        if type(value) is not str:
            raise self._fail(key, "not a text")
        return values.clean(value) or None

    def money(self, key: str) -> Decimal | None | UnsetType:
        """Return an amount in the unit of the record's currency."""
        value = self.raw.pop(key, UNSET)
        if value is None or value is UNSET:
            return value
        try:
            return values.spelled(value) if type(value) is str else values.decimal(value)
        except ValueError as why:
            raise self._fail(key, why) from None

    def whole(self, key: str) -> int | None | UnsetType:
        """Return a count."""
        value = self.raw.pop(key, UNSET)
        if type(value) is int and -_MOST < value < _MOST:
            return value
        if value is None or value is UNSET:
            return value
        if type(value) is bool:
            raise self._fail(key, "not a number")
        try:
            return values.integer(value)
        except ValueError as why:
            raise self._fail(key, why) from None

    def moment(self, key: str) -> datetime | None | UnsetType:
        """Return a time in UTC; one without an offset is in the payload's zone."""
        value = self.raw.pop(key, UNSET)
        if value is None or value is UNSET:
            return value
        try:
            return values.moment(value, self.zone)
        except ValueError as why:
            raise self._fail(key, why) from None

    def flag(self, key: str) -> bool | None | UnsetType:
        """Return a yes or no. Shape: true, "T", "Y", "true", 1 and their opposites; "" and null give None."""
        try:
            return _FLAGS[self.raw.pop(key, UNSET)]
        except (KeyError, TypeError):
            raise self._fail(key, "neither yes nor no") from None

    def word(self, key: str, table: Mapping[str, Any], family: str) -> tuple[Any, str | None | UnsetType]:
        """Return our word and the raw one; an unknown raw word gives "unknown" and is counted under its family."""
        raw = self.id(key)
        return (raw if raw is UNSET or raw is None else self.known(raw, table, family)), raw

    def known(self, raw: Any, table: Mapping[str, Any], family: str) -> Any:
        """Return our word for a raw one already taken; see `word`."""
        try:
            return table[raw]
        except KeyError:
            self.tally.unknown[f"{family}={str(raw)[:40]}"] += 1
            return "unknown"

    def part(self, key: str) -> "Payload":
        """Return an object inside; one without keys where it is absent, null, "" or an empty list."""
        value = self.raw.pop(key, UNSET)
        if type(value) is list and len(value) == 1:
            value = value[0]
        if not value or value is UNSET:
            value = {}
        (child,) = self._below(key, [value])
        return child

    def each(self, key: str) -> "list[Payload]":
        """Return the objects of a list inside; a lone object counts as a list of one, absence as none."""
        value = self.raw.pop(key, UNSET)
        if not value or value is UNSET:
            return []
        if type(value) is dict:
            value = [value]
        if type(value) is not list:
            raise self._fail(key, "not a list")
        return self._below(key, value)

    def texts(self, key: str) -> list[str] | None | UnsetType:
        """Return a list of texts; a lone text counts as a list of one."""
        value = self.raw.pop(key, UNSET)
        if value is None or value is UNSET:
            return value
        if type(value) is str:
            value = [value] if value else []
        if type(value) is not list or not _TEXTS.issuperset(map(type, value)):
            raise self._fail(key, "not a list of texts")
        return [text for part in value if (text := values.line(part))]

    def texts_of(self, key: str, name: str) -> list[str] | None | UnsetType:
        """Return one text out of each object of a list; see `texts`."""
        if not self.has(key):
            return UNSET
        return [text for part in self.each(key) if isinstance(text := part.line(name), str)]

    def _below(self, key: str, parts: list[Any]) -> "list[Payload]":
        path, tally, zone = f"{self.path}.{key}" if self.path else key, self.tally, self.zone
        below = [Payload(part, tally, path, zone) for part in parts if part is not None]
        self.children += below
        return below

    def count_left_over(self, ignored: Mapping[str, frozenset[str]]) -> None:
        """Count keys that nobody took and the mapping does not ignore on purpose."""
        if self.raw:
            shapes, shape = self.tally.shapes, (self.path, *self.raw)
            left = shapes.get(shape)
            if left is None:
                prefix = f"{self.path}." if self.path else ""
                wanted = self.raw.keys() - ignored.get(self.path, _NONE)
                left = shapes[shape] = tuple(prefix + key[:60] for key in wanted)
            if left:
                self.tally.left_over.update(left)
        for child in self.children:
            if child.raw or child.children:
                child.count_left_over(ignored)


_NONE: frozenset[str] = frozenset()
_TEXTS = frozenset((str, int))
_MOST = 1 << 63
_FLAGS: dict[Any, bool | None | UnsetType] = {
    "T": True, "F": False, "Y": True, "N": False, "y": True, "n": False, "true": True, "false": False, "1": True,
    "0": False, 1: True, 0: False, "": None, None: None, UNSET: UNSET,
}  # fmt: skip


def ignoring(*paths: str) -> dict[str, frozenset[str]]:
    """Return keys ignored on purpose, by the path of their object. Shape: "a b c" at the top, "path: a b" inside.

    >>> ignoring("icon hits", "variants: image")["variants"]
    frozenset({'image'})
    """
    ignored: dict[str, frozenset[str]] = {}
    for path in paths:
        where, _, names = path.rpartition(":")
        ignored[where] = ignored.get(where, _NONE) | frozenset(names.split())
    return ignored


def json_document(body: bytes, origin: Origin) -> Any:
    """Return parsed JSON. Raises: PageFailed for what is no JSON, is cut, or nests too deep."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise PageFailed("the body is not readable JSON") from None


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of payload of a platform that carries records."""

    name: str
    """`<resource>` or `<resource>.<form>`."""
    request: str
    """The request that it answers."""
    items: tuple[type[Record], ...]
    """Types it can give."""
    rows: Callable[[Any, Origin], Iterable[Any]]
    """Document to raw rows. Raises: PageFailed when the envelope is not the expected one."""
    read: Callable[[Payload, Origin], Iterable[Record]]
    """One raw row to records. Raises: RowFailed."""
    ignored: Mapping[str, frozenset[str]] = {}
    """Keys left out on purpose."""
    expects: tuple[str, ...] = ()
    """Fields that most records of this kind tell; when that ends, the shape (or a page's skin) has changed."""
    document: Callable[[bytes, Origin], Any] = json_document
    """Body to document."""


class Failed(NamedTuple):
    """A row that did not become records: its place in the page, and why, without any value."""

    position: int
    why: str


class Page:
    """The records of one answer, each with the place of its raw row, and what failed or was left over."""

    __slots__ = ("body", "failed", "kind", "origin", "positions", "records", "size", "tally")

    def __init__(self, kind: Kind, body: bytes, origin: Origin) -> None:
        self.kind = kind
        self.body = body
        self.origin = origin
        self.records: list[Record] = []
        self.positions: list[int] = []
        self.failed: list[Failed] = []
        self.tally = Tally()
        self.size = 0
        """Number of raw rows."""

    def raw(self, position: int) -> Any:
        """Return the raw row at a place, read again from the body: mapping takes rows apart."""
        rows = self.kind.rows(self.kind.document(self.body, self.origin), self.origin)
        return next(row for place, row in enumerate(rows) if place == position)


def read_page(kind: Kind, body: bytes, origin: Origin) -> Page:
    """Return the records of a body. Raises: PageFailed and what the kind's envelope raises."""
    page = Page(kind, body, origin)
    for row in _rows(kind, kind.document(body, origin), origin):
        read_row(page, row)
    return page


def _rows(kind: Kind, document: Any, origin: Origin) -> Iterator[Any]:
    try:
        yield from kind.rows(document, origin)
    except (KeyError, TypeError, AttributeError, IndexError):
        raise PageFailed(f"the answer is not shaped as {kind.name} should be") from None


def read_row(page: Page, row: Any) -> None:
    """Map one raw row and append its records to the page; a failure is noted and nothing of the row is kept."""
    kind, origin = page.kind, page.origin
    position = page.size
    page.size += 1
    try:
        payload = row if type(row) is Payload else Payload(row, page.tally, zone=origin.zone)
        found = list(kind.read(payload, origin))
    except RowFailed as why:
        page.failed.append(Failed(position, str(why)))
        return
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError) as why:
        # A shape that the mapping did not foresee. The exception's text may quote the value, so only its kind is told.
        page.failed.append(Failed(position, f"{type(why).__name__} in the mapping of {kind.name}"))
        return
    payload.count_left_over(kind.ignored)
    page.records += found
    page.positions += [position] * len(found)
