"""From what people and small models call a thing to the thing itself, or to a question.

Names are compared as sets of content words, so that order, case, accents, articles and commas do
not matter. What was said is looked for, in this order: as a name; with its blanks elsewhere; as
several names of one thing; in another language; and, last, with one word misspelt. A thing that
does not exist must not be found: no word is ever left out.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from math import log
from typing import TYPE_CHECKING

from custom_components.jonh.agent.words import fold

from .lexicon import concepts, content_words, is_word
from .name_index import NameIndex
from .spelling import Spellings, edit_distance, has_digit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from custom_components.jonh.agent.home import Area, Entity, Floor, Home

CANDIDATES_MAX = 3
"""As many names as can be said aloud in one "did you mean"."""


class Quality(StrEnum):
    """How well what was said fits what was found."""

    EXACT = "exact"
    """But for case."""
    CLOSE = "close"
    """Every word was right; accents, articles, order and language may differ."""
    FUZZY = "fuzzy"
    """A misspelling was forgiven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a name led to: one entity, several equally good ones to ask about, or none."""

    entities: tuple[Entity, ...] = ()
    quality: Quality = Quality.CLOSE
    candidates: tuple[Entity, ...] = ()
    """Entities that may have been meant, best first; only where none was found."""

    @property
    def entity(self) -> Entity | None:
        """The one entity that was meant; None where none or several were found."""
        return self.entities[0] if len(self.entities) == 1 else None


class Resolver:
    """Finds entities, areas and floors of one home; built once, asked often."""

    def __init__(self, home: Home) -> None:
        """Index every name; tens of milliseconds for a thousand entities."""
        self._home = home
        self._areas = _Places(home.areas)
        self._floors = _Places(home.floors)
        self._names = _Names()
        self._object_ids: dict[str, list[Entity]] = defaultdict(list)
        self._literal: dict[str, list[Entity]] = defaultdict(list)
        self._domains = frozenset(entity.domain for entity in home.entities)
        for entity in home.entities:
            self._add(entity)
        self._hints = _Hints(home)

    def entity(
        self,
        said: str,
        *,
        area_id: str | None = None,
        domains: Collection[str] = (),
        here: str | None = None,
    ) -> Found:
        """Find what is called so.

        `area_id` is the area that was named apart, and what has no area in its name is found only
        there. `here` is the speaker's area; it decides between equals. What is of one of `domains`
        comes before what is not.
        """
        if by_id := self._home.by_id.get(said.strip().lower()):
            return Found(entities=(by_id,), quality=Quality.EXACT)
        other: Found | None = None
        for quality, groups in self._matches(said):
            if other and quality is Quality.FUZZY:
                break
            if chosen := _choose(_of_domains(groups, domains), area_id, here):
                return self._found(said, chosen, quality)
            if not other and (chosen := _choose(groups, area_id, here)):
                other = self._found(said, chosen, quality)
        return other or Found(candidates=self._hints.nearest(said, area_id or here))

    def area(self, said: str) -> Area | None:
        """Find the one area that is called so, by name, alias or id; None where several are."""
        return self._areas.find(said)

    def floor(self, said: str) -> Floor | None:
        """Find the one floor that is called so, by name, alias or id; None where several are."""
        return self._floors.find(said)

    def _add(self, entity: Entity) -> None:
        area = self._home.area_of(entity)
        places = sorted((content_words(name) for name in area.names), key=len) if area else []
        self._object_ids[entity.entity_id.partition(".")[2]].append(entity)
        for name in entity.names:
            self._literal[name.strip().casefold()].append(entity)
            named = content_words(name)
            short = _without_place(named, places)
            if short is None:
                self._names.named.add(named, entity)
            else:
                self._names.short.add(short, entity)
            if short is not None or area is None:
                self._names.placed.add(named, entity)
            for place in places:
                self._names.placed.add((*(short or named), *place), entity)

    def _matches(self, said: str) -> Iterator[tuple[Quality, _Groups]]:
        """Yield what is called so, from the surest way of understanding it to the least sure."""
        said_words = content_words(said)
        yield Quality.CLOSE, self._names.called(said_words)
        if by_object_id := self._object_ids.get(said.strip().lower()):
            # Only what is written as an id is surely meant as one, whatever the area.
            is_id = "_" in said
            yield Quality.CLOSE, (by_object_id, [], []) if is_id else ([], by_object_id, [])
        yield Quality.CLOSE, self._names.joined("".join(said_words))
        if len(parts := [part.strip() for part in _PARTS.split(said) if fold(part)]) > 1:
            is_placed = any(map(self.area, parts))
            for called in (self._names.in_full, self._names.at_all):
                found = self._by_parts(parts, called)
                yield Quality.CLOSE, (found, [], []) if is_placed else ([], found, [])
        yield Quality.CLOSE, self._names.meant(said_words)
        yield Quality.FUZZY, self._names.near(said_words)
        plain = self._names.without_misspelt_articles(said_words)
        if plain != said_words:
            yield Quality.FUZZY, self._names.called(plain)
            yield Quality.FUZZY, self._names.near(plain)

    def _found(self, said: str, chosen: tuple[Entity, ...], quality: Quality) -> Found:
        """Prefer what is called just so to what differs in accents or articles."""
        called_so = self._literal.get(said.strip().casefold(), ())
        if literal := tuple(entity for entity in chosen if entity in called_so):
            return Found(entities=literal, quality=Quality.EXACT)
        return Found(entities=chosen, quality=quality)

    def _by_parts(
        self, parts: list[str], called: Callable[[tuple[str, ...]], list[Entity]]
    ) -> list[Entity]:
        """Find what has all the names of a list: "Luz, Luminária", "Luz=Luminária (Sala)"."""
        found: list[Entity] | None = None
        for part in parts:
            things = called(content_words(part))
            if area := self.area(part):
                things = [*things, *self._home.by_area.get(area.id, ())]
            elif part in self._domains:
                things = [entity for entity in self._home.entities if entity.domain == part]
            found = [thing for thing in things if found is None or thing in found]
        return list(dict.fromkeys(found or ()))


type _Groups = tuple[list[Entity], list[Entity], list[Entity]]
"""Entities whose name, as it was said, has its area in it; has none; lacks the one it has."""

_PARTS = re.compile(r"[,;=()|/]+|\s-\s")


class _Names:
    """Entities by all their names, of three sorts that count differently."""

    def __init__(self) -> None:
        self.placed: NameIndex[Entity] = NameIndex()
        """Names with the area in them: "Luz da Sala", also of a "Luz" in the "Sala"."""
        self.named: NameIndex[Entity] = NameIndex()
        """Names that say nothing of the area: "Abajur"."""
        self.short: NameIndex[Entity] = NameIndex()
        """Names whose area was taken out: "Luz", of a "Luz da Sala" in the "Sala"."""

    def called(self, said: tuple[str, ...]) -> _Groups:
        return self.placed.called(said), self.named.called(said), self.short.called(said)

    def joined(self, letters: str) -> _Groups:
        return self.placed.joined(letters), self.named.joined(letters), self.short.joined(letters)

    def meant(self, said: tuple[str, ...]) -> _Groups:
        return self.placed.meant(said), self.named.meant(said) + self.short.meant(said), []

    def near(self, said: tuple[str, ...]) -> _Groups:
        """Find names that are called so but for one misspelt word."""
        key = frozenset(said)
        doubtful = [word for word in key if self._is_doubtful(word)]
        return (
            self.placed.near(key, doubtful),
            self.named.near(key, doubtful),
            self.short.near(key, doubtful),
        )

    def in_full(self, said: tuple[str, ...]) -> list[Entity]:
        return self.placed.called(said) + self.named.called(said)

    def at_all(self, said: tuple[str, ...]) -> list[Entity]:
        return self.in_full(said) + self.short.called(said)

    def _is_doubtful(self, word: str) -> bool:
        """Return True for a word that nothing is called by, so that it may be a misspelling."""
        vocabularies = (self.placed.vocabulary, self.named.vocabulary, self.short.vocabulary)
        return not (
            is_word(word) or has_digit(word) or any(word in known for known in vocabularies)
        )

    def without_misspelt_articles(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out words such as "dq", which stand between others and name nothing."""
        return tuple(
            word
            for place, word in enumerate(said)
            if not (0 < place < len(said) - 1 and self._is_misspelt_article(word))
        )

    def _is_misspelt_article(self, word: str) -> bool:
        return (
            len(word) <= _ARTICLE_LETTERS
            and self._is_doubtful(word)
            and any(edit_distance(word, right, limit=1) for right in _JOINTS)
        )


