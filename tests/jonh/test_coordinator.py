"""The log of an agent's turns."""

from typing import TYPE_CHECKING

from custom_components.jonh.coordinator import TurnLog, model_ids
from tests.jonh.reports import BY_FAST_PATH, BY_MODEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from custom_components.jonh.agent.telemetry import TurnReport


def test_the_latest_turn() -> None:
    """There is none at first, and then the newest one."""
    turns = TurnLog()
    assert turns.last is None
    turns.report(BY_MODEL)
    turns.report(BY_FAST_PATH)
    assert turns.last is BY_FAST_PATH


def test_old_turns_are_forgotten() -> None:
    """A bug report needs some turns, not a year of them."""
    turns = TurnLog()
    turns.report(BY_FAST_PATH)
    for _ in range(20):
        turns.report(BY_MODEL)
    assert BY_FAST_PATH not in turns.reports
    assert len(turns.reports) == 20


def test_listeners_come_and_go() -> None:
    """Each one hears the turns between its coming and its going, even one that goes meanwhile."""
    turns = TurnLog()
    heard: list[tuple[str, TurnReport]] = []
    leave: list[Callable[[], None]] = []

    def hear_once(report: TurnReport) -> None:
        heard.append(("once", report))
        leave[0]()

    leave.append(turns.async_add_listener(hear_once))
    turns.async_add_listener(lambda report: heard.append(("always", report)))
    turns.report(BY_MODEL)
    turns.report(BY_FAST_PATH)
    assert heard == [("once", BY_MODEL), ("always", BY_MODEL), ("always", BY_FAST_PATH)]


def test_a_left_out_tag() -> None:
    """Ollama lists a model that was named without its tag under the tag "latest"."""
    assert model_ids("mistral") == {"mistral", "mistral:latest"}
