"""The canonical records of what the pages of an emulated Godomall5 mall show to a guest, made from the world."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from lxml import html as markup
from msgspec import UNSET

from sandbox import canon
from sandbox import godomall5_ids as ids
from sandbox import godomall5_page_reviews as opinions
from sandbox.canon import line
from sandbox.entities import Product, Review, Variant
from sandbox.godomall5 import visible
from sandbox.godomall5_pages import Look, rating
from sandbox.world import World
from shopscrape import items, values


class WebTruth(canon.Canon):
    """Records of one mall's pages."""

    def __init__(self, world: World, mall: str, look: Look, host: str, now: datetime) -> None:
        super().__init__(world, "godomall5", mall, source="web")
        self.look = look
        self.host = host
        self.now = now

    def product_id(self, product: Product) -> str:
        """Return the product's number."""
        return ids.goods_no(product)

    def goods(self, product: Product) -> items.Product:
        """Return a product as its page tells it: a name in angle brackets may be a tag that was typed."""
        told = {
            "name": values.line(line(product.name)), "code": product.code or UNSET,
            "status": "sold_out" if ids.closed(product) else "on_sale",
            "status_raw": "soldout" if ids.closed(product) else "shown",
            "price": None if product.price_text else Decimal(product.price),
            "brand": values.line(product.brand) or UNSET, "manufacturer": values.line(product.maker) or UNSET,
            "categories": UNSET, "summary": UNSET, "barcode": UNSET, "tags": UNSET, "created_at": UNSET,
            "category_ids": [ids.category_code(self.world.categories[product.categories[0]], self.world)],
            "images": [f"{self.host}/data/goods{product.images[0]}"], "updated_at": UNSET,
            "url": f"{self.host}/goods/goods_view.php?goodsNo={ids.goods_no(product)}",
            "description": as_shown(product.description), "options": self.options_shown(product),
            "variants": self._variants(product),
        }  # fmt: skip
        counted = [] if self.look.crema else visible(self.trade, product.no)
        average = rating(counted) if self.look.edited else ""
        return self.product(
            product, **told, review_count=len(counted), rating=Decimal(average) if average else UNSET
        )  # fmt: skip

    def options_shown(self, product: Product) -> Any:
        """Return the axes: where each has a select, only the first one shows its values before something is chosen."""
        options = self.options(product)
        if product.plain or ids.display(product) == "d":
            return options[:1] + [items.Option(name=one.name, values=[]) for one in options[1:]]
        return options if self._named(product) else UNSET

    def _named(self, product: Product) -> bool:
        """Return whether a combined select names its axis."""
        return self.look.edited and len(product.axes) == 1

    def _variants(self, product: Product) -> Any:
        if not product.plain and ids.display(product) == "d":
            return UNSET
        price = None if product.price_text else Decimal(product.price)
        return [] if product.plain else [
            items.Variant(**self._level(product, one), price=UNSET if price is None else price + one.surcharge)
            for one in product.variants
        ]  # fmt: skip

    def _level(self, product: Product, variant: Variant) -> dict[str, Any]:
        """Return what a page tells of a combination. One that is stopped for a reason bears no number where its page
        asks for it."""
        counted, steps = ids.managed(product), ids.display(product) == "d"
        chosen = self.chosen(product, variant)
        if not steps and not self._named(product):
            chosen = {"": line("/".join(variant.values))}
        quantity: Any = variant.quantity or 0 if counted else None
        if counted and steps and ids.sell_flag(variant) == "t":
            quantity = UNSET
        return {
            "variant_id": str(variant.no), "options": chosen, "quantity": quantity, "managed": counted,
            "available": not ids.closed(product) and ids.free(product, variant),
        }  # fmt: skip

    def levels(self, product: Product) -> Iterator[items.Stock]:
        """Yield the stock of each combination, or of the product."""
        for variant in product.variants:
            told = self._level(product, variant)
            if product.plain:
                counted = ids.managed(product)
                told |= {
                    "variant_id": "", "options": {}, "code": product.code or UNSET,
                    "quantity": variant.quantity if counted else None, "available": not ids.closed(product),
                }  # fmt: skip
            yield items.Stock(**self.common, product_id=ids.goods_no(product), **told)

    # -- reviews ------------------------------------------------------------------------------------------------------

    def opinion(self, review: Review) -> items.Review:
        """Return a review of the board or of Plus Review."""
        product = self.world.products[review.product]
        told = self._plus(review, product) if self.look.plus and opinions.is_plus(review) else self._post(review)
        return items.Review(
            **self.common, product_id=ids.goods_no(product), rating=canon.money(review.rating), rating_scale=5,
            written_on=self.day(review.written_at), synthetic=False, **told,
        )  # fmt: skip

    def _post(self, review: Review) -> dict[str, Any]:
        secret = "secret" in review.flags
        today = self.day(review.written_at) == self.day(self.now)
        media = [items.Media(kind="image", url=f"{self.host}/data/board{path}") for path in review.photos]
        answers = [items.Reply(text=values.plain(one.text) or "", by="seller")
                   for one in review.replies if one.by == "seller"]  # fmt: skip
        comments = [
            items.Reply(text=values.plain(one.text) or "", written_at=one.at.replace(second=0), by="buyer")
            for one in review.replies if one.by != "seller"
        ]  # fmt: skip
        return {
            "review_id": f"{opinions.BOARD}:{ids.post_no(review)}", "rating_raw": f"{20 * (review.rating or 0)}%",
            "title": None if secret else values.line(review.title), "author_label": None if secret else review.label,
            "written_at": review.written_at.replace(second=0) if today else UNSET,
            "flags": ["secret"] if secret else [], "media": None if secret else media,
            "text": None if secret else values.plain(review.text.replace("\n", "<br />")),
            "replies": None if secret else [*answers, *comments],
        }  # fmt: skip

    def _plus(self, review: Review, product: Product) -> dict[str, Any]:
        return {
            "review_id": f"plus:{opinions.plus_no(review)}", "rating_raw": "★" * (review.rating or 0) or None,
            "text": values.plain(review.text.replace("\n", "<br>")), "author_label": review.label,
            "options": {line(name): line(value) for name, value in opinions.bought(review, product).items()},
            "media": [items.Media(kind="image", url=f"{self.host}/data/plus_review{path}") for path in review.photos],
            "helpful_count": review.helpful,
        }  # fmt: skip


def as_shown(text: str) -> str:
    """Return HTML as whoever parsed the page has it."""
    inner = markup.fragment_fromstring(text, create_parent="div")
    return (inner.text or "") + "".join(markup.tostring(one, encoding="unicode") for one in inner)
