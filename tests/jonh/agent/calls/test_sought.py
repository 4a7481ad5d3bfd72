"""What a call is about: names first, then kinds and rooms, else a question."""

from dataclasses import replace

import pytest

from custom_components.jonh.agent.calls.action_domains import (
    commands_of,
    wanted_domains,
    wide_domains,
)
from custom_components.jonh.agent.calls.sought import Sought, TargetFinder, Targets
from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.home import Area, Entity, Floor, Home
from custom_components.jonh.agent.names.resolver import Resolver
from custom_components.jonh.agent.plain.values import parse_value

HOME = Home(
    floors=(Floor(id="terreo", name="Térreo"), Floor(id="alto", name="Andar de cima")),
    areas=(
        Area(id="sala", name="Sala de Estar", aliases=("Sala",), floor_id="terreo"),
        Area(id="cozinha", name="Cozinha", floor_id="terreo"),
        Area(id="quarto", name="Quarto", floor_id="alto"),
    ),
    entities=(
        Entity(entity_id="light.sala", name="Luz da Sala", area_id="sala"),
        Entity(entity_id="light.abajur", name="Abajur", area_id="sala"),
        Entity(entity_id="switch.tomada", name="Tomada", area_id="sala"),
        Entity(entity_id="lock.porta", name="Porta da frente", area_id="sala"),
        Entity(entity_id="climate.ar", name="Ar-condicionado", area_id="sala"),
        Entity(entity_id="light.cozinha", name="Luz da Cozinha", area_id="cozinha"),
        Entity(entity_id="light.quarto", name="Luz do Quarto", area_id="quarto"),
        Entity(entity_id="fan.quarto", name="Ventilador", area_id="quarto"),
        Entity(entity_id="light.jardim", name="Luz do Jardim"),
        Entity(entity_id="cover.portao", name="Portão", area_id="cozinha", device_class="garage"),
    ),
)


def found(
    *names: str,
    area: str | tuple[str, ...] = (),
    kind: str | tuple[str, ...] = (),
    here: str | None = None,
    utterance: str = "",
    action: Action = Action.OFF,
) -> Targets:
    """Find what a call is about."""
    finder = TargetFinder(HOME, Resolver(HOME), here=here, utterance=utterance)
    sought = Sought(
        names=names,
        areas=(area,) if isinstance(area, str) else area,
        kinds=(kind,) if isinstance(kind, str) else kind,
    )
    wanted = wanted_domains(action, None)
    return finder.find(sought, wide=wide_domains(action, None), wanted=wanted)


def ids(targets: Targets) -> list[str]:
    """Return the entity ids without their domains' twins."""
    return [entity.entity_id for entity in targets.entities]


@pytest.mark.parametrize(
    ("names", "where", "entity_ids"),
    [
        (["Luz da Sala"], {}, ["light.sala"]),
        (["a luz da sala"], {}, ["light.sala"]),
        (["Luz"], {"area": "Cozinha"}, ["light.cozinha"]),
        (["Luz", "Ventilador"], {"area": "Quarto"}, ["light.quarto", "fan.quarto"]),
        (["Abajur, Ventilador"], {}, ["light.abajur", "fan.quarto"]),
        (["Abajur e Luz da Cozinha"], {}, ["light.abajur", "light.cozinha"]),
        (["Luz"], {"here": "quarto"}, ["light.quarto"]),
        (["Luz da Sala", "light.sala"], {}, ["light.sala"]),
        (["ventilador"], {"area": "Sótão"}, ["fan.quarto"]),
    ],
)
def test_names(names: list[str], where: dict[str, str], entity_ids: list[str]) -> None:
    """Names lead to their things, one by one or in a list."""
    targets = found(*names, **where)
    assert ids(targets) == entity_ids
    assert not targets.is_wide
    assert not targets.missing


@pytest.mark.parametrize(
    ("call", "entity_ids"),
    [
        ({"area": "Sala"}, ["light.sala", "light.abajur", "switch.tomada"]),
        ({"area": "aqui", "here": "quarto"}, ["light.quarto", "fan.quarto"]),
        ({"area": "here", "kind": "light", "here": "cozinha"}, ["light.cozinha"]),
        ({"area": "Térreo", "kind": "luzes"}, ["light.sala", "light.abajur", "light.cozinha"]),
        ({"area": "Sala, Cozinha", "kind": "light"},
         ["light.sala", "light.abajur", "light.cozinha"]),
        ({"area": ("Quarto", "Cozinha"), "kind": "light"}, ["light.cozinha", "light.quarto"]),
        ({"kind": "light", "here": "quarto"}, ["light.quarto"]),
        ({"kind": "fan"}, ["fan.quarto"]),
        ({"kind": "light", "here": "quarto", "utterance": "apaga todas as luzes da casa"},
         ["light.sala", "light.abajur", "light.cozinha", "light.quarto", "light.jardim"]),
        ({"area": "casa", "kind": "light", "here": "quarto"},
         ["light.sala", "light.abajur", "light.cozinha", "light.quarto", "light.jardim"]),
        ({"kind": ("light", "fan"), "area": "Quarto"}, ["light.quarto", "fan.quarto"]),
        ({"area": "Sala", "kind": "lock"}, ["lock.porta"]),
        ({"area": "Cozinha", "action": Action.OPEN}, ["cover.portao"]),
    ],
)  # fmt: skip
def test_rooms_and_kinds(call: dict[str, str], entity_ids: list[str]) -> None:
    """Rooms and kinds lead to all of them, and what is risky has to be named."""
    targets = found(**call)
    assert ids(targets) == entity_ids
    assert targets.is_wide


