"""The pieces of the documents that are fenced off, and the files that they speak of."""

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from tests.rules.repository import files

if TYPE_CHECKING:
    from pathlib import Path

FENCE = re.compile(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```\s*$", re.MULTILINE | re.DOTALL)


class Fence(NamedTuple):
    """A piece of a page that is fenced off."""

    page: Path
    kind: str
    text: str


def fences(root: Path, *kinds: str) -> list[Fence]:
    """Return the fences of these kinds in all pages."""
    return [
        Fence(path, kind, dedent(text))
        for path in files(root)
        if path.suffix == ".md"
        for _, kind, text in FENCE.findall((root / path).read_text("utf-8"))
        if kind in kinds
    ]


class _Tolerant(yaml.SafeLoader):
    """Reads compose files, which have tags of their own."""


_Tolerant.add_multi_constructor("!", lambda _loader, _tag, _node: None)


def load_yaml(text: str) -> list[Any]:
    """Return the documents of a YAML text; raises yaml.YAMLError."""
    return list(yaml.load_all(text, Loader=_Tolerant))


def compose_text(root: Path) -> str:
    """Return the compose file for one machine."""
    return (root / "deploy" / "compose.yaml").read_text("utf-8")
