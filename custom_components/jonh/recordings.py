"""Recordings of calls, for who wants them: both sides in one WAV, the person left, the house right.

They lie in Home Assistant's folder beside its other private files, where no address leads.
"""

import asyncio
import json
import re
import wave
from array import array
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import audioop
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .call_audio import BYTES_PER_S, RATE_HZ, SAMPLE_BYTES
from .const import DOMAIN, LOGGER

if TYPE_CHECKING:
    from .session_access import Viewer

RECORDING_S_MAX = 3600.0
"""230 MB; who forgets a call does not fill the disk."""
RECORDINGS_MAX = 20
"""Of one person; the oldest makes room."""
GAP_S = 0.5
"""Sound that is later than this was not sent: the person was muted."""
_ID = re.compile(r"[0-9A-Z]{26}")
_STEREO_BYTES_PER_S = 2 * BYTES_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingInfo:
    """What is known of a recording beside its sound."""

    recording_id: str
    user_id: str
    started: str
    """ISO 8601."""
    pipeline: str
    """Name of the voice assistant."""
    conversation_id: str


class Recorder:
    """Writes one call. What both sides say at the same time stands at the same place."""

    def __init__(self, hass: HomeAssistant, info: RecordingInfo) -> None:
        """Begin; nothing is heard until `heard` is called."""
        self._hass = hass
        self._info = info
        self._began_s = hass.loop.time()
        self._size = 0
        """Bytes of one side so far."""
        self._answer = bytearray()
        """Sound of the house that was made and not heard yet."""
        self._is_sounding = False
        self._ratio: Any = None
        self._has_failed = False
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._writer = hass.async_create_background_task(
            self._async_write(), f"{DOMAIN} recording", eager_start=False
        )

    def heard(self, pcm: bytes) -> None:
        """Take what the person said, and with it what they heard meanwhile."""
        if self._has_failed or self._size >= RECORDING_S_MAX * BYTES_PER_S:
            return
        self._catch_up(len(pcm))
        self._put(pcm)

    def made(self, pcm: bytes, rate_hz: int) -> None:
        """Take more of the answer's sound, long before it is heard."""
        if self._has_failed:
            return
        pcm, self._ratio = audioop.ratecv(
            pcm[: len(pcm) // 2 * 2], SAMPLE_BYTES, 1, rate_hz, RATE_HZ, self._ratio
        )
        self._answer += pcm

    def sounds(self) -> None:
        """Note that the answer begins to be heard."""
        self._is_sounding = True

    def silent(self) -> None:
        """Note that it is heard no more; the next one begins with nothing."""
        self._is_sounding = False
        self._answer.clear()
        self._ratio = None

    async def async_finish(self) -> None:
        """Close the file."""
        self._catch_up(0)
        self._pieces.put_nowait(None)
        await asyncio.wait((self._writer,))

    def _catch_up(self, coming: int) -> None:
        """Put silence where the person was muted."""
        now = round((self._hass.loop.time() - self._began_s) * RATE_HZ) * SAMPLE_BYTES
        gap = min(now, round(RECORDING_S_MAX * BYTES_PER_S)) - self._size - coming
        if gap > GAP_S * BYTES_PER_S:
            self._put(bytes(gap))

    def _put(self, person: bytes) -> None:
        person = person[: len(person) // 2 * 2]
        house = b""
        if self._is_sounding:
            house = bytes(self._answer[: len(person)])
            del self._answer[: len(person)]
        both = array("h", bytes(2 * len(person)))
        both[0::2] = _samples(person)
        both[1::2] = _samples(house.ljust(len(person), b"\0"))
        self._size += len(person)
        self._pieces.put_nowait(both.tobytes())

    async def _async_write(self) -> None:
        try:
            sound = await self._hass.async_add_executor_job(_create, self._hass, self._info)
            is_complete = False
            while not is_complete:
                pieces = [await self._pieces.get()]
                while not self._pieces.empty():
                    pieces.append(self._pieces.get_nowait())
                is_complete = None in pieces
                data = b"".join(piece for piece in pieces if piece is not None)
                await self._hass.async_add_executor_job(sound.writeframes, data)
                if not is_complete:
                    # Many small pieces are one write.
                    await asyncio.sleep(1)
            await self._hass.async_add_executor_job(sound.close)
        except OSError as err:
            LOGGER.warning("A call cannot be recorded: %s", err)
            # Nobody writes what would gather from here on.
            self._has_failed = True


@callback
def async_record(
    hass: HomeAssistant, *, user_id: str, pipeline: str, conversation_id: str
) -> Recorder:
    """Begin to record a call of somebody."""
    info = RecordingInfo(
        recording_id=ulid_now(),
        user_id=user_id,
        started=dt_util.utcnow().isoformat(),
        pipeline=pipeline,
        conversation_id=conversation_id,
    )
    return Recorder(hass, info)


async def async_remove_recordings(hass: HomeAssistant) -> None:
    """Delete them all, with the integration."""
    await hass.async_add_executor_job(partial(rmtree, _folder(hass), ignore_errors=True))


async def async_list_recordings(hass: HomeAssistant, viewer: Viewer) -> list[dict[str, Any]]:
    """Describe the recordings that somebody may hear, the latest first."""
    found = await hass.async_add_executor_job(_read_all, _folder(hass))
    described = []
    for info, size in found:
        if not _may_hear(viewer, info):
            continue
        user = await hass.auth.async_get_user(info.user_id)
        described.append(
            asdict(info)
            | {
                "user_name": user.name if user else None,
                "size_bytes": size,
                "duration_s": round(size / _STEREO_BYTES_PER_S, 1),
            }
        )
    return described


async def async_find_recording(hass: HomeAssistant, viewer: Viewer, recording_id: str) -> Path:
    """Return the file of a recording that somebody may hear.

    Raises ServiceValidationError when there is none of that id.
    """
    for info, _ in await hass.async_add_executor_job(_read_all, _folder(hass)):
        if info.recording_id == recording_id and _may_hear(viewer, info):
            return _folder(hass) / f"{recording_id}.wav"
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="recording_not_found",
        translation_placeholders={"recording": recording_id[:64]},
    )


async def async_delete_recording(hass: HomeAssistant, viewer: Viewer, recording_id: str) -> None:
    """Delete a recording that somebody may hear; raises as `async_find_recording` does."""
    path = await async_find_recording(hass, viewer, recording_id)
    await hass.async_add_executor_job(_delete, path)


def _folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.path(DOMAIN, "recordings"))


