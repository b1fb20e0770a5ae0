"""Naver SmartStore product page: what a visitor does on it to see all reviews, in both generations of its DOM.

Generation A shows numbered pages below the product, generation B a preview, and a dialog that grows while it is
scrolled. Elements are found by ids, roles, data attributes and text. Clicks are sent to the element itself, because a
sticky header may cover it.
"""

import re
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
from playwright.async_api import Page

from shopscrape.rendered import Heard

NEWEST = "REVIEW_CREATE_DATE_DESC"
_SORT = re.compile(r"REVIEW_[A-Z_]+")

_FIND = """
const shown = e => e.getClientRects().length > 0;
const text = e => (e.textContent || '').replace(/정렬하기/g, '').replace(/\\s+/g, ' ').trim();
const dialog = () => [...document.querySelectorAll('[role=dialog]')]
    .filter(d => d.querySelector('li[id^=REVIEW_ITEM_], #REVIEW_LIST, #REVIEW_LIST_TOP')).pop();
const section = () => dialog() || document.querySelector('#REVIEW');
const click = e => { e.scrollIntoView({block: 'center'}); e.click(); return true; };
"""
_TAB = """
const tab = [...document.querySelectorAll('a[href="#REVIEW"], [role=tab], #_productTabContainer a')]
    .find(e => /^리뷰\\s*[\\d,]*$/.test(text(e)) && !/이벤트/.test(text(e)));
const area = document.querySelector('#REVIEW');
if (area) area.scrollIntoView();
if (tab) click(tab);
return Boolean(tab || area);
"""
_ALL = """
const area = document.querySelector('#REVIEW') || document;
const all = [...area.querySelectorAll('button, a, [role=button]')].find(e => /리뷰\\s*전체보기/.test(text(e)));
return all ? click(all) : false;
"""
_SORTED = """
const place = section();
const found = place && [...place.querySelectorAll('[role=radio], button, a, label')].find(e => text(e) === '최신순');
if (!found) return 'none';
const marked = found.closest('[aria-checked], [aria-selected], [aria-current]');
const on = marked && ['aria-checked', 'aria-selected', 'aria-current'].some(a => marked.getAttribute(a) === 'true');
if (on) return 'chosen';
click(found);
return 'clicked';
"""
_RESORT = """
const place = section();
const options = place ? [...place.querySelectorAll('[role=radio], button, a, label')] : [];
const other = options.find(e => text(e) === '랭킹순'), newest = options.find(e => text(e) === '최신순');
if (!newest) return false;
if (other) { click(other); await new Promise(done => setTimeout(done, 300)); }
return click(newest);
"""
_NEXT_NUMBER = """
const place = document.querySelector('#REVIEW') || document;
const numbers = [...place.querySelectorAll('[data-shp-area="revlist.pgn"], [role=menubar] [role=menuitem]')];
const wanted = numbers.find(e => text(e) === String(page));
if (wanted) return click(wanted);
const next = place.querySelector('[data-shp-area="revlist.pgnext"]');
return next && next.getAttribute('aria-hidden') !== 'true' ? click(next) : false;
"""
_SCROLL = """
const items = [...(section() || document).querySelectorAll('li[id^=REVIEW_ITEM_]')];
const last = items[items.length - 1];
if (!last) return false;
let box = last.parentElement;
while (box && !(/(auto|scroll)/.test(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight)) {
    box = box.parentElement;
}
box = box || document.scrollingElement;
// Up a little first: a box that already stands at its end would not notice that it is scrolled.
box.scrollTop = Math.max(0, box.scrollTop - 200);
await new Promise(done => setTimeout(done, 50));
box.scrollTop = box.scrollHeight;
return true;
"""
_KIND = """
if (dialog()) return 'B';
const area = document.querySelector('#REVIEW') || document;
if ([...area.querySelectorAll('button, a, [role=button]')].some(e => /리뷰\\s*전체보기/.test(text(e)))) return 'B';
if (area.querySelector('[data-shp-area="revlist.pgn"], [role=menubar] [role=menuitem]')) return 'A';
return '';
"""
_COUNT = """
const tab = [...document.querySelectorAll('a[href="#REVIEW"], [role=tab], #REVIEW h2, #REVIEW h3')]
    .map(text).map(t => /^리뷰\\s*([\\d,]+)$/.exec(t)).find(Boolean);
return tab ? Number(tab[1].replace(/,/g, '')) : null;
"""
_STATE = """
const state = window.__PRELOADED_STATE__ || {};
const part = {channel: state.channel, product: state.product,
              simpleProductForDetailPage: state.simpleProductForDetailPage};
return state === null ? null : JSON.stringify(part);
"""


async def _run(page: Page, script: str, number: int = 0) -> Any:
    return await page.evaluate(f"async page => {{ {_FIND} {script} }}", number)


async def state(page: Page) -> bytes:
    """Return the parts of the page's own state that speak of the product, as JSON."""
    return (await _run(page, _STATE) or "{}").encode()


async def to_reviews(page: Page) -> bool:
    """Bring the review area into view and use its tab; return whether there is one."""
    return bool(await _run(page, _TAB))


async def show_all(page: Page) -> bool:
    """Open the dialog of all reviews (generation B); return whether there is a button for it."""
    return bool(await _run(page, _ALL))


async def sort_newest(page: Page) -> Literal["none", "chosen", "clicked"]:
    """Choose newest first; return whether that cannot be chosen, was already, or is now being fetched."""
    return await _run(page, _SORTED)  # type: ignore[no-any-return]


async def resort(page: Page) -> bool:
    """Choose another order and newest first again, so that the page asks for its first page once more."""
    return bool(await _run(page, _RESORT))


async def opened(page: Page) -> bool:
    """Return whether the dialog of all reviews is open and shows some."""
    return bool(await _run(page, "return Boolean(dialog()?.querySelector('li[id^=REVIEW_ITEM_]'));"))


async def generation(page: Page) -> Literal["A", "B", ""]:
    """Return which generation of the DOM the reviews stand in."""
    return await _run(page, _KIND)  # type: ignore[no-any-return]


async def next_page(page: Page, kind: str, number: int) -> bool:
    """Go to a page of reviews: by its number (A) or by scrolling the dialog to its end (B)."""
    return bool(await _run(page, _SCROLL if kind == "B" else _NEXT_NUMBER, number))


async def count(page: Page) -> int | None:
    """Return the number of reviews that the page prints; only where it stands alone, since counters are glued."""
    return await _run(page, _COUNT)  # type: ignore[no-any-return]


def asked(heard: Heard) -> tuple[str, int | None]:
    """Return the order and the page that the page itself asked for; they stand in the body or in the query."""
    query = parse_qs(urlsplit(heard.answer.url).query)
    told: dict[str, Any] = {name: found[0] for name, found in query.items()}
    try:
        body = msgspec.json.decode(heard.asked or "{}")
    except msgspec.DecodeError:
        body = {}
    if isinstance(body, dict):
        told |= body
    sort = next((str(value) for name, value in told.items() if "ort" in name and _SORT.fullmatch(str(value))), "")
    try:
        return sort, int(told["page"])
    except (KeyError, TypeError, ValueError):
        return sort, None
