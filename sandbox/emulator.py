"""What a platform emulator is: one module in this package that defines `class Emulator(emulator.Emulator)`.

It is found by walking the package; nothing else names it. `sandbox/<platform>.py` shows the APIs of a platform,
`sandbox/<platform>_storefront.py` its pages. Five minutes of reading:

    class Emulator(emulator.Emulator):
        platform = "toy"                      # the folder name in spiders/
        access = "api"                        # "web": pages; each mall then gets an origin (port) of its own

        def malls(self):                      # tables of malls.toml; the address is added by the server
            return [Demo(name="demo_toy", resources=("orders",), native={"shop": "toy1"})]

        def secrets(self, mall, known):       # SHOPSCRAPE_DEMO_TOY_KEY=…; `known`: what the .env file has already
            return {"KEY": "k" * 20}

        def routes(self):
            return [
                Route("POST", "/token", self.token, "auth", once=True),      # once: never answered and then cut
                Route("GET", "/orders", self.orders, "orders", resources=("orders", "returns")),
            ]

        async def orders(self, call):
            if call.header("X-Key") != self.stage.secret(call.mall, "KEY"):
                raise Refusal(json_answer({"error": "who?"}, 401))
            if not self.stage.clock.bucket(("toy", call.mall), rate=2, burst=10).take():
                return self.throttled(call)
            found = call.trade.orders.between("toy by time", lambda order: order.ordered_at, start, end)
            return json_answer({"orders": [self.shape(order) for order in found[first:last]]})

        def truth(self, mall):                # canonical records of what it shows now, by access and resource
            return {"api": {"orders": [...]}}

What it works with:
- `self.world.products`; `call.trade` (= world.trade(mall)) with orders, claims and reviews of the mall. Each is a
  Shelf: `shelf[no]`, `.where(name, test)`, `.between(name, time, start, end)`, `.events(…)`, `.groups(name, key)`:
  views that are built once and kept until something changes, so that a page costs a slice. See `entities`.
- `self.clock`: `now()`, `lifetime(seconds)`, `bucket(scope, rate, burst)`, `quota(scope, limit, seconds)`;
  `clock.Tokens` for tokens that end. Real seconds go in; `--speed` scales them there and nowhere else.
- `self.stage.address(mall)`, `self.stage.storefront(mall)`: addresses without a slash at the end, "" when there is
  none. They are known once the ports are open: ask when a request comes or the truth is told, not before.
- `canon.Canon`: canonical records made of the world's things, to be corrected by what the platform tells.
- `shapes.templates(file)` and `shapes.fill(template, values)`: payloads that have every key of a sample and no other.

What the server does around a route's handler: it finds the mall, reads the body, draws faults, writes the log. The
stream of a request is the route's (of `route_of`, where one path serves many actions); a handler that knows better
sets `call.stream`. A route with stream "" (scripts, pictures) is neither logged nor faulted. /images/… is answered with
a picture of one pixel at every mall. The platform's own way of saying things comes from the methods at the end of
Emulator.

Two modules may show one mall (API and pages): their tables and secrets are merged, and they must not contradict.
`once=True` marks requests that change something at the server, such as a token that rotates: an answer that was worked
out is never lost by a fault, which comes before the handler or not at all.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from sandbox.clock import Clock
from sandbox.world import Trade, World
from shopscrape.items import Record

Truth = Mapping[str, Mapping[str, Iterable[Record]]]
"""access → resource → records."""


class Demo(msgspec.Struct, kw_only=True):
    """A mall that an emulator shows: a table of the malls file."""

    name: str
    """`demo` for Cafe24, `demo_<platform>` for the others, and longer names for further kinds of mall."""
    resources: tuple[str, ...] = ()
    """What to crawl when nothing is named; empty: all that the spider has."""
    native: dict[str, Any] = {}
    """The platform's own keys."""
    table: dict[str, Any] = {}
    """Further lines, such as permission, backend, app, pace, timezone, currency, urls, sweep_every."""
    addressed: bool = True
    """False: this module adds no address of its own to the table (another module's is used)."""


