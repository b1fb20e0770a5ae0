"""Whole crawls in tests: a sandbox process, crawl processes, and the truth that both are held against."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import msgspec
import psutil
from msgspec import UNSET

from pipelines.normalise import normalise
from shopscrape.items import RESOURCES, TYPES, Order, OrderLine, Variant
from shopscrape.malls import Secrets
from shopscrape.privacy import Scrubber
from shopscrape.store import open_store
from shopscrape.words import order_status

ROOT = Path(__file__).parent.parent
OF_RESOURCE = {kind.resource: kind for kind in TYPES}
PARTS = (("variants", "variant_id", Variant), ("lines", "line_id", OrderLine))
NOT_COMPARED = frozenset(("collected_at", "observed_at", "source_url"))
BARE = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}


def let_the_second_pass():
    """Wait until a crawl that begins now asks for this second too: crawls ask for whole seconds that are over."""
    time.sleep(1 - time.time() % 1)


class Sandbox:
    """A sandbox process with its malls file; use as a context manager."""

    def __init__(self, folder, *options):
        self.folder = Path(folder)
        self.malls = self.folder / "malls.toml"
        self.truth_folder = self.folder / "truth"
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "scrapy", "sandbox", "--port", "0", "--malls", str(self.malls),
                "--truth", str(self.truth_folder), *map(str, options),
            ],
            stdout=subprocess.PIPE, cwd=ROOT, text=True, env=BARE,
        )  # fmt: skip
        self.ready = self.process.stdout.readline()
        if "http://" not in self.ready:
            self.process.kill()
            self.process.communicate()
            raise RuntimeError("the sandbox did not start")
        self.url = next(word for word in self.ready.split() if word.startswith("http://")).rstrip("/.,")

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0
        self.process.stdout.close()

    def control(self, name, told=None, **query):
        """Return the answer of a control call: change, truth, consent, faults or log."""
        address = f"{self.url}/_sandbox/{name}" + "".join(f"?{key}={value}" for key, value in query.items())
        body = None if name in ("log", "people") else json.dumps(told or {}).encode()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            answered = json.loads(answer.read() or b"null")
        if name == "change" or (name == "faults" and told and told.get("clear")):
            # What changed just now is asked for by the next crawl; rows that drifted changed up to here.
            let_the_second_pass()
        return answered

    def key(self):
        """Return the key of pseudonyms that the crawls use."""
        return Secrets(self.malls).get("SHOPSCRAPE_PRIVACY_KEY").encode()

    def store(self, url):
        """Return an open store."""
        return open_store(url, Secrets(self.malls).get("SHOPSCRAPE_KEY"))

    def truth(self, mall, access, resource):
        """Return the canonical records of a mall as a crawl should have stored them, by identity."""
        # Of this mall alone: a sandbox of all platforms has fifty.
        self.control("truth", {"mall": mall})
        return records(self.truth_folder / mall / access / f"{resource}.jsonl", self.key())


def command(sandbox, store_url, *words, output=None):
    """Return a scrapy command line with the sandbox's malls and a store."""
    return [
        sys.executable, "-W", "error::DeprecationWarning:shopscrape", "-m", "scrapy", *map(str, words),
        "-s", f"SHOPSCRAPE_MALLS={sandbox.malls}", "-s", f"SHOPSCRAPE_STORE={store_url}",
        "-s", f"SHOPSCRAPE_OUTPUT={output or sandbox.folder / 'output'}",
    ]  # fmt: skip


