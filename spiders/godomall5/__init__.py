"""Godomall5: what is known about it.

The openhub's specification (version 1.0 of 2025-06-16) is known in part and from integrators; only the page of
Order_Search was read as the vendor wrote it. The newer Server API is known from one client.
"""

from datetime import timedelta

from shopscrape.facts import Credential, FactSheet, Limit, Pages, StreamFact

OPENHUB = "/godomall5"
GOODS = f"{OPENHUB}/goods/Goods_Search.php"
ADD_ONS = f"{OPENHUB}/goods/Goods_Add_Search.php"
CATEGORIES = f"{OPENHUB}/goods/Category_Search.php"
BRANDS = f"{OPENHUB}/goods/Brand_Search.php"
ORDERS = f"{OPENHUB}/order/Order_Search.php"
BOARDS = f"{OPENHUB}/board/Board_Inventory.php"
POSTS = f"{OPENHUB}/board/Board_List.php"
CODES = f"{OPENHUB}/common/Code_Search.php"
SERVER_HOST = "server-api.godomall.com"
ARTICLES = "/boards/{board}/articles"

PAGE = 100
"""Rows asked at once; 100 is safe for every call, 300 were seen for orders."""
SERVER_PAGE = 1000
"""Articles asked at once; the Server API gives up to 10,000."""
DAY = timedelta(days=1)
ORDER_WINDOW = timedelta(days=27)
"""Asked in whole days and with a day of overlap: 29 days, the first and last included. More than 30 is refused, and
whether the difference or the number of days is meant is not told; beyond 29 the cursor was seen to skip orders."""
GOODS_WINDOW = timedelta(days=365)
"""No limit was seen; 600 days are asked in production."""
POST_WINDOW = timedelta(days=365)

