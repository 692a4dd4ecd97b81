"""The file in the data directory that says that somebody has logged in by browser, and for which client.

In: the data directory, the login service, the client id. Out: the key that opens the tokens, which are in
the database. There is no token in the file, and nothing in the database opens without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from pathlib import Path

from iracing_pipeline.core.errors import ConfigurationError

NAME = "login.json"


def read_login_key(data_dir: Path, oauth_url: str, client_id: str) -> str | None:
    """The key of the login at this service by this client; None where nobody has logged in.

    Raises ConfigurationError where the file is not to be read, or is none of ours.
    """
    path = data_dir / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        whose, key = (found["oauth_url"], found["client_id"]), found["key"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not what login writes"
        raise ConfigurationError(
            f"{path} cannot be read ({reason}). Delete it, and run `iracing-pipeline login` again."
        ) from None
    return key if isinstance(key, str) and key and whose == (oauth_url, client_id) else None


def new_login_key() -> str:
    """A key for tokens that are about to be stored."""
    return secrets.token_urlsafe(32)


def write_login_key(data_dir: Path, oauth_url: str, client_id: str, key: str) -> Path:
    """Remember the login; only the owner of the file can read it. Raises ConfigurationError."""
    path = data_dir / NAME
    text = json.dumps({"oauth_url": oauth_url, "client_id": client_id, "key": key}, indent=1)
    fresh = None
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        # mkstemp makes a file that nobody else can read; it takes the place of the other one whole.
        handle, fresh = tempfile.mkstemp(dir=data_dir, prefix=f".{NAME}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(fresh).replace(path)
    except OSError as error:
        if fresh is not None:
            with contextlib.suppress(OSError):
                Path(fresh).unlink()
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}). Set IRACING_DATA_DIR to a directory that can."
        ) from None
    return path
