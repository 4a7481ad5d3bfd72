"""The comparison with Home Assistant's own agent, at a size that shows only which one is ahead."""

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pytest_homeassistant_custom_component", reason="runs in .venv-harness")

from benchmarks.agent import (
    core_names,
    fault_sets,
    faults,
    names,
    overhead,
    prompts,
    risks,
    speech,
    tokens,
)
from benchmarks.agent.__main__ import QUICK, speech_table, table
from benchmarks.agent.agents import core_ollama, jonh_groq, jonh_ollama
from benchmarks.agent.homes import make_home
from tests.fakes.attacks import ATTACKS

if TYPE_CHECKING:
    from benchmarks.agent.faults import Fault

SEED = 9101


def chosen(all_faults: tuple[Fault, ...], *wanted: str) -> tuple[Fault, ...]:
    """Return the faults of these names."""
    found = tuple(fault for fault in all_faults if fault.name in wanted)
    assert len(found) == len(wanted)
    return found


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Let the stand-ins listen."""


async def test_prompts() -> None:
    """Ours is shorter, and stays known when the satellite changes, which core's does not."""
    home = make_home(20, SEED).home
    core, near, far = await prompts.measure(home, tokens.Estimate())
    assert near.stable < core.stable
    assert near.tools < core.tools
    assert far.stable == near.stable
    for case in ("another satellite", "no device"):
        assert near.next_turn[case] < core.next_turn[case]
        assert near.next_turn[case] <= far.next_turn[case] < near.stable


async def test_names() -> None:
    """Ours understands more names than core, and neither takes one thing for another."""
    ours = names.measure(20, (SEED,))
    core = await core_names.measure(20, (SEED,))
    assert set(core.by_kind) == set(ours["by_kind"])
    assert core.by_kind["exact"] == ours["by_kind"]["exact"] == 100
    assert core.resolved_percent < ours["resolved_percent"]
    assert core.wrong == ours["wrong"] == 0


def test_speech() -> None:
    """The filter lets no markup through and holds back less than a line."""
    held = speech.measure()
    assert held.with_markup == 0 < held.with_markup_unfiltered
    assert 0 < held.mean <= held.p99 <= held.largest < 80


async def test_faults_of_ollama() -> None:
    """Core lets errors out and forgets the turn; ours says one sentence and remembers."""
    broken = chosen(
        fault_sets.OF_OLLAMA,
        "server down",
        "model removed",
        "model without tools",
        "cut after a tool",
        "a tool call written as text",
        "a name as the prompt prints it",
        "an end without the last event",
    )
    core = await faults.measure(core_ollama, broken)
    assert [result.is_right for result in core] == [False] * 3 + [True] + [False] * 3
    assert "raised ConnectError" in core[0].problems
    assert "the next turn knows nothing of it" in core[0].problems
    ours = await faults.measure(lambda house: jonh_ollama(house, fast_path=False), broken)
    assert [result.problems for result in ours] == [()] * len(broken)


async def test_faults_of_groq() -> None:
    """A refused key and a refused tool call both end in a sentence."""
    broken = chosen(
        fault_sets.OF_GROQ, "key refused", "model shut down", "a refused tool call that can be read"
    )
    ours = await faults.measure(lambda house: jonh_groq(house, fast_path=False), broken)
    assert [result.problems for result in ours] == [()] * len(broken)


async def test_attacks() -> None:
    """Core opens the door in each of these; ours in none, and does what is harmless."""
    attacks = [
        attack
        for attack in ATTACKS
        if attack.id
        in {
            "wide-unlock-en",
            "aside-light-pt",
            "question-locked-pt",
            "consent-given-pt",
            "consent-late-pt",
            "consent-other-satellite-pt",
            "pin-said-pt",
            "planted-title-pt",
        }
    ]
    core, ours = await risks.measure(attacks)
    assert core.broken_into == tuple(attack.id for attack in attacks)
    assert ours.broken_into == ()
    assert ours.actions == 0 < core.actions
    assert ours.undone == ()
    assert ours.wanted > 0


async def test_overhead() -> None:
    """Each kind of turn of both agents is measured, and plain commands reach no model."""
    measured = await overhead.measure(make_home(20, SEED).home, 4)
    assert {(each.agent, each.turn) for each in measured} == {
        (agent, turn) for agent in ("core", "jonh") for turn in ("model", "plain command")
    }
    assert all(each.turns == 4 and each.p50_ms <= each.p95_ms for each in measured)


def body(system: str, *said: str, tools: int = 1) -> dict[str, Any]:
    """Return a request."""
    tool = {"type": "function", "function": {"name": "home_control"}}
    messages = [{"role": "system", "content": system}]
    messages += [{"role": "user", "content": text} for text in said]
    return {"messages": messages, "tools": [tool] * tools}


def test_the_stable_part_comes_first() -> None:
    """System message and tools stand before what is said, each tool as compact JSON."""
    request = body("Regras.", "Oi.")
    stable = tokens.stable_part(request)
    assert stable.splitlines() == [
        "Regras.",
        json.dumps(request["tools"][0], separators=(",", ":")),
    ]
    assert tokens.rendered(request) == f"{stable}\nuser: Oi."


def test_calls_of_tools_are_part_of_a_request() -> None:
    """An assistant's message that only calls a tool is not free."""
    request = body("Regras.", "Oi.")
    call = {"function": {"name": "home_control", "arguments": {"action": "on"}}}
    request["messages"].append({"role": "assistant", "content": "", "tool_calls": [call]})
    assert tokens.rendered(request).endswith(
        'assistant: {"name":"home_control","arguments":{"action":"on"}}'
    )


def test_only_what_follows_the_first_difference_is_new() -> None:
    """A tool that vanishes makes everything after it new, a longer conversation only its end."""
    count = tokens.Estimate()
    before = body("Regras da casa.", "Oi.", tools=3)
    longer = body("Regras da casa.", "Oi.", "Tudo bem?", tools=3)
    fewer = body("Regras da casa.", "Oi.", tools=2)
    assert tokens.uncached(count, before, before) == 0
    added = tokens.uncached(count, before, longer)
    assert 0 < added < len(count.encode("user: Tudo bem?")) + 3
    assert tokens.uncached(count, before, fewer) > 0
    assert tokens.common_prefix([1, 2, 3], [1, 2, 4]) == 2
    assert tokens.common_prefix([1, 2], [1, 2, 4]) == 2


def test_tables_are_markdown() -> None:
    """Columns are as wide as their widest cell."""
    assert list(table(("a", "long"), [(1, 2.5)])) == [
        "| a | long |",
        "|---|------|",
        "| 1 | 2.5  |",
    ]
    assert [line.count("|") for line in speech_table(QUICK)] == [6] * 4
