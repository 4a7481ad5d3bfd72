"""One turn, from speech to speech, over the real speech servers."""

import asyncio
import io
import wave
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, override

import pytest
from homeassistant.components import conversation, tts
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.conversation import async_set_agent
from homeassistant.components.conversation.chat_log import current_chat_log
from homeassistant.core import Context
from homeassistant.helpers import intent
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jonh import answer_voice, turn
from custom_components.jonh.pipelines import async_create_pipeline
from custom_components.jonh.store import ARCHIVE
from custom_components.jonh.turn import async_run_turn
from custom_components.jonh.turn_updates import (
    Answer,
    AnswerDelta,
    AnswerSound,
    Deed,
    Partial,
    SpeechEnded,
    Stage,
    TurnFailed,
    TurnReport,
    TurnRequest,
    TurnUpdate,
)
from tests.fakes.speech import silence, spoken
from tests.jonh.conftest import AGENT, LIGHT, OLLAMA_AGENT, set_up
from tests.jonh.speech_servers import add_wyoming, both_running, running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from homeassistant.components.tts import ResultStream
    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

LOCAL_AGENT: dict[str, Any] = {"llm_hass_api": ["assist"]}
COMMAND = "acenda a luz da sala"
VAGUE = "minha sala precisa de claridade"
FRAME_BYTES = 640
FRAME_S = 0.02
PATIENCE_S = 20.0
ESTABLISHED = "01"


@dataclass
class Heard:
    """What a listener was told."""

    updates: list[TurnUpdate] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    sounds: list[asyncio.Task[bytes]] = field(default_factory=list)

    def tell(self, update: TurnUpdate) -> None:
        """Keep an update, and fetch the sound as a browser does."""
        self.updates.append(update)
        self.news.set()
        if isinstance(update, AnswerSound):
            self.sounds.append(asyncio.create_task(_read(update.stream)))

    def all[T](self, kind: type[T]) -> list[T]:
        """Return the updates of a kind."""
        return [update for update in self.updates if isinstance(update, kind)]

    @property
    def kinds(self) -> list[str]:
        """Names of the updates, repetitions left out."""
        names = [type(update).__name__ for update in self.updates]
        return [name for index, name in enumerate(names) if names[index - 1 : index] != [name]]

    async def until(self, kind: type[TurnUpdate]) -> None:
        """Wait for an update of a kind."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.all(kind):
                self.news.clear()
                await self.news.wait()


async def _read(stream: ResultStream) -> bytes:
    return b"".join([chunk async for chunk in stream.async_stream_result()])


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Run jonh-stt and jonh-tts."""
    with both_running() as found:
        yield found


@pytest.fixture
async def voiced(
    home: HomeAssistant, ports: tuple[int, int], socket_enabled: None
) -> HomeAssistant:
    """Give the home ears and a voice."""
    await add_wyoming(home, *ports)
    return home


@pytest.fixture
def heard() -> Heard:
    """Listen to a turn."""
    return Heard()


async def add_agent(
    home: HomeAssistant, ollama: FakeOllama | None = None, **settings: Any
) -> MockConfigEntry:
    """Add Jonh and its pipeline, which everybody prefers."""
    if ollama is None:
        entry = await set_up(home, LOCAL_AGENT | settings)
    else:
        entry = await set_up(home, OLLAMA_AGENT | settings, ollama_url=ollama.url)
    await async_create_pipeline(
        home, conversation_agent=AGENT, language="pt-BR", set_preferred=True
    )
    return entry


def request(**fields: Any) -> TurnRequest:
    """Return a request of nobody in particular to the preferred pipeline."""
    plain: dict[str, Any] = {"pipeline_id": None, "conversation_id": None, "context": Context()}
    return TurnRequest(**plain | fields)


