"""iRacing's series, seasons and race schedules in Postgres. See definitions.py and cli.

`from iracing_pipeline import IRacingResource, WarehouseResource` for assets of your own: docs/resources.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iracing_pipeline.resources import IRacingResource, WarehouseResource

__version__ = "0.1.0"
__all__ = ["IRacingResource", "WarehouseResource", "__version__"]


def __getattr__(name: str) -> Any:
    if name in {"IRacingResource", "WarehouseResource"}:
        # Dagster comes with them, a second of imports that most commands do without.
        from iracing_pipeline import resources

        return getattr(resources, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
