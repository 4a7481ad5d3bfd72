"""A call in a real browser: what is said, done, heard, interrupted and taken up again."""

import asyncio
import re
from typing import TYPE_CHECKING

from demo.audio import ASSIST_RATE_HZ, Sound
from tests.browser.person import (
    MUTE_MICROPHONE,
    MUTE_SOUND,
    at_assist_rate,
    chromium,
    microphone_file,
    pause,
    person,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Voice
    from tests.browser.person import Person
    from tests.e2e.conftest import Scene

LIGHT = "light.luz_da_sala"
ON = "Acenda a luz da sala."
OFF = "Apague a luz da sala."
OTHER_LIGHT = "light.luz_do_quarto"
OTHER_ON = "Acenda a luz do quarto."
# Nothing that the house answers by itself.
QUESTION = "Me conta uma história."
FIRST = "A luz da sala está acesa, a cortina da sala está aberta e a porta da frente está trancada."
SECOND = "A temperatura da sala é de vinte e dois graus."
# Longer than the first second of an answer, in which more speech is asked for.
INTO_ANSWER_S = 1.6


async def test_two_turns_through_the_browsers_own_microphone(
    scene: Scene, voice: Voice, tmp_path: Path
) -> None:
    """From a device that hears a voice to a light, and to an answer that can be understood."""
    await scene.act("light.turn_off", entity_id=LIGHT)
    words = [
        pause(2.5, ASSIST_RATE_HZ),
        await voice(ON),
        pause(8, ASSIST_RATE_HZ),
        await voice(OFF),
        pause(3, ASSIST_RATE_HZ),
    ]
    file = await asyncio.to_thread(microphone_file, words, tmp_path)
    async with (
        chromium(f"--use-file-for-fake-audio-capture={file}%noloop") as browser,
        person(
            browser,
            scene.house.home,
            scene.house.ports.url,
            has_own_device=True,
            permissions=["microphone"],
        ) as guest,
    ):
        await guest.dial()
        await guest.record()
        first = await guest.wait_for_event("answer")
        assert await scene.state(LIGHT) == "on"
        await guest.until_listening()
        heard = await guest.recording()
        second = await guest.wait_for_event("answer", len(guest.events))
        assert await scene.state(LIGHT) == "off"
        await guest.until_listening()

        for text in (ON, first["text"], OFF, second["text"]):
            assert await guest.page.get_by_text(text).first.is_visible()
        assert similar(await scene.hear(await at_assist_rate(heard)), first["text"])
        log = await guest.page.evaluate("window.jonhConversa.log")
        names = [mark["name"] for mark in log if mark["turn"] == first["turn"]]
        assert names == ["lastTranscript", "soundRequested", "firstSoundAudible"]
        times = [mark["timeMs"] for mark in log]
        assert times == sorted(times)
        await guest.hang_up()
        assert guest.problems == []


async def test_a_voice_stops_the_answer_and_is_the_next_turn(
    scene: Scene, voice: Voice, guest: Person
) -> None:
    """The sound is gone before the sentence is over, and nothing of the sentence is lost."""
    await scene.act("light.turn_off", entity_id=OTHER_LIGHT)
    await guest.dial()
    await start_answer(scene, voice, guest)

    before = len(guest.events)
    said = await guest.say(await voice(OTHER_ON))
    await guest.wait_for_event("stop", before)
    answer = await guest.wait_for_event("answer", before)

    assert await scene.state(OTHER_LIGHT) == "on"
    loudness = await guest.loudness(said.begin_ms)
    assert loudness.between(said.end_ms - 300, said.end_ms) == 0
    await guest.until_listening()
    turns = (await guest.state())["turns"]
    assert [turn["said"] for turn in turns] == [QUESTION, OTHER_ON]
    assert [turn["isInterrupted"] for turn in turns] == [True, False]
    assert 0 < turns[0]["heardUpTo"] < len(f"{FIRST} {SECOND}")
    assert turns[1]["answer"] == answer["text"]


async def test_a_command_in_the_words_of_the_answer_is_no_echo(
    scene: Scene, voice: Voice, guest: Person
) -> None:
    """Whoever hears of a light and wants it otherwise says so at once."""
    await scene.act("light.turn_on", entity_id=LIGHT)
    await guest.dial()
    await start_answer(scene, voice, guest)

    before = len(guest.events)
    await guest.say(await voice(OFF))
    answer = await guest.wait_for_event("answer", before)

    assert answer["text"] == "Luz da sala desligada."
    assert await scene.state(LIGHT) == "off"


async def test_what_was_no_turn_lets_the_answer_go_on(
    scene: Scene, voice: Voice, guest: Person
) -> None:
    """Whoever only shows that they listen hears the answer to its end."""
    await guest.dial()
    await guest.record()
    await start_answer(scene, voice, guest)
    said = await guest.say(await voice("Certo."))

    await guest.until_listening()

    assert any(0 < volume < 1 for _, volume in await guest.volumes(said.begin_ms))
    heard = await at_assist_rate(await guest.recording())
    # All of it is longer than what the starter model follows.
    end = 2 * round(heard.speech_end_s * heard.rate_hz)
    begin = end - 4 * 2 * heard.rate_hz
    last = await scene.hear(Sound(heard.samples[begin:end], heard.rate_hz))
    assert words(last)[-5:] == words(SECOND)[-5:]


async def test_a_muted_microphone_hears_nothing(scene: Scene, voice: Voice, guest: Person) -> None:
    """What is said while it is off is not done, what is said afterwards is."""
    await scene.act("light.turn_off", entity_id=LIGHT)
    await guest.dial()
    await guest.press(MUTE_MICROPHONE)
    before = len(guest.events)
    await guest.say(await voice(ON))
    await asyncio.sleep((await voice(ON)).duration_s + 1.5)
    assert not {"speech", "partial", "transcript"} & set(guest.kinds(before))

    await guest.press(MUTE_MICROPHONE)
    await guest.say(await voice(ON))
    await guest.wait_for_event("answer", before)

    assert await scene.state(LIGHT) == "on"


async def test_muted_sound_is_not_heard_and_the_call_goes_on(
    scene: Scene, voice: Voice, guest: Person
) -> None:
    """The answer can be read; the next one is heard again."""
    await guest.dial()
    await guest.press(MUTE_SOUND)
    begin_ms = await guest.now_ms()
    before = len(guest.events)
    await guest.say(await voice(ON))
    answer = await guest.wait_for_event("answer", before)
    await guest.until("speaking")
    await guest.until_listening()
    assert (await guest.loudness(begin_ms)).first_sound_ms() is None
    assert await guest.page.get_by_text(answer["text"]).first.is_visible()

    await guest.press(MUTE_SOUND)
    said = await guest.say(await voice(OFF))

    assert await guest.until_sounding(said.end_ms) > said.end_ms


async def test_a_lost_connection_is_made_again_and_the_conversation_goes_on(
    scene: Scene, voice: Voice, guest: Person
) -> None:
    """The page says so, calls again by itself, and the house still knows what was said."""
    await guest.dial()
    scene.ollama.script({"content": FIRST})
    before = len(guest.events)
    await guest.say(await voice(QUESTION))
    await guest.wait_for_event("answer", before)
    await guest.until_listening()
    conversation_id = (await guest.state())["conversationId"]
    await guest.page.context.set_offline(True)
    await guest.cut_the_line()

    await guest.until("reconnecting")
    assert await guest.page.get_by_text(
        re.compile("reconectando", re.IGNORECASE)
    ).first.is_visible()
    await guest.page.context.set_offline(False)
    await guest.until("listening")
    scene.ollama.script({"content": SECOND})
    before = len(guest.events)
    await guest.say(await voice(QUESTION))
    await guest.wait_for_event("answer", before)

    assert (await guest.state())["conversationId"] == conversation_id
    sent = [str(message["content"]) for message in scene.ollama.chats[-1]["messages"]]
    assert any(FIRST in text for text in sent)
    assert [turn["answer"] for turn in (await guest.state())["turns"]] == [FIRST, SECOND]


async def start_answer(scene: Scene, voice: Voice, guest: Person) -> None:
    """Ask the model, and listen to its answer for a while."""
    scene.ollama.script({"content": f"{FIRST} "}, {"content": SECOND})
    said = await guest.say(await voice(QUESTION))
    await guest.until_sounding(said.end_ms)
    await asyncio.sleep(INTO_ANSWER_S)


def similar(heard: str, said: str) -> bool:
    """Compare what was heard with what was said, word by word, with one in four wrong."""
    common = set(words(heard)) & set(words(said))
    return len(common) >= 0.75 * len(set(words(said)))


def words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return re.findall(r"\w+", text.lower())
