"""Answers to the tasks of automations: free text, or data of a shape that the task asks for."""

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, override

import probatio
from homeassistant.components import ai_task, conversation
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm

from .agent.limits import MAX_TOOL_ROUNDS
from .chat_log import to_messages, to_tool_input, to_tools
from .const import DOMAIN, SUBENTRY_AI_TASK, SUBENTRY_CONVERSATION
from .entity import JonhEntity
from .providers.base import (
    BadToolCallError,
    ChatRequest,
    Done,
    ProviderError,
    StopReason,
    SystemMessage,
    TextDelta,
    ToolCallEvent,
    UserMessage,
)
from .settings import AgentSettings, ModelChoice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import JonhConfigEntry, ProviderCoordinator

PARALLEL_UPDATES = 0

SHAPE_REQUEST = "Now give the result of the task as one JSON object."
"""What ends a task that used tools, as an answer of a given shape cannot call any."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one entity for each subentry."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_AI_TASK):
        async_add_entities(
            [JonhTaskEntity(entry, subentry)], config_subentry_id=subentry.subentry_id
        )


class JonhTaskEntity(JonhEntity, ai_task.AITaskEntity):
    """Solves tasks over the model of a subentry."""

    _attr_name = None
    _attr_translation_key = "ai_task_data"
    _attr_supported_features = ai_task.AITaskEntityFeature.GENERATE_DATA

    @override
    async def _async_generate_data(
        self, task: ai_task.GenDataTask, chat_log: conversation.ChatLog
    ) -> ai_task.GenDataTaskResult:
        """Solve a task; HomeAssistantError says why it could not be."""
        schema = _json_schema(task.structure) if task.structure else None
        has_tools = bool(chat_log.llm_api and chat_log.llm_api.tools)
        try:
            text = "" if schema and not has_tools else await self._async_write(chat_log)
            if schema:
                text = await self._async_write_shape(chat_log, schema, is_asked_again=has_tools)
        except ProviderError as err:
            self._coordinator.async_look_again()
            name = self._coordinator.provider.name
            raise _failure("provider_failed", provider=name, error=str(err)) from err
        return ai_task.GenDataTaskResult(
            conversation_id=chat_log.conversation_id,
            data=_shaped(text, task.structure) if task.structure else text,
        )

    async def _async_write(self, chat_log: conversation.ChatLog) -> str:
        """Let the model write and use the tools of the task until it has nothing more to do."""
        for _ in range(MAX_TOOL_ROUNDS):
            deltas = self._deltas(chat_log)
            async for _ in chat_log.async_add_delta_content_stream(self.entity_id, deltas):
                pass
            if not chat_log.unresponded_tool_results:
                last = chat_log.content[-1]
                return (last.content or "") if isinstance(last, _ASSISTANT) else ""
        raise _failure("task_too_many_rounds")

    async def _async_write_shape(
        self, chat_log: conversation.ChatLog, schema: dict[str, Any], *, is_asked_again: bool
    ) -> str:
        """Return the answer in the shape of a schema."""
        request = self._request(chat_log, schema=schema, is_asked_again=is_asked_again)
        try:
            text = await self._async_text(request)
        except BadToolCallError:
            # A model that missed the shape mostly finds it the second time.
            text = await self._async_text(request)
        chat_log.async_add_assistant_content_without_tools(
            _ASSISTANT(agent_id=self.entity_id, content=text)
        )
        return text

    async def _async_text(self, request: ChatRequest) -> str:
        """Return the whole text of one answer."""
        text = ""
        async with aclosing(self._coordinator.provider.stream(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    text += event.text
                elif isinstance(event, Done) and event.reason is StopReason.LENGTH:
                    raise _failure("task_too_long", max_tokens=str(request.max_tokens))
        return text

    async def _deltas(
        self, chat_log: conversation.ChatLog
    ) -> AsyncGenerator[conversation.AssistantContentDeltaDict]:
        """Yield what the model writes and calls in one round."""
        request = self._request(chat_log)
        yield {"role": "assistant"}
        async with aclosing(self._coordinator.provider.stream(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield {"content": event.text}
                elif isinstance(event, ToolCallEvent):
                    yield {"tool_calls": [to_tool_input(event.call, request.tools)]}
                elif isinstance(event, Done) and event.reason is StopReason.LENGTH:
                    raise _failure("task_too_long", max_tokens=str(request.max_tokens))

    def _request(
        self,
        chat_log: conversation.ChatLog,
        *,
        schema: dict[str, Any] | None = None,
        is_asked_again: bool = False,
    ) -> ChatRequest:
        """Return the next request of the task."""
        system = chat_log.content[0]
        assert isinstance(system, conversation.SystemContent)
        messages = [SystemMessage(system.content), *to_messages(chat_log.content[1:])]
        if is_asked_again:
            messages.append(UserMessage(SHAPE_REQUEST))
        agent = self._agent_of_same_model()
        return ChatRequest(
            model=self._choice.model,
            messages=messages,
            tools=() if schema else to_tools(chat_log.llm_api),
            temperature=self.settings.temperature,
            max_tokens=self.settings.max_tokens,
            num_ctx=agent.num_ctx,
            keep_alive_s=agent.keep_alive_s,
            json_schema=schema,
        )

    @property
    def _choice(self) -> ModelChoice:
        """The model of the subentry; HomeAssistantError when it has none any more."""
        coordinators = self.entry.runtime_data.coordinators
        known = [choice for choice in self.settings.models if choice.provider in coordinators]
        if not known:
            raise _failure("task_without_model", task=self.subentry.title)
        return known[0]

    @property
    def _coordinator(self) -> ProviderCoordinator:
        """The provider of the model."""
        return self.entry.runtime_data.coordinators[self._choice.provider]

    def _agent_of_same_model(self) -> AgentSettings:
        """Return the settings of an agent that uses the same model, else those of the task.

        Ollama loads a model again when somebody asks for it with another context window.
        """
        for subentry in self.entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
            settings = AgentSettings.from_data(subentry.data)
            if self._choice in settings.models:
                return settings
        return self.settings


_ASSISTANT = conversation.AssistantContent


def _json_schema(structure: probatio.Schema) -> dict[str, Any]:
    """Return the JSON Schema of the data that a task asks for."""
    converted: dict[str, Any] = probatio.to_openapi(
        structure, custom_serializer=llm.selector_serializer, openapi_version="3.1.0"
    )
    return converted


def _shaped(text: str, structure: probatio.Schema) -> Any:
    """Read the data; HomeAssistantError when it is not of the shape asked for."""
    try:
        data = json.loads(text)
        structure(data)
    except (ValueError, probatio.Invalid) as err:
        raise _failure("task_not_of_shape") from err
    return data


def _failure(key: str, **placeholders: str) -> HomeAssistantError:
    """Return a translated error for whoever set the task."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
