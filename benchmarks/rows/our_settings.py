"""The project's settings, with the benchmark's spider."""

from shopscrape.settings import *  # noqa: F403

SPIDER_MODULES = ["benchmarks.rows.spiders"]
