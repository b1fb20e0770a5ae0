"""MakeShop signers, Korean and Japanese: secrets stand in signed copies only; tokens and reads are counted."""

import asyncio
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from scrapy import Request

from shopscrape import values
from shopscrape.malls import Mall, Secrets
from shopscrape.report import RunReport
from shopscrape.store import open_store
from spiders.makeshop import READS_AN_HOUR, TOKENS_A_MINUTE
from spiders.makeshop.auth import ConnectSigner, Kept, OpenApiSigner
from spiders.makeshop_jp.auth import MakeshopJpSigner

WORDS = {
    "SHOPKEY": "5" * 32,
    "LICENSEKEY": "TElD",
    "CLIENT_ID": "client",
    "CLIENT_SECRET": "secret",
    "TOKEN": "PAT.9",
    "API_KEY": "a" * 64,
}


@pytest.fixture
def session(tmp_path):
    """What a signer needs of a session; store, secrets and mall are real."""
    env = tmp_path / "malls.env"
    env.write_text("".join(f"SHOPSCRAPE_DEMO_{name}={value}\n" for name, value in WORDS.items()))
    store = open_store(f"sqlite:///{tmp_path}/store.db", Fernet.generate_key().decode())
    mall = Mall(name="demo", platform="makeshop", base_url="http://127.0.0.1:1", speed=3600.0)
    yield SimpleNamespace(
        facts=SimpleNamespace(platform="makeshop"), mall=mall, store=store, secrets=Secrets(tmp_path / "malls.toml"),
        report=RunReport("r", "makeshop_api", "makeshop", "demo", ("products",)),
    )  # fmt: skip
    store.close()


def told(request):
    return b"".join(b"".join(values_) for values_ in request.headers.values()).decode() + request.url


def test_legacy_keys_stand_in_the_copy_only(session):
    request = Request("https://mall.example.com/list/open_api.html?mode=search")
    signed, _ = asyncio.run(OpenApiSigner(session).sign(request, None))
    assert signed.headers["Shopkey"] == b"5" * 32 and signed.headers["Licensekey"] == b"TElD"
    assert signed.url == request.url and not any(word in told(request) for word in WORDS.values())


def test_the_reads_of_an_hour_are_counted_across_runs(session):
    signer = OpenApiSigner(session)
    reads = 0
    while signer._count():
        reads += 1
        assert reads < 5 * READS_AN_HOUR
    hour = signer.hour
    assert signer.reads == READS_AN_HOUR
    again = OpenApiSigner(session)
    if again._count():
        # The clock hour ended just now.
        assert again.hour > hour
    asyncio.run(signer.sign(Request("https://mall.example.com/list/open_api.html"), None))
    assert signer.hour > hour and signer.reads == 1


def test_a_sixth_token_waits_for_the_minute_to_end(session):
    signer = ConnectSigner(session, "http://127.0.0.1:1", "shop")
    started = time.monotonic()

    async def ask(times):
        for _ in range(times):
            await signer._turn()

    asyncio.run(ask(TOKENS_A_MINUTE))
    kept = signer._stored()
    assert len(kept.asked) <= TOKENS_A_MINUTE
    asyncio.run(ConnectSigner(session, "http://127.0.0.1:1", "shop")._turn())
    # A minute is 1/60 s at this speed; another shop has a count of its own.
    assert time.monotonic() - started >= 60 / session.mall.speed
    assert ConnectSigner(session, "http://127.0.0.1:1", "other")._stored() == Kept()


def test_a_stored_token_is_used_and_its_end_foreseen(session):
    signer = ConnectSigner(session, "http://127.0.0.1:1", "shop")
    until = values.iso(values.now() + timedelta(hours=1))
    session.store.write_token(signer.name, {"access": "kept-token", "until": until, "asked": []})
    request = Request("http://127.0.0.1:1/api/v1/shop/product")
    signed, generation = asyncio.run(signer.sign(request, None))
    assert signed.headers["Authorization"] == b"Bearer kept-token" and generation == 1
    assert "kept-token" not in told(request) and b"Authorization" not in request.headers
    assert not signer._lasts(Kept(access="t", until=values.iso(values.now() + timedelta(seconds=59) / 3600)))
    assert signer._lasts(Kept(access="t", until=values.iso(values.now() + timedelta(seconds=300))))
    assert not signer._lasts(Kept(access="", until=until)) and not signer._lasts(Kept(access="t"))


def test_the_token_answer_is_nested_or_flat(session):
    signer = ConnectSigner(session, "http://127.0.0.1:1", "shop")
    assert signer._read(b'{"success": true, "data": {"access_token": "a", "expires_in": 120}}') == ("a", 120.0)
    assert signer._read(b'{"access_token": "a"}') == ("a", 300.0)
    for body in (b"{}", b"[]", b"x", b'{"data": {"expires_in": 1}}', b'{"access_token": "a", "expires_in": "soon"}'):
        with pytest.raises(Exception, match="not readable"):
            signer._read(body)


def test_the_japanese_headers_are_made_for_each_call(session):
    signer = MakeshopJpSigner(session)
    request = Request("https://app-api.makeshop.jp/v1/graphql", method="POST", body=b"{}")
    signed, _ = asyncio.run(signer.sign(request, None))
    assert signed.headers["Authorization"] == b"Bearer PAT.9" and signed.headers["X-Api-Key"] == b"a" * 64
    assert (
        abs(int(signed.headers["X-Timestamp"]) - time.time()) < 5
        and signed.headers["Content-Type"] == b"application/json"
    )
    assert not any(word in told(request) for word in WORDS.values()) and signed.body == request.body
    assert not session.report.notices
