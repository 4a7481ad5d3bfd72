"""Recordings of calls: what is in them, and who may hear and delete them."""

import asyncio
import io
import stat
import wave
from array import array
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.exceptions import ServiceValidationError

from custom_components.jonh.recordings import (
    RECORDINGS_MAX,
    Recorder,
    async_delete_recording,
    async_find_recording,
    async_list_recordings,
    async_record,
    async_remove_recordings,
)
from custom_components.jonh.session_access import Viewer
from tests.fakes.speech import silence, tone
from tests.jonh.test_call_api import jonh, send

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockUser
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        MockHAClientWebSocket,
        WebSocketGenerator,
    )

__all__ = ["jonh"]

ADMIN = Viewer(user_id="admin", is_admin=True)
ANA = Viewer(user_id="ana", is_admin=False)
BIA = Viewer(user_id="bia", is_admin=False)


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Keep the recordings of a test in its own folder."""
    hass.config.config_dir = str(tmp_path)
    return tmp_path / "jonh" / "recordings"


def record(hass: HomeAssistant, viewer: Viewer = ANA) -> Recorder:
    """Begin a recording."""
    return async_record(
        hass, user_id=str(viewer.user_id), pipeline="Jonh", conversation_id="jonh-1"
    )


def sides(data: bytes) -> tuple[array[int], array[int]]:
    """Return what the person and the house said."""
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (2, 2, 16_000)
        both = array("h", sound.readframes(sound.getnframes()))
    return both[0::2], both[1::2]


def is_loud(samples: array[int]) -> bool:
    """Return True for sound."""
    return max(samples) > 5000


async def test_both_sides_stand_where_they_were_heard(hass: HomeAssistant, folder: Path) -> None:
    """The answer begins when it sounds, not when it was made, and ends when it is stopped."""
    recorder = record(hass)
    frame = tone(0.1).tobytes()
    recorder.heard(frame)
    recorder.made(tone(1.0, rate_hz=22_050).tobytes(), 22_050)
    recorder.heard(frame)
    recorder.sounds()
    recorder.heard(silence(0.1).tobytes())
    recorder.heard(silence(0.1).tobytes())
    recorder.silent()
    recorder.heard(silence(0.1).tobytes())
    await recorder.async_finish()
    (path,) = folder.glob("*.wav")
    person, house = sides(path.read_bytes())
    assert len(person) == len(house) == 8000
    assert [is_loud(person[at : at + 1600]) for at in range(0, 8000, 1600)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [is_loud(house[at : at + 1600]) for at in range(0, 8000, 1600)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_muted_person_is_silent_for_as_long(hass: HomeAssistant, folder: Path) -> None:
    """Nothing is sent meanwhile, and the house may go on."""
    recorder = record(hass)
    recorder.heard(silence(0.1).tobytes())
    recorder.made(tone(1.0).tobytes(), 16_000)
    recorder.sounds()
    await asyncio.sleep(0.8)
    recorder.heard(silence(0.1).tobytes())
    await recorder.async_finish()
    (path,) = folder.glob("*.wav")
    person, house = sides(path.read_bytes())
    assert len(person) >= 0.8 * 16_000
    assert is_loud(house[3200:8000])


async def test_people_hear_theirs_and_administrators_all(hass: HomeAssistant, folder: Path) -> None:
    """Nobody learns whether there is a recording of somebody else."""
    recorder = record(hass)
    recorder.heard(silence(1.0).tobytes())
    await recorder.async_finish()
    (mine,) = await async_list_recordings(hass, ANA)
    assert mine["duration_s"] == 1.0
    assert mine["pipeline"] == "Jonh"
    assert await async_list_recordings(hass, ADMIN) == [mine]
    assert await async_list_recordings(hass, BIA) == []
    for act in (async_find_recording, async_delete_recording):
        with pytest.raises(ServiceValidationError) as error:
            await act(hass, BIA, mine["recording_id"])
        assert error.value.translation_key == "recording_not_found"
    await async_delete_recording(hass, ANA, mine["recording_id"])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("recording_id", ["../secrets", "", "x" * 1000, "*"])
async def test_no_way_out_of_the_folder(
    hass: HomeAssistant, folder: Path, recording_id: str
) -> None:
    """An id is compared, never a path."""
    folder.mkdir(parents=True)
    (folder.parent / "secrets.wav").write_bytes(b"")
    with pytest.raises(ServiceValidationError, match="recording"):
        await async_delete_recording(hass, ADMIN, recording_id)
    assert (folder.parent / "secrets.wav").exists()


async def test_the_oldest_makes_room(hass: HomeAssistant, folder: Path) -> None:
    """The disk is not filled; other people keep theirs."""
    other = record(hass, BIA)
    await other.async_finish()
    for _ in range(RECORDINGS_MAX + 2):
        await record(hass).async_finish()
    assert len(await async_list_recordings(hass, ANA)) == RECORDINGS_MAX
    assert len(await async_list_recordings(hass, BIA)) == 1


async def test_damaged_files_are_left_out(
    hass: HomeAssistant, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One that cannot be read hides no other."""
    await record(hass).async_finish()
    (folder / "broken.json").write_text("{")
    (folder / "list.json").write_text("[]")
    assert len(await async_list_recordings(hass, ADMIN)) == 1
    assert "broken.json cannot be read" in caplog.text


