"""Changing the facts of an agent, where its form keeps them."""

from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from .agent.history.facts import (
    FactNotFoundError,
    FactTooLongError,
    TooManyFactsError,
    with_fact,
    without_fact,
)
from .agent.limits import MAX_FACT_CHARS, MAX_FACTS
from .const import CONF_FACTS, DOMAIN

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry

    from .coordinator import JonhConfigEntry


@callback
def async_remember_fact(
    hass: HomeAssistant, entry: JonhConfigEntry, subentry: ConfigSubentry, text: str
) -> bool:
    """Add a fact; return False when the agent knew it already.

    A change reloads the entry soon after. Raises ServiceValidationError when the list is full
    or the fact too long.
    """
    facts = tuple(subentry.data.get(CONF_FACTS, ()))
    try:
        changed = with_fact(facts, text)
    except TooManyFactsError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="too_many_facts",
            translation_placeholders={"limit": str(MAX_FACTS)},
        ) from err
    except FactTooLongError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="fact_too_long",
            translation_placeholders={"limit": str(MAX_FACT_CHARS)},
        ) from err
    _async_save(hass, entry, subentry, changed)
    return changed != facts


@callback
def async_forget_fact(
    hass: HomeAssistant, entry: JonhConfigEntry, subentry: ConfigSubentry, text: str
) -> None:
    """Drop a fact, given by its words or some of them.

    A change reloads the entry soon after. Raises ServiceValidationError unless one fact is meant.
    """
    try:
        changed = without_fact(tuple(subentry.data.get(CONF_FACTS, ())), text)
    except FactNotFoundError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="fact_not_found"
        ) from err
    _async_save(hass, entry, subentry, changed)


def _async_save(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    subentry: ConfigSubentry,
    facts: tuple[str, ...],
) -> None:
    """Write the facts; nothing happens where nothing changed."""
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, CONF_FACTS: list(facts)}
    )
