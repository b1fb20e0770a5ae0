"""The house keeps its shape: imports go down, files stay short, what is public is documented, facts are in the docs."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from scripts import facts
from shopscrape import items
from shopscrape.facts import FactSheet
from shopscrape.spider import MallSpider

ROOT = Path(__file__).parent.parent
FRAMEWORK = ("shopscrape", "pipelines")
PUBLIC = (*FRAMEWORK, "spiders", "sandbox")
CODE = (*PUBLIC, "tests", "benchmarks", "scripts")
PLATFORMS = facts.platforms()
CHANNELS = {
    "own", "naver_pay", "smartstore", "kakao", "coupang", "gmarket", "auction", "elevenst", "payco", "app", "pos",
    "other",
}  # fmt: skip
"""Contract: the words that fact sheets choose from."""

FLOORS = (
    "shopscrape shopscrape.values shopscrape.errors shopscrape.words",
    "shopscrape.items shopscrape.facts",
    "shopscrape.payload shopscrape.windows",
    "shopscrape.identity shopscrape.privacy shopscrape.malls shopscrape.adapter shopscrape.pace",
    "shopscrape.store",
    "",
    "spiders pipelines",
    "shopscrape.commands",
)
"""Lowest first. Modules of the framework that are not named here belong to the floor of the gate and the spider."""
CRAWL = 5

SHOWN = ("shopscrape", "shopscrape.items", "shopscrape.words", "shopscrape.values")
"""All that the sandbox may know of the framework."""

TABLE = {
    "cafe24_api": "products orders inventory returns reviews",
    "cafe24_web": "products inventory reviews",
    "naver_api": "products orders inventory returns",
    "naver_web": "inventory reviews",
    "makeshop_api": "products orders inventory returns reviews",
    "makeshop_web": "products inventory reviews",
    "makeshop_jp_api": "products orders inventory returns reviews",
    "wisa_api": "products orders inventory returns reviews",
    "wisa_web": "products inventory reviews",
    "godomall5_api": "products orders inventory returns reviews",
    "godomall5_web": "products inventory reviews",
}
"""Spiders and the resources that they may offer; users rely on these names."""
HEADINGS = ("Domain", "Resources", "Credentials", "Arguments", "Limits", "Caveats", "API documentation")


def files(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def short(path):
    return str(path.relative_to(ROOT))


def module(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path) for path in files(*PUBLIC)}


def imported(path):
    """Yield the modules of ours that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{short(path)} imports relatively"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else str(node.module) for name in whole]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in PUBLIC)


def floor(name):
    for level, names in enumerate(FLOORS):
        if any(name == known or (known not in PUBLIC and name.startswith(f"{known}.")) for known in names.split()):
            return level
    return {"shopscrape": CRAWL, "spiders": 6, "pipelines": 6}[name.split(".")[0]]


@pytest.mark.parametrize("path", files(*FRAMEWORK, "spiders"), ids=short)
def test_imports_go_down_only(path):
    mine = module(path)
    for name in imported(path):
        if mine.startswith("shopscrape.commands") and name.startswith("sandbox"):
            continue
        assert not name.startswith("sandbox"), f"{mine} imports the sandbox"
        assert floor(name) <= floor(mine), f"{mine} imports {name}, which stands above it"
        top, other = mine.split("."), name.split(".")
        if top[0] == "spiders" and other[0] == "spiders" and len(top) > 1 < len(other):
            assert top[1] == other[1], f"platform {top[1]} imports platform {other[1]}"
        assert {top[0], other[0]} != {"spiders", "pipelines"}, f"{mine} imports {name}: they meet in items only"


@pytest.mark.parametrize("path", files("sandbox"), ids=short)
def test_the_sandbox_cannot_confirm_our_errors(path):
    for name in imported(path):
        assert name.split(".")[0] == "sandbox" or name in SHOWN, f"{short(path)} imports {name}"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_mapping_needs_no_scrapy(platform):
    code = f"import sys, spiders.{platform}.mapping; sys.exit('scrapy' in sys.modules or 'twisted' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_framework_names_no_platform():
    traders = CHANNELS - {"own", "app", "pos", "other"}
    names = re.compile(rf"\b(?:{'|'.join((*PLATFORMS, *traders))})\b", re.IGNORECASE)
    named = [
        f"{short(path)}: {found[0]}" for path in files(*FRAMEWORK) if (found := names.search(path.read_text("utf-8")))
    ]
    assert not named


