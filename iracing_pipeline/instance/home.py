"""DAGSTER_HOME for people who have none: inside the data directory, so that every command shares it.

In: settings. Out: environment variables of this process, dagster.yaml in place.
"""

from __future__ import annotations

import os
from pathlib import Path

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.settings import Settings


def provide_dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME as set, or `<data dir>/dagster` with the project's dagster.yaml in it.

    Child processes get absolute paths: they may have another working directory.
    Raises ConfigurationError where the directory cannot be written.
    """
    os.environ["IRACING_DATA_DIR"] = str(settings.data_dir)
    given = os.environ.get("DAGSTER_HOME", "").strip()
    if given:
        home = Path(given).expanduser().absolute()
        if not home.is_dir():
            raise ConfigurationError(f"DAGSTER_HOME names {home}, which is no directory.")
        os.environ["DAGSTER_HOME"] = str(home)
        return home
    home = settings.data_dir / "dagster"
    try:
        # Whoever writes here has code of his own run by every process of ours.
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        target, text = home / "dagster.yaml", _dagster_yaml().read_bytes()
        if not target.exists() or target.read_bytes() != text:
            aside = home / f"dagster.yaml.{os.getpid()}"
            aside.write_bytes(text)
            aside.chmod(0o600)
            aside.replace(target)
    except OSError as error:
        raise ConfigurationError(
            f"{home} cannot be written ({error.strerror}). Set IRACING_DATA_DIR to a directory that can."
        ) from None
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _dagster_yaml() -> Path:
    package = Path(__file__).parents[1]
    inside = package / "dagster.yaml"
    # In a checkout the file stands at the root, where DAGSTER_HOME=$PWD finds it too.
    return inside if inside.exists() else package.parent / "dagster.yaml"