async def live(text: str, *, lead_s: float = 0.3, tail_s: float = 6.0) -> AsyncGenerator[bytes]:
    """Speak into a microphone that stays open for a while."""
    said = spoken(text).tobytes() if text else b""
    sound = silence(lead_s).tobytes() + said + silence(tail_s).tobytes()
    for start in range(0, len(sound), FRAME_BYTES):
        yield sound[start : start + FRAME_BYTES]
        await asyncio.sleep(FRAME_S)


async def recorded(text: str) -> AsyncGenerator[bytes]:
    """Hand over a recording at once."""
    yield spoken(text).tobytes() if text else silence(1).tobytes()


async def run(home: HomeAssistant, heard: Heard, **said: Any) -> TurnReport:
    """Run a turn in a task of its own."""
    asked = said.pop("request", None) or request()
    return await asyncio.create_task(async_run_turn(home, asked, listener=heard.tell, **said))


def connections(*ports: int) -> int:
    """Return how many connections the servers on these ports have."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    local = {f"{port:04X}" for port in ports}
    return sum(row[1].split(":")[1] in local and row[3] == ESTABLISHED for row in rows)


def tasks() -> set[asyncio.Task[Any]]:
    """Return all tasks but the stand-ins', which wait for more on their connections."""
    return {task for task in asyncio.all_tasks() if "RequestHandler" not in repr(task.get_coro())}


async def at_rest(before: set[asyncio.Task[Any]], *ports: int) -> None:
    """Wait until no task and no connection is left but those from before."""
    async with asyncio.timeout(PATIENCE_S):
        while tasks() - before or connections(*ports):  # noqa: ASYNC110 (neither sends an event)
            await asyncio.sleep(0.02)


# --- a turn that goes well


async def test_spoken_command(voiced: HomeAssistant, heard: Heard) -> None:
    """Speech goes in live; the light is on, and an answer sounds."""
    await add_agent(voiced)
    report = await run(voiced, heard, audio=live(COMMAND))
    assert report.transcript.lower().startswith(COMMAND)
    assert voiced.states.get(LIGHT).state == "on"
    assert heard.all(Deed) == [Deed(LIGHT, "Luz da Sala", "on", None)] == list(report.deeds)
    (answer,) = heard.all(Answer)
    assert answer.text == report.answer == "".join(d.text for d in heard.all(AnswerDelta)).strip()
    assert answer.text
    assert not answer.is_error
    assert report.error_code is None
    assert heard.kinds[-1] == "Answer"
    order = [kind for kind in heard.kinds if kind not in ("Partial", "Deed")]
    assert order == ["SpeechEnded", "Transcript", "AnswerSound", "AnswerDelta", "Answer"]
    assert list(report.marks_ms) == sorted(report.marks_ms, key=report.marks_ms.__getitem__)
    assert set(report.marks_ms) == set(Stage)
    assert 0 < report.marks_ms[Stage.TRANSCRIPT] < 5000
    (sound,) = heard.sounds
    assert (await sound).startswith(b"RIFF")
    assert len(await sound) > 10_000


async def test_partial_transcripts(voiced: HomeAssistant, heard: Heard) -> None:
    """Words are told while somebody still speaks, each text going on from the one before."""
    await add_agent(voiced)
    report = await run(voiced, heard, audio=live(f"{COMMAND} e apague a luz da sala"))
    partials = [partial.text for partial in heard.all(Partial)]
    assert partials
    assert all(after.startswith(before) for before, after in pairwise(partials))
    assert report.transcript.startswith(partials[0])
    assert heard.updates.index(heard.all(Partial)[0]) < heard.updates.index(
        heard.all(SpeechEnded)[0]
    )


async def test_recording(voiced: HomeAssistant, heard: Heard) -> None:
    """A recording is understood at once, and need not be answered aloud."""
    await add_agent(voiced)
    report = await run(
        voiced, heard, request=request(is_recording=True, speak=False), audio=recorded(COMMAND)
    )
    assert report.transcript.lower().startswith(COMMAND)
    assert voiced.states.get(LIGHT).state == "on"
    assert not heard.all(AnswerSound)
    assert Stage.FIRST_SOUND not in report.marks_ms


