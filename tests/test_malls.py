"""The malls file and its secrets: what is wrong is said in one sentence that tells where and how to mend it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shopscrape import values
from shopscrape.errors import ConfigurationError
from shopscrape.facts import FactSheet
from shopscrape.malls import Secrets, check_native, read_env, read_malls, since, span

GOOD = 'platform = "toy"\n'
FACTS = FactSheet(platform="toy", title="Toy", hosts=("toy.example",), native=("mall_id",), optional=("boards",))


@pytest.fixture
def malls(tmp_path, monkeypatch):
    """A function from the text of a malls file to its malls."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "malls.toml"

    def read(text):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_malls(path)

    return read


def refusal(call, *arguments):
    with pytest.raises(ConfigurationError) as raised:
        call(*arguments)
    sentence = str(raised.value)
    assert sentence.endswith((".", ")")) and "\n" not in sentence and len(sentence) < 400
    return sentence


def test_a_mall_with_all_that_it_can_say(malls):
    (mall,) = malls(
        """[brand_1]
        platform = "toy"
        resources = ["orders", "reviews"]
        mall_id = "brand"
        boards = [4, 6]
        pace = 0.5
        sweep_every = "2w"
        timezone = "Asia/Tokyo"
        currency = "JPY"
        permission = "own-store"
        storefront_url = "https://shop.example"
        urls = ["https://shop.example/product/7"]
        """
    ).values()
    assert (mall.name, mall.resources, mall.native["boards"]) == ("brand_1", ("orders", "reviews"), [4, 6])
    assert (mall.zone, mall.sweep_after, mall.pace) == (ZoneInfo("Asia/Tokyo"), timedelta(weeks=2), 0.5)
    check_native(mall, FACTS)


@pytest.mark.parametrize(
    "text, told",
    [
        ("[Brand]\n" + GOOD, "lower case"),
        ("[1a]\n" + GOOD, "lower case"),
        ('["a-b"]\n' + GOOD, "lower case"),
        ("platform = 1\n", "platform"),
        ("[a]\n", "platform"),
        ("[a]\nplatform = 5\n", "platform"),
        ('a = "x"\n', "platform"),
        ("[a]\n" + GOOD + 'resources = ["order"]\n', "unknown resource 'order'"),
        ("[a]\n" + GOOD + 'resources = "orders"\n', "resources"),
        ("[a]\n" + GOOD + "pace = 0\n", "pace"),
        ("[a]\n" + GOOD + "pace = nan\n", "pace"),
        ("[a]\n" + GOOD + 'pace = "fast"\n', "pace"),
        ("[a]\n" + GOOD + 'sweep_every = "often"\n', "span of time"),
        ("[a]\n" + GOOD + 'timezone = "Mars/Base"\n', "time zone"),
        ("[a]\n" + GOOD + 'timezone = "../../etc/passwd"\n', "time zone"),
        ("[a]\n" + GOOD + 'permission = "yes"\n', "own-store"),
        ("[a]\n" + GOOD + 'base_url = "shop.example"\n', "http(s)"),
        ("[a]\n" + GOOD + 'base_url = "ftp://shop.example"\n', "http(s)"),
        ("[a]\n" + GOOD + 'base_url = "http://shop.example"\n', "https"),
        ("[a]\n" + GOOD + 'base_url = "http://[::1"\n', "http(s)"),
        ("[a]\n" + GOOD + "speed = 2\n", "speed"),
        ("[a]\n" + GOOD + 'base_url = "http://127.0.0.1:1"\nspeed = -1\n', "speed"),
        (
            "[a]\n" + GOOD + 'base_url = "http://127.0.0.1:1"\nstorefront_url = "https://x.example"\nspeed = 2\n',
            "speed",
        ),
        ("[a\n", "TOML"),
        (b"\xff\xfe\x00", "malls.toml"),
        ("[a]\n" + GOOD + "[a]\n" + GOOD, "TOML"),
    ],
)
def test_a_wrong_line_is_said_in_one_sentence(malls, text, told):
    sentence = refusal(malls, text)
    assert told in sentence and "malls.toml" in sentence


def test_a_file_that_is_not_there_or_not_a_file(tmp_path):
    assert "malls.example.toml" in refusal(read_malls, tmp_path / "none.toml")
    assert "cannot be read" in refusal(read_malls, tmp_path)


def test_keys_of_the_platform(malls):
    mall = malls("[a]\n" + GOOD)["a"]
    assert 'mall_id = "…"' in refusal(check_native, mall, FACTS)
    mall = malls("[a]\n" + GOOD + 'mall_id = "x"\nmal_id = "y"\n')["a"]
    assert "unknown key 'mal_id'" in refusal(check_native, mall, FACTS)


def test_env_lines_are_taken_literally(tmp_path):
    path = tmp_path / ".env"
    path.write_text(
        "# comment\nA=$2a$10$abcdef\nexport B = 'quo$ted' \nC=\"a=b\"\nD=\n  E=x # no comment\nbroken\nF='half\n=x\n",
        "utf-8",
    )
    assert read_env(path) == {
        "A": "$2a$10$abcdef", "B": "quo$ted", "C": "a=b", "D": "", "E": "x # no comment", "F": "'half",
    }  # fmt: skip
    path.write_bytes(b"\xff\xfe")
    assert "cannot be read" in refusal(read_env, path)


def test_where_a_secret_is_looked_up(malls, tmp_path, monkeypatch):
    mall = malls("[a]\n" + GOOD + 'app = "agency"\n')["a"]
    assert "SHOPSCRAPE_AGENCY_KEY" in refusal(Secrets(tmp_path / "malls.toml").need, mall, "KEY")
    (tmp_path / "malls.env").write_text("SHOPSCRAPE_AGENCY_KEY=beside\n")
    assert Secrets(tmp_path / "malls.toml").need(mall, "KEY") == "beside"
    (tmp_path / ".env").write_text("SHOPSCRAPE_AGENCY_KEY=env$file\n")
    assert Secrets(tmp_path / "malls.toml").need(mall, "KEY") == "env$file"
    monkeypatch.setenv("SHOPSCRAPE_AGENCY_KEY", "environment")
    assert Secrets(tmp_path / "malls.toml").need(mall, "KEY") == "environment"
    monkeypatch.setenv("SHOPSCRAPE_A_KEY", "own")
    secrets = Secrets(tmp_path / "malls.toml")
    assert secrets.need(mall, "KEY") == "own"
    assert "own" not in repr(secrets) and "own" not in str(secrets)


def test_since():
    seoul = values.SEOUL
    assert since("all", seoul) is None
    assert since("2026-01-02", seoul) == datetime(2026, 1, 1, 15, tzinfo=UTC)
    assert since("2026-01-02T00:00:00Z", seoul) == datetime(2026, 1, 2, tzinfo=UTC)
    assert abs(since("30d", seoul) - (values.now() - timedelta(days=30))) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "0000-00-00", "-3d", "9999999999d", "2999-01-01", "x" * 900]
)
def test_since_that_is_no_time(text):
    assert "since=" in refusal(since, text, values.SEOUL)


@pytest.mark.parametrize("text", ["", "7", "d", "7y", "-1d", "1.5d", "99999999999w"])
def test_no_span(text):
    assert "span" in refusal(span, text)
