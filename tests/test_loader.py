"""Spiders are found by their names."""

import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

from shopscrape.loader import ByName

ROOT = Path(__file__).parent.parent
SPIDERS = Settings({"SPIDER_MODULES": ["spiders"]})


def test_every_spider_is_found_by_its_name_as_scrapy_finds_it():
    loader = ByName(SPIDERS)
    assert len(loader.list()) == 11
    for name in loader.list():
        assert loader.load(name) is loader.all.load(name)


@pytest.mark.parametrize("name", ["", "api", "cafe24", "cafe24_", "_api", "cafe24_none", "../cafe24_api", "os_path"])
def test_a_name_without_a_spider_is_a_key_error(name):
    with pytest.raises(KeyError):
        ByName(SPIDERS).load(name)


def test_a_crawl_imports_its_own_platform_alone():
    words = (
        "import sys; from scrapy.settings import Settings; from shopscrape.loader import ByName; "
        "ByName(Settings({'SPIDER_MODULES': ['spiders']})).load('cafe24_api'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert "spiders.cafe24.api" in imported
    strange = {"spiders.naver", "spiders.wisa", "playwright", "extruct", "rich", "alembic", "psycopg"}
    assert imported.isdisjoint(strange)
