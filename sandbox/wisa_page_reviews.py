"""Reviews on pages of an emulated WISA storefront: rows at a product, cards, the list of all, opened ones.

Unverified, as the sources say: markup of opened reviews.
"""

from collections.abc import Iterable, Sequence

from sandbox import wisa_ids as ids
from sandbox.entities import Product, Review
from sandbox.wisa_goods import answers, content, pictures, rating
from sandbox.wisa_pages import REVIEWS, SKIN, Pages, pager
from shopscrape import values

STAR, FILE = (f"/_skin/{SKIN}/img/shop/{name}.gif" for name in ("star2", "file"))
NONE_WRITTEN = '<tr><td colspan="5" class="empty">등록된 상품 후기가 없습니다.</td></tr>'
_COLUMNS = "<thead><tr><th>NO</th><th>PRODUCT</th><th>SUBJECT</th><th>NAME</th><th>DATE</th></tr></thead>"
_NOTICE = (
    "<tr><td>공지</td><td></td><td><a href=\"javascript:prdBoardView('review','6007');\">후기 이벤트 안내</a></td>"
    "<td>데모위사</td><td>2026/01/02</td></tr>\n"
)


def at_product(pages: Pages, number: int, product: Product, page: int) -> str:
    """Return the reviews on the page of a product, as the mall's skin has them."""
    look, name = pages.look, ids.hash_of(number)
    if look.old:
        return '<div id="review"><a href="/shop/product_review_list.php">상품후기</a></div>'
    found = pages.shop.published(product.no)
    if look.crema:
        return (
            '<i id="crema-login-username" style="display:none;"></i><div id="review">'
            f'<div class="crema-product-reviews" data-product-code="{product.no}"></div><div class="crema-hide">'
            f'<div id="detail_review_ajax_list"><table class="tbl_board">{rows(pages, found[-2:])}</table></div></div>'
            "</div>"
        )
    if look.scripted:
        more = "prdMore(this, 'shop_detail.php', 'detail_review_list'); return false;"
        return (
            f'<div id="review"><ul id="detail_review_ajax_list" class="qnarev_list" data-autoload="{name}"></ul>'
            f'<a href="#" class="more" data-pno="{name}" onclick="{more}">더보기</a></div>'
        )
    before = (page - 1) * REVIEWS
    told = rows(pages, found[before : before + REVIEWS], len(found) - before)
    link = f"#\" onclick=\"reloadProductBoard('review', '?rev_page={{}}&pno={name}#review'); return false;"
    return (
        '<div id="review"><div id="detail_review_ajax_list" class="qnarev_list"><table class="tbl_board">\n'
        f"{told or NONE_WRITTEN}</table>\n{pager(page, max(1, -(-len(found) // REVIEWS)), link)}</div></div>"
    )


def rows(pages: Pages, found: Sequence[Review], first: int = 0) -> str:
    """Return the rows of reviews at a product; their texts come when they are opened."""
    return "".join(
        f'<tr><td>{first - place}</td><td>{_opener(one)}</td><td class="star">{stars(one)}</td>'
        f'<td class="name">{label(one)}</td><td class="date">{day(pages, one)}</td></tr>\n{_body(pages, one)}'
        for place, one in enumerate(found)
    )


def cards(pages: Pages, found: Iterable[Review]) -> str:
    """Return reviews as cards that hold their text, which a click shows."""
    return "".join(
        f'<li class="review_card" onclick="openReviewDetail({ids.review_no(one)}, \'0\')">'
        f'<span class="star">{stars(one)}</span><p class="title">{one.title}</p><span class="name">{label(one)}</span>'
        f'<span class="date">{day(pages, one)}</span>{opened(pages, one, "none")}</li>\n'
        for one in found
    )


def board(pages: Pages, found: Sequence[Review], page: int, path: str) -> str:
    """Return a page of the list of all reviews; a notice stands first."""
    before = (page - 1) * REVIEWS
    kept = found[before : before + REVIEWS]
    told = "".join(_board_row(pages, len(found) - before - place, one) for place, one in enumerate(kept))
    listed = (_NOTICE if page == 1 else "") + told if kept else NONE_WRITTEN
    links = pager(page, max(1, -(-len(found) // REVIEWS)), "?rev_page={}#review")
    body = f'<div id="boardlist"><table class="tbl_col">{_COLUMNS}<tbody>\n{listed}</tbody></table>\n{links}</div>'
    return pages.frame("shop_product_review_list", "상품후기", path, body)


def _board_row(pages: Pages, count: int, review: Review) -> str:
    product = pages.shop.world.products[review.product]
    cate = ("", "[사이즈] ", "[배송] ")[review.no % 3]
    link = f'<a href="{pages.shop.link(product.no)}"><img src="{ids.picture(product, "s")}"> {product.name}</a>'
    return (
        f"<tr><td>{count}</td><td>{link}</td><td>{cate}{_opener(review)} {stars(review)}</td><td>{label(review)}</td>"
        f"<td>{day(pages, review)}</td></tr>\n{_body(pages, review)}"
    )


def _opener(review: Review) -> str:
    file = f' <img src="{FILE}" border="0" alt="첨부파일">' if review.photos else ""
    return f"<a href=\"javascript:prdBoardView('review','{ids.review_no(review)}');\">{review.title}</a>{file}"


def _body(pages: Pages, review: Review) -> str:
    """Return the hidden element of a review's text: most skins fill it when it is opened, some at once."""
    hollow = f'<div id="revContent{ids.review_no(review)}" style="display:none"></div>'
    told = opened(pages, review, "none") if pages.look.scripted else hollow
    return f'<tr><td colspan="5" class="qnarev_cnt">{told}</td></tr>\n'


def opened(pages: Pages, review: Review, display: str = "block") -> str:
    """Return the text of a review with its pictures and answers."""
    shown = "".join(f'<div class="photo"><img src="{one}"></div>' for one in pictures(review)[:2] if one)
    told = "".join(
        f'<div class="comment"><strong>{"데모위사" if one.by == "seller" else label(review)}</strong> {one.text} '
        f"<span>{one.at.astimezone(values.SEOUL).strftime(pages.look.day)}</span></div>"
        for one in answers(review)
    )
    text = f'<div class="cnt">{content(review)}</div>{shown}{told}'
    return f'<div id="revContent{ids.review_no(review)}" style="display:{display}">{text}</div>'


def day(pages: Pages, review: Review) -> str:
    """Return the day of a review as this mall prints it."""
    return review.written_at.astimezone(values.SEOUL).strftime(pages.look.day)


def label(review: Review) -> str:
    """Return the writer with asterisks."""
    return review.label if review.member else "비**"


def stars(review: Review) -> str:
    """Return one picture for each point."""
    return f'<img src="{STAR}" border="0" alt="평점">' * rating(review)
