"""Which series a sync is about: all, the named ones, or the first N.

In: series ids. Out: the ids meant, or an error that names the unknown ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from iracing_pipeline.core.naming import in_words, known_in_words


class UnknownSeries(ValueError):
    """Ids were asked for that the answer does not know; the text names them and what there is."""

    kind = "misuse"


def select_series(
    known: Iterable[int],
    *,
    series_ids: Collection[int] = (),
    limit: int | None = None,
    known_elsewhere: Collection[int] = (),
    names: Mapping[int, str] | None = None,
) -> frozenset[int] | None:
    """The series meant, or None for all of them.

    Named ids come first, then the limit: the lowest `limit` ids, so that every run means the same
    ones. `known_elsewhere` are ids that exist though this answer lacks them (a series that rests).
    Raises UnknownSeries for a named id that nobody knows; `names` are for its text.
    """
    everything = set(known)
    if not series_ids and limit is None:
        return None
    unknown = sorted(set(series_ids) - everything - set(known_elsewhere))
    if unknown:
        raise UnknownSeries(
            f"Unknown series: {in_words(unknown, {})}. "
            + known_in_words(unknown, everything.union(known_elsewhere), names or {})
        )
    chosen = sorted(set(series_ids) or everything)
    return frozenset(chosen[:limit] if limit is not None else chosen)
