"""Cafe24: what each kind of payload becomes, and what an answer that is no data leads to."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from shopscrape.errors import AskAgain, AuthFailed, AuthLost, NotFound, PageFailed, Refused, Throttled
from shopscrape.items import Order, Product, Return, Review, Stock
from shopscrape.payload import Answer, Kind, Origin, Payload
from spiders.cafe24 import mapping_claims as claims
from spiders.cafe24 import mapping_orders as orders
from spiders.cafe24 import mapping_products as products
from spiders.cafe24 import mapping_reviews as reviews

Rows = Callable[[Any, Origin], Iterable[Any]]


def _list(key: str) -> Rows:
    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        found = document[key]
        if found is None:
            return []
        return [found] if isinstance(found, dict) else _rows(found)

    return rows


def _rows(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError
    return found


def _one(key: str, other: str = "") -> Rows:
    def rows(document: Any, origin: Origin) -> Iterable[Any]:
        found = document.get(key, document.get(other))
        if not isinstance(found, dict | list):
            raise KeyError(key)
        return [found] if isinstance(found, dict) else found

    return rows


def _variants(document: Any, origin: Origin) -> Iterable[Any]:
    found = _rows(document["variants"])
    if len(found) == 1:
        # The only variant of a product without options is the product itself.
        origin.context["alone"] = True
    return found


def _claim(kind: str) -> Callable[[Payload, Origin], Iterable[Any]]:
    def read(row: Payload, origin: Origin) -> Iterable[Any]:
        known = msgspec.structs.replace(origin, context=origin.context | {"kind": kind})
        return orders.claim(row, known)

    return read


_VARIANT_IGNORED = {
    "": products.IGNORED["variants"],
    "inventories": products.IGNORED["variants.inventories"],
}
_PRODUCT: dict[str, Any] = {"read": products.product, "ignored": products.IGNORED, "items": (Product, Stock)}
_VARIANT: dict[str, Any] = {"read": products.variant_row, "ignored": _VARIANT_IGNORED, "items": (Stock,)}
_OPTIONS_IGNORED = {
    name.partition(".")[2] if name != "options" else "": keys
    for name, keys in products.IGNORED.items() if name.startswith("options")
}  # fmt: skip

_ALL = (
    Kind(name="products", request="GET /products", rows=_list("products"), **_PRODUCT),
    Kind(name="products.detail", request="GET /products/{product_no}", rows=_one("product"), **_PRODUCT),
    Kind(
        name="products.options", request="GET /products/{product_no}/options", rows=_one("option", "options"),
        read=products.options_row, ignored=_OPTIONS_IGNORED, items=(Product,),
    ),
    Kind(
        name="products.discountprice", request="GET /products/{product_no}/discountprice", rows=_one("discountprice"),
        read=products.discount_row, items=(Product,),
        ignored={"": frozenset(("shop_no", "mobile_discount_price", "app_discount_price"))},
    ),
    Kind(name="inventory.variants", request="GET /products/{product_no}/variants", rows=_variants, **_VARIANT),
    Kind(
        name="inventory.variant", request="GET /products/{product_no}/variants/{code}", rows=_one("variant"), **_VARIANT
    ),
    Kind(
        name="inventory", request="GET /products/{product_no}/variants/{code}/inventories", rows=_one("inventory"),
        read=products.inventory_row, ignored=_VARIANT_IGNORED, items=(Stock,),
    ),
    Kind(
        name="orders", request="GET /orders", rows=_list("orders"), read=orders.order, ignored=orders.IGNORED,
        items=(Order, Return),
    ),
    Kind(
        name="orders.detail", request="GET /orders/{order_id}", rows=_one("order"), read=orders.order,
        ignored=orders.IGNORED, items=(Order, Return),
    ),
    Kind(
        name="orders.items", request="GET /orders/{order_id}/items", rows=orders.item_rows, read=orders.items_of_order,
        ignored=orders.ITEM_IGNORED, items=(Order, Return),
    ),
    *(
        Kind(
            name=f"returns.{key}", request=f"GET /{key}/{{claim_code}}", rows=_one(key), read=_claim(kind),
            ignored=orders.CLAIM_IGNORED, items=(Return,),
        )
        for key, kind in (("cancellation", "cancel"), ("return", "return"), ("exchange", "exchange"))
    ),
    Kind(
        name="returns.refunds", request="GET /refunds", rows=_list("refunds"), read=claims.refund,
        ignored=orders.REFUND_IGNORED, items=(Return,),
    ),
    Kind(
        name="returns.refund", request="GET /refunds/{refund_code}", rows=_one("refund"), read=claims.refund,
        ignored=orders.REFUND_IGNORED, items=(Return,),
    ),
    Kind(
        name="reviews", request="GET /boards/{board_no}/articles", rows=reviews.article_rows, read=reviews.article,
        ignored=reviews.IGNORED, items=(Review,),
    ),
    Kind(
        name="reviews.comments", request="GET /boards/{board_no}/comments, …/articles/{article_no}/comments",
        rows=reviews.comment_rows, read=reviews.comments, ignored=reviews.COMMENTS_IGNORED, items=(Review,),
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


# -- what is no data --------------------------------------------------------------------------------------------------


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to.

    The HTTP status decides, and whether it was the token address; the body only gives the message, because its wording
    is not published. Without a status the code inside an error envelope is taken for it.
    """
    code, text = _error(answer.body) if answer.status >= 300 or b"error" in answer.body[:2000] else ("", "")
    status = answer.status
    if status == 200 and code:
        status = int(code) if code.isdigit() and len(code) == 3 else 400
    if code in ("invalid_grant", "invalid_client", "invalid_scope", "invalid_request", "unauthorized_client"):
        if code == "invalid_scope":
            raise Refused("Cafe24 does not grant this app the scopes that were asked for.", code=code)
        raise AuthFailed(f"Cafe24's token address says {code}.", code=code)
    if status in (200, 201, 202, 204):
        return
    token = "/oauth/token" in answer.url
    code = code or str(status)
    if status == 207:
        raise PageFailed("some objects of a bulk request failed, each tells its own result", code="207")
    if token and status in (400, 401):
        raise AuthFailed("Cafe24's token address refuses the request.", code="invalid_grant" if status == 400 else code)
    if status == 400:
        offered = text.partition("default value for the app version is ")[2][:10]
        if offered:
            raise Refused(f"Cafe24 no longer knows our API version; this app would get {offered}.", code=code)
        raise Refused("Cafe24 does not understand the request; this program needs a mend.", code=code)
    if status == 401:
        raise AuthLost("the access token is missing, unknown or expired", code=code)
    if status == 403:
        raise Refused(
            "Cafe24 refuses: the consent lacks a scope, or the mall's operator has removed the app; the operator must "
            "consent again.",
            code=code,
        )
    if status == 404:
        raise NotFound("what was asked for is not there (any more)", code=code)
    if status == 409:
        raise Refused("an update that changes nothing; this program only reads", code=code)
    if status == 422:
        raise PageFailed("a parameter is missing, out of range or past a cap", code=code)
    if status == 429:
        raise Throttled("the quota of this mall is used up", code=code, wait=_wait(answer))
    if status in (500, 502, 503, 504):
        raise AskAgain(f"the server is in trouble ({status})", code=code)
    raise PageFailed(f"an answer with status {status}", code=code)


