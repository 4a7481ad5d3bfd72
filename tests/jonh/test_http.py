"""The HTTP API over real sockets, with the real speech servers."""

import asyncio
import json
import math
import re
import struct
import wave
from array import array
from asyncio import Future
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import aiohttp
import pytest
from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.core import Context, HomeAssistant
from homeassistant.util.json import json_loads_object
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.jonh.const import DOMAIN
from custom_components.jonh.http import BURST, PER_MINUTE, VIEWS
from custom_components.jonh.http_audio import (
    AudioError,
    AudioFormatError,
    AudioTooLongError,
    WavFormat,
    find_sound,
    speech_of,
    wav_header,
    with_true_sizes,
)
from custom_components.jonh.http_errors import ApiError, language_of_request, turn_error
from custom_components.jonh.http_turn import Told
from custom_components.jonh.http_view import API, HttpApi, Limits
from custom_components.jonh.rate_limit import RateLimit
from custom_components.jonh.store import ARCHIVE
from custom_components.jonh.turn import TURNS
from custom_components.jonh.turn_updates import Answer, TurnRequest
from custom_components.jonh.turn_words import TurnError
from tests.fakes.speech import silence, spoken, tone
from tests.jonh.conftest import LIGHT, OLLAMA_AGENT, satellite, set_up
from tests.jonh.speech_servers import add_wyoming, both_running, running
from tests.jonh.test_pipelines import create
from tests.jonh.test_services import talk
from tests.jonh.turns import DEAD_URL, VAGUE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from aiohttp.test_utils import TestClient
    from pytest_homeassistant_custom_component.common import MockUser
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.fakes.ollama import FakeOllama