class Stage:
    """What all emulators share."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.addresses: dict[str, str] = {}
        self.storefronts: dict[str, str] = {}
        self.secrets: dict[str, dict[str, str]] = {}

    def address(self, mall: str) -> str:
        """Return the base_url of a mall, "" when it has no API here."""
        return self.addresses.get(mall, "")

    def storefront(self, mall: str) -> str:
        """Return the storefront_url of a mall, "" when it has no pages here."""
        return self.storefronts.get(mall, "")

    def secret(self, mall: str, name: str) -> str:
        """Return a secret of a mall as the .env file holds it."""
        return self.secrets[mall][name]


class Call:
    """A request to an emulator."""

    def __init__(self, request: web.Request, mall: str, trade: Trade, stream: str, body: bytes) -> None:
        self.request = request
        self.mall = mall
        self.trade = trade
        self.stream = stream
        """Name under which it is logged; a handler may set a better one."""
        self.body = body
        self.log_rows: int | None = None
        """How many rows were shown, for the log; optional."""

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query, decoded."""
        return self.request.query

    @property
    def part(self) -> Mapping[str, str]:
        """Return the parts of the path that the route names."""
        return self.request.match_info

    def header(self, name: str) -> str:
        """Return a header, "" when absent."""
        return self.request.headers.get(name, "")

    def cookie(self, name: str) -> str:
        """Return a cookie, "" when absent."""
        return self.request.cookies.get(name, "")

    @property
    def origin(self) -> str:
        """Return the address of the server that was called, such as http://127.0.0.1:8801."""
        return f"http://{self.request.host}"

    @cached_property
    def form(self) -> dict[str, str]:
        """Return a form in the body, UTF-8."""
        return self.form_in("utf-8")

    def form_in(self, encoding: str) -> dict[str, str]:
        """Return a form in the body in an encoding."""
        text = self.body.decode("latin-1")
        return dict(parse_qsl(text, keep_blank_values=True, encoding=encoding, errors="replace"))

    @cached_property
    def json(self) -> Any:
        """Return the body as JSON, None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError):
            return None


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


class Route(NamedTuple):
    """A path of an emulator, in aiohttp's way of writing, below the mall's address."""

    method: str
    """GET, POST, … or *."""
    path: str
    handler: Handler
    stream: str
    resources: tuple[str, ...] = ()
    """What its rows belong to; `drift` changes these while they are being paged."""
    once: bool = False
    """Faults come only before the handler."""


class Refusal(Exception):
    """Raised by a handler to answer at once."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Emulator:
    """Base of all emulators."""

    platform = ""
    access = "api"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.prepare()

    @property
    def world(self) -> World:
        """Return the world."""
        return self.stage.world

    @property
    def clock(self) -> Clock:
        """Return the clock."""
        return self.stage.clock

    def prepare(self) -> None:
        """Build what the emulator needs; called once."""

    def malls(self) -> list[Demo]:
        """Return the malls that it shows."""
        raise NotImplementedError

    def secrets(self, mall: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the secrets of a mall by name; `known` are those that the .env file has from an earlier start."""
        return {}

    def routes(self) -> list[Route]:
        """Return the paths that it answers, for every mall of its own."""
        raise NotImplementedError

    def route_of(self, call: Call, route: Route) -> Route:
        """Return the route that a request counts as: where one path serves many actions, each has its own stream."""
        return route

    def truth(self, mall: str) -> Truth:
        """Return the canonical records of what it shows now.

        Persons are in clear, as the JSON text of {"phone", "email", "member"} with what the platform really shows,
        masked values as shown; the crawl's scrub turns it into a pseudonym.
        """
        raise NotImplementedError

    def urls(self, mall: str) -> list[str]:
        """Return pages that the malls file names for a crawl to begin with; called when the addresses are known."""
        return []

    def consent(self, mall: str) -> dict[str, str]:
        """Return fresh credentials, as after an operator logged in again; they go into the .env file."""
        return {}

    def question(self, call: Call) -> str:
        """Return what is equal when the same question is asked again, so that it does not fail for ever.

        To be said where a request carries a time, a nonce or a signature in its query or body.
        """
        query = urlencode(sorted(call.query.items()))
        return f"{call.request.method} {call.request.path}?{query} {hash(call.body)}"

    def throttled(self, call: Call) -> web.Response:
        """Return the answer to one request too many, in the platform's own words and headers."""
        return text_answer("Too Many Requests", 429)

    def broken(self, call: Call, status: int) -> web.Response:
        """Return a server error (500, 502, 503, 504) in the platform's own words."""
        return text_answer("Internal Server Error", status)

    def expire(self, call: Call) -> bool:
        """Let the token or session that this request presents end now; False when it presents none."""
        return False

    def blocked(self, call: Call) -> web.Response | None:
        """Return a block page, or None where the platform has none."""
        return None

    def not_found(self, call: Call) -> web.Response:
        """Return the answer for a path that does not exist."""
        return text_answer("Not Found", 404)


_ENCODER = msgspec.json.Encoder()


def json_answer(
    payload: Any, status: int = 200, headers: Mapping[str, str] | None = None, content_type: str = "application/json"
) -> web.Response:
    """Return a JSON answer."""
    body = _ENCODER.encode(payload)
    return web.Response(
        body=body, status=status, headers={"Content-Type": f"{content_type}; charset=utf-8", **(headers or {})}
    )


def text_answer(
    text: str, status: int = 200, content_type: str = "text/plain", encoding: str = "utf-8",
    headers: Mapping[str, str] | None = None, charset: str | None = None,
) -> web.Response:  # fmt: skip
    """Return text, HTML or XML in an encoding; what it cannot spell becomes a numeric entity.

    `charset` is what the header says when that is not the encoding; "" says none.
    """
    told = encoding if charset is None else charset
    return web.Response(
        body=text.encode(encoding, "xmlcharrefreplace"), status=status,
        headers={"Content-Type": f"{content_type}; charset={told}" if told else content_type, **(headers or {})},
    )  # fmt: skip
