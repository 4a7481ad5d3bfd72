"""What an agent was told, read from its subentry."""

import pytest

from custom_components.jonh.agent.safety.pin import Pin
from custom_components.jonh.settings import (
    AgentSettings,
    ModelChoice,
    Privacy,
    allowed_models,
    model_choices,
    with_models,
)

LOCAL = ModelChoice(provider="ollama", model="qwen3:4b-instruct")
CLOUD = ModelChoice(provider="groq", model="openai/gpt-oss-20b")
CLOUD_FIRST_DATA = {
    "provider": "groq",
    "model": CLOUD.model,
    "fallback_provider": "ollama",
    "fallback_model": LOCAL.model,
}


def test_defaults() -> None:
    """An agent without data has every default, and nothing in it is None by accident."""
    settings = AgentSettings.from_data({})
    assert settings == AgentSettings(
        prompt=None,
        facts=(),
        llm_apis=None,
        privacy=Privacy.AS_LISTED,
        models=(),
        fast_path=True,
        quick_confirm=False,
        pin=None,
        confirm_entities=(),
        history_messages=10,
        history_s=3600,
        store_history=True,
        temperature=0.3,
        max_tokens=512,
        patience_s=8,
        hedge_s=0,
        turn_s=45,
        num_ctx=8192,
        keep_alive_s=-1,
    )


def test_what_is_set() -> None:
    """Each key arrives in its field, and an empty list of APIs is no control."""
    pin = Pin.create("2580", bytes(16))
    settings = AgentSettings.from_data(
        CLOUD_FIRST_DATA
        | {
            "prompt": "Fale baixo.",
            "facts": ["O cachorro se chama Thor."],
            "llm_hass_api": [],
            "privacy": "local_first",
            "fast_path": False,
            "quick_confirm": True,
            "pin_hash": pin.to_text(),
            "confirm_entities": ["script.portao"],
            "history_messages": 4,
            "history_s": 60.0,
            "store_history": False,
            "temperature": 1,
            "max_tokens": 64.0,
            "patience_s": 3,
            "hedge_s": 0.8,
            "turn_s": 20,
            "num_ctx": 4096.0,
            "keep_alive_s": 300.0,
        }
    )
    assert settings == AgentSettings(
        prompt="Fale baixo.",
        facts=("O cachorro se chama Thor.",),
        llm_apis=None,
        privacy=Privacy.LOCAL_FIRST,
        models=(LOCAL, CLOUD),
        fast_path=False,
        quick_confirm=True,
        pin=pin,
        confirm_entities=("script.portao",),
        history_messages=4,
        history_s=60,
        store_history=False,
        temperature=1,
        max_tokens=64,
        patience_s=3,
        hedge_s=0.8,
        turn_s=20,
        num_ctx=4096,
        keep_alive_s=300,
    )


@pytest.mark.parametrize(
    ("privacy", "listed", "asked"),
    [
        ("as_listed", (CLOUD, LOCAL), (CLOUD, LOCAL)),
        ("local_only", (CLOUD, LOCAL), (LOCAL,)),
        ("local_only", (CLOUD,), ()),
        ("local_first", (CLOUD, LOCAL), (LOCAL, CLOUD)),
        ("local_first", (LOCAL, CLOUD), (LOCAL, CLOUD)),
        ("cloud_first", (LOCAL, CLOUD), (CLOUD, LOCAL)),
        ("cloud_first", (LOCAL,), (LOCAL,)),
        ("local_only", (), ()),
    ],
)
def test_privacy_says_who_is_asked(
    privacy: str, listed: tuple[ModelChoice, ...], asked: tuple[ModelChoice, ...]
) -> None:
    """Local only drops the cloud; the other kinds of privacy only change the order."""
    assert allowed_models(listed, Privacy(privacy)) == asked


def test_two_models_of_one_kind_keep_their_order() -> None:
    """The first model stays before the fallback where privacy makes no difference."""
    models = (LOCAL, ModelChoice(provider="ollama", model="gemma4"))
    assert allowed_models(models, Privacy.LOCAL_FIRST) == models
    assert allowed_models(models, Privacy.CLOUD_FIRST) == models


def test_privacy_changes_nothing_that_is_stored() -> None:
    """What may be asked is derived; the models that were chosen stay as they were."""
    data = CLOUD_FIRST_DATA | {"privacy": "local_only"}
    assert AgentSettings.from_data(data).models == (LOCAL,)
    assert model_choices(data) == (CLOUD, LOCAL)


def test_with_models_replaces_only_the_models() -> None:
    """Another model, or none, leaves the rest of the data alone."""
    data = CLOUD_FIRST_DATA | {"privacy": "local_first", "prompt": "Fale baixo."}
    rest = {"privacy": "local_first", "prompt": "Fale baixo."}
    assert with_models(data, ()) == rest
    assert with_models(data, (LOCAL,)) == rest | {"provider": "ollama", "model": LOCAL.model}


def test_half_a_model_is_none() -> None:
    """A provider without a model, or the reverse, is not asked."""
    assert model_choices({"provider": "ollama", "fallback_model": "x"}) == ()


@pytest.mark.parametrize(
    ("provider", "model", "is_local"),
    [
        ("ollama", "qwen3:4b-instruct", True),
        ("ollama", "gpt-oss:120b-cloud", False),
        ("ollama", "glm-4.6:cloud", False),
        ("groq", "openai/gpt-oss-20b", False),
    ],
)
def test_a_cloud_model_is_not_local(provider: str, model: str, *, is_local: bool) -> None:
    """What Ollama passes on to its maker leaves the house as much as anything else."""
    assert ModelChoice(provider=provider, model=model).is_local is is_local
