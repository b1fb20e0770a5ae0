"""Locks that die with their process: flock beside a SQLite file, session advisory locks in PostgreSQL."""

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, ClassVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from shopscrape.errors import LeaseLost, MallBusy


class Lease:
    """The right to crawl one mall in one way; held until released or until the process dies."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _busy(self) -> MallBusy:
        return MallBusy(f"Another crawl holds {self.name.replace(':', ' ')}; it goes on, this one ends.")

    def check(self) -> None:
        """Raise LeaseLost when somebody else may hold it."""

    def release(self) -> None:
        """Let it go."""


class FileLease(Lease):
    """flock on a file of its own; the kernel lets it go when the process dies."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        folder.mkdir(parents=True, exist_ok=True)
        self.file: IO[bytes] | None = (folder / re.sub(r"[^\w.-]", "-", name)).open("ab")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.close()
            raise self._busy() from None

    def release(self) -> None:
        """Let it go."""
        if self.file:
            self.file.close()
            self.file = None


class AdvisoryLease(Lease):
    """A PostgreSQL session lock on a connection of its own."""

    def __init__(self, name: str, engine: Engine) -> None:
        super().__init__(name)
        self.engine = engine
        self.connection: Connection | None = None
        self._take()

    def _take(self) -> None:
        self.connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = self.connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": advisory_key(self.name)})
        if not taken.scalar():
            self.connection.close()
            self.connection = None
            raise self._busy()

    def check(self) -> None:
        """A lost connection lost the lock: take it again, or end when somebody else was quicker."""
        try:
            assert self.connection is not None
            self.connection.execute(text("SELECT 1"))
        except (DBAPIError, AssertionError):
            try:
                if self.connection is not None:
                    self.connection.invalidate()
                self._take()
            except (DBAPIError, MallBusy):
                raise LeaseLost(
                    f"The connection that held {self.name} broke and another crawl took over; this one ends."
                ) from None

    def release(self) -> None:
        """Let it go; closing the session would do it too, but the pool keeps sessions."""
        if self.connection is not None:
            try:
                self.connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": advisory_key(self.name)})
            except DBAPIError:
                self.connection.invalidate()
            self.connection.close()
            self.connection = None


class ProcessLease(Lease):
    """A lease that the crawls of one process hold together: the last one lets it go."""

    held: ClassVar[dict[str, "tuple[Lease, list[ProcessLease]]"]] = {}

    def __init__(self, name: str, take: Callable[[], Lease]) -> None:
        super().__init__(name)
        lease, holders = self.held.get(name) or (take(), [])
        self.held[name] = (lease, [*holders, self])

    def check(self) -> None:
        """Raise LeaseLost when another process may hold it."""
        self.held[self.name][0].check()

    def release(self) -> None:
        """Let it go with the last holder."""
        lease, holders = self.held[self.name]
        left = [one for one in holders if one is not self]
        self.held[self.name] = (lease, left)
        if not left:
            lease.release()
            del self.held[self.name]


def advisory_key(name: str) -> int:
    """Return the 64-bit number that PostgreSQL locks by."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


@contextmanager
def waiting_lock(
    name: str, take: "type[FileLease] | type[AdvisoryLease]", where: object, timeout: float
) -> Iterator[None]:
    """Hold a short lock, waiting for it up to `timeout` seconds. Raises: MallBusy."""
    ends = time.monotonic() + timeout
    while True:
        try:
            lease = take(name, where)  # type: ignore[arg-type]
            break
        except MallBusy:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
    try:
        yield
    finally:
        lease.release()


def lock_folder(database: str) -> Path:
    """Return the folder of a SQLite file's locks."""
    return Path(os.fspath(database) + ".locks")
