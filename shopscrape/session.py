"""All that one crawl holds from before its first request to its end: mall, secrets, store, lease, scrub, report."""

import secrets as random_secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from scrapy.settings import BaseSettings

from shopscrape import values
from shopscrape.errors import ConfigurationError, Refused, ShopscrapeError
from shopscrape.facts import FactSheet
from shopscrape.items import RESOURCES
from shopscrape.malls import Mall, Secrets, check_native, read_malls, since
from shopscrape.privacy import Scrubber
from shopscrape.report import ENOUGH, RunReport
from shopscrape.store import Store, open_store
from shopscrape.store.known import last_coverage, seen
from shopscrape.store.letters import box

FIRST = timedelta(days=90)
"""How far back a first run goes when no `since` is given."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True):
    """What `-a` says, checked."""

    mall: Mall
    resources: tuple[str, ...]
    since: datetime | None
    """Start of what has dates; None walks back to the beginning."""
    since_given: bool
    sweep: bool
    url: str


def read_arguments(
    settings: BaseSettings, facts: FactSheet, access: str, offered: tuple[str, ...], given: Mapping[str, Any],
    elsewhere: Mapping[str, str] | None = None,
) -> Arguments:  # fmt: skip
    """Return the checked arguments of a crawl. Raises: ConfigurationError, one sentence each.

    `elsewhere` names the spider that gives a resource which this one does not.
    """
    strange = set(given) - {"mall", "resources", "since", "sweep", "url"}
    if strange:
        raise ConfigurationError(
            f"Unknown argument {min(strange)[:40]}: there are mall, resources, since, sweep and url."
        )
    malls = read_malls(Path(settings["SHOPSCRAPE_MALLS"]))
    mall = _mall(malls, facts, str(given.get("mall") or ""))
    check_native(mall, facts)
    asked = given.get("resources") or mall.resources or offered
    if isinstance(asked, str):
        asked = tuple(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    for name in asked:
        if name not in RESOURCES:
            raise ConfigurationError(f"Unknown resource {name[:40]}: there are {', '.join(RESOURCES)}.")
        if name not in offered and given.get("resources"):
            other = (elsewhere or {}).get(name)
            raise ConfigurationError(
                f"{facts.title} gives no {name} this way ({facts.platform}_{access} offers {', '.join(offered)})"
                + (f"; scrapy crawl {other} does." if other else ".")
            )
    asked = tuple(name for name in asked if name in offered)
    if not asked:
        raise ConfigurationError(f"Mall {mall.name} asks for nothing that {facts.platform}_{access} offers.")
    sweep = str(given.get("sweep") or "0")
    if sweep not in ("0", "1"):
        raise ConfigurationError("sweep is 0 or 1.")
    start = since(str(given["since"]), mall.zone) if given.get("since") else values.now() - FIRST
    return Arguments(
        mall=mall, resources=tuple(asked), since=start, since_given=bool(given.get("since")), sweep=sweep == "1",
        url=str(given.get("url") or ""),
    )  # fmt: skip


def _mall(malls: Mapping[str, Mall], facts: FactSheet, name: str) -> Mall:
    fitting = [mall for mall in malls.values() if mall.platform == facts.platform]
    if not name:
        if len(fitting) == 1:
            return fitting[0]
        raise ConfigurationError(
            f"Say which mall to crawl with -a mall=NAME ({', '.join(mall.name for mall in fitting) or 'none fits'})."
        )
    mall = malls.get(name)
    if mall is None:
        raise ConfigurationError(f"There is no mall {name[:40]} in the malls file ({', '.join(malls) or 'empty'}).")
    if mall.platform != facts.platform:
        raise ConfigurationError(
            f"Mall {name} is on {mall.platform}, which has nothing to do with {facts.platform}: crawl it with "
            f"{mall.platform}_api, or put its platform right in the malls file."
        )
    return mall


def privacy(settings: BaseSettings, secrets: Secrets) -> Scrubber:
    """Return the scrub of a run. Raises: ConfigurationError when its key is missing or weak."""
    mode = settings.get("SHOPSCRAPE_PRIVACY") or "pseudonyms"
    if mode not in ("pseudonyms", "keep"):
        raise ConfigurationError("SHOPSCRAPE_PRIVACY is pseudonyms or keep.")
    key = secrets.get("SHOPSCRAPE_PRIVACY_KEY")
    if mode == "pseudonyms" and (not key or len(key) < 32):
        raise ConfigurationError(
            "SHOPSCRAPE_PRIVACY_KEY must stand in the environment or in .env, 32 characters or more: make one with "
            'python3 -c "import secrets; print(secrets.token_hex(32))" and keep it, pseudonyms hang on it.'
        )
    return Scrubber((key or "").encode(), keep=mode == "keep")


class Session:
    """Opens everything in the order in which it can be refused, and closes it in reverse."""

    def __init__(
        self, settings: BaseSettings, facts: FactSheet, access: str, arguments: Arguments, spider: str
    ) -> None:
        self.facts = facts
        self.access = access
        self.arguments = arguments
        self.mall = arguments.mall
        self.resources = arguments.resources
        self.secrets = Secrets(Path(settings["SHOPSCRAPE_MALLS"]))
        for credential in facts.credentials if access == "api" else ():
            if credential.required:
                self.secrets.need(self.mall, credential.name)
        self.scrubber = privacy(settings, self.secrets)
        key = self.secrets.get("SHOPSCRAPE_KEY")
        # Before anything is asked: a rotated token that cannot be kept would be lost.
        box(key)
        self.keep_rows = settings.getbool("SHOPSCRAPE_ROWS", True)
        self.complete = bool(settings.getdict("FEEDS"))
        """A feed was asked for: it gets every row of the period, so the walk starts at `since`, not at the marks."""
        self.output = Path(settings["SHOPSCRAPE_OUTPUT"])
        self.run = f"{values.now():%Y%m%dT%H%M%S}-{random_secrets.token_hex(4)}"
        self.store: Store = open_store(settings["SHOPSCRAPE_STORE"], key)
        self.report = RunReport(self.run, spider, facts.platform, self.mall.name, self.resources)
        self.report.unverified = facts.unverified
        self.report.pace = (self.pace(), self.burst)
        self.leases: list[Any] = []
        try:
            self._enter(spider)
        except BaseException:
            self.close()
            raise

    def _enter(self, spider: str) -> None:
        cooling = self.store.cooling(self.facts.platform, self.mall.name, self.access)
        if cooling and cooling[0] > values.now():
            raise Refused(
                f"Mall {self.mall.name} cools down until {cooling[0]:%Y-%m-%d %H:%M} UTC because {cooling[1]}; "
                "asking again earlier would make it worse."
            )
        self.leases.append(self.store.lease(self.scope("mall")))
        if self.access == "api":
            wider = {self.scope(limit.scope) for limit in self.facts.limits if limit.scope != "mall"}
            self.leases += [self.store.lease(name, within_process=True) for name in sorted(wider)]
        self.unfinished = self.store.unfinished(self.facts.platform, self.mall.name)
        """Ids of windows whose rows are stored and whose JSON lines may have been lost."""
        self.store.begin_run(
            self.run, spider, self.facts.platform, self.mall.name,
            {"resources": list(self.resources), "sweep": self.arguments.sweep}, self.report.started_at,
        )  # fmt: skip

    def scope(self, kind: str) -> str:
        """Return the name of a limit scope that this crawl belongs to; leases and buckets go by it."""
        if kind == "mall":
            return f"{self.facts.platform}:{self.mall.name}:{self.access}"
        if kind == "address":
            return f"{self.facts.platform}:address:{urlsplit(self.mall.base_url).netloc or 'live'}"
        return f"{self.facts.platform}:app:{self.mall.app or self.mall.name}"

    def check_lease(self) -> None:
        """Raise LeaseLost when another crawl may have the mall."""
        for lease in self.leases:
            lease.check()

    @property
    def burst(self) -> int:
        """Return how many requests may go at once; pages go one by one."""
        return self.facts.burst if self.access == "api" else 1

    def pace(self) -> float:
        """Return the requests a second in force at the start: the least of the mall's limits, courtesy and its pace.

        Limits of other scopes have buckets of their own.
        """
        limits = self.facts.limits if self.access == "api" else ()
        pages = self.facts.pages if self.access == "web" else None
        rates = [limit.rate for limit in limits if limit.scope == "mall" and not limit.paths]
        rates.append(pages.courtesy if pages else self.facts.courtesy)
        if self.mall.pace is not None:
            rates.append(self.mall.pace / self.mall.speed)
        return min(rates) * self.mall.speed

    def finish(self, reason: str) -> None:
        """Close the report, held against earlier ones, and put it into the runs table."""
        self.report.compare(last_coverage(self.store, self.report.spider, self.mall.name, ENOUGH))
        self.report.finish(reason)
        if self.keep_rows:
            self.report.seen = seen(
                self.store, self.facts.platform, self.mall.name, self.resources, self.report.started_at
            )
        self.store.end_run(self.run, self.report.outcome, self.report.to_json(), self.report.finished_at)

    def refuse(self, why: BaseException) -> None:
        """Close a session whose crawl never began."""
        if isinstance(why, ShopscrapeError):
            self.report.stop(why)
        self.finish("refused")
        self.close()

    def close(self) -> None:
        """Let the leases and the store go."""
        for lease in self.leases:
            lease.release()
        self.leases.clear()
        self.store.close()
