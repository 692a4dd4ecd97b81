"""What the environment says: one frozen object, read once, checked where it is read.

In: os.environ (or any mapping). Out: Settings. No network, no database, no Dagster.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.login_file import read_login_key
from iracing_pipeline.core.errors import ConfigurationError

DEFAULT_API_URL = "https://members-ng.iracing.com"
DEFAULT_OAUTH_URL = "https://oauth.iracing.com/oauth2"
DEFAULT_CACHE_TTL_SECONDS = 3600
LONGEST_CACHE_TTL_SECONDS = 10 * 366 * 86400
DEFAULT_LOCK_TIMEOUT_SECONDS = 60
LONGEST_LOCK_TIMEOUT_SECONDS = 86400


@dataclass(frozen=True)
class Settings:
    """The contract's environment variables, parsed. `repr` shows no secret."""

    api_url: str
    oauth_url: str
    credentials: Credentials
    data_dir: Path
    cache_ttl: int
    """Seconds a landed response serves instead of the API."""
    calendar_dir: str = field(repr=False)
    """Where calendar feeds go: a local directory or a URL that fsspec knows, which may hold a password."""
    feeds_file: Path | None = None
    """The feeds.toml that names feeds of one's own. None: the one in the data directory, if there is one."""
    database_url: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    dagster_postgres_url: str | None = field(default=None, repr=False)
    lock_timeout: int = DEFAULT_LOCK_TIMEOUT_SECONDS
    """Seconds for which a lock that another session of the database holds is waited for."""
    report_file: str | None = field(default=None, repr=False)
    """Where season_report writes its page: a local file, or a URL that may hold a password.
    None: into the data directory."""
    export_dir: str | None = field(default=None, repr=False)
    """Where calendar_export writes its files: a local directory, or a URL that may hold a password.
    None: nowhere."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the variables; empty ones count as unset.

        Raises ConfigurationError for a value that cannot be meant.
        """
        read = partial(value_of, os.environ if environ is None else environ)

        data_dir = _local("IRACING_DATA_DIR", read("IRACING_DATA_DIR") or ".iracing")
        oauth_url = _http_url("IRACING_OAUTH_URL", read("IRACING_OAUTH_URL") or DEFAULT_OAUTH_URL)
        credentials = Credentials(
            client_id=read("IRACING_CLIENT_ID"),
            client_secret=read("IRACING_CLIENT_SECRET"),
            username=read("IRACING_USERNAME"),
            password=read("IRACING_PASSWORD"),
            access_token=read("IRACING_ACCESS_TOKEN"),
            refresh_token=read("IRACING_REFRESH_TOKEN"),
        )
        if credentials.client_id and credentials.grant is None:
            key = read_login_key(data_dir, oauth_url, credentials.client_id)
            credentials = replace(credentials, login_key=key)
        return cls(
            api_url=_http_url("IRACING_API_URL", read("IRACING_API_URL") or DEFAULT_API_URL),
            oauth_url=oauth_url,
            credentials=credentials,
            data_dir=data_dir,
            cache_ttl=_seconds("IRACING_CACHE_TTL", read("IRACING_CACHE_TTL")),
            lock_timeout=_lock_timeout("IRACING_LOCK_TIMEOUT", read("IRACING_LOCK_TIMEOUT")),
            calendar_dir=(read("IRACING_CALENDAR_DIR") or str(data_dir / "calendars")).strip(),
            feeds_file=_file("IRACING_FEEDS_FILE", read("IRACING_FEEDS_FILE")),
            database_url=_postgres_url("IRACING_DATABASE_URL", read("IRACING_DATABASE_URL")),
            webhook_url=_webhook_url("IRACING_WEBHOOK_URL", read("IRACING_WEBHOOK_URL")),
            report_file=read("IRACING_REPORT_FILE"),
            export_dir=(read("IRACING_EXPORT_DIR") or "").strip() or None,
            dagster_postgres_url=_postgres_url(
                "DAGSTER_POSTGRES_URL", read("DAGSTER_POSTGRES_URL")
            ),
        )

    def require_credentials(self) -> None:
        """Raise ConfigurationError naming the variables when no way of logging in is complete."""
        missing = self.credentials.missing()
        if missing:
            raise ConfigurationError(
                "No iRacing credentials: "
                + ", ".join(missing)
                + (" is" if len(missing) == 1 else " are")
                + " not set.\n"
                "Set IRACING_CLIENT_ID, IRACING_CLIENT_SECRET, IRACING_USERNAME and "
                "IRACING_PASSWORD; or IRACING_REFRESH_TOKEN with IRACING_CLIENT_ID; or "
                "IRACING_ACCESS_TOKEN; or IRACING_CLIENT_ID, and run `iracing-pipeline login`.\n"
                "No account or client id yet? `make demo` runs everything against the simulated API."
            )

    @property
    def is_real_api(self) -> bool:
        """Whether the API is iRacing's own; anything else (simulator, replay) counts as simulated."""
        host = (urlsplit(self.api_url).hostname or "").lower()
        return host == "iracing.com" or host.endswith(".iracing.com")


