"""What people and small models say in a made-up home, and which entities they mean by it.

Everything is drawn by the generator that is handed in: the same seed says the same things.
Sentences come from templates of our own and from those of Home Assistant's intents, in Portuguese
and English; the answer to each is known because the sentence was made from it.
"""

import unicodedata
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING

from benchmarks.agent.homes import ONCE, PER_ROOM, ROOMS, SCENES, Made
from custom_components.jonh.agent.words import fold

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from custom_components.jonh.agent.home import Area, Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCase:
    """One way of calling an entity."""

    kind: str
    said: str
    area_id: str | None
    """Area that was named apart."""
    entity: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One sentence, the speaker's area, and the ids of all entities that it is about."""

    kind: str
    text: str
    here: str | None
    needed: frozenset[str]


def name_variants(made: Made, rng: random.Random) -> Iterator[NameCase]:
    """Yield the ways in which small models write the names of a home.

    Where several entities share a name, the area is named apart, as a model would.
    """
    home = made.home
    names = [fold(entity.name) for entity in home.entities]
    for entity in home.entities:
        area = home.area_of(entity)
        is_unique = names.count(fold(entity.name)) == 1
        apart = None if is_unique else entity.area_id
        for kind, said, area_id in _written(made, entity, area, apart, rng):
            yield NameCase(kind=kind, said=said, area_id=area_id, entity=entity)


def _written(
    made: Made, entity: Entity, area: Area | None, apart: str | None, rng: random.Random
) -> Iterator[tuple[str, str, str | None]]:
    name = entity.name
    article = "as" if name.split()[0].endswith("as") else rng.choice(("a", "o"))
    yield "exact", name, apart
    yield "lower case", name.lower(), apart
    yield "no accents", without_accents(name), apart
    yield "article", f"{article} {name.lower()}", apart
    yield "entity id", entity.entity_id, None
    if typo := with_typo(name, rng):
        yield "typo", typo, apart
    for alias in entity.aliases:
        yield "alias", alias, entity.area_id
        yield "printed", f"{name}, {alias}", apart
        yield "printed", f"{name}={alias}", apart
    if made.home.by_id.get(f"{entity.domain}.{fold(name).replace(' ', '_')}") is entity:
        yield "object id", entity.entity_id.partition(".")[2], entity.area_id
    if area is None:
        return
    room = made.rooms[area.id]
    short = _short(entity, area, room.article)
    yield "short and area", short, area.id
    for alias in entity.aliases:
        yield "printed and area", f"{short}={alias}", area.id
    yield "printed", f"{short}, {area.name}", None
    yield "printed", f"{area.name}, {short}", None
    yield "printed", f"{short} ({area.name})", None
    yield "area in the name", f"{short} {room.article} {rng.choice(area.names)}", None
    yield "area appended", f"{short} {rng.choice(area.names)}".lower(), None
    if entity.entity_id not in made.branded:
        yield "english", f"the {made.english(entity)}", None
        yield "english and area", made.english_short(entity), area.id


def _short(entity: Entity, area: Area, article: str) -> str:
    for place in sorted(area.names, key=len, reverse=True):
        if (end := f" {article} {place}") and entity.name.endswith(end):
            return entity.name.removesuffix(end)
    return entity.name


def invented_names(made: Made, rng: random.Random) -> Iterator[str]:
    """Yield names of devices that the home has not, but that a model could invent.

    Known types of devices in rooms that have none of them, rooms that the home has not, numbers
    that do not exist, and words that nobody expects, many of them near the names of rooms.
    """
    home = made.home
    has = {
        (made.devices[entity.entity_id].name, entity.area_id)
        for entity in home.entities
        if entity.entity_id not in made.branded
    }
    types = {made.devices[entity.entity_id].name for entity in home.entities}
    known = {fold(name) for entity in home.entities for name in entity.names}
    synonyms = {device.alias for device in ONCE + PER_ROOM} - {""}
    area_ids = {fold(room.name).replace(" ", "_"): room for room in ROOMS}
    for area_id, room in area_ids.items():
        is_there = area_id in made.rooms
        for device in PER_ROOM:
            if (device.name, area_id) in has or (is_there and device.alias):
                continue
            if is_there or device.name in types:
                yield f"{device.name} {room.article} {room.name}"
    for device in ONCE + SCENES:
        if (
            device.name not in types
            and device.name not in synonyms
            and fold(device.name) not in known
        ):
            yield device.name
    for name in sorted(types):
        for unexpected in UNEXPECTED_ROOMS:
            yield f"{name} {unexpected}"
    for area_id in made.rooms:
        for unexpected in UNEXPECTED_DEVICES:
            yield f"{unexpected} {made.rooms[area_id].article} {made.rooms[area_id].name}"
    for entity in home.entities:
        if entity.area_id and rng.random() < HIGH_NUMBER_RATIO:
            room, device = made.rooms[entity.area_id], made.devices[entity.entity_id]
            yield f"{device.name} {rng.randint(11, 99)} {room.article} {room.name}"


