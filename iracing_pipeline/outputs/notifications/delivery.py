"""Posting what waits: oldest first, until it is done, the webhook fails, or the tick has taken long enough.

In: messages of the outbox, and whoever fills it up. Out: Delivered, in words for the tick. An
acknowledgement is entered before the next post, so that a kill repeats one message at most.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy import Connection

from iracing_pipeline.outputs.notifications.outbox import Message, first_waiting, note_attempt
from iracing_pipeline.outputs.notifications.webhook import POST_SECONDS, Webhook

TICK_SECONDS = 40.0
MOST_MESSAGES = 20
_PATIENCE_SECONDS = 5.0
"""Shorter than that a webhook that asks for a pause gets it within the tick: Discord asks for fractions."""

logger = logging.getLogger(__name__)


@dataclass
class Delivered:
    """What a tick posted."""

    messages: int = 0
    changes: int = 0
    problem: str | None = None
    """Why it ended before everything was posted, if the webhook was the reason."""
    is_cut_short: bool = False
    """Whether the tick had taken long enough."""


def deliver(
    connection: Connection,
    webhook: Webhook,
    kinds: Sequence[str],
    *,
    fill: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Post the messages of these kinds. `fill` enters the next one; False where there is none."""
    done = Delivered()
    until = time.monotonic() + TICK_SECONDS - POST_SECONDS
    while True:
        message = first_waiting(connection, kinds)
        if message is None and fill():
            message = first_waiting(connection, kinds)
        if message is None:
            return done
        if done.messages >= MOST_MESSAGES or time.monotonic() > until:
            done.is_cut_short = True
            return done
        done.problem = _post(connection, webhook, message)
        if done.problem is not None:
            logger.warning("%s", done.problem)
            return done
        done.messages += 1
        done.changes += len({change["change_id"] for change in message.body.get("changes", ())})


def _post(connection: Connection, webhook: Webhook, message: Message) -> str | None:
    """Post one message and enter how it went; the problem, if there was one."""
    if message.not_before is not None:
        left = (message.not_before - datetime.now(timezone.utc)).total_seconds()
        if left > _PATIENCE_SECONDS:
            return f"{message.problem} Not before {message.not_before:%Y-%m-%d %H:%M:%S} UTC."
        time.sleep(max(0.0, left))
    answer = webhook.post(message.body, message.idempotency_key)
    if answer.wait_seconds is not None and answer.wait_seconds <= _PATIENCE_SECONDS:
        note_attempt(connection, message.announcement_id, problem=answer.problem)
        time.sleep(answer.wait_seconds)
        answer = webhook.post(message.body, message.idempotency_key)
    note_attempt(
        connection,
        message.announcement_id,
        problem=answer.problem,
        wait_seconds=answer.wait_seconds,
    )
    return answer.problem
