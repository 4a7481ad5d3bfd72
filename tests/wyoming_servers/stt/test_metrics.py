"""What utterances took: in the log and for Prometheus."""

import logging
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from wyoming_servers.stt.ending import Ending
from wyoming_servers.stt.endpoint import Over
from wyoming_servers.stt.metrics import UtteranceMetrics, describe
from wyoming_servers.stt.prometheus import PrometheusUtteranceMetrics
from wyoming_servers.stt.turn import UtteranceReport


def _report(**changes: Any) -> UtteranceReport:
    fields: dict[str, Any] = {
        "over": Over.SILENCE,
        "audio_s": 3.0,
        "speech_s": 1.84,
        "endpoint_s": 0.42,
        "ending": Ending.FINISHED,
        "speculations": 2,
        "is_speculative": True,
        "decode_s": 0.18,
        "tries": 1,
        "words": 5,
        "language": "pt",
    }
    return UtteranceReport(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {},
            "Utterance of 1.8 s: over after 0.42 s of silence (finished), decoded in 0.18 s"
            " while listening, 5 words, pt",
        ),
        (
            {"over": None, "is_speculative": False, "tries": 3, "ending": None},
            "Utterance of 1.8 s: ended by the client, decoded in 0.18 s in 3 tries after that,"
            " 5 words, pt",
        ),
        (
            {"over": Over.TOO_LONG, "words": 0, "language": None, "ending": None},
            "Utterance of 1.8 s: ended at its longest, decoded in 0.18 s while listening,"
            " nothing understood, no language",
        ),
        ({"over": Over.NO_SPEECH}, "Nobody spoke in 3.0 s of sound"),
    ],
)
def test_a_line_for_each_utterance(changes: dict[str, Any], line: str) -> None:
    """The line tells what happened and when, and not what was said."""
    assert describe(_report(**changes)) == line


def test_the_line_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """One line at INFO for each."""
    with caplog.at_level(logging.INFO):
        UtteranceMetrics().utterance(_report())
    assert [record.getMessage() for record in caplog.records] == [describe(_report())]


def test_metrics_of_utterances() -> None:
    """Outcomes, delays, speculation and retries are counted where they belong."""
    registry = CollectorRegistry()
    metrics = PrometheusUtteranceMetrics(registry)
    metrics.utterance(_report())
    metrics.utterance(_report(over=None, is_speculative=False, words=0, tries=3))
    metrics.utterance(_report(over=Over.NO_SPEECH))
    metrics.model_loaded(0.3)
    metrics.model_unloaded()
    lines = generate_latest(registry).decode().splitlines()
    for line in (
        'jonh_stt_utterances_total{outcome="transcript"} 1.0',
        'jonh_stt_utterances_total{outcome="empty"} 1.0',
        'jonh_stt_utterances_total{outcome="no-speech"} 1.0',
        "jonh_stt_speech_seconds_total 3.68",
        'jonh_stt_endpoint_delay_seconds_count{ending="finished"} 1.0',
        'jonh_stt_endpoint_delay_seconds_bucket{ending="finished",le="0.4"} 0.0',
        'jonh_stt_endpoint_delay_seconds_bucket{ending="finished",le="0.5"} 1.0',
        "jonh_stt_decode_seconds_count 2.0",
        "jonh_stt_decode_retries_total 2.0",
        'jonh_stt_speculations_total{outcome="used"} 1.0',
        'jonh_stt_speculations_total{outcome="wasted"} 3.0',
        "jonh_stt_model_loads_total 1.0",
        "jonh_stt_model_unloads_total 1.0",
    ):
        assert line in lines
