"""A sandbox inside a test: it runs in a thread of its own and ends with the block."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sandbox.server import Sandbox

T = TypeVar("T")


@contextmanager
def running(**options: Any) -> Iterator[Sandbox]:
    """Yield a sandbox that serves: `with running(orders=30) as served: get(served.stage.address("demo") + "/…")`.

    Options as of Sandbox. Its world may be read from the test while no request is under way.
    """
    served = Sandbox(**options)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()

    def wait(work: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), loop).result(60)

    try:
        wait(served.start)
        yield served
    finally:
        wait(served.stop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
