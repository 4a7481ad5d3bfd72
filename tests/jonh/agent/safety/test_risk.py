"""Which things are guarded, and what may be done with them unasked."""

import pytest

from custom_components.jonh.agent.commands import Action, Command, Value
from custom_components.jonh.agent.home import Entity
from custom_components.jonh.agent.safety.risk import is_guarded, is_risky, needs_asking


def entity(entity_id: str, name: str = "", device_class: str | None = None) -> Entity:
    """Make an entity; without a name it is called by its id."""
    return Entity(entity_id=entity_id, name=name or entity_id, device_class=device_class)


@pytest.mark.parametrize(
    "guarded",
    [
        entity("lock.a", "Armário"),
        entity("alarm_control_panel.a", "Casa"),
        entity("valve.a", "Jardim"),
        entity("cover.a", "Frente", "door"),
        entity("cover.a", "Carro", "garage"),
        entity("cover.a", "Rua", "gate"),
        entity("cover.a", "Portão social"),
        entity("cover.a", "Garagem"),
        entity("cover.a", "Portão da garagem", "shutter"),
        entity("cover.garage_door", "Carro"),
        entity("cover.a", "Front gate"),
        entity("cover.a", "Puerta del garaje"),
        entity("switch.a", "Portão"),
        entity("switch.a", "Relé do portão"),
        entity("switch.a", "Garagem"),
        entity("switch.a", "Portão luz"),
        entity("switch.a", "Fechadura da porta"),
        entity("switch.a", "Door lock"),
        entity("switch.a", "Alarme"),
        entity("switch.portao_1", "Frente"),
        entity("button.a", "Abrir garagem"),
        entity("input_button.a", "Gate"),
        entity("input_boolean.a", "Alarme da casa"),
        entity("script.a", "Destrancar tudo"),
        entity("scene.a", "Portões abertos"),
        entity("automation.a", "Fechar o portão à noite"),
        entity("group.a", "Fechaduras"),
        entity("input_select.a", "Modo do alarme"),
        Entity(entity_id="switch.a", name="Frente", aliases=("Portão",)),
    ],
    ids=lambda one: f"{one.entity_id}-{one.name}",
)
def test_is_guarded(guarded: Entity) -> None:
    """Locks, alarms, valves, doors, gates, and what is named like one."""
    assert is_guarded(guarded)


@pytest.mark.parametrize(
    "free",
    [
        entity("light.a", "Portão"),
        entity("cover.a", "Cortina da porta"),
        entity("cover.a", "Persiana da garagem"),
        entity("cover.a", "Toldo"),
        entity("cover.a", "Porta", "curtain"),
        entity("cover.a", "Janela da sala", "window"),
        entity("cover.a", "Shutter", "shutter"),
        entity("switch.a", "Luz do portão"),
        entity("switch.a", "Tomada da garagem"),
        entity("switch.a", "Garagem luz"),
        entity("switch.a", "Gate light"),
        entity("switch.a", "Garage outlet"),
        entity("switch.a", "Luces del portón"),
        entity("switch.a", "Cafeteira"),
        entity("button.a", "Campainha da porta"),
        entity("input_boolean.a", "Alarm clock"),
        entity("fan.a", "Garagem"),
        entity("sensor.a", "Portão"),
        Entity(entity_id="switch.a", name="..."),
    ],
    ids=lambda one: f"{one.entity_id}-{one.name}",
)
def test_is_not_guarded(free: Entity) -> None:
    """Lights, outlets and curtains at a door are no doors."""
    assert not is_guarded(free)


LOCK = entity("lock.a")
ALARM = entity("alarm_control_panel.a")
GATE = entity("cover.a", "", "gate")
VALVE = entity("valve.a")
RELAY = entity("switch.a", "Portão")
HARMLESS = {
    LOCK: {Action.LOCK, Action.ON, Action.CLOSE},
    ALARM: {Action.ARM, Action.ON},
    GATE: {Action.CLOSE, Action.OFF, Action.STOP, Action.DECREASE},
    VALVE: {Action.CLOSE, Action.OFF, Action.STOP, Action.DECREASE},
    RELAY: set(),
}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("guarded", HARMLESS, ids=lambda one: one.domain)
def test_actions(guarded: Entity, action: Action) -> None:
    """Every action that is not known to be harmless is risky."""
    assert is_risky(guarded, action) is (action not in HARMLESS[guarded])


@pytest.mark.parametrize(
    ("value", "risky"),
    [
        (Value(text="0%", number=0), False),
        (Value(text="1%", number=1), True),
        (Value(text="aberto"), True),
        (None, True),
    ],
)
def test_positions(value: Value | None, *, risky: bool) -> None:
    """Moving a gate to zero closes it; any other position may open it."""
    assert is_risky(GATE, Action.SET, value) is risky
    assert is_risky(VALVE, Action.SET, value) is risky
    assert is_risky(LOCK, Action.SET, value)


LIGHT = entity("light.a")
SIREN = entity("siren.a")


@pytest.mark.parametrize(
    ("command", "target", "asked"),
    [
        (Command(action=Action.ON, targets=(LIGHT,)), LIGHT, False),
        (Command(action=Action.UNLOCK, targets=(LOCK,)), LOCK, True),
        (Command(action=Action.LOCK, targets=(LOCK,)), LOCK, False),
        (Command(action=Action.ON, targets=(SIREN,)), SIREN, False),
        (Command(action=Action.ON, targets=(SIREN,), is_wide=True), SIREN, True),
        (Command(action=Action.OFF, targets=(SIREN,), is_wide=True), SIREN, False),
    ],
)
def test_needs_asking(command: Command, target: Entity, *, asked: bool) -> None:
    """Risky things are asked, and sirens in a whole room."""
    assert needs_asking(command, target, frozenset()) is asked


def test_user_may_want_to_be_asked() -> None:
    """A chosen entity is asked whatever is done, but for what is harmless with its kind."""
    chosen = frozenset({LIGHT.entity_id, LOCK.entity_id})
    assert needs_asking(Command(action=Action.OFF, targets=(LIGHT,)), LIGHT, chosen)
    assert not needs_asking(Command(action=Action.LOCK, targets=(LOCK,)), LOCK, chosen)


@pytest.mark.parametrize("action", [Action.ON, Action.OFF, Action.TOGGLE])
@pytest.mark.parametrize("entity_id", ["group.noite", "scene.noite", "cover.todas"])
def test_a_group_with_an_entrance_is_one(entity_id: str, action: Action) -> None:
    """Its name tells nothing of the lock in it, so what is in it counts."""
    plain = Entity(entity_id=entity_id, name="Noite")
    holding = Entity(entity_id=entity_id, name="Noite", holds_entrance=True)
    command = Command(action=action, targets=(plain, holding))
    assert not is_guarded(plain)
    assert is_guarded(holding)
    assert not needs_asking(command, plain, frozenset())
    is_closing = entity_id.startswith("cover") and action is Action.OFF
    assert needs_asking(command, holding, frozenset()) is not is_closing
