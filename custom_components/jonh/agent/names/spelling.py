"""Misspelt words: how far two of them are apart, and which errors are forgiven."""

from collections import Counter, defaultdict
from heapq import nlargest
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONG_WORD_LETTERS = 9
"""From this length on a word may be off by two letters."""
SHORT_WORD_LETTERS = 4
"""A shorter word is forgiven only beside words that are right: alone it says too little."""
SHORTEST_WORD_LETTERS = 3
"""A shorter word must be right: "TV", "ar"."""

SIMILAR_RATIO = 0.45
"""Letter pairs that two words must share to be taken for one another where a guess is enough."""
SIMILAR_MAX = 4
"""Known words that an unknown one may stand for."""
REMEMBERED_WORDS = 10_000
"""Unknown words whose likes are remembered; more than anybody says between two changes."""


def misspelling(said: str, meant: str, *, is_alone: bool) -> int | None:
    """Return by how many letters `said` misses the word `meant`; None when by too many.

    Numbers are never misspelt: "Luz 1" is not "Luz 2".
    """
    shortest = SHORT_WORD_LETTERS if is_alone else SHORTEST_WORD_LETTERS
    if len(meant) < shortest or has_digit(said) or has_digit(meant):
        return None
    return edit_distance(said, meant, limit=2 if len(meant) >= LONG_WORD_LETTERS else 1)


def has_digit(word: str) -> bool:
    """Return True for a word with a digit in it."""
    return any(char.isdigit() for char in word)


def edit_distance(first: str, second: str, *, limit: int) -> int | None:
    """Return how many letters to insert, delete, exchange or swap with a neighbour.

    None when that takes more than `limit`.
    """
    if abs(len(first) - len(second)) > limit:
        return None
    before, row = [0] * (len(second) + 1), list(range(len(second) + 1))
    for i, char in enumerate(first, 1):
        above, row, older = row, [i], before
        for j, other in enumerate(second, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (char != other))
            if i > 1 and j > 1 and char == second[j - 2] and first[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
        before = above
    return row[-1] if row[-1] <= limit else None


class Spellings:
    """Known words by their letter pairs, for guesses at words that were misheard."""

    def __init__(self, known: Iterable[str]) -> None:
        """Index the known words."""
        self._known = sorted(known)
        self._words = frozenset(self._known)
        self._pairs = [_letter_pairs(word) for word in self._known]
        self._by_pair: defaultdict[str, list[int]] = defaultdict(list)
        for place, pairs in enumerate(self._pairs):
            for pair in pairs:
                self._by_pair[pair].append(place)
        self._remembered: dict[str, tuple[tuple[str, float], ...]] = {}

    def like(self, word: str) -> tuple[tuple[str, float], ...]:
        """Return known words like an unknown one, most alike first, and how alike, from 0 to 1."""
        if word in self._words:
            return ()
        if word not in self._remembered:
            if len(self._remembered) >= REMEMBERED_WORDS:
                self._remembered.clear()
            self._remembered[word] = self._search(word)
        return self._remembered[word]

    def _search(self, word: str) -> tuple[tuple[str, float], ...]:
        pairs = _letter_pairs(word)
        shared = Counter(place for pair in pairs for place in self._by_pair.get(pair, ()))
        alike = (
            (self._known[place], 2 * count / (len(pairs) + len(self._pairs[place])))
            for place, count in shared.items()
        )
        near = [(known, ratio) for known, ratio in alike if ratio >= SIMILAR_RATIO]
        return tuple(nlargest(SIMILAR_MAX, near, key=lambda found: (found[1], found[0])))


def _letter_pairs(word: str) -> frozenset[str]:
    """Return the pairs of neighbours, with a mark for either end of the word."""
    return frozenset(first + second for first, second in pairwise(f"^{word}$"))
