"""One cluster's life: make it, ask whether its server answers, start it, stop it.

In: a Place, under the caller's start lock. Out: the socket directory of a server that answers.
Stays out: who uses the server, and therefore when to stop it.
"""

from __future__ import annotations

import enum
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from iracing_pipeline.warehouse.embedded.place import EmbeddedPostgresError, Place, write_file

PORT = 5432  # only names the socket file: nothing listens on TCP
# Crash recovery of a full WAL takes minutes on a slow disk, and is no failure.
RECOVERY_SECONDS = 900.0
SILENT_SECONDS = 30.0
STOP_SECONDS = 60.0
SOCKET_PREFIX = "iracing-socket-"
# sun_path holds 107 bytes on Linux and 103 on macOS; "/.s.PGSQL.5432" and its lock need 20.
SOCKET_DIRECTORY_BYTES = 80
# Sorts the same on every system, and needs no locale to be installed.
LOCALE = ("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
SETTINGS = f"""\
# Written anew at every start. Your own settings: ALTER SYSTEM SET ..., which win over these.
port = {PORT}
listen_addresses = ''
unix_socket_directories = '%s'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_filename = 'pg-%%a.log'
log_truncate_on_rotation = on
"""


class Answer(enum.Enum):
    """What a server says to a client that knocks."""

    READY = enum.auto()
    NOT_YET = enum.auto()  # starting, recovering, stopping, or too busy to say
    NOTHING = enum.auto()  # nobody listens


def knock(socket_dir: Path) -> Answer:
    """Ask the server behind a socket directory whether it accepts sessions.

    The first exchange of the wire protocol, as pg_isready does it: 1 ms, where spawning
    pg_isready costs 10 and importing psycopg 150.
    """
    session = b"user\0postgres\0database\0postgres\0\0"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(str(socket_dir / f".s.PGSQL.{PORT}"))
            client.sendall(struct.pack("!ii", len(session) + 8, 196608) + session)
            reply = client.recv(4096)
            if reply.startswith(b"R"):
                client.sendall(struct.pack("!ci", b"X", 4))
    except (FileNotFoundError, ConnectionRefusedError):
        return Answer.NOTHING
    except (TimeoutError, BlockingIOError, ConnectionError):
        return Answer.NOT_YET
    # 57P03 cannot_connect_now. Any other refusal comes from a server at work: "too many clients".
    is_refused = not reply or (reply.startswith(b"E") and b"C57P03\0" in reply)
    return Answer.NOT_YET if is_refused else Answer.READY


def running_socket(place: Place) -> Path | None:
    """The socket directory of the place's server if it is ready for sessions."""
    for cluster in place.clusters():
        for socket_dir in _socket_dirs(place, cluster):
            if knock(socket_dir) is Answer.READY:
                return socket_dir
    return None


def remove_left_overs(place: Place) -> None:
    """Remove the half-made clusters of processes that were killed."""
    for left_over in place.home.glob("pg*.init-*"):
        # Its orphaned initdb may still be writing there; then the next start removes the rest.
        shutil.rmtree(left_over, ignore_errors=True)


def make_cluster(place: Place, programs: Path, cluster: Path) -> None:
    """Make an empty cluster: whole, or not at all.

    Raises EmbeddedPostgresError with the reason initdb gave.
    """
    aside = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.init-", dir=place.home))
    log = place.home / "initdb.log"
    log.unlink(missing_ok=True)
    try:
        place.account.own(aside)
        with _fresh(log) as output:
            made = place.account.run(
                [programs / "initdb", "-D", aside, "-U", "postgres", "-A", "trust", *LOCALE],
                cwd=place.home,
                stdout=output,
                stderr=output,
            )
        if made.returncode:
            raise EmbeddedPostgresError(
                f"The embedded Postgres could not be set up in {place.home}: initdb failed.\n"
                f"{_tail(log)}\n"
                "Mend the cause and run again, or set IRACING_DATABASE_URL to use another server."
            )
        with (aside / "postgresql.conf").open("a") as settings:
            settings.write("include 'iracing.conf'\n")
        aside.rename(cluster)
        log.unlink()
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def start(place: Place, programs: Path, cluster: Path) -> Path:
    """Start the cluster's server, or wait for the one that is starting; return its socket dir.

    Raises EmbeddedPostgresError, with the server's last words, if it does not get ready.
    """
    log = place.home / "start.log"
    begun = time.monotonic()
    launched: int | None = None
    while True:
        socket_dirs = _socket_dirs(place, cluster)
        answers = {path: knock(path) for path in socket_dirs}
        for path, answer in answers.items():
            if answer is Answer.READY:
                return path
        waited = time.monotonic() - begun
        is_silent = Answer.NOT_YET not in answers.values()
        if waited > (SILENT_SECONDS if is_silent else RECOVERY_SECONDS):
            raise _failed(f"has not answered for {waited:.0f} s", place, cluster, log)
        if is_silent and not _lives(cluster, launched):
            # The memory of a killed server is in use until its last session notices: try again.
            if launched is not None and b"is still in use" not in log.read_bytes():
                raise _failed("could not start", place, cluster, log)
            if launched is not None:
                time.sleep(0.2)
            launched = _launch(place, programs, cluster, log)
        time.sleep(0.02)


def stop(place: Place, cluster: Path) -> None:
    """Stop the cluster's server, if it runs, without waiting for the sessions it has."""
    pid = _pid(cluster)
    if pid is None or not _is_server(pid, cluster):
        return
    socket_dirs = _socket_dirs(place, cluster)
    # "fast": roll back, write everything, leave. Postgres installs its own handlers before it writes
    # the process id that is read here, whatever signals were ignored where it was started.
    os.kill(pid, signal.SIGINT)
    limit = time.monotonic() + STOP_SECONDS
    # Its last act is to remove its file; if it is killed before that, nobody will.
    while (cluster / "postmaster.pid").exists() and _is_server(pid, cluster):
        if time.monotonic() > limit:
            raise EmbeddedPostgresError(f"process {pid} is still stopping")
        time.sleep(0.01)
    _forget_temporary(socket_dirs)


def _launch(place: Place, programs: Path, cluster: Path, log: Path) -> int:
    """Start the server as nobody's child; return its process id."""
    stale = _socket_dirs(place, cluster)
    # Nothing of ours is alive, yet Postgres would believe a stale file whose process id some
    # other process has by now: after a reboot, or in a container, where ids are small.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    _forget_temporary(stale)
    socket_dir = _new_socket_dir(place)
    quoted = os.fsencode(socket_dir).replace(b"'", b"''")
    settings = SETTINGS.encode() % quoted
    write_file(cluster / "iracing.conf", settings, place.account)
    # Not pg_ctl: it composes a shell command in which $ and " of the path take effect. The shell
    # here passes arguments on as they are, and ends, so that the server is in no one's process
    # tree: those who kill theirs do not kill everybody's server.
    with _fresh(log) as output:
        shell = place.account.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", programs / "postgres", "-D", cluster],
            cwd=place.home,
            stdout=subprocess.PIPE,
            stderr=output,
        )
    return int(shell.stdout)


