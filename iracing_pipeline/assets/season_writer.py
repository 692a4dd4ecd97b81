"""Schedules of past seasons into the tables, in batches that each commit.

In: raw weeks of wanted seasons and the answers they stand in. Out: rows, landed answers, calls, items
set aside, entered in Filled. How weeks become rows is model/history_rows.py's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from iracing_pipeline.assets.asset_run import AssetRun
from iracing_pipeline.assets.attempt import Books
from iracing_pipeline.assets.filled import Filled

if TYPE_CHECKING:
    from iracing_pipeline.core.rows import Extract
    from iracing_pipeline.model.plan import QuarterAnswer, Wanted
    from iracing_pipeline.model.rows.past_schedules import SeasonDetails
    from iracing_pipeline.warehouse.responses.landing import Landed

# So many seasons without a schedule (404) are how the API is, not something to be tried again; and so is
# one that has none a day later still.
_MOST_ABSENT = 50
_PATIENCE = timedelta(hours=20)
ABSENT = "absent_schedules"
"""Fact: when the API first said of a season that it has no schedule, by season_id."""


class SeasonWriter:
    """Writes for one filling."""

    def __init__(self, run: AssetRun, books: Books, filled: Filled) -> None:
        self.run = run
        self.books = books
        self.filled = filled

    def write_quarter(
        self, seasons: Sequence[Wanted], answer: Landed, read: QuarterAnswer
    ) -> list[int]:
        """What an answer for a quarter brought of the wanted seasons; the answer lands in any case."""
        # The answer of a quarter whose wanted seasons are all over does not change any more.
        is_final = all(season.complete for season in seasons)
        landed = replace(answer, expires_at=None) if is_final and read.schedules else answer
        by_id = {season.season_id: season for season in seasons}
        written = self.write(
            [(by_id[key], weeks, landed) for key, weeks in read.schedules.items()],
            serves_for_ever=False,
            only_whole=True,
        )
        if written:
            return written
        # It says that this quarter need not be asked for again so soon.
        with self.books.transaction() as connection:
            self.run.calls += self.run.pipeline.take_calls()
            self.books.enter(connection, None, fetched=[answer], read=[], answers=[], items=[])
        self.run.take_calls()
        return []

    def write(
        self,
        found: Sequence[tuple[Wanted, list[Any], Landed]],
        *,
        serves_for_ever: bool = True,
        only_whole: bool = False,
    ) -> list[int]:
        """One transaction: rows of these seasons, their answers, calls, and what was set aside.

        Returns the seasons' ids. `serves_for_ever`: an answer that was about one season is kept
        without a term once the season is final. `only_whole`: seasons with weeks that cannot be read
        are left out, to be asked for singly: the other endpoint may give them whole.
        """
        from iracing_pipeline.assets.batching import as_set_aside, batches_of
        from iracing_pipeline.model.rows.past_schedules import season_details
        from iracing_pipeline.warehouse.ledger.runs import AnswerRead
        from iracing_pipeline.warehouse.merge.batches import Counts
        from iracing_pipeline.warehouse.merge.merging import merge_all

        run, now = self.run, self.run.pipeline.now()
        details = [
            (
                season_details(
                    season,
                    weeks,
                    now,
                    run.drift_of(answer.endpoint, watches_fields=False),
                    allow_shrink=run.options.allow_shrink,
                ),
                answer,
            )
            for season, weeks, answer in found
        ]
        if only_whole:
            details = [(item, answer) for item, answer in details if not item.weeks.rejects]
        if not details:
            return []
        answers: dict[tuple[str, tuple[tuple[str, str], ...]], Landed] = {}
        for item, answer in details:
            key = (answer.endpoint, tuple(sorted(answer.params.items())))
            for_ever = serves_for_ever and item.is_final
            answers[key] = replace(answer, expires_at=None) if for_ever else answer
        items = [
            as_set_aside(reject, (answer.endpoint, answer.params))
            for item, answer in details
            for reject in item.weeks.rejects
        ]
        with self.books.transaction() as connection:
            counts = merge_all(
                connection,
                [
                    batch
                    for extract in _merged([item for item, _ in details])
                    for batch in batches_of(extract)
                ],
                run_id=run.run_id,
                counts_living=False,
            )
            run.calls += run.pipeline.take_calls()
            self.books.enter(
                connection,
                None,
                fetched=list(answers.values()),
                read=[],
                answers=[
                    AnswerRead(endpoint, params, f"season_id={item.season.season_id}")
                    for item, answer in details
                    for endpoint, params in _told_by(item.season, answer)
                ],
                items=items,
            )
        run.take_calls()
        for name, count in counts.items():
            run.counts[name] = run.counts.get(name, Counts()) + count
        for item, _ in details:
            season_id = item.season.season_id
            if item.weeks.rejects:
                self.filled.rejects += item.weeks.rejects
                first = item.weeks.rejects[0]
                self.filled.failed[season_id] = (
                    f"set aside in quarantine, the rest is stored: {first.item_key}: {first.reason}"
                )
                self.filled.kinds.add("answer")
            elif item.is_final:
                self.filled.seasons += 1
        return [item.season.season_id for item, _ in details]

    def settle_absent(self) -> None:
        """Seasons without a schedule are failures on their first day; then, or if very many, they are so."""
        from iracing_pipeline.assets.batching import batches_of
        from iracing_pipeline.core.rows import Extract
        from iracing_pipeline.warehouse.ledger.runs import note, recall
        from iracing_pipeline.warehouse.merge.merging import merge_all

        absent = self.filled.absent
        if not absent:
            return
        now = self.run.pipeline.now()
        with self.books.transaction() as connection:
            since: dict[str, str] = recall(connection, ABSENT) or {}
            settled, doubtful = [], []
            for season in absent:
                first = since.setdefault(str(season.season_id), now.isoformat())
                is_old = now - datetime.fromisoformat(first) >= _PATIENCE
                (settled if is_old or len(absent) >= _MOST_ABSENT else doubtful).append(season)
            for season in settled:
                del since[str(season.season_id)]
            note(connection, {ABSENT: since})
            rows = [
                {"season_id": season.season_id, "has_final_schedule": True} for season in settled
            ]
            if rows:
                merge_all(
                    connection,
                    batches_of(Extract(updates={"seasons": rows})),
                    run_id=self.run.run_id,
                    counts_living=False,
                )
        for season in doubtful:
            self.filled.failed[season.season_id] = (
                "the API has no schedule of it (HTTP 404); its weeks are known from the index. If it is "
                "so tomorrow, it is not asked for again"
            )
            self.filled.kinds.add("permanent")
        if settled:
            named = ", ".join(str(season.season_id) for season in settled[:10])
            self.run.warn(
                f"The API has no schedule (HTTP 404) of {len(settled):,} seasons ({named}"
                f"{', …' if len(settled) > 10 else ''}): they are not asked for again, their weeks are "
                "known from the index."
            )


def _told_by(season: Wanted, answer: Landed) -> list[tuple[str, Mapping[str, str]]]:
    """The answers in which a week of the season may have been bad before: it is what it is here now."""
    from iracing_pipeline.model.rows.past_schedules import SEASON_SCHEDULE

    alone = (SEASON_SCHEDULE, {"season_id": str(season.season_id)})
    return [
        alone,
        *([] if answer.endpoint == SEASON_SCHEDULE else [(answer.endpoint, answer.params)]),
    ]


def _merged(details: Sequence[SeasonDetails]) -> list[Extract]:
    """The seasons' rows as two extracts: filled in where nothing was, corrected where something was."""
    from iracing_pipeline.core.rows import joined
    from iracing_pipeline.model.rows.past_schedules import season_row

    for item in details:
        item.weeks.updates["seasons"] = [season_row(item)]
    parts = {
        is_load: [item.weeks for item in details if item.season.has_schedule is not is_load]
        for is_load in (True, False)
    }
    return [joined(found, is_load=is_load) for is_load, found in parts.items() if found]
