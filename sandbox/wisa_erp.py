"""The ERP API of a WISA mall: XML over windows without paging, empty answers with a hollow order, the key echoed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox import wisa_ids as ids
from sandbox import wisa_lines as lines
from sandbox.entities import Order, Product
from sandbox.wisa_goods import Shop
from sandbox.wisa_sales import pay_type, shown
from shopscrape import values

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
ACTIONS = {
    "getOrder": ("2", "3"), "getPayedOrder": ("2",), "getShippingOrder": ("3",), "getCompletedOrder": ("5",),
}  # fmt: skip
"""Action to the states of the lines that it lists. Neither unpaid lines nor those under way can be had."""
NEVER = "1970-01-01 09:00:00"
_ORDER = (
    "idx", "ord_no", "ord_date", "settle_date", "ord_name", "recv_name", "recv_zipcode", "recv_addr1", "recv_addr2",
    "recv_tel", "recv_cell", "settle_price", "ord_memo", "sale_price", "ship_fee", "paymethod", "bank_name",
    "bank_account", "bank_income", "is_checkout", "product_list",
)  # fmt: skip

Tree = Mapping[str, Any]
"""Name to text, tree, or list of trees whose elements are numbered."""


class Wrong(Exception):
    """A question that is answered by an error element; its text is what that says."""


def error(message: str) -> str:
    """Return an error document."""
    told = f"<return_code>false</return_code><return_msg><![CDATA[{message}]]></return_msg>"
    return f"{HEAD}<error>{told}</error>"


def write(tree: Tree) -> str:
    """Return elements. Text with a blank, a quote, a line break, &, < or > stands in CDATA and is not escaped."""
    parts = []
    for name, value in tree.items():
        if isinstance(value, list):
            parts += [f"<{name} idx='{place}'>{write(one)}</{name}>" for place, one in enumerate(value, 1)]
        elif isinstance(value, Mapping):
            parts.append(f"<{name}>{write(value)}</{name}>")
        else:
            text = str(value)
            marked = any(mark in text for mark in " \"'\n&<>")
            parts.append(f"<{name}>{f'<![CDATA[{text}]]>' if marked else text}</{name}>")
    return "".join(parts)


class Erp:
    """Answers of one mall."""

    def __init__(self, shop: Shop, broken: bool = False) -> None:
        self.shop = shop
        self.broken = broken
        """Whether some buyers wrote what ends CDATA, so that their windows cannot be read."""
        self.trade = shop.trade
        self.products = shop.world.products

    def answer(self, action: str, query: Mapping[str, str], key: str) -> tuple[str, int]:
        """Return the document and how many rows it has. Raises: Wrong."""
        if action == "getProduct":
            found = self._products(query)
            tree = {"data_type": "xml", "mall_id": "demowisa", "auth_code": key, "prd_list": {"prd": found}}
        elif action == "getStock":
            found = self._stock(query)
            tree = {"product_idx": found} if found else {}
        elif action in ACTIONS or action == "getCanceledOrder":
            found = self._orders(action, query)
            tree = {"order_idx": found or dict.fromkeys(_ORDER, "")}
        else:
            raise Wrong("지원하지 않는 액션입니다.")
        return f"{HEAD}<{action}>\n{write(tree)}</{action}>\n", len(found)

    @staticmethod
    def _window(query: Mapping[str, str], first: str, last: str) -> Callable[[datetime], bool]:
        """Return a test of a time; both ends count."""
        texts = query.get(first, ""), query.get(last, "")
        if not all(texts):
            raise Wrong("검색범위를 입력해 주세요.")
        if not all(len(text) == 14 and text.isdigit() for text in texts):
            raise Wrong("파라메터 형식이 잘못되었습니다.")
        start, end = (values.moment(text) for text in texts)
        assert start and end
        return lambda at: start <= at.replace(microsecond=0) <= end

    # -- products -----------------------------------------------------------------------------------------------------

    def _products(self, query: Mapping[str, str]) -> list[Tree]:
        """Return products by number, time of registration or of change; those in the bin too, new ones not."""
        known = self.products.where("wisa erp", lambda one: ids.product_stat(one) != "1")
        if query.get("param"):
            wanted = query["param"]
            return [self._product(one) for one in known if str(one.no) == wanted]
        if query.get("sedate") or query.get("eedate"):
            inside, when = self._window(query, "sedate", "eedate"), ids.modified_at
        else:
            inside, when = self._window(query, "sdate", "edate"), lambda product: product.created_at
        return [self._product(one) for one in known if inside(when(one))]

    def _product(self, product: Product) -> Tree:
        stat, at = ids.product_stat(product), product.no
        shelf = ids.shelves(product, self.shop.world.categories)[""]
        items = self._items(product)
        return {
            "prd_code": product.no, "style_cd": product.code or "", "prd_name": product.name,
            "sale_price": product.price, "prd_price": product.list_price or 0, "sup_price": product.cost,
            "milage_value": product.price // 100, "buy_min": 1, "buy_max": 0, "supp_name": product.supplier,
            "supp_code": at % 9, "supp_pname": "", "supp_cell": "", "supp_tel": "", "supp_location": "",
            "image": {
                "main": ids.picture(product, "m"), "list": ids.picture(product, "s"), "big": ids.picture(product, "b"),
            },
            "disp_flag": "F" if stat == "3" else "T", "sell_flag": "T" if stat == "2" else "F",
            "cpm_cate_code": "_".join(map(str, shelf.chain)), "detail_url": self.shop.link(product.no),
            "item_cnt": len(items), "item_options": ",".join(axis.name for axis in product.axes),
            "item_list": {"item": items}, "reg_date": ids.digits(product.created_at),
            "mod_date": ids.digits(ids.modified_at(product)),
        }  # fmt: skip

    @staticmethod
    def _items(product: Product) -> list[Tree]:
        if ids.counted(product):
            return [
                {"name": " / ".join(one.values), "code": ids.complex_no(one), "stock": ids.quantity(one)}
                for one in product.variants
            ]
        if product.plain:
            return [{"name": "옵션없음", "code": product.no, "stock": 9999}]
        return [
            {"name": "<ss>".join(one.values), "code": "_".join(ids.items_of(product, one)), "stock": 9999}
            for one in product.variants
        ]

    def _stock(self, query: Mapping[str, str]) -> list[Tree]:
        """Return the stock of counted products; combinations that were deleted are not filtered out."""
        wanted = query.get("param", "")
        if not wanted or not set(wanted) <= set("0123456789,"):
            raise Wrong("파라메터 형식이 잘못되었습니다.")
        found = []
        for number in wanted.split(","):
            product = self.products.get(int(number)) if number else None
            if product is None or not ids.counted(product) or ids.product_stat(product) == "1":
                continue
            items = self._items(product)
            if product.no % 6 == 2:
                items.append({"name": "단종 색상", "code": f"9{product.no}999", "stock": 3})
            found.append({"prd_code": product.no, "prd_name": product.name, "item_list": items})
        return found

    # -- orders -------------------------------------------------------------------------------------------------------

    def _orders(self, action: str, query: Mapping[str, str]) -> list[Tree]:
        inside = self._window(query, "sdate", "edate")
        if action == "getCanceledOrder":
            changed = self.trade.orders.where("wisa claimed", lambda one: lines.claim_changed_at(one) is not None)
            told = [(one, self._claimed(one)) for one in changed if inside(lines.claim_changed_at(one) or _EPOCH)]
        else:
            told = [
                (one, [row for row in shown(one) if row.code in ACTIONS[action]])
                for one in self.trade.orders if inside(one.ordered_at)
            ]  # fmt: skip
        found = [(order, kept) for order, kept in told if kept]
        return [self._order(place, order, kept, action) for place, (order, kept) in enumerate(found, 1)]

    @staticmethod
    def _claimed(order: Order) -> list[lines.Row]:
        return [row for row in shown(order) if int(row.code) > 11]

    def _order(self, place: int, order: Order, kept: Iterable[lines.Row], action: str) -> Tree:
        claims = action == "getCanceledOrder"
        listed = [self._line(row, claims) for row in kept]
        gifts = [line for line in order.lines if line.kind == "gift"] if not claims else []
        listed += [self._gift(line.name) for line in gifts]
        bank, receiver = order.methods[0] == "bank", order.receiver
        account = "기업은행 000-000000-00-000" if bank else ""
        everything = shown(order)
        told = {
            "idx": place, "ord_no": lines.order_id(order), "ord_date": ids.kst(order.ordered_at),
            "settle_date": ids.kst(order.paid_at) if order.paid_at else NEVER, "ord_name": order.buyer.name,
            "recv_name": receiver.name, "recv_zipcode": receiver.zipcode, "recv_addr1": receiver.address,
            "recv_addr2": receiver.detail, "recv_tel": "", "recv_cell": receiver.phone,
            "settle_price": lines.due(order),
            "ord_memo": f"{order.message} ]]><img src=x 감사" if self.broken and unreadable(order) else order.message,
            "sale_price": sum(row.price for row in everything), "ship_fee": "", "paymethod": "R" if bank else "C",
            "bank_name": account, "bank_account": account, "bank_income": order.buyer.name if bank else "",
            "is_checkout": "Y" if pay_type(order).startswith("네이버페이") else "N",
            "product_list": {"Product": listed},
        }  # fmt: skip
        return told | ({"cancel_stat": lines.LABELS[lines.order_code(order, everything)]} if claims else {})

    def _line(self, row: lines.Row, claims: bool) -> Tree:
        line, chosen = row.line, row.line.options
        code = self.shop.complex_of(line)
        if not code and chosen:
            product, variant = self.shop.world.variant(line.variant)
            pairs = zip(chosen, ids.items_of(product, variant), strict=True)
            code = ",".join(f"{name}:{number}" for name, number in pairs)
        extra = line.kind == "component"
        told = {
            "ord_prd_no": row.number, "prd_name": line.name, "prd_code": "0" if extra else line.product,
            "item_name": ",".join(f"{name}:{value}" for name, value in chosen.items()), "item_code": code,
            "item_cnt": row.quantity, "item_price": row.price, "item_sell_price": row.price - row.discount,
        }  # fmt: skip
        return told | ({"cancel_stat": lines.LABELS[row.code]} if claims else {})

    @staticmethod
    def _gift(name: str) -> Tree:
        return {
            "ord_prd_no": "", "prd_name": f"[사은품] {name}", "prd_code": "", "item_name": "", "item_code": "",
            "item_cnt": 1, "item_price": 0, "item_sell_price": 0,
        }  # fmt: skip


def unreadable(order: Order) -> bool:
    """Return whether an order's memo breaks the document, where memos do."""
    return order.no % 7 == 3


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