def scrapy(sandbox, store_url, *words, output=None, timeout=240):
    """Run a scrapy command to its end."""
    return subprocess.run(
        command(sandbox, store_url, *words, output=output),
        cwd=ROOT, env=BARE, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip


def asked(sandbox, mall):
    """Return how many requests a mall has got since the log was cleared, as the sandbox counts them."""
    return sum(stream["requests"] for stream in sandbox.control("log")["malls"][mall].values())


def drifts(sandbox, mall):
    """Return how many rows moved while a mall was paged."""
    return sum(stream["faults"].get("drift", 0) for stream in sandbox.control("log")["malls"][mall].values())


def last_report(sandbox, url):
    """Return the report of the last run in a store."""
    opened = sandbox.store(url)
    try:
        told = opened.last_runs()[-1]["report"]
        return json.loads(told) if isinstance(told, str) else told
    finally:
        opened.close()


def kill(sandbox, url, *words, after, output=None):
    """Begin a crawl and kill it when the sandbox has got so many requests of it; return what it said.

    Counting requests and no seconds, it dies in the middle on slow machines and on fast ones.
    """
    begun = sandbox.control("log")["requests"]
    process = subprocess.Popen(
        command(sandbox, url, *words, output=output),
        cwd=ROOT, env=BARE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    while process.poll() is None and sandbox.control("log")["requests"] < begun + after:
        time.sleep(0.01)
    process.kill()
    return process.communicate()[1]


def browsers_of(process):
    """Yield the main process of each Chromium below a crawl."""
    for child in psutil.Process(process.pid).children(recursive=True):
        line = " ".join(child.cmdline())
        if "chromium" in line and "--type=" not in line and "remote-debugging" in line:
            yield child


def records(path, key):
    """Return the scrubbed, normalised records of a truth file as plain values, by identity."""
    kind = OF_RESOURCE[path.stem]
    scrub = Scrubber(key).scrub
    found = {}
    for line in path.read_bytes().splitlines():
        record = scrub(normalise(msgspec.json.decode(line, type=kind)))
        found[tuple(getattr(record, name) for name in ("shop", *kind.keys))] = record
    return found


def stored(store, mall, resource, source=None):
    """Return what a store holds of a mall, by identity."""
    kind = OF_RESOURCE[resource]
    return {
        tuple(row[name] for name in ("shop", *kind.keys)): row
        for row in store.read(resource)
        if row["mall"] == mall and source in (None, row["source"])
    }


def written(folder, mall, resource):
    """Return what JSON lines files hold of a mall, by identity: what is told later lies over what was told before.

    An order's line that a later row lacks stays, and the order's word is that of all its lines.
    """
    kind, found = OF_RESOURCE[resource], {}
    files = (Path(folder) / mall / resource).glob("*.jsonl")
    for path in sorted(files, key=lambda path: path.stat().st_mtime_ns):
        for line in path.read_bytes().splitlines():
            told = msgspec.json.decode(line)
            row = found.setdefault(tuple(told.get(name, "") for name in ("shop", *kind.keys)), _untold(kind))
            for name, key, part in PARTS:
                if told.get(name):
                    before = {one[key]: one for one in row[name] or ()}
                    after = {one[key]: before.get(one[key], _untold(part)) | one for one in told[name]}
                    told[name] = list(((before if part is OrderLine else {}) | after).values())
            row.update(told)
    if kind is Order:
        for row in found.values():
            lines = sorted(row["lines"] or (), key=lambda line: line["line_id"])
            row["status"] = order_status((line["kind"], line["status"]) for line in lines)
    return found


def twice(folder, mall, resources=RESOURCES):
    """Return the lines that stand more than once in the JSON lines files of a mall; when and where is left out."""
    told = Counter()
    for resource in resources:
        for path in (Path(folder) / mall / resource).glob("*.jsonl"):
            for line in path.read_bytes().splitlines():
                row = {name: value for name, value in msgspec.json.decode(line).items() if name not in NOT_COMPARED}
                told[resource, json.dumps(row, sort_keys=True)] += 1
    return [line for line, count in told.items() if count > 1]


def _untold(kind):
    """Return a row of which nothing was told."""
    return dict.fromkeys(kind.__struct_fields__)


def differences(store, sandbox, mall, access, resource, most=12):
    """Return sentences about every difference between a store and the truth, field by field."""
    return _compared(sandbox.truth(mall, access, resource), stored(store, mall, resource), most)


def differences_in_files(folder, sandbox, mall, access, resource, most=12):
    """Return the same about JSON lines files."""
    return _compared(sandbox.truth(mall, access, resource), written(folder, mall, resource), most)


def unequal(sandbox, url, mall, resources=RESOURCES, access="api", output=None):
    """Return what differs from the truth by resource, in a store and in JSON lines where their folder is named."""
    opened = sandbox.store(url)
    try:
        found = {}
        for name in resources:
            said = differences(opened, sandbox, mall, access, name)
            said += (
                [f"line {one}" for one in differences_in_files(output, sandbox, mall, access, name)] if output else []
            )
            found |= {name: said} if said else {}
        return found
    finally:
        opened.close()


def _compared(truth, found, most):
    said = [f"lacks {identity}" for identity in truth if identity not in found]
    said += [f"invents {identity}" for identity in found if identity not in truth]
    for identity in truth.keys() & found.keys():
        for name, told, kept in _fields(truth[identity], found[identity]):
            said.append(f"{identity} {name}: truth {told!r}, stored {kept!r}")
    return said[:most] + ([f"… {len(said)} differences"] if len(said) > most else [])


def _fields(record, row):
    for name in record.__struct_fields__:
        told = getattr(record, name)
        if name in NOT_COMPARED or name == "description":
            told, row_value = (None, None) if name in NOT_COMPARED else (told, row[name])
        else:
            row_value = row[name]
        if name in ("variants", "lines") and (isinstance(told, list) or not row_value):
            # A store that was told nothing of parts has none, too.
            yield from _parts(name, told if isinstance(told, list) else [], row_value)
            continue
        plain = None if told is UNSET else msgspec.to_builtins(told)
        if plain != row_value:
            yield name, plain, row_value


def _parts(name, told, kept):
    key = "variant_id" if name == "variants" else "line_id"
    below = {part[key]: part for part in kept or ()}
    wanted = {getattr(part, key): part for part in told}
    if below.keys() != wanted.keys():
        yield name, sorted(wanted), sorted(below)
    for number in below.keys() & wanted.keys():
        for field in wanted[number].__struct_fields__:
            value = getattr(wanted[number], field)
            plain = None if value is UNSET else msgspec.to_builtins(value)
            if plain != below[number][field]:
                yield f"{name}[{number}].{field}", plain, below[number][field]


class Proxy:
    """Stands between a crawl and the sandbox and changes answers on their way; use as a context manager.

    `change(path, body)` returns the body to hand on. The malls file of `folder` points at the proxy.
    """

    def __init__(self, sandbox, folder, change):
        self.sandbox, self.change = sandbox, change
        self.folder = Path(folder)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.forward(self)

            do_POST = do_GET

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.malls = self.folder / "malls.toml"
        told = sandbox.malls.read_text("utf-8")
        self.malls.write_text(told.replace(sandbox.url, f"http://127.0.0.1:{self.server.server_port}"), "utf-8")
        self.malls.with_suffix(".env").write_bytes(sandbox.malls.with_suffix(".env").read_bytes())

    def forward(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else None
        headers = {name: value for name, value in handler.headers.items() if name not in ("Host", "Accept-Encoding")}
        request = urllib.request.Request(self.sandbox.url + handler.path, body, headers, method=handler.command)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            told = self.change(handler.path, answer.read())
            handler.send_response(answer.status)
            for name, value in answer.headers.items():
                if name not in ("Content-Length", "Connection", "Transfer-Encoding"):
                    handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(told)))
        handler.end_headers()
        handler.wfile.write(told)

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *why):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
