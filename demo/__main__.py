"""The command behind scripts/run: start the demo house and stay, or run one turn and end."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from demo import audio, report
from demo.assistant import LANGUAGES
from demo.console import note, step
from demo.errors import DemoError, TurnError
from demo.installation import CHECKOUT, Installation, Ports
from demo.launcher import House, Models, Settings, check_house, running_house, visit
from demo.turn import run_turn

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a shell reports for a command that Ctrl-C ended.
INTERRUPTED = 130
DEFAULT_PORTS = Ports(home_assistant=8123, stt=10300, tts=10200)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the launcher; return the exit code of the process."""
    options = _parse(arguments)
    try:
        return asyncio.run(_run(options))
    except DemoError as err:
        sys.stderr.write(f"demo: {err}\n")
    except (aiohttp.ClientError, ConnectionError) as err:
        sys.stderr.write(f"demo: the connection to Home Assistant was lost: {err}\n")
    return 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="Start a demo house: Home Assistant, Jonh and its speech servers, on this "
        "machine only. Without --say or --wav it stays until Ctrl-C.",
    )
    turn = parser.add_mutually_exclusive_group()
    turn.add_argument(
        "--say",
        metavar="SENTENCE",
        type=_sentence,
        help="let the starter voice speak SENTENCE to the house, show what happens, and end",
    )
    turn.add_argument(
        "--wav", metavar="FILE", type=Path, help="the same with a recording in any sound format"
    )
    parser.add_argument(
        "--language",
        choices=sorted(LANGUAGES),
        default="pt",
        help="language of --say and --wav (default: pt)",
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="where the answer is saved as a WAV file"
    )
    parser.add_argument(
        "--models",
        choices=[str(models) for models in Models],
        help="real: Whisper small and the Faber voice, about 550 MB fetched once (default when "
        "the house stays); starter: the small models that ship here, which understand only "
        "synthetic voices (default with --say and --wav)",
    )
    parser.add_argument(
        "--home",
        metavar="FOLDER",
        type=Path,
        default=CHECKOUT / ".jonh",
        help="where the house is kept between starts (default: .jonh in the checkout)",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget the house of earlier starts first"
    )
    for name, port, what in (
        ("--port", DEFAULT_PORTS.home_assistant, "Home Assistant"),
        ("--stt-port", DEFAULT_PORTS.stt, "speech recognition"),
        ("--tts-port", DEFAULT_PORTS.tts, "the voice"),
    ):
        parser.add_argument(
            name,
            metavar="NUMBER",
            type=_port,
            default=port,
            help=f"TCP port of {what} (default: {port})",
        )
    return parser.parse_args(arguments)


def _sentence(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise argparse.ArgumentTypeError("there is no word to say in it")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port between 1 and 65535")
    return int(text)


async def _run(options: argparse.Namespace) -> int:
    stop = asyncio.current_task()
    assert stop is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.cancel)
    stays = options.say is None and options.wav is None
    try:
        return await (_stay(options) if stays else _one_turn(options))
    except asyncio.CancelledError:
        note("stopped")
        return INTERRUPTED


def _settings(options: argparse.Namespace, default: Models) -> Settings:
    return Settings(
        folder=options.home,
        ports=Ports(home_assistant=options.port, stt=options.stt_port, tts=options.tts_port),
        models=Models(options.models) if options.models else default,
        is_fresh=options.fresh,
        environment=os.environ,
    )


async def _stay(options: argparse.Namespace) -> int:
    async with running_house(_settings(options, Models.REAL)) as (house, children):
        async with step("self-check: one spoken turn"):
            await children.supervise(check_house(house))
        report.welcome(house)
        try:
            await children.supervise(asyncio.Event().wait())
        except asyncio.CancelledError:
            note("stopping")
    # Ctrl-C is the way to end a house that stays.
    return 0


async def _one_turn(options: argparse.Namespace) -> int:
    # A file that cannot be read is refused before anything is started.
    recording = await audio.load(options.wav) if options.wav is not None else None
    installation = Installation(options.home)
    if (ports := installation.running()) is not None:
        note(f"using the house that runs at {ports.url}")
        async with visit(ports) as house:
            return await _converse(options, recording, house)
    async with running_house(_settings(options, Models.STARTER)) as (house, children):
        return await children.supervise(_converse(options, recording, house))


async def _converse(
    options: argparse.Namespace, recording: audio.Sound | None, house: House
) -> int:
    language = LANGUAGES[options.language]
    speech = recording or await audio.speak(house.ports.tts, options.say, language.code)
    try:
        turn = await run_turn(house.home, speech, house.pipelines[options.language])
    except TurnError as err:
        if err.code != "stt-no-text-recognized":
            raise
        text = "nothing was understood: speech recognition found no words in the sound"
        if house.has_starter_ears:
            text += ". The starter model understands only synthetic voices; try --models real"
        raise DemoError(text) from err
    answer = options.out or Installation(options.home).answer
    if turn.answer_sound is not None:
        await asyncio.to_thread(turn.answer_sound.save, answer)
    report.show_turn(turn, answer)
    return 0 if turn.is_understood else 1


if __name__ == "__main__":
    sys.exit(main())
