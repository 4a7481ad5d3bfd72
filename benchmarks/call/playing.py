"""From the last sample of the speech to sound from the loudspeaker of a browser."""

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.call.caller import open_line, stock_turn
from benchmarks.call.house import QUESTION

if TYPE_CHECKING:
    from benchmarks.call.house import Scene
    from tests.browser.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """One answer of the model, in ms."""

    after_speech: float
    """From the last sample of the speech to the first audible one."""
    after_voice: float
    """To it from the first sound of the voice."""


async def measure(scene: Scene, person: Person, rounds: int) -> dict[str, Playing]:
    """Return the medians by way; the ways take turns, none of them in a call of the other."""
    ways = {"Home Assistant": _stock, "Jonh": _ours}
    played: dict[str, list[Playing]] = {name: [] for name in ways}
    for index in range(rounds + 1):
        for name, way in ways.items():
            await scene.house.home.post("/api/services/tts/clear_cache", {})
            scene.tts.forget()
            made = await way(scene, person)
            if index:  # the first one warms up
                played[name].append(made)
    return {
        name: Playing(
            after_speech=median(each.after_speech for each in made),
            after_voice=median(each.after_voice for each in made),
        )
        for name, made in played.items()
    }


async def _ours(scene: Scene, person: Person) -> Playing:
    """Say it to the panel."""
    speech = await scene.speech(QUESTION)
    await person.dial()
    said = await person.say(speech)
    heard_ms = await person.until_sounding(said.end_ms)
    playing = Playing(
        after_speech=heard_ms - said.end_ms, after_voice=heard_ms - await _voice_ms(scene, person)
    )
    await person.hang_up()
    return playing


async def _stock(scene: Scene, person: Person) -> Playing:
    """Say it to the pipeline, and play the answer with an element as Home Assistant's page does."""
    speech = await scene.speech(QUESTION)
    await person.open_panel()
    # A page may play only after it was touched.
    await person.page.mouse.click(1, 1)
    begin_ms = await person.now_ms()

    async def play(url: str) -> None:
        await person.page.evaluate(
            "url => { window.testAnswer = new Audio(url); window.testAnswer.play(); }", url
        )

    async with open_line(scene.house.home, scene.url) as line:
        marks = await stock_turn(line, scene.pipeline_id, speech, play)
    heard_ms = await person.until_sounding(begin_ms)
    end_ms = await _page_ms(person, marks.speech_end_s)
    await person.page.evaluate("window.testAnswer.pause()")
    return Playing(
        after_speech=heard_ms - end_ms, after_voice=heard_ms - await _voice_ms(scene, person)
    )


async def _voice_ms(scene: Scene, person: Person) -> float:
    sound = scene.tts.first("audio-chunk")
    if sound is None:
        raise RuntimeError("the voice was not asked")
    return await _page_ms(person, sound.at_s)


async def _page_ms(person: Person, at_s: float) -> float:
    """Tell a moment of `time.perf_counter` by the page's clock; both run on one machine."""
    before_s = time.perf_counter()
    now_ms = await person.now_ms()
    here_s = (before_s + time.perf_counter()) / 2
    return now_ms - (here_s - at_s) * 1000
