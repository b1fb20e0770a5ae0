"""Brings a store's tables to the newest revision.

A new store gets them at once, as SQLAlchemy makes them; Alembic, which takes 0.1 s to import, is only asked where older
ones stand.
"""

import logging
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select

from shopscrape.errors import ConfigurationError
from shopscrape.store.schema import METADATA

HEAD = "0001"
"""Newest revision of the migrations."""
REVISION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table, in which it finds what it did last."""


def migrate(engine: Engine) -> None:
    """Make or mend the tables of a store. Raises: ConfigurationError when a newer shopscrape wrote it."""
    with engine.begin() as connection:
        if _revision(connection) == HEAD:
            return
        sqlite = engine.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else "SELECT pg_advisory_xact_lock(7105)")
        # Another process may have been quicker.
        stored = _revision(connection)
        if stored is None:
            METADATA.create_all(connection)
            REVISION.create(connection)
            connection.execute(REVISION.insert().values(version_num=HEAD))
        elif stored > HEAD:
            raise ConfigurationError("The store was written by a newer shopscrape; update this one.")
        elif stored < HEAD:
            upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Run the migrations that a store lacks."""
    # One line for each of Alembic's own plug-ins tells nobody anything.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(REVISION.name):
        return None
    return connection.execute(select(REVISION.c.version_num)).scalar()
