"""The voice pipeline, over the real speech servers."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import tts
from homeassistant.components.assist_pipeline import async_get_pipeline, async_get_pipelines
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError

from custom_components.jonh.const import DOMAIN
from custom_components.jonh.pipelines import SpeechEngine, async_find_stt, async_find_tts
from tests.fakes.speech import spoken
from tests.jonh.conftest import AGENT, LIGHT, OLLAMA_AGENT, set_up
from tests.jonh.speech_servers import add_wyoming, both_running
from tests.jonh.test_config_flow import reconfigure, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from tests.fakes.ollama import FakeOllama

LOCAL_AGENT: dict[str, Any] = {"llm_hass_api": ["assist"]}


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Run jonh-stt and jonh-tts."""
    with both_running() as found:
        yield found


@pytest.fixture
async def voiced(
    home: HomeAssistant, ports: tuple[int, int], socket_enabled: None
) -> HomeAssistant:
    """Give the home ears and a voice."""
    await add_wyoming(home, *ports)
    return home


async def create(hass: HomeAssistant, **fields: Any) -> dict[str, Any]:
    """Call the action."""
    response = await hass.services.async_call(
        DOMAIN, "create_pipeline", fields, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


def jonh_pipelines(hass: HomeAssistant) -> list[Any]:
    """Return the pipelines called Jonh."""
    return [pipeline for pipeline in async_get_pipelines(hass) if pipeline.name == "Jonh"]


async def test_action_joins_ears_agent_and_voice(voiced: HomeAssistant) -> None:
    """The pipeline speaks Brazilian Portuguese and lets the agent hear first."""
    await set_up(voiced, LOCAL_AGENT)
    made = await create(voiced)
    pipeline = async_get_pipeline(voiced, made["pipeline_id"])
    assert made == {
        "pipeline_id": pipeline.id,
        "name": "Jonh",
        "language": "pt-BR",
        "stt_entity": pipeline.stt_engine,
        "tts_entity": pipeline.tts_engine,
        "conversation_agent": AGENT,
        "created": True,
        "preferred": False,
    }
    assert (pipeline.stt_language, pipeline.tts_language) == ("pt-BR", "pt-BR")
    assert pipeline.conversation_engine == AGENT
    assert not pipeline.prefer_local_intents


async def test_action_again_updates(voiced: HomeAssistant) -> None:
    """The second call changes the pipeline that is there."""
    await set_up(voiced, LOCAL_AGENT)
    first = await create(voiced)
    second = await create(voiced, language="en", set_preferred=True)
    assert second["pipeline_id"] == first["pipeline_id"]
    assert not second["created"]
    assert second["preferred"]
    (pipeline,) = jonh_pipelines(voiced)
    assert pipeline.language == "en"
    assert async_get_pipeline(voiced).id == pipeline.id


async def test_action_takes_given_parts(voiced: HomeAssistant) -> None:
    """What is named is used."""
    await set_up(voiced, LOCAL_AGENT)
    found = await create(voiced)
    made = await create(
        voiced,
        name="Cozinha",
        stt_entity=found["stt_entity"],
        tts_entity=found["tts_entity"],
        conversation_agent="conversation.home_assistant",
    )
    assert made["created"]
    assert made["conversation_agent"] == "conversation.home_assistant"


async def test_action_without_ears(home: HomeAssistant) -> None:
    """The error names what is missing."""
    await set_up(home, LOCAL_AGENT)
    with pytest.raises(ServiceValidationError) as error:
        await create(home)
    assert error.value.translation_key == "no_stt_entity"


async def test_action_without_voice(
    home: HomeAssistant, ports: tuple[int, int], socket_enabled: None
) -> None:
    """The error names what is missing."""
    await set_up(home, LOCAL_AGENT)
    await add_wyoming(home, ports[0])
    with pytest.raises(ServiceValidationError) as error:
        await create(home)
    assert error.value.translation_key == "no_tts_entity"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        pytest.param({"conversation_agent": "conversation.no"}, "agent_not_found", id="agent"),
        pytest.param({"language": "ja"}, "no_stt_entity", id="language"),
        pytest.param({"stt_entity": "stt.no"}, "stt_not_found", id="ears"),
        pytest.param({"tts_entity": "tts.no"}, "tts_not_found", id="voice"),
    ],
)
async def test_action_refuses(voiced: HomeAssistant, fields: dict[str, str], key: str) -> None:
    """A wrong part is named in the error."""
    await set_up(voiced, LOCAL_AGENT)
    with pytest.raises(ServiceValidationError) as error:
        await create(voiced, **fields)
    assert error.value.translation_key == key
    assert not jonh_pipelines(voiced)


@pytest.mark.parametrize(
    ("find", "kind"),
    [
        pytest.param(async_find_stt, "stt", id="ears"),
        pytest.param(async_find_tts, "tts", id="voice"),
    ],
)
async def test_given_entity_is_not_replaced(
    voiced: HomeAssistant, find: Callable[..., SpeechEngine], kind: str
) -> None:
    """An entity that does not know the language is refused, not exchanged silently."""
    given = find(voiced, "pt-BR").entity_id
    with pytest.raises(ServiceValidationError) as error:
        find(voiced, "ja", given)
    assert error.value.translation_key == f"{kind}_language_unsupported"


async def test_our_entities_come_first(voiced: HomeAssistant) -> None:
    """Among several entities those of Jonh are chosen, whatever their order."""
    for domain in ("stt", "tts"):
        voiced.states.async_set(f"{domain}.a_other", "unknown")
    assert "jonh" in async_find_stt(voiced, "pt-BR").entity_id
    assert "jonh" in async_find_tts(voiced, "en").entity_id