ROOT = Path(__file__).parents[2]
SPEC = json.loads((ROOT / "custom_components/jonh/openapi.json").read_text("utf-8"))
CODES = SPEC["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]
TURN_ON = "acenda a luz da sala"
WAV = {"Content-Type": "audio/wav"}
FIRST_SENTENCE = "Era uma vez uma casa muito antiga, no alto de um morro muito longe daqui."
UNLIMITED = RateLimit(lambda: 0.0, per_minute=1, burst=10_000)


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Run jonh-stt and jonh-tts."""
    with both_running() as found:
        yield found


@pytest.fixture
async def house(home: HomeAssistant, ollama: FakeOllama, ports: tuple[int, int]) -> HomeAssistant:
    """Give the home ears, an agent with a model, a voice, and a pipeline of these."""
    await add_wyoming(home, *ports)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await create(home, set_preferred=True)
    home.data[API].rate = UNLIMITED
    return home


@pytest.fixture
async def client(house: HomeAssistant, hass_client: ClientSessionGenerator) -> TestClient:
    """Log in an administrator."""
    return await hass_client()


@pytest.fixture
async def person(
    house: HomeAssistant, hass_client: ClientSessionGenerator, hass_read_only_access_token: str
) -> TestClient:
    """Log in somebody else, who is no administrator."""
    return await hass_client(hass_read_only_access_token)


def wav_of(samples: Any, rate_hz: int = 16_000, channels: int = 1, width_bytes: int = 2) -> bytes:
    """Return sound as a WAV."""
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setnchannels(channels)
            writer.setsampwidth(width_bytes)
            writer.setframerate(rate_hz)
            writer.writeframes(bytes(samples))
        return file.getvalue()


def request_wav(text: str = TURN_ON) -> bytes:
    """Return a request as a recording."""
    return wav_of(spoken(text).tobytes())


def read_wav(body: bytes) -> tuple[int, int, int, bytes]:
    """Return rate, width, channels and sound, as a strict reader finds them."""
    with wave.open(BytesIO(body)) as reader:
        sound = reader.readframes(reader.getnframes())
        return reader.getframerate(), reader.getsampwidth(), reader.getnchannels(), sound


async def until(is_so: Callable[[], Any]) -> None:
    """Wait for something that is not told."""
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def refused(
    response: aiohttp.ClientResponse, status: int, code: str, words: str = ""
) -> dict[str, Any]:
    """Check an error, and that the description knows of it."""
    body = await response.json()
    assert (response.status, body["error"]["code"]) == (status, code), body
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert "{" not in body["error"]["message"]
    assert words in body["error"]["message"]
    path = response.url.path.replace(response.url.path.rpartition("/")[2], "{session_id}")
    path = response.url.path if response.url.path in SPEC["paths"] else path
    described = SPEC["paths"][path][response.method.lower()]["responses"]
    assert str(status) in described
    assert (
        code
        in SPEC["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"][
            "enum"
        ]
    )
    return body["error"]


# --- a turn by voice


async def test_speech_in_speech_out(house: HomeAssistant, client: TestClient) -> None:
    """The light is on, the answer is a WAV that says how long it is, and the rest is in headers."""
    response = await client.post("/api/jonh/process_audio", data=request_wav(), headers=WAV)
    assert response.status == 200
    assert response.content_type == "audio/wav"
    _, width_bytes, channels, sound = read_wav(await response.read())
    assert (width_bytes, channels) == (2, 1)
    assert len(sound) > 8000
    assert int(response.headers["Content-Length"]) == len(sound) + 44
    assert house.states.get(LIGHT).state == "on"
    assert unquote(response.headers["X-Transcription"]).lower().startswith(TURN_ON)
    assert unquote(response.headers["X-Response-Text"]) == "Luz da Sala ligada."
    assert response.headers["X-Response-Text"].isascii()
    assert int(response.headers["X-Processing-Time"]) > 0
    session = await client.get(f"/api/jonh/session/{response.headers['X-Session-ID']}")
    assert (await session.json())["turn_count"] == 1


async def test_form(client: TestClient) -> None:
    """A form brings the recording and the fields; JSON tells everything."""
    form = aiohttp.FormData({"session_id": "cozinha", "language": "pt-BR"})
    form.add_field("audio", request_wav(), filename="a.wav", content_type="audio/wav")
    response = await client.post(
        "/api/jonh/process_audio", data=form, headers={"Accept": "application/json"}
    )
    body = await response.json()
    assert response.status == 200
    assert body["transcription"].lower().startswith(TURN_ON)
    assert body["response"] == "Luz da Sala ligada."
    assert body["session_id"] == "cozinha"
    assert {"entity_id": LIGHT, "name": "Luz da Sala", "state": "on"} in body["changed"]
    stages = ["transcript", "first_word", "first_sound", "answer", "end", "total"]
    assert set(body["timings_ms"]) == set(stages)
    assert body["timings_ms"]["transcript"] <= body["timings_ms"]["first_word"]
    sound = await client.get(body["audio_url"])
    assert (await sound.read()).startswith(b"RIFF")


@pytest.mark.parametrize(
    ("rate_hz", "channels"), [(22_050, 1), (44_100, 2), (48_000, 1), (96_000, 1)]
)
async def test_any_rate(client: TestClient, rate_hz: int, channels: int) -> None:
    """A recording is understood as a microphone made it."""
    found = speech_of(request_wav(), 60)
    # Up and down again by somebody else's arithmetic.
    samples = array("h", found)
    count = len(samples) * rate_hz // 16_000
    at = [index * 16_000 / rate_hz for index in range(count)]
    line = [
        samples[int(x)] + (samples[min(int(x) + 1, len(samples) - 1)] - samples[int(x)]) * (x % 1)
        for x in at
    ]
    stretched = array("h", [round(value) for value in line for _ in range(channels)])
    response = await client.post(
        "/api/jonh/transcribe", data=wav_of(stretched.tobytes(), rate_hz, channels), headers=WAV
    )
    body = await response.json()
    assert response.status == 200, body
    assert body["text"].lower().startswith(TURN_ON)
    assert body["language"] == "pt-BR"


async def test_stream_begins_before_the_end(
    house: HomeAssistant, client: TestClient, ollama: FakeOllama
) -> None:
    """The first sentence is heard while the model still writes; the rest follows."""
    ollama.script(
        {"content": f"{FIRST_SENTENCE} "},
        {"sleep_s": 3},
        {"content": "Nela morava um gato."},
    )
    async with client.post(
        "/api/jonh/process_audio?stream=1&session_id=fluxo",
        data=request_wav("conte uma história"),
        headers=WAV,
    ) as response:
        assert response.status == 200
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["X-Session-ID"] == "fluxo"
        assert response.headers["X-Transcription"]
        first = await response.content.readany()
        assert len(first) > 44
        assert house.data[TURNS] == {"fluxo"}
        rest = await response.content.read()
    assert house.data[TURNS] == set()
    pcm, start, size = find_sound(first)
    assert (start, size) == (44, 0xFFFF_FFFF)
    assert len(first) + len(rest) > 2 * pcm.rate_hz * pcm.frame_bytes


async def test_conversation_goes_on(client: TestClient, ollama: FakeOllama) -> None:
    """The session of an answer brings the next request into the same conversation."""
    ollama.script({"content": "Era uma vez."})
    ollama.script({"content": "Fim."})
    first = await (
        await client.post("/api/jonh/process_text", json={"text": "conte uma história"})
    ).json()
    assert first["response"] == "Era uma vez."
    assert first["audio_url"] is None
    second = await client.post(
        "/api/jonh/process_text", json={"text": "e depois?", "session_id": first["session_id"]}
    )
    assert (await second.json())["session_id"] == first["session_id"]
    assert "conte uma história" in json.dumps(ollama.chats[-1], ensure_ascii=False)
    (session,) = (await (await client.get("/api/jonh/sessions")).json())["sessions"]
    assert session["turn_count"] == 2
    # The id of the list is as good.
    third = await client.post(
        "/api/jonh/process_text", json={"text": TURN_ON, "session_id": session["session_id"]}
    )
    assert (await third.json())["session_id"] == first["session_id"]


async def test_text_in_speech_out(client: TestClient, ollama: FakeOllama) -> None:
    """A telephone that has listened by itself can still speak with the voice of the house."""
    ollama.script({"content": "Está tudo bem."})
    response = await client.post(
        "/api/jonh/process_text", json={"text": "como vai?"}, headers={"Accept": "audio/wav"}
    )
    assert response.status == 200
    assert read_wav(await response.read())[3]
    assert int(response.headers["X-Tokens-Used"]) > 0


async def test_long_answer_fits_into_headers(client: TestClient, ollama: FakeOllama) -> None:
    """What is too long for a header is cut there, and whole in JSON."""
    ollama.script({"content": "Não é. " * 400})
    response = await client.post(
        "/api/jonh/process_text", json={"text": "explique"}, headers={"Accept": "audio/wav"}
    )
    assert response.status == 200
    assert len(response.headers["X-Response-Text"]) < 4100
    assert unquote(response.headers["X-Response-Text"]).endswith("…")


# --- the parts


async def test_synthesize(client: TestClient) -> None:
    """A whole WAV, or one that begins at once."""
    text = {"text": "Boa noite. A porta está fechada."}
    whole = await client.post("/api/jonh/synthesize", json=text)
    rate_hz, _, _, sound = read_wav(await whole.read())
    streamed = await client.post("/api/jonh/synthesize?stream=1", json=text)
    assert streamed.headers["Transfer-Encoding"] == "chunked"
    body = await streamed.read()
    assert find_sound(body)[2] == 0xFFFF_FFFF
    assert abs(len(body) - len(sound) - 44) < rate_hz


async def test_synthesize_in_a_language(client: TestClient) -> None:
    """The voice follows the language; one that is not there is named."""
    english = await client.post("/api/jonh/synthesize", json={"text": "Hello", "language": "en"})
    assert read_wav(await english.read())[3]
    for fields, code, words in (
        ({"language": "ja"}, "language_unsupported", "ja"),
        ({"language": "!"}, "language_unsupported", "!"),
        ({"voice": "carlos"}, "voice_unknown", "carlos"),
    ):
        response = await client.post("/api/jonh/synthesize", json={"text": "Oi", **fields})
        await refused(response, 422, code, words)


async def test_transcribe_in_a_language(client: TestClient) -> None:
    """The language of a recording may be another than the pipeline's."""
    wav = wav_of(spoken("turn on the light", "en").tobytes())
    response = await client.post("/api/jonh/transcribe?language=en", data=wav, headers=WAV)
    assert (await response.json())["language"] == "en"
    response = await client.post("/api/jonh/transcribe?language=tlh", data=wav, headers=WAV)
    await refused(response, 422, "language_unsupported", "tlh")


async def test_pauses_do_not_cut_a_recording(client: TestClient) -> None:
    """A file is heard to its end, whatever silence is in it."""
    samples = [spoken(TURN_ON).tobytes(), silence(1.5).tobytes(), spoken(TURN_ON).tobytes()]
    response = await client.post(
        "/api/jonh/transcribe", data=wav_of(b"".join(samples)), headers=WAV
    )
    assert (await response.json())["text"].lower().count("luz") == 2


async def test_health(house: HomeAssistant, client: TestClient, ollama: FakeOllama) -> None:
    """It tells what is there, by what is known already."""
    asked = len(ollama.requests)
    body = await (await client.get("/api/jonh/health")).json()
    assert body["status"] == "ok"
    assert body["pipeline"]["language"] == "pt-BR"
    assert {part: each["available"] for part, each in body["engines"].items()} == {
        "stt": True, "conversation": True, "tts": True,
    }  # fmt: skip
    assert body["providers"] == {"ollama": {"reachable": True}}
    assert len(ollama.requests) == asked
    house.states.async_set(body["engines"]["tts"]["id"], "unavailable")
    body = await (await client.get("/api/jonh/health?pipeline=Jonh")).json()
    assert (body["status"], body["engines"]["tts"]["available"]) == ("degraded", False)
    await refused(await client.get("/api/jonh/health?pipeline=x"), 422, "pipeline_not_found", "x")


async def test_description(client: TestClient) -> None:
    """The description is served, names every path and follows its own references."""
    response = await client.get("/api/jonh/openapi.json")
    assert response.content_type == "application/json"
    assert await response.json() == SPEC
    methods = ("get", "post", "delete")
    served = {(view.url, name) for view in VIEWS for name in methods if hasattr(view, name)}
    described = {(path, method) for path, each in SPEC["paths"].items() for method in each}
    assert served == described
    for reference in _references(SPEC):
        found: Any = SPEC
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


# --- whose conversation it is


async def test_people_see_theirs_and_administrators_all(
    house: HomeAssistant, client: TestClient, person: TestClient, hass_read_only_user: MockUser
) -> None:
    """Nobody reads, deletes or joins what somebody else said, or learns that it exists."""
    hers = talk(house, "um", hass_read_only_user)
    room = talk(house, "dois", device=satellite(house))

    async def listed(who: TestClient) -> list[str]:
        body = await (await who.get("/api/jonh/sessions")).json()
        return [session["session_id"] for session in body["sessions"]]

    assert await listed(person) == [hers]
    assert await listed(client) == [room, hers]
    for session_id in (room, "unknown"):
        for method in (person.get, person.delete):
            response = await method(f"/api/jonh/session/{session_id}")
            await refused(response, 404, "session_not_found", session_id)
    assert (await (await client.get(f"/api/jonh/session/{room}")).json())["turns"]
    for who, session_id in ((person, room), (client, hers)):
        response = await who.post(
            "/api/jonh/process_text", json={"text": TURN_ON, "session_id": session_id}
        )
        await refused(response, 404, "session_not_found", session_id)
    response = await person.delete(f"/api/jonh/session/{hers}")
    assert (response.status, await response.read()) == (204, b"")
    assert await listed(client) == [room]


async def test_a_guessed_session_is_not_shared(client: TestClient, person: TestClient) -> None:
    """Two people who choose the same name do not land in one conversation."""
    fields = {"text": TURN_ON, "session_id": "cozinha"}
    assert (await client.post("/api/jonh/process_text", json=fields)).status == 200
    response = await person.post("/api/jonh/process_text", json=fields)
    await refused(response, 404, "session_not_found")


def test_owners_are_not_kept_for_ever() -> None:
    """Whoever came last is known, the others are forgotten in turn."""
    api = HttpApi(rate=UNLIMITED)
    assert all(api.own(str(number), "a") for number in range(1001))
    assert len(api.owners) == 1000
    assert not api.own("1000", "b")
    assert api.own("0", "b")


# --- what is refused


async def test_nobody_is_served_without_a_login(
    house: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Every path asks for Home Assistant's login."""
    stranger = await hass_client_no_auth()
    for path, methods in SPEC["paths"].items():
        for method in methods:
            response = await stranger.request(method, path.replace("{session_id}", "a"))
            assert response.status == 401, path


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("process_audio", "audio/x-m4a"),
        ("process_audio", "application/x-www-form-urlencoded"),
        ("transcribe", "application/json"),
        ("process_text", "text/plain"),
        ("synthesize", "audio/wav"),
    ],
)
async def test_wrong_content(client: TestClient, path: str, content_type: str) -> None:
    """The error says what is taken."""
    response = await client.post(
        f"/api/jonh/{path}", data=b"x", headers={"Content-Type": content_type}
    )
    expected = "audio/wav" if path in ("process_audio", "transcribe") else "application/json"
    await refused(response, 415, "content_unsupported", expected)


