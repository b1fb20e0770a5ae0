"""What a WISA mall tells of its products and reviews over the Openapi and in the feed for price comparison."""

from collections.abc import Iterator
from typing import Any

from sandbox import wisa_ids as ids
from sandbox.entities import Line, Product, Review
from sandbox.shapes import fill, templates
from sandbox.world import Trade, World

SHAPES = templates("wisa_shapes.json")
KINDS = ("콤보박스", "라디오버튼", "컬러칩", "텍스트칩", "라디오버튼 + 줄바꿈")
TEXT_KINDS = ("텍스트입력", "면적입력")
FEED = (
    "id", "title", "price_pc", "link", "image_link", "category_name1", "category_name2", "category_name3", "search_tag",
    "manufacture_define_number", "brand", "point", "review_count", "shipping", "class", "update_time", "mobile_link",
    "import_flag", "shipping_settings",
)  # fmt: skip
ADD_ON = ("추가 구성", (("파우치", 3000), ("쇼핑백, 대", 1500)))
OPTIONAL = ("선물 포장", (("포장 안 함", 0), ("포장", 1000)))


class Shop:
    """What payloads need to know about the mall they are of."""

    def __init__(self, world: World, trade: Trade) -> None:
        self.world = world
        self.trade = trade
        self.address = f"https://{ids.DOMAIN}"
        """Of its pages, without a slash at the end; set when it is known."""
        self._counted = {product.no: ids.counted(product) for product in world.products}

    def complex_of(self, line: Line) -> str:
        """Return the combination that an order line printed when it was placed, "" for what was not counted then."""
        product, variant = self.world.variant(line.variant)
        counted = self._counted.setdefault(product.no, ids.counted(product))
        return ids.complex_no(variant) if counted and line.kind != "component" else ""

    def listed(self) -> list[Product]:
        """Return the products that lists know, newest number first: neither new ones in work nor those in the bin."""
        products = self.world.products
        return products.where("wisa listed", lambda one: ids.product_stat(one) in ("2", "3", "4"), newest_first=True)

    def link(self, number: int) -> str:
        """Return the address of a product's page."""
        return f"{self.address}/shop/detail.php?pno={ids.hash_of(number)}"

    # -- Openapi ------------------------------------------------------------------------------------------------------

    def row(self, product: Product, logged_in: bool, content: bool, shortcut: int = 0) -> dict[str, Any]:
        """Return a product of the list, or the row of a shortcut to it."""
        views = product.no * 37 % 5000
        told = fill(
            SHAPES["product_row"],
            {
                "pno": str(shortcut or product.no), "code": product.code or "", "title": product.name,
                "system_code": ids.hash_of(shortcut or product.no), "stat": self.label(product),
                "keyword": ",".join(product.tags) if logged_in else None, **self._shelves(product, "row"),
                "attr": "회원혜택,무료배송" if product.no % 3 == 0 else "", "photo": ids.picture(product, "s"),
                "detail_photo": ids.picture(product, "s").rpartition("/")[0] + "/",
                "normal_prc": str(product.list_price or 0), "sell_prc": str(product.price),
                "addimg": self._images(product), "reg_date": ids.kst(product.created_at),
                "content2": product.description if content else "", "content2_m": "",
                "detailLink": self.link(shortcut or product.no), "hit_view": str(views), "hit_cart": str(views // 9),
                "hit_wish": str(views // 20), "hit_order": str(views // 12), "qna_cnt": "0",
                "wm_sc": str(product.no) if shortcut else "0",
            },
        )  # fmt: skip
        if not logged_in:
            for name in ("hit_view", "hit_cart", "hit_wish", "hit_order", "qna_cnt", "wm_sc"):
                del told[name]
        return told

    def detail(self, product: Product, logged_in: bool) -> dict[str, Any]:
        """Return a product in full."""
        price = f"{product.price}.00" if product.no % 10 == 7 else str(product.price)
        memo = {
            "no": str(product.no), "admin_id": "demoadmin", "reg_date": ids.kst(product.created_at),
            "content": f"거래처 {product.supplier}, 원가 {product.cost}",
        }  # fmt: skip
        told = fill(
            SHAPES["product"],
            {
                "pno": str(product.no), "code": product.code or "", "system_code": ids.hash_of(product.no),
                "name": product.name, "stat": self.label(product), **self._shelves(product, "detail"),
                "upfile1": ids.picture(product, "b"), "upfile2": ids.picture(product, "m"),
                "upfile3": ids.picture(product, "s"), "images": self._images(product),
                "content1": product.summary or "", "content2": product.description, "content2_m": "",
                "keyword": ",".join(product.tags) if logged_in else None,
                "timesale": "Y" if product.discounted else "N", "ebig": "", "mbig": None, "ebig_no": "",
                "normal_prc": str(product.list_price or 0), "sell_prc": price,
                "sell_prc2": str(product.price * 9 // 10) if product.no % 3 == 0 else "0",
                "sell_prc_consultation": product.price_text or "", "milage": str(product.price // 100),
                "ea_type": ("1" if ids.counted(product) else "2") if logged_in else None,
                "stock_type": "Y" if logged_in and ids.counted(product) else "N",
                "mng_memo": [memo] if product.no % 6 == 0 and logged_in else [],
                "definition": [{"idx": f"3{product.no}", "subject": "제조국", "value": product.origin}],
            },
        )  # fmt: skip
        if not logged_in:
            for name in ("hit_cart", "hit_order", "hit_wish"):
                del told[name]
        return told

    @staticmethod
    def label(product: Product) -> str:
        """Return the state as lists print it."""
        return ids.PRODUCT_LABELS[ids.product_stat(product)]

    def _shelves(self, product: Product, which: str) -> dict[str, Any]:
        """Return the three classifications; the engine prints the numbers of y in place of those of x."""
        found: dict[str, Any] = {}
        shelves = ids.shelves(product, self.world.categories)
        for mark in ("", "x", "y"):
            path = shelves[mark].path if mark in shelves else ()
            found |= {f"{mark}cate{level}": path[level - 1] if level <= len(path) else "" for level in range(1, 5)}
            numbered = shelves.get("y" if mark == "x" else mark)
            chain = numbered.chain if numbered else ()
            names = [f"{mark}{name}" for name in ("big", "mid", "small")]
            found |= {name: str(chain[at]) if at < len(chain) else "0" for at, name in enumerate(names)}
            if mark != "y" or which == "detail":
                found[f"{mark}depth4"] = None
        return found

    @staticmethod
    def _images(product: Product) -> list[dict[str, str]]:
        return [
            {"img_no": f"5{product.no}{place}", "name": address}
            for place, address in enumerate(ids.more_pictures(product))
        ]

    def options(self, product: Product) -> list[dict[str, Any]] | None:
        """Return the options of a product, those that make no variants too; None when it has none."""
        found = []
        for axis, choice in enumerate(product.axes):
            values = [
                (value, ids.item_no(product, axis, place), ids.surcharge(product, axis, place))
                for place, value in enumerate(choice.values)
            ]
            found.append(
                self._option(product, axis, choice.name, KINDS[(product.no + axis) % 5], "YC"[axis % 2], values)
            )
        place = len(product.axes)
        for kind, necessary, (name, values_) in extras(product):
            items = [(value, ids.item_no(product, place, at), extra) for at, (value, extra) in enumerate(values_)]
            found.append(self._option(product, place, name, kind, necessary, items))
            place += 1
        for at, name in enumerate(product.text_options):
            found.append(self._option(product, place + at, name, TEXT_KINDS[at % 2], "YN"[at % 2], []))
        return found or None

    @staticmethod
    def _option(
        product: Product, place: int, name: str, kind: str, necessary: str, items: list[tuple[str, str, int]]
    ) -> dict[str, Any]:
        return fill(
            SHAPES["option"],
            {
                "opno": ids.option_no(product, place), "name": name, "otype": kind, "necessary": necessary,
                "items": ",".join(value.replace(",", "") for value, _, _ in items),
                "add_price": ",".join(str(extra) for _, _, extra in items),
                "items_list": [{"no": no, "name": value, "add_price": str(extra)} for value, no, extra in items],
            },
        )  # fmt: skip

    def combinations(self, product: Product) -> list[dict[str, Any]]:
        """Return what a counted product is sold in."""
        if not ids.counted(product):
            return []
        names = {"N": "무제한", "Y": "강제품절", "L": "한정"}
        return [
            fill(
                SHAPES["combination"],
                {
                    "complex_no": ids.complex_no(variant), "barcode": variant.barcode or "", "pno": str(product.no),
                    "product_name": product.name, "image": ids.picture(product, "s"),
                    "item_name": " / ".join(variant.values), "qty": str(ids.quantity(variant)),
                    "type": ids.force(product, variant), "type_str": names[ids.force(product, variant)],
                },
            )
            for variant in product.variants
        ]  # fmt: skip

    # -- reviews ------------------------------------------------------------------------------------------------------

    def review(self, review: Review) -> dict[str, Any]:
        """Return a review with its writer's real name."""
        product = self.world.products[review.product]
        first, second, inside = pictures(review)
        return fill(
            SHAPES["review"],
            {
                "no": str(ids.review_no(review)), "name": review.author.name if review.member else "비회원",
                "member_id": review.author.member if review.member else "", "pname": product.name,
                "pno": str(product.no), "system_code": ids.hash_of(product.no), "title": review.title,
                "cate": ("", "사이즈", "배송")[review.no % 3], "pts": str(rating(review)),
                "recommend_y": str(review.helpful), "recommend_n": "0", "stat": ids.review_stat(review),
                "photo1": first, "photo2": second, "images": inside, "content": content(review),
                "reg_date": ids.kst(review.written_at),
            },
        )  # fmt: skip

    def notice(self, number: int, at: str) -> dict[str, Any]:
        """Return a notice, which stands among the reviews."""
        return fill(
            SHAPES["review"],
            {
                "no": str(number), "name": "데모위사", "member_id": "", "pname": None, "pno": "0", "system_code": "",
                "title": "후기 이벤트 안내", "cate": "", "pts": "0", "recommend_y": "0", "recommend_n": "0",
                "stat": "0", "photo1": "", "photo2": "", "images": [], "reg_date": at,
                "content": "<p>포토 후기 500원</p>",
            },
        )  # fmt: skip

    def comments(self, review: Review) -> list[dict[str, Any]]:
        """Return the comments below a review: the shop's have no member."""
        return [
            fill(
                SHAPES["comment"],
                {
                    "no": str(one.no), "member_id": "" if one.by == "seller" else review.author.member,
                    "name": "데모위사" if one.by == "seller" else review.author.name, "comment": one.text,
                    "reg_date": ids.kst(one.at),
                },
            )
            for one in answers(review)
        ]  # fmt: skip

    # -- the feed -----------------------------------------------------------------------------------------------------

    def feed(self, products: list[Product]) -> str:
        """Return the feed for price comparison: tabs between, none inside, no quotes."""
        lines = ["\t".join(FEED)]
        for product in products:
            shelf = ids.shelves(product, self.world.categories)[""]
            link = self.link(product.no)
            told = {
                "id": ids.hash_of(product.no), "title": product.name, "price_pc": product.discounted or product.price,
                "link": f"{link}&ref=naver_open", "image_link": ids.picture(product, "m").replace("https:", "http:"),
                **{f"category_name{level}": name for level, name in enumerate(shelf.path, 1)},
                "search_tag": ",".join(product.tags), "manufacture_define_number": product.code or product.no,
                "brand": product.brand or "", "point": product.price // 100,
                "review_count": len(self.published(product.no)), "shipping": 0 if product.price >= 50_000 else 3000,
                "class": "D" if ids.product_stat(product) == "3" else "U" if product.no % 7 == 0 else "I",
                "update_time": ids.kst(ids.modified_at(product)), "mobile_link": f"{link}&ref=naver_open",
            }  # fmt: skip
            cells = (str(told.get(name, "")) for name in FEED)
            lines.append("\t".join(cell.replace("\t", "").replace("\r", "").replace("\n", " ") for cell in cells))
        return "\n".join(lines) + "\n"

    def published(self, product: int) -> list[Review]:
        """Return the reviews of a product that pages show, newest first."""
        return [one for one in self.trade.reviews_of(product) if ids.review_stat(one) != "1"]


def extras(product: Product) -> Iterator[tuple[str, str, tuple[str, tuple[tuple[str, int], ...]]]]:
    """Yield the options that make no variants: kind, necessary, name and values."""
    if product.no % 9 == 4:
        yield "콤보박스", "P", ADD_ON
    if product.no % 8 == 5:
        yield "라디오버튼", "N", OPTIONAL


def rating(review: Review) -> int:
    """Return a rating; none goes without."""
    return review.rating or 5


def answers(review: Review) -> list[Any]:
    """Return the comments that can be there: guests do not write any."""
    return [one for one in review.replies if one.by == "seller" or review.member]


def pictures(review: Review) -> tuple[str, str, list[str]]:
    """Return the two photos of a review and the pictures inside its text."""
    kept = [f"{ids.PICTURES}/review{path.removeprefix('/images')}" for path in review.photos[:2]]
    first, second = [*kept, "", ""][:2]
    inside = [f"/_data/neko{path.removeprefix('/images')}" for path in review.photos[2:]]
    if review.no % 9 == 2:
        inside.append("data:image/gif;base64,R0lGODlhAQABAAAAACw=")
    return first, second, inside


def content(review: Review) -> str:
    """Return the HTML of a review."""
    text = review.text if "<" in review.text else review.text.replace("\r\n", "\n").replace("\n", "<br>\r\n")
    return text + "".join(f'<br><img src="{address}">' for address in pictures(review)[2])
