"""Reviews on pages of an emulated MakeShop storefront: power reviews, rating comments, boards.

Unverified, as the sources say: markup of rating comments and of boards, that secret reviews stand in no power review
list, what icon a review from Naver Pay has, that rating comments of a product stand on its page all at once.
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from sandbox import makeshop_ids as ids
from sandbox import makeshop_reviews as told_by_api
from sandbox.entities import Product, Review
from sandbox.makeshop_pages import NO_POST, Pages
from sandbox.world import Trade
from shopscrape import values

POWER_PAGE, POSTS = 5, 10
"""Power reviews and posts on a page."""
SURVEY = {5: "아주만족", 4: "만족", 3: "보통", 2: "미흡", 1: "불만족"}
SHORT = 30
"""Letters of a text that a list shows before it is opened."""
TEMPLATE = (
    '<li class="block_comment" style="display:none"><span class="writer">replace_writer</span>'
    '<span class="date">replace_date</span></li>'
)
LOCKED = (
    '<form name="frm" method="post" action="/board/board.html"><p>비밀글입니다. 비밀번호를 입력하세요.</p>'
    '<input type="password" name="passwd" /></form>'
)


def day(review: Review, mark: str = "-") -> str:
    """Return the day of a review as it is printed."""
    return ids.day(review.written_at).replace("-", mark)


def visible(trade: Trade, board: str) -> list[Review]:
    """Return the reviews of a system that everybody sees, newest first; "" stands for rating comments."""
    return trade.reviews.view(
        f"makeshop pages {board}",
        lambda things: sorted(
            (one for one in things if ids.board_of(one) == board and "hidden" not in one.flags),
            key=lambda one: (one.written_at, one.no), reverse=True,
        ),
    )  # fmt: skip


def powers(trade: Trade, product: Product) -> list[Review]:
    """Return a product's power reviews, newest first."""
    return [one for one in visible(trade, ids.POWER) if one.product == product.no and "secret" not in one.flags]


def comments(trade: Trade, product: Product) -> list[Review]:
    """Return a product's rating comments, newest first."""
    return [one for one in visible(trade, "") if one.product == product.no]


def average(reviews: Sequence[Review]) -> str:
    """Return the mean of their points as it is printed."""
    given = [one.rating for one in reviews if one.rating]
    return f"{sum(given) / len(given):.1f}" if given else "0.0"


def written(review: Review) -> str:
    """Return a text as HTML."""
    return review.text.replace("\r\n", "<br />").replace("\n", "<br />")


def excerpt(review: Review) -> str:
    """Return the beginning of a text on one line."""
    text = values.line(review.text) or ""
    return text if len(text) <= SHORT else text[:SHORT] + "..."


def undated(review: Review) -> bool:
    """Return whether a power review shows no date: some do not."""
    return review.no % 29 == 4


def opened(review: Review) -> bool:
    """Return whether a rating comment's whole text stands on the page; of others it comes on a click."""
    return review.no % 5 > 1


# -- power review -----------------------------------------------------------------------------------------------------


