"""The records of the data set: what every platform is brought to.

A field holds a value, ``None`` (the platform says there is none) or ``UNSET`` (this answer does not tell).
Upserts leave ``UNSET`` columns alone and JSON lines omit them; a list is ``[]`` only when the platform says empty.
Times are aware UTC and end in ``_at``; dates end in ``_on`` and are days of the mall's zone. Money is ``Decimal`` in
the unit of ``currency`` (ISO 4217). Ids are strings. Constructors do not check: the validate pipeline does.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal

import msgspec
from msgspec import UNSET, UnsetType

from shopscrape import words

Text = str | None | UnsetType
Number = int | None | UnsetType
Flag = bool | None | UnsetType
Money = Decimal | None | UnsetType
Moment = datetime | None | UnsetType
Day = date | None | UnsetType
Texts = list[str] | None | UnsetType
Pairs = dict[str, str] | None | UnsetType


class Option(msgspec.Struct, kw_only=True, gc=False):
    """One choice a buyer makes, with the values on offer."""

    name: str
    values: list[str]


class Media(msgspec.Struct, kw_only=True, gc=False):
    """A picture or film that belongs to a review."""

    kind: Literal["image", "video"]
    url: str


class Reply(msgspec.Struct, kw_only=True, gc=False):
    """An answer below a review."""

    text: str
    written_at: datetime | None = None
    by: Literal["seller", "buyer"] = "seller"


class Variant(msgspec.Struct, kw_only=True, gc=False):
    """One buyable combination of options of a product."""

    variant_id: str
    """Native id, unique within the product's mall."""
    code: Text = UNSET
    """The seller's own code."""
    options: Pairs = UNSET
    """Option name to chosen value."""
    price: Money = UNSET
    """Full price of this variant, surcharge included."""
    quantity: Number = UNSET
    """Sellable amount as told; negative means oversold, None unlimited."""
    managed: Flag = UNSET
    """Whether the platform counts its stock."""
    available: Flag = UNSET
    """Whether a guest could buy it now."""
    barcode: Text = UNSET
    """GTIN or what the seller entered for it."""


class Record(msgspec.Struct, kw_only=True, gc=False):
    """What all records share. The first four fields with the native ids are the identity."""

    resource: ClassVar[str]
    """The function it belongs to: products, orders, inventory, returns or reviews."""
    keys: ClassVar[tuple[str, ...]]
    """Fields that hold the native ids."""

    platform: str
    """Folder name of the platform."""
    mall: str
    """Name of the mall in malls.toml."""
    shop: str = ""
    """Number of the shop inside a mall that has several, else empty."""
    source: Literal["api", "web"] = "api"
    """Whether an API or a page told it."""
    source_url: Text = UNSET
    """Address it was read from, without any secret."""
    collected_at: datetime
    """When it was read."""


class Product(Record, kw_only=True):
    """One article of a mall's catalogue."""

    resource: ClassVar[str] = "products"
    keys: ClassVar[tuple[str, ...]] = ("product_id",)

    product_id: str
    """Native number of the product, as in its address."""
    origin_id: Text = UNSET
    """Id of the thing sold when several listings share it."""
    group_id: Text = UNSET
    """Id of a group of products shown as one."""
    code: Text = UNSET
    """The seller's own code."""
    name: Text = UNSET
    """Plain text: no tags, no entities."""
    status: words.ProductStatus | None | UnsetType = UNSET
    """Our word."""
    status_raw: Text = UNSET
    """The platform's words for it."""
    price: Money = UNSET
    """Regular selling price."""
    list_price: Money = UNSET
    """Price before any reduction, as printed struck through."""
    discounted_price: Money = UNSET
    """What a guest pays now, when lower than price."""
    price_text: Text = UNSET
    """Price in words, shown instead of a number."""
    currency: Text = UNSET
    """ISO 4217."""
    brand: Text = UNSET
    """Brand name."""
    manufacturer: Text = UNSET
    """Maker's name."""
    categories: Texts = UNSET
    """Paths, levels joined by " > "."""
    category_ids: Texts = UNSET
    """Native ids of the same categories, in the same order."""
    images: Texts = UNSET
    """Absolute addresses, main picture first."""
    url: Text = UNSET
    """Public address of its page."""
    summary: Text = UNSET
    """Short description, plain text."""
    description: Text = UNSET
    """HTML as given."""
    options: list[Option] | None | UnsetType = UNSET
    """Choices that make variants."""
    text_options: Texts = UNSET
    """Names of fields the buyer fills in freely."""
    variants: list[Variant] | None | UnsetType = UNSET
    """Buyable combinations; empty when the product has none."""
    barcode: Text = UNSET
    """GTIN or what the seller entered for it."""
    tags: Texts = UNSET
    """The seller's search words."""
    rating: Money = UNSET
    """Average of the ratings, 1 to 5."""
    review_count: Number = UNSET
    """Number of reviews as the platform counts them."""
    created_at: Moment = UNSET
    """When it was registered."""
    updated_at: Moment = UNSET
    """When the platform last changed it."""


