"""Speech in, the home changes, speech out: the whole loop through real processes."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.stt.accuracy import edits, words
from demo.audio import ASSIST_RATE_HZ, Sound, speak
from demo.errors import TurnError
from demo.house import DEVICES
from demo.launcher import SELF_CHECK
from demo.turn import TRAILING_SILENCE_S

if TYPE_CHECKING:
    from tests.e2e.conftest import Scene

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(420)]

SILENCE = Sound(bytes(2 * ASSIST_RATE_HZ), ASSIST_RATE_HZ)


@pytest.mark.parametrize(
    ("language", "command", "light"),
    [
        ("pt", "acenda a luz da sala", "light.luz_da_sala"),
        ("en", "turn on the kitchen lights", "light.luz_da_cozinha"),
    ],
    ids=["pt-BR", "en"],
)
async def test_a_spoken_command_turns_on_a_light_and_is_answered_aloud(
    scene: Scene, language: str, command: str, light: str
) -> None:
    """The light is off before, on after, and the answer can be understood by ear."""
    await scene.act("light.turn_off", entity_id=light)

    turn = await scene.say(command, language)

    assert words(turn.transcript) == words(command)
    assert turn.is_understood
    assert light in [change.entity_id for change in turn.changes]
    assert await scene.state(light) == "on"
    assert turn.answer_sound is not None
    heard = await scene.hear(turn.answer_sound, language)
    assert word_error_rate(turn.answer, heard) <= 0.25, (turn.answer, heard)


async def test_a_turn_tells_the_time_of_each_stage_in_order(scene: Scene) -> None:
    """The marks of a turn come in the order in which the stages happen, after the speech."""
    turn = await scene.say("abra a cortina da sala")

    names = [stage.name for stage in turn.stages]
    times = [stage.after_speech_ms for stage in turn.stages]
    assert names == [
        "transcript",
        "first word of the answer",
        "answer text",
        "first sound of the answer",
        "answer complete",
    ]
    assert times == sorted(times)
    assert times[0] > 0
    assert await scene.state("cover.cortina_da_sala") == "open"


async def test_a_short_word_at_the_very_beginning_is_heard(scene: Scene) -> None:
    """A "sim" without any sound before it is understood long before the recording ends."""
    scene.ollama.script({"content": "Certo."})
    speech = await speak(scene.house.ports.tts, "Sim.", "pt-BR")
    samples = np.frombuffer(speech.samples, "<i2")
    first = int(np.flatnonzero(np.abs(samples) > samples.max() // 50)[0])
    cut = Sound(samples[first:].tobytes(), speech.rate_hz)

    turn = await scene.listen(cut)

    assert words(turn.transcript) == ["sim"]
    assert turn.stages[0].name == "transcript"
    assert turn.stages[0].after_speech_ms < TRAILING_SILENCE_S * 1000


async def test_two_commands_in_one_breath(scene: Scene) -> None:
    """Both are done without a language model, and both are told."""
    await scene.act("light.turn_off", entity_id="light.luz_da_sala")
    await scene.act("cover.open_cover", entity_id="cover.cortina_da_sala")

    turn = await scene.say("acenda a luz da sala e feche a cortina da sala")

    assert turn.is_local
    assert turn.answer == "Luz da sala ligada. Cortina da sala fechada."
    assert await scene.state("light.luz_da_sala") == "on"
    assert await scene.state("cover.cortina_da_sala") == "closed"


async def test_a_question_about_the_home_is_answered_with_its_state(scene: Scene) -> None:
    """Plain questions about a room need no language model."""
    turn = await scene.say("what is the temperature in the living room", "en")

    assert turn.is_local
    assert "24" in turn.answer
    assert turn.changes == []


async def test_ollama_calls_a_tool_and_its_answer_is_spoken(scene: Scene) -> None:
    """What is no plain command goes to the model, whose tool calls change two things."""
    await scene.act("cover.open_cover", entity_id="cover.cortina_da_sala")
    scene.ollama.script(
        {
            "tool_calls": [
                call("home_control", action="set", names="Luz, Sala", value="30%"),
                call("home_control", action="close", names=["cortina da sala"]),
            ]
        }
    )
    scene.ollama.script({"content": "Pronto, "}, {"content": "a luz da sala está acesa."})

    turn = await scene.say("acenda a luz da sala e apague a cozinha")

    assert not turn.is_local
    assert turn.answer == "Pronto, a luz da sala está acesa."
    state = (await scene.house.home.states())["light.luz_da_sala"]
    assert round(state["attributes"]["brightness"] / 255 * 100) == 30
    assert await scene.state("cover.cortina_da_sala") == "closed"
    assert not scene.groq.bodies("/openai/v1/chat/completions")
    assert turn.answer_sound is not None
    heard = await scene.hear(turn.answer_sound)
    assert word_error_rate(turn.answer, heard) <= 0.2, heard


async def test_the_first_clause_is_spoken_while_the_model_still_writes(scene: Scene) -> None:
    """The answer is heard from its first comma on, not from the end of its first sentence."""
    scene.ollama.script(
        {"content": "Acenda a luz da sala, "},
        {"content": "abra a cortina do quarto e feche a porta da garagem"},
        {"sleep_s": 3.0},
        {"content": "."},
    )

    turn = await scene.say("acenda a luz da sala e apague a cozinha")

    names = [stage.name for stage in turn.stages]
    assert names.index("first sound of the answer") < names.index("answer text")
    assert turn.answer_sound is not None
    heard = await scene.hear(turn.answer_sound)
    assert word_error_rate(turn.answer, heard) <= 0.25, heard


async def test_groq_takes_over_when_ollama_fails(scene: Scene) -> None:
    """A failure before the first word costs nothing but time: the other provider answers."""
    await scene.act("light.turn_off", entity_id="light.luz_do_quarto")
    scene.groq.script({"tool_calls": [call("HassLightSet", name="Luz do quarto", brightness=50)]})
    scene.groq.script({"content": "A luz do quarto está acesa."})

    scene.ollama.is_busy = True
    try:
        turn = await scene.say("acenda a luz do quarto e apague a cozinha")
    finally:
        scene.ollama.is_busy = False

    assert turn.answer == "A luz do quarto está acesa."
    assert await scene.state("light.luz_do_quarto") == "on"
    assert len(scene.groq.bodies("/openai/v1/chat/completions")) == 2


async def test_the_front_door_opens_after_a_spoken_yes_only(scene: Scene) -> None:
    """The command asks, another room's yes is none, and the same conversation's yes opens."""
    await scene.act("lock.lock", entity_id="lock.porta_da_frente")

    asked = await scene.say("destranque a porta da frente")
    assert asked.answer.endswith("?")
    assert await scene.state("lock.porta_da_frente") == "locked"
    answer = await scene.type("sim", asked.conversation_id)

    assert await scene.state("lock.porta_da_frente") == "unlocked"
    assert answer == "Porta da frente destrancada."
    assert await scene.type("sim") != answer


async def test_silence_ends_in_a_named_error_and_the_next_turn_works(scene: Scene) -> None:
    """Nothing was said, so nothing is done, and the house still listens."""
    await scene.act("light.turn_on", entity_id="light.luz_da_sala")

    with pytest.raises(TurnError) as error:
        await scene.listen(SILENCE)

    assert error.value.code == "stt-no-text-recognized"
    turn = await scene.say("apague a luz da sala")
    assert turn.is_understood
    assert await scene.state("light.luz_da_sala") == "off"


@pytest.mark.parametrize(
    ("language", "text", "entity_id", "state"),
    [
        ("pt-BR", "ligue o ventilador do quarto", "fan.ventilador_do_quarto", "on"),
        ("pt-BR", "desligue o ventilador do quarto", "fan.ventilador_do_quarto", "off"),
        ("pt-BR", "ligue o ar-condicionado", "climate.ar_condicionado", "cool"),
        ("pt-BR", "desligue o ar-condicionado", "climate.ar_condicionado", "off"),
        ("pt-BR", "ligue a televisão", "media_player.tv_da_sala", "on"),
        ("pt-BR", "desligue a TV da sala", "media_player.tv_da_sala", "off"),
        ("pt-BR", "destrancar a porta da frente", "lock.porta_da_frente", "unlocked"),
        ("pt-BR", "trancar a porta da frente", "lock.porta_da_frente", "locked"),
        ("pt-BR", "abra o portão da garagem", "cover.portao_da_garagem", "open"),
        ("pt-BR", "feche o portão da garagem", "cover.portao_da_garagem", "closed"),
        ("pt-BR", "mude o abajur para azul", "light.abajur", "on"),
        ("en", "turn on the office light", "light.luz_do_escritorio", "on"),
        ("en", "open the bedroom blind", "cover.persiana_do_quarto", "open"),
    ],
)
async def test_every_kind_of_device_obeys(
    scene: Scene, language: str, text: str, entity_id: str, state: str
) -> None:
    """The names, aliases and areas of the house fit Home Assistant's own sentences."""
    await scene.house.home.command("conversation/process", text=text, language=language)

    assert await scene.state(entity_id) == state


async def test_the_self_check_is_answered_without_a_language_model(scene: Scene) -> None:
    """A model that loads for minutes must not delay the start."""
    turn = await scene.say(SELF_CHECK)

    assert turn.is_local
    assert turn.changes == []


async def test_a_browser_finds_the_user_interface(scene: Scene) -> None:
    """The address that is printed leads somewhere."""
    async with scene.house.home.stream("/") as page:
        assert b"<title>Home Assistant</title>" in await page.read()


async def test_assist_sees_the_devices_and_nothing_else(scene: Scene) -> None:
    """Helpers and diagnostics stay out of what a sentence can reach."""
    listed = await scene.house.home.command("homeassistant/expose_entity/list")
    exposed = {
        entity_id
        for entity_id, assistants in listed["exposed_entities"].items()
        if assistants.get("conversation")
    }

    assert exposed == {device.entity_id for device in DEVICES}


def call(tool: str, /, **arguments: object) -> dict[str, object]:
    """Make a tool call as a model writes it."""
    return {"name": tool, "arguments": arguments}


def word_error_rate(reference: str, heard: str) -> float:
    """Return the word edits that lead from what was said to what was heard, per word said."""
    said = words(reference)
    return edits(said, words(heard)) / len(said)
