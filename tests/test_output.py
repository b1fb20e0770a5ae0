"""What leaves the process besides the store: feeds, log lines, run reports and exit statuses."""

import asyncio
import csv
import io
import json
import logging
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from itemadapter import ItemAdapter
from scrapy import Request
from scrapy.http import TextResponse
from twisted.python.failure import Failure

from pipelines.dedupe import Dedupe
from pipelines.jsonl import Jsonl
from pipelines.publish import Publish
from pipelines.sql import Sql
from pipelines.validate import validate
from shopscrape import adapter, errors, exporters, items, lines, report, values
from shopscrape.identity import fingerprint, identity
from shopscrape.logs import QuietFormatter
from shopscrape.payload import Kind, Origin, Page
from shopscrape.store import open_store
from shopscrape.windows import Batch, Leg, Retire, Window

AT = datetime(2026, 7, 1, tzinfo=UTC)
HERE = {"platform": "p", "mall": "m", "collected_at": AT}
KIND = Kind(name="reviews", request="GET /", items=(items.Review,), rows=list, read=list, expects=("rating", "text"))


def batch(*records, leg=None):
    page = Page(KIND, b"", Origin(platform="p", collected_at=AT))
    page.records, page.positions = list(records), list(range(len(records)))
    return Batch(leg or Leg("reviews", Window(), []), page)


REVIEW = items.Review(
    **HERE, review_id="7", rating=Decimal("4.5"), text="좋아요\n또 살게요", written_on=date(2026, 7, 1), flags=["best"],
    options={"색상": "블랙"}, media=[items.Media(kind="image", url="https://x.example/a.jpg")], title=None,
)  # fmt: skip


# -- feeds ------------------------------------------------------------------------------------------------------------


def exported(kind, *found):
    file = io.BytesIO()
    exporter = kind(file)
    exporter.start_exporting()
    for item in found:
        exporter.export_item(item)
    exporter.finish_exporting()
    return file.getvalue().decode()


def test_json_lines_have_a_row_a_line_and_leave_out_what_is_not_told():
    lines = exported(exporters.JsonLines, batch(REVIEW, REVIEW), batch(), {"own": "item"}).splitlines()
    assert len(lines) == 3
    told = json.loads(lines[0])
    assert told["rating"] == "4.5" and told["title"] is None and told["written_on"] == "2026-07-01"
    assert "author" not in told
    assert json.loads(lines[2]) == {"own": "item"}


def test_json_is_one_list_of_rows():
    assert [row["review_id"] for row in json.loads(exported(exporters.Json, batch(REVIEW, REVIEW), batch(REVIEW)))] == [
        "7", "7", "7",
    ]  # fmt: skip


def test_csv_is_one_table_of_rows_of_any_kind():
    order = items.Order(**HERE, order_id="1", lines=[items.OrderLine(line_id="1")], total=Decimal("100"))
    rows = list(csv.DictReader(io.StringIO(exported(exporters.Csv, batch(REVIEW, order), batch(REVIEW)), newline="")))
    assert [row["resource"] for row in rows] == ["reviews", "orders", "reviews"]
    assert rows[0]["text"] == "좋아요\n또 살게요"
    assert json.loads(rows[0]["media"]) == [{"kind": "image", "url": "https://x.example/a.jpg"}]
    assert rows[0]["author"] == "" and rows[1]["mall"] == "m"


def test_a_record_is_an_item_for_scrapys_tools():
    told = ItemAdapter(REVIEW)
    assert adapter.RecordAdapter in ItemAdapter.ADAPTER_CLASSES
    assert "author" not in told and told["review_id"] == "7"
    copy = ItemAdapter(items.Review(**HERE, review_id="8"))
    copy["text"] = "x"
    assert copy["text"] == "x"
    del copy["text"]
    assert "text" not in copy and len(copy) == len(copy.asdict())
    with pytest.raises(KeyError):
        copy["nonsense"] = 1


# -- JSON lines of finished windows -----------------------------------------------------------------------------------


