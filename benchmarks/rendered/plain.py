"""The spider that one writes with scrapy-playwright alone: wait, click, wait, read the DOM."""

import json
import re
from pathlib import Path

from scrapy import Request, Spider
from scrapy_playwright.page import PageMethod

PAUSE = 500
"""Milliseconds after a click; "networkidle" is reached once for good, so it does not tell that a list has grown."""


async def all_reviews(page):
    """Open the list, choose newest first, turn pages to the end; return the texts of all items."""
    await page.wait_for_load_state("networkidle")
    await page.locator("#REVIEW").evaluate("area => area.scrollIntoView()")
    await page.wait_for_selector("#REVIEW ul li:has(em), button:has-text('리뷰 전체보기')")
    everything = page.locator("button", has_text="리뷰 전체보기")
    if await everything.count():
        return await _dialog(page, everything.first)
    return await _numbers(page)


async def _dialog(page, button):
    await button.click()
    await page.wait_for_selector("li[id^=REVIEW_ITEM_]")
    await page.locator("[role=dialog] button", has_text="최신순").first.click()
    await page.wait_for_timeout(PAUSE)
    items, before = page.locator("li[id^=REVIEW_ITEM_]"), -1
    while (count := await items.count()) != before:
        before = count
        await items.last.evaluate("""item => {
            let box = item.parentElement;
            while (box && !/auto|scroll/.test(getComputedStyle(box).overflowY)) box = box.parentElement;
            box.scrollTop = box.scrollHeight;
        }""")
        await page.wait_for_timeout(PAUSE)
    return await items.all_text_contents()


async def _numbers(page):
    newest = page.locator("#REVIEW button", has_text="최신순")
    if await newest.count():
        await newest.first.click()
        await page.wait_for_timeout(PAUSE)
    found, number = [], 1
    while True:
        found += await page.locator("#REVIEW ul li:has(em)").all_text_contents()
        number += 1
        link = page.locator("[data-shp-area='revlist.pgn']", has_text=re.compile(f"^{number}$"))
        if not await link.count():
            link = page.locator("[data-shp-area='revlist.pgnext'][aria-hidden=false]")
        if not await link.count():
            return found
        await link.first.click()
        await page.wait_for_timeout(PAUSE)


class PlainSpider(Spider):
    """Reads product pages, or all reviews of each."""

    name = "plain"

    async def start(self):
        """Yield a request for each address."""
        reviews = self.what == "reviews"
        for url in json.loads(Path(self.urls).read_text()):
            methods = [PageMethod(all_reviews)] if reviews else [PageMethod("wait_for_selector", "h3:not(:empty)")]
            meta = {"playwright": True, "playwright_page_methods": methods, "methods": methods}
            yield Request(url, meta=meta, dont_filter=True)

    def parse(self, response):
        """Yield what was read."""
        if self.what == "reviews":
            yield from ({"text": text} for text in response.meta["methods"][0].result)
        else:
            yield {"name": response.css("h3::text").get(), "url": response.url}
