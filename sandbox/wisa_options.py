"""Options of a WISA product page as the engine prints them: selects, radio buttons, chips, free texts and areas.

Of the first choice the page says what is sold out; of deeper ones the mall is asked for each value that was chosen.
"""

from collections.abc import Iterator

from sandbox import wisa_ids as ids
from sandbox.entities import Product, Variant
from sandbox.wisa_goods import KINDS, extras
from sandbox.world import World

NUMBERS = {"콤보박스": "2", "라디오버튼": "3", "라디오버튼 + 줄바꿈": "3", "컬러칩": "5", "텍스트칩": "5"}
"""Kind of an option to the number in its hidden field."""
Value = tuple[str, str, int, bool]
"""Name, number, surcharge, and whether it is sold out."""


def free(product: Product, variant: Variant) -> bool:
    """Return whether a combination is left."""
    if not ids.counted(product):
        return True
    force = ids.force(product, variant)
    return force == "N" or (force == "L" and ids.quantity(variant) > 0)


def gone_after(product: Product, path: tuple[int, ...]) -> list[int]:
    """Return the values of the next choice that are sold out once these places were chosen."""
    depth = len(path)
    found = []
    for value in range(len(product.axes[depth].values)):
        chosen = [one for one in product.variants if one.choice[: depth + 1] == (*path, value)]
        if not any(free(product, one) for one in chosen):
            found.append(value)
    return found


def parts_of(product: Product, world: World) -> tuple[Product, ...]:
    """Return the products that a set is made of; none for what is no set."""
    if product.no % 19 != 7 or not product.plain or product.state == "deleted":
        return ()
    sold = [world.products.get(no) for no in range(product.no + 1, product.no + 12)]
    return tuple(one for one in sold if one and len(one.axes) in (1, 2) and ids.product_stat(one) in ("2", "3"))[:2]


def is_set(product: Product, world: World) -> bool:
    """Return whether a product is made of others."""
    return bool(parts_of(product, world))


def options_of(product: Product, world: World, broken: bool) -> tuple[int, str]:
    """Return how many options a page has of its own, and their rows; those of a set bear the mark of their part."""
    rows = list(_rows(product, "", broken))
    parts = parts_of(product, world)
    for place, part in enumerate(parts, 1):
        rows += list(_rows(part, f"[{place}]", broken))
    return len(rows), "\n".join(rows)


def _rows(product: Product, suffix: str, broken: bool) -> Iterator[str]:
    sold_out = ids.product_stat(product) != "2"
    number = 0
    for axis, choice in enumerate(product.axes):
        number += 1
        gone = set(gone_after(product, ())) if axis == 0 else set()
        values = [
            (value, ids.item_no(product, axis, at), ids.surcharge(product, axis, at), sold_out or at in gone)
            for at, value in enumerate(choice.values)
        ]
        kind = KINDS[(product.no + axis) % 5]
        yield _row(product, f"{number}{suffix}", choice.name, kind, "YC"[axis % 2], values, broken)
    place = len(product.axes)
    for kind, necessary, (name, more) in extras(product) if not suffix else ():
        number += 1
        values = [(value, ids.item_no(product, place, at), extra, False) for at, (value, extra) in enumerate(more)]
        yield _row(product, str(number), name, kind, necessary, values, broken)
        place += 1
    for at, name in enumerate(product.text_options if not suffix else ()):
        number += 1
        head = _hidden(str(number), name, "4", "YN"[at % 2], broken)
        kind = "textarea" if at % 2 else "input"
        field = f'<{kind} name="option{number}" {_common(product, "YN"[at % 2], "4" + "AB"[at % 2])}>'
        yield _table(name, head + field + ("</textarea>" if at % 2 else ""))


def _table(name: str, cell: str) -> str:
    return f'<tr><th scope="row">{name}</th><td>{cell}</td></tr>'


def _hidden(which: str, name: str, kind: str, necessary: str, broken: bool) -> str:
    told = {
        "necessary": necessary, "type": kind, "name": quoted(name, broken), "prc": "0", "how_cal": "1",
        "sel_item": "", "ea_ck": "N", "ea_num": "",
    }  # fmt: skip
    number, mark = which.partition("[")[0], which.partition("[")[2]
    suffix = f"[{mark}" if mark else ""
    return "".join(
        f'<input type="hidden" name="option_{key}{number}{suffix}" value="{value}">\n' for key, value in told.items()
    )


def _common(product: Product, necessary: str, kind: str) -> str:
    return (
        f"data-necessary='{necessary}' data-type='{kind}' class=\"wing_multi_option pno{product.no} "
        f'necessary_{necessary}" data-pno="{product.no}"'
    )


def quoted(text: str, broken: bool) -> str:
    """Return text as the engine prints it inside attributes: quotes without their semicolon on some pages."""
    told = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    end = "" if broken else ";"
    return told.replace('"', f"&quot{end}").replace("'", f"&#039{end}")


def _row(product: Product, which: str, name: str, kind: str, necessary: str, values: list[Value], broken: bool) -> str:
    number = NUMBERS[kind]
    letter = "B" if kind in ("텍스트칩", "라디오버튼 + 줄바꿈") else "A"
    common = _common(product, necessary, number + letter)
    told = [
        (f"{quoted(value, broken)}::{extra}::0::{item}::cpx{int(necessary == 'P')}::", item, gone,
         f"{value}{_price(extra)}{' (품절)' if gone and number != '5' else ''}")
        for value, item, extra, gone in values
    ]  # fmt: skip
    change = f"optionCal(this.form,'{which}',this.value, this, '')"
    if number == "2":
        choices = "".join(
            f'<option {"disabled" if gone else ""} value="{text}">{shown}</option>' for text, _, gone, shown in told
        )
        prompt = f'<option value="">::{name}::</option>'
        cell = f'<select name="option{which}" onChange="{change}" {common}>{prompt}{choices}</select>'
    elif number == "3":
        cell = "".join(
            f'<label><input type="radio" name="option{which}" value="{text}" onclick="{change}" {common}'
            f"{' disabled' if gone else ''}> {shown}</label>"
            for text, _, gone, shown in told
        )
    else:
        chips = "".join(
            f'<li><a href="#" class="optChipSet{which} optChipItem{item}{" soldout" if gone else ""}" data="{item}" '
            f"onclick=\"selectOptionChip({which}, '{text}', this);return false;\">{shown}</a></li>"
            for text, item, gone, shown in told
        )
        cell = f"<input type='hidden' name='option{which}' {common}>\n<ul class=\"chip\">{chips}</ul>"
    return _table(name, _hidden(which, name, number, necessary, broken) + cell)


def _price(extra: int) -> str:
    return f" {'+' if extra > 0 else '-'}{abs(extra):,}원" if extra else ""
