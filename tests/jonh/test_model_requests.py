"""Requests in each model's own terms: what fits, and what was learned from the answers."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.helpers import issue_registry as ir

from custom_components.jonh.const import DOMAIN
from custom_components.jonh.model_requests import SCALE_MAX, SCALE_MIN
from custom_components.jonh.settings import ModelChoice
from tests.fakes.groq import USAGE, Bucket, FakeGroq
from tests.fakes.ollama import FakeOllama, StoredModel
from tests.jonh.conftest import (
    BOTH_AGENT,
    GROQ_AGENT,
    GROQ_MODEL,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    ask,
    set_up,
    speech,
)
from tests.jonh.turns import VAGUE, chats, said

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

LOCAL = ModelChoice(provider="ollama", model=OLLAMA_MODEL)
CLOUD = ModelChoice(provider="groq", model=GROQ_MODEL)
LONG = "conte uma história bem longa sobre " + "um rei que morava num castelo " * 80


def groq_chats(groq: FakeGroq) -> list[Any]:
    """Return the requests for an answer."""
    return groq.bodies("/openai/v1/chat/completions")


async def talk(home: HomeAssistant, server: FakeOllama | FakeGroq, times: int) -> None:
    """Ask and answer something long, in one conversation."""
    conversation_id = None
    for number in range(times):
        server.script({"content": f"Resposta {number}. {LONG}"})
        result = await ask(home, f"pergunta {number}: {LONG}", conversation_id=conversation_id)
        conversation_id = result.conversation_id


async def test_a_quota_shortens_the_past(home: HomeAssistant, groq: FakeGroq) -> None:
    """A service that takes few tokens a minute is told less of what was said before."""
    await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await talk(home, groq, 4)
    assert len(said(groq_chats(groq)[-1])) == 7
    groq.bucket = Bucket(tokens_per_minute=6000)
    # The first reply tells of the quota, and the next requests keep to it.
    await talk(home, groq, 4)
    assert len(said(groq_chats(groq)[-1])) < 7
    first, *_, last = (body["messages"][0]["content"] for body in groq_chats(groq))
    assert last == first


async def test_a_window_shortens_the_past(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A local model reads as much of the past as its context window holds."""
    await set_up(home, OLLAMA_AGENT | {"num_ctx": 3072}, ollama_url=ollama.url)
    await talk(home, ollama, 4)
    assert len(said(chats(ollama)[-1])) < 7
    whole, *_, last = (body["messages"][0]["content"] for body in chats(ollama))
    assert last == whole