async def test_action_without_agent(voiced: HomeAssistant) -> None:
    """Without a loaded agent there is nothing to talk to."""
    entry = await set_up(voiced, LOCAL_AGENT)
    await voiced.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as error:
        await create(voiced)
    assert error.value.translation_key == "no_agent"


async def test_flow_creates_the_pipeline(voiced: HomeAssistant) -> None:
    """With ears and a voice there, the flow offers the pipeline and makes it."""
    flow = await start(voiced)
    result = await flow.choose("local_only")
    assert result["step_id"] == "pipeline"
    result = await flow.send(create_pipeline=True, language="pt-BR", set_preferred=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (pipeline,) = jonh_pipelines(voiced)
    assert pipeline.conversation_engine == AGENT
    assert async_get_pipeline(voiced).id == pipeline.id


async def test_flow_whose_ears_vanish(
    voiced: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry stands even when the pipeline cannot be made in the last moment."""

    async def gone(*_: object, **__: object) -> None:
        raise ServiceValidationError

    flow = await start(voiced)
    await flow.choose("local_only")
    monkeypatch.setattr("custom_components.jonh.config_flow.async_create_pipeline", gone)
    result = await flow.send(create_pipeline=True, language="pt-BR", set_preferred=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert voiced.states.get(AGENT) is not None
    assert not jonh_pipelines(voiced)


async def test_flow_without_pipeline(voiced: HomeAssistant) -> None:
    """Who declines gets the entry alone."""
    flow = await start(voiced)
    await flow.choose("local_only")
    result = await flow.send(create_pipeline=False, language="pt-BR", set_preferred=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not jonh_pipelines(voiced)


async def test_flow_names_a_missing_voice(voiced: HomeAssistant) -> None:
    """A language without a voice is refused and can be changed."""
    flow = await start(voiced)
    await flow.choose("local_only")
    result = await flow.send(create_pipeline=True, language="es", set_preferred=False)
    assert result["errors"] == {"base": "no_stt_entity"}
    result = await flow.send(create_pipeline=True, language="en", set_preferred=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_reconfigure_creates_the_pipeline(voiced: HomeAssistant) -> None:
    """The pipeline can be made later."""
    await set_up(voiced, LOCAL_AGENT)
    flow = await reconfigure(voiced)
    result = await flow.choose("pipeline")
    assert "create_pipeline" not in result["data_schema"].schema
    result = await flow.send(language="pt-BR", set_preferred=False)
    assert result["reason"] == "pipeline_created"
    assert jonh_pipelines(voiced)


async def test_reconfigure_without_agent(voiced: HomeAssistant) -> None:
    """Without a loaded agent the step says so."""
    entry = await set_up(voiced, LOCAL_AGENT)
    await voiced.config_entries.async_unload(entry.entry_id)
    flow = await reconfigure(voiced)
    await flow.choose("pipeline")
    result = await flow.send(language="pt-BR", set_preferred=False)
    assert result["reason"] == "no_agent"


async def run_pipeline(client: Any, **fields: Any) -> dict[str, Any]:
    """Run a pipeline over the websocket and return the data of each event by its type."""
    await client.send_json_auto_id({"type": "assist_pipeline/run", **fields})
    events: dict[str, Any] = {}
    while "run-end" not in events:
        message = await client.receive_json()
        if message["type"] == "event":
            events[message["event"]["type"]] = message["event"]["data"]
        else:
            assert message["success"], message
    return events


async def sound(hass: HomeAssistant, events: dict[str, Any]) -> bytes:
    """Return the audio of the answer."""
    stream = tts.async_get_stream(hass, events["tts-end"]["tts_output"]["token"])
    assert stream is not None
    return b"".join([chunk async for chunk in stream.async_stream_result()])


async def test_typed_command(
    voiced: HomeAssistant, ollama: FakeOllama, hass_ws_client: WebSocketGenerator
) -> None:
    """A sentence that Home Assistant does not know turns on the light through the model."""
    await set_up(voiced, OLLAMA_AGENT, ollama_url=ollama.url)
    made = await create(voiced)
    events = await run_pipeline(
        await hass_ws_client(voiced),
        pipeline=made["pipeline_id"],
        start_stage="intent",
        end_stage="tts",
        input={"text": "seria bom se você pudesse ligar a luz da sala para mim"},
    )
    assert voiced.states.get(LIGHT).state == "on"
    assert not events["intent-end"]["processed_locally"]
    assert await sound(voiced, events)


async def test_spoken_command(voiced: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """Speech goes in, the light is on, speech comes out."""
    await set_up(voiced, LOCAL_AGENT)
    made = await create(voiced)
    client = await hass_ws_client(voiced)
    await client.send_json_auto_id(
        {
            "type": "assist_pipeline/run",
            "pipeline": made["pipeline_id"],
            "start_stage": "stt",
            "end_stage": "tts",
            "input": {"sample_rate": 16000},
        }
    )
    events: dict[str, Any] = {}
    while "run-end" not in events:
        message = await client.receive_json()
        if message["type"] != "event":
            assert message["success"], message
            continue
        event = message["event"]
        events[event["type"]] = event["data"]
        if event["type"] == "stt-start":
            handler = bytes([events["run-start"]["runner_data"]["stt_binary_handler_id"]])
            await client.send_bytes(handler + spoken("acenda a luz da sala").tobytes())
            await client.send_bytes(handler)
    assert events["stt-end"]["stt_output"]["text"].lower().startswith("acenda a luz da sala")
    assert voiced.states.get(LIGHT).state == "on"
    assert await sound(voiced, events)
