"""The canonical records of what the pages of an emulated WISA mall show to a guest, made from the world."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from lxml import html as markup
from msgspec import UNSET

from sandbox import canon, wisa_goods
from sandbox import wisa_ids as ids
from sandbox.canon import line
from sandbox.entities import Product, Review, Variant
from sandbox.wisa_goods import Shop
from sandbox.wisa_options import free, gone_after, is_set, parts_of
from sandbox.wisa_truth import PRODUCTS
from shopscrape import items, values


class WebTruth:
    """Records of one mall's pages. Where the calls of scripts may not be made, sold-out deeper choices stay unknown."""

    def __init__(self, shop: Shop, mall: str, host: str, asks: bool, drawn: bool = False) -> None:
        self.shop = shop
        self.world = shop.world
        self.host = host
        self.asks = asks
        self.drawn = drawn
        self.canon = canon.Canon(shop.world, "wisa", mall, source="web")
        self.common = self.canon.common

    def product(self, product: Product) -> items.Product:
        """Return a product as its page tells it; a set has the choices of its parts and no variants of its own."""
        stat, shelf = ids.product_stat(product), ids.shelves(product, self.world.categories)[""]
        parts = parts_of(product, self.world) or (product,)
        made_of = is_set(product, self.world)
        variants = [] if product.plain else [self._variant(product, one) for one in product.variants]
        return self.canon.product(
            product, code=UNSET, status=PRODUCTS[stat], status_raw=stat, url=self.shop.link(product.no), barcode=UNSET,
            list_price=canon.money(product.list_price) or UNSET, tags=UNSET, created_at=UNSET, updated_at=UNSET,
            brand=values.line(product.brand) or UNSET, manufacturer=values.line(product.maker) or UNSET,
            categories=[" > ".join(map(line, shelf.path))], category_ids=[str(shelf.no)],
            images=[ids.picture(product, "m"), *ids.more_pictures(product)], variants=UNSET if made_of else variants,
            options=[option for part in parts for option in self.canon.options(part)],
            description=as_shown(product.description, self.drawn), summary=values.plain(product.summary) or UNSET,
        )  # fmt: skip

    def _level(self, product: Product, variant: Variant) -> dict[str, Any]:
        """Return what a page tells of a combination, whose own number it never shows."""
        counted = ids.counted(product)
        return {
            "variant_id": "_".join(ids.items_of(product, variant)), "options": self.canon.chosen(product, variant),
            "quantity": UNSET if counted else None, "managed": counted, "available": self._available(product, variant),
        }  # fmt: skip

    def _available(self, product: Product, variant: Variant) -> Any:
        if ids.product_stat(product) != "2":
            return False
        if not ids.counted(product) or self.asks or len(product.axes) < 2:
            return free(product, variant)
        # Of the first choice the page itself says what is gone.
        return False if variant.choice[0] in gone_after(product, ()) else UNSET

    def _variant(self, product: Product, variant: Variant) -> items.Variant:
        return items.Variant(price=Decimal(ids.price(product, variant)), **self._level(product, variant))

    def stock(self, product: Product) -> Iterator[items.Stock]:
        """Yield what can be bought: a product without choices may print its whole stock."""
        if is_set(product, self.world):
            return
        for variant in product.variants:
            told = self._level(product, variant)
            if product.plain:
                told |= {"variant_id": "", "options": {}, "available": ids.product_stat(product) == "2"}
                if ids.counted(product) and product.no % 4 == 0:
                    told["quantity"] = ids.quantity(variant)
                    told["available"] = told["available"] and told["quantity"] > 0
            yield items.Stock(**self.common, product_id=str(product.no), **told)

    def review(self, review: Review) -> items.Review:
        """Return a review of the mall's list, opened: its day, its writer with asterisks, its answers without times."""
        first, second, inside = wisa_goods.pictures(review)
        shown = [one for one in (first, second, *inside) if one and not one.startswith("data:")]
        score = wisa_goods.rating(review)
        return items.Review(
            **self.common, review_id=str(ids.review_no(review)), product_id=str(review.product),
            product_name=values.line(self.world.products[review.product].name), rating=Decimal(score),
            rating_raw=str(score), rating_scale=5, title=values.line(review.title),
            text=values.plain(wisa_goods.content(review)), author=None, written_on=self.canon.day(review.written_at),
            author_label=review.label if review.member else "비**", synthetic=False,
            media=[items.Media(kind="image", url=urljoin(f"{self.host}/", one)) for one in shown],
            replies=[
                items.Reply(text=values.line(one.text) or "", by=one.by) for one in wisa_goods.answers(review)
            ],
        )  # fmt: skip


def as_shown(text: str, drawn: bool = False) -> str:
    """Return HTML as whoever parsed the page has it; a browser puts rows of tables into a body."""
    inner = markup.fragment_fromstring(text, create_parent="div")
    told = (inner.text or "") + "".join(markup.tostring(one, encoding="unicode") for one in inner)
    return told.replace("<table>", "<table><tbody>").replace("</table>", "</tbody></table>") if drawn else told
