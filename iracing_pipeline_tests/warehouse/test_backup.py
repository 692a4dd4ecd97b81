"""A dump of the two schemas is the whole of it: restored elsewhere, the next sync writes no row."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.settings import Settings
from iracing_pipeline.simulator import CaptureSource, Simulator
from iracing_pipeline.warehouse.embedded.binaries import installed
from iracing_pipeline_tests.support.engine_sync import ALL, sync
from iracing_pipeline_tests.support.places import RECORDED, ROOT


def documented() -> list[str]:
    """The commands of the page, after the variables of the example."""
    page = (ROOT / "docs/operations.md").read_text().partition("## Backup")[2].partition("\n## ")[0]
    return re.findall(r"^(?:pg_dump|psql) .*$", page, re.MULTILINE)


@pytest.mark.promise(2)
def test_a_restored_backup_is_synced_without_a_row_written_or_a_login(
    settings_for: Callable[..., Settings],
    database_url: str,
    new_database_url: Callable[[str | None], str],
    tmp_path: Path,
) -> None:
    with psycopg.connect(database_url) as connection:
        if connection.info.server_version < 170000:
            pytest.skip(
                "what dumps here writes transaction_timeout, which this server does not know"
            )
    restored = new_database_url(None)
    programs = installed()[max(installed())]
    with Simulator(CaptureSource(RECORDED)) as simulator:
        done = sync(settings_for(simulator.environment), *ALL)
        assert done.success, done.failures()
        assert done.written() > 0
        urls = {"OLD": database_url, "NEW": restored}
        for command in documented():
            words = [urls.get(word.removeprefix("$"), word) for word in shlex.split(command)]
            words[0] = str(programs / words[0])
            ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert ran.returncode == 0, ran.stderr
        settings = settings_for(simulator.environment, IRACING_DATABASE_URL=restored)
        again = sync(settings, *ALL, refresh=True)
        assert again.success, again.failures()
        assert again.written() == 0
        # The tokens were in it, and the account's secrets open them.
        assert simulator.logins == 1
