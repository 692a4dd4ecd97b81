"""The public notices, for which nobody logs in: /status.json and /public/maintenance.json.

In: whether a fault of kind maintenance is switched on. Out: the fault itself (protocol.py).

iRacing has them on hosts of their own, status.iracing.com and members-assets.iracing.com. The second has
been seen in no capture: its shape is the first one's list of messages.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import MAINTENANCE, json_answer
from .faults import Faults

_STEP_SECONDS = 15
_STEPS = 4


def status_routes(faults: Faults, clock: Callable[[], datetime]) -> list[Route]:
    """The routes, with their whole paths."""

    def messages() -> list[str]:
        on = any(fault["kind"] == "maintenance" for fault in faults.as_json())
        return [MAINTENANCE["note"]] if on else []

    async def maintenance(request: Request) -> Response:
        return json_answer({"maint_messages": messages()})

    async def status(request: Request) -> Response:
        in_maintenance = bool(messages())
        now = clock().timestamp()
        body = {
            "rss_announcements": "https://status.example.com/status.rss",
            "timestamp": now,
            "tests": {
                "Configuration Flags": {
                    "iRacing UI in Maintenance Mode": _test(
                        "Result is a 0 or a 1. 0 means the UI is not in maintenance mode.",
                        now,
                        in_maintenance,
                        "Yes" if in_maintenance else "No",
                    ),
                }
            },
            "maint_messages": messages(),
        }
        return json_answer(body)

    return [Route("/public/maintenance.json", maintenance), Route("/status.json", status)]


def _test(description: str, now: float, result: bool, label: str) -> dict[str, Any]:
    """One test as status.iracing.com shows it: a result every 15 seconds, the latest last."""
    at = [round(now - _STEP_SECONDS * step, 3) for step in reversed(range(_STEPS))]
    return {
        "description": description,
        "result": [[moment, float(result)] for moment in at],
        "summary_label": label,
        "summary_level": 0,
    }
