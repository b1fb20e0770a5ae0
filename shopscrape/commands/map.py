"""scrapy map: what the mapping of a platform makes of one payload, without any network."""

import argparse
import hashlib
import importlib
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from scrapy.commands import ScrapyCommand

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape import values
from shopscrape.errors import ConfigurationError, RowFailed, ShopscrapeError
from shopscrape.facts import FactSheet
from shopscrape.malls import Secrets
from shopscrape.payload import Answer, Kind, Origin, read_page
from shopscrape.privacy import Scrubber
from shopscrape.report import CONFIGURATION, DEAD_LETTERS, MET, STOPPED

KNOWN = ("product_id", "board", "shop", "url", "collected_at", "status", "content_type", "codes")


class Command(ScrapyCommand):
    """Exit: 0 records or empty · 2 wrong arguments · 3 another outcome · 4 some rows failed."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return the usage."""
        return "PLATFORM [KIND FILE] [--with name=value …]"

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return "Map one payload file to records; without KIND, list what can be mapped"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --with."""
        super().add_options(parser)
        parser.add_argument(
            "--with", dest="told", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
            help=f"what the request knew: {', '.join(KNOWN)}",
        )  # fmt: skip

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """List kinds, or map a file."""
        try:
            if not args:
                raise ConfigurationError("Name a platform: scrapy map PLATFORM [KIND FILE].")
            mapping = _mapping(args[0])
            if len(args) == 1:
                for kind in mapping.KINDS.values():
                    print(f"{kind.name:24} {kind.request:70} {', '.join(item.__name__ for item in kind.items)}")
                print(f"{'error':24} {'any refused request':70} outcome")
            elif len(args) == 3:
                self.exitcode = _map(mapping, args[0], args[1], args[2], _pairs(opts.told), self.settings)
            else:
                raise ConfigurationError("Write scrapy map PLATFORM KIND FILE.")
        except ConfigurationError as why:
            print(f"scrapy map: {why}", file=sys.stderr)
            self.exitcode = CONFIGURATION


def _mapping(platform: str) -> Any:
    if not platform.isidentifier():
        raise ConfigurationError(f"There is no platform {platform[:40]}.")
    try:
        return importlib.import_module(f"spiders.{platform}.mapping")
    except ModuleNotFoundError:
        raise ConfigurationError(f"There is no platform {platform[:40]}.") from None


def _pairs(told: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in told:
        name, equals, value = pair.partition("=")
        if not equals or name not in KNOWN:
            raise ConfigurationError(f"--with takes NAME=VALUE with a name out of {', '.join(KNOWN)}.")
        pairs[name] = value
    return pairs


def _map(mapping: Any, platform: str, name: str, file: str, told: dict[str, str], settings: Any) -> int:
    if name != "error" and name not in mapping.KINDS:
        raise ConfigurationError(f"{platform} has no kind {name[:40]}: there are {', '.join(mapping.KINDS)}.")
    try:
        body = values.unmarked(Path(file).read_bytes())
    except OSError as why:
        raise ConfigurationError(f"The file {file} cannot be read ({type(why).__name__}).") from None
    facts = importlib.import_module(f"spiders.{platform}").FACTS
    origin = _origin(facts, mapping, told)
    try:
        status = int(told.get("status", "200"))
    except ValueError:
        raise ConfigurationError("status is a number.") from None
    try:
        mapping.judge(Answer(body, status, told.get("content_type", ""), {}, origin.url or ""))
        if name == "error":
            return _outcome("ok", "", "nothing in it is an error", MET)
        return _print(mapping.KINDS[name], body, origin, facts.channels, settings)
    except ShopscrapeError as why:
        good = getattr(why, "outcome", "") in ("ok", "empty", "end_of_pages")
        return _outcome(why.outcome, why.code, str(why), MET if good else STOPPED)


def _origin(facts: FactSheet, mapping: Any, told: dict[str, str]) -> Origin:
    kinds = {name: told[name] for name in ("product_id", "board", "shop", "url") if name in told}
    try:
        collected = values.moment(told.get("collected_at")) or values.now()
    except ValueError:
        raise ConfigurationError("collected_at is an ISO 8601 time.") from None
    context: dict[str, Any] = {"codes": told["codes"]} if "codes" in told else {}
    if hasattr(mapping, "told"):
        context |= mapping.told(told)
    return Origin(
        platform=facts.platform,
        collected_at=collected,
        zone=facts.zone,
        currency=facts.currency,
        context=context,
        **kinds,
    )


def _print(kind: Kind, body: bytes, origin: Origin, channels: tuple[str, ...], settings: Any) -> int:
    page = read_page(kind, body, origin)
    key = Secrets(Path(settings["SHOPSCRAPE_MALLS"])).get("SHOPSCRAPE_PRIVACY_KEY")
    scrubber = Scrubber((key or hashlib.sha256(b"throw-away").hexdigest()).encode())
    failed = [f"row {place}: {why}" for place, why in page.failed]
    printed = 0
    for record, place in zip(page.records, page.positions, strict=True):
        try:
            print(msgspec.json.encode(scrubber.scrub(validate(normalise(record), channels))).decode())
            printed += 1
        except RowFailed as why:
            failed.append(f"row {place}: {why}")
    for title, counts in (("unknown words", page.tally.unknown), ("left over", page.tally.left_over)):
        if counts:
            print(f"{title}: {_counted(counts)}", file=sys.stderr)
    for sentence in failed:
        print(sentence, file=sys.stderr)
    if failed:
        return DEAD_LETTERS
    return MET if printed else _outcome("empty", "", "no records", MET)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common())


def _outcome(outcome: str, code: str, detail: str, status: int) -> int:
    print(msgspec.json.encode({"outcome": outcome, "code": code, "detail": detail}).decode())
    return status
