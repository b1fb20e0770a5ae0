"""What buyers do: orders with their lines, claims, and what they write afterwards."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from sandbox.things import Person, Timed
from shopscrape import words


class Parcel(msgspec.Struct, kw_only=True):
    """One delivery."""

    courier: str
    """A key of world.COURIERS."""
    tracking: str
    shipped_at: datetime
    delivered_at: datetime | None = None


class Line(msgspec.Struct, kw_only=True):
    """One position of an order."""

    no: int
    """order number × 100 + place; unique within the mall."""
    place: int
    """1-based."""
    kind: words.LineKind = "sale"
    product: int
    variant: int
    name: str
    """The product's name when it was ordered, as typed."""
    code: str | None
    options: dict[str, str]
    texts: dict[str, str] = {}
    """What the buyer typed into text options."""
    quantity: int
    left: int
    """Units that no finished claim took away."""
    price: int
    """Of one unit without surcharge."""
    surcharge: int = 0
    discount: int = 0
    """Of the whole line."""
    status: words.OrderStatus
    """Under an open claim: the word it had before."""
    parcels: list[Parcel] = []
    """Usually one once shipped; two when it was split."""
    completed_at: datetime | None = None
    external: str | None = None
    """Number on the marketplace it came from."""
    replaces: int = 0
    """`no` of the line that this exchange line stands in for."""
    bundle: int = 0
    """`no` of the line that this gift, add-on or component belongs to."""
    claim: int = 0
    """`no` of its claim; a line has at most one in its life."""

    @property
    def unit(self) -> int:
        """Return the price of one unit, surcharge included."""
        return self.price + self.surcharge

    @property
    def total(self) -> int:
        """Return the amount ordered after its own discount."""
        return self.unit * self.quantity - self.discount

    @property
    def shipped_at(self) -> datetime | None:
        """Return when the first parcel left."""
        return self.parcels[0].shipped_at if self.parcels else None

    @property
    def delivered_at(self) -> datetime | None:
        """Return when the last parcel arrived, None while one is on its way."""
        ends = [parcel.delivered_at for parcel in self.parcels]
        return max(end for end in ends if end) if ends and all(ends) else None


