"""Which entities a sentence may be about, best first, without a model.

Every word of the sentence votes for the entities that it may speak of, the more the rarer that is
in the home: by their names, their areas and floors, the concepts behind the words in any language,
the kind of device, and the verbs that point to a domain. A word that nobody knows votes through
the known words that share its letters. What was mentioned as a place counts once more, or else the
speaker's area; so does a name that was said in full.
"""

from collections import defaultdict
from heapq import nlargest
from math import log
from typing import TYPE_CHECKING

from custom_components.jonh.agent.words import words

from .cues import cued_domains, is_everyday
from .lexicon import (
    STOP_WORDS,
    Phrase,
    concepts_of_word,
    content_words,
    kind_of_concept,
    naming_words,
    phrases,
)
from .spelling import Spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from custom_components.jonh.agent.home import Entity, Home

# Weights of the votes, in units of rarity (the natural logarithm of "one in so many"). They were
# found on made-up homes and checked on others, see benchmarks/agent/retrieval.py.
PLACE = 0.8
"""A place holds many things, so it says less than a name."""
KIND = 1.1
CUE = 1.0
MENTIONED = 1.5
"""For what is in the area that was mentioned."""
HERE = 1.5
"""For what is in the speaker's area, where no other was mentioned."""
KIND_THERE = 4.8
"""For what is there and of the kind that was said: "as luzes" are all lights of the room."""
CUE_THERE = 1.0
FULL_NAME_MAX = 1.8
FULL_NAME_RATIO = 0.6
"""Part of the rarity of a name that counts once more when it was said in full."""
KIND_SIMILAR_RATIO = 0.6
"""Letter pairs that a misheard word must share with the name of a kind to stand for it there."""

SHORTLIST_RATIO = 6
"""Entities whose names are compared in full, for each one that is asked for."""
RECENT_RATIO = 0.25
"""Part of the places that previous targets may take from others."""

THIS_WORDS = frozenset({"desta", "deste", "nesta", "neste", "this"})
"""The word after one of them is the speaker's place, whatever it is: "nesta sala"."""

type _Title = tuple[tuple[Phrase, ...], float]
"""A name without the words of its area, and how rare its words are."""