UNEXPECTED_ROOMS = (
    "da Loja", "da Rua", "da Capela", "da Horta", "da Estufa", "do Curral", "da Cela",
    "do Mezanino", "do Salão", "do Solário", "da Cabana", "do Porto", "da Escola", "da Mala",
    "do Boi", "da Ala Norte", "do Pedro", "da Joana", "do Vizinho", "da Lua", "do Carro",
    "da Cidade", "de Ontem", "do Bar",
)  # fmt: skip
UNEXPECTED_DEVICES = (
    "Lareira", "Cadeira", "Cama", "Lousa", "Farol", "Tela", "Corneta", "Cruz", "Fonte",
    "Relógio", "Sofá", "Portinha", "Vela", "Elevador", "Rádio", "Luva", "Esteira", "Balança",
    "Piano", "Sol", "Vaso",
)  # fmt: skip
HIGH_NUMBER_RATIO = 0.3
"""Entities for which a number that none has is invented."""


def without_accents(text: str) -> str:
    """Return the text without accents, in its own case."""
    return "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )


def with_typo(text: str, rng: random.Random) -> str | None:
    """Return the text with one letter of one word wrong; None for a text of short words."""
    parts = text.split(" ")
    places = [i for i, part in enumerate(parts) if len(part) > 3 and part.isalpha()]
    if not places:
        return None
    place = rng.choice(places)
    parts[place] = _misspelt(parts[place], rng)
    return " ".join(parts)


def _misspelt(word: str, rng: random.Random) -> str:
    while True:
        i = rng.randrange(len(word))
        letter = rng.choice(ascii_lowercase)
        wrong = rng.choice(
            (
                word[:i] + word[i + 1 :],
                word[:i] + letter + word[i:],
                word[:i] + letter + word[i + 1 :],
                word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :],
            )
        )
        if fold(wrong) != fold(word):
            return wrong


def with_noise(text: str, rng: random.Random, ratio: float) -> str:
    """Return the text with about that share of its words heard wrong, as recognisers do.

    Of five wrong words two are written as they sound, one loses or gains a syllable, one is
    another word of everyday speech, one is not heard at all.
    """
    heard = [_heard(word, rng) if rng.random() < ratio else word for word in text.split()]
    return " ".join(word for word in heard if word)


def _heard(word: str, rng: random.Random) -> str:
    match rng.randrange(5):
        case 0 | 1:
            sounds = [pair for pair in SOUNDS if pair[0] in word.lower()]
            if not sounds:
                return _misspelt(word, rng) if len(word) > 1 else word
            return word.lower().replace(*rng.choice(sounds), 1)
        case 2:
            return (
                word[: max(2, len(word) - 2)]
                if rng.random() < 0.5
                else f"{word}{rng.choice(TAILS)}"
            )
        case 3:
            return rng.choice(EVERYDAY)
        case _:
            return ""


SOUNDS = (("s", "z"), ("z", "s"), ("ç", "ss"), ("ss", "ç"), ("ch", "x"), ("x", "ch"), ("qu", "k"),
          ("c", "qu"), ("j", "g"), ("g", "gu"), ("lh", "li"), ("ão", "am"), ("l", "u"), ("e", "i"),
          ("o", "u"), ("m", "n"), ("r", "rr"), ("t", "d"), ("b", "p"), ("v", "f"))  # fmt: skip
TAILS = ("s", "zinha", "mos", "do", "r")
EVERYDAY = ("mais", "então", "essa", "casa", "cada", "tudo", "bem", "agora", "gente", "ela", "foi",
            "the", "well", "just", "now")  # fmt: skip
