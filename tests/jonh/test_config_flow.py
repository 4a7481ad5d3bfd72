"""Every step of the config flow, over real sockets."""

import asyncio
from typing import TYPE_CHECKING, Any, override

import pytest
from homeassistant import config_entries
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType

from custom_components.jonh.const import DOMAIN
from tests.fakes.groq import API_KEY, FakeGroq
from tests.fakes.ollama import FakeOllama, StoredModel
from tests.jonh.conftest import (
    AGENT,
    BOTH_AGENT,
    GROQ_AGENT,
    GROQ_MODEL,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    set_up,
)

if TYPE_CHECKING:
    from aiohttp import web
    from homeassistant.core import HomeAssistant

DEAD_URL = "http://127.0.0.1:9"


class Flow:
    """A flow that is driven as the frontend drives it."""

    def __init__(self, hass: HomeAssistant, first: ConfigFlowResult) -> None:
        """Go on with a flow that has been started."""
        self._hass = hass
        self.result: Any = first

    async def send(self, **fields: Any) -> Any:
        """Submit a step and return the next one."""
        self.result = await self._hass.config_entries.flow.async_configure(
            self.result["flow_id"], fields
        )
        return self.result

    async def choose(self, option: str) -> Any:
        """Choose an option of a menu."""
        assert option in self.result["menu_options"]
        return await self.send(next_step_id=option)

    def values(self, field: str) -> list[str]:
        """Return the options of a field of the shown form."""
        selector = self.result["data_schema"].schema[field]
        return [option["value"] for option in selector.config["options"]]


async def start(hass: HomeAssistant) -> Flow:
    """Begin adding the integration."""
    return Flow(
        hass,
        await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER}),
    )


def only_entry(hass: HomeAssistant) -> config_entries.ConfigEntry:
    """Return the one entry."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    return entry


def only_agent(hass: HomeAssistant) -> dict[str, Any]:
    """Return the data of the one agent."""
    (subentry,) = only_entry(hass).subentries.values()
    return dict(subentry.data)


async def test_local_only(home: HomeAssistant) -> None:
    """Without a model the entry has one agent that may control the home."""
    flow = await start(home)
    assert flow.result["type"] is FlowResultType.MENU
    result = await flow.choose("local_only")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {}
    assert only_agent(home) == {"llm_hass_api": ["assist"]}
    assert home.states.get(AGENT) is not None


async def test_ollama_then_groq(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """The first provider is asked first, the second one is the fallback."""
    flow = await start(home)
    await flow.choose("ollama")
    result = await flow.send(url=ollama.url)
    assert result["step_id"] == "ollama_model"
    # The model that embeds text does not talk; the one that calls tools comes first.
    assert flow.values("model") == [OLLAMA_MODEL, "llama2:7b"]
    result = await flow.send(model=OLLAMA_MODEL)
    assert result["step_id"] == "add_another"
    await flow.choose("groq")
    result = await flow.send(api_key=API_KEY, advanced={"base_url": groq.url})
    assert result["step_id"] == "groq_model"
    assert flow.values("model") == [GROQ_MODEL, "qwen/qwen3.6-27b"]
    result = await flow.send(model=GROQ_MODEL)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {
        "ollama": {"url": ollama.url},
        "groq": {"api_key": API_KEY, "base_url": groq.url},
    }
    assert only_agent(home) == BOTH_AGENT


async def test_groq_alone(home: HomeAssistant, groq: FakeGroq) -> None:
    """One provider is enough."""
    flow = await start(home)
    await flow.choose("groq")
    await flow.send(api_key=f" {API_KEY} ", advanced={"base_url": groq.url})
    await flow.send(model=GROQ_MODEL)
    result = await flow.choose("finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only_agent(home) == GROQ_AGENT


@pytest.mark.parametrize(
    ("url", "errors"),
    [
        pytest.param(DEAD_URL, {"base": "cannot_connect"}, id="nobody listens"),
        pytest.param("http://[", {"url": "invalid_url"}, id="no address"),
    ],
)
async def test_ollama_error_then_recovery(
    home: HomeAssistant, ollama: FakeOllama, url: str, errors: dict[str, str]
) -> None:
    """A wrong address comes back with a reason and can be corrected."""
    flow = await start(home)
    await flow.choose("ollama")
    result = await flow.send(url=url)
    assert result["errors"] == errors
    # The scheme and the last slash may be left out or added.
    result = await flow.send(url=f" {ollama.url.removeprefix('http://')}/ ")
    assert result["step_id"] == "ollama_model"


async def test_ollama_address_of_something_else(home: HomeAssistant, groq: FakeGroq) -> None:
    """A server that is not Ollama is refused."""
    flow = await start(home)
    await flow.choose("ollama")
    result = await flow.send(url=groq.url)
    assert result["step_id"] == "ollama"
    assert result["errors"]["base"] in {"cannot_connect", "invalid_auth"}


async def test_groq_wrong_key_then_recovery(home: HomeAssistant, groq: FakeGroq) -> None:
    """A refused key comes back with a reason and can be corrected."""
    flow = await start(home)
    await flow.choose("groq")
    result = await flow.send(api_key="gsk_wrong", advanced={"base_url": groq.url})
    assert result["errors"] == {"base": "invalid_auth"}
    result = await flow.send(api_key=API_KEY, advanced={"base_url": groq.url})
    assert result["step_id"] == "groq_model"


async def test_groq_unreachable(home: HomeAssistant, socket_enabled: None) -> None:
    """No connection is told apart from a refused key."""
    flow = await start(home)
    await flow.choose("groq")
    result = await flow.send(api_key=API_KEY, advanced={"base_url": DEAD_URL})
    assert result["errors"] == {"base": "cannot_connect"}


async def test_unexpected_error(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect brings the form back too."""

    def broken(*_: object) -> None:
        raise RuntimeError

    flow = await start(home)
    await flow.choose("ollama")
    with monkeypatch.context() as patched:
        patched.setattr("custom_components.jonh.provider_flow.async_create_provider", broken)
        result = await flow.send(url=ollama.url)
    assert result["errors"] == {"base": "unknown"}
    result = await flow.send(url=ollama.url)
    assert result["step_id"] == "ollama_model"