@pytest.mark.parametrize(
    ("path", "fields", "code", "words"),
    [
        ("process_text", {}, "request_invalid", "text"),
        ("process_text", {"text": " "}, "request_invalid", "text"),
        ("process_text", {"text": "a" * 4001}, "request_invalid", "text"),
        ("process_text", {"text": 1}, "request_invalid", "text"),
        ("process_text", {"text": "a", "voice": "b"}, "request_invalid", "voice"),
        ("process_text", {"text": "a", "pipeline": "b" * 129}, "request_invalid", "pipeline"),
        ("process_text", {"text": "a", "session_id": "a b"}, "session_id_invalid", "64"),
        ("process_text", {"text": "a", "session_id": "../x"}, "session_id_invalid", "64"),
        ("process_text", {"text": "a", "session_id": "a" * 65}, "request_invalid", "session_id"),
        ("synthesize", {"text": "a", "session_id": "b"}, "request_invalid", "session_id"),
        ("synthesize", ["text"], "request_invalid", "body"),
    ],
)
async def test_wrong_fields(
    client: TestClient, path: str, fields: Any, code: str, words: str
) -> None:
    """The error names the field."""
    await refused(await client.post(f"/api/jonh/{path}", json=fields), 400, code, words)


async def test_wrong_ids_in_addresses(client: TestClient) -> None:
    """An id is checked wherever it stands."""
    for method in (client.get, client.delete):
        await refused(await method("/api/jonh/session/a.b"), 400, "session_id_invalid")
    response = await client.post(
        "/api/jonh/process_audio?session_id=a%00b", data=request_wav(), headers=WAV
    )
    await refused(response, 400, "session_id_invalid")


