"""WISA: what is known about it.

There is no public documentation. The two APIs are known from the interface of the mall engine, version 2.91.x, and from
programs that read live malls; a mall of another version may differ.
"""

from datetime import timedelta

from shopscrape.facts import Credential, FactSheet, Pages, StreamFact

EXEC = "/main/exec.php"
"""Every call goes here; what it does stands in the query."""
OPENAPI = "api/openapi.exe.php"
ERP = "api/erp.exe.php"
REST_HOST = "api.wisa.co.kr"
REST_PATH = "/v1/products"
FEED_PATH = "/_data/compare/naver/all_prd.php"

PAGE = 100
"""Rows asked at once; the engine itself knows no cap."""
DAY = timedelta(days=1)
MONTH = timedelta(days=31)
OVERLAP = timedelta(minutes=10)
ROLLING = timedelta(days=45)
"""How far back orders are looked at again: nothing tells which ones changed (unverified: that this is enough)."""
OPEN_FOR = timedelta(days=180)
"""Orders that are still under way are read again up to this age."""
REVIEWS_ROLLING = timedelta(days=30)
"""How far back reviews are looked at again: edits and answers leave no date."""
REGISTERED = timedelta(days=90)
"""Windows in which the ERP API is asked for the whole catalogue; it has no paging."""
FEED_EVERY = timedelta(hours=6)
"""The price feed is made live and is heavy."""

RIGHTS = {
    "products": "product_list", "inventory": "product_list", "orders": "order_list", "returns": "order_list",
    "reviews": "review_list",
}  # fmt: skip
"""Right that the admin account must have, by resource."""

