"""Reads a JavaScript object literal, which is not JSON: bare and numeric keys, either kind of quotes, escapes."""

import re
from typing import Any

DEPTH = 40
"""How deep objects may nest; real ones go to five."""
LENGTH = 4 << 20
_SPACE = re.compile(r"(?:[\s\u00a0\ufeff]+|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_STRING = re.compile(r"""'((?:[^'\\]++|\\.)*+)'|"((?:[^"\\]++|\\.)*+)\"""", re.DOTALL)
_BARE = re.compile(r"[\w$.+-]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "", "v": "", "0": "", "\n": "", "\r\n": ""}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}


class NotLiteral(ValueError):
    """The text at this place is no literal of objects, lists, strings, numbers and the four words."""


def literal(text: str, at: int = 0) -> Any:
    """Return the literal that begins at a place of a script; what follows it is not looked at. Raises: NotLiteral.

    >>> literal("{basic:{0:{uid:'1', note:'a}\\\\';b'}}};")
    {'basic': {'0': {'uid': '1', 'note': "a}';b"}}}
    """
    if len(text) - at > LENGTH:
        raise NotLiteral("longer than any")
    return _value(text, _skip(text, at), 0)[0]


def unescaped(text: str) -> str:
    """Return the content of a quoted string of a script."""

    def one(match: re.Match[str]) -> str:
        wide, narrow, char = match.groups()
        return chr(int(wide or narrow, 16)) if wide or narrow else _CONTROLS.get(char, char)

    if "\\" not in text:
        return text
    # What lies outside of the basic plane is written as two escapes.
    return _ESCAPE.sub(one, text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth > DEPTH:
        raise NotLiteral("nests too deep")
    char = text[at : at + 1]
    if char == "{":
        return _members(text, at + 1, depth)
    if char == "[":
        return _elements(text, at + 1, depth)
    if found := _STRING.match(text, at):
        return unescaped(found[1] if found[1] is not None else found[2]), found.end()
    if found := _BARE.match(text, at):
        word = found[0]
        if word in _WORDS or word.lstrip("+-").replace(".", "", 1).isdigit():
            return _WORDS.get(word, word), found.end()
    raise NotLiteral("neither object, list, string, number nor word")


def _members(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    told: dict[str, Any] = {}
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return told, at + 1
        key, at = _key(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise NotLiteral("a key without a value")
        told[key], at = _value(text, _skip(text, at + 1), depth + 1)
        at = _comma(text, at, "}")


def _key(text: str, at: int) -> tuple[str, int]:
    if found := _STRING.match(text, at):
        return unescaped(found[1] if found[1] is not None else found[2]), found.end()
    if found := _BARE.match(text, at):
        return found[0], found.end()
    raise NotLiteral("no key")


def _elements(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    told: list[Any] = []
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return told, at + 1
        value, at = _value(text, at, depth + 1)
        told.append(value)
        at = _comma(text, at, "]")


def _comma(text: str, at: int, end: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return at + 1
    if text[at : at + 1] != end:
        raise NotLiteral("neither a comma nor the end")
    return at