FACTS = FactSheet(
    platform="godomall5",
    title="Godomall5",
    hosts=("openhub.godo.co.kr", SERVER_HOST),
    signed=(
        r"/godomall5/goods/(?:Goods|Goods_Add|Category|Brand)_Search\.php",
        r"/godomall5/order/Order_Search\.php",
        r"/godomall5/board/Board_(?:Inventory|List)\.php",
        r"/godomall5/common/Code_Search\.php",
        r"/boards/[a-z0-9_]+/articles",
    ),
    optional=("domain", "boards", "add_on_goods"),
    channels=("own", "payco", "naver_pay", "other"),
    credentials=(
        Credential(name="PARTNER_KEY", meaning="partner key (제휴사키): who develops; one for all malls of an app"),
        Credential(name="KEY", meaning="user key (사용자키) of this mall for that partner"),
        Credential(name="SYSTEM_KEY", meaning='system key of an app, for backend = "server" only', required=False),
        Credential(
            name="ACCESS_TOKEN", meaning='its token for this mall, for backend = "server" only', required=False
        ),
    ),
    limits=(
        Limit(
            name="100 calls a second",
            rate=100.0,
            burst=100,
            scope="mall",
            read_on="2026-07-20",
            source="openhub specification for 429 and its header; the number is restated by two integrators, not "
            "measured, and one bucket for each mall's key is assumed",
        ),
    ),
    # The platform's own robots.txt refuses everything; where a mall opened its pages, robots.txt alone decides.
    pages=Pages(hosts=("{domain}",), courtesy=0.5),
    courtesy=5.0,
    burst=2,
    streams=(
        StreamFact(
            name="products", way="sweep", resources=("products", "inventory"), total="exact", rows_a_request=PAGE,
            each=("below",),
            floor="1 for each 100 products when stock is asked for, the first page once more, and 1 for each category "
            "that has others below it",
        ),
        StreamFact(
            name="products_updated", way="windowed", resources=("products",), longest=GOODS_WINDOW, unit="day",
            overlap=DAY, least=2, rows_a_request=PAGE,
            floor="2 requests: by the day of registration and of change (when stock is not asked for)",
        ),
        StreamFact(
            name="products_add_on", way="sweep", resources=("products",), total="exact", rows_a_request=PAGE,
            floor="1 for each 100 add-on articles, when add_on_goods is set",
        ),
        StreamFact(
            name="orders_by_order", way="windowed", resources=("orders", "returns"), longest=ORDER_WINDOW, unit="day",
            overlap=DAY, floor="1 request",
        ),
        StreamFact(
            name="orders_by_modify", way="windowed", resources=("orders", "returns"), longest=ORDER_WINDOW, unit="day",
            overlap=DAY, floor="1 request",
        ),
        StreamFact(
            name="reviews", way="windowed", resources=("reviews",), longest=POST_WINDOW, unit="day", overlap=DAY,
            least=2, floor="2 requests for each board: by the day of writing and of change",
        ),
        StreamFact(
            name="reviews_sweep", way="sweep", resources=("reviews",), total="exact", least=2, rows_a_request=PAGE,
            floor="none until the sweep is due (sweep_every)",
        ),
        StreamFact(
            name="reviews_server", way="windowed", resources=("reviews",), longest=POST_WINDOW, total="hint",
            floor="1 request (backend = \"server\")",
        ),
        StreamFact(
            name="reviews_server_sweep", way="sweep", resources=("reviews",), total="hint", rows_a_request=SERVER_PAGE,
            floor="none until the sweep is due (sweep_every)",
        ),
        StreamFact(
            name="product_pages", way="sweep", resources=("products", "inventory"), least=0, each=("", "step"),
            floor="one page for each product and each page of a list, and a question for each step of options of "
            "several axes",
        ),
        StreamFact(
            name="reviews_of", way="newest first", resources=("reviews",),
            floor="1 page for each product that counts reviews, and one for each new review and each answer to it "
            "(pages)",
        ),
        StreamFact(
            name="plus_of", way="newest first", resources=("reviews",),
            floor="1 page for each product with Plus Review that counts reviews (pages)",
        ),
    ),
    floor=(
        "the mall's codes of claims and couriers, its brands, top categories and boards (5 requests); the whole "
        "catalogue by hundreds for its stock; 2 order windows; 2 requests for each review board"
    ),
    least=5,
    unverified=(
        "The figure of 100 calls a second, and whether keys share it, is restated and not measured (__init__.py).",
        "Page size 100 is taken as allowed by every call; larger sizes are not asked (__init__.py).",
        "What true and false of lastOrder mean is told in two opposite ways; the walk is right with both (sales.py).",
        "A comment or answer that says isSecretReply = y is taken for secret, as isSecret is (mapping_reviews.py).",
        "Whether a search by day of change also gives orders that were never changed is unknown; the day of order is "
        "searched too (sales.py).",
        "Whether a sale moves a product's day of change is unknown; stock is read from the whole catalogue each run "
        "(goods.py).",
        "Whether c4 means asked for or done depends on the mall; it is done when the line has a cancelDt "
        "(mapping_lines.py).",
        "A step that a mall added to its returns, exchanges or refunds is taken for the first of that family "
        "(codes.py).",
        "Whether settlePrice and the totals change after a refund is unknown; they are taken as told, and an order "
        "without a time of payment has paid nothing (mapping_orders.py).",
        "refundPrice is taken for all the money paid back, delivery included; refundCharge and ehAddDeliveryPrice for "
        "what the buyer is charged (mapping_claims.py).",
        "What reasons mean is read from their texts, which each mall edits (codes.py).",
        "Numbers of add-on articles and gifts are taken as series of their own and bear a prefix (mapping_lines.py).",
        "Where the currency of an overseas mall stands in its policy is unknown; the first ISO code is taken "
        "(mapping_orders.py).",
        "Product, rating, member, order and time of change of a board's post are not documented; they are read where "
        "they come (mapping_reviews.py).",
        "Who wrote a comment below a review is not told; one without a member is the seller's (mapping_reviews.py).",
        "Whether a new comment moves a post's day of change is unknown; a sweep finds it (reviews.py).",
        "The row element of Goods_Add_Search is assumed (mapping.py).",
        "The whole Server API is known from one client; it tells no secret posts and no answers (server.py).",
        "How a product page shows that the mall has Plus Review is unknown; its name anywhere in scripts, ids or "
        "classes is taken for it (pages.py).",
        "How Plus Reviews are sorted is unknown; not sorted by number, they are read to the end each time "
        "(review_pages.py).",
        "What mileageFl means when options are asked for is unknown; it is sent empty (storefront.py).",
    ),
    sources=(
        "Openhub developer centre, Order_Search (devcenter.godo.co.kr, export of 2026-06-26), official",
        "Openhub specification v1.0 of 2025-06-16, in extracts and restatements by integrators",
        "Public programs that call the live openhub and the Server API",
        "Platform source of Godomall5, about 2019-2020, and its default skins",
        "Vendor's guides on webhooks and the SDK, release notes of 2026",
    ),
)  # fmt: skip
