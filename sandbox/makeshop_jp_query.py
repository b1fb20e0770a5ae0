"""Reads the queries that the emulated GMO MakeShop takes, and cuts answers down to the fields that they name.

Only what its clients write is read: one operation, one variable, nested fields; no fragments, aliases or directives.
"""

import re
from typing import Any

import msgspec

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[{}()$:!,]|\S")
_NAME = re.compile(r"[A-Za-z_]")

Fields = dict[str, "Fields"]
"""Name → fields below it; {} for a plain value."""

TYPES: dict[str, str] = {
    "Query.getShop": "GetShopResponse", "GetShopResponse.shop": "Shop",
    "Query.getProductCategory": "GetProductCategoryResponse",
    "GetProductCategoryResponse.productCategories": "ProductCategory", "ProductCategory.seoInfo": "SeoInfo",
    "Query.searchProduct": "SearchProductResponse", "SearchProductResponse.products": "Product",
    "Product.subImages": "SubImage", "Product.variations": "Variation", "Product.categories": "Category",
    "Query.searchProductQuantity": "SearchProductQuantityResponse",
    "SearchProductQuantityResponse.productQuantities": "ProductQuantity",
    "ProductQuantity.variationQuantities": "VariationQuantity",
    "Query.searchOrder": "SearchOrderResponse", "SearchOrderResponse.orders": "Order",
    "Order.deliveryInfos": "DeliveryInfo", "DeliveryInfo.basketInfos": "BasketInfo",
    "BasketInfo.customSelects": "CustomSelect", "Query.searchReview": "SearchReviewResponse",
    "SearchReviewResponse.reviews": "Review", "Mutation.updateProductQuantity": "UpdateProductQuantityResponse",
    "UpdateProductQuantityResponse.results": "QuantityResult",
}  # fmt: skip
_PAGED = "searchedCount page limit"
KNOWN: dict[str, str] = {
    "Query": "getShop getProductCategory searchProduct searchProductQuantity searchOrder searchReview",
    "Mutation": "updateProductQuantity", "GetShopResponse": "shop",
    "Shop": "shopName shopUrl settingOriginalDomain openCondition", "GetProductCategoryResponse": "productCategories",
    "ProductCategory": (
        "categoryUid categoryCode categoryName display productSortType memberAccessType memberGroupIds categoryDepth "
        "category1 category2 category3 category4 category5 categoryUrl addCategoryUrl seoInfo"
    ),
    "SeoInfo": "browserTitle description", "SearchProductResponse": f"{_PAGED} products",
    "Product": (
        "uid systemCode customCode janCode productName productGroupCode productGroupName maker sellPrice consumerPrice "
        "taxRate quantity display isSellStart isSellEnd isDisplayOutOfSellPeriod sellStartDateTime sellEndDateTime "
        "createdAt updatedAt maxImageUrl minImageUrl tinyImageUrl subImages variationShowType variations categories "
        "pcContent mobileContent pcAddContent mobileAddContent"
    ),
    "SubImage": "subImageId url", "Category": "categoryUID categoryName isMainCategory",
    "Variation": (
        "variation1ItemName variation2ItemName subImageId productSystemCode variationCustomCode janCode"
    ),
    "SearchProductQuantityResponse": f"{_PAGED} productQuantities",
    "ProductQuantity": "systemCode customCode quantity variationQuantities",
    "VariationQuantity": "variationCustomCode quantity", "SearchOrderResponse": f"{_PAGED} orders",
    "Order": (
        "systemOrderNumber displayOrderNumber orderDate memberId senderName senderPrefecture payMethod "
        "paymentStatusCode sumPrice message deliveryInfos"
    ),
    "DeliveryInfo": (
        "deliveryId deliveryStatus slipNumber deliveryDate estimatedShipmentDate desiredDeliveryDate "
        "desiredDeliveryTimezone receiverName receiverPost receiverPrefecture receiverAddress receiverAddress2 "
        "receiverTel shippingCharge deliverySumPrice wmsStatus deliveryMessage deliveryMethodIds basketInfos"
    ),
    "BasketInfo": (
        "productCode productCustomCode variationCustomCode productName variationName janCode amount price customSelects"
    ),
    "CustomSelect": "customSelectName selectedItemName", "SearchReviewResponse": f"{_PAGED} reviews",
    "Review": "reviewId productSystemCode title content point nickname isPublished createdAt",
    "UpdateProductQuantityResponse": "results", "QuantityResult": "systemCode status errorMessage",
}  # fmt: skip
INPUTS: dict[str, str] = {
    "getShop": "", "getProductCategory": "", "searchProduct": "page limit systemCodes",
    "searchProductQuantity": "page limit systemCodes", "searchReview": "page limit",
    "searchOrder": "startOrderDate endOrderDate startPaymentDate endPaymentDate deliveryStatus sortOrder page limit",
    "updateProductQuantity": "updateProductQuantityItems",
}  # fmt: skip


