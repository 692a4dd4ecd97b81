"""Where feeds, report and export are put: a local directory, or what fsspec reaches (s3://, gs://, ...).

In: names and bytes. Out: files, written only where they differ. Never a secret of the URL in a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from iracing_pipeline.core.errors import ConfigurationError


class FilesUnreachable(Exception):
    """A store that is there, and did not answer as it should: a later attempt may help."""

    kind = "transient"


class Output(NamedTuple):
    """What is put somewhere, as messages name it, and the variable that says where."""

    name: str
    variable: str


FEEDS = Output("The feeds", "IRACING_CALENDAR_DIR")
REPORT = Output("The report", "IRACING_REPORT_FILE")
EXPORT = Output("The export", "IRACING_EXPORT_DIR")


class Files(Protocol):
    """A flat directory of small files."""

    place: str
    """Where it is, for people."""

    def sizes(self) -> dict[str, int]:
        """The files that are there, with their sizes."""

    def read(self, name: str) -> bytes:
        """The content of one that is there."""

    def write(self, name: str, content: bytes) -> None:
        """Write one, so that a reader sees the old or the new, never half of it."""

    def remove(self, name: str) -> None:
        """Remove one; it may be gone already."""


def open_directory(directory: str, output: Output) -> Files:
    """The directory at a local path or URL, created if need be.

    Raises ConfigurationError where it cannot be used.
    """
    if directory.startswith("file://"):
        directory = directory.removeprefix("file://")
    if "://" in directory:
        return _Remote(directory, output)
    return _Local(Path(directory).expanduser().absolute(), output)


def put_file(target: str, content: bytes, output: Output) -> str:
    """Write one file, at a local path or URL, whole; return where it is, for people.

    Raises ConfigurationError where it cannot be written, FilesUnreachable where it may be another time.
    """
    path, mark, query = target.strip().partition("?") if "://" in target else (target, "", "")
    directory, _, name = path.rpartition("/")
    if not name or re.search(r"^[^/]*:/?$", directory):
        raise ConfigurationError(
            f"{output.name} needs the name of a file, and {_without_secrets(target)} names none. "
            f"Set {output.variable}."
        )
    files = open_directory(
        (directory or ("/" if path.startswith("/") else ".")) + mark + query, output
    )
    files.write(name, content)
    return f"{files.place.rstrip('/')}/{name}"


def write_file(path: Path, content: bytes) -> bool:
    """Write a file whole unless it is so already; returns whether it was written. Raises OSError.

    A link stays one: what it leads to is replaced.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a pipe or a device: nothing to compare or replace
        return True
    if path.exists() and path.read_bytes() == content:
        return False
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Whatever the umask: others may read what is published, and no more.
        fresh = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(fresh, "wb") as file:
            file.write(content)
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    return True


class _Local:
    def __init__(self, folder: Path, output: Output) -> None:
        self.place = str(folder)
        self._folder = folder
        self._output = output
        with self._refusals():
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)

    def sizes(self) -> dict[str, int]:
        with self._refusals(), os.scandir(self._folder) as entries:
            return {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}

    def read(self, name: str) -> bytes:
        with self._refusals(name):
            return (self._folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        with self._refusals(name):
            write_file(self._folder / name, content)

    def remove(self, name: str) -> None:
        with self._refusals(name):
            (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def _refusals(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(
                f"{self._output.name} cannot be written to {self._folder / name}: "
                f"{error.strerror or type(error).__name__}. Set {self._output.variable} to a place that can."
            ) from None


class _Remote:
    """Object stores put an object whole or not at all, so there is nothing to replace."""

    def __init__(self, url: str, output: Output) -> None:
        self.place = _without_secrets(url)
        self._output = output
        self._secrets = _secrets(url)
        scheme = url.partition("://")[0]
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise ConfigurationError(
                f"{self.place} is no local directory, and fsspec, which reaches others, is not installed: "
                "pip install 'iracing-pipeline[cloud]'."
            ) from None
        try:
            self._files, self._root = self._try(lambda: url_to_fs(url), (ImportError, ValueError))
        except ImportError as error:
            raise ConfigurationError(
                f"{self.place} needs a driver of fsspec that is not installed: {self._said(error)}."
            ) from None
        except ValueError as error:
            raise ConfigurationError(
                f"{self.place} cannot be used: {self._said(error)}. {output.variable} takes a local "
                f"place or a URL that fsspec knows; {scheme}:// it does not."
            ) from None
        self._root = self._root.rstrip("/")
        self._try(lambda: self._files.makedirs(self._root, exist_ok=True))

    def sizes(self) -> dict[str, int]:
        self._files.invalidate_cache()
        try:
            found = self._try(lambda: self._files.ls(self._root, detail=True), (FileNotFoundError,))
        except FileNotFoundError:
            return {}
        return {
            item["name"].rstrip("/").rpartition("/")[2]: item["size"] or 0
            for item in found
            if item["type"] == "file"
        }

    def read(self, name: str) -> bytes:
        content: bytes = self._try(lambda: self._files.cat_file(f"{self._root}/{name}"))
        return content

    def write(self, name: str, content: bytes) -> None:
        self._try(lambda: self._files.pipe_file(f"{self._root}/{name}", content))

    def remove(self, name: str) -> None:
        try:
            self._try(lambda: self._files.rm_file(f"{self._root}/{name}"), (FileNotFoundError,))
        except FileNotFoundError:
            return

    def _try(self, work: Callable[[], Any], expected: tuple[type[Exception], ...] = ()) -> Any:
        """Drivers raise whatever they like: it becomes one message, unless it is expected."""
        try:
            return work()
        except expected:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            refused = isinstance(error, (PermissionError, FileNotFoundError, NotImplementedError))
            raise (ConfigurationError if refused else FilesUnreachable)(
                f"{self._output.name} cannot be written to {self.place}: {type(error).__name__}: "
                f"{self._said(error)}."
            ) from None

    def _said(self, error: Exception) -> str:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        text = lines[0].rstrip(".")
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


_USER = re.compile(r"(?<=://)[^/]*@")


def _without_secrets(url: str) -> str:
    """The URL without user, password and query."""
    return _USER.sub("", url.partition("?")[0].partition("#")[0])


def _secrets(url: str) -> list[str]:
    """The pieces of it that nobody should read, the longest first."""
    found = _USER.search(url)
    pieces = [found.group()[:-1], *found.group()[:-1].split(":")[1:]] if found else []
    query = url.partition("?")[2]
    pieces += [query, *(value.partition("=")[2] for value in query.split("&"))]
    return sorted({piece for piece in pieces if piece}, key=len, reverse=True)
