"""Words for actions in three languages, and in Home Assistant's."""

import pytest

from custom_components.jonh.agent.calls.action_words import (
    SERVICES,
    action_of,
    arming_of,
    media_action,
    state_action,
)
from custom_components.jonh.agent.commands import Action


@pytest.mark.parametrize(
    ("word", "action"),
    [
        *((action.value, action) for action in Action),
        ("turn_on", Action.ON),
        ("Turn On", Action.ON),
        ("light.turn_off", Action.OFF),
        ("LIGAR", Action.ON),
        ("acender a luz", Action.ON),
        ("set brightness", Action.SET),
        ("set_hvac_mode", Action.SET),
        ("volume_up", Action.INCREASE),
        ("destrancar", Action.UNLOCK),
        ("return to base", Action.DOCK),
        ("próxima", Action.NEXT),
        ("encender", Action.ON),
        ("dançar", None),
        ("", None),
        ("__", None),
    ],
)
def test_actions(word: str, action: Action | None) -> None:
    """Verbs and services in any spelling are our actions."""
    assert action_of(word) is action


def test_states_name_actions() -> None:
    """A state stands for what brings it about."""
    assert state_action("Ligada") is Action.ON
    assert state_action("closed") is Action.CLOSE
    assert state_action("azul") is None


def test_players() -> None:
    """A player is started by playing, and is never locked."""
    assert media_action("iniciar") is Action.PLAY
    assert media_action("pausar") is Action.PAUSE
    assert media_action("lock") is None


def test_ways_of_arming() -> None:
    """The name of a service tells how to arm."""
    assert arming_of("alarm_arm_night") == "night"
    assert arming_of("arm") == ""
    assert "turn_on" in SERVICES
    assert "light" not in SERVICES