def _may_hear(viewer: Viewer, info: RecordingInfo) -> bool:
    return viewer.is_admin or viewer.user_id == info.user_id


def _create(hass: HomeAssistant, info: RecordingInfo) -> wave.Wave_write:
    """Make the files, for no other account of the machine to read."""
    folder = _folder(hass)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    theirs = [each for each, _ in _read_all(folder) if each.user_id == info.user_id]
    for old in theirs[RECORDINGS_MAX - 1 :]:
        _delete(folder / f"{old.recording_id}.wav")
    path = folder / f"{info.recording_id}.wav"
    path.touch(mode=0o600)
    described = path.with_suffix(".json")
    described.touch(mode=0o600)
    described.write_text(json.dumps(asdict(info)), "utf-8")
    sound = wave.open(str(path), "wb")  # noqa: SIM115  # closed when the call ends
    sound.setnchannels(2)
    sound.setsampwidth(SAMPLE_BYTES)
    sound.setframerate(RATE_HZ)
    return sound


def _read_all(folder: Path) -> list[tuple[RecordingInfo, int]]:
    """Return all recordings with the size of their sound, the latest first."""
    found = []
    for path in folder.glob("*.json"):
        try:
            info = RecordingInfo(**json.loads(path.read_text("utf-8")))
            datetime.fromisoformat(info.started)
            size = path.with_suffix(".wav").stat().st_size
        except (OSError, ValueError, TypeError) as err:
            LOGGER.warning("The recording %s cannot be read: %r", path.name, err)
            continue
        if _ID.fullmatch(info.recording_id) and path.stem == info.recording_id:
            found.append((info, size))
    return sorted(found, key=lambda each: each[0].started, reverse=True)


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def _samples(pcm: bytes) -> array[int]:
    samples = array("h")
    samples.frombytes(pcm)
    return samples
