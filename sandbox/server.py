"""The server: finds the emulators, gives them ports, and does what is the same around every request."""

import asyncio
import errno
import importlib
import pkgutil
import signal
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

import sandbox
from sandbox import changes, control, files
from sandbox import faults as faults_
from sandbox.clock import Clock
from sandbox.emulator import Call, Demo, Emulator, Refusal, Route, Stage, text_answer
from sandbox.faults import Faults
from sandbox.log import Entry, Log
from sandbox.world import Counts, World
from shopscrape.items import RESOURCES, Record

HOST = "127.0.0.1"
HANG = 45.0
"""Longer than the crawl's time-out of 30 s; the clock scales it."""
BLANK = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)
"""A picture of one pixel."""


class Sandbox:
    """One world, its emulators and their ports. `await start()`, `await stop()`."""

    def __init__(
        self, *, port: int = 0, seed: int = 7, products: int = 200, orders: int = 400, reviews: int = 1000,
        speed: float = 1.0, faults: str = "", truth: str | Path | None = None, malls: str | Path | None = None,
        only: str = "",
    ) -> None:  # fmt: skip
        if not 0 <= port <= 65535:
            raise ValueError("--port is a number from 0 to 65535.")
        for name, count in (("products", products), ("orders", orders), ("reviews", reviews)):
            if not (name == "products") <= count <= 1_000_000:
                raise ValueError(f"--{name} is a number from {int(name == 'products')} to 1000000.")
        self.port = port
        self.malls_file = Path(malls) if malls else None
        self.truth_folder = Path(truth) if truth else None
        if self.malls_file and self.malls_file.suffix == ".env":
            raise ValueError("--malls is the malls file; its secrets go into the .env file beside it.")
        counts = Counts(products=products, orders=orders, reviews=reviews)
        self.log = Log()
        self.faults = Faults(seed, faults_.rates(faults))
        clock = Clock(speed)
        past = files.read_past(self.malls_file, seed, counts)
        self.world = World(seed, counts, past.anchor if past else None)
        self.changed: list[Any] = []
        self.stage = Stage(self.world, clock)
        self.emulators = [kind(self.stage) for kind in find(only)]
        self.demos: dict[str, dict[str, Any]] = {}
        self.shows: dict[str, list[Emulator]] = {}
        self._runners: list[web.AppRunner] = []
        self._merge()
        for at in past.changed if past else ():
            self.change(at)

    @property
    def address(self) -> str:
        """Return the address of the APIs and of the control calls."""
        return f"http://{HOST}:{self.port}"

    def _merge(self) -> None:
        known = files.read_secrets(self.malls_file) if self.malls_file else {}
        for emulator in self.emulators:
            for demo in emulator.malls():
                self._merge_demo(emulator, demo)
                prefix = f"SHOPSCRAPE_{demo.name.upper()}_"
                mine = {name.removeprefix(prefix): value for name, value in known.items() if name.startswith(prefix)}
                self.stage.secrets.setdefault(demo.name, {}).update(emulator.secrets(demo.name, mine))

    def _merge_demo(self, emulator: Emulator, demo: Demo) -> None:
        told = {"platform": emulator.platform, **demo.table, **demo.native}
        table = self.demos.setdefault(demo.name, {})
        for key, value in told.items():
            if table.setdefault(key, value) != value:
                raise ValueError(f"Two emulators tell different values of {key} for the mall {demo.name}.")
        if demo.resources:
            both = {*table.get("resources", ()), *demo.resources}
            table["resources"] = [resource for resource in RESOURCES if resource in both]
        self.world.trade(demo.name)
        self.shows.setdefault(demo.name, []).append(emulator)

    async def start(self) -> None:
        """Open the ports, then write the files. Raises: OSError, ValueError with a sentence."""
        for folder in (self.truth_folder, self.malls_file and self.malls_file.parent):
            if folder:
                files.check_folder(folder)
        try:
            await self._open()
            if self.malls_file:
                self.write_malls()
            if self.truth_folder:
                self.write_truth()
        except BaseException:
            await self.stop()
            raise

    async def _open(self) -> None:
        main = web.Application(client_max_size=16 << 20)
        control.add(main, self)
        for emulator in self.emulators:
            for demo in emulator.malls():
                if emulator.access == "api":
                    self._mount(main, emulator, demo.name, f"/{emulator.platform}/{demo.name}")
        self.port = await self._listen(main, self.port, strict=True)
        after = self.port
        for emulator in self.emulators:
            for demo in emulator.malls():
                if emulator.access == "api":
                    if demo.addressed:
                        self.stage.addresses[demo.name] = f"{self.address}/{emulator.platform}/{demo.name}"
                else:
                    pages = web.Application(client_max_size=16 << 20)
                    self._mount(pages, emulator, demo.name, "")
                    after = await self._listen(pages, after + 1, strict=False)
                    if demo.addressed:
                        self.stage.storefronts[demo.name] = f"http://{HOST}:{after}"
        for mall, table in self.demos.items():
            if self.stage.address(mall):
                table["base_url"] = self.stage.address(mall)
            if self.stage.storefront(mall):
                table["storefront_url"] = self.stage.storefront(mall)
            if urls := [url for emulator in self.shows[mall] for url in emulator.urls(mall)]:
                table["urls"] = urls
            if self.stage.clock.speed != 1:
                table["speed"] = self.stage.clock.speed

    async def _listen(self, app: web.Application, port: int, strict: bool) -> int:
        """Serve on a port, or where that is taken and it need not be this one on a free one; return it."""
        opened = socket.socket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((HOST, port if port <= 65535 else 0))
        except OSError as why:
            opened.close()
            if strict:
                said = "is taken" if why.errno == errno.EADDRINUSE else "cannot be opened"
                raise OSError(
                    f"Port {port} on {HOST} {said}; choose another with --port, or 0 for a free one."
                ) from None
            return await self._listen(app, 0, strict=True)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        self._runners.append(runner)
        await runner.setup()
        await web.SockSite(runner, opened, backlog=256).start()
        return int(opened.getsockname()[1])

    async def stop(self) -> None:
        """Close all ports."""
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    def _mount(self, app: web.Application, emulator: Emulator, mall: str, prefix: str) -> None:
        for route in emulator.routes():
            app.router.add_route(route.method, prefix + route.path, self._around(emulator, mall, route))
        app.router.add_get(prefix + "/images/{name}", _picture)

        async def missing(call: Call) -> web.StreamResponse:
            return emulator.not_found(call)

        unknown = Route("*", "/{tail:.*}", missing, "unknown path")
        app.router.add_route("*", prefix + unknown.path, self._around(emulator, mall, unknown))

    def _around(self, emulator: Emulator, mall: str, route: Route) -> Any:
        trade = self.world.trade(mall)

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(request, mall, trade, route.stream, await request.read())
            if not route.stream:
                return await _ask(emulator, route, call)
            counted = emulator.route_of(call, route)
            call.stream = counted.stream
            begun, at, fault = time.monotonic(), self.stage.clock.now(), [""]
            status = 0
            try:
                answer = await self._faulted(emulator, counted, call, fault)
                status = answer.status if answer is not None else 0
            finally:
                self.log.write(
                    Entry(
                        at=at, mall=mall, access=emulator.access, stream=call.stream, method=request.method,
                        path=request.path, status=status, fault=fault[0], rows=call.log_rows,
                        seconds=round(time.monotonic() - begun, 4),
                    )
                )  # fmt: skip
            return answer if answer is not None else web.Response()

        return handle

    async def _faulted(self, emulator: Emulator, route: Route, call: Call, met: list[str]) -> web.StreamResponse | None:
        """Return the answer with the fault that the request meets; None when the connection was ended without one."""
        if self.faults.chances or self.faults.forced:
            met[0] = self._draw(emulator, route, call)
        fault = met[0]
        if fault == "429":
            return emulator.throttled(call)
        if fault.startswith("5"):
            return emulator.broken(call, int(fault))
        if fault == "garbage":
            return text_answer('<html><body><h1>502 Bad Gateway</h1>\x00{"half": [</body>', 200, "text/html")
        if fault == "block" and (page := emulator.blocked(call)):
            return page
        if fault == "hang":
            await asyncio.sleep(max(2.0, HANG / self.stage.clock.speed))
        if fault == "hang" or (fault == "cut" and (route.once or self.faults.odd())):
            _end(call.request)
            return None
        if fault == "expire" and not emulator.expire(call):
            met[0] = ""
        if fault == "drift":
            changes.drift(call.trade, route.resources, self.stage.clock.now())
        answer = await _ask(emulator, route, call)
        if fault in faults_.AFTER and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            if fault == "cut":
                return await _half(call.request, answer)
            answer.body = answer.body[: len(answer.body) * 2 // 3]
        return answer

    def _draw(self, emulator: Emulator, route: Route, call: Call) -> str:
        possible = tuple(
            name for name in faults_.NAMES
            if not (route.once and name in ("truncate", "expire", "garbage")) and (name != "drift" or route.resources)
        )  # fmt: skip
        return self.faults.draw(call.mall, route.stream, call.request.path, emulator.question(call), possible)

    def truth(self, mall: str) -> dict[str, dict[str, list[Record]]]:
        """Return the canonical records that a mall shows now, by access and resource."""
        found: dict[str, dict[str, list[Record]]] = {}
        for emulator in self.shows[mall]:
            for access, resources in emulator.truth(mall).items():
                for resource, records in resources.items():
                    found.setdefault(access, {}).setdefault(resource, []).extend(records)
        return found

    def write_truth(self, malls: Iterable[str] = ()) -> dict[str, Any]:
        """Write the truth files; return how many records each holds, by mall, access and resource."""
        assert self.truth_folder
        return {
            mall: {
                access: {
                    resource: files.write_truth(self.truth_folder, mall, access, resource, records)
                    for resource, records in resources.items()
                }
                for access, resources in self.truth(mall).items()
            }
            for mall in (malls or self.shows)
        }

    def write_malls(self) -> None:
        """Write the malls file and the secrets beside it."""
        assert self.malls_file
        past = files.Past(
            seed=self.world.seed, counts=self.world.counts, anchor=self.world.anchor, changed=self.changed
        )  # fmt: skip
        files.write_malls(self.malls_file, self.demos, self.stage.secrets, past)

    def change(self, at: Any = None) -> dict[str, Any]:
        """Move the world on; return what changed by mall and resource."""
        at = at or self.stage.clock.now().replace(microsecond=0)
        self.changed.append(at)
        return changes.change(self.world, at)

    def consent(self, mall: str) -> dict[str, str]:
        """Make fresh credentials for a mall; they replace those in the .env file."""
        fresh: dict[str, str] = {}
        for emulator in self.shows[mall]:
            fresh |= emulator.consent(mall)
        self.stage.secrets[mall] |= fresh
        if self.malls_file:
            self.write_malls()
        return {f"SHOPSCRAPE_{mall.upper()}_{name}": value for name, value in fresh.items()}


def find(only: str = "") -> list[type[Emulator]]:
    """Return the emulators of this package, by the names of their modules.

    `only`: platforms to look for, "cafe24,naver"; empty: all. Raises: ValueError for one that there is not.
    """
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    found: list[type[Emulator]] = []
    for module in sorted(pkgutil.iter_modules(sandbox.__path__), key=lambda one: one.name):
        if wanted and not any(module.name == name or module.name.startswith(f"{name}_") for name in wanted):
            continue
        loaded = importlib.import_module(f"sandbox.{module.name}")
        kind = getattr(loaded, "Emulator", None)
        if (
            isinstance(kind, type)
            and issubclass(kind, Emulator)
            and kind.__module__ == loaded.__name__ != Emulator.__module__
        ):
            found.append(kind)
    found = [kind for kind in found if not wanted or kind.platform in wanted]
    missing = set(wanted) - {kind.platform for kind in found}
    if missing:
        raise ValueError(f"There is no emulator of '{min(missing)[:40]}'.")
    return found


async def _ask(emulator: Emulator, route: Route, call: Call) -> web.StreamResponse:
    try:
        return await route.handler(call)
    except Refusal as refusal:
        return refusal.answer


async def _picture(request: web.Request) -> web.Response:
    return web.Response(body=BLANK, content_type="image/png")


def _end(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _half(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Send the head and half of a body, then end the connection."""
    assert isinstance(answer.body, bytes)
    begun = web.StreamResponse(status=answer.status, headers=answer.headers)
    begun.content_length = len(answer.body)
    await begun.prepare(request)
    await begun.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return begun


async def serve(**options: Any) -> None:
    """Serve until SIGTERM or SIGINT; print one line when ready. Raises: ValueError, OSError with a sentence."""
    served = Sandbox(**options)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    await served.start()
    try:
        print(f"The sandbox is ready at {served.address} ({len(served.shows)} malls).", flush=True)
        await ended.wait()
    finally:
        await served.stop()