def _wait(answer: Answer) -> float:
    """Return the seconds that the headers ask for; Retry-After is not documented but honoured."""
    waits = [1.0]
    for name in ("x-cafe24-call-remain", "x-cafe24-time-remain", "retry-after"):
        try:
            waits.append(float(answer.headers.get(name, "")))
        except ValueError:
            continue
    return min(max(waits), 3600.0)


def _error(body: bytes) -> tuple[str, str]:
    """Return code and message of the error shapes that clients met; empty for anything else, HTML among it."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    error = document.get("error")
    if isinstance(error, dict):
        return str(error.get("code", "")), str(error.get("message", ""))
    if isinstance(error, str):
        return error[:40], str(document.get("error_description", ""))
    return str(document.get("error_code", ""))[:40], str(document.get("error_message") or document.get("message") or "")


# -- what the spider asks besides records -----------------------------------------------------------------------------


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as an object. Raises: PageFailed."""
    try:
        told = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        raise PageFailed("the body is not readable JSON") from None
    if not isinstance(told, dict):
        raise PageFailed("the answer is no object")
    return told


def _objects(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = told.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise PageFailed(f"the answer has no list {key}")
    return found


def total(told: dict[str, Any]) -> int:
    """Return the number of a count answer."""
    count = told.get("count")
    if not isinstance(count, int):
        raise PageFailed("the answer has no count")
    return count


def shops(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the shops of a mall by number: active, currency, domain."""
    return {
        str(shop.get("shop_no")): {
            "active": shop.get("active") != "F",
            "currency": str(shop.get("currency_code") or "KRW"),
            "domain": str(shop.get("primary_domain") or shop.get("base_domain") or ""),
        }
        for shop in _objects(told, "shops")
    }


def categories(told: dict[str, Any]) -> dict[str, str]:
    """Return category paths by number, levels joined by " > "."""
    paths = {}
    for category in _objects(told, "categories"):
        names = category.get("full_category_name") or {}
        levels = [str(names[level]) for level in ("1", "2", "3", "4") if names.get(level)]
        paths[str(category.get("category_no"))] = " > ".join(levels) or str(category.get("category_name") or "")
    return paths


def refunds(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the raw refunds of a page."""
    return _objects(told, "refunds")


def articles(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the raw articles of a page."""
    return _objects(told, "articles")


def comments(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the raw comments of a page."""
    return _objects(told, "comments")
