"""Things in the order of their numbers, with views over them that are built once and kept until something changes."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

from sandbox.entities import Timed

T = TypeVar("T", bound=Timed)
V = TypeVar("V")


class Version:
    """Grows with every change of what it stands for. A version that hangs on others changes with them."""

    def __init__(self, *others: "Version") -> None:
        self._count = 0
        self._others = others

    def touch(self) -> None:
        """Note a change."""
        self._count += 1

    def now(self) -> tuple[int, ...]:
        """Return what is equal as long as nothing changes."""
        return (self._count, *(part for other in self._others for part in other.now()))


class Shelf(Generic[T]):
    """Things by number. After changing one in place, call `touch`."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._things: dict[int, T] = {}
        self._views: dict[str, tuple[tuple[int, ...], Any]] = {}
        self._next = 1

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def get(self, no: int) -> T | None:
        """Return a thing by its number, or None."""
        return self._things.get(no)

    def __getitem__(self, no: int) -> T:
        return self._things[no]

    @property
    def next_no(self) -> int:
        """Return the number of the next new thing."""
        return self._next

    def put(self, thing: T) -> None:
        """Add a thing, or note that it changed."""
        self._things[thing.no] = thing
        self._next = max(self._next, thing.no + 1)
        self.version.touch()

    def drop(self, no: int) -> None:
        """Take a thing away for good; its number does not come back."""
        self._things.pop(no, None)
        self.version.touch()

    def touch(self) -> None:
        """Note that something on it changed."""
        self.version.touch()

    def view(self, name: str, build: Callable[[Iterable[T]], V]) -> V:
        """Return what `build` makes of all things, built again only after a change.

        The name stands for the function: use one name for one meaning, such as "cafe24 products by number".
        """
        version = self.version.now()
        kept = self._views.get(name)
        if kept is None or kept[0] != version:
            kept = self._views[name] = (version, build(self._things.values()))
        return kept[1]

    def where(self, name: str, test: Callable[[T], bool], newest_first: bool = False) -> list[T]:
        """Return the things that pass a test, by number; a view."""
        return self.view(name, lambda things: [one for one in _ordered(things, newest_first) if test(one)])

    def groups(self, name: str, key: Callable[[T], Any], newest_first: bool = False) -> dict[Any, list[T]]:
        """Return the things by a key, by number within; a view. Things whose key is None are left out."""

        def build(things: Iterable[T]) -> dict[Any, list[T]]:
            found: dict[Any, list[T]] = {}
            for one in _ordered(things, newest_first):
                if (told := key(one)) is not None:
                    found.setdefault(told, []).append(one)
            return found

        return self.view(name, build)

    def between(
        self, name: str, key: Callable[[T], datetime | None], start: datetime | None, end: datetime | None
    ) -> list[T]:
        """Return the things whose time lies in start <= time < end, oldest first; only the slice is copied."""

        def build(things: Iterable[T]) -> tuple[list[datetime], list[T]]:
            told = sorted(
                ((at, one.no, one) for one in things if (at := key(one)) is not None), key=lambda row: row[:2]
            )
            return [at for at, _, _ in told], [one for _, _, one in told]

        times, things = self.view(name, build)
        first = bisect_left(times, start) if start else 0
        last = bisect_left(times, end) if end else len(times)
        return things[first:last]

    def events(
        self, name: str, test: Callable[[T, Any], bool], start: datetime | None, end: datetime | None
    ) -> list[tuple[datetime, T, Any]]:
        """Return (time, thing, event) of the events that pass a test and lie in start <= time < end, oldest first."""

        def build(things: Iterable[T]) -> tuple[list[datetime], list[tuple[datetime, T, Any]]]:
            told = [(event.at, one, event) for one in things for event in one.events if test(one, event)]
            told.sort(key=lambda row: (row[0], row[1].no))
            return [row[0] for row in told], told

        times, rows = self.view(name, build)
        return rows[bisect_left(times, start) if start else 0 : bisect_left(times, end) if end else len(times)]


def _ordered(things: Iterable[T], newest_first: bool) -> list[T]:
    # Numbers are given in order, so this finds an ordered run.
    return sorted(things, key=lambda one: one.no, reverse=newest_first)
