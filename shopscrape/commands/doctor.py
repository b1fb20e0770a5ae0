"""scrapy doctor: what is wrong with the set-up, and how to mend it, without asking any platform."""

import argparse
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from scrapy.commands import ScrapyCommand

from shopscrape import values
from shopscrape.errors import ShopscrapeError
from shopscrape.malls import OWN_STORE, Secrets, check_native, read_malls
from shopscrape.report import CONFIGURATION, MET
from shopscrape.session import privacy
from shopscrape.spider import MallSpider
from shopscrape.store import open_store

GOOD, NOTE, BAD = "[green]ok[/]", "[yellow]note[/]", "[red]wrong[/]"
KEY = 'python3 -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class Command(ScrapyCommand):
    """Exit: 0 nothing is wrong · 2 something must be mended."""

    settings: Any
    requires_project = True
    default_settings = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return "Find out what is wrong with the set-up and how to mend it"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look at everything; one line each."""
        # Scrapy imports every command at every start; what draws on the screen takes 0.02 s.
        from rich.console import Console
        from rich.markup import escape

        console, wrong = Console(), 0
        for state, what in self.findings():
            wrong += state == BAD
            console.print(f"{state:>20}  {escape(what)}", highlight=False, soft_wrap=True)
        console.print("Nothing is wrong." if not wrong else f"{wrong} to mend.")
        self.exitcode = CONFIGURATION if wrong else MET

    def findings(self) -> Iterator[tuple[str, str]]:
        """Yield a state and a sentence for each thing looked at."""
        yield (
            (GOOD if sys.version_info >= (3, 11) else BAD),
            f"Python {sys.version.split()[0]} (3.11 or newer is needed)",
        )
        malls_file = Path(self.settings["SHOPSCRAPE_MALLS"])
        try:
            malls = read_malls(malls_file)
            yield GOOD, f"{malls_file}: {len(malls)} malls ({', '.join(malls)})"
            secrets = Secrets(malls_file)
        except ShopscrapeError as why:
            yield BAD, str(why)
            return
        yield from self._keys(secrets)
        yield from self._store(secrets)
        loader: Any = self.crawler_process.spider_loader  # type: ignore[union-attr]
        spiders = [one for one in map(loader.load, loader.list()) if issubclass(one, MallSpider)]
        for mall in malls.values():
            mine = [one for one in spiders if one.facts.platform == mall.platform]
            if not mine:
                yield BAD, f"{mall.name}: no spider reads platform {mall.platform[:40]}"
                continue
            try:
                check_native(mall, mine[0].facts)
                for credential in mine[0].facts.credentials if any(one.access == "api" for one in mine) else ():
                    if credential.required:
                        secrets.need(mall, credential.name)
                yield GOOD, f"{mall.name}: {', '.join(one.name for one in mine)}"
            except ShopscrapeError as why:
                yield BAD, str(why)
            if any(one.access == "web" for one in mine) and mall.permission != OWN_STORE:
                yield NOTE, f'{mall.name}: pages are not read without permission = "{OWN_STORE}"'
        yield self._browser()

    def _keys(self, secrets: Secrets) -> Iterator[tuple[str, str]]:
        key = secrets.get("SHOPSCRAPE_KEY")
        try:
            for part in (key or "").split(","):
                Fernet(part.strip())
            yield GOOD, "SHOPSCRAPE_KEY encrypts tokens and dead letters"
        except ValueError:
            yield BAD, f"SHOPSCRAPE_KEY is {'no Fernet key' if key else 'not set'}: make one with {KEY}"
        try:
            privacy(self.settings, secrets)
            yield GOOD, "SHOPSCRAPE_PRIVACY_KEY makes pseudonyms"
        except ShopscrapeError as why:
            yield BAD, str(why)
        if self.settings.get("SHOPSCRAPE_PRIVACY") == "keep":
            yield NOTE, "SHOPSCRAPE_PRIVACY=keep: persons are stored in clear"

    def _store(self, secrets: Secrets) -> Iterator[tuple[str, str]]:
        try:
            store = open_store(self.settings["SHOPSCRAPE_STORE"], secrets.get("SHOPSCRAPE_KEY"))
        except ShopscrapeError as why:
            yield BAD, str(why)
            return
        try:
            yield GOOD, "the store opens"
            letters = store.count_dead_letters()
            if letters:
                yield NOTE, f"{letters} dead letters wait: scrapy replay"
            for run in store.last_runs():
                ended = run["finished_at"]
                told = f"{run['mall']} {run['spider']}: {run['outcome'] or 'was killed'}"
                yield (
                    (GOOD if run["outcome"] == "ok" else NOTE),
                    told + (f" {ended:%Y-%m-%d %H:%M} UTC" if ended else ""),
                )
                if ended and (values.now() - ended).days >= 11:
                    yield (
                        NOTE,
                        f"{run['mall']}: last crawled {(values.now() - ended).days} days ago; some tokens die at 14",
                    )
        finally:
            store.close()

    def _browser(self) -> tuple[str, str]:
        if importlib.util.find_spec("scrapy_playwright") is None:
            return NOTE, "scrapy-playwright is not installed: rendered spiders will not start"
        from shopscrape.browser import chromium, hindrance

        if why := hindrance():
            return NOTE, f"rendered spiders will not start: {why}"
        return GOOD, f"browser: {chromium()}"
