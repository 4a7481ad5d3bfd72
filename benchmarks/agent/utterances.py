"""Sentences about a made-up home, with the ids of all entities that each of them is about.

Two thirds come from templates of our own, one third from the sentences that Home Assistant ships
for its own intents, in Brazilian Portuguese and English.
"""

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from benchmarks.agent.requests import Utterance

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from benchmarks.agent.homes import Made
    from custom_components.jonh.agent.home import Entity

NEEDED_MAX = 6
"""Sentences about more entities than this are left out: no short list could hold them."""


def utterances(made: Made, rng: random.Random, n: int) -> list[Utterance]:
    """Return `n` sentences of all kinds."""
    found: list[Utterance] = []
    kinds: tuple[tuple[Callable[..., Utterance | None], float], ...] = (
        (_by_name, 0.16),
        (_by_area, 0.12),
        (_here, 0.08),
        (_two, 0.08),
        (_once, 0.06),
        (_question, 0.1),
        (_in_english, 0.12),
        (_intent, 0.28),
    )
    makers, weights = zip(*kinds, strict=True)
    while len(found) < n:
        maker = rng.choices(makers, weights)[0]
        made_one = maker(made, rng)
        if made_one and 0 < len(made_one.needed) <= NEEDED_MAX:
            found.append(made_one)
    return found


def _say(kind: str, text: str, here: str | None, *needed: Entity) -> Utterance:
    ids = frozenset(entity.entity_id for entity in needed)
    return Utterance(kind=kind, text=text, here=here, needed=ids)


def _by_name(made: Made, rng: random.Random) -> Utterance | None:
    entity = rng.choice([e for e in made.home.entities if e.domain in VERBS])
    text = rng.choice(VERBS[entity.domain]).format(_called(made, entity, rng))
    return _say("by name", text, _anywhere(made, rng), entity)


def _by_area(made: Made, rng: random.Random) -> Utterance | None:
    """Speak of all devices of one kind in an area, which may be called by an alias."""
    kind = rng.choice([kind for kind in KINDS if kind.domain in VERBS])
    area = rng.choice(made.home.areas)
    needed = [e for e in made.home.by_area.get(area.id, ()) if kind.fits(e)]
    place = rng.choice(area.names)
    text = rng.choice(VERBS[kind.domain]).format(
        f"{kind.plural} {made.rooms[area.id].article} {place}".lower()
    )
    return _say("by area", text, _anywhere(made, rng), *needed)


def _here(made: Made, rng: random.Random) -> Utterance | None:
    kind = rng.choice([kind for kind in KINDS if kind.domain in VERBS])
    area = rng.choice(made.home.areas)
    needed = [e for e in made.home.by_area.get(area.id, ()) if kind.fits(e)]
    said = rng.choice((f"{kind.plural} aqui", kind.plural, f"{kind.plural} daqui"))
    return _say("here", rng.choice(VERBS[kind.domain]).format(said), area.id, *needed)


def _two(made: Made, rng: random.Random) -> Utterance | None:
    """Speak of two devices that take the same verb."""
    usable = [e for e in made.home.entities if e.domain in VERBS]
    first = rng.choice(usable)
    second = rng.choice([e for e in usable if e.domain == first.domain])
    called = f"{_called(made, first, rng)} e {_article(second)} {_called(made, second, rng)}"
    text = rng.choice(VERBS[first.domain]).format(called)
    return _say("two targets", text, _anywhere(made, rng), first, second)


def _once(made: Made, rng: random.Random) -> Utterance | None:
    """Speak of what the home has one of, without its name."""
    domain = rng.choice(list(ONLY_ONE))
    needed = [e for e in made.home.entities if e.domain == domain]
    if len(needed) > 2:
        return None
    return _say("unique", rng.choice(ONLY_ONE[domain]), _anywhere(made, rng), *needed)


def _question(made: Made, rng: random.Random) -> Utterance | None:
    kind = rng.choice([kind for kind in KINDS if kind.questions])
    area = rng.choice(made.home.areas)
    needed = [e for e in made.home.by_area.get(area.id, ()) if kind.fits(e)]
    if rng.random() < 0.3:
        text = rng.choice(kind.questions).replace(" {}", rng.choice((" aqui", "")))
        return _say("question here", text, area.id, *needed)
    place = f"{_in(made.rooms[area.id].article)} {rng.choice(area.names)}".lower()
    text = rng.choice(kind.questions).format(place)
    return _say("question", text, _anywhere(made, rng), *needed)