class Sinks:
    """The pipelines of a crawl from dedupe on, with a real store and a real folder."""

    def __init__(self, folder):
        self.folder = folder
        self.session = SimpleNamespace(
            store=open_store(f"sqlite:///{folder}/store.db"), output=folder, mall=SimpleNamespace(name="m"),
            access="api", run="r", keep_rows=True, unfinished=set(), check_lease=lambda: None,
            report=report.RunReport("r", "s", "p", "m", ("reviews",)),
        )  # fmt: skip
        self.session.store.begin_run("r", "s", "p", "m", {}, AT)
        self.begin()

    def begin(self):
        """Begin a run, as after the last one was killed."""
        crawler = SimpleNamespace(spider=SimpleNamespace(session=self.session))
        self.session.unfinished = self.session.store.unfinished("p", "m")
        self.dedupe, self.jsonl, self.sql, self.publish = (
            kind(crawler) for kind in (Dedupe, Jsonl, Sql, Publish)
        )  # fmt: skip
        self.publish.open_spider()

    def put(self, leg, *records, last=False, until="publish"):
        """Send a Batch of a window through the pipelines, or through some of them."""
        leg.unstored = 1 if last else 2
        item = batch(*records, leg=leg)
        for name in ("dedupe", "jsonl", "sql", "publish"):
            item = getattr(self, name).process_item(item)
            if name == "sql":
                item = asyncio.run(item)
            if name == until:
                break

    def kill(self):
        """Let go of everything as SIGKILL does, with what the files' buffers hold."""
        for files in self.jsonl.open.values():
            for file in files.values():
                os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
                file.close()
        self.begin()

    def end(self):
        """End the run as Scrapy does: the last pipeline closes first."""
        self.publish.close_spider()
        self.jsonl.close_spider()

    @property
    def lines(self):
        """The reviews' numbers in the files that are in place, in the order of files and lines."""
        paths = sorted(self.folder.glob("m/reviews/*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(line)["review_id"] for path in paths for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def sinks(tmp_path):
    made = Sinks(tmp_path)
    yield made
    made.session.store.close()


def review(number, **told):
    return items.Review(**HERE, review_id=str(number), source_url=f'https://x.example/"{number}\\', **told)


def window(name="reviews-2026"):
    return Leg("reviews", Window(), [], name=name)


def hidden(folder):
    return list(Path(folder).rglob("*.part"))


def test_a_file_appears_with_the_end_of_its_window_and_stays_as_it_is(sinks, tmp_path):
    leg = window("reviews-2026/../x")
    sinks.put(leg, REVIEW)
    assert sinks.lines == [] and hidden(tmp_path)
    sinks.put(leg, review(8), last=True)
    (path,) = (tmp_path / "m/reviews").iterdir()
    assert path.name == "reviews-2026----x.api.jsonl" and sinks.lines == ["7", "8"]
    told = json.loads(path.read_text("utf-8").splitlines()[1])
    assert told["collected_at"] == "2026-07-01T00:00:00Z" and told["source_url"] == 'https://x.example/"8\\'
    before = path.read_bytes()
    sinks.put(window("reviews-2026/../x"), REVIEW, review(8), review(9), last=True)
    assert path.read_bytes() == before and sinks.lines == ["7", "8", "9"]
    sinks.put(window("reviews-2026/../x"), REVIEW, review(8), review(9), last=True)
    assert sinks.lines == ["7", "8", "9"]


def test_a_line_tells_when_a_level_of_stock_was_seen_and_is_read_back():
    level = items.Stock(**HERE, product_id="1", variant_id="2", quantity=3, observed_at=AT, source_url='https://x/"')
    digest, body = fingerprint(level)
    line = lines.write(level, body)
    assert json.loads(line)["observed_at"] == "2026-07-01T00:00:00Z" and json.loads(line)["source_url"] == 'https://x/"'
    assert lines.read(line, "inventory") == (identity(level), digest)
    assert lines.read(line[:-1], "inventory") is None


def test_killed_anywhere_a_line_stands_for_each_stored_row_and_none_twice(sinks, tmp_path):
    # In turn: before the store, between the store and the rename, in the middle, and before a buffer is flushed.
    sinks.put(window(), review(1), review(2), last=True, until="jsonl")
    sinks.kill()
    assert sinks.lines == [] == hidden(tmp_path)
    sinks.put(window(), review(1), review(2), last=True, until="sql")
    sinks.kill()
    assert sinks.lines == ["1", "2"] and not hidden(tmp_path)
    leg = window()
    sinks.put(leg, review(2), review(3))
    sinks.put(leg, review(4), review(5), until="jsonl")
    sinks.kill()
    assert sinks.lines == ["1", "2", "3"] and not hidden(tmp_path)
    # Another window meets what was saved, and what was not.
    sinks.put(window("other"), review(3), review(4), last=True)
    sinks.put(window(), review(2), review(3), review(4), review(5), last=True)
    assert sinks.lines == ["1", "2", "3", "4", "5"]
    assert sinks.session.store.unfinished("p", "m") == set()


def test_the_line_of_a_row_is_written_again_where_its_hidden_file_is_gone(sinks, tmp_path):
    sinks.put(window(), review(1), review(2))
    for path in hidden(tmp_path):
        path.unlink()
    sinks.kill()
    assert sinks.lines == []
    leg = window("other")
    sinks.put(leg, review(1))
    for path in hidden(tmp_path):
        path.unlink()
    sinks.kill()
    sinks.put(window("third"), review(1), review(2), last=True)
    assert sinks.lines == ["1", "2"]


def test_what_is_stored_of_a_window_that_did_not_end_has_its_lines(sinks, tmp_path):
    spoiled = window("a")
    sinks.put(spoiled, review(1))
    spoiled.spoil("the chain broke")
    sinks.put(spoiled, review(2), last=True)
    sinks.put(window("b"), review(3))
    assert sinks.lines == []
    sinks.end()
    assert sorted(sinks.lines) == ["1", "2", "3"] and not hidden(tmp_path)
    # What was cut off in the middle of a line, or is none of ours, is left out.
    torn = window("c")
    sinks.put(torn, review(4))
    (path,) = hidden(tmp_path)
    with path.open("ab") as file:
        file.write(b'{"collected_at":"2026-07-01T00:00:00Z","platform":"p"\n{}\n\xff\n{"collected_at":"2026')
    sinks.end()
    assert sorted(sinks.lines) == ["1", "2", "3", "4"] and not hidden(tmp_path)


def test_a_clock_set_back_during_a_sweep_makes_nothing_gone(sinks):
    sweep = window()
    sweep.started_at = values.now() + timedelta(hours=1)
    sweep.retire = [Retire(platform="p", mall="m", shop="", resource="reviews", before=sweep.started_at)]
    sinks.put(sweep, REVIEW, last=True)
    assert sinks.session.store.count("reviews") == 1


# -- logs -------------------------------------------------------------------------------------------------------------


def test_no_log_line_shows_an_item_a_query_a_header_or_a_body():
    secret = "CANARY"
    request = Request(f"https://u:{secret}@x.example:8443/a/b?key={secret}#{secret}", headers={"Authorization": secret})
    response = TextResponse(request.url, body=secret.encode(), headers={"Set-Cookie": secret}, request=request)
    mine = batch(items.Review(**HERE, review_id=secret, text=secret))
    failure = Failure(ValueError(secret))
    formatter = QuietFormatter()
    told = [
        formatter.crawled(request, response, None),
        formatter.scraped(mine, response, None),
        formatter.scraped({"text": secret}, response, None),
        formatter.dropped(mine, errors.RowFailed(secret), response, None),
        formatter.item_error(mine, ValueError(secret), response, None),
        formatter.spider_error(failure, request, response, None),
        formatter.download_error(failure, request, None, secret),
    ]
    shown = [one["msg"] % one["args"] for one in told]
    assert not [line for line in shown if secret in line]
    assert "https://x.example:8443/a/b" in shown[0]
    assert shown[1] == "Stored 1 rows of reviews"


# -- the report and the exit status -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "why, status",
    [
        (errors.ConfigurationError("x"), 2), (errors.Refused("x"), 3), (errors.AuthFailed("x"), 3),
        (errors.ConsentNeeded("x"), 3), (errors.Blocked("x"), 3), (errors.LoginRequired("x"), 3),
        (errors.NotHydrated("x"), 3), (errors.LeaseLost("x"), 3), (errors.MallBusy("x"), 75),
        (errors.PageFailed("x"), 1), (errors.Throttled("x"), 1), (ValueError("x"), 1),
    ],
)  # fmt: skip
def test_an_error_has_its_exit_status(why, status):
    assert report.exit_status(why) == status


def made():
    return report.RunReport("r", "p_api", "p", "m", ("reviews",))


def test_the_status_of_a_run():
    run = made()
    run.finish("finished")
    assert (run.exit_status, run.outcome) == (report.MET, "ok")
    run.dead = 1
    assert run.exit_status == report.DEAD_LETTERS
    run.fall_short("something is missing")
    assert run.exit_status == report.FELL_SHORT
    run.stop(errors.Blocked("a captcha came"))
    run.stop(errors.Refused("later"))
    assert run.exit_status == report.STOPPED
    run.finish("blocked")
    assert run.outcome == "blocked"


def test_a_broken_off_run_is_not_ok():
    run = made()
    run.finish("shutdown")
    assert run.exit_status == report.FELL_SHORT and run.outcome != "ok"


def test_a_field_that_ends_to_be_found_is_noticed():
    def run(text):
        one = made()
        for _ in range(20):
            one.cover(batch(items.Review(**HERE, review_id="1", rating=Decimal(5), text=text)).page)
        return one

    before, after = run("좋아요"), run(None)
    after.compare(before.as_dict()["coverage"])
    assert after.shortfalls == ["reviews: text was found in 0% of 20 rows, before in 100%: its place has moved."]
    before.compare(after.as_dict()["coverage"])
    assert before.shortfalls == []


def test_a_report_is_json_and_sentences():
    run = made()
    run.tally.unknown["status=X9"] += 2
    run.unverified = ("a guess",)
    run.requests["reviews"] += 3
    run.states["reviews"]["new"] += 5
    run.fall_short("a total did not match")
    run.finish("finished")
    told = json.loads(run.to_json())
    assert told["rows"] == {"reviews": {"new": 5}} and told["unknown_words"] == {"status=X9": 2}
    assert told["unverified"] == ["a guess"] and told["exit_status"] == 1
    said = {sentence: level for level, sentence in run.sentences()}
    assert said["  FELL SHORT: a total did not match"] == logging.ERROR
    assert "  UNKNOWN WORDS: status=X9 (2)" in said


def test_a_channel_that_the_fact_sheet_does_not_name_fails_its_row():
    record = items.Order(platform="p", mall="m", order_id="1", channel="bazaar", collected_at=AT)
    assert validate(record, ("own", "bazaar")) is record
    with pytest.raises(errors.RowFailed, match="channel"):
        validate(record, ("own",))