def block(trade: Trade, product: Product) -> str:
    """Return the block of power reviews of a product's page: how many there are, and the first page of them."""
    found = powers(trade, product)
    rows = "".join(_power(one, product) for one in found[:POWER_PAGE])
    links = "".join(
        f"<a href=\"javascript:power_review_page('{number}');\">{number}</a>"
        for number in range(2, -(-len(found) // POWER_PAGE) + 1)
    )
    return (
        f'<div id="powerReview">\n <div class="PR15N01-hd"><h2>상품 리뷰 <span>({len(found)}개)</span></h2></div>\n'
        f' <div class="PR15N01-info"><dl class="score"><dt>{average(found)}</dt><dd>총 리뷰 수 (<strong>{len(found)}'
        f'</strong>)</dd></dl></div>\n <div id="listPowerReview">\n  <ul class="PR15N01-review-wrap">\n{rows}'
        f'{TEMPLATE}</ul>\n  <div class="paging"><a class="now">1</a>{links}</div>\n </div>\n</div>\n'
        '<script type="text/javascript" src="/js/power_review.js?v=1"></script>'
    )


def _power(review: Review, product: Product) -> str:
    number = ids.num1(review)
    stars = (
        f'<span class="star"><em>{"★" * review.rating}</em>{"★" * (5 - review.rating)}</span> ' if review.rating else ""
    )
    survey = f'<span class="survey">{SURVEY[review.rating]}</span>' if review.rating else ""
    dated = "" if undated(review) else f'<span class="pr-list-date">등록일 : {day(review)}</span>'
    device = "naverpay" if review.channel == "naver_pay" else "mobile" if review.no % 2 else "pc"
    chosen = bought(review, product)
    option = " / ".join(f"{name} : {value}" for name, value in chosen.items())
    option = (
        f'<div class="pr-options"><dl><dt class="emp">구매한 옵션</dt><dd>{escape(option)}</dd></dl></div>'
        if option
        else ""
    )
    more = f"javascript:power_review_more('{number}','00000');"
    whole, first = written(review), excerpt(review)
    short = whole == review.text and first == whole
    shown = f'<p class="content_p"><a href="{more}" class="more-options">{escape(first)}</a></p>'
    shown += "" if short else f'<div class="pr-content-all" style="display:none">{whole}</div>'
    view = f"javascript:power_review_view_show('{number}','00000','{{}}','detail');"
    photos = "".join(
        f'<a href="{view.format(place)}"><img src="{_square(review, path)}" alt="" /></a>'
        for place, path in enumerate(review.photos)
    )
    good, bad = (f"javascript:power_review_{what}('{number}');" for what in ("good", "bad"))
    return f"""   <li id="power_review_block{number}" class="power-review-list-box">
     <dl class="desc"><dt>{stars}{survey}</dt></dl>
     <ul class="desc"><li>작성자 : {review.label}</li><li>{dated}</li><li><span class="pr-list-hit">조회수 : {review.views}</span></li></ul>
     <span class="icon"><img src="/images/d3/modern_simple/btn/ico_{device}.png" alt="{device}" /></span>
     {option}
     <div class="content">{shown}</div>
     <div class="photo-list">{photos}</div>
     <div class="reply"><a class="yes" href="{good}"><span>{review.helpful}</span></a><a class="no" href="{bad}"><span>0</span></a><a class="cnt">댓글 {len(told_by_api.answers(review))}</a></div>
   </li>
"""  # noqa: E501


def bought(review: Review, product: Product) -> dict[str, str]:
    """Return the choice that was bought, where the block tells it."""
    if not review.variant or product.plain or review.no % 4 == 3:
        return {}
    return product.options(product.variant(review.variant))


def _square(review: Review, path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{told_by_api.PICTURES}/{ids.board_of(review)}{folder}/square::{name}"


def script(trade: Trade, product: Product | None, told: Mapping[str, str]) -> dict[str, Any]:
    """Answer /shop/power_review.action.html: HTML and texts are percent-encoded UTF-8, whatever the page's encoding."""
    refused = {"success": False, "msg": "잘못된 접근입니다."}
    match told.get("action_type"):
        case "get_review_list" if told.get("page_type") == "product":
            return _piece(trade, product, told)
        case "get_comment_list":
            review = trade.reviews.get(ids.review_no(told.get("num1", "")))
            return _answers(review) if review and ids.board_of(review) == ids.POWER else refused
        case "get_detail_photo_review" if product:
            found = [(one, path) for one in powers(trade, product) for path in one.photos]
            view = "javascript:power_review_view_show('{}','00000','0','detail');"
            rows = [{"attach_square": _square(*one), "link": view.format(ids.num1(one[0]))} for one in found]
            return {"success": True, "data": {"list": rows}}
    return refused


def _piece(trade: Trade, product: Product | None, told: Mapping[str, str]) -> dict[str, Any]:
    found = powers(trade, product) if product else []
    if told.get("is_photo") == "Y":
        found = [one for one in found if one.photos]
    if told.get("sort") in ("score", "good"):
        points = (lambda one: -(one.rating or 0)) if told["sort"] == "score" else (lambda one: -one.helpful)
        found = sorted(found, key=points)
    page = int(told["page"]) if told.get("page", "").isdigit() else 1
    rows = found[(page - 1) * POWER_PAGE : page * POWER_PAGE]
    shown = "".join(_power(one, product) for one in rows) if product else ""
    return {"success": True, "html": quote(shown), "is_page_end": page * POWER_PAGE >= len(found), "page": page}


def _answers(review: Review) -> dict[str, Any]:
    rows = [
        {
            "uid": str(one.no), "writer": told_by_api.STAFF if one.by == "seller" else review.label,
            "date": ids.day(one.at), "comment": quote(one.text), "link_mod": "", "link_del": "",
        }
        for one in told_by_api.answers(review)
    ]  # fmt: skip
    return {"success": True, "data": {"total": len(rows), "list": rows}}


def php(told: Mapping[str, Any]) -> str:
    """Return JSON as PHP prints it: Korean as escapes."""
    return json.dumps(told).replace("/", "\\/")


# -- rating comments --------------------------------------------------------------------------------------------------


def rating_block(trade: Trade, product: Product) -> str:
    """Return the rating comments of a product's page, "" where it has none."""
    found = comments(trade, product)
    rows = "".join(_comment(len(found) - place, one) for place, one in enumerate(found))
    return (
        '<div class="comment-review-wrapper"><table class="cw-simpleboard goods-reviews"><caption>상품평</caption>'
        f"<tbody>\n{rows}</tbody></table></div>\n"
        if rows else ""
    )  # fmt: skip


def _comment(count: int, review: Review) -> str:
    points = "★" * (review.rating or 0)
    star = f'<span class="star-icon"><span class="star">{points}</span></span>' if points else ""
    picture = told_by_api.uploaded(review)
    text = written(review) + (f'<br/><img src="{picture}" alt=""/>' if picture else "")
    below = f'<tr class="cont"><td colspan="5"><div class="review_comment">{text}</div></td></tr>\n'
    return (
        f'<tr><td class="no">{count}</td><td class="star">{star}</td><td class="subject">'
        f"<a href=\"javascript:view_review('{count}')\">{escape(excerpt(review))}</a></td>"
        f'<td class="writer">{review.label}</td><td class="date">{day(review, "/")}</td></tr>\n'
        f"{below if opened(review) else ''}"
    )


# -- boards -----------------------------------------------------------------------------------------------------------


def board_rows(trade: Trade, board: str) -> list[tuple[Review, int | None]]:
    """Return the posts of a board's list, newest first; an answer in a thread is a post of its own."""
    seen = {one.no for one in visible(trade, board)}
    return [(one, place) for _, one, place in told_by_api.posts(trade.reviews, board) if one.no in seen]


def board_list(pages: Pages, trade: Trade, board: str, page: int) -> str:
    """Return a page of a board; past the end it shows its last page again."""
    found = board_rows(trade, board)
    last = max(1, -(-len(found) // POSTS))
    before = (min(max(page, 1), last) - 1) * POSTS
    rows = "".join(
        _row(pages, board, page, len(found) - before - nth, *one)
        for nth, one in enumerate(found[before : before + POSTS])
    )
    links = "".join(
        f'<a href="/board/board.html?code={board}&amp;page={number}&amp;board_cate=#board_list_target">{number}</a>'
        for number in range(1, last + 1) if number != page
    )  # fmt: skip
    body = f'<table class="bbs_list"><tbody>\n{rows}</tbody></table>\n'
    body += f'<div class="paging"><a class="now">{page}</a>{links}</div>'
    return pages.frame("상품 후기", body)


def _row(pages: Pages, board: str, page: int, count: int, review: Review, answer: int | None) -> str:
    locked = "secret" in review.flags
    product = pages.world.products[review.product]
    second = f"{answer or 0:05d}"
    link = (
        f"/board/board.html?code={board}&amp;page={page}&amp;type=v&amp;board_cate=&amp;num1={ids.num1(review)}"
        f"&amp;num2={second}&amp;number={count}&amp;lock={'Y' if locked else 'N'}"
    )
    title = f"Re: {review.title}" if answer else review.title
    shown = '<img src="/board/images/neo_lock.gif" alt="" />비공개 글입니다' if locked else title
    thumb = f'<a href="/shop/shopdetail.html?branduid={ids.uid(product)}"><img src="/shopimages/x.jpg" alt="" /></a>'
    writer = told_by_api.STAFF if answer else review.label
    at = review.replies[answer].at if answer else review.written_at
    return (
        f'<tr><td class="num">{count}</td><td>{"" if locked else thumb}</td><td class="subject"><a href="{link}">'
        f"{shown}</a></td><td>{writer}</td><td>{ids.day(at).replace('-', '/')}</td><td>{review.views}</td></tr>\n"
    )


def post(pages: Pages, trade: Trade, board: str, told: Mapping[str, str]) -> str:
    """Return the page of a post; a locked one asks for its password."""
    review = trade.reviews.get(ids.review_no(told.get("num1", "")))
    second = told.get("num2") or "00000"
    if review is None or not any(
        one is review and f"{place or 0:05d}" == second for one, place in board_rows(trade, board)
    ):
        return NO_POST
    if "secret" in review.flags:
        return pages.frame("비밀번호 확인", LOCKED)
    product, answer = pages.world.products[review.product], int(second)
    at = review.replies[answer].at if answer else review.written_at
    star = f'<tr><th>평점</th><td><span class="star">{"★" * review.rating}</span></td></tr>' if review.rating else ""
    text = review.replies[answer].text if answer else told_by_api.content(review)
    body = (
        '<table class="bbs_view"><tbody>\n'
        f'<tr><th>제목</th><td class="subject">{"Re: " * bool(answer)}{review.title}</td></tr>'
        f"<tr><th>작성자</th><td>{told_by_api.STAFF if answer else review.label}</td></tr><tr><th>작성일</th><td>"
        f"{ids.kst(at).replace('-', '/')[:16]}</td></tr>{'' if answer else star}\n"
        f'<tr><th>상품</th><td><a href="/shop/shopdetail.html?branduid={ids.uid(product)}">{product.name}</a></td></tr>'
        "\n"
        f'<tr><td colspan="2" class="data-bd-cont"><div id="MS_WritenBySEB">{text}</div></td></tr>\n</tbody></table>'
    )
    return pages.frame(values.line(review.title) or "", body)
