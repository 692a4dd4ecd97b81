"""A disk that is really full: of the tables alone, and of all that Postgres keeps."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from iracing_pipeline.simulator import WorldSource
from iracing_pipeline_tests.chaos.bench import bench, command, tables
from iracing_pipeline_tests.chaos.promises import HISTORY
from iracing_pipeline_tests.chaos.test_faults import SEED, same_tables
from iracing_pipeline_tests.support.tcp_postgres import TcpPostgres, embedded_programs

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(600),
    pytest.mark.promise(5),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]
# Enough for some of the history.
ROOM_MB = 3


class SmallDisk:
    """A file system of its own, in memory, that is filled up to a rest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave so much room and no more."""
        free = os.statvfs(self.folder)
        size = free.f_bavail * free.f_frsize - ROOM_MB * 2**20
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def make_room(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(postgres_dir: Path, tmp_path: Path) -> Iterator[SmallDisk]:
    """Beside `postgres_dir`, where the server's account gets through."""
    folder = postgres_dir.with_name(f"disk_{tmp_path.name}")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not permitted here: {mounted.stderr.decode().strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


FULL = (1, "The disk of the database is full")
BROKE = (1, "The connection to the database broke")
GONE = (2, "refuses: connection failed")


@pytest.mark.parametrize(
    ("whose", "endings"),
    # Without room for its log Postgres stops altogether.
    [("tables", (FULL,)), ("everything", (FULL, BROKE, GONE))],
)
def test_a_history_that_fills_the_disk_says_so_and_goes_on_where_it_was(
    whose: str,
    endings: tuple[tuple[int, str], ...],
    disk: SmallDisk,
    prepared: None,
    postgres_dir: Path,
    tmp_path: Path,
    new_database_url: Callable[[str | None], str],
    template: str,
    frozen: Callable[..., WorldSource],
) -> None:
    world = frozen(series=30, past_quarters=6, past_mode="list")
    with bench(world, new_database_url(template), tmp_path / "calm", SEED) as calm:
        assert command(calm, *HISTORY).status == 0
        expected = tables(calm)
    folder = disk.folder / "server"
    if whose == "tables":
        folder = postgres_dir.with_name(f"server_{tmp_path.name}")
    folder.mkdir()
    folder.chmod(0o755)
    with TcpPostgres(embedded_programs(folder), folder) as server:
        with psycopg.connect(server.url, autocommit=True) as admin:
            place = ""
            if whose == "tables":
                space = disk.folder / "space"
                server.give(space)
                admin.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
                place = " TABLESPACE small"
            admin.execute(f"CREATE DATABASE data{place}")
        url = server.url_of("postgres", "data")
        with bench(world, url, tmp_path / "full", SEED) as place_of_fault:
            assert command(place_of_fault, "db", "upgrade").status == 0
            disk.fill()
            ended = command(place_of_fault, *HISTORY)
            assert any(
                (status, words in ended.text) == (ended.status, True) for status, words in endings
            ), ended.text
            assert "Traceback" not in ended.text
            disk.make_room()
            server.revive()
            assert tables(place_of_fault) != expected
            again = command(place_of_fault, *HISTORY)
            assert again.status == 0, again.text
            same_tables(tables(place_of_fault), expected)
