"""Speech to text for a turn: what our recogniser is asked, and how others are served."""

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, override

import pytest
from homeassistant.components import stt
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.core import Context
from homeassistant.setup import async_setup_component
from wyoming.asr import Transcript, TranscriptChunk
from wyoming.error import Error
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import AsrModel, AsrProgram, Attribution, Info

from custom_components.jonh import speech_input
from custom_components.jonh.speech_input import (
    Heard,
    ListenError,
    Listening,
    async_listen,
    async_own_recogniser,
)
from tests.fakes.speech import RATE_HZ, noise, silence, spoken
from tests.jonh.speech_servers import add_wyoming

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import HomeAssistant

FRAME_BYTES = 640
FRAME_S = 0.02
PATIENCE_S = 20.0
OURS = "Jonh STT"
SAID = "acenda a luz da sala"
HELLO = (
    TranscriptChunk("bom").event(),
    TranscriptChunk(" dia").event(),
    Transcript("bom dia").event(),
)


class _Server:
    """A recogniser that notes what it is asked and answers from a script."""

    def __init__(
        self, program: str, answer: tuple[Event | bytes | None, ...], **fields: Any
    ) -> None:
        self._program = AsrProgram(
            name=program,
            description=None,
            attribution=Attribution("", ""),
            installed=True,
            version=None,
            models=[
                AsrModel(
                    name="m",
                    description=None,
                    attribution=Attribution("", ""),
                    installed=True,
                    version=None,
                    languages=["pt-BR"],
                )
            ],
            **fields,
        )
        self._answer = answer
        self.answers_early = False
        """Answer the first audio instead of waiting for its end."""
        self.port = 0
        self.asked: dict[str, Any] = {}
        self.audio = b""
        self.is_left = asyncio.Event()
        """Nobody listens to the answer any more."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (event := await async_read_event(reader)) is not None:
                match event.type:
                    case "describe":
                        await async_write_event(Info(asr=[self._program]).event(), writer)
                    case "transcribe":
                        self.asked = event.data
                    case "audio-chunk":
                        self.audio += event.payload or b""
                        if self.answers_early:
                            self.answers_early = False
                            await self._say(writer)
                    case "audio-stop":
                        await self._say(writer)
        except ConnectionError:
            pass
        if self.asked:
            self.is_left.set()
        writer.close()

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        for event in self._answer:
            if isinstance(event, Event):
                await async_write_event(event, writer)
            elif event is None:
                writer.close()
            else:
                writer.write(event)


@asynccontextmanager
async def _serving(server: _Server) -> AsyncGenerator[None]:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        listener.close()


class _Phrase:
    """What a listener is told of a phrase."""

    def __init__(self) -> None:
        self.partials: list[str] = []
        self.ends: list[float] = []

    def listening(self, *, is_whole: bool = False, silence_s: float | None = None) -> Listening:
        return Listening(
            context=Context(),
            is_whole=is_whole,
            silence_s=silence_s,
            on_partial=self.partials.append,
            on_end=lambda: self.ends.append(time.monotonic()),
        )


@pytest.fixture
def phrase() -> _Phrase:
    """Listen to a phrase."""
    return _Phrase()


def pipeline_of(hass: HomeAssistant, engine: str | None, language: str = "pt-BR") -> Pipeline:
    """Return the pipeline of the home with other ears."""
    pipeline = async_get_pipeline(hass)
    object.__setattr__(pipeline, "stt_engine", engine)
    object.__setattr__(pipeline, "stt_language", language)
    return pipeline


async def ears(home: HomeAssistant, server: _Server) -> Pipeline:
    """Add a recogniser as a user does."""
    await add_wyoming(home, server.port)
    return pipeline_of(home, home.states.async_entity_ids("stt")[0])


async def played(*sounds: Any, rest_s: float = 0.0) -> AsyncGenerator[bytes]:
    """Play sounds in real time, then leave the microphone open."""
    sound = b"".join(each.tobytes() for each in sounds)
    for start in range(0, len(sound), FRAME_BYTES):
        yield sound[start : start + FRAME_BYTES]
        await asyncio.sleep(FRAME_S)
    async with asyncio.timeout(rest_s or None):
        while rest_s:
            yield bytes(FRAME_BYTES)
            await asyncio.sleep(FRAME_S)


async def whole(*sounds: Any) -> AsyncGenerator[bytes]:
    """Hand over a recording."""
    for sound in sounds:
        yield sound.tobytes()


# --- ours


@pytest.mark.parametrize(
    ("fields", "endpoint", "sensitivity"),
    [
        pytest.param({"is_whole": True}, "client", None, id="recording"),
        pytest.param({}, "server", None, id="live"),
        pytest.param({"silence_s": 0.3}, "server", "aggressive", id="hasty"),
        pytest.param({"silence_s": 0.7}, "server", "default", id="usual"),
        pytest.param({"silence_s": 1.5}, "server", "relaxed", id="patient"),
    ],
)
async def test_what_ours_is_asked(
    home: HomeAssistant,
    socket_enabled: None,
    phrase: _Phrase,
    fields: dict[str, Any],
    endpoint: str,
    sensitivity: str | None,
) -> None:
    """It is asked for partial transcripts, and told who ends the phrase."""
    server = _Server(OURS, HELLO, requires_external_vad=False)
    async with _serving(server):
        pipeline = await ears(home, server)
        sound = silence(0.1)
        heard = await async_listen(home, pipeline, whole(sound), phrase.listening(**fields))
    assert heard.text == "bom dia"
    assert phrase.partials == ["bom", "bom dia"]
    assert len(phrase.ends) == 1
    assert server.asked["language"] == "pt-BR"
    assert server.asked["context"] == {"partials": True, "endpoint": endpoint}
    assert server.asked.get("vad_sensitivity") == sensitivity
    assert server.audio == sound.tobytes()


async def test_transcript_before_the_end_of_the_audio(
    home: HomeAssistant, socket_enabled: None, phrase: _Phrase
) -> None:
    """Once the text is there, nobody wants more audio."""
    server = _Server(OURS, HELLO, requires_external_vad=False)
    server.answers_early = True
    async with _serving(server):
        pipeline = await ears(home, server)
        microphone = played(silence(0.1), rest_s=PATIENCE_S)
        heard = await async_listen(home, pipeline, microphone, phrase.listening())
        assert heard.text == "bom dia"
        assert len(phrase.ends) == 1
        async with asyncio.timeout(PATIENCE_S):
            await server.is_left.wait()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((Error("no room", "busy").event(),), id="refusal"),
        pytest.param((None,), id="hang-up"),
        pytest.param((b"garbage\n",), id="garbage"),
        pytest.param((b'{"type": "transcript", "data_length": 9}\n{', None), id="cut"),
        pytest.param((b'{"type": "transcript"}\n',), id="empty"),
    ],
)
async def test_ours_fails(
    home: HomeAssistant,
    socket_enabled: None,
    phrase: _Phrase,
    answer: tuple[Event | bytes | None, ...],
) -> None:
    """Whatever it does, there is one error."""
    server = _Server(OURS, answer, requires_external_vad=False)
    async with _serving(server):
        pipeline = await ears(home, server)
        before = asyncio.all_tasks()
        with pytest.raises(ListenError, match="stt-stream-failed"):
            await async_listen(home, pipeline, whole(silence(0.1)), phrase.listening())
        async with asyncio.timeout(PATIENCE_S):
            await server.is_left.wait()
        assert not {t for t in asyncio.all_tasks() - before if "serve" not in repr(t)}


async def test_ours_falls_silent(
    home: HomeAssistant,
    socket_enabled: None,
    phrase: _Phrase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A transcript that never comes is not waited for for ever."""
    monkeypatch.setattr(speech_input, "TRANSCRIPT_S", 0.1)
    server = _Server(OURS, (), requires_external_vad=False)
    async with _serving(server):
        pipeline = await ears(home, server)
        with pytest.raises(ListenError, match="timeout"):
            await async_listen(home, pipeline, whole(silence(0.1)), phrase.listening())
        async with asyncio.timeout(PATIENCE_S):
            await server.is_left.wait()


