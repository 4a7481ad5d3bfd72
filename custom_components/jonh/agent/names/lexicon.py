"""Words for rooms and devices in Portuguese, English and Spanish, and what they point to.

Every word is written as `words.fold` leaves it. Plurals are made by rule; those that no rule
makes stand in the tables. Rows of a table mean one thing in three languages, so that a request in
one language finds names in another; two things that may stand side by side in a room, such as
a curtain and a blind, have a row each.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, product
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.words import words

from . import lexicon_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from custom_components.jonh.agent.home import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of device, as people name it."""

    domains: frozenset[str]
    device_classes: frozenset[str] = frozenset()
    """Empty where the word says nothing of them."""

    def includes(self, entity: Entity) -> bool:
        """Return True for an entity of this kind; a class that is asked for must be known."""
        if entity.domain not in self.domains:
            return False
        if not self.device_classes or entity.domain not in CLASSED_DOMAINS:
            return True
        return entity.device_class in self.device_classes


CLASSED_DOMAINS = frozenset({"binary_sensor", "cover", "humidifier", "media_player", "sensor",
                             "switch", "valve"})  # fmt: skip
"""Domains whose device classes tell kinds apart."""

_ARTICLES = "a as o os um uma uns umas the an el la los las un unos unas"
# "s" is what is left of "João's".
_JOINTS = """
ao aos d da das de do dos em meu meus minha minhas na nas no nos nossa nosso pra pro
al del en mi mis su
at in my of on our s
"""

ARTICLES = frozenset(_ARTICLES.split())
STOP_WORDS = ARTICLES | frozenset(_JOINTS.split())
"""Words that join the parts of a name, and tell nothing of what is named."""

_HERE = "aqui ca daqui here aca neste nesta este esta this"
HERE_WORDS = frozenset(_HERE.split())
"""Words for the room of the speaker; "está" looks like one of them once it is folded."""


def is_article(word: str) -> bool:
    """Return True for an article, in any of the languages."""
    return word in ARTICLES


def content_words(text: str) -> tuple[str, ...]:
    """Return the folded words that name something, in order; the last one is always kept.

    "a Luz da Sala" becomes ("luz", "sala"), while the last word of "Tomada A" stays.
    """
    every = words(text)
    return tuple(word for word in every[:-1] if word not in STOP_WORDS) + every[-1:]


@lru_cache(4096)
def kind_of(text: str) -> Kind | None:
    """Return the kind that a word or phrase names, None for anything else.

    "luzes", "lights", "cortina", "o portão da garagem" and "temperatura" have one.
    """
    found = [_KINDS[name] for name in _PHRASES.get(content_words(text), ()) if name in _KINDS]
    if not found:
        return None
    return Kind(
        domains=frozenset().union(*(kind.domains for kind in found)),
        device_classes=frozenset().union(*(kind.device_classes for kind in found)),
    )


