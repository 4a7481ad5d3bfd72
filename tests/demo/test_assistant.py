"""Which language models are found, and how Jonh's setup is answered."""

import pytest

from demo.assistant import Providers, _JonhFlow, attempts, digest, find_providers, ollama_url
from demo.errors import HomeAssistantError
from demo.installation import Ports
from demo.processes import free_port
from tests.fakes.ollama import FakeOllama

PORTS = Ports(home_assistant=1, stt=2, tts=3)
KEY = "gsk_secret"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("server", "http://server:11434"),
        ("192.168.1.5:11500", "http://192.168.1.5:11500"),
        ("http://server:11434/", "http://server:11434"),
        ("https://ollama.example", "https://ollama.example:443"),
        ("http://ollama.example", "http://ollama.example:80"),
        (":11500", "http://127.0.0.1:11500"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(host: str, url: str) -> None:
    """The variable names where a server listens or where a client connects."""
    assert ollama_url(host) == url


async def test_an_ollama_that_answers_is_found() -> None:
    """Nothing needs to be typed when it runs."""
    async with FakeOllama() as ollama:
        found = await find_providers({"OLLAMA_HOST": f"127.0.0.1:{ollama.port}"})

        assert found == Providers(ollama_url=ollama.url)


async def test_an_ollama_that_does_not_answer_is_left_out_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong address is said, since the person has set it."""
    port = free_port()
    found = await find_providers({"OLLAMA_HOST": f"127.0.0.1:{port}", "GROQ_API_KEY": KEY})

    assert found == Providers(groq_key=KEY)
    assert f"no Ollama answers at http://127.0.0.1:{port}" in capsys.readouterr().err


def test_a_key_is_never_shown() -> None:
    """Neither in a traceback nor in what is kept on disk."""
    providers = Providers(groq_key=KEY)

    assert KEY not in repr(providers)
    assert KEY not in providers.names
    assert KEY not in digest(PORTS, providers)


@pytest.mark.parametrize(
    "changed",
    [
        (Ports(home_assistant=1, stt=9, tts=3), Providers(groq_key=KEY)),
        (Ports(home_assistant=1, stt=2, tts=9), Providers(groq_key=KEY)),
        (PORTS, Providers(groq_key="other")),
        (PORTS, Providers(groq_key=KEY, ollama_url="http://127.0.0.1:11434")),
    ],
    ids=["stt-port", "tts-port", "key", "ollama"],
)
def test_connections_are_made_again_when_something_about_them_changes(
    changed: tuple[Ports, Providers],
) -> None:
    """Home Assistant's own port is not part of them."""
    known = digest(PORTS, Providers(groq_key=KEY))

    assert digest(Ports(home_assistant=8, stt=2, tts=3), Providers(groq_key=KEY)) == known
    assert digest(*changed) != known


def test_both_providers_are_entered_one_after_the_other() -> None:
    """The order in which Jonh's setup asks."""
    flow = _JonhFlow(Providers(ollama_url="http://o", groq_key=KEY, groq_url="http://g"))
    model = {"name": "model", "selector": {"select": {"options": [{"value": "m", "label": "M"}]}}}

    assert flow.answer({"step_id": "user"}) == {"next_step_id": "ollama"}
    assert flow.answer({"step_id": "ollama"}) == {"url": "http://o"}
    assert flow.answer({"step_id": "ollama_model", "data_schema": [model]}) == {"model": "m"}
    assert flow.answer({"step_id": "add_another"}) == {"next_step_id": "groq"}
    assert flow.answer({"step_id": "groq"}) == {
        "api_key": KEY,
        "advanced": {"base_url": "http://g"},
    }
    assert flow.answer(
        {"step_id": "groq_model", "data_schema": [{**model, "default": "best"}]}
    ) == {"model": "best"}
    assert flow.answer({"step_id": "add_another"}) == {"next_step_id": "finish"}


def test_a_provider_that_fails_leaves_the_other_one() -> None:
    """At last there are always local commands."""
    both = Providers(ollama_url="http://o", groq_key=KEY)

    assert attempts(both) == [
        both,
        Providers(ollama_url="http://o"),
        Providers(groq_key=KEY),
        Providers(),
    ]
    assert attempts(Providers(groq_key=KEY)) == [Providers(groq_key=KEY), Providers()]
    assert attempts(Providers()) == [Providers()]


def test_without_a_provider_only_local_commands_are_set_up() -> None:
    """The house works without any language model."""
    flow = _JonhFlow(Providers())

    assert flow.answer({"step_id": "user"}) == {"next_step_id": "local_only"}


def test_an_ollama_without_a_fitting_model_is_explained() -> None:
    """The person reads the line to type."""
    with pytest.raises(HomeAssistantError, match="ollama pull"):
        _JonhFlow(Providers(ollama_url="http://o")).answer({"step_id": "ollama_no_model"})
