"""What a MakeShop product is, beside what is sold of it: categories, brand, pictures, texts and reductions."""

import base64
import binascii
import contextlib
import html
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import UNSET

from shopscrape import values
from shopscrape.payload import Origin, Payload
from spiders.makeshop.mapping_rows import absolute, many, texts, unnumbered, until, when


def category_paths(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return category paths by number ("003:001"), levels joined by " > "."""
    names = {
        _category(row.get("cate1"), row.get("cate2"), row.get("cate3")): values.line(row.get("catename")) or ""
        for row in rows
    }
    paths = {}
    for number, name in names.items():
        above = number.split(":")
        levels = [names.get(":".join(above[:depth]), "") for depth in range(1, len(above))]
        paths[number] = " > ".join(filter(None, (*levels, name)))
    return {number: path for number, path in paths.items() if number and path}


def _category(*levels: Any) -> str:
    told = [str(one).strip().zfill(3) for one in levels if one not in (None, UNSET)]
    return ":".join(one for one in told if one.strip("0"))


def categories(row: Payload, origin: Origin) -> tuple[Any, Any]:
    """Return numbers and paths of the categories, as far as they are told or known by the crawl."""
    told = [row.id(name) for name in ("cate1", "cate2", "cate3")]
    raw = row.take("category_name")
    more = row.take("virtual_cate")
    number = _category(*told)
    paths: dict[str, str] = origin.context.get("categories") or {}
    # Printed small < large, and sometimes with the entity.
    levels = [part.strip() for part in html.unescape(raw).split("<")] if isinstance(raw, str) else []
    path = " > ".join(filter(None, (values.line(part) for part in reversed(levels)))) or paths.get(number)
    if not number and (path or all(one is UNSET for one in told)):
        return UNSET, [path] if path else UNSET
    found = {number: path} if number else {}
    for code in _virtual(more):
        if code in paths:
            found.setdefault(code, paths[code])
    if any(name is None for name in found.values()):
        return list(found), UNSET
    return list(found), [name for name in found.values() if name]


def _virtual(more: Any) -> list[str]:
    """Return the numbers of further categories. Their shape is unverified: nine digits or an object of levels."""
    found = []
    for one in more if isinstance(more, list) else list(more.values()) if isinstance(more, dict) else []:
        if isinstance(one, dict):
            found.append(_category(one.get("cate1"), one.get("cate2"), one.get("cate3")))
        elif isinstance(one, str) and one.isdigit() and len(one) == 9:
            found.append(_category(one[:3], one[3:6], one[6:]))
    return [number for number in found if number]


def brand(row: Payload) -> Any:
    """Return the brand's name: of its text, else of its list."""
    text = row.line("brname")
    if isinstance(text, str) or not row.raw.get("brand"):
        return text
    if isinstance(row.raw["brand"], str):
        return row.line("brand")
    names = [one.line("name") for one in many(row, "brand", "name")]
    return next((name for name in names if isinstance(name, str)), text)


def images(row: Payload, origin: Origin) -> Any:
    """Return the pictures, the main one first; UNSET where one has no host and the mall's is not known."""
    main, more = row.take("maximage"), row.take("multi_image")
    if main is UNSET and more is UNSET:
        return UNSET
    found = [absolute(one, origin) for one in (*texts(main), *texts(more))]
    return UNSET if None in found else list(dict.fromkeys(found))


def tags(row: Payload) -> Any:
    """Return the search words."""
    text = row.take("keywords")
    if not isinstance(text, str):
        return text if text is UNSET or text is None else UNSET
    return list(dict.fromkeys(tag for part in text.split(",") if (tag := values.line(part))))


def description(content: Any) -> Any:
    """Return HTML out of base64 of UTF-8; a text that is neither is kept as given."""
    if not isinstance(content, str):
        return content if content is UNSET else None
    text = content
    with contextlib.suppress(binascii.Error, ValueError):
        text = base64.b64decode("".join(content.split()), validate=True).decode()
    return values.clean(text) or None


def discounted(row: Payload, price: Any, origin: Origin) -> Any:
    """Return what a guest pays now. Of the kinds of discount only one that runs for everybody, now, counts.

    Unverified: `cut_position` is taken as the number of digits that are cut.
    """
    if not row.has("discount"):
        return UNSET
    row.raw["discount"] = unnumbered(row.raw["discount"])
    found = [_lowered(one, price, origin) for one in row.each("discount")]
    lowest = min((one for one in found if isinstance(one, Decimal)), default=None)
    return UNSET if lowest is None and UNSET in found else lowest


def _lowered(told: Payload, price: Any, origin: Origin) -> Any:
    """Return the price with one discount, None where it lowers nothing for a guest, UNSET where that cannot be said."""
    kind, who, unit = told.id("sale_type"), told.id("user_type"), told.id("unit")
    amount, cut = told.money("discount_price"), told.whole("cut_position")
    rounding, starts, ends = told.id("cut_option"), when(told, "start_date"), until(told, "end_date")
    if kind in ("new", "rebuy") or who == "N":
        return None
    for name, word, known in (("sale_type", kind, ("term",)), ("unit", unit, ("price", "percent"))):
        if isinstance(word, str) and word not in known:
            told.tally.unknown[f"{name}={word[:40]}"] += 1
    if not isinstance(price, Decimal) or not isinstance(amount, Decimal):
        return UNSET
    if kind != "term" or unit not in ("price", "percent"):
        return UNSET
    now = origin.collected_at
    if (starts not in (None, UNSET) and now < starts) or (ends not in (None, UNSET) and now >= ends):
        return None
    off = price * amount / 100 if unit == "percent" else amount
    step = Decimal(10) ** (cut if isinstance(cut, int) and 0 <= cut <= 3 else 0)
    mode = {"ceil": ROUND_CEILING, "round": ROUND_HALF_UP}.get(str(rounding), ROUND_FLOOR)
    left = ((price - off) / step).quantize(Decimal(1), mode) * step
    return left if 0 < left < price else None