class Stock(Record, kw_only=True):
    """Stock of one thing that can be sold: a variant, or the product when it has none."""

    resource: ClassVar[str] = "inventory"
    keys: ClassVar[tuple[str, ...]] = ("product_id", "variant_id")

    product_id: str
    """The product it belongs to."""
    variant_id: str = ""
    """The variant, or empty for the product itself."""
    code: Text = UNSET
    """The seller's own code of the thing sold."""
    options: Pairs = UNSET
    """Option name to chosen value."""
    quantity: Number = UNSET
    """As told; negative means oversold, None unlimited."""
    managed: Flag = UNSET
    """Whether the platform counts it."""
    available: Flag = UNSET
    """Whether a guest could buy it now."""
    safety_quantity: Number = UNSET
    """The seller's own warning level."""
    low: Flag = UNSET
    """Whether quantity is at or below a warning level that is set."""
    pool: Text = UNSET
    """Id of a stock that several products share."""
    barcode: Text = UNSET
    """GTIN or what the seller entered for it."""
    observed_at: Moment = UNSET
    """When this level was read."""


class OrderLine(msgspec.Struct, kw_only=True, gc=False):
    """One position of an order."""

    line_id: str
    """Native id of the line."""
    external_id: Text = UNSET
    """Number of the line on the marketplace it came from."""
    kind: words.LineKind = "sale"
    """What the line is."""
    replaces: Text = UNSET
    """line_id that an exchange line stands in for."""
    product_id: Text = UNSET
    """The product sold."""
    variant_id: Text = UNSET
    """The variant sold."""
    code: Text = UNSET
    """The seller's own code."""
    name: Text = UNSET
    """Name when it was ordered, plain text."""
    options: Pairs = UNSET
    """Option name to chosen value; the whole text under "" when it cannot be split safely."""
    quantity: Number = UNSET
    """Units ordered."""
    quantity_left: Number = UNSET
    """Units that no finished claim took away."""
    unit_price: Money = UNSET
    """Price of one unit, option surcharge included."""
    discount: Money = UNSET
    """Reduction of this line."""
    total: Money = UNSET
    """Amount of the line after its own discount."""
    status: words.OrderStatus | None | UnsetType = UNSET
    """Our word; a line under an open claim keeps the word it had before."""
    status_raw: Text = UNSET
    """The platform's word."""
    courier: Text = UNSET
    """Name or code of the carrier."""
    tracking_no: Text = UNSET
    """Number of the parcel; several joined by a comma."""
    shipped_at: Moment = UNSET
    """When it left."""
    delivered_at: Moment = UNSET
    """When it arrived."""
    completed_at: Moment = UNSET
    """When the buyer confirmed the purchase."""


class Order(Record, kw_only=True):
    """One purchase. Its status is computed in the store from all its lines."""

    resource: ClassVar[str] = "orders"
    keys: ClassVar[tuple[str, ...]] = ("order_id",)

    order_id: str
    """Native order number."""
    external_id: Text = UNSET
    """Number on the marketplace it came from."""
    channel: Text = UNSET
    """Where it was placed, in a word of the fact sheet."""
    channel_raw: Text = UNSET
    """The platform's word for that."""
    status: words.OrderStatus | None | UnsetType = UNSET
    """The least advanced sale line that is not cancelled, returned or exchanged."""
    status_raw: Text = UNSET
    """The platform's word, where it has one for the order."""
    ordered_at: Moment = UNSET
    """When it was placed."""
    paid_at: Moment = UNSET
    """When it was paid."""
    completed_at: Moment = UNSET
    """When it was closed as a whole."""
    currency: Text = UNSET
    """ISO 4217."""
    items_total: Money = UNSET
    """Goods as they stand now, before discounts."""
    shipping_fee: Money = UNSET
    """Delivery charged now."""
    discount: Money = UNSET
    """All reductions together, positive."""
    total: Money = UNSET
    """items_total + shipping_fee − discount as it stands now, before points."""
    points_used: Money = UNSET
    """Points and deposits spent."""
    paid: Money = UNSET
    """Money really paid back and forth until now."""
    payment_methods: Texts = UNSET
    """The platform's words."""
    buyer: Text = UNSET
    """Pseudonym of the person, stable within the key."""
    receiver_region: Text = UNSET
    """시/도 and 시군구, nothing finer."""
    lines: list[OrderLine] | None | UnsetType = UNSET
    """Merged by line_id in the store; lines that an answer lacks stay."""