def _in_english(made: Made, rng: random.Random) -> Utterance | None:
    """Speak English about Portuguese names, by name or by kind and area."""
    usable = [
        e
        for e in made.home.entities
        if e.domain in ENGLISH_VERBS and e.entity_id not in made.branded
    ]
    entity = rng.choice(usable)
    verb = rng.choice(ENGLISH_VERBS[entity.domain])
    if rng.random() < 0.25 and entity.area_id:
        return _say("english here", verb.format(made.english_short(entity)), entity.area_id, entity)
    return _say("english", verb.format(made.english(entity)), _anywhere(made, rng), entity)


def _intent(made: Made, rng: random.Random) -> Utterance | None:
    """Fill a sentence of Home Assistant's intents with names or areas of this home."""
    language = "pt-BR" if rng.random() < 0.67 else "en"
    template = rng.choice(_templates(language))
    text = _expand(template.text, template.rules, rng)
    usable = [e for e in made.home.entities if template.fits(e)]
    if not usable or "{" in text.replace("{name}", "").replace("{area}", ""):
        return None
    entity = rng.choice(usable)
    here = entity.area_id if template.is_here else _anywhere(made, rng)
    needed: list[Entity] = [entity]
    if "{name}" in text:
        # A name that several rooms have is said with its room.
        text = text.replace("{name}", _called(made, entity, rng))
    else:
        needed = [e for e in usable if e.area_id == entity.area_id]
    if area := made.home.area_of(entity):
        text = text.replace("{area}", rng.choice(area.names).lower())
    return None if "{" in text else _say(f"intents {language}", text, here, *needed)


class _Template:
    """A sentence of an intent, and what it may be said of."""

    def __init__(self, text: str, data: dict[str, Any], rules: dict[str, str]) -> None:
        self.text = text
        self.rules = rules
        slots = data.get("slots", {})
        context = data.get("requires_context", {})
        self.is_here = "area" in context and "{area}" not in text
        self._domains = _strings(slots.get("domain") or context.get("domain"))
        self._classes = _strings(slots.get("device_class") or context.get("device_class"))

    @property
    def is_usable(self) -> bool:
        """Return True when it is known what the sentence is about."""
        speaks_of_targets = "{name}" in self.text or "{area}" in self.text or self.is_here
        return bool(self._domains) and speaks_of_targets

    def fits(self, entity: Entity) -> bool:
        """Return True for an entity that the sentence may be about."""
        return entity.domain in self._domains and (
            not self._classes or entity.device_class in self._classes
        )


@lru_cache(2)
def _templates(language: str) -> list[_Template]:
    text = files("home_assistant_intents").joinpath("data", f"{language}.json").read_text("utf-8")
    content = json.loads(text)
    found = [
        _Template(sentence, data, content["expansion_rules"] | data.get("expansion_rules", {}))
        for name, intent in content["intents"].items()
        if name not in _NOT_ABOUT_DEVICES
        for data in intent["data"]
        for sentence in data["sentences"]
    ]
    return [template for template in found if template.is_usable]


_NOT_ABOUT_DEVICES = frozenset({"HassBroadcast", "HassNevermind", "HassRespond"})


def _expand(text: str, rules: dict[str, str], rng: random.Random) -> str:
    """Return one of the sentences that a template stands for."""
    while match := _INNERMOST.search(text):
        group = match.group(0)
        if group.startswith("<"):
            chosen = f"({rules.get(group[1:-1], '')})"
        elif group.startswith("["):
            chosen = rng.choice((*group[1:-1].split("|"), ""))
        else:
            chosen = rng.choice(group[1:-1].split("|"))
        text = text[: match.start()] + chosen + text[match.end() :]
    text = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: _filled(found.group(1), rng), text)
    return " ".join(text.replace(";", " ").split())


def _filled(slot: str, rng: random.Random) -> str:
    if slot in {"name", "area"}:
        return f"{{{slot}}}"
    if slot in {"brightness", "position", "volume", "fan_speed", "percentage", "temperature"}:
        return str(rng.randint(10, 60))
    return f"{{{slot}?}}"


_INNERMOST = re.compile(r"<[^<>]+>|\([^()\[\]<>]*\)|\[[^()\[\]<>]*\]")


def _strings(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, dict):
        return _strings(value.get("value"))
    return frozenset([value] if isinstance(value, str) else value)


def _called(made: Made, entity: Entity, rng: random.Random) -> str:
    """Return a name that leaves no doubt: with the room, where others have the same name."""
    name = rng.choice(entity.names) if rng.random() < 0.3 else entity.name
    others = [e for e in made.home.entities if name in e.names and e is not entity]
    area = made.home.area_of(entity)
    if others and area:
        place = rng.choice(area.names)
        return f"{name} {made.rooms[area.id].article} {place}".lower()
    return name.lower()


def _anywhere(made: Made, rng: random.Random) -> str | None:
    return rng.choice((None, *(area.id for area in made.home.areas)))


