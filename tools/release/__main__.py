"""Writes a new version into every file that states it; `scripts/release` calls it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from tools.release.versions import ReleaseError, stated, write

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Write the version given as the only argument, and say where."""
    if len(sys.argv) != 2:
        sys.stderr.write("scripts/release X.Y.Z\n")
        return 2
    try:
        changed = write(ROOT, sys.argv[1], datetime.now(UTC).date())
    except ReleaseError as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    sys.stdout.writelines(f"{path.relative_to(ROOT)}\n" for path in changed)
    left = {version for _, version in stated(ROOT)} - {sys.argv[1]}
    if left:
        sys.stderr.write(f"release: still stated somewhere: {', '.join(sorted(left))}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
