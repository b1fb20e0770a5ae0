"""WISA's signer: what it puts into signed copies, and what it takes out of answers; log-ins run in the crawl tests."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Request

from spiders.wisa.auth import WisaSigner

KEY = "0123456789abcdef0123456789abcdef"
BASE = "https://shop.example.com"
SECRETS = {"ERP_KEY": KEY, "ADMIN_PASSWORD": "a long password", "REST_KEY": "rest-key-0001"}


@pytest.fixture
def signer():
    secrets = SimpleNamespace(need=lambda mall, name: SECRETS[name], of=lambda mall, name: SECRETS.get(name))
    made = WisaSigner(SimpleNamespace(secrets=secrets, mall=None), BASE)
    made.hash, made.generation = "session-of-this-run", 1
    return made


def signed(signer, path):
    asked = Request(f"{BASE}{path}", headers={"X-Mine": "kept"})
    copy, generation = asyncio.run(signer.sign(asked, None))
    assert asked.url == f"{BASE}{path}" and asked.body == b"" and asked.method == "GET"
    return copy, generation


def test_a_session_travels_in_the_body(signer):
    copy, generation = signed(signer, "/main/exec.php?exec_file=api%2Fopenapi.exe.php&action=order&ono=1")
    assert (copy.method, copy.body, generation) == ("POST", b"hash=session-of-this-run", 1)
    assert "session" not in copy.url and copy.headers["X-Mine"] == b"kept"


def test_a_key_travels_in_the_query_of_its_own_api_only(signer):
    copy, _ = signed(signer, "/main/exec.php?exec_file=api%2Ferp.exe.php&action=getStock&param=1")
    assert copy.url.endswith(f"&key={KEY}") and copy.method == "GET" and copy.body == b""


@pytest.mark.parametrize("path", [
    "/main/exec.php?exec_file=skin_module%2Fskin_ajax.php", "/main/exec.php", "/_data/compare/naver/all_prd.php",
])  # fmt: skip
def test_nothing_else_is_signed(signer, path):
    copy, _ = signed(signer, path)
    assert copy.url == f"{BASE}{path}" and copy.body == b"" and set(copy.headers) == {b"X-Mine"}


def test_the_rest_api_takes_its_key_in_a_header(signer):
    copy, _ = signed(signer, "/v1/products?page=1")
    assert copy.headers["X-API-Key"] == b"rest-key-0001" and "rest-key" not in copy.url


def test_secrets_that_an_answer_echoes_are_blanked(signer):
    body = f"<auth_code>{KEY}</auth_code><x>session-of-this-run</x><y>a long password</y>".encode()
    assert signer.hide(body) == b"<auth_code>***</auth_code><x>***</x><y>***</y>"


def test_only_the_newest_session_counts_as_lost(signer):
    signer.lost(0)
    assert signed(signer, "/main/exec.php?exec_file=api%2Fopenapi.exe.php&action=order")[0].body
    signer.lost(1)
    assert signer.refused >= signer.generation
