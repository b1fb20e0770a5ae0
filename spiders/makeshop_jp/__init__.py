"""GMO MakeShop (Japan): what is known about it. It shares nothing but the name with the Korean MakeShop."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from shopscrape.facts import Credential, FactSheet, StreamFact

WEEK = timedelta(days=7)
"""The longest window of orders is not known; a week was used by working clients."""
OVERLAP = timedelta(days=1)
"""A client lost orders at the ends of its windows."""
LOOK_BACK = timedelta(days=60)
"""How far back orders are read again: nothing tells which of them changed."""
ROWS = 200
"""The server gives no more a page, whatever is asked for."""

FACTS = FactSheet(
    platform="makeshop_jp",
    title="GMO MakeShop (Japan)",
    hosts=("app-api.makeshop.jp",),
    signed=(r"/v1/graphql",),
    zone=ZoneInfo("Asia/Tokyo"),
    currency="JPY",
    optional=("opened", "review_query", "review_fields"),
    credentials=(
        Credential(name="TOKEN", meaning="permanent token of the shop's installation, begins with PAT."),
        Credential(name="API_KEY", meaning="key of the app, sent as x-api-key"),
    ),
    courtesy=1.0,
    burst=1,
    streams=(
        StreamFact(
            name="products",
            way="sweep",
            resources=("products", "inventory"),
            cap=None,
            total="exact",
            floor="one request for each 200 products, and again as many when stock is asked for",
            least=0,
            rows_a_request=ROWS,
        ),
        StreamFact(
            name="orders_by_order_date",
            way="windowed",
            resources=("orders", "returns"),
            longest=WEEK,
            overlap=OVERLAP,
            total="exact",
            floor="1 request a week since the last run",
        ),
        StreamFact(
            name="orders_by_payment_date",
            way="windowed",
            resources=("orders", "returns"),
            longest=WEEK,
            overlap=OVERLAP,
            total="exact",
            floor="1 request a week since the last run",
        ),
        StreamFact(
            name="orders_again",
            way="sweep",
            resources=("orders", "returns"),
            total="exact",
            floor="1 request for each of the last 9 weeks, none on a first run",
            least=9,
        ),
        StreamFact(
            name="reviews",
            way="sweep",
            resources=("reviews",),
            total="exact",
            floor="one request for each 200 reviews",
            least=0,
            rows_a_request=ROWS,
        ),
    ),
    floor=(
        "1 request for the shop, 1 for its categories, the catalogue by two hundreds (and its stock again), 2 order "
        "windows, the orders of the last 9 weeks again, the reviews by two hundreds"
    ),
    least=2,
    unverified=(
        "Reviews: the query searchReview exists by name, its fields are a guess; query and field names can be given in "
        "the mall's table (mapping_reviews.py, queries.py).",
        "Stock of variations: the query searchProductQuantity exists by name, its fields are a guess; the stock of "
        "products without variations comes from searchProduct (mapping_products.py).",
        "Bodies of 401, 429 and 500 and every limit are unknown; one call a second, one after the other (judging.py).",
        "Texts of errors that come without a code are guessed after the usual codes (judging.py).",
        "There is no filter for what changed: the catalogue is read whole and orders of 60 days again (api.py).",
        "Cancellations and returns are derived from the state of a shipment and of the payment (mapping_orders.py).",
        "isSellStart and isSellEnd are taken for switches of the two dates beside them (mapping_products.py).",
        "A line has no number: shipment, product and variation name it (mapping_orders.py).",
        "Discounts and points of an order are not told; reductions are what is missing to its sum (mapping_orders.py).",
    ),
    sources=(
        "Shop Admin GraphQL API reference (developers.makeshop.jp/api/graphql), official, for operation names",
        "GMO MakeShop API overview (apidoc.makeshop.jp/about), official, for pace of the older API",
        "Public client code that talks to live shops: host, headers, fields, the 200 row cap, error behaviour",
    ),
)
