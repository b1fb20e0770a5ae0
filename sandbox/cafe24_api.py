"""The resources of the emulated Admin API: which rows a query gives, and what it refuses."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sandbox import cafe24_ids as ids
from sandbox.cafe24_payloads import SHAPES, Shop, as_article, comment_number, shape
from sandbox.cafe24_sales import Sales
from sandbox.entities import Event, Order, Product, Review
from sandbox.world import Trade, World
from shopscrape import values

SCOPES = {
    "products": "mall.read_product", "categories": "mall.read_category", "orders": "mall.read_order",
    "refunds": "mall.read_order", "cancellation": "mall.read_order", "return": "mall.read_order",
    "exchange": "mall.read_order", "boards": "mall.read_community", "shops": "mall.read_store",
}  # fmt: skip
"""First part of a path to the scope that it needs."""
DATE_TYPES: dict[str, tuple[str, ...]] = {
    "order_date": ("ordered",), "pay_date": ("paid",), "place_date": ("paid",), "shipbegin_date": ("shipped",),
    "shipend_date": ("delivered",), "purchaseconfirmation_date": ("completed",),
    "cancel_date": ("cancel_completed", "failed"),
    "cancel_complete_date": ("cancel_completed", "failed"),
    **{
        f"{kind}_{moment}_date": (f"{kind}_{phase}",)
        for kind in ("cancel", "return", "exchange")
        for moment, phase in (("request", "requested"), ("accept", "accepted"), ("complete", "completed"))
        if (kind, moment) != ("cancel", "complete")
    },
}  # fmt: skip
"""date_type to what happened to an order."""
NOTICES = 2


class Refusal(Exception):
    """An answer with an error envelope."""

    def __init__(self, status: int, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.document = {
            "error": {"code": status, "message": message, "more_info": {"parameter": parameter} if parameter else {}}
        }


class Answer(NamedTuple):
    """A document and the stream that the request belongs to."""

    document: dict[str, Any]
    stream: str


class AdminApi:
    """Reads of one mall."""

    def __init__(self, world: World, trade: Trade, shop: Shop, heavy: int = 600) -> None:
        self.world = world
        self.trade = trade
        self.shop = shop
        self.sales = Sales(shop.place)
        self.heavy = heavy
        """Rows times embeds of an order page above which it times out (that heavy ones do is inferred)."""

    def answer(self, parts: list[str], query: Mapping[str, str]) -> Answer:
        """Return the answer to GET /api/v2/admin/<parts>. Raises: Refusal."""
        query = dict(query)
        shop = query.pop("shop_no", "1")
        if shop != "1":
            raise Refusal(404, "The shop does not exist.")
        match parts:
            case ["shops"]:
                return Answer({"shops": [self._shop()]}, "shops")
            case ["categories"]:
                rows = list(self.world.categories.values())
                start, stop = self._page(query, 100, 8000)
                return Answer({"categories": [self.shop.category(one) for one in rows[start:stop]]}, "categories")
            case ["products"]:
                return Answer({"products": self._products(query)}, self._product_stream(query))
            case ["products", "count"]:
                return Answer({"count": len(self._chosen(query))}, "products_count")
            case ["products", number, *rest]:
                return self._one_product(number, rest, query)
            case ["orders"]:
                return self._orders(query)
            case ["orders", "count"]:
                return Answer({"count": len(self._orders_of(query))}, "orders_count")
            case ["orders", number]:
                return Answer({"order": self.sales.order(self._order(number), self._embed(query))}, "order")
            case ["orders", number, "items"]:
                return Answer({"items": self.sales.items(self._order(number))}, "order_items")
            case ["refunds"]:
                return Answer({"refunds": self._refunds(query)}, f"refunds_by_{query.get('date_type', 'refund_date')}")
            case ["cancellation" | "return" | "exchange" as name, code]:
                return Answer({name: self._claim(code)}, name)
            case ["boards"]:
                return Answer({"boards": self._boards()}, "boards")
            case ["boards", "4", "articles"]:
                return Answer({"articles": self._articles(query), "links": []}, "articles")
            case ["boards", "4", "comments"]:
                return Answer({"comments": self._comments(query)}, "comments")
            case ["boards", "4", "articles", number, "comments"]:
                return Answer({"comments": self._comments_of(number, query)}, "comments_of")
            case ["boards", _, "articles"]:
                return Answer({"articles": [], "links": []}, "articles")
            case ["boards", _, "comments"]:
                return Answer({"comments": []}, "comments")
        raise Refusal(404, "No API found.")

    def _shop(self) -> dict[str, Any]:
        return shape("shop", base_domain=self.shop.host, primary_domain=self.shop.host, slave_domain=[])

    @staticmethod
    def _embed(query: Mapping[str, str]) -> set[str]:
        return {name for name in query.get("embed", "").split(",") if name}

    @staticmethod
    def _number(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
        text = query.get(name, str(default))
        if not text.isdigit() or not low <= int(text) <= high:
            raise Refusal(422, f"{name} is out of range. (parameter.{name})", name)
        return int(text)

    def _page(self, query: Mapping[str, str], most: int, cap: int) -> tuple[int, int]:
        offset = self._number(query, "offset", 0, 0, cap)
        limit = self._number(query, "limit", 10, 1, most)
        return offset, offset + limit

    @staticmethod
    def _moment(query: Mapping[str, str], name: str, end: bool = False) -> datetime | None:
        text = query.get(name)
        if not text:
            return None
        try:
            at = values.moment(text.replace(" 09:00", "+09:00"))
        except ValueError:
            raise Refusal(422, f"{name} is no date. (parameter.{name})", name) from None
        assert at
        # Both ends belong to the window: a day to its end, a second as a whole.
        return at + (timedelta(days=1) if len(text) == 10 else timedelta(seconds=1)) if end else at

    def _window(self, query: Mapping[str, str], first: str, last: str) -> tuple[datetime, datetime] | None:
        start, end = self._moment(query, first), self._moment(query, last, end=True)
        if (start is None) != (end is None):
            raise Refusal(422, f"{first} and {last} come as a pair. (parameter.{first})", first)
        return (start, end) if start and end else None

    # -- products -----------------------------------------------------------------------------------------------------

    def _product_stream(self, query: Mapping[str, str]) -> str:
        return "products_updated" if "updated_start_date" in query else "products"

    def _chosen(self, query: Mapping[str, str]) -> list[Product]:
        window = self._window(query, "updated_start_date", "updated_end_date")
        if window:
            shown = self.world.products.where("cafe24 shown", lambda one: one.state != "deleted")
            return [one for one in shown if window[0] <= one.changed_at < window[1]]
        return self.world.shown()

    def _products(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        embed = self._embed(query)
        if "since_product_no" in query:
            if query.keys() & {"product_no", "sort", "order", "offset"}:
                raise Refusal(
                    422, "since_product_no cannot be combined. (parameter.since_product_no)", "since_product_no"
                )
            since = self._number(query, "since_product_no", 0, 0, 2147483647)
            limit = self._number(query, "limit", 10, 1, 100)
            rows = [one for one in self._chosen(query) if one.no > since][:limit]
        else:
            start, stop = self._page(query, 100, 5000)
            rows = self._chosen(query)
            if query.get("sort") == "updated_date":
                rows = sorted(rows, key=lambda one: (one.changed_at, one.no))
            if query.get("order", "desc") != "asc":
                rows = rows[::-1]
            rows = rows[start:stop]
        return [self.shop.product(one, embed) for one in rows]

    def _one_product(self, number: str, rest: list[str], query: Mapping[str, str]) -> Answer:
        product = self.world.products.get(int(number)) if number.isdigit() else None
        if product is None or product.state == "deleted":
            raise Refusal(404, "The product does not exist.")
        nested = "inventories" in self._embed(query)
        if not rest:
            return Answer({"product": self.shop.product(product, self._embed(query), True)}, "product")
        if rest == ["options"]:
            return Answer({"option": self.shop.options(product)}, "options")
        if rest == ["variants"]:
            rows = [self.shop.variant(product, one, nested) for one in product.variants]
            return Answer({"variants": rows}, "variants")
        raise Refusal(404, "No API found.")

    # -- orders, claims, refunds --------------------------------------------------------------------------------------

    def _by_number(self) -> dict[str, Order]:
        return self.trade.orders.view("cafe24 by number", lambda orders: {ids.order_id(one): one for one in orders})

    def _order(self, number: str) -> Order:
        found = self._by_number().get(number)
        if found is None:
            raise Refusal(404, "The order does not exist.")
        return found

    def _orders_of(self, query: Mapping[str, str]) -> list[Order]:
        if "order_id" in query:
            numbers = query["order_id"].split(",")
            if len(numbers) > 100:
                raise Refusal(422, "order_id takes at most 100 values. (parameter.order_id)", "order_id")
            known = self._by_number()
            return [known[number] for number in numbers if number in known]
        window = self._window(query, "start_date", "end_date")
        if window is None:
            raise Refusal(422, "start_date is required. (parameter.start_date)", "start_date")
        if window[1] - window[0] >= timedelta(days=92):
            raise Refusal(422, "The search period cannot exceed 3 months. (parameter.end_date)", "end_date")
        date_type = query.get("date_type", "order_date")
        whats = DATE_TYPES.get(date_type)
        if whats is None:
            raise Refusal(422, "date_type is unknown. (parameter.date_type)", "date_type")
        met = self.trade.orders.events(f"cafe24 {date_type}", _happened(whats), *window)
        found = {order.no: order for _, order, _ in met}
        return sorted(found.values(), key=lambda one: one.no, reverse=True)

    def _orders(self, query: Mapping[str, str]) -> Answer:
        embed = self._embed(query)
        start, stop = self._page(query, 1000, 15000)
        rows = self._orders_of(query)[start:stop]
        if len(rows) * len(embed) > self.heavy:
            raise Refusal(504, "Gateway Timeout")
        stream = "orders_open" if "order_id" in query else f"orders_by_{query.get('date_type', 'order_date')}"
        return Answer({"orders": [self.sales.order(one, embed) for one in rows], "links": []}, stream)

    def _refunds(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        window = self._window(query, "start_date", "end_date")
        if window is None:
            raise Refusal(422, "start_date is required. (parameter.start_date)", "start_date")
        start, stop = self._page(query, 500, 15000)
        accepted = query.get("date_type") == "accepted_refund_date"
        rows = []
        for claim in self.trade.claims:
            at = (claim.when("refunding") or claim.refunded_at) if accepted else claim.refunded_at
            money = ids.accepted(claim) and claim.kind != "exchange" and claim.phase in ("refunding", "completed")
            if money and at and window[0] <= at < window[1]:
                rows.append(claim)
        return [self.sales.refund(self.trade.orders[one.order], one) for one in rows[::-1][start:stop]]

    def _claim(self, code: str) -> dict[str, Any]:
        for claim in self.trade.claims:
            if ids.accepted(claim) and ids.claim_code(claim) == code:
                order = self.trade.orders[claim.order]
                places = {line.place for line, _ in ids.claimed(order, claim)}
                items = [item for item in self.sales.items(order) if item["item_no"] % 50 in places]
                return self.sales.claim(order, claim) | {"items": items}
        raise Refusal(404, "The claim does not exist.")

    # -- reviews ------------------------------------------------------------------------------------------------------

    def _boards(self) -> list[dict[str, Any]]:
        kinds = {1: 1, 4: 5, 6: 5, 9: 4}
        return [shape("board", board_no=number, board_type=kind) for number, kind in kinds.items()]

    def _articles(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        if "article_no" in query:
            numbers = {int(number) // 20 for number in query["article_no"].split(",") if number.isdigit()}
            return [self._article(one) for number in sorted(numbers) if (one := self.trade.reviews.get(number))]
        window = self._window(query, "start_date", "end_date")
        if window is None:
            raise Refusal(422, "start_date is required. (parameter.start_date)", "start_date")
        if window[1] - window[0] >= timedelta(days=366):
            raise Refusal(422, "The search period cannot exceed 1 year. (parameter.end_date)", "end_date")
        start, stop = self._page(query, 100, 8000)
        rows = [at_row for at_row in self._written() if window[0] <= at_row[0] < window[1]]
        return [make() for _, _, make in rows[::-1][start:stop]]

    def _written(self) -> list[tuple[datetime, int, Callable[[], dict[str, Any]]]]:
        def build(reviews: Any) -> list[tuple[datetime, int, Callable[[], dict[str, Any]]]]:
            rows: list[tuple[datetime, int, Callable[[], dict[str, Any]]]] = []
            for review in reviews:
                rows.append((review.written_at, review.no * 20, lambda review=review: self._article(review)))  # type: ignore[misc]
                for reply in review.replies:
                    if as_article(review, reply):
                        number = review.no * 20 + reply.no % 10
                        rows.append(
                            (reply.at, number, lambda review=review, reply=reply: self.shop.answer(review, reply))
                        )  # type: ignore[misc]
            for number in range(NOTICES):
                at = self.world.anchor - timedelta(days=5 + 40 * number)
                rows.append((at, 5 + number, lambda number=number, at=at: self._notice(5 + number, at)))  # type: ignore[misc]
            return sorted(rows, key=lambda row: row[:2])

        return self.trade.reviews.view("cafe24 articles by time", build)

    def _article(self, review: Review) -> dict[str, Any]:
        return self.shop.article(review, self.trade.orders.get(review.order))

    def _notice(self, number: int, at: datetime) -> dict[str, Any]:
        return SHAPES["article"] | {
            "article_no": number, "notice": "T", "created_date": ids.kst(at), "title": "후기 이벤트 안내", "rating": 0,
            "product_no": None, "order_id": "", "writer": "판매자", "member_id": "mallop", "attach_file_urls": [],
        }  # fmt: skip

    def _all_comments(self) -> list[dict[str, Any]]:
        def build(reviews: Any) -> list[dict[str, Any]]:
            found = [
                self.shop.comment(review, reply, comment_number(reply))
                for review in reviews
                for reply in review.replies
                if not as_article(review, reply)
            ]
            return sorted(found, key=lambda one: int(one["comment_no"]))

        return self.trade.reviews.view("cafe24 comments", build)

    def _comments(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        since = int(query.get("since_comment_no", "0") or 0)
        limit = self._number(query, "limit", 10, 1, 100)
        return [one for one in self._all_comments() if one["comment_no"] > since][:limit]

    def _comments_of(self, number: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        start, stop = self._page(query, 100, 8000)
        return [one for one in self._all_comments() if str(one["article_no"]) == number][start:stop]


def _happened(whats: tuple[str, ...]) -> Callable[[Order, Event], bool]:
    return lambda order, event: event.what in whats


def today(at: datetime) -> date:
    """Return the day in Korea."""
    return at.astimezone(values.SEOUL).date()
