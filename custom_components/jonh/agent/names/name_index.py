"""Things by the words they are called by, in any order and language, one of them misspelt."""

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from .lexicon import meanings
from .spelling import misspelling

if TYPE_CHECKING:
    from collections.abc import Iterable


class NameIndex[T]:
    """Things by the words they are called by."""

    def __init__(self) -> None:
        self.vocabulary: set[str] = set()
        """Every word of a name."""
        self._by_words: dict[frozenset[str], list[T]] = defaultdict(list)
        self._by_meaning: dict[frozenset[str], list[T]] = defaultdict(list)
        self._by_letters: dict[str, list[T]] = defaultdict(list)
        self._by_gap: dict[frozenset[str], list[tuple[str, T]]] = defaultdict(list)

    def add(self, name: tuple[str, ...], thing: T) -> None:
        """Note a name by its content words, in order."""
        key = frozenset(name)
        if thing in (found := self._by_words[key]):
            return
        found.append(thing)
        self.vocabulary |= key
        self._by_letters["".join(name)].append(thing)
        for word in key:
            self._by_gap[key - {word}].append((word, thing))
        for meaning in meanings(name):
            if thing not in (found := self._by_meaning[frozenset(meaning)]):
                found.append(thing)

    def called(self, said: Iterable[str]) -> list[T]:
        """Return the things with just these words."""
        return self._by_words.get(frozenset(said), [])

    def joined(self, letters: str) -> list[T]:
        """Return the things with just these letters: "arcondicionado" is "ar-condicionado"."""
        return self._by_letters.get(letters, [])

    def meant(self, said: tuple[str, ...]) -> list[T]:
        """Return the things that these words name in some language."""
        found = (self._by_meaning.get(frozenset(meaning), []) for meaning in meanings(said))
        return list(dict.fromkeys(chain.from_iterable(found)))

    def near(self, said: frozenset[str], doubtful: Iterable[str]) -> list[T]:
        """Return the things that are called so when one of the doubtful words is misspelt."""
        best: list[T] = []
        least = 99
        for word in doubtful:
            rest = said - {word}
            for meant, thing in self._by_gap.get(rest, ()):
                missed = misspelling(word, meant, is_alone=not rest)
                if missed is None or missed > least:
                    continue
                best = [*best, thing] if missed == least else [thing]
                least = missed
        return list(dict.fromkeys(best))