async def test_a_model_s_own_window_counts_too(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What the model itself can read is the limit, where the setting is larger."""
    ollama.models[OLLAMA_MODEL] = StoredModel(
        capabilities=["completion", "tools"], context_length=3072
    )
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await talk(home, ollama, 4)
    assert len(said(chats(ollama)[-1])) < 7


async def test_a_window_that_is_too_small_is_reported(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """The issue names what is needed, and goes away with the first turn that fits."""
    entry = await set_up(home, OLLAMA_AGENT | {"num_ctx": 1024}, ollama_url=ollama.url)
    issue_id = "context_too_small_agent1"
    ollama.script({"content": "Oi."})
    await ask(home, VAGUE)
    issue = ir.async_get(home).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["have"] == "1024"
    assert int(issue.translation_placeholders["needed"]) > 1024
    (subentry,) = entry.subentries.values()
    home.config_entries.async_update_subentry(entry, subentry, data=OLLAMA_AGENT)
    await home.async_block_till_done()
    ollama.script({"content": "Oi."})
    await ask(home, VAGUE)
    assert ir.async_get(home).async_get_issue(DOMAIN, issue_id) is None


async def test_a_prompt_that_overflows_is_asked_again_shorter(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """The server counts more than we did: the same turn is answered from less of the past."""
    await set_up(home, OLLAMA_AGENT | {"num_ctx": 2560}, ollama_url=ollama.url)
    ollama.script({"content": "Oi."})
    assert speech(await ask(home, VAGUE)) == "Oi."


@pytest.mark.parametrize(
    ("counted", "expected"), [(10, SCALE_MIN), (100_000, SCALE_MAX)], ids=["few", "many"]
)
async def test_the_estimate_learns_from_the_count(
    home: HomeAssistant,
    groq: FakeGroq,
    monkeypatch: pytest.MonkeyPatch,
    counted: int,
    expected: float,
) -> None:
    """The first count is believed within limits, a later one moves it a little."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    scales = entry.runtime_data.scales
    monkeypatch.setitem(USAGE, "prompt_tokens", counted)
    groq.script({"content": "Oi."})
    await ask(home, VAGUE)
    assert scales == {CLOUD: expected}
    other = SCALE_MIN if expected == SCALE_MAX else SCALE_MAX
    monkeypatch.setitem(USAGE, "prompt_tokens", 100_000 if other == SCALE_MAX else 10)
    groq.script({"content": "Oi."})
    await ask(home, VAGUE)
    assert scales[CLOUD] == pytest.approx(expected + 0.3 * (other - expected))


async def test_a_service_that_counts_nothing_teaches_nothing(
    home: HomeAssistant, groq: FakeGroq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a count the estimate stays as it is, and so does the report."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    monkeypatch.setitem(USAGE, "prompt_tokens", 0)
    groq.script({"content": "Oi."})
    await ask(home, VAGUE)
    assert entry.runtime_data.scales == {}


async def test_a_shorter_request_is_compared_with_its_own_estimate(
    home: HomeAssistant, groq: FakeGroq
) -> None:
    """What was counted for a request that was cut says nothing of the whole one."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await talk(home, groq, 3)
    whole = dict(entry.runtime_data.scales)
    groq.script({"status": 413, "code": "rate_limit_exceeded", "error": "Request too large"})
    groq.script({"content": "Oi."})
    assert speech(await ask(home, VAGUE)) == "Oi."
    assert entry.runtime_data.scales[CLOUD] >= whole[CLOUD]


async def test_prices_are_summed(home: HomeAssistant, groq: FakeGroq) -> None:
    """A turn of a service with known prices costs something, one of a local model nothing."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    groq.script({"content": "Oi."})
    await ask(home, VAGUE)
    report = entry.runtime_data.turns["agent1"].last
    assert report.cost_usd > 0
    assert (report.provider, report.model, report.rounds) == ("Groq", GROQ_MODEL, 1)
    assert (report.prompt_tokens, report.cached_tokens, report.completion_tokens) == (120, 64, 12)


async def test_the_fallback_is_asked_in_its_own_terms(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Each model gets its own name and as much as it can read; the report names who answered."""
    agent = BOTH_AGENT | {"num_ctx": 3072}
    entry = await set_up(home, agent, ollama_url=ollama.url, groq_url=groq.url)
    conversation_id = None
    for number in range(4):
        ollama.script({"status": 500, "error": "boom"})
        groq.script({"content": f"Resposta {number}. {LONG}"})
        result = await ask(home, f"pergunta {number}: {LONG}", conversation_id=conversation_id)
        conversation_id = result.conversation_id
    local, cloud = chats(ollama)[-1], groq_chats(groq)[-1]
    assert (local["model"], cloud["model"]) == (OLLAMA_MODEL, GROQ_MODEL)
    assert len(said(cloud)) > len(said(local))
    report = entry.runtime_data.turns["agent1"].last
    assert (report.provider, report.error) == ("Groq", None)
    assert set(entry.runtime_data.scales) == {CLOUD}


async def test_a_model_that_refuses_tools_is_asked_without(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """It is learned once, for all turns of all agents, and the turn goes on."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.models[OLLAMA_MODEL] = StoredModel(capabilities=["completion"])
    for _ in range(2):
        ollama.script({"content": "Olá."})
        assert speech(await ask(home, "conte uma piada")) == "Olá."
    assert entry.runtime_data.toolless == {LOCAL}
    assert ["tools" in body for body in chats(ollama)] == [True, False, False]
