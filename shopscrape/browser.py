"""The browser of a crawl: one context a mall, tabs that are used again, and a guard over all that a page asks for.

Built on scrapy-playwright's download handler, whose page is handed to nobody: it lives in this file and in the walk. A
page's scripts reach its own and its declared hosts only, by http and https; pictures, fonts, films, trackers, sockets,
downloads, service workers, dialogs and pop-ups are blocked. The context is renewed every few pages, because a browser
never gives back all it took; a browser that dies is started again when the next page asks for it. No stealth: the
browser says what it is, and who runs it.
"""

import asyncio
import logging
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import playwright
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.async_api import Request as Asked
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import BrowserContextWrapper, ScrapyPlaywrightDownloadHandler

_OWN = ("chrome", "headless_shell", "chrome-headless-shell")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PASSED = frozenset(("document", "stylesheet", "script", "xhr", "fetch"))
"""Kinds of requests that a page needs to show its text; everything else is aborted."""
CONTEXT = 20
"""Pages that one context serves. Measured: each leaves 4 MiB behind in its renderer until then."""
_PARSED = """() => document.readyState !== 'loading' || new Promise(done => {
    addEventListener('DOMContentLoaded', () => done(true), {once: true});
    const look = () => performance.getEntriesByType('navigation')[0]?.responseEnd > 0
        ? setTimeout(() => done(true), 1000) : setTimeout(look, 100);
    look();
})"""
"""Whether a document is parsed, or is whole and will not become more."""
ANSWERS = 25
"""Answers heard by a long walk that count as one page more."""
PATIENCE = 5.0
"""Seconds that closing something may take; a browser that was killed never answers."""


