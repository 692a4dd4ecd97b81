"""Where an embedded Postgres lives on disk, and which system account runs it.

In: the data directory. Out: a Place. Stays out: binaries, locks, and the server itself.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import pwd

logger = logging.getLogger(__name__)

# Root's own corner of the disk: reachable by every account, unlike a checkout below /root.
SHARED = Path("/var/lib/iracing-pipeline")
# Left in a data directory whose cluster had to live elsewhere: one line, the other directory.
POINTER = "relocated-to.txt"
# The server needs nothing else. PG*, LC_* and LANG of the user's shell would change what it does,
# and the account's iRacing password has no business in the environment of a daemon.
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZDIR")


class EmbeddedPostgresError(Exception):
    """The embedded Postgres cannot be used; the message says why and what to do about it."""


@dataclass(frozen=True)
class Account:
    """The system account that owns the cluster and runs its processes."""

    name: str
    uid: int
    gid: int
    is_borrowed: bool  # we are root, which Postgres refuses to run as

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        stdout: int | IO[bytes] = subprocess.DEVNULL,
        stderr: int | IO[bytes] = subprocess.DEVNULL,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end as this account, in a session of its own.

        Raises EmbeddedPostgresError where the system forbids changing to the account; OSError
        where the command cannot be executed.
        """
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        try:
            return subprocess.run(
                command,
                check=False,
                cwd=cwd,
                env={**kept, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,  # ^C in the terminal is for the program, not the server
                user=self.uid if self.is_borrowed else None,
                group=self.gid if self.is_borrowed else None,
                extra_groups=[] if self.is_borrowed else None,
            )
        except subprocess.SubprocessError as error:
            raise EmbeddedPostgresError(
                f"Postgres does not run as root, and this system does not allow running it as "
                f"{self.name} ({error}). Run as an ordinary user, or set IRACING_DATABASE_URL."
            ) from error

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter this directory, or execute this file."""
        if not self.is_borrowed:
            return os.access(path, os.X_OK)
        # Asked of the kernel, as the account: mode bits alone miss ACLs and mount options.
        return self.run(["/bin/sh", "-c", 'test -x "$0"', path], cwd=Path("/")).returncode == 0

    def own(self, path: Path) -> Path:
        """Give a path that we have just made to the account."""
        if self.is_borrowed:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        return path


@dataclass(frozen=True)
class Place:
    """A directory that holds (or will hold) `pg<major>`, and the account that runs it."""

    home: Path
    account: Account

    def clusters(self) -> list[Path]:
        """The cluster directories there are, newest major first."""
        found = [path.parent for path in self.home.glob("pg[0-9]*/PG_VERSION")]
        finished = [path for path in found if path.name[2:].isdigit()]  # not a half-made one
        return sorted(finished, key=lambda path: int(path.name[2:]), reverse=True)


def prepare(data_dir: Path) -> None:
    """Make the data directory if it is missing; raise EmbeddedPostgresError if it is not ours."""
    if not data_dir.is_dir():
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        data_dir.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            data_dir.chmod(0o755)  # for the account that runs the server, whatever the umask
    elif not os.access(data_dir, os.W_OK | os.X_OK):
        if data_dir.stat().st_uid != os.geteuid():
            raise _not_ours(data_dir)
        raise EmbeddedPostgresError(
            f"{data_dir} cannot be written to. Make it writable, or set IRACING_DATA_DIR to a "
            "directory that is."
        )


def locate(data_dir: Path) -> Place:
    """The place of this data directory's cluster. Call it with the start lock held.

    An ordinary user's cluster is inside the data directory. So is root's, run by an unprivileged
    account, unless that account cannot reach the data directory: then it is in a directory of its
    own, which a pointer file names, because opening somebody's directories is not ours to do.
    """
    if os.geteuid() != 0:
        place = Place(data_dir, _account(os.geteuid(), is_borrowed=False))
        for cluster in place.clusters():
            if cluster.stat().st_uid != os.geteuid():
                raise _not_ours(cluster)
        return place
    relocated = _pointed_to(data_dir)
    home = relocated or data_dir
    owner = next((path.stat().st_uid for path in Place(home, _ROOT).clusters()), 0)
    owner = owner or home.stat().st_uid  # root at work in a user's directory acts for that user
    place = Place(home, _account(owner, is_borrowed=True) if owner else _service_account())
    if relocated or place.clusters() or place.account.reaches(data_dir):
        return place
    return _relocate(data_dir, place.account)


def _relocate(data_dir: Path, account: Account) -> Place:
    temporary = Path(tempfile.gettempdir()).resolve()
    # What was meant to be temporary stays so.
    bases = [temporary] if data_dir.is_relative_to(temporary) else [SHARED, temporary]
    for base in bases:
        try:
            if base == SHARED:
                make_shared()
            home = Path(tempfile.mkdtemp(prefix="iracing-cluster-", dir=base))
        except OSError:
            continue
        home.chmod(0o755)
        if not account.reaches(home):
            home.rmdir()
            continue
        try:
            write_file(home / "data-directory.txt", os.fsencode(data_dir) + b"\n", _ROOT)
            write_file(data_dir / POINTER, os.fsencode(home) + b"\n", _ROOT)
        except OSError:
            shutil.rmtree(home)
            raise
        return Place(home, account)
    raise EmbeddedPostgresError(
        f"Postgres does not run as root, and the account it would run as ({account.name}) reaches "
        f"neither {data_dir} nor {' nor '.join(map(str, bases))}. Set IRACING_DATA_DIR to a "
        "directory that every account can enter, or set IRACING_DATABASE_URL."
    )


def make_shared() -> Path:
    """Root's shared directory; raises OSError where it cannot be made."""
    if not SHARED.is_dir():
        SHARED.mkdir(exist_ok=True)
        SHARED.chmod(0o755)  # whatever the umask
    return SHARED


def write_file(path: Path, content: bytes, account: Account) -> None:
    """Replace a file in one step, owned by the account, without following links."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    account.own(fresh).replace(path)


def _pointed_to(data_dir: Path) -> Path | None:
    pointer = data_dir / POINTER
    # In a directory of somebody else's, the file could send root anywhere.
    if not pointer.is_file() or pointer.lstat().st_uid != 0:
        return None
    home = Path(os.fsdecode(pointer.read_bytes().rstrip(b"\n")))
    if home.is_dir():
        return home
    logger.warning("%s is gone; the embedded Postgres of %s starts empty", home, data_dir)
    return None


_ROOT = Account("root", 0, 0, is_borrowed=False)


def _account(uid: int, *, is_borrowed: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # containers know files of accounts that they do not have
        return Account(f"uid {uid}", uid, uid, is_borrowed)
    return Account(entry.pw_name, uid, entry.pw_gid, is_borrowed)


def _service_account() -> Account:
    for name in ("postgres", "_postgres", "nobody"):
        try:
            return _account(pwd.getpwnam(name).pw_uid, is_borrowed=True)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "Postgres does not run as root, and there is neither an account `postgres` nor `nobody` "
        "to run it as. Run as an ordinary user, or set IRACING_DATABASE_URL."
    )


def _not_ours(path: Path) -> EmbeddedPostgresError:
    owner = _account(path.stat().st_uid, is_borrowed=False).name
    me = _account(os.geteuid(), is_borrowed=False).name
    return EmbeddedPostgresError(
        f"{path} belongs to {owner}, and this process runs as {me}. Run as {owner}, or set "
        "IRACING_DATA_DIR to a directory of your own."
    )
