"""GMO MakeShop: its codes to our words."""

from shopscrape import words

SHIPMENTS: dict[str, str] = {"N": "", "Y": "shipped", "C": "cancelled", "R": "returned"}
"""`deliveryStatus` of a shipment: not processed (the payment tells), shipped, cancelled, sent back (client code)."""
CLAIMS: dict[str, str] = {"C": "cancel", "R": "return"}

PAYMENTS: dict[str, str] = {
    "0000": "paid", "0001": "paid", "0002": "paid", "0003": "cancelled", "0004": "paid", "1002": "paid",
}  # fmt: skip
"""`paymentStatusCode` (client code): cash on delivery, cash, bank transfer, cancelled, provisional sale (the buyer has
paid), paid with points alone. Any other is not paid: that is a rule, not an unknown word."""
BY_POINTS = "1002"

NOTES: tuple[str, ...] = ("キャンセル", "返金", "取消")
"""What staff types into the field of the parcel number: cancelled, paid back, taken back."""

RIGHTS: dict[str, str] = {
    "searchProduct": "商品 (products)", "searchProductQuantity": "商品 (products)",
    "getProductCategory": "商品 (products)", "searchOrder": "注文 (orders)",
    "searchReview": "レビュー (reviews)", "getShop": "ショップ (shop)",
}  # fmt: skip
"""Operation to the information type whose right it needs."""

words.check({raw: word for raw, word in SHIPMENTS.items() if word}, words.OrderStatus)
words.check(PAYMENTS, words.OrderStatus)
words.check(CLAIMS, words.ReturnKind)
