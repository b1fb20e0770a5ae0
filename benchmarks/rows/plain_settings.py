"""What `scrapy startproject` makes, without its delay: Scrapy's defaults."""

BOT_NAME = "plain"
SPIDER_MODULES = ["benchmarks.rows.spiders"]
ROBOTSTXT_OBEY = False
LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"
