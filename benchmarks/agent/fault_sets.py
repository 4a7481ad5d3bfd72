"""The faults that `faults` lets an agent go through, by the service that has them."""

from typing import TYPE_CHECKING, Any

from benchmarks.agent.agents import GROQ_MODEL, OLLAMA_MODEL
from benchmarks.agent.faults import ACT_BY_PRINTED_NAME, ACT_STEP, LIGHT_NAME, Fault, Wanted

if TYPE_CHECKING:
    from benchmarks.agent.faults import Change
    from tests.fakes.scripted_model import Step

SAYS_DONE: tuple[Step, ...] = ({"content": "Pronto, "}, {"content": "a luz da sala está acesa."})
SILENT: tuple[tuple[Step, ...], ...] = ((),) * 12
"""However often an agent asks again, up to its last tool round."""
_AS_TEXT = '{"name": "HassTurnOn", "arguments": {"name": "Luz da Sala"}}'


ELSEWHERE = "renamed:latest"
"""Name of the model while nobody finds it under its own."""


async def _down(server: Any) -> None:
    await server.__aexit__(None, None, None)


async def _up(server: Any) -> None:
    await server.__aenter__()


def _set(**knobs: Any) -> Change:
    async def change(server: Any) -> None:
        for knob, value in knobs.items():
            setattr(server, knob, value)

    return change


async def _lose_model(server: Any) -> None:
    server.models[ELSEWHERE] = server.models.pop(OLLAMA_MODEL)


async def _find_model(server: Any) -> None:
    server.models[OLLAMA_MODEL] = server.models.pop(ELSEWHERE)


async def _lose_tools(server: Any) -> None:
    server.models[OLLAMA_MODEL].capabilities.remove("tools")


async def _find_tools(server: Any) -> None:
    server.models[OLLAMA_MODEL].capabilities.append("tools")


# What happens in the model's own words is the same whichever service carries them.
OF_MODELS = (
    Fault(name="an empty answer", answers=SILENT),
    Fault(name="reasoning in the text", answers=(
        ({"content": "<think>Ele quer saber "}, {"content": "das abelhas.</think>Elas dançam "},
         {"content": "para falar de flores."}),
    )),
    Fault(name="markdown and emoji", answers=(
        ({"content": "**As abelhas** dançam! 🐝\n\n- "}, {"content": "É a *dança* do oito."}),
    )),
    Fault(name="a tool that does not exist", answers=(
        ({"tool_calls": [{"name": "get_weather", "arguments": {"city": "Recife"}}]},),
        ({"content": "Não sei a previsão do tempo."},),
    )),
    Fault(name="nothing said after a tool", wanted=Wanted.DONE, answers=((ACT_STEP,), *SILENT)),
    Fault(name="a tool call written as text", wanted=Wanted.DONE, answers=(
        ({"content": _AS_TEXT},), SAYS_DONE,
    )),
    Fault(name="a tool call in tags", wanted=Wanted.DONE, answers=(
        ({"content": f"<tool_call>{_AS_TEXT}</tool_call>"},), SAYS_DONE,
    )),
    Fault(name="a tool without its prefix", wanted=Wanted.DONE, answers=(
        ({"tool_calls": [{"name": "HassTurnOn", "arguments": {"name": LIGHT_NAME}}]},), SAYS_DONE,
    )),
    Fault(name="a name as the prompt prints it", wanted=Wanted.DONE, answers=(
        (ACT_BY_PRINTED_NAME,), SAYS_DONE,
    )),
    Fault(name="a claim without a deed", wanted=Wanted.HONEST, answers=(
        SAYS_DONE, (ACT_STEP,), SAYS_DONE,
    )),
    Fault(name="a claim without a deed, twice", wanted=Wanted.HONEST, answers=(
        SAYS_DONE, SAYS_DONE, SAYS_DONE,
    )),
)  # fmt: skip

# The same for every service, in its own way to end a connection.
OF_STREAMS = (
    Fault(name="silence after the connection", answers=(({"stall": True},),)),
    Fault(name="cut before the first word", answers=(({"cut": True},),)),
    Fault(name="cut in the middle", answers=(({"content": "As abelhas dançam"}, {"cut": True}),)),
    Fault(name="an error in the middle", answers=(
        ({"content": "As abelhas dançam"}, {"error": "runner has stopped"}),
    )),
    Fault(name="an end without the last event", answers=(
        ({"content": "As abelhas dançam."}, {"end": True}),
    )),
    Fault(name="cut after a tool", wanted=Wanted.DONE, answers=((ACT_STEP,), ({"cut": True},))),
    Fault(name="an error after a tool", wanted=Wanted.DONE, answers=(
        (ACT_STEP,), ({"status": 500, "error": "runner has stopped"},),
    )),
)  # fmt: skip

OF_OLLAMA = (
    Fault(name="server down", begin=_down, end=_up),
    Fault(name="model removed", begin=_lose_model, end=_find_model),
    Fault(name="model without tools", begin=_lose_tools, end=_find_tools,
          answers=(({"content": "As abelhas dançam."},),)),
    Fault(name="server busy", begin=_set(is_busy=True), end=_set(is_busy=False)),
    Fault(name="error 500", answers=(({"status": 500, "error": "llama runner has stopped"},),)),
    Fault(name="an error as the first line", answers=(({"error": "out of memory"},),)),
    Fault(name="a line that is no JSON", answers=(({"raw": "{oops\n"},),)),
    *OF_STREAMS,
    *OF_MODELS,
)  # fmt: skip


def _refused(status: int, code: str, text: str, **extra: Any) -> tuple[tuple[Step, ...], ...]:
    return (({"status": status, "code": code, "error": text, **extra},),)


OF_GROQ = (
    Fault(name="server down", begin=_down, end=_up),
    Fault(name="key refused", begin=_set(api_key="another"), end=_set(api_key="gsk_test")),
    Fault(name="model shut down", begin=_set(decommissioned={GROQ_MODEL}),
          end=_set(decommissioned=set())),
    Fault(name="413 request too large", answers=_refused(
        413, "rate_limit_exceeded", "Request too large on tokens per minute (TPM): Limit 8000, "
        "Requested 8457", extra={"type": "tokens"})),
    Fault(name="429 with a time to wait", answers=_refused(
        429, "rate_limit_exceeded", "Rate limit reached on tokens per minute (TPM): Limit 8000",
        headers={"retry-after": "2"}, extra={"type": "tokens"})),
    Fault(name="498 capacity exceeded", answers=_refused(498, "capacity_exceeded", "busy")),
    Fault(name="error 500", answers=_refused(500, "internal", "internal error")),
    Fault(name="error 503", answers=_refused(503, "unavailable", "unavailable")),
    Fault(name="a refused tool call that can be read", wanted=Wanted.DONE, answers=(
        *_refused(400, "tool_use_failed", "Failed to call a function.", extra={
            "failed_generation": '{"name": "home_control", '
            '"arguments": {"action": "on", "names": ["Luz da Sala"]}}'}),
        SAYS_DONE,
    )),
    Fault(name="a refused tool call that cannot be read", answers=(
        *_refused(400, "tool_use_failed", "Failed.", extra={"failed_generation": "<oops"}),
        ({"content": "As abelhas dançam."},),
    )),
    *OF_STREAMS,
    *OF_MODELS,
)  # fmt: skip
