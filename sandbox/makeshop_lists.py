"""What the emulated Korean MakeShop answers to each question; the Shop API and the legacy Open API ask the same ones.

Unverified, as the sources say: refusals of bad windows (9999), 1,000 rows at most whatever is asked for, an empty list
past the last page, what `fields` leaves, and lines without `format=order`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox import makeshop_goods as goods
from sandbox import makeshop_ids as ids
from sandbox import makeshop_power as power
from sandbox import makeshop_reviews as reviews
from sandbox import makeshop_sales as sales
from sandbox.emulator import Call
from sandbox.entities import Order, Product
from sandbox.world import Trade, World
from shopscrape import values

MONTH, DAY = timedelta(days=30), timedelta(days=1)
ROWS = 1000
"""Rows of a page at most, where 5,000 are documented too."""
MANY = 200
"""Numbers of orders or products in one question at most."""


class Wrong(Exception):
    """Said inside an answer with status 200."""

    def __init__(self, message: str, code: str = "9999") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Question:
    """The parameters of a call."""

    def __init__(self, call: Call, legacy: bool, version: str = "2.0", power: bool = False) -> None:
        self.trade: Trade = call.trade
        self.world: World = call.trade.world
        self.query: Mapping[str, str] = call.query
        self.legacy = legacy
        self.version, self.power = version, power
        """The shop's order version, and whether it has power options."""
        self._all = call.request.query

    def get(self, name: str, default: str = "") -> str:
        """Return a parameter."""
        return self.query.get(name, default)

    def many(self, name: str) -> list[str]:
        """Return a parameter that comes several times, "name[]". Raises: Wrong."""
        found = list(self._all.getall(f"{name}[]", []))
        if len(found) > MANY:
            raise Wrong(f"{name} 은(는) 최대 {MANY}개까지 조회 가능합니다.")
        return found

    def number(self, name: str, default: int) -> int:
        """Return a whole number. Raises: Wrong."""
        text = self.get(name) or str(default)
        if not text.isdigit() or not int(text):
            raise Wrong(f"{name} 은(는) 숫자만 가능합니다.")
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """Return a time, KST. Raises: Wrong."""
        try:
            return values.moment(self.get(name) or None)
        except ValueError:
            raise Wrong(f"{name} 은(는) 날짜 형식이 아닙니다.") from None

    def window(self, longest: timedelta | None, needed: bool = True) -> tuple[datetime | None, datetime | None]:
        """Return from and to, both ends included; the second is then the first that lies outside. Raises: Wrong."""
        start, end = self.moment("InquiryTimeFrom"), self.moment("InquiryTimeTo")
        if start is None:
            if needed:
                raise Wrong("InquiryTimeFrom 은(는) 필수입니다.")
            return None, None
        end = end or (start + longest if longest else None)
        if longest and end and end - start > longest:
            raise Wrong(f"InquiryTimeTo 은(는) {longest.days}일 이내로 조회 가능합니다.")
        return start, end + timedelta(seconds=1) if end else None


