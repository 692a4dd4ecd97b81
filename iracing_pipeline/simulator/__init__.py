"""A local iRacing: the real protocol on real ports, over a made-up world or captured answers.

In: everything needed to build against iRacing without an account. Out: any use by the pipeline
itself; nothing here is imported by the API client, so that each can catch the other's mistakes.

    from iracing_pipeline.simulator import Simulator, WorldSource

    with Simulator(WorldSource(seed=2025, series=30)) as sim:
        os.environ.update(sim.environment)          # URLs and credentials
        sim.faults.add("status", "series/seasons", status=503, times=2)
        sim.clock.advance(days=7)                   # the race week rolls
        assert sim.calls("series/seasons")[0].status == 503

From other processes: `GET /_simulator/requests`, `POST /_simulator/faults`,
`POST /_simulator/clock` (see control.py). From a shell: `iracing-pipeline simulate --port 8099`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .captures import CaptureSource
    from .credentials import SimCredentials
    from .errors import SimulatorError
    from .faults import Fault, Faults
    from .server import Simulator
    from .serving import serve
    from .source import Source
    from .world import WorldSource

__all__ = [
    "CaptureSource",
    "Fault",
    "Faults",
    "SimCredentials",
    "Simulator",
    "SimulatorError",
    "Source",
    "WorldSource",
    "serve",
]

# Imported on first use: the command line must not pay for a web server it does not start.
_HOMES = {
    "CaptureSource": "captures",
    "Fault": "faults",
    "Faults": "faults",
    "SimCredentials": "credentials",
    "Simulator": "server",
    "SimulatorError": "errors",
    "Source": "source",
    "WorldSource": "world",
    "serve": "serving",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
