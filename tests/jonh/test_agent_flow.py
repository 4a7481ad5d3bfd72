"""Adding and changing agents."""

from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType

from .conftest import GROQ_MODEL, OLLAMA_AGENT, OLLAMA_MODEL, set_up

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

PRIMARY = f"ollama:{OLLAMA_MODEL}"
FALLBACK = f"groq:{GROQ_MODEL}"
NUMBERS = {
    "temperature": 0.7,
    "max_tokens": 512,
    "history_messages": 10,
    "history_s": 3600,
    "patience_s": 8,
    "num_ctx": 8192,
    "keep_alive_s": -1,
}


async def begin(hass: HomeAssistant, entry: Any, subentry_id: str | None = None) -> Any:
    """Begin to add an agent, or to change one."""
    context = (
        {"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id}
        if subentry_id
        else {"source": SOURCE_USER}
    )
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "conversation"), context=context
    )


async def send(hass: HomeAssistant, shown: Any, **fields: Any) -> Any:
    """Submit the form."""
    return await hass.config_entries.subentries.async_configure(shown["flow_id"], fields)


async def test_add(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """All models of all providers are on offer; the numbers have their defaults."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    form = await begin(home, entry)
    offered = form["data_schema"].schema["primary"].config["options"]
    assert {PRIMARY, "ollama:llama2:7b", FALLBACK} <= {option["value"] for option in offered}
    label = next(option["label"] for option in offered if option["value"] == PRIMARY)
    assert "controla a casa" in label
    result = await send(
        home,
        form,
        name="Cozinha",
        prompt="Fale baixo.",
        llm_hass_api=["assist"],
        primary=PRIMARY,
        fallback=FALLBACK,
        advanced={},
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    added = next(each for each in entry.subentries.values() if each.title == "Cozinha")
    assert added.data == NUMBERS | {
        "prompt": "Fale baixo.",
        "llm_hass_api": ["assist"],
        "provider": "ollama",
        "model": OLLAMA_MODEL,
        "fallback_provider": "groq",
        "fallback_model": GROQ_MODEL,
    }
    assert home.states.get("conversation.cozinha") is not None


async def test_change(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """The form starts with what is set; emptied fields are dropped."""
    entry = await set_up(
        home,
        OLLAMA_AGENT | {"prompt": "Fale baixo.", "temperature": 0.2},
        ollama_url=ollama.url,
        groq_url=groq.url,
    )
    form = await begin(home, entry, "agent1")
    suggested = {
        str(key): key.description["suggested_value"]
        for key in form["data_schema"].schema
        if key.description
    }
    assert suggested["primary"] == PRIMARY
    assert suggested["prompt"] == "Fale baixo."
    result = await send(
        home, form, llm_hass_api=[], primary=FALLBACK, advanced=NUMBERS | {"temperature": 1}
    )
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    data = entry.subentries["agent1"].data
    assert data == NUMBERS | {"temperature": 1, "provider": "groq", "model": GROQ_MODEL}


async def test_wrong_models_then_recovery(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A model without provider, and a fallback without a first model, are refused."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    form = await begin(home, entry, "agent1")
    result = await send(home, form, primary="qwen3", advanced={})
    assert result["errors"] == {"primary": "unknown_model"}
    result = await send(home, form, fallback=PRIMARY, advanced={})
    assert result["errors"] == {"fallback": "fallback_without_primary"}
    # A model that is not listed yet may be named.
    result = await send(home, form, primary="ollama:mistral:7b", advanced={})
    assert result["reason"] == "reconfigure_successful"


async def test_api_that_is_gone_is_not_suggested(home: HomeAssistant) -> None:
    """An LLM API of a removed integration would keep the form from being submitted."""
    entry = await set_up(home, {"llm_hass_api": ["assist", "gone"]})
    form = await begin(home, entry, "agent1")
    key = next(key for key in form["data_schema"].schema if key == "llm_hass_api")
    assert key.description["suggested_value"] == ["assist"]


async def test_entry_that_is_not_loaded(home: HomeAssistant) -> None:
    """The form needs the model lists of a loaded entry."""
    entry = await set_up(home, {})
    await home.config_entries.async_unload(entry.entry_id)
    result = await begin(home, entry)
    assert result["reason"] == "entry_not_loaded"
