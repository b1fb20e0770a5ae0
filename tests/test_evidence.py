"""What a failed page looked like is kept without anybody in it, and never grows beyond its cap; where a browser is."""

import os

import pytest

from shopscrape import evidence
from shopscrape.browser import Reach, chromium

PAGE = """<html><body><h1>상품</h1><span>hong12****</span><b>홍*동</b><p>문의 010-1234-5678, me@example.com</p>
<input type="text" value="서울시 중구 세종대로 1"><textarea>배송 메모</textarea>
<script>window.X={"writerId":"gildong77","orderNo":20260701123456,"productName":"머그컵","memberName":"홍길동",
"x-client-rtk":"t21:SECRET","price":12900,'userEmail':'a@b.co'}</script></body></html>"""


def test_nobody_stays_in_it():
    kept = evidence.scrubbed(PAGE)
    secrets = ("hong12", "홍*동", "010-1234-5678", "me@example.com", "세종대로", "배송 메모", "gildong77", "홍길동")
    for secret in (*secrets, "20260701123456", "SECRET", "a@b.co"):
        assert secret not in kept
    for useful in ("상품", "머그컵", "12900", "<textarea>", "window.X"):
        assert useful in kept


@pytest.mark.parametrize(
    "hidden",
    (
        "%3Cdiv class%3D%22x%22%3E홍*동 me%40example.com, 010%2D1234%2D5678%3C/div%3E",
        '{"html":"\\u003cdiv\\u003e\\ud64d*\\ub3d9 me\\u0040example.com, 010\\u002d1234\\u002d5678\\u003c/div\\u003e"}',
    ),
    ids=("percent", "escapes"),
)
def test_nobody_stays_in_what_is_written_in_escapes(hidden):
    kept = evidence.scrubbed(hidden)
    assert "[person] [e-mail], [phone]" in kept and "<div" in kept, kept


def test_what_is_no_markup_is_not_decoded():
    link = '<a href="/list?name=%EB%A8%B8%22&cost=50%25">50% off</a>'
    assert evidence.scrubbed(link) == link


def test_it_is_cut_and_the_oldest_go_first(tmp_path):
    for number in range(6):
        path = evidence.keep(tmp_path, f"run/{number}: x", "가" * 1000, b"j" * 1000, cap=10_000)
        os.utime(path, (number, number))
        os.utime(path.with_suffix(".jpg"), (number, number))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"run-4-x.html", "run-4-x.jpg", "run-5-x.html", "run-5-x.jpg"} <= names
    assert "run-3-x.html" not in names
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000
    assert evidence.keep(tmp_path, "big", "a" * (2 << 20)).stat().st_size == evidence.MOST


def test_a_broken_page_is_kept_too(tmp_path):
    assert evidence.keep(tmp_path, "x", "\ud800\x00<script>{" + '"writerId":"' * 1000).read_text("utf-8")


def test_where_a_browser_is(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "own"))
    monkeypatch.delenv("SHOPSCRAPE_CHROMIUM", raising=False)
    assert chromium() is None
    for number in ("999", "1208"):
        own = tmp_path / f"own/chromium-{number}/chrome-linux64/chrome"
        own.parent.mkdir(parents=True)
        own.touch(mode=0o755)
    assert chromium() == str(own)
    on_path = tmp_path / "google-chrome"
    on_path.touch(mode=0o755)
    assert chromium() == str(on_path)
    named = tmp_path / "named"
    monkeypatch.setenv("SHOPSCRAPE_CHROMIUM", str(named))
    assert chromium() is None, "what was named and is not there is a mistake, not a wish"
    named.touch(mode=0o755)
    assert chromium() == str(named)


@pytest.mark.parametrize(
    "address, within",
    (
        ("http://127.0.0.1:81/x", True),
        ("http://127.0.0.1:82/x", False),
        ("https://a.cdn.example/x", True),
        ("https://cdn.example/x", False),
        ("https://evil-cdn.example/x", False),
        ("https://one.example/x", True),
        ("https://x.one.example/", False),
        ("ws://127.0.0.1:81/", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        ("https://one.example@evil.example/", False),
    ),
)
def test_what_a_page_may_reach(address, within):
    reach = Reach(frozenset(("127.0.0.1:81",)), ("*.cdn.example", "one.example"))
    assert (address in reach) is within
    assert reach.rules() == "MAP * ~NOTFOUND, EXCLUDE *.cdn.example, EXCLUDE 127.0.0.1, EXCLUDE one.example"
