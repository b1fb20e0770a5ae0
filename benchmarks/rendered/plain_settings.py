"""scrapy-playwright as its documentation sets it up, with the machine's Chromium."""

import os

from shopscrape.browser import chromium

BOT_NAME = "plain"
DOWNLOAD_HANDLERS = {
    "http": "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler",
    "https": "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler",
}
PLAYWRIGHT_LAUNCH_OPTIONS = {"executable_path": chromium(), "chromium_sandbox": os.getuid() != 0}
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
ROBOTSTXT_OBEY = False
CONCURRENT_REQUESTS = 1
DOWNLOAD_DELAY = 0
LOG_LEVEL = "ERROR"