def chromium() -> str | None:
    """Return the path of a Chromium: SHOPSCRAPE_CHROMIUM, else one on the PATH, else Playwright's own, else None."""
    named = os.environ.get("SHOPSCRAPE_CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) and Path(named).is_file() else None
    return next(filter(None, map(shutil.which, NAMES)), None) or _own()


def _own() -> str | None:
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    numbered = [
        (int(home.name.rpartition("-")[2]), str(path))
        for home in folder.glob("chromium*-*") if home.name.rpartition("-")[2].isdigit()
        for path in home.glob("*/*") if path.name in _OWN
    ]  # fmt: skip
    return max(numbered)[1] if numbered else None


def hindrance() -> str | None:
    """Return what keeps pages from being rendered here and how to mend it, or None."""
    if chromium() is None:
        hint = "apt-get install chromium" if shutil.which("apt-get") else "playwright install chromium"
        return f"no browser is found: set SHOPSCRAPE_CHROMIUM to a Chromium, or {hint}"
    driver = os.environ.get("PLAYWRIGHT_NODEJS_PATH") or Path(playwright.__file__).parent / "driver" / "node"
    try:
        subprocess.run([driver, "--version"], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        # Measured: a bare Debian lacks libatomic1, which it needs.
        return "Playwright's driver does not start: apt-get install libatomic1, or see playwright --version"
    return None


class Reach:
    """The hosts that pages may speak to: own ones exactly, declared ones by name or by all below a name."""

    def __init__(self, own: frozenset[str], declared: tuple[str, ...]) -> None:
        self.own = own
        self.declared = declared
        self._below = tuple(host.removeprefix("*") for host in declared if host.startswith("*."))

    def __contains__(self, address: str) -> bool:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https"):
            return False
        name = parts.hostname or ""
        return parts.netloc in self.own or name in self.declared or name.endswith(self._below)

    def rules(self) -> str:
        """Return the same as rules of Chromium's resolver, which holds redirects and what no route sees to it."""
        names = sorted({urlsplit(f"//{host}").hostname or host for host in self.own} | set(self.declared))
        return ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {name}" for name in names)])


class _Status(NamedTuple):
    """What the handler needs to know of an answer; asking the browser for its headers and certificate costs more time
    than a small page.
    """

    status: int

    async def security_details(self) -> None:
        """Tell that nobody asked for it."""
        raise KeyError


class Browser(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """One per crawl; starts when the first page needs it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # A walk that lost its page is begun again by the spider, which knows how far it got.
        self.config.target_closed_max_retries = 0
        spider: Any = crawler.spider
        self.reach = Reach(spider.own_hosts(), tuple(spider.pages().reaches))
        self.config.launch_options = self._launch_options()
        self.zone = spider.session.mall.timezone or spider.facts.zone.key
        self.report = spider.session.report
        self.agent = crawler.settings["USER_AGENT"]
        self._starting = asyncio.Lock()
        self._tabs: list[tuple[str, Page]] = []
        self._number = 0
        self._served = 0
        self._busy: Counter[str] = Counter()
        self._closing: set[asyncio.Task[None]] = set()
        # At DEBUG it logs whole addresses.
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

    def _launch_options(self) -> dict[str, Any]:
        return {
            "executable_path": chromium(),
            "headless": True,
            # Pages are written by strangers, so Chromium's own sandbox stays on; as root it cannot start with it.
            "chromium_sandbox": os.getuid() != 0,
            # Playwright lets pages open windows at will; Chromium itself blocks those that no click asked for.
            "ignore_default_args": ["--disable-popup-blocking"],
            "args": [
                f"--host-resolver-rules={self.reach.rules()}",
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
                # What would be aborted anyway need not be asked about one by one.
                "--blink-settings=imagesEnabled=false",
                "--disable-remote-fonts",
            ],
        }

    # -- start and end ------------------------------------------------------------------------------------------------

    async def _maybe_launch_in_thread(self) -> None:
        """Not with the crawl: robots.txt may refuse every page."""

    async def _maybe_launch_browser(self) -> None:
        async with self._starting:
            if getattr(self, "browser_provider", None) is None:
                await self._launch()
            try:
                await super()._maybe_launch_browser()
            except PlaywrightError:
                if not self.config.launch_options["chromium_sandbox"]:
                    raise
                self.config.launch_options["chromium_sandbox"] = False
                self.report.notice("Chromium runs without its own sandbox: this machine gives it no namespaces.")
                await super()._maybe_launch_browser()

    async def _create_browser_context(
        self, name: str, context_kwargs: dict[str, Any] | None, spider: Spider | None = None
    ) -> BrowserContextWrapper:
        await self._maybe_launch_browser()
        session = await self.browser.new_browser_cdp_session()
        version = await session.send("Browser.getVersion")
        await session.detach()
        options = {
            "user_agent": f"{version['userAgent']} {self.agent}", "locale": "ko-KR", "timezone_id": self.zone,
            "accept_downloads": False, "service_workers": "block",
        }  # fmt: skip
        wrapper = await super()._create_browser_context(name, options, spider)
        # Pages that we did not open have no guard of their own, so everything they ask for stops here.
        await wrapper.context.route("**/*", self._stop)
        await wrapper.context.route_web_socket(re.compile(""), lambda socket: socket.close())
        return wrapper

    async def _create_page(self, request: Request, spider: Spider) -> Page:
        page: Page = await super()._create_page(request, spider)
        page.on("dialog", lambda dialog: dialog.accept() if dialog.type == "beforeunload" else dialog.dismiss())
        page.on("popup", lambda popup: popup.close())
        return page

    async def _browser_disconnected_callback(self) -> None:
        self.stats.inc_value("shopscrape/browser/ended")
        self.context_wrappers.clear()
        self._tabs.clear()
        if hasattr(self, "browser"):
            del self.browser

    async def _close(self) -> None:
        self._tabs.clear()
        with suppress(PlaywrightError, TimeoutError):
            await asyncio.wait_for(super()._close(), 2 * PATIENCE)

    # -- tabs ---------------------------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"context-{self._number}"

    async def download_request(self, request: Request) -> Response:
        """Fetch a plain page, or render one in a tab that was used before."""
        if not request.meta.get("playwright"):
            plain: Response = await super().download_request(request)
            return plain
        name = self._turn_over()
        self._busy[name] += 1
        request.meta.update(playwright_context=name, playwright_include_page=True)
        tab = next((page for context, page in self._tabs if context == name and not page.is_closed()), None)
        if tab is not None:
            self._tabs.remove((name, tab))
            request.meta["playwright_page"] = tab
        good = False
        try:
            response: Response = await super().download_request(request)
            good = True
            return response
        finally:
            # Nobody else gets the page, so none can leak.
            await self._give_back(name, request.meta.pop("playwright_page", None), good)
            self._served += 1 + request.meta.get("heard", 0) // ANSWERS

    def _turn_over(self) -> str:
        """Return the context to use; after enough pages a new one."""
        if self._served >= CONTEXT:
            old, self._number, self._served = self._name, self._number + 1, 0
            if not self._busy[old]:
                self._later(self._close_context(old))
        return self._name

    async def _give_back(self, name: str, page: Page | None, good: bool) -> None:
        self._busy[name] -= 1
        if page is not None and not page.is_closed():
            if good and name == self._name:
                self._tabs.append((name, page))
            else:
                with suppress(PlaywrightError, TimeoutError):
                    await asyncio.wait_for(page.close(), PATIENCE)
        if name != self._name and not self._busy[name]:
            await self._close_context(name)

    async def _close_context(self, name: str) -> None:
        self._tabs = [(context, page) for context, page in self._tabs if context != name]
        wrapper = self.context_wrappers.get(name)
        if wrapper is not None:
            with suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(wrapper.context.close(), PATIENCE)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _get_response_and_download(self, request: Request, page: Page, spider: Spider) -> tuple[Any, None]:
        """Open a page and wait until its own document is there. There are no downloads.

        Measured: a page that tries to open an app while it loads stays "loading" for good, and Playwright waits for it,
        so the document itself is asked.
        """
        response = await page.goto(request.url, wait_until="commit")
        told = _Status(response.status if response is not None else 200)
        ends = time.monotonic() + (self.config.navigation_timeout_ms or 30_000) / 1000
        while True:
            try:
                await asyncio.wait_for(page.evaluate(_PARSED), max(0.1, ends - time.monotonic()))
                return told, None
            except PlaywrightError:
                # The page moved on to another one.
                if page.is_closed() or time.monotonic() > ends:
                    raise
                await asyncio.sleep(0.05)

    # -- the guard ----------------------------------------------------------------------------------------------------

    def _make_request_handler(self, **_: Any) -> Any:
        return self._guard

    async def _guard(self, route: Route, asked: Asked) -> None:
        with suppress(PlaywrightError):
            if asked.resource_type in PASSED and asked.url in self.reach:
                await route.continue_()
                return
            await self._stop(route)

    async def _stop(self, route: Route) -> None:
        self.stats.inc_value("shopscrape/browser/stopped")
        with suppress(PlaywrightError):
            await route.abort("blockedbyclient")
