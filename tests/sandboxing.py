"""A sandbox of the toy platform in tests, requests to any, and how answers are held against samples."""

import json
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import sandbox
from sandbox.background import running
from sandbox.shapes import shape_problems

TOY = Path(__file__).parent / "toy_platform"
SMALL = {"products": 40, "orders": 60, "reviews": 50, "speed": 1000.0, "only": "toy"}


@contextmanager
def on_the_path(*folders):
    """Put folders with emulators on the sandbox's path; nothing else is needed for them to be served."""
    before, loaded = sandbox.__path__, set(sys.modules)
    sandbox.__path__ = [*before, *map(str, folders)]
    try:
        yield
    finally:
        sandbox.__path__ = before
        for name in [name for name in sys.modules if name.startswith("sandbox.toy") and name not in loaded]:
            del sys.modules[name]
            vars(sandbox).pop(name.rpartition(".")[2], None)


@contextmanager
def toy(**options):
    """Yield a sandbox that serves the toy platform."""
    with on_the_path(TOY), running(**SMALL | options) as served:
        yield served


def ask(url, body=None, headers=None, method=None):
    """Return status, body and headers of a request."""
    body = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as why:
        with why:
            return why.code, why.read(), dict(why.headers)


def control(served, name, told=None, query="", method="POST"):
    status, body, _ = ask(f"{served.address}/_sandbox/{name}{query}", told, method=method)
    return status, json.loads(body)


def token(served, mall="demo_toy"):
    key = served.stage.secret(mall, "KEY")
    return json.loads(ask(f"{served.stage.address(mall)}/token", f"key={key}".encode())[1])["token"]


def orders(served, query="", mall="demo_toy"):
    return ask(f"{served.stage.address(mall)}/orders{query}", headers={"X-Token": token(served, mall)})


def force(served, fault, count=1, **where):
    assert control(served, "faults", {"force": {"fault": fault, "count": count, **where}})[0] == 200


def paths(value, above=""):
    """Return the paths of all fields inside; a list is its parts."""
    if isinstance(value, list):
        return {path for part in value for path in paths(part, above)}
    if isinstance(value, dict):
        return {path for name, part in value.items() for path in {f"{above}/{name}", *paths(part, f"{above}/{name}")}}
    return set()


def same(ours, theirs, optional=()):
    """Each row has what all rows of the samples have; all together have what any of these has, and nothing else."""
    assert ours and theirs
    assert shape_problems(ours, theirs, optional=optional) == []
    assert paths(ours) == paths(theirs)
