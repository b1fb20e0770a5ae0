"""Review fragments of an emulated Godomall5 storefront: rows of the board, opened posts, Plus Reviews.

The seller's answers are posts below the post, as the openhub tells them: rows without stars, each opened by itself.
Unverified, as the sources say: how Plus Reviews are sorted (newest first, or by recommendation in an edited skin), and
that they print days only.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import NamedTuple

from sandbox import godomall5_ids as ids
from sandbox.entities import Product, Review
from sandbox.godomall5_pages import paging
from shopscrape import values

ROWS, FEW = 10, 3
"""Rows of a fragment on PC, answers among them; sellers set other figures."""
BOARD = "goodsreview"
TABLE = (
    '<div class="reviews_table"><table class="reviews_table_type"><colgroup><col width="13%"><col><col width="13%">'
    '<col width="13%"></colgroup><thead><tr><th>평점</th><th>제목</th><th>작성자</th><th>작성일</th></tr></thead>'
    "<tbody>\n{}\n</tbody></table></div>\n{}"
)
NONE = '<tr><td colspan="4" class="no_data">등록된 상품후기가 없습니다.</td></tr>'
NOTICE_ICON = '<img src="/data/skin/front/moment/board/skin/default/img/icon/icon_board_notice.png" alt="공지" />'
ROW = """<tr class="js_data_row" data-bdid="goodsreview" data-sno="{sno}" data-auth="{auth}" data-notice="{notice}">\
<td>{stars}</td><td class="board_tit"><a href="javascript:void(0)" class="js_btn_view {link}">{icon}\
<strong>{title}</strong> {comments}</a></td><td>{writer}</td><td>{date}</td></tr>
<tr class="js_detail" data-bdid="goodsreview" data-sno="{sno}" data-auth="{auth}" data-notice="{notice}"></tr>"""
VIEW = """<td colspan="4" class="reviews_new_box"><div class="board_cont"><div class="board_view"><p>{content}</p>
{attached}</div>
<div class="view_comment"><div class="view_comment_top"><span class="comment_num"><strong>{count}</strong> 개의 댓글이 \
있습니다</span></div><div class="view_comment_list"><ul>{comments}</ul></div></div></div></td>"""
COMMENT = """<li class="js_data_comment_row " data-memosno="{no}" data-memoauth="n"><div class="comment-item">\
<strong class="comment_name">{writer}</strong><p><em>{text}</em><span class="board_day_time">{at}</span></p></div>\
</li>"""
PLUS = """<div class="plus_review_view_list js_pr_row" data-sno="{no}"><div class="star_day_name">\
<strong>{stars}</strong><span>{date}</span><span>{writer}</span></div>
<div class="option_text_file_box">{options}<div class="text_file_cont"><div class="review_text js_pr_contents_short">\
{short}<a href="javascript:void(0);" class="btn_review_text_more js_pr_btn_contents_more" data-type="open">\
<strong>더보기</strong></a></div>
<div class="review_text js_pr_contents_desc" style="display:none">{text}<a href="javascript:void(0);" \
class="btn_review_text_more js_pr_btn_contents_more" data-type="close"><strong>닫기</strong></a></div>
<div class="file_upload_list"><ul>{pictures}</ul></div></div>
<div class="review_comment_box"><div class="review_comment_top"><span class="comment_num"><a href="javascript:void(0)" \
class="js_pr_btn_comment"><strong class="js_pr_comment_cnt">0</strong>개의 댓글이 있습니다.</a></span>\
<span class="comment_best_num">추천 : <strong class="js_pr_recommend_cnt">{helpful}</strong></span></div></div></div>\
</div>"""


class Post(NamedTuple):
    """A row of the board: a review, or the seller's answer to it."""

    sno: int
    review: Review
    answer: int = -1
    """Place among the review's answers; -1: the review itself."""


def posts(reviews: Iterable[Review]) -> list[Post]:
    """Return the rows of a board: reviews in the order given, each followed by its answers."""
    found = []
    for review in reviews:
        first = int(ids.post_no(review))
        found.append(Post(first, review))
        answers = [place for place, reply in enumerate(review.replies, 1) if reply.by == "seller"]
        found += [Post(first + place, review, place - 1) for place in answers]
    return found


def printed(at: datetime, now: datetime) -> str:
    """Return a time as lists print it: of today's posts the hour and minute only, of others the day only."""
    local = at.astimezone(values.SEOUL)
    return f"{local:%H:%M}" if local.date() == now.astimezone(values.SEOUL).date() else f"{local:%Y.%m.%d}"


def content(review: Review) -> str:
    """Return the HTML of a review, as the openhub has it too."""
    pictures = "".join(f'<p><img src="/data/board{path}"></p>' for path in review.photos)
    return review.text.replace("\n", "<br />") + pictures