class Retriever:
    """Ranks the entities of one home; built once, asked at every turn."""

    def __init__(self, home: Home) -> None:
        """Index every name; tens of milliseconds for a thousand entities."""
        self._home = home
        # Entities by a word or concept of their names or places, by domain, area id and kind.
        self._names: defaultdict[str, set[int]] = defaultdict(set)
        self._places: defaultdict[str, set[int]] = defaultdict(set)
        self._domains: defaultdict[str, set[int]] = defaultdict(set)
        self._members: defaultdict[str, set[int]] = defaultdict(set)
        self._kinds: dict[str, set[int]] = {}
        for i, entity in enumerate(home.entities):
            self._add(i, entity)
        self._titles = [tuple(self._titles_of(entity)) for entity in home.entities]
        self._area_titles = [
            (area.id, phrases(content_words(name))) for area in home.areas for name in area.names
        ]
        self._spellings = Spellings(
            {*filter(str.islower, (*self._names, *self._places)), *naming_words()} - STOP_WORDS
        )

    def relevant(
        self, text: str, *, k: int, here: str | None = None, recent: Sequence[str] = ()
    ) -> list[Entity]:
        """Return at most `k` entities, best first.

        `here` is the speaker's area id, `recent` are the entity ids of the previous targets; some
        of those are always among the answer.
        """
        entities = self._home.entities
        said = _Said(text, self._spellings)
        scores = [0.0] * len(entities)
        for votes in self._votes(said, here):
            for i, vote in votes.items():
                scores[i] += vote
        shortlist = nlargest(k * SHORTLIST_RATIO, range(len(scores)), key=scores.__getitem__)
        for i in shortlist:
            scores[i] += max(
                min(FULL_NAME_MAX, FULL_NAME_RATIO * rarity) * said.share_of(title) ** 2
                for title, rarity in self._titles[i]
            )
        ranked = nlargest(k, shortlist, key=scores.__getitem__)
        return self._with_recent([entities[i] for i in ranked if scores[i] > 0], recent, k)

    def _add(self, i: int, entity: Entity) -> None:
        area = self._home.area_of(entity)
        floor = self._home.floor_by_id.get(area.floor_id or "") if area else None
        places = (*(area.names if area else ()), *((floor.name, *floor.aliases) if floor else ()))
        for index, names in ((self._names, entity.names), (self._places, places)):
            for name in names:
                for said, concepts in phrases(content_words(name)):
                    for token in (*said, *concepts):
                        index[token].add(i)
        self._domains[entity.domain].add(i)
        self._members[entity.area_id or ""].add(i)

    def _titles_of(self, entity: Entity) -> Iterator[_Title]:
        """Yield the names without the words of the area; whole, where nothing else is left."""
        area = self._home.area_of(entity)
        in_place = {word for name in area.names for word in content_words(name)} if area else set()
        for name in entity.names:
            whole = content_words(name)
            title = phrases(tuple(word for word in whole if word not in in_place) or whole)
            rarities = (
                max(self._rarity(self._names.get(token, ())) for token in (*said, *concepts))
                for said, concepts in title
            )
            yield title, sum(rarities)

    def _votes(self, said: _Said, here: str | None) -> Iterator[dict[int, float]]:
        for meant in said.units:
            best: dict[int, float] = {}
            for phrase, ratio in meant:
                for i, vote in self._phrase_votes(phrase):
                    if vote * ratio > best.get(i, 0.0):
                        best[i] = vote * ratio
            yield best
        cued: dict[int, float] = {}
        for domain in said.domains:
            found = self._domains.get(domain, ())
            cued |= dict.fromkeys(found, CUE * self._rarity(found))
        yield cued
        mentioned = self._mentioned(said)
        there: set[int] = set()
        for area_id in mentioned or {here or ""} - {""}:
            there |= self._members.get(area_id, set())
        yield dict.fromkeys(there, MENTIONED if mentioned else HERE)
        yield dict.fromkeys(there.intersection(self._of_kinds(said)), KIND_THERE)
        yield dict.fromkeys(there.intersection(cued), CUE_THERE)

    def _phrase_votes(self, phrase: Phrase) -> Iterator[tuple[int, float]]:
        """Yield votes of one phrase; an entity may come several times, its best vote counts."""
        said, concepts = phrase
        for index, weight in ((self._names, 1.0), (self._places, PLACE)):
            for concept in concepts:
                found = index.get(concept, ())
                vote = weight * self._rarity(found)
                yield from ((i, vote) for i in found)
            votes: defaultdict[int, float] = defaultdict(float)
            for word in said:
                found = index.get(word, ())
                vote = weight * self._rarity(found)
                for i in found:
                    votes[i] += vote
            yield from votes.items()
        for concept in concepts:
            found = self._of_kind(concept)
            vote = KIND * self._rarity(found)
            yield from ((i, vote) for i in found)

    def _of_kinds(self, said: _Said) -> set[int]:
        return {
            i
            for meant in said.units
            for (_, concepts), ratio in meant
            if ratio >= KIND_SIMILAR_RATIO
            for concept in concepts
            for i in self._of_kind(concept)
        }

    def _of_kind(self, concept: str) -> set[int]:
        """Return the entities that a concept names the kind of, remembered after the first time."""
        if concept not in self._kinds:
            kind = kind_of_concept(concept)
            self._kinds[concept] = {
                i
                for i, entity in enumerate(self._home.entities)
                if kind is not None and kind.includes(entity)
            }
        return self._kinds[concept]

    def _rarity(self, found: Collection[int]) -> float:
        return log((len(self._home.entities) + 1) / len(found)) if found else 0.0

    def _mentioned(self, said: _Said) -> set[str]:
        """Return the ids of the areas whose names were said; "Sala" is not, in "Sala de Jantar"."""
        found = [
            (area_id, {word for words_of, _ in title for word in words_of})
            for area_id, title in self._area_titles
            if said.share_of(title) >= 1
        ]
        return {
            area_id for area_id, title in found if not any(title < longer for _, longer in found)
        }

    def _with_recent(self, chosen: list[Entity], recent: Sequence[str], k: int) -> list[Entity]:
        by_id = self._home.by_id
        missing = [by_id[i] for i in recent if i in by_id and by_id[i] not in chosen]
        kept = missing[: max(1, int(k * RECENT_RATIO))]
        return [*chosen[: k - len(kept)], *kept]


class _Said:
    """A sentence as it may be meant: phrases, each with the known ones it may stand for."""

    def __init__(self, text: str, spellings: Spellings) -> None:
        every = words(text)
        content = tuple(
            word
            for before, word in zip(("", *every), every, strict=False)
            if word not in STOP_WORDS and before not in THIS_WORDS
        )
        self.domains = cued_domains(every)
        self.units = [list(_meant(phrase, spellings)) for phrase in phrases(content)]
        """For each phrase what it may mean, and from 0 to 1 how like that it is written."""
        self._ratios: defaultdict[str, float] = defaultdict(float)
        for (said, concepts), ratio in (meant for unit in self.units for meant in unit):
            for token in (*said, *concepts):
                self._ratios[token] = max(ratio, self._ratios[token])

    def share_of(self, title: Iterable[Phrase]) -> float:
        """Return how much of a name was said, from 0 to 1."""
        shares = [self._share_of_phrase(*phrase) for phrase in title]
        return sum(shares) / len(shares) if shares else 0.0

    def _share_of_phrase(self, said: tuple[str, ...], concepts: tuple[str, ...]) -> float:
        ratios = self._ratios
        as_concept = max((ratios.get(concept, 0.0) for concept in concepts), default=0.0)
        return max(as_concept, sum(ratios.get(word, 0.0) for word in said) / len(said))


def _meant(phrase: Phrase, spellings: Spellings) -> Iterator[tuple[Phrase, float]]:
    """Yield the phrase, then known words that an unknown word may stand for."""
    yield phrase, 1.0
    said, concepts = phrase
    if not concepts and not is_everyday(said[0]):
        for word, ratio in spellings.like(said[0]):
            yield ((word,), concepts_of_word(word)), ratio
