"""Adding and changing agents."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType, section

from custom_components.jonh.agent.safety.pin import Pin
from tests.jonh.conftest import GROQ_MODEL, OLLAMA_AGENT, OLLAMA_MODEL, set_up

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

PRIMARY = f"ollama:{OLLAMA_MODEL}"
FALLBACK = f"groq:{GROQ_MODEL}"
ADVANCED = {
    "temperature": 0.3,
    "max_tokens": 512,
    "patience_s": 8,
    "hedge_s": 0,
    "turn_s": 45,
    "num_ctx": 8192,
    "keep_alive_s": -1,
}
MEMORY = {"history_messages": 10, "history_s": 3600, "store_history": True}
DEFAULTS = ADVANCED | MEMORY | {"privacy": "as_listed", "fast_path": True, "quick_confirm": False}
PIN = "2580"


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
    models = form["data_schema"].schema["primary"].config["options"]
    assert {PRIMARY, "ollama:llama2:7b", FALLBACK} <= {option["value"] for option in models}
    label = next(option["label"] for option in models if option["value"] == PRIMARY)
    assert "controla a casa" in label
    result = await send(
        home,
        form,
        name="Cozinha",
        prompt="Fale baixo.",
        llm_hass_api=["assist"],
        primary=PRIMARY,
        fallback=FALLBACK,
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    added = next(each for each in entry.subentries.values() if each.title == "Cozinha")
    assert added.data == DEFAULTS | {
        "prompt": "Fale baixo.",
        "llm_hass_api": ["assist"],
        "provider": "ollama",
        "model": OLLAMA_MODEL,
        "fallback_provider": "groq",
        "fallback_model": GROQ_MODEL,
    }
    assert home.states.get("conversation.cozinha") is not None


def suggested(form: Any) -> dict[str, Any]:
    """Return what the fields of a form are filled with, those of sections too."""
    fields: dict[str, Any] = {}
    for key, field in form["data_schema"].schema.items():
        if isinstance(field, section):
            fields |= suggested({"data_schema": field.schema})
        elif key.description:
            fields[str(key)] = key.description["suggested_value"]
    return fields


def offered(form: Any) -> set[str]:
    """Return the names of all fields of a form, those of sections too."""
    names: set[str] = set()
    for key, field in form["data_schema"].schema.items():
        names |= (
            offered({"data_schema": field.schema}) if isinstance(field, section) else {str(key)}
        )
    return names


async def test_change(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """The form starts with what is set; emptied fields are dropped."""
    stored = {
        "prompt": "Fale baixo.",
        "temperature": 0.2,
        "privacy": "cloud_first",
        "facts": ["O cachorro se chama Thor."],
        "quick_confirm": True,
        "confirm_entities": ["light.luz_da_sala"],
        "history_s": 60,
    }
    entry = await set_up(home, OLLAMA_AGENT | stored, ollama_url=ollama.url, groq_url=groq.url)
    form = await begin(home, entry, "agent1")
    assert suggested(form) == stored | {"primary": PRIMARY, "llm_hass_api": ["assist"]}
    result = await send(home, form, llm_hass_api=[], primary=FALLBACK, advanced={"temperature": 1})
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    data = entry.subentries["agent1"].data
    assert data == DEFAULTS | {"temperature": 1, "provider": "groq", "model": GROQ_MODEL}


async def test_agent_of_the_first_release_is_shown_with_the_defaults(home: HomeAssistant) -> None:
    """Fields that such an agent has no data for show their defaults, not emptiness."""
    entry = await set_up(home, {"llm_hass_api": ["assist"], "history_messages": 4})
    form = await begin(home, entry, "agent1")
    assert suggested(form) == {
        "prompt": None,
        "llm_hass_api": ["assist"],
        "privacy": "as_listed",
        "history_messages": 4,
    }
    await send(home, form)
    assert entry.subentries["agent1"].data == DEFAULTS


async def test_facts_are_tidied(home: HomeAssistant) -> None:
    """Empty lines and line breaks go; what is left is stored."""
    entry = await set_up(home, {})
    form = await begin(home, entry, "agent1")
    facts = ["  O cachorro se\nchama Thor. ", "", "   "]
    await send(home, form, behaviour={"facts": facts})
    assert entry.subentries["agent1"].data["facts"] == ["O cachorro se chama Thor."]


@pytest.mark.parametrize(
    ("facts", "error"),
    [(["x"] * 31, "too_many_facts"), (["x" * 201], "fact_too_long")],
)
async def test_facts_have_limits(home: HomeAssistant, facts: list[str], error: str) -> None:
    """More or longer facts than the prompt has room for are refused, and what was typed stays."""
    entry = await set_up(home, {})
    form = await begin(home, entry, "agent1")
    result = await send(home, form, behaviour={"facts": facts})
    assert result["errors"] == {"behaviour": error}
    assert suggested(result)["facts"] == facts
    result = await send(home, form, behaviour={"facts": ["x" * 200] * 30})
    assert result["reason"] == "reconfigure_successful"


async def test_local_only_needs_a_local_model(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """A privacy that leaves no model is refused; without any model there is nothing to leave."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    form = await begin(home, entry, "agent1")
    result = await send(home, form, primary=FALLBACK, privacy="local_only")
    assert result["errors"] == {"privacy": "no_local_model"}
    result = await send(home, form, privacy="local_only")
    assert result["reason"] == "reconfigure_successful"
    await home.async_block_till_done()
    form = await begin(home, entry, "agent1")
    result = await send(home, form, primary=FALLBACK, fallback=PRIMARY, privacy="local_only")
    assert result["reason"] == "reconfigure_successful"


