"""Every sample payload maps to the expectation stored beside it; every error sample leads to its outcome."""

import importlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from pipelines.normalise import normalise
from pipelines.validate import validate
from shopscrape.errors import ShopscrapeError
from shopscrape.payload import Answer, Origin, read_page
from shopscrape.privacy import Scrubber

SAMPLES = Path(__file__).parent / "samples"
READ_AT = datetime(2026, 7, 20, tzinfo=UTC)


def listed(section):
    """Return one parameter set for each sample that an index names."""
    return list(_listed(section))


def _listed(section):
    for index in sorted(SAMPLES.glob("*/samples.toml")):
        table = msgspec.toml.decode(index.read_bytes())
        for name, value in table[section].items():
            told = table.get("with", {}).get(name, {})
            yield pytest.param(index.parent, name, value, told, id=f"{index.parent.name}-{name}")


def payload(folder, name):
    """Return the body of a sample, whatever its suffix."""
    return next(path for path in folder.glob(f"{name}.*") if not path.name.endswith(".expect.json")).read_bytes()


@pytest.mark.parametrize("folder, name, kind, told", listed("kinds"))
def test_sample_maps_to_its_expectation(folder, name, kind, told):
    mapping = importlib.import_module(f"spiders.{folder.name}.mapping")
    channels = importlib.import_module(f"spiders.{folder.name}").FACTS.channels
    body = payload(folder, name)
    origin = Origin(platform=folder.name, collected_at=READ_AT, **told)
    mapping.judge(Answer(body))
    page = read_page(mapping.KINDS[kind], body, origin)
    scrub = Scrubber(b"a key for tests only").scrub
    found = {
        "records": [
            {"type": type(record).__name__} | msgspec.to_builtins(scrub(validate(normalise(record), channels)))
            for record in page.records
        ],
        "failed": [list(failed) for failed in page.failed],
        "unknown": dict(page.tally.unknown),
        "left_over": dict(page.tally.left_over),
    }
    expectation = folder / f"{name}.expect.json"
    if not expectation.exists():
        expectation.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
        pytest.fail(f"{expectation.name} was missing and has been written: read it with understanding, then run again")
    assert found == msgspec.json.decode(expectation.read_bytes())
    types = {type(record) for record in page.records}
    assert types <= set(mapping.KINDS[kind].items)


@pytest.mark.parametrize("folder, name, outcome, told", listed("errors"))
def test_error_sample_leads_to_its_outcome(folder, name, outcome, told):
    mapping = importlib.import_module(f"spiders.{folder.name}.mapping")
    with pytest.raises(ShopscrapeError) as raised:
        mapping.judge(Answer(payload(folder, name)))
    assert raised.value.outcome == outcome