async def test_a_folder_that_cannot_be_written_ends_no_call(
    hass: HomeAssistant, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The call goes on without a recording."""
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    recorder = record(hass)
    recorder.heard(silence(0.1).tobytes())
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "cannot be recorded" in caplog.text
    for _ in range(100):
        # An hour of it would fill the memory instead of the disk.
        recorder.heard(silence(1.0).tobytes())
        recorder.made(silence(1.0).tobytes(), 16_000)
    assert recorder._pieces.qsize() <= 1
    assert not recorder._answer
    await recorder.async_finish()


async def test_over_the_websocket(
    folder: Path,
    jonh: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
    hass_read_only_user: MockUser,
) -> None:
    """Recorded because it was asked for, listed, heard with a login only, and deleted."""
    person: MockHAClientWebSocket = await hass_ws_client(jonh, hass_read_only_access_token)
    admin: MockHAClientWebSocket = await hass_ws_client(jonh)
    for wish in (False, True):
        call: dict[str, Any] = (await send(person, "start", record=wish))["result"]
        assert call["record"] is wish
        await person.send_bytes(bytes([call["handler_id"]]) + silence(0.5).tobytes())
        await send(person, "action", call_id=call["call_id"], action="hangup")
    await jonh.async_block_till_done(wait_background_tasks=True)
    (listed,) = (await send(person, "list_recordings"))["result"]["recordings"]
    assert listed["user_name"] == hass_read_only_user.name
    assert listed["conversation_id"] == call["conversation_id"]
    (seen,) = (await send(admin, "list_recordings"))["result"]["recordings"]
    assert seen["recording_id"] == listed["recording_id"]
    # An address that works without a login would be found in the log of a proxy.
    assert not [value for value in listed.values() if "/api/" in str(value)]
    address = f"/api/jonh/recordings/{listed['recording_id']}"
    assert (await (await hass_client_no_auth()).get(address)).status == 401
    http = await hass_client(hass_read_only_access_token)
    response = await http.get(address)
    assert response.status == 200
    assert response.content_type == "audio/wav"
    sides(await response.read())
    for expected in (True, False):
        answer = await send(person, "delete_recording", recording_id=listed["recording_id"])
        assert answer["success"] is expected
    assert answer["error"]["code"] == "recording_not_found"
    assert (await http.get(address)).status == 404


async def test_recordings_go_with_the_integration(hass: HomeAssistant, folder: Path) -> None:
    """Who removes Jonh leaves no voice behind; without recordings there is nothing to do."""
    await async_remove_recordings(hass)
    recorder = record(hass)
    recorder.heard(tone(0.1).tobytes())
    await recorder.async_finish()
    assert folder.is_dir()
    await async_remove_recordings(hass)
    assert not folder.exists()
