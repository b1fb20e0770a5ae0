"""Reviews of the emulated Korean MakeShop: rating comments without a number, posts of two boards."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sandbox import makeshop_ids as ids
from sandbox import shapes
from sandbox.entities import Order, Reply, Review
from sandbox.shelf import Shelf

SHAPES = shapes.templates("makeshop_shapes.json")
NAMED_ONLY = ("product_name",)
"""Keys of the samples that come only when `fields` names them."""
STAFF = "관리자"
PICTURES = "https://board.makeshop.co.kr/board/special000"


def score_texts(review: Review) -> list[str]:
    """Return the five scores: "0" and "" stand for none, some shops ask for two."""
    if review.rating is None:
        return ["0"] * 5 if review.no % 2 else [""] * 5
    second = str(review.rating % 5 + 1) if review.no % 4 == 2 else "0"
    return [str(review.rating), second, "0", "0", "0"]


def _scores(review: Review) -> dict[str, Any]:
    return {f"score_{place}": text for place, text in enumerate(score_texts(review), 1)}


def first_answer(review: Review) -> str:
    """Return the seller's first answer."""
    return next((one.text for one in review.replies if one.by == "seller"), "")


def uploaded(review: Review) -> str:
    """Return the one picture that a rating comment can have, a path in the mall."""
    return f"/{ids.SHOP}/review{review.photos[0]}" if review.photos else ""


def comment(review: Review, legacy: bool, product_name: str | None = None) -> dict[str, Any]:
    """Return a rating comment; the legacy Open API names its fields differently and knows no picture."""
    member = review.author.member if review.member else ""
    if legacy:
        return shapes.fill(
            SHAPES["review_legacy"],
            {
                "uid": ids.uid(review.product), "date": ids.kst(review.written_at), "userid": member,
                "hname": review.author.name, "score": str(review.rating or 0), "subject": review.title,
                "content": review.text, "reply_content": first_answer(review),
                "display": "N" if "hidden" in review.flags else "Y",
            },
        )  # fmt: skip
    told = {
        "id": member, "uid": ids.uid(review.product), "hname": review.author.name, "content": review.text,
        "display": "N" if "hidden" in review.flags else "Y", "reg_date": ids.kst(review.written_at),
        "uploadfile": uploaded(review), "reply_content": first_answer(review), **_scores(review),
    }  # fmt: skip
    return _named(shapes.fill(SHAPES["review"], told), product_name)


def _named(row: dict[str, Any], product_name: str | None) -> dict[str, Any]:
    if product_name is None:
        return {key: value for key, value in row.items() if key not in NAMED_ONLY}
    return row | {"product_name": product_name}


def content(review: Review) -> str:
    """Return a post's HTML: its pictures and then the text."""
    board = ids.board_of(review)
    pictures = "".join(f'<img src="{PICTURES}/{board}{path}?{review.no}" />' for path in review.photos)
    return pictures + review.text.replace("\r\n", "<br />").replace("\n", "<br />")


def shown_name(review: Review) -> str:
    """Return the writer as a post tells it: some shops mask the name."""
    return review.label if review.no % 5 == 0 else review.author.name


def post(review: Review, order: Order | None, product_name: str | None = None) -> dict[str, Any]:
    """Return a post that opens a thread."""
    naver = review.channel == "naver_pay"
    board = ids.board_of(review)
    told = {
        "code": board, "name": "파워리뷰" if board == ids.POWER else "상품 후기", "num1": ids.num1(review),
        "ordernum": f"{ids.ordernum(order)}_{order.line(review.line).place}" if order else "",
        "hname": shown_name(review), "cnt": str(review.views), "comment": str(len(answers(review))),
        "comments": [_answer(review, one) for one in answers(review)], "subject": review.title,
        "content": content(review), "display": "NO" if "hidden" in review.flags else "YES",
        "lock_ok": "Y" if "secret" in review.flags else "N", "uid": ids.uid(review.product),
        "write_path": "NAVER_PAY" if naver else "MOBILE" if review.no % 2 else "WEB",
        "id": review.author.member if review.member and not naver else "", "reg_date": ids.kst(review.written_at),
        "reply_cnt": str(len(ids.threaded(review))), "recommend_cnt": str(review.helpful),
        "attach": review.photos[0].rpartition("/")[2] if review.photos else "", **_scores(review),
    }  # fmt: skip
    return _named(shapes.fill(SHAPES["post"], told), product_name)


def answers(review: Review) -> list[Reply]:
    """Return the answers that stand as comments below a post."""
    apart = ids.threaded(review)
    return [one for place, one in enumerate(review.replies) if place not in apart]


def _answer(review: Review, one: Reply) -> dict[str, Any]:
    name = STAFF if one.by == "seller" else review.author.name
    told = {"id": str(one.no), "hname": name, "comment": one.text, "reg_date": ids.kst(one.at)}
    return shapes.fill(SHAPES["post_comment"], told)


def thread_post(review: Review, place: int, product_name: str | None = None) -> dict[str, Any]:
    """Return an answer that is a post of its own: same num1, another num2. It is no review."""
    one = review.replies[place]
    row = post(review, None, product_name)
    return row | {
        "num2": f"{place:05d}", "hname": STAFF, "id": "", "subject": f"Re: {review.title}", "content": one.text,
        "comments": [], "comment": "0", "reg_date": ids.kst(one.at), "recommend_cnt": "0", "attach": "",
        **dict.fromkeys(("score_1", "score_2", "score_3", "score_4", "score_5"), "0"),
    }  # fmt: skip


def posts(reviews: Shelf[Review], board: str) -> list[tuple[datetime, Review, int | None]]:
    """Return the posts of a board, newest first: time, review, and the place of the answer that a post is."""

    def build(things: Any) -> list[tuple[datetime, Review, int | None]]:
        found: list[tuple[datetime, Review, int | None]] = []
        for one in things:
            if ids.board_of(one) == board:
                found.append((one.written_at, one, None))
                found += [(one.replies[place].at, one, place) for place in ids.threaded(one)]
        return sorted(found, key=lambda row: (row[0], row[1].no, row[2] or 0), reverse=True)

    return reviews.view(f"makeshop posts {board}", build)


def comments(reviews: Shelf[Review]) -> list[Review]:
    """Return the rating comments, newest first."""
    return reviews.view(
        "makeshop rating comments",
        lambda things: sorted(
            (one for one in things if not ids.board_of(one)), key=lambda one: (one.written_at, one.no), reverse=True
        ),
    )


def comments_of(reviews: Shelf[Review], board: str) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield the comments below a board's posts."""
    for _, review, place in posts(reviews, board):
        for one in answers(review) if place is None else ():
            name = STAFF if one.by == "seller" else review.author.name
            told = {
                "id": str(one.no), "num1": ids.num1(review), "hname": name, "comment": one.text,
                "reg_date": ids.kst(one.at),
            }  # fmt: skip
            yield one.at, shapes.fill(SHAPES["comment"], told)


def boards() -> list[dict[str, Any]]:
    """Return the boards: notices, the power review with scores, questions, and one of reviews by its name only."""
    notices = {"code": f"{ids.SHOP}_board1", "name": "공지사항"}
    scored = {"code": ids.POWER, "name": "파워리뷰"}
    asked = {"code": f"{ids.SHOP}_board3", "name": "상품 Q&A"}
    plain = {"code": ids.PLAIN, "name": "상품 후기"}
    rows = [shapes.fill(SHAPES["board"], told) for told in (notices, asked, plain)]
    return [rows[0], shapes.fill(SHAPES["board_scored"], scored), *rows[1:]]
