"""The Openapi of a WISA mall: what each action answers to somebody who is logged in, and to somebody who is not."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sandbox import wisa_ids as ids
from sandbox import wisa_lines as lines
from sandbox import wisa_sales
from sandbox.entities import Order, Product, Review
from sandbox.wisa_goods import Shop
from shopscrape import values

PUBLIC = ("productList", "product", "productOption", "reviewList", "getCategory")
"""Actions that answer without a session, most of them thinner."""
NOTICES = (6007, 6051)
QUARTER = timedelta(days=90)
"""What a list of orders is about that names no days."""
_NOTHING = {"productList": "검색된 상품이 없습니다.", "orderList": "검색된 주문이 없습니다."}


class Openapi:
    """Answers of one mall. An action gives its keys, None for nothing found, or the sentence of a refusal."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def answer(self, action: str, told: Mapping[str, str], alive: bool) -> dict[str, Any]:
        """Return the answer to an action. `alive`: whether the session is."""
        answering = getattr(self, f"do_{action}", None)
        if answering is None:
            return no("지원하지 않는 액션입니다.")
        if not alive and action not in PUBLIC:
            return no("처리 권한이 없습니다." if action == "order" else "관리자 로그인 오류")
        found = answering(told, alive)
        if found is None:
            return no(_NOTHING.get(action, "검색된 내역이 없습니다."))
        return no(found) if isinstance(found, str) else {"status": "Y", **found}

    def do_permissionList(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return the rights of the admin (shape assumed)."""
        rights = ("product_list", "order_list", "member_list", "review_list", "qna_list", "cs_list", "income_basic")
        return {"level": 3, **{right: right != "income_basic" for right in rights}}

    def do_getCategory(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return the categories below a parent."""
        parent = told.get("parent") or "0"
        found = [one for one in self.shop.world.categories.values() if str(one.parent) == parent]
        return {"data": [{"no": str(one.no), "name": one.name} for one in found]} if found else None

    def do_productList(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return a page of products, newest number first."""
        found: list[tuple[int, Product, int]] = []
        for product in self.shop.listed():
            hidden = ids.product_stat(product) == "4"
            if (alive or not hidden) and self._asked_for(product, told):
                found.append((product.no, product, 0))
                if ids.shortcut_no(product) and told.get("shortcut") != "N":
                    found.append((ids.shortcut_no(product), product, ids.shortcut_no(product)))
        if told.get("shortcut") == "Y":
            found = [one for one in found if one[2]]
        newest = told.get("sort") == "2"
        found.sort(key=lambda one: (ids.modified_at(one[1]) if newest else one[0], one[0]), reverse=True)
        states = [ids.product_stat(product) for _, product, _ in found]
        kept = _page(found, told)
        if not kept:
            return None
        content = told.get("is_content") == "Y"
        return {
            "total_rows": str(len(self.shop.world.products)), "rows": str(len(found)),
            **{f"rows_{stat}": str(states.count(stat)) for stat in "234"},
            "product": [self.shop.row(product, alive, content, shortcut) for _, product, shortcut in kept],
        }  # fmt: skip

    def _asked_for(self, product: Product, told: Mapping[str, str]) -> bool:
        chain = [str(no) for no in self.shop.world.categories[product.categories[0]].chain]
        shelves = dict(zip(("big", "mid", "small"), chain, strict=False))
        return (
            told.get("search_str", "") in product.name
            and told.get("prd_stat") in (None, "", ids.product_stat(product))
            and told.get("code") in (None, "", product.code)
            and all(told.get(name) in (None, "", shelves.get(name)) for name in ("big", "mid", "small"))
            and _between(product.created_at, told)
        )

    def _product(self, told: Mapping[str, str]) -> Product | None:
        number = told.get("pno", "")
        product = self.shop.world.products.get(int(number)) if number.isdigit() else None
        return product if product and ids.product_stat(product) in ("2", "3", "4") else None

    def do_product(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return one product in full."""
        product = self._product(told)
        if product is None or (not alive and ids.product_stat(product) == "4"):
            return "조회된 상품이 없습니다."
        return self.shop.detail(product, alive)

    def do_productOption(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return the options of a product, null when it has none."""
        product = self._product(told)
        return "존재하지 않는 상품번호입니다." if product is None else {"options": self.shop.options(product)}

    def do_productComplexOption(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return what a product is sold in."""
        if not told.get("pno"):
            return "상품번호나 바코드를 입력해주세요."
        product = self._product(told)
        return "조회된 상품이 없습니다." if product is None else {"complexOptions": self.shop.combinations(product)}

    def do_orderList(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return a page of orders by order date."""
        orders = self.shop.trade.orders.where("wisa listed", lambda one: bool(wisa_sales.shown(one)))
        wanted = {code for code in told.get("stat", "").split(",") if code}
        if not (told.get("sdate1") and told.get("sdate2")):
            day = values.now().astimezone(values.SEOUL).date()
            told = {**told, "sdate1": f"{day - QUARTER}", "sdate2": f"{day}"}
        found = [one for one in orders if _between(one.ordered_at, told) and self._has_state(one, wanted)]
        if told.get("sortOrder", "desc") != "asc":
            found.reverse()
        kept = _page(found, told)
        rows = {"total_rows": str(len(orders)), "rows": str(len(found))}
        return rows | {"orders": [wisa_sales.row(one, self.shop) for one in kept]} if kept else None

    @staticmethod
    def _has_state(order: Order, wanted: set[str]) -> bool:
        return not wanted or any(row.code in wanted for row in wisa_sales.shown(order))

    def do_order(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return one order in full."""
        by_number = self.shop.trade.orders.groups("wisa by number", lines.order_id)
        order = next(iter(by_number.get(told.get("ono", ""), ())), None)
        if order is None or not wisa_sales.shown(order):
            return "조회된 주문이 없습니다."
        return wisa_sales.detail(order, self.shop)

    def do_reviewList(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return a page of reviews and notices, newest number first."""
        at = ids.kst(self.shop.world.anchor)
        found: list[tuple[int, Review | None]] = [
            (ids.review_no(one), one) for one in self.shop.trade.reviews
            if (alive or ids.review_stat(one) != "1") and _between(one.written_at, told)
            and told.get("pno") in (None, "", str(one.product)) and told.get("stat") in (None, "", ids.review_stat(one))
        ]  # fmt: skip
        if _between(self.shop.world.anchor, told) and not told.get("pno") and told.get("notice") != "N":
            found += [(number, None) for number in NOTICES]
        found.sort(key=lambda one: -one[0])
        kept = _page(found, told)
        if not kept:
            return None
        states = [ids.review_stat(one) if one else "0" for _, one in found]
        return {
            "total_rows": str(len(self.shop.trade.reviews) + len(NOTICES)), "rows": len(found),
            **{f"rows_{stat}": str(states.count(stat)) if stat in states else 0 for stat in "01234"},
            "articles": [self.shop.review(one) if one else self.shop.notice(number, at) for number, one in kept],
        }  # fmt: skip

    def do_reviewCommentList(self, told: Mapping[str, str], alive: bool) -> Any:
        """Return the comments below a review."""
        number = told.get("no", "")
        review = self.shop.trade.reviews.get((int(number) - 6000) // 2) if number.isdigit() else None
        if review is None or str(ids.review_no(review)) != number:
            return "조회된 상품후기가 없습니다."
        comments = self.shop.comments(review)
        # What a review without comments gets is not known: both ways of saying nothing come.
        return {"rows": str(len(comments)), "comments": comments} if comments or review.no % 2 else None


def no(message: str | None) -> dict[str, Any]:
    """Return the answer that says no."""
    return {"status": "N", "msg": message}


def _page(found: list[Any], told: Mapping[str, str]) -> list[Any]:
    """Return a page of a list. Any size is taken."""
    number, size = (told.get(name, "") for name in ("page", "page_size"))
    page, rows = int(number) if number.isdigit() else 1, int(size) if size.isdigit() else 20
    return found[max(page - 1, 0) * rows : max(page, 1) * rows]


def _between(at: datetime, told: Mapping[str, str]) -> bool:
    """Return whether a time lies in the days asked for, both included; without both dates everything does."""
    first, last = told.get("sdate1", ""), told.get("sdate2", "")
    if not first or not last:
        return True
    try:
        return date.fromisoformat(first) <= at.astimezone(values.SEOUL).date() <= date.fromisoformat(last)
    except ValueError:
        # The engine adds a time to what is a time already.
        return False
