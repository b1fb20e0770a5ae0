"""Godomall5 crawls against a small openhub: limits, keys, walls, reviews."""

from datetime import datetime, timedelta

from godomall5_crawling import ago, crawl, kept, mall
from godomall5_mall import post, printed

__all__ = ["crawl", "mall"]

GOODS, POSTS = "Goods_Search", "Board_List"


# -- limits, keys, walls ----------------------------------------------------------------------------------------------


def test_429_and_an_exhausted_level_are_waited_out(mall, crawl):
    mall.level = "EXHAUSTED"
    mall.faults = [("Goods_Search", 429, {"Content-Type": "text/html"}, b"Too Many Requests")] * 2
    started = datetime.now()
    assert crawl("-a", "resources=inventory", speed=20.0)[0] == 0
    # Two refusals and the level of the answers before: 3 s each, at 20 times the speed.
    assert datetime.now() - started > timedelta(seconds=0.45)
    assert len(mall.asked(GOODS)) == 3


def test_a_gateway_page_is_no_empty_answer(mall, crawl):
    page = "<!DOCTYPE html><html><body>점검 중입니다</body></html>"
    mall.faults = [("Goods_Search", 200, {"Content-Type": "text/html"}, page.encode())] * 2
    assert crawl("-a", "resources=inventory")[0] == 0
    assert len(kept(crawl, "inventory", "product_id")) == 5


def test_a_key_that_is_none_is_said_before_any_request(mall, crawl):
    status, said = crawl(secrets=[("SHOPSCRAPE_M_KEY", ' "" ')])
    assert (status, "KEY is no key" in said, mall.log) == (2, True, [])


def test_odd_lines_of_the_malls_file_are_refused(mall, crawl):
    assert crawl(backend="graphql")[0] == 2
    assert crawl("-a", "resources=reviews", boards=["goodsqa"])[0] == 2
    # The Server API has keys of its own.
    assert crawl("-a", "resources=reviews", backend="server")[0] == 2
    status, said = crawl("-a", "resources=reviews", boards=["photoreview"])
    assert (status, "has no board photoreview; there are goodsqa, goodsreview" in said) == (2, True)


# -- reviews ----------------------------------------------------------------------------------------------------------


def test_reviews_first_as_a_sweep_then_by_writing_and_change(mall, crawl):
    mall.posts = [post(n, ago(days=30, minutes=-n)) for n in range(1, 121)]
    assert crawl("-a", "resources=reviews")[0] == 0
    asked = mall.asked(POSTS)
    assert [(form["dateType"], form["page"]) for form in asked] == [
        ("regDt", "1"), ("regDt", "2"), ("regDt", "1"), ("modDt", "1"),
    ]  # fmt: skip
    assert {(form["bdId"], form["reply"], form["coment"], form["notice"]) for form in asked} == {
        ("goodsreview", "y", "y", "n")
    }
    mall.posts.append(post(200, ago(minutes=20)))
    mall.posts[4] |= {"answerContents": "감사합니다", "modDt": printed(ago(minutes=10))}
    assert crawl("-a", "resources=reviews")[0] == 0
    assert [form["dateType"] for form in mall.asked(POSTS)] == ["regDt", "modDt"]
    found = kept(crawl, "reviews", "review_id")
    assert len(found) == 121
    assert found["goodsreview:5"]["replies"] == [{"text": "감사합니다", "written_at": None, "by": "seller"}]
    del mall.posts[10]
    assert crawl("-a", "resources=reviews", "-a", "sweep=1")[0] == 0
    assert "goodsreview:11" not in kept(crawl, "reviews", "review_id")


def test_a_sweep_sees_answers_to_posts_older_than_its_period(mall, crawl):
    mall.posts = [post(1, ago(days=200)), post(2, ago(days=3))]
    assert crawl("-a", "resources=reviews", "-a", "since=all")[0] == 0
    mall.posts[0] |= {"answerContents": "늦은 답변", "modDt": printed(ago(minutes=5))}
    assert crawl("-a", "resources=reviews", "-a", "sweep=1")[0] == 0
    assert kept(crawl, "reviews", "review_id")["goodsreview:1"]["replies"][0]["text"] == "늦은 답변"


def test_a_mall_without_the_usual_board_is_told_so(mall, crawl):
    mall.boards = {"qa": "문의"}
    status, said = crawl("-a", "resources=reviews")
    assert (status, "no board goodsreview" in said) == (0, True)