def envelope(
    found: list[Any], asked: Question, default: int, texts: bool = False, total: bool = True
) -> dict[str, Any]:
    """Return a page of rows with its counters; counters are text here and numbers there, as the real ones are."""
    limit, page = min(asked.number("limit", default), ROWS), asked.number("page", 1)
    rows = found[(page - 1) * limit : page * limit]
    pages = -(-len(found) // limit)
    write: Callable[[int], Any] = str if texts else int
    told: dict[str, Any] = {"return_code": "0000"}
    if total:
        told |= {"totalCount": str(len(found)), "totalPage": write(pages), "page": write(page)}
    return told | {"count": str(len(rows)) if texts or not total else len(rows), "list": rows}


def keep(row: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """Return the named keys only."""
    return {key: value for key, value in row.items() if key in fields}


def fields_of(asked: Question) -> set[str]:
    """Return what `fields` names."""
    return {name.strip() for name in asked.get("fields").split(",") if name.strip()}


# -- products ---------------------------------------------------------------------------------------------------------


def product(asked: Question) -> dict[str, Any]:
    """Answer `product`: newest registration first, unless it is asked for otherwise."""
    found = _products(asked)
    told = envelope(found, asked, ROWS)
    fields = fields_of(asked)
    rows = [_product_row(asked, one) for one in told["list"]]
    if fields:
        rows = [keep(row, fields) for row in rows]
    # An array that turns into an object was met; here pages of an even number do.
    told["list"] = (
        {str(place): row for place, row in enumerate(rows)} if rows and asked.number("page", 1) % 2 == 0 else rows
    )
    return told | {"orderVersion": asked.version}


def _product_row(asked: Question, one: Product) -> dict[str, Any]:
    sold = asked.trade.orders.view("makeshop last sold", _last_sold).get(one.no)
    row = goods.row(one, asked.world.categories, sold, written(asked.trade, one))
    return power.row(row, one) if asked.power else row


def _last_sold(orders: Iterable[Order]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for order in orders:
        for line in order.lines:
            found[line.product] = max(found.get(line.product, order.ordered_at), order.ordered_at)
    return found


def written(trade: Trade, product: Product) -> int:
    """Return how many reviews a product has."""
    return len(trade.reviews_of(product.no))


def _products(asked: Question) -> list[Product]:
    found = asked.world.shown()
    if number := asked.get("uid"):
        return [one for one in found if ids.uid(one) == number]
    if numbers := asked.many("uids"):
        return [one for one in found if ids.uid(one) in numbers]
    kind = asked.get("InquiryType")
    if kind:
        if kind not in ("reg", "nmod", "sell"):
            raise Wrong("InquiryType 값이 올바르지 않습니다.")
        start, end = asked.window(None)
        found = [one for one in found if (at := _product_time(asked, one, kind)) and _inside(at, start, end)]
    for name, code in (("sellAccept", goods.sold), ("display", goods.shown)):
        if wanted := asked.get(name):
            found = [one for one in found if ("Y" if code(one) else "N") == wanted]
    if (soldout := asked.get("soldout")) in ("Y", "N", "P", "A"):
        found = [one for one in found if _stock_fits(one, soldout)]
    if sort := {"modify": "nmod", "selldate": "sell"}.get(asked.get("sortType")):
        epoch = values.day_start(datetime(1990, 1, 1).date())
        found = sorted(found, key=lambda one: (_product_time(asked, one, sort) or epoch, one.no))
    return found if asked.get("orderByType") == "asc" else found[::-1]


def _product_time(asked: Question, one: Product, kind: str) -> datetime | None:
    if kind == "sell":
        return asked.trade.orders.view("makeshop last sold", _last_sold).get(one.no)
    return goods.modified(one) if kind == "nmod" else one.created_at


def _inside(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at < end)


def _stock_fits(one: Product, wanted: str) -> bool:
    told = goods.quantity(one)
    kind = "A" if not told.isdigit() else "Y" if told == "0" else "P"
    return kind == wanted or (wanted == "N" and kind != "Y")


def delete_product(asked: Question) -> dict[str, Any]:
    """Answer `delete_product`."""
    start, end = asked.window(MONTH)
    gone = [one for one in asked.world.products if one.state == "deleted" and _inside(one.changed_at, start, end)]
    gone.sort(key=lambda one: (one.changed_at, one.no), reverse=True)
    told = envelope(gone, asked, ROWS, texts=True)
    return told | {"list": [goods.deleted(one, asked.world.categories) for one in told["list"]]}


def category(asked: Question) -> dict[str, Any]:
    """Answer `category`."""
    categories = asked.world.categories
    rows = [goods.category(one, categories) for one in categories.values()]
    return {"list": rows, "count": str(len(rows)), "return_code": "0000"}


def stock(asked: Question) -> dict[str, Any]:
    """Answer `stock`: totals of products only."""
    numbers = [number.strip() for number in asked.get("uid").split(",") if number.strip()]
    if not numbers:
        raise Wrong("uid 은(는) 필수입니다.")
    found = [one for one in asked.world.shown() if ids.uid(one) in numbers]
    rows = [{"uid": ids.uid(one), "quantity": goods.quantity(one)} for one in found]
    return {"return_code": "0000", "count": str(len(rows)), "list": rows}


# -- orders -----------------------------------------------------------------------------------------------------------


def order(asked: Question) -> dict[str, Any]:
    """Answer `order/2`: whole orders with `format=order`, else line by line."""
    found = _orders(asked)
    told = envelope(found, asked, 500)
    rows = [(ids.ordernum(one), _narrowed(sales.row(one, asked.world), fields_of(asked))) for one in told["list"]]
    if asked.get("format") == "order":
        told["list"] = dict(rows) if rows else []
    else:
        told["list"] = [
            {"ordernum": number, **line} for number, whole in rows for line in whole.get("product", {}).values()
        ]
    return told | {"orderVersion": "2.0"}


BLOCKS = ("order", "payment", "product", "extension", "return", "trade", "memo", "refund", "pay_history", "cancel")


def _narrowed(row: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """Return what `fields` leaves: blocks named in it whole, of others the named keys; `cancel` only when named."""
    row = row if "cancel" in fields else {key: value for key, value in row.items() if key != "cancel"}
    if not fields - {"cancel", "customs_id", "category_name"}:
        return row
    return {key: value if key in fields else _filtered(key, value, fields) for key, value in row.items()}


def _filtered(block: str, value: Any, fields: set[str]) -> Any:
    if block == "product":
        return {number: keep(line, fields) for number, line in value.items()}
    return keep(value, fields) if isinstance(value, dict) else [keep(one, fields) for one in value]


def _orders(asked: Question) -> list[Order]:
    orders = asked.trade.orders
    numbers = asked.many("ordernums") or list(filter(None, (asked.get("ordernum"),)))
    if numbers:
        found = [orders.get(ids.order_no(number)) for number in dict.fromkeys(numbers)]
        return [one for one in found if one is not None and ids.ordernum(one) in numbers]
    kind = asked.get("searchDateType") or "order_date"
    if kind not in ("order_date", "paid", *sales.DATES):
        raise Wrong("searchDateType 값이 올바르지 않습니다.")
    member = asked.get("userid")
    start, end = asked.window(MONTH, needed=not member)
    rows = orders.view(
        f"makeshop by {kind}",
        lambda things: sorted(
            ((at, one.no, one) for one in things for at in sales.moments(one, kind)), key=lambda row: row[:2]
        ),
    )
    found = list(dict.fromkeys(no for at, no, _ in reversed(rows) if _inside(at, start, end)))
    told = [orders[no] for no in found]
    if member:
        told = [one for one in told if not one.guest and one.buyer.member == member]
    if uid := asked.get("product_uid"):
        told = [one for one in told if any(ids.uid(line.product) == uid for line in one.lines)]
    if statuses := asked.many("orderStatus"):
        told = [one for one in told if ids.order_status(one) in statuses]
    return told


def order_log(asked: Question) -> dict[str, Any]:
    """Answer `order_log`: a day at most, newest first."""
    if number := asked.get("ordernum"):
        one = asked.trade.orders.get(ids.order_no(number))
        rows = [(one, event) for event in reversed(one.events)] if one else []
    else:
        start, end = asked.window(DAY)
        found = asked.trade.orders.events("makeshop log", lambda _, event: event.what != "memo", start, end)
        rows = [(one, event) for _, one, event in reversed(found)]
    told = envelope(rows, asked, ROWS, texts=True)
    return told | {"list": [sales.entry(one, event) for one, event in told["list"]]}


def order_search(asked: Question) -> dict[str, Any]:
    """Answer `order_search`: numbers of orders with refunds, and no counter."""
    kind = asked.get("InquiryType") or "refund_end_date"
    if kind not in ("refund_req_date", "refund_end_date"):
        raise Wrong("InquiryType 값이 올바르지 않습니다.")
    start, end = asked.window(MONTH)
    found = [
        one for one in asked.trade.orders if any(_inside(at, start, end) for at in sales.refund_moments(one, kind))
    ]  # fmt: skip
    limit, page = min(asked.number("limit", ROWS), ROWS), asked.number("page", 1)
    rows = [{"ordernum": ids.ordernum(one)} for one in found[::-1][(page - 1) * limit : page * limit]]
    return {"list": rows, "return_code": "0000"}


def order_trade_log(asked: Question) -> dict[str, Any]:
    """Answer `order_trade_log`: what was exchanged for what."""
    start, end = asked.window(MONTH)
    found = [pair for one in asked.trade.orders for at, pair in sales.pairs(one) if _inside(at, start, end)]
    return envelope(found, asked, ROWS, texts=True)


def order_return_delivery(asked: Question) -> dict[str, Any]:
    """Answer `order_return_delivery`: parcels that come back, of one order."""
    one = asked.trade.orders.get(ids.order_no(asked.get("ordernum")))
    rows = list(sales.parcels(one)) if one else []
    return {"list": rows, "count": str(len(rows)), "return_code": "0000"}


def order_return_invoice(asked: Question) -> dict[str, Any]:
    """Answer `order_return_invoice`: the same by the parcel's number."""
    number = asked.get("delinum")
    if not number:
        raise Wrong("delinum 은(는) 필수입니다.")
    rows = [row for one in asked.trade.orders for row in sales.parcels(one) if row["delinum"] == number]
    return {"list": rows, "count": str(len(rows)), "return_code": "0000"}


# -- reviews ----------------------------------------------------------------------------------------------------------


def board_code(asked: Question) -> dict[str, Any]:
    """Answer `board_code`."""
    rows = reviews.boards()
    return {"return_code": "0000", "count": str(len(rows)), "list": rows}


def review(asked: Question) -> dict[str, Any]:
    """Answer `review`: rating comments, by whole days."""
    start, end = asked.window(MONTH)
    first, last = _day(start), _day(end and end - timedelta(seconds=1))
    found = [one for one in reviews.comments(asked.trade.reviews) if first <= ids.day(one.written_at) <= last]
    if number := asked.get("uid"):
        found = [one for one in found if ids.uid(one.product) == number]
    told = envelope(found, asked, ROWS)
    named = "product_name" in fields_of(asked)
    rows = [
        reviews.comment(one, asked.legacy, asked.world.products[one.product].name if named else None)
        for one in told["list"]
    ]
    return told | {"list": rows}


def _day(at: datetime | None) -> str:
    return ids.day(at) if at else "9999-12-31"


def board(asked: Question) -> dict[str, Any]:
    """Answer `board`: posts of a board with no total, newest first."""
    code = asked.get("BoardCode")
    if code not in {one["code"] for one in reviews.boards()}:
        raise Wrong("BoardCode 은(는) 필수입니다." if not code else "존재하지 않는 게시판입니다.")
    start, end = asked.window(MONTH)
    posts = reviews.posts(asked.trade.reviews, code)
    found = [(one, place) for at, one, place in posts if _inside(at, start, end)]
    if asked.get("orderByType") == "asc":
        found.reverse()
    told = envelope(found, asked, ROWS, total=False)
    named = "product_name" in fields_of(asked)
    rows = []
    for one, place in told["list"]:
        name = asked.world.products[one.product].name if named else None
        if place is None:
            rows.append(reviews.post(one, asked.trade.orders.get(one.order), name))
        else:
            rows.append(reviews.thread_post(one, place, name))
    return told | {"list": rows}


def comment(asked: Question) -> dict[str, Any]:
    """Answer `comment`: comments below the posts of a board."""
    if not (code := asked.get("BoardCode")):
        raise Wrong("BoardCode 은(는) 필수입니다.")
    start, end = asked.window(MONTH)
    rows = [row for at, row in reviews.comments_of(asked.trade.reviews, code) if _inside(at, start, end)]
    return envelope(rows, asked, ROWS, texts=True)