async def test_written_turn(voiced: HomeAssistant, heard: Heard) -> None:
    """A written request needs no ears."""
    await add_agent(voiced)
    report = await run(voiced, heard, text=COMMAND)
    assert voiced.states.get(LIGHT).state == "on"
    assert heard.kinds[0] == "Transcript"
    assert report.marks_ms[Stage.FIRST_WORD] < 500
    assert report.tokens is None


async def test_agent_of_home_assistant(voiced: HomeAssistant, heard: Heard) -> None:
    """Its answers come in one piece, and sound like any other."""
    await async_create_pipeline(
        voiced,
        conversation_agent=conversation.HOME_ASSISTANT_AGENT,
        language="pt-BR",
        set_preferred=True,
    )
    report = await run(voiced, heard, text="ligar Luz da Sala")
    assert [deed.state for deed in report.deeds] == ["on"]
    assert [delta.text for delta in heard.all(AnswerDelta)] == [report.answer]
    assert report.tokens is None
    assert len(await heard.sounds[0]) > 5_000


async def test_sound_begins_with_the_first_clause(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """The voice speaks long before the answer is written, however short its first sentence."""
    await add_agent(voiced, ollama)
    ollama.script(
        {"content": "Claro. "}, {"sleep_s": 3}, {"content": "Hoje "}, {"content": "faz sol."}
    )
    report = await run(voiced, heard, text="conte como está o tempo")
    marks = report.marks_ms
    assert marks[Stage.FIRST_WORD] < marks[Stage.FIRST_SOUND] < marks[Stage.ANSWER] - 1500
    assert report.answer == "Claro. Hoje faz sol."
    assert report.tokens == 12


async def test_conversation_goes_on(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """The next turn of a conversation remembers the first."""
    await add_agent(voiced, ollama)
    ollama.script({"content": "Muito prazer."})
    first = await run(voiced, heard, text="meu nome é Ana", request=request(speak=False))
    ollama.script({"content": "Ana."})
    again = request(conversation_id=first.conversation_id, speak=False)
    second = await run(voiced, heard, text="como me chamo", request=again)
    assert second.conversation_id == first.conversation_id
    assert "meu nome é Ana" in str(ollama.chats[-1]["messages"])


async def test_words_of_two_rounds_are_kept_apart(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """What is said before a tool and after it are two sentences."""
    await add_agent(voiced, ollama, fast_path=False)
    control = {"name": "home_control", "arguments": {"action": "on", "names": ["Luz da Sala"]}}
    ollama.script({"content": "Um momento."}, {"tool_calls": [control]})
    ollama.script({"content": "A sala está clara."})
    report = await run(voiced, heard, text=VAGUE, request=request(speak=False))
    assert report.answer == "Um momento. A sala está clara."
    assert [deed.state for deed in report.deeds] == ["on"]


async def test_changes_of_others_are_no_deeds(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """A light that somebody else switches meanwhile is not ours."""
    await add_agent(voiced, ollama)
    ollama.script({"content": "Oi. "}, {"sleep_s": 0.5}, {"content": "Tudo bem?"})
    task = asyncio.create_task(
        async_run_turn(voiced, request(speak=False), text="bom dia", listener=heard.tell)
    )
    await heard.until(AnswerDelta)
    await voiced.services.async_call("light", "turn_on", {"entity_id": LIGHT}, blocking=True)
    report = await task
    assert report.continue_conversation
    assert report.deeds == ()


# --- what goes wrong


def failure(heard: Heard) -> TurnFailed:
    """Return the only failure."""
    (found,) = heard.all(TurnFailed)
    return found


async def is_heard(heard: Heard) -> bool:
    """Return True when something sounded."""
    (sound,) = heard.sounds
    return len(await sound) > 5_000


async def test_silence(voiced: HomeAssistant, heard: Heard) -> None:
    """Nothing said is told, and spoken."""
    await add_agent(voiced)
    report = await run(voiced, heard, request=request(is_recording=True), audio=recorded(""))
    assert failure(heard) == TurnFailed("stt-no-text-recognized", "Não ouvi nada. Pode repetir?")
    assert report.error_code == "stt-no-text-recognized"
    assert report.answer == failure(heard).text
    assert await is_heard(heard)


async def test_silence_may_pass_in_silence(voiced: HomeAssistant, heard: Heard) -> None:
    """In a call nobody is told that they said nothing."""
    await add_agent(voiced)
    quiet = request(is_recording=True, speak_errors=False)
    await run(voiced, heard, request=quiet, audio=recorded(""))
    assert failure(heard).code == "stt-no-text-recognized"
    assert not heard.sounds


async def test_recogniser_is_gone(
    home: HomeAssistant, ports: tuple[int, int], socket_enabled: None, heard: Heard
) -> None:
    """A dead recogniser is told and spoken."""
    with running("stt") as stt_port:
        await add_wyoming(home, stt_port, ports[1])
        await add_agent(home)
    report = await run(home, heard, audio=live(COMMAND))
    assert failure(heard).code == report.error_code == "stt-stream-failed"
    assert "reconhecimento de fala" in failure(heard).text
    assert await is_heard(heard)


async def test_recogniser_dies_while_it_listens(
    home: HomeAssistant, ports: tuple[int, int], socket_enabled: None, heard: Heard
) -> None:
    """A recogniser that hangs up is told and spoken, too."""
    with running("stt") as stt_port:
        await add_wyoming(home, stt_port, ports[1])
        await add_agent(home)
        task = asyncio.create_task(
            async_run_turn(home, request(), audio=live(COMMAND), listener=heard.tell)
        )
        await asyncio.sleep(1)
        assert connections(stt_port) == 1
    report = await task
    assert report.error_code == "stt-stream-failed"
    assert await is_heard(heard)


async def test_voice_is_gone(
    home: HomeAssistant, ports: tuple[int, int], socket_enabled: None, heard: Heard
) -> None:
    """Without its voice the agent still acts and answers."""
    with running("tts") as tts_port:
        await add_wyoming(home, ports[0], tts_port)
        await add_agent(home)
    report = await run(home, heard, text=COMMAND)
    assert home.states.get(LIGHT).state == "on"
    assert heard.all(Answer)[0].text == report.answer
    assert failure(heard).code == report.error_code == "tts-failed"
    assert heard.kinds[-1] == "TurnFailed"


async def test_unknown_pipeline(voiced: HomeAssistant, heard: Heard) -> None:
    """The preferred voice says that there is no such assistant."""
    await add_agent(voiced)
    report = await run(voiced, heard, text=COMMAND, request=request(pipeline_id="nenhum"))
    assert failure(heard).code == report.error_code == "pipeline-not-found"
    assert failure(heard).text.startswith("Não encontrei")
    assert await is_heard(heard)


class _Agent(conversation.AbstractConversationAgent):
    """An agent that waits, then fails or answers."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    @property
    @override
    def supported_languages(self) -> list[str]:
        return ["pt-BR"]

    @override
    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        self.is_asked.set()
        if self.fails:
            raise RuntimeError("broken")
        await self.may_answer.wait()
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("Cheguei.")
        return conversation.ConversationResult(response, user_input.conversation_id)


async def add_other_agent(home: HomeAssistant, agent: _Agent) -> None:
    """Let an agent that is not ours answer in the preferred pipeline."""
    entry = MockConfigEntry()
    entry.add_to_hass(home)
    async_set_agent(home, entry, agent)
    await async_create_pipeline(
        home, conversation_agent=entry.entry_id, language="pt-BR", set_preferred=True
    )


async def test_failing_agent(voiced: HomeAssistant, heard: Heard) -> None:
    """An agent that breaks is told and spoken."""
    await add_other_agent(voiced, _Agent(fails=True))
    report = await run(voiced, heard, text=COMMAND)
    assert failure(heard).code == report.error_code == "intent-failed"
    assert failure(heard).text == report.answer
    assert await is_heard(heard)


async def test_agent_that_takes_too_long(
    voiced: HomeAssistant, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent is not waited for for ever."""
    monkeypatch.setattr(turn, "ANSWER_S", 0.2)
    await add_other_agent(voiced, _Agent())
    report = await run(voiced, heard, text=COMMAND)
    assert failure(heard).code == report.error_code == "timeout"
    assert await is_heard(heard)


class _TwoRounds(_Agent):
    """An agent that streams two messages without a space between them."""

    @override
    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        async def said() -> AsyncGenerator[Any]:
            yield {"role": "assistant", "content": "Um momento."}
            yield {"role": "assistant", "content": "Pronto."}

        log = current_chat_log.get()
        assert log is not None
        async for _ in log.async_add_delta_content_stream("other", said()):
            pass
        return conversation.async_get_result_from_chat_log(user_input, log)


async def test_messages_of_any_agent_are_kept_apart(voiced: HomeAssistant, heard: Heard) -> None:
    """The voice would read them as one word."""
    await add_other_agent(voiced, _TwoRounds())
    report = await run(voiced, heard, text=COMMAND, request=request(speak=False))
    assert report.answer == "Um momento. Pronto."


async def test_our_agent_makes_its_own_excuse(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """A model that cannot answer is an answer of the agent, marked as an error."""
    await add_agent(voiced, ollama)
    ollama.script({"status": 500})
    report = await run(voiced, heard, text="conte uma história")
    assert heard.all(Answer)[0].is_error
    assert report.error_code is None
    assert await is_heard(heard)


async def test_busy_conversation(voiced: HomeAssistant, heard: Heard) -> None:
    """A second turn of a conversation is turned away; the first goes on."""
    agent = _Agent()
    await add_other_agent(voiced, agent)
    first = asyncio.create_task(
        async_run_turn(
            voiced, request(conversation_id="c", speak=False), text="oi", listener=Heard().tell
        )
    )
    await agent.is_asked.wait()
    report = await run(voiced, heard, text="oi", request=request(conversation_id="c"))
    assert failure(heard).code == report.error_code == "intent-busy"
    assert await is_heard(heard)
    agent.may_answer.set()
    assert (await first).answer == "Cheguei."


async def test_unusable_voice(voiced: HomeAssistant, heard: Heard) -> None:
    """A voice that Home Assistant does not know leaves a written answer."""
    await add_agent(voiced)
    pipeline = async_get_pipeline(voiced)
    object.__setattr__(pipeline, "tts_engine", "tts.nenhuma")
    report = await run(voiced, heard, text=COMMAND)
    assert heard.all(Answer)
    assert failure(heard).code == report.error_code == "tts-not-supported"


async def test_text_or_audio(voiced: HomeAssistant, heard: Heard) -> None:
    """A turn without both, or with, is a mistake of the caller."""
    with pytest.raises(ValueError, match="either"):
        await run(voiced, heard)


async def test_failures_are_told_in_the_language_of_the_pipeline(
    voiced: HomeAssistant, heard: Heard
) -> None:
    """Whatever language the home has."""
    await add_agent(voiced)
    english = await async_create_pipeline(
        voiced, conversation_agent=AGENT, language="en", name="English"
    )
    asked = request(is_recording=True, pipeline_id=english.pipeline_id)
    await run(voiced, heard, request=asked, audio=recorded(""))
    assert failure(heard).text == "I heard nothing. Can you say it again?"
    assert await is_heard(heard)


class _Voice(tts.TextToSpeechEntity):
    """A voice of another integration."""

    _attr_name = "Voz"
    _attr_default_language = "pt-BR"
    _attr_supported_languages = ["pt-BR"]  # noqa: RUF012

    def __init__(self, *, is_stalled: bool = False) -> None:
        self.is_stalled = is_stalled
        self.asked: list[str] = []

    @override
    def async_supports_streaming_input(self) -> bool:
        return self.is_stalled

    @override
    async def async_get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> tuple[str, bytes]:
        self.asked.append(message)
        return "wav", await _read_wav(message)

    @override
    async def async_stream_tts_audio(self, request: tts.TTSAudioRequest) -> tts.TTSAudioResponse:
        async def sound() -> AsyncGenerator[bytes]:
            yield b"RIFF"
            await asyncio.Event().wait()

        return tts.TTSAudioResponse("wav", sound())


async def _read_wav(message: str) -> bytes:
    with io.BytesIO() as file:
        with wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(16_000)
            wav.writeframes(spoken(message).tobytes())
        return file.getvalue()


async def add_voice(home: HomeAssistant, voice: _Voice) -> None:
    """Let a voice of another integration speak in the preferred pipeline."""
    await home.data[tts.DATA_COMPONENT].async_add_entities([voice])
    await async_create_pipeline(
        home,
        conversation_agent=AGENT,
        language="pt-BR",
        tts_entity=voice.entity_id,
        set_preferred=True,
    )


async def test_voice_that_wants_the_whole_text(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """A voice that cannot stream is asked once."""
    voice = _Voice()
    await add_agent(voiced, ollama)
    await add_voice(voiced, voice)
    ollama.script({"content": "Bom dia. "}, {"content": "Tudo bem."})
    report = await run(voiced, heard, text="conte como está o tempo")
    assert voice.asked == ["Bom dia. Tudo bem."]
    assert report.marks_ms[Stage.ANSWER] < report.marks_ms[Stage.FIRST_SOUND]
    assert await is_heard(heard)


async def test_voice_that_wants_the_whole_text_is_not_asked_for_half(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard, ports: tuple[int, int]
) -> None:
    """It costs money in some clouds."""
    voice = _Voice()
    await add_agent(voiced, ollama)
    await add_voice(voiced, voice)
    ollama.script({"content": "Bom dia. "}, {"content": "Tudo "}, {"stall": True})
    await cancelled(voiced, heard, ports, AnswerDelta, text="conte como está o tempo")
    assert voice.asked == []


async def test_voice_that_falls_silent(
    voiced: HomeAssistant, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sound that never comes is not waited for for ever."""
    monkeypatch.setattr(answer_voice, "SOUND_S", 0.2)
    await add_agent(voiced)
    await add_voice(voiced, _Voice(is_stalled=True))
    report = await run(voiced, heard, text=COMMAND)
    assert heard.all(Answer)
    assert failure(heard).code == report.error_code == "tts-failed"
    await asyncio.wait_for(heard.sounds[0], PATIENCE_S)


# --- cancelling


async def cancelled(
    home: HomeAssistant,
    heard: Heard,
    ports: tuple[int, int],
    until: type[TurnUpdate] | float,
    **said: Any,
) -> None:
    """Cancel a turn at a stage and wait until nothing of it is left."""
    await home.async_block_till_done(wait_background_tasks=True)
    before = tasks()
    task = asyncio.create_task(async_run_turn(home, request(), listener=heard.tell, **said))
    if isinstance(until, float):
        await asyncio.sleep(until)
    else:
        await heard.until(until)
    task.cancel()
    async with asyncio.timeout(0.5):
        await asyncio.wait((task,))
    assert task.cancelled()
    told = len(heard.updates)
    await at_rest(before, *ports)
    assert len(heard.updates) == told
    for sound in heard.sounds:
        assert sound.done()


async def test_cancelled_while_listening(
    voiced: HomeAssistant, heard: Heard, ports: tuple[int, int]
) -> None:
    """The recogniser is let go in the middle of a phrase."""
    await add_agent(voiced)
    await cancelled(voiced, heard, ports, 0.8, audio=live(COMMAND))


async def test_cancelled_while_it_is_transcribed(
    voiced: HomeAssistant, heard: Heard, ports: tuple[int, int]
) -> None:
    """The recogniser is let go when the phrase is over, too."""
    await add_agent(voiced)
    await cancelled(voiced, heard, ports, SpeechEnded, audio=recorded(COMMAND))


async def test_cancelled_before_the_first_word(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard, ports: tuple[int, int]
) -> None:
    """The model is let go while it thinks, and so is the voice that waits."""
    await add_agent(voiced, ollama)
    ollama.script({"stall": True})
    await cancelled(voiced, heard, ports, AnswerSound, text="conte uma história")


async def test_cancelled_while_it_speaks(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard, ports: tuple[int, int]
) -> None:
    """The model and the voice are let go in the middle of the answer."""
    await add_agent(voiced, ollama)
    ollama.script({"content": "Era uma vez. "}, {"content": "Havia um rei. "}, {"stall": True})
    await cancelled(voiced, heard, ports, AnswerDelta, text="conte uma história")
    async with asyncio.timeout(PATIENCE_S):
        await ollama.closed_early.wait()


async def test_cancelled_after_the_answer(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard, ports: tuple[int, int]
) -> None:
    """The voice is let go although all is written."""
    await add_agent(voiced, ollama)
    ollama.script({"content": "Era uma vez um rei que morava longe. " * 8})
    await cancelled(voiced, heard, ports, Answer, text="conte uma história")


async def test_voice_is_stopped_at_once(
    voiced: HomeAssistant,
    ollama: FakeOllama,
    heard: Heard,
    ports: tuple[int, int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A long answer that is written is not made into sound for nobody."""
    await add_agent(voiced, ollama)
    ollama.script({"content": "Era uma vez um rei que morava longe, numa casa azul. " * 100})
    await cancelled(voiced, heard, ports, Answer, text="conte uma história")
    (sound,) = heard.sounds
    assert len(await sound) < 3_000_000
    logged = [r.getMessage() for r in caplog.records if r.levelname in ("WARNING", "ERROR")]
    assert not [line for line in logged if not line.startswith("Executing <")]


async def test_only_what_was_heard_is_told(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard, ports: tuple[int, int]
) -> None:
    """Of an interrupted answer the model knows no more than the person."""
    await add_agent(voiced, ollama)
    asked = request(conversation_id="c")
    ollama.script(
        {"content": "Era uma vez um rei. "}, {"content": "Ele morava longe. "}, {"stall": True}
    )
    task = asyncio.create_task(
        async_run_turn(voiced, asked, text="conte uma história", listener=heard.tell)
    )
    async with asyncio.timeout(PATIENCE_S):
        while "longe" not in "".join(delta.text for delta in heard.all(AnswerDelta)):
            heard.news.clear()
            await heard.news.wait()
    task.cancel()
    await asyncio.wait((task,))
    assert voiced.data[ARCHIVE].note_heard("c", "Era uma vez um")
    ollama.script({"content": "Está bem."})
    await run(voiced, Heard(), text="outra", request=request(conversation_id="c"))
    told = str(ollama.chats[-1]["messages"])
    assert "Era uma vez um ..." in told
    assert "longe" not in told
    ((_, session),) = voiced.data[ARCHIVE]
    assert [each.was_interrupted for each in session.turns] == [True, False]


async def test_next_turn_begins_at_once(
    voiced: HomeAssistant, ollama: FakeOllama, heard: Heard
) -> None:
    """After an interruption the same conversation goes on without a wait."""
    await add_agent(voiced, ollama)
    ollama.script({"content": "Era uma vez. "}, {"stall": True})
    asked = request(conversation_id="c")
    task = asyncio.create_task(
        async_run_turn(voiced, asked, text="conte uma história", listener=heard.tell)
    )
    await heard.until(AnswerDelta)
    task.cancel()
    await asyncio.wait((task,))
    ollama.script({"content": "Está bem."})
    report = await run(voiced, Heard(), text="outra", request=request(conversation_id="c"))
    assert report.answer == "Está bem."
