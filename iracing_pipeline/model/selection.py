"""Which series a sync is about: all, the named ones, or the first N.

In: series ids and the options' values. Out: the ids meant, or a sentence that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


class UnknownSeries(ValueError):
    """Ids were asked for that the answer does not know; the text names them and what there is."""

    kind = "misuse"


def select_series(
    known: Iterable[int],
    *,
    series_ids: Collection[int] = (),
    limit: int | None = None,
    known_elsewhere: Collection[int] = (),
) -> frozenset[int] | None:
    """The series meant, or None for all of them.

    Named ids come first, then the limit: the lowest `limit` ids, so that every run means the same
    ones. `known_elsewhere` are ids that exist though this answer lacks them (a series that rests).
    Raises UnknownSeries for a named id that nobody knows.
    """
    everything = set(known)
    if not series_ids and limit is None:
        return None
    unknown = sorted(set(series_ids) - everything - set(known_elsewhere))
    if unknown:
        raise UnknownSeries(
            f"Unknown series: {_listed(unknown)}. "
            f"Known here: {_listed(sorted(everything.union(known_elsewhere)))}."
        )
    chosen = sorted(set(series_ids) or everything)
    return frozenset(chosen[:limit] if limit is not None else chosen)


def check_options(
    *,
    limit: int | None,
    season_year: int | None,
    season_quarter: int | None,
    concurrency: int = 1,
) -> list[str]:
    """What is wrong with the options, in sentences; empty where all is well."""
    problems = []
    if limit is not None and limit < 1:
        problems.append(f"limit must be at least 1, not {limit}.")
    if (season_year is None) != (season_quarter is None):
        problems.append("season_year and season_quarter go together: give both or neither.")
    if season_year is not None and season_year < 2008:
        problems.append(f"season_year must be 2008 or later, not {season_year}.")
    if season_quarter is not None and not 1 <= season_quarter <= 4:
        problems.append(f"season_quarter must be 1, 2, 3 or 4, not {season_quarter}.")
    if not 1 <= concurrency <= 10:
        problems.append(f"concurrency must be 1 to 10, not {concurrency}.")
    return problems


def _listed(ids: list[int]) -> str:
    shown = ", ".join(map(str, ids[:200]))
    return shown if len(ids) <= 200 else f"{shown} and {len(ids) - 200} more"
