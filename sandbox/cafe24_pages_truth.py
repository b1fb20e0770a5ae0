"""The canonical records of what the emulated Cafe24 storefront shows."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sandbox import cafe24_ids as ids
from sandbox.entities import Product, Review
from sandbox.world import World
from shopscrape import items, values


class Pages:
    """Records of one mall's pages."""

    def __init__(self, world: World, mall: str, storefront: str) -> None:
        self.world = world
        self.place = world.trade("demo").place
        self.storefront = storefront
        self.common: dict[str, Any] = {
            "platform": "cafe24", "mall": mall, "shop": "1", "source": "web", "collected_at": world.anchor,
        }  # fmt: skip

    def everything(self, products: list[Product], reviews: list[Review]) -> dict[str, list[Any]]:
        """Return all records by resource."""
        listed = [one for one in products if one.categories]
        shown = [one for one in reviews if not {"hidden", "pending"} & set(one.flags)]
        return {
            "products": [self.product(one) for one in listed],
            "inventory": [self.level(one, variant) for one in listed for variant in one.variants],
            "reviews": [self.review(one) for one in shown],
        }

    def product(self, product: Product) -> items.Product:
        """Return a product as its page tells it."""
        variants = [
            items.Variant(
                variant_id=level.variant_id, options=level.options, quantity=level.quantity, managed=level.managed,
                available=level.available, price=Decimal(product.price + one.surcharge),
            )
            for one, level in ((one, self.level(product, one)) for one in product.variants)
        ]  # fmt: skip
        return items.Product(
            **self.common, product_id=str(product.no), code=product.code, name=_text(product.name),
            status=product.status, status_raw="soldout" if product.sold_out else "shown",
            price=Decimal(product.price),
            list_price=Decimal(product.list_price) if product.list_price else None,
            discounted_price=Decimal(product.discounted) if product.discounted else None,
            price_text=values.line(product.price_text), currency="KRW",
            images=[f"{self.storefront}/web/product/big{product.images[0]}"],
            url=f"{self.storefront}/product/{quote(values.line(product.name) or '', safe='')}/{product.no}/",
            options=[
                items.Option(name=values.line(axis.name) or "", values=[values.line(one) or "" for one in axis.values])
                for axis in product.axes
            ],
            variants=variants,
        )  # fmt: skip

    def level(self, product: Product, variant: Any) -> items.Stock:
        """Return the stock of a variant: the engine prints it into the page."""
        quantity = variant.quantity
        return items.Stock(
            **self.common, product_id=str(product.no), variant_id=ids.variant_code(product, variant, self.place),
            options={values.line(name) or "": values.line(one) or "" for name, one in product.options(variant).items()},
            quantity=quantity, managed=variant.managed, code=product.code if product.plain else None,
            available=variant.on_sale and (quantity is None or quantity > 0),
        )  # fmt: skip

    def review(self, review: Review) -> items.Review:
        """Return a review as its list and its page tell it; of a secret one only the list."""
        secret = "secret" in review.flags
        text = review.text if "<" in review.text else "<p>" + review.text.replace("\n", "<br>") + "</p>"
        media = [items.Media(kind="image", url=f"{self.storefront}/file_data{path}") for path in review.photos]
        replies = [
            items.Reply(text=values.plain(one.text) or "", written_at=one.at, by=one.by)  # type: ignore[arg-type]
            for one in review.replies
        ]
        return items.Review(
            **self.common, review_id=f"4:{review.no * 20}", product_id=str(review.product),
            product_name=_text(self.world.products[review.product].name),
            rating=Decimal(review.rating) if review.rating else None, rating_raw=str(review.rating or 0),
            rating_scale=5,
            title=None if secret else values.line(review.title), text=None if secret else values.plain(text),
            author_label=None if secret else review.label, written_at=review.written_at,
            written_on=review.written_at.astimezone(values.SEOUL).date(), media=None if secret else media,
            flags=["secret"] if secret else [], replies=None if secret else replies, synthetic=False,
        )  # fmt: skip


def _text(name: str) -> str | None:
    """Return a name as a reader of pages takes it: what stands in angle brackets may be a tag that was typed."""
    return values.line(values.line(name))
