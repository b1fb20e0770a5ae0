"""The pages for users say what is so: commands, settings, stats, tables, exit statuses, example files, links."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest
from test_house import FRAMEWORK, TABLE, files

from shopscrape import report, settings
from shopscrape.malls import Mall, check_native, read_env, read_malls
from shopscrape.store.schema import METADATA

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
SETTINGS = (ROOT / "docs/settings.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_command_is_documented_and_every_documented_command_is_there():
    there = {path.stem for path in (ROOT / "shopscrape/commands").glob("*.py")} - {"__init__"}
    told = set(re.findall(r"^\| `scrapy (\w+)", ARCHITECTURE, re.MULTILINE))
    assert there == told
    scrapys = {"list", "check"}
    for page in PAGES:
        named = re.findall(r"(?:`|^ {4})scrapy (\w+)", page.read_text("utf-8"), re.MULTILINE)
        assert set(named) <= there | scrapys, page.name


def test_every_table_is_documented():
    tables = set(METADATA.tables)
    row = set(re.findall(r"`(\w+)`", ARCHITECTURE.partition("## 7.")[2].partition("## 8.")[0]))
    assert tables <= row


def test_every_stat_is_documented():
    found = set()
    for path in files(*FRAMEWORK, "spiders"):
        for name in re.findall(r"(?:inc|set|max)_value\(\s*f?\"([^\"]+)\"", path.read_text("utf-8")):
            found.add(name.replace("{prefix}", "shopscrape/<platform>").replace("{self.facts.platform}", "<platform>"))
    assert len(found) >= 5
    page = ARCHITECTURE.partition("## 11.")[2].partition("## 12.")[0]
    for name in found:
        shown = name.replace("{resource}", "<resource>").replace("{stream}", "<stream>").replace("{state}", "<")
        assert shown in page, name


def test_every_key_of_a_mall_is_documented():
    for key in set(Mall.__struct_fields__) - {"name", "native"}:
        assert f"`{key}`" in SETTINGS, key


def test_settings_and_their_defaults_are_those_of_the_code():
    for name, default in re.findall(r"^\| `(SHOPSCRAPE_\w+)` \| `([^`]+)` \|", SETTINGS, re.MULTILINE):
        assert str(getattr(settings, name)) == default, name
    assert settings.CONCURRENT_ITEMS == 1 and settings.DOWNLOAD_VERIFY_CERTIFICATES is True
    assert settings.TELNETCONSOLE_ENABLED is False and settings.REMOTE_CONTROL_ENABLED is False


def test_exit_statuses_are_those_of_the_code():
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {
        report.MET, report.FELL_SHORT, report.CONFIGURATION, report.STOPPED, report.DEAD_LETTERS, report.BUSY,
    }  # fmt: skip


def test_spiders_of_the_table_are_in_the_page():
    assert not [name for name in TABLE if f"`{name}`" not in ARCHITECTURE]


def test_the_example_malls_file_is_good_as_it_stands_and_with_every_table_in_use(tmp_path):
    example = (ROOT / "malls.example.toml").read_text("utf-8")
    (mall,) = read_malls(ROOT / "malls.example.toml").values()
    assert mall.platform == "cafe24"
    used = re.sub(r"^# (?=[\[a-z_]+.*(=|\]))", "", example, flags=re.MULTILINE)
    (tmp_path / "malls.toml").write_text(used, "utf-8")
    assert len(tomllib.loads(used)) > 4
    for mall in read_malls(tmp_path / "malls.toml").values():
        if (ROOT / "spiders" / mall.platform / "__init__.py").exists():
            check_native(mall, importlib.import_module(f"spiders.{mall.platform}").FACTS)


def test_the_example_secrets_name_what_the_example_mall_needs():
    names = set(read_env(ROOT / ".env.example"))
    facts = importlib.import_module("spiders.cafe24").FACTS
    assert {f"SHOPSCRAPE_MYBRAND_{one.name}" for one in facts.credentials} <= names
    assert {"SHOPSCRAPE_KEY", "SHOPSCRAPE_PRIVACY_KEY"} <= names


def test_the_readme_says_plainly_what_a_reader_must_know():
    for said in ("own-store", "captcha", "robots.txt of smartstore.naver.com disallows", "2025-07-10", "unverified"):
        assert said in README
    for fact in ("authorize?response_type=code", "grant_type=authorization_code", "lives one minute", "14 days"):
        assert fact in README
