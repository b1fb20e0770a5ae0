"""Writing stock at the emulated Korean MakeShop; a crawl must never do it."""

from typing import Any

from sandbox import makeshop_ids as ids
from sandbox.makeshop_lists import Wrong
from sandbox.world import World

MOST = 500


def set_stock(world: World, told: Any) -> dict[str, Any]:
    """Take `{"datas": [{"product_id", "stock_id", "stock"}]}` and return what became of each row. Raises: Wrong."""
    rows = told.get("datas") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not rows or len(rows) > MOST:
        raise Wrong(f"datas 은(는) 1개 이상 {MOST}개 이하로 입력해 주세요.")
    answers = [_set(world, row if isinstance(row, dict) else {}) for row in rows]
    world.products.touch()
    return {"datas": answers, "return_code": "0000"}


def _set(world: World, row: dict[str, Any]) -> dict[str, Any]:
    about = {"product_id": str(row.get("product_id", "")), "stock_id": str(row.get("stock_id", ""))}
    product = world.products.get(ids.product_no(about["product_id"]))
    if product is None or product.state == "deleted":
        return about | {"result": False, "message": ["product_id 은(는) 존재하지 않는 상품입니다."]}
    variant = next((one for one in product.variants if str(one.place) == about["stock_id"]), None)
    if variant is None:
        return about | {"result": False, "message": ["stock_id 은(는) 존재하지 않는 옵션입니다."]}
    amount = str(row.get("stock", ""))
    if not amount.isdigit():
        return about | {"result": False, "message": ["stock 은(는) 숫자만 입력 가능합니다."]}
    variant.quantity = int(amount)
    return about | {"result": True}
