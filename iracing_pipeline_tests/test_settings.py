"""What the environment says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from iracing_pipeline.commands.demo_settings import DEMO_SETTINGS
from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.door import describe, with_driver


def test_defaults_lead_to_iracing_with_an_hour_of_cache() -> None:
    settings = Settings.from_environment({})
    assert settings.api_url == "https://members-ng.iracing.com"
    assert settings.oauth_url == "https://oauth.iracing.com/oauth2"
    assert settings.cache_ttl == 3600
    assert settings.data_dir == Path(".iracing").absolute()
    assert settings.report_file is None
    assert settings.database_url is None
    assert settings.is_real_api


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8700", "https://iracing.com.example.org", "https://members-ng.example.com"],
)
def test_any_other_api_counts_as_simulated(url: str) -> None:
    assert not Settings.from_environment({"IRACING_API_URL": url}).is_real_api


@pytest.mark.parametrize(
    "given",
    [
        ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD"),
        ("CLIENT_ID", "REFRESH_TOKEN"),
        ("ACCESS_TOKEN",),
    ],
)
def test_each_way_to_log_in_is_enough(given: tuple[str, ...]) -> None:
    Settings.from_environment({f"IRACING_{name}": "x" for name in given}).require_credentials()


def test_blank_variables_count_as_missing_and_are_named() -> None:
    settings = Settings.from_environment(
        {"IRACING_CLIENT_ID": "x", "IRACING_CLIENT_SECRET": "x", "IRACING_USERNAME": "x"}
        | {"IRACING_PASSWORD": " "}
    )
    with pytest.raises(ConfigurationError, match=r"IRACING_PASSWORD is not set(.|\n)*make demo"):
        settings.require_credentials()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@h:5432/d?sslmode=require",
        "postgres://u:p@h:5432/d?sslmode=require",
        "postgresql+psycopg2://u:p@h:5432/d?sslmode=require",
        "postgresql+psycopg://u:p@h:5432/d?sslmode=require",
    ],
)
def test_every_spelling_of_a_postgres_url_gets_the_named_driver(url: str) -> None:
    rest = "://u:p@h:5432/d?sslmode=require"
    assert with_driver(url, "psycopg") == f"postgresql+psycopg{rest}"
    assert with_driver(url, "psycopg2") == f"postgresql+psycopg2{rest}"


def test_a_database_is_described_without_its_password() -> None:
    assert (
        describe("postgresql://bob:s3cret@db.example:5433/iracing") == "bob@db.example:5433/iracing"
    )
    assert (
        describe("postgresql://postgres@:5432/postgres?host=/x") == "postgres@local socket/postgres"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://discord.com/api/webhooks/7/s3cret",
        "https://discord.com/api/webhooks/7/s3cret?thread_id=8",
        "http://user:s3cret@10.0.0.7:8080/hook",
        "http://[::1]:8080/s3cret",
    ],
)
def test_a_webhook_is_any_http_url_that_takes_posts(url: str) -> None:
    assert Settings.from_environment({"IRACING_WEBHOOK_URL": f" {url}\n"}).webhook_url == url


@pytest.mark.parametrize(
    "url",
    [
        "discord.com/s3cret",
        "ftp://h/s3cret",
        "https:///s3cret",
        "https://h:s3cret/",
        "https://h/s3 cret",
    ],
)
def test_a_webhook_that_is_none_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError, match="IRACING_WEBHOOK_URL must be an http") as caught:
        Settings.from_environment({"IRACING_WEBHOOK_URL": url})
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", ["s3://bucket/data", "file:///srv/data", "memory://x"])
def test_a_url_is_no_data_directory_and_is_never_taken_for_a_path(value: str) -> None:
    with pytest.raises(ConfigurationError, match="IRACING_DATA_DIR must be a local directory"):
        Settings.from_environment({"IRACING_DATA_DIR": value})


def test_a_url_is_no_feeds_file() -> None:
    with pytest.raises(ConfigurationError, match="IRACING_FEEDS_FILE must be a local file"):
        Settings.from_environment({"IRACING_FEEDS_FILE": "s3://bucket/feeds.toml"})


def test_where_report_and_export_go_is_kept_as_it_is_and_shown_to_nobody() -> None:
    settings = Settings.from_environment(
        {
            "IRACING_REPORT_FILE": "s3://key:s3cret@bucket/x.html",
            "IRACING_EXPORT_DIR": "s3://key:s3cret@bucket/export",
        }
    )
    assert settings.report_file == "s3://key:s3cret@bucket/x.html"
    assert settings.export_dir == "s3://key:s3cret@bucket/export"
    assert "s3cret" not in repr(settings)


VALUES = {
    "IRACING_CLIENT_ID": "club-client",
    "IRACING_CLIENT_SECRET": "cl13nt s3cret",
    "IRACING_USERNAME": "somebody@example.com",
    "IRACING_PASSWORD": " p4ss wörd ",
    "IRACING_ACCESS_TOKEN": "t0k3n",
    "IRACING_REFRESH_TOKEN": "r3fr3sh",
    "IRACING_API_URL": "http://127.0.0.1:8700",
    "IRACING_OAUTH_URL": "http://127.0.0.1:8700/oauth2",
    "IRACING_DATABASE_URL": "postgresql://u:s3cret@h/d",
    "IRACING_DATA_DIR": "/srv/racing",
    "IRACING_CACHE_TTL": "900",
    "IRACING_LOCK_TIMEOUT": "7",
    "IRACING_CALENDAR_DIR": "s3://key:s3cret@bucket/feeds",
    "IRACING_FEEDS_FILE": "/srv/racing/feeds.toml",
    "IRACING_WEBHOOK_URL": "https://discord.com/api/webhooks/7/s3cret",
    "IRACING_REPORT_FILE": "s3://key:s3cret@bucket/x.html",
    "IRACING_EXPORT_DIR": "s3://key:s3cret@bucket/export",
    "DAGSTER_POSTGRES_URL": "postgresql://u:s3cret@h/dagster",
}


def test_every_setting_may_be_in_a_file_and_is_the_same(tmp_path: Path) -> None:
    # DAGSTER_HOME is Dagster's to read.
    assert set(VALUES) == set(DEMO_SETTINGS) - {"DAGSTER_HOME"}
    files = {}
    for number, (name, value) in enumerate(VALUES.items()):
        file = tmp_path / name
        # As editors leave it, here and on Windows.
        file.write_bytes(
            (b"\xef\xbb\xbf" if number % 2 else b"")
            + value.encode()
            + (b"", b"\n", b"\r\n")[number % 3]
        )
        files[f"{name}_FILE"] = str(file)
    assert Settings.from_environment(files) == Settings.from_environment(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_the_variable_wins_over_its_file_which_is_not_read(name: str) -> None:
    given = {name: VALUES[name]}
    both = {**given, f"{name}_FILE": "/no/such/file"}
    assert Settings.from_environment(both) == Settings.from_environment(given)
    blank = {name: " ", f"{name}_FILE": ""}
    assert Settings.from_environment(blank) == Settings.from_environment({})


@pytest.mark.promise(8)
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("a directory", "cannot be read (Is a directory)"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"s3cret\nand more\n", "holds more than one line"),
        (b"s3cret\xff", "cannot be read (it is not UTF-8 text)"),
        (b"s3\x00cret\n\x85", "cannot be read (it is not UTF-8 text)"),
    ],
)
def test_a_file_without_a_value_is_refused_in_words_that_quote_nothing_of_it(
    name: str, content: bytes | str | None, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({f"{name}_FILE": str(file)})
    said = str(caught.value)
    assert said == (
        f"{name}_FILE names {file}, which {says}. It must hold the value of {name} in one line."
    )
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.promise(8)
@pytest.mark.parametrize("value", ["s3cret", "postgresql://u:s3cret@h/d", "./secrets/password"])
def test_a_secret_in_place_of_its_file_is_not_quoted(value: str) -> None:
    with pytest.raises(ConfigurationError, match="IRACING_PASSWORD_FILE must be the abs") as caught:
        Settings.from_environment({"IRACING_PASSWORD_FILE": value})
    assert value not in str(caught.value)
