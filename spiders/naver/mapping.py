"""Naver SmartStore: what each kind of payload becomes, and what an answer that is no data leads to."""

from shopscrape.payload import Answer, Kind

_ALL: tuple[Kind, ...] = (
    # one line a module: its ALL, a tuple of Kinds
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def judge(answer: Answer) -> None:
    """Raise what an answer that carries no data leads to, be it an API's or a page's."""
    if answer.body.lstrip()[:1] == b"<":
        judge_page(answer)
    else:
        judge_api(answer)


def judge_api(answer: Answer) -> None:
    """Raise what an answer of the Commerce API that carries no data leads to."""


def judge_page(answer: Answer) -> None:
    """Raise what a storefront page that carries no data leads to."""
