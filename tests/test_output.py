"""What leaves the process besides the store: feeds, log lines, run reports and exit statuses."""

import asyncio
import csv
import io
import json
import logging
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from itemadapter import ItemAdapter
from scrapy import Request
from scrapy.http import TextResponse
from twisted.python.failure import Failure

from pipelines.jsonl import Jsonl
from pipelines.sql import Sql
from pipelines.validate import validate
from shopscrape import adapter, errors, exporters, items, report, values
from shopscrape.identity import fingerprint, form, identity
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


@pytest.fixture
def sink(tmp_path):
    """The jsonl pipeline of a crawl that writes into a temporary folder."""
    session = SimpleNamespace(output=tmp_path, mall=SimpleNamespace(name="m"), access="api")
    made = Jsonl(SimpleNamespace(spider=SimpleNamespace(session=session)))
    made.open_spider()
    return made


def put(sink, leg, *records, last):
    one = batch(*records, leg=leg)
    for row in one.rows:
        row.digest, row.body = fingerprint(row.record)
    leg.unstored = 1 if last else 2
    sink.process_item(one)


def lines(folder):
    return [line for path in sorted(folder.glob("m/reviews/*.jsonl")) for line in path.read_text("utf-8").splitlines()]


def test_a_file_appears_with_the_end_of_its_window_and_replaces_itself(sink, tmp_path):
    leg = Leg("reviews", Window(), [], name="reviews-2026/../x")
    put(sink, leg, REVIEW, last=False)
    assert lines(tmp_path) == []
    put(sink, leg, items.Review(**HERE, review_id="8", source_url="https://x.example/8"), last=True)
    told = [json.loads(line) for line in lines(tmp_path)]
    assert [row["review_id"] for row in told] == ["7", "8"]
    assert told[1]["collected_at"] == "2026-07-01T00:00:00Z" and told[1]["source_url"] == "https://x.example/8"
    again = Leg("reviews", Window(), [], name="reviews-2026/../x")
    put(sink, again, REVIEW, last=True)
    assert len(lines(tmp_path)) == 1
    assert [path.name for path in (tmp_path / "m/reviews").iterdir()] == ["reviews-2026----x.api.jsonl"]


def test_a_poisoned_or_broken_off_window_leaves_no_file(sink, tmp_path):
    spoiled = Leg("reviews", Window(), [], name="a")
    put(sink, spoiled, REVIEW, last=False)
    spoiled.spoil("the chain broke")
    put(sink, spoiled, REVIEW, last=True)
    put(sink, Leg("reviews", Window(), [], name="b"), REVIEW, last=False)
    sink.close_spider()
    assert list(Path(tmp_path).rglob("*.jsonl")) == [] == list(Path(tmp_path).rglob("*.part"))


def test_what_a_killed_run_left_half_written_is_taken_away(sink, tmp_path):
    put(sink, Leg("reviews", Window(), [], name="a"), REVIEW, last=False)
    assert list(Path(tmp_path).rglob("*.part"))
    for files in sink.open.values():
        for file in files.values():
            file.close()
    sink.open.clear()
    sink.open_spider()
    assert not list(Path(tmp_path).rglob("*.part"))


def test_a_clock_set_back_during_a_sweep_makes_nothing_gone(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        session = SimpleNamespace(
            store=store, run="r", keep_rows=True, unfinished=set(), check_lease=lambda: None,
            report=report.RunReport("r", "s", "p", "m", ("reviews",)),
        )  # fmt: skip
        sink = Sql(SimpleNamespace(spider=SimpleNamespace(session=session)))
        sweep = Leg("reviews", Window(), [])
        sweep.started_at = values.now() + timedelta(hours=1)
        sweep.retire = [Retire(platform="p", mall="m", shop="", resource="reviews", before=sweep.started_at)]
        seen = batch(REVIEW, leg=sweep)
        for row in seen.rows:
            row.digest, row.body = fingerprint(row.record)
            row.identity, row.form = identity(row.record), form(row.record)
        sweep.unstored = 1
        asyncio.run(sink.process_item(seen))
        assert store.count("reviews") == 1


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
