"""What changed in the calendar → messages to the webhook.

In: `schedule_changes`. Out: posts, and in words what was done. At least once, and never again after an
acknowledged post: what was told of is remembered in the data's own database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from iracing_pipeline.core.wording import change_in_words
from iracing_pipeline.outputs.notifications.announced_changes import (
    Line,
    begin,
    count_waiting,
    digest,
    move_mark,
    waiting,
)
from iracing_pipeline.outputs.notifications.delivery import Delivered, deliver
from iracing_pipeline.outputs.notifications.discord import fits
from iracing_pipeline.outputs.notifications.outbox import enter, first_waiting
from iracing_pipeline.outputs.notifications.webhook import Webhook
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.ledger.state import DATA_ORIGIN, get_state
from iracing_pipeline.warehouse.locks import NamedLock, held_if_free

KIND = "schedule_changes"
MOST_LINES = 100
_MOST_READ = 1000
BUSY = "Another process is posting at this moment."


def announce(database: Database, url: str) -> str:
    """Post what is new; what was done, in words."""
    with (
        database.autocommit() as connection,
        held_if_free(database, (NamedLock.OUTBOX, KIND)) as is_alone,
    ):
        if not is_alone:
            return BUSY
        if begin(connection):
            return "From now on changes are announced. What there was before is not."
        with Webhook(url) as webhook:
            done = deliver(connection, webhook, [KIND], fill=lambda: fill(connection))
        move_mark(connection)
        return _in_words(done, _left(connection) if done.problem or done.is_cut_short else "0")


def fill(connection: Connection) -> bool:
    """Enter the next message, if there is anything to tell."""
    lines = _batch(digest(waiting(connection, _MOST_READ)))
    if not lines:
        return False
    key = uuid4().hex
    return enter(
        connection,
        kind=KIND,
        idempotency_key=key,
        body=changes_message(lines, key, get_state(connection, DATA_ORIGIN)),
        change_ids=sorted(set().union(*(line.change_ids for line in lines))),
    )


def _batch(lines: Sequence[Line]) -> list[Line]:
    """As many lines as one message takes, and all of a change together: at least one change."""
    ids = list(dict.fromkeys(line.change_id for line in lines[: MOST_LINES + 1]))
    for end in range(len(ids), 0, -1):
        taken = set(ids[:end])
        batch = [line for line in lines if line.change_id in taken]
        if end == 1 or (len(batch) <= MOST_LINES and fits([line.as_json() for line in batch])):
            return batch
    return []


def changes_message(lines: Sequence[Line], key: str, origin: str | None) -> dict[str, Any]:
    """The message, as docs/webhooks.md has it."""
    ids = [line.change_id for line in lines]
    count = len(lines)
    headline = "1 schedule change" if count == 1 else f"{count} schedule changes"
    if origin == "simulated":
        headline += " (simulated)"
    told = [
        change_in_words(
            line.series_name or line.season_name or f"series {line.series_id}",
            line.season_id,
            line.race_week_num,
            line.kind,
            line.what,
            line.old,
            line.new,
        )
        for line in lines
    ]
    return {
        "type": KIND,
        "version": 1,
        "batch": key,
        "data_origin": origin,
        "first_change_id": min(ids),
        "last_change_id": max(ids),
        "headline": headline,
        "text": "\n".join([f"{headline}:", *told]),
        "changes": [line.as_json() for line in lines],
    }


def _left(connection: Connection) -> str:
    """How many changes are still to be acknowledged."""
    message = first_waiting(connection, [KIND])
    waiting = count_waiting(connection)
    if message is None:
        return waiting
    posted = len({change["change_id"] for change in message.body["changes"]})
    number, _, more = waiting.partition(" ")
    return f"{int(number) + posted} {more}".strip()


def _in_words(done: Delivered, left: str) -> str:
    if not done.messages and done.problem is None:
        return "Nothing new to announce."
    text = (
        f"Announced {done.changes} {'change' if done.changes == 1 else 'changes'} in "
        f"{done.messages} {'message' if done.messages == 1 else 'messages'}; {left} left."
    )
    return text if done.problem is None else f"{text} {done.problem}"
