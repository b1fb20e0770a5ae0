"""The store: rows, marks, runs, tokens, dead letters and leases, in SQLite or PostgreSQL."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import Engine, create_engine, delete, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from shopscrape import values
from shopscrape.errors import ConfigurationError
from shopscrape.store import letters, schema, unfinished
from shopscrape.store.bulk import Bulk, Held, sqlite_settings
from shopscrape.store.leases import AdvisoryLease, FileLease, Lease, ProcessLease, lock_folder, waiting_lock
from shopscrape.store.letters import DeadLetter
from shopscrape.store.migrate import migrate
from shopscrape.store.read import product_pages, read, unseen
from shopscrape.store.rows import Writer
from shopscrape.store.schema import IDENTITY, OF_RESOURCE
from shopscrape.store.unfinished import Told
from shopscrape.windows import Mark, Retire, Row

FINAL = ("completed", "cancelled", "returned", "exchanged", "failed")
"""Words of orders that nothing happens to any more."""


def open_store(url: str, key: str | None = None) -> "Store":
    """Return the store at an address, migrated. Raises: ConfigurationError, which shows no password.

    Shape: sqlite:///path or postgresql://user@host/database. `key`: Fernet keys joined by commas, the first encrypts.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        shown = parsed.render_as_string(hide_password=True)
    except ArgumentError:
        raise ConfigurationError(
            "The store's address is not readable; write sqlite:///file or postgresql://…."
        ) from None
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ConfigurationError(
            f"The store's address begins with sqlite:/// or postgresql://, not {parsed.drivername}."
        )
    if parsed.drivername == "sqlite" and not parsed.database:
        raise ConfigurationError("The store needs a file: sqlite:///path, not a database in memory.")
    try:
        if parsed.drivername == "sqlite":
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        # Errors of the driver quote parameters unless told not to, and those hold rows and tokens.
        network = {} if parsed.drivername == "sqlite" else {"connect_timeout": 10, "prepare_threshold": None}
        engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=bool(network), connect_args=network)
        store = Store(engine, key)
        try:
            migrate(engine)
        except BaseException:
            store.close()
            raise
    except (ModuleNotFoundError, NoSuchModuleError):
        raise ConfigurationError("PostgreSQL needs the extra: pip install shopscrape[postgres].") from None
    except (SQLAlchemyError, OSError) as why:
        cause = type(getattr(why, "orig", None) or why).__name__
        raise ConfigurationError(
            f"The store {shown} cannot be opened ({cause}): check its address and rights."
        ) from None
    return store


