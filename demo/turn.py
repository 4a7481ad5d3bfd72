"""One turn through the Assist pipeline, from speech to speech, with the time of each stage."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.audio import ANSWER_RATE_HZ, ASSIST_RATE_HZ, Sound, decode
from demo.errors import TurnError

if TYPE_CHECKING:
    from demo.home_assistant import HomeAssistant, Json, Subscription

FRAME_S = 0.02
# More silence than it takes to notice the end of speech, by jonh-stt or by Home Assistant's own
# detector; without any speech the recording simply ends here.
TRAILING_SILENCE_S = 3.0
# A language model on a CPU may think for a while before its first word.
EVENT_S = 180.0

# Who answered, as Jonh says it.
_MODEL = "model"

# What Jonh tells of its own turns.
_FIGURES = ("binary_sensor.groq_", "binary_sensor.ollama_", "sensor.groq_", "sensor.jonh_",
            "sensor.ollama_")  # fmt: skip

_ATTRIBUTES = (
    "brightness",
    "current_position",
    "percentage",
    "rgb_color",
    "temperature",
    "volume_level",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One mark of a turn."""

    name: str
    after_speech_ms: float
    """Milliseconds from the last voiced sample of the speech to this mark."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in the home after a turn."""

    entity_id: str
    before: str
    after: str


@dataclass(slots=True, kw_only=True)
class Turn:
    """One utterance and the whole answer to it, as the pipeline told it."""

    speech: Sound
    transcript: str = ""
    answer: str = ""
    is_local: bool = False
    """True when no language model was needed."""
    is_understood: bool = True
    """False when the answer only says that the request failed."""
    stages: list[Stage] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    answer_sound: Sound | None = None
    conversation_id: str | None = None


async def run_turn(
    home: HomeAssistant, speech: Sound, pipeline_id: str, conversation_id: str | None = None
) -> Turn:
    """Speak to a pipeline at the pace of a microphone and collect the whole answer.

    Raise TurnError with the pipeline's own code when it ends with an error, for example
    `stt-no-text-recognized` after silence.
    """
    before = await home.states()
    events = await home.subscribe(
        "assist_pipeline/run",
        start_stage="stt",
        end_stage="tts",
        pipeline=pipeline_id,
        conversation_id=conversation_id,
        input={"sample_rate": ASSIST_RATE_HZ},
        timeout=EVENT_S,
    )
    try:
        turn = await _Run(home, events, speech).finish()
    finally:
        await events.close()
    after = await home.states()
    turn.changes = _changes(before, after)
    turn.is_local = _answered_by(before, after) != _MODEL
    return turn


