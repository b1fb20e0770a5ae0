"""Payloads held against samples: same keys, same types."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import msgspec


@cache
def _read(file: Path) -> Any:
    return msgspec.json.decode(file.read_bytes())


def templates(name: str) -> dict[str, Any]:
    """Return the payload templates of a JSON file in this package, by name; not to be changed, see `fill`."""
    found: dict[str, Any] = _read(Path(__file__).with_name(name))
    return found


def fill(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a template with some keys set. Raises: KeyError for keys that it does not have."""
    strange = values.keys() - template.keys()
    if strange:
        raise KeyError(f"not in the template: {', '.join(sorted(strange))}")
    return {
        key: values[key] if key in values else deepcopy(value) if type(value) in (dict, list) else value
        for key, value in template.items()
    }


def shape_problems(
    answer: Any,
    sample: Any,
    *,
    nullable: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    loose: tuple[str, ...] = (),
) -> list[str]:
    """Return how an answer differs in shape from a sample, one sentence each; empty when it does not.

    Same keys, same types. Elements of a list are held against the union of the sample's elements: a key that some of
    them lack may be absent, one that is null in some may be null. A null in the sample is met by anything, and an empty
    list or object by any list or object. Paths, such as "orders.[].items", may be told: `nullable` may be null,
    `optional` may be absent, `loose` is not looked into (a table by number or date, say).
    """
    problems: list[str] = []
    _compare(answer, _shape(sample), "", problems, nullable, optional, loose)
    return list(dict.fromkeys(problems))


class _Shape:
    """What a sample allows at one place."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.keys: dict[str, _Shape] = {}
        self.count = 0
        self.seen: dict[str, int] = {}
        self.elements: _Shape | None = None

    def add(self, value: Any) -> None:
        kind = _kind(value)
        self.types.add(kind)
        if kind == "object":
            self.count += 1
            for key, part in value.items():
                self.keys.setdefault(key, _Shape()).add(part)
                self.seen[key] = self.seen.get(key, 0) + 1
        elif kind == "list" and value:
            self.elements = self.elements or _Shape()
            for part in value:
                self.elements.add(part)


def _shape(sample: Any) -> _Shape:
    shape = _Shape()
    shape.add(sample)
    return shape


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "text", dict: "object", list: "list", tuple: "list"}
    return names[type(value)]


def _compare(
    value: Any, shape: _Shape, path: str, problems: list[str],
    nullable: tuple[str, ...], optional: tuple[str, ...], loose: tuple[str, ...],
) -> None:  # fmt: skip
    if path in loose:
        return
    kind = _kind(value)
    where = path or "the answer"
    if kind not in shape.types and shape.types != {"null"} and not (kind == "null" and path in nullable):
        problems.append(f"{where} is {kind}, the sample has {' or '.join(sorted(shape.types))}")
        return
    if kind == "object" and shape.keys:
        for key, part in value.items():
            below = f"{path}.{key}" if path else key
            if key not in shape.keys:
                problems.append(f"{below} is not in the sample")
            else:
                _compare(part, shape.keys[key], below, problems, nullable, optional, loose)
        for key, seen in shape.seen.items():
            below = f"{path}.{key}" if path else key
            if key not in value and seen == shape.count and below not in optional:
                problems.append(f"{below} is missing")
    elif kind == "list" and shape.elements:
        for part in value:
            _compare(part, shape.elements, f"{path}.[]" if path else "[]", problems, nullable, optional, loose)
