"""Ways to break a copy of the repository, to see that a rule finds it."""

from collections.abc import Callable
from pathlib import Path

type Rule = Callable[[Path], list[str]]
type Break = Callable[[Path], None]


def append(name: str, text: str) -> Break:
    """Return a break that appends a text to a file, which it makes where there is none."""

    def apply(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if path.exists() else "") + text)

    return apply


def replace(name: str, old: str, new: str) -> Break:
    """Return a break that replaces a piece of a file."""

    def apply(root: Path) -> None:
        path = root / name
        text = path.read_text()
        assert old in text, f"{name} has no {old!r} any more"
        path.write_text(text.replace(old, new))

    return apply
