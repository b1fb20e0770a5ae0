"""What a failed page looked like is kept without anybody in it, and never grows beyond its cap; where a browser is."""

import os

import pytest
from playwright.sync_api import sync_playwright

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


SAID = """<style>
.fixed { display: block; width: 600px; height: 40px; overflow: hidden; font: 16px monospace }
#strong .loud { color: red !important } .slow { color: red; transition: color 5s } .first::first-line { color: red }
.before::before { content: "TEXT"; color: red !important } .letter::first-letter { color: red }
.clip { background: linear-gradient(red, blue); -webkit-background-clip: text; color: transparent }
.stroke { -webkit-text-stroke: 2px red } .shadow { text-shadow: 0 0 2px red } .line { text-decoration: underline red }
.drawn { background: url('data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"><text y="20">TEXT</text></svg>') }
li.marked { list-style: "TEXT" inside } li.marked::marker { color: red }
@keyframes glow { from { color: red } to { color: blue } } .glow { animation: glow 1s infinite }
input::placeholder { color: red !important }
</style><body style="background: #eef"><hr style="border: 3px solid green">
<p class="fixed">TEXT</p><div id="strong"><p class="fixed loud">TEXT</p></div>
<p class="fixed" style="color: red !important; -webkit-text-fill-color: red ! important">TEXT</p>
<p class="fixed slow">TEXT</p><p class="fixed first">TEXT</p><p class="fixed letter">TEXT</p>
<p class="fixed before"></p>
<p class="fixed clip">TEXT</p><p class="fixed stroke">TEXT</p><p class="fixed shadow">TEXT</p>
<p class="fixed line">TEXT</p><p class="fixed glow">TEXT</p><p class="fixed drawn"></p>
<a class="fixed" href="/x">TEXT</a>
<ul><li class="fixed marked"></li></ul><input class="fixed" value="TEXT"><input class="fixed" placeholder="TEXT">
<textarea class="fixed">TEXT</textarea><select class="fixed"><option>TEXT</option></select>
<button class="fixed">TEXT</button>
<svg class="fixed" viewBox="0 0 600 40"><text y="20" style="fill: red !important">TEXT</text></svg>
<canvas class="fixed" width="600" height="40"></canvas><img class="fixed" src="/x.png" alt="TEXT">
<iframe class="fixed" srcdoc="<p style='color: red !important'>TEXT</p>"></iframe><div class="fixed" id="host"></div>
<script>document.querySelector('canvas').getContext('2d').fillText('TEXT', 5, 20);
document.querySelector('#host').attachShadow({mode: 'open'}).innerHTML = '<p style="color: red !important">TEXT</p>';
</script></body>"""


@pytest.mark.browser
def test_a_picture_shows_where_text_was_and_none_of_it():
    def picture(page, text, hidden=True):
        page.set_content(SAID.replace("TEXT", text))
        if not hidden:
            return page.screenshot()
        for frame in page.frames:
            frame.evaluate(evidence.UNIMPORTANT)
        return page.screenshot(style=evidence.INVISIBLE)

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), chromium_sandbox=os.getuid() != 0)
        page = browser.new_page(viewport={"width": 700, "height": 1400})
        texts = "홍길동 010-1234-5678", "김철수 02-987-6543!!"
        assert picture(page, texts[0], hidden=False) != picture(page, texts[1], hidden=False)
        one, other = (picture(page, text) for text in texts)
        page.set_content("")
        blank = page.screenshot(style=evidence.INVISIBLE)
        browser.close()
    assert one == other, "no pixel tells the texts apart"
    assert one != blank, "what stood there is seen"


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
