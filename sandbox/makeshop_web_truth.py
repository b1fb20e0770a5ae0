"""The canonical records of what the pages of an emulated MakeShop mall show to a guest, made from the world."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from lxml import etree, html
from msgspec import UNSET

from sandbox import makeshop_goods as goods
from sandbox import makeshop_ids as ids
from sandbox import makeshop_page_reviews as shown
from sandbox import makeshop_reviews as told_by_api
from sandbox.canon import Canon, line, without
from sandbox.entities import Product, Review, Variant
from sandbox.makeshop_pages import DOCTYPE, Pages
from shopscrape import items, values

_ENCODER = msgspec.json.Encoder()


class WebTruth(Canon):
    """Records of one mall's pages; numbers of products, combinations and posts are the API's.

    Where the calls of scripts may not be made, power reviews are those on product pages, without answers.
    """

    def __init__(self, pages: Pages, mall: str, calls: bool = True) -> None:
        super().__init__(pages.world, "makeshop", mall, source="web")
        self.pages = pages
        self.calls = calls

    def everything(self, products: list[Product], boards: list[str]) -> dict[str, list[Any]]:
        """Return all records by resource; `boards` are those whose posts are read beside the power reviews."""
        told: list[items.Review] = []
        if not self.pages.look.crema:
            most = None if self.calls else shown.POWER_PAGE
            told = [
                self.power(one, product) for product in products for one in shown.powers(self.trade, product)[:most]
            ]
            told += [self.comment(one) for product in products for one in shown.comments(self.trade, product)]
            told += [self.post(board, one) for board in boards for one in shown.visible(self.trade, board)]
        return {
            "products": [self.goods(one) for one in products],
            "inventory": [level for one in products for level in self.levels(one)],
            "reviews": told,
        }

    # -- products and stock -------------------------------------------------------------------------------------------

    def product_id(self, product: Product) -> str:
        """Return the uid."""
        return ids.uid(product)

    def variant_id(self, product: Product, variant: Variant) -> str:
        """Return the number of a combination."""
        return str(variant.place)

    def goods(self, product: Product) -> items.Product:
        """Return a product as its page tells it."""
        old, category = self.pages.look.old, self.world.categories[product.categories[0]]
        reviews = [] if self.pages.look.crema else shown.powers(self.trade, product)
        mean = shown.average(reviews)
        record = self.product(
            product, code=ids.brandcode(product, self.world.categories), url=self.pages.address(product),
            status_raw="soldout" if product.sold_out else "shown", price_text=None,
            brand=(old and values.line(product.brand)) or UNSET,
            manufacturer=(old and values.line(product.maker)) or UNSET,
            categories=[" > ".join(map(line, category.path))],
            category_ids=[":".join(one for one in ids.levels(category, self.world.categories) if one != "000")],
            images=self.images(product), summary=values.plain(product.summary) or UNSET,
            description=as_parsed(product.description), options=self.choices(product) or UNSET,
            text_options=[line(name) for name in product.text_options] or UNSET,
            rating=UNSET if mean == "0.0" else Decimal(mean),
            review_count=UNSET if self.pages.look.crema else len(reviews),
            variants=self.variants(product),
        )  # fmt: skip
        return without(record, "tags barcode created_at updated_at")

    def images(self, product: Product) -> list[str]:
        """Return the pictures: old skins show one, in its middle size, others name the large one in their head."""
        main, *more = (
            one.partition("?")[0] for one in goods.images(product, ids.brandcode(product, self.world.categories))
        )
        told = [main.replace(".jpg", "2.jpg")] if self.pages.look.old else [main, *more]
        return [one if "://" in one else self.pages.origin + one for one in told]

    def choices(self, product: Product) -> list[items.Option]:
        """Return the choices; values of a single one that are hidden are not offered."""
        found = self.options(product)
        if len(found) == 1:
            found[0].values = [line(one.values[0]) for one in self.offered(product)]
        return found

    @staticmethod
    def offered(product: Product) -> list[Variant]:
        """Return the combinations that are not hidden."""
        return [one for one in product.variants if goods.state(one) != "HIDE"]

    def chosen(self, product: Product, variant: Variant) -> dict[str, str]:
        """Return chosen values by name; where several are written in one text, a comma in one hides which is which."""
        if self.pages.has_literal(product) and len(variant.values) > 1 and any("," in one for one in variant.values):
            return {"": line(",".join(variant.values))}
        return super().chosen(product, variant)

    def available(self, product: Product, variant: Variant) -> bool:
        """Return whether a guest could buy it now."""
        return goods.state(variant) in ("SALE", "DELAY") and not variant.sold_out

    def variants(self, product: Product) -> Any:
        """Return the combinations; without the engine's literal only a single choice tells them, without levels."""
        if self.pages.has_literal(product):
            return [] if product.plain else [self._variant(product, one) for one in self.offered(product)]
        if len(product.axes) != 1:
            return UNSET
        return [
            without(self._variant(product, one), "code quantity managed") for one in self.offered(product)
        ]  # fmt: skip

    def _variant(self, product: Product, one: Variant) -> items.Variant:
        return without(self.variant(product, one, quantity=goods.level(one)), "barcode")

    def levels(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock of each combination, or of the product; nothing where several choices tell no combination."""
        literal, code = self.pages.has_literal(product), ids.brandcode(product, self.world.categories)
        if not literal and len(product.axes) > 1:
            return
        hidden = {str(one.place) for one in product.variants if goods.state(one) == "HIDE"}
        for one, variant in zip(self.stock(product), product.variants, strict=True):
            if one.variant_id in hidden:
                continue
            one.quantity = goods.level(variant)
            if product.plain:
                one.code = (literal and product.no % 2 and product.code) or code
            if not literal:
                without(one, "quantity managed" + (" options" if product.plain else " code"))
            yield without(one, "safety_quantity low barcode")

    # -- reviews ------------------------------------------------------------------------------------------------------

    def _points(self, review: Review) -> dict[str, Any]:
        points = review.rating
        told = {"rating": Decimal(points), "rating_raw": str(points), "rating_scale": 5} if points else {}
        return {"rating": UNSET, "rating_raw": UNSET, "rating_scale": UNSET} | told

    def _media(self, review: Review) -> list[items.Media]:
        board = ids.board_of(review)
        return [items.Media(kind="image", url=f"{told_by_api.PICTURES}/{board}{path}") for path in review.photos]

    def power(self, review: Review, product: Product) -> items.Review:
        """Return a power review: its day, where it is shown, and what was bought; answers as the script tells them."""
        answers: list[Any] = [
            items.Reply(text=values.plain(one.text) or "", by=one.by, written_at=None)  # type: ignore[arg-type]
            for one in told_by_api.answers(review)
        ]
        chosen = {line(name): line(value) for name, value in shown.bought(review, product).items()}
        return items.Review(
            **self.common, review_id=f"{ids.POWER}:{ids.num1(review)}:00000", product_id=ids.uid(product),
            **self._points(review), text=values.plain(shown.written(review)), options=chosen or UNSET,
            author_label=review.label, written_on=UNSET if shown.undated(review) else self.day(review.written_at),
            media=self._media(review), helpful_count=review.helpful, replies=(self.calls and answers) or UNSET,
            synthetic=False, channel=UNSET if review.channel == "naver_pay" else "own",
        )  # fmt: skip

    def comment(self, review: Review) -> items.Review:
        """Return a rating comment: what its page shows makes its number. Some show the beginning of a text."""
        first, whole = shown.excerpt(review), shown.opened(review)
        picture = told_by_api.uploaded(review)
        media = [items.Media(kind="image", url=self.pages.origin + picture)] if picture else []
        printed = [ids.uid(review.product), shown.day(review, "/"), review.label, first]
        return items.Review(
            **self.common, review_id="~" + _ENCODER.encode(printed).decode(), product_id=ids.uid(review.product),
            **self._points(review), text=values.plain(shown.written(review)) if whole else first,
            author_label=review.label, written_on=self.day(review.written_at), media=media if whole else UNSET,
            channel="own", synthetic=True,
        )  # fmt: skip

    def post(self, board: str, review: Review) -> items.Review:
        """Return a post of a board, opened; of a locked one its list tells who wrote it and when."""
        known: dict[str, Any] = {
            "review_id": f"{board}:{ids.num1(review)}:00000", "author_label": review.label, "synthetic": False,
            "written_on": self.day(review.written_at), "channel": UNSET,
        }  # fmt: skip
        if "secret" in review.flags:
            return items.Review(**self.common, **known, title=None, text=None, media=None, flags=["secret"])
        product = self.world.products[review.product]
        return items.Review(
            **self.common, **known, **self._points(review), product_id=ids.uid(product),
            product_name=values.line(product.name), title=values.line(review.title),
            text=values.plain(told_by_api.content(review)), written_at=review.written_at.replace(second=0),
            media=self._media(review),
        )  # fmt: skip


def as_parsed(text: str) -> str:
    """Return HTML as whoever parsed the page, which is XHTML, has it."""
    (inner,) = html.document_fromstring(f"{DOCTYPE}<div>{text}</div>").xpath("//body/div")
    return (inner.text or "") + "".join(etree.tostring(one, encoding="unicode") for one in inner)