async def test_groq_without_chat_models(home: HomeAssistant, groq: FakeGroq) -> None:
    """A provider without a model ends the flow with a reason."""
    groq.models.clear()
    flow = await start(home)
    await flow.choose("groq")
    result = await flow.send(api_key=API_KEY, advanced={"base_url": groq.url})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_models"


async def pulled(home: HomeAssistant, flow: Flow) -> Any:
    """Wait until a download is over and ask for the next step."""
    await home.async_block_till_done()
    flow.result = await home.config_entries.flow.async_configure(flow.result["flow_id"])
    return flow.result


async def test_pull_when_no_model_is_there(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An empty server downloads a model and goes on with it."""
    ollama.models.clear()
    flow = await start(home)
    await flow.choose("ollama")
    result = await flow.send(url=ollama.url)
    assert result["step_id"] == "ollama_no_model"
    assert result["menu_options"] == ["ollama_pull", "ollama"]
    await flow.choose("ollama_pull")
    result = await flow.send(model=OLLAMA_MODEL)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    result = await pulled(home, flow)
    assert result["step_id"] == "ollama_model"
    assert flow.values("model") == [OLLAMA_MODEL]


async def test_use_a_model_without_tools(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Who only has a talking model may use it."""
    ollama.models = {"llama2:7b": StoredModel(capabilities=["completion"])}
    flow = await start(home)
    await flow.choose("ollama")
    result = await flow.send(url=ollama.url)
    assert result["step_id"] == "ollama_no_model"
    result = await flow.choose("ollama_model")
    assert flow.values("model") == ["llama2:7b"]


async def test_failed_pull_then_recovery(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A download that breaks can be started again."""
    ollama.models.clear()
    steps = ollama.pull_steps
    ollama.pull_steps = [{"status": "pulling manifest"}, {"error": "file does not exist"}]
    flow = await start(home)
    await flow.choose("ollama")
    await flow.send(url=ollama.url)
    await flow.choose("ollama_pull")
    await flow.send(model=OLLAMA_MODEL)
    result = await pulled(home, flow)
    assert result["step_id"] == "ollama_pull_failed"
    ollama.pull_steps = steps
    await flow.choose("ollama_pull")
    await flow.send(model=OLLAMA_MODEL)
    result = await pulled(home, flow)
    assert result["step_id"] == "ollama_model"


class SlowOllama(FakeOllama):
    """Serve downloads that never end."""

    is_pulling: asyncio.Event

    @override
    async def _pull(self, request: web.Request) -> web.StreamResponse:
        self.is_pulling.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_closing_the_flow_stops_the_pull(home: HomeAssistant, socket_enabled: None) -> None:
    """The server hears that nobody waits for its download any more."""
    async with SlowOllama() as ollama:
        ollama.models.clear()
        ollama.is_pulling = asyncio.Event()
        flow = await start(home)
        await flow.choose("ollama")
        await flow.send(url=ollama.url)
        await flow.choose("ollama_pull")
        result = await flow.send(model=OLLAMA_MODEL)
        await asyncio.wait_for(ollama.is_pulling.wait(), 10)
        home.config_entries.flow.async_abort(result["flow_id"])
        await asyncio.wait_for(ollama.closed_early.wait(), 10)


async def test_only_one_entry(home: HomeAssistant) -> None:
    """A second entry is refused."""
    await set_up(home, {})
    flow = await start(home)
    assert flow.result["type"] is FlowResultType.ABORT
    assert flow.result["reason"] == "single_instance_allowed"


async def test_reauth(home: HomeAssistant, groq: FakeGroq) -> None:
    """A refused key starts one flow, which takes a new key and reloads."""
    groq.api_key = "gsk_new"
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    (waiting,) = home.config_entries.flow.async_progress()
    assert waiting["context"]["source"] == "reauth"
    first = await home.config_entries.flow.async_configure(waiting["flow_id"])
    flow = Flow(home, first)
    result = await flow.send(api_key="gsk_wrong")
    assert result["errors"] == {"base": "invalid_auth"}
    result = await flow.send(api_key="gsk_new")
    assert result["reason"] == "reauth_successful"
    await home.async_block_till_done()
    assert entry.data["groq"] == {"api_key": "gsk_new", "base_url": groq.url}
    assert entry.runtime_data.coordinators["groq"].last_update_success


async def reconfigure(hass: HomeAssistant) -> Flow:
    """Begin changing the entry."""
    entry = only_entry(hass)
    context = {"source": config_entries.SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    return Flow(hass, await hass.config_entries.flow.async_init(DOMAIN, context=context))


async def test_reconfigure_adds_a_provider(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An agent without a model gets the one of the new provider."""
    await set_up(home, {"llm_hass_api": ["assist"]})
    flow = await reconfigure(home)
    assert flow.result["menu_options"] == ["ollama", "groq", "pipeline"]
    await flow.choose("ollama")
    await flow.send(url=ollama.url)
    result = await flow.send(model=OLLAMA_MODEL)
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    assert only_agent(home) == OLLAMA_AGENT
    assert only_entry(home).runtime_data.coordinators["ollama"].last_update_success


async def test_reconfigure_keeps_the_model(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """An agent that has a model keeps it when a provider is added."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    flow = await reconfigure(home)
    await flow.choose("groq")
    await flow.send(api_key=API_KEY, advanced={"base_url": groq.url})
    await flow.send(model=GROQ_MODEL)
    await home.async_block_till_done()
    assert set(only_entry(home).data) == {"ollama", "groq"}
    assert only_agent(home) == OLLAMA_AGENT


async def test_reconfigure_changes_the_address(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A new address is tested and saved without asking for the model again."""
    await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    flow = await reconfigure(home)
    await flow.choose("ollama")
    result = await flow.send(url=DEAD_URL)
    assert result["errors"] == {"base": "cannot_connect"}
    result = await flow.send(url=ollama.url)
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    assert only_entry(home).data == {"ollama": {"url": ollama.url}}


async def test_same_key_again_reloads(home: HomeAssistant, groq: FakeGroq) -> None:
    """The key that is entered again is tried at once."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    before = entry.runtime_data
    flow = await reconfigure(home)
    await flow.choose("groq")
    await flow.send(api_key=API_KEY, advanced={"base_url": groq.url})
    await home.async_block_till_done()
    assert entry.runtime_data is not before


@pytest.mark.parametrize(
    ("removed", "kept", "agent"),
    [
        pytest.param("ollama", "groq", GROQ_AGENT, id="the fallback moves up"),
        pytest.param("groq", "ollama", OLLAMA_AGENT, id="the fallback goes"),
    ],
)
async def test_reconfigure_removes_a_provider(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    removed: str,
    kept: str,
    agent: dict[str, Any],
) -> None:
    """The agents go on with what is left."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    flow = await reconfigure(home)
    result = await flow.choose(f"remove_{removed}")
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    assert set(only_entry(home).data) == {kept}
    assert only_agent(home) == agent
