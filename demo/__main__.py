"""The command behind scripts/run: start the demo house and stay, or run one turn and end."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from demo import audio, report
from demo.assistant import LANGUAGES
from demo.console import note, step
from demo.errors import DemoError
from demo.installation import CHECKOUT, Installation, Ports
from demo.launcher import House, Models, Settings, check_house, running_house, visit
from demo.turn import run_turn

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_PORTS = Ports(home_assistant=8123, stt=10300, tts=10200)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the launcher; return the exit code of the process."""
    options = _parse(arguments)
    try:
        return asyncio.run(_run(options))
    except DemoError as err:
        sys.stderr.write(f"demo: {err}\n")
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
    try:
        if options.say is None and options.wav is None:
            await _stay(options)
            return 0
        return await _one_turn(options)
    except asyncio.CancelledError:
        note("stopped")
        return 130


def _settings(options: argparse.Namespace, default: Models) -> Settings:
    return Settings(
        folder=options.home,
        ports=Ports(home_assistant=options.port, stt=options.stt_port, tts=options.tts_port),
        models=Models(options.models) if options.models else default,
        is_fresh=options.fresh,
        environment=os.environ,
    )


async def _stay(options: argparse.Namespace) -> None:
    settings = _settings(options, Models.REAL)
    async with running_house(settings) as (house, children):
        async with step("self-check: one spoken turn"):
            await children.supervise(check_house(house))
        report.welcome(house, settings)
        try:
            await children.supervise(asyncio.Event().wait())
        finally:
            note("stopping")


async def _one_turn(options: argparse.Namespace) -> int:
    installation = Installation(options.home)
    if (ports := installation.running()) is not None:
        note(f"using the house that runs at {ports.url}")
        async with visit(ports) as house:
            return await _converse(options, house, installation)
    async with running_house(_settings(options, Models.STARTER)) as (house, children):
        return await children.supervise(_converse(options, house, installation))


async def _converse(options: argparse.Namespace, house: House, installation: Installation) -> int:
    language = LANGUAGES[options.language]
    if options.wav is not None:
        speech = await audio.load(options.wav)
    else:
        speech = await audio.speak(house.ports.tts, options.say, language.code)
    turn = await run_turn(house.home, speech, house.pipelines[options.language])
    answer = options.out or installation.answer
    if turn.answer_sound is not None:
        await asyncio.to_thread(turn.answer_sound.save, answer)
    report.show_turn(turn, answer)
    return 0 if turn.is_understood else 1


if __name__ == "__main__":
    sys.exit(main())
