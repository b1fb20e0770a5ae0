"""The local server of the benchmark: pages of 100 products with three variants each, about 1.5 KB a product."""

import asyncio
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

ROWS = 100
TEXT = "손으로 빚은 머그컵입니다. 전자레인지와 식기세척기에 넣을 수 있습니다. "


def template() -> bytes:
    """Return one product as JSON with %d wherever its number stands."""
    number = 8_000_000_000
    variants = [
        {
            "variant_code": f"P{number}{letter}", "custom_variant_code": f"MUG-{number}-{letter}",
            "options": [{"name": "색상", "value": color}], "additional_amount": f"{500 * place}.00", "display": "T",
            "selling": "T", "use_inventory": "T", "quantity": 7 + place, "safety_inventory": 3,
        }
        for place, (letter, color) in enumerate((("A", "블랙"), ("B", "화이트"), ("C", "샌드")))
    ]  # fmt: skip
    product = {
        "shop_no": 1, "product_no": number, "product_code": f"P{number}", "custom_product_code": f"MUG-{number}",
        "product_name": f"핸드메이드 머그컵 &amp; 받침 세트 {number}", "price": "24000.00", "retail_price": "29000.00",
        "supply_price": "9000.00", "display": "T", "selling": "T", "sold_out": "F", "brand_code": "B0000001",
        "detail_image": f"https://img.shop.example/big/{number}.jpg", "summary_description": TEXT,
        "created_date": "2026-03-01T10:20:30+09:00", "updated_date": "2026-06-30T18:00:00+09:00",
        "category": [{"category_no": 24, "recommend": "F", "new": "T"}], "product_tag": ["머그", "선물", "도자기"],
        "tax_type": "A", "minimum_quantity": 1, "maximum_quantity": 0, "made_in_code": "KR", "variants": variants,
    }  # fmt: skip
    text = json.dumps(product, ensure_ascii=False).replace("%", "%%").replace(str(number), "%d")
    return text.encode()


class Pages:
    """Makes pages on demand, so that a million products need no memory."""

    def __init__(self) -> None:
        self.row = template()
        self.places = self.row.count(b"%d")

    def page(self, number: int) -> bytes:
        """Return the body of one page."""
        first = number * ROWS + 1
        rows = [self.row % ((product,) * self.places) for product in range(first, first + ROWS)]
        return b'{"products":[' + b",".join(rows) + b"]}"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pages: Pages) -> None:
    """Answer the requests of one connection, kept alive."""
    try:
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            query = parse_qs(urlsplit(line.split()[1].decode()).query)
            body = pages.page(int(query["page"][0]))
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            writer.write(head + body)
            await writer.drain()
    except (ConnectionError, IndexError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve on a free port and print it."""
    pages = Pages()
    server = await asyncio.start_server(lambda r, w: serve(r, w, pages), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(main())
