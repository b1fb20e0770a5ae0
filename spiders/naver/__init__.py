"""Naver SmartStore: what is known about it."""

from datetime import timedelta

from shopscrape.facts import Credential, FactSheet, Limit, Pages, StreamFact

DAY = timedelta(hours=24)
"""Longest window that orders and changes can be asked by."""
OVERLAP = timedelta(minutes=5)
"""Changes may show some seconds late; they are asked for again from five minutes before what is stored."""
PAGE = 300
"""Rows of a page of orders or changes, and product orders of one question, at most."""
FULL = 280
"""Product orders that a question carries for sure when there are enough: the lines of one order are not parted."""
CATALOGUE_PAGE = 500
"""Rows of a page of products, at most."""

BASE = "https://api.commerce.naver.com/external"
"""Address of the API. Integrators registered as an API agency put …/partner into the mall's base_url."""
TOKEN = "/v1/oauth2/token"
LINES = "/v1/pay-order/seller/product-orders"
CHANGES = f"{LINES}/last-changed-statuses"
QUERY = f"{LINES}/query"
SEARCH = "/v1/products/search"
DETAIL = "/v2/products/channel-products/{}"
CHANNELS = "/v1/seller/channels"
SIBLINGS = "/v1/pay-order/seller/orders/{}/product-order-ids"

PAGES = Pages(
    hosts=("smartstore.naver.com", "brand.naver.com", "m.smartstore.naver.com", "m.brand.naver.com"),
    # The log-in is reachable so that its wall is seen; the host of the security check is not.
    reaches=("*.pstatic.net", "nid.naver.com", "m.shopping.naver.com"),
    courtesy=0.2,
    pause=2.0,
    terms=(
        "robots.txt of smartstore.naver.com disallows everything, and Naver's terms (2025-07-10) forbid automated "
        "collection without prior permission."
    ),
)
"""Client observations of 2024 to 2026: 0.7 s between pages of reviews usually passes, 0.2 s is refused around page 16,
and about every 99 pages are refused for about 90 s at any pace."""
REVIEWS_OF = StreamFact(
    name="reviews_of",
    way="newest first",
    resources=("reviews",),
    total="hint",
    floor="one page for each product, and one of reviews, which the page itself asks for",
    least=2,
)
PAGE_OF = StreamFact(
    name="page_of", way="sweep", resources=("inventory",), floor="one page for each product, when reviews are not asked"
)
PAGES_UNVERIFIED = (
    "robots.txt of brand.naver.com was not read; it is taken to say the same as that of smartstore (__init__.py).",
    "Which hosts a product page's scripts need is not known as a whole; those seen are declared (__init__.py).",
    "The word of a one-month review is reported by one source; any with MONTH in it is taken for it "
    "(mapping_reviews.py).",
    "No public capture shows a seller's reply; the seller centre's name for it is looked for (mapping_reviews.py).",
    "Every attachment that is not I is taken for a film (mapping_reviews.py).",
    "What a list that is refused shows on its page is not known; the step is done again after waiting (web.py).",
    "The names of text options in a page's product are those of the Commerce API (mapping_storefront.py).",
)

