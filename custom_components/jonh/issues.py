"""Problems that a person has to solve: found, raised, and taken back when they are gone."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from .agent.safety.risk import is_guarded
from .const import (
    DOMAIN,
    ISSUE_BUDGET_TOO_SMALL,
    ISSUE_CONTEXT_TOO_SMALL,
    ISSUE_MODEL_MISSING,
    ISSUE_MODEL_WITHOUT_TOOLS,
    ISSUE_PIPELINE_BYPASSES_GUARD,
    ISSUE_PIPELINE_WITHOUT_AGENT,
)
from .coordinator import model_ids
from .home_context import async_read_home
from .pipelines import async_listen_pipelines
from .settings import AgentSettings, ModelChoice, model_choices

if TYPE_CHECKING:
    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.config_entries import ConfigSubentry

    from .coordinator import JonhConfigEntry

NAMED_DEVICES = 3
"""As many fit a sentence."""


# Agents


@callback
def async_check_models(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Raise an issue for each agent and task whose model is gone, or cannot do what is asked."""
    for subentry in entry.subentries.values():
        missing = missing_model(entry, subentry)
        toolless = None if missing else toolless_model(entry, subentry)
        for key, choice in (
            (ISSUE_MODEL_MISSING, missing),
            (ISSUE_MODEL_WITHOUT_TOOLS, toolless),
        ):
            if choice is None:
                ir.async_delete_issue(hass, DOMAIN, f"{key}_{subentry.subentry_id}")
                continue
            is_missing = key == ISSUE_MODEL_MISSING
            _raise_for_agent(
                hass,
                entry,
                subentry,
                key,
                severity=ir.IssueSeverity.ERROR if is_missing else ir.IssueSeverity.WARNING,
                placeholders=model_placeholders(entry, subentry, choice),
            )


@callback
def async_report_context_too_small(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    subentry: ConfigSubentry,
    needed_tokens: int,
    have_tokens: int,
) -> None:
    """Raise or take back the issue of a context window that a request does not fit into."""
    _report_size(hass, entry, subentry, ISSUE_CONTEXT_TOO_SMALL, needed_tokens, have_tokens)


@callback
def async_report_budget_too_small(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    subentry: ConfigSubentry,
    needed_tokens: int,
    have_tokens: int,
) -> None:
    """Raise or take back the issue of a quota per minute smaller than one request."""
    _report_size(hass, entry, subentry, ISSUE_BUDGET_TOO_SMALL, needed_tokens, have_tokens)


def missing_model(entry: JonhConfigEntry, subentry: ConfigSubentry) -> ModelChoice | None:
    """Return the first model of an agent that a reachable provider does not have."""
    for choice in model_choices(subentry.data):
        coordinator = entry.runtime_data.coordinators.get(choice.provider)
        if coordinator is None or not coordinator.last_update_success:
            continue
        if not model_ids(choice.model) & {model.id for model in coordinator.data}:
            return choice
    return None


def toolless_model(entry: JonhConfigEntry, subentry: ConfigSubentry) -> ModelChoice | None:
    """Return the first model of an agent with control that is known to be unable to act."""
    settings, data = AgentSettings.from_data(subentry.data), entry.runtime_data
    if not settings.llm_apis:
        return None
    known = (choice for choice in settings.models if choice.provider in data.coordinators)
    return next((choice for choice in known if not data.can_call_tools(choice)), None)


def model_placeholders(
    entry: JonhConfigEntry, subentry: ConfigSubentry, choice: ModelChoice
) -> dict[str, str]:
    """Return what the texts about a model speak of."""
    provider = entry.runtime_data.coordinators[choice.provider].provider.name
    return {"agent": subentry.title, "model": choice.model, "provider": provider}


def _report_size(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    subentry: ConfigSubentry,
    key: str,
    needed_tokens: int,
    have_tokens: int,
) -> None:
    if needed_tokens <= have_tokens:
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{subentry.subentry_id}")
        return
    _raise_for_agent(
        hass,
        entry,
        subentry,
        key,
        severity=ir.IssueSeverity.WARNING,
        placeholders={
            "agent": subentry.title,
            "needed": str(needed_tokens),
            "have": str(have_tokens),
        },
        is_fixable=key == ISSUE_CONTEXT_TOO_SMALL,
        needed_tokens=needed_tokens,
    )