class Store:
    """One connection pool; every method is one transaction."""

    def __init__(self, engine: Engine, key: str | None) -> None:
        self.engine = engine
        self._held = Held(engine)
        self._key = key
        self.sqlite = engine.dialect.name == "sqlite"
        if self.sqlite:
            event.listen(engine, "connect", sqlite_settings)

    def close(self) -> None:
        """Close all connections."""
        self._held.close()
        self.engine.dispose()

    # -- rows and marks -----------------------------------------------------------------------------------------------

    def known(self, rows: Sequence[Row]) -> None:
        """Set each row's state by its fingerprint: same, new, or changed (which a merge may still find the same)."""
        by_identity: dict[bytes, dict[bytes, tuple[bytes, bytes]]] = {}
        wanted = list({row.identity for row in rows})
        query = "SELECT identity, form, digest, leg FROM fingerprints"
        for identity, form, digest, leg in self._asked(query, wanted):
            by_identity.setdefault(bytes(identity), {})[bytes(form)] = (bytes(digest), bytes(leg))
        for row in rows:
            forms = by_identity.get(row.identity)
            if forms is None:
                row.state = "new"
                continue
            digest, row.leg = forms.get(row.form, (b"", b""))
            row.state = "same" if digest == row.digest else "changed"

    def _asked(self, query: str, wanted: Sequence[bytes]) -> list[Any]:
        for last in (False, True):
            try:
                with self._held.begin() as connection:
                    return Bulk(connection).among(query, "identity", wanted)
            except DBAPIError as why:
                # The server was started again since the last batch; nothing of this batch is written yet.
                if last or not why.connection_invalidated:
                    raise
        raise AssertionError

    def commit(
        self, rows: Sequence[Row], *, marks: Sequence[Mark] = (), retire: Sequence[Retire] = (),
        dead: Sequence[DeadLetter] = (), run: str, now: datetime, keep_rows: bool = True, leg: bytes = b"",
        ends: bool = False,
    ) -> Counter[str]:  # fmt: skip
        """Store rows, what is gone, dead letters and marks together, and whether the window that brought them `ends`.

        Returns counts: "gone <resource>", marks, marks_refused.
        """
        counts: Counter[str] = Counter()
        with self._held.begin() as connection:
            writer = Writer(connection, run, now)
            if not self.sqlite and not ends and not marks and not dead:
                # Should PostgreSQL itself crash, these rows are read again: their window ends with a later commit, and
                # whatever makes that one safe makes them safe.
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            # Also those that merging finds the same: the next time their fingerprint tells at once.
            mine = [row for row in rows if row.state != "same" or row.unwritten]
            if keep_rows:
                writer.write(rows)
            writer.many(
                "DELETE FROM fingerprints WHERE identity=? AND form<>?",
                [(row.identity, row.form) for row in rows if row.state == "changed" and not row.widens],
            )
            writer.insert(
                schema.fingerprints, ("identity", "form", "digest", "leg"),
                [(row.identity, row.form, row.digest, leg) for row in mine],
                ("identity", "form"), ("digest=excluded.digest", "leg=excluded.leg"),
            )  # fmt: skip
            if ends:
                unfinished.end(writer, leg)
            elif leg and mine and leg not in self._held.begun:
                unfinished.begin(writer, leg, run)
            for gone in retire:
                counts[f"gone {gone.resource}"] += writer.retire(gone) if keep_rows else 0
            if dead:
                letters.write(writer, dead, self._box, (self._key or "").encode(), run)
            for mark in marks:
                counts["marks" if self._move(writer, mark, run) else "marks_refused"] += 1
        if ends:
            self._held.begun.discard(leg)
        elif leg and mine:
            self._held.begun.add(leg)
        return counts

    def _move(self, writer: Writer, mark: Mark, run: str) -> bool:
        keys = (*IDENTITY, "resource", "stream")
        ids = tuple(getattr(mark, key) for key in keys)
        where = " AND ".join(f"{key}=?" for key in keys)
        found = writer.all(f"SELECT upto FROM marks WHERE {where}", ids)
        stored = _moment(found[0][0]) if found else None
        if stored and mark.since and mark.since > stored:
            return False
        upto = max(filter(None, (stored, mark.upto)), default=None)
        cells = (upto and values.iso(upto), mark.cursor, mark.finished_at and values.iso(mark.finished_at), run)
        writer.many(
            f"INSERT INTO marks ({','.join(keys)},upto,cursor,finished_at,run) VALUES (?,?,?,?,?,?,?,?,?) "
            f"ON CONFLICT ({','.join(keys)}) DO UPDATE SET upto=excluded.upto, run=excluded.run, "
            "cursor=coalesce(excluded.cursor, marks.cursor), "
            "finished_at=coalesce(excluded.finished_at, marks.finished_at)",
            [(*ids, *cells)],
        )
        return True

    def mark(self, platform: str, mall: str, shop: str, resource: str, stream: str) -> Mark | None:
        """Return a mark, or None."""
        return next(iter(self.marks(platform, mall, shop=shop, resource=resource, stream=stream)), None)

    def marks(self, platform: str, mall: str, **also: str) -> list[Mark]:
        """Return all marks of a mall, or those with further equal columns."""
        table = schema.marks
        asked = {"platform": platform, "mall": mall} | also
        query = select(table).where(*(table.c[name] == value for name, value in asked.items()))
        with self.engine.connect() as connection:
            return [
                Mark(**{name: value for name, value in row._mapping.items() if name != "run"})
                for row in connection.execute(query)
            ]

    def open_orders(self, platform: str, mall: str, shop: str, since: datetime) -> list[str]:
        """Return the ids of orders, placed since, that are not in a final state or have an open claim."""
        orders, returns = schema.orders, schema.returns
        here = [table.c.platform == platform for table in (orders,)]
        mine = [orders.c.mall == mall, orders.c.shop == shop, *here]
        claims = select(returns.c.order_id).where(
            returns.c.platform == platform, returns.c.mall == mall, returns.c.shop == shop,
            returns.c.status.not_in(("completed", "withdrawn", "rejected")),
        )  # fmt: skip
        query = select(orders.c.order_id).where(
            *mine, orders.c.gone_at.is_(None), ~schema.earlier(orders.c.ordered_at, since),
            orders.c.status.not_in(FINAL) | orders.c.order_id.in_(claims),
        )  # fmt: skip
        with self.engine.connect() as connection:
            return list(connection.execute(query.order_by(orders.c.order_id)).scalars())

    def unfinished(self, platform: str, mall: str) -> set[bytes]:
        """Return the ids of a mall's windows that stored rows and did not end."""
        with self.engine.begin() as connection:
            return unfinished.read(connection, platform, mall)

    def stored_by(self, leg: bytes, told: Collection[Told]) -> set[Told]:
        """Return those rows, by identity and digest, that are stored as a window found them."""
        with self.engine.connect() as connection:
            return unfinished.stored_by(connection, leg, told)

    def hand_over(self, leg: bytes, to: bytes, rows: Iterable[Told]) -> None:
        """Let another window be the one that found these rows."""
        with self.engine.begin() as connection:
            unfinished.hand_over(Bulk(connection), leg, to, rows)

    # -- runs ---------------------------------------------------------------------------------------------------------

    def begin_run(
        self, run: str, spider: str, platform: str, mall: str, arguments: Mapping[str, Any], started_at: datetime
    ) -> None:
        """Note that a run began; without an end it was killed."""
        told = {"run": run, "spider": spider, "platform": platform, "mall": mall, "started_at": started_at}
        with self.engine.begin() as connection:
            connection.execute(schema.runs.insert(), told | {"arguments": self._json(arguments)})

    def end_run(self, run: str, outcome: str, report: str, finished_at: datetime | None) -> None:
        """Note how a run ended; the report is JSON."""
        told = {
            "outcome": outcome,
            "finished_at": finished_at,
            "report": report if self.sqlite else msgspec.json.decode(report),
        }
        with self.engine.begin() as connection:
            connection.execute(schema.runs.update().where(schema.runs.c.run == run), told)

    def last_runs(self) -> list[dict[str, Any]]:
        """Return the latest run of each mall and spider."""
        table = schema.runs
        last: dict[tuple[str, str], dict[str, Any]] = {}
        with self.engine.connect() as connection:
            for row in connection.execute(select(table).order_by(schema.Instant(table.c.started_at))):
                last[(row.mall, row.spider)] = dict(row._mapping)
        return list(last.values())

    def _json(self, value: Any) -> Any:
        return msgspec.json.encode(value).decode() if self.sqlite else msgspec.to_builtins(value)

    # -- secrets ------------------------------------------------------------------------------------------------------

    @property
    def _box(self) -> MultiFernet:
        return letters.box(self._key)

    def _open(self, secret: bytes) -> bytes:
        try:
            return self._box.decrypt(bytes(secret))
        except InvalidToken:
            raise ConfigurationError(
                "SHOPSCRAPE_KEY does not open what this store keeps: it was another key."
            ) from None

    def read_token(self, name: str) -> dict[str, Any] | None:
        """Return what was kept under a name, or None. Raises: ConfigurationError when the key does not fit."""
        with self.engine.connect() as connection:
            found = connection.execute(select(schema.tokens.c.secret).where(schema.tokens.c.name == name)).scalar()
        return msgspec.json.decode(self._open(found)) if found is not None else None

    def write_token(self, name: str, told: Mapping[str, Any]) -> None:
        """Keep something encrypted; it is on the disk when this returns."""
        secret = self._box.encrypt(msgspec.json.encode(told))
        with self.engine.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("PRAGMA synchronous=FULL")
                connection.rollback()
            try:
                Writer(connection, "", values.now()).many(
                    "INSERT INTO tokens (name,secret,written_at) VALUES (?,?,?) ON CONFLICT (name) DO UPDATE "
                    "SET secret=excluded.secret, written_at=excluded.written_at",
                    [(name, secret, values.iso(values.now()))],
                )
                connection.commit()
            finally:
                if self.sqlite:
                    connection.exec_driver_sql("PRAGMA synchronous=NORMAL")

    # -- locks and cool-downs -----------------------------------------------------------------------------------------

    def lease(self, name: str, within_process: bool = False) -> Lease:
        """Take a lease, which crawls of this process share if asked to. Raises: MallBusy."""

        def take() -> Lease:
            return FileLease(name, self._locks) if self.sqlite else AdvisoryLease(name, self.engine)

        return ProcessLease(name, take) if within_process else take()

    def token_lock(self, name: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the lock of a token pair across processes, waiting for it. Raises: MallBusy after the timeout."""
        if self.sqlite:
            return waiting_lock(f"token:{name}", FileLease, self._locks, timeout)
        return waiting_lock(f"token:{name}", AdvisoryLease, self.engine, timeout)

    @property
    def _locks(self) -> Path:
        return lock_folder(str(self.engine.url.database))

    def cool_down(self, platform: str, mall: str, access: str, until: datetime, why: str) -> None:
        """Remember that a mall must be left alone for a while."""
        with self.engine.begin() as connection:
            Writer(connection, "", until).many(
                "INSERT INTO cooldowns (platform,mall,access,until,why) VALUES (?,?,?,?,?) "
                "ON CONFLICT (platform,mall,access) DO UPDATE SET until=excluded.until, why=excluded.why",
                [(platform, mall, access, values.iso(until), why)],
            )

    def cooling(self, platform: str, mall: str, access: str) -> tuple[datetime, str] | None:
        """Return until when and why a mall is left alone, or None."""
        table = schema.cooldowns
        query = select(table.c.until, table.c.why).where(
            table.c.platform == platform, table.c.mall == mall, table.c.access == access
        )
        with self.engine.connect() as connection:
            found = connection.execute(query).first()
        return (found.until, found.why) if found else None

    # -- dead letters -------------------------------------------------------------------------------------------------

    def dead_letters(self, mall: str | None = None) -> Iterator[DeadLetter]:
        """Yield dead letters, opened, oldest first."""
        with self.engine.connect() as connection:
            for letter in letters.read(connection, mall):
                yield msgspec.structs.replace(letter, raw=self._open(letter.raw))

    def count_dead_letters(self) -> int:
        """Return how many there are."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(schema.dead_letters)).scalar() or 0)

    def bury(self, name: str) -> None:
        """Take away a dead letter that was replayed."""
        with self.engine.begin() as connection:
            connection.execute(delete(schema.dead_letters).where(schema.dead_letters.c.id == name))

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, resource: str, gone: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the rows of a resource as plain values, with the lists of variants and lines; gone ones if asked."""
        with self.engine.connect() as connection:
            yield from read(connection, resource, gone)

    def product_pages(self, platform: str, mall: str) -> list[tuple[str, str | None]]:
        """Return number and address of each product of a mall that has a page."""
        with self.engine.connect() as connection:
            return product_pages(connection, platform, mall)

    def unseen(self, retire: Retire) -> list[str]:
        """Return the native ids of what a sweep did not see so far."""
        with self.engine.connect() as connection:
            return [str(row[-1]) for row in connection.execute(unseen(retire))]

    def count(self, resource: str, **also: str) -> int:
        """Return how many rows of a resource, or those with further equal columns, are there and not gone."""
        table = OF_RESOURCE[resource][1]
        here = [table.c.gone_at.is_(None), *(table.c[name] == value for name, value in also.items())]
        with self.engine.connect() as connection:
            query = select(func.count()).select_from(table).where(*here)
            return int(connection.execute(query).scalar() or 0)


def _moment(stored: Any) -> datetime | None:
    return values.moment(stored) if isinstance(stored, str) else stored
