"""The platform of docs/add-a-platform.md works as it stands there, with no other file touched."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from shopscrape.store import open_store

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/add-a-platform.md"


class Toy(BaseHTTPRequestHandler):
    """Serves 130 products to whoever has the key."""

    def do_GET(self):
        query = {name: int(told[0]) for name, told in parse_qs(urlsplit(self.path).query).items()}
        status, told = 200, {"products": [made(n) for n in range(1, 131) if n > query["after"]][: query["limit"]]}
        if self.headers["X-Toy-Key"] != "CANARY-TOY":
            status, told = 401, {"error": "key"}
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Say nothing."""


def made(number):
    told = {"id": number, "title": f"머그 {number}", "price": f"{number}00.00", "state": "live", "stock": 3, "cost": 1}
    return told | {"changed": "2026-07-01 10:00:00"}


@pytest.fixture
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Toy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def project(tmp_path):
    """A project folder that is this one, plus the files of the page."""
    for name in ("shopscrape", "pipelines"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    (tmp_path / "spiders").mkdir()
    for path in (ROOT / "spiders").iterdir():
        if path.name != "__pycache__":
            (tmp_path / "spiders" / path.name).symlink_to(path)
    blocks = re.findall(r"```python\n# (spiders/toy/\w+\.py)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert {name for name, _ in blocks} == {f"spiders/toy/{name}.py" for name in ("__init__", "auth", "mapping", "api")}
    (tmp_path / "spiders/toy").mkdir()
    for name, code in blocks:
        (tmp_path / name).write_text(code, "utf-8")
    return tmp_path


def scrapy(project, *words, **environment):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words], cwd=project, capture_output=True, text=True, timeout=120,
        env=bare | environment | {"PYTHONPATH": str(project)}, check=False,
    )  # fmt: skip


def test_a_folder_is_a_platform(project, shop):
    assert "toy_api" in scrapy(project, "list").stdout.split()
    assert "GET /v1/products" in scrapy(project, "map", "toy").stdout

    payload = project / "payload.json"
    payload.write_text(json.dumps({"products": [made(7) | {"state": "odd"}]}), "utf-8")
    mapped = scrapy(project, "map", "toy", "products", str(payload))
    assert mapped.returncode == 0
    assert [json.loads(line)["product_id"] for line in mapped.stdout.splitlines()] == ["7", "7"]
    assert "state=odd" in mapped.stderr

    (project / "malls.toml").write_text(f'[toy]\nplatform = "toy"\nbase_url = "{shop}"\nspeed = 50\n', "utf-8")
    secrets = {
        "SHOPSCRAPE_TOY_API_KEY": "CANARY-TOY",
        "SHOPSCRAPE_PRIVACY_KEY": "k" * 40,
        "SHOPSCRAPE_KEY": "Q" * 43 + "=",
    }
    crawled = scrapy(project, "crawl", "toy_api", "-O", "rows.jsonl", **secrets)
    assert crawled.returncode == 0, crawled.stderr
    assert len((project / "rows.jsonl").read_text("utf-8").splitlines()) == 260
    store = open_store(f"sqlite:///{project}/output/shopscrape.db")
    assert (store.count("products"), store.count("inventory")) == (130, 130)
    store.close()
    assert "CANARY-TOY" not in crawled.stderr + crawled.stdout

    refused = scrapy(project, "crawl", "toy_api", **secrets | {"SHOPSCRAPE_TOY_API_KEY": "another"})
    assert refused.returncode == 3
    assert "Toy does not accept the key." in refused.stderr
