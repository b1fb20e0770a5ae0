"""Scrapy settings of the project; the reason stands beside each that closes one of Scrapy's defaults."""

from scrapy.settings import default_settings as _scrapy

BOT_NAME = "shopscrape"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "shopscrape.commands"
SPIDER_LOADER_CLASS = "shopscrape.loader.ByName"
ADDONS: dict[str, int] = {}

# Where things are; each can be changed with -s.
SHOPSCRAPE_MALLS = "malls.toml"
SHOPSCRAPE_STORE = "sqlite:///output/shopscrape.db"
SHOPSCRAPE_OUTPUT = "output"
SHOPSCRAPE_ROWS = True  # False: rows go to JSON lines only, the store keeps marks, tokens, leases and fingerprints.
SHOPSCRAPE_PRIVACY = "pseudonyms"  # "keep" leaves persons in clear, and says so in every run.

# The crawler says who it is.
USER_AGENT = "shopscrape (+https://pypi.org/project/shopscrape)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "shopscrape"

# Secrets travel; Scrapy's default does not check certificates.
DOWNLOAD_VERIFY_CERTIFICATES = True
# Nobody drives a running crawl from outside.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
# Measured: even switched off, these two take 0.1 s of every start, as one brings another HTTP client; naming them in
# EXTENSIONS, with None too, imports them as well.
EXTENSIONS_BASE = {
    name: place
    for name, place in _scrapy.EXTENSIONS_BASE.items()
    if not name.endswith((".RemoteControl", ".TelnetConsole"))
}
# Scrapy's 180 s let a dead connection hold a mall for an hour.
DOWNLOAD_TIMEOUT = 30
# A signature waits in the gate, so few requests are in flight; one mall's quota feeds no more than this anyway.
CONCURRENT_REQUESTS = 4
CONCURRENT_REQUESTS_PER_DOMAIN = 4
DOWNLOAD_DELAY = 0
# With more, a later item overtakes an earlier one, and a mark could overtake its rows.
CONCURRENT_ITEMS = 1
# DEBUG tells every request; our formatter shows no item, body, header or query.
LOG_LEVEL = "INFO"
LOG_FORMATTER = "shopscrape.logs.QuietFormatter"
# The base spider asks again itself, because it must know which window a failed question belongs to.
RETRY_ENABLED = False
# Above 2083 letters Scrapy drops a request without a word to its spider; a question for a hundred orders has 6,000.
URLLENGTH_LIMIT = 0
# Measured: Scrapy reads a callback's source for every answer to warn of a `return` in it; 2 ms for each page.
WARN_ON_GENERATOR_RETURN_VALUE = False
COOKIES_ENABLED = False
HTTPCACHE_ENABLED = False

DOWNLOAD_HANDLERS = {
    "http": "shopscrape.gate.Gate",
    "https": "shopscrape.gate.Gate",
    "file": None,
    "ftp": None,
    "s3": None,
}
# One Batch at a time, as CONCURRENT_ITEMS is for one answer.
ITEM_PROCESSOR = "pipelines.serial.Serial"
ITEM_PIPELINES = {
    "pipelines.normalise.Normalise": 100,
    "pipelines.validate.Validate": 200,
    "pipelines.scrub.Scrub": 300,
    "pipelines.dedupe.Dedupe": 400,
    "pipelines.jsonl.Jsonl": 500,
    "pipelines.sql.Sql": 600,
    "pipelines.publish.Publish": 700,
}
DOWNLOADER_MIDDLEWARES = {
    # Scrapy's own takes an unreachable robots.txt for leave to go on, and knows neither Crawl-delay nor permission.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "shopscrape.robots.Robots": 100,
}
# Cookies are off above; importing what would keep them still takes 0.03 s of every start.
DOWNLOADER_MIDDLEWARES_BASE = {
    name: place
    for name, place in _scrapy.DOWNLOADER_MIDDLEWARES_BASE.items()
    if not name.endswith(".CookiesMiddleware")
}
FEED_EXPORTERS = {
    "jsonlines": "shopscrape.exporters.JsonLines",
    "jsonl": "shopscrape.exporters.JsonLines",
    "jl": "shopscrape.exporters.JsonLines",
    "json": "shopscrape.exporters.Json",
    "csv": "shopscrape.exporters.Csv",
}
FEED_EXPORT_ENCODING = "utf-8"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
