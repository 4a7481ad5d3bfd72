"""`python -m tools.starter`: builds both starter models, measures them, and ships them."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import sys
from dataclasses import replace
from pathlib import Path

from tools.starter.build import Build, Plan
from tools.starter.ship import ship


def main() -> int:
    """Exit status 1 when the models do not pass the gate; nothing is shipped then."""
    parser = argparse.ArgumentParser(prog="python -m tools.starter", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/starter"), help="folder, 3 GB")
    parser.add_argument("--homeassistant", type=Path, help="the homeassistant package's folder")
    parser.add_argument("--minutes", type=float, help="wall time of the Whisper training")
    parser.add_argument("--voice-minutes", type=float, help="wall time of the voice training")
    parser.add_argument("--processes", type=int, default=2, help="one per CPU core")
    parser.add_argument("--port", type=int, default=29571, help="where they meet on loopback")
    parser.add_argument("--quick", action="store_true", help="try every stage in two minutes")
    parser.add_argument("--ship-to", type=Path, help="e.g. wyoming_servers/starter")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    homeassistant_dir = arguments.homeassistant or _installed_homeassistant()
    make = Plan.quick if arguments.quick else Plan
    plan = make(arguments.work, homeassistant_dir)
    plan = replace(plan, processes=arguments.processes, port=arguments.port)
    if arguments.minutes is not None:
        plan = replace(plan, whisper_seconds=60 * arguments.minutes)
    if arguments.voice_minutes is not None:
        plan = replace(plan, voice_seconds=60 * arguments.voice_minutes)
    build = Build(plan)
    build.run()
    passed = build.gate(print)
    if arguments.quick:
        return 0  # a two-minute model cannot pass
    if passed and arguments.ship_to is not None:
        ship(build.models_dir, arguments.ship_to)
    return 0 if passed else 1


def _installed_homeassistant() -> Path:
    spec = importlib.util.find_spec("homeassistant")
    if spec is None or spec.origin is None:
        sys.exit(
            "homeassistant is not installed: its interface texts are training sentences. "
            "Unpack its wheel anywhere and name the folder with --homeassistant."
        )
    return Path(spec.origin).parent


if __name__ == "__main__":
    sys.exit(main())
