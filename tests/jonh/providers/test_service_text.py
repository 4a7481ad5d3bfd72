"""What of a service's error reaches the log."""

import pytest

from custom_components.jonh.providers.service_text import MAX_CHARS, service_text


@pytest.mark.parametrize(
    "text",
    [
        "model 'qwen3:4b' not found",
        "llama runner process has terminated: exit status 2",
        "model requires more system memory (5.6 GiB) than is available (3.1 GiB)",
        "request (4476 tokens) exceeds the available context size (4096 tokens)",
        "Limit 8000, Used 7274, Requested 7590. Please try again in 6.5s.",
        "server busy, please try again.  maximum pending requests exceeded",
    ],
)
def test_what_helps_is_kept(text: str) -> None:
    """The errors that people look up are there word for word."""
    assert service_text(text, model="qwen3:4b") == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            'error parsing tool call: raw=\'{"names":["Cofre da Ana"]}\'',
            "error parsing tool call: …'",
        ),
        ("Invalid API Key: gsk_abc123def", "Invalid API Key: …"),
        ("unknown user ana:segredo@casa", "unknown …"),
        ("meu telefone é 21987654321", "…"),
    ],
)
def test_what_people_say_is_left_out(text: str, kept: str) -> None:
    """A service that repeats what it was sent tells the log nothing of it."""
    assert service_text(text) == kept


def test_it_has_an_end() -> None:
    """A web page of a proxy is not copied."""
    assert len(service_text("error " * 100_000)) <= MAX_CHARS
