"""The guard's questions name deed and device, in the person's language."""

import pytest

from custom_components.jonh.agent.commands import Action, Command, Value
from custom_components.jonh.agent.home import Entity
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.confirmation import (
    Reply,
    echo_words,
    pin_question,
    question,
    refusal,
    reply,
)

PT, EN, ES = Language.PT_BR, Language.EN, Language.ES
GATE = Entity(entity_id="cover.portao", name="Portão da garagem", device_class="garage")
GATE_EN = Entity(entity_id="cover.gate", name="Garage door", device_class="garage")
GATE_ES = Entity(entity_id="cover.porton", name="Portón del garaje", device_class="garage")
DOOR = Entity(entity_id="lock.porta", name="Porta da frente")
ALARM = Entity(entity_id="alarm_control_panel.casa", name="Alarme")
VALVE = Entity(entity_id="valve.gas", name="Registro de gás", device_class="gas")
BUTTON = Entity(entity_id="button.portao", name="Portão social")
SCRIPT = Entity(entity_id="script.chegada", name="Rotina de chegada")
RELAY = Entity(entity_id="switch.portao", name="Portão da rua")
LIGHT = Entity(entity_id="light.sala", name="Luz da sala")
LIGHT_EN = Entity(entity_id="light.living", name="Living room light")
LIGHT_ES = Entity(entity_id="light.salon", name="Luz de la sala")
VACUUM = Entity(entity_id="vacuum.robo", name="Robô")
TV = Entity(entity_id="media_player.tv", name="TV da sala")


def command(action: Action, *targets: Entity, value: str | None = None) -> Command:
    """Make a command, with a value as it was said."""
    return Command(action=action, targets=targets, value=Value(text=value) if value else None)


@pytest.mark.parametrize(
    ("commands", "language", "asked"),
    [
        ([command(Action.OPEN, GATE)], PT, "Quer mesmo abrir o portão da garagem?"),
        ([command(Action.ON, GATE)], PT, "Quer mesmo abrir o portão da garagem?"),
        ([command(Action.INCREASE, GATE)], PT, "Quer mesmo abrir o portão da garagem?"),
        ([command(Action.TOGGLE, GATE)], PT, "Quer mesmo acionar o portão da garagem?"),
        ([command(Action.SET, GATE, value="50%")], PT, "Quer mesmo abrir o portão da garagem?"),
        ([command(Action.OFF, DOOR)], PT, "Quer mesmo destrancar a porta da frente?"),
        ([command(Action.OPEN, DOOR)], PT, "Quer mesmo destrancar a porta da frente?"),
        ([command(Action.DISARM, ALARM)], PT, "Quer mesmo desativar o alarme?"),
        ([command(Action.OFF, ALARM)], PT, "Quer mesmo desativar o alarme?"),
        ([command(Action.ON, VALVE)], PT, "Quer mesmo abrir o registro de gás?"),
        ([command(Action.ON, BUTTON)], PT, "Quer mesmo acionar o portão social?"),
        ([command(Action.ON, SCRIPT)], PT, "Quer mesmo ativar a rotina de chegada?"),
        ([command(Action.ON, RELAY)], PT, "Quer mesmo ligar o portão da rua?"),
        ([command(Action.OPEN, GATE), command(Action.UNLOCK, DOOR)], PT,
         "Quer mesmo abrir o portão da garagem e destrancar a porta da frente?"),
        ([command(Action.OPEN, GATE, RELAY, VALVE)], PT,
         "Quer mesmo abrir o portão da garagem, o portão da rua e o registro de gás?"),
        ([command(Action.OPEN, GATE)], Language.PT, "Quer mesmo abrir o portão da garagem?"),
        ([command(Action.OPEN, GATE_EN)], EN, "Do you really want me to open the garage door?"),
        ([command(Action.OPEN, GATE_ES)], ES, "¿Seguro que quieres abrir el portón del garaje?"),
    ],
)  # fmt: skip
def test_risky_questions(commands: list[Command], language: Language, asked: str) -> None:
    """The verb says what will happen, whatever word the command used."""
    assert question(commands, language, is_risky=True) == asked


