"""The faults that `faults` lets an agent go through, by the service that has them."""

import json
from typing import TYPE_CHECKING, Any

from benchmarks.agent.agents import GROQ_MODEL, OLLAMA_MODEL
from benchmarks.agent.faults import (
    ACT_BY_PRINTED_NAME,
    ACT_STEP,
    LIGHT_NAME,
    Fault,
    Wanted,
    both,
)
from custom_components.jonh.agent.languages import Sentence

if TYPE_CHECKING:
    from benchmarks.agent.faults import Change
    from tests.fakes.scripted_model import Step

SAYS_DONE: tuple[Step, ...] = (
    {"content": both("Pronto, ", "Done, ")},
    {"content": both("a luz da sala está acesa.", "the living room light is on.")},
)
DONE = both("Pronto, a luz da sala está acesa.", "Done, the living room light is on.")
SWITCHED_ON = both("Luz da Sala ligada.", "Turned on the Living Room Light.")
"""What is said where the model says nothing."""
BEES = both("As abelhas dançam.", "The bees dance.")
BEES_DANCE = both("As abelhas dançam", "The bees dance")
BEES_STOP = both("As abelhas dançam...", "The bees dance...")
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


def _refused(status: int, text: str, code: str = "", **extra: Any) -> tuple[tuple[Step, ...], ...]:
    return (({"status": status, "code": code, "error": text, **extra},),)


# What happens in the model's own words is the same whichever service carries them.
OF_MODELS = (
    Fault(name="an empty answer", answers=SILENT, cause=Sentence.NO_ANSWER),
    Fault(name="reasoning in the text", answers=(
        ({"content": both("<think>Ele quer saber ", "<think>They want to know ")},
         {"content": both("das abelhas.</think>Elas dançam ", "of bees.</think>They dance ")},
         {"content": both("para falar de flores.", "to talk of flowers.")}),
    ), words=both("Elas dançam para falar de flores.", "They dance to talk of flowers.")),
    Fault(name="markdown and emoji", answers=(
        ({"content": both("**As abelhas** dançam! 🐝\n\n- ", "**The bees** dance! 🐝\n\n- ")},
         {"content": both("É a *dança* do oito.", "It is a *dance* in eights.")}),
    ), words=both("As abelhas dançam! É a dança do oito.",
                  "The bees dance! It is a dance in eights.")),
    Fault(name="cut short at its limit", answers=(({"content": BEES_DANCE}, {"length": True}),),
          words=BEES_DANCE),
    Fault(name="a tool that does not exist", answers=(
        ({"tool_calls": [{"name": "get_weather", "arguments": {"city": "Recife"}}]},),
        ({"content": both("Não sei a previsão do tempo.", "The forecast is not known.")},),
    ), words=both("Não sei a previsão do tempo.", "The forecast is not known.")),
    Fault(name="nothing said after a tool", wanted=Wanted.DONE, answers=((ACT_STEP,), *SILENT),
          words=SWITCHED_ON),
    Fault(name="a tool call written as text", wanted=Wanted.DONE, answers=(
        ({"content": _AS_TEXT},), SAYS_DONE,
    ), words=DONE),
    Fault(name="a tool call in tags", wanted=Wanted.DONE, answers=(
        ({"content": f"<tool_call>{_AS_TEXT}</tool_call>"},), SAYS_DONE,
    ), words=DONE),
    Fault(name="a tool without its prefix", wanted=Wanted.DONE, answers=(
        ({"tool_calls": [{"name": "HassTurnOn", "arguments": {"name": LIGHT_NAME}}]},), SAYS_DONE,
    ), words=DONE),
    Fault(name="a name as the prompt prints it", wanted=Wanted.DONE, answers=(
        (ACT_BY_PRINTED_NAME,), SAYS_DONE,
    ), words=DONE),
    Fault(name="a claim without a deed", wanted=Wanted.HONEST, answers=(
        SAYS_DONE, (ACT_STEP,), SAYS_DONE,
    ), words=DONE),
    Fault(name="a claim without a deed, twice", wanted=Wanted.HONEST, answers=(
        SAYS_DONE, SAYS_DONE, SAYS_DONE,
    )),
)  # fmt: skip

