"""Reviews of a Cafe24 mall: articles of its product review boards, with the answers below them.

An answer is either a comment or an article of its own. Comments come in bulk by rising number; articles newest first
inside a window of days. What an answer belongs to is joined here, so that every review goes out whole.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from scrapy import Request

from shopscrape import values
from shopscrape.errors import ConfigurationError, PageFailed
from shopscrape.items import Review
from shopscrape.payload import Answer, Page
from shopscrape.spider import ApiSpider, Ask, Read
from shopscrape.store.known import replies
from shopscrape.walks import OLDEST, Stream, Sweep, Windowed
from shopscrape.windows import Leg
from spiders.cafe24 import mapping
from spiders.cafe24.mapping_reviews import depth

ADMIN = "/api/v2/admin"
REVIEW_BOARD_TYPE = 5
DEFAULT_BOARDS = (4,)
"""Boards that are read when the mall names none; merchants rename and add boards, so their type is checked."""
QUARTER = timedelta(days=90)
"""Article windows of a year and more are refused."""
LAST_OFFSET = 8000


class ReviewStreams(ApiSpider):
    """The review half of the Cafe24 spider."""

    async def prepare_boards(self) -> None:
        """Find the review boards that are in use."""
        named = [int(number) for number in self.session.mall.native.get("boards", DEFAULT_BOARDS)]
        self.boards: dict[str, list[int]] = {}
        for shop in self.shops:
            document = mapping.document(await self.fetch(self.call(f"{ADMIN}/boards", {"shop_no": shop}), "boards"))
            used = mapping.boards_in_use(document)
            self.boards[shop] = [number for number in named if used.get(number) == REVIEW_BOARD_TYPE]
            strange = [number for number in named if number in used and used[number] != REVIEW_BOARD_TYPE]
            if strange and "boards" in self.session.mall.native:
                raise ConfigurationError(
                    f"Board {strange[0]} of {self.session.mall.name} is no product review board "
                    f"(type {REVIEW_BOARD_TYPE})."
                )
            if not self.boards[shop]:
                self.session.report.notice(f"Shop {shop} uses none of the review boards {named}.")

    def review_streams(self, shop: str) -> Iterator[Stream]:
        """Yield a sweep of each board when it is due, else its newest articles and comments."""
        for board in self.boards[shop]:
            name = f"reviews_of_board_{board}"
            sweep = Stream(
                f"reviews_sweep_of_board_{board}", Sweep(retires=("reviews",), catches_up=name), ("reviews",),
                reader="comments", shop=shop, board=board, dated=True,
            )  # fmt: skip
            if isinstance(sweep.way, Sweep) and sweep.way.due(sweep, self.session):
                yield sweep
            else:
                yield Stream(name, Windowed(longest=QUARTER), ("reviews",), reader="comments", shop=shop, board=board)

    # -- comments first: an article that is read later finds its answers here -----------------------------------------

    def ask_comments(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for the next 100 comments above a number."""
        since = about if about is not None else self._cursor(stream, leg)
        query = {"shop_no": stream.shop, "since_comment_no": since, "limit": 100}
        return self.call(f"{ADMIN}/boards/{stream.notes['board']}/comments", query)

    def _cursor(self, stream: Stream, leg: Leg) -> int:
        if isinstance(stream.way, Sweep):
            return 0
        stored = [mark.cursor for mark in stream.stored(self.session) if mark and mark.cursor]
        return int(stored[0]) if stored else 0

    def read_comments(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Keep the comments by their article, then turn to the articles."""
        rows = mapping.comments(mapping.document(answer))
        kept: dict[str, list[Any]] = leg.notes.setdefault("comments", {})
        since = about if about is not None else self._cursor(stream, leg)
        last = max((_number(row, "comment_no") for row in rows), default=since)
        fresh = [row for row in rows if _number(row, "comment_no") > since]
        for row in fresh:
            kept.setdefault(str(_number(row, "article_no")), []).append(row)
            # The cursor stays behind with the mark: an article of that stretch is read again with all its comments.
            written = written_at(row)
            if written and leg.marks and leg.marks[-1].upto and written < leg.marks[-1].upto:
                leg.notes["cursor"] = max(leg.notes.get("cursor", 0), _number(row, "comment_no"))
        if len(rows) == 100 and fresh:
            return Read(asks=[Ask(reader="comments", about=last)])
        for mark in leg.marks:
            if mark.upto:
                mark.cursor = str(leg.notes.get("cursor", self._cursor(stream, leg)))
        return Read(asks=[Ask(reader="articles", about=(self._days(stream, leg), 0))])

    # -- articles by days ---------------------------------------------------------------------------------------------

    def _days(self, stream: Stream, leg: Leg) -> tuple[tuple[date, date], ...]:
        """Return the leg's window as stretches of whole days in KST, newest first."""
        start = (leg.window.start or OLDEST).astimezone(values.SEOUL).date()
        end = (leg.window.end or values.now()).astimezone(values.SEOUL).date()
        stretches = []
        while end >= start:
            begin = max(start, end - QUARTER + timedelta(days=1))
            stretches.append((begin, end))
            end = begin - timedelta(days=1)
        return tuple(stretches)

    def ask_articles(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for 100 articles of a stretch of days."""
        stretches, offset = about
        first, last = stretches[0]
        query = {
            "shop_no": stream.shop, "start_date": first.isoformat(), "end_date": last.isoformat(),
            "limit": 100, "offset": offset,
        }  # fmt: skip
        return self.call(f"{ADMIN}/boards/{stream.notes['board']}/articles", query)

    def read_articles(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read a page; a stretch with more articles than can be paged to is halved."""
        stretches, offset = about
        size, page = self._joined(answer, stream, leg)
        if size == 100 and offset + 100 <= LAST_OFFSET:
            return Read(page=page, asks=[Ask(reader="articles", about=(stretches, offset + 100))])
        if size == 100:
            first, last = stretches[0]
            if first == last:
                raise PageFailed(f"more than 8,100 articles on {first}")
            middle = first + (last - first) // 2
            halves = ((middle + timedelta(days=1), last), (first, middle))
            return Read(page=page, asks=[Ask(reader="articles", about=(halves + stretches[1:], 0))])
        if len(stretches) > 1:
            return Read(page=page, asks=[Ask(reader="articles", about=(stretches[1:], 0))])
        return Read(page=page, asks=self._answered_elsewhere(leg))

    def _joined(self, answer: Answer, stream: Stream, leg: Leg) -> tuple[int, Page]:
        """Return the page's size and its reviews; answers that are articles wait here until their review comes."""
        document = mapping.document(answer)
        rows = mapping.articles(document)
        waiting: dict[str, list[Any]] = leg.notes.setdefault("waiting", {})
        reviews = [row for row in rows if not depth(row)]
        for row in rows:
            if depth(row):
                # An answer to an answer came before it, and waits below what that one answers.
                below = waiting.pop(str(_number(row, "article_no")), [])
                waiting.setdefault(str(_number(row, "parent_article_no")), []).extend((row, *below))
        numbers = {str(_number(row, "article_no")) for row in reviews}
        leg.notes.setdefault("seen", set()).update(numbers)
        answers = [child for number in numbers for child in waiting.pop(number, ())]
        comments: dict[str, list[Any]] = leg.notes["comments"]
        told = {number: comments.get(number, []) for number in numbers}
        body = msgspec.json.encode({"articles": reviews + answers})
        page = self.page(
            "reviews", answer._replace(body=body), board=str(stream.notes["board"]),
            **self.told(stream.shop, comments=told),
        )  # fmt: skip
        return len(rows), self._inside(page, leg)

    @staticmethod
    def _inside(page: Page, leg: Leg) -> Page:
        """Rows after the end date were seen in answers; they belong to the next window."""
        kept = [
            (record, place) for record, place in zip(page.records, page.positions, strict=True)
            if not isinstance(record, Review) or record.written_at in leg.window or not record.written_at
        ]  # fmt: skip
        page.records, page.positions = [record for record, _ in kept], [place for _, place in kept]
        return page

    # -- new answers to old reviews -----------------------------------------------------------------------------------

    def _answered_elsewhere(self, leg: Leg) -> list[Ask]:
        seen: set[str] = leg.notes["seen"]
        numbers = sorted((set(leg.notes["comments"]) | set(leg.notes["waiting"])) - seen - {"0"}, key=int)
        if leg.started_at:
            # A sweep has seen every review of its period; what is left answers notices, deleted or older articles.
            return []
        return [Ask(reader="answered", about=numbers[at : at + 100]) for at in range(0, len(numbers), 100)]

    def ask_answered(self, stream: Stream, leg: Leg, about: list[str]) -> Request:
        """Ask again for older articles that got an answer."""
        query = {"shop_no": stream.shop, "article_no": ",".join(about), "limit": 100}
        return self.call(f"{ADMIN}/boards/{stream.notes['board']}/articles", query)

    def read_answered(self, answer: Answer, stream: Stream, leg: Leg, about: list[str]) -> Read:
        """Their older comments are not known here, so each article's own are asked."""
        rows = mapping.articles(mapping.document(answer))
        return Read(asks=[Ask(reader="comments_of", about=(row, 0, [])) for row in rows])

    def ask_comments_of(self, stream: Stream, leg: Leg, about: Any) -> Request:
        """Ask for all comments of one article."""
        row, offset, _ = about
        path = f"{ADMIN}/boards/{stream.notes['board']}/articles/{_number(row, 'article_no')}/comments"
        return self.call(path, {"shop_no": stream.shop, "limit": 100, "offset": offset})

    def read_comments_of(self, answer: Answer, stream: Stream, leg: Leg, about: Any) -> Read:
        """Read the article with its comments."""
        row, offset, found = about
        comments = mapping.comments(mapping.document(answer))
        found = found + comments
        if len(comments) == 100 and offset < LAST_OFFSET:
            return Read(asks=[Ask(reader="comments_of", about=(row, offset + 100, found))])
        number = str(_number(row, "article_no"))
        answers = leg.notes["waiting"].pop(number, [])
        body = msgspec.json.encode({"articles": [row, *answers]})
        page = self.page(
            "reviews", answer._replace(body=body), board=str(stream.notes["board"]),
            **self.told(stream.shop, comments={number: found}),
        )  # fmt: skip
        for record in page.records:
            self._keep_earlier(record)
        return Read(page=page)

    def _keep_earlier(self, record: Any) -> None:
        """Add the stored answers that stand nowhere here: articles that answered the review before this window.

        No query gives the answers of one article; one that was deleted goes with the next sweep.
        """
        if not isinstance(record, Review) or not isinstance(record.replies, list):
            return
        told = {reply.written_at for reply in record.replies}
        stored = replies(self.session.store, record.platform, record.mall, record.shop, record.review_id)
        record.replies += [reply for reply in stored if reply.written_at not in told]
        record.replies.sort(key=lambda reply: reply.written_at or OLDEST)


def written_at(row: Any) -> datetime | None:
    """Return when a comment was written, None where it does not say: one odd row must not end the walk of a board."""
    try:
        return values.moment(row.get("created_date"))
    except ValueError:
        return None


def _number(row: Any, name: str) -> int:
    """Return a number of a row, 0 when it is missing or none: such a row belongs nowhere."""
    try:
        return values.integer(row.get(name)) or 0
    except ValueError:
        return 0