@pytest.mark.parametrize(
    ("asked_for", "language", "asked"),
    [
        (command(Action.ON, LIGHT), PT, "Quer que eu ligue a luz da sala?"),
        (command(Action.OFF, LIGHT, TV), PT, "Quer que eu desligue a luz da sala e a TV da sala?"),
        (command(Action.SET, LIGHT, value="50%"), PT,
         "Quer que eu ajuste a luz da sala para 50%?"),
        (command(Action.OFF, GATE), PT, "Quer que eu feche o portão da garagem?"),
        (command(Action.ON, DOOR), PT, "Quer que eu tranque a porta da frente?"),
        (command(Action.ON, ALARM), PT, "Quer que eu ative o alarme?"),
        (command(Action.DOCK, VACUUM), PT, "Quer que eu mande o robô para a base?"),
        (command(Action.UNMUTE, TV), PT, "Quer que eu tire a TV da sala do mudo?"),
        (command(Action.OFF, *[LIGHT] * 5), PT, "Quer que eu desligue 5 dispositivos?"),
        (command(Action.ON, LIGHT_EN), EN, "Do you want me to turn on the living room light?"),
        (command(Action.SET, LIGHT_EN, value="50%"), EN,
         "Do you want me to set the living room light to 50%?"),
        (command(Action.ON, LIGHT_ES), ES, "¿Quieres que encienda la luz de la sala?"),
    ],
)  # fmt: skip
def test_other_questions(asked_for: Command, language: Language, asked: str) -> None:
    """What is harmless is offered; a crowd of lights is counted."""
    assert question([asked_for], language, is_risky=False) == asked


def test_risky_devices_are_always_named() -> None:
    """Nobody says yes to "5 devices" when there is a door among them."""
    targets = (LIGHT, LIGHT, LIGHT, LIGHT, DOOR)
    asked = question([command(Action.OFF, *targets)], PT, is_risky=True)
    assert "a porta da frente" in asked


@pytest.mark.parametrize(
    ("gate", "language", "asked"),
    [
        (GATE, PT, "Para abrir o portão da garagem, diga o PIN."),
        (GATE_EN, EN, "To open the garage door, say the PIN."),
        (GATE_ES, ES, "Para abrir el portón del garaje, di el PIN."),
    ],
)
def test_pin_questions(gate: Entity, language: Language, asked: str) -> None:
    """Where a PIN is needed, the question asks for it."""
    assert pin_question([command(Action.OPEN, gate)], language) == asked


def test_refusal() -> None:
    """What was left out of a wide command is named, with the way out."""
    assert refusal([GATE, DOOR], PT) == (
        "Por segurança, deixei de fora o portão da garagem e a porta da frente: peça pelo nome."
    )
    assert refusal([GATE_EN], EN) == ("For safety I left out the garage door: ask for it by name.")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("which", Reply)
def test_replies(which: Reply, language: Language) -> None:
    """There is a sentence for everything in every language."""
    assert reply(which, language).endswith(".")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_verb(action: Action, language: Language) -> None:
    """No command leaves the question without deed, device or proper end."""
    for is_risky in (True, False):
        asked = question([command(action, DOOR)], language, is_risky=is_risky)
        assert "porta da frente" in asked.lower()
        assert "{" not in asked
        assert asked.endswith("?")


def test_echo_words() -> None:
    """Verb and name may be repeated, and "open" for a lock; little words do not count here."""
    echo = echo_words([command(Action.UNLOCK, DOOR)])
    assert {"destranca", "abrir", "unlock", "open", "porta", "frente"} <= echo
    assert not {"da", "a", "fecha", "portao"} & echo