FACTS = FactSheet(
    platform="naver",
    title="Naver SmartStore",
    hosts=("api.commerce.naver.com",),
    signed=(
        r"/v1/seller/channels",
        r"/v1/products/search",
        r"/v2/products/(channel|origin)-products/\d+",
        r"/v1/pay-order/seller/product-orders(/query|/last-changed-statuses)?",
        r"/v1/pay-order/seller/orders/[0-9A-Za-z_-]+/product-order-ids",
    ),
    optional=("account_id", "opened", "store"),
    pages=PAGES,
    channels=("smartstore", "other"),
    credentials=(
        Credential(name="CLIENT_ID", meaning="id of the application in the Commerce API centre, 22 characters"),
        Credential(
            name="CLIENT_SECRET",
            meaning="its secret, 29 characters that begin with $2a$ or $2b$: a bcrypt salt, taken literally",
        ),
    ),
    limits=(
        Limit(
            name="replenish rate",
            rate=2.0,
            scope="app × API",
            read_on="2026-10-12",
            source="Commerce API documentation (official) on the mechanism; the number is not published, clients saw "
            "2: the headers of each answer set it",
        ),
    ),
    courtesy=4.0,
    burst=2,
    streams=(
        StreamFact(
            name="products",
            way="sweep",
            resources=("products", "inventory"),
            total="hint",
            floor="none until the sweep is due (sweep_every, 7 days); then one for each 500 and one for each product",
            rows_a_request=CATALOGUE_PAGE,
        ),
        StreamFact(
            name="products_list",
            way="sweep",
            resources=("products", "inventory"),
            total="hint",
            floor="one request for each 500 products",
            rows_a_request=CATALOGUE_PAGE,
            least=0,
        ),
        StreamFact(
            name="product_details",
            way="sweep",
            resources=("products", "inventory"),
            floor="one for each product with options or supplements when stock is asked for (asked by the two above)",
            rows_a_request=1,
            least=0,
        ),
        StreamFact(
            name="orders_changed",
            way="windowed",
            resources=("orders", "returns"),
            longest=DAY - OVERLAP,
            overlap=OVERLAP,
            floor="1 request for each day since the last run, and one for each 300 lines that changed",
            rows_a_request=FULL,
        ),
        StreamFact(
            name="orders_open",
            way="sweep",
            resources=("orders", "returns"),
            floor="one request for each 300 lines of open orders: a delivery makes no row in the feed",
            rows_a_request=FULL,
            least=0,
        ),
        StreamFact(
            name="orders_by_order_date",
            way="windowed",
            resources=("orders", "returns"),
            longest=DAY,
            floor="none after the first run",
        ),
        StreamFact(
            name="claims_by_request_date",
            way="windowed",
            resources=("orders", "returns"),
            longest=DAY,
            floor="none after the first run",
        ),
        REVIEWS_OF,
        PAGE_OF,
    ),
    floor=(
        "products and stock: one request for each 500 products, one for each product with options or supplements; "
        "orders and returns: one a day since the last run, one for each 300 lines that changed or are open; each run: "
        "the channels, and a token when the last has less than 30 minutes left"
    ),
    least=2,
    unverified=(
        *PAGES_UNVERIFIED,
        "Numbers of the rate limit depend on API and seller and are not published: 2 a second until a header tells "
        "(__init__.py); how long a quota's ROUND lasts is unknown, a minute is waited (judging.py).",
        "How far back the feed of changes reaches is unknown; a mark older than it would miss changes of closed orders "
        "(api.py).",
        "Whether products/search has a depth cap and what its total counts is unknown; a total is a hint (api.py).",
        "Whether one change moves a product's modifiedDate when only its stock changes is unknown; parts of a product "
        "are read in every run that asks for stock (api.py).",
        "How refunds are rounded between several claims of one line, and which of them took points, is not told: "
        "refund_amount is derived (mapping_claims.py).",
        "That a finished claim without a number is the current one of its kind, unless what both tell differs, is "
        "inferred (mapping_claims.py).",
        "Who refused a return or an exchange (seller or buyer) is not told by its state; cancels are withdrawn, "
        "returns and exchanges rejected (codes.py).",
        "Words of productClass, requestChannel and of the fee's pay method are Korean texts without a published list "
        "(codes.py, mapping_claims.py).",
        "That deliveryFeeAmount holds the extra for remote areas, that a bundle's fee falls away when nothing of it is "
        "left, and that orderDiscountAmount is not part of the lines' discounts, is assumed (mapping_orders.py).",
        "That a percentage discount is rounded down to whole won is assumed; the list's price is preferred "
        "(mapping_products.py).",
        "The address of a product of a Window channel is assumed to be the channel's address and /products/ "
        "(mapping_products.py).",
    ),
    sources=(
        "Commerce API documentation 2.73.0 to 2.89.0 (apicenter.commerce.naver.com/docs), official",
        "commerce-api-naver/commerce-api and api-agency: README, OpenAPI of 2022 and answers of the support, official",
        "Public client code and field notes of 2022 to 2026 for what is not documented",
    ),
)
