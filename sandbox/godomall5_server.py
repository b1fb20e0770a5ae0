"""The newer Server API of Godomall5, emulated: product names and reviews.

One client of it is known. Unverified: statuses and codes of refusals but A0003, the order of rows, that dates are
inclusive, that secret posts are left out, and that nothing throttles.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox import godomall5_ids as ids
from sandbox.canon import Canon
from sandbox.emulator import json_answer
from sandbox.entities import Product, Review
from shopscrape import items, values

VERSION = "1.1"
USUAL, MOST = 100, 10_000
"""Rows of a page when nothing is asked, and at most."""


def refused(status: int = 403) -> web.Response:
    """Return a refusal."""
    return json_answer({"code": "A0003", "message": "접근 권한이 없습니다"}, status)


def goods(query: Mapping[str, str], products: list[Product]) -> web.Response:
    """Return a page of products: number and name."""
    return _page(query, products, lambda one: {"sno": int(ids.goods_no(one)), "name": one.name})


def articles(query: Mapping[str, str], reviews: list[Review], host: str) -> web.Response:
    """Return a page of reviews, newest first, by their day of registration."""
    first, last = (_moment(query.get(name, "")) for name in ("registerStartDate", "registerEndDate"))
    found = [
        one for one in sorted(listed(reviews), key=lambda one: one.no, reverse=True)
        if (first is None or first <= one.written_at) and (last is None or one.written_at <= last)
    ]  # fmt: skip
    return _page(query, found, lambda one: _article(one, host))


def listed(reviews: list[Review]) -> list[Review]:
    """Return the reviews that the Server API gives."""
    return [one for one in reviews if "secret" not in one.flags]


def _moment(told: str) -> datetime | None:
    try:
        return datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=values.SEOUL)
    except ValueError:
        return None


def _page(query: Mapping[str, str], rows: list[Any], make: Callable[[Any], dict[str, Any]]) -> web.Response:
    size = min(int(query.get("pageSize") or USUAL), MOST)
    begin = (max(int(query.get("page") or 1), 1) - 1) * size
    return json_answer({"totalCount": len(rows), "contents": [make(one) for one in rows[begin : begin + size]]})


def _article(review: Review, host: str) -> dict[str, Any]:
    attached = [{"url": f"{host}/data/board{path}"} for path in review.photos]
    return {
        "sno": int(ids.post_no(review)), "writerName": review.label, "subject": review.title,
        "content": review.text.replace("\r\n", "\n").replace("\n", "\r\n"), "rating": review.rating,
        "goodsSno": int(ids.goods_no(review.product)), "attachments": attached or None,
        "registerDateTime": ids.printed(review.written_at),
    }  # fmt: skip


class Reviews(Canon):
    """The canonical records of what it tells."""

    def opinion(self, review: Review, host: str) -> items.Review:
        """Return a review: no member, no answers, no flags, no time of change."""
        return items.Review(
            **self.common, review_id=f"goodsreview:{ids.post_no(review)}", product_id=ids.goods_no(review.product),
            rating=values.decimal(review.rating), rating_raw=None if review.rating is None else str(review.rating),
            rating_scale=5, title=values.line(review.title), text=values.plain(review.text), author=None,
            author_label=review.label, written_at=review.written_at, written_on=self.day(review.written_at),
            media=[items.Media(kind="image", url=f"{host}/data/board{path}") for path in review.photos],
            synthetic=False,
        )  # fmt: skip