async def test_microphone_breaks(
    home: HomeAssistant, socket_enabled: None, phrase: _Phrase
) -> None:
    """What goes wrong with the audio is the caller's."""

    async def broken() -> AsyncGenerator[bytes]:
        yield bytes(FRAME_BYTES)
        raise RuntimeError("microphone")

    server = _Server(OURS, HELLO, requires_external_vad=False)
    async with _serving(server):
        pipeline = await ears(home, server)
        with pytest.raises(RuntimeError, match="microphone"):
            await async_listen(home, pipeline, broken(), phrase.listening())
        async with asyncio.timeout(PATIENCE_S):
            await server.is_left.wait()


@pytest.mark.parametrize(
    ("sounds", "after_s"),
    [
        pytest.param((spoken(SAID), silence(1.0)), 1.0, id="silence"),
        pytest.param((spoken(SAID), noise(1.0, 0.002)), 1.0, id="hum"),
        pytest.param(
            (noise(0.1, 0.3), silence(1.0), spoken(SAID) // 8, silence(1.0)), 1.0, id="slam"
        ),
        pytest.param((silence(1.0),), 0.0, id="nothing"),
    ],
)
async def test_end_of_the_last_sound(
    home: HomeAssistant,
    socket_enabled: None,
    phrase: _Phrase,
    sounds: tuple[Any, ...],
    after_s: float,
) -> None:
    """Times count from the last loud sound, not from what is behind it."""
    server = _Server(OURS, HELLO, requires_external_vad=False)
    async with _serving(server):
        pipeline = await ears(home, server)
        heard = await async_listen(home, pipeline, played(*sounds), phrase.listening())
    (end,) = phrase.ends
    assert after_s - 0.1 < end - heard.ended_s < after_s + 1.0


# --- others


async def test_another_program_is_served_by_its_entity(
    home: HomeAssistant, socket_enabled: None, phrase: _Phrase
) -> None:
    """Only jonh-stt knows our wishes."""
    server = _Server("faster-whisper", HELLO, requires_external_vad=False)
    async with _serving(server):
        pipeline = await ears(home, server)
        assert async_own_recogniser(home, pipeline) is None
        heard = await async_listen(home, pipeline, whole(silence(0.1)), phrase.listening())
    assert heard.text == "bom dia"
    assert not phrase.partials
    assert "context" not in server.asked


async def test_ours_may_leave_the_end_to_us(
    home: HomeAssistant, socket_enabled: None, phrase: _Phrase
) -> None:
    """Switched so, it gets the audio of the phrase only."""
    server = _Server(OURS, HELLO, requires_external_vad=True)
    async with _serving(server):
        pipeline = await ears(home, server)
        said = spoken(SAID)
        microphone = played(said, rest_s=PATIENCE_S)
        heard = await async_listen(home, pipeline, microphone, phrase.listening(silence_s=0.3))
    assert heard.text == "bom dia"
    assert len(phrase.ends) == 1
    assert len(server.audio) < len(said.tobytes()) + 4 * RATE_HZ * 2


class _Entity(stt.SpeechToTextEntity):
    """A recogniser that is no Wyoming server."""

    _attr_name = "Ouvido"

    def __init__(self, *, text: str | None = "oi", error: Exception | None = None) -> None:
        self.text = text
        self.error = error
        self.audio = b""

    @property
    @override
    def supported_languages(self) -> list[str]:
        return ["pt-BR"]

    @property
    @override
    def supported_formats(self) -> list[stt.AudioFormats]:
        return [stt.AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        return [stt.AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        return [stt.AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        return [stt.AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[stt.AudioChannels]:
        return [stt.AudioChannels.CHANNEL_MONO]

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        async for chunk in stream:
            self.audio += chunk
        if self.error is not None:
            raise self.error
        state = stt.SpeechResultState.ERROR if self.text is None else stt.SpeechResultState.SUCCESS
        return stt.SpeechResult(self.text, state)


async def add_entity(home: HomeAssistant, entity: _Entity, language: str = "pt-BR") -> Pipeline:
    """Add a recogniser of another integration."""
    assert await async_setup_component(home, "stt", {})
    await home.data[stt.DATA_COMPONENT].async_add_entities([entity])
    return pipeline_of(home, entity.entity_id, language)


@pytest.mark.parametrize("text", ["acenda a luz da sala", "sim"])
async def test_we_find_the_end_for_an_entity(
    home: HomeAssistant, phrase: _Phrase, text: str
) -> None:
    """The phrase ends after the silence that was asked for, also a word at the very beginning."""
    entity = _Entity()
    pipeline = await add_entity(home, entity)
    said = spoken(text)
    microphone = played(said[RATE_HZ // 5 :], rest_s=PATIENCE_S)
    heard = await async_listen(home, pipeline, microphone, phrase.listening(silence_s=0.3))
    assert heard.text == "oi"
    (end,) = phrase.ends
    assert 0.2 < end - heard.ended_s < 3.0
    assert said[RATE_HZ // 5 :].tobytes()[: 2 * RATE_HZ // 10] in entity.audio


async def test_entity_is_let_go(home: HomeAssistant, phrase: _Phrase) -> None:
    """Nothing goes on when nobody waits for the text any more."""
    pipeline = await add_entity(home, _Entity())
    await home.async_block_till_done(wait_background_tasks=True)
    before = asyncio.all_tasks()
    microphone = played(silence(0.1), rest_s=PATIENCE_S)
    task = asyncio.create_task(async_listen(home, pipeline, microphone, phrase.listening()))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.wait((task,))
    await home.async_block_till_done(wait_background_tasks=True)
    assert task.cancelled()
    assert asyncio.all_tasks() <= before
    assert not phrase.ends


async def test_entity_hears_a_whole_recording(home: HomeAssistant, phrase: _Phrase) -> None:
    """A pause in a recording does not end it."""
    entity = _Entity()
    pipeline = await add_entity(home, entity)
    sounds = spoken("acenda a luz"), silence(3), spoken("da sala")
    heard = await async_listen(home, pipeline, whole(*sounds), phrase.listening(is_whole=True))
    assert heard == Heard(text="oi", ended_s=heard.ended_s)
    assert len(phrase.ends) == 1
    assert len(entity.audio) > sum(len(sound.tobytes()) for sound in sounds) - 320


@pytest.mark.parametrize(
    ("entity", "code"),
    [
        pytest.param(_Entity(text=None), "stt-stream-failed", id="failed"),
        pytest.param(_Entity(text=""), "stt-no-text-recognized", id="nothing"),
        pytest.param(_Entity(error=RuntimeError()), "stt-stream-failed", id="broken"),
        pytest.param(_Entity(error=TimeoutError()), "timeout", id="slow"),
    ],
)
async def test_entity_fails(
    home: HomeAssistant, phrase: _Phrase, entity: _Entity, code: str
) -> None:
    """Its errors are Assist's."""
    pipeline = await add_entity(home, entity)
    with pytest.raises(ListenError, match=code):
        await async_listen(home, pipeline, whole(silence(1)), phrase.listening(is_whole=True))


@pytest.mark.parametrize(
    ("engine", "code"),
    [
        pytest.param(None, "stt-provider-missing", id="none"),
        pytest.param("stt.gone", "stt-provider-missing", id="gone"),
    ],
)
async def test_no_ears(home: HomeAssistant, phrase: _Phrase, engine: str | None, code: str) -> None:
    """A pipeline without a recogniser hears nothing."""
    pipeline = pipeline_of(home, engine)
    with pytest.raises(ListenError, match=code):
        await async_listen(home, pipeline, whole(silence(0.1)), phrase.listening())


async def test_unknown_language(home: HomeAssistant, phrase: _Phrase) -> None:
    """A recogniser that does not know the language is not asked."""
    pipeline = await add_entity(home, _Entity(), language="xx")
    with pytest.raises(ListenError, match="stt-provider-unsupported-metadata"):
        await async_listen(home, pipeline, whole(silence(0.1)), phrase.listening())