async def test_body_that_is_no_json(client: TestClient) -> None:
    """Bytes that cannot be read are refused as a whole."""
    for body in (b"", b"{", b"\xff", b'"text"'):
        response = await client.post(
            "/api/jonh/process_text", data=body, headers={"Content-Type": "application/json"}
        )
        await refused(response, 400, "request_invalid", "body")


async def test_unknown_pipeline_and_language(client: TestClient) -> None:
    """What does not exist is named; a pipeline is found by its name, and by its language."""
    for fields, code in (
        ({"pipeline": "nenhum"}, "pipeline_not_found"),
        ({"language": "ja"}, "language_unsupported"),
    ):
        response = await client.post("/api/jonh/process_text", json={"text": "oi", **fields})
        await refused(response, 422, code, next(iter(fields.values())))
    for fields in ({"pipeline": "jonh"}, {"language": "pt"}):
        response = await client.post("/api/jonh/process_text", json={"text": TURN_ON, **fields})
        assert response.status == 200


async def test_too_large(house: HomeAssistant, client: TestClient) -> None:
    """A body is refused by what it says of itself, and by what it is."""
    house.data[API].limits = Limits(body_bytes=2048)

    async def endless() -> AsyncGenerator[bytes]:
        with suppress(ConnectionError):
            while True:
                yield bytes(1024)

    form = aiohttp.FormData()
    form.add_field("audio", bytes(4096), filename="a.wav", content_type="audio/wav")
    response = await client.post("/api/jonh/process_audio", data=bytes(4096), headers=WAV)
    await refused(response, 413, "body_too_large", "MB")
    response = await client.post("/api/jonh/process_audio", data=form)
    await refused(response, 413, "body_too_large")
    response = await client.post("/api/jonh/process_text", json={"text": "a" * 3000})
    await refused(response, 413, "body_too_large")
    with suppress(aiohttp.ClientError):
        response = await client.post("/api/jonh/transcribe", data=endless(), headers=WAV)
        await refused(response, 413, "body_too_large")


def test_ten_megabytes_are_the_limit() -> None:
    """The figures of the page."""
    assert Limits().body_bytes == 10 * 1024**2
    assert Limits().audio_s == 60
    page = (ROOT / "docs/http.md").read_text("utf-8")
    assert "10 MB" in page
    assert "60 seconds" in page
    assert f"{PER_MINUTE} a minute" in page
    assert f"{BURST} at once" in page


