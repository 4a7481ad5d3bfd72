"""What a server keeps and tells of what was said: P1."""

import asyncio
import shutil
import subprocess
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming.event import Event

from benchmarks.resilience.load import files_seen
from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import Said, ask, request
from benchmarks.servers import running
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.resilience.sides import Side
    from benchmarks.servers import Subject

type _Turn = Callable[[str, int], Awaitable[tuple[Said, str]]]

# A network of its own, in which there is not even a loopback: what needs one fails.
_ALONE = ("unshare", "--user", "--map-current-user", "--net")
_SENTENCES = (
    *("Acenda a luz da sala.", "Apague a luz da cozinha.", "Abra a cortina do quarto."),
    *("Feche a garagem.", "Ligue o ventilador do escritório.", "Qual a temperatura da sala?"),
)
_LEAST_WORD = 5


def trials(*, turns: int) -> Sequence[Trial]:
    """Return the rows: so many turns with each server."""
    return [
        Trial(
            id="P1",
            what=f"{turns} utterances, in a network that leads nowhere",
            bar="no word in the log, no file written, all recognised",
            run=partial(kept_of_speech, turns=turns),
        ),
        Trial(
            id="P1",
            what=f"{turns} answers spoken, in a network that leads nowhere",
            bar="no word in the log, no file written, all spoken",
            run=partial(kept_of_answers, turns=turns),
        ),
    ]


async def kept_of_speech(side: Side, turns: int) -> Figure:
    """Have sentences recognised, and look for them everywhere."""

    async def turn(uri: str, number: int) -> tuple[Said, str]:
        said = await ask(uri, request("stt", _SENTENCES[number % len(_SENTENCES)]))
        return said, said.text

    return await _kept(side, "stt", turns, turn)


async def kept_of_answers(side: Side, turns: int) -> Figure:
    """Have answers spoken, and look for them everywhere."""

    async def turn(uri: str, number: int) -> tuple[Said, str]:
        text = f"{_SENTENCES[number % len(_SENTENCES)]} {number} graus."
        return await ask(uri, encode(Event("synthesize", {"text": text}))), text

    return await _kept(side, "tts", turns, turn)


async def _kept(
    side: Side, kind: str, turns: int, turn: Callable[[str, int], Awaitable[tuple[Said, str]]]
) -> Figure:
    said: list[tuple[Said, str]] = []
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as temporary:
        folder = Path(name)
        subject = _alone(side, kind, temporary)
        async with running(subject, folder, uri=f"unix://{folder}/socket") as server:
            async with files_seen(Path(temporary)) as seen:
                said += [await turn(server.uri, number) for number in range(turns)]
                await asyncio.sleep(0.1)
            log = (folder / "log").read_text("utf-8", "replace").lower()
    lost = sum(not each.is_result for each, _ in said)
    words = {word.strip(".,?!") for _, text in said for word in text.lower().split()}
    told = {word for word in words if len(word) >= _LEAST_WORD and word in log}
    figure = f"{len(told)} words in the log, {len(seen)} files"
    return Figure(
        figure + (f", {lost} not done" if lost else ""), not told and not seen and not lost
    )


def _alone(side: Side, kind: str, temporary: str) -> Subject:
    """Return a server that has no network, where this system lets us take it away."""
    subject = side.subject(kind)
    can = shutil.which("unshare") and not subprocess.run([*_ALONE, "true"], check=False).returncode  # noqa: S603
    before = _ALONE if can else ()
    return replace(
        subject, command=(*before, *subject.command), environment=(("TMPDIR", temporary),)
    )