_JOINTS = ("da", "das", "de", "do", "dos", "na", "no", "the", "of", "del", "la")
"""What joins a device to its area, in names."""
_ARTICLE_LETTERS = 3
"""Letters of a misspelt article; a longer word is more likely to name something."""


def _without_place(
    name: tuple[str, ...], places: Iterable[tuple[str, ...]]
) -> tuple[str, ...] | None:
    """Return the name without its area, the longest that it has in it; None where it has none."""
    found = None
    for place in places:
        for begin in range(len(name) - len(place) + 1):
            kept = name[:begin] + name[begin + len(place) :]
            if kept and name[begin : begin + len(place)] == place:
                found = kept
    return found


def _of_domains(groups: _Groups, domains: Collection[str]) -> _Groups:
    if not domains:
        return groups
    placed, named, short = (
        [entity for entity in group if entity.domain in domains] for group in groups
    )
    return placed, named, short


def _choose(groups: _Groups, area_id: str | None, here: str | None) -> tuple[Entity, ...]:
    """Return the entities that were meant: in the area that counts, else the fuller name first."""
    for area in (area_id, here):
        for group in groups if area else ():
            if inside := dict.fromkeys(entity for entity in group if entity.area_id == area):
                return tuple(inside)
        if area_id:
            return tuple(groups[0])
    return tuple(dict.fromkeys(next(filter(None, groups), ())))