@lru_cache(8192)
def meanings(said: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return what content words can mean: each with known phrases replaced by their concepts.

    Concepts are in capitals. ("living", "room", "lamp") can mean ("LIVING_ROOM", "TABLE_LAMP")
    or ("LIVING_ROOM", "LUMINAIRE"); words that no table has stay as they are.
    """
    choices = [_senses(phrase) for phrase in phrases(said)]
    combined = (tuple(chain.from_iterable(choice)) for choice in product(*choices))
    return tuple(islice(combined, MEANINGS_MAX))


def _senses(phrase: Phrase) -> Iterator[tuple[str, ...]]:
    """Yield the concepts of a phrase, and those of its words: a "garage door" may be any door."""
    said, names = phrase
    yield from ((name,) for name in names or said)
    if len(said) > 1:
        yield tuple((_PHRASES.get((word,)) or (word,))[0] for word in said)


MEANINGS_MAX = 16
"""Few words have two meanings; more combinations than these are not looked at."""

type Phrase = tuple[tuple[str, ...], tuple[str, ...]]
"""Words that belong together, and the concepts that they may name; none for an unknown word."""


@lru_cache(8192)
def phrases(said: tuple[str, ...]) -> tuple[Phrase, ...]:
    """Return content words in phrases, each as long as the tables have it."""
    found: list[Phrase] = []
    begin = 0
    while begin < len(said):
        ends = range(min(len(said), begin + _LONGEST), begin, -1)
        end = next((end for end in ends if said[begin:end] in _PHRASES), begin + 1)
        found.append((said[begin:end], _PHRASES.get(said[begin:end], ())))
        begin = end
    return tuple(found)


def concepts(said: tuple[str, ...]) -> frozenset[str]:
    """Return every concept that content words name, those of all their meanings."""
    return frozenset(name for _, names in phrases(said) for name in names)


def concepts_of_word(word: str) -> tuple[str, ...]:
    """Return the concepts that one folded word names by itself."""
    return _PHRASES.get((word,), ())


def naming_words() -> frozenset[str]:
    """Return every word that names something in the tables."""
    return _NAMING


def kind_of_concept(name: str) -> Kind | None:
    """Return the kind of a concept of `concepts`; None for a room or another word."""
    return _KINDS.get(name)


def is_known(word: str) -> bool:
    """Return True for a folded word that names something in the tables."""
    return word in _NAMING


def is_word(word: str) -> bool:
    """Return True for a folded word that is one: whoever says it has not misspelt another."""
    return word in _NAMING or word in _OTHER


def name_in(names: Sequence[str], language: Language) -> str:
    """Return the name to say in a language: the first one, unless another is clearly of it.

    A home with Portuguese names and English aliases is spoken of in English by the aliases.
    """
    spoken = _SPOKEN[language]

    def fit(name: str) -> float:
        said = content_words(name)
        return sum(word in spoken for word in said) / len(said) if said else 0.0

    return max(names, key=lambda name: (fit(name), -names.index(name)))


def _rows(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        yield [cell.strip() for cell in line.split("|")]


def _phrases(cells: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for cell in cells:
        for phrase in cell.split(","):
            yield content_words(phrase)


def _plurals(word: str) -> Iterator[str]:
    """Yield the plurals that a Portuguese, English or Spanish noun can have by rule."""
    if word.isdigit() or word.endswith("s"):
        return
    if word.endswith("ao"):
        yield f"{word[:-2]}oes"
    elif word.endswith("m"):
        yield f"{word[:-1]}ns"
    elif word.endswith("l"):
        yield f"{word[:-1]}is"
    elif word.endswith("y"):
        yield f"{word[:-1]}ies"
    if word[-1] in "rznlhx":
        yield f"{word}es"
    yield f"{word}s"


def _index() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the concepts of each phrase, singular and plural."""
    found: dict[tuple[str, ...], list[str]] = {}

    def add(phrase: tuple[str, ...], concept: str) -> None:
        names = found.setdefault(phrase, [])
        if concept not in names:
            names.append(concept)

    for concept, *cells in _rows(lexicon_tables.ROOMS + lexicon_tables.MODIFIERS.lstrip()):
        for phrase in _phrases(cells):
            add(phrase, concept)
    for concept, _, _, *cells in _rows(lexicon_tables.DEVICES):
        for phrase in _phrases(cells):
            add(phrase, concept)
            # "caixas de som" and "table lamps": either end may carry the plural.
            for many in _plurals(phrase[0]):
                add((many, *phrase[1:]), concept)
            for many in _plurals(phrase[-1]):
                add((*phrase[:-1], many), concept)
    return {phrase: tuple(names) for phrase, names in found.items()}


def _split(cell: str) -> frozenset[str]:
    return frozenset(part.strip() for part in cell.split(",") if part.strip())


_KINDS = {
    concept: Kind(domains=_split(domains), device_classes=_split(classes))
    for concept, domains, classes, *_ in _rows(lexicon_tables.DEVICES)
}
_PHRASES = _index()
_LONGEST = max(map(len, _PHRASES))
_SPOKEN = {
    language: frozenset(
        word
        for table in (lexicon_tables.ROOMS, lexicon_tables.MODIFIERS, lexicon_tables.DEVICES)
        for row in _rows(table)
        for phrase in _phrases([row[column]])
        for said in phrase
        for word in (said, *_plurals(said))
    )
    for column, language in (
        (-3, Language.PT_BR),
        (-3, Language.PT),
        (-2, Language.EN),
        (-1, Language.ES),
    )
}
"""Words of each language, singular and plural."""
_NAMING = frozenset(word for phrase in _PHRASES for word in phrase)
_OTHER = frozenset(lexicon_tables.OTHER_WORDS.split())
