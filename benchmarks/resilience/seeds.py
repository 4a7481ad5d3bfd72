"""Good inputs of each target, from which a fuzzer begins."""

import json
from typing import Any

from benchmarks.resilience.sides import request
from custom_components.jonh.http_audio import WavFormat, wav_header
from tests.fakes.speech import tone


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _wav(rate_hz: int, width_bytes: int, channels: int) -> bytes:
    samples = tone(0.05).tobytes()
    return wav_header(WavFormat(rate_hz, width_bytes, channels), len(samples)) + samples


_CALL = {"name": "home_control", "arguments": {"action": "on", "name": ["luz", "sala"]}}
_MESSAGE = {"role": "assistant", "content": "Oi", "tool_calls": [{"function": _CALL}]}
_DONE = {"done": True, "done_reason": "length", "eval_count": 3, "load_duration": 5}

SEEDS: dict[str, list[bytes]] = {
    "wire": [request("stt")[:2000], request("tts")],
    "sound": [bytes((rate, width, 2)) + bytes(96) for rate in range(10) for width in range(1, 5)],
    "wav": [_wav(16_000, 2, 1), _wav(48_000, 2, 2), _wav(8000, 1, 1), _wav(44_100, 3, 2)],
    "ollama": [_json({"message": _MESSAGE}) + b"\n" + _json({"message": {}} | _DONE)],
    "groq": [
        _json(_CALL),
        _json({"tool_calls": [{"function": _CALL}]}),
        b'<function=home_control>{"action": "on"}</function>',
        _json({"error": {"code": "tool_use_failed", "message": "x", "status_code": 400}}),
    ],
    "tool_call": [
        bytes([index]) + _json(args)
        for index in range(12)
        for args in (
            {"action": "turn_on", "name": "luz", "area": ["sala"], "value": "50%"},
            {"entity_id": "light.sala", "brightness_pct": 40, "target": {"area_id": "sala"}},
        )
    ],
}
"""By the target's name."""
