"""Problems that the user has to solve, and the forms that solve them."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.const import CONF_MODEL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from . import forms
from .const import (
    DOMAIN,
    ISSUE_MODEL_MISSING,
    ISSUE_PIPELINE_WITHOUT_AGENT,
    SUBENTRY_CONVERSATION,
)
from .entity import async_agent_entity_ids
from .settings import ModelChoice, model_choices, with_models

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry

    from .coordinator import JonhConfigEntry


@callback
def async_check_models(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Raise an issue for each agent whose model its provider no longer lists."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
        issue_id = f"{ISSUE_MODEL_MISSING}_{subentry.subentry_id}"
        missing = _missing_model(entry, subentry)
        if missing is None:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_MODEL_MISSING,
            translation_placeholders=_placeholders(entry, subentry, missing),
            data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id},
        )


@callback
def async_check_pipelines(hass: HomeAssistant, removed: frozenset[str] = frozenset()) -> None:
    """Raise an issue for each pipeline whose agent is gone or being removed."""
    known = set(er.async_get(hass).entities) | set(hass.states.async_entity_ids("conversation"))
    known -= removed
    for pipeline in async_get_pipelines(hass):
        issue_id = f"{ISSUE_PIPELINE_WITHOUT_AGENT}_{pipeline.id}"
        agent = pipeline.conversation_engine
        is_lost = agent.startswith("conversation.") and agent not in known | {HOME_ASSISTANT_AGENT}
        if not is_lost:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_PIPELINE_WITHOUT_AGENT,
            translation_placeholders={"pipeline": pipeline.name, "agent": agent},
            data={"pipeline_id": pipeline.id},
        )


@callback
def async_forget_issues(hass: HomeAssistant) -> None:
    """Delete all issues of the integration."""
    registry = ir.async_get(hass)
    for domain, issue_id in [key for key in registry.issues if key[0] == DOMAIN]:
        ir.async_delete_issue(hass, domain, issue_id)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the form that solves an issue."""
    data = data or {}
    if issue_id.startswith(ISSUE_MODEL_MISSING):
        return ModelMissingFlow(data["entry_id"], data["subentry_id"])
    if issue_id.startswith(ISSUE_PIPELINE_WITHOUT_AGENT):
        return PipelineWithoutAgentFlow(data["pipeline_id"])
    return ConfirmRepairFlow()


class ModelMissingFlow(RepairsFlow):
    """Choose another model for an agent."""

    def __init__(self, entry_id: str, subentry_id: str) -> None:
        """Repair an agent."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show the models that are there and take one."""
        entry: JonhConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        subentry = entry.subentries.get(self._subentry_id) if entry else None
        if entry is None or subentry is None:
            return self.async_abort(reason="agent_removed")
        missing = _missing_model(entry, subentry)
        if missing is None:
            return self.async_create_entry(data={})
        if user_input is not None:
            models = tuple(
                ModelChoice(provider=choice.provider, model=user_input[CONF_MODEL])
                if choice == missing
                else choice
                for choice in model_choices(subentry.data)
            )
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data=with_models(subentry.data, models)
            )
            return self.async_create_entry(data={})
        listed = entry.runtime_data.coordinators[missing.provider].data
        if not listed:
            return self.async_abort(reason="no_models")
        return self.async_show_form(
            step_id="init",
            data_schema=await forms.async_model_schema(self.hass, listed),
            description_placeholders=_placeholders(entry, subentry, missing),
        )


class PipelineWithoutAgentFlow(RepairsFlow):
    """Give a pipeline an agent that exists: ours, or Home Assistant's own."""

    def __init__(self, pipeline_id: str) -> None:
        """Repair a pipeline."""
        self._pipeline_id = pipeline_id

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask for a confirmation and change the pipeline."""
        found = [item for item in async_get_pipelines(self.hass) if item.id == self._pipeline_id]
        agent = next(iter(async_agent_entity_ids(self.hass)), HOME_ASSISTANT_AGENT)
        if found and user_input is None:
            return self.async_show_form(
                step_id="init",
                data_schema=probatio.Schema({}),
                description_placeholders={"pipeline": found[0].name, "agent": agent},
            )
        for pipeline in found:
            await async_update_pipeline(self.hass, pipeline, conversation_engine=agent)
        return self.async_create_entry(data={})


def _missing_model(entry: JonhConfigEntry, subentry: ConfigSubentry) -> ModelChoice | None:
    """Return the first model of an agent that a reachable provider does not have."""
    for choice in model_choices(subentry.data):
        coordinator = entry.runtime_data.coordinators.get(choice.provider)
        if coordinator is None or not coordinator.last_update_success:
            continue
        names = {model.id for model in coordinator.data}
        if not names & {choice.model, f"{choice.model}:latest"}:
            return choice
    return None


def _placeholders(
    entry: JonhConfigEntry, subentry: ConfigSubentry, missing: ModelChoice
) -> dict[str, str]:
    """Return what the texts of a missing model speak of."""
    provider = entry.runtime_data.coordinators[missing.provider].provider.name
    return {"agent": subentry.title, "model": missing.model, "provider": provider}
