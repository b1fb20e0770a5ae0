"""Query texts of GMO MakeShop. The schema cannot be asked for (introspection is refused), so they are written here.

Fields are those that working clients ask for. Persons, addresses and telephone numbers are not among them.
"""

SHOP = "query getShop { getShop { shop { shopName shopUrl settingOriginalDomain } } }"

CATEGORIES = (
    "query getProductCategory { getProductCategory { productCategories { categoryUid categoryName categoryDepth "
    "category1 category2 category3 category4 category5 } } }"
)

PRODUCTS = (
    "query searchProduct($input: SearchProductRequest!) { searchProduct(input: $input) { searchedCount page limit "
    "products { uid systemCode customCode janCode productName productGroupCode sellPrice consumerPrice quantity "
    "display maker isSellStart isSellEnd sellStartDateTime sellEndDateTime maxImageUrl subImages { subImageId url } "
    "variationShowType variations { variation1ItemName variation2ItemName productSystemCode variationCustomCode "
    "janCode } categories { categoryUID categoryName isMainCategory } pcContent createdAt updatedAt } } }"
)

QUANTITIES = (
    "query searchProductQuantity($input: SearchProductQuantityRequest!) { searchProductQuantity(input: $input) { "
    "searchedCount page productQuantities { systemCode customCode quantity "
    "variationQuantities { variationCustomCode quantity } } } }"
)
"""Unverified: only the operation's name is official."""

ORDERS = (
    "query searchOrder($input: SearchOrderRequest!) { searchOrder(input: $input) { searchedCount page orders { "
    "systemOrderNumber displayOrderNumber orderDate memberId senderPrefecture payMethod paymentStatusCode sumPrice "
    "deliveryInfos { deliveryId deliveryStatus slipNumber deliveryDate shippingCharge "
    "basketInfos { productCode productCustomCode variationCustomCode productName variationName janCode amount price "
    "customSelects { customSelectName selectedItemName } } } } } }"
)

REVIEWS = (
    "query searchReview($input: SearchReviewRequest!) { searchReview(input: $input) { searchedCount page reviews { "
    "reviewId productSystemCode title content point nickname isPublished createdAt } } }"
)
"""Unverified: only the operation's name is official. A mall's table may give another text (`review_query`)."""