class Order(Timed, kw_only=True):
    """A purchase.

    Events, with `line` where they concern one: ordered, paid, preparing, on_hold, shipped, delivered, completed,
    failed, cancelled, memo; and of its claims, with `claim`: `<kind>_<phase>` such as return_collected.
    """

    ordered_at: datetime
    paid_at: datetime | None = None
    buyer: Person
    guest: bool = False
    receiver: Person
    """Often the buyer."""
    masked: bool = False
    """The marketplace shows the buyer only with asterisks."""
    channel: str = "own"
    external: str | None = None
    """Number on the marketplace it came from."""
    lines: list[Line]
    claims: list["Claim"] = []
    shipping_fee: int = 0
    coupon: int = 0
    """Order-wide reduction, apart from the lines' own."""
    coupon_name: str | None = None
    points: int = 0
    methods: tuple[str, ...] = ("card",)
    """Of card, bank, virtual_account, phone, naver_pay, kakao_pay, points, coupon_only."""
    message: str = ""
    """To the courier; personal."""
    memo: str = ""
    """Of the seller; never to be collected."""
    mobile: bool = True

    @property
    def status(self) -> str:
        """Return our word of the whole order."""
        return words.order_status((line.kind, line.status) for line in self.lines)

    @property
    def first_total(self) -> int:
        """Return goods as ordered, lines' discounts taken off; replacements do not count."""
        return sum(line.total for line in self.lines if line.kind != "replacement")

    @property
    def items_total(self) -> int:
        """Return goods as they stand now, before discounts; replacements do not count."""
        return sum(line.unit * line.left for line in self.lines if line.kind != "replacement")

    @property
    def discount_now(self) -> int:
        """Return the reductions that go with what is left: the lines' shares, and the coupon while anything is."""
        shares = sum(line.discount * line.left // line.quantity for line in self.lines if line.kind != "replacement")
        return shares + (self.coupon if any(line.left for line in self.lines) else 0)

    @property
    def shipping_now(self) -> int:
        """Return the delivery charged while anything is left."""
        return self.shipping_fee if any(line.left for line in self.lines) else 0

    @property
    def due(self) -> int:
        """Return what had to be paid when it was placed, points taken off."""
        return self.first_total + self.shipping_fee - self.coupon - self.points

    @property
    def refunded(self) -> int:
        """Return money paid back."""
        return sum(claim.refund or 0 for claim in self.claims if claim.refunded_at)

    @property
    def completed_at(self) -> datetime | None:
        """Return when the last line was confirmed, None while one is open."""
        ends = [line.completed_at for line in self.lines if line.kind == "sale" and line.left]
        return max(end for end in ends if end) if ends and all(ends) else None

    def line(self, no: int) -> Line:
        """Return a line by its number."""
        return self.lines[no - self.no * 100 - 1]


class Claim(Timed, kw_only=True):
    """A cancellation, return or exchange. Events: the phases it went through, as in `phase`."""

    order: int
    kind: words.ReturnKind
    by: str
    """buyer, seller or platform."""
    lines: list[tuple[int, int]]
    """(`no` of the line, units claimed); mostly one."""
    phase: words.ReturnStatus
    reason: words.Reason
    text: str | None
    """What was written; may hold numbers of persons."""
    before: words.OrderStatus
    """The lines' word when it was asked for."""
    refund: int | None = None
    """Money to be paid back, points and fee taken off; None for exchanges and while nothing is settled."""
    points_back: int = 0
    method: str | None = None
    """How it is paid back: a word of Order.methods."""
    refunded_at: datetime | None = None
    fee: int = 0
    """What the buyer is charged."""
    courier: str | None = None
    tracking: str | None = None
    """Of the parcel on its way back."""
    restocked: bool | None = None
    replacements: list[int] = []
    """`no` of the lines sent instead."""
    hold: str | None = None
    """Why it is on hold or was rejected."""

    @property
    def requested_at(self) -> datetime:
        """Return when it was asked for."""
        return self.events[0].at

    @property
    def completed_at(self) -> datetime | None:
        """Return when it was finished."""
        return self.when("completed")

    @property
    def quantity(self) -> int:
        """Return the units claimed."""
        return sum(units for _, units in self.lines)

    @property
    def open(self) -> bool:
        """Return whether it goes on."""
        return self.phase not in ("completed", "rejected", "withdrawn")


class Reply(msgspec.Struct, kw_only=True):
    """An answer below a review."""

    no: int
    at: datetime
    text: str
    by: str = "seller"


class Review(Timed, kw_only=True):
    """What a buyer wrote. Events: written, edited, answered, hidden, shown, best, deleted.

    `events[0]` is when it came to this mall; an imported one was written before.
    """

    product: int
    variant: int = 0
    """0: not told."""
    order: int = 0
    line: int = 0
    """`no` of the order and line it belongs to; 0: none."""
    rating: int | None
    """1 to 5; None where the platform lets one go without: an emulator whose platform does not shows 5."""
    scores: dict[str, str] = {}
    title: str
    text: str
    """As typed: line breaks, HTML, emoji, persons' numbers."""
    author: Person
    member: bool = True
    """False: a guest."""
    written_at: datetime
    edited_at: datetime | None = None
    photos: tuple[str, ...] = ()
    """Paths such as /images/r501_1.jpg."""
    video: str | None = None
    helpful: int = 0
    views: int = 0
    flags: list[words.ReviewFlag] = []
    replies: list[Reply] = []
    parent: int = 0
    """`no` of the review it follows up."""
    channel: str = "own"
    external: str | None = None
    """Id on the platform it was imported from."""

    @property
    def label(self) -> str:
        """Return the author as shown: 김** ."""
        return self.author.name[:1] + "**"

    @property
    def masked_id(self) -> str:
        """Return the author's log-in name as shown: abcd****."""
        return self.author.member[:4] + "****"

    def media(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, path)."""
        yield from (("image", path) for path in self.photos)
        if self.video:
            yield "video", self.video