def _fresh(log: Path) -> BinaryIO:
    """The log anew, for nobody else to read, whatever the umask."""
    log.unlink(missing_ok=True)
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _new_socket_dir(place: Place) -> Path:
    usual = place.home / "run"
    shutil.rmtree(usual, ignore_errors=True)  # with a stale lock file, as above
    if _can_hold_socket(usual):
        usual.mkdir(mode=0o700)
        return place.account.own(usual)
    for base in dict.fromkeys([Path(tempfile.gettempdir()), Path("/tmp")]):  # noqa: S108
        if _can_hold_socket(base / f"{SOCKET_PREFIX}12345678") and place.account.reaches(base):
            return place.account.own(Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=base)))
    raise EmbeddedPostgresError(
        f"The path of {place.home} is too long, or too unusual, for the socket of the embedded "
        "Postgres. Set IRACING_DATA_DIR to a shorter path, or set IRACING_DATABASE_URL."
    )


def _can_hold_socket(path: Path) -> bool:
    # A comma separates hosts for clients; quotes and backslashes mean something to the server.
    is_plain = str(path).isprintable() and not set(str(path)) & set(',"\\')
    return is_plain and len(os.fsencode(path)) <= SOCKET_DIRECTORY_BYTES


def _socket_dirs(place: Place, cluster: Path) -> list[Path]:
    """Where the cluster's server may listen: what it wrote down, and the usual place."""
    try:
        lines = (cluster / "postmaster.pid").read_bytes().split(b"\n")
    except FileNotFoundError:
        lines = []
    written = [Path(os.fsdecode(line)) for line in lines[4:5] if line.startswith(b"/")]
    # The usual place counts too: the directory may have been moved while the server ran.
    candidates = dict.fromkeys([*written, place.home / "run"])
    return [path for path in candidates if _can_hold_socket(path)]


def _forget_temporary(socket_dirs: list[Path]) -> None:
    for path in socket_dirs:
        if path.name.startswith(SOCKET_PREFIX):
            shutil.rmtree(path, ignore_errors=True)


def _pid(cluster: Path) -> int | None:
    try:
        return abs(int((cluster / "postmaster.pid").read_bytes().split(b"\n")[0]))
    except (FileNotFoundError, ValueError):
        return None


def _lives(cluster: Path, launched: int | None) -> bool:
    return any(pid and _is_server(pid, cluster) for pid in (launched, _pid(cluster)))


def _is_server(pid: int, cluster: Path) -> bool:
    """Whether this process is the cluster's server, not a namesake that got its number."""
    import psutil  # type: ignore[import-untyped, unused-ignore]  # 35 ms, needed to start and stop

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:  # PID 1 of a container may never reap it
            return False
        if str(cluster) in process.cmdline():
            return True
        # The cluster's directory may have been moved since; the working directory moves along.
        return bool(process.name() == "postgres" and process.cwd() == str(cluster))
    except psutil.Error:
        return False


def _failed(what: str, place: Place, cluster: Path, log: Path) -> EmbeddedPostgresError:
    newest = max([log, *(cluster / "log").glob("*.log")], key=lambda path: path.stat().st_mtime_ns)
    return EmbeddedPostgresError(
        f"The embedded Postgres in {cluster} {what}.\n{_tail(log)}\n"
        + (f"{_tail(newest)}\n" if newest != log else "")
        + "Mend the cause and run again, or set IRACING_DATABASE_URL to use another server. To "
        f"start from nothing, stop everything that uses it and delete {place.home}."
    )


def _tail(log: Path, lines: int = 8) -> str:
    try:
        text = log.read_bytes().decode(errors="replace")
    except OSError as error:
        return f"Its log {log} cannot be read: {error}."
    last = [line for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join([f"The end of its log, {log}:", *(f"    {line}" for line in last)])
