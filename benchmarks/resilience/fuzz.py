"""Throws bytes at a parser and learns from its branches which are worth more of (B4).

    python -m benchmarks.resilience.fuzz TARGET [--seconds N]

Needs atheris, which no environment of the project has: scripts/test --long fetches it.
Ends with 0 when nothing was raised that should not be.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["custom_components.jonh", "wyoming_servers"]):
    from benchmarks.resilience.seeds import SEEDS
    from benchmarks.resilience.targets import TARGETS, RefusedError

_LONGEST_BYTES = 20_000
_LONGEST_INPUT_S = 5


def main() -> None:
    """Run one target for so long; the process ends with libFuzzer's status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience.fuzz")
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    given = parser.parse_args()
    target = TARGETS[given.target]

    def one(data: bytes) -> None:
        try:
            target(data)
        except RefusedError:
            return

    with tempfile.TemporaryDirectory() as name:
        for number, seed in enumerate(SEEDS[given.target]):
            Path(name, str(number)).write_bytes(seed)
        options = (
            f"-max_total_time={given.seconds}",
            f"-max_len={_LONGEST_BYTES}",
            f"-timeout={_LONGEST_INPUT_S}",
            f"-artifact_prefix={name}/",
            "-verbosity=1",
        )
        atheris.Setup([sys.argv[0], name, *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