async def test_too_long(client: TestClient) -> None:
    """More than a minute is refused, in words that tell how long it was."""
    response = await client.post(
        "/api/jonh/process_audio", data=wav_of(bytes(8000 * 90), 8000, 1, 1), headers=WAV
    )
    error = await refused(response, 413, "audio_too_long", "90")
    assert "60" in error["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "audio_broken"),
        (b"MP3 or whatever", "audio_broken"),
        (wav_of(bytes(2000))[:1000], "audio_broken"),
        (wav_of(bytes(2000))[:30], "audio_broken"),
        (wav_of(bytes(2000), 4000), "audio_unsupported"),
        (wav_of(bytes(1800), 16_000, 9), "audio_unsupported"),
        (wav_of(b""), "no_speech"),
        (wav_of(silence(1).tobytes()), "no_speech"),
    ],
)
async def test_not_a_recording(client: TestClient, body: bytes, code: str) -> None:
    """Broken, of another kind, or without a word in it."""
    for path in ("process_audio", "transcribe"):
        response = await client.post(f"/api/jonh/{path}", data=body, headers=WAV)
        await refused(response, 422, code)


@pytest.mark.parametrize("stream", ["", "?stream=1"])
async def test_answer_of_silence(house: HomeAssistant, client: TestClient, stream: str) -> None:
    """What is answered with nothing is a WAV without sound, not a failure."""
    await create(house, name="Cozinha", conversation_agent="conversation.home_assistant")
    response = await client.post(
        f"/api/jonh/process_text{stream}",
        json={"text": "deixa pra lá", "pipeline": "Cozinha"},
        headers={"Accept": "audio/wav"},
    )
    assert response.status == 200
    assert read_wav(await response.read())[3] == b""
    assert response.headers["X-Session-ID"]


async def test_nothing_to_stream(client: TestClient) -> None:
    """Before the first sound there is still place for an error."""
    wav = wav_of(silence(1).tobytes())
    response = await client.post("/api/jonh/process_audio?stream=1", data=wav, headers=WAV)
    await refused(response, 422, "no_speech")


async def test_forms_that_are_none(client: TestClient) -> None:
    """A form is read strictly: two recordings, unknown or oversized fields, no recording."""
    sound = ("audio", request_wav())
    for parts, words in (
        ([("text", b"a")], "text"),
        ([("session_id", b"a")], "audio"),
        ([sound, sound], "audio"),
        ([sound, ("session_id", b"a"), ("session_id", b"b")], "session_id"),
        ([sound, ("language", b"\xff")], "body"),
    ):
        form = aiohttp.FormData()
        for name, value in parts:
            form.add_field(name, value, filename="f", content_type="application/octet-stream")
        response = await client.post("/api/jonh/process_audio", data=form)
        await refused(response, 400, "request_invalid", words)


async def test_too_often(house: HomeAssistant, client: TestClient, person: TestClient) -> None:
    """Who asks too often is told when to come again; others are not kept waiting."""
    house.data[API].rate = RateLimit(lambda: 0.0, per_minute=PER_MINUTE, burst=BURST)
    for _ in range(BURST):
        assert (await client.post("/api/jonh/process_text", json={"text": TURN_ON})).status == 200
    for path in ("process_text", "synthesize", "process_audio", "transcribe"):
        response = await client.post(f"/api/jonh/{path}", json={"text": TURN_ON})
        await refused(response, 429, "rate_limited", "6")
        assert response.headers["Retry-After"] == "6"
    assert (await client.get("/api/jonh/sessions")).status == 200
    assert (await person.post("/api/jonh/process_text", json={"text": TURN_ON})).status == 200


def test_rate() -> None:
    """A bucket fills again, never above its rim, and nobody is remembered who has a full one."""
    now_s = 0.0
    rate = RateLimit(lambda: now_s, per_minute=10, burst=3)
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 6]
    now_s = 4.0
    assert rate.take("a") == pytest.approx(2)
    now_s = 6.0
    assert rate.take("a") == 0
    now_s = 6000.0
    assert [rate.take("b") for _ in range(4)] == [0, 0, 0, 6]
    assert list(rate._buckets) == ["b"]


# --- what fails behind us


@pytest.mark.parametrize("accept", ["audio/wav", "application/json"])
@pytest.mark.parametrize("stream", ["", "?stream=1"])
async def test_model_that_is_down(
    house: HomeAssistant, client: TestClient, ollama: FakeOllama, accept: str, stream: str
) -> None:
    """A program learns by the status what a person would hear as an excuse."""
    ollama.script({"status": 500, "error": "boom"})
    ollama.script({"status": 500, "error": "boom"})
    ollama.script({"status": 500, "error": "boom"})
    response = await client.post(
        f"/api/jonh/process_text{stream}", json={"text": VAGUE}, headers={"Accept": accept}
    )
    await refused(response, 502, "model_failed", "Ollama")


async def test_server_of_the_model_is_gone(
    home: HomeAssistant, ports: tuple[int, int], hass_client: ClientSessionGenerator
) -> None:
    """Nobody listens at the model's address: health says so, and plain commands still work."""
    await add_wyoming(home, *ports)
    await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    await create(home, set_preferred=True)
    client = await hass_client()
    body = await (await client.get("/api/jonh/health")).json()
    assert (body["status"], body["providers"]) == ("degraded", {"ollama": {"reachable": False}})
    response = await client.post("/api/jonh/process_text", json={"text": VAGUE})
    await refused(response, 502, "model_failed")
    response = await client.post("/api/jonh/process_text", json={"text": TURN_ON})
    assert (await response.json())["response"] == "Luz da Sala ligada."