def _article(entity: Entity) -> str:
    return "a" if entity.name.split()[0].lower().endswith(("a", "luz", "tv")) else "o"


def _in(contraction: str) -> str:
    return f"n{contraction[1:]}"


class _Kind:
    """A kind of device as it is asked about."""

    def __init__(self, plural: str, domain: str, classes: str = "", *questions: str) -> None:
        self.plural = plural
        self.domain = domain
        self.questions = questions
        self._classes = classes.split()

    def fits(self, entity: Entity) -> bool:
        """Return True for an entity of this kind."""
        return entity.domain == self.domain and (
            not self._classes or entity.device_class in self._classes
        )


KINDS = (
    _Kind("as luzes", "light", "", "tem alguma luz acesa {}", "as luzes {} estão acesas"),
    _Kind("os ventiladores", "fan"),
    _Kind("as cortinas", "cover", "curtain", "a cortina {} está aberta"),
    _Kind("as persianas", "cover", "blind"),
    _Kind("as tomadas", "switch", "outlet"),
    _Kind("o ar", "climate", "", "o ar condicionado {} está ligado"),
    _Kind("a tv", "media_player", "tv", "a televisão {} está ligada"),
    _Kind("a temperatura", "sensor", "temperature", "qual a temperatura {}",
          "quantos graus está fazendo {}", "what's the temperature {}"),
    _Kind("a umidade", "sensor", "humidity", "qual a umidade {}", "como está a umidade {}"),
    _Kind("movimento", "binary_sensor", "motion", "tem movimento {}", "alguém passou {}"),
    _Kind("a janela", "binary_sensor", "window", "a janela {} está aberta",
          "esqueci alguma janela aberta {}"),
    _Kind("a porta", "binary_sensor", "door", "a porta {} está fechada"),
    _Kind("o consumo", "sensor", "energy", "quanto está gastando de energia {}"),
)  # fmt: skip

VERBS = {
    "light": ("acende {}", "apaga {}", "liga {}", "por favor desliga {}", "diminui {}",
              "coloca {} em 50 por cento", "deixa {} azul", "você pode acender {}"),
    "switch": ("liga {}", "desliga {}", "pode desligar {}"),
    "fan": ("liga {}", "desliga {}", "aumenta a velocidade {}", "coloca {} na velocidade 3"),
    "cover": ("abre {}", "fecha {}", "abra {} pela metade", "para {}", "sobe {}"),
    "climate": ("liga {}", "coloca {} em 22 graus", "desliga {}", "aumenta a temperatura {}"),
    "media_player": ("liga {}", "pausa {}", "aumenta o volume {}", "desliga {}", "muta {}"),
    "lock": ("tranca {}", "destranca {}", "{} está trancada"),
    "vacuum": ("liga {}", "manda {} para a base"),
    "scene": ("ativa a cena {}", "liga {}", "modo {}"),
    "script": ("executa {}", "roda a rotina {}"),
    "humidifier": ("liga {}", "coloca {} em 50 por cento"),
    "valve": ("abre {}", "fecha {}"),
    "water_heater": ("liga {}", "coloca {} em 45 graus"),
    "alarm_control_panel": ("arma {}", "desarma {}"),
    "todo": ("o que tem em {}", "adiciona leite em {}"),
    "sensor": ("quanto está {}", "qual é {}"),
    "binary_sensor": ("como está {}", "{} detectou alguma coisa"),
}  # fmt: skip

ONLY_ONE = {
    "alarm_control_panel": ("ativa o alarme", "arma a casa", "desarma o alarme", "arm the alarm"),
    "lock": ("tranca a casa", "a porta está trancada", "is the door locked"),
    "vacuum": ("manda o robô limpar", "aspira a casa", "start the vacuum", "limpa o chão"),
    "todo": ("adiciona leite na lista", "add milk to the list", "o que preciso comprar"),
    "water_heater": ("a água do banho está quente", "esquenta a água", "heat the water"),
}

ENGLISH_VERBS = {
    "light": ("turn on the {}", "turn off the {}", "dim the {} to 30 percent", "make the {} blue"),
    "switch": ("turn on the {}", "switch off the {}"),
    "fan": ("turn on the {}", "set the {} to low"),
    "cover": ("open the {}", "close the {}", "is the {} open"),
    "climate": ("set the {} to 22 degrees", "turn off the {}"),
    "media_player": ("turn on the {}", "pause the {}", "mute the {}"),
    "lock": ("lock the {}", "is the {} locked"),
    "vacuum": ("start the {}",),
    "humidifier": ("turn on the {}",),
    "valve": ("close the {}",),
    "scene": ("activate {}",),
    "sensor": ("what is the {}",),
    "binary_sensor": ("what does the {} say",),
}