FACTS = FactSheet(
    platform="wisa",
    title="WISA",
    hosts=("{domain}",),
    signed=(r"/main/exec\.php", r"/v1/products"),
    native=("domain",),
    optional=("browser", "ep_feed", "operators", "rest_beta"),
    channels=("own", "naver_pay", "smartstore", "kakao", "other"),
    credentials=(
        Credential(name="ADMIN_ID", meaning="id of a sub-admin with read rights, for the Openapi", required=False),
        Credential(name="ADMIN_PASSWORD", meaning="its password", required=False),
        Credential(name="ERP_KEY", meaning="32-character key of the ERP API (getProduct and others)", required=False),
        Credential(name="REST_KEY", meaning="key of the central REST API, which is unverified and off", required=False),
    ),
    courtesy=1.0,
    burst=1,
    pages=Pages(
        hosts=("{domain}",), reaches=("*.mywisa.com", "*.wisacdn.com"), courtesy=0.33, pause=3.0,
        cool_down=timedelta(hours=6),
    ),
    streams=(
        StreamFact(
            name="products", way="sweep", resources=("products", "inventory"), total="exact", rows_a_request=PAGE,
            floor="none until the sweep is due (sweep_every): 1 for each 100 products, and 2 or 3 for each product",
        ),
        StreamFact(
            name="products_changed", way="sweep", resources=("products", "inventory"), total="exact", least=1,
            rows_a_request=PAGE,
            floor="1 for each 100 products; with the ERP key 1 for each day since the last run; for stock 1 for each "
            "product (with both APIs each counted one, and 1 for each 100 others; by the ERP key alone 1 for each 100)",
        ),
        StreamFact(
            name="orders", way="windowed", resources=("orders", "returns"), longest=MONTH, unit="day", overlap=ROLLING,
            total="exact", rows_a_request=PAGE,
            floor="1 for each 100 orders of the last 45 days, 1 for each older one that is still under way",
        ),
        StreamFact(
            name="claims", way="windowed", resources=("orders", "returns"), longest=DAY, overlap=OVERLAP,
            least=1, floor="1 request (needs the ERP key)",
        ),
        *(
            StreamFact(
                name=name, way="windowed", resources=("orders", "returns"), longest=MONTH, overlap=ROLLING,
                floor="46: 1 for each day of the last 45, joined while they are empty (without an admin account only)",
                least=46,
            )
            for name in ("orders_paid", "orders_preparing", "orders_completed")
        ),
        StreamFact(
            name="reviews", way="windowed", resources=("reviews",), longest=timedelta(days=92), unit="day",
            overlap=REVIEWS_ROLLING, total="exact", least=1, rows_a_request=PAGE,
            floor="1 for each 100 reviews of the last 30 days, 1 for the comments of each, 1 to look after the session",
        ),
        StreamFact(
            name="reviews_sweep", way="sweep", resources=("reviews",), total="exact", least=1, rows_a_request=PAGE,
            floor="none until the sweep is due (sweep_every)",
        ),
        StreamFact(
            name="product_pages", way="sweep", resources=("products", "inventory"), rows_a_request=1,
            floor="none until the sweep is due (sweep_every): the lists, 1 for each product, 1 for each value of its "
            "choices but the last",
        ),
        StreamFact(
            name="product_lists", way="sweep", resources=("products", "inventory"), least=0, rows_a_request=1,
            each=("", "piece", "sitemap", "feed"),
            floor="the first page, the sitemap, 1 for each category and for each page of new products; 1 for each "
            "product that changed",
        ),
        StreamFact(
            name="named_pages", way="sweep", resources=("products", "inventory"), rows_a_request=1,
            floor="1 for each page that is named, and what those lead to",
        ),
        StreamFact(
            name="review_board", way="newest first", resources=("reviews",), total="hint",
            floor="1 page of the list, and 1 for each new review",
        ),
        StreamFact(
            name="reviews_of", way="newest first", resources=("reviews",), total="hint",
            floor="1 for each product, and 1 for each new review (where the mall has no list of all)",
        ),
    ),
    floor=(
        "a log-in and the list of rights; the list of products, one request for the stock of each; "
        "orders and reviews of the last weeks by hundreds, and the comments of each such review"
    ),
    least=2,
    unverified=(
        "Whether current hosted malls still run this version of both APIs is unknown (__init__.py).",
        "The life of a session is unknown; a dead one is recognised by what it answers (auth.py, judging.py).",
        "The shape of the list of rights is unknown; what it does not name is taken as granted (api.py).",
        "Times are printed without a zone; the mall's own is taken, Asia/Seoul (shapes.py).",
        "45 days of orders and 30 days of reviews are looked at again; older changes come with a claim feed or not at "
        "all (__init__.py).",
        "Values in a combination's name are joined by ' / ' (mapping_products.py).",
        "ERP stock does not tell how it sells out; it is read as counted (mapping_erp.py).",
        "A claim has no amount of its own: what is paid back is the line after its discount; its times come from the "
        "order's log, which does not tell the line (mapping_orders.py). All returns are marked derived.",
        "When an order was paid is the first change to 입금완료 in its log (mapping_orders.py).",
        "An order's own discounts count as long as no line is taken out (mapping_orders.py).",
        "A comment without a member is the shop's (mapping_reviews.py).",
        "Markup of opened reviews, of block pages, log-in walls and missing products is assumed (page_reviews.py, "
        "judging.py).",
        "The bare text permission_denied is read as a lost session, the object as a missing right (judging.py).",
        "How often a server in front of the mall lets one ask is unknown; 1 request a second is asked (__init__.py).",
        "The central REST API was found in one document only; it is off unless rest_beta says so (rest.py).",
        "How often pages may be asked for is unknown; 1 in three seconds is asked (__init__.py).",
        "Lists of reviews stand newest first, and their numbers count down to 1 (page_reviews.py, review_pages.py).",
        "The page of one review holds its text as the call for it does (review_pages.py).",
        "That a list ends where a page brings nothing new is inferred (product_pages.py).",
    ),
    sources=(
        "Interface of the mall engine's Openapi and ERP API, version 2.91.x, gathered from public code, not the vendor",
        "Public programs that read live malls: list and option markup, hash rule, robots, coupon price in JSON-LD",
        "Pages of live malls saved in public projects, 2018 to 2026",
    ),
)  # fmt: skip