async def test_model_that_falls_silent() -> None:
    """Waiting in vain has a status of its own."""
    turn = TurnRequest(pipeline_id=None, conversation_id=None, context=Context())
    for kind, status in (("stalled", 504), ("unreachable", 502)):
        told = Told(sound=Future(), model_error=kind)
        told.on_update(Answer("Desculpe.", "1", continue_conversation=False, is_error=True))
        with pytest.raises(ApiError) as error:
            told.refuse(turn)
        assert (error.value.status, error.value.code) == (status, "model_failed")


def test_every_failure_is_described() -> None:
    """Whatever ends a turn has a status and a code, and every code its words, here and there."""
    codes = set(CODES)
    assert {turn_error(error).code for error in TurnError} <= codes
    texts = json.loads((ROOT / "custom_components/jonh/translations/en.json").read_text("utf-8"))[
        "exceptions"
    ]
    assert codes <= set(texts)
    page = (ROOT / "docs/http.md").read_text("utf-8").partition("## Errors")[2]
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| \d", line)]
    assert {code for row in rows for code in re.findall(r"`(\w+)`", row[1])} == codes


async def test_a_request_that_cannot_be_met_is_no_failure(
    house: HomeAssistant, client: TestClient
) -> None:
    """That there is no such device is an answer; so it is from Home Assistant's own agent."""
    await create(house, name="Cozinha", conversation_agent="conversation.home_assistant")
    response = await client.post(
        "/api/jonh/process_text", json={"text": "acenda a luz do porão", "pipeline": "cozinha"}
    )
    body = await response.json()
    assert (response.status, body["tokens"], body["changed"]) == (200, None, [])
    assert body["response"]


async def test_takes_too_long(house: HomeAssistant, client: TestClient, ollama: FakeOllama) -> None:
    """A turn has an end, and leaves nothing running."""
    house.data[API].limits = Limits(answer_s=1)
    ollama.script({"stall": True})
    response = await client.post("/api/jonh/process_text", json={"text": VAGUE})
    await refused(response, 504, "took_too_long")
    assert house.data[TURNS] == set()


async def test_takes_too_long_in_a_stream(
    house: HomeAssistant, client: TestClient, ollama: FakeOllama
) -> None:
    """A sound that has begun breaks off: an error cannot be put into it."""
    house.data[API].limits = Limits(answer_s=4)
    ollama.script({"content": f"{FIRST_SENTENCE} "}, {"stall": True})
    response = await client.post(
        "/api/jonh/process_text?stream=1", json={"text": VAGUE}, headers={"Accept": "audio/wav"}
    )
    assert response.status == 200
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    assert house.data[TURNS] == set()


async def test_busy(house: HomeAssistant, client: TestClient, ollama: FakeOllama) -> None:
    """A conversation answers one thing after another."""
    ollama.script({"sleep_s": 2}, {"content": "Pronto."})
    fields = {"text": VAGUE, "session_id": "sala"}
    first = asyncio.create_task(client.post("/api/jonh/process_text", json=fields))
    await until(lambda: house.data.get(TURNS))
    response = await client.post("/api/jonh/process_text", json=fields)
    await refused(response, 409, "conversation_busy")
    assert (await first).status == 200


@pytest.mark.parametrize(
    ("path", "accept"),
    [("process_audio", "audio/wav"), ("process_audio?stream=1", ""), ("process_text", "")],
)
async def test_hanging_up_cancels(
    house: HomeAssistant, client: TestClient, ollama: FakeOllama, path: str, accept: str
) -> None:
    """Who does not wait any more leaves no turn behind; it is remembered as interrupted."""
    (entry,) = house.config_entries.async_loaded_entries(DOMAIN)
    listeners = list(entry.runtime_data.turns["agent1"]._listeners)
    ollama.script({"stall": True})
    sent: dict[str, Any] = {"json": {"text": VAGUE}, "headers": {"Accept": accept}}
    if "audio" in path:
        sent = {"data": request_wav("conte uma história"), "headers": WAV | {"Accept": accept}}
    request = asyncio.create_task(client.post(f"/api/jonh/{path}", **sent))
    await until(lambda: ollama.chats)
    assert house.data[TURNS]
    request.cancel()
    with suppress(asyncio.CancelledError):
        await request
    await until(lambda: not house.data[TURNS])
    ((_, session),) = house.data[ARCHIVE]
    assert session.turns[-1].was_interrupted
    # The voice is let go first, which takes its time.
    await until(lambda: entry.runtime_data.turns["agent1"]._listeners == listeners)


async def test_ears_that_are_gone(
    home: HomeAssistant, ports: tuple[int, int], hass_client: ClientSessionGenerator,
    socket_enabled: None,
) -> None:  # fmt: skip
    """The error names the part that fails."""
    await set_up(home, {"llm_hass_api": ["assist"]})
    with running("stt") as port:
        await add_wyoming(home, port, ports[1])
        await create(home, set_preferred=True)
    client = await hass_client()
    for path in ("process_audio", "transcribe", "process_audio?stream=1"):
        home.data[API].rate = UNLIMITED
        response = await client.post(f"/api/jonh/{path}", data=request_wav(), headers=WAV)
        await refused(response, 502, "recogniser_failed")


