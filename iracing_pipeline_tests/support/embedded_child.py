"""A process that uses the embedded Postgres, for the tests to start, question and kill.

In: a data directory and options; then one command per line on stdin. Out: one JSON answer per line.
Stays out: assertions, and pytest.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import sys
import threading
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def answer(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


def become(uid: int, gid: int) -> None:
    """Drop root for good, after importing what the account may be unable to read."""
    import pwd  # noqa: F401

    import fasteners  # noqa: F401
    import psutil  # noqa: F401
    import psycopg

    import iracing_pipeline.warehouse.embedded.shared_server  # noqa: F401

    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect("host=/nonexistent")  # psycopg imports a part of itself here
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.chdir("/")


def serve(data_dir: Path) -> None:
    from iracing_pipeline.warehouse.embedded.shared_server import (
        EmbeddedPostgresError,
        database_url,
    )

    def attach() -> None:
        try:
            answer(url=database_url(data_dir))
        except EmbeddedPostgresError as error:
            answer(error=str(error))

    def select(statement: str) -> None:
        import psycopg

        try:
            with psycopg.connect(database_url(data_dir), autocommit=True) as connection:
                cursor = connection.execute(statement)
                answer(rows=cursor.fetchall() if cursor.description else [])
        except (psycopg.Error, EmbeddedPostgresError) as error:
            answer(error=str(error))

    for line in sys.stdin:
        command, _, argument = line.rstrip("\n").partition(" ")
        if command == "attach":
            attach()
        elif command == "attach-in-threads":
            threads = [threading.Thread(target=database_url, args=(data_dir,)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            attach()
        elif command == "sql":
            select(argument)
        elif command == "modules":
            answer(modules=sorted(sys.modules))
        elif command == "fork":  # the child takes over stdin; the parent leaves once it attached
            has_attached, tell = os.pipe()
            if os.fork():
                os.read(has_attached, 1)
                return
            attach()
            os.write(tell, b"!")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("data_dir", type=Path)
    options.add_argument("--become", type=int, nargs=2, metavar=("UID", "GID"))
    options.add_argument("--packages-first", help="a directory to look for packages in first")
    options.add_argument("--packages-only", help="a directory that replaces site-packages")
    options.add_argument("--file-limit", type=int, help="bytes that one file can hold")
    options.add_argument("--never-reap", action="store_true", help="adopt orphans, as PID 1 does")
    given = options.parse_args()
    os.umask(0o022)
    if given.packages_only:
        sys.path[:] = [path for path in sys.path if "site-packages" not in path]
        sys.path.append(given.packages_only)
    if given.packages_first:
        sys.path.insert(0, given.packages_first)
    sys.path.insert(0, str(REPOSITORY))
    if given.become:
        become(*given.become)
    if given.file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.file_limit, given.file_limit))
    if given.never_reap:
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)
    serve(given.data_dir)


if __name__ == "__main__":
    main()
