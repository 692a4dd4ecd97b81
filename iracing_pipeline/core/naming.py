"""Series by name, and what is said of names and ids that are unknown.

In: what somebody typed, the names of what there is. Out: ids, or words that name the nearest. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import SequenceMatcher

_MOST = 10
_NEAREST = 5


class UnknownName(ValueError):
    """A name fits no series, or several. The text lists the candidates."""

    kind = "misuse"


def series_named(text: str, names: Mapping[int, str]) -> int:
    """The id of the series whose name this is, whatever the case, or else of the only one that it is part of.

    Raises UnknownName, with the candidates, where several have that name or part, and with the
    nearest names where none has.
    """
    wanted = _plain(text)
    plain = {one: _plain(name) for one, name in names.items()}
    for found in (
        [one for one, name in plain.items() if name == wanted],
        [one for one, name in plain.items() if wanted in name],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownName(
                f"{len(found)} series have “{text}” in their name: "
                f"{in_words(sorted(found), names, most=2 * _MOST)}. Say more of the name, or give the id."
            )
    nearest = _nearest(wanted, plain)
    raise UnknownName(
        f"No series here has the name “{text}”, or a name that it is part of. "
        f"Nearest: {in_words(nearest, names)}."
    )


def known_in_words(
    unknown: Collection[int],
    known: Collection[int],
    names: Mapping[int, str],
    *,
    which: str = "Known here",
) -> str:
    """What there is where ids are unknown: all of it, if that is little, or else the nearest ids."""
    if len(known) <= _MOST:
        return f"{which}: {in_words(sorted(known), names) or 'none'}."
    texts = {one: str(one) for one in known}
    share = max(1, _NEAREST // len(unknown))
    near = {one for each in unknown for one in _nearest(str(each), texts)[:share]}
    return f"{which}, the nearest of {len(known):,}: {in_words(sorted(near), names)}."


def in_words(ids: Collection[int], names: Mapping[int, str], *, most: int = _MOST) -> str:
    """`47 (GT Sprint), 116`: ids with their names, as far as they have one."""
    said = [f"{one} ({names[one]})" if names.get(one) else str(one) for one in list(ids)[:most]]
    more = len(ids) - most
    return ", ".join(said) + (f" and {more:,} more" if more > 0 else "")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _nearest(wanted: str, texts: Mapping[int, str]) -> list[int]:
    """The most alike first, whole or in a word of theirs."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)

    def likeness(text: str) -> float:
        matcher.set_seq1(text)
        return matcher.ratio()

    ranked = {one: max(map(likeness, {text, *text.split()})) for one, text in texts.items()}
    return sorted(ranked, key=lambda one: (-ranked[one], one))[:_NEAREST]
