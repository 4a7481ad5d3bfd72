"""What entities are called within a sentence."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.names.lexicon import name_in
from custom_components.jonh.agent.words import fold, words

from .grammar import Agreement, agreement, article, head_noun, inside_sentence, joint, of, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from custom_components.jonh.agent.home import Area, Entity, Home

    from .reply_words import Noun


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Names as a sentence needs them; `the`, `of` and `on` have their articles."""

    name: str
    the: str
    of: str
    on: str
    agrees: Agreement

    def attribute(self, noun: str, language: Language) -> Subject:
        """Return an attribute of it: "volume da TV"."""
        agrees = agreement(noun, language)
        return _subject(f"{noun} {self.of}", agrees, language)


def subject(entity: Entity, language: Language, home: Home | None = None) -> Subject:
    """Return what an entity is called; with its area where others have the same name."""
    called = name_in(entity.names, language)
    name = inside_sentence(called)
    agrees = agreement(called, language, entity.domain)
    if (kind := _KINDS[language].get(entity.domain)) and not _names_kind(called, kind):
        name, agrees = _with_kind(called, kind, language)
    if home is not None and (area := home.area_of(entity)) and _is_shared(entity, home):
        name = _placed(name, area, language)
    return _subject(name, agrees, language)


def listed(subjects: Sequence[Subject], language: Language) -> Subject:
    """Return several as one: "a luz da sala e o abajur"."""
    if len(subjects) == 1:
        return subjects[0]
    return Subject(
        name=_joined([one.name for one in subjects], language),
        the=_joined([one.the for one in subjects], language),
        of=_joined([one.of for one in subjects], language),
        on=_joined([one.on for one in subjects], language),
        agrees=joint([one.agrees for one in subjects]),
    )


def together(noun: Noun, area: Area, language: Language) -> Subject:
    """Return all of a kind in an area: "as luzes da cozinha", "the kitchen lights"."""
    agrees = Agreement(is_feminine=noun.is_feminine, is_plural=True)
    return _subject(_placed(noun.plural, area, language), agrees, language)


def count_words(count: int, noun: Noun, language: Language) -> str:
    """Return a number as a word that agrees with its noun, digits above ten."""
    named = _COUNTS[language]
    if not 1 <= count <= len(named):
        return str(count)
    if noun.is_feminine and count <= len(_FEMININE_COUNTS[language]):
        return _FEMININE_COUNTS[language][count - 1]
    return named[count - 1]


def _subject(name: str, agrees: Agreement, language: Language) -> Subject:
    if language is Language.EN and name.split(" ", 1)[0].endswith(_POSSESSIVES):
        # "Ana's lamp" has its article in its owner.
        return Subject(name=name, the=name, of=f"of {name}", on=f"on {name}", agrees=agrees)
    return Subject(
        name=name,
        the=f"{article(agrees, language)} {name}",
        of=f"{of(agrees, language)} {name}",
        on=f"{within(agrees, language)} {name}",
        agrees=agrees,
    )


def _placed(name: str, area: Area, language: Language) -> str:
    called = name_in(area.names, language)
    place = inside_sentence(called)
    if language is Language.EN:
        return f"{place} {name}"
    return f"{name} {of(agreement(called, language), language)} {place}"


def _is_shared(entity: Entity, home: Home) -> bool:
    folded = fold(entity.name)
    return any(
        other.entity_id != entity.entity_id and fold(other.name) == folded
        for other in home.entities
    )


def _names_kind(name: str, kind: str) -> bool:
    """Return True for a scene that is called "Cena cinema" already, or "Modo cinema"."""
    return kind in words(name) or head_noun(name) in _KIND_NOUNS


def _with_kind(name: str, kind: str, language: Language) -> tuple[str, Agreement]:
    first, blank, rest = name.partition(" ")
    if first[1:].islower() and not any(map(str.isupper, rest)):
        name = first.lower() + blank + rest
    if language is Language.EN:
        return f"{name} {kind}", Agreement()
    return f"{kind} {name}", agreement(kind, language)


def _joined(names: list[str], language: Language) -> str:
    *most, last = names
    return f"{', '.join(most)} {_and(last, language)} {last}"


def _and(following: str, language: Language) -> str:
    """Return "and"; the Spanish one changes before its own sound."""
    if language is Language.ES:
        starts = fold(following)
        return "e" if starts.startswith(("i", "hi")) and not starts.startswith("hie") else "y"
    return "and" if language is Language.EN else "e"


_POSSESSIVES = ("'s", "’s", "s'", "s’")
_KIND_NOUNS = frozenset({"cena", "cenario", "modo", "rotina", "script", "roteiro", "escena",
                         "rutina"})  # fmt: skip
_PT_KINDS = {"scene": "cena", "script": "rotina"}
_KINDS = {
    Language.PT_BR: _PT_KINDS,
    Language.PT: _PT_KINDS,
    Language.EN: {"scene": "scene", "script": "script"},
    Language.ES: {"scene": "escena", "script": "rutina"},
}
"""Domains whose names say what they do, so that the kind has to be told with them."""

_PT_COUNTS = ("um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez")
_COUNTS = {
    Language.PT_BR: _PT_COUNTS,
    Language.PT: _PT_COUNTS,
    Language.EN: ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    Language.ES: (
        "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez",
    ),
}  # fmt: skip
_FEMININE_COUNTS = {
    Language.PT_BR: ("uma", "duas"),
    Language.PT: ("uma", "duas"),
    Language.EN: (),
    Language.ES: ("una",),
}
