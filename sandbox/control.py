"""Control calls, on the same loopback address as the APIs.

GET  /_sandbox/malls                                tables and addresses of all malls
POST /_sandbox/change                               move the world on; returns what changed by mall and resource
POST /_sandbox/truth    ?mall= &records=1           rewrite the truth files; return counts, or the records themselves
POST /_sandbox/consent  ?mall=demo                  fresh credentials, written into the .env file and returned
GET, POST /_sandbox/faults  {"rates": "429:0.1", "force": {"fault": "500", "count": 2, "stream": "a*"}, "clear": true}
POST /_sandbox/drift    ?mall=demo &resource=reviews &times=1    rows change as the drift fault lets them
GET  /_sandbox/log      ?mall= &list=1 &clear=1     requests by mall and stream
GET  /_sandbox/people                               all invented persons: outputs are searched for them
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from sandbox import changes
from sandbox.emulator import json_answer

if TYPE_CHECKING:
    from sandbox.server import Sandbox

_Told = dict[str, Any]


def add(app: web.Application, served: "Sandbox") -> None:
    """Add the control calls to the application of the APIs."""

    def answering(work: Callable[[_Told], Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            told: _Told = dict(request.query)
            body = await request.read()
            try:
                parsed = msgspec.json.decode(body) if body else {}
                if not isinstance(parsed, dict):
                    raise ValueError("The body is a JSON object.")
                told |= parsed
                if told.get("mall") and told["mall"] not in served.shows:
                    raise ValueError(
                        f"There is no mall '{str(told['mall'])[:40]}'; there are {', '.join(served.shows)}."
                    )
                return json_answer(work(told))
            except (ValueError, msgspec.DecodeError) as why:
                return json_answer({"error": str(why)}, 400)

        return handle

    def truth(told: _Told) -> Any:
        malls = [told["mall"]] if told.get("mall") else list(served.shows)
        counts = served.write_truth(malls) if served.truth_folder else {}
        return {mall: served.truth(mall) for mall in malls} if told.get("records") else counts

    def consent(told: _Told) -> Any:
        malls = [told["mall"]] if told.get("mall") else list(served.shows)
        return {name: value for mall in malls for name, value in served.consent(mall).items()}

    def change(told: _Told) -> Any:
        found = served.change()
        if served.malls_file:
            served.write_malls()
        return found

    def faults(told: _Told) -> Any:
        served.faults.set(told)
        return served.faults.told()

    def drift(told: _Told) -> Any:
        if not told.get("mall"):
            raise ValueError("Which mall?")
        trade, resource = served.world.trade(told["mall"]), str(told.get("resource", "reviews"))
        return [changes.drift(trade, (resource,), served.stage.clock.now()) for _ in range(int(told.get("times", 1)))]

    def log(told: _Told) -> Any:
        found = served.log.summary(told.get("mall", ""), bool(told.get("list")))
        if told.get("clear"):
            served.log.clear()
        return found

    app.router.add_get("/_sandbox/malls", answering(lambda told: served.demos))
    app.router.add_post("/_sandbox/change", answering(change))
    app.router.add_post("/_sandbox/truth", answering(truth))
    app.router.add_post("/_sandbox/consent", answering(consent))
    app.router.add_get("/_sandbox/faults", answering(lambda told: served.faults.told()))
    app.router.add_post("/_sandbox/faults", answering(faults))
    app.router.add_post("/_sandbox/drift", answering(drift))
    app.router.add_get("/_sandbox/log", answering(log))
    app.router.add_get("/_sandbox/people", answering(lambda told: served.world.people))
