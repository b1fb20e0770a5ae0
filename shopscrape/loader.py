"""Finds a spider by its name, so that a crawl imports one platform and not all.

`<platform>_<access>` stands in `spiders.<platform>.<access>`. Importing every platform takes 0.3 s of a crawl's start.
"""

import builtins
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.spider import iter_spider_classes


class ByName:
    """Spider loader; a name that tells no place, and the list of all, are left to Scrapy's own."""

    def __init__(self, settings: BaseSettings) -> None:
        self.settings = settings

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> "ByName":
        """Build for a project."""
        return cls(settings)

    @cached_property
    def all(self) -> SpiderLoader:
        """Return Scrapy's loader, which imports every spider."""
        return SpiderLoader.from_settings(self.settings)

    def load(self, spider_name: str) -> type[Spider]:
        """Return a spider. Raises: KeyError."""
        platform, _, access = spider_name.rpartition("_")
        for package in self.settings.getlist("SPIDER_MODULES") if spider_name.isidentifier() else ():
            found, module = None, f"{package}.{platform}.{access}"
            with suppress(ModuleNotFoundError):
                found = find_spec(module)
            for spider in iter_spider_classes(import_module(module)) if found else ():
                if spider.name == spider_name:
                    return spider
        return self.all.load(spider_name)

    def list(self) -> list[str]:
        """Return the names of all spiders."""
        return self.all.list()

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the names of the spiders that say they take a request."""
        return self.all.find_by_request(request)