class Return(Record, kw_only=True):
    """A cancellation, return or exchange of one or more lines."""

    resource: ClassVar[str] = "returns"
    keys: ClassVar[tuple[str, ...]] = ("return_id",)

    return_id: str
    """Claim number where it exists from the request on, else line id + ":" + kind."""
    claim_no: Text = UNSET
    """A claim number that came later."""
    kind: words.ReturnKind
    """What was asked for."""
    by: Literal["buyer", "seller", "platform"] | None | UnsetType = UNSET
    """Who asked."""
    order_id: str
    """The order it belongs to."""
    line_ids: list[str]
    """The lines it is about."""
    status: words.ReturnStatus | None | UnsetType = UNSET
    """Our word."""
    status_raw: Text = UNSET
    """The platform's word."""
    reason: words.Reason | None | UnsetType = UNSET
    """Our word."""
    reason_raw: Text = UNSET
    """The platform's code."""
    reason_text: Text = UNSET
    """What was written, masked."""
    requested_at: Moment = UNSET
    """When it was asked for."""
    completed_at: Moment = UNSET
    """When it was finished."""
    quantity: Number = UNSET
    """Units claimed."""
    refund_amount: Money = UNSET
    """Money paid back, points apart."""
    refund_method: Text = UNSET
    """The platform's words; several joined by a comma."""
    refunded_at: Moment = UNSET
    """When the money went back."""
    fee: Money = UNSET
    """What the buyer was charged for it, positive."""
    tracking_no: Text = UNSET
    """Number of the parcel on its way back."""
    currency: Text = UNSET
    """ISO 4217."""
    restocked: Flag = UNSET
    """Whether the goods went back to stock."""
    derived: bool | UnsetType = UNSET
    """True where it was computed, not told."""


class Review(Record, kw_only=True):
    """What a buyer wrote about a product."""

    resource: ClassVar[str] = "reviews"
    keys: ClassVar[tuple[str, ...]] = ("review_id",)

    review_id: str
    """Native id; "~" + HMAC where a page shows none."""
    parent_review_id: Text = UNSET
    """The review it follows up."""
    external_id: Text = UNSET
    """Id on the platform it was imported from."""
    product_id: Text = UNSET
    """The product it is about."""
    product_name: Text = UNSET
    """Its name as printed beside the review."""
    order_id: Text = UNSET
    """The order it belongs to."""
    order_line_id: Text = UNSET
    """The line it belongs to."""
    rating: Money = UNSET
    """1 to 5."""
    rating_raw: Text = UNSET
    """As the platform gave it."""
    rating_scale: Number = UNSET
    """Highest raw rating."""
    scores: dict[str, str] | None | UnsetType = UNSET
    """Further questions the buyer answered."""
    title: Text = UNSET
    """Plain text."""
    text: Text = UNSET
    """Plain text, persons' numbers masked."""
    options: Pairs = UNSET
    """What was bought; the whole text under "" when it cannot be split safely."""
    author: Text = UNSET
    """Pseudonym; None for masked names."""
    author_label: Text = UNSET
    """Masked name as shown."""
    written_at: Moment = UNSET
    """Only if a time was told."""
    written_on: Day = UNSET
    """Day in the mall's zone."""
    updated_at: Moment = UNSET
    """When it was edited, as told."""
    media: list[Media] | None | UnsetType = UNSET
    """Pictures and films, in order."""
    helpful_count: Number = UNSET
    """How many found it helpful."""
    flags: list[words.ReviewFlag] | UnsetType = UNSET
    """What it was marked as."""
    replies: list[Reply] | None | UnsetType = UNSET
    """Answers, oldest first."""
    channel: Text = UNSET
    """Where it was written, in a word of the fact sheet."""
    language: Text = UNSET
    """BCP 47."""
    synthetic: bool | UnsetType = UNSET
    """True where the id was made from what is shown."""


TYPES: tuple[type[Record], ...] = (Product, Order, Stock, Return, Review)
RESOURCES: tuple[str, ...] = tuple(record.resource for record in TYPES)
