"""Cafe24: what is known about it."""

from datetime import UTC, datetime, timedelta

from shopscrape.facts import Credential, FactSheet, Limit, Pages, StreamFact

DATE_TYPES = (
    "order_date", "pay_date", "shipbegin_date", "shipend_date", "purchaseconfirmation_date",
    "cancel_request_date", "cancel_accept_date", "cancel_complete_date",
    "return_request_date", "return_accept_date", "return_complete_date",
    "exchange_request_date", "exchange_accept_date", "exchange_complete_date",
)  # fmt: skip
"""There is no "changed since": one window per date that a change moves."""

MONTH = timedelta(days=31)
"""Windows of three months and more are refused; 31 days avoid every reading of "three months"."""
OVERLAP = timedelta(minutes=10)

SCOPES = {
    "products": ("mall.read_product", "mall.read_category", "mall.read_store"),
    "inventory": ("mall.read_product", "mall.read_store"),
    "orders": ("mall.read_order", "mall.read_store"),
    "returns": ("mall.read_order", "mall.read_store"),
    "reviews": ("mall.read_community", "mall.read_store"),
}
"""Scopes that a token must have, by resource."""

API_VERSION = "2026-03-01"
"""Newest version known on 2026-07; a version dies at most a year after the next one appears."""

API_VERSION_OLD = datetime(2027, 3, 1, tzinfo=UTC)
"""From here on every run says that the version must be looked after."""

FACTS = FactSheet(
    platform="cafe24",
    title="Cafe24",
    hosts=("{mall_id}.cafe24api.com",),
    signed=(r"/api/v2/admin/[a-z0-9/_-]+",),
    native=("mall_id",),
    optional=("boards", "shops", "operators"),
    channels=(
        "own",
        "app",
        "naver_pay",
        "smartstore",
        "kakao",
        "coupang",
        "gmarket",
        "auction",
        "elevenst",
        "payco",
        "pos",
        "other",
    ),
    credentials=(
        Credential(name="CLIENT_ID", meaning="client id of the app in the developer centre"),
        Credential(name="CLIENT_SECRET", meaning="its secret"),
        Credential(
            name="REFRESH_TOKEN",
            meaning="refresh token of the mall operator's consent; needed once, then the store keeps the rotating pair",
            required=False,
        ),
    ),
    limits=(
        Limit(
            name="bucket of 40, leaking 2 a second",
            rate=2.0,
            burst=40,
            scope="mall",
            read_on="2026-07-20",
            source="Admin API reference (official); one bucket per mall and app is the safe reading (unverified)",
        ),
    ),
    pages=Pages(hosts=("{mall_id}.cafe24.com",), courtesy=0.5),
    courtesy=2.0,
    # Ten or more calls in one second from one address to one mall may count as abnormal (official).
    burst=5,
    streams=(
        StreamFact(
            name="products",
            way="sweep",
            resources=("products", "inventory"),
            total="exact",
            floor="one request for each 100 products when stock is asked for, and one count",
            rows_a_request=100,
        ),
        StreamFact(
            name="products_updated",
            way="windowed",
            resources=("products",),
            longest=MONTH,
            overlap=OVERLAP,
            cap=5100,
            total="exact",
            floor="1 request",
        ),
        *(
            StreamFact(
                name=f"orders_by_{date_type}",
                way="windowed",
                resources=("orders", "returns"),
                longest=MONTH,
                overlap=OVERLAP,
                cap=16000,
                total="exact",
                floor="1 request",
            )
            for date_type in DATE_TYPES
        ),
        StreamFact(
            name="orders_open",
            way="sweep",
            resources=("orders", "returns"),
            floor="one request for each 100 orders that are not in a final state",
            least=0,
            rows_a_request=100,
        ),
        StreamFact(
            name="refunds_by_accepted_refund_date",
            way="windowed",
            resources=("returns",),
            longest=MONTH,
            overlap=OVERLAP,
            cap=15500,
            floor="1 request",
        ),
        StreamFact(
            name="refunds_by_refund_date",
            way="windowed",
            resources=("returns",),
            longest=MONTH,
            overlap=OVERLAP,
            cap=15500,
            floor="1 request",
        ),
        StreamFact(
            name="reviews_of_board",
            way="windowed",
            resources=("reviews",),
            longest=timedelta(days=90),
            unit="day",
            cap=8100,
            floor="1 request for articles and 1 for comments, each board",
            least=2,
        ),
        StreamFact(
            name="reviews_sweep_of_board",
            way="sweep",
            resources=("reviews",),
            cap=8100,
            floor="none until the sweep is due (sweep_every, 7 days)",
            least=2,
            rows_a_request=100,
        ),
        StreamFact(
            name="product_pages",
            way="sweep",
            resources=("products", "inventory"),
            floor="one page for each product and each page of a category list",
            least=0,
            each=("",),
        ),
        StreamFact(
            name="board_pages",
            way="newest first",
            resources=("reviews",),
            floor="1 page, each board, and one for each new review",
        ),
        StreamFact(name="article_pages", way="sweep", resources=("reviews",), floor="one page for each review named"),
    ),
    floor=(
        "each shop: 14 order windows, 2 refund windows, 1 product window, 2 a review board, the open orders and the "
        "stock sweep by hundreds; each run: shops, boards, categories, and a token refresh when the last is 2 h old"
    ),
    least=4,
    unverified=(
        "Whether the bucket is one per mall or one per API is unknown; one per mall is assumed (__init__.py).",
        "Whether claim embeds are lists or objects is unknown; both are read (mapping_claims.py).",
        "since_product_no is taken as strictly greater and ascending; the walk does not depend on it (api.py).",
        "The window limit of /refunds is not stated; 31 days are asked (__init__.py).",
        "Whether the old access token survives a refresh is unknown; it is not used any more (auth.py).",
        "Bodies of 403, 409, 422, 429, 5xx and of OAuth errors are not published; the status decides (judging.py).",
        "Which discounts are per unit or per line is unknown; the order's own totals are taken (mapping_orders.py).",
        "Partial claims come as one line with claim_quantity or as split lines, when is unknown; both are read "
        "(mapping_items.py).",
        "naver_pay_claim_status is read only where the item's own code tells of no claim (codes.py).",
        "A refund alone does not tell a cancel from a return; without its items that is guessed (mapping_claims.py).",
        "Whether return_confirmed_date is the end of a return or its acceptance is not said; it is taken for the end "
        "(mapping_claims.py).",
        "Who filed a claim is inferred from the family of its reason code (mapping_claims.py).",
        "Naver points of an order are added to the mall's own points and deposits (mapping_orders.py).",
        "Channels kakao, kakaopay, payco, pos and pc are read by their names (codes.py).",
        "Comments by the mall's own id, or by operators named in malls.toml, are the seller's (mapping_reviews.py).",
        "Pages are those of the default skins; one that shows an alert is gone or hidden, unless it leads to a log-in "
        "(judging.py, pages.py).",
        "The default robots.txt of a mall is unknown; it is read at run time and obeyed (web.py).",
    ),
    sources=(
        "Cafe24 Admin API reference, version 2026-03-01 (developers.cafe24.com/docs/api/admin), official",
        "Cafe24 developer guides on OAuth, limits and webhooks (developers.cafe24.com/docs-new), official",
        "Public client code that talks to live malls, for error wordings, list order and OAuth failures",
        "Templates of the default skins and saved storefront pages, for everything that the web spider reads",
    ),
)
