"""A command as one of its targets sees it, and the call that answers it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from custom_components.jonh.agent.commands import Action, Value
from custom_components.jonh.agent.words import fold, words

from .problems import Problem, Reason, no_option

if TYPE_CHECKING:
    from homeassistant.core import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a service, for one entity."""

    domain: str
    service: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A command as one of its targets sees it."""

    state: State
    action: Action
    value: Value | None

    @property
    def number(self) -> float | None:
        """Number that was said."""
        return self.value.number if self.value else None

    @property
    def text(self) -> str:
        """What was said where no number was; empty where nothing was."""
        return self.value.text if self.value and self.value.number is None else ""

    def attribute(self, name: str) -> float | None:
        """Return a numeric attribute; None where it has none now."""
        value = self.state.attributes.get(name)
        return float(value) if isinstance(value, int | float) else None

    def has(self, feature: int) -> bool:
        """Return True when the entity has all of these features."""
        return (self.state.attributes.get("supported_features") or 0) & feature == feature

    def options(self, name: str) -> list[str]:
        """Return the options that an attribute lists."""
        return [str(option) for option in self.state.attributes.get(name) or ()]

    def stepped(self, current: float, step: float) -> float:
        """Return a number raised or lowered by what was said, or by the step."""
        by = abs(self.number) if self.number is not None else step
        return current + by if self.action is Action.INCREASE else current - by

    def call(self, service: str, **data: object) -> Call:
        """Call a service of the entity's own domain."""
        domain = self.state.domain
        # Groups of mixed kinds have no services of their own.
        domain = "homeassistant" if domain == "group" else domain
        return Call(
            domain=domain, service=service, data={"entity_id": self.state.entity_id, **data}
        )


def option_call(wish: Wish, service: str, field: str, listed: str) -> Call | Problem:
    """Choose the option that was named: the whole name, else the only one that contains it."""
    options = wish.options(listed)
    said = fold(wish.value.text) if wish.value else ""
    if not said:
        return Problem(reason=Reason.NO_VALUE)
    same = [option for option in options if fold(option) == said]
    near = [option for option in options if set(words(said)) <= set(words(option))]
    if same or len(near) == 1:
        return wish.call(service, **{field: (same or near)[0]})
    return no_option(options)


def between(number: float, low: float, high: float) -> float:
    """Return the number, moved into the range."""
    return min(max(number, low), high)
