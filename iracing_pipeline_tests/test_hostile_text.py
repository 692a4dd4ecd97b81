"""What the API says reaches terminals, Dagster's UI and files as text, and as nothing else.

The page's names are test_report_page's, a calendar's test_ical's, a webhook's test_change_announcements'.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

from iracing_pipeline.assets.metadata import table_metadata
from iracing_pipeline.cli.console import PlainConsole
from iracing_pipeline.core.rows import Counts
from iracing_pipeline.core.wording import from_markdown, in_markdown, printable
from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.sync.result import SyncResult
from iracing_pipeline_tests.support.engine_sync import sync
from iracing_pipeline_tests.support.places import RECORDED
from iracing_pipeline_tests.support.recorded_responses import RecordedResponses
from iracing_pipeline_tests.support.shell import run

STEERS = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\r", "\b", "\x7f", "\u202e"]
HOSTILE = [
    *STEERS,
    "[bold]rich[/bold] [/]",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "![x](https://evil.example/x.png) [link](javascript:alert(1)) **bold** `code` | cell",
    "@everyone\r\nBcc: x",
    "_emphasis_ and __strong__",
    "../../../etc/passwd",
    "CON\\nul:*?",
]
EVERYTHING = "".join(HOSTILE)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture
def simulator(answers: RecordedResponses) -> Iterator[Simulator]:
    """Every name that it tells of is hostile."""

    def hostile(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: hostile(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [hostile(one, key) for one in value]
        is_name = key.endswith(("_name", "name", "description", "logo")) and isinstance(value, str)
        return f"{value}{EVERYTHING}" if is_name else value

    with Simulator(CaptureSource(RECORDED)) as running:
        running.faults.transform = lambda endpoint, params, body: hostile(
            answers.transform(endpoint, params, body)
        )
        yield running


@pytest.mark.parametrize("text", HOSTILE)
def test_a_console_shows_and_does_not_obey(text: str) -> None:
    output = io.StringIO()
    console = PlainConsole(file=output, width=200)
    table = Table(title="x")
    table.add_column("name")
    table.add_row(text.replace("[", "\\["))
    console.print(table)
    console.print(text, markup=False)
    assert not _CONTROLS.search(output.getvalue())
    assert printable(text).replace("\n", " ").split()[:1] <= output.getvalue().split()


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_the_text_and_is_told_as_it_was(text: str) -> None:
    shown = in_markdown(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[<>|*_`\[\]!]", shown)
    assert from_markdown(shown) == " ".join(printable(text).split())


def test_what_dagster_is_told_of_rows_is_text() -> None:
    result = SyncResult(
        main_table="tracks",
        counts={"tracks": Counts(inserted=1, living=1)},
        preview=[{"track_id": 1, "track_name": EVERYTHING}],
        row_total=1,
        rejected=[],
        summary="",
        warnings=[EVERYTHING],
        new_drift=[EVERYTHING],
    )
    metadata = table_metadata(result)
    told = "\n".join(str(metadata[name].value) for name in ("preview", "warnings", "new_drift"))
    assert not _CONTROLS.search(told)
    for sign in ("<script", "<img", "![x](", "[link](", "**bold"):
        assert not re.search(rf"(?<!\\){re.escape(sign)}", told)


@pytest.mark.usefixtures("prepared")
def test_commands_show_hostile_names_and_files_are_named_by_numbers(
    simulator: Simulator, database_url: str, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        **simulator.environment,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(tmp_path / "data"),
        "IRACING_EXPORT_DIR": str(tmp_path / "export"),
    }
    assert sync(Settings.from_environment(environment)).success
    for arguments in (
        ("sync", "--sync-seasons", "--refresh", "--dry-run"),
        ("db", "status"),
        ("db", "sql", "SELECT series_name FROM iracing.series"),
        ("feeds",),
        ("export",),
        ("calendar", "--series", "no such series", "--output", str(tmp_path / "x.ics")),
    ):
        done = run(*arguments, environment=environment)
        assert "Traceback" not in done.stderr, done.stderr
        assert not _CONTROLS.search(done.stdout + done.stderr), arguments
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "dagster" not in path.parts]
    assert files
    assert all(re.fullmatch(r"[\w.-]+", path.name) for path in files)
    for path in (tmp_path / "data" / "calendars").glob("*.ics"):
        text = path.read_bytes().decode().replace("\r\n", "\n")
        assert not _CONTROLS.search(text)


# -- files ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("prepared")
def test_whatever_the_umask_nobody_else_writes_our_files_nor_reads_what_is_not_published(
    simulator: Simulator, database_url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    environment = {
        **os.environ,
        **simulator.environment,
        "IRACING_DATABASE_URL": database_url,
        "IRACING_DATA_DIR": str(data),
    }
    program = "import os; os.umask(0); from iracing_pipeline import cli; cli.main()"
    done = run(
        program,
        *("sync", "--sync-seasons", "--with-outputs"),
        environment=environment,
        program="python",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {path: path.stat().st_mode & 0o777 for path in data.rglob("*")}
    assert not [
        path for path, mode in found.items() if mode & 0o022 and "dagster" not in path.parts
    ]
    # What Dagster puts into its home is behind one door.
    assert found[data / "dagster"] == 0o700
    assert found[data / "dagster" / "dagster.yaml"] == 0o600
