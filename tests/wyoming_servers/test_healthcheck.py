"""The health check of containers, against servers that answer and servers that do not."""

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.server_process import server_process
from wyoming_servers.healthcheck import NoAnswerError, ask, main


@contextlib.contextmanager
def _answering(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that does this with its one client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            # Whoever has heard enough hangs up.
            with connection, contextlib.suppress(ConnectionError):
                talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


async def test_a_real_server_is_healthy() -> None:
    """The command as Docker runs it, against jonh-tts, by the address in the environment."""
    async with server_process("tts", "--voice", "pt_BR-starter-low", "--hub-url", "off") as server:
        port = server.uri.rpartition(":")[2]
        check = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "wyoming_servers.healthcheck",
            env={"JONH_TTS_URI": f"tcp://0.0.0.0:{port}"},
            cwd=Path(__file__).parents[2],
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await check.communicate()
    assert (check.returncode, told) == (0, b"")


async def test_a_unix_socket_is_asked_too(tmp_path: Path) -> None:
    """An address without a port works."""
    uri = f"unix://{tmp_path}/socket"
    async with server_process(
        "tts", "--voice", "pt_BR-starter-low", "--hub-url", "off", "--uri", uri
    ):
        ask(uri)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(b"", "closed without an answer", id="closed"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", "Wyoming protocol", id="other protocol"),
        pytest.param(b'{"type":"error","data":{"text":"busy"}}\n', "answered error", id="error"),
        pytest.param(b"[1]\n", "answered None", id="no event"),
        pytest.param(b"x" * 70_000, "Wyoming protocol", id="endless line"),
    ],
)
def test_another_answer_is_not_health(answer: bytes, reason: str) -> None:
    """Whatever is not a description is told in words."""

    def talk(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(answer)

    with _answering(talk) as uri, pytest.raises(NoAnswerError, match=reason):
        ask(uri)


def test_a_hanging_server_is_given_up() -> None:
    """It accepts, keeps the connection busy byte by byte, and never finishes: F4's hung worker."""
    done = threading.Event()

    def talk(connection: socket.socket) -> None:
        while not done.wait(0.05):
            connection.sendall(b" ")

    with _answering(talk) as uri:
        with pytest.raises(NoAnswerError, match=r"did not answer within 0\.3 s"):
            ask(uri, timeout_s=0.3)
        done.set()


def test_a_refused_connection(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens: one line, status 1."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert main([f"tcp://127.0.0.1:{port}"], {}) == 1
    assert "refused" in capsys.readouterr().err


def test_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    """A container without the variables says which ones it wants."""
    assert main([], {}) == 1
    assert "JONH_STT_URI" in capsys.readouterr().err
