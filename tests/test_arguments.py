"""A mistake is said in one sentence, ends with status 2 before anything is asked, and writes nothing. No traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MALLS = """
[demo]
platform = "cafe24"
mall_id = "demo"
base_url = "http://127.0.0.1:9"

[smart]
platform = "naver"
base_url = "http://127.0.0.1:9"
storefront_url = "http://127.0.0.1:9"
permission = "own-store"
"""
SECRETS = {
    "SHOPSCRAPE_PRIVACY_KEY": "k" * 40, "SHOPSCRAPE_KEY": "Q" * 43 + "=", "SHOPSCRAPE_DEMO_CLIENT_ID": "CANARY-A",
    "SHOPSCRAPE_DEMO_CLIENT_SECRET": "CANARY-B", "SHOPSCRAPE_DEMO_REFRESH_TOKEN": "CANARY-C",
}  # fmt: skip
CRAWL = ("crawl", "cafe24_api", "-a", "mall=demo")


@pytest.fixture
def project(tmp_path):
    """A folder with a malls file, as a user has it."""
    (tmp_path / "malls.toml").write_text(MALLS, "utf-8")
    return tmp_path


def scrapy(project, *words, drop=(), **environment):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SHOPSCRAPE_")}
    told = bare | {name: value for name, value in SECRETS.items() if name not in drop} | environment
    told |= {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "shopscrape.settings"}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words, "-s", "LOG_LEVEL=WARNING"], cwd=project, env=told,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def refused(done, project, status=2):
    """Return the one sentence of a refusal, after looking that nothing else was said or written."""
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == status, done.stderr
    assert len(said) == 1 and said[0].startswith("scrapy crawl: "), done.stderr
    assert said[0].endswith((".", ")")) and "Traceback" not in done.stderr
    assert "CANARY" not in done.stderr + done.stdout
    left = {path.name for path in project.rglob("*") if path.is_file()}
    assert left <= {"malls.toml", ".env"}, left
    return said[0]


@pytest.mark.parametrize(
    "words, told",
    [
        (("crawl", "cafe24_api", "-a", "mall=nowhere"), "There is no mall nowhere in the malls file (demo, smart)."),
        (("crawl", "cafe24_api", "-a", "mall=smart"), "Mall smart is on naver"),
        (("crawl", "nonsense"), "There is no spider nonsense; scrapy list shows them."),
        ((*CRAWL, "-a", "resources=order"), "Unknown resource order"),
        ((*CRAWL, "-a", "since=yesterday"), "since=yesterday is no time"),
        ((*CRAWL, "-a", "since=2999-01-01"), "lies in the future"),
        ((*CRAWL, "-a", "sweep=yes"), "sweep is 0 or 1."),
        ((*CRAWL, "-a", "mode=fast"), "Unknown argument mode"),
        ((*CRAWL, "-s", "SHOPSCRAPE_MALLS=none.toml"), "There is no malls file at none.toml"),
        ((*CRAWL, "-s", "SHOPSCRAPE_MALLS=."), "cannot be read"),
        ((*CRAWL, "-s", "SHOPSCRAPE_STORE=sqlite:////proc/none/store.db"), "cannot be opened"),
        ((*CRAWL, "-s", "SHOPSCRAPE_STORE=postgresql://u:CANARY@127.0.0.1:9/d"), "cannot be opened"),
        ((*CRAWL, "-s", "SHOPSCRAPE_STORE=nonsense"), "not readable"),
        ((*CRAWL, "-s", "SHOPSCRAPE_PRIVACY=maybe"), "SHOPSCRAPE_PRIVACY is pseudonyms or keep."),
        ((*CRAWL, "-O", "/proc/none/out.jsonl"), "/proc/none"),
        (("crawl", "naver_web", "-a", "mall=smart", "-a", "resources=orders"), "naver_web"),
    ],
)  # fmt: skip
def test_a_wrong_argument(project, words, told):
    assert told in refused(scrapy(project, *words), project)


@pytest.mark.parametrize(
    "name", ["SHOPSCRAPE_DEMO_CLIENT_ID", "SHOPSCRAPE_DEMO_CLIENT_SECRET", "SHOPSCRAPE_PRIVACY_KEY", "SHOPSCRAPE_KEY"]
)
def test_a_missing_credential(project, name):
    assert name in refused(scrapy(project, *CRAWL, drop=(name,)), project)


@pytest.mark.parametrize("name, value", [("SHOPSCRAPE_KEY", "CANARY"), ("SHOPSCRAPE_PRIVACY_KEY", "CANARY-short")])
def test_a_key_that_is_none(project, name, value):
    assert name in refused(scrapy(project, *CRAWL, **{name: value}), project)


def test_a_consent_that_was_never_given(project):
    said = refused(scrapy(project, *CRAWL, drop=("SHOPSCRAPE_DEMO_REFRESH_TOKEN",)), project)
    assert said.endswith("into SHOPSCRAPE_DEMO_REFRESH_TOKEN.")


@pytest.mark.parametrize(
    "text, told",
    [
        (b"[demo", "not valid TOML"), (MALLS.encode("utf-16"), "malls.toml"),
        (b'[demo]\nplatform = "cafe24"\nmall_id = "x"\nmal_id = 1\n', "unknown key 'mal_id'"),
    ],
)  # fmt: skip
def test_a_wrong_malls_file(project, text, told):
    (project / "malls.toml").write_bytes(text)
    assert told in refused(scrapy(project, *CRAWL), project)


@pytest.mark.parametrize(
    "environment, told",
    [
        ({"SHOPSCRAPE_CHROMIUM": "/none/chromium"}, "SHOPSCRAPE_CHROMIUM"),
        ({"PLAYWRIGHT_NODEJS_PATH": "/bin/false"}, "driver does not start"),
    ],
)
def test_no_browser(project, environment, told):
    words = ("crawl", "naver_web", "-a", "mall=smart", "-a", "url=http://127.0.0.1:9/x/products/1")
    assert told in refused(scrapy(project, *words, **environment), project)


def test_pages_are_off_without_a_permission(project):
    (project / "malls.toml").write_text(MALLS.replace('permission = "own-store"', ""), "utf-8")
    done = scrapy(project, "crawl", "naver_web", "-a", "mall=smart")
    assert 'permission = "own-store"' in refused(done, project, status=3)


def test_a_command_line_that_is_none(project):
    for words in (("crawl",), ("crawl", "a", "b"), (*CRAWL, "-a", "mall")):
        done = scrapy(project, *words)
        assert done.returncode == 2 and "Traceback" not in done.stderr and "error:" in done.stderr


# -- the other commands -----------------------------------------------------------------------------------------------


def test_list_and_check(project):
    names = scrapy(project, "list").stdout.split()
    assert {"cafe24_api", "naver_web"} <= set(names)
    checked = scrapy(project, "check")
    assert checked.returncode == 0 and "Traceback" not in checked.stderr


def test_map_lists_kinds_and_maps_a_file(project):
    listed = scrapy(project, "map", "cafe24")
    assert listed.returncode == 0
    kinds = {line.split()[0] for line in listed.stdout.splitlines()}
    assert {"products", "orders", "inventory", "reviews", "error"} <= kinds
    sample = ROOT / "tests/samples/cafe24/products_list.json"
    mapped = scrapy(project, "map", "cafe24", "products", str(sample))
    assert mapped.returncode == 0
    assert mapped.stdout.startswith('{"platform":"cafe24"') and not list(project.rglob("*.db"))


@pytest.mark.parametrize(
    "words, status, told",
    [
        (("map",), 2, "Name a platform"),
        (("map", "nonsense"), 2, "There is no platform nonsense."),
        (("map", "../etc"), 2, "There is no platform"),
        (("map", "cafe24", "products"), 2, "scrapy map PLATFORM KIND FILE"),
        (("map", "cafe24", "nonsense", "malls.toml"), 2, "has no kind nonsense"),
        (("map", "cafe24", "products", "none.json"), 2, "cannot be read"),
        (("map", "cafe24", "products", "malls.toml"), 3, '"outcome":"retry"'),
        (("map", "cafe24", "products", "empty.json"), 0, '"outcome":"empty"'),
        (("map", "cafe24", "products", "bad.json"), 4, "row 0"),
        (("map", "cafe24", "error", "malls.toml", "--with", "status=429"), 3, '"outcome":"throttled"'),
        (("map", "cafe24", "error", "malls.toml", "--with", "status=x"), 2, "status is a number."),
        (("map", "cafe24", "products", "empty.json", "--with", "colour=red"), 2, "--with takes NAME=VALUE"),
        (("map", "cafe24", "products", "empty.json", "--with", "collected_at=soon"), 2, "ISO 8601"),
    ],
)  # fmt: skip
def test_map_tells_what_is_wrong(project, words, status, told):
    (project / "empty.json").write_text('{"products": []}')
    (project / "bad.json").write_text('{"products": [{"product_name": "CANARY"}]}')
    done = scrapy(project, *words)
    assert done.returncode == status, done.stderr
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "CANARY" not in done.stdout + done.stderr


def test_doctor_says_what_to_mend(project):
    good = scrapy(project, "doctor")
    assert "Traceback" not in good.stderr
    assert "demo: cafe24_api" in good.stdout
    bad = scrapy(project, "doctor", drop=("SHOPSCRAPE_DEMO_CLIENT_ID",), SHOPSCRAPE_KEY="nonsense")
    assert bad.returncode == 2
    assert "SHOPSCRAPE_DEMO_CLIENT_ID" in bad.stdout and "SHOPSCRAPE_KEY is no Fernet key" in bad.stdout
    (project / "malls.toml").unlink()
    missing = scrapy(project, "doctor")
    assert missing.returncode == 2 and "malls.example.toml" in missing.stdout


@pytest.mark.parametrize(
    "words, told",
    [
        (("collect", "nowhere"), "There is no mall nowhere"),
        (("collect", "-a", "since=soon"), "is no time"),
        (("collect", "-a", "since"), "-a NAME=VALUE"),
        (("collect", "-s", "SHOPSCRAPE_MALLS=none.toml"), "There is no malls file"),
        (("replay", "-s", "SHOPSCRAPE_STORE=nonsense"), "not readable"),
    ],
)  # fmt: skip
def test_other_commands_refuse_in_one_sentence(project, words, told):
    done = scrapy(project, *words)
    assert done.returncode == 2, done.stderr
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(said) == 1 and told in said[0], done.stderr
