"""Project commands of Scrapy; `crawl` replaces Scrapy's own, the others are new."""
