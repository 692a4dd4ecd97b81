"""What the demo does with each setting, so that nothing of it leaves its data directory.

In: the reader's environment, the simulator's. Out: the environment of the demo and of its children.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from enum import Enum


class Use(Enum):
    """What becomes of a setting; the value is the word for it in docs/operations.md."""

    KEPT = "kept"
    SIMULATED = "the simulator's"
    NOT_USED = "not used"


DEMO_SETTINGS: Mapping[str, Use] = {
    "IRACING_CLIENT_ID": Use.SIMULATED,
    "IRACING_CLIENT_SECRET": Use.SIMULATED,
    "IRACING_USERNAME": Use.SIMULATED,
    "IRACING_PASSWORD": Use.SIMULATED,
    "IRACING_REFRESH_TOKEN": Use.NOT_USED,
    "IRACING_ACCESS_TOKEN": Use.NOT_USED,
    "IRACING_API_URL": Use.SIMULATED,
    "IRACING_OAUTH_URL": Use.SIMULATED,
    "IRACING_DATABASE_URL": Use.NOT_USED,
    "IRACING_DATA_DIR": Use.KEPT,
    "IRACING_CACHE_TTL": Use.KEPT,
    "IRACING_LOCK_TIMEOUT": Use.KEPT,
    "IRACING_CALENDAR_DIR": Use.NOT_USED,
    "IRACING_FEEDS_FILE": Use.NOT_USED,
    "IRACING_WEBHOOK_URL": Use.NOT_USED,
    "IRACING_REPORT_FILE": Use.NOT_USED,
    "IRACING_EXPORT_DIR": Use.NOT_USED,
    "DAGSTER_HOME": Use.NOT_USED,
    "DAGSTER_POSTGRES_URL": Use.NOT_USED,
}
"""Every setting of the pipeline, given by its name or, in a file, by its name and `_FILE`.
One that is missing here is not used either."""

# Long, so that a second demo shows what landed responses save.
_CACHE_TTL_SECONDS = 86400


def enter_demo(environ: MutableMapping[str, str], simulator: Mapping[str, str]) -> list[str]:
    """Make an environment the demo's; returns the settings that were given and are not used."""
    given = [name for name, value in environ.items() if value.strip()]
    ignored = [name for name in given if _use(name) is Use.NOT_USED]
    for name in list(environ):
        # libpq's own, such as PGHOSTADDR, would lead away from the embedded Postgres.
        is_setting = name.startswith(("IRACING_", "DAGSTER_", "PG"))
        if is_setting and _use(name) is not Use.KEPT:
            del environ[name]
    # Everything that is asked is on this machine: no proxy knows the way there.
    environ.update(simulator, NO_PROXY="*", no_proxy="*")
    if not environ.get("IRACING_CACHE_TTL", "").strip():
        environ["IRACING_CACHE_TTL"] = str(_CACHE_TTL_SECONDS)
    return sorted(ignored)


def _use(name: str) -> Use | None:
    return DEMO_SETTINGS.get(name) or DEMO_SETTINGS.get(name.removesuffix("_FILE"))
