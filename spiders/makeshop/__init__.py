"""MakeShop (Korea): what is known about it. The Japanese product of that name is another platform, makeshop_jp."""

from datetime import timedelta

from shopscrape.facts import Credential, FactSheet, Limit, Pages, StreamFact

BACKENDS = ("connect", "openapi")
"""The Shop API on its own host, and the older Open API on the domain of every mall."""

MONTH = timedelta(days=29)
"""Windows of orders, boards, reviews and deletions are refused above 30 days; a day is left for the overlap."""
OVERLAP = timedelta(minutes=10)
DAY = timedelta(hours=23)
"""The order log takes a day at most, overlap included."""

DATE_TYPES = ("order_date", "paid", "cancel_requested", "canceled", "return_accepted", "returned", "tradeend")
"""`searchDateType`: there is no "changed since", so one window for each date that a change moves."""
REFUND_DATES = ("refund_req_date", "refund_end_date")

TOKENS_A_MINUTE = 5
READS_AN_HOUR = 500

PRODUCT_ROWS = 500
"""Rows of a page of whole products: 1,000 are allowed, but with descriptions they take long."""
STOCK_ROWS = 1000
ORDER_ROWS = 500
"""More than 1,000 "may not work" although 5,000 are documented."""
IDS = 100
"""Orders asked for by number at once: 200 are allowed, but their address would be too long for many servers."""

POWER_BOARD = "power_review"
"""Stands for the board of power reviews in their numbers where the mall names none: pages tell it at times only."""

_ORDER_FLOOR = "1 request"