# The same for every service, in its own way to end a connection.
OF_STREAMS = (
    Fault(name="silence after the connection", answers=(({"stall": True},),),
          cause=Sentence.STALLED),
    Fault(name="cut before the first word", answers=(({"cut": True},),), cause=Sentence.BROKEN),
    Fault(name="cut in the middle", answers=(({"content": BEES_DANCE}, {"cut": True}),),
          words=BEES_STOP, cause=Sentence.INTERRUPTED),
    Fault(name="an error in the middle", answers=(
        ({"content": BEES_DANCE}, {"error": "runner has stopped"}),
    ), words=BEES_STOP, cause=Sentence.INTERRUPTED),
    Fault(name="an end without the last event", answers=(({"content": BEES}, {"end": True}),),
          words=BEES, cause=Sentence.INTERRUPTED),
    Fault(name="cut after a tool", wanted=Wanted.DONE, answers=((ACT_STEP,), ({"cut": True},)),
          words=SWITCHED_ON),
    Fault(name="an error after a tool", wanted=Wanted.DONE, answers=(
        (ACT_STEP,), ({"status": 500, "error": "runner has stopped"},),
    ), words=SWITCHED_ON),
)  # fmt: skip

LATE_SILENCE = (
    Fault(name="silence in the middle", answers=(({"content": BEES_DANCE}, {"stall": True}),),
          words=BEES_STOP, cause=Sentence.INTERRUPTED),
    Fault(name="silence after a tool", wanted=Wanted.DONE,
          answers=((ACT_STEP,), ({"stall": True},)), words=SWITCHED_ON),
)  # fmt: skip
"""The same for every service, too; each takes a deadline, so the benchmark leaves them out."""

OVERFLOWS = (
    Fault(name="prompt too long, once", answers=(
        *_refused(400, "the input length exceeds the context length"), ({"content": BEES},),
    ), words=BEES),
    Fault(name="prompt too long", answers=_refused(
        400, "the input length exceeds the context length") * 6, cause=Sentence.TOO_LARGE),
)  # fmt: skip
"""What Ollama answers to those who do not let it cut the prompt, which core does: no benchmark."""

OF_OLLAMA = (
    Fault(name="server down", begin=_down, end=_up, cause=Sentence.UNREACHABLE),
    Fault(name="model removed", begin=_lose_model, end=_find_model, cause=Sentence.MODEL_MISSING),
    Fault(name="model without tools", begin=_lose_tools, end=_find_tools,
          answers=(({"content": BEES},),), words=BEES),
    Fault(name="server busy", begin=_set(is_busy=True), end=_set(is_busy=False),
          cause=Sentence.BUSY),
    Fault(name="key refused", begin=_set(api_key="another"), end=_set(api_key=None),
          cause=Sentence.AUTH),
    Fault(name="error 400", answers=_refused(400, "invalid options"), cause=Sentence.BAD_REQUEST),
    Fault(name="error 403", answers=_refused(403, "forbidden"), cause=Sentence.AUTH),
    Fault(name="error 429", answers=_refused(429, "slow down"), cause=Sentence.RATE_LIMITED),
    Fault(name="error 500", answers=_refused(500, "llama runner has stopped"),
          cause=Sentence.SERVICE),
    Fault(name="an error as the first line", answers=(({"error": "out of memory"},),),
          cause=Sentence.SERVICE),
    Fault(name="a line that is no JSON", answers=(({"raw": "{oops\n"},),), cause=Sentence.BROKEN),
    Fault(name="an empty line", answers=(
        ({"content": BEES_DANCE}, {"raw": "\n"}, {"content": "."}),
    ), words=BEES),
    *OF_STREAMS,
    *OF_MODELS,
)  # fmt: skip

_SECOND_TRY = ({"content": BEES},)
_WRITTEN_CALL = json.dumps(
    {"name": "home_control", "arguments": {"action": "on", "names": [LIGHT_NAME]}}
)


def _limited(text: str, kind: str, **headers: str) -> tuple[tuple[Step, ...], ...]:
    return _refused(429, text, "rate_limit_exceeded", headers=headers, extra={"type": kind})


def _inner_error(text: str, **fields: Any) -> Step:
    """Return an error inside a stream, with more than its text."""
    error = {"error": {"message": text, "type": "server_error", **fields}}
    return {"raw": f"event: error\ndata: {json.dumps(error)}\n\n"}


