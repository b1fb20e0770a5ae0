"""Cafe24's answers for products and reviews: every key of the published examples, with the world's values."""

import copy
import json
from pathlib import Path
from typing import Any

from sandbox import cafe24_ids as ids
from sandbox.entities import Category, Order, Product, Reply, Review, Variant
from shopscrape import values

SHAPES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "cafe24_shapes.json").read_text("utf-8"))


def shape(name: str, /, **fields: Any) -> dict[str, Any]:
    """Return a copy of a published example with some of its values replaced. Raises: KeyError for a key it lacks."""
    found = copy.deepcopy(SHAPES[name])
    for key, value in fields.items():
        if key not in found:
            raise KeyError(f"{name} has no {key}")
        found[key] = value
    return found


def won(amount: int | None) -> str:
    """Return money as the API prints it."""
    return f"{amount or 0}.00"


def yes(flag: object) -> str:
    """Return T or F."""
    return "T" if flag else "F"


class Shop:
    """What payloads need to know about the mall they are of."""

    def __init__(self, place: int, host: str, categories: dict[int, Category]) -> None:
        self.place = place
        self.host = host
        self.categories = categories

    # -- products -----------------------------------------------------------------------------------------------------

    def product(self, product: Product, embed: set[str], detail: bool = False) -> dict[str, Any]:
        """Return a product of the list, or of the detail call with what only that tells."""
        main = f"https://{self.host}/web/product/big{product.images[0]}" if product.images else None
        told = shape(
            "product", product_no=product.no, product_code=ids.product_code(product, self.place),
            custom_product_code=product.code or "", product_name=product.name, price=won(product.price),
            retail_price=won(product.list_price), supply_price=won(product.cost), price_content=product.price_text,
            display=yes(product.state != "hidden"), selling=yes(product.state in ("on_sale", "hidden")),
            sold_out=yes(product.sold_out), summary_description=product.summary or "", detail_image=main,
            list_image=main, tiny_image=main, small_image=main, created_date=ids.kst(product.created_at),
            updated_date=ids.kst(product.changed_at),
        )  # fmt: skip
        if product.no % 5 == 0:
            # One documented row has its price as a number.
            told["price"] = product.price
        if detail:
            more = shape("detail", **told) if set(told) <= set(SHAPES["detail"]) else SHAPES["detail"] | told
            told = copy.deepcopy(more) | told | {
                "description": product.description, "mobile_description": product.description,
                "category": [{"category_no": no, "recommend": "F", "new": "F"} for no in product.categories],
                "product_tag": list(product.tags), "has_option": yes(product.axes),
                "option_type": "T" if product.axes else None,
                "additional_image": self._more_images(product),
            }  # fmt: skip
        for name in ("variants", "options", "discountprice", "additionalimages"):
            told.pop(name, None)
        if "variants" in embed:
            told["variants"] = [self.variant(product, one, True) for one in product.variants[:100]]
        if "options" in embed:
            told["options"] = self.options(product)
        if "discountprice" in embed:
            price = won(product.discounted) if product.discounted else None
            told["discountprice"] = {
                "pc_discount_price": price, "mobile_discount_price": price, "app_discount_price": price,
            }  # fmt: skip
        if "additionalimages" in embed:
            told["additionalimages"] = self._more_images(product)
        return told

    def _more_images(self, product: Product) -> list[dict[str, str]]:
        base = f"//{self.host}/web/product/extra"
        return [
            {"big": f"{base}/big{path}", "medium": f"{base}/medium{path}", "small": f"{base}/small{path}"}
            for path in product.images[1:]
        ]

    def variant(self, product: Product, variant: Variant, nested: bool) -> dict[str, Any]:
        """Return a variant, its stock flat and, where embedded, nested too."""
        level = {
            "use_inventory": yes(variant.managed), "quantity": variant.quantity or 0,
            "safety_inventory": variant.safety,
            "display_soldout": yes(variant.quantity is None or variant.quantity >= 0),
        }  # fmt: skip
        code = ids.variant_code(product, variant, self.place)
        chosen = [{"name": name, "value": value} for name, value in product.options(variant).items()]
        told = shape(
            "variant", variant_code=code, options=chosen or None, custom_variant_code=variant.code or "",
            display="T", selling=yes(variant.on_sale), display_order=variant.place, image=None,
            additional_amount=won(variant.surcharge), **level,
        )  # fmt: skip
        if nested:
            told["inventories"] = SHAPES["variant_nested"]["inventories"] | level | {"variant_code": code}
        return told

    def options(self, product: Product) -> dict[str, Any]:
        """Return the options resource; null stands for none (unverified: could be an empty list)."""
        value = SHAPES["option"]["options"][0]["option_value"][0]
        choice = SHAPES["option"]["options"][0]
        choices = [
            choice | {"option_name": axis.name, "option_value": [value | {"option_text": text} for text in axis.values]}
            for axis in product.axes
        ]
        texts = [
            {"additional_option_name": name, "required_additional_option": "F", "additional_option_text_length": 20}
            for name in product.text_options
        ]
        return shape(
            "option", product_no=product.no, has_option=yes(product.axes), options=choices or None,
            use_additional_option=yes(texts), additional_options=texts or None,
            option_type="T" if product.axes else None, option_list_type="S" if product.axes else None,
        )  # fmt: skip

    def category(self, category: Category) -> dict[str, Any]:
        """Return a category."""
        levels = range(4)
        names = {str(n + 1): category.path[n] if n < len(category.path) else None for n in levels}
        numbers = {str(n + 1): str(category.chain[n]) if n < len(category.chain) else None for n in levels}
        return shape(
            "category", category_no=category.no, category_depth=len(category.path), category_name=category.name,
            parent_category_no=category.parent or 1, full_category_name=names, full_category_no=numbers,
            root_category_no=category.chain[0], display_order=category.place,
        )  # fmt: skip

    # -- reviews ------------------------------------------------------------------------------------------------------

    def article(self, review: Review, order: Order | None) -> dict[str, Any]:
        """Return a review as an article of the board."""
        told = shape(
            "article", article_no=review.no * 20, parent_article_no=review.no * 20 if review.no % 50 == 1 else None,
            product_no=review.product, created_date=ids.kst(review.written_at), writer=self._writer(review),
            writer_email=review.author.email if review.no % 6 == 0 else "",
            member_id=review.author.member if review.member else "", title=review.title,
            content=self.content(review), rating=review.rating if review.no % 40 else 0, nick_name="",
            display=yes("hidden" not in review.flags), secret=yes("secret" in review.flags),
            deleted="B" if "pending" in review.flags else "F", order_id=ids.order_id(order) if order else "",
            attach_file_urls=[
                {"no": place, "name": path.rpartition("/")[2], "url": f"https://{self.host}/file_data{path}"}
                for place, (_, path) in enumerate(review.media(), 1) if not (place == 1 and review.no % 2)
            ],
            hit=review.views, reply=yes(review.replies), reply_status="C" if review.replies else "N",
            naverpay_review_id=review.external if review.channel == "naver_pay" else None,
        )  # fmt: skip
        if review.edited_at and review.no % 3:
            told["updated_date"] = ids.kst(review.edited_at)
        return told

    @staticmethod
    def _writer(review: Review) -> str:
        return review.label if review.no % 3 == 0 else review.author.name

    def content(self, review: Review) -> str:
        """Return the HTML of a review; the first picture of every other one stands only inside it."""
        text = (
            review.text
            if "<" in review.text
            else "<p>" + review.text.replace("\r\n", "\n").replace("\n", "<br>\r\n") + "</p>"
        )
        pictures = [path for _, path in review.media()]
        return f'{text}<p><img src="/file_data{pictures[0]}"></p>' if pictures and review.no % 2 else text

    def answer(self, review: Review, reply: Reply) -> dict[str, Any]:
        """Return an answer that is an article of its own."""
        return shape(
            "article", article_no=review.no * 20 + reply.no % 10, parent_article_no=review.no * 20, reply_depth=1,
            reply_sequence=1, product_no=review.product, created_date=ids.kst(reply.at), writer="판매자",
            member_id="mallop", title="답변", content=f"<p>{reply.text}</p>", rating=0, order_id="",
            attach_file_urls=[],            naverpay_review_id=None, display="T", secret="F", deleted="F", nick_name="",
        )  # fmt: skip

    def comment(self, review: Review, reply: Reply, number: int) -> dict[str, Any]:
        """Return an answer that is a comment."""
        seller = reply.by == "seller"
        return shape(
            "comment", board_no=4, article_no=review.no * 20, comment_no=number, content=reply.text,
            writer="판매자" if seller else review.author.name, member_id="mallop" if seller else review.author.member,
            created_date=ids.kst(reply.at), attach_file_urls=[], links=[],
        )  # fmt: skip


def as_article(review: Review, reply: Reply) -> bool:
    """Return whether an answer is an article of its own: the first of the seller's under every third review."""
    return reply.by == "seller" and review.no % 3 == 0 and reply is review.replies[0]


def comment_number(reply: Reply) -> int:
    """Return a number that grows with time."""
    return (
        int(reply.at.timestamp() - values.day_start(values.day("2025-01-01"), values.SEOUL).timestamp()) * 100
        + reply.no % 100
    )  # type: ignore[arg-type]