FACTS = FactSheet(
    platform="makeshop",
    title="MakeShop",
    hosts=("connect.makeshop.co.kr",),
    signed=(r"/api/v1/[A-Za-z0-9_-]+/[a-z0-9_/]+", r"/list/open_api\.html"),
    optional=("shop_uid", "boards", "power_board", "operators", "line_status", "opened"),
    channels=("own", "app", "naver_pay", "kakao", "pos", "other"),
    credentials=(
        Credential(name="CLIENT_ID", meaning="client id of the app (backend connect)", required=False),
        Credential(name="CLIENT_SECRET", meaning="its secret (backend connect)", required=False),
        Credential(name="SHOPKEY", meaning="Shopkey of the mall's admin (backend openapi)", required=False),
        Credential(name="LICENSEKEY", meaning="Licensekey of the partner site (backend openapi)", required=False),
    ),
    limits=(
        Limit(
            name="5 tokens a minute",
            rate=TOKENS_A_MINUTE / 60,
            burst=TOKENS_A_MINUTE,
            scope="mall",
            paths=r"/oauth/token",
            read_on="2026-07-20",
            source="client code; for each shop and address, counted across runs too (auth.py)",
        ),
        Limit(
            name="500 reads an hour (openapi)",
            rate=READS_AN_HOUR / 3600,
            burst=READS_AN_HOUR,
            scope="mall",
            paths=r"/list/open_api\.html",
            read_on="2026-07-20",
            source="Open API guide (vendor) and client code; for each shop over all types, by the clock hour (auth.py)",
        ),
    ),
    pages=Pages(courtesy=1.0),
    courtesy=1.0,
    burst=1,
    streams=(
        StreamFact(
            name="products",
            way="sweep",
            resources=("products", "inventory"),
            total="exact",
            floor="none until the sweep is due (sweep_every, 7 days); then one request for each 500 products",
            least=0,
            rows_a_request=PRODUCT_ROWS,
        ),
        StreamFact(
            name="products_updated",
            way="windowed",
            resources=("products",),
            longest=MONTH,
            overlap=OVERLAP,
            total="exact",
            floor="3 requests: modified, registered, deleted",
            least=3,
        ),
        StreamFact(
            name="inventory",
            way="sweep",
            resources=("products", "inventory"),
            total="exact",
            floor="one request for each 1,000 products",
            least=0,
            rows_a_request=STOCK_ROWS,
        ),
        *(
            StreamFact(
                name=f"orders_by_{date_type}",
                way="windowed",
                resources=("orders", "returns"),
                longest=MONTH,
                overlap=OVERLAP,
                total="exact",
                floor=_ORDER_FLOOR,
                each=("parcels",),
            )
            for date_type in DATE_TYPES
        ),
        StreamFact(
            name="orders_logged",
            way="windowed",
            resources=("orders", "returns"),
            longest=DAY,
            overlap=OVERLAP,
            total="exact",
            floor="1 request a day since the last run (backend connect)",
            each=("parcels",),
        ),
        StreamFact(
            name="orders_open",
            way="sweep",
            resources=("orders", "returns"),
            floor="one request for each 100 orders that are not in a final state, one for each return or exchange",
            least=0,
            rows_a_request=IDS,
            each=("parcels",),
        ),
        *(
            StreamFact(
                name=f"refunds_by_{kind}",
                way="windowed",
                resources=("returns",),
                longest=MONTH,
                overlap=OVERLAP,
                floor="1 request (backend connect)",
            )
            for kind in REFUND_DATES
        ),
        StreamFact(
            name="reviews_recent",
            way="sweep",
            resources=("reviews",),
            longest=MONTH,
            unit="day",
            total="exact",
            floor="the last 29 days: 1 request for the rating comments, 2 for each review board, more by 500 reviews",
            least=3,
            rows_a_request=500,
        ),
        StreamFact(
            name="reviews",
            way="sweep",
            resources=("reviews",),
            total="exact",
            floor="none until the sweep is due (sweep_every, 7 days)",
        ),
        StreamFact(
            name="product_pages",
            way="sweep",
            resources=("products", "inventory", "reviews"),
            floor="the first page, the sitemap, each page of a list, and one page for each product",
            least=0,
            each=("", "sitemap", "list", "pieces"),
        ),
        StreamFact(
            name="power_of",
            way="newest first",
            resources=("reviews",),
            total="hint",
            floor="1 call for each product with power reviews, and one for each new review with comments",
        ),
        StreamFact(
            name="board_pages",
            way="newest first",
            resources=("reviews",),
            floor="1 page for each board, and one for each new post",
        ),
        StreamFact(name="post_pages", way="sweep", resources=("reviews",), floor="one page for each post named"),
    ),
    floor=(
        "1 request for what the shop is, 1 for its categories, 1 for its boards, a token each 4 minutes; 3 for changed "
        "products, the stock by thousands, 7 order windows, 2 refund windows, the order log by days, the open orders "
        "by hundreds, the reviews of 29 days; and 1 for each order that is read and has goods on their way back"
    ),
    least=4,
    unverified=(
        "The code tables of order, line, issue, refund, delivery kind and pay method are not known: a line's word is "
        "derived from its dates (mapping_lines.py), the meaning of issue codes is inferred (codes.py).",
        "Whether sell_price is of a unit or of a line is decided for each order by its sums (mapping_lines.py).",
        "Refunds count as paid back when their claim is finished (mapping_claims.py).",
        "Whether total_product_price is before or after reductions of lines is decided by the lines' prices "
        "(mapping_orders.py).",
        "Stock of shops with power options has no known structure: only a product's total is told "
        "(mapping_products.py).",
        "cut_position of a discount is taken as digits cut (mapping_details.py); sto_stop_stock as the level at which "
        "a sale stops (mapping_products.py).",
        "The shape of virtual_cate is guessed as nine digits or an object of levels (mapping_details.py).",
        "Orders of version 1.0 are taken to have no parameters but window, limit and page (orders.py), reductions in "
        "dc_price only, and money for cards in card_state (mapping_orders_v1.py).",
        "Whether naming fields hides others is unknown: orders are asked for with a complete list (orders.py).",
        "HTTP error bodies, the limit of data calls and the text key of in-band errors are not published (judging.py).",
        "The legacy Open API is taken to have the same parameters and records; its order log, order search and shop "
        "information are not asked (asking.py).",
        "Board posts with num2 other than 00000 are taken for answers; comments by staff names for the seller's "
        "(mapping_reviews.py).",
        "order_trade_log and order_delivery are not asked: their parameters are not known and order/2 tells the same.",
        "GET stock is not asked: it tells totals only, while product tells every variant for 1,000 products at once.",
        "Pages: an alert that leads back is a product or post that is gone; the total of a product's power reviews is "
        "taken to count what their list shows, and sort=date to begin with the newest (walls.py, web.py).",
        "Pages: a list without any product is taken for one that a script fills, and its script is asked (web.py).",
        "Pages: a line of a board that bears the word for a notice instead of its number is one (page_reviews.py).",
        "Pages: the paging of rating comments is not known, those that stand on a product's page are read (web.py).",
    ),
    sources=(
        "Shop API reference (developer.makeshop.co.kr/docs/api), official, as machine-readable extracts",
        "Vendor pages on keys and licences (openapi.makeshop.co.kr/guide, partner.makeshop.co.kr), official",
        "Public client code that talks to live malls: tokens, envelopes, limits, status values",
        "Public scrapers of several malls, captured pages and the platform's script power_review.js, for pages",
    ),
)