OF_GROQ = (
    Fault(name="server down", begin=_down, end=_up, cause=Sentence.UNREACHABLE),
    Fault(name="key refused", begin=_set(api_key="another"), end=_set(api_key="gsk_test"),
          cause=Sentence.AUTH),
    Fault(name="model shut down", begin=_set(decommissioned={GROQ_MODEL}),
          end=_set(decommissioned=set()), cause=Sentence.MODEL_MISSING),
    Fault(name="404 model not found", answers=_refused(404, "no such model", "model_not_found"),
          cause=Sentence.MODEL_MISSING),
    Fault(name="403 forbidden", answers=_refused(403, "forbidden"), cause=Sentence.AUTH),
    Fault(name="413 request too large", answers=_refused(
        413, "Request too large on tokens per minute (TPM): Limit 8000, Requested 8457",
        "rate_limit_exceeded", extra={"type": "tokens"}) * 2, cause=Sentence.TOO_LARGE),
    Fault(name="413 request too large, once", answers=(*_refused(
        413, "Request too large on tokens per minute (TPM): Limit 8000, Requested 8457",
        "rate_limit_exceeded", extra={"type": "tokens"}), _SECOND_TRY), words=BEES),
    Fault(name="422 not processable", answers=_refused(422, "unprocessable entity"),
          cause=Sentence.BAD_REQUEST),
    Fault(name="429 with a time to wait", answers=_limited(
        "Rate limit reached on tokens per minute (TPM): Limit 8000", "tokens",
        **{"retry-after": "2"}), cause=Sentence.RATE_LIMITED),
    Fault(name="429 for a moment", answers=(*_limited(
        "Rate limit reached on tokens per minute (TPM): Limit 8000", "tokens",
        **{"retry-after": "0.1"}), _SECOND_TRY), words=BEES),
    Fault(name="429 for the day", answers=_limited(
        "Rate limit reached on requests per day (RPD): Limit 1000, Used 1000", "requests"),
        cause=Sentence.RATE_LIMITED),
    Fault(name="498 capacity exceeded", answers=_refused(498, "busy", "capacity_exceeded"),
          cause=Sentence.BUSY),
    Fault(name="499 cancelled", answers=_refused(499, "request cancelled"),
          cause=Sentence.SERVICE),
    Fault(name="error 500", answers=_refused(500, "internal error", "internal"),
          cause=Sentence.SERVICE),
    Fault(name="error 502", answers=_refused(502, "bad gateway"), cause=Sentence.SERVICE),
    Fault(name="error 503", answers=_refused(503, "unavailable", "unavailable"),
          cause=Sentence.BUSY),
    Fault(name="a refused tool call that can be read", wanted=Wanted.DONE, answers=(
        *_refused(400, "Failed to call a function.", "tool_use_failed",
                  extra={"failed_generation": _WRITTEN_CALL}),
        SAYS_DONE,
    ), words=DONE),
    Fault(name="a refused tool call in the stream", wanted=Wanted.DONE, answers=(
        (_inner_error("Failed to call a function.", code="tool_use_failed", status_code=400,
                      failed_generation=_WRITTEN_CALL), {"end": True}),
        SAYS_DONE,
    ), words=DONE),
    Fault(name="a tool call that does not match", answers=(
        *_refused(400, "tool call validation failed: parameters for tool home_control did not "
                  "match schema: errors: [`/names`: expected array, but got string]",
                  "tool_use_failed"),
        _SECOND_TRY,
    ), words=BEES),
    Fault(name="a refused tool call that cannot be read", answers=(
        *_refused(400, "Failed.", "tool_use_failed", extra={"failed_generation": "<oops"}),
        _SECOND_TRY,
    ), words=BEES),
    Fault(name="a refused tool call, twice", answers=_refused(
        400, "Failed.", "tool_use_failed", extra={"failed_generation": "<oops"}) * 2,
        cause=Sentence.BAD_TOOL_CALL),
    Fault(name="an error as the first event", answers=(({"error": "over capacity"},),),
          cause=Sentence.SERVICE),
    Fault(name="an event that is no JSON", answers=(({"raw": "data: {oops\n\n"},),),
          cause=Sentence.BROKEN),
    *OF_STREAMS,
    *OF_MODELS,
)  # fmt: skip