class _Run:
    """A pipeline run: stt-start .. stt-end, intent-end, tts-end, run-end.

    stt-vad-end comes only where Home Assistant has to find the end of the speech.
    """

    def __init__(self, home: HomeAssistant, events: Subscription, speech: Sound) -> None:
        self._home = home
        self._events = events
        self._turn = Turn(speech=speech)
        self._begin_s = 0.0
        self._handler_id = 0
        self._answer_path = ""
        self._microphone: asyncio.Task[None] | None = None
        self._speaker: asyncio.Task[bytes] | None = None

    async def finish(self) -> Turn:
        """Follow the run to its end."""
        try:
            while (event := await self._events.next_event(EVENT_S))["type"] != "run-end":
                self._on_event(event["type"], event["data"] or {})
            await self._collect_answer()
        finally:
            for task in (self._microphone, self._speaker):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
        return self._turn

    def _on_event(self, kind: str, data: Json) -> None:
        match kind:
            case "run-start":
                self._handler_id = data["runner_data"]["stt_binary_handler_id"]
                self._answer_path = data["tts_output"]["url"]
            case "stt-start":
                self._begin_s = time.monotonic()
                self._microphone = asyncio.create_task(self._send_speech(), name="microphone")
            case "stt-vad-end":
                self._mark("end of speech noticed")
                self._stop_microphone()
            case "stt-end":
                self._mark("transcript")
                self._stop_microphone()
                self._turn.transcript = data["stt_output"]["text"].strip()
            case "intent-progress":
                self._on_progress(data)
            case "intent-end":
                self._on_answer(data)
            case "tts-end":
                self._listen()
            case "error":
                raise TurnError(data["code"], data["message"])

    def _on_progress(self, data: Json) -> None:
        if data.get("tts_start_streaming"):
            self._listen()
        if data.get("chat_log_delta", {}).get("content"):
            self._mark_once("first word of the answer")

    def _on_answer(self, data: Json) -> None:
        self._mark("answer text")
        response = data["intent_output"]["response"]
        self._turn.answer = response["speech"].get("plain", {}).get("speech", "").strip()
        self._turn.is_understood = response["response_type"] != "error"
        self._turn.conversation_id = data["intent_output"]["conversation_id"]

    def _mark(self, name: str) -> None:
        speech_end_s = self._begin_s + self._turn.speech.speech_end_s
        after_ms = (time.monotonic() - speech_end_s) * 1000
        self._turn.stages.append(Stage(name, after_ms))

    def _mark_once(self, name: str) -> None:
        if all(stage.name != name for stage in self._turn.stages):
            self._mark(name)

    def _listen(self) -> None:
        if self._speaker is None:
            self._speaker = asyncio.create_task(self._read_answer(), name="speaker")

    def _stop_microphone(self) -> None:
        if self._microphone is not None:
            self._microphone.cancel()

    async def _send_speech(self) -> None:
        frame_bytes = int(ASSIST_RATE_HZ * FRAME_S) * 2
        silence = bytes(int(ASSIST_RATE_HZ * TRAILING_SILENCE_S) * 2)
        samples = self._turn.speech.samples + silence
        for index, offset in enumerate(range(0, len(samples), frame_bytes)):
            # Absolute times, so that a late frame does not delay all that follow.
            await asyncio.sleep(self._begin_s + (index + 1) * FRAME_S - time.monotonic())
            frame = samples[offset : offset + frame_bytes]
            await self._home.send_audio(self._handler_id, frame)
        await self._home.send_audio(self._handler_id, b"")

    async def _read_answer(self) -> bytes:
        content = bytearray()
        async with self._home.stream(self._answer_path) as body:
            async for piece in body.iter_any():
                if not content:
                    self._mark("first sound of the answer")
                content += piece
        self._mark("answer complete")
        return bytes(content)

    async def _collect_answer(self) -> None:
        if self._speaker is None:
            return
        content = await asyncio.wait_for(self._speaker, EVENT_S)
        self._turn.answer_sound = await decode(content, ANSWER_RATE_HZ, "the answer")


def _answered_by(before: dict[str, Json], after: dict[str, Json]) -> str | None:
    """Return who answered, as Jonh's turn event tells it; None when Jonh was not asked."""
    for entity_id, state in after.items():
        answered_by = state["attributes"].get("answered_by")
        if answered_by and before.get(entity_id, {}).get("state") != state["state"]:
            return str(answered_by)
    return None


def _changes(before: dict[str, Json], after: dict[str, Json]) -> list[Change]:
    """Compare two moments, without the entities that change with every turn."""
    changes = []
    for entity_id, state in after.items():
        domain = entity_id.partition(".")[0]
        if domain in {"stt", "tts", "conversation", "event"} or domain.startswith("input_"):
            continue
        if entity_id.startswith(_FIGURES):
            continue
        if entity_id not in before:
            continue
        was, now = _describe(before[entity_id]), _describe(state)
        if was != now:
            changes.append(Change(entity_id, was, now))
    return changes


def _describe(state: Json) -> str:
    """Return a state with the attributes that a command changes, such as `on (brightness 77)`."""
    attributes = state["attributes"]
    parts = [
        f"{name} {attributes[name]}" for name in _ATTRIBUTES if attributes.get(name) is not None
    ]
    return f"{state['state']} ({', '.join(parts)})" if parts else str(state["state"])
