"""What is known about a platform, as a typed record; each platform's package offers one as FACTS."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from shopscrape import values

Scope = Literal["address", "app", "app × API", "mall"]


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A published or observed limit."""

    name: str
    rate: float
    """Requests a second that it lets through for good."""
    burst: int = 1
    """Requests that may come at once."""
    scope: Scope
    """Who shares it: one bucket per scope."""
    paths: str = ""
    """Regular expression of the API paths that it speaks of; empty means all."""
    source: str
    """Where it is told, and how sure that is."""
    read_on: str
    """Day the source was read, ISO 8601."""


class StreamFact(msgspec.Struct, frozen=True, kw_only=True):
    """One query that can be walked."""

    name: str
    way: Literal["windowed", "sweep", "newest first"]
    resources: tuple[str, ...]
    longest: timedelta | None = None
    """Longest window that is asked."""
    unit: Literal["second", "day"] = "second"
    overlap: timedelta = timedelta()
    """Subtracted when asking, never from the stored mark."""
    cap: int | None = None
    """Rows that one window can be paged to."""
    total: Literal["exact", "hint", "none"] = "none"
    floor: str = ""
    """What an incremental run asks at least."""
    least: int = 1
    """The same as a number of requests, for each stream of this name that a run walks."""
    rows_a_request: int = 0
    """For streams that must read everything: how many rows one request brings; counts on top of `least`."""
    each: tuple[str, ...] = ()
    """Readers whose questions the words of `floor` all name, where no number of rows tells how many there are; "" is
    the stream's own. Counts on top of `least`, questions asked again apart.
    """


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a platform's public pages, for its spider that reads them."""

    hosts: tuple[str, ...] = ()
    """Hosts whose pages are read, unless storefront_url stands in; "{mall_id}" and the like as above."""
    reaches: tuple[str, ...] = ()
    """Further hosts that the scripts of a rendered page may reach; "*.example.com" stands for all below."""
    courtesy: float = 0.5
    """Pages a second that we ask at most, out of courtesy."""
    pause: float = 0.0
    """Seconds between two steps of a walk inside a rendered page."""
    cool_down: timedelta = timedelta(hours=6)
    """How long a mall is left alone after it blocked us."""
    terms: str = ""
    """Why pages are not read without permission, as a sentence; empty where robots.txt alone decides."""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that the environment gives as SHOPSCRAPE_<MALL>_<name>."""

    name: str
    meaning: str
    required: bool = True


class FactSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a platform that is not code."""

    platform: str
    title: str
    hosts: tuple[str, ...]
    """Hosts that may be spoken to; "{mall_id}" and the like stand for a key of the mall's table."""
    signed: tuple[str, ...] = ()
    """Regular expressions of API paths that may be signed."""
    zone: ZoneInfo = values.SEOUL
    currency: str = "KRW"
    native: tuple[str, ...] = ()
    """Keys of the platform's own in a mall's table that must be there."""
    optional: tuple[str, ...] = ()
    """Keys of the platform's own that may be there."""
    channels: tuple[str, ...] = ("own",)
    """Words for where its orders and reviews come from; "own" is the mall itself."""
    credentials: tuple[Credential, ...] = ()
    limits: tuple[Limit, ...] = ()
    courtesy: float = 1.0
    """Requests a second that we ask at most, out of courtesy."""
    burst: int = 1
    """Requests that we ask at once at most."""
    pages: Pages | None = None
    """Public pages, where a spider reads them."""
    streams: tuple[StreamFact, ...] = ()
    floor: str = ""
    """What an incremental run in which nothing changed asks at least."""
    least: int = 0
    """Requests of that floor that belong to no stream, such as for a token or a list of shops."""
    unverified: tuple[str, ...] = ()
    """Sentences: what is assumed, and where the guess stands."""
    sources: tuple[str, ...] = ()

    @property
    def resources(self) -> tuple[str, ...]:
        """Return the resources that its streams feed, in the order of their first mention."""
        return tuple(dict.fromkeys(resource for stream in self.streams for resource in stream.resources))

    def fact(self, stream: str) -> StreamFact | None:
        """Return the fact of a stream; a stream of many, such as one for each board, begins with the fact's name."""
        fitting = [
            fact for fact in self.streams
            if stream == fact.name or stream.startswith((f"{fact.name}_", f"{fact.name}:"))
        ]  # fmt: skip
        return max(fitting, key=lambda fact: len(fact.name), default=None)

    def requests_at_least(self, streams: Iterable[str], rows: Mapping[str, int], asked: Mapping[str, int]) -> int:
        """Return the floor of a run as a number: of what it walked, the raw rows that each stream had to read, and the
        different questions of each reader ("stream.reader").
        """
        floor = 0
        for stream in streams:
            fact = self.fact(stream)
            if fact is not None:
                floor += fact.least
                if fact.rows_a_request:
                    floor += -(-rows.get(stream, 0) // fact.rows_a_request)
        for name, count in asked.items():
            family, _, reader = name.partition(".")
            fact = self.fact(family)
            floor += count if fact is not None and reader in fact.each else 0
        return floor


def as_markdown(facts: FactSheet) -> str:
    """Return the fact sheet as the tables that stand in the docs."""
    lines = [
        f"Hosts: {', '.join(f'`{host}`' for host in facts.hosts)} · zone {facts.zone.key} · currency {facts.currency}",
        "",
        "| limit | a second | burst | scope | source | read on |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {x.name} | {x.rate:g} | {x.burst} | {x.scope} | {x.source} | {x.read_on} |" for x in facts.limits]
    lines += [
        "",
        f"Courtesy pace: {facts.courtesy:g} requests a second, at most {facts.burst} at once.",
        *_pages(facts.pages),
        "",
        "| stream | way | resources | longest window | unit | overlap | cap | total | incremental run, at least |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {x.name} | {x.way} | {', '.join(x.resources)} | {x.longest or '–'} | {x.unit} | {x.overlap or '–'} | "
        f"{x.cap or '–'} | {x.total} | {x.floor or '–'} |"
        for x in facts.streams
    ]
    lines += ["", f"Floor of an incremental run: {facts.floor}"]
    lines += ["", f"Channels: {', '.join(f'`{x}`' for x in facts.channels)}", "", "Credentials:", ""]
    lines += [f"- `{x.name}`{'' if x.required else ' (optional)'}: {x.meaning}" for x in facts.credentials]
    lines += ["", "Unverified:", ""] + [f"- {x}" for x in facts.unverified]
    lines += ["", "Sources:", ""] + [f"- {x}" for x in facts.sources]
    return "\n".join(lines) + "\n"


def _pages(pages: Pages | None) -> list[str]:
    if pages is None:
        return []
    told = f"Pages: {pages.courtesy:g} a second at most, {pages.pause:g} s between two steps inside a rendered page."
    if pages.hosts:
        told += f" Hosts: {', '.join(f'`{host}`' for host in pages.hosts)}."
    if pages.reaches:
        told += f" Their scripts may also reach {', '.join(f'`{host}`' for host in pages.reaches)}."
    told += f" After a block the mall is left alone for {pages.cool_down}."
    return ["", told, *(["", pages.terms] if pages.terms else [])]