def board(shown: list[Post], product: Product, page: int, pages: int, now: datetime) -> str:
    """Return a fragment of the reviews of a product."""
    rows = [_row(one, now) for one in shown]
    if rows and page == 1:
        rows.insert(0, ROW.format(
            sno=1, auth="y", notice="y", stars=NOTICE_ICON, link="", icon="", title="후기 작성 이벤트 안내",
            comments="", writer="데모몰", date="2025.01.02",
        ))  # fmt: skip
    asked = f"bdId={BOARD}&goodsNo={ids.goods_no(product)}&gboard=y"
    links = paging(page, pages, lambda at: f"javascript:goGoodsAjaxPage('{BOARD}','page={at}&{asked}')")
    return TABLE.format("\n".join(rows) or NONE, links if rows else "")


def _row(post: Post, now: datetime) -> str:
    review = post.review
    if post.answer >= 0:
        return ROW.format(
            sno=post.sno, auth="y", notice="n", stars="", link="reply", icon="", title="└ 답변드립니다", comments="",
            writer="데모몰", date=printed(review.replies[post.answer].at, now),
        )  # fmt: skip
    secret, talk = "secret" in review.flags, sum(one.by != "seller" for one in review.replies)
    return ROW.format(
        sno=post.sno, auth="c" if secret else "y", notice="n", link="",
        stars=f'<span class="rating_star"><span style="width:{20 * (review.rating or 0)}%;">별</span></span>',
        icon='<img src="/img/icon_board_secret.png" alt="비밀글"> ' if secret else "",
        title=escape(values.line(review.title) or ""), writer=review.label, date=printed(review.written_at, now),
        comments=f'<span class="js_comment_count">({talk})</span>' if talk else "",
    )  # fmt: skip


def opened(post: Post) -> str:
    """Return the fragment of an opened post; some pictures are told as attachments too."""
    review = post.review
    if post.answer >= 0:
        return VIEW.format(content=review.replies[post.answer].text, attached="", count=0, comments="")
    links = "".join(
        f'<a href="../board/download.php?bdId={BOARD}&sno={post.sno}&fid={at}">photo{at + 1}.jpg</a>'
        for at in range(len(review.photos) if review.no % 4 == 0 else 0)
    )
    talk = [one for one in review.replies if one.by != "seller"]
    attached = f'<div class="board_view_attach"><strong>첨부</strong><span class="attach_list">{links}</span></div>'
    return VIEW.format(
        content=content(review), count=len(talk), attached=attached if links else "",
        comments="".join(
            COMMENT.format(
                no=one.no, writer=review.label, text=one.text, at=f"{one.at.astimezone(values.SEOUL):%Y.%m.%d %H:%M}"
            )
            for one in talk
        ),
    )  # fmt: skip


def plus(shown: Iterable[Review], product: Product, page: int, pages: int) -> str:
    """Return a fragment of the Plus Reviews of a product."""
    rows = "\n".join(_plus(one, product) for one in shown)
    links = paging(page, pages, lambda at: f"javascript:goAjaxPage('page={at}&goodsNo={ids.goods_no(product)}')")
    none = '<p class="no_data">등록된 플러스리뷰가 없습니다.</p>'
    return (
        f'{rows or none}\n{links if rows else ""}\n<script id="plusPlusReviewCommentList" type="text/html"></script>\n'
    )


def _plus(review: Review, product: Product) -> str:
    text = review.text.replace("\n", "<br>")
    options = "".join(
        f"<dl><dt>{escape(name)}</dt><dd>{escape(value)}</dd></dl>" for name, value in bought(review, product).items()
    )
    pictures = "".join(
        f'<li><img src="/data/plus_review/t{path}" class="file js_pr_thum_img" alt="사진">'
        f'<img src="/data/plus_review{path}" class="img_pr_zoom js_pr_zoom_img" style="display:none;"></li>'
        for path in review.photos
    )
    return PLUS.format(
        no=plus_no(review), stars="★" * (review.rating or 0), writer=review.label, short=escape(review.text[:10]),
        date=f"{review.written_at.astimezone(values.SEOUL):%Y.%m.%d}", text=text, pictures=pictures,
        options=f'<div class="option_list_cont">{options}</div>' if options else "", helpful=review.helpful,
    )  # fmt: skip


def bought(review: Review, product: Product) -> dict[str, str]:
    """Return what a Plus Review shows beside its text: the options bought, and answers about the fit."""
    return (product.options(product.variant(review.variant)) if review.variant else {}) | review.scores


def plus_no(review: Review) -> str:
    """Return the number of a Plus Review: a series of its own, which meets the board's numbers."""
    return str(review.no * 2)


def is_plus(review: Review) -> bool:
    """Return whether a review of a mall with both kinds is a Plus Review."""
    return review.no % 4 > 1 and "secret" not in review.flags