def _raise_for_agent(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    subentry: ConfigSubentry,
    key: str,
    *,
    severity: ir.IssueSeverity,
    placeholders: dict[str, str],
    is_fixable: bool = True,
    **data: Any,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{key}_{subentry.subentry_id}",
        is_fixable=is_fixable,
        severity=severity,
        translation_key=key,
        translation_placeholders=placeholders,
        data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id, **data},
    )


# Pipelines


@callback
def async_watch_pipelines(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Check the pipelines now and after each change of what the check looks at."""

    @callback
    def check() -> None:
        async_check_pipelines(hass)

    entry.async_on_unload(async_listen_pipelines(hass, check))
    entry.async_on_unload(entry.runtime_data.home.async_add_listener(check))
    check()


@callback
def async_check_pipelines(hass: HomeAssistant, removed: frozenset[str] = frozenset()) -> None:
    """Raise an issue for each pipeline that lost its agent, or that leads around our guard.

    `removed` are entity ids of agents that are being removed.
    """
    wanted: set[str] = set()
    for pipeline in async_get_pipelines(hass):
        if has_lost_agent(hass, pipeline, removed):
            placeholders = {"pipeline": pipeline.name, "agent": pipeline.conversation_engine}
            wanted.add(
                _raise_for_pipeline(hass, pipeline, ISSUE_PIPELINE_WITHOUT_AGENT, placeholders)
            )
        elif pipeline.conversation_engine not in removed and (
            devices := devices_beyond_guard(hass, pipeline)
        ):
            placeholders = {"pipeline": pipeline.name, "devices": devices}
            wanted.add(
                _raise_for_pipeline(hass, pipeline, ISSUE_PIPELINE_BYPASSES_GUARD, placeholders)
            )
    keys = (ISSUE_PIPELINE_WITHOUT_AGENT, ISSUE_PIPELINE_BYPASSES_GUARD)
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(keys) and issue_id not in wanted:
            ir.async_delete_issue(hass, DOMAIN, issue_id)


def has_lost_agent(
    hass: HomeAssistant, pipeline: Pipeline, removed: frozenset[str] = frozenset()
) -> bool:
    """Return True when a pipeline speaks to an agent that does not exist."""
    agent = pipeline.conversation_engine
    if not agent.startswith("conversation.") or agent == HOME_ASSISTANT_AGENT:
        return False
    is_known = er.async_get(hass).async_get(agent) or hass.states.get(agent)
    return agent in removed or not is_known


def devices_beyond_guard(hass: HomeAssistant, pipeline: Pipeline) -> str:
    """Return names of exposed devices that a pipeline of ours opens without asking; "" for none.

    Home Assistant's own sentences, where the pipeline prefers them, never reach an agent.
    """
    agent = er.async_get(hass).async_get(pipeline.conversation_engine)
    if not pipeline.prefer_local_intents or agent is None or agent.platform != DOMAIN:
        return ""
    chosen = _confirmed_entities(hass, agent)
    names = [
        entity.name
        for entity in async_read_home(hass).entities
        if is_guarded(entity) or entity.entity_id in chosen
    ]
    more = " ..." if len(names) > NAMED_DEVICES else ""
    return ", ".join(names[:NAMED_DEVICES]) + more


def _confirmed_entities(hass: HomeAssistant, agent: er.RegistryEntry) -> tuple[str, ...]:
    """Return what the user wants to be asked about, beside what is guarded by its kind."""
    entry = hass.config_entries.async_get_entry(agent.config_entry_id or "")
    subentry = entry.subentries.get(agent.unique_id) if entry else None
    return AgentSettings.from_data(subentry.data).confirm_entities if subentry else ()


def _raise_for_pipeline(
    hass: HomeAssistant, pipeline: Pipeline, key: str, placeholders: dict[str, str]
) -> str:
    """Raise an issue and return its id."""
    issue_id = f"{key}_{pipeline.id}"
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders=placeholders,
        data={"pipeline_id": pipeline.id},
    )
    return issue_id


@callback
def async_forget_issues(hass: HomeAssistant) -> None:
    """Take back everything; the entry is gone."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
