"""How long a person waits for the first sound, and who lets them wait."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.call.caller import Line, Marks, open_line, our_turn, stock_turn
from benchmarks.call.house import QUESTION, Scene
from benchmarks.call.talker import FIRST_TOKEN_S

if TYPE_CHECKING:
    from demo.audio import Sound

_LIGHTS = (
    "a luz da sala",
    "a luz da cozinha",
    "a luz da bancada",
    "a luz da varanda",
    "a luz da garagem",
    "a luz do jardim",
    "a luz do quarto",
    "a luz do escritório",
    "a luz do banheiro",
    "o abajur",
    "o ventilador",
)

type Way = Callable[[Line, str, Sound], Awaitable[Marks]]

WAYS: dict[str, Way] = {
    "Home Assistant": stock_turn,
    "Jonh": our_turn,
    # A whole command ends so soon by itself, so this one is asked questions only.
    "Jonh, 0.4 s of silence": partial(our_turn, silence_s=0.4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One turn, from the last sample of the speech to the first byte of sound, in ms."""

    recognised: float
    """To the transcript: the silence that ends a phrase, and the recogniser."""
    to_model: float
    """From the transcript to the model's question; 0 without a model."""
    model: float
    """To the model's first token; 0 without a model."""
    to_voice: float
    """From the first token, or the transcript, to the first text at the voice."""
    voice: float
    """From the first text to the first sound of the voice."""
    to_listener: float
    """From there to the first byte at the listener."""

    @property
    def total(self) -> float:
        """All of it."""
        return self.recognised + self.to_model + self.model + self.overhead_behind_model

    @property
    def overhead_behind_model(self) -> float:
        """What comes after the model."""
        return self.to_voice + self.voice + self.to_listener

    @property
    def overhead(self) -> float:
        """What neither silence, recogniser, model nor voice took."""
        return self.to_model + self.to_voice + self.to_listener


async def measure(scene: Scene, rounds: int) -> dict[tuple[str, str], Wait]:
    """Return the medians by what was said and by way; the ways take turns."""
    measured: dict[tuple[str, str], Wait] = {}
    for what, texts in (("a model's answer", questions), ("a local command", commands)):
        waits: dict[str, list[Wait]] = {name: [] for name, _ in zip(WAYS, texts(0), strict=False)}
        for index in range(rounds + 1):
            for name, text in zip(waits, texts(index), strict=True):
                wait = await _turn(scene, WAYS[name], await scene.speech(text))
                if index:  # the first one warms up
                    waits[name].append(wait)
        measured |= {(what, name): _middle(each) for name, each in waits.items()}
    return measured


def questions(_: int) -> list[str]:
    """Return what is asked in a round, by way; the model's answers differ."""
    return [QUESTION] * len(WAYS)


def commands(index: int) -> list[str]:
    """Return what is said in a round, by way, so that no answer has been said before."""
    light = _LIGHTS[index % len(_LIGHTS)]
    return [f"Acenda {light}.", f"Apague {light}."]


async def _turn(scene: Scene, way: Way, speech: Sound) -> Wait:
    # A short answer that was said before would come from Home Assistant's cache.
    await scene.house.home.post("/api/services/tts/clear_cache", {})
    scene.stt.forget()
    scene.tts.forget()
    scene.model.asked_s.clear()
    async with open_line(scene.house.home, scene.url) as line:
        marks = await way(line, scene.pipeline_id, speech)
    return _wait(scene, marks)


def _wait(scene: Scene, marks: Marks) -> Wait:
    transcript = scene.stt.first("transcript")
    sound = scene.tts.first("audio-chunk")
    text = scene.tts.first("synthesize-chunk", "synthesize")
    if transcript is None or sound is None or text is None:
        raise RuntimeError("the speech servers were not asked")
    heard_s = transcript.at_s
    asked_s = scene.model.asked_s[0] if scene.model.asked_s else heard_s
    token_s = asked_s + FIRST_TOKEN_S if scene.model.asked_s else heard_s
    return Wait(
        recognised=(heard_s - marks.speech_end_s) * 1000,
        to_model=(asked_s - heard_s) * 1000,
        model=(token_s - asked_s) * 1000,
        to_voice=(text.at_s - token_s) * 1000,
        voice=(sound.at_s - text.at_s) * 1000,
        to_listener=(marks.first_byte_s - sound.at_s) * 1000,
    )


def _middle(waits: list[Wait]) -> Wait:
    """Return the turn whose total is the median: its parts add up."""
    totals = [each.total for each in waits]
    return min(waits, key=lambda each: abs(each.total - median(totals)))
