"""SmartStore's native numbers for things of the world, the same on API and pages."""

from sandbox.entities import Product, Review, Variant

STORE = "emushop"
CHANNEL_UID = "2sEMUchannelUid000001"
CHANNEL_NO = 500000001
MERCHANT_NO = 510000001


def channel_no(product: Product | int) -> int:
    """Return the channel product number: the one in addresses, orders and reviews."""
    return 10_000_000_201 + 1000 * (product if isinstance(product, int) else product.no)


def origin_no(product: Product | int) -> int:
    """Return the origin product number; it differs from the channel's."""
    return 10_000_000_101 + 1000 * (product if isinstance(product, int) else product.no)


def option_no(variant: Variant | int) -> int:
    """Return the id of an option combination."""
    return 30_000_000_000 + (variant if isinstance(variant, int) else variant.no)


def review_no(review: Review | int) -> int:
    """Return the id of a review."""
    return 5_021_750_000 + 37 * (review if isinstance(review, int) else review.no)


def product_of(channel: int) -> int:
    """Return the number of the world's product; 0 for none."""
    number, rest = divmod(channel - 10_000_000_201, 1000)
    return number if rest == 0 and number > 0 else 0
