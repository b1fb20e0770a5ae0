"""A browser that reads page after page: what the whole tree of its processes keeps of each."""

from benchmarks.rendered import collect, serving


def test_three_hundred_pages_leave_little_behind(tmp_path):
    folder = tmp_path / "smartstore"
    with serving(folder, "--products", "10", "--reviews", "10", "--only", "naver") as malls:
        table = malls["demo_naver_brand"]
        urls = [f"{url}?visit={number}" for number in range(38) for url in table["urls"]]
        took = collect(folder, "naver_web", table | {"urls": urls}, "inventory")
    assert took.done == len(urls) >= 300
    assert took.growth < 0.5