def value_of(environ: Mapping[str, str], name: str) -> str | None:
    """The value of a variable, or else the line in the file that `<name>_FILE` names; empty counts as unset.

    Raises ConfigurationError where that file has no such line. The message quotes nothing of the file,
    and no path that may be a secret in the wrong place.
    """
    if environ.get(name, "").strip():
        return environ[name]
    variable = f"{name}_FILE"
    if not environ.get(variable, "").strip():
        return None
    file = Path(environ[variable].strip())
    # Dagster starts processes in directories of its own choice.
    if not file.is_absolute():
        raise ConfigurationError(
            f"{variable} must be the absolute path of a file that holds the value of {name}."
        )
    try:
        value = file.read_text(encoding="utf-8-sig").rstrip("\r\n")
        wrong = "is empty" if not value.strip() else ""
        if len(value.splitlines()) > 1:
            wrong = "holds more than one line"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        wrong = f"cannot be read ({reason})"
    if wrong:
        raise ConfigurationError(
            f"{variable} names {file}, which {wrong}. It must hold the value of {name} in one line."
        ) from None
    return value


def _local(name: str, value: str) -> Path:
    # Taken as a path, a URL would silently be a directory below the working directory.
    if "://" in value:
        raise ConfigurationError(f"{name} must be a local directory, not a URL.")
    return Path(value).expanduser().absolute()


def _file(name: str, value: str | None) -> Path | None:
    if value is None:
        return None
    if "://" in value:
        raise ConfigurationError(f"{name} must be a local file, not a URL.")
    return Path(value.strip()).expanduser().absolute()


def _http_url(name: str, value: str) -> str:
    try:
        parts = urlsplit(value.strip())
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if (
        parts.query
        or parts.fragment
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or "@" in parts.netloc
    ):
        raise ConfigurationError(
            f"{name} must be an http(s) URL without user or password, such as {DEFAULT_API_URL}."
        )
    return value.strip().rstrip("/")


def _webhook_url(name: str, value: str | None) -> str | None:
    # Who knows it may post there, so no message ever quotes it.
    if value is None:
        return None
    try:
        parts = urlsplit(value.strip())
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or re.search(r"[\s\x00-\x1f\x7f]", value.strip())
    ):
        raise ConfigurationError(
            f"{name} must be an http(s) URL that takes posts, such as "
            "https://discord.com/api/webhooks/…; unset it where nothing is to be announced."
        )
    return value.strip()


_PIECE = r"(?:[^:@/?#%\[\]\s]|%[0-9A-Fa-f]{2})*"
_POSTGRES_URL = re.compile(
    r"(?i:postgres(?:ql)?)(?:\+\w+)?://"
    rf"(?:{_PIECE}(?::(?:{_PIECE}|:)*)?@)?"  # user, password
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/?#%,\[\]\s]*)(?::(?P<port>\d+))?"
    r"(?:/[^/?#@\s]*)?(?:\?[^#\s]*)?"  # database, options
)


def _postgres_url(name: str, value: str | None) -> str | None:
    # The value may hold a password, so no message ever quotes it. And it is read strictly: a raw @
    # or # in a password makes every reader cut the URL elsewhere, and the password shows up as a host.
    if value is None:
        return None
    found = _POSTGRES_URL.fullmatch(value.strip())
    if not found or int(found["port"] or 0) > 65535:
        raise ConfigurationError(
            f"{name} must look like postgresql://user:password@host:5432/database, with one host. "
            "Percent-encode special characters in user and password (@ is %40, # is %23, / is %2F, "
            "[ is %5B, % is %25); a socket directory goes into the options: "
            "postgresql://user@/database?host=/run/postgresql."
        )
    return value.strip()


def _seconds(name: str, value: str | None) -> int:
    if value is None:
        return DEFAULT_CACHE_TTL_SECONDS
    try:
        seconds = int(value)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= LONGEST_CACHE_TTL_SECONDS:
        raise ConfigurationError(
            f"{name} must be a whole number of seconds, at most ten years, not {value!r}."
        )
    return seconds


def _lock_timeout(name: str, value: str | None) -> int:
    if value is None:
        return DEFAULT_LOCK_TIMEOUT_SECONDS
    seconds = int(value) if value.strip().isdecimal() and len(value) < 10 else 0
    if not 1 <= seconds <= LONGEST_LOCK_TIMEOUT_SECONDS:
        raise ConfigurationError(
            f"{name} must be a whole number of seconds, from 1 to {LONGEST_LOCK_TIMEOUT_SECONDS} (a day), "
            f"not {value!r}."
        )
    return seconds
