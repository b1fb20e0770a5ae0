"""The gate: who shares a bucket, what is signed, and how the pace is kept."""

import asyncio
import time

import pytest
from cryptography.fernet import Fernet
from scrapy import Request
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor, is_reactor_installed
from scrapy.utils.test import get_crawler

from shopscrape.gate import Gate
from shopscrape.pace import Bucket, shared
from spiders.cafe24.api import Cafe24ApiSpider
from spiders.naver.api import NaverApiSpider

MALLS = """
[one]
platform = "naver"
app = "solution"
[two]
platform = "naver"
app = "solution"
[alone]
platform = "naver"
[first]
platform = "cafe24"
mall_id = "first"
app = "solution"
[second]
platform = "cafe24"
mall_id = "second"
app = "solution"
"""
SECRETS = """
SHOPSCRAPE_SOLUTION_CLIENT_ID=sandboxnaverclient0001
SHOPSCRAPE_SOLUTION_CLIENT_SECRET=$2a$04$abcdefghijklmnopqrstuu
SHOPSCRAPE_FIRST_REFRESH_TOKEN=first-token
SHOPSCRAPE_SECOND_REFRESH_TOKEN=second-token
SHOPSCRAPE_ALONE_CLIENT_ID=sandboxnaverclient0002
SHOPSCRAPE_ALONE_CLIENT_SECRET=$2a$04$abcdefghijklmnopqrstuu
"""


@pytest.fixture
def gate(tmp_path):
    """Return a function that opens the gate of a mall's crawl, and close them all afterwards."""
    if not is_reactor_installed():
        install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    (tmp_path / "malls.toml").write_text(MALLS, "utf-8")
    keys = f"SHOPSCRAPE_KEY={Fernet.generate_key().decode()}\nSHOPSCRAPE_PRIVACY_KEY={'k' * 40}\n"
    (tmp_path / "malls.env").write_text(SECRETS + keys, "utf-8")
    opened = []

    def open_(spidercls, mall):
        settings = dict(get_project_settings()) | {
            "SHOPSCRAPE_MALLS": str(tmp_path / "malls.toml"), "SHOPSCRAPE_STORE": f"sqlite:///{tmp_path}/store.db",
        }  # fmt: skip
        crawler = get_crawler(spidercls, settings)
        crawler.spider = spidercls.from_crawler(crawler, mall=mall)
        opened.append(crawler.spider)
        return Gate.from_crawler(crawler)

    yield open_
    for spider in opened:
        spider.session.close()


def test_malls_of_one_app_share_the_bucket_of_each_api(gate):
    one, two, alone = (gate(NaverApiSpider, mall) for mall in ("one", "two", "alone"))
    search = Request("https://api.commerce.naver.com/external/v1/products/search", method="POST")
    search = search.replace(url=f"{one.crawler.spider.base_url}/v1/products/search")
    channels = search.replace(url=f"{one.crawler.spider.base_url}/v1/seller/channels", method="GET")
    assert one.buckets(search)[0] is not two.buckets(search)[0]
    assert one.buckets(search)[-1] is two.buckets(search)[-1]
    assert one.buckets(search)[-1] is not alone.buckets(search)[-1]
    assert one.buckets(search)[-1] is not one.buckets(channels)[-1]


def test_malls_whose_limit_is_their_own_share_none(gate):
    first, second = gate(Cafe24ApiSpider, "first"), gate(Cafe24ApiSpider, "second")
    orders = Request("https://first.cafe24api.com/api/v2/admin/orders")
    assert first.buckets(orders) == [first.bucket]
    assert first.bucket is not second.bucket


def test_only_the_paths_of_the_fact_sheet_are_signed(gate):
    opened = gate(Cafe24ApiSpider, "first")
    host = "https://first.cafe24api.com"
    assert opened.signs(Request(f"{host}/api/v2/admin/orders?limit=1"))
    for url in (
        f"{host}/robots.txt", f"{host}/api/v2/oauth/token", f"{host}/api/v2/admin/../../evil",
        "https://second.cafe24api.com/api/v2/admin/orders", "https://first.cafe24api.com.evil.example/api/v2/admin/orders",
        "http://localhost/api/v2/admin/orders",
    ):  # fmt: skip
        assert not opened.signs(Request(url)), url


def test_one_scope_one_bucket():
    kept = shared("platform:app:x", 5.0)
    assert shared("platform:app:x", 9.0) is kept
    assert shared("platform:app:y", 5.0) is not kept


def test_a_bucket_lets_its_rate_through_and_no_more():
    async def take(bucket, count):
        begun = time.monotonic()
        await asyncio.gather(*(bucket.turn() for _ in range(count)))
        return time.monotonic() - begun

    took = asyncio.run(take(Bucket(rate=100.0, burst=10), 60))
    # Ten at once, then one in 10 ms: never faster than that, whatever the machine does.
    assert took >= 0.49


def test_a_pause_holds_everybody():
    async def paused():
        bucket = Bucket(rate=1000.0, burst=5)
        bucket.pause(0.3)
        begun = time.monotonic()
        await asyncio.gather(*(bucket.turn() for _ in range(3)))
        return time.monotonic() - begun

    assert asyncio.run(paused()) >= 0.29