async def test_pin_is_stored_as_a_hash_and_never_shown(home: HomeAssistant) -> None:
    """The PIN itself is nowhere; empty keeps it, the toggle removes it, a new one replaces it."""
    entry = await set_up(home, {})

    async def change(**safety: Any) -> str | None:
        form = await begin(home, entry, "agent1")
        assert ("remove_pin" in offered(form)) == ("pin_hash" in entry.subentries["agent1"].data)
        assert "pin" not in suggested(form)
        result = await send(home, form, safety=safety)
        assert result["reason"] == "reconfigure_successful"
        await home.async_block_till_done()
        stored: str | None = entry.subentries["agent1"].data.get("pin_hash")
        return stored

    first = await change(pin=f" {PIN} ")
    assert first is not None
    assert PIN not in str(entry.as_dict())
    assert Pin.from_text(first).matches(PIN)
    assert await change() == first
    assert await change(confirm_entities=["light.luz_da_sala"]) == first
    again = await change(pin=PIN)
    assert again not in (None, first)
    assert await change(remove_pin=True) is None
    assert await change() is None


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "١٢٣٤"])
async def test_pin_of_another_form_is_refused(home: HomeAssistant, pin: str) -> None:
    """A PIN that cannot be said is refused, and it is not sent back to the browser."""
    entry = await set_up(home, {})
    form = await begin(home, entry, "agent1")
    safety = {"pin": pin, "confirm_entities": ["light.luz_da_sala"]}
    result = await send(home, form, safety=safety)
    assert result["errors"] == {"safety": "invalid_pin"}
    assert pin not in str(suggested(result))
    assert suggested(result)["confirm_entities"] == ["light.luz_da_sala"]
    result = await send(home, form, safety={"pin": PIN})
    assert result["reason"] == "reconfigure_successful"


async def test_wrong_models_then_recovery(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A model without provider, and a fallback without a first model, are refused."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    form = await begin(home, entry, "agent1")
    result = await send(home, form, primary="qwen3")
    assert result["errors"] == {"primary": "unknown_model"}
    result = await send(home, form, fallback=PRIMARY)
    assert result["errors"] == {"fallback": "fallback_without_primary"}
    # A model that is not listed yet may be named.
    result = await send(home, form, primary="ollama:mistral:7b")
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