async def test_voice_that_is_gone(
    home: HomeAssistant, ports: tuple[int, int], hass_client: ClientSessionGenerator,
    socket_enabled: None,
) -> None:  # fmt: skip
    """Sound cannot be given, the answer can: what was done is not to be done again."""
    await set_up(home, {"llm_hass_api": ["assist"]})
    with running("tts") as port:
        await add_wyoming(home, ports[0], port)
        await create(home, set_preferred=True)
    home.data[API].rate = UNLIMITED
    client = await hass_client()
    for stream in ("", "?stream=1"):
        response = await client.post(f"/api/jonh/synthesize{stream}", json={"text": "Oi"})
        await refused(response, 502, "voice_failed")
        await home.services.async_call("light", "turn_off", {"entity_id": LIGHT}, blocking=True)
        response = await client.post(
            f"/api/jonh/process_audio{stream}", data=request_wav(), headers=WAV
        )
        await refused(response, 502, "voice_failed")
        assert home.states.get(LIGHT).state == "on"
    response = await client.post(
        "/api/jonh/process_audio", data=request_wav(), headers=WAV | {"Accept": "application/json"}
    )
    body = await response.json()
    assert (response.status, body["response"]) == (200, "Luz da Sala ligada.")
    assert body["audio_url"] is None


async def test_pipeline_without_ears_and_voice(house: HomeAssistant, client: TestClient) -> None:
    """A part that nobody chose is a matter of the settings; nothing is done by halves."""
    await async_update_pipeline(
        house, async_get_pipeline(house), stt_engine=None, stt_language=None,
        tts_engine=None, tts_language=None, tts_voice=None,
    )  # fmt: skip
    for path in ("process_audio", "transcribe"):
        response = await client.post(f"/api/jonh/{path}", data=request_wav(), headers=WAV)
        await refused(response, 503, "recogniser_missing")
    text = {"text": TURN_ON}
    await refused(await client.post("/api/jonh/synthesize", json=text), 503, "voice_missing")
    response = await client.post(
        "/api/jonh/process_text", json=text, headers={"Accept": "audio/wav"}
    )
    await refused(response, 503, "voice_missing")
    assert house.states.get(LIGHT).state == "off"
    assert (await client.post("/api/jonh/process_text", json=text)).status == 200


# --- words


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.5", "Envie"),
        ("pt-PT", "ficheiro"),
        ("en-GB,en;q=0.9", "Send"),
        ("es-MX", "Envía"),
        ("fr, es;q=0.2", "Envía"),
        ("ja", "arquivo"),
        (";;q=,q=x,\x80", "arquivo"),
        ("", "arquivo"),
    ],
)
async def test_errors_are_told_in_the_readers_language(
    client: TestClient, accept: str, words: str
) -> None:
    """The browser's language, then the home's."""
    headers = WAV | {"Accept-Language": accept}
    response = await client.post("/api/jonh/transcribe", data=b"x", headers=headers)
    await refused(response, 422, "audio_broken", words)


def test_weights_of_languages() -> None:
    """What is wanted least comes last, and what is not wanted never."""
    assert language_of_request("en;q=0.1, es;q=0.2", "pt") == "es"
    assert language_of_request("en;q=0", "pt") == "pt"
    assert language_of_request(None, "fr") == "en"


# --- sound


def loudness(samples: array[int], frequency_hz: float) -> tuple[float, float]:
    """Return the level of one tone and of all the rest, both beside a full tone."""
    middle = samples[1000:-1000]
    angle = 2 * math.pi * frequency_hz / 16_000
    count = len(middle)
    wave_ = sum(v * complex(math.cos(angle * i), math.sin(angle * i)) for i, v in enumerate(middle))
    power = sum(v * v for v in middle) / count
    of_tone = 2 * abs(wave_) / count
    rest = math.sqrt(max(power - of_tone**2 / 2, 0)) * math.sqrt(2)
    return of_tone / 16384, rest / 16384


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_tones_stay(rate_hz: int) -> None:
    """What speech is made of arrives as it was, without company."""
    samples = array("h", speech_of(wav_of(tone(0.5, 3000, rate_hz).tobytes(), rate_hz), 60))
    assert abs(len(samples) - 8000) <= 2
    of_tone, rest = loudness(samples, 3000)
    assert of_tone == pytest.approx(1, abs=0.02)
    assert rest < 0.003


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
def test_what_cannot_be_held_is_gone(rate_hz: int) -> None:
    """A tone above the new limit would come back as one that nobody made."""
    samples = array("h", speech_of(wav_of(tone(0.5, 10_000, rate_hz).tobytes(), rate_hz), 60))
    assert max(samples[1000:-1000]) < 30