@pytest.mark.parametrize("path", files(*CODE), ids=short)
def test_a_file_is_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def public(body, inside=""):
    """Yield the public classes and functions of a module or class, as (name, node)."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield f"{inside}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", files(*PUBLIC), ids=short)
def test_what_is_public_is_documented(path):
    tree = ast.parse(path.read_text("utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bases = {node.name: [ast.unparse(base) for base in node.bases] for node in classes}
    assert ast.get_docstring(tree), f"{short(path)} has no docstring"
    for name, node in public(tree.body):
        # What an outer library's class documents needs no second word.
        if any("AdapterInterface" in base for base in bases.get(name.partition(".")[0], ())):
            continue
        assert ast.get_docstring(node), f"{short(path)}: {name} has no docstring"


def test_every_item_field_is_documented():
    tree = ast.parse((ROOT / "shopscrape/items.py").read_text("utf-8"))
    plain = {"Option", "Media", "Reply"}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef) or node.name in plain:
            continue
        body = [*node.body, ast.Pass()]
        for field, after in pairwise(body):
            if isinstance(field, ast.AnnAssign) and "ClassVar" not in ast.unparse(field.annotation):
                told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                assert told and after.value.value, f"{node.name}.{ast.unparse(field.target)} has no docstring"


def test_every_setting_is_documented():
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    text = "".join(path.read_text("utf-8") for path in files(*FRAMEWORK, "spiders"))
    names = set(re.findall(r"\bSHOPSCRAPE_[A-Z_]*[A-Z]\b", text))
    assert len(names) > 5
    assert not {name for name in names if f"`{name}`" not in page}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_fact_sheet_stands_in_the_docs(platform):
    sheet = importlib.import_module(f"spiders.{platform}").FACTS
    assert isinstance(sheet, FactSheet)
    assert sheet.platform == platform
    assert sheet.floor and sheet.sources and sheet.streams
    assert set(sheet.channels) <= CHANNELS
    page = (ROOT / "docs/platforms" / f"{platform}.md").read_text("utf-8")
    assert page == facts.printed(platform, page), "run make facts"


def test_the_channels_of_the_fact_sheets_are_the_vocabulary():
    sheets = [importlib.import_module(f"spiders.{platform}").FACTS for platform in PLATFORMS]
    assert {channel for sheet in sheets for channel in sheet.channels} == CHANNELS


def spider_classes():
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    return [loader.load(name) for name in sorted(loader.list())]


@pytest.mark.parametrize("spider", spider_classes(), ids=lambda spider: spider.name)
def test_a_spider_is_one_of_the_table(spider):
    assert issubclass(spider, MallSpider)
    assert spider.name in TABLE
    assert set(spider.offers) <= set(TABLE[spider.name].split()) & set(items.RESOURCES)
    assert spider.name == f"{spider.facts.platform}_{spider.access}"
    assert spider.__name__ == "".join(part.title() for part in spider.name.split("_")) + "Spider"
    told = inspect.getdoc(spider) or ""
    assert [heading for heading in HEADINGS if not re.search(rf"^{heading}: \S", told, re.MULTILINE)] == []
    mapping = importlib.import_module(f"spiders.{spider.facts.platform}.mapping")
    assert callable(mapping.judge) and mapping.KINDS
    for name, kind in mapping.KINDS.items():
        assert kind.name == name and name.partition(".")[0] in items.RESOURCES and kind.request and kind.items


def test_every_platform_folder_has_the_same_files():
    for platform in PLATFORMS:
        found = {path.name for path in (ROOT / "spiders" / platform).glob("*.py")}
        assert {"__init__.py", "mapping.py"} <= found, platform
        assert found & {"api.py", "web.py"}, platform
        assert "auth.py" in found or "api.py" not in found, platform


def test_the_project_stands_alone():
    strange = ("../" + "shared", "/" + "work/")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    paths = [ROOT / name for name in listed.splitlines()] or files(*CODE)
    told = []
    for path in paths:
        if path.is_file():
            text = path.read_bytes()
            told += [f"{short(path)}: {word}" for word in strange if word.encode() in text]
    assert not told