@pytest.mark.parametrize(
    ("names", "where", "entity_ids"),
    [
        (["luzes"], {"area": "Sala"}, ["light.sala", "light.abajur"]),
        (["as luzes da sala"], {}, ["light.sala", "light.abajur"]),
        (["todas as luzes"], {"area": "Sala"}, ["light.sala", "light.abajur"]),
        (["luzes"], {"here": "quarto"}, ["light.quarto"]),
        (["tudo"], {"area": "Quarto"}, ["light.quarto", "fan.quarto"]),
        (["all"], {"kind": "light", "area": "Cozinha"}, ["light.cozinha"]),
    ],
)
def test_plurals(names: list[str], where: dict[str, str], entity_ids: list[str]) -> None:
    """A plural is all of a kind, in the room that was said or the speaker's."""
    targets = found(*names, **where)
    assert ids(targets) == entity_ids
    assert targets.is_wide


def test_one_of_a_kind_is_that_one() -> None:
    """A word for a kind that the room has one of is no wide command."""
    targets = found("lâmpada", area="Cozinha")
    assert ids(targets) == ["light.cozinha"]
    assert not targets.is_wide


def test_several_of_a_kind_are_a_question() -> None:
    """A word for a kind that the room has several of is asked about, unless it is a plural."""
    home = Home(
        areas=(Area(id="sala", name="Sala"),),
        entities=(
            Entity(entity_id="light.a", name="Abajur", area_id="sala"),
            Entity(entity_id="light.b", name="Lustre", area_id="sala"),
            Entity(entity_id="switch.c", name="Luzes de Natal", area_id="sala"),
        ),
    )
    finder = TargetFinder(home, Resolver(home))
    targets = finder.find(Sought(names=("luz",), areas=("Sala",)))
    assert [entity.entity_id for entity in targets.doubtful[0]] == ["light.a", "light.b"]
    assert not targets.entities
    assert ids(finder.find(Sought(names=("luzes",), areas=("Sala",)))) == ["light.a", "light.b"]
    assert ids(finder.find(Sought(names=("as luzes de natal",)))) == ["switch.c"]


def test_questions() -> None:
    """What fits several things is asked, and what nothing has is told."""
    targets = found("Luz")
    assert not targets.entities
    assert len(targets.doubtful[0]) == 3
    targets = found("Jacuzzi", "Abajur")
    assert ids(targets) == ["light.abajur"]
    assert [missing.said for missing in targets.missing] == ["Jacuzzi"]
    targets = found(area="Sótão", kind="light")
    assert [missing.said for missing in targets.missing] == ["Sótão"]
    assert not targets.entities
    assert found() == Targets()


def test_misspellings_are_remembered() -> None:
    """A forgiven misspelling makes the whole command less sure."""
    assert found("Ventilador").is_exact
    targets = found("Ventiladro", "Abajur")
    assert ids(targets) == ["fan.quarto", "light.abajur"]
    assert not targets.is_exact
    [command] = commands_of(Action.ON, targets, None)
    assert not command.is_exact


@pytest.mark.parametrize(
    ("entity_id", "action", "meant"),
    [
        ("lock.a", Action.ON, Action.LOCK),
        ("lock.a", Action.CLOSE, Action.LOCK),
        ("lock.a", Action.OFF, Action.UNLOCK),
        ("lock.a", Action.OPEN, Action.UNLOCK),
        ("cover.a", Action.ON, Action.OPEN),
        ("cover.a", Action.OFF, Action.CLOSE),
        ("valve.a", Action.ON, Action.OPEN),
        ("alarm_control_panel.a", Action.OFF, Action.DISARM),
        ("alarm_control_panel.a", Action.ON, Action.ARM),
        ("light.a", Action.OFF, Action.OFF),
    ],
)
def test_risks_have_their_own_names(entity_id: str, action: Action, meant: Action) -> None:
    """Whatever opens something is called so before anybody reviews it."""
    targets = Targets(entities=(Entity(entity_id=entity_id, name="x"),))
    assert [command.action for command in commands_of(action, targets, None)] == [meant]


def test_mixed_kinds_make_several_commands() -> None:
    """What means different things for its targets is parted, in order."""
    targets = replace(found("Abajur", "Porta da frente"), is_wide=True)
    commands = commands_of(Action.OFF, targets, parse_value("50%"))
    assert [command.action for command in commands] == [Action.OFF, Action.UNLOCK]
    assert all(command.is_wide for command in commands)
    assert all(command.value is not None for command in commands)


def test_values_point_to_kinds() -> None:
    """Degrees are for what heats and cools, colours for lights."""
    degrees, blue, half = (parse_value(text) for text in ("22 graus", "azul", "50%"))
    assert wide_domains(Action.SET, degrees) == {"climate"}
    assert wide_domains(Action.SET, half) == {"light"}
    assert wide_domains(Action.DISARM, None) == {"alarm_control_panel"}
    assert wanted_domains(Action.SET, degrees) == {"climate", "water_heater"}
    assert wanted_domains(Action.SET, blue) == {"light"}
    assert "fan" in wanted_domains(Action.SET, half)
    assert "lock" not in wanted_domains(Action.TOGGLE, None)
