"""The malls a user has, from malls.toml, and their secrets, from the environment."""

import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from shopscrape import values
from shopscrape.errors import ConfigurationError
from shopscrape.facts import FactSheet
from shopscrape.items import RESOURCES

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SPAN = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
OWN_STORE = "own-store"


class Mall(msgspec.Struct, kw_only=True, frozen=True):
    """One table of malls.toml."""

    name: str
    platform: str
    resources: tuple[str, ...] = ()
    """Resources to crawl when none are named; empty means all that the spider has."""
    backend: str = ""
    app: str = ""
    """Prefix of its secrets when one app serves many malls."""
    base_url: str = ""
    """Stands in for the platform's API host; so a sandbox is reached."""
    storefront_url: str = ""
    timezone: str = ""
    currency: str = ""
    pace: float | None = None
    """Requests a second at most."""
    sweep_every: str = "7d"
    """How old a full sweep may get."""
    permission: str = ""
    """"own-store": the operator states that this storefront is theirs or that they hold a permission."""
    urls: tuple[str, ...] = ()
    """Addresses of pages to start from."""
    speed: float = 1.0
    """How many times faster a sandbox's clock runs; refused for anything that is not on this machine."""
    native: Mapping[str, Any] = {}
    """The platform's own keys."""

    @property
    def zone(self) -> ZoneInfo:
        """Return the mall's zone."""
        return ZoneInfo(self.timezone) if self.timezone else values.SEOUL

    @property
    def sweep_after(self) -> timedelta:
        """Return sweep_every as a span."""
        return span(self.sweep_every)


_KEYS = frozenset(Mall.__struct_fields__) - {"name", "native"}


def span(text: str) -> timedelta:
    """Return a span of time. Shape: "30m", "12h", "7d", "2w". Raises: ConfigurationError.

    >>> span("7d")
    datetime.timedelta(days=7)
    """
    match = _SPAN.fullmatch(text)
    if not match:
        raise ConfigurationError(f"'{text[:40]}' is no span of time; write for example 12h or 7d.")
    return int(match[1]) * _UNITS[match[2]]


def read_malls(path: Path) -> dict[str, Mall]:
    """Return the malls of a file by name. Raises: ConfigurationError with the file, the table and the mend."""
    try:
        tables = msgspec.toml.decode(path.read_bytes())
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no malls file at {path}: copy malls.example.toml to malls.toml, or name one with "
            "-s SHOPSCRAPE_MALLS=FILE."
        ) from None
    except (OSError, UnicodeDecodeError) as why:
        raise ConfigurationError(f"The malls file {path} cannot be read ({type(why).__name__}).") from None
    except msgspec.DecodeError as why:
        raise ConfigurationError(f"The malls file {path} is not valid TOML: {why}.") from None
    return {name: _mall(path, name, table) for name, table in tables.items()}


def _mall(path: Path, name: str, table: Any) -> Mall:
    where = f"{path}, [{name[:40]}]"
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{where}: a mall's name is lower case letters, digits and _, a letter first.")
    if not isinstance(table, dict) or not isinstance(table.get("platform"), str):
        raise ConfigurationError(f'{where}: a mall needs a line platform = "…".')
    known = {key: value for key, value in table.items() if key in _KEYS}
    native = {key: value for key, value in table.items() if key not in _KEYS}
    try:
        mall = msgspec.convert({"name": name, "native": native, **known}, Mall)
    except msgspec.ValidationError as why:
        raise ConfigurationError(f"{where}: {why}.") from None
    strange = [resource for resource in mall.resources if resource not in RESOURCES]
    if strange:
        raise ConfigurationError(f"{where}: unknown resource '{strange[0][:40]}'; there are {', '.join(RESOURCES)}.")
    if mall.pace is not None and not 0 < mall.pace <= 1000:
        raise ConfigurationError(f"{where}: pace is a number of requests a second above 0.")
    hosts = {_host(where, address) for address in (mall.base_url, mall.storefront_url) if address}
    if mall.speed != 1 and (not hosts or not hosts <= LOOPBACK or mall.speed <= 0):
        raise ConfigurationError(f"{where}: speed is for a sandbox on this machine only.")
    if mall.permission not in ("", OWN_STORE):
        raise ConfigurationError(f'{where}: permission is "{OWN_STORE}" or not there.')
    try:
        span(mall.sweep_every)
    except ConfigurationError as why:
        raise ConfigurationError(f"{where}, sweep_every: {why}") from None
    try:
        mall.zone  # noqa: B018
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(f"{where}: there is no time zone '{mall.timezone[:40]}'.") from None
    return mall


def _host(where: str, address: str) -> str:
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host:
        raise ConfigurationError(f"{where}: base_url and storefront_url are http(s) addresses.")
    if scheme == "http" and host not in LOOPBACK:
        raise ConfigurationError(f"{where}: plain http is for a sandbox on this machine; secrets need https.")
    return host


def check_native(mall: Mall, facts: FactSheet) -> None:
    """Raise ConfigurationError when a platform's own keys are missing or unknown."""
    for key in facts.native:
        if not isinstance(mall.native.get(key), str) or not mall.native[key]:
            raise ConfigurationError(f'Mall {mall.name} needs a line {key} = "…" in the malls file.')
    strange = [key for key in mall.native if key not in facts.native + facts.optional]
    if strange:
        raise ConfigurationError(f"Mall {mall.name} has an unknown key '{strange[0][:40]}' in the malls file.")


def read_env(path: Path) -> dict[str, str]:
    """Return NAME=VALUE lines taken literally: no expansion, only a pair of quotes around the value is taken off."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as why:
        raise ConfigurationError(f"The file {path} cannot be read ({type(why).__name__}).") from None
    pairs = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            pairs[name.removeprefix("export ").strip()] = value[1:-1] if quoted else value
    return pairs


class Secrets:
    """Looks secrets up in the environment, then in .env, then in the .env file beside the malls file. Never printed."""

    def __init__(self, malls_file: Path) -> None:
        self._values = read_env(malls_file.with_suffix(".env")) | read_env(Path(".env")) | dict(os.environ)

    def get(self, name: str) -> str | None:
        """Return a value by its whole name, None when unset or empty."""
        return self._values.get(name) or None

    def of(self, mall: Mall, name: str) -> str | None:
        """Return a mall's secret: SHOPSCRAPE_<APP or MALL>_<NAME>."""
        for prefix in filter(None, (mall.name, mall.app)):
            value = self.get(f"SHOPSCRAPE_{prefix.upper()}_{name}")
            if value:
                return value
        return None

    def need(self, mall: Mall, name: str) -> str:
        """Return a mall's secret. Raises: ConfigurationError that names the variable."""
        value = self.of(mall, name)
        if not value:
            raise ConfigurationError(
                f"Mall {mall.name} needs SHOPSCRAPE_{(mall.app or mall.name).upper()}_{name} in the environment "
                "or in .env."
            )
        return value

    def __repr__(self) -> str:
        return "Secrets(…)"


def since(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the start that an argument names, None for "all". Shape: "2026-11-01", ISO 8601, "all", "30d".

    A time without a zone is in the mall's zone. Raises: ConfigurationError.
    """
    if text == "all":
        return None
    if _SPAN.fullmatch(text):
        return values.now() - span(text)
    try:
        at = values.moment(text, zone)
    except ValueError:
        at = None
    if at is None:
        raise ConfigurationError(
            f"since={text[:40]} is no time; write a date such as 2026-11-01, a span such as 30d, or all."
        )
    if at > values.now():
        raise ConfigurationError(f"since={text[:40]} lies in the future.")
    return at
