"""Naver's own two hosts: without a storefront_url pages are asked for where the API and the malls file say they are."""

import pytest
from rendering import FERNET, KEY
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor, is_reactor_installed
from scrapy.utils.test import get_crawler

from shopscrape import values
from shopscrape.browser import Reach
from shopscrape.errors import ConfigurationError
from shopscrape.identity import fingerprint, form, identity
from shopscrape.items import Product
from shopscrape.store import open_store
from shopscrape.windows import Leg, Row, Window
from spiders.naver.web import NaverWebSpider

SMART, BRAND = "https://smartstore.naver.com", "https://brand.naver.com"
MAIN = f"{SMART}/main/products"
"""Where the API says products are when it does not know the store."""
MALLS = f"""
[plain]
platform = "naver"
permission = "own-store"
[named]
platform = "naver"
permission = "own-store"
store = "teststore"
[listed]
platform = "naver"
permission = "own-store"
urls = ["{BRAND}/big/products/31", "{SMART}/teststore/products/32?NaPm=x"]
[closed]
platform = "naver"
store = "teststore"
"""


@pytest.fixture
def spider(tmp_path):
    """Return a function that makes the spider of a mall, whose store knows products at some addresses."""
    if not is_reactor_installed():
        install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    (tmp_path / "malls.toml").write_text(MALLS, "utf-8")
    (tmp_path / "malls.env").write_text(f"SHOPSCRAPE_KEY={FERNET}\nSHOPSCRAPE_PRIVACY_KEY={KEY}\n", "utf-8")
    url, made = f"sqlite:///{tmp_path}/store.db", []

    def make(mall, *addresses, **given):
        told = [
            Product(platform="naver", mall=mall, collected_at=values.now(), product_id=address.rpartition("/")[2],
                    url=address if "://" in address else None)
            for address in addresses
        ]  # fmt: skip
        rows = [Row(one, place, identity(one), form(one), *fingerprint(one)) for place, one in enumerate(told)]
        store = open_store(url, FERNET)
        store.commit(rows, run="api", now=values.now())
        store.close()
        settings = dict(get_project_settings()) | {
            "SHOPSCRAPE_MALLS": str(tmp_path / "malls.toml"), "SHOPSCRAPE_STORE": url,
        }  # fmt: skip
        made.append(NaverWebSpider.from_crawler(get_crawler(NaverWebSpider, settings), mall=mall, **given))
        return made[-1]

    yield make
    for one in made:
        one.session.close()


def asked(spider):
    """Return the first request of each stream."""
    return [spider.ask_reviews(stream, Leg(stream.name, Window(), []), None) for stream in spider.streams()]


@pytest.mark.parametrize(
    "mall, told, address",
    (
        ("plain", f"{BRAND}/big/products/21", f"{BRAND}/big/products/21"),
        ("plain", f"{SMART}/small/products/22", f"{SMART}/small/products/22"),
        ("named", f"{BRAND}/big/products/21", f"{BRAND}/big/products/21"),
        ("named", f"{MAIN}/23", f"{SMART}/teststore/products/23"),
        ("named", "24", f"{SMART}/teststore/products/24"),
        ("named", "https://elsewhere.example/big/products/25", f"{SMART}/teststore/products/25"),
        ("named", f"http://{BRAND.partition('//')[2]}/big/products/26", f"{BRAND}/big/products/26"),
        ("named", f"{BRAND}.evil.example/big/products/27", f"{SMART}/teststore/products/27"),
    ),
)
def test_a_product_is_asked_for_where_it_is(spider, mall, told, address):
    made = spider(mall, told)
    assert list(made.starts()) == [address], "robots.txt of this host is asked first"
    (request,) = asked(made)
    assert (request.url, request.meta["playwright"], request.method) == (address, True, "GET")


@pytest.mark.parametrize("told", ("24", f"{MAIN}/23", "https://elsewhere.example/big/products/25"))
def test_where_nobody_tells_the_store_the_malls_file_must(spider, told):
    with pytest.raises(ConfigurationError, match='store = "…"'):
        asked(spider("plain", told))


def test_pages_of_both_hosts_may_be_named(spider):
    listed = spider("listed", f"{BRAND}/big/products/21")
    assert [request.url for request in asked(listed)] == [
        f"{BRAND}/big/products/31", f"{SMART}/teststore/products/32?NaPm=x",
    ]  # fmt: skip
    assert [stream.name for stream in listed.streams()] == ["reviews_of:31", "reviews_of:32"]


def test_an_argument_stands_above_the_list(spider):
    (request,) = asked(spider("listed", url=f"{BRAND}/big/products/40"))
    assert request.url == f"{BRAND}/big/products/40"


@pytest.mark.parametrize(
    "url", ("https://shopping.naver.com/big/products/40", f"{BRAND}.evil.example/big/products/40", "ftp://x/products/1")
)
def test_other_hosts_are_refused(spider, url):
    with pytest.raises(ConfigurationError, match=r"is not a host of mall|is no address"):
        asked(spider("listed", url=url))


def test_both_hosts_are_the_malls_own_and_nothing_else_of_naver_is(spider):
    made = spider("named", "24")
    assert {SMART.partition("//")[2], BRAND.partition("//")[2]} <= made.own_hosts()
    within = Reach(made.own_hosts(), tuple(made.pages().reaches))
    assert f"{SMART}/teststore/products/24" in within and f"{BRAND}/big/products/21" in within
    for address in ("https://ncpt.naver.com/v1/wcpt/x.js", "https://www.naver.com/", f"{BRAND}.evil.example/"):
        assert address not in within
