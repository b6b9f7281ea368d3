"""Names near a misspelt one, for error messages."""

from __future__ import annotations

from collections.abc import Iterable

_LIKENESS = 0.6


def near(word: str, known: Iterable[str], count: int = 3, likeness: float = _LIKENESS) -> list[str]:
    """At most ``count`` of the known names that are like ``word``, the nearest first.

    ``likeness`` is the least ratio of ``difflib.SequenceMatcher``, from 0 to 1.
    """
    from difflib import get_close_matches  # only for errors: most runs need it not

    return get_close_matches(word, list(known), count, likeness)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` if a known name is like ``word``, else nothing: the end of an error line."""
    found = near(word, known, 1)
    return f"; did you mean {found[0]!r}?" if found else ""