class _Places[T: Area | Floor]:
    """Areas or floors by their names."""

    def __init__(self, places: Iterable[T]) -> None:
        self._by_id: dict[str, T] = {}
        self._literal: dict[str, T] = {}
        self._index: NameIndex[T] = NameIndex()
        for place in places:
            self._by_id[place.id] = place
            for name in (place.name, *place.aliases):
                self._literal.setdefault(name.strip().casefold(), place)
                self._index.add(content_words(name), place)

    def find(self, said: str) -> T | None:
        """Return the one place that is called so."""
        literal = said.strip().casefold()
        called_so: T | None = self._literal.get(literal, self._by_id.get(literal))
        if called_so is not None:
            return called_so
        for found in self._matches(said):
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _matches(self, said: str) -> Iterator[list[T]]:
        said_words = content_words(said)
        key = frozenset(said_words)
        yield self._index.called(said_words)
        yield self._index.joined("".join(said_words))
        yield self._by_parts(said)
        yield self._index.meant(said_words)
        doubtful = [
            word for word in key if not is_word(word) and word not in self._index.vocabulary
        ]
        yield self._index.near(key, doubtful)

    def _by_parts(self, said: str) -> list[T]:
        """Find the place that has all the names of a list: "Sala de Estar, Sala"."""
        parts = [part for part in _PARTS.split(said) if fold(part)]
        found = {self.find(part) for part in parts} if len(parts) > 1 else set()
        return [same for same in found if same] if len(found) == 1 else []


class _Hints:
    """Which entities may have been meant by a name that nothing has."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._by_token: dict[str, list[Entity]] = defaultdict(list)
        for entity in home.entities:
            area = home.area_of(entity)
            for token in {
                token
                for name in (*entity.names, *(area.names if area else ()))
                for token in _tokens(content_words(name))
            }:
                self._by_token[token].append(entity)
        self._spellings = Spellings(filter(str.islower, self._by_token))

    def nearest(self, said: str, area_id: str | None) -> tuple[Entity, ...]:
        """Return the entities that share the rarest words, those of the area first."""
        scores: dict[Entity, float] = defaultdict(float)
        total = len(self._home.entities) + 1
        said_words = content_words(said)
        heard = [(token, 1.0) for token in sorted(_tokens(said_words))]
        heard += [likely for word in said_words for likely in self._spellings.like(word)]
        for token, ratio in heard:
            for entity in (found := self._by_token.get(token, [])):
                scores[entity] += ratio * log(total / len(found))
        ranked = sorted(
            scores, key=lambda entity: (scores[entity], entity.area_id == area_id), reverse=True
        )
        return tuple(ranked[:CANDIDATES_MAX])


def _tokens(said: tuple[str, ...]) -> frozenset[str]:
    return frozenset(said) | concepts(said)