class Misfit(Exception):
    """A question that does not fit the schema; it is answered with 422."""

    def __init__(self, message: str, **about: Any) -> None:
        super().__init__(message)
        self.error = {"message": message, **about, "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}


class Forbidden(Exception):
    """Nobody may ask for the schema, and for some operations a right is needed; answered with 200."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        self.operation = operation


class Parsed(msgspec.Struct):
    """A query: one operation with its fields and its input."""

    operation: str
    fields: Fields
    input: dict[str, Any]


def read(told: Any) -> Parsed:
    """Return what a body asks for. Raises: Misfit, Forbidden."""
    if not isinstance(told, dict) or not isinstance(told.get("query"), str):
        raise Misfit("Must provide query string.")
    tokens = _TOKEN.findall(told["query"])
    root = "Mutation" if tokens[:1] == ["mutation"] else "Query"
    # What stands before the first brace names the operation and its variable's type.
    if "{" not in tokens:
        raise _syntax("<EOF>")
    asked, at = _fields(tokens, tokens.index("{") + 1)
    if at != len(tokens):
        raise _syntax(tokens[at])
    if asked.keys() & {"__schema", "__type"}:
        raise Forbidden("__schema")
    _check(root, asked, told["query"])
    operation = next(iter(asked))
    variables = told.get("variables") or {}
    given = variables.get("input") if isinstance(variables, dict) else None
    given = given if isinstance(given, dict) else {}
    for key in given:
        if key not in INPUTS[operation].split():
            raise Misfit("unknown field", path=["variable", "input", key])
    return Parsed(operation, asked[operation], given)


def _fields(tokens: list[str], at: int) -> tuple[Fields, int]:
    found: Fields = {}
    while at < len(tokens) and tokens[at] != "}":
        name = tokens[at]
        if not _NAME.match(name):
            raise _syntax(name)
        at += 1
        if tokens[at : at + 1] == ["("]:
            at = tokens.index(")", at) + 1 if ")" in tokens[at:] else len(tokens)
        found[name] = {}
        if tokens[at : at + 1] == ["{"]:
            found[name], at = _fields(tokens, at + 1)
    if at >= len(tokens):
        raise _syntax("<EOF>")
    return found, at + 1


def _syntax(what: str) -> Misfit:
    return Misfit(f"Syntax Error: Unexpected {what}.")


def _check(kind: str, asked: Fields, text: str) -> None:
    for name, below in asked.items():
        if name not in KNOWN[kind].split():
            column = text.index(name) + 1
            raise Misfit(f'Cannot query field "{name}" on type "{kind}".', locations=[{"line": 1, "column": column}])
        deeper = TYPES.get(f"{kind}.{name}")
        if bool(deeper) != bool(below):
            raise Misfit(f'Field "{name}" {"must have" if deeper else "must not have"} a selection of subfields.')
        if deeper:
            _check(deeper, below, text)


def cut(answer: Any, fields: Fields) -> Any:
    """Return what the named fields leave of an answer."""
    if isinstance(answer, list):
        return [cut(one, fields) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {name: cut(answer.get(name), below) if below else answer.get(name) for name, below in fields.items()}
