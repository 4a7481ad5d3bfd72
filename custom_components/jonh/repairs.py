"""The forms that solve what `issues` finds."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, override

import probatio
from homeassistant.components.assist_pipeline import async_get_pipelines, async_update_pipeline
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.const import CONF_MODEL

from . import forms
from .const import (
    CONF_NUM_CTX,
    ISSUE_CONTEXT_TOO_SMALL,
    ISSUE_MODEL_MISSING,
    ISSUE_MODEL_WITHOUT_TOOLS,
    ISSUE_PIPELINE_BYPASSES_GUARD,
    ISSUE_PIPELINE_WITHOUT_AGENT,
)
from .entity import async_agent_entity_ids
from .issues import devices_beyond_guard, missing_model, model_placeholders, toolless_model
from .settings import ModelChoice, model_choices, with_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.core import HomeAssistant

    from .coordinator import JonhConfigEntry

CONTEXT_STEP_TOKENS = 2048
"""A context window is suggested in multiples of this, with at least half of one to spare."""


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the form that solves an issue."""
    data = data or {}
    if issue_id.startswith(ISSUE_MODEL_MISSING):
        return OtherModelFlow(data, missing_model)
    if issue_id.startswith(ISSUE_MODEL_WITHOUT_TOOLS):
        return OtherModelFlow(data, toolless_model)
    if issue_id.startswith(ISSUE_CONTEXT_TOO_SMALL):
        return LargerContextFlow(data)
    if issue_id.startswith(ISSUE_PIPELINE_WITHOUT_AGENT):
        return PipelineWithoutAgentFlow(data)
    if issue_id.startswith(ISSUE_PIPELINE_BYPASSES_GUARD):
        return PipelineBypassesGuardFlow(data)
    return ConfirmRepairFlow()


class AgentRepairFlow(RepairsFlow):
    """A form about one agent."""

    def __init__(self, issue: dict[str, Any]) -> None:
        """Repair the agent that the data of an issue names."""
        self._issue = issue

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Find the agent."""
        entry: JonhConfigEntry | None = self.hass.config_entries.async_get_entry(
            self._issue["entry_id"]
        )
        subentry = entry.subentries.get(self._issue["subentry_id"]) if entry else None
        if entry is None or subentry is None:
            return self.async_abort(reason="agent_removed")
        return await self._async_repair(entry, subentry, user_input)

    @abstractmethod
    async def _async_repair(
        self, entry: JonhConfigEntry, subentry: ConfigSubentry, user_input: dict[str, str] | None
    ) -> RepairsFlowResult:
        """Show the form or change the agent."""


class OtherModelFlow(AgentRepairFlow):
    """Choose another model for an agent."""

    def __init__(
        self,
        issue: dict[str, Any],
        find: Callable[[JonhConfigEntry, ConfigSubentry], ModelChoice | None],
    ) -> None:
        """Replace the model that `find` returns; nothing when it returns none."""
        super().__init__(issue)
        self._find = find

    @override
    async def _async_repair(
        self, entry: JonhConfigEntry, subentry: ConfigSubentry, user_input: dict[str, str] | None
    ) -> RepairsFlowResult:
        """Show the models that are there and take one."""
        unfit = self._find(entry, subentry)
        if unfit is None:
            return self.async_create_entry(data={})
        if user_input is not None:
            models = tuple(
                ModelChoice(provider=choice.provider, model=user_input[CONF_MODEL])
                if choice == unfit
                else choice
                for choice in model_choices(subentry.data)
            )
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data=with_models(subentry.data, models)
            )
            return self.async_create_entry(data={})
        listed = entry.runtime_data.coordinators[unfit.provider].data
        others = [model for model in listed or () if model.id != unfit.model]
        if not others:
            return self.async_abort(reason="no_models")
        return self.async_show_form(
            step_id="init",
            data_schema=await forms.async_model_schema(self.hass, others),
            description_placeholders=model_placeholders(entry, subentry, unfit),
        )


class LargerContextFlow(AgentRepairFlow):
    """Give an agent's model a larger context window."""

    @override
    async def _async_repair(
        self, entry: JonhConfigEntry, subentry: ConfigSubentry, user_input: dict[str, str] | None
    ) -> RepairsFlowResult:
        """Ask for a confirmation and change the number."""
        spare = self._issue["needed_tokens"] + CONTEXT_STEP_TOKENS // 2
        suggested = -(-spare // CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS
        if user_input is None:
            return self.async_show_form(
                step_id="init",
                data_schema=probatio.Schema({}),
                description_placeholders={"agent": subentry.title, "suggested": str(suggested)},
            )
        self.hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, CONF_NUM_CTX: suggested}
        )
        return self.async_create_entry(data={})


class PipelineRepairFlow(RepairsFlow):
    """A form that changes one pipeline after a confirmation; one that is gone needs none."""

    def __init__(self, issue: dict[str, Any]) -> None:
        """Repair the pipeline that the data of an issue names."""
        self._pipeline_id = issue["pipeline_id"]

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask for the confirmation and change the pipeline."""
        found = [item for item in async_get_pipelines(self.hass) if item.id == self._pipeline_id]
        if found and user_input is None:
            return self.async_show_form(
                step_id="init",
                data_schema=probatio.Schema({}),
                description_placeholders=self._placeholders(found[0]),
            )
        for pipeline in found:
            await self._async_repair(pipeline)
        return self.async_create_entry(data={})

    @abstractmethod
    def _placeholders(self, pipeline: Pipeline) -> dict[str, str]:
        """Return what the text of the form speaks of."""

    @abstractmethod
    async def _async_repair(self, pipeline: Pipeline) -> None:
        """Change the pipeline."""


class PipelineWithoutAgentFlow(PipelineRepairFlow):
    """Give a pipeline an agent that exists: ours, or Home Assistant's own."""

    @override
    def _placeholders(self, pipeline: Pipeline) -> dict[str, str]:
        return {"pipeline": pipeline.name, "agent": self._agent}

    @override
    async def _async_repair(self, pipeline: Pipeline) -> None:
        await async_update_pipeline(self.hass, pipeline, conversation_engine=self._agent)

    @property
    def _agent(self) -> str:
        """Return the agent to use."""
        return next(iter(async_agent_entity_ids(self.hass)), HOME_ASSISTANT_AGENT)


class PipelineBypassesGuardFlow(PipelineRepairFlow):
    """Let the agent hear every sentence of a pipeline first."""

    @override
    def _placeholders(self, pipeline: Pipeline) -> dict[str, str]:
        return {
            "pipeline": pipeline.name,
            "devices": devices_beyond_guard(self.hass, pipeline),
        }

    @override
    async def _async_repair(self, pipeline: Pipeline) -> None:
        await async_update_pipeline(self.hass, pipeline, prefer_local_intents=False)
