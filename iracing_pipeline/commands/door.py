"""The data's database, as the environment names it, for the commands that look into it.

In: settings; no credentials are needed. Out: a Door, or what is more than one. Nothing asks the API.
"""

from __future__ import annotations

from typing import TypeVar

from iracing_pipeline.core.errors import ConfigurationError
from iracing_pipeline.settings import Settings
from iracing_pipeline.warehouse.door import Door

DoorT = TypeVar("DoorT", bound=Door)


def open_door(kind: type[DoorT], *, may_create: bool = False) -> DoorT:
    """The way into the database: `Database`, or a bare `Door` where that is enough.

    Raises ConfigurationError where there is none yet, unless it may be created: a look must not leave
    a new server behind in whatever directory it was taken from.
    """
    settings = Settings.from_environment()
    if settings.database_url is None and not may_create:
        known = (*settings.data_dir.glob("pg[0-9]*"), *settings.data_dir.glob("relocated-to.txt"))
        if not known:
            raise ConfigurationError(
                f"No database in {settings.data_dir} yet: run `iracing-pipeline sync` or `make demo`, "
                "or set IRACING_DATA_DIR or IRACING_DATABASE_URL."
            )
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if settings.database_url is None:
            raise ConfigurationError(
                f"{settings.data_dir} cannot be written ({error.strerror}). Set IRACING_DATA_DIR."
            ) from None
    return kind(settings.database_url, settings.data_dir, settings.lock_timeout)