@pytest.mark.parametrize("width_bytes", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_every_width_and_number_of_channels(width_bytes: int, channels: int) -> None:
    """The mean of all channels, at its own level."""
    top = 1 << (8 * width_bytes - 2)
    value = (top + 128) if width_bytes == 1 else top
    frame = value.to_bytes(width_bytes, "little", signed=width_bytes > 1) * channels
    samples = array("h", speech_of(wav_of(frame * 500, 16_000, channels, width_bytes), 60))
    assert len(samples) == 500
    assert all(abs(sample - 16384) <= 2 for sample in samples)


def test_loud_sound_does_not_turn_over() -> None:
    """The loudest there is stays loud, with the same sign."""
    for value in (32767, -32768):
        wav = wav_of(array("h", [value] * 9600).tobytes(), 48_000, 2)
        samples = array("h", speech_of(wav, 60))[200:-200]
        assert all(abs(sample - value) < 200 for sample in samples)


def test_headers_of_recorders() -> None:
    """Further chunks, an extended format and sizes that nobody knew are common."""
    sound = bytes(range(200))
    plain = wav_of(sound)
    extended = struct.pack("<HHIIHHHHIH14s", 0xFFFE, 1, 16_000, 32_000, 2, 16, 22, 16, 4, 1, b"")
    tags = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    wavs = [
        plain,
        plain[:12] + tags + plain[12:],
        b"RIFF" + bytes(4) + b"WAVEfmt " + struct.pack("<I", 40) + extended + plain[36:],
        *(plain[:40] + struct.pack("<I", size) + sound for size in (0, 0x7FFF_F000, 0xFFFF_FFFF)),
    ]
    for wav in wavs:
        assert speech_of(wav, 60) == sound
        assert read_wav(with_true_sizes(wav))[3] == sound


def test_odd_bytes_are_padded() -> None:
    """Chunks of a WAV begin at even places."""
    wav = with_true_sizes(wav_header(WavFormat(16_000, 1, 1), None) + b"abc")
    assert len(wav) == 48
    assert read_wav(wav)[3] == b"abc"


@given(
    st.binary(max_size=200),
    st.integers(0, 60),
    st.binary(max_size=60),
    st.booleans(),
)
def test_no_header_breaks_the_reader(noise: bytes, place: int, patch: bytes, is_wav: bool) -> None:
    """Whatever the bytes are, they are read or refused in words."""
    wav = wav_of(bytes(400), 44_100, 2) if is_wav else noise
    wav = wav[:place] + patch + wav[place + len(patch) :]
    with suppress(AudioError, AudioFormatError, AudioTooLongError):
        assert len(speech_of(wav, 60)) % 2 == 0
    with suppress(AudioError):
        with_true_sizes(wav)


FORM_PARTS = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b"--b\r\n", b"--b--\r\n", b"\r\n", b"\r\n\r\n", b"--b",
                b'Content-Disposition: form-data; name="audio"; filename="a"\r\n',
                b'Content-Disposition: form-data; name="session_id"\r\n',
                b"Content-Disposition: form-data; name*=x''%ff\r\n",
                b"Content-Type: multipart/mixed; boundary=c\r\n", b"--c\r\n",
                b"Content-Transfer-Encoding: base64\r\n", b"Content-Encoding: gzip\r\n",
                b"Content-Length: 999999999999999999999\r\n",
                b"RIFF\x24\0\0\0WAVE", wav_of(bytes(40)),
            ]
        ),
    ),
    max_size=12,
)  # fmt: skip


def examples(count: int) -> list[bytes]:
    """Return bodies of forms: all are sent in one home, as making one takes seconds."""
    found: list[bytes] = []

    @settings(max_examples=count, database=None)
    @given(FORM_PARTS)
    def add(parts: list[bytes]) -> None:
        found.append(b"".join(parts))

    add()
    return found


async def test_broken_forms_are_refused(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a form holds, the answer is a refusal in JSON."""
    forms = examples(60)
    start = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\n'
    for body in (*forms, *(start + form for form in forms)):
        for boundary in ("; boundary=b", ""):
            response = await client.post(
                "/api/jonh/transcribe",
                data=body,
                headers={"Content-Type": f"multipart/form-data{boundary}"},
            )
            assert response.status in (400, 413, 422), body
            assert json_loads_object(await response.read())["error"]["code"]
    assert "failed unexpectedly" not in caplog.text


async def test_compressed_rubbish(client: TestClient) -> None:
    """A body that says it is compressed and is not."""
    response = await client.post(
        "/api/jonh/transcribe", data=b"rubbish", headers=WAV | {"Content-Encoding": "gzip"}
    )
    assert response.status == 400


async def test_defect_of_ours(
    house: HomeAssistant, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even then a program gets its JSON."""

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("custom_components.jonh.http.speech_of", broken)
    response = await client.post("/api/jonh/transcribe", data=request_wav(), headers=WAV)
    await refused(response, 500, "unexpected")


# --- the page


def commands() -> list[str]:
    """Return the commands of the page, as they are to be copied."""
    page = (ROOT / "docs" / "http.md").read_text("utf-8")
    blocks = [block.partition("```")[0] for block in page.split("```sh\n")[1:]]
    return [block for block in blocks if "curl" in block]


@pytest.mark.parametrize("command", commands())
async def test_commands_of_the_page(
    house: HomeAssistant,
    client: TestClient,
    hass_access_token: str,
    tmp_path: Path,
    command: str,
) -> None:
    """What is copied from the page works."""
    (tmp_path / "pergunta.wav").write_bytes(request_wav())
    assert (
        await client.post("/api/jonh/process_text", json={"text": TURN_ON, "session_id": "cozinha"})
    ).status == 200
    process = await asyncio.create_subprocess_exec(
        "sh", "-ec", command.replace("| aplay", "| cat > tocado.wav"),
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "HA_URL": str(client.make_url("")).rstrip("/"),
            "HA_TOKEN": hass_access_token,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    assert process.returncode == 0, errors
    assert b'"error"' not in output, output
    sounds = [path for path in tmp_path.glob("*.wav") if path.name != "pergunta.wav"]
    assert all(path.read_bytes().startswith(b"RIFF") for path in sounds)
    assert sounds or output or "DELETE" in command
