"""Plain questions: what is it, is it on; answered from states, without a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .fast_words import ATTRIBUTES, STATE_DOMAINS, STATES, phrases
from .targets import without_articles, without_joints

if TYPE_CHECKING:
    from custom_components.jonh.agent.home import Entity

    from .targets import TargetReader, Targets

ANSWERS_MAX = 4
"""More states than a listener keeps."""


@dataclass(frozen=True, slots=True)
class StateQuery:
    """Entities whose state was asked for."""

    entities: tuple[Entity, ...]


def read_question(said: tuple[str, ...], reader: TargetReader) -> StateQuery | None:
    """Understand a question that all of the words make up; None for anything else."""
    targets = _what_is(said, reader) or _is_it(said, reader)
    if targets is None or len(targets.entities) > ANSWERS_MAX:
        return None
    return StateQuery(targets.entities)


def _what_is(said: tuple[str, ...], reader: TargetReader) -> Targets | None:
    """Read "qual a temperatura da sala", "what is the volume of the tv"."""
    for start in _DEGREES:
        if said[: len(start)] == start:
            return _temperature(said[len(start) :], reader)
    start = next((start for start in _WHAT if said[: len(start)] == start), ())
    if not start:
        return None
    asked = without_articles(said[len(start) :])
    for of in _STATE_OF:
        if asked[: len(of)] == of:
            asked = asked[len(of) :]
    return _asked(asked, reader)


def _asked(asked: tuple[str, ...], reader: TargetReader) -> Targets | None:
    if not asked:
        return None
    for at in (0, len(asked) - 1):
        rest = asked[1:] if at == 0 else asked[:-1]
        if asked[at] in _TEMPERATURE:
            found = _temperature(rest, reader)
            if found is not None:
                return found
        elif domains := ATTRIBUTES.get(asked[at]):
            found = reader.having(rest, domains)
            return found if found is not None and len(found.entities) == 1 else None
    found = reader.read(asked, _READABLE)
    if found is None or (found.is_wide and len(found.entities) > ANSWERS_MAX):
        return None
    return found


def _temperature(place: tuple[str, ...], reader: TargetReader) -> Targets | None:
    """Return the sensor of a place, or else what cools or heats it."""
    while place and place[0] in _IS:
        place = place[1:]
    said = ("temperatura", *(("da", *without_joints(place)) if place else ()))
    if (found := reader.read(said, frozenset({"sensor"}))) is not None:
        return found if len(found.entities) == 1 else None
    has_sensors = any(
        entity.domain == "sensor" and entity.device_class == "temperature"
        for entity in reader.within(place)
    )
    return None if has_sensors else reader.having(place, frozenset({"climate"}))


def _is_it(said: tuple[str, ...], reader: TargetReader) -> Targets | None:
    """Read "a luz está acesa", "está acesa a luz", "is the light on"."""
    at = next((at for at, word in enumerate(said) if word in _BE), None)
    if at is None:
        return None
    before, after = said[:at], said[at + 1 :]
    for action, states in STATES.items():
        if before:
            is_state, target = len(after) == 1 and after[0] in states, before
        elif after and after[-1] in states:
            is_state, target = True, after[:-1]
        else:
            is_state, target = bool(after) and after[0] in states, after[1:]
        if is_state:
            return reader.read(target, STATE_DOMAINS[action])
    return None


_BE = frozenset({"esta", "ta", "estao", "tao", "is", "are"})
_IS = frozenset({"esta", "ta", "faz", "tem", "is"})
_TEMPERATURE = frozenset({"temperatura", "temperature"})

_WHAT = phrases(
    "qual e, qual, qual esta, quais sao, quanto esta, quanto ta, quanto e, quanto marca, "
    "em quanto esta, em quanto ta, como esta, como ta, como estao, me diz, me diga, me fala, "
    "me fale, me diz qual e, me diz qual, me diga qual e, me diga qual, me fala qual e, "
    "quero saber, "
    "what is, what s, whats, what are, how is, how s, tell me, how much is, show me"
)
_DEGREES = phrases(
    "quantos graus esta, quantos graus estao, quantos graus faz, quantos graus tem, "
    "quantos graus, how warm is it, how hot is it, how cold is it, how many degrees is it"
)
_STATE_OF = phrases(
    "estado da, estado do, status da, status do, situacao da, situacao do, state of, status of, "
    "state of the, status of the"
)
_READABLE = frozenset(
    {
        "sensor", "binary_sensor", "light", "switch", "fan", "cover", "lock", "climate",
        "media_player", "vacuum", "alarm_control_panel", "humidifier", "water_heater", "valve",
        "input_boolean", "number", "input_number", "lawn_mower", "person", "weather",
    }
)  # fmt: skip
